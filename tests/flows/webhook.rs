//! Another system hands a message in and is told what becomes of it.

use crate::{
    on_both,
    stage::{Database, PATIENCE, SECRET, Stage, seconds, until},
    support::webhook_receiver::{Reply, WebhookReceiver},
};
use serde_json::{Value, json};

const TARGET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn settings(receiver: &WebhookReceiver) -> String {
    format!(
        "[webhooks]\nallow_private_targets = true\n[[webhooks.sources]]\nname = \"crm\"\nsecret = \"{SECRET}\"\nreply_url = \"{}\"\n\
         [[webhooks.targets]]\nurl = \"{}\"\nsecret = \"{TARGET}\"\n",
        receiver.url("/reply"),
        receiver.url("/events")
    )
}

fn message(text: &str) -> Vec<u8> {
    json!({ "sender": { "name": "نورة القحطاني", "address": "crm-77", "language": "ar" }, "text": text, "thread": "t-1" })
        .to_string()
        .into_bytes()
}

/// A message that belongs to no earlier one.
fn matter(text: &str) -> Vec<u8> {
    json!({ "sender": { "address": "crm-78" }, "text": text }).to_string().into_bytes()
}

async fn post(stage: &Stage, id: &str, body: &[u8]) -> (u16, Value) {
    let answer = stage.visitor().post_signed("/webhooks/in/crm", SECRET, id, seconds(), body).await;
    (answer.status, answer.json())
}

on_both!(a_signed_message_is_answered_and_settled_and_its_system_is_told);
async fn a_signed_message_is_answered_and_settled_and_its_system_is_told(database: Database) {
    let receiver = WebhookReceiver::start().await;
    let Some(mut stage) = Stage::start(database, &settings(&receiver)) else { return };
    let body = message("لم تصلني السلة الغذائية هذا الشهر");
    let (status, first) = post(&stage, "m-1", &body).await;
    assert!((200..300).contains(&status), "{first}");
    let reference = first["reference"].as_str().unwrap().to_owned();

    // Delivered again, also after a restart: the same ticket, nothing twice.
    for round in 0..3 {
        let (status, again) = post(&stage, "m-1", &body).await;
        assert_eq!((status, again["reference"].as_str()), (200, Some(reference.as_str())), "{again}");
        if round == 1 {
            stage.restart();
        }
    }
    assert_eq!(stage.settled_tickets(1).await[0]["department"], "aid");
    let ticket = stage.ticket(&reference).await;
    assert_eq!(ticket["messages"].as_array().unwrap().len(), 1, "{ticket:#}");
    assert_eq!(ticket["owner"]["key"], "aid-officer", "{ticket:#}");

    stage.reply(&reference, "ستصلكم السلة يوم الأحد بإذن الله").await;
    let (_, joined) = post(&stage, "m-2", &message("جزاكم الله خيرًا")).await;
    assert_eq!(joined["reference"], reference.as_str(), "the same thread of the same sender");
    stage.resolve(&reference, "سُلّمت السلة").await;
    let (_, reopened) = post(&stage, "m-3", &message("لم تصل بعد")).await;
    assert_eq!(reopened["reference"], reference.as_str());
    assert_eq!(stage.ticket(&reference).await["status"], "reopened");

    stage.delivered(&reference).await;
    let posted = receiver.received();
    let types = |path: &str| -> Vec<String> {
        posted.iter().filter(|r| r.path == path).map(|r| r.json()["type"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(types("/reply"), ["message.outbound"; 4], "received, answer, resolved, reopened");
    let mut events = types("/events");
    events.sort();
    assert_eq!(events, ["ticket.opened", "ticket.reopened", "ticket.replied", "ticket.resolved", "ticket.sender_wrote"]);
    for request in &posted {
        let secret = if request.path == "/reply" { SECRET } else { TARGET };
        assert!(request.is_signed_by(secret), "{}", request.path);
        let text = String::from_utf8_lossy(&request.body).into_owned();
        assert!(request.path == "/reply" || !text.contains("نورة"), "an event holds nothing personal: {text}");
    }
    let answer = posted.iter().find(|r| String::from_utf8_lossy(&r.body).contains("يوم الأحد")).expect("the officer's words arrived");
    assert_eq!(answer.json()["data"]["to"]["address"], "crm-77");
    assert!(!stage.log().contains("نورة"), "nothing personal in the log");
    stage.stop();
}

on_both!(a_forged_or_old_signature_is_refused_and_nothing_is_stored);
async fn a_forged_or_old_signature_is_refused_and_nothing_is_stored(database: Database) {
    let receiver = WebhookReceiver::start().await;
    let Some(mut stage) = Stage::start(database, &settings(&receiver)) else { return };
    let visitor = stage.visitor();
    let body = message("x");
    assert_eq!(visitor.post_signed("/webhooks/in/crm", TARGET, "m-1", seconds(), &body).await.status, 401);
    assert_eq!(visitor.post_signed("/webhooks/in/crm", SECRET, "m-2", seconds() - 400, &body).await.status, 401);
    assert_eq!(visitor.post_signed("/webhooks/in/other", SECRET, "m-3", seconds(), &body).await.status, 404);
    assert_eq!(visitor.post_signed("/webhooks/in/crm", SECRET, "m-4", seconds(), b"{").await.status, 400);
    stage.settled_tickets(0).await;
    stage.stop();
}

on_both!(what_fails_is_tried_again_and_a_receiver_that_is_gone_is_switched_off);
async fn what_fails_is_tried_again_and_a_receiver_that_is_gone_is_switched_off(database: Database) {
    let receiver = WebhookReceiver::start().await;
    let settings = format!(
        "[outbox]\nfirst_retry = \"50ms\"\n[webhooks]\nallow_private_targets = true\n[[webhooks.sources]]\nname = \"crm\"\nsecret = \"{SECRET}\"\n\
         [[webhooks.targets]]\nurl = \"{}\"\nsecret = \"{TARGET}\"\nevents = [\"ticket.opened\"]\n",
        receiver.url("/events")
    );
    let Some(mut stage) = Stage::start(database, &settings) else { return };
    receiver.answer_with([Reply::Status(500), Reply::Status(503)]);
    post(&stage, "m-1", &matter("سلة")).await;
    let received = receiver.wait_for(3, PATIENCE).await;
    let ids: Vec<&str> = received.iter().map(|r| r.header("webhook-id")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "the same id on every attempt: {ids:?}");

    receiver.answer_with([Reply::Status(410)]);
    post(&stage, "m-2", &matter("سلة أخرى")).await;
    receiver.wait_for(4, PATIENCE).await;
    until("the dead notice", || async { stage.home.run(&["outbox", "list", "--json"]).output.contains("\"dead\"") }).await;
    stage.restart();
    post(&stage, "m-3", &matter("سلة ثالثة")).await;
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    assert_eq!(receiver.received().len(), 4, "a receiver that is gone hears no more, after a restart too");
    stage.stop();
}
