//! axum's extractors with our errors.

use super::problem::Problem;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use http::{HeaderMap, StatusCode, header};

#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Json<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Problem::new(rejection.status(), "The body could not be read").detail(rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Problem::not_found()
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, "The query could not be read").detail(rejection.body_text())
    }
}

/// The version named in `If-Match`, as in `"3"`.
pub fn if_match(headers: &HeaderMap) -> super::problem::Result<i32> {
    let required = || {
        Problem::new(StatusCode::PRECONDITION_REQUIRED, "If-Match is required")
            .detail("Send the version you read, as in: If-Match: \"3\"")
    };
    let value = headers.get(header::IF_MATCH).ok_or_else(required)?;
    let text = value.to_str().unwrap_or_default().trim().trim_start_matches("W/").trim_matches('"');
    text.parse().map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "If-Match is not a version"))
}

/// A page's size: `limit` between 1 and 200, 50 when it is not given.
pub fn page_size(limit: Option<i64>) -> super::problem::Result<i64> {
    match limit.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(oxdesk::Error::invalid("limit", "Between 1 and 200, please.").into()),
    }
}
