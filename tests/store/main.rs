//! The store, proved on both databases with the same tests: what is saved comes back, what must not be seen is not seen.
//!
//! To add a test: a sentence as its name, an `async fn` of a [`rig::Rig`] in the file of its subject, and `both!` above it.

#[path = "../support/mod.rs"]
mod support;

#[macro_use]
mod rig;

mod budgets;
mod contacts;
mod files;
mod inbox;
mod leases;
mod lists;
mod mailbox_tokens;
mod messages;
mod notices;
mod opening;
mod people;
mod plans;
mod rotation;
mod secrecy;
mod tickets;
mod writing;
