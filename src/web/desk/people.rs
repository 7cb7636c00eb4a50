//! `/desk/people`: the staff, and links with which they set their password.

use super::SignedIn;
use crate::{
    access::AccessError,
    casework::Person,
    domain::{Key, PersonId},
    i18n::dates,
    web::{
        Web,
        pages::{
            desk::{AccountState, Invite, Member, People},
            portal::Trouble,
        },
        refused::{Answer, Refused},
        shell::drawn,
    },
};
use axum::extract::{Path, State};
use std::sync::Arc;

/// `GET /desk/people`
pub async fn show(State(web): State<Arc<Web>>, at: SignedIn) -> Answer {
    Ok(drawn(&page(&web, &at, None).await?))
}

/// `POST /desk/people/{key}/invite`: the link is shown here, once.
pub async fn invite(State(web): State<Arc<Web>>, at: SignedIn, Path(key): Path<String>) -> Answer {
    let key = Key::parse(&key).map_err(|_| Trouble::NotFound)?;
    let made = web.casework.invite(&at.viewer, &web.access, &key).await?;
    let invite = Invite { name: made.person.name.get(at.visit.language).to_owned(), url: made.url, until: made.until };
    Ok(drawn(&page(&web, &at, Some(invite)).await?))
}

async fn page(web: &Web, at: &SignedIn, invite: Option<Invite>) -> Result<People, Refused> {
    if !at.viewer.sees_all() {
        return Err(Trouble::NotAllowed.into());
    }
    let people = web.casework.people(&at.viewer).await?;
    let invited = web.access.all_invited().await.map_err(AccessError::from)?;
    Ok(People {
        frame: at.frame(web, "/desk/people"),
        viewer: at.shown(),
        members: people.iter().filter(|person| person.active).map(|person| member(web, at, person, &invited)).collect(),
        invites: at.viewer.is_admin(),
        invite,
    })
}

fn member(web: &Web, at: &SignedIn, person: &Person, invited: &[PersonId]) -> Member {
    let language = at.visit.language;
    let zone = &web.casework.calendar().zone;
    // Absence ends with the end of its last day, which is the first moment of the next.
    let last_day = |until: crate::domain::At| dates::short_date(language, until.minus(std::time::Duration::from_micros(1)), zone);
    Member {
        key: person.key.to_string(),
        name: person.name.get(language).to_owned(),
        role: person.role,
        departments: web.casework.office().departments_of(&person.key).map(|d| d.name.get(language).to_owned()).collect(),
        email: person.email.as_ref().map(|email| email.value().to_owned()),
        absent_until: person.absent_until.filter(|until| *until > web.access.now()).map(last_day),
        account: match person.password_hash {
            Some(_) => AccountState::Active,
            None if invited.contains(&person.id) => AccountState::Invited,
            None => AccountState::None,
        },
    }
}
