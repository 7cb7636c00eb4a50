//! Where a contact can be reached, in one normal spelling, so that the same address is always the same text.

use super::folding::latin_digits;
use std::{fmt, str::FromStr};

/// The network an address belongs to; written as a URI scheme.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Scheme {
    /// An e-mail address (RFC 6068).
    Mailto,
    /// A telephone number in E.164 (RFC 3966).
    Tel,
    /// A Telegram user id.
    Telegram,
    /// A sender as another system names them: `webhook:<source>/<their id>`.
    Webhook,
    /// A receiver of outgoing webhooks: `webhook-target:<name>`.
    WebhookTarget,
    /// Somebody who wrote through the portal and left no other address; reached by the tracking page only.
    Portal,
    /// An address of the in-memory channel for demo and tests.
    Sandbox,
}

impl Scheme {
    pub const ALL: [Scheme; 7] =
        [Scheme::Mailto, Scheme::Tel, Scheme::Telegram, Scheme::Webhook, Scheme::WebhookTarget, Scheme::Portal, Scheme::Sandbox];

    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Mailto => "mailto",
            Scheme::Tel => "tel",
            Scheme::Telegram => "telegram",
            Scheme::Webhook => "webhook",
            Scheme::WebhookTarget => "webhook-target",
            Scheme::Portal => "portal",
            Scheme::Sandbox => "sandbox",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("not an e-mail address")]
    Mail,
    #[error("not a telephone number")]
    Phone,
    #[error("an address is 1 to 254 characters without control characters")]
    Shape,
    #[error("unknown kind of address")]
    Scheme,
}

/// An address in its normal spelling. Personal: `Debug` shows only the scheme.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    scheme: Scheme,
    value: String,
}

impl Address {
    /// Any address of a network whose ids need no normalising; see [`Address::mail`] and [`Address::phone`] for the others.
    pub fn new(scheme: Scheme, value: &str) -> Result<Self, AddressError> {
        match scheme {
            Scheme::Mailto => Self::mail(value),
            Scheme::Tel => Self::phone(value, DEFAULT_COUNTRY),
            _ => {
                let value = value.trim();
                let fits = (1..=254).contains(&value.chars().count()) && !value.chars().any(char::is_control);
                if fits { Ok(Self { scheme, value: value.to_owned() }) } else { Err(AddressError::Shape) }
            }
        }
    }

    /// An e-mail address (`local@domain`, RFC 5321 §4.1.2 and RFC 6531 without quoted local parts), the whole of it lower-cased: no
    /// provider in use tells `Ali@` from `ali@`, and people write both.
    pub fn mail(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Mail)?;
        let local_fits = (1..=64).contains(&local.len())
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        let label_fits = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let domain_fits = domain.len() <= 253 && (domain.contains('.') || domain == "localhost") && domain.split('.').all(label_fits);
        if !local_fits || !domain_fits || text.len() > 254 {
            return Err(AddressError::Mail);
        }
        Ok(Self { scheme: Scheme::Mailto, value: text.to_lowercase() })
    }

    /// A telephone number in any usual spelling, to E.164: digits of every script, spaces, dashes and brackets
    /// are accepted, `00` and `+` begin an international number, and a single leading `0` stands for `country`
    /// (a country calling code such as `966`).
    pub fn phone(text: &str, country: &str) -> Result<Self, AddressError> {
        let text = latin_digits(text);
        let mut digits = String::new();
        let mut international = false;
        for c in text.trim().chars() {
            match c {
                '+' if digits.is_empty() => international = true,
                c if c.is_ascii_digit() => digits.push(c),
                c if c.is_whitespace()
                    || matches!(c, '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') =>
                    {}
                _ => return Err(AddressError::Phone),
            }
        }
        let number = if international {
            digits
        } else if let Some(rest) = digits.strip_prefix("00") {
            rest.to_owned()
        } else if let Some(rest) = digits.strip_prefix('0') {
            format!("{country}{rest}")
        } else if digits.starts_with(country) && digits.len() > 9 {
            digits
        } else {
            format!("{country}{digits}")
        };
        let national = number.strip_prefix("966");
        let fits = match national {
            Some(rest) => rest.len() == 9 && matches!(rest.as_bytes()[0], b'1' | b'5' | b'8' | b'9'),
            None => (8..=15).contains(&number.len()) && !number.starts_with('0'),
        };
        if fits { Ok(Self { scheme: Scheme::Tel, value: format!("+{number}") }) } else { Err(AddressError::Phone) }
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    pub fn value(&self) -> &str {
        &self.value
    }

    /// What staff may see of it on a list: the first characters and the ending, never the whole.
    pub fn masked(&self) -> String {
        let keep = |text: &str, first: usize, last: usize| {
            let chars: Vec<char> = text.chars().collect();
            if chars.len() <= first + last {
                return "…".to_owned();
            }
            chars[..first].iter().chain(['…'].iter()).chain(&chars[chars.len() - last..]).collect::<String>()
        };
        match (self.scheme, self.value.rsplit_once('@')) {
            (Scheme::Mailto, Some((local, domain))) => format!("{}@{domain}", keep(local, 1, 0)),
            (Scheme::Tel, _) => keep(&self.value, 4, 3),
            _ => keep(&self.value, 2, 2),
        }
    }
}

/// Saudi Arabia's country calling code.
pub const DEFAULT_COUNTRY: &str = "966";

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme.as_str(), self.value)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:…", self.scheme.as_str())
    }
}

impl FromStr for Scheme {
    type Err = AddressError;
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Scheme::ALL.into_iter().find(|s| s.as_str() == text).ok_or(AddressError::Scheme)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// Reads `scheme:value` as [`fmt::Display`] writes it.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (scheme, value) = text.split_once(':').ok_or(AddressError::Scheme)?;
        Address::new(scheme.trim().to_ascii_lowercase().parse()?, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn saudi_numbers_in_every_spelling_are_one() {
        for spelling in [
            "0551234567",
            "٠٥٥١٢٣٤٥٦٧",
            "+966 55 123 4567",
            "00966551234567",
            "966551234567",
            "551234567",
            "(055) 123-4567",
            "\u{202A}+966 55 123 4567\u{202C}",
        ] {
            assert_eq!(Address::phone(spelling, "966").unwrap().to_string(), "tel:+966551234567", "{spelling}");
        }
        assert_eq!(Address::phone("+967 777 123 456", "966").unwrap().value(), "+967777123456");
        for bad in ["", "12", "055123456", "05512345678", "abc", "+0123456789"] {
            assert!(Address::phone(bad, "966").is_err(), "{bad}");
        }
    }

    #[test]
    fn mail_addresses_are_checked_and_lower_cased() {
        assert_eq!(Address::mail(" Ali.Omar+x@Example.ORG ").unwrap().value(), "ali.omar+x@example.org");
        for bad in ["", "@x.sa", "a@", "a b@x.sa", "a@x..sa", "a@-x.sa", "a@x", "a\r\nBcc: x@y.sa", "a@x.sa\n", "..a@x.sa"] {
            let read = Address::mail(bad);
            assert!(read.is_err() || !read.unwrap().value().contains(['\r', '\n', ' ']), "{bad:?}");
        }
    }

    #[test]
    fn an_address_never_shows_itself_in_debug_or_mask() {
        let mail = Address::mail("fatimah@example.org").unwrap();
        assert_eq!(format!("{mail:?}"), "mailto:…");
        assert_eq!(mail.masked(), "f…@example.org");
        assert_eq!(Address::phone("0551234567", "966").unwrap().masked(), "+966…567");
    }

    proptest! {
        #[test]
        fn a_normal_spelling_reads_back_as_itself(text in "\\PC{0,40}", scheme in proptest::sample::select(&Scheme::ALL)) {
            if let Ok(address) = Address::new(scheme, &text) {
                prop_assert_eq!(address.to_string().parse::<Address>(), Ok(address));
            }
        }
    }
}
