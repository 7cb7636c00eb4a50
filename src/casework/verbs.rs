//! What officers and senders do to a ticket.

use super::{Casework, CaseworkError, INTERFACE};
use crate::{
    access::{Deed, Viewer},
    channel::portal::FormFile,
    domain::{
        Act, Actor, AttachmentId, Bilingual, BlobId, ChannelKind, Department, Direction, EventKind, Key, MessageId, Reason, Reference,
        Ticket, TicketId,
        event::{EventData, data},
    },
    routing::{self, Candidate},
    store::{StoreError, Tx, files::Attachment, messages::Message, people::Person},
};
use bytes::Bytes;
use futures_util::FutureExt;

/// The longest text an officer can send at once, in characters.
pub const TEXT_LIMIT: usize = 20_000;

/// What a member of staff does.
#[derive(Clone)]
pub enum Verb {
    /// Begin work; the sender is told who has it.
    Start,
    Reply {
        text: String,
        files: Vec<NewFile>,
    },
    Ask {
        text: String,
        files: Vec<NewFile>,
    },
    /// An internal note.
    Note {
        text: String,
        files: Vec<NewFile>,
    },
    HandOver {
        department: Key,
        officer: Option<Key>,
        reason: String,
    },
    /// Wait for somebody outside.
    Wait {
        reason: String,
    },
    Resolve {
        outcome: String,
        files: Vec<NewFile>,
    },
    Reject {
        reason: String,
    },
    Reopen {
        reason: String,
    },
    Close,
    MarkSpam,
    MarkDuplicate {
        of: Option<Reference>,
    },
}

/// A file that goes with a text.
#[derive(Clone)]
pub struct NewFile {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// A file whose content is stored.
#[derive(Clone)]
struct StoredFile {
    name: String,
    content_type: String,
    blob: BlobId,
    size: u64,
}

impl From<FormFile> for StoredFile {
    fn from(file: FormFile) -> Self {
        Self { name: file.name, content_type: file.content_type, blob: file.blob, size: file.size }
    }
}

impl Verb {
    fn files(&mut self) -> Vec<NewFile> {
        match self {
            Verb::Reply { files, .. } | Verb::Ask { files, .. } | Verb::Note { files, .. } | Verb::Resolve { files, .. } => {
                std::mem::take(files)
            }
            _ => Vec::new(),
        }
    }

    /// The words in it; and whether it makes sense without any.
    fn text(&self) -> (&str, bool) {
        match self {
            Verb::Reply { text, .. } | Verb::Ask { text, .. } | Verb::Note { text, .. } => (text, false),
            Verb::Resolve { outcome, .. } => (outcome, false),
            Verb::Reject { reason } | Verb::HandOver { reason, .. } => (reason, false),
            Verb::Wait { reason } | Verb::Reopen { reason } => (reason, true),
            _ => ("", true),
        }
    }

    fn check(&self, has_files: bool) -> Result<(), CaseworkError> {
        let (text, may_be_empty) = self.text();
        match (text.trim().is_empty(), self) {
            (true, Verb::HandOver { .. }) => Err(CaseworkError::NoReason),
            (true, _) if !may_be_empty && !has_files => Err(CaseworkError::Empty),
            _ if text.chars().count() > TEXT_LIMIT => Err(CaseworkError::TooLong),
            _ => Ok(()),
        }
    }
}

impl Casework {
    /// Does `verb` to a ticket.
    ///
    /// # Errors
    /// [`CaseworkError`]; nothing has then changed.
    pub async fn perform(&self, viewer: &Viewer, reference: Reference, mut verb: Verb, via: ChannelKind) -> Result<(), CaseworkError> {
        let files = verb.files();
        verb.check(!files.is_empty())?;
        let mut stored = Vec::with_capacity(files.len());
        for file in files {
            let blob = self.store.keep_blob(file.bytes).await?;
            stored.push(StoredFile { name: file.name, content_type: file.content_type, blob: blob.id, size: blob.size });
        }
        self.perform_stored(viewer, reference, verb, via, stored, None).await
    }

    /// Does `verb` to a ticket as a form asks for it: once for a nonce, however often the button is pressed, with files that
    /// were stored when they were uploaded.
    ///
    /// # Errors
    /// As [`Casework::perform`].
    pub async fn perform_once(
        &self,
        viewer: &Viewer,
        reference: Reference,
        verb: Verb,
        via: ChannelKind,
        files: Vec<FormFile>,
        nonce: String,
    ) -> Result<(), CaseworkError> {
        verb.check(!files.is_empty())?;
        let files = files.into_iter().map(StoredFile::from).collect();
        self.perform_stored(viewer, reference, verb, via, files, Some(nonce)).await
    }

    async fn perform_stored(
        &self,
        viewer: &Viewer,
        reference: Reference,
        verb: Verb,
        via: ChannelKind,
        files: Vec<StoredFile>,
        nonce: Option<String>,
    ) -> Result<(), CaseworkError> {
        let (by, interface) = (viewer.person.clone(), viewer.interface().map(str::to_owned));
        self.on_ticket(viewer, reference, move |this, tx, ticket| {
            async move {
                if let Some(nonce) = &nonce
                    && tx.was_asked(ticket.id, nonce).await?
                {
                    return Ok(());
                }
                Doing { this, by, interface, via, ticket, files, said: None, nonce }.perform(tx, verb).await
            }
            .boxed()
        })
        .await
    }

    /// Does `verb` in the caller's transaction, with files that are stored already; the answer is the message it made.
    ///
    /// # Errors
    /// As [`Casework::perform`].
    pub async fn perform_in(
        &self,
        tx: &mut Tx,
        viewer: &Viewer,
        id: TicketId,
        verb: Verb,
        via: ChannelKind,
        files: Vec<Attachment>,
    ) -> Result<Option<MessageId>, CaseworkError> {
        verb.check(!files.is_empty())?;
        let ticket = tx.lock_ticket(id).await?.filter(|t| viewer.may(Deed::Work, t)).ok_or(CaseworkError::NotFound)?;
        let files = files
            .into_iter()
            .filter_map(|f| f.blob.map(|blob| StoredFile { name: f.name, content_type: f.content_type, blob, size: f.size }))
            .collect();
        let (by, interface) = (viewer.person.clone(), viewer.interface().map(str::to_owned));
        let mut doing = Doing { this: self, by, interface, via, ticket, files, said: None, nonce: None };
        doing.perform(tx, verb).await?;
        Ok(doing.said)
    }

    /// The sender says whether it is solved: yes closes it, no reopens it.
    pub async fn sender_answers_solved(&self, ticket: &Ticket, solved: bool) -> Result<(), CaseworkError> {
        let (this, id) = (self.clone(), ticket.id);
        self.store
            .write(move |tx| {
                async move {
                    let mut ticket = tx.lock_ticket(id).await?.ok_or(CaseworkError::NotFound)?;
                    let now = this.world().now();
                    if solved {
                        ticket.apply(Act::Close, now)?;
                        tx.update_ticket(&ticket).await?;
                        tx.insert_event(ticket.id, now, Actor::Sender, EventKind::Closed, &EventData::new()).await?;
                        this.outbox.announce(tx, &ticket, EventKind::Closed).await?;
                    } else {
                        ticket.apply(Act::Reopen, now)?;
                        this.reopened(tx, &mut ticket, Actor::Sender, &EventData::new(), None, None).await?;
                        if let Some(owner) = tx.person(ticket.owner).await? {
                            let alert = this.wrote_alert(tx, &ticket, &owner, None, "").await?;
                            tx.insert_notice(&alert).await?;
                        }
                    }
                    Ok(())
                }
                .boxed()
            })
            .await
            .inspect(|()| self.outbox.wake())
    }

    /// What follows when a ticket was reopened: a new deadline, the entry, and word to the sender. `nonce` names the form that
    /// asked for it, `automatic` says why the sender's message may get no automatic answer.
    pub async fn reopened(
        &self,
        tx: &mut Tx,
        ticket: &mut Ticket,
        actor: Actor,
        about: &EventData,
        nonce: Option<&str>,
        automatic: Option<&'static str>,
    ) -> Result<(), StoreError> {
        let now = self.world().now();
        ticket.due_at = self.calendar.after_working(now, self.promise_minutes(self.office.kind(ticket.kind.as_str())));
        tx.update_ticket(ticket).await?;
        tx.insert_event_once(ticket.id, now, actor, EventKind::Reopened, about, nonce).await?;
        self.tell_reopened(tx, ticket, automatic).await?;
        self.outbox.announce(tx, ticket, EventKind::Reopened).await
    }
}

/// One verb being done in its transaction.
struct Doing<'a> {
    this: &'a Casework,
    by: Person,
    /// The name of the token with which another system does it in that person's name.
    interface: Option<String>,
    via: ChannelKind,
    ticket: Ticket,
    files: Vec<StoredFile>,
    /// The message it made.
    said: Option<MessageId>,
    /// Names the filled-in form that asked for it.
    nonce: Option<String>,
}

impl Doing<'_> {
    async fn perform(&mut self, tx: &mut Tx, verb: Verb) -> Result<(), CaseworkError> {
        match verb {
            Verb::Start => self.start(tx).await,
            Verb::Reply { text, .. } => {
                self.apply(Act::Reply)?;
                let message = self.say(tx, Direction::Outbound, &text).await?;
                self.this.tell_answer(tx, &self.ticket, &self.by, message, &text).await?;
                self.finish(tx, EventKind::Replied, EventData::new()).await
            }
            Verb::Ask { text, .. } => {
                self.apply(Act::Ask)?;
                let message = self.say(tx, Direction::Outbound, &text).await?;
                self.this.tell_question(tx, &self.ticket, &self.by, message, &text).await?;
                self.finish(tx, EventKind::Asked, EventData::new()).await
            }
            Verb::Note { text, .. } => {
                self.say(tx, Direction::Note, &text).await?;
                self.finish(tx, EventKind::Noted, EventData::new()).await
            }
            Verb::HandOver { department, officer, reason } => self.hand_over(tx, department, officer, &reason).await,
            Verb::Wait { reason } => {
                self.apply(Act::AwaitThirdParty)?;
                let reason = self.remark(tx, reason).await?;
                self.finish(tx, EventKind::WaitingThirdParty, data([("reason", reason)])).await
            }
            Verb::Resolve { outcome, .. } => {
                self.apply(Act::Resolve)?;
                let message = self.say(tx, Direction::Outbound, &outcome).await?;
                self.this.tell_resolved(tx, &self.ticket, message, &outcome).await?;
                self.finish(tx, EventKind::Resolved, EventData::new()).await
            }
            Verb::Reject { reason } => {
                self.apply(Act::Reject)?;
                let message = self.say(tx, Direction::Outbound, &reason).await?;
                self.this.tell_rejected(tx, &self.ticket, message, &reason).await?;
                self.finish(tx, EventKind::Rejected, EventData::new()).await
            }
            Verb::Reopen { reason } => {
                self.apply(Act::Reopen)?;
                let (by, reason) = (Actor::Person(self.by.id), self.remark(tx, reason).await?);
                let about = self.about(data([("reason", reason)]));
                Ok(self.this.reopened(tx, &mut self.ticket, by, &about, self.nonce.as_deref(), None).await?)
            }
            Verb::Close => {
                self.apply(Act::Close)?;
                self.finish(tx, EventKind::Closed, EventData::new()).await
            }
            Verb::MarkSpam => {
                self.apply(Act::MarkSpam)?;
                self.finish(tx, EventKind::MarkedSpam, EventData::new()).await
            }
            Verb::MarkDuplicate { of } => {
                self.apply(Act::MarkDuplicate)?;
                self.finish(tx, EventKind::MarkedDuplicate, data([("of", of.map(|r| r.to_string()).unwrap_or_default())])).await
            }
        }
    }

    /// What the timeline may hold of a reason: on a confidential ticket nothing. There it becomes an internal note, which is sealed.
    async fn remark(&mut self, tx: &mut Tx, reason: String) -> Result<String, CaseworkError> {
        if !self.ticket.confidential || reason.trim().is_empty() {
            return Ok(reason);
        }
        self.say(tx, Direction::Note, &reason).await?;
        Ok(String::new())
    }

    fn apply(&mut self, act: Act) -> Result<(), CaseworkError> {
        Ok(self.ticket.apply(act, self.this.world().now())?)
    }

    async fn start(&mut self, tx: &mut Tx) -> Result<(), CaseworkError> {
        self.apply(Act::Start)?;
        if self.ticket.owner != self.by.id {
            self.ticket.owner = self.by.id;
        }
        self.this.tell_assigned(tx, &self.ticket, &self.by).await?;
        self.finish(tx, EventKind::Accepted, EventData::new()).await
    }

    async fn hand_over(&mut self, tx: &mut Tx, department: Key, officer: Option<Key>, reason: &str) -> Result<(), CaseworkError> {
        let to =
            self.this.office.department(&department).cloned().ok_or_else(|| CaseworkError::UnknownDepartment(department.to_string()))?;
        let (owner, how) = match officer {
            Some(key) => {
                let known = to.officers.contains(&key) || key == self.this.office.fallback_owner;
                let person = if known { tx.person_by_key(&key).await? } else { None };
                (person.filter(|p| p.active).ok_or_else(|| CaseworkError::UnknownOfficer(key.to_string()))?, Vec::new())
            }
            None => self.this.owner_in(tx, &to).await?,
        };
        let from = self.this.department_name(&self.ticket);
        self.apply(Act::Assign)?;
        self.ticket.department = department;
        self.ticket.owner = owner.id;
        self.ticket.reasons = std::iter::once(Reason::new("handed_over", from)).chain(how).collect();
        tx.assigned_now(owner.id, self.this.world().now()).await?;
        let to = self.ticket.department.to_string();
        self.this.tell_assigned(tx, &self.ticket, &owner).await?;
        if owner.id != self.by.id {
            self.this.alert_handed_over(tx, &self.ticket, &owner, &self.by.name, reason).await?;
        }
        let kept = self.remark(tx, reason.to_owned()).await?;
        let about = data([("department", to), ("to", owner.id.to_string()), ("reason", kept)]);
        self.finish(tx, EventKind::HandedOver, about).await
    }

    async fn say(&mut self, tx: &mut Tx, direction: Direction, text: &str) -> Result<MessageId, CaseworkError> {
        let world = self.this.world();
        let message = Message {
            id: MessageId::new(world),
            ticket: self.ticket.id,
            direction,
            channel: self.via,
            account: String::new(),
            person: Some(self.by.id),
            address: None,
            external_id: None,
            body: text.trim().to_owned(),
            fresh: None,
            sent_at: None,
            created_at: world.now(),
        };
        tx.insert_message(&message, self.ticket.confidential, None, None).await?;
        for (position, file) in std::mem::take(&mut self.files).into_iter().enumerate() {
            let attachment = Attachment {
                id: AttachmentId::new(world),
                message: message.id,
                blob: Some(file.blob),
                name: file.name,
                content_type: file.content_type,
                size: file.size,
                inline: false,
                missing: None,
            };
            tx.insert_attachment(&attachment, i32::try_from(position).unwrap_or(i32::MAX)).await?;
        }
        self.said = Some(message.id);
        Ok(message.id)
    }

    /// The data of the timeline's entry, with what they hold of every act.
    fn about(&self, mut about: EventData) -> EventData {
        about.extend(self.interface.clone().map(|name| (INTERFACE.to_owned(), name)));
        about
    }

    async fn finish(&mut self, tx: &mut Tx, kind: EventKind, about: EventData) -> Result<(), CaseworkError> {
        let about = self.about(about);
        let now = self.this.world().now();
        let ticket = &mut self.ticket;
        ticket.updated_at = now;
        tx.update_ticket(ticket).await?;
        tx.insert_event_once(ticket.id, now, Actor::Person(self.by.id), kind, &about, self.nonce.as_deref()).await?;
        self.this.outbox.announce(tx, ticket, kind).await?;
        Ok(())
    }
}

impl Casework {
    /// The owner that a department gives, and why; the fall-back owner when nobody of it is present.
    pub async fn owner_in(&self, tx: &mut Tx, department: &Department) -> Result<(Person, Vec<Reason>), StoreError> {
        let (now, mut officers) = (self.world().now(), self.officers_of(tx, department).await?);
        let candidate = |(open, person): &(i64, Person)| Candidate {
            id: person.id,
            name: person.name.clone(),
            present: person.present(now),
            open: *open,
            last_assigned_at: person.last_assigned_at,
        };
        let candidates: Vec<Candidate> = officers.iter().map(candidate).collect();
        let chosen = routing::choose_owner(department, &candidates);
        if let Some((place, how)) = chosen.and_then(|(id, how)| Some((officers.iter().position(|(_, person)| person.id == id)?, how))) {
            return Ok((officers.swap_remove(place).1, how));
        }
        let nobody = Reason::new("nobody_present", if candidates.is_empty() { Bilingual::default() } else { department.name.clone() });
        Ok((self.fallback_owner(tx).await?, vec![nobody]))
    }
}
