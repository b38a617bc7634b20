//! From a draft to those who are asked, and back.

use super::state::{Locked, lock_own, note, set_status, voices};
use crate::audit::{self, AuditEntry};
use crate::changes::rules::{Outcome, check_change_status, check_ready, outcome};
use crate::changes::{ChangeId, ChangeStatus, ChangeType, RiskLevel, StageForm, StageRule};
use crate::desk::Desk;
use crate::notifications::NotificationType;
use crate::notifications::commands::notify_of_change;
use crate::people::UserId;
use crate::{Actor, Error, Permission, Result};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Brings a change, as the actor saw it, to the next status; done and closed have commands of their own.
pub async fn move_change(desk: &Desk, actor: &Actor, change: ChangeId, version: i32, to: ChangeStatus) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let locked = lock_own(&mut tx, actor, change, version).await?;
    check_change_status(locked.kind, locked.status, to, actor.can(Permission::ChangeApprove))?;
    if matches!(to, ChangeStatus::Implemented | ChangeStatus::Closed) {
        return Err(Error::invalid("status", "Say how it went."));
    }
    if locked.status == ChangeStatus::Draft {
        check_complete(&mut tx, &locked).await?;
    }
    if to == ChangeStatus::Draft {
        forget_votes(&mut tx, change).await?;
    }
    set_status(&mut tx, actor, change, to).await?;
    note(&mut tx, actor, change, said(locked.status, to), None).await?;
    match to {
        // A stage without anyone in it is an error here, where it can be mended, not later.
        ChangeStatus::Submitted => seat_approvers(&mut tx, change).await?,
        ChangeStatus::InReview => {
            seat_approvers(&mut tx, change).await?;
            ask_next(desk, &mut tx, actor, change).await?;
        }
        _ => {}
    }
    let entry = AuditEntry::new("STATUS", "CHANGE_REQUEST").entity(change).describe(to.as_str());
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

fn said(from: ChangeStatus, to: ChangeStatus) -> &'static str {
    match to {
        ChangeStatus::Draft if from == ChangeStatus::Approved => "took it back after its approval",
        ChangeStatus::Draft => "took it back",
        ChangeStatus::Submitted => "submitted it",
        ChangeStatus::InReview => "began its review",
        _ => "submitted it; its template is approved",
    }
}

async fn check_complete(tx: &mut PgConnection, locked: &Locked) -> Result<()> {
    let row = sqlx::query!(
        r#"SELECT coalesce(c.plan, '') AS "plan!", coalesce(c.backout_plan, '') AS "backout_plan!", coalesce(c.test_plan, '') AS "test_plan!",
             c.risk_level AS "risk: RiskLevel", c.planned_start_date > now() AS is_ahead, t.active AS "active?",
             t.plan = coalesce(c.plan, '') AND t.backout_plan = coalesce(c.backout_plan, '') AND t.test_plan = coalesce(c.test_plan, '')
               AND t.risk_level IS NOT DISTINCT FROM c.risk_level AS "is_as_approved?"
           FROM change_requests c LEFT JOIN change_templates t ON t.id = c.template_id WHERE c.id = $1"#,
        locked.id as _
    )
    .fetch_one(tx)
    .await?;
    check_ready(locked.kind, &row.plan, &row.backout_plan, row.risk, row.is_ahead.is_some())?;
    if locked.kind != ChangeType::Emergency && row.is_ahead == Some(false) {
        return Err(Error::invalid("planned_start_date", "This time is over."));
    }
    if locked.kind == ChangeType::Standard && !(row.active == Some(true) && row.is_as_approved == Some(true)) {
        let said = "Its plans or its risk are not those of its template: that is a normal change.";
        return Err(Error::invalid("plan", said));
    }
    Ok(())
}

/// Nobody has said anything.
pub(super) async fn forget_votes(tx: &mut PgConnection, change: ChangeId) -> Result<()> {
    sqlx::query!("DELETE FROM change_approvals WHERE change_request_id = $1", change as _).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM change_stages WHERE change_id = $1", change as _).execute(tx).await?;
    Ok(())
}

/// Makes people of its template's stages; left out is whoever asks for it and, of a role, who does not
/// work here: a role of everyone is no stage. Who is asked already stays as they are.
pub(super) async fn seat_approvers(tx: &mut PgConnection, change: ChangeId) -> Result<()> {
    let stages = stages(tx, change).await?;
    for (at, form) in (1..).zip(&stages) {
        sqlx::query!(
            "INSERT INTO change_stages (change_id, stage, name, rule, quorum) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (change_id, stage) DO UPDATE SET name = EXCLUDED.name, rule = EXCLUDED.rule, quorum = EXCLUDED.quorum",
            change as _,
            at,
            form.name,
            form.rule as _,
            form.quorum
        )
        .execute(&mut *tx)
        .await?;
        let people: Vec<UserId> = sqlx::query_scalar!(
            r#"WITH asked AS (
                 SELECT DISTINCT ON (u.id) u.id, CASE WHEN u.id = ANY($3) OR o.id IS NOT NULL THEN NULL ELSE r.name END AS via
                 FROM users u JOIN change_requests c ON c.id = $1 AND c.requested_by_id <> u.id
                 LEFT JOIN user_roles ur ON ur.user_id = u.id LEFT JOIN roles r ON r.id = ur.role_id AND r.name = ANY($4)
                 LEFT JOIN LATERAL (SELECT a.id FROM change_assets ca JOIN assets a ON a.id = ca.asset_id AND a.deleted_at IS NULL
                   WHERE $5 AND ca.change_id = c.id AND a.assigned_to_id = u.id LIMIT 1) o ON true
                 WHERE u.active AND u.deleted_at IS NULL AND (u.id = ANY($3) OR o.id IS NOT NULL OR (r.id IS NOT NULL AND works_on_changes(u.id)))
                 ORDER BY u.id, r.name NULLS LAST),
               gone AS (DELETE FROM change_approvals WHERE change_request_id = $1 AND stage = $2 AND approver_id NOT IN (SELECT id FROM asked)),
               seated AS (INSERT INTO change_approvals (change_request_id, stage, approver_id, via_role) SELECT $1, $2, id, via FROM asked
                 ON CONFLICT (change_request_id, approver_id, stage) DO UPDATE SET via_role = EXCLUDED.via_role)
               SELECT id AS "id!: UserId" FROM asked"#,
            change as _,
            at,
            &form.people as _,
            &form.roles,
            form.asset_owners
        )
        .fetch_all(&mut *tx)
        .await?;
        if people.is_empty() {
            let said = format!(
                "Nobody is left to say yes in “{}”: whoever asks for it does not count, nor, of a role, who does not work here.",
                form.name
            );
            return Err(Error::invalid("status", said));
        }
    }
    let many = i32::try_from(stages.len()).unwrap_or(i32::MAX);
    sqlx::query!("DELETE FROM change_approvals WHERE change_request_id = $1 AND stage > $2", change as _, many)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("DELETE FROM change_stages WHERE change_id = $1 AND stage > $2", change as _, many)
        .execute(tx)
        .await?;
    Ok(())
}

/// Its template's; without any, all who approve changes are asked, and one of them is enough.
async fn stages(tx: &mut PgConnection, change: ChangeId) -> Result<Vec<StageForm>> {
    let row = sqlx::query!(
        r#"SELECT t.stages AS "stages?: Json<Vec<StageForm>>",
             ARRAY(SELECT name FROM roles WHERE 'change.approve' = ANY(permissions) ORDER BY name) AS "roles!"
           FROM change_requests c LEFT JOIN change_templates t ON t.id = c.template_id WHERE c.id = $1"#,
        change as _
    )
    .fetch_one(tx)
    .await?;
    let own = row.stages.map(|stages| stages.0).filter(|stages| !stages.is_empty());
    Ok(own.unwrap_or_else(|| {
        let name = "Change management".to_owned();
        vec![StageForm {
            name,
            rule: StageRule::Any,
            quorum: None,
            people: Vec::new(),
            roles: row.roles,
            asset_owners: false,
        }]
    }))
}

/// Tells those whose yes is wanted now.
pub(super) async fn ask_next(desk: &Desk, tx: &mut PgConnection, actor: &Actor, change: ChangeId) -> Result<()> {
    let row = sqlx::query!(
        r#"SELECT type AS "kind: ChangeType", content_hash AS "hash!" FROM change_requests WHERE id = $1"#,
        change as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let Outcome::Waits(stage) = outcome(row.kind, &voices(&mut *tx, change).await?, &row.hash) else { return Ok(()) };
    let stage = i32::try_from(stage).unwrap_or(i32::MAX);
    let asked: Vec<UserId> = sqlx::query_scalar!(
        r#"WITH asked AS (UPDATE change_stages SET asked_at = now(), reminded_at = NULL, escalated_at = NULL WHERE change_id = $1 AND stage = $2)
           SELECT approver_id AS "id: UserId" FROM change_approvals
           WHERE change_request_id = $1 AND stage = $2 AND voted_hash IS DISTINCT FROM $3"#,
        change as _,
        stage,
        row.hash
    )
    .fetch_all(&mut *tx)
    .await?;
    notify_of_change(desk, tx, actor, change, NotificationType::ApprovalWanted, &asked, "Your yes or no is wanted")
        .await
}
