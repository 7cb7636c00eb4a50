//! Processing a kept message again, after what made it fail was mended.

use super::{Intake, IntakeError};
use crate::{
    channel::{ChannelKind, Event, Raw, Taken, email::inbound::HEADER_ONLY, portal},
    domain::{At, InboxId},
    store::{StoreError, inbox::InboxState},
};
use futures_util::FutureExt;

/// What became of it this time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replayed {
    Taken(Taken),
    /// It had been processed already; nothing was done.
    AlreadyProcessed,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum ReplayError {
    #[error("there is no such message in the inbox")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    NotTaken(String),
}

impl Intake {
    /// Reads a quarantined message anew from its kept bytes and processes it.
    ///
    /// # Errors
    /// When there is none, or the store is away. A message that fails again stays quarantined and is no error here.
    pub async fn replay(&self, id: InboxId) -> Result<Replayed, ReplayError> {
        let (entry, raw, _) = self.store.read().await?.inbox_raw(id).await?.ok_or(ReplayError::NotFound)?;
        if entry.state == InboxState::Processed {
            return Ok(Replayed::AlreadyProcessed);
        }
        let event = self.reread(entry.channel, &entry.account, &entry.content_type, raw, entry.received_at);
        let failed = |error: IntakeError| ReplayError::NotTaken(error.to_string());
        let work = self.prepare(entry.channel, entry.account, event).await.map_err(failed)?;
        let year = self.year();
        let reference = self.store.reserve_reference(year).await?;
        let this = self.clone();
        let done = self
            .store
            .write(move |tx| {
                async move {
                    // Somebody else may have replayed it meanwhile.
                    match tx.lock_inbox(id).await? {
                        Some((now, _, _)) if now.state == InboxState::Quarantined => {
                            this.process(tx, id, work, reference).await.map(Replayed::Taken)
                        }
                        _ => Ok(Replayed::AlreadyProcessed),
                    }
                }
                .boxed()
            })
            .await;
        let unused = match &done {
            Ok(Replayed::AlreadyProcessed | Replayed::Taken(Taken::Duplicate(_))) => true,
            Ok(Replayed::Taken(Taken::Accepted(accepted))) => !accepted.opened,
            _ => false,
        };
        if unused {
            self.store.release_reference(year, reference);
        }
        self.casework.outbox().wake();
        done.map_err(failed)
    }

    fn reread(&self, channel: ChannelKind, account: &str, content_type: &str, raw: Vec<u8>, received_at: At) -> Event {
        let content_type = match content_type {
            "message/rfc822" => "message/rfc822",
            // Not a whole mail: the channel must know it.
            HEADER_ONLY => HEADER_ONLY,
            _ => "application/json",
        };
        let raw = Raw { content_type, bytes: raw.into() };
        match channel {
            // These have the portal's form.
            ChannelKind::Portal | ChannelKind::Desk | ChannelKind::Api => portal::reread(&raw.bytes),
            kind => match self.casework.outbox().channels().iter().find(|c| c.kind() == kind) {
                Some(channel) => channel.reread(account, raw, received_at),
                None => Event::Unreadable { reason: format!("the channel {kind} is not set up") },
            },
        }
    }
}
