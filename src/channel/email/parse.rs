//! From the bytes of a mail to what they say: who, to whom, in answer to what, the visible text, the files.
//!
//! Pure, and whatever the bytes are it neither panics nor works without bound. Not here: what it means for us
//! (`inbound.rs`), why a mail is automatic (`automatic.rs`), what of it is newly written (`reply.rs`).

use super::{
    automatic, body,
    mime::{self, Structure},
    reply,
    report::{self, Report},
    visible,
};
use crate::{
    channel::{Automatic, InboundAttachment},
    domain::At,
};
use mail_parser::{Addr, Address, HeaderName, HeaderValue, Message};

pub use super::{address::Named, body::ATTACHMENTS};

/// At most so many addresses or ids of one kind are looked at.
const PEOPLE: usize = 500;
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
    let raw = mime::prepare(raw);
    mime::read(&raw).filter(|structure| is_mail(&structure.message)).map(describe).ok_or(Unreadable::NoHeader)
}

/// Bytes that are no mail may still look like a header field, but hardly like one that mails have.
fn is_mail(message: &Message<'_>) -> bool {
    message
        .headers()
        .iter()
        .any(|field| !field.name.is_other() || field.name.as_str().get(..2).is_some_and(|start| start.eq_ignore_ascii_case("x-")))
}

fn describe(mut structure: Structure<'_>) -> Mail {
    let message = &structure.message;
    let automatic = automatic::judge(message);
    let mut mail = Mail {
        message_id: message.header_values(HeaderName::MessageId).find_map(HeaderValue::as_text).map(str::to_owned),
        in_reply_to: ids(message, HeaderName::InReplyTo),
        references: ids(message, HeaderName::References),
        from: people(message, HeaderName::From),
        handed_in_by: addressed(message, HeaderName::Sender).into_iter().chain(return_path(message)).collect(),
        reply_to: addressed(message, HeaderName::ReplyTo),
        to: addressed(message, HeaderName::To),
        cc: addressed(message, HeaderName::Cc),
        delivered_to: delivered_to(message),
        subject: message
            .header_values(HeaderName::Subject)
            .filter_map(HeaderValue::as_text)
            .map(heading)
            .find(|subject| !subject.is_empty()),
        date: date(message),
        automatic,
        report: (automatic == Some(Automatic::Bounce)).then(|| report::read(message)),
        text: String::new(),
        fresh: String::new(),
        attachments: Vec::new(),
    };
    let body::Body { plain, html, mut attachments } = body::take(&mut structure);
    let plain = plain.map(|plain| body::shorten(plain, &mut attachments));
    let read = reply::Body { plain: plain.as_deref(), html: html.as_deref(), subject: mail.subject.as_deref() }.read();
    mail.text = body::shorten(read.text, &mut attachments);
    mail.fresh = body::shorten(read.fresh, &mut Vec::new());
    mail.attachments = attachments;
    mail
}

fn date(message: &Message<'_>) -> Option<At> {
    let date = message.header_values(HeaderName::Date).find_map(HeaderValue::as_datetime)?;
    date.to_timestamp().checked_mul(1_000_000).filter(|_| date.is_valid()).map(At)
}

fn ids(message: &Message<'_>, name: HeaderName<'static>) -> Vec<String> {
    let lists = message.header_values(name).filter_map(HeaderValue::as_text_list);
    lists.flatten().map(|id| id.as_ref().to_owned()).take(PEOPLE).collect()
}

fn people(message: &Message<'_>, name: HeaderName<'static>) -> Vec<Named> {
    message.header_values(name).filter_map(HeaderValue::as_address).flat_map(Address::iter).take(PEOPLE).map(named).collect()
}

/// Only those with an address.
fn addressed(message: &Message<'_>, name: HeaderName<'static>) -> Vec<Named> {
    people(message, name).into_iter().filter(|named| !named.address.is_empty()).collect()
}

fn named(addr: &Addr<'_>) -> Named {
    Named {
        name: addr.name.as_deref().map(heading).filter(|name| !name.is_empty()),
        address: addr.address.as_deref().unwrap_or_default().to_owned(),
    }
}

fn return_path(message: &Message<'_>) -> Option<Named> {
    let text = message.header_raw(HeaderName::ReturnPath)?.trim().trim_matches(['<', '>']).to_owned();
    text.contains('@').then_some(Named { name: None, address: text })
}

fn delivered_to(message: &Message<'_>) -> Vec<String> {
    let is_such =
        |name: &str| ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to"].iter().any(|such| name.eq_ignore_ascii_case(such));
    let values = message.headers_raw().filter(|(name, _)| is_such(name));
    let words = values.flat_map(|(_, value)| value.split([' ', '\t', '\r', '\n', ',', ';', '<', '>']));
    words.filter(|word| word.contains('@')).take(PEOPLE).map(str::to_owned).collect()
}

fn heading(text: &str) -> String {
    visible::line(text).chars().take(HEADING).collect()
}
