//! A running installation with an officer who can be written to, and a caller at its interface.

use crate::support::{
    binary::{Home, Served},
    http::{Answer, Visitor},
    postgres,
};
use serde_json::{Value, json};
use std::time::Duration;

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
pub const OFFICER: &str = "aid@office.example";
/// The longest that anything may take to show; these machines are shared.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where the data lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// One installation and how to talk to it.
pub struct Stage {
    pub home: Home,
    served: Option<Served>,
    api: Visitor,
    token: String,
}

/// The `[storage]` section; `None` where the database is not installed here.
pub fn storage(database: Database) -> Option<String> {
    match database {
        Database::Sqlite => Some(String::new()),
        Database::Postgres => postgres::fresh_database().map(|url| format!("[storage]\nurl = \"{url}\"\n")),
    }
}

/// An installation whose aid officer has an e-mail address.
pub fn home(database: Database, more: &str) -> Option<Home> {
    let home = Home::new(&format!("[server]\nlisten = \"127.0.0.1:0\"\n{}\n{more}", storage(database)?));
    let office = include_str!("../../config/organization.toml");
    let named = office.replace("key = \"aid-officer\"\n", &format!("key = \"aid-officer\"\nemail = \"{OFFICER}\"\n"));
    assert_ne!(office, named, "the aid officer has another key now");
    home.write("config/organization.toml", &named);
    Some(home)
}

impl Stage {
    pub fn start(database: Database, more: &str) -> Option<Self> {
        Some(Self::at(home(database, more)?))
    }

    pub fn at(home: Home) -> Self {
        let served = home.serve();
        let made = home.run(&["token", "create", "tests", "--json"]);
        assert_eq!(made.code, 0, "{made:?}");
        let token = serde_json::from_str::<Value>(&made.output).unwrap()["token"].as_str().unwrap().to_owned();
        let api = Visitor::with_token(&served.url, &token);
        Self { home, served: Some(served), api, token }
    }

    pub fn url(&self) -> &str {
        &self.served.as_ref().expect("it runs").url
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::of(self.url())
    }

    /// Stops it by SIGTERM, within 10 s and with code 0, and starts it again.
    pub fn restart(&mut self) {
        self.stop();
        self.go_on();
    }

    pub fn stop(&mut self) {
        let ended = self.served.take().expect("it runs").stop();
        assert!(!ended.errors.contains("panicked"), "{}", ended.errors);
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.served.take().expect("it runs").kill();
    }

    pub fn go_on(&mut self) {
        let served = self.home.serve();
        self.api = Visitor::with_token(&served.url, &self.token);
        self.served = Some(served);
    }

    /// All that the process has printed so far.
    pub fn log(&self) -> String {
        self.served.as_ref().expect("it runs").process.printed()
    }

    pub async fn tickets(&self) -> Vec<Value> {
        let answer = self.api.get("/api/v1/tickets").await.expect(200).json();
        answer["tickets"].as_array().expect("a list").clone()
    }

    pub async fn ticket(&self, reference: &str) -> Value {
        self.api.get(&format!("/api/v1/tickets/{reference}")).await.expect(200).json()
    }

    /// Waits until there are so many tickets, then a little longer for one too many; newest first.
    pub async fn settled_tickets(&self, count: usize) -> Vec<Value> {
        until("tickets", || async { self.tickets().await.len() >= count }).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        let tickets = self.tickets().await;
        assert_eq!(tickets.len(), count, "{tickets:#?}");
        tickets
    }

    pub async fn act(&self, reference: &str, path: &str, body: Value) -> Answer {
        self.api.post_json(&format!("/api/v1/tickets/{reference}/{path}"), &body).await
    }

    pub async fn reply(&self, reference: &str, text: &str) {
        let answer = self.act(reference, "replies", json!({ "text": text })).await;
        assert!((200..300).contains(&answer.status), "{}", answer.text());
    }

    pub async fn resolve(&self, reference: &str, outcome: &str) {
        let answer = self.act(reference, "state", json!({ "act": "resolve", "text": outcome })).await;
        assert!((200..300).contains(&answer.status), "{}", answer.text());
    }

    /// Waits until no notice of the ticket is on its way.
    pub async fn delivered(&self, reference: &str) -> Vec<Value> {
        until("delivery", || async {
            let ticket = self.ticket(reference).await;
            ticket["notices"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|n| n["state"] != "pending"))
        })
        .await;
        self.ticket(reference).await["notices"].as_array().cloned().unwrap_or_default()
    }
}

/// Waits until something is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut so: impl FnMut() -> F) {
    let end = tokio::time::Instant::now() + PATIENCE;
    while !so().await {
        assert!(tokio::time::Instant::now() < end, "waited {PATIENCE:?} for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Seconds since 1970, as a sender's own clock has them.
#[allow(clippy::disallowed_methods, reason = "the sender's clock is the real one")]
pub fn seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// One test on each database.
#[macro_export]
macro_rules! on_both {
    ($story:ident) => {
        mod $story {
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story($crate::stage::Database::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$story($crate::stage::Database::Postgres).await;
            }
        }
    };
}
