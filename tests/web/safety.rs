//! Strangers, guesses, floods, other sites, and hostile words.

use super::*;
use reqwest::Method;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_reference_and_pin_together_open_a_ticket() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    let stranger = app.visitor();
    let wrong = if numbers.pin == "000000" { "000001" } else { "000000" };
    let refused = stranger.post_form("/track", &[("reference", &numbers.reference), ("pin", wrong)]).await.expect(403).text();
    assert!(refused.contains("flash bad") && refused.contains(&numbers.reference));
    let slip = stranger.post_form("/track", &[("reference", "26-000001-0"), ("pin", "12")]).await.expect(422).text();
    assert!(slip.contains("reference-fault") && slip.contains("pin-fault"));
    let asked = stranger.post_files("/track/reply", &[("text", "<b>x")], &[]).await.expect(403).text();
    assert!(asked.contains("name=\"reference\"") && asked.contains("name=\"pin\"") && asked.contains("&#60;b&#62;x"), "{asked}");
    stranger.post_form("/track/solved", &[("answer", "yes")]).await.expect(410);
    // A pass cannot be made up, nor changed, nor used for the receipt.
    let sender = app.visitor();
    track(&sender, &numbers).await;
    let pass = sender.request(Method::GET, "/track").build().unwrap().headers()["cookie"].to_str().unwrap().to_owned();
    let pass = between(&format!("{pass};"), "tawasul-track=", ";").to_owned();
    let (known, hash) = pass.rsplit_once('.').unwrap();
    for forged in [format!("{known}."), format!("{known}.AAAAAAAAAAAAAAAAAAAAAA"), pass.replacen('.', ".9", 1), hash.to_owned()] {
        let request = stranger.request(Method::GET, "/track").header("cookie", format!("tawasul-track={forged}"));
        assert!(stranger.send(request).await.expect(200).text().contains("name=\"pin\""), "{forged}");
    }
    let request = stranger.request(Method::GET, "/receipt").header("cookie", format!("tawasul-receipt={pass}"));
    stranger.send(request).await.expect(410);
    // After an hour the numbers are asked for again.
    app.clock.advance(std::time::Duration::from_secs(3601));
    assert!(sender.get("/track").await.expect(200).text().contains("name=\"pin\""));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_and_floods_are_slowed_down() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    let stranger = app.visitor();
    let mut last = 0;
    for guess in 0..12 {
        let pin = format!("{:06}", 900_000 + guess);
        last = stranger.post_form("/track", &[("reference", &numbers.reference), ("pin", &pin)]).await.status;
    }
    assert_eq!(last, 429);
    let page = stranger.post_form("/track", &[("reference", &numbers.reference), ("pin", &numbers.pin)]).await.expect(429).text();
    assert!(page.contains("محاولات كثيرة"));
    for _ in 0..11 {
        last = stranger.post_form("/desk/sign-in", &[("email", "admin"), ("password", "wrong"), ("next", "")]).await.status;
    }
    assert_eq!(last, 429);
    for _ in 0..40 {
        last = stranger.post_files("/submit/complaint", &[("text", "نص محفوظ")], &[]).await.status;
    }
    assert_eq!(last, 429);
    assert!(stranger.post_files("/submit/complaint", &[("text", "نص محفوظ")], &[]).await.text().contains("نص محفوظ"));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_site_can_send_nothing_in_somebody_s_name() {
    let app = TestApp::start().await;
    let officer = app.member("supervisor").await;
    for origin in ["https://evil.example", "null"] {
        let request = officer.request(Method::POST, "/desk/account/language").header("origin", origin).form(&[("language", "en")]);
        assert!(officer.send(request).await.expect(403).text().contains("لم نتمكن من قبول هذا الإرسال"));
    }
    let request = officer.request(Method::POST, "/submit/complaint").header("sec-fetch-site", "cross-site").form(&[("text", "x")]);
    officer.send(request).await.expect(403);
    let request = officer.request(Method::GET, "/language/en?next=/desk").header("sec-fetch-site", "cross-site");
    officer.send(request).await.expect(303);
    assert!(officer.get("/desk").await.expect(200).text().contains("lang=\"ar\" dir=\"rtl\""), "a link elsewhere changes no setting");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_words_stay_words() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let evil = "\"><script>alert(1)</script>";
    let numbers = submit(&sender, "complaint", |fields| {
        fields.retain(|(name, _)| *name != "name" && *name != "text");
        fields.push(("name", evil));
        fields.push(("text", "</textarea><script>alert(2)</script>\u{0}\u{202E}"));
    })
    .await;
    let officer = app.member("supervisor").await;
    let ticket = officer.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200);
    let queue = officer.get(&format!("/desk?q={}", "%22%3E%3Cscript%3E")).await.expect(200);
    let tracked = track(&sender, &numbers).await;
    for page in [ticket, queue, tracked, officer.get("/desk").await, sender.get("/track?reference=%22%3E%3Cscript%3E").await] {
        assert!(!page.text().contains("<script"), "{}", page.text());
    }
    let form = nonce(&sender.get("/track").await);
    let files = [("files", "../../x<img src=x>.html", "text/html", &b"<script>alert(3)</script>"[..])];
    sender.post_files("/track/reply", &[("nonce", &form), ("text", "x")], &files).await.expect(303);
    let page = sender.get("/track").await.text();
    assert!(!page.contains("<img src=x"));
    let file = sender.get(&format!("/track/files/{}", between(&page, "href=\"/track/files/", "\""))).await.expect(200);
    assert_eq!(file.header("content-type"), Some("application/octet-stream"));
    assert!(file.header("content-disposition").unwrap().starts_with("attachment;"));
    assert!(file.header("content-security-policy").unwrap().contains("sandbox"));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_careful_and_every_refusal_is_a_page() {
    let app = TestApp::start().await;
    let visitor = app.visitor();
    for (path, status) in [
        ("/", 200),
        ("/nowhere", 404),
        ("/submit/none", 404),
        ("/track/files/x", 410),
        ("/desk/welcome/x", 410),
        ("/static/none.css", 404),
        ("/language/xx", 303),
        ("/desk", 303),
        ("/submit/%FF", 404),
        ("/track/reply", 303),
    ] {
        let answer = visitor.get(path).await;
        assert!(answer.status == status || (path == "/submit/%FF" && answer.status >= 400), "{path}: {}", answer.status);
        assert!(answer.header("content-security-policy").unwrap().starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("strict-transport-security").is_none());
        if answer.status >= 400 {
            assert!(answer.text().contains("<h1"), "{path} is refused in words: {}", answer.text());
        }
    }
    visitor.send(visitor.request(Method::DELETE, "/track").header("origin", &app.base)).await.expect(405);
    assert!(visitor.get("/desk?filter=mine").await.header("location").unwrap().ends_with("next=%2Fdesk%3Ffilter%3Dmine"));
    for elsewhere in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example"] {
        assert_eq!(visitor.get(&format!("/language/ar?next={elsewhere}")).await.header("location"), Some("/"));
    }
    let style = between(&visitor.get("/").await.text(), "rel=\"stylesheet\" href=\"", "\"").to_owned();
    let style = visitor.get(&style).await.expect(200);
    assert_eq!(style.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(visitor.get("/track").await.header("cache-control"), Some("no-store"));
    let packed = visitor.send(visitor.request(Method::GET, "/").header("accept-encoding", "gzip")).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    app.end().await;
}
