//! The body of a mail: what of it is text that one reads, and what are files.
//!
//! Nothing is lost by it: what is not shown is a file, and what can't be decoded is kept as it came.

use super::{
    field, flowed,
    mime::{self, Depth, Place, Structure, TextKind},
    parameters, tnef, uuencode, visible,
};
use crate::channel::{Content, InboundAttachment};
use bytes::Bytes;
use mail_parser::{ContentType, HeaderName, HeaderValue, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;

/// At most so many files of one mail; the others stay in the raw mail, and one entry says so.
pub const ATTACHMENTS: usize = 200;
/// The longest name, in characters.
const NAME: usize = 1_000;
/// How many bytes of an attached mail are looked at for its subject.
const HEADER: usize = 64 << 10;

/// What was written, and the files.
#[derive(Default)]
pub struct Body {
    /// As plain text, when any of it was written so: with that what stands in HTML alone.
    pub plain: Option<String>,
    /// As HTML, when any of it was written so: with that what stands in plain text alone.
    pub html: Option<String>,
    pub attachments: Vec<InboundAttachment>,
}

/// Takes the texts and the files out of a mail.
pub fn take(structure: &mut Structure<'_>) -> Body {
    let mut body = Reading::default();
    let parts = std::mem::take(&mut structure.message.parts);
    for (part, place) in parts.into_iter().zip(&structure.places) {
        body.part(part, *place);
    }
    let whole = (structure.depth == Depth::Begun).then(|| whole_mail(&structure.message.raw_message));
    body.finish(whole)
}

/// A text that was written once, or twice for a reader to choose.
#[derive(Default)]
struct Segment {
    /// The `multipart/alternative` it is from, and the branches the two forms are from.
    alternative: Option<u32>,
    plain_branch: u32,
    html_branch: u32,
    plain: String,
    html: String,
}

#[derive(Default)]
struct Reading {
    segments: Vec<Segment>,
    files: Vec<InboundAttachment>,
    /// Whether there was a text with nothing in it.
    is_blank: bool,
    /// How many files there were beyond those that are kept.
    beyond: usize,
    /// A text with a name, in case that there is no other one: its place among the files.
    named_text: Option<(usize, TextKind, Option<String>)>,
    /// What `winmail.dat` has beside files.
    hidden: Option<tnef::Opened>,
}

impl Reading {
    fn part(&mut self, mut part: MessagePart<'_>, place: Place) {
        match std::mem::take(&mut part.body) {
            PartType::Text(text) => {
                let text = self.plain(&part, &text);
                self.add(place, &text, TextKind::Plain);
            }
            PartType::Html(html) => self.add(place, &html, TextKind::Html),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => self.file(&part, bytes),
            PartType::Multipart(_) | PartType::Message(_) => {}
        }
    }

    /// A plain text as it was meant to be read; files in it are taken out.
    fn plain<'t>(&mut self, part: &MessagePart<'_>, text: &'t str) -> Cow<'t, str> {
        // Line ends that were doubled on the way are no empty lines.
        let mut text = if text.contains("\r\r\n") { Cow::Owned(text.replace("\r\r\n", "\n")) } else { Cow::Borrowed(text) };
        let kind = part.content_type();
        if kind.and_then(|kind| kind.attribute("format")).is_some_and(|format| format.eq_ignore_ascii_case("flowed")) {
            let del_sp = kind.and_then(|kind| kind.attribute("delsp")).is_some_and(|del_sp| del_sp.eq_ignore_ascii_case("yes"));
            text = Cow::Owned(flowed::unfold(&text, del_sp));
        }
        if let Some((kept, files)) = uuencode::take_out(&text) {
            for found in files {
                let name = Some(visible_name(&found.name)).filter(|name| !name.is_empty());
                let kind = "application/octet-stream";
                self.keep(file(Some(name.unwrap_or_else(|| name_by_type(kind).to_owned())), Some(kind.to_owned()), false, found.bytes));
            }
            text = Cow::Owned(kept);
        }
        text
    }

    fn add(&mut self, place: Place, text: &str, kind: TextKind) {
        let alternative = place.alternative.map(|(id, _)| id);
        let branch = place.alternative.map_or(0, |(_, branch)| branch);
        if text.trim().is_empty() {
            self.is_blank = true;
            return;
        }
        let kind = if is_html(text) { TextKind::Html } else { kind };
        if self.segments.last().is_none_or(|last| alternative.is_none() || last.alternative != alternative) {
            self.segments.push(Segment { alternative, ..Segment::default() });
        }
        let Some(segment) = self.segments.last_mut() else { return };
        let (known, known_branch) = match kind {
            TextKind::Plain => (&mut segment.plain, &mut segment.plain_branch),
            TextKind::Html => (&mut segment.html, &mut segment.html_branch),
        };
        if known.is_empty() || *known_branch == branch {
            if !known.is_empty() {
                known.push_str("\n\n");
            }
            known.push_str(text);
            *known_branch = branch;
        } else if kind == TextKind::Html {
            // Of several the last one says most (RFC 2046 §5.1.4).
            text.clone_into(known);
            *known_branch = branch;
        }
    }

    fn file(&mut self, part: &MessagePart<'_>, bytes: Cow<'_, [u8]>) {
        let kind = part.content_type();
        if kind.is_some_and(|kind| kind.ctype() == "text" && kind.subtype() == Some("x-amp-html")) {
            return;
        }
        let name = name_of(part);
        // Told by its first bytes, whatever it is called.
        if let Some(opened) = tnef::open(&bytes)
            && self.open(opened)
        {
            return;
        }
        if let Some(kind) = mime::written(part, false)
            && !part.content_disposition().is_some_and(ContentType::is_attachment)
            && self.named_text.is_none()
            && self.beyond == 0
        {
            self.named_text = Some((self.files.len(), kind, declared(part)));
        }
        self.keep(attachment(part, name, bytes));
    }

    /// Whether there was anything of use in it.
    fn open(&mut self, mut opened: tnef::Opened) -> bool {
        let files = std::mem::take(&mut opened.files);
        if files.is_empty() && opened.text.is_none() && opened.html.is_none() && opened.rtf.is_none() {
            return false;
        }
        for found in files {
            let kind = found.content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
            let name = found.name.as_deref().map(visible_name).filter(|name| !name.is_empty());
            let name = name.or_else(|| Some(name_by_type(&kind).to_owned()));
            self.keep(file(name, Some(kind), found.content_id, found.bytes));
        }
        self.hidden.get_or_insert(opened);
        true
    }

    fn keep(&mut self, file: InboundAttachment) {
        if self.files.len() < ATTACHMENTS {
            self.files.push(file);
        } else {
            self.beyond += 1;
        }
    }

    fn finish(mut self, whole: Option<InboundAttachment>) -> Body {
        if self.segments.is_empty() {
            self.read_hidden();
        }
        if self.segments.is_empty() && !self.is_blank {
            self.read_named();
        }
        let written = |is_written: fn(&Segment) -> bool| self.segments.iter().any(is_written);
        let plain = written(|segment| !segment.plain.is_empty()).then(|| self.plain_text());
        let html = written(|segment| !segment.html.is_empty()).then(|| self.html());
        let mut attachments: Vec<InboundAttachment> = whole.into_iter().chain(self.files).collect();
        if self.beyond > 0 {
            attachments.push(InboundAttachment {
                name: Some(format!("+{}", self.beyond)),
                content_type: None,
                inline: false,
                content: Content::Missing { reason: "attachment-too-many" },
            });
        }
        Body { plain, html, attachments }
    }

    /// The text in `winmail.dat`, when the mail has no other one.
    fn read_hidden(&mut self) {
        let Some(hidden) = self.hidden.take() else { return };
        match (&hidden.text, &hidden.html) {
            (Some(text), _) => self.add(Place::default(), text, TextKind::Plain),
            (None, Some(html)) => self.add(Place::default(), html, TextKind::Html),
            (None, None) => {}
        }
        if self.segments.is_empty()
            && let Some(rtf) = hidden.rtf
        {
            self.keep(file(Some("message.rtf".to_owned()), Some("application/rtf".to_owned()), false, rtf));
        }
    }

    /// The first text with a name, when the mail has no other part that could be its text. It stays a file, too.
    fn read_named(&mut self) {
        let Some((at, kind, declared)) = self.named_text.take() else { return };
        let Some(InboundAttachment { content: Content::Bytes(bytes), .. }) = self.files.get(at) else { return };
        let bytes = bytes.clone();
        if let PartType::Text(text) | PartType::Html(text) = mime::as_text(Cow::Borrowed(&bytes), kind, declared.as_deref()) {
            self.add(Place::default(), &text, kind);
        }
    }

    /// All of it as plain text.
    fn plain_text(&self) -> String {
        self.segments.iter().map(Segment::text).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
    }

    /// All of it as HTML.
    fn html(&self) -> String {
        let mut html = String::new();
        for segment in &self.segments {
            if segment.html.is_empty() {
                html.push_str("<div>");
                push_escaped(&segment.plain, &mut html);
                html.push_str("</div>\n");
            } else {
                html.push_str(&segment.html);
                html.push('\n');
            }
        }
        html
    }
}

impl Segment {
    fn text(&self) -> String {
        if self.plain.is_empty() { visible::html_text(&self.html) } else { visible::tidy(&self.plain) }
    }
}

/// Whether a text that is said to be plain is not.
fn is_html(text: &str) -> bool {
    let begin = text.trim_start();
    let begins = |tag: &str| begin.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    begins("<!doctype html") || begins("<html>") || begins("<html ")
}

fn push_escaped(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\n' => html.push_str("<br>\n"),
            _ => html.push(c),
        }
    }
}

/// Cuts a text that is too long, and keeps the whole as a file.
pub fn shorten(text: String, attachments: &mut Vec<InboundAttachment>) -> String {
    // No text has more characters than bytes.
    if text.len() <= visible::LONGEST {
        return text;
    }
    match text.char_indices().nth(visible::LONGEST) {
        None => text,
        Some((end, _)) => {
            let shown = text[..end].to_owned();
            let kind = "text/plain; charset=utf-8".to_owned();
            attachments.push(file(Some("message.txt".to_owned()), Some(kind), false, text.into_bytes()));
            shown
        }
    }
}

// ── files ──

fn whole_mail(raw: &[u8]) -> InboundAttachment {
    file(Some("message.eml".to_owned()), Some("message/rfc822".to_owned()), false, raw.to_vec())
}

fn file(name: Option<String>, content_type: Option<String>, inline: bool, bytes: Vec<u8>) -> InboundAttachment {
    InboundAttachment { name, content_type, inline, content: Content::Bytes(Bytes::from(bytes)) }
}

fn attachment(part: &MessagePart<'_>, name: Option<String>, bytes: Cow<'_, [u8]>) -> InboundAttachment {
    let kind = content_type(part);
    let is_mail = kind == "message/rfc822" || kind == "message/global";
    let name = name.unwrap_or_else(|| if is_mail { mail_name(&bytes) } else { name_by_type(&kind).to_owned() });
    let disposition = part.content_disposition();
    let inline = disposition.is_some_and(ContentType::is_inline)
        || (part.content_id().is_some() && !disposition.is_some_and(ContentType::is_attachment));
    file(Some(name), Some(kind), inline, bytes.into_owned())
}

/// The declared type; what says nothing is text (RFC 2045 §5.2), what can't be read anything at all.
fn content_type(part: &MessagePart<'_>) -> String {
    match part.content_type().map(|kind| (kind.ctype(), kind.subtype())) {
        None | Some(("text", None)) => "text/plain".to_owned(),
        Some((kind, Some(subtype))) if !kind.is_empty() => format!("{kind}/{subtype}"),
        _ => "application/octet-stream".to_owned(),
    }
}

fn declared(part: &MessagePart<'_>) -> Option<String> {
    part.content_type().and_then(|kind| kind.attribute("charset")).map(str::to_owned)
}

/// The name that a part gives itself: in its disposition, its type, its description or its place, if that is a name.
fn name_of(part: &MessagePart<'_>) -> Option<String> {
    let given = part.content_disposition().and_then(|field| field.attribute("filename").or_else(|| field.attribute("name")));
    let typed = || part.content_type().and_then(|kind| kind.attribute("name").or_else(|| kind.attribute("filename")));
    let found = given.filter(|name| !name.trim().is_empty()).or_else(typed).map(visible_name).filter(|name| !name.is_empty());
    let described = || part.content_description().filter(|text| has_extension(text)).map(visible_name);
    let placed = || {
        let place = part.content_location().filter(|place| !place.starts_with("cid:"))?;
        let last = place.split(['?', '#']).next()?.rsplit(['/', '\\']).next()?;
        has_extension(last).then(|| visible_name(last))
    };
    found.or_else(described).or_else(placed)
}

fn visible_name(name: &str) -> String {
    let unescaped = parameters::unescaped(name);
    visible::line(unescaped.as_deref().unwrap_or(name)).chars().take(NAME).collect()
}

/// Whether a text ends as file names do.
fn has_extension(text: &str) -> bool {
    text.trim().rsplit_once('.').is_some_and(|(before, extension)| {
        !before.is_empty() && (2..=4).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// An attached mail is called by its subject.
fn mail_name(raw: &[u8]) -> String {
    let raw = raw.get(..HEADER).unwrap_or(raw);
    let (headers, _) = field::Reader::new(raw, 500).header(mime::begin(raw), &|_| false);
    let subject = headers.iter().find(|field| field.name == HeaderName::Subject).and_then(|field| match &field.value {
        HeaderValue::Text(subject) => Some(visible::line(subject)),
        _ => None,
    });
    let subject: String = subject.unwrap_or_default().chars().filter(|c| !"/\\:*?\"<>|".contains(*c)).take(100).collect();
    format!("{}.eml", if subject.trim().is_empty() { "message" } else { subject.trim() })
}

/// What a file without a name is called.
fn name_by_type(kind: &str) -> &'static str {
    match kind {
        "text/calendar" | "application/ics" => "invitation.ics",
        "text/vcard" | "text/x-vcard" | "text/directory" => "contact.vcf",
        "text/html" => "attachment.html",
        "text/csv" => "attachment.csv",
        "text/rfc822-headers" => "header.txt",
        "message/delivery-status" | "message/global-delivery-status" => "delivery-status.txt",
        "message/disposition-notification" => "disposition-notification.txt",
        "message/feedback-report" => "feedback-report.txt",
        "message/partial" | "message/external-body" => "message.txt",
        "application/pgp-signature" => "signature.asc",
        "application/pgp-encrypted" => "version.txt",
        "application/pgp-keys" => "key.asc",
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => "smime.p7m",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => "smime.p7s",
        "application/pdf" => "attachment.pdf",
        "application/zip" | "application/x-zip-compressed" => "attachment.zip",
        "application/msword" => "attachment.doc",
        "application/rtf" | "text/rtf" => "attachment.rtf",
        "application/json" => "attachment.json",
        "application/xml" | "text/xml" => "attachment.xml",
        "image/jpeg" | "image/jpg" | "image/pjpeg" => "image.jpg",
        "image/png" | "image/x-png" => "image.png",
        "image/gif" => "image.gif",
        "image/bmp" => "image.bmp",
        "image/webp" => "image.webp",
        "image/tiff" => "image.tif",
        "image/heic" => "image.heic",
        "image/svg+xml" => "image.svg",
        "audio/mpeg" | "audio/mp3" => "audio.mp3",
        "audio/wav" | "audio/x-wav" => "audio.wav",
        "audio/ogg" => "audio.ogg",
        "audio/amr" => "audio.amr",
        "video/mp4" => "video.mp4",
        "video/quicktime" => "video.mov",
        "video/3gpp" => "video.3gp",
        _ => match kind.split('/').next() {
            Some("text") => "attachment.txt",
            Some("message") => "message.txt",
            Some("image") => "image.bin",
            Some("audio") => "audio.bin",
            Some("video") => "video.bin",
            _ => "attachment.bin",
        },
    }
}
