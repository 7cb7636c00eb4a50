//! GET /api/v1/attachments/{id}: the content of a file.

use super::{
    super::{
        Web, download,
        problem::{Code, Problem},
    },
    caller::Reads,
    shapes::{Content, ProblemDocument, refusals::Shut},
};
use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use std::sync::Arc;

/// Fetch a file
///
/// As it was received; its name stands in Content-Disposition. A single byte range may be asked for. A look at a file of a
/// confidential ticket is recorded in its timeline with the name of the token.
#[utoipa::path(
    get,
    path = "/api/v1/attachments/{id}",
    tag = "tickets",
    operation_id = "fetchAttachment",
    params(("id" = String, Path, format = "uuid", description = "The `id` of an attachment of a message.")),
    responses(
        (status = 200, description = "The content. What could carry scripts is sent as application/octet-stream; the true type stands beside the attachment.", content_type = "application/octet-stream", body = Content),
        (status = 206, description = "The part that the Range header asks for.", content_type = "application/octet-stream", body = Content),
        Shut,
        (status = 404, description = "There is no such file, or its content could not be had when it came.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["tickets:read"]))
)]
pub async fn attachment(
    State(web): State<Arc<Web>>,
    Reads(caller): Reads,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let id = id.ok().and_then(|Path(text)| text.parse().ok()).ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(download::file(web.casework.file_shown_to(&caller.name, id).await?, &headers))
}
