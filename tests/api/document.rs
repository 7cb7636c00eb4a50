//! The description of the interface: committed, fresh, and true.

use crate::{matter, opened, support::interface::Interface};
use axum::{body::Body, http::Request};
use serde_json::Value;
use std::path::Path;
use tawasul::web::api;

#[test]
fn the_committed_description_is_the_one_the_program_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    if std::env::var_os("TAWASUL_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, api::openapi()).unwrap();
    }
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(committed == api::openapi(), "docs/openapi.json is stale: run TAWASUL_BLESS=1 cargo test --test api");
}

fn described() -> Value {
    serde_json::from_str(&api::openapi()).unwrap()
}

/// Every operation: its path, its method, and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |path: &String, item: &Value| {
        let methods = item.as_object().unwrap().iter().map(|(method, about)| (path.clone(), method.clone(), about.clone()));
        methods.collect::<Vec<_>>()
    };
    paths.iter().flat_map(|(path, item)| of(path, item)).collect()
}

#[tokio::test]
async fn every_operation_that_is_described_answers() {
    let office = Interface::lite("").await;
    let reference = opened(&office, &matter()).await;
    let document = described();
    assert_eq!(operations(&document).len(), 9);
    for (path, method, about) in operations(&document) {
        let id = office.get(&format!("/api/v1/tickets/{reference}")).await.json()["messages"][0]["attachments"][0]["id"].clone();
        let real = path.replace("{reference}", &reference).replace("{id}", id.as_str().unwrap());
        let request = Request::builder().method(method.to_uppercase().as_str()).uri(&real);
        let request = request.header("authorization", format!("Bearer {}", office.token)).header("content-type", "application/json");
        let answer = office.send(request.body(Body::from("{}")).unwrap()).await;
        assert!(!matches!(answer.status, 404 | 405 | 500..), "{method} {path}: {} {}", answer.status, answer.text());
        assert!(about["responses"][answer.status.to_string()].is_object(), "{method} {path} answers {}, undescribed", answer.status);
    }
}

#[tokio::test]
async fn the_description_is_served_without_a_token() {
    let office = Interface::lite("").await;
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let answer = office.send(request).await.expect(200);
    assert_eq!((answer.header("content-type"), answer.text()), ("application/json", api::openapi()));
}

#[test]
fn every_operation_tells_its_purpose_its_scope_and_every_name_is_explained() {
    let document = described();
    assert_eq!(document["openapi"], "3.1.0");
    for (path, method, about) in operations(&document) {
        assert!(about["summary"].is_string() && about["description"].is_string() && about["operationId"].is_string(), "{method} {path}");
        let scoped = about["security"][0]["bearer"][0].as_str().is_some_and(|scope| scope.starts_with("tickets:"));
        assert!(scoped || path.ends_with("openapi.json"), "{method} {path} tells no scope");
    }
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(schemas.contains_key(reference), "{reference} is named and not described");
    }
    assert!(schemas.values().all(|schema| schema["description"].is_string()), "{schemas:#?}");
}
