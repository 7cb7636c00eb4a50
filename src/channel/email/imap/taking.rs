//! Takes in what is new in the open folder, range by range.

use super::{
    Position, Progress, Reader,
    commands::{self, Abilities, Listed, Mailserver, Windows, fetch, list, search, set},
};
use crate::channel::{
    ChannelKind, DedupeKey, Inbound, InboundSink, NotTaken, Raw,
    email::{
        inbound::{self, Account, HEADER_ONLY},
        order,
        trouble::Trouble,
    },
};
use bytes::Bytes;
use futures_util::future::join_all;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// Mails that are listed, handed in and committed together.
const RANGE: usize = 20;
/// Bodies that are fetched in one answer, in bytes; at least one mail.
const FETCH: u64 = 16 << 20;
/// The largest mail whose body is fetched, in bytes.
const LARGEST: u64 = 50 << 20;
/// So often a mail is asked for whose body the server leaves out, before a person is told.
const PATIENCE: u32 = 3;
/// The longest that reading a mail may take; ordinary ones take less than a millisecond.
const READING: std::time::Duration = std::time::Duration::from_secs(60);
/// Mails without an id that are remembered for telling twins apart.
const NAMELESS: usize = 1_000;

/// The work on one open folder.
pub(super) struct Taking<'a> {
    pub reader: &'a Reader,
    pub sink: &'a Arc<dyn InboundSink>,
    pub server: &'a mut Mailserver,
    pub progress: &'a mut Progress,
    pub position: Position,
    pub can: Abilities,
}

impl Taking<'_> {
    /// Takes in what lay there when the folder was opened, up to the UID `highest`.
    pub async fn catch_up(&mut self, highest: u32, stop: &CancellationToken) -> Result<(), Trouble> {
        let mut windows = Windows::new(self.position.last.saturating_add(1), highest);
        while let Some(uids) = windows.next(self.server).await? {
            self.take(&uids, stop).await?;
            if stop.is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    /// Takes in everything that is new now.
    pub async fn take_new(&mut self, stop: &CancellationToken) -> Result<(), Trouble> {
        commands::noop(self.server).await?;
        if !self.progress.saved {
            self.save_bookmark().await;
        }
        let Some(next) = self.position.last.checked_add(1) else { return Ok(()) };
        let mut uids = search(self.server, &format!("UID {next}:*")).await?;
        // `*` is the last mail even when its UID is lower than the first asked for.
        uids.retain(|uid| *uid >= next);
        self.take(&uids, stop).await
    }

    async fn take(&mut self, uids: &[u32], stop: &CancellationToken) -> Result<(), Trouble> {
        for range in uids.chunks(RANGE) {
            if stop.is_cancelled() {
                return Ok(());
            }
            self.take_range(range).await?;
        }
        Ok(())
    }

    async fn take_range(&mut self, uids: &[u32]) -> Result<(), Trouble> {
        let mut listed = list(self.server, &set(uids)).await?;
        listed.retain(|mail| uids.contains(&mail.uid));
        self.demand(uids, |uid| listed.iter().any(|mail| mail.uid == uid)).await?;
        let mut rest = listed.as_slice();
        while let Some(first) = rest.first() {
            let mut bytes = 0u64;
            let fits = rest.iter().take_while(|mail| {
                bytes = bytes.saturating_add(mail.size);
                mail.size <= LARGEST && bytes <= FETCH
            });
            // What breaks the connection again and again is fetched alone, and then shown to a person.
            let count = if self.progress.broken_off < PATIENCE { fits.count().max(1) } else { 1 };
            let inbound = if self.progress.broken_off >= 2 * PATIENCE {
                let nothing = Raw { content_type: HEADER_ONLY, bytes: Bytes::new() };
                vec![(first.uid, self.unread(*first, nothing, "the mail cannot be fetched; it stays in the mailbox".to_owned()))]
            } else if first.size > LARGEST {
                vec![(first.uid, self.too_large(*first).await?)]
            } else {
                self.fetch(&rest[..count]).await?
            };
            self.hand_in(inbound, &rest[..count]).await?;
            rest = &rest[count..];
        }
        Ok(())
    }

    /// Hands in what was fetched. Mails of one sender or one conversation enter one after the other, in the order of the
    /// UIDs, and none after one that was not taken; all others at the same time, so that they can share one commit.
    async fn hand_in(&mut self, inbound: Vec<(u32, Inbound)>, mails: &[Listed]) -> Result<(), Trouble> {
        let (uids, events): (Vec<u32>, Vec<Inbound>) = inbound.into_iter().unzip();
        let whole: BTreeSet<u32> =
            uids.iter().zip(&events).filter(|(_, event)| event.raw.content_type != HEADER_ONLY).map(|(uid, _)| *uid).collect();
        let groups = order::groups(&events);
        let mut events: Vec<Option<Inbound>> = events.into_iter().map(Some).collect();
        let entering: Vec<_> = groups
            .into_iter()
            .map(|group| enter(&**self.sink, group.into_iter().filter_map(|at| Some((at, events[at].take()?))).collect()))
            .collect();
        let (taken, errors): (Vec<Vec<usize>>, Vec<Option<NotTaken>>) = join_all(entering).await.into_iter().unzip();
        let taken: BTreeSet<usize> = taken.into_iter().flatten().collect();
        let stored = (0..uids.len()).take_while(|at| taken.contains(at)).count();
        if stored > 0 {
            self.progress.broken_off = 0;
            self.mark_seen(&uids[..stored]).await;
            self.position.last = self.position.last.max(uids[stored - 1]);
            let known = mails.iter().filter(|mail| mail.uid <= self.position.last).filter_map(|mail| mail.received);
            self.position.newest = known.chain(self.position.newest).max();
            self.progress.position = Some(self.position);
            self.progress.bodiless.retain(|uid, _| *uid > self.position.last);
            self.save_bookmark().await;
            self.put_away(&uids[..stored], &whole).await;
        }
        match errors.into_iter().flatten().next() {
            Some(error) => {
                tracing::warn!(mailbox = %self.reader.mailbox.name, "{error}");
                Err(Trouble::NotTaken)
            }
            None => Ok(()),
        }
    }

    /// For the people who look at the same mailbox; nothing depends on it.
    async fn mark_seen(&mut self, uids: &[u32]) {
        if self.reader.mailbox.mark_seen {
            let command = format!("UID STORE {} +FLAGS.SILENT (\\Seen)", set(uids));
            if commands::run(self.server, "STORE", &command).await.is_err() {
                tracing::info!(mailbox = %self.reader.mailbox.name, "mails that were taken in could not be marked as read");
            }
        }
    }

    /// Moves what was taken in out of the way, where the settings say so. What is only in the mailbox stays there.
    async fn put_away(&mut self, uids: &[u32], whole: &BTreeSet<u32>) {
        let Some(folder) = &self.reader.mailbox.done_folder else { return };
        let uids: Vec<u32> = uids.iter().copied().filter(|uid| whole.contains(uid)).collect();
        if uids.is_empty() {
            return;
        }
        self.progress.not_moved = match commands::put_away(self.server, self.can, &set(&uids), folder).await {
            Ok(()) => None,
            Err(trouble) => {
                tracing::warn!(mailbox = %self.reader.mailbox.name, "mails that were taken in could not be moved to {folder}: {trouble}");
                Some(Trouble::NotMoved(folder.clone(), trouble.to_string()))
            }
        };
    }

    async fn save_bookmark(&mut self) {
        let name = self.reader.mailbox.name.as_str();
        let saved = self.reader.bookmarks.save(ChannelKind::Email, name, &self.position.text()).await;
        self.progress.saved = saved.is_ok();
        if let Err(error) = saved {
            tracing::warn!(mailbox = name, "the place in the mailbox was not saved: {error}");
        }
    }

    // ── from the server ──

    /// Fetches the mails and reads them.
    async fn fetch(&mut self, mails: &[Listed]) -> Result<Vec<(u32, Inbound)>, Trouble> {
        let uids: Vec<u32> = mails.iter().map(|mail| mail.uid).collect();
        let total = mails.iter().map(|mail| mail.size).sum();
        let mut bodies: BTreeMap<u32, Option<Bytes>> = BTreeMap::new();
        for fetched in fetch(self.server, &set(&uids), "(UID BODY.PEEK[])", total).await? {
            if let Some(uid) = fetched.uid {
                let body = fetched.body().map(Bytes::copy_from_slice);
                // A server may send flags of the same mail in an answer of their own.
                let known = bodies.entry(uid).or_default();
                *known = body.or(known.take());
            }
        }
        self.demand(&uids, |uid| bodies.contains_key(&uid)).await?;
        let mut read = Vec::new();
        for mail in mails {
            match bodies.remove(&mail.uid) {
                Some(Some(body)) => {
                    let mut inbound = self.read(*mail, body).await;
                    self.name(*mail, &mut inbound).await?;
                    read.push((mail.uid, inbound));
                }
                Some(None) => read.push((mail.uid, self.bodiless(*mail)?)),
                None => {}
            }
        }
        Ok(read)
    }

    /// Gives a mail without an id a second key beside its UID, so that it is known again when the server numbers its mails
    /// anew: its bytes, when it was received, and how many like it came before. Two that are alike in all of it stay two.
    async fn name(&mut self, mail: Listed, inbound: &mut Inbound) -> Result<(), Trouble> {
        // Where mails are moved away, the places of those that stay would change.
        let (1, Some(received), None) = (inbound.keys.len(), mail.received, &self.reader.mailbox.done_folder) else { return Ok(()) };
        let digest = inbound::hex_digest(&inbound.raw.bytes);
        let before = commands::twins(self.server, mail).await?;
        if self.progress.nameless.len() >= NAMELESS {
            self.progress.nameless.clear();
        }
        let alike = self.progress.nameless.entry((received, digest.clone())).or_default();
        let known = alike.iter().position(|uid| *uid == mail.uid).unwrap_or_else(|| {
            alike.push(mail.uid);
            alike.len() - 1
        });
        let place = before.max(known);
        inbound.keys.push(DedupeKey(format!("raw:{}:{digest}:{}:{place}", self.reader.mailbox.name, received.micros())));
        Ok(())
    }

    /// Makes sure that mails which we did not get are gone from the folder, and not only lost on the way.
    async fn demand(&mut self, uids: &[u32], is_here: impl Fn(u32) -> bool) -> Result<(), Trouble> {
        let missing: Vec<u32> = uids.iter().copied().filter(|uid| !is_here(*uid)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let still = search(self.server, &format!("UID {}", set(&missing))).await?;
        commands::noop(self.server).await?;
        if still.is_empty() { Ok(()) } else { Err(Trouble::Withheld(still.len())) }
    }

    /// Reading a large mail takes a while: off the threads that serve everybody.
    async fn read(&mut self, mail: Listed, body: Bytes) -> Inbound {
        let name = self.reader.mailbox.name.to_string();
        let own = self.reader.own.clone();
        let received = mail.received.unwrap_or_else(|| self.reader.world.now());
        let uid_validity = self.position.uid_validity;
        let raw = body.clone();
        let read = tokio::task::spawn_blocking(move || {
            inbound::event(body, &Account { mailbox: &name, own: &own, received }, uid_validity, mail.uid)
        });
        match tokio::time::timeout(READING, read).await {
            Ok(Ok(inbound)) => inbound,
            _ => self.unread(mail, Raw { content_type: "message/rfc822", bytes: raw }, "reading the mail failed".to_owned()),
        }
    }

    /// Fetches only the header of a mail that is too large.
    async fn too_large(&mut self, mail: Listed) -> Result<Inbound, Trouble> {
        let fetched = fetch(self.server, &mail.uid.to_string(), "(UID BODY.PEEK[HEADER])", 1 << 20).await?;
        let header = fetched.iter().find_map(|fetched| fetched.header()).map(Bytes::copy_from_slice).unwrap_or_default();
        let reason =
            format!("the mail has {} MiB, more than the {} that are fetched; it stays in the mailbox", mail.size >> 20, LARGEST >> 20);
        Ok(self.unread(mail, Raw { content_type: HEADER_ONLY, bytes: header }, reason))
    }

    /// A mail without a body is asked for again, and shown to a person when that does not help.
    fn bodiless(&mut self, mail: Listed) -> Result<Inbound, Trouble> {
        let times = self.progress.bodiless.entry(mail.uid).or_default();
        *times += 1;
        if *times < PATIENCE {
            return Err(Trouble::Withheld(1));
        }
        let nothing = Raw { content_type: HEADER_ONLY, bytes: Bytes::new() };
        Ok(self.unread(mail, nothing, "the server does not hand out the mail; it stays in the mailbox".to_owned()))
    }

    fn unread(&self, mail: Listed, raw: Raw, reason: String) -> Inbound {
        let received = mail.received.unwrap_or_else(|| self.reader.world.now());
        let account = Account { mailbox: self.reader.mailbox.name.as_str(), own: &self.reader.own, received };
        inbound::unreadable(raw, &account, self.position.uid_validity, mail.uid, reason)
    }
}

/// Hands in one after the other, up to the first that is not taken; the answer is the places of those that were.
async fn enter(sink: &dyn InboundSink, mails: Vec<(usize, Inbound)>) -> (Vec<usize>, Option<NotTaken>) {
    let mut taken = Vec::with_capacity(mails.len());
    for (at, mail) in mails {
        if let Err(error) = sink.deliver(mail).await {
            return (taken, Some(error));
        }
        taken.push(at);
    }
    (taken, None)
}
