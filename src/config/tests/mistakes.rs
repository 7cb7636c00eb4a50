//! Broken configurations and what an operator reads about them.

use super::{loaded, service};
use proptest::prelude::*;
use std::fmt::Write;

type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const MAILBOX: &str = r#"
[[email.mailboxes]]
name = "care"
address = "care@example.org"
imap = { host = "imap.example.org", port = 993, user = "care", password = "hunter2" }
smtp = { host = "smtp.example.org", port = 465 }
"#;

const CASES: &[Case] = &[
    (
        "a number out of range",
        &[(
            "tawasul.toml",
            "[[email.mailboxes]]\nname = \"a\"\naddress = \"a@b.sa\"\nsmtp = { host = \"h\", port = 1 }\n[email.mailboxes.imap]\nhost = \"h\"\nport=70000\n",
        )],
        &[],
    ),
    ("a text for a number", &[("tawasul.toml", "[outbox]\nattempts = \"twelve\"\n")], &[]),
    ("a number for a text", &[("tawasul.toml", "[vault]\nkey_file = 5\n")], &[]),
    ("a misspelled key", &[("tawasul.toml", "[server]\nlisen = \"127.0.0.1:80\"\n")], &[]),
    ("a misspelled section", &[("tawasul.toml", "[sever]\nlisten = \"127.0.0.1:80\"\n")], &[]),
    ("a key of another section", &[("tawasul.toml", "[server]\nattempts = 3\n")], &[]),
    ("a key like no other", &[("tawasul.toml", "[server]\ncolour = \"green\"\n")], &[]),
    ("a list element without its required keys", &[("tawasul.toml", "\n[[email.mailboxes]]\npoll_interval = \"1m\"\n")], &[]),
    ("a length of time without a unit", &[("tawasul.toml", "[outbox]\nfirst_retry = \"20\"\n")], &[]),
    ("an address to listen on without a port", &[("tawasul.toml", "[server]\nlisten = \"localhost\"\n")], &[]),
    ("a public address that is none", &[("tawasul.toml", "[server]\npublic_url = \"tawasul.example.org\"\n")], &[]),
    ("a proxy network that is none", &[("tawasul.toml", "[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"10.0.0.0/64\", \"lan\"]\n")], &[]),
    ("a server without connections", &[("tawasul.toml", "[server]\nmax_connections = 0\n")], &[]),
    ("a database that is not known", &[("tawasul.toml", "[storage]\nurl = \"mysql://root:hunter2@db/x\"\nblobs = \"ftp://x\"\n")], &[]),
    (
        "an outbox that never sends",
        &[("tawasul.toml", "[outbox]\nattempts = 0\nper_address_hourly = 0\nfirst_retry = \"2h\"\nlongest_retry = \"1h\"\n")],
        &[],
    ),
    (
        "a mailbox in plain text over the network",
        &[(
            "tawasul.toml",
            "[[email.mailboxes]]\nname = \"a\"\naddress = \"care at example.org\"\npoll_interval = \"0s\"\nimap = { host = \"mail.example.org\", port = 143, tls = \"none\" }\nsmtp = { host = \"127.0.0.1\", port = 25, tls = \"none\", password = \"hunter2\" }\n",
        )],
        &[],
    ),
    (
        "an unknown way of protecting",
        &[(
            "tawasul.toml",
            "[[email.mailboxes]]\nname = \"a\"\naddress = \"a@b.sa\"\nimap = { host = \"h\", port = 993, tls = \"ssl\" }\nsmtp = { host = \"h\", port = 465, tls = \"startls\" }\n",
        )],
        &[],
    ),
    (
        "a mailbox that signs in both ways, to a provider that cannot be asked",
        &[(
            "tawasul.toml",
            "[[email.mailboxes]]\nname = \"a\"\naddress = \"a@b.sa\"\nimap = { host = \"h\", port = 993, user = \"a\", password = \"hunter2\" }\nsmtp = { host = \"h\", port = 465 }\n[email.mailboxes.oauth]\nprovider = \"custom\"\nclient_id = \"\"\nclient_secret = \"\"\ntenant = \"x/y\"\ntoken_url = \"http://id.example.org/hunter2\"\n",
        )],
        &[],
    ),
    (
        "two mailboxes of one name",
        &[(
            "tawasul.toml",
            "[[email.mailboxes]]\nname = \"a\"\naddress = \"a@b.sa\"\nimap = { host = \"h\", port = 993 }\nsmtp = { host = \"h\", port = 465 }\n[[email.mailboxes]]\nname = \"a\"\naddress = \"b@b.sa\"\nimap = { host = \"h\", port = 993 }\nsmtp = { host = \"h\", port = 465 }\n",
        )],
        &[],
    ),
    (
        "webhook secrets that protect nothing",
        &[(
            "tawasul.toml",
            "[[webhooks.sources]]\nname = \"a\"\nsecret = \"\"\n[[webhooks.sources]]\nname = \"b\"\nsecret = \"hunter2\"\n[[webhooks.sources]]\nname = \"c\"\nsecret = \"whsec_c2hvcnQ=\"\n[[webhooks.sources]]\nname = \"d\"\nsecret = \"whsec_****\"\n[[webhooks.sources]]\nname = \"e\"\n",
        )],
        &[],
    ),
    (
        "a webhook target that is no address",
        &[(
            "tawasul.toml",
            "[[webhooks.targets]]\nurl = \"ftp://user:hunter2@x\"\nsecret = \"whsec_cmVwbGFjZS10aGlzLWJ5LWEtc2VjcmV0LW9mLXlvdXJz\"\n",
        )],
        &[],
    ),
    ("a secret that is not a text", &[("tawasul.toml", "[[webhooks.sources]]\nname = \"a\"\nsecret = 31337\n")], &[]),
    (
        "a password under a misspelled key",
        &[(
            "tawasul.toml",
            "[[email.mailboxes]]\nname = \"a\"\naddress = \"a@b.sa\"\nsmtp = { host = \"h\", port = 465, pasword = \"hunter2\" }\n[email.mailboxes.imap]\nhost = \"h\"\nport = 993\npaswd = \"hunter2\"\n",
        )],
        &[],
    ),
    ("a syntax error", &[("tawasul.toml", "[server]\nlisten = 127.0.0.1:8080\n")], &[]),
    ("a syntax error in a secret", &[("tawasul.toml", "[[webhooks.sources]]\nname = \"a\"\nsecret = \"hunter2\n")], &[]),
    ("a secret without an equals sign", &[("tawasul.toml", "[[webhooks.sources]]\nsecret \"hunter2=\"\n")], &[]),
    ("a table that stands twice", &[("tawasul.toml", "[server]\n[server]\n")], &[]),
    (
        "a syntax error in one file, and mistakes in the others",
        &[
            ("tawasul.toml", "[server\n"),
            ("calendar.toml", "zone = \"Asia/Riyad\"\n[week]\nsunday = [\"16:00-08:00\", \"8-16\"]\n"),
            ("kinds/complaint.toml", "key = \"Complaint\"\n"),
        ],
        &[],
    ),
    (
        "a contact line that reaches nobody",
        &[(
            "organization.toml",
            "name = { ar = \"جمعية\" }\nfallback_owner = \"a\"\nfallback_department = \"d\"\n[contact]\nphones = [\"013 555 0100\", \"call us\"]\nemail = \"info\"\nhours = { ar = \" \" }\nfax = \"1\"\n[[department]]\nkey = \"d\"\nname = { ar = \"ق\" }\n[[officer]]\nkey = \"a\"\nname = { ar = \"أ\" }\nrole = \"admin\"\n",
        )],
        &[],
    ),
    ("an office that nothing falls back to", &[("organization.toml", "name = { ar = \"جمعية\" }\n")], &[]),
    (
        "an office that names what it does not have",
        &[(
            "organization.toml",
            "name = { ar = \"جمعية\" }\nfallback_owner = \"clerk\"\nfallback_department = \"adi\"\nkinds = [\"complaint\", \"complain\"]\n[[department]]\nkey = \"aid\"\nname = { ar = \"\" }\nofficers = [\"clerk\", \"nobody\"]\nowner_by = \"random\"\n[[department]]\nkey = \"aid\"\nname = { ar = \"المساعدات\" }\n[[officer]]\nkey = \"clerk\"\nname = { ar = \"موظف\" }\nrole = \"clerk\"\nsite = \"mian\"\nemail = \"nobody\"\n[[officer]]\nkey = \"boss\"\nname = \"مدير\"\nrole = \"boss\"\n[[site]]\nkey = \"main\"\nname = { ar = \"المقر\", eng = \"Main\" }\n",
        )],
        &[],
    ),
    (
        "kinds that cannot be asked",
        &[
            (
                "kinds/complaint.toml",
                "key = \"complaint\"\nname = { ar = \"شكوى\" }\nanswer_within_hours = 0\nstakeholder = \"beneficiry\"\n[[field]]\nkey = \"a\"\nlabel = { ar = \"س\" }\ninput = \"choice\"\n[[field]]\nkey = \"a\"\nlabel = { ar = \"س\" }\ninput = \"line\"\noptions = [{ key = \"x\", label = { ar = \"س\" } }, { key = \"x\", label = { ar = \"س\" } }]\n[[field]]\nkey = \"b\"\nlabel = { ar = \"س\" }\ninput = \"checkbox\"\n",
            ),
            ("kinds/zakat.toml", "key = \"zakat\"\nname = { ar = \"زكاة\" }\nanswer_within_hours = 8\n"),
            ("kinds/zakat2.toml", "key = \"zakat\"\nname = { ar = \"زكاة\" }\nanswer_within_hours = 8\n"),
        ],
        &[],
    ),
    (
        "rules that name what there is not",
        &[(
            "routing.toml",
            "[[rule]]\nname = { ar = \"قاعدة\" }\nkind = [\"complant\"]\nsite = [\"moon\"]\nchannel = [\"emial\"]\nmailbox = [\"care\"]\ngroup = [\"martian\"]\nlanguage = [\"fr\"]\nwords = [\"مساعدة\", \"!!\"]\ndepartment = \"adi\"\nowner = \"nobody\"\n[[rule]]\nkind = \"complaint\"\n",
        )],
        &[],
    ),
    (
        "several bad keys in one list",
        &[("routing.toml", "[[rule]]\nname = { ar = \"قاعدة\" }\nkind = [\"Complaint\", \"inquiry\", \"شكوى\"]\ndepartment = \"aid\"\n")],
        &[],
    ),
    (
        "hours and days in the wrong order",
        &[(
            "calendar.toml",
            "zone = \"Asia/Riyadh\"\n[week]\nsunday = [\"08:00-12:00\", \"11:00-16:00\"]\n[[holiday]]\nfrom = 2027-09-23\nuntil = 2027-09-22\n[[holiday]]\nfrom = \"2027-02-30\"\n[[season]]\nfrom = \"2027-03-08\"\nuntil = \"2027-02-08\"\nhours = [\"12:00-15:00\", \"10:00-11:00\"]\n",
        )],
        &[],
    ),
    ("a week without work", &[("calendar.toml", "zone = \"UTC\"\n[week]\n")], &[]),
    ("a file under a wrong name", &[("organisation.toml", "")], &[]),
    (
        "variables that no one knows",
        &[],
        &[("TAWASUL_SERVR__LISTEN", "127.0.0.1:80"), ("TAWASUL_SERVER__LISEN", "x"), ("TAWASUL_SERVER____LISTEN", "x"), ("TAWASUL_", "x")],
    ),
    (
        "variables of the wrong type",
        &[],
        &[
            ("TAWASUL_OUTBOX__ATTEMPTS", "many"),
            ("TAWASUL_WEBHOOKS__ALLOW_PRIVATE_TARGETS", "yes"),
            ("TAWASUL_SERVER__TRUSTED_PROXIES", "10.0.0.0/8"),
            ("TAWASUL_SERVER__LISTEN__PORT", "80"),
        ],
    ),
    (
        "a secret in a variable that protects nothing",
        &[("tawasul.toml", "[[webhooks.sources]]\nname = \"a\"\n")],
        &[("TAWASUL_WEBHOOKS__SOURCES__0__SECRET", "hunter2")],
    ),
    ("variables that leave a gap in a list", &[], &[("TAWASUL_EMAIL__MAILBOXES__1__NAME", "a")]),
    (
        "a variable that names no file, and one said twice",
        &[],
        &[("TAWASUL_STORAGE__URL_FILE", "/nowhere/at/all"), ("TAWASUL_VAULT__KEYS", "hunter2"), ("TAWASUL_VAULT__KEYS_FILE", "/dev/null")],
    ),
    (
        "a password inside a variable's table",
        &[],
        &[
            ("TAWASUL_EMAIL__MAILBOXES__0__IMAP", "{ host = \"h\", port = 99999, pasword = \"hunter2\" }"),
            ("TAWASUL_EMAIL__MAILBOXES__0__SMTP", "smtp://care:hunter2@h"),
            ("TAWASUL_WEBHOOKS__SOURCES", "[{ name = \"a\", secret = \"hunter2\" }, { name = \"b\" }]"),
        ],
    ),
    (
        "an address where a table belongs",
        &[("tawasul.toml", "[[email.mailboxes]]\nname = \"a\"\naddress = \"a@b.sa\"\nimap = \"care:hunter2@h\"\nsmtp = [\"hunter2\"]\n")],
        &[],
    ),
    (
        "a section that is a text, and a key outside",
        &[("tawasul.toml", "listen = \"127.0.0.1:80\"\nserver = \"hunter2\"\nwebhooks.sources = {}\n")],
        &[],
    ),
    (
        "one slip is one mistake, not two",
        &[
            ("tawasul.toml", "[outbox]\nfirst_retry = \"1h\"\nlongest_retry = \"2 hours\"\n"),
            ("calendar.toml", "zone = \"UTC\"\n[week]\nsunday = \"08:00-16:00\"\n"),
            ("kinds/zakat.toml", "key = zakat\n"),
            ("routing.toml", "[[rule]]\nname = { ar = \"الزكاة\" }\nkind = [\"zakat\"]\ndepartment = \"aid\"\n"),
            (
                "organization.toml",
                "name = { ar = \"جمعية\" }\nfallback_owner = \"boss\"\nfallback_department = \"aid\"\n[[department]]\nkey = \"aid\"\nname = { ar = \"المساعدات\" }\n[[officer]]\nkey = \"boss\"\nname = { ar = \"المشرف\" }\nrole = \"superviser\"\n",
            ),
        ],
        &[],
    ),
    ("a secret under the wrong key", &[("tawasul.toml", "[[webhooks.sources]]\nname = \"whsec_+hunter2\"\nsecret = \"website\"\n")], &[]),
];

#[test]
fn every_mistake_is_told_with_its_place_and_what_to_do() {
    let mut told = String::new();
    for (name, files, env) in CASES {
        let _ = writeln!(told, "════ {name}");
        match loaded(files, env) {
            Err(mistakes) => {
                assert!(!mistakes.contains("hunter2") && !mistakes.contains("31337"), "{name} shows a secret:\n{mistakes}");
                let _ = writeln!(told, "{mistakes}\n");
            }
            Ok(_) => panic!("{name} was accepted"),
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_text_that_is_not_utf_8_is_told_by_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tawasul.toml"), b"[server]\n# \xe3\xd1\xcd\xc8\xc7\n").unwrap();
    let mistakes = super::load(Some(folder.path()), std::iter::empty()).unwrap_err();
    let mistake = mistakes.iter().next().unwrap();
    assert_eq!((mistake.line, mistake.column, mistake.message.as_str()), (2, 3, "this is not UTF-8 text"));
}

#[test]
fn a_folder_that_was_named_and_is_not_there_is_a_mistake() {
    let mistakes = super::load(Some(std::path::Path::new("/nowhere/config")), std::iter::empty()).unwrap_err();
    assert!(mistakes.to_string().starts_with("/nowhere/config: there is no such folder\n  hint: "), "{mistakes}");
}

#[test]
fn a_mailbox_and_its_password_are_fine_and_never_shown() {
    let config = service(MAILBOX).unwrap();
    assert_eq!(config.email.mailboxes.len(), 1);
    assert!(!format!("{config:?}").contains("hunter2"));
    let broken = MAILBOX.replace("993", "\"993\"").replace("care@", "care").replace("name = \"care\"", "name = \"Care\"");
    let told = service(&broken).unwrap_err();
    assert!(told.ends_with("3 mistakes in the configuration."), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_makes_it_fall_over(
        text in "\\PC{0,120}|([a-z\\[\\]{}=\", \n]{0,120})",
        file in prop::sample::select(&["tawasul.toml", "organization.toml", "routing.toml", "calendar.toml", "kinds/x.toml"][..]),
    ) {
        let _ = loaded(&[(file, &text)], &[]);
    }

    #[test]
    fn no_change_of_one_piece_makes_it_fall_over_or_show_the_password(at in 0usize..400, drop in 0usize..6, put in "[\\[\\]{}=\"'a0.\n\\- ]{0,4}") {
        let chars: Vec<char> = MAILBOX.chars().collect();
        let at = at.min(chars.len());
        let text: String = chars[..at].iter().copied().chain(put.chars()).chain(chars[(at + drop).min(chars.len())..].iter().copied()).collect();
        if let Err(mistakes) = service(&text) {
            prop_assert!(!mistakes.contains("hunter"), "{}\n{}", text, mistakes);
        }
    }

    #[test]
    fn no_variable_makes_it_fall_over(name in "[A-Z0-9_]{0,40}", value in "\\PC{0,40}") {
        let _ = loaded(&[], &[(&format!("TAWASUL_{name}"), &value)]);
    }
}
