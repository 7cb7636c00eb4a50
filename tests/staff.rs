//! The accounts follow organization.toml: who leaves it is let go, and what they owned goes to somebody who is there.

mod support;

use support::app::{PASSWORD, TestApp};
use tawasul::{
    access::Viewer,
    casework::{Casework, Movements},
    channel::{
        Channel, ChannelKind, InboundSink, Taken,
        portal::{Form, PortalChannel},
    },
    config::{self, Config},
    domain::{EventKind, Key, Reference, Role, Ticket},
    store::people::Person,
};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// The built-in configuration, changed.
fn configuration(change: impl FnOnce(&mut Config)) -> Config {
    let empty = tempfile::tempdir().unwrap();
    let mut config = config::load(Some(empty.path()), std::iter::empty()).unwrap();
    change(&mut config);
    config
}

/// The casework as the next start would put it together, with this configuration.
fn restarted(app: &TestApp, change: impl FnOnce(&mut Config)) -> Casework {
    let config = configuration(change);
    let channels: Vec<std::sync::Arc<dyn Channel>> = vec![PortalChannel::new(), app.sandbox.clone()];
    let outbox =
        tawasul::outbox::Outbox::new(app.store.clone(), channels, None, config.outbox.clone(), Vec::new(), config.office.name.clone());
    Casework::new(app.store.clone(), outbox, std::sync::Arc::new(config.office.clone()), config.calendar.clone(), &app.base)
}

fn without(config: &mut Config, left: &str) {
    config.office.staff.retain(|officer| officer.key.as_str() != left);
    for department in &mut config.office.departments {
        department.officers.retain(|officer| officer.as_str() != left);
    }
}

async fn person(app: &TestApp, name: &str) -> Person {
    app.store.read().await.unwrap().person_by_key(&key(name)).await.unwrap().expect("an account")
}

async fn opened(app: &TestApp, nonce: &str) -> Reference {
    let form = Form { nonce: nonce.into(), text: "لم تصلني السلة الغذائية".into(), ..Form::default() };
    match app.intake.deliver(form.inbound(ChannelKind::Portal, "web")).await.unwrap() {
        Taken::Accepted(accepted) => accepted.reference,
        other => panic!("{other:?}"),
    }
}

async fn ticket(app: &TestApp, reference: Reference) -> Ticket {
    app.store.read().await.unwrap().ticket(reference).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_taken_out_of_the_file_is_follow_file_and_their_tickets_find_a_new_owner() {
    let app = TestApp::start().await;
    let mut references = Vec::new();
    for number in 0..30 {
        references.push(opened(&app, &format!("n{number}")).await);
    }
    let owner = ticket(&app, references[0]).await.owner;
    let left = app.store.read().await.unwrap().person(owner).await.unwrap().unwrap();
    let desk = app.member(left.key.as_str()).await;
    assert_eq!(desk.get("/desk").await.status, 200);
    app.send_notices().await;

    let casework = restarted(&app, |config| without(config, left.key.as_str()));
    casework.keep_staff().await.unwrap();
    let done = casework.follow_file().await.unwrap();
    assert_eq!(done, Movements { closed: vec![left.key.clone()], tickets: 30, ..Movements::default() });
    assert_ne!(desk.get("/desk").await.status, 200, "the session has ended");
    let visitor = app.visitor();
    let again = visitor.post_form("/desk/sign-in", &[("email", left.key.as_str()), ("password", PASSWORD), ("next", "/desk")]).await;
    assert_ne!(again.status, 303, "nor can they sign in");
    let admin = Viewer::new(person(&app, "admin").await, app.casework.office());
    for reference in &references {
        let view = app.casework.ticket(&admin, *reference).await.unwrap();
        let owner = view.owner.expect("an owner");
        assert!(owner.active && owner.id != left.id);
        assert_eq!(view.ticket.reasons[0].name, "departed");
        let entry = view.history.iter().find(|h| h.event.kind == EventKind::HandedOver).expect("an entry");
        assert_eq!(entry.event.data.get("cause").map(String::as_str), Some("departed"));
        assert_eq!(entry.to.as_ref().map(|to| to.id), Some(owner.id));
        assert!(view.notices.iter().any(|notice| notice.kind == "handed_over" && notice.person == Some(owner.id)));
    }
    let page = app.member("admin").await.get(&format!("/desk/tickets/{}", references[0])).await.expect(200).text();
    assert!(page.contains("لأن المسؤول السابق لم يعد ضمن فريق العمل"), "{page}");
    assert_eq!(casework.follow_file().await.unwrap(), Movements::default(), "a second start has nothing to do");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_over_that_broke_off_is_ended_at_the_next_start() {
    let app = TestApp::start().await;
    let reference = opened(&app, "n1").await;
    let left = ticket(&app, reference).await.owner;
    let closed: Result<(), tawasul::store::StoreError> = app.store.write(move |tx| Box::pin(async move { tx.depart(left).await })).await;
    closed.unwrap();
    let gone = app.store.read().await.unwrap().person(left).await.unwrap().unwrap().key;
    let casework = restarted(&app, |config| without(config, gone.as_str()));
    assert_eq!(casework.follow_file().await.unwrap().tickets, 1);
    assert_ne!(ticket(&app, reference).await.owner, left);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_successor_gets_the_address_of_who_left_and_two_may_exchange_theirs() {
    let app = TestApp::start_with(|config| {
        for (name, mail) in [("aid-officer", "aid@example.sa"), ("supervisor", "sup@example.sa")] {
            config.office.staff.iter_mut().find(|officer| officer.key.as_str() == name).unwrap().email = Some(mail.into());
        }
    })
    .await;
    let casework = restarted(&app, |config| {
        without(config, "aid-officer");
        let supervisor = config.office.staff.iter_mut().find(|officer| officer.key.as_str() == "supervisor").unwrap();
        supervisor.email = Some("aid@example.sa".into());
        let next = tawasul::domain::office::Officer { key: key("next"), email: Some("sup@example.sa".into()), ..supervisor.clone() };
        config.office.staff.insert(0, next);
    });
    casework.keep_staff().await.unwrap();
    casework.follow_file().await.unwrap();
    let mail = |person: &Person| person.email.as_ref().map(|email| email.value().to_owned());
    assert_eq!(mail(&person(&app, "supervisor").await).as_deref(), Some("aid@example.sa"));
    assert_eq!(mail(&person(&app, "next").await).as_deref(), Some("sup@example.sa"));
    assert_eq!(mail(&person(&app, "aid-officer").await), None);

    let by_hand = person(&app, "next").await.id;
    let kept: Result<(), tawasul::store::StoreError> = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                tx.depart(by_hand).await?;
                tx.set_active(by_hand, true).await?;
                let (key, mail) = (key("next"), tawasul::domain::Address::mail("next@example.sa").unwrap());
                let account = tawasul::store::people::Account {
                    key: &key,
                    role: Role::Officer,
                    name: &tawasul::domain::Bilingual::new("التالي", ""),
                    email: Some(&mail),
                    site: None,
                    origin: tawasul::store::people::Origin::Hand,
                };
                tx.save_person(account, tawasul::domain::At(0)).await.map(drop)
            })
        })
        .await;
    kept.unwrap();
    let casework = restarted(&app, |config| config.office.staff[0].email = Some("next@example.sa".into()));
    let refused = casework.keep_staff().await.unwrap_err().to_string();
    assert!(refused.contains("has the e-mail address of the account next, which was added by hand"), "{refused}");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_administrator_stays_until_another_can_sign_in() {
    let app = TestApp::start().await;
    app.access.set_password(person(&app, "admin").await.id, PASSWORD).await.unwrap();
    let successor = |config: &mut Config| {
        let admin = config.office.staff.iter_mut().find(|officer| officer.key.as_str() == "admin").unwrap();
        assert_eq!(admin.role, Role::Admin);
        admin.key = key("next-admin");
    };
    let casework = restarted(&app, successor);
    casework.keep_staff().await.unwrap();
    let done = casework.follow_file().await.unwrap();
    assert_eq!((done.closed, done.stay), (vec![], vec![key("admin")]));
    assert!(person(&app, "admin").await.active);
    app.access.set_password(person(&app, "next-admin").await.id, PASSWORD).await.unwrap();
    assert_eq!(casework.follow_file().await.unwrap().closed, [key("admin")]);
    assert!(!person(&app, "admin").await.active && person(&app, "next-admin").await.active);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_comes_back_is_let_in_by_the_service_and_by_no_command_with_another_configuration() {
    let app = TestApp::start().await;
    let casework = restarted(&app, |config| without(config, "aid-officer"));
    casework.follow_file().await.unwrap();
    assert!(!person(&app, "aid-officer").await.active);
    // A command only brings names up to date.
    let before = restarted(&app, |_| {});
    before.keep_staff().await.unwrap();
    assert!(!person(&app, "aid-officer").await.active);
    assert_eq!(before.follow_file().await.unwrap().back, [key("aid-officer")]);
    assert!(person(&app, "aid-officer").await.active);
    app.end().await;
}
