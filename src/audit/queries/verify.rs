//! Walking the chain: whether every entry is as it was written, and none is missing.

use crate::audit::rules::Walk;
use crate::audit::{AuditAnchor, AuditLink, AuditLogId, Verified};
use crate::desk::Desk;
use crate::{Actor, Permission, Result};
use data_encoding::HEXLOWER;
use sqlx::PgConnection;

/// Links are read so many at a time.
const BATCH: i64 = 5_000;

/// Walks the whole chain as it stands now, and compares it with the anchors of each day and with those that were kept
/// elsewhere. The hashes are computed here, not by the database.
pub async fn verify_chain(desk: &Desk, actor: &Actor, anchors: &[AuditAnchor]) -> Result<Verified> {
    actor.require(Permission::AuditRead)?;
    let mut tx = desk.db.begin().await?;
    // What is written meanwhile is for the next time.
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(&mut *tx).await?;
    let mut walk = Walk::default();
    loop {
        let after = walk.last().map_or(0, |last| last.position);
        let links = links_after(&mut tx, after).await?;
        if links.is_empty() {
            break;
        }
        for link in &links {
            if let Err(why) = walk.step(link) {
                return Ok(broken(Some(link.position), Some(link.audit_log_id), why));
            }
        }
    }
    if let Some(begins_after) = walk.begins_after()
        && !was_expired(&mut tx, begins_after).await?
    {
        return Ok(broken(
            Some(begins_after.position),
            None,
            "the entries before it were removed, not after their time",
        ));
    }
    if let Some(unchained) = unchained(&mut tx).await? {
        return Ok(broken(None, Some(unchained), "it was written past the chain"));
    }
    let first = walk.begins_after().map_or(0, |begin| begin.position);
    let mut wanted = daily_anchors(&mut tx, first).await?;
    wanted.extend(anchors.iter().cloned());
    for anchor in wanted {
        if let Some(why) = missed(&mut tx, &anchor, first).await? {
            return Ok(broken(Some(anchor.position), None, why));
        }
    }
    Ok(Verified::Whole { entries: walk.entries, last: walk.last() })
}

fn broken(position: Option<i64>, audit_log_id: Option<AuditLogId>, why: &str) -> Verified {
    Verified::Broken { position, audit_log_id, why: why.to_owned() }
}

async fn links_after(tx: &mut PgConnection, after: i64) -> Result<Vec<AuditLink>> {
    let links = sqlx::query_as!(
        AuditLink,
        r#"SELECT c.position, c.audit_log_id AS "audit_log_id: AuditLogId", c.prev_hash, c.hash,
             CASE WHEN a.id IS NOT NULL THEN audit_canonical(a) END AS entry
           FROM audit_chain c LEFT JOIN audit_logs a ON a.id = c.audit_log_id
           WHERE c.position > $1 ORDER BY c.position LIMIT $2"#,
        after,
        BATCH,
    );
    Ok(links.fetch_all(tx).await?)
}

/// Whether an entry of the chain says that what came before was removed after its time.
async fn was_expired(tx: &mut PgConnection, begins_after: &AuditAnchor) -> Result<bool> {
    let said = sqlx::query_scalar!(
        r#"SELECT EXISTS (
             SELECT FROM audit_logs a JOIN audit_chain c ON c.audit_log_id = a.id
             WHERE a.action = 'EXPIRE' AND a.entity_type = 'AUDIT_LOG'
               AND a.changes->>'until' = $1::text AND a.changes->>'hash' = $2) AS "said!""#,
        begins_after.position.to_string(),
        begins_after.hash,
    );
    Ok(said.fetch_one(tx).await?)
}

async fn unchained(tx: &mut PgConnection) -> Result<Option<AuditLogId>> {
    let entry = sqlx::query_scalar!(
        r#"SELECT a.id AS "id: AuditLogId" FROM audit_logs a
           WHERE NOT EXISTS (SELECT FROM audit_chain c WHERE c.audit_log_id = a.id) ORDER BY a.created_at, a.id LIMIT 1"#
    );
    Ok(entry.fetch_optional(tx).await?)
}

async fn daily_anchors(tx: &mut PgConnection, first: i64) -> Result<Vec<AuditAnchor>> {
    let rows = sqlx::query!("SELECT position, hash FROM audit_anchors WHERE position >= $1 ORDER BY day", first)
        .fetch_all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| AuditAnchor { position: row.position, hash: HEXLOWER.encode(&row.hash) }).collect())
}

async fn missed(tx: &mut PgConnection, anchor: &AuditAnchor, first: i64) -> Result<Option<&'static str>> {
    // Removed after its time: the chain has nothing to say of it.
    if anchor.position < first {
        return Ok(None);
    }
    let hash = sqlx::query_scalar!("SELECT hash FROM audit_chain WHERE position = $1", anchor.position);
    Ok(match hash.fetch_optional(tx).await? {
        None => Some("the chain was longer once: its end was cut off"),
        Some(hash) if HEXLOWER.encode(&hash) != anchor.hash.to_lowercase() => {
            Some("the chain was another one once: it was written anew")
        }
        Some(_) => None,
    })
}
