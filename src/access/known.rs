//! What a browser keeps to show that it once gave the right answer: it has a budget of guesses of its own (`guesses`), so that
//! strangers who guess at a ticket or an account shut nobody out of it who was here before.
//!
//! It opens no door. It is a list of `end.hash`, the end in seconds since 1970, and the hash keyed and over door, ticket or
//! person, and secret: it names nobody, nobody can make one up, and a new PIN or password ends it.

use super::{Access, AccessError, guesses::Door};
use crate::{
    domain::{At, Pin, Reference},
    store::StoreError,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use std::time::Duration;

/// A browser is known for so long after it last gave the right answer.
pub const KNOWN: Duration = Duration::from_secs(180 * 86_400);
/// So many doors at once, the latest first.
const MOST: usize = 4;

fn value(door: Door, whose: &str, ends: i64, secret: &str) -> String {
    format!("{}.{whose}.{ends}.{secret}", door.name())
}

/// The entries of a list that have not ended: as they stand, the end, the hash.
fn entries(known: &str, now: At) -> impl Iterator<Item = (&str, i64, Vec<u8>)> {
    let entry = move |text| {
        let (ends, hash) = str::split_once(text, '.')?;
        let ends: i64 = ends.parse().ok()?;
        (At(ends.saturating_mul(1_000_000)) > now).then_some((text, ends, BASE64.decode(hash).ok()?))
    };
    let known = if known.len() <= 100 * MOST { known } else { "" };
    known.split('~').take(MOST).filter_map(entry)
}

impl Access {
    /// Whether this browser gave the right answer before.
    pub(super) fn is_known(&self, known: Option<&str>, door: Door, whose: &str, secret: &str) -> bool {
        let proves = |ends, hash: &[u8]| self.store.vault().proves("known", value(door, whose, ends, secret).as_bytes(), hash);
        entries(known.unwrap_or_default(), self.now()).any(|(_, ends, hash)| proves(ends, &hash))
    }

    /// What this browser keeps from now on.
    pub(super) fn known_at(&self, known: Option<&str>, door: Door, whose: &str, secret: &str) -> Result<String, StoreError> {
        let now = self.now();
        let ends = now.plus(KNOWN).micros() / 1_000_000;
        let hash: [u8; 16] = self.store.vault().token("known", value(door, whose, ends, secret).as_bytes())?;
        let same = |text: &str| self.is_known(Some(text), door, whose, secret);
        let others = entries(known.unwrap_or_default(), now).map(|(text, ..)| text).filter(|text| !same(text));
        let all = std::iter::once(format!("{ends}.{}", BASE64.encode(hash))).chain(others.map(str::to_owned));
        Ok(all.take(MOST).collect::<Vec<_>>().join("~"))
    }

    /// What the browser of a sender keeps who opened a ticket, or came in to it.
    pub fn known_sender(&self, known: Option<&str>, reference: Reference, pin: &Pin) -> Result<String, AccessError> {
        Ok(self.known_at(known, Door::Track, &reference.to_string(), pin.as_str())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_or_is_no_entry_is_passed_over() {
        let now = At(1_000_000_000);
        assert_eq!(entries("2000.AAAA~999.AAAA~x.AAAA~2000~2000.%~~3000.AQ", now).count(), 1, "only the first four are looked at");
        assert_eq!(entries("2000.AAAA~3000.AQ", now).map(|(text, ..)| text).collect::<Vec<_>>(), ["2000.AAAA", "3000.AQ"]);
        assert_eq!(entries(&"2000.AAAA~".repeat(100), now).count(), 0);
        assert_eq!(entries("9223372036854775807.AAAA", now).count(), 1);
    }
}
