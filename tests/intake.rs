//! Who is believed to be whom: addresses that somebody merely named, officers' tokens in other hands, and delivery reports.

mod support;

use support::app::TestApp;
use tawasul::{
    access::Viewer,
    casework::Verb,
    channel::{
        Accepted, Automatic, ChannelKind, DedupeKey, Event, Fate, Inbound, InboundMessage, InboundSink, Raw, Receipt, Reported, Sender,
        Taken, Thread, Undelivered, portal::Form,
    },
    domain::{EventKind, Key, Reference},
    outbox::token,
    store::{
        contacts::AddressState,
        notices::{Notice, NoticeState},
    },
};

fn inbound(number: u32, from: &str, also: &[&str], text: &str) -> Inbound {
    let message = InboundMessage {
        sender: Sender { address: from.parse().unwrap(), also: also.iter().map(|a| a.parse().unwrap()).collect(), name: None, group: None },
        subject: None,
        text: text.into(),
        fresh: text.into(),
        language: None,
        attachments: Vec::new(),
        kind: None,
        fields: Default::default(),
        site: None,
        thread: Thread::default(),
        external_id: None,
        sent_at: None,
        automatic: None,
        entered_by: None,
    };
    Inbound {
        channel: ChannelKind::Sandbox,
        account: "sandbox".into(),
        keys: vec![DedupeKey(format!("test:{number}"))],
        raw: Raw { content_type: "application/json", bytes: text.to_owned().into() },
        event: Event::Message(Box::new(message)),
    }
}

async fn accept(app: &TestApp, inbound: Inbound) -> Accepted {
    match app.intake.deliver(inbound).await.unwrap() {
        Taken::Accepted(accepted) => accepted,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_names_anothers_address_as_theirs_gets_none_of_its_owners_notices() {
    let app = TestApp::start().await;
    // A stranger gives the victim's telephone number beside an address of their own.
    accept(&app, inbound(1, "sandbox:stranger", &["tel:+966551234567"], "رسالة من غريب")).await;
    let victim = accept(&app, inbound(2, "tel:+966551234567", &["sandbox:victim"], "لم تصلني السلة")).await;
    assert!(victim.opened);
    app.send_notices().await;
    let to_stranger: Vec<String> = app.sandbox.sent().into_iter().filter(|o| o.to.value() == "stranger").map(|o| o.text).collect();
    assert_eq!(to_stranger.len(), 1, "only the acknowledgement of their own ticket");
    assert!(!to_stranger[0].contains(&victim.reference.to_string()));
    let to_victim = app.sandbox.sent().into_iter().filter(|o| o.to.value() == "victim").count();
    assert_eq!(to_victim, 1, "the victim is told where they asked for it");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officers_token_in_other_hands_speaks_for_no_officer() {
    let app = TestApp::start_with(|config| {
        let officer = config.office.staff.iter_mut().find(|o| o.key.as_str() == "aid-officer").unwrap();
        officer.email = Some("aid@office.example".into());
    })
    .await;
    let ticket = accept(&app, inbound(1, "sandbox:sender", &[], "لم تصلني السلة الغذائية")).await;
    let officer = app.store.read().await.unwrap().person_by_key(&Key::parse("aid-officer").unwrap()).await.unwrap().unwrap();
    let token = token::for_officer(app.store.vault(), ticket.reference, officer.id).unwrap();
    let answer = |number, from: &str| {
        let mut inbound = inbound(number, from, &[], "أنا الموظف");
        if let Event::Message(message) = &mut inbound.event {
            message.thread.tokens = vec![token.clone()];
        }
        inbound
    };
    let stranger = accept(&app, answer(2, "mailto:stranger@example.net")).await;
    assert!(stranger.opened && stranger.reference != ticket.reference);
    let officers = accept(&app, answer(3, "mailto:aid@office.example")).await;
    assert_eq!(officers.reference, ticket.reference);
    app.send_notices().await;
    let told: Vec<String> = app.sandbox.sent().into_iter().filter(|o| o.to.value() == "sender").map(|o| o.text).collect();
    assert_eq!(told.iter().filter(|text| text.contains("أنا الموظف")).count(), 1, "{told:?}");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_for_somebody_who_left_goes_to_somebody_who_is_there() {
    let app = TestApp::start().await;
    let first = accept(&app, inbound(1, "sandbox:sender", &[], "لم تصلني السلة الغذائية")).await;
    let key = Key::parse("aid-officer").unwrap();
    let officer = app.store.read().await.unwrap().person_by_key(&key).await.unwrap().unwrap();
    let left = officer.id;
    let done: Result<(), tawasul::store::StoreError> =
        app.store.write(move |tx| Box::pin(async move { tx.set_active(left, false).await })).await;
    done.unwrap();
    let id = app.store.read().await.unwrap().ticket(first.reference).await.unwrap().unwrap().id;
    let mut again = inbound(2, "sandbox:sender", &[], "هل من جديد؟");
    if let Event::Message(message) = &mut again.event {
        message.thread.proven = Some(id);
    }
    assert_eq!(accept(&app, again).await.reference, first.reference);
    let ticket = app.store.read().await.unwrap().ticket(first.reference).await.unwrap().unwrap();
    assert_ne!(ticket.owner, left);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_about_a_confidential_ticket_stays_out_of_its_timeline() {
    let app = TestApp::start().await;
    let mut inbound = inbound(1, "sandbox:sender", &[], "أريد حذف بياناتي من السلة الغذائية");
    if let Event::Message(message) = &mut inbound.event {
        message.kind = Some(Key::parse("personal-data").unwrap());
    }
    let reference = accept(&app, inbound).await.reference;
    let admin = app.store.read().await.unwrap().person_by_key(&Key::parse("admin").unwrap()).await.unwrap().unwrap();
    let viewer = Viewer::new(admin, app.casework.office());
    let reason = "لأنها تخص المساعدات";
    let verb = Verb::HandOver { department: Key::parse("aid").unwrap(), officer: None, reason: reason.into() };
    app.casework.perform(&viewer, reference, verb, ChannelKind::Desk).await.unwrap();
    let view = app.casework.ticket(&viewer, reference).await.unwrap();
    assert!(view.ticket.confidential && view.ticket.reasons.iter().all(|r| r.name != "words"));
    assert!(view.history.iter().all(|h| !h.event.data.values().any(|v| v.contains("المساعدات"))));
    assert_eq!(view.messages.iter().filter(|m| m.message.body == reason).count(), 1, "it is kept as a note");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_of_a_form_in_quarantine_outlives_every_sweep() {
    let app = TestApp::start().await;
    let (kept, given_up) = (
        app.intake.keep_file("a.txt", "text/plain", "في الحجر".into()).await,
        app.intake.keep_file("b.txt", "text/plain", "تُرك".into()).await,
    );
    let (kept, given_up) = (kept.unwrap(), given_up.unwrap());
    let token = app.intake.hold_upload(&given_up).await.unwrap();
    // A ticket that does not exist: what is built on it fails, and the form waits for a person.
    let track = Some(tawasul::domain::TicketId::new(app.store.world()));
    let form = Form { nonce: "n1".into(), text: "نص".into(), files: vec![kept.clone()], track, ..Form::default() };
    let inbound = changed(form.inbound(ChannelKind::Portal, "web"), |message| {
        message.entered_by = Some(tawasul::domain::PersonId::new(app.store.world()))
    });
    assert_eq!(app.intake.deliver(inbound).await.unwrap(), Taken::Quarantined);

    let day = std::time::Duration::from_secs(86_400);
    assert!(app.intake.held_upload(&token).await.unwrap().is_some());
    app.clock.advance(day + std::time::Duration::from_secs(1));
    assert!(app.intake.held_upload(&token).await.unwrap().is_none(), "no longer than 24 hours");
    app.clock.advance(day);
    let swept = app.intake.sweep_as("one").await.unwrap().expect("nobody else sweeps");
    assert_eq!((swept.uploads, swept.contents), (1, 1));
    assert_eq!(app.intake.sweep_as("two").await.unwrap(), None, "one replica an hour");
    assert!(app.store.blob_bytes(kept.blob).await.is_ok());
    assert!(app.store.blob_bytes(given_up.blob).await.is_err());
    app.clock.advance(std::time::Duration::from_secs(3600));
    assert!(app.intake.sweep_as("two").await.unwrap().is_some(), "the next hour whoever comes first");
}

fn changed(mut inbound: Inbound, change: impl FnOnce(&mut InboundMessage)) -> Inbound {
    if let Event::Message(message) = &mut inbound.event {
        change(message);
    }
    inbound
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_answers_over_a_list_is_heard_and_a_machine_is_not() {
    let app = TestApp::start().await;
    let reference = accept(&app, inbound(1, "sandbox:sender", &[], "لم تصلني السلة الغذائية")).await.reference;
    app.send_notices().await;
    let wrote = happened(&app, reference, EventKind::SenderWrote).await;
    for (number, automatic) in [(2, Automatic::Bulk), (3, Automatic::AutoReply)] {
        let mut answer = inbound(number, "sandbox:sender", &[], "هل من جديد؟");
        if let Event::Message(message) = &mut answer.event {
            message.automatic = Some(automatic);
            message.thread.answers = notices(&app, reference).await.into_iter().filter_map(|notice| notice.external_id).collect();
        }
        assert_eq!(accept(&app, answer).await.reference, reference);
    }
    assert_eq!(happened(&app, reference, EventKind::SenderWrote).await, wrote + 2, "both stand in the timeline");
    let alerts = notices(&app, reference).await.into_iter().filter(|notice| notice.kind == "sender_wrote").count();
    assert_eq!(alerts, 1, "the owner hears of the person alone");
    app.end().await;
}

// ── what networks say of our messages ──

fn receipt(number: u32, about: &[&str], tokens: &[&str], to: &str, fate: Fate, reason: Undelivered) -> Inbound {
    let word = Reported { addresses: vec![to.parse().unwrap()], fate, reason, detail: "5.1.1 user unknown".into() };
    let strings = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    Inbound {
        keys: vec![DedupeKey(format!("receipt:{number}"))],
        event: Event::Receipt(Box::new(Receipt { about: strings(about), tokens: strings(tokens), recipients: vec![word] })),
        ..inbound(0, to, &[], "")
    }
}

async fn notices(app: &TestApp, reference: Reference) -> Vec<Notice> {
    let mut read = app.store.read().await.unwrap();
    let ticket = read.ticket(reference).await.unwrap().unwrap();
    read.ticket_notices(ticket.id).await.unwrap()
}

async fn happened(app: &TestApp, reference: Reference, kind: EventKind) -> usize {
    let mut read = app.store.read().await.unwrap();
    let ticket = read.ticket(reference).await.unwrap().unwrap();
    read.events(ticket.id).await.unwrap().into_iter().filter(|event| event.kind == kind).count()
}

/// A ticket of somebody with two addresses, both given to a member of staff, and the acknowledgement sent to the first.
async fn acknowledged(app: &TestApp) -> (Reference, Notice) {
    let admin = app.store.read().await.unwrap().person_by_key(&Key::parse("admin").unwrap()).await.unwrap().unwrap();
    let mut first = inbound(1, "sandbox:first", &["sandbox:second"], "لم تصلني السلة الغذائية");
    if let Event::Message(message) = &mut first.event {
        message.entered_by = Some(admin.id);
    }
    let reference = accept(app, first).await.reference;
    app.send_notices().await;
    let sent = notices(app, reference).await.into_iter().find(|notice| notice.kind == "received").unwrap();
    assert_eq!((sent.state, sent.to.as_ref().map(|to| to.value())), (NoticeState::Sent, Some("first")));
    (reference, sent)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bounce_marks_its_notice_and_goes_to_the_next_address() {
    let app = TestApp::start().await;
    let (reference, sent) = acknowledged(&app).await;
    let id = sent.external_id.as_deref().unwrap();
    let bounce = |number| receipt(number, &[id], &[], "sandbox:first", Fate::Failed, Undelivered::NoSuchMailbox);
    app.intake.deliver(bounce(1)).await.unwrap();
    app.intake.deliver(bounce(2)).await.unwrap();
    app.send_notices().await;
    let told: Vec<_> = notices(&app, reference).await.into_iter().filter(|notice| notice.kind == "received").collect();
    let states: Vec<_> = told.iter().map(|n| (n.to.as_ref().unwrap().value().to_owned(), n.state, n.reason.clone())).collect();
    assert_eq!(
        states,
        [("first".into(), NoticeState::Dead, Some("no_such_mailbox".into())), ("second".into(), NoticeState::Sent, None)],
        "a second copy of the report changes nothing"
    );
    assert_eq!(told[1].fallback_of, Some(sent.id));
    assert_eq!(happened(&app, reference, EventKind::NoticeFailed).await, 1);
    let address = app.store.read().await.unwrap().find_address(sent.to.as_ref().unwrap()).await.unwrap().unwrap();
    assert_eq!(address.state, AddressState::Bounced, "nothing is written to it any more");

    // Who writes from it can be reached by it.
    accept(&app, inbound(9, "sandbox:first", &[], "هل من جديد؟")).await;
    let address = app.store.read().await.unwrap().find_address(sent.to.as_ref().unwrap()).await.unwrap().unwrap();
    assert_eq!(address.state, AddressState::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_mailbox_is_written_to_again() {
    let app = TestApp::start().await;
    let (_, sent) = acknowledged(&app).await;
    let id = sent.external_id.as_deref().unwrap();
    app.intake.deliver(receipt(1, &[id], &[], "sandbox:first", Fate::Failed, Undelivered::MailboxFull)).await.unwrap();
    let address = app.store.read().await.unwrap().find_address(sent.to.as_ref().unwrap()).await.unwrap().unwrap();
    assert_eq!(address.state, AddressState::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_changed_the_id_is_believed_by_the_token_and_the_address() {
    let app = TestApp::start().await;
    let (reference, sent) = acknowledged(&app).await;
    let token = sent.content.token.clone().unwrap();
    app.intake.deliver(receipt(1, &["changed@id"], &[&token], "sandbox:first", Fate::Failed, Undelivered::Other)).await.unwrap();
    let now = notices(&app, reference).await.into_iter().find(|notice| notice.id == sent.id).unwrap();
    assert_eq!((now.state, now.reason.as_deref()), (NoticeState::Dead, Some("undelivered")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_bounce_changes_nothing() {
    let app = TestApp::start().await;
    let (reference, sent) = acknowledged(&app).await;
    let token = sent.content.token.clone().unwrap();
    let forged = format!("{}{}", &token[..token.len() - 4], if token.ends_with("aaaa") { "bbbb" } else { "aaaa" });
    let other = token::for_sender(app.store.vault(), Reference::new(26, 99_999).unwrap()).unwrap();
    for (number, about, tokens, to) in [
        (1, vec!["guessed@id"], vec![], "sandbox:first"),
        (2, vec![], vec![forged.as_str(), "x", other.as_str()], "sandbox:first"),
        (3, vec![], vec![token.as_str()], "sandbox:somebody-else"),
    ] {
        let taken = app.intake.deliver(receipt(number, &about, &tokens, to, Fate::Failed, Undelivered::NoSuchMailbox)).await.unwrap();
        assert_eq!(taken, Taken::Quarantined, "a person looks at what names no message of ours");
    }
    let now = notices(&app, reference).await.into_iter().find(|notice| notice.id == sent.id).unwrap();
    assert_eq!((now.state, now.reason), (NoticeState::Sent, None));
    let address = app.store.read().await.unwrap().find_address(sent.to.as_ref().unwrap()).await.unwrap().unwrap();
    assert_eq!(address.state, AddressState::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delay_is_noted_once_and_a_delivery_says_nothing() {
    let app = TestApp::start().await;
    let (reference, sent) = acknowledged(&app).await;
    let id = sent.external_id.as_deref().unwrap();
    for (number, fate) in [(1, Fate::Delayed), (2, Fate::Delayed), (3, Fate::Delivered)] {
        app.intake.deliver(receipt(number, &[id], &[], "sandbox:first", fate, Undelivered::Expired)).await.unwrap();
    }
    app.intake.deliver(receipt(4, &["others@id"], &[], "sandbox:first", Fate::Delayed, Undelivered::Expired)).await.unwrap();
    let now = notices(&app, reference).await.into_iter().find(|notice| notice.id == sent.id).unwrap();
    assert_eq!(now.state, NoticeState::Sent);
    assert_eq!(happened(&app, reference, EventKind::NoticeDelayed).await, 1);
    assert_eq!(happened(&app, reference, EventKind::NoticeFailed).await, 0);
    app.end().await;
}
