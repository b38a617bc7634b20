//! Reading queues and teams with their people.

use super::{AssignmentRule, Member, QUEUES_MAX, QueueDetail, QueueVisibility, TeamDetail};
use crate::desk::Desk;
use crate::people::{Team, TeamId, UserId};
use crate::tickets::{QueueId, TicketId};
use crate::{Actor, Permission, Result};
use sqlx::PgConnection;
use sqlx::types::Json;

/// Every queue, retired ones last, each with its members.
pub async fn list_queue_details(desk: &Desk, actor: &Actor) -> Result<Vec<QueueDetail>> {
    if !actor.is_agent() {
        actor.require(Permission::TicketReadQueue)?;
    }
    let rows = sqlx::query!(
        r#"SELECT q.id AS "id: QueueId", q.name, q.description, q.active, q.visibility AS "visibility: QueueVisibility",
             q.assignment_rule AS "assignment_rule: AssignmentRule", q.version,
             (SELECT coalesce(json_agg(json_build_object('id', u.id, 'email', u.email, 'away', u.away,
                'name', coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email)) ORDER BY u.first_name, u.last_name, u.id), '[]')
              FROM queue_members m JOIN users u ON u.id = m.user_id WHERE m.queue_id = q.id AND u.deleted_at IS NULL) AS "members!: Json<Vec<Member>>"
           FROM queues q ORDER BY NOT q.active, lower(q.name), q.id LIMIT $1"#,
        QUEUES_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    let detail = rows.into_iter().map(|row| QueueDetail {
        id: row.id,
        name: row.name,
        description: row.description,
        active: row.active,
        visibility: row.visibility,
        assignment_rule: row.assignment_rule,
        members: row.members.0,
        version: row.version,
    });
    Ok(detail.collect())
}

/// Whether new tickets may come into a queue.
pub(crate) async fn takes_tickets(desk: &Desk, queue: QueueId) -> Result<bool> {
    let active =
        sqlx::query_scalar!("SELECT active FROM queues WHERE id = $1", queue as _).fetch_optional(&desk.db).await?;
    Ok(active.unwrap_or(false))
}

/// Who works in a ticket's queue.
pub(crate) async fn members_of(tx: &mut PgConnection, ticket: TicketId) -> Result<Vec<UserId>> {
    let members = sqlx::query_scalar!(
        r#"SELECT m.user_id AS "id: UserId" FROM queue_members m JOIN tickets t ON t.queue_id = m.queue_id WHERE t.id = $1 LIMIT 500"#,
        ticket as _
    )
    .fetch_all(tx)
    .await?;
    Ok(members)
}

/// Every team with its people.
pub async fn list_teams(desk: &Desk, actor: &Actor) -> Result<Vec<TeamDetail>> {
    if !actor.is_agent() {
        actor.require(Permission::TicketReadQueue)?;
    }
    let rows = sqlx::query!(
        r#"SELECT t.id AS "id: TeamId", t.name,
             (SELECT coalesce(json_agg(json_build_object('id', u.id, 'email', u.email, 'away', u.away,
                'name', coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email)) ORDER BY u.first_name, u.last_name, u.id), '[]')
              FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = t.id AND u.deleted_at IS NULL) AS "members!: Json<Vec<Member>>"
           FROM teams t ORDER BY lower(t.name), t.id LIMIT $1"#,
        QUEUES_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    let detail =
        rows.into_iter().map(|row| TeamDetail { team: Team { id: row.id, name: row.name }, members: row.members.0 });
    Ok(detail.collect())
}
