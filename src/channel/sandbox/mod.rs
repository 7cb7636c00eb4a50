//! A network in memory: messages are handed in by a call, sent ones pile up to be looked at, failures are scripted.
//! For the demo and for tests.

use super::*;
use crate::domain::Scheme;
use std::{collections::VecDeque, sync::Mutex};

#[derive(Default, Debug)]
pub struct Sandbox {
    state: Mutex<State>,
}

#[derive(Default, Debug)]
struct State {
    sent: Vec<Outbound>,
    failures: VecDeque<SendError>,
    waiting: VecDeque<Inbound>,
}

impl Sandbox {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The next sends end in these errors, in order.
    pub fn fail_with(&self, errors: impl IntoIterator<Item = SendError>) {
        self.state().failures.extend(errors);
    }

    /// What was sent so far, oldest first.
    pub fn sent(&self) -> Vec<Outbound> {
        self.state().sent.clone()
    }

    /// Puts a message where [`Channel::receive`] finds it.
    pub fn put(&self, inbound: Inbound) {
        self.state().waiting.push_back(inbound);
    }
}

#[async_trait]
impl Channel for Sandbox {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sandbox
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { subject: false, attachments: true, text_limit: None }
    }

    fn reaches(&self, address: &Address) -> bool {
        address.scheme() == Scheme::Sandbox
    }

    async fn receive(&self, sink: Arc<dyn InboundSink>, stop: CancellationToken) {
        loop {
            let next = self.state().waiting.front().cloned();
            if let Some(inbound) = next {
                if sink.deliver(inbound).await.is_ok() {
                    self.state().waiting.pop_front();
                    continue;
                }
            } else if stop.is_cancelled() {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    }

    fn reread(&self, _account: &str, _raw: Raw, _received_at: At) -> Event {
        Event::Unreadable { reason: "the sandbox keeps nothing".to_owned() }
    }

    async fn send(&self, outbound: &Outbound) -> Result<Sent, SendError> {
        if !self.reaches(&outbound.to) {
            return Err(SendError::Invalid { detail: "not an address of the sandbox".into() });
        }
        let mut state = self.state();
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        let external_id = Some(format!("sandbox-{}", outbound.notice));
        if !state.sent.iter().any(|sent| sent.notice == outbound.notice) {
            state.sent.push(outbound.clone());
        }
        Ok(Sent { external_id })
    }

    fn health(&self) -> Vec<AccountHealth> {
        vec![AccountHealth { account: "sandbox".into(), ..AccountHealth::default() }]
    }
}
