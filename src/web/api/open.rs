//! POST /api/v1/tickets: a matter that somebody told another system becomes a ticket, through `intake` like every message.

use super::{
    super::{
        Web,
        problem::{Code, Problem},
    },
    body::{Body, Decoded, decoded},
    caller::Writes,
    once,
    shapes::{
        Held, NewSender, NewTicket, Opened, ProblemDocument,
        refusals::{Shut, Unfit},
    },
};
use crate::{
    casework::{CaseworkError, read_address},
    channel::{
        ChannelKind, InboundSink, Taken,
        portal::{Form, FormFile},
        webhook::parse::{FIELD_COUNT, FIELD_LIMIT, ID_LIMIT, SUBJECT_LIMIT, TEXT_LIMIT, clean, line, name},
    },
    domain::{Address, Key, Kind, Language, Office, Scheme, StakeholderGroup, kind::FieldFault},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Open a ticket
///
/// Answers only after everything is stored. The ticket is routed, its owner is alerted, and the sender is told the reference
/// where an address was given. Send an `Idempotency-Key` of your own with every message and repeat the request until it is
/// answered: a repeat with the same key and the same message answers with the first ticket and opens no second one.
#[utoipa::path(
    post,
    path = "/api/v1/tickets",
    tag = "tickets",
    operation_id = "openTicket",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255, description = "A name for this message that your system uses once.", example = "crm-48213")),
    request_body(content = NewTicket, description = "The matter. Needs a text, fields or attachments."),
    responses(
        (status = 201, description = "Opened.", body = Opened, headers(("Location" = String, description = "Where the interface shows the ticket."))),
        (status = 200, description = "Opened before, by a request with the same Idempotency-Key.", body = Opened),
        (status = 202, description = "Stored, and a person has to look at it before it becomes a ticket.", body = Held),
        Unfit,
        Shut,
        (status = 422, description = "The Idempotency-Key was used before, for another message.", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["tickets:write"]))
)]
pub async fn open(
    State(web): State<Arc<Web>>,
    Writes(caller): Writes,
    headers: HeaderMap,
    Body(mut given): Body<NewTicket>,
) -> Result<Response, Problem> {
    let nonce = once::name(&caller, &headers)?.unwrap_or_else(|| once::new_name(&web));
    let files = decoded(std::mem::take(&mut given.attachments))?;
    let mut form = form(given, web.casework.office(), nonce, !files.is_empty())?;
    form.files = kept(&web, files).await?;
    let inbound = form.inbound(ChannelKind::Api, "api");
    let copy = inbound.clone();
    let taken = web.intake.deliver(inbound).await.map_err(|_| Problem::new(Code::Unavailable))?;
    let repeated = matches!(taken, Taken::Duplicate(_));
    if repeated && web.intake.contradicts_the_first(&copy).await.map_err(CaseworkError::from)? {
        return Err(Problem::new(Code::KeyReused));
    }
    Ok(match taken {
        Taken::Accepted(accepted) | Taken::Duplicate(Some(accepted)) => {
            let opened = Opened::new(&accepted, web.casework.public_url());
            let status = if repeated { StatusCode::OK } else { StatusCode::CREATED };
            (status, [(LOCATION, opened.url.clone())], Json(opened)).into_response()
        }
        Taken::Duplicate(None) | Taken::Quarantined => (StatusCode::ACCEPTED, Json(Held { status: "quarantined" })).into_response(),
    })
}

async fn kept(web: &Web, files: Vec<Decoded>) -> Result<Vec<FormFile>, Problem> {
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        kept.push(web.intake.keep_file(&file.name, &file.content_type, file.bytes).await.map_err(CaseworkError::from)?);
    }
    Ok(kept)
}

/// What is said, checked against the office.
fn form(given: NewTicket, office: &Office, nonce: String, has_files: bool) -> Result<Form, Problem> {
    let kind = known("kind", given.kind.as_deref(), office.kinds.iter().map(|kind| &kind.key))?;
    let site = known("site", given.site.as_deref(), office.sites.iter().map(|site| &site.key))?;
    let fields = fields(given.fields, kind.as_ref().and_then(|kind| office.kind(kind.as_str())))?;
    let text = limited("text", clean(&given.text), TEXT_LIMIT)?;
    if text.trim().is_empty() && fields.is_empty() && !has_files {
        return Err(Problem::new(Code::Empty).at("text").because("neither text, nor fields, nor attachments"));
    }
    let NewSender { name: sender, address, language, group } = given.sender;
    Ok(Form {
        nonce,
        kind,
        fields,
        text,
        subject: optional(given.subject, line, "subject", SUBJECT_LIMIT)?,
        name: sender.as_deref().map(name).filter(|name| !name.is_empty()),
        addresses: address_of(address.as_deref())?.iter().map(Address::to_string).collect(),
        group: group_of(group.as_deref())?,
        language: language_of(language.as_deref())?,
        site,
        external_id: optional(given.external_id, line, "external_id", ID_LIMIT)?,
        ..Form::default()
    })
}

fn optional(given: Option<String>, spell: fn(&str) -> String, at: &str, limit: usize) -> Result<Option<String>, Problem> {
    let text = limited(at, spell(&given.unwrap_or_default()), limit)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn limited(at: &str, text: String, limit: usize) -> Result<String, Problem> {
    if text.chars().count() > limit { Err(Problem::value(at, format!("more than {limit} characters"))) } else { Ok(text) }
}

fn known<'a>(at: &str, given: Option<&str>, keys: impl Iterator<Item = &'a Key>) -> Result<Option<Key>, Problem> {
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else { return Ok(None) };
    let keys: Vec<&Key> = keys.collect();
    let found = keys.iter().find(|key| key.as_str() == given).copied().cloned();
    let names = || keys.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| Problem::value(at, format!("must be one of {}", names())))
}

/// Only addresses that people have: a caller must not write in the name of another system's senders.
fn address_of(given: Option<&str>) -> Result<Option<Address>, Problem> {
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else { return Ok(None) };
    let personal = |address: &Address| matches!(address.scheme(), Scheme::Mailto | Scheme::Tel | Scheme::Telegram | Scheme::Sandbox);
    let wrong = || Problem::value("sender.address", "must be mailto:…, tel:…, a plain e-mail address or telephone number");
    read_address(given).filter(personal).map(Some).ok_or_else(wrong)
}

fn group_of(given: Option<&str>) -> Result<Option<StakeholderGroup>, Problem> {
    let names = || StakeholderGroup::ALL.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(", ");
    given.map(|group| group.parse().map_err(|()| Problem::value("sender.group", format!("must be one of {}", names())))).transpose()
}

fn language_of(given: Option<&str>) -> Result<Option<Language>, Problem> {
    given.map(|tag| Language::from_tag(tag).ok_or_else(|| Problem::value("sender.language", "must be ar or en"))).transpose()
}

/// Answers in the spelling of the kind's form. What the form requires may be missing: the office asks back.
fn fields(given: BTreeMap<String, Value>, kind: Option<&Kind>) -> Result<BTreeMap<String, String>, Problem> {
    if given.len() > FIELD_COUNT {
        return Err(Problem::value("fields", format!("more than {FIELD_COUNT} fields")));
    }
    let mut fields = BTreeMap::new();
    for (key, value) in given {
        let place = format!("fields.{}", name(&key));
        let text = match value {
            Value::Null => continue,
            Value::String(text) => limited(&place, clean(&text), FIELD_LIMIT)?,
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Array(_) | Value::Object(_) => return Err(Problem::value(place, "must be a text, a number or a truth value")),
        };
        let text = match kind {
            Some(kind) => answer(kind, &key, &text).map_err(|reason| Problem::value(place, reason))?,
            None => text.trim().to_owned(),
        };
        if !text.is_empty() {
            fields.insert(name(&key), text);
        }
    }
    Ok(fields)
}

fn answer(kind: &Kind, key: &str, text: &str) -> Result<String, String> {
    let names = || kind.fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>().join(", ");
    let field = kind.fields.iter().find(|field| field.key.as_str() == key);
    let field = field.ok_or_else(|| format!("the form of {} has no such field; it has {}", kind.key, names()))?;
    match field.read(text) {
        Ok(answer) => Ok(answer),
        Err(FieldFault::Missing) => Ok(String::new()),
        Err(FieldFault::TooLong) => Err(format!("more than {} characters", field.limit())),
        Err(FieldFault::NotANumber) => Err("must be a whole number".to_owned()),
        Err(FieldFault::NotADate) => Err("must be a date such as 2026-09-01".to_owned()),
        Err(FieldFault::NotOffered) => {
            let offered = field.options.iter().map(|option| option.key.as_str()).collect::<Vec<_>>().join(", ");
            Err(format!("must be one of {offered}"))
        }
    }
}
