//! The header Idempotency-Key: what was asked for under one key happens once, however often it is asked for.

use super::{
    super::{
        Web,
        problem::{Code, Problem},
    },
    body::{bytes, read},
};
use crate::{access::Caller, channel::webhook::parse::ID_LIMIT, domain::Reference};
use axum::{
    extract::{FromRequest, Request},
    http::HeaderMap,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::Arc;

const NAME: &str = "Idempotency-Key";

/// The name under which a repeat is recognised: the caller's and the key's, so that two systems may use the same key.
pub fn name(caller: &Caller, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(NAME) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default().trim();
    if key.is_empty() || key.len() > ID_LIMIT {
        return Err(Problem::parameter(NAME, format!("must be 1 to {ID_LIMIT} visible ASCII characters")));
    }
    Ok(Some(format!("api-{}", digest(&[caller.name.as_bytes(), key.as_bytes()]))))
}

/// A name that no other request has.
pub fn new_name(web: &Web) -> String {
    format!("api-{}", web.casework.world().token::<18>())
}

/// A body, and all by which its repeat is recognised.
pub struct Once<T> {
    pub given: T,
    pub asked: Asked,
}

/// What was asked for, and under which key.
pub struct Asked {
    headers: HeaderMap,
    /// Tells what was asked for from everything else.
    print: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for Once<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let act = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let body = bytes(request, web).await?;
        let print = digest(&[act.as_bytes(), &body]);
        Ok(Self { given: read(&body)?, asked: Asked { headers, print } })
    }
}

impl Asked {
    /// The nonce to do it under; `None` when it was done before.
    ///
    /// # Errors
    /// [`Code::KeyReused`] when the key was used on this ticket for something else.
    pub async fn nonce(&self, web: &Web, caller: &Caller, reference: Reference) -> Result<Option<String>, Problem> {
        let Some(name) = name(caller, &self.headers)? else { return Ok(Some(new_name(web))) };
        let nonce = format!("{name}-{}", self.print);
        let first = web.casework.nonces(reference).await?.into_iter().find(|used| used.starts_with(&name));
        match first {
            Some(first) if first == nonce => Ok(None),
            Some(_) => Err(Problem::new(Code::KeyReused)),
            None => Ok(Some(nonce)),
        }
    }
}

fn digest(parts: &[&[u8]]) -> String {
    let digest = parts.iter().fold(Sha256::new(), |digest, part| digest.chain_update(part).chain_update([0]));
    URL_SAFE_NO_PAD.encode(digest.finalize())
}
