//! Guesses at PINs and passwords from many networks, over days and restarts; and that who was here before still comes in.

use super::*;
use std::time::Duration;
use support::app::PASSWORD;
use tawasul::{
    access::{Access, AccessError, Origin},
    domain::{Pin, Reference},
};

/// A guess from a network and a browser that nobody has seen.
async fn guess(access: &Access, reference: &str, pin: &str, network: usize) -> Result<(), AccessError> {
    let network = format!("192.0.2.{network}");
    let from = Origin { network: &network, known: None };
    access.track(reference.parse().unwrap(), &Pin::parse(pin).unwrap(), from).await.map(drop)
}

fn wrong(numbers: &Numbers) -> &'static str {
    if numbers.pin == "000000" { "000001" } else { "000000" }
}

fn unknown(answer: &Result<(), AccessError>) -> bool {
    matches!(answer, Err(AccessError::Unknown))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_wrong_pins_in_a_day_shut_a_ticket_to_strangers_whatever_restarts() {
    let app = TestApp::start().await;
    let sender = app.visitor();
    let (numbers, other) = (submit(&sender, "complaint", |_| {}).await, submit(&app.visitor(), "inquiry", |_| {}).await);
    let mut access = app.access.clone();
    for number in 0..20 {
        // Slowly enough for every throttle; each time another network, and now and then a new process.
        app.clock.advance(Duration::from_secs(150));
        assert!(unknown(&guess(&access, &numbers.reference, wrong(&numbers), number).await), "{number}");
        if number % 7 == 0 {
            access = std::sync::Arc::new(Access::new(app.store.clone()));
        }
    }
    app.clock.advance(Duration::from_secs(600));
    assert!(unknown(&guess(&access, &numbers.reference, &numbers.pin, 99).await), "the right PIN is answered like a wrong one");
    guess(&access, &other.reference, &other.pin, 99).await.expect("another ticket is open");
    // The browser that wrote it comes in, also after typing wrongly.
    sender.post_form("/track", &[("reference", &numbers.reference), ("pin", wrong(&numbers))]).await.expect(403);
    assert!(track(&sender, &numbers).await.text().contains("السلة الغذائية"));
    sender.post_form("/track/leave", &[]).await.expect(303);
    sender.post_form("/track", &[("reference", &numbers.reference), ("pin", &numbers.pin)]).await.expect(403);
    app.clock.advance(Duration::from_secs(3600));
    guess(&access, &numbers.reference, &numbers.pin, 99).await.expect("one guess comes back in 72 minutes");
    assert!(unknown(&guess(&access, &numbers.reference, wrong(&numbers), 98).await));
    assert!(unknown(&guess(&access, &numbers.reference, &numbers.pin, 97).await), "and is spent again");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_in_rightly_every_time_is_never_shut_out() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    for number in 0..60 {
        app.clock.advance(Duration::from_secs(130));
        guess(&app.access, &numbers.reference, &numbers.pin, number).await.unwrap_or_else(|error| panic!("{number}: {error}"));
    }
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_once_get_no_more_than_one_after_the_other() {
    let app = TestApp::start().await;
    let numbers = submit(&app.visitor(), "complaint", |_| {}).await;
    for round in 0..4 {
        app.clock.advance(Duration::from_secs(60 * 20));
        let guesses = (0..10).map(|number| guess(&app.access, &numbers.reference, wrong(&numbers), 10 * round + number));
        futures_util::future::join_all(guesses).await;
    }
    assert!(unknown(&guess(&Access::new(app.store.clone()), &numbers.reference, &numbers.pin, 200).await));
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_wrong_pins_rain_everywhere_each_ticket_takes_but_a_few_and_honest_people_still_come_in() {
    let app = TestApp::start().await;
    let (numbers, honest) = (submit(&app.visitor(), "complaint", |_| {}).await, submit(&app.visitor(), "complaint", |_| {}).await);
    for serial in 0..300 {
        let reference = Reference::new(26, 500_000 + serial).unwrap().to_string();
        assert!(unknown(&guess(&app.access, &reference, "123456", serial as usize).await));
    }
    for number in 0..4 {
        assert!(unknown(&guess(&app.access, &numbers.reference, wrong(&numbers), number).await));
    }
    assert!(unknown(&guess(&app.access, &numbers.reference, &numbers.pin, 99).await), "four, not twenty");
    guess(&app.access, &honest.reference, &honest.pin, 99).await.expect("whose ticket nobody guessed at");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_of_a_day_shut_an_account_to_strangers_and_not_to_its_owner() {
    let app = TestApp::start().await;
    let owner = app.member("supervisor").await;
    owner.post_form("/desk/sign-out", &[]).await.expect(303);
    let sign_in = async |account: &str, password: &str, network: usize| {
        let network = format!("192.0.2.{network}");
        app.access.sign_in(account, password, Origin { network: &network, known: None }).await.map(drop)
    };
    // One comes back in about half an hour: 52 in the hour that this takes.
    for number in 0..52 {
        app.clock.advance(Duration::from_secs(61));
        assert!(unknown(&sign_in("supervisor", "wrong", number).await), "{number}");
    }
    assert!(unknown(&sign_in("supervisor", PASSWORD, 99).await), "the right one is answered alike");
    let come_in = [("email", "supervisor"), ("password", PASSWORD), ("next", "/desk")];
    owner.post_form("/desk/sign-in", &come_in).await.expect(303);
    app.visitor().post_form("/desk/sign-in", &come_in).await.expect(403);
    assert!(unknown(&sign_in("nobody-here", "wrong", 98).await), "and what does not exist answers the same");
    app.end().await;
}
