//! `inbox` and `outbox`: what came in and what is owed.

use super::{chosen, print_json};
use crate::{
    app::{cli, compose::Service},
    channel::Taken,
    domain::{Address, InboxId, NoticeId},
    intake::Replayed,
    store::{
        StoreError,
        inbox::{InboxEntry, InboxState},
        notices::{Notice, NoticeState},
    },
};
use anyhow::bail;
use base64::Engine;
use futures_util::FutureExt;
use serde_json::{Value, json};
use std::io::Write;

pub(super) async fn inbox(service: Service, command: cli::Inbox) -> anyhow::Result<()> {
    match command {
        cli::Inbox::List { quarantined, limit, output } => {
            let state = quarantined.then_some(InboxState::Quarantined);
            for entry in service.store.read().await?.list_inbox(state, i64::from(limit)).await? {
                if output.json { print_json(&entry_json(&entry))? } else { println!("{}", entry_line(&entry)) }
            }
        }
        cli::Inbox::Show { id, raw, output } => {
            let id: InboxId = id.parse().map_err(|_| anyhow::anyhow!("`{id}` is not the id of a message; `inbox list` shows them"))?;
            let Some((entry, bytes, _)) = service.store.read().await?.inbox_raw(id).await? else {
                bail!("there is no message {id} in the inbox")
            };
            show(&entry, &bytes, raw, output.json)?;
        }
        cli::Inbox::Replay { ids, all, output } => replay(&service, &ids, all, output.json).await?,
    }
    Ok(())
}

fn show(entry: &InboxEntry, bytes: &[u8], raw: bool, json: bool) -> anyhow::Result<()> {
    if json {
        let mut value = entry_json(entry);
        value["raw"] = match std::str::from_utf8(bytes) {
            Ok(text) => json!({ "text": text }),
            Err(_) => json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) }),
        };
        return print_json(&value);
    }
    let mut out = std::io::stdout().lock();
    if !raw {
        writeln!(out, "{}\n", entry_line(entry))?;
    }
    out.write_all(bytes)?;
    Ok(())
}

async fn replay(service: &Service, ids: &[String], all: bool, json: bool) -> anyhow::Result<()> {
    let ids: Vec<InboxId> = if all {
        let mut read = service.store.read().await?;
        // Oldest first, so that conversations keep their order.
        let mut waiting = read.list_inbox(Some(InboxState::Quarantined), 100_000).await?;
        waiting.reverse();
        waiting.into_iter().map(|entry| entry.id).collect()
    } else {
        chosen(ids, all, "message")?
    };
    let mut failed = 0;
    for id in ids {
        let (outcome, reference) = match service.intake.replay(id).await? {
            Replayed::AlreadyProcessed => ("already processed", None),
            Replayed::Taken(Taken::Accepted(accepted)) => ("accepted", Some(accepted.reference)),
            Replayed::Taken(Taken::Duplicate(_)) => ("kept, nothing to do", None),
            Replayed::Taken(Taken::Quarantined) => {
                failed += 1;
                ("still quarantined", None)
            }
        };
        if json {
            print_json(&json!({ "id": id, "outcome": outcome, "reference": reference.map(|r| r.to_string()) }))?;
        } else {
            println!("{id}  {outcome}{}", reference.map(|r| format!("  {r}")).unwrap_or_default());
        }
    }
    if failed > 0 {
        bail!("{failed} of them failed again; `inbox list --quarantined` says why");
    }
    Ok(())
}

fn entry_line(entry: &InboxEntry) -> String {
    let what = entry.trouble.clone().or_else(|| entry.reference.map(|r| r.to_string())).unwrap_or_default();
    format!(
        "{}  {}  {:<8} {:<12} {:>9} B  {:<11} {what}",
        entry.id,
        entry.received_at.rfc3339(),
        entry.channel,
        entry.account,
        entry.size,
        entry.state
    )
}

fn entry_json(entry: &InboxEntry) -> Value {
    json!({
        "id": entry.id, "received_at": entry.received_at.rfc3339(), "channel": entry.channel, "account": entry.account, "content_type": entry.content_type,
        "size": entry.size, "state": entry.state, "reference": entry.reference.map(|r| r.to_string()), "trouble": entry.trouble,
    })
}

pub(super) async fn outbox(service: Service, command: cli::Outbox) -> anyhow::Result<()> {
    match command {
        cli::Outbox::List { state, limit, output } => {
            let state = match state.as_str() {
                "all" => None,
                name => Some(
                    name.parse::<NoticeState>()
                        .map_err(|()| anyhow::anyhow!("`{name}` is no state: pending, sent, dead, withheld or all"))?,
                ),
            };
            for notice in service.store.read().await?.list_notices(state, i64::from(limit)).await? {
                if output.json { print_json(&notice_json(&notice))? } else { println!("{}", notice_line(&notice)) }
            }
        }
        cli::Outbox::Retry { ids, all, output } => {
            let ids: Vec<NoticeId> = if all {
                service.store.read().await?.list_notices(Some(NoticeState::Dead), 100_000).await?.into_iter().map(|n| n.id).collect()
            } else {
                chosen(&ids, all, "notice")?
            };
            retry(&service, ids, output.json).await?;
        }
    }
    Ok(())
}

async fn retry(service: &Service, ids: Vec<NoticeId>, json: bool) -> anyhow::Result<()> {
    let mut missing = 0;
    for id in ids {
        let now = service.store.world().now();
        let revived = service.store.write(move |tx| async move { tx.revive_notice(id, now).await }.boxed()).await;
        let revived = revived.map_err(|error: StoreError| error)?;
        missing += usize::from(!revived);
        let outcome = if revived { "due now" } else { "nothing to send again" };
        if json { print_json(&json!({ "id": id, "outcome": outcome }))? } else { println!("{id}  {outcome}") }
    }
    if missing > 0 {
        bail!("{missing} of them are neither waiting nor given up");
    }
    Ok(())
}

/// Addresses stay masked: lists end up in logs and chats.
fn notice_line(notice: &Notice) -> String {
    let reference = notice.reference.map(|r| r.to_string()).unwrap_or_default();
    let to = notice.to.as_ref().map(Address::masked).unwrap_or_default();
    let channel = notice.channel.map(|c| c.to_string()).unwrap_or_default();
    let reason = notice.reason.as_deref().unwrap_or("");
    format!(
        "{}  {}  {reference:<13} {:<14} {channel:<8} {to:<24} {:<8} {:>2} attempts  {reason}",
        notice.id,
        notice.created_at.rfc3339(),
        notice.kind,
        notice.state,
        notice.attempts
    )
}

fn notice_json(notice: &Notice) -> Value {
    json!({
        "id": notice.id, "reference": notice.reference.map(|r| r.to_string()), "kind": notice.kind, "audience": notice.audience, "channel": notice.channel,
        "to": notice.to.as_ref().map(Address::masked), "state": notice.state, "reason": notice.reason, "attempts": notice.attempts,
        "created_at": notice.created_at.rfc3339(), "next_at": notice.next_at.rfc3339(), "finished_at": notice.finished_at.map(|at| at.rfc3339()),
        "external_id": notice.external_id,
    })
}
