//! Why a mail did not arrive: from the status code (RFC 3463) and from the words that mailers use.

use super::visible;
use crate::channel::Undelivered;

/// How much of what a mailer says is looked at, in characters; a line that is kept is shorter.
const LOOKED_AT: usize = 1_000;
const LINE: usize = 200;

/// The reason. Words that can mean one thing only come before the code, for many mailers give the same code for everything.
pub fn of(status: Option<&str>, said: &str) -> Undelivered {
    let said: String = said.chars().take(LOOKED_AT).collect::<String>().to_lowercase();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let by_words = |table: &[(Undelivered, &[&str])]| {
        table.iter().find(|(_, words)| words.iter().any(|word| said.contains(word))).map(|(reason, _)| *reason)
    };
    let refused =
        || status.is_some_and(|status| status.get(1..).is_some_and(|rest| rest.starts_with(".7."))).then_some(Undelivered::Policy);
    by_words(CERTAIN)
        .or_else(|| status.and_then(of_status))
        .or_else(|| by_words(LIKELY))
        .or_else(refused)
        .or_else(|| by_words(POSSIBLE))
        .unwrap_or(Undelivered::Other)
}

/// RFC 3463 §3, RFC 7505 §4.
fn of_status(status: &str) -> Option<Undelivered> {
    let (_, detail) = status.split_once('.')?;
    Some(match detail {
        "1.1" | "1.3" | "1.4" | "1.6" => Undelivered::NoSuchMailbox,
        "1.2" | "1.10" | "4.4" => Undelivered::DomainNotFound,
        "2.1" => Undelivered::Suspended,
        "2.2" => Undelivered::MailboxFull,
        "2.3" | "3.4" => Undelivered::TooBig,
        "4.6" => Undelivered::Loop,
        "4.1" | "4.2" | "4.7" => Undelivered::Expired,
        _ => return None,
    })
}

const CERTAIN: &[(Undelivered, &[&str])] = &[
    (
        Undelivered::MailboxFull,
        &[
            "over quota",
            "overquota",
            "over the quota",
            "over its quota",
            "quota exceeded",
            "exceeded its quota",
            "exceeded storage",
            "exceeds quota",
            "exceed quota",
            "out of storage",
            "storage limit",
            "storage space",
            "insufficient system storage",
            "mailbox full",
            "mailbox is full",
            "mailbox has exceeded",
            "inbox is full",
            "full mailbox",
            "mailfolder is full",
            "quota",
            "is full",
            "too many messages",
            "mailbox size",
        ],
    ),
    (
        Undelivered::TooBig,
        &[
            "too large",
            "too big",
            "size limit",
            "exceeds size",
            "maximum message size",
            "message size exceeds",
            "exceeds the maximum",
            "maximum size",
        ],
    ),
    (
        Undelivered::Loop,
        &["too many hops", "mail loop", "mail is looping", "loops back to", "routing loop", "hop count exceeded", "too many received"],
    ),
    (
        Undelivered::Blocked,
        &[
            "spam",
            "blacklist",
            "block list",
            "blocklist",
            "blocked",
            "dnsbl",
            "rbl",
            "reputation",
            "unsolicited",
            "junk mail",
            "virus",
            "listed at",
            "bulk mail",
        ],
    ),
    (
        Undelivered::Suspended,
        &[
            "disabled",
            "inactive",
            "suspended",
            "deactivated",
            "not active",
            "no longer active",
            "account expired",
            "has been locked",
            "has expired",
            "discontinued",
        ],
    ),
];

const LIKELY: &[(Undelivered, &[&str])] = &[
    (
        Undelivered::DomainNotFound,
        &[
            "host not found",
            "host unknown",
            "unknown host",
            "name or service not known",
            "domain not found",
            "no such domain",
            "unrouteable mail domain",
            "unrouteable domain",
            "couldn't find any host",
            "couldn't find a mail exchanger",
            "name service error",
            "bad destination host",
            "nullmx",
            "domain does not exist",
            "does not accept mail",
            "unable to route",
            "dns error",
        ],
    ),
    (
        Undelivered::NoSuchMailbox,
        &[
            "user unknown",
            "unknown user",
            "no such user",
            "user not found",
            "unknown recipient",
            "recipient unknown",
            "unknown address",
            "unknown mailbox",
            "address unknown",
            "unknown or illegal alias",
            "unknown local",
            "does not exist",
            "doesn't exist",
            "do not exist",
            "no mailbox",
            "no mail box",
            "bad recipient",
            "bad_recipient",
            "not an active address",
            "no such mailbox",
            "no such recipient",
            "no such account",
            "no such person",
            "no such address",
            "mailbox unavailable",
            "mailbox not found",
            "not a valid",
            "not a known",
            "invalid recipient",
            "invalid mailbox",
            "invalid address",
            "invalid user",
            "invalid final delivery user",
            "unrouteable address",
            "user doesn't have a",
            "address rejected",
            "recipient rejected",
            "recipient not found",
            "recipient address",
            "no account by that name",
            "bad address",
            "no longer available",
            "no longer valid",
            "not listed in",
            "not our customer",
            "nieznany",
            "nie istnieje",
            "unbekannt",
            "inconnu",
            "desconocid",
            "desconhecid",
            "sconosciut",
            "не найден",
            "не существует",
            "غير موجود",
            "غير معروف",
        ],
    ),
];

const POSSIBLE: &[(Undelivered, &[&str])] = &[
    (Undelivered::NoSuchMailbox, &["not found", "unknown"]),
    (
        Undelivered::Expired,
        &[
            "timed out",
            "time out",
            "timeout",
            "connection refused",
            "no route to host",
            "network is unreachable",
            "delivery time expired",
            "too long in the queue",
            "too long in queue",
            "in the queue too long",
            "retry time",
            "expired",
            "not yet been delivered",
            "for too long",
            "connection dropped",
            "delayed",
        ],
    ),
    (
        Undelivered::Policy,
        &[
            "policy",
            "not permitted",
            "not allowed",
            "authentication required",
            "relay",
            "denied",
            "refused",
            "prohibited",
            "dmarc",
            "restrict",
            "not authorized",
            "not accept",
            "rejected",
            "rcpthosts",
        ],
    ),
];

/// The first status code in a text, such as `5.1.1`.
pub fn status(text: &str) -> Option<String> {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let shaped = |word: &str| {
        let mut numbers = word.split('.');
        let fits = |number: Option<&str>, longest: usize| {
            number.is_some_and(|n| (1..=longest).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
        };
        word.starts_with(['2', '4', '5'])
            && fits(numbers.next(), 1)
            && fits(numbers.next(), 3)
            && fits(numbers.next(), 3)
            && numbers.next().is_none()
    };
    text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|word| word.trim_end_matches('.'))
        .find(|word| shaped(word))
        .map(str::to_owned)
}

/// What a mailer says in one short line, without addresses.
pub fn line(said: &str) -> Option<String> {
    let said: String = said.chars().take(LOOKED_AT).collect();
    let words = visible::line(&said);
    let hidden: Vec<&str> = words.split(' ').map(|word| if word.contains('@') { "…" } else { word }).collect();
    let line: String = hidden.join(" ").chars().take(LINE).collect();
    (!line.trim().is_empty()).then_some(line)
}
