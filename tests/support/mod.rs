//! The real things that tests stand on: processes, databases, a browser, the program itself, and its neighbours on the network.
//!
//! Invariant: nothing is left behind. Every process runs under `process::Watched`, which ends it and removes its folder even
//! when the test itself is killed. What is not installed is skipped with a printed line, except where `CI` is set: there it
//! fails.

#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::disallowed_methods, reason = "tests wait for real processes, by the real clock")]

pub mod app;
pub mod binary;
pub mod browser;
pub mod http;
pub mod interface;
pub mod postgres;
pub mod process;
pub mod sources;
pub mod statements;
pub mod webhook_receiver;

/// A port of the loopback address that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}
pub mod dovecot;
pub mod odd_imap;
pub mod recorder;
pub mod smtp_sink;
pub mod token_server;
pub mod tokens;
