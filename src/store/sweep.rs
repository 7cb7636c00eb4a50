//! What is left over: uploads of forms that were given up, contents that nothing refers to, files that no row names.
//!
//! The row goes first, its file after the commit: a crash in between leaves a file without a row, which the next sweep finds
//! in the folder, and never a row whose content is gone. Who asks for a content to be kept makes it young again
//! ([`Store::keep_blob`]), so that a message on its way to the database finds it when it gets there.
//!
//! Not here: how old is old; the callers say it.

use super::{Store, StoreError, Tx, codec::id_list, conn::sql};
use crate::domain::{At, BlobId};
use futures_util::{FutureExt, TryStreamExt};

/// Rows that are removed in one transaction, and files that are looked up at once.
const AT_ONCE: usize = 200;

/// How many were removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    pub uploads: u64,
    pub contents: u64,
    /// Files that no row named: of a process that ended between file and row.
    pub files: u64,
}

impl Store {
    /// Removes the uploads that were held before `held`, then the contents that nothing refers to and that nobody asked for
    /// since `unused`, and the files as old as that which no row names.
    ///
    /// # Errors
    /// When the database or the folder is away; what was removed until then stays removed.
    pub async fn sweep(&self, held: At, unused: At) -> Result<Swept, StoreError> {
        let uploads = self.write(move |tx| async move { tx.sweep_uploads(held).await }.boxed()).await?;
        let contents = self.sweep_contents(unused).await?;
        let files = self.sweep_files(unused).await?;
        Ok(Swept { uploads, contents, files })
    }

    async fn sweep_contents(&self, unused: At) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let found = self.read().await?.unused_blobs(unused).await?;
            if found.is_empty() {
                return Ok(count);
            }
            let removed = self.write(move |tx| async move { tx.forget_blobs(&found, unused).await }.boxed()).await?;
            for id in &removed {
                self.blobs.remove(*id).await?;
            }
            count += removed.len() as u64;
            // Somebody asked for all of them between the look and the removal.
            if removed.is_empty() {
                return Ok(count);
            }
        }
    }

    /// A file that is being written, or whose transaction is still open, is younger than `unused`.
    async fn sweep_files(&self, unused: At) -> Result<u64, StoreError> {
        let old = self.blobs.contents().try_filter(|(_, written)| std::future::ready(*written < unused));
        let mut pages = old.map_ok(|(id, _)| id).try_chunks(AT_ONCE);
        let mut count = 0;
        while let Some(page) = pages.try_next().await.map_err(|error| error.1)? {
            let known = self.read().await?.known_blobs(&page).await?;
            for id in page.into_iter().filter(|id| !known.contains(id)) {
                self.blobs.remove(id).await?;
                count += 1;
            }
        }
        Ok(count)
    }
}

impl Tx {
    /// Some of the contents that nothing refers to and nobody asked for since `unused`, the oldest first.
    async fn unused_blobs(&mut self, unused: At) -> Result<Vec<BlobId>, StoreError> {
        let found = sql!(
            self,
            fetch_all as (BlobId,),
            "SELECT b.id FROM blob b WHERE b.kept_at < $1 AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.blob_id = b.id) \
             AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.blob_id = b.id) AND NOT EXISTS (SELECT 1 FROM inbox_blob i WHERE i.blob_id = b.id) \
             ORDER BY b.kept_at, b.id LIMIT $2",
            unused,
            AT_ONCE as i64
        )?;
        Ok(found.into_iter().map(|(id,)| id).collect())
    }

    /// Removes the rows of those contents to which it still applies; the answer is whose files are to follow.
    pub async fn forget_blobs(&mut self, ids: &[BlobId], unused: At) -> Result<Vec<BlobId>, StoreError> {
        let removed = sql!(self, fetch_all as (BlobId,),
            lite "DELETE FROM blob WHERE id IN (SELECT unhex(value) FROM json_each($1)) AND kept_at < $2 \
                  AND NOT EXISTS (SELECT 1 FROM attachment WHERE blob_id = blob.id) AND NOT EXISTS (SELECT 1 FROM upload WHERE blob_id = blob.id) \
                  AND NOT EXISTS (SELECT 1 FROM inbox_blob WHERE blob_id = blob.id) RETURNING id"
            pg "DELETE FROM blob WHERE id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON))) AND kept_at < $2 \
                AND NOT EXISTS (SELECT 1 FROM attachment WHERE blob_id = blob.id) AND NOT EXISTS (SELECT 1 FROM upload WHERE blob_id = blob.id) \
                AND NOT EXISTS (SELECT 1 FROM inbox_blob WHERE blob_id = blob.id) RETURNING id",
            id_list(ids.iter().map(|id| id.0)), unused)?;
        Ok(removed.into_iter().map(|(id,)| id).collect())
    }

    /// Those of the ids that have a row.
    async fn known_blobs(&mut self, ids: &[BlobId]) -> Result<Vec<BlobId>, StoreError> {
        let known = sql!(self, fetch_all as (BlobId,),
            lite "SELECT id FROM blob WHERE id IN (SELECT unhex(value) FROM json_each($1))"
            pg "SELECT id FROM blob WHERE id IN (SELECT CAST(value AS UUID) FROM json_array_elements_text(CAST($1 AS JSON)))",
            id_list(ids.iter().map(|id| id.0)))?;
        Ok(known.into_iter().map(|(id,)| id).collect())
    }
}
