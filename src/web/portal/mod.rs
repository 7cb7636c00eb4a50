//! The public pages: write to us, keep the number, follow it up. No account and no script needed.
//!
//! Not here: what the pages show (`pages::portal`), and what becomes of a form (`intake`).

pub(super) mod receipt;
mod submit;
mod track;

use super::{
    Web,
    pages::{
        assets,
        portal::{Home, KindCard, Trouble},
    },
    refused::Refused,
    shell::drawn,
    visit::{Visit, choose_language},
};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/", get(home))
        .route("/submit/{kind}", get(submit::open).post(submit::send))
        .route("/receipt", get(receipt::show))
        .route("/track", get(track::show).post(track::enter))
        .route("/track/reply", post(track::reply).get(to_track))
        .route("/track/solved", post(track::solved).get(to_track))
        .route("/track/leave", post(track::leave).get(to_track))
        .route("/track/files/{id}", get(track::file))
        .route("/language/{code}", get(language))
        .route("/static/{name}", get(asset))
        .route("/favicon.ico", get(icon))
        .route("/robots.txt", get(robots))
}

async fn home(State(web): State<Arc<Web>>, visit: Visit) -> Response {
    let kinds = web.casework.office().kinds.iter().filter(|kind| kind.portal).map(|kind| KindCard::of(kind, visit.language)).collect();
    kept_for_back(drawn(&Home { frame: visit.frame(&web, "/"), kinds }))
}

/// What holds nothing personal may stay in the browser's history, so that going back loses nothing that was typed.
fn kept_for_back(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

async fn to_track() -> Redirect {
    Redirect::to("/track")
}

async fn language(State(web): State<Arc<Web>>, visit: Visit, Path(code): Path<String>, headers: HeaderMap) -> Response {
    choose_language(&web, &visit, &headers, &code).await
}

async fn asset(Path(name): Path<String>) -> Result<Response, Refused> {
    let asset = assets::find(&name).ok_or(Trouble::NotFound)?;
    let headers = [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes).into_response())
}

async fn icon() -> Redirect {
    Redirect::to(&assets::url("logo.svg"))
}

/// The home page may be found; the rest is for people who come from it.
async fn robots() -> Response {
    "User-agent: *\nAllow: /$\nAllow: /static/\nDisallow: /\n".into_response()
}
