//! Files for download: never shown as a page of ours, whatever they claim to be.

use super::links;
use crate::casework::FileContent;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file as an attachment. A single byte range is answered (RFC 9110 §14.2), which players ask for.
pub(super) fn file(content: FileContent, request: &HeaderMap) -> Response {
    let size = content.bytes.len();
    let asked = request.get(header::RANGE).and_then(|range| range.to_str().ok());
    let (status, body, range) = match asked.and_then(|asked| range(asked, size)) {
        Some((from, to)) => (StatusCode::PARTIAL_CONTENT, content.bytes.slice(from..to + 1), Some(format!("bytes {from}-{to}/{size}"))),
        None => (StatusCode::OK, content.bytes, None),
    };
    let mut response = (status, Body::from(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(harmless(&content.content_type)));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    for (name, value) in [(header::CONTENT_DISPOSITION, Some(disposition(&content.name))), (header::CONTENT_RANGE, range)] {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// `attachment` with the name twice: in ASCII for the oldest browsers, and as it is (RFC 6266 §4.3, RFC 8187).
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ".contains(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", links::encoded(name))
}

/// The type as it is told to browsers: those that they show or play, and never one that can carry scripts.
fn harmless(content_type: &str) -> &'static str {
    const KNOWN: [&str; 20] = [
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/heif",
        "image/bmp",
        "image/tiff",
        "audio/mpeg",
        "audio/ogg",
        "audio/mp4",
        "audio/m4a",
        "audio/x-wav",
        "audio/wav",
        "audio/webm",
        "audio/amr",
        "audio/aac",
        "video/mp4",
        "video/webm",
        "application/pdf",
        "text/plain",
    ];
    KNOWN.into_iter().find(|known| *known == content_type).unwrap_or("application/octet-stream")
}

/// The first and the last byte of a single range that lies within the file.
fn range(asked: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let last = size.checked_sub(1)?;
    let (from, to) = match (from.trim(), to.trim()) {
        ("", suffix) => (size.saturating_sub(suffix.parse().ok().filter(|n| *n > 0)?), last),
        (from, "") => (from.parse().ok()?, last),
        (from, to) => (from.parse().ok()?, to.parse::<usize>().ok()?.min(last)),
    };
    (from <= to && from <= last).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arabic_name_arrives_whole_and_breaks_no_header() {
        assert_eq!(
            disposition("هوية \"1\".pdf\r\nX: y"),
            "attachment; filename=\"____ _1_.pdf__X_ y\"; filename*=UTF-8''%D9%87%D9%88%D9%8A%D8%A9%20%221%22.pdf%0D%0AX%3A%20y"
        );
    }

    #[test]
    fn what_can_carry_scripts_is_a_plain_download() {
        for active in ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"] {
            assert_eq!(harmless(active), "application/octet-stream");
        }
        assert_eq!(harmless("audio/ogg"), "audio/ogg");
    }

    #[test]
    fn ranges_lie_within_the_file() {
        for (asked, size, got) in [
            ("bytes=0-1", 10, Some((0, 1))),
            ("bytes=5-", 10, Some((5, 9))),
            ("bytes=-3", 10, Some((7, 9))),
            ("bytes=2-99", 10, Some((2, 9))),
            ("bytes=9-2", 10, None),
            ("bytes=10-", 10, None),
            ("bytes=0-1,3-4", 10, None),
            ("bytes=0-", 0, None),
            ("bytes=-0", 10, None),
        ] {
            assert_eq!(range(asked, size), got, "{asked}");
        }
    }
}
