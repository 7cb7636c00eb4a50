//! From an outbound message to the bytes of a mail. The same message gives the same bytes at every attempt, save the date.
//!
//! Header injection is not possible: what goes into a header loses its line ends, and ids that are not one plain word are
//! left out.

use super::visible;
use crate::{
    channel::{OutAttachment, Outbound},
    domain::{At, NoticeId},
};
use lettre::{
    Message,
    address::Envelope,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use std::{
    fmt::Write,
    time::{Duration, UNIX_EPOCH},
};

/// The longest chain of references that is written; of a longer one, the first and the last ones (RFC 5322 gives no
/// limit, servers refuse header fields of many kilobytes).
const REFERENCES: usize = 100;

/// A mail ready for SMTP.
#[derive(Clone, Debug)]
pub struct Rendered {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    /// Without the angle brackets.
    pub message_id: String,
}

/// Why a message can't become a mail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error("the recipient's address cannot be written in a mail")]
    Recipient,
    #[error("the mailbox's address cannot be written in a mail")]
    Mailbox,
    #[error("the mail could not be put together: {0}")]
    Build(String),
}

/// Our Message-ID for a notice sent from `mailbox`, without the angle brackets: the same at every attempt, so that a copy is recognised
/// as one. The notice's id has 74 random bits, so nobody can claim to answer a mail they did not get.
pub fn message_id(notice: NoticeId, mailbox: &str) -> String {
    let domain = mailbox.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    format!("{}@{domain}", notice.0.simple())
}

/// Renders `outbound` as a mail from the mailbox with this address, dated `now`.
///
/// # Errors
/// [`RenderError`]: an address that mail can't carry.
pub fn render(outbound: &Outbound, mailbox: &str, now: At) -> Result<Rendered, RenderError> {
    let own = mailbox.parse::<lettre::Address>().map_err(|_| RenderError::Mailbox)?;
    let recipient = outbound.to.value().parse::<lettre::Address>().map_err(|_| RenderError::Recipient)?;
    let name = visible::line(&outbound.from_name);
    let id = message_id(outbound.notice, mailbox);
    let mut builder = Message::builder()
        .from(Mailbox::new((!name.is_empty()).then_some(name), own.clone()))
        .to(Mailbox::new(None, recipient.clone()))
        .subject(visible::line(&outbound.subject))
        .date(UNIX_EPOCH + Duration::from_micros(u64::try_from(now.micros()).unwrap_or(0)))
        .message_id(Some(format!("<{id}>")))
        .envelope(Envelope::new(Some(own), vec![recipient]).map_err(|_| RenderError::Recipient)?);
    if let Some(reply_to) = reply_address(mailbox, outbound.thread.token.as_deref()) {
        builder = builder.reply_to(Mailbox::new(None, reply_to));
    }
    for (name, value) in thread_fields(outbound).into_iter().chain(automatic_fields(outbound)) {
        builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
    }
    let mail = builder.multipart(body(outbound)).map_err(|error| RenderError::Build(error.to_string()))?;
    Ok(Rendered { envelope: mail.envelope().clone(), bytes: mail.formatted(), message_id: id })
}

/// `local+token@domain`; `None` when the address would be longer than mail allows (RFC 5321 §4.5.3.1): answers are then
/// recognised by the ids alone.
fn reply_address(mailbox: &str, token: Option<&str>) -> Option<lettre::Address> {
    let (local, domain) = mailbox.rsplit_once('@')?;
    let local = format!("{local}+{}", token?);
    if local.len() > 64 {
        return None;
    }
    format!("{local}@{domain}").parse().ok()
}

fn thread_fields(outbound: &Outbound) -> Vec<(&'static str, String)> {
    let is_word = |id: &&String| {
        (3..=900).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>' && b != b',') && id.contains('@')
    };
    let answered = outbound.thread.in_reply_to.as_ref().filter(is_word);
    let mut references: Vec<&String> = outbound.thread.references.iter().filter(is_word).collect();
    if let Some(answered) = answered
        && references.last() != Some(&answered)
    {
        references.retain(|id| *id != answered);
        references.push(answered);
    }
    if references.len() > REFERENCES {
        references.drain(1..=references.len() - REFERENCES);
    }
    let mut fields = Vec::new();
    if let Some(answered) = answered {
        fields.push(("In-Reply-To", format!("<{answered}>")));
    }
    if !references.is_empty() {
        fields.push(("References", references.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join(" ")));
    }
    fields
}

/// RFC 3834 §5, and the mark that keeps Exchange from answering.
fn automatic_fields(outbound: &Outbound) -> Vec<(&'static str, String)> {
    if outbound.personal {
        return Vec::new();
    }
    let submitted = if outbound.thread.in_reply_to.is_some() { "auto-replied" } else { "auto-generated" };
    vec![("Auto-Submitted", submitted.to_owned()), ("X-Auto-Response-Suppress", "All".to_owned())]
}

// ── body ──

fn body(outbound: &Outbound) -> MultiPart {
    // Boundaries are made from the unguessable id, so that no text can contain them and every attempt is alike.
    let boundary = |which: &str| format!("=_{which}_{}", outbound.notice.0.simple());
    let both = MultiPart::alternative()
        .boundary(boundary("a"))
        .singlepart(SinglePart::plain(plain_text(&outbound.text)))
        .singlepart(SinglePart::html(html(outbound)));
    if outbound.attachments.is_empty() {
        return both;
    }
    let mixed = MultiPart::mixed().boundary(boundary("m")).multipart(both);
    outbound.attachments.iter().fold(mixed, |mixed, file| mixed.singlepart(attach(file)))
}

fn attach(file: &OutAttachment) -> SinglePart {
    let kind = file.content_type.to_ascii_lowercase();
    // Attached mails and multiparts may not be encoded (RFC 2046 §5.2.1), and files are.
    let opaque = kind.starts_with("message/") || kind.starts_with("multipart/");
    let octets = || ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN);
    let content_type = if opaque { octets() } else { ContentType::parse(&visible::line(&file.content_type)).unwrap_or_else(|_| octets()) };
    let name = visible::line(&file.name);
    Attachment::new(if name.is_empty() { "file".to_owned() } else { name }).body(file.bytes.to_vec(), content_type)
}

/// Line ends as mail has them, no other control characters.
fn plain_text(text: &str) -> String {
    let clean: String = text.replace("\r\n", "\n").chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    clean.replace('\n', "\r\n")
}

/// One style that all readers understand: large dark letters on white, lines that are easy to follow, the direction of
/// each paragraph by what it says.
fn html(outbound: &Outbound) -> String {
    let text = plain_text(&outbound.text).replace("\r\n", "\n");
    let mut paragraphs = String::new();
    for paragraph in text.split("\n\n").map(|paragraph| paragraph.trim_matches('\n')).filter(|paragraph| !paragraph.trim().is_empty()) {
        let lines: Vec<String> = paragraph.lines().map(link).collect();
        let _ = write!(paragraphs, "<p dir=\"auto\" style=\"margin:0 0 16px 0;text-align:start\">{}</p>\r\n", lines.join("<br>\r\n"));
    }
    format!(
        "<!DOCTYPE html>\r\n<html lang=\"{lang}\" dir=\"{dir}\">\r\n<head>\r\n<meta charset=\"utf-8\">\r\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\r\n<title>{title}</title>\r\n</head>\r\n\
         <body lang=\"{lang}\" dir=\"{dir}\" style=\"margin:0;padding:16px;background-color:#ffffff\">\r\n\
         <div lang=\"{lang}\" dir=\"{dir}\" style=\"max-width:640px;margin:0 auto;color:#1a1a1a;\
         font-family:'Segoe UI',Tahoma,'Noto Naskh Arabic',Arial,sans-serif;font-size:18px;line-height:1.7\">\r\n\
         {paragraphs}</div>\r\n</body>\r\n</html>\r\n",
        lang = outbound.language.code(),
        dir = outbound.language.direction(),
        title = escape(&visible::line(&outbound.subject)),
    )
}

/// A line with its web addresses made links, everything else escaped.
fn link(line: &str) -> String {
    let mut html = String::new();
    let mut rest = line;
    while let Some(start) = [rest.find("https://"), rest.find("http://")].into_iter().flatten().min() {
        let (before, from_here) = rest.split_at(start);
        let stops = |c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '`' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2066}'..='\u{2069}')
        };
        let whole = &from_here[..from_here.find(stops).unwrap_or(from_here.len())];
        let url = whole.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '،', '؛', '؟', '»']);
        let after = &whole[url.len()..];
        html.push_str(&escape(before));
        if url.len() > "https://".len() {
            let url = escape(url);
            let _ = write!(html, "<a href=\"{url}\" dir=\"ltr\" style=\"color:#0b57d0\">{url}</a>");
            html.push_str(&escape(after));
        } else {
            html.push_str(&escape(whole));
        }
        rest = &from_here[whole.len()..];
    }
    html.push_str(&escape(rest));
    html
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
