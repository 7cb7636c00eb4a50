//! The words of all languages, indexed so that a line is not compared with each of them.

use super::{languages::LANGUAGES, words::Field};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Phrases by their first word.
pub struct Phrases(HashMap<&'static str, Vec<&'static str>>);

impl Phrases {
    fn of(phrases: impl Iterator<Item = &'static str>) -> Self {
        let mut index: HashMap<&str, Vec<&str>> = HashMap::new();
        for phrase in phrases {
            let first = first_word(phrase);
            index.entry(first).or_default().push(phrase);
        }
        Phrases(index)
    }

    /// The phrases that `text` (lower case) begins with.
    pub fn beginning<'t>(&self, text: &'t str) -> impl Iterator<Item = &'static str> + use<'_, 't> {
        let phrases = self.0.get(first_word(text)).map(Vec::as_slice).unwrap_or_default();
        phrases.iter().copied().filter(move |phrase| text.starts_with(phrase))
    }
}

/// The letters and marks up to the first space or sign.
fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '(' | '<' | '/' | '"')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// Whether a script does without spaces between words.
pub fn is_spaceless(c: char) -> bool {
    c >= '\u{E00}'
}

/// "wrote", in languages that put spaces between words.
pub static WROTE: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(wrote().filter(|phrase| !phrase.starts_with(is_spaceless))));
/// The same in languages that do not.
pub static WROTE_JOINED: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| wrote().filter(|phrase| phrase.starts_with(is_spaceless)).collect());
/// The last words of the first.
pub static WROTE_LAST: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| wrote().filter_map(|phrase| phrase.split_whitespace().next_back()).collect());
pub static ON: LazyLock<Phrases> = LazyLock::new(|| Phrases::of(LANGUAGES.iter().flat_map(|language| language.on).copied()));
pub static ORIGINAL: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LANGUAGES.iter().flat_map(|language| language.original).copied().collect());
pub static FORWARDED: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LANGUAGES.iter().flat_map(|language| language.forwarded).copied().collect());
pub static FORWARD: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LANGUAGES.iter().flat_map(|language| language.forward).copied().collect());
pub static REGARDS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LANGUAGES.iter().flat_map(|language| language.regards).copied().collect());
pub static THANKS: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| LANGUAGES.iter().flat_map(|language| language.thanks).copied().collect());
/// Openings and endings of the lines of phones, by the first word of the opening.
pub static DEVICE: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut index: HashMap<&str, Vec<(&str, &str)>> = HashMap::new();
    for (opening, closing) in LANGUAGES.iter().flat_map(|language| language.device) {
        index.entry(first_word(opening)).or_default().push((*opening, *closing));
    }
    index
});

static FIELDS: LazyLock<HashMap<&'static str, Field>> = LazyLock::new(|| {
    let mut fields = HashMap::new();
    for language in &LANGUAGES {
        for (words, field) in [
            (language.further, Field::Further),
            (language.subject, Field::Subject),
            (language.to, Field::To),
            (language.sent, Field::Sent),
            (language.from, Field::From),
        ] {
            fields.extend(words.iter().map(|word| (*word, field)));
        }
    }
    fields
});

/// What `word` (lower case) names, when it stands before a colon.
pub fn field(word: &str) -> Option<Field> {
    FIELDS.get(word).copied()
}

/// Openings and endings of which one may fit a line that begins with the opening's first word (lower case), or has none.
pub fn devices<'l>(line: &'l str) -> impl Iterator<Item = (&'static str, &'static str)> + use<'l> {
    let first = DEVICE.get(first_word(line)).map(Vec::as_slice).unwrap_or_default();
    first.iter().chain(DEVICE.get("").map(Vec::as_slice).unwrap_or_default()).copied()
}

fn wrote() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().flat_map(|language| language.wrote).copied()
}
