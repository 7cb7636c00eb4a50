//! What supervisors and administrators look after: people, stuck messages, stuck notices.

use super::{Casework, CaseworkError};
use crate::{
    access::{Access, Viewer},
    domain::{At, InboxId, Key, Language, NoticeId},
    store::{
        inbox::{InboxEntry, InboxState},
        notices::{Notice, NoticeState},
        people::Person,
    },
};
use futures_util::FutureExt;

/// A one-time link for setting a password.
#[derive(Clone)]
pub struct Invitation {
    pub person: Person,
    pub url: String,
    pub until: At,
}

/// A notice that was given up, with how often it was tried.
pub type StuckNotice = Notice;

const LIST: i64 = 200;

impl Casework {
    pub async fn people(&self, _viewer: &Viewer) -> Result<Vec<Person>, CaseworkError> {
        Ok(self.store.read().await?.people().await?)
    }

    /// A link with which a person sets their password; only administrators give them out.
    pub async fn invite(&self, viewer: &Viewer, access: &Access, key: &Key) -> Result<Invitation, CaseworkError> {
        if !viewer.is_admin() {
            return Err(CaseworkError::NotFound);
        }
        let person = self.store.read().await?.person_by_key(key).await?.ok_or(CaseworkError::NotFound)?;
        let token = access.invite(person.id).await?;
        let until = self.world().now().plus(crate::access::INVITATION);
        Ok(Invitation { person, url: format!("{}/desk/welcome/{token}", self.public_url), until })
    }

    /// Says until when somebody is away; `None`: they are back. Everybody for themselves, supervisors for all.
    pub async fn set_absence(&self, viewer: &Viewer, key: &Key, until: Option<At>) -> Result<(), CaseworkError> {
        if viewer.person.key != *key && !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        let person = self.store.read().await?.person_by_key(key).await?.ok_or(CaseworkError::NotFound)?;
        Ok(self.store.write(move |tx| async move { tx.set_absence(person.id, until).await }.boxed()).await?)
    }

    pub async fn set_language(&self, viewer: &Viewer, language: Language) -> Result<(), CaseworkError> {
        let id = viewer.person.id;
        Ok(self.store.write(move |tx| async move { tx.set_language(id, language).await }.boxed()).await?)
    }

    pub async fn quarantine(&self, viewer: &Viewer) -> Result<Vec<InboxEntry>, CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        Ok(self.store.read().await?.list_inbox(Some(InboxState::Quarantined), LIST).await?)
    }

    /// The raw bytes of a message in quarantine, for a person to read.
    pub async fn quarantined_raw(&self, viewer: &Viewer, id: InboxId) -> Result<(InboxEntry, Vec<u8>), CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        let (entry, raw, _) = self.store.read().await?.inbox_raw(id).await?.ok_or(CaseworkError::NotFound)?;
        Ok((entry, raw))
    }

    pub async fn stuck_notices(&self, viewer: &Viewer) -> Result<Vec<StuckNotice>, CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        Ok(self.store.read().await?.list_notices(Some(NoticeState::Dead), LIST).await?)
    }

    /// Makes a given-up notice due again.
    pub async fn resend(&self, viewer: &Viewer, id: NoticeId) -> Result<(), CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        let now = self.world().now();
        let revived = self.store.write(move |tx| async move { tx.revive_notice(id, now).await }.boxed()).await?;
        self.outbox.wake();
        if revived { Ok(()) } else { Err(CaseworkError::NotFound) }
    }

    /// How many messages are in quarantine and how many notices were given up.
    pub async fn stuck_counts(&self) -> Result<(i64, i64), CaseworkError> {
        let mut read = self.store.read().await?;
        Ok((read.quarantine_counts().await?.into_iter().map(|(_, n)| n).sum(), read.dead_count().await?))
    }
}
