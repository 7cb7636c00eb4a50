//! The files of a message: stored once, their names made safe, their types taken from their content.

use crate::{
    channel::{Content, InboundAttachment, InboundMessage},
    domain::{AttachmentId, MessageId},
    store::{Store, StoreError, files::Attachment},
};

/// The longest name that is kept, in characters.
const NAME: usize = 120;

/// Stores the contents; the answer is the message without them, and the files ready to be written beside it.
pub(super) async fn store(store: &Store, mut message: InboundMessage) -> Result<(InboundMessage, Vec<Attachment>), StoreError> {
    let mut files = Vec::with_capacity(message.attachments.len());
    for (number, attachment) in std::mem::take(&mut message.attachments).into_iter().enumerate() {
        let InboundAttachment { name, content_type, inline, content } = attachment;
        let declared = content_type.unwrap_or_default();
        let (blob, size, missing, content_type) = match content {
            Content::Bytes(bytes) => {
                let kind = sniff(&bytes, &declared);
                let blob = store.keep_blob(bytes).await?;
                (Some(blob.id), blob.size, None, kind)
            }
            Content::Kept { blob, size } => (Some(blob), size, None, safe_type(&declared)),
            Content::Missing { reason } => (None, 0, Some(reason.to_owned()), safe_type(&declared)),
        };
        files.push(Attachment {
            id: AttachmentId::new(store.world()),
            // Set when the message is written.
            message: MessageId(uuid::Uuid::nil()),
            blob,
            name: safe_name(name.as_deref().unwrap_or_default(), number, &content_type),
            content_type,
            size,
            inline,
            missing,
        });
    }
    Ok((message, files))
}

/// The type as the content shows it; the declared one where the content shows none and it can do no harm.
pub fn sniff(bytes: &[u8], declared: &str) -> String {
    infer::get(bytes).map_or_else(|| safe_type(declared), |kind| kind.mime_type().to_owned())
}

/// A media type (RFC 6838 §4.2) or `application/octet-stream`.
fn safe_type(declared: &str) -> String {
    let plain = declared.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let token =
        |part: &str| !part.is_empty() && part.len() <= 64 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b));
    match plain.split_once('/') {
        Some((kind, sub)) if token(kind) && token(sub) => plain,
        _ => "application/octet-stream".to_owned(),
    }
}

/// A name that can be shown and saved everywhere: no folders, no control or direction characters, no leading dot.
pub fn safe_name(name: &str, number: usize, content_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let clean: String = last
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
        })
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c })
        .collect();
    let clean = clean.trim().trim_start_matches('.').trim_end_matches(['.', ' ']);
    if clean.is_empty() {
        let ending =
            content_type.rsplit('/').next().filter(|e| e.len() <= 5 && e.bytes().all(|b| b.is_ascii_alphanumeric())).unwrap_or("bin");
        return format!("file-{}.{ending}", number + 1);
    }
    if clean.chars().count() <= NAME {
        return clean.to_owned();
    }
    let (stem, ending) = clean.rsplit_once('.').filter(|(_, e)| e.chars().count() <= 10).unwrap_or((clean, ""));
    let stem: String = stem.chars().take(NAME - 11).collect();
    if ending.is_empty() { stem } else { format!("{stem}.{ending}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_lose_folders_and_tricks_and_keep_arabic() {
        for (name, safe) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\صورة الهوية.jpg", "صورة الهوية.jpg"),
            ("invoice\u{202E}fdp.exe", "invoicefdp.exe"),
            (".htaccess", "htaccess"),
            ("a\r\nb:c?.txt", "ab_c_.txt"),
            ("", "file-3.png"),
            ("...", "file-3.png"),
        ] {
            assert_eq!(safe_name(name, 2, "image/png"), safe, "{name}");
        }
    }

    #[test]
    fn types_come_from_the_content() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n0000", "text/html"), "image/png");
        assert_eq!(sniff("نص".as_bytes(), "text/plain; charset=utf-8"), "text/plain");
        assert_eq!(sniff(b"x", "text/html\r\nX: y"), "application/octet-stream");
    }

    proptest! {
        #[test]
        fn every_name_becomes_a_safe_one(name in "\\PC{0,300}") {
            let safe = safe_name(&name, 0, "application/pdf");
            prop_assert!(!safe.is_empty() && safe.chars().count() <= NAME && !safe.contains(['/', '\\', '\0', '\n']) && !safe.starts_with('.'));
        }
    }
}
