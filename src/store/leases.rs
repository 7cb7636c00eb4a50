//! Small durable facts that keep replicas and pollers in step.

use super::{StoreError, Tx, codec::storable, conn::sql};
use crate::domain::{At, ChannelKind};

impl Tx {
    /// Takes or renews the lease `name` for `holder`; `false` while somebody else has it.
    pub async fn take_lease(&mut self, name: &str, holder: &str, now: At, until: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $4) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE lease.holder = $2 OR lease.until <= $3",
            name,
            holder,
            now,
            until
        )?;
        Ok(changed == 1)
    }

    pub async fn release_lease(&mut self, name: &str, holder: &str) -> Result<(), StoreError> {
        sql!(self, execute, "DELETE FROM lease WHERE name = $1 AND holder = $2", name, holder)?;
        Ok(())
    }

    /// How far an account has been read.
    pub async fn bookmark(&mut self, channel: ChannelKind, account: &str) -> Result<Option<String>, StoreError> {
        Ok(sql!(self, fetch_optional as (String,), "SELECT value FROM bookmark WHERE channel = $1 AND account = $2", channel, account)?
            .map(|(value,)| value))
    }

    pub async fn set_bookmark(&mut self, channel: ChannelKind, account: &str, value: &str, now: At) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "INSERT INTO bookmark (channel, account, value, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT (channel, account) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            channel,
            account,
            storable(value),
            now
        )?;
        Ok(())
    }

    /// Receivers of outgoing webhooks that are gone.
    pub async fn disabled_targets(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(sql!(self, fetch_all as (String,), "SELECT target FROM target_disabled ORDER BY target")?
            .into_iter()
            .map(|(target,)| target)
            .collect())
    }

    pub async fn disable_target(&mut self, target: &str, now: At) -> Result<(), StoreError> {
        sql!(self, execute, "INSERT INTO target_disabled (target, since) VALUES ($1, $2) ON CONFLICT (target) DO NOTHING", target, now)?;
        Ok(())
    }

    pub async fn enable_target(&mut self, target: &str) -> Result<u64, StoreError> {
        Ok(sql!(self, execute, "DELETE FROM target_disabled WHERE target = $1", target)?)
    }
}
