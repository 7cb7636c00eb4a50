//! GET /api/v1/tickets: a page of tickets, asked for by what they are.

use super::{
    super::{Web, problem::Problem},
    caller::Reads,
    shapes::{ProblemDocument, TicketPage, refusals::Shut},
};
use crate::{
    casework::{QueueRequest, View, read_address},
    domain::{Address, At, ChannelKind, Key, Status, TicketId},
};
use axum::{
    Json,
    extract::{Query, State},
    http::Uri,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{str::FromStr, sync::Arc};

/// The most tickets of one page.
const PAGE: usize = 50;

/// List tickets
///
/// The newest first. Everything that is given must hold. To read on, repeat the request with `cursor` set to the `next` of the
/// page before; tickets that are opened meanwhile do not shift the pages.
#[utoipa::path(
    get,
    path = "/api/v1/tickets",
    tag = "tickets",
    operation_id = "listTickets",
    params(
        ("channel" = Option<ChannelKind>, Query, description = "The channel that it came by."),
        ("sender" = Option<String>, Query, description = "An address of its sender: `mailto:…`, `tel:…`, or a plain e-mail address or telephone number.", example = "tel:+966551234567"),
        ("status" = Option<String>, Query, description = "A state, or `open`, `waiting` or `done` for all states of that sort.", example = "open"),
        ("kind" = Option<String>, Query, description = "The key of its kind.", example = "complaint"),
        ("department" = Option<String>, Query, description = "The key of its department."),
        ("q" = Option<String>, Query, description = "Words in its messages, the name of its sender, a reference, an e-mail address or a telephone number.", example = "مساعدة الإيجار"),
        ("since" = Option<String>, Query, format = DateTime, description = "Opened at this moment (RFC 3339) or later.", example = "2026-09-01T00:00:00+03:00"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 50, description = "At most so many; 50, when it is not given."),
    ),
    responses(
        (status = 200, description = "A page of tickets.", body = TicketPage),
        (status = 400, description = "A parameter can't be taken; `parameter` names it.", body = ProblemDocument, content_type = "application/problem+json"),
        Shut,
    ),
    security(("bearer" = ["tickets:read"]))
)]
pub async fn tickets(State(web): State<Arc<Web>>, _: Reads, uri: Uri) -> Result<Json<TicketPage>, Problem> {
    let Query(pairs) =
        Query::<Vec<(String, String)>>::try_from_uri(&uri).map_err(|_| Problem::parameter("query", "not a query of names and values"))?;
    let request = asked(&pairs)?;
    let page = web.casework.queue_for_interface(request).await?;
    Ok(Json(TicketPage::new(page, cursor)))
}

/// What the parameters ask for. An unknown one is refused: a misspelt filter would otherwise list everything.
fn asked(pairs: &[(String, String)]) -> Result<QueueRequest, Problem> {
    let mut request = QueueRequest { limit: PAGE, ..QueueRequest::default() };
    let filter = &mut request.filter;
    for (name, value) in pairs.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let value = value.trim();
        match name.as_str() {
            "channel" => filter.channel = Some(one_of("channel", value, ChannelKind::ALL.iter().map(|c| c.as_str()))?),
            "sender" => request.sender = Some(sender(value)?),
            "status" => match value.parse::<View>() {
                Ok(view) => filter.view = Some(view),
                Err(()) => filter.status = Some(one_of("status", value, states())?),
            },
            "kind" => filter.kind = Some(key("kind", value)?),
            "department" => filter.department = Some(key("department", value)?),
            "q" => request.search = value.to_owned(),
            "since" => filter.since = Some(since(value)?),
            "cursor" => filter.after = Some(after(value)?),
            "limit" => request.limit = limit(value)?,
            _ => {
                return Err(Problem::parameter("query", "known are channel, sender, status, kind, department, q, since, cursor and limit"));
            }
        }
    }
    Ok(request)
}

fn states() -> impl Iterator<Item = &'static str> {
    Status::ALL.iter().map(|status| status.as_str()).chain(View::ALL.iter().map(|view| view.as_str()))
}

fn one_of<T: FromStr>(name: &'static str, value: &str, known: impl Iterator<Item = &'static str>) -> Result<T, Problem> {
    value.parse().map_err(|_| Problem::parameter(name, format!("must be one of {}", known.collect::<Vec<_>>().join(", "))))
}

fn key(name: &'static str, value: &str) -> Result<Key, Problem> {
    Key::parse(value).map_err(|_| Problem::parameter(name, "a key is 1 to 64 of a-z, 0-9, - and _"))
}

/// A plus sign that was not escaped arrives as a space (WHATWG URL §5.1); no address and no moment begins or holds one there.
fn sender(value: &str) -> Result<Address, Problem> {
    let mended = match value.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel") && rest.starts_with(' ') => format!("tel:+{}", rest.trim_start()),
        _ => value.to_owned(),
    };
    read_address(&mended).ok_or_else(|| Problem::parameter("sender", "must be mailto:…, tel:…, an e-mail address or a telephone number"))
}

fn since(value: &str) -> Result<At, Problem> {
    let read = |text: &str| text.parse::<jiff::Timestamp>().ok();
    let moment = read(value).or_else(|| read(&value.replace(' ', "+")));
    moment.map(At::from).ok_or_else(|| Problem::parameter("since", "must be a moment such as 2026-09-01T00:00:00Z (RFC 3339)"))
}

fn limit(value: &str) -> Result<usize, Problem> {
    let number = value.parse().ok().filter(|number| (1..=PAGE).contains(number));
    number.ok_or_else(|| Problem::parameter("limit", format!("must be a number from 1 to {PAGE}")))
}

/// Where a page ended, for the caller to hand back unread.
fn cursor(at: At, id: TicketId) -> String {
    let mut bytes = at.micros().to_be_bytes().to_vec();
    bytes.extend(id.0.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn after(cursor: &str) -> Result<(At, TicketId), Problem> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        Some((At(i64::from_be_bytes(*at)), TicketId(uuid::Uuid::from_slice(id).ok()?)))
    };
    read().ok_or_else(|| Problem::parameter("cursor", "must be the `next` of a page, unchanged"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<QueueRequest, Problem> {
        let uri: Uri = format!("/?{query}").parse().unwrap();
        asked(&Query::<Vec<(String, String)>>::try_from_uri(&uri).unwrap().0)
    }

    #[test]
    fn a_plus_sign_that_was_not_escaped_is_still_one() {
        for sender in [
            "tel:+966551234567",
            "tel:%2B966551234567",
            "0551234567",
            "tel:0551234567",
            "%D9%A0%D9%A5%D9%A5%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6%D9%A7",
        ] {
            let asked = read(&format!("sender={sender}")).unwrap().sender.unwrap();
            assert_eq!(asked.to_string(), "tel:+966551234567", "{sender}");
        }
        assert_eq!(read("sender=tel:+967777123456").unwrap().sender.unwrap().value(), "+967777123456");
        let moments = ["2026-09-01T03:00:00+03:00", "2026-09-01T03:00:00%2B03:00", "2026-09-01T00:00:00Z"];
        assert!(moments.iter().all(|since| read(&format!("since={since}")).unwrap().filter.since == Some(At(1_788_220_800_000_000))));
    }

    #[test]
    fn a_cursor_reads_back_and_no_other_text_does() {
        let (at, id) = (At(1_788_220_800_123_456), TicketId(uuid::Uuid::from_u128(7)));
        assert_eq!(after(&cursor(at, id)).unwrap(), (at, id));
        for bad in ["x", "AAAA", &cursor(at, id)[1..], "غدا"] {
            assert!(after(bad).is_err(), "{bad}");
        }
    }
}
