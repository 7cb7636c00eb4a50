//! Every key of every file: what it is for, and a value to show. The example file and the hints are made from this table; a test
//! compares it with what the settings really know.

use Shown::{Default, Optional, Required};

/// What the sample of a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shown {
    /// What holds when the key is left out.
    Default,
    /// A likely value of a key that may be left out and then is nothing.
    Optional,
    /// A likely value of a key that must be given.
    Required,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyDoc {
    /// With its tables, without list numbers: `email.mailboxes.imap.port`.
    pub path: &'static str,
    /// As TOML.
    pub sample: &'static str,
    pub shown: Shown,
    /// One sentence without its full stop, in English.
    pub about: &'static str,
}

/// One table of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableDoc {
    /// As its header: `[server]`, `[[email.mailboxes]]`; empty for the top of a file.
    pub header: &'static str,
    pub about: &'static str,
    /// The same for an Arabic reader, short.
    pub arabic: &'static str,
    pub keys: &'static [KeyDoc],
}

const fn key(path: &'static str, sample: &'static str, shown: Shown, about: &'static str) -> KeyDoc {
    KeyDoc { path, sample, shown, about }
}

/// `tawasul.toml`, in the order of the example.
pub(super) const SERVICE: &[TableDoc] = &[
    TableDoc {
        header: "[server]",
        about: "How the web side listens: portal, desk, API and webhooks behind one address",
        arabic: "عنوان الخادم على الشبكة، والعنوان الذي يراه الناس",
        keys: &[
            key(
                "server.listen",
                "\"127.0.0.1:8080\"",
                Default,
                "address and port; port 0 takes a free one, 0.0.0.0 listens to the whole network",
            ),
            key(
                "server.public_url",
                "\"https://tawasul.example.org\"",
                Optional,
                "as people outside reach it; the links in notices are made from it",
            ),
            key("server.trusted_proxies", "[]", Default, "networks of proxies whose X-Forwarded-For is believed, such as [\"10.0.0.0/8\"]"),
            key(
                "server.max_connections",
                "800",
                Default,
                "connections at once, who comes beyond them waits; the system must allow as many open files (ulimit -n) and a hundred more",
            ),
        ],
    },
    TableDoc {
        header: "[storage]",
        about: "Where the data lies",
        arabic: "مكان حفظ البيانات والمرفقات",
        keys: &[
            key(
                "storage.url",
                "\"sqlite://data/tawasul.db\"",
                Default,
                "the database: sqlite://PATH, or postgres://user:password@host/database",
            ),
            key("storage.blobs", "\"data/blobs\"", Default, "the folder of the attachments; replicas share it"),
        ],
    },
    TableDoc {
        header: "[vault]",
        about: "The key that seals names, numbers and addresses; without it they cannot be read again, so keep a copy elsewhere",
        arabic: "مفتاح تشفير البيانات الشخصية؛ احتفظوا بنسخة منه في مكان آمن",
        keys: &[
            key("vault.key_file", "\"data/vault.key\"", Default, "created at the first start, readable by its owner only"),
            key(
                "vault.keys",
                "\"as the key file holds them\"",
                Optional,
                "the keys themselves instead of a file; better in TAWASUL_VAULT__KEYS or TAWASUL_VAULT__KEYS_FILE",
            ),
        ],
    },
    TableDoc {
        header: "[outbox]",
        about: "How notices are sent again when a network is away; lengths of time are written 100ms, 30s, 5m, 2h or 7d",
        arabic: "إعادة إرسال الإشعارات عند تعذر الإرسال",
        keys: &[
            key("outbox.first_retry", "\"20s\"", Default, "the pause before the second attempt; it doubles each time"),
            key("outbox.longest_retry", "\"1h\"", Default, "the longest pause between two attempts"),
            key("outbox.attempts", "60", Default, "given up after so many attempts at one address, and shown to a person"),
            key("outbox.per_address_hourly", "20", Default, "at most so many automatic notices to one sender's address an hour"),
            key("outbox.per_domain_hourly", "8", Default, "at most so many automatic notices to senders of one mail domain an hour"),
            key("outbox.per_provider_hourly", "600", Default, "the same for providers where everybody has a mailbox, such as gmail.com"),
            key("outbox.per_staff_hourly", "300", Default, "at most so many automatic notices to one member of staff an hour"),
        ],
    },
    TableDoc {
        header: "[[email.mailboxes]]",
        about: "A mailbox that people write to; repeat the block for each",
        arabic: "صندوق بريد تصل إليه رسائل المستفيدين؛ يكرر لكل صندوق",
        keys: &[
            key("email.mailboxes.name", "\"care\"", Required, "its short name, for rules and for the health page"),
            key("email.mailboxes.address", "\"care@example.org\"", Required, "the address people write to, and the one that answers"),
            key("email.mailboxes.poll_interval", "\"1m\"", Default, "how often it is asked when nothing announces new mail"),
            key("email.mailboxes.folder", "\"INBOX\"", Default, "the folder that is read"),
            key("email.mailboxes.mark_seen", "true", Default, "whether mail that was taken in is marked as read"),
            key(
                "email.mailboxes.done_folder",
                "\"Done\"",
                Optional,
                "the folder into which mail is moved once it was taken in; without it, mail stays",
            ),
            key(
                "email.mailboxes.first_start",
                "\"all\"",
                Default,
                "what a first start takes in: all that lies in the folder, or only what is new",
            ),
        ],
    },
    TableDoc {
        header: "[email.mailboxes.imap]",
        about: "The server that the mail is read from",
        arabic: "خادم البريد الوارد",
        keys: &[
            key("email.mailboxes.imap.host", "\"imap.example.org\"", Required, "the server's name"),
            key("email.mailboxes.imap.port", "993", Required, "993 with implicit TLS, 143 with starttls"),
            key("email.mailboxes.imap.tls", "\"implicit\"", Default, "implicit, starttls, or none (only to this very machine)"),
            key("email.mailboxes.imap.user", "\"care@example.org\"", Optional, "the name to sign in with"),
            key(
                "email.mailboxes.imap.password",
                "\"a password for this application\"",
                Optional,
                "better in a file that TAWASUL_EMAIL__MAILBOXES__0__IMAP__PASSWORD_FILE names",
            ),
        ],
    },
    TableDoc {
        header: "[email.mailboxes.smtp]",
        about: "The server that answers and notices are sent through",
        arabic: "خادم البريد الصادر",
        keys: &[
            key("email.mailboxes.smtp.host", "\"smtp.example.org\"", Required, "the server's name"),
            key("email.mailboxes.smtp.port", "465", Required, "465 with implicit TLS, 587 with starttls"),
            key("email.mailboxes.smtp.tls", "\"implicit\"", Default, "implicit, starttls, or none (only to this very machine)"),
            key("email.mailboxes.smtp.user", "\"care@example.org\"", Optional, "the name to sign in with"),
            key(
                "email.mailboxes.smtp.password",
                "\"a password for this application\"",
                Optional,
                "better in a file that TAWASUL_EMAIL__MAILBOXES__0__SMTP__PASSWORD_FILE names",
            ),
        ],
    },
    TableDoc {
        header: "[email.mailboxes.oauth]",
        about: "Sign-in without passwords (OAuth 2.0), for Outlook, Hotmail and Gmail; leave both passwords out, and run `tawasul mail login NAME` once",
        arabic: "الدخول دون كلمة مرور (أوتلوك وهوتميل وجيميل)؛ نفذوا بعده مرة واحدة tawasul mail login",
        keys: &[
            key("email.mailboxes.oauth.provider", "\"microsoft\"", Required, "microsoft, google or custom"),
            key(
                "email.mailboxes.oauth.client_id",
                "\"00000000-0000-0000-0000-000000000000\"",
                Required,
                "the id of the application that you registered with the provider",
            ),
            key(
                "email.mailboxes.oauth.client_secret",
                "\"the secret of the application\"",
                Optional,
                "for google; public applications at microsoft have none; better in a file that TAWASUL_EMAIL__MAILBOXES__0__OAUTH__CLIENT_SECRET_FILE names",
            ),
            key(
                "email.mailboxes.oauth.tenant",
                "\"consumers\"",
                Default,
                "at microsoft: consumers for hotmail.com and outlook.com, or organizations, common, or the organization's id",
            ),
            key("email.mailboxes.oauth.token_url", "\"https://id.example.org/token\"", Optional, "in place of the provider's own address"),
            key(
                "email.mailboxes.oauth.device_url",
                "\"https://id.example.org/device\"",
                Optional,
                "in place of the provider's own; where sign-in is by a code",
            ),
            key(
                "email.mailboxes.oauth.authorize_url",
                "\"https://id.example.org/authorize\"",
                Optional,
                "in place of the provider's own; where sign-in is in a browser",
            ),
            key("email.mailboxes.oauth.scopes", "[]", Default, "what is asked for; empty for what the provider's mail needs"),
        ],
    },
    TableDoc {
        header: "[webhooks]",
        about: "Other systems: those that hand in messages, and those that are told of events (Standard Webhooks signatures)",
        arabic: "الربط مع الأنظمة الأخرى",
        keys: &[key(
            "webhooks.allow_private_targets",
            "false",
            Default,
            "whether targets may lie in private or loopback networks, and be spoken to without TLS",
        )],
    },
    TableDoc {
        header: "[[webhooks.sources]]",
        about: "A system that hands in messages at POST /webhooks/in/NAME; repeat the block for each",
        arabic: "نظام يسلّم رسائل إلى تواصل",
        keys: &[
            key("webhooks.sources.name", "\"website\"", Required, "its short name, the last part of the address it posts to"),
            key(
                "webhooks.sources.secret",
                "\"whsec_cmVwbGFjZS10aGlzLWJ5LWEtc2VjcmV0LW9mLXlvdXJz\"",
                Required,
                "make your own: echo whsec_$(openssl rand -base64 32); several, separated by spaces, while it is changed",
            ),
            key(
                "webhooks.sources.reply_url",
                "\"https://website.example.org/notices\"",
                Optional,
                "where notices to its senders are posted, when it can pass them on",
            ),
        ],
    },
    TableDoc {
        header: "[[webhooks.targets]]",
        about: "A system that is told of events; repeat the block for each",
        arabic: "نظام تُرسل إليه الأحداث",
        keys: &[
            key("webhooks.targets.url", "\"https://records.example.org/tawasul\"", Required, "where the events are posted"),
            key(
                "webhooks.targets.secret",
                "\"whsec_cmVwbGFjZS10aGlzLWJ5LWEtc2VjcmV0LW9mLXlvdXJz\"",
                Required,
                "what they are signed with; make your own: echo whsec_$(openssl rand -base64 32)",
            ),
            key("webhooks.targets.events", "[]", Default, "names of events such as \"ticket.opened\"; empty for all"),
        ],
    },
];

const NAME: &str = "{ ar = \"…\", en = \"…\" }";

/// The files that a charity edits; for the hints.
const ORGANIZATION: &[KeyDoc] = &[
    key("name", NAME, Required, "the charity's name"),
    key("fallback_owner", "\"supervisor\"", Required, "who owns what nothing else gives an owner: a supervisor or an admin"),
    key("fallback_department", "\"beneficiary-relations\"", Required, "the department of what no rule matches"),
    key("kinds", "[\"complaint\", \"inquiry\"]", Optional, "the kinds on offer, in order"),
    key("site.key", "\"main\"", Required, "the site's short name"),
    key("site.name", NAME, Required, "as people call it"),
    key("department.key", "\"aid\"", Required, "the department's short name"),
    key("department.name", NAME, Required, "as people call it"),
    key("department.officers", "[\"aid-officer\"]", Default, "keys of its officers, the main one first"),
    key("department.owner_by", "\"main\"", Default, "main, rota or fewest_open"),
    key("officer.key", "\"aid-officer\"", Required, "the officer's short name, and the name of the account"),
    key("officer.name", NAME, Required, "as colleagues and senders see it"),
    key("officer.role", "\"officer\"", Required, "officer, clerk, supervisor, manager or admin"),
    key("officer.email", "\"aid@example.org\"", Optional, "where alerts go"),
    key("officer.site", "\"main\"", Optional, "the key of the officer's site"),
];

const KINDS: &[KeyDoc] = &[
    key("key", "\"complaint\"", Required, "the kind's short name"),
    key("name", NAME, Required, "as people call it"),
    key("about", NAME, Optional, "one plain sentence: what it is for"),
    key("answer_within_hours", "24", Required, "the promise to the sender, in working hours"),
    key("confidential", "false", Default, "whether the text is sealed and kept out of notices"),
    key("portal", "true", Default, "whether the web site offers it"),
    key("stakeholder", "\"beneficiary\"", Optional, "who its senders are unless they say otherwise"),
    key("field.key", "\"where\"", Required, "the question's short name"),
    key("field.label", NAME, Required, "the question"),
    key("field.hint", NAME, Optional, "what helps to answer it"),
    key("field.input", "\"line\"", Required, "line, paragraph, number, date or choice"),
    key("field.required", "false", Default, "whether it has to be answered"),
    key("field.options", "[{ key = \"yes\", label = { ar = \"نعم\", en = \"Yes\" } }]", Optional, "what a choice offers"),
    key("field.options.key", "\"yes\"", Required, "the option's short name"),
    key("field.options.label", NAME, Required, "the option as people read it"),
];

const ROUTING: &[KeyDoc] = &[
    key("rule.name", NAME, Required, "shown as the reason why a ticket is where it is"),
    key("rule.kind", "[\"complaint\"]", Optional, "keys of kinds"),
    key("rule.site", "[\"main\"]", Optional, "keys of sites"),
    key("rule.channel", "[\"email\"]", Optional, "names of channels"),
    key("rule.mailbox", "[\"care\"]", Optional, "names of mailboxes or webhook sources"),
    key("rule.group", "[\"donor\"]", Optional, "stakeholder groups"),
    key("rule.language", "[\"ar\"]", Optional, "ar or en"),
    key("rule.words", "[\"متطوع\", \"volunteer\"]", Optional, "words or phrases of the text"),
    key("rule.department", "\"aid\"", Required, "the key of the department that gets it"),
    key("rule.owner", "\"aid-officer\"", Optional, "the officer who gets it, whatever the department's way of choosing"),
];

const CALENDAR: &[KeyDoc] = &[
    key("zone", "\"Asia/Riyadh\"", Required, "a time zone of the IANA database"),
    key("week", "{ sunday = [\"08:00-16:00\"] }", Required, "the office hours of each day"),
    key("week.monday", "[\"08:00-16:00\"]", Default, "the stretches of office hours of that day"),
    key("week.tuesday", "[\"08:00-16:00\"]", Default, "the stretches of office hours of that day"),
    key("week.wednesday", "[\"08:00-16:00\"]", Default, "the stretches of office hours of that day"),
    key("week.thursday", "[\"08:00-16:00\"]", Default, "the stretches of office hours of that day"),
    key("week.friday", "[\"08:00-12:00\"]", Default, "the stretches of office hours of that day"),
    key("week.saturday", "[\"08:00-12:00\"]", Default, "the stretches of office hours of that day"),
    key("week.sunday", "[\"08:00-12:00\", \"13:00-17:00\"]", Default, "the stretches of office hours of that day"),
    key("holiday.from", "\"2027-09-23\"", Required, "its first day"),
    key("holiday.until", "\"2027-09-23\"", Optional, "its last day; the first when left out"),
    key("holiday.name", NAME, Optional, "for those who read the file"),
    key("season.from", "\"2027-02-08\"", Required, "its first day"),
    key("season.until", "\"2027-03-08\"", Required, "its last day"),
    key("season.hours", "[\"10:00-15:00\"]", Required, "the office hours of its working days"),
    key("season.name", NAME, Optional, "for those who read the file"),
];

/// The table of a form: `tawasul`, `organization`, `kinds`, `routing` or `calendar`.
pub(super) fn of(form: &str) -> impl Iterator<Item = &'static KeyDoc> {
    let (tables, keys): (&[TableDoc], &[KeyDoc]) = match form {
        "tawasul" => (SERVICE, &[]),
        "organization" => (&[], ORGANIZATION),
        "kinds" => (&[], KINDS),
        "routing" => (&[], ROUTING),
        "calendar" => (&[], CALENDAR),
        _ => (&[], &[]),
    };
    tables.iter().flat_map(|table| table.keys).chain(keys)
}

pub(super) fn find(form: &str, path: &str) -> Option<&'static KeyDoc> {
    of(form).find(|doc| doc.path == path)
}

pub(super) fn is_known(form: &str, path: &str) -> bool {
    find(form, path).is_some()
}

/// The names of the keys that a table must have.
pub(super) fn required_in(form: &str, table: &str) -> Vec<&'static str> {
    let in_table = |doc: &&KeyDoc| doc.shown == Required && doc.path.rsplit_once('.').is_some_and(|(of, _)| of == table);
    of(form).filter(in_table).filter_map(|doc| doc.path.rsplit('.').next()).collect()
}

/// The other table that has a key of this name.
pub(super) fn elsewhere(form: &str, table: &str, key: &str) -> Option<&'static str> {
    of(form).filter_map(|doc| doc.path.rsplit_once('.')).find(|(other, name)| *name == key && *other != table).map(|(other, _)| other)
}

/// Whether the value of a key of this name may be a secret: a password, a token, an address that may hold one.
pub(super) fn is_secret(key: &str) -> bool {
    key == "keys" || key.split(['_', '-']).any(|part| matches!(part, "password" | "secret" | "token" | "url"))
}

/// Whether an excerpt may show the value of a key of this name.
pub(super) fn may_be_shown(key: &str) -> bool {
    !is_secret(key) && of("tawasul").any(|doc| doc.path.rsplit('.').next() == Some(key))
}

/// Whether a piece of a line may hold a secret under a name of its own.
pub(super) fn sounds_secret(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["pass", "secret", "token", "whsec", "://"].iter().any(|word| lower.contains(word))
}
