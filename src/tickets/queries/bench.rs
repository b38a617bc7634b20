//! What agents keep beside a ticket. Requesters are never given any of it.

use super::visible::visible_tree;
use super::{push_visible, ticket};
use crate::desk::Desk;
use crate::people::{Person, UserId, display_name};
use crate::tickets::{
    ChecklistItem, Draft, LINKS_MAX, Link, LinkId, LinkType, Outgoing, TIME_ENTRIES_MAX, TicketId, TicketRef,
    TimeEntry, TimeEntryId, TimeSpent, Workbench,
};
use crate::{Actor, Error, Permission, Result, ai, assets, changes, optional, parse_day, search, sla};
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder, Row};

/// Everything beside a ticket that the actor sees.
pub(super) async fn workbench(
    desk: &Desk,
    actor: &Actor,
    id: TicketId,
    subject: &str,
    tree: &[TicketId],
) -> Result<Workbench> {
    // What is known is looked for beside the rest: nobody waits for both in turn.
    let (bench, known, assets, own_assets, changes) = tokio::try_join!(
        kept_beside(desk, actor, id, tree),
        search::queries::known_about(desk, actor, id, subject),
        assets::queries::ticket_assets(desk, actor, id),
        assets::queries::assets_to_link(desk, actor, id),
        changes::queries::changes_of_ticket(desk, actor, id),
    )?;
    Ok(Workbench { known, assets, own_assets, changes, ..bench })
}

async fn kept_beside(desk: &Desk, actor: &Actor, id: TicketId, tree: &[TicketId]) -> Result<Workbench> {
    let (time, minutes) = time_of(desk, actor, tree).await?;
    let kept = kept(desk, actor, id, tree).await?;
    Ok(Workbench {
        links: links_of(desk, actor, tree).await?,
        // Few tickets have anything merged into them: most need not ask.
        merged: if tree.len() > 1 { merged_into(desk, actor, id).await? } else { Vec::new() },
        watchers: kept.watchers,
        ccs: kept.ccs,
        checklist: kept.checklist,
        time,
        minutes,
        drafts: kept.drafts,
        outgoing: kept.outgoing,
        is_muted: kept.is_muted,
        deadlines: sla::queries::deadlines_of(desk, id).await?,
        known: search::Known::default(),
        assets: Vec::new(),
        own_assets: Vec::new(),
        changes: Vec::new(),
        problem: super::problem::problem_of(desk, id, tree).await?,
        is_drafting: ai::queries::is_drafting(desk).await?,
    })
}

/// A ticket's links, as it sees them, to tickets that the actor sees.
pub async fn links(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<Link>> {
    links_of(desk, actor, &for_agents(desk, actor, id).await?).await
}

/// Who watches, and which addresses are in copy.
pub async fn watchers(desk: &Desk, actor: &Actor, id: TicketId) -> Result<(Vec<Person>, Vec<String>)> {
    let tree = for_agents(desk, actor, id).await?;
    let kept = kept(desk, actor, id, &tree).await?;
    Ok((kept.watchers, kept.ccs))
}

pub async fn checklist(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<ChecklistItem>> {
    let tree = for_agents(desk, actor, id).await?;
    Ok(kept(desk, actor, id, &tree).await?.checklist)
}

/// A ticket's time entries, newest first, and their sum in minutes.
pub async fn time_entries(desk: &Desk, actor: &Actor, id: TicketId) -> Result<(Vec<TimeEntry>, i64)> {
    time_of(desk, actor, &for_agents(desk, actor, id).await?).await
}

/// The ticket and what was merged into it, for those who work tickets.
pub(super) async fn for_agents(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<TicketId>> {
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

/// What hangs on a ticket in small numbers.
#[derive(serde::Deserialize)]
struct Kept {
    watchers: Vec<Person>,
    ccs: Vec<String>,
    checklist: Vec<ChecklistItem>,
    drafts: Vec<Draft>,
    outgoing: Vec<Outgoing>,
    is_muted: bool,
}

/// One query for all of it: each by itself would be a round trip of every ticket's page.
async fn kept(desk: &Desk, actor: &Actor, id: TicketId, tree: &[TicketId]) -> Result<Kept> {
    let kept = sqlx::query_scalar!(
        r#"SELECT json_build_object(
             'watchers', (SELECT coalesce(json_agg(json_build_object('id', u.id, 'name', coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email), 'email', u.email)
                 ORDER BY u.first_name, u.last_name, u.id), '[]')
               FROM users u WHERE u.deleted_at IS NULL AND u.id IN (SELECT w.user_id FROM ticket_watchers w WHERE w.ticket_id = ANY($2))),
             'ccs', (SELECT coalesce(json_agg(c.email ORDER BY c.email), '[]')
               FROM (SELECT DISTINCT email FROM ticket_ccs WHERE ticket_id = ANY($2)) AS c),
             'checklist', (SELECT coalesce(json_agg(json_build_object('id', i.id, 'text', i.text,
                 'done_at', to_char(i.done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                 'done_by', coalesce(nullif(concat_ws(' ', d.first_name, d.last_name), ''), d.email)) ORDER BY i.position, i.id), '[]')
               FROM ticket_checklist_items i LEFT JOIN users d ON d.id = i.done_by_id WHERE i.ticket_id = $1),
             'drafts', (SELECT coalesce(json_agg(json_build_object('is_internal', is_internal, 'body', body, 'version', version)), '[]')
               FROM ticket_drafts WHERE ticket_id = $1 AND user_id = $3),
             'outgoing', (SELECT coalesce(json_agg(json_build_object('id', o.id, 'body', o.body, 'error', o.error, 'is_mine', o.user_id = $3,
                 'author', coalesce(nullif(concat_ws(' ', a.first_name, a.last_name), ''), a.email)) ORDER BY o.id), '[]')
               FROM outgoing_replies o JOIN users a ON a.id = o.user_id WHERE o.ticket_id = ANY($2)),
             'is_muted', EXISTS (SELECT FROM ticket_mutes WHERE ticket_id = $1 AND user_id = $3)
           ) AS "kept!: Json<Kept>""#,
        id as _,
        tree as _,
        actor.user_id as _,
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(kept.0)
}

async fn time_of(desk: &Desk, actor: &Actor, tree: &[TicketId]) -> Result<(Vec<TimeEntry>, i64)> {
    let rows = sqlx::query!(
        r#"SELECT e.id AS "id: TimeEntryId", e.user_id AS "user_id: UserId", e.minutes, e.note, e.spent_on::text AS "spent_on!",
             u.email AS "email?", u.first_name AS "first_name?", u.last_name AS "last_name?",
             sum(e.minutes) OVER () AS "total!"
           FROM ticket_time_entries e LEFT JOIN users u ON u.id = e.user_id
           WHERE e.ticket_id = ANY($1) ORDER BY e.spent_on DESC, e.id DESC LIMIT $2"#,
        tree as _,
        TIME_ENTRIES_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
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
