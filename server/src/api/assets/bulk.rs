//! What discovery tools send, and taking it back.

use super::model::FoundAsset;
use crate::api::extract::{Json, Path};
use crate::api::problem::{ReadRefused, Result, WriteRefused};
use crate::api::queues::{Answer, id};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use oxdesk::assets::{ImportReport, commands, queries};
use oxdesk::tickets::rules::rename;
use oxdesk::{Actor, Error, Permission};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// So many at once.
const ASSETS_MAX: usize = 1000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundAssets {
    /// Who found them, such as osquery.
    #[schema(min_length = 1, max_length = 200)]
    source: String,
    /// Only says what would come of it.
    #[serde(default)]
    dry_run: bool,
    #[schema(max_items = 1000)]
    assets: Vec<FoundAsset>,
}

/// What came of it, or would. Where anything is wrong, nothing is written.
#[derive(Serialize, ToSchema)]
pub struct ImportOutcome {
    /// To take it back with.
    import_id: Option<Uuid>,
    made: usize,
    changed: usize,
    same: usize,
    wrong: usize,
    /// The first 200.
    errors: Vec<RowError>,
}

#[derive(Serialize, ToSchema)]
pub struct RowError {
    /// From one.
    row: u64,
    field: String,
    message: String,
}

impl From<ImportReport> for ImportOutcome {
    fn from(report: ImportReport) -> Self {
        let error = |(row, field, message)| RowError { row, field, message };
        Self {
            import_id: report.id.map(|id| id.0),
            made: report.made,
            changed: report.changed,
            same: report.same,
            wrong: report.wrong,
            errors: report.errors.into_iter().map(error).collect(),
        }
    }
}

/// Makes and changes up to 1,000 assets, known by number, or by manufacturer and serial number. Everything or nothing; send
/// an Idempotency-Key to be able to send it again.
#[utoipa::path(post, path = "/assets/bulk", tag = "assets", request_body = FoundAssets, responses((status = 200, body = ImportOutcome), WriteRefused))]
pub async fn bulk_assets(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<FoundAssets>,
) -> Answer<ImportOutcome> {
    actor.require(Permission::AssetWrite)?;
    if input.assets.len() > ASSETS_MAX {
        return Err(Error::invalid("assets", format!("At most {ASSETS_MAX} at once, please.")).into());
    }
    let source = oxdesk::bounded("source", &input.source, 200)?;
    let place = |(at, found): (usize, FoundAsset)| {
        let row = at as u64 + 1;
        found.row(row).map_err(|error| match error {
            Error::Invalid(fields) => fields
                .into_iter()
                .next()
                .map_or(Error::Internal, |(field, said)| Error::invalid(&format!("assets.{row}.{field}"), said)),
            error => rename(error, "assets"),
        })
    };
    let rows = input.assets.into_iter().enumerate().map(place).collect::<oxdesk::Result<Vec<_>>>()?;
    let report = commands::upsert_assets(&state.desk, &actor, &source, rows, input.dry_run).await?;
    Ok(axum::Json(report.into()))
}

/// What was brought in.
#[derive(Serialize, ToSchema)]
pub struct Import {
    id: Uuid,
    /// The table's name, or who found them.
    source: String,
    rows: i32,
    made: i32,
    changed: i32,
    by: Option<String>,
    at: String,
    /// Waits to be brought in without it.
    done_at: Option<String>,
    undone_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ImportPage {
    data: Vec<Import>,
    next: Option<String>,
}

/// The latest imports of assets.
#[utoipa::path(get, path = "/asset-imports", tag = "assets", responses((status = 200, body = ImportPage), ReadRefused))]
pub async fn list_imports(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<ImportPage> {
    let one = |import: oxdesk::assets::Import| Import {
        id: import.id.0,
        source: import.file_name,
        rows: import.rows,
        made: import.made,
        changed: import.changed,
        by: import.by,
        at: import.at.to_string(),
        done_at: import.done_at.map(|at| at.to_string()),
        undone_at: import.undone_at.map(|at| at.to_string()),
    };
    let data = queries::list_imports(&state.desk, &actor).await?.into_iter().map(one).collect();
    Ok(axum::Json(ImportPage { data, next: None }))
}

/// How many were changed since, and stay as they are.
#[derive(Serialize, ToSchema)]
pub struct Undone {
    kept: i64,
}

/// Takes an import back: what it made is deleted, what it changed is as it was.
#[utoipa::path(post, path = "/asset-imports/{import_id}/undo", tag = "assets", params(("import_id" = Uuid, Path)), responses((status = 200, body = Undone), WriteRefused))]
pub async fn undo_import(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(import): Path<String>,
) -> Result<axum::Json<Undone>> {
    let kept = commands::undo_import(&state.desk, &actor, id(&import)?).await?;
    Ok(axum::Json(Undone { kept }))
}
