//! The doors of articles' files: they come from the editor, and go to whoever may read the article.

use crate::uploads::{back_to, is_script, receive_single, refuse, send};
use app::AppError;
use axum::Extension;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use oxdesk::desk::Desk;
use oxdesk::knowledge::{ArticleAttachment, ArticleAttachmentId, ArticleId, commands, queries};
use oxdesk::{Actor, Error, Permission, Result};

/// `POST /knowledge/{id}/attachments`: files of an article, or, with `new` for an id, of the one that is being written.
pub async fn attach(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    headers: HeaderMap,
    multipart: Multipart,
) -> Response {
    let result = async {
        // Nothing is read, let alone stored, for whoever may not change the article.
        actor.require(Permission::ArticleWrite)?;
        let article: Option<ArticleId> = match id.as_str() {
            "new" => None,
            id => Some(queries::article(&desk, &actor, id.parse().map_err(|_| Error::NotFound)?).await?.id),
        };
        let files = receive_single(&desk, &actor, multipart).await?;
        commands::attach_to_article(&desk, &actor, article, files).await
    };
    match result.await {
        Ok(added) if is_script(&headers) => axum::Json(added).into_response(),
        Ok(_) => Redirect::to(&back_to(&headers)).into_response(),
        Err(error) => refuse(&headers, error),
    }
}

/// `GET /article-attachments/{id}`: a picture is shown, everything else is downloaded.
pub async fn open(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match find(&desk, &actor, &id).await {
        Ok((file, content)) => shown(&file, content, &headers),
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}

async fn find(desk: &Desk, actor: &Actor, id: &str) -> Result<(ArticleAttachment, tokio::fs::File)> {
    let id: ArticleAttachmentId = id.parse().map_err(|_| Error::NotFound)?;
    queries::open_article_attachment(desk, actor, id).await
}

fn shown(file: &ArticleAttachment, content: tokio::fs::File, headers: &HeaderMap) -> Response {
    // What a file says never changes; whether it may be seen does, so it is asked for each time.
    let tag = format!("\"{}\"", file.id);
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        send(&file.file_name, &file.mime_type, file.file_size, content)
    };
    let headers = response.headers_mut();
    if file.picture.is_some() {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
