//! What those who run it rely on: one instance to a file, quarantine and replay, a clean stop, mistakes told at once, replicas.

use crate::{
    on_both,
    stage::{Database, SECRET, Stage, home, seconds, until},
    support::{
        binary::Home,
        dovecot::{Dovecot, PASSWORD},
        http::Visitor,
        smtp_sink::SmtpSink,
    },
};
use serde_json::json;
use std::time::Duration;

fn source() -> String {
    format!("[[webhooks.sources]]\nname = \"crm\"\nsecret = \"{SECRET}\"\n")
}

fn message(text: &str) -> Vec<u8> {
    json!({ "sender": { "name": "سعد", "address": "tel:0551234567" }, "text": text }).to_string().into_bytes()
}

on_both!(a_message_that_cannot_be_processed_waits_and_is_replayed_after_the_mend);
async fn a_message_that_cannot_be_processed_waits_and_is_replayed_after_the_mend(database: Database) {
    let Some(mut stage) = Stage::start(database, &source()) else { return };
    // With nobody left who could own a ticket, a message can't be processed.
    let staff = stage.home.run(&["user", "list", "--json"]).output;
    let keys: Vec<String> =
        staff.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["key"].as_str().unwrap().to_owned()).collect();
    for key in &keys {
        assert_eq!(stage.home.run(&["user", "disable", key]).code, 0);
    }
    let answer = stage.visitor().post_signed("/webhooks/in/crm", SECRET, "p-1", seconds(), &message("سلة")).await;
    assert_eq!(answer.status, 202, "received, and it waits: {}", answer.text());
    stage.settled_tickets(0).await;
    let waiting = stage.home.run(&["inbox", "list", "--quarantined", "--json"]).output;
    assert_eq!(waiting.lines().count(), 1, "{waiting}");
    let id = serde_json::from_str::<serde_json::Value>(&waiting).unwrap()["id"].as_str().unwrap().to_owned();
    assert!(stage.home.run(&["inbox", "show", &id, "--raw"]).output.contains("سلة"), "the raw bytes are kept");
    assert_ne!(stage.home.run(&["inbox", "replay", &id]).code, 0, "not mended yet");
    for key in &keys {
        assert_eq!(stage.home.run(&["user", "enable", key]).code, 0);
    }
    let replayed = stage.home.run(&["inbox", "replay", "--all"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    stage.settled_tickets(1).await;
    // Its system delivers it once more: nothing doubles.
    assert_eq!(stage.visitor().post_signed("/webhooks/in/crm", SECRET, "p-1", seconds(), &message("سلة")).await.status, 200);
    stage.settled_tickets(1).await;
    stage.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_instance_on_the_same_file_is_refused_in_a_sentence() {
    let mut stage = Stage::start(Database::Sqlite, "").unwrap();
    let second = stage.home.run(&["serve"]);
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.errors.contains("another Tawasul is already using"), "{}", second.errors);
    stage.stop();
    stage.go_on();
    stage.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_file_stops_the_start_and_no_new_one_takes_its_place() {
    let mut stage = Stage::start(Database::Sqlite, "").unwrap();
    stage.stop();
    let key = stage.home.path().join("data/vault.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let refused = stage.home.run(&["serve"]);
    assert!(refused.code == 1 && refused.errors.contains("restore the copy"), "{refused:?}");
    assert!(!key.exists());
    std::fs::write(&key, kept).unwrap();
    std::os::unix::fs::chown(&key, None, None).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    stage.go_on();
    stage.stop();
}

#[test]
fn every_mistake_in_the_configuration_is_told_at_once_and_nothing_starts() {
    let home = Home::new("[server]\nlisten = \"nowhere\"\nportt = 1\n[storage]\nurl = \"mysql://x\"\n");
    home.write("config/routing.toml", "[[rule]]\nname = { ar = \"قاعدة\" }\ndepartment = \"no-such\"\n");
    let refused = home.run(&["serve"]);
    assert_eq!(refused.code, 1);
    for told in ["tawasul.toml:2:", "portt", "storage.url", "routing.toml:3:", "no-such"] {
        assert!(refused.errors.contains(told), "{told} is missing:\n{}", refused.errors);
    }
    assert!(!home.path().join("data").exists(), "nothing was made");
}

on_both!(after_a_power_cut_everything_acknowledged_is_there);
async fn after_a_power_cut_everything_acknowledged_is_there(database: Database) {
    let Some(mut stage) = Stage::start(database, &source()) else { return };
    let visitor = stage.visitor();
    let mut acknowledged = 0;
    for n in 0..20 {
        let answer = visitor.post_signed("/webhooks/in/crm", SECRET, &format!("c-{n}"), seconds(), &message(&format!("رسالة {n}"))).await;
        acknowledged += usize::from((200..300).contains(&answer.status));
    }
    stage.kill();
    stage.go_on();
    assert_eq!(stage.settled_tickets(acknowledged).await.len(), 20);
    stage.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_on_one_database_take_a_mail_in_once_and_answer_it_once() {
    let Some(dovecot) = Dovecot::start(&["care"]) else { return };
    let sink = SmtpSink::start().await;
    let password = PASSWORD.replace('"', "\\\"");
    let mailbox = format!(
        "[[email.mailboxes]]\nname = \"care\"\naddress = \"care@charity.example\"\npoll_interval = \"100ms\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, tls = \"none\", user = \"care\", password = \"{password}\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, tls = \"none\" }}\n",
        dovecot.port, sink.port
    );
    let Some(first) = home(Database::Postgres, &mailbox) else { return };
    let mut stage = Stage::at(first);
    // The second replica has the same configuration, keys and blobs.
    let twin = stage.home.serve();
    for n in 0..5 {
        let raw = format!(
            "From: s{n}@example.org\r\nTo: care@charity.example\r\nMessage-ID: <r{n}@example.org>\r\nSubject: salla\r\n\r\nMy basket {n}\r\n"
        );
        dovecot.deliver_mail("care", raw.as_bytes());
    }
    stage.settled_tickets(5).await;
    let acknowledgements = || sink.mails().iter().filter(|m| m.to.iter().any(|to| to.contains("@example.org"))).count();
    until("five acknowledgements", || async { acknowledgements() >= 5 }).await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(acknowledgements(), 5);
    assert_eq!(Visitor::of(&twin.url).get("/readyz").await.status, 200);
    twin.stop();
    stage.stop();
}

on_both!(a_new_key_seals_everything_and_everything_still_opens);
async fn a_new_key_seals_everything_and_everything_still_opens(database: Database) {
    let Some(mut stage) = Stage::start(database, &source()) else { return };
    stage.visitor().post_signed("/webhooks/in/crm", SECRET, "k-1", seconds(), &message("سلة")).await;
    let before = stage.settled_tickets(1).await;
    let running = stage.home.run(&["vault", "rotate-key"]);
    assert_ne!(running.code, 0, "not while the service runs");
    assert!(running.errors.contains("another Tawasul is already using") && running.errors.contains("stop it first"), "{}", running.errors);
    stage.stop();
    let rotated = stage.home.run(&["vault", "rotate-key"]);
    assert_eq!(rotated.code, 0, "{rotated:?}");
    stage.go_on();
    let reference = before[0]["reference"].as_str().unwrap();
    assert_eq!(stage.ticket(reference).await["sender"]["name"], "سعد");
    assert_eq!(stage.visitor().post_signed("/webhooks/in/crm", SECRET, "k-1", seconds(), &message("سلة")).await.status, 200);
    stage.settled_tickets(1).await;
    stage.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_taken_out_of_the_file_is_let_go_at_the_next_start() {
    let mut stage = Stage::start(Database::Sqlite, &source()).unwrap();
    stage.visitor().post_signed("/webhooks/in/crm", SECRET, "s-1", seconds(), &message("لم تصلني السلة الغذائية")).await;
    let before = stage.settled_tickets(1).await;
    let reference = before[0]["reference"].as_str().unwrap();
    assert_eq!(stage.ticket(reference).await["owner"]["key"], "aid-officer");
    stage.stop();
    let file = std::fs::read_to_string(stage.home.path().join("config/organization.toml")).unwrap();
    let changed = file.replace("\"aid-officer\"", "\"aid-successor\"");
    assert_ne!(file, changed);
    stage.home.write("config/organization.toml", &changed);
    stage.go_on();
    assert_eq!(stage.ticket(reference).await["owner"]["key"], "aid-successor");
    let log = stage.log();
    assert_eq!(log.matches("the accounts follow organization.toml").count(), 1, "{log}");
    assert!(log.lines().any(|line| line.contains("the accounts follow") && line.contains("aid-officer")), "{log}");
    let accounts = stage.home.run(&["user", "list", "--json"]).output;
    let left = accounts.lines().find(|line| line.contains("\"aid-officer\"")).expect("the account is still known");
    assert!(left.contains("disabled") && !left.contains('@'), "the successor has the address: {left}");
    assert!(accounts.lines().any(|line| line.contains("\"aid-successor\"") && line.contains('@')), "{accounts}");
    stage.stop();
}
