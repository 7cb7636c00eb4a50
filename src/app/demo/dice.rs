//! Chance for stories: the same seed tells the same stories. Never for keys.

use crate::domain::{Chance, world::fixed::Seeded};
use std::sync::Arc;

#[derive(Clone)]
pub(super) struct Dice(Arc<Seeded>);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    /// A number in `from..=to`.
    pub fn roll(&self, from: u64, to: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        from + u64::from_le_bytes(bytes) % (to.saturating_sub(from) + 1)
    }

    pub fn percent(&self, chance: u64) -> bool {
        self.roll(1, 100) <= chance
    }

    /// One of several; `None` of none.
    pub fn one<'a, T>(&self, of: &'a [T]) -> Option<&'a T> {
        let last = u64::try_from(of.len()).ok()?.checked_sub(1)?;
        of.get(usize::try_from(self.roll(0, last)).ok()?)
    }

    /// One of several texts; empty of none.
    pub fn text(&self, of: &[String]) -> String {
        self.one(of).cloned().unwrap_or_default()
    }
}
