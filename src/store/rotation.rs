//! Seals everything again with another key of the vault, and makes every keyed hash anew.

use super::{
    Engine, Store, StoreError, Tx,
    conn::{On, sql},
    search,
};
use crate::{
    domain::InboxId,
    vault::{Place, Vault},
};
use futures_util::FutureExt;
use std::sync::Arc;

/// One sealed column of the schema, with the keyed hash beside it that is made of the same value.
struct Sealed {
    table: &'static str,
    /// The column whose id is bound into the value.
    row: &'static str,
    column: &'static str,
    /// The name bound into the value.
    place: &'static str,
    hash: Option<Hash>,
    /// How many are sealed again at once: one where a value can be as large as a mail with its attachments.
    page: u16,
}

/// A keyed hash of what a sealed column holds.
struct Hash {
    column: &'static str,
    /// What the vault calls the thing.
    what: &'static str,
    /// SQL for the scheme that stands before the value in the hash; `''` for none.
    scheme: &'static str,
}

const fn sealed(table: &'static str, column: &'static str, place: &'static str) -> Sealed {
    Sealed { table, row: "id", column, place, hash: None, page: 200 }
}

impl Sealed {
    const fn found_by(self, column: &'static str, what: &'static str, scheme: &'static str) -> Self {
        Self { hash: Some(Hash { column, what, scheme }), ..self }
    }
}

/// Every sealed column, except `inbox_key.key_sealed` and `vault_state.proof_sealed`, which have statements of their own; a
/// test compares with the schema.
const SEALED: &[Sealed] = &[
    sealed("person", "name_sealed", "person.name"),
    sealed("person", "email_sealed", "person.email").found_by("email_blind", "address", "'mailto'"),
    sealed("contact", "name_sealed", "contact.name"),
    sealed("address", "value_sealed", "address.value").found_by("value_blind", "address", "scheme"),
    sealed("ticket", "pin_sealed", "ticket.pin"),
    sealed("ticket", "subject_sealed", "ticket.subject"),
    sealed("ticket", "fields_sealed", "ticket.fields"),
    sealed("ticket", "conversation_sealed", "ticket.conversation").found_by("conversation_blind", "conversation", "''"),
    sealed("message", "body_sealed", "message.body"),
    sealed("message", "fresh_sealed", "message.fresh"),
    sealed("blob", "sha256_sealed", "blob.sha256").found_by("fingerprint_blind", "blob", "''"),
    sealed("blob", "key_sealed", "blob.key"),
    sealed("attachment", "name_sealed", "attachment.name"),
    sealed("upload", "name_sealed", "upload.name"),
    Sealed { row: "inbox_id", page: 1, ..sealed("inbox_raw", "bytes_sealed", "inbox_raw.bytes") },
    sealed("notice", "to_sealed", "notice.to").found_by("to_blind", "address", "scheme"),
    sealed("notice", "content_sealed", "notice.content"),
    sealed("mailbox_token", "access_sealed", "mailbox_token.access"),
    sealed("mailbox_token", "refresh_sealed", "mailbox_token.refresh"),
];

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotated {
    /// Values sealed again.
    pub values: u64,
}

impl Store {
    /// Seals every value with the highest key of `vault`, which must hold the present keys too, in one transaction, and then
    /// closes the store: it must be opened anew with that vault. No other program uses the database meanwhile: the store must
    /// have been opened with [`Access::Alone`](super::Access::Alone).
    ///
    /// # Errors
    /// [`StoreError::NotAlone`]; or when a value can't be opened: nothing is changed then, and the store goes on with the keys
    /// it has.
    pub async fn rotate(&self, vault: Vault) -> Result<Rotated, StoreError> {
        if matches!(&self.engine, Engine::Pg(_, guard) if !guard.is_alone()) {
            return Err(StoreError::NotAlone);
        }
        let vault = Arc::new(vault);
        let done = self
            .write(move |tx| {
                async move {
                    let old = std::mem::replace(&mut tx.vault, vault);
                    let done = tx.reseal_all().await;
                    tx.vault = old;
                    done
                }
                .boxed()
            })
            .await?;
        self.close().await;
        Ok(done)
    }
}

impl Tx {
    async fn reseal_all(&mut self) -> Result<Rotated, StoreError> {
        let mut done = Rotated::default();
        for column in SEALED {
            done.values += self.reseal_column(column).await?;
        }
        done.values += self.reseal_inbox_keys().await?;
        self.rebuild_search().await?;
        self.forget_domains().await?;
        let proof = self.vault.seal(super::PROOF, b"tawasul")?;
        let primary = i32::from(self.vault.primary());
        sql!(self, execute, "UPDATE vault_state SET primary_key = $1, proof_sealed = $2 WHERE id = 1", primary, proof)?;
        Ok(done)
    }

    async fn reseal_column(&mut self, sealed: &Sealed) -> Result<u64, StoreError> {
        let (mut last, mut count) = (uuid::Uuid::nil(), 0);
        loop {
            let page = self.sealed_page(sealed, last).await?;
            let Some((end, ..)) = page.last() else { return Ok(count) };
            last = *end;
            for (id, value, scheme) in page {
                let plain = self.vault.open(Place { column: sealed.place, row: id }, &value)?;
                let again = self.seal(sealed.place, id, &plain)?;
                let blind = sealed.hash.as_ref().map(|hash| self.hashed(hash, &scheme, &plain)).transpose()?;
                self.replace_sealed(sealed, id, again, blind).await?;
                count += 1;
            }
        }
    }

    /// The next values after `last`, with the scheme that the hash of each begins with.
    async fn sealed_page(&mut self, sealed: &Sealed, last: uuid::Uuid) -> Result<Vec<(uuid::Uuid, Vec<u8>, String)>, StoreError> {
        let Sealed { table, row, column, page, .. } = sealed;
        let scheme = sealed.hash.as_ref().map_or("''", |hash| hash.scheme);
        let select = sqlx::AssertSqlSafe(format!(
            "SELECT {row}, {column}, CAST({scheme} AS TEXT) FROM {table} WHERE {row} > $1 AND {column} IS NOT NULL ORDER BY {row} LIMIT {page}"
        ));
        Ok(match self.on() {
            On::Lite(c) => sqlx::query_as(select).bind(last).fetch_all(c).await?,
            On::Pg(c) => sqlx::query_as(select).bind(last).fetch_all(c).await?,
        })
    }

    fn hashed(&self, hash: &Hash, scheme: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let before = if scheme.is_empty() { String::new() } else { format!("{scheme}:") };
        Ok(self.vault.blind_bytes(hash.what, &[before.as_bytes(), plain].concat())?.to_vec())
    }

    async fn replace_sealed(&mut self, sealed: &Sealed, id: uuid::Uuid, value: Vec<u8>, blind: Option<Vec<u8>>) -> Result<(), StoreError> {
        let Sealed { table, row, column, .. } = sealed;
        let hash = sealed.hash.as_ref().map_or(String::new(), |hash| format!(", {} = $3", hash.column));
        let update = sqlx::AssertSqlSafe(format!("UPDATE {table} SET {column} = $1{hash} WHERE {row} = $2"));
        match self.on() {
            On::Lite(c) => match blind {
                Some(blind) => sqlx::query(update).bind(value).bind(id).bind(blind).execute(c).await.map(drop)?,
                None => sqlx::query(update).bind(value).bind(id).execute(c).await.map(drop)?,
            },
            On::Pg(c) => match blind {
                Some(blind) => sqlx::query(update).bind(value).bind(id).bind(blind).execute(c).await.map(drop)?,
                None => sqlx::query(update).bind(value).bind(id).execute(c).await.map(drop)?,
            },
        }
        Ok(())
    }

    async fn reseal_inbox_keys(&mut self) -> Result<u64, StoreError> {
        let (mut last, mut place, mut count) = (InboxId(uuid::Uuid::nil()), -1, 0);
        loop {
            // By message and place: the hashes change on the way.
            let page = sql!(
                self,
                fetch_all as (InboxId, i32, Vec<u8>),
                "SELECT inbox_id, position, key_sealed FROM inbox_key WHERE (inbox_id, position) > ($1, $2) ORDER BY inbox_id, position LIMIT 500",
                last,
                place
            )?;
            let Some((end, position, _)) = page.last() else { return Ok(count) };
            (last, place) = (*end, *position);
            for (id, position, sealed) in page {
                let name = self.open("inbox_key.key", id.0, &sealed)?;
                let (blind, again) = (self.blind("inbox key", &name)?, self.seal("inbox_key.key", id.0, name.as_bytes())?);
                sql!(
                    self,
                    execute,
                    "UPDATE inbox_key SET key_blind = $3, key_sealed = $4 WHERE inbox_id = $1 AND position = $2",
                    id,
                    position,
                    blind,
                    again
                )?;
                count += 1;
            }
        }
    }

    /// The names in the search index are keyed hashes too.
    async fn rebuild_search(&mut self) -> Result<(), StoreError> {
        sql!(self, execute, "DELETE FROM message_search")?;
        let mut last = 0i64;
        loop {
            let page: Vec<(i64, String, crate::domain::ContactId, String, Option<String>)> = sql!(
                self,
                fetch_all as (i64, String, crate::domain::ContactId, String, Option<String>),
                "SELECT m.seq, m.body, t.contact_id, m.direction, t.subject FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.seq > $1 AND m.body IS NOT NULL ORDER BY m.seq LIMIT 50",
                last
            )?;
            let Some(end) = page.last() else { return Ok(()) };
            last = end.0;
            for (seq, body, contact, direction, subject) in page {
                let inbound = direction == "inbound";
                let name = if inbound { self.contact(contact).await?.name } else { None };
                let words = search::document(&self.vault, &body, subject.as_deref().filter(|_| inbound), name.as_deref())?;
                self.index_words(seq, &words).await?;
            }
        }
    }
}
