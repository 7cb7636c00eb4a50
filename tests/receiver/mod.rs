//! The other side of an outgoing webhook: a small HTTP server that keeps what it gets and answers as it is told.
#![allow(dead_code)]

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

/// What came.
#[derive(Clone, Debug)]
pub struct Post {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Post {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// How to answer.
#[derive(Clone, Debug)]
pub enum Reply {
    Status(u16),
    With(u16, &'static str, String),
    Never,
}

#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    state: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    posts: Vec<Post>,
    replies: VecDeque<Reply>,
}

impl Receiver {
    /// Listens on a free port until the test ends.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("its port").port();
        let receiver = Self { port, state: Arc::default() };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The next requests are answered so, in order; after that with 200.
    pub fn reply(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().replies.extend(replies);
    }

    pub fn posts(&self) -> Vec<Post> {
        self.state.lock().unwrap().posts.clone()
    }
}

async fn take(State(receiver): State<Receiver>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap_or_default();
    let post = Post { path: head.uri.path().to_owned(), headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() };
    let reply = {
        let mut state = receiver.state.lock().unwrap();
        state.posts.push(post);
        state.replies.pop_front()
    };
    match reply {
        None => StatusCode::OK.into_response(),
        Some(Reply::Status(status)) => answer(status).into_response(),
        Some(Reply::With(status, name, value)) => (answer(status), [(name, value)]).into_response(),
        Some(Reply::Never) => std::future::pending().await,
    }
}

fn answer(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
