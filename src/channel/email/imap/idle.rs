//! Waits until the server announces something (IDLE, RFC 2177).

use super::commands::Mailserver;
use crate::channel::email::{connection::within, trouble::Trouble};
use async_imap::types::UnsolicitedResponse;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// IDLE is ended and begun anew after this time at the latest. Servers may drop it after 30 minutes (RFC 2177 §3), routers
/// forget silent connections after a few.
pub const LONGEST: Duration = Duration::from_secs(300);

/// Waits until something is announced, `pause` is over or `stop`; answers the connection, ready for the next command.
///
/// # Errors
/// [`Trouble`]; the connection is gone with it. [`Trouble::NoIdle`] when the server refuses.
pub async fn wait(server: Mailserver, pause: Duration, stop: &CancellationToken) -> Result<Mailserver, Trouble> {
    let mut idle = server.idle();
    within("IDLE", idle.init()).await?.map_err(|error| match Trouble::of_imap("IDLE", &error) {
        Trouble::Lost | Trouble::Refused(..) => Trouble::NoIdle,
        other => other,
    })?;
    {
        // Kept alive: its end would interrupt the waiting.
        let (announced, _interrupt) = idle.wait_with_timeout(LONGEST);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause.min(LONGEST)) => {}
            _ = announced => {}
        }
    }
    within("DONE", idle.done()).await?.map_err(|error| Trouble::of_imap("DONE", &error))
}

/// Whether the server told of new mail beside the answers to our commands; forgets what it told.
pub fn announced(server: &mut Mailserver) -> bool {
    let mut new = false;
    while let Ok(told) = server.unsolicited_responses.try_recv() {
        new |= matches!(told, UnsolicitedResponse::Exists(_));
    }
    new
}
