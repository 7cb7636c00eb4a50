//! A visit: what every page needs to know of a request, whoever sent it: language, cookies, where it came from.

use super::{Web, links, network, pages};
use crate::{access::Origin, domain::Language};
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_LANGUAGE, SET_COOKIE},
        request::Parts,
    },
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use pages::{Contact, Done, Flash, Frame};
use std::{convert::Infallible, sync::Arc, time::Duration};

/// The cookies that this site sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cookie {
    /// The session of a member of staff.
    Session,
    /// The ticket that a sender follows.
    Track,
    /// The ticket whose receipt is shown.
    Receipt,
    /// That this browser came through a door before.
    Known,
    /// The chosen language.
    Language,
}

impl Cookie {
    /// `__Host-` binds it to this host and to https (RFC 6265bis §4.1.3.2).
    pub(super) fn name(self, secure: bool) -> String {
        let name = match self {
            Cookie::Session => "tawasul",
            Cookie::Track => "tawasul-track",
            Cookie::Receipt => "tawasul-receipt",
            Cookie::Known => "tawasul-known",
            Cookie::Language => "tawasul-language",
        };
        if secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// Sets it on an answer. The value must be made of token characters (RFC 6265 §4.1.1).
    pub(super) fn set(self, web: &Web, response: &mut Response, value: &str, lasts: Duration) {
        let (name, secure) = (self.name(web.secure), if web.secure { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lasts.as_secs());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    pub(super) fn clear(self, web: &Web, response: &mut Response) {
        self.set(web, response, "", Duration::ZERO);
    }
}

/// How long a chosen language is remembered.
pub(super) const LANGUAGE: Duration = Duration::from_secs(365 * 86_400);

/// A request as pages see it.
#[derive(Clone)]
pub(super) struct Visit {
    pub language: Language,
    /// Where it came from, for throttles.
    pub network: String,
    /// Path and query without the word about the last act.
    pub path: String,
    /// The word about the last act.
    pub flash: Option<Flash>,
    query: Vec<(String, String)>,
    cookies: CookieJar,
    secure: bool,
}

impl Visit {
    pub(super) fn cookie(&self, cookie: Cookie) -> Option<&str> {
        self.cookies.get(&cookie.name(self.secure)).map(axum_extra::extract::cookie::Cookie::value).filter(|value| !value.is_empty())
    }

    /// For a door that is tried.
    pub(super) fn origin(&self) -> Origin<'_> {
        Origin { network: &self.network, known: self.cookie(Cookie::Known) }
    }

    /// The first value of this name in the query; empty when there is none.
    pub(super) fn asked(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The frame of the page at `path`.
    pub(super) fn frame(&self, web: &Web, path: &str) -> Frame {
        let office = web.casework.office();
        let mut contact = Contact::of(&office.contact, self.language);
        let mailbox = || web.casework.outbox().own_addresses().first().map(|address| address.value().to_owned());
        contact.email = contact.email.or_else(mailbox);
        Frame {
            language: self.language,
            charity: office.name.get(self.language).to_owned(),
            path: path.to_owned(),
            contact,
            zone: web.casework.calendar().zone.clone(),
            flash: self.flash.clone(),
        }
    }

    fn of(parts: &Parts, web: &Web) -> Self {
        let cookies = CookieJar::from_headers(&parts.headers);
        let chosen = cookies.get(&Cookie::Language.name(web.secure)).and_then(|cookie| cookie.value().parse().ok());
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
        let said = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let flash = said("done").parse::<Done>().ok().map(Flash::Done).or_else(|| refused(said("refused")).map(Flash::Refused));
        Self {
            language: chosen.or_else(|| accepted(&parts.headers)).unwrap_or_default(),
            network: network::of(&parts.extensions, &parts.headers, &web.settings.trusted_proxies),
            path: path_of(parts, &query),
            flash,
            query,
            cookies,
            secure: web.secure,
        }
    }
}

/// Path and query, the words about the last act left out.
fn path_of(parts: &Parts, query: &[(String, String)]) -> String {
    let kept: Vec<String> = query
        .iter()
        .filter(|(name, _)| name != "done" && name != "refused")
        .map(|(name, value)| format!("{}={}", links::encoded(name), links::encoded(value)))
        .collect();
    let path = parts.uri.path();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// The refusals that may travel in an address.
fn refused(name: &str) -> Option<&'static str> {
    ["refused-not_allowed", "refused-still_broken"].into_iter().find(|key| key.strip_prefix("refused-") == Some(name))
}

/// The first language we speak, by the reader's preference (RFC 9110 §12.5.4).
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let header = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Language)> = None;
    for range in header.split(',').take(20) {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim().strip_prefix("q=").map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let Some(language) = Language::from_tag(tag.trim()) else { continue };
        if weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

impl FromRequestParts<Arc<Web>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Infallible> {
        Ok(Visit::of(parts, web))
    }
}

/// `GET /language/{code}?next=…`: remembers the language and goes back.
pub(super) async fn choose_language(web: &Web, visit: &Visit, headers: &HeaderMap, code: &str) -> Response {
    let next = links::local(visit.asked("next"), "/").to_owned();
    let Ok(language) = code.parse::<Language>() else { return Redirect::to(&next).into_response() };
    // In the desk the choice is the person's own setting; a link on another site must not change it.
    let from_here = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    if next.starts_with("/desk")
        && from_here
        && let Some(token) = visit.cookie(Cookie::Session)
        && let Ok(Some(viewer)) = web.access.session(token, web.casework.office()).await
        && let Err(error) = web.casework.set_language(&viewer, language).await
    {
        tracing::error!(%error, "a chosen language could not be saved");
    }
    let mut response = Redirect::to(&next).into_response();
    Cookie::Language.set(web, &mut response, language.code(), LANGUAGE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_s_first_language_that_we_speak_is_taken() {
        for (header, language) in [
            ("en-GB,en;q=0.9,ar;q=0.8", Some(Language::En)),
            ("fr, ar-SA;q=0.7, en;q=0.3", Some(Language::Ar)),
            ("fr", None),
            ("en;q=0", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(accepted(&headers), language, "{header}");
        }
    }
}
