//! The words for names that the code carries: statuses, acts, channels, roles, faults, events of a timeline.
//!
//! Each group is a family of keys `<family>-<name>`, one for each value; `tests/words.rs` asks that none is missing.

use super::{Value, text, text_with};
use crate::domain::{EventKind, Language, Priority, Role, StakeholderGroup, Status, event::EventData, kind::FieldFault, ticket::Act};

/// The word of one value of a family, such as `("channel", "email")` or `("send", error.code())`. A value we have no word
/// for is shown by its name.
pub fn word(language: Language, family: &str, name: &str) -> String {
    let key = format!("{family}-{name}");
    if super::has(Language::Ar, &key) { text(language, &key) } else { name.to_owned() }
}

pub fn status(language: Language, status: Status) -> String {
    word(language, "status", status.as_str())
}

/// What a status means for the sender, in a sentence.
pub fn status_for_sender(language: Language, status: Status) -> String {
    word(language, "status-told", status.as_str())
}

pub fn act(language: Language, act: Act) -> String {
    word(language, "act", act.as_str())
}

pub fn role(language: Language, role: Role) -> String {
    word(language, "role", role.as_str())
}

pub fn priority(language: Language, priority: Priority) -> String {
    word(language, "priority", priority.as_str())
}

pub fn group(language: Language, group: StakeholderGroup) -> String {
    word(language, "group", group.as_str())
}

/// The key that says what is wrong with an answer and what to do about it.
pub fn fault_key(fault: FieldFault) -> &'static str {
    match fault {
        FieldFault::Missing => "fault-missing",
        FieldFault::TooLong => "fault-too_long",
        FieldFault::NotANumber => "fault-not_a_number",
        FieldFault::NotADate => "fault-not_a_date",
        FieldFault::NotOffered => "fault-not_offered",
    }
}

/// The variables that sentences of the timeline may have. Each is looked up in the event's data; the caller has already
/// put names in the place of keys and ids.
pub const EVENT_VARIABLES: &[&str] = &["channel", "department", "to", "address"];

/// One entry of a timeline in words: what happened, without who did it (which stands beside it, so that no verb needs a
/// gender) and without what somebody wrote about it (which stands below). What the data lack is shown as a dash.
pub fn event(language: Language, kind: EventKind, data: &EventData) -> String {
    let values: Vec<(&str, Value)> = EVENT_VARIABLES
        .iter()
        .map(|name| (*name, data.get(*name).map_or_else(|| Value::own("–"), |value| Value::from(value.as_str()))))
        .collect();
    text_with(language, &format!("event-{}", kind.as_str()), &values)
}

pub use crate::domain::Reason;

impl Reason {
    /// In a sentence; the bare detail for a way of deciding that we have no words for.
    pub fn in_words(&self, language: Language) -> String {
        let (key, detail) = (format!("reason-{}", self.name), self.detail.get(language));
        if super::has(Language::Ar, &key) { text_with(language, &key, &[("detail", detail.into())]) } else { super::isolated(detail) }
    }
}
