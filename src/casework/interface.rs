//! What the REST interface reads, and in whose name it acts: other systems of the charity, let in by a token, see and work
//! on every ticket.

use super::{Casework, CaseworkError, FileContent, QueuePage, QueueRequest, TicketView, looks::Onlooker};
use crate::{
    access::Viewer,
    domain::{AttachmentId, Key, Reference},
    store::desk::Scope,
};

impl Casework {
    /// A ticket as another system sees it, or a person at the command line; `system` is the name of the system's token. Every
    /// look at a confidential one is recorded.
    pub async fn ticket_shown_to(&self, system: &str, reference: Reference) -> Result<TicketView, CaseworkError> {
        let ticket = self.store.read().await?.ticket(reference).await?.ok_or(CaseworkError::NotFound)?;
        self.record_look(&ticket, Onlooker::System(system), None).await?;
        let mut read = self.store.read().await?;
        Ok(self.whole(&mut read, ticket, &everything()).await?)
    }

    /// The names under which something was done to a ticket once and for all; see [`Casework::perform_once`].
    pub async fn nonces(&self, reference: Reference) -> Result<Vec<String>, CaseworkError> {
        let mut read = self.store.read().await?;
        let ticket = read.ticket(reference).await?.ok_or(CaseworkError::NotFound)?;
        Ok(read.nonces(ticket.id).await?)
    }

    /// A page of all tickets.
    pub async fn queue_for_interface(&self, request: QueueRequest) -> Result<QueuePage, CaseworkError> {
        self.page(&everything(), request).await
    }

    /// A file of any ticket; `system` as for [`Casework::ticket_shown_to`].
    pub async fn file_shown_to(&self, system: &str, id: AttachmentId) -> Result<FileContent, CaseworkError> {
        let mut read = self.store.read().await?;
        let (file, ticket, _) = read.attachment(id).await?.ok_or(CaseworkError::NotFound)?;
        let ticket = read.find_ticket(ticket).await?.ok_or(CaseworkError::NotFound)?;
        drop(read);
        self.record_look(&ticket, Onlooker::System(system), Some(id)).await?;
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
