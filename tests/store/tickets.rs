//! Tickets, their references and their timeline.

use crate::rig::{Rig, key};
use std::collections::BTreeSet;
use tawasul::{
    domain::{Actor, Bilingual, EventKind, Priority, Reason, Reference, Status, Ticket, TicketId, event},
    store::Access,
};

fn told(ticket: &Ticket) -> String {
    format!(
        "{:?}",
        (
            (ticket.id, ticket.reference, ticket.pin.as_str(), ticket.status, &ticket.kind, ticket.priority, ticket.language),
            (ticket.channel, &ticket.account, &ticket.site, &ticket.department, ticket.owner, ticket.contact, ticket.address),
            (ticket.confidential, &ticket.subject, &ticket.fields, &ticket.conversation, &ticket.reasons, ticket.opened_by),
            (ticket.created_at, ticket.updated_at, ticket.due_at, ticket.answered_at, ticket.resolved_at, ticket.closed_at),
        )
    )
}

async fn elaborate(rig: &Rig) -> Ticket {
    let owner = rig.officer("sara").await;
    let sender = rig.sender("فاطمة", "f@example.sa").await;
    let mut ticket = rig.drafted(owner, &sender).await;
    ticket.site = Some(key("riyadh"));
    ticket.subject = Some("شكوى".into());
    ticket.fields = [("family_members".to_owned(), "7".to_owned())].into();
    ticket.conversation = Some("telegram:77:1".into());
    ticket.reasons = vec![Reason::new("rule", Bilingual::new("قاعدة", "a rule"))];
    ticket.opened_by = Some(owner);
    ticket.answered_at = Some(rig.now());
    ticket
}

both!(a_ticket_comes_back_as_it_was_saved);
async fn a_ticket_comes_back_as_it_was_saved(rig: &Rig) {
    for confidential in [false, true] {
        let mut ticket = if confidential {
            rig.drafted(rig.officer("a").await, &rig.sender("أ", "b@example.sa").await).await
        } else {
            elaborate(rig).await
        };
        ticket.confidential = confidential;
        ticket.subject = Some("شكوى".into());
        let ticket = rig.saved(ticket).await;
        let mut read = rig.read().await;
        assert_eq!(told(&read.ticket(ticket.reference).await.unwrap().unwrap()), told(&ticket));
        assert_eq!(told(&read.find_ticket(ticket.id).await.unwrap().unwrap()), told(&ticket));
        drop(read);
        let id = ticket.id;
        assert_eq!(told(&save!(rig, tx => tx.lock_ticket(id).await).unwrap()), told(&ticket));
    }
    assert!(rig.read().await.ticket(Reference::new(2026, 99_999).unwrap()).await.unwrap().is_none());
    assert!(rig.read().await.find_ticket(TicketId::new(rig.store.world())).await.unwrap().is_none());
}

both!(what_can_change_about_a_ticket_is_changed);
async fn what_can_change_about_a_ticket_is_changed(rig: &Rig) {
    let mut ticket = rig.saved(elaborate(rig).await).await;
    let later = rig.pass(60);
    ticket.status = Status::Closed;
    ticket.kind = key("aid");
    ticket.priority = Priority::Emergency;
    ticket.site = None;
    ticket.department = key("finance");
    ticket.owner = rig.officer("omar").await;
    ticket.address = rig.sender("أ", "second@example.sa").await.id;
    ticket.reasons.push(Reason::new("main", Bilingual::default()));
    (ticket.updated_at, ticket.due_at) = (later, later);
    (ticket.answered_at, ticket.resolved_at, ticket.closed_at) = (None, Some(later), Some(later));
    let changed = ticket.clone();
    save!(rig, tx => tx.update_ticket(&changed).await);
    assert_eq!(told(&rig.read().await.ticket(ticket.reference).await.unwrap().unwrap()), told(&ticket));
}

both!(a_conversation_leads_to_its_newest_ticket);
async fn a_conversation_leads_to_its_newest_ticket(rig: &Rig) {
    let first = rig.saved(elaborate(rig).await).await;
    rig.pass(1);
    let mut second = first.clone();
    second.id = TicketId::new(rig.store.world());
    second.reference = rig.store.reserve_reference(2026).await.unwrap();
    second.created_at = rig.now();
    let second = rig.saved(second).await;
    let mut read = rig.read().await;
    assert_eq!(read.conversation_ticket("telegram:77:1").await.unwrap().map(|t| (t.id, t.contact)), Some((second.id, second.contact)));
    assert!(read.conversation_ticket("telegram:77:2").await.unwrap().is_none());
}

both!(two_tickets_never_have_one_reference);
async fn two_tickets_never_have_one_reference(rig: &Rig) {
    let ticket = rig.saved(elaborate(rig).await).await;
    let mut twin = ticket.clone();
    twin.id = TicketId::new(rig.store.world());
    let refused =
        rig.store.write::<_, tawasul::store::StoreError, _>(move |tx| Box::pin(async move { tx.insert_ticket(&twin).await })).await;
    assert!(refused.is_err());
}

both!(no_reference_comes_twice_also_after_a_restart);
async fn no_reference_comes_twice_also_after_a_restart(rig: &Rig) {
    let mut seen = BTreeSet::new();
    for _ in 0..70 {
        assert!(seen.insert(rig.store.reserve_reference(2026).await.unwrap()));
    }
    assert_eq!(seen.iter().map(|r| r.serial()).collect::<Vec<_>>(), (1..=70).collect::<Vec<_>>());
    let unused = rig.store.reserve_reference(2026).await.unwrap();
    rig.store.release_reference(2026, unused);
    assert_eq!(rig.store.reserve_reference(2026).await.unwrap(), unused);
    seen.insert(unused);
    assert_eq!(rig.store.reserve_reference(2027).await.unwrap(), Reference::new(2027, 1).unwrap());

    let again = rig.reopened(&rig.key_file).await;
    for _ in 0..70 {
        assert!(seen.insert(again.reserve_reference(2026).await.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_services_on_one_database_never_give_out_the_same_reference() {
    let Some(rig) = Rig::postgresql().await else { return };
    let other = rig.open(&rig.key_file, Access::Exclusive).await.unwrap();
    let taken = (0..100).map(|n| {
        let store = if n % 2 == 0 { rig.store.clone() } else { other.clone() };
        tokio::spawn(async move { store.reserve_reference(2026).await.unwrap() })
    });
    let taken: Vec<_> = futures_util::future::join_all(taken).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), taken.len());
}

both!(the_timeline_keeps_the_order_within_the_same_instant);
async fn the_timeline_keeps_the_order_within_the_same_instant(rig: &Rig) {
    let ticket = rig.saved(elaborate(rig).await).await;
    let (now, owner) = (rig.now(), ticket.owner);
    let kinds = [EventKind::Opened, EventKind::Routed, EventKind::Accepted, EventKind::Replied, EventKind::Closed];
    save!(rig, tx => {
        for (number, kind) in kinds.into_iter().enumerate() {
            let actor = [Actor::Sender, Actor::System, Actor::Person(owner)][number % 3];
            tx.insert_event(ticket.id, now, actor, kind, &event::data([("number", number.to_string())])).await?;
        }
        Ok(())
    });
    let events = rig.read().await.events(ticket.id).await.unwrap();
    assert_eq!(events.iter().map(|e| e.kind).collect::<Vec<_>>(), kinds);
    assert_eq!(events[2].actor, Actor::Person(owner));
    assert_eq!((events[0].actor, events[1].actor, events[0].at), (Actor::Sender, Actor::System, now));
    assert_eq!(events[4].data.get("number").map(String::as_str), Some("4"));
}
