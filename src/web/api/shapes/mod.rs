//! What the interface takes and gives, as JSON.
//!
//! Names of members are the service's own words (see the glossary in `domain`); moments are RFC 3339 in UTC.

mod given;
mod names;
pub mod refusals;
mod shown;

pub use super::super::problem::ProblemDocument;
pub use given::{Act, NewAttachment, NewSender, NewState, NewText, NewTicket};
pub use names::Content;
pub use shown::{Held, Opened, Ticket, TicketPage};
