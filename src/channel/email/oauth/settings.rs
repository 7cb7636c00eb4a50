//! How a mailbox signs in by OAuth 2.0 (`[email.mailboxes.oauth]` in `tawasul.toml`).

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::{fmt, net::IpAddr};

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    pub provider: Provider,
    /// The application that was registered with the provider.
    pub client_id: String,
    /// Google gives one to every application; Microsoft's public applications have none.
    pub client_secret: Option<SecretString>,
    /// Whose accounts, at Microsoft: `consumers`, `organizations`, `common`, or an organization's own.
    #[serde(default = "consumers")]
    pub tenant: String,
    /// In place of the provider's own.
    pub token_url: Option<String>,
    pub device_url: Option<String>,
    pub authorize_url: Option<String>,
    /// In place of the provider's own.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// Whose endpoints and scopes hold where none are given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    Microsoft,
    Google,
    Custom,
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Provider::Microsoft => "Microsoft",
            Provider::Google => "Google",
            Provider::Custom => "the provider",
        })
    }
}

/// Where requests go. With a device endpoint the sign-in is by code, else in a browser.
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub token: Url,
    pub device: Option<Url>,
    pub authorize: Option<Url>,
}

/// What is wrong with these settings, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub key: &'static str,
    pub message: String,
    pub hint: &'static str,
}

/// Mail for reading and sending, and a refresh token
/// (<https://learn.microsoft.com/exchange/client-developer/legacy-protocols/how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth>).
const MICROSOFT_SCOPES: [&str; 3] =
    ["https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send", "offline_access"];
/// The only scope that IMAP and SMTP take (<https://developers.google.com/gmail/imap/xoauth2-protocol>). Google's device
/// flow refuses it with `invalid_scope`, so the sign-in is in a browser
/// (<https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes>).
const GOOGLE_SCOPES: [&str; 1] = ["https://mail.google.com/"];

impl OAuth {
    /// The scopes to ask for, separated by spaces (RFC 6749 §3.3).
    pub fn scope(&self) -> String {
        match self.provider {
            _ if !self.scopes.is_empty() => self.scopes.join(" "),
            Provider::Microsoft => MICROSOFT_SCOPES.join(" "),
            Provider::Google => GOOGLE_SCOPES.join(" "),
            Provider::Custom => String::new(),
        }
    }

    /// Where to ask.
    ///
    /// # Errors
    /// The first [`Fault`] of [`OAuth::faults`] about an address.
    pub fn endpoints(&self) -> Result<Endpoints, Fault> {
        let [token, device, authorize] = self.addresses();
        let token = token.ok_or_else(|| self.missing("token_url"))?;
        let read = |(key, text): (&'static str, String)| address(key, &text);
        let (device, authorize) = (device.map(read).transpose()?, authorize.map(read).transpose()?);
        if device.is_none() && authorize.is_none() {
            return Err(self.missing("device_url"));
        }
        Ok(Endpoints { token: read(token)?, device, authorize })
    }

    /// Everything that is wrong.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let fault = |key, message: &str, hint| Fault { key, message: message.to_owned(), hint };
        if self.client_id.trim().is_empty() {
            faults.push(fault("client_id", "`client_id` is empty", "register an application with the provider and copy its id"));
        }
        if self.provider == Provider::Google && self.client_secret.is_none() {
            faults.push(fault(
                "client_id",
                "Google wants a `client_secret` beside the `client_id`",
                "copy the secret of the desktop app too",
            ));
        }
        if self.client_secret.as_ref().is_some_and(|secret| secret.expose_secret().trim().is_empty()) {
            faults.push(fault("client_secret", "`client_secret` is empty", "leave it out when the application has none"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if self.tenant.is_empty() || !self.tenant.chars().all(plain) {
            let hint = "write `consumers` (hotmail.com, outlook.com), `organizations`, `common`, or the organization's id";
            faults.push(fault("tenant", "`tenant` is no name of a tenant", hint));
        }
        let [token, device, authorize] = self.addresses();
        if token.is_none() {
            faults.push(self.missing("token_url"));
        }
        if device.is_none() && authorize.is_none() {
            faults.push(self.missing("device_url"));
        }
        let given = [token, device, authorize].into_iter().flatten();
        faults.extend(given.filter_map(|(key, text)| address(key, &text).err()));
        faults
    }

    fn addresses(&self) -> [Option<(&'static str, String)>; 3] {
        let tenant = &self.tenant;
        let microsoft = |path: &str| Some(format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/{path}"));
        let [token, device, authorize] = match self.provider {
            Provider::Microsoft => [microsoft("token"), microsoft("devicecode"), None],
            Provider::Google => [
                Some("https://oauth2.googleapis.com/token".to_owned()),
                None,
                Some("https://accounts.google.com/o/oauth2/v2/auth".to_owned()),
            ],
            Provider::Custom => [None, None, None],
        };
        [
            self.token_url.clone().or(token).map(|text| ("token_url", text)),
            self.device_url.clone().or(device).map(|text| ("device_url", text)),
            self.authorize_url.clone().or(authorize).map(|text| ("authorize_url", text)),
        ]
    }

    fn missing(&self, key: &'static str) -> Fault {
        let (message, hint) = match key {
            "token_url" => ("a provider of your own needs a `token_url`", "add the address that its tokens are asked at"),
            _ => ("a provider of your own needs a `device_url` or an `authorize_url`", "add the one that it offers"),
        };
        Fault { key: "provider", message: message.to_owned(), hint }
    }
}

/// Secrets travel to this address: TLS, or this very machine.
fn address(key: &'static str, text: &str) -> Result<Url, Fault> {
    let fault = |message: String| Fault { key, message, hint: "begin it with https:// and a host; http:// is for this machine only" };
    let url = Url::parse(text).ok().filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none());
    let url = url.ok_or_else(|| fault(format!("`{key}` is not a web address")))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(url.host_str().unwrap_or_default()) => Ok(url),
        "http" => Err(fault(format!("by `{key}` tokens would travel in plain text"))),
        _ => Err(fault(format!("`{key}` is not a web address"))),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn consumers() -> String {
    "consumers".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> OAuth {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_hotmail_box_needs_no_more_than_the_id_of_an_application() {
        let oauth = read("provider = \"microsoft\"\nclient_id = \"1\"");
        assert_eq!(oauth.faults(), []);
        let endpoints = oauth.endpoints().unwrap();
        assert_eq!(endpoints.token.as_str(), "https://login.microsoftonline.com/consumers/oauth2/v2.0/token");
        assert_eq!(endpoints.device.unwrap().as_str(), "https://login.microsoftonline.com/consumers/oauth2/v2.0/devicecode");
        assert!(oauth.scope().ends_with("SMTP.Send offline_access"));
    }

    #[test]
    fn google_signs_in_by_browser_and_wants_a_secret() {
        let mut oauth = read("provider = \"google\"\nclient_id = \"1\"");
        assert_eq!(oauth.faults().len(), 1);
        oauth.client_secret = Some("s".to_owned().into());
        assert_eq!(oauth.faults(), []);
        let endpoints = oauth.endpoints().unwrap();
        assert!(endpoints.device.is_none() && endpoints.authorize.is_some());
    }

    #[test]
    fn tokens_travel_in_plain_text_to_this_machine_only() {
        let custom = |token: &str| {
            read(&format!("provider = \"custom\"\nclient_id = \"1\"\ndevice_url = \"https://id.example.org/d\"\ntoken_url = \"{token}\""))
        };
        for good in ["https://id.example.org/t", "http://127.0.0.1:9/t", "http://localhost/t", "http://[::1]:9/t"] {
            assert_eq!(custom(good).faults(), [], "{good}");
            custom(good).endpoints().unwrap();
        }
        for bad in
            ["http://id.example.org/t", "http://10.0.0.1/t", "ftp://127.0.0.1/t", "id.example.org", "", "https://u:p@id.example.org/"]
        {
            assert_eq!(custom(bad).faults().len(), 1, "{bad}");
            assert_eq!(custom(bad).endpoints().unwrap_err().key, "token_url", "{bad}");
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let oauth = read("provider = \"custom\"\nclient_id = \" \"\nclient_secret = \"\"\ntenant = \"a/b\"");
        assert_eq!(oauth.faults().len(), 5, "{:?}", oauth.faults());
        assert!(!format!("{:?}", read("provider = \"google\"\nclient_id = \"1\"\nclient_secret = \"hush\"")).contains("hush"));
    }
}
