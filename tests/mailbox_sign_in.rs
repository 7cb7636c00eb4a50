//! Mailboxes that sign in by OAuth 2.0: against a provider of our own that rotates strictly, a real Dovecot, and a submission
//! server that wants XOAUTH2.

mod support;

use secrecy::ExposeSecret;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use support::{
    dovecot::Dovecot,
    recorder::{MemoryBookmarks, Recorder, until},
    smtp_sink::SmtpSink,
    token_server::{Mishap, TokenServer},
    tokens::MemoryTokens,
};
use tawasul::{
    channel::{
        Channel, OutThread, Outbound, SendError,
        email::{
            EmailChannel,
            oauth::{
                TokenStore, Tokens,
                login::{Login, LoginError, Started},
            },
            settings::Settings,
        },
    },
    domain::{Address, At, Language, NoticeId, World, world::fixed},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const USER: &str = "office@hotmail.example";
const HOUR: Duration = Duration::from_secs(3600);

/// One mailbox with its provider and its servers; the clock stands still until it is moved.
struct Post {
    provider: TokenServer,
    dovecot: Option<Dovecot>,
    sink: SmtpSink,
    clock: Arc<fixed::FixedClock>,
    tokens: Arc<MemoryTokens>,
}

impl Post {
    /// Without a mail server to read from.
    async fn sending() -> Self {
        let clock = fixed::FixedClock::at(At(1_770_000_000_000_000));
        let (provider, sink) = (TokenServer::start(USER).await, SmtpSink::start().await);
        sink.demand_tokens(USER, provider.judge());
        let tokens = MemoryTokens::at(world(&clock));
        Self { provider, dovecot: None, sink, clock, tokens }
    }

    /// `None` where Dovecot is not installed.
    async fn whole() -> Option<Self> {
        let mut post = Self::sending().await;
        post.dovecot = Some(Dovecot::start_with_tokens(&[USER], &format!("{}/introspect", post.provider.url))?);
        Some(post)
    }

    fn settings(&self) -> Settings {
        let imap = self.dovecot.as_ref().map_or(1, |dovecot| dovecot.port);
        let text = format!(
            "[[mailboxes]]\nname = \"office\"\naddress = \"{USER}\"\npoll_interval = \"100ms\"\n{}\n\
             imap = {{ host = \"127.0.0.1\", port = {imap}, tls = false }}\nsmtp = {{ host = \"127.0.0.1\", port = {}, tls = false }}\n",
            self.provider.oauth(),
            self.sink.port
        );
        toml::from_str(&text).unwrap()
    }

    fn channel(&self) -> Arc<EmailChannel> {
        EmailChannel::new(self.settings(), MemoryBookmarks::new(), self.tokens.clone(), world(&self.clock)).unwrap()
    }

    /// Signs the mailbox in without a person.
    async fn sign_in(&self) {
        let (access, refresh) = self.provider.sign_in();
        let expires = self.clock_now().plus(HOUR);
        let tokens = Tokens { access: access.into(), access_expires_at: expires, refresh: refresh.into(), refresh_expires_at: None };
        self.tokens.replace("office", &tokens).await.unwrap();
    }

    fn clock_now(&self) -> At {
        world(&self.clock).now()
    }

    fn login(&self) -> Login {
        Login::new(&self.settings(), "office", world(&self.clock)).unwrap()
    }

    /// Fails if anything secret is in the text.
    fn is_discreet(&self, text: &str) {
        for secret in self.provider.secrets() {
            assert!(!text.contains(&secret), "{secret} in {text}");
        }
        assert!(!text.contains("somebody@example.org"), "{text}");
    }
}

/// Each with chance of its own: replicas must not take each other for themselves.
fn world(clock: &Arc<fixed::FixedClock>) -> World {
    static SEED: AtomicU64 = AtomicU64::new(7);
    World { clock: clock.clone(), chance: fixed::Seeded::new(SEED.fetch_add(1, Ordering::SeqCst)) }
}

fn outbound() -> Outbound {
    Outbound {
        notice: NoticeId(uuid::Uuid::from_u128(7)),
        to: Address::mail("ali@example.com").unwrap(),
        account: Some("office".into()),
        language: Language::En,
        subject: "Received".into(),
        text: "We have your message.".into(),
        personal: false,
        from_name: "Charity".into(),
        thread: OutThread::default(),
        attachments: Vec::new(),
        staff: None,
    }
}

fn mail(number: usize) -> Vec<u8> {
    format!("From: Ali <ali@example.com>\r\nTo: {USER}\r\nSubject: Mail {number}\r\nMessage-ID: <m{number}@example.com>\r\n\r\nText\r\n")
        .into_bytes()
}

fn trouble(channel: &EmailChannel) -> String {
    channel.health()[0].trouble.clone().unwrap_or_default()
}

fn nothing_pasted() -> mpsc::Receiver<String> {
    mpsc::channel(1).1
}

// ── the sign-in of a person ──

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_enters_the_code_and_the_service_that_runs_goes_on_by_itself() {
    let Some(post) = Post::whole().await else { return };
    let channel = post.channel();
    let (recorder, stop) = (Recorder::new(), CancellationToken::new());
    post.dovecot.as_ref().unwrap().deliver_mail(USER, &mail(1));
    let receiving = tokio::spawn({
        let (channel, recorder, stop) = (channel.clone(), recorder.clone(), stop.clone());
        async move { channel.receive(recorder, stop).await }
    });
    until(|| trouble(&channel).contains("was never signed in: run `tawasul mail login office`")).await;
    let SendError::Misconfigured { detail } = channel.send(&outbound()).await.unwrap_err() else { panic!("for a person to mend") };
    assert!(detail.contains("tawasul mail login office"), "{detail}");

    post.provider.mishaps([Mishap::Refuse("authorization_pending"), Mishap::Refuse("slow_down"), Mishap::Status(503)]);
    let login = post.login();
    let started = login.begin().await.unwrap();
    assert_eq!((started.address(), started.code()), ("https://id.example.org/device", Some("WXYZ-4711")));
    let begun = tokio::time::Instant::now();
    let tokens = login.finish(&started, &mut nothing_pasted()).await.unwrap();
    // 1 s, 1 s, then 6 s after `slow_down`, then twice as long after the server's own trouble.
    assert!(begun.elapsed() >= Duration::from_secs(19), "{:?}", begun.elapsed());
    login.verify(&tokens).await.unwrap();
    post.tokens.replace("office", &tokens).await.unwrap();

    recorder.wait_for(1).await;
    channel.send(&outbound()).await.unwrap();
    assert!(post.sink.mails()[0].auth.as_deref().unwrap().starts_with("AUTH XOAUTH2 "));
    until(|| trouble(&channel).is_empty()).await;
    assert_eq!(post.provider.refreshes(), 0);
    let asked = &post.provider.requests()[0];
    assert_eq!(asked["client_id"], "tawasul");
    assert!(asked["scope"].ends_with("SMTP.Send offline_access") && !asked.contains_key("client_secret"), "{asked:?}");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(3), receiving).await.unwrap().unwrap();
    post.is_discreet(&format!("{tokens:?} {:?} {:?}", post.tokens.get("office"), channel.health()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_does_not_come_about_says_why() {
    let post = Post::sending().await;
    for (code, expected) in
        [("access_denied", LoginError::Denied), ("authorization_declined", LoginError::Denied), ("expired_token", LoginError::Expired)]
    {
        post.provider.mishaps([Mishap::Refuse(code)]);
        let login = post.login();
        let started = login.begin().await.unwrap();
        assert_eq!(login.finish(&started, &mut nothing_pasted()).await.unwrap_err(), expected);
    }
    for (mishap, words) in [(Mishap::Refuse("invalid_client"), "check oauth.client_id"), (Mishap::Garbage, "tokens that last")] {
        post.provider.mishaps([mishap]);
        let login = post.login();
        let started = login.begin().await.unwrap();
        let error = login.finish(&started, &mut nothing_pasted()).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        post.is_discreet(&error);
    }
    let unknown = Login::new(&post.settings(), "none", world(&post.clock)).err().unwrap().to_string();
    assert_eq!(unknown, "there is no mailbox `none` in the configuration; there are: office");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_account_of_somebody_else_is_not_taken() {
    let Some(post) = Post::whole().await else { return };
    let stranger = TokenServer::start("stranger@hotmail.example").await;
    let (access, refresh) = stranger.sign_in();
    let tokens = Tokens { access: access.into(), access_expires_at: post.clock_now(), refresh: refresh.into(), refresh_expires_at: None };
    let error = post.login().verify(&tokens).await.unwrap_err();
    assert!(matches!(error, LoginError::WrongAccount(..)), "{error:?}");
    assert!(error.to_string().contains("Was it the account of office@hotmail.example"), "{error}");
    post.is_discreet(&error.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_comes_back_by_itself_or_its_address_is_pasted() {
    let post = Post::sending().await;
    let mut settings = post.settings();
    let oauth = format!(
        "provider = \"google\"\nclient_id = \"tawasul\"\nclient_secret = \"hush\"\ntoken_url = \"{0}/token\"\nauthorize_url = \"{0}/authorize\"",
        post.provider.url
    );
    settings.mailboxes[0].oauth = Some(toml::from_str(&oauth).unwrap());
    for by_itself in [true, false] {
        let login = Login::new(&settings, "office", world(&post.clock)).unwrap();
        let started = login.begin().await.unwrap();
        assert!(started.address().contains("access_type=offline") && started.address().contains("code_challenge_method=S256"));
        let back = post.provider.agree(started.address());
        let (paste, mut pasted) = mpsc::channel(3);
        let coming_back = async {
            if by_itself {
                let forged = back.replace("state=", "state=x");
                let visitor = support::http::Visitor::of("");
                assert_eq!(visitor.get(&forged).await.status, 404, "somebody who does not know our state");
                assert_eq!(visitor.get(&back).await.status, 200);
            } else {
                paste.send("hello".into()).await.unwrap();
                paste.send(format!("  {back}#x ")).await.unwrap();
            }
        };
        let (tokens, ()) = tokio::join!(login.finish(&started, &mut pasted), coming_back);
        assert!(tokens.unwrap().refresh.expose_secret().starts_with("refresh-"));
    }
    let asked = post.provider.requests().pop().unwrap();
    assert_eq!((asked["client_secret"].as_str(), asked["grant_type"].as_str()), ("hush", "authorization_code"));

    let login = Login::new(&settings, "office", world(&post.clock)).unwrap();
    let started = login.begin().await.unwrap();
    let Started::Browser(_) = &started else { panic!("no code at Google") };
    let denied = post.provider.agree(started.address()).replace("code=code", "error=access_denied&x=");
    let (paste, mut pasted) = mpsc::channel(1);
    paste.send(denied).await.unwrap();
    assert_eq!(login.finish(&started, &mut pasted).await.unwrap_err(), LoginError::Denied);
}

// ── renewing ──

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_want_a_token_at_once_renew_it_once() {
    let post = Post::sending().await;
    post.sign_in().await;
    post.clock.advance(HOUR - Duration::from_secs(240));
    // Two replicas, five mails each.
    let (one, other) = (post.channel(), post.channel());
    let sent = (0..10).map(|number| {
        let channel = if number % 2 == 0 { one.clone() } else { other.clone() };
        async move { channel.send(&outbound()).await }
    });
    for sent in futures_util::future::join_all(sent).await {
        sent.unwrap();
    }
    assert_eq!(post.provider.refreshes(), 1);
    assert_eq!((post.sink.mails().len(), post.tokens.get("office").unwrap().generation), (10, 2));
    assert!(!post.tokens.is_held(), "the right was given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_renewed_in_the_middle_and_old_connections_are_dropped() {
    let post = Post::sending().await;
    post.sign_in().await;
    let channel = post.channel();
    channel.send(&outbound()).await.unwrap();
    channel.send(&outbound()).await.unwrap();
    assert_eq!((post.sink.connections(), post.provider.refreshes()), (1, 0));
    post.clock.advance(HOUR);
    channel.send(&outbound()).await.unwrap();
    assert_eq!((post.sink.connections(), post.provider.refreshes()), (2, 1));
    // A token that should be good, and is refused: one refresh, and the mail goes.
    post.provider.forget_access();
    post.clock.advance(Duration::from_secs(1));
    let fresh = post.channel();
    fresh.send(&outbound()).await.unwrap();
    assert_eq!((post.sink.mails().len(), post.provider.refreshes()), (4, 2));
    // When the new one is refused too, it is not the token: no third one is asked for.
    post.sink.demand_tokens(USER, |_| false);
    for _ in 0..3 {
        let error = post.channel().send(&outbound()).await.unwrap_err();
        assert!(matches!(error, SendError::Misconfigured { .. }), "{error:?}");
        post.is_discreet(&error.to_string());
    }
    let stubborn = post.channel();
    let before = post.provider.refreshes();
    for _ in 0..3 {
        stubborn.send(&outbound()).await.unwrap_err();
    }
    assert_eq!(post.provider.refreshes(), before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_that_could_not_be_stored_are_stored_before_anything_else_is_asked() {
    let post = Post::sending().await;
    post.sign_in().await;
    post.clock.advance(HOUR);
    post.tokens.refusals.store(3, Ordering::SeqCst);
    let channel = post.channel();
    let error = channel.send(&outbound()).await.unwrap_err();
    assert!(matches!(&error, SendError::Unreachable { detail } if detail.contains("cannot be read or stored")), "{error:?}");
    assert_eq!((post.provider.refreshes(), post.tokens.get("office").unwrap().generation), (1, 1));
    assert!(trouble(&channel).contains("cannot be read or stored"), "{}", trouble(&channel));
    assert!(post.sink.mails().is_empty(), "nothing is used that was not stored");
    channel.send(&outbound()).await.unwrap();
    assert_eq!((post.provider.refreshes(), post.tokens.get("office").unwrap().generation), (1, 2));
    assert_eq!(trouble(&channel), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_crash_before_storing_the_old_refresh_token_is_tried_again() {
    let post = Post::sending().await;
    post.provider.forgive();
    post.sign_in().await;
    post.clock.advance(HOUR);
    post.tokens.refusals.store(3, Ordering::SeqCst);
    let crashed = post.channel();
    crashed.send(&outbound()).await.unwrap_err();
    drop(crashed);
    post.tokens.hold("nobody");
    post.tokens.release("office", "nobody").await;
    post.channel().send(&outbound()).await.unwrap();
    assert_eq!(post.provider.refreshes(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_loses_no_tokens() {
    let post = Post::sending().await;
    post.sign_in().await;
    post.clock.advance(HOUR);
    let channel = post.channel();
    for _ in 0..3 {
        // Cancelled at any moment, as a stop or a time-out would.
        let _ = tokio::time::timeout(Duration::from_millis(2), channel.send(&outbound())).await;
    }
    channel.send(&outbound()).await.unwrap();
    assert_eq!((post.provider.refreshes(), post.tokens.get("office").unwrap().generation), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_was_withdrawn_is_told_and_ends_nothing_else() {
    let Some(post) = Post::whole().await else { return };
    post.sign_in().await;
    let channel = post.channel();
    let (recorder, stop) = (Recorder::new(), CancellationToken::new());
    let receiving = tokio::spawn({
        let (channel, recorder, stop) = (channel.clone(), recorder.clone(), stop.clone());
        async move { channel.receive(recorder, stop).await }
    });
    until(|| channel.health()[0].last_success.is_some()).await;
    post.provider.withdraw();
    post.clock.advance(HOUR);
    let error = channel.send(&outbound()).await.unwrap_err();
    let words = "the sign-in of mailbox `office` has expired or was withdrawn: run `tawasul mail login office`";
    assert_eq!(error, SendError::Misconfigured { detail: words.to_owned() });
    until(|| trouble(&channel) == words).await;
    let asked = post.provider.requests().len();
    channel.send(&outbound()).await.unwrap_err();
    assert_eq!(post.provider.requests().len(), asked, "a dead token is not asked for again");
    // Somebody signs in again: what runs goes on.
    post.sign_in().await;
    channel.send(&outbound()).await.unwrap();
    until(|| trouble(&channel).is_empty()).await;
    stop.cancel();
    receiving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_away_the_token_serves_as_long_as_it_holds() {
    let post = Post::sending().await;
    post.sign_in().await;
    let channel = post.channel();
    post.clock.advance(HOUR - Duration::from_secs(200));
    post.provider.mishaps([Mishap::Status(500), Mishap::Garbage, Mishap::Refuse("invalid_client")]);
    channel.send(&outbound()).await.unwrap();
    assert_eq!(trouble(&channel), "");
    // Asked again only after a pause.
    channel.send(&outbound()).await.unwrap();
    assert_eq!(post.provider.requests().len(), 1);
    post.clock.advance(Duration::from_secs(200));
    let error = channel.send(&outbound()).await.unwrap_err();
    assert!(matches!(&error, SendError::Unreachable { detail } if detail.contains("could not be read")), "{error:?}");
    post.clock.advance(HOUR);
    let error = channel.send(&outbound()).await.unwrap_err();
    assert!(matches!(&error, SendError::Misconfigured { detail } if detail.contains("invalid_client, AADSTS70008")), "{error:?}");
    post.is_discreet(&format!("{error:?} {:?}", post.tokens.get("office")));
    post.clock.advance(HOUR);
    channel.send(&outbound()).await.unwrap();
    assert_eq!(post.tokens.get("office").unwrap().trouble, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_hangs_is_given_up() {
    let post = Post::sending().await;
    post.sign_in().await;
    post.clock.advance(HOUR);
    post.provider.mishaps([Mishap::Hang]);
    let error = post.channel().send(&outbound()).await.unwrap_err();
    assert!(matches!(&error, SendError::Unreachable { detail } if detail.contains("no answer in time")), "{error:?}");
    assert!(!post.tokens.is_held());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_replica_renews_is_waited_for() {
    let post = Post::sending().await;
    post.sign_in().await;
    post.clock.advance(HOUR);
    post.tokens.hold("another");
    let channel = post.channel();
    let sending = tokio::spawn(async move { channel.send(&outbound()).await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!((post.provider.refreshes(), post.sink.mails().len()), (0, 0));
    post.sign_in().await;
    sending.await.unwrap().unwrap();
    assert_eq!((post.provider.refreshes(), post.sink.mails().len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_mailbox_is_renewed_each_day_and_its_end_is_known() {
    let post = Post::sending().await;
    post.sign_in().await;
    post.clock.advance(21 * HOUR);
    post.provider.set_grant_life(90 * 86_400);
    let tended = |channel: Arc<EmailChannel>| async move {
        let stop = CancellationToken::new();
        let receiving = tokio::spawn({
            let (channel, stop) = (channel.clone(), stop.clone());
            async move { channel.receive(Recorder::new(), stop).await }
        });
        tokio::time::sleep(Duration::from_millis(600)).await;
        stop.cancel();
        receiving.await.unwrap();
        channel
    };
    tended(post.channel()).await;
    assert_eq!(post.provider.refreshes(), 1);
    tended(post.channel()).await;
    assert_eq!(post.provider.refreshes(), 1, "once a day is enough");
    let end = post.tokens.get("office").unwrap().tokens.refresh_expires_at.unwrap();
    assert_eq!(end, post.clock_now().plus(Duration::from_secs(90 * 86_400)));
}
