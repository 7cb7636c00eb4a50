//! The statement of a list of tickets, put together from what is asked for.
//!
//! Only what is asked for stands in it, and each way in which a ticket may be seen (owned, logged, of a department) is a part
//! of its own with the list's order and limit: so every part follows an index from its newest end, and an officer's page
//! costs what is on it, however many tickets there are.

use super::{
    conn::Dialect,
    desk::{Filter, Scope, View},
    search,
};
use sqlx::{Database, Encode, IntoArguments, Type, query::QueryAs};

/// What a [`super::desk::Summary`] is read from.
const COLUMNS: &str = "t.id, t.reference, t.status, t.kind, t.priority, t.channel, t.department, t.owner_id, t.contact_id, c.name_sealed, t.confidential, t.subject, t.created_at, t.updated_at, t.due_at";

/// As the indexes `ticket_open*` say it, to the letter: SQLite takes them for no other words. `NOT IN`, also for what is done,
/// keeps it from collecting state by state and sorting all of it.
const OPEN: &str = "t.status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam')";
const WAITING: &str = "t.status IN ('waiting_sender', 'waiting_third_party')";
const DONE: &str = "t.status NOT IN ('new', 'assigned', 'in_progress', 'waiting_sender', 'waiting_third_party', 'reopened')";

/// A value of the statement.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Id(uuid::Uuid),
    Number(i64),
}

impl Value {
    /// The query with this value bound to it.
    pub(super) fn bound<'q, D, O>(
        self,
        query: QueryAs<'q, D, O, <D as Database>::Arguments>,
    ) -> QueryAs<'q, D, O, <D as Database>::Arguments>
    where
        D: Database,
        <D as Database>::Arguments: IntoArguments<D>,
        String: Encode<'q, D> + Type<D>,
        uuid::Uuid: Encode<'q, D> + Type<D>,
        i64: Encode<'q, D> + Type<D>,
    {
        match self {
            Self::Text(text) => query.bind(text),
            Self::Id(id) => query.bind(id),
            Self::Number(number) => query.bind(number),
        }
    }
}

/// A statement and its values, `$1` first.
#[derive(Debug)]
pub(super) struct List {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl List {
    /// `None` where nothing may be seen.
    pub(super) fn of(scope: &Scope, filter: &Filter, words: Option<&search::Query>, dialect: Dialect, limit: i64) -> Option<Self> {
        let mut values = Values::default();
        let mut wanted = stage(filter);
        wanted.extend(equal(filter, &mut values));
        if let Some((at, id)) = filter.after {
            wanted.push(format!("(t.created_at, t.id) < ({}, {})", values.number(at.micros()), values.id(id.0)));
        }
        wanted.extend(words.map(|words| containing(words, dialect, &mut values)));
        let seen = seen(scope, filter, &mut values);
        let end = format!("ORDER BY t.created_at DESC, t.id DESC LIMIT {}", values.number(limit));
        let from = format!("SELECT {COLUMNS} FROM ticket t JOIN contact c ON c.id = t.contact_id");
        let text = match seen.as_slice() {
            [] => return None,
            [one] => format!("{from} {} {end}", all_of(one, &wanted)),
            several => {
                let parts: Vec<String> = several
                    .iter()
                    .map(|one| format!("SELECT id FROM (SELECT t.id FROM ticket t {} {end}) AS part", all_of(one, &wanted)))
                    .collect();
                format!("{from} WHERE t.id IN ({}) {end}", parts.join(" UNION "))
            }
        };
        Some(Self { text, values: values.0 })
    }
}

#[derive(Default)]
struct Values(Vec<Value>);

impl Values {
    /// Keeps a value; answers its place in the statement.
    fn place(&mut self, value: Value) -> String {
        self.0.push(value);
        format!("${}", self.0.len())
    }

    fn text(&mut self, text: &str) -> String {
        self.place(Value::Text(text.to_owned()))
    }

    fn id(&mut self, id: uuid::Uuid) -> String {
        self.place(Value::Id(id))
    }

    fn number(&mut self, number: i64) -> String {
        self.place(Value::Number(number))
    }
}

fn all_of(seen: &str, wanted: &[String]) -> String {
    let all: Vec<&str> = std::iter::once(seen).chain(wanted.iter().map(String::as_str)).filter(|one| !one.is_empty()).collect();
    if all.is_empty() { String::new() } else { format!("WHERE {}", all.join(" AND ")) }
}

/// What the view says about the state. What can only be open says so, for the sake of the indexes.
fn stage(filter: &Filter) -> Vec<String> {
    let view: &[&str] = match filter.view.unwrap_or(View::All) {
        View::Open => &[OPEN],
        View::Waiting => &[OPEN, WAITING],
        View::Done => &[DONE],
        View::All if filter.status.is_some_and(|status| status.is_open()) => &[OPEN],
        View::All => &[],
    };
    view.iter().map(|one| (*one).to_owned()).collect()
}

fn equal(filter: &Filter, values: &mut Values) -> Vec<String> {
    let texts = [
        ("status", filter.status.map(|status| status.as_str())),
        ("channel", filter.channel.map(|channel| channel.as_str())),
        ("kind", filter.kind.as_ref().map(|kind| kind.as_str())),
        ("department", filter.department.as_ref().map(|department| department.as_str())),
    ];
    let ids = [
        ("owner_id", filter.owner.map(|owner| owner.0)),
        ("contact_id", filter.contact.map(|contact| contact.0)),
        ("id", filter.ticket.map(|ticket| ticket.0)),
    ];
    let mut wanted: Vec<String> =
        texts.into_iter().filter_map(|(column, text)| Some(format!("t.{column} = {}", values.text(text?)))).collect();
    wanted.extend(ids.into_iter().filter_map(|(column, id)| Some(format!("t.{column} = {}", values.id(id?)))));
    wanted.extend(filter.since.map(|since| format!("t.created_at >= {}", values.number(since.micros()))));
    wanted
}

fn containing(words: &search::Query, dialect: Dialect, values: &mut Values) -> String {
    match dialect {
        Dialect::Lite => format!(
            "t.id IN (SELECT m.ticket_id FROM message_search s JOIN message m ON m.seq = s.rowid WHERE s.words MATCH {})",
            values.text(&words.lite)
        ),
        Dialect::Pg => format!(
            "t.id IN (SELECT m.ticket_id FROM message_search s JOIN message m ON m.seq = s.seq WHERE s.words @@ CAST(CAST({} AS TEXT) AS TSQUERY))",
            values.text(&words.pg)
        ),
    }
}

/// The ways in which a ticket may be seen, each as a condition; an empty one where everything asked for may be seen.
fn seen(scope: &Scope, filter: &Filter, values: &mut Values) -> Vec<String> {
    let own = filter.owner.is_some() && filter.owner == scope.person;
    let department = filter.department.as_ref().is_some_and(|department| scope.departments.contains(department));
    if (scope.all && !scope.veiled) || own || department {
        return vec![String::new()];
    }
    let mut seen = Vec::new();
    if scope.all {
        seen.push("t.confidential = FALSE".to_owned());
    }
    if let Some(person) = scope.person {
        let person = values.id(person.0);
        seen.extend([format!("t.owner_id = {person}"), format!("(t.opened_by = {person} AND t.confidential = FALSE)")]);
    }
    seen.extend(scope.departments.iter().map(|department| format!("t.department = {}", values.text(department.as_str()))));
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{At, Key, PersonId, Status, TicketId};
    use sqlx::Connection;

    fn officer() -> PersonId {
        PersonId(uuid::Uuid::from_u128(1))
    }

    fn mine() -> Scope {
        Scope { all: false, veiled: false, person: Some(officer()), departments: vec![Key::parse("care").unwrap()] }
    }

    /// How SQLite goes about it, with nothing known about the tables.
    async fn plan(scope: &Scope, filter: &Filter) -> String {
        let list = List::of(scope, filter, None, Dialect::Lite, 50).unwrap();
        let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
        super::super::schema::migrations(Dialect::Lite).run_direct(None, &mut connection, false).await.unwrap();
        let text = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", list.text));
        let steps: Vec<(i64, i64, i64, String)> =
            list.values.into_iter().fold(sqlx::query_as(text), |query, value| value.bound(query)).fetch_all(&mut connection).await.unwrap();
        steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn an_officers_open_tickets_are_taken_from_the_indexes_of_what_is_open() {
        let after = Some((At(5), TicketId(uuid::Uuid::nil())));
        for view in [View::Open, View::Waiting] {
            for after in [None, after] {
                let plan = plan(&mine(), &Filter { view: Some(view), after, ..Filter::default() }).await;
                assert!(!plan.contains("SCAN t"), "{plan}");
                assert!(plan.contains("ticket_open_owner (owner_id=?") && plan.contains("ticket_open_department (department=?"), "{plan}");
            }
        }
    }

    #[tokio::test]
    async fn every_list_of_a_person_follows_an_index_and_none_is_sorted_in_parts() {
        let (all, care) = (Scope { all: true, ..Scope::default() }, Some(Key::parse("care").unwrap()));
        let filters = [
            (mine(), Filter::default(), "ticket_owner (owner_id=?"),
            (mine(), Filter { view: Some(View::Done), ..Filter::default() }, "ticket_department (department=?"),
            (mine(), Filter { owner: Some(officer()), view: Some(View::Open), ..Filter::default() }, "ticket_open_owner (owner_id=?"),
            (mine(), Filter { department: care.clone(), status: Some(Status::New), ..Filter::default() }, "ticket_"),
            (all.clone(), Filter::default(), "ticket_created"),
            (all.clone(), Filter { view: Some(View::Open), ..Filter::default() }, "ticket_open"),
            (all.clone(), Filter { view: Some(View::Done), ..Filter::default() }, "ticket_created"),
            (all.clone(), Filter { department: care, ..Filter::default() }, "ticket_department (department=?"),
            (all.clone(), Filter { status: Some(Status::Spam), ..Filter::default() }, "ticket_status (status=?"),
            (
                all,
                Filter { contact: Some(crate::domain::ContactId(uuid::Uuid::nil())), ..Filter::default() },
                "ticket_contact (contact_id=?",
            ),
        ];
        for (scope, filter, index) in filters {
            let plan = plan(&scope, &filter).await;
            assert!(plan.contains(index), "{index}\n{plan}");
            let sorts = plan.matches("TEMP B-TREE FOR ORDER BY").count();
            assert!(sorts <= usize::from(plan.contains("UNION")), "{plan}");
        }
    }

    #[test]
    fn who_may_see_nothing_asks_nothing() {
        assert!(List::of(&Scope::default(), &Filter::default(), None, Dialect::Pg, 50).is_none());
    }
}
