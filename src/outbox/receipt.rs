//! What a network says afterwards of a notice that it took: given back, late, or there.
//!
//! Not here: whether the word is to be believed (`intake`).

use super::Outbox;
use crate::{
    channel::{Fate, Reported},
    domain::{Actor, Address, EventKind, event},
    store::{StoreError, Tx, contacts::AddressState, notices::Notice},
};

impl Outbox {
    /// Takes a network's word on a notice. One that was given back goes to the sender's next address, and its own is not written to
    /// again when the network says that there is nobody; one that is late changes nothing and stands in the timeline once. Words that
    /// come twice, or about what was not sent, change nothing.
    pub async fn reported(&self, tx: &mut Tx, notice: &Notice, word: &Reported) -> Result<(), StoreError> {
        match word.fate {
            Fate::Failed => self.given_back(tx, notice, word).await,
            Fate::Delayed => self.late(tx, notice, word).await,
            Fate::Delivered | Fate::Relayed | Fate::Expanded => Ok(()),
        }
    }

    async fn given_back(&self, tx: &mut Tx, notice: &Notice, word: &Reported) -> Result<(), StoreError> {
        let (now, code) = (self.store.world().now(), word.reason.as_str());
        if !tx.notice_bounced(notice.id, code, &word.detail, now).await? {
            return Ok(());
        }
        let channel = notice.channel.map_or("none", |channel| channel.as_str());
        metrics::counter!("tawasul_notices_total", "channel" => channel, "outcome" => "bounced").increment(1);
        let this_very_one = word.addresses.is_empty() || notice.to.as_ref().is_some_and(|to| word.addresses.contains(to));
        if let (Some(address), true) = (notice.address, word.reason.is_of_the_address() && this_very_one) {
            tx.set_address_state(address, AddressState::Bounced).await?;
        }
        self.fall_back(tx, notice, code).await
    }

    async fn late(&self, tx: &mut Tx, notice: &Notice, word: &Reported) -> Result<(), StoreError> {
        let now = self.store.world().now();
        if !tx.notice_delayed(notice.id, &word.detail, now).await? {
            return Ok(());
        }
        let Some(ticket) = notice.ticket else { return Ok(()) };
        let data = event::data([
            ("notice", notice.kind.clone()),
            ("channel", notice.channel.map(|channel| channel.to_string()).unwrap_or_default()),
            ("address", notice.to.as_ref().map(Address::masked).unwrap_or_default()),
        ]);
        tx.insert_event(ticket, now, Actor::System, EventKind::NoticeDelayed, &data).await
    }
}
