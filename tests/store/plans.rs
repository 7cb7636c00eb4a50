//! No statement walks through a table that grows: SQLite is asked how it would go about each.
//!
//! Not here: the lists of tickets, whose statements are put together; `store::listing` proves its own.

use crate::support::statements;
use std::path::Path;

/// Tables that grow with what comes in.
const GROWING: [&str; 14] = [
    "ticket",
    "message",
    "inbox",
    "inbox_raw",
    "inbox_key",
    "inbox_blob",
    "event",
    "notice",
    "attempt",
    "contact",
    "address",
    "attachment",
    "blob",
    "guess_budget",
];

/// Statements that must see every row, by words that only they have.
const WHOLE: [&str; 3] = [
    // A rotation seals everything again.
    "DELETE FROM message_search",
    "SET domain_blind = NULL",
    // How many there are of each state, from the index alone.
    "COALESCE(SUM(owner_id = $1), 0) FROM ticket GROUP BY status",
];

/// The growing table that this step of a plan walks through. One that the statement does not name is looked at for a foreign
/// key, and only when one was broken.
fn walked<'s>(step: &'s str, text: &str) -> Option<&'s str> {
    let table = step.strip_prefix("SCAN ")?.split(' ').next()?;
    let aliased = table.len() == 1;
    (aliased || (GROWING.contains(&table) && text.contains(table))).then_some(table)
}

#[tokio::test]
async fn no_statement_walks_through_a_table_that_grows() {
    let mut connection = statements::migrated_sqlite().await;
    let mut sentences = Vec::new();
    for statement in statements::statements(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")) {
        let text = &statement.lite;
        let plans = ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"].iter().any(|verb| text.starts_with(verb));
        if !plans || WHOLE.iter().any(|words| text.contains(words)) {
            continue;
        }
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.into_iter().map(|(.., step)| step).collect();
        // From one end of an index, as far as the limit goes, is no walk; to be sorted first, all must be walked through.
        let limited = text.contains("LIMIT") && !steps.iter().any(|step| step.contains("USE TEMP B-TREE FOR ORDER BY"));
        for table in steps.iter().filter_map(|step| walked(step, text)).filter(|_| !limited) {
            sentences.push(format!("src/store/{}:{} walks through {table}:\n    {text}", statement.file, statement.line));
        }
    }
    assert!(sentences.is_empty(), "\n\n{}\n", sentences.join("\n"));
}
