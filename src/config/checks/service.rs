//! `tawasul.toml`: addresses, secrets and limits that can work.

use super::Checker;
use crate::{
    channel::{
        email::{
            oauth::settings::OAuth,
            settings::{Mailbox, Server, Tls},
        },
        webhook::settings::{Settings as Webhooks, Source, Target},
    },
    config::{
        Service,
        source::Sources,
        tree::{Node, at},
    },
    domain::Address,
};
use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use reqwest::Url;
use secrecy::ExposeSecret;
use std::net::IpAddr;

/// The shortest webhook secret, in bytes (Standard Webhooks, "Signature scheme": 24 to 64).
const SECRET_BYTES: usize = 24;

/// As the channel reads it: with its `=` or without.
const SECRET_BASE64: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

pub(in crate::config) fn check(service: &Service, tree: &Node, sources: &mut Sources) {
    let mut checker = Checker { tree, sources };
    server(&mut checker, service);
    storage(&mut checker, service);
    outbox(&mut checker, service);
    let mailboxes = &service.email.mailboxes;
    checker.unique("mailboxes", mailboxes.iter().map(|m| m.name.as_str()), |index| at!["email", "mailboxes", index, "name"].to_vec());
    for (index, each) in mailboxes.iter().enumerate() {
        mailbox(&mut checker, index, each);
    }
    webhooks(&mut checker, &service.webhooks);
}

fn server(checker: &mut Checker<'_>, service: &Service) {
    if let Some(url) = &service.server.public_url
        && !is_web_address(url)
    {
        checker.wrong(
            at!["server", "public_url"],
            "`server.public_url` is not a web address",
            "begin it with https:// (or http://) and the host's name, such as `https://tawasul.example.org`",
        );
    }
    if service.server.max_connections == 0 {
        checker.wrong(at!["server", "max_connections"], "with 0 connections nobody can come in", "write how many at once, such as 800");
    }
    for (index, network) in service.server.trusted_proxies.iter().enumerate() {
        if !is_network(network) {
            checker.wrong(
                at!["server", "trusted_proxies", index],
                format!("`{network}` is not a network"),
                "write an address and the length of its prefix, such as `10.0.0.0/8` or `::1/128`",
            );
        }
    }
}

/// `http://` or `https://`, a host, no white space.
fn is_web_address(text: &str) -> bool {
    !text.contains(char::is_whitespace) && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_network(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    prefix.is_none_or(|prefix| prefix.parse::<u8>().is_ok_and(|length| length <= longest))
}

fn storage(checker: &mut Checker<'_>, service: &Service) {
    let url = service.storage.url.expose_secret();
    let known = ["sqlite://", "postgres://", "postgresql://"];
    if !known.iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme)) {
        checker.wrong(
            at!["storage", "url"],
            "`storage.url` names no database that is known",
            "write `sqlite://data/tawasul.db` or `postgres://user:password@host/database`",
        );
    }
    let blobs = &service.storage.blobs;
    if blobs.trim().is_empty() || blobs.contains("://") {
        checker.wrong(
            at!["storage", "blobs"],
            "`storage.blobs` is no place for attachments",
            "write a folder such as `data/blobs`; replicas share it",
        );
    }
}

fn outbox(checker: &mut Checker<'_>, service: &Service) {
    if service.outbox.attempts == 0 {
        checker.wrong(at!["outbox", "attempts"], "with 0 attempts no notice would ever be sent", "write 1 or more");
    }
    let outbox = &service.outbox;
    for (key, hourly) in [
        ("per_address_hourly", outbox.per_address_hourly),
        ("per_domain_hourly", outbox.per_domain_hourly),
        ("per_provider_hourly", outbox.per_provider_hourly),
        ("per_staff_hourly", outbox.per_staff_hourly),
    ] {
        if hourly == 0 {
            checker.wrong(at!["outbox", key], "with 0 an hour no notice would ever be sent", "write 1 or more");
        }
    }
    if service.outbox.first_retry > service.outbox.longest_retry && checker.is_written(at!["outbox", "longest_retry"]) {
        checker.wrong(
            at!["outbox", "first_retry"],
            "the first pause is longer than the longest",
            "make `outbox.longest_retry` at least as long as `outbox.first_retry`",
        );
    }
}

fn mailbox(checker: &mut Checker<'_>, index: usize, mailbox: &Mailbox) {
    if Address::mail(&mailbox.address).is_err() {
        checker.wrong(
            at!["email", "mailboxes", index, "address"],
            "the address of this mailbox is not an e-mail address",
            "write it like `care@example.org`, without a name",
        );
    }
    if mailbox.poll_interval.0.is_zero() {
        checker.wrong(at!["email", "mailboxes", index, "poll_interval"], "a mailbox cannot be asked without a pause", "write `60s`");
    }
    for (name, server) in [("imap", &mailbox.imap), ("smtp", &mailbox.smtp)] {
        mail_server(checker, index, name, server);
        if mailbox.oauth.is_some() && server.password.is_some() {
            checker.wrong(
                at!["email", "mailboxes", index, name, "password"],
                "this mailbox has `oauth`, and a password beside it",
                "leave one of them out: outlook.com, hotmail.com and gmail.com take no password",
            );
        }
    }
    for fault in mailbox.oauth.iter().flat_map(OAuth::faults) {
        checker.wrong(at!["email", "mailboxes", index, "oauth", fault.key], fault.message, fault.hint);
    }
}

fn mail_server(checker: &mut Checker<'_>, index: usize, name: &str, server: &Server) {
    if server.host.trim().is_empty() || server.host.contains(['/', ' ']) {
        checker.wrong(at!["email", "mailboxes", index, name, "host"], "this is not the name of a host", "write it like `imap.example.org`");
    } else if server.tls == Tls::None && !is_loopback(&server.host) {
        checker.wrong(
            at!["email", "mailboxes", index, name, "tls"],
            format!("mail and password would travel to `{}` in plain text", server.host),
            "write `tls = \"implicit\"` (ports 993 and 465) or `tls = \"starttls\"` (143 and 587); `none` is for this machine only",
        );
    }
    if server.port == 0 {
        checker.wrong(
            at!["email", "mailboxes", index, name, "port"],
            "no server listens on port 0",
            "993 for imap, 465 for smtp, as a rule",
        );
    }
    if server.password.is_some() && server.user.is_none() && checker.is_written(at!["email", "mailboxes", index, name, "user"]) {
        checker.wrong(
            at!["email", "mailboxes", index, name, "password"],
            "there is a password and no `user`",
            "add `user = \"…\"` beside it",
        );
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Not here: the names of the events, which the channel itself knows and checks.
fn webhooks(checker: &mut Checker<'_>, webhooks: &Webhooks) {
    checker.unique("webhook sources", webhooks.sources.iter().map(|s| s.name.as_str()), |index| {
        at!["webhooks", "sources", index, "name"].to_vec()
    });
    for (index, Source { secret, reply_url, .. }) in webhooks.sources.iter().enumerate() {
        if let Some(fault) = secret_fault(secret.expose_secret()) {
            checker.wrong(at!["webhooks", "sources", index, "secret"], format!("the secret of this webhook source {fault}"), SECRET_HINT);
        }
        if reply_url.as_deref().is_some_and(|url| !is_web_address(url)) {
            checker.wrong(
                at!["webhooks", "sources", index, "reply_url"],
                "`reply_url` is not a web address",
                "begin it with https:// and a host",
            );
        }
    }
    for (index, Target { url, secret, .. }) in webhooks.targets.iter().enumerate() {
        if webhooks.targets[..index].iter().any(|other| other.url == *url) {
            checker.wrong(at!["webhooks", "targets", index, "url"], "there are two targets of this address", "keep one");
        }
        if !is_web_address(url) {
            checker.wrong(
                at!["webhooks", "targets", index, "url"],
                "the target's `url` is not a web address",
                "begin it with https:// and a host",
            );
        }
        if let Some(fault) = secret_fault(secret.expose_secret()) {
            checker.wrong(at!["webhooks", "targets", index, "secret"], format!("the target's secret {fault}"), SECRET_HINT);
        }
    }
}

const SECRET_HINT: &str = "make one with: echo whsec_$(openssl rand -base64 32)";

/// What is wrong with a secret; several, while it is rotated, are separated by spaces.
fn secret_fault(secrets: &str) -> Option<&'static str> {
    if secrets.split_whitespace().next().is_none() {
        return Some("is empty");
    }
    secrets.split_whitespace().find_map(|secret| match secret.strip_prefix("whsec_") {
        None => Some("does not begin with whsec_"),
        Some(rest) => match SECRET_BASE64.decode(rest) {
            Err(_) => Some("is not base64 after whsec_"),
            Ok(bytes) if bytes.len() < SECRET_BYTES => Some("is too short: it has to hold at least 24 bytes"),
            Ok(_) => None,
        },
    })
}
