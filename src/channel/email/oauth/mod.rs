//! Sign-in by OAuth 2.0 (RFC 6749), for providers that refuse passwords: Outlook, Hotmail, Gmail.
//!
//! A person signs in once with `tawasul mail login` (`login`, by `device` or `browser`); from then on the `keeper` of the mailbox
//! hands out access tokens, and has them renewed before they end (`provider`, `answer`). They are shown to the mail servers as
//! XOAUTH2 (`xoauth2`).
//!
//! Architecture invariants
//! - A token is used only after it was stored: a provider that takes each refresh token once must never hear an old one while
//!   the new one is lost.
//! - One refresh at a time for a mailbox, over all replicas: it runs under a lease, in a task that no caller can cancel.
//! - No token and no code is in an error, a log line or a Debug text.
//!
//! Not here: where tokens lie (the store, behind [`TokenStore`]).

mod answer;
mod browser;
mod device;
pub(super) mod keeper;
pub mod login;
mod provider;
pub mod settings;
pub(super) mod xoauth2;

use crate::{channel::NotTaken, domain::At};
pub(super) use provider::Provider;

use async_trait::async_trait;
use secrecy::SecretString;

/// The tokens that a provider gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: SecretString,
    pub access_expires_at: At,
    pub refresh: SecretString,
    /// When the refresh token ends even if it is used, as far as the provider says so.
    pub refresh_expires_at: Option<At>,
}

/// What is kept for one mailbox.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Rises with each new pair of tokens.
    pub generation: i64,
    pub tokens: Tokens,
    /// When a person signed in.
    pub obtained_at: At,
    pub refreshed_at: At,
    /// The provider takes the refresh token no more.
    pub refused: bool,
    /// Why the last refresh failed, and since when they do.
    pub trouble: Option<(String, At)>,
}

/// Where the tokens of mailboxes are kept: sealed, over restarts, shared by all replicas.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// What is kept for the mailbox; `None` before its first sign-in.
    ///
    /// # Errors
    /// [`NotTaken`]: it can't be read now.
    async fn load(&self, mailbox: &str) -> Result<Option<Grant>, NotTaken>;

    /// Puts the tokens of a new sign-in in the place of whatever there was.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was stored.
    async fn replace(&self, mailbox: &str, tokens: &Tokens) -> Result<(), NotTaken>;

    /// Takes the right to refresh, for [`CLAIM`], and answers what is kept at that very moment; `None` while somebody else has
    /// the right.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was taken.
    async fn claim(&self, mailbox: &str, holder: &str) -> Result<Option<Option<Grant>>, NotTaken>;

    /// Stores what a refresh of `generation` brought and gives the right back, in one transaction; `false` when that
    /// generation is not there any more: then it is not stored.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was stored, or it is not known whether it was.
    async fn refreshed(&self, mailbox: &str, holder: &str, generation: i64, tokens: &Tokens) -> Result<bool, NotTaken>;

    /// Notes why a refresh of `generation` failed (`refused`: for good) and gives the right back.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was stored.
    async fn failed(&self, mailbox: &str, holder: &str, generation: i64, trouble: &str, refused: bool) -> Result<(), NotTaken>;

    /// Gives the right back.
    async fn release(&self, mailbox: &str, holder: &str);
}

/// The right to refresh ends by itself after so long: well above the longest that a request may take.
pub const CLAIM: std::time::Duration = std::time::Duration::from_secs(120);
