//! Which ticket a message belongs to.
//!
//! Only a proof ties a message to a ticket: the tracking PIN, the secret token of a reply address, an external id that only the
//! recipient of our message can know, or the same contact answering their own message. A reference in a text or subject is no
//! proof.

use crate::domain::{At, ContactId, Status, TicketId};
use std::time::Duration;

/// A ticket that a message may belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Known {
    pub ticket: TicketId,
    pub contact: ContactId,
    pub status: Status,
    pub updated_at: At,
}

/// What ties the message to tickets, as far as it was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ties {
    /// By reference and PIN.
    pub proven: Option<Known>,
    /// By the token of a reply address.
    pub token: Option<Known>,
    /// It answers one of our own messages, whose id only its recipient was given.
    pub answers_ours: Option<Known>,
    /// It answers a message that we received.
    pub answers_theirs: Option<Known>,
    /// The newest ticket of the same conversation on the channel.
    pub conversation: Option<Known>,
    /// The contact who writes, when known.
    pub contact: Option<ContactId>,
}

/// Where it goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Belonging {
    /// Onto this ticket, reopening it where it had ended.
    Join(TicketId),
    /// A new ticket, linked to an older one that is long closed or was a duplicate.
    Open { linked: Option<TicketId> },
}

/// A ticket that ended longer ago is not reopened: a new one is linked to it.
pub const REOPEN_WITHIN: Duration = Duration::from_secs(60 * 86_400);

pub fn belonging(ties: Ties, now: At) -> Belonging {
    let own = |known: &Known| Some(known.contact) == ties.contact;
    let tied = ties.proven.or(ties.token).or(ties.answers_ours).or(ties.answers_theirs.filter(own)).or(ties.conversation.filter(own));
    match tied {
        None => Belonging::Open { linked: None },
        Some(known) if known.status == Status::Duplicate => Belonging::Open { linked: Some(known.ticket) },
        Some(known) if !known.status.is_open() && now.since(known.updated_at) > REOPEN_WITHIN => {
            Belonging::Open { linked: Some(known.ticket) }
        }
        Some(known) => Belonging::Join(known.ticket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(ticket: u128, contact: u128, status: Status) -> Known {
        Known {
            ticket: TicketId(uuid::Uuid::from_u128(ticket)),
            contact: ContactId(uuid::Uuid::from_u128(contact)),
            status,
            updated_at: At(0),
        }
    }

    #[test]
    fn a_stranger_joins_only_with_a_proof() {
        let theirs = known(1, 1, Status::InProgress);
        let stranger = Some(ContactId(uuid::Uuid::from_u128(2)));
        for ties in [
            Ties { answers_theirs: Some(theirs), contact: stranger, ..Ties::default() },
            Ties { conversation: Some(theirs), contact: stranger, ..Ties::default() },
            Ties { conversation: Some(theirs), contact: None, ..Ties::default() },
        ] {
            assert_eq!(belonging(ties, At(0)), Belonging::Open { linked: None });
        }
        for ties in [
            Ties { proven: Some(theirs), contact: stranger, ..Ties::default() },
            Ties { token: Some(theirs), contact: stranger, ..Ties::default() },
            Ties { answers_ours: Some(theirs), contact: stranger, ..Ties::default() },
            Ties { answers_theirs: Some(theirs), contact: Some(theirs.contact), ..Ties::default() },
        ] {
            assert_eq!(belonging(ties, At(0)), Belonging::Join(theirs.ticket));
        }
    }

    #[test]
    fn what_ended_lately_is_reopened_and_what_ended_long_ago_is_linked() {
        let ended = known(1, 1, Status::Closed);
        let ties = Ties { token: Some(ended), contact: Some(ended.contact), ..Ties::default() };
        assert_eq!(belonging(ties, At(0).plus(REOPEN_WITHIN)), Belonging::Join(ended.ticket));
        let later = At(1).plus(REOPEN_WITHIN);
        assert_eq!(belonging(ties, later), Belonging::Open { linked: Some(ended.ticket) });
        let open = Ties { token: Some(known(1, 1, Status::WaitingSender)), ..ties };
        assert_eq!(belonging(open, later), Belonging::Join(ended.ticket));
    }
}
