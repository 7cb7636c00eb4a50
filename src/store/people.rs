//! Staff: accounts, sessions, tokens of the REST interface.

use super::{
    StoreError, Tx,
    codec::id_list,
    conn::{row, sql},
    files::token_hash,
    tickets::{json_bytes, json_text},
};
use crate::domain::{Address, At, Bilingual, Key, Language, PersonId, Role, ticket::named};
use std::collections::HashMap;

named! {
    /// Where an account comes from.
    Origin {
        /// `organization.toml` names it.
        File = "file",
        /// Somebody added it on the command line; the file has no say in it.
        Hand = "hand",
        /// The file named it once, and does no more.
        Departed = "departed",
    }
}

/// What is said of an account when it is added or brought up to date.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    pub key: &'a Key,
    pub role: Role,
    pub name: &'a Bilingual,
    /// `None` leaves the one there is.
    pub email: Option<&'a Address>,
    pub site: Option<&'a Key>,
    pub origin: Origin,
}

/// A member of staff.
#[derive(Clone)]
pub struct Person {
    pub id: PersonId,
    pub key: Key,
    pub role: Role,
    pub name: Bilingual,
    pub email: Option<Address>,
    pub site: Option<Key>,
    pub language: Language,
    pub active: bool,
    pub absent_until: Option<At>,
    pub last_assigned_at: Option<At>,
    /// Argon2id, PHC string; `None` before the first password.
    pub password_hash: Option<String>,
}

impl Person {
    pub fn present(&self, now: At) -> bool {
        self.active && self.absent_until.is_none_or(|until| until <= now)
    }
}

row! {
    struct PersonRow {
        id: PersonId,
        key: Key,
        role: Role,
        name_sealed: Vec<u8>,
        email_sealed: Option<Vec<u8>>,
        site: Option<Key>,
        language: Language,
        password_hash: Option<String>,
        active: bool,
        absent_until: Option<At>,
        last_assigned_at: Option<At>,
    }
}

/// A bearer token of the REST interface, without the secret.
#[derive(Clone, Debug)]
pub struct ApiToken {
    pub id: uuid::Uuid,
    pub name: String,
    /// Separated by spaces.
    pub scopes: String,
    pub created_at: At,
    pub used_at: Option<At>,
    pub revoked_at: Option<At>,
}

row! {
    struct ApiTokenRow {
        id: uuid::Uuid,
        name: String,
        scopes: String,
        created_at: At,
        used_at: Option<At>,
        revoked_at: Option<At>,
    }
}

impl From<ApiTokenRow> for ApiToken {
    fn from(row: ApiTokenRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            scopes: row.scopes,
            created_at: row.created_at,
            used_at: row.used_at,
            revoked_at: row.revoked_at,
        }
    }
}

const NAME: &str = "person.name";
const EMAIL: &str = "person.email";

impl Tx {
    fn open_person(&self, row: PersonRow) -> Result<Person, StoreError> {
        let name: Bilingual =
            serde_json::from_str(&self.open(NAME, row.id.0, &row.name_sealed)?).map_err(|_| StoreError::Corrupt("person.name".into()))?;
        let email = self.open_some(EMAIL, row.id.0, row.email_sealed.as_deref())?;
        let email = email.map(|e| Address::mail(&e)).transpose().map_err(|_| StoreError::Corrupt("person.email".into()))?;
        Ok(Person {
            id: row.id,
            key: row.key,
            role: row.role,
            name,
            email,
            site: row.site,
            language: row.language,
            active: row.active,
            absent_until: row.absent_until,
            last_assigned_at: row.last_assigned_at,
            password_hash: row.password_hash,
        })
    }

    /// Adds a person, or brings name, role, site and, where given, e-mail of the one with this key up to date. Whoever departed
    /// and is added by hand is active again; the file lets them in with [`Tx::claim_people`]. The answer is the person's id.
    pub async fn save_person(&mut self, account: Account<'_>, now: At) -> Result<PersonId, StoreError> {
        let Account { key, role, name, email, site, origin } = account;
        let known = sql!(self, fetch_optional as (PersonId,), "SELECT id FROM person WHERE key = $1", key)?;
        let id = known.map_or_else(|| PersonId::new(&self.world), |(id,)| id);
        let sealed_name = self.seal(NAME, id.0, &json_bytes(name)?)?;
        let sealed_email = self.seal_some(EMAIL, id.0, email.map(Address::value))?;
        let blind = email.map(|e| self.blind("address", &e.to_string())).transpose()?;
        if known.is_some() {
            sql!(
                self,
                execute,
                "UPDATE person SET role = $2, name_sealed = $3, site = $4, email_sealed = COALESCE($5, email_sealed), email_blind = COALESCE($6, email_blind), \
                 active = (active = TRUE OR (origin = 'departed' AND $7 = 'hand')), origin = CASE WHEN origin = 'departed' AND $7 = 'hand' THEN $7 ELSE origin END WHERE id = $1",
                id,
                role,
                sealed_name,
                site,
                sealed_email,
                blind,
                origin.as_str()
            )?;
        } else {
            sql!(
                self,
                execute,
                "INSERT INTO person (id, key, role, name_sealed, email_sealed, email_blind, site, language, active, origin, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, TRUE, $9, $10)",
                id,
                key,
                role,
                sealed_name,
                sealed_email,
                blind,
                site,
                Language::Ar,
                origin.as_str(),
                now
            )?;
        }
        Ok(id)
    }

    /// Takes an e-mail address from whoever has it besides `key`: somebody who is not active, or whom the file names and may
    /// have given another. An active account that was added by hand keeps it.
    pub async fn release_email(&mut self, email: &Address, key: &Key) -> Result<(), StoreError> {
        let blind = self.blind("address", &email.to_string())?;
        sql!(
            self,
            execute,
            "UPDATE person SET email_sealed = NULL, email_blind = NULL WHERE email_blind = $1 AND key <> $2 AND (active = FALSE OR origin <> 'hand')",
            blind,
            key
        )?;
        Ok(())
    }

    /// Makes the accounts with these keys the file's own, and lets those in again who had departed: the answer is their keys.
    pub async fn claim_people(&mut self, keys: &[Key]) -> Result<Vec<Key>, StoreError> {
        let list = json_text(&keys.iter().map(Key::as_str).collect::<Vec<_>>())?;
        let back = sql!(self, fetch_all as (Key,),
            lite "SELECT key FROM person WHERE origin = 'departed' AND key IN (SELECT value FROM json_each($1)) ORDER BY key"
            pg "SELECT key FROM person WHERE origin = 'departed' AND key IN (SELECT json_array_elements_text(CAST($1 AS JSON))) ORDER BY key",
            &list)?;
        sql!(self, execute,
            lite "UPDATE person SET active = (active = TRUE OR origin = 'departed'), origin = 'file' WHERE origin <> 'file' AND key IN (SELECT value FROM json_each($1))"
            pg "UPDATE person SET active = (active = TRUE OR origin = 'departed'), origin = 'file' WHERE origin <> 'file' AND key IN (SELECT json_array_elements_text(CAST($1 AS JSON)))",
            &list)?;
        Ok(back.into_iter().map(|(key,)| key).collect())
    }

    /// Accounts that the file named and that are active.
    pub async fn people_of_the_file(&mut self) -> Result<Vec<PersonId>, StoreError> {
        let rows = sql!(self, fetch_all as (PersonId,), "SELECT id FROM person WHERE origin = 'file' AND active = TRUE ORDER BY key")?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Closes the account of somebody whom the file names no more: sessions and invitation end, the address is free for
    /// another.
    pub async fn depart(&mut self, id: PersonId) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE person SET active = FALSE, origin = 'departed', email_sealed = NULL, email_blind = NULL, invitation_hash = NULL, invitation_until = NULL WHERE id = $1",
            id
        )?;
        sql!(self, execute, "DELETE FROM session WHERE person_id = $1", id)?;
        Ok(())
    }

    /// Everybody who departed.
    pub async fn departed(&mut self) -> Result<Vec<PersonId>, StoreError> {
        let rows = sql!(self, fetch_all as (PersonId,), "SELECT id FROM person WHERE origin = 'departed' ORDER BY key")?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    pub async fn people(&mut self) -> Result<Vec<Person>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as PersonRow,
            "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person ORDER BY key"
        )?;
        rows.into_iter().map(|row| self.open_person(row)).collect()
    }

    pub async fn person(&mut self, id: PersonId) -> Result<Option<Person>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as PersonRow,
            "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE id = $1",
            id
        )?;
        row.map(|row| self.open_person(row)).transpose()
    }

    pub async fn person_by_key(&mut self, key: &Key) -> Result<Option<Person>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as PersonRow,
            "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE key = $1",
            key
        )?;
        row.map(|row| self.open_person(row)).transpose()
    }

    /// Those of the keys that have an account, in the order of the keys.
    pub async fn people_by_keys(&mut self, keys: &[Key]) -> Result<Vec<Person>, StoreError> {
        let list = json_text(&keys.iter().map(Key::as_str).collect::<Vec<_>>())?;
        let rows = sql!(self, fetch_all as PersonRow,
            lite "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE key IN (SELECT value FROM json_each($1))"
            pg "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE key IN (SELECT json_array_elements_text(CAST($1 AS JSON)))",
            list)?;
        let mut people = rows.into_iter().map(|row| self.open_person(row)).collect::<Result<Vec<_>, _>>()?;
        people.sort_by_key(|person| keys.iter().position(|key| *key == person.key));
        Ok(people)
    }

    /// Those of the ids that there are.
    pub async fn people_by_ids(&mut self, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
        let rows = sql!(self, fetch_all as PersonRow,
            lite "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE id IN (SELECT unhex(value) FROM json_each($1))"
            pg "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON)))",
            id_list(ids.iter().map(|id| id.0)))?;
        rows.into_iter().map(|row| self.open_person(row)).collect()
    }

    pub async fn person_by_email(&mut self, email: &Address) -> Result<Option<Person>, StoreError> {
        let blind = self.blind("address", &email.to_string())?;
        let row = sql!(
            self,
            fetch_optional as PersonRow,
            "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE email_blind = $1",
            blind
        )?;
        row.map(|row| self.open_person(row)).transpose()
    }

    /// How many tickets each of these officers has open; nobody is left out.
    pub async fn open_counts(&mut self, owners: &[PersonId]) -> Result<HashMap<PersonId, i64>, StoreError> {
        let found = sql!(self, fetch_all as (PersonId, i64),
            lite "SELECT owner_id, COUNT(*) FROM ticket WHERE owner_id IN (SELECT unhex(value) FROM json_each($1)) AND status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam') GROUP BY owner_id"
            pg "SELECT owner_id, COUNT(*) FROM ticket WHERE owner_id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON))) AND status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam') GROUP BY owner_id",
            id_list(owners.iter().map(|id| id.0)))?;
        let mut counts: HashMap<PersonId, i64> = owners.iter().map(|owner| (*owner, 0)).collect();
        counts.extend(found);
        Ok(counts)
    }

    pub async fn assigned_now(&mut self, id: PersonId, now: At) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE person SET last_assigned_at = $2 WHERE id = $1", id, now)?;
        Ok(())
    }

    pub async fn set_absence(&mut self, id: PersonId, until: Option<At>) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE person SET absent_until = $2 WHERE id = $1", id, until)?;
        Ok(())
    }

    pub async fn set_language(&mut self, id: PersonId, language: Language) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE person SET language = $2 WHERE id = $1", id, language)?;
        Ok(())
    }

    pub async fn set_active(&mut self, id: PersonId, active: bool) -> Result<(), StoreError> {
        // Whoever is let in again by hand is not shut out by the file at the next start.
        sql!(
            self,
            execute,
            "UPDATE person SET active = $2, origin = CASE WHEN $2 = TRUE AND origin = 'departed' THEN 'hand' ELSE origin END WHERE id = $1",
            id,
            active
        )?;
        Ok(())
    }

    /// Sets the password, uses up the invitation, and ends every session.
    pub async fn set_password(&mut self, id: PersonId, hash: &str) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE person SET password_hash = $2, invitation_hash = NULL, invitation_until = NULL WHERE id = $1",
            id,
            hash
        )?;
        sql!(self, execute, "DELETE FROM session WHERE person_id = $1", id)?;
        Ok(())
    }

    /// A one-time link for setting the password; an earlier one ends.
    pub async fn set_invitation(&mut self, id: PersonId, token: &str, until: At) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE person SET invitation_hash = $2, invitation_until = $3 WHERE id = $1", id, token_hash(token), until)?;
        Ok(())
    }

    pub async fn invited(&mut self, token: &str, now: At) -> Result<Option<Person>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as PersonRow,
            "SELECT id, key, role, name_sealed, email_sealed, site, language, password_hash, active, absent_until, last_assigned_at FROM person WHERE invitation_hash = $1 AND invitation_until > $2 AND active = TRUE",
            token_hash(token),
            now
        )?;
        row.map(|row| self.open_person(row)).transpose()
    }

    /// Those who have a link for setting a password that still works.
    pub async fn with_invitation(&mut self, now: At) -> Result<Vec<PersonId>, StoreError> {
        let found =
            sql!(self, fetch_all as (PersonId,), "SELECT id FROM person WHERE invitation_hash IS NOT NULL AND invitation_until > $1", now)?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// Whether anybody can sign in.
    pub async fn has_password(&mut self) -> Result<bool, StoreError> {
        Ok(sql!(
            self,
            fetch_optional as (i64,),
            "SELECT CAST(1 AS BIGINT) FROM person WHERE password_hash IS NOT NULL AND active = TRUE LIMIT 1"
        )?
        .is_some())
    }

    pub async fn insert_session(&mut self, token: &str, person: PersonId, now: At, expires_at: At) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "INSERT INTO session (token_hash, person_id, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)",
            token_hash(token),
            person,
            now,
            expires_at
        )?;
        Ok(())
    }

    /// Who a session belongs to, and when it was last seen.
    pub async fn session(&mut self, token: &str, now: At) -> Result<Option<(Person, At)>, StoreError> {
        let found = sql!(
            self,
            fetch_optional as (PersonId, At),
            "SELECT person_id, seen_at FROM session WHERE token_hash = $1 AND expires_at > $2",
            token_hash(token),
            now
        )?;
        let Some((id, seen)) = found else { return Ok(None) };
        Ok(self.person(id).await?.filter(|p| p.active).map(|person| (person, seen)))
    }

    pub async fn touch_session(&mut self, token: &str, now: At, expires_at: At) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE session SET seen_at = $2, expires_at = $3 WHERE token_hash = $1", token_hash(token), now, expires_at)?;
        Ok(())
    }

    pub async fn delete_session(&mut self, token: &str) -> Result<(), StoreError> {
        sql!(self, execute, "DELETE FROM session WHERE token_hash = $1", token_hash(token))?;
        Ok(())
    }

    pub async fn sweep_sessions(&mut self, now: At) -> Result<(), StoreError> {
        sql!(self, execute, "DELETE FROM session WHERE expires_at <= $1", now)?;
        Ok(())
    }

    pub async fn insert_api_token(&mut self, id: uuid::Uuid, name: &str, token: &str, scopes: &str, now: At) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "INSERT INTO api_token (id, name, token_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)",
            id,
            name,
            token_hash(token),
            scopes,
            now
        )?;
        Ok(())
    }

    pub async fn api_token(&mut self, token: &str) -> Result<Option<ApiToken>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as ApiTokenRow,
            "SELECT id, name, scopes, created_at, used_at, revoked_at FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL",
            token_hash(token)
        )?;
        Ok(row.map(Into::into))
    }

    pub async fn api_tokens(&mut self) -> Result<Vec<ApiToken>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as ApiTokenRow,
            "SELECT id, name, scopes, created_at, used_at, revoked_at FROM api_token ORDER BY created_at, id"
        )?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    pub async fn revoke_api_token(&mut self, name: &str, now: At) -> Result<u64, StoreError> {
        Ok(sql!(self, execute, "UPDATE api_token SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL", name, now)?)
    }
}
