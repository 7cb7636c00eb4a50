//! A form filled in a real browser, answered by an officer in another one, settled and followed by its sender.

use crate::{
    on_both,
    stage::{Database, PATIENCE, Stage, until},
    support::browser::Browser,
};
use fantoccini::Locator;
use std::time::Duration;

/// What is found by a CSS selector, waited for.
async fn find(browser: &Browser, css: &str) -> fantoccini::elements::Element {
    match browser.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
        Ok(element) => element,
        Err(error) => panic!("{css}: {error}\n{}", browser.source().await.unwrap_or_default()),
    }
}

async fn write(browser: &Browser, css: &str, text: &str) {
    find(browser, css).await.send_keys(text).await.unwrap();
}

async fn press(browser: &Browser, css: &str) {
    // Long pages: what is pressed must be seen first, as for a person.
    let element = find(browser, css).await;
    browser.execute("arguments[0].scrollIntoView({block: 'center'})", vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
    element.click().await.unwrap();
}

/// Opens a fold that is shut; the first one stands open.
async fn unfold(browser: &Browser, css: &str) {
    if find(browser, css).await.attr("open").await.unwrap().is_none() {
        press(browser, &format!("{css} > summary")).await;
    }
}

async fn text(browser: &Browser, css: &str) -> String {
    find(browser, css).await.text().await.unwrap()
}

/// The first administrator comes in by the link that the log shows, and is at the desk.
async fn administrator(stage: &Stage) -> Option<Browser> {
    let browser = Browser::start().await?;
    let log = stage.log();
    let link = log.split_whitespace().find(|word| word.contains("/desk/welcome/")).expect("a link for the first administrator").to_owned();
    browser.goto(&link).await.unwrap();
    for field in browser.find_all(Locator::Css("input[type=password]")).await.unwrap() {
        field.send_keys("a long enough password").await.unwrap();
    }
    press(&browser, "main form button[type=submit]").await;
    find(&browser, "a[href='/desk/new']").await;
    Some(browser)
}

on_both!(a_complaint_is_written_answered_and_followed_in_browsers);
async fn a_complaint_is_written_answered_and_followed_in_browsers(database: Database) {
    let Some(mut stage) = Stage::start(database, "") else { return };
    let (Some(sender), Some(desk)) = (Browser::start().await, administrator(&stage).await) else { return };
    let file = stage.home.path().join("صورة.txt");
    std::fs::write(&file, "صورة الفاتورة").unwrap();

    sender.goto(&format!("{}/", stage.url())).await.unwrap();
    assert_eq!(find(&sender, "html").await.attr("dir").await.unwrap().as_deref(), Some("rtl"));
    press(&sender, "a[href='/submit/complaint']").await;
    write(&sender, "input[name=name]", "مريم الشمري").await;
    write(&sender, "input[name=phone]", "٠٥٥١٢٣").await;
    write(&sender, "textarea[name=text]", "لم تصلني السلة الغذائية").await;
    write(&sender, "input[name=files]", file.to_str().unwrap()).await;
    press(&sender, "main form[enctype] button[type=submit]").await;
    // The number is too short and the declaration is missing: all that was written and uploaded is still there.
    find(&sender, "#faults").await;
    assert_eq!(find(&sender, "textarea[name=text]").await.prop("value").await.unwrap().as_deref(), Some("لم تصلني السلة الغذائية"));
    assert!(sender.source().await.unwrap().contains("صورة.txt"));
    find(&sender, "input[name=phone]").await.clear().await.unwrap();
    write(&sender, "input[name=phone]", "٠٥٥١٢٣٤٥٦٧").await;
    press(&sender, "input[name=declare]").await;
    press(&sender, "main form[enctype] button[type=submit]").await;
    let numbers = text(&sender, "dl.numbers").await;
    sender.picture(&format!("flow-receipt-{database:?}")).await;
    let reference =
        numbers.split_whitespace().find(|word| word.starts_with("26-") || word.matches('-').count() == 2).expect("a reference").to_owned();
    let pin =
        numbers.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit())).expect("a PIN").to_owned();

    desk.goto(&format!("{}/desk/tickets/{reference}", stage.url())).await.unwrap();
    assert!(desk.source().await.unwrap().contains("لم تصلني السلة الغذائية"));
    unfold(&desk, "details.act.reply").await;
    write(&desk, "details.act.reply textarea", "حياكم الله، تصلكم يوم الأحد").await;
    press(&desk, "details.act.reply button[type=submit]").await;
    find(&desk, ".flash.good").await;
    unfold(&desk, "details.act.resolve").await;
    write(&desk, "details.act.resolve textarea", "سُلّمت السلة").await;
    press(&desk, "details.act.resolve button[type=submit]").await;
    find(&desk, ".status.resolved").await;
    desk.picture(&format!("flow-ticket-{database:?}")).await;

    sender.goto(&format!("{}/track?reference={reference}", stage.url())).await.unwrap();
    write(&sender, "input[name=pin]", &pin).await;
    press(&sender, "main form button[type=submit]").await;
    find(&sender, "form[action='/track/solved']").await;
    let page = sender.source().await.unwrap();
    assert!(page.contains("تصلكم يوم الأحد") && page.contains("سُلّمت السلة"));
    press(&sender, "button[name=answer][value=no]").await;
    until("the ticket to be open again", || async { stage.ticket(&reference).await["status"] == "reopened" }).await;
    sender.picture(&format!("flow-track-{database:?}")).await;
    stage.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_in_english_and_without_scripts() {
    let Some(mut stage) = Stage::start(Database::Sqlite, "") else { return };
    let Some(sender) = Browser::start_with(&["--lang=en", "--accept-lang=en", "--blink-settings=scriptEnabled=false"]).await else {
        return;
    };
    sender.goto(&format!("{}/submit/inquiry", stage.url())).await.unwrap();
    let html = find(&sender, "html").await;
    assert_eq!((html.attr("lang").await.unwrap().as_deref(), html.attr("dir").await.unwrap().as_deref()), (Some("en"), Some("ltr")));
    write(&sender, "textarea[name=text]", "When does the office open during Ramadan?").await;
    find(&sender, "input[name=declare]").await.click().await.unwrap();
    find(&sender, "main form[enctype] button[type=submit]").await.click().await.unwrap();
    assert!(text(&sender, "dl.numbers").await.to_lowercase().contains("pin"), "{}", sender.source().await.unwrap());
    tokio::time::sleep(Duration::from_millis(10)).await;
    let ticket = &stage.settled_tickets(1).await[0];
    assert_eq!(stage.ticket(ticket["reference"].as_str().unwrap()).await["language"], "en");
    stage.stop();
}
