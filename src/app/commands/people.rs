//! `user` and `token`: who may come in.

use super::print_json;
use crate::{
    access::SCOPES,
    app::{cli, compose::Service},
    domain::{Address, Bilingual, Key, Role},
    store::{
        StoreError,
        people::{Account, Origin, Person},
    },
};
use anyhow::{Context, bail};
use futures_util::FutureExt;
use serde_json::json;
use std::io::Read;

pub(super) async fn user(service: Service, command: cli::User) -> anyhow::Result<()> {
    match command {
        cli::User::List { output } => list(&service, output.json).await,
        cli::User::Add { key, name, name_en, email, role, output } => {
            let key = Key::parse(&key)?;
            let role: Role =
                role.parse().map_err(|()| anyhow::anyhow!("`{role}` is no role: officer, clerk, supervisor, manager or admin"))?;
            let email = email.map(|email| Address::mail(&email).with_context(|| format!("`{email}`"))).transpose()?;
            add(&service, key, role, Bilingual::new(&name, &name_en), email, output.json).await
        }
        cli::User::Invite { key, output } => {
            let person = find(&service, &key).await?;
            invite(&service, &person, output.json).await
        }
        cli::User::Password { key } => {
            let person = find(&service, &key).await?;
            let mut password = zeroize::Zeroizing::new(String::new());
            std::io::stdin().read_to_string(&mut password).context("standard input")?;
            service.access.set_password(person.id, password.trim_end_matches(['\r', '\n'])).await?;
            println!("The password of {key} is set; their sessions have ended.");
            Ok(())
        }
        cli::User::Disable { key } => set_active(&service, &key, false).await,
        cli::User::Enable { key } => set_active(&service, &key, true).await,
    }
}

async fn list(service: &Service, json: bool) -> anyhow::Result<()> {
    for person in service.store.read().await?.people().await? {
        let account = match (&person.password_hash, person.active) {
            (_, false) => "disabled",
            (Some(_), true) => "ready",
            (None, true) => "no password",
        };
        if json {
            print_json(&json!({
                "key": person.key, "role": person.role, "name": person.name, "email": person.email.as_ref().map(Address::value), "account": account,
                "absent_until": person.absent_until.map(|at| at.rfc3339()),
            }))?;
        } else {
            println!("{:<28} {:<11} {:<12} {}", person.key, person.role, account, person.name.ar);
        }
    }
    Ok(())
}

async fn add(service: &Service, key: Key, role: Role, name: Bilingual, email: Option<Address>, json: bool) -> anyhow::Result<()> {
    if let Some(email) = &email
        && let Some(other) = service.store.read().await?.person_by_email(email).await?
        && other.key != key
    {
        bail!("the account {} has this e-mail address already", other.key);
    }
    let (now, kept) = (service.store.world().now(), key.clone());
    service
        .store
        .write(move |tx| {
            async move {
                let account = Account { key: &kept, role, name: &name, email: email.as_ref(), site: None, origin: Origin::Hand };
                tx.save_person(account, now).await
            }
            .boxed()
        })
        .await
        .map_err(|error: StoreError| error)?;
    let person = find(service, key.as_str()).await?;
    invite(service, &person, json).await
}

async fn invite(service: &Service, person: &Person, json: bool) -> anyhow::Result<()> {
    let token = service.access.invite(person.id).await?;
    let url = format!("{}/desk/welcome/{token}", service.casework.public_url());
    if json {
        print_json(&json!({ "key": person.key, "url": url }))
    } else {
        println!("{} sets a password with this link, once, within seven days:\n  {url}", person.key);
        Ok(())
    }
}

async fn set_active(service: &Service, key: &str, active: bool) -> anyhow::Result<()> {
    let person = find(service, key).await?;
    service
        .store
        .write(move |tx| async move { tx.set_active(person.id, active).await }.boxed())
        .await
        .map_err(|error: StoreError| error)?;
    println!("The account {key} is {}.", if active { "enabled" } else { "disabled" });
    Ok(())
}

async fn find(service: &Service, key: &str) -> anyhow::Result<Person> {
    let key = Key::parse(key)?;
    let person = service.store.read().await?.person_by_key(&key).await?;
    person.with_context(|| format!("there is no account `{key}`; `user list` shows them"))
}

pub(super) async fn token(service: Service, command: cli::Token) -> anyhow::Result<()> {
    match command {
        cli::Token::List { output } => {
            for token in service.store.read().await?.api_tokens().await? {
                let state = if token.revoked_at.is_some() { "revoked" } else { "valid" };
                if output.json {
                    print_json(
                        &json!({ "name": token.name, "scopes": token.scopes.split(' ').collect::<Vec<_>>(), "state": state, "created_at": token.created_at.rfc3339() }),
                    )?;
                } else {
                    println!("{:<24} {:<8} {}  {}", token.name, state, token.created_at.rfc3339(), token.scopes);
                }
            }
        }
        cli::Token::Create { name, scopes, output } => {
            let scopes = if scopes.is_empty() { SCOPES.iter().map(|s| (*s).to_owned()).collect() } else { scopes };
            if let Some(unknown) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
                bail!("`{unknown}` is no scope: {}", SCOPES.join(", "));
            }
            let token = service.access.issue_token(&name, &scopes).await?;
            if output.json { print_json(&json!({ "name": name, "token": token, "scopes": scopes }))? } else { println!("{token}") }
        }
        cli::Token::Revoke { name } => {
            let now = service.store.world().now();
            let kept = name.clone();
            let revoked = service.store.write(move |tx| async move { tx.revoke_api_token(&kept, now).await }.boxed()).await;
            if revoked.map_err(|error: StoreError| error)? == 0 {
                bail!("there is no valid token named `{name}`");
            }
            println!("The token {name} is revoked.");
        }
    }
    Ok(())
}
