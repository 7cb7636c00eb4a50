//! `/receipt`: reference and PIN, only for the browser that sent the form. It may be reloaded for a quarter of an hour.

use crate::{
    access::{KNOWN, Pass},
    channel::Accepted,
    domain::{Scheme, Ticket},
    web::{
        Web,
        pages::portal::{Receipt, Trouble},
        refused::{Answer, Refused},
        shell::drawn,
        visit::{Cookie, Visit},
    },
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// Sends the browser to its receipt, and keeps it known at its ticket. `phone`: the sender left a telephone number.
pub fn hand_over(web: &Web, visit: &Visit, accepted: &Accepted, phone: bool) -> Answer {
    let mut response = Redirect::to(if phone { "/receipt?phone=yes" } else { "/receipt" }).into_response();
    grant(web, accepted, &mut response)?;
    if let Some(pin) = &accepted.pin {
        let known = web.access.known_sender(visit.cookie(Cookie::Known), accepted.reference, pin)?;
        Cookie::Known.set(web, &mut response, &known, KNOWN);
    }
    Ok(response)
}

/// Gives the browser the pass to the receipt of a ticket that it just opened.
pub fn grant(web: &Web, accepted: &Accepted, response: &mut Response) -> Result<(), Refused> {
    let Some(pin) = &accepted.pin else { return Ok(()) };
    let pass = web.access.pass(Pass::Receipt, accepted.reference, pin)?;
    Cookie::Receipt.set(web, response, &pass, Pass::Receipt.lasts());
    Ok(())
}

/// The ticket whose receipt this browser may see.
pub async fn granted(web: &Web, visit: &Visit) -> Result<Option<Ticket>, Refused> {
    match visit.cookie(Cookie::Receipt) {
        Some(pass) => Ok(web.access.open_pass(Pass::Receipt, pass).await?),
        None => Ok(None),
    }
}

/// `GET /receipt`
pub async fn show(State(web): State<Arc<Web>>, visit: Visit) -> Answer {
    let ticket = granted(&web, &visit).await?.ok_or(Trouble::Expired)?;
    let language = visit.language;
    let page = Receipt {
        frame: visit.frame(&web, &visit.path),
        reference: ticket.reference.to_string(),
        pin: Some(ticket.pin.as_str().to_owned()),
        kind: web.casework.kind_name(&ticket).get(language).to_owned(),
        department: web.casework.department_name(&ticket).get(language).to_owned(),
        due: ticket.due_at,
        told_at: told_at(&web, &ticket).await?,
        called: visit.asked("phone") == "yes",
    };
    Ok(drawn(&page))
}

/// Where notices go, masked: only the address that came with this very ticket, never others of the same contact.
async fn told_at(web: &Web, ticket: &Ticket) -> Result<Vec<String>, Refused> {
    let view = web.casework.ticket_for_sender(ticket.clone()).await?;
    let home = view.addresses.iter().find(|known| known.id == ticket.address).map(|known| &known.address);
    let told = home.filter(|address| address.scheme() != Scheme::Portal && web.casework.outbox().reaches(address));
    Ok(told.map(|address| address.masked()).into_iter().collect())
}
