//! What a message and a page cost, in statements: a number that grows by itself is how a service gets slow.
//!
//! One test only: the count is the whole process's.

mod support;

use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use std::sync::Arc;
use support::app::TestApp;
use tawasul::{
    access::Viewer,
    casework::{Casework, QueueRequest},
    channel::{
        Channel, Inbound, InboundSink, Taken,
        portal::PortalChannel,
        webhook::{
            WebhookChannel,
            egress::{Egress, Patience, Reach},
            parse::Headers,
            settings::Settings,
            signature::{Secrets, sign},
        },
    },
    config,
    domain::Key,
    intake::Intake,
    outbox::Outbox,
    routing::Rules,
    store::Store,
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Statements until now.
fn count(recorder: &PrometheusHandle) -> u64 {
    let text = recorder.render();
    let line = text.lines().find(|line| line.starts_with("tawasul_store_statements_total "));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

struct Setup {
    intake: Intake,
    casework: Casework,
    webhooks: Arc<WebhookChannel>,
    seconds: i64,
}

/// The built-in office with one source that is answered and one receiver of every event.
fn setup(store: &Arc<Store>) -> Setup {
    let empty = tempfile::tempdir().unwrap();
    let config = config::load(Some(empty.path()), std::iter::empty()).unwrap();
    let settings: Settings = serde_json::from_value(json!({
        "allow_private_targets": true,
        "sources": [{ "name": "crm", "secret": SECRET, "reply_url": "http://127.0.0.1:9/replies" }],
        "targets": [{ "url": "http://127.0.0.1:9/events", "secret": SECRET }],
    }))
    .unwrap();
    let patience = Patience { connect: std::time::Duration::from_millis(100), total: std::time::Duration::from_millis(100) };
    let egress = Egress::new(None, Reach::Anywhere, patience).unwrap();
    let webhooks = WebhookChannel::with_egress(&settings, store.world().clone(), egress).unwrap();
    let channels: Vec<Arc<dyn Channel>> = vec![PortalChannel::new(), webhooks.clone()];
    let name = config.office.name.clone();
    let outbox = Outbox::new(store.clone(), channels, Some(webhooks.clone()), config.outbox.clone(), Vec::new(), name);
    let casework = Casework::new(store.clone(), outbox, Arc::new(config.office.clone()), config.calendar.clone(), "http://127.0.0.1");
    let intake = Intake::new(store.clone(), casework.clone(), Rules::new(config.rules.clone()));
    Setup { intake, casework, webhooks, seconds: store.world().now().micros() / 1_000_000 }
}

impl Setup {
    /// A message as the source posts it.
    fn posted(&self, number: u32, sender: &str, thread: &str) -> Inbound {
        let body =
            json!({ "sender": { "name": "فاطمة", "address": sender }, "text": "لم تصلني السلة الغذائية", "thread": thread }).to_string();
        let (id, timestamp) = (format!("m-{number}"), self.seconds.to_string());
        let signature = sign(&Secrets::parse(SECRET).unwrap(), &id, self.seconds, body.as_bytes());
        let headers = Headers { id: Some(&id), timestamp: Some(&timestamp), signature: Some(&signature) };
        self.webhooks.parse("crm", headers, body.into()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_and_a_page_cost_no_more_statements_than_they_do() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().unwrap();
    let app = TestApp::start().await;
    let office = setup(&app.store);
    // The first one takes a block of references too.
    office.intake.deliver(office.posted(0, "tel:+966550000000", "t-0")).await.unwrap();

    let cost = async |inbound: Inbound, opens: bool| {
        let before = count(&recorder);
        let Taken::Accepted(accepted) = office.intake.deliver(inbound).await.unwrap() else { panic!("accepted") };
        assert_eq!(accepted.opened, opens);
        count(&recorder) - before
    };
    let opening = cost(office.posted(1, "tel:+966550000001", "t-1"), true).await;
    let joining = cost(office.posted(2, "tel:+966550000001", "t-1"), false).await;
    let again = cost(office.posted(3, "tel:+966550000001", "t-2"), true).await;
    let before = count(&recorder);
    assert!(matches!(office.intake.deliver(office.posted(3, "tel:+966550000001", "t-2")).await.unwrap(), Taken::Duplicate(_)));
    let copy = count(&recorder) - before;
    // They were 31, 25, 30 and 6 before statements were joined, savepoints kept for where they are needed, and nothing was read
    // again that was just written. Where one is needed more, it is worth the new number.
    assert!(opening <= 22, "a message that opens a ticket costs {opening} statements");
    assert!(joining <= 18, "a message that joins a ticket costs {joining} statements");
    assert!(again <= 20, "a message of a known sender that opens a ticket costs {again} statements");
    assert!(copy <= 4, "a copy costs {copy} statements");

    // What was promised so far goes out: each notice once read and once recorded.
    let waiting = app.store.read().await.unwrap().outbox_depth().await.unwrap().0.unsigned_abs();
    let before = count(&recorder);
    let sent = app.outbox.send_due().await.unwrap() as u64;
    assert!(sent >= 4 && sent <= waiting, "{sent} of {waiting}");
    let each = (count(&recorder) - before - 4) / sent;
    assert!(each <= 5, "a notice costs {each} statements to send: was its lease renewed without need?");

    let admin = app.store.read().await.unwrap().person_by_key(&Key::parse("admin").unwrap()).await.unwrap().unwrap();
    let viewer = Viewer::new(admin, office.casework.office());
    let page = async |search: &str| {
        let before = count(&recorder);
        let request = QueueRequest { search: search.to_owned(), ..QueueRequest::default() };
        let rows = office.casework.queue(&viewer, request).await.unwrap().rows;
        (rows.len(), count(&recorder) - before)
    };
    let (few, small) = page("").await;
    for number in 10..40 {
        office.intake.deliver(office.posted(number, "tel:+966550000001", &format!("t-{number}"))).await.unwrap();
    }
    let (many, large) = page("").await;
    assert!(few < 5 && many > 30);
    assert_eq!(small, large, "a page costs the same, however many tickets are on it");
    assert!(large <= 3, "a page costs {large} statements");
    let one = app.store.read().await.unwrap().list_tickets(&viewer.scope(), &Default::default(), 1).await.unwrap().remove(0);
    let (found, searched) = page(&one.reference.to_string()).await;
    assert_eq!(found, 1);
    assert!(searched <= 4, "the search for one costs {searched} statements");
}
