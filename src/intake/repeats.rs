//! Whether what came again under the same name is the same: a system that reuses a name by mistake must hear of it, or
//! its second message would be lost in silence.

use super::Intake;
use crate::{channel::Inbound, store::StoreError};

impl Intake {
    /// Whether a message with one of these keys was taken in before, and its bytes were others.
    pub async fn contradicts_the_first(&self, inbound: &Inbound) -> Result<bool, StoreError> {
        let keys: Vec<String> = inbound.keys.iter().map(|key| key.0.clone()).collect();
        let mut read = self.store.read().await?;
        let Some(first) = read.seen(inbound.channel, &keys).await? else { return Ok(false) };
        Ok(read.inbox_raw(first.id).await?.is_some_and(|(_, raw, _)| raw != inbound.raw.bytes))
    }
}
