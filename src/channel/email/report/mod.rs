//! What a delivery report says: which recipients, what became of the mail to them and why, and which mail it was.
//!
//! Two kinds: the reports of RFC 3464 (`fields.rs`), and the letters of the many mailers that follow nothing (`prose.rs`).
//!
//! Not here: whether a mail is a report at all (`automatic`). Nor whether a report is true: anybody can write one. Its reader must
//! believe it only for a mail of ours that it names by what a stranger can't know.

mod fields;
mod prose;
mod reason;

use super::visible;
use crate::channel::{Fate, Undelivered};
use mail_parser::{HeaderName, Message, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;

/// At most so many recipients are told; ours have one.
pub const RECIPIENTS: usize = 100;
/// How much of a report's text and of each of its parts is read, in bytes.
const READ: usize = 256 << 10;
/// At most so many parts are looked at; a report has three.
const PARTS: usize = 50;
/// The longest address, in bytes (RFC 5321 §4.5.3.1.3 allows 254).
const ADDRESS: usize = 320;

/// The types of the part that returns the mail, as they should be and as they are written.
const RETURNED: [&str; 6] = ["rfc822", "global", "rfc822-headers", "global-headers", "rfc822-header", "partial"];

/// A delivery report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub recipients: Vec<Recipient>,
    pub original: Option<Original>,
}

/// One recipient of the mail that is reported about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address that did not take it, as written.
    pub address: Option<String>,
    /// The address that we wrote to, when it was changed on the way and the report knows it.
    pub original: Option<String>,
    pub fate: Fate,
    /// The code of RFC 3463, such as `5.1.1`.
    pub status: Option<String>,
    /// The mailer's own words, in one line without addresses.
    pub diagnostic: Option<String>,
    pub reason: Undelivered,
}

/// The mail that is reported about, as far as the report returns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Original {
    /// Without the angle brackets.
    pub message_id: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    /// Where it wanted its answers: ours carry the token there.
    pub reply_to: Option<String>,
    pub subject: Option<String>,
}

impl Report {
    /// Whether it says that the mail did not arrive somewhere, and won't.
    pub fn failed(&self) -> bool {
        self.recipients.iter().any(|recipient| recipient.fate == Fate::Failed)
    }
}

/// Reads a mail that is known to be a delivery report. One that names no recipient tells of one that is unknown: the sender of
/// the report may still name the mail.
pub fn read(message: &Message<'_>) -> Report {
    let pieces = Pieces::of(message);
    let letter = prose::Letter::split(&pieces.letters);
    let original = pieces.original(&letter);
    let mut recipients = pieces.recipients;
    if recipients.is_empty() {
        recipients = prose::recipients(message, &letter, original.as_ref());
    } else {
        explain(&mut recipients, &letter);
    }
    Report { recipients, original }
}

/// Whether a mail has another one in it, or its header.
pub fn encloses_mail(message: &Message<'_>) -> bool {
    let is_mail = |part: &MessagePart<'_>| subtype(part).is_some_and(|subtype| RETURNED.contains(&subtype.as_str()));
    message.parts.iter().take(PARTS).any(is_mail)
}

/// Whether a mail gives back one that whom it is for had written, as reports do. What people attach or pass on is seldom the
/// recipient's own.
pub fn returns_mail(message: &Message<'_>) -> bool {
    let pieces = Pieces::of(message);
    let original = pieces.original(&prose::Letter::split(&pieces.letters));
    // Quotations name the author, but no id.
    let Some(from) = original.filter(|original| original.message_id.is_some()).and_then(|original| original.from) else { return false };
    message
        .to()
        .into_iter()
        .flat_map(|list| list.iter().take(20))
        .filter_map(|addr| addr.address.as_deref())
        .any(|to| to.eq_ignore_ascii_case(&from))
}

/// The parts of a report, told apart.
#[derive(Default)]
struct Pieces {
    recipients: Vec<Recipient>,
    /// What is said in words, and perhaps a copy of the mail behind it.
    letters: String,
    returned: Option<Original>,
    /// What the fields about the recipients say of the mail.
    named: Option<Original>,
}

impl Pieces {
    fn of(message: &Message<'_>) -> Self {
        let mut pieces = Self::default();
        for (number, part) in message.parts.iter().enumerate().take(PARTS) {
            // Some leave the line out that says what the part is: the header of the returned mail is then that of the part.
            if number > 0 && part.headers.iter().any(|field| field.name == HeaderName::MessageId) {
                pieces.returned.get_or_insert_with(|| Original::read(&header(message, part)));
                continue;
            }
            pieces.add(part);
        }
        pieces
    }

    fn add(&mut self, part: &MessagePart<'_>) {
        match subtype(part).as_deref() {
            // A mailer that throws a mail away may write a receipt instead (RFC 5429 §2.3): its fields have the same names.
            Some("delivery-status" | "global-delivery-status" | "disposition-notification") => {
                let text = text(part);
                self.recipients.extend(fields::recipients(&text));
                self.recipients.truncate(RECIPIENTS);
                self.named = Some(Original::in_block(&text)).filter(|named| named.message_id.is_some());
            }
            Some(subtype) if RETURNED.contains(&subtype) => {
                self.returned.get_or_insert_with(|| Original::read(&text(part)));
            }
            Some("calendar") => {}
            _ if self.letters.len() < READ => self.letters.extend(letter(part).iter().flat_map(|letter| [letter.as_str(), "\n\n"])),
            _ => {}
        }
    }

    fn original(&self, letter: &prose::Letter) -> Option<Original> {
        let copied = letter.copy.as_deref().map(Original::read);
        let mut all = self.returned.clone().into_iter().chain(copied).chain(self.named.clone());
        all.find(|original| original.message_id.is_some() || original.to.is_some())
    }
}

/// What the form says badly, the letter beside it may say well.
fn explain(recipients: &mut [Recipient], letter: &prose::Letter) {
    for recipient in recipients.iter_mut().filter(|recipient| recipient.reason == Undelivered::Other) {
        recipient.reason = reason::of(recipient.status.as_deref(), &letter.said);
    }
}

impl Original {
    /// From the header of the returned mail, or a copy of it in a text: the first paragraph of a few that has a field of it.
    fn read(text: &str) -> Self {
        let paragraphs = text.split("\n\n").flat_map(|paragraph| paragraph.split("\r\n\r\n")).take(20);
        paragraphs.map(Self::in_block).find(|original| original.message_id.is_some() || original.to.is_some()).unwrap_or_default()
    }

    fn in_block(block: &str) -> Self {
        let mut original = Self::default();
        for (name, value) in fields::unfolded(block).take(500) {
            let Original { message_id, from, to, reply_to, subject } = &mut original;
            match name.to_ascii_lowercase().as_str() {
                "message-id" | "original-message-id" | "x-original-message-id" => {
                    message_id.get_or_insert_with(|| id(&value));
                }
                "from" => *from = from.take().or_else(|| first_address(&value)),
                "to" => *to = to.take().or_else(|| first_address(&value)),
                "reply-to" => *reply_to = reply_to.take().or_else(|| first_address(&value)),
                "subject" => {
                    subject.get_or_insert_with(|| visible::line(&value).chars().take(200).collect());
                }
                _ => {}
            }
        }
        original.message_id = original.message_id.filter(|id| (3..=900).contains(&id.len()));
        original
    }
}

fn id(value: &str) -> String {
    let inner = value.split_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or_default());
    inner.split_whitespace().collect()
}

fn first_address(value: &str) -> Option<String> {
    addresses(value).next().map(str::to_owned)
}

/// The lower-case subtype of a `message/…` or `text/…` part.
pub(super) fn subtype(part: &MessagePart<'_>) -> Option<String> {
    let kind = part.content_type()?;
    let told = kind.ctype().eq_ignore_ascii_case("message") || kind.ctype().eq_ignore_ascii_case("text");
    told.then(|| kind.subtype().unwrap_or_default().to_ascii_lowercase())
}

/// At most `bytes` of the text, cut between characters.
pub(super) fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// The part's text, whatever its type.
fn text<'a>(part: &'a MessagePart<'_>) -> Cow<'a, str> {
    let bytes = part.contents();
    String::from_utf8_lossy(bytes.get(..READ).unwrap_or(bytes))
}

/// The part's own header, as written.
fn header<'a>(message: &'a Message<'_>, part: &MessagePart<'_>) -> Cow<'a, str> {
    let (start, end) = (part.offset_header as usize, part.offset_body as usize);
    let bytes = message.raw_message().get(start..end).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(..READ).unwrap_or(bytes))
}

/// What a part says to a reader.
fn letter(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) => Some(beginning(text, READ).to_owned()),
        PartType::Html(html) => Some(visible::html_text(beginning(html, READ))),
        _ => None,
    }
}

/// The addresses in a text, in order.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let belongs = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + text.get(from..)?.find('@')?;
            let before = text.get(from..at)?;
            let start =
                before.char_indices().rev().take(ADDRESS).take_while(|(_, c)| belongs(*c)).last().map_or(at, |(index, _)| from + index);
            let domain = text.get(at + 1..)?;
            let end = domain
                .char_indices()
                .take(ADDRESS)
                .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
                .map_or(domain.len().min(ADDRESS), |(index, _)| index);
            let host = domain.get(..end).unwrap_or_default();
            let host = host.split("..").next().unwrap_or_default().trim_end_matches(['.', '-', '_']);
            from = at + 1;
            let local = text.get(start..at).unwrap_or_default();
            // X.400 names hold the address as an attribute.
            let local = local.strip_prefix("SMTP=").unwrap_or(local).trim_start_matches(['\'', '*', '=', '`', '/', '.']);
            if !local.is_empty() && host.contains('.') && local.len() + host.len() < ADDRESS {
                from = at + 1 + host.len();
                return text.get(at - local.len()..at + 1 + host.len());
            }
        }
    })
}

/// Who is reported to: no recipient that failed.
fn reported_to<'a>(message: &'a Message<'_>) -> impl Iterator<Item = &'a str> {
    let fields = [HeaderName::To, HeaderName::From, HeaderName::Cc].into_iter();
    fields
        .flat_map(|name| message.header_values(name))
        .filter_map(|value| value.as_address())
        .flat_map(|list| list.iter().take(20))
        .filter_map(|addr| addr.address.as_deref())
}
