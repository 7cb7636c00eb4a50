//! The words of the stories: read from the files beside this one, filled in, and spelled as people spell.

use super::dice::Dice;
use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One matter that people write about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    /// For whoever looks for it.
    #[cfg_attr(not(test), expect(dead_code, reason = "named in the files and in tests"))]
    pub key: String,
    pub kinds: Vec<String>,
    /// How often it comes up.
    pub weight: u64,
    /// Names of ways; empty for all.
    #[serde(default)]
    pub channels: Vec<String>,
    /// Who writes about it: `foreign`, `urdu`, `stranger`; empty for the people of the town.
    #[serde(default)]
    pub people: String,
    #[serde(default)]
    pub group: Option<crate::domain::StakeholderGroup>,
    /// Answers to the fields of its kind's form.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    pub subjects: Vec<String>,
    pub openings: Vec<String>,
    /// A question of the officer and the sender's answer.
    #[serde(default)]
    pub asks: Vec<(String, String)>,
    #[serde(default)]
    pub notes: Vec<String>,
    #[serde(default)]
    pub replies: Vec<String>,
    #[serde(default)]
    pub outcomes: Vec<String>,
    #[serde(default)]
    pub rejections: Vec<String>,
    /// What the sender says when it is not solved.
    #[serde(default)]
    pub unsolved: Vec<String>,
    /// Whom or what the officer waits for.
    #[serde(default)]
    pub waits: Vec<String>,
}

/// What every story draws from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shared {
    pub greetings: Vec<String>,
    pub closings: Vec<String>,
    pub quoted: String,
    pub away: String,
    pub again: Vec<String>,
    pub reopened_by_us: Vec<String>,
    pub hand_over: Vec<String>,
    pub districts: Vec<String>,
    pub places: Vec<String>,
    pub places_en: Vec<String>,
    pub children: Vec<String>,
    pub months: Vec<String>,
    pub months_en: Vec<String>,
    pub weekdays: Vec<String>,
    pub seasons: Vec<String>,
    pub skills: Vec<String>,
    pub men: Vec<String>,
    pub women: Vec<String>,
    pub families: Vec<String>,
    pub foreigners: Vec<String>,
    pub urdu: Vec<String>,
    pub strangers: Vec<String>,
    pub papers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Topics {
    topic: Vec<Topic>,
}

pub(super) struct Texts {
    pub topics: Vec<Topic>,
    pub shared: Shared,
}

const TOPICS: [&str; 5] = [
    include_str!("texts/aid.toml"),
    include_str!("texts/research.toml"),
    include_str!("texts/relations.toml"),
    include_str!("texts/administration.toml"),
    include_str!("texts/foreign.toml"),
];

impl Texts {
    pub fn read() -> anyhow::Result<Self> {
        let mut topics = Vec::new();
        for text in TOPICS {
            topics.extend(toml::from_str::<Topics>(text).context("a text of the demo")?.topic);
        }
        Ok(Self { topics, shared: toml::from_str(include_str!("texts/shared.toml")).context("the shared texts of the demo")? })
    }
}

/// The circumstances of one story: what stands for the braces in its texts.
pub(super) struct Circumstances(Vec<(&'static str, String)>);

impl Circumstances {
    pub fn new(shared: &Shared, dice: &Dice) -> Self {
        let riyals = |from, to| (dice.roll(from, to) * 50).to_string();
        Self(vec![
            ("{district}", dice.text(&shared.districts)),
            ("{place}", dice.text(&shared.places)),
            ("{place_en}", dice.text(&shared.places_en)),
            ("{child}", dice.text(&shared.children)),
            ("{month}", dice.text(&shared.months)),
            ("{month_en}", dice.text(&shared.months_en)),
            ("{weekday}", dice.text(&shared.weekdays)),
            ("{season}", dice.text(&shared.seasons)),
            ("{skill}", dice.text(&shared.skills)),
            ("{n}", dice.roll(3, 9).to_string()),
            ("{file}", dice.roll(1021, 8979).to_string()),
            ("{sum}", riyals(7, 180)),
            ("{salary}", riyals(38, 96)),
            ("{age}", dice.roll(58, 87).to_string()),
        ])
    }

    pub fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (brace, value)| text.replace(brace, value))
    }
}

/// How carefully somebody spells.
#[derive(Clone, Copy)]
pub(super) struct Hand {
    /// ة written ه at the end of words.
    ta_as_ha: bool,
    /// ى and ي mixed at the end of words.
    ya_mixed: bool,
    plain_alef: bool,
    arabic_digits: bool,
}

impl Hand {
    pub fn of(dice: &Dice) -> Self {
        Self { ta_as_ha: dice.percent(35), ya_mixed: dice.percent(25), plain_alef: dice.percent(45), arabic_digits: dice.percent(30) }
    }

    pub fn write(self, text: &str) -> String {
        let letters: Vec<char> = text.chars().collect();
        let ends = |at: usize| letters.get(at + 1).is_none_or(|next| !next.is_alphabetic());
        let written = letters.iter().enumerate().map(|(at, letter)| match *letter {
            'ة' if self.ta_as_ha => 'ه',
            'ى' if self.ya_mixed && ends(at) => 'ي',
            'ي' if self.ya_mixed && ends(at) && at % 3 == 0 => 'ى',
            'أ' | 'إ' if self.plain_alef => 'ا',
            digit @ '0'..='9' if self.arabic_digits => char::from_u32(u32::from(digit) - 0x30 + 0x660).unwrap_or(digit),
            letter => letter,
        });
        written.collect()
    }
}

/// A matter put on paper: greeting, words, closing; a chat goes without.
pub(super) fn letter(shared: &Shared, dice: &Dice, words: &str, short: bool) -> String {
    let latin = words.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    if latin {
        return words.to_owned();
    }
    let mut lines = Vec::new();
    if !words.starts_with("السلام") && dice.percent(if short { 35 } else { 85 }) {
        lines.push(dice.text(&shared.greetings));
    }
    lines.push(words.to_owned());
    if dice.percent(if short { 20 } else { 65 }) {
        lines.push(dice.text(&shared.closings));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_are_many_and_every_brace_is_filled() {
        let texts = Texts::read().unwrap();
        let dice = Dice::new(1);
        let openings: std::collections::BTreeSet<&str> = texts.topics.iter().flat_map(|t| &t.openings).map(String::as_str).collect();
        assert!(openings.len() >= 100, "{}", openings.len());
        for topic in &texts.topics {
            let said =
                [&topic.subjects, &topic.openings, &topic.notes, &topic.replies, &topic.outcomes, &topic.rejections, &topic.unsolved];
            let asked = topic.asks.iter().flat_map(|(question, answer)| [question, answer]);
            for text in said.into_iter().flatten().chain(asked).chain(topic.fields.values()) {
                let filled = Circumstances::new(&texts.shared, &dice).fill(text);
                assert!(!filled.contains(['{', '}']), "{}: {filled}", topic.key);
            }
        }
    }

    #[test]
    fn a_hand_changes_letters_and_no_words() {
        let hand = Hand { ta_as_ha: true, ya_mixed: true, plain_alef: true, arabic_digits: true };
        assert_eq!(hand.write("السلة إلى 12"), "السله الي ١٢");
    }
}
