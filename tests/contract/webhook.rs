//! The webhook channel between a local HTTP server and a source that signs its messages.

use super::{
    receiver::{Receiver, Reply},
    suite::{Basket, Failure, NOW, Rig, Seen, world},
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tawasul::{
    channel::{
        Channel, Inbound, InboundSink,
        webhook::{
            WebhookChannel,
            egress::{Egress, Patience, Reach},
            parse::Headers,
            settings::Settings,
            signature::{Secrets, sign},
        },
    },
    domain::{Address, Scheme},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub struct WebhookRig {
    channel: Arc<WebhookChannel>,
    settings: Settings,
    receiver: Receiver,
    near: Address,
    count: AtomicU32,
}

impl WebhookRig {
    pub async fn answering_senders() -> Self {
        Self::new(|_| Address::new(Scheme::Webhook, "crm/u-17").expect("an address")).await
    }

    pub async fn telling_targets() -> Self {
        Self::new(|channel| channel.targets_for("ticket.opened").next().and_then(|target| target.address()).expect("a target")).await
    }

    async fn new(near: impl FnOnce(&WebhookChannel) -> Address) -> Self {
        let receiver = Receiver::start().await;
        let settings: Settings = serde_json::from_value(json!({
            "allow_private_targets": true,
            "sources": [{ "name": "crm", "secret": SECRET, "reply_url": receiver.url("/replies/t0ken?key=k3y") }],
            "targets": [{ "url": receiver.url("/events/t0ken?key=k3y"), "secret": SECRET }],
        }))
        .expect("settings");
        let patience = Patience { connect: Duration::from_millis(500), total: Duration::from_millis(500) };
        let egress = Egress::new(None, Reach::Anywhere, patience).expect("a client");
        let channel = WebhookChannel::with_egress(&settings, world(), egress).expect("a channel");
        let near = near(&channel);
        Self { channel, settings, receiver, near, count: AtomicU32::new(0) }
    }

    /// What a source posts and our route does with it.
    fn post(&self, id: &str, body: &str) -> Inbound {
        let seconds = NOW.micros() / 1_000_000;
        let signature = sign(&Secrets::parse(SECRET).expect("a secret"), id, seconds, body.as_bytes());
        let timestamp = seconds.to_string();
        let headers = Headers { id: Some(id), timestamp: Some(&timestamp), signature: Some(&signature) };
        self.channel.parse("crm", headers, body.to_owned().into()).expect("a good request")
    }
}

#[async_trait]
impl Rig for WebhookRig {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }

    fn shown(&self) -> String {
        format!("{:?} {:?}", self.channel, self.settings)
    }

    fn secrets(&self) -> Vec<String> {
        [SECRET, SECRET.trim_start_matches("whsec_"), "t0ken", "k3y"].map(str::to_owned).into()
    }

    fn near(&self) -> Address {
        self.near.clone()
    }

    fn far(&self) -> Address {
        Address::new(Scheme::Webhook, "elsewhere/u-17").expect("an address")
    }

    /// A receiver knows a copy by its webhook-id; a copy must then say the same.
    async fn seen(&self) -> Vec<Seen> {
        let mut seen: Vec<Seen> = Vec::new();
        for post in self.receiver.posts() {
            let told = |body: &Value| body["data"]["text"].as_str().map(str::to_owned);
            let text = serde_json::from_str(&post.body).ok().as_ref().and_then(told).unwrap_or(post.body.clone());
            let this = Seen { id: post.header("webhook-id").to_owned(), text };
            match seen.iter().find(|other| other.id == this.id) {
                Some(copy) => assert_eq!(*copy, this),
                None => seen.push(this),
            }
        }
        seen
    }

    fn fail_next(&self, failure: Failure) -> bool {
        self.receiver.reply([match failure {
            Failure::Busy => Reply::With(429, "retry-after", "3".into()),
            Failure::Down => Reply::Status(502),
            Failure::Refuses => Reply::Status(422),
            Failure::Stopped => Reply::Status(410),
            Failure::Silent => Reply::Never,
        }]);
        true
    }

    async fn bring_in(&self, text: &str, sink: Arc<Basket>) {
        let body = json!({ "sender": { "name": "فاطمة", "address": "tel:0551234567", "language": "ar" }, "text": text }).to_string();
        let id = format!("m-{}", self.count.fetch_add(1, Ordering::SeqCst));
        while sink.deliver(self.post(&id, &body)).await.is_err() {}
    }
}
