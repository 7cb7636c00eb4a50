//! What is wrong with a configuration, as an operator reads it: where, what, and what to do about it.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The file as given on the command line, or the name of the environment variable.
    pub file: String,
    /// From 1; 0 when the mistake has no line (an environment variable, a folder that is not there).
    pub line: usize,
    /// From 1, in characters; 0 when there is no line.
    pub column: usize,
    pub message: String,
    /// What to do; empty when the message says it all.
    pub hint: String,
    /// The line itself, with anything that may be secret left out.
    pub excerpt: Option<Excerpt>,
}

/// A line of a file and the part of it that is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    pub text: String,
    /// Where the carets begin, in characters from 0.
    pub start: usize,
    /// How many carets; at least one is drawn.
    pub length: usize,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(Excerpt { text, start, length }) = &self.excerpt {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            let carets = "^".repeat((*length).max(1));
            write!(f, "\n{gutter} |\n{number} | {text}\n{gutter} | {}{carets}", " ".repeat(*start))?;
        }
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// Everything that is wrong, by file and line; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Nothing when there are none; sorted and without repetitions otherwise.
    pub(super) fn of(mut mistakes: Vec<Mistake>) -> Option<Self> {
        mistakes.sort_by(|a, b| (&a.file, a.line, a.column, &a.message).cmp(&(&b.file, b.line, b.column, &b.message)));
        mistakes.dedup();
        if mistakes.is_empty() { None } else { Some(Self(mistakes)) }
    }

    /// For the case, which should not occur, that nothing could be read and nothing was noted.
    pub(super) fn unreadable() -> Self {
        let message = "the configuration cannot be read".to_owned();
        let hint = "take the files out one by one to find the one".to_owned();
        Self(vec![Mistake { file: "configuration".to_owned(), line: 0, column: 0, message, hint, excerpt: None }])
    }

    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.0 {
            write!(f, "{mistake}\n\n")?;
        }
        match self.0.len() {
            1 => f.write_str("1 mistake in the configuration."),
            count => write!(f, "{count} mistakes in the configuration."),
        }
    }
}

impl std::error::Error for Mistakes {}
