//! The one way in: every message, of every channel, becomes part of a ticket here, exactly once.
//!
//! Architecture invariants
//! - [`Intake::deliver`] returns after the commit that holds the raw bytes, their keys, and all that follows. The caller
//!   tells its network "received" only then.
//! - What follows runs in a savepoint: when it fails or panics, the raw message stays, quarantined, and the network is still
//!   told "received", so that one poisoned message never blocks those behind it.
//! - When the store itself is away, nothing is kept and the network is told so: it delivers again.

mod arrival;
mod files;
mod receipts;
mod repeats;
mod replay;
mod sweeping;
mod uploads;

pub use replay::{ReplayError, Replayed};

use crate::{
    casework::Casework,
    channel::{Accepted, Event, Inbound, InboundSink, NotTaken, Receipt, Taken},
    domain::{BlobId, ChannelKind, InboxId, Reference},
    routing::Rules,
    store::{
        Store, StoreError, Tx,
        inbox::{InboxEntry, NewInbox},
    },
};
use arrival::{Arrival, Done};
use async_trait::async_trait;
use futures_util::FutureExt;
use std::sync::Arc;

/// Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Intake(Arc<Parts>);

impl std::ops::Deref for Intake {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What [`Intake`] is made of.
pub struct Parts {
    store: Arc<Store>,
    casework: Casework,
    rules: Rules,
}

/// What is to be processed, ready for the transaction.
enum Work {
    Arrival(Box<Arrival>),
    Receipt(ChannelKind, Box<Receipt>),
}

/// Why a message was not processed. The words go to operators and hold nothing of the message.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum IntakeError {
    #[error("{0}")]
    Unreadable(String),
    /// Another replica took in the same message at this moment.
    #[error("taken in by another replica")]
    Raced,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Casework(#[from] crate::casework::CaseworkError),
}

impl IntakeError {
    /// Whether the store is away, rather than the message being at fault.
    fn is_outage(&self) -> bool {
        match self {
            IntakeError::Store(error) | IntakeError::Casework(crate::casework::CaseworkError::Store(error)) => error.is_outage(),
            IntakeError::Raced => true,
            _ => false,
        }
    }
}

/// What an attempt to process a message came to.
enum Outcome {
    Processed(Done),
    /// Why it waits for a person, and the contents it needs when it is processed again.
    Failed {
        trouble: String,
        needs: Vec<BlobId>,
    },
}

impl Outcome {
    fn taken(self) -> Taken {
        match self {
            Outcome::Processed(done) => done.accepted.map_or(Taken::Duplicate(None), Taken::Accepted),
            Outcome::Failed { .. } => Taken::Quarantined,
        }
    }
}

#[async_trait]
impl InboundSink for Intake {
    async fn deliver(&self, inbound: Inbound) -> Result<Taken, NotTaken> {
        let channel = inbound.channel.as_str();
        let taken = match self.take_in(inbound.clone()).await {
            // The other copy is committed by now, or was given up.
            Err(IntakeError::Raced) => self.take_in(inbound).await,
            taken => taken,
        };
        let outcome = match &taken {
            Ok(Taken::Accepted(_)) => "accepted",
            Ok(Taken::Duplicate(_)) => "duplicate",
            Ok(Taken::Quarantined) => "quarantined",
            Err(_) => "not_taken",
        };
        metrics::counter!("tawasul_inbound_total", "channel" => channel, "outcome" => outcome).increment(1);
        taken.map_err(|error| {
            tracing::error!(channel, %error, "a message could not be stored; its network will deliver it again");
            NotTaken(error.to_string())
        })
    }
}

impl Intake {
    pub fn new(store: Arc<Store>, casework: Casework, rules: Rules) -> Self {
        Self(Arc::new(Parts { store, casework, rules }))
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn casework(&self) -> &Casework {
        &self.casework
    }

    fn year(&self) -> i32 {
        let zone = self.casework.calendar().zone.clone();
        i32::from(self.store.world().now().timestamp().to_zoned_datetime(zone).year())
    }

    async fn take_in(&self, inbound: Inbound) -> Result<Taken, IntakeError> {
        let world = self.store.world();
        let new = NewInbox {
            id: InboxId::new(world),
            channel: inbound.channel,
            account: inbound.account.clone(),
            content_type: inbound.raw.content_type.to_owned(),
            keys: inbound.keys.iter().map(|key| key.0.clone()).collect(),
            received_at: world.now(),
        };
        let year = self.year();
        let reference = self.store.reserve_reference(year).await?;
        let work = self.prepare(inbound.channel, inbound.account, inbound.event).await?;
        let (this, raw) = (self.clone(), inbound.raw);
        let done =
            self.store.write(move |tx| async move { this.keep_and_process(tx, new, &raw.bytes, work, reference).await }.boxed()).await;
        // Given back only where it is certain that it was not used: after an error the commit may have happened all the same.
        if matches!(&done, Ok(Taken::Duplicate(_) | Taken::Accepted(Accepted { opened: false, .. }))) {
            self.store.release_reference(year, reference);
        }
        self.casework.outbox().wake();
        done
    }

    /// All of it in the caller's transaction.
    async fn keep_and_process(
        &self,
        tx: &mut Tx,
        new: NewInbox,
        raw: &[u8],
        work: Result<Work, String>,
        reference: Reference,
    ) -> Result<Taken, IntakeError> {
        if let Some(first) = tx.seen(new.channel, &new.keys).await? {
            return Ok(Taken::Duplicate(self.what_became(tx, &first).await?));
        }
        // What follows from it first, so that its row is written once, with what became of it; all of it is one commit.
        let outcome = self.attempt(tx, work, reference).await?;
        let kept = match &outcome {
            Outcome::Processed(done) => tx.insert_processed(&new, raw, done.became(), self.store.world().now()).await?,
            Outcome::Failed { trouble, needs } => {
                let kept = tx.insert_inbox(&new, raw).await?;
                if kept {
                    self.quarantine(tx, new.id, trouble, needs).await?;
                }
                kept
            }
        };
        if kept { Ok(outcome.taken()) } else { Err(IntakeError::Raced) }
    }

    /// Processes a message that was kept before.
    async fn process(&self, tx: &mut Tx, id: InboxId, work: Result<Work, String>, reference: Reference) -> Result<Taken, IntakeError> {
        let outcome = self.attempt(tx, work, reference).await?;
        match &outcome {
            Outcome::Processed(done) => tx.inbox_processed(id, done.became(), self.store.world().now()).await?,
            Outcome::Failed { trouble, needs } => self.quarantine(tx, id, trouble, needs).await?,
        }
        Ok(outcome.taken())
    }

    /// Does in a savepoint what follows from a message; when that fails, nothing of it remains.
    ///
    /// # Errors
    /// Only when the store is away: then the whole transaction is given up.
    async fn attempt(&self, tx: &mut Tx, work: Result<Work, String>, reference: Reference) -> Result<Outcome, IntakeError> {
        let this = self.clone();
        // A form's files are in the blob store only: what is kept of the form merely names them.
        let needs: Vec<_> = match &work {
            Ok(Work::Arrival(arrival)) => arrival.files.iter().filter_map(|file| file.blob).collect(),
            _ => Vec::new(),
        };
        let outcome = match work {
            Ok(Work::Arrival(arrival)) => tx.savepoint(move |tx| async move { this.arrive(tx, *arrival, reference).await }.boxed()).await,
            Ok(Work::Receipt(channel, receipt)) => {
                tx.savepoint(move |tx| async move { this.hear(tx, channel, &receipt).await }.boxed()).await
            }
            Err(reason) => Err(IntakeError::Unreadable(reason)),
        };
        match outcome {
            Ok(done) => Ok(Outcome::Processed(done)),
            Err(error) if error.is_outage() => Err(error),
            Err(error) => Ok(Outcome::Failed { trouble: error.to_string(), needs }),
        }
    }

    async fn quarantine(&self, tx: &mut Tx, id: InboxId, trouble: &str, needs: &[BlobId]) -> Result<(), StoreError> {
        tracing::error!(inbox = %id, trouble, "a message was quarantined");
        tx.inbox_quarantined(id, trouble, needs).await
    }

    async fn what_became(&self, tx: &mut Tx, first: &InboxEntry) -> Result<Option<Accepted>, IntakeError> {
        let (Some(reference), Some(message)) = (first.reference, first.message) else { return Ok(None) };
        // Whoever can send the same message again was told the PIN the first time, too.
        let pin = if first.opened { tx.ticket(reference).await?.map(|t| t.pin) } else { None };
        Ok(Some(Accepted { reference, pin, message, opened: first.opened }))
    }

    /// What can be done outside the transaction: files are stored, names made safe. A panic here counts as unreadable.
    async fn prepare(&self, channel: ChannelKind, account: String, event: Event) -> Result<Result<Work, String>, IntakeError> {
        match event {
            Event::Unreadable { reason } => Ok(Err(reason)),
            Event::Receipt(receipt) => Ok(Ok(Work::Receipt(channel, receipt))),
            Event::Message(message) => {
                let work = std::panic::AssertUnwindSafe(files::store(&self.store, *message));
                match work.catch_unwind().await {
                    Ok(Ok((message, files))) => Ok(Ok(Work::Arrival(Box::new(Arrival { channel, account, message, files })))),
                    Ok(Err(error)) => Err(error.into()),
                    Err(_) => Ok(Err("the program panicked over its files".into())),
                }
            }
        }
    }
}
