//! Reading macros.

use super::{MACROS_MAX, Macro, MacroId};
use crate::desk::Desk;
use crate::people::UserId;
use crate::tickets::{TicketPriority, TicketStatus};
use crate::{Actor, Error, Permission, Result};

/// The actor's own macros and the shared ones, by name.
pub async fn list_macros(desk: &Desk, actor: &Actor) -> Result<Vec<Macro>> {
    let me = agent(actor)?;
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MacroId", name, body, owner_id AS "owner_id: UserId", status AS "status: TicketStatus",
             priority AS "priority: TicketPriority", assign_to_me, tags
           FROM macros WHERE owner_id = $1 OR owner_id IS NULL ORDER BY owner_id IS NULL, lower(name), id LIMIT $2"#,
        me as _,
        MACROS_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    let may_share = actor.can(Permission::MacroShare);
    let found = |id, name, body, owner: Option<UserId>, status, priority, assign_to_me, tags| Macro {
        id,
        name,
        body,
        is_shared: owner.is_none(),
        status,
        priority,
        assign_to_me,
        tags,
        may_edit: owner.is_some() || may_share,
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            found(row.id, row.name, row.body, row.owner_id, row.status, row.priority, row.assign_to_me, row.tags)
        })
        .collect())
}

/// Those that everyone who works tickets has.
pub(crate) async fn shared_macros(desk: &Desk) -> Result<Vec<Macro>> {
    let macros = sqlx::query_as!(
        Macro,
        r#"SELECT id AS "id: MacroId", name, body, true AS "is_shared!", status AS "status: TicketStatus",
             priority AS "priority: TicketPriority", assign_to_me, tags, false AS "may_edit!"
           FROM macros WHERE owner_id IS NULL ORDER BY lower(name), id LIMIT $1"#,
        MACROS_MAX
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(macros)
}

/// One that the actor has.
pub(super) async fn one(desk: &Desk, actor: &Actor, id: MacroId) -> Result<Macro> {
    let all = list_macros(desk, actor).await?;
    all.into_iter().find(|found| found.id == id).ok_or(Error::NotFound)
}

/// Macros are for those who work tickets.
pub(super) fn agent(actor: &Actor) -> Result<UserId> {
    let me = actor.signed_in()?;
    if actor.is_agent() { Ok(me) } else { Err(Error::Forbidden) }
}
