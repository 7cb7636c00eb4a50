//! Sign-in by a code that a person enters in a browser anywhere (RFC 8628).

use super::{
    Tokens,
    answer::Invitation,
    login::LoginError,
    provider::{Provider, ProviderError},
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// RFC 8628 §3.5: so much longer are the pauses from then on.
const SLOWER: Duration = Duration::from_secs(5);
/// The longest pause between two questions.
const LONGEST: Duration = Duration::from_secs(60);

/// Asks until the person has answered, at the pace that the provider wants.
///
/// # Errors
/// [`LoginError`]: the code has expired, the person said no, or the provider did.
pub async fn wait(provider: &Provider, invitation: &Invitation) -> Result<Tokens, LoginError> {
    let end = Instant::now() + invitation.expires_in;
    let mut pause = invitation.interval;
    while Instant::now() + pause < end {
        sleep(pause).await;
        let error = match provider.of_device(&invitation.device_code).await {
            Ok(tokens) => return Ok(tokens),
            Err(error) => error,
        };
        match (error.code(), &error) {
            (Some("authorization_pending"), _) => {}
            (Some("slow_down"), _) => pause = (pause + SLOWER).min(LONGEST),
            (Some("expired_token" | "code_expired"), _) => return Err(LoginError::Expired),
            (Some("access_denied" | "authorization_declined"), _) => return Err(LoginError::Denied),
            // RFC 8628 §3.5: back off when the server does not answer.
            (_, ProviderError::NoAnswer(_) | ProviderError::Status(429 | 500..)) => pause = (pause * 2).min(LONGEST),
            (_, ProviderError::Unintelligible) => return Err(LoginError::NotLasting),
            _ => return Err(LoginError::Provider(error)),
        }
    }
    Err(LoginError::Expired)
}
