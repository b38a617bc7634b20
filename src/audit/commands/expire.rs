//! What is done with the log by the clock: a day's anchor, and letting go of what is older than it is kept.

use super::record::{AuditEntry, record};
use crate::audit::queries::verify_chain;
use crate::audit::{AuditAnchor, Verified};
use crate::desk::Desk;
use crate::{Actor, Result, settings};
use data_encoding::HEXLOWER;
use serde_json::json;

/// Once a day: notes where the chain stands, for the program's log too, and whether it is whole. Idempotent: only the
/// first of a day does anything. Answers with what it noted.
pub async fn close_day(desk: &Desk) -> Result<Option<AuditAnchor>> {
    let noted = sqlx::query!(r#"SELECT position AS "position!", hash AS "hash!" FROM audit_anchor()"#)
        .fetch_optional(&desk.db)
        .await?;
    let Some(noted) = noted else { return Ok(None) };
    let anchor = AuditAnchor { position: noted.position, hash: HEXLOWER.encode(&noted.hash) };
    tracing::info!(%anchor, "the audit log stands here today");
    if let Verified::Broken { position, audit_log_id, why } = verify_chain(desk, &actor(), &[]).await? {
        tracing::error!(?position, entry = ?audit_log_id.map(|id| id.to_string()), why, "the audit log is not as it was written");
    }
    Ok(Some(anchor))
}

/// Removes entries that are older than `audit.retention_days`, in batches, and says so in the log itself. While the
/// chain is broken, nothing is removed: it is evidence. Answers with how many are gone.
pub async fn expire_entries(desk: &Desk) -> Result<i64> {
    let days = settings::queries::number(desk, "audit.retention_days").await?;
    if days == 0 || !is_any_older(desk, days as i32).await? {
        return Ok(0);
    }
    if let Verified::Broken { why, .. } = verify_chain(desk, &actor(), &[]).await? {
        tracing::error!(why, "the audit log is not as it was written: nothing of it is removed");
        return Ok(0);
    }
    let mut gone = 0;
    loop {
        let mut tx = desk.db.begin().await?;
        let batch = sqlx::query!(
            r#"SELECT removed AS "removed!", until AS "until!", hash AS "hash!" FROM audit_expire(now() - make_interval(days => $1))"#,
            days as i32
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(batch) = batch else { return Ok(gone) };
        let said = json!({ "removed": batch.removed, "until": batch.until, "hash": HEXLOWER.encode(&batch.hash) });
        record(&mut *tx, &actor(), AuditEntry::new("EXPIRE", "AUDIT_LOG").changes(said)).await?;
        tx.commit().await?;
        gone += batch.removed;
    }
}

async fn is_any_older(desk: &Desk, days: i32) -> Result<bool> {
    let older = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM audit_logs WHERE created_at < now() - make_interval(days => $1)) AS "older!""#,
        days
    );
    Ok(older.fetch_one(&desk.db).await?)
}

fn actor() -> Actor {
    Actor::system("audit log")
}
