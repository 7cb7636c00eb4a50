//! Reads one mailbox: what is new by UID, each conversation handed in in its order, marked as read only after it is stored.
//!
//! - New is what has a higher UID than the last one taken in, under the same UIDVALIDITY (RFC 9051 §2.3.1.1). The mark
//!   `\Seen` says nothing: people read the same mailbox on their phones.
//! - The bookmark only saves fetching again. When it is lost, or UIDVALIDITY changes, everything is handed in once
//!   more, and intake knows it by its keys. A bookmark that can't be read is not lost: nothing is fetched until it can.
//! - Where old mail was left alone at the first start, a change of UIDVALIDITY must not bring it in: reading goes on from the
//!   first mail that the server received when it received the newest one we know, or later (INTERNALDATE). Where the date is
//!   not known, or the server numbers mails in another order than it received them, old mail may come in after all; none is
//!   lost.
//! - A mail counts as fetched when it was received, not when the server ended its answer: a connection that breaks
//!   inside an answer looks like its end.
//!
//! Seam: IDLE takes the place of the pause in `watch`.

use super::{
    connection::{self, COMMAND, Credential, Mailserver, Roots, within},
    inbound::{self, Account, HEADER_ONLY},
    oauth::keeper::Keeper,
    order,
    settings::{FirstStart, Mailbox},
    trouble::Trouble,
};
use crate::{
    channel::{AccountHealth, Bookmarks, ChannelKind, Inbound, InboundSink, NotTaken, Raw},
    domain::{Address, At, World},
};
use bytes::Bytes;
use futures_util::{StreamExt, future::join_all};
use secrecy::ExposeSecret;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Mails that are listed, handed in and committed together.
const RANGE: usize = 20;
/// Mails that are listed together in search of a date.
const LOOK: usize = 500;
/// Bodies that are fetched in one answer, in bytes; at least one mail.
const FETCH: u64 = 16 << 20;
/// The largest mail whose body is fetched, in bytes.
const LARGEST: u64 = 50 << 20;
/// The slowest line that is waited for, in bytes per second.
const SLOWEST: u64 = 32 << 10;
/// So often a mail is asked for whose body the server leaves out, before a person is told.
const PATIENCE: u32 = 3;
/// The pauses between attempts to connect: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// After a stop is asked for, how long the work at hand may take to end by itself.
const GRACE: Duration = Duration::from_millis(1500);
/// How often it is looked whether somebody has signed the mailbox in again.
const AWAITING: Duration = Duration::from_secs(5);

/// One mailbox and what is needed to read it.
pub struct Reader {
    pub mailbox: Mailbox,
    /// The addresses of all our mailboxes.
    pub own: Arc<[Address]>,
    pub bookmarks: Arc<dyn Bookmarks>,
    pub world: World,
    pub roots: Arc<Roots>,
    /// Where sign-in is by token.
    pub keeper: Option<Arc<Keeper>>,
    pub health: Arc<Mutex<AccountHealth>>,
}

/// Everything up to `last` was taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Position {
    uid_validity: u32,
    last: u32,
    /// When the server received the newest mail that was taken in or left alone.
    newest: Option<At>,
}

impl Position {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let (uid_validity, last) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let newest = parts.next().and_then(|micros| micros.parse().ok()).map(At);
        Some(Self { uid_validity, last, newest })
    }

    fn text(self) -> String {
        let newest = self.newest.map(|newest| format!(":{}", newest.micros())).unwrap_or_default();
        format!("{}:{}{newest}", self.uid_validity, self.last)
    }
}

/// What is carried over from one connection to the next.
#[derive(Default)]
struct Progress {
    position: Option<Position>,
    saved: bool,
    /// Connections in a row that failed before the mailbox could be read.
    failures: u32,
    /// How often the body of a mail was left out, by UID.
    bodiless: BTreeMap<u32, u32>,
}

/// A mail as the server lists it.
#[derive(Clone, Copy)]
struct Listed {
    uid: u32,
    size: u64,
    received: Option<At>,
}

impl Reader {
    /// Reads until `stop`, reconnecting with back-off.
    pub async fn run(&self, sink: Arc<dyn InboundSink>, stop: CancellationToken) {
        let mut progress = Progress::default();
        while !stop.is_cancelled() {
            let cut = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            let ended = tokio::select! {
                ended = self.watch(&sink, &stop, &mut progress) => ended,
                () = cut => return,
            };
            if let Err(trouble) = ended {
                let pause = if trouble.awaits_sign_in() { AWAITING } else { self.pause(progress.failures) };
                progress.failures = progress.failures.saturating_add(1);
                tracing::warn!(mailbox = %self.mailbox.name, pause_ms = pause.as_millis() as u64, "mailbox not read: {trouble}");
                self.health().trouble = Some(trouble.to_string());
                sleep(pause, &stop).await;
            }
        }
    }

    /// One connection, from sign-in to its end.
    async fn watch(&self, sink: &Arc<dyn InboundSink>, stop: &CancellationToken, progress: &mut Progress) -> Result<(), Trouble> {
        let mut server = self.sign_in().await?;
        let position = self.open_folder(&mut server, progress).await?;
        let mut taking = Taking { reader: self, sink, server, progress, position };
        while !stop.is_cancelled() {
            taking.take_new(stop).await?;
            taking.progress.failures = 0;
            self.note_success();
            sleep(self.mailbox.poll_interval.0, stop).await;
        }
        let _ = tokio::time::timeout(Duration::from_millis(500), taking.server.logout()).await;
        Ok(())
    }

    /// With a token that is refused, once more with a new one.
    async fn sign_in(&self) -> Result<Mailserver, Trouble> {
        let Some(keeper) = &self.keeper else {
            let password = self.mailbox.imap.password.as_ref().map_or("", |password| password.expose_secret());
            return self.connect(Credential::Password(password)).await;
        };
        let access = keeper.access().await?;
        match self.connect(Credential::Token(&access.token)).await {
            Err(refused) if refused.is_refused_token() => match keeper.after(access.generation).await? {
                Some(access) => self.connect(Credential::Token(&access.token)).await,
                None => Err(refused),
            },
            connected => connected,
        }
    }

    async fn connect(&self, credential: Credential<'_>) -> Result<Mailserver, Trouble> {
        connection::open(&self.mailbox.imap, self.mailbox.imap_user(), credential, &self.roots).await
    }

    /// Opens the folder and finds out from where to read on.
    async fn open_folder(&self, server: &mut Mailserver, progress: &mut Progress) -> Result<Position, Trouble> {
        let folder = &self.mailbox.folder;
        let opened = match self.mailbox.mark_seen {
            true => within("SELECT", server.select(folder)).await?,
            false => within("EXAMINE", server.examine(folder)).await?,
        };
        let opened = opened.map_err(|error| match Trouble::of_imap("SELECT", &error) {
            Trouble::Refused(_, said) => Trouble::Folder(folder.clone(), said),
            other => other,
        })?;
        let uid_validity = opened.uid_validity.unwrap_or(0);
        let known = match progress.position {
            Some(position) => Some(position),
            None => self.bookmark().await?,
        };
        let leaves_old = self.mailbox.first_start == FirstStart::New;
        let position = match known {
            Some(position) if position.uid_validity == uid_validity => position,
            Some(Position { newest: Some(newest), .. }) if leaves_old => {
                let highest = self.highest_uid(server, opened.uid_next).await?;
                let last = last_before(server, newest, highest).await?;
                Position { uid_validity, last, newest: Some(newest) }
            }
            Some(Position { newest, .. }) => Position { uid_validity, last: 0, newest },
            None if leaves_old => {
                let last = self.highest_uid(server, opened.uid_next).await?;
                let newest = if opened.exists > 0 { list(server, "*").await?.last().and_then(|mail| mail.received) } else { None };
                Position { uid_validity, last, newest }
            }
            None => Position { uid_validity, last: 0, newest: None },
        };
        progress.saved = known == Some(position) && progress.position.is_none_or(|_| progress.saved);
        progress.position = Some(position);
        Ok(position)
    }

    async fn bookmark(&self) -> Result<Option<Position>, Trouble> {
        let name = self.mailbox.name.as_str();
        let loaded = self.bookmarks.load(ChannelKind::Email, name).await.map_err(|error| {
            tracing::warn!(mailbox = name, "the place in the mailbox could not be read: {error}");
            Trouble::NoBookmark
        })?;
        Ok(loaded.as_deref().and_then(Position::parse))
    }

    async fn highest_uid(&self, server: &mut Mailserver, uid_next: Option<u32>) -> Result<u32, Trouble> {
        match uid_next {
            Some(next) => Ok(next.saturating_sub(1)),
            None => Ok(search(server, "UID 1:*").await?.last().copied().unwrap_or(0)),
        }
    }

    /// Twice as long after each failure, within [`PAUSES`], and up to half as long again, so that not all come back at once.
    fn pause(&self, failures: u32) -> Duration {
        let pause = PAUSES.0.saturating_mul(1 << failures.min(16)).min(PAUSES.1 * 2 / 3);
        pause + Duration::from_micros(self.world.below(pause.as_micros() as u64 / 2 + 1))
    }

    fn note_success(&self) {
        let mut health = self.health();
        health.last_success = Some(self.world.now());
        health.trouble = None;
    }

    fn health(&self) -> std::sync::MutexGuard<'_, AccountHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The work on one open folder.
struct Taking<'a> {
    reader: &'a Reader,
    sink: &'a Arc<dyn InboundSink>,
    server: Mailserver,
    progress: &'a mut Progress,
    position: Position,
}

impl Taking<'_> {
    /// Takes in everything that is new now.
    async fn take_new(&mut self, stop: &CancellationToken) -> Result<(), Trouble> {
        // NOOP lets the server look for new mail, and notices a broken connection, which the searches do not.
        within("NOOP", self.server.noop()).await?.map_err(|error| Trouble::of_imap("NOOP", &error))?;
        if !self.progress.saved {
            self.save_bookmark().await;
        }
        let Some(next) = self.position.last.checked_add(1) else { return Ok(()) };
        let mut uids = search(&mut self.server, &format!("UID {next}:*")).await?;
        // `*` is the last mail even when its UID is lower than the first asked for.
        uids.retain(|uid| *uid >= next);
        for range in uids.chunks(RANGE) {
            if stop.is_cancelled() {
                return Ok(());
            }
            self.take_range(range).await?;
        }
        Ok(())
    }

    async fn take_range(&mut self, uids: &[u32]) -> Result<(), Trouble> {
        let mut listed = list(&mut self.server, &set(uids)).await?;
        listed.retain(|mail| uids.contains(&mail.uid));
        self.demand(uids, |uid| listed.iter().any(|mail| mail.uid == uid)).await?;
        let mut rest = listed.as_slice();
        while let Some(first) = rest.first() {
            let mut bytes = 0u64;
            let fits = rest.iter().take_while(|mail| {
                bytes = bytes.saturating_add(mail.size);
                mail.size <= LARGEST && bytes <= FETCH
            });
            let count = fits.count().max(1);
            let inbound =
                if first.size > LARGEST { vec![(first.uid, self.too_large(*first).await?)] } else { self.fetch(&rest[..count]).await? };
            self.hand_in(inbound, &rest[..count]).await?;
            rest = &rest[count..];
        }
        Ok(())
    }

    /// Hands in what was fetched. Mails of one sender or one conversation enter one after the other, in the order of the
    /// UIDs, and none after one that was not taken; all others at the same time, so that they can share one commit.
    async fn hand_in(&mut self, inbound: Vec<(u32, Inbound)>, mails: &[Listed]) -> Result<(), Trouble> {
        let (uids, events): (Vec<u32>, Vec<Inbound>) = inbound.into_iter().unzip();
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
            self.mark_seen(&uids[..stored]).await;
            self.position.last = self.position.last.max(uids[stored - 1]);
            let known = mails.iter().filter(|mail| mail.uid <= self.position.last).filter_map(|mail| mail.received);
            self.position.newest = known.chain(self.position.newest).max();
            self.progress.position = Some(self.position);
            self.progress.bodiless.retain(|uid, _| *uid > self.position.last);
            self.save_bookmark().await;
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
            if !matches!(within("STORE", self.server.run_command_and_check_ok(command)).await, Ok(Ok(()))) {
                tracing::info!(mailbox = %self.reader.mailbox.name, "mails that were taken in could not be marked as read");
            }
        }
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
        for fetched in fetch(&mut self.server, &set(&uids), "(UID BODY.PEEK[])", total).await? {
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
                Some(Some(body)) => read.push((mail.uid, self.read(*mail, body).await)),
                Some(None) => read.push((mail.uid, self.bodiless(*mail)?)),
                None => {}
            }
        }
        Ok(read)
    }

    /// Makes sure that mails which we did not get are gone from the folder, and not only lost on the way.
    async fn demand(&mut self, uids: &[u32], is_here: impl Fn(u32) -> bool) -> Result<(), Trouble> {
        let missing: Vec<u32> = uids.iter().copied().filter(|uid| !is_here(*uid)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let still = search(&mut self.server, &format!("UID {}", set(&missing))).await?;
        within("NOOP", self.server.noop()).await?.map_err(|error| Trouble::of_imap("NOOP", &error))?;
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
        match read.await {
            Ok(inbound) => inbound,
            Err(_) => self.unread(mail, Raw { content_type: "message/rfc822", bytes: raw }, "reading the mail failed".to_owned()),
        }
    }

    /// Fetches only the header of a mail that is too large.
    async fn too_large(&mut self, mail: Listed) -> Result<Inbound, Trouble> {
        let fetched = fetch(&mut self.server, &mail.uid.to_string(), "(UID BODY.PEEK[HEADER])", 1 << 20).await?;
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

/// The UIDs that match, in order. An empty answer may also be a broken one: nothing may be concluded from it alone.
async fn search(server: &mut Mailserver, query: &str) -> Result<Vec<u32>, Trouble> {
    let found = within("SEARCH", server.uid_search(query)).await?.map_err(|error| Trouble::of_imap("SEARCH", &error))?;
    let mut uids: Vec<u32> = found.into_iter().collect();
    uids.sort_unstable();
    Ok(uids)
}

/// What the server says of these mails, in the order of the UIDs.
async fn list(server: &mut Mailserver, uids: &str) -> Result<Vec<Listed>, Trouble> {
    let mut listed = BTreeMap::new();
    for fetched in fetch(server, uids, "(UID RFC822.SIZE INTERNALDATE)", 0).await? {
        if let Some(uid) = fetched.uid {
            let received = fetched.internal_date().map(|date| At(date.timestamp_micros()));
            listed.insert(uid, Listed { uid, size: fetched.size.map_or(0, u64::from), received });
        }
    }
    Ok(listed.into_values().collect())
}

/// The UID before the first mail that was received at `moment` or later; `highest` when there is none.
async fn last_before(server: &mut Mailserver, moment: At, highest: u32) -> Result<u32, Trouble> {
    for uids in search(server, "UID 1:*").await?.chunks(LOOK) {
        let listed = list(server, &set(uids)).await?;
        if let Some(first) = listed.iter().find(|mail| mail.received.is_none_or(|received| received >= moment)) {
            return Ok(first.uid - 1);
        }
    }
    Ok(highest)
}

/// Runs UID FETCH and collects the answer, of which about `expected` bytes are mail.
async fn fetch(server: &mut Mailserver, uids: &str, items: &str, expected: u64) -> Result<Vec<async_imap::types::Fetch>, Trouble> {
    let limit = COMMAND + Duration::from_secs(expected / SLOWEST);
    let collect = async {
        let mut answers = Vec::new();
        let mut stream = server.uid_fetch(uids, items).await?;
        while let Some(answer) = stream.next().await {
            answers.push(answer?);
        }
        Ok::<_, async_imap::error::Error>(answers)
    };
    let collected = tokio::time::timeout(limit, collect).await.map_err(|_| Trouble::Silence { command: "FETCH", limit })?;
    collected.map_err(|error| Trouble::of_imap("FETCH", &error))
}

/// A set of UIDs as commands write it.
fn set(uids: &[u32]) -> String {
    uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

async fn sleep(pause: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
