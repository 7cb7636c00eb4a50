//! The pages of the staff: the queue, a ticket, a new entry, people, what waits for a person.

mod account;
mod door;
mod entry;
mod lists;
mod queue;
mod slip;
mod ticket;

pub use account::Account;
pub use door::{SignIn, Welcome};
pub use entry::{Entered, NewEntry};
pub use lists::{AccountState, FailedNotice, Inbox, Invite, Member, Outbox, People, Quarantined};
pub use queue::{Filter, Queue, QueueRow, Tab};
pub use slip::Slip;
pub use ticket::{Act, Destination, Draft, Happening, SenderCard, TicketPage};

use crate::domain::Language;
use askama::DynTemplate;

pub(super) fn samples(language: Language) -> Vec<(&'static str, Box<dyn DynTemplate>)> {
    vec![
        ("sign-in", Box::new(SignIn::sample(language))),
        ("welcome", Box::new(Welcome::sample(language))),
        ("queue", Box::new(Queue::sample(language))),
        ("queue-empty", Box::new(Queue::sample_empty(language))),
        ("ticket", Box::new(TicketPage::sample(language))),
        ("ticket-resolved", Box::new(TicketPage::sample_resolved(language))),
        ("new-entry", Box::new(NewEntry::sample(language))),
        ("slip", Box::new(Slip::sample(language))),
        ("people", Box::new(People::sample(language))),
        ("inbox", Box::new(Inbox::sample(language))),
        ("outbox", Box::new(Outbox::sample(language))),
        ("account", Box::new(Account::sample(language))),
    ]
}
