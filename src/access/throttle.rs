//! How often somebody may try a door: token buckets in memory, for this process alone.
//!
//! Their memory is fixed: with more who try than there is room for, those who owe least are forgotten first.

use crate::domain::At;
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Throttle {
    SignInAccount,
    SignInNetwork,
    TrackTicket,
    TrackNetwork,
    /// A wrong PIN, whoever gave it for whichever ticket.
    TrackFailed,
    /// A form handed in.
    SubmitNetwork,
}

impl Throttle {
    const COUNT: usize = 6;

    /// So many at once, and then one each so long.
    const fn limits(self) -> (u32, Duration) {
        match self {
            Throttle::SignInAccount => (10, Duration::from_secs(60)),
            Throttle::SignInNetwork => (30, Duration::from_secs(10)),
            Throttle::TrackTicket => (10, Duration::from_secs(120)),
            Throttle::TrackNetwork => (60, Duration::from_secs(5)),
            Throttle::TrackFailed => (300, Duration::from_secs(30)),
            Throttle::SubmitNetwork => (30, Duration::from_secs(10)),
        }
    }
}

/// A counter for each thing tried and each who tries.
pub struct Throttles {
    /// So that nobody can tell who shares a set with whom.
    seed: RandomState,
    tables: [Table; Throttle::COUNT],
}

impl Default for Throttles {
    fn default() -> Self {
        Self { seed: RandomState::new(), tables: std::array::from_fn(|_| Table::default()) }
    }
}

impl Throttles {
    /// Whether `who` may try once more now; counts the try.
    pub fn allow(&self, what: Throttle, who: &str, now: At) -> bool {
        self.asked(what, who, now, true)
    }

    /// The same without counting.
    pub fn would_allow(&self, what: Throttle, who: &str, now: At) -> bool {
        self.asked(what, who, now, false)
    }

    fn asked(&self, what: Throttle, who: &str, now: At, counts: bool) -> bool {
        let (burst, every) = what.limits();
        let every = i64::try_from(every.as_micros()).unwrap_or(i64::MAX);
        let most = every.saturating_mul(burst.into());
        self.tables[what as usize].pay(self.seed.hash_one(who), now.micros(), every, most, counts)
    }
}

/// Sets in a table, and who is remembered in each.
const SETS: usize = 2048;
const WAYS: usize = 8;

/// Who tried, by a hash (0: nobody), and when all their tries are paid for, in microseconds since 1970: the generic cell rate
/// algorithm (ITU-T I.371, annex A).
#[derive(Clone, Copy, Default)]
struct Slot {
    who: u64,
    owes_until: i64,
}

/// Made with the first try.
#[derive(Default)]
struct Table(Mutex<Vec<[Slot; WAYS]>>);

impl Table {
    fn pay(&self, who: u64, now: i64, every: i64, most: i64, counts: bool) -> bool {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.is_empty() {
            sets.resize(SETS, [Slot::default(); WAYS]);
        }
        let set = &mut sets[who as usize % SETS];
        let who = who.max(1);
        let known = set.iter().position(|slot| slot.who == who);
        let least = || (0..WAYS).min_by_key(|place| set[*place].owes_until).unwrap_or_default();
        let place = known.unwrap_or_else(least);
        // A clock that was set back shuts nobody out for longer than a whole bucket.
        let owes_until = if known.is_some() { set[place].owes_until.clamp(now, now.saturating_add(most)) } else { now };
        let paid = owes_until.saturating_add(every);
        let allowed = paid <= now.saturating_add(most);
        if counts {
            set[place] = Slot { who, owes_until: if allowed { paid } else { owes_until } };
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: At = At(1_772_434_800_000_000);

    #[test]
    fn a_door_closes_for_who_tries_too_often_and_for_nobody_else() {
        let throttles = Throttles::default();
        let tries = |now| (0..20).filter(|_| throttles.allow(Throttle::SignInAccount, "ali", now)).count();
        assert_eq!(tries(NOW), 10);
        assert!(throttles.allow(Throttle::SignInAccount, "omar", NOW));
        assert!(throttles.allow(Throttle::SignInNetwork, "ali", NOW));
        assert_eq!(tries(NOW.plus(Duration::from_secs(59))), 0);
        assert_eq!(tries(NOW.plus(Duration::from_secs(150))), 2, "one a minute comes back");
        assert_eq!(tries(NOW.plus(Duration::from_secs(86_400))), 10, "and never more than the first time");
    }

    #[test]
    fn asking_counts_nothing() {
        let throttles = Throttles::default();
        assert!((0..1000).all(|_| throttles.would_allow(Throttle::TrackFailed, "", NOW)));
        assert_eq!((0..1000).filter(|_| throttles.allow(Throttle::TrackFailed, "", NOW)).count(), 300);
        assert!(!throttles.would_allow(Throttle::TrackFailed, "", NOW));
    }

    #[test]
    fn a_clock_set_back_shuts_nobody_out_for_long() {
        let throttles = Throttles::default();
        while throttles.allow(Throttle::SignInAccount, "ali", NOW) {}
        let before = NOW.minus(Duration::from_secs(365 * 86_400));
        assert!(!throttles.allow(Throttle::SignInAccount, "ali", before));
        assert!(throttles.allow(Throttle::SignInAccount, "ali", before.plus(Duration::from_secs(60))));
    }

    #[test]
    fn a_million_networks_take_no_more_room_and_hide_nobody_who_tried_often() {
        let throttles = Throttles::default();
        while throttles.allow(Throttle::TrackNetwork, "flood", NOW) {}
        for number in 0..1_000_000 {
            throttles.allow(Throttle::TrackNetwork, &number.to_string(), NOW);
        }
        let table = throttles.tables[Throttle::TrackNetwork as usize].0.lock().unwrap();
        assert_eq!(table.len() * std::mem::size_of_val(&table[0]), 256 * 1024);
        drop(table);
        assert!(!throttles.allow(Throttle::TrackNetwork, "flood", NOW));
    }
}
