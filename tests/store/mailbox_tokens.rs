//! The tokens of mailboxes: replaced by a sign-in, renewed in one step, and never put in the place of newer ones.

use crate::rig::Rig;
use secrecy::ExposeSecret;
use std::time::Duration;
use tawasul::{
    domain::At,
    store::mailbox_tokens::{MailboxToken, TokenPair},
};

pub fn pair(access: &str, refresh: &str, now: At) -> TokenPair {
    TokenPair {
        access: access.to_owned().into(),
        access_expires_at: now.plus(Duration::from_secs(3600)),
        refresh: refresh.to_owned().into(),
        refresh_expires_at: None,
    }
}

pub fn secrets(token: &MailboxToken) -> (&str, &str) {
    (token.tokens.access.expose_secret(), token.tokens.refresh.expose_secret())
}

async fn stored(rig: &Rig) -> MailboxToken {
    rig.read().await.mailbox_token("care").await.unwrap().expect("tokens")
}

both!(a_refresh_replaces_only_what_it_follows_from);
async fn a_refresh_replaces_only_what_it_follows_from(rig: &Rig) {
    let now = rig.now();
    assert!(rig.read().await.mailbox_token("care").await.unwrap().is_none());
    assert!(!save!(rig, tx => tx.refresh_mailbox_token("care", 1, &pair("a", "r", now), now).await));
    save!(rig, tx => tx.replace_mailbox_token("care", &pair("a1", "r1", now), now).await);
    let first = stored(rig).await;
    assert_eq!((first.generation, secrets(&first), first.refused), (1, ("a1", "r1"), false));
    let later = now.plus(Duration::from_secs(9));
    assert!(save!(rig, tx => tx.refresh_mailbox_token("care", 1, &pair("a2", "r2", later), later).await));
    assert!(!save!(rig, tx => tx.refresh_mailbox_token("care", 1, &pair("a3", "r3", later), later).await), "a second one is too late");
    let second = stored(rig).await;
    assert_eq!((second.generation, secrets(&second)), (2, ("a2", "r2")));
    assert_eq!((second.obtained_at, second.refreshed_at), (now, later));
    assert!(rig.read().await.mailbox_token("other").await.unwrap().is_none());
    assert!(!format!("{second:?}").contains("r2"), "{second:?}");
}

both!(a_sign_in_replaces_everything_and_clears_the_trouble);
async fn a_sign_in_replaces_everything_and_clears_the_trouble(rig: &Rig) {
    let now = rig.now();
    let later = now.plus(Duration::from_secs(60));
    save!(rig, tx => tx.replace_mailbox_token("care", &pair("a1", "r1", now), now).await);
    save!(rig, tx => tx.mailbox_token_failed("care", 1, "no answer", false, now).await);
    save!(rig, tx => tx.mailbox_token_failed("care", 1, "refused", true, later).await);
    save!(rig, tx => tx.mailbox_token_failed("care", 7, "of another time", false, later).await);
    let failed = stored(rig).await;
    assert_eq!((failed.refused, failed.trouble), (true, Some(("refused".to_owned(), now))), "since the first failure");
    save!(rig, tx => tx.replace_mailbox_token("care", &pair("b1", "s1", later), later).await);
    let anew = stored(rig).await;
    assert_eq!((anew.generation, secrets(&anew), anew.refused, anew.trouble.clone()), (2, ("b1", "s1"), false, None));
    assert!(!save!(rig, tx => tx.refresh_mailbox_token("care", 1, &pair("a2", "r2", later), later).await));
}
