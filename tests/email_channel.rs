//! The e-mail channel against a real Dovecot and a submission server that fails on demand.

mod support;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use support::{
    dovecot::{Dovecot, PASSWORD},
    odd_imap::OddImap,
    recorder::{MemoryBookmarks, Recorder, until},
    smtp_sink::{At as Step, Mishap, SmtpSink},
    tokens::MemoryTokens,
};
use tawasul::{
    channel::{
        Channel, ChannelKind, Event, OutAttachment, OutThread, Outbound, Raw, SendError,
        email::{
            EmailChannel,
            inbound::HEADER_ONLY,
            parse,
            settings::{Settings, Tls},
        },
    },
    domain::{Address, At, Language, NoticeId, World, world::fixed},
};
use tokio_util::sync::CancellationToken;

fn world() -> World {
    World { clock: fixed::FixedClock::at(At(1_770_000_000_000_000)), chance: fixed::Seeded::new(7) }
}

fn settings(imap: u16, smtp: u16, more: &str) -> Settings {
    let password = PASSWORD.replace('"', "\\\"");
    toml::from_str(&format!(
        "[[mailboxes]]\nname = \"office\"\naddress = \"office@example.org\"\npoll_interval = \"100ms\"\n{more}\n\
         imap = {{ host = \"127.0.0.1\", port = {imap}, tls = false, user = \"office\", password = \"{password}\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {smtp}, tls = \"none\", password = \"{password}\" }}\n"
    ))
    .unwrap()
}

struct Running {
    channel: Arc<EmailChannel>,
    recorder: Arc<Recorder>,
    stop: CancellationToken,
    receiving: tokio::task::JoinHandle<()>,
}

impl Running {
    fn start(settings: Settings, bookmarks: Arc<MemoryBookmarks>) -> Self {
        Self::start_with(settings, bookmarks, Recorder::new())
    }

    fn start_with(settings: Settings, bookmarks: Arc<MemoryBookmarks>, recorder: Arc<Recorder>) -> Self {
        let channel = EmailChannel::new(settings, bookmarks, MemoryTokens::new(), world()).unwrap();
        let stop = CancellationToken::new();
        let receiving = tokio::spawn({
            let (channel, recorder, stop) = (channel.clone(), recorder.clone(), stop.clone());
            async move { channel.receive(recorder, stop).await }
        });
        Self { channel, recorder, stop, receiving }
    }

    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(2), self.receiving).await.expect("it stops within 2 s").unwrap();
    }

    /// Long enough for several polls.
    async fn idle(&self) {
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
}

fn mail(number: usize) -> Vec<u8> {
    format!(
        "From: Ali <ali@example.com>\r\nTo: office@example.org\r\nSubject: Mail {number}\r\nMessage-ID: <m{number}@example.com>\r\n\
         Date: Tue, 3 Feb 2026 10:15:00 +0300\r\n\r\nText {number}\r\n"
    )
    .into_bytes()
}

fn subjects(recorder: &Recorder) -> Vec<String> {
    recorder.messages().into_iter().filter_map(|message| message.subject).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_arrives_once_in_order_and_is_marked_as_read_afterwards() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    let bookmarks = MemoryBookmarks::new();
    for number in 0..45 {
        dovecot.deliver_mail("office", &mail(number));
    }
    let running = Running::start(settings(dovecot.port, 1, ""), bookmarks.clone());
    running.recorder.wait_for(45).await;
    let expected: Vec<String> = (0..45).map(|number| format!("Mail {number}")).collect();
    assert_eq!(subjects(&running.recorder), expected);
    until(|| dovecot.flags("office").iter().all(|flags| flags == "S")).await;

    dovecot.deliver_mail("office", &mail(45));
    running.recorder.wait_for(46).await;
    running.idle().await;
    assert_eq!(running.recorder.taken().len(), 46);
    let last = &running.recorder.taken()[45];
    assert_eq!((last.channel, last.account.as_str()), (ChannelKind::Email, "office"));
    assert!(last.keys[0].0.starts_with("uid:office:") && last.keys[0].0.ends_with(":46"), "{:?}", last.keys);
    assert!(last.keys[1].0.starts_with("mid:m45@example.com:"), "{:?}", last.keys);
    assert_eq!(last.raw.bytes.as_ref(), mail(45));
    let health = running.channel.health();
    assert_eq!((health[0].account.as_str(), health[0].trouble.as_deref()), ("office", None));
    assert_eq!(health[0].last_success, Some(world().now()));
    running.stop().await;

    // With the same bookmark nothing comes again; without it everything does, under the same keys.
    let again = Running::start(settings(dovecot.port, 1, ""), bookmarks);
    again.idle().await;
    assert_eq!(again.recorder.taken().len(), 0);
    again.stop().await;
    let forgetful = Running::start(settings(dovecot.port, 1, ""), MemoryBookmarks::new());
    forgetful.recorder.wait_for(46).await;
    assert_eq!(forgetful.recorder.taken()[45].keys, last.keys);
    forgetful.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follow_up_never_overtakes_the_mail_it_follows() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    let from = |name: &str, subject: &str, more: &str| {
        format!(
            "From: {name}@example.com\r\nTo: office@example.org\r\nSubject: {subject}\r\nMessage-ID: <{subject}@example.com>\r\n{more}\r\nText\r\n"
        )
    };
    dovecot.deliver_mail("office", from("ali", "report", "").as_bytes());
    dovecot.deliver_mail("office", from("ali", "correction", "").as_bytes());
    dovecot.deliver_mail("office", from("huda", "answer", "In-Reply-To: <report@example.com>\r\n").as_bytes());
    dovecot.deliver_mail("office", from("sara", "stranger", "").as_bytes());
    let recorder = Recorder::new();
    recorder.linger_over("report");
    let running = Running::start_with(settings(dovecot.port, 1, ""), MemoryBookmarks::new(), recorder);
    running.recorder.wait_for(4).await;
    assert_eq!(subjects(&running.recorder), ["stranger", "report", "correction", "answer"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_was_read_on_a_phone_is_taken_in_too() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    dovecot.deliver_mail("office", &mail(1));
    dovecot.mark_all_seen("office");
    let running = Running::start(settings(dovecot.port, 1, ""), MemoryBookmarks::new());
    running.recorder.wait_for(1).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_stored_stays_unread_and_comes_again() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    let bookmarks = MemoryBookmarks::new();
    let running = Running::start(settings(dovecot.port, 1, ""), bookmarks.clone());
    running.recorder.refuse(2);
    dovecot.deliver_mail("office", &mail(1));
    until(|| running.recorder.refusals_left() == 1).await;
    until(|| running.channel.health()[0].trouble.as_deref().is_some_and(|trouble| trouble.contains("cannot be stored"))).await;
    assert_eq!(dovecot.flags("office"), [""]);
    assert!(bookmarks.get("office").is_none_or(|bookmark| bookmark.ends_with(":0")), "{:?}", bookmarks.get("office"));
    running.recorder.wait_for(1).await;
    until(|| dovecot.flags("office") == ["S"]).await;
    until(|| running.channel.health()[0].trouble.is_none()).await;
    assert_eq!(subjects(&running.recorder), ["Mail 1"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_with_other_numbers_loses_nothing() {
    let Some(mut dovecot) = Dovecot::start(&["office"]) else { return };
    let running = Running::start(settings(dovecot.port, 1, ""), MemoryBookmarks::new());
    dovecot.deliver_mail("office", &mail(1));
    running.recorder.wait_for(1).await;
    dovecot.stop();
    until(|| running.channel.health()[0].trouble.is_some()).await;
    dovecot.forget_uids("office");
    dovecot.deliver_mail("office", &mail(2));
    dovecot.start_again();
    running.recorder.wait_for(3).await;
    assert_eq!(subjects(&running.recorder), ["Mail 1", "Mail 1", "Mail 2"]);
    let taken = running.recorder.taken();
    assert_ne!(taken[0].keys[0], taken[1].keys[0]);
    assert_eq!(taken[0].keys[1], taken[1].keys[1], "the second copy is known by its id and its bytes");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_without_an_id_are_known_again_under_other_numbers_and_twins_stay_two() {
    let Some(mut dovecot) = Dovecot::start(&["office"]) else { return };
    let nameless = b"From: ali@example.com\r\nSubject: Same\r\n\r\nText\r\n";
    let running = Running::start(settings(dovecot.port, 1, ""), MemoryBookmarks::new());
    dovecot.deliver_mail("office", nameless);
    dovecot.deliver_mail("office", nameless);
    running.recorder.wait_for(2).await;
    dovecot.stop();
    until(|| running.channel.health()[0].trouble.is_some()).await;
    dovecot.forget_uids("office");
    dovecot.start_again();
    running.recorder.wait_for(4).await;
    let keys: Vec<Vec<_>> = running.recorder.taken().into_iter().map(|mail| mail.keys).collect();
    assert!(keys.iter().all(|keys| keys.len() == 2), "{keys:?}");
    assert_ne!(keys[0][1], keys[1][1], "two mails, not one twice");
    assert_eq!((&keys[0][1], &keys[1][1]), (&keys[2][1], &keys[3][1]));
    assert_ne!(keys[0][0], keys[2][0]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_mail_is_announced_and_not_waited_for() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    let mut patient = settings(dovecot.port, 1, "");
    patient.mailboxes[0].poll_interval = tawasul::domain::span::Span(Duration::from_secs(3600));
    let running = Running::start(patient, MemoryBookmarks::new());
    until(|| running.channel.health()[0].last_success.is_some()).await;
    for number in 1..4 {
        dovecot.deliver_mail("office", &mail(number));
        running.recorder.wait_for(number).await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_was_taken_in_is_moved_out_of_the_way() {
    for more in ["", "imap_capability = IMAP4rev1 UIDPLUS", "imap_capability = IMAP4rev1"] {
        let Some(dovecot) = Dovecot::start_with(&["office"], more) else { return };
        dovecot.make_folder("office", "Done");
        dovecot.deliver_mail("office", &mail(1));
        dovecot.deliver_mail("office", &mail(2));
        let running = Running::start(settings(dovecot.port, 1, "done_folder = \"Done\""), MemoryBookmarks::new());
        running.recorder.wait_for(2).await;
        until(|| dovecot.count_in("office", "Done") == 2).await;
        let left = if more.ends_with("rev1") { vec!["ST", "ST"] } else { vec![] };
        until(|| dovecot.flags("office") == left).await;
        dovecot.deliver_mail("office", &mail(3));
        running.recorder.wait_for(3).await;
        until(|| dovecot.count_in("office", "Done") == 3).await;
        running.idle().await;
        assert_eq!(subjects(&running.recorder), ["Mail 1", "Mail 2", "Mail 3"]);
        assert_eq!(running.channel.health()[0].trouble, None);
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_cannot_be_moved_is_taken_in_all_the_same_and_it_is_said() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    dovecot.deliver_mail("office", &mail(1));
    let running = Running::start(settings(dovecot.port, 1, "done_folder = \"Nowhere\""), MemoryBookmarks::new());
    running.recorder.wait_for(1).await;
    until(|| running.channel.health()[0].trouble.as_deref().is_some_and(|trouble| trouble.contains("Nowhere"))).await;
    running.idle().await;
    assert!(running.channel.health()[0].trouble.is_some(), "it is still said after the next look");
    dovecot.deliver_mail("office", &mail(2));
    running.recorder.wait_for(2).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lies_exhausts_nothing_and_it_is_said() {
    let lies: [(support::odd_imap::Answer, &str); 4] = [
        (|command| command.contains("BODY.PEEK[]").then(|| b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\nx".to_vec()), "4294967295 bytes"),
        (|command| command.contains("SEARCH").then(|| [b"* SEARCH".to_vec(), b" 1".repeat(1 << 20)].concat()), "line without end"),
        (
            |command| command.contains("BODY.PEEK[]").then(|| [b"* 1 FETCH (BODYSTRUCTURE ".to_vec(), vec![b'('; 1 << 20]].concat()),
            "parentheses",
        ),
        (|command| command.starts_with("SELECT").then(|| b"{tag} NO [CANNOT] not you\r\n".to_vec()), "INBOX"),
    ];
    for (lie, words) in lies {
        let server = OddImap::start(lie).await;
        let running = Running::start(settings(server.port, 1, ""), MemoryBookmarks::new());
        until(|| running.channel.health()[0].trouble.is_some()).await;
        let trouble = running.channel.health()[0].trouble.clone().unwrap();
        assert!(trouble.contains(words), "{words}: {trouble}");
        assert_eq!(running.recorder.taken().len(), 0);
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_idle_is_polled() {
    let server = OddImap::start(|command| command.starts_with("IDLE").then(|| b"{tag} BAD not here\r\n".to_vec())).await;
    let running = Running::start(settings(server.port, 1, ""), MemoryBookmarks::new());
    running.recorder.wait_for(1).await;
    until(|| server.connections.load(Ordering::SeqCst) == 3 && running.channel.health()[0].trouble.is_none()).await;
    running.idle().await;
    assert_eq!(server.connections.load(Ordering::SeqCst), 3, "the third connection stays");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_nobody_sent_is_handed_in_as_unreadable_and_blocks_nothing() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    dovecot.deliver_mail("office", b"Subject: nobody\r\n\r\nText\r\n");
    dovecot.deliver_mail("office", &[0xff; 300]);
    dovecot.deliver_mail("office", &mail(1));
    let running = Running::start(settings(dovecot.port, 1, "mark_seen = false"), MemoryBookmarks::new());
    running.recorder.wait_for(3).await;
    let taken = running.recorder.taken();
    assert!(matches!(&taken[0].event, Event::Unreadable { reason } if reason.contains("sender")));
    assert!(matches!(&taken[1].event, Event::Unreadable { .. }));
    assert!(matches!(&taken[2].event, Event::Message(_)));
    assert_eq!(dovecot.flags("office"), ["", "", ""], "nothing is marked when the settings say so");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_mail_is_left_alone_when_the_settings_say_so() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    dovecot.deliver_mail("office", &mail(1));
    let running = Running::start(settings(dovecot.port, 1, "first_start = \"new\""), MemoryBookmarks::new());
    until(|| running.channel.health()[0].last_success.is_some()).await;
    dovecot.deliver_mail("office", &mail(2));
    running.recorder.wait_for(1).await;
    assert_eq!(subjects(&running.recorder), ["Mail 2"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_mail_stays_alone_when_the_bookmark_is_out_of_reach_or_the_uids_change() {
    let Some(mut dovecot) = Dovecot::start(&["office"]) else { return };
    let leave_old = |port| settings(port, 1, "first_start = \"new\"");
    dovecot.deliver_mail("office", &mail(1));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    dovecot.deliver_mail("office", &mail(2));
    let bookmarks = MemoryBookmarks::new();
    let running = Running::start(leave_old(dovecot.port), bookmarks.clone());
    until(|| bookmarks.get("office").is_some()).await;
    running.stop().await;

    // What came meanwhile is not taken for old mail.
    dovecot.deliver_mail("office", &mail(3));
    bookmarks.away.store(true, Ordering::Relaxed);
    let running = Running::start(leave_old(dovecot.port), bookmarks.clone());
    until(|| running.channel.health()[0].trouble.as_deref().is_some_and(|trouble| trouble.contains("how far"))).await;
    bookmarks.away.store(false, Ordering::Relaxed);
    running.recorder.wait_for(1).await;
    assert_eq!(subjects(&running.recorder), ["Mail 3"]);
    until(|| bookmarks.get("office").is_some_and(|bookmark| bookmark.contains(":3:"))).await;

    dovecot.stop();
    until(|| running.channel.health()[0].trouble.is_some()).await;
    dovecot.forget_uids("office");
    dovecot.deliver_mail("office", &mail(4));
    dovecot.start_again();
    until(|| subjects(&running.recorder).iter().any(|subject| subject == "Mail 4")).await;
    assert!(!subjects(&running.recorder).iter().any(|subject| subject == "Mail 1"), "{:?}", subjects(&running.recorder));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trouble_is_told_in_words_without_secrets() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    let mut wrong = settings(dovecot.port, 1, "");
    wrong.mailboxes[0].imap.password = Some("sesame-open".into());
    let mut nowhere = settings(1, 1, "");
    nowhere.mailboxes[0].folder = "INBOX".into();
    let no_folder = settings(dovecot.port, 1, "folder = \"Nowhere\"");
    for (settings, words) in [(wrong, "imap.password"), (nowhere, "connection refused"), (no_folder, "Nowhere")] {
        let running = Running::start(settings, MemoryBookmarks::new());
        until(|| running.channel.health()[0].trouble.is_some()).await;
        let trouble = running.channel.health()[0].trouble.clone().unwrap();
        assert!(trouble.contains(words) && !trouble.contains("sesame") && !trouble.contains(PASSWORD), "{trouble}");
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_certificate_is_refused_and_a_known_one_protects_both_ways_of_tls() {
    let Some(dovecot) = Dovecot::start(&["office"]) else { return };
    if !dovecot.has_tls() {
        eprintln!("skipped: openssl is not installed");
        return;
    }
    let stranger = Running::start(protected(dovecot.tls_port, Tls::Implicit), MemoryBookmarks::new());
    until(|| stranger.channel.health()[0].trouble.is_some()).await;
    let trouble = stranger.channel.health()[0].trouble.clone().unwrap();
    assert!(trouble.contains("no protected connection") && trouble.contains("certificate"), "{trouble}");
    stranger.stop().await;

    // Which roots are trusted is a matter of the whole process, so the rest happens in one of its own.
    dovecot.deliver_mail("office", &mail(1));
    let inner = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "mail_is_read_over_tls"])
        .env("SSL_CERT_FILE", dovecot.authority())
        .env("TAWASUL_TEST_PORTS", format!("{} {}", dovecot.tls_port, dovecot.port))
        .output()
        .unwrap();
    assert!(inner.status.success(), "{}\n{}", String::from_utf8_lossy(&inner.stdout), String::from_utf8_lossy(&inner.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, with its certificate authority as the only one"]
async fn mail_is_read_over_tls() {
    #[allow(clippy::disallowed_methods, reason = "a person says which ports")]
    let ports = std::env::var("TAWASUL_TEST_PORTS").unwrap();
    let (implicit, starttls) = ports.split_once(' ').unwrap();
    for (port, tls) in [(implicit, Tls::Implicit), (starttls, Tls::Starttls)] {
        let running = Running::start(protected(port.parse().unwrap(), tls), MemoryBookmarks::new());
        running.recorder.wait_for(1).await;
        assert_eq!(subjects(&running.recorder), ["Mail 1"]);
        running.stop().await;
    }
}

fn protected(port: u16, tls: Tls) -> Settings {
    let mut settings = settings(port, 1, "");
    settings.mailboxes[0].imap.host = "localhost".into();
    settings.mailboxes[0].imap.tls = tls;
    settings
}

// ── out ──

fn outbound() -> Outbound {
    Outbound {
        notice: NoticeId::new(&world()),
        to: Address::mail("ali@example.com").unwrap(),
        account: None,
        language: Language::Ar,
        subject: "استلمنا رسالتك\r\nBcc: thief@example.com".into(),
        text: "السلام عليكم \u{2068}علي\u{2069}\n\nرقم الطلب 26-004183-7، وتتابعه هنا: https://example.org/track?a=1&b=2.".into(),
        personal: false,
        from_name: "جمعية المثال".into(),
        thread: OutThread {
            in_reply_to: Some("m1@example.com".into()),
            references: vec!["m0@example.com".into()],
            token: Some("Abc_def-0123456789".into()),
            conversation: None,
        },
        attachments: vec![OutAttachment {
            name: "تقرير.pdf".into(),
            content_type: "application/pdf".into(),
            bytes: vec![0, 159, 146].into(),
        }],
        staff: None,
    }
}

fn channel(smtp: u16) -> Arc<EmailChannel> {
    EmailChannel::new(settings(1, smtp, ""), MemoryBookmarks::new(), MemoryTokens::new(), world()).unwrap()
}

#[tokio::test]
async fn a_header_alone_is_never_read_again_as_a_mail() {
    let (channel, at) = (channel(1), world().now());
    let read = |content_type| channel.reread("office", Raw { content_type, bytes: mail(1).into() }, at);
    assert!(matches!(read("message/rfc822"), Event::Message(_)));
    assert!(matches!(read(HEADER_ONLY), Event::Unreadable { reason } if reason.contains("still in the mailbox")));
}

#[tokio::test]
async fn an_answer_goes_out_with_everything_that_ties_it_to_the_conversation() {
    let sink = SmtpSink::start().await;
    let channel = channel(sink.port);
    let outbound = outbound();
    let sent = channel.send(&outbound).await.unwrap();
    let again = channel.send(&outbound).await.unwrap();
    assert_eq!(sent, again);
    assert_eq!(sink.connections(), 1, "the connection is used again");
    let mails = sink.mails();
    assert_eq!(
        (mails.len(), mails[0].from.as_str(), mails[0].to.as_slice()),
        (2, "office@example.org", &["ali@example.com".to_owned()][..])
    );
    assert_eq!(mails[0].raw, mails[1].raw, "every attempt is the same mail");
    assert!(mails[0].auth.is_some());

    let read = parse::read(&mails[0].raw).unwrap();
    assert_eq!(read.message_id, sent.external_id);
    assert_eq!(read.in_reply_to, ["m1@example.com"]);
    assert_eq!(read.references, ["m0@example.com", "m1@example.com"]);
    assert_eq!(read.reply_to[0].address, "office+Abc_def-0123456789@example.org");
    assert_eq!(read.from[0].name.as_deref(), Some("جمعية المثال"));
    assert_eq!(read.subject.as_deref(), Some("استلمنا رسالتك Bcc: thief@example.com"));
    assert_eq!(read.text, outbound.text);
    assert_eq!(read.attachments[0].name.as_deref(), Some("تقرير.pdf"));
    let raw = String::from_utf8_lossy(&mails[0].raw);
    assert!(raw.contains("Auto-Submitted: auto-replied\r\n") && raw.contains("X-Auto-Response-Suppress: All\r\n"), "{raw}");
    assert!(!raw.lines().any(|line| line.starts_with("Bcc:")), "{raw}");
}

#[tokio::test]
async fn a_failure_says_how_far_the_mail_came() {
    type IsRight = fn(&SendError) -> bool;
    let cases: [(Mishap, IsRight); 12] = [
        (Mishap::Answer(Step::Greeting, "421 too busy"), |e| matches!(e, SendError::Throttled { .. })),
        (Mishap::Answer(Step::Greeting, "554 no"), |e| matches!(e, SendError::Misconfigured { .. })),
        (Mishap::Answer(Step::Auth, "535 5.7.8 wrong"), |e| matches!(e, SendError::Misconfigured { .. })),
        (Mishap::Answer(Step::Mail, "530 sign in"), |e| matches!(e, SendError::Misconfigured { .. })),
        (
            Mishap::Answer(Step::Rcpt, "550 5.1.1 <ali@example.com> unknown"),
            |e| matches!(e, SendError::Rejected { code, .. } if code == "550"),
        ),
        (Mishap::Answer(Step::Rcpt, "450 greylisted"), |e| matches!(e, SendError::Throttled { .. })),
        (Mishap::Answer(Step::Rcpt, "454 later"), |e| matches!(e, SendError::Unreachable { .. })),
        (Mishap::Answer(Step::Data, "554 no"), |e| matches!(e, SendError::Rejected { code, .. } if code == "554")),
        (Mishap::Answer(Step::End, "552 too large"), |e| matches!(e, SendError::Rejected { code, .. } if code == "552")),
        (Mishap::Answer(Step::End, "451 later"), |e| matches!(e, SendError::Throttled { .. })),
        (Mishap::Cut(Step::Rcpt), |e| matches!(e, SendError::Unreachable { .. })),
        (Mishap::Cut(Step::End), |e| matches!(e, SendError::Uncertain { .. })),
    ];
    let sink = SmtpSink::start().await;
    for (mishap, is_right) in cases {
        let channel = channel(sink.port);
        sink.mishap(mishap.clone());
        let error = channel.send(&outbound()).await.unwrap_err();
        assert!(is_right(&error), "{mishap:?}: {error:?}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(PASSWORD) && !shown.contains("ali@example.com"), "{shown}");
        channel.send(&outbound()).await.unwrap();
    }
    let refused = channel(1).send(&outbound()).await.unwrap_err();
    assert!(matches!(refused, SendError::Unreachable { .. }), "{refused:?}");
    let mut no_name = settings(1, 1, "");
    no_name.mailboxes[0].smtp.host = "mail.invalid".into();
    no_name.mailboxes[0].smtp.tls = Tls::Starttls;
    let error =
        EmailChannel::new(no_name, MemoryBookmarks::new(), MemoryTokens::new(), world()).unwrap().send(&outbound()).await.unwrap_err();
    assert!(matches!(error, SendError::Unreachable { .. }), "{error:?}");
}
