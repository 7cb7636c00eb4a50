//! Delivery reports that are only a letter: which addresses did not take the mail, by how mailers write about them.

use super::{Original, READ, RECIPIENTS, Recipient, addresses, beginning, reason, reported_to};
use crate::channel::{Fate, Undelivered};
use mail_parser::Message;

/// How many lines of a letter are looked at.
const LINES: usize = 2_000;
/// How many addresses of a letter that points at none of them are taken.
const GUESSED: usize = 3;

/// The text of a report, parted where the copy of the mail begins that it is about.
#[derive(Default)]
pub struct Letter {
    pub said: String,
    pub copy: Option<String>,
}

impl Letter {
    pub fn split(text: &str) -> Self {
        let text = beginning(text, READ);
        let mut at = 0;
        for line in text.split_inclusive('\n').take(LINES) {
            if is_header(line) || announces_copy(line) {
                let copy = text.get(at..).unwrap_or_default();
                return Self { said: text.get(..at).unwrap_or_default().to_owned(), copy: Some(unindented(copy)) };
            }
            at += line.len();
        }
        Self { said: text.to_owned(), copy: None }
    }
}

/// Copies are often indented or quoted as a whole.
fn unindented(copy: &str) -> String {
    let fields = |line: &str| line.split_once(':').is_some_and(|(name, _)| (2..40).contains(&name.len()) && !name.contains(' '));
    let mut plain = String::with_capacity(copy.len());
    for line in copy.lines() {
        let bare = line.trim_start_matches(['>', ' ', '\t']);
        plain.push_str(if fields(bare) { bare } else { line });
        plain.push('\n');
    }
    plain
}

/// A line that only the header of a mail has.
fn is_header(line: &str) -> bool {
    let line = line.trim_start_matches(['>', ' ']);
    ["Received: ", "Return-Path: ", "Return-path: ", "Message-ID: ", "Message-Id: ", "MIME-Version: ", "X-Mailer: "]
        .iter()
        .any(|name| line.starts_with(name))
}

fn announces_copy(line: &str) -> bool {
    if line.len() > 200 {
        return false;
    }
    let line = line.trim().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let ruled = line.starts_with("--") || line.starts_with("==") || line.starts_with("**") || line.ends_with("--");
    if line.starts_with("--- below this line is a copy") || line.starts_with("--- original message") {
        return true;
    }
    says(&[
        "message headers follow",
        "message header follows",
        "message follows",
        "unsent message below",
        "copy of the message, including",
        "this is a copy of the message",
        "this is a copy of your message",
        "below is a copy of",
        "copy of the original message below",
        "original message header",
        "original message below",
        "original message text",
        "text of your message",
        "returned message below",
        "the returned message is",
        "following is a copy of",
        "included is a copy of",
        "headers of the message",
        "headers of your message",
        "your original message:",
        "the original message:",
        "contents of the message",
        "beginning of the original",
    ]) || (ruled
        && says(&[
            "original message",
            "returned message",
            "unsent message",
            "copy of",
            "message header",
            "original mail",
            "returned mail",
            "message body",
        ]))
}

/// An address in a letter, and what stands beside it.
struct Named {
    address: String,
    about: String,
}

/// The recipients that the letter names.
pub fn recipients(message: &Message<'_>, letter: &Letter, original: Option<&Original>) -> Vec<Recipient> {
    let subject = message.subject().unwrap_or_default().to_lowercase();
    let fate = if is_delay(&subject, &letter.said.to_lowercase()) { Fate::Delayed } else { Fate::Failed };
    let mut found = named_in_header(message);
    if found.is_empty() {
        let ours: Vec<String> = reported_to(message).take(20).map(str::to_lowercase).collect();
        found = named_in_letter(&letter.said, &ours);
    }
    if found.is_empty() {
        let to = original.and_then(|original| original.to.clone());
        found.extend(to.map(|address| Named { address, about: String::new() }));
    }
    let unnamed = found.is_empty().then(|| recipient(None, fate, &letter.said, &letter.said));
    found.into_iter().map(|named| recipient(Some(named.address), fate, &named.about, &letter.said)).chain(unnamed).collect()
}

fn recipient(address: Option<String>, fate: Fate, about: &str, letter: &str) -> Recipient {
    let status = reason::status(about).or_else(|| reason::status(letter));
    let why = match reason::of(status.as_deref(), about) {
        Undelivered::Other => reason::of(status.as_deref(), letter),
        why => why,
    };
    Recipient { address, original: None, fate, status, diagnostic: reason::line(about), reason: why }
}

const LOST: [&str; 7] =
    ["permanent error", "permanent fatal error", "permanent failure", "giving up", "gave up", "given up", "returned to sender"];

const LATE: [&str; 24] = [
    "will keep trying",
    "will continue to",
    "still trying",
    "still being",
    "not yet been delivered",
    "has been delayed",
    "is delayed",
    "been delayed",
    "delivery delay",
    "will be retried",
    "will retry",
    "do not need to resend",
    "don't need to resend",
    "no action is required",
    "transient non-fatal",
    "transient error",
    "warning message only",
    "temporary problem",
    "will be attempted",
    "keep trying",
    "wurde verzögert",
    "a été retardé",
    "se ha retrasado",
    "تأخر تسليم",
];

/// Whether the mail is only late. What is called permanent is lost.
fn is_delay(subject: &str, said: &str) -> bool {
    let says = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
    let late = says(said, &LATE) || says(subject, &["delayed", "delay)", "warning: could not send", "warning: message", "warning: mail"]);
    late && !says(said, &LOST)
}

/// Exim's field, which others write as well.
fn named_in_header(message: &Message<'_>) -> Vec<Named> {
    let fields = message.headers_raw().filter(|(name, _)| name.trim().eq_ignore_ascii_case("x-failed-recipients"));
    let named = |address: &str| Named { address: address.to_owned(), about: String::new() };
    fields.flat_map(|(_, value)| addresses(value)).take(RECIPIENTS).map(named).collect()
}

/// Addresses, each once and with what is said about it: those that stand where a mailer puts a recipient, else the first of the others.
fn named_in_letter(said: &str, ours: &[String]) -> Vec<Named> {
    let (mut pointed, mut others) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = said.lines().take(LINES).collect();
    for (at, line) in lines.iter().enumerate() {
        let lower = line.to_lowercase();
        if tells_of_others(&lower) {
            continue;
        }
        for address in addresses(line).take(20) {
            let small = address.to_lowercase();
            if ours.contains(&small) || is_of_mailers(&small) {
                continue;
            }
            let list: &mut Vec<Named> = if points_at(line, &lower, address) { &mut pointed } else { &mut others };
            if list.len() < RECIPIENTS && !list.iter().any(|known| known.address.eq_ignore_ascii_case(address)) {
                list.push(Named { address: address.to_owned(), about: about(&lines[at..]) });
            }
        }
    }
    others.truncate(GUESSED);
    if pointed.is_empty() { others } else { pointed }
}

/// What is said in the first line and behind it, up to the next address.
fn about(lines: &[&str]) -> String {
    let of_it = |line: &&&str| !line.contains('@') || line.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let behind = lines.iter().skip(1).take(4).take_while(of_it);
    lines.iter().take(1).chain(behind).map(|line| beginning(line, 1_000)).collect::<Vec<_>>().join(" ")
}

/// A line about the sender, the mailer or the mail itself.
fn tells_of_others(lower: &str) -> bool {
    let line = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    let begins = [
        "from:",
        "from ",
        "reply-to:",
        "sender:",
        "return-path:",
        "received:",
        "in-reply-to:",
        "references:",
        "date:",
        "cc:",
        "x-",
        "id:",
        "contact ",
    ];
    begins.iter().any(|name| line.starts_with(name)) || ["mail from", "message-id", "mailto:"].iter().any(|words| lower.contains(words))
}

fn is_of_mailers(small: &str) -> bool {
    ["mailer-daemon@", "postmaster@", "mail-daemon@", "abuse@", "hostmaster@", "webmaster@"].iter().any(|local| small.starts_with(local))
}

const POINTING: [&str; 22] = [
    "rcpt to",
    "recipient",
    "unknown",
    "does not exist",
    "no such",
    "failed",
    "undeliver",
    "not deliver",
    "quota",
    "full",
    "reject",
    "invalid",
    "disabled",
    "inactive",
    "was not",
    "could not",
    "unable",
    "cannot",
    "550",
    "552",
    "553",
    "554",
];

/// Whether a line shows the address as the one that failed: before everything else, or beside words of failure.
fn points_at(line: &str, lower: &str, address: &str) -> bool {
    let bare = line.trim().trim_start_matches(['<', '"', '*', '-', '•', '>', ' ', '(', '\'', '\t', '[']);
    let led = |word: &&str| bare.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let lead = ["to ", "recipient: ", "smtp:", "rfc822;"].iter().find(|word| led(word)).map_or(0, |word| word.len());
    let behind = bare.get(lead..).unwrap_or(bare).trim_start_matches(['<', '"', ' ', '\'']);
    behind.starts_with(address) || POINTING.iter().any(|word| lower.contains(word))
}
