//! The MIME structure of a mail (RFC 2045, RFC 2046), read with bounded work whatever the bytes are.
//!
//! One pass over the lines, without recursion: a line that begins with two dashes is looked up among the delimiters of
//! the multiparts that are open. Attached mails are kept as they are and never descended into.
//!
//! The result is the parser's own form of a mail, so that whoever judges it (`automatic`) needs to know no other.
//!
//! Not here: which part is shown and which is a file (`body.rs`), HTML (`visible.rs`).

use super::{
    charset,
    field::{self, offset},
    transfer::{self, Transfer},
};
use mail_parser::{ContentType, Encoding, Header, HeaderName, HeaderValue, Message, MessagePart, MimeHeaders, PartType};
use std::{borrow::Cow, collections::HashMap};

/// At most so many parts; what comes behind them is not taken apart. Ordinary mail has fewer than twenty.
const PARTS: usize = 20_000;
/// At most so many fields of all headers together; what comes behind them is not taken apart either.
const FIELDS: usize = 200_000;
/// The longest delimiter, in bytes (RFC 2046 §5.1.1 allows 70).
const BOUNDARY: usize = 10_000;
/// The longest mail, in bytes: offsets have 32 bits.
const LONGEST: usize = 1 << 31;

/// How much of a mail was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    Whole,
    /// Too many parts or fields: only the first ones were taken apart. The whole has to be kept as it is.
    Begun,
}

/// Where a part stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// The outermost `multipart/alternative` that it is in, and which of its branches.
    pub alternative: Option<(u32, u32)>,
    /// Whether the multipart around it is `multipart/alternative`.
    pub is_choice: bool,
    /// Whether it stands in a `multipart/related` behind the first part, which shows it.
    pub is_related: bool,
}

/// A mail taken apart.
pub struct Structure<'a> {
    /// Texts are decoded in `parts`, everything else is bytes. `text_body` and `html_body` name the texts of either kind,
    /// `attachments` the others.
    pub message: Message<'a>,
    /// For each part.
    pub places: Vec<Place>,
    pub depth: Depth,
}

/// The bytes to be read: with line ends, and in a charset that has ASCII in it.
pub fn prepare(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = raw.get(..LONGEST).unwrap_or(raw);
    if raw.starts_with(b"\xFF\xFE") || raw.starts_with(b"\xFE\xFF") {
        return Cow::Owned(charset::decode(raw, None).into_owned().into_bytes());
    }
    if raw.contains(&b'\r') && !raw.contains(&b'\n') {
        return Cow::Owned(raw.iter().map(|byte| if *byte == b'\r' { b'\n' } else { *byte }).collect());
    }
    Cow::Borrowed(raw)
}

/// Takes a prepared mail apart. `None` when not even a header field was found.
pub fn read(raw: &[u8]) -> Option<Structure<'_>> {
    let begin = begin(raw);
    let mut walk = Walk::new(raw);
    let at = walk.open(begin)?;
    walk.lines(at);
    walk.end();
    // A multipart whose delimiter never comes may have another one.
    if walk.parts.len() == 1
        && let Some(boundary) = walk.guess(at)
    {
        walk = Walk::new(raw);
        walk.boundary = Some(boundary);
        let at = walk.open(begin)?;
        walk.lines(at);
        walk.end();
    }
    let mut message = Message { parts: walk.parts, raw_message: Cow::Borrowed(raw), ..Message::default() };
    for (id, part) in message.parts.iter().enumerate() {
        match part.body {
            PartType::Text(_) => message.text_body.push(offset(id)),
            PartType::Html(_) => message.html_body.push(offset(id)),
            PartType::Multipart(_) => {}
            _ => message.attachments.push(offset(id)),
        }
    }
    Some(Structure { message, places: walk.places, depth: walk.depth })
}

/// Behind a byte order mark, blank lines, and the first line of a mailbox file.
pub fn begin(raw: &[u8]) -> usize {
    let mut at = if raw.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    loop {
        let after = field::line_end(raw, at);
        let line = raw.get(at..after).unwrap_or_default();
        if after == at || !(line.trim_ascii().is_empty() || field::is_mailbox_line(line)) {
            return at + line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        }
        at = after;
    }
}

/// A multipart whose end was not seen yet.
struct Frame {
    part: usize,
    boundary: Vec<u8>,
    /// The outer frame that has the same delimiter.
    shadowed: Option<usize>,
    children: Vec<u32>,
    kind: Kind,
    /// The part that shows the others of a `multipart/related`, when it is not the first (RFC 2387 §3.2).
    start: Option<String>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Alternative,
    Related,
    Digest,
    Other,
}

struct Walk<'a> {
    raw: &'a [u8],
    reader: field::Reader<'a>,
    parts: Vec<MessagePart<'a>>,
    places: Vec<Place>,
    frames: Vec<Frame>,
    /// Which frame a delimiter belongs to.
    known: HashMap<Vec<u8>, usize>,
    /// The longest delimiter so far.
    longest: usize,
    /// The part that is being read, when it is no multipart.
    leaf: Option<usize>,
    /// The root's delimiter, when it is not the one it names.
    boundary: Option<Vec<u8>>,
    depth: Depth,
}

impl<'a> Walk<'a> {
    fn new(raw: &'a [u8]) -> Self {
        Self {
            raw,
            reader: field::Reader::new(raw, FIELDS),
            parts: Vec::new(),
            places: Vec::new(),
            frames: Vec::new(),
            known: HashMap::new(),
            longest: 0,
            leaf: None,
            boundary: None,
            depth: Depth::Whole,
        }
    }

    /// Reads the header of the part that begins at `at`, and says where its body begins. `None`: a mail without header.
    fn open(&mut self, at: usize) -> Option<usize> {
        let (known, longest) = (&self.known, self.longest);
        let (headers, body) = self.reader.header(at, &|line| delimited(known, longest, line).is_some());
        if headers.is_empty() && self.parts.is_empty() {
            return None;
        }
        let id = self.parts.len();
        let place = self.place(&headers);
        if let Some(frame) = self.frames.last_mut() {
            frame.children.push(offset(id));
        }
        let boundary = self.boundary.take().or_else(|| boundary_of(&headers));
        self.parts.push(MessagePart {
            headers,
            offset_header: offset(at),
            offset_body: offset(body),
            offset_end: offset(self.raw.len()),
            ..MessagePart::default()
        });
        self.places.push(place);
        match boundary {
            Some(boundary) => self.open_multipart(id, boundary, place),
            None => self.leaf = Some(id),
        }
        Some(body)
    }

    fn open_multipart(&mut self, part: usize, boundary: Vec<u8>, mut place: Place) {
        let content_type = self.parts.get(part).and_then(MimeHeaders::content_type);
        let subtype = content_type.and_then(ContentType::subtype).unwrap_or_default();
        let start = content_type.and_then(|kind| kind.attribute("start")).map(|start| start.trim_matches(['<', '>', ' ']).to_owned());
        let kind = match subtype {
            "alternative" => Kind::Alternative,
            "related" => Kind::Related,
            "digest" => Kind::Digest,
            _ => Kind::Other,
        };
        if kind == Kind::Alternative && place.alternative.is_none() {
            place.alternative = Some((offset(part), 0));
        }
        self.longest = self.longest.max(boundary.len());
        let shadowed = self.known.insert(boundary.clone(), self.frames.len());
        self.frames.push(Frame { part, boundary, shadowed, children: Vec::new(), kind, start, place });
    }

    /// The place of the next part in the innermost multipart.
    fn place(&self, headers: &[Header<'_>]) -> Place {
        let Some(frame) = self.frames.last() else { return Place::default() };
        let mut place = Place {
            alternative: frame.place.alternative,
            is_choice: frame.kind == Kind::Alternative,
            is_related: frame.kind == Kind::Related && !frame.children.is_empty(),
        };
        let id = || headers.iter().find(|field| field.name == HeaderName::ContentId).and_then(|field| field.value.as_text());
        if frame.start.as_deref().is_some_and(|start| id() == Some(start)) {
            place.is_related = false;
        }
        if let Some((id, branch)) = &mut place.alternative
            && usize::try_from(*id) == Ok(frame.part)
        {
            *branch = offset(frame.children.len());
        }
        place
    }

    fn lines(&mut self, mut at: usize) {
        while at < self.raw.len() && !self.frames.is_empty() {
            let after = field::line_end(self.raw, at);
            let line = &self.raw[at..after];
            at = match delimited(&self.known, self.longest, line) {
                Some((frame, is_end)) => {
                    self.close_leaf(at);
                    self.close_frames(frame + 1, at);
                    if is_end {
                        self.close_delimiter(frame, at);
                        after
                    } else if self.parts.len() >= PARTS || self.reader.is_exhausted() {
                        self.depth = Depth::Begun;
                        return;
                    } else {
                        self.open(after).unwrap_or(after)
                    }
                }
                None => after,
            };
        }
    }

    /// Behind the closing delimiter nothing more should come; but with some programs it does. Only when a multipart
    /// around it has the same delimiter, the next one is that one's.
    fn close_delimiter(&mut self, frame: usize, at: usize) {
        if self.frames.get(frame).is_some_and(|frame| frame.shadowed.is_some()) {
            self.close_frames(frame, at);
        } else if let Some(part) = self.frames.get(frame).and_then(|frame| self.parts.get_mut(frame.part)) {
            part.offset_end = offset(at);
        }
    }

    /// Closes the frames from the index `from` on.
    fn close_frames(&mut self, from: usize, at: usize) {
        while self.frames.len() > from
            && let Some(frame) = self.frames.pop()
        {
            match frame.shadowed {
                Some(outer) => self.known.insert(frame.boundary, outer),
                None => self.known.remove(&frame.boundary),
            };
            let Some(part) = self.parts.get_mut(frame.part) else { continue };
            if part.offset_end == offset(self.raw.len()) {
                part.offset_end = offset(at);
            }
            if frame.children.is_empty() {
                // No delimiter ever came: all of it is one text.
                let bytes = between(self.raw, part.offset_body as usize, at);
                part.body = PartType::Text(charset::decode(bytes, None));
            } else {
                part.body = PartType::Multipart(frame.children);
            }
        }
    }

    fn close_leaf(&mut self, at: usize) {
        let Some(id) = self.leaf.take() else { return };
        let in_digest = self.frames.last().is_some_and(|frame| frame.kind == Kind::Digest);
        let (Some(part), Some(place)) = (self.parts.get_mut(id), self.places.get(id)) else { return };
        let end = if at == self.raw.len() { at } else { without_line_end(self.raw, part.offset_body as usize, at) };
        part.offset_end = offset(end);
        let bytes = between(self.raw, part.offset_body as usize, end);
        if in_digest && part.content_type().is_none() {
            part.headers.push(attached_mail(part.offset_body));
        }
        let transfer = part.content_transfer_encoding().map_or(Transfer::Plain, Transfer::named);
        part.encoding = match transfer {
            Transfer::Base64 => Encoding::Base64,
            Transfer::QuotedPrintable => Encoding::QuotedPrintable,
            _ => Encoding::None,
        };
        let text = text_kind(part, *place, id == 0);
        let content = transfer::decode(transfer, bytes, text.is_some());
        part.body = match text {
            Some(kind) => as_text(content, kind, part.content_type().and_then(|kind| kind.attribute("charset"))),
            None => PartType::Binary(content),
        };
    }

    fn end(&mut self) {
        let end = self.raw.len();
        self.close_leaf(end);
        self.close_frames(0, end);
    }

    /// The delimiter of a root that is a multipart, but names none or one that never comes: the first line that begins
    /// with two dashes and has a field of MIME behind it.
    fn guess(&self, body: usize) -> Option<Vec<u8>> {
        let root = self.parts.first()?;
        if root.content_type().is_none_or(|kind| kind.ctype() != "multipart") {
            return None;
        }
        let mut at = body;
        while at < self.raw.len() {
            let after = field::line_end(self.raw, at);
            let line = self.raw[at..after].trim_ascii_end();
            let next = self.raw.get(after..).unwrap_or_default();
            if let Some(boundary) = line.strip_prefix(b"--").filter(|boundary| (1..=BOUNDARY).contains(&boundary.len()))
                && next.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"))
            {
                return Some(boundary.to_vec());
            }
            at = after;
        }
        None
    }
}

/// The frame that a line delimits, and whether it ends it.
fn delimited(known: &HashMap<Vec<u8>, usize>, longest: usize, line: &[u8]) -> Option<(usize, bool)> {
    if known.is_empty() {
        return None;
    }
    let rest = line.strip_prefix(b"--")?.trim_ascii_end();
    // Blanks may stand before the dashes that end it.
    if rest.len() > longest + 80 {
        return None;
    }
    if let Some(frame) = known.get(rest) {
        return Some((*frame, false));
    }
    known.get(rest.strip_suffix(b"--")?.trim_ascii_end()).map(|frame| (*frame, true))
}

fn boundary_of(headers: &[Header<'_>]) -> Option<Vec<u8>> {
    let kind =
        headers.iter().rev().filter(|field| field.name == HeaderName::ContentType).find_map(|field| field.value.as_content_type())?;
    let boundary = kind.attribute("boundary").filter(|_| kind.ctype() == "multipart")?.trim_end();
    (1..=BOUNDARY).contains(&boundary.len()).then(|| boundary.as_bytes().to_vec())
}

fn between(raw: &[u8], from: usize, to: usize) -> &[u8] {
    raw.get(from..to).unwrap_or_default()
}

/// The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
fn without_line_end(raw: &[u8], from: usize, to: usize) -> usize {
    let bytes = between(raw, from, to);
    let bytes = bytes.strip_suffix(b"\n").map_or(bytes, |bytes| bytes.strip_suffix(b"\r").unwrap_or(bytes));
    from + bytes.len()
}

/// What a part of a digest is when it says nothing (RFC 2046 §5.1.5).
fn attached_mail<'a>(at: u32) -> Header<'a> {
    let kind = ContentType { c_type: "message".into(), c_subtype: Some("rfc822".into()), attributes: None };
    Header { name: HeaderName::ContentType, value: HeaderValue::ContentType(kind), offset_field: at, offset_start: at, offset_end: at }
}

/// How a text is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextKind {
    Plain,
    Html,
}

/// How the part is written, when it is a text that is shown and no file. Of texts with a name only those count between
/// which a reader chooses.
fn text_kind(part: &MessagePart<'_>, place: Place, is_root: bool) -> Option<TextKind> {
    let kind = written(part, is_root)?;
    let disposition = part.content_disposition();
    if disposition.is_some_and(ContentType::is_attachment) {
        return None;
    }
    let has = |field: Option<&ContentType<'_>>, name: &str| {
        field.and_then(|field| field.attribute(name)).is_some_and(|name| !name.trim().is_empty())
    };
    let named = has(part.content_type(), "name") || has(disposition, "filename");
    let shown_by_another = place.is_related && (part.content_id().is_some() || part.content_location().is_some());
    (is_root || place.is_choice || !(named || shown_by_another)).then_some(kind)
}

/// What kind of text a part is, file or not.
pub fn written(part: &MessagePart<'_>, is_root: bool) -> Option<TextKind> {
    let Some(kind) = part.content_type() else { return Some(TextKind::Plain) };
    match (kind.ctype(), kind.subtype()) {
        ("text", Some("html" | "xhtml")) | ("html", None) => Some(TextKind::Html),
        ("application", Some("xhtml+xml")) if is_root => Some(TextKind::Html),
        ("text", Some("plain" | "text" | "ascii" | "unknown" | "markdown" | "x-markdown")) => Some(TextKind::Plain),
        // Half a type, or none at all, is text (RFC 2045 §5.2).
        ("image" | "audio" | "video" | "application" | "message" | "font" | "model", None) => None,
        (_, None) | ("", _) => Some(TextKind::Plain),
        // A multipart without a delimiter.
        ("multipart", _) => Some(TextKind::Plain),
        ("text", Some(_)) if is_root => Some(TextKind::Plain),
        _ => None,
    }
}

/// The text that decoded bytes are.
pub fn as_text<'a>(content: Cow<'a, [u8]>, kind: TextKind, declared: Option<&str>) -> PartType<'a> {
    let in_html =
        if kind == TextKind::Html && charset::says_nothing(declared) && !content.is_ascii() { charset::in_html(&content) } else { None };
    let declared = in_html.as_deref().or(declared);
    let text = match content {
        Cow::Borrowed(bytes) => charset::decode(bytes, declared),
        Cow::Owned(bytes) => Cow::Owned(match charset::decode(&bytes, declared) {
            Cow::Owned(text) => text,
            Cow::Borrowed(text) if text.len() < bytes.len() => text.to_owned(),
            // Nothing had to be changed: the bytes are the text.
            Cow::Borrowed(_) => String::from_utf8(bytes).unwrap_or_default(),
        }),
    };
    match kind {
        TextKind::Plain => PartType::Text(text),
        TextKind::Html => PartType::Html(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(raw: &str) -> Vec<String> {
        let structure = read(raw.as_bytes()).unwrap();
        let kind = |part: &MessagePart<'_>| match &part.body {
            PartType::Text(text) => format!("text {text}"),
            PartType::Html(text) => format!("html {text}"),
            PartType::Multipart(parts) => format!("multipart of {}", parts.len()),
            other => format!(
                "file {}",
                String::from_utf8_lossy(match other {
                    PartType::Binary(bytes) => bytes,
                    _ => b"?",
                })
            ),
        };
        structure.message.parts.iter().map(kind).collect()
    }

    #[test]
    fn parts_are_found_between_their_delimiters() {
        let mixed = "Content-Type: multipart/mixed; boundary=\"a b\"\n\npreamble\n--a b \n\none\n--a b\nContent-Type: text/html\n\n<p>two\n\n--a b--\nepilogue\n";
        assert_eq!(kinds(mixed), ["multipart of 2", "text one", "html <p>two\n"]);
        assert_eq!(kinds(&mixed.replace('\n', "\r\n"))[1..], ["text one", "html <p>two\r\n"]);
        // Never closed, cut off, closed by the one around it.
        assert_eq!(kinds(mixed.split("--a b--").next().unwrap())[1..], ["text one", "html <p>two\n\n"]);
        let nested = "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nx\n--o\n\ny\n--o--";
        assert_eq!(kinds(nested), ["multipart of 2", "multipart of 1", "text x", "text y"]);
        // One inside the other with the same delimiter; more behind the end.
        let same = "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x--\n--x\n\nb\n--x--\n--x\n\nc\n--x--\n";
        assert_eq!(kinds(same), ["multipart of 3", "multipart of 1", "text a", "text b", "text c"]);
        // A delimiter in a header.
        assert_eq!(
            kinds("Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n--x\n\nb\n--x--"),
            ["multipart of 2", "text ", "text b"]
        );
    }

    #[test]
    fn of_two_types_the_one_with_parts_counts() {
        let twice = "Content-Type: multipart/mixed; boundary=x\nContent-Type: text/plain\n\n--x\nContent-Type:\nContent-Type: text/html\nContent-Type: text/plain\n\na\n--x--\n";
        assert_eq!(kinds(twice), ["multipart of 1", "html a"]);
    }

    #[test]
    fn delimiters_that_are_missing_are_guessed_or_the_text_stays() {
        for kind in ["multipart/mixed", "multipart/mixed; boundary=never"] {
            assert_eq!(
                kinds(&format!("Content-Type: {kind}\n\n--x\nContent-Type: text/plain\n\na\n--x--\n")),
                ["multipart of 1", "text a"],
                "{kind}"
            );
        }
        assert_eq!(kinds("Content-Type: multipart/mixed; boundary=never\n\nonly text\n"), ["text only text\n"]);
        assert_eq!(kinds("Content-Type: multipart/mixed\n\nonly text\n"), ["text only text\n"]);
    }

    #[test]
    fn a_mail_begins_and_its_header_ends_where_it_should() {
        for before in ["\u{FEFF}", "\r\n\n", "From ali Tue Feb  3 10:15:00 2026\n", ">From x\n\n", ""] {
            let raw = format!("{before}Subject: x\nbroken\nX-A: b\n\nbody\n");
            let structure = read(raw.as_bytes()).unwrap();
            assert_eq!((structure.message.subject(), structure.message.headers().len()), (Some("x"), 2), "{before:?}");
            assert_eq!(kinds(&raw), ["text body\n"]);
        }
        assert_eq!(kinds("Subject: x\nThe body begins here: now.\nSecond line\n"), ["text The body begins here: now.\nSecond line\n"]);
        assert_eq!(kinds(std::str::from_utf8(&prepare(b"Subject: x\r\rbody\r")).unwrap()), ["text body\n"]);
        assert_eq!(kinds("Subject : x\nTo\t: y\n\nb"), ["text b"]);
        assert!(read(b"no field\n\nat all").is_none() && read(b"").is_none());
    }

    #[test]
    fn a_mail_of_mails_without_end_neither_exhausts_the_stack_nor_the_time() {
        let depth = |raw: String| read(raw.as_bytes()).map(|structure| (structure.message.parts.len(), structure.depth));
        assert_eq!(depth("Content-Type: message/rfc822\r\n\r\n".repeat(200_000)), Some((1, Depth::Whole)));
        assert_eq!(depth("Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n".repeat(100_000)), Some((PARTS, Depth::Begun)));
        assert_eq!(
            depth(format!("Content-Type: multipart/mixed; boundary=x\r\n\r\n{}", "--x\r\n\r\n".repeat(1_000_000))),
            Some((PARTS, Depth::Begun))
        );
        let deep: String = (0..1_000).map(|at| format!("Content-Type: multipart/mixed; boundary=\"{at}\"\n\n--{at}\n")).collect();
        assert_eq!(depth(format!("{deep}\ntext")), Some((1_001, Depth::Whole)));
        assert_eq!(depth(format!("A: b\n{}\n\nx", "x".repeat(60)).repeat(50_000)), Some((1, Depth::Whole)));
    }
}
