//! Looks at confidential tickets: each stands in the timeline, whoever looks and by whatever way.
//!
//! Not here: the sender's own look at their own ticket, which is nobody's intrusion.

use super::Casework;
use crate::{
    domain::{
        Actor, AttachmentId, EventKind, PersonId, Ticket,
        event::{EventData, data},
    },
    store::StoreError,
};
use futures_util::FutureExt;

/// Who looks.
#[derive(Clone, Copy)]
pub(super) enum Onlooker<'a> {
    Member(PersonId),
    /// Another system of the charity, by the name of its token, or the command line.
    System(&'a str),
}

impl Casework {
    /// Records a look at a ticket, or at one of its files, where the ticket is confidential. Comes before what is looked at is
    /// given out: what can't be recorded is not shown.
    pub(super) async fn record_look(&self, ticket: &Ticket, who: Onlooker<'_>, file: Option<AttachmentId>) -> Result<(), StoreError> {
        if !ticket.confidential {
            return Ok(());
        }
        let (actor, system) = match who {
            Onlooker::Member(person) => (Actor::Person(person), String::new()),
            Onlooker::System(name) => (Actor::System, name.to_owned()),
        };
        let about: EventData = data([(super::INTERFACE, system), ("file", file.map(|id| id.to_string()).unwrap_or_default())]);
        let (id, now) = (ticket.id, self.world().now());
        self.store.write(move |tx| async move { tx.insert_event(id, now, actor, EventKind::Viewed, &about).await }.boxed()).await
    }
}
