//! Removes what forms that were given up and messages that were not kept have left behind, on one replica at a time.

use super::{Intake, uploads};
use crate::store::{StoreError, sweep::Swept};
use futures_util::FutureExt;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A content that nothing refers to is kept so long after somebody last asked for it to be kept: twice as long as an uploaded
/// file waits for its form, and far longer than any transaction is open.
const UNUSED: Duration = Duration::from_secs(48 * 3600);
/// Swept so often …
const PERIOD: Duration = Duration::from_secs(3600);
/// … for the first time so long after the start, which has other things to do.
const FIRST: Duration = Duration::from_secs(60);
/// Whoever has this lease sweeps.
const LEASE: &str = "sweep";

impl Intake {
    /// Sweeps every hour until `stop`.
    pub async fn keep_swept(self, stop: CancellationToken) {
        let holder = self.store.world().uuid().to_string();
        let mut pause = FIRST;
        while tokio::time::timeout(pause, stop.cancelled()).await.is_err() {
            match self.sweep_as(&holder).await {
                Ok(Some(swept)) if swept != Swept::default() => {
                    tracing::info!(uploads = swept.uploads, contents = swept.contents, files = swept.files, "swept");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "what is left over could not be swept; it is tried again"),
            }
            pause = PERIOD;
        }
    }

    /// Sweeps once; `None` when another replica does it in this hour.
    pub async fn sweep_as(&self, holder: &str) -> Result<Option<Swept>, StoreError> {
        let (now, holder) = (self.store.world().now(), holder.to_owned());
        // Not given back: it ends when it is time for the next sweep, whoever makes that.
        let taken = self.store.write(move |tx| async move { tx.take_lease(LEASE, &holder, now, now.plus(PERIOD)).await }.boxed());
        if !taken.await? {
            return Ok(None);
        }
        self.store.sweep(now.minus(uploads::HELD), now.minus(UNUSED)).await.map(Some)
    }
}
