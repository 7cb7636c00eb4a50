//! The words by which mail programs mark what is not newly written, language by language.
//!
//! All in lower case. Facts come from the programs themselves; the words of each language stand in `languages`. Not here: what has to stand around a word for it to count (`attribution`, `headers`, `signature`).

/// The words of a language.
pub struct Language {
    /// With what the line above a quotation begins, before the date.
    pub on: &'static [&'static str],
    /// "wrote", in the forms that stand after or before a name.
    pub wrote: &'static [&'static str],
    pub from: &'static [&'static str],
    pub sent: &'static [&'static str],
    pub to: &'static [&'static str],
    pub subject: &'static [&'static str],
    /// Copies, answers to, attachments, importance.
    pub further: &'static [&'static str],
    /// What stands between dashes above the message that is answered.
    pub original: &'static [&'static str],
    /// The same above a message that is passed on.
    pub forwarded: &'static [&'static str],
    /// With what a subject begins when a message is passed on.
    pub forward: &'static [&'static str],
    /// With what the line of a phone or a program begins, and what it ends with.
    pub device: &'static [(&'static str, &'static str)],
    /// Closing words: nothing but a name follows.
    pub regards: &'static [&'static str],
    /// Closing words only when a name follows.
    pub thanks: &'static [&'static str],
    /// Parts of what lawyers put below mails; two of them make a footer.
    pub confidential: &'static [&'static str],
}

/// A field of a header that is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    From,
    Sent,
    To,
    Subject,
    Further,
}

/// Words in a line of which it is safe to say that it names a device or a program.
pub const DEVICES: [&str; 40] = [
    "iphon",
    "ipad",
    "ipod",
    "ios",
    "android",
    "samsung",
    "galaxy",
    "outlook",
    "yahoo",
    "huawei",
    "honor",
    "xiaomi",
    "redmi",
    "oppo",
    "nokia",
    "sony",
    "htc",
    "lg ",
    "motorola",
    "blackberry",
    "windows",
    "gmail",
    "mail",
    "proton",
    "smartphone",
    "phone",
    "mobile",
    "tablet",
    "handy",
    "cell",
    "pocket",
    "الآيفون",
    "آيفون",
    "ايفون",
    "هاتفي",
    "جوالي",
    "هاتف",
    "جوال",
    "سامسونج",
    "تلفن",
];

/// What programs say in the plain part of a mail of which they show the HTML part only: to whom, and what.
pub const NO_HTML: [(&str, &str); 14] = [
    ("your", "not support html"),
    ("your", "doesn't support html"),
    ("your", "cannot display html"),
    ("your", "unable to display html"),
    ("your", "not able to display html"),
    ("please", "use an html"),
    ("view", "html compatible"),
    ("view", "html-capable"),
    ("view", "supports html"),
    ("ihr", "kein html"),
    ("ihr", "html nicht"),
    ("votre", "pas le html"),
    ("su", "no admite html"),
    ("بريدك", "html"),
];

/// What stands above history in the mail of ticket systems.
pub const ABOVE: [&str; 10] = [
    "reply above this line",
    "reply above the line",
    "write your reply above",
    "please reply above",
    "reply above --",
    "antworten sie oberhalb dieser zeile",
    "répondez au-dessus de cette ligne",
    "responda por encima de esta línea",
    "اكتب ردك فوق هذا السطر",
    "الرد أعلى هذا السطر",
];

/// What lists, groups and virus scanners say below a mail.
pub const FOOTERS: [&str; 15] = [
    "mailing list",
    "listinfo",
    "to unsubscribe",
    "unsubscribe from this",
    "you received this message because you are subscribed",
    "you are receiving this because",
    "googlegroups.com",
    "yahoo! groups",
    "yahoogroups",
    "visit this group",
    "manage your subscription",
    "to view this discussion on the web",
    "für weitere optionen",
    "avast",
    "avg.com",
];

/// What nobody writes by hand.
pub const ADVERTS: [&str; 16] = [
    "virus-free",
    "virenfrei",
    "sans virus",
    "libre de virus",
    "livre de vírus",
    "has been checked for viruses",
    "auf viren geprüft",
    "خالية من الفيروسات",
    "خالٍ من الفيروسات",
    "consider the environment",
    "think before you print",
    "think before printing",
    "pensez à l'environnement",
    "denken sie an die umwelt",
    "فكر في البيئة قبل",
    "حافظ على البيئة قبل",
];
