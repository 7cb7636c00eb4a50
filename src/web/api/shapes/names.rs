//! The closed lists of the domain, for the description of the interface.

use crate::{
    casework::{Audience, NoticeState},
    domain::{ChannelKind, Direction, EventKind, Language, Priority, StakeholderGroup, Status},
};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

macro_rules! described {
    ($($name:ident $all:expr, $about:literal;)*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                list($about, $all.into_iter().map(|one| one.to_string()).collect())
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

described! {
    Status Status::ALL, "Where a ticket stands. `new`, `assigned`, `in_progress`, `waiting_sender`, `waiting_third_party` and `reopened` are open.";
    ChannelKind ChannelKind::ALL, "The way that messages travel; `desk` is what staff typed in, `api` what came through this interface.";
    Priority Priority::ALL, "How urgent it is.";
    Direction Direction::ALL, "Which way a message went; a `note` is seen by staff only.";
    StakeholderGroup StakeholderGroup::ALL, "What the sender is to the charity.";
    EventKind EventKind::ALL, "What happened. The list may grow.";
    Audience Audience::ALL, "Whom a notice is for; `system` is another system, told by a webhook.";
    NoticeState NoticeState::ALL, "Where a notice stands; `dead` was given up, `withheld` was not sent for the reason beside it.";
    Language [Language::Ar, Language::En], "Arabic or English.";
}

fn list(about: &str, names: Vec<String>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).description(Some(about)).enum_values(Some(names)).build().into()
}

/// The bytes of a file.
pub struct Content;

impl PartialSchema for Content {
    fn schema() -> RefOr<Schema> {
        let bytes = ObjectBuilder::new().schema_type(Type::String).description(Some("The bytes of the file."));
        bytes.content_media_type("application/octet-stream").build().into()
    }
}

impl ToSchema for Content {}
