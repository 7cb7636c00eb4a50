//! `GET /desk/tickets/{reference}`: one ticket, whole, and its files.

use super::{SignedIn, timeline::timeline};
use crate::{
    access::Deed,
    casework::{Summary, TicketView},
    domain::{AttachmentId, Key, Reference, Scheme, Status, Ticket, ticket::Act as Move},
    i18n::words,
    web::{
        Web, download,
        pages::{
            Choice,
            desk::{Act, Destination, SenderCard, TicketPage},
            portal::Trouble,
        },
        refused::{Answer, Refused},
        sheet::{FILE_LIMIT_MB, new_nonce},
        shell::drawn,
        spoken::{Reader, conversation},
    },
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
};
use std::sync::Arc;

/// `GET /desk/tickets/{reference}`
pub async fn show(State(web): State<Arc<Web>>, at: SignedIn, Path(reference): Path<String>) -> Answer {
    let reference: Reference = reference.parse().map_err(|_| Trouble::NotFound)?;
    Ok(drawn(&page(&web, &at, reference).await?))
}

/// `GET /desk/files/{id}`
pub async fn file(State(web): State<Arc<Web>>, at: SignedIn, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let id = id.parse::<AttachmentId>().map_err(|_| Trouble::NotFound)?;
    Ok(download::file(web.casework.file(&at.viewer, id).await?, &headers))
}

/// The page of a ticket that the viewer may see.
pub async fn page(web: &Web, at: &SignedIn, reference: Reference) -> Result<TicketPage, Refused> {
    let view = web.casework.ticket(&at.viewer, reference).await?;
    let (ticket, language) = (&view.ticket, at.visit.language);
    let kind = web.casework.kind_name(ticket).get(language).to_owned();
    let works = at.viewer.may(Deed::Work, ticket);
    let apart = if language == crate::domain::Language::Ar { "؛ " } else { "; " };
    Ok(TicketPage {
        frame: at.frame(web, &format!("/desk/tickets/{reference}")),
        viewer: at.shown(),
        reference: reference.to_string(),
        title: title(&view, &kind),
        kind,
        status: ticket.status,
        priority: ticket.priority,
        confidential: ticket.confidential,
        channel: ticket.channel,
        opened: ticket.created_at,
        due: ticket.status.is_open().then_some(ticket.due_at),
        overdue: ticket.overdue(web.access.now()),
        department: web.casework.department_name(ticket).get(language).to_owned(),
        owner: view.owner.as_ref().map(|owner| owner.name.get(language).to_owned()),
        reason: ticket.reasons.iter().map(|reason| reason.in_words(language)).collect::<Vec<_>>().join(apart),
        sender: sender(web, at, &view, works),
        answers: answers(web, at, ticket),
        conversation: conversation(&view, language, Reader::Staff),
        timeline: timeline(web, at, &view),
        acts: if works { possible(ticket.status) } else { Vec::new() },
        destinations: if works { destinations(web, at).await? } else { Vec::new() },
        nonce: new_nonce(web),
        draft: None,
        kept: Vec::new(),
        file_limit_mb: FILE_LIMIT_MB,
    })
}

/// Its subject, else the beginning of its first message, else its kind.
fn title(view: &TicketView, kind: &str) -> String {
    let first = view.messages.first().map(|said| said.message.fresh.as_deref().unwrap_or(&said.message.body));
    let opening = first.map(|text| text.split_whitespace().take(12).collect::<Vec<_>>().join(" ").chars().take(90).collect::<String>());
    let own = view.ticket.subject.clone().filter(|subject| !subject.trim().is_empty());
    own.or(opening.filter(|text| !text.is_empty())).unwrap_or_else(|| kind.to_owned())
}

/// The acts that a ticket in this state allows, and that change something.
fn possible(status: Status) -> Vec<Act> {
    let leads = |to: Move| status.after(to).is_ok();
    let fits = |act: &Act| match act {
        Act::Reply => leads(Move::Reply),
        Act::Ask => leads(Move::Ask),
        Act::Note => true,
        Act::HandOver => leads(Move::Assign),
        Act::Resolve => leads(Move::Resolve),
        Act::Start => leads(Move::Start) && status != Status::InProgress,
        Act::Wait => leads(Move::AwaitThirdParty) && status != Status::WaitingThirdParty,
        Act::Reject => leads(Move::Reject),
        Act::Spam => leads(Move::MarkSpam),
        Act::Reopen => leads(Move::Reopen),
    };
    Act::ALL.iter().copied().filter(fits).collect()
}

/// Addresses are masked, but for the telephone number that the one who works on it has to call.
fn sender(web: &Web, at: &SignedIn, view: &TicketView, works: bool) -> SenderCard {
    let language = at.visit.language;
    let mut known: Vec<_> = view.addresses.iter().filter(|known| known.address.scheme() != Scheme::Portal).collect();
    known.sort_by_key(|known| known.id != view.ticket.address);
    let shown = |known: &&crate::casework::KnownAddress| {
        let address = &known.address;
        if works && address.scheme() == Scheme::Tel { address.value().to_owned() } else { address.masked() }
    };
    let other = |other: &Summary| {
        let kind = web.casework.office().kind(other.kind.as_str()).map(|kind| kind.name.get(language).to_owned());
        (other.reference.to_string(), other.subject.clone().or(kind).unwrap_or_default())
    };
    SenderCard {
        name: view.contact.name.clone(),
        addresses: known.iter().map(shown).collect(),
        language: view.ticket.language,
        group: view.contact.stakeholder.map(|group| words::group(language, group)),
        others: view.others.iter().map(other).collect(),
    }
}

/// The answers to the kind's questions in its order, then those to questions it has no more.
fn answers(web: &Web, at: &SignedIn, ticket: &Ticket) -> Vec<(String, String)> {
    let language = at.visit.language;
    let fields = web.casework.office().kind(ticket.kind.as_str()).map_or(&[][..], |kind| &kind.fields[..]);
    let asked = fields.iter().filter_map(|field| {
        let answer = ticket.fields.get(field.key.as_str())?;
        let chosen = field.options.iter().find(|option| option.key.as_str() == answer).map(|option| option.label.get(language));
        Some((field.label.get(language).to_owned(), chosen.unwrap_or(answer).to_owned()))
    });
    let gone = ticket.fields.iter().filter(|(key, _)| !fields.iter().any(|field| field.key.as_str() == *key));
    asked.chain(gone.map(|(key, answer)| (key.clone(), answer.clone()))).collect()
}

async fn destinations(web: &Web, at: &SignedIn) -> Result<Vec<Destination>, Refused> {
    let language = at.visit.language;
    let name =
        |key: &Key| web.casework.office().department(key).map_or(key.as_str(), |department| department.name.get(language)).to_owned();
    let all = web.casework.destinations().await?;
    let drawn = all.into_iter().map(|(department, officers)| Destination {
        department: Choice::new(department.as_str(), name(&department)),
        officers: officers.into_iter().map(|officer| Choice::new(officer.key.as_str(), officer.name.get(language))).collect(),
    });
    Ok(drawn.collect())
}
