//! The texts that a configuration is made of, and how a place in one of them is shown: line, column, excerpt.
//!
//! Architecture invariant: what may be a secret is never shown. An excerpt of `tawasul.toml` shows a value only when its
//! key is known and is not that of a secret; a value under a misspelled key may be a password too.

use super::{
    keys,
    mistake::{Excerpt, Mistake},
};

/// Where a text came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    File,
    /// Compiled in.
    BuiltIn,
    /// One environment variable; its text is never shown.
    Environment,
}

/// One text.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub name: String,
    pub text: String,
    pub origin: Origin,
    /// Whether passwords may stand in it.
    pub secretive: bool,
}

/// A part of a source, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    pub source: usize,
    pub start: usize,
    pub end: usize,
}

/// All sources of one configuration, and the mistakes found in them.
#[derive(Debug, Default)]
pub(super) struct Sources {
    sources: Vec<Source>,
    pub mistakes: Vec<Mistake>,
}

impl Sources {
    /// Takes a source in; its number goes into the places.
    pub fn add(&mut self, source: Source) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }

    /// Notes a mistake at a place.
    pub fn wrong(&mut self, place: Place, message: impl Into<String>, hint: impl Into<String>) {
        let (message, hint) = (message.into(), hint.into());
        let Some(source) = self.sources.get(place.source) else { return };
        let mut mistake = Mistake { file: source.name.clone(), line: 0, column: 0, message, hint, excerpt: None };
        if source.origin != Origin::Environment {
            let seen = look(&source.text, place);
            mistake.line = seen.line;
            mistake.column = seen.start + 1;
            mistake.excerpt = (!seen.text.trim().is_empty()).then(|| excerpt(&seen, source.secretive));
        }
        self.mistakes.push(mistake);
    }

    /// Notes a mistake of a file as a whole, or of a variable.
    pub fn wrong_file(&mut self, file: impl Into<String>, message: impl Into<String>, hint: impl Into<String>) {
        let (file, message, hint) = (file.into(), message.into(), hint.into());
        self.mistakes.push(Mistake { file, line: 0, column: 0, message, hint, excerpt: None });
    }
}

struct Seen<'a> {
    /// From 1.
    line: usize,
    text: &'a str,
    /// In characters from the beginning of the line.
    start: usize,
    length: usize,
}

/// The line in which a place begins. Places beyond the text, or inside a character, are moved to what exists.
fn look(text: &str, place: Place) -> Seen<'_> {
    let start = floor(text, place.start);
    let end = floor(text, place.end).max(start);
    let before = &text[..start];
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let until = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = text[from..until].trim_end_matches('\r');
    let start_in_line = (start - from).min(line.len());
    let end_in_line = (end - from).clamp(start_in_line, line.len());
    Seen {
        line: before.matches('\n').count() + 1,
        text: line,
        start: line[..start_in_line].chars().count(),
        length: line[start_in_line..end_in_line].chars().count(),
    }
}

fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The longest line that is shown, in characters.
const WIDTH: usize = 160;

fn excerpt(seen: &Seen<'_>, secretive: bool) -> Excerpt {
    let shown: String = seen.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = if secretive { safe_length(&shown) } else { shown.chars().count() }.min(WIDTH);
    if cut == shown.chars().count() {
        return Excerpt { text: shown, start: seen.start, length: seen.length };
    }
    let text = format!("{}…", shown.chars().take(cut).collect::<String>());
    let start = seen.start.min(cut);
    Excerpt { text, start, length: seen.length.min(cut + 1 - start) }
}

/// How much of a line may be shown, in characters: all of it when it is a table's header or a known key that is not secret;
/// else up to the first `=` when what stands before it looks like a key; else nothing.
fn safe_length(line: &str) -> usize {
    let all = line.chars().count();
    let trimmed = line.trim_start();
    if trimmed.starts_with('[') && !trimmed.contains(['"', '\'', '=']) {
        return all;
    }
    let Some((key, value)) = line.split_once('=') else { return 0 };
    let name = key.trim().rsplit('.').next().unwrap_or("").trim();
    if keys::may_be_shown(name) && !value.contains(['=', '{']) && !keys::sounds_secret(value) {
        return all;
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    if !key.trim().chars().all(plain) {
        return 0;
    }
    key.chars().count() + 2
}
