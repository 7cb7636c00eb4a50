//! What another system does to a ticket, in the name of a member of staff: replies, notes, questions, changes of state.

use super::{
    super::{Web, problem::Problem},
    body::{Decoded, decoded},
    caller::{READ, Writes},
    once::Once,
    read::Named,
    shapes::{
        Act, NewState, NewText, Ticket,
        refusals::{Absent, Reused, Shut, Unfit, Unsuited},
    },
};
use crate::{
    access::Caller,
    casework::{CaseworkError, Verb},
    channel::{portal::FormFile, webhook::parse::clean},
    domain::{ChannelKind, Key, Reference},
};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Reply to the sender
///
/// The sender is told on their channel. Answers after the reply and its notice are stored.
#[utoipa::path(
    post,
    path = "/api/v1/tickets/{reference}/replies",
    tag = "tickets",
    operation_id = "replyToSender",
    params(("reference" = String, Path, description = "In any spelling.", example = "26-004183-7"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "A name for this act that your system uses once. A repeat with the same key and the same body does nothing more, and answers the same.", example = "crm-48213-reply")),
    request_body = NewText,
    responses(
        (status = 200, description = "The ticket as it is now.", body = Ticket),
        (status = 204, description = "Done; the token lacks `tickets:read`, so the ticket is not shown."),
        Unfit,
        Shut,
        Absent,
        Unsuited,
        Reused,
    ),
    security(("bearer" = ["tickets:write"]))
)]
pub async fn reply(
    web: State<Arc<Web>>,
    Writes(caller): Writes,
    Named(reference): Named,
    once: Once<NewText>,
) -> Result<Response, Problem> {
    say(&web, &caller, reference, once, |text| Verb::Reply { text, files: Vec::new() }).await
}

/// Write an internal note
///
/// Seen by staff only.
#[utoipa::path(
    post,
    path = "/api/v1/tickets/{reference}/notes",
    tag = "tickets",
    operation_id = "writeNote",
    params(("reference" = String, Path, description = "In any spelling.", example = "26-004183-7"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "A name for this act that your system uses once. A repeat with the same key and the same body does nothing more, and answers the same.", example = "crm-48213-reply")),
    request_body = NewText,
    responses(
        (status = 200, description = "The ticket as it is now.", body = Ticket),
        (status = 204, description = "Done; the token lacks `tickets:read`, so the ticket is not shown."),
        Unfit,
        Shut,
        Absent,
        Reused,
    ),
    security(("bearer" = ["tickets:write"]))
)]
pub async fn note(web: State<Arc<Web>>, Writes(caller): Writes, Named(reference): Named, once: Once<NewText>) -> Result<Response, Problem> {
    say(&web, &caller, reference, once, |text| Verb::Note { text, files: Vec::new() }).await
}

/// Ask the sender
///
/// The sender is asked on their channel, and the ticket waits for them.
#[utoipa::path(
    post,
    path = "/api/v1/tickets/{reference}/questions",
    tag = "tickets",
    operation_id = "askSender",
    params(("reference" = String, Path, description = "In any spelling.", example = "26-004183-7"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "A name for this act that your system uses once. A repeat with the same key and the same body does nothing more, and answers the same.", example = "crm-48213-reply")),
    request_body = NewText,
    responses(
        (status = 200, description = "The ticket as it is now.", body = Ticket),
        (status = 204, description = "Done; the token lacks `tickets:read`, so the ticket is not shown."),
        Unfit,
        Shut,
        Absent,
        Unsuited,
        Reused,
    ),
    security(("bearer" = ["tickets:write"]))
)]
pub async fn ask(web: State<Arc<Web>>, Writes(caller): Writes, Named(reference): Named, once: Once<NewText>) -> Result<Response, Problem> {
    say(&web, &caller, reference, once, |text| Verb::Ask { text, files: Vec::new() }).await
}

/// Change the state
///
/// Begin, settle, refuse, reopen, close, wait, hand over, or mark a ticket.
#[utoipa::path(
    post,
    path = "/api/v1/tickets/{reference}/state",
    tag = "tickets",
    operation_id = "changeState",
    params(("reference" = String, Path, description = "In any spelling.", example = "26-004183-7"),
        ("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "A name for this act that your system uses once. A repeat with the same key and the same body does nothing more, and answers the same.", example = "crm-48213-reply")),
    request_body = NewState,
    responses(
        (status = 200, description = "The ticket as it is now.", body = Ticket),
        (status = 204, description = "Done; the token lacks `tickets:read`, so the ticket is not shown."),
        Unfit,
        Shut,
        Absent,
        Unsuited,
        Reused,
    ),
    security(("bearer" = ["tickets:write"]))
)]
pub async fn change(
    web: State<Arc<Web>>,
    Writes(caller): Writes,
    Named(reference): Named,
    Once { given, asked }: Once<NewState>,
) -> Result<Response, Problem> {
    let by = key("as", given.by.as_deref())?;
    let verb = verb(given)?;
    if let Some(nonce) = asked.nonce(&web, &caller, reference).await? {
        perform(&web, &caller, reference, by, verb, Vec::new(), nonce).await?;
    }
    shown(&web, &caller, reference).await
}

async fn say(web: &Web, caller: &Caller, reference: Reference, once: Once<NewText>, verb: fn(String) -> Verb) -> Result<Response, Problem> {
    let Once { given: said, asked } = once;
    let by = key("as", said.by.as_deref())?;
    let given = decoded(said.attachments)?;
    if let Some(nonce) = asked.nonce(web, caller, reference).await? {
        let mut files = Vec::with_capacity(given.len());
        for Decoded { name, content_type, bytes } in given {
            files.push(web.intake.keep_file(&name, &content_type, bytes).await.map_err(CaseworkError::from)?);
        }
        perform(web, caller, reference, by, verb(clean(&said.text)), files, nonce).await?;
    }
    shown(web, caller, reference).await
}

async fn perform(
    web: &Web,
    caller: &Caller,
    reference: Reference,
    by: Option<Key>,
    verb: Verb,
    files: Vec<FormFile>,
    nonce: String,
) -> Result<(), Problem> {
    let colleague = web.casework.colleague(&caller.name, reference, by.as_ref()).await?;
    Ok(web.casework.perform_once(&colleague, reference, verb, ChannelKind::Api, files, nonce).await?)
}

async fn shown(web: &Web, caller: &Caller, reference: Reference) -> Result<Response, Problem> {
    if !caller.has(READ) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let ticket: Ticket = web.casework.ticket_shown_to(&caller.name, reference).await?.into();
    Ok(Json(ticket).into_response())
}

fn verb(given: NewState) -> Result<Verb, Problem> {
    let text = clean(&given.text);
    Ok(match given.act {
        Act::Start => Verb::Start,
        Act::Resolve => Verb::Resolve { outcome: text, files: Vec::new() },
        Act::Reject => Verb::Reject { reason: text },
        Act::Reopen => Verb::Reopen { reason: text },
        Act::Close => Verb::Close,
        Act::Wait => Verb::Wait { reason: text },
        Act::HandOver => {
            let department = key("department", given.department.as_deref())?;
            let department = department.ok_or_else(|| Problem::value("department", "hand_over needs a department"))?;
            Verb::HandOver { department, officer: key("officer", given.officer.as_deref())?, reason: text }
        }
        Act::Spam => Verb::MarkSpam,
        Act::Duplicate => Verb::MarkDuplicate { of: other(given.of.as_deref())? },
    })
}

fn key(at: &'static str, given: Option<&str>) -> Result<Option<Key>, Problem> {
    let given = given.map(str::trim).filter(|given| !given.is_empty());
    given.map(|key| Key::parse(key).map_err(|_| Problem::value(at, "a key is 1 to 64 of a-z, 0-9, - and _"))).transpose()
}

fn other(given: Option<&str>) -> Result<Option<Reference>, Problem> {
    let given = given.map(str::trim).filter(|given| !given.is_empty());
    given
        .map(|text| text.parse().map_err(|error: crate::domain::reference::ReferenceError| Problem::value("of", error.to_string())))
        .transpose()
}
