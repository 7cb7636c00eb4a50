//! The SASL mechanism XOAUTH2 (<https://developers.google.com/gmail/imap/xoauth2-protocol>; Microsoft's is the same).
//!
//! A server that refuses says why in a second challenge (base64 of JSON), which has to be answered with nothing before it
//! ends the command with its refusal.

use async_imap::Authenticator;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use zeroize::Zeroizing;

/// What is said to sign in as `user`.
pub fn response(user: &str, token: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}"))
}

/// For IMAP: the response to the first challenge, and nothing to the second.
pub struct Once(pub Zeroizing<String>);

impl Authenticator for Once {
    type Response = Zeroizing<String>;

    fn process(&mut self, _: &[u8]) -> Zeroizing<String> {
        std::mem::take(&mut self.0)
    }
}

/// For SMTP: the command with its initial response (RFC 4954 §4).
pub struct Auth(Zeroizing<String>);

impl Auth {
    pub fn new(user: &str, token: &str) -> Self {
        Self(Zeroizing::new(STANDARD.encode(response(user, token).as_bytes())))
    }
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AUTH XOAUTH2 {}\r\n", self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_once_and_then_nothing() {
        let mut once = Once(response("a@b.sa", "t"));
        assert_eq!(once.process(b"").as_str(), "user=a@b.sa\u{1}auth=Bearer t\u{1}\u{1}");
        assert_eq!(once.process(b"{\"status\":\"400\"}").as_str(), "");
        assert_eq!(Auth::new("a@b.sa", "t").to_string(), "AUTH XOAUTH2 dXNlcj1hQGIuc2EBYXV0aD1CZWFyZXIgdAEB\r\n");
    }
}
