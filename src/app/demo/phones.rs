//! What the people of the demo have got on their phones.

use crate::{
    channel::Outbound,
    domain::{Address, At, NoticeId},
    store::{
        Store, StoreError,
        notices::{Audience, NoticeState},
    },
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// So many messages of a person are remembered.
const REMEMBERED: usize = 30;
/// So many notices are read again when a demo goes on.
const READ_AGAIN: i64 = 5_000;

/// A message as it stands on a phone.
#[derive(Clone)]
pub(super) struct Heard {
    notice: NoticeId,
    pub at: At,
    pub text: String,
    /// Proves an answer to it.
    pub token: Option<String>,
}

#[derive(Default)]
pub(super) struct Phones(Mutex<BTreeMap<Address, Vec<Heard>>>);

impl Phones {
    fn open(&self) -> MutexGuard<'_, BTreeMap<Address, Vec<Heard>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message arrives; what is meant for staff is not kept.
    pub fn ring(&self, outbound: &Outbound, at: At) {
        if outbound.staff.is_none() {
            let heard = Heard { notice: outbound.notice, at, text: outbound.text.clone(), token: outbound.thread.token.clone() };
            self.keep(outbound.to.clone(), heard);
        }
    }

    fn keep(&self, to: Address, heard: Heard) {
        let mut phones = self.open();
        let phone = phones.entry(to).or_default();
        if phone.iter().all(|known| known.notice != heard.notice) {
            phone.push(heard);
            phone.sort_by_key(|known| std::cmp::Reverse(known.at));
            phone.truncate(REMEMBERED);
        }
    }

    /// Brings back what was sent before the process started.
    pub async fn remember(&self, store: &Store) -> Result<(), StoreError> {
        for notice in store.read().await?.list_notices(Some(NoticeState::Sent), READ_AGAIN).await? {
            if let (Audience::Sender, Some(to)) = (notice.audience, notice.to) {
                let at = notice.finished_at.unwrap_or(notice.created_at);
                self.keep(to, Heard { notice: notice.id, at, text: notice.content.text, token: notice.content.token });
            }
        }
        Ok(())
    }

    /// The phones that rang last, the latest first.
    pub fn latest(&self, wanted: impl Fn(&Address) -> bool, count: usize) -> Vec<Address> {
        let phones = self.open();
        let mut rang: Vec<(At, &Address)> = phones
            .iter()
            .filter(|(address, _)| wanted(address))
            .filter_map(|(address, heard)| Some((heard.first()?.at, address)))
            .collect();
        rang.sort_by(|a, b| b.cmp(a));
        rang.into_iter().take(count).map(|(_, address)| address.clone()).collect()
    }

    /// What a person got, the newest first.
    pub fn on(&self, address: &Address) -> Vec<Heard> {
        self.open().get(address).cloned().unwrap_or_default()
    }
}
