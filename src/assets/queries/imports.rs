//! Tables that were brought in.

use crate::assets::{Import, ImportId, ImportProgress};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, Timestamp};

/// So many of the latest are listed.
const SHOWN: i64 = 50;

/// The latest imports, and those that wait to be brought in.
pub async fn list_imports(desk: &Desk, actor: &Actor) -> Result<Vec<Import>> {
    read(desk, actor, None).await
}

pub async fn import(desk: &Desk, actor: &Actor, id: ImportId) -> Result<Import> {
    read(desk, actor, Some(id)).await?.pop().ok_or(Error::NotFound)
}

/// How far an import is that is on its way, or was.
pub async fn import_progress(desk: &Desk, actor: &Actor, id: ImportId) -> Result<ImportProgress> {
    actor.require(Permission::AssetWrite)?;
    let found = sqlx::query_as!(
        ImportProgress,
        r#"SELECT i.rows, p.rows_done AS "rows_done?" FROM asset_imports i LEFT JOIN asset_import_progress p ON p.import_id = i.id WHERE i.id = $1"#,
        id as _
    );
    found.fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

async fn read(desk: &Desk, actor: &Actor, id: Option<ImportId>) -> Result<Vec<Import>> {
    actor.require(Permission::AssetWrite)?;
    let rows = sqlx::query_as!(
        Import,
        r#"SELECT i.id AS "id: ImportId", i.file_name, i.rows, i.made, i.changed,
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS by, i.at AS "at: Timestamp",
             i.done_at AS "done_at: Timestamp", i.undone_at AS "undone_at: Timestamp"
           FROM asset_imports i LEFT JOIN users u ON u.id = i.by_id WHERE $1::uuid IS NULL OR i.id = $1
           ORDER BY i.at DESC, i.id DESC LIMIT $2"#,
        id as _,
        SHOWN
    );
    Ok(rows.fetch_all(&desk.db).await?)
}
