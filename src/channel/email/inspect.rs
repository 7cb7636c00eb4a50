//! What we read in a mail, as JSON: for whoever wants to know why a mail became the ticket that it did.

use super::{
    parse::{self, Mail, Named},
    report::Report,
};
use crate::channel::{Automatic, Content, InboundAttachment};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One mail as a JSON object: addresses, thread, subject, date (RFC 3339), the whole text, what of it is newly written,
/// whether a machine wrote it, and the files with their decoded sizes (bytes) and digests. For what is no mail the object
/// has `error` instead.
pub fn describe(file: &str, raw: &[u8]) -> Value {
    match parse::read(raw) {
        Ok(mail) => described(file, &mail),
        Err(unreadable) => json!({ "file": file, "error": unreadable.to_string() }),
    }
}

fn described(file: &str, mail: &Mail) -> Value {
    json!({
        "file": file,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "from": mail.from.first().or(mail.handed_in_by.first()).map(named),
        "reply_to": mail.reply_to.iter().map(named).collect::<Vec<_>>(),
        "to": mail.to.iter().map(named).collect::<Vec<_>>(),
        "cc": mail.cc.iter().map(named).collect::<Vec<_>>(),
        "subject": mail.subject,
        "date": mail.date.map(|date| date.rfc3339()),
        "text": mail.text,
        "reply": mail.fresh,
        "auto_reply": mail.automatic == Some(Automatic::AutoReply),
        // A report that the mail is late, or has arrived, is none of a failure.
        "bounce": mail.report.as_ref().is_some_and(Report::failed),
        "attachments": mail.attachments.iter().map(attachment).collect::<Vec<_>>(),
    })
}

fn named(named: &Named) -> Value {
    json!({ "name": named.name, "address": named.address })
}

fn attachment(file: &InboundAttachment) -> Value {
    let bytes: &[u8] = match &file.content {
        Content::Bytes(bytes) => bytes,
        _ => &[],
    };
    json!({
        "name": file.name,
        "content_type": file.content_type,
        "size": bytes.len(),
        "sha256": Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        "inline": file.inline,
    })
}
