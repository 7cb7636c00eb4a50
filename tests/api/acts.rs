//! What another system does to a ticket.

use crate::{
    PICTURE, matter, opened,
    support::{interface::Interface, postgres},
};
use serde_json::json;

async fn ticket_of(office: &Interface, reference: &str) -> serde_json::Value {
    office.get(&format!("/api/v1/tickets/{reference}")).await.expect(200).json()
}

async fn is_answered_and_brought_to_an_end(office: Interface) {
    let reference = opened(&office, &matter()).await;
    let path = |what: &str| format!("/api/v1/tickets/{reference}/{what}");
    let act = async |body| office.post(&path("state"), &body).await;

    let owner = office.get(&format!("/api/v1/tickets/{reference}")).await.json()["owner"]["key"].clone();
    let reply = json!({ "text": "سيزوركم الفريق يوم الأحد.", "attachments": [{ "name": "موعد.png", "content": PICTURE }] });
    let ticket = office.post(&path("replies"), &reply).await.expect(200).json();
    assert_eq!(ticket["status"], "in_progress");
    let message = &ticket["messages"][1];
    assert_eq!((&message["direction"], &message["author"]["key"]), (&json!("outbound"), &owner));
    assert_eq!(message["attachments"][0]["content_type"], "image/png");

    let note = json!({ "text": "اتصلت بالمقاول", "as": "supervisor" });
    let ticket = office.post(&path("notes"), &note).await.expect(200).json();
    assert_eq!((&ticket["messages"][2]["direction"], &ticket["messages"][2]["author"]["key"]), (&json!("note"), &json!("supervisor")));
    let ticket = office.post(&path("questions"), &json!({ "text": "هل يناسبكم الأحد؟" })).await.expect(200).json();
    assert_eq!(ticket["status"], "waiting_sender");

    assert_eq!(act(json!({ "act": "wait", "text": "المقاول" })).await.expect(200).json()["status"], "waiting_third_party");
    assert_eq!(act(json!({ "act": "start" })).await.expect(200).json()["status"], "in_progress");
    let handed =
        act(json!({ "act": "hand_over", "department": "aid", "officer": "aid-officer", "text": "تخص المساعدات" })).await.expect(200).json();
    assert_eq!((&handed["department"], &handed["owner"]["key"]), (&json!("aid"), &json!("aid-officer")));
    assert_eq!(act(json!({ "act": "resolve", "text": "تمت الصيانة" })).await.expect(200).json()["status"], "resolved");
    assert_eq!(act(json!({ "act": "close" })).await.expect(200).json()["status"], "closed");
    assert_eq!(act(json!({ "act": "close" })).await.expect(409).json()["code"], "not_allowed");
    assert_eq!(act(json!({ "act": "reopen", "text": "لم تكتمل" })).await.expect(200).json()["status"], "reopened");
    assert_eq!(act(json!({ "act": "reject", "text": "خارج النطاق" })).await.expect(200).json()["status"], "rejected");

    let done: Vec<_> = ticket_of(&office, &reference).await["timeline"].as_array().unwrap().clone();
    let by_staff: Vec<_> = done.iter().filter(|entry| entry["actor"] == "person").collect();
    assert!(by_staff.len() >= 10 && by_staff.iter().all(|entry| entry["data"]["interface"].is_string()), "{by_staff:#?}");

    office.dispatch().await;
    let ticket = office.get(&format!("/api/v1/tickets/{reference}")).await.json();
    let sent: Vec<_> = ticket["notices"].as_array().unwrap().iter().filter(|n| n["audience"] == "sender").collect();
    assert!(sent.iter().all(|notice| notice["state"] == "sent"), "{sent:#?}");
    let told = office.sandbox.sent();
    assert!(told.iter().any(|out| out.text.contains("سيزوركم الفريق يوم الأحد.") && out.attachments.len() == 1));
    assert!(!told.iter().any(|out| out.text.contains("اتصلت بالمقاول")), "a note went out");
}

#[tokio::test]
async fn a_ticket_is_answered_and_brought_to_an_end() {
    is_answered_and_brought_to_an_end(Interface::lite("").await).await;
}

#[tokio::test]
async fn a_ticket_is_answered_and_brought_to_an_end_on_postgresql() {
    let Some(url) = postgres::fresh_database() else { return };
    is_answered_and_brought_to_an_end(Interface::pg("", &url).await).await;
}

#[tokio::test]
async fn a_repeat_with_the_same_key_does_nothing_more() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &matter()).await;
    let send = async |what: &str, body: serde_json::Value| {
        let path = format!("/api/v1/tickets/{reference}/{what}");
        office.post_as(&office.token, &path, &body, &[("Idempotency-Key", what)]).await
    };
    for (what, body) in [
        ("replies", json!({ "text": "سيزوركم الفريق.", "attachments": [{ "name": "موعد.png", "content": PICTURE }] })),
        ("notes", json!({ "text": "اتصلت بالمقاول" })),
        ("questions", json!({ "text": "هل يناسبكم الأحد؟" })),
        ("state", json!({ "act": "resolve", "text": "تمت الصيانة" })),
    ] {
        let first = send(what, body.clone()).await.expect(200).json();
        assert_eq!(send(what, body).await.expect(200).json(), first, "{what}");
        assert!(!first["timeline"].to_string().contains("nonce"));
        let other = json!({ "act": "close", "text": "شيء آخر" });
        let other = if what == "state" { other } else { json!({ "text": "شيء آخر" }) };
        assert_eq!(send(what, other).await.expect(422).json()["code"], "key_reused", "{what}");
    }
    office.dispatch().await;
    let told = office.sandbox.sent();
    assert_eq!(told.iter().filter(|out| out.text.contains("سيزوركم الفريق.")).count(), 1);
}

#[tokio::test]
async fn a_ticket_is_marked_as_spam_or_as_a_duplicate() {
    let office = Interface::lite("").await;
    let (first, second) = (opened(&office, &matter()).await, opened(&office, &matter()).await);
    let spam = office.post(&format!("/api/v1/tickets/{first}/state"), &json!({ "act": "spam" })).await.expect(200).json();
    assert_eq!(spam["status"], "spam");
    let body = json!({ "act": "duplicate", "of": first });
    let duplicate = office.post(&format!("/api/v1/tickets/{second}/state"), &body).await.expect(200).json();
    assert_eq!(
        (&duplicate["status"], &duplicate["timeline"].as_array().unwrap().last().unwrap()["data"]["of"]),
        (&json!("duplicate"), &json!(first))
    );
}

#[tokio::test]
async fn an_act_that_makes_no_sense_names_what_is_wrong() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &matter()).await;
    for (what, body, code, at) in [
        ("replies", json!({ "text": "  " }), "empty", "text"),
        ("replies", json!({ "text": "x", "as": "nobody" }), "bad_value", "as"),
        ("notes", json!({ "text": "x", "as": "No Key" }), "bad_value", "as"),
        ("questions", json!({ "text": "x".repeat(20_001) }), "bad_value", "text"),
        ("state", json!({ "act": "resolve" }), "empty", "text"),
        ("state", json!({ "act": "dance" }), "malformed", "act"),
        ("state", json!({ "act": "hand_over", "text": "x" }), "bad_value", "department"),
        ("state", json!({ "act": "hand_over", "department": "moon", "text": "x" }), "bad_value", "department"),
        ("state", json!({ "act": "hand_over", "department": "aid", "officer": "moon", "text": "x" }), "bad_value", "officer"),
        ("state", json!({ "act": "hand_over", "department": "aid" }), "empty", "text"),
        ("state", json!({ "act": "duplicate", "of": "1" }), "bad_value", "of"),
    ] {
        let problem = office.post(&format!("/api/v1/tickets/{reference}/{what}"), &body).await.expect(400).json();
        assert_eq!((&problem["code"], &problem["at"]), (&json!(code), &json!(at)), "{body}");
    }
}
