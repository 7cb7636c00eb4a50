//! The signs by which an operator sees whether the service is well. Nothing personal is in them.

use super::Casework;
use crate::{
    channel::AccountHealth,
    domain::{At, ChannelKind},
    store::StoreError,
};

/// Everything that is measured at one look.
#[derive(Clone, Debug, Default)]
pub struct VitalSigns {
    pub now: At,
    /// Each account of each channel.
    pub accounts: Vec<(ChannelKind, AccountHealth)>,
    /// When each channel last took a message in; channels that never did are not there.
    pub last_received: Vec<(ChannelKind, At)>,
    /// Messages in quarantine, for every channel that has some.
    pub quarantined: Vec<(ChannelKind, i64)>,
    /// Notices that wait to be sent.
    pub pending: i64,
    /// When the oldest of them was promised.
    pub oldest: Option<At>,
    /// Notices that were given up.
    pub dead: i64,
}

impl Casework {
    /// Whether the database answers.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }

    /// What the channels know of themselves; needs no database.
    pub fn accounts(&self) -> Vec<(ChannelKind, AccountHealth)> {
        let of = |channel: &std::sync::Arc<dyn crate::channel::Channel>| {
            let kind = channel.kind();
            channel.health().into_iter().map(move |health| (kind, health)).collect::<Vec<_>>()
        };
        self.outbox.channels().iter().flat_map(of).collect()
    }

    /// The signs, as the database shows them now.
    pub async fn vital_signs(&self) -> Result<VitalSigns, StoreError> {
        let mut read = self.store.read().await?;
        let (pending, oldest) = read.outbox_depth().await?;
        Ok(VitalSigns {
            now: self.world().now(),
            accounts: self.accounts(),
            last_received: read.last_received().await?,
            quarantined: read.quarantine_counts().await?,
            pending,
            oldest,
            dead: read.dead_count().await?,
        })
    }
}
