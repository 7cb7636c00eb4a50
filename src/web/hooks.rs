//! What other systems post: /webhooks/in/{source}, signed after Standard Webhooks.
//!
//! Architecture invariant: a status of success is answered only after `intake` has committed the message; what could not be
//! stored answers 503, and the source delivers again.

use super::{
    Web,
    problem::{self, Code, Problem},
    shell,
};
use crate::{
    casework::CaseworkError,
    channel::{
        Accepted, InboundSink, Taken,
        webhook::parse::{BODY_LIMIT, Headers, Refusal},
    },
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{any, post},
};
use serde::Serialize;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/webhooks/in/{source}", post(take))
        .route("/webhooks", any(nothing))
        .route("/webhooks/", any(nothing))
        .route("/webhooks/{*rest}", any(nothing))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(axum::middleware::from_fn(shell::in_time))
        .layer(axum::middleware::from_fn(problem::worded))
}

/// What the source is told of its message.
#[derive(Serialize)]
struct Answer {
    /// `accepted`, `duplicate` or `quarantined`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// Of the ticket that this message opened: the source tells its sender both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pin: Option<String>,
}

async fn take(State(web): State<Arc<Web>>, source: Result<Path<String>, PathRejection>, request: Request) -> Result<Response, Problem> {
    let Ok(Path(source)) = source else { return Err(Problem::new(Code::UnknownSource)) };
    let webhooks = web.webhooks.as_ref().filter(|webhooks| webhooks.source(&source).is_some());
    // A passer-by is turned away before the body is read.
    let webhooks = webhooks.ok_or_else(|| Problem::new(Code::UnknownSource))?;
    let headers = request.headers().clone();
    let signed = signed(&headers);
    signed.all().map_err(|missing| counted(missing.into()))?;
    let body = Bytes::from_request(request, &()).await.map_err(|error| match error.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge).because(format!("more than {BODY_LIMIT} bytes")),
        _ => Problem::new(Code::Malformed).because("the body broke off"),
    })?;
    let inbound = webhooks.parse(&source, signed, body).map_err(counted)?;
    let copy = inbound.clone();
    let taken = web.intake.deliver(inbound).await.map_err(|_| Problem::new(Code::Unavailable))?;
    // Answered with success, another message under the same id would be lost without anybody knowing.
    if matches!(taken, Taken::Duplicate(_)) && web.intake.contradicts_the_first(&copy).await.map_err(CaseworkError::from)? {
        return Err(Problem::new(Code::IdReused));
    }
    Ok(answer(taken).into_response())
}

fn signed(headers: &HeaderMap) -> Headers<'_> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Headers { id: header("webhook-id"), timestamp: header("webhook-timestamp"), signature: header("webhook-signature") }
}

fn counted(refusal: Refusal) -> Problem {
    metrics::counter!("tawasul_webhook_refused_total", "code" => refusal.code()).increment(1);
    refused(refusal)
}

fn refused(refusal: Refusal) -> Problem {
    let words = refusal.to_string();
    match refusal {
        Refusal::UnknownSource => Problem::new(Code::UnknownSource),
        Refusal::Signature(error) => Problem::new(Code::Signature).because(error.to_string()).challenge("StandardWebhooks"),
        Refusal::Malformed { at, reason } => Problem::new(Code::Malformed).at(at).because(reason),
        Refusal::Empty => Problem::new(Code::Empty).because(words),
        Refusal::TooLarge { at, .. } => Problem::new(Code::TooLarge).at(at).because(words),
    }
}

/// 201 for a new ticket, 200 for what joined one or came before, 202 for what a person must look at.
fn answer(taken: Taken) -> (StatusCode, Json<Answer>) {
    let told = |status, accepted: Option<Accepted>| {
        let reference = accepted.as_ref().map(|accepted| accepted.reference.to_string());
        Json(Answer { status, reference, pin: accepted.and_then(|accepted| accepted.pin).map(|pin| pin.as_str().to_owned()) })
    };
    match taken {
        Taken::Accepted(accepted) if accepted.opened => (StatusCode::CREATED, told("accepted", Some(accepted))),
        Taken::Accepted(accepted) => (StatusCode::OK, told("accepted", Some(accepted))),
        Taken::Duplicate(first) => (StatusCode::OK, told("duplicate", first)),
        Taken::Quarantined => (StatusCode::ACCEPTED, told("quarantined", None)),
    }
}

async fn nothing() -> Problem {
    Problem::new(Code::UnknownPath)
}
