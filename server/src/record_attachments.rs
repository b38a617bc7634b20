//! The doors of assets' and changes' files.

use crate::uploads::{back_to, is_script, receive_single, refuse, send};
use app::AppError;
use axum::Extension;
use axum::extract::{Multipart, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode};
use oxdesk::attachments::queries::{open_attachment, require_worked_on};
use oxdesk::attachments::{Holder, HolderKind, commands};
use oxdesk::desk::Desk;
use oxdesk::{Actor, Error, Permission, Result, assets, changes};

/// `POST /assets/{number}/attachments`
pub async fn attach_to_asset(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(number): Path<String>,
    headers: HeaderMap,
    multipart: Multipart,
) -> Response {
    let holder = async {
        actor.require(Permission::AssetWrite)?;
        Ok(Holder::Asset(assets::queries::resolve_number(&desk, &actor, &number).await?))
    };
    attach(&desk, &actor, holder.await, &headers, multipart).await
}

/// `POST /changes/{number}/attachments`
pub async fn attach_to_change(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(number): Path<String>,
    headers: HeaderMap,
    multipart: Multipart,
) -> Response {
    let holder = async {
        actor.signed_in()?;
        let number = number.parse().map_err(|_| Error::NotFound)?;
        Ok(Holder::Change(changes::queries::id_by_number(&desk, &actor, &number).await?))
    };
    attach(&desk, &actor, holder.await, &headers, multipart).await
}

async fn attach(
    desk: &Desk,
    actor: &Actor,
    holder: Result<Holder>,
    headers: &HeaderMap,
    multipart: Multipart,
) -> Response {
    let result = async {
        // Nothing is read, let alone stored, for whoever may not add files to it.
        let holder = holder?;
        require_worked_on(desk, actor, holder).await?;
        let files = receive_single(desk, actor, multipart).await?;
        commands::attach(desk, actor, holder, files).await
    };
    match result.await {
        Ok(added) if is_script(headers) => axum::Json(added).into_response(),
        Ok(_) => Redirect::to(&back_to(headers)).into_response(),
        Err(error) => refuse(headers, error),
    }
}

/// `GET /asset-attachments/{id}`: always as a download.
pub async fn open_of_asset(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    open(&desk, &actor, HolderKind::Asset, &id).await
}

/// `GET /change-attachments/{id}`: always as a download.
pub async fn open_of_change(
    State(desk): State<Desk>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Response {
    open(&desk, &actor, HolderKind::Change, &id).await
}

async fn open(desk: &Desk, actor: &Actor, kind: HolderKind, id: &str) -> Response {
    let found = async {
        actor.signed_in()?;
        open_attachment(desk, actor, kind, id.parse().map_err(|_| Error::NotFound)?).await
    };
    match found.await {
        Ok((file, content)) => send(&file.file_name, &file.mime_type, file.file_size, content),
        Err(Error::NotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(Error::Unauthenticated) => Redirect::to("/login").into_response(),
        Err(error) => AppError::from_core(error).status().into_response(),
    }
}
