//! A table of assets, brought in: what is known by its number, or by manufacturer and serial number, is changed, the rest is
//! made. Everything or nothing, and it can be taken back.

mod decide;
mod write;

use crate::assets::queries::all_fields;
use crate::assets::rules::{CellError, ReadRow, is_field, mapping, read_row, read_table};
use crate::assets::{ImportId, ImportReport};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result};
use decide::{Deed, decide};
use sqlx::types::Json;
pub use write::undo_import;

/// So many errors are named; all are counted.
const ERRORS_SHOWN: usize = 200;

/// So many tables of one person wait to be brought in.
const WAITING_MAX: i64 = 5;

/// Keeps a table, to be checked and then brought in; see [`check_import`].
pub async fn begin_import(desk: &Desk, actor: &Actor, file_name: &str, bytes: Vec<u8>) -> Result<ImportId> {
    actor.require(Permission::AssetWrite)?;
    let (bytes, table) = tokio::task::spawn_blocking(move || read_table(&bytes).map(|table| (bytes, table)))
        .await
        .map_err(Error::internal)??;
    let file_name: String = file_name.chars().filter(|c| !c.is_control()).take(200).collect();
    let mut tx = desk.db.begin().await?;
    // Whoever tries often keeps the last ones.
    sqlx::query!(
        "DELETE FROM asset_imports WHERE done_at IS NULL AND id IN (SELECT id FROM asset_imports
           WHERE done_at IS NULL AND by_id = $1 ORDER BY at DESC OFFSET $2 FOR UPDATE)",
        actor.user_id as _,
        WAITING_MAX - 1
    )
    .execute(&mut *tx)
    .await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO asset_imports (file_name, content, rows, by_id) VALUES ($1, $2, $3, $4) RETURNING id AS "id: ImportId""#,
        file_name,
        bytes,
        i32::try_from(table.rows.len()).unwrap_or(i32::MAX),
        actor.user_id as _
    );
    let id = id.fetch_one(&mut *tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// A table waits so many days to be brought in.
const WAITS: i32 = 7;

/// Forgets the tables that nobody brought in.
pub(crate) async fn purge_imports(desk: &Desk) -> Result<()> {
    sqlx::query!("DELETE FROM asset_imports WHERE done_at IS NULL AND at < now() - make_interval(days => $1)", WAITS)
        .execute(&desk.db)
        .await?;
    Ok(())
}

/// What would come of a kept table. `chosen` says which field each column is, in their order, where their headings do
/// not; it is kept for [`run_import`].
pub async fn check_import(
    desk: &Desk,
    actor: &Actor,
    import: ImportId,
    chosen: Option<&[String]>,
) -> Result<ImportReport> {
    import_kept(desk, actor, import, chosen, true).await
}

/// Brings a kept table in as it was checked last. It goes on when whoever asked hangs up: a long table outlasts a patient
/// proxy. [`crate::assets::queries::import_progress`] says how far it is.
pub async fn run_import(desk: &Desk, actor: &Actor, import: ImportId) -> Result<ImportReport> {
    let (desk, actor) = (desk.clone(), actor.clone());
    tokio::spawn(async move { import_kept(&desk, &actor, import, None, false).await }).await.map_err(Error::internal)?
}

async fn import_kept(
    desk: &Desk,
    actor: &Actor,
    import: ImportId,
    chosen: Option<&[String]>,
    dry_run: bool,
) -> Result<ImportReport> {
    actor.require(Permission::AssetWrite)?;
    let kept = sqlx::query!(
        r#"SELECT content AS "content!", chosen AS "chosen: Json<Vec<String>>" FROM asset_imports WHERE id = $1 AND done_at IS NULL"#,
        import as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    // Tens of thousands of lines take a moment, in which nothing else waits.
    let own = own_fields(desk).await?;
    let said = chosen.map_or(kept.chosen.0, <[String]>::to_vec);
    let (rows, mut report) =
        tokio::task::spawn_blocking(move || read(&kept.content, &said, &own)).await.map_err(Error::internal)??;
    if let Some(chosen) = chosen {
        sqlx::query!("UPDATE asset_imports SET chosen = $2 WHERE id = $1", import as _, Json(chosen) as _)
            .execute(&desk.db)
            .await?;
    }
    import_rows(desk, actor, Source::Kept(import), rows, &mut report, dry_run).await?;
    Ok(report)
}

/// Makes and changes assets as a discovery tool found them; rows are counted from one.
pub async fn upsert_assets(
    desk: &Desk,
    actor: &Actor,
    source: &str,
    rows: Vec<ReadRow>,
    dry_run: bool,
) -> Result<ImportReport> {
    actor.require(Permission::AssetWrite)?;
    let mut report = ImportReport::default();
    import_rows(desk, actor, Source::Named(source), rows, &mut report, dry_run).await?;
    Ok(report)
}

/// The names of the fields that are declared.
async fn own_fields(desk: &Desk) -> Result<Vec<String>> {
    let fields = all_fields(&mut *desk.db.acquire().await?).await?;
    Ok(fields.into_iter().map(|field| field.name).collect())
}

fn read(bytes: &[u8], chosen: &[String], own: &[String]) -> Result<(Vec<ReadRow>, ImportReport)> {
    let table = read_table(bytes)?;
    if let Some(field) = chosen.iter().find(|field| !field.is_empty() && !is_field(field, own)) {
        return Err(Error::invalid("columns", format!("An asset has no field {field}.")));
    }
    let mapped = mapping(&table.headings, chosen, own);
    let columns = table.headings.iter().cloned().zip(mapped.iter().cloned());
    let mut report = ImportReport {
        was_guessed: table.was_guessed,
        columns: columns.collect(),
        own: own.to_vec(),
        ..ImportReport::default()
    };
    if !mapped.iter().any(|one| matches!(one.as_deref(), Some("name" | "asset_number" | "serial_number"))) {
        let said = "No column names the assets: say which is their name, number or serial number.".to_owned();
        report.refuse(vec![CellError { line: 1, column: String::new(), said }]);
        return Ok((Vec::new(), report));
    }
    let mut rows = Vec::with_capacity(table.rows.len());
    for (line, cells) in &table.rows {
        match read_row(*line, cells, &table.headings, &mapped) {
            Ok(row) => rows.push(row),
            Err(errors) => report.refuse(errors),
        }
    }
    Ok((rows, report))
}

/// Where rows come from: a table that is kept, or something with a name.
enum Source<'a> {
    Kept(ImportId),
    Named(&'a str),
}

async fn import_rows(
    desk: &Desk,
    actor: &Actor,
    source: Source<'_>,
    rows: Vec<ReadRow>,
    report: &mut ImportReport,
    dry_run: bool,
) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    // Two imports at once would not see each other's serial numbers.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('asset_imports'))").execute(&mut *tx).await?;
    let deeds = decide(&mut tx, rows, report).await?;
    for deed in &deeds {
        match deed {
            Deed::Make(_) => report.made += 1,
            Deed::Change { .. } => report.changed += 1,
            Deed::Same => report.same += 1,
        }
    }
    let has_nothing = report.made + report.changed == 0 && matches!(source, Source::Named(_));
    if dry_run || report.wrong > 0 || has_nothing {
        return Ok(());
    }
    report.id = Some(write::write(desk, &mut tx, actor, source, &deeds, report).await?);
    tx.commit().await?;
    Ok(())
}

impl ImportReport {
    fn refuse(&mut self, errors: Vec<CellError>) {
        self.wrong += 1;
        let room = ERRORS_SHOWN.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room).map(|error| (error.line, error.column, error.said)));
    }
}
