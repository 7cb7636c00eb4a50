//! How often a secret may be guessed wrongly, whoever guesses: counted in the database, so that replicas share it and no
//! restart forgets it.
//!
//! A budget belongs to one ticket's PIN or one person's password. A wrong guess takes from it, and it fills slowly; when it is
//! empty, the right answer is refused like a wrong one. Browsers that gave the right answer before ([`super::known`]) have a
//! budget of their own, so that a stranger who guesses shuts nobody out who was here before.

use super::{Access, AccessError, Throttle};
use crate::{domain::At, store::StoreError};
use futures_util::FutureExt;
use std::{sync::atomic::Ordering, time::Duration};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(86_400);
/// Wrong PINs of a ticket in a day. All its PINs would take over a hundred years.
const PINS: u32 = 20;
/// Wrong passwords of a person in a day.
const PASSWORDS: u32 = 50;
/// While wrong PINs rain on tickets everywhere ([`Throttle::TrackFailed`]), each takes so many times as much from a ticket.
const BRAKE: u32 = 5;
/// What does not exist shares so many budgets, so that made-up numbers and names fill no table.
const NOBODIES: u16 = 1024;
/// What is paid off is swept away with one guess among so many.
const SWEEP: u32 = 256;

/// Where a secret is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Door {
    Track,
    SignIn,
}

impl Door {
    /// The budget's name in the database.
    fn budget(self, known: bool) -> &'static str {
        match (self, known) {
            (Door::Track, false) => "track",
            (Door::Track, true) => "track-known",
            (Door::SignIn, false) => "sign-in",
            (Door::SignIn, true) => "sign-in-known",
        }
    }

    /// In how much time one wrong guess is forgotten.
    fn every(self) -> Duration {
        DAY / if self == Door::Track { PINS } else { PASSWORDS }
    }

    pub(super) fn name(self) -> &'static str {
        self.budget(false)
    }
}

/// A guess that was paid for before it was looked at, so that many at once get no more than one after the other.
pub(super) struct Guess {
    door: Door,
    budget: &'static str,
    whose: Uuid,
    cost: Duration,
    /// Whether it may be right.
    pub(super) counts: bool,
}

impl Access {
    /// Takes a guess from the budget of who has the secret.
    pub(super) async fn guess(&self, door: Door, whose: Uuid, known: bool) -> Result<Guess, StoreError> {
        let now = self.now();
        let brake = door == Door::Track && !known && !self.throttles.would_allow(Throttle::TrackFailed, "", now);
        self.tell_of_brake(brake);
        let (budget, cost) = (door.budget(known), door.every() * if brake { BRAKE } else { 1 });
        let counts = self.store.write(move |tx| async move { tx.charge(budget, whose, now, cost, DAY).await }.boxed()).await?;
        self.sweep(now).await;
        Ok(Guess { door, budget, whose, cost, counts })
    }

    /// It was right: nothing is owed for it.
    pub(super) async fn was_right(&self, guess: Guess) -> Result<(), StoreError> {
        self.store.write(move |tx| async move { tx.refund(guess.budget, guess.whose, guess.cost).await }.boxed()).await
    }

    /// It was wrong, or came when there was nothing left.
    pub(super) fn was_wrong(&self, guess: &Guess) -> AccessError {
        if guess.door == Door::Track {
            self.throttles.allow(Throttle::TrackFailed, "", self.now());
        }
        let outcome = if guess.counts { "wrong" } else { "spent" };
        metrics::counter!("tawasul_guesses_total", "door" => guess.door.name(), "outcome" => outcome).increment(1);
        AccessError::Unknown
    }

    /// Whose budget a guess at something that does not exist takes from.
    pub(super) fn nobody(&self, asked: &str) -> Result<Uuid, StoreError> {
        let [low, high, ..]: [u8; 10] = self.store.vault().token("nobody", asked.as_bytes())?;
        Ok(Uuid::from_u128((u16::from_le_bytes([low, high]) % NOBODIES).into()))
    }

    fn tell_of_brake(&self, on: bool) {
        if on && !self.braked.swap(true, Ordering::Relaxed) {
            tracing::warn!("wrong PINs rain on many tickets: until it stops, each ticket takes only a few a day");
        } else if !on {
            self.braked.store(false, Ordering::Relaxed);
        }
    }

    /// Failing here must not fail the one who came.
    async fn sweep(&self, now: At) {
        if !self.guesses.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            return;
        }
        let swept = self.store.write(move |tx| async move { tx.sweep_budgets(now, DAY).await }.boxed()).await;
        if let Err(error) = swept {
            tracing::warn!(%error, "budgets that are full again could not be swept away");
        }
    }
}
