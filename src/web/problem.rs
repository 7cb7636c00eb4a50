//! What the interfaces answer when they refuse: problem documents (RFC 9457) with a stable `code`, a sentence in the caller's
//! language, and the place that is at fault.
//!
//! A handler gives a [`Problem`]; [`worded`] puts it into words at the edge, where the caller's language is known. Nothing of
//! what was sent in is repeated, except what the caller needs to find the place.

use crate::{casework::CaseworkError, domain::Language};
use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

macro_rules! codes {
    ($($variant:ident $code:literal $status:ident $english:literal $arabic:literal;)*) => {
        /// Everything that can be wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// Stable: programs decide by it.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code),* }
            }

            pub fn status(self) -> StatusCode {
                match self { $(Code::$variant => StatusCode::$status),* }
            }

            fn sentence(self, language: Language) -> &'static str {
                match (self, language) { $((Code::$variant, Language::En) => $english, (Code::$variant, Language::Ar) => $arabic),* }
            }
        }
    };
}

codes! {
    BadParameter "bad_parameter" BAD_REQUEST
        "A parameter of the request can't be taken; `parameter` names it."
        "أحد معاملات الطلب غير مقبول، واسمه في `parameter`.";
    Malformed "malformed" BAD_REQUEST
        "The body can't be read; `at` and `reason` say where and why."
        "تعذّرت قراءة محتوى الطلب، والموضع في `at` والسبب في `reason`.";
    BadValue "bad_value" BAD_REQUEST
        "A value in the body can't be taken; `at` and `reason` say which and why."
        "قيمة في محتوى الطلب غير مقبولة، وموضعها في `at` والسبب في `reason`.";
    Empty "empty" BAD_REQUEST
        "There is nothing written in it."
        "لا يوجد نص مكتوب.";
    NoToken "no_token" UNAUTHORIZED
        "This needs a bearer token in the Authorization header."
        "يلزم إرسال رمز الدخول في الترويسة Authorization.";
    UnknownToken "unknown_token" UNAUTHORIZED
        "The token is not known, or was revoked."
        "رمز الدخول غير معروف أو أُلغي.";
    Signature "signature" UNAUTHORIZED
        "The signature of the message does not hold."
        "توقيع الرسالة غير صحيح.";
    ScopeMissing "scope_missing" FORBIDDEN
        "The token does not have the scope that this needs."
        "لا يملك رمز الدخول الصلاحية اللازمة لهذا الإجراء.";
    NotFound "not_found" NOT_FOUND
        "There is no such ticket or file."
        "لا يوجد طلب أو ملف بهذا الرقم.";
    UnknownPath "unknown_path" NOT_FOUND
        "There is nothing at this address."
        "لا يوجد شيء على هذا العنوان.";
    UnknownSource "unknown_source" NOT_FOUND
        "There is no such source."
        "لا يوجد مصدر بهذا الاسم.";
    Method "method_not_allowed" METHOD_NOT_ALLOWED
        "This address does not take this method; the Allow header names those it takes."
        "هذا العنوان لا يقبل هذه الطريقة، والطرق المقبولة في الترويسة Allow.";
    NotAllowed "not_allowed" CONFLICT
        "The state of the ticket does not allow this."
        "حالة الطلب لا تسمح بهذا الإجراء.";
    TooLarge "too_large" PAYLOAD_TOO_LARGE
        "The message is too large; `reason` tells the limit."
        "الرسالة أكبر من الحد المسموح، والحد مذكور في `reason`.";
    MediaType "media_type" UNSUPPORTED_MEDIA_TYPE
        "The body must be application/json."
        "يجب أن يكون المحتوى بصيغة application/json.";
    KeyReused "key_reused" UNPROCESSABLE_ENTITY
        "This Idempotency-Key was used before, for another message."
        "استُخدم مفتاح Idempotency-Key هذا من قبل لرسالة أخرى.";
    IdReused "id_reused" UNPROCESSABLE_ENTITY
        "This webhook-id was used before, for another message."
        "استُخدم المعرّف webhook-id هذا من قبل لرسالة أخرى.";
    Internal "internal" INTERNAL_SERVER_ERROR
        "Something went wrong on our side; it is in the log."
        "حدث خلل لدينا، وقد سُجّل.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE
        "Nothing can be stored or read for now; please try again."
        "تعذّر الحفظ أو القراءة الآن، يرجى المحاولة مرة أخرى.";
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let names = Code::ALL.iter().map(|code| code.as_str());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("What is wrong. The list may grow."))
            .enum_values(Some(names))
            .into()
    }
}

impl ToSchema for Code {}

/// Seconds after which a caller may try again when the store was away.
const TRY_AGAIN: &str = "5";

/// A refusal, not yet in words.
#[derive(Clone, Debug)]
pub struct Problem {
    code: Code,
    parameter: Option<&'static str>,
    at: Option<String>,
    reason: Option<String>,
    /// How to ask rightly (RFC 9110 §11.6.1).
    challenge: Option<Box<str>>,
}

/// A refusal (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "type": "about:blank", "title": "Bad Request", "status": 400, "code": "bad_parameter",
    "detail": "A parameter of the request can't be taken; `parameter` names it.", "parameter": "since",
    "reason": "must be a moment such as 2026-09-01T00:00:00Z (RFC 3339)" }))]
pub struct ProblemDocument {
    /// Always `about:blank`.
    r#type: &'static str,
    /// The name of the status.
    title: &'static str,
    status: u16,
    /// What is wrong; stable, for programs.
    #[schema(value_type = Code)]
    code: &'static str,
    /// What is wrong, in a sentence, in English or Arabic as `Accept-Language` asks.
    detail: &'static str,
    /// The parameter or header that can't be taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'static str>,
    /// The place in the body that is at fault, such as `attachments[0].content`; empty for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// More about it, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self { code, parameter: None, at: None, reason: None, challenge: None }
    }

    /// A parameter of the query, or a header, and what it must be.
    pub fn parameter(name: &'static str, reason: impl Into<String>) -> Self {
        Self { parameter: Some(name), ..Self::new(Code::BadParameter).because(reason) }
    }

    /// A place in the body, such as `attachments[2].name`, and what must stand there.
    pub fn value(at: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::new(Code::BadValue).at(at).because(reason)
    }

    pub fn at(self, place: impl Into<String>) -> Self {
        Self { at: Some(place.into()), ..self }
    }

    /// More, in English, for whoever programs the caller.
    pub fn because(self, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..self }
    }

    /// What WWW-Authenticate says.
    pub fn challenge(self, challenge: &str) -> Self {
        Self { challenge: Some(challenge.into()), ..self }
    }

    fn document(&self, language: Language) -> ProblemDocument {
        let status = self.code.status();
        ProblemDocument {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            code: self.code.as_str(),
            detail: self.code.sentence(language),
            parameter: self.parameter,
            at: self.at.clone(),
            reason: self.reason.clone(),
        }
    }
}

/// Carries the problem to [`worded`].
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        if self.code == Code::Unavailable {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(TRY_AGAIN));
        }
        if let Some(Ok(challenge)) = self.challenge.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<CaseworkError> for Problem {
    fn from(error: CaseworkError) -> Self {
        let reason = error.to_string();
        match error {
            CaseworkError::NotFound => Self::new(Code::NotFound),
            CaseworkError::NotAllowed(_) => Self::new(Code::NotAllowed).because(reason),
            CaseworkError::Empty | CaseworkError::NoReason => Self::new(Code::Empty).at("text").because(reason),
            CaseworkError::TooLong => Self::value("text", reason),
            CaseworkError::UnknownDepartment(_) => Self::value("department", reason),
            CaseworkError::UnknownOfficer(_) => Self::value("officer", reason),
            CaseworkError::UnknownColleague(_) => Self::value("as", reason),
            CaseworkError::Store(error) => {
                tracing::error!(%error, "the interface could not reach the store");
                Self::new(if error.is_outage() { Code::Unavailable } else { Code::Internal })
            }
        }
    }
}

/// Puts problems into words, and whatever else was refused below into a problem. Nothing here is kept by caches.
pub async fn worded(request: Request, next: Next) -> Response {
    let language = language(request.headers());
    let mut response = next.run(request).await;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| refused.then(|| unworded(response.status())));
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let Some(problem) = problem else { return response };
    let body = serde_json::to_string(&problem.document(language)).unwrap_or_default();
    let (mut head, _) = response.into_parts();
    head.status = problem.code.status();
    head.headers.remove(axum::http::header::CONTENT_LENGTH);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    head.headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    head.headers.insert(VARY, HeaderValue::from_static("accept-language"));
    Response::from_parts(head, body.into())
}

/// What the framework refused by itself.
fn unworded(status: StatusCode) -> Problem {
    Problem::new(match status {
        StatusCode::NOT_FOUND => Code::UnknownPath,
        StatusCode::METHOD_NOT_ALLOWED => Code::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        status if status.is_client_error() => Code::Malformed,
        _ => Code::Internal,
    })
}

/// The language that the caller likes best of those we speak (RFC 9110 §12.5.4); English, when they do not say.
fn language(headers: &HeaderMap) -> Language {
    let given = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut best = (Language::En, 0.0);
    for wish in given.split(',') {
        let (tag, rest) = wish.split_once(';').unwrap_or((wish, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if let Some(language) = Language::from_tag(tag.trim())
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence_of_its_own_in_both_languages() {
        for code in Code::ALL {
            let (english, arabic) = (code.sentence(Language::En), code.sentence(Language::Ar));
            assert_eq!((Language::of_text(english), Language::of_text(arabic)), (Some(Language::En), Some(Language::Ar)), "{code:?}");
            assert_eq!(Code::ALL.iter().filter(|other| other.as_str() == code.as_str()).count(), 1, "{code:?}");
        }
    }

    #[test]
    fn the_language_liked_best_is_spoken() {
        for (given, spoken) in [
            ("", Language::En),
            ("ar", Language::Ar),
            ("ar-SA,ar;q=0.9,en;q=0.8", Language::Ar),
            ("fr, en;q=0.7, ar;q=0.3", Language::En),
            ("en;q=0.1, ar;q=0.5", Language::Ar),
            ("fr", Language::En),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_str(given).unwrap())]);
            assert_eq!(language(&headers), spoken, "{given}");
        }
    }
}
