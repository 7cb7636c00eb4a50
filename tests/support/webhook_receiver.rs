//! The server at the other end of our outgoing webhooks: records what comes, answers as it was told.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, Uri},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

/// How it answers a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// With this status, such as 410 (gone) or 500.
    Status(u16),
    /// Not at all, until the sender gives up.
    Hang,
}

/// One delivery as it came.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a delivery is JSON")
    }

    /// Whether it bears the signature of this secret.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let Ok(seconds) = self.header("webhook-timestamp").parse() else { return false };
        let expected = super::http::signature(secret, self.header("webhook-id"), seconds, &self.body);
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

#[derive(Default)]
struct Book {
    replies: Mutex<VecDeque<Reply>>,
    received: Mutex<Vec<Received>>,
}

/// A receiver on a free port of the loopback address; ends when dropped.
pub struct WebhookReceiver {
    book: Arc<Book>,
    url: String,
    server: tokio::task::JoinHandle<()>,
}

impl WebhookReceiver {
    /// One that answers 204 until told otherwise.
    pub async fn start() -> Self {
        let book = Arc::new(Book::default());
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let keeper = Arc::clone(&book);
        let router =
            Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| record(Arc::clone(&keeper), uri, headers, body));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves until dropped") });
        Self { book, url, server }
    }

    /// Its address with this path, such as `/hook`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Answers the next deliveries in this order, and 204 after them.
    pub fn answer_with(&self, replies: impl IntoIterator<Item = Reply>) {
        self.book.replies.lock().unwrap().extend(replies);
    }

    pub fn received(&self) -> Vec<Received> {
        self.book.received.lock().unwrap().clone()
    }

    /// All deliveries, once there are at least `count`; fails when they have not come within `patience`.
    pub async fn wait_for(&self, count: usize, patience: Duration) -> Vec<Received> {
        let enough = async {
            while self.received().len() < count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let came = tokio::time::timeout(patience, enough).await;
        assert!(came.is_ok(), "{} of {count} deliveries after {patience:?}: {:#?}", self.received().len(), self.received());
        self.received()
    }
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn record(book: Arc<Book>, uri: Uri, headers: HeaderMap, body: Bytes) -> StatusCode {
    book.received.lock().unwrap().push(Received { path: uri.to_string(), headers, body: body.to_vec() });
    let reply = book.replies.lock().unwrap().pop_front().unwrap_or(Reply::Status(204));
    match reply {
        Reply::Status(code) => StatusCode::from_u16(code).expect("a status code"),
        Reply::Hang => std::future::pending().await,
    }
}
