//! The only SQL: everything durable, on SQLite or PostgreSQL.
//!
//! Architecture invariants
//! - Each statement stands beside the one function that runs it, through the [`conn::sql`] macro, columns listed; where the
//!   dialects differ, both texts stand side by side.
//! - Personal values are sealed on the way in and opened on the way out here; nothing above sees a sealed value.
//! - All writing goes through [`Store::write`]: on SQLite one writer that commits in groups (WAL, `synchronous=FULL`), on
//!   PostgreSQL a transaction of its own.
//!
//! Not here: decisions. A function here saves or finds; what follows from it is decided above.

pub mod blobs;
mod budgets;
mod codec;
mod conn;
pub mod contacts;
pub mod desk;
pub mod files;
mod guard;
pub mod inbox;
pub mod leases;
mod listing;
mod lock;
pub mod mailbox_tokens;
pub mod messages;
pub mod notices;
pub mod people;
pub mod rotation;
mod schema;
pub mod search;
pub mod settings;
pub mod sweep;
pub mod tickets;
mod writer;

pub use conn::Tx;

use crate::{
    domain::World,
    vault::{Place, Vault, VaultError},
};
use conn::{Conn, Dialect, On, row, sql};
use futures_util::future::BoxFuture;
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, PgPool, SqlitePool,
    migrate::MigrateError,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Why the store could not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(Arc<sqlx::Error>),
    #[error("the database can't be brought up to date: {0}")]
    Migration(String),
    #[error("{0}")]
    Vault(#[from] VaultError),
    #[error("the key file does not belong to this database: {0}")]
    WrongKey(VaultError),
    #[error("attachment store: {0}")]
    Blob(String),
    #[error("another Tawasul is already using {0}; stop it first, or give this one another storage.url")]
    InUse(String),
    #[error("the keys of this database are being rotated; start again when that has ended")]
    Rotating,
    #[error("keys are rotated only by a program that has the database for itself")]
    NotAlone,
    #[error(
        "the folder {0} holds the attachments of another database; give this one another storage.blobs, or storage.url its own database"
    )]
    ForeignBlobs(String),
    #[error("storage.url must begin with sqlite:// or postgres://")]
    Url,
    #[error("{0}: {1}")]
    Folder(String, String),
    #[error("a stored value can't be read: {0}")]
    Corrupt(String),
    #[error("the program panicked: {0}")]
    Panicked(String),
    #[error("the store is stopping")]
    Stopped,
}

impl StoreError {
    /// Whether the database or its disk is away for now, rather than what was asked of it being wrong.
    pub fn is_outage(&self) -> bool {
        match self {
            StoreError::Database(error) => match error.as_ref() {
                // SQLite's full, busy, locked, read-only and I/O errors (sqlite.org/rescode.html); PostgreSQL's classes
                // 08 connection, 40 rollback, 53 resources, 57 intervention, 58 system.
                sqlx::Error::Database(error) => error.code().is_some_and(|code| match (code.len(), code.parse::<u32>()) {
                    // PostgreSQL's codes have five characters, SQLite's at most four digits.
                    (..=4, Ok(code)) => matches!(code & 0xFF, 5 | 6 | 8 | 10 | 13 | 14),
                    _ => ["08", "40", "53", "57", "58"].iter().any(|class| code.starts_with(class)),
                }),
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::RowNotFound => false,
                _ => true,
            },
            StoreError::Blob(_) | StoreError::Stopped | StoreError::Folder(..) => true,
            _ => false,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

enum Engine {
    Lite { writer: Mutex<Option<writer::Writer>>, task: Mutex<Option<writer::Task>>, readers: SqlitePool, lock: Mutex<Option<lock::Lock>> },
    Pg(PgPool, guard::Guard),
}

/// The database and the attachments.
pub struct Store {
    engine: Engine,
    vault: Arc<Vault>,
    world: World,
    blobs: blobs::BlobStore,
    serials: tickets::Serials,
}

/// How a program comes to the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// The service itself: alone on a SQLite file, one of any number on PostgreSQL.
    Exclusive,
    /// A command beside a running service.
    Shared,
    /// A rotation of the keys: alone on either database, also before other replicas.
    Alone,
    /// A demo: alone, and not waiting for the disk. When the machine itself goes down, the last commits may be gone.
    Fleeting,
}

impl Store {
    /// Opens the database, creating and migrating it as needed, and checks that the vault's keys belong to it.
    ///
    /// # Errors
    /// In words that an operator can act on; nothing is changed when it is in use by another.
    pub async fn open(settings: &settings::Settings, mut vault: Vault, world: World, access: Access) -> Result<Arc<Self>, StoreError> {
        let url = settings.url.expose_secret();
        let blobs = blobs::BlobStore::open(&settings.blobs)?;
        let mut opened = if let Some(path) = url.strip_prefix("sqlite://") {
            Opened::lite(Path::new(path), access).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Opened::pg(url, access).await?
        } else {
            return Err(StoreError::Url);
        };
        let mut tx = Tx { conn: opened.take_conn().await?, vault: Arc::new(Vault::generate(world.clone())), world: world.clone() };
        // A key file that does not belong to the database must change nothing, so the keys come before the migrations; a new
        // database has no such table yet.
        if let Ok(Some(state)) = tx.vault_state().await {
            state.matches(&mut vault)?;
        }
        tx.migrate().await?;
        tx.match_vault(&mut vault).await?;
        blobs.claim(tx.database_id().await?).await?;
        if let Opened::Pg(_, guard) = &opened {
            guard.expect(vault.primary());
        }
        let vault = Arc::new(vault);
        tx.vault = vault.clone();
        let engine = opened.engine(tx);
        Ok(Arc::new(Self { engine, vault, world, blobs, serials: tickets::Serials::default() }))
    }

    pub fn world(&self) -> &World {
        &self.world
    }

    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Runs `work` in one transaction and returns after the commit. On SQLite it shares the commit with the others that
    /// wait. When `work` fails, or panics, nothing of it remains.
    ///
    /// # Errors
    /// What `work` returned, or the store's own error when the commit failed: then nothing was stored.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.engine {
            Engine::Lite { writer, .. } => {
                let writer = writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
                writer.ok_or_else(|| E::from(StoreError::Stopped))?.run(work).await
            }
            Engine::Pg(pool, _) => {
                let conn = pool.acquire().await.map_err(StoreError::from)?;
                let tx = Tx { conn: Conn::Pg(conn), vault: self.vault.clone(), world: self.world.clone() };
                tokio::spawn(write_pg(tx, work)).await.unwrap_or_else(|_| Err(E::from(StoreError::Stopped)))
            }
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        let conn = match &self.engine {
            Engine::Lite { readers, .. } => Conn::LitePool(readers.acquire().await?),
            Engine::Pg(pool, _) => Conn::Pg(pool.acquire().await?),
        };
        Ok(Tx { conn, vault: self.vault.clone(), world: self.world.clone() })
    }

    /// Whether other replicas may use the same database at this moment.
    pub fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Pg(..))
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sql!(self.read().await?, execute, "SELECT 1")?;
        Ok(())
    }

    /// Lets the writer finish what waits, closes every connection, the writer's last so that it folds the log into the file,
    /// and lets another program have the database.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Lite { writer, task, readers, lock } => {
                drop(taken(writer));
                let last = match taken(task) {
                    Some(task) => task.await.ok(),
                    None => None,
                };
                readers.close().await;
                if let Some(Tx { conn: Conn::Lite(conn), .. }) = last {
                    let _ = sqlx::Connection::close(conn).await;
                }
                drop(taken(lock));
            }
            Engine::Pg(pool, _) => pool.close().await,
        }
    }
}

fn taken<T>(place: &Mutex<Option<T>>) -> Option<T> {
    place.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
}

async fn write_pg<T, E, F>(mut tx: Tx, work: F) -> Result<T, E>
where
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<T, E>> + Send + 'static,
    E: From<StoreError>,
{
    sql!(tx, execute, "BEGIN").map_err(StoreError::from)?;
    let mut outcome = tx.caught(work).await;
    if outcome.is_ok()
        && let Err(error) = commit_pg(&mut tx).await
    {
        outcome = Err(E::from(error));
    }
    if outcome.is_err()
        && sql!(tx, execute, "ROLLBACK").is_err()
        && let Conn::Pg(conn) = &mut tx.conn
    {
        conn.close_on_drop();
    }
    metrics::counter!("tawasul_store_writes_total").increment(1);
    metrics::counter!("tawasul_store_commits_total").increment(1);
    outcome
}

/// Commits, or fails. A `COMMIT` alone would answer well and undo everything where a statement had failed and the work passed
/// over it; the statement before it fails then, and one message carries both.
async fn commit_pg(tx: &mut Tx) -> Result<(), StoreError> {
    if let Conn::Pg(conn) = &mut tx.conn {
        sqlx::raw_sql("SELECT 1; COMMIT").execute(&mut **conn).await?;
    }
    Ok(())
}

/// A database that is open, before it is migrated and the vault is matched.
enum Opened {
    Lite { writer: Option<sqlx::SqliteConnection>, readers: SqlitePool, lock: Option<lock::Lock> },
    Pg(PgPool, guard::Guard),
}

impl Opened {
    async fn lite(path: &Path, access: Access) -> Result<Self, StoreError> {
        let path = absolute(path)?;
        if let Some(folder) = path.parent() {
            create_private_folder(folder).map_err(|e| StoreError::Folder(folder.display().to_string(), e.to_string()))?;
        }
        let lock = match access {
            Access::Exclusive | Access::Fleeting | Access::Alone => Some(lock::Lock::take(&path)?),
            Access::Shared => None,
        };
        let synchronous = if access == Access::Fleeting { SqliteSynchronous::Off } else { SqliteSynchronous::Full };
        make_private(&path)?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(20))
            .statement_cache_capacity(256)
            .pragma("cache_size", "-4000")
            .pragma("temp_store", "memory")
            .optimize_on_close(true, None)
            .disable_statement_logging();
        let writer = options.connect().await?;
        let readers = SqlitePoolOptions::new()
            .min_connections(0)
            .max_connections(4)
            .idle_timeout(Duration::from_secs(60))
            .connect_lazy_with(options.read_only(true).create_if_missing(false).pragma("cache_size", "-2000"));
        Ok(Self::Lite { writer: Some(writer), readers, lock })
    }

    async fn pg(url: &str, access: Access) -> Result<Self, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("tawasul").disable_statement_logging();
        let guard = guard::Guard::new(access);
        Ok(Self::Pg(guard.connect(options).await?, guard))
    }

    async fn take_conn(&mut self) -> Result<Conn, StoreError> {
        match self {
            Self::Lite { writer, .. } => writer.take().map(Conn::Lite).ok_or(StoreError::Stopped),
            Self::Pg(pool, _) => Ok(Conn::Pg(pool.acquire().await?)),
        }
    }

    fn engine(self, tx: Tx) -> Engine {
        match self {
            Self::Lite { readers, lock, .. } => {
                let (writer, task) = writer::Writer::start(tx);
                Engine::Lite { writer: Mutex::new(Some(writer)), task: Mutex::new(Some(task)), readers, lock: Mutex::new(lock) }
            }
            Self::Pg(pool, guard) => Engine::Pg(pool, guard),
        }
    }
}

/// Makes the database's file, if there is none, so that only its owner reads it; SQLite gives the files beside it the same mode.
fn make_private(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    made.map(drop).map_err(|e| StoreError::Folder(path.display().to_string(), e.to_string()))
}

fn not_migrated(error: MigrateError) -> StoreError {
    StoreError::Migration(match error {
        MigrateError::VersionMissing(number) | MigrateError::VersionTooNew(number, _) => format!(
            "a newer Tawasul used it (migration {number} is not known to this one); start that version again, or restore a backup from before it"
        ),
        MigrateError::VersionMismatch(number) => {
            format!("migration {number} was applied with another text; start the version of Tawasul that this database belongs to")
        }
        other => other.to_string(),
    })
}

/// Makes a folder, and those above it, that only its owner can look into; one that exists stays as it is.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path).map_err(|e| StoreError::Folder(path.display().to_string(), e.to_string()))
}

const PROOF: Place = Place { column: "vault_state.proof", row: uuid::Uuid::nil() };

row! {
    struct VaultState {
        primary_key: i32,
        proof_sealed: Vec<u8>,
    }
}

impl VaultState {
    /// Makes the vault seal with the key that the database seals with, if it has that key.
    fn matches(&self, vault: &mut Vault) -> Result<(), StoreError> {
        let primary = u8::try_from(self.primary_key).map_err(|_| StoreError::Corrupt("vault_state.primary_key".into()))?;
        vault.seal_with(primary).map_err(StoreError::WrongKey)?;
        vault.open(PROOF, &self.proof_sealed).map_err(StoreError::WrongKey)?;
        Ok(())
    }
}

impl Tx {
    /// Brings the schema up to date. A database of a newer version is refused.
    async fn migrate(&mut self) -> Result<(), StoreError> {
        match self.on() {
            On::Lite(c) => schema::migrations(Dialect::Lite).run_direct(None, c, false).await,
            On::Pg(c) => schema::migrations(Dialect::Pg).run_direct(None, c, false).await,
        }
        .map_err(not_migrated)
    }

    /// Makes the vault seal with the key that this database seals with; records it in a new database.
    async fn match_vault(&mut self, vault: &mut Vault) -> Result<(), StoreError> {
        let state = match self.vault_state().await? {
            Some(state) => state,
            None => {
                let (primary, proof_sealed) = (i32::from(vault.primary()), vault.seal(PROOF, b"tawasul")?);
                let database = self.world.uuid();
                sql!(
                    self,
                    execute,
                    "INSERT INTO vault_state (id, primary_key, proof_sealed, database_id) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO NOTHING",
                    primary,
                    proof_sealed.clone(),
                    database
                )?;
                // Another replica may have been first at this moment, with other keys.
                self.vault_state().await?.unwrap_or(VaultState { primary_key: primary, proof_sealed })
            }
        };
        state.matches(vault)
    }

    /// The name of this database, made with it.
    async fn database_id(&mut self) -> Result<uuid::Uuid, StoreError> {
        let (id,): (uuid::Uuid,) = sql!(self, fetch_one as (uuid::Uuid,), "SELECT database_id FROM vault_state WHERE id = 1")?;
        Ok(id)
    }

    async fn vault_state(&mut self) -> Result<Option<VaultState>, StoreError> {
        Ok(sql!(self, fetch_optional as VaultState, "SELECT primary_key, proof_sealed FROM vault_state WHERE id = 1")?)
    }
}
