//! A provider of OAuth 2.0 on this machine: device codes and browsers, tokens that rotate, and every way to fail; it also
//! answers a mail server that asks whose token it was shown (RFC 7662).

use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

/// How one request to `/token` is answered instead of as usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// A refusal of this code, with status 400.
    Refuse(&'static str),
    Status(u16),
    Garbage,
    Hang,
    /// The tokens are made, and the answer is lost.
    LoseAnswer,
}

struct State {
    /// Whose tokens these are.
    user: String,
    /// How long access tokens live, in seconds.
    life: u64,
    /// How long the grant lives, in seconds, if that is told.
    grant_life: Option<u64>,
    /// Whether each refresh token is taken once, and a second time ends the grant (RFC 9700 §4.14.2).
    strict: bool,
    made: u64,
    access: BTreeSet<String>,
    refresh: Option<String>,
    used: BTreeSet<String>,
    mishaps: VecDeque<Mishap>,
    codes: BTreeMap<String, String>,
    requests: Vec<BTreeMap<String, String>>,
    refreshes: usize,
}

pub struct TokenServer {
    pub url: String,
    state: Arc<Mutex<State>>,
    serving: tokio::task::JoinHandle<()>,
}

impl TokenServer {
    /// A provider that knows one user, and rotates strictly.
    pub async fn start(user: &str) -> Self {
        let state = Arc::new(Mutex::new(State {
            user: user.to_owned(),
            life: 3600,
            grant_life: None,
            strict: true,
            made: 0,
            access: BTreeSet::new(),
            refresh: None,
            used: BTreeSet::new(),
            mishaps: VecDeque::new(),
            codes: BTreeMap::new(),
            requests: Vec::new(),
            refreshes: 0,
        }));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let (device, token, introspect) = (state.clone(), state.clone(), state.clone());
        let router = Router::new()
            .route("/device", post(move |body: Bytes| invite(device.clone(), body)))
            .route("/token", post(move |body: Bytes| tokens(token.clone(), body)))
            .route("/introspect", post(move |body: Bytes| whose(introspect.clone(), body)))
            .fallback(|uri: Uri| async move { (StatusCode::NOT_FOUND, uri.to_string()) });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("serves until dropped") });
        Self { url, state, serving }
    }

    /// Settings of a mailbox for this provider.
    pub fn oauth(&self) -> String {
        format!(
            "oauth = {{ provider = \"microsoft\", client_id = \"tawasul\", token_url = \"{0}/token\", device_url = \"{0}/device\" }}",
            self.url
        )
    }

    pub fn mishaps(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.lock().mishaps.extend(mishaps);
    }

    /// Access tokens of the future live so many seconds.
    pub fn set_life(&self, seconds: u64) {
        self.lock().life = seconds;
    }

    pub fn set_grant_life(&self, seconds: u64) {
        self.lock().grant_life = Some(seconds);
    }

    /// An old refresh token is taken again, as Microsoft and Google do.
    pub fn forgive(&self) {
        self.lock().strict = false;
    }

    /// The tokens of a sign-in, without the sign-in: access and refresh.
    pub fn sign_in(&self) -> (String, String) {
        let mut state = self.lock();
        let made = state.make(true);
        (made["access_token"].as_str().unwrap().to_owned(), made["refresh_token"].as_str().unwrap().to_owned())
    }

    /// No access token of before is good any more.
    pub fn forget_access(&self) {
        self.lock().access.clear();
    }

    /// The user takes the permission back.
    pub fn withdraw(&self) {
        let mut state = self.lock();
        state.access.clear();
        state.refresh = None;
    }

    /// What a browser is sent back with, after the user agreed at `authorize`: the address to call.
    pub fn agree(&self, authorize: &str) -> String {
        let url = reqwest::Url::parse(authorize).expect("an address");
        let query: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let code = format!("code {}", query["state"]);
        self.lock().codes.insert(code.clone(), query["code_challenge"].clone());
        let mut back = reqwest::Url::parse(&query["redirect_uri"]).expect("an address");
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &query["state"]);
        back.into()
    }

    /// Whether an access token is good, for a mail server that asks.
    pub fn judge(&self) -> impl Fn(&str) -> bool + Send + Sync + 'static {
        let state = self.state.clone();
        move |token| state.lock().unwrap().access.contains(token)
    }

    /// Refreshes that were answered with tokens.
    pub fn refreshes(&self) -> usize {
        self.lock().refreshes
    }

    /// The forms that were posted to `/token` and `/device`.
    pub fn requests(&self) -> Vec<BTreeMap<String, String>> {
        self.lock().requests.clone()
    }

    /// Everything secret that was ever given out.
    pub fn secrets(&self) -> Vec<String> {
        (1..=self.lock().made).flat_map(|number| [format!("access-{number}"), format!("refresh-{number}")]).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl State {
    fn make(&mut self, is_new: bool) -> Value {
        self.made += 1;
        let (access, refresh) = (format!("access-{}", self.made), format!("refresh-{}", self.made));
        if is_new {
            self.used.clear();
        }
        self.access.insert(access.clone());
        self.used.extend(self.refresh.replace(refresh.clone()));
        let mut made = json!({ "access_token": access, "token_type": "Bearer", "expires_in": self.life, "refresh_token": refresh });
        if let Some(life) = self.grant_life {
            made["refresh_token_expires_in"] = life.into();
        }
        made
    }

    fn refresh(&mut self, token: &str) -> Result<Value, &'static str> {
        if self.refresh.as_deref() == Some(token) || (!self.strict && self.refresh.is_some() && self.used.contains(token)) {
            self.refreshes += 1;
            return Ok(self.make(false));
        }
        if self.used.contains(token) {
            // Somebody has a copy: nobody may go on with this grant.
            self.refresh = None;
            self.access.clear();
        }
        Err("invalid_grant")
    }

    fn of_code(&mut self, form: &BTreeMap<String, String>) -> Result<Value, &'static str> {
        let challenge = self.codes.remove(form.get("code").map_or("", String::as_str)).ok_or("invalid_grant")?;
        let verifier = form.get("code_verifier").ok_or("invalid_request")?;
        if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) != challenge {
            return Err("invalid_grant");
        }
        Ok(self.make(true))
    }
}

fn form(body: &[u8]) -> BTreeMap<String, String> {
    let query = String::from_utf8_lossy(body);
    let url = reqwest::Url::parse(&format!("http://x/?{query}")).expect("a form");
    url.query_pairs().into_owned().collect()
}

async fn invite(state: Arc<Mutex<State>>, body: Bytes) -> Response {
    state.lock().unwrap().requests.push(form(&body));
    let answer = json!({
        "device_code": "device-1", "user_code": "WXYZ-4711", "verification_uri": "https://id.example.org/device", "expires_in": 60, "interval": 1,
    });
    (StatusCode::OK, answer.to_string()).into_response()
}

async fn tokens(state: Arc<Mutex<State>>, body: Bytes) -> Response {
    let form = form(&body);
    let mishap = {
        let mut state = state.lock().unwrap();
        state.requests.push(form.clone());
        state.mishaps.pop_front()
    };
    let refuse = |code: &str| {
        let description = format!("the refresh token of somebody@example.org is no good: {code}");
        (StatusCode::BAD_REQUEST, json!({ "error": code, "error_description": description, "error_codes": [70008] }).to_string())
    };
    match mishap {
        Some(Mishap::Refuse(code)) => return refuse(code).into_response(),
        Some(Mishap::Status(status)) => return (StatusCode::from_u16(status).unwrap(), "<html>sorry</html>").into_response(),
        Some(Mishap::Garbage) => return "<html>not json</html>".into_response(),
        Some(Mishap::Hang) => std::future::pending().await,
        Some(Mishap::LoseAnswer) | None => {}
    }
    let made = {
        let mut state = state.lock().unwrap();
        match form.get("grant_type").map(String::as_str) {
            Some("refresh_token") => state.refresh(form.get("refresh_token").map_or("", String::as_str)),
            Some("urn:ietf:params:oauth:grant-type:device_code") => match form.get("device_code").map(String::as_str) {
                Some("device-1") => Ok(state.make(true)),
                _ => Err("invalid_grant"),
            },
            Some("authorization_code") => state.of_code(&form),
            _ => Err("unsupported_grant_type"),
        }
    };
    match (made, mishap) {
        (Ok(_), Some(Mishap::LoseAnswer)) => StatusCode::BAD_GATEWAY.into_response(),
        (Ok(made), _) => made.to_string().into_response(),
        (Err(code), _) => refuse(code).into_response(),
    }
}

async fn whose(state: Arc<Mutex<State>>, body: Bytes) -> Response {
    let state = state.lock().unwrap();
    let token = form(&body).remove("token").unwrap_or_default();
    let answer = match state.access.contains(&token) {
        true => json!({ "active": true, "username": state.user, "email": state.user, "scope": "mail" }),
        false => json!({ "active": false }),
    };
    ([("content-type", "application/json")], answer.to_string()).into_response()
}
