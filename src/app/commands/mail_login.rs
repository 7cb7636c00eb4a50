//! `mail login`: a person signs a mailbox in with its provider, once.

use crate::{
    app::mailbox_tokens::StoredTokens,
    channel::email::{
        oauth::{
            TokenStore,
            login::{Login, Started},
        },
        settings::Settings,
    },
    domain::{Language, World},
    i18n::text,
    store::Store,
};
use std::{io::BufRead, sync::Arc};
use tokio::sync::mpsc;

pub(super) async fn login(settings: &Settings, store: Arc<Store>, world: World, mailbox: &str) -> anyhow::Result<()> {
    let login = Login::new(settings, mailbox, world)?;
    let started = login.begin().await?;
    invite(&started);
    let mut pasted = if started.code().is_none() { lines() } else { mpsc::channel(1).1 };
    let tokens = login.finish(&started, &mut pasted).await?;
    login.verify(&tokens).await?;
    StoredTokens(store.clone()).replace(mailbox, &tokens).await?;
    store.close().await;
    println!("{}\n{}", text(Language::Ar, "mail-login-done"), text(Language::En, "mail-login-done"));
    Ok(())
}

/// The address and the code stand on lines of their own, to be copied.
fn invite(started: &Started) {
    let key = if started.code().is_some() { "mail-login-code" } else { "mail-login-browser" };
    println!("{}\n{}\n\n  {}", text(Language::Ar, key), text(Language::En, key), started.address());
    if let Some(code) = started.code() {
        println!("  {code}");
    }
    println!();
}

/// The lines of standard input. A thread of its own reads them: it may wait for ever and must not hold the program up.
fn lines() -> mpsc::Receiver<String> {
    let (lines, read) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    read
}
