//! Words for people: every text of the service in Arabic (the source) and English, dates in both calendars, and the
//! automatic notices.
//!
//! Architecture invariants
//! - Pure, and knows only `domain`. Deeper modules carry a key and arguments; they are put into words here, where the
//!   reader's language is known.
//! - A sentence is one key, never glued from pieces.
//! - What comes from outside (names, texts, references) stands between isolates (U+2068, U+2069) and has lost its own
//!   direction marks, so that it can't turn the words around it.
//!
//! To add a text: the key in `ar.ftl` and in `en.ftl`, with the same variables. `tests/words.rs` finds what is missing and
//! what nobody uses.

pub mod dates;
pub mod notice;
pub mod words;

use crate::domain::Language;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use std::sync::OnceLock;

const ARABIC: &str = include_str!("ar.ftl");
const ENGLISH: &str = include_str!("en.ftl");

/// What a variable of a text is filled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// From outside the service's own words: set between isolates.
    Foreign(String),
    /// The service's own words in the language of the text, such as a date: set as it is.
    Own(String),
    /// Also chooses the plural form.
    Number(i64),
}

impl Value {
    pub fn own(words: impl Into<String>) -> Self {
        Value::Own(words.into())
    }

    fn fluent(&self) -> FluentValue<'static> {
        match self {
            Value::Foreign(text) => isolated(text).into(),
            Value::Own(text) => text.clone().into(),
            Value::Number(number) => (*number).into(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Foreign(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Foreign(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Foreign(text.clone())
    }
}

impl From<crate::domain::Reference> for Value {
    fn from(reference: crate::domain::Reference) -> Self {
        Value::Foreign(reference.to_string())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// The text of a key without variables; the Arabic one when the language lacks it, else the key itself.
pub fn text(language: Language, key: &str) -> String {
    text_with(language, key, &[])
}

/// The text of a key, its variables filled in.
pub fn text_with(language: Language, key: &str, values: &[(&str, Value)]) -> String {
    let mut args = FluentArgs::with_capacity(values.len());
    for (name, value) in values {
        args.set((*name).to_owned(), value.fluent());
    }
    [language, Language::Ar].into_iter().find_map(|language| format(bundle(language), key, &args)).unwrap_or_else(|| key.to_owned())
}

/// Whether there is a text for the key in that very language.
pub fn has(language: Language, key: &str) -> bool {
    bundle(language).has_message(key)
}

/// A text from outside, made harmless for the line it stands in: its own direction marks are taken out, and each of its
/// lines stands between isolates (a line break ends an isolate: UAX #9 §3.3.2, X8).
pub fn isolated(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line: String = line.chars().filter(|c| !is_direction_mark(*c)).collect();
        if line.trim().is_empty() { String::new() } else { format!("\u{2068}{line}\u{2069}") }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Embeddings, overrides and isolates. Plain marks (U+200E, U+200F, U+061C) turn nothing but their neighbours and stay.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn format(bundle: &FluentBundle<FluentResource>, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let message = bundle.get_message(key)?;
    let mut faults = Vec::new();
    let text = bundle.format_pattern(message.value()?, Some(args), &mut faults).into_owned();
    debug_assert!(faults.is_empty(), "{key}: {faults:?}");
    Some(text)
}

/// The texts of a language, read once: constant data.
fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: [OnceLock<FluentBundle<FluentResource>>; 2] = [OnceLock::new(), OnceLock::new()];
    match language {
        Language::Ar => BUNDLES[0].get_or_init(|| read(unic_langid::langid!("ar"), ARABIC)),
        Language::En => BUNDLES[1].get_or_init(|| read(unic_langid::langid!("en"), ENGLISH)),
    }
}

/// What is wrong in a file of texts costs that text only; `every_text_is_well_formed` finds it before it is shipped.
fn read(language: unic_langid::LanguageIdentifier, source: &str) -> FluentBundle<FluentResource> {
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Isolates are set by `Value`, which knows what is foreign.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_well_formed() {
        for (name, source) in [("ar.ftl", ARABIC), ("en.ftl", ENGLISH)] {
            if let Err((_, faults)) = FluentResource::try_new(source.to_owned()) {
                panic!("{name}: {faults:?}");
            }
            let resource = FluentResource::try_new(source.to_owned()).ok();
            let mut bundle = FluentBundle::new_concurrent(vec![]);
            let doubled = resource.map(|resource| bundle.add_resource(resource));
            assert!(matches!(doubled, Some(Ok(()))), "{name} has a key twice: {doubled:?}");
        }
    }

    #[test]
    fn counts_take_the_six_arabic_plural_forms() {
        let count = |n: i64| text_with(Language::Ar, "count-tickets", &[("count", n.into())]);
        assert_eq!([0, 1, 2, 3, 11, 100].map(count), ["لا طلبات", "طلب واحد", "طلبان", "3 طلبات", "11 طلبًا", "100 طلب"].map(str::to_owned));
    }

    #[test]
    fn a_foreign_text_cannot_turn_the_words_around_it() {
        assert_eq!(isolated("ab\u{202E}cd\u{2069}\n\nعلي"), "\u{2068}abcd\u{2069}\n\n\u{2068}علي\u{2069}");
        let text = text_with(Language::Ar, "reason-rule", &[("detail", "\u{202E}x".into())]);
        assert!(text.contains("\u{2068}x\u{2069}") && !text.contains('\u{202E}'), "{text}");
    }

    #[test]
    fn an_unknown_key_is_shown_as_itself() {
        assert_eq!(text(Language::En, "no-such-key"), "no-such-key");
    }
}
