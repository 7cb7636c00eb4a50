//! The one time that a person signs a mailbox in: by code or by browser, and proved at the mail server before it counts.

use super::{
    Tokens,
    answer::Invitation,
    browser, device,
    provider::{Provider, ProviderError},
};
use crate::{
    channel::email::{
        connection::{self, Credential, Roots},
        settings::{Mailbox, Settings},
    },
    domain::World,
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// Why the mailbox was not signed in, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    #[error("there is no mailbox `{0}` in the configuration; there are: {1}")]
    Unknown(String, String),
    #[error("mailbox `{0}` signs in with a password; give it an `oauth` in tawasul.toml to sign in without one")]
    NoOAuth(String),
    #[error("the sign-in was not finished in time: run the command again")]
    Expired,
    #[error("the sign-in was declined in the browser: run the command again, and accept there")]
    Denied,
    #[error("the provider gave no tokens that last: is offline access among `oauth.scopes`?")]
    NotLasting,
    #[error("no port of this machine could be listened on for the browser")]
    Listen,
    #[error("{0}{hint}", hint = hint(.0))]
    Provider(ProviderError),
    #[error("the provider accepted the sign-in, but {0}; nothing was stored. Was it the account of {1}, and is IMAP switched on for it?")]
    WrongAccount(String, String),
    #[error("the provider accepted the sign-in, but it could not be tried: {0}; nothing was stored, run the command again")]
    NotTried(String),
}

fn hint(error: &ProviderError) -> &'static str {
    match error.code() {
        Some("invalid_client" | "unauthorized_client") => {
            ": check oauth.client_id, oauth.client_secret and oauth.tenant, and that the application may be used so"
        }
        Some("invalid_scope") => ": check oauth.scopes",
        Some(_) => ": check the oauth settings of the mailbox",
        None => "; run the command again",
    }
}

/// A mailbox to be signed in.
pub struct Login {
    mailbox: Mailbox,
    provider: Provider,
    roots: Arc<Roots>,
}

/// A sign-in that waits for a person.
pub enum Started {
    /// The code has to be entered at the address.
    Code(Invitation),
    /// The address has to be opened.
    Browser(browser::Waiting),
}

impl Started {
    pub fn address(&self) -> &str {
        match self {
            Started::Code(invitation) => &invitation.address,
            Started::Browser(waiting) => &waiting.address,
        }
    }

    pub fn code(&self) -> Option<&str> {
        match self {
            Started::Code(invitation) => Some(&invitation.user_code),
            Started::Browser(_) => None,
        }
    }
}

impl Login {
    /// # Errors
    /// [`LoginError::Unknown`], [`LoginError::NoOAuth`].
    pub fn new(settings: &Settings, name: &str, world: World) -> Result<Self, LoginError> {
        let Some(mailbox) = settings.mailboxes.iter().find(|mailbox| mailbox.name.as_str() == name) else {
            let known: Vec<&str> = settings.mailboxes.iter().map(|mailbox| mailbox.name.as_str()).collect();
            return Err(LoginError::Unknown(name.to_owned(), known.join(", ")));
        };
        let oauth = mailbox.oauth.clone().ok_or_else(|| LoginError::NoOAuth(name.to_owned()))?;
        let roots = Arc::new(Roots::default());
        Ok(Self { mailbox: mailbox.clone(), provider: Provider::new(oauth, world, roots.clone()), roots })
    }

    /// # Errors
    /// [`LoginError::Provider`], [`LoginError::Listen`].
    pub async fn begin(&self) -> Result<Started, LoginError> {
        let endpoints = self.provider.endpoints().map_err(LoginError::Provider)?;
        match (&endpoints.device, &endpoints.authorize) {
            (Some(device), _) => self.provider.invite(device).await.map(Started::Code).map_err(LoginError::Provider),
            (None, Some(authorize)) => browser::Waiting::begin(&self.provider, authorize).await.map(Started::Browser),
            (None, None) => Err(LoginError::NotLasting),
        }
    }

    /// Waits for the person; `pasted`: the address at which a browser ended that could not come back.
    ///
    /// # Errors
    /// [`LoginError`].
    pub async fn finish(&self, started: &Started, pasted: &mut mpsc::Receiver<String>) -> Result<Tokens, LoginError> {
        match started {
            Started::Code(invitation) => device::wait(&self.provider, invitation).await,
            Started::Browser(waiting) => waiting.wait(&self.provider, pasted).await,
        }
    }

    /// Signs in to the mailbox with the tokens: another account's are refused there.
    ///
    /// # Errors
    /// [`LoginError::WrongAccount`], [`LoginError::NotTried`].
    pub async fn verify(&self, tokens: &Tokens) -> Result<(), LoginError> {
        let user = self.mailbox.imap_user();
        let opened = connection::open(&self.mailbox.imap, user, Credential::Token(&tokens.access), &self.roots).await;
        match opened {
            Ok(mut server) => {
                let _ = timeout(Duration::from_secs(2), server.logout()).await;
                Ok(())
            }
            Err(trouble) if trouble.is_refused_token() => Err(LoginError::WrongAccount(trouble.to_string(), user.to_owned())),
            Err(trouble) => Err(LoginError::NotTried(trouble.to_string())),
        }
    }
}
