//! What is in the demo, in numbers.

use crate::{
    app::compose::Service,
    store::{
        desk::{Filter, Scope},
        inbox::InboxState,
        notices::NoticeState,
    },
};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub(super) struct Summary {
    tickets: usize,
    status: BTreeMap<&'static str, usize>,
    kind: BTreeMap<String, usize>,
    channel: BTreeMap<&'static str, usize>,
    department: BTreeMap<String, usize>,
    confidential: usize,
    overdue: usize,
    people: usize,
    sites: usize,
    /// Notices by state.
    notices: BTreeMap<&'static str, usize>,
    quarantined: usize,
    /// How long it took to tell.
    seconds: f64,
}

impl Summary {
    pub async fn of(service: &Service, seconds: f64) -> anyhow::Result<Self> {
        let mut read = service.store.read().await?;
        let now = service.store.world().now();
        let tickets = read.list_tickets(&Scope { all: true, ..Scope::default() }, &Filter::default(), i64::from(i32::MAX)).await?;
        let mut notices = BTreeMap::new();
        for state in [NoticeState::Pending, NoticeState::Sent, NoticeState::Dead, NoticeState::Withheld] {
            notices.insert(state.as_str(), read.list_notices(Some(state), i64::from(i32::MAX)).await?.len());
        }
        let quarantined = read.list_inbox(Some(InboxState::Quarantined), i64::from(i32::MAX)).await?.len();
        let mut summary = Self {
            tickets: tickets.len(),
            status: BTreeMap::new(),
            kind: BTreeMap::new(),
            channel: BTreeMap::new(),
            department: BTreeMap::new(),
            confidential: tickets.iter().filter(|ticket| ticket.confidential).count(),
            overdue: tickets.iter().filter(|ticket| ticket.status.is_open() && ticket.due_at < now).count(),
            people: tickets.iter().map(|ticket| ticket.contact).collect::<std::collections::HashSet<_>>().len(),
            sites: service.config.office.sites.len(),
            notices,
            quarantined,
            seconds,
        };
        for ticket in &tickets {
            *summary.status.entry(ticket.status.as_str()).or_default() += 1;
            *summary.kind.entry(ticket.kind.to_string()).or_default() += 1;
            *summary.channel.entry(ticket.channel.as_str()).or_default() += 1;
            *summary.department.entry(ticket.department.to_string()).or_default() += 1;
        }
        Ok(summary)
    }
}
