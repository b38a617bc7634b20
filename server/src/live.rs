//! Live updates: every node listens for events in the database and tells each viewer of those they may see.

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode};
use oxdesk::desk::Desk;
use oxdesk::events::{CHANNEL, Event};
use oxdesk::{Actor, Timestamp};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What a node's viewers hear.
#[derive(Debug, Clone)]
enum Signal {
    Event(Arc<Event>),
    /// Events may have been missed: look again at everything.
    Refresh,
}

/// The node's one listener, and its viewers.
#[derive(Debug, Clone)]
pub struct Live {
    signals: broadcast::Sender<Signal>,
    stop: CancellationToken,
}

impl Live {
    /// Listens until `stop`; reconnects by itself.
    pub async fn start(db: PgPool, stop: CancellationToken) -> sqlx::Result<Self> {
        let mut listener = PgListener::connect_with(&db).await?;
        listener.listen(CHANNEL).await?;
        let (signals, _) = broadcast::channel(1024);
        let live = Self { signals: signals.clone(), stop: stop.clone() };
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = forward(listener, signals) => {}
            }
        });
        Ok(live)
    }
}

async fn forward(mut listener: PgListener, signals: broadcast::Sender<Signal>) {
    loop {
        let signal = match listener.try_recv().await {
            Ok(Some(notice)) => match serde_json::from_str::<Event>(notice.payload()) {
                Ok(event) => Signal::Event(Arc::new(event)),
                Err(error) => {
                    tracing::error!(%error, "an event could not be read");
                    continue;
                }
            },
            // The connection was lost and made again.
            Ok(None) => Signal::Refresh,
            Err(error) => {
                tracing::warn!(%error, "the listener lost the database");
                tokio::time::sleep(Duration::from_secs(1)).await;
                Signal::Refresh
            }
        };
        // Nobody watching is no error.
        let _ = signals.send(signal);
    }
}

/// How long one stream lasts: the browser comes back by itself, with the permissions it has by then.
const STREAM_LASTS: Duration = Duration::from_secs(300);

/// Since when a page listens.
#[derive(serde::Deserialize)]
pub struct Since {
    /// When the page was made, in microseconds since 1970.
    since: Option<i64>,
}

/// `GET /events`: server-sent events for the signed-in viewer. What happened since the page was made, or since the last
/// event that the browser heard before its line broke, is told at once.
pub async fn events(
    State(live): State<Live>,
    State(desk): State<Desk>,
    Extension(viewer): Extension<Actor>,
    Query(page): Query<Since>,
    headers: HeaderMap,
) -> Response {
    if viewer.signed_in().is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let signals = BroadcastStream::new(live.signals.subscribe());
    let until = async move {
        tokio::select! {
            () = live.stop.cancelled() => {}
            () = tokio::time::sleep(STREAM_LASTS) => {}
        }
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse::<Uuid>().ok());
    let since = last.and_then(made_at).or_else(|| page.since.and_then(Timestamp::from_microsecond));
    // The stream listens already: what happens from here on is in it.
    let missed = match since {
        Some(since) => oxdesk::events::happened_since(&desk, &viewer, since).await.unwrap_or(true),
        None => false,
    };
    let stream = opening(missed).chain(for_viewer(signals, viewer)).take_until(Box::pin(until));
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(20));
    let mut response = Sse::new(stream).keep_alive(keep_alive).into_response();
    response.headers_mut().insert("x-accel-buffering", http::HeaderValue::from_static("no"));
    response
}

/// When an event with this id (UUIDv7) was made.
fn made_at(id: Uuid) -> Option<Timestamp> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    Timestamp::from_microsecond(i64::try_from(seconds).ok()? * 1_000_000 + i64::from(nanoseconds) / 1000)
}

/// Tells the browser that it is listening now, and to look again where it missed something.
fn opening(missed: bool) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    let message = |name: &str| Ok(SseEvent::default().event(name).data("{}"));
    stream::iter(std::iter::once(message("ready")).chain(missed.then(|| message("refresh"))))
}

fn for_viewer(signals: BroadcastStream<Signal>, viewer: Actor) -> impl Stream<Item = Result<SseEvent, Infallible>> {
    let me = viewer.clone();
    let still = move |signal: &Result<Signal, _>| {
        let ends = matches!(signal, Ok(Signal::Event(event)) if event.changes_access_of(&me));
        std::future::ready(!ends)
    };
    signals.take_while(still).filter_map(move |signal| {
        let message = match signal {
            Ok(Signal::Event(event)) if event.may_be_seen_by(&viewer) => Some(describe(&event)),
            Ok(Signal::Event(_)) => None,
            // A viewer that fell behind has missed something too.
            Ok(Signal::Refresh) | Err(_) => Some(SseEvent::default().event("refresh").data("{}")),
        };
        std::future::ready(message.map(Ok))
    })
}

/// Only what happened to which ticket: the page asks for the rest, as whoever it is.
fn describe(event: &Event) -> SseEvent {
    let data = serde_json::json!({ "kind": event.kind, "ticket_id": event.ticket_id });
    // Nothing changed when a colleague merely came or went: no list is to be fetched again.
    let name = match event.kind.as_str() {
        oxdesk::presence::EVENT => "presence",
        oxdesk::events::NOTIFIED => "notified",
        _ => "change",
    };
    SseEvent::default().id(event.id.to_string()).event(name).data(data.to_string())
}
