//! What goes wrong between us and a mail server, in words that an operator can act on, without anything personal or secret.

use super::{imap::guard::Excess, oauth::keeper::TokenTrouble};
use std::{io, time::Duration};

/// Why a mailbox can't be read now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("the name {0} cannot be resolved: check imap.host and the name server")]
    Name(String),
    #[error("no connection to {0}: {1}")]
    NoConnection(String, String),
    #[error("no protected connection to {0}: {1}")]
    Tls(String, String),
    #[error("{0} does not offer STARTTLS: use tls = \"implicit\"")]
    NoStartTls(String),
    #[error("{0} refused the sign-in: check imap.user and imap.password ({1})")]
    SignIn(String, String),
    #[error("{0} refused the sign-in by token: is it the right account, and is IMAP switched on for it? ({1})")]
    TokenRefused(String, String),
    #[error(transparent)]
    Token(#[from] TokenTrouble),
    #[error("the folder {0} cannot be opened ({1})")]
    Folder(String, String),
    #[error("the server did not answer {command} within {} s", .limit.as_secs())]
    Silence { command: &'static str, limit: Duration },
    #[error("the connection was lost")]
    Lost,
    #[error("the server refused {0}: {1}")]
    Refused(&'static str, String),
    #[error("the server refuses IDLE; the mailbox is asked from time to time instead")]
    NoIdle,
    #[error("the connection was given up because of what the server sent: {0}")]
    Excess(Excess),
    #[error("what the server sent could not be dealt with; this is a mistake of ours")]
    Panicked,
    #[error("the server's answer to {0} could not be read")]
    Unintelligible(&'static str),
    #[error("the server lists {0} mails that it did not hand out")]
    Withheld(usize),
    #[error("mail that was taken in stays where it is, since it cannot be moved to {0}: {1}")]
    NotMoved(String, String),
    #[error("how far the mailbox was read cannot be looked up now; nothing is fetched until it can")]
    NoBookmark,
    #[error("mail cannot be stored now; it stays in the mailbox and is fetched again")]
    NotTaken,
}

impl Trouble {
    pub fn is_refused_token(&self) -> bool {
        matches!(self, Trouble::TokenRefused(..))
    }

    /// Whether it ends when a person signs the mailbox in: that can be looked for often, as it asks nothing of the network.
    pub fn awaits_sign_in(&self) -> bool {
        matches!(self, Trouble::Token(TokenTrouble::NeverSignedIn(_) | TokenTrouble::Ended(_)))
    }

    /// From an error of the IMAP library while `command` ran. Its words may quote what the server sent, mails included, so
    /// only a refusal's own text is kept.
    pub fn of_imap(command: &'static str, error: &async_imap::error::Error) -> Self {
        use async_imap::error::Error;
        match error {
            Error::Bad(said) | Error::No(said) => Trouble::Refused(command, refusal(said)),
            Error::ConnectionLost => Trouble::Lost,
            Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<Excess>()) => {
                error.get_ref().and_then(|inner| inner.downcast_ref()).map_or(Trouble::Lost, |excess| Trouble::Excess(*excess))
            }
            Error::Io(error) if error.kind() != io::ErrorKind::Other => Trouble::Lost,
            _ => Trouble::Unintelligible(command),
        }
    }
}

/// The server's words out of `code: …, info: Some("…")`.
pub fn refusal(said: &str) -> String {
    let words = said.rsplit_once("info: Some(\"").map_or("no reason given", |(_, words)| words.trim_end_matches(['"', ')']));
    words.chars().filter(|c| !c.is_control()).take(160).collect()
}

/// `text` without any of the secrets in it.
pub fn without(text: &str, secrets: &[&str]) -> String {
    secrets.iter().filter(|secret| !secret.is_empty()).fold(text.to_owned(), |text, secret| text.replace(secret, "…"))
}

/// An input or output error in the system's words.
pub fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "the connection was closed".to_owned(),
        _ => error.to_string().chars().filter(|c| !c.is_control()).take(160).collect(),
    }
}
