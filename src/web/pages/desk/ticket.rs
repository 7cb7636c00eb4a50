//! `GET /desk/tickets/{reference}`: everything about one ticket, and what can be done with it.
//!
//! Forms, each with `nonce`, to `POST /desk/tickets/{reference}/…`: `reply` and `ask` (multipart: `text`, `files`, `kept`), `note`
//! (`text`), `hand-over` (`to` = `<department>` or `<department>/<person>`, `text` = the reason), `resolve` (`text` = how it was
//! settled), `reject` (`text` = why), `reopen` (`text`), `start`, `wait`, `spam` (nothing more).

use crate::{
    channel::ChannelKind,
    domain::{At, Language, Priority, Status},
    web::pages::{Choice, Conversation, Frame, KeptFile, Line, Place, Viewer, form::Entry},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/ticket.html")]
pub struct TicketPage {
    pub frame: Frame,
    pub viewer: Viewer,
    pub reference: String,
    /// Its subject or the beginning of its text.
    pub title: String,
    pub kind: String,
    pub status: Status,
    pub priority: Priority,
    pub confidential: bool,
    pub channel: ChannelKind,
    pub opened: At,
    pub due: Option<At>,
    pub overdue: bool,
    pub department: String,
    pub owner: Option<String>,
    /// Why it is here, in words.
    pub reason: String,
    pub sender: SenderCard,
    /// The answers to the kind's questions: label and answer.
    pub answers: Vec<(String, String)>,
    pub conversation: Conversation,
    pub timeline: Vec<Happening>,
    /// What this person may do with it now.
    pub acts: Vec<Act>,
    /// Where it may be handed over to.
    pub destinations: Vec<Destination>,
    pub nonce: String,
    /// A form that came back for a fault.
    pub draft: Option<Draft>,
    pub kept: Vec<KeptFile>,
    pub file_limit_mb: u64,
}

crate::domain::ticket::named! {
    /// A form of the ticket page; its name is the last part of the address it is sent to.
    Act {
        Reply = "reply",
        Ask = "ask",
        Note = "note",
        HandOver = "hand-over",
        Resolve = "resolve",
        Start = "start",
        Wait = "wait",
        Reject = "reject",
        Spam = "spam",
        Reopen = "reopen",
    }
}

/// Who wrote in.
#[derive(Clone)]
pub struct SenderCard {
    /// `None` for an anonymous sender.
    pub name: Option<String>,
    /// Masked, the preferred first; each with its channel's name.
    pub addresses: Vec<String>,
    pub language: Language,
    /// The stakeholder group in words.
    pub group: Option<String>,
    /// Other tickets of the same sender: reference and title.
    pub others: Vec<(String, String)>,
}

/// One entry of the timeline.
#[derive(Clone)]
pub struct Happening {
    pub at: At,
    /// Who did it, in words.
    pub who: String,
    /// What happened, in words (`i18n::words::event`).
    pub what: String,
    /// What somebody wrote about it.
    pub detail: Option<String>,
}

/// A department, and its officers by name.
#[derive(Clone)]
pub struct Destination {
    pub department: Choice,
    pub officers: Vec<Choice>,
}

/// What was typed in a form that came back for a fault.
#[derive(Clone)]
pub struct Draft {
    pub act: Act,
    pub text: String,
    /// For a hand-over.
    pub to: String,
    /// What is wrong with the text.
    pub fault: Option<&'static str>,
    /// What is wrong with where it should go.
    pub to_fault: Option<&'static str>,
}

impl TicketPage {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.reference.clone()
    }

    pub fn here(&self) -> Place {
        Place::Queue
    }

    pub fn can(&self, act: &str) -> bool {
        self.acts.iter().any(|possible| possible.as_str() == act)
    }

    /// The acts that need words or a second thought: each is a form that opens. A draft keeps its form, even when the act has
    /// become impossible meanwhile.
    pub fn forms(&self) -> Vec<Act> {
        let wordy = [Act::Reply, Act::Ask, Act::Note, Act::HandOver, Act::Resolve, Act::Reopen, Act::Reject, Act::Spam];
        let drafted = self.draft.as_ref().map(|draft| draft.act);
        wordy.into_iter().filter(|act| self.acts.contains(act) || drafted == Some(*act)).collect()
    }

    pub fn to_fault(&self) -> Option<&'static str> {
        self.draft.as_ref().and_then(|draft| draft.to_fault)
    }

    /// The acts that are one press.
    pub fn presses(&self) -> Vec<Act> {
        [Act::Start, Act::Wait].into_iter().filter(|act| self.acts.contains(act)).collect()
    }

    /// Which form stands open: the one that came back, else the first.
    pub fn is_open(&self, act: &Act) -> bool {
        match &self.draft {
            Some(draft) => draft.act == *act,
            None => self.forms().first() == Some(act),
        }
    }

    pub fn words(&self, act: &Act) -> Line {
        let (form, frame) = (act.as_str(), &self.frame);
        let rows = if matches!(act, Act::Reply | Act::Resolve) { 6 } else { 3 };
        let line = Line::new("text", frame.word("ticket-words", form), Entry::Paragraph(rows))
            .hint(frame.word("ticket-hint", form))
            .required(*act != Act::Reopen)
            .within(form);
        match &self.draft {
            Some(draft) if draft.act == *act => Line { value: draft.text.clone(), fault: draft.fault, ..line },
            _ => line,
        }
    }

    pub fn takes_words(&self, act: &Act) -> bool {
        *act != Act::Spam
    }

    pub fn carries_files(&self, act: &Act) -> bool {
        matches!(act, Act::Reply | Act::Ask)
    }

    pub fn hands_over(&self, act: &Act) -> bool {
        *act == Act::HandOver
    }

    /// Where the hand-over that came back was going.
    pub fn is_chosen(&self, value: &str) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.to == value)
    }

    /// For telling apart at a glance.
    pub fn is_over(&self) -> bool {
        !self.status.is_open()
    }

    pub fn sample(language: Language) -> Self {
        let ar = language == Language::Ar;
        let say = |arabic: &str, english: &str| if ar { arabic } else { english }.to_owned();
        let happening =
            |at, who: String, what: String, detail: Option<&str>| Happening { at: At(at), who, what, detail: detail.map(str::to_owned) };
        Self {
            frame: Frame::sample(language, "/desk/tickets/26-004183-4"),
            viewer: Viewer::sample(language),
            reference: "26-004183-4".to_owned(),
            title: "السلة الغذائية".to_owned(),
            kind: say("شكوى", "Complaint"),
            status: Status::InProgress,
            priority: Priority::High,
            confidential: true,
            channel: ChannelKind::Email,
            opened: At(1_795_418_000_000_000),
            due: Some(At(1_795_698_000_000_000)),
            overdue: true,
            department: say("إدارة المساعدات", "Aid Department"),
            owner: Some(say("أحمد العتيبي", "Ahmad Al-Otaibi")),
            reason: say("بحسب قاعدة التوجيه: شكاوى السلال", "By the routing rule: Complaints about baskets"),
            sender: SenderCard {
                name: Some("مريم الشمري".to_owned()),
                addresses: vec!["m…@example.org".to_owned(), "+966…567".to_owned()],
                language: Language::Ar,
                group: Some(say("مستفيد", "Beneficiary")),
                others: vec![("26-003911-8".to_owned(), "تحديث بيانات الأسرة".to_owned())],
            },
            answers: vec![(say("رقم الملف", "File number"), "4471".to_owned())],
            conversation: Conversation::sample(language, "/desk/files", true),
            timeline: vec![
                happening(
                    1_795_418_000_000_000,
                    say("صاحب الطلب", "The sender"),
                    say("وصول الطلب عبر البريد", "Request came in by e-mail"),
                    None,
                ),
                happening(
                    1_795_418_001_000_000,
                    say("النظام", "The service"),
                    say("توجيه الطلب إلى إدارة المساعدات", "Routed to the Aid Department"),
                    Some("شكاوى السلال"),
                ),
                happening(
                    1_795_421_600_000_000,
                    say("أحمد العتيبي", "Ahmad Al-Otaibi"),
                    say("سؤال لصاحب الطلب", "Question to the sender"),
                    None,
                ),
            ],
            acts: Act::ALL.iter().copied().filter(|act| *act != Act::Reopen).collect(),
            destinations: vec![
                Destination {
                    department: Choice::new("aid", say("إدارة المساعدات", "Aid Department")),
                    officers: vec![
                        Choice::new("1", say("أحمد العتيبي", "Ahmad Al-Otaibi")),
                        Choice::new("2", say("نورة الدوسري", "Noura Al-Dosari")),
                    ],
                },
                Destination {
                    department: Choice::new("research", say("البحث الاجتماعي", "Social Research")), officers: Vec::new()
                },
            ],
            nonce: "Zk0s8vY3".to_owned(),
            draft: None,
            kept: Vec::new(),
            file_limit_mb: 20,
        }
    }

    pub fn sample_resolved(language: Language) -> Self {
        Self {
            status: Status::Resolved,
            confidential: false,
            overdue: false,
            due: None,
            acts: vec![Act::Reply, Act::Note, Act::Reopen],
            draft: Some(Draft { act: Act::Note, text: String::new(), to: String::new(), fault: Some("fault-missing"), to_fault: None }),
            ..Self::sample(language)
        }
    }
}
