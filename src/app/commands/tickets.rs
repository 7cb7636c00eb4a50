//! `ticket`: lists and shows.

use super::print_json;
use crate::{
    app::{cli, compose::Service},
    casework::{QueueRequest, TicketView},
    domain::{Address, Direction, Status},
    store::desk::Filter,
};
use serde_json::{Value, json};

pub(super) async fn ticket(service: Service, command: cli::Ticket) -> anyhow::Result<()> {
    match command {
        cli::Ticket::List { search, status, limit, output } => {
            let status = status.map(|s| s.parse::<Status>().map_err(|()| anyhow::anyhow!("`{s}` is no status"))).transpose()?;
            let mut filter = Filter { status, ..Filter::default() };
            let mut left = limit as usize;
            while left > 0 {
                let request =
                    QueueRequest { filter: filter.clone(), search: search.clone(), limit: left.min(50), ..QueueRequest::default() };
                let page = service.casework.queue_for_interface(request).await?;
                for row in &page.rows {
                    let owner = page.owners.get(&row.owner).map(|p| p.key.to_string()).unwrap_or_default();
                    if output.json {
                        print_json(&json!({
                            "reference": row.reference.to_string(), "status": row.status, "kind": row.kind, "channel": row.channel, "department": row.department,
                            "owner": owner, "created_at": row.created_at.rfc3339(), "due_at": row.due_at.rfc3339(), "subject": row.subject,
                        }))?;
                    } else {
                        println!(
                            "{:<13} {:<16} {:<12} {:<8} {:<22} {owner:<26} {}",
                            row.reference,
                            row.status,
                            row.kind,
                            row.channel,
                            row.department,
                            row.created_at.rfc3339()
                        );
                    }
                }
                left -= page.rows.len().min(left);
                match page.next {
                    Some(next) if !page.rows.is_empty() => filter.after = Some(next),
                    _ => break,
                }
            }
        }
        cli::Ticket::Show { reference, output } => {
            let reference = reference.parse()?;
            let view = service.casework.ticket_shown_to("command line", reference).await?;
            if output.json { print_json(&view_json(&view))? } else { print(&view) }
        }
    }
    Ok(())
}

fn print(view: &TicketView) {
    let ticket = &view.ticket;
    println!("{}  {}  {}  {}  due {}", ticket.reference, ticket.status, ticket.kind, ticket.department, ticket.due_at.rfc3339());
    if let Some(subject) = &ticket.subject {
        println!("{subject}");
    }
    for message in &view.messages {
        let who = match (message.message.direction, &message.author) {
            (Direction::Inbound, _) => "sender".to_owned(),
            (_, Some(author)) => author.key.to_string(),
            _ => "staff".to_owned(),
        };
        println!("\n── {}  {}  {}  {who}", message.message.created_at.rfc3339(), message.message.channel, message.message.direction);
        println!("{}", message.message.body);
        for file in &message.files {
            println!("[{}  {}  {} B]", file.name, file.content_type, file.size);
        }
    }
    println!();
    for notice in &view.notices {
        let to = notice.to.as_ref().map(Address::masked).unwrap_or_default();
        println!("notice {:<14} {:<8} {to} {}", notice.kind, notice.state, notice.reason.as_deref().unwrap_or(""));
    }
}

fn view_json(view: &TicketView) -> Value {
    let ticket = &view.ticket;
    let messages: Vec<Value> = view
        .messages
        .iter()
        .map(|m| {
            let files: Vec<Value> = m.files.iter().map(|f| json!({ "name": f.name, "content_type": f.content_type, "size": f.size })).collect();
            json!({ "id": m.message.id, "direction": m.message.direction, "channel": m.message.channel, "at": m.message.created_at.rfc3339(), "text": m.message.body, "attachments": files })
        })
        .collect();
    let notices: Vec<Value> = view
        .notices
        .iter()
        .map(|n| json!({ "id": n.id, "kind": n.kind, "state": n.state, "channel": n.channel, "reason": n.reason, "attempts": n.attempts }))
        .collect();
    json!({
        "reference": ticket.reference.to_string(), "status": ticket.status, "kind": ticket.kind, "department": ticket.department, "language": ticket.language,
        "subject": ticket.subject, "created_at": ticket.created_at.rfc3339(), "due_at": ticket.due_at.rfc3339(), "messages": messages, "notices": notices,
    })
}
