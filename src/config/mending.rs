//! Finds every mistake of a file, though serde stops at the first: note it, put a stand-in where it was, read again.

use super::{
    keys,
    nearest::nearest,
    reading::{Fault, STAND_INS, What, read},
    source::Sources,
    tree::{Entry, Node, Step, Value, dotted, header, opened, schema_path},
};
use serde::de::DeserializeOwned;

/// So many mistakes of one file are enough for one time.
const ENOUGH: usize = 200;

/// Reads a `T` from the tree of one file, noting every mistake. What comes back is whole only when nothing was noted:
/// stand-ins fill the places of what was wrong, and the tree shows where. `form` names the file's kind for [`keys`].
pub(super) fn read_all<T: DeserializeOwned>(form: &str, tree: &mut Node, sources: &mut Sources) -> Option<T> {
    let mut noted = 0;
    for _ in 0..ENOUGH * STAND_INS.len() {
        let fault = match read(tree) {
            Ok(value) => return Some(value),
            Err(fault) => fault,
        };
        if noted >= ENOUGH || !mend(form, tree, fault, sources, &mut noted) {
            return None;
        }
    }
    None
}

/// Notes a fault and mends the tree; false when nothing can be done.
fn mend(form: &str, tree: &mut Node, fault: Fault, sources: &mut Sources, noted: &mut usize) -> bool {
    let deeper = tree.depth(&fault.path) < fault.path.len();
    let Some(node) = tree.nearest_mut(&fault.path) else { return false };
    if let Value::StandIn(number) = &mut node.value {
        *number += 1;
        return usize::from(*number) < STAND_INS.len();
    }
    // What is wrong lies inside a variable's list or table: put that in the tree and look again.
    if let Value::Loose(text) = &node.value
        && (deeper || matches!(fault.what, What::Unknown { .. } | What::Missing(_)))
        && let Some(open) = opened(node.place, text)
    {
        *node = open;
        return true;
    }
    *noted += 1;
    match &fault.what {
        What::Unknown { key, known } => {
            let Value::Table(entries) = &mut node.value else { return false };
            let Some(at) = entries.iter().position(|e| e.key == *key) else { return false };
            let entry = entries.remove(at);
            let message = match (form, fault.path.is_empty()) {
                ("tawasul", true) => format!("there is no section `[{key}]`"),
                _ => format!("{} has no key `{key}`", header(&fault.path)),
            };
            sources.wrong(entry.place, message, known_hint(form, &fault.path, key, known));
        }
        What::Missing(key) => {
            let place = node.place;
            let Value::Table(entries) = &mut node.value else { return false };
            entries.push(Entry { key: (*key).to_owned(), place, node: Node { place, value: Value::StandIn(0) } });
            let mut path = fault.path.clone();
            path.push(Step::from(*key));
            sources.wrong(place, format!("{} lacks `{key}`", header(&fault.path)), missing_hint(form, &path, key));
        }
        what => {
            let place = node.place;
            node.value = Value::StandIn(0);
            sources.wrong(place, unfit(form, &fault.path, what), value_hint(form, &fault.path, what));
        }
    }
    true
}

fn known_hint(form: &str, path: &[Step], key: &str, known: &[&str]) -> String {
    if let Some(meant) = nearest(key, known.iter().copied()) {
        return format!("did you mean `{meant}`?");
    }
    if let Some(elsewhere) = keys::elsewhere(form, &schema_path(path), key) {
        return format!("`{key}` belongs to `[{elsewhere}]`");
    }
    format!("known here: {}", known.join(", "))
}

fn missing_hint(form: &str, path: &[Step], key: &str) -> String {
    let full = schema_path(path);
    match keys::find(form, &full) {
        Some(doc) if keys::is_secret(key) => format!("add `{key} = \"…\"`: {}", doc.about),
        Some(doc) => format!("add `{key} = {}`: {}", doc.sample, doc.about),
        None => format!("add `[{full}]` with {}", keys::required_in(form, &full).join(", ")),
    }
}

fn unfit(form: &str, path: &[Step], what: &What) -> String {
    let name = dotted(path);
    // A secret may also stand under the wrong key.
    let astray = match what {
        What::Unfit { value, .. } => value.as_deref().is_some_and(keys::sounds_secret),
        What::Variant { value, .. } | What::Refused(value) => keys::sounds_secret(value),
        _ => false,
    };
    let secret = (form == "tawasul" && astray) || path.iter().any(|step| matches!(step, Step::Key(key) if keys::is_secret(key)));
    match what {
        What::Unfit { kind, value, wanted } => {
            let wanted = wanted_in_words(wanted);
            // A text where a table or list belongs may be anything, such as an address with a password.
            let found = match value {
                Some(value) if !secret && !wanted.starts_with("a table") && !wanted.starts_with("a list") => value,
                _ => *kind,
            };
            format!("`{name}` is to be {wanted}, not {found}")
        }
        What::Variant { value, .. } if !secret => format!("`{name}` cannot be `{value}`"),
        What::Refused(message) if message == "invalid socket address syntax" => {
            format!("`{name}` is to be a numeric address and a port, such as \"127.0.0.1:8080\"")
        }
        What::Refused(message) if !secret => format!("`{name}`: {message}"),
        _ => format!("`{name}` is not as it should be"),
    }
}

fn wanted_in_words(wanted: &str) -> &str {
    match wanted {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i32" | "i64" => "a whole number",
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in [ ]",
        "socket address" => "an address and port such as \"127.0.0.1:8080\"",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}

fn value_hint(form: &str, path: &[Step], what: &What) -> String {
    if let What::Variant { value, known } = what {
        let list = known.join(", ");
        return match nearest(value, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`? It is one of: {list}"),
            None => format!("one of: {list}"),
        };
    }
    let full = schema_path(path);
    let name = full.rsplit('.').next().unwrap_or(&full);
    match (keys::find(form, &full), what) {
        (Some(doc), _) if keys::is_secret(name) => format!("`{name}`: {}", doc.about),
        (Some(doc), _) => format!("such as `{name} = {}`: {}", doc.sample, doc.about),
        (None, What::Unfit { wanted, .. }) if wanted == "a sequence" => format!("write `[[{full}]]` and its keys below, once for each"),
        (None, _) => format!("write {} and its keys below", header(path)),
    }
}
