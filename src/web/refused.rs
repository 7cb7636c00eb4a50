//! Why a request was not answered with its page: a trouble that is drawn in words, or a page that comes first.

use super::pages::portal::Trouble;
use crate::{access::AccessError, casework::CaseworkError};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

/// What a handler gives in the place of its page.
#[derive(Debug)]
pub enum Refused {
    Trouble(Trouble),
    /// Something else first, such as signing in.
    Elsewhere(String),
}

/// What a handler answers.
pub(super) type Answer = Result<Response, Refused>;

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Refused::Trouble(trouble) => trouble.into_response(),
            Refused::Elsewhere(path) => Redirect::to(&path).into_response(),
        }
    }
}

/// The status, and a mark by which `shell` draws the page in the reader's language.
impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut response = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Trouble> for Refused {
    fn from(trouble: Trouble) -> Self {
        Refused::Trouble(trouble)
    }
}

impl From<CaseworkError> for Refused {
    fn from(error: CaseworkError) -> Self {
        match error {
            CaseworkError::NotFound => Trouble::NotFound,
            CaseworkError::Store(error) => broken(error),
            _ => Trouble::NotAllowed,
        }
        .into()
    }
}

impl From<AccessError> for Refused {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Throttled => Trouble::TooManyAttempts,
            AccessError::Store(error) => broken(error),
            AccessError::Unknown | AccessError::PasswordShort | AccessError::PasswordLong => Trouble::NotFound,
        }
        .into()
    }
}

/// Our own fault: told to the operator here, to the reader without details.
pub(super) fn broken(error: impl std::fmt::Display) -> Trouble {
    tracing::error!(%error, "a page could not be made");
    Trouble::Broken
}
