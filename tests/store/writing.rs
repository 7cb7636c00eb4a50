//! Transactions: what shares a commit, what undoes only itself, and who is told.

use crate::rig::Rig;
use futures_util::future::{BoxFuture, join_all};
use std::{path::Path, time::Duration};
use tawasul::{
    domain::{At, ChannelKind},
    store::{Access, Store, StoreError, Tx},
};

type Work = Box<dyn for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<(), StoreError>> + Send>;

async fn mark(tx: &mut Tx, value: &str) -> Result<(), StoreError> {
    tx.set_bookmark(ChannelKind::Sandbox, value, value, At(0)).await
}

async fn write<F>(store: &Store, work: F) -> Result<(), StoreError>
where
    F: for<'a> FnOnce(&'a mut Tx) -> BoxFuture<'a, Result<(), StoreError>> + Send + 'static,
{
    store.write(work).await
}

fn marking(value: &str) -> Work {
    let value = value.to_owned();
    Box::new(move |tx| Box::pin(async move { mark(tx, &value).await }))
}

async fn marked(rig: &Rig, value: &str) -> bool {
    rig.read().await.bookmark(ChannelKind::Sandbox, value).await.unwrap().is_some()
}

/// A transaction that has begun and waits until it is told to go on, with all of `behind` waiting behind it on SQLite.
async fn held_up(rig: &Rig, behind: impl IntoIterator<Item = Work>) -> Vec<Result<(), StoreError>> {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = tokio::sync::oneshot::channel::<()>();
    let first = write(&rig.store, move |tx| {
        Box::pin(async move {
            let _ = begun.send(());
            let _ = goes_on.await;
            mark(tx, "first").await
        })
    });
    let rest = async {
        has_begun.await.unwrap();
        let mut rest = join_all(behind.into_iter().map(|work| write(&rig.store, work)));
        // Asked once, each has handed its work over.
        assert!(rig.is_sqlite() && futures_util::poll!(&mut rest).is_pending() || !rig.is_sqlite());
        go_on.send(()).unwrap();
        rest.await
    };
    let (first, rest) = tokio::join!(first, rest);
    first.unwrap();
    rest
}

/// How many commits the log beside a SQLite file holds: a frame whose second number is not zero ends one (SQLite file format,
/// §4.1 "WAL File Format").
fn commits_in(log: &Path) -> usize {
    let log = std::fs::read(log).unwrap();
    let number = |at: usize| u32::from_be_bytes(log[at..at + 4].try_into().unwrap()) as usize;
    let (page, salt) = (number(8), &log[16..24]);
    let frames = log[32..].chunks_exact(24 + page);
    frames.take_while(|frame| &frame[8..16] == salt).filter(|frame| frame[4..8] != [0; 4]).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_wait_at_the_same_moment_share_one_commit() {
    let rig = Rig::sqlite().await;
    let log = rig.folder.path().join("tawasul.db-wal");
    let before = commits_in(&log);
    let done = held_up(&rig, (0..50).map(|number| marking(&format!("m{number}")))).await;
    assert!(done.iter().all(Result::is_ok));
    assert_eq!(commits_in(&log) - before, 2, "one for the first, one for the fifty that waited");
    for number in 0..50 {
        assert!(marked(&rig, &format!("m{number}")).await);
    }
}

both!(a_job_that_fails_or_panics_undoes_only_itself);
async fn a_job_that_fails_or_panics_undoes_only_itself(rig: &Rig) {
    let fails: Work = Box::new(|tx| {
        Box::pin(async move {
            mark(tx, "failed").await?;
            Err(StoreError::Corrupt("on purpose".into()))
        })
    });
    let panics: Work = Box::new(|tx| {
        Box::pin(async move {
            mark(tx, "panicked").await?;
            panic!("on purpose, سراً")
        })
    });
    let panics_early: Work = Box::new(|_| panic!("before its future"));
    let done = held_up(rig, [marking("one"), fails, marking("two"), panics, panics_early, marking("three")]).await;
    let told: Vec<String> = done.iter().map(|done| done.as_ref().err().map(ToString::to_string).unwrap_or_default()).collect();
    let (failed, panicked) = ("a stored value can't be read: on purpose", "the program panicked: on purpose, سراً");
    assert_eq!(told, ["", failed, "", panicked, "the program panicked: before its future", ""]);
    for (value, is) in [("first", true), ("one", true), ("failed", false), ("two", true), ("panicked", false), ("three", true)] {
        assert_eq!(marked(rig, value).await, is, "{value}");
    }
}

both!(a_savepoint_in_a_savepoint_undoes_only_itself);
async fn a_savepoint_in_a_savepoint_undoes_only_itself(rig: &Rig) {
    save!(rig, tx => {
        mark(tx, "before").await?;
        let outer = tx.savepoint::<(), StoreError, _>(|tx| Box::pin(async move {
            mark(tx, "outer").await?;
            let inner = tx.savepoint::<(), StoreError, _>(|tx| Box::pin(async move {
                mark(tx, "inner").await?;
                panic!("inner work")
            })).await;
            assert!(matches!(inner, Err(StoreError::Panicked(words)) if words == "inner work"));
            tx.savepoint(|tx| Box::pin(async move { mark(tx, "second inner").await })).await
        })).await;
        assert!(outer.is_ok());
        let lost = tx.savepoint::<(), StoreError, _>(|tx| Box::pin(async move {
            tx.savepoint(|tx| Box::pin(async move { mark(tx, "lost inner").await })).await?;
            Err(StoreError::Stopped)
        })).await;
        assert!(matches!(lost, Err(StoreError::Stopped)));
        let early = tx.savepoint::<(), StoreError, _>(|_| panic!("early")).await;
        assert!(matches!(early, Err(StoreError::Panicked(_))));
        mark(tx, "after").await
    });
    for (value, is) in [("before", true), ("outer", true), ("inner", false), ("second inner", true), ("lost inner", false), ("after", true)]
    {
        assert_eq!(marked(rig, value).await, is, "{value}");
    }
}

both!(a_refused_statement_inside_a_savepoint_spoils_nothing_around_it);
async fn a_refused_statement_inside_a_savepoint_spoils_nothing_around_it(rig: &Rig) {
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let twin = ticket.clone();
    save!(rig, tx => {
        let refused = tx.savepoint(|tx| Box::pin(async move { tx.insert_ticket(&twin).await })).await;
        assert!(matches!(refused, Err(StoreError::Database(_))));
        mark(tx, "after").await
    });
    assert!(marked(rig, "after").await);
}

both!(a_refused_statement_that_the_work_passes_over_is_never_reported_as_stored);
async fn a_refused_statement_that_the_work_passes_over_is_never_reported_as_stored(rig: &Rig) {
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let (first, second) = (ticket.clone(), ticket);
    let done = write(&rig.store, move |tx| {
        Box::pin(async move {
            mark(tx, "beside").await?;
            let _ = tx.insert_ticket(&first).await;
            Ok(())
        })
    })
    .await;
    // SQLite undoes the statement alone, PostgreSQL gives up the transaction: what is told must be what is.
    assert_eq!(done.is_ok(), marked(rig, "beside").await);
    let done = write(&rig.store, move |tx| {
        Box::pin(async move {
            let inner = tx
                .savepoint::<(), StoreError, _>(|tx| {
                    Box::pin(async move {
                        mark(tx, "inner").await?;
                        let _ = tx.insert_ticket(&second).await;
                        Ok(())
                    })
                })
                .await;
            mark(tx, if inner.is_ok() { "kept" } else { "undone" }).await
        })
    })
    .await;
    assert!(done.is_ok());
    assert_eq!(marked(rig, "inner").await, marked(rig, "kept").await);
    assert_ne!(marked(rig, "kept").await, marked(rig, "undone").await);
}

both!(a_caller_who_goes_away_cancels_nothing);
async fn a_caller_who_goes_away_cancels_nothing(rig: &Rig) {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = tokio::sync::oneshot::channel::<()>();
    let store = rig.store.clone();
    let caller = tokio::spawn(async move {
        write(&store, move |tx| {
            Box::pin(async move {
                mark(tx, "begun").await?;
                let _ = begun.send(());
                let _ = goes_on.await;
                mark(tx, "finished").await
            })
        })
        .await
    });
    has_begun.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), async {
        while !marked(rig, "finished").await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
}

/// From now on a bookmark of `poison` makes the commit itself fail, by a reference that is only looked at then.
async fn poisoned(rig: &Rig) {
    if rig.is_sqlite() {
        let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
        let trigger = "CREATE TABLE absent (id INTEGER PRIMARY KEY);
            CREATE TABLE late (id INTEGER REFERENCES absent (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER poisons AFTER INSERT ON bookmark WHEN NEW.value = 'poison' BEGIN INSERT INTO late VALUES (7); END;";
        sqlx::raw_sql(trigger).execute(&mut other).await.unwrap();
    } else {
        let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
        let trigger = "CREATE TABLE absent (id INTEGER PRIMARY KEY);
            CREATE TABLE late (id INTEGER REFERENCES absent (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE FUNCTION poisons() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO late VALUES (7); RETURN NEW; END $$;
            CREATE TRIGGER poisons AFTER INSERT ON bookmark FOR EACH ROW WHEN (NEW.value = 'poison') EXECUTE FUNCTION poisons();";
        sqlx::raw_sql(trigger).execute(&mut other).await.unwrap();
    }
}

both!(when_the_commit_itself_fails_every_caller_is_told_and_the_store_goes_on);
async fn when_the_commit_itself_fails_every_caller_is_told_and_the_store_goes_on(rig: &Rig) {
    poisoned(rig).await;
    let done = held_up(rig, [marking("one"), marking("poison"), marking("two")]).await;
    let shared = rig.is_sqlite();
    assert_eq!(done.iter().map(Result::is_err).collect::<Vec<_>>(), [shared, true, shared]);
    for (value, is) in [("first", true), ("one", !shared), ("poison", false), ("two", !shared)] {
        assert_eq!(marked(rig, value).await, is, "{value}");
    }
    write(&rig.store, marking("three")).await.unwrap();
    assert!(marked(rig, "three").await);
}

both!(after_closing_nothing_is_written_and_everything_that_waited_is);
async fn after_closing_nothing_is_written_and_everything_that_waited_is(rig: &Rig) {
    let writes = join_all((0..20).map(|number| write(&rig.store, marking(&format!("m{number}")))));
    let (done, ()) = tokio::join!(writes, rig.store.close());
    assert!(write(&rig.store, marking("late")).await.is_err());
    assert!(rig.store.read().await.is_err());
    let again = rig.open(&rig.key_file, Access::Exclusive).await.unwrap();
    let mut read = again.read().await.unwrap();
    for (number, done) in done.iter().enumerate() {
        assert_eq!(read.bookmark(ChannelKind::Sandbox, &format!("m{number}")).await.unwrap().is_some(), done.is_ok());
    }
    again.ping().await.unwrap();
}
