//! `GET /receipt?…`: the number and the PIN, to be kept.

use crate::{
    domain::{At, Language},
    web::pages::Frame,
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "portal/receipt.html")]
pub struct Receipt {
    pub frame: Frame,
    pub reference: String,
    /// Left out for a message that joined an older ticket: its PIN is known already.
    pub pin: Option<String>,
    pub kind: String,
    pub department: String,
    /// By when an answer was promised.
    pub due: At,
    /// The addresses that notices go to, masked; empty when none was left.
    pub told_at: Vec<String>,
    /// A telephone number was left, by which we call and send nothing.
    pub called: bool,
}

impl Receipt {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("receipt-title")
    }

    /// Nothing is sent to the sender: these two numbers are the way to our answer.
    pub fn only_way_back(&self) -> bool {
        self.told_at.is_empty()
    }

    /// What to do with the two numbers, in a sentence.
    pub fn keep_them(&self) -> String {
        match (self.only_way_back(), self.called) {
            (false, _) => self.frame.t("receipt-keep"),
            (true, true) => self.frame.t("receipt-called"),
            (true, false) => self.frame.t("receipt-only-way"),
        }
    }

    pub fn sample(language: Language) -> Self {
        let ar = language == Language::Ar;
        Self {
            frame: Frame::sample(language, "/receipt?t=x"),
            reference: "26-004183-4".to_owned(),
            pin: Some("822465".to_owned()),
            kind: if ar { "شكوى" } else { "Complaint" }.to_owned(),
            department: if ar { "إدارة المساعدات" } else { "the Aid Department" }.to_owned(),
            due: At(1_795_698_000_000_000),
            told_at: vec!["+966…567".to_owned()],
            called: true,
        }
    }
}
