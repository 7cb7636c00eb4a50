//! What of a link is said behind its text: the address, when the text does not say it, and once.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

/// The longest address that is shown, in bytes.
const LONGEST: usize = 2_000;

/// The addresses that were said. Newsletters lead to the same place from every line.
#[derive(Default)]
pub struct Said(HashSet<u64>);

impl Said {
    /// The address that a link with the text `shown` adds.
    pub fn new_address<'h>(&mut self, href: &'h str, shown: &str) -> Option<&'h str> {
        worth_saying(href.trim(), shown).filter(|address| {
            let mut hasher = DefaultHasher::new();
            address.hash(&mut hasher);
            self.0.insert(hasher.finish())
        })
    }
}

fn worth_saying<'h>(href: &'h str, shown: &str) -> Option<&'h str> {
    let scheme = |name: &str| href.get(..name.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(name));
    if href.len() > LONGEST || shown.trim().is_empty() || href.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if scheme("mailto:") {
        let address = href.get(7..)?.split('?').next().unwrap_or_default();
        return (address.contains('@') && !shown.contains('@')).then_some(address);
    }
    let leads = (scheme("http://") || scheme("https://")) && core(href) != core(shown) && !shown.contains(href);
    leads.then_some(href)
}

/// An address without what people leave out when they write it.
fn core(url: &str) -> &str {
    let url = url.trim();
    let url = url.split_once("://").map_or(url, |(_, rest)| rest);
    url.trim_start_matches("www.").trim_end_matches('/')
}
