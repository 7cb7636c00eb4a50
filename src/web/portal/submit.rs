//! `/submit/{kind}`: the form, checked, with everything kept until it is sent.

use super::{kept_for_back, receipt};
use crate::{
    channel::{ChannelKind, portal::Form},
    domain::{Input, Kind, Language},
    i18n::words::fault_key,
    web::{
        Web,
        attached::Attached,
        pages::{
            Faults, Flash, KeptFile,
            portal::{Submit, Trouble, Typed},
        },
        refused::{Answer, Refused},
        sending::{addresses, check_lines, check_text, hand_in, some},
        sheet::{FILE_LIMIT_MB, HandedIn, Sheet, new_nonce},
        shell::{drawn, drawn_with},
        visit::Visit,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use std::{collections::BTreeMap, sync::Arc};

/// `GET /submit/{kind}`
pub async fn open(State(web): State<Arc<Web>>, visit: Visit, Path(kind): Path<String>) -> Answer {
    let kind = offered(&web, &kind)?;
    Ok(kept_for_back(drawn(&page(&web, &visit, kind, new_nonce(&web), Typed::default()))))
}

/// `POST /submit/{kind}`
pub async fn send(State(web): State<Arc<Web>>, visit: Visit, Path(kind): Path<String>, handed_in: HandedIn) -> Answer {
    let kind = offered(&web, &kind)?;
    let HandedIn { mut sheet, allowed } = handed_in;
    let (nonce, typed) = (sheet.nonce(&web), typed(&sheet, kind));
    let mut page = page(&web, &visit, kind, nonce, typed);
    if !allowed {
        page.frame.flash = Some(Flash::Refused("refused-too_often"));
        return Ok(drawn_with(StatusCode::TOO_MANY_REQUESTS, &page));
    }
    let attached = Attached::store(&web, &mut sheet).await;
    let (form, faults) = checked(&page, &attached);
    if !faults.is_empty() {
        page.faults = faults;
        page.kept = attached.hold(&web).await;
        return Ok(drawn_with(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let accepted = if attached.lost { None } else { hand_in(&web, &form, ChannelKind::Portal, "web").await? };
    match accepted {
        Some(accepted) => receipt::hand_over(&web, &visit, &accepted, !page.typed.phone.is_empty()),
        None => Ok(again(page, attached.hold(&web).await)),
    }
}

/// Nothing was stored: the form comes back whole.
fn again(mut page: Submit, kept: Vec<KeptFile>) -> axum::response::Response {
    page.kept = kept;
    page.frame.flash = Some(Flash::Refused("refused-not_taken"));
    drawn_with(StatusCode::SERVICE_UNAVAILABLE, &page)
}

fn offered<'a>(web: &'a Web, kind: &str) -> Result<&'a Kind, Refused> {
    Ok(web.casework.office().kind(kind).filter(|kind| kind.portal).ok_or(Trouble::NotFound)?)
}

fn page(web: &Web, visit: &Visit, kind: &Kind, nonce: String, typed: Typed) -> Submit {
    Submit {
        frame: visit.frame(web, &format!("/submit/{}", kind.key)),
        kind: kind.clone(),
        nonce,
        typed,
        faults: Faults::new(),
        kept: Vec::new(),
        file_limit_mb: FILE_LIMIT_MB,
    }
}

fn typed(sheet: &Sheet, kind: &Kind) -> Typed {
    let answers = kind.fields.iter().map(|field| {
        let name = format!("field-{}", field.key);
        let answer = if field.input == Input::Paragraph { sheet.text(&name) } else { sheet.line(&name) };
        (field.key.to_string(), answer)
    });
    Typed {
        answers: answers.collect(),
        text: sheet.text("text"),
        name: sheet.line("name"),
        phone: sheet.line("phone"),
        email: sheet.line("email"),
        language: sheet.raw("language").parse::<Language>().ok(),
        declared: sheet.raw("declare") == "yes",
    }
}

/// The form as it would be sent, and what is wrong with it by input.
fn checked(page: &Submit, attached: &Attached) -> (Form, Faults) {
    let (typed, mut faults) = (&page.typed, Faults::new());
    let mut fields = BTreeMap::new();
    for field in &page.kind.fields {
        let answer = typed.answers.get(field.key.as_str()).map_or("", String::as_str);
        match field.read(answer) {
            Ok(answer) if answer.is_empty() => {}
            Ok(answer) => {
                fields.insert(field.key.to_string(), answer);
            }
            Err(fault) => {
                faults.insert(format!("field-{}", field.key), fault_key(fault));
            }
        }
    }
    check_text(&typed.text, !attached.is_empty(), &mut faults);
    check_lines([("name", typed.name.as_str())], &mut faults);
    let addresses = addresses(&typed.email, &typed.phone, &mut faults);
    if let Some(fault) = attached.fault {
        faults.insert("files".to_owned(), fault);
    }
    if !typed.declared {
        faults.insert("declare".to_owned(), "fault-declare");
    }
    let form = Form {
        nonce: page.nonce.clone(),
        kind: Some(page.kind.key.clone()),
        fields,
        text: typed.text.clone(),
        name: some(&typed.name),
        addresses,
        language: Some(typed.language.unwrap_or(page.frame.language)),
        files: attached.files(),
        ..Form::default()
    };
    (form, faults)
}
