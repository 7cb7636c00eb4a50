//! The systems that hand in messages and those that are told of events (`[[webhooks.sources]]`, `[[webhooks.targets]]`).

use crate::domain::Key;
use secrecy::SecretString;
use serde::Deserialize;
use std::fmt;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub sources: Vec<Source>,
    pub targets: Vec<Target>,
    /// Whether targets may lie in private or loopback networks, and be spoken to without TLS.
    pub allow_private_targets: bool,
}

/// A system that hands in messages at `POST /webhooks/in/{name}`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: Key,
    /// `whsec_…` (Standard Webhooks); several, separated by spaces, while a secret is rotated.
    pub secret: SecretString,
    /// Where notices to this source's senders are posted, when the system can pass them on.
    #[serde(default)]
    pub reply_url: Option<String>,
}

/// A system that is told of events.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub url: String,
    pub secret: SecretString,
    /// Names of events, such as `ticket.opened`; empty for all.
    #[serde(default)]
    pub events: Vec<String>,
}

/// Without the address: many systems put a secret into the path.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).field("replies", &self.reply_url.is_some()).finish_non_exhaustive()
    }
}

/// Without the address: many systems put a secret into the path.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("events", &self.events).finish_non_exhaustive()
    }
}
