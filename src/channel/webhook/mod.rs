//! The generic webhook: any system can hand in a message and be told of events, signed after Standard Webhooks.
//!
//! Architecture invariants
//! - `signature`, `parse`, `render` and `network` are pure; only `egress` speaks to the network.
//! - Nothing of an address but its host is ever shown: paths carry tokens.
//! - The same notice has the same webhook-id and the same body at every attempt, so that the receiver can drop a copy.
//!
//! Not here: the HTTP route (in `web`, which calls [`WebhookChannel::parse`]), and remembering over a restart that a target
//! was switched off (whoever keeps it calls [`WebhookChannel::disable`]).

pub mod egress;
pub mod network;
pub mod parse;
pub mod peer;
pub mod render;
pub mod settings;
pub mod signature;

use super::{AccountHealth, Capabilities, Channel, ChannelKind, Inbound, InboundSink, Outbound, SendError, Sent};
use super::{Event, Raw};
use crate::domain::{Address, At, Scheme, World};
use async_trait::async_trait;
use bytes::Bytes;
use egress::{Answer, Egress, EgressError, Patience, Reach};
use parse::{Headers, Refusal};
use peer::{Problem, Problems, Source, Target};
use reqwest::{StatusCode, Url};
use settings::Settings;
use signature::{Secrets, SignatureError};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The longest wait that a receiver can ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// The wait after a 429 that says no time.
const USUAL_WAIT: Duration = Duration::from_secs(60);

/// All sources and targets.
pub struct WebhookChannel {
    sources: Vec<Source>,
    targets: Vec<Target>,
    egress: Egress,
    world: World,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    health: BTreeMap<String, AccountHealth>,
    disabled: BTreeSet<String>,
}

impl WebhookChannel {
    /// # Errors
    /// Every mistake in the settings.
    pub fn new(settings: &Settings, world: World) -> Result<Arc<Self>, Problems> {
        let reach = if settings.allow_private_targets { Reach::Anywhere } else { Reach::Public };
        let egress = Egress::new(None, reach, Patience::default()).map_err(|error| Problems(vec![Problem::Client(error.to_string())]))?;
        Self::with_egress(settings, world, egress)
    }

    /// With a way out of one's own: other trust, other patience.
    ///
    /// # Errors
    /// Every mistake in the settings.
    pub fn with_egress(settings: &Settings, world: World, egress: Egress) -> Result<Arc<Self>, Problems> {
        let (sources, targets) = peer::read(settings)?;
        let channel = Self { sources, targets, egress, world, state: Mutex::default() };
        channel.state().health = channel.first_look();
        Ok(Arc::new(channel))
    }

    /// Every account by name, with what already speaks against its address.
    fn first_look(&self) -> BTreeMap<String, AccountHealth> {
        let sources = self.sources.iter().map(|source| (source.name.as_str(), source.reply.as_ref()));
        let targets = self.targets.iter().map(|target| (target.key(), Some(&target.url)));
        let look = |(account, url): (&str, Option<&Url>)| {
            let trouble = url.and_then(|url| self.egress.objection(url)).map(|objection| objection.to_string());
            (account.to_owned(), AccountHealth { account: account.to_owned(), last_success: None, trouble })
        };
        sources.chain(targets).map(look).collect()
    }

    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name.as_str() == name)
    }

    pub fn target(&self, key: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.key() == key)
    }

    /// Checks and reads a request that was posted for `source`, and notes how the source is doing.
    ///
    /// # Errors
    /// [`Refusal`], with the HTTP status to answer.
    pub fn parse(&self, source: &str, headers: Headers<'_>, body: Bytes) -> Result<Inbound, Refusal> {
        let source = self.source(source).ok_or(Refusal::UnknownSource)?;
        let now = self.world.now();
        let read = parse::parse(source, headers, body, now);
        // Whoever sends no signature at all is a passer-by and says nothing about the source.
        if !matches!(read, Err(Refusal::Signature(SignatureError::Missing(_)))) {
            self.note(source.name.as_str(), now, read.as_ref().err().map(ToString::to_string));
        }
        read
    }

    /// The targets to tell of an event, such as `ticket.opened`; not those that were switched off.
    pub fn targets_for(&self, event: &str) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(move |target| target.subscribes(event) && !self.is_disabled(target.key()))
    }

    /// Whether the target said that it is gone (HTTP 410).
    pub fn is_disabled(&self, key: &str) -> bool {
        self.state().disabled.contains(key)
    }

    /// Sends the target nothing more, until [`WebhookChannel::enable`] or a restart.
    pub fn disable(&self, key: &str) {
        self.state().disabled.insert(key.to_owned());
    }

    pub fn enable(&self, key: &str) {
        self.state().disabled.remove(key);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, account: &str, now: At, trouble: Option<String>) {
        if let Some(health) = self.state().health.get_mut(account) {
            health.last_success = if trouble.is_none() { Some(now) } else { health.last_success };
            health.trouble = trouble;
        }
    }

    /// The source that can pass a notice on to the address.
    fn passes_on(&self, address: &Address) -> Option<(&Source, &Url)> {
        let (source, _) = address.value().split_once('/').filter(|_| address.scheme() == Scheme::Webhook)?;
        let source = self.source(source)?;
        Some((source, source.reply.as_ref()?))
    }

    /// The target that the address names.
    fn told_at(&self, address: &Address) -> Option<&Target> {
        if address.scheme() == Scheme::WebhookTarget { self.target(address.value()) } else { None }
    }

    async fn post(&self, account: &str, url: &Url, secrets: &Secrets, outbound: &Outbound, body: String) -> Result<Sent, SendError> {
        let now = self.world.now();
        let headers = render::headers(secrets, outbound, &body, now);
        let outcome = match self.egress.post(url, headers, body).await {
            Ok(answer) => judge(&answer, self.world.now()),
            Err(error) => Err(failure(error)),
        };
        self.note(account, self.world.now(), outcome.as_ref().err().map(ToString::to_string));
        outcome.map(|()| Sent { external_id: Some(outbound.notice.to_string()) })
    }
}

#[async_trait]
impl Channel for WebhookChannel {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webhook
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { subject: true, attachments: true, text_limit: None }
    }

    fn reaches(&self, address: &Address) -> bool {
        self.told_at(address).is_some() || self.passes_on(address).is_some()
    }

    /// Sources push; there is nothing to poll.
    async fn receive(&self, _sink: Arc<dyn InboundSink>, _stop: CancellationToken) {}

    fn reread(&self, account: &str, raw: Raw, _received_at: At) -> Event {
        match self.source(account) {
            Some(source) => parse::reread(source, &raw.bytes),
            None => Event::Unreadable { reason: "the source is not set up any more".to_owned() },
        }
    }

    async fn send(&self, outbound: &Outbound) -> Result<Sent, SendError> {
        if let Some(target) = self.told_at(&outbound.to) {
            if self.is_disabled(target.key()) {
                return Err(SendError::Stopped);
            }
            let sent = self.post(target.key(), &target.url, &target.secrets, outbound, outbound.text.clone()).await;
            if sent == Err(SendError::Stopped) {
                self.disable(target.key());
            }
            return sent;
        }
        let Some((source, url)) = self.passes_on(&outbound.to) else {
            return Err(SendError::Invalid { detail: "no webhook is set up for this address".into() });
        };
        self.post(source.name.as_str(), url, &source.secrets, outbound, render::notice(&source.name, outbound)).await
    }

    fn health(&self) -> Vec<AccountHealth> {
        self.state().health.values().cloned().collect()
    }
}

/// Without secrets and addresses.
impl fmt::Debug for WebhookChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookChannel").field("sources", &self.sources).field("targets", &self.targets).finish_non_exhaustive()
    }
}

/// What an answer means for the notice. The body is not looked at.
fn judge(answer: &Answer, now: At) -> Result<(), SendError> {
    let status = answer.status;
    let detail = || format!("HTTP {}", status.as_u16());
    let asked = answer.retry_after.as_deref().and_then(|text| wait(text, now));
    match status {
        StatusCode::GONE => Err(SendError::Stopped),
        StatusCode::TOO_MANY_REQUESTS => Err(SendError::Throttled { after: asked.unwrap_or(USUAL_WAIT) }),
        StatusCode::REQUEST_TIMEOUT => Err(SendError::Unreachable { detail: detail() }),
        StatusCode::SERVICE_UNAVAILABLE if asked.is_some() => Err(SendError::Throttled { after: asked.unwrap_or(USUAL_WAIT) }),
        _ if status.is_success() => Ok(()),
        _ if status.is_server_error() => Err(SendError::Unreachable { detail: detail() }),
        _ if status.is_redirection() => Err(SendError::Rejected {
            code: status.as_u16().to_string(),
            detail: "redirects are not followed; give the final address".into(),
        }),
        _ => Err(SendError::Rejected { code: status.as_u16().to_string(), detail: detail() }),
    }
}

/// Retry-After (RFC 9110 §10.2.3): seconds or a date, between 1 second and [`LONGEST_WAIT`].
fn wait(text: &str, now: At) -> Option<Duration> {
    let text = text.trim();
    let asked = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => At::from(jiff::fmt::rfc2822::parse(text).ok()?.timestamp()).since(now),
    };
    Some(asked.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

fn failure(error: EgressError) -> SendError {
    let detail = error.to_string();
    match error {
        EgressError::PrivateAddress => SendError::Rejected { code: "private_address".into(), detail },
        EgressError::PlainText => SendError::Rejected { code: "plain_text".into(), detail },
        EgressError::NoConnection(_) => SendError::Unreachable { detail },
        EgressError::NoAnswer(_) => SendError::Uncertain { detail },
        EgressError::Unusable(_) => SendError::Misconfigured { detail },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, retry_after: Option<&str>) -> Result<(), SendError> {
        let answer = Answer { status: StatusCode::from_u16(status).unwrap(), retry_after: retry_after.map(str::to_owned) };
        judge(&answer, At(784_111_777_000_000))
    }

    #[test]
    fn every_answer_has_one_meaning() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(judged(status, None), Ok(()), "{status}");
        }
        let code = |status, after| judged(status, after).unwrap_err().code();
        assert_eq!(code(410, None), "stopped");
        for status in [301, 302, 307, 400, 401, 403, 404, 413, 422] {
            assert_eq!(code(status, Some("5")), "rejected", "{status}");
        }
        for status in [408, 500, 502, 503, 504] {
            assert_eq!(code(status, None), "unreachable", "{status}");
        }
        for (status, after) in [(429, None), (429, Some("5")), (429, Some("soon")), (503, Some("5"))] {
            assert_eq!(code(status, after), "throttled", "{status} {after:?}");
        }
    }

    #[test]
    fn the_wait_that_is_asked_for_is_bounded() {
        let waits = |text: &str| wait(text, At(784_111_777_000_000)).map(|wait| wait.as_secs());
        assert_eq!(waits("120"), Some(120));
        assert_eq!(waits("0"), Some(1));
        assert_eq!(waits("86400"), Some(3600));
        assert_eq!(waits("99999999999999999999999"), None);
        assert_eq!(waits("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30));
        assert_eq!(waits("Sun, 06 Nov 1994 08:00:00 GMT"), Some(1));
        assert_eq!(waits("غدا"), None);
    }
}
