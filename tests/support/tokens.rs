//! Tokens in memory, whose storing fails on demand.

use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tawasul::{
    channel::{
        NotTaken,
        email::oauth::{Grant, TokenStore, Tokens},
    },
    domain::{At, World},
};

#[derive(Default)]
pub struct MemoryTokens {
    grants: Mutex<BTreeMap<String, Grant>>,
    holder: Mutex<Option<String>>,
    world: Mutex<Option<World>>,
    /// So many times nothing is stored.
    pub refusals: AtomicUsize,
}

impl MemoryTokens {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn at(world: World) -> Arc<Self> {
        let tokens = Self::new();
        *tokens.world.lock().unwrap() = Some(world);
        tokens
    }

    pub fn get(&self, mailbox: &str) -> Option<Grant> {
        self.grants.lock().unwrap().get(mailbox).cloned()
    }

    pub fn change(&self, mailbox: &str, change: impl FnOnce(&mut Grant)) {
        change(self.grants.lock().unwrap().get_mut(mailbox).expect("a grant"));
    }

    /// Somebody else refreshes, until [`MemoryTokens::release`].
    pub fn hold(&self, holder: &str) {
        *self.holder.lock().unwrap() = Some(holder.to_owned());
    }

    pub fn is_held(&self) -> bool {
        self.holder.lock().unwrap().is_some()
    }

    fn now(&self) -> At {
        self.world.lock().unwrap().as_ref().map_or(At(0), World::now)
    }

    fn works(&self) -> Result<(), NotTaken> {
        let left = self.refusals.load(Ordering::SeqCst);
        if left > 0 {
            self.refusals.store(left - 1, Ordering::SeqCst);
            return Err(NotTaken("refused for the test".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl TokenStore for MemoryTokens {
    async fn load(&self, mailbox: &str) -> Result<Option<Grant>, NotTaken> {
        Ok(self.get(mailbox))
    }

    async fn replace(&self, mailbox: &str, tokens: &Tokens) -> Result<(), NotTaken> {
        self.works()?;
        let now = self.now();
        let mut grants = self.grants.lock().unwrap();
        let generation = grants.get(mailbox).map_or(0, |grant| grant.generation) + 1;
        let grant = Grant { generation, tokens: tokens.clone(), obtained_at: now, refreshed_at: now, refused: false, trouble: None };
        grants.insert(mailbox.to_owned(), grant);
        Ok(())
    }

    async fn claim(&self, mailbox: &str, holder: &str) -> Result<Option<Option<Grant>>, NotTaken> {
        let mut held = self.holder.lock().unwrap();
        if held.as_ref().is_some_and(|other| other != holder) {
            return Ok(None);
        }
        *held = Some(holder.to_owned());
        Ok(Some(self.get(mailbox)))
    }

    async fn refreshed(&self, mailbox: &str, holder: &str, generation: i64, tokens: &Tokens) -> Result<bool, NotTaken> {
        self.works()?;
        let now = self.now();
        let stored = match self.grants.lock().unwrap().get_mut(mailbox).filter(|grant| grant.generation == generation) {
            Some(grant) => {
                (grant.generation, grant.tokens, grant.refreshed_at) = (generation + 1, tokens.clone(), now);
                (grant.refused, grant.trouble) = (false, None);
                true
            }
            None => false,
        };
        self.release(mailbox, holder).await;
        Ok(stored)
    }

    async fn failed(&self, mailbox: &str, holder: &str, generation: i64, trouble: &str, refused: bool) -> Result<(), NotTaken> {
        let now = self.now();
        if let Some(grant) = self.grants.lock().unwrap().get_mut(mailbox).filter(|grant| grant.generation == generation) {
            let since = grant.trouble.as_ref().map_or(now, |(_, since)| *since);
            (grant.refused, grant.trouble) = (refused, Some((trouble.to_owned(), since)));
        }
        self.release(mailbox, holder).await;
        Ok(())
    }

    async fn release(&self, _: &str, holder: &str) {
        let mut held = self.holder.lock().unwrap();
        if held.as_deref() == Some(holder) {
            *held = None;
        }
    }
}
