//! The timeline of a ticket: what happened, by whom, in the order it happened.

use super::{PersonId, ticket::named};

/// Who did it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The one who wrote in.
    Sender,
    /// A member of staff.
    Person(PersonId),
    /// The service by itself.
    System,
}

named! {
    /// What happened. The data beside it holds keys, ids and words of staff, never names or addresses.
    EventKind {
        Opened = "opened",
        Routed = "routed",
        SenderWrote = "sender_wrote",
        Accepted = "accepted",
        Replied = "replied",
        Asked = "asked",
        Noted = "noted",
        HandedOver = "handed_over",
        WaitingThirdParty = "waiting_third_party",
        Resolved = "resolved",
        Closed = "closed",
        Rejected = "rejected",
        MarkedDuplicate = "marked_duplicate",
        MarkedSpam = "marked_spam",
        Reopened = "reopened",
        NoticeSent = "notice_sent",
        /// It could not be sent, or the network gave it back.
        NoticeFailed = "notice_failed",
        /// The network still tries to deliver it.
        NoticeDelayed = "notice_delayed",
        NoticeWithheld = "notice_withheld",
        Viewed = "viewed",
    }
}

/// One step of deciding where a ticket goes.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Reason {
    /// Which way of deciding it was: `rule`, `words`, `fallback`, `main`, `rota` …
    pub name: String,
    /// What decided: the name of the rule, department or person; empty where the name says it all.
    pub detail: super::Bilingual,
}

impl Reason {
    pub fn new(name: &str, detail: super::Bilingual) -> Self {
        Self { name: name.to_owned(), detail }
    }
}

/// One entry's data: flat text values by name, as stored in JSON.
pub type EventData = std::collections::BTreeMap<String, String>;

/// Builds an [`EventData`] from pairs, leaving out empty values.
pub fn data<const N: usize>(pairs: [(&str, String); N]) -> EventData {
    pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value)).collect()
}
