//! Signed webhooks.

use crate::support::{
    http::signature,
    interface::{Answer, Interface},
    postgres,
};
use axum::{
    body::Body,
    http::{Request, request::Builder},
};
use serde_json::{Value, json};
use std::time::Duration;

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const STRANGE: &str = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=";

fn service() -> String {
    format!("[webhooks]\nsources = [{{ name = \"crm\", secret = \"{OLD} {NEW}\" }}]\n")
}

fn body(text: &str) -> Vec<u8> {
    json!({ "sender": { "name": "فاطمة", "address": "tel:+966551234567" }, "text": text }).to_string().into_bytes()
}

fn seconds(office: &Interface) -> i64 {
    office.now().micros() / 1_000_000
}

fn signed(secret: &str, id: &str, seconds: i64, body: &[u8]) -> Builder {
    Request::post("/webhooks/in/crm")
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature(secret, id, seconds, body))
}

async fn post(office: &Interface, secret: &str, id: &str, body: &[u8]) -> Answer {
    office.send(signed(secret, id, seconds(office), body).body(Body::from(body.to_vec())).unwrap()).await
}

async fn a_redelivery_changes_nothing(office: Interface) {
    let said = body("متى تُصرف المساعدة؟");
    let first = post(&office, OLD, "m-1", &said).await.expect(201).json();
    assert_eq!((&first["status"], first["pin"].as_str().unwrap().len()), (&json!("accepted"), 6));
    office.wait(Duration::from_secs(20));
    let again = post(&office, OLD, "m-1", &said).await.expect(200).json();
    assert_eq!((&again["status"], &again["reference"]), (&json!("duplicate"), &first["reference"]));

    let ticket = office.get(&format!("/api/v1/tickets/{}", first["reference"].as_str().unwrap())).await.expect(200).json();
    assert_eq!((ticket["messages"].as_array().unwrap().len(), &ticket["messages"][0]["text"]), (1, &json!("متى تُصرف المساعدة؟")));
    assert_eq!((&ticket["messages"][0]["external_id"], &ticket["account"]), (&json!("m-1"), &json!("crm")));
    assert_eq!(office.get("/api/v1/tickets").await.json()["tickets"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_redelivered_webhook_changes_nothing() {
    a_redelivery_changes_nothing(Interface::lite(&service()).await).await;
}

#[tokio::test]
async fn a_redelivered_webhook_changes_nothing_on_postgresql() {
    let Some(url) = postgres::fresh_database() else { return };
    a_redelivery_changes_nothing(Interface::pg(&service(), &url).await).await;
}

#[tokio::test]
async fn an_id_that_is_used_for_another_message_is_refused() {
    let office = Interface::lite(&service()).await;
    post(&office, OLD, "m-1", &body("الأولى")).await.expect(201);
    let problem = post(&office, OLD, "m-1", &body("رسالة أخرى")).await.expect(422);
    assert_eq!((problem.json()["code"].as_str(), problem.header("content-type")), (Some("id_reused"), "application/problem+json"));
}

#[tokio::test]
async fn an_unsigned_request_is_refused_before_its_body_is_read() {
    let office = Interface::lite(&service()).await;
    let never = || Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    for missing in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut request = signed(OLD, "m-1", seconds(&office), b"").body(never()).unwrap();
        request.headers_mut().remove(missing);
        let refused = tokio::time::timeout(Duration::from_secs(5), office.send(request)).await.expect("it does not wait for the body");
        assert_eq!(refused.expect(401).json()["code"], "signature", "{missing}");
    }
}

#[tokio::test]
async fn copies_that_arrive_at_the_same_moment_make_one_ticket() {
    let office = Interface::lite(&service()).await;
    let said = body("رسالة واحدة");
    let answers = futures_util::future::join_all((0..8).map(|_| post(&office, OLD, "m-1", &said))).await;
    let references: std::collections::BTreeSet<String> = answers.iter().map(|answer| answer.json()["reference"].to_string()).collect();
    assert_eq!((references.len(), answers.iter().filter(|answer| answer.status == 201).count()), (1, 1));
}

#[tokio::test]
async fn while_a_secret_is_rotated_both_hold_and_no_other() {
    let office = Interface::lite(&service()).await;
    post(&office, OLD, "m-1", &body("الأولى")).await.expect(201);
    post(&office, NEW, "m-2", &body("الثانية")).await.expect(201);
    let refused = post(&office, STRANGE, "m-3", &body("الثالثة")).await.expect(401);
    assert_eq!((refused.json()["code"].as_str(), refused.header("content-type")), (Some("signature"), "application/problem+json"));
    // The signature holds for these bytes only.
    let altered = signed(OLD, "m-4", seconds(&office), &body("الرابعة")).body(Body::from(body("الخامسة"))).unwrap();
    office.send(altered).await.expect(401);
    assert_eq!(office.get("/api/v1/tickets").await.json()["tickets"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_stale_or_future_message_is_refused() {
    let office = Interface::lite(&service()).await;
    let said = body("قديمة");
    for (moved, status) in [(-301, 401), (301, 401), (-299, 201), (299, 201)] {
        let request = signed(OLD, &format!("m{moved}"), seconds(&office) + moved, &said).body(Body::from(said.clone())).unwrap();
        office.send(request).await.expect(status);
    }
}

#[tokio::test]
async fn a_later_message_of_the_conversation_joins_its_ticket() {
    let office = Interface::lite(&service()).await;
    let said = |text: &str| json!({ "sender": { "address": "user-7" }, "text": text, "thread": "t-1" }).to_string().into_bytes();
    let first = post(&office, OLD, "m-1", &said("أولا")).await.expect(201).json();
    let second = post(&office, OLD, "m-2", &said("ثانيا")).await.expect(200).json();
    assert_eq!((&second["status"], &second["reference"], &second["pin"]), (&json!("accepted"), &first["reference"], &Value::Null));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_place() {
    let office = Interface::lite(&service()).await;
    let wrong = json!({ "sender": { "address": "user-7" }, "text": 7 }).to_string().into_bytes();
    let problem = post(&office, OLD, "m-1", &wrong).await.expect(400).json();
    assert_eq!((&problem["code"], &problem["at"]), (&json!("malformed"), &json!("text")));
    let empty = json!({ "sender": { "address": "user-7" }, "text": "" }).to_string().into_bytes();
    assert_eq!(post(&office, OLD, "m-2", &empty).await.expect(400).json()["code"], "empty");
    let large = vec![b' '; (36 << 20) + 1];
    assert_eq!(post(&office, OLD, "m-3", &large).await.expect(413).json()["code"], "too_large");
}

#[tokio::test]
async fn only_a_configured_source_is_heard_and_only_by_post() {
    let office = Interface::lite(&service()).await;
    let get = Request::get("/webhooks/in/crm").body(Body::empty()).unwrap();
    assert_eq!(office.send(get).await.expect(405).header("allow"), "POST");
    for path in ["/webhooks/in/erp", "/webhooks/in/%FF", "/webhooks/carrier-pigeon"] {
        office.send(Request::post(path).body(Body::from("{}")).unwrap()).await.expect(404);
    }
    let none = Interface::lite("").await;
    none.send(Request::post("/webhooks/in/crm").body(Body::from("{}")).unwrap()).await.expect(404);
}

#[tokio::test]
async fn what_needs_a_person_is_taken_and_what_could_not_be_stored_is_not() {
    let deserted = Interface::deserted(&service()).await;
    let kept = post(&deserted, OLD, "m-1", &body("لا أحد هنا")).await.expect(202).json();
    assert_eq!(kept, json!({ "status": "quarantined" }));
    post(&deserted, OLD, "m-1", &body("لا أحد هنا")).await.expect(200);

    let office = Interface::lite(&service()).await;
    office.store.close().await;
    let away = post(&office, OLD, "m-1", &body("لا مخزن")).await.expect(503);
    assert_eq!((away.header("retry-after"), away.json()["code"].as_str()), ("5", Some("unavailable")));
}
