//! `POST /desk/tickets/{reference}/{act}`: what an officer does. What cannot be done comes back with what was written.

use super::{SignedIn, ticket};
use crate::{
    casework::{CaseworkError, Verb},
    domain::{ChannelKind, Key, Reference},
    web::{
        Web,
        attached::Attached,
        pages::{
            Done, Flash,
            desk::{Act, Draft, TicketPage},
            portal::Trouble,
        },
        refused::{Answer, Refused},
        sheet::Sheet,
        shell::drawn_with,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::sync::Arc;

/// `GET` on the address of an act: the ticket's page.
pub async fn back(Path((reference, _)): Path<(String, String)>) -> Result<Redirect, Refused> {
    let reference: Reference = reference.parse().map_err(|_| Trouble::NotFound)?;
    Ok(Redirect::to(&format!("/desk/tickets/{reference}")))
}

/// `POST /desk/tickets/{reference}/{act}`
pub async fn perform(
    State(web): State<Arc<Web>>,
    at: SignedIn,
    Path((reference, act)): Path<(String, String)>,
    mut sheet: Sheet,
) -> Answer {
    let reference: Reference = reference.parse().map_err(|_| Trouble::NotFound)?;
    let act: Act = act.parse().map_err(|()| Trouble::NotFound)?;
    let mut draft = Draft { act, text: sheet.text("text"), to: sheet.line("to"), fault: None, to_fault: None };
    let nonce = sheet.nonce(&web);
    let carries = matches!(act, Act::Reply | Act::Ask);
    let attached = if carries { Attached::store(&web, &mut sheet).await } else { Attached::default() };
    let wrong = attached.fault.or(attached.lost.then_some("refused-not_taken"));
    let (status, flash) = match (verb(&draft), wrong) {
        (_, Some(fault)) => {
            draft.fault = Some(fault);
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        (None, None) => {
            draft.to_fault = Some("fault-not_offered");
            (StatusCode::UNPROCESSABLE_ENTITY, None)
        }
        (Some(verb), None) => {
            let done = web.casework.perform_once(&at.viewer, reference, verb, ChannelKind::Desk, attached.files(), nonce.clone()).await;
            match done {
                Ok(()) => return Ok(Redirect::to(&after(act, reference)).into_response()),
                Err(error) => blame(error, &mut draft)?,
            }
        }
    };
    let page = ticket::page(&web, &at, reference).await?;
    let frame = crate::web::pages::Frame { flash, ..page.frame.clone() };
    let page = TicketPage { frame, draft: Some(draft), kept: attached.hold(&web).await, nonce, ..page };
    Ok(drawn_with(status, &page))
}

/// What the form asks for; `None` when it does not say where to.
fn verb(draft: &Draft) -> Option<Verb> {
    let (text, files) = (draft.text.clone(), Vec::new());
    Some(match draft.act {
        Act::Reply => Verb::Reply { text, files },
        Act::Ask => Verb::Ask { text, files },
        Act::Note => Verb::Note { text, files },
        Act::HandOver => {
            let (department, officer) = draft.to.split_once('/').map_or((draft.to.as_str(), None), |(to, who)| (to, Some(who)));
            let officer = officer.map(Key::parse).transpose().ok()?;
            Verb::HandOver { department: Key::parse(department).ok()?, officer, reason: text }
        }
        Act::Resolve => Verb::Resolve { outcome: text, files },
        Act::Start => Verb::Start,
        Act::Wait => Verb::Wait { reason: text },
        Act::Reject => Verb::Reject { reason: text },
        Act::Spam => Verb::MarkSpam,
        Act::Reopen => Verb::Reopen { reason: text },
    })
}

/// Where to look next. Who handed a ticket over may see it no more.
fn after(act: Act, reference: Reference) -> String {
    let done = match act {
        Act::Reply => Done::Replied,
        Act::Ask => Done::Asked,
        Act::Note => Done::Noted,
        Act::HandOver => return format!("/desk?done={}", Done::HandedOver),
        Act::Resolve => Done::Resolved,
        Act::Start => Done::Started,
        Act::Wait => Done::Waiting,
        Act::Reject => Done::Rejected,
        Act::Spam => Done::Spam,
        Act::Reopen => Done::Reopened,
    };
    format!("/desk/tickets/{reference}?done={done}")
}

/// Puts the fault at its input; a fault of no input is told at the top.
fn blame(error: CaseworkError, draft: &mut Draft) -> Result<(StatusCode, Option<Flash>), Refused> {
    let text_missing = if matches!(draft.act, Act::Reply | Act::Ask) { "fault-text_missing" } else { "fault-missing" };
    match error {
        CaseworkError::Empty | CaseworkError::NoReason => draft.fault = Some(text_missing),
        CaseworkError::TooLong => draft.fault = Some("fault-too_long"),
        CaseworkError::UnknownDepartment(_) | CaseworkError::UnknownOfficer(_) | CaseworkError::UnknownColleague(_) => {
            draft.to_fault = Some("fault-not_offered")
        }
        CaseworkError::NotAllowed(_) => return Ok((StatusCode::CONFLICT, Some(Flash::Refused("refused-not_allowed")))),
        CaseworkError::Store(error) => {
            tracing::error!(%error, "an act was not saved");
            return Ok((StatusCode::SERVICE_UNAVAILABLE, Some(Flash::Refused("refused-not_taken"))));
        }
        CaseworkError::NotFound => return Err(Trouble::NotFound.into()),
    }
    Ok((StatusCode::UNPROCESSABLE_ENTITY, None))
}
