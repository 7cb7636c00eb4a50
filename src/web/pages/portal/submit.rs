//! `GET` and `POST /submit/{kind}`: one form, drawn from the kind's fields.
//!
//! Sent as `multipart/form-data`: `nonce`, `field-<key>` for each field of the kind, `text`, `files` (any number), `kept` (any
//! number of tokens of files that were uploaded before), `name`, `phone`, `email`, `language`, `declare` (`yes`). Everything
//! about the person may be left empty.

use crate::{
    domain::{Field, Input, Kind, Language},
    web::pages::{Choice, Faults, Frame, KeptFile, Line, form::Entry},
};
use askama::Template;
use std::collections::BTreeMap;

#[derive(Clone, Template)]
#[template(path = "portal/submit.html")]
pub struct Submit {
    pub frame: Frame,
    pub kind: Kind,
    /// Names this filling-in, so that a second press sends nothing twice.
    pub nonce: String,
    pub typed: Typed,
    /// By the name of the input.
    pub faults: Faults,
    pub kept: Vec<KeptFile>,
    /// The largest file taken, in megabytes.
    pub file_limit_mb: u64,
}

/// What was typed, kept through a fault.
#[derive(Clone, Default)]
pub struct Typed {
    /// By the field's key.
    pub answers: BTreeMap<String, String>,
    pub text: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    /// The language of the answer; the page's when not chosen.
    pub language: Option<Language>,
    pub declared: bool,
}

impl Submit {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.kind.name.get(self.frame.language).to_owned()
    }

    /// The kind's own questions.
    pub fn questions(&self) -> Vec<Line> {
        self.kind.fields.iter().map(|field| self.question(field)).collect()
    }

    fn question(&self, field: &Field) -> Line {
        let language = self.frame.language;
        let entry = match field.input {
            Input::Line => Entry::Text,
            Input::Paragraph => Entry::Paragraph(4),
            Input::Number => Entry::Number,
            Input::Date => Entry::Date,
            Input::Choice if field.options.len() <= 4 => Entry::Buttons,
            Input::Choice => Entry::List,
        };
        let options = field.options.iter().map(|o| Choice::new(o.key.as_str(), o.label.get(language))).collect();
        Line::new(&format!("field-{}", field.key), field.label.get(language), entry)
            .hint(field.hint.get(language))
            .value(self.typed.answers.get(field.key.as_str()).cloned().unwrap_or_default())
            .required(field.required)
            .options(options)
            .fault_of(&self.faults)
    }

    pub fn message(&self) -> Line {
        Line::new("text", self.frame.t("submit-text"), Entry::Paragraph(7))
            .hint(self.frame.t("submit-text-hint"))
            .value(&self.typed.text)
            .required(true)
            .fault_of(&self.faults)
    }

    /// Who they are and how to reach them.
    pub fn person(&self) -> Vec<Line> {
        let (frame, typed) = (&self.frame, &self.typed);
        let language = typed.language.unwrap_or(frame.language);
        let lines = [
            Line::new("phone", frame.t("form-phone"), Entry::Phone).hint(frame.t("form-phone-hint")).value(&typed.phone),
            Line::new("name", frame.t("form-name"), Entry::Text).value(&typed.name),
            Line::new("email", frame.t("form-email"), Entry::Mail).value(&typed.email),
            Line::new("language", frame.t("form-language"), Entry::Buttons).options(languages()).value(language.code()).required(true),
        ];
        lines.into_iter().map(|line| line.fault_of(&self.faults)).collect()
    }

    /// What is wrong, with the place where it is, in the order of the form.
    pub fn wrong(&self) -> Vec<Line> {
        let lines = self.questions().into_iter().chain([self.message()]).chain(self.person());
        lines.filter(|line| line.fault.is_some()).collect()
    }

    pub fn fault(&self, name: &str) -> Option<&'static str> {
        self.faults.get(name).copied()
    }
}

/// Each language in its own words.
pub(in crate::web::pages) fn languages() -> Vec<Choice> {
    vec![Choice::new("ar", "العربية"), Choice::new("en", "English")]
}

const SAMPLE_KIND: &str = r#"
key = "aid-request"
name = { ar = "طلب مساعدة", en = "Request for help" }
about = { ar = "لكم أو لأسرتكم", en = "For you or your family" }
answer_within_hours = 80

[[field]]
key = "family"
label = { ar = "كم عدد أفراد الأسرة؟", en = "How many are in the family?" }
input = "number"
required = true

[[field]]
key = "what"
label = { ar = "ما نوع المساعدة؟", en = "What help is needed?" }
input = "choice"
options = [
  { key = "food", label = { ar = "غذاء", en = "Food" } },
  { key = "rent", label = { ar = "إيجار", en = "Rent" } },
  { key = "medicine", label = { ar = "علاج", en = "Medicine" } },
]

[[field]]
key = "since"
label = { ar = "منذ متى؟", en = "Since when?" }
hint = { ar = "التاريخ التقريبي يكفي.", en = "About when is enough." }
input = "date"
"#;

impl Submit {
    pub fn sample(language: Language) -> Self {
        let kind: Kind = toml::from_str(SAMPLE_KIND).unwrap_or_else(|fault| unreachable!("the sample kind is well formed: {fault}"));
        Self {
            frame: Frame::sample(language, "/submit/aid-request"),
            kind,
            nonce: "Zk0s8vY1".to_owned(),
            typed: Typed::default(),
            faults: Faults::new(),
            kept: Vec::new(),
            file_limit_mb: 20,
        }
    }

    pub fn sample_with_faults(language: Language) -> Self {
        let faults = [("field-family", "fault-missing"), ("phone", "fault-phone"), ("declare", "fault-declare")];
        Self {
            typed: Typed {
                answers: BTreeMap::from([("what".to_owned(), "rent".to_owned())]),
                text: "تأخر الإيجار ثلاثة أشهر، وأرجو المساعدة.".to_owned(),
                name: "أبو سعد".to_owned(),
                phone: "05512".to_owned(),
                ..Typed::default()
            },
            faults: faults.map(|(name, key)| (name.to_owned(), key)).into(),
            kept: vec![KeptFile { token: "k1".to_owned(), name: "عقد الإيجار.pdf".to_owned(), size: 230_400 }],
            ..Self::sample(language)
        }
    }
}
