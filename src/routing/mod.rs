//! Which ticket a message belongs to, who owns it and why, and whether it may be answered automatically.
//!
//! Architecture invariant: pure functions of facts and `now`; no I/O, nothing of the store, no text for people: a decision
//! carries named reasons.

pub mod belonging;
pub mod gate;
pub mod owner;
pub mod rule;

pub use belonging::{Belonging, belonging};
pub use gate::{Gate, gate};
pub use owner::{Candidate, choose_owner};
pub use rule::{Facts, Route, Rule, Rules};
