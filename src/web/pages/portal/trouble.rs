//! The page for what went wrong: what it is, that nothing is lost, and what to do.

use crate::{domain::Language, web::pages::Frame};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "portal/trouble.html")]
pub struct TroublePage {
    pub frame: Frame,
    pub trouble: Trouble,
    /// Whether the reader is staff: then the way on leads to the desk.
    pub desk: bool,
}

crate::domain::ticket::named! {
    /// What went wrong, in words `trouble-…` and `trouble-do-…`.
    Trouble {
        NotFound = "not_found",
        TooManyAttempts = "too_many_attempts",
        /// A link or a session is over.
        Expired = "expired",
        /// The request came from another site.
        Forged = "forged",
        /// The upload is larger than allowed.
        TooLarge = "too_large",
        /// This person may not see it.
        NotAllowed = "not_allowed",
        /// Stored, but only a person can make a ticket of it.
        Received = "received",
        /// Our own fault.
        Broken = "broken",
    }
}

impl Trouble {
    /// The HTTP status that goes with it (RFC 9110 §15, RFC 6585 §4).
    pub fn status(self) -> u16 {
        match self {
            Trouble::NotFound => 404,
            Trouble::TooManyAttempts => 429,
            Trouble::Expired => 410,
            Trouble::Forged | Trouble::NotAllowed => 403,
            Trouble::TooLarge => 413,
            Trouble::Received => 202,
            Trouble::Broken => 500,
        }
    }
}

impl TroublePage {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.what()
    }

    pub fn what(&self) -> String {
        self.frame.word("trouble", self.trouble.as_str())
    }

    pub fn what_to_do(&self) -> String {
        self.frame.word("trouble-do", self.trouble.as_str())
    }

    pub fn sample(language: Language) -> Self {
        Self { frame: Frame::sample(language, "/nowhere"), trouble: Trouble::NotFound, desk: false }
    }
}
