//! GET /api/v1/attachments/{id}: the content of a file.

use super::{
    super::{
        Web,
        problem::{Code, Problem},
    },
    caller::Reads,
    shapes::{ProblemDocument, refusals::Shut},
};
use axum::{
    extract::{Path, State},
    http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::{IntoResponse, Response},
};
use std::{fmt::Write, sync::Arc};

/// Fetch a file
///
/// As it was received; its name stands in Content-Disposition.
#[utoipa::path(
    get,
    path = "/api/v1/attachments/{id}",
    tag = "tickets",
    operation_id = "fetchAttachment",
    params(("id" = String, Path, format = "uuid", description = "The `id` of an attachment of a message.")),
    responses(
        (status = 200, description = "The content.", content_type = "application/octet-stream", body = Vec<u8>),
        Shut,
        (status = 404, description = "There is no such file, or its content could not be had when it came.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["tickets:read"]))
)]
pub async fn attachment(
    State(web): State<Arc<Web>>,
    _: Reads,
    id: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Response, Problem> {
    let id = id.ok().and_then(|Path(text)| text.parse().ok()).ok_or_else(|| Problem::new(Code::NotFound))?;
    let file = web.casework.file_for_interface(id).await?;
    let headers = [
        (CONTENT_TYPE, file.content_type),
        (CONTENT_DISPOSITION, disposition(&file.name)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}

/// `attachment` with the name twice (RFC 6266 §4.3, RFC 8187 §3.2): plain for old programs, and whole.
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-_ ".contains(c) { c } else { '_' }).collect();
    let mut whole = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            whole.push(char::from(byte));
        } else {
            let _ = write!(whole, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_given_plain_and_whole() {
        assert_eq!(disposition("a b.pdf"), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        assert_eq!(disposition("صو\"ر.jpg"), "attachment; filename=\"____.jpg\"; filename*=UTF-8''%D8%B5%D9%88%22%D8%B1.jpg");
    }
}
