//! The way in: sign-in, sign-out, and the first password by a link that works once.

use crate::{
    access::{AccessError, KNOWN, SESSION},
    domain::Language,
    web::{
        Web, links,
        pages::{
            Faults,
            desk::{SignIn, Welcome},
            portal::Trouble,
        },
        refused::{Answer, Refused},
        sheet::Sheet,
        shell::{drawn, drawn_with},
        visit::{Cookie, LANGUAGE, Visit},
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// `GET /desk/sign-in`
pub async fn show(State(web): State<Arc<Web>>, visit: Visit) -> Answer {
    let next = links::in_desk(visit.asked("next")).to_owned();
    if let Some(token) = visit.cookie(Cookie::Session)
        && let Ok(Some(_)) = web.access.session(token, web.casework.office()).await
    {
        return Err(Refused::Elsewhere(next));
    }
    Ok(drawn(&SignIn { frame: visit.frame(&web, &visit.path), email: String::new(), next, fault: None }))
}

/// `POST /desk/sign-in`
pub async fn sign_in(State(web): State<Arc<Web>>, visit: Visit, sheet: Sheet) -> Answer {
    let (email, next) = (sheet.line("email"), links::in_desk(sheet.raw("next")).to_owned());
    let (status, fault) = match web.access.sign_in(&email, sheet.raw("password"), visit.origin()).await {
        Ok(entered) => {
            let mut response = open(&web, &entered.session, &next).await?;
            Cookie::Known.set(&web, &mut response, &entered.known, KNOWN);
            return Ok(response);
        }
        Err(AccessError::Throttled) => (StatusCode::TOO_MANY_REQUESTS, "fault-sign_in_wait"),
        Err(AccessError::Store(error)) => return Err(AccessError::Store(error).into()),
        Err(_) => (StatusCode::FORBIDDEN, "fault-sign_in"),
    };
    let path = format!("/desk/sign-in?next={}", links::encoded(&next));
    Ok(drawn_with(status, &SignIn { frame: visit.frame(&web, &path), email, next, fault: Some(fault) }))
}

/// Goes to `next` with a new session, in the person's language from here on.
async fn open(web: &Web, token: &str, next: &str) -> Answer {
    let mut response = Redirect::to(next).into_response();
    Cookie::Session.set(web, &mut response, token, SESSION);
    if let Ok(Some(viewer)) = web.access.session(token, web.casework.office()).await {
        speak(web, &mut response, viewer.person.language);
    }
    Ok(response)
}

/// The language of pages that are drawn before it is known who asks.
pub fn speak(web: &Web, response: &mut Response, language: Language) {
    Cookie::Language.set(web, response, language.code(), LANGUAGE);
}

/// `POST /desk/sign-out`
pub async fn sign_out(State(web): State<Arc<Web>>, visit: Visit) -> Answer {
    if let Some(token) = visit.cookie(Cookie::Session) {
        web.access.sign_out(token).await.map_err(AccessError::from)?;
    }
    let mut response = Redirect::to("/desk/sign-in?done=signed_out").into_response();
    Cookie::Session.clear(&web, &mut response);
    Ok(response)
}

/// `GET /desk/welcome/{token}`
pub async fn welcome(State(web): State<Arc<Web>>, visit: Visit, Path(token): Path<String>) -> Answer {
    Ok(drawn(&invited(&web, &visit, token).await?))
}

/// `POST /desk/welcome/{token}`
pub async fn set_password(State(web): State<Arc<Web>>, visit: Visit, Path(token): Path<String>, sheet: Sheet) -> Answer {
    let mut page = invited(&web, &visit, token).await?;
    let password = sheet.raw("password");
    let fault = if password != sheet.raw("again") {
        ("again", "fault-password_differs")
    } else {
        match web.access.accept_invitation(&page.token, password).await {
            Ok(session) => return open(&web, &session, "/desk").await,
            Err(error) => ("password", password_fault(error)?),
        }
    };
    page.faults = Faults::from([(fault.0.to_owned(), fault.1)]);
    Ok(drawn_with(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// What is wrong with a new password.
///
/// # Errors
/// When it is not the password that is at fault.
pub fn password_fault(error: AccessError) -> Result<&'static str, Refused> {
    match error {
        AccessError::PasswordShort => Ok("fault-password_short"),
        AccessError::PasswordLong => Ok("fault-too_long"),
        AccessError::Unknown => Err(Trouble::Expired.into()),
        error => Err(error.into()),
    }
}

async fn invited(web: &Web, visit: &Visit, token: String) -> Result<Welcome, Refused> {
    let person = web.access.invited(&token).await.map_err(AccessError::from)?.ok_or(Trouble::Expired)?;
    let name = person.name.get(visit.language).to_owned();
    Ok(Welcome { frame: visit.frame(web, &visit.path), token, name, faults: Faults::new() })
}
