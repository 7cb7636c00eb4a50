//! The accounts follow `organization.toml`: whoever it names has one, whoever it names no more has none, and nothing that they
//! owned is left without an owner.
//!
//! Accounts that were added by hand are not the file's business.

use super::Casework;
use crate::{
    domain::{Actor, Address, Bilingual, EventKind, Key, PersonId, Reason, Role, TicketId, event::data, office::Officer},
    i18n::text,
    store::{
        StoreError, Tx,
        people::{Account, Origin, Person},
    },
};
use futures_util::FutureExt;

/// Tickets that are handed over in one transaction.
const AT_ONCE: i64 = 25;

/// Why the accounts can't follow the file.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StaffError {
    /// The officer of the file, and the account that has the address.
    #[error("{0} in organization.toml has the e-mail address of the account {1}, which was added by hand; give one of them another")]
    AddressTaken(Key, Key),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who came back, who left, and what became of their work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Movements {
    /// Keys of those who had left and are named again.
    pub back: Vec<Key>,
    /// Keys of the accounts that were closed.
    pub closed: Vec<Key>,
    /// Administrators whom the file does not name, and who stay until another can sign in.
    pub stay: Vec<Key>,
    /// Open tickets that were handed over.
    pub tickets: u64,
}

impl Casework {
    /// Everybody whom the file names has an account with what the file says of them. An address goes to whom the file gives
    /// it, also when somebody had it who has left.
    ///
    /// # Errors
    /// [`StaffError::AddressTaken`] when an active account that was added by hand has it.
    pub async fn keep_staff(&self) -> Result<(), StaffError> {
        let this = self.clone();
        self.store
            .write(move |tx| {
                async move {
                    for officer in &this.office.staff {
                        this.keep_officer(tx, officer).await?;
                    }
                    Ok(())
                }
                .boxed()
            })
            .await
    }

    async fn keep_officer(&self, tx: &mut Tx, officer: &Officer) -> Result<(), StaffError> {
        let email = officer.email.as_deref().and_then(|email| Address::mail(email).ok());
        if let Some(email) = &email {
            tx.release_email(email, &officer.key).await?;
            if let Some(other) = tx.person_by_email(email).await?.filter(|other| other.key != officer.key) {
                return Err(StaffError::AddressTaken(officer.key.clone(), other.key));
            }
        }
        let Officer { key, role, name, site, .. } = officer;
        let account = Account { key, role: *role, name, email: email.as_ref(), site: site.as_ref(), origin: Origin::File };
        tx.save_person(account, self.world().now()).await?;
        Ok(())
    }

    /// Lets in whom the file names again, closes the accounts that it named and names no more, and hands their open tickets to
    /// somebody who is there. Goes on where an earlier call broke off.
    ///
    /// For the start of the service only: a command may run with another configuration, and decides nothing about who works here.
    pub async fn follow_file(&self) -> Result<Movements, StoreError> {
        let this = self.clone();
        let mut moved_people = self.store.write(move |tx| async move { this.settle_accounts(tx).await }.boxed()).await?;
        let departed = self.store.read().await?.departed().await?;
        for person in departed {
            moved_people.tickets += self.hand_over_all(person).await?;
        }
        if moved_people != Movements::default() {
            let named = |keys: &[Key]| keys.iter().map(Key::as_str).collect::<Vec<_>>().join(" ");
            tracing::info!(
                back = named(&moved_people.back),
                closed = named(&moved_people.closed),
                stay = named(&moved_people.stay),
                tickets = moved_people.tickets,
                "the accounts follow organization.toml: whom it names no more was let go, and their open tickets handed over; an \
                 administrator stays until another one can sign in"
            );
        }
        self.outbox.wake();
        Ok(moved_people)
    }

    async fn settle_accounts(&self, tx: &mut Tx) -> Result<Movements, StoreError> {
        let named: Vec<Key> = self.office.staff.iter().map(|officer| officer.key.clone()).collect();
        let back = tx.claim_people(&named).await?;
        let of_file = tx.people_of_the_file().await?;
        let (leaving, here): (Vec<Person>, Vec<Person>) =
            tx.people().await?.into_iter().filter(|p| p.active).partition(|p| of_file.contains(&p.id) && !named.contains(&p.key));
        let admits = |person: &Person| person.role == Role::Admin && person.password_hash.is_some();
        let deserted = !here.iter().any(admits);
        let mut moved_people = Movements { back, ..Movements::default() };
        for person in leaving {
            if deserted && admits(&person) {
                moved_people.stay.push(person.key);
                continue;
            }
            tx.depart(person.id).await?;
            moved_people.closed.push(person.key);
        }
        Ok(moved_people)
    }

    async fn hand_over_all(&self, from: PersonId) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let open = self.store.read().await?.open_tickets_of(from, AT_ONCE).await?;
            if open.is_empty() {
                return Ok(count);
            }
            let this = self.clone();
            let moved = self.store.write(move |tx| {
                async move {
                    let mut moved = 0;
                    for id in open {
                        moved += u64::from(this.hand_over_from(tx, id, from).await?);
                    }
                    Ok::<_, StoreError>(moved)
                }
                .boxed()
            });
            let moved = moved.await?;
            // Nobody else is there to take them; or others were quicker with all of them.
            if moved == 0 {
                return Ok(count);
            }
            count += moved;
        }
    }

    /// Gives a ticket of somebody who left to somebody who is there. `false`: it is theirs or open no more, or nobody is there.
    async fn hand_over_from(&self, tx: &mut Tx, id: TicketId, from: PersonId) -> Result<bool, StoreError> {
        let Some(mut ticket) = tx.lock_ticket(id).await?.filter(|t| t.owner == from && t.status.is_open()) else { return Ok(false) };
        let (owner, how) = match self.office.department(&ticket.department) {
            Some(department) => self.owner_in(tx, department).await?,
            None => (self.fallback_owner(tx).await?, vec![Reason::new("fallback", Bilingual::default())]),
        };
        if owner.id == from {
            return Ok(false);
        }
        let (now, left) = (self.world().now(), tx.person(from).await?.map(|person| person.name).unwrap_or_default());
        ticket.owner = owner.id;
        ticket.reasons = std::iter::once(Reason::new(DEPARTED, left)).chain(how).collect();
        ticket.updated_at = now;
        tx.update_ticket(&ticket).await?;
        tx.assigned_now(owner.id, now).await?;
        let about = [("department", ticket.department.to_string()), ("to", owner.id.to_string()), ("cause", DEPARTED.to_owned())];
        tx.insert_event(ticket.id, now, Actor::System, EventKind::HandedOver, &data(about)).await?;
        self.alert_handed_over(tx, &ticket, &owner, &self.office.name, &text(owner.language, "cause-departed")).await?;
        self.outbox.announce(tx, &ticket, EventKind::HandedOver).await?;
        Ok(true)
    }
}

/// Names, in a ticket's reasons and in its timeline, that its owner left.
const DEPARTED: &str = "departed";
