//! Pictures of the real pages, for a person to look at.

use super::*;
use fantoccini::Locator;
use support::{app::PASSWORD, browser::Browser};

/// Writes a picture of each page to the folder in `OUT`: both languages, on a telephone and on a desk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes files for a person to look at"]
async fn pages_to_pictures() {
    let out = std::path::PathBuf::from(std::env::var("OUT").expect("OUT names a folder"));
    std::fs::create_dir_all(&out).unwrap();
    // As a charity would: with a contact line.
    let app = TestApp::start_with(|config| {
        config.office.contact = tawasul::domain::office::ContactPoint {
            phones: vec!["013 555 0100".into(), "92 000 0000".into()],
            email: Some("info@example.org".into()),
            hours: Some(tawasul::domain::Bilingual::new("الأحد إلى الخميس، 8 صباحًا إلى 4 مساءً", "Sunday to Thursday, 8 am to 4 pm")),
            address: Some(tawasul::domain::Bilingual::new("شارع السدر، حي النهضة", "As-Sidr Street, An-Nahdah")),
        };
    })
    .await;
    let sender = app.visitor();
    let numbers = submit(&sender, "complaint", |_| {}).await;
    track(&sender, &numbers).await;
    let admin = app.member("admin").await;
    converse(&app, &sender, &admin, &numbers.reference).await;
    let Some(browser) = Browser::start().await else { return };
    fill(&browser, &format!("{}/desk/sign-in", app.base), &[("email", "admin"), ("password", PASSWORD)]).await;
    fill(&browser, &format!("{}/track", app.base), &[("reference", &numbers.reference), ("pin", &numbers.pin)]).await;
    fill(&browser, &format!("{}/desk/new", app.base), &[("kind", "inquiry"), ("text", "زائر يسأل عن التطوع")]).await;
    let ticket = format!("/desk/tickets/{}", numbers.reference);
    let pages = [
        ("home", "/"),
        ("submit", "/submit/complaint"),
        ("aid", "/submit/aid-request"),
        ("receipt", "/receipt?phone=yes"),
        ("track", "/track"),
        ("track-login", "/track?reference=26-000001-8"),
        ("nowhere", "/nowhere"),
        ("queue", "/desk?filter=all"),
        ("ticket", ticket.as_str()),
        ("new", "/desk/new"),
        ("slip", "/desk/new/slip"),
        ("people", "/desk/people"),
        ("inbox", "/desk/inbox"),
        ("account", "/desk/account"),
    ];
    for language in ["ar", "en"] {
        browser.goto(&format!("{}/language/{language}?next=/desk", app.base)).await.unwrap();
        browser.wait().for_element(Locator::Css(&format!("html[lang='{language}']"))).await.unwrap();
        for (device, width, height) in [("phone", 390, 1900), ("wide", 1280, 1500)] {
            browser.set_window_size(width, height).await.unwrap();
            for (name, path) in pages {
                browser.goto(&format!("{}{path}", app.base)).await.unwrap();
                std::fs::write(out.join(format!("{name}-{language}-{device}.png")), browser.screenshot().await.unwrap()).unwrap();
            }
            // The pass runs out while somebody writes.
            browser.goto(&format!("{}/track", app.base)).await.unwrap();
            let reply = browser.form(Locator::Css("form[action='/track/reply']")).await.unwrap();
            reply.set_by_name("text", "شكرًا لكم. بقي سؤال عن موعد الزيارة القادمة.").await.unwrap();
            browser.delete_cookie("tawasul-track").await.unwrap();
            browser.find(Locator::Css("form[action='/track/reply'] button.first")).await.unwrap().click().await.unwrap();
            browser.wait().for_element(Locator::Css("input[name='pin']")).await.unwrap();
            std::fs::write(out.join(format!("track-again-{language}-{device}.png")), browser.screenshot().await.unwrap()).unwrap();
            browser.goto(&format!("{}/", app.base)).await.unwrap();
            browser.execute("window.scrollTo(0, document.body.scrollHeight)", Vec::new()).await.unwrap();
            std::fs::write(out.join(format!("home-end-{language}-{device}.png")), browser.screenshot().await.unwrap()).unwrap();
            fill(&browser, &format!("{}/track", app.base), &[("reference", &numbers.reference), ("pin", &numbers.pin)]).await;
            // What is under way would overtake the next page.
            browser.wait().for_element(Locator::Css("form[action='/track/reply']")).await.unwrap();
        }
    }
}

/// Fills in the form of a page and sends it.
async fn fill(browser: &Browser, page: &str, fields: &[(&str, &str)]) {
    browser.goto(page).await.unwrap();
    let form = browser.form(Locator::Css("main form")).await.unwrap();
    for (name, value) in fields {
        form.set_by_name(name, value).await.unwrap();
    }
    browser.find(Locator::Css("main form button.first")).await.unwrap().click().await.unwrap();
}

/// Something on every kind of page.
async fn converse(app: &TestApp, sender: &Visitor, admin: &Visitor, reference: &str) {
    act(admin, reference, "start", &[]).await;
    act(admin, reference, "reply", &[("text", "حياكم الله، وصلتنا شكواكم ونتحقق من سجل التوزيع.")]).await;
    act(admin, reference, "note", &[("text", "الملف 4471 محدّث، والمندوب لم يجد أحدًا.")]).await;
    let form = nonce(&sender.get("/track").await);
    let files = [
        ("files", "بطاقة العائلة.png", "image/png", &b"\x89PNG\r\n\x1a\n0000"[..]),
        ("files", "v.ogg", "audio/ogg", b"OggS\0\x02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ];
    sender.post_files("/track/reply", &[("nonce", &form), ("text", "شكرًا لكم، انتقلنا إلى حي النهضة")], &files).await.expect(303);
    let token = app.access.issue_token("سجل المستفيدين", &["tickets:write".to_owned()]).await.unwrap();
    let system = Visitor::with_token(&app.base, &token);
    let noted = serde_json::json!({ "text": "حُدّث العنوان في سجل المستفيدين." });
    system.post_json(&format!("/api/v1/tickets/{reference}/notes"), &noted).await.expect(204);
    admin.post_form("/desk/people/aid-officer/invite", &[]).await.expect(200);
    act(admin, reference, "resolve", &[("text", "أُوصلت السلة اليوم.")]).await;
    app.clock.advance(std::time::Duration::from_secs(600));
    let form = nonce(&admin.get("/desk/new").await);
    let call = [
        ("nonce", form.as_str()),
        ("way", "call"),
        ("name", "Yusuf Rahman"),
        ("phone", "0559998888"),
        ("language", "en"),
        ("kind", "inquiry"),
        ("text", "Asks about the winter clothing programme."),
    ];
    admin.post_files("/desk/new", &call, &[]).await.expect(303);
    submit(&app.visitor(), "inquiry", |_| {}).await;
    app.send_notices().await;
}
