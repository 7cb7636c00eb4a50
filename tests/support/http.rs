//! A small HTTP client for tests: keeps cookies, follows no redirect by itself, and signs webhooks.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Mutex, time::Duration};

/// A visitor of one server.
pub struct Visitor {
    client: reqwest::Client,
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
    bearer: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Fails, showing the answer, unless it has this status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{:?}\n{}", self.headers, self.text());
        self
    }
}

impl Visitor {
    /// A visitor of the server at `base` (no slash at the end), over plain HTTP.
    pub fn of(base: &str) -> Self {
        // Without a provider the client refuses to be built, even for plain HTTP; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_built_in_root_certs(false)
            .no_proxy()
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client");
        Self { client, base: base.trim_end_matches('/').to_owned(), cookies: Mutex::default(), bearer: None }
    }

    /// The same with a bearer token on every request.
    pub fn with_token(base: &str, token: &str) -> Self {
        Self { bearer: Some(token.into()), ..Self::of(base) }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Sends a form as a page of this server would (with the `Origin` that a browser adds).
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(self.request(Method::POST, path).header("origin", &self.base).form(fields)).await
    }

    /// Sends a form with files (name of the field, name of the file, content type, content).
    pub async fn post_files(&self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &str, &[u8])]) -> Answer {
        let (content_type, body) = multipart(fields, files);
        let request = self.request(Method::POST, path).header("origin", &self.base);
        self.send(request.header("content-type", content_type).body(body)).await
    }

    /// Sends a signed webhook (Standard Webhooks) of this moment given in seconds since 1970.
    pub async fn post_signed(&self, path: &str, secret: &str, id: &str, seconds: i64, body: &[u8]) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature(secret, id, seconds, body));
        self.send(request.body(body.to_vec())).await
    }

    /// A request to be finished by hand and handed to `send`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        let cookies: Vec<String> = self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        match &self.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("the server answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        self.keep_cookies(&headers);
        let body = response.bytes().await.expect("a whole body").to_vec();
        Answer { status, headers, body }
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for set in headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let (pair, attributes) = set.split_once(';').unwrap_or((set, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if value.is_empty() || attributes.to_ascii_lowercase().contains("max-age=0") {
                cookies.remove(name.trim());
            } else {
                cookies.insert(name.trim().into(), value.trim().into());
            }
        }
    }
}

/// `v1,…` over `id.timestamp.body` (Standard Webhooks, "Signature scheme"); the secret is base64 after `whsec_`.
pub fn signature(secret: &str, id: &str, seconds: i64, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("the secret is base64");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length of key");
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// RFC 7578, with names and values that hold no quotation mark.
fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &str, &[u8])]) -> (String, Vec<u8>) {
    let boundary = "tawasul-test-boundary";
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    for (field, file, content_type, content) in files {
        let disposition = format!("form-data; name=\"{field}\"; filename=\"{file}\"");
        body.extend(format!("--{boundary}\r\ncontent-disposition: {disposition}\r\ncontent-type: {content_type}\r\n\r\n").bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}
