//! Lays environment variables over `tawasul.toml`: `TAWASUL_EMAIL__MAILBOXES__0__IMAP__PASSWORD` is
//! `email.mailboxes[0].imap.password`, and a variable that ends in `_FILE` names a file that holds the value.

use super::{
    keys,
    source::{Origin, Place, Source, Sources},
    tree::{Entry, Node, Step, Value, opened},
};
use std::io::Read;

const PREFIX: &str = "TAWASUL_";

/// Read by the command line itself.
const NOT_OURS: [&str; 2] = ["TAWASUL_CONFIG", "TAWASUL_LOG"];

/// More levels than any key has.
const DEEPEST: usize = 8;

/// The longest file that a `_FILE` variable may name, in bytes.
const LONGEST: u64 = 64 * 1024;

struct Variable {
    name: String,
    path: Vec<Step>,
    value: String,
}

/// Puts the value of every `TAWASUL_` variable into the tree. An empty variable counts as not set.
pub(super) fn overlay(tree: &mut Node, variables: impl Iterator<Item = (String, String)>, sources: &mut Sources) {
    let mut read: Vec<Variable> = variables
        .filter(|(name, value)| name.starts_with(PREFIX) && !NOT_OURS.contains(&name.as_str()) && !value.is_empty())
        .filter_map(|(name, value)| variable(name, value, sources))
        .collect();
    // List elements in the order of their numbers, so that each finds the one before it in its place.
    read.sort_by(|a, b| order(&a.path).cmp(&order(&b.path)).then_with(|| a.name.cmp(&b.name)));
    for pair in read.windows(2) {
        if let [first, second] = pair
            && first.path == second.path
        {
            sources.wrong_file(&first.name, format!("{} says the same thing", second.name), "set only one of the two");
        }
    }
    for variable in read {
        let source = sources.add(Source { name: variable.name.clone(), text: String::new(), origin: Origin::Environment, secretive: true });
        if let Err(why) = put(tree, &variable.path, source, variable.value) {
            sources.wrong_file(variable.name, why, "number the elements of a list from 0, without gaps");
        }
    }
}

fn order(path: &[Step]) -> Vec<(usize, &str)> {
    path.iter()
        .map(|step| match step {
            Step::Index(index) => (*index, ""),
            Step::Key(key) => (0, key.as_str()),
        })
        .collect()
}

fn variable(name: String, value: String, sources: &mut Sources) -> Option<Variable> {
    let lower = name[PREFIX.len()..].to_lowercase();
    let mut path = steps(&lower);
    if path.len() > DEEPEST || lower.split("__").any(str::is_empty) {
        sources.wrong_file(&name, "no key has such a path", "write TAWASUL_SECTION__KEY, with two underscores between the levels");
        return None;
    }
    if !keys::is_known("tawasul", &super::tree::schema_path(&path))
        && let Some(Step::Key(last)) = path.last_mut()
        && let Some(stem) = last.strip_suffix("_file").map(str::to_owned)
    {
        *last = stem;
        let value = contents(&name, &value, sources)?;
        return Some(Variable { name, path, value });
    }
    Some(Variable { name, path, value })
}

fn steps(lower: &str) -> Vec<Step> {
    lower.split("__").map(|part| part.parse().map_or_else(|_| Step::from(part), Step::Index)).collect()
}

fn contents(name: &str, file: &str, sources: &mut Sources) -> Option<String> {
    let fault = match text_of(file) {
        Ok(text) if text.len() as u64 <= LONGEST => return Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        Ok(_) => format!("it is longer than {LONGEST} bytes"),
        Err(error) => error.to_string(),
    };
    sources.wrong_file(
        name,
        format!("the file it names cannot be read: {fault}"),
        "write the path of a text file that the service's user may read",
    );
    None
}

/// At most one byte more than is allowed.
fn text_of(file: &str) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(file)?.take(LONGEST + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// Sets one value; lists grow by one element at a time.
fn put(tree: &mut Node, path: &[Step], source: usize, value: String) -> Result<(), String> {
    let place = Place { source, start: 0, end: 0 };
    let Some((step, rest)) = path.split_first() else {
        *tree = Node { place, value: Value::Loose(value) };
        return Ok(());
    };
    // One variable may give a whole table and another a key of it.
    if let Value::Loose(text) = &tree.value
        && let Some(open) = opened(tree.place, text)
    {
        *tree = open;
    }
    match (step, &mut tree.value) {
        (Step::Key(_), Value::Table(_)) | (Step::Index(_), Value::List(_)) => {}
        (Step::Key(_), _) => *tree = Node { place, value: Value::Table(Vec::new()) },
        (Step::Index(_), _) => *tree = Node { place, value: Value::List(Vec::new()) },
    }
    let fresh = Node { place, value: Value::Table(Vec::new()) };
    match (step, &mut tree.value) {
        (Step::Key(key), Value::Table(entries)) if !entries.iter().any(|e| e.key == *key) => {
            entries.push(Entry { key: key.clone(), place, node: fresh });
        }
        (Step::Index(index), Value::List(items)) if *index == items.len() => items.push(fresh),
        (Step::Index(index), Value::List(items)) if *index > items.len() => {
            return Err(format!("there is no element {} before element {index}", items.len()));
        }
        _ => {}
    }
    match tree.child_mut(step) {
        Some(child) => put(child, rest, source, value),
        None => Ok(()),
    }
}
