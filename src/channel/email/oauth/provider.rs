//! The provider's token endpoint, asked over HTTP: no redirects, no proxy from the environment, bounded in time and size.

use super::{
    Tokens,
    answer::{self, Invitation, Refusal},
    settings::{Endpoints, Fault, OAuth},
};
use crate::{channel::email::connection::Roots, domain::World};
use reqwest::{Client, Response, Url, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use zeroize::Zeroizing;

/// The longest that connecting, and that a whole request may take.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(8), Duration::from_secs(15));
/// The longest answer that is read, in bytes.
const LONGEST: usize = 128 << 10;

/// Why there are no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("oauth.{}: {}", .0.key, .0.message)]
    Settings(Fault),
    #[error("no protected connection can be made: {0}")]
    Tls(String),
    #[error("the provider does not answer ({0})")]
    NoAnswer(&'static str),
    #[error("the provider is in trouble itself (HTTP {0})")]
    Status(u16),
    #[error("the provider's answer could not be read")]
    Unintelligible,
    #[error("the provider refused ({0})")]
    Refused(Refusal),
}

impl ProviderError {
    /// Whether only a person who signs in again can help (RFC 6749 §5.2, and OpenID Connect Core §3.1.2.6 for Microsoft's).
    pub fn is_end_of_grant(&self) -> bool {
        const ENDED: [&str; 5] = ["invalid_grant", "interaction_required", "login_required", "consent_required", "access_denied"];
        matches!(self, ProviderError::Refused(refusal) if ENDED.contains(&refusal.code.as_str()))
    }

    /// The code of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            ProviderError::Refused(refusal) => Some(&refusal.code),
            _ => None,
        }
    }
}

/// One mailbox's way to its provider.
pub struct Provider {
    pub oauth: OAuth,
    pub world: World,
    roots: Arc<Roots>,
    client: OnceLock<Client>,
}

impl Provider {
    pub fn new(oauth: OAuth, world: World, roots: Arc<Roots>) -> Self {
        Self { oauth, world, roots, client: OnceLock::new() }
    }

    pub fn endpoints(&self) -> Result<Endpoints, ProviderError> {
        self.oauth.endpoints().map_err(ProviderError::Settings)
    }

    /// Asks for new tokens in the place of these.
    ///
    /// # Errors
    /// [`ProviderError`]; where no answer came, the provider may have made new tokens all the same.
    pub async fn refresh(&self, tokens: &Tokens) -> Result<Tokens, ProviderError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.expose_secret())];
        self.tokens(&form, Some(tokens)).await
    }

    /// Asks for the tokens that a code was entered for (RFC 8628 §3.4).
    pub async fn of_device(&self, device_code: &SecretString) -> Result<Tokens, ProviderError> {
        let kind = "urn:ietf:params:oauth:grant-type:device_code";
        self.tokens(&[("grant_type", kind), ("device_code", device_code.expose_secret())], None).await
    }

    /// Asks for the tokens of an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).
    pub async fn of_code(&self, code: &SecretString, redirect: &str, verifier: &str) -> Result<Tokens, ProviderError> {
        let form =
            [("grant_type", "authorization_code"), ("code", code.expose_secret()), ("redirect_uri", redirect), ("code_verifier", verifier)];
        self.tokens(&form, None).await
    }

    /// Asks for a code to be entered (RFC 8628 §3.1).
    pub async fn invite(&self, device: &Url) -> Result<Invitation, ProviderError> {
        let scope = self.oauth.scope();
        let form = [("scope", scope.as_str())];
        let body = self.post(device, if scope.is_empty() { &[] } else { &form }).await?;
        answer::invitation(&body).ok_or(ProviderError::Unintelligible)
    }

    async fn tokens(&self, form: &[(&str, &str)], before: Option<&Tokens>) -> Result<Tokens, ProviderError> {
        let body = self.post(&self.endpoints()?.token, form).await?;
        answer::tokens(&body, before, self.world.now()).ok_or(ProviderError::Unintelligible)
    }

    async fn post(&self, url: &Url, form: &[(&str, &str)]) -> Result<Zeroizing<Vec<u8>>, ProviderError> {
        let mut form = form.to_vec();
        form.push(("client_id", &self.oauth.client_id));
        form.extend(self.oauth.client_secret.as_ref().map(|secret| ("client_secret", secret.expose_secret())));
        let sent = self.client()?.post(url.clone()).header("accept", "application/json").form(&form).send().await;
        let response = sent.map_err(|error| no_answer(&error))?;
        let status = response.status();
        let body = read(response).await?;
        match status.as_u16() {
            200..=299 => Ok(body),
            429 | 500.. => Err(ProviderError::Status(status.as_u16())),
            _ => Err(answer::refusal(&body).map_or(ProviderError::Status(status.as_u16()), ProviderError::Refused)),
        }
    }

    fn client(&self) -> Result<&Client, ProviderError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let endpoints = self.endpoints()?;
        let protected = [Some(&endpoints.token), endpoints.device.as_ref()].into_iter().flatten().any(|url| url.scheme() == "https");
        let tls = if protected { self.roots.config() } else { Roots::none() };
        let client = Client::builder()
            .use_preconfigured_tls((*tls.map_err(ProviderError::Tls)?).clone())
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(PATIENCE.0)
            .timeout(PATIENCE.1)
            .user_agent(concat!("tawasul/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| ProviderError::Tls("the HTTP client cannot be set up".to_owned()))?;
        Ok(self.client.get_or_init(|| client))
    }
}

async fn read(mut response: Response) -> Result<Zeroizing<Vec<u8>>, ProviderError> {
    let mut body = Zeroizing::new(Vec::with_capacity(16 << 10));
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
        if body.len() + chunk.len() > LONGEST {
            return Err(ProviderError::Unintelligible);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn no_answer(error: &reqwest::Error) -> ProviderError {
    ProviderError::NoAnswer(match error {
        error if error.is_timeout() => "no answer in time",
        error if error.is_connect() => "no connection",
        _ => "the connection was lost",
    })
}
