//! A checked form on its way in.

use super::{
    Web,
    pages::{Faults, portal::Trouble},
    refused::Refused,
};
use crate::{
    channel::{Accepted, ChannelKind, InboundSink, Taken, portal::Form},
    domain::{Address, address::DEFAULT_COUNTRY},
};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The longest text of a form, in characters.
pub(super) const TEXT_LIMIT: usize = 20_000;
/// The longest line, in characters.
pub(super) const LINE_LIMIT: usize = 200;

/// Hands a form in. `None`: nothing was stored, and the sender should press again.
///
/// # Errors
/// [`Trouble::Received`] when it is stored, but only a person can make a ticket of it.
pub(super) async fn hand_in(web: &Web, form: &Form, channel: ChannelKind, account: &str) -> Result<Option<Accepted>, Refused> {
    let form = Form { nonce: of_this_content(form), ..form.clone() };
    match web.intake.deliver(form.inbound(channel, account)).await {
        Ok(Taken::Accepted(accepted) | Taken::Duplicate(Some(accepted))) => Ok(Some(accepted)),
        Ok(Taken::Quarantined | Taken::Duplicate(None)) => Err(Trouble::Received.into()),
        Err(_) => Ok(None),
    }
}

/// The nonce bound to what was filled in: a second press is the same message, but who goes back and writes something else on
/// the same page sends another one.
fn of_this_content(form: &Form) -> String {
    let content = serde_json::to_vec(&Form { nonce: String::new(), ..form.clone() }).unwrap_or_default();
    Sha256::digest(&content).iter().take(8).fold(format!("{}-", form.nonce), |mut nonce, byte| {
        let _ = write!(nonce, "{byte:02x}");
        nonce
    })
}

/// The addresses that somebody typed, the e-mail address first, and what is wrong with them.
pub(super) fn addresses(email: &str, phone: &str, faults: &mut Faults) -> Vec<String> {
    let typed =
        [("email", "fault-mail", email, Address::mail(email)), ("phone", "fault-phone", phone, Address::phone(phone, DEFAULT_COUNTRY))];
    let mut addresses = Vec::new();
    for (name, fault, text, address) in typed {
        match address {
            _ if text.is_empty() => {}
            Ok(address) => addresses.push(address.to_string()),
            Err(_) => {
                faults.insert(name.to_owned(), fault);
            }
        }
    }
    addresses
}

/// Whether a text is there and not too long; with files it may be empty.
pub(super) fn check_text(text: &str, has_files: bool, faults: &mut Faults) {
    let fault = match text.chars().count() {
        0 if !has_files => "fault-text_missing",
        length if length > TEXT_LIMIT => "fault-too_long",
        _ => return,
    };
    faults.insert("text".to_owned(), fault);
}

/// Whether each line is short enough.
pub(super) fn check_lines<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>, faults: &mut Faults) {
    for (name, line) in lines {
        if line.chars().count() > LINE_LIMIT {
            faults.insert(name.to_owned(), "fault-too_long");
        }
    }
}

/// `None` for an empty line.
pub(super) fn some(line: &str) -> Option<String> {
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_page_with_other_words_is_another_message() {
        let form = Form { nonce: "n".into(), text: "a".into(), ..Form::default() };
        let other = Form { text: "b".into(), ..form.clone() };
        assert_eq!(of_this_content(&form), of_this_content(&form.clone()));
        assert_ne!(of_this_content(&form), of_this_content(&other));
    }

    #[test]
    fn each_wrong_address_stands_at_its_own_input() {
        let mut faults = Faults::new();
        assert_eq!(addresses("", "٠٥٥١٢٣٤٥٦٧", &mut faults), ["tel:+966551234567"]);
        assert_eq!(addresses("A@b.sa", "12", &mut faults), ["mailto:a@b.sa"]);
        assert_eq!(faults.keys().collect::<Vec<_>>(), ["phone"]);
    }
}
