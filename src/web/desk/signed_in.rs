//! Who is at the desk.

use crate::{
    access::Viewer,
    casework::CaseworkError,
    web::{
        Web, links,
        pages::{self, Frame, Place},
        refused::Refused,
        visit::{Cookie, Visit},
    },
};
use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use std::sync::Arc;

/// A member of staff with a session. Asking for it sends everybody else to the way in, and from there back.
pub struct SignedIn {
    pub viewer: Viewer,
    pub visit: Visit,
}

impl SignedIn {
    /// The frame of the page at `path`, in the viewer's language.
    pub fn frame(&self, web: &Web, path: &str) -> Frame {
        self.visit.frame(web, path)
    }

    /// The viewer as pages show them.
    pub fn shown(&self) -> pages::Viewer {
        let person = &self.viewer.person;
        let may = |place: &Place| match place {
            Place::Queue | Place::New | Place::Account => true,
            Place::People => self.viewer.sees_all(),
            Place::Inbox | Place::Outbox => self.viewer.may_supervise(),
        };
        let places = Place::ALL.iter().copied().filter(may).collect();
        pages::Viewer { name: person.name.get(self.visit.language).to_owned(), role: person.role, places }
    }
}

impl FromRequestParts<Arc<Web>> for SignedIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let Ok(mut visit) = Visit::from_request_parts(parts, web).await;
        if let Some(token) = visit.cookie(Cookie::Session) {
            let viewer = web.access.session(token, web.casework.office()).await.map_err(CaseworkError::from)?;
            if let Some(viewer) = viewer {
                visit.language = viewer.person.language;
                return Ok(Self { viewer, visit });
            }
        }
        // What was being sent cannot be sent again from the way in: one comes back to the page it stood on.
        let next = if parts.method == Method::GET { visit.path.as_str() } else { page_of(parts.uri.path()) };
        Err(Refused::Elsewhere(format!("/desk/sign-in?next={}", links::encoded(next))))
    }
}

/// The page on which the form stands that is sent to this path.
fn page_of(path: &str) -> &str {
    let mut parts = path.splitn(5, '/');
    match (parts.nth(2), parts.next()) {
        (Some("tickets"), Some(reference)) => &path[..("/desk/tickets/".len() + reference.len())],
        (Some(place @ ("new" | "people" | "inbox" | "outbox" | "account")), _) => &path[..("/desk/".len() + place.len())],
        _ => "/desk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_its_page() {
        for (path, page) in [
            ("/desk/tickets/26-004183-4/reply", "/desk/tickets/26-004183-4"),
            ("/desk/inbox/019a/replay", "/desk/inbox"),
            ("/desk/new", "/desk/new"),
            ("/desk/sign-out", "/desk"),
            ("/desk", "/desk"),
        ] {
            assert_eq!(page_of(path), page);
        }
    }
}
