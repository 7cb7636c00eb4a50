//! What supervisors and administrators look after: people, stuck messages, stuck notices.

use super::{Casework, CaseworkError};
use crate::{
    access::{Access, Viewer},
    domain::{At, InboxId, Key, Language, NoticeId},
    store::{inbox::InboxEntry, notices::Notice, people::Person},
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

/// A page of what waits for a person, the newest first.
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Whether there is more below the last.
    pub more: bool,
}

impl<T> Page<T> {
    const ROWS: usize = 50;
    /// With one more row it is known whether there is a next page.
    const READ: i64 = Self::ROWS as i64 + 1;

    fn of(mut rows: Vec<T>) -> Self {
        let more = rows.len() > Self::ROWS;
        rows.truncate(Self::ROWS);
        Self { rows, more }
    }
}

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

    /// Raw messages in quarantine, from below `after` on.
    pub async fn quarantine(&self, viewer: &Viewer, after: Option<(At, InboxId)>) -> Result<Page<InboxEntry>, CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        Ok(Page::of(self.store.read().await?.quarantined(after, Page::<InboxEntry>::READ).await?))
    }

    /// The raw bytes of a message in quarantine, for a person to read.
    pub async fn quarantined_raw(&self, viewer: &Viewer, id: InboxId) -> Result<(InboxEntry, Vec<u8>), CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        let (entry, raw, _) = self.store.read().await?.inbox_raw(id).await?.ok_or(CaseworkError::NotFound)?;
        Ok((entry, raw))
    }

    /// Notices that were given up, from below `after` on.
    pub async fn stuck_notices(&self, viewer: &Viewer, after: Option<NoticeId>) -> Result<Page<StuckNotice>, CaseworkError> {
        if !viewer.may_supervise() {
            return Err(CaseworkError::NotFound);
        }
        Ok(Page::of(self.store.read().await?.dead_notices(after, Page::<StuckNotice>::READ).await?))
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
