//! JSON bodies, read so that whatever is wrong is told with its place.

use super::{
    super::{
        Web,
        problem::{Code, Problem},
    },
    shapes::NewAttachment,
};
use crate::channel::webhook::parse::{ATTACHMENT_COUNT, ATTACHMENTS_LIMIT, decode};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A body of this shape.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Arc<Web>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Problem> {
        read(&bytes(request, web).await?).map(Self)
    }
}

/// The bytes of a JSON body.
pub async fn bytes(request: Request, web: &Arc<Web>) -> Result<Bytes, Problem> {
    let given = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_json(given) {
        return Err(Problem::new(Code::MediaType));
    }
    Bytes::from_request(request, web).await.map_err(|error| match error.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge).because(format!("more than {} bytes", super::BODY_LIMIT)),
        _ => Problem::new(Code::Malformed).because("the body broke off"),
    })
}

/// `application/json` or any `…+json`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The value in a body.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list would be read as the members in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| *byte == b'[') {
        return Err(Problem::new(Code::Malformed).at("").because("must be an object at line 1 column 1"));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        // Where a member has no name yet, the path ends in a question mark.
        let place = path.trim_end_matches('?').trim_end_matches('.');
        Problem::new(Code::Malformed).at(place).because(error.into_inner().to_string())
    })?;
    json.end().map_err(|error| Problem::new(Code::Malformed).at("").because(error.to_string()))?;
    Ok(value)
}

/// An attachment out of its base64.
pub struct Decoded {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// All attachments of a body.
///
/// # Errors
/// When one can't be decoded, or when there are too many or together they are too large.
pub fn decoded(given: Vec<NewAttachment>) -> Result<Vec<Decoded>, Problem> {
    let too_large = |reason: String| Problem::new(Code::TooLarge).at("attachments").because(reason);
    if given.len() > ATTACHMENT_COUNT {
        return Err(too_large(format!("more than {ATTACHMENT_COUNT} files")));
    }
    let mut files = Vec::with_capacity(given.len());
    let mut sum = 0;
    for (number, file) in given.into_iter().enumerate() {
        let bytes = decode(&file.content).ok_or_else(|| Problem::value(format!("attachments[{number}].content"), "must be base64"))?;
        sum += bytes.len();
        files.push(Decoded { name: file.name, content_type: file.content_type.unwrap_or_default(), bytes });
    }
    if sum > ATTACHMENTS_LIMIT { Err(too_large(format!("more than {ATTACHMENTS_LIMIT} bytes together"))) } else { Ok(files) }
}
