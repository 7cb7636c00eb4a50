//! Every statement of the store, prepared on both databases: one that only one of them understands never reaches a user.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the program and may read its surroundings")]

mod support;

use sqlx::{Connection, Database, Either, Executor, PgConnection, Statement as _};
use std::path::Path;
use support::{postgres, statements, statements::Statement};

fn of_the_store() -> Vec<Statement> {
    let found = statements::statements(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"));
    assert!(found.len() > 80, "only {} statements were found in src/store: does the macro have another name now?", found.len());
    found
}

/// What is wrong with the statements on this database, a sentence each.
async fn refused<C>(connection: &mut C, text: fn(&Statement) -> &str) -> Vec<String>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = <C as Connection>::Database>,
{
    let mut sentences = Vec::new();
    for statement in of_the_store() {
        let place = format!("src/store/{}:{}", statement.file, statement.line);
        match prepared(connection, text(&statement)).await {
            Err(error) => sentences.push(format!("{place}: {error}\n    {}", text(&statement))),
            Ok(wanted) if wanted != statement.binds => {
                sentences.push(format!("{place}: {wanted} parameters, {} values bound\n    {}", statement.binds, text(&statement)));
            }
            Ok(_) => {}
        }
    }
    sentences
}

async fn prepared<C>(connection: &mut C, text: &str) -> Result<usize, sqlx::Error>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = <C as Connection>::Database>,
{
    use sqlx::SqlSafeStr;
    let statement = connection.prepare(sqlx::AssertSqlSafe(text.to_owned()).into_sql_str()).await?;
    Ok(wanted::<<C as Connection>::Database>(&statement))
}

fn wanted<D: Database>(statement: &<D as Database>::Statement) -> usize {
    match statement.parameters() {
        Some(Either::Left(types)) => types.len(),
        Some(Either::Right(number)) => number,
        None => 0,
    }
}

#[tokio::test]
async fn sqlite_understands_every_statement() {
    let mut connection = statements::migrated_sqlite().await;
    let sentences = refused(&mut connection, |statement| &statement.lite).await;
    assert!(sentences.is_empty(), "\n\n{}\n", sentences.join("\n"));
}

#[tokio::test]
async fn postgresql_understands_every_statement() {
    let Some(url) = postgres::fresh_database() else { return };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::migrate::Migrator::new(std::path::Path::new("migrations/postgres"))
        .await
        .unwrap()
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    let sentences = refused(&mut connection, |statement| &statement.pg).await;
    assert!(sentences.is_empty(), "\n\n{}\n", sentences.join("\n"));
}
