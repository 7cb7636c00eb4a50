//! What callers send.

use crate::domain::StakeholderGroup;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A matter that somebody told another system.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "sender": { "name": "أم خالد", "address": "tel:+966551234567", "language": "ar" },
    "kind": "complaint",
    "subject": "تأخر الصيانة",
    "text": "لم يحضر فريق الصيانة منذ أسبوعين.",
    "attachments": [{ "name": "صورة.jpg", "content_type": "image/jpeg", "content": "/9j/4AAQ…" }]
}))]
pub struct NewTicket {
    #[serde(default)]
    pub sender: NewSender,
    /// The key of a kind of the office; an inquiry, when it is not given.
    #[serde(default)]
    #[schema(example = "complaint")]
    pub kind: Option<String>,
    /// At most 1,000 characters.
    #[serde(default)]
    pub subject: Option<String>,
    /// At most 100,000 characters. May be missing only where there are fields or attachments.
    #[serde(default)]
    pub text: String,
    /// The key of a site of the office.
    #[serde(default)]
    pub site: Option<String>,
    /// Answers to the kind's form, by the key of the field.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    pub fields: BTreeMap<String, serde_json::Value>,
    /// At most 20 files of 25 MiB together.
    #[serde(default)]
    pub attachments: Vec<NewAttachment>,
    /// The name that your system has for the message; at most 255 characters.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// Who wrote.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSender {
    #[serde(default)]
    pub name: Option<String>,
    /// `mailto:…`, `tel:…`, or a plain e-mail address or telephone number. Notices go there. Without one the sender follows
    /// the ticket on the tracking page, with its reference and PIN.
    #[serde(default)]
    #[schema(example = "tel:+966551234567")]
    pub address: Option<String>,
    /// `ar` or `en`; the language of the text, when it is not given.
    #[serde(default)]
    #[schema(example = "ar")]
    pub language: Option<String>,
    #[serde(default)]
    #[schema(value_type = Option<StakeholderGroup>)]
    pub group: Option<String>,
}

/// A file to go with a text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    #[schema(example = "صورة.jpg")]
    pub name: String,
    /// Taken from the content where that shows it.
    #[serde(default)]
    #[schema(example = "image/jpeg")]
    pub content_type: Option<String>,
    /// In base64.
    #[schema(example = "/9j/4AAQ…", content_encoding = "base64")]
    pub content: String,
}

/// Words of the office on a ticket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "سيزوركم الفريق يوم الأحد.", "as": "omar" }))]
pub struct NewText {
    /// At most 20,000 characters.
    pub text: String,
    /// The key of the member of staff in whose name it is written; the ticket's owner, when it is not given.
    #[serde(default, rename = "as")]
    pub by: Option<String>,
    /// At most 20 files of 25 MiB together.
    #[serde(default)]
    pub attachments: Vec<NewAttachment>,
}

/// What is done to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Begin work; the sender is told who has it.
    Start,
    /// Settle it; `text` is the outcome that the sender is told.
    Resolve,
    /// Refuse it; `text` is the reason that the sender is told.
    Reject,
    /// Open it again; `text` says why.
    Reopen,
    /// Close what was resolved or rejected.
    Close,
    /// Wait for somebody outside; `text` says for whom.
    Wait,
    /// Give it to `department`, and there to `officer` when one is named; `text` says why.
    HandOver,
    /// Mark it as spam.
    Spam,
    /// Mark it as a duplicate, of the ticket with the reference `of` when one is named.
    Duplicate,
}

/// A change of a ticket's state.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "act": "hand_over", "department": "projects", "text": "تخص إدارة المشاريع" }))]
pub struct NewState {
    pub act: Act,
    /// At most 20,000 characters. `resolve`, `reject` and `hand_over` need it.
    #[serde(default)]
    pub text: String,
    /// For `hand_over`: the key of the department.
    #[serde(default)]
    pub department: Option<String>,
    /// For `hand_over`: the key of one of its officers.
    #[serde(default)]
    pub officer: Option<String>,
    /// For `duplicate`: the reference of the other ticket.
    #[serde(default)]
    #[schema(example = "26-004183-7")]
    pub of: Option<String>,
    /// The key of the member of staff in whose name it is done; the ticket's owner, when it is not given.
    #[serde(default, rename = "as")]
    pub by: Option<String>,
}
