//! A new key: everything is sealed with it, everything is found under it, and nothing of the old one is left.

use crate::rig::{Rig, key, sandbox, world};
use bytes::Bytes;
use sqlx::Row;
use tawasul::{
    domain::{Address, AttachmentId, Bilingual, ChannelKind, InboxId, Role},
    store::{
        Access, StoreError,
        desk::{Filter, Scope},
        files::{Attachment, Upload},
        inbox::NewInbox,
        people::{Account, Origin},
    },
    vault::Vault,
};

/// Something in every sealed column of the schema. Answers the id of the stored content.
async fn filled(rig: &Rig) -> tawasul::domain::BlobId {
    let (now, mail) = (rig.now(), Address::mail("sara@example.sa").unwrap());
    let owner = save!(rig, tx => tx.save_person(Account { key: &key("sara"), role: Role::Officer, name: &Bilingual::new("سارة", ""), email: Some(&mail), site: None, origin: Origin::File }, now).await);
    let sender = rig.sender("فاطمة الزهراني", "f@example.sa").await;
    let mut plain = rig.drafted(owner, &sender).await;
    (plain.subject, plain.conversation) = (Some("كهرباء".into()), Some("telegram:7".into()));
    plain.fields = [("wish".to_owned(), "x".to_owned())].into();
    let plain = rig.saved(plain).await;
    let mut secret = rig.drafted(owner, &sender).await;
    (secret.confidential, secret.subject) = (true, Some("سري".into()));
    let secret = rig.saved(secret).await;
    rig.said(&plain, "انقطاع", Some("فاطمة الزهراني")).await;
    let mut message = rig.message(&secret, "سر");
    message.fresh = Some("جديد".into());
    let blob = rig.store.keep_blob(Bytes::from_static(b"content")).await.unwrap();
    let attachment = Attachment {
        id: AttachmentId::new(rig.store.world()),
        message: message.id,
        blob: Some(blob.id),
        name: "هوية.pdf".into(),
        content_type: "application/pdf".into(),
        size: 7,
        inline: false,
        missing: None,
    };
    let upload = Upload { blob: blob.id, name: "صك.pdf".into(), content_type: "application/pdf".into(), size: blob.size };
    let mut raws: Vec<NewInbox> = Vec::new();
    for number in 0..3 {
        raws.push(NewInbox {
            id: InboxId::new(rig.store.world()),
            channel: ChannelKind::Email,
            account: "main".into(),
            content_type: "message/rfc822".into(),
            keys: (0..250).map(|key| format!("{number} {key}")).collect(),
            received_at: now,
        });
    }
    let notice = rig.notice(Some(plain.id), "f@example.sa");
    save!(rig, tx => {
        tx.insert_message(&message, true, None, None).await?;
        tx.insert_attachment(&attachment, 0).await?;
        tx.insert_upload("token", &upload, now).await?;
        for raw in &raws {
            tx.insert_inbox(raw, b"raw").await?;
        }
        tx.insert_notice(&notice).await?;
        tx.replace_mailbox_token("care", &crate::mailbox_tokens::pair("access 1", "refresh 1", now), now).await?;
        tx.insert_address(sender.contact, &sandbox("second"), 1, now).await.map(drop)
    });
    blob.id
}

/// Every `table.column` of the schema that ends in `_sealed`, with the first byte of each value: the number of its key.
async fn keys_in_use(rig: &Rig) -> Vec<(String, Vec<u8>)> {
    let mut columns: Vec<(String, String)> = if rig.is_sqlite() {
        let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
        let all = "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name LIKE '%\\_sealed' ESCAPE '\\'";
        sqlx::query_as(all).fetch_all(&mut conn).await.unwrap()
    } else {
        let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
        let all = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE '%\\_sealed'";
        sqlx::query_as(all).fetch_all(&mut conn).await.unwrap()
    };
    columns.sort();
    let mut found = Vec::new();
    for (table, column) in columns {
        let select = sqlx::AssertSqlSafe(format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"));
        let values: Vec<Vec<u8>> = if rig.is_sqlite() {
            let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
            sqlx::query(select).fetch_all(&mut conn).await.unwrap().iter().map(|row| row.get(0)).collect()
        } else {
            let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
            sqlx::query(select).fetch_all(&mut conn).await.unwrap().iter().map(|row| row.get(0)).collect()
        };
        found.push((format!("{table}.{column}"), values.iter().map(|value| value[0]).collect()));
    }
    found
}

both!(after_a_rotation_every_sealed_column_has_the_new_key_and_everything_is_found);
async fn after_a_rotation_every_sealed_column_has_the_new_key_and_everything_is_found(rig: &Rig) {
    let blob = filled(rig).await;
    for (column, keys) in keys_in_use(rig).await {
        assert!(!keys.is_empty(), "{column}: put a value of it into `filled`, and the column into store::rotation::SEALED");
        assert!(keys.iter().all(|key| *key == 1), "{column}");
    }
    let vault = Vault::parse(&rig.key_file, world(&rig.clock)).unwrap().with_new_key().unwrap();
    let key_file = vault.key_file().to_string();
    rig.store.close().await;
    let alone = rig.open(&rig.key_file, Access::Alone).await.unwrap();
    assert!(alone.rotate(vault).await.unwrap().values > 750);
    assert!(alone.read().await.is_err(), "the store is closed");
    for (column, keys) in keys_in_use(rig).await {
        assert!(keys.iter().all(|key| *key == 2), "{column} is not sealed again: put it into store::rotation::SEALED");
    }

    // The old key is not needed any more.
    let only_new: String = key_file.lines().filter(|line| !line.starts_with("1 ")).collect::<Vec<_>>().join("\n");
    let store = rig.reopened(&only_new).await;
    assert_eq!(store.vault().primary(), 2);
    let mut read = store.read().await.unwrap();
    let sender = read.find_address(&Address::mail("f@example.sa").unwrap()).await.unwrap().unwrap();
    assert!(read.find_address(&sandbox("second")).await.unwrap().is_some());
    assert_eq!(read.contact(sender.contact).await.unwrap().name.as_deref(), Some("فاطمة الزهراني"));
    let person = read.person_by_email(&Address::mail("sara@example.sa").unwrap()).await.unwrap().unwrap();
    assert_eq!(person.name.ar, "سارة");
    let ticket = read.conversation_ticket("telegram:7").await.unwrap().unwrap();
    assert_eq!((ticket.subject.as_deref(), ticket.fields.len()), (Some("كهرباء"), 1));
    let all = Scope { all: true, ..Scope::default() };
    for (words, count) in [("الكهرباء", 1), ("انقطاع", 1), ("فاطمة", 1), ("سر", 0)] {
        let filter = Filter { words: Some(words.into()), ..Filter::default() };
        assert_eq!(read.list_tickets(&all, &filter, 9).await.unwrap().len(), count, "{words}");
    }
    let secret = read.list_tickets(&all, &Filter::default(), 9).await.unwrap().into_iter().find(|t| t.confidential).unwrap();
    let messages = read.messages(secret.id).await.unwrap();
    assert_eq!((messages[0].body.as_str(), messages[0].fresh.as_deref()), ("سر", Some("جديد")));
    assert_eq!(read.attachments(secret.id).await.unwrap()[0].name, "هوية.pdf");
    assert_eq!(read.upload("token", tawasul::domain::At(0)).await.unwrap().unwrap().name, "صك.pdf");
    assert_eq!(crate::mailbox_tokens::secrets(&read.mailbox_token("care").await.unwrap().unwrap()), ("access 1", "refresh 1"));
    for number in ["0 0", "1 249", "2 7"] {
        assert!(read.seen(ChannelKind::Email, &[number.into()]).await.unwrap().is_some(), "{number}");
    }
    let notices = read.ticket_notices(ticket.id).await.unwrap();
    assert_eq!((notices[0].to.as_ref().unwrap().value(), notices[0].content.text.as_str()), ("f@example.sa", "وصلتنا رسالتك"));
    assert_eq!(read.automatic_since(notices[0].to.as_ref().unwrap(), Some("example.sa"), notices[0].created_at).await.unwrap(), (1, 0));
    drop(read);
    assert_eq!(store.blob_bytes(blob).await.unwrap(), Bytes::from_static(b"content"));
    assert_eq!(store.keep_blob(Bytes::from_static(b"content")).await.unwrap().id, blob);
}

both!(a_rotation_that_cannot_open_what_is_there_changes_nothing);
async fn a_rotation_that_cannot_open_what_is_there_changes_nothing(rig: &Rig) {
    filled(rig).await;
    let stranger = Vault::generate(world(&rig.clock)).with_new_key().unwrap();
    rig.store.close().await;
    let alone = rig.open(&rig.key_file, Access::Alone).await.unwrap();
    assert!(matches!(alone.rotate(stranger).await, Err(StoreError::Vault(_))));
    assert!(keys_in_use(rig).await.iter().all(|(_, keys)| keys.iter().all(|key| *key == 1)));
    let now = rig.now();
    let saved: Result<(), StoreError> =
        alone.write(move |tx| Box::pin(async move { tx.set_bookmark(ChannelKind::Email, "main", "1", now).await })).await;
    saved.unwrap();
    assert_eq!(alone.read().await.unwrap().people().await.unwrap().len(), 1, "the store goes on with the keys it has");
}

both!(keys_are_not_rotated_while_a_service_runs);
async fn keys_are_not_rotated_while_a_service_runs(rig: &Rig) {
    let refused = rig.open(&rig.key_file, Access::Alone).await.err().expect("a service is there").to_string();
    assert!(refused.starts_with("another Tawasul is already using ") && refused.contains("stop it first"), "{refused}");
    rig.officer("sara").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_each_of_several_replicas_holds_a_rotation_off_and_a_rotation_holds_off_all() {
    let Some(rig) = Rig::postgresql().await else { return };
    let key_file = Vault::parse(&rig.key_file, world(&rig.clock)).unwrap().with_new_key().unwrap().key_file().to_string();
    let vault = || Vault::parse(&key_file, world(&rig.clock)).unwrap();
    assert!(matches!(rig.store.rotate(vault()).await, Err(StoreError::NotAlone)));
    let replica = rig.open(&rig.key_file, Access::Exclusive).await.unwrap();
    rig.store.close().await;
    assert!(matches!(rig.open(&rig.key_file, Access::Alone).await, Err(StoreError::InUse(_))), "a replica is still there");
    replica.close().await;

    let alone = rig.open(&rig.key_file, Access::Alone).await.unwrap();
    for access in [Access::Exclusive, Access::Shared] {
        let refused = rig.open(&rig.key_file, access).await.err().expect("a rotation is under way");
        assert_eq!(refused.to_string(), "the keys of this database are being rotated; start again when that has ended");
    }
    assert!(matches!(rig.open(&rig.key_file, Access::Alone).await, Err(StoreError::InUse(_))), "one rotation at a time");
    alone.rotate(vault()).await.unwrap();
    rig.reopened(&key_file).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_lost_its_connections_during_a_rotation_writes_nothing_with_the_old_key() {
    let Some(rig) = Rig::postgresql().await else { return };
    let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tawasul' AND datname = current_database()";
    // As after a break of the network: the server has let the connections go, and another key seals by the time they come back.
    sqlx::raw_sql("UPDATE vault_state SET primary_key = 2").execute(&mut other).await.unwrap();
    sqlx::raw_sql(cut).execute(&mut other).await.unwrap();
    let now = rig.now();
    let written: Result<(), StoreError> =
        rig.store.write(move |tx| Box::pin(async move { tx.set_bookmark(ChannelKind::Email, "main", "1", now).await })).await;
    assert!(written.expect_err("the database has another key").is_outage(), "its network delivers again, to the program with the new key");
}
