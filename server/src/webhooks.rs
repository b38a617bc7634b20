//! `POST /webhooks/email/{provider}/{mailbox_id}`: mail that providers bring.

use crate::api::Problem;
use crate::host::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Path, Query, Request, State};
use http::header;
use oxdesk::Error;
use oxdesk::mail::MailboxId;
use oxdesk::mail::webhooks::{Field, Posted, Provider, door, receive};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::convert::Infallible;

/// A form has at most so many fields.
const FIELDS_MAX: usize = 2000;

#[derive(Deserialize)]
pub struct Params {
    token: Option<String>,
}

/// What became of the message; all of it null when there was none.
#[derive(Serialize)]
pub struct Answer {
    outcome: Option<String>,
    ticket: Option<String>,
    reason: Option<String>,
}

/// Takes a provider's message in. 200 only once it is committed, and for one that is known already.
pub async fn email(
    State(state): State<AppState>,
    Path((provider, mailbox)): Path<(String, String)>,
    Query(params): Query<Params>,
    request: Request,
) -> Result<Json<Answer>, Problem> {
    let provider: Provider = provider.parse().map_err(|_| Error::NotFound)?;
    let mailbox: MailboxId = mailbox.parse().map_err(|_| Error::NotFound)?;
    let headers = request.headers().clone();
    // Nothing is read for whoever has the wrong address.
    let door = door(&state.desk, mailbox).await?;
    let body = Bytes::from_request(request, &()).await.map_err(refused)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let fields = fields(&kind, &body).await?;
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: HashMap<String, String> =
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let posted = Posted { headers, token: params.token, body: body.into(), fields };
    let intake = receive(&state.desk, provider, door, posted).await?;
    Ok(Json(match intake {
        Some(intake) => Answer {
            outcome: Some(intake.outcome.to_string()),
            ticket: intake.ticket.map(|ticket| ticket.to_string()),
            reason: intake.reason,
        },
        None => Answer { outcome: None, ticket: None, reason: None },
    }))
}

fn refused(rejection: BytesRejection) -> Problem {
    Problem::new(rejection.status(), "The body could not be read").detail(rejection.body_text())
}

/// A form's fields; none when the body is no form.
async fn fields(kind: &str, body: &Bytes) -> Result<Vec<Field>, Error> {
    if kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        let pairs = form_urlencoded::parse(body).take(FIELDS_MAX);
        return Ok(pairs
            .map(|(name, value)| Field {
                name: name.into_owned(),
                bytes: value.into_owned().into_bytes(),
                ..Field::default()
            })
            .collect());
    }
    let Ok(boundary) = multer::parse_boundary(kind) else { return Ok(Vec::new()) };
    let broken = |_| Error::invalid("body", "The form arrived broken.");
    let whole = body.clone();
    let mut form =
        multer::Multipart::new(futures_util::stream::once(async move { Ok::<_, Infallible>(whole) }), boundary);
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if fields.len() >= FIELDS_MAX {
            return Err(Error::invalid("body", "The form has too many fields."));
        }
        fields.push(Field {
            name: field.name().unwrap_or_default().to_owned(),
            file_name: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(ToString::to_string),
            bytes: field.bytes().await.map_err(broken)?.to_vec(),
        });
    }
    Ok(fields)
}
