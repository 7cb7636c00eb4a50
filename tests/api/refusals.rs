//! Who is let in, and how a refusal reads.

use crate::{matter, opened, support::interface::Interface};
use axum::{body::Body, http::Request};
use serde_json::json;

#[tokio::test]
async fn only_a_known_token_is_let_in() {
    let office = Interface::lite("").await;
    let bare = office.send(Request::get("/api/v1/tickets").body(Body::empty()).unwrap()).await.expect(401);
    assert_eq!((bare.header("www-authenticate"), bare.json()["code"].as_str()), (r#"Bearer realm="tawasul""#, Some("no_token")));
    let wrong = office.get_as("tws_x", "/api/v1/tickets").await.expect(401);
    assert!(wrong.header("www-authenticate").contains("invalid_token"));
    let lower = Request::get("/api/v1/tickets").header("authorization", format!("bearer  {}", office.token));
    office.send(lower.body(Body::empty()).unwrap()).await.expect(200);
    let basic = Request::get("/api/v1/tickets").header("authorization", "Basic dXNlcjpwYXNz");
    office.send(basic.body(Body::empty()).unwrap()).await.expect(401);
}

#[tokio::test]
async fn each_scope_opens_its_own_doors() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &matter()).await;
    let ticket = format!("/api/v1/tickets/{reference}");
    let (reader, writer) = (office.token("reader", &["tickets:read"]).await, office.token("writer", &["tickets:write"]).await);

    office.get_as(&reader, "/api/v1/tickets").await.expect(200);
    for path in ["/api/v1/tickets".to_owned(), format!("{ticket}/replies"), format!("{ticket}/notes"), format!("{ticket}/state")] {
        let refused = office.post_as(&reader, &path, &json!({ "text": "x" }), &[]).await.expect(403);
        assert!(refused.header("www-authenticate").contains(r#"error="insufficient_scope", scope="tickets:write""#));
    }
    for path in ["/api/v1/tickets", ticket.as_str(), "/api/v1/attachments/01890000-0000-7000-8000-000000000000"] {
        assert_eq!(office.get_as(&writer, path).await.expect(403).json()["code"], "scope_missing");
    }
    office.post_as(&writer, "/api/v1/tickets", &matter(), &[]).await.expect(201);
    // Who may write and not read is not shown the ticket either.
    let done = office.post_as(&writer, &format!("{ticket}/notes"), &json!({ "text": "x" }), &[]).await.expect(204);
    assert!(done.body.is_empty());
}

#[tokio::test]
async fn a_refusal_is_a_problem_document_in_the_language_of_the_caller() {
    let office = Interface::lite("").await;
    let asked = |language: &str| Request::get("/api/v1/nothing").header("accept-language", language).body(Body::empty()).unwrap();
    let english = office.send(asked("en")).await.expect(404);
    assert_eq!(english.header("content-type"), "application/problem+json");
    let problem = english.json();
    assert_eq!(
        problem,
        json!({ "type": "about:blank", "title": "Not Found", "status": 404, "code": "unknown_path", "detail": "There is nothing at this address." })
    );
    let arabic = office.send(asked("ar-SA,en;q=0.5")).await.expect(404);
    assert_eq!((arabic.header("content-language"), arabic.json()["detail"].as_str()), ("ar", Some("لا يوجد شيء على هذا العنوان.")));
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_done_are_told_apart() {
    let office = Interface::lite("").await;
    for path in ["/api", "/api/", "/api/v2/tickets", "/api/v1/tickets/26-000001-0/secrets"] {
        assert_eq!(office.get(path).await.expect(404).json()["code"], "unknown_path", "{path}");
    }
    for path in ["/api/v1/tickets/26-999999-0", "/api/v1/tickets/hello", "/api/v1/tickets/%FF", "/api/v1/attachments/x"] {
        assert_eq!(office.get(path).await.expect(404).json()["code"], "not_found", "{path}");
    }
    let reference = opened(&office, &matter()).await;
    let delete = Request::delete(format!("/api/v1/tickets/{reference}")).body(Body::empty()).unwrap();
    let refused = office.send(delete).await.expect(405);
    assert_eq!((refused.header("allow"), refused.json()["code"].as_str()), ("GET,HEAD", Some("method_not_allowed")));
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_with_its_place() {
    let office = Interface::lite("").await;
    let send = async |content_type: &str, body: &str| {
        let request = Request::post("/api/v1/tickets").header("authorization", format!("Bearer {}", office.token));
        office.send(request.header("content-type", content_type).body(Body::from(body.to_owned())).unwrap()).await
    };
    for (body, at) in [
        (r#"{"text": 7}"#, "text"),
        (r#"{"text": "x", "sender": {"nam": "y"}}"#, "sender.nam"),
        (r#"{"text": "x", "attachments": [{"name": "a"}]}"#, "attachments[0]"),
        (r#"{"text": "x""#, ""),
        ("[]", ""),
        (r#"{"text": "x"} {}"#, ""),
    ] {
        let problem = send("application/json", body).await.expect(400).json();
        assert_eq!((&problem["code"], &problem["at"]), (&json!("malformed"), &json!(at)), "{body}: {problem}");
        assert!(problem["reason"].as_str().unwrap().contains("line 1 column"), "{problem}");
    }
    assert_eq!(send("text/plain", "{}").await.expect(415).json()["code"], "media_type");
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(37 << 20));
    assert_eq!(send("application/json; charset=utf-8", &large).await.expect(413).json()["code"], "too_large");
}
