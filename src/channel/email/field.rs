//! The header of a mail or of a part of it: where its fields are, and what the ones we know say (RFC 5322 §2.2, §3.6).
//!
//! What stands between fields and is none is passed over when more fields follow; else the body begins there.

use super::{address, charset, date, ids, parameters, words};
use mail_parser::{Addr, Address, Header, HeaderName, HeaderValue};
use std::borrow::Cow;

/// The longest name of a field, in bytes.
const NAME: usize = 200;
/// At most so many fields of one header; the others are passed over. Long ways and many lists make some two hundred.
const FIELDS: usize = 2_000;
/// So many lines are looked through for another field behind something that is none, and so often in one mail.
const LOOKAHEAD: usize = 50;
const LOOKS: usize = 200;
/// The longest value of a field that is looked at, in bytes; servers refuse far shorter ones.
const LONGEST: usize = 1 << 20;
/// The first bytes in which a charset is looked for that bare bytes of the header may be in.
const CHARSET: usize = 64 << 10;

/// Reads the headers of one mail.
pub struct Reader<'a> {
    raw: &'a [u8],
    /// How many more fields are read, of all headers together.
    fields: usize,
    looks: usize,
    /// The charset of bare bytes.
    beside: Option<Option<String>>,
}

/// A field's name and the place of its value, without the line end.
struct Place<'a> {
    name: &'a str,
    field: usize,
    start: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    /// `fields`: how many are read at most; the others are passed over.
    pub fn new(raw: &'a [u8], fields: usize) -> Self {
        Self { raw, fields, looks: LOOKS, beside: None }
    }

    /// Whether no more fields will be read.
    pub fn is_exhausted(&self) -> bool {
        self.fields == 0
    }

    /// The fields from `at` on, and where the body begins. `is_delimiter` says of a line whether the part is over with it.
    pub fn header(&mut self, at: usize, is_delimiter: &impl Fn(&[u8]) -> bool) -> (Vec<Header<'a>>, usize) {
        let (places, body) = self.places(at, is_delimiter);
        let mut headers: Vec<Header<'a>> = places.into_iter().map(|place| self.field(&place)).collect();
        for name in [HeaderName::ContentType, HeaderName::ContentDisposition, HeaderName::ContentTransferEncoding] {
            keep_one(&mut headers, &name);
        }
        (headers, body)
    }

    fn places(&mut self, begin: usize, is_delimiter: &impl Fn(&[u8]) -> bool) -> (Vec<Place<'a>>, usize) {
        let mut places: Vec<Place<'a>> = Vec::new();
        let mut at = begin;
        // Whether folded lines belong to the field before.
        let mut goes_on = false;
        while at < self.raw.len() {
            let after = line_end(self.raw, at);
            let line = trim_line(&self.raw[at..after]);
            if line.is_empty() {
                return (places, after);
            }
            if goes_on && matches!(line[0], b' ' | b'\t') {
                // A line of blanks alone ends the header for many programs; what follows it tells.
                if line.trim_ascii().is_empty() && !self.fields_follow(after, is_delimiter) {
                    return (places, after);
                }
                if let Some(place) = places.last_mut() {
                    place.end = at + line.len();
                }
            } else if let Some(colon) = colon(line) {
                goes_on = self.fields > 0 && places.len() < FIELDS;
                if goes_on {
                    self.fields -= 1;
                    let name = std::str::from_utf8(line[..colon].trim_ascii()).unwrap_or_default();
                    places.push(Place { name, field: at, start: at + colon + 1, end: at + line.len() });
                }
            } else if line.starts_with(b"--") || is_delimiter(line) || !(is_mailbox_line(line) || self.fields_follow(after, is_delimiter)) {
                return (places, at);
            }
            at = after;
        }
        (places, at)
    }

    /// Whether a field that mails have follows before the next empty line.
    fn fields_follow(&mut self, mut at: usize, is_delimiter: &impl Fn(&[u8]) -> bool) -> bool {
        if self.looks == 0 {
            return false;
        }
        self.looks -= 1;
        for _ in 0..LOOKAHEAD {
            let after = line_end(self.raw, at);
            let line = trim_line(&self.raw[at..after]);
            if line.is_empty() || is_delimiter(line) {
                return false;
            }
            let name = colon(line).and_then(|colon| std::str::from_utf8(line[..colon].trim_ascii()).ok());
            if name.and_then(HeaderName::parse).is_some_and(|name| !name.is_other() || name.as_str().contains('-')) {
                return true;
            }
            at = after;
        }
        false
    }

    fn field(&mut self, place: &Place<'a>) -> Header<'a> {
        let name = HeaderName::parse(place.name).unwrap_or(HeaderName::Other(Cow::Borrowed(place.name)));
        let value = &self.raw[place.start..place.end.min(place.start + LONGEST)];
        let beside = if value.is_ascii() { None } else { self.beside().map(str::to_owned) };
        Header {
            value: value_of(&name, value, beside.as_deref()),
            name,
            offset_field: offset(place.field),
            offset_start: offset(place.start),
            offset_end: offset(place.end),
        }
    }

    /// The first charset that the mail names, which bare bytes in its header are most likely in.
    fn beside(&mut self) -> Option<&str> {
        let raw = self.raw.get(..CHARSET).unwrap_or(self.raw);
        self.beside.get_or_insert_with(|| named_in(raw)).as_deref()
    }
}

/// Of several fields that may come only once, the one that opens a multipart counts, else the first that says something.
fn keep_one(headers: &mut Vec<Header<'_>>, name: &HeaderName<'_>) {
    let rank = |field: &Header<'_>| match &field.value {
        HeaderValue::ContentType(kind) if kind.ctype() == "multipart" && kind.has_attribute("boundary") => 2,
        HeaderValue::ContentType(kind) => u8::from(!kind.ctype().is_empty()),
        HeaderValue::Text(text) => u8::from(!text.is_empty()),
        _ => 0,
    };
    let such = |field: &&Header<'_>| field.name == *name;
    if headers.iter().filter(such).nth(1).is_none() {
        return;
    }
    let best = headers.iter().filter(such).map(rank).max().unwrap_or_default();
    let Some(kept) = headers.iter().position(|field| field.name == *name && rank(field) == best) else { return };
    let mut at = 0;
    headers.retain(|field| {
        at += 1;
        field.name != *name || at == kept + 1
    });
}

fn named_in(raw: &[u8]) -> Option<String> {
    let at = raw.windows(8).position(|part| part.eq_ignore_ascii_case(b"charset="))?;
    let value = raw.get(at + 8..(at + 60).min(raw.len()))?;
    let name = value
        .iter()
        .skip_while(|byte| matches!(byte, b'"' | b' '))
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte));
    let name = String::from_utf8(name.copied().collect()).ok()?;
    (!name.is_empty() && !charset::says_nothing(Some(&name))).then_some(name)
}

fn value_of<'a>(name: &HeaderName<'_>, value: &'a [u8], beside: Option<&str>) -> HeaderValue<'a> {
    match name {
        HeaderName::Subject | HeaderName::ContentDescription | HeaderName::ContentLocation => text(words::decode(value, beside)),
        HeaderName::From | HeaderName::Sender | HeaderName::ReplyTo | HeaderName::To | HeaderName::Cc | HeaderName::Bcc => {
            addresses(value, beside)
        }
        HeaderName::MessageId | HeaderName::ContentId => ids::own(value).map_or(HeaderValue::Empty, text),
        HeaderName::InReplyTo | HeaderName::References => HeaderValue::TextList(ids::list(value).into_iter().map(Cow::Owned).collect()),
        HeaderName::Date => date::read(value).map_or(HeaderValue::Empty, HeaderValue::DateTime),
        HeaderName::ContentType | HeaderName::ContentDisposition => HeaderValue::ContentType(parameters::read(value, beside)),
        _ => HeaderValue::Text(lossy(value.trim_ascii())),
    }
}

fn lossy(value: &[u8]) -> Cow<'_, str> {
    // Looking first whether it is UTF-8 is the quicker way.
    std::str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed)
}

fn text<'a>(text: String) -> HeaderValue<'a> {
    HeaderValue::Text(Cow::Owned(text))
}

fn addresses<'a>(value: &[u8], beside: Option<&str>) -> HeaderValue<'a> {
    let addr = |named: address::Named| Addr {
        name: named.name.map(Cow::Owned),
        address: Some(named.address).filter(|address| !address.is_empty()).map(Cow::Owned),
    };
    HeaderValue::Address(Address::List(address::list(value, beside).into_iter().map(addr).collect()))
}

/// Where the line at `at` ends, with its line end.
pub fn line_end(raw: &[u8], at: usize) -> usize {
    let rest = raw.get(at..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'\n').map_or(raw.len(), |end| at + end + 1)
}

/// A line without its end.
pub fn trim_line(line: &[u8]) -> &[u8] {
    let mut line = line.strip_suffix(b"\n").unwrap_or(line);
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    line
}

/// Where the colon stands behind a field's name: printable letters without blanks (RFC 5322 §3.6.8), though blanks may
/// come before the colon (§4.5).
fn colon(line: &[u8]) -> Option<usize> {
    let colon = line.iter().take(NAME).position(|byte| *byte == b':')?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(|byte| (b'!'..=b'~').contains(byte))).then_some(colon)
}

/// The line that mailbox files put before each mail (RFC 4155).
pub fn is_mailbox_line(line: &[u8]) -> bool {
    let line = line.strip_prefix(b">").unwrap_or(line);
    line.strip_prefix(b"From ").is_some_and(|rest| rest.trim_ascii_start().first() != Some(&b':'))
}

/// Mails of more than 4 GiB are never read.
pub fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
