//! `/demo`, only in `tawasul demo`: the phones of the senders on one side, the officers' doors on the other.
//!
//! Architecture invariant: without a [`DemoStage`] none of this is reachable; there is then no route at all.

use super::{
    Web,
    pages::{
        Choice, Done, Flash, Frame,
        demo::{Card, Stage, Tab, Talk},
    },
};
use crate::domain::{At, Bilingual, Language, Reference, Role};
use askama::Template;
use async_trait::async_trait;
use axum::{
    Form, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use std::sync::Arc;
use tower_http::csrf::CsrfLayer;

/// What the page plays on; `app` puts it there.
#[async_trait]
pub trait DemoStage: Send + Sync {
    /// The phones that rang lately, the latest first.
    async fn phones(&self) -> Result<Vec<Phone>, StageError>;

    /// Who can be played at the desk.
    fn players(&self) -> &[Player];

    /// Lets the owner of a phone write: about a matter that stands on it, or a new one.
    ///
    /// # Errors
    /// [`StageError`] when there is no such phone or matter, or nothing is written; nothing has then come in.
    async fn write(&self, from: &str, about: Option<Reference>, kind: Option<&str>, text: &str) -> Result<Reference, StageError>;
}

#[derive(Debug, thiserror::Error)]
#[error("it could not be played")]
pub struct StageError;

/// The phone of somebody who wrote.
pub struct Phone {
    pub id: String,
    pub name: String,
    /// Number or mail address; empty for a demo phone.
    pub address: String,
    /// The newest first.
    pub messages: Vec<OnPhone>,
}

/// A message on a phone.
pub struct OnPhone {
    pub at: At,
    pub text: String,
    pub about: Option<Reference>,
}

/// Somebody at the desk, with the demo's password.
pub struct Player {
    pub name: Bilingual,
    pub role: Role,
    pub department: Option<Bilingual>,
    pub email: String,
    pub password: String,
}

/// Nothing at all unless it is a demo.
pub fn routes(demo: bool) -> Router<Arc<Web>> {
    if !demo {
        return Router::new();
    }
    Router::new().route("/demo", get(show)).route("/demo/write", post(write)).layer(CsrfLayer::new())
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    done: String,
}

#[derive(Deserialize)]
struct Written {
    phone: String,
    /// A reference; empty for a new matter.
    #[serde(default)]
    about: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: String,
}

async fn show(State(web): State<Arc<Web>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let Some(demo) = &web.demo else { return StatusCode::NOT_FOUND.into_response() };
    let flash = match asked.done.as_str() {
        "" => None,
        "refused" => Some(Flash::Refused("demo-refused")),
        done => done.parse::<Done>().ok().map(Flash::Done),
    };
    let (language, office) = (language(&headers), web.casework.office());
    let path = if asked.phone.is_empty() { "/demo".to_owned() } else { format!("/demo?phone={}", encoded(&asked.phone)) };
    let charity = office.name.get(language).to_owned();
    let frame = Frame { language, charity, path, zone: web.casework.calendar().zone.clone(), flash };
    let Ok(phones) = demo.phones().await else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let open = phones.iter().find(|phone| phone.id == asked.phone).or(phones.first());
    let here = open.map(|phone| phone.id.clone()).unwrap_or_default();
    let page = Stage {
        kinds: office.kinds.iter().map(|kind| Choice::new(kind.key.as_str(), kind.name.get(language))).collect(),
        tabs: phones.iter().map(|phone| Tab { id: phone.id.clone(), name: called(phone), here: phone.id == here }).collect(),
        talk: open.map(talk),
        cards: demo.players().iter().map(|player| card(player, language)).collect(),
        frame,
    };
    match page.render() {
        Ok(html) => ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the demo's page could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn called(phone: &Phone) -> String {
    if phone.name.is_empty() { phone.address.clone() } else { phone.name.clone() }
}

fn talk(phone: &Phone) -> Talk {
    let mut matters: Vec<Reference> = Vec::new();
    for about in phone.messages.iter().filter_map(|message| message.about) {
        if !matters.contains(&about) {
            matters.push(about);
        }
    }
    Talk {
        phone: phone.id.clone(),
        name: called(phone),
        address: phone.address.clone(),
        matters: matters.iter().map(ToString::to_string).collect(),
        messages: phone.messages.iter().map(|message| (message.at, message.text.clone())).collect(),
    }
}

fn card(player: &Player, language: Language) -> Card {
    Card {
        name: player.name.get(language).to_owned(),
        role: player.role,
        department: player.department.as_ref().map(|name| name.get(language).to_owned()).unwrap_or_default(),
        email: player.email.clone(),
        password: player.password.clone(),
    }
}

async fn write(State(web): State<Arc<Web>>, Form(written): Form<Written>) -> Response {
    let Some(demo) = &web.demo else { return StatusCode::NOT_FOUND.into_response() };
    let about = Some(written.about.as_str()).filter(|about| !about.is_empty()).map(str::parse::<Reference>).transpose();
    let kind = Some(written.kind.as_str()).filter(|kind| written.about.is_empty() && !kind.is_empty());
    let outcome = match about {
        Ok(about) => demo.write(&written.phone, about, kind, &written.text).await,
        Err(_) => Err(StageError),
    };
    let done = outcome.map_or("refused", |_| Done::Sent.as_str());
    Redirect::to(&format!("/demo?phone={}&done={done}", encoded(&written.phone))).into_response()
}

/// The language that was chosen on this site, else the first that the reader asks for.
fn language(headers: &HeaderMap) -> Language {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let chosen = header(header::COOKIE).split(';').filter_map(|cookie| cookie.trim().strip_prefix("tawasul-language=")).next();
    let asked = header(header::ACCEPT_LANGUAGE).split([',', ';']).next().and_then(|tag| Language::from_tag(tag.trim()));
    chosen.and_then(|code| code.parse().ok()).or(asked).unwrap_or_default()
}

/// For a query (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
