//! Walking the chain on behalf of somebody who does not wait for it.

use crate::audit::queries::verify_chain;
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, jobs};
use serde_json::json;
use sqlx::types::Json;

/// Asks for a walk along the chain. One that is under way is not begun again, unless it has been for an hour: then nobody walks.
pub async fn ask_for_check(desk: &Desk, actor: &Actor) -> Result<()> {
    actor.require(Permission::AuditRead)?;
    let mut tx = desk.db.begin().await?;
    let begun = sqlx::query!(
        "INSERT INTO audit_checks AS c (asked_by_id) VALUES ($1)
         ON CONFLICT (the_last) DO UPDATE SET asked_at = now(), asked_by_id = EXCLUDED.asked_by_id, done_at = NULL, outcome = NULL
         WHERE c.done_at IS NOT NULL OR c.asked_at < now() - interval '1 hour'",
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    if begun.rows_affected() == 1 {
        jobs::enqueue(&mut tx, jobs::CHECK_AUDIT, &json!({}), jobs::CHECK_AUDIT).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Walks the chain, and keeps what was found. Idempotent: it finds what holds now.
pub(crate) async fn check(desk: &Desk) -> Result<()> {
    let found = verify_chain(desk, &Actor::system("the check of the audit log"), &[]).await?;
    let found = serde_json::to_value(&found).map_err(Error::internal)?;
    sqlx::query!("UPDATE audit_checks SET done_at = now(), outcome = $1 WHERE done_at IS NULL", Json(found) as _)
        .execute(&desk.db)
        .await?;
    Ok(())
}
