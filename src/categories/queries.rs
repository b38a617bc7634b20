//! Reading the tree.

use super::{CATEGORIES_MAX, Category, CategoryId};
use crate::desk::Desk;
use crate::tickets::{QueueId, TicketPriority};
use crate::{Actor, Result};

/// The tree in order: each category followed by its subcategories. Whoever does not work tickets sees what the portal
/// offers.
pub async fn list_categories(desk: &Desk, actor: &Actor) -> Result<Vec<Category>> {
    let rows = sqlx::query_as!(
        Category,
        r#"SELECT c.id AS "id: CategoryId", c.parent_id AS "parent_id: CategoryId", c.name, c.description,
             c.queue_id AS "queue_id: QueueId", c.priority AS "priority: TicketPriority", c.is_public, c.position, c.version
           FROM ticket_categories c LEFT JOIN ticket_categories p ON p.id = c.parent_id
           WHERE $1 OR (c.is_public AND coalesce(p.is_public, true))
           ORDER BY coalesce(p.position, c.position), coalesce(p.name, c.name), c.parent_id IS NOT NULL, c.position, c.name, c.id
           LIMIT $2"#,
        actor.is_agent(),
        CATEGORIES_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows)
}
