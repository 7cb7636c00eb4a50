//! The sandbox is its own network.

use super::suite::{Basket, Failure, NOW, Rig, Seen};
use async_trait::async_trait;
use bytes::Bytes;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tawasul::{
    channel::{Channel, ChannelKind, DedupeKey, Event, Inbound, InboundMessage, Raw, SendError, Sender, Thread, sandbox::Sandbox},
    domain::{Address, Scheme},
};
use tokio_util::sync::CancellationToken;

pub struct SandboxRig(Arc<Sandbox>);

impl SandboxRig {
    pub fn new() -> Self {
        Self(Sandbox::new())
    }
}

#[async_trait]
impl Rig for SandboxRig {
    fn channel(&self) -> Arc<dyn Channel> {
        self.0.clone()
    }

    fn shown(&self) -> String {
        format!("{:?}", self.0)
    }

    /// It has none; what people wrote must not be shown either.
    fn secrets(&self) -> Vec<String> {
        vec!["وصلنا طلبك".into(), "u-17".into()]
    }

    fn near(&self) -> Address {
        Address::new(Scheme::Sandbox, "u-17").expect("an address")
    }

    fn far(&self) -> Address {
        Address::new(Scheme::Tel, "0551234567").expect("an address")
    }

    async fn seen(&self) -> Vec<Seen> {
        self.0.sent().into_iter().map(|sent| Seen { id: sent.notice.to_string(), text: sent.text }).collect()
    }

    fn fail_next(&self, failure: Failure) -> bool {
        let detail = || "scripted".to_owned();
        self.0.fail_with([match failure {
            Failure::Busy => SendError::Throttled { after: Duration::from_secs(1) },
            Failure::Down => SendError::Unreachable { detail: detail() },
            Failure::Refuses => SendError::Rejected { code: "550".into(), detail: detail() },
            Failure::Stopped => SendError::Stopped,
            Failure::Silent => SendError::Uncertain { detail: detail() },
        }]);
        true
    }

    async fn bring_in(&self, text: &str, sink: Arc<Basket>) {
        self.0.put(inbound(self.near(), text));
        let stop = CancellationToken::new();
        let receiving = tokio::spawn({
            let (channel, sink, stop) = (self.0.clone(), sink.clone(), stop.clone());
            async move { channel.receive(sink, stop).await }
        });
        while sink.taken().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.cancel();
        receiving.await.expect("receive ends well");
    }
}

fn inbound(from: Address, text: &str) -> Inbound {
    Inbound {
        channel: ChannelKind::Sandbox,
        account: "sandbox".into(),
        keys: vec![DedupeKey(format!("id:{}", text.len()))],
        raw: Raw { content_type: "text/plain", bytes: Bytes::copy_from_slice(text.as_bytes()) },
        event: Event::Message(Box::new(InboundMessage {
            sender: Sender { address: from, also: Vec::new(), name: Some("فاطمة".into()), group: None },
            subject: None,
            text: text.into(),
            fresh: text.into(),
            language: None,
            attachments: Vec::new(),
            kind: None,
            fields: BTreeMap::new(),
            site: None,
            thread: Thread::default(),
            external_id: None,
            sent_at: Some(NOW),
            automatic: None,
            entered_by: None,
        })),
    }
}
