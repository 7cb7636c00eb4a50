//! Raw messages as received, and the names under which a second copy is recognised.

use crate::rig::Rig;
use std::time::Duration;
use tawasul::{
    domain::{ChannelKind, InboxId},
    store::{
        Access, StoreError,
        inbox::{Became, InboxEntry, InboxState, NewInbox},
    },
};

fn received(rig: &Rig, keys: &[&str]) -> NewInbox {
    NewInbox {
        id: InboxId::new(rig.store.world()),
        channel: ChannelKind::Email,
        account: "main".into(),
        content_type: "message/rfc822".into(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        received_at: rig.now(),
    }
}

async fn kept(rig: &Rig, keys: &[&str], raw: &[u8]) -> InboxId {
    let (new, raw) = (received(rig, keys), raw.to_vec());
    let id = new.id;
    assert!(save!(rig, tx => tx.insert_inbox(&new, &raw).await));
    id
}

async fn seen(rig: &Rig, channel: ChannelKind, keys: &[&str]) -> Option<InboxEntry> {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    rig.read().await.seen(channel, &keys).await.unwrap()
}

both!(the_raw_bytes_come_back_to_the_last_of_five_million);
async fn the_raw_bytes_come_back_to_the_last_of_five_million(rig: &Rig) {
    let noise: Vec<u8> = (0..5_000_000u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
    for (number, raw) in [noise.as_slice(), b"", b"\0", &[b'a'; 5_000_000]].into_iter().enumerate() {
        let id = kept(rig, &[&format!("uid {number}"), &format!("id {number}")], raw).await;
        let (entry, back, keys) = save!(rig, tx => tx.lock_inbox(id).await).unwrap();
        assert!(back == raw, "{} bytes came back differently", raw.len());
        assert_eq!((entry.size, keys.len()), (raw.len() as u64, 2));
    }
    assert!(save!(rig, tx => tx.lock_inbox(InboxId(uuid::Uuid::nil())).await).is_none());
}

both!(a_second_copy_is_known_by_any_of_its_keys_on_its_own_channel);
async fn a_second_copy_is_known_by_any_of_its_keys_on_its_own_channel(rig: &Rig) {
    let id = kept(rig, &["uid 7", "id <a@b> sha"], b"raw").await;
    for keys in [&["uid 7"][..], &["new", "id <a@b> sha"]] {
        assert_eq!(seen(rig, ChannelKind::Email, keys).await.map(|e| e.id), Some(id));
    }
    assert!(seen(rig, ChannelKind::Email, &["uid 8"]).await.is_none());
    assert!(seen(rig, ChannelKind::Email, &[]).await.is_none());
    assert!(seen(rig, ChannelKind::Telegram, &["uid 7"]).await.is_none());

    let copy = received(rig, &["fresh", "uid 7"]);
    let taken = rig
        .store
        .write(move |tx| Box::pin(async move { if tx.insert_inbox(&copy, b"raw").await? { Ok(()) } else { Err(StoreError::Stopped) } }))
        .await;
    assert!(taken.is_err());
    assert!(seen(rig, ChannelKind::Email, &["fresh"]).await.is_none(), "nothing of the given-up copy remains");
}

both!(a_message_that_names_a_key_twice_is_no_copy_of_itself);
async fn a_message_that_names_a_key_twice_is_no_copy_of_itself(rig: &Rig) {
    let id = kept(rig, &["same", "other", "same"], b"raw").await;
    let (_, _, keys) = save!(rig, tx => tx.lock_inbox(id).await).unwrap();
    assert_eq!(keys, ["same", "other"]);
}

both!(of_many_copies_at_once_one_is_taken_in);
async fn of_many_copies_at_once_one_is_taken_in(rig: &Rig) {
    let copies = (0..10).map(|number| {
        let mut copy = received(rig, &["a", "b", "c"]);
        copy.keys.rotate_left(number % 3);
        rig.store.write(move |tx| {
            Box::pin(async move { if tx.insert_inbox(&copy, b"raw").await? { Ok(true) } else { Err(StoreError::Stopped) } })
        })
    });
    let taken = futures_util::future::join_all(copies).await;
    assert_eq!(taken.iter().filter(|taken| matches!(taken, Ok(true))).count(), 1);
    let others = taken.iter().filter(|taken| matches!(taken, Err(StoreError::Stopped))).count();
    assert_eq!(
        others,
        9,
        "each other copy is told so, and none fails for another cause: {:?}",
        taken.iter().filter_map(|t| t.as_ref().err()).collect::<Vec<_>>()
    );
}

both!(a_raw_message_is_quarantined_until_it_is_processed);
async fn a_raw_message_is_quarantined_until_it_is_processed(rig: &Rig) {
    let first = kept(rig, &["1"], b"raw").await;
    rig.pass(1);
    let second = kept(rig, &["2"], b"raw").await;
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let message = rig.said(&ticket, "x", None).await;
    let now = rig.now();
    save!(rig, tx => {
        tx.inbox_quarantined(first, "no kind fits", &[]).await?;
        tx.inbox_processed(second, Some(Became { ticket: ticket.id, message: message.id, opened: true }), now).await
    });

    let mut read = rig.read().await;
    let waiting = read.list_inbox(Some(InboxState::Quarantined), 10).await.unwrap();
    assert_eq!(waiting.iter().map(|e| (e.id, e.trouble.as_deref())).collect::<Vec<_>>(), [(first, Some("no kind fits"))]);
    let all = read.list_inbox(None, 10).await.unwrap();
    assert_eq!(all.iter().map(|e| e.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(read.list_inbox(None, 1).await.unwrap().len(), 1);
    let done = &all[0];
    assert_eq!((done.state, done.ticket, done.reference), (InboxState::Processed, Some(ticket.id), Some(ticket.reference)));
    assert_eq!((done.message, done.opened, done.received_at), (Some(message.id), true, now));
    assert_eq!(read.quarantine_counts().await.unwrap(), [(ChannelKind::Email, 1)]);
    assert_eq!(read.last_received().await.unwrap(), [(ChannelKind::Email, now)]);
    drop(read);
    save!(rig, tx => tx.inbox_processed(first, None, now).await);
    assert!(rig.read().await.quarantine_counts().await.unwrap().is_empty());
    assert_eq!(
        seen(rig, ChannelKind::Email, &["1"]).await.map(|e| (e.state, e.ticket, e.trouble)),
        Some((InboxState::Processed, None, None))
    );
}

both!(a_raw_message_that_was_processed_at_once_is_kept_with_what_became_of_it);
async fn a_raw_message_that_was_processed_at_once_is_kept_with_what_became_of_it(rig: &Rig) {
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let message = rig.said(&ticket, "x", None).await;
    let (new, now) = (received(rig, &["1", "2"]), rig.now());
    let became = Became { ticket: ticket.id, message: message.id, opened: true };
    let (again, chatter) = (received(rig, &["2"]), received(rig, &["3"]));
    save!(rig, tx => {
        assert!(tx.insert_processed(&new, b"raw", Some(became), now).await?);
        tx.insert_processed(&chatter, b"chatter", None, now).await.map(drop)
    });
    let twice: Result<(), StoreError> = rig
        .store
        .write(move |tx| {
            Box::pin(async move { if tx.insert_processed(&again, b"raw", None, now).await? { Ok(()) } else { Err(StoreError::Stopped) } })
        })
        .await;
    assert!(matches!(twice, Err(StoreError::Stopped)), "a key that is there already is told of");
    let entry = seen(rig, ChannelKind::Email, &["2"]).await.unwrap();
    assert_eq!((entry.state, entry.ticket, entry.message, entry.opened), (InboxState::Processed, Some(ticket.id), Some(message.id), true));
    let (_, raw, keys) = rig.read().await.inbox_raw(entry.id).await.unwrap().unwrap();
    assert_eq!((raw.as_slice(), keys.len()), (&b"raw"[..], 2));
    assert_eq!(seen(rig, ChannelKind::Email, &["3"]).await.map(|e| (e.state, e.ticket)), Some((InboxState::Processed, None)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_do_not_replay_one_message_at_once() {
    let Some(rig) = Rig::postgresql().await else { return };
    let id = kept(&rig, &["1"], b"raw").await;
    let other = rig.open(&rig.key_file, Access::Exclusive).await.unwrap();
    let (locked, is_locked) = tokio::sync::oneshot::channel();
    let (finish, finished) = tokio::sync::oneshot::channel::<()>();
    let now = rig.now();
    let first = rig.store.write::<_, StoreError, _>(move |tx| {
        Box::pin(async move {
            tx.lock_inbox(id).await?;
            let _ = locked.send(());
            let _ = finished.await;
            tx.inbox_processed(id, None, now).await
        })
    });
    let second = async {
        is_locked.await.unwrap();
        let waits = other.write::<_, StoreError, _>(move |tx| Box::pin(async move { tx.lock_inbox(id).await }));
        tokio::pin!(waits);
        assert!(tokio::time::timeout(Duration::from_millis(300), &mut waits).await.is_err(), "it waits for the first");
        finish.send(()).unwrap();
        waits.await.unwrap().unwrap().0.state
    };
    let (first, state) = tokio::join!(first, second);
    first.unwrap();
    assert_eq!(state, InboxState::Processed);
}
