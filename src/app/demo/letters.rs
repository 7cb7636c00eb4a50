//! What the people of the story write, in the form in which each network would bring it.

use super::{
    dice::Dice,
    network::{MAILBOX, MAILBOX_ADDRESS, MISTYPED, Note},
    papers,
    people::{Person, Way},
    plan::Story,
};
use crate::{
    channel::{
        Inbound,
        email::inbound::{Account, event},
        portal::{Form, FormFile},
        webhook::{
            WebhookChannel,
            parse::Headers,
            signature::{Secrets, sign},
        },
    },
    domain::{Address, At, ChannelKind, Key, Language, PersonId, Ticket},
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fmt::Write, sync::Arc};

/// The source that the town's own app is to the webhooks.
pub(super) const SOURCE: &str = "oasis-app";

/// What a message answers.
pub(super) struct Answering {
    pub ticket: Ticket,
    /// Of our last notice to the sender.
    pub external_id: Option<String>,
    pub token: Option<String>,
    /// What that notice said.
    pub said: String,
}

/// One message that is to be brought.
pub(super) struct Letter<'a> {
    pub story: &'a Story,
    /// The number of the story.
    pub number: usize,
    pub text: &'a str,
    /// A machine wrote it.
    pub automatic: bool,
    pub answering: Option<Answering>,
    /// The clerk who types it in, where one does.
    pub clerk: Option<(PersonId, Option<Key>)>,
    /// For a form: stored already.
    pub files: Vec<FormFile>,
    pub paper: Option<&'a str>,
    pub at: At,
    /// Counts all messages.
    pub serial: u32,
}

/// The post office of the story.
pub(super) struct Post {
    pub webhooks: Arc<WebhookChannel>,
    pub secrets: Secrets,
    pub own: Vec<Address>,
    pub quoted: String,
    pub dice: Dice,
}

impl Post {
    pub fn bring(&self, letter: Letter<'_>) -> anyhow::Result<Inbound> {
        match letter.story.person.way {
            Way::Email => Ok(self.mail(&letter)),
            Way::Webhook => self.posted(&letter),
            Way::Sandbox => note(&letter).map(|note| note.inbound()),
            Way::Portal => Ok(form(letter)?.inbound(ChannelKind::Portal, "web")),
            way => {
                let account = match way {
                    Way::Visit => "visit",
                    Way::Letter => "letter",
                    _ => "call",
                };
                Ok(form(letter)?.inbound(ChannelKind::Desk, account))
            }
        }
    }

    fn mail(&self, letter: &Letter<'_>) -> Inbound {
        let account = Account { mailbox: MAILBOX, own: &self.own, received: letter.at };
        event(self.raw_mail(letter).into(), &account, 1_700_000_000, letter.serial)
    }

    /// A mail that nobody can answer: it names no sender.
    pub fn nameless_mail(&self, at: At, serial: u32) -> Inbound {
        let raw =
            format!("Subject: =?utf-8?B?{}?=\r\nDate: {}\r\n\r\n(fax gateway) page 1 of 0\r\n", STANDARD.encode("فاكس وارد"), date(at));
        event(raw.into_bytes().into(), &Account { mailbox: MAILBOX, own: &self.own, received: at }, 1_700_000_000, serial)
    }

    fn raw_mail(&self, letter: &Letter<'_>) -> Vec<u8> {
        let (person, mut text) = (&letter.story.person, letter.text.to_owned());
        let mut to = MAILBOX_ADDRESS.to_owned();
        let mut head = String::new();
        let _ = write!(head, "From: {} <{}>\r\n", encoded(&person.name), person.mail());
        let mut subject = letter.story.subject.clone();
        if let Some(answering) = &letter.answering {
            subject = format!("Re: {subject}");
            if let Some(id) = &answering.external_id {
                let _ = write!(head, "In-Reply-To: <{id}>\r\nReferences: <{id}>\r\n");
            }
            if let (Some(token), Some((local, domain))) = (&answering.token, MAILBOX_ADDRESS.split_once('@')) {
                to = format!("{local}+{token}@{domain}");
            }
            if !letter.automatic {
                let history: String = answering.said.lines().map(|line| format!("> {line}\n")).collect();
                text = format!("{text}\n\n{}\n{history}", self.quoted);
            }
        }
        let _ = write!(head, "To: <{to}>\r\nSubject: {}\r\nDate: {}\r\n", encoded(&subject), date(letter.at));
        let _ =
            write!(head, "Message-ID: <{}.{}@mail.example.org>\r\nMIME-Version: 1.0\r\n", letter.serial, self.dice.roll(100_000, 999_999));
        if letter.automatic {
            head += "Auto-Submitted: auto-replied\r\n";
        }
        if letter.story.person.sort == "stranger" {
            head += "List-Unsubscribe: <https://bulk.example.com/stop>\r\nPrecedence: bulk\r\n";
        }
        let body = part("text/plain; charset=utf-8", "", text.as_bytes());
        let Some(name) = letter.paper else { return format!("{head}{body}").into_bytes() };
        let placed = format!("Content-Disposition: attachment; filename=\"{}\"\r\n", encoded(name));
        let file = part(papers::media_type(name), &placed, &papers::paper(name, &self.dice));
        format!("{head}Content-Type: multipart/mixed; boundary=\"leaf\"\r\n\r\n--leaf\r\n{body}\r\n--leaf\r\n{file}\r\n--leaf--\r\n")
            .into_bytes()
    }

    fn posted(&self, letter: &Letter<'_>) -> anyhow::Result<Inbound> {
        let (story, person) = (letter.story, &letter.story.person);
        let address = if person.number.is_multiple_of(2) { person.phone() } else { format!("resident-{}", person.number) };
        let files: Vec<_> = letter
            .paper
            .iter()
            .map(|name| {
                let content = STANDARD.encode(papers::paper(name, &self.dice));
                serde_json::json!({ "name": name, "content_type": papers::media_type(name), "content": content })
            })
            .collect();
        let body = serde_json::json!({
            "sender": { "name": person.name, "address": address, "group": story.group },
            "text": letter.text, "subject": story.subject, "kind": story.kind, "fields": story.fields,
            "thread": format!("case-{}", letter.number), "attachments": files,
        });
        let body = serde_json::to_vec(&body)?;
        let (id, seconds) = (format!("msg_{}", letter.serial), letter.at.micros() / 1_000_000);
        let signature = sign(&self.secrets, &id, seconds, &body);
        let timestamp = seconds.to_string();
        let headers = Headers { id: Some(&id), timestamp: Some(&timestamp), signature: Some(&signature) };
        self.webhooks.parse(SOURCE, headers, body.into()).context("a posted message of the story")
    }
}

fn note(letter: &Letter<'_>) -> anyhow::Result<Note> {
    let story = letter.story;
    let answer = letter.answering.as_ref();
    Ok(Note {
        id: format!("story-{}", letter.serial),
        from: story.person.sandbox(),
        name: Some(story.person.name.clone()),
        text: letter.text.to_owned(),
        kind: answer.is_none().then(|| Key::parse(&story.kind)).transpose()?,
        fields: if answer.is_none() { story.fields.clone() } else { Default::default() },
        token: answer.and_then(|answering| answering.token.clone()),
    })
}

fn form(letter: Letter<'_>) -> anyhow::Result<Form> {
    let (story, person) = (letter.story, &letter.story.person);
    let opens = letter.answering.is_none();
    let (clerk, site) = letter.clerk.unzip();
    Ok(Form {
        nonce: format!("story-{}", letter.serial),
        kind: opens.then(|| Key::parse(&story.kind)).transpose()?,
        fields: if opens { story.fields.clone() } else { Default::default() },
        text: letter.text.to_owned(),
        subject: opens.then(|| story.subject.clone()),
        name: Some(person.name.clone()),
        addresses: addresses(story, person),
        group: story.group,
        language: (person.sort == "foreign").then_some(Language::En),
        site: site.flatten(),
        files: letter.files,
        track: letter.answering.map(|answering| answering.ticket.id),
        entered_by: clerk,
        external_id: None,
    })
}

/// What they gave: usually a telephone number, sometimes mail, now and then nothing.
fn addresses(story: &Story, person: &Person) -> Vec<String> {
    match (story.mistyped, person.number % 7) {
        (true, _) => vec![format!("mailto:um.salem{}@{MISTYPED}", person.number)],
        (_, 0) if person.way == Way::Portal => Vec::new(),
        (_, 1) => vec![format!("mailto:{}", person.mail())],
        (_, 2) => vec![person.phone(), format!("mailto:{}", person.mail())],
        _ => vec![person.phone()],
    }
}

/// A header's text (RFC 2047), in words that are short enough.
fn encoded(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let words = letters.chunks(18).map(|chunk| format!("=?utf-8?B?{}?=", STANDARD.encode(chunk.iter().collect::<String>())));
    words.collect::<Vec<_>>().join("\r\n ")
}

/// One part of a mail, in base64 of 76 characters a line (RFC 2045 §6.8).
fn part(media_type: &str, placed: &str, content: &[u8]) -> String {
    let content = STANDARD.encode(content);
    let lines: Vec<&str> = content.as_bytes().chunks(76).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("Content-Type: {media_type}\r\n{placed}Content-Transfer-Encoding: base64\r\n\r\n{}\r\n", lines.join("\r\n"))
}

/// As mail writes it (RFC 5322 §3.3).
fn date(at: At) -> String {
    at.timestamp().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
