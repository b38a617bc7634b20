//! Those who were asked and said nothing are reminded, and then those who approve changes are told.

use crate::changes::ChangeId;
use crate::desk::Desk;
use crate::notifications::NotificationType;
use crate::notifications::commands::notify_of_change;
use crate::people::UserId;
use crate::{Actor, Result};

/// So many stages at a time: the next hour brings the others.
const BATCH: i64 = 200;

/// A job: once each, whatever restarts. `hours` after they were asked, and once more after twice that, then to all who may
/// approve changes; 0 reminds nobody.
pub async fn remind_approvers(desk: &Desk, hours: u64) -> Result<()> {
    if hours == 0 {
        return Ok(());
    }
    let hours = i32::try_from(hours).unwrap_or(i32::MAX / 2).min(8760);
    remind(desk, hours).await?;
    escalate(desk, hours.saturating_mul(2)).await
}

async fn remind(desk: &Desk, hours: i32) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    // Whoever is asked is of the stage that was asked last; they wait for nobody but themselves.
    let late = sqlx::query!(
        r#"WITH late AS (
             SELECT s.change_id, s.stage FROM change_stages s JOIN change_requests c ON c.id = s.change_id AND c.status = 'IN_REVIEW' AND c.deleted_at IS NULL
             WHERE s.asked_at < now() - make_interval(hours => $1) AND s.reminded_at IS NULL
               AND NOT EXISTS (SELECT FROM change_stages later WHERE later.change_id = s.change_id AND later.stage > s.stage AND later.asked_at >= s.asked_at)
             ORDER BY s.asked_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED),
           reminded AS (UPDATE change_stages s SET reminded_at = now() FROM late WHERE s.change_id = late.change_id AND s.stage = late.stage
             RETURNING s.change_id, s.stage)
           SELECT r.change_id AS "change: ChangeId", array_agg(a.approver_id) AS "people!: Vec<UserId>"
           FROM reminded r JOIN change_requests c ON c.id = r.change_id
           JOIN change_approvals a ON a.change_request_id = r.change_id AND a.stage = r.stage AND a.voted_hash IS DISTINCT FROM c.content_hash
           GROUP BY r.change_id"#,
        hours,
        BATCH
    )
    .fetch_all(&mut *tx)
    .await?;
    let system = Actor::system("reminders");
    for one in late {
        let said = "Your yes or no is still wanted";
        notify_of_change(desk, &mut tx, &system, one.change, NotificationType::ApprovalWanted, &one.people, said)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn escalate(desk: &Desk, hours: i32) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let late = sqlx::query_scalar!(
        r#"WITH late AS (
             SELECT s.change_id, s.stage FROM change_stages s JOIN change_requests c ON c.id = s.change_id AND c.status = 'IN_REVIEW' AND c.deleted_at IS NULL
             WHERE s.asked_at < now() - make_interval(hours => $1) AND s.reminded_at IS NOT NULL AND s.escalated_at IS NULL
               AND NOT EXISTS (SELECT FROM change_stages later WHERE later.change_id = s.change_id AND later.stage > s.stage AND later.asked_at >= s.asked_at)
             ORDER BY s.asked_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED)
           UPDATE change_stages s SET escalated_at = now() FROM late WHERE s.change_id = late.change_id AND s.stage = late.stage
           RETURNING s.change_id AS "change: ChangeId""#,
        hours,
        BATCH
    )
    .fetch_all(&mut *tx)
    .await?;
    if late.is_empty() {
        return Ok(());
    }
    let people = sqlx::query_scalar!(
        r#"SELECT DISTINCT u.user_id AS "id!: UserId" FROM user_roles u JOIN roles r ON r.id = u.role_id WHERE 'change.approve' = ANY(r.permissions)"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let system = Actor::system("reminders");
    for change in late {
        let said = "Nobody has said yes or no for a long time";
        notify_of_change(desk, &mut tx, &system, change, NotificationType::ApprovalWanted, &people, said).await?;
    }
    tx.commit().await?;
    Ok(())
}
