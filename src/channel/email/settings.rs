//! The mailboxes (`[[email.mailboxes]]` in `tawasul.toml`).

use super::oauth::settings::OAuth;
use crate::domain::{Address, Key, span::Span};
use secrecy::SecretString;
use serde::Deserialize;
use std::{collections::BTreeSet, fmt, net::IpAddr, time::Duration};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub mailboxes: Vec<Mailbox>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mailbox {
    pub name: Key,
    /// The address people write to, and the one that answers.
    pub address: String,
    pub imap: Server,
    pub smtp: Server,
    /// How often the mailbox is asked when nothing announces new mail.
    #[serde(default = "minute")]
    pub poll_interval: Span,
    /// The IMAP folder that is read.
    #[serde(default = "inbox")]
    pub folder: String,
    /// Whether mail that was taken in is marked as read, for people who look at the same mailbox. What is new is never
    /// judged by this mark.
    #[serde(default = "yes")]
    pub mark_seen: bool,
    /// The IMAP folder into which mail is moved once it was taken in; it must be there. Without it, mail stays where it is.
    #[serde(default)]
    pub done_folder: Option<String>,
    /// What becomes of mail that lay in the folder before this service first looked at it.
    #[serde(default)]
    pub first_start: FirstStart,
    /// How it signs in to both servers, in place of passwords.
    pub oauth: Option<OAuth>,
}

impl Mailbox {
    /// The name that signs in to read.
    pub fn imap_user(&self) -> &str {
        self.imap.user.as_deref().unwrap_or(self.address.trim())
    }
}

/// Mail from before the first start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstStart {
    /// It is taken in: nobody who wrote already is forgotten.
    #[default]
    All,
    /// It is left alone: only what arrives from now on is taken in.
    New,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub tls: Tls,
    /// The mailbox's address when left out.
    pub user: Option<String>,
    /// SMTP with neither a password nor `oauth` sends without signing in.
    pub password: Option<SecretString>,
}

impl Server {
    /// Whether the host is this machine by its very name: plain text is allowed to nothing else.
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// How a connection is protected. Written `"implicit"` (or `"tls"`, `true`), `"starttls"`, `"none"` (or `false`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tls {
    /// TLS from the first byte (RFC 8314).
    #[default]
    Implicit,
    /// Begins in plain text and must switch.
    Starttls,
    /// Plain text; only to a loopback address.
    None,
}

impl<'de> Deserialize<'de> for Tls {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Spelling;

        impl serde::de::Visitor<'_> for Spelling {
            type Value = Tls;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"implicit\", \"starttls\", \"none\", true or false")
            }

            fn visit_bool<E: serde::de::Error>(self, on: bool) -> Result<Tls, E> {
                Ok(if on { Tls::Implicit } else { Tls::None })
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Tls, E> {
                match text.trim().to_ascii_lowercase().as_str() {
                    "implicit" | "tls" | "true" => Ok(Tls::Implicit),
                    "starttls" => Ok(Tls::Starttls),
                    "none" | "false" => Ok(Tls::None),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
                }
            }
        }

        from.deserialize_any(Spelling)
    }
}

/// What is wrong with the settings of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    #[error("mailbox `{0}`: the address is not an e-mail address")]
    Address(String),
    #[error("mailbox `{0}` is there twice: give each mailbox a name of its own")]
    Twice(String),
    #[error("mailbox `{0}`: {1}.host is empty")]
    NoHost(String, &'static str),
    #[error(
        "mailbox `{0}`: {1}.tls is \"none\", which is allowed only to this machine (localhost, 127.0.0.1, ::1): write \"implicit\" or \"starttls\""
    )]
    PlainText(String, &'static str),
    #[error("mailbox `{0}`: poll_interval must be longer than 0")]
    NoPause(String),
    #[error("mailbox `{0}`: done_folder is the folder that is read: choose another one, or leave it out")]
    SameFolder(String),
    #[error("mailbox `{0}`: imap.password is missing; or, with a provider that refuses passwords, `oauth`")]
    NoPassword(String),
    #[error("mailbox `{0}`: there are {1}.password and oauth: leave one of them out")]
    PasswordAndOAuth(String, &'static str),
    #[error("mailbox `{0}`: oauth.{1}: {2}: {3}")]
    OAuth(String, &'static str, String, &'static str),
}

impl Settings {
    /// Everything that is wrong, in the order of the file.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut names = BTreeSet::new();
        let mut found = Vec::new();
        for mailbox in &self.mailboxes {
            let name = mailbox.name.to_string();
            if Address::mail(&mailbox.address).is_err() {
                found.push(Mistake::Address(name.clone()));
            }
            if mailbox.poll_interval.0.is_zero() {
                found.push(Mistake::NoPause(name.clone()));
            }
            if mailbox.done_folder.as_deref().is_some_and(|done| done.trim() == mailbox.folder.trim()) {
                found.push(Mistake::SameFolder(name.clone()));
            }
            if mailbox.imap.password.is_none() && mailbox.oauth.is_none() {
                found.push(Mistake::NoPassword(name.clone()));
            }
            let faults = mailbox.oauth.iter().flat_map(OAuth::faults);
            found.extend(faults.map(|fault| Mistake::OAuth(name.clone(), fault.key, fault.message, fault.hint)));
            for (which, server) in [("imap", &mailbox.imap), ("smtp", &mailbox.smtp)] {
                if mailbox.oauth.is_some() && server.password.is_some() {
                    found.push(Mistake::PasswordAndOAuth(name.clone(), which));
                }
                if server.host.trim().is_empty() {
                    found.push(Mistake::NoHost(name.clone(), which));
                } else if server.tls == Tls::None && !server.is_loopback() {
                    found.push(Mistake::PlainText(name.clone(), which));
                }
            }
            if !names.insert(name.clone()) {
                found.push(Mistake::Twice(name));
            }
        }
        found
    }
}

fn minute() -> Span {
    Span(Duration::from_secs(60))
}

fn inbox() -> String {
    "INBOX".into()
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tls: &str, host: &str) -> Result<Settings, toml::de::Error> {
        toml::from_str(&format!(
            "[[mailboxes]]\nname = \"office\"\naddress = \"office@example.org\"\npoll_interval = \"100ms\"\n\
             imap = {{ host = \"{host}\", port = 143, tls = {tls}, user = \"u\", password = \"p\" }}\n\
             smtp = {{ host = \"localhost\", port = 25, tls = false }}\n"
        ))
    }

    #[test]
    fn protection_is_written_as_a_word_or_as_yes_and_no() {
        for (text, tls) in [
            ("\"implicit\"", Tls::Implicit),
            ("\"tls\"", Tls::Implicit),
            ("true", Tls::Implicit),
            ("\"starttls\"", Tls::Starttls),
            ("\"none\"", Tls::None),
            ("false", Tls::None),
        ] {
            assert_eq!(read(text, "127.0.0.1").unwrap().mailboxes[0].imap.tls, tls, "{text}");
        }
        assert!(read("\"maybe\"", "127.0.0.1").is_err());
        assert!(read("1", "127.0.0.1").is_err());
    }

    #[test]
    fn plain_text_goes_to_this_machine_only() {
        for host in ["127.0.0.1", "localhost", "::1", "[::1]"] {
            assert_eq!(read("\"none\"", host).unwrap().mistakes(), [], "{host}");
        }
        for host in ["mail.example.org", "10.0.0.1", "localhost.example.org"] {
            assert_eq!(read("false", host).unwrap().mistakes(), [Mistake::PlainText("office".into(), "imap")], "{host}");
        }
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut settings = read("true", "").unwrap();
        settings.mailboxes[0].address = "office".into();
        settings.mailboxes[0].imap.password = None;
        settings.mailboxes.push(settings.mailboxes[0].clone());
        assert_eq!(settings.mistakes().len(), 7);
        settings.mailboxes.truncate(1);
        settings.mailboxes[0].oauth = Some(toml::from_str("provider = \"google\"\nclient_id = \"\"").unwrap());
        settings.mailboxes[0].smtp.password = Some("p".to_owned().into());
        let told: Vec<String> = settings.mistakes().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 5, "{told:#?}");
    }
}
