//! `GET /desk/new/slip`: the two numbers of a ticket that was just logged, to be read out or printed for the visitor.

use crate::{
    domain::{At, Language},
    i18n::{self, Value, dates},
    web::pages::{Frame, Place, Viewer},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/slip.html")]
pub struct Slip {
    pub frame: Frame,
    pub viewer: Viewer,
    /// The visitor's: the slip is theirs.
    pub language: Language,
    /// The charity's name in that language, and so are the kind and the department.
    pub charity: String,
    pub reference: String,
    pub pin: String,
    pub kind: String,
    pub department: String,
    /// By when an answer was promised.
    pub due: At,
    /// Whether the viewer may open the ticket.
    pub visible: bool,
}

impl Slip {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("slip-title")
    }

    pub fn here(&self) -> Place {
        Place::New
    }

    /// A text in the visitor's language.
    pub fn say(&self, key: &str) -> String {
        i18n::text(self.language, key)
    }

    pub fn read_by(&self) -> String {
        i18n::text_with(self.language, "receipt-next-read", &[("department", self.department.as_str().into())])
    }

    pub fn answered_by(&self) -> String {
        let due = dates::date_time(self.language, self.due, &self.frame.zone);
        i18n::text_with(self.language, "receipt-next-answer", &[("due", Value::Own(due))])
    }

    pub fn sample(language: Language) -> Self {
        let ar = language == Language::Ar;
        Self {
            frame: Frame::sample(language, "/desk/new/slip"),
            viewer: Viewer::sample(language),
            language,
            charity: Frame::sample(language, "/").charity,
            reference: "26-004183-4".to_owned(),
            pin: "822465".to_owned(),
            kind: if ar { "شكوى" } else { "Complaint" }.to_owned(),
            department: if ar { "إدارة المساعدات" } else { "the Aid Department" }.to_owned(),
            due: At(1_795_698_000_000_000),
            visible: true,
        }
    }
}
