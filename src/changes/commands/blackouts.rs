//! Times in which nothing is changed.

use crate::audit::{self, AuditEntry};
use crate::changes::BlackoutId;
use crate::changes::rules::check_blackout;
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, Timestamp};

pub async fn save_blackout(
    desk: &Desk,
    actor: &Actor,
    name: &str,
    starts: Timestamp,
    ends: Timestamp,
) -> Result<BlackoutId> {
    actor.require(Permission::ChangeApprove)?;
    let name = check_blackout(name, starts, ends)?;
    let id = BlackoutId::new();
    let mut tx = desk.db.begin().await?;
    sqlx::query!(
        "INSERT INTO change_blackouts (id, name, starts, ends, made_by_id) VALUES ($1, $2, $3, $4, $5)",
        id as _,
        name,
        starts as _,
        ends as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("CREATE", "CHANGE_BLACKOUT").entity(id).describe(&name)).await?;
    tx.commit().await?;
    Ok(id)
}

pub async fn delete_blackout(desk: &Desk, actor: &Actor, id: BlackoutId) -> Result<()> {
    actor.require(Permission::ChangeApprove)?;
    let mut tx = desk.db.begin().await?;
    let name = sqlx::query_scalar!("DELETE FROM change_blackouts WHERE id = $1 RETURNING name", id as _)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?;
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "CHANGE_BLACKOUT").entity(id).describe(&name)).await?;
    tx.commit().await?;
    Ok(())
}
