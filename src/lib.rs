//! Tawasul (تواصل): messages from many channels become tickets that somebody answers.
//!
//! The floors of the house, from the top down, are in `docs/architecture.md`; `tests/architecture.rs` keeps imports
//! running downward only.

pub mod access;
pub mod app;
pub mod casework;
pub mod channel;
pub mod config;
pub mod domain;
pub mod i18n;
pub mod intake;
pub mod outbox;
pub mod routing;
pub mod store;
pub mod vault;
pub mod web;
