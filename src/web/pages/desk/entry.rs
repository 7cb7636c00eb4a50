//! `/desk/new`: a visit, a call, a letter or a fax, logged in seconds.
//!
//! `POST /desk/new` (multipart): `nonce`, `way`, `name`, `phone`, `email`, `language`, `kind`, `site`, `subject`, `text`, `files`, `kept`.

use crate::{
    domain::Language,
    web::pages::{Choice, Faults, Frame, KeptFile, Line, Place, Viewer, conversation::Way, form::Entry, portal::KindCard},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/new_entry.html")]
pub struct NewEntry {
    pub frame: Frame,
    pub viewer: Viewer,
    pub kinds: Vec<Choice>,
    /// The charity's sites; not asked for when there is one or none.
    pub sites: Vec<Choice>,
    pub typed: Entered,
    pub faults: Faults,
    pub kept: Vec<KeptFile>,
    pub nonce: String,
    pub file_limit_mb: u64,
}

/// What was typed, kept through a fault.
#[derive(Clone, Default)]
pub struct Entered {
    pub way: Option<Way>,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub language: Option<Language>,
    pub kind: String,
    pub site: String,
    pub subject: String,
    pub text: String,
}

impl NewEntry {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("entry-title")
    }

    pub fn here(&self) -> Place {
        Place::New
    }

    pub fn way(&self) -> Line {
        let ways = Way::ALL.iter().map(|way| Choice::new(way.as_str(), self.frame.word("way", way.as_str()))).collect();
        let chosen = self.typed.way.unwrap_or(Way::Visit);
        self.line("way", "entry-way", Entry::Buttons, chosen.as_str()).options(ways).required(true)
    }

    pub fn person(&self) -> Vec<Line> {
        let typed = &self.typed;
        let language = typed.language.unwrap_or_default();
        vec![
            self.line("name", "form-name", Entry::Text, &typed.name),
            self.line("phone", "form-phone", Entry::Phone, &typed.phone),
            self.line("email", "form-email", Entry::Mail, &typed.email),
            self.line("language", "form-language", Entry::Buttons, language.code())
                .options(crate::web::pages::portal::languages())
                .required(true),
        ]
    }

    pub fn matter(&self) -> Vec<Line> {
        let typed = &self.typed;
        let mut lines = vec![self.line("kind", "entry-kind", Entry::List, &typed.kind).options(self.kinds.clone()).required(true)];
        if self.sites.len() > 1 {
            lines.push(self.line("site", "entry-site", Entry::List, &typed.site).options(self.sites.clone()));
        }
        lines.push(self.line("subject", "entry-subject", Entry::Text, &typed.subject));
        lines.push(self.line("text", "entry-text", Entry::Paragraph(6), &typed.text).required(true));
        lines
    }

    fn line(&self, name: &str, key: &str, entry: Entry, value: &str) -> Line {
        Line::new(name, self.frame.t(key), entry).value(value).fault_of(&self.faults)
    }

    pub fn fault(&self, name: &str) -> Option<&'static str> {
        self.faults.get(name).copied()
    }

    pub fn sample(language: Language) -> Self {
        let kinds: Vec<KindCard> = crate::web::pages::portal::Home::sample(language).kinds;
        let say = |ar: &str, en: &str| if language == Language::Ar { ar } else { en }.to_owned();
        Self {
            frame: Frame::sample(language, "/desk/new"),
            viewer: Viewer::sample(language),
            kinds: kinds.into_iter().map(|kind| Choice::new(kind.key, kind.name)).collect(),
            sites: vec![Choice::new("main", say("المقر الرئيس", "Main office")), Choice::new("north", say("فرع الشمال", "North branch"))],
            typed: Entered { way: Some(Way::Call), phone: "055".to_owned(), ..Entered::default() },
            faults: [("phone".to_owned(), "fault-phone"), ("text".to_owned(), "fault-text_missing")].into(),
            kept: Vec::new(),
            nonce: "Zk0s8vY4".to_owned(),
            file_limit_mb: 20,
        }
    }
}
