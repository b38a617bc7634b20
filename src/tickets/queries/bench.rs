//! What agents keep beside a ticket. Requesters are never given any of it.

use super::visible::visible_tree;
use super::{push_visible, ticket};
use crate::desk::Desk;
use crate::people::{Person, UserId, display_name};
use crate::tickets::{
    CHECKLIST_MAX, ChecklistItem, ChecklistItemId, Draft, LINKS_MAX, Link, LinkId, LinkType, TIME_ENTRIES_MAX,
    TicketId, TicketRef, TimeEntry, TimeEntryId, TimeSpent, Workbench,
};
use crate::{Actor, Error, Permission, Result, Timestamp, optional, parse_day};
use sqlx::{Postgres, QueryBuilder, Row};

/// Everything beside a ticket that the actor sees.
pub(super) async fn workbench(desk: &Desk, actor: &Actor, id: TicketId, tree: &[TicketId]) -> Result<Workbench> {
    let (time, minutes) = time_of(desk, actor, tree).await?;
    Ok(Workbench {
        links: links_of(desk, actor, tree).await?,
        merged: merged_into(desk, actor, id).await?,
        watchers: watchers_of(desk, tree).await?,
        ccs: ccs_of(desk, tree).await?,
        checklist: checklist_of(desk, id).await?,
        time,
        minutes,
        drafts: drafts_of(desk, actor, id).await?,
    })
}

/// A ticket's links, as it sees them, to tickets that the actor sees.
pub async fn links(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<Link>> {
    links_of(desk, actor, &for_agents(desk, actor, id).await?).await
}

/// Who watches, and which addresses are in copy.
pub async fn watchers(desk: &Desk, actor: &Actor, id: TicketId) -> Result<(Vec<Person>, Vec<String>)> {
    let tree = for_agents(desk, actor, id).await?;
    Ok((watchers_of(desk, &tree).await?, ccs_of(desk, &tree).await?))
}

pub async fn checklist(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<ChecklistItem>> {
    for_agents(desk, actor, id).await?;
    checklist_of(desk, id).await
}

/// A ticket's time entries, newest first, and their sum in minutes.
pub async fn time_entries(desk: &Desk, actor: &Actor, id: TicketId) -> Result<(Vec<TimeEntry>, i64)> {
    time_of(desk, actor, &for_agents(desk, actor, id).await?).await
}

/// The ticket and what was merged into it, for those who work tickets.
async fn for_agents(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<TicketId>> {
    ticket(desk, actor, id).await?;
    if actor.is_agent() { visible_tree(desk, actor, id).await } else { Err(Error::Forbidden) }
}

async fn links_of(desk: &Desk, actor: &Actor, tree: &[TicketId]) -> Result<Vec<Link>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT l.id AS link_id, l.link_type, l.incoming, t.id, t.ticket_number, t.subject, t.status
         FROM (
           SELECT id, link_type, false AS incoming, target_ticket_id AS other, created_at FROM ticket_links
           WHERE source_ticket_id = ANY(",
    );
    query.push_bind(tree).push(
        ") UNION ALL
           SELECT id, link_type, true, source_ticket_id, created_at FROM ticket_links WHERE target_ticket_id = ANY(",
    );
    query.push_bind(tree).push(")) AS l JOIN tickets t ON t.id = l.other WHERE t.deleted_at IS NULL AND t.id <> ALL(");
    query.push_bind(tree).push(") AND ");
    push_visible(&mut query, actor);
    query.push(" ORDER BY l.created_at, l.id LIMIT ").push_bind(LINKS_MAX);
    let rows = query.build().fetch_all(&desk.db).await?;
    let link = |row: &sqlx::postgres::PgRow| {
        let (stored, incoming): (LinkType, bool) = (row.try_get("link_type")?, row.try_get("incoming")?);
        let link_type = if stored == LinkType::Blocks && incoming { LinkType::BlockedBy } else { stored };
        Ok(Link { id: LinkId(row.try_get("link_id")?), link_type, incoming, ticket: reference(row)? })
    };
    Ok(rows.iter().map(link).collect::<Result<_, sqlx::Error>>()?)
}

fn reference(row: &sqlx::postgres::PgRow) -> Result<TicketRef, sqlx::Error> {
    Ok(TicketRef {
        id: row.try_get("id")?,
        ticket_number: row.try_get("ticket_number")?,
        subject: row.try_get("subject")?,
        status: row.try_get("status")?,
    })
}

async fn merged_into(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<TicketRef>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.id, t.ticket_number, t.subject, t.status FROM tickets t
         WHERE t.deleted_at IS NULL AND t.merged_into_id = ",
    );
    query.push_bind(id).push(" AND ");
    push_visible(&mut query, actor);
    let rows = query.push(" ORDER BY t.merged_at LIMIT 100").build().fetch_all(&desk.db).await?;
    Ok(rows.iter().map(reference).collect::<Result<_, sqlx::Error>>()?)
}

async fn watchers_of(desk: &Desk, tree: &[TicketId]) -> Result<Vec<Person>> {
    let rows = sqlx::query!(
        "SELECT DISTINCT u.id, u.email, u.first_name, u.last_name FROM ticket_watchers w JOIN users u ON u.id = w.user_id
         WHERE w.ticket_id = ANY($1) AND u.deleted_at IS NULL
         ORDER BY u.first_name, u.last_name, u.id LIMIT 200",
        tree as _
    )
    .fetch_all(&desk.db)
    .await?;
    let person = |id, email: String, first: Option<&str>, last: Option<&str>| Person {
        id,
        name: display_name(first, last, &email),
        email,
    };
    Ok(rows
        .into_iter()
        .map(|row| person(row.id, row.email, row.first_name.as_deref(), row.last_name.as_deref()))
        .collect())
}

async fn ccs_of(desk: &Desk, tree: &[TicketId]) -> Result<Vec<String>> {
    let emails = sqlx::query_scalar!(
        "SELECT DISTINCT email FROM ticket_ccs WHERE ticket_id = ANY($1) ORDER BY email LIMIT 200",
        tree as _
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(emails)
}

async fn checklist_of(desk: &Desk, id: TicketId) -> Result<Vec<ChecklistItem>> {
    let rows = sqlx::query!(
        r#"SELECT i.id AS "id: ChecklistItemId", i.text, i.done_at AS "done_at: Timestamp", u.email AS "email?",
             u.first_name AS "first_name?", u.last_name AS "last_name?"
           FROM ticket_checklist_items i LEFT JOIN users u ON u.id = i.done_by_id
           WHERE i.ticket_id = $1 ORDER BY i.position, i.id LIMIT $2"#,
        id as _,
        CHECKLIST_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ChecklistItem {
            id: row.id,
            text: row.text,
            done_at: row.done_at,
            done_by: row.email.map(|email| display_name(row.first_name.as_deref(), row.last_name.as_deref(), &email)),
        })
        .collect())
}

async fn time_of(desk: &Desk, actor: &Actor, tree: &[TicketId]) -> Result<(Vec<TimeEntry>, i64)> {
    let rows = sqlx::query!(
        r#"SELECT e.id AS "id: TimeEntryId", e.user_id AS "user_id: UserId", e.minutes, e.note, e.spent_on::text AS "spent_on!",
             u.email AS "email?", u.first_name AS "first_name?", u.last_name AS "last_name?"
           FROM ticket_time_entries e LEFT JOIN users u ON u.id = e.user_id
           WHERE e.ticket_id = ANY($1) ORDER BY e.spent_on DESC, e.id DESC LIMIT $2"#,
        tree as _,
        TIME_ENTRIES_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    let total = sqlx::query_scalar!(
        r#"SELECT coalesce(sum(minutes), 0) AS "sum!" FROM ticket_time_entries WHERE ticket_id = ANY($1)"#,
        tree as _
    )
    .fetch_one(&desk.db)
    .await?;
    let any = actor.can(Permission::TicketDelete);
    let entries = rows.into_iter().map(|row| TimeEntry {
        id: row.id,
        may_delete: any || (row.user_id.is_some() && row.user_id == actor.user_id),
        user_id: row.user_id,
        person: row.email.map_or_else(
            || "Someone".to_owned(),
            |email| display_name(row.first_name.as_deref(), row.last_name.as_deref(), &email),
        ),
        minutes: row.minutes,
        note: row.note,
        spent_on: row.spent_on,
    });
    Ok((entries.collect(), total))
}

async fn drafts_of(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<Draft>> {
    let drafts = sqlx::query_as!(
        Draft,
        "SELECT is_internal, body, version FROM ticket_drafts WHERE ticket_id = $1 AND user_id = $2",
        id as _,
        actor.user_id as _,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(drafts)
}

/// Tags that begin with `beginning`, at most twenty, for whoever works tickets.
pub async fn suggest_tags(desk: &Desk, actor: &Actor, beginning: &str) -> Result<Vec<String>> {
    if !actor.is_agent() {
        actor.require(Permission::TicketReadQueue)?;
    }
    let beginning = optional("q", Some(beginning), 50)?.unwrap_or_default().to_lowercase();
    let pattern = format!("{}%", beginning.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    let tags = sqlx::query_scalar!("SELECT tag FROM tags WHERE tag LIKE $1 ORDER BY tag LIMIT 20", pattern)
        .fetch_all(&desk.db)
        .await?;
    Ok(tags)
}

/// Time spent by each person on each queue's tickets from one day to another, both included: at most a thousand lines.
pub async fn time_report(desk: &Desk, actor: &Actor, from: &str, to: &str) -> Result<Vec<TimeSpent>> {
    actor.require(Permission::ReportRead)?;
    let (from, to) = (parse_day("from", from)?, parse_day("to", to)?);
    if from > to {
        return Err(Error::invalid("to", "The last day comes before the first."));
    }
    let rows = sqlx::query!(
        r#"SELECT e.user_id AS "user_id: UserId", u.email AS "email?", u.first_name AS "first_name?", u.last_name AS "last_name?",
             q.name AS "queue?", sum(e.minutes) AS "minutes!", count(DISTINCT e.ticket_id) AS "tickets!"
           FROM ticket_time_entries e JOIN tickets t ON t.id = e.ticket_id
           LEFT JOIN users u ON u.id = e.user_id LEFT JOIN queues q ON q.id = t.queue_id
           WHERE e.spent_on BETWEEN $1::text::date AND $2::text::date AND t.deleted_at IS NULL
           GROUP BY e.user_id, u.email, u.first_name, u.last_name, q.name
           ORDER BY sum(e.minutes) DESC, u.email, q.name LIMIT 1000"#,
        from,
        to,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| TimeSpent {
            user_id: row.user_id,
            person: row.email.map_or_else(
                || "Someone".to_owned(),
                |email| display_name(row.first_name.as_deref(), row.last_name.as_deref(), &email),
            ),
            queue: row.queue,
            minutes: row.minutes,
            tickets: row.tickets,
        })
        .collect())
}
