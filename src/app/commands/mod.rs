//! What each command does.

mod boxes;
mod mail;
mod mail_login;
mod people;
mod service;
mod tickets;

use super::{
    cli::{Cli, Command, Mail, Vault},
    compose::{self, Service},
    demo, keys, life,
};
use crate::{
    config::{self, Config},
    domain::World,
    store::{self, Store},
};
use anyhow::bail;
use std::{io::Write, path::Path, process::ExitCode, sync::Arc};

pub(super) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Openapi = cli.command {
        println!("{}", crate::web::api::openapi());
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Demo(demo) = cli.command {
        demo::run(demo).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Mail(Mail::Inspect { files, output: _ }) = cli.command {
        return Ok(mail::inspect(&files));
    }
    let config = match load(cli.config.as_deref()) {
        Ok(config) => config,
        Err(mistakes) => {
            eprintln!("{mistakes}");
            return Ok(ExitCode::FAILURE);
        }
    };
    match cli.command {
        Command::Serve => life::serve(config).await?,
        Command::Check => service::check(&config)?,
        Command::Health => return service::health(&config).await,
        Command::Migrate => {
            let (store, _) = open(&config).await?;
            store.close().await;
            println!("The database is up to date.");
        }
        Command::Vault(Vault::RotateKey) => rotate_key(&config).await?,
        Command::Openapi | Command::Demo(_) | Command::Mail(Mail::Inspect { .. }) => {}
        Command::Inbox(command) => boxes::inbox(with_service(config).await?, command).await?,
        Command::Outbox(command) => boxes::outbox(with_service(config).await?, command).await?,
        Command::Mail(Mail::Login { mailbox }) => {
            let (store, world) = open(&config).await?;
            mail_login::login(&config.email, store, world, &mailbox).await?;
        }
        Command::Route(command) => service::route(&config, command)?,
        Command::Ticket(command) => tickets::ticket(with_service(config).await?, command).await?,
        Command::User(command) => people::user(with_service(config).await?, command).await?,
        Command::Token(command) => people::token(with_service(config).await?, command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

#[allow(clippy::disallowed_methods, reason = "the environment is read here and handed to the configuration")]
fn load(folder: Option<&Path>) -> Result<Config, config::Mistakes> {
    config::load(folder, std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))))
}

async fn open(config: &Config) -> anyhow::Result<(Arc<Store>, World)> {
    let world = compose::real_world();
    Ok((compose::open_store(config, &world, store::Access::Shared).await?, world))
}

/// The service put together beside one that may be running; it neither listens nor polls.
async fn with_service(config: Config) -> anyhow::Result<Service> {
    let (store, _) = open(&config).await?;
    let public_url = config.server.public_url.clone().unwrap_or_else(|| format!("http://{}", config.server.listen));
    compose::compose(config, store, &public_url).await
}

async fn rotate_key(config: &Config) -> anyhow::Result<()> {
    let world = compose::real_world();
    let vault = keys::open(&config.vault, &world)?.vault;
    let next = vault.with_new_key()?;
    let store = Store::open(&config.storage, vault, world.clone(), store::Access::Alone).await?;
    // The file first: with both keys in it everything opens, whichever key the database seals with.
    keys::replace(&config.vault, &next)?;
    let done = store.rotate(next).await?;
    store.close().await;
    println!(
        "{} values are sealed with the new key. The old key stays in the key file for the secrets of mails already sent; keep a new copy of the file.",
        done.values
    );
    Ok(())
}

/// Prints one JSON object a line.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

/// For a command that takes ids or `--all`.
fn chosen<T: std::str::FromStr>(ids: &[String], all: bool, what: &str) -> anyhow::Result<Vec<T>> {
    if ids.is_empty() && !all {
        bail!("name the {what}, or say --all");
    }
    ids.iter().map(|id| id.parse().map_err(|_| anyhow::anyhow!("`{id}` is not the id of a {what}; `list` shows them"))).collect()
}
