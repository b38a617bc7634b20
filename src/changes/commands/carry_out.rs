//! Doing it, and looking back at it.

use super::state::{lock_own, note, set_status};
use crate::audit::{self, AuditEntry};
use crate::changes::rules::check_change_status;
use crate::changes::{ChangeId, ChangeOutcome, ChangeStatus, ChangeType, Implementation};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, Timestamp, Validation, optional};

const TEXT_MAX: usize = 20_000;

/// Says that an approved change was carried out, when, and how it went.
pub async fn implement_change(
    desk: &Desk,
    actor: &Actor,
    change: ChangeId,
    version: i32,
    form: &Implementation,
) -> Result<()> {
    let mut wrong = Validation::default();
    let notes = wrong.take(optional("implementation_notes", form.implementation_notes.as_deref(), TEXT_MAX));
    if form.outcome.is_none() {
        wrong.add("outcome", "Say how it went.");
    }
    let now = Timestamp::now();
    let (start, end) = (form.actual_start_date, form.actual_end_date);
    if start.is_some_and(|start| start > now) {
        wrong.add("actual_start_date", "This has not come yet.");
    }
    if end.is_some_and(|end| end > now) {
        wrong.add("actual_end_date", "This has not come yet.");
    }
    if start.zip(end).is_some_and(|(start, end)| end < start) {
        wrong.add("actual_end_date", "It ends after it begins, please.");
    }
    wrong.finish()?;
    let mut tx = desk.db.begin().await?;
    let locked = lock_own(&mut tx, actor, change, version).await?;
    check_change_status(locked.kind, locked.status, ChangeStatus::Implemented, actor.can(Permission::ChangeApprove))?;
    sqlx::query!(
        "UPDATE change_requests SET actual_start_date = coalesce($2, least(planned_start_date, $3), $3), actual_end_date = $3, implementation_notes = $4, outcome = $5 WHERE id = $1",
        change as _,
        start as _,
        end.unwrap_or(now) as _,
        notes,
        form.outcome as _
    )
    .execute(&mut *tx)
    .await?;
    set_status(&mut tx, actor, change, ChangeStatus::Implemented).await?;
    let said = form.outcome.map_or("", ChangeOutcome::label).to_lowercase();
    note(&mut tx, actor, change, &format!("carried it out: {said}"), notes.as_deref()).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("STATUS", "CHANGE_REQUEST").entity(change).describe("IMPLEMENTED"))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Ends it. What burned, and what did not go as planned, is looked back at in words (ITIL: post-implementation review).
pub async fn close_change(
    desk: &Desk,
    actor: &Actor,
    change: ChangeId,
    version: i32,
    review: Option<&str>,
) -> Result<()> {
    let review = optional("review", review, TEXT_MAX)?;
    let mut tx = desk.db.begin().await?;
    let locked = lock_own(&mut tx, actor, change, version).await?;
    check_change_status(locked.kind, locked.status, ChangeStatus::Closed, actor.can(Permission::ChangeApprove))?;
    let outcome = sqlx::query_scalar!(
        r#"UPDATE change_requests SET review = $2 WHERE id = $1 RETURNING outcome AS "outcome: ChangeOutcome""#,
        change as _,
        review
    )
    .fetch_one(&mut *tx)
    .await?;
    let needed = locked.kind == ChangeType::Emergency || outcome != Some(ChangeOutcome::Successful);
    if needed && review.is_none() {
        return Err(Error::invalid("review", "Say what is learned from it."));
    }
    set_status(&mut tx, actor, change, ChangeStatus::Closed).await?;
    note(&mut tx, actor, change, "closed it", review.as_deref()).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("STATUS", "CHANGE_REQUEST").entity(change).describe("CLOSED"))
        .await?;
    tx.commit().await?;
    Ok(())
}
