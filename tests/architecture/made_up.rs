//! Small invented sources, good and bad: the checker is worth something only because it can fail.

use crate::{judged, rules, sources::Source};
use std::collections::BTreeSet;

fn sentences(files: &[(&str, &str)]) -> Vec<String> {
    judged(files.iter().map(|(path, text)| Source { path: (*path).into(), text: format!("//! Made up.\n{text}") }).collect())
}

/// The one sentence about `text` at `path`, which must be there and be the only one.
fn only_sentence(path: &str, text: &str) -> String {
    let sentences = sentences(&[(path, text)]);
    assert_eq!(sentences.len(), 1, "{path}: {text}\n{sentences:#?}");
    sentences.into_iter().next().unwrap()
}

fn fine(path: &str, text: &str) {
    assert_eq!(sentences(&[(path, text)]), Vec::<String>::new(), "{path}: {text}");
}

#[test]
fn an_import_may_run_downward() {
    fine("intake/accept.rs", "use crate::{domain::At, store::Tx, routing::{rule, rule::Rule}};");
    fine("store/tickets.rs", "use crate::{domain, vault::Seal};\nfn f() { sqlx::query(\"select 1\"); }");
    fine("main.rs", "fn main() { tawasul::app::main() }");
    fine("app/mod.rs", "use crate::{config, web, store}; fn f() { let t = std::time::SystemTime::now(); }");
}

#[test]
fn an_import_may_not_run_upward_however_it_is_written() {
    for text in [
        "use crate::web::Page;",
        "use crate::{domain::At, web::Page};",
        "use crate::{domain::{At, Key}, web};",
        "use super::web::Page;",
        "use super::super::web::Page;",
        "fn f() { let p = crate::web::Page; }",
        "fn f(page: Option<crate::web::Page>) {}",
        "mod inside { use super::super::super::web::Page; }",
        "#[cfg(test)] mod tests { use crate::web::Page; }",
        "macro_rules! m { () => { $crate::web::page() } }",
        "pub use crate::web as pages;",
    ] {
        let path = if text.starts_with("use super::web") { "store/mod.rs" } else { "store/tickets.rs" };
        let sentence = only_sentence(path, text);
        assert!(sentence.contains("`store` (floor 2) and names `web` (floor 6)"), "{sentence}");
        assert!(sentence.starts_with(&format!("src/{path}:2 ")), "{sentence}");
    }
}

#[test]
fn what_only_stands_in_words_is_no_import() {
    fine("store/tickets.rs", "//! [`crate::web`]\n/// See [`crate::web::Page`].\n// use crate::web;\nconst S: &str = \"crate::web\";");
    fine("store/tickets.rs", "pub(crate) struct A { pub(super) b: u8, pub(in crate::store) c: u8 }");
    fine("store/tickets.rs", "fn f(row: Row) { row.axum; row.sqlx(); }");
}

#[test]
fn modules_on_one_floor_do_not_import_each_other() {
    assert!(only_sentence("store/tickets.rs", "use crate::channel::Kind;").contains("on the same floor"));
    assert!(only_sentence("outbox/mod.rs", "use super::access::Door;").contains("on the same floor"));
    assert!(only_sentence("i18n/mod.rs", "use crate::vault;").contains("on the same floor"));
}

#[test]
fn web_never_touches_the_store() {
    assert!(only_sentence("web/desk/list.rs", "use crate::store::tickets;").contains("is in `web` and names `store`"));
}

#[test]
fn config_reads_settings_and_nothing_else_of_the_floors_below() {
    fine(
        "config/mod.rs",
        "use crate::{domain::Kind, routing::rule::Rule, web::settings::Settings, channel::{ChannelKind, email::settings as email}};",
    );
    assert!(only_sentence("config/mod.rs", "use crate::store::Store;").contains("beyond its settings"));
    assert!(only_sentence("web/mod.rs", "use crate::config::Config;").contains("stands above it"));
}

#[test]
fn everything_at_once_is_no_import() {
    assert!(only_sentence("store/mod.rs", "use crate::*;").contains("imports everything"));
    assert!(only_sentence("store/mod.rs", "use super::*;").contains("imports everything"));
    fine("store/mod.rs", "mod tests { use super::*; }");
}

#[test]
fn a_channel_never_imports_another_channel() {
    let email = ("channel/email/mod.rs", "pub struct Mail;");
    for text in ["use crate::channel::email::Mail;", "use super::super::email::Mail;", "use crate::channel::{Kind, email};"] {
        let sentences = sentences(&[email, ("channel/sms/send.rs", text)]);
        assert_eq!(sentences.len(), 1, "{text}: {sentences:#?}");
        assert!(sentences[0].contains("is the channel `sms` and names the channel `email`"), "{sentences:#?}");
    }
    assert!(sentences(&[email, ("channel/mod.rs", "pub mod email; use email::Mail; use self::email::Mail as M;")]).is_empty());
    assert!(sentences(&[email, ("channel/graph.rs", ""), ("channel/sms/send.rs", "use super::super::graph::Graph;")]).is_empty());
}

#[test]
fn each_crate_stays_in_its_place() {
    for (path, text, name) in [
        ("casework/mod.rs", "use sqlx::Row;", "sqlx"),
        ("casework/mod.rs", "#[derive(Debug)] #[sqlx(transparent)] struct Id(u8);", "sqlx"),
        ("casework/mod.rs", "use {sqlx::Row, std::fmt};", "sqlx"),
        ("casework/mod.rs", "fn f() -> ::sqlx::Result<()> { todo!() }", "sqlx"),
        ("app/mod.rs", "fn f(r: Vec<axum::Router>) {}", "axum"),
        ("channel/sms/mod.rs", "use teloxide::Bot;", "teloxide"),
        ("channel/telegram.rs", "use lettre::Message;", "lettre"),
        ("intake/mod.rs", "use async_imap::Session;", "async_imap"),
    ] {
        let sentence = only_sentence(path, text);
        assert!(sentence.contains(&format!("names `{name}`, which belongs in")), "{sentence}");
    }
    fine("channel/telegram/mod.rs", "use teloxide::Bot;");
    fine("channel/email/send.rs", "use lettre::Message; use async_imap::Session;");
    fine("web/mod.rs", "use axum::Router;");
}

#[test]
fn only_app_reads_the_clock_and_tests_may() {
    for text in [
        "fn f() { std::time::SystemTime::now(); }",
        "use jiff::Timestamp; fn f() { Timestamp::now(); }",
        "use std::time::Instant; fn f() { Instant::now(); }",
        "fn f() { uuid::Uuid::now_v7(); }",
        "#[cfg(test)] fn t() {} fn f() { jiff::ZonedDateTime::now(); }",
        "#[cfg(not(test))] fn f() { jiff::ZonedDateTime::now(); }",
        "#[test] fn t() {} use x::y; fn f() { let now = jiff::Timestamp::now; }",
    ] {
        assert!(only_sentence("intake/mod.rs", text).contains("reads the clock"), "{text}");
    }
    fine("intake/mod.rs", "#[cfg(test)] mod tests { fn f() { std::time::SystemTime::now(); } }");
    fine("intake/mod.rs", "#[cfg(test)] use std::time::Instant; #[tokio::test] async fn t() { Instant::now(); }");
    fine("intake/tests.rs", "fn f() { std::time::SystemTime::now(); }");
    fine("intake/mod.rs", "#![cfg(test)] fn f() { std::time::SystemTime::now(); }");
    fine("intake/mod.rs", "use tokio::time::{sleep, Instant}; fn f() { let end = Instant::now() + span; }");
    fine("intake/mod.rs", "fn f(world: &World) { world.now(); At::now; }");
}

#[test]
fn a_module_without_a_floor_is_told_so() {
    assert!(only_sentence("reports/mod.rs", "").contains("stands on no floor"));
    assert!(only_sentence("reports.rs", "").contains("stands on no floor"));
}

#[test]
fn a_file_that_is_too_long_is_usually_two_things() {
    assert!(only_sentence("intake/mod.rs", &"\n".repeat(700)).contains("it is usually two things"));
    fine("intake/mod.rs", &"\n".repeat(699));
}

#[test]
fn names_that_say_nothing_are_refused() {
    assert!(only_sentence("intake/utils.rs", "").contains("is called `utils`"));
    assert!(only_sentence("intake/common/mod.rs", "").contains("is called `common`"));
    assert!(only_sentence("intake/mod.rs", "pub(crate) mod helpers {\n}").contains("declares a module `helpers`"));
    fine("intake/mod.rs", "mod content_types;");
}

#[test]
fn a_file_says_first_what_it_is_for() {
    let sentences = judged(vec![Source { path: "intake/mod.rs".into(), text: "use std::fmt;".into() }]);
    assert_eq!(sentences, ["src/intake/mod.rs does not open with `//!`: say in one sentence what the file is for."]);
}

#[test]
fn the_root_only_declares_modules() {
    assert!(only_sentence("lib.rs", "pub mod domain;\npub use domain::Ticket;").contains("only declares the modules"));
    fine("lib.rs", "pub mod domain;");
}

#[test]
fn a_file_that_is_not_rust_is_told_so() {
    assert!(only_sentence("intake/mod.rs", "fn f( {").contains("cannot be read as Rust"));
}

#[test]
fn a_migration_without_its_twin_is_named() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert!(rules::migrations(&names(&["0001_tickets.sql"]), &names(&["0001_tickets.sql"])).is_empty());
    let sentences = rules::migrations(&names(&["0001_tickets.sql", "0002_notices.sql"]), &names(&["0001_tickets.sql", "0003_people.sql"]));
    assert_eq!(sentences.len(), 2);
    assert!(sentences[0].starts_with("migrations/sqlite/0002_notices.sql has no twin"));
}
