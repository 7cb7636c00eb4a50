//! What a thief of the database finds: nothing that says who somebody is.

use crate::rig::{Rig, key};
use bytes::Bytes;
use std::path::Path;
use tawasul::{
    domain::{Address, AttachmentId, Bilingual, ChannelKind, InboxId, Role},
    store::{
        files::Attachment,
        inbox::NewInbox,
        people::{Account, Origin},
    },
};

/// Every byte of every file below the folder, one after the other.
fn bytes_below(folder: &Path) -> Vec<u8> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { bytes_below(&path) } else { std::fs::read(&path).unwrap() }).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Says each of the peculiar words everywhere a personal value belongs, and one plain text that may be read.
async fn told(rig: &Rig) {
    let now = rig.now();
    let (mail, name) = (Address::mail("quetzalcoatl@example.sa").unwrap(), Bilingual::new("زمخشري", "Zamakhshari"));
    let owner = save!(rig, tx => tx.save_person(Account { key: &key("sara"), role: Role::Officer, name: &name, email: Some(&mail), site: None, origin: Origin::File }, now).await);
    let sender = rig.sender("زمخشري Zamakhshari", "quetzalcoatl2@example.sa").await;
    let phone = Address::phone("+966551987654", "966").unwrap();
    let mut draft = rig.drafted(owner, &sender).await;
    draft.fields = [("national_id".to_owned(), "1087654321".to_owned())].into();
    draft.conversation = Some("telegram:1087654321".into());
    let plain = rig.saved(draft).await;
    rig.said(&plain, "visible words", Some("زمخشري Zamakhshari")).await;
    let mut draft = rig.drafted(owner, &sender).await;
    (draft.confidential, draft.subject) = (true, Some("confidentissimum".into()));
    let secret = rig.saved(draft).await;
    rig.said(&secret, "confidentissimum", Some("زمخشري Zamakhshari")).await;
    let blob = rig.store.keep_blob(Bytes::from_static(b"passport of Zamakhshari")).await.unwrap();
    let message = rig.said(&plain, "visible words", None).await;
    let attachment = Attachment {
        id: AttachmentId::new(rig.store.world()),
        message: message.id,
        blob: Some(blob.id),
        name: "Zamakhshari.pdf".into(),
        content_type: "application/pdf".into(),
        size: 9,
        inline: false,
        missing: None,
    };
    let raw = NewInbox {
        id: InboxId::new(rig.store.world()),
        channel: ChannelKind::Email,
        account: "main".into(),
        content_type: "message/rfc822".into(),
        keys: vec!["Zamakhshari".into()],
        received_at: now,
    };
    let mut notice = rig.notice(Some(plain.id), "quetzalcoatl2@example.sa");
    notice.content.text = "Dear Zamakhshari".into();
    save!(rig, tx => {
        tx.insert_address(sender.contact, &phone, 1, now).await?;
        tx.insert_attachment(&attachment, 0).await?;
        tx.insert_inbox(&raw, b"From: Zamakhshari <quetzalcoatl2@example.sa>").await?;
        tx.insert_session("sessiontokensecret", owner, now, now).await?;
        tx.insert_api_token(owner.0, "crm", "apitokensecret", "read", now).await?;
        tx.set_invitation(owner, "invitationsecret", now).await?;
        tx.insert_notice(&notice).await
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_personal_value_lies_plain_in_the_files() {
    let rig = Rig::sqlite().await;
    told(&rig).await;
    let open = bytes_below(rig.folder.path());
    drop(rig.read().await);
    rig.store.close().await;
    let closed = bytes_below(rig.folder.path());
    for bytes in [open, closed] {
        assert!(holds(&bytes, "visible words"), "the text of what is not confidential may be read, so this test looks where it should");
        let lower: Vec<u8> = bytes.iter().map(u8::to_ascii_lowercase).collect();
        for personal in [
            "zamakhshari",
            "زمخشري",
            "quetzalcoatl",
            "551987654",
            "1087654321",
            "confidentissimum",
            "passport",
            "sessiontokensecret",
            "apitokensecret",
            "invitationsecret",
        ] {
            assert!(!holds(&lower, personal), "{personal}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_owner_reads_the_database() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::sqlite().await;
    rig.officer("sara").await;
    for file in ["tawasul.db", "tawasul.db-wal", "tawasul.db-shm"] {
        let mode = std::fs::metadata(rig.folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_personal_value_lies_plain_in_a_dump_of_postgresql() {
    let Some(rig) = Rig::postgresql().await else { return };
    told(&rig).await;
    let mut conn = <sqlx::PgConnection as sqlx::Connection>::connect(&rig.url).await.unwrap();
    let (dump,): (String,) =
        sqlx::query_as("SELECT CAST(schema_to_xml('public', TRUE, FALSE, '') AS TEXT)").fetch_one(&mut conn).await.unwrap();
    assert!(dump.contains("visible words"));
    let lower = dump.to_lowercase();
    for personal in ["zamakhshari", "زمخشري", "quetzalcoatl", "551987654", "1087654321", "confidentissimum", "sessiontokensecret"] {
        assert!(!lower.contains(personal), "{personal}");
    }
}
