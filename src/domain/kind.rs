//! Kinds of ticket and their forms: data that a charity edits, drawn by every channel.

use super::{Bilingual, Key, StakeholderGroup};
use serde::{Deserialize, Serialize};

/// What a form field takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// One line, at most 200 characters.
    Line,
    /// Several lines, at most 20,000 characters.
    Paragraph,
    /// A whole number.
    Number,
    /// A date of the Gregorian calendar, `YYYY-MM-DD`.
    Date,
    /// One of `options`.
    Choice,
}

/// One question of a form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub key: Key,
    pub label: Bilingual,
    #[serde(default)]
    pub hint: Bilingual,
    pub input: Input,
    #[serde(default)]
    pub required: bool,
    /// For [`Input::Choice`].
    #[serde(default)]
    pub options: Vec<Choice>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub key: Key,
    pub label: Bilingual,
}

/// A kind of ticket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub key: Key,
    pub name: Bilingual,
    /// One plain sentence for the portal: what it is for.
    #[serde(default)]
    pub about: Bilingual,
    /// The promise to the sender: an answer within so many working hours.
    pub answer_within_hours: u32,
    /// Whether the text is sealed at rest, kept out of search, and out of every notice to staff.
    #[serde(default)]
    pub confidential: bool,
    /// Whether the portal offers it.
    #[serde(default = "yes")]
    pub portal: bool,
    /// Assumed of its senders unless they say otherwise.
    #[serde(default)]
    pub stakeholder: Option<StakeholderGroup>,
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
}

fn yes() -> bool {
    true
}

/// What is wrong with an answer to a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldFault {
    Missing,
    TooLong,
    NotANumber,
    NotADate,
    NotOffered,
}

impl Field {
    /// The longest answer taken, in characters.
    pub fn limit(&self) -> usize {
        match self.input {
            Input::Paragraph => 20_000,
            _ => 200,
        }
    }

    /// The answer in its normal spelling (trimmed, numbers and dates in Latin digits), or what is wrong with it.
    pub fn read(&self, answer: &str) -> Result<String, FieldFault> {
        let answer = answer.trim();
        if answer.is_empty() {
            return if self.required { Err(FieldFault::Missing) } else { Ok(String::new()) };
        }
        if answer.chars().count() > self.limit() {
            return Err(FieldFault::TooLong);
        }
        match self.input {
            Input::Line | Input::Paragraph => Ok(answer.to_owned()),
            Input::Number => {
                let digits = super::folding::latin_digits(answer);
                digits.parse::<i64>().map(|n| n.to_string()).map_err(|_| FieldFault::NotANumber)
            }
            Input::Date => {
                let digits = super::folding::latin_digits(answer);
                digits.parse::<jiff::civil::Date>().map(|d| d.to_string()).map_err(|_| FieldFault::NotADate)
            }
            Input::Choice => {
                self.options.iter().find(|o| o.key.as_str() == answer).map(|o| o.key.to_string()).ok_or(FieldFault::NotOffered)
            }
        }
    }
}
