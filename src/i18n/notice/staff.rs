//! What staff are told: a new ticket, a new message of its sender, a ticket handed over to them.

use super::{Letter, Notice, sender::sample};
use crate::{
    domain::{At, Bilingual, Language, Reference},
    i18n::{Value, dates, text_with, words::Reason},
};
use jiff::tz::TimeZone;

/// The little that a notice shows of a ticket that is not confidential.
#[derive(Clone)]
pub struct Glimpse {
    /// The sender's first name only.
    pub first_name: Option<String>,
    /// The beginning of what they wrote; see [`Glimpse::excerpt_of`].
    pub excerpt: String,
}

/// The longest excerpt, in characters.
const EXCERPT_CHARS: usize = 280;

impl Glimpse {
    /// The beginning of a text, cut between words where it can be.
    pub fn excerpt_of(text: &str) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= EXCERPT_CHARS {
            return text;
        }
        let cut: String = text.chars().take(EXCERPT_CHARS).collect();
        let end = cut.rfind(' ').filter(|end| *end > cut.len() / 2).unwrap_or(cut.len());
        format!("{}…", &cut[..end])
    }
}

/// A ticket has come to the reader.
#[derive(Clone)]
pub struct Alert {
    pub reference: Reference,
    pub kind: Bilingual,
    pub department: Bilingual,
    /// `None` for a confidential ticket: no name and no text leaves the desk.
    pub glimpse: Option<Glimpse>,
    pub due: At,
    pub zone: TimeZone,
    pub desk_url: String,
    /// Why it came to the reader.
    pub reason: Reason,
    pub charity: Bilingual,
}

impl Notice for Alert {
    fn name(&self) -> &'static str {
        "alert"
    }

    fn subject(&self, language: Language) -> String {
        let kind = self.kind.get(language);
        text_with(language, "notice-alert-subject", &[("reference", self.reference.into()), ("kind", kind.into())])
    }

    fn text(&self, language: Language) -> String {
        let due = dates::date_time(language, self.due, &self.zone);
        let letter = Letter::new(language).say("notice-alert-intro", &[]).facts(&[
            ("notice-fact-reference", Some(self.reference.into())),
            ("notice-fact-kind", Some(self.kind.get(language).into())),
            ("notice-fact-department", Some(self.department.get(language).into())),
            ("notice-fact-sender", self.glimpse.as_ref().and_then(|g| g.first_name.as_deref()).map(Value::from)),
            ("notice-fact-due", Some(Value::own(due))),
            ("notice-fact-reason", Some(Value::own(self.reason.in_words(language)))),
        ]);
        shown(letter, self.glimpse.as_ref()).link("notice-desk", Some(&self.desk_url)).close("notice-staff-close", &self.charity)
    }
}

/// The sender of the reader's ticket has written again.
#[derive(Clone)]
pub struct SenderWroteAlert {
    pub reference: Reference,
    pub kind: Bilingual,
    /// `None` for a confidential ticket.
    pub glimpse: Option<Glimpse>,
    pub desk_url: String,
    pub charity: Bilingual,
}

impl Notice for SenderWroteAlert {
    fn name(&self) -> &'static str {
        "sender_wrote_alert"
    }

    fn subject(&self, language: Language) -> String {
        text_with(language, "notice-wrote-subject", &[("reference", self.reference.into())])
    }

    fn text(&self, language: Language) -> String {
        let letter = Letter::new(language).say("notice-wrote-intro", &[]).facts(&[
            ("notice-fact-reference", Some(self.reference.into())),
            ("notice-fact-kind", Some(self.kind.get(language).into())),
            ("notice-fact-sender", self.glimpse.as_ref().and_then(|g| g.first_name.as_deref()).map(Value::from)),
        ]);
        shown(letter, self.glimpse.as_ref()).link("notice-desk", Some(&self.desk_url)).close("notice-staff-close", &self.charity)
    }
}

/// A colleague has handed a ticket over to the reader.
#[derive(Clone)]
pub struct HandedOver {
    pub reference: Reference,
    pub kind: Bilingual,
    pub department: Bilingual,
    /// The colleague.
    pub by: Bilingual,
    /// In the colleague's own words; `None` for a confidential ticket.
    pub reason: Option<String>,
    pub due: At,
    pub zone: TimeZone,
    pub desk_url: String,
    pub charity: Bilingual,
}

impl Notice for HandedOver {
    fn name(&self) -> &'static str {
        "handed_over"
    }

    fn subject(&self, language: Language) -> String {
        text_with(language, "notice-handed-subject", &[("reference", self.reference.into())])
    }

    fn text(&self, language: Language) -> String {
        let due = dates::date_time(language, self.due, &self.zone);
        let letter = Letter::new(language).say("notice-handed-intro", &[("by", self.by.get(language).into())]).facts(&[
            ("notice-fact-reference", Some(self.reference.into())),
            ("notice-fact-kind", Some(self.kind.get(language).into())),
            ("notice-fact-department", Some(self.department.get(language).into())),
            ("notice-fact-due", Some(Value::own(due))),
        ]);
        let letter = match &self.reason {
            Some(reason) => letter.quote("notice-handed-reason", reason),
            None => letter,
        };
        letter.link("notice-desk", Some(&self.desk_url)).close("notice-staff-close", &self.charity)
    }
}

fn shown(letter: Letter, glimpse: Option<&Glimpse>) -> Letter {
    match glimpse {
        Some(glimpse) => letter.quote("notice-excerpt", &glimpse.excerpt),
        None => letter.say("notice-confidential", &[]),
    }
}

const DESK_URL: &str = "https://tawasul.example.org/desk/tickets/26-004183-4";

fn glimpse() -> Glimpse {
    Glimpse {
        first_name: Some("مريم".to_owned()), excerpt: Glimpse::excerpt_of("لم تصلنا السلة الغذائية منذ شهرين.\nأرجو النظر.")
    }
}

impl Alert {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            kind: sample::kind(),
            department: sample::department(),
            glimpse: Some(glimpse()),
            due: sample::due(),
            zone: sample::zone(),
            desk_url: DESK_URL.to_owned(),
            reason: Reason::new("rule", Bilingual::new("شكاوى السلال الغذائية", "Complaints about food baskets")),
            charity: sample::charity(),
        }
    }

    pub fn sample_confidential() -> Self {
        Self { glimpse: None, ..Self::sample() }
    }
}

impl SenderWroteAlert {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            kind: sample::kind(),
            glimpse: Some(glimpse()),
            desk_url: DESK_URL.to_owned(),
            charity: sample::charity(),
        }
    }
}

impl HandedOver {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            kind: sample::kind(),
            department: sample::department(),
            by: sample::officer(),
            reason: Some("العنوان تابع لفرعكم".to_owned()),
            due: sample::due(),
            zone: sample::zone(),
            desk_url: DESK_URL.to_owned(),
            charity: sample::charity(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_cut_between_words_and_never_inside_a_character() {
        let long = "كلمة طويلة 👍🏽 ".repeat(60);
        let excerpt = Glimpse::excerpt_of(&long);
        assert!(excerpt.ends_with('…') && excerpt.chars().count() <= EXCERPT_CHARS + 1);
        assert_eq!(Glimpse::excerpt_of(&"x".repeat(400)).chars().count(), EXCERPT_CHARS + 1);
        assert_eq!(Glimpse::excerpt_of(" a\n\n b "), "a b");
    }
}
