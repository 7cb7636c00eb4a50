//! Staff: accounts, sessions, tokens of the REST interface.

use super::{StoreError, Tx, conn::sql, files::token_hash, tickets::json_bytes};
use crate::domain::{Address, At, Bilingual, Key, Language, PersonId, Role};

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

#[derive(sqlx::FromRow)]
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

#[derive(sqlx::FromRow)]
struct ApiTokenRow {
    id: uuid::Uuid,
    name: String,
    scopes: String,
    created_at: At,
    used_at: Option<At>,
    revoked_at: Option<At>,
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

    /// Adds a person, or brings name, role, site and, where given, e-mail of the one with this key up to date. The answer is
    /// the person's id.
    pub async fn save_person(
        &mut self,
        key: &Key,
        role: Role,
        name: &Bilingual,
        email: Option<&Address>,
        site: Option<&Key>,
        now: At,
    ) -> Result<PersonId, StoreError> {
        let known = sql!(self, fetch_optional as (PersonId,), "SELECT id FROM person WHERE key = $1", key)?;
        let id = known.map_or_else(|| PersonId::new(&self.world), |(id,)| id);
        let sealed_name = self.seal(NAME, id.0, &json_bytes(name)?)?;
        let sealed_email = self.seal_some(EMAIL, id.0, email.map(Address::value))?;
        let blind = email.map(|e| self.blind("address", &e.to_string())).transpose()?;
        if known.is_some() {
            sql!(
                self,
                execute,
                "UPDATE person SET role = $2, name_sealed = $3, site = $4, email_sealed = COALESCE($5, email_sealed), email_blind = COALESCE($6, email_blind) WHERE id = $1",
                id,
                role,
                sealed_name,
                site,
                sealed_email,
                blind
            )?;
        } else {
            sql!(
                self,
                execute,
                "INSERT INTO person (id, key, role, name_sealed, email_sealed, email_blind, site, language, active, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, TRUE, $9)",
                id,
                key,
                role,
                sealed_name,
                sealed_email,
                blind,
                site,
                Language::Ar,
                now
            )?;
        }
        Ok(id)
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

    /// How many tickets an officer has open.
    pub async fn open_count(&mut self, owner: PersonId) -> Result<i64, StoreError> {
        let (count,): (i64,) = sql!(
            self,
            fetch_one as (i64,),
            "SELECT COUNT(*) FROM ticket WHERE owner_id = $1 AND status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam')",
            owner
        )?;
        Ok(count)
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
        sql!(self, execute, "UPDATE person SET active = $2 WHERE id = $1", id, active)?;
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
