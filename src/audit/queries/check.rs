//! What the last walk along the chain found.

use crate::audit::AuditCheck;
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, Timestamp};

/// The walk that was asked for last, if any ever was.
pub async fn last_check(desk: &Desk, actor: &Actor) -> Result<Option<AuditCheck>> {
    actor.require(Permission::AuditRead)?;
    let row = sqlx::query!(
        r#"SELECT asked_at AS "asked_at: Timestamp", done_at AS "done_at: Timestamp", outcome FROM audit_checks"#
    );
    let Some(row) = row.fetch_optional(&desk.db).await? else { return Ok(None) };
    let found = row.outcome.map(serde_json::from_value).transpose().map_err(Error::internal)?;
    Ok(Some(AuditCheck { asked_at: row.asked_at, done_at: row.done_at, found }))
}
