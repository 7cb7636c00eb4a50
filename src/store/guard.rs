//! PostgreSQL: any number of services to one database, and none while its keys are rotated.
//!
//! Every connection of a service or a command holds an advisory lock shared, for as long as it lives; a rotation holds it
//! alone. So whoever can write holds it, without a heartbeat that could come too late. A connection that is made after a
//! rotation finds another key in the database than its program seals with, and is refused too.
//!
//! Not here: SQLite, where [`super::lock`] lets one service have the file.

use super::{Access, StoreError};
use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

/// Names the lock, within one database. The number means nothing.
const LOCK: i64 = 0x7461_7761_7375_6c01;
/// A program that ended a moment ago may still be seen by the server: asked again so often …
const TRIES: u32 = 10;
/// … with this pause.
const PAUSE: Duration = Duration::from_millis(200);

/// What every connection of a pool has to pass.
#[derive(Clone)]
pub(super) struct Guard {
    alone: bool,
    /// The number of the key that this program seals with, once it is known.
    primary: Arc<OnceLock<u8>>,
}

impl Guard {
    pub(super) fn new(access: Access) -> Self {
        Self { alone: access == Access::Alone, primary: Arc::default() }
    }

    pub(super) fn is_alone(&self) -> bool {
        self.alone
    }

    /// From now on the database must seal with this key.
    pub(super) fn expect(&self, primary: u8) {
        let _ = self.primary.set(primary);
    }

    /// Connections that hold the lock.
    ///
    /// # Errors
    /// [`StoreError::InUse`] for a rotation while others are there, [`StoreError::Rotating`] for the others while it goes on.
    pub(super) async fn connect(&self, options: PgConnectOptions) -> Result<PgPool, StoreError> {
        // Asked first on a connection of its own: a pool would try again and again, and only say that it took too long.
        let mut probe = options.connect().await?;
        let mut free = self.take(&mut probe).await?;
        for _ in 1..TRIES {
            if free {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            free = self.take(&mut probe).await?;
        }
        if !free {
            let database = options.get_database().unwrap_or("the database").to_owned();
            return Err(if self.alone { StoreError::InUse(database) } else { StoreError::Rotating });
        }
        let guard = self.clone();
        let pool = PgPoolOptions::new()
            // Also a service that has nothing to do is seen by its one connection.
            .min_connections(1)
            .max_connections(if self.alone { 1 } else { 16 })
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                let guard = guard.clone();
                Box::pin(async move { guard.pass(connection).await })
            });
        if self.alone {
            // Given back just before, and taken by the pool's only connection; somebody who slips in between is met with the
            // same refusal there.
            probe.close().await?;
            return Ok(pool.connect_with(options).await?);
        }
        let pool = pool.connect_with(options).await?;
        probe.close().await?;
        Ok(pool)
    }

    async fn take(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let ask = if self.alone { "SELECT pg_try_advisory_lock($1)" } else { "SELECT pg_try_advisory_lock_shared($1)" };
        sqlx::query_scalar(ask).bind(LOCK).fetch_one(connection).await
    }

    async fn pass(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if !self.take(connection).await? {
            return Err(refused("its keys are being rotated, or a rotation waits for this program to end"));
        }
        // A rotation itself changes the key.
        let Some(primary) = self.primary.get().filter(|_| !self.alone) else { return Ok(()) };
        let sealing: i32 = sqlx::query_scalar("SELECT primary_key FROM vault_state WHERE id = 1").fetch_one(connection).await?;
        if sealing != i32::from(*primary) {
            return Err(refused("it is sealed with another key since; start this program again with the new key file"));
        }
        Ok(())
    }
}

fn refused(why: &str) -> sqlx::Error {
    sqlx::Error::Configuration(format!("the database can't be used: {why}").into())
}
