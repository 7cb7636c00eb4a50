//! How far polled accounts have been read, kept in the store.

use crate::{
    channel::{Bookmarks, ChannelKind, NotTaken},
    store::Store,
};
use async_trait::async_trait;
use futures_util::FutureExt;
use std::sync::Arc;

pub(super) struct StoredBookmarks(pub Arc<Store>);

#[async_trait]
impl Bookmarks for StoredBookmarks {
    async fn load(&self, channel: ChannelKind, account: &str) -> Result<Option<String>, NotTaken> {
        let read = async { self.0.read().await?.bookmark(channel, account).await }.await;
        read.map_err(|error: crate::store::StoreError| NotTaken(error.to_string()))
    }

    async fn save(&self, channel: ChannelKind, account: &str, value: &str) -> Result<(), NotTaken> {
        let (account, value, now) = (account.to_owned(), value.to_owned(), self.0.world().now());
        let saved = self.0.write(move |tx| async move { tx.set_bookmark(channel, &account, &value, now).await }.boxed()).await;
        saved.map_err(|error: crate::store::StoreError| NotTaken(error.to_string()))
    }
}
