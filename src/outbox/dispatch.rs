//! Sends what is due: claims by lease, sends with no transaction open, records the outcome.

use super::Outbox;
use crate::{
    channel::{Channel, OutAttachment, OutThread, Outbound, SendError, Sent},
    domain::{Address, At, Scheme, World},
    store::{
        StoreError,
        contacts::AddressState,
        notices::{Audience, Notice},
    },
};
use futures_util::{FutureExt, future::join_all};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Claimed at once.
const CLAIM: i64 = 64;
/// Addresses that are sent to at once; more wait.
const AT_ONCE: usize = 128;
/// How long a claimed notice is ours; longer than [`PATIENCE`].
const LEASE: Duration = Duration::from_secs(300);
/// With less than this left, the lease is renewed before a notice is sent; longer than [`PATIENCE`].
const ENOUGH: Duration = Duration::from_secs(120);
/// The longest that one sending may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// Looked for due notices at least so often: commands and other replicas promise them too.
const GLANCE: Duration = Duration::from_secs(2);
/// Files beyond this sum stay behind the tracking page, in bytes.
const ATTACHMENTS: usize = 15 << 20;

/// Notices to one address, taken together.
struct Claim {
    holder: String,
    /// When the lease ends.
    until: At,
    to: Option<Address>,
    notices: Vec<Notice>,
}

/// Whose turn it is to send to an address.
#[derive(Default)]
pub(super) struct Turns(Mutex<BTreeMap<Option<Address>, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    fn of(&self, to: Option<Address>) -> Arc<tokio::sync::Mutex<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(to).or_default().clone()
    }

    /// Forgets an address that nobody waits for.
    fn forget(&self, to: &Option<Address>) {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.get(to).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(to);
        }
    }
}

impl Outbox {
    /// Sends until `stop`, then lets what is under way end. One slow network holds up no other.
    pub async fn run(self, stop: CancellationToken) {
        let mut sending = JoinSet::new();
        while !stop.is_cancelled() {
            while sending.try_join_next().is_some() {}
            let groups = if sending.len() < AT_ONCE { self.claim().await } else { Ok(Vec::new()) };
            let groups = groups.unwrap_or_else(|error| {
                tracing::error!(%error, "the outbox could not be read");
                Vec::new()
            });
            if groups.is_empty() {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep(GLANCE) => {}
                    Some(_) = sending.join_next(), if sending.len() >= AT_ONCE => {}
                }
                continue;
            }
            for group in groups {
                let (this, stop) = (self.clone(), stop.clone());
                sending.spawn(async move { this.send_group(group, &stop).await });
            }
        }
        while sending.join_next().await.is_some() {}
    }

    /// Sends what is due now and waits for the outcome; the answer is how many were tried.
    pub async fn send_due(&self) -> Result<usize, StoreError> {
        let groups = self.claim().await?;
        let count = groups.iter().map(|claim| claim.notices.len()).sum();
        let stop = CancellationToken::new();
        join_all(groups.into_iter().map(|group| self.send_group(group, &stop))).await;
        Ok(count)
    }

    /// Takes what is due, grouped by address.
    async fn claim(&self) -> Result<Vec<Claim>, StoreError> {
        let now = self.store.world().now();
        // A look that writes nothing first: an idle service writes nothing to its disk.
        if !matches!(self.store.read().await?.next_due().await?, Some(due) if due <= now) {
            return Ok(Vec::new());
        }
        // Each claim has a name of its own: what was claimed again later is told apart from what is still in hand.
        let holder = format!("{} {}", self.holder, self.claims.fetch_add(1, Ordering::Relaxed));
        let (name, until) = (holder.clone(), now.plus(LEASE));
        let claimed = self.store.write(move |tx| async move { tx.claim_notices(&name, now, until, CLAIM).await }.boxed()).await?;
        let mut groups: BTreeMap<Option<Address>, Vec<Notice>> = BTreeMap::new();
        for notice in claimed {
            groups.entry(notice.to.clone()).or_default().push(notice);
        }
        Ok(groups.into_iter().map(|(to, notices)| Claim { holder: holder.clone(), until, to, notices }).collect())
    }

    /// Sends the notices to one address one after the other, and after those of an earlier claim.
    async fn send_group(&self, claim: Claim, stop: &CancellationToken) {
        let Claim { holder, until, to, notices } = claim;
        let turn = self.turns.of(to.clone());
        let waited = turn.lock().await;
        for notice in notices {
            if stop.is_cancelled() {
                // Its lease is given back, so that the next process need not wait for it to end.
                let (holder, id, at) = (holder.clone(), notice.id, self.store.world().now());
                let _ = self.store.write(move |tx| async move { tx.release_notice(id, &holder, at).await }.boxed()).await;
                continue;
            }
            match self.still_ours(&notice, &holder, until).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    tracing::error!(%error, "the lease of a notice could not be renewed");
                    continue;
                }
            }
            let outcome = self.send_one(&notice).await;
            if let Err(error) = self.record(notice, outcome, &holder).await {
                tracing::error!(%error, "the outcome of a notice could not be recorded");
            }
        }
        drop(waited);
        drop(turn);
        self.turns.forget(&to);
    }

    /// Whether the lease lasts for the time that one sending can take; renewed where it does not. `false` when somebody else has
    /// the notice by now. A notice that waited for nobody costs no commit for this.
    async fn still_ours(&self, notice: &Notice, holder: &str, until: At) -> Result<bool, StoreError> {
        let now = self.store.world().now();
        if until.since(now) >= ENOUGH {
            return Ok(true);
        }
        let (id, holder, until) = (notice.id, holder.to_owned(), now.plus(LEASE));
        self.store.write(move |tx| async move { tx.renew_notice(id, &holder, until).await }.boxed()).await
    }

    async fn send_one(&self, notice: &Notice) -> Result<Sent, SendError> {
        let to = notice.to.clone().ok_or_else(|| SendError::Invalid { detail: "it has no address".into() })?;
        let channel = self
            .channels
            .iter()
            .find(|c| Some(c.kind()) == notice.channel)
            .ok_or_else(|| SendError::Misconfigured { detail: "the channel is not set up any more".into() })?;
        let outbound = self.outbound(notice, to, channel.as_ref()).await.map_err(|e| SendError::Unreachable { detail: e.to_string() })?;
        match tokio::time::timeout(PATIENCE, channel.send(&outbound)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SendError::Uncertain { detail: format!("no answer within {} s", PATIENCE.as_secs()) }),
        }
    }

    async fn outbound(&self, notice: &Notice, to: Address, channel: &dyn Channel) -> Result<Outbound, StoreError> {
        let mut read = self.store.read().await?;
        let references = match (notice.audience, notice.ticket) {
            (Audience::Sender, Some(ticket)) => read.thread_ids(ticket, channel.kind()).await?,
            _ => Vec::new(),
        };
        let conversation = match notice.ticket {
            Some(ticket) if notice.audience == Audience::Sender => read.find_ticket(ticket).await?.and_then(|t| t.conversation),
            _ => None,
        };
        let files = match (notice.message, notice.ticket) {
            (Some(message), Some(ticket)) if channel.capabilities().attachments && notice.audience == Audience::Sender => {
                let mut files = read.attachments(ticket).await?;
                files.retain(|file| file.message == message);
                files
            }
            _ => Vec::new(),
        };
        drop(read);
        let (mut attachments, mut total) = (Vec::new(), 0usize);
        for file in files {
            let Some(blob) = file.blob else { continue };
            total = total.saturating_add(usize::try_from(file.size).unwrap_or(usize::MAX));
            if total > ATTACHMENTS {
                break;
            }
            attachments.push(OutAttachment { name: file.name, content_type: file.content_type, bytes: self.store.blob_bytes(blob).await? });
        }
        Ok(Outbound {
            notice: notice.id,
            to,
            account: notice.account.clone(),
            language: notice.language,
            subject: notice.content.subject.clone(),
            text: notice.content.text.clone(),
            personal: notice.personal,
            from_name: self.from_name.get(notice.language).to_owned(),
            thread: OutThread { in_reply_to: references.last().cloned(), references, token: notice.content.token.clone(), conversation },
            attachments,
            staff: notice.person,
        })
    }

    async fn record(&self, notice: Notice, outcome: Result<Sent, SendError>, holder: &str) -> Result<(), StoreError> {
        let code = outcome.as_ref().err().map_or("sent", SendError::code);
        let channel = notice.channel.map_or("none", |c| c.as_str());
        metrics::counter!("tawasul_notices_total", "channel" => channel, "outcome" => code).increment(1);
        if let Err(error) = &outcome {
            tracing::warn!(notice = %notice.id, kind = %notice.kind, channel, code, "a notice was not sent: {error}");
        }
        match outcome {
            Ok(sent) => self.record_sent(notice, sent, holder.to_owned()).await,
            Err(error) if error.retry() && notice.attempts + 1 < self.settings.attempts => {
                self.record_later(notice, error, holder.to_owned()).await
            }
            Err(error) => self.record_dead(notice, error, holder.to_owned()).await,
        }
    }

    async fn record_sent(&self, notice: Notice, sent: Sent, holder: String) -> Result<(), StoreError> {
        let now = self.store.world().now();
        let kept = self
            .store
            .write(move |tx| async move { tx.notice_sent(notice.id, &holder, sent.external_id.as_deref(), now).await }.boxed())
            .await?;
        if !kept {
            tracing::error!(notice = %notice.id, "a notice was sent after its lease had ended");
        }
        Ok(())
    }

    async fn record_later(&self, notice: Notice, error: SendError, holder: String) -> Result<(), StoreError> {
        let now = self.store.world().now();
        let pause = match &error {
            // The network's own time may be a guess; ours grows with every refusal.
            SendError::Throttled { after } => {
                (*after).min(Duration::from_secs(3600)).max(pause(&self.settings, notice.attempts, self.store.world()))
            }
            _ => pause(&self.settings, notice.attempts, self.store.world()),
        };
        self.store
            .write(move |tx| {
                async move { tx.notice_later(notice.id, &holder, error.code(), &error.to_string(), now, now.plus(pause)).await }.boxed()
            })
            .await
    }

    async fn record_dead(&self, notice: Notice, error: SendError, holder: String) -> Result<(), StoreError> {
        let this = self.clone();
        let gone = error == SendError::Stopped;
        if let (true, Some(to), Some(webhooks)) = (gone, &notice.to, &self.webhooks)
            && to.scheme() == Scheme::WebhookTarget
        {
            webhooks.disable(to.value());
        }
        let now = self.store.world().now();
        self.store
            .write(move |tx| {
                async move {
                    if !tx.notice_dead(notice.id, &holder, error.code(), &error.to_string(), now).await? {
                        return Ok(());
                    }
                    match (&notice.to, notice.address) {
                        (Some(to), _) if gone && to.scheme() == Scheme::WebhookTarget => tx.disable_target(to.value(), now).await?,
                        (_, Some(address)) if gone => tx.set_address_state(address, AddressState::Stopped).await?,
                        _ => {}
                    }
                    this.fall_back(tx, &notice, error.code()).await
                }
                .boxed()
            })
            .await
    }
}

/// The pause before the next attempt: doubling from the first to the longest, a quarter more or less by chance.
fn pause(settings: &super::settings::Settings, attempts: u32, world: &World) -> Duration {
    let doubled = settings.first_retry.0.saturating_mul(1u32.checked_shl(attempts.min(20)).unwrap_or(u32::MAX));
    let pause = doubled.min(settings.longest_retry.0);
    pause.mul_f64(0.75 + world.below(1000) as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::world::fixed;

    #[test]
    fn pauses_double_and_stay_within_bounds() {
        let world = World { clock: fixed::FixedClock::at(At(0)), chance: fixed::Seeded::new(2) };
        let settings = crate::outbox::settings::Settings::default();
        for attempts in 0..100 {
            let expected = settings.first_retry.0.as_secs_f64() * 2f64.powi(attempts.min(20));
            let expected = expected.min(settings.longest_retry.0.as_secs_f64());
            let pause = pause(&settings, attempts as u32, &world).as_secs_f64();
            assert!((expected * 0.75..=expected * 1.25).contains(&pause), "{attempts}: {pause}");
        }
    }
}
