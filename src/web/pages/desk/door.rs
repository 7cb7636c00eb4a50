//! `/desk/sign-in` and `/desk/welcome/{token}`: the way in.
//!
//! Forms: `POST /desk/sign-in` (`email`, `password`, `next`); `POST /desk/welcome/{token}` (`password`, `again`).

use crate::{
    domain::Language,
    web::pages::{Faults, Frame, Line, form::Entry},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "desk/sign_in.html")]
pub struct SignIn {
    pub frame: Frame,
    pub email: String,
    /// Where to go afterwards: a path of the desk.
    pub next: String,
    /// The key of what is wrong; never which of the two inputs.
    pub fault: Option<&'static str>,
}

impl SignIn {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("sign-title")
    }

    pub fn lines(&self) -> Vec<Line> {
        let frame = &self.frame;
        vec![
            Line::new("email", frame.t("sign-account"), Entry::Account).value(&self.email).required(true),
            Line::new("password", frame.t("form-password"), Entry::Password).required(true),
        ]
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/desk/sign-in"),
            email: "ahmad@example.org".to_owned(),
            next: "/desk".to_owned(),
            fault: Some("fault-sign_in"),
        }
    }
}

/// The first password, by a link that works once.
#[derive(Clone, Template)]
#[template(path = "desk/welcome.html")]
pub struct Welcome {
    pub frame: Frame,
    pub token: String,
    pub name: String,
    /// `password` or `again`.
    pub faults: Faults,
}

impl Welcome {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t1("welcome-title", "name", &self.name)
    }

    pub fn lines(&self) -> Vec<Line> {
        new_password(&self.frame, &self.faults)
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/desk/welcome/x"),
            token: "x".to_owned(),
            name: "أحمد العتيبي".to_owned(),
            faults: [("again".to_owned(), "fault-password_differs")].into(),
        }
    }
}

/// A password to be set, written twice.
pub(super) fn new_password(frame: &Frame, faults: &Faults) -> Vec<Line> {
    let lines = [
        Line::new("password", frame.t("form-password-new"), Entry::NewPassword).hint(frame.t("form-password-hint")),
        Line::new("again", frame.t("form-password-again"), Entry::NewPassword),
    ];
    lines.into_iter().map(|line| line.required(true).fault_of(faults)).collect()
}
