//! The webhook channel against a receiver of flesh and blood: a local HTTP server.

mod receiver;

use receiver::{Receiver, Reply};
use std::{sync::Arc, time::Duration};
use tawasul::{
    channel::{
        Channel, OutThread, Outbound, SendError,
        webhook::{
            WebhookChannel,
            egress::{Egress, Patience, Reach},
            parse::Headers,
            render,
            settings::Settings,
            signature::{Secrets, verify},
        },
    },
    domain::{
        Address, At, Language, NoticeId, Scheme, World,
        world::fixed::{FixedClock, Seeded},
    },
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW: At = At(1_790_000_000_000_000);

fn world() -> World {
    World { clock: FixedClock::at(NOW), chance: Seeded::new(1) }
}

fn settings(receiver: &Receiver) -> Settings {
    let text = format!(
        r#"
        allow_private_targets = true
        [[sources]]
        name = "crm"
        secret = "{SECRET}"
        reply_url = "{}"
        [[sources]]
        name = "silent"
        secret = "{SECRET}"
        [[targets]]
        url = "{}"
        secret = "{SECRET} whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        events = ["ticket.opened"]
        "#,
        receiver.url("/replies/t0ken"),
        receiver.url("/events/t0ken"),
    );
    toml::from_str(&text).expect("settings")
}

fn channel(receiver: &Receiver) -> Arc<WebhookChannel> {
    let patience = Patience { connect: Duration::from_millis(500), total: Duration::from_millis(500) };
    let egress = Egress::new(None, Reach::Anywhere, patience).expect("a client");
    WebhookChannel::with_egress(&settings(receiver), world(), egress).expect("a channel")
}

fn notice(to: Address, text: &str) -> Outbound {
    Outbound {
        notice: NoticeId::new(&world()),
        to,
        account: None,
        language: Language::Ar,
        subject: "تم استلام طلبك".into(),
        text: text.into(),
        personal: false,
        from_name: "تواصل".into(),
        thread: OutThread { conversation: Some("webhook:crm:4711".into()), ..OutThread::default() },
        attachments: Vec::new(),
        staff: None,
    }
}

fn told(channel: &WebhookChannel) -> Outbound {
    let target = channel.targets_for("ticket.opened").next().expect("a target");
    notice(target.address().expect("its address"), r#"{"type":"ticket.opened"}"#)
}

#[tokio::test]
async fn a_target_gets_the_very_text_signed_with_every_secret() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    let outbound = told(&channel);
    let sent = channel.send(&outbound).await.expect("sent");
    assert_eq!(sent.external_id, Some(outbound.notice.to_string()));
    let post = &receiver.posts()[0];
    assert_eq!((post.path.as_str(), post.body.as_str()), ("/events/t0ken", outbound.text.as_str()));
    assert_eq!(post.header("content-type"), "application/json");
    let (id, timestamp, signature) = (post.header("webhook-id"), post.header("webhook-timestamp"), post.header("webhook-signature"));
    for secret in [SECRET, "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] {
        let secrets = Secrets::parse(secret).expect("a secret");
        assert_eq!(verify(&secrets, id, timestamp, signature, post.body.as_bytes(), NOW), Ok(()));
    }
    assert!(channel.health().iter().any(|account| account.last_success == Some(NOW)), "{:?}", channel.health());
}

#[tokio::test]
async fn a_sender_of_a_source_is_answered_through_it() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    let to = Address::new(Scheme::Webhook, "crm/مستفيد-17").expect("an address");
    assert!(channel.reaches(&to));
    channel.send(&notice(to, "وصلنا طلبك 🌿")).await.expect("sent");
    let body: serde_json::Value = serde_json::from_str(&receiver.posts()[0].body).expect("JSON");
    assert_eq!(body["type"], "message.outbound");
    assert_eq!(body["data"]["to"]["address"], "مستفيد-17");
    assert_eq!((&body["data"]["text"], &body["data"]["thread"]), (&"وصلنا طلبك 🌿".into(), &"4711".into()));
}

#[tokio::test]
async fn only_known_targets_and_answering_sources_are_reached() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    for (scheme, value) in [
        (Scheme::Webhook, "silent/1"),
        (Scheme::Webhook, "other/1"),
        (Scheme::Webhook, "crm"),
        (Scheme::WebhookTarget, "x"),
        (Scheme::Tel, "0551234567"),
    ] {
        let to = Address::new(scheme, value).expect("an address");
        assert!(!channel.reaches(&to), "{value}");
        assert_eq!(channel.send(&notice(to, "x")).await.map_err(|error| error.code()), Err("invalid"), "{value}");
    }
    assert!(receiver.posts().is_empty());
}

#[tokio::test]
async fn a_target_that_is_gone_hears_nothing_more_until_it_is_switched_on() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    let outbound = told(&channel);
    receiver.reply([Reply::Status(410)]);
    assert_eq!(channel.send(&outbound).await, Err(SendError::Stopped));
    assert!(channel.is_disabled(outbound.to.value()));
    assert_eq!(channel.targets_for("ticket.opened").count(), 0);
    assert_eq!(channel.send(&outbound).await, Err(SendError::Stopped));
    assert_eq!(receiver.posts().len(), 1);
    channel.enable(outbound.to.value());
    assert!(channel.send(&outbound).await.is_ok());
}

#[tokio::test]
async fn every_refusal_has_its_meaning() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    let outbound = told(&channel);
    let retry_after = |status, value: &str| Reply::With(status, "retry-after", value.into());
    receiver.reply([retry_after(429, "7"), retry_after(503, "86400"), Reply::Status(500), Reply::Status(404)]);
    assert_eq!(channel.send(&outbound).await, Err(SendError::Throttled { after: Duration::from_secs(7) }));
    assert_eq!(channel.send(&outbound).await, Err(SendError::Throttled { after: Duration::from_secs(3600) }));
    assert_eq!(channel.send(&outbound).await, Err(SendError::Unreachable { detail: "HTTP 500".into() }));
    assert_eq!(channel.send(&outbound).await, Err(SendError::Rejected { code: "404".into(), detail: "HTTP 404".into() }));
    let trouble = channel.health().into_iter().find(|account| account.account == outbound.to.value()).and_then(|account| account.trouble);
    assert_eq!(trouble.as_deref(), Some("refused (404): HTTP 404"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    receiver.reply([Reply::With(307, "location", receiver.url("/elsewhere"))]);
    assert_eq!(channel.send(&told(&channel)).await.map_err(|error| error.code()), Err("rejected"));
    assert_eq!(receiver.posts().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_never_answers_may_have_got_it() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    receiver.reply([Reply::Never]);
    let error = channel.send(&told(&channel)).await.expect_err("no answer");
    assert!(matches!(error, SendError::Uncertain { .. }) && error.retry(), "{error:?}");
    assert_eq!(receiver.posts().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_away_is_tried_again() {
    let receiver = Receiver::start().await;
    let mut away = settings(&receiver);
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port");
    away.targets[0].url = format!("http://{free}/t0ken");
    let channel = WebhookChannel::new(&away, world()).expect("a channel");
    let error = channel.send(&told(&channel)).await.expect_err("nobody listens");
    assert!(matches!(error, SendError::Unreachable { .. }) && error.retry(), "{error:?}");
    assert!(!error.to_string().contains("t0ken"), "{error}");
}

#[tokio::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let receiver = Receiver::start().await;
    let mut careful = settings(&receiver);
    careful.allow_private_targets = false;
    for url in [receiver.url("/t0ken"), format!("https://localhost:{}/t0ken", receiver.port)] {
        careful.targets[0].url = url;
        let channel = WebhookChannel::new(&careful, world()).expect("a channel");
        let error = channel.send(&told(&channel)).await.expect_err("private");
        assert!(matches!(&error, SendError::Rejected { code, .. } if code == "private_address"), "{error:?}");
    }
    assert!(receiver.posts().is_empty());
}

#[tokio::test]
async fn a_message_comes_in_through_the_source_and_its_health_is_noted() {
    let receiver = Receiver::start().await;
    let channel = channel(&receiver);
    let body = r#"{"sender":{"address":"u1"},"text":"السلام عليكم"}"#;
    let seconds = NOW.micros() / 1_000_000;
    let timestamp = seconds.to_string();
    let signature = tawasul::channel::webhook::signature::sign(&Secrets::parse(SECRET).expect("a secret"), "m1", seconds, body.as_bytes());
    let headers = Headers { id: Some("m1"), timestamp: Some(&timestamp), signature: Some(&signature) };
    let status = |source, headers| channel.parse(source, headers, body.into()).map(|_| ()).map_err(|refusal| refusal.status());
    let state = |name: &str| channel.health().into_iter().find(|account| account.account == name).expect("an account");
    assert_eq!(status("nobody", headers), Err(404));
    assert_eq!(status("silent", Headers { id: Some("m2"), ..headers }), Err(401));
    assert!(state("silent").trouble.is_some());
    assert_eq!(status("crm", Headers::default()), Err(401));
    assert_eq!((state("crm").trouble, state("crm").last_success), (None, None));
    assert_eq!(status("crm", headers), Ok(()));
    assert_eq!(state("crm").last_success, Some(NOW));
}

#[test]
fn what_stays_inside_has_no_name_outside() {
    use tawasul::domain::EventKind;
    for inside in [EventKind::Noted, EventKind::Viewed, EventKind::NoticeFailed] {
        assert_eq!(render::event_name(inside), None);
    }
}
