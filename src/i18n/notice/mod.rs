//! The automatic notices: one typed struct each, put into words in the reader's language.
//!
//! Architecture invariants
//! - The acknowledgement repeats nothing that the sender wrote, nor their name: it can't be used to send words to a stranger.
//! - What staff are told of a confidential ticket holds no name and no text: the struct has then nothing to show.
//! - Links stand on a line of their own without isolates, so that every mail program finds where they end.
//!
//! To add one: a struct with `sample()`, its keys in both languages, and a line in `samples`.

mod sender;
mod staff;

pub use sender::{Answer, Assigned, Question, Received, Rejected, Reopened, Resolved};
pub use staff::{Alert, Glimpse, HandedOver, SenderWroteAlert};

use super::{Value, isolated, text, text_with};
use crate::domain::{Bilingual, Language};

/// A message that the service writes by itself.
pub trait Notice {
    /// Its stable name, such as `received`.
    fn name(&self) -> &'static str;

    /// One line.
    fn subject(&self, language: Language) -> String;

    /// Plain text in paragraphs, ending with a line break.
    fn text(&self, language: Language) -> String;
}

/// A notice being written, paragraph by paragraph.
struct Letter {
    language: Language,
    paragraphs: Vec<String>,
}

impl Letter {
    fn new(language: Language) -> Self {
        Self { language, paragraphs: Vec::new() }
    }

    fn say(mut self, key: &str, values: &[(&str, Value)]) -> Self {
        self.paragraphs.push(text_with(self.language, key, values));
        self
    }

    /// `key` before what somebody else wrote.
    fn quote(mut self, key: &str, words: &str) -> Self {
        self.paragraphs.push(format!("{}\n{}", text(self.language, key), isolated(words.trim())));
        self
    }

    /// `key` before a link, when there is one.
    fn link(mut self, key: &str, url: Option<&str>) -> Self {
        if let Some(url) = url {
            self.paragraphs.push(format!("{}\n{url}", text(self.language, key)));
        }
        self
    }

    /// Lines of a label and its value; those without a value are left out.
    fn facts(mut self, facts: &[(&str, Option<Value>)]) -> Self {
        let line = |(key, value): &(&str, Option<Value>)| value.clone().map(|value| text_with(self.language, key, &[("value", value)]));
        self.paragraphs.push(facts.iter().filter_map(line).collect::<Vec<_>>().join("\n"));
        self
    }

    /// The charity's name under the letter.
    fn close(self, key: &str, charity: &Bilingual) -> String {
        let charity = charity.get(self.language).to_owned();
        let letter = self.say(key, &[("charity", charity.into())]);
        letter.paragraphs.join("\n\n") + "\n"
    }
}

/// One filled sample of every notice.
pub fn samples() -> Vec<Box<dyn Notice>> {
    vec![
        Box::new(Received::sample()),
        Box::new(Assigned::sample()),
        Box::new(Question::sample()),
        Box::new(Answer::sample()),
        Box::new(Resolved::sample()),
        Box::new(Rejected::sample()),
        Box::new(Reopened::sample()),
        Box::new(Alert::sample()),
        Box::new(Alert::sample_confidential()),
        Box::new(SenderWroteAlert::sample()),
        Box::new(HandedOver::sample()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_reads_well_in_both_languages() {
        let mut letters = String::new();
        for language in [Language::Ar, Language::En] {
            for notice in samples() {
                let (subject, text) = (notice.subject(language), notice.text(language));
                assert!(!subject.contains('\n') && !text.contains("notice-") && !text.contains('{'), "{}", notice.name());
                letters += &format!("═══ {} ({language})\n{subject}\n───\n{text}\n", notice.name());
            }
        }
        // Isolates are shown as ⟦ and ⟧, so that a reader of the snapshot sees them.
        insta::assert_snapshot!(letters.replace('\u{2068}', "⟦").replace('\u{2069}', "⟧"));
    }

    #[test]
    fn an_alert_about_a_confidential_ticket_shows_nothing_of_it() {
        let text = Alert::sample_confidential().text(Language::Ar);
        assert!(text.contains("26-004183-"), "{text}");
        for hidden in ["مريم", "السلة"] {
            assert!(!text.contains(hidden) && Alert::sample().text(Language::Ar).contains(hidden), "{hidden}");
        }
    }

    #[test]
    fn a_link_is_alone_on_its_line() {
        for language in [Language::Ar, Language::En] {
            for notice in samples() {
                for line in notice.text(language).lines().filter(|line| line.contains("https://")) {
                    assert!(line.starts_with("https://") && line.is_ascii(), "{}: {line}", notice.name());
                }
            }
        }
    }
}
