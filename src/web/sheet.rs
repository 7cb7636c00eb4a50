//! A form as a browser sends it: its values and its files, whichever of the two encodings the page chose.
//!
//! Files beyond a limit are read over, not kept, and named as a fault, so that the text beside them is never lost.

use super::{Web, network, pages::portal::Trouble, refused::Refused};
use crate::access::Throttle;
use axum::{
    Form,
    body::{Body, to_bytes},
    extract::{DefaultBodyLimit, FromRequest, Multipart, Request, multipart::Field},
    http::{StatusCode, header::CONTENT_TYPE},
};
use bytes::{Bytes, BytesMut};
use std::{sync::Arc, time::Duration};

/// The largest file, in bytes.
pub(super) const FILE_LIMIT: usize = 20 << 20;
/// The same in megabytes, as pages say it.
pub(super) const FILE_LIMIT_MB: u64 = (FILE_LIMIT >> 20) as u64;
/// All files of one request, in bytes.
const FILES_LIMIT: usize = 25 << 20;
/// Files with one form.
pub(super) const FILES: usize = 10;
/// One value, in bytes: more than the longest text that is taken, so that the page can say that it is too long.
const VALUE_LIMIT: usize = 256 << 10;
/// A form without files, in bytes.
const PLAIN_LIMIT: usize = 1 << 20;
const PARTS: usize = 200;
/// The longest pause in an upload.
const STALL: Duration = Duration::from_secs(30);

/// A file as it was chosen.
pub(super) struct Given {
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

/// A filled-in form.
#[derive(Default)]
pub(super) struct Sheet {
    values: Vec<(String, String)>,
    pub files: Vec<Given>,
    /// The key of what is wrong with the files.
    pub fault: Option<&'static str>,
}

impl Sheet {
    /// A text of several lines, trimmed; empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        clean(self.raw(name)).trim().to_owned()
    }

    /// One line.
    pub(super) fn line(&self, name: &str) -> String {
        clean(self.raw(name)).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// As it was sent, for a password.
    pub(super) fn raw(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The nonce that was drawn with the form; a new one when it is none of ours.
    pub(super) fn nonce(&self, web: &Web) -> String {
        let nonce = self.raw("nonce");
        let ours = nonce.len() == NONCE && nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if ours { nonce.to_owned() } else { new_nonce(web) }
    }

    async fn read(mut parts: Multipart) -> Result<Self, Refused> {
        let (mut sheet, mut total) = (Self::default(), 0usize);
        for _ in 0..PARTS {
            let Some(field) = in_time(parts.next_field()).await? else { return Ok(sheet) };
            let name = field.name().unwrap_or_default().to_owned();
            if field.file_name().is_none() {
                let (value, _) = content(field, VALUE_LIMIT).await?;
                sheet.values.push((name, String::from_utf8_lossy(&value).into_owned()));
                continue;
            }
            sheet.take_file(field, &mut total).await?;
        }
        Err(Trouble::Forged.into())
    }

    /// Reads a file; one without a name and without content was not chosen.
    async fn take_file(&mut self, field: Field<'_>, total: &mut usize) -> Result<(), Refused> {
        let name = field.file_name().unwrap_or_default().to_owned();
        let content_type = field.content_type().unwrap_or_default().to_owned();
        let room = if self.files.len() < FILES { FILE_LIMIT.min(FILES_LIMIT - *total) } else { 0 };
        let (bytes, size) = content(field, room).await?;
        if size == 0 {
            return Ok(());
        }
        if size > bytes.len() {
            self.fault = Some(if self.files.len() < FILES { "fault-file_too_big" } else { "fault-too_many_files" });
            return Ok(());
        }
        *total += size;
        self.files.push(Given { name, content_type, bytes });
        Ok(())
    }
}

/// The length of a nonce: 18 bytes in base64.
const NONCE: usize = 24;

/// Drawn with a form.
pub(super) fn new_nonce(web: &Web) -> String {
    web.casework.world().token::<18>()
}

/// The first `limit` bytes of a part, and how many it had.
async fn content(mut field: Field<'_>, limit: usize) -> Result<(Bytes, usize), Refused> {
    let (mut kept, mut size) = (BytesMut::new(), 0usize);
    while let Some(chunk) = in_time(field.chunk()).await? {
        size += chunk.len();
        let room = limit - kept.len();
        kept.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok((kept.freeze(), size))
}

async fn in_time<T>(step: impl Future<Output = Result<T, axum::extract::multipart::MultipartError>>) -> Result<T, Refused> {
    match tokio::time::timeout(STALL, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Trouble::TooLarge.into()),
        Ok(Err(_)) | Err(_) => Err(Trouble::Forged.into()),
    }
}

/// Line breaks as `\n`, and no other control characters.
fn clean(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

impl FromRequest<Arc<Web>> for Sheet {
    type Rejection = Refused;

    async fn from_request(request: Request, web: &Arc<Web>) -> Result<Self, Refused> {
        let multipart = request.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        if multipart {
            let parts = Multipart::from_request(request, web).await.map_err(|_| Trouble::Forged)?;
            return Self::read(parts).await;
        }
        let (head, body) = request.into_parts();
        let body = tokio::time::timeout(STALL, to_bytes(body, PLAIN_LIMIT)).await.map_err(|_| Trouble::Forged)?;
        if body.as_ref().is_ok_and(Bytes::is_empty) {
            return Ok(Self::default());
        }
        let request = Request::from_parts(head, Body::from(body.map_err(|_| Trouble::TooLarge)?));
        let Form(values) = Form::<Vec<(String, String)>>::from_request(request, web).await.map_err(|_| Trouble::Forged)?;
        Ok(Self { values, ..Self::default() })
    }
}

/// A form that somebody hands in who need not be known: counted before its body is read.
pub(super) struct HandedIn {
    pub sheet: Sheet,
    /// Whether their network may hand in another one now. If not, only what was typed is read, so that it goes back.
    pub allowed: bool,
}

impl FromRequest<Arc<Web>> for HandedIn {
    type Rejection = Refused;

    async fn from_request(mut request: Request, web: &Arc<Web>) -> Result<Self, Refused> {
        let network = network::of(request.extensions(), request.headers(), &web.settings.trusted_proxies);
        if web.access.allow(Throttle::SubmitNetwork, &network) {
            return Ok(Self { sheet: Sheet::from_request(request, web).await?, allowed: true });
        }
        DefaultBodyLimit::max(PLAIN_LIMIT).apply(&mut request);
        match Sheet::from_request(request, web).await {
            Ok(sheet) => Ok(Self { sheet: Sheet { files: Vec::new(), ..sheet }, allowed: false }),
            Err(Refused::Trouble(Trouble::TooLarge)) => Err(Trouble::TooManyAttempts.into()),
            Err(refused) => Err(refused),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_lose_control_characters_and_keep_their_lines() {
        let sheet = Sheet { values: vec![("text".into(), " a\r\nb\0\u{7}\rc ".into())], ..Sheet::default() };
        assert_eq!(sheet.text("text"), "a\nb\nc");
        assert_eq!(sheet.line("text"), "a b c");
        assert_eq!(sheet.text("none"), "");
    }
}
