//! Errors as RFC 9457 problem details.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use oxdesk::Error;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response as Described, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem, as a URI reference.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Field → what is wrong with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, String>,
    /// The resource's version now, after a stale If-Match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<i32>,
    #[serde(skip)]
    retry_after: Option<u32>,
}

pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub fn new(status: StatusCode, title: &str) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: None,
            errors: BTreeMap::new(),
            current_version: None,
            retry_after: None,
        }
    }

    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
    }

    pub fn rate_limited(seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests") }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound => Self::not_found(),
            Error::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "A valid token is needed"),
            Error::Forbidden => Self::new(StatusCode::FORBIDDEN, "Not allowed"),
            Error::Invalid(errors) => {
                Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Invalid input") }.detail(detail)
            }
            Error::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large").detail(detail),
            Error::Conflict { current } => Self {
                current_version: Some(current),
                ..Self::new(StatusCode::PRECONDITION_FAILED, "Changed meanwhile")
            },
            Error::RateLimited { retry_after_seconds } => Self::rate_limited(retry_after_seconds),
            Error::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, "Unavailable for the moment"),
            Error::Internal => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// How a reading operation may be refused, for its description.
pub struct ReadRefused;

/// How a writing operation may be refused, for its description.
pub struct WriteRefused;

const READ_REFUSED: [u16; 6] = [400, 401, 403, 404, 422, 429];
const WRITE_REFUSED: [u16; 5] = [409, 412, 413, 415, 428];

impl IntoResponses for ReadRefused {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        READ_REFUSED.into_iter().map(described).collect()
    }
}

impl IntoResponses for WriteRefused {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        READ_REFUSED.into_iter().chain(WRITE_REFUSED).map(described).collect()
    }
}

fn described(status: u16) -> (String, RefOr<Described>) {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(title).content("application/problem+json", content).build();
    (status.to_string(), RefOr::T(response))
}
