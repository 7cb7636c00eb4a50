//! The lines of a mail, and what can be said of one line alone.

use super::{super::visible::Part, index, words::Field};

/// A line of the visible text.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub raw: &'a str,
    /// Without white space and invisible marks around it.
    pub bare: &'a str,
    /// What the structure of the HTML says of it.
    pub part: Part,
    /// The field of a header that it begins with.
    pub field: Option<Field>,
}

impl<'a> Line<'a> {
    pub fn new(raw: &'a str, part: Part) -> Self {
        let bare = bare(raw);
        Line { raw, bare, part, field: name(bare).and_then(|name| index::field(&plain(name))) }
    }

    pub fn is_blank(&self) -> bool {
        self.bare.is_empty()
    }

    /// A line that quotes what was written before.
    pub fn is_quote(&self) -> bool {
        match self.part {
            Part::History => true,
            Part::Forwarded => false,
            _ => {
                self.bare.starts_with("&gt;")
                    || self.bare.strip_prefix('>').is_some_and(|rest| {
                        // `>>> sale <<<` quotes nothing, and `>:` is the end of a wrapped address.
                        !rest.ends_with('<') && !is_closing_bracket(rest)
                    })
            }
        }
    }

    /// Without the marks of quotation.
    pub fn unquoted(&self) -> &'a str {
        bare(self.bare.trim_start_matches(['>', ' ', '\t']))
    }

    /// Nothing but a line drawn with the signs of a keyboard.
    pub fn is_rule(&self) -> bool {
        self.bare.len() >= 2
            && self
                .bare
                .chars()
                .all(|c| matches!(c, '_' | '-' | '=' | '*' | '+' | '~' | '#' | ' ' | '\u{2500}' | '\u{2014}' | '\u{2013}' | '\u{2015}'))
    }
}

/// Whether this is what is left of `… <ali@example.com` `> wrote:` when a program breaks the line there.
fn is_closing_bracket(rest: &str) -> bool {
    rest.len() < 40
        && rest
            .trim_end()
            .strip_suffix([':', '\u{FF1A}'])
            .is_some_and(|word| word.trim().is_empty() || index::WROTE_LAST.contains(plain(word.trim()).as_str()))
}

/// What stands before a colon near the beginning of a line, if it is a name of few words.
fn name(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(['>', ' ', '\t']);
    let colon = text.char_indices().take(30).find(|(_, c)| matches!(c, ':' | '\u{FF1A}')).map(|(at, _)| at)?;
    let name = text.get(..colon)?.trim_matches(|c: char| c.is_whitespace() || is_mark(c) || matches!(c, '*' | '_' | '|'));
    (!name.is_empty() && name.split_whitespace().count() <= 4).then_some(name)
}

/// Marks of direction and joining, which mail programs put around names and dates.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{61C}')
}

/// A line without surrounding white space and marks.
pub fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || is_mark(c))
}

/// A text cut into lines.
pub struct Lines<'a> {
    pub all: Vec<Line<'a>>,
    /// For each line the place of the next one at or below it that is not blank.
    next: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// `parts` as in [`super::super::visible::Page`].
    pub fn new(text: &'a str, parts: &[(usize, Part)]) -> Self {
        let mut parts = parts.iter().peekable();
        let (mut at, mut part) = (0, Part::Written);
        let mut all = Vec::with_capacity(text.len() / 40 + 1);
        for raw in text.split('\n') {
            while let Some((_, next)) = parts.next_if(|(begin, _)| *begin <= at) {
                part = *next;
            }
            all.push(Line::new(raw, part));
            at += raw.len() + 1;
        }
        let mut next = vec![all.len(); all.len() + 1];
        let mut found = all.len();
        for (at, line) in all.iter().enumerate().rev() {
            if !line.is_blank() {
                found = at;
            }
            if let Some(next) = next.get_mut(at) {
                *next = found;
            }
        }
        Lines { all, next }
    }

    pub fn get(&self, at: usize) -> Option<&Line<'a>> {
        self.all.get(at)
    }

    /// The first line from `at` on that is not blank.
    pub fn next(&self, at: usize) -> Option<(usize, &Line<'a>)> {
        let at = *self.next.get(at)?;
        self.all.get(at).map(|line| (at, line))
    }

    /// Whether what comes next from `at` on is quoted.
    pub fn quote_follows(&self, at: usize) -> bool {
        self.next(at).is_some_and(|(_, line)| line.is_quote())
    }
}

/// The text in lower case, with Western digits and without invisible marks, for comparing.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_mark(*c)) {
        match c {
            '\u{660}'..='\u{669}' => plain.extend(char::from_digit(c as u32 - 0x660, 10)),
            '\u{6F0}'..='\u{6F9}' => plain.extend(char::from_digit(c as u32 - 0x6F0, 10)),
            '\u{A0}' | '\u{202F}' => plain.push(' '),
            '\u{2019}' => plain.push('\''),
            c if c.is_ascii() => plain.push(c.to_ascii_lowercase()),
            c => plain.extend(c.to_lowercase()),
        }
    }
    plain
}
