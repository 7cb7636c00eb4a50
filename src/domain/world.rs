//! Time and chance, handed in: nothing below `app` reads the clock or the random source by itself.

use std::{fmt, sync::Arc};
use uuid::Uuid;

/// A moment: microseconds since 1970-01-01T00:00:00Z, UTC.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct At(pub i64);

impl At {
    pub const fn micros(self) -> i64 {
        self.0
    }

    pub fn plus(self, span: std::time::Duration) -> At {
        At(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    pub fn minus(self, span: std::time::Duration) -> At {
        At(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The time since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: At) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// As jiff's timestamp; moments outside its range (years -9999 to 9999) are clamped.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX })
    }

    /// RFC 3339 in UTC, as the API prints it.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }
}

impl From<jiff::Timestamp> for At {
    fn from(moment: jiff::Timestamp) -> Self {
        At(moment.as_microsecond())
    }
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// What time it is.
pub trait Clock: Send + Sync {
    fn now(&self) -> At;
}

/// Unpredictable bytes.
pub trait Chance: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// The clock and the source of chance that a part of the program was given.
#[derive(Clone)]
pub struct World {
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
}

impl World {
    pub fn now(&self) -> At {
        self.clock.now()
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.chance.fill(&mut bytes);
        bytes
    }

    /// A UUID version 7 from this world's time and chance.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.now().micros() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()).into_uuid()
    }

    /// A number in `0..below` (`below` must not be 0), without noticeable bias.
    pub fn below(&self, below: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % below.max(1)
    }

    /// Unguessable text of `N` random bytes, in URL-safe base64 without padding.
    pub fn token<const N: usize>(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<N>())
    }
}

/// A short stable name from the configuration: 1–64 of `a-z`, `0-9`, `-`, `_`, starting with a letter or digit.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(transparent)]
pub struct Key(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a key: use 1 to 64 of a-z, 0-9, - and _, starting with a letter or digit")]
pub struct NotAKey(pub String);

impl Key {
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
            && text.as_bytes()[0].is_ascii_alphanumeric();
        if fits { Ok(Self(text.to_owned())) } else { Err(NotAKey(text.to_owned())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Key::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

/// A clock that stands still until it is told to move, and a source of chance that repeats itself: for tests and samples.
pub mod fixed {
    use super::*;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    pub struct FixedClock(AtomicI64);

    impl FixedClock {
        pub fn at(moment: At) -> Arc<Self> {
            Arc::new(Self(AtomicI64::new(moment.0)))
        }

        pub fn advance(&self, span: std::time::Duration) {
            self.0.fetch_add(span.as_micros() as i64, Ordering::SeqCst);
        }

        pub fn set(&self, moment: At) {
            self.0.store(moment.0, Ordering::SeqCst);
        }
    }

    impl Clock for FixedClock {
        fn now(&self) -> At {
            At(self.0.load(Ordering::SeqCst))
        }
    }

    /// SplitMix64 from a seed: the same seed gives the same bytes. Never for secrets.
    pub struct Seeded(AtomicU64);

    impl Seeded {
        pub fn new(seed: u64) -> Arc<Self> {
            Arc::new(Self(AtomicU64::new(seed)))
        }
    }

    impl Chance for Seeded {
        fn fill(&self, bytes: &mut [u8]) {
            for chunk in bytes.chunks_mut(8) {
                let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst).wrapping_add(0x9E37_79B9_7F4A_7C15);
                z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                z ^= z >> 31;
                chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_time() {
        let clock = fixed::FixedClock::at(At(1_700_000_000_000_000));
        let world = World { clock: clock.clone(), chance: fixed::Seeded::new(7) };
        let first = world.uuid();
        clock.advance(std::time::Duration::from_millis(1));
        assert!(first < world.uuid());
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn a_key_is_plain() {
        for good in ["aid", "social-research", "k2_1"] {
            assert!(Key::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Aid", "مساعدة", "a b", &"x".repeat(65)] {
            assert!(Key::parse(bad).is_err(), "{bad}");
        }
    }
}
