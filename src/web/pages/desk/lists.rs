//! `/desk/people`, `/desk/inbox`, `/desk/outbox`: the staff, and what waits for a person.
//!
//! Forms without inputs: `POST /desk/people/{key}/invite`, `/desk/inbox/{id}/replay`, `/desk/outbox/{id}/resend`.

use crate::{
    channel::ChannelKind,
    domain::{At, Language, Role},
    web::pages::{Frame, Place, Viewer},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/people.html")]
pub struct People {
    pub frame: Frame,
    pub viewer: Viewer,
    pub members: Vec<Member>,
    /// Whether the viewer may make links to set a password.
    pub invites: bool,
    /// A link that was just made; shown this once.
    pub invite: Option<Invite>,
}

/// A member of staff.
#[derive(Clone)]
pub struct Member {
    pub key: String,
    pub name: String,
    pub role: Role,
    pub departments: Vec<String>,
    pub email: Option<String>,
    /// In words.
    pub absent_until: Option<String>,
    pub account: AccountState,
}

crate::domain::ticket::named! {
    /// Whether they can sign in.
    AccountState { None = "none", Invited = "invited", Active = "active" }
}

#[derive(Clone)]
pub struct Invite {
    pub name: String,
    pub url: String,
    pub until: At,
}

impl People {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("people-title")
    }

    pub fn here(&self) -> Place {
        Place::People
    }

    pub fn sample(language: Language) -> Self {
        let say = |ar: &str, en: &str| if language == Language::Ar { ar } else { en }.to_owned();
        let ahmad = Member {
            key: "ahmad".to_owned(),
            name: say("أحمد العتيبي", "Ahmad Al-Otaibi"),
            role: Role::Officer,
            departments: vec![say("إدارة المساعدات", "Aid Department"), say("البحث الاجتماعي", "Social Research")],
            email: Some("ahmad@example.org".to_owned()),
            absent_until: Some(say("29 نوفمبر 2026", "29 November 2026")),
            account: AccountState::Active,
        };
        let noura = Member {
            key: "noura".to_owned(),
            name: say("نورة الدوسري", "Noura Al-Dosari"),
            role: Role::Supervisor,
            departments: Vec::new(),
            email: None,
            absent_until: None,
            account: AccountState::Invited,
        };
        let salem = Member {
            key: "salem".to_owned(),
            name: say("سالم القحطاني", "Salem Al-Qahtani"),
            role: Role::Clerk,
            account: AccountState::None,
            ..noura.clone()
        };
        Self {
            frame: Frame::sample(language, "/desk/people"),
            viewer: Viewer::sample(language),
            invite: Some(Invite {
                name: noura.name.clone(),
                url: "https://tawasul.example.org/desk/welcome/9v2Lk".to_owned(),
                until: At(1_795_698_000_000_000),
            }),
            members: vec![ahmad, noura, salem],
            invites: true,
        }
    }
}

#[derive(Clone, Template)]
#[template(path = "desk/inbox.html")]
pub struct Inbox {
    pub frame: Frame,
    pub viewer: Viewer,
    pub rows: Vec<Quarantined>,
    pub next: Option<String>,
}

/// A raw message that could not be processed.
#[derive(Clone)]
pub struct Quarantined {
    pub id: String,
    pub channel: ChannelKind,
    /// Which of our accounts received it.
    pub account: String,
    pub at: At,
    /// Bytes.
    pub size: u64,
    /// As the program said it; technical.
    pub reason: String,
}

impl Inbox {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("inbox-title")
    }

    pub fn here(&self) -> Place {
        Place::Inbox
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/desk/inbox"),
            viewer: Viewer::sample(language),
            rows: vec![Quarantined {
                id: "019a".to_owned(),
                channel: ChannelKind::Email,
                account: "main".to_owned(),
                at: At(1_795_418_000_000_000),
                size: 18_300,
                reason: "the message has no sender".to_owned(),
            }],
            next: None,
        }
    }
}

#[derive(Clone, Template)]
#[template(path = "desk/outbox.html")]
pub struct Outbox {
    pub frame: Frame,
    pub viewer: Viewer,
    pub rows: Vec<FailedNotice>,
    pub next: Option<String>,
}

/// A notice that was given up.
#[derive(Clone)]
pub struct FailedNotice {
    pub id: String,
    pub reference: Option<String>,
    pub subject: String,
    /// Masked.
    pub to: String,
    pub channel: ChannelKind,
    /// The last send error's code.
    pub code: String,
    pub attempts: u64,
    /// The last attempt.
    pub at: At,
}

impl FailedNotice {
    pub fn attempts_made(&self) -> i64 {
        i64::try_from(self.attempts).unwrap_or(i64::MAX)
    }
}

impl Outbox {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("outbox-title")
    }

    pub fn here(&self) -> Place {
        Place::Outbox
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/desk/outbox"),
            viewer: Viewer::sample(language),
            rows: vec![FailedNotice {
                id: "019b".to_owned(),
                reference: Some("26-004183-4".to_owned()),
                subject: format!("وصلنا طلبكم رقم {}", crate::i18n::isolated("26-004183-4")),
                to: "m…@example.org".to_owned(),
                channel: ChannelKind::Email,
                code: "rejected".to_owned(),
                attempts: 3,
                at: At(1_795_421_600_000_000),
            }],
            next: Some("c2".to_owned()),
        }
    }
}
