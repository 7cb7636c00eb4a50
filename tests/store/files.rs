//! Attachments, uploads, and the contents of files.

use crate::rig::{Rig, world};
use bytes::Bytes;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tawasul::{
    domain::{AttachmentId, BlobId, ChannelKind, Direction, InboxId},
    store::{
        Access, Store, StoreError,
        blobs::Blob,
        files::{Attachment, Upload},
        inbox::NewInbox,
        settings::Settings,
        sweep::Swept,
    },
    vault::Vault,
};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The files of contents; the one that says whose folder it is is none.
fn contents(rig: &Rig) -> Vec<PathBuf> {
    files_below(&rig.blobs()).into_iter().filter(|path| path.file_name().is_some_and(|name| name != "database")).collect()
}

fn content_file(rig: &Rig) -> PathBuf {
    contents(rig).remove(0)
}

fn attachment(rig: &Rig, message: tawasul::domain::MessageId, name: &str, blob: Option<BlobId>) -> Attachment {
    Attachment {
        id: AttachmentId::new(rig.store.world()),
        message,
        blob,
        name: name.to_owned(),
        content_type: "image/png".into(),
        size: 17,
        inline: blob.is_some(),
        missing: blob.is_none().then(|| "attachment-too-large".to_owned()),
    }
}

both!(a_content_is_stored_once_and_comes_back);
async fn a_content_is_stored_once_and_comes_back(rig: &Rig) {
    let content = Bytes::from_static(b"the very same content, a passport");
    let kept = futures_util::future::join_all((0..8).map(|_| rig.store.keep_blob(content.clone()))).await;
    let kept: Vec<_> = kept.into_iter().map(Result::unwrap).collect();
    assert!(kept.iter().all(|blob| *blob == kept[0]), "{kept:?}");
    assert_eq!(kept[0].size, content.len() as u64);
    assert_eq!(rig.store.blob_bytes(kept[0].id).await.unwrap(), content);
    assert_eq!(contents(rig).len(), 1);
    let empty = rig.store.keep_blob(Bytes::new()).await.unwrap();
    assert_eq!(rig.store.blob_bytes(empty.id).await.unwrap(), Bytes::new());
}

both!(a_content_lies_sealed_and_an_altered_file_is_refused);
async fn a_content_lies_sealed_and_an_altered_file_is_refused(rig: &Rig) {
    let kept = rig.store.keep_blob(Bytes::from_static(b"PASSPORT OF FATIMAH")).await.unwrap();
    let file = content_file(rig);
    let mut bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(8).any(|w| w == b"PASSPORT"));
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert!(matches!(rig.store.blob_bytes(kept.id).await, Err(StoreError::Vault(_))));
    std::fs::remove_file(&file).unwrap();
    assert!(matches!(rig.store.blob_bytes(kept.id).await, Err(StoreError::Blob(_))));
}

both!(a_content_whose_file_was_lost_is_stored_again_when_it_comes_again);
async fn a_content_whose_file_was_lost_is_stored_again_when_it_comes_again(rig: &Rig) {
    let content = Bytes::from_static(b"came, was lost, came again");
    let kept = rig.store.keep_blob(content.clone()).await.unwrap();
    std::fs::remove_file(content_file(rig)).unwrap();
    assert_eq!(rig.store.keep_blob(content.clone()).await.unwrap(), kept);
    assert_eq!(rig.store.blob_bytes(kept.id).await.unwrap(), content);
}

both!(attachments_come_in_the_order_of_messages_and_places);
async fn attachments_come_in_the_order_of_messages_and_places(rig: &Rig) {
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let blob = rig.store.keep_blob(Bytes::from_static(b"x")).await.unwrap();
    let first = rig.said(&ticket, "1", None).await;
    let mut note = rig.message(&ticket, "2");
    note.direction = Direction::Note;
    let second = note.id;
    save!(rig, tx => tx.insert_message(&note, false, None, None).await);
    let (late, one, two) = (
        attachment(rig, second, "تقرير.png", None),
        attachment(rig, first.id, "1.png", Some(blob.id)),
        attachment(rig, first.id, "2.png", None),
    );
    let (late_id, one_id) = (late.id, one.id);
    save!(rig, tx => {
        tx.insert_attachment(&late, 0).await?;
        tx.insert_attachment(&two, 1).await?;
        tx.insert_attachment(&one, 0).await
    });
    let mut read = rig.read().await;
    let listed = read.attachments(ticket.id).await.unwrap();
    assert_eq!(listed.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["1.png", "2.png", "تقرير.png"]);
    assert_eq!((listed[0].blob, listed[0].size, listed[0].inline, listed[0].missing.as_deref()), (Some(blob.id), 17, true, None));
    assert_eq!((listed[1].blob, listed[1].inline, listed[1].missing.as_deref()), (None, false, Some("attachment-too-large")));
    let (found, of, note) = read.attachment(one_id).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.content_type.as_str(), of, note), ("1.png", "image/png", ticket.id, false));
    assert!(read.attachment(late_id).await.unwrap().unwrap().2, "it lies on a note");
    assert!(read.attachment(AttachmentId::new(rig.store.world())).await.unwrap().is_none());
}

both!(an_upload_is_found_by_its_token_until_it_is_old_and_swept);
async fn an_upload_is_found_by_its_token_until_it_is_old_and_swept(rig: &Rig) {
    let blob = rig.store.keep_blob(Bytes::from_static(b"x")).await.unwrap();
    let (old, now) = (upload(blob), rig.now());
    let new = old.clone();
    save!(rig, tx => tx.insert_upload("old", &old, now).await);
    let later = rig.pass(10);
    save!(rig, tx => tx.insert_upload("new", &new, later).await);
    let mut read = rig.read().await;
    let found = read.upload("old", now).await.unwrap().unwrap();
    assert_eq!((found.blob, found.name.as_str(), found.content_type.as_str()), (blob.id, "هوية.pdf", "application/pdf"));
    assert!(read.upload("old", later).await.unwrap().is_none(), "too old, though still there");
    assert_eq!(save!(rig, tx => tx.sweep_uploads(later).await), 1);
    assert!(read.upload("old", now).await.unwrap().is_none());
    assert!(read.upload("new", now).await.unwrap().is_some());
    assert!(read.upload("", now).await.unwrap().is_none());
}

const DAY: u64 = 86_400;

fn upload(blob: Blob) -> Upload {
    Upload { blob: blob.id, name: "هوية.pdf".into(), content_type: "application/pdf".into(), size: blob.size }
}

async fn kept(rig: &Rig, content: &'static str) -> Blob {
    rig.store.keep_blob(Bytes::from_static(content.as_bytes())).await.unwrap()
}

/// Sets every file back to the rig's own time, in which it was written.
fn date_files(rig: &Rig) {
    let written = std::time::UNIX_EPOCH + Duration::from_micros(rig.now().micros().unsigned_abs());
    for file in files_below(&rig.blobs()) {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(written).unwrap();
    }
}

async fn sweep(rig: &Rig) -> Swept {
    let now = rig.now();
    rig.store.sweep(now.minus(Duration::from_secs(DAY)), now.minus(Duration::from_secs(2 * DAY))).await.unwrap()
}

both!(what_nothing_refers_to_is_swept_from_table_and_folder_and_all_else_stays);
async fn what_nothing_refers_to_is_swept_from_table_and_folder_and_all_else_stays(rig: &Rig) {
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let message = rig.said(&ticket, "1", None).await;
    let (attached, given_up, forgotten) = (kept(rig, "attached").await, kept(rig, "given up").await, kept(rig, "forgotten").await);
    let (needed, again) = (kept(rig, "needed").await, kept(rig, "asked for again").await);
    let (file, held) = (attachment(rig, message.id, "1.png", Some(attached.id)), upload(given_up));
    let raw = NewInbox {
        id: InboxId::new(rig.store.world()),
        channel: ChannelKind::Portal,
        account: "web".into(),
        content_type: "application/json".into(),
        keys: vec!["nonce:1".into()],
        received_at: rig.now(),
    };
    let begun = rig.now();
    save!(rig, tx => {
        tx.insert_attachment(&file, 0).await?;
        tx.insert_upload("held", &held, begun).await?;
        tx.insert_inbox(&raw, b"{}").await?;
        tx.inbox_quarantined(raw.id, "for the test", &[needed.id]).await
    });
    date_files(rig);

    rig.pass(2 * DAY);
    let (fresh, waiting) = (kept(rig, "fresh").await, kept(rig, "waiting").await);
    let (held, now) = (upload(waiting), rig.now());
    save!(rig, tx => tx.insert_upload("waiting", &held, now).await);
    assert_eq!(kept(rig, "asked for again").await, again);
    assert_eq!(sweep(rig).await, Swept { uploads: 1, contents: 0, files: 0 }, "two days are not more than two days");

    rig.pass(60);
    assert_eq!(sweep(rig).await, Swept { uploads: 0, contents: 2, files: 0 });
    assert_eq!(contents(rig).len(), 5);
    for (content, blob) in [("attached", attached), ("needed", needed), ("asked for again", again), ("fresh", fresh), ("waiting", waiting)]
    {
        assert_eq!(rig.store.blob_bytes(blob.id).await.unwrap(), Bytes::from_static(content.as_bytes()));
    }
    for gone in [given_up, forgotten] {
        assert!(rig.store.blob_bytes(gone.id).await.is_err());
    }
    let back = kept(rig, "forgotten").await;
    assert_ne!(back.id, forgotten.id, "it comes again as a new one");
    assert_eq!(rig.store.blob_bytes(back.id).await.unwrap(), Bytes::from_static(b"forgotten"));
    assert_eq!(sweep(rig).await, Swept::default());
}

both!(a_sweep_that_broke_off_between_row_and_file_is_ended_by_the_next);
async fn a_sweep_that_broke_off_between_row_and_file_is_ended_by_the_next(rig: &Rig) {
    let (lost, used) = (kept(rig, "lost").await, kept(rig, "in use").await);
    date_files(rig);
    rig.pass(3 * DAY);
    let (held, unused) = (upload(used), rig.now());
    save!(rig, tx => tx.insert_upload("used", &held, unused).await);
    let forgotten = save!(rig, tx => tx.forget_blobs(&[lost.id, used.id], unused).await);
    assert_eq!(forgotten, [lost.id], "what is referred to by now stays");
    assert_eq!(contents(rig).len(), 2, "the process ended before it removed the file");
    assert_eq!(sweep(rig).await, Swept { uploads: 0, contents: 0, files: 1 });
    assert_eq!(rig.store.blob_bytes(used.id).await.unwrap(), Bytes::from_static(b"in use"));
}

both!(a_file_whose_row_never_came_is_swept_when_it_is_old_and_never_before);
async fn a_file_whose_row_never_came_is_swept_when_it_is_old_and_never_before(rig: &Rig) {
    let name = uuid::Uuid::from_u128(0xab).simple().to_string();
    let folder = rig.blobs().join(&name[30..]);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(&name), b"written, and then the power went").unwrap();
    std::fs::write(rig.blobs().join("README"), b"of somebody else").unwrap();
    date_files(rig);
    rig.pass(2 * DAY);
    assert_eq!(sweep(rig).await, Swept::default());
    rig.pass(1);
    assert_eq!(sweep(rig).await, Swept { uploads: 0, contents: 0, files: 1 });
    assert!(rig.blobs().join("README").exists() && !folder.join(&name).exists());
}

both!(who_asks_for_a_content_while_it_is_swept_gets_one_that_is_there);
async fn who_asks_for_a_content_while_it_is_swept_gets_one_that_is_there(rig: &Rig) {
    for _ in 0..20 {
        kept(rig, "swept and asked for").await;
        rig.pass(3 * DAY);
        let (blob, _) = tokio::join!(kept(rig, "swept and asked for"), sweep(rig));
        let (held, now) = (upload(blob), rig.now());
        save!(rig, tx => tx.insert_upload("held", &held, now).await);
        assert_eq!(rig.store.blob_bytes(blob.id).await.unwrap(), Bytes::from_static(b"swept and asked for"));
        let later = rig.pass(1);
        save!(rig, tx => tx.sweep_uploads(later).await);
    }
}

both!(a_folder_belongs_to_one_database);
async fn a_folder_belongs_to_one_database(rig: &Rig) {
    let other = Rig::sqlite().await;
    let settings = Settings { url: other.url.clone().into(), blobs: rig.blobs().display().to_string() };
    other.store.close().await;
    let vault = Vault::parse(&other.key_file, world(&other.clock)).unwrap();
    let refused = Store::open(&settings, vault, world(&other.clock), Access::Exclusive).await;
    let error = refused.err().expect("its sweep would remove the files of the first").to_string();
    assert!(error.starts_with("the folder ") && error.contains("holds the attachments of another database"), "{error}");
    rig.reopened(&rig.key_file).await;
}
