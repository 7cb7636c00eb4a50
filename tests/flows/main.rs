//! The whole story on the real binary: a message comes in, finds its officer, is answered and settled, and its sender is told;
//! on SQLite and on PostgreSQL.

#[path = "../support/mod.rs"]
mod support;

mod browser;
mod mail;
mod operation;
mod stage;
mod webhook;
