//! The doors: who somebody is, and what they may see and do.
//!
//! Architecture invariants
//! - Every right is decided here, once: [`Viewer::may`] for an act on a ticket, [`Viewer::scope`] for lists.
//! - Passwords are Argon2id; tokens of sessions, invitations and the interface lie in the database as SHA-256 only.
//! - What is refused answers alike in words and in time, whether the account, ticket or PIN is wrong, foreign, or was guessed at
//!   too often.
//! - Whoever answers wrongly pays in three currencies: their network's tries and those at the account or ticket (`throttle`, in
//!   memory, told in words), and the secret's own budget (`guesses`, in the database, not told).

mod guesses;
mod known;
mod pass;
mod password;
mod throttle;

pub use known::KNOWN;
pub use pass::Pass;
pub use throttle::Throttle;

use crate::{
    domain::{At, Key, Office, PersonId, Pin, Reference, Role, Ticket},
    store::{Store, StoreError, desk::Scope, people::Person},
};
use futures_util::FutureExt;
use guesses::Door;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32},
    },
    time::Duration,
};
use throttle::Throttles;

/// A session ends so long after it was last used.
pub const SESSION: Duration = Duration::from_secs(12 * 3600);
/// A session is written to the database at most so often.
const TOUCH: Duration = Duration::from_secs(600);
/// A link for setting a password ends after so long.
pub const INVITATION: Duration = Duration::from_secs(7 * 86_400);
/// The fewest characters of a password (NIST SP 800-63B asks for 8; we have no second factor yet).
pub const PASSWORD_MIN: usize = 12;
const PASSWORD_MAX: usize = 256;

/// Why a door stayed shut.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    /// Wrong account or password, wrong reference or PIN, a link that ended: never says which.
    #[error("not recognised")]
    Unknown,
    #[error("too many attempts")]
    Throttled,
    #[error("the password is too short")]
    PasswordShort,
    #[error("the password is too long")]
    PasswordLong,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody wants to do with a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    See,
    /// Reply, ask, note, resolve, hand over and the like.
    Work,
}

/// A member of staff who is signed in.
#[derive(Clone)]
pub struct Viewer {
    pub person: Person,
    departments: Vec<Key>,
    /// The name of the token with which another system acts for this person.
    interface: Option<String>,
}

impl Viewer {
    pub fn new(person: Person, office: &Office) -> Self {
        let departments = office.departments_of(&person.key).map(|d| d.key.clone()).collect();
        Self { person, departments, interface: None }
    }

    /// Somebody in whose name another system of the charity acts: its token, by this name, was the door, so every ticket is open.
    pub fn for_interface(person: Person, office: &Office, token: &str) -> Self {
        Self { interface: Some(token.to_owned()), ..Self::new(person, office) }
    }

    /// The name of the token with which another system acts in this person's name.
    pub fn interface(&self) -> Option<&str> {
        self.interface.as_deref()
    }

    pub fn sees_all(&self) -> bool {
        self.interface.is_some() || matches!(self.person.role, Role::Supervisor | Role::Manager | Role::Admin)
    }

    pub fn is_admin(&self) -> bool {
        self.person.role == Role::Admin
    }

    /// May mend what is stuck: quarantine, outbox, people.
    pub fn may_supervise(&self) -> bool {
        matches!(self.person.role, Role::Supervisor | Role::Admin)
    }

    /// Whose tickets their lists show.
    pub fn scope(&self) -> Scope {
        Scope {
            all: self.sees_all(),
            veiled: self.person.role == Role::Manager,
            person: Some(self.person.id),
            departments: self.departments.clone(),
        }
    }

    pub fn departments(&self) -> &[Key] {
        &self.departments
    }

    /// A confidential ticket is seen by its owner, its department's officers, supervisors and administrators; any other by the
    /// one who logged it and the manager too. The manager reads and does not answer.
    pub fn may(&self, deed: Deed, ticket: &Ticket) -> bool {
        let near = ticket.owner == self.person.id || self.departments.contains(&ticket.department);
        let logged = ticket.opened_by == Some(self.person.id) && !ticket.confidential;
        match (self.person.role, deed) {
            _ if self.interface.is_some() => true,
            (Role::Admin | Role::Supervisor, _) => true,
            (Role::Manager, Deed::See) => near || !ticket.confidential,
            (Role::Manager, Deed::Work) => near,
            (Role::Officer | Role::Clerk, Deed::See) => near || logged,
            (Role::Officer | Role::Clerk, Deed::Work) => near,
        }
    }
}

/// Somebody at the REST interface.
#[derive(Clone, Debug)]
pub struct Caller {
    pub name: String,
    scopes: Vec<String>,
}

/// The scopes that a token can have.
pub const SCOPES: &[&str] = &["tickets:read", "tickets:write"];

impl Caller {
    pub fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|s| s == scope)
    }
}

/// Where somebody comes from who tries a door.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// Their network's address.
    pub network: &'a str,
    /// What their browser keeps of doors that it came through before.
    pub known: Option<&'a str>,
}

/// What somebody has who signed in.
pub struct Entered {
    /// The token of their new session.
    pub session: String,
    /// What their browser keeps from now on, for [`KNOWN`].
    pub known: String,
}

/// The doors themselves.
pub struct Access {
    store: Arc<Store>,
    throttles: Throttles,
    /// How many guesses were made, for the sweep.
    guesses: AtomicU32,
    /// The brake on wrong PINs is on, and was told of.
    braked: AtomicBool,
}

impl Access {
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, throttles: Throttles::default(), guesses: AtomicU32::new(0), braked: AtomicBool::new(false) }
    }

    /// Whether `who` may try once more now; counts the try.
    pub fn allow(&self, what: Throttle, who: &str) -> bool {
        self.throttles.allow(what, who, self.now())
    }

    /// Counts a try at an account or a ticket. Browsers that are known there are counted apart from strangers.
    fn tried(&self, what: Throttle, whose: &str, known: bool) -> Result<(), AccessError> {
        let whose = if known { format!("\0{whose}") } else { whose.to_owned() };
        if self.allow(what, &whose) { Ok(()) } else { Err(AccessError::Throttled) }
    }

    /// Signs in by e-mail address or account key.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] in the same words and about the same time for a wrong account, a wrong password, and one that was
    /// guessed at fifty times in a day; [`AccessError::Throttled`] after ten tries at an account, or thirty from a network address.
    pub async fn sign_in(&self, account: &str, password: &str, from: Origin<'_>) -> Result<Entered, AccessError> {
        // What begins with U+0000 counts known browsers.
        let account = account.replace('\0', "").trim().to_lowercase();
        if !self.allow(Throttle::SignInNetwork, from.network) {
            return Err(AccessError::Throttled);
        }
        let person = self.person(&account).await?;
        let (id, hash) = person.map(|person| (person.id, person.password_hash)).unzip();
        let hash = hash.flatten();
        let (whose, secret) = (id.map(|id| id.to_string()).unwrap_or_default(), hash.clone().unwrap_or_default());
        let known = self.is_known(from.known, Door::SignIn, &whose, &secret);
        self.tried(Throttle::SignInAccount, &account, known)?;
        let guess = self.guess(Door::SignIn, id.map_or_else(|| self.nobody(&account), |id| Ok(id.0))?, known).await?;
        let right = password::verify(password, hash.clone()).await & hash.is_some() & guess.counts;
        let (true, Some(id)) = (right, id) else { return Err(self.was_wrong(&guess)) };
        self.was_right(guess).await?;
        Ok(Entered { session: self.open_session(id).await?, known: self.known_at(from.known, Door::SignIn, &whose, &secret)? })
    }

    /// The active member of staff with this e-mail address or account key.
    async fn person(&self, account: &str) -> Result<Option<Person>, StoreError> {
        let mut read = self.store.read().await?;
        let person = match (crate::domain::Address::mail(account), Key::parse(account)) {
            (Ok(email), _) => read.person_by_email(&email).await?,
            (Err(_), Ok(key)) => read.person_by_key(&key).await?,
            (Err(_), Err(_)) => None,
        };
        Ok(person.filter(|person| person.active))
    }

    async fn open_session(&self, person: PersonId) -> Result<String, AccessError> {
        let world = self.store.world();
        let (token, now) = (world.token::<32>(), world.now());
        let kept = token.clone();
        self.store
            .write(move |tx| {
                async move {
                    tx.sweep_sessions(now).await?;
                    tx.insert_session(&kept, person, now, now.plus(SESSION)).await
                }
                .boxed()
            })
            .await
            .map_err(AccessError::Store)?;
        Ok(token)
    }

    /// Whose session it is; keeps it alive.
    pub async fn session(&self, token: &str, office: &Office) -> Result<Option<Viewer>, StoreError> {
        let now = self.store.world().now();
        let Some((person, seen)) = self.store.read().await?.session(token, now).await? else { return Ok(None) };
        if now.since(seen) > TOUCH {
            let token = token.to_owned();
            self.store.write(move |tx| async move { tx.touch_session(&token, now, now.plus(SESSION)).await }.boxed()).await?;
        }
        Ok(Some(Viewer::new(person, office)))
    }

    pub async fn sign_out(&self, token: &str) -> Result<(), StoreError> {
        let token = token.to_owned();
        self.store.write(move |tx| async move { tx.delete_session(&token).await }.boxed()).await
    }

    /// A new one-time token with which a person sets their password.
    pub async fn invite(&self, person: PersonId) -> Result<String, StoreError> {
        let world = self.store.world();
        let (token, until) = (world.token::<24>(), world.now().plus(INVITATION));
        let kept = token.clone();
        self.store.write(move |tx| async move { tx.set_invitation(person, &kept, until).await }.boxed()).await?;
        Ok(token)
    }

    /// Who was invited with the token.
    pub async fn invited(&self, token: &str) -> Result<Option<Person>, StoreError> {
        self.store.read().await?.invited(token, self.store.world().now()).await
    }

    /// Those who have a link for setting a password that still works.
    pub async fn all_invited(&self) -> Result<Vec<PersonId>, StoreError> {
        self.store.read().await?.with_invitation(self.now()).await
    }

    /// Sets the password of an invited person, uses the invitation up, and signs them in.
    pub async fn accept_invitation(&self, token: &str, password: &str) -> Result<String, AccessError> {
        let hash = self.hashed(password).await?;
        let (token, now) = (token.to_owned(), self.store.world().now());
        // Found and used up in one transaction: a link is good once.
        let used = self.store.write(move |tx| {
            async move {
                let Some(person) = tx.invited(&token, now).await? else { return Ok(None) };
                tx.set_password(person.id, &hash).await?;
                Ok::<_, StoreError>(Some(person.id))
            }
            .boxed()
        });
        let person = used.await?.ok_or(AccessError::Unknown)?;
        self.open_session(person).await
    }

    /// Changes the password of somebody who knows the present one; ends their other sessions and answers with a new one.
    pub async fn change_password(&self, person: &Person, present: &str, new: &str) -> Result<String, AccessError> {
        // Whoever has a session is known.
        self.tried(Throttle::SignInAccount, person.key.as_str(), true)?;
        let guess = self.guess(Door::SignIn, person.id.0, true).await?;
        if !(password::verify(present, person.password_hash.clone()).await & guess.counts) {
            return Err(self.was_wrong(&guess));
        }
        self.was_right(guess).await?;
        self.set_password(person.id, new).await?;
        self.open_session(person.id).await
    }

    /// Sets a password.
    pub async fn set_password(&self, person: PersonId, password: &str) -> Result<(), AccessError> {
        let hash = self.hashed(password).await?;
        self.store.write(move |tx| async move { tx.set_password(person, &hash).await }.boxed()).await?;
        Ok(())
    }

    async fn hashed(&self, password: &str) -> Result<String, AccessError> {
        match password.chars().count() {
            n if n < PASSWORD_MIN => Err(AccessError::PasswordShort),
            n if n > PASSWORD_MAX => Err(AccessError::PasswordLong),
            _ => Ok(password::hash(password, self.store.world()).await?),
        }
    }

    /// A new bearer token of the interface. Shown once.
    pub async fn issue_token(&self, name: &str, scopes: &[String]) -> Result<String, StoreError> {
        let world = self.store.world();
        let (id, token, now) = (world.uuid(), format!("tws_{}", world.token::<32>()), world.now());
        let (name, scopes, kept) = (name.to_owned(), scopes.join(" "), token.clone());
        self.store.write(move |tx| async move { tx.insert_api_token(id, &name, &kept, &scopes, now).await }.boxed()).await?;
        Ok(token)
    }

    /// Who calls with this bearer token.
    pub async fn caller(&self, token: &str) -> Result<Option<Caller>, StoreError> {
        let found = self.store.read().await?.api_token(token).await?;
        Ok(found.map(|t| Caller { name: t.name, scopes: t.scopes.split(' ').map(str::to_owned).collect() }))
    }

    /// The ticket that a sender may follow with its reference and PIN.
    ///
    /// # Errors
    /// [`AccessError::Unknown`] alike for a wrong reference, a wrong PIN, and one that was guessed at twenty times in a day (four
    /// while many tickets are guessed at); [`AccessError::Throttled`] after ten tries at a reference in a while, or sixty from a
    /// network address.
    pub async fn track(&self, reference: Reference, pin: &Pin, from: Origin<'_>) -> Result<Ticket, AccessError> {
        use subtle::ConstantTimeEq;
        if !self.allow(Throttle::TrackNetwork, from.network) {
            return Err(AccessError::Throttled);
        }
        let (ticket, asked) = (self.store.read().await?.ticket(reference).await?, reference.to_string());
        let secret = ticket.as_ref().map_or("", |ticket| ticket.pin.as_str());
        let known = self.is_known(from.known, Door::Track, &asked, secret);
        self.tried(Throttle::TrackTicket, &asked, known)?;
        let whose = ticket.as_ref().map_or_else(|| self.nobody(&asked), |ticket| Ok(ticket.id.0))?;
        let guess = self.guess(Door::Track, whose, known).await?;
        let right = bool::from(secret.as_bytes().ct_eq(pin.as_str().as_bytes())) & guess.counts;
        let (true, Some(ticket)) = (right, ticket) else { return Err(self.was_wrong(&guess)) };
        self.was_right(guess).await?;
        Ok(ticket)
    }

    /// Now, for those who render ends of links.
    pub fn now(&self) -> At {
        self.store.world().now()
    }
}
