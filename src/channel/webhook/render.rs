//! What is posted: an event for a target, or a notice that a source passes on to its sender.

use super::signature::{Secrets, sign};
use crate::{
    channel::{ChannelKind, Outbound},
    domain::{At, EventKind, Key, Reference, Status},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

/// What a target is told of a ticket: keys and states, nothing of the people. Whoever may know more asks the API.
#[derive(Clone, Debug)]
pub struct TicketEvent<'a> {
    /// As [`event_name`] gives it.
    pub name: &'a str,
    pub at: At,
    pub reference: Reference,
    pub status: Status,
    pub kind: Option<&'a Key>,
    pub department: Option<&'a Key>,
    pub channel: ChannelKind,
}

/// The name under which targets hear of an entry of the timeline; `None` for what stays inside: notes, who looked at
/// it, and what became of notices.
pub fn event_name(kind: EventKind) -> Option<&'static str> {
    Some(match kind {
        EventKind::Opened => "ticket.opened",
        EventKind::Routed => "ticket.routed",
        EventKind::SenderWrote => "ticket.sender_wrote",
        EventKind::Accepted => "ticket.accepted",
        EventKind::Replied => "ticket.replied",
        EventKind::Asked => "ticket.asked",
        EventKind::HandedOver => "ticket.handed_over",
        EventKind::WaitingThirdParty => "ticket.waiting_third_party",
        EventKind::Resolved => "ticket.resolved",
        EventKind::Closed => "ticket.closed",
        EventKind::Rejected => "ticket.rejected",
        EventKind::MarkedDuplicate => "ticket.marked_duplicate",
        EventKind::MarkedSpam => "ticket.marked_spam",
        EventKind::Reopened => "ticket.reopened",
        _ => return None,
    })
}

/// All the names that a target can subscribe to.
pub fn event_names() -> impl Iterator<Item = &'static str> {
    EventKind::ALL.iter().copied().filter_map(event_name)
}

/// The payload of an event; the outbox keeps it as the notice's text.
pub fn event(event: &TicketEvent<'_>) -> String {
    json!({
        "type": event.name,
        "timestamp": event.at.rfc3339(),
        "data": {
            "reference": event.reference.to_string(),
            "status": event.status,
            "kind": event.kind,
            "department": event.department,
            "channel": event.channel,
        },
    })
    .to_string()
}

/// The payload of a notice to a sender of `source`. Depends on the notice alone, so that every attempt says the same: its
/// time is that of the notice's id.
pub fn notice(source: &Key, outbound: &Outbound) -> String {
    let own = |text: &str, mark: char| text.strip_prefix(source.as_str()).and_then(|rest| rest.strip_prefix(mark)).map(str::to_owned);
    let thread = outbound.thread.conversation.as_deref().and_then(|text| text.strip_prefix("webhook:")).and_then(|text| own(text, ':'));
    let mut data = json!({
        "to": { "address": own(outbound.to.value(), '/') },
        "text": outbound.text,
        "subject": outbound.subject,
        "language": outbound.language,
        "thread": thread,
    });
    if !outbound.attachments.is_empty() {
        data["attachments"] = outbound.attachments.iter().map(attachment).collect();
    }
    json!({ "type": "message.outbound", "timestamp": promised_at(outbound).rfc3339(), "data": data }).to_string()
}

fn attachment(file: &crate::channel::OutAttachment) -> Value {
    json!({ "name": file.name, "content_type": file.content_type, "content": STANDARD.encode(&file.bytes) })
}

/// When the notice came to be, to the millisecond (UUID version 7 begins with it).
fn promised_at(outbound: &Outbound) -> At {
    let made = outbound.notice.0.get_timestamp().map(|stamp| stamp.to_unix());
    made.map_or(At(0), |(seconds, nanos)| At(i64::try_from(seconds).unwrap_or(0).saturating_mul(1_000_000) + i64::from(nanos / 1000)))
}

/// The three headers of Standard Webhooks. The id stays the same over all attempts: the receiver knows a copy by it.
pub fn headers(secrets: &Secrets, outbound: &Outbound, body: &str, now: At) -> HeaderMap {
    let id = outbound.notice.to_string();
    let seconds = now.micros().div_euclid(1_000_000);
    let signature = sign(secrets, &id, seconds, body.as_bytes());
    let given = [("webhook-id", id), ("webhook-timestamp", seconds.to_string()), ("webhook-signature", signature)];
    given.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))).fold(
        HeaderMap::new(),
        |mut all, (name, value)| {
            all.insert(name, value);
            all
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{OutAttachment, OutThread},
        domain::{Address, Language, NoticeId, Scheme},
    };

    fn outbound() -> Outbound {
        let id = uuid::Builder::from_unix_timestamp_millis(1_790_000_000_123, &[7; 10]).into_uuid();
        Outbound {
            notice: NoticeId(id),
            to: Address::new(Scheme::Webhook, "crm/رقم/17").unwrap(),
            account: None,
            language: Language::Ar,
            subject: "تم استلام طلبك".into(),
            text: "السلام عليكم \u{2068}فاطمة\u{2069} 🌿\n\"شكرا\"".into(),
            personal: false,
            from_name: "تواصل".into(),
            thread: OutThread { conversation: Some("webhook:crm:4711:b".into()), ..OutThread::default() },
            attachments: Vec::new(),
            staff: None,
        }
    }

    #[test]
    fn an_event_tells_keys_and_states_only() {
        let (kind, department) = (Key::parse("complaint").unwrap(), Key::parse("aid").unwrap());
        let told = TicketEvent {
            name: "ticket.opened",
            at: At(1_790_000_000_000_000),
            reference: Reference::new(26, 4183).unwrap(),
            status: Status::New,
            kind: Some(&kind),
            department: Some(&department),
            channel: ChannelKind::Email,
        };
        let payload: Value = serde_json::from_str(&event(&told)).unwrap();
        let data = json!({ "reference": told.reference.to_string(), "status": "new", "kind": "complaint", "department": "aid", "channel": "email" });
        assert_eq!(payload, json!({ "type": "ticket.opened", "timestamp": "2026-09-21T14:13:20Z", "data": data }));
    }

    #[test]
    fn a_notice_says_the_same_at_every_attempt() {
        let source = Key::parse("crm").unwrap();
        let first = notice(&source, &outbound());
        assert_eq!(first, notice(&source, &outbound()));
        let payload: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(payload["timestamp"], "2026-09-21T14:13:20.123Z");
        assert_eq!(payload["data"]["to"]["address"], "رقم/17");
        assert_eq!(payload["data"]["thread"], "4711:b");
        assert_eq!(payload["data"]["text"], outbound().text);
        assert_eq!(payload["data"]["language"], "ar");
        assert!(payload["data"].get("attachments").is_none());
    }

    #[test]
    fn the_conversation_of_another_channel_is_not_passed_on() {
        let mut other = outbound();
        other.thread.conversation = Some("webhook:crm2:4711".into());
        let payload: Value = serde_json::from_str(&notice(&Key::parse("crm").unwrap(), &other)).unwrap();
        assert_eq!(payload["data"]["thread"], Value::Null);
    }

    #[test]
    fn a_file_goes_along_in_base64() {
        let mut with_file = outbound();
        with_file.attachments =
            vec![OutAttachment { name: "خطاب.pdf".into(), content_type: "application/pdf".into(), bytes: "%PDF".into() }];
        let payload: Value = serde_json::from_str(&notice(&Key::parse("crm").unwrap(), &with_file)).unwrap();
        assert_eq!(
            payload["data"]["attachments"][0],
            json!({ "name": "خطاب.pdf", "content_type": "application/pdf", "content": "JVBERg==" })
        );
    }

    #[test]
    fn the_headers_name_the_notice_and_sign_the_body() {
        let secrets = Secrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let now = At(1_790_000_050_999_999);
        let headers = headers(&secrets, &outbound(), "{}", now);
        let value = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(value("webhook-id"), outbound().notice.to_string());
        assert_eq!(value("webhook-timestamp"), "1790000050");
        let checked = super::super::signature::verify(
            &secrets,
            value("webhook-id"),
            value("webhook-timestamp"),
            value("webhook-signature"),
            b"{}",
            now,
        );
        assert_eq!(checked, Ok(()));
    }

    #[test]
    fn every_event_has_a_name_of_its_own() {
        let names: Vec<_> = event_names().collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len());
    }
}
