//! Tickets, their references and their timeline.

use super::{
    Store, StoreError, Tx,
    codec::storable,
    conn::{row, sql},
};
use crate::domain::{
    Actor, AddressId, At, ChannelKind, ContactId, EventKind, Key, Language, PersonId, Pin, Priority, Reference, Status, Ticket, TicketId,
    event::EventData,
};
use futures_util::FutureExt;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

/// How many serial numbers are taken from the database at once; at most so many are skipped at a restart.
const SERIAL_BLOCK: i64 = 32;

/// Serial numbers taken from the database and not yet given to a ticket, by year.
#[derive(Default)]
pub struct Serials(Mutex<HashMap<i32, Vec<u32>>>);

impl Serials {
    fn take(&self, year: i32) -> Option<u32> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_mut(&year)?.pop()
    }

    fn put(&self, year: i32, serials: impl Iterator<Item = u32>) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).entry(year).or_default().extend(serials);
    }
}

row! {
    struct TicketRow {
        id: TicketId,
        reference: Reference,
        pin_sealed: Vec<u8>,
        status: Status,
        kind: Key,
        priority: Priority,
        language: Language,
        channel: ChannelKind,
        account: String,
        site: Option<Key>,
        department: Key,
        owner_id: PersonId,
        contact_id: ContactId,
        address_id: AddressId,
        confidential: bool,
        subject: Option<String>,
        subject_sealed: Option<Vec<u8>>,
        fields_sealed: Option<Vec<u8>>,
        conversation_sealed: Option<Vec<u8>>,
        reasons: String,
        opened_by: Option<PersonId>,
        created_at: At,
        updated_at: At,
        due_at: At,
        answered_at: Option<At>,
        resolved_at: Option<At>,
        closed_at: Option<At>,
    }
}

/// One entry of a timeline.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: At,
    pub actor: Actor,
    pub kind: EventKind,
    pub data: EventData,
}

row! {
    struct EventRow {
        at: At,
        actor: String,
        person_id: Option<PersonId>,
        kind: EventKind,
        data: String,
    }
}

/// One of the two holds the text, if there is one.
pub(super) type PlainOrSealed<'t> = (Option<Cow<'t, str>>, Option<Vec<u8>>);

const PIN: &str = "ticket.pin";
const SUBJECT: &str = "ticket.subject";
const FIELDS: &str = "ticket.fields";
const CONVERSATION: &str = "ticket.conversation";

impl Store {
    /// A reference that no ticket has, for a ticket of `year`. Numbers are taken from the database in blocks, so that
    /// transactions never wait for each other on a counter.
    pub async fn reserve_reference(&self, year: i32) -> Result<Reference, StoreError> {
        loop {
            if let Some(serial) = self.serials.take(year) {
                return Reference::new(year, serial).ok_or_else(|| StoreError::Corrupt("no reference is left in this year".into()));
            }
            let next: i64 = self.write(move |tx| async move { tx.take_serials(year).await }.boxed()).await?;
            // Given out from the end, so the block is put in falling order.
            self.serials.put(year, (next - SERIAL_BLOCK..next).rev().filter_map(|serial| u32::try_from(serial).ok()));
        }
    }

    /// Gives back a reference that was not used.
    pub fn release_reference(&self, year: i32, reference: Reference) {
        self.serials.put(year, std::iter::once(reference.serial()));
    }
}

impl Tx {
    /// Takes a block of serial numbers; the answer is the first one after it.
    async fn take_serials(&mut self, year: i32) -> Result<i64, StoreError> {
        let (next,): (i64,) = sql!(
            self,
            fetch_one as (i64,),
            "INSERT INTO serial (year, next) VALUES ($1, $2) ON CONFLICT (year) DO UPDATE SET next = serial.next + $3 RETURNING next",
            year.rem_euclid(100),
            1 + SERIAL_BLOCK,
            SERIAL_BLOCK
        )?;
        Ok(next)
    }

    pub async fn insert_ticket(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        let id = ticket.id.0;
        let pin = self.seal(PIN, id, ticket.pin.as_str().as_bytes())?;
        let (plain, sealed) = self.sealed_if(ticket.confidential, SUBJECT, id, ticket.subject.as_deref())?;
        let fields = if ticket.fields.is_empty() { None } else { Some(self.seal(FIELDS, id, &json_bytes(&ticket.fields)?)?) };
        let blind = ticket.conversation.as_deref().map(|c| self.blind("conversation", c)).transpose()?;
        let conversation = self.seal_some(CONVERSATION, id, ticket.conversation.as_deref())?;
        sql!(
            self,
            execute,
            "INSERT INTO ticket (id, reference, pin_sealed, status, kind, priority, language, channel, account, site, department, owner_id, contact_id, address_id, confidential, \
             subject, subject_sealed, fields_sealed, conversation_blind, conversation_sealed, reasons, opened_by, created_at, updated_at, due_at, answered_at, resolved_at, closed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
            ticket.id,
            ticket.reference,
            pin,
            ticket.status,
            &ticket.kind,
            ticket.priority,
            ticket.language,
            ticket.channel,
            &ticket.account,
            ticket.site.as_ref(),
            &ticket.department,
            ticket.owner,
            ticket.contact,
            ticket.address,
            ticket.confidential,
            plain,
            sealed,
            fields,
            blind,
            conversation,
            json_text(&ticket.reasons)?,
            ticket.opened_by,
            ticket.created_at,
            ticket.updated_at,
            ticket.due_at,
            ticket.answered_at,
            ticket.resolved_at,
            ticket.closed_at
        )?;
        Ok(())
    }

    /// Writes what can change about a ticket.
    pub async fn update_ticket(&mut self, ticket: &Ticket) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE ticket SET status = $2, kind = $3, priority = $4, site = $5, department = $6, owner_id = $7, address_id = $8, reasons = $9, \
             updated_at = $10, due_at = $11, answered_at = $12, resolved_at = $13, closed_at = $14 WHERE id = $1",
            ticket.id,
            ticket.status,
            &ticket.kind,
            ticket.priority,
            ticket.site.as_ref(),
            &ticket.department,
            ticket.owner,
            ticket.address,
            json_text(&ticket.reasons)?,
            ticket.updated_at,
            ticket.due_at,
            ticket.answered_at,
            ticket.resolved_at,
            ticket.closed_at
        )?;
        Ok(())
    }

    /// The ticket, on PostgreSQL locked until the end of the transaction.
    pub async fn lock_ticket(&mut self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        let row = sql!(self, fetch_optional as TicketRow,
            lite "SELECT id, reference, pin_sealed, status, kind, priority, language, channel, account, site, department, owner_id, contact_id, address_id, confidential, subject, subject_sealed, fields_sealed, conversation_sealed, reasons, opened_by, created_at, updated_at, due_at, answered_at, resolved_at, closed_at FROM ticket WHERE id = $1"
            pg "SELECT id, reference, pin_sealed, status, kind, priority, language, channel, account, site, department, owner_id, contact_id, address_id, confidential, subject, subject_sealed, fields_sealed, conversation_sealed, reasons, opened_by, created_at, updated_at, due_at, answered_at, resolved_at, closed_at FROM ticket WHERE id = $1 FOR UPDATE",
            id)?;
        row.map(|row| self.open_ticket(row)).transpose()
    }

    pub async fn ticket(&mut self, reference: Reference) -> Result<Option<Ticket>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as TicketRow,
            "SELECT id, reference, pin_sealed, status, kind, priority, language, channel, account, site, department, owner_id, contact_id, address_id, confidential, subject, subject_sealed, fields_sealed, conversation_sealed, reasons, opened_by, created_at, updated_at, due_at, answered_at, resolved_at, closed_at FROM ticket WHERE reference = $1",
            reference
        )?;
        row.map(|row| self.open_ticket(row)).transpose()
    }

    pub async fn find_ticket(&mut self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as TicketRow,
            "SELECT id, reference, pin_sealed, status, kind, priority, language, channel, account, site, department, owner_id, contact_id, address_id, confidential, subject, subject_sealed, fields_sealed, conversation_sealed, reasons, opened_by, created_at, updated_at, due_at, answered_at, resolved_at, closed_at FROM ticket WHERE id = $1",
            id
        )?;
        row.map(|row| self.open_ticket(row)).transpose()
    }

    /// Some of the open tickets that somebody owns, the oldest first.
    pub async fn open_tickets_of(&mut self, owner: PersonId, limit: i64) -> Result<Vec<TicketId>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as (TicketId,),
            "SELECT id FROM ticket WHERE owner_id = $1 AND status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam') ORDER BY created_at, id LIMIT $2",
            owner,
            limit
        )?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The newest ticket of a conversation.
    pub async fn conversation_ticket(&mut self, conversation: &str) -> Result<Option<Ticket>, StoreError> {
        let blind = self.blind("conversation", conversation)?;
        let row = sql!(
            self,
            fetch_optional as TicketRow,
            "SELECT id, reference, pin_sealed, status, kind, priority, language, channel, account, site, department, owner_id, contact_id, address_id, confidential, subject, subject_sealed, fields_sealed, conversation_sealed, reasons, opened_by, created_at, updated_at, due_at, answered_at, resolved_at, closed_at FROM ticket WHERE conversation_blind = $1 ORDER BY created_at DESC, id DESC LIMIT 1",
            blind
        )?;
        row.map(|row| self.open_ticket(row)).transpose()
    }

    fn open_ticket(&self, row: TicketRow) -> Result<Ticket, StoreError> {
        let id = row.id.0;
        let corrupt = |what: &str| StoreError::Corrupt(what.to_owned());
        let subject = match row.subject_sealed {
            Some(sealed) => Some(self.open(SUBJECT, id, &sealed)?),
            None => row.subject,
        };
        let fields: BTreeMap<String, String> = match self.open_some(FIELDS, id, row.fields_sealed.as_deref())? {
            Some(json) => serde_json::from_str(&json).map_err(|_| corrupt("ticket.fields"))?,
            None => BTreeMap::new(),
        };
        Ok(Ticket {
            id: row.id,
            reference: row.reference,
            pin: Pin::parse(&self.open(PIN, id, &row.pin_sealed)?).ok_or_else(|| corrupt("ticket.pin"))?,
            status: row.status,
            kind: row.kind,
            priority: row.priority,
            language: row.language,
            channel: row.channel,
            account: row.account,
            site: row.site,
            department: row.department,
            owner: row.owner_id,
            contact: row.contact_id,
            address: row.address_id,
            confidential: row.confidential,
            subject,
            fields,
            conversation: self.open_some(CONVERSATION, id, row.conversation_sealed.as_deref())?,
            reasons: serde_json::from_str(&row.reasons).map_err(|_| corrupt("ticket.reasons"))?,
            opened_by: row.opened_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            due_at: row.due_at,
            answered_at: row.answered_at,
            resolved_at: row.resolved_at,
            closed_at: row.closed_at,
        })
    }

    /// The text as it is, or sealed where its ticket is confidential.
    pub(super) fn sealed_if<'t>(
        &self,
        confidential: bool,
        column: &'static str,
        row: uuid::Uuid,
        text: Option<&'t str>,
    ) -> Result<PlainOrSealed<'t>, StoreError> {
        if confidential { Ok((None, self.seal_some(column, row, text)?)) } else { Ok((text.map(storable), None)) }
    }

    pub async fn insert_event(
        &mut self,
        ticket: TicketId,
        at: At,
        actor: Actor,
        kind: EventKind,
        data: &EventData,
    ) -> Result<(), StoreError> {
        self.insert_event_once(ticket, at, actor, kind, data, None).await
    }

    /// The same with the name of the form that asked for it; [`Tx::was_asked`] knows it from then on.
    pub async fn insert_event_once(
        &mut self,
        ticket: TicketId,
        at: At,
        actor: Actor,
        kind: EventKind,
        data: &EventData,
        nonce: Option<&str>,
    ) -> Result<(), StoreError> {
        let (name, person) = written(actor);
        sql!(
            self,
            execute,
            "INSERT INTO event (ticket_id, at, actor, person_id, kind, data, nonce) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            ticket,
            at,
            name,
            person,
            kind,
            json_text(data)?,
            nonce.map(storable)
        )?;
        Ok(())
    }

    /// The two entries that every timeline begins with: by whom the ticket was opened, and where the service sent it.
    pub async fn insert_opening(
        &mut self,
        ticket: TicketId,
        at: At,
        opened: (Actor, &EventData),
        routed: &EventData,
    ) -> Result<(), StoreError> {
        let ((opener, person), (service, _)) = (written(opened.0), written(Actor::System));
        sql!(
            self,
            execute,
            "INSERT INTO event (ticket_id, at, actor, person_id, kind, data) VALUES ($1, $2, $3, $4, $5, $6), ($1, $2, $7, NULL, $8, $9)",
            ticket,
            at,
            opener,
            person,
            EventKind::Opened,
            json_text(opened.1)?,
            service,
            EventKind::Routed,
            json_text(routed)?
        )?;
        Ok(())
    }

    /// Whether the form of this name has been done on the ticket.
    pub async fn was_asked(&mut self, ticket: TicketId, nonce: &str) -> Result<bool, StoreError> {
        let found = sql!(
            self,
            fetch_optional as (i64,),
            "SELECT CAST(1 AS BIGINT) FROM event WHERE ticket_id = $1 AND nonce = $2",
            ticket,
            storable(nonce)
        )?;
        Ok(found.is_some())
    }

    /// The names of all forms that were done on a ticket.
    pub async fn nonces(&mut self, ticket: TicketId) -> Result<Vec<String>, StoreError> {
        let found =
            sql!(self, fetch_all as (String,), "SELECT nonce FROM event WHERE ticket_id = $1 AND nonce IS NOT NULL ORDER BY seq", ticket)?;
        Ok(found.into_iter().map(|(nonce,)| nonce).collect())
    }

    /// The timeline, oldest first.
    pub async fn events(&mut self, ticket: TicketId) -> Result<Vec<Event>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as EventRow,
            "SELECT at, actor, person_id, kind, data FROM event WHERE ticket_id = $1 ORDER BY seq",
            ticket
        )?;
        rows.into_iter()
            .map(|row| {
                let actor = match (row.actor.as_str(), row.person_id) {
                    ("sender", _) => Actor::Sender,
                    ("person", Some(id)) => Actor::Person(id),
                    _ => Actor::System,
                };
                let data = serde_json::from_str(&row.data).map_err(|_| StoreError::Corrupt("event.data".into()))?;
                Ok(Event { at: row.at, actor, kind: row.kind, data })
            })
            .collect()
    }
}

/// How the one who did it lies in a row.
fn written(actor: Actor) -> (&'static str, Option<PersonId>) {
    match actor {
        Actor::Sender => ("sender", None),
        Actor::Person(id) => ("person", Some(id)),
        Actor::System => ("system", None),
    }
}

pub(super) fn json_text(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(super) fn json_bytes(value: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}
