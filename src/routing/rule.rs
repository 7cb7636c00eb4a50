//! The rules of `routing.toml`: in order, the first that fits decides.

use crate::domain::{Bilingual, ChannelKind, Key, Language, Office, Reason, StakeholderGroup, folding};
use serde::Deserialize;

/// One rule. Every condition that is given must hold; within one condition any of its values does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Shown as the reason.
    pub name: Bilingual,
    #[serde(default)]
    pub kind: Vec<Key>,
    #[serde(default)]
    pub site: Vec<Key>,
    /// Names of channels, such as `email`.
    #[serde(default)]
    pub channel: Vec<String>,
    /// Names of our own accounts: mailbox, webhook source, bot.
    #[serde(default)]
    pub mailbox: Vec<Key>,
    #[serde(default)]
    pub group: Vec<StakeholderGroup>,
    #[serde(default)]
    pub language: Vec<Language>,
    /// Words or phrases; compared folded, on word borders, with the Arabic article and particles taken off.
    #[serde(default)]
    pub words: Vec<String>,
    pub department: Key,
    /// An officer of the department who gets it regardless of the department's own way of choosing.
    #[serde(default)]
    pub owner: Option<Key>,
}

/// What is known of a new ticket when it is routed.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub kind: &'a Key,
    pub site: Option<&'a Key>,
    pub channel: ChannelKind,
    /// Our own account it came in by.
    pub account: &'a str,
    pub group: Option<StakeholderGroup>,
    pub language: Language,
    /// Subject and newly written text.
    pub text: &'a str,
}

/// Where a ticket goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    pub department: Key,
    /// The officer that the rule names.
    pub owner: Option<Key>,
    pub reasons: Vec<Reason>,
    /// Whether no rule fitted.
    pub fallback: bool,
}

/// The rules, their words folded once.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<(Rule, Vec<Phrase>)>,
}

/// A word or phrase as written in the rule, and its folded bare words.
#[derive(Clone, Debug)]
struct Phrase {
    written: String,
    words: Vec<String>,
}

impl Rules {
    pub fn new(rules: Vec<Rule>) -> Self {
        let folded =
            |rule: &Rule| rule.words.iter().map(|written| Phrase { written: written.clone(), words: bare_words(written) }).collect();
        Self { rules: rules.into_iter().map(|rule| (rule.clone(), folded(&rule))).collect() }
    }

    /// The first rule that fits, else the office's fall-back department.
    pub fn route(&self, office: &Office, facts: Facts<'_>) -> Route {
        let words = bare_words(facts.text);
        for (rule, phrases) in &self.rules {
            let Some(found) = fits(rule, phrases, facts, &words) else { continue };
            let mut reasons = vec![Reason::new("rule", rule.name.clone())];
            if !found.is_empty() {
                let found = found.join("، ");
                reasons.push(Reason::new("words", Bilingual::new(&found, &found)));
            }
            return Route { department: rule.department.clone(), owner: rule.owner.clone(), reasons, fallback: false };
        }
        Route {
            department: office.fallback_department.clone(),
            owner: None,
            reasons: vec![Reason::new("fallback", Bilingual::default())],
            fallback: true,
        }
    }
}

fn bare_words(text: &str) -> Vec<String> {
    folding::words(&folding::fold(text)).map(|word| folding::bare(word).to_owned()).collect()
}

/// The phrases that were found, when every condition of the rule holds.
fn fits<'r>(rule: &'r Rule, phrases: &'r [Phrase], facts: Facts<'_>, words: &[String]) -> Option<Vec<&'r str>> {
    fn one_of<T: PartialEq>(wanted: &[T], given: Option<&T>) -> bool {
        wanted.is_empty() || given.is_some_and(|given| wanted.contains(given))
    }
    let named = one_of(&rule.kind, Some(facts.kind))
        && one_of(&rule.site, facts.site)
        && (rule.channel.is_empty() || rule.channel.iter().any(|c| c == facts.channel.as_str()))
        && (rule.mailbox.is_empty() || rule.mailbox.iter().any(|m| m.as_str() == facts.account))
        && one_of(&rule.group, facts.group.as_ref())
        && one_of(&rule.language, Some(&facts.language));
    if !named {
        return None;
    }
    let found: Vec<&str> =
        phrases.iter().filter(|phrase| contains(words, &phrase.words)).map(|phrase| phrase.written.as_str()).take(3).collect();
    (phrases.is_empty() || !found.is_empty()).then_some(found)
}

fn contains(words: &[String], phrase: &[String]) -> bool {
    !phrase.is_empty() && words.windows(phrase.len()).any(|window| window == phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    fn rule(department: &str, words: &[&str]) -> Rule {
        Rule {
            name: Bilingual::new("قاعدة", "Rule"),
            kind: vec![],
            site: vec![],
            channel: vec![],
            mailbox: vec![],
            group: vec![],
            language: vec![],
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            department: key(department),
            owner: None,
        }
    }

    fn office() -> Office {
        Office {
            name: Bilingual::default(),
            contact: Default::default(),
            sites: vec![],
            departments: vec![],
            staff: vec![],
            kinds: vec![],
            fallback_owner: key("sup"),
            fallback_department: key("care"),
        }
    }

    fn facts<'a>(kind: &'a Key, text: &'a str) -> Facts<'a> {
        Facts { kind, site: None, channel: ChannelKind::Email, account: "main", group: None, language: Language::Ar, text }
    }

    #[test]
    fn words_are_found_however_they_are_spelled_and_only_whole() {
        let rules = Rules::new(vec![rule("aid", &["سلة غذائية", "إيجار"])]);
        let kind = key("inquiry");
        for (text, department) in [
            ("متى تصل السلّة الغذائيّة؟", "aid"),
            ("لم أستلم سله غذائيه", "aid"),
            ("تأخر الايجار", "aid"),
            ("والإيجـــار متأخر", "aid"),
            ("سلة الورد", "care"),
            ("إيجارات المدينة", "care"),
            ("", "care"),
        ] {
            assert_eq!(rules.route(&office(), facts(&kind, text)).department, key(department), "{text}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_decides_and_says_why() {
        let mut by_kind = rule("volunteers", &[]);
        by_kind.kind = vec![key("volunteer")];
        let rules = Rules::new(vec![by_kind, rule("aid", &["سلة"])]);
        let route = rules.route(&office(), facts(&key("volunteer"), "سلة"));
        assert_eq!((route.department.as_str(), route.reasons[0].name.as_str(), route.fallback), ("volunteers", "rule", false));
        let route = rules.route(&office(), facts(&key("complaint"), "السلة"));
        assert_eq!(route.reasons.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["rule", "words"]);
        assert_eq!(rules.route(&office(), facts(&key("complaint"), "شيء آخر")).reasons[0].name, "fallback");
    }
}
