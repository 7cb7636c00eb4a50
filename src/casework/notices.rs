//! The notices that follow from a verb or from a message, put into words and promised.

use super::Casework;
use crate::{
    domain::{Bilingual, Kind, Language, MessageId, Reason, Ticket},
    i18n::notice::{
        Alert, Answer, Assigned, Glimpse, HandedOver, Notice as Words, Question, Received, Rejected, Reopened, Resolved, SenderWroteAlert,
    },
    outbox::{Promise, Recipient},
    store::{StoreError, Tx, notices::Notice, people::Person},
};

impl Casework {
    fn charity(&self) -> Bilingual {
        self.office.name.clone()
    }

    fn track_url(&self, ticket: &Ticket) -> Option<String> {
        Some(format!("{}/track?reference={}", self.public_url, ticket.reference))
    }

    fn desk_url(&self, ticket: &Ticket) -> String {
        format!("{}/desk/tickets/{}", self.public_url, ticket.reference)
    }

    /// The kind's name; of a kind that is no longer configured, its key.
    pub fn kind_name(&self, ticket: &Ticket) -> Bilingual {
        self.office.kind(ticket.kind.as_str()).map_or_else(|| Bilingual::new(ticket.kind.as_str(), ""), |kind| kind.name.clone())
    }

    pub fn department_name(&self, ticket: &Ticket) -> Bilingual {
        self.office.department(&ticket.department).map_or_else(|| Bilingual::new(ticket.department.as_str(), ""), |d| d.name.clone())
    }

    /// The working time of a kind's promise, in minutes.
    pub fn promise_minutes(&self, kind: Option<&Kind>) -> u32 {
        kind.map_or(24, |kind| kind.answer_within_hours).saturating_mul(60)
    }

    /// The notice to the sender, for the caller to put into the queue.
    async fn owed_to_sender(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        notice: &(dyn Words + Sync),
        kind: &'static str,
        carried: Carried,
    ) -> Result<Notice, StoreError> {
        let language = ticket.language;
        let promise = Promise {
            ticket,
            message: carried.message,
            kind,
            recipient: Recipient::Sender,
            language,
            subject: notice.subject(language),
            text: notice.text(language),
            personal: carried.personal,
            automatic: carried.automatic,
        };
        self.outbox.owe(tx, promise).await
    }

    async fn tell_sender(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        notice: &(dyn Words + Sync),
        kind: &'static str,
        carried: Carried,
    ) -> Result<(), StoreError> {
        let owed = self.owed_to_sender(tx, ticket, notice, kind, carried).await?;
        tx.insert_notice(&owed).await
    }

    /// The notice to a member of staff, for the caller to put into the queue.
    async fn owed_to_staff(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        person: &Person,
        notice: &(dyn Words + Sync),
        kind: &'static str,
    ) -> Result<Notice, StoreError> {
        let language: Language = person.language;
        let promise = Promise {
            ticket,
            message: None,
            kind,
            recipient: Recipient::Staff(person),
            language,
            subject: notice.subject(language),
            text: notice.text(language),
            personal: false,
            automatic: None,
        };
        self.outbox.owe(tx, promise).await
    }

    /// The acknowledgement: reference, what happens next, by when. The caller puts it into the queue, like the alerts below.
    pub async fn acknowledgement(&self, tx: &mut Tx, ticket: &Ticket, automatic: Option<&'static str>) -> Result<Notice, StoreError> {
        let notice = Received {
            reference: ticket.reference,
            pin: Some(ticket.pin.clone()),
            kind: self.kind_name(ticket),
            department: self.department_name(ticket),
            due: ticket.due_at,
            zone: self.calendar.zone.clone(),
            track_url: self.track_url(ticket),
            charity: self.charity(),
        };
        self.owed_to_sender(tx, ticket, &notice, "received", Carried { automatic, ..Carried::default() }).await
    }

    pub async fn tell_assigned(&self, tx: &mut Tx, ticket: &Ticket, officer: &Person) -> Result<(), StoreError> {
        let notice = Assigned {
            reference: ticket.reference,
            department: self.department_name(ticket),
            officer: Some(officer.name.clone()),
            charity: self.charity(),
        };
        self.tell_sender(tx, ticket, &notice, "assigned", Carried::default()).await
    }

    pub async fn tell_answer(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        officer: &Person,
        message: MessageId,
        text: &str,
    ) -> Result<(), StoreError> {
        let notice = Answer {
            reference: ticket.reference,
            answer: text.to_owned(),
            officer: Some(officer.name.clone()),
            track_url: self.track_url(ticket),
            charity: self.charity(),
        };
        self.tell_sender(tx, ticket, &notice, "answer", Carried::by_person(message)).await
    }

    pub async fn tell_question(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        officer: &Person,
        message: MessageId,
        text: &str,
    ) -> Result<(), StoreError> {
        let notice = Question {
            reference: ticket.reference,
            question: text.to_owned(),
            officer: Some(officer.name.clone()),
            track_url: self.track_url(ticket),
            charity: self.charity(),
        };
        self.tell_sender(tx, ticket, &notice, "question", Carried::by_person(message)).await
    }

    pub async fn tell_resolved(&self, tx: &mut Tx, ticket: &Ticket, message: MessageId, outcome: &str) -> Result<(), StoreError> {
        let notice = Resolved {
            reference: ticket.reference,
            outcome: outcome.to_owned(),
            track_url: self.track_url(ticket),
            charity: self.charity(),
        };
        self.tell_sender(tx, ticket, &notice, "resolved", Carried::by_person(message)).await
    }

    pub async fn tell_rejected(&self, tx: &mut Tx, ticket: &Ticket, message: MessageId, reason: &str) -> Result<(), StoreError> {
        let notice =
            Rejected { reference: ticket.reference, reason: reason.to_owned(), track_url: self.track_url(ticket), charity: self.charity() };
        self.tell_sender(tx, ticket, &notice, "rejected", Carried::by_person(message)).await
    }

    pub async fn tell_reopened(&self, tx: &mut Tx, ticket: &Ticket, automatic: Option<&'static str>) -> Result<(), StoreError> {
        let notice =
            Reopened { reference: ticket.reference, due: ticket.due_at, zone: self.calendar.zone.clone(), charity: self.charity() };
        self.tell_sender(tx, ticket, &notice, "reopened", Carried { automatic, ..Carried::default() }).await
    }

    /// The alert to the owner of a new ticket; nothing of its content when it is confidential.
    pub async fn owner_alert(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        owner: &Person,
        name: Option<&str>,
        text: &str,
    ) -> Result<Notice, StoreError> {
        let notice = Alert {
            reference: ticket.reference,
            kind: self.kind_name(ticket),
            department: self.department_name(ticket),
            glimpse: glimpse(ticket, name, text),
            due: ticket.due_at,
            zone: self.calendar.zone.clone(),
            desk_url: self.desk_url(ticket),
            reason: ticket.reasons.first().cloned().unwrap_or_else(|| Reason::new("fallback", Bilingual::default())),
            charity: self.charity(),
        };
        self.owed_to_staff(tx, ticket, owner, &notice, "alert").await
    }

    pub async fn wrote_alert(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        owner: &Person,
        name: Option<&str>,
        text: &str,
    ) -> Result<Notice, StoreError> {
        let notice = SenderWroteAlert {
            reference: ticket.reference,
            kind: self.kind_name(ticket),
            glimpse: glimpse(ticket, name, text),
            desk_url: self.desk_url(ticket),
            charity: self.charity(),
        };
        self.owed_to_staff(tx, ticket, owner, &notice, "sender_wrote").await
    }

    pub(super) async fn alert_handed_over(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        owner: &Person,
        by: &Bilingual,
        reason: &str,
    ) -> Result<(), StoreError> {
        let notice = HandedOver {
            reference: ticket.reference,
            kind: self.kind_name(ticket),
            department: self.department_name(ticket),
            by: by.clone(),
            reason: (!ticket.confidential).then(|| reason.to_owned()),
            due: ticket.due_at,
            zone: self.calendar.zone.clone(),
            desk_url: self.desk_url(ticket),
            charity: self.charity(),
        };
        let owed = self.owed_to_staff(tx, ticket, owner, &notice, "handed_over").await?;
        tx.insert_notice(&owed).await
    }
}

/// What a notice to the sender carries besides its own words.
#[derive(Default)]
struct Carried {
    message: Option<MessageId>,
    personal: bool,
    automatic: Option<&'static str>,
}

impl Carried {
    fn by_person(message: MessageId) -> Self {
        Self { message: Some(message), personal: true, automatic: None }
    }
}

fn glimpse(ticket: &Ticket, name: Option<&str>, text: &str) -> Option<Glimpse> {
    let first_name = name.and_then(|name| name.split_whitespace().next()).map(str::to_owned);
    (!ticket.confidential).then(|| Glimpse { first_name, excerpt: Glimpse::excerpt_of(text) })
}
