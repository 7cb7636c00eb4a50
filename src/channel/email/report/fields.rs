//! The fields of a `message/delivery-status` part (RFC 3464 §2, RFC 6533 §3).

use super::{ADDRESS, RECIPIENTS, Recipient, beginning, reason};
use crate::channel::{Fate, Undelivered};
use std::collections::BTreeSet;

/// The longest field value that is looked at, in bytes.
const VALUE: usize = 2_000;

/// One recipient's fields while they are gathered.
#[derive(Default)]
struct Group {
    original: Option<String>,
    last: Option<String>,
    action: Option<String>,
    status: Option<String>,
    diagnostic: Option<String>,
}

/// The recipients, each once, in order. Empty lines part them, but not every mailer writes those where they belong: a field that
/// comes again begins the next recipient as well.
pub fn recipients(text: &str) -> Vec<Recipient> {
    let (mut recipients, mut group, mut known) = (Vec::new(), Group::default(), BTreeSet::new());
    let mut close = |group: &mut Group| {
        let recipient = std::mem::take(group).recipient();
        if let Some(recipient) = recipient.filter(|r| recipients.len() < RECIPIENTS && known.insert((r.address.clone(), r.fate))) {
            recipients.push(recipient);
        }
    };
    for (name, value) in unfolded(text) {
        let name = name.to_ascii_lowercase();
        if group.ends_before(&name) {
            close(&mut group);
        }
        group.take(&name, value);
    }
    close(&mut group);
    recipients
}

impl Group {
    /// Whether this field is the next recipient's.
    fn ends_before(&self, name: &str) -> bool {
        let told = (self.last.is_some() || self.original.is_some()) && (self.action.is_some() || self.status.is_some());
        match name {
            "original-recipient" => self.original.is_some() || told,
            "final-recipient" => self.last.is_some() || (told && self.original.is_none()),
            "action" => self.action.is_some(),
            "status" => self.status.is_some(),
            "diagnostic-code" => self.diagnostic.is_some(),
            _ => false,
        }
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "original-recipient" => self.original = Some(value),
            "final-recipient" => self.last = Some(value),
            "action" => self.action = Some(value),
            "status" => self.status = Some(value),
            "diagnostic-code" => self.diagnostic = Some(value),
            _ => {}
        }
    }

    fn recipient(self) -> Option<Recipient> {
        let address = self.last.as_deref().and_then(address);
        let original = self.original.as_deref().and_then(self::address).filter(|original| Some(original) != address.as_ref());
        if address.is_none() && original.is_none() && self.action.is_none() {
            return None;
        }
        let said = self.diagnostic.as_deref().map(|diagnostic| diagnostic.split_once(';').map_or(diagnostic, |(_, said)| said));
        let status = self.status.as_deref().and_then(reason::status).or_else(|| said.and_then(reason::status));
        let fate = fate(self.action.as_deref().unwrap_or_default(), status.as_deref());
        let reason = if matches!(fate, Fate::Failed | Fate::Delayed) {
            reason::of(status.as_deref(), said.unwrap_or_default())
        } else {
            Undelivered::Other
        };
        let (address, original) = if address.is_some() { (address, original) } else { (original, None) };
        Some(Recipient { address, original, fate, status, diagnostic: said.and_then(reason::line), reason })
    }
}

/// Mailers bend the words ("failed (relayed)", "failure", "error"); without one, the class of the status tells.
fn fate(action: &str, status: Option<&str>) -> Fate {
    let action = action.trim().to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| action.starts_with(word));
    if begins(&["delay"]) {
        Fate::Delayed
    } else if begins(&["deliverable", "delivered"]) {
        Fate::Delivered
    } else if begins(&["relay"]) {
        Fate::Relayed
    } else if begins(&["expand"]) {
        Fate::Expanded
    } else if action.is_empty() {
        match status.and_then(|status| status.chars().next()) {
            Some('2') => Fate::Delivered,
            Some('4') => Fate::Delayed,
            _ => Fate::Failed,
        }
    } else {
        Fate::Failed
    }
}

/// The address in a field such as `rfc822; <fatimah@example.com>`.
fn address(value: &str) -> Option<String> {
    let value = value.split_once(';').map_or(value, |(_, address)| address);
    let value = value.trim().trim_matches(['<', '>', '"', ' ', '\'']);
    let value = value.strip_prefix("mailto:").unwrap_or(value);
    if value.contains(['<', ' ']) {
        return super::addresses(value).next().map(str::to_owned);
    }
    (!value.is_empty() && value.len() < ADDRESS && value.contains('@') && !value.chars().any(char::is_control)).then(|| value.to_owned())
}

/// The fields of a text, name and value, folded lines joined. Lines that are no fields are passed over.
pub fn unfolded(text: &str) -> impl Iterator<Item = (&str, String)> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let Some((name, value)) = line.split_once(':') else { continue };
            let name = name.trim();
            if name.is_empty() || name.len() > 60 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                continue;
            }
            let mut value = beginning(value.trim(), VALUE).to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty()) {
                if value.len() < VALUE {
                    value.push(' ');
                    value.push_str(beginning(more.trim(), VALUE));
                }
            }
            return Some((name, value));
        }
    })
}
