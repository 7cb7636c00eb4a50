//! The portal: a form that is sent comes in, and what is promised stands on the sender's tracking page.

use super::{
    suite::{Basket, Failure, Rig, Seen},
    support::app::TestApp,
};
use async_trait::async_trait;
use futures_util::FutureExt;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tawasul::{
    channel::{
        Channel, ChannelKind, Inbound, InboundSink, Outbound, Taken,
        portal::{Form, PortalChannel},
    },
    domain::{Address, Reference, Scheme},
    store::{
        StoreError,
        notices::{Audience, Notice, NoticeContent},
    },
};

/// Tells the suite's notices from those of the ticket itself.
const KIND: &str = "contract";

pub struct PortalRig {
    channel: Arc<PortalChannel>,
    app: TestApp,
    /// Of a sender who left no address but the page's own.
    near: Address,
    reference: Reference,
    pin: String,
    count: AtomicU32,
}

impl PortalRig {
    pub async fn new() -> Self {
        let app = TestApp::start().await;
        let near = Address::new(Scheme::Portal, "n-1").expect("an address");
        let Taken::Accepted(accepted) = app.intake.deliver(form("n-1", "لم تصلني السلة")).await.expect("taken") else {
            panic!("a form opens a ticket")
        };
        let pin = accepted.pin.expect("the one who opened it is told the PIN").as_str().to_owned();
        Self { channel: PortalChannel::new(), app, near, reference: accepted.reference, pin, count: AtomicU32::new(2) }
    }

    pub async fn end(self) {
        self.app.end().await;
    }
}

#[async_trait]
impl Rig for PortalRig {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }

    fn shown(&self) -> String {
        format!("{:?}", self.channel)
    }

    /// It has none of its own; the sender's must not be shown either.
    fn secrets(&self) -> Vec<String> {
        vec![self.pin.clone(), "n-1".into(), "وصلنا طلبك".into()]
    }

    fn near(&self) -> Address {
        self.near.clone()
    }

    fn far(&self) -> Address {
        Address::mail("huda@example.com").expect("an address")
    }

    async fn promised(&self, outbound: &Outbound) {
        let ticket = self.app.store.read().await.unwrap().ticket(self.reference).await.unwrap().expect("the ticket");
        let content = NoticeContent { subject: outbound.subject.clone(), text: outbound.text.clone(), token: None };
        let notice = Notice {
            ticket: Some(ticket.id),
            to: Some(outbound.to.clone()),
            channel: Some(ChannelKind::Portal),
            ..Notice::owed(outbound.notice, KIND, Audience::Sender, outbound.language, content, self.app.store.world().now())
        };
        let promised: Result<(), StoreError> = self.app.store.write(move |tx| async move { tx.insert_notice(&notice).await }.boxed()).await;
        promised.expect("promised");
    }

    async fn seen(&self) -> Vec<Seen> {
        let ticket = self.app.store.read().await.unwrap().ticket(self.reference).await.unwrap().expect("the ticket");
        let page = self.app.casework.ticket_for_sender(ticket).await.expect("the tracking page");
        let seen = |notice: Notice| Seen { id: notice.id.to_string(), text: notice.content.text };
        page.notices.into_iter().filter(|notice| notice.kind == KIND).map(seen).collect()
    }

    /// Nothing travels, so nothing fails on the way.
    fn fail_next(&self, _failure: Failure) -> bool {
        false
    }

    /// Whoever sees that it was not kept presses the button again: the same form, with the same nonce.
    async fn bring_in(&self, text: &str, sink: Arc<Basket>) {
        let nonce = format!("n-{}", self.count.fetch_add(1, Ordering::SeqCst));
        while sink.deliver(form(&nonce, text)).await.is_err() {}
    }
}

fn form(nonce: &str, text: &str) -> Inbound {
    let form = Form { nonce: nonce.into(), text: text.into(), name: Some("فاطمة".into()), ..Form::default() };
    form.inbound(ChannelKind::Portal, "web")
}
