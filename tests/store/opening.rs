//! Who may open a database, and with which keys.

use crate::rig::{Rig, world};
use tawasul::{
    domain::ChannelKind,
    store::{Access, Store, StoreError, settings::Settings},
    vault::Vault,
};

fn refusal<T>(outcome: Result<T, StoreError>) -> StoreError {
    match outcome {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_service_on_the_same_file_is_refused_and_a_command_beside_it_works() {
    let rig = Rig::sqlite().await;
    let error = refusal(rig.open(&rig.key_file, Access::Exclusive).await).to_string();
    let file = rig.file().display().to_string();
    assert_eq!(error, format!("another Tawasul is already using {file}; stop it first, or give this one another storage.url"));

    let beside = rig.open(&rig.key_file, Access::Shared).await.unwrap();
    let now = rig.now();
    let written: Result<(), StoreError> =
        beside.write(move |tx| Box::pin(async move { tx.set_bookmark(ChannelKind::Email, "main", "1", now).await })).await;
    written.unwrap();
    assert_eq!(rig.read().await.bookmark(ChannelKind::Email, "main").await.unwrap().as_deref(), Some("1"));
    save!(rig, tx => tx.set_bookmark(ChannelKind::Email, "main", "2", now).await);
    assert_eq!(beside.read().await.unwrap().bookmark(ChannelKind::Email, "main").await.unwrap().as_deref(), Some("2"));

    let again = rig.reopened(&rig.key_file).await;
    assert_eq!(again.read().await.unwrap().bookmark(ChannelKind::Email, "main").await.unwrap().as_deref(), Some("2"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_folds_the_log_into_the_file() {
    let rig = Rig::sqlite().await;
    rig.officer("sara").await;
    drop(rig.read().await);
    rig.store.close().await;
    assert!(!rig.folder.path().join("tawasul.db-wal").exists());
}

both!(a_wrong_key_file_is_refused_and_changes_nothing);
async fn a_wrong_key_file_is_refused_and_changes_nothing(rig: &Rig) {
    let id = rig.officer("sara").await;
    rig.store.close().await;
    let before = std::fs::read(rig.file()).unwrap_or_default();
    let other = Vault::generate(world(&rig.clock)).key_file().to_string();
    let other_number = other.replace("\n1 ", "\n9 ");
    for wrong in [&other, &other_number] {
        let error = refusal(rig.open(wrong, Access::Exclusive).await);
        assert!(matches!(error, StoreError::WrongKey(_)), "{error}");
        assert!(error.to_string().starts_with("the key file does not belong to this database: "), "{error}");
    }
    assert!(std::fs::read(rig.file()).unwrap_or_default() == before);
    let again = rig.open(&rig.key_file, Access::Exclusive).await.unwrap();
    assert_eq!(again.read().await.unwrap().person(id).await.unwrap().unwrap().name.ar, "سارة");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_services_that_begin_a_database_with_different_keys_one_is_refused() {
    let Some(url) = crate::support::postgres::fresh_database() else { return };
    let folder = tempfile::tempdir().unwrap();
    let clock = tawasul::domain::world::fixed::FixedClock::at(crate::rig::START);
    let open = || {
        let (world, settings) =
            (world(&clock), Settings { url: url.clone().into(), blobs: folder.path().join("blobs").display().to_string() });
        async move { Store::open(&settings, Vault::generate(world.clone()), world, Access::Exclusive).await }
    };
    let (one, two) = tokio::join!(open(), open());
    assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|opened| *opened).count(), 1);
    assert!([one, two].into_iter().any(|outcome| matches!(outcome, Err(StoreError::WrongKey(_)))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_are_looked_at_before_anything_is_migrated() {
    let rig = Rig::sqlite().await;
    rig.store.close().await;
    let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
    sqlx::raw_sql("DELETE FROM _sqlx_migrations").execute(&mut other).await.unwrap();
    let wrong = Vault::generate(world(&rig.clock)).key_file().to_string();
    assert!(matches!(refusal(rig.open(&wrong, Access::Exclusive).await), StoreError::WrongKey(_)));
    assert!(matches!(refusal(rig.open(&rig.key_file, Access::Exclusive).await), StoreError::Migration(_)));
}

both!(a_database_of_a_newer_version_is_refused_in_words);
async fn a_database_of_a_newer_version_is_refused_in_words(rig: &Rig) {
    rig.store.close().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9000, 'later', TRUE, ";
    if rig.is_sqlite() {
        let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{newer} x'00', 0)"))).execute(&mut other).await.unwrap();
    } else {
        let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{newer} '\\x00', 0)"))).execute(&mut other).await.unwrap();
    }
    let error = refusal(rig.open(&rig.key_file, Access::Exclusive).await).to_string();
    assert_eq!(
        error,
        "the database can't be brought up to date: a newer Tawasul used it (migration 9000 is not known to this one); start that version again, \
         or restore a backup from before it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_another_kind_of_database_is_refused() {
    let rig = Rig::sqlite().await;
    let (world, settings) = (world(&rig.clock), Settings { url: "mysql://x".into(), blobs: rig.blobs().display().to_string() });
    let error = refusal(Store::open(&settings, Vault::generate(world.clone()), world, Access::Exclusive).await);
    assert_eq!(error.to_string(), "storage.url must begin with sqlite:// or postgres://");
}
