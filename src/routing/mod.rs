//! Which ticket a message belongs to, who owns it and why, and whether it may be answered automatically.
//!
//! Architecture invariant: pure functions of facts and `now`; no I/O, nothing of the store.

pub mod rule;
