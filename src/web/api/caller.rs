//! Which system calls, and whether its token lets it: bearer tokens (RFC 6750) with scopes.

use super::super::{
    Web,
    problem::{Code, Problem},
};
use crate::{access::Caller, casework::CaseworkError};
use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use std::sync::Arc;

pub const READ: &str = "tickets:read";
pub const WRITE: &str = "tickets:write";

/// A caller that may read tickets.
pub struct Reads(pub Caller);

/// A caller that may open tickets and work on them.
pub struct Writes(pub Caller);

impl FromRequestParts<Arc<Web>> for Reads {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        caller(parts, web, READ).await.map(Self)
    }
}

impl FromRequestParts<Arc<Web>> for Writes {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        caller(parts, web, WRITE).await.map(Self)
    }
}

async fn caller(parts: &Parts, web: &Web, scope: &'static str) -> Result<Caller, Problem> {
    let Some(token) = bearer(parts) else {
        return Err(Problem::new(Code::NoToken).challenge(r#"Bearer realm="tawasul""#));
    };
    let caller = web.access.caller(token).await.map_err(CaseworkError::from)?;
    let Some(caller) = caller else {
        return Err(Problem::new(Code::UnknownToken).challenge(r#"Bearer realm="tawasul", error="invalid_token""#));
    };
    if caller.has(scope) {
        return Ok(caller);
    }
    let challenge = format!(r#"Bearer realm="tawasul", error="insufficient_scope", scope="{scope}""#);
    Err(Problem::new(Code::ScopeMissing).because(format!("needs the scope {scope}")).challenge(&challenge))
}

/// The token; the scheme's name in any case (RFC 9110 §11.1).
fn bearer(parts: &Parts) -> Option<&str> {
    let (scheme, token) = parts.headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}
