//! What a provider answers, read: tokens, a code to be entered, or a refusal. Pure.
//!
//! An answer comes from outside: its size is bounded by who fetched it, and no text of it is trusted to be free of secrets. A
//! refusal is kept as its code (`error`, RFC 6749 §5.2) and Microsoft's number (`AADSTS…`) alone.

use super::Tokens;
use crate::domain::At;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::time::Duration;

/// What holds when the provider does not say how long an access token lives.
const USUAL_LIFE: Duration = Duration::from_secs(30 * 60);
/// No access token is believed to live longer.
const LONGEST_LIFE: Duration = Duration::from_secs(7 * 86_400);
/// No refresh token is believed to end later: beyond, nobody has to be warned.
const LONGEST_GRANT: Duration = Duration::from_secs(10 * 366 * 86_400);
/// The longest token, in bytes.
const LONGEST_TOKEN: usize = 16 << 10;
/// RFC 8628 §3.2: when the server names no interval.
const USUAL_INTERVAL: Duration = Duration::from_secs(5);

/// A code for a person to enter (RFC 8628 §3.2).
#[derive(Clone, Debug)]
pub struct Invitation {
    pub device_code: SecretString,
    pub user_code: String,
    pub address: String,
    pub expires_in: Duration,
    pub interval: Duration,
}

/// A refusal by its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: String,
    /// Microsoft's number, such as 70008.
    pub number: Option<u64>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)?;
        self.number.map_or(Ok(()), |number| write!(f, ", AADSTS{number}"))
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    token_type: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<SecretString>,
    #[serde(default, deserialize_with = "seconds")]
    refresh_token_expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct DeviceAnswer {
    device_code: SecretString,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default, deserialize_with = "seconds")]
    interval: Option<u64>,
}

#[derive(Deserialize)]
struct RefusalAnswer {
    error: String,
    #[serde(default)]
    error_codes: Vec<u64>,
}

/// A number of seconds; some servers write it as text. What is neither is as if it were not there.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::Number(number) => number.as_u64(),
        serde_json::Value::String(text) => text.parse().ok(),
        _ => None,
    })
}

/// The tokens of an answer; `before` is the refresh token that stays good when no new one comes (RFC 6749 §6).
pub fn tokens(body: &[u8], before: Option<&Tokens>, now: At) -> Option<Tokens> {
    let answer: TokenAnswer = serde_json::from_slice(body).ok()?;
    if answer.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) || !is_token(&answer.access_token) {
        return None;
    }
    let life = answer.expires_in.map_or(USUAL_LIFE, Duration::from_secs).min(LONGEST_LIFE);
    let ends = |within: u64| now.plus(Duration::from_secs(within).min(LONGEST_GRANT));
    let ends = answer.refresh_token_expires_in.filter(|within| *within > 0).map(ends);
    let (refresh, refresh_expires_at) = match (answer.refresh_token.filter(is_token), before) {
        (Some(refresh), _) => (refresh, ends),
        (None, Some(before)) => (before.refresh.clone(), ends.or(before.refresh_expires_at)),
        (None, None) => return None,
    };
    Some(Tokens { access: answer.access_token, access_expires_at: now.plus(life), refresh, refresh_expires_at })
}

/// Characters that RFC 6749 (A.12, A.17) allows.
fn is_token(token: &SecretString) -> bool {
    let token = token.expose_secret();
    (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(|b| (0x20..=0x7e).contains(&b))
}

pub fn invitation(body: &[u8]) -> Option<Invitation> {
    let answer: DeviceAnswer = serde_json::from_slice(body).ok()?;
    Some(Invitation {
        device_code: Some(answer.device_code).filter(is_token)?,
        user_code: printable(&answer.user_code, 64)?,
        address: printable(&answer.verification_uri, 300)?,
        expires_in: Duration::from_secs(answer.expires_in.unwrap_or(900).clamp(1, 3600)),
        interval: answer.interval.map_or(USUAL_INTERVAL, Duration::from_secs).clamp(Duration::from_secs(1), Duration::from_secs(60)),
    })
}

/// What goes to the terminal: without control characters, and not longer than can be read.
fn printable(text: &str, longest: usize) -> Option<String> {
    let plain = |c: char| c.is_ascii_graphic() || (c.is_alphanumeric() && !c.is_control()) || c == ' ';
    (!text.is_empty() && text.chars().count() <= longest && text.chars().all(plain)).then(|| text.to_owned())
}

pub fn refusal(body: &[u8]) -> Option<Refusal> {
    let answer: RefusalAnswer = serde_json::from_slice(body).ok()?;
    Some(Refusal { code: code(&answer.error), number: answer.error_codes.first().copied() })
}

/// A code as codes are: anything else is told as `unknown`.
pub fn code(text: &str) -> String {
    let plain = (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { text.to_owned() } else { "unknown".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: At = At(1_770_000_000_000_000);

    fn in_seconds(seconds: u64) -> At {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_new_refresh_token_takes_the_place_of_the_old_one_which_else_stays() {
        let first = tokens(br#"{"access_token":"a","token_type":"Bearer","expires_in":3599,"refresh_token":"r"}"#, None, NOW).unwrap();
        assert_eq!((first.access.expose_secret(), first.refresh.expose_secret()), ("a", "r"));
        assert_eq!((first.access_expires_at, first.refresh_expires_at), (in_seconds(3599), None));
        let kept = tokens(br#"{"access_token":"b","expires_in":"60","refresh_token_expires_in":604799}"#, Some(&first), NOW).unwrap();
        assert_eq!((kept.access.expose_secret(), kept.refresh.expose_secret()), ("b", "r"));
        assert_eq!((kept.access_expires_at, kept.refresh_expires_at), (in_seconds(60), Some(in_seconds(604_799))));
        let rotated = tokens(br#"{"access_token":"c","refresh_token":"s"}"#, Some(&kept), NOW).unwrap();
        assert_eq!((rotated.refresh.expose_secret(), rotated.refresh_expires_at), ("s", None));
        assert_eq!(rotated.access_expires_at, in_seconds(1800));
    }

    #[test]
    fn what_is_no_token_is_none() {
        for body in [
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"","refresh_token":"r"}"#,
            r#"{"access_token":"a\u0001b","refresh_token":"r"}"#,
            r#"{"access_token":"a","refresh_token":"r\r\n"}"#,
            r#"{"access_token":"a","refresh_token":"r","token_type":"mac"}"#,
            r#"{"access_token":5,"refresh_token":"r"}"#,
            "<html>",
            "",
        ] {
            assert!(tokens(body.as_bytes(), None, NOW).is_none(), "{body}");
        }
    }

    #[test]
    fn codes_of_both_spellings_are_read_and_nothing_moves_the_cursor() {
        let google = invitation(
            br#"{"device_code":"d","user_code":"AB-CD","verification_url":"https://www.google.com/device","expires_in":1800,"interval":0}"#,
        );
        let google = google.unwrap();
        assert_eq!((google.address.as_str(), google.interval), ("https://www.google.com/device", Duration::from_secs(1)));
        assert!(invitation(br#"{"device_code":"d","user_code":"\u001b[2J","verification_uri":"https://x"}"#).is_none());
        assert!(invitation("{\"device_code\":\"d\",\"user_code\":\"a\u{202e}b\",\"verification_uri\":\"https://x\"}".as_bytes()).is_none());
    }

    #[test]
    fn a_refusal_is_its_code_and_number_and_none_of_its_words() {
        let body = br#"{"error":"invalid_grant","error_description":"AADSTS70008: token of ali@example.org","error_codes":[70008]}"#;
        assert_eq!(refusal(body).unwrap().to_string(), "invalid_grant, AADSTS70008");
        assert_eq!(refusal(br#"{"error":"Secret Token"}"#).unwrap().to_string(), "unknown");
        assert!(refusal(br#"{"errors":1}"#).is_none());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..200), text in "\\PC*") {
            let _ = (tokens(&body, None, NOW), invitation(&body), refusal(&body), code(&text));
            let _ = tokens(format!("{{\"access_token\":\"a\",\"refresh_token\":\"b\",\"expires_in\":\"{text}\"}}").as_bytes(), None, NOW);
        }

        #[test]
        fn no_length_of_time_overflows(life in any::<u64>(), end in any::<u64>()) {
            let body = format!("{{\"access_token\":\"a\",\"refresh_token\":\"b\",\"expires_in\":{life},\"refresh_token_expires_in\":{end}}}");
            let read = tokens(body.as_bytes(), None, NOW).unwrap();
            prop_assert!(read.access_expires_at >= NOW && read.refresh_expires_at.is_none_or(|at| at > NOW));
        }
    }
}
