//! The REST interface under /api/v1: other systems of the charity read tickets, open them and work on them.
//!
//! Architecture invariants
//! - Every operation asks for its scope in its signature ([`caller::Reads`], [`caller::Writes`]); there is no other way to a caller.
//! - What it takes and gives is written down once, in [`shapes`] and at the handlers; `docs/openapi.json` is made from there.
//! - A ticket comes in through `intake`, like a message of any other channel.
//!
//! To add an operation: a handler with `#[utoipa::path]`, a line in [`interface`], then `TAWASUL_BLESS=1 cargo test --test api`.

mod acts;
mod body;
mod caller;
mod download;
mod list;
mod once;
mod open;
mod read;
mod shapes;

use super::{
    Web,
    problem::{self, Code, Problem},
    shell,
};
use axum::{Extension, Router, extract::DefaultBodyLimit, http::header::CONTENT_TYPE, response::IntoResponse, routing::any};
use std::sync::Arc;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The largest body, in bytes: all attachments in base64 and the text beside them.
const BODY_LIMIT: usize = 36 * 1024 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tawasul",
        version = "1.0.0",
        description = "Messages and complaints of a charity, for its other systems.\n\n\
            Every request carries a bearer token, made with `tawasul token`; a token has the scopes `tickets:read`, `tickets:write` or both. \
            Moments are RFC 3339 in UTC. What is refused answers with a problem document (RFC 9457): `code` is stable, `detail` is a sentence in \
            English, or in Arabic when `Accept-Language` asks for it.\n\n\
            A reference such as `26-004183-7` is accepted in Arabic-Indic digits, with or without dashes."
    ),
    servers((url = "/", description = "This service")),
    tags((name = "tickets", description = "Tickets: one matter of one sender each."), (name = "interface", description = "The interface itself.")),
    components(schemas(problem::ProblemDocument, Code)),
    modifiers(&Bearer)
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("tws_…")
            .description(Some(
                "A token of this service, sent as `Authorization: Bearer tws_…`. Scopes: `tickets:read` to read tickets and files, \
                 `tickets:write` to open tickets and work on them. The scopes that an operation needs stand beside it.",
            ))
            .build();
        document.components.get_or_insert_default().add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Every operation, with its description.
fn interface() -> OpenApiRouter<Arc<Web>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(list::tickets, open::open))
        .routes(routes!(read::ticket))
        .routes(routes!(acts::reply))
        .routes(routes!(acts::note))
        .routes(routes!(acts::ask))
        .routes(routes!(acts::change))
        .routes(routes!(download::attachment))
        .routes(routes!(document))
}

pub fn routes() -> Router<Arc<Web>> {
    let (router, _) = interface().split_for_parts();
    router
        .route("/api", any(nothing))
        .route("/api/", any(nothing))
        .route("/api/{*rest}", any(nothing))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(Document(openapi().into())))
        .layer(axum::middleware::from_fn(shell::in_time))
        .layer(axum::middleware::from_fn(problem::worded))
}

/// The description of the interface (OpenAPI 3.1), as JSON for people to read.
pub fn openapi() -> String {
    let mut text = interface().into_openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The description, ready to be sent.
#[derive(Clone)]
struct Document(Arc<str>);

/// This description
///
/// The interface as OpenAPI 3.1. Needs no token.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "interface", responses((status = 200, description = "The OpenAPI document.", content_type = "application/json", body = Object)))]
async fn document(Extension(Document(text)): Extension<Document>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], text.to_string())
}

async fn nothing() -> Problem {
    Problem::new(Code::UnknownPath)
}
