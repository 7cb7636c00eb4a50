//! `GET /desk`: the tickets that wait.

use super::SignedIn;
use crate::{
    casework::{self, Glance, QueuePage, QueueRequest, Summary, View},
    domain::{At, Status, TicketId},
    web::{
        Web,
        pages::desk::{Filter, Queue, QueueRow, Tab},
        refused::Answer,
        shell::drawn,
    },
};
use axum::extract::State;
use std::sync::Arc;

/// `GET /desk`
pub async fn show(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    let search: String = at.visit.asked("q").trim().chars().take(200).collect();
    let filter = at.visit.asked("filter").parse().unwrap_or(if search.is_empty() { Filter::Open } else { Filter::All });
    let request = QueueRequest { filter: asked(filter, &at), search: search.clone(), ..QueueRequest::default() };
    let found = web.casework.queue(&at.viewer, request).await?;
    let counts = web.casework.counts(&at.viewer).await?;
    let page = Queue {
        frame: at.frame(&web, &at.visit.path),
        viewer: at.shown(),
        filter,
        tabs: Filter::ALL.iter().map(|filter| Tab { filter: *filter, count: count(*filter, &counts) }).collect(),
        rows: found.rows.iter().map(|row| drawn_row(&web, &at, &found, row)).collect(),
        next: found.next.map(|(at, id)| format!("{}-{id}", at.micros())),
        search,
    };
    Ok(drawn(&page))
}

fn asked(filter: Filter, at: &SignedIn) -> casework::Filter {
    let after =
        at.visit.asked("cursor").split_once('-').and_then(|(moment, id)| Some((At(moment.parse().ok()?), id.parse::<TicketId>().ok()?)));
    let all = casework::Filter { after, ..casework::Filter::default() };
    match filter {
        Filter::Open => casework::Filter { view: Some(View::Open), ..all },
        Filter::Mine => casework::Filter { view: Some(View::Open), owner: Some(at.viewer.person.id), ..all },
        Filter::New => casework::Filter { status: Some(Status::Assigned), ..all },
        Filter::Waiting => casework::Filter { view: Some(View::Waiting), ..all },
        Filter::Resolved => casework::Filter { view: Some(View::Done), ..all },
        Filter::All => all,
    }
}

/// How many there are, where it says something.
fn count(filter: Filter, counts: &[(Status, i64, i64)]) -> Option<u64> {
    let sum = |fits: fn(Status) -> bool| counts.iter().filter(|(status, ..)| fits(*status)).map(|(_, all, _)| *all).sum::<i64>();
    let count = match filter {
        Filter::Open => sum(Status::is_open),
        Filter::Mine => counts.iter().filter(|(status, ..)| status.is_open()).map(|(.., mine)| *mine).sum(),
        Filter::New => sum(|status| status == Status::Assigned),
        Filter::Waiting => sum(|status| matches!(status, Status::WaitingSender | Status::WaitingThirdParty)),
        Filter::Resolved | Filter::All => return None,
    };
    u64::try_from(count).ok()
}

fn drawn_row(web: &Web, at: &SignedIn, found: &QueuePage, row: &Summary) -> QueueRow {
    let (office, language) = (web.casework.office(), at.visit.language);
    let name_of =
        |name: Option<&crate::domain::Bilingual>, key: &crate::domain::Key| name.map_or(key.as_str(), |name| name.get(language)).to_owned();
    let kind = name_of(office.kind(row.kind.as_str()).map(|kind| &kind.name), &row.kind);
    let Glance { opening, sender_last } = found.glances.get(&row.id).cloned().unwrap_or_default();
    let title = row.subject.clone().or(opening).unwrap_or_else(|| kind.clone());
    let open = row.status.is_open();
    QueueRow {
        reference: row.reference.to_string(),
        title: (!row.confidential).then_some(title),
        sender: row.contact_name.clone().filter(|_| !row.confidential),
        channel: row.channel,
        department: name_of(office.department(&row.department).map(|department| &department.name), &row.department),
        owner: found.owners.get(&row.owner).map(|owner| owner.name.get(language).to_owned()),
        status: row.status,
        priority: row.priority,
        opened: row.created_at,
        due: open.then_some(row.due_at),
        overdue: open && row.due_at < web.access.now(),
        unanswered: open && sender_last,
        kind,
    }
}
