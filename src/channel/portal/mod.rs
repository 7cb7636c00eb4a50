//! The public web site as a channel: a form that was sent becomes an inbound message, and notices to senders who left no
//! other address are read on the tracking page.
//!
//! The forms of the desk and of the REST interface have the same shape and are made here too; only the channel's name
//! differs. Files were stored when they were uploaded, so a form holds their ids.

use super::{
    AccountHealth, Capabilities, Channel, ChannelKind, Content, DedupeKey, Event, Inbound, InboundAttachment, InboundMessage, InboundSink,
    Outbound, Raw, SendError, Sender, Sent, Thread,
};
use crate::domain::{Address, At, BlobId, Key, Language, PersonId, Scheme, StakeholderGroup, TicketId};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use tokio_util::sync::CancellationToken;

/// A form as it was sent, checked by the page that drew it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Form {
    /// Drawn with the form: a second press of the button makes no second ticket.
    pub nonce: String,
    pub kind: Option<Key>,
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    pub text: String,
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    /// Normalised, as `scheme:value`, the preferred first.
    #[serde(default)]
    pub addresses: Vec<String>,
    #[serde(default)]
    pub group: Option<StakeholderGroup>,
    #[serde(default)]
    pub language: Option<Language>,
    #[serde(default)]
    pub site: Option<Key>,
    #[serde(default)]
    pub files: Vec<FormFile>,
    /// The ticket that the sender proved with reference and PIN.
    #[serde(default)]
    pub track: Option<TicketId>,
    /// The member of staff who typed it in.
    #[serde(default)]
    pub entered_by: Option<PersonId>,
    /// The name that the other system gave it.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// A file that was uploaded with the form.
#[derive(Clone, Serialize, Deserialize)]
pub struct FormFile {
    pub name: String,
    pub content_type: String,
    pub blob: BlobId,
    /// In bytes.
    pub size: u64,
}

impl Form {
    /// The inbound message; `account` says which form it was, such as `visit` or `web`.
    pub fn inbound(&self, channel: ChannelKind, account: &str) -> Inbound {
        let raw = serde_json::to_vec(self).unwrap_or_default();
        Inbound {
            channel,
            account: account.to_owned(),
            keys: vec![DedupeKey(format!("nonce:{}", self.nonce))],
            raw: Raw { content_type: "application/json", bytes: raw.into() },
            event: self.event(),
        }
    }

    fn event(&self) -> Event {
        let mut given: Vec<Address> = self.addresses.iter().filter_map(|text| text.parse().ok()).collect();
        // The tracking page reaches everybody; who answers there has an address already.
        if self.track.is_none() || given.is_empty() {
            given.extend(Address::new(Scheme::Portal, &self.nonce));
        }
        let mut given = given.into_iter();
        let Some(address) = given.next() else { return Event::Unreadable { reason: "a form without nonce".into() } };
        let attachments = self.files.iter().map(|file| InboundAttachment {
            name: Some(file.name.clone()),
            content_type: Some(file.content_type.clone()),
            inline: false,
            content: Content::Kept { blob: file.blob, size: file.size },
        });
        Event::Message(Box::new(InboundMessage {
            sender: Sender { address, also: given.collect(), name: self.name.clone(), group: self.group },
            subject: self.subject.clone(),
            fresh: self.text.clone(),
            text: self.text.clone(),
            language: self.language,
            attachments: attachments.collect(),
            kind: self.kind.clone(),
            fields: self.fields.clone(),
            site: self.site.clone(),
            thread: Thread { proven: self.track, ..Thread::default() },
            external_id: self.external_id.clone(),
            sent_at: None,
            automatic: None,
            entered_by: self.entered_by,
        }))
    }
}

/// Reads a form again from its kept bytes.
pub fn reread(raw: &[u8]) -> Event {
    match serde_json::from_slice::<Form>(raw) {
        Ok(form) => form.event(),
        Err(error) => Event::Unreadable { reason: format!("not a form: {error}") },
    }
}

/// The tracking page as a way out.
#[derive(Debug, Default)]
pub struct PortalChannel;

impl PortalChannel {
    pub fn new() -> Arc<Self> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Channel for PortalChannel {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Portal
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { subject: true, attachments: false, text_limit: None }
    }

    fn reaches(&self, address: &Address) -> bool {
        address.scheme() == Scheme::Portal
    }

    async fn receive(&self, _sink: Arc<dyn InboundSink>, _stop: CancellationToken) {}

    /// Nothing travels: what was promised stands on the tracking page from the commit on.
    async fn send(&self, outbound: &Outbound) -> Result<Sent, SendError> {
        if self.reaches(&outbound.to) {
            return Ok(Sent { external_id: Some(format!("portal-{}", outbound.notice)) });
        }
        Err(SendError::Invalid { detail: "not an address of the portal".into() })
    }

    fn reread(&self, _account: &str, raw: Raw, _received_at: At) -> Event {
        reread(&raw.bytes)
    }

    fn health(&self) -> Vec<AccountHealth> {
        vec![AccountHealth { account: "web".into(), ..AccountHealth::default() }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_form_reads_back_as_the_same_message() {
        let form = Form {
            nonce: "n1".into(),
            text: "السلام عليكم".into(),
            addresses: vec!["tel:+966551234567".into(), "bad".into()],
            ..Form::default()
        };
        let inbound = form.inbound(ChannelKind::Portal, "web");
        let (Event::Message(first), Event::Message(again)) = (inbound.event, reread(&inbound.raw.bytes)) else { panic!("a message") };
        assert_eq!((&first.sender.address, &first.text), (&again.sender.address, &again.text));
        assert_eq!(first.sender.address.to_string(), "tel:+966551234567");
        assert_eq!(first.sender.also[0].to_string(), "portal:n1");
        assert!(matches!(reread(b"{}"), Event::Unreadable { .. }));
    }
}
