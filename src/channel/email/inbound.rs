//! From a mail to the form that all channels share: who the sender is to us, and which of our messages it answers or reports.

use super::{
    parse::{self, Mail, Named, Unreadable},
    report::Recipient,
};
use crate::{
    channel::{Automatic, ChannelKind, DedupeKey, Event, Inbound, InboundMessage, Raw, Receipt, Reported, Sender, Thread},
    domain::{Address, At, Language},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write};

/// The media type of raw bytes that are not a whole mail but its header at most (RFC 6522 §4).
pub const HEADER_ONLY: &str = "text/rfc822-headers";

/// Where a mail was found, and what of it concerns us.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// The mailbox's name.
    pub mailbox: &'a str,
    /// The addresses of all our mailboxes.
    pub own: &'a [Address],
    /// When our server received the mail.
    pub received: At,
}

/// Reads a mail into a message.
///
/// # Errors
/// [`Unreadable`]: no header, or nobody to answer to.
pub fn message(raw: &[u8], account: &Account<'_>) -> Result<InboundMessage, Unreadable> {
    parse::read(raw)?.into_message(account)
}

/// Everything that intake needs to take the mail with this UID in exactly once; a mail that can't be read goes in as
/// such, with the reason.
pub fn event(raw: Bytes, account: &Account<'_>, uid_validity: u32, uid: u32) -> Inbound {
    let read = parse::read(&raw);
    let mut keys = vec![DedupeKey(format!("uid:{}:{uid_validity}:{uid}", account.mailbox))];
    // Without an id of its own, the same bytes may well be two mails: then only the place tells.
    if let Ok(Some(id)) = read.as_ref().map(|mail| &mail.message_id) {
        keys.push(DedupeKey(format!("mid:{id}:{}", hex_digest(&raw))));
    }
    let event = told(read, account);
    enclose(Raw { content_type: "message/rfc822", bytes: raw }, account, keys, event)
}

/// What a mail is to us: a message, a report about one of ours, or unreadable.
pub fn reread(raw: &[u8], account: &Account<'_>) -> Event {
    told(parse::read(raw), account)
}

fn told(read: Result<Mail, Unreadable>, account: &Account<'_>) -> Event {
    let message = |mail: Mail| mail.into_message(account).map(|message| Event::Message(Box::new(message)));
    let event = read.and_then(|mail| match mail.receipt(account.own) {
        Some(receipt) => Ok(Event::Receipt(Box::new(receipt))),
        None => message(mail),
    });
    event.unwrap_or_else(|unreadable| Event::Unreadable { reason: unreadable.to_string() })
}

/// For a mail whose body we don't have, or that could not be read: the whole mail, or its header or nothing, and why.
pub fn unreadable(raw: Raw, account: &Account<'_>, uid_validity: u32, uid: u32, reason: String) -> Inbound {
    let keys = vec![DedupeKey(format!("uid:{}:{uid_validity}:{uid}", account.mailbox))];
    enclose(raw, account, keys, Event::Unreadable { reason })
}

fn enclose(raw: Raw, account: &Account<'_>, keys: Vec<DedupeKey>, event: Event) -> Inbound {
    Inbound { channel: ChannelKind::Email, account: account.mailbox.to_owned(), keys, raw, event }
}

pub fn hex_digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl Mail {
    /// # Errors
    /// [`Unreadable::NoSender`]: no field names an address that could be the sender's.
    pub fn into_message(self, account: &Account<'_>) -> Result<InboundMessage, Unreadable> {
        let sender = self.sender(account.own)?;
        let own = account.own.contains(&base(&sender.address));
        let thread = Thread { tokens: self.tokens(account.own), answers: self.answers(), conversation: None, proven: None };
        Ok(InboundMessage {
            entered_by: None,
            automatic: if own { Some(Automatic::Own) } else { self.automatic },
            language: Language::of_text(&self.fresh).or_else(|| Language::of_text(self.subject.as_deref().unwrap_or_default())),
            sender,
            subject: self.subject,
            text: self.text,
            fresh: self.fresh,
            attachments: self.attachments,
            kind: None,
            fields: BTreeMap::new(),
            site: None,
            thread,
            external_id: self.message_id,
            sent_at: Some(self.date.unwrap_or(account.received)),
        })
    }

    /// Who wrote it, and where they want the answer if elsewhere (RFC 5322 §3.6.2). A reply address of our own is no
    /// way to reach them.
    fn sender(&self, own: &[Address]) -> Result<Sender, Unreadable> {
        let (named, address) = first_valid(self.from.iter().chain(&self.handed_in_by).chain(&self.reply_to)).ok_or(Unreadable::NoSender)?;
        let also =
            first_valid(self.reply_to.iter()).map(|(_, reply)| reply).filter(|reply| *reply != address && !own.contains(&base(reply)));
        // Whoever names themselves without an address has it in another field.
        let name = named.name.clone().or_else(|| self.from.first().and_then(|author| author.name.clone()));
        let name = name.filter(|name| !name.eq_ignore_ascii_case(address.value()));
        Ok(Sender { address, also: also.into_iter().collect(), name, group: None })
    }

    /// What a delivery report tells us, whoever sent it: those of mailers often name no sender.
    fn receipt(&self, own: &[Address]) -> Option<Receipt> {
        let report = self.report.as_ref()?;
        let original = report.original.as_ref();
        let mut about: Vec<String> = original.and_then(|original| original.message_id.clone()).into_iter().collect();
        let others = self.answers().into_iter().filter(|id| original.and_then(|original| original.message_id.as_ref()) != Some(id));
        about.extend(others);
        let answers_to = original.and_then(|original| original.reply_to.as_deref());
        let mut tokens = self.tokens(own);
        tokens.extend(answers_to.and_then(|address| own.iter().find_map(|own| token_of(address, own))).map(str::to_owned));
        Some(Receipt { about, tokens, recipients: report.recipients.iter().map(reported).collect() })
    }

    /// Nearest first: In-Reply-To, then References from the last to the first; none twice.
    fn answers(&self) -> Vec<String> {
        let mut answers: Vec<String> = Vec::new();
        for id in self.in_reply_to.iter().chain(self.references.iter().rev()) {
            if !answers.contains(id) {
                answers.push(id.clone());
            }
        }
        answers
    }

    /// What stands after the plus sign in our own address, wherever the mail says it was sent to. Letters as written.
    fn tokens(&self, own: &[Address]) -> Vec<String> {
        let sent_to =
            self.to.iter().chain(&self.cc).map(|named| named.address.as_str()).chain(self.delivered_to.iter().map(String::as_str));
        let mut tokens: Vec<String> = Vec::new();
        for token in sent_to.filter_map(|address| own.iter().find_map(|own| token_of(address, own))) {
            if !tokens.iter().any(|known| known == token) {
                tokens.push(token.to_owned());
            }
        }
        tokens
    }
}

fn reported(recipient: &Recipient) -> Reported {
    let written = [&recipient.original, &recipient.address].into_iter().flatten();
    let words = [recipient.status.as_deref(), recipient.diagnostic.as_deref()].into_iter().flatten();
    Reported {
        addresses: written.filter_map(|address| Address::mail(address).ok()).collect(),
        fate: recipient.fate,
        reason: recipient.reason,
        detail: words.collect::<Vec<_>>().join(" "),
    }
}

fn first_valid<'a>(mut people: impl Iterator<Item = &'a Named>) -> Option<(&'a Named, Address)> {
    people.find_map(|named| Address::mail(&named.address).ok().map(|address| (named, address)))
}

/// The token in `local+TOKEN@domain` of our address `local@domain`: 16 to 64 letters, digits, `-` and `_`.
fn token_of<'a>(address: &'a str, own: &Address) -> Option<&'a str> {
    let (our_local, our_domain) = own.value().rsplit_once('@')?;
    let (local, domain) = address.rsplit_once('@')?;
    let start = local.get(..our_local.len())?;
    let token = local.get(our_local.len()..)?.strip_prefix('+')?;
    let fits = (16..=64).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (fits && start.to_lowercase() == our_local && domain.to_lowercase() == our_domain).then_some(token)
}

/// An address without what stands after a plus sign in it.
fn base(address: &Address) -> Address {
    match address.value().rsplit_once('@') {
        Some((local, domain)) => match local.split_once('+') {
            Some((local, _)) if !local.is_empty() => Address::mail(&format!("{local}@{domain}")).unwrap_or_else(|_| address.clone()),
            _ => address.clone(),
        },
        None => address.clone(),
    }
}
