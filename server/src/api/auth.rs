//! Who calls: the bearer token, and how often it may.

use super::problem::Problem;
use crate::host::AppState;
use crate::refusals::tell_refusal;
use crate::session::{address_of, agent_of, request_id};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use oxdesk::people::{UserId, queries};
use oxdesk::{Actor, Error};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Requests a minute, for one person on one node.
const LIMIT: u32 = 1200;
const WINDOW: Duration = Duration::from_secs(60);

/// How often each person has called in the current window.
#[derive(Default)]
pub struct RateLimits(Mutex<HashMap<UserId, (Instant, u32)>>);

impl RateLimits {
    /// Counts a call: how many are left, and in how many seconds the window ends.
    fn count(&self, user: UserId, now: Instant) -> Result<(u32, u32), u32> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() > 10_000 {
            windows.retain(|_, (start, _)| now.duration_since(*start) < WINDOW);
        }
        let (start, calls) = windows.entry(user).or_insert((now, 0));
        if now.duration_since(*start) >= WINDOW {
            (*start, *calls) = (now, 0);
        }
        *calls += 1;
        let ends = (WINDOW.saturating_sub(now.duration_since(*start))).as_secs() as u32 + 1;
        if *calls > LIMIT { Err(ends) } else { Ok((LIMIT - *calls, ends)) }
    }
}

/// Puts the token's [`Actor`] into the request; refuses everything without one.
pub async fn authenticate(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = authorization
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    let Some(token) = token else { return Problem::from(Error::Unauthenticated).into_response() };
    let actor = match queries::actor_for_token(&state.desk, &token).await {
        Ok(Some(actor)) => actor,
        Ok(None) => return Problem::from(Error::Unauthenticated).into_response(),
        Err(error) => return Problem::from(error).into_response(),
    };
    let limits = actor.user_id.map_or(Ok((LIMIT, 0)), |user| state.rate_limits.count(user, Instant::now()));
    let (address, user_agent, request_id) = (address_of(&request), agent_of(&request), request_id(&request));
    let actor = Actor { address, user_agent, request_id, ..actor };
    let door = format!("{} {}", request.method(), request.uri().path());
    request.extensions_mut().insert(actor.clone());
    let (mut response, left, ends) = match limits {
        Ok((left, ends)) => {
            let response = next.run(request).await;
            tell_refusal(&state.desk, &actor, &door, response.status()).await;
            (response, left, ends)
        }
        Err(ends) => (Problem::rate_limited(ends).into_response(), 0, ends),
    };
    let headers = response.headers_mut();
    for (name, value) in [("ratelimit-limit", LIMIT), ("ratelimit-remaining", left), ("ratelimit-reset", ends)] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_and_the_next_one_begins() {
        let (limits, user, start) = (RateLimits::default(), UserId(uuid::Uuid::from_u128(1)), Instant::now());
        for left in (0..LIMIT).rev() {
            assert_eq!(limits.count(user, start).map(|(left, _)| left), Ok(left));
        }
        assert!(limits.count(user, start).is_err());
        assert!(limits.count(user, start + WINDOW).is_ok());
        assert!(limits.count(UserId(uuid::Uuid::from_u128(2)), start).is_ok());
    }
}
