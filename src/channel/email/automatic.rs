//! Whether a machine wrote a mail, by the marks that machines leave: such mail is never answered automatically.

use crate::channel::Automatic;
use mail_parser::{Address, HeaderName, Message, MimeHeaders};

/// Judges by the header. Whether it came from ourselves is known only to who knows our addresses: see `inbound.rs`.
pub fn judge(message: &Message<'_>) -> Option<Automatic> {
    if is_bounce(message) {
        Some(Automatic::Bounce)
    } else if is_auto_reply(message) {
        Some(Automatic::AutoReply)
    } else if is_bulk(message) {
        Some(Automatic::Bulk)
    } else {
        None
    }
}

/// A delivery report (RFC 3464), a null return path (RFC 5321 §4.5.5), or the mailer itself.
fn is_bounce(message: &Message<'_>) -> bool {
    let report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
            && kind.attribute("report-type").is_some_and(|report| report.eq_ignore_ascii_case("delivery-status"))
    });
    let null_path = message.header_raw(HeaderName::ReturnPath).is_some_and(|path| path.split_whitespace().collect::<String>() == "<>");
    report || is_mailer(message) || (null_path && !is_marked_auto_replied(message))
}

fn is_mailer(message: &Message<'_>) -> bool {
    let senders = message.from().into_iter().flat_map(Address::iter).filter_map(|addr| addr.address.as_deref());
    senders.filter_map(|address| address.rsplit_once('@')).any(|(local, _)| {
        let local = local.to_ascii_lowercase();
        ["mailer-daemon", "postmaster", "mail-daemon"].contains(&local.as_str())
    })
}

/// An out-of-office answer also has a null return path, but says itself what it is (RFC 3834 §3.3, §5).
fn is_marked_auto_replied(message: &Message<'_>) -> bool {
    first_word(message, "auto-submitted").is_some_and(|word| word == "auto-replied")
}

/// RFC 3834 §5; Microsoft's `X-Auto-Response-Suppress` ([MS-OXCMAIL] §2.2.3.2.14); what older responders write.
fn is_auto_reply(message: &Message<'_>) -> bool {
    let submitted = first_word(message, "auto-submitted").is_some_and(|word| word != "no");
    let suppressed = field(message, "x-auto-response-suppress")
        .is_some_and(|value| value.split([',', ';', ' ']).map(str::trim).any(|word| ["all", "oof", "autoreply"].contains(&word)));
    let older =
        ["x-autoreply", "x-autorespond", "x-autoresponder"].iter().any(|name| field(message, name).is_some_and(|value| value != "no"));
    let precedence = first_word(message, "precedence").is_some_and(|word| word == "auto_reply");
    submitted || suppressed || older || precedence
}

/// Lists (RFC 2919, RFC 2369) and mass mail.
fn is_bulk(message: &Message<'_>) -> bool {
    first_word(message, "precedence").is_some_and(|word| ["bulk", "list", "junk"].contains(&word.as_str()))
        || field(message, "list-id").is_some()
        || field(message, "list-unsubscribe").is_some()
}

/// The first field of that name, lower-cased.
fn field(message: &Message<'_>, name: &str) -> Option<String> {
    message.headers_raw().find(|(field, _)| field.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_ascii_lowercase())
}

fn first_word(message: &Message<'_>, name: &str) -> Option<String> {
    let value = field(message, name)?;
    let word = value.split(|c: char| c.is_whitespace() || c == ';' || c == '(').next().unwrap_or_default();
    (!word.is_empty()).then(|| word.to_owned())
}
