//! What the REST interface reads, and in whose name it acts: other systems of the charity, let in by a token, see and work
//! on every ticket.

use super::{Casework, CaseworkError, FileContent, INTERFACE, QueuePage, QueueRequest, TicketView};
use crate::{
    access::Viewer,
    domain::{
        Actor, AttachmentId, EventKind, Key, Reference,
        event::{EventData, data},
    },
    store::desk::Scope,
};
use futures_util::FutureExt;

impl Casework {
    /// A ticket as the REST interface gives it.
    pub async fn ticket_for_interface(&self, reference: Reference) -> Result<TicketView, CaseworkError> {
        let mut read = self.store.read().await?;
        let ticket = read.ticket(reference).await?.ok_or(CaseworkError::NotFound)?;
        Ok(self.whole(&mut read, ticket, &everything()).await?)
    }

    /// The same for a system that looks at it; a look at a confidential ticket is recorded with the name of the system's token.
    pub async fn ticket_shown_to(&self, system: &str, reference: Reference) -> Result<TicketView, CaseworkError> {
        let ticket = self.store.read().await?.ticket(reference).await?.ok_or(CaseworkError::NotFound)?;
        if ticket.confidential {
            let (now, about): (_, EventData) = (self.world().now(), data([(INTERFACE, system.to_owned())]));
            self.store
                .write(move |tx| async move { tx.insert_event(ticket.id, now, Actor::System, EventKind::Viewed, &about).await }.boxed())
                .await?;
        }
        self.ticket_for_interface(reference).await
    }

    /// A page of all tickets.
    pub async fn queue_for_interface(&self, request: QueueRequest) -> Result<QueuePage, CaseworkError> {
        self.page(&everything(), request).await
    }

    /// A file of any ticket.
    pub async fn file_for_interface(&self, id: AttachmentId) -> Result<FileContent, CaseworkError> {
        let (file, ..) = self.store.read().await?.attachment(id).await?.ok_or(CaseworkError::NotFound)?;
        self.content(file).await
    }

    /// The one in whose name a system acts on a ticket: the member of staff with this key, or else the ticket's owner. The
    /// timeline keeps the name of the system's token beside theirs.
    ///
    /// # Errors
    /// [`CaseworkError::UnknownColleague`] when there is no such active member of staff.
    pub async fn colleague(&self, system: &str, reference: Reference, key: Option<&Key>) -> Result<Viewer, CaseworkError> {
        let mut read = self.store.read().await?;
        let ticket = read.ticket(reference).await?.ok_or(CaseworkError::NotFound)?;
        let person = match key {
            Some(key) => read.person_by_key(key).await?.filter(|person| person.active),
            None => read.person(ticket.owner).await?,
        };
        let unknown = || CaseworkError::UnknownColleague(key.map(Key::to_string).unwrap_or_default());
        Ok(Viewer::for_interface(person.ok_or_else(unknown)?, &self.office, system))
    }
}

fn everything() -> Scope {
    Scope { all: true, ..Scope::default() }
}
