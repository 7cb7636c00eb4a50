//! The attachments of messages, and files uploaded with a form that is not accepted yet.

use super::{
    StoreError, Tx,
    codec::storable,
    conn::{row, sql},
};
use crate::domain::{At, AttachmentId, BlobId, MessageId, TicketId};
use sha2::{Digest, Sha256};

/// A file on a message.
#[derive(Clone)]
pub struct Attachment {
    pub id: AttachmentId,
    pub message: MessageId,
    pub blob: Option<BlobId>,
    /// Made safe for show and for saving.
    pub name: String,
    /// As sniffed from the content.
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    pub inline: bool,
    /// Why there is no content: an i18n key.
    pub missing: Option<String>,
}

/// A file that waits for its form.
#[derive(Clone)]
pub struct Upload {
    pub blob: BlobId,
    pub name: String,
    pub content_type: String,
    /// In bytes.
    pub size: u64,
}

row! {
    struct AttachmentRow {
        id: AttachmentId,
        message_id: MessageId,
        blob_id: Option<BlobId>,
        name_sealed: Vec<u8>,
        content_type: String,
        size: i64,
        inline: bool,
        missing: Option<String>,
    }
}

row! {
    struct UploadRow {
        id: uuid::Uuid,
        blob_id: BlobId,
        name_sealed: Vec<u8>,
        content_type: String,
        size: i64,
    }
}

const NAME: &str = "attachment.name";
const UPLOAD_NAME: &str = "upload.name";

impl Tx {
    pub async fn insert_attachment(&mut self, attachment: &Attachment, position: i32) -> Result<(), StoreError> {
        let name = self.seal(NAME, attachment.id.0, attachment.name.as_bytes())?;
        sql!(
            self,
            execute,
            "INSERT INTO attachment (id, message_id, position, blob_id, name_sealed, content_type, size, inline, missing) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            attachment.id,
            attachment.message,
            position,
            attachment.blob,
            name,
            storable(&attachment.content_type),
            i64::try_from(attachment.size).unwrap_or(i64::MAX),
            attachment.inline,
            attachment.missing.as_deref()
        )?;
        Ok(())
    }

    /// All files of a ticket, in the order of its messages.
    pub async fn attachments(&mut self, ticket: TicketId) -> Result<Vec<Attachment>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as AttachmentRow,
            "SELECT a.id, a.message_id, a.blob_id, a.name_sealed, a.content_type, a.size, a.inline, a.missing FROM attachment a JOIN message m ON m.id = a.message_id \
             WHERE m.ticket_id = $1 ORDER BY m.seq, a.position",
            ticket
        )?;
        rows.into_iter().map(|row| self.open_attachment(row)).collect()
    }

    /// One file and the ticket it belongs to; whether it lies on an internal note.
    pub async fn attachment(&mut self, id: AttachmentId) -> Result<Option<(Attachment, TicketId, bool)>, StoreError> {
        let Some(row) = sql!(
            self,
            fetch_optional as AttachmentRow,
            "SELECT id, message_id, blob_id, name_sealed, content_type, size, inline, missing FROM attachment WHERE id = $1",
            id
        )?
        else {
            return Ok(None);
        };
        let (ticket, note): (TicketId, bool) =
            sql!(self, fetch_one as (TicketId, bool), "SELECT ticket_id, direction = 'note' FROM message WHERE id = $1", row.message_id)?;
        Ok(Some((self.open_attachment(row)?, ticket, note)))
    }

    fn open_attachment(&self, row: AttachmentRow) -> Result<Attachment, StoreError> {
        Ok(Attachment {
            id: row.id,
            message: row.message_id,
            blob: row.blob_id,
            name: self.open(NAME, row.id.0, &row.name_sealed)?,
            content_type: row.content_type,
            size: row.size.unsigned_abs(),
            inline: row.inline,
            missing: row.missing,
        })
    }

    /// Keeps an uploaded file under a secret token, and its content with it.
    pub async fn insert_upload(&mut self, token: &str, upload: &Upload, now: At) -> Result<(), StoreError> {
        let id = self.world.uuid();
        let name = self.seal(UPLOAD_NAME, id, upload.name.as_bytes())?;
        sql!(
            self,
            execute,
            "INSERT INTO upload (id, token_hash, blob_id, name_sealed, content_type, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            id,
            token_hash(token),
            upload.blob,
            name,
            storable(&upload.content_type),
            now
        )?;
        self.touch_blob(upload.blob, now).await?;
        Ok(())
    }

    /// The file under this token, if it was uploaded at or after `since`.
    pub async fn upload(&mut self, token: &str, since: At) -> Result<Option<Upload>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as UploadRow,
            "SELECT u.id, u.blob_id, u.name_sealed, u.content_type, b.size FROM upload u JOIN blob b ON b.id = u.blob_id WHERE u.token_hash = $1 AND u.created_at >= $2",
            token_hash(token),
            since
        )?;
        row.map(|row| {
            Ok(Upload {
                blob: row.blob_id,
                name: self.open(UPLOAD_NAME, row.id, &row.name_sealed)?,
                content_type: row.content_type,
                size: row.size.unsigned_abs(),
            })
        })
        .transpose()
    }

    /// Forgets uploads older than `before`.
    pub async fn sweep_uploads(&mut self, before: At) -> Result<u64, StoreError> {
        Ok(sql!(self, execute, "DELETE FROM upload WHERE created_at < $1", before)?)
    }
}

/// Secret tokens lie in the database as their SHA-256 only.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
