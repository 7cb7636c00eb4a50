//! E-mail: mailboxes read over IMAP, answers sent over SMTP.
//!
//! A mail goes `imap` → `parse` → `inbound` → `order` → the sink; an answer goes `render` → `smtp`.
//! `parse` asks `mime` for the parts (which asks `field` for their headers, and that `words`, `address`, `ids`, `date` and
//! `parameters`), `body` for text and files (with `charset`, `transfer`, `flowed`, `uuencode`, `tnef`, `visible`), `reply`
//! for what of it is new, `automatic` and `report` for who wrote it and why. Sign-in is by password, or by token (`oauth`)
//! where the provider wants that.
//!
//! Architecture invariants
//! - async-imap, lettre and mail-parser are known in this folder only.
//! - What is new is told by UID, never by `\Seen`; a mail is marked as read, and the bookmark moved on, only after it is stored.
//! - No text that leaves this folder (health, errors, logs) carries an address of a person, a password, a token, or words of a mail.
//!
//! Not here: whether an answer may be given (the outbox's gate), which ticket a mail belongs to (`routing`).

mod address;
pub mod automatic;
mod body;
mod charset;
mod connection;
mod date;
mod field;
mod flowed;
mod ids;
mod imap;
pub mod inbound;
pub mod inspect;
pub mod mime;
pub mod oauth;
mod order;
mod parameters;
pub mod parse;
pub mod render;
pub mod reply;
pub mod report;
pub mod settings;
mod smtp;
mod tnef;
mod transfer;
mod trouble;
mod uuencode;
pub mod visible;
mod words;

use super::{AccountHealth, Bookmarks, Capabilities, Channel, ChannelKind, InboundSink, Outbound, SendError, Sent};
use super::{Event, Raw};
use crate::domain::{Address, At, Scheme, World};
use async_trait::async_trait;
use futures_util::future::{join, join_all};
use oauth::{TokenStore, keeper::Keeper};
use settings::{Mistake, Settings};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// The channel with all its mailboxes.
pub struct EmailChannel {
    postboxes: Vec<Postbox>,
    world: World,
}

/// One mailbox, both ways.
struct Postbox {
    reader: imap::Reader,
    submission: smtp::Submission,
    keeper: Option<Arc<Keeper>>,
    health: Arc<Mutex<AccountHealth>>,
}

impl Postbox {
    /// What reading says; where that is well, what the sign-in says.
    fn health(&self) -> AccountHealth {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner).clone();
        health.trouble = health.trouble.or_else(|| self.keeper.as_ref()?.trouble());
        health
    }
}

/// The channel can't be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct NotSetUp(pub Vec<Mistake>);

impl EmailChannel {
    /// # Errors
    /// [`NotSetUp`]: everything that is wrong with the settings.
    pub fn new(
        settings: Settings,
        bookmarks: Arc<dyn Bookmarks>,
        tokens: Arc<dyn TokenStore>,
        world: World,
    ) -> Result<Arc<Self>, NotSetUp> {
        let mistakes = settings.mistakes();
        if !mistakes.is_empty() {
            return Err(NotSetUp(mistakes));
        }
        let own: Arc<[Address]> = settings.mailboxes.iter().filter_map(|mailbox| Address::mail(&mailbox.address).ok()).collect();
        let roots = Arc::new(connection::Roots::default());
        let postbox = |mailbox: settings::Mailbox| {
            let health = Arc::new(Mutex::new(AccountHealth { account: mailbox.name.to_string(), ..AccountHealth::default() }));
            let keeper = mailbox.oauth.clone().map(|oauth| {
                let provider = oauth::Provider::new(oauth, world.clone(), roots.clone());
                Keeper::new(mailbox.name.as_str(), provider, tokens.clone())
            });
            Postbox {
                submission: smtp::Submission::new(mailbox.smtp.clone(), mailbox.address.trim(), keeper.clone()),
                reader: imap::Reader {
                    mailbox,
                    own: own.clone(),
                    bookmarks: bookmarks.clone(),
                    world: world.clone(),
                    roots: roots.clone(),
                    keeper: keeper.clone(),
                    health: health.clone(),
                },
                keeper,
                health,
            }
        };
        Ok(Arc::new(Self { postboxes: settings.mailboxes.into_iter().map(postbox).collect(), world: world.clone() }))
    }

    /// The mailbox of that name; the first one when there is no such name or none is asked for.
    fn postbox(&self, account: Option<&str>) -> Option<&Postbox> {
        let named = account.and_then(|account| self.postboxes.iter().find(|postbox| postbox.reader.mailbox.name.as_str() == account));
        named.or_else(|| self.postboxes.first())
    }
}

#[async_trait]
impl Channel for EmailChannel {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Email
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { subject: true, attachments: true, text_limit: None }
    }

    fn reaches(&self, address: &Address) -> bool {
        address.scheme() == Scheme::Mailto && !self.postboxes.is_empty()
    }

    async fn receive(&self, sink: Arc<dyn InboundSink>, stop: CancellationToken) {
        let reading = join_all(self.postboxes.iter().map(|postbox| postbox.reader.run(sink.clone(), stop.clone())));
        let tending = join_all(self.postboxes.iter().filter_map(|postbox| postbox.keeper.as_ref()).map(|keeper| keeper.tend(&stop)));
        join(reading, tending).await;
    }

    fn reread(&self, account: &str, raw: Raw, received_at: At) -> Event {
        if raw.content_type == inbound::HEADER_ONLY {
            let reason = "only the header of the mail was kept, there is nothing to read again; the mail is still in the mailbox";
            return Event::Unreadable { reason: reason.to_owned() };
        }
        let Some(postbox) = self.postbox(Some(account)) else { return Event::Unreadable { reason: "no mailbox is set up".to_owned() } };
        let facts = inbound::Account { mailbox: account, own: &postbox.reader.own, received: received_at };
        inbound::reread(&raw.bytes, &facts)
    }

    async fn send(&self, outbound: &Outbound) -> Result<Sent, SendError> {
        if outbound.to.scheme() != Scheme::Mailto {
            return Err(SendError::Invalid { detail: "not an e-mail address".to_owned() });
        }
        let postbox = self
            .postbox(outbound.account.as_deref())
            .ok_or_else(|| SendError::Misconfigured { detail: "no mailbox is set up (email.mailboxes)".to_owned() })?;
        let mail = render::render(outbound, postbox.reader.mailbox.address.trim(), self.world.now()).map_err(|error| match error {
            render::RenderError::Mailbox => SendError::Misconfigured { detail: error.to_string() },
            _ => SendError::Invalid { detail: error.to_string() },
        })?;
        postbox.submission.send(&mail).await?;
        Ok(Sent { external_id: Some(mail.message_id) })
    }

    fn health(&self) -> Vec<AccountHealth> {
        self.postboxes.iter().map(Postbox::health).collect()
    }
}
