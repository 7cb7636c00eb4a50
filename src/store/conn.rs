//! One connection to either database, and the macro that runs one statement on it.

use super::StoreError;
use crate::{
    domain::World,
    vault::{Place, Vault},
};
use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, pool::PoolConnection};
use std::{panic::AssertUnwindSafe, sync::Arc};

/// A connection, owned for as long as the work lasts.
pub(super) enum Conn {
    Lite(SqliteConnection),
    LitePool(PoolConnection<Sqlite>),
    Pg(PoolConnection<Postgres>),
}

/// The same, borrowed for one statement.
pub(super) enum On<'a> {
    Lite(&'a mut SqliteConnection),
    Pg(&'a mut PgConnection),
}

/// Which of the two it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dialect {
    Lite,
    Pg,
}

/// Runs one statement: `sql!(tx, execute, "…$1…", a)`, `sql!(tx, fetch_all as Row, lite "…" pg "…", a, b)`.
/// `execute` answers the number of rows changed. A test prepares every statement on both databases.
macro_rules! sql {
    ($tx:expr, $how:ident $(as $row:ty)?, lite $lite:literal pg $pg:literal $(, $bind:expr)* $(,)?) => {
        match $tx.on() {
            $crate::store::conn::On::Lite(c) => sql!(@ sqlx::Sqlite, c, $how, $lite $(as $row)? $(, $bind)*),
            $crate::store::conn::On::Pg(c) => sql!(@ sqlx::Postgres, c, $how, $pg $(as $row)? $(, $bind)*),
        }
    };
    ($tx:expr, $how:ident $(as $row:ty)?, $both:literal $(, $bind:expr)* $(,)?) => {
        sql!($tx, $how $(as $row)?, lite $both pg $both $(, $bind)*)
    };
    (@ $db:ty, $c:ident, $how:ident, $sql:literal as $row:ty $(, $bind:expr)*) => {
        sqlx::query_as::<$db, $row>($sql)$(.bind($bind))*.$how($c).await
    };
    (@ $db:ty, $c:ident, $how:ident, $sql:literal $(, $bind:expr)*) => {
        sqlx::query::<$db>($sql)$(.bind($bind))*.$how($c).await.map(|done| done.rows_affected())
    };
}
pub(super) use sql;

/// Declares a struct and how it is read from a row of either database: one column for each field, by its name. (sqlx's
/// derive would do the same, but brings both drivers, SQLite's sources and TLS into the build a second time, for the
/// compiler's side.)
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$doc:meta])* $field_vis:vis $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$doc])* $field_vis $field: $type),* }
        row!(@ sqlx::sqlite::SqliteRow, $name, $($field),*);
        row!(@ sqlx::postgres::PgRow, $name, $($field),*);
    };
    (@ $row:ty, $name:ident, $($field:ident),*) => {
        impl sqlx::FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),* })
            }
        }
    };
}
pub(super) use row;

/// A panic's message, as far as it is text. Only its first line and at most 200 characters: it must carry nothing personal far.
fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let words =
        panic.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    words.lines().next().unwrap_or("").chars().take(200).collect()
}

/// What the functions of the store run on. Inside [`super::Store::write`] it is a transaction; from
/// [`super::Store::read`] a plain connection that refuses to write on SQLite.
pub struct Tx {
    pub(super) conn: Conn,
    pub(super) vault: Arc<Vault>,
    pub(super) world: World,
}

impl Tx {
    /// The connection, for one statement; each is counted.
    pub(super) fn on(&mut self) -> On<'_> {
        metrics::counter!("tawasul_store_statements_total").increment(1);
        match &mut self.conn {
            Conn::Lite(c) => On::Lite(c),
            Conn::LitePool(c) => On::Lite(c),
            Conn::Pg(c) => On::Pg(c),
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        match &self.conn {
            Conn::Lite(_) | Conn::LitePool(_) => Dialect::Lite,
            Conn::Pg(_) => Dialect::Pg,
        }
    }

    /// Runs `work` inside a savepoint. When it fails or panics, all it did is undone and the transaction goes on.
    ///
    /// # Errors
    /// What `work` returned; [`StoreError::Panicked`] when it panicked.
    pub async fn savepoint<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError>,
    {
        sql!(self, execute, "SAVEPOINT inner_work").map_err(StoreError::from)?;
        let outcome = self.caught(work).await;
        // On PostgreSQL the release fails when the work passed over a statement that had failed: it is undone like the rest.
        let outcome = match outcome {
            Ok(value) => sql!(self, execute, "RELEASE SAVEPOINT inner_work").map(|_| value).map_err(|e| E::from(StoreError::from(e))),
            failed => failed,
        };
        if outcome.is_err() {
            sql!(self, execute, "ROLLBACK TO SAVEPOINT inner_work").map_err(StoreError::from)?;
            sql!(self, execute, "RELEASE SAVEPOINT inner_work").map_err(StoreError::from)?;
        }
        outcome
    }

    /// What `work` answers; its panic as an error, also one from before it gave a future.
    pub(super) async fn caught<T, E, F>(&mut self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>>,
        E: From<StoreError>,
    {
        let outcome = AssertUnwindSafe(async { work(self).await }).catch_unwind().await;
        outcome.unwrap_or_else(|panic| Err(E::from(StoreError::Panicked(panic_words(panic.as_ref())))))
    }

    pub(super) fn seal(&self, column: &'static str, row: uuid::Uuid, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.vault.seal(Place { column, row }, plain)?)
    }

    pub(super) fn seal_some(&self, column: &'static str, row: uuid::Uuid, plain: Option<&str>) -> Result<Option<Vec<u8>>, StoreError> {
        plain.map(|plain| self.seal(column, row, plain.as_bytes())).transpose()
    }

    pub(super) fn open(&self, column: &'static str, row: uuid::Uuid, sealed: &[u8]) -> Result<String, StoreError> {
        Ok(self.vault.open_text(Place { column, row }, sealed)?)
    }

    pub(super) fn open_some(&self, column: &'static str, row: uuid::Uuid, sealed: Option<&[u8]>) -> Result<Option<String>, StoreError> {
        sealed.map(|sealed| self.open(column, row, sealed)).transpose()
    }

    pub(super) fn blind(&self, what: &'static str, value: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.vault.blind(what, value)?.to_vec())
    }
}
