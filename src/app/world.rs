//! The real clock and the real source of chance.

use crate::domain::{At, Chance, Clock, World};
use std::sync::Arc;

struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> At {
        At::from(jiff::Timestamp::now())
    }
}

struct SystemChance;

impl Chance for SystemChance {
    #[allow(clippy::disallowed_methods, reason = "the one place that asks the system for chance")]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            // Without chance no key and no token is safe; nothing may go on.
            eprintln!("error: the system gives no random bytes: {error}");
            std::process::abort();
        }
    }
}

pub(super) fn world() -> World {
    World { clock: Arc::new(SystemClock), chance: Arc::new(SystemChance) }
}
