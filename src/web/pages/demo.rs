//! `GET /demo`: both sides of the demo beside each other.
//!
//! Forms: `POST /demo/write` (`phone`, `about`, `kind`, `text`); the officers' buttons are the desk's own sign-in.

use crate::{
    domain::{At, Language, Role},
    web::pages::{Choice, Frame, Line, form::Entry},
};
use askama::{DynTemplate, Template};

#[derive(Clone, Template)]
#[template(path = "demo.html")]
pub struct Stage {
    pub frame: Frame,
    pub tabs: Vec<Tab>,
    /// The phone that is looked at.
    pub talk: Option<Talk>,
    pub kinds: Vec<Choice>,
    pub cards: Vec<Card>,
}

/// A phone to look at.
#[derive(Clone)]
pub struct Tab {
    pub id: String,
    pub name: String,
    pub here: bool,
}

/// What stands on a phone.
#[derive(Clone)]
pub struct Talk {
    pub phone: String,
    pub name: String,
    /// Empty for a demo phone.
    pub address: String,
    /// References, the latest first.
    pub matters: Vec<String>,
    /// The newest first.
    pub messages: Vec<OfTalk>,
}

/// A message on the phone.
#[derive(Clone)]
pub struct OfTalk {
    pub at: At,
    /// Whether the phone's owner wrote it.
    pub own: bool,
    pub text: String,
    pub about: Option<String>,
}

/// An officer to sign in as.
#[derive(Clone)]
pub struct Card {
    pub name: String,
    pub role: Role,
    /// Empty for those who answer for none.
    pub department: String,
    pub email: String,
    pub password: String,
}

impl Stage {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("demo-title")
    }

    /// The lines of the form: about what, of which kind, the words.
    pub fn lines(&self, talk: &Talk) -> Vec<Line> {
        let frame = &self.frame;
        let matters = talk.matters.iter().map(|matter| Choice::new(matter, frame.t1("demo-about-matter", "reference", matter)));
        let text = Line::new("text", frame.t("demo-text"), Entry::Paragraph(4)).required(true);
        vec![
            Line::new("about", frame.t("demo-about"), Entry::List).hint(frame.t("demo-about-hint")).options(matters.collect()),
            Line::new("kind", frame.t("demo-kind"), Entry::List).options(self.kinds.clone()),
            Line { limit: 4_000, ..text },
        ]
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/demo"),
            tabs: vec![
                Tab { id: "sandbox:7".into(), name: "أم سالم".into(), here: true },
                Tab { id: "tel:+966500000107".into(), name: "Mohammad Aslam".into(), here: false },
            ],
            talk: Some(Talk {
                phone: "sandbox:7".into(),
                name: "أم سالم".into(),
                address: String::new(),
                matters: vec!["26-004183-7".into()],
                messages: vec![
                    OfTalk {
                        at: At(1_795_418_060_000_000),
                        own: false,
                        text: "حياكم الله.\nوصل طلبكم.".into(),
                        about: Some("26-004183-7".into()),
                    },
                    OfTalk {
                        at: At(1_795_418_000_000_000), own: true, text: "السلام عليكم، متى تصل السلة؟".into(), about: None
                    },
                ],
            }),
            kinds: vec![Choice::new("complaint", if language == Language::Ar { "شكوى" } else { "Complaint" })],
            cards: vec![Card {
                name: "أحمد العتيبي".into(),
                role: Role::Officer,
                department: if language == Language::Ar { "المساعدات" } else { "Aid" }.into(),
                email: "ahmad@example.org".into(),
                password: "x".into(),
            }],
        }
    }
}

pub(super) fn samples(language: Language) -> Vec<(&'static str, Box<dyn DynTemplate>)> {
    vec![("demo", Box::new(Stage::sample(language)))]
}
