//! GET /api/v1/tickets/{reference}: one ticket, whole.

use super::{
    super::{
        Web,
        problem::{Code, Problem},
    },
    caller::Reads,
    shapes::{
        Ticket,
        refusals::{Absent, Shut},
    },
};
use crate::domain::Reference;
use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
};
use std::sync::Arc;

/// A reference in the path, in any spelling. What is none names no ticket.
pub struct Named(pub Reference);

impl FromRequestParts<Arc<Web>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, web).await.map_err(|_| Problem::new(Code::NotFound))?;
        text.parse()
            .map(Self)
            .map_err(|error: crate::domain::reference::ReferenceError| Problem::new(Code::NotFound).because(error.to_string()))
    }
}

/// Show a ticket
///
/// With its messages, its timeline and its notices with their delivery. A look at a confidential ticket is recorded in its
/// timeline with the name of the token.
#[utoipa::path(
    get,
    path = "/api/v1/tickets/{reference}",
    tag = "tickets",
    operation_id = "showTicket",
    params(("reference" = String, Path, description = "In any spelling.", example = "26-004183-7")),
    responses(
        (status = 200, description = "The ticket.", body = Ticket),
        Shut,
        Absent,
    ),
    security(("bearer" = ["tickets:read"]))
)]
pub async fn ticket(State(web): State<Arc<Web>>, Reads(caller): Reads, Named(reference): Named) -> Result<Json<Ticket>, Problem> {
    let view = web.casework.ticket_shown_to(&caller.name, reference).await?;
    Ok(Json(view.into()))
}
