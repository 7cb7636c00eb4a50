//! `/demo`, only in `tawasul demo`: the phones of the senders on one side, the officers' doors on the other.
//!
//! Architecture invariant: without a [`DemoStage`] none of this is reachable; there is then no route at all.

use super::{
    Web, links,
    pages::{
        Choice, Done, Flash, Frame,
        demo::{Card, OfTalk, Stage, Tab, Talk},
        portal::Trouble,
    },
    shell::drawn,
    visit::Visit,
};
use crate::domain::{At, Bilingual, Language, Reference, Role};
use async_trait::async_trait;
use axum::{
    Form, Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use std::sync::Arc;

/// What the page plays on; `app` puts it there.
#[async_trait]
pub trait DemoStage: Send + Sync {
    /// The phones that rang lately, the latest first.
    async fn phones(&self) -> Result<Vec<Phone>, StageError>;

    /// What was said on a phone, both ways, the newest first.
    async fn conversation(&self, phone: &str) -> Result<Vec<OnPhone>, StageError>;

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
}

/// A message on a phone.
pub struct OnPhone {
    pub at: At,
    /// Whether the phone's owner wrote it.
    pub own: bool,
    pub text: String,
    pub about: Option<Reference>,
    /// Whether it can be answered: what was got about a matter.
    pub answerable: bool,
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
    Router::new().route("/demo", get(show)).route("/demo/write", post(write))
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

async fn show(State(web): State<Arc<Web>>, visit: Visit) -> Response {
    let Some(demo) = &web.demo else { return Trouble::NotFound.into_response() };
    let Ok(phones) = demo.phones().await else { return Trouble::Broken.into_response() };
    let (language, office, asked) = (visit.language, web.casework.office(), visit.asked("phone"));
    let mut frame: Frame = visit.frame(&web, &visit.path);
    if visit.asked("refused") == "demo" {
        frame.flash = Some(Flash::Refused("demo-refused"));
    }
    let open = phones.iter().find(|phone| phone.id == asked).or(phones.first());
    let here = open.map(|phone| phone.id.as_str()).unwrap_or_default();
    let talk = match open {
        Some(phone) => match demo.conversation(&phone.id).await {
            Ok(messages) => Some(talk(phone, messages)),
            Err(StageError) => return Trouble::Broken.into_response(),
        },
        None => None,
    };
    drawn(&Stage {
        kinds: office.kinds.iter().map(|kind| Choice::new(kind.key.as_str(), kind.name.get(language))).collect(),
        tabs: phones.iter().map(|phone| Tab { id: phone.id.clone(), name: called(phone), here: phone.id == here }).collect(),
        talk,
        cards: demo.players().iter().map(|player| card(player, language)).collect(),
        frame,
    })
}

fn called(phone: &Phone) -> String {
    if phone.name.is_empty() { phone.address.clone() } else { phone.name.clone() }
}

fn talk(phone: &Phone, messages: Vec<OnPhone>) -> Talk {
    let mut matters: Vec<Reference> = Vec::new();
    for about in messages.iter().filter(|message| message.answerable).filter_map(|message| message.about) {
        if !matters.contains(&about) {
            matters.push(about);
        }
    }
    Talk {
        phone: phone.id.clone(),
        name: called(phone),
        address: phone.address.clone(),
        matters: matters.iter().map(ToString::to_string).collect(),
        messages: messages.into_iter().map(of_talk).collect(),
    }
}

fn of_talk(message: OnPhone) -> OfTalk {
    OfTalk { at: message.at, own: message.own, text: message.text, about: message.about.map(|about| about.to_string()) }
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
    let Some(demo) = &web.demo else { return Trouble::NotFound.into_response() };
    let about = Some(written.about.as_str()).filter(|about| !about.is_empty()).map(str::parse::<Reference>).transpose();
    let kind = Some(written.kind.as_str()).filter(|kind| written.about.is_empty() && !kind.is_empty());
    let outcome = match about {
        Ok(about) => demo.write(&written.phone, about, kind, &written.text).await,
        Err(_) => Err(StageError),
    };
    let said = outcome.map_or("refused=demo".to_owned(), |_| format!("done={}", Done::Sent));
    Redirect::to(&format!("/demo?phone={}&{said}", links::encoded(&written.phone))).into_response()
}
