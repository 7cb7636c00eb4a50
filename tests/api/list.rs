//! Pages of tickets.

use crate::{
    matter, opened,
    support::{interface::Interface, postgres},
};
use serde_json::{Value, json};
use std::time::Duration;

async fn listed(office: &Interface, query: &str) -> (Vec<String>, Value) {
    let page = office.get(&format!("/api/v1/tickets?{query}")).await.expect(200).json();
    let references = page["tickets"].as_array().unwrap().iter().map(|row| row["reference"].as_str().unwrap().to_owned()).collect();
    (references, page["next"].clone())
}

async fn by(office: &Interface, sender: &str, text: &str) -> String {
    office.wait(Duration::from_secs(60));
    opened(office, &json!({ "sender": { "address": sender, "name": "سعاد" }, "text": text, "kind": "inquiry" })).await
}

async fn every_filter_holds(office: Interface) {
    let complaint = opened(&office, &matter()).await;
    let mail = by(&office, "mailto:Souad@example.org", "متى يبدأ دوام الفرع؟").await;
    let phone = by(&office, "0551234567", "أين أرسل الوثائق؟").await;
    office.post(&format!("/api/v1/tickets/{mail}/questions"), &json!({ "text": "أي فرع؟" })).await.expect(200);

    let since = "2026-11-24T09:00:30%2B03:00";
    for (query, found) in [
        ("", vec![&phone, &mail, &complaint]),
        ("channel=&sender=&status=&kind=", vec![&phone, &mail, &complaint]),
        ("kind=complaint", vec![&complaint]),
        ("channel=api&kind=inquiry", vec![&phone, &mail]),
        ("channel=email", vec![]),
        ("sender=mailto:souad@example.org", vec![&mail]),
        ("sender=Souad@Example.org", vec![&mail]),
        ("sender=tel:%2B966551234567", vec![&phone]),
        ("sender=tel:+966551234567", vec![&phone]),
        ("sender=%D9%A0%D9%A5%D9%A5%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7", vec![&phone]),
        ("sender=mailto:nobody@example.org", vec![]),
        ("sender=tel:%2B966551234567&kind=complaint", vec![]),
        ("status=waiting_sender", vec![&mail]),
        ("status=waiting", vec![&mail]),
        ("status=open", vec![&phone, &mail, &complaint]),
        ("status=done", vec![]),
        ("q=%D8%A7%D9%84%D9%88%D8%AB%D8%A7%D8%A6%D9%82", vec![&phone]),
        ("q=%D8%B3%D8%B9%D8%A7%D8%AF&sender=souad@example.org", vec![&mail]),
        ("q=0551234567", vec![&phone]),
        ("q=0551234567&sender=souad@example.org", vec![]),
        (&format!("q={complaint}"), vec![&complaint]),
        (&format!("q={complaint}&sender=souad@example.org"), vec![]),
        (&format!("since={since}"), vec![&phone, &mail]),
    ] {
        let found: Vec<String> = found.into_iter().cloned().collect();
        assert_eq!(listed(&office, query).await, (found, Value::Null), "{query}");
    }
    let department = office.get(&format!("/api/v1/tickets/{complaint}")).await.json()["department"].as_str().unwrap().to_owned();
    assert!(listed(&office, &format!("department={department}")).await.0.contains(&complaint));
}

#[tokio::test]
async fn every_filter_holds_on_sqlite() {
    every_filter_holds(Interface::lite("").await).await;
}

#[tokio::test]
async fn every_filter_holds_on_postgresql() {
    let Some(url) = postgres::fresh_database() else { return };
    every_filter_holds(Interface::pg("", &url).await).await;
}

#[tokio::test]
async fn pages_do_not_shift_while_tickets_are_opened() {
    let office = Interface::lite("").await;
    let mut expected = Vec::new();
    for number in 0..7 {
        // Two of each moment, so that the moment alone does not tell where a page ends.
        office.wait(Duration::from_secs(number % 2));
        expected.push(opened(&office, &json!({ "text": format!("رسالة {number}") })).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (page, next) = listed(&office, &format!("limit=3&cursor={cursor}")).await;
        seen.extend(page);
        office.wait(Duration::from_secs(1));
        opened(&office, &matter()).await;
        let Some(next) = next.as_str() else { break };
        cursor = next.to_owned();
    }
    expected.sort();
    let mut sorted = seen.clone();
    sorted.sort();
    assert_eq!((seen.len(), sorted), (7, expected));
}

#[tokio::test]
async fn a_parameter_that_cannot_be_taken_is_named() {
    let office = Interface::lite("").await;
    for (query, parameter) in [
        ("channel=pigeon", "channel"),
        ("sender=nobody", "sender"),
        ("status=lost", "status"),
        ("kind=%D8%B4%D9%83%D9%88%D9%89", "kind"),
        ("department=A%20B", "department"),
        ("since=yesterday", "since"),
        ("since=2026-11-24", "since"),
        ("cursor=abc", "cursor"),
        ("limit=0", "limit"),
        ("limit=51", "limit"),
        ("chanel=email", "query"),
    ] {
        let problem = office.get(&format!("/api/v1/tickets?{query}")).await.expect(400).json();
        assert_eq!((&problem["code"], &problem["parameter"]), (&json!("bad_parameter"), &json!(parameter)), "{query}");
    }
}
