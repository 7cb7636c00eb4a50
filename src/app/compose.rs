//! Puts the parts together: each concrete type is named here once.

use super::{bookmarks::StoredBookmarks, keys, mailbox_tokens::StoredTokens, world};
use crate::{
    access::Access,
    casework::Casework,
    channel::{Channel, email::EmailChannel, portal::PortalChannel, webhook::WebhookChannel},
    config::Config,
    domain::{Address, Role, World},
    intake::Intake,
    outbox::Outbox,
    routing::Rules,
    store::{self, Store, StoreError},
    web::demo::DemoStage,
};
use anyhow::Context;
use std::sync::Arc;

/// The service, put together and not yet running.
pub(super) struct Service {
    pub config: Config,
    pub store: Arc<Store>,
    pub channels: Vec<Arc<dyn Channel>>,
    pub webhooks: Option<Arc<WebhookChannel>>,
    pub outbox: Outbox,
    pub casework: Casework,
    pub intake: Intake,
    pub access: Arc<Access>,
    /// Only in `tawasul demo`.
    pub demo: Option<Arc<dyn DemoStage>>,
}

/// Opens the database with the keys that belong to it.
pub(super) async fn open_store(config: &Config, world: &World, access: store::Access) -> anyhow::Result<Arc<Store>> {
    let keys = keys::open(&config.vault, world)?;
    let opened = Store::open(&config.storage, keys.vault, world.clone(), access).await;
    match (&opened, keys.made) {
        (Ok(_), Some(file)) => {
            tracing::info!(file = %file.display(), "a new key for personal data was made; keep a copy of it in a safe place");
        }
        // A new key can't open an old database; leaving it there would only hide that the right one is missing.
        (Err(StoreError::WrongKey(_)), Some(file)) => {
            let _ = std::fs::remove_file(&file);
            anyhow::bail!(
                "the key file {} is missing, and the database was sealed with its keys; restore the copy that was kept of it",
                file.display()
            );
        }
        _ => {}
    }
    Ok(opened?)
}

/// Puts the service together on an open store. `public_url` is how people outside reach it.
pub(super) async fn compose(config: Config, store: Arc<Store>, public_url: &str) -> anyhow::Result<Service> {
    compose_with(config, store, public_url, Vec::new()).await
}

/// The same with further channels, which come before those of the configuration: the demo's stand-ins for networks.
pub(super) async fn compose_with(
    config: Config,
    store: Arc<Store>,
    public_url: &str,
    further: Vec<Arc<dyn Channel>>,
) -> anyhow::Result<Service> {
    let world = store.world().clone();
    let mut channels: Vec<Arc<dyn Channel>> = vec![PortalChannel::new()];
    channels.extend(further);
    if !config.email.mailboxes.is_empty() {
        let (bookmarks, tokens) = (Arc::new(StoredBookmarks(store.clone())), Arc::new(StoredTokens(store.clone())));
        channels.push(EmailChannel::new(config.email.clone(), bookmarks, tokens, world.clone())?);
    }
    let webhooks = if config.webhooks.sources.is_empty() && config.webhooks.targets.is_empty() {
        None
    } else {
        let webhooks = WebhookChannel::new(&config.webhooks, world)?;
        for target in store.read().await?.disabled_targets().await? {
            webhooks.disable(&target);
        }
        channels.push(webhooks.clone());
        Some(webhooks)
    };
    let own = config.email.mailboxes.iter().filter_map(|mailbox| Address::mail(&mailbox.address).ok()).collect();
    let outbox = Outbox::new(store.clone(), channels.clone(), webhooks.clone(), config.outbox.clone(), own, config.office.name.clone());
    let casework = Casework::new(store.clone(), outbox.clone(), Arc::new(config.office.clone()), config.calendar.clone(), public_url);
    casework.keep_staff().await.context("the staff could not be taken over from the configuration")?;
    let intake = Intake::new(store.clone(), casework.clone(), Rules::new(config.rules.clone()));
    let access = Arc::new(Access::new(store.clone()));
    Ok(Service { config, store, channels, webhooks, outbox, casework, intake, access, demo: None })
}

/// The token of the one-time link for the first administrator; `None` once anybody can sign in.
pub(super) async fn first_invitation(service: &Service) -> anyhow::Result<Option<String>> {
    let mut read = service.store.read().await?;
    if read.has_password().await? {
        return Ok(None);
    }
    let first = read.people().await?.into_iter().filter(|p| p.active).min_by_key(|p| match p.role {
        Role::Admin => 0,
        Role::Supervisor => 1,
        _ => 2,
    });
    drop(read);
    match first {
        Some(person) => Ok(Some(service.access.invite(person.id).await?)),
        None => Ok(None),
    }
}

pub(super) fn real_world() -> World {
    world::world()
}
