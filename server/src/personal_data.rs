//! What is kept of a person, as a file.

use app::AppError;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use http::header;
use oxdesk::desk::Desk;
use oxdesk::people::{DataSubject, PersonalDataKind, UserId, begin_personal_data, personal_data};
use oxdesk::{Actor, Error, Result};
use serde_json::Value;
use uuid::Uuid;

/// `GET /account/data.json`: one's own.
pub async fn own(State(desk): State<Desk>, Extension(actor): Extension<Actor>) -> Response {
    file(desk, &actor, None).await.unwrap_or_else(|error| AppError::from_core(error).status().into_response())
}

/// `GET /admin/people/{id}/data.json`.
pub async fn of_person(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    let found = async {
        actor.signed_in()?;
        let user = id.parse().map_err(|_| Error::NotFound)?;
        file(desk, &actor, Some(user)).await
    };
    found.await.unwrap_or_else(|error| AppError::from_core(error).status().into_response())
}

/// One JSON object: the account, and a list for each kind of thing, read as it is sent.
pub async fn file(desk: Desk, actor: &Actor, user: Option<UserId>) -> Result<Response> {
    let (subject, account) = begin_personal_data(&desk, actor, user).await?;
    let name = format!("attachment; filename=\"personal-data-{}.json\"", subject.user);
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(lines(desk, subject, &account))).into_response())
}

/// How far a file is.
struct Place {
    kind: usize,
    after: Option<Uuid>,
    is_first: bool,
}

fn lines(desk: Desk, subject: DataSubject, account: &Value) -> impl Stream<Item = Result<String>> + Send + use<> {
    let head = format!("{{\"account\":{account}");
    let begin = Place { kind: 0, after: None, is_first: true };
    let pages = stream::try_unfold(begin, move |place| {
        let (desk, subject) = (desk.clone(), subject.clone());
        async move {
            let Some(kind) = PersonalDataKind::ALL.get(place.kind) else {
                let end = (place.kind == PersonalDataKind::ALL.len()).then(|| "\n}\n".to_owned());
                return Ok(end.map(|end| (end, Place { kind: place.kind + 1, ..place })));
            };
            let (page, next) = personal_data(&desk, &subject, *kind, place.after).await?;
            let mut text = if place.is_first { format!(",\n\"{}\":[", kind.as_str()) } else { String::new() };
            for (at, one) in page.iter().enumerate() {
                let comma = if place.is_first && at == 0 { "" } else { "," };
                text.push_str(&format!("{comma}\n{one}"));
            }
            let place = match next {
                Some(_) => Place { after: next, is_first: false, ..place },
                None => {
                    text.push(']');
                    Place { kind: place.kind + 1, after: None, is_first: true }
                }
            };
            Ok(Some((text, place)))
        }
    });
    stream::StreamExt::chain(stream::once(async { Ok(head) }), pages)
}
