//! What is to be done for a change, step by step.

use super::state::{lock_change, lock_own, note};
use crate::changes::{ChangeId, ChangeStatus, ChangeTaskId};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, bounded};

/// One change has so many at most.
const TASKS_MAX: i64 = 100;

pub async fn add_task(desk: &Desk, actor: &Actor, change: ChangeId, version: i32, title: &str) -> Result<ChangeTaskId> {
    let title = bounded("title", title, 300)?;
    let mut tx = desk.db.begin().await?;
    let locked = lock_own(&mut tx, actor, change, version).await?;
    if matches!(locked.status, ChangeStatus::Rejected | ChangeStatus::Closed) {
        return Err(Error::invalid("title", "What is over stays as it was."));
    }
    let there =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM change_tasks WHERE change_id = $1"#, change as _)
            .fetch_one(&mut *tx)
            .await?;
    if there >= TASKS_MAX {
        return Err(Error::invalid("title", format!("At most {TASKS_MAX} tasks, please.")));
    }
    let id = ChangeTaskId::new();
    sqlx::query!(
        "INSERT INTO change_tasks (id, change_id, title, position) VALUES ($1, $2, $3, $4)",
        id as _,
        change as _,
        title,
        i32::try_from(there).unwrap_or(i32::MAX)
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Whoever works tickets may tick off a task of a change that they see.
pub async fn set_task_done(desk: &Desk, actor: &Actor, change: ChangeId, task: ChangeTaskId, done: bool) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let locked = lock_change(&mut tx, actor, change).await?;
    if actor.user_id != Some(locked.requested_by_id) {
        actor.require(Permission::TicketUpdate)?;
    }
    if matches!(locked.status, ChangeStatus::Rejected | ChangeStatus::Closed) {
        return Err(Error::invalid("done", "What is over stays as it was."));
    }
    let title = sqlx::query_scalar!(
        "UPDATE change_tasks SET done_at = CASE WHEN $3 THEN coalesce(done_at, now()) END, done_by_id = CASE WHEN $3 THEN coalesce(done_by_id, $4) END
         WHERE change_id = $1 AND id = $2 RETURNING title",
        change as _,
        task as _,
        done,
        actor.user_id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let what = if done { "ticked off" } else { "took up again" };
    note(&mut tx, actor, change, &format!("{what}: {title}"), None).await?;
    tx.commit().await?;
    Ok(())
}
