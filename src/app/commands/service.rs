//! `check`, `health` and `route explain`.

use super::print_json;
use crate::{
    app::cli,
    channel::{email::settings::Mailbox, webhook::WebhookChannel},
    config::Config,
    domain::{Key, Language, Reason, StakeholderGroup},
    routing::{Facts, Rules},
};
use anyhow::Context;
use serde_json::json;
use std::{net::IpAddr, process::ExitCode, time::Duration};

/// The configuration was read without a mistake; what is left is what a channel alone can tell.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    WebhookChannel::new(&config.webhooks, crate::app::compose::real_world())?;
    let office = &config.office;
    println!("The configuration is right: {}", office.name.ar);
    println!(
        "  {} departments, {} sites, {} accounts, {} kinds, {} rules",
        office.departments.len(),
        office.sites.len(),
        office.staff.len(),
        office.kinds.len(),
        config.rules.len()
    );
    for Mailbox { name, address, .. } in &config.email.mailboxes {
        println!("  mailbox {name}: {address}");
    }
    for source in &config.webhooks.sources {
        println!("  webhook source {}", source.name);
    }
    Ok(())
}

/// Asks the running service on its own machine.
pub(super) async fn health(config: &Config) -> anyhow::Result<ExitCode> {
    let mut address = config.server.listen;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { IpAddr::from([127, 0, 0, 1]) } else { IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]) });
    }
    let client = reqwest::Client::builder().timeout(Duration::from_secs(4)).no_proxy().build()?;
    let answer = client.get(format!("http://{address}/readyz")).send().await.with_context(|| format!("no answer from {address}"))?;
    let well = answer.status().is_success();
    println!("{}", answer.text().await?);
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn route(config: &Config, command: cli::Route) -> anyhow::Result<()> {
    let cli::Route::Explain { text, kind, channel, mailbox, site, group, output } = command;
    let office = &config.office;
    let kind = office.kind(&kind).map(|k| k.key.clone()).with_context(|| {
        let known: Vec<&str> = office.kinds.iter().map(|k| k.key.as_str()).collect();
        format!("there is no kind `{kind}`; there are {}", known.join(", "))
    })?;
    let site = site.map(|s| Key::parse(&s)).transpose()?;
    let group = group.map(|g| g.parse::<StakeholderGroup>().map_err(|()| anyhow::anyhow!("`{g}` is no stakeholder group"))).transpose()?;
    let facts = Facts {
        kind: &kind,
        site: site.as_ref(),
        channel: channel.parse().map_err(|()| anyhow::anyhow!("`{channel}` is no channel"))?,
        account: &mailbox,
        group,
        language: Language::of_text(&text).unwrap_or_default(),
        text: &text,
    };
    let route = Rules::new(config.rules.clone()).route(office, facts);
    let department = office.department(&route.department);
    if output.json {
        let reasons: Vec<_> = route
            .reasons
            .iter()
            .map(|r| json!({ "name": r.name, "ar": r.in_words(Language::Ar), "en": r.in_words(Language::En) }))
            .collect();
        let officers = department.map(|d| d.officers.clone()).unwrap_or_default();
        return print_json(&json!({
            "department": route.department, "fallback": route.fallback, "reasons": reasons, "owner": route.owner, "officers": officers,
        }));
    }
    let language = facts.language;
    println!("{}  {}", route.department, department.map(|d| d.name.get(language).to_owned()).unwrap_or_default());
    for reason in route.reasons.iter().map(|r: &Reason| r.in_words(language)) {
        println!("  {reason}");
    }
    if route.fallback {
        println!("  {}", office.fallback_owner);
    } else if let Some(department) = department {
        println!("  {}", department.officers.iter().map(Key::as_str).collect::<Vec<_>>().join(", "));
    }
    Ok(())
}
