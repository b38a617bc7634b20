//! `GET /portal/ask/answers/{turn}`: an answer while it is written, as server-sent events; for a browser without scripts, the
//! conversation once it is there.

use app::AppError;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use oxdesk::ai::commands::{self, Answering};
use oxdesk::ai::queries;
use oxdesk::desk::Desk;
use oxdesk::{Actor, Error};
use std::convert::Infallible;
use tokio_stream::wrappers::ReceiverStream;

/// Tells pieces (`piece`, a JSON string each) and then that it is kept (`done`); or at once that it is being written for
/// another window (`elsewhere`).
pub async fn answer(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(turn): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let id = turn.parse().map_err(|_| Error::NotFound)?;
        let answering = commands::answer(&desk, &actor, id).await?;
        let conversation = queries::conversation_of(&desk, &actor, id).await?;
        Ok::<_, Error>((answering, conversation))
    };
    let (answering, conversation) = match found.await {
        Ok(found) => found,
        Err(error) => return refused(error),
    };
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if !accepted.contains("text/event-stream") {
        if let Answering::Writes(mut pieces) = answering {
            while pieces.recv().await.is_some() {}
        }
        return Redirect::to(&format!("/portal/ask/{conversation}")).into_response();
    }
    let event = |name: &str| Ok::<_, Infallible>(Event::default().event(name).data("{}"));
    let events = match answering {
        Answering::Done(_) => stream::iter([event("done")]).boxed(),
        Answering::Elsewhere => stream::iter([event("elsewhere")]).boxed(),
        Answering::Writes(pieces) => ReceiverStream::new(pieces)
            .map(|piece| Ok(Event::default().event("piece").data(serde_json::Value::from(piece).to_string())))
            .chain(stream::iter([event("done")]))
            .boxed(),
    };
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn refused(error: Error) -> Response {
    let error = AppError::from(error);
    (error.status(), error.to_string()).into_response()
}
