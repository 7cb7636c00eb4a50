//! The systems on the other side, read from the settings: sources hand in messages, targets are told of events.

use super::{
    render,
    settings::{self, Settings},
    signature::{SecretError, Secrets},
};
use crate::domain::{Address, AddressError, Key, Scheme};
use reqwest::Url;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::fmt;

/// A system that hands in messages.
#[derive(Clone)]
pub struct Source {
    pub name: Key,
    pub(super) secrets: Secrets,
    pub(super) reply: Option<Url>,
}

/// A system that is told of events.
#[derive(Clone)]
pub struct Target {
    key: String,
    pub(super) url: Url,
    pub(super) secrets: Secrets,
    events: Vec<String>,
}

/// A mistake in the settings, named by its place there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    #[error("{place}: {fault}")]
    Secret { place: String, fault: SecretError },
    #[error("{place}: not an address of the form https://host/path")]
    Url { place: String },
    #[error("{place}: the same one stands there twice; keep one")]
    Twice { place: String },
    #[error("{place}: there is no event `{event}`; known are {}", render::event_names().collect::<Vec<_>>().join(", "))]
    UnknownEvent { place: String, event: String },
    #[error("webhooks: {0}")]
    Client(String),
}

/// All the mistakes at once.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

impl Source {
    /// # Errors
    /// Every mistake in it.
    pub fn new(settings: &settings::Source) -> Result<Self, Problems> {
        let place = format!("webhooks source `{}`", settings.name);
        let secrets = Secrets::parse(settings.secret.expose_secret()).map_err(|fault| Problem::Secret { place: place.clone(), fault });
        let reply = settings.reply_url.as_deref().map(|url| http(url).ok_or(Problem::Url { place })).transpose();
        match (secrets, reply) {
            (Ok(secrets), Ok(reply)) => Ok(Self { name: settings.name.clone(), secrets, reply }),
            (secrets, reply) => Err(Problems(secrets.err().into_iter().chain(reply.err()).collect())),
        }
    }

    /// Whether notices can be handed back to it for its senders.
    pub fn takes_replies(&self) -> bool {
        self.reply.is_some()
    }

    /// A sender under the name that this source has for them: `webhook:<source>/<id>`.
    ///
    /// # Errors
    /// [`AddressError`] when it is empty, too long or has control characters.
    pub fn address(&self, id: &str) -> Result<Address, AddressError> {
        let id = id.trim();
        if id.is_empty() { Err(AddressError::Shape) } else { Address::new(Scheme::Webhook, &format!("{}/{id}", self.name)) }
    }
}

impl Target {
    /// `place`: its number in the settings, from 1.
    fn new(number: usize, settings: &settings::Target) -> Result<Self, Problems> {
        let place = format!("webhooks target {number}");
        let mut problems = Vec::new();
        let secrets = Secrets::parse(settings.secret.expose_secret()).map_err(|fault| Problem::Secret { place: place.clone(), fault });
        let url = http(&settings.url).ok_or_else(|| Problem::Url { place: place.clone() });
        for event in settings.events.iter().filter(|event| !render::event_names().any(|known| known == **event)) {
            problems.push(Problem::UnknownEvent { place: place.clone(), event: event.clone() });
        }
        match (secrets, url) {
            (Ok(secrets), Ok(url)) if problems.is_empty() => Ok(Self { key: key(&url), url, secrets, events: settings.events.clone() }),
            (secrets, url) => Err(Problems(secrets.err().into_iter().chain(url.err()).chain(problems).collect())),
        }
    }

    /// Its stable name: host and a short hash of the whole address, so that it shows where notices go and no token in the
    /// path. The same over restarts and when the order in the settings changes.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where the outbox sends its notices: `webhook-target:<key>`.
    pub fn address(&self) -> Option<Address> {
        Address::new(Scheme::WebhookTarget, &self.key).ok()
    }

    /// Whether it wants to hear of the event, such as `ticket.opened`.
    pub fn subscribes(&self, event: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|name| name == event)
    }
}

fn key(url: &Url) -> String {
    let hash = Sha256::digest(url.as_str().as_bytes());
    let short: String = hash.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    let host: String = url.host_str().unwrap_or_default().chars().take(200).collect();
    format!("{host}-{short}")
}

fn http(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Reads them all.
///
/// # Errors
/// Every mistake in the settings.
pub(super) fn read(settings: &Settings) -> Result<(Vec<Source>, Vec<Target>), Problems> {
    let (mut sources, mut targets, mut problems): (Vec<Source>, Vec<Target>, _) = (Vec::new(), Vec::new(), Vec::new());
    for given in &settings.sources {
        match Source::new(given) {
            Ok(source) if sources.iter().any(|other| other.name == source.name) => {
                problems.push(Problem::Twice { place: format!("webhooks source `{}`", source.name) });
            }
            Ok(source) => sources.push(source),
            Err(found) => problems.extend(found.0),
        }
    }
    for (number, given) in (1..).zip(&settings.targets) {
        match Target::new(number, given) {
            Ok(target) if targets.iter().any(|other| other.key == target.key) => {
                problems.push(Problem::Twice { place: format!("webhooks target {number}") });
            }
            Ok(target) => targets.push(target),
            Err(found) => problems.extend(found.0),
        }
    }
    if problems.is_empty() { Ok((sources, targets)) } else { Err(Problems(problems)) }
}

/// Without secrets and addresses.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("replies", &self.reply.is_some()).finish_non_exhaustive()
    }
}

/// Without secrets and addresses.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("key", &self.key).field("events", &self.events).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn settings(text: &str) -> Settings {
        toml::from_str(&text.replace("SECRET", SECRET)).unwrap()
    }

    #[test]
    fn all_mistakes_are_told_at_once_and_none_shows_a_secret_or_an_address() {
        let faulty = settings(
            r#"
            sources = [{ name = "a", secret = "plain-secret" }, { name = "b", secret = "SECRET" }, { name = "b", secret = "SECRET", reply_url = "ftp://x/token" }, { name = "b", secret = "SECRET" }]
            targets = [{ url = "https://h/token", secret = "", events = ["ticket.opend"] }, { url = "no url token", secret = "SECRET" }, { url = "https://h/token", secret = "SECRET" }, { url = "https://h/token", secret = "SECRET" }]
            "#,
        );
        let problems = read(&faulty).map(|_| ()).unwrap_err();
        let told = problems.to_string();
        assert_eq!(problems.0.len(), 7, "{told}");
        for secret in ["plain-secret", "token", SECRET] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(told.contains("no event `ticket.opend`; known are ticket.opened, "), "{told}");
    }

    #[test]
    fn the_key_of_a_target_tells_the_host_and_nothing_of_the_path() {
        let key = |url: &str| key(&http(url).unwrap());
        assert!(key("https://Hooks.Example.org/T0/s3cret").starts_with("hooks.example.org-"));
        assert_eq!(key("https://hooks.example.org/T0/s3cret"), key("https://HOOKS.example.org:443/T0/s3cret"));
        assert_ne!(key("https://hooks.example.org/a"), key("https://hooks.example.org/b"));
    }

    #[test]
    fn a_target_without_events_wants_them_all() {
        let read = read(&settings(
            r#"targets = [{ url = "https://a/", secret = "SECRET" }, { url = "https://b/", secret = "SECRET", events = ["ticket.closed"] }]"#,
        ));
        let targets = read.unwrap().1;
        assert_eq!(targets.iter().map(|target| target.subscribes("ticket.opened")).collect::<Vec<_>>(), [true, false]);
    }
}
