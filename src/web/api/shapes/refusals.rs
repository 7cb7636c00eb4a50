//! The ways to be refused that many operations share, for the description of the interface.

use super::ProblemDocument;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident { $($status:literal $about:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), refusal($about))),*])
            }
        }
    )*};
}

refusals! {
    /// What every operation on tickets can answer.
    Shut {
        "401" "No token, or one that is not known.",
        "403" "The token lacks the scope that is needed.",
        "503" "Nothing can be stored or read for now; try again after `Retry-After` seconds.",
    }
    /// What operations with a body can answer.
    Unfit {
        "400" "The body can't be taken; `at` and `reason` say where and why.",
        "413" "Too large.",
        "415" "Not JSON.",
    }
    /// What operations on one ticket can answer.
    Absent { "404" "There is no such ticket." }
    /// What operations on the state of a ticket can answer.
    Unsuited { "409" "The state of the ticket does not allow it." }
    /// What operations that are done once for a key can answer.
    Reused { "422" "The Idempotency-Key was used before, for something else on this ticket." }
}

fn refusal(about: &str) -> RefOr<Response> {
    let document = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemDocument::name()))).build();
    ResponseBuilder::new().description(about).content("application/problem+json", document).build().into()
}
