//! Polled networks are read by one replica only, which holds a lease.

use crate::{
    channel::{Channel, InboundSink},
    store::Store,
};
use futures_util::FutureExt;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// A lease is renewed so often …
const RENEW: Duration = Duration::from_secs(5);
/// … and ends so long after the last renewal: the longest gap when its holder is gone.
const LEASE: Duration = Duration::from_secs(20);

/// Lets `channel` receive until `stop`, on this replica or on none.
pub(super) async fn poll(channel: Arc<dyn Channel>, sink: Arc<dyn InboundSink>, store: Arc<Store>, stop: CancellationToken) {
    // Alone on its database there is nobody to share with.
    if store.is_shared() { poll_by_lease(channel, sink, store, stop).await } else { channel.receive(sink, stop).await }
}

async fn poll_by_lease(channel: Arc<dyn Channel>, sink: Arc<dyn InboundSink>, store: Arc<Store>, stop: CancellationToken) {
    let (name, holder) = (format!("poll:{}", channel.kind()), store.world().uuid().to_string());
    while !stop.is_cancelled() {
        // A network that pushes has nothing to poll: its part ends at once, and for good.
        if take(&store, &name, &holder).await && receive_while_held(&channel, &sink, &store, &name, &holder, &stop).await {
            break;
        }
        tokio::select! { () = stop.cancelled() => {}, () = tokio::time::sleep(RENEW) => {} }
    }
    let _ = store.write(move |tx| async move { tx.release_lease(&name, &holder).await }.boxed()).await;
}

/// Receives until the lease is lost, or the channel ends by itself: then `true`.
async fn receive_while_held(
    channel: &Arc<dyn Channel>,
    sink: &Arc<dyn InboundSink>,
    store: &Arc<Store>,
    name: &str,
    holder: &str,
    stop: &CancellationToken,
) -> bool {
    let term = stop.child_token();
    let mut receiving = std::pin::pin!(channel.receive(sink.clone(), term.clone()));
    loop {
        tokio::select! {
            () = &mut receiving => return true,
            () = tokio::time::sleep(RENEW) => {
                if !take(store, name, holder).await {
                    tracing::warn!(lease = name, "the lease was lost; another replica reads on");
                    term.cancel();
                    receiving.await;
                    return false;
                }
            }
        }
    }
}

async fn take(store: &Arc<Store>, name: &str, holder: &str) -> bool {
    let now = store.world().now();
    let (name, holder) = (name.to_owned(), holder.to_owned());
    let taken = store.write(move |tx| async move { tx.take_lease(&name, &holder, now, now.plus(LEASE)).await }.boxed()).await;
    taken.unwrap_or_else(|error: crate::store::StoreError| {
        tracing::warn!(%error, "a lease could not be asked for");
        false
    })
}
