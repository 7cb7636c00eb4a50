//! What no type can say: names that must exist, hours in order, secrets that are long enough, addresses that are addresses.

pub(super) mod calendar;
pub(super) mod office;
pub(super) mod service;

use super::{
    nearest::nearest,
    source::Sources,
    tree::{Node, Step},
};
use std::collections::HashSet;

/// Notes mistakes at paths of one tree. What stands in for something that was wrong already is left alone.
struct Checker<'a> {
    tree: &'a Node,
    sources: &'a mut Sources,
}

impl Checker<'_> {
    fn wrong(&mut self, path: &[Step], message: impl Into<String>, hint: impl Into<String>) {
        let node = self.tree.nearest(path);
        if !node.is_stand_in() {
            self.sources.wrong(node.place, message, hint);
        }
    }

    /// Whether what stands there is what was written, and not a stand-in whose value means nothing.
    fn is_written(&self, path: &[Step]) -> bool {
        !self.tree.nearest(path).is_stand_in()
    }

    /// Notes a key that is not among the known ones.
    fn unknown(&mut self, path: &[Step], what: &str, key: &str, known: &[&str]) {
        let hint = match nearest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => format!("there is no {what} at all"),
            None => format!("there is: {}", known.join(", ")),
        };
        self.wrong(path, format!("there is no {what} `{key}`"), hint);
    }

    /// Notes every key that stands a second time; `path` leads to the element's key.
    fn unique<'k>(&mut self, what: &str, keys: impl Iterator<Item = &'k str>, path: impl Fn(usize) -> Vec<Step>) {
        let mut seen = HashSet::new();
        for (index, key) in keys.enumerate() {
            if !seen.insert(key) {
                self.wrong(&path(index), format!("there are two {what} `{key}`"), "give each its own");
            }
        }
    }
}
