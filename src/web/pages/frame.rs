//! What every page has around its content: language, the charity's name, where the reader is, what was just done.

use super::assets;
use crate::{
    domain::{At, Bilingual, Language, Role, office::ContactPoint},
    i18n::{self, Value, dates, words},
};
use jiff::tz::TimeZone;

/// The frame of a page.
#[derive(Clone)]
pub struct Frame {
    pub language: Language,
    /// The charity's name in that language.
    pub charity: String,
    /// Path and query of this very page, to come back to after changing the language.
    pub path: String,
    /// How else the charity is reached.
    pub contact: Contact,
    /// The office's time zone.
    pub zone: TimeZone,
    /// What to say about the last act.
    pub flash: Option<Flash>,
}

/// How else the charity is reached; what is empty is not shown.
#[derive(Clone, Default)]
pub struct Contact {
    pub phones: Vec<Phone>,
    pub email: Option<String>,
    /// Office hours in words.
    pub hours: Option<String>,
    /// Where the office is, in words.
    pub address: Option<String>,
}

/// A telephone number.
#[derive(Clone)]
pub struct Phone {
    /// As people read it.
    pub shown: String,
    /// As a device dials it.
    pub dialled: String,
}

impl Contact {
    pub fn of(point: &ContactPoint, language: Language) -> Self {
        let phone = |shown: &String| Some(Phone { shown: shown.trim().to_owned(), dialled: ContactPoint::dialled(shown)? });
        let words = |words: &Option<Bilingual>| words.as_ref().map(|words| words.get(language).trim().to_owned());
        Self {
            phones: point.phones.iter().filter_map(phone).collect(),
            email: point.email.clone(),
            hours: words(&point.hours),
            address: words(&point.address),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.phones.is_empty() && self.email.is_none() && self.hours.is_none() && self.address.is_none()
    }

    pub fn sample(language: Language) -> Self {
        let point = ContactPoint {
            phones: vec!["013 555 0100".to_owned(), "+966 13 555 0101".to_owned()],
            email: Some("info@example.org".to_owned()),
            hours: Some(Bilingual::new("الأحد إلى الخميس، 8 صباحًا إلى 4 مساءً", "Sunday to Thursday, 8 am to 4 pm")),
            address: Some(Bilingual::new("شارع السدر، حي النهضة", "As-Sidr Street, An-Nahdah")),
        };
        Self::of(&point, language)
    }
}

/// What the last act came to; shown once at the top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flash {
    Done(Done),
    /// The key of a text that says why it was not done and what to do, such as `refused-not_allowed`.
    Refused(&'static str),
}

crate::domain::ticket::named! {
    /// An act that was done, in words `done-…`. The name can travel in the address: `?done=replied`.
    Done {
        Sent = "sent",
        SolvedYes = "solved_yes",
        SolvedNo = "solved_no",
        Replied = "replied",
        Asked = "asked",
        Noted = "noted",
        HandedOver = "handed_over",
        Started = "started",
        Waiting = "waiting",
        Resolved = "resolved",
        Reopened = "reopened",
        Rejected = "rejected",
        Spam = "spam",
        Logged = "logged",
        Resent = "resent",
        Replayed = "replayed",
        PasswordChanged = "password_changed",
        Saved = "saved",
        SignedOut = "signed_out",
    }
}

impl Frame {
    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        i18n::text(self.language, key)
    }

    /// The text of a key with one variable.
    pub fn t1<V: Into<Value>>(&self, key: &str, name: &str, value: V) -> String {
        i18n::text_with(self.language, key, &[(name, value.into())])
    }

    /// The text of a key with one variable, filled with the service's own words, such as a date.
    pub fn own(&self, key: &str, name: &str, words: String) -> String {
        self.t1(key, name, Value::Own(words))
    }

    /// What to say about the last act: its class in the style sheet, and the words.
    pub fn said(&self) -> Option<(&'static str, String)> {
        match self.flash.as_ref()? {
            Flash::Done(done) => Some(("good", self.word("done", done.as_str()))),
            Flash::Refused(key) => Some(("bad", self.t(key))),
        }
    }

    /// The word for a value of a family, such as `("channel", "email")`.
    pub fn word(&self, family: &str, name: &str) -> String {
        words::word(self.language, family, name)
    }

    /// Weekday, date in both calendars, time.
    pub fn date_time(&self, at: &At) -> String {
        dates::date_time(self.language, *at, &self.zone)
    }

    /// Date and time, for lists.
    pub fn short(&self, at: &At) -> String {
        dates::short(self.language, *at, &self.zone)
    }

    /// For the `datetime` attribute.
    pub fn iso(&self, at: &At) -> String {
        at.rfc3339()
    }

    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// A size in bytes, as people read it.
    pub fn size(&self, bytes: &u64) -> String {
        match bytes.div_ceil(1024) {
            kibibytes @ 0..1024 => self.t1("size-kb", "count", Value::own(kibibytes.to_string())),
            kibibytes => self.t1("size-mb", "count", Value::own(format!("{:.1}", kibibytes as f64 / 1024.0))),
        }
    }

    /// A title for the browser's tab: what it is, then whose.
    pub fn title(&self, what: String) -> String {
        format!("{what} – {}", self.charity)
    }

    pub fn sample(language: Language, path: &str) -> Self {
        let charity = crate::domain::Bilingual::new("جمعية البر الخيرية بالخفجي", "Al-Birr Charitable Society in Khafji");
        Self {
            language,
            charity: charity.get(language).to_owned(),
            path: path.to_owned(),
            contact: Contact::sample(language),
            zone: crate::domain::calendar::Calendar::riyadh().zone,
            flash: None,
        }
    }
}

/// A member of staff who looks at the desk.
#[derive(Clone)]
pub struct Viewer {
    pub name: String,
    pub role: Role,
    /// Where they may go, in the order of the menu.
    pub places: Vec<Place>,
}

crate::domain::ticket::named! {
    /// A place in the desk's menu.
    Place {
        Queue = "queue",
        New = "new",
        People = "people",
        Inbox = "inbox",
        Outbox = "outbox",
        Account = "account",
    }
}

impl Place {
    pub fn url(self) -> &'static str {
        match self {
            Place::Queue => "/desk",
            Place::New => "/desk/new",
            Place::People => "/desk/people",
            Place::Inbox => "/desk/inbox",
            Place::Outbox => "/desk/outbox",
            Place::Account => "/desk/account",
        }
    }
}

impl Viewer {
    pub fn sample(language: Language) -> Self {
        let name = crate::domain::Bilingual::new("أحمد العتيبي", "Ahmad Al-Otaibi");
        Self { name: name.get(language).to_owned(), role: Role::Admin, places: Place::ALL.to_vec() }
    }
}
