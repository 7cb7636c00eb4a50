//! Attachments, uploads, and the contents of files.

use crate::rig::Rig;
use bytes::Bytes;
use std::path::{Path, PathBuf};
use tawasul::{
    domain::{AttachmentId, BlobId, Direction},
    store::{
        StoreError,
        files::{Attachment, Upload},
    },
};

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
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
    assert_eq!(files_below(&rig.blobs()).len(), 1);
    let empty = rig.store.keep_blob(Bytes::new()).await.unwrap();
    assert_eq!(rig.store.blob_bytes(empty.id).await.unwrap(), Bytes::new());
}

both!(a_content_lies_sealed_and_an_altered_file_is_refused);
async fn a_content_lies_sealed_and_an_altered_file_is_refused(rig: &Rig) {
    let kept = rig.store.keep_blob(Bytes::from_static(b"PASSPORT OF FATIMAH")).await.unwrap();
    let file = files_below(&rig.blobs()).remove(0);
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
    std::fs::remove_file(files_below(&rig.blobs()).remove(0)).unwrap();
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

both!(an_upload_is_found_by_its_token_until_it_is_swept);
async fn an_upload_is_found_by_its_token_until_it_is_swept(rig: &Rig) {
    let blob = rig.store.keep_blob(Bytes::from_static(b"x")).await.unwrap();
    let (old, now) =
        (Upload { blob: blob.id, name: "هوية.pdf".into(), content_type: "application/pdf".into(), size: blob.size }, rig.now());
    let new = old.clone();
    save!(rig, tx => tx.insert_upload("old", &old, now).await);
    let later = rig.pass(10);
    save!(rig, tx => tx.insert_upload("new", &new, later).await);
    let found = rig.read().await.upload("old").await.unwrap().unwrap();
    assert_eq!((found.blob, found.name.as_str(), found.content_type.as_str()), (blob.id, "هوية.pdf", "application/pdf"));
    assert_eq!(save!(rig, tx => tx.sweep_uploads(later).await), 1);
    let mut read = rig.read().await;
    assert!(read.upload("old").await.unwrap().is_none());
    assert!(read.upload("new").await.unwrap().is_some());
    assert!(read.upload("").await.unwrap().is_none());
}
