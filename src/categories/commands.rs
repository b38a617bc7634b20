//! Changing the tree.

use super::{CATEGORIES_MAX, CategoryId, NewCategory, PATH, check_position};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::tickets::{QueueId, TicketPriority, rules::rename};
use crate::{Actor, Error, Permission, Result, Validation, bounded, jobs, optional};
use serde_json::json;
use sqlx::PgConnection;

/// Adds a category, or changes one. Tickets follow a new name in a job. A category with subcategories cannot become
/// one itself: there are two levels.
pub async fn save_category(desk: &Desk, actor: &Actor, id: Option<CategoryId>, new: NewCategory) -> Result<CategoryId> {
    actor.require(Permission::FieldManage)?;
    let mut check = Validation::default();
    let name = check.take(bounded("name", &new.name, 100));
    if name.contains(PATH) {
        check.take::<()>(Err(Error::invalid("name", "A name cannot hold “ / ”: it stands between the two levels.")));
    }
    let description = check.take(optional("description", new.description.as_deref(), 300));
    let parent = check.take(word::<CategoryId>("parent_id", new.parent_id.as_deref()));
    let queue = check.take(word::<QueueId>("queue_id", new.queue_id.as_deref()));
    let priority = check.take(word::<TicketPriority>("priority", new.priority.as_deref()));
    check.take(check_position(new.position));
    check.finish()?;
    let mut tx = desk.db.begin().await?;
    let before = match id {
        Some(id) => Some(named(&mut tx, id).await?.ok_or(Error::NotFound)?),
        None => None,
    };
    check_parent(&mut tx, id, parent).await?;
    let was = audit::row(&mut tx, "ticket_categories", id.map(|id| id.0)).await?;
    let saved = sqlx::query_scalar!(
        r#"INSERT INTO ticket_categories (id, parent_id, name, description, queue_id, priority, is_public, position, updated_by_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7,
             coalesce($8, (SELECT coalesce(max(position), 0) + 1 FROM ticket_categories)), $9)
           ON CONFLICT (id) DO UPDATE SET parent_id = EXCLUDED.parent_id, name = EXCLUDED.name,
             description = EXCLUDED.description, queue_id = EXCLUDED.queue_id, priority = EXCLUDED.priority,
             is_public = EXCLUDED.is_public, position = coalesce($8, ticket_categories.position),
             updated_by_id = EXCLUDED.updated_by_id, version = ticket_categories.version + 1
           RETURNING id AS "id: CategoryId""#,
        id.unwrap_or_else(CategoryId::new) as _,
        parent as _,
        name,
        description,
        queue as _,
        priority as _,
        new.is_public,
        new.position,
        actor.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let count =
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM ticket_categories"#).fetch_one(&mut *tx).await?;
    if count > CATEGORIES_MAX {
        return Err(Error::invalid("name", format!("At most {CATEGORIES_MAX} categories, please.")));
    }
    let after = named(&mut tx, saved).await?;
    if let (Some(before), Some(after)) = (&before, &after)
        && before != after
    {
        let payload = json!({ "from": before, "to": after });
        jobs::enqueue(&mut tx, jobs::RENAME_CATEGORY, &payload, &format!("rename:{saved}:{}", before.join("/")))
            .await?;
    }
    let what = if before.is_some() { "UPDATE" } else { "CREATE" };
    let is = audit::row(&mut tx, "ticket_categories", Some(saved.0)).await?;
    let entry = AuditEntry::new(what, "CATEGORY").entity(saved).describe(name).difference(&was, &is);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Deletes a category with its subcategories. Tickets keep the names; fields that belonged to it belong everywhere.
pub async fn delete_category(desk: &Desk, actor: &Actor, id: CategoryId) -> Result<()> {
    actor.require(Permission::FieldManage)?;
    let mut tx = desk.db.begin().await?;
    let bound = sqlx::query_scalar!(
        r#"SELECT string_agg(label, ', ') FROM custom_fields WHERE deleted_at IS NULL AND category_id IN (
             SELECT id FROM ticket_categories WHERE id = $1 OR parent_id = $1)"#,
        id as _
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some(labels) = bound {
        return Err(Error::invalid(
            "id",
            format!("These fields belong to it: {labels}. Give them another place first."),
        ));
    }
    let deleted = sqlx::query!("DELETE FROM ticket_categories WHERE id = $1", id as _).execute(&mut *tx).await?;
    if deleted.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "CATEGORY").entity(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// The name, or the parent's and its own.
async fn named(tx: &mut PgConnection, id: CategoryId) -> Result<Option<Vec<String>>> {
    let row = sqlx::query!(
        r#"SELECT p.name AS "parent?", c.name FROM ticket_categories c LEFT JOIN ticket_categories p ON p.id = c.parent_id
           WHERE c.id = $1"#,
        id as _
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| row.parent.into_iter().chain([row.name]).collect()))
}

async fn check_parent(tx: &mut PgConnection, own: Option<CategoryId>, parent: Option<CategoryId>) -> Result<()> {
    let Some(parent) = parent else { return Ok(()) };
    let wrong = |message: &str| Err(Error::invalid("parent_id", message));
    let above = sqlx::query_scalar!(
        r#"SELECT parent_id AS "parent_id: CategoryId" FROM ticket_categories WHERE id = $1 FOR SHARE"#,
        parent as _
    )
    .fetch_optional(&mut *tx)
    .await?;
    match above {
        None => wrong("There is no such category."),
        Some(Some(_)) => wrong("There are two levels: this one stands on the second already."),
        Some(None) if own == Some(parent) => wrong("A category cannot stand under itself."),
        Some(None) => {
            let has_children = sqlx::query_scalar!(
                r#"SELECT EXISTS (SELECT FROM ticket_categories WHERE parent_id = $1) AS "has!""#,
                own as _
            );
            if has_children.fetch_one(tx).await? {
                return wrong("It has subcategories itself.");
            }
            Ok(())
        }
    }
}

fn word<T: std::str::FromStr<Err = Error>>(name: &str, text: Option<&str>) -> Result<Option<T>> {
    text.filter(|text| !text.is_empty()).map(|text| text.parse().map_err(|error| rename(error, name))).transpose()
}
