//! A sink that remembers what a channel handed in, and bookmarks in memory.

use async_trait::async_trait;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tawasul::channel::{Bookmarks, ChannelKind, Event, Inbound, InboundMessage, InboundSink, NotTaken, Taken};

#[derive(Default)]
pub struct Recorder {
    taken: Mutex<Vec<Inbound>>,
    refusals: Mutex<usize>,
    slow: Mutex<Option<String>>,
}

impl Recorder {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The next deliveries are not taken.
    pub fn refuse(&self, times: usize) {
        *self.refusals.lock().unwrap() = times;
    }

    /// Messages with this subject take a while to be stored.
    pub fn linger_over(&self, subject: &str) {
        *self.slow.lock().unwrap() = Some(subject.to_owned());
    }

    pub fn refusals_left(&self) -> usize {
        *self.refusals.lock().unwrap()
    }

    pub fn taken(&self) -> Vec<Inbound> {
        self.taken.lock().unwrap().clone()
    }

    pub fn messages(&self) -> Vec<InboundMessage> {
        let message = |inbound: Inbound| match inbound.event {
            Event::Message(message) => Some(*message),
            Event::Receipt(_) | Event::Unreadable { .. } => None,
        };
        self.taken().into_iter().filter_map(message).collect()
    }

    /// Waits until so many were taken; fails after 20 s.
    pub async fn wait_for(&self, count: usize) {
        until(|| self.taken.lock().unwrap().len() >= count).await;
    }
}

#[async_trait]
impl InboundSink for Recorder {
    async fn deliver(&self, inbound: Inbound) -> Result<Taken, NotTaken> {
        {
            let mut refusals = self.refusals.lock().unwrap();
            if *refusals > 0 {
                *refusals -= 1;
                return Err(NotTaken("refused for the test".into()));
            }
        }
        let slow = self.slow.lock().unwrap().clone();
        if slow.is_some() && matches!(&inbound.event, Event::Message(message) if message.subject == slow) {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        self.taken.lock().unwrap().push(inbound);
        Ok(Taken::Quarantined)
    }
}

#[derive(Default)]
pub struct MemoryBookmarks {
    saved: Mutex<BTreeMap<(String, String), String>>,
    /// Nothing can be read for now.
    pub away: AtomicBool,
}

impl MemoryBookmarks {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub fn get(&self, account: &str) -> Option<String> {
        self.saved.lock().unwrap().get(&("email".to_owned(), account.to_owned())).cloned()
    }
}

#[async_trait]
impl Bookmarks for MemoryBookmarks {
    async fn load(&self, channel: ChannelKind, account: &str) -> Result<Option<String>, NotTaken> {
        if self.away.load(Ordering::Relaxed) {
            return Err(NotTaken("away for the test".into()));
        }
        Ok(self.saved.lock().unwrap().get(&(channel.as_str().to_owned(), account.to_owned())).cloned())
    }

    async fn save(&self, channel: ChannelKind, account: &str, value: &str) -> Result<(), NotTaken> {
        self.saved.lock().unwrap().insert((channel.as_str().to_owned(), account.to_owned()), value.to_owned());
        Ok(())
    }
}

/// Waits until it is so; fails after 20 s.
pub async fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it did not happen within 20 s");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
