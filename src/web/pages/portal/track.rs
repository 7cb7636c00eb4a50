//! `/track`: sign in with reference and PIN, then see how far it is, answer, and say whether it is solved.
//!
//! Forms: `POST /track` (`reference`, `pin`, and of a reply that waits `nonce`, `text`, `kept`); `POST /track/reply` (multipart:
//! `reference`, `nonce`, `text`, `files`, `kept`);
//! `POST /track/solved` (`answer` = `yes` or `no`); `POST /track/leave`.

use crate::{
    domain::{At, Language, Reference, Status},
    web::pages::{Conversation, Faults, Frame, KeptFile, Line, form::Entry},
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "portal/track_login.html")]
pub struct TrackLogin {
    pub frame: Frame,
    pub reference: String,
    /// `reference`, `pin`, or `both` when the two do not belong together.
    pub faults: Faults,
    /// What was written when the way in had closed meanwhile.
    pub draft: Option<Unsent>,
}

/// A reply that is sent as soon as the PIN is given again.
#[derive(Clone)]
pub struct Unsent {
    pub nonce: String,
    pub text: String,
    pub kept: Vec<KeptFile>,
}

impl TrackLogin {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t(if self.draft.is_some() { "track-again-title" } else { "track-login-title" })
    }

    pub fn lead(&self) -> String {
        self.frame.t(if self.draft.is_some() { "track-again-lead" } else { "track-login-lead" })
    }

    pub fn button(&self) -> String {
        self.frame.t(if self.draft.is_some() { "track-again-button" } else { "track-login-button" })
    }

    /// Whose ticket it is stands fast: the reply was written to it.
    pub fn is_settled(&self) -> bool {
        self.draft.is_some() && self.reference.parse::<Reference>().is_ok()
    }

    pub fn lines(&self) -> Vec<Line> {
        let (frame, digits) = (&self.frame, Entry::Digits);
        let pin = Line::new("pin", frame.t("form-pin"), digits).hint(frame.t("form-pin-hint"));
        let reference = Line::new("reference", frame.t("form-reference"), digits).hint(frame.t("form-reference-hint"));
        let lines = if self.is_settled() { vec![pin] } else { vec![reference.value(&self.reference), pin] };
        lines.into_iter().map(|line| line.required(true).fault_of(&self.faults)).collect()
    }

    /// What was written, to be seen and still changed.
    pub fn written(&self, draft: &Unsent) -> Line {
        Line::new("text", self.frame.t("track-again-text"), Entry::Paragraph(4)).value(&draft.text).required(true)
    }

    pub fn fault(&self) -> Option<&'static str> {
        self.faults.get("both").copied()
    }

    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "/track"),
            reference: "26-004183-4".to_owned(),
            faults: [("both".to_owned(), "fault-track")].into(),
            draft: None,
        }
    }

    pub fn sample_again(language: Language) -> Self {
        let text =
            if language == Language::Ar { "نعم، انتقلنا إلى حي النهضة." } else { "Yes, we moved to An-Nahdah." };
        let kept = vec![KeptFile { token: "k1".to_owned(), name: "عقد الإيجار.pdf".to_owned(), size: 230_400 }];
        let draft = Unsent { nonce: "Zk0s8vY3".to_owned(), text: text.to_owned(), kept };
        Self { faults: Faults::new(), draft: Some(draft), ..Self::sample(language) }
    }
}

#[derive(Clone, Template)]
#[template(path = "portal/track.html")]
pub struct Track {
    pub frame: Frame,
    pub reference: String,
    pub kind: String,
    pub department: String,
    /// The officer's name, when the charity shows it.
    pub officer: Option<String>,
    pub status: Status,
    pub opened: At,
    /// By when an answer was promised; `None` once settled.
    pub due: Option<At>,
    pub conversation: Conversation,
    pub nonce: String,
    /// What was typed in the reply box, kept through a fault.
    pub typed: String,
    pub faults: Faults,
    pub kept: Vec<KeptFile>,
    pub file_limit_mb: u64,
}

/// One of the steps that a ticket goes through, as its sender sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Its text's key.
    pub key: &'static str,
    pub standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    Done,
    Now,
    Ahead,
}

impl Standing {
    pub fn is_now(self) -> bool {
        self == Standing::Now
    }

    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Standing::Done => "done",
            Standing::Now => "now",
            Standing::Ahead => "ahead",
        }
    }
}

impl Track {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("foot-track")
    }

    pub fn steps(&self) -> Vec<Step> {
        let now = match self.status {
            Status::New => 0,
            Status::Assigned => 1,
            Status::InProgress | Status::WaitingSender | Status::WaitingThirdParty | Status::Reopened => 2,
            Status::Resolved | Status::Closed | Status::Rejected | Status::Duplicate | Status::Spam => 3,
        };
        let keys = ["track-step-received", "track-step-assigned", "track-step-working", "track-step-finished"];
        let standing = |step: usize| match step.cmp(&now) {
            std::cmp::Ordering::Less => Standing::Done,
            std::cmp::Ordering::Equal if step == 3 => Standing::Done,
            std::cmp::Ordering::Equal => Standing::Now,
            std::cmp::Ordering::Greater => Standing::Ahead,
        };
        keys.into_iter().enumerate().map(|(step, key)| Step { key, standing: standing(step) }).collect()
    }

    pub fn status_in_words(&self) -> String {
        crate::i18n::words::status_for_sender(self.frame.language, self.status)
    }

    pub fn asks_whether_solved(&self) -> bool {
        self.status == Status::Resolved
    }

    pub fn reply(&self) -> Line {
        let key = if self.status == Status::WaitingSender { "track-reply-answer" } else { "track-reply" };
        Line::new("text", self.frame.t(key), Entry::Paragraph(4)).value(&self.typed).required(true).fault_of(&self.faults)
    }

    pub fn fault(&self, name: &str) -> Option<&'static str> {
        self.faults.get(name).copied()
    }

    pub fn sample(language: Language) -> Self {
        let ar = language == Language::Ar;
        Self {
            frame: Frame::sample(language, "/track"),
            reference: "26-004183-4".to_owned(),
            kind: if ar { "شكوى" } else { "Complaint" }.to_owned(),
            department: if ar { "إدارة المساعدات" } else { "the Aid Department" }.to_owned(),
            officer: Some(if ar { "أحمد العتيبي" } else { "Ahmad Al-Otaibi" }.to_owned()),
            status: Status::WaitingSender,
            opened: At(1_795_418_000_000_000),
            due: Some(At(1_795_698_000_000_000)),
            conversation: Conversation::sample(language, "/track/files", false),
            nonce: "Zk0s8vY2".to_owned(),
            typed: String::new(),
            faults: Faults::new(),
            kept: Vec::new(),
            file_limit_mb: 20,
        }
    }

    pub fn sample_resolved(language: Language) -> Self {
        Self { status: Status::Resolved, due: None, ..Self::sample(language) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_lead_from_received_to_finished() {
        let standings = |status| {
            let track = Track { status, ..Track::sample(Language::Ar) };
            track.steps().iter().map(|step| step.standing).collect::<Vec<_>>()
        };
        use Standing::{Ahead, Done, Now};
        assert_eq!(standings(Status::New), [Now, Ahead, Ahead, Ahead]);
        assert_eq!(standings(Status::WaitingSender), [Done, Done, Now, Ahead]);
        assert_eq!(standings(Status::Resolved), [Done, Done, Done, Done]);
    }
}
