//! A clock that tells the time of a story while it is being told, and the real time from then on.

use crate::domain::{At, Clock};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// The clock goes on by so much at every look, in microseconds: no two things of a story happen at the same moment.
const LOOK: i64 = 3_100;
const RELEASED: i64 = i64::MAX;

pub(super) struct DemoClock {
    real: Arc<dyn Clock>,
    /// The time of the story.
    told: AtomicI64,
}

impl DemoClock {
    /// A clock that stands in the past.
    pub fn at(begin: At, real: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { real, told: AtomicI64::new(begin.micros()) })
    }

    /// A clock that tells the real time.
    pub fn released(real: Arc<dyn Clock>) -> Arc<Self> {
        Self::at(At(RELEASED), real)
    }

    /// Goes on to a moment of the story; never back.
    pub fn go_on_to(&self, moment: At) {
        self.told.fetch_max(moment.micros(), Ordering::SeqCst);
    }

    /// From now on it tells the real time.
    pub fn release(&self) {
        self.told.store(RELEASED, Ordering::SeqCst);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> At {
        let look = self.told.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |told| (told != RELEASED).then(|| told + LOOK));
        look.map_or_else(|_| self.real.now(), At)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::fixed::FixedClock;

    #[test]
    fn it_never_goes_back_until_it_is_released() {
        let clock = DemoClock::at(At(1_000), FixedClock::at(At(77)));
        assert_eq!(clock.now(), At(1_000));
        clock.go_on_to(At(900_000));
        clock.go_on_to(At(5_000));
        assert_eq!((clock.now(), clock.now()), (At(900_000), At(903_100)));
        clock.release();
        assert_eq!(clock.now(), At(77));
    }
}
