//! What a network says of messages of ours: which of them it speaks of, and whether it is believed.
//!
//! Anybody can write a delivery report. One is believed only about a notice that it names by what nobody else can know: the id of the
//! very message that we sent, or the token of its reply address; never by its words, its sender, or the address that it says failed.

use super::{Intake, IntakeError, arrival::Done};
use crate::{
    channel::{ChannelKind, Fate, Receipt, Reported},
    domain::{PersonId, Ticket},
    outbox::token,
    store::{
        StoreError, Tx,
        notices::{Audience, Notice, NoticeState},
    },
};

/// At most so many ids and tokens of one receipt are looked up; reports name one message.
const NAMED: usize = 20;

impl Intake {
    /// Hands the word to the outbox. A failure that names no notice of ours waits for a person; other words need nobody.
    pub(super) async fn hear(&self, tx: &mut Tx, channel: ChannelKind, receipt: &Receipt) -> Result<Done, IntakeError> {
        let notice = match self.named_by_id(tx, channel, receipt).await? {
            Some(notice) => Some(notice),
            None => self.named_by_token(tx, channel, receipt).await?,
        };
        let Some(notice) = notice else {
            if receipt.recipients.iter().any(|word| word.fate == Fate::Failed) {
                return Err(IntakeError::Unreadable("a delivery report about no message of ours".to_owned()));
            }
            return Ok(Done { accepted: None, ticket: None });
        };
        if let Some(word) = word_on(&notice, receipt) {
            self.casework.outbox().reported(tx, &notice, word).await?;
        }
        Ok(Done { accepted: None, ticket: notice.ticket })
    }

    async fn named_by_id(&self, tx: &mut Tx, channel: ChannelKind, receipt: &Receipt) -> Result<Option<Notice>, StoreError> {
        for id in receipt.about.iter().take(NAMED) {
            if let Some(notice) = tx.notice_sent_as(channel, id).await? {
                return Ok(Some(notice));
            }
        }
        Ok(None)
    }

    /// Networks on the way may change a message's id. The token tells the ticket and to whom; the newest notice to an address of which the
    /// receipt speaks is the one.
    async fn named_by_token(&self, tx: &mut Tx, channel: ChannelKind, receipt: &Receipt) -> Result<Option<Notice>, StoreError> {
        for claim in receipt.tokens.iter().take(NAMED).filter_map(|token| token::read(token)) {
            let Some(ticket) = tx.ticket(claim.reference).await? else { continue };
            let officer = if claim.officer { self.officer_of(tx, &claim).await? } else { None };
            if (claim.officer && officer.is_none()) || (!claim.officer && !claim.proves_sender(self.store.vault())) {
                continue;
            }
            if let Some(notice) = sent_to(tx, channel, &ticket, officer, receipt).await? {
                return Ok(Some(notice));
            }
        }
        Ok(None)
    }

    async fn officer_of(&self, tx: &mut Tx, claim: &token::Claim) -> Result<Option<PersonId>, StoreError> {
        let people = tx.people().await?;
        Ok(people.into_iter().map(|person| person.id).find(|id| claim.proves_officer(self.store.vault(), *id)))
    }
}

async fn sent_to(
    tx: &mut Tx,
    channel: ChannelKind,
    ticket: &Ticket,
    officer: Option<PersonId>,
    receipt: &Receipt,
) -> Result<Option<Notice>, StoreError> {
    let named = |notice: &Notice| {
        let to = notice.to.as_ref();
        to.is_some_and(|to| receipt.recipients.iter().any(|word| word.addresses.contains(to)))
    };
    let audience = if officer.is_some() { Audience::Staff } else { Audience::Sender };
    let fits = |notice: &Notice| {
        notice.state == NoticeState::Sent && notice.channel == Some(channel) && notice.audience == audience && notice.person == officer
    };
    Ok(tx.ticket_notices(ticket.id).await?.into_iter().rev().find(|notice| fits(notice) && named(notice)))
}

/// What the receipt says of the notice's recipient; of whomever it names, when it knows the recipient only by another address, as after
/// a forwarding.
fn word_on<'a>(notice: &Notice, receipt: &'a Receipt) -> Option<&'a Reported> {
    let of_them = |word: &&Reported| notice.to.as_ref().is_some_and(|to| word.addresses.contains(to));
    let gravest = |word: &&Reported| match word.fate {
        Fate::Failed => 2,
        Fate::Delayed => 1,
        Fate::Delivered | Fate::Relayed | Fate::Expanded => 0,
    };
    receipt.recipients.iter().filter(of_them).max_by_key(gravest).or_else(|| receipt.recipients.iter().max_by_key(gravest))
}
