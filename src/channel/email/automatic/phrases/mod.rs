//! How mailers and automatic answers speak, in the languages that their programs come in. All in lower case.

mod answers;
mod reports;

pub use answers::{ABSENCE, ANSWER, AWAY, MACHINE, REPORT};
pub use reports::{CAUSE, FAILED, FAILURE, FORMULA};

/// Phrases that mean the same.
pub struct Phrases(&'static [&'static str]);

impl Phrases {
    /// Whether the text, in lower case, begins with one of them.
    pub fn begins(&self, text: &str) -> bool {
        self.0.iter().any(|phrase| text.starts_with(phrase))
    }

    /// Whether one of them stands anywhere in the text, in lower case.
    pub fn occurs(&self, text: &str) -> bool {
        self.0.iter().any(|phrase| text.contains(phrase))
    }
}
