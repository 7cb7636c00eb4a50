//! The mailboxes (`[[email.mailboxes]]` in `tawasul.toml`).

use crate::domain::{Key, span::Span};
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;

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
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub tls: Tls,
    pub user: Option<String>,
    pub password: Option<SecretString>,
}

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// TLS from the first byte (RFC 8314).
    #[default]
    Implicit,
    /// Begins in plain text and must switch.
    Starttls,
    /// Plain text; only to a loopback address.
    None,
}

fn minute() -> Span {
    Span(Duration::from_secs(60))
}

fn inbox() -> String {
    "INBOX".into()
}
