//! What pages and interfaces read: one ticket whole, lists, files.

use super::{Casework, CaseworkError, looks::Onlooker};
use crate::{
    access::{Deed, Viewer},
    domain::{Actor, Address, AttachmentId, Direction, Key, PersonId, Reference, Status, Ticket, TicketId, folding},
    store::{
        StoreError, Tx,
        contacts::{Contact, KnownAddress},
        desk::{Filter, Scope, Summary},
        files::Attachment,
        messages::Message,
        notices::{Audience, Notice},
        people::Person,
        tickets::Event,
    },
};
use bytes::Bytes;
use std::collections::HashMap;

/// A message with its files and what became of it on its way to the sender.
#[derive(Clone)]
pub struct MessageView {
    pub message: Message,
    pub files: Vec<Attachment>,
    pub notices: Vec<Notice>,
    pub author: Option<Person>,
}

/// An entry of the timeline with who did it.
#[derive(Clone)]
pub struct History {
    pub event: Event,
    pub person: Option<Person>,
    /// The member of staff that the entry's data names under `to`.
    pub to: Option<Person>,
}

/// One ticket, whole.
#[derive(Clone)]
pub struct TicketView {
    pub ticket: Ticket,
    pub contact: Contact,
    pub addresses: Vec<KnownAddress>,
    pub owner: Option<Person>,
    pub messages: Vec<MessageView>,
    pub history: Vec<History>,
    /// All notices, oldest first, those of [`MessageView::notices`] among them.
    pub notices: Vec<Notice>,
    /// Other tickets of the contact that the viewer may see, the newest first.
    pub others: Vec<Summary>,
}

/// What a list is asked for.
#[derive(Clone, Default)]
pub struct QueueRequest {
    pub filter: Filter,
    /// Reference, telephone number, e-mail address, or words.
    pub search: String,
    /// Only tickets of whoever has this address.
    pub sender: Option<Address>,
    /// At most so many; 50 at most, and 50 when it is 0.
    pub limit: usize,
}

/// What a list tells of a ticket's conversation.
#[derive(Clone, Default)]
pub struct Glance {
    /// The first words; `None` where the ticket is confidential or has no words.
    pub opening: Option<String>,
    /// The sender wrote last.
    pub sender_last: bool,
}

/// A page of a list.
#[derive(Clone)]
pub struct QueuePage {
    pub rows: Vec<Summary>,
    /// Names of the owners that occur.
    pub owners: HashMap<PersonId, Person>,
    /// How each ticket begins and who wrote last.
    pub glances: HashMap<TicketId, Glance>,
    pub next: Option<(crate::domain::At, TicketId)>,
}

/// A file for download.
pub struct FileContent {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

const PAGE: usize = 50;
const OTHERS: i64 = 10;
/// The longest beginning of a text on a list, in characters.
const OPENING: i64 = 160;

impl Casework {
    /// A ticket as a member of staff sees it. Every look at a confidential one is recorded.
    pub async fn ticket(&self, viewer: &Viewer, reference: Reference) -> Result<TicketView, CaseworkError> {
        let mut read = self.store.read().await?;
        let ticket = read.ticket(reference).await?.filter(|t| viewer.may(Deed::See, t)).ok_or(CaseworkError::NotFound)?;
        drop(read);
        self.record_look(&ticket, Onlooker::Member(viewer.person.id), None).await?;
        let mut read = self.store.read().await?;
        Ok(self.whole(&mut read, ticket, &viewer.scope()).await?)
    }

    /// A ticket as its sender sees it: no notes, no staff notices, no timeline of the inside. Give only a ticket that
    /// [`crate::access::Access::track`] has opened.
    pub async fn ticket_for_sender(&self, ticket: Ticket) -> Result<TicketView, CaseworkError> {
        let mut read = self.store.read().await?;
        let mut view = self.whole(&mut read, ticket, &Scope::default()).await?;
        view.messages.retain(|m| m.message.direction != Direction::Note);
        view.notices.retain(|n| n.audience == Audience::Sender);
        view.history.clear();
        view.others.clear();
        Ok(view)
    }

    pub(super) async fn whole(&self, read: &mut Tx, ticket: Ticket, scope: &Scope) -> Result<TicketView, StoreError> {
        let contact = read.contact(ticket.contact).await?;
        let addresses = read.addresses(ticket.contact).await?;
        let notices = read.ticket_notices(ticket.id).await?;
        let files = read.attachments(ticket.id).await?;
        let messages = read.messages(ticket.id).await?;
        let events = read.events(ticket.id).await?;
        let mut people = People::default();
        let owner = people.find(read, ticket.owner).await?;
        let mut views = Vec::with_capacity(messages.len());
        for message in messages {
            let author = match message.person {
                Some(id) => people.find(read, id).await?,
                None => None,
            };
            views.push(MessageView {
                files: files.iter().filter(|f| f.message == message.id).cloned().collect(),
                notices: notices.iter().filter(|n| n.message == Some(message.id) && n.audience == Audience::Sender).cloned().collect(),
                author,
                message,
            });
        }
        let mut history = Vec::with_capacity(events.len());
        for event in events {
            let person = match event.actor {
                Actor::Person(id) => people.find(read, id).await?,
                _ => None,
            };
            let to = match event.data.get("to").and_then(|id| id.parse().ok()) {
                Some(id) => people.find(read, id).await?,
                None => None,
            };
            history.push(History { event, person, to });
        }
        let others = self.others(read, &ticket, scope).await?;
        Ok(TicketView { ticket, contact, addresses, owner, messages: views, history, notices, others })
    }

    async fn others(&self, read: &mut Tx, ticket: &Ticket, scope: &Scope) -> Result<Vec<Summary>, StoreError> {
        let filter = Filter { contact: Some(ticket.contact), ..Filter::default() };
        let mut others = read.list_tickets(scope, &filter, OTHERS + 1).await?;
        others.retain(|other| other.id != ticket.id && !other.confidential);
        Ok(others)
    }

    /// A page of the tickets that a member of staff may see.
    pub async fn queue(&self, viewer: &Viewer, request: QueueRequest) -> Result<QueuePage, CaseworkError> {
        self.page(&viewer.scope(), request).await
    }

    pub(super) async fn page(&self, scope: &Scope, request: QueueRequest) -> Result<QueuePage, CaseworkError> {
        let mut read = self.store.read().await?;
        let limit = if request.limit == 0 { PAGE } else { request.limit.min(PAGE) };
        let mut rows = match self.wanted(&mut read, request.filter, request.sender.as_ref(), &request.search).await? {
            Wanted::Nothing => Vec::new(),
            Wanted::One(ticket) => read.list_tickets(scope, &Filter { ticket: Some(ticket), ..Filter::default() }, 1).await?,
            Wanted::All(filter) => read.list_tickets(scope, &filter, i64::try_from(limit + 1).unwrap_or(51)).await?,
        };
        let next = if rows.len() > limit {
            rows.truncate(limit);
            rows.last().map(|row| (row.created_at, row.id))
        } else {
            None
        };
        let mut owners: Vec<PersonId> = rows.iter().map(|row| row.owner).collect();
        owners.sort();
        owners.dedup();
        let owners = read.people_by_ids(&owners).await?.into_iter().map(|person| (person.id, person)).collect();
        let glances = self.glances(&mut read, &rows).await?;
        Ok(QueuePage { rows, owners, glances, next })
    }

    async fn glances(&self, read: &mut Tx, rows: &[Summary]) -> Result<HashMap<TicketId, Glance>, StoreError> {
        let ids: Vec<TicketId> = rows.iter().map(|row| row.id).collect();
        let mut glances: HashMap<TicketId, Glance> = read
            .glances(&ids, OPENING)
            .await?
            .into_iter()
            .map(|(id, opening, last)| (id, Glance { opening, sender_last: last == Some(Direction::Inbound) }))
            .collect();
        for row in rows {
            let glance = glances.entry(row.id).or_default();
            glance.opening = glance.opening.take().filter(|text| !row.confidential && !text.trim().is_empty());
        }
        Ok(glances)
    }

    /// What a filter, a sender and a search ask for together.
    async fn wanted(&self, read: &mut Tx, mut filter: Filter, sender: Option<&Address>, search: &str) -> Result<Wanted, StoreError> {
        if let Some(address) = sender {
            let Some(known) = read.find_address(address).await? else { return Ok(Wanted::Nothing) };
            filter.contact = Some(known.contact);
        }
        let search = search.trim();
        if search.is_empty() {
            return Ok(Wanted::All(filter));
        }
        let foreign = |contact| filter.contact.is_some_and(|asked| asked != contact);
        if let Ok(reference) = search.parse::<Reference>() {
            let found = read.ticket(reference).await?.filter(|ticket| !foreign(ticket.contact));
            return Ok(found.map_or(Wanted::Nothing, |ticket| Wanted::One(ticket.id)));
        }
        let Some(address) = read_address(search) else { return Ok(Wanted::All(Filter { words: Some(search.to_owned()), ..filter })) };
        match read.find_address(&address).await? {
            Some(known) if !foreign(known.contact) => Ok(Wanted::All(Filter { contact: Some(known.contact), ..filter })),
            _ => Ok(Wanted::Nothing),
        }
    }

    /// How many tickets are in each state, and how many of them are the viewer's own.
    pub async fn counts(&self, viewer: &Viewer) -> Result<Vec<(Status, i64, i64)>, CaseworkError> {
        Ok(self.store.read().await?.count_tickets(&viewer.scope()).await?)
    }

    /// A file of a ticket that the viewer may see.
    pub async fn file(&self, viewer: &Viewer, id: AttachmentId) -> Result<FileContent, CaseworkError> {
        let mut read = self.store.read().await?;
        let (file, ticket, _) = read.attachment(id).await?.ok_or(CaseworkError::NotFound)?;
        let ticket = read.find_ticket(ticket).await?.filter(|t| viewer.may(Deed::See, t)).ok_or(CaseworkError::NotFound)?;
        drop(read);
        self.record_look(&ticket, Onlooker::Member(viewer.person.id), Some(id)).await?;
        self.content(file).await
    }

    /// A file of the sender's own ticket; none of an internal note.
    pub async fn file_for_sender(&self, ticket: &Ticket, id: AttachmentId) -> Result<FileContent, CaseworkError> {
        let (file, of, note) = self.store.read().await?.attachment(id).await?.ok_or(CaseworkError::NotFound)?;
        if of != ticket.id || note {
            return Err(CaseworkError::NotFound);
        }
        self.content(file).await
    }

    pub(super) async fn content(&self, file: Attachment) -> Result<FileContent, CaseworkError> {
        let blob = file.blob.ok_or(CaseworkError::NotFound)?;
        Ok(FileContent { bytes: self.store.blob_bytes(blob).await?, name: file.name, content_type: file.content_type })
    }

    /// The departments and present officers that a ticket can be handed to.
    pub async fn destinations(&self) -> Result<Vec<(Key, Vec<Person>)>, CaseworkError> {
        let people = self.store.read().await?.people().await?;
        let officers = |keys: &[Key]| keys.iter().filter_map(|key| people.iter().find(|p| p.key == *key && p.active).cloned()).collect();
        Ok(self.office.departments.iter().map(|d| (d.key.clone(), officers(&d.officers))).collect())
    }
}

enum Wanted {
    All(Filter),
    Nothing,
    One(TicketId),
}

/// The address that somebody wrote: `mailto:…`, `tel:…`, a plain e-mail address or telephone number; `None` when it is none.
pub fn read_address(text: &str) -> Option<Address> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if text.contains('@') {
        return Address::mail(text).ok();
    }
    let digits = folding::latin_digits(text).chars().filter(char::is_ascii_digit).count();
    if digits >= 8 { Address::phone(text, crate::domain::address::DEFAULT_COUNTRY).ok() } else { None }
}

/// People looked up once.
#[derive(Default)]
struct People(HashMap<PersonId, Option<Person>>);

impl People {
    async fn find(&mut self, read: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let person = read.person(id).await?;
        self.0.insert(id, person.clone());
        Ok(person)
    }
}
