//! `config/tawasul.example.toml` is made by the program, complete, and right.

use super::service;
use crate::config::{
    example,
    keys::{self, SERVICE, Shown},
    reading::{What, read},
    source::Sources,
    tree::{Entry, Node, Step, Value, schema_path},
};
use std::{collections::BTreeSet, path::Path};

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment to write the file anew")]
fn the_example_file_is_the_one_the_program_makes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/tawasul.example.toml");
    if std::env::var_os("TAWASUL_BLESS").is_some() {
        std::fs::write(&file, example()).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(committed == example(), "config/tawasul.example.toml is stale: run TAWASUL_BLESS=1 cargo test --lib config");
}

/// The example with every key taken into use.
fn in_use() -> String {
    example().lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// The same without what excludes sign-in by OAuth: the mailbox's passwords.
fn in_use_without_passwords() -> String {
    in_use().lines().filter(|line| !line.starts_with("password = ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_loads_as_it_is_and_with_every_line_in_use() {
    for text in [example(), in_use_without_passwords()] {
        service(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    }
    assert_eq!(service(&in_use_without_passwords()).unwrap().webhooks.targets.len(), 1);
    assert!(service(&in_use()).unwrap_err().to_string().matches("leave one of them out").count() == 2, "passwords and oauth");
}

#[test]
fn each_default_in_the_example_is_the_one_that_holds() {
    let mut text = String::new();
    for table in SERVICE.iter().filter(|table| !table.header.contains("email") && !table.header.starts_with("[[")) {
        text.push_str(&format!("{}\n", table.header));
        for key in table.keys.iter().filter(|key| key.shown == Shown::Default) {
            text.push_str(&format!("{} = {}\n", key.path.rsplit('.').next().unwrap(), key.sample));
        }
    }
    let (said, silent) = (service(&text).unwrap(), service("").unwrap());
    for (said, silent) in [
        (format!("{:?}", said.server), format!("{:?}", silent.server)),
        (format!("{:?}", said.storage), format!("{:?}", silent.storage)),
        (format!("{:?}", said.vault), format!("{:?}", silent.vault)),
        (format!("{:?}", said.outbox), format!("{:?}", silent.outbox)),
        (format!("{:?}", said.webhooks), format!("{:?}", silent.webhooks)),
    ] {
        assert_eq!(said, silent, "left: what src/config/keys.rs tells; right: the default that holds");
    }
    use secrecy::ExposeSecret;
    assert_eq!(said.storage.url.expose_secret(), silent.storage.url.expose_secret());
}

#[test]
fn each_default_of_a_list_in_the_example_is_the_one_that_holds() {
    let with = |shown: &[Shown]| {
        let mut text = String::new();
        for table in SERVICE.iter().filter(|table| table.header.contains("email") || table.header.starts_with("[[")) {
            text.push_str(&format!("{}\n", table.header));
            for key in table.keys.iter().filter(|key| shown.contains(&key.shown)) {
                text.push_str(&format!("{} = {}\n", key.path.rsplit('.').next().unwrap(), key.sample));
            }
        }
        let config = service(&text).unwrap();
        format!("{:?} {:?}", config.email, config.webhooks)
    };
    assert_eq!(with(&[Shown::Required, Shown::Default]), with(&[Shown::Required]), "left: what src/config/keys.rs tells");
}

/// Every key that serde knows in the tree of the example, found by asking for one that it does not know in each table.
fn known_to_the_settings(tree: &Node) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let mut tables: Vec<Vec<Step>> = vec![Vec::new()];
    while let Some(path) = tables.pop() {
        let mut probed = tree.clone();
        let Some(Value::Table(entries)) = probed.nearest_mut(&path).map(|node| &mut node.value) else { continue };
        let children: Vec<Step> = entries.iter().map(|entry| Step::from(entry.key.as_str())).collect();
        entries.insert(0, Entry { key: "no-such-key".to_owned(), place: tree.place, node: tree.clone() });
        let What::Unknown { known: fields, .. } = read::<crate::config::Service>(&probed).unwrap_err().what else {
            panic!("{path:?} takes any key")
        };
        known.extend(fields.iter().map(|field| format!("{}.{field}", schema_path(&path)).trim_start_matches('.').to_owned()));
        for child in children {
            let below: Vec<Step> = path.iter().cloned().chain([child]).collect();
            match &tree.nearest(&below).value {
                Value::Table(_) => tables.push(below),
                Value::List(items) if matches!(items.first().map(|item| &item.value), Some(Value::Table(_))) => {
                    tables.push(below.into_iter().chain([Step::Index(0)]).collect());
                }
                _ => {}
            }
        }
    }
    known
}

#[test]
fn the_example_has_every_key_that_the_settings_know_and_no_other() {
    let text = in_use();
    let tree = Node::parse(0, &text, &mut Sources::default()).unwrap();
    let known = known_to_the_settings(&tree);
    let leaves: BTreeSet<String> =
        known.iter().filter(|key| !known.iter().any(|other| other.starts_with(&format!("{key}.")))).cloned().collect();
    let told: BTreeSet<String> = keys::of("tawasul").map(|doc| doc.path.to_owned()).collect();
    let differing: Vec<&String> = leaves.symmetric_difference(&told).collect();
    assert!(differing.is_empty(), "the settings and src/config/keys.rs differ in {differing:?}");
}
