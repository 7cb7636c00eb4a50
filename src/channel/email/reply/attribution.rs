//! The line above a quotation that says who wrote it, and when: known by its shape, not by whole sentences.
//!
//! It holds a date, a time or an address, often one of the words for "wrote", and ends with a colon or stands above a
//! quotation. Programs break it over up to six lines, so it is looked for from its end backwards.

use super::{
    lines::{Lines, bare, plain},
    words::LANGUAGES,
};

/// Lines of one attribution, and its bytes, at most.
const LINES: usize = 6;
const BYTES: usize = 600;

/// An attribution: its first line, and the line behind its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    pub begin: usize,
    pub end: usize,
    /// How many bytes of the first line (its `bare` form) stand before it: a program that forgot the line end.
    pub after: usize,
}

/// The attributions of a text, from top to bottom.
pub fn all(lines: &Lines<'_>) -> Vec<Attribution> {
    let mut found: Vec<Attribution> = Vec::new();
    for (at, line) in lines.all.iter().enumerate() {
        if line.bare.len() > BYTES || line.is_blank() || line.is_quote() {
            continue;
        }
        let Some(ending) = Ending::of(line.bare) else {
            continue;
        };
        let from = found.last().map_or(0, |last| last.end);
        found.extend(ending_at(lines, at, ending, from));
    }
    found
}

/// How the last line of what may be an attribution ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Colon,
    /// With "wrote", or with an address.
    Word,
    /// With dashes behind it.
    Dashes,
}

impl Ending {
    fn of(line: &str) -> Option<Self> {
        let undashed = line.trim_end_matches(['-', '_', '*', ' ']);
        if undashed.ends_with([':', '\u{FF1A}']) {
            return Some(Ending::Colon);
        }
        if line.ends_with("--") && (line.starts_with("--") || undashed.ends_with("wrote")) {
            return Some(Ending::Dashes);
        }
        let short = line.len() < 300;
        (short && (undashed.ends_with(['>', ')']) && line.contains('@') || short && ends_with_verb(&plain(last_words(line))))).then_some(Ending::Word)
    }
}

/// The end of a line in which a word for "wrote" can stand.
fn last_words(line: &str) -> &str {
    let from = line.char_indices().rev().nth(30).map_or(0, |(at, _)| at);
    line.get(from..).unwrap_or(line)
}

fn ending_at(lines: &Lines<'_>, last: usize, ending: Ending, from: usize) -> Option<Attribution> {
    let quoted = lines.quote_follows(last + 1) || lines.next(last + 1).is_some_and(|(_, line)| line.bare.starts_with("| "));
    if ending == Ending::Word && !quoted {
        return None;
    }
    let mut joined = String::new();
    let mut found: Option<(usize, Claim)> = None;
    for at in (from.max((last + 1).saturating_sub(LINES))..=last).rev() {
        let line = lines.get(at)?;
        if line.is_blank() || (line.is_quote() && at != last) || joined.len() + line.bare.len() > BYTES {
            break;
        }
        joined = format!("{} {joined}", line.bare);
        let claim = Claim::of(&joined, ending);
        match found {
            // Above what is enough, the line still belongs to it which begins as such lines do, or brings the date.
            Some((_, before)) => {
                if claim.holds(quoted) && claim.opens && claim.dated && (!before.opens || !before.dated) {
                    found = Some((at, claim));
                } else if !(claim.holds(quoted) && claim.dated && !before.dated && !ends_sentence(line.bare)) {
                    continue;
                } else {
                    found = Some((at, claim));
                }
            }
            None if claim.holds(quoted) => found = Some((at, claim)),
            None => {}
        }
        if found.is_some_and(|(_, claim)| claim.opens && claim.dated) {
            break;
        }
    }
    match found {
        Some((begin, claim)) => {
            let after = if claim.opens || begin != last || !quoted { 0 } else { shared(lines.get(begin)?.bare) };
            Some(Attribution { begin, end: last + 1, after })
        }
        None => None,
    }
}

fn ends_sentence(line: &str) -> bool {
    line.ends_with(['!', '?', '\u{61F}', ':', '\u{3002}']) || (line.ends_with('.') && line.split_whitespace().count() > 4)
}

/// Where an attribution begins within a line that begins with something else.
fn shared(line: &str) -> usize {
    let opens = |at: usize| line.get(at..).is_some_and(|rest| Claim::of(rest, Ending::Colon).opens);
    line.match_indices("On ").map(|(at, _)| at).filter(|at| line.get(..*at).is_some_and(|before| before.ends_with([' ', '-']))).find(|at| opens(*at)).unwrap_or(0)
}

/// What speaks for a line being an attribution.
#[derive(Clone, Copy, Debug, Default)]
struct Claim {
    /// It begins with "On", "في" and so on, or with a date.
    opens: bool,
    dated: bool,
    timed: bool,
    numbered: bool,
    address: bool,
    /// It ends with an address.
    ends_with_address: bool,
    verb: Verb,
    words: usize,
    first_person: bool,
    dashed: bool,
    colon: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verb {
    #[default]
    None,
    /// With a name behind it.
    Inside,
    Last,
}

impl Claim {
    fn of(text: &str, ending: Ending) -> Self {
        let text = bare(text).trim_start_matches(['*', '-', '_', ' ', '\u{2014}', '\u{2013}']).trim_end_matches(['*', '-', '_', ' ']);
        let colon = text.ends_with([':', '\u{FF1A}']);
        let text = plain(text.trim_end_matches([':', '\u{FF1A}', ' ', '\u{A0}', '*']));
        let dates = Dates::of(&text);
        Claim {
            opens: opens(&text),
            dated: dates.year || dates.time,
            timed: dates.year && dates.time,
            numbered: dates.number,
            address: has_address(&text),
            ends_with_address: text.split_whitespace().next_back().is_some_and(|word| word.contains('@') || word == ">" || word.ends_with(">>")) && has_address(&text),
            verb: verb(&text),
            words: text.split_whitespace().count(),
            first_person: ["i wrote", "we wrote", "i have written", "i said", "i sent", "we sent", "ich schrieb", "j'ai écrit"].iter().any(|said| text.ends_with(said)),
            dashed: ending == Ending::Dashes,
            colon,
        }
    }

    fn holds(&self, quoted: bool) -> bool {
        if self.words > 60 || (self.first_person && !quoted) {
            return false;
        }
        if self.dashed {
            return self.verb == Verb::Last && (self.words <= 8 || self.dated);
        }
        match self.verb {
            Verb::Last => self.dated || self.address || (quoted && (self.words <= 8 || self.numbered)),
            Verb::Inside => {
                (self.colon && self.ends_with_address && (self.numbered || quoted))
                    || (self.colon && self.opens && self.timed)
                    || (self.colon && quoted && self.dated)
            }
            Verb::None => self.ends_with_address && self.dated && (self.colon || quoted) && (quoted || self.opens || self.timed),
        }
    }
}

fn opens(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'', '(', '[']);
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return true;
    }
    LANGUAGES.iter().flat_map(|language| language.on).any(|word| {
        text.strip_prefix(word).is_some_and(|rest| {
            // Chinese does without the space.
            rest.starts_with([' ', ':']) || rest.starts_with(|c: char| c.is_ascii_digit())
        })
    })
}

#[derive(Clone, Copy, Default)]
struct Dates {
    year: bool,
    time: bool,
    number: bool,
}

impl Dates {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut dates = Dates::default();
        let mut at = 0;
        while at < bytes.len() {
            let length = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
            if length == 0 {
                at += 1;
                continue;
            }
            let number = bytes.get(at..at + length).unwrap_or_default();
            dates.number = true;
            // Years of our calendar, the Islamic, the Persian and the Buddhist one.
            dates.year |= length == 4 && [&b"19"[..], b"20", b"14", b"13", b"25"].iter().any(|century| number.starts_with(century));
            let between = bytes.get(at + length).copied().unwrap_or_default();
            let minutes = bytes.get(at + length + 1..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
            dates.time |= length <= 2 && minutes == 2 && matches!(between, b':' | b'h');
            // `17.50`, but not the day and month of `18.04.17`.
            dates.time |= length <= 2 && minutes == 2 && between == b'.' && text.get(..at).is_some_and(|before| before.ends_with("kl ") || before.ends_with("kl. ") || before.ends_with("klo "));
            // Days with two digits for the year: `3/2/26`.
            dates.year |= is_short_date(bytes.get(at..).unwrap_or_default());
            at += length;
        }
        dates
    }
}

/// `3/2/26`, `03.02.26`, `3-2-2026`.
fn is_short_date(bytes: &[u8]) -> bool {
    let mut numbers = bytes.split(|byte| matches!(byte, b'/' | b'.' | b'-'));
    let is = |part: Option<&[u8]>| {
        let part = part.unwrap_or_default();
        let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (digits, digits == part.len())
    };
    let (day, month, year) = (is(numbers.next()), is(numbers.next()), is(numbers.next()));
    (1..=2).contains(&day.0) && day.1 && (1..=2).contains(&month.0) && month.1 && (2..=4).contains(&year.0)
}

fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || "._+-=".contains(c)))
            && text.get(at + 1..).is_some_and(|after| after.starts_with(char::is_alphanumeric))
    })
}

fn ends_with_verb(text: &str) -> bool {
    verb(text.trim_end_matches(['-', '_', ' ', '*'])) == Verb::Last
}

/// Where a word for "wrote" stands in the text.
fn verb(text: &str) -> Verb {
    let mut found = Verb::None;
    for word in LANGUAGES.iter().flat_map(|language| language.wrote) {
        if let Some(before) = text.strip_suffix(word)
            && is_edge(before.chars().next_back(), word.chars().next())
        {
            return Verb::Last;
        }
        if found == Verb::None
            && text.match_indices(word).any(|(at, _)| {
                is_edge(text.get(..at).and_then(|before| before.chars().next_back()), word.chars().next())
                    && is_edge(text.get(at + word.len()..).and_then(|after| after.chars().next()), word.chars().next_back())
            })
        {
            found = Verb::Inside;
        }
    }
    found
}

/// Whether a word may begin or end between these two: scripts that do without spaces have no edges.
fn is_edge(outside: Option<char>, inside: Option<char>) -> bool {
    outside.is_none_or(|c| !c.is_alphanumeric()) || inside.is_some_and(|c| c >= '\u{E00}')
}
