//! Saying yes or no to a change.

use super::review::ask_next;
use super::state::{Locked, lock_change, note, set_status, voices};
use crate::audit::{self, AuditEntry};
use crate::changes::rules::{Outcome, outcome};
use crate::changes::{ApprovalStatus, ChangeId, ChangeStatus};
use crate::desk::Desk;
use crate::notifications::NotificationType;
use crate::notifications::commands::notify_of_change;
use crate::people::UserId;
use crate::{Actor, Error, Result, optional};
use sqlx::PgConnection;

const COMMENT_MAX: usize = 2000;

/// Votes on a change as the actor saw it (`version`), for themselves or for whom they are a deputy of. A vote is bound to the
/// content, and can be another as long as its stage is asked; nobody votes on their own change, on what
/// they made of another's, nor on one that is not in review.
pub async fn vote(
    desk: &Desk,
    actor: &Actor,
    change: ChangeId,
    version: i32,
    status: ApprovalStatus,
    comment: Option<&str>,
) -> Result<ChangeStatus> {
    let me = actor.signed_in()?;
    let comment = optional("comment", comment, COMMENT_MAX)?;
    if status == ApprovalStatus::Pending {
        return Err(Error::invalid("status", "Say yes or no."));
    }
    if status == ApprovalStatus::Rejected && comment.is_none() {
        return Err(Error::invalid("comment", "Say why not: whoever asked has to know."));
    }
    let mut tx = desk.db.begin().await?;
    // Two voters at once come one after the other: the second counts the first.
    let locked = lock_change(&mut tx, actor, change).await?;
    if locked.status != ChangeStatus::InReview {
        return Err(Error::invalid("status", "Nobody is asked about this change any longer."));
    }
    if locked.requested_by_id == me {
        return Err(Error::Forbidden);
    }
    if locked.content_by_id == Some(me) {
        return Err(Error::invalid("status", "You wrote it as it stands now: someone else has to say yes to that."));
    }
    if locked.version != version {
        return Err(Error::Conflict { current: locked.version });
    }
    let hash = locked.content_hash.clone().unwrap_or_default();
    let Outcome::Waits(stage) = outcome(locked.kind, &voices(&mut tx, change).await?, &hash) else {
        return Err(Error::Internal);
    };
    let stage = i32::try_from(stage).unwrap_or(i32::MAX);
    let approver = seat(&mut tx, &locked, stage, me).await?;
    sqlx::query!(
        "UPDATE change_approvals SET status = $4, comments = $5, approved_at = now(), voted_hash = $6, voted_by_id = $7
         WHERE change_request_id = $1 AND stage = $2 AND approver_id = $3",
        change as _,
        stage,
        approver as _,
        status as _,
        comment,
        hash,
        (approver != me).then_some(me) as _
    )
    .execute(&mut *tx)
    .await?;
    let word = if status == ApprovalStatus::Approved { "said yes" } else { "said no" };
    note(&mut tx, actor, change, word, comment.as_deref()).await?;
    let now = follow(desk, &mut tx, actor, &locked, &hash, stage).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("VOTE", "CHANGE_REQUEST").entity(change).describe(status.as_str()))
        .await?;
    tx.commit().await?;
    Ok(now)
}

/// What all voices come to by now. The version stays while others are still asked: what they saw has not changed.
async fn follow(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    locked: &Locked,
    hash: &[u8],
    voted: i32,
) -> Result<ChangeStatus> {
    let (now, said) = match outcome(locked.kind, &voices(tx, locked.id).await?, hash) {
        Outcome::Waits(stage) => {
            if i32::try_from(stage) != Ok(voted) {
                ask_next(desk, tx, actor, locked.id).await?;
            }
            return Ok(ChangeStatus::InReview);
        }
        Outcome::Approved => (ChangeStatus::Approved, "Your change is approved"),
        Outcome::Rejected => (ChangeStatus::Rejected, "Your change is rejected"),
    };
    set_status(tx, actor, locked.id, now).await?;
    let who = [locked.requested_by_id];
    notify_of_change(desk, tx, actor, locked.id, NotificationType::ChangeDecided, &who, said).await?;
    Ok(now)
}

/// Whose voice of the stage that is asked the actor gives: their own, or that of someone whose deputy they are today. Who was
/// asked for a role has to have it still.
async fn seat(tx: &mut PgConnection, locked: &Locked, stage: i32, me: UserId) -> Result<UserId> {
    let seat = sqlx::query_scalar!(
        r#"SELECT a.approver_id AS "id: UserId" FROM change_approvals a JOIN users u ON u.id = a.approver_id AND u.active AND u.deleted_at IS NULL
           WHERE a.change_request_id = $1 AND a.stage = $2
             AND (a.approver_id = $3 OR EXISTS (SELECT FROM deputies d WHERE d.user_id = a.approver_id AND d.deputy_id = $3
               AND (now() AT TIME ZONE u.time_zone)::date BETWEEN d.from_day AND d.until_day))
             AND (a.via_role IS NULL OR EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
               WHERE ur.user_id = a.approver_id AND r.name = a.via_role))
           ORDER BY (a.approver_id = $3) DESC, a.status = 'PENDING' DESC, a.id LIMIT 1"#,
        locked.id as _,
        stage,
        me as _
    );
    // Of another stage, or of none: they are not asked now.
    seat.fetch_optional(tx).await?.ok_or(Error::Forbidden)
}
