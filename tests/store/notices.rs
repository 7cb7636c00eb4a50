//! The outbox: claimed by lease, in order, by any number of dispatchers.

use crate::rig::Rig;
use std::{collections::BTreeSet, time::Duration};
use tawasul::{
    domain::{At, ChannelKind, NoticeId, Ticket},
    store::{
        Access, Store, StoreError,
        notices::{Notice, NoticeState},
    },
};

const LEASE: Duration = Duration::from_secs(60);

async fn ticket(rig: &Rig) -> Ticket {
    rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await
}

async fn claim_on(store: &Store, holder: &str, now: At, limit: i64) -> Vec<NoticeId> {
    let holder = holder.to_owned();
    let claimed: Result<Vec<Notice>, StoreError> =
        store.write(move |tx| Box::pin(async move { tx.claim_notices(&holder, now, now.plus(LEASE), limit).await })).await;
    claimed.unwrap().into_iter().map(|notice| notice.id).collect()
}

async fn claim(rig: &Rig, holder: &str, now: At) -> Vec<NoticeId> {
    claim_on(&rig.store, holder, now, 100).await
}

async fn sent(rig: &Rig, id: NoticeId, holder: &'static str) -> bool {
    let now = rig.now();
    save!(rig, tx => tx.notice_sent(id, holder, Some("<ours@id>"), now).await)
}

async fn only(rig: &Rig, state: NoticeState) -> Notice {
    let mut listed = rig.read().await.list_notices(Some(state), 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    listed.remove(0)
}

both!(a_notice_comes_back_as_it_was_promised);
async fn a_notice_comes_back_as_it_was_promised(rig: &Rig) {
    let ticket = ticket(rig).await;
    let message = rig.said(&ticket, "x", None).await;
    let first = rig.promised(&rig.notice(Some(ticket.id), "a@example.sa")).await;
    let mut notice = rig.notice(Some(ticket.id), "a@example.sa");
    (notice.message, notice.person, notice.address) = (Some(message.id), Some(ticket.owner), Some(ticket.address));
    (notice.personal, notice.reason, notice.fallback_of) = (true, Some("bounced".into()), Some(first));
    (notice.state, notice.to, notice.channel, notice.account) = (NoticeState::Withheld, None, None, None);
    notice.content.token = Some("t".into());
    rig.promised(&notice).await;

    let back = rig.read().await.ticket_notices(ticket.id).await.unwrap();
    assert_eq!(back.iter().map(|n| n.id).collect::<Vec<_>>(), [first, notice.id]);
    let told = |n: &Notice| {
        let who = (n.id, n.ticket, n.message, n.kind.clone(), n.audience, n.person, n.address, n.to.clone());
        let how = (n.channel, n.account.clone(), n.language, n.content.subject.clone(), n.content.text.clone(), n.content.token.clone());
        let state = (
            n.personal,
            n.state,
            n.reason.clone(),
            n.attempts,
            n.next_at,
            n.external_id.clone(),
            n.fallback_of,
            n.created_at,
            n.finished_at,
        );
        format!("{:?}", (who, how, state))
    };
    assert_eq!(told(&back[1]), told(&notice));
    assert_eq!(back[0].to.as_ref().map(|to| to.value().to_owned()).as_deref(), Some("a@example.sa"));
    assert_eq!(only(rig, NoticeState::Withheld).await.reference, Some(ticket.reference));
}

both!(a_notice_is_claimed_by_one_until_the_lease_ends);
async fn a_notice_is_claimed_by_one_until_the_lease_ends(rig: &Rig) {
    let id = rig.promised(&rig.notice(None, "a@example.sa")).await;
    let now = rig.now();
    assert_eq!(claim(rig, "a", At(now.0 - 1)).await, [], "it is not due yet");
    assert_eq!(claim(rig, "a", now).await, [id]);
    assert_eq!(claim(rig, "b", now).await, []);
    assert_eq!(claim(rig, "b", now.plus(LEASE + Duration::from_secs(1))).await, [id]);
    assert!(!sent(rig, id, "a").await, "the lease had passed to another");
    assert!(sent(rig, id, "b").await);
    assert!(!sent(rig, id, "b").await, "it is sent once");
    assert_eq!(claim(rig, "b", now.plus(LEASE * 10)).await, []);
    let done = only(rig, NoticeState::Sent).await;
    assert_eq!((done.external_id.as_deref(), done.attempts, done.finished_at), (Some("<ours@id>"), 1, Some(now)));
}

both!(two_dispatchers_never_claim_the_same_notice);
async fn two_dispatchers_never_claim_the_same_notice(rig: &Rig) {
    let mut promised = BTreeSet::new();
    for number in 0..60 {
        promised.insert(rig.promised(&rig.notice(None, &format!("{number}@example.sa"))).await);
    }
    let other = if rig.is_sqlite() { rig.store.clone() } else { rig.open(&rig.key_file, Access::Exclusive).await.unwrap() };
    let now = rig.now();
    let claims = (0..20).map(|number| {
        let store = if number % 2 == 0 { rig.store.clone() } else { other.clone() };
        tokio::spawn(async move { claim_on(&store, &format!("holder {number}"), now, 4).await })
    });
    let claimed: Vec<_> = futures_util::future::join_all(claims).await.into_iter().map(Result::unwrap).collect();
    assert!(claimed.iter().all(|claim| claim.len() <= 4), "nobody takes more than asked for");
    let mut all: Vec<_> = claimed.concat();
    all.extend(claim(rig, "the rest", now).await);
    assert_eq!(all.len(), promised.len(), "each is claimed exactly once");
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), promised);
}

both!(notices_of_a_ticket_to_one_address_go_out_one_after_the_other);
async fn notices_of_a_ticket_to_one_address_go_out_one_after_the_other(rig: &Rig) {
    let ticket = ticket(rig).await;
    // All three at the same instant: the order is that of the promises.
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(rig.promised(&rig.notice(Some(ticket.id), "a@example.sa")).await);
    }
    let ids = [ids[0], ids[1], ids[2]];
    let elsewhere = rig.promised(&rig.notice(Some(ticket.id), "b@example.sa")).await;
    let now = rig.now();
    assert_eq!(claim(rig, "a", now).await, [ids[0], elsewhere]);
    assert_eq!(claim(rig, "b", now).await, [], "the second waits while the first is under way");
    save!(rig, tx => tx.notice_later(ids[0], "a", "throttled", "wait a little", now, now.plus(Duration::from_secs(30))).await);
    assert_eq!(claim(rig, "b", now).await, [], "and while it is put back");
    let later = now.plus(Duration::from_secs(30));
    assert_eq!(claim(rig, "b", later).await, [ids[0]]);
    sent(rig, ids[0], "b").await;
    assert_eq!(claim(rig, "b", later).await, [ids[1]]);
    save!(rig, tx => tx.notice_dead(ids[1], "b", "rejected", "no such user", later).await);
    assert_eq!(claim(rig, "b", later).await, [ids[2]]);
}

both!(what_was_sent_may_be_late_once_and_come_back_once);
async fn what_was_sent_may_be_late_once_and_come_back_once(rig: &Rig) {
    let id = rig.promised(&rig.notice(None, "a@example.sa")).await;
    let now = rig.now();
    let late = async || save!(rig, tx => tx.notice_delayed(id, "4.4.1", now).await);
    let back = async || save!(rig, tx => tx.notice_bounced(id, "no_such_mailbox", "5.1.1 user unknown", now).await);
    assert!(!late().await && !back().await, "nothing can come back that was not sent");
    claim(rig, "a", now).await;
    assert!(sent(rig, id, "a").await);
    let mut read = rig.read().await;
    assert!(read.notice_sent_as(ChannelKind::Email, "<other@id>").await.unwrap().is_none());
    assert!(read.notice_sent_as(ChannelKind::Sandbox, "<ours@id>").await.unwrap().is_none(), "ids are those of one network");
    assert_eq!(read.notice_sent_as(ChannelKind::Email, "<ours@id>").await.unwrap().map(|notice| notice.id), Some(id));
    drop(read);
    assert!(late().await && !late().await);
    assert_eq!(only(rig, NoticeState::Sent).await.reason.as_deref(), Some("delayed"));
    assert!(back().await && !back().await && !late().await);
    assert_eq!(only(rig, NoticeState::Dead).await.reason.as_deref(), Some("no_such_mailbox"));
    let outcomes: Vec<String> = rig.read().await.attempts(id).await.unwrap().into_iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes.iter().map(String::as_str).collect::<BTreeSet<_>>(), ["delayed", "no_such_mailbox", "sent"].into());
    assert_eq!(outcomes.len(), 3);
}

both!(every_attempt_is_kept);
async fn every_attempt_is_kept(rig: &Rig) {
    let id = rig.promised(&rig.notice(None, "a@example.sa")).await;
    let mut now = rig.now();
    for code in ["throttled", "uncertain"] {
        claim(rig, "a", now).await;
        let next = rig.pass(60);
        save!(rig, tx => tx.notice_later(id, "a", code, &"x".repeat(900), now, next).await);
        let waiting = only(rig, NoticeState::Pending).await;
        assert_eq!((waiting.reason.as_deref(), waiting.next_at), (Some(code), next));
        now = next;
    }
    claim(rig, "a", now).await;
    assert!(save!(rig, tx => tx.notice_dead(id, "a", "rejected", "a\0b", now).await));
    let attempts = rig.read().await.attempts(id).await.unwrap();
    assert_eq!(attempts.iter().map(|a| a.outcome.as_str()).collect::<Vec<_>>(), ["throttled", "uncertain", "rejected"]);
    assert_eq!(attempts[0].detail.as_ref().map(|d| d.len()), Some(500));
    assert_eq!(attempts[2].at, now);
    let dead = only(rig, NoticeState::Dead).await;
    assert_eq!((dead.attempts, dead.reason.as_deref(), dead.finished_at), (3, Some("rejected"), Some(now)));
}

both!(what_was_given_up_can_be_revived_but_not_what_is_under_way_or_has_no_address);
async fn what_was_given_up_can_be_revived_but_not_what_is_under_way_or_has_no_address(rig: &Rig) {
    let id = rig.promised(&rig.notice(None, "a@example.sa")).await;
    let now = rig.now();
    claim(rig, "a", now).await;
    assert!(!save!(rig, tx => tx.revive_notice(id, now).await), "it is under way");
    save!(rig, tx => tx.notice_dead(id, "a", "rejected", "x", now).await);
    let later = rig.pass(5);
    assert!(save!(rig, tx => tx.revive_notice(id, later).await));
    let waiting = only(rig, NoticeState::Pending).await;
    assert_eq!((waiting.attempts, waiting.next_at, waiting.finished_at), (0, later, None));
    let much_later = rig.pass(5);
    assert!(save!(rig, tx => tx.revive_notice(id, much_later).await), "a waiting one becomes due at once");
    assert_eq!(claim(rig, "a", much_later).await, [id]);
    sent(rig, id, "a").await;
    assert!(!save!(rig, tx => tx.revive_notice(id, much_later).await));

    let mut withheld = rig.notice(None, "a@example.sa");
    (withheld.state, withheld.to) = (NoticeState::Withheld, None);
    let withheld = rig.promised(&withheld).await;
    assert!(!save!(rig, tx => tx.revive_notice(withheld, much_later).await));
    assert!(!save!(rig, tx => tx.revive_notice(NoticeId(uuid::Uuid::nil()), much_later).await));
}

both!(a_claim_given_back_untried_is_no_attempt);
async fn a_claim_given_back_untried_is_no_attempt(rig: &Rig) {
    let id = rig.promised(&rig.notice(None, "a@example.sa")).await;
    let now = rig.now();
    claim(rig, "a", now).await;
    save!(rig, tx => tx.release_notice(id, "b", now).await);
    assert_eq!(claim(rig, "b", now).await, [], "only the holder gives it back");
    save!(rig, tx => tx.release_notice(id, "a", now).await);
    assert_eq!(claim(rig, "b", now).await, [id]);
    assert!(rig.read().await.attempts(id).await.unwrap().is_empty());
    assert_eq!(only(rig, NoticeState::Pending).await.attempts, 0);
}

both!(the_outbox_tells_what_waits_and_what_was_given_up);
async fn the_outbox_tells_what_waits_and_what_was_given_up(rig: &Rig) {
    let mut read = rig.read().await;
    assert_eq!(
        (read.outbox_depth().await.unwrap(), read.next_due().await.unwrap(), read.dead_count().await.unwrap()),
        ((0, None), None, 0)
    );
    drop(read);
    let oldest = rig.now();
    let first = rig.promised(&rig.notice(None, "a@example.sa")).await;
    let next = rig.pass(9);
    let second = rig.promised(&rig.notice(None, "b@example.sa")).await;
    let mut read = rig.read().await;
    assert_eq!((read.outbox_depth().await.unwrap(), read.next_due().await.unwrap()), ((2, Some(oldest)), Some(oldest)));
    let all = read.list_notices(None, 10).await.unwrap();
    assert_eq!(all.iter().map(|n| n.id).collect::<Vec<_>>(), [second, first]);
    drop(read);
    claim(rig, "a", next).await;
    save!(rig, tx => tx.notice_dead(first, "a", "rejected", "x", next).await);
    let mut read = rig.read().await;
    assert_eq!((read.outbox_depth().await.unwrap(), read.next_due().await.unwrap()), ((1, Some(next)), Some(next)));
    assert_eq!((read.dead_count().await.unwrap(), read.list_notices(None, 1).await.unwrap().len()), (1, 1));
}

both!(automatic_notices_to_an_address_are_counted);
async fn automatic_notices_to_an_address_are_counted(rig: &Rig) {
    let (early, to) = (rig.now(), rig.notice(None, "a@example.sa").to.unwrap());
    rig.promised(&rig.notice(None, "a@example.sa")).await;
    let late = rig.pass(10);
    rig.promised(&rig.notice(None, "a@example.sa")).await;
    rig.promised(&rig.notice(None, "b@example.sa")).await;
    let mut personal = rig.notice(None, "a@example.sa");
    personal.personal = true;
    rig.promised(&personal).await;
    let mut withheld = rig.notice(None, "a@example.sa");
    withheld.state = NoticeState::Withheld;
    rig.promised(&withheld).await;
    let mut read = rig.read().await;
    assert_eq!(read.automatic_since(&to, None, early).await.unwrap(), (2, 0));
    assert_eq!(read.automatic_since(&to, Some("example.sa"), early).await.unwrap(), (2, 3));
    assert_eq!(read.automatic_since(&to, Some("example.sa"), late).await.unwrap(), (1, 2));
    assert_eq!(read.automatic_since(&to, Some("example.org"), late).await.unwrap(), (1, 0));
}

both!(notices_that_are_promised_together_are_kept_in_their_order);
async fn notices_that_are_promised_together_are_kept_in_their_order(rig: &Rig) {
    let ticket = rig.ticket(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    let notices: Vec<_> = (0..40).map(|number| rig.notice(Some(ticket.id), &format!("n{number}@example.sa"))).collect();
    let ids: Vec<_> = notices.iter().map(|notice| notice.id).collect();
    save!(rig, tx => tx.insert_notices(&notices).await);
    let kept = rig.read().await.ticket_notices(ticket.id).await.unwrap();
    assert_eq!(kept.iter().map(|notice| notice.id).collect::<Vec<_>>(), ids);
    assert_eq!(kept[39].to.as_ref().unwrap().value(), "n39@example.sa");
}
