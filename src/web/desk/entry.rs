//! `/desk/new`: a visit, a call, a letter or a fax, logged in seconds; then a slip with the two numbers for the visitor.

use super::SignedIn;
use crate::{
    access::Deed,
    channel::{ChannelKind, portal::Form},
    domain::{Key, Language},
    web::{
        Web,
        attached::Attached,
        pages::{
            Choice, Done, Faults, Flash,
            conversation::Way,
            desk::{Entered, NewEntry, Slip},
            portal::Trouble,
        },
        portal::receipt,
        refused::Answer,
        sending::{addresses, check_lines, check_text, hand_in, some},
        sheet::{FILE_LIMIT_MB, Sheet, new_nonce},
        shell::{drawn, drawn_with},
    },
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::sync::Arc;

/// `GET /desk/new`
pub async fn open(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    let site = at.viewer.person.site.as_ref().map(Key::to_string).unwrap_or_default();
    Ok(drawn(&page(&web, &at, new_nonce(&web), Entered { site, ..Entered::default() })))
}

/// `POST /desk/new`
pub async fn log(State(web): State<Arc<Web>>, at: SignedIn, mut sheet: Sheet) -> Answer {
    let mut page = page(&web, &at, sheet.nonce(&web), entered(&sheet));
    let attached = Attached::store(&web, &mut sheet).await;
    let (form, faults) = checked(&web, &at, &page, &attached);
    if !faults.is_empty() {
        page.faults = faults;
        page.kept = attached.hold(&web).await;
        return Ok(drawn_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let way = page.typed.way.unwrap_or(Way::Visit);
    let accepted = if attached.lost { None } else { hand_in(&web, &form, ChannelKind::Desk, way.as_str()).await? };
    let Some(accepted) = accepted else {
        page.kept = attached.hold(&web).await;
        page.frame.flash = Some(Flash::Refused("refused-not_taken"));
        return Ok(drawn_with(StatusCode::SERVICE_UNAVAILABLE, &page));
    };
    let mut response = Redirect::to(&format!("/desk/new/slip?done={}", Done::Logged)).into_response();
    receipt::grant(&web, &accepted, &mut response)?;
    Ok(response)
}

/// `GET /desk/new/slip`: what the visitor takes home; only for the browser that logged it, for a quarter of an hour.
pub async fn slip(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    let ticket = receipt::granted(&web, &at.visit).await?.filter(|t| t.opened_by == Some(at.viewer.person.id)).ok_or(Trouble::Expired)?;
    // The slip is in the language of who takes it home; the page around it in the viewer's.
    let page = Slip {
        frame: at.frame(&web, "/desk/new/slip"),
        viewer: at.shown(),
        language: ticket.language,
        charity: web.casework.office().name.get(ticket.language).to_owned(),
        reference: ticket.reference.to_string(),
        pin: ticket.pin.as_str().to_owned(),
        kind: web.casework.kind_name(&ticket).get(ticket.language).to_owned(),
        department: web.casework.department_name(&ticket).get(ticket.language).to_owned(),
        due: ticket.due_at,
        visible: at.viewer.may(Deed::See, &ticket),
    };
    Ok(drawn(&page))
}

fn page(web: &Web, at: &SignedIn, nonce: String, typed: Entered) -> NewEntry {
    let (office, language) = (web.casework.office(), at.visit.language);
    NewEntry {
        frame: at.frame(web, "/desk/new"),
        viewer: at.shown(),
        kinds: office.kinds.iter().map(|kind| Choice::new(kind.key.as_str(), kind.name.get(language))).collect(),
        sites: office.sites.iter().map(|site| Choice::new(site.key.as_str(), site.name.get(language))).collect(),
        typed,
        faults: Faults::new(),
        kept: Vec::new(),
        nonce,
        file_limit_mb: FILE_LIMIT_MB,
    }
}

fn entered(sheet: &Sheet) -> Entered {
    Entered {
        way: sheet.raw("way").parse().ok(),
        name: sheet.line("name"),
        phone: sheet.line("phone"),
        email: sheet.line("email"),
        language: sheet.raw("language").parse::<Language>().ok(),
        kind: sheet.line("kind"),
        site: sheet.line("site"),
        subject: sheet.line("subject"),
        text: sheet.text("text"),
    }
}

/// The form as it would be sent, and what is wrong with it by input.
fn checked(web: &Web, at: &SignedIn, page: &NewEntry, attached: &Attached) -> (Form, Faults) {
    let (typed, mut faults, office) = (&page.typed, Faults::new(), web.casework.office());
    let kind = office.kind(&typed.kind).map(|kind| kind.key.clone());
    if kind.is_none() {
        faults.insert("kind".to_owned(), "fault-not_offered");
    }
    check_text(&typed.text, !attached.is_empty(), &mut faults);
    check_lines([("name", typed.name.as_str()), ("subject", typed.subject.as_str())], &mut faults);
    let addresses = addresses(&typed.email, &typed.phone, &mut faults);
    faults.extend(attached.fault.map(|fault| ("files".to_owned(), fault)));
    let form = Form {
        nonce: page.nonce.clone(),
        kind,
        text: typed.text.clone(),
        subject: some(&typed.subject),
        name: some(&typed.name),
        addresses,
        language: Some(typed.language.unwrap_or_default()),
        site: office.site(&typed.site).map(|site| site.key.clone()),
        files: attached.files(),
        entered_by: Some(at.viewer.person.id),
        ..Form::default()
    };
    (form, faults)
}
