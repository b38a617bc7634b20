//! Writing an import, and taking it back.

use super::Source;
use super::decide::Deed;
use crate::assets::ImportReport;
use crate::assets::commands::rows::{BATCH, Written, insert_rows, update_rows};
use crate::assets::rules::{Checked, check_asset};
use crate::assets::{AssetForm, AssetId, ImportId};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Takes an import back: what it made is deleted, what it changed says what it said before. What somebody changed since stays
/// as they left it; their number is answered.
pub async fn undo_import(desk: &Desk, actor: &Actor, import: ImportId) -> Result<i64> {
    actor.require(Permission::AssetWrite)?;
    let mut tx = desk.db.begin().await?;
    let open = sqlx::query!(
        "UPDATE asset_imports SET undone_at = now() WHERE id = $1 AND undone_at IS NULL AND done_at IS NOT NULL",
        import as _
    );
    if open.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let rows = sqlx::query!(
        r#"SELECT r.asset_id AS "id: AssetId", r.before AS "before: Json<AssetForm>", a.version = r.version AND a.deleted_at IS NULL AS "is_as_left!"
           FROM asset_import_rows r JOIN assets a ON a.id = r.asset_id WHERE r.import_id = $1 ORDER BY r.asset_id FOR UPDATE OF a"#,
        import as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let left = rows.iter().filter(|row| !row.is_as_left).count();
    let made: Vec<uuid::Uuid> =
        rows.iter().filter(|row| row.is_as_left && row.before.is_none()).map(|row| row.id.0).collect();
    sqlx::query!(
        "UPDATE assets SET deleted_at = now(), updated_by_id = $2 WHERE id = ANY($1)",
        &made,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    let mut back = Vec::new();
    for row in rows.into_iter().filter(|row| row.is_as_left) {
        if let Some(Json(form)) = row.before {
            back.push(Written { id: row.id, asset: check_asset(&form)? });
        }
    }
    for rows in back.chunks(BATCH) {
        update_rows(&mut tx, actor, rows).await?;
    }
    audit::record(&mut *tx, actor, AuditEntry::new("UNDO_IMPORT", "ASSET").entity(import)).await?;
    tx.commit().await?;
    Ok(i64::try_from(left).unwrap_or(i64::MAX))
}

pub(super) async fn write(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    source: Source<'_>,
    deeds: &[Deed],
    report: &ImportReport,
) -> Result<ImportId> {
    let count = |many: usize| i32::try_from(many).unwrap_or(i32::MAX);
    let (kept, name) = match source {
        Source::Kept(id) => (Some(id), None),
        Source::Named(name) => (None, Some(name.chars().filter(|c| !c.is_control()).take(200).collect::<String>())),
    };
    // What was kept is not needed any longer.
    let row = sqlx::query!(
        r#"INSERT INTO asset_imports AS i (id, file_name, rows, made, changed, by_id, done_at) VALUES (coalesce($1, uuidv7()), coalesce($2, ''), $3, $4, $5, $6, now())
           ON CONFLICT (id) DO UPDATE SET content = NULL, rows = $3, made = $4, changed = $5, by_id = $6, done_at = now() WHERE i.done_at IS NULL
           RETURNING id AS "id: ImportId", file_name"#,
        kept as _,
        name,
        count(deeds.len()),
        count(report.made),
        count(report.changed),
        actor.user_id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let (id, file_name) = (row.id, row.file_name);
    let made: Vec<Written> =
        deeds.iter().filter_map(|deed| if let Deed::Make(row) = deed { Some(row.clone()) } else { None }).collect();
    let mut done = report.same;
    for rows in made.chunks(BATCH) {
        tell(desk, kept, done).await;
        done += rows.len();
        insert_rows(tx, actor, rows).await?;
        let ids: Vec<uuid::Uuid> = rows.iter().map(|row| row.id.0).collect();
        sqlx::query!(
            "INSERT INTO asset_import_rows (import_id, asset_id, version) SELECT $1, id, 1 FROM unnest($2::uuid[]) AS id",
            id as _,
            &ids
        )
        .execute(&mut *tx)
        .await?;
    }
    let changed: Vec<(&Checked, i32, &Written)> = deeds
        .iter()
        .filter_map(|deed| match deed {
            Deed::Change { before, version, after } => Some((before.as_ref(), *version, after)),
            _ => None,
        })
        .collect();
    for rows in changed.chunks(BATCH) {
        tell(desk, kept, done).await;
        done += rows.len();
        let after: Vec<Written> = rows.iter().map(|(_, _, after)| (*after).clone()).collect();
        update_rows(tx, actor, &after).await?;
        let ids: Vec<uuid::Uuid> = after.iter().map(|row| row.id.0).collect();
        let before: Vec<Json<&Checked>> = rows.iter().map(|(before, ..)| Json(*before)).collect();
        let versions: Vec<i32> = rows.iter().map(|(_, version, _)| version + 1).collect();
        sqlx::query(
            "INSERT INTO asset_import_rows (import_id, asset_id, before, version)
             SELECT $1, r.id, r.before, r.version FROM unnest($2::uuid[], $3::jsonb[], $4::int[]) AS r(id, before, version)",
        )
        .bind(id)
        .bind(&ids)
        .bind(before)
        .bind(&versions)
        .execute(&mut *tx)
        .await?;
    }
    let told = format!("{file_name}: {} made, {} changed", report.made, report.changed);
    audit::record(&mut *tx, actor, AuditEntry::new("IMPORT", "ASSET").entity(id).describe(told)).await?;
    Ok(id)
}

/// Says how far an import is, on a connection of its own: its transaction is seen by nobody yet. Where none is free, nobody
/// is told.
async fn tell(desk: &Desk, kept: Option<ImportId>, done: usize) {
    let (Some(id), Some(mut free)) = (kept, desk.db.try_acquire()) else { return };
    let said = sqlx::query!(
        "INSERT INTO asset_import_progress (import_id, rows_done) VALUES ($1, $2) ON CONFLICT (import_id) DO UPDATE SET rows_done = $2",
        id as _,
        i32::try_from(done).unwrap_or(i32::MAX)
    );
    if let Err(error) = said.execute(&mut *free).await {
        tracing::warn!(%error, "how far an import is could not be said");
    }
}
