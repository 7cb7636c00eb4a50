//! Which of the mails that were fetched together must enter one after the other: those of one sender, and those of one
//! conversation. A follow-up that enters before the mail it follows would open a ticket of its own.

use crate::channel::{Event, Inbound};
use std::collections::BTreeMap;

/// The places of the mails in groups; the groups in the order of their first mail, and each in its own order. Between
/// groups the order says nothing.
pub fn groups(mails: &[Inbound]) -> Vec<Vec<usize>> {
    let mut group_of: Vec<usize> = (0..mails.len()).collect();
    let mut first_with: BTreeMap<String, usize> = BTreeMap::new();
    for (place, mail) in mails.iter().enumerate() {
        for tie in ties(&mail.event) {
            let other = group_of[*first_with.entry(tie).or_insert(place)];
            let (kept, gone) = (other.min(group_of[place]), other.max(group_of[place]));
            group_of.iter_mut().filter(|group| **group == gone).for_each(|group| *group = kept);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, group) in group_of.into_iter().enumerate() {
        groups.entry(group).or_default().push(place);
    }
    groups.into_values().collect()
}

/// Two mails with one of these in common belong together.
fn ties(event: &Event) -> Vec<String> {
    let Event::Message(message) = event else { return Vec::new() };
    let people = std::iter::once(&message.sender.address).chain(&message.sender.also).map(|address| format!("from {address}"));
    let mails = message.external_id.iter().chain(&message.thread.answers).map(|id| format!("mail {id}"));
    people.chain(mails).chain(message.thread.tokens.iter().map(|token| format!("token {token}"))).collect()
}
