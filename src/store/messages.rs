//! The messages of a ticket.

use super::{
    StoreError, Tx,
    codec::{id_list, storable},
    conn::{row, sql},
    search,
};
use crate::domain::{AddressId, At, ChannelKind, ContactId, Direction, MessageId, PersonId, TicketId};

/// One thing said on a ticket.
#[derive(Clone)]
pub struct Message {
    pub id: MessageId,
    pub ticket: TicketId,
    pub direction: Direction,
    pub channel: ChannelKind,
    /// Our account it came in by or went out from.
    pub account: String,
    /// The member of staff who wrote it.
    pub person: Option<PersonId>,
    /// The address it came from, where that is not the ticket's.
    pub address: Option<AddressId>,
    pub external_id: Option<String>,
    pub body: String,
    /// What is newly written, where that differs from the body.
    pub fresh: Option<String>,
    pub sent_at: Option<At>,
    pub created_at: At,
}

row! {
    struct MessageRow {
        id: MessageId,
        ticket_id: TicketId,
        direction: Direction,
        channel: ChannelKind,
        account: String,
        person_id: Option<PersonId>,
        address_id: Option<AddressId>,
        external_id: Option<String>,
        body: Option<String>,
        body_sealed: Option<Vec<u8>>,
        fresh: Option<String>,
        fresh_sealed: Option<Vec<u8>>,
        sent_at: Option<At>,
        created_at: At,
    }
}

row! {
    /// A ticket found by the external id of one of its messages or notices.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Answered {
        pub ticket_id: TicketId,
        pub contact_id: ContactId,
        /// Whether the message was ours: then only its recipient can know the id.
        pub ours: bool,
    }
}

const BODY: &str = "message.body";
const FRESH: &str = "message.fresh";

impl Tx {
    /// Saves a message. Unless the ticket is confidential, its words, those of `subject`, and the sender's name can be searched.
    pub async fn insert_message(
        &mut self,
        message: &Message,
        confidential: bool,
        subject: Option<&str>,
        name: Option<&str>,
    ) -> Result<(), StoreError> {
        let id = message.id.0;
        let (body, body_sealed) = self.sealed_if(confidential, BODY, id, Some(&message.body))?;
        let (fresh, fresh_sealed) = self.sealed_if(confidential, FRESH, id, message.fresh.as_deref())?;
        let (seq,): (i64,) = sql!(
            self,
            fetch_one as (i64,),
            "INSERT INTO message (id, ticket_id, direction, channel, account, person_id, address_id, external_id, body, body_sealed, fresh, fresh_sealed, sent_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING seq",
            message.id,
            message.ticket,
            message.direction,
            message.channel,
            &message.account,
            message.person,
            message.address,
            message.external_id.as_deref().map(storable),
            body,
            body_sealed,
            fresh,
            fresh_sealed,
            message.sent_at,
            message.created_at
        )?;
        if !confidential {
            let words = search::document(&self.vault, &message.body, subject, name)?;
            self.index_words(seq, &words).await?;
        }
        Ok(())
    }

    /// The conversation, oldest first.
    pub async fn messages(&mut self, ticket: TicketId) -> Result<Vec<Message>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as MessageRow,
            "SELECT id, ticket_id, direction, channel, account, person_id, address_id, external_id, body, body_sealed, fresh, fresh_sealed, sent_at, created_at FROM message WHERE ticket_id = $1 ORDER BY seq",
            ticket
        )?;
        rows.into_iter().map(|row| self.open_message(row)).collect()
    }

    fn open_message(&self, row: MessageRow) -> Result<Message, StoreError> {
        let body = match row.body_sealed {
            Some(sealed) => self.open(BODY, row.id.0, &sealed)?,
            None => row.body.unwrap_or_default(),
        };
        let fresh = match row.fresh_sealed {
            Some(sealed) => Some(self.open(FRESH, row.id.0, &sealed)?),
            None => row.fresh,
        };
        Ok(Message {
            id: row.id,
            ticket: row.ticket_id,
            direction: row.direction,
            channel: row.channel,
            account: row.account,
            person: row.person_id,
            address: row.address_id,
            external_id: row.external_id,
            body,
            fresh,
            sent_at: row.sent_at,
            created_at: row.created_at,
        })
    }

    /// How each of these tickets begins, in at most so many characters, and which way its last message went that was no note; the
    /// beginning of a confidential one is not told.
    pub async fn glances(
        &mut self,
        tickets: &[TicketId],
        characters: i64,
    ) -> Result<Vec<(TicketId, Option<String>, Option<Direction>)>, StoreError> {
        Ok(sql!(self, fetch_all as (TicketId, Option<String>, Option<Direction>),
            lite "SELECT t.id, SUBSTR((SELECT COALESCE(fresh, body) FROM message WHERE ticket_id = t.id ORDER BY seq LIMIT 1), 1, $2), \
                  (SELECT direction FROM message WHERE ticket_id = t.id AND direction <> 'note' ORDER BY seq DESC LIMIT 1) \
                  FROM ticket t WHERE t.id IN (SELECT unhex(value) FROM json_each($1))"
            pg "SELECT t.id, SUBSTR((SELECT COALESCE(fresh, body) FROM message WHERE ticket_id = t.id ORDER BY seq LIMIT 1), 1, CAST($2 AS INT)), \
                (SELECT direction FROM message WHERE ticket_id = t.id AND direction <> 'note' ORDER BY seq DESC LIMIT 1) \
                FROM ticket t WHERE t.id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON)))",
            id_list(tickets.iter().map(|id| id.0)), characters)?)
    }

    /// The ticket that a message with this external id belongs to: one of our notices, or a message we received. The newest
    /// first where several have it.
    pub async fn answered(&mut self, external_id: &str) -> Result<Option<Answered>, StoreError> {
        Ok(sql!(
            self,
            fetch_optional as Answered,
            "SELECT ticket_id, contact_id, ours FROM (\
               SELECT n.ticket_id, t.contact_id, TRUE AS ours, n.created_at FROM notice n JOIN ticket t ON t.id = n.ticket_id WHERE n.external_id = $1 AND n.audience = 'sender' \
               UNION ALL \
               SELECT m.ticket_id, t.contact_id, FALSE AS ours, m.created_at FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.external_id = $1 AND m.direction = 'inbound'\
             ) AS found ORDER BY ours DESC, created_at DESC LIMIT 1",
            storable(external_id)
        )?)
    }

    /// The external ids of a ticket's conversation with the sender on one channel, oldest first.
    pub async fn thread_ids(&mut self, ticket: TicketId, channel: ChannelKind) -> Result<Vec<String>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as (String, At),
            "SELECT external_id, created_at FROM message WHERE ticket_id = $1 AND channel = $2 AND direction = 'inbound' AND external_id IS NOT NULL \
             UNION ALL \
             SELECT external_id, created_at FROM notice WHERE ticket_id = $1 AND channel = $2 AND audience = 'sender' AND external_id IS NOT NULL \
             ORDER BY created_at",
            ticket,
            channel
        )?;
        Ok(rows.into_iter().map(|(id, _)| id).collect())
    }
}
