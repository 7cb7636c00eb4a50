//! From the bytes of a mail to what they say: who, to whom, in answer to what, the visible text, the files.
//!
//! Pure, and whatever the bytes are it neither panics nor works without bound. Not here: what it means for us
//! (`inbound.rs`), why a mail is automatic (`automatic.rs`), what of it is newly written (`reply.rs`).

use super::{
    automatic, filename,
    mime::{self, Depth},
    reply,
    report::{self, Report},
    visible,
};
use crate::{
    channel::{Automatic, Content, InboundAttachment},
    domain::At,
};
use bytes::Bytes;
use mail_parser::{Addr, Address, HeaderName, HeaderValue, Message, MessagePart, MimeHeaders, PartType};

/// At most so many files of one mail; the others stay in the raw mail, and one entry says so.
pub const ATTACHMENTS: usize = 200;
/// At most so many ids of a thread, and addresses of one field, are looked at.
const IDS: usize = 500;
/// The fields that may name a file.
const NAMING: [HeaderName<'static>; 2] = [HeaderName::ContentDisposition, HeaderName::ContentType];
/// The longest name or subject, in characters.
const HEADING: usize = 1_000;

/// A mail as it was read.
#[derive(Clone)]
pub struct Mail {
    /// Without the angle brackets; letters as written.
    pub message_id: Option<String>,
    pub in_reply_to: Vec<String>,
    /// Oldest first.
    pub references: Vec<String>,
    pub from: Vec<Named>,
    /// The `Sender` field and the return path: who handed the mail in, when nobody is named as author.
    pub handed_in_by: Vec<Named>,
    pub reply_to: Vec<Named>,
    pub to: Vec<Named>,
    pub cc: Vec<Named>,
    /// Where the mail was delivered to, as our own server noted it.
    pub delivered_to: Vec<String>,
    pub subject: Option<String>,
    /// By the sender's clock.
    pub date: Option<At>,
    /// The whole visible body as plain text.
    pub text: String,
    /// Only what is newly written.
    pub fresh: String,
    pub automatic: Option<Automatic>,
    /// What it says, when it is a delivery report.
    pub report: Option<Report>,
    pub attachments: Vec<InboundAttachment>,
}

/// An address with the name beside it, both as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub name: Option<String>,
    pub address: String,
}

/// Why a mail can't be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the mail has no header")]
    NoHeader,
    #[error("the mail names no sender")]
    NoSender,
}

/// Reads a mail.
///
/// # Errors
/// [`Unreadable::NoHeader`] when there is not even one header field.
pub fn read(raw: &[u8]) -> Result<Mail, Unreadable> {
    mime::read(raw, |message, depth| describe(message, depth, raw)).filter(Mail::says_anything).ok_or(Unreadable::NoHeader)
}

impl Mail {
    /// Bytes that are no mail may still look like a header field with an unknown name.
    fn says_anything(&self) -> bool {
        !self.from.is_empty()
            || !self.handed_in_by.is_empty()
            || !self.to.is_empty()
            || self.subject.is_some()
            || self.message_id.is_some()
            || self.date.is_some()
    }
}

fn describe(message: &Message<'_>, depth: Depth, raw: &[u8]) -> Mail {
    let (text, mut attachments) = match depth {
        Depth::Whole => body(message, raw),
        Depth::HeaderOnly => (String::new(), vec![whole_mail(raw)]),
    };
    let text = shorten(text, &mut attachments);
    let automatic = automatic::judge(message);
    let report = (automatic == Some(Automatic::Bounce)).then(|| report::read(message));
    Mail {
        message_id: ids(message.header(HeaderName::MessageId)).into_iter().next(),
        in_reply_to: ids(message.header(HeaderName::InReplyTo)),
        references: ids(message.header(HeaderName::References)),
        from: people(message, HeaderName::From),
        handed_in_by: people(message, HeaderName::Sender).into_iter().chain(return_path(message)).collect(),
        reply_to: people(message, HeaderName::ReplyTo),
        to: people(message, HeaderName::To),
        cc: people(message, HeaderName::Cc),
        delivered_to: delivered_to(message),
        subject: message.subject().map(|subject| heading(&mime::unhide(subject))).filter(|subject| !subject.is_empty()),
        date: message.date().filter(|date| date.is_valid()).and_then(|date| date.to_timestamp().checked_mul(1_000_000)).map(At),
        fresh: reply::newly_written(&text),
        text,
        automatic,
        report,
        attachments,
    }
}

// ── header ──

fn ids(value: Option<&HeaderValue<'_>>) -> Vec<String> {
    let ids: Vec<&str> = match value {
        Some(HeaderValue::Text(id)) => vec![id],
        Some(HeaderValue::TextList(ids)) => ids.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    };
    let clean = |id: &str| id.trim().trim_start_matches('<').trim_end_matches('>').trim().to_owned();
    let fits = |id: &String| (1..=900).contains(&id.len()) && !id.chars().any(|c| c.is_control() || c.is_whitespace());
    ids.into_iter().map(clean).filter(fits).take(IDS).collect()
}

fn people(message: &Message<'_>, name: HeaderName<'static>) -> Vec<Named> {
    message.header_values(name).filter_map(HeaderValue::as_address).flat_map(Address::iter).take(IDS).filter_map(named).collect()
}

fn named(addr: &Addr<'_>) -> Option<Named> {
    let name = addr.name.as_deref().map(heading).filter(|name| !name.is_empty());
    let address = addr.address.as_deref().map(|address| address.trim_matches(['<', '>', ' ', '\t', '\'', '"']).to_owned());
    match (address, name) {
        (Some(address), name) if !address.is_empty() => Some(Named { name, address }),
        // Some programs write the address alone in quotes, as if it were a name.
        (_, Some(name)) if name.contains('@') && !name.contains(' ') => Some(Named { address: name, name: None }),
        _ => None,
    }
}

fn return_path(message: &Message<'_>) -> Option<Named> {
    let text = message.header_raw(HeaderName::ReturnPath)?.trim().trim_matches(['<', '>']).to_owned();
    text.contains('@').then_some(Named { name: None, address: text })
}

fn delivered_to(message: &Message<'_>) -> Vec<String> {
    message
        .headers_raw()
        .filter(|(name, _)| ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to"].contains(&name.to_ascii_lowercase().as_str()))
        .flat_map(|(_, value)| value.split([' ', '\t', '\r', '\n', ',', ';', '<', '>']))
        .filter(|word| word.contains('@'))
        .take(IDS)
        .map(str::to_owned)
        .collect()
}

fn heading(text: &str) -> String {
    visible::line(text).chars().take(HEADING).collect()
}

// ── body ──

fn body(message: &Message<'_>, raw: &[u8]) -> (String, Vec<InboundAttachment>) {
    if let Some(text) = text_without_parts(message) {
        return (text, Vec::new());
    }
    let mut attachments: Vec<InboundAttachment> = Vec::new();
    for part in message.attachments() {
        if attachments.len() == ATTACHMENTS {
            attachments.push(InboundAttachment {
                name: Some(format!("+{}", message.attachment_count() - ATTACHMENTS)),
                content_type: None,
                inline: false,
                content: Content::Missing { reason: "attachment-too-many" },
            });
            break;
        }
        attachments.push(attachment(part, raw));
    }
    (visible_text(message), attachments)
}

/// A multipart whose boundary never comes is one text.
fn text_without_parts(message: &Message<'_>) -> Option<String> {
    match message.parts.as_slice() {
        [only] if only.content_type().is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("multipart")) => part_text(only),
        _ => None,
    }
}

/// Plain text where there is any, else what the HTML shows.
fn visible_text(message: &Message<'_>) -> String {
    let joined = |parts: Vec<String>| parts.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let plain = joined(message.text_bodies().filter_map(part_text).collect());
    if plain.is_empty() { joined(message.html_bodies().filter_map(part_text).collect()) } else { plain }
}

fn part_text(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) => Some(visible::tidy(&mime::unhide(text))),
        PartType::Html(html) => Some(visible::html_text(&mime::unhide(html))),
        _ => None,
    }
}

/// Cuts a text that is too long, and keeps the whole as a file.
fn shorten(text: String, attachments: &mut Vec<InboundAttachment>) -> String {
    match text.char_indices().nth(visible::LONGEST) {
        None => text,
        Some((end, _)) => {
            let shown = text[..end].to_owned();
            attachments.push(file("message.txt", "text/plain; charset=utf-8", text.into_bytes()));
            shown
        }
    }
}

fn whole_mail(raw: &[u8]) -> InboundAttachment {
    file("message.eml", "message/rfc822", raw.to_vec())
}

fn file(name: &str, content_type: &str, bytes: Vec<u8>) -> InboundAttachment {
    InboundAttachment {
        name: Some(name.to_owned()),
        content_type: Some(content_type.to_owned()),
        inline: false,
        content: Content::Bytes(Bytes::from(bytes)),
    }
}

fn attachment(part: &MessagePart<'_>, raw: &[u8]) -> InboundAttachment {
    let content_type = part.content_type().map(|kind| {
        let subtype = kind.subtype().unwrap_or("octet-stream");
        mime::unhide(&format!("{}/{subtype}", kind.ctype()))
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect::<String>()
            .to_ascii_lowercase()
    });
    let is_mail = content_type.as_deref().is_some_and(|kind| kind == "message/rfc822" || kind == "message/global");
    let bytes = mime::content(part, raw);
    let pieces = || {
        part.headers
            .iter()
            .filter(|field| NAMING.contains(&field.name))
            .find_map(|field| filename::in_pieces(raw.get(field.offset_start as usize..field.offset_end as usize)?))
    };
    let name = part.attachment_name().map(str::to_owned).filter(|name| !name.contains(['\u{FFFD}', '%'])).or_else(pieces);
    let name = name.as_deref().or(part.attachment_name()).map(|name| heading(&mime::unhide(name))).filter(|name| !name.is_empty());
    let name = name.or_else(|| is_mail.then(|| mail_name(bytes.as_deref().unwrap_or_default())));
    let inline = part.content_disposition().is_some_and(|disposition| disposition.is_inline())
        || (part.content_id().is_some() && !part.content_disposition().is_some_and(|disposition| disposition.is_attachment()));
    let content = match bytes {
        Some(bytes) => Content::Bytes(Bytes::from(bytes)),
        None => Content::Missing { reason: "attachment-unreadable" },
    };
    InboundAttachment { name, content_type, inline, content }
}

/// An attached mail is called by its subject.
fn mail_name(raw: &[u8]) -> String {
    let subject = mime::read(raw.get(..64 << 10).unwrap_or(raw), |message, _| message.subject().map(heading)).flatten();
    let subject: String = subject.unwrap_or_default().chars().filter(|c| !"/\\:*?\"<>|".contains(*c)).take(100).collect();
    format!("{}.eml", if subject.trim().is_empty() { "message" } else { subject.trim() })
}
