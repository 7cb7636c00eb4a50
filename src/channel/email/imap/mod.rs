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
//! - The server is outside too: what it may send is bounded (`guard`), every command has a time limit, and a panic of the
//!   library that reads it ends the connection and nothing else.

pub mod commands;
pub mod guard;
mod idle;
mod taking;

use super::{
    connection::{self, Credential, Roots, within},
    oauth::keeper::Keeper,
    settings::{FirstStart, Mailbox},
    trouble::Trouble,
};
use crate::{
    channel::{AccountHealth, Bookmarks, ChannelKind, InboundSink},
    domain::{Address, At, World},
};
use commands::{Abilities, Mailserver, last_before, list, search};
use futures_util::FutureExt;
use secrecy::ExposeSecret;
use std::{
    collections::{BTreeMap, HashMap},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use taking::Taking;
use tokio_util::sync::CancellationToken;

/// The pauses between attempts to connect: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));
/// Connections in a row that may end at IDLE before the mailbox is polled instead.
const REFUSALS: u32 = 2;
/// Then IDLE is tried again after this time.
const AGAIN: Duration = Duration::from_secs(3600);
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
    /// Connections in a row that were given up over what the server sent, with no mail taken in between.
    broken_off: u32,
    /// Connections in a row that ended when IDLE was asked for. After some, it is not asked for any more.
    without_idle: u32,
    /// The UIDs of mails without an id that were handed in, by the second in which they were received and their digest.
    nameless: HashMap<(At, String), Vec<u32>>,
    /// Why mail that was taken in could not be moved, the last time it was tried.
    not_moved: Option<Trouble>,
}

/// An open folder.
#[derive(Clone, Copy)]
struct Opened {
    position: Position,
    /// The highest UID when it was opened.
    highest: u32,
    can: Abilities,
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
                ended = AssertUnwindSafe(self.watch(&sink, &stop, &mut progress)).catch_unwind() => ended.unwrap_or(Err(Trouble::Panicked)),
                () = cut => return,
            };
            if let Err(trouble) = ended {
                progress.without_idle += u32::from(matches!(trouble, Trouble::NoIdle));
                progress.broken_off +=
                    u32::from(matches!(trouble, Trouble::Excess(_) | Trouble::Panicked | Trouble::Unintelligible("FETCH")));
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
        let opened = self.open_folder(&mut server, progress).await?;
        let mut caught_up = false;
        let since_refused = tokio::time::Instant::now();
        while !stop.is_cancelled() {
            let mut taking = Taking { reader: self, sink, server: &mut server, progress, position: opened.position, can: opened.can };
            taking.position = taking.progress.position.unwrap_or(opened.position);
            if !caught_up {
                taking.catch_up(opened.highest, stop).await?;
                caught_up = true;
            }
            taking.take_new(stop).await?;
            progress.failures = 0;
            self.note_success(progress.not_moved.as_ref());
            if idle::announced(&mut server) {
                continue;
            }
            let pause = self.mailbox.poll_interval.0;
            if opened.can.idle && progress.without_idle < REFUSALS {
                server = idle::wait(server, pause, stop).await?;
                progress.without_idle = 0;
            } else {
                // A broken connection looks like a refusal: after a while it is tried again.
                progress.without_idle = progress.without_idle.saturating_sub(u32::from(since_refused.elapsed() > AGAIN));
                sleep(pause, stop).await;
            }
        }
        let _ = tokio::time::timeout(Duration::from_millis(500), server.logout()).await;
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
    async fn open_folder(&self, server: &mut Mailserver, progress: &mut Progress) -> Result<Opened, Trouble> {
        let can = commands::abilities(server).await?;
        let folder = &self.mailbox.folder;
        let opened = match self.mailbox.mark_seen || self.mailbox.done_folder.is_some() {
            true => within("SELECT", server.select(folder)).await?,
            false => within("EXAMINE", server.examine(folder)).await?,
        };
        let opened = opened.map_err(|error| match Trouble::of_imap("SELECT", &error) {
            Trouble::Refused(_, said) => Trouble::Folder(folder.clone(), said),
            other => other,
        })?;
        let highest = self.highest_uid(server, opened.uid_next).await?;
        let uid_validity = opened.uid_validity.unwrap_or(0);
        let known = match progress.position {
            Some(position) => Some(position),
            None => self.bookmark().await?,
        };
        let leaves_old = self.mailbox.first_start == FirstStart::New;
        let position = match known {
            Some(position) if position.uid_validity == uid_validity => position,
            Some(Position { newest: Some(newest), .. }) if leaves_old => {
                Position { uid_validity, last: last_before(server, newest, highest).await?, newest: Some(newest) }
            }
            Some(Position { newest, .. }) => Position { uid_validity, last: 0, newest },
            None if leaves_old => {
                let newest = if opened.exists > 0 { list(server, "*").await?.last().and_then(|mail| mail.received) } else { None };
                Position { uid_validity, last: highest, newest }
            }
            None => Position { uid_validity, last: 0, newest: None },
        };
        if progress.position.is_some_and(|before| before.uid_validity != uid_validity) {
            progress.nameless.clear();
        }
        progress.saved = known == Some(position) && progress.position.is_none_or(|_| progress.saved);
        progress.position = Some(position);
        Ok(Opened { position, highest, can })
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

    fn note_success(&self, aside: Option<&Trouble>) {
        let mut health = self.health();
        health.last_success = Some(self.world.now());
        health.trouble = aside.map(ToString::to_string);
    }

    fn health(&self) -> std::sync::MutexGuard<'_, AccountHealth> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn sleep(pause: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
