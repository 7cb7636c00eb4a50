//! `/track`: the sender comes in with reference and PIN, sees how far it is, answers, and says whether it is solved.

use super::receipt;
use crate::{
    access::{AccessError, KNOWN, Pass, Throttle},
    casework::{CaseworkError, TicketView},
    channel::{ChannelKind, portal::Form},
    domain::{AttachmentId, Pin, Reference, Ticket},
    web::{
        Web,
        attached::Attached,
        download,
        pages::{
            Done, Faults, Flash,
            portal::{Track, TrackLogin, Trouble, Unsent},
        },
        refused::{Answer, Refused},
        sending::{check_text, hand_in},
        sheet::{FILE_LIMIT_MB, HandedIn, Sheet, new_nonce},
        shell::{drawn, drawn_with},
        spoken::{Reader, conversation},
        visit::{Cookie, Visit},
    },
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// `GET /track`
pub async fn show(State(web): State<Arc<Web>>, visit: Visit) -> Answer {
    let asked = visit.asked("reference");
    let ticket = followed(&web, &visit).await?.filter(|ticket| asked.is_empty() || asked.parse() == Ok(ticket.reference));
    let Some(ticket) = ticket else { return Ok(drawn(&login(&web, &visit, asked, Faults::new()))) };
    let mut response = drawn(&page(&web, &visit, ticket.clone()).await?);
    keep_open(&web, &ticket, &mut response)?;
    Ok(response)
}

/// `POST /track`: comes in, and sends what was written before the way in had closed.
pub async fn enter(State(web): State<Arc<Web>>, visit: Visit, mut sheet: Sheet) -> Answer {
    let brings = !sheet.files.is_empty() || !sheet.text("text").is_empty();
    let allowed = !brings || web.access.allow(Throttle::SubmitNetwork, &visit.network);
    if !allowed {
        sheet.files.clear();
    }
    let draft = Draft::of(&web, &mut sheet).await;
    let (reference, pin) = (sheet.line("reference").parse::<Reference>(), Pin::parse(sheet.raw("pin")));
    let (Ok(reference), Some(pin)) = (&reference, &pin) else {
        let mut faults = Faults::new();
        faults.extend(reference.is_err().then(|| ("reference".to_owned(), "fault-reference")));
        faults.extend(pin.is_none().then(|| ("pin".to_owned(), "fault-pin")));
        return Ok(ask(&web, &visit, &sheet, draft, StatusCode::UNPROCESSABLE_ENTITY, faults).await);
    };
    let (status, fault) = match web.access.track(*reference, pin, visit.origin()).await {
        Ok(ticket) => return come_in(&web, &visit, ticket, draft, allowed).await,
        Err(AccessError::Unknown) => (StatusCode::FORBIDDEN, "fault-track"),
        Err(AccessError::Throttled) => (StatusCode::TOO_MANY_REQUESTS, "fault-track_wait"),
        Err(error) => return Err(error.into()),
    };
    Ok(ask(&web, &visit, &sheet, draft, status, Faults::from([("both".to_owned(), fault)])).await)
}

async fn come_in(web: &Web, visit: &Visit, ticket: Ticket, draft: Draft, allowed: bool) -> Answer {
    let known = web.access.known_sender(visit.cookie(Cookie::Known), ticket.reference, &ticket.pin)?;
    let pass = ticket.clone();
    let mut response =
        if draft.is_empty() { Redirect::to("/track").into_response() } else { answer(web, visit, ticket, draft, allowed).await? };
    keep_open(web, &pass, &mut response)?;
    Cookie::Known.set(web, &mut response, &known, KNOWN);
    Ok(response)
}

/// What was written in the reply box, with its files.
struct Draft {
    nonce: String,
    text: String,
    attached: Attached,
}

impl Draft {
    async fn of(web: &Web, sheet: &mut Sheet) -> Self {
        Self { nonce: sheet.nonce(web), text: sheet.text("text"), attached: Attached::store(web, sheet).await }
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty() && self.attached.is_empty()
    }
}

/// Asks for the two numbers, and keeps what was written meanwhile.
async fn ask(web: &Web, visit: &Visit, sheet: &Sheet, draft: Draft, status: StatusCode, faults: Faults) -> Response {
    let mut page = login(web, visit, &sheet.line("reference"), faults);
    if !draft.is_empty() {
        page.draft = Some(Unsent { nonce: draft.nonce, text: draft.text, kept: draft.attached.hold(web).await });
    }
    drawn_with(status, &page)
}

/// `POST /track/reply`
pub async fn reply(State(web): State<Arc<Web>>, visit: Visit, HandedIn { mut sheet, allowed }: HandedIn) -> Answer {
    // The page may be older than the pass: that ran out, or was given for another ticket since.
    let about = sheet.line("reference");
    let ticket = followed(&web, &visit).await?.filter(|ticket| about.is_empty() || about.parse() == Ok(ticket.reference));
    let draft = Draft::of(&web, &mut sheet).await;
    match ticket {
        Some(ticket) => answer(&web, &visit, ticket, draft, allowed).await,
        None => Ok(ask(&web, &visit, &sheet, draft, StatusCode::FORBIDDEN, Faults::new()).await),
    }
}

/// Takes an answer of the ticket's sender in. What was not taken comes back on the page.
async fn answer(web: &Web, visit: &Visit, ticket: Ticket, draft: Draft, allowed: bool) -> Answer {
    let Draft { nonce, text, attached } = draft;
    let mut faults = Faults::new();
    check_text(&text, !attached.is_empty() || !allowed, &mut faults);
    faults.extend(attached.fault.map(|fault| ("files".to_owned(), fault)));
    let (status, flash) = if !allowed {
        (StatusCode::TOO_MANY_REQUESTS, Some(Flash::Refused("refused-too_often")))
    } else if !faults.is_empty() {
        (StatusCode::UNPROCESSABLE_ENTITY, None)
    } else {
        let form = Form {
            nonce: nonce.clone(),
            text: text.clone(),
            addresses: home_address(web, &ticket).await?,
            files: attached.files(),
            track: Some(ticket.id),
            language: Some(ticket.language),
            ..Form::default()
        };
        let taken = if attached.lost { None } else { hand_in(web, &form, ChannelKind::Portal, "web").await? };
        match taken {
            Some(accepted) if accepted.opened => return receipt::hand_over(web, visit, &accepted, false),
            Some(_) => return Ok(done(Done::Sent)),
            None => (StatusCode::SERVICE_UNAVAILABLE, Some(Flash::Refused("refused-not_taken"))),
        }
    };
    let mut page = page(web, visit, ticket).await?;
    page.frame.flash = flash;
    let page = Track { nonce, typed: text, faults, kept: attached.hold(web).await, ..page };
    Ok(drawn_with(status, &page))
}

/// `POST /track/solved`
pub async fn solved(State(web): State<Arc<Web>>, visit: Visit, sheet: Sheet) -> Answer {
    let ticket = followed(&web, &visit).await?.ok_or(Trouble::Expired)?;
    let yes = match sheet.raw("answer") {
        "yes" => true,
        "no" => false,
        _ => return Err(Trouble::Forged.into()),
    };
    match web.casework.sender_answers_solved(&ticket, yes).await {
        Ok(()) => Ok(done(if yes { Done::SolvedYes } else { Done::SolvedNo })),
        // It was answered already; the page shows how it stands.
        Err(CaseworkError::NotAllowed(_)) => Ok(Redirect::to("/track").into_response()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /track/leave`
pub async fn leave(State(web): State<Arc<Web>>) -> Response {
    let mut response = Redirect::to("/").into_response();
    Cookie::Track.clear(&web, &mut response);
    Cookie::Receipt.clear(&web, &mut response);
    Cookie::Known.clear(&web, &mut response);
    response
}

/// `GET /track/files/{id}`
pub async fn file(State(web): State<Arc<Web>>, visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let ticket = followed(&web, &visit).await?.ok_or(Trouble::Expired)?;
    let id = id.parse::<AttachmentId>().map_err(|_| Trouble::NotFound)?;
    Ok(download::file(web.casework.file_for_sender(&ticket, id).await?, &headers))
}

fn done(done: Done) -> Response {
    Redirect::to(&format!("/track?done={done}")).into_response()
}

/// The ticket that this browser proved to know.
async fn followed(web: &Web, visit: &Visit) -> Result<Option<Ticket>, Refused> {
    match visit.cookie(Cookie::Track) {
        Some(pass) => Ok(web.access.open_pass(Pass::Track, pass).await?),
        None => Ok(None),
    }
}

/// The way in stays open for an hour from now.
fn keep_open(web: &Web, ticket: &Ticket, response: &mut Response) -> Result<(), Refused> {
    let pass = web.access.pass(Pass::Track, ticket.reference, &ticket.pin)?;
    Cookie::Track.set(web, response, &pass, Pass::Track.lasts());
    Ok(())
}

/// The address that the ticket came from: so that an answer here makes nobody new known.
async fn home_address(web: &Web, ticket: &Ticket) -> Result<Vec<String>, Refused> {
    let view = web.casework.ticket_for_sender(ticket.clone()).await?;
    Ok(view.addresses.iter().filter(|known| known.id == ticket.address).map(|known| known.address.to_string()).collect())
}

fn login(web: &Web, visit: &Visit, reference: &str, faults: Faults) -> TrackLogin {
    TrackLogin { frame: visit.frame(web, "/track"), reference: reference.chars().take(40).collect(), faults, draft: None }
}

async fn page(web: &Web, visit: &Visit, ticket: Ticket) -> Result<Track, Refused> {
    let view: TicketView = web.casework.ticket_for_sender(ticket).await?;
    let (ticket, language) = (&view.ticket, visit.language);
    Ok(Track {
        frame: visit.frame(web, "/track"),
        reference: ticket.reference.to_string(),
        kind: web.casework.kind_name(ticket).get(language).to_owned(),
        department: web.casework.department_name(ticket).get(language).to_owned(),
        officer: view.owner.as_ref().map(|owner| owner.name.get(language).to_owned()),
        status: ticket.status,
        opened: ticket.created_at,
        due: ticket.status.is_open().then_some(ticket.due_at),
        conversation: conversation(&view, language, Reader::Sender),
        nonce: new_nonce(web),
        typed: String::new(),
        faults: Faults::new(),
        kept: Vec::new(),
        file_limit_mb: FILE_LIMIT_MB,
    })
}
