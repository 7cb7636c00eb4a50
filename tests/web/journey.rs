//! A complaint from the first click to the last word.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_is_received_answered_settled_and_reopened() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let home = sender.get("/").await.expect(200).text();
    assert!(home.contains("<html lang=\"ar\" dir=\"rtl\">") && home.contains("/submit/complaint"));

    let numbers = submit(&sender, "complaint", |_| {}).await;
    // Reloading works, for this browser only.
    assert!(sender.get("/receipt").await.expect(200).text().contains(&numbers.pin));
    app.visitor().get("/receipt").await.expect(410);
    let page = track(&sender, &numbers).await.text();
    assert!(page.contains("السلة الغذائية") && !page.contains(&numbers.pin));

    let owner = owner(&app, &numbers.reference).await;
    let officer = app.member(&owner).await;
    let queue = officer.get("/desk").await.expect(200).text();
    assert!(queue.contains(&numbers.reference) && queue.contains("لم تصلنا السلة"), "{queue}");
    let ticket = officer.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200).text();
    assert!(ticket.contains("مريم الشمري") && ticket.contains("+966551234567"), "{ticket}");

    act(&officer, &numbers.reference, "start", &[]).await;
    let replied = act(&officer, &numbers.reference, "reply", &[("text", "حياكم الله، نتحقق الآن.")]).await.text();
    assert!(replied.contains("flash good") && replied.contains("حياكم الله"));
    act(&officer, &numbers.reference, "ask", &[("text", "هل تغيّر عنوانكم؟")]).await;
    act(&officer, &numbers.reference, "note", &[("text", "ملاحظة لا يراها أحد في الخارج")]).await;

    let page = sender.get("/track").await.expect(200).text();
    assert!(page.contains("حياكم الله") && page.contains("هل تغيّر عنوانكم؟") && !page.contains("ملاحظة لا يراها"), "{page}");
    let form = nonce(&sender.get("/track").await);
    let reply = [("nonce", form.as_str()), ("text", "نعم، انتقلنا إلى حي النهضة")];
    let files = [("files", "هوية.txt", "text/plain", "صورة الهوية".as_bytes())];
    let sent = sender.post_files("/track/reply", &reply, &files).await.expect(303);
    assert_eq!(sent.header("location"), Some("/track?done=sent"));
    // A second press says nothing twice.
    sender.post_files("/track/reply", &reply, &files).await.expect(303);
    let page = sender.get("/track").await.expect(200).text();
    assert_eq!(page.matches("انتقلنا إلى حي النهضة").count(), 1);
    let file = format!("/track/files/{}", between(&page, "href=\"/track/files/", "\""));
    let got = sender.get(&file).await.expect(200);
    assert_eq!(got.body, "صورة الهوية".as_bytes());
    assert!(got.header("content-disposition").unwrap().contains("filename*=UTF-8''%D9%87%D9%88%D9%8A%D8%A9.txt"));
    app.visitor().get(&file).await.expect(410);

    act(&officer, &numbers.reference, "resolve", &[("text", "أوصلنا السلة اليوم.")]).await;
    assert!(sender.get("/track").await.text().contains("/track/solved"));
    let answered = sender.post_form("/track/solved", &[("answer", "no")]).await.expect(303);
    assert_eq!(answered.header("location"), Some("/track?done=solved_no"));
    let ticket = officer.get(&format!("/desk/tickets/{}", numbers.reference)).await.expect(200).text();
    assert!(ticket.contains("class=\"status reopened\""), "{ticket}");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_there_in_english_too() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let chosen = sender.get("/language/en?next=%2Fsubmit%2Fcomplaint").await.expect(303);
    assert_eq!(chosen.header("location"), Some("/submit/complaint"));
    let form = sender.get("/submit/complaint").await.expect(200);
    assert!(form.text().contains("<html lang=\"en\" dir=\"ltr\">"));
    let nonce = nonce(&form);
    let fields = [("nonce", nonce.as_str()), ("text", "The food basket has not come."), ("language", "en"), ("declare", "yes")];
    let sent = sender.post_files("/submit/complaint", &fields, &[]).await.expect(303);
    let receipt = sender.get(sent.header("location").unwrap()).await.expect(200);
    assert!(receipt.text().contains("We have your request") && receipt.text().contains("You left no telephone number"));
    let page = track(&sender, &numbers(&receipt)).await.text();
    assert!(page.contains("Follow a request") && page.contains("The food basket has not come."));
    let browser = app.visitor();
    let english = browser.send(browser.request(reqwest::Method::GET, "/").header("accept-language", "en-GB,en;q=0.9")).await;
    assert!(english.text().contains("<html lang=\"en\""));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_press_shows_the_same_receipt_and_other_words_are_another_request() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let nonce = nonce(&sender.get("/submit/complaint").await);
    let mut receipts = Vec::new();
    for text in ["الأولى", "الأولى", "الثانية"] {
        let fields: Vec<_> = complaint(&nonce).into_iter().map(|(name, value)| (name, if name == "text" { text } else { value })).collect();
        let sent = sender.post_files("/submit/complaint", &fields, &[]).await.expect(303);
        receipts.push(numbers(&sender.get(sent.header("location").unwrap()).await.expect(200)).reference);
    }
    assert_eq!(receipts[0], receipts[1]);
    assert_ne!(receipts[0], receipts[2], "who goes back and writes something else is not left unheard");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yes_closes_it_and_a_later_word_opens_it_again() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let numbers = submit(&sender, "inquiry", |_| {}).await;
    track(&sender, &numbers).await;
    let officer = app.member("supervisor").await;
    act(&officer, &numbers.reference, "resolve", &[("text", "تم")]).await;
    sender.post_form("/track/solved", &[("answer", "yes")]).await.expect(303);
    // Answered twice: the page shows how it stands.
    let again = sender.post_form("/track/solved", &[("answer", "yes")]).await.expect(303);
    assert_eq!(again.header("location"), Some("/track"));
    let form = nonce(&sender.get("/track").await);
    sender.post_files("/track/reply", &[("nonce", &form), ("text", "عادت المشكلة")], &[]).await.expect(303);
    let ticket = officer.get(&format!("/desk/tickets/{}", numbers.reference)).await.text();
    assert!(ticket.contains("class=\"status reopened\""));
    sender.post_form("/track/leave", &[]).await.expect(303);
    assert!(sender.get("/track").await.expect(200).text().contains("name=\"pin\""));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_else_the_charity_is_reached_stands_at_home_and_at_the_foot_of_every_page() {
    use tawasul::domain::{Bilingual, office::ContactPoint};
    let app = TestApp::start_with(|config| {
        config.office.contact = ContactPoint {
            phones: vec!["013 555 0100".into(), "+966 (13) 555-0101".into()],
            email: Some("info@example.org".into()),
            hours: Some(Bilingual::new("الأحد إلى الخميس", "Sunday to Thursday")),
            address: Some(Bilingual::new("شارع السدر", "As-Sidr Street")),
        }
    })
    .await;
    let visitor = app.visitor();
    for (language, hours, address) in [("ar", "الأحد إلى الخميس", "شارع السدر"), ("en", "Sunday to Thursday", "As-Sidr Street")]
    {
        visitor.get(&format!("/language/{language}?next=/")).await.expect(303);
        let home = visitor.get("/").await.expect(200).text();
        let (main, foot) = home.split_once("<footer").unwrap();
        let track = visitor.get("/track").await.expect(200).text();
        for place in [main, foot, track.split_once("<footer").unwrap().1] {
            for said in [hours, address, "tel:0135550100", ">013 555 0100<", "tel:+966135550101", "mailto:info@example.org"] {
                // `+` is written as a reference in attributes.
                assert!(place.replace("&#43;", "+").contains(said), "{language} {said}: {place}");
            }
        }
    }
    app.end().await;

    let app = TestApp::start().await;
    let home = app.visitor().get("/").await.expect(200).text();
    assert!(!home.contains("tel:") && !home.contains("id=\"reach\""), "nothing is made up");
    app.end().await;
}
