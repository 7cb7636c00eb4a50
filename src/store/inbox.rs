//! Every raw message as received, and the names under which a second copy is recognised.

use super::{
    StoreError, Tx,
    codec::{id_list, storable},
    conn::{row, sql},
};
use crate::domain::{At, BlobId, ChannelKind, InboxId, MessageId, Reference, TicketId, ticket::named};

named! {
    /// What became of a raw message.
    InboxState { Processed = "processed", Quarantined = "quarantined" }
}

/// A raw message, without its bytes.
#[derive(Clone, Debug)]
pub struct InboxEntry {
    pub id: InboxId,
    pub channel: ChannelKind,
    pub account: String,
    pub content_type: String,
    /// In bytes, as received.
    pub size: u64,
    pub state: InboxState,
    pub ticket: Option<TicketId>,
    pub reference: Option<Reference>,
    pub message: Option<MessageId>,
    /// Whether it opened its ticket.
    pub opened: bool,
    /// Why it is in quarantine.
    pub trouble: Option<String>,
    pub received_at: At,
}

/// What a raw message became.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Became {
    pub ticket: TicketId,
    pub message: MessageId,
    /// Whether it opened the ticket.
    pub opened: bool,
}

/// A raw message to be kept.
#[derive(Clone)]
pub struct NewInbox {
    pub id: InboxId,
    pub channel: ChannelKind,
    pub account: String,
    pub content_type: String,
    pub keys: Vec<String>,
    pub received_at: At,
}

row! {
    struct InboxRow {
        id: InboxId,
        channel: ChannelKind,
        account: String,
        content_type: String,
        size: i64,
        state: String,
        ticket_id: Option<TicketId>,
        reference: Option<Reference>,
        message_id: Option<MessageId>,
        opened: bool,
        trouble: Option<String>,
        received_at: At,
    }
}

impl TryFrom<InboxRow> for InboxEntry {
    type Error = StoreError;
    fn try_from(row: InboxRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            channel: row.channel,
            account: row.account,
            content_type: row.content_type,
            size: row.size.unsigned_abs(),
            state: row.state.parse().map_err(|()| StoreError::Corrupt("inbox.state".into()))?,
            ticket: row.ticket_id,
            reference: row.reference,
            message: row.message_id,
            opened: row.opened,
            trouble: row.trouble,
            received_at: row.received_at,
        })
    }
}

const RAW: &str = "inbox_raw.bytes";
const KEY: &str = "inbox_key.key";
/// zstd's level: about as fast as reading the bytes, mail shrinks to a third.
const LEVEL: i32 = 3;
/// No raw message is larger when unpacked, in bytes.
const RAW_LIMIT: usize = 256 << 20;

/// The name under which a key lies: keys of different channels never meet.
fn key_name(channel: ChannelKind, key: &str) -> String {
    format!("{channel} {key}")
}

fn key_of(name: &str) -> String {
    name.split_once(' ').map_or(name, |(_, key)| key).to_owned()
}

impl Tx {
    /// What the first copy became, if any of the keys was seen before.
    pub async fn seen(&mut self, channel: ChannelKind, keys: &[String]) -> Result<Option<InboxEntry>, StoreError> {
        for key in keys {
            let blind = self.blind("inbox key", &key_name(channel, key))?;
            let row = sql!(
                self,
                fetch_optional as InboxRow,
                "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at \
                 FROM inbox_key k JOIN inbox i ON i.id = k.inbox_id LEFT JOIN ticket t ON t.id = i.ticket_id WHERE k.key_blind = $1",
                blind
            )?;
            if let Some(row) = row {
                return row.try_into().map(Some);
            }
        }
        Ok(None)
    }

    /// Keeps the raw bytes and the keys, as quarantined until [`Tx::inbox_processed`] says otherwise. `false` when another
    /// replica took in the same message at this moment: the transaction must then be given up.
    pub async fn insert_inbox(&mut self, new: &NewInbox, raw: &[u8]) -> Result<bool, StoreError> {
        self.insert_raw(new, raw, InboxState::Quarantined, None, None).await
    }

    /// The same for a message that is processed already, in this transaction.
    pub async fn insert_processed(&mut self, new: &NewInbox, raw: &[u8], became: Option<Became>, now: At) -> Result<bool, StoreError> {
        self.insert_raw(new, raw, InboxState::Processed, became, Some(now)).await
    }

    async fn insert_raw(
        &mut self,
        new: &NewInbox,
        raw: &[u8],
        state: InboxState,
        became: Option<Became>,
        processed_at: Option<At>,
    ) -> Result<bool, StoreError> {
        let packed = zstd::bulk::compress(raw, LEVEL).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let sealed = self.seal(RAW, new.id.0, &packed)?;
        sql!(
            self,
            execute,
            "INSERT INTO inbox (id, channel, account, content_type, size, state, ticket_id, message_id, opened, received_at, processed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            new.id,
            new.channel,
            &new.account,
            storable(&new.content_type),
            i64::try_from(raw.len()).unwrap_or(i64::MAX),
            state.as_str(),
            became.map(|became| became.ticket),
            became.map(|became| became.message),
            became.is_some_and(|became| became.opened),
            new.received_at,
            processed_at
        )?;
        sql!(self, execute, "INSERT INTO inbox_raw (inbox_id, bytes_sealed) VALUES ($1, $2)", new.id, sealed)?;
        for (position, blind, key) in self.blinded(new)? {
            let sealed = self.seal(KEY, new.id.0, key.as_bytes())?;
            let added = sql!(
                self,
                execute,
                "INSERT INTO inbox_key (key_blind, inbox_id, position, key_sealed) VALUES ($1, $2, $3, $4) ON CONFLICT (key_blind) DO NOTHING",
                blind,
                new.id,
                position,
                sealed
            )?;
            if added == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Each key of a message once, with its place and its hash; in the order of the hashes, so that two replicas with copies
    /// of one message wait for each other and never both.
    fn blinded(&self, new: &NewInbox) -> Result<Vec<(i32, Vec<u8>, String)>, StoreError> {
        let mut blinded = Vec::with_capacity(new.keys.len());
        for (position, key) in (0..).zip(&new.keys) {
            let name = key_name(new.channel, key);
            blinded.push((position, self.blind("inbox key", &name)?, name));
        }
        blinded.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        blinded.dedup_by(|later, first| later.1 == first.1);
        Ok(blinded)
    }

    pub async fn inbox_processed(&mut self, id: InboxId, became: Option<Became>, now: At) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE inbox SET state = 'processed', ticket_id = $2, message_id = $3, opened = $4, trouble = NULL, processed_at = $5 WHERE id = $1",
            id,
            became.map(|became| became.ticket),
            became.map(|became| became.message),
            became.is_some_and(|became| became.opened),
            now
        )?;
        Ok(())
    }

    /// Puts it into quarantine, and holds the contents that it needs when it is processed again.
    pub async fn inbox_quarantined(&mut self, id: InboxId, trouble: &str, needs: &[BlobId]) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE inbox SET state = 'quarantined', trouble = $2 WHERE id = $1", id, storable(trouble))?;
        if !needs.is_empty() {
            sql!(self, execute,
                lite "INSERT INTO inbox_blob (inbox_id, blob_id) SELECT $1, id FROM blob WHERE id IN (SELECT unhex(value) FROM json_each($2)) ON CONFLICT DO NOTHING"
                pg "INSERT INTO inbox_blob (inbox_id, blob_id) SELECT $1, id FROM blob WHERE id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($2 AS JSON))) ON CONFLICT DO NOTHING",
                id, id_list(needs.iter().map(|blob| blob.0)))?;
        }
        Ok(())
    }

    /// Raw messages, the newest first.
    pub async fn list_inbox(&mut self, state: Option<InboxState>, limit: i64) -> Result<Vec<InboxEntry>, StoreError> {
        let rows = match state {
            Some(state) => sql!(
                self,
                fetch_all as InboxRow,
                "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at \
                 FROM inbox i LEFT JOIN ticket t ON t.id = i.ticket_id WHERE i.state = $1 ORDER BY i.received_at DESC, i.id DESC LIMIT $2",
                state.as_str(),
                limit
            )?,
            None => sql!(
                self,
                fetch_all as InboxRow,
                "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at \
                 FROM inbox i LEFT JOIN ticket t ON t.id = i.ticket_id ORDER BY i.received_at DESC, i.id DESC LIMIT $1",
                limit
            )?,
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Raw messages in quarantine, the newest first, from below `after` on.
    pub async fn quarantined(&mut self, after: Option<(At, InboxId)>, limit: i64) -> Result<Vec<InboxEntry>, StoreError> {
        let (at, id) = after.unwrap_or((At(i64::MAX), InboxId(uuid::Uuid::max())));
        let rows = sql!(
            self,
            fetch_all as InboxRow,
            "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at \
             FROM inbox i LEFT JOIN ticket t ON t.id = i.ticket_id WHERE i.state = 'quarantined' AND (i.received_at, i.id) < ($1, $2) ORDER BY i.received_at DESC, i.id DESC LIMIT $3",
            at,
            id,
            limit
        )?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A raw message with its bytes and keys.
    pub async fn inbox_raw(&mut self, id: InboxId) -> Result<Option<(InboxEntry, Vec<u8>, Vec<String>)>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as InboxRow,
            "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at \
             FROM inbox i LEFT JOIN ticket t ON t.id = i.ticket_id WHERE i.id = $1",
            id
        )?;
        match row {
            Some(row) => self.open_inbox(row).await.map(Some),
            None => Ok(None),
        }
    }

    /// A raw message with its bytes; on PostgreSQL locked, so that two people do not replay it at once.
    pub async fn lock_inbox(&mut self, id: InboxId) -> Result<Option<(InboxEntry, Vec<u8>, Vec<String>)>, StoreError> {
        let row = sql!(self, fetch_optional as InboxRow,
            lite "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at FROM inbox i LEFT JOIN ticket t ON t.id = i.ticket_id WHERE i.id = $1"
            pg "SELECT i.id, i.channel, i.account, i.content_type, i.size, i.state, i.ticket_id, t.reference, i.message_id, i.opened, i.trouble, i.received_at FROM inbox i LEFT JOIN ticket t ON t.id = i.ticket_id WHERE i.id = $1 FOR UPDATE OF i",
            id)?;
        match row {
            Some(row) => self.open_inbox(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn open_inbox(&mut self, row: InboxRow) -> Result<(InboxEntry, Vec<u8>, Vec<String>), StoreError> {
        let id = row.id;
        let (sealed,): (Vec<u8>,) = sql!(self, fetch_one as (Vec<u8>,), "SELECT bytes_sealed FROM inbox_raw WHERE inbox_id = $1", id)?;
        let packed = self.vault.open(crate::vault::Place { column: RAW, row: id.0 }, &sealed)?;
        let size = usize::try_from(row.size).unwrap_or(0).min(RAW_LIMIT);
        let raw = zstd::bulk::decompress(&packed, size).map_err(|e| StoreError::Corrupt(format!("inbox_raw: {e}")))?;
        let keys = sql!(self, fetch_all as (Vec<u8>,), "SELECT key_sealed FROM inbox_key WHERE inbox_id = $1 ORDER BY position", id)?;
        let keys = keys.into_iter().map(|(sealed,)| Ok(key_of(&self.open(KEY, id.0, &sealed)?))).collect::<Result<Vec<_>, StoreError>>()?;
        Ok((row.try_into()?, raw, keys))
    }

    /// How many are in quarantine, by channel.
    pub async fn quarantine_counts(&mut self) -> Result<Vec<(ChannelKind, i64)>, StoreError> {
        Ok(sql!(self, fetch_all as (ChannelKind, i64), "SELECT channel, COUNT(*) FROM inbox WHERE state = 'quarantined' GROUP BY channel")?)
    }

    /// When each channel last took something in.
    pub async fn last_received(&mut self) -> Result<Vec<(ChannelKind, At)>, StoreError> {
        let mut latest = Vec::new();
        // One step into the index each, however many messages there are.
        for channel in ChannelKind::ALL.iter().copied() {
            let (at,): (Option<At>,) =
                sql!(self, fetch_one as (Option<At>,), "SELECT MAX(received_at) FROM inbox WHERE channel = $1", channel)?;
            latest.extend(at.map(|at| (channel, at)));
        }
        Ok(latest)
    }
}
