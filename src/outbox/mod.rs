//! Notices: promised in the transaction of what they tell, sent afterwards, tried again, recorded.
//!
//! Architecture invariants
//! - [`Outbox::promise`] runs in the caller's transaction: a notice exists exactly when what it tells of does.
//! - What the recipient gets is rendered once and stored; a retry says the same.
//! - Every automatic message to a person, senders and staff alike, passes `routing::gate`, here and nowhere else. Receivers of
//!   outgoing webhooks are programs that asked for every event.
//! - No transaction is open while a message is sent; a lease keeps replicas from sending twice.

mod dispatch;
mod receipt;
pub mod settings;
pub mod token;

use crate::{
    channel::{
        Channel, ChannelKind,
        webhook::{WebhookChannel, render},
    },
    domain::{Actor, Address, AddressId, At, Bilingual, EventKind, Language, MessageId, NoticeId, Scheme, Ticket, World, event},
    routing::{
        Gate, gate,
        gate::{Rate, Request, is_public, mail_domain},
    },
    store::{
        Store, StoreError, Tx,
        contacts::{AddressState, KnownAddress},
        notices::{Audience, Notice, NoticeContent, NoticeState},
        people::Person,
    },
};
use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::sync::Notify;

/// Promises and sends. Cheap to clone: all clones are one outbox.
#[derive(Clone)]
pub struct Outbox(Arc<Parts>);

impl std::ops::Deref for Outbox {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What an [`Outbox`] is made of.
pub struct Parts {
    store: Arc<Store>,
    channels: Vec<Arc<dyn Channel>>,
    webhooks: Option<Arc<WebhookChannel>>,
    settings: settings::Settings,
    /// Our own mail addresses.
    own: Vec<Address>,
    /// The charity's name, shown as the sender of mail.
    from_name: Bilingual,
    /// Names this process in leases.
    holder: String,
    wake: Notify,
    /// How many claims this process has made.
    claims: AtomicU64,
    turns: dispatch::Turns,
}

/// Whom a notice is for.
#[derive(Clone, Copy)]
pub enum Recipient<'a> {
    /// The sender of the ticket, on their own channel.
    Sender,
    Staff(&'a Person),
}

/// A notice to be promised.
pub struct Promise<'a> {
    pub ticket: &'a Ticket,
    /// The message whose words and files it carries.
    pub message: Option<MessageId>,
    /// Its name, such as `received`.
    pub kind: &'static str,
    pub recipient: Recipient<'a>,
    pub language: Language,
    pub subject: String,
    pub text: String,
    /// A person wrote it for this recipient: no automatic mail, and no gate.
    pub personal: bool,
    /// Why the message that it answers forbids an automatic answer.
    pub automatic: Option<&'static str>,
}

/// Where a notice goes, and why not, when it can't.
struct Way {
    address: Option<AddressId>,
    to: Option<Address>,
    channel: Option<ChannelKind>,
    withheld: Option<&'static str>,
}

impl Outbox {
    pub fn new(
        store: Arc<Store>,
        channels: Vec<Arc<dyn Channel>>,
        webhooks: Option<Arc<WebhookChannel>>,
        settings: settings::Settings,
        own: Vec<Address>,
        from_name: Bilingual,
    ) -> Self {
        let holder = store.world().uuid().to_string();
        Self(Arc::new(Parts {
            store,
            channels,
            webhooks,
            settings,
            own,
            from_name,
            holder,
            wake: Notify::new(),
            claims: AtomicU64::new(0),
            turns: dispatch::Turns::default(),
        }))
    }

    pub fn channels(&self) -> &[Arc<dyn Channel>] {
        &self.channels
    }

    /// Our own mail addresses.
    pub fn own_addresses(&self) -> &[Address] {
        &self.own
    }

    /// Says that something was promised and committed, so that it goes out at once.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Whether any channel can send to the address.
    pub fn reaches(&self, address: &Address) -> bool {
        self.channel_for(address).is_some()
    }

    fn channel_for(&self, address: &Address) -> Option<&Arc<dyn Channel>> {
        self.channels.iter().find(|channel| channel.reaches(address))
    }

    /// Puts a notice into the queue, in the caller's transaction; see [`Outbox::owe`].
    pub async fn promise(&self, tx: &mut Tx, promise: Promise<'_>) -> Result<(), StoreError> {
        let notice = self.owe(tx, promise).await?;
        tx.insert_notice(&notice).await
    }

    /// The notice that is owed, for the caller to put into the queue with others ([`Tx::insert_notices`]). What the gate
    /// withholds, or what has no way to go, carries the reason; the ticket shows it.
    pub async fn owe(&self, tx: &mut Tx, promise: Promise<'_>) -> Result<Notice, StoreError> {
        let world = self.store.world();
        let now = world.now();
        let way = match promise.recipient {
            Recipient::Sender => self.way_to_sender(tx, promise.ticket, &[]).await?,
            Recipient::Staff(person) => self.way_to_staff(person),
        };
        let withheld = match (way.withheld, &way.to) {
            (None, Some(to)) if !promise.personal => {
                let audience = match promise.recipient {
                    Recipient::Sender => Audience::Sender,
                    Recipient::Staff(_) => Audience::Staff,
                };
                self.pass_gate(tx, to, promise.automatic, audience, now).await?
            }
            (withheld, _) => withheld,
        };
        let (audience, person, token) = match promise.recipient {
            Recipient::Sender => (Audience::Sender, None, token::for_sender(self.store.vault(), promise.ticket.reference)?),
            Recipient::Staff(person) => {
                (Audience::Staff, Some(person.id), token::for_officer(self.store.vault(), promise.ticket.reference, person.id)?)
            }
        };
        let account = (way.channel == Some(promise.ticket.channel)).then(|| promise.ticket.account.clone());
        let content = NoticeContent { subject: promise.subject, text: promise.text, token: Some(token) };
        Ok(Notice {
            ticket: Some(promise.ticket.id),
            message: promise.message,
            person,
            address: way.address,
            to: way.to,
            channel: way.channel,
            account,
            personal: promise.personal,
            state: if withheld.is_some() { NoticeState::Withheld } else { NoticeState::Pending },
            reason: withheld.map(str::to_owned),
            finished_at: withheld.map(|_| now),
            ..Notice::owed(NoticeId::new(world), promise.kind, audience, promise.language, content, now)
        })
    }

    /// Queues the event for every receiver of outgoing webhooks that asked for it.
    pub async fn announce(&self, tx: &mut Tx, ticket: &Ticket, kind: EventKind) -> Result<(), StoreError> {
        tx.insert_notices(&self.announcements(ticket, &[kind])).await
    }

    /// The notices of these events to every receiver that asked for them, for the caller to put into the queue with others.
    pub fn announcements(&self, ticket: &Ticket, kinds: &[EventKind]) -> Vec<Notice> {
        let Some(webhooks) = &self.webhooks else { return Vec::new() };
        let named = kinds.iter().filter_map(|kind| render::event_name(*kind));
        named
            .flat_map(|name| webhooks.targets_for(name).filter_map(move |target| Some(self.announcement(ticket, name, target.address()?))))
            .collect()
    }

    fn announcement(&self, ticket: &Ticket, name: &'static str, to: Address) -> Notice {
        let world = self.store.world();
        let now = world.now();
        let payload = render::event(&render::TicketEvent {
            name,
            at: now,
            reference: ticket.reference,
            status: ticket.status,
            kind: Some(&ticket.kind),
            department: Some(&ticket.department),
            channel: ticket.channel,
        });
        let content = NoticeContent { subject: String::new(), text: payload, token: None };
        Notice {
            ticket: Some(ticket.id),
            to: Some(to),
            channel: Some(ChannelKind::Webhook),
            ..Notice::owed(NoticeId::new(world), name, Audience::System, Language::En, content, now)
        }
    }

    async fn pass_gate(
        &self,
        tx: &mut Tx,
        to: &Address,
        automatic: Option<&'static str>,
        audience: Audience,
        now: At,
    ) -> Result<Option<&'static str>, StoreError> {
        let settings = &self.settings;
        let hourly = if audience == Audience::Sender { settings.per_address_hourly } else { settings.per_staff_hourly };
        // Staff share a domain, and none of them is a stranger.
        let domain = mail_domain(to).filter(|_| audience == Audience::Sender);
        let (lately, of_domain) = tx.automatic_since(to, domain.as_deref(), now.minus(Duration::from_secs(3600))).await?;
        let domain = domain.map(|domain| {
            let hourly = if is_public(&domain) { settings.per_provider_hourly } else { settings.per_domain_hourly };
            Rate { lately: of_domain, hourly: i64::from(hourly) }
        });
        let request = Request { to, automatic, own: self.own.contains(to), closed: None, lately, hourly: i64::from(hourly), domain };
        Ok(match gate(request) {
            Gate::Pass => None,
            Gate::Withhold(reason) => Some(reason),
        })
    }

    fn way_to_staff(&self, person: &Person) -> Way {
        let nowhere = |withheld| Way { address: None, to: None, channel: None, withheld: Some(withheld) };
        match &person.email {
            None => nowhere("no_address"),
            Some(email) => match self.channel_for(email) {
                None => nowhere("no_channel"),
                Some(channel) => Way { address: None, to: Some(email.clone()), channel: Some(channel.kind()), withheld: None },
            },
        }
    }

    /// The first address of the sender that a channel reaches: the one the ticket came from, then the others they gave.
    /// Addresses in `tried` are passed over.
    async fn way_to_sender(&self, tx: &mut Tx, ticket: &Ticket, tried: &[Address]) -> Result<Way, StoreError> {
        let known = tx.ways_to(ticket.address, ticket.contact).await?;
        // What somebody merely said of themselves may be another's; it counts only for the ticket that it came with. So does the
        // tracking page: elsewhere it would hide that nobody was reached.
        let meant = |address: &KnownAddress| address.id == ticket.address || (address.proven && address.address.scheme() != Scheme::Portal);
        let open = |address: &&KnownAddress| address.state == AddressState::Ok && meant(address) && !tried.contains(&address.address);
        if let Some((address, channel)) = known.iter().filter(open).find_map(|a| self.channel_for(&a.address).map(|c| (a, c))) {
            return Ok(Way { address: Some(address.id), to: Some(address.address.clone()), channel: Some(channel.kind()), withheld: None });
        }
        let home = known.first();
        let withheld = match home.map(|address| address.state) {
            Some(AddressState::Stopped) => "stopped",
            Some(AddressState::Bounced) => "bounced",
            _ => "no_channel",
        };
        Ok(Way { address: home.map(|a| a.id), to: home.map(|a| a.address.clone()), channel: None, withheld: Some(withheld) })
    }

    /// What follows when a notice is given up: the sender's next address, and an entry in the timeline.
    async fn fall_back(&self, tx: &mut Tx, dead: &Notice, code: &str) -> Result<(), StoreError> {
        let Some(ticket) = (match dead.ticket {
            Some(id) => tx.lock_ticket(id).await?,
            None => None,
        }) else {
            return Ok(());
        };
        let now = self.store.world().now();
        let data = event::data([
            ("notice", dead.kind.clone()),
            ("channel", dead.channel.map(|c| c.to_string()).unwrap_or_default()),
            ("address", dead.to.as_ref().map(Address::masked).unwrap_or_default()),
            ("reason", code.to_owned()),
        ]);
        tx.insert_event(ticket.id, now, Actor::System, EventKind::NoticeFailed, &data).await?;
        if dead.audience != Audience::Sender {
            return Ok(());
        }
        let mut tried: Vec<Address> =
            tx.ticket_notices(ticket.id).await?.into_iter().filter(|n| n.content.text == dead.content.text).filter_map(|n| n.to).collect();
        tried.extend(dead.to.clone());
        let mut way = self.way_to_sender(tx, &ticket, &tried).await?;
        if let (None, Some(to), false) = (way.withheld, &way.to, dead.personal) {
            way.withheld = self.pass_gate(tx, to, None, Audience::Sender, now).await?;
        }
        if way.withheld.is_none() {
            let world: &World = self.store.world();
            let again = Notice {
                id: NoticeId::new(world),
                address: way.address,
                to: way.to,
                channel: way.channel,
                account: None,
                state: NoticeState::Pending,
                reason: None,
                attempts: 0,
                next_at: now,
                external_id: None,
                fallback_of: Some(dead.id),
                created_at: now,
                finished_at: None,
                ..dead.clone()
            };
            tx.insert_notice(&again).await?;
        }
        Ok(())
    }
}
