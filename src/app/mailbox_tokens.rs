//! The tokens that mailboxes sign in with, kept in the store.

use crate::{
    channel::{
        NotTaken,
        email::oauth::{CLAIM, Grant, TokenStore, Tokens},
    },
    store::{
        Store, StoreError,
        mailbox_tokens::{MailboxToken, TokenPair},
    },
};
use async_trait::async_trait;
use futures_util::FutureExt;
use std::sync::Arc;

pub(super) struct StoredTokens(pub Arc<Store>);

#[async_trait]
impl TokenStore for StoredTokens {
    async fn load(&self, mailbox: &str) -> Result<Option<Grant>, NotTaken> {
        let read = async { self.0.read().await?.mailbox_token(mailbox).await }.await;
        read.map(|token| token.map(grant)).map_err(not_taken)
    }

    async fn replace(&self, mailbox: &str, tokens: &Tokens) -> Result<(), NotTaken> {
        let (mailbox, tokens, now) = (mailbox.to_owned(), pair(tokens), self.0.world().now());
        let stored = self.0.write(move |tx| async move { tx.replace_mailbox_token(&mailbox, &tokens, now).await }.boxed()).await;
        stored.map_err(not_taken)
    }

    async fn claim(&self, mailbox: &str, holder: &str) -> Result<Option<Option<Grant>>, NotTaken> {
        let (mailbox, holder, now) = (mailbox.to_owned(), holder.to_owned(), self.0.world().now());
        let claimed = self.0.write(move |tx| {
            async move {
                if !tx.take_lease(&lease(&mailbox), &holder, now, now.plus(CLAIM)).await? {
                    return Ok(None);
                }
                tx.mailbox_token(&mailbox).await.map(|token| Some(token.map(grant)))
            }
            .boxed()
        });
        claimed.await.map_err(not_taken)
    }

    async fn refreshed(&self, mailbox: &str, holder: &str, generation: i64, tokens: &Tokens) -> Result<bool, NotTaken> {
        let (mailbox, holder, tokens, now) = (mailbox.to_owned(), holder.to_owned(), pair(tokens), self.0.world().now());
        let stored = self.0.write(move |tx| {
            async move {
                let stored = tx.refresh_mailbox_token(&mailbox, generation, &tokens, now).await?;
                tx.release_lease(&lease(&mailbox), &holder).await?;
                Ok(stored)
            }
            .boxed()
        });
        stored.await.map_err(not_taken)
    }

    async fn failed(&self, mailbox: &str, holder: &str, generation: i64, trouble: &str, refused: bool) -> Result<(), NotTaken> {
        let (mailbox, holder, trouble, now) = (mailbox.to_owned(), holder.to_owned(), trouble.to_owned(), self.0.world().now());
        let noted = self.0.write(move |tx| {
            async move {
                tx.mailbox_token_failed(&mailbox, generation, &trouble, refused, now).await?;
                tx.release_lease(&lease(&mailbox), &holder).await
            }
            .boxed()
        });
        noted.await.map_err(not_taken)
    }

    async fn release(&self, mailbox: &str, holder: &str) {
        let (mailbox, holder) = (mailbox.to_owned(), holder.to_owned());
        let released = self.0.write(move |tx| async move { tx.release_lease(&lease(&mailbox), &holder).await }.boxed()).await;
        if let Err(error) = released.map_err(|error: StoreError| error) {
            tracing::warn!(%error, "a lease was not given back; it ends by itself");
        }
    }
}

fn lease(mailbox: &str) -> String {
    format!("mailbox-token:{mailbox}")
}

fn not_taken(error: StoreError) -> NotTaken {
    NotTaken(error.to_string())
}

fn grant(token: MailboxToken) -> Grant {
    let TokenPair { access, access_expires_at, refresh, refresh_expires_at } = token.tokens;
    Grant {
        generation: token.generation,
        tokens: Tokens { access, access_expires_at, refresh, refresh_expires_at },
        obtained_at: token.obtained_at,
        refreshed_at: token.refreshed_at,
        refused: token.refused,
        trouble: token.trouble,
    }
}

fn pair(tokens: &Tokens) -> TokenPair {
    let Tokens { access, access_expires_at, refresh, refresh_expires_at } = tokens.clone();
    TokenPair { access, access_expires_at, refresh, refresh_expires_at }
}
