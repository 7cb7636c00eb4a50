//! What becomes of one message: which ticket it belongs to, what changes, who is told. Runs inside the savepoint.

use super::{Intake, IntakeError};
use crate::{
    access::Viewer,
    casework::Verb,
    channel::{Accepted, Automatic, InboundMessage},
    domain::{
        Act, Actor, Bilingual, ChannelKind, ContactId, Direction, EventKind, Key, Language, MessageId, Pin, Priority, Reason, Reference,
        Scheme, Status, Ticket, TicketId, event::data,
    },
    outbox::token,
    routing::{
        Belonging, Facts,
        belonging::{Known, Ties, belonging},
    },
    store::{
        StoreError, Tx,
        contacts::{AddressState, Contact, KnownAddress},
        files::Attachment,
        inbox::Became,
        messages::Message,
        people::Person,
    },
};

/// A message whose files are stored.
pub(super) struct Arrival {
    pub channel: ChannelKind,
    pub account: String,
    pub message: InboundMessage,
    pub files: Vec<Attachment>,
}

/// What became of it. A machine's chatter may become nothing at all.
pub(super) struct Done {
    pub accepted: Option<Accepted>,
    pub ticket: Option<TicketId>,
}

impl Done {
    pub(super) fn became(&self) -> Option<Became> {
        let (accepted, ticket) = self.accepted.as_ref().zip(self.ticket)?;
        Some(Became { ticket, message: accepted.message, opened: accepted.opened })
    }
}

/// The sender as the store knows them now.
struct Correspondent {
    contact: Contact,
    home: KnownAddress,
}

/// The kind of ticket that a message opens when it names none: the first of these that is configured.
const DEFAULT_KINDS: [&str; 2] = ["inquiry", "complaint"];

impl Intake {
    pub(super) async fn arrive(&self, tx: &mut Tx, arrival: Arrival, reference: Reference) -> Result<Done, IntakeError> {
        if let Some(done) = self.officer_answers(tx, &arrival).await? {
            return Ok(done);
        }
        let ties = self.ties(tx, &arrival).await?;
        if arrival.message.automatic == Some(Automatic::Own) {
            return self.echo(tx, &arrival, ties).await;
        }
        let sender = self.sender(tx, &arrival).await?;
        let ties = Ties { contact: Some(sender.contact.id), ..ties };
        match belonging(ties, self.store.world().now()) {
            Belonging::Join(id) => self.join(tx, arrival, sender, id).await,
            Belonging::Open { linked } => self.open(tx, arrival, sender, linked, reference).await,
        }
    }

    /// An officer who answers an alert by mail: the token of its reply address proves which ticket, and, with the address it
    /// came from, who it is. Whoever else was shown the alert is no officer.
    async fn officer_answers(&self, tx: &mut Tx, arrival: &Arrival) -> Result<Option<Done>, IntakeError> {
        for claim in arrival.message.thread.tokens.iter().filter_map(|t| token::read(t)).filter(|c| c.officer) {
            let people = tx.people().await?;
            let Some(person) = people.into_iter().find(|p| p.active && claim.proves_officer(self.store.vault(), p.id)) else { continue };
            let Some(ticket) = tx.ticket(claim.reference).await? else { continue };
            if arrival.message.automatic.is_some_and(Automatic::is_a_machines) {
                return Ok(Some(Done { accepted: None, ticket: None }));
            }
            if person.email.as_ref() != Some(&arrival.message.sender.address) {
                continue;
            }
            let viewer = Viewer::new(person, self.casework.office());
            let verb = Verb::Reply { text: arrival.message.fresh.clone(), files: Vec::new() };
            let message = self.casework.perform_in(tx, &viewer, ticket.id, verb, arrival.channel, arrival.files.clone()).await?;
            let accepted = message.map(|message| Accepted { reference: ticket.reference, pin: None, message, opened: false });
            return Ok(Some(Done { ticket: accepted.as_ref().map(|_| ticket.id), accepted }));
        }
        Ok(None)
    }

    /// Our own mail that came back to us: shown on the ticket it belongs to, never answered; without one, a person looks at it.
    async fn echo(&self, tx: &mut Tx, arrival: &Arrival, ties: Ties) -> Result<Done, IntakeError> {
        let Some(known) = ties.token.or(ties.answers_ours) else {
            return Err(IntakeError::Unreadable("our own mail that belongs to no ticket".to_owned()));
        };
        let about = data([("channel", arrival.channel.to_string()), ("reason", Automatic::Own.as_str().to_owned())]);
        tx.insert_event(known.ticket, self.store.world().now(), Actor::System, EventKind::NoticeFailed, &about).await?;
        Ok(Done { accepted: None, ticket: Some(known.ticket) })
    }

    async fn ties(&self, tx: &mut Tx, arrival: &Arrival) -> Result<Ties, IntakeError> {
        let (thread, mut ties) = (&arrival.message.thread, Ties::default());
        if let Some(id) = thread.proven {
            ties.proven = known(tx, id).await?;
        }
        for claim in thread.tokens.iter().filter_map(|t| token::read(t)).filter(|c| c.proves_sender(self.store.vault())) {
            if let Some(ticket) = tx.ticket(claim.reference).await? {
                ties.token = Some(as_known(&ticket));
                break;
            }
        }
        for external_id in &thread.answers {
            if ties.token.is_some() || ties.answers_ours.is_some() {
                break;
            }
            let Some(answered) = tx.answered(external_id).await? else { continue };
            let found = known(tx, answered.ticket_id).await?;
            if answered.ours {
                ties.answers_ours = found;
            } else if ties.answers_theirs.is_none() {
                ties.answers_theirs = found;
            }
        }
        if let Some(conversation) = &thread.conversation {
            ties.conversation = tx.conversation_ticket(conversation).await?.as_ref().map(as_known);
        }
        Ok(ties)
    }

    /// Who wrote, made known where they were not. Other addresses are taken over only for somebody new, or when a member of
    /// staff typed them in: nobody can add a way to reach them to somebody else's name.
    async fn sender(&self, tx: &mut Tx, arrival: &Arrival) -> Result<Correspondent, IntakeError> {
        let (now, sender) = (self.store.world().now(), &arrival.message.sender);
        let language = self.language(&arrival.message);
        let (contact, mut home, new) = match tx.lock_sender(&sender.address).await? {
            // Somebody else had named it as theirs: whoever writes from it gets a contact of their own.
            Some((known, _)) if !known.proven && arrival.message.thread.proven.is_none() => {
                let contact = self.new_contact(tx, &arrival.message, language).await?;
                tx.rehome_address(known.id, contact.id).await?;
                let home = KnownAddress { contact: contact.id, proven: true, ..known };
                (contact, home, true)
            }
            Some((known, mut contact)) => {
                if (contact.name.is_none() && sender.name.is_some()) || (contact.stakeholder.is_none() && sender.group.is_some()) {
                    tx.complete_contact(known.contact, sender.name.as_deref(), sender.group).await?;
                    contact.name = contact.name.or_else(|| sender.name.clone());
                    contact.stakeholder = contact.stakeholder.or(sender.group);
                }
                // Whoever writes from it can be reached by it again.
                if known.state == AddressState::Bounced {
                    tx.set_address_state(known.id, AddressState::Ok).await?;
                }
                (contact, known, false)
            }
            None => {
                let contact = self.new_contact(tx, &arrival.message, language).await?;
                // Another replica may have made it known just now: then this message is taken in again.
                let home = tx.insert_address(contact.id, &sender.address, 0, now).await?.ok_or(IntakeError::Raced)?;
                (contact, home, true)
            }
        };
        let trusted = new || arrival.message.entered_by.is_some();
        for (rank, address) in sender.also.iter().take(5).enumerate() {
            let rank_of = i32::try_from(rank + 1).unwrap_or(99);
            let new = match trusted || address.scheme() == Scheme::Portal {
                true => tx.insert_address(contact.id, address, rank_of, now).await?,
                false => None,
            };
            let added = match new {
                Some(new) => Some(new),
                None => tx.find_address(address).await?.filter(|known| known.contact == contact.id),
            };
            if let Some(added) = added.as_ref().filter(|a| !a.proven && arrival.message.entered_by.is_some()) {
                tx.prove_address(added.id).await?;
            }
            // A mail's Reply-To is where its sender wants the answer; else the first address that a channel reaches.
            let wanted = arrival.channel == ChannelKind::Email && rank == 0;
            if let Some(added) = added
                && (wanted || !self.casework.outbox().reaches(&home.address))
                && self.casework.outbox().reaches(&added.address)
            {
                home = added;
            }
        }
        Ok(Correspondent { contact, home })
    }

    async fn new_contact(&self, tx: &mut Tx, message: &InboundMessage, language: Option<Language>) -> Result<Contact, StoreError> {
        let (world, sender) = (self.store.world(), &message.sender);
        let (id, name) = (ContactId::new(world), sender.name.clone());
        let contact = Contact { id, name, stakeholder: sender.group, language: language.unwrap_or_default() };
        tx.insert_contact(&contact, world.now()).await?;
        Ok(contact)
    }

    fn language(&self, message: &InboundMessage) -> Option<Language> {
        message
            .language
            .or_else(|| Language::of_text(&message.fresh))
            .or_else(|| Language::of_text(message.subject.as_deref().unwrap_or("")))
    }

    async fn write_message(
        &self,
        tx: &mut Tx,
        arrival: &Arrival,
        ticket: &Ticket,
        sender: &Correspondent,
    ) -> Result<MessageId, StoreError> {
        let world = self.store.world();
        let inbound = &arrival.message;
        let message = Message {
            id: MessageId::new(world),
            ticket: ticket.id,
            direction: Direction::Inbound,
            channel: arrival.channel,
            account: arrival.account.clone(),
            person: inbound.entered_by,
            address: (sender.home.id != ticket.address).then_some(sender.home.id),
            external_id: inbound.external_id.clone(),
            body: inbound.text.clone(),
            fresh: (inbound.fresh != inbound.text).then(|| inbound.fresh.clone()),
            sent_at: inbound.sent_at,
            created_at: world.now(),
        };
        tx.insert_message(&message, ticket.confidential, inbound.subject.as_deref(), sender.contact.name.as_deref()).await?;
        for (position, file) in arrival.files.iter().enumerate() {
            let file = Attachment { message: message.id, ..file.clone() };
            tx.insert_attachment(&file, i32::try_from(position).unwrap_or(i32::MAX)).await?;
        }
        Ok(message.id)
    }

    async fn join(&self, tx: &mut Tx, arrival: Arrival, sender: Correspondent, id: TicketId) -> Result<Done, IntakeError> {
        let now = self.store.world().now();
        let mut ticket = tx.lock_ticket(id).await?.ok_or_else(|| StoreError::Corrupt("the ticket is gone".into()))?;
        let message = self.write_message(tx, &arrival, &ticket, &sender).await?;
        let accepted = Accepted { reference: ticket.reference, pin: None, message, opened: false };
        let about = data([("channel", arrival.channel.to_string())]);
        tx.insert_event(ticket.id, now, Actor::Sender, EventKind::SenderWrote, &about).await?;
        let done = Done { accepted: Some(accepted), ticket: Some(ticket.id) };
        // What a machine wrote is kept and changes nothing.
        if arrival.message.automatic.is_some_and(Automatic::is_a_machines) {
            return Ok(done);
        }
        let (before, mut owed) = (ticket.status, Vec::new());
        ticket.apply(Act::SenderWrote, now).map_err(crate::casework::CaseworkError::from)?;
        if ticket.status == Status::Reopened && before != Status::Reopened {
            let automatic = arrival.message.automatic.map(Automatic::as_str);
            self.casework.reopened(tx, &mut ticket, Actor::Sender, &Default::default(), None, automatic).await?;
        } else {
            tx.update_ticket(&ticket).await?;
            owed.extend(self.casework.outbox().announcements(&ticket, &[EventKind::SenderWrote]));
        }
        if ticket.status != Status::Spam
            && let Some(owner) = self.living_owner(tx, &mut ticket).await?
        {
            let (name, fresh) = (sender.contact.name.as_deref(), &arrival.message.fresh);
            owed.push(self.casework.wrote_alert(tx, &ticket, &owner, name, fresh).await?);
        }
        tx.insert_notices(&owed).await?;
        Ok(done)
    }

    /// The owner, if they still work here; else the ticket goes to somebody who does.
    async fn living_owner(&self, tx: &mut Tx, ticket: &mut Ticket) -> Result<Option<Person>, IntakeError> {
        let owner = tx.person(ticket.owner).await?;
        if owner.as_ref().is_some_and(|owner| owner.active) {
            return Ok(owner);
        }
        let (owner, reasons) = match self.casework.office().department(&ticket.department) {
            Some(department) => self.casework.owner_in(tx, department).await?,
            None => (self.casework.fallback_owner(tx).await?, vec![Reason::new("fallback", Bilingual::default())]),
        };
        (ticket.owner, ticket.reasons) = (owner.id, reasons);
        tx.update_ticket(ticket).await?;
        let about = data([("department", ticket.department.to_string()), ("to", owner.id.to_string())]);
        tx.insert_event(ticket.id, self.store.world().now(), Actor::System, EventKind::HandedOver, &about).await?;
        Ok(Some(owner))
    }

    async fn open(
        &self,
        tx: &mut Tx,
        arrival: Arrival,
        sender: Correspondent,
        linked: Option<TicketId>,
        reference: Reference,
    ) -> Result<Done, IntakeError> {
        let linked = match linked {
            Some(id) => tx.find_ticket(id).await?.map(|t| t.reference.to_string()),
            None => None,
        };
        let (ticket, owner) = self.new_ticket(tx, &arrival, &sender, reference).await?;
        tx.insert_ticket(&ticket).await?;
        tx.assigned_now(ticket.owner, ticket.created_at).await?;
        let message = self.write_message(tx, &arrival, &ticket, &sender).await?;
        let opened = data([("channel", arrival.channel.to_string()), ("linked", linked.unwrap_or_default())]);
        let by = arrival.message.entered_by.map_or(Actor::Sender, Actor::Person);
        let routed = data([("department", ticket.department.to_string()), ("to", ticket.owner.to_string())]);
        tx.insert_opening(ticket.id, ticket.created_at, (by, &opened), &routed).await?;
        let (automatic, name) = (arrival.message.automatic.map(Automatic::as_str), sender.contact.name.as_deref());
        let mut owed = vec![
            self.casework.acknowledgement(tx, &ticket, automatic).await?,
            self.casework.owner_alert(tx, &ticket, &owner, name, &arrival.message.fresh).await?,
        ];
        owed.extend(self.casework.outbox().announcements(&ticket, &[EventKind::Opened, EventKind::Routed]));
        tx.insert_notices(&owed).await?;
        let accepted = Accepted { reference: ticket.reference, pin: Some(ticket.pin), message, opened: true };
        Ok(Done { accepted: Some(accepted), ticket: Some(ticket.id) })
    }

    async fn new_ticket(
        &self,
        tx: &mut Tx,
        arrival: &Arrival,
        sender: &Correspondent,
        reference: Reference,
    ) -> Result<(Ticket, Person), IntakeError> {
        let (world, office, inbound) = (self.store.world(), self.casework.office(), &arrival.message);
        let now = world.now();
        let kind = self.kind(inbound.kind.as_ref());
        let configured = office.kind(kind.as_str());
        let site = inbound.site.clone().filter(|site| office.site(site.as_str()).is_some());
        let language = self.language(inbound).unwrap_or(sender.contact.language);
        let text = format!("{}\n{}", inbound.subject.as_deref().unwrap_or(""), inbound.fresh);
        let facts = Facts {
            kind: &kind,
            site: site.as_ref(),
            channel: arrival.channel,
            account: &arrival.account,
            group: sender.contact.stakeholder.or(configured.and_then(|k| k.stakeholder)),
            language,
            text: &text,
        };
        let (department, owner, reasons) = self.destination(tx, facts).await?;
        let mut ticket = Ticket {
            id: TicketId::new(world),
            reference,
            pin: Pin::new(world),
            status: Status::New,
            confidential: configured.is_some_and(|kind| kind.confidential),
            due_at: self.casework.calendar().after_working(now, self.casework.promise_minutes(configured)),
            kind,
            priority: Priority::Normal,
            language,
            channel: arrival.channel,
            account: arrival.account.clone(),
            site,
            department,
            owner: owner.id,
            contact: sender.contact.id,
            address: sender.home.id,
            subject: inbound.subject.clone(),
            fields: inbound.fields.clone(),
            conversation: inbound.thread.conversation.clone(),
            reasons,
            opened_by: inbound.entered_by,
            created_at: now,
            updated_at: now,
            answered_at: None,
            resolved_at: None,
            closed_at: None,
        };
        if ticket.confidential {
            // The words that were found would tell what it is about.
            ticket.reasons.retain(|reason| reason.name != "words");
        }
        ticket.apply(Act::Assign, now).map_err(crate::casework::CaseworkError::from)?;
        Ok((ticket, owner))
    }

    /// The department, the owner and why. There is always an owner.
    async fn destination(&self, tx: &mut Tx, facts: Facts<'_>) -> Result<(Key, Person, Vec<Reason>), IntakeError> {
        let office = self.casework.office();
        let route = self.rules.route(office, facts);
        let mut reasons = route.reasons;
        if route.fallback {
            return Ok((route.department, self.casework.fallback_owner(tx).await?, reasons));
        }
        if let Some(named) = &route.owner
            && let Some(person) = tx.person_by_key(named).await?.filter(|p| p.present(self.store.world().now()))
        {
            reasons.push(Reason::new("named", person.name.clone()));
            return Ok((route.department, person, reasons));
        }
        let Some(department) = office.department(&route.department) else {
            return Ok((route.department, self.casework.fallback_owner(tx).await?, reasons));
        };
        let (owner, how) = self.casework.owner_in(tx, department).await?;
        reasons.extend(how);
        Ok((route.department, owner, reasons))
    }

    fn kind(&self, asked: Option<&Key>) -> Key {
        let office = self.casework.office();
        let known = asked.and_then(|key| office.kind(key.as_str()));
        let usual = || DEFAULT_KINDS.iter().find_map(|key| office.kind(key));
        known.or_else(usual).or_else(|| office.kinds.first()).map_or_else(|| office.fallback_department.clone(), |kind| kind.key.clone())
    }
}

fn as_known(ticket: &Ticket) -> Known {
    Known { ticket: ticket.id, contact: ticket.contact, status: ticket.status, updated_at: ticket.updated_at }
}

async fn known(tx: &mut Tx, id: TicketId) -> Result<Option<Known>, StoreError> {
    Ok(tx.find_ticket(id).await?.as_ref().map(as_known))
}
