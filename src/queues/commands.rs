//! Arranging queues and teams, and giving tickets out.

use super::{AssignmentRule, NewQueue, QUEUES_MAX, QueueVisibility};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::queries::check_works_tickets;
use crate::people::{TeamId, UserId};
use crate::sla::{self, CalendarId};
use crate::tickets::{QueueId, rules::rename};
use crate::{Actor, Error, Permission, Result, Timestamp, Validation, bounded, optional};
use sqlx::PgConnection;

/// Adds a queue, or changes one. A retired queue keeps its tickets and takes no new ones.
pub async fn save_queue(desk: &Desk, actor: &Actor, id: Option<QueueId>, new: NewQueue) -> Result<QueueId> {
    actor.require(Permission::QueueManage)?;
    let mut check = Validation::default();
    let name = check.take(bounded("name", &new.name, 100));
    let description = check.take(optional("description", new.description.as_deref(), 500));
    let visibility = new.visibility.as_deref().unwrap_or(QueueVisibility::Members.as_str());
    let visibility = check.try_take(visibility.parse::<QueueVisibility>().map_err(|error| rename(error, "visibility")));
    let rule = new.assignment_rule.as_deref().unwrap_or(AssignmentRule::None.as_str());
    let rule = check.try_take(rule.parse::<AssignmentRule>().map_err(|error| rename(error, "assignment_rule")));
    check.finish()?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "queues", id.map(|id| id.0)).await?;
    let saved = match id {
        None => sqlx::query_scalar!(
            r#"INSERT INTO queues (name, description, active, visibility, assignment_rule) VALUES ($1, $2, $3, $4, $5)
                   RETURNING id AS "id: QueueId""#,
            name,
            description,
            new.active,
            visibility as _,
            rule as _,
        )
        .fetch_one(&mut *tx)
        .await?,
        Some(id) => sqlx::query_scalar!(
            r#"UPDATE queues SET name = $2, description = $3, active = $4, visibility = $5, assignment_rule = $6,
                 version = version + 1 WHERE id = $1 RETURNING id AS "id: QueueId""#,
            id as _,
            name,
            description,
            new.active,
            visibility as _,
            rule as _,
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?,
    };
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM queues"#).fetch_one(&mut *tx).await?;
    if count > QUEUES_MAX {
        return Err(Error::invalid("name", format!("At most {QUEUES_MAX} queues, please.")));
    }
    let what = if id.is_some() { "UPDATE" } else { "CREATE" };
    let after = audit::row(&mut tx, "queues", Some(saved.0)).await?;
    let entry = AuditEntry::new(what, "QUEUE").entity(saved).describe(name).difference(&before, &after);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Lets someone work in a queue. Nothing changes for who does already.
pub async fn add_queue_member(desk: &Desk, actor: &Actor, queue: QueueId, person: UserId) -> Result<()> {
    actor.require(Permission::QueueManage)?;
    let mut tx = desk.db.begin().await?;
    let known = sqlx::query_scalar!("SELECT id FROM queues WHERE id = $1 FOR SHARE", queue as _);
    known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    check_works_tickets(&mut tx, person, "user_id").await?;
    sqlx::query!(
        "INSERT INTO queue_members (queue_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        queue as _,
        person as _
    )
    .execute(&mut *tx)
    .await?;
    let entry = AuditEntry::new("ADD_MEMBER", "QUEUE").entity(queue).describe(person.to_string());
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn remove_queue_member(desk: &Desk, actor: &Actor, queue: QueueId, person: UserId) -> Result<()> {
    actor.require(Permission::QueueManage)?;
    let mut tx = desk.db.begin().await?;
    sqlx::query!("DELETE FROM queue_members WHERE queue_id = $1 AND user_id = $2", queue as _, person as _)
        .execute(&mut *tx)
        .await?;
    let entry = AuditEntry::new("REMOVE_MEMBER", "QUEUE").entity(queue).describe(person.to_string());
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Adds a team, or renames one.
pub async fn save_team(desk: &Desk, actor: &Actor, id: Option<TeamId>, name: &str) -> Result<TeamId> {
    actor.require(Permission::QueueManage)?;
    let name = bounded("name", name, 100)?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "teams", id.map(|id| id.0)).await?;
    let saved = match id {
        None => {
            sqlx::query_scalar!(r#"INSERT INTO teams (name) VALUES ($1) RETURNING id AS "id: TeamId""#, name)
                .fetch_one(&mut *tx)
                .await?
        }
        Some(id) => sqlx::query_scalar!(
            r#"UPDATE teams SET name = $2 WHERE id = $1 RETURNING id AS "id: TeamId""#,
            id as _,
            name
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(Error::NotFound)?,
    };
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM teams"#).fetch_one(&mut *tx).await?;
    if count > QUEUES_MAX {
        return Err(Error::invalid("name", format!("At most {QUEUES_MAX} teams, please.")));
    }
    let what = if id.is_some() { "UPDATE" } else { "CREATE" };
    let after = audit::row(&mut tx, "teams", Some(saved.0)).await?;
    let entry = AuditEntry::new(what, "TEAM").entity(saved).describe(name).difference(&before, &after);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Deletes a team, and the views that were saved for it.
pub async fn delete_team(desk: &Desk, actor: &Actor, id: TeamId) -> Result<()> {
    actor.require(Permission::QueueManage)?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "teams", Some(id.0)).await?;
    let deleted = sqlx::query!("DELETE FROM teams WHERE id = $1", id as _).execute(&mut *tx).await?;
    if deleted.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let entry = AuditEntry::new("DELETE", "TEAM").entity(id).difference(&before, &serde_json::Value::Null);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn add_team_member(desk: &Desk, actor: &Actor, team: TeamId, person: UserId) -> Result<()> {
    actor.require(Permission::QueueManage)?;
    let mut tx = desk.db.begin().await?;
    let known = sqlx::query_scalar!("SELECT id FROM teams WHERE id = $1 FOR SHARE", team as _);
    known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    check_works_tickets(&mut tx, person, "user_id").await?;
    sqlx::query!(
        "INSERT INTO team_members (team_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        team as _,
        person as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

pub async fn remove_team_member(desk: &Desk, actor: &Actor, team: TeamId, person: UserId) -> Result<()> {
    actor.require(Permission::QueueManage)?;
    sqlx::query!("DELETE FROM team_members WHERE team_id = $1 AND user_id = $2", team as _, person as _)
        .execute(&desk.db)
        .await?;
    Ok(())
}

/// Whether the actor is there: nothing is given by a rule to who is away.
pub async fn set_away(desk: &Desk, actor: &Actor, away: bool) -> Result<()> {
    let me = actor.signed_in()?;
    if !actor.is_agent() {
        return Err(Error::Forbidden);
    }
    sqlx::query!("UPDATE users SET away = $2 WHERE id = $1", me as _, away).execute(&desk.db).await?;
    Ok(())
}

/// Whose turn it is in a queue, by its rule. Invalid at `queue_id` for a queue that takes no tickets.
pub(crate) async fn next_assignee(tx: &mut PgConnection, queue: QueueId, tags: &[String]) -> Result<Option<UserId>> {
    let row = sqlx::query!(
        r#"SELECT assignment_rule AS "rule: AssignmentRule", active FROM queues WHERE id = $1"#,
        queue as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::invalid("queue_id", "There is no such queue."))?;
    if !row.active {
        return Err(Error::invalid("queue_id", "This queue is retired."));
    }
    choose_assignee(tx, queue, row.rule, tags).await
}

/// A queue has so many members at most that are asked.
const MEMBERS_MAX: i64 = 500;

/// Whose turn it is in a queue by `rule`, among those who are working: not away, and within their hours where they have
/// some. By skill, only those who have at least one that `tags` name, most of them first. The queue's row stays locked
/// until the caller's transaction ends: two tickets at once go to two people.
pub(crate) async fn choose_assignee(
    tx: &mut PgConnection,
    queue: QueueId,
    rule: AssignmentRule,
    tags: &[String],
) -> Result<Option<UserId>> {
    if rule == AssignmentRule::None {
        return Ok(None);
    }
    sqlx::query!("SELECT id FROM queues WHERE id = $1 FOR UPDATE", queue as _).fetch_optional(&mut *tx).await?;
    let members = sqlx::query!(
        r#"SELECT m.user_id AS "user_id: UserId", u.calendar_id AS "calendar: CalendarId"
           FROM queue_members m JOIN users u ON u.id = m.user_id
           WHERE m.queue_id = $1 AND u.active AND u.deleted_at IS NULL AND NOT u.away
             AND ($2 <> 'SKILL' OR u.skills && $3::text[])
             AND EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id
               AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all'])
           ORDER BY CASE WHEN $2 = 'SKILL' THEN -cardinality(ARRAY(SELECT unnest(u.skills) INTERSECT SELECT unnest($3::text[]))) END,
             CASE WHEN $2 <> 'ROUND_ROBIN' THEN (SELECT count(*) FROM tickets t WHERE t.assigned_to_id = m.user_id AND t.is_open
               AND t.deleted_at IS NULL) END,
             m.last_assigned_at NULLS FIRST, m.user_id LIMIT $4"#,
        queue as _,
        rule.as_str(),
        tags,
        MEMBERS_MAX,
    )
    .fetch_all(&mut *tx)
    .await?;
    let calendars: Vec<CalendarId> = members.iter().filter_map(|member| member.calendar).collect();
    let open = if calendars.is_empty() {
        Vec::new()
    } else {
        sla::queries::open_calendars(&mut *tx, &calendars, Timestamp::now()).await?
    };
    let works = |calendar: Option<CalendarId>| calendar.is_none_or(|calendar| open.contains(&calendar));
    let next = members.into_iter().find(|member| works(member.calendar)).map(|member| member.user_id);
    if let Some(person) = next {
        sqlx::query!(
            "UPDATE queue_members SET last_assigned_at = clock_timestamp() WHERE queue_id = $1 AND user_id = $2",
            queue as _,
            person as _
        )
        .execute(tx)
        .await?;
    }
    Ok(next)
}
