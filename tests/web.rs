//! The portal and the desk as people use them: through the real router, over HTTP, down to the database and back.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the program")]

mod support;

#[path = "web/desk.rs"]
mod desk;
#[path = "web/faults.rs"]
mod faults;
#[path = "web/guessing.rs"]
mod guessing;
#[path = "web/journey.rs"]
mod journey;
#[path = "web/pictures.rs"]
mod pictures;
#[path = "web/safety.rs"]
mod safety;

use support::{
    app::{TestApp, between, nonce},
    http::{Answer, Visitor},
};

/// What a sender is given to keep.
struct Numbers {
    reference: String,
    pin: String,
}

/// The fields of a complaint that can be sent as it is.
fn complaint(nonce: &str) -> Vec<(&str, &str)> {
    vec![
        ("nonce", nonce),
        ("text", "لم تصلنا السلة الغذائية منذ شهرين"),
        ("name", "مريم الشمري"),
        ("phone", "٠٥٥١٢٣٤٥٦٧"),
        ("email", ""),
        ("language", "ar"),
        ("declare", "yes"),
    ]
}

/// Opens the form of a kind, sends it, and reads the receipt.
async fn submit(visitor: &Visitor, kind: &str, change: impl FnOnce(&mut Vec<(&str, &str)>)) -> Numbers {
    let path = format!("/submit/{kind}");
    let nonce = nonce(&visitor.get(&path).await.expect(200));
    let mut fields = complaint(&nonce);
    change(&mut fields);
    let sent = visitor.post_files(&path, &fields, &[("files", "", "application/octet-stream", b"")]).await.expect(303);
    let receipt = visitor.get(sent.header("location").unwrap()).await.expect(200);
    numbers(&receipt)
}

fn numbers(receipt: &Answer) -> Numbers {
    let text = receipt.text();
    let shown = between(&text, "<dl class=\"numbers\">", "</dl>");
    let mut values = shown.split("<bdi dir=\"ltr\">").skip(1).map(|part| part.split('<').next().unwrap().to_owned());
    Numbers { reference: values.next().unwrap(), pin: values.next().unwrap() }
}

/// Comes in to the tracking page.
async fn track(visitor: &Visitor, numbers: &Numbers) -> Answer {
    visitor.post_form("/track", &[("reference", &numbers.reference), ("pin", &numbers.pin)]).await.expect(303);
    visitor.get("/track").await.expect(200)
}

/// Does an act at the desk; the answer is the page afterwards.
async fn act(officer: &Visitor, reference: &str, act: &str, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/desk/tickets/{reference}");
    let nonce = nonce(&officer.get(&page).await.expect(200));
    let mut all = vec![("nonce", nonce.as_str())];
    all.extend(fields);
    let done = officer.post_form(&format!("{page}/{act}"), &all).await.expect(303);
    officer.get(done.header("location").unwrap()).await.expect(200)
}

/// The key of the officer who owns a ticket.
async fn owner(app: &TestApp, reference: &str) -> String {
    let mut read = app.store.read().await.unwrap();
    let ticket = read.ticket(reference.parse().unwrap()).await.unwrap().unwrap();
    read.person(ticket.owner).await.unwrap().unwrap().key.to_string()
}
