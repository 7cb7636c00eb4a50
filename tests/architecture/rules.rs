//! The rules of the house, each a function of the files' names and of what they name; a broken rule is a sentence that says
//! where, what, and what to do.

use crate::{reading::Named, sources::Source};
use std::collections::BTreeSet;

/// The floors from the ground up; imports run downward only, and modules on one floor do not import each other.
const FLOORS: [&[&str]; 9] = [
    &["domain"],
    &["routing", "dialogue", "i18n", "vault"],
    &["channel", "store"],
    &["outbox", "access"],
    &["casework", "insight"],
    &["intake"],
    &["web"],
    &["config"],
    &["app"],
];

/// Where each of these crates may be named, and nowhere else.
const CRATES: [(&str, &str, &str); 6] = [
    ("sqlx", "store", "write a function in `store` that says what is wanted, and call that"),
    ("axum", "web", "let `web` take the request apart and hand over plain values"),
    ("axum_extra", "web", "let `web` take the request apart and hand over plain values"),
    ("teloxide", "channel/telegram", "say it in the words of `channel` and let the Telegram adapter translate"),
    ("lettre", "channel/email", "hand the mail adapter an `Outbound` and let it write the mail"),
    ("async_imap", "channel/email", "let the mail adapter deliver an `Inbound`"),
];

/// Lines in a file above which it is not one thing any more.
const LONGEST: usize = 700;

const EMPTY_NAMES: [&str; 7] = ["utils", "util", "helpers", "helper", "common", "types", "misc"];

/// One file of `src` with what it names.
pub struct File {
    pub source: Source,
    pub named: Vec<Named>,
}

impl File {
    /// The top module a file belongs to; `main.rs` is part of `app`, `lib.rs` of none.
    fn top(&self) -> Option<&str> {
        match self.source.path.as_str() {
            "lib.rs" => None,
            "main.rs" => Some("app"),
            path => Some(path.split('/').next().unwrap_or(path).trim_end_matches(".rs")),
        }
    }

    fn place(&self, line: usize) -> String {
        format!("src/{}:{line}", self.source.path)
    }

    fn is_below(&self, folder: &str) -> bool {
        let path = &self.source.path;
        path.starts_with(&format!("{folder}/")) || *path == format!("{folder}.rs")
    }
}

/// Every sentence that the files of `src` deserve.
pub fn broken(files: &[File]) -> Vec<String> {
    let rules = [floors, listed_modules, channels_apart, crates_in_their_place, clock, length, empty_names, opening, root_only_declares];
    let sentences: BTreeSet<String> = rules.iter().flat_map(|rule| rule(files)).collect();
    sentences.into_iter().collect()
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn floors(files: &[File]) -> Vec<String> {
    let internal = |file: &File| file.named.iter().filter(|named| named.internal).cloned().collect::<Vec<_>>();
    files
        .iter()
        .filter_map(|file| Some((file, file.top()?)))
        .flat_map(|(file, from)| internal(file).into_iter().filter_map(move |named| import(file, from, &named)))
        .collect()
}

fn import(file: &File, from: &str, named: &Named) -> Option<String> {
    let to = named.segments.first()?.as_str();
    let place = file.place(named.line);
    if to == "*" {
        return Some(format!("{place} imports everything from the root of the crate: name the modules that it needs."));
    }
    let (below, above) = (floor_of(from)?, floor_of(to)?);
    if from == to {
        return None;
    }
    if above > below {
        return Some(format!(
            "{place} is in `{from}` (floor {below}) and names `{to}` (floor {above}), which stands above it: move what both need down \
             to `domain` or hand it in as a value or a trait from `app`."
        ));
    }
    if above == below {
        return Some(format!(
            "{place} is in `{from}` and names `{to}` on the same floor ({below}): let a module above ask both, or move what they share down."
        ));
    }
    reserved(from, to, named).map(|what| format!("{place} {what}"))
}

/// What the floors alone would allow and the house does not.
fn reserved(from: &str, to: &str, named: &Named) -> Option<String> {
    let known = |segment: &String| segment == "settings" || segment.ends_with("Settings") || segment.ends_with("Kind");
    let settings = named.segments.iter().any(known);
    match (from, to) {
        ("web", "store") => Some("is in `web` and names `store`: ask `access`, `casework`, `intake` or `insight` for it.".into()),
        ("config", _) if floor_of(to) >= Some(2) && !settings => Some(format!(
            "is in `config` and names `{to}` beyond its settings: config reads `{to}::settings` and names of kinds only; let `{to}` own the type there."
        )),
        _ => None,
    }
}

fn listed_modules(files: &[File]) -> Vec<String> {
    let unlisted = |file: &&File| file.top().is_some_and(|top| floor_of(top).is_none());
    files
        .iter()
        .filter(unlisted)
        .map(|file| {
            format!(
                "src/{} stands on no floor: put it into a module of the table in docs/architecture.md, or add its module there and to FLOORS in tests/architecture/rules.rs.",
                file.source.path
            )
        })
        .collect()
}

fn channels_apart(files: &[File]) -> Vec<String> {
    let channels: BTreeSet<&str> = files.iter().filter_map(|file| channel_of(&file.source.path)).collect();
    let mut sentences = Vec::new();
    for file in files {
        let Some(own) = channel_of(&file.source.path) else { continue };
        for named in file.named.iter().filter(|named| named.internal) {
            if let [channel, other, ..] = named.segments.as_slice()
                && channel == "channel"
                && other != own
                && channels.contains(other.as_str())
            {
                sentences.push(format!(
                    "{} is the channel `{own}` and names the channel `{other}`: move what both need to a file of its own beside `channel/mod.rs`.",
                    file.place(named.line)
                ));
            }
        }
    }
    sentences
}

/// A channel is a folder below `channel`; a file there is shared by all.
fn channel_of(path: &str) -> Option<&str> {
    path.strip_prefix("channel/")?.split_once('/').map(|(kind, _)| kind)
}

fn crates_in_their_place(files: &[File]) -> Vec<String> {
    let mut sentences = Vec::new();
    for (name, home, instead) in CRATES {
        for file in files.iter().filter(|file| !file.is_below(home)) {
            for named in file.named.iter().filter(|named| !named.internal && named.segments[0] == name) {
                sentences.push(format!("{} names `{name}`, which belongs in `{home}` only: {instead}.", file.place(named.line)));
            }
        }
    }
    sentences
}

fn clock(files: &[File]) -> Vec<String> {
    let mut sentences = Vec::new();
    for file in files.iter().filter(|file| file.top() != Some("app")) {
        let paused = file.named.iter().any(|named| named.segments.starts_with(&["tokio".into(), "time".into(), "Instant".into()]));
        for named in file.named.iter().filter(|named| !named.in_test && reads_the_clock(&named.segments, paused)) {
            sentences.push(format!(
                "{} reads the clock (`{}`): take the moment as an argument, or ask the `World` that `app` handed in.",
                file.place(named.line),
                named.segments.join("::")
            ));
        }
    }
    sentences
}

/// tokio's `Instant`, which tests can pause, measures spans and is fine (`paused`: the file means that one).
fn reads_the_clock(segments: &[String], paused: bool) -> bool {
    let clocks = ["SystemTime", "Timestamp", "Instant", "ZonedDateTime", "Zoned"];
    match segments {
        [.., name] if name == "now_v7" => true,
        [.., instant, _] if instant == "Instant" && paused => false,
        [.., clock, now] => now == "now" && clocks.contains(&clock.as_str()),
        _ => false,
    }
}

fn length(files: &[File]) -> Vec<String> {
    files
        .iter()
        .map(|file| (file, file.source.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| {
            format!(
                "src/{} has {lines} lines (the longest may have {LONGEST}): it is usually two things; give each a file of its own.",
                file.source.path
            )
        })
        .collect()
}

fn empty_names(files: &[File]) -> Vec<String> {
    let empty = |path: &str| path.trim_end_matches(".rs").split('/').find(|part| EMPTY_NAMES.contains(part)).map(str::to_owned);
    let mut sentences = Vec::new();
    for file in files {
        if let Some(name) = empty(&file.source.path) {
            sentences.push(format!("src/{} is called `{name}`, which says nothing: name it after what it does.", file.source.path));
        }
        for (number, line) in file.source.text.lines().enumerate() {
            if let Some(name) = declared_module(line).filter(|name| EMPTY_NAMES.contains(name)) {
                let place = file.place(number + 1);
                sentences.push(format!("{place} declares a module `{name}`, which says nothing: name it after what it does."));
            }
        }
    }
    sentences
}

fn declared_module(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    (words.next()? == "mod").then(|| words.next())?.map(|name| name.trim_end_matches([';', '{']))
}

fn opening(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !file.source.text.starts_with("//!"))
        .map(|file| format!("src/{} does not open with `//!`: say in one sentence what the file is for.", file.source.path))
        .collect()
}

fn root_only_declares(files: &[File]) -> Vec<String> {
    let imports = |line: &&str| line.trim_start().starts_with("use ") || line.trim_start().starts_with("pub use ");
    files
        .iter()
        .filter(|file| file.source.path == "lib.rs" && file.source.text.lines().any(|line| imports(&line)))
        .map(|_| "src/lib.rs imports: it only declares the modules, so that every import elsewhere names its floor.".to_owned())
        .collect()
}

/// The two migration folders must tell the same story under the same names.
pub fn migrations(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) -> Vec<String> {
    let lone = |name: &String, here: &str, there: &str| {
        format!(
            "migrations/{here}/{name} has no twin in migrations/{there}: write the same step for the other database under the same name."
        )
    };
    let only_sqlite = sqlite.difference(postgres).map(|name| lone(name, "sqlite", "postgres"));
    let only_postgres = postgres.difference(sqlite).map(|name| lone(name, "postgres", "sqlite"));
    only_sqlite.chain(only_postgres).collect()
}
