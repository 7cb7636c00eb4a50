//! Files that come with a form, stored before the form is taken in.

use super::{Intake, files};
use crate::{
    channel::portal::FormFile,
    store::{StoreError, files::Upload},
};
use bytes::Bytes;
use futures_util::FutureExt;
use std::time::Duration;

/// An uploaded file is kept so long for a form that has a mistake.
pub(super) const HELD: Duration = Duration::from_secs(24 * 3600);

impl Intake {
    /// Stores an uploaded file: its name made safe, its type taken from its content.
    pub async fn keep_file(&self, name: &str, declared_type: &str, bytes: Bytes) -> Result<FormFile, StoreError> {
        let content_type = files::sniff(&bytes, declared_type);
        let name = files::safe_name(name, 0, &content_type);
        let blob = self.store.keep_blob(bytes).await?;
        Ok(FormFile { name, content_type, blob: blob.id, size: blob.size })
    }

    /// Holds an uploaded file while its form is being mended; the answer is the secret by which it is found again.
    pub async fn hold_upload(&self, file: &FormFile) -> Result<String, StoreError> {
        let world = self.store.world();
        let (token, now) = (world.token::<24>(), world.now());
        let upload = Upload { blob: file.blob, name: file.name.clone(), content_type: file.content_type.clone(), size: file.size };
        let kept = token.clone();
        self.store.write(move |tx| async move { tx.insert_upload(&kept, &upload, now).await }.boxed()).await?;
        Ok(token)
    }

    /// A held file; `None` also when it was uploaded more than 24 hours ago.
    pub async fn held_upload(&self, token: &str) -> Result<Option<FormFile>, StoreError> {
        let since = self.store.world().now().minus(HELD);
        let found = self.store.read().await?.upload(token, since).await?;
        Ok(found.map(|u| FormFile { name: u.name, content_type: u.content_type, blob: u.blob, size: u.size }))
    }
}
