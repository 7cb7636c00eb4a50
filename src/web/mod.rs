//! Portal, desk, REST interface and webhooks, behind one listener.
//!
//! Architecture invariants
//! - Never touches the store: it reads through `casework`, writes through `casework` and `intake`, and asks `access` who somebody is.
//! - A message is answered with success only after `intake` has committed it.
//! - Pages are drawn by typed contexts in `pages`; a handler fills one. Whatever is refused is a page too, drawn by `shell`.
//! - Browsers' requests that change something come from our own pages only (`CsrfLayer`); machines' requests carry a token or
//!   a signature, and stand outside that layer.
//!
//! To add a page: its context in `pages`, its handler in `portal` or `desk`, its route in the `mod.rs` there.

pub mod api;
mod attached;
mod connections;
pub mod demo;
pub mod desk;
mod download;
pub mod health;
pub mod hooks;
mod links;
mod network;
pub mod pages;
pub mod portal;
mod problem;
mod refused;
mod sending;
pub mod settings;
mod sheet;
mod shell;
mod spoken;
mod visit;

use crate::{access::Access, casework::Casework, channel::webhook::WebhookChannel, intake::Intake};
use axum::{Router, middleware};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What the handlers work with.
pub struct Web {
    pub casework: Casework,
    pub intake: Intake,
    pub access: Arc<Access>,
    pub webhooks: Option<Arc<WebhookChannel>>,
    pub settings: settings::Settings,
    /// Renders the counters of the process.
    pub metrics: PrometheusHandle,
    /// Whether the public address is https: cookies are then `__Host-` and Secure.
    pub secure: bool,
    /// The stage of `tawasul demo`; `None` in every real service.
    pub demo: Option<Arc<dyn demo::DemoStage>>,
}

/// Everything that is served. To be served with [`axum::extract::ConnectInfo`] of the peer's socket address, by which
/// throttles tell one network from another.
pub fn router(web: Arc<Web>) -> Router {
    let pages =
        Router::new().merge(portal::routes()).merge(desk::routes()).merge(demo::routes(web.demo.is_some())).fallback(shell::nowhere);
    Router::new()
        .merge(shell::around(pages, &web))
        .merge(api::routes())
        .merge(hooks::routes())
        .merge(health::routes())
        .layer(middleware::from_fn_with_state(web.clone(), shell::careful))
        .with_state(web)
}

/// The longest that a connection may be silent before the head of a request is whole.
const HEAD: Duration = Duration::from_secs(10);
/// The longest that an answer may wait to be taken further.
const STALL: Duration = Duration::from_secs(60);

/// Serves on `listener` until `stop`; requests under way are answered first.
///
/// # Errors
/// None, once it listens.
pub async fn serve(web: Arc<Web>, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
    let most = usize::try_from(web.settings.max_connections).unwrap_or(usize::MAX);
    let limits = connections::Limits { most, head: HEAD, stall: STALL, trusted: web.settings.trusted_proxies.clone() };
    connections::serve(router(web), listener, limits, stop).await
}
