//! Making, using and deleting macros.

use super::queries::{agent, one};
use super::rules::{Facts, check_placeholders, expand};
use super::{Applied, MACROS_MAX, MacroId, NAME_MAX, NewMacro};
use crate::desk::Desk;
use crate::tickets::rules::{check_tags, rename};
use crate::tickets::{
    COMMENT_MAX, TicketId, TicketPatch, TicketPriority, TicketStatus, commands as tickets, queries as ticket_queries,
};
use crate::{Actor, Error, Permission, Result, Validation, bounded, optional};

/// Saves a macro under a name; the same name again replaces it. Sharing one needs `macro.share`.
pub async fn save_macro(desk: &Desk, actor: &Actor, new: NewMacro) -> Result<MacroId> {
    let me = agent(actor)?;
    let mut check = Validation::default();
    let name = check.take(bounded("name", &new.name, NAME_MAX));
    let body = check.take(optional("body", Some(&new.body), COMMENT_MAX)).unwrap_or_default();
    check.take(check_placeholders(&body));
    let status = check.take(word::<TicketStatus>(new.status.as_deref(), "status"));
    let priority = check.take(word::<TicketPriority>(new.priority.as_deref(), "priority"));
    let tags = check.take(check_tags(&new.tags));
    if body.is_empty() && priority.is_none() && tags.is_empty() && !new.assign_to_me {
        check.take::<()>(Err(Error::invalid("body", "Say something, or do something.")));
    }
    check.finish()?;
    if new.is_shared {
        actor.require(Permission::MacroShare)?;
    }
    let mut tx = desk.db.begin().await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO macros (owner_id, name, body, status, priority, assign_to_me, tags, updated_by_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (owner_id, lower(name)) DO UPDATE SET name = EXCLUDED.name, body = EXCLUDED.body,
             status = EXCLUDED.status, priority = EXCLUDED.priority, assign_to_me = EXCLUDED.assign_to_me,
             tags = EXCLUDED.tags, updated_by_id = EXCLUDED.updated_by_id, version = macros.version + 1
           RETURNING id AS "id: MacroId""#,
        (!new.is_shared).then_some(me) as _,
        name,
        body,
        status as _,
        priority as _,
        new.assign_to_me,
        &tags,
        me as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM macros WHERE owner_id IS NOT DISTINCT FROM $1"#,
        (!new.is_shared).then_some(me) as _,
    );
    // Half for oneself and half for all, so that neither pushes the other out of the list.
    if count.fetch_one(&mut *tx).await? > MACROS_MAX / 2 {
        return Err(Error::invalid("name", format!("At most {} macros, please. Delete one first.", MACROS_MAX / 2)));
    }
    tx.commit().await?;
    Ok(id)
}

/// Deletes one of the actor's own macros, or with `macro.share` a shared one.
pub async fn delete_macro(desk: &Desk, actor: &Actor, id: MacroId) -> Result<()> {
    let me = agent(actor)?;
    let deleted = sqlx::query!(
        "DELETE FROM macros WHERE id = $1 AND (owner_id = $2 OR (owner_id IS NULL AND $3))",
        id as _,
        me as _,
        actor.can(Permission::MacroShare),
    )
    .execute(&desk.db)
    .await?;
    if deleted.rows_affected() == 0 { Err(Error::NotFound) } else { Ok(()) }
}

/// Does what a macro does to a ticket's fields, and returns what it would say: the composer sends that.
pub async fn apply_macro(desk: &Desk, actor: &Actor, ticket: TicketId, id: MacroId) -> Result<Applied> {
    let me = agent(actor)?;
    let used = one(desk, actor, id).await?;
    let seen = ticket_queries::ticket(desk, actor, ticket).await?;
    let mut tags = seen.tags.clone();
    tags.extend(used.tags);
    let patch = TicketPatch {
        priority: used.priority,
        assigned_to_id: used.assign_to_me.then_some(Some(me)),
        tags: (tags.len() > seen.tags.len()).then_some(tags),
        ..TicketPatch::default()
    };
    if patch != TicketPatch::default() {
        tickets::update_ticket(desk, actor, ticket, seen.version, patch).await?;
    }
    let facts = Facts {
        requester_name: seen.requester_name.unwrap_or_else(|| seen.requester_email.clone()),
        requester_email: seen.requester_email,
        ticket_number: seen.ticket_number.to_string(),
        ticket_subject: seen.subject,
        agent_name: actor.name.clone(),
    };
    Ok(Applied { text: expand(&used.body, &facts), then: used.status })
}

fn word<T: std::str::FromStr<Err = Error>>(text: Option<&str>, field: &str) -> Result<Option<T>> {
    text.filter(|text| !text.is_empty()).map(|text| text.parse().map_err(|error| rename(error, field))).transpose()
}
