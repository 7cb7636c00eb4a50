//! The contents of files: each stored once, found by a keyed hash, sealed with a key of its own that lies sealed in the
//! database.

use super::{
    Store, StoreError, Tx,
    conn::{row, sql},
};
use crate::{
    domain::BlobId,
    vault::{Place, Vault},
};
use bytes::Bytes;
use futures_util::FutureExt;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, local::LocalFileSystem, path::Path};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Where the sealed contents lie.
#[derive(Clone)]
pub struct BlobStore {
    store: Arc<dyn ObjectStore>,
}

/// A stored content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Blob {
    pub id: BlobId,
    /// In bytes.
    pub size: u64,
}

row! {
    struct BlobRow {
        id: BlobId,
        key_sealed: Vec<u8>,
        size: i64,
    }
}

const KEY: &str = "blob.key";
const DIGEST: &str = "blob.sha256";
const CONTENT: &str = "blob.content";

impl BlobStore {
    pub(super) fn open(folder: &str) -> Result<Self, StoreError> {
        let failed = |e: &dyn std::fmt::Display| StoreError::Folder(folder.to_owned(), e.to_string());
        super::create_private_folder(std::path::Path::new(folder)).map_err(|e| failed(&e))?;
        let local = LocalFileSystem::new_with_prefix(folder).map_err(|e| failed(&e))?.with_fsync(true).with_automatic_cleanup(true);
        Ok(Self { store: Arc::new(local) })
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
        let known = self.read().await?.find_blob(blind.clone()).await?;
        if let Some(known) = known {
            if !self.has_content(known.id).await? {
                self.put_content(known.id, self.blob_key(known.id).await?, &bytes).await?;
            }
            return Ok(known);
        }
        let (id, key) = (BlobId::new(&self.world), self.world.bytes::<32>());
        self.put_content(id, key, &bytes).await?;
        let kept = self.write(move |tx| async move { tx.insert_blob(id, blind, &digest, &key, size).await }.boxed()).await?;
        if kept.id != id {
            let _ = self.blobs.store.delete(&BlobStore::path(id)).await;
        }
        Ok(kept)
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
        let row = sql!(read, fetch_one as BlobRow, "SELECT id, key_sealed, size FROM blob WHERE id = $1", id)?;
        let key = self.vault.open(Place { column: KEY, row: id.0 }, &row.key_sealed)?;
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
    async fn find_blob(&mut self, blind: Vec<u8>) -> Result<Option<Blob>, StoreError> {
        let row = sql!(self, fetch_optional as BlobRow, "SELECT id, key_sealed, size FROM blob WHERE fingerprint_blind = $1", blind)?;
        Ok(row.map(|row| Blob { id: row.id, size: row.size.unsigned_abs() }))
    }

    async fn insert_blob(&mut self, id: BlobId, blind: Vec<u8>, digest: &[u8], key: &[u8], size: u64) -> Result<Blob, StoreError> {
        let (digest, key) = (self.seal(DIGEST, id.0, digest)?, self.seal(KEY, id.0, key)?);
        let now = self.world.now();
        sql!(
            self,
            execute,
            "INSERT INTO blob (id, fingerprint_blind, sha256_sealed, key_sealed, size, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (fingerprint_blind) DO NOTHING",
            id,
            blind.clone(),
            digest,
            key,
            i64::try_from(size).unwrap_or(i64::MAX),
            now
        )?;
        self.find_blob(blind).await?.ok_or_else(|| StoreError::Corrupt("blob vanished".into()))
    }
}
