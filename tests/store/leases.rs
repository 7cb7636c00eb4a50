//! Leases, bookmarks, and receivers that are gone.

use crate::rig::Rig;
use std::time::Duration;
use tawasul::domain::{At, ChannelKind};

async fn take(rig: &Rig, holder: &'static str, now: At) -> bool {
    save!(rig, tx => tx.take_lease("poll", holder, now, now.plus(Duration::from_secs(30))).await)
}

both!(a_lease_has_one_holder_until_it_ends_or_is_given_back);
async fn a_lease_has_one_holder_until_it_ends_or_is_given_back(rig: &Rig) {
    let now = rig.now();
    assert!(take(rig, "a", now).await);
    assert!(!take(rig, "b", now).await);
    assert!(take(rig, "a", now.plus(Duration::from_secs(20))).await, "it can be renewed");
    assert!(!take(rig, "b", now.plus(Duration::from_secs(40))).await);
    assert!(take(rig, "b", now.plus(Duration::from_secs(50))).await, "it had ended");
    save!(rig, tx => tx.release_lease("poll", "a").await);
    assert!(!take(rig, "a", now).await, "only the holder gives it back");
    save!(rig, tx => tx.release_lease("poll", "b").await);
    assert!(take(rig, "a", now).await);
}

both!(of_many_who_want_a_lease_at_once_one_gets_it);
async fn of_many_who_want_a_lease_at_once_one_gets_it(rig: &Rig) {
    let now = rig.now();
    let taken = (0..12).map(|n| async move {
        let holder = format!("holder {n}");
        save!(rig, tx => tx.take_lease("poll", &holder, now, now.plus(Duration::from_secs(30))).await)
    });
    let taken = futures_util::future::join_all(taken).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
}

both!(a_bookmark_is_kept_for_each_account);
async fn a_bookmark_is_kept_for_each_account(rig: &Rig) {
    let now = rig.now();
    save!(rig, tx => {
        tx.set_bookmark(ChannelKind::Email, "main", "1:7", now).await?;
        tx.set_bookmark(ChannelKind::Email, "main", "1:8", now).await?;
        tx.set_bookmark(ChannelKind::Email, "other", "2:1", now).await
    });
    let mut read = rig.read().await;
    assert_eq!(read.bookmark(ChannelKind::Email, "main").await.unwrap().as_deref(), Some("1:8"));
    assert_eq!(read.bookmark(ChannelKind::Email, "other").await.unwrap().as_deref(), Some("2:1"));
    assert_eq!(read.bookmark(ChannelKind::Telegram, "main").await.unwrap(), None);
}

both!(a_receiver_that_is_gone_stays_off_until_somebody_turns_it_on);
async fn a_receiver_that_is_gone_stays_off_until_somebody_turns_it_on(rig: &Rig) {
    let now = rig.now();
    save!(rig, tx => {
        tx.disable_target("https://b.example", now).await?;
        tx.disable_target("https://a.example", now).await?;
        tx.disable_target("https://a.example", now).await
    });
    assert_eq!(rig.read().await.disabled_targets().await.unwrap(), ["https://a.example", "https://b.example"]);
    assert_eq!(save!(rig, tx => tx.enable_target("https://a.example").await), 1);
    assert_eq!(save!(rig, tx => tx.enable_target("https://a.example").await), 0);
    assert_eq!(rig.read().await.disabled_targets().await.unwrap(), ["https://b.example"]);
}
