//! `/desk/account`: the viewer's own password, absence and language.

use super::{
    SignedIn,
    door::{password_fault, speak},
};
use crate::{
    access::{AccessError, SESSION},
    domain::{At, Language, folding::latin_digits},
    web::{
        Web,
        pages::{Faults, desk::Account, portal::Trouble},
        refused::{Answer, Refused},
        sheet::Sheet,
        shell::{drawn, drawn_with},
        visit::Cookie,
    },
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use jiff::{ToSpan, civil::Date};
use std::{sync::Arc, time::Duration};

/// `GET /desk/account`
pub async fn show(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    Ok(drawn(&page(&web, &at, Faults::new())))
}

/// `POST /desk/account/password`: the other sessions end.
pub async fn password(State(web): State<Arc<Web>>, at: SignedIn, sheet: Sheet) -> Answer {
    let new = sheet.raw("password");
    let fault = if new == sheet.raw("again") {
        match web.access.change_password(&at.viewer.person, sheet.raw("current"), new).await {
            Ok(token) => {
                let mut response = done("password_changed");
                Cookie::Session.set(&web, &mut response, &token, SESSION);
                return Ok(response);
            }
            Err(AccessError::Unknown) => ("current", "fault-password_wrong"),
            Err(AccessError::Throttled) => ("current", "fault-sign_in_wait"),
            Err(error) => ("password", password_fault(error)?),
        }
    } else {
        ("again", "fault-password_differs")
    };
    Ok(drawn_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&web, &at, Faults::from([(fault.0.to_owned(), fault.1)]))))
}

/// `POST /desk/account/absence`
pub async fn absence(State(web): State<Arc<Web>>, at: SignedIn, sheet: Sheet) -> Answer {
    let typed = latin_digits(&sheet.line("until"));
    let until = if typed.is_empty() { Ok(None) } else { end_of(&web, &typed).map(Some).ok_or(()) };
    let Ok(until) = until else {
        let faults = Faults::from([("until".to_owned(), "fault-not_a_date")]);
        let page = Account { absent_until: typed, ..page(&web, &at, faults) };
        return Ok(drawn_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    web.casework.set_absence(&at.viewer, &at.viewer.person.key, until).await?;
    Ok(done("saved"))
}

/// `POST /desk/account/language`
pub async fn language(State(web): State<Arc<Web>>, at: SignedIn, sheet: Sheet) -> Answer {
    let language: Language = sheet.raw("language").parse().map_err(|()| Refused::from(Trouble::Forged))?;
    web.casework.set_language(&at.viewer, language).await?;
    let mut response = done("saved");
    speak(&web, &mut response, language);
    Ok(response)
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("/desk/account?done={what}")).into_response()
}

/// The first moment after the day, in the office's time zone.
fn end_of(web: &Web, day: &str) -> Option<At> {
    let next = day.parse::<Date>().ok()?.checked_add(1.day()).ok()?;
    let midnight = next.to_zoned_datetime(web.casework.calendar().zone.clone()).ok()?;
    Some(At::from(midnight.timestamp()))
}

fn page(web: &Web, at: &SignedIn, faults: Faults) -> Account {
    let person = &at.viewer.person;
    let zone = web.casework.calendar().zone.clone();
    let last_day = |until: At| until.minus(Duration::from_micros(1)).timestamp().to_zoned_datetime(zone).date().to_string();
    Account {
        frame: at.frame(web, "/desk/account"),
        viewer: at.shown(),
        absent_until: person.absent_until.filter(|until| *until > web.access.now()).map(last_day).unwrap_or_default(),
        language: person.language,
        faults,
    }
}
