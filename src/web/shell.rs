//! What stands around every page: time limits, panics and refusals put into words, compression, and the headers that keep
//! browsers careful.
//!
//! Not here: the refusals themselves (`refused`), and who may see what (`access`).

use super::{
    Web,
    pages::portal::{Trouble, TroublePage},
    problem::{Code, Problem},
    refused::broken,
    visit::Visit,
};
use askama::Template;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{
        Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Version,
        header::{self, CACHE_CONTROL, CONTENT_TYPE},
    },
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
};
use futures_util::{FutureExt, StreamExt, stream};
use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tower_http::{compression::CompressionLayer, csrf::CsrfLayer};

/// An ordinary page is made within this.
const PATIENCE: Duration = Duration::from_secs(30);
/// A form with files may take so long on a slow line; it must keep moving meanwhile (`sheet`).
const UPLOAD_PATIENCE: Duration = Duration::from_secs(900);
/// A request is cut off beyond this, in bytes. Files beyond their own limits, but within this, still come back as a form with
/// everything else kept.
const BODY_LIMIT: usize = 100 << 20;

/// Puts the shell around the pages of portal and desk.
pub(super) fn around(pages: Router<Arc<Web>>, web: &Arc<Web>) -> Router<Arc<Web>> {
    pages
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(web.clone(), in_words))
        .layer(CompressionLayer::new().gzip(true).compress_when(is_worth_compressing))
}

/// A page, drawn.
pub(super) fn drawn(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => broken(error).into_response(),
    }
}

/// A page with another status than 200.
pub(super) fn drawn_with(status: StatusCode, page: &impl Template) -> Response {
    let mut response = drawn(page);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

/// No address of ours.
pub(super) async fn nowhere() -> Trouble {
    Trouble::NotFound
}

/// Every answer that is no page and no success is drawn as a page in the reader's language.
async fn in_words(State(web): State<Arc<Web>>, visit: Visit, request: Request, next: Next) -> Response {
    let desk = request.uri().path().starts_with("/desk");
    let multipart = |value: &HeaderValue| value.as_bytes().starts_with(b"multipart/");
    let patience = if request.headers().get(CONTENT_TYPE).is_some_and(multipart) { UPLOAD_PATIENCE } else { PATIENCE };
    let answer = tokio::time::timeout(patience, AssertUnwindSafe(next.run(request)).catch_unwind()).await;
    let response = match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => broken("a handler panicked").into_response(),
        Err(_) => broken("a handler took too long").into_response(),
    };
    match trouble_of(&response) {
        Some(trouble) => troubled(&web, &visit, trouble, desk, response),
        None => response,
    }
}

/// For machines' requests: the answer is made within [`PATIENCE`] of the arrival of the body, a body that stops moving for as
/// long breaks off, and a panic is answered like any other fault of ours.
pub(super) async fn in_time(request: Request, next: Next) -> Response {
    within(PATIENCE, request, next).await
}

async fn within(patience: Duration, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    // Dropped with the body: when it was read, or when nobody wants it.
    let (arriving, arrived) = tokio::sync::oneshot::channel::<()>();
    let moving = stream::unfold((body.into_data_stream(), arriving), move |(mut body, arriving)| async move {
        let piece = match tokio::time::timeout(patience, body.next()).await {
            Ok(piece) => piece?.map_err(std::io::Error::other),
            Err(stalled) => Err(stalled.into()),
        };
        Some((piece, (body, arriving)))
    });
    let too_long = async {
        let _ = tokio::time::timeout(UPLOAD_PATIENCE, arrived).await;
        tokio::time::sleep(patience).await;
    };
    let answer = AssertUnwindSafe(next.run(Request::from_parts(head, Body::from_stream(moving)))).catch_unwind();
    tokio::select! {
        response = answer => response.unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            Problem::new(Code::Internal).into_response()
        }),
        () = too_long => {
            tracing::error!("a handler took too long");
            Problem::new(Code::Unavailable).into_response()
        }
    }
}

fn trouble_of(response: &Response) -> Option<Trouble> {
    let marked = response.extensions().get::<Trouble>().copied();
    let status = response.status();
    let page = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    marked.or_else(|| match status {
        _ if page || !(status.is_client_error() || status.is_server_error()) => None,
        StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => Some(Trouble::Forged),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Trouble::TooLarge),
        StatusCode::RANGE_NOT_SATISFIABLE => None,
        _ if status.is_client_error() => Some(Trouble::NotFound),
        _ => Some(Trouble::Broken),
    })
}

fn troubled(web: &Web, visit: &Visit, trouble: Trouble, desk: bool, answer: Response) -> Response {
    let path = if desk { "/desk" } else { "/" };
    let page = TroublePage { frame: super::pages::Frame { flash: None, ..visit.frame(web, path) }, trouble, desk };
    let (mut parts, _) = answer.into_parts();
    for gone in [CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(gone);
    }
    let body = page.render().unwrap_or_else(|_| page.what());
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, Body::from(body))
}

fn is_worth_compressing(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    [&b"text/html"[..], b"text/css", b"image/svg+xml"].iter().any(|worth| kind.starts_with(worth))
}

/// Nothing but what this site itself serves, no scripts at all, in nobody's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Headers for every answer of the service, unless the handler set its own.
pub(super) async fn careful(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut otherwise = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    otherwise(header::CONTENT_SECURITY_POLICY, POLICY);
    otherwise(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    otherwise(header::X_FRAME_OPTIONS, "DENY");
    otherwise(header::REFERRER_POLICY, "same-origin");
    otherwise(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    otherwise(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    otherwise(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    otherwise(CACHE_CONTROL, "no-store");
    if web.secure {
        otherwise(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Bytes, routing::post};
    use tower::ServiceExt;

    const SHORT: Duration = Duration::from_millis(200);

    /// A service that reads the body, and answers after a pause.
    async fn asked(body: Body, pause: Duration) -> StatusCode {
        let answer = async move |_: Bytes| tokio::time::sleep(pause).await;
        let service: Router =
            Router::new().route("/", post(answer)).layer(middleware::from_fn(|request, next| within(SHORT, request, next)));
        let answer = service.oneshot(Request::post("/").body(body).unwrap_or_default());
        tokio::time::timeout(SHORT * 20, answer).await.map_or(StatusCode::REQUEST_TIMEOUT, |answer| answer.into_response().status())
    }

    /// Pieces of a body, each after a pause.
    fn trickle(pieces: usize, pause: Duration) -> Body {
        Body::from_stream(stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, std::io::Error>("piece")
        }))
    }

    #[tokio::test]
    async fn a_machine_waits_no_longer_than_it_must_and_a_slow_line_may_take_its_time() {
        assert_eq!(asked(Body::empty(), Duration::ZERO).await, StatusCode::OK);
        assert_eq!(asked(trickle(6, SHORT / 3), SHORT / 3).await, StatusCode::OK);
        assert_eq!(asked(Body::from("text"), SHORT * 40).await, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(asked(trickle(1, SHORT * 40), Duration::ZERO).await, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_panic_is_told_to_a_machine_as_our_fault_and_nothing_of_it_besides() {
        let panics = async || -> StatusCode { panic!("about {}", "somebody") };
        let service: Router = Router::new()
            .route("/", post(panics))
            .layer(middleware::from_fn(in_time))
            .layer(middleware::from_fn(super::super::problem::worded));
        let Ok(answer) = service.oneshot(Request::post("/").body(Body::from("x")).unwrap_or_default()).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap_or_default();
        let body = String::from_utf8_lossy(&body).into_owned();
        assert!(body.contains("\"code\":\"internal\"") && !body.contains("somebody"), "{body}");
    }
}
