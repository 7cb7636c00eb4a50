//! Seals everything again with another key of the vault, and makes every keyed hash anew.

use super::{
    Store, StoreError, Tx,
    conn::{On, sql},
    search,
};
use crate::{domain::Scheme, vault::Vault};
use futures_util::FutureExt;
use std::sync::Arc;

/// One sealed column: table, row id, column, and the name bound into the value. Every sealed column of the schema is here;
/// a test compares.
const SEALED: &[(&str, &str, &str, &str)] = &[
    ("person", "id", "name_sealed", "person.name"),
    ("person", "id", "email_sealed", "person.email"),
    ("contact", "id", "name_sealed", "contact.name"),
    ("address", "id", "value_sealed", "address.value"),
    ("ticket", "id", "pin_sealed", "ticket.pin"),
    ("ticket", "id", "subject_sealed", "ticket.subject"),
    ("ticket", "id", "fields_sealed", "ticket.fields"),
    ("ticket", "id", "conversation_sealed", "ticket.conversation"),
    ("message", "id", "body_sealed", "message.body"),
    ("message", "id", "fresh_sealed", "message.fresh"),
    ("blob", "id", "sha256_sealed", "blob.sha256"),
    ("blob", "id", "key_sealed", "blob.key"),
    ("attachment", "id", "name_sealed", "attachment.name"),
    ("upload", "id", "name_sealed", "upload.name"),
    ("inbox_raw", "inbox_id", "bytes_sealed", "inbox_raw.bytes"),
    ("notice", "id", "to_sealed", "notice.to"),
    ("notice", "id", "content_sealed", "notice.content"),
];

/// Rows that are sealed again at once.
const PAGE: i64 = 500;

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotated {
    /// Values sealed again.
    pub values: u64,
}

impl Store {
    /// Seals every value with the highest key of `vault`, which must hold the present keys too, in one transaction. The store
    /// must be opened anew afterwards.
    pub async fn rotate(&self, vault: Vault) -> Result<Rotated, StoreError> {
        let vault = Arc::new(vault);
        self.write(move |tx| {
            async move {
                let old = std::mem::replace(&mut tx.vault, vault);
                let done = tx.reseal_all().await;
                if done.is_err() {
                    tx.vault = old;
                }
                done
            }
            .boxed()
        })
        .await
    }
}

impl Tx {
    async fn reseal_all(&mut self) -> Result<Rotated, StoreError> {
        let mut done = Rotated::default();
        for (table, row, column, place) in SEALED {
            done.values += self.reseal_column(table, row, column, place).await?;
        }
        done.values += self.reseal_inbox_keys().await?;
        self.rehash().await?;
        self.rebuild_search().await?;
        let proof = self.vault.seal(super::PROOF, b"tawasul")?;
        let primary = i32::from(self.vault.primary());
        sql!(self, execute, "UPDATE vault_state SET primary_key = $1, proof_sealed = $2 WHERE id = 1", primary, proof)?;
        Ok(done)
    }

    async fn reseal_column(&mut self, table: &str, row: &str, column: &str, place: &'static str) -> Result<u64, StoreError> {
        let (mut last, mut count) = (uuid::Uuid::nil(), 0);
        loop {
            let select =
                format!("SELECT {row}, {column} FROM {table} WHERE {row} > $1 AND {column} IS NOT NULL ORDER BY {row} LIMIT {PAGE}");
            let page: Vec<(uuid::Uuid, Vec<u8>)> = match self.on() {
                On::Lite(c) => sqlx::query_as(sqlx::AssertSqlSafe(select)).bind(last).fetch_all(c).await?,
                On::Pg(c) => sqlx::query_as(sqlx::AssertSqlSafe(select)).bind(last).fetch_all(c).await?,
            };
            let Some((end, _)) = page.last() else { return Ok(count) };
            last = *end;
            for (id, sealed) in page {
                let plain = self.vault.open(crate::vault::Place { column: place, row: id }, &sealed)?;
                let again = self.seal(place, id, &plain)?;
                let update = format!("UPDATE {table} SET {column} = $1 WHERE {row} = $2");
                match self.on() {
                    On::Lite(c) => sqlx::query(sqlx::AssertSqlSafe(update)).bind(again).bind(id).execute(c).await.map(drop)?,
                    On::Pg(c) => sqlx::query(sqlx::AssertSqlSafe(update)).bind(again).bind(id).execute(c).await.map(drop)?,
                }
                count += 1;
            }
        }
    }

    async fn reseal_inbox_keys(&mut self) -> Result<u64, StoreError> {
        let mut count = 0;
        let mut last = Vec::new();
        let mut changed = Vec::new();
        loop {
            let page: Vec<(Vec<u8>, crate::domain::InboxId, Vec<u8>)> = sql!(
                self,
                fetch_all as (Vec<u8>, crate::domain::InboxId, Vec<u8>),
                "SELECT key_blind, inbox_id, key_sealed FROM inbox_key WHERE key_blind > $1 ORDER BY key_blind LIMIT 500",
                last.clone()
            )?;
            let Some((end, _, _)) = page.last() else { break };
            last = end.clone();
            changed.extend(page);
        }
        for (old, id, sealed) in changed {
            let name = self.open("inbox_key.key", id.0, &sealed)?;
            let (blind, again) = (self.blind("inbox key", &name)?, self.seal("inbox_key.key", id.0, name.as_bytes())?);
            sql!(self, execute, "UPDATE inbox_key SET key_blind = $2, key_sealed = $3 WHERE key_blind = $1", old, blind, again)?;
            count += 1;
        }
        Ok(count)
    }

    /// The keyed hashes beside sealed values.
    async fn rehash(&mut self) -> Result<(), StoreError> {
        for (id, scheme, sealed) in sql!(self, fetch_all as (uuid::Uuid, Scheme, Vec<u8>), "SELECT id, scheme, value_sealed FROM address")?
        {
            let value = format!("{}:{}", scheme.as_str(), self.open("address.value", id, &sealed)?);
            let blind = self.blind("address", &value)?;
            sql!(self, execute, "UPDATE address SET value_blind = $2 WHERE id = $1", id, blind)?;
        }
        for (id, sealed) in
            sql!(self, fetch_all as (uuid::Uuid, Vec<u8>), "SELECT id, email_sealed FROM person WHERE email_sealed IS NOT NULL")?
        {
            let value = format!("mailto:{}", self.open("person.email", id, &sealed)?);
            let blind = self.blind("address", &value)?;
            sql!(self, execute, "UPDATE person SET email_blind = $2 WHERE id = $1", id, blind)?;
        }
        for (id, sealed) in sql!(
            self,
            fetch_all as (uuid::Uuid, Vec<u8>),
            "SELECT id, conversation_sealed FROM ticket WHERE conversation_sealed IS NOT NULL"
        )? {
            let value = self.open("ticket.conversation", id, &sealed)?;
            let blind = self.blind("conversation", &value)?;
            sql!(self, execute, "UPDATE ticket SET conversation_blind = $2 WHERE id = $1", id, blind)?;
        }
        for (id, scheme, sealed) in sql!(
            self,
            fetch_all as (uuid::Uuid, Scheme, Vec<u8>),
            "SELECT id, scheme, to_sealed FROM notice WHERE to_sealed IS NOT NULL AND scheme IS NOT NULL"
        )? {
            let value = format!("{}:{}", scheme.as_str(), self.open("notice.to", id, &sealed)?);
            let blind = self.blind("address", &value)?;
            sql!(self, execute, "UPDATE notice SET to_blind = $2 WHERE id = $1", id, blind)?;
        }
        for (id, sealed) in sql!(self, fetch_all as (uuid::Uuid, Vec<u8>), "SELECT id, sha256_sealed FROM blob")? {
            let digest = self.vault.open(crate::vault::Place { column: "blob.sha256", row: id }, &sealed)?;
            let blind = self.vault.blind_bytes("blob", &digest)?.to_vec();
            sql!(self, execute, "UPDATE blob SET fingerprint_blind = $2 WHERE id = $1", id, blind)?;
        }
        Ok(())
    }

    /// The names in the search index are keyed hashes too.
    async fn rebuild_search(&mut self) -> Result<(), StoreError> {
        sql!(self, execute, "DELETE FROM message_search")?;
        let mut last = 0i64;
        loop {
            let page: Vec<(i64, String, crate::domain::ContactId, String, Option<String>)> = sql!(
                self,
                fetch_all as (i64, String, crate::domain::ContactId, String, Option<String>),
                "SELECT m.seq, m.body, t.contact_id, m.direction, t.subject FROM message m JOIN ticket t ON t.id = m.ticket_id WHERE m.seq > $1 AND m.body IS NOT NULL ORDER BY m.seq LIMIT 500",
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
