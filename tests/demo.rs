//! The demo as its users start it: what is in it, that it happened in order, and both sides of its page.

#[path = "support/mod.rs"]
mod support;

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};
use support::{
    binary::{Home, Served},
    http::Visitor,
};
use tawasul::{
    domain::{At, Direction, Reference, Status, World, world::fixed},
    store::{
        Access, Store,
        desk::{Filter, Scope, Summary},
        notices::NoticeState,
        settings::Settings,
    },
    vault::Vault,
};

/// Tells the story into a folder; the answer is what the program printed about it.
fn told(home: &Home) -> Value {
    let data = home.path().join("played");
    let finished = home.run(&["--log", "warn", "demo", "--once", "--data", &data.display().to_string()]);
    assert_eq!(finished.code, 0, "{finished:#?}");
    serde_json::from_str(finished.output.trim()).expect("one line of JSON")
}

async fn opened(data: &Path) -> Arc<Store> {
    let world = World { clock: fixed::FixedClock::at(At(0)), chance: fixed::Seeded::new(1) };
    let keys = std::fs::read_to_string(data.join("vault.key")).expect("a key file");
    let vault = Vault::parse(&keys, world.clone()).expect("keys");
    let settings =
        Settings { url: format!("sqlite://{}", data.join("tawasul.db").display()).into(), blobs: data.join("blobs").display().to_string() };
    Store::open(&settings, vault, world, Access::Shared).await.expect("the demo's database")
}

fn count(summary: &Value, family: &str, name: &str) -> u64 {
    summary[family][name].as_u64().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_a_lively_charity_with_a_true_past_and_both_sides_can_be_played() {
    let home = Home::new("");
    let summary = told(&home);
    holds_what_it_promises(&summary);
    let data = home.path().join("played");
    assert!(!home.path().join("data").exists(), "the real data folder is never touched");
    let store = opened(&data).await;
    let tickets =
        store.read().await.unwrap().list_tickets(&Scope { all: true, ..Scope::default() }, &Filter::default(), 10_000).await.unwrap();
    happened_in_order(&store, &tickets).await;
    store.close().await;
    plays(&home, &data).await;
}

fn holds_what_it_promises(summary: &Value) {
    assert!(summary["tickets"].as_u64() >= Some(200), "{summary}");
    // A ticket is new only within the transaction that takes it in.
    for status in Status::ALL.iter().filter(|status| **status != Status::New) {
        assert!(count(summary, "status", status.as_str()) > 0, "no ticket is {status}: {summary}");
    }
    for channel in ["email", "portal", "desk", "webhook", "sandbox"] {
        assert!(count(summary, "channel", channel) >= 8, "{channel}: {summary}");
    }
    assert!(summary["department"].as_object().is_some_and(|departments| departments.len() >= 4), "{summary}");
    assert_eq!(summary["sites"], 2);
    assert!(summary["confidential"].as_u64() > Some(0) && summary["overdue"].as_u64() > Some(0), "{summary}");
    assert_eq!((count(summary, "notices", "pending"), count(summary, "notices", "dead")), (0, 2), "{summary}");
    assert_eq!(summary["quarantined"], 1);
}

async fn happened_in_order(store: &Store, tickets: &[Summary]) {
    #[allow(clippy::disallowed_methods, reason = "the demo ends in the real present")]
    let now = At::from(jiff::Timestamp::now());
    let mut read = store.read().await.unwrap();
    let people: BTreeSet<_> = read.people().await.unwrap().into_iter().map(|person| person.id).collect();
    let (mut openings, mut files, mut newest) = (BTreeMap::<String, u32>::new(), 0, None::<(At, Reference)>);
    for row in tickets.iter().rev() {
        assert!(people.contains(&row.owner), "{} has no owner", row.reference);
        assert!(newest.is_none_or(|(_, before)| before < row.reference), "{} was numbered out of turn", row.reference);
        newest = Some((row.created_at, row.reference));
        let events = read.events(row.id).await.unwrap();
        assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at), "{}: {events:?}", row.reference);
        let messages = read.messages(row.id).await.unwrap();
        let notices = read.ticket_notices(row.id).await.unwrap();
        let moments = events.iter().map(|event| event.at).chain(messages.iter().map(|message| message.created_at));
        let moments = moments.chain(notices.iter().filter_map(|notice| notice.finished_at)).chain([row.created_at, row.updated_at]);
        assert!(moments.max().is_some_and(|last| last < now), "{} goes on in the future", row.reference);
        assert!(notices.iter().all(|notice| notice.state != NoticeState::Pending), "{}", row.reference);
        let opening = messages.iter().find(|message| message.direction == Direction::Inbound).expect("an opening");
        *openings.entry(opening.body.clone()).or_default() += 1;
        files += read.attachments(row.id).await.unwrap().len();
    }
    let most = openings.iter().max_by_key(|(_, times)| **times).unwrap();
    assert!(*most.1 <= 6, "told {} times: {}", most.1, most.0);
    assert!(openings.len() >= 180 && files >= 20, "{} openings, {files} files", openings.len());
}

/// Goes on with the same folder: nothing is told twice, and a sender's message becomes a ticket.
async fn plays(home: &Home, data: &Path) {
    let served = Served::start(home.command(&["demo", "--listen", "127.0.0.1:0", "--data", &data.display().to_string()]));
    let visitor = Visitor::of(&served.url);
    let page = visitor.get("/demo").await.expect(200).text();
    assert!(page.contains("fahad@example.org") && page.contains("dir=\"rtl\"") && !page.contains("<script"), "{page}");
    let phone = page.split("name=\"phone\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a phone").to_owned();
    assert!(phone.starts_with("sandbox:"), "{phone}");
    let matter = page.split("<option value=\"").find_map(|option| option.split('"').next()?.parse::<Reference>().ok()).expect("a matter");
    comes_in(&visitor).await;
    for (about, text) in [(String::new(), "متى دوامكم؟"), (matter.to_string(), "وصلني، شكرا")] {
        assert!(written(&visitor, &phone, &about, text).await.contains("done=sent"));
        let page = visitor.get(&format!("/demo?phone={phone}")).await.expect(200).text();
        let talk = page.split_once("<ol class=\"conversation\">").expect("a conversation").1;
        let own = talk.split("<li class=\"said ").find(|said| said.contains(text)).expect("what was written");
        assert!(own.starts_with("inbound own"), "{own}");
        assert!(talk.contains("<li class=\"said outbound\">"), "beside what was got");
    }
    for (phone, about, text) in [(phone.as_str(), "", " "), (&phone, "26-999999-9", ""), ("nobody", "", "السلام عليكم")] {
        assert!(written(&visitor, phone, about, text).await.contains("refused=demo"), "{phone} {about} {text}");
    }
    let foreign =
        visitor.request(reqwest::Method::POST, "/demo/write").header("origin", "http://elsewhere.example").form(&[("phone", &phone)]);
    visitor.send(foreign).await.expect(403);
    served.stop();
    let again = told(home);
    assert!(again["tickets"].as_u64() >= Some(201) && count(&again, "notices", "dead") == 2, "{again}");
}

/// One press on an officer's button.
async fn comes_in(visitor: &Visitor) {
    let pressed = [("email", "supervisor@example.org"), ("password", "demo-demo-demo"), ("next", "/desk")];
    assert_eq!(visitor.post_form("/desk/sign-in", &pressed).await.expect(303).header("location"), Some("/desk"));
    let queue = visitor.get("/desk").await.expect(200).text();
    assert!(queue.contains("/desk/tickets/"), "{queue}");
}

/// Where the page leads after a message was written.
async fn written(visitor: &Visitor, phone: &str, about: &str, text: &str) -> String {
    let answer = visitor.post_form("/demo/write", &[("phone", phone), ("about", about), ("kind", "inquiry"), ("text", text)]).await;
    answer.header("location").expect("it leads on").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_service_has_no_stage() {
    let home = Home::new("[server]\nlisten = \"127.0.0.1:0\"\n");
    let served = home.serve();
    for path in ["/demo", "/demo/write"] {
        Visitor::of(&served.url).get(path).await.expect(404);
    }
    served.stop();
}
