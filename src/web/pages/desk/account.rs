//! `/desk/account`: the viewer's own password, absence and language.
//!
//! Forms: `POST /desk/account/password` (`current`, `password`, `again`), `/desk/account/absence` (`until`, empty when present),
//! `/desk/account/language` (`language`).

use super::door::new_password;
use crate::{
    domain::Language,
    web::pages::{Faults, Frame, Line, Place, Viewer, form::Entry},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/account.html")]
pub struct Account {
    pub frame: Frame,
    pub viewer: Viewer,
    /// The last day of absence, `YYYY-MM-DD`; empty when present.
    pub absent_until: String,
    /// The language of notices to this person.
    pub language: Language,
    pub faults: Faults,
}

impl Account {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("place-account")
    }

    pub fn here(&self) -> Place {
        Place::Account
    }

    pub fn password_lines(&self) -> Vec<Line> {
        let current = Line::new("current", self.frame.t("form-password-current"), Entry::Password).required(true).fault_of(&self.faults);
        [current].into_iter().chain(new_password(&self.frame, &self.faults)).collect()
    }

    pub fn absence_lines(&self) -> Vec<Line> {
        vec![
            Line::new("until", self.frame.t("account-until"), Entry::Date)
                .hint(self.frame.t("account-until-hint"))
                .value(&self.absent_until)
                .fault_of(&self.faults),
        ]
    }

    pub fn language_lines(&self) -> Vec<Line> {
        vec![
            Line::new("language", self.frame.t("account-language"), Entry::Buttons)
                .options(crate::web::pages::portal::languages())
                .value(self.language.code())
                .required(true),
        ]
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/desk/account"),
            viewer: Viewer::sample(language),
            absent_until: "2026-11-29".to_owned(),
            language,
            faults: Faults::new(),
        }
    }
}
