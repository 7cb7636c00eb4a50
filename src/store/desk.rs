//! Lists of tickets, for the desk and the REST interface.

use super::{StoreError, Tx, conn::sql, search};
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

#[derive(sqlx::FromRow)]
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

/// Whose tickets may be seen.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Everything, whatever the other two say.
    pub all: bool,
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
        let departments = joined(&scope.departments);
        let view = filter.view.unwrap_or(View::All).as_str();
        let (after_at, after_id) = filter.after.unzip();
        let words = match &filter.words {
            Some(words) => match search::query(&self.vault, words)? {
                Some(query) => Some(query),
                None => return Ok(Vec::new()),
            },
            None => None,
        };
        let rows = match words {
            None => sql!(self, fetch_all as SummaryRow,
                lite "SELECT t.id, t.reference, t.status, t.kind, t.priority, t.channel, t.department, t.owner_id, t.contact_id, c.name_sealed, t.confidential, t.subject, t.created_at, t.updated_at, t.due_at \
                      FROM ticket t JOIN contact c ON c.id = t.contact_id WHERE ($1 OR t.owner_id = $2 OR t.opened_by = $2 OR INSTR($3, ' ' || t.department || ' ') > 0) \
                      AND ($4 = 'all' OR ($4 = 'open' AND t.status IN ('new', 'assigned', 'in_progress', 'waiting_sender', 'waiting_third_party', 'reopened')) OR ($4 = 'waiting' AND t.status IN ('waiting_sender', 'waiting_third_party')) OR ($4 = 'done' AND t.status IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam'))) \
                      AND ($5 IS NULL OR t.status = $5) AND ($6 IS NULL OR t.channel = $6) AND ($7 IS NULL OR t.kind = $7) AND ($8 IS NULL OR t.department = $8) AND ($9 IS NULL OR t.owner_id = $9) AND ($10 IS NULL OR t.contact_id = $10) AND ($11 IS NULL OR t.created_at >= $11) \
                      AND ($12 IS NULL OR (t.created_at, t.id) < ($12, $13)) ORDER BY t.created_at DESC, t.id DESC LIMIT $14"
                pg "SELECT t.id, t.reference, t.status, t.kind, t.priority, t.channel, t.department, t.owner_id, t.contact_id, c.name_sealed, t.confidential, t.subject, t.created_at, t.updated_at, t.due_at \
                      FROM ticket t JOIN contact c ON c.id = t.contact_id WHERE ($1 OR t.owner_id = $2 OR t.opened_by = $2 OR STRPOS($3, ' ' || t.department || ' ') > 0) \
                      AND ($4 = 'all' OR ($4 = 'open' AND t.status IN ('new', 'assigned', 'in_progress', 'waiting_sender', 'waiting_third_party', 'reopened')) OR ($4 = 'waiting' AND t.status IN ('waiting_sender', 'waiting_third_party')) OR ($4 = 'done' AND t.status IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam'))) \
                      AND ($5::text IS NULL OR t.status = $5) AND ($6::text IS NULL OR t.channel = $6) AND ($7::text IS NULL OR t.kind = $7) AND ($8::text IS NULL OR t.department = $8) AND ($9::uuid IS NULL OR t.owner_id = $9) AND ($10::uuid IS NULL OR t.contact_id = $10) AND ($11::bigint IS NULL OR t.created_at >= $11) \
                      AND ($12::bigint IS NULL OR (t.created_at, t.id) < ($12, $13::uuid)) ORDER BY t.created_at DESC, t.id DESC LIMIT $14",
                scope.all, scope.person, departments, view, filter.status, filter.channel, filter.kind.as_ref(), filter.department.as_ref(), filter.owner, filter.contact, filter.since, after_at, after_id, limit)?,
            Some(query) => {
                let words = match self.on() {
                    super::conn::On::Lite(_) => query.lite,
                    super::conn::On::Pg(_) => query.pg,
                };
                sql!(self, fetch_all as SummaryRow,
                    lite "SELECT t.id, t.reference, t.status, t.kind, t.priority, t.channel, t.department, t.owner_id, t.contact_id, c.name_sealed, t.confidential, t.subject, t.created_at, t.updated_at, t.due_at \
                          FROM ticket t JOIN contact c ON c.id = t.contact_id WHERE t.id IN (SELECT m.ticket_id FROM message_search s JOIN message m ON m.seq = s.rowid WHERE s.words MATCH $15) AND ($1 OR t.owner_id = $2 OR t.opened_by = $2 OR INSTR($3, ' ' || t.department || ' ') > 0) \
                          AND ($4 = 'all' OR ($4 = 'open' AND t.status IN ('new', 'assigned', 'in_progress', 'waiting_sender', 'waiting_third_party', 'reopened')) OR ($4 = 'waiting' AND t.status IN ('waiting_sender', 'waiting_third_party')) OR ($4 = 'done' AND t.status IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam'))) \
                          AND ($5 IS NULL OR t.status = $5) AND ($6 IS NULL OR t.channel = $6) AND ($7 IS NULL OR t.kind = $7) AND ($8 IS NULL OR t.department = $8) AND ($9 IS NULL OR t.owner_id = $9) AND ($10 IS NULL OR t.contact_id = $10) AND ($11 IS NULL OR t.created_at >= $11) \
                          AND ($12 IS NULL OR (t.created_at, t.id) < ($12, $13)) ORDER BY t.created_at DESC, t.id DESC LIMIT $14"
                    pg "SELECT t.id, t.reference, t.status, t.kind, t.priority, t.channel, t.department, t.owner_id, t.contact_id, c.name_sealed, t.confidential, t.subject, t.created_at, t.updated_at, t.due_at \
                          FROM ticket t JOIN contact c ON c.id = t.contact_id WHERE t.id IN (SELECT m.ticket_id FROM message_search s JOIN message m ON m.seq = s.seq WHERE s.words @@ CAST(CAST($15 AS TEXT) AS TSQUERY)) AND ($1 OR t.owner_id = $2 OR t.opened_by = $2 OR STRPOS($3, ' ' || t.department || ' ') > 0) \
                          AND ($4 = 'all' OR ($4 = 'open' AND t.status IN ('new', 'assigned', 'in_progress', 'waiting_sender', 'waiting_third_party', 'reopened')) OR ($4 = 'waiting' AND t.status IN ('waiting_sender', 'waiting_third_party')) OR ($4 = 'done' AND t.status IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam'))) \
                          AND ($5::text IS NULL OR t.status = $5) AND ($6::text IS NULL OR t.channel = $6) AND ($7::text IS NULL OR t.kind = $7) AND ($8::text IS NULL OR t.department = $8) AND ($9::uuid IS NULL OR t.owner_id = $9) AND ($10::uuid IS NULL OR t.contact_id = $10) AND ($11::bigint IS NULL OR t.created_at >= $11) \
                          AND ($12::bigint IS NULL OR (t.created_at, t.id) < ($12, $13::uuid)) ORDER BY t.created_at DESC, t.id DESC LIMIT $14",
                    scope.all, scope.person, departments, view, filter.status, filter.channel, filter.kind.as_ref(), filter.department.as_ref(), filter.owner, filter.contact, filter.since, after_at, after_id, limit, words)?
            }
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

    /// How many tickets of a scope are in each state; `mine` counts those that `person` owns.
    pub async fn count_tickets(&mut self, scope: &Scope) -> Result<Vec<(Status, i64, i64)>, StoreError> {
        Ok(sql!(self, fetch_all as (Status, i64, i64),
            lite "SELECT t.status, COUNT(*), COALESCE(SUM(t.owner_id = $2), 0) FROM ticket t WHERE ($1 OR t.owner_id = $2 OR t.opened_by = $2 OR INSTR($3, ' ' || t.department || ' ') > 0) GROUP BY t.status"
            pg "SELECT t.status, COUNT(*), COUNT(*) FILTER (WHERE t.owner_id = $2) FROM ticket t WHERE ($1 OR t.owner_id = $2 OR t.opened_by = $2 OR STRPOS($3, ' ' || t.department || ' ') > 0) GROUP BY t.status",
            scope.all, scope.person, joined(&scope.departments))?)
    }
}

/// The keys between spaces, with one before and one after, to be searched for ` key `.
fn joined(keys: &[Key]) -> String {
    keys.iter().fold(String::from(" "), |mut all, key| {
        all.push_str(key.as_str());
        all.push(' ');
        all
    })
}
