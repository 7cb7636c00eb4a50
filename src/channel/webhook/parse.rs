//! A posted request becomes an inbound message, or is refused with a reason that helps whoever programs the source.
//!
//! What is wrong with the request is told (the source sees it and can try again); what is only wrong with a file or an
//! address in it never costs the text. Unknown fields are passed over, so that sources may say more than we read.

use super::{
    peer::Source,
    signature::{SignatureError, moment, verify},
};
use crate::{
    channel::{ChannelKind, Content, DedupeKey, Event, Inbound, InboundAttachment, InboundMessage, Raw, Sender, Thread},
    domain::{Address, At, Key, Language, Scheme, StakeholderGroup},
};
use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The largest body, in bytes: all attachments in base64 and the text beside them.
pub const BODY_LIMIT: usize = 36 * 1024 * 1024;
/// All attachments together, in bytes after decoding.
pub const ATTACHMENTS_LIMIT: usize = 25 * 1024 * 1024;
/// So many attachments.
pub const ATTACHMENT_COUNT: usize = 20;
/// In characters.
pub const TEXT_LIMIT: usize = 100_000;
/// In characters; longer names are cut.
pub const NAME_LIMIT: usize = 200;

/// In characters.
pub const SUBJECT_LIMIT: usize = 1_000;
/// Of one answer to a form, in characters.
pub const FIELD_LIMIT: usize = 20_000;
/// So many answers to a form.
pub const FIELD_COUNT: usize = 200;
/// Of `webhook-id` and of a thread, in characters.
pub const ID_LIMIT: usize = 255;

const BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The three headers of Standard Webhooks as they came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Headers<'a> {
    pub id: Option<&'a str>,
    pub timestamp: Option<&'a str>,
    pub signature: Option<&'a str>,
}

impl<'a> Headers<'a> {
    /// Id, timestamp and signature.
    ///
    /// # Errors
    /// [`SignatureError::Missing`]: the request can be refused before its body is read.
    pub fn all(self) -> Result<(&'a str, &'a str, &'a str), SignatureError> {
        let id = present(self.id, "webhook-id")?;
        Ok((id, present(self.timestamp, "webhook-timestamp")?, present(self.signature, "webhook-signature")?))
    }
}

/// Why a request was not taken. The words are for the programmer of the source and hold nothing of the message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such source")]
    UnknownSource,
    #[error("the signature does not hold: {0}")]
    Signature(#[from] SignatureError),
    /// `at` is the path in the JSON, such as `attachments[2].name`; empty for the whole body.
    #[error("{}{reason}", at_place(at))]
    Malformed { at: String, reason: String },
    #[error("neither text, nor fields, nor attachments")]
    Empty,
    #[error("{}more than {limit} {unit}", at_place(at))]
    TooLarge { at: String, limit: usize, unit: &'static str },
}

fn at_place(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("{at}: ") }
}

impl Refusal {
    /// The HTTP status to answer with.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::UnknownSource => 404,
            Refusal::Signature(_) => 401,
            Refusal::Malformed { .. } | Refusal::Empty => 400,
            Refusal::TooLarge { .. } => 413,
        }
    }

    /// Stable, for the answer and the metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::UnknownSource => "unknown_source",
            Refusal::Signature(_) => "signature",
            Refusal::Malformed { .. } => "malformed",
            Refusal::Empty => "empty",
            Refusal::TooLarge { .. } => "too_large",
        }
    }

    fn wrong(at: &str, reason: &str) -> Self {
        Refusal::Malformed { at: at.to_owned(), reason: reason.to_owned() }
    }

    fn large(at: &str, limit: usize, unit: &'static str) -> Self {
        Refusal::TooLarge { at: at.to_owned(), limit, unit }
    }
}

/// Checks and reads one request. `body`: the raw bytes, over which it is signed.
///
/// # Errors
/// [`Refusal`], with the HTTP status to answer.
pub fn parse(source: &Source, headers: Headers<'_>, body: Bytes, now: At) -> Result<Inbound, Refusal> {
    let (id, timestamp, signature) = headers.all()?;
    if body.len() > BODY_LIMIT {
        return Err(Refusal::large("", BODY_LIMIT, "bytes"));
    }
    verify(&source.secrets, id, timestamp, signature, &body, now)?;
    if id.chars().count() > ID_LIMIT || id.chars().any(char::is_control) {
        return Err(Refusal::wrong("webhook-id", "at most 255 characters without control characters"));
    }
    let mut message = read(source, &body)?;
    message.external_id = Some(id.to_owned());
    message.sent_at = Some(moment(timestamp)?);
    Ok(Inbound {
        channel: ChannelKind::Webhook,
        account: source.name.to_string(),
        keys: vec![DedupeKey(format!("id:{}:{id}", source.name))],
        raw: Raw { content_type: "application/json", bytes: body },
        event: Event::Message(Box::new(message)),
    })
}

fn present<'a>(header: Option<&'a str>, name: &'static str) -> Result<&'a str, SignatureError> {
    header.filter(|value| !value.trim().is_empty()).ok_or(SignatureError::Missing(name))
}

/// Reads a kept body again; its signature was checked when it came.
pub fn reread(source: &Source, body: &[u8]) -> Event {
    match read(source, body) {
        Ok(message) => Event::Message(Box::new(message)),
        Err(refusal) => Event::Unreadable { reason: refusal.to_string() },
    }
}

fn read(source: &Source, body: &[u8]) -> Result<InboundMessage, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|error| Refusal::wrong("", &format!("not JSON: {error}")))?;
    let body = body.as_object().ok_or_else(|| Refusal::wrong("", "must be an object"))?;
    let sender = body.get("sender").and_then(Value::as_object).ok_or_else(|| Refusal::wrong("sender", "must be an object"))?;
    let text = limited("text", clean(text(body, "", "text")?.unwrap_or_default()), TEXT_LIMIT)?;
    let subject = limited("subject", line(self::text(body, "", "subject")?.unwrap_or_default()), SUBJECT_LIMIT)?;
    let fields = fields(body)?;
    let attachments = attachments(body)?;
    if text.trim().is_empty() && fields.is_empty() && attachments.is_empty() {
        return Err(Refusal::Empty);
    }
    Ok(InboundMessage {
        sender: read_sender(source, sender)?,
        subject: Some(subject).filter(|subject| !subject.is_empty()),
        fresh: text.clone(),
        text,
        language: self::text(sender, "sender.", "language")?.and_then(Language::from_tag),
        attachments,
        kind: key(body, "kind")?,
        fields,
        site: key(body, "site")?,
        thread: Thread { conversation: conversation(source, body)?, ..Thread::default() },
        external_id: None,
        sent_at: None,
        automatic: None,
        entered_by: None,
    })
}

fn read_sender(source: &Source, sender: &Map<String, Value>) -> Result<Sender, Refusal> {
    let given = text(sender, "sender.", "address")?.unwrap_or_default();
    let (address, also) = match real_address(given) {
        // The person is the same one on every channel; the source may be the only way to answer, as with a gateway for SMS.
        Some(real) => {
            let through = source.address(&real.to_string()).ok().filter(|_| source.takes_replies());
            (real, through.into_iter().collect())
        }
        None => (source.address(given).map_err(|_| no_address())?, Vec::new()),
    };
    let name = text(sender, "sender.", "name")?.map(name).filter(|name| !name.is_empty());
    let group = text(sender, "sender.", "group")?.map(|group| group.parse().map_err(|()| unknown_group())).transpose()?;
    Ok(Sender { address, also, name, group })
}

/// `mailto:` and `tel:` name somebody outside the source. One that cannot be read is still a name that the source has for
/// them: a wrong digit must not cost the complaint.
fn real_address(given: &str) -> Option<Address> {
    given.trim().parse::<Address>().ok().filter(|address| matches!(address.scheme(), Scheme::Mailto | Scheme::Tel))
}

fn no_address() -> Refusal {
    Refusal::wrong("sender.address", "must be mailto:…, tel:… or your own id of the sender, in one line of at most 180 characters")
}

fn unknown_group() -> Refusal {
    let known: Vec<_> = StakeholderGroup::ALL.iter().map(|group| group.as_str()).collect();
    Refusal::wrong("sender.group", &format!("must be one of {}", known.join(", ")))
}

fn key(body: &Map<String, Value>, name: &str) -> Result<Option<Key>, Refusal> {
    let given = text(body, "", name)?.map(str::trim).filter(|text| !text.is_empty());
    given.map(|text| Key::parse(text).map_err(|_| Refusal::wrong(name, "a key is 1 to 64 of a-z, 0-9, - and _"))).transpose()
}

fn conversation(source: &Source, body: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let thread = line(text(body, "", "thread")?.unwrap_or_default());
    let thread = limited("thread", thread, ID_LIMIT)?;
    Ok(Some(thread).filter(|thread| !thread.is_empty()).map(|thread| format!("webhook:{}:{thread}", source.name)))
}

/// Answers to the kind's form; numbers and truth values are taken as their text.
fn fields(body: &Map<String, Value>) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(given) = body.get("fields").filter(|value| !value.is_null()) else { return Ok(BTreeMap::new()) };
    let given = given.as_object().ok_or_else(|| Refusal::wrong("fields", "must be an object"))?;
    if given.len() > FIELD_COUNT {
        return Err(Refusal::large("fields", FIELD_COUNT, "fields"));
    }
    let mut fields = BTreeMap::new();
    for (field, value) in given {
        let field = name(field);
        let place = format!("fields.{field}");
        let value = match value {
            Value::Null => continue,
            Value::String(text) => clean(text),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return Err(Refusal::wrong(&place, "must be a text, a number or a truth value")),
        };
        let value = limited(&place, value, FIELD_LIMIT)?;
        fields.insert(field, value);
    }
    Ok(fields)
}

fn attachments(body: &Map<String, Value>) -> Result<Vec<InboundAttachment>, Refusal> {
    let Some(given) = body.get("attachments").filter(|value| !value.is_null()) else { return Ok(Vec::new()) };
    let given = given.as_array().ok_or_else(|| Refusal::wrong("attachments", "must be a list"))?;
    if given.len() > ATTACHMENT_COUNT {
        return Err(Refusal::large("attachments", ATTACHMENT_COUNT, "files"));
    }
    let files = given.iter().enumerate().map(|(number, file)| attachment(number, file)).collect::<Result<Vec<_>, _>>()?;
    let size = |file: &InboundAttachment| if let Content::Bytes(bytes) = &file.content { bytes.len() } else { 0 };
    if files.iter().map(size).sum::<usize>() > ATTACHMENTS_LIMIT {
        return Err(Refusal::large("attachments", ATTACHMENTS_LIMIT, "bytes together"));
    }
    Ok(files)
}

fn attachment(number: usize, file: &Value) -> Result<InboundAttachment, Refusal> {
    let place = format!("attachments[{number}]");
    let file = file.as_object().ok_or_else(|| Refusal::wrong(&place, "must be an object"))?;
    let place = format!("{place}.");
    let label = |key: &str| text(file, &place, key).map(|label| label.map(name).filter(|label| !label.is_empty()));
    let content = text(file, &place, "content")?.and_then(decode);
    Ok(InboundAttachment {
        name: label("name")?,
        content_type: label("content_type")?,
        inline: false,
        content: content.map_or(Content::Missing { reason: "attachment-unreadable" }, Content::Bytes),
    })
}

/// Base64, with or without padding, also broken into lines.
pub fn decode(text: &str) -> Option<Bytes> {
    let decoded = if text.contains(|c: char| c.is_ascii_whitespace()) {
        BASE64.decode(text.split_ascii_whitespace().collect::<String>())
    } else {
        BASE64.decode(text)
    };
    decoded.ok().map(Bytes::from)
}

/// The text at `key`; `None` when it is not there or null.
fn text<'a>(object: &'a Map<String, Value>, place: &str, key: &str) -> Result<Option<&'a str>, Refusal> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::wrong(&format!("{place}{key}"), "must be a text")),
    }
}

fn limited(at: &str, text: String, limit: usize) -> Result<String, Refusal> {
    if text.chars().count() > limit { Err(Refusal::large(at, limit, "characters")) } else { Ok(text) }
}

/// Without control characters, but for line ends (all written `\n`) and tabs.
pub fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// In one line, with single spaces.
pub fn line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// In one line, cut to [`NAME_LIMIT`], and without the characters that turn the direction of what stands beside it (an
/// `exe.fdp` that reads `pdf.exe`).
pub fn name(text: &str) -> String {
    let turns = |c: &char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    line(text).chars().filter(|c| !turns(c)).take(NAME_LIMIT).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::webhook::{
        settings,
        signature::{Secrets, sign},
    };
    use proptest::prelude::*;
    use serde_json::json;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NOW: At = At(1_790_000_000_000_000);

    fn source(reply_url: Option<&str>) -> Source {
        let reply_url = reply_url.map(str::to_owned);
        Source::new(&settings::Source { name: Key::parse("crm").unwrap(), secret: SECRET.into(), reply_url }).unwrap()
    }

    fn taken_from(source: &Source, body: &[u8]) -> Result<Inbound, Refusal> {
        let seconds = NOW.0 / 1_000_000;
        let signature = sign(&Secrets::parse(SECRET).unwrap(), "m-1", seconds, body);
        let headers = Headers { id: Some("m-1"), timestamp: Some(&seconds.to_string()), signature: Some(&signature) };
        parse(source, headers, Bytes::copy_from_slice(body), NOW)
    }

    fn taken(body: &Value) -> Result<InboundMessage, Refusal> {
        match taken_from(&source(None), body.to_string().as_bytes())?.event {
            Event::Message(message) => Ok(*message),
            Event::Unreadable { reason } => panic!("{reason}"),
            Event::Receipt(_) => panic!("a receipt"),
        }
    }

    fn refused(body: &Value) -> String {
        taken(body).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_full_message_keeps_everything_it_says() {
        let body = json!({
            "sender": { "name": " فاطمة\u{202E} علي\n", "address": "tel:٠٥٥١٢٣٤٥٦٧", "language": "ar-SA", "group": "beneficiary" },
            "text": "السلام عليكم\r\nلم تصل السلة الغذائية 🧺\u{0}\u{1b}[31m", "kind": "complaint", "subject": "تأخر\nالسلة", "thread": "4711",
            "site": "north", "fields": { "family_size": 7, "urgent": true, "note": "لا", "nothing": null },
            "attachments": [{ "name": "صورة.jpg", "content_type": "image/jpeg", "content": "/9j/\n4A" }], "later": { "unknown": [1] },
        });
        let message = taken(&body).unwrap();
        assert_eq!(message.sender.address.to_string(), "tel:+966551234567");
        assert_eq!(message.sender.name.as_deref(), Some("فاطمة علي"));
        assert_eq!(message.sender.group, Some(StakeholderGroup::Beneficiary));
        assert_eq!(message.text, "السلام عليكم\nلم تصل السلة الغذائية 🧺[31m");
        assert_eq!(message.fresh, message.text);
        assert_eq!(message.subject.as_deref(), Some("تأخر السلة"));
        assert_eq!(
            (message.language, message.kind, message.site),
            (Some(Language::Ar), Key::parse("complaint").ok(), Key::parse("north").ok())
        );
        assert_eq!(message.thread.conversation.as_deref(), Some("webhook:crm:4711"));
        assert_eq!(
            message.fields.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>(),
            ["family_size=7", "note=لا", "urgent=true"]
        );
        assert!(matches!(&message.attachments[0].content, Content::Bytes(bytes) if bytes[..] == [0xFF, 0xD8, 0xFF, 0xE0]));
        assert_eq!((message.external_id.as_deref(), message.sent_at), (Some("m-1"), Some(NOW)));
    }

    #[test]
    fn the_raw_bytes_and_the_key_go_with_it() {
        let body = br#"{ "sender": {"address":"u1"},  "text":"x" }"#;
        let inbound = taken_from(&source(None), body).unwrap();
        assert_eq!((&inbound.raw.bytes[..], inbound.account.as_str()), (&body[..], "crm"));
        assert_eq!(inbound.keys, [DedupeKey("id:crm:m-1".into())]);
    }

    #[test]
    fn a_sender_is_who_they_are_elsewhere_or_the_sources_own() {
        let addresses = |source: &Source, address: &str| {
            let inbound = taken_from(source, json!({ "sender": { "address": address }, "text": "x" }).to_string().as_bytes()).unwrap();
            let Event::Message(message) = inbound.event else { panic!("unreadable") };
            std::iter::once(message.sender.address).chain(message.sender.also).map(|address| address.to_string()).collect::<Vec<_>>()
        };
        let (silent, answering) = (source(None), source(Some("https://crm.example.org/in")));
        assert_eq!(addresses(&silent, "mailto:Ali@Example.org"), ["mailto:ali@example.org"]);
        assert_eq!(addresses(&answering, "mailto:Ali@Example.org"), ["mailto:ali@example.org", "webhook:crm/mailto:ali@example.org"]);
        assert_eq!(addresses(&answering, " مستفيد/17 "), ["webhook:crm/مستفيد/17"]);
        assert_eq!(addresses(&silent, "tel:12"), ["webhook:crm/tel:12"]);
        assert_eq!(addresses(&silent, "telegram:99"), ["webhook:crm/telegram:99"]);
    }

    #[test]
    fn a_file_that_cannot_be_read_never_costs_the_text() {
        let files = json!([{ "name": "a.pdf", "content": "%%%" }, { "name": "b.pdf" }, { "content": "" }]);
        let message = taken(&json!({ "sender": { "address": "u" }, "text": "شكوى", "attachments": files })).unwrap();
        assert_eq!(message.text, "شكوى");
        let missing: Vec<bool> = message.attachments.iter().map(|file| matches!(file.content, Content::Missing { .. })).collect();
        assert_eq!(missing, [true, true, false]);
    }

    #[test]
    fn what_is_malformed_is_named_by_its_place() {
        let sender = json!({ "address": "u" });
        for (body, told) in [
            (json!([]), "must be an object"),
            (json!({ "text": "x" }), "sender: must be an object"),
            (json!({ "sender": {}, "text": "x" }), "sender.address: must be mailto:"),
            (json!({ "sender": { "address": "a\nb" }, "text": "x" }), "sender.address: must be mailto:"),
            (json!({ "sender": { "address": 5 }, "text": "x" }), "sender.address: must be a text"),
            (json!({ "sender": { "address": "u", "group": "king" }, "text": "x" }), "sender.group: must be one of beneficiary, "),
            (json!({ "sender": sender, "text": 5 }), "text: must be a text"),
            (json!({ "sender": sender, "text": "x", "kind": "شكوى" }), "kind: a key is "),
            (json!({ "sender": sender, "text": "x", "fields": { "a": [] } }), "fields.a: must be a text, "),
            (json!({ "sender": sender, "text": "x", "attachments": {} }), "attachments: must be a list"),
            (json!({ "sender": sender, "text": "x", "attachments": [{}, { "name": 1 }] }), "attachments[1].name: must be a text"),
            (json!({ "sender": sender, "text": " \n" }), "neither text, "),
        ] {
            assert!(refused(&body).starts_with(told), "{body}: {}", refused(&body));
        }
        let cut_off = taken_from(&source(None), br#"{"text": "#).map(|_| ()).unwrap_err();
        assert!(cut_off.to_string().contains("line 1 column 9"), "{cut_off}");
        assert_eq!((cut_off.status(), cut_off.code()), (400, "malformed"));
    }

    #[test]
    fn what_is_too_large_is_refused_and_what_just_fits_is_taken() {
        let with = |text: String, files: usize| {
            let body = json!({ "sender": { "address": "u", "name": "ن".repeat(300) }, "text": text, "attachments": vec![json!({ "content": "QQ==" }); files] });
            taken(&body)
                .map(|message| message.sender.name.map(|name| name.chars().count()))
                .map_err(|refusal| (refusal.status(), refusal.code()))
        };
        assert_eq!(with("ش".repeat(TEXT_LIMIT), ATTACHMENT_COUNT), Ok(Some(NAME_LIMIT)));
        assert_eq!(with("ش".repeat(TEXT_LIMIT + 1), 0), Err((413, "too_large")));
        assert_eq!(with(String::new(), ATTACHMENT_COUNT + 1), Err((413, "too_large")));
        let whole = taken_from(&source(None), &vec![b' '; BODY_LIMIT + 1]).map(|_| ()).unwrap_err();
        assert_eq!(whole.status(), 413);
    }

    #[test]
    fn nothing_unsigned_is_read() {
        let body = Bytes::from_static(br#"{"sender":{"address":"u"},"text":"x"}"#);
        let seconds = (NOW.0 / 1_000_000).to_string();
        let whole = Headers { id: Some("m"), timestamp: Some(&seconds), signature: Some("v1,AAAA") };
        for (headers, told) in [
            (Headers::default(), "webhook-id is missing"),
            (Headers { timestamp: Some(" "), ..whole }, "webhook-timestamp is missing"),
            (Headers { signature: None, ..whole }, "webhook-signature is missing"),
            (whole, "no v1 signature"),
        ] {
            let refusal = parse(&source(None), headers, body.clone(), NOW).map(|_| ()).unwrap_err();
            assert_eq!((refusal.status(), refusal.code()), (401, "signature"));
            assert!(refusal.to_string().contains(told), "{refusal}");
        }
    }

    proptest! {
        #[test]
        fn no_body_whatever_it_holds_breaks_the_reading(body in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,40}", address in ".{0,40}") {
            let _ = taken_from(&source(None), &body);
            let body = json!({ "sender": { "address": address, "name": text }, "text": text, "thread": text, "fields": { "f": text } });
            if let Ok(message) = taken(&body) {
                let stray = |c: char| c.is_control() && c != '\n' && c != '\t';
                prop_assert!(!message.text.contains(stray));
                let turns = |c: char| c.is_control() || ('\u{202A}'..='\u{202E}').contains(&c);
                prop_assert!(!message.sender.name.unwrap_or_default().contains(turns));
            }
        }
    }
}
