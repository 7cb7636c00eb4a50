//! Lists of tickets, for the desk and the REST interface.

use super::{
    StoreError, Tx,
    conn::{On, row, sql},
    listing::List,
    search,
    tickets::json_text,
};
use crate::domain::{At, ChannelKind, ContactId, Key, PersonId, Priority, Reference, Status, TicketId, ticket::named};

named! {
    /// Which tickets by state.
    View {
        /// Somebody has to do something.
        Open = "open",
        /// The sender or somebody outside has to answer.
        Waiting = "waiting",
        /// At an end.
        Done = "done",
        All = "all",
    }
}

/// What a list shows of a ticket.
#[derive(Clone)]
pub struct Summary {
    pub id: TicketId,
    pub reference: Reference,
    pub status: Status,
    pub kind: Key,
    pub priority: Priority,
    pub channel: ChannelKind,
    pub department: Key,
    pub owner: PersonId,
    pub contact: ContactId,
    pub contact_name: Option<String>,
    pub confidential: bool,
    /// `None` also where the ticket is confidential.
    pub subject: Option<String>,
    pub created_at: At,
    pub updated_at: At,
    pub due_at: At,
}

row! {
    struct SummaryRow {
        id: TicketId,
        reference: Reference,
        status: Status,
        kind: Key,
        priority: Priority,
        channel: ChannelKind,
        department: Key,
        owner_id: PersonId,
        contact_id: ContactId,
        name_sealed: Option<Vec<u8>>,
        confidential: bool,
        subject: Option<String>,
        created_at: At,
        updated_at: At,
        due_at: At,
    }
}

/// Whose tickets may be seen.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Everything, whatever the others say; where `veiled`, everything that is not confidential.
    pub all: bool,
    /// Confidential tickets are seen only where they are one's own or one's department's.
    pub veiled: bool,
    /// Tickets this person owns or logged.
    pub person: Option<PersonId>,
    /// Tickets of these departments.
    pub departments: Vec<Key>,
}

/// What is asked for; everything given must hold.
#[derive(Clone, Default)]
pub struct Filter {
    pub view: Option<View>,
    pub status: Option<Status>,
    pub channel: Option<ChannelKind>,
    pub kind: Option<Key>,
    pub department: Option<Key>,
    pub owner: Option<PersonId>,
    pub contact: Option<ContactId>,
    /// Only this one.
    pub ticket: Option<TicketId>,
    /// Opened at or after.
    pub since: Option<At>,
    /// Words, as [`search::query`] reads them.
    pub words: Option<String>,
    /// Continue after this ticket of the last page.
    pub after: Option<(At, TicketId)>,
}

impl Tx {
    /// Tickets, the newest first.
    pub async fn list_tickets(&mut self, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Summary>, StoreError> {
        let words = match &filter.words {
            Some(words) => match search::query(&self.vault, words)? {
                Some(query) => Some(query),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let Some(list) = List::of(scope, filter, words.as_ref(), self.dialect(), limit) else { return Ok(Vec::new()) };
        let text = sqlx::AssertSqlSafe(list.text);
        let rows: Vec<SummaryRow> = match self.on() {
            On::Lite(c) => list.values.into_iter().fold(sqlx::query_as(text), |query, value| value.bound(query)).fetch_all(c).await?,
            On::Pg(c) => list.values.into_iter().fold(sqlx::query_as(text), |query, value| value.bound(query)).fetch_all(c).await?,
        };
        rows.into_iter().map(|row| self.open_summary(row)).collect()
    }

    fn open_summary(&self, row: SummaryRow) -> Result<Summary, StoreError> {
        Ok(Summary {
            contact_name: self.open_some("contact.name", row.contact_id.0, row.name_sealed.as_deref())?,
            id: row.id,
            reference: row.reference,
            status: row.status,
            kind: row.kind,
            priority: row.priority,
            channel: row.channel,
            department: row.department,
            owner: row.owner_id,
            contact: row.contact_id,
            confidential: row.confidential,
            subject: row.subject,
            created_at: row.created_at,
            updated_at: row.updated_at,
            due_at: row.due_at,
        })
    }

    /// How many tickets of a scope are in each state, and how many of these the person of the scope owns.
    pub async fn count_tickets(&mut self, scope: &Scope) -> Result<Vec<(Status, i64, i64)>, StoreError> {
        let departments = json_text(&scope.departments.iter().map(Key::as_str).collect::<Vec<_>>())?;
        if scope.all {
            let mut all = sql!(self, fetch_all as (Status, i64, i64),
                lite "SELECT status, COUNT(*), COALESCE(SUM(owner_id = $1), 0) FROM ticket GROUP BY status"
                pg "SELECT status, COUNT(*), COUNT(*) FILTER (WHERE owner_id = $1) FROM ticket GROUP BY status",
                scope.person)?;
            if scope.veiled {
                let hidden = sql!(self, fetch_all as (Status, i64),
                    lite "SELECT status, COUNT(*) FROM ticket WHERE confidential = TRUE AND ($1 IS NULL OR owner_id <> $1) AND department NOT IN (SELECT value FROM json_each($2)) GROUP BY status"
                    pg "SELECT status, COUNT(*) FROM ticket WHERE confidential = TRUE AND ($1::uuid IS NULL OR owner_id <> $1) AND department NOT IN (SELECT json_array_elements_text(CAST($2 AS JSON))) GROUP BY status",
                    scope.person, departments)?;
                for (status, count) in hidden {
                    all.iter_mut().filter(|(other, ..)| *other == status).for_each(|(_, total, _)| *total -= count);
                }
                all.retain(|(_, total, _)| *total > 0);
            }
            return Ok(all);
        }
        Ok(sql!(self, fetch_all as (Status, i64, i64),
            lite "SELECT status, COUNT(*), COALESCE(SUM(owner_id = $1), 0) FROM (\
                    SELECT id, status, owner_id FROM ticket WHERE owner_id = $1 \
                    UNION SELECT id, status, owner_id FROM ticket WHERE opened_by = $1 AND confidential = FALSE \
                    UNION SELECT id, status, owner_id FROM ticket WHERE department IN (SELECT value FROM json_each($2))\
                  ) AS seen GROUP BY status"
            pg "SELECT status, COUNT(*), COUNT(*) FILTER (WHERE owner_id = $1) FROM (\
                    SELECT id, status, owner_id FROM ticket WHERE owner_id = $1 \
                    UNION SELECT id, status, owner_id FROM ticket WHERE opened_by = $1 AND confidential = FALSE \
                    UNION SELECT id, status, owner_id FROM ticket WHERE department IN (SELECT json_array_elements_text(CAST($2 AS JSON)))\
                  ) AS seen GROUP BY status",
            scope.person, departments)?)
    }
}
