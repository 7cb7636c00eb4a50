//! The words and the laws of the service: tickets, messages, contacts, the office, time.
//!
//! Architecture invariant: pure. No I/O, no clock reads, no randomness, no text for people; what changes
//! from call to call (time, chance) is handed in.
//!
//! # Glossary (one word for a thing, in code, tables, pages and logs)
//!
//! | word | Arabic | what it is |
//! |---|---|---|
//! | ticket | تذكرة | one matter of one sender, with a reference |
//! | message | رسالة | one thing said on a ticket: inbound, outbound or an internal note |
//! | contact | جهة اتصال / مراجع | a person who writes to us; a set of addresses |
//! | address | عنوان | where a contact can be reached: `mailto:`, `tel:`, `telegram:` … |
//! | sender | صاحب الطلب | the contact who opened the ticket |
//! | kind | نوع الطلب | complaint, inquiry, aid request …; data, not code |
//! | department | إدارة | a field of work |
//! | liaison officer | ضابط اتصال | the person of a department who answers |
//! | owner | المسؤول عن التذكرة | the one officer responsible for a ticket now |
//! | site | فرع | an office of the charity |
//! | channel | قناة | the way a message travels: e-mail, portal, webhook … |
//! | notice | إشعار | a message that the service sends by itself |
//! | acknowledgement | إشعار استلام | the first notice to a sender |
//! | outbox | صندوق الصادر | the durable queue of notices |
//! | inbox | صندوق الوارد | every raw message as received |
//! | quarantine | حجر | an inbound message that could not be processed and waits for a person |
//! | timeline | السجل | the events of a ticket in order |
//! | deadline | موعد الاستحقاق | by when the sender was promised an answer |
//! | reference | رقم الطلب | the number a sender can read out |

pub mod address;
pub mod calendar;
pub mod event;
pub mod folding;
pub mod kind;
pub mod language;
pub mod office;
pub mod reference;
pub mod span;
pub mod ticket;
pub mod world;

pub use address::{Address, AddressError, Scheme};
pub use event::{Actor, EventKind, Reason};
pub use kind::{Field, Input, Kind};
pub use language::{Bilingual, Language};
pub use office::{Department, Office, Role, Site};
pub use reference::{Pin, Reference};
pub use ticket::{Act, ChannelKind, Direction, Priority, StakeholderGroup, Status, Ticket};
pub use world::{At, Chance, Clock, Key, World};

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new time-ordered id (UUID version 7, RFC 9562 §5.7).
            pub fn new(world: &World) -> Self {
                Self(world.uuid())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// One ticket.
    TicketId,
    /// One message on a ticket.
    MessageId,
    /// One person or body who writes to us.
    ContactId,
    /// One address of a contact.
    AddressId,
    /// One member of staff.
    PersonId,
    /// One raw message as received.
    InboxId,
    /// One notice in the outbox.
    NoticeId,
    /// One stored file content.
    BlobId,
    /// One file on one message.
    AttachmentId,
}
