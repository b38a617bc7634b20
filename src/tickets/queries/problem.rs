//! Problems, for those who may read notes: what causes what is not told to everyone.

use super::bench::for_agents;
use crate::desk::Desk;
use crate::tickets::{Problem, TicketId};
use crate::{Actor, Result, Timestamp};

/// What is known of a ticket that is a problem; none of every other.
pub async fn problem(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Option<Problem>> {
    problem_of(desk, id, &for_agents(desk, actor, id).await?).await
}

/// The same of a ticket with all that was merged into it, which the caller may see: its own first.
pub(super) async fn problem_of(desk: &Desk, id: TicketId, tree: &[TicketId]) -> Result<Option<Problem>> {
    let found = sqlx::query_as!(
        Problem,
        r#"SELECT p.ticket_id AS "ticket_id: TicketId", p.root_cause, p.workaround, p.is_known_error, p.version, p.updated_at AS "updated_at: Timestamp",
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS updated_by
           FROM problems p LEFT JOIN users u ON u.id = p.updated_by_id WHERE p.ticket_id = ANY($1::uuid[])
           ORDER BY p.ticket_id = $2 DESC, p.ticket_id LIMIT 1"#,
        tree as _,
        id as _
    );
    Ok(found.fetch_optional(&desk.db).await?)
}
