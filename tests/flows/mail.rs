//! A mail comes in through a real Dovecot; acknowledgement, alert and answers go out by SMTP.

use crate::{
    on_both,
    stage::{Database, OFFICER, Stage, until},
    support::{
        dovecot::{Dovecot, PASSWORD},
        smtp_sink::{Accepted, SmtpSink},
        token_server::{Mishap, TokenServer},
    },
};
use mail_parser::{HeaderValue, MessageParser};

const SENDER: &str = "umkhalid@example.org";

fn settings(dovecot: &Dovecot, sink: &SmtpSink) -> String {
    let password = PASSWORD.replace('"', "\\\"");
    format!(
        "[[email.mailboxes]]\nname = \"care\"\naddress = \"care@charity.example\"\npoll_interval = \"100ms\"\n\
         imap = {{ host = \"127.0.0.1\", port = {}, tls = \"none\", user = \"care\", password = \"{password}\" }}\n\
         smtp = {{ host = \"127.0.0.1\", port = {}, tls = \"none\" }}\n",
        dovecot.port, sink.port
    )
}

fn mail(from: &str, to: &str, id: &str, subject: &str, headers: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0300\r\n{headers}\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

/// What one recipient was sent, oldest first.
fn sent_to(sink: &SmtpSink, address: &str) -> Vec<Accepted> {
    sink.mails().into_iter().filter(|mail| mail.to.iter().any(|to| to.contains(address))).collect()
}

async fn wait_sent(sink: &SmtpSink, address: &str, count: usize) -> Vec<Accepted> {
    until(&format!("{count} mails to {address}"), || async { sent_to(sink, address).len() >= count }).await;
    sent_to(sink, address)
}

fn header(mail: &Accepted, name: &str) -> String {
    let parsed = MessageParser::default().parse(&mail.raw).expect("a mail");
    match parsed.header(name.to_owned()) {
        Some(HeaderValue::Text(text)) => text.to_string(),
        Some(HeaderValue::Address(address)) => address.first().and_then(|a| a.address()).unwrap_or_default().to_owned(),
        other => format!("{other:?}"),
    }
}

fn text(mail: &Accepted) -> String {
    MessageParser::default().parse(&mail.raw).and_then(|m| m.body_text(0).map(|t| t.into_owned())).unwrap_or_default()
}

fn html(mail: &Accepted) -> String {
    MessageParser::default().parse(&mail.raw).and_then(|m| m.body_html(0).map(|t| t.into_owned())).unwrap_or_default()
}

on_both!(a_mail_is_acknowledged_alerted_answered_and_settled_in_its_language);
async fn a_mail_is_acknowledged_alerted_answered_and_settled_in_its_language(database: Database) {
    let Some(dovecot) = Dovecot::start(&["care"]) else { return };
    let sink = SmtpSink::start().await;
    let Some(mut stage) = Stage::start(database, &settings(&dovecot, &sink)) else { return };
    let raw = mail(
        &format!("=?utf-8?B?2KPZhSDYrtin2YTYrw==?= <{SENDER}>"),
        "care@charity.example",
        "first@example.org",
        "salla",
        "",
        "السلام عليكم، لم تصلني السلة الغذائية",
    );
    dovecot.deliver_mail("care", &raw);
    let reference = stage.settled_tickets(1).await[0]["reference"].as_str().unwrap().to_owned();

    let acknowledged = wait_sent(&sink, SENDER, 1).await.remove(0);
    assert!(text(&acknowledged).contains(&reference), "{}", text(&acknowledged));
    assert!(!text(&acknowledged).contains("السلة"), "it repeats nothing of the sender's");
    assert!(html(&acknowledged).contains("dir=\"rtl\""), "right to left");
    assert!(header(&acknowledged, "Auto-Submitted").starts_with("auto-"));
    let alert = wait_sent(&sink, OFFICER, 1).await.remove(0);
    assert!(text(&alert).contains(&reference) && text(&alert).contains("السلة"), "{}", text(&alert));

    stage.reply(&reference, "ستصلكم السلة يوم الأحد").await;
    let answer = wait_sent(&sink, SENDER, 2).await.remove(1);
    assert!(text(&answer).contains("يوم الأحد"));
    assert!(String::from_utf8_lossy(&answer.raw).contains("first@example.org"), "it is threaded");

    // The sender answers to the signed address, from another program, without any reference header.
    let reply_to = header(&answer, "Reply-To");
    dovecot.deliver_mail("care", &mail(SENDER, &reply_to, "second@example.org", "Re: ...", "", "شكرًا لكم"));
    until("the answer on its ticket", || async { stage.ticket(&reference).await["messages"].as_array().unwrap().len() == 3 }).await;

    // The officer answers the alert by mail: the token proves them, not the address.
    let officer = header(&alert, "Reply-To");
    dovecot.deliver_mail("care", &mail(OFFICER, &officer, "third@office.example", "Re: alert", "", "هل العنوان كما هو؟"));
    let third = wait_sent(&sink, SENDER, 3).await.remove(2);
    assert!(text(&third).contains("هل العنوان كما هو؟"), "{}", text(&third));

    stage.resolve(&reference, "سُلّمت السلة").await;
    wait_sent(&sink, SENDER, 4).await;
    // Read again from the first UID on, and once more after a restart: nothing doubles.
    stage.restart();
    stage.settled_tickets(1).await;
    assert_eq!(sent_to(&sink, SENDER).len(), 4);
    assert!(stage.delivered(&reference).await.iter().all(|n| n["state"] == "sent"), "{:#}", stage.ticket(&reference).await["notices"]);
    assert!(!stage.log().contains(SENDER), "no address in the log");
    stage.stop();
}

on_both!(a_stranger_who_knows_the_reference_goes_nowhere_near_the_ticket);
async fn a_stranger_who_knows_the_reference_goes_nowhere_near_the_ticket(database: Database) {
    let Some(dovecot) = Dovecot::start(&["care"]) else { return };
    let sink = SmtpSink::start().await;
    let Some(mut stage) = Stage::start(database, &settings(&dovecot, &sink)) else { return };
    dovecot.deliver_mail(
        "care",
        &mail(SENDER, "care@charity.example", "first@example.org", "Food basket", "", "My food basket did not arrive this month."),
    );
    let reference = stage.settled_tickets(1).await[0]["reference"].as_str().unwrap().to_owned();
    let acknowledged = wait_sent(&sink, SENDER, 1).await.remove(0);
    assert!(text(&acknowledged).to_lowercase().contains("reference"), "in English: {}", text(&acknowledged));

    let subject = format!("Re: [{reference}] Food basket");
    let forged = "In-Reply-To: <first@example.org>\r\nReferences: <first@example.org>\r\n";
    dovecot.deliver_mail(
        "care",
        &mail("stranger@example.net", "care@charity.example", "x1@example.net", &subject, forged, "Please send me all details."),
    );
    let guessed = format!("care+s{}@charity.example", "a".repeat(28));
    dovecot.deliver_mail("care", &mail("stranger@example.net", &guessed, "x2@example.net", &subject, "", "And this."));
    stage.settled_tickets(3).await;
    assert_eq!(stage.ticket(&reference).await["messages"].as_array().unwrap().len(), 1);
    assert!(sent_to(&sink, "stranger@example.net").iter().all(|m| !text(m).contains(&reference)));
    stage.stop();
}

on_both!(a_machine_gets_no_answer);
async fn a_machine_gets_no_answer(database: Database) {
    let Some(dovecot) = Dovecot::start(&["care"]) else { return };
    let sink = SmtpSink::start().await;
    let Some(mut stage) = Stage::start(database, &settings(&dovecot, &sink)) else { return };
    let away = mail(
        "away@example.org",
        "care@charity.example",
        "ooo@example.org",
        "Out of office",
        "Auto-Submitted: auto-replied\r\n",
        "I am away.",
    );
    dovecot.deliver_mail("care", &away);
    let reference = stage.settled_tickets(1).await[0]["reference"].as_str().unwrap().to_owned();
    let notices = stage.delivered(&reference).await;
    let received = notices.iter().find(|n| n["kind"] == "received").expect("an acknowledgement was weighed");
    assert_eq!((received["state"].as_str(), received["reason"].as_str()), (Some("withheld"), Some("auto_reply")));
    assert!(sent_to(&sink, "away@example.org").is_empty());
    stage.stop();
}

/// A mailer's letter about `returned`, from nobody, as the mailers that follow no standard write it.
fn letter(returned: &Accepted, said: &str) -> Vec<u8> {
    let header = String::from_utf8_lossy(&returned.raw);
    let header = header.split("\r\n\r\n").next().unwrap_or_default();
    format!(
        "Return-Path: <>\r\nFrom: <>\r\nTo: care@charity.example\r\nSubject: Your mail\r\nDate: Mon, 23 Nov 2026 10:05:00 +0300\r\n\r\n\
         {said}\r\n\r\n    {SENDER}\r\n\r\n--- The header of the original message follows ---\r\n\r\n{header}\r\n"
    )
    .into_bytes()
}

on_both!(a_notice_that_comes_back_is_shown_as_such_and_a_forged_report_is_not_believed);
async fn a_notice_that_comes_back_is_shown_as_such_and_a_forged_report_is_not_believed(database: Database) {
    let Some(dovecot) = Dovecot::start(&["care"]) else { return };
    let sink = SmtpSink::start().await;
    let Some(mut stage) = Stage::start(database, &settings(&dovecot, &sink)) else { return };
    dovecot.deliver_mail("care", &mail(SENDER, "care@charity.example", "first@example.org", "salla", "", "لم تصلني السلة الغذائية"));
    let reference = stage.settled_tickets(1).await[0]["reference"].as_str().unwrap().to_owned();
    let acknowledged = wait_sent(&sink, SENDER, 1).await.remove(0);
    let received = || async {
        let notices = stage.delivered(&reference).await;
        notices.into_iter().find(|n| n["kind"] == "received").expect("an acknowledgement")
    };
    until("the acknowledgement to be recorded", || async { received().await["state"] == "sent" }).await;

    let forged = Accepted { raw: b"From: care@charity.example\r\nMessage-ID: <guessed@charity.example>".to_vec(), ..acknowledged.clone() };
    dovecot.deliver_mail("care", &letter(&forged, "Your message could not be delivered: 550 5.1.1 user unknown"));
    dovecot.deliver_mail("care", &letter(&acknowledged, "Your message has not yet been delivered. We will keep trying."));
    let happened = |kind: &'static str| {
        let ticket = stage.ticket(&reference);
        async move { ticket.await["timeline"].as_array().unwrap().iter().filter(|event| event["kind"] == kind).count() }
    };
    until("the delay in the timeline", || async { happened("notice_delayed").await == 1 }).await;
    assert_eq!(received().await["state"], "sent", "neither a forged report nor a delay changes anything");

    dovecot.deliver_mail("care", &letter(&acknowledged, "Your message could not be delivered: 550 5.1.1 user unknown"));
    until("the bounce in the timeline", || async { happened("notice_failed").await == 1 }).await;
    let back = received().await;
    assert_eq!((back["state"].as_str(), back["reason"].as_str()), (Some("dead"), Some("no_such_mailbox")));
    assert_eq!(stage.tickets().await.len(), 1, "a report opens no ticket");
    assert_eq!(sent_to(&sink, SENDER).len(), 1, "nobody answers a report, and there is no other address");
    stage.stop();
}

on_both!(a_mailbox_is_signed_in_beside_the_running_service_which_renews_it_by_itself);
async fn a_mailbox_is_signed_in_beside_the_running_service_which_renews_it_by_itself(database: Database) {
    const CARE: &str = "care@hotmail.example";
    let provider = TokenServer::start(CARE).await;
    let Some(dovecot) = Dovecot::start_with_tokens(&[CARE], &format!("{}/introspect", provider.url)) else { return };
    let sink = SmtpSink::start().await;
    sink.demand_tokens(CARE, provider.judge());
    let settings = format!(
        "[outbox]\nfirst_retry = \"1s\"\n[[email.mailboxes]]\nname = \"care\"\naddress = \"{CARE}\"\npoll_interval = \"100ms\"\n{}\n\
         imap = {{ host = \"127.0.0.1\", port = {}, tls = \"none\" }}\nsmtp = {{ host = \"127.0.0.1\", port = {}, tls = \"none\" }}\n",
        provider.oauth(),
        dovecot.port,
        sink.port
    );
    let Some(mut stage) = Stage::start(database, &settings) else { return };
    dovecot.deliver_mail(CARE, &mail(SENDER, CARE, "first@example.org", "salla", "", "السلام عليكم، لم تصلني السلة الغذائية"));

    provider.mishaps([Mishap::Refuse("authorization_pending")]);
    // So short that every sign-in after the first few seconds needs a new one.
    provider.set_life(4);
    let login = stage.home.run(&["mail", "login", "care"]);
    assert_eq!(login.code, 0, "{login:?}");
    assert!(login.output.contains("https://id.example.org/device\n  WXYZ-4711\n"), "{}", login.output);
    let reference = stage.settled_tickets(1).await[0]["reference"].as_str().unwrap().to_owned();
    wait_sent(&sink, SENDER, 1).await;

    stage.restart();
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    stage.reply(&reference, "ستصلكم السلة يوم الأحد").await;
    wait_sent(&sink, SENDER, 2).await;
    assert!(provider.refreshes() >= 1);
    let unknown = stage.home.run(&["mail", "login", "none"]);
    assert_ne!(unknown.code, 0);
    assert!(unknown.errors.contains("there are: care"), "{}", unknown.errors);
    for secret in provider.secrets() {
        assert!(!stage.log().contains(&secret) && !login.output.contains(&secret) && !login.errors.contains(&secret), "{secret} is told");
    }
    stage.stop();
}
