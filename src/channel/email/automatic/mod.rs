//! Whether a machine wrote a mail, by the marks that machines leave: such mail is never answered automatically.
//!
//! The header is looked at first and the words last, and words count only beside another sign: to take a person's mail
//! for a machine's is worse than to miss a machine. A person who forwards a bounce, or answers an automatic reply, is a person.
//!
//! Not here: what a delivery report says (`report`); whether the mail came from ourselves, which only who knows our
//! addresses can tell (`inbound.rs`).

mod marks;
mod phrases;

use super::{
    report::{self, beginning, subtype},
    visible,
};
use crate::channel::Automatic;
use mail_parser::{ContentType, Message, MessagePart, MimeHeaders, PartType};
use marks::{Marks, Writer};
use std::borrow::Cow;

/// The beginning of a body in which a machine says what it is, in characters.
const OPENING: usize = 1_500;
/// The HTML in which such a beginning is looked for, in bytes.
const HTML: usize = 16 << 10;

/// Judges by the header, the structure and, where those leave a doubt, the words.
pub fn judge(message: &Message<'_>) -> Option<Automatic> {
    let marks = Marks::of(message);
    if let Some(kind) = reported(message) {
        // A receipt that a mailer writes is one for a mail that it threw away.
        return Some(if marks.writer == Writer::Mailer { Automatic::Bounce } else { kind });
    }
    if marks.failed || (marks.writer == Writer::Mailer && !marks.mailbox_file) {
        return Some(Automatic::Bounce);
    }
    // Comments of a person above what they answer or pass on are a person's, whatever is quoted below.
    let subject = Subject::of(message);
    let doubtful = marks.null_path || marks.writer != Writer::Somebody || subject.failed || subject.answer || subject.away;
    let opening = if doubtful { opening(message) } else { String::new() };
    if is_bounce(message, &marks, &subject, &opening) {
        Some(Automatic::Bounce)
    } else if marks.automatic || is_calendar_answer(message) || is_auto_reply(&marks, &subject, &opening) {
        Some(Automatic::AutoReply)
    } else if marks.list {
        Some(Automatic::Bulk)
    } else {
        None
    }
}

/// What the subject says, each only when nobody answers or passes on the mail that says it.
#[derive(Clone, Copy, Default)]
struct Subject {
    failed: bool,
    answer: bool,
    away: bool,
    report: bool,
}

impl Subject {
    fn of(message: &Message<'_>) -> Self {
        let Some(subject) = message.subject() else { return Self::default() };
        let subject: String = visible::line(beginning(subject, 2_000)).chars().take(200).collect();
        let subject = subject.to_lowercase();
        let subject = subject.trim_start_matches(|c: char| !c.is_alphanumeric());
        Self {
            failed: phrases::FAILED.begins(subject),
            answer: phrases::ANSWER.begins(subject),
            away: phrases::AWAY.begins(subject),
            report: phrases::REPORT.begins(subject),
        }
    }
}

/// Without a report in the form of RFC 3464: many mailers only write a letter. People, too, write that something was not
/// delivered, to a charity above all; so words count only where the mail came as reports do, or returns a mail of whom it is for.
fn is_bounce(message: &Message<'_>, marks: &Marks, subject: &Subject, opening: &str) -> bool {
    let failed = subject.failed || phrases::FAILURE.occurs(opening) || phrases::CAUSE.occurs(opening);
    if !failed || subject.answer || (subject.away && !subject.failed) {
        return false;
    }
    let came_as_reports_do = (marks.null_path && !marks.replied) || marks.writer == Writer::Nobody;
    came_as_reports_do
        || (marks.writer == Writer::Postmaster && (subject.failed || report::encloses_mail(message)))
        || (subject.failed && phrases::FORMULA.occurs(start(opening, 250)))
        || (subject.failed && !marks.answers && report::returns_mail(message))
}

fn is_auto_reply(marks: &Marks, subject: &Subject, opening: &str) -> bool {
    let answers = marks.answers || marks.hint || marks.writer != Writer::Somebody;
    let absent = || phrases::ABSENCE.occurs(opening);
    marks.null_path
        || (subject.report && marks.writer != Writer::Somebody)
        || (subject.answer && (answers || absent()))
        || (subject.away && answers && absent())
        || (marks.writer != Writer::Somebody && phrases::MACHINE.occurs(opening))
}

/// What the form of the mail says: RFC 6522 reports, whose kind RFC 3464, 8098, 5965 and 8460 define.
fn reported(message: &Message<'_>) -> Option<Automatic> {
    let kind = message.content_type().filter(|kind| is(kind, "multipart", "report"))?;
    let kind = kind.attribute("report-type").unwrap_or_default().trim().to_ascii_lowercase();
    let has = |subtypes: &[&str]| message.parts.iter().filter_map(subtype).any(|part| subtypes.contains(&part.as_str()));
    match kind.as_str() {
        "delivery-status" => Some(Automatic::Bounce),
        // Some leave the kind out, or name it wrongly.
        _ if has(&["delivery-status", "global-delivery-status"]) => Some(Automatic::Bounce),
        "" if has(&["disposition-notification", "feedback-report"]) => Some(Automatic::AutoReply),
        "" => None,
        _ => Some(Automatic::AutoReply),
    }
}

fn is(kind: &ContentType<'_>, main: &str, sub: &str) -> bool {
    kind.ctype().eq_ignore_ascii_case(main) && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case(sub))
}

/// Somebody's calendar accepts or declines for them (RFC 5546 §3.2.3).
fn is_calendar_answer(message: &Message<'_>) -> bool {
    let answers = |part: &MessagePart<'_>| {
        part.content_type().is_some_and(|kind| {
            is(kind, "text", "calendar") && kind.attribute("method").is_some_and(|method| method.trim().eq_ignore_ascii_case("reply"))
        })
    };
    message.parts.iter().take(20).any(answers)
}

/// The first words of the body in lower case, without what is quoted.
fn opening(message: &Message<'_>) -> String {
    let text = message.text_bodies().chain(message.html_bodies()).find_map(written).unwrap_or_default();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('>')).take(40);
    let mut opening = String::new();
    for line in lines {
        opening.extend(line.split_whitespace().flat_map(|word| [word, " "]));
        if opening.len() > 4 * OPENING {
            break;
        }
    }
    opening.chars().take(OPENING).collect::<String>().to_lowercase()
}

/// The first characters of a text.
fn start(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

fn written<'a>(part: &'a MessagePart<'_>) -> Option<Cow<'a, str>> {
    let text = match &part.body {
        PartType::Text(text) => Cow::Borrowed(text.as_ref()),
        PartType::Html(html) => Cow::Owned(visible::html_text(beginning(html, HTML))),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}
