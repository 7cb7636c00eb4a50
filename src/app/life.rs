//! How the service lives: starts, says where it listens, serves, and ends cleanly when it is asked to.

use super::{
    compose::{self, Service},
    polling,
};
use crate::{
    config::Config,
    store,
    web::{self, Web},
};
use anyhow::Context;
use futures_util::FutureExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{io::Write, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

/// What is under way has so long to end after the signal; the whole process ends within 10 s.
const GRACE: Duration = Duration::from_secs(8);

/// Serves until the process is asked to end.
pub(super) async fn serve(config: Config) -> anyhow::Result<()> {
    // First, so that a signal during the start ends it cleanly too.
    let ended = end_signal()?;
    let world = compose::real_world();
    let store = compose::open_store(&config, &world, store::Access::Exclusive).await?;
    let listener = listen(config.server.listen).await?;
    let address = listener.local_addr()?;
    let public_url = config.server.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let service = compose::compose(config, store, &public_url).await?;
    service.casework.follow_file().await?;
    announce(&service, address, &public_url).await?;
    live(service, listener, &public_url, ended).await
}

pub(super) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("can't listen on {address}; is something else using it? Set server.listen or TAWASUL_SERVER__LISTEN to another address")
    })
}

/// Says on standard output where it listens, and how the first administrator comes in.
async fn announce(service: &Service, address: SocketAddr, public_url: &str) -> anyhow::Result<()> {
    let url = format!("http://{address}");
    let mut out = std::io::stdout().lock();
    writeln!(out, "Tawasul {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "  portal     {url}/")?;
    writeln!(out, "  desk       {url}/desk")?;
    writeln!(out, "  interface  {url}/api/v1")?;
    out.flush()?;
    drop(out);
    if let Some(token) = compose::first_invitation(service).await? {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nThe first administrator sets a password with this link, once, within seven days:")?;
        writeln!(out, "  {}/desk/welcome/{token}", public_url.trim_end_matches('/'))?;
        out.flush()?;
    }
    Ok(())
}

/// Runs everything until `ended`.
pub(super) async fn live(service: Service, listener: TcpListener, public_url: &str, ended: impl Future<Output = ()>) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let metrics = recorder()?;
    let mut tasks = JoinSet::new();
    let (outbox, ended_by) = (service.outbox.clone(), stop.clone());
    tasks.spawn(keep_going("outbox", stop.clone(), move || outbox.clone().run(ended_by.clone())));
    for channel in &service.channels {
        let (channel, sink, store, ended_by) = (channel.clone(), Arc::new(service.intake.clone()), service.store.clone(), stop.clone());
        let poll = move || polling::poll(channel.clone(), sink.clone(), store.clone(), ended_by.clone());
        tasks.spawn(keep_going("channel", stop.clone(), poll));
    }
    let (intake, ended_by) = (service.intake.clone(), stop.clone());
    tasks.spawn(keep_going("sweep", stop.clone(), move || intake.clone().keep_swept(ended_by.clone())));
    tasks.spawn(upkeep(metrics.clone(), stop.clone()));
    let web = Arc::new(Web {
        casework: service.casework.clone(),
        intake: service.intake.clone(),
        access: service.access.clone(),
        webhooks: service.webhooks.clone(),
        settings: service.config.server.clone(),
        metrics,
        secure: public_url.starts_with("https://"),
        demo: service.demo.clone(),
    });
    let serving = tokio::spawn(web::serve(web, listener, stop.clone()));
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    tracing::info!("ready");
    ended.await;
    tracing::info!("stopping");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
    stop.cancel();
    let drained = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, async { tokio::join!(serving, drained) }).await.is_err() {
        tracing::warn!("something did not end in time; what was being sent is sent again after its lease");
    }
    tasks.abort_all();
    let _ = tokio::time::timeout(Duration::from_secs(1), service.store.close()).await;
    tracing::info!("stopped");
    Ok(())
}

/// Runs a part of the service until `stop`; one that panics is started again.
async fn keep_going<F: Future<Output = ()>>(what: &'static str, stop: CancellationToken, part: impl Fn() -> F) {
    loop {
        let ended = AssertUnwindSafe(part()).catch_unwind().await;
        match ended {
            Ok(()) => return,
            Err(_) if stop.is_cancelled() => return,
            Err(_) => tracing::error!(what, "a part of the service panicked; it is started again"),
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), stop.cancelled()).await;
    }
}

fn recorder() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().context("the metrics can't be recorded")
}

async fn upkeep(metrics: PrometheusHandle, stop: CancellationToken) {
    while tokio::time::timeout(Duration::from_secs(30), stop.cancelled()).await.is_err() {
        metrics.run_upkeep();
    }
}

/// Listens for SIGTERM and SIGINT from this call on; the future ends with the first of them.
///
/// # Errors
/// When the system lets us hear no signals.
pub(super) fn end_signal() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("signals can't be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals can't be heard")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
