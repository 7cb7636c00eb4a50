//! `organization.toml`, `kinds/*.toml` and `routing.toml`: whoever and whatever is named must exist.

use super::Checker;
use crate::{
    config::{
        Service,
        office::Organization,
        source::Sources,
        tree::{Node, Step, at},
    },
    domain::{Address, Bilingual, ChannelKind, Input, Key, Kind, Office, Role, folding, office::ContactPoint},
    routing::rule::Rule,
};

/// `organization.toml` against itself and the kinds, when these are known.
pub(in crate::config) fn organization(office: &Organization, kinds: Option<&[&str]>, tree: &Node, sources: &mut Sources) {
    let mut checker = Checker { tree, sources };
    let officers: Vec<&str> = office.officer.iter().map(|o| o.key.as_str()).collect();
    let departments: Vec<&str> = office.department.iter().map(|d| d.key.as_str()).collect();
    let sites: Vec<&str> = office.site.iter().map(|s| s.key.as_str()).collect();
    for (table, what, keys) in [("officer", "officers", &officers), ("department", "departments", &departments), ("site", "sites", &sites)]
    {
        checker.unique(what, keys.iter().copied(), |index| at![table, index, "key"].to_vec());
    }
    named(&mut checker, &office.name, at!["name"]);
    contact(&mut checker, &office.contact);
    for (index, site) in office.site.iter().enumerate() {
        named(&mut checker, &site.name, at!["site", index, "name"]);
    }
    for (index, department) in office.department.iter().enumerate() {
        named(&mut checker, &department.name, at!["department", index, "name"]);
        for (nth, officer) in department.officers.iter().enumerate() {
            exists(&mut checker, at!["department", index, "officers", nth], "officer", officer, &officers);
        }
    }
    staff(&mut checker, office, &sites);
    fallback(&mut checker, office, &officers, &departments);
    for (index, kind) in office.kinds.iter().flatten().enumerate() {
        if let Some(kinds) = kinds {
            exists(&mut checker, at!["kinds", index], "kind", kind, kinds);
        }
    }
    if office.kinds.as_ref().is_some_and(Vec::is_empty) {
        checker.wrong(at!["kinds"], "no kind is on offer", "name at least one, or leave `kinds` out to offer all");
    }
}

fn contact(checker: &mut Checker<'_>, contact: &ContactPoint) {
    for (nth, phone) in contact.phones.iter().enumerate() {
        if ContactPoint::dialled(phone).is_none() {
            checker.wrong(
                at!["contact", "phones", nth],
                format!("`{phone}` is not a number to dial"),
                "write digits, with spaces between them as you like, such as \"013 555 0100\" or \"+966 13 555 0100\"",
            );
        }
    }
    if contact.email.as_deref().is_some_and(|email| Address::mail(email).is_err()) {
        checker.wrong(at!["contact", "email"], "this is not an e-mail address", "write it like `info@example.org`, or leave it out");
    }
    for (key, words) in [("hours", &contact.hours), ("address", &contact.address)] {
        if let Some(words) = words {
            named(checker, words, at!["contact", key]);
        }
    }
}

fn staff(checker: &mut Checker<'_>, office: &Organization, sites: &[&str]) {
    for (index, officer) in office.officer.iter().enumerate() {
        named(checker, &officer.name, at!["officer", index, "name"]);
        if officer.email.as_deref().is_some_and(|email| Address::mail(email).is_err()) {
            checker.wrong(
                at!["officer", index, "email"],
                "this is not an e-mail address",
                "write it like `aid@example.org`, or leave it out",
            );
        }
        if let Some(site) = &officer.site {
            exists(checker, at!["officer", index, "site"], "site", site, sites);
        }
    }
}

fn fallback(checker: &mut Checker<'_>, office: &Organization, officers: &[&str], departments: &[&str]) {
    exists(checker, at!["fallback_department"], "department", &office.fallback_department, departments);
    match office.officer.iter().enumerate().find(|(_, officer)| officer.key == office.fallback_owner) {
        None => exists(checker, at!["fallback_owner"], "officer", &office.fallback_owner, officers),
        Some((_, officer)) if matches!(officer.role, Role::Supervisor | Role::Admin) => {}
        Some((index, _)) if !checker.is_written(at!["officer", index, "role"]) => {}
        Some((_, officer)) => {
            let message = format!("`{}` is {} and cannot own what nobody else owns", officer.key, article(officer.role));
            checker.wrong(at!["fallback_owner"], message, "name an officer whose role is supervisor or admin");
        }
    }
}

fn article(role: Role) -> &'static str {
    match role {
        Role::Officer => "an officer",
        Role::Clerk => "a clerk",
        Role::Supervisor => "a supervisor",
        Role::Manager => "a manager",
        Role::Admin => "an admin",
    }
}

fn exists(checker: &mut Checker<'_>, path: &[Step], what: &str, key: &Key, known: &[&str]) {
    if !known.contains(&key.as_str()) {
        checker.unknown(path, what, key.as_str(), known);
    }
}

fn named(checker: &mut Checker<'_>, name: &Bilingual, path: &[Step]) {
    if name.ar.trim().is_empty() {
        let path: Vec<Step> = path.iter().cloned().chain([Step::from("ar")]).collect();
        checker.wrong(&path, "the Arabic text is empty", "write it; English may be left out, and the Arabic is then shown");
    }
}

/// Each kind by itself, and no two of one key.
pub(in crate::config) fn kinds(kinds: &[(Kind, Node)], sources: &mut Sources) {
    for (index, (kind, tree)) in kinds.iter().enumerate() {
        let mut checker = Checker { tree, sources };
        if kinds[..index].iter().any(|(other, _)| other.key == kind.key) {
            checker.wrong(at!["key"], format!("there are two kinds `{}`", kind.key), "give each its own");
        }
        named(&mut checker, &kind.name, at!["name"]);
        if kind.answer_within_hours == 0 {
            checker.wrong(at!["answer_within_hours"], "no one can answer within 0 hours", "write working hours, such as 24 for three days");
        }
        checker.unique("fields", kind.fields.iter().map(|f| f.key.as_str()), |index| at!["field", index, "key"].to_vec());
        for (index, field) in kind.fields.iter().enumerate() {
            named(&mut checker, &field.label, at!["field", index, "label"]);
            options(&mut checker, index, field);
        }
    }
}

fn options(checker: &mut Checker<'_>, index: usize, field: &crate::domain::Field) {
    let at = |nth: usize, key: &str| at!["field", index, "options", nth, key].to_vec();
    match (field.input, field.options.is_empty()) {
        (Input::Choice, true) => checker.wrong(
            at!["field", index, "input"],
            format!("the choice `{}` offers nothing", field.key),
            "add `options = [{ key = \"yes\", label = { ar = \"نعم\", en = \"Yes\" } }, …]`",
        ),
        (Input::Choice, false) | (_, true) => {}
        (_, false) if !checker.is_written(at!["field", index, "input"]) => {}
        (_, false) => checker.wrong(
            at!["field", index, "options"],
            format!("`{}` has options but is not a choice", field.key),
            "write `input = \"choice\"`, or take the options out",
        ),
    }
    checker.unique("options", field.options.iter().map(|o| o.key.as_str()), |nth| at(nth, "key"));
    for (nth, option) in field.options.iter().enumerate() {
        named(checker, &option.label, &at(nth, "label"));
    }
}

/// `routing.toml` against the office, its kinds when these are known, and the accounts of the channels.
pub(in crate::config) fn rules(
    rules: &[Rule],
    office: &Office,
    kinds: Option<&[&str]>,
    service: Option<&Service>,
    tree: &Node,
    sources: &mut Sources,
) {
    let mut checker = Checker { tree, sources };
    let departments: Vec<&str> = office.departments.iter().map(|d| d.key.as_str()).collect();
    let officers: Vec<&str> = office.staff.iter().map(|o| o.key.as_str()).collect();
    let sites: Vec<&str> = office.sites.iter().map(|s| s.key.as_str()).collect();
    let accounts = service.map(accounts);
    for (index, rule) in rules.iter().enumerate() {
        named(&mut checker, &rule.name, at!["rule", index, "name"]);
        exists(&mut checker, at!["rule", index, "department"], "department", &rule.department, &departments);
        if let Some(owner) = &rule.owner {
            exists(&mut checker, at!["rule", index, "owner"], "officer", owner, &officers);
        }
        for (nth, key) in rule.kind.iter().enumerate() {
            if let Some(kinds) = kinds {
                exists(&mut checker, at!["rule", index, "kind", nth], "kind", key, kinds);
            }
        }
        for (nth, key) in rule.site.iter().enumerate() {
            exists(&mut checker, at!["rule", index, "site", nth], "site", key, &sites);
        }
        for (nth, key) in rule.mailbox.iter().enumerate() {
            if let Some(accounts) = &accounts {
                exists(&mut checker, at!["rule", index, "mailbox", nth], "mailbox or webhook source", key, accounts);
            }
        }
        channels_and_words(&mut checker, index, rule);
    }
}

/// The names of our own accounts on every channel.
fn accounts(service: &Service) -> Vec<&str> {
    let mailboxes = service.email.mailboxes.iter().map(|m| m.name.as_str());
    mailboxes.chain(service.webhooks.sources.iter().map(|s| s.name.as_str())).collect()
}

fn channels_and_words(checker: &mut Checker<'_>, index: usize, rule: &Rule) {
    let channels: Vec<&str> = ChannelKind::ALL.iter().map(|kind| kind.as_str()).collect();
    for (nth, channel) in rule.channel.iter().enumerate() {
        if !channels.contains(&channel.as_str()) {
            checker.unknown(at!["rule", index, "channel", nth], "channel", channel, &channels);
        }
    }
    for (nth, words) in rule.words.iter().enumerate() {
        if folding::words(&folding::fold(words)).next().is_none() {
            checker.wrong(
                at!["rule", index, "words", nth],
                "there is no letter and no digit in it",
                "write a word or a phrase, or take it out",
            );
        }
    }
}
