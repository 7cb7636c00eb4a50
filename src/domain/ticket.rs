//! The life of a ticket: its states and the one place where it is decided which act leads from which to which.

use super::{AddressId, At, ContactId, Key, Language, PersonId, Pin, Reason, Reference, TicketId};
use std::collections::BTreeMap;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// The stable name, as stored and as the API shows it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok($name::$variant),)* _ => Err(()) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where a ticket stands.
    Status {
        /// Received, nobody has it yet.
        New = "new",
        /// An officer has it and has not begun.
        Assigned = "assigned",
        InProgress = "in_progress",
        /// The sender was asked something.
        WaitingSender = "waiting_sender",
        /// Somebody outside has to act.
        WaitingThirdParty = "waiting_third_party",
        /// Settled; the sender was told how and can say that it is not.
        Resolved = "resolved",
        Closed = "closed",
        Rejected = "rejected",
        Duplicate = "duplicate",
        Spam = "spam",
        /// The sender said that it is not settled, or wrote again after the end.
        Reopened = "reopened",
    }
}

named! {
    /// What can be done to a ticket.
    Act {
        /// Give it to an officer, the first time or by handing over.
        Assign = "assign",
        /// Begin work.
        Start = "start",
        /// Tell the sender something.
        Reply = "reply",
        /// Ask the sender something.
        Ask = "ask",
        /// Wait for somebody outside.
        AwaitThirdParty = "await_third_party",
        /// The sender wrote.
        SenderWrote = "sender_wrote",
        Resolve = "resolve",
        Close = "close",
        Reject = "reject",
        MarkDuplicate = "mark_duplicate",
        MarkSpam = "mark_spam",
        Reopen = "reopen",
    }
}

named! {
    /// How urgent; an emergency goes to the general manager.
    Priority { Normal = "normal", High = "high", Emergency = "emergency" }
}

named! {
    /// The networks that messages travel on.
    ChannelKind {
        Email = "email",
        Webhook = "webhook",
        /// The public web site.
        Portal = "portal",
        /// Entered by staff: visit, call, letter, fax.
        Desk = "desk",
        /// Handed in through the REST interface.
        Api = "api",
        Telegram = "telegram",
        /// In memory, for demo and tests.
        Sandbox = "sandbox",
    }
}

named! {
    /// Which way a message went.
    Direction {
        Inbound = "inbound",
        Outbound = "outbound",
        /// Staff only.
        Note = "note",
    }
}

named! {
    /// The policy's stakeholder groups (أصحاب المصالح), and those beside them.
    StakeholderGroup {
        Beneficiary = "beneficiary",
        Employee = "employee",
        ClientOrSupplier = "client_or_supplier",
        Government = "government",
        PrivateSector = "private_sector",
        Volunteer = "volunteer",
        Donor = "donor",
        Anonymous = "anonymous",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket that is {from} cannot {act}")]
pub struct NotAllowed {
    pub from: Status,
    pub act: Act,
}

impl Status {
    /// Whether somebody still has to do something.
    pub fn is_open(self) -> bool {
        !matches!(self, Status::Resolved | Status::Closed | Status::Rejected | Status::Duplicate | Status::Spam)
    }

    /// Where `act` leads from here.
    ///
    /// # Errors
    /// [`NotAllowed`] when the act makes no sense for a ticket in this state.
    pub fn after(self, act: Act) -> Result<Status, NotAllowed> {
        use Status::*;
        let refused = Err(NotAllowed { from: self, act });
        Ok(match act {
            Act::Assign => match self {
                New | Assigned => Assigned,
                InProgress | WaitingSender | WaitingThirdParty | Reopened => self,
                _ => return refused,
            },
            Act::Start if self.is_open() => InProgress,
            Act::Reply => match self {
                New | Assigned | Reopened => InProgress,
                Spam | Duplicate => return refused,
                _ => self,
            },
            Act::Ask if self.is_open() => WaitingSender,
            Act::AwaitThirdParty if self.is_open() => WaitingThirdParty,
            Act::SenderWrote => match self {
                WaitingSender => InProgress,
                Resolved | Closed | Rejected => Reopened,
                _ => self,
            },
            Act::Resolve if self.is_open() => Resolved,
            Act::Close => match self {
                Resolved | Rejected => Closed,
                _ => return refused,
            },
            Act::Reject if self.is_open() => Rejected,
            Act::MarkDuplicate if self.is_open() => Duplicate,
            Act::MarkSpam if self.is_open() => Spam,
            Act::Reopen => match self {
                Resolved | Closed | Rejected | Duplicate | Spam => Reopened,
                _ => return refused,
            },
            _ => return refused,
        })
    }

    /// The acts that are possible from here, in the order of [`Act::ALL`].
    pub fn possible(self) -> impl Iterator<Item = Act> {
        Act::ALL.iter().copied().filter(move |act| self.after(*act).is_ok())
    }
}

/// One matter of one sender.
#[derive(Clone)]
pub struct Ticket {
    pub id: TicketId,
    pub reference: Reference,
    pub pin: Pin,
    pub status: Status,
    pub kind: Key,
    pub priority: Priority,
    /// The sender's; notices to them are written in it.
    pub language: Language,
    pub channel: ChannelKind,
    /// Our account it came in by.
    pub account: String,
    pub site: Option<Key>,
    pub department: Key,
    pub owner: PersonId,
    pub contact: ContactId,
    /// Where the sender is answered.
    pub address: AddressId,
    pub confidential: bool,
    pub subject: Option<String>,
    /// Answers to the kind's form, by field key.
    pub fields: BTreeMap<String, String>,
    /// The channel's name for the conversation it belongs to.
    pub conversation: Option<String>,
    /// Why it is where it is, for a person to read.
    pub reasons: Vec<Reason>,
    /// The member of staff who logged it.
    pub opened_by: Option<PersonId>,
    pub created_at: At,
    pub updated_at: At,
    pub due_at: At,
    pub answered_at: Option<At>,
    pub resolved_at: Option<At>,
    pub closed_at: Option<At>,
}

impl Ticket {
    /// Moves it on and keeps the moments that follow from it.
    ///
    /// # Errors
    /// [`NotAllowed`] as [`Status::after`] says; the ticket is then unchanged.
    pub fn apply(&mut self, act: Act, now: At) -> Result<(), NotAllowed> {
        let next = self.status.after(act)?;
        match next {
            Status::Resolved | Status::Rejected | Status::Duplicate | Status::Spam if next != self.status => self.resolved_at = Some(now),
            Status::Closed if next != self.status => self.closed_at = Some(now),
            Status::Reopened if next != self.status => {
                self.resolved_at = None;
                self.closed_at = None;
            }
            _ => {}
        }
        if matches!(act, Act::Reply | Act::Ask | Act::Resolve) && self.answered_at.is_none() {
            self.answered_at = Some(now);
        }
        self.status = next;
        self.updated_at = now;
        Ok(())
    }

    /// Whether it is past its deadline at `now`.
    pub fn overdue(&self, now: At) -> bool {
        self.status.is_open() && self.due_at < now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_the_sender_writes_is_never_refused_and_never_leaves_a_settled_ticket_settled() {
        for status in Status::ALL {
            let after = status.after(Act::SenderWrote).expect("a sender may always write");
            if matches!(status, Status::Resolved | Status::Closed | Status::Rejected) {
                assert_eq!(after, Status::Reopened);
            }
        }
    }

    #[test]
    fn nothing_is_closed_that_was_not_resolved_or_rejected() {
        for status in Status::ALL {
            assert_eq!(status.after(Act::Close).is_ok(), matches!(status, Status::Resolved | Status::Rejected), "{status}");
        }
    }

    #[test]
    fn names_read_back() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
    }

    proptest! {
        #[test]
        fn every_walk_can_still_be_brought_to_an_end(acts in proptest::collection::vec(proptest::sample::select(Act::ALL), 0..30)) {
            let mut status = Status::New;
            for act in acts {
                status = status.after(act).unwrap_or(status);
            }
            let end = if status.is_open() { status.after(Act::Resolve).unwrap() } else { status };
            prop_assert!(!end.is_open());
            prop_assert!(end.after(Act::Reopen).unwrap().is_open());
        }
    }
}
