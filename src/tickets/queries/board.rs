//! How many tickets wait in each queue now.

use super::push_visible;
use crate::desk::Desk;
use crate::tickets::QueueCount;
use crate::{Actor, Result};
use sqlx::{Postgres, QueryBuilder};

/// The open tickets that the actor may see, by queue; what is put off until later is left out, as it is in the inbox. Queues
/// with the most of them first.
pub async fn queue_counts(desk: &Desk, actor: &Actor) -> Result<Vec<QueueCount>> {
    actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT q.name, c.open, c.unassigned, c.late FROM (
           SELECT t.queue_id, count(*) AS open, count(*) FILTER (WHERE t.assigned_to_id IS NULL) AS unassigned,
             count(*) FILTER (WHERE t.due_at <= now()) AS late
           FROM tickets t WHERE t.is_open AND t.deleted_at IS NULL AND (t.follow_up_at IS NULL OR t.follow_up_at <= now()) AND ",
    );
    push_visible(&mut query, actor);
    query
        .push(" GROUP BY t.queue_id) c LEFT JOIN queues q ON q.id = c.queue_id ORDER BY c.open DESC, q.name LIMIT 100");
    Ok(query.build_query_as().fetch_all(&desk.db).await?)
}
