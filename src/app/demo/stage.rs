//! The stage of the demo: the phones of the senders, and the officers' doors.

use super::{
    network::Note,
    phones::{Heard, Phones},
};
use crate::{
    channel::{InboundSink, Taken},
    domain::{Address, ChannelKind, Direction, Key, Reference, Scheme},
    intake::Intake,
    outbox::token,
    store::{
        Store, StoreError, Tx,
        desk::{Filter, Scope},
    },
    web::demo::{DemoStage, OnPhone, Phone, Player, StageError},
};
use async_trait::async_trait;
use std::sync::Arc;

/// So many phones lie on the table.
const PHONES: usize = 10;
/// So many matters of a person are looked at for what they wrote.
const MATTERS: i64 = 20;
/// So many messages stand on a phone.
const SAID: usize = 40;
/// The longest message, in characters.
const LONGEST: usize = 4_000;

pub(super) struct Stage {
    pub phones: Arc<Phones>,
    pub store: Arc<Store>,
    pub intake: Intake,
    pub players: Vec<Player>,
}

impl Stage {
    /// Those with a demo phone, and whoever else was sent something lately.
    fn on_the_table(&self) -> Vec<Address> {
        let own = |address: &Address| address.scheme() == Scheme::Sandbox;
        let mut addresses = self.phones.latest(own, PHONES);
        addresses.extend(self.phones.latest(|address| !own(address), PHONES / 2));
        addresses
    }

    async fn phone(&self, address: &Address) -> Result<Phone, StageError> {
        let mut read = self.store.read().await.map_err(|_| StageError)?;
        let known = read.find_address(address).await.map_err(|_| StageError)?;
        let name = match known {
            Some(known) => read.contact(known.contact).await.map_err(|_| StageError)?.name,
            None => None,
        };
        let shown = if address.scheme() == Scheme::Sandbox { String::new() } else { address.value().to_owned() };
        Ok(Phone { id: address.to_string(), name: name.unwrap_or_default(), address: shown })
    }
}

/// A message as it came to a phone. What carries a token can be answered.
fn got(heard: Heard) -> OnPhone {
    let about = heard.token.as_deref().and_then(token::read).map(|claim| claim.reference);
    OnPhone { at: heard.at, own: false, text: heard.text, about, answerable: about.is_some() }
}

/// The newest of what was written from an address, on any of its owner's matters.
async fn wrote(read: &mut Tx, address: &Address) -> Result<Vec<OnPhone>, StoreError> {
    let Some(known) = read.find_address(address).await? else { return Ok(Vec::new()) };
    let (everything, theirs) = (Scope { all: true, ..Scope::default() }, Filter { contact: Some(known.contact), ..Filter::default() });
    let mut written = Vec::new();
    for row in read.list_tickets(&everything, &theirs, MATTERS).await? {
        let Some(ticket) = read.ticket(row.reference).await? else { continue };
        for message in read.messages(ticket.id).await? {
            // What the front desk wrote down was said in a call or a visit.
            let typed = message.direction == Direction::Inbound && message.channel != ChannelKind::Desk;
            let text = message.fresh.unwrap_or(message.body);
            if typed && message.address.unwrap_or(ticket.address) == known.id && !text.trim().is_empty() {
                written.push(OnPhone { at: message.created_at, own: true, text, about: Some(ticket.reference), answerable: false });
            }
        }
    }
    Ok(written)
}

#[async_trait]
impl DemoStage for Stage {
    async fn phones(&self) -> Result<Vec<Phone>, StageError> {
        let mut phones = Vec::new();
        for address in self.on_the_table() {
            phones.push(self.phone(&address).await?);
        }
        Ok(phones)
    }

    async fn conversation(&self, phone: &str) -> Result<Vec<OnPhone>, StageError> {
        let address: Address = phone.parse().map_err(|_| StageError)?;
        let mut read = self.store.read().await.map_err(|_| StageError)?;
        let mut said = wrote(&mut read, &address).await.map_err(|_| StageError)?;
        said.extend(self.phones.on(&address).into_iter().map(got));
        said.sort_by_key(|message| std::cmp::Reverse((message.at, !message.own)));
        said.truncate(SAID);
        Ok(said)
    }

    fn players(&self) -> &[Player] {
        &self.players
    }

    async fn write(&self, from: &str, about: Option<Reference>, kind: Option<&str>, text: &str) -> Result<Reference, StageError> {
        let address: Address = from.parse().map_err(|_| StageError)?;
        let about_it = |token: &String| token::read(token).is_some_and(|claim| Some(claim.reference) == about);
        let token = self.phones.on(&address).into_iter().filter_map(|heard| heard.token).find(about_it);
        if text.trim().is_empty() || (about.is_some() && token.is_none()) {
            return Err(StageError);
        }
        let note = Note {
            id: self.store.world().uuid().to_string(),
            from: address.to_string(),
            name: None,
            text: text.trim().chars().take(LONGEST).collect(),
            kind: kind.and_then(|kind| Key::parse(kind).ok()),
            fields: Default::default(),
            token,
        };
        match self.intake.deliver(note.inbound()).await {
            Ok(Taken::Accepted(accepted)) => Ok(accepted.reference),
            _ => Err(StageError),
        }
    }
}
