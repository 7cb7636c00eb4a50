//! The texts and the code hold together: both languages have the same keys with the same variables, every key that the code
//! or a template names exists, and no key is left that nobody uses.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use tawasul::{
    channel::{ChannelKind, Undelivered},
    domain::{Direction, EventKind, Language, Priority, Role, StakeholderGroup, Status, ticket},
    web::pages::{DeliveryState, Done, Place, conversation::Way, desk, portal::Trouble},
};

type Texts = BTreeMap<String, BTreeSet<String>>;

/// The keys of a file of texts, each with its variables.
fn texts(language: &str) -> Texts {
    let source = fs::read_to_string(root().join(format!("src/i18n/{language}.ftl"))).unwrap();
    let mut texts = Texts::new();
    let mut key = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase())) {
            key = name.to_owned();
            texts.entry(key.clone()).or_default();
        }
        for after in line.split('$').skip(1) {
            let variable = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap();
            texts.get_mut(&key).unwrap().insert(variable.to_owned());
        }
    }
    texts
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// All sources and templates, as one text.
fn sources() -> String {
    let (mut all, mut folders) = (String::new(), vec![root().join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs" || e == "html") {
                all += &fs::read_to_string(path).unwrap();
                all.push('\n');
            }
        }
    }
    all
}

/// The families of keys whose last part is a name that the code carries.
fn families() -> BTreeSet<String> {
    fn names<T: Copy>(family: &str, all: &[T], name: fn(T) -> &'static str) -> Vec<String> {
        all.iter().map(|value| format!("{family}-{}", name(*value))).collect()
    }
    let mut keys = [
        names("status", Status::ALL, Status::as_str),
        names("status-told", Status::ALL, Status::as_str),
        names("act", ticket::Act::ALL, ticket::Act::as_str),
        names("priority", Priority::ALL, Priority::as_str),
        names("group", StakeholderGroup::ALL, StakeholderGroup::as_str),
        names("role", Role::ALL, Role::as_str),
        names("channel", ChannelKind::ALL, ChannelKind::as_str),
        names("direction", Direction::ALL, Direction::as_str),
        names("event", EventKind::ALL, EventKind::as_str),
        names("way", Way::ALL, Way::as_str),
        names("delivery", DeliveryState::ALL, DeliveryState::as_str),
        names("done", Done::ALL, Done::as_str),
        names("place", Place::ALL, Place::as_str),
        names("trouble", Trouble::ALL, Trouble::as_str),
        names("trouble-do", Trouble::ALL, Trouble::as_str),
        names("filter", desk::Filter::ALL, desk::Filter::as_str),
        names("ticket-act", desk::Act::ALL, desk::Act::as_str),
        names("people-account", desk::AccountState::ALL, desk::AccountState::as_str),
        names("language", &[Language::Ar, Language::En], Language::code),
    ]
    .concat();
    let wordy = desk::Act::ALL.iter().filter(|act| !matches!(act, desk::Act::Start | desk::Act::Wait));
    keys.extend(wordy.clone().flat_map(|act| ["ticket-hint", "ticket-send"].map(|family| format!("{family}-{act}"))));
    keys.extend(wordy.filter(|act| **act != desk::Act::Spam).map(|act| format!("ticket-words-{act}")));
    keys.extend((1..=7).map(|day| format!("weekday-{day}")));
    keys.extend((1..=12).flat_map(|month| [format!("month-{month}"), format!("hijri-month-{month}")]));
    let errors = ["throttled", "unreachable", "rejected", "invalid", "misconfigured", "stopped", "uncertain"];
    keys.extend(errors.map(|code| format!("send-{code}")));
    keys.extend(Undelivered::ALL.iter().map(|reason| format!("send-{reason}")));
    keys.into_iter().collect()
}

/// Families to which deeper modules may add names: routing its reasons, channels their faults, handlers theirs.
const OPEN_FAMILIES: [&str; 6] = ["reason-", "withheld-", "attachment-", "fault-", "refused-", "act-"];

#[test]
fn both_languages_have_the_same_keys_with_the_same_variables() {
    let (arabic, english) = (texts("ar"), texts("en"));
    for key in arabic.keys().chain(english.keys()) {
        assert_eq!(arabic.get(key), english.get(key), "{key}: put it into both files, with the same variables");
    }
}

#[test]
fn every_value_that_the_code_carries_has_a_word() {
    let texts = texts("ar");
    for key in families() {
        assert!(texts.contains_key(&key), "{key} is missing in ar.ftl");
    }
}

#[test]
fn every_key_that_is_named_exists() {
    let (texts, sources) = (texts("ar"), sources());
    let calls = [
        "frame.t(\"",
        "frame.t1(\"",
        "frame.own(\"",
        "text(language, \"",
        "text_with(language, \"",
        ".say(\"",
        ".quote(\"",
        ".link(\"",
        ".close(\"",
    ];
    let mut found = 0;
    for call in calls {
        for after in sources.split(call).skip(1) {
            let key = after.split('"').next().unwrap();
            assert!(texts.contains_key(key), "{call}{key}\": there is no such text");
            found += 1;
        }
    }
    assert!(found > 150, "the names are still found: {found}");
}

#[test]
fn every_text_is_used() {
    let (families, sources) = (families(), sources());
    for key in texts("ar").keys() {
        let used =
            families.contains(key) || OPEN_FAMILIES.iter().any(|family| key.starts_with(family)) || sources.contains(&format!("\"{key}\""));
        assert!(used, "{key}: nobody uses this text; take it out of both files");
    }
}
