//! The rules of `routing.toml`: in order, the first that fits decides.

use crate::domain::{Key, Language, StakeholderGroup};
use serde::Deserialize;

/// One rule. Every condition that is given must hold; within one condition any of its values does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Shown as the reason.
    pub name: crate::domain::Bilingual,
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
