//! Signatures of the Standard Webhooks specification (<https://www.standardwebhooks.com>, version 1): made and checked.
//!
//! Signed is `id.timestamp.body`, over the raw bytes. A dot in the id could only move the border towards the body, and
//! what then begins the body is no JSON, so ids are not restricted.

use crate::domain::At;
use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{fmt, time::Duration};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// How far the sender's clock may be from ours, either way.
pub const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// The shortest secret, in bytes after decoding (the specification asks for 24 to 64).
pub const SHORTEST_SECRET: usize = 24;

const SECRET_PREFIX: &str = "whsec_";

/// Padding may be left out: people copy secrets without their `=`.
const SECRET_BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The secrets shared with one system: usually one, several while they are rotated. `Debug` shows only how many.
#[derive(Clone)]
pub struct Secrets(Vec<Zeroizing<Vec<u8>>>);

/// What is wrong with a secret; never shows the secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
    #[error("no secret; give `whsec_` and the base64 of at least {SHORTEST_SECRET} random bytes")]
    None,
    #[error("a secret must begin with `whsec_`")]
    Prefix,
    #[error("what follows `whsec_` must be base64")]
    Base64,
    #[error("a secret of {bytes} bytes is too short; take at least {SHORTEST_SECRET} random bytes")]
    TooShort { bytes: usize },
}

/// Why a message is not believed to come from the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureError {
    #[error("the header {0} is missing or empty")]
    Missing(&'static str),
    #[error("webhook-timestamp must be whole seconds since 1970-01-01")]
    Timestamp,
    #[error("webhook-timestamp is more than 5 minutes in the past")]
    TooOld,
    #[error("webhook-timestamp is more than 5 minutes in the future")]
    TooNew,
    #[error("no v1 signature in webhook-signature fits")]
    NoMatch,
}

impl Secrets {
    /// Reads one secret, or several separated by white space, each `whsec_` and base64.
    ///
    /// # Errors
    /// [`SecretError`] for the first one that cannot be used.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let secrets = text.split_whitespace().map(secret).collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() { Err(SecretError::None) } else { Ok(Self(secrets)) }
    }
}

fn secret(text: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let encoded = text.strip_prefix(SECRET_PREFIX).ok_or(SecretError::Prefix)?;
    let bytes = Zeroizing::new(SECRET_BASE64.decode(encoded).map_err(|_| SecretError::Base64)?);
    if bytes.len() < SHORTEST_SECRET { Err(SecretError::TooShort { bytes: bytes.len() }) } else { Ok(bytes) }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} secret(s)]", self.0.len())
    }
}

/// The value of `webhook-signature`: one `v1,…` for every secret, so that a receiver in the middle of a rotation finds
/// the one it knows. `timestamp` is in seconds since 1970-01-01.
pub fn sign(secrets: &Secrets, id: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let codes = secrets.0.iter().filter_map(|secret| code(secret, id, &timestamp, body));
    codes.map(|code| format!("v1,{code}")).collect::<Vec<_>>().join(" ")
}

/// Checks that one of the `v1` signatures in `header` was made with one of the secrets, and at a time within
/// [`TOLERANCE`] of `now`. Signatures of other versions are passed over.
///
/// # Errors
/// [`SignatureError`]; how long it takes does not tell how much of a signature was right.
pub fn verify(secrets: &Secrets, id: &str, timestamp: &str, header: &str, body: &[u8], now: At) -> Result<(), SignatureError> {
    let signed_at = moment(timestamp)?;
    if now.since(signed_at) > TOLERANCE {
        return Err(SignatureError::TooOld);
    }
    if signed_at.since(now) > TOLERANCE {
        return Err(SignatureError::TooNew);
    }
    let given: Vec<&str> = header.split_ascii_whitespace().filter_map(|one| one.strip_prefix("v1,")).collect();
    let mut fits = Choice::from(0);
    for expected in secrets.0.iter().filter_map(|secret| code(secret, id, timestamp, body)) {
        for signature in &given {
            fits |= signature.as_bytes().ct_eq(expected.as_bytes());
        }
    }
    if bool::from(fits) { Ok(()) } else { Err(SignatureError::NoMatch) }
}

/// Reads `webhook-timestamp`.
///
/// # Errors
/// [`SignatureError::Timestamp`] unless it is digits only and within what [`At`] holds.
pub fn moment(timestamp: &str) -> Result<At, SignatureError> {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|b| b.is_ascii_digit());
    let seconds = timestamp.parse::<i64>().ok().filter(|_| digits);
    seconds.and_then(|seconds| seconds.checked_mul(1_000_000)).map(At).ok_or(SignatureError::Timestamp)
}

/// HMAC-SHA256 over `id.timestamp.body`, in base64. HMAC takes keys of every length, so there is always one.
fn code(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const OTHER: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn secrets(text: &str) -> Secrets {
        Secrets::parse(text).unwrap()
    }

    fn at(seconds: i64) -> At {
        At(seconds * 1_000_000)
    }

    fn check(secret: &str, header: &str, now: At) -> Result<(), SignatureError> {
        verify(&secrets(secret), ID, &AT.to_string(), header, BODY, now)
    }

    #[test]
    fn the_vector_of_the_specification_holds() {
        assert_eq!(sign(&secrets(SECRET), ID, AT, BODY), SIGNATURE);
        assert_eq!(check(SECRET, SIGNATURE, at(AT)), Ok(()));
    }

    #[test]
    fn five_minutes_either_way_are_tolerated_and_no_microsecond_more() {
        for now in [AT - 300, AT + 300] {
            assert_eq!(check(SECRET, SIGNATURE, at(now)), Ok(()));
        }
        assert_eq!(check(SECRET, SIGNATURE, At(at(AT + 300).0 + 1)), Err(SignatureError::TooOld));
        assert_eq!(check(SECRET, SIGNATURE, At(at(AT - 300).0 - 1)), Err(SignatureError::TooNew));
    }

    #[test]
    fn during_a_rotation_either_side_may_know_both_secrets() {
        let both = format!("{OTHER} {SECRET}");
        assert_eq!(check(&both, SIGNATURE, at(AT)), Ok(()));
        let signed_with_both = sign(&secrets(&both), ID, AT, BODY);
        assert_eq!(signed_with_both.split(' ').count(), 2);
        assert_eq!(check(SECRET, &signed_with_both, at(AT)), Ok(()));
        assert_eq!(check(OTHER, &signed_with_both, at(AT)), Ok(()));
    }

    #[test]
    fn other_versions_are_passed_over() {
        assert_eq!(check(SECRET, &format!("v1a,xyz {SIGNATURE} v2,abc"), at(AT)), Ok(()));
        for header in ["", "v2,abc", SIGNATURE.trim_start_matches("v1,"), &SIGNATURE.replace("v1,", "v2,"), "v1,", "v1, v1,="] {
            assert_eq!(check(SECRET, header, at(AT)), Err(SignatureError::NoMatch), "{header}");
        }
    }

    #[test]
    fn a_timestamp_is_digits_only() {
        for bad in ["", "+1614265330", "-1", "1614265330.5", " 1614265330", "٢٠٢٦", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(moment(bad), Err(SignatureError::Timestamp), "{bad}");
        }
    }

    #[test]
    fn a_secret_that_cannot_be_used_is_refused_and_never_shown() {
        let read = |text: &str| Secrets::parse(text).map(|_| ());
        assert_eq!(read("  "), Err(SecretError::None));
        assert_eq!(read("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Err(SecretError::Prefix));
        assert_eq!(read("whsec_c2hvcnQ="), Err(SecretError::TooShort { bytes: 5 }));
        assert_eq!(read(&format!("{SECRET} whsec_***")), Err(SecretError::Base64));
        assert_eq!(read(OTHER.trim_end_matches('=')), Ok(()));
        assert_eq!(format!("{:?}", secrets(SECRET)), "[1 secret(s)]");
    }

    proptest! {
        #[test]
        fn what_is_signed_is_verified_and_every_change_is_noticed(
            id in "[a-zA-Z0-9_-]{1,40}", body in prop::collection::vec(any::<u8>(), 0..200), seconds in 0i64..4_000_000_000, byte in any::<prop::sample::Index>(),
        ) {
            let (known, timestamp) = (secrets(SECRET), seconds.to_string());
            let header = sign(&known, &id, seconds, &body);
            prop_assert_eq!(verify(&known, &id, &timestamp, &header, &body, at(seconds)), Ok(()));
            prop_assert!(verify(&secrets(OTHER), &id, &timestamp, &header, &body, at(seconds)).is_err());
            let another = format!("{id}x");
            prop_assert!(verify(&known, &another, &timestamp, &header, &body, at(seconds)).is_err());
            prop_assert!(verify(&known, &id, &(seconds + 1).to_string(), &header, &body, at(seconds)).is_err());
            let mut changed = body.clone();
            if changed.is_empty() { changed.push(0) } else { let place = byte.index(changed.len()); changed[place] ^= 1 }
            prop_assert!(verify(&known, &id, &timestamp, &header, &changed, at(seconds)).is_err());
        }

        #[test]
        fn no_header_whatever_it_holds_breaks_the_check(id in ".*", timestamp in ".*", header in ".*", body in prop::collection::vec(any::<u8>(), 0..50)) {
            prop_assert!(verify(&secrets(SECRET), &id, &timestamp, &header, &body, at(AT)).is_err());
        }
    }
}
