//! Networks that end in this process: every address is reached, and what each person got can be looked at.

use super::phones::Phones;
use crate::{
    channel::{
        AccountHealth, Capabilities, Channel, ChannelKind, DedupeKey, Event, Inbound, InboundMessage, InboundSink, Outbound, Raw,
        SendError, Sender, Sent, Thread,
        email::inbound::{Account, message},
        webhook::WebhookChannel,
    },
    domain::{Address, At, Key, Scheme, World},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use tokio_util::sync::CancellationToken;

/// The mailbox that the people of the story write to.
pub(super) const MAILBOX: &str = "care";
pub(super) const MAILBOX_ADDRESS: &str = "care@example.org";
/// A domain that somebody mistyped; nothing reaches it.
pub(super) const MISTYPED: &str = "hotmial.example";

/// Stands in for a network, both for what it carries and for what it reads again.
pub(super) struct DemoNetwork {
    kind: ChannelKind,
    reached: &'static [Scheme],
    phones: Arc<Phones>,
    world: World,
    /// The real channel, known once the service is put together.
    webhooks: Arc<OnceLock<Arc<WebhookChannel>>>,
}

impl DemoNetwork {
    /// One for each kind of network that the demo has.
    pub fn all(phones: &Arc<Phones>, world: &World, webhooks: &Arc<OnceLock<Arc<WebhookChannel>>>) -> Vec<Arc<dyn Channel>> {
        let kinds: [(ChannelKind, &'static [Scheme]); 3] = [
            (ChannelKind::Email, &[Scheme::Mailto]),
            (ChannelKind::Webhook, &[Scheme::Webhook]),
            (ChannelKind::Sandbox, &[Scheme::Sandbox, Scheme::Tel, Scheme::Telegram]),
        ];
        let network = |(kind, reached)| -> Arc<dyn Channel> {
            Arc::new(Self { kind, reached, phones: phones.clone(), world: world.clone(), webhooks: webhooks.clone() })
        };
        kinds.into_iter().map(network).collect()
    }
}

/// A message of the sandbox as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    /// Its own name; a second copy is recognised by it.
    pub id: String,
    /// As `scheme:value`.
    pub from: String,
    pub name: Option<String>,
    pub text: String,
    pub kind: Option<Key>,
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// Of the message that it answers.
    pub token: Option<String>,
}

impl Note {
    pub fn inbound(&self) -> Inbound {
        Inbound {
            channel: ChannelKind::Sandbox,
            account: "phone".to_owned(),
            keys: vec![DedupeKey(format!("note:{}", self.id))],
            raw: Raw { content_type: "application/json", bytes: serde_json::to_vec(self).unwrap_or_default().into() },
            event: self.event(),
        }
    }

    fn event(&self) -> Event {
        let Ok(address) = self.from.parse::<Address>() else { return Event::Unreadable { reason: "a note from nowhere".to_owned() } };
        Event::Message(Box::new(InboundMessage {
            sender: Sender { address, also: Vec::new(), name: self.name.clone(), group: None },
            subject: None,
            text: self.text.clone(),
            fresh: self.text.clone(),
            language: None,
            attachments: Vec::new(),
            kind: self.kind.clone(),
            fields: self.fields.clone(),
            site: None,
            thread: Thread { tokens: self.token.iter().cloned().collect(), ..Thread::default() },
            external_id: Some(self.id.clone()),
            sent_at: None,
            automatic: None,
            entered_by: None,
        }))
    }
}

#[async_trait]
impl Channel for DemoNetwork {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { subject: self.kind == ChannelKind::Email, attachments: true, text_limit: None }
    }

    fn reaches(&self, address: &Address) -> bool {
        self.reached.contains(&address.scheme())
    }

    async fn receive(&self, _sink: Arc<dyn InboundSink>, _stop: CancellationToken) {}

    async fn send(&self, outbound: &Outbound) -> Result<Sent, SendError> {
        if outbound.to.value().ends_with(MISTYPED) {
            return Err(SendError::Rejected { code: "550 5.1.2".to_owned(), detail: "no such domain".to_owned() });
        }
        self.phones.ring(outbound, self.world.now());
        Ok(Sent { external_id: Some(format!("{}@demo.example.org", outbound.notice)) })
    }

    fn reread(&self, account: &str, raw: Raw, received_at: At) -> Event {
        match (self.kind, self.webhooks.get()) {
            (ChannelKind::Email, _) => {
                let own: Vec<Address> = Address::mail(MAILBOX_ADDRESS).into_iter().collect();
                match message(&raw.bytes, &Account { mailbox: account, own: &own, received: received_at }) {
                    Ok(message) => Event::Message(Box::new(message)),
                    Err(unreadable) => Event::Unreadable { reason: unreadable.to_string() },
                }
            }
            (ChannelKind::Webhook, Some(webhooks)) => webhooks.reread(account, raw, received_at),
            _ => match serde_json::from_slice::<Note>(&raw.bytes) {
                Ok(note) => note.event(),
                Err(error) => Event::Unreadable { reason: format!("not a note: {error}") },
            },
        }
    }

    fn health(&self) -> Vec<AccountHealth> {
        let account = if self.kind == ChannelKind::Email { MAILBOX.to_owned() } else { self.kind.to_string() };
        vec![AccountHealth { account, last_success: Some(self.world.now()), trouble: None }]
    }
}
