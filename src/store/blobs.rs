//! The contents of files: each stored once, found by a keyed hash, sealed with a key of its own that lies sealed in the
//! database.

use super::{Store, StoreError, Tx, conn::sql};
use crate::{
    domain::{At, BlobId},
    vault::{Place, Vault},
};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload, local::LocalFileSystem, path::Path};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};

/// Where the sealed contents lie.
#[derive(Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
    folder: String,
}

/// A stored content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Blob {
    pub id: BlobId,
    /// In bytes.
    pub size: u64,
}

const KEY: &str = "blob.key";
const DIGEST: &str = "blob.sha256";
const CONTENT: &str = "blob.content";
/// The file that names the database whose contents lie in the folder.
const OWNER: &str = "database";
/// A content that comes again is recorded as kept at most so often.
const TOUCH: Duration = Duration::from_secs(3600);

impl BlobStore {
    pub(super) fn open(folder: &str) -> Result<Self, StoreError> {
        let failed = |e: &dyn std::fmt::Display| StoreError::Folder(folder.to_owned(), e.to_string());
        super::create_private_folder(std::path::Path::new(folder)).map_err(|e| failed(&e))?;
        let local = LocalFileSystem::new_with_prefix(folder).map_err(|e| failed(&e))?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(local), folder: folder.to_owned() })
    }

    /// Takes the folder for this database: what its rows do not name is removed one day, and must not be another's.
    ///
    /// # Errors
    /// [`StoreError::ForeignBlobs`] when it is another database's.
    pub(super) async fn claim(&self, database: uuid::Uuid) -> Result<(), StoreError> {
        let (path, name) = (Path::from(OWNER), database.to_string());
        match self.store.put_opts(&path, PutPayload::from(name.clone()), PutMode::Create.into()).await {
            Ok(_) => Ok(()),
            Err(object_store::Error::AlreadyExists { .. }) => {
                let owner = self.store.get(&path).await.map_err(lost)?.bytes().await.map_err(lost)?;
                if owner == name.as_bytes() { Ok(()) } else { Err(StoreError::ForeignBlobs(self.folder.clone())) }
            }
            Err(error) => Err(lost(error)),
        }
    }

    /// Every file of a content, with the moment when it was written.
    pub(super) fn contents(&self) -> BoxStream<'_, Result<(BlobId, At), StoreError>> {
        let content = |path: &Path| {
            let id = BlobId(uuid::Uuid::try_parse(path.filename()?).ok()?);
            (Self::path(id) == *path).then_some(id)
        };
        self.store
            .list(None)
            .filter_map(move |file| {
                let found = match file {
                    Ok(file) => content(&file.location).map(|id| Ok((id, At(file.last_modified.timestamp_micros())))),
                    Err(error) => Some(Err(lost(error))),
                };
                std::future::ready(found)
            })
            .boxed()
    }

    /// Removes the file of a content; one that is gone already is no error.
    pub(super) async fn remove(&self, id: BlobId) -> Result<(), StoreError> {
        match self.store.delete(&Self::path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(lost(error)),
        }
    }

    /// `ab/abcdef…`: two letters of the id as a folder, so that no folder grows without end.
    fn path(id: BlobId) -> Path {
        let name = id.0.simple().to_string();
        Path::from(format!("{}/{name}", &name[30..]))
    }
}

fn lost(error: impl std::fmt::Display) -> StoreError {
    StoreError::Blob(error.to_string())
}

impl Store {
    /// Stores a content durably, once however often it comes. It is on disk before this returns.
    pub async fn keep_blob(&self, bytes: Bytes) -> Result<Blob, StoreError> {
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let blind = self.vault.blind_bytes("blob", &digest)?.to_vec();
        let size = bytes.len() as u64;
        if let Some(known) = self.kept_again(&blind).await? {
            if !self.has_content(known.id).await? {
                self.put_content(known.id, self.blob_key(known.id).await?, &bytes).await?;
            }
            return Ok(known);
        }
        let (id, key) = (BlobId::new(&self.world), self.world.bytes::<32>());
        self.put_content(id, key, &bytes).await?;
        let kept = self.write(move |tx| async move { tx.insert_blob(id, blind, &digest, &key, size).await }.boxed()).await?;
        if kept.id != id {
            let _ = self.blobs.remove(id).await;
        }
        Ok(kept)
    }

    /// The content with this hash, if there is one, recorded as asked for just now; `None` also when it is swept at this moment.
    async fn kept_again(&self, blind: &[u8]) -> Result<Option<Blob>, StoreError> {
        let now = self.world.now();
        let Some((known, kept_at)) = self.read().await?.find_blob(blind.to_vec()).await? else { return Ok(None) };
        if now.since(kept_at) <= TOUCH {
            return Ok(Some(known));
        }
        let there = self.write(move |tx| async move { tx.touch_blob(known.id, now).await }.boxed()).await?;
        Ok(there.then_some(known))
    }

    async fn has_content(&self, id: BlobId) -> Result<bool, StoreError> {
        match self.blobs.store.head(&BlobStore::path(id)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(lost(error)),
        }
    }

    async fn put_content(&self, id: BlobId, key: [u8; 32], bytes: &[u8]) -> Result<(), StoreError> {
        let sealed = Vault::of_key(key, self.world.clone()).seal(Place { column: CONTENT, row: id.0 }, bytes)?;
        self.blobs.store.put(&BlobStore::path(id), PutPayload::from(sealed)).await.map_err(lost)?;
        Ok(())
    }

    async fn blob_key(&self, id: BlobId) -> Result<[u8; 32], StoreError> {
        let mut read = self.read().await?;
        let (sealed,): (Vec<u8>,) = sql!(read, fetch_one as (Vec<u8>,), "SELECT key_sealed FROM blob WHERE id = $1", id)?;
        let key = self.vault.open(Place { column: KEY, row: id.0 }, &sealed)?;
        key.try_into().map_err(|_| StoreError::Corrupt("blob.key".into()))
    }

    /// The content of a blob.
    ///
    /// # Errors
    /// [`StoreError::Blob`] when the file is gone, [`StoreError::Vault`] when it was altered.
    pub async fn blob_bytes(&self, id: BlobId) -> Result<Bytes, StoreError> {
        let key = self.blob_key(id).await?;
        let sealed = self.blobs.store.get(&BlobStore::path(id)).await.map_err(lost)?.bytes().await.map_err(lost)?;
        Ok(Vault::of_key(key, self.world.clone()).open(Place { column: CONTENT, row: id.0 }, &sealed)?.into())
    }
}

impl Tx {
    /// A content by its hash, and when it was last asked to be kept.
    async fn find_blob(&mut self, blind: Vec<u8>) -> Result<Option<(Blob, At)>, StoreError> {
        let row =
            sql!(self, fetch_optional as (BlobId, i64, At), "SELECT id, size, kept_at FROM blob WHERE fingerprint_blind = $1", blind)?;
        Ok(row.map(|(id, size, kept_at)| (Blob { id, size: size.unsigned_abs() }, kept_at)))
    }

    /// Records that a content is asked for. `false`: it is there no more.
    pub(super) async fn touch_blob(&mut self, id: BlobId, now: At) -> Result<bool, StoreError> {
        Ok(sql!(self, execute, "UPDATE blob SET kept_at = $2 WHERE id = $1", id, now)? == 1)
    }

    async fn insert_blob(&mut self, id: BlobId, blind: Vec<u8>, digest: &[u8], key: &[u8], size: u64) -> Result<Blob, StoreError> {
        let (digest, key) = (self.seal(DIGEST, id.0, digest)?, self.seal(KEY, id.0, key)?);
        let now = self.world.now();
        sql!(
            self,
            execute,
            "INSERT INTO blob (id, fingerprint_blind, sha256_sealed, key_sealed, size, kept_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (fingerprint_blind) DO NOTHING",
            id,
            blind.clone(),
            digest,
            key,
            i64::try_from(size).unwrap_or(i64::MAX),
            now
        )?;
        self.find_blob(blind).await?.map(|(blob, _)| blob).ok_or_else(|| StoreError::Corrupt("blob vanished".into()))
    }
}
