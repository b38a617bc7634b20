//! Files of assets and changes, for whoever sees those.

use super::{HeldFile, Holder, HolderKind};
use crate::desk::Desk;
use crate::tickets::AttachmentId;
use crate::{Actor, Error, Permission, Result, Timestamp, assets, changes};
use sqlx::{FromRow, Postgres, QueryBuilder};
use uuid::Uuid;

/// Where the files of a kind stand.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub name: &'static str,
    /// Its column of whose file it is.
    pub holder: &'static str,
    pub entity: &'static str,
}

impl Table {
    pub fn of(kind: HolderKind) -> Self {
        match kind {
            HolderKind::Asset => Self { name: "asset_attachments", holder: "asset_id", entity: "ASSET" },
            HolderKind::Change => {
                Self { name: "change_attachments", holder: "change_request_id", entity: "CHANGE_REQUEST" }
            }
        }
    }
}

#[derive(FromRow)]
struct Row {
    holder: Uuid,
    id: AttachmentId,
    file_name: String,
    file_size: i64,
    mime_type: String,
    uploaded_by: Option<String>,
    created_at: Timestamp,
    file_path: String,
}

impl From<Row> for HeldFile {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            file_name: row.file_name,
            file_size: row.file_size,
            mime_type: row.mime_type,
            uploaded_by: row.uploaded_by,
            created_at: row.created_at,
        }
    }
}

/// Its files, the oldest first. Not found where the actor may not see them: invoices of an asset are not for whoever only has
/// it.
pub async fn attachments(desk: &Desk, actor: &Actor, holder: Holder) -> Result<Vec<HeldFile>> {
    require_seen(desk, actor, holder).await?;
    let table = Table::of(holder.kind());
    let mut query = files(table);
    query.push("f.").push(table.holder).push(" = ");
    match holder {
        Holder::Asset(id) => query.push_bind(id),
        Holder::Change(id) => query.push_bind(id),
    };
    query.push(" ORDER BY f.id");
    Ok(query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(Into::into).collect())
}

/// A file with its content.
pub async fn open_attachment(
    desk: &Desk,
    actor: &Actor,
    kind: HolderKind,
    id: AttachmentId,
) -> Result<(HeldFile, tokio::fs::File)> {
    actor.signed_in()?;
    let mut query = files(Table::of(kind));
    query.push("f.id = ").push_bind(id);
    let row: Row = query.build_query_as().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    let holder = match kind {
        HolderKind::Asset => Holder::Asset(assets::AssetId(row.holder)),
        HolderKind::Change => Holder::Change(changes::ChangeId(row.holder)),
    };
    require_seen(desk, actor, holder).await?;
    let file = desk.files.read(&row.file_path).await?;
    Ok((row.into(), file))
}

fn files(table: Table) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new("SELECT f.");
    query.push(table.holder).push(
        " AS holder, f.id, f.file_name, f.file_size, f.mime_type, f.created_at, f.file_path,
           coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS uploaded_by FROM ",
    );
    query.push(table.name).push(" f LEFT JOIN users u ON u.id = f.uploaded_by_id WHERE ");
    query
}

/// Whether they look after assets.
fn reads_assets(actor: &Actor) -> bool {
    actor.can(Permission::AssetRead) || actor.can(Permission::AssetWrite)
}

/// As [`require_seen`], for those who may add files: asked before any is read.
pub async fn require_worked_on(desk: &Desk, actor: &Actor, holder: Holder) -> Result<()> {
    actor.signed_in()?;
    match holder {
        Holder::Asset(id) => {
            actor.require(Permission::AssetWrite)?;
            assets::queries::require_seen(desk, actor, id).await
        }
        Holder::Change(id) => {
            let change = changes::queries::change(desk, actor, id).await?;
            let is_own = actor.user_id == Some(change.requested_by_id);
            if is_own { Ok(()) } else { actor.require(Permission::ChangeApprove) }
        }
    }
}

/// Not found where the actor may not see what has the files.
pub async fn require_seen(desk: &Desk, actor: &Actor, holder: Holder) -> Result<()> {
    actor.signed_in()?;
    match holder {
        Holder::Asset(id) if reads_assets(actor) => assets::queries::require_seen(desk, actor, id).await,
        Holder::Asset(_) => Err(Error::NotFound),
        Holder::Change(id) => changes::queries::require_seen(desk, actor, id).await,
    }
}
