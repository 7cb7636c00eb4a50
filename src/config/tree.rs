//! A parsed file as a tree that knows where each of its parts stands, and that can be changed.

use super::source::{Place, Sources};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// From an environment variable: a text, or whatever else it reads as when something else is wanted.
    Loose(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// A date, a time or both.
    Moment(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// Put where something was wrong or missing and has been noted, so that the rest can be read; becomes whatever is wanted.
    /// The number says which text it tries to be.
    StandIn(u8),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub place: Place,
    pub node: Node,
}

/// One step of a path into the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Step::Index(index)
    }
}

/// A path, as in `at!["email", "mailboxes", 0]`.
macro_rules! at {
    ($($step:expr),* $(,)?) => { &[$($crate::config::tree::Step::from($step)),*][..] };
}
pub(super) use at;

impl Node {
    pub fn empty(source: usize) -> Self {
        Self { place: Place { source, start: 0, end: 0 }, value: Value::Table(Vec::new()) }
    }

    /// Parses a file. A syntax error is noted and leaves nothing.
    pub fn parse(source: usize, text: &str, sources: &mut Sources) -> Option<Node> {
        match DeTable::parse(text) {
            Ok(table) => Some(Node { place: Place { source, start: 0, end: 0 }, value: from_table(source, table.get_ref()) }),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let place = Place { source, start: span.start, end: span.end };
                sources.wrong(place, format!("this is not TOML: {}", error.message()), syntax_hint(error.message()));
                None
            }
        }
    }

    pub fn child(&self, step: &Step) -> Option<&Node> {
        match (&self.value, step) {
            (Value::Table(entries), Step::Key(key)) => entries.iter().find(|e| e.key == *key).map(|e| &e.node),
            (Value::List(items), Step::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    pub fn child_mut(&mut self, step: &Step) -> Option<&mut Node> {
        match (&mut self.value, step) {
            (Value::Table(entries), Step::Key(key)) => entries.iter_mut().find(|e| e.key == *key).map(|e| &mut e.node),
            (Value::List(items), Step::Index(index)) => items.get_mut(*index),
            _ => None,
        }
    }

    /// How many steps of a path exist.
    pub fn depth(&self, path: &[Step]) -> usize {
        let mut node = self;
        for (depth, step) in path.iter().enumerate() {
            match node.child(step) {
                Some(child) => node = child,
                None => return depth,
            }
        }
        path.len()
    }

    /// The node at a path, or the last one on the way to it.
    pub fn nearest(&self, path: &[Step]) -> &Node {
        path.iter().try_fold(self, |node, step| node.child(step).ok_or(node)).unwrap_or_else(|last| last)
    }

    /// As [`Node::nearest`], to be changed.
    pub fn nearest_mut(&mut self, path: &[Step]) -> Option<&mut Node> {
        let depth = self.depth(path);
        path[..depth].iter().try_fold(self, |node, step| node.child_mut(step))
    }

    fn stand_at(&mut self, place: Place) {
        self.place = place;
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.stand_at(place)),
            Value::Table(entries) => entries.iter_mut().for_each(|entry| {
                entry.place = place;
                entry.node.stand_at(place);
            }),
            _ => {}
        }
    }

    pub fn is_stand_in(&self) -> bool {
        matches!(self.value, Value::StandIn(_))
    }
}

fn from_table(source: usize, table: &DeTable<'_>) -> Value {
    Value::Table(
        table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                place: Place { source, start: key.span().start, end: key.span().end },
                node: from_value(source, value),
            })
            .collect(),
    )
}

/// A loose text as the list or table that it is in TOML, all of it standing at `place`.
pub(super) fn opened(place: Place, text: &str) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut node = from_value(place.source, &value);
    node.stand_at(place);
    matches!(node.value, Value::List(_) | Value::Table(_)).then_some(node)
}

fn from_value(source: usize, value: &Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Float(f64::INFINITY),
        },
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(yes) => Value::Boolean(*yes),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| from_value(source, item)).collect()),
        DeValue::Table(table) => from_table(source, table),
    };
    Node { place: Place { source, start: span.start, end: span.end }, value }
}

fn syntax_hint(message: &str) -> &'static str {
    if message.contains("duplicate key") {
        "a key or a [table] may stand only once; write lists of tables as [[table]]"
    } else if message.contains("string") || message.contains("value") {
        "texts stand in \"quotes\", numbers and true or false without"
    } else {
        "a line is `key = value`, `[table]` or `[[list of tables]]`"
    }
}

/// A path as people write it: `email.mailboxes[0].imap.port`.
pub(super) fn dotted(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.push_str(&format!(".{key}")),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// A path without the numbers of its list elements: `email.mailboxes.imap.port`.
pub(super) fn schema_path(path: &[Step]) -> String {
    let keys: Vec<&str> = path.iter().filter_map(|s| if let Step::Key(key) = s { Some(key.as_str()) } else { None }).collect();
    keys.join(".")
}

/// A table as its header is written.
pub(super) fn header(path: &[Step]) -> String {
    match path.last() {
        None => "this file".to_owned(),
        Some(Step::Index(_)) => format!("`[[{}]]`", schema_path(path)),
        Some(Step::Key(_)) => format!("`[{}]`", schema_path(path)),
    }
}
