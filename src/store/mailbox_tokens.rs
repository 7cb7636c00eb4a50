//! The tokens that mailboxes sign in with (OAuth 2.0), sealed; one row a mailbox.
//!
//! Every change names the generation that it follows from: what another replica or a new sign-in has replaced meanwhile is
//! never overwritten.

use super::{
    StoreError, Tx,
    codec::storable,
    conn::{row, sql},
};
use crate::domain::At;
use secrecy::{ExposeSecret, SecretString};

/// The tokens of one mailbox.
#[derive(Clone, Debug)]
pub struct MailboxToken {
    /// Rises with each new pair.
    pub generation: i64,
    pub tokens: TokenPair,
    /// When a person last signed in.
    pub obtained_at: At,
    pub refreshed_at: At,
    /// The provider takes the refresh token no more: a person has to sign in again.
    pub refused: bool,
    /// What went wrong when they were last refreshed, and since when it does.
    pub trouble: Option<(String, At)>,
}

/// What the provider gave.
#[derive(Clone, Debug)]
pub struct TokenPair {
    pub access: SecretString,
    pub access_expires_at: At,
    pub refresh: SecretString,
    /// When it ends even if it is used, as far as the provider says so.
    pub refresh_expires_at: Option<At>,
}

row! {
    struct TokenRow {
        id: uuid::Uuid,
        generation: i64,
        access_sealed: Vec<u8>,
        access_expires_at: At,
        refresh_sealed: Vec<u8>,
        refresh_expires_at: Option<At>,
        obtained_at: At,
        refreshed_at: At,
        refused: bool,
        trouble: Option<String>,
        trouble_since: Option<At>,
    }
}

const ACCESS: &str = "mailbox_token.access";
const REFRESH: &str = "mailbox_token.refresh";

impl Tx {
    pub async fn mailbox_token(&mut self, account: &str) -> Result<Option<MailboxToken>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as TokenRow,
            "SELECT id, generation, access_sealed, access_expires_at, refresh_sealed, refresh_expires_at, obtained_at, refreshed_at, refused, trouble, trouble_since \
             FROM mailbox_token WHERE account = $1",
            account
        )?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(MailboxToken {
            generation: row.generation,
            tokens: TokenPair {
                access: self.open(ACCESS, row.id, &row.access_sealed)?.into(),
                access_expires_at: row.access_expires_at,
                refresh: self.open(REFRESH, row.id, &row.refresh_sealed)?.into(),
                refresh_expires_at: row.refresh_expires_at,
            },
            obtained_at: row.obtained_at,
            refreshed_at: row.refreshed_at,
            refused: row.refused,
            trouble: row.trouble.zip(row.trouble_since),
        }))
    }

    /// Puts the tokens of a new sign-in in the place of whatever there was.
    pub async fn replace_mailbox_token(&mut self, account: &str, tokens: &TokenPair, now: At) -> Result<(), StoreError> {
        let known = sql!(self, fetch_optional as (uuid::Uuid,), "SELECT id FROM mailbox_token WHERE account = $1", account)?;
        let id = known.map_or_else(|| self.world.uuid(), |(id,)| id);
        let (access, refresh) = self.sealed_tokens(id, tokens)?;
        let changed = sql!(
            self,
            execute,
            "INSERT INTO mailbox_token (id, account, generation, access_sealed, access_expires_at, refresh_sealed, refresh_expires_at, obtained_at, refreshed_at, refused) \
             VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $7, FALSE) \
             ON CONFLICT (account) DO UPDATE SET generation = mailbox_token.generation + 1, access_sealed = excluded.access_sealed, \
             access_expires_at = excluded.access_expires_at, refresh_sealed = excluded.refresh_sealed, refresh_expires_at = excluded.refresh_expires_at, \
             obtained_at = excluded.obtained_at, refreshed_at = excluded.refreshed_at, refused = FALSE, trouble = NULL, trouble_since = NULL \
             WHERE mailbox_token.id = $1",
            id,
            account,
            access,
            tokens.access_expires_at,
            refresh,
            tokens.refresh_expires_at,
            now
        )?;
        // Sealed for a row that somebody else made at this very moment, it would never open again.
        if changed == 1 { Ok(()) } else { Err(StoreError::Corrupt("another sign-in of this mailbox was stored at the same moment".into())) }
    }

    /// Puts refreshed tokens in the place of those of `generation`; `false` when those are not there any more.
    pub async fn refresh_mailbox_token(&mut self, account: &str, generation: i64, tokens: &TokenPair, now: At) -> Result<bool, StoreError> {
        let known = sql!(self, fetch_optional as (uuid::Uuid,), "SELECT id FROM mailbox_token WHERE account = $1", account)?;
        let Some((id,)) = known else { return Ok(false) };
        let (access, refresh) = self.sealed_tokens(id, tokens)?;
        let changed = sql!(
            self,
            execute,
            "UPDATE mailbox_token SET generation = generation + 1, access_sealed = $3, access_expires_at = $4, refresh_sealed = $5, refresh_expires_at = $6, \
             refreshed_at = $7, refused = FALSE, trouble = NULL, trouble_since = NULL WHERE account = $1 AND generation = $2",
            account,
            generation,
            access,
            tokens.access_expires_at,
            refresh,
            tokens.refresh_expires_at,
            now
        )?;
        Ok(changed == 1)
    }

    /// Notes why the tokens of `generation` could not be refreshed; `refused`: they never will be.
    pub async fn mailbox_token_failed(
        &mut self,
        account: &str,
        generation: i64,
        trouble: &str,
        refused: bool,
        now: At,
    ) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE mailbox_token SET trouble = $3, refused = $4, trouble_since = COALESCE(trouble_since, $5) WHERE account = $1 AND generation = $2",
            account,
            generation,
            storable(trouble),
            refused,
            now
        )?;
        Ok(())
    }

    fn sealed_tokens(&self, id: uuid::Uuid, tokens: &TokenPair) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
        Ok((
            self.seal(ACCESS, id, tokens.access.expose_secret().as_bytes())?,
            self.seal(REFRESH, id, tokens.refresh.expose_secret().as_bytes())?,
        ))
    }
}
