//! The desk: who gets in, who sees what, and what is done there beside tickets.

use super::*;
use support::app::PASSWORD;
use tawasul::domain::Key;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officer_of_another_department_finds_nothing() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let numbers = submit(&sender, "complaint", |_| {}).await;
    let form = nonce(&{ track(&sender, &numbers).await });
    let files = [("files", "a.txt", "text/plain", &b"secret"[..])];
    sender.post_files("/track/reply", &[("nonce", &form), ("text", "x")], &files).await.expect(303);
    let supervisor = app.member("supervisor").await;
    let page = supervisor.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200).text();
    let file = format!("/desk/files/{}", between(&page, "href=\"/desk/files/", "\""));
    assert_eq!(supervisor.get(&file).await.expect(200).body, b"secret");

    let owner = owner(&app, &numbers.reference).await;
    let elsewhere = app.casework.office().staff.iter().find(|officer| {
        let near = app
            .casework
            .office()
            .departments
            .iter()
            .any(|d| d.officers.contains(&Key::parse(&owner).unwrap()) && d.officers.contains(&officer.key));
        officer.role == tawasul::domain::Role::Officer && !near && officer.key.as_str() != owner
    });
    let stranger = app.member(elsewhere.expect("another department").key.as_str()).await;
    let ticket = format!("/desk/tickets/{}", numbers.reference);
    stranger.get(&ticket).await.expect(404);
    stranger.get(&file).await.expect(404);
    stranger.post_files(&format!("{ticket}/reply"), &[("text", "x")], &[]).await.expect(404);
    assert!(!stranger.get("/desk?filter=all").await.expect(200).text().contains(&numbers.reference));
    for closed in ["/desk/people", "/desk/inbox", "/desk/outbox"] {
        stranger.get(closed).await.expect(403);
        supervisor.get(closed).await.expect(200);
    }
    stranger.post_form("/desk/people/admin/invite", &[]).await.expect(404);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handing_over_leads_to_the_new_owner_and_their_work_is_done_once() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    let supervisor = app.member("supervisor").await;
    let queue = act(&supervisor, &numbers.reference, "hand-over", &[("to", "aid/aid-officer"), ("text", "الأمر عندكم")]).await.text();
    assert!(queue.contains("flash good"));
    assert_eq!(owner(&app, &numbers.reference).await, "aid-officer");
    let officer = app.member("aid-officer").await;
    let page = format!("/desk/tickets/{}", numbers.reference);
    let before = officer.get(&page).await.expect(200);
    assert!(before.text().contains("الأمر عندكم"), "the reason stands in the timeline");
    let form = nonce(&before);
    for _ in 0..2 {
        officer.post_files(&format!("{page}/reply"), &[("nonce", &form), ("text", "رد واحد")], &[]).await.expect(303);
    }
    let after = officer.get(&page).await.text();
    let work = between(&after, "<ol class=\"conversation\">", "</ol>\n<section");
    assert_eq!(work.matches("رد واحد").count(), 1, "a second press sends nothing twice");
    app.end().await;
}

/// What the staff page says of an account.
async fn account(admin: &Visitor, key: &str) -> String {
    let page = admin.get("/desk/people").await.expect(200).text();
    let before = page.split(&format!("/desk/people/{key}/invite")).next().unwrap().to_owned();
    between(before.rsplit("<td>").next().unwrap(), "<span>", "</span>").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_opens_the_desk_once() {
    let app = TestApp::start().await;
    let admin = app.member("admin").await;
    let people = admin.post_form("/desk/people/aid-officer/invite", &[]).await.expect(200).text();
    let link = between(&people, "id=\"invite\" type=\"text\" readonly dir=\"ltr\" value=\"", "\"").to_owned();
    let path = link.strip_prefix(&app.base).unwrap().to_owned();
    assert_eq!(account(&admin, "aid-officer").await, "أُرسلت الدعوة");
    assert_eq!(account(&admin, "research-officer").await, "بلا حساب");
    let officer = app.visitor();
    officer.get(&path).await.expect(200);
    let short = officer.post_form(&path, &[("password", "short"), ("again", "short")]).await.expect(422).text();
    assert!(short.contains("password-fault"));
    let differs = officer.post_form(&path, &[("password", PASSWORD), ("again", "other")]).await.expect(422).text();
    assert!(differs.contains("again-fault"));
    let entered = officer.post_form(&path, &[("password", PASSWORD), ("again", PASSWORD)]).await.expect(303);
    let cookies = entered.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert!(cookies.iter().any(|c| c.starts_with("tawasul=") && c.contains("HttpOnly") && c.contains("SameSite=Lax")), "{cookies:?}");
    officer.get("/desk").await.expect(200);
    app.visitor().get(&path).await.expect(410);
    assert_eq!(account(&admin, "aid-officer").await, "مفعّل");

    let wrong = [("current", "not it"), ("password", "another long sentence"), ("again", "another long sentence")];
    assert!(officer.post_form("/desk/account/password", &wrong).await.expect(422).text().contains("current-fault"));
    let right = [("current", PASSWORD), ("password", "another long sentence"), ("again", "another long sentence")];
    officer.post_form("/desk/account/password", &right).await.expect(303);
    officer.get("/desk").await.expect(200);
    officer.post_form("/desk/account/absence", &[("until", "٢٠٢٦-٠٣-٠٥")]).await.expect(303);
    assert!(officer.get("/desk/account").await.text().contains("value=\"2026-03-05\""));
    officer.post_form("/desk/account/absence", &[("until", "tomorrow")]).await.expect(422);
    officer.post_form("/desk/account/language", &[("language", "en")]).await.expect(303);
    assert!(officer.get("/desk").await.text().contains("lang=\"en\" dir=\"ltr\""));
    officer.get("/language/ar?next=/desk").await.expect(303);
    assert!(officer.get("/desk").await.text().contains("lang=\"ar\" dir=\"rtl\""));
    officer.post_form("/desk/sign-out", &[]).await.expect(303);
    officer.get("/desk").await.expect(303);
    admin.post_form("/desk/people/research-officer/invite", &[]).await.expect(200);
    app.clock.advance(tawasul::access::INVITATION);
    assert_eq!(account(&app.member("admin").await, "research-officer").await, "بلا حساب", "the link has ended");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_in_leads_back_to_where_one_wanted_to_go() {
    let app = TestApp::start().await;
    app.member("supervisor").await;
    let visitor = app.visitor();
    let refused =
        visitor.post_form("/desk/sign-in", &[("email", "supervisor"), ("password", "x"), ("next", "/desk/new")]).await.expect(403);
    assert!(refused.text().contains("value=\"/desk/new\"") && refused.text().contains("value=\"supervisor\""));
    for (next, led) in [("/desk/new", "/desk/new"), ("https://evil.example/desk", "/desk"), ("//evil.example", "/desk")] {
        let entered =
            visitor.post_form("/desk/sign-in", &[("email", "supervisor"), ("password", PASSWORD), ("next", next)]).await.expect(303);
        assert_eq!(entered.header("location"), Some(led));
    }
    let lost = app.visitor().post_form("/desk/tickets/26-000001-8/reply", &[("text", "x")]).await.expect(303);
    assert_eq!(lost.header("location"), Some("/desk/sign-in?next=%2Fdesk%2Ftickets%2F26-000001-8"));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clerk_logs_a_call_and_reads_the_numbers_out() {
    let app = TestApp::start().await;
    let clerk = app.member("clerk").await;
    let form = nonce(&clerk.get("/desk/new").await.expect(200));
    let mut fields = vec![
        ("nonce", form.as_str()),
        ("way", "call"),
        ("name", "أم خالد"),
        ("phone", "055 123 4567"),
        ("language", "ar"),
        ("site", "main"),
        ("text", "اتصلت تسأل عن السلة"),
    ];
    let back = clerk.post_files("/desk/new", &fields, &[]).await.expect(422).text();
    assert!(back.contains("kind-fault") && back.contains("اتصلت تسأل عن السلة") && back.contains("value=\"call\" checked"));
    fields.push(("kind", "complaint"));
    let logged = clerk.post_files("/desk/new", &fields, &[]).await.expect(303);
    let slip = clerk.get(logged.header("location").unwrap()).await.expect(200);
    let numbers = numbers(&slip);
    let ticket = clerk.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200).text();
    assert!(ticket.contains("أم خالد") && ticket.contains("مكالمة") | ticket.contains("اتصال"), "{ticket}");
    let caller = app.visitor();
    assert!(track(&caller, &numbers).await.text().contains("اتصلت تسأل عن السلة"));
    app.visitor().get("/desk/new/slip").await.expect(303);
    app.member("supervisor").await.get("/desk/new/slip").await.expect(410);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_searched_filtered_and_paged() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let first = submit(&sender, "complaint", |_| {}).await;
    for number in 0..51 {
        app.clock.advance(std::time::Duration::from_secs(60));
        let form = tawasul::channel::portal::Form {
            nonce: format!("bulk-{number}"),
            kind: Key::parse("inquiry").ok(),
            text: format!("سؤال رقم {number}"),
            addresses: vec![format!("sandbox:{number}")],
            ..Default::default()
        };
        use tawasul::channel::{ChannelKind, InboundSink};
        app.intake.deliver(form.inbound(ChannelKind::Portal, "web")).await.unwrap();
    }
    let officer = app.member("supervisor").await;
    let page = officer.get("/desk?filter=all").await.expect(200).text();
    assert!(page.matches("class=\"matter\"").count() == 50 && !page.contains(&first.reference));
    let next = between(&page, "cursor=", "\"").to_owned();
    let rest = officer.get(&format!("/desk?filter=all&cursor={next}")).await.expect(200).text();
    assert!(rest.matches("class=\"matter\"").count() == 2 && rest.contains(&first.reference));
    let digits = first.reference.replace('-', "");
    for (search, hits) in [("السله", 1), (digits.as_str(), 1), ("0551234567", 1), ("nothing-like-it", 0)] {
        let found = officer.get(&format!("/desk?q={search}")).await.expect(200).text();
        assert_eq!(found.matches("class=\"matter\"").count(), hits, "{search}");
    }
    officer.get("/desk?filter=nonsense&cursor=nonsense").await.expect(200);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_understood_is_read_and_replayed() {
    use tawasul::channel::{ChannelKind, DedupeKey, Event, Inbound, InboundSink, Raw, Taken, portal::Form};
    let app = TestApp::start().await;
    let form = Form { nonce: "x".into(), text: "كانت غير مفهومة".into(), ..Form::default() };
    let poisoned = Inbound {
        channel: ChannelKind::Portal,
        account: "web".into(),
        keys: vec![DedupeKey("nonce:x".into())],
        raw: Raw { content_type: "application/json", bytes: serde_json::to_vec(&form).unwrap().into() },
        event: Event::Unreadable { reason: "a bug of yesterday".into() },
    };
    assert_eq!(app.intake.deliver(poisoned).await.unwrap(), Taken::Quarantined);
    let supervisor = app.member("supervisor").await;
    let page = supervisor.get("/desk/inbox").await.expect(200).text();
    assert!(page.contains("a bug of yesterday"));
    let id = between(&page, "action=\"/desk/inbox/", "/replay").to_owned();
    let raw = supervisor.get(&format!("/desk/inbox/{id}/raw")).await.expect(200);
    assert!(raw.text().contains("كانت غير مفهومة") && raw.header("content-type") == Some("text/plain"));
    let replayed = supervisor.post_form(&format!("/desk/inbox/{id}/replay"), &[]).await.expect(303);
    assert_eq!(replayed.header("location"), Some("/desk/inbox?done=replayed"));
    assert!(supervisor.get("/desk?filter=all").await.text().contains("كانت غير مفهومة"));
    app.member("clerk").await.post_form(&format!("/desk/inbox/{id}/replay"), &[]).await.expect(403);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_person_is_shown_page_by_page() {
    use futures_util::FutureExt;
    use tawasul::{
        channel::{ChannelKind, DedupeKey, Event, Inbound, InboundSink, Raw},
        domain::{Language, NoticeId},
        store::{
            StoreError,
            notices::{Audience, Notice, NoticeContent, NoticeState},
        },
    };
    let app = TestApp::start().await;
    for number in 0..103 {
        let inbound = Inbound {
            channel: ChannelKind::Portal,
            account: "web".into(),
            keys: vec![DedupeKey(format!("nonce:{number}"))],
            raw: Raw { content_type: "application/json", bytes: "{}".into() },
            event: Event::Unreadable { reason: format!("fault {number};") },
        };
        app.intake.deliver(inbound).await.unwrap();
        let (id, now) = (NoticeId::new(app.casework.world()), app.casework.world().now());
        let content = NoticeContent { subject: format!("notice {number};"), text: "x".into(), token: None };
        let owed = Notice { state: NoticeState::Dead, ..Notice::owed(id, "answer", Audience::Sender, Language::Ar, content, now) };
        let saved: Result<(), StoreError> = app.store.write(move |tx| async move { tx.insert_notice(&owed).await }.boxed()).await;
        saved.unwrap();
    }
    let supervisor = app.member("supervisor").await;
    for (path, word) in [("/desk/inbox", "fault"), ("/desk/outbox", "notice")] {
        let (mut at, mut seen) = (path.to_owned(), Vec::new());
        for rows in [50, 50, 3] {
            let page = supervisor.get(&at).await.expect(200).text();
            let numbers: Vec<u32> = (0..103).filter(|number| page.contains(&format!("{word} {number};"))).collect();
            assert_eq!(numbers.len(), rows, "{at}");
            seen.extend(numbers);
            let next = page.split(&format!("href=\"{path}?cursor=")).nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
            assert_eq!(next.is_some(), rows == 50, "{at}");
            at = format!("{path}?cursor={}", next.unwrap_or_default());
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..103).collect::<Vec<_>>(), "each once");
        supervisor.get(&format!("{path}?cursor=nonsense-nonsense")).await.expect(200);
    }
    // They are meant to wait: nothing else is looked at when this test ends.
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_timeline_names_the_system_that_acted_for_a_colleague() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    let token = app.access.issue_token("سجل المستفيدين", &["tickets:write".to_owned()]).await.unwrap();
    let system = Visitor::with_token(&app.base, &token);
    let path = format!("/api/v1/tickets/{}", numbers.reference);
    system.post_json(&format!("{path}/notes"), &serde_json::json!({ "text": "من نظام آخر", "as": "supervisor" })).await.expect(204);
    let page = app.member("supervisor").await.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200).text();
    let timeline = between(&page, "<section class=\"timeline\">", "</section>");
    let note = timeline.split("<li>").find(|entry| entry.contains("ملاحظة داخلية")).expect("the note");
    assert!(note.contains("عبر الواجهة «\u{2068}سجل المستفيدين\u{2069}»"), "{note}");
    assert_eq!(timeline.matches("عبر الواجهة").count(), 1);
    app.end().await;
}
