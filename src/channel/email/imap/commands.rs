//! The commands, each with its time limit, and their answers in our form.

use crate::{
    channel::email::{
        connection::{COMMAND, within},
        trouble::Trouble,
    },
    domain::At,
};
use futures_util::StreamExt;
use jiff::{Span, Timestamp, tz::Offset};
use std::{collections::BTreeMap, time::Duration};

pub use crate::channel::email::connection::Mailserver;

/// Mails that are listed together in search of a date.
const LOOK: usize = 500;
/// Mails of the same size and days that are looked at.
const TWINS: usize = 2_000;
/// The slowest line that is waited for, in bytes per second.
const SLOWEST: u64 = 32 << 10;
/// UIDs that are asked for in one SEARCH, at first; more where few of them are taken.
const WINDOW: u32 = 20_000;

/// A mail as the server lists it.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    pub uid: u32,
    /// Bytes.
    pub size: u64,
    /// INTERNALDATE: when the server received it.
    pub received: Option<At>,
}

/// What a server can do beyond the least (RFC 3501).
#[derive(Clone, Copy, Debug, Default)]
pub struct Abilities {
    /// IDLE, RFC 2177.
    pub idle: bool,
    /// MOVE, RFC 6851.
    pub move_: bool,
    /// UIDPLUS, RFC 4315.
    pub uidplus: bool,
}

/// Ranges of UIDs, as wide as their answers stay short.
pub struct Windows {
    from: u32,
    to: u32,
    width: u32,
}

impl Windows {
    pub fn new(from: u32, to: u32) -> Self {
        Self { from, to, width: WINDOW }
    }

    /// The UIDs that are there in the next range, in order; `None` after the last range.
    pub async fn next(&mut self, server: &mut Mailserver) -> Result<Option<Vec<u32>>, Trouble> {
        if self.from > self.to || self.from == 0 {
            return Ok(None);
        }
        let last = self.from.saturating_add(self.width - 1).min(self.to);
        let found = search(server, &format!("UID {}:{last}", self.from)).await?;
        self.width = if found.len() < WINDOW as usize / 8 { self.width.saturating_mul(4) } else { WINDOW };
        self.from = last.checked_add(1).unwrap_or(0);
        Ok(Some(found))
    }
}

/// # Errors
/// [`Trouble`]; the connection can't be used any more. So it is with all that follow.
pub async fn abilities(server: &mut Mailserver) -> Result<Abilities, Trouble> {
    let known = within("CAPABILITY", server.capabilities()).await?.map_err(|error| Trouble::of_imap("CAPABILITY", &error))?;
    Ok(Abilities { idle: known.has_str("IDLE"), move_: known.has_str("MOVE"), uidplus: known.has_str("UIDPLUS") })
}

/// Lets the server look for new mail, and notices a broken connection, which the searches do not.
pub async fn noop(server: &mut Mailserver) -> Result<(), Trouble> {
    within("NOOP", server.noop()).await?.map_err(|error| Trouble::of_imap("NOOP", &error))
}

/// The UIDs that match, in order. An empty answer may also be a broken one: nothing may be concluded from it alone.
pub async fn search(server: &mut Mailserver, query: &str) -> Result<Vec<u32>, Trouble> {
    let found = within("SEARCH", server.uid_search(query)).await?.map_err(|error| Trouble::of_imap("SEARCH", &error))?;
    let mut uids: Vec<u32> = found.into_iter().collect();
    uids.sort_unstable();
    Ok(uids)
}

/// What the server says of these mails, in the order of the UIDs.
pub async fn list(server: &mut Mailserver, uids: &str) -> Result<Vec<Listed>, Trouble> {
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
pub async fn last_before(server: &mut Mailserver, moment: At, highest: u32) -> Result<u32, Trouble> {
    let mut windows = Windows::new(1, highest);
    while let Some(uids) = windows.next(server).await? {
        for uids in uids.chunks(LOOK) {
            let listed = list(server, &set(uids)).await?;
            if let Some(first) = listed.iter().find(|mail| mail.received.is_none_or(|received| received >= moment)) {
                return Ok(first.uid - 1);
            }
        }
    }
    Ok(highest)
}

/// How many mails before this one in the folder were received in the same second and have the same size.
pub async fn twins(server: &mut Mailserver, mail: Listed) -> Result<usize, Trouble> {
    let Some(received) = mail.received else { return Ok(0) };
    let Some((since, before)) = days_around(received) else { return Ok(0) };
    let sizes = format!("LARGER {} SMALLER {}", mail.size.saturating_sub(1), mail.size.saturating_add(1));
    let mut near = search(server, &format!("UID 1:{} SINCE {since} BEFORE {before} {sizes}", mail.uid)).await?;
    near.truncate(TWINS);
    let mut twins = 0;
    for uids in near.chunks(LOOK) {
        let listed = list(server, &set(uids)).await?;
        twins += listed.iter().filter(|other| other.uid < mail.uid && other.received == mail.received && other.size == mail.size).count();
    }
    Ok(twins)
}

/// The dates (RFC 9051 §9 `date-text`) between which a moment lies in every time zone of the server: SINCE the first, BEFORE
/// the second.
fn days_around(moment: At) -> Option<(String, String)> {
    let day = Offset::UTC.to_datetime(Timestamp::from_microsecond(moment.micros()).ok()?).date();
    let text = |days: i64| Some(day.checked_add(Span::new().try_days(days).ok()?).ok()?.strftime("%d-%b-%Y").to_string());
    Some((text(-2)?, text(3)?))
}

/// Runs UID FETCH and collects the answer, of which about `expected` bytes are mail.
pub async fn fetch(server: &mut Mailserver, uids: &str, items: &str, expected: u64) -> Result<Vec<async_imap::types::Fetch>, Trouble> {
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

/// Moves mails into another folder. A server without MOVE gets a copy and a mark; the marked ones are removed only where it can
/// be said which (UIDPLUS), so that nothing is removed that somebody else marked.
pub async fn put_away(server: &mut Mailserver, can: Abilities, uids: &str, folder: &str) -> Result<(), Trouble> {
    if can.move_ {
        return within("MOVE", server.uid_mv(uids, folder)).await?.map_err(|error| Trouble::of_imap("MOVE", &error));
    }
    within("COPY", server.uid_copy(uids, folder)).await?.map_err(|error| Trouble::of_imap("COPY", &error))?;
    run(server, "STORE", &format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)")).await?;
    if can.uidplus {
        run(server, "EXPUNGE", &format!("UID EXPUNGE {uids}")).await?;
    }
    Ok(())
}

/// Runs a command of which only success counts.
pub async fn run(server: &mut Mailserver, name: &'static str, command: &str) -> Result<(), Trouble> {
    within(name, server.run_command_and_check_ok(command)).await?.map_err(|error| Trouble::of_imap(name, &error))
}

/// A set of UIDs as commands write it (RFC 9051 §9 `sequence-set`), neighbours as ranges. `uids` ascend.
pub fn set(uids: &[u32]) -> String {
    let mut text = String::new();
    let mut rest = uids;
    while let Some(&first) = rest.first() {
        let length = rest.iter().zip(first..=u32::MAX).take_while(|(uid, expected)| *uid == expected).count();
        let separator = if text.is_empty() { "" } else { "," };
        text += &match rest.get(length.saturating_sub(1)) {
            Some(last) if *last != first => format!("{separator}{first}:{last}"),
            _ => format!("{separator}{first}"),
        };
        rest = &rest[length.max(1)..];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_written_as_ranges() {
        assert_eq!(set(&[]), "");
        assert_eq!(set(&[7]), "7");
        assert_eq!(set(&[1, 2, 3, 5, 7, 8]), "1:3,5,7:8");
        assert_eq!(set(&[u32::MAX - 1, u32::MAX]), "4294967294:4294967295");
    }

    #[test]
    fn the_days_around_a_moment_hold_in_every_time_zone() {
        let moment = At(1_770_000_000_000_000); // 2026-02-02T02:40Z
        assert_eq!(days_around(moment).unwrap(), ("31-Jan-2026".to_owned(), "05-Feb-2026".to_owned()));
        assert_eq!(days_around(At(i64::MAX)), None);
    }
}
