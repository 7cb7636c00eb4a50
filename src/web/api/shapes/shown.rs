//! What callers get.

use crate::{
    casework::{Attachment, Audience, History, MessageView, Notice, NoticeState, Person, QueuePage, Summary, TicketView},
    channel::Accepted,
    domain::{
        Actor, At, Bilingual, ChannelKind, Direction, EventKind, Language, PersonId, Priority, Reason, StakeholderGroup, Status, TicketId,
    },
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// A member of staff.
#[derive(Serialize, ToSchema)]
pub struct Staff {
    #[schema(example = "omar")]
    pub key: String,
    pub name: Words,
}

/// A text in Arabic and, where the office wrote it, in English.
#[derive(Serialize, ToSchema)]
pub struct Words {
    pub ar: String,
    /// Empty where there is none.
    pub en: String,
}

/// A ticket in a list.
#[derive(Serialize, ToSchema)]
pub struct TicketRow {
    #[schema(example = "26-004183-7")]
    pub reference: String,
    pub status: Status,
    /// The key of its kind.
    #[schema(example = "complaint")]
    pub kind: String,
    pub priority: Priority,
    /// The channel that it came by.
    pub channel: ChannelKind,
    /// The key of its department.
    pub department: String,
    /// The one responsible for it now.
    pub owner: Option<Staff>,
    /// The name of its sender, where it is known.
    pub sender_name: Option<String>,
    pub confidential: bool,
    /// Left out of lists when the ticket is confidential.
    pub subject: Option<String>,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// By when the sender was promised an answer.
    #[schema(format = DateTime)]
    pub due_at: String,
}

/// A page of tickets.
#[derive(Serialize, ToSchema)]
pub struct TicketPage {
    pub tickets: Vec<TicketRow>,
    /// The cursor of the next page; null on the last.
    pub next: Option<String>,
}

/// A ticket, whole.
#[derive(Serialize, ToSchema)]
pub struct Ticket {
    #[schema(example = "26-004183-7")]
    pub reference: String,
    pub status: Status,
    /// The key of its kind.
    #[schema(example = "complaint")]
    pub kind: String,
    pub priority: Priority,
    /// The channel that it came by.
    pub channel: ChannelKind,
    /// Our account that it came in by, such as the name of a mailbox.
    pub account: String,
    /// The key of its department.
    pub department: String,
    /// The key of its site.
    pub site: Option<String>,
    /// The one responsible for it now.
    pub owner: Option<Staff>,
    /// Why it is where it is, in the order that was decided.
    pub reasons: Vec<Why>,
    pub sender: Sender,
    /// The sender's; notices to them are written in it.
    pub language: Language,
    pub confidential: bool,
    pub subject: Option<String>,
    /// Answers to the kind's form, by the key of the field.
    pub fields: BTreeMap<String, String>,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub updated_at: String,
    /// By when the sender was promised an answer.
    #[schema(format = DateTime)]
    pub due_at: String,
    /// The first answer or question to the sender.
    #[schema(format = DateTime)]
    pub answered_at: Option<String>,
    #[schema(format = DateTime)]
    pub resolved_at: Option<String>,
    #[schema(format = DateTime)]
    pub closed_at: Option<String>,
    /// What was said, oldest first.
    pub messages: Vec<Message>,
    /// What happened, oldest first.
    pub timeline: Vec<Entry>,
    /// What was sent because of it, to whomever, oldest first.
    pub notices: Vec<Sending>,
}

/// One step of deciding where a ticket goes.
#[derive(Serialize, ToSchema)]
pub struct Why {
    /// Which way of deciding it was: `rule`, `fallback`, `main`, `rota` …
    #[schema(example = "rule")]
    pub name: String,
    /// What decided: the name of the rule, department or person.
    pub detail: Words,
}

/// Who wrote.
#[derive(Serialize, ToSchema)]
pub struct Sender {
    pub name: Option<String>,
    pub group: Option<StakeholderGroup>,
    /// Where this ticket is answered.
    #[schema(example = "tel:+966551234567")]
    pub address: Option<String>,
    /// Every address that is known of them, the preferred first.
    pub addresses: Vec<String>,
}

/// One thing said on a ticket.
#[derive(Serialize, ToSchema)]
pub struct Message {
    #[schema(format = "uuid")]
    pub id: String,
    pub direction: Direction,
    pub channel: ChannelKind,
    /// Our account that it came in by.
    pub account: String,
    /// Its name on its network: the Message-ID, the `webhook-id` …
    pub external_id: Option<String>,
    /// The whole text.
    pub text: String,
    /// Only what is newly written: no quoted history, no signature.
    pub reply: String,
    pub attachments: Vec<File>,
    /// The member of staff who wrote it, or typed it in.
    pub author: Option<Staff>,
    /// When it was stored.
    #[schema(format = DateTime)]
    pub at: String,
    /// When the sender sent it, by their own clock.
    #[schema(format = DateTime)]
    pub sent_at: Option<String>,
}

/// A file on a message.
#[derive(Serialize, ToSchema)]
pub struct File {
    #[schema(format = "uuid")]
    pub id: String,
    pub name: String,
    /// As the content shows it.
    #[schema(example = "image/jpeg")]
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    /// Whether it stands inside the text, such as a picture in a mail.
    pub inline: bool,
    /// Where to fetch it; null where there is no content.
    #[schema(example = "/api/v1/attachments/0199a1b2-…")]
    pub url: Option<String>,
    /// Why there is no content.
    pub missing: Option<String>,
}

/// One entry of a timeline.
#[derive(Serialize, ToSchema)]
pub struct Entry {
    #[schema(format = DateTime)]
    pub at: String,
    /// `sender`, `person` (a member of staff) or `system`.
    #[schema(example = "person")]
    pub actor: &'static str,
    pub kind: EventKind,
    /// What belongs to it: keys, names of things, words of staff. `interface` is the name of the token with which another system
    /// acted in the name of the member of staff.
    pub data: BTreeMap<String, String>,
    /// The member of staff who did it.
    pub person: Option<Staff>,
}

/// A notice and its delivery.
#[derive(Serialize, ToSchema)]
pub struct Sending {
    #[schema(format = "uuid")]
    pub id: String,
    /// Its name, such as `received`, `answer` or `resolved`.
    #[schema(example = "received")]
    pub kind: String,
    pub audience: Audience,
    /// The channel that it goes by.
    pub channel: Option<ChannelKind>,
    /// The address that it goes to.
    pub to: Option<String>,
    /// The message whose words it carries.
    #[schema(format = "uuid")]
    pub message: Option<String>,
    pub state: NoticeState,
    /// Why it waits, was withheld or was given up.
    pub reason: Option<String>,
    pub attempts: u32,
    #[schema(format = DateTime)]
    pub created_at: String,
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
    /// Its name on its network.
    pub external_id: Option<String>,
}

/// A ticket that was opened.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    #[schema(example = "26-004183-7")]
    pub reference: String,
    /// Six digits with which, and the reference, the sender follows the ticket. Tell them both.
    #[schema(example = "204519")]
    pub pin: Option<String>,
    /// The message that was made of it.
    #[schema(format = "uuid")]
    pub message: String,
    /// Where the interface shows the ticket.
    #[schema(example = "/api/v1/tickets/26-004183-7")]
    pub url: String,
    /// Where the sender follows it.
    pub track_url: String,
}

/// A message that is stored and could not be made a ticket by itself; a person looks at it.
#[derive(Serialize, ToSchema)]
pub struct Held {
    /// Always `quarantined`.
    #[schema(example = "quarantined")]
    pub status: &'static str,
}

fn words(text: &Bilingual) -> Words {
    Words { ar: text.ar.clone(), en: text.en.clone() }
}

fn staff(person: &Person) -> Staff {
    Staff { key: person.key.to_string(), name: words(&person.name) }
}

fn moment(at: Option<At>) -> Option<String> {
    at.map(At::rfc3339)
}

impl TicketPage {
    pub fn new(page: QueuePage, cursor: impl Fn(At, TicketId) -> String) -> Self {
        let next = page.next.map(|(at, id)| cursor(at, id));
        Self { tickets: page.rows.into_iter().map(|row| TicketRow::new(row, &page.owners)).collect(), next }
    }
}

impl TicketRow {
    fn new(row: Summary, owners: &HashMap<PersonId, Person>) -> Self {
        Self {
            reference: row.reference.to_string(),
            status: row.status,
            kind: row.kind.to_string(),
            priority: row.priority,
            channel: row.channel,
            department: row.department.to_string(),
            owner: owners.get(&row.owner).map(staff),
            sender_name: row.contact_name,
            confidential: row.confidential,
            subject: row.subject,
            created_at: row.created_at.rfc3339(),
            updated_at: row.updated_at.rfc3339(),
            due_at: row.due_at.rfc3339(),
        }
    }
}

impl From<TicketView> for Ticket {
    fn from(view: TicketView) -> Self {
        let ticket = view.ticket;
        let home = view.addresses.iter().find(|known| known.id == ticket.address);
        let sender = Sender {
            name: view.contact.name,
            group: view.contact.stakeholder,
            address: home.map(|known| known.address.to_string()),
            addresses: view.addresses.iter().map(|known| known.address.to_string()).collect(),
        };
        Self {
            reference: ticket.reference.to_string(),
            status: ticket.status,
            kind: ticket.kind.to_string(),
            priority: ticket.priority,
            channel: ticket.channel,
            account: ticket.account,
            department: ticket.department.to_string(),
            site: ticket.site.map(|site| site.to_string()),
            owner: view.owner.as_ref().map(staff),
            reasons: ticket.reasons.iter().map(Why::from).collect(),
            sender,
            language: ticket.language,
            confidential: ticket.confidential,
            subject: ticket.subject,
            fields: ticket.fields,
            created_at: ticket.created_at.rfc3339(),
            updated_at: ticket.updated_at.rfc3339(),
            due_at: ticket.due_at.rfc3339(),
            answered_at: moment(ticket.answered_at),
            resolved_at: moment(ticket.resolved_at),
            closed_at: moment(ticket.closed_at),
            messages: view.messages.into_iter().map(Message::from).collect(),
            timeline: view.history.into_iter().map(Entry::from).collect(),
            notices: view.notices.into_iter().map(Sending::from).collect(),
        }
    }
}

impl From<&Reason> for Why {
    fn from(reason: &Reason) -> Self {
        Self { name: reason.name.clone(), detail: words(&reason.detail) }
    }
}

impl From<MessageView> for Message {
    fn from(view: MessageView) -> Self {
        let message = view.message;
        Self {
            id: message.id.to_string(),
            direction: message.direction,
            channel: message.channel,
            account: message.account,
            external_id: message.external_id,
            reply: message.fresh.unwrap_or_else(|| message.body.clone()),
            text: message.body,
            attachments: view.files.into_iter().map(File::from).collect(),
            author: view.author.as_ref().map(staff),
            at: message.created_at.rfc3339(),
            sent_at: moment(message.sent_at),
        }
    }
}

impl From<Attachment> for File {
    fn from(file: Attachment) -> Self {
        Self {
            url: file.blob.map(|_| format!("/api/v1/attachments/{}", file.id)),
            id: file.id.to_string(),
            name: file.name,
            content_type: file.content_type,
            size: file.size,
            inline: file.inline,
            missing: file.missing,
        }
    }
}

impl From<History> for Entry {
    fn from(history: History) -> Self {
        let mut data = history.event.data;
        data.remove("nonce");
        // Inside, a member of staff is named by an id that means nothing outside.
        if let Some(to) = &history.to {
            data.insert("to".to_owned(), to.key.to_string());
        }
        let actor = match history.event.actor {
            Actor::Sender => "sender",
            Actor::Person(_) => "person",
            Actor::System => "system",
        };
        Self { at: history.event.at.rfc3339(), actor, kind: history.event.kind, data, person: history.person.as_ref().map(staff) }
    }
}

impl From<Notice> for Sending {
    fn from(notice: Notice) -> Self {
        Self {
            id: notice.id.to_string(),
            kind: notice.kind,
            audience: notice.audience,
            channel: notice.channel,
            to: notice.to.map(|to| to.to_string()),
            message: notice.message.map(|message| message.to_string()),
            state: notice.state,
            reason: notice.reason,
            attempts: notice.attempts,
            created_at: notice.created_at.rfc3339(),
            finished_at: moment(notice.finished_at),
            external_id: notice.external_id,
        }
    }
}

impl Opened {
    pub fn new(accepted: &Accepted, public_url: &str) -> Self {
        let reference = accepted.reference;
        Self {
            pin: accepted.pin.as_ref().map(|pin| pin.as_str().to_owned()),
            message: accepted.message.to_string(),
            url: format!("/api/v1/tickets/{reference}"),
            track_url: format!("{public_url}/track?reference={reference}"),
            reference: reference.to_string(),
        }
    }
}
