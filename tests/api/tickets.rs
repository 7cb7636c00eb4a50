//! Opening a ticket and reading it.

use crate::{
    PICTURE, in_arabic_digits, matter, opened,
    support::{interface::Interface, postgres},
};
use serde_json::json;

async fn is_opened_and_read_whole(office: Interface) {
    let answer = office.post("/api/v1/tickets", &matter()).await.expect(201);
    let said = answer.json();
    let reference = said["reference"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/api/v1/tickets/{reference}"));
    assert_eq!(said["pin"].as_str().unwrap().len(), 6);
    office.dispatch().await;

    let ticket = office.get(&format!("/api/v1/tickets/{reference}")).await.expect(200).json();
    assert_eq!(ticket["status"], "assigned");
    assert_eq!((&ticket["kind"], &ticket["channel"], &ticket["language"]), (&json!("complaint"), &json!("api"), &json!("ar")));
    assert_eq!(ticket["sender"]["name"], "أم خالد الحربي");
    assert_eq!(ticket["sender"]["address"], "sandbox:umm-khalid");
    assert_eq!(ticket["fields"], json!({ "wish": "إرسال الفريق", "happened-on": "2026-11-01" }));
    assert!(!ticket["owner"]["key"].as_str().unwrap().is_empty() && !ticket["reasons"].as_array().unwrap().is_empty());

    let message = &ticket["messages"][0];
    assert_eq!((&message["direction"], &message["text"]), (&json!("inbound"), &matter()["text"]));
    assert_eq!((&message["reply"], &message["id"]), (&matter()["text"], &said["message"]));
    let file = &message["attachments"][0];
    assert_eq!((&file["name"], &file["content_type"], &file["size"]), (&json!("صورة السقف.png"), &json!("image/png"), &json!(16)));

    let kinds: Vec<&str> = ticket["timeline"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["opened", "routed"]);
    assert_eq!(ticket["timeline"][1]["data"]["to"], ticket["owner"]["key"]);
    let received = ticket["notices"].as_array().unwrap().iter().find(|notice| notice["kind"] == "received").unwrap();
    assert_eq!((&received["audience"], &received["state"], &received["attempts"]), (&json!("sender"), &json!("sent"), &json!(1)));
    assert_eq!(received["to"], "sandbox:umm-khalid");

    let download = office.get(file["url"].as_str().unwrap()).await.expect(200);
    assert_eq!((download.header("content-type"), download.header("x-content-type-options")), ("image/png", "nosniff"));
    assert!(download.header("content-disposition").starts_with("attachment; "), "{}", download.header("content-disposition"));
    assert_eq!(download.body, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
}

#[tokio::test]
async fn a_ticket_is_opened_and_read_whole() {
    is_opened_and_read_whole(Interface::lite("").await).await;
}

#[tokio::test]
async fn a_ticket_is_opened_and_read_whole_on_postgresql() {
    let Some(url) = postgres::fresh_database() else { return };
    is_opened_and_read_whole(Interface::pg("", &url).await).await;
}

#[tokio::test]
async fn a_reference_is_read_in_every_spelling() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &matter()).await;
    for spelling in [reference.replace('-', ""), reference.replace('-', "%20"), in_arabic_digits(&reference)] {
        let ticket = office.get(&format!("/api/v1/tickets/{spelling}")).await.expect(200).json();
        assert_eq!(ticket["reference"], reference, "{spelling}");
    }
}

#[tokio::test]
async fn a_repeat_with_the_same_key_opens_no_second_ticket() {
    let office = Interface::lite("").await;
    let send = async |token: &str, body| office.post_as(token, "/api/v1/tickets", body, &[("Idempotency-Key", "crm-48213")]).await;
    let matter = matter();
    let first = send(&office.token, &matter).await.expect(201).json();
    let again = send(&office.token, &matter).await.expect(200);
    assert_eq!(again.json(), first);
    assert_eq!(again.header("location"), first["url"].as_str().unwrap());

    let other = json!({ "text": "رسالة أخرى" });
    assert_eq!(send(&office.token, &other).await.expect(422).json()["code"], "key_reused");
    // Another system may have named its message alike.
    let neighbour = office.token("neighbour", &["tickets:write"]).await;
    assert_ne!(send(&neighbour, &matter).await.expect(201).json()["reference"], first["reference"]);
    let page = office.get("/api/v1/tickets").await.expect(200).json();
    assert_eq!(page["tickets"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn without_an_address_the_sender_follows_the_tracking_page() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &json!({ "text": "Please call me back." })).await;
    office.dispatch().await;
    let ticket = office.get(&format!("/api/v1/tickets/{reference}")).await.expect(200).json();
    assert!(ticket["sender"]["address"].as_str().unwrap().starts_with("portal:"));
    assert_eq!((&ticket["language"], &ticket["notices"][0]["channel"]), (&json!("en"), &json!("portal")));
}

#[tokio::test]
async fn a_value_that_cannot_be_taken_is_named_with_its_place() {
    let office = Interface::lite("").await;
    let file = |content: &str| json!([{ "name": "a", "content": PICTURE }, { "name": "b", "content": content }]);
    for (body, at) in [
        (json!({ "text": "x", "sender": { "address": "nobody" } }), "sender.address"),
        (json!({ "text": "x", "sender": { "address": "webhook:crm/7" } }), "sender.address"),
        (json!({ "text": "x", "sender": { "address": "portal:abc" } }), "sender.address"),
        (json!({ "text": "x", "sender": { "address": "05512" } }), "sender.address"),
        (json!({ "text": "x", "sender": { "language": "fr" } }), "sender.language"),
        (json!({ "text": "x", "sender": { "group": "king" } }), "sender.group"),
        (json!({ "text": "x", "kind": "wish" }), "kind"),
        (json!({ "text": "x", "site": "moon" }), "site"),
        (json!({ "text": "x", "kind": "complaint", "fields": { "happened-on": "غدا" } }), "fields.happened-on"),
        (json!({ "text": "x", "kind": "complaint", "fields": { "colour": "red" } }), "fields.colour"),
        (json!({ "text": "x", "fields": { "list": [] } }), "fields.list"),
        (json!({ "text": "ش".repeat(100_001) }), "text"),
        (json!({ "text": "x", "attachments": file("***") }), "attachments[1].content"),
    ] {
        let problem = office.post("/api/v1/tickets", &body).await.expect(400).json();
        assert_eq!((&problem["code"], &problem["at"]), (&json!("bad_value"), &json!(at)), "{problem}");
    }
    let empty = office.post("/api/v1/tickets", &json!({ "text": " \n" })).await.expect(400).json();
    assert_eq!((&empty["code"], &empty["at"]), (&json!("empty"), &json!("text")));
    let many = vec![json!({ "name": "a", "content": "" }); 21];
    let problem = office.post("/api/v1/tickets", &json!({ "text": "x", "attachments": many })).await.expect(413).json();
    assert_eq!(problem["at"], "attachments");
}

#[tokio::test]
async fn a_look_at_a_confidential_ticket_is_recorded() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &json!({ "kind": "personal-data", "text": "احذفوا بياناتي" })).await;
    let path = format!("/api/v1/tickets/{reference}");
    let ticket = office.get(&path).await.expect(200).json();
    assert_eq!(ticket["messages"][0]["text"], "احذفوا بياناتي");
    let look = ticket["timeline"].as_array().unwrap().last().unwrap();
    assert_eq!((&look["kind"], &look["actor"], &look["data"]["interface"]), (&json!("viewed"), &json!("system"), &json!("crm")));
    assert_eq!(office.get("/api/v1/tickets").await.json()["tickets"][0]["subject"], json!(null));
}

#[tokio::test]
async fn what_nobody_can_own_is_kept_for_a_person() {
    let office = Interface::deserted("").await;
    let answer = office.post("/api/v1/tickets", &matter()).await.expect(202).json();
    assert_eq!(answer, json!({ "status": "quarantined" }));
    assert_eq!(office.casework.stuck_counts().await.unwrap().0, 1);
}

#[tokio::test]
async fn while_nothing_can_be_stored_the_caller_is_asked_to_come_again() {
    let office = Interface::lite("").await;
    office.store.close().await;
    let answer = office.post("/api/v1/tickets", &matter()).await.expect(503);
    assert_eq!((answer.header("retry-after"), answer.json()["code"].as_str()), ("5", Some("unavailable")));
}
