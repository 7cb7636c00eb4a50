//! Verbs that are asked for twice, looks that are recorded, and peers that are not talked to for ever.

mod support;

use async_trait::async_trait;
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use support::app::TestApp;
use tawasul::{
    access::Viewer,
    casework::{Casework, Verb},
    channel::{
        Accepted, AccountHealth, Capabilities, Channel, ChannelKind, Content, DedupeKey, Event, Inbound, InboundAttachment, InboundMessage,
        InboundSink, Outbound, Raw, SendError, Sender, Sent, Taken, Thread,
        email::{EmailChannel, settings::Settings},
        portal::PortalChannel,
    },
    config,
    domain::{Actor, Address, At, EventKind, Key, Scheme, Status, world::fixed::FixedClock},
    intake::Intake,
    outbox::Outbox,
    routing::Rules,
    store::notices::{Audience, NoticeState},
};
use tokio_util::sync::CancellationToken;

fn inbound(number: u32, from: &str) -> Inbound {
    let text = "أريد حذف بياناتي من السلة الغذائية";
    Inbound {
        channel: ChannelKind::Sandbox,
        account: "sandbox".into(),
        keys: vec![DedupeKey(format!("test:{number}"))],
        raw: Raw { content_type: "application/json", bytes: text.into() },
        event: Event::Message(Box::new(InboundMessage {
            sender: Sender { address: from.parse().unwrap(), also: Vec::new(), name: None, group: None },
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
        })),
    }
}

fn changed(mut inbound: Inbound, change: impl FnOnce(&mut InboundMessage)) -> Inbound {
    if let Event::Message(message) = &mut inbound.event {
        change(message);
    }
    inbound
}

async fn accept(intake: &Intake, inbound: Inbound) -> Accepted {
    match intake.deliver(inbound).await.unwrap() {
        Taken::Accepted(accepted) => accepted,
        other => panic!("{other:?}"),
    }
}

async fn admin(app: &TestApp) -> Viewer {
    let person = app.store.read().await.unwrap().person_by_key(&Key::parse("admin").unwrap()).await.unwrap().unwrap();
    Viewer::new(person, app.casework.office())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pressing_twice_does_every_verb_once() {
    let app = TestApp::start().await;
    let (reference, viewer) = (accept(&app.intake, inbound(1, "sandbox:u")).await.reference, admin(&app).await);
    let words = || String::from("نص");
    let verbs = [
        (Verb::Start, Status::InProgress),
        (Verb::Reply { text: words(), files: Vec::new() }, Status::InProgress),
        (Verb::Note { text: words(), files: Vec::new() }, Status::InProgress),
        (Verb::Wait { reason: words() }, Status::WaitingThirdParty),
        (Verb::Ask { text: words(), files: Vec::new() }, Status::WaitingSender),
        (Verb::Resolve { outcome: words(), files: Vec::new() }, Status::Resolved),
        (Verb::Reopen { reason: words() }, Status::Reopened),
        (Verb::HandOver { department: Key::parse("aid").unwrap(), officer: None, reason: words() }, Status::Reopened),
        (Verb::Reject { reason: words() }, Status::Rejected),
        (Verb::Close, Status::Closed),
        (Verb::Reopen { reason: String::new() }, Status::Reopened),
        (Verb::MarkDuplicate { of: None }, Status::Duplicate),
        (Verb::Reopen { reason: String::new() }, Status::Reopened),
        (Verb::MarkSpam, Status::Spam),
    ];
    for (number, (verb, status)) in verbs.into_iter().enumerate() {
        let press = async || {
            let done =
                app.casework.perform_once(&viewer, reference, verb.clone(), ChannelKind::Desk, Vec::new(), format!("form-{number}")).await;
            done.unwrap_or_else(|error| panic!("form {number}: {error}"));
            let mut read = app.store.read().await.unwrap();
            let ticket = read.ticket(reference).await.unwrap().unwrap();
            let counts = (
                read.events(ticket.id).await.unwrap().len(),
                read.messages(ticket.id).await.unwrap().len(),
                read.ticket_notices(ticket.id).await.unwrap().len(),
            );
            (ticket.status, counts)
        };
        let once = press().await;
        assert_eq!(once.0, status, "form {number}");
        assert_eq!(press().await, once, "form {number}: the second press changes nothing");
    }
    // The same form name on another ticket is another form.
    let other = accept(&app.intake, inbound(2, "sandbox:v")).await.reference;
    app.casework.perform_once(&viewer, other, Verb::Start, ChannelKind::Desk, Vec::new(), "form-0".into()).await.unwrap();
    assert_eq!(app.store.read().await.unwrap().ticket(other).await.unwrap().unwrap().status, Status::InProgress);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_look_at_a_confidential_ticket_is_recorded_whatever_the_way() {
    let app = TestApp::start().await;
    let file = || InboundAttachment {
        name: Some("هوية.txt".into()),
        content_type: Some("text/plain".into()),
        inline: false,
        content: Content::Bytes("نص".into()),
    };
    let secret = changed(inbound(1, "sandbox:u"), |message| {
        (message.kind, message.attachments) = (Some(Key::parse("personal-data").unwrap()), vec![file()]);
    });
    let plain = changed(inbound(2, "sandbox:v"), |message| message.attachments = vec![file()]);
    let (secret, plain) = (accept(&app.intake, secret).await.reference, accept(&app.intake, plain).await.reference);
    let viewer = admin(&app).await;
    for (reference, recorded) in [(secret, true), (plain, false)] {
        let mut read = app.store.read().await.unwrap();
        let ticket = read.ticket(reference).await.unwrap().unwrap();
        let file = read.attachments(ticket.id).await.unwrap()[0].id;
        drop(read);
        app.casework.ticket(&viewer, reference).await.unwrap();
        app.casework.file(&viewer, file).await.unwrap();
        app.casework.ticket_shown_to("crm", reference).await.unwrap();
        app.casework.file_shown_to("crm", file).await.unwrap();
        // Their own ticket.
        app.casework.ticket_for_sender(ticket.clone()).await.unwrap();
        app.casework.file_for_sender(&ticket, file).await.unwrap();
        let looks: Vec<_> = app.store.read().await.unwrap().events(ticket.id).await.unwrap();
        let looks: Vec<_> = looks
            .into_iter()
            .filter(|event| event.kind == EventKind::Viewed)
            .map(|event| (event.actor, event.data.get("interface").cloned(), event.data.contains_key("file")))
            .collect();
        let (by, system) = (Actor::Person(viewer.person.id), Some("crm".to_owned()));
        let all = [(by, None, false), (by, None, true), (Actor::System, system.clone(), false), (Actor::System, system, true)];
        assert_eq!(looks, if recorded { all.to_vec() } else { Vec::new() });
    }
    app.end().await;
}

/// The service with a mailbox; nothing is sent, so its servers need not be there.
fn with_mail(app: &TestApp) -> Intake {
    let empty = tempfile::tempdir().unwrap();
    let config = config::load(Some(empty.path()), std::iter::empty()).unwrap();
    let settings: Settings = toml::from_str(
        "[[mailboxes]]\nname = \"office\"\naddress = \"office@charity.example\"\n\
         imap = { host = \"127.0.0.1\", port = 1, tls = false, password = \"p\" }\nsmtp = { host = \"127.0.0.1\", port = 1, tls = false }\n",
    )
    .unwrap();
    let bookmarks = support::recorder::MemoryBookmarks::new();
    let channels: Vec<Arc<dyn Channel>> = vec![
        PortalChannel::new(),
        EmailChannel::new(settings, bookmarks, support::tokens::MemoryTokens::new(), app.store.world().clone()).unwrap(),
    ];
    let outbox = Outbox::new(app.store.clone(), channels, None, config.outbox.clone(), Vec::new(), config.office.name.clone());
    let casework = Casework::new(app.store.clone(), outbox, Arc::new(config.office.clone()), config.calendar.clone(), "http://localhost");
    Intake::new(app.store.clone(), casework, Rules::new(config.rules.clone()))
}

/// Whether the acknowledgement of a new ticket goes out, and why not.
async fn acknowledged(app: &TestApp, accepted: &Accepted) -> Option<String> {
    let mut read = app.store.read().await.unwrap();
    let ticket = read.ticket(accepted.reference).await.unwrap().unwrap();
    let notices = read.ticket_notices(ticket.id).await.unwrap();
    let notice = notices.iter().find(|notice| notice.audience == Audience::Sender).expect("promised");
    assert_eq!(notice.state == NoticeState::Withheld, notice.reason.is_some());
    notice.reason.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_answers_from_another_address_each_time_is_not_talked_to_for_ever() {
    let app = TestApp::start().await;
    let intake = with_mail(&app);
    // Each of our mails makes the peer write again, from a new address below a new host.
    let (mut mails, mut last) = (0, None);
    for number in 0..50 {
        let accepted = accept(&intake, inbound(number, &format!("mailto:ticket-{number}@h{number}.peer.example"))).await;
        last = acknowledged(&app, &accepted).await;
        if last.is_some() {
            break;
        }
        mails += 1;
    }
    assert_eq!((mails, last.as_deref()), (8, Some("domain_rate")));
    // Another domain, and a provider where everybody has a mailbox, are not meant.
    assert_eq!(acknowledged(&app, &accept(&intake, inbound(100, "mailto:a@other.example")).await).await, None);
    for number in 200..240 {
        let accepted = accept(&intake, inbound(number, &format!("mailto:u{number}@gmail.com"))).await;
        assert_eq!(acknowledged(&app, &accepted).await, None);
    }
    app.clock.advance(Duration::from_secs(3601));
    assert_eq!(acknowledged(&app, &accept(&intake, inbound(101, "mailto:x@peer.example")).await).await, None, "an hour later");

    let page = app.member("admin").await;
    let refused = accept(&intake, inbound(102, "mailto:y@peer.example")).await;
    assert_eq!(acknowledged(&app, &refused).await, None);
    let mut reference = refused.reference;
    for number in 300..308 {
        let accepted = accept(&intake, inbound(number, &format!("mailto:z{number}@peer.example"))).await;
        (last, reference) = (acknowledged(&app, &accepted).await, accepted.reference);
    }
    assert_eq!(last.as_deref(), Some("domain_rate"));
    let shown = page.get(&format!("/desk/tickets/{reference}")).await.expect(200).text();
    assert!(shown.contains("لأن نطاق هذا العنوان استلم إشعارات كثيرة في هذه الساعة"), "the reason is shown");
}

/// A network on which every sending takes 200 seconds; meanwhile another replica looks for what is due.
struct Slow {
    clock: Arc<FixedClock>,
    replica: OnceLock<Outbox>,
    sent: AtomicUsize,
}

#[async_trait]
impl Channel for Slow {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sandbox
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn reaches(&self, address: &Address) -> bool {
        address.scheme() == Scheme::Sandbox
    }

    async fn receive(&self, _sink: Arc<dyn InboundSink>, _stop: CancellationToken) {}

    async fn send(&self, _outbound: &Outbound) -> Result<Sent, SendError> {
        self.sent.fetch_add(1, Ordering::SeqCst);
        self.clock.advance(Duration::from_secs(200));
        if let Some(replica) = self.replica.get() {
            replica.send_due().await.unwrap();
        }
        Ok(Sent { external_id: None })
    }

    fn reread(&self, _account: &str, _raw: Raw, _received_at: At) -> Event {
        Event::Unreadable { reason: String::new() }
    }

    fn health(&self) -> Vec<AccountHealth> {
        Vec::new()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_replica_is_sending_no_other_sends_however_slow_the_network_is() {
    let app = TestApp::start().await;
    for number in 1..=3 {
        accept(&app.intake, inbound(number, "sandbox:u")).await;
    }
    let outbox = |channel: Arc<Slow>| {
        Outbox::new(app.store.clone(), vec![channel], None, Default::default(), Vec::new(), app.casework.office().name.clone())
    };
    let slow = |clock| Arc::new(Slow { clock, replica: OnceLock::new(), sent: AtomicUsize::new(0) });
    let (ours, theirs) = (slow(app.clock.clone()), slow(app.clock.clone()));
    assert!(ours.replica.set(outbox(theirs.clone())).is_ok());
    assert_eq!(outbox(ours.clone()).send_due().await.unwrap(), 3);
    // The third waited too long in our hands and may go out by the other, but nothing goes out by both.
    assert_eq!(ours.sent.load(Ordering::SeqCst) + theirs.sent.load(Ordering::SeqCst), 3);
    app.end().await;
}
