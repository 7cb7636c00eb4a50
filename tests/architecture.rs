//! Keeps the house a house with floors: reads `src` and fails with sentences that say what to do.
//!
//! The picture and the reasons are in `docs/architecture.md`; the rules in `tests/architecture/rules.rs`; `made_up.rs`
//! proves on small invented sources that each rule can fail.

#[path = "architecture/made_up.rs"]
mod made_up;
#[path = "architecture/reading.rs"]
mod reading;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "support/sources.rs"]
mod sources;

use rules::File;
use sources::Source;
use std::{collections::BTreeSet, path::Path};

/// Every sentence about `sources`: those that cannot be read, and those that break a rule.
fn judged(sources: Vec<Source>) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut files = Vec::new();
    for source in sources {
        match reading::read(&source.path, &source.text) {
            Ok(named) => files.push(File { source, named }),
            Err(sentence) => sentences.push(sentence),
        }
    }
    sentences.extend(rules::broken(&files));
    sentences
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    entries.map(|entry| entry.expect("an entry of the folder").file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn the_source_keeps_to_its_floors() {
    let sources = sources::below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(!sources.is_empty(), "no Rust file below src: the check would pass on nothing");
    let sentences = judged(sources);
    assert!(sentences.is_empty(), "\n\n{}\n", sentences.join("\n"));
}

#[test]
fn both_databases_have_the_same_migrations() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let sentences = rules::migrations(&names_in(&migrations.join("sqlite")), &names_in(&migrations.join("postgres")));
    assert!(sentences.is_empty(), "\n\n{}\n", sentences.join("\n"));
}
