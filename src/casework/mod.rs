//! The verbs of officers and senders. Each goes through `access`, and writes the change, its timeline entry and its
//! notices in one transaction.
//!
//! Architecture invariants
//! - A ticket changes only here and in `intake`; both use the one state machine of `domain::ticket`.
//! - What somebody may not see looks like what does not exist: [`CaseworkError::NotFound`].
//! - Pages and interfaces read through the views of this module; they never touch the store.
//!
//! To add a verb: a variant of [`Verb`], what it does in [`verbs`], its notice in [`notices`].

mod interface;
mod looks;
mod notices;
mod signs;
mod staff;
mod supervision;
mod verbs;
mod views;

pub use signs::VitalSigns;
pub use staff::{Movements, StaffError};
pub use supervision::{Invitation, StuckNotice};
pub use verbs::{NewFile, Verb};
pub use views::{FileContent, Glance, History, MessageView, QueuePage, QueueRequest, TicketView, read_address};

// Plain values that the views and requests above are made of, for those who may not name the store.
pub use crate::store::{
    contacts::KnownAddress,
    desk::{Filter, Summary, View},
    files::Attachment,
    inbox::InboxEntry,
    messages::Message,
    notices::{Audience, Notice, NoticeState},
    people::Person,
};

use crate::{
    access::{Deed, Viewer},
    domain::{Department, Office, Reference, Ticket, World, calendar::Calendar, office::OwnerBy, ticket::NotAllowed},
    outbox::Outbox,
    store::{Store, StoreError, Tx},
};
use futures_util::{FutureExt, future::BoxFuture};
use std::{collections::HashMap, sync::Arc};

/// Why a verb was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CaseworkError {
    /// There is none, or it is not for this person's eyes.
    #[error("there is no such ticket")]
    NotFound,
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    #[error("there is nothing written")]
    Empty,
    #[error("the text is too long")]
    TooLong,
    #[error("there is no department `{0}`")]
    UnknownDepartment(String),
    #[error("there is no officer `{0}` in that department")]
    UnknownOfficer(String),
    /// Whom another system named as the one who acts.
    #[error("there is no member of staff `{0}`")]
    UnknownColleague(String),
    #[error("a hand-over needs a reason")]
    NoReason,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Under this name the timeline's data remember the token with which another system acted.
pub const INTERFACE: &str = "interface";

/// Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Casework(Arc<Parts>);

impl std::ops::Deref for Casework {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What [`Casework`] is made of.
pub struct Parts {
    store: Arc<Store>,
    outbox: Outbox,
    office: Arc<Office>,
    calendar: Calendar,
    /// How people outside reach the pages, without a slash at the end.
    public_url: String,
}

impl Casework {
    pub fn new(store: Arc<Store>, outbox: Outbox, office: Arc<Office>, calendar: Calendar, public_url: &str) -> Self {
        Self(Arc::new(Parts { store, outbox, office, calendar, public_url: public_url.trim_end_matches('/').to_owned() }))
    }

    pub fn office(&self) -> &Office {
        &self.office
    }

    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    pub fn world(&self) -> &World {
        self.store.world()
    }

    /// Runs `work` on a ticket that the viewer may work on, in one transaction, and lets the outbox send what was promised.
    async fn on_ticket<T, F>(&self, viewer: &Viewer, reference: Reference, work: F) -> Result<T, CaseworkError>
    where
        F: for<'a> FnOnce(&'a Casework, &'a mut Tx, Ticket) -> BoxFuture<'a, Result<T, CaseworkError>> + Send + 'static,
        T: Send + 'static,
    {
        let (this, viewer) = (self.clone(), viewer.clone());
        let done = self
            .store
            .write(move |tx| {
                async move {
                    let id = tx.ticket(reference).await?.ok_or(CaseworkError::NotFound)?.id;
                    let ticket = tx.lock_ticket(id).await?.filter(|t| viewer.may(Deed::Work, t)).ok_or(CaseworkError::NotFound)?;
                    work(&this, tx, ticket).await
                }
                .boxed()
            })
            .await?;
        self.outbox.wake();
        Ok(done)
    }

    /// The officers of a department in its order, each with how many tickets they have open, where that decides.
    async fn officers_of(&self, tx: &mut Tx, department: &Department) -> Result<Vec<(i64, Person)>, StoreError> {
        let people = tx.people_by_keys(&department.officers).await?;
        let open = match department.owner_by {
            OwnerBy::FewestOpen => tx.open_counts(&people.iter().map(|person| person.id).collect::<Vec<_>>()).await?,
            _ => HashMap::new(),
        };
        Ok(people.into_iter().map(|person| (open.get(&person.id).copied().unwrap_or(0), person)).collect())
    }

    /// The owner of last resort: the configured one, else any active supervisor or administrator.
    pub async fn fallback_owner(&self, tx: &mut Tx) -> Result<Person, StoreError> {
        if let Some(person) = tx.person_by_key(&self.office.fallback_owner).await?.filter(|p| p.active) {
            return Ok(person);
        }
        let people = tx.people().await?;
        let supervises = |p: &Person| p.active && matches!(p.role, crate::domain::Role::Supervisor | crate::domain::Role::Admin);
        people
            .into_iter()
            .find(supervises)
            .ok_or_else(|| StoreError::Corrupt("nobody can own tickets: the office has no supervisor and no administrator".into()))
    }
}
