//! What other systems call: the REST interface, signed webhooks and the signs of health, through the real router.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the program and may read its surroundings")]

mod acts;
mod document;
mod health;
mod list;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod tickets;
mod webhooks;

use serde_json::{Value, json};
use support::interface::Interface;

/// What a ministry's system hands in for a sender.
fn matter() -> Value {
    json!({
        "sender": { "name": "أم خالد الحربي", "address": "sandbox:umm-khalid", "group": "beneficiary" },
        "kind": "complaint",
        "subject": "تأخر صيانة المنزل",
        "text": "السلام عليكم، لم يحضر فريق الصيانة منذ أسبوعين.",
        "fields": { "wish": "إرسال الفريق", "happened-on": "٢٠٢٦-١١-٠١" },
        "attachments": [{ "name": "../صورة السقف.png", "content_type": "text/html", "content": PICTURE }]
    })
}

/// The first bytes of a PNG, in base64.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUg==";

/// Opens a ticket and gives its reference.
async fn opened(office: &Interface, body: &Value) -> String {
    let answer = office.post("/api/v1/tickets", body).await.expect(201).json();
    answer["reference"].as_str().expect("a reference").to_owned()
}

/// The digits of Arabic script, without dashes.
fn in_arabic_digits(reference: &str) -> String {
    let digits = reference.chars().filter_map(|c| c.to_digit(10)).filter_map(|digit| char::from_u32(0x660 + digit));
    digits.flat_map(|digit| digit.to_string().bytes().collect::<Vec<_>>()).map(|byte| format!("%{byte:02X}")).collect()
}
