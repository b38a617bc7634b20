//! Is it up, is it ready, what does it do.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oxdesk::desk::{Desk, is_migrated};
use oxdesk::jobs;

/// The process runs.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers, is migrated, and its job queue is there.
pub async fn readyz(State(desk): State<Desk>) -> Response {
    match is_migrated(&desk.db).await {
        Ok(true) => match jobs::job_counts(&desk).await {
            Ok((waiting, failed)) => {
                (StatusCode::OK, format!("ready\njobs_waiting {waiting}\njobs_failed {failed}\n")).into_response()
            }
            Err(_) => not_ready("the job queue is not there"),
        },
        Ok(false) => not_ready("migrations are missing"),
        Err(_) => not_ready("the database does not answer"),
    }
}

fn not_ready(reason: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {reason}\n")).into_response()
}
