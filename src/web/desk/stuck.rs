//! `/desk/inbox` and `/desk/outbox`: messages that could not be processed, and notices that were given up.

use super::SignedIn;
use crate::{
    casework::{FileContent, InboxEntry, Notice},
    channel::Taken,
    domain::{Address, At, ChannelKind, InboxId, NoticeId},
    intake::{ReplayError, Replayed},
    web::{
        Web, download,
        pages::{
            desk::{FailedNotice, Inbox, Outbox, Quarantined},
            portal::Trouble,
        },
        refused::{Answer, Refused, broken},
        shell::drawn,
    },
};
use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect},
};
use std::sync::Arc;

fn supervises(at: &SignedIn) -> Result<(), Refused> {
    if at.viewer.may_supervise() { Ok(()) } else { Err(Trouble::NotAllowed.into()) }
}

/// `GET /desk/inbox`
pub async fn inbox(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    supervises(&at)?;
    let cursor = at.visit.asked("cursor").split_once('-');
    let after = cursor.and_then(|(moment, id)| Some((At(moment.parse().ok()?), id.parse().ok()?)));
    let page = web.casework.quarantine(&at.viewer, after).await?;
    let next = page.rows.last().filter(|_| page.more).map(|last| format!("{}-{}", last.received_at.micros(), last.id));
    let rows = page.rows.into_iter().map(quarantined).collect();
    Ok(drawn(&Inbox { frame: at.frame(&web, &at.visit.path), viewer: at.shown(), rows, next }))
}

fn quarantined(entry: InboxEntry) -> Quarantined {
    Quarantined {
        id: entry.id.to_string(),
        channel: entry.channel,
        account: entry.account,
        at: entry.received_at,
        size: entry.size,
        reason: entry.trouble.unwrap_or_default(),
    }
}

/// `POST /desk/inbox/{id}/replay`
pub async fn replay(State(web): State<Arc<Web>>, at: SignedIn, Path(id): Path<String>) -> Answer {
    supervises(&at)?;
    let id: InboxId = id.parse().map_err(|_| Trouble::NotFound)?;
    let said = match web.intake.replay(id).await {
        Ok(Replayed::Taken(Taken::Quarantined)) => "refused=still_broken",
        Ok(_) => "done=replayed",
        Err(ReplayError::NotFound) => return Err(Trouble::NotFound.into()),
        Err(error) => return Err(broken(error).into()),
    };
    Ok(Redirect::to(&format!("/desk/inbox?{said}")).into_response())
}

/// `GET /desk/inbox/{id}/raw`: the bytes as they came, as plain text to be saved.
pub async fn raw(State(web): State<Arc<Web>>, at: SignedIn, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    supervises(&at)?;
    let id: InboxId = id.parse().map_err(|_| Trouble::NotFound)?;
    let (entry, bytes) = web.casework.quarantined_raw(&at.viewer, id).await?;
    let ending = if entry.content_type == "message/rfc822" { "eml" } else { "txt" };
    let content = FileContent { name: format!("{id}.{ending}"), content_type: "text/plain".to_owned(), bytes: bytes.into() };
    Ok(download::file(content, &headers))
}

/// `GET /desk/outbox`
pub async fn outbox(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    supervises(&at)?;
    let page = web.casework.stuck_notices(&at.viewer, at.visit.asked("cursor").parse().ok()).await?;
    let next = page.rows.last().filter(|_| page.more).map(|last| last.id.to_string());
    let rows = page.rows.into_iter().map(failed).collect();
    Ok(drawn(&Outbox { frame: at.frame(&web, &at.visit.path), viewer: at.shown(), rows, next }))
}

fn failed(notice: Notice) -> FailedNotice {
    FailedNotice {
        id: notice.id.to_string(),
        reference: notice.reference.map(|reference| reference.to_string()),
        subject: if notice.content.subject.is_empty() { notice.kind } else { notice.content.subject },
        to: notice.to.as_ref().map(Address::masked).unwrap_or_default(),
        channel: notice.channel.unwrap_or(ChannelKind::Portal),
        code: notice.reason.unwrap_or_default(),
        attempts: notice.attempts.into(),
        at: notice.finished_at.unwrap_or(notice.created_at),
    }
}

/// `POST /desk/outbox/{id}/resend`
pub async fn resend(State(web): State<Arc<Web>>, at: SignedIn, Path(id): Path<String>) -> Answer {
    let id: NoticeId = id.parse().map_err(|_| Trouble::NotFound)?;
    web.casework.resend(&at.viewer, id).await?;
    Ok(Redirect::to("/desk/outbox?done=resent").into_response())
}
