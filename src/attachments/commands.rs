//! Adding files to an asset or a change, and taking them away.

use super::queries::Table;
use super::{Holder, HolderKind};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::tickets::attachments::{Kept, keep_all};
use crate::tickets::{AttachmentId, IncomingFile};
use crate::{Actor, Error, Result, assets, changes};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

/// One asset or change has so many files at most.
pub const ATTACHMENTS_MAX: i64 = 100;

/// Adds files to what the actor may work on: an asset, or a change that is not over.
pub async fn attach(
    desk: &Desk,
    actor: &Actor,
    holder: Holder,
    mut files: Vec<IncomingFile>,
) -> Result<Vec<AttachmentId>> {
    actor.signed_in()?;
    let kept = keep_all(desk, &mut files).await?;
    let result = insert(desk, actor, holder, &kept).await;
    kept.settle(desk, result).await
}

async fn insert(desk: &Desk, actor: &Actor, holder: Holder, kept: &Kept) -> Result<Vec<AttachmentId>> {
    let table = Table::of(holder.kind());
    let mut tx = desk.db.begin().await?;
    let names = kept.files().iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let owner = match holder {
        Holder::Asset(id) => {
            assets::commands::lock_to_attach(&mut tx, actor, id).await?;
            id.0
        }
        Holder::Change(id) => {
            changes::commands::lock_to_attach(&mut tx, actor, id, &names).await?;
            id.0
        }
    };
    let mut count = QueryBuilder::<Postgres>::new("SELECT count(*) FROM ");
    count.push(table.name).push(" WHERE ").push(table.holder).push(" = ").push_bind(owner);
    let there: i64 = count.build_query_scalar().fetch_one(&mut *tx).await?;
    if there + kept.files().len() as i64 > ATTACHMENTS_MAX {
        return Err(Error::invalid("files", format!("At most {ATTACHMENTS_MAX} files, please.")));
    }
    let mut query = QueryBuilder::<Postgres>::new("INSERT INTO ");
    query.push(table.name).push(" (id, ").push(table.holder);
    query.push(", file_name, file_path, file_size, mime_type, sha256, uploaded_by_id) ");
    query.push_values(kept.files(), |mut row, file| {
        row.push_bind(file.id).push_bind(owner).push_bind(file.name.clone()).push_bind(file.path.clone());
        row.push_bind(file.size).push_bind(file.mime_type.clone()).push_bind(file.sha256.clone());
        row.push_bind(actor.user_id);
    });
    query.build().execute(&mut *tx).await?;
    written_down(&mut tx, actor, "ATTACH", table, owner, &names).await?;
    tx.commit().await?;
    Ok(kept.files().iter().map(|file| file.id).collect())
}

/// Takes a file away for ever. What people were asked about stays with the change: only a draft's files are taken away.
pub async fn remove_attachment(desk: &Desk, actor: &Actor, kind: HolderKind, id: AttachmentId) -> Result<()> {
    actor.signed_in()?;
    let table = Table::of(kind);
    let mut tx = desk.db.begin().await?;
    let mut query = QueryBuilder::<Postgres>::new("SELECT ");
    query.push(table.holder).push(", file_name, file_path FROM ").push(table.name).push(" WHERE id = ").push_bind(id);
    let found: Option<(Uuid, String, String)> = query.build_query_as().fetch_optional(&mut *tx).await?;
    let (owner, name, path) = found.ok_or(Error::NotFound)?;
    match kind {
        HolderKind::Asset => assets::commands::lock_to_attach(&mut tx, actor, assets::AssetId(owner)).await?,
        HolderKind::Change => {
            changes::commands::lock_to_detach(&mut tx, actor, changes::ChangeId(owner), &name).await?;
        }
    }
    let mut query = QueryBuilder::<Postgres>::new("DELETE FROM ");
    query.push(table.name).push(" WHERE id = ").push_bind(id);
    // Someone else may have been faster.
    if query.build().execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    written_down(&mut tx, actor, "DETACH", table, owner, &name).await?;
    tx.commit().await?;
    desk.files.discard(&path).await;
    Ok(())
}

async fn written_down(
    tx: &mut PgConnection,
    actor: &Actor,
    deed: &'static str,
    table: Table,
    owner: Uuid,
    names: &str,
) -> Result<()> {
    audit::record(tx, actor, AuditEntry::new(deed, table.entity).entity(owner).describe(names)).await
}
