//! How the domain's values lie in columns: ids as UUID (SQLite: 16-byte BLOB), moments as whole microseconds, names
//! of things as text, references as one whole number.

use crate::domain::{
    AddressId, At, AttachmentId, BlobId, ChannelKind, ContactId, Direction, EventKind, InboxId, Key, Language, MessageId, NoticeId,
    PersonId, Priority, Reference, Role, Scheme, StakeholderGroup, Status, TicketId,
};
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type, encode::IsNull, error::BoxDynError};
use std::borrow::Cow;

macro_rules! column {
    ($($name:ty => $raw:ty, $write:expr, $read:expr;)*) => {$( column!(@ Sqlite, $name, $raw, $write, $read); column!(@ Postgres, $name, $raw, $write, $read); )*};
    (@ $db:ty, $name:ty, $raw:ty, $write:expr, $read:expr) => {
        impl Type<$db> for $name {
            fn type_info() -> <$db as Database>::TypeInfo {
                <$raw as Type<$db>>::type_info()
            }
            fn compatible(info: &<$db as Database>::TypeInfo) -> bool {
                <$raw as Type<$db>>::compatible(info)
            }
        }
        impl<'q> Encode<'q, $db> for $name {
            fn encode_by_ref(&self, buffer: &mut <$db as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let write: fn(&$name) -> $raw = $write;
                <$raw as Encode<'q, $db>>::encode(write(self), buffer)
            }
        }
        impl<'r> Decode<'r, $db> for $name {
            fn decode(value: <$db as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let read: fn($raw) -> Result<$name, BoxDynError> = $read;
                read(<$raw as Decode<'r, $db>>::decode(value)?)
            }
        }
    };
}

macro_rules! ids { ($($name:ty),*) => { column! { $($name => uuid::Uuid, |id| id.0, |raw| Ok(Self(raw));)* } } }
macro_rules! words {
    ($($name:ty),*) => { column! { $($name => String, |word| word.as_str().to_owned(), |raw| raw.parse().map_err(|_| format!("`{raw}` is not known").into());)* } };
}

ids!(TicketId, MessageId, ContactId, AddressId, PersonId, InboxId, NoticeId, BlobId, AttachmentId);
words!(ChannelKind, Direction, EventKind, Priority, Role, Scheme, StakeholderGroup, Status);

column! {
    At => i64, |at| at.micros(), |raw| Ok(At(raw));
    Language => String, |language| language.code().to_owned(), |raw| Language::from_tag(&raw).ok_or_else(|| format!("`{raw}` is not a language we speak").into());
    Key => String, |key| key.as_str().to_owned(), |raw| Key::parse(&raw).map_err(Into::into);
    Reference => i64,
        |reference| i64::from(reference.year()) * SERIALS + i64::from(reference.serial()),
        |raw| u32::try_from(raw % SERIALS).ok().and_then(|serial| Reference::new(i32::try_from(raw / SERIALS).ok()?, serial)).ok_or_else(|| format!("{raw} is not a reference").into());
}

const SERIALS: i64 = 100_000_000;

/// A text from outside as both databases can hold it: PostgreSQL's text has no U+0000, so U+FFFD stands for it in both.
pub(super) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{FFFD}")) } else { Cow::Borrowed(text) }
}

/// Ids as one JSON value, for statements that take any number of them.
pub(super) fn id_list(ids: impl IntoIterator<Item = uuid::Uuid>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", ids.join(","))
}
