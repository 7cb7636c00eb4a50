//! What goes wrong with a form, and that nothing of it is lost.

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n0000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_stands_at_its_input_and_text_and_files_stay() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let form = nonce(&sender.get("/submit/complaint").await);
    let fields = [
        ("nonce", form.as_str()),
        ("text", "نص الشكوى"),
        ("phone", "0551"),
        ("email", "not a mail"),
        ("name", "أبو سعد"),
        ("language", "ar"),
    ];
    let back = sender.post_files("/submit/complaint", &fields, &[("files", "صورة.png", "image/png", PNG)]).await.expect(422);
    let page = back.text();
    for kept in
        ["نص الشكوى", "value=\"0551\"", "value=\"not a mail\"", "أبو سعد", "صورة.png", "phone-fault", "email-fault", "declare-fault"]
    {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    assert_eq!(nonce(&back), form);
    let token = between(&page, "name=\"kept\" value=\"", "\"").to_owned();
    let mended = [
        ("nonce", form.as_str()),
        ("text", "نص الشكوى"),
        ("phone", "0551234567"),
        ("language", "ar"),
        ("declare", "yes"),
        ("kept", token.as_str()),
    ];
    let sent = sender.post_files("/submit/complaint", &mended, &[]).await.expect(303);
    let numbers = numbers(&sender.get(sent.header("location").unwrap()).await);
    let page = track(&sender, &numbers).await.text();
    let file = sender.get(&format!("/track/files/{}", between(&page, "href=\"/track/files/", "\""))).await.expect(200);
    assert_eq!((file.body.as_slice(), file.header("content-type")), (PNG, Some("image/png")));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_questions_of_a_kind_are_asked_and_read_in_any_digits() {
    let app = TestApp::start_with(|config| {
        let kind = config.office.kinds.iter_mut().find(|kind| kind.key.as_str() == "complaint").unwrap();
        kind.fields = vec![
            toml::from_str("key = \"family\"\nlabel = { ar = \"كم فردًا؟\", en = \"How many?\" }\ninput = \"number\"\nrequired = true")
                .unwrap(),
        ];
    })
    .await;
    let sender = app.visitor();
    let form = nonce(&sender.get("/submit/complaint").await);
    let back = sender.post_files("/submit/complaint", &complaint(&form), &[]).await.expect(422).text();
    assert!(back.contains("field-family-fault"), "{back}");
    let numbers = submit(&sender, "complaint", |fields| fields.push(("field-family", "٧"))).await;
    let officer = app.member("supervisor").await;
    let ticket = officer.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200).text();
    assert!(ticket.contains("كم فردًا؟") && ticket.contains("<bdi dir=\"auto\">7</bdi>"), "{ticket}");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_too_large_costs_no_text() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let form = nonce(&sender.get("/submit/complaint").await);
    let large = vec![7u8; (20 << 20) + 1];
    let files = [("files", "small.png", "image/png", PNG), ("files", "film.mp4", "video/mp4", &large[..])];
    let page = sender.post_files("/submit/complaint", &complaint(&form), &files).await.expect(422).text();
    assert!(page.contains("files-fault") && page.contains("السلة الغذائية") && page.contains("small.png") && !page.contains("film.mp4"));
    let twelve: Vec<_> = (0..12).map(|_| ("files", "a.txt", "text/plain", &b"x"[..])).collect();
    let page = sender.post_files("/submit/complaint", &complaint(&form), &twelve).await.expect(422).text();
    assert_eq!(page.matches("name=\"kept\"").count(), 10);
    let endless = vec![7u8; 101 << 20];
    let refused = sender.post_files("/submit/complaint", &complaint(&form), &[("files", "a", "video/mp4", &endless)]).await.expect(413);
    assert!(refused.text().contains("الملفات أكبر من المسموح"));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_message_alone_is_enough_and_can_be_played() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let form = nonce(&sender.get("/submit/complaint").await);
    let fields = [("nonce", form.as_str()), ("text", ""), ("language", "ar"), ("declare", "yes")];
    let empty = sender.post_files("/submit/complaint", &fields, &[("files", "", "application/octet-stream", b"")]).await.expect(422);
    assert!(empty.text().contains("text-fault"));
    let voice = [("files", "voice.ogg", "audio/ogg", &b"OggS\0\x02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"[..])];
    let sent = sender.post_files("/submit/complaint", &fields, &voice).await.expect(303);
    let page = track(&sender, &numbers(&sender.get(sent.header("location").unwrap()).await)).await.text();
    assert!(page.contains("<audio controls"), "{page}");
    let player =
        sender.request(reqwest::Method::GET, between(&page, "<audio controls preload=\"none\" src=\"", "\"")).header("range", "bytes=0-3");
    let part = sender.send(player).await.expect(206);
    assert_eq!((part.body.as_slice(), part.header("content-range").unwrap().starts_with("bytes 0-3/")), (&b"OggS"[..], true));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_store_is_away_the_form_comes_back_whole() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let form = nonce(&sender.get("/submit/complaint").await);
    app.store.close().await;
    let page = sender.post_files("/submit/complaint", &complaint(&form), &[("files", "a.png", "image/png", PNG)]).await.expect(503);
    assert!(page.text().contains("السلة الغذائية") && page.text().contains("flash bad") && page.text().contains("مريم الشمري"));
    assert_eq!(nonce(&page), form);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_that_cannot_be_done_keeps_what_was_written() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    let officer = app.member("supervisor").await;
    let page = format!("/desk/tickets/{}", numbers.reference);
    let empty = officer.post_files(&format!("{page}/reply"), &[("text", "  ")], &[]).await.expect(422).text();
    assert!(empty.contains("reply-text-fault") || empty.contains("class=\"fault\""), "{empty}");
    let nowhere = officer.post_form(&format!("{page}/hand-over"), &[("to", ""), ("text", "سبب مكتوب")]).await.expect(422).text();
    assert!(nowhere.contains("to-fault") && nowhere.contains("سبب مكتوب"));
    let unknown = officer.post_form(&format!("{page}/hand-over"), &[("to", "aid/nobody"), ("text", "سبب")]).await.expect(422).text();
    assert!(unknown.contains("to-fault"));
    let reasonless = officer.post_form(&format!("{page}/hand-over"), &[("to", "aid"), ("text", "")]).await.expect(422).text();
    assert!(reasonless.contains("value=\"aid\" selected"));
    act(&officer, &numbers.reference, "spam", &[]).await;
    let late = officer.post_files(&format!("{page}/reply"), &[("text", "رد كتبته طويلًا")], &[]).await.expect(409).text();
    assert!(late.contains("رد كتبته طويلًا") && late.contains("flash bad"));
    officer.post_form(&format!("{page}/dance"), &[]).await.expect(404);
    assert_eq!(officer.get(&format!("{page}/reply")).await.expect(303).header("location"), Some(page.as_str()));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_took_longer_than_the_pass_is_kept_and_sent_with_the_pin() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let numbers = submit(&sender, "complaint", |_| {}).await;
    let page = track(&sender, &numbers).await;
    let (form, text) = (nonce(&page), "رد كتبته على مهل");
    assert!(page.text().contains(&format!("name=\"reference\" value=\"{}\"", numbers.reference)));
    app.clock.advance(std::time::Duration::from_secs(3700));
    let fields = [("reference", numbers.reference.as_str()), ("nonce", &form), ("text", text)];
    let asked = sender.post_files("/track/reply", &fields, &[("files", "عقد.png", "image/png", PNG)]).await.expect(403);
    assert_eq!(nonce(&asked), form);
    let asked = asked.text();
    assert!(asked.contains(text) && asked.contains("عقد.png") && asked.contains("name=\"pin\""), "{asked}");
    assert!(
        asked.contains(&format!("<input type=\"hidden\" name=\"reference\" value=\"{}\">", numbers.reference)),
        "only the PIN is asked"
    );
    let kept = between(&asked, "name=\"kept\" value=\"", "\"").to_owned();
    let with = |pin: &'static str| {
        let pin = if pin.is_empty() { numbers.pin.as_str() } else { pin };
        [("reference", numbers.reference.as_str()), ("nonce", &form), ("text", text), ("kept", &kept), ("pin", pin)]
    };
    let again = sender.post_form("/track", &with(if numbers.pin == "000000" { "000001" } else { "000000" })).await.expect(403).text();
    assert!(again.contains(text) && again.contains("عقد.png") && again.contains("flash bad"), "{again}");
    let again = sender.post_form("/track", &with("12")).await.expect(422).text();
    assert!(again.contains(text) && again.contains("pin-fault"), "{again}");
    let sent = sender.post_form("/track", &with("")).await.expect(303);
    assert_eq!(sent.header("location"), Some("/track?done=sent"));
    let page = sender.get("/track").await.expect(200).text();
    assert!(page.contains(text) && page.contains("عقد.png"), "{page}");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_goes_to_the_ticket_that_its_page_showed() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let (first, second) = (submit(&sender, "complaint", |_| {}).await, submit(&app.visitor(), "inquiry", |_| {}).await);
    let form = nonce(&track(&sender, &first).await);
    track(&sender, &second).await;
    let fields = [("reference", first.reference.as_str()), ("nonce", &form), ("text", "للطلب الأول فقط")];
    let asked = sender.post_files("/track/reply", &fields, &[]).await.expect(403).text();
    assert!(asked.contains(&first.reference) && asked.contains("للطلب الأول فقط"));
    assert!(!sender.get("/track").await.expect(200).text().contains("للطلب الأول فقط"));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_counted_before_it_is_read() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    for _ in 0..30 {
        // Breaks off: the form is none, but it counts.
        let broken = sender.request(reqwest::Method::POST, "/submit/complaint").header("origin", &app.base);
        sender.send(broken.header("content-type", "multipart/form-data; boundary=x").body("--x\r\n")).await.expect(403);
    }
    let small = [("files", "a.png", "image/png", PNG)];
    let page = sender.post_files("/submit/complaint", &[("text", "نص محفوظ")], &small).await.expect(429).text();
    assert!(page.contains("نص محفوظ") && !page.contains("a.png"), "what was typed comes back, files are not taken");
    let large = vec![7u8; 3 << 20];
    let refused = sender.post_files("/submit/complaint", &[], &[("files", "a.mp4", "video/mp4", &large)]).await.expect(429);
    assert!(refused.text().contains("محاولات كثيرة"));
    app.clock.advance(std::time::Duration::from_secs(60));
    submit(&app.visitor(), "complaint", |_| {}).await;
    app.end().await;
}
