//! What reads tickets. What the actor may not see is never fetched: the WHERE clause says so.

use super::{
    Abilities, AssigneeFilter, Attachment, COUNT_MAX, Comment, CommentId, HistoryEntry, Queue, QueueId, Ticket,
    TicketCounts, TicketFilter, TicketId, TicketList, TicketNumber, TicketPage, TicketPriority, TicketRow, TicketSort,
    TicketStatus, TimelineEntry,
};
use crate::desk::Desk;
use crate::people::{Person, UserId, display_name};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder, Row};

/// The most rows a page may have.
pub const PAGE_MAX: i64 = 200;
/// The most entries a ticket's page shows of its timeline: the newest.
const TIMELINE_MAX: i64 = 500;

/// Pushes the condition under which `actor` may see ticket `t`.
pub(super) fn push_visible(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    if actor.can(Permission::TicketReadAll) {
        query.push("true");
        return;
    }
    query.push("(false");
    if let Some(me) = actor.user_id {
        if actor.can(Permission::TicketReadQueue) {
            query.push(" OR t.queue_id IS NULL OR t.queue_id = ANY(").push_bind(actor.queues.clone());
            query.push(") OR t.assigned_to_id = ").push_bind(me);
        }
        if actor.can(Permission::TicketReadOwn) {
            query.push(" OR t.requester_id = ").push_bind(me);
        }
        if let Some(organisation) = actor.shared_organisation.filter(|_| actor.can(Permission::TicketReadOrganisation))
        {
            query.push(" OR t.organisation_id = ").push_bind(organisation);
        }
    }
    query.push(")");
}

/// One page of the tickets that `actor` may see and `filter` asks for. `after` is the previous page's `next`.
pub async fn list_tickets(
    desk: &Desk,
    actor: &Actor,
    filter: &TicketFilter,
    after: Option<&str>,
    limit: i64,
) -> Result<TicketList> {
    actor.signed_in()?;
    let limit = limit.clamp(1, PAGE_MAX);
    let sort = filter.sort.unwrap_or(TicketSort::Created);
    // The page's rows are chosen first, from an index; names and excerpts are fetched for those alone.
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.id, t.ticket_number, t.subject, left(t.description, 120) AS excerpt, t.status, t.priority, t.tags,
           t.requester_email, t.requester_name, nullif(t.due_at, 'infinity') AS due_at, t.created_at, t.updated_at,
           u.id AS assignee_id, u.email AS assignee_email, u.first_name, u.last_name
         FROM (SELECT t.* FROM tickets t WHERE t.deleted_at IS NULL AND ",
    );
    push_visible(&mut query, actor);
    push_filter(&mut query, actor, filter)?;
    if let Some(after) = after {
        push_after(&mut query, sort, after)?;
    }
    query.push(order_by(sort)).push(" LIMIT ").push_bind(limit + 1);
    query.push(") t LEFT JOIN users u ON u.id = t.assigned_to_id").push(order_by(sort));
    let rows = query.build().fetch_all(&desk.db).await?;
    let mut rows = rows.iter().map(TicketRow::from_row).collect::<Result<Vec<_>, _>>()?;
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| cursor(sort, last));
    Ok(TicketList { rows, next, now: Timestamp::now() })
}

fn order_by(sort: TicketSort) -> &'static str {
    match sort {
        TicketSort::Due => " ORDER BY t.due_at, t.id",
        TicketSort::Created => " ORDER BY t.created_at DESC, t.id DESC",
        TicketSort::Updated => " ORDER BY t.updated_at DESC, t.id DESC",
        TicketSort::Priority => " ORDER BY t.priority_rank, t.id",
    }
}

/// Where the next page begins: the sort key and id of the last row.
fn cursor(sort: TicketSort, last: &TicketRow) -> String {
    let key = match sort {
        TicketSort::Due => last.due_at.map_or("infinity".to_owned(), |at| at.as_microsecond().to_string()),
        TicketSort::Created => last.created_at.as_microsecond().to_string(),
        TicketSort::Updated => last.updated_at.as_microsecond().to_string(),
        TicketSort::Priority => {
            TicketPriority::ALL.iter().rev().position(|p| *p == last.priority).unwrap_or(0).to_string()
        }
    };
    format!("{key}_{}", last.id)
}

fn push_after(query: &mut QueryBuilder<Postgres>, sort: TicketSort, after: &str) -> Result<()> {
    let wrong = || Error::invalid("after", "This is not a cursor of this list.");
    let (key, id) = after.split_once('_').ok_or_else(wrong)?;
    let id: TicketId = id.parse().map_err(|_| wrong())?;
    let instant = || key.parse().ok().and_then(Timestamp::from_microsecond).ok_or_else(wrong);
    match sort {
        TicketSort::Due if key == "infinity" => query.push(" AND (t.due_at, t.id) > ('infinity'::timestamptz, "),
        TicketSort::Due => query.push(" AND (t.due_at, t.id) > (").push_bind(instant()?).push(", "),
        TicketSort::Created => query.push(" AND (t.created_at, t.id) < (").push_bind(instant()?).push(", "),
        TicketSort::Updated => query.push(" AND (t.updated_at, t.id) < (").push_bind(instant()?).push(", "),
        TicketSort::Priority => {
            let rank: i16 = key.parse().map_err(|_| wrong())?;
            query.push(" AND (t.priority_rank, t.id) > (").push_bind(rank).push(", ")
        }
    };
    query.push_bind(id).push(")");
    Ok(())
}

fn push_filter(query: &mut QueryBuilder<Postgres>, actor: &Actor, filter: &TicketFilter) -> Result<()> {
    if !filter.status.is_empty() {
        if filter.status.iter().all(|status| status.is_open()) {
            // Lets the partial indexes over open tickets serve.
            query.push(" AND t.is_open");
        }
        if filter.status.len() < TicketStatus::OPEN.len() || filter.status.iter().any(|status| !status.is_open()) {
            query.push(" AND t.status = ANY(").push_bind(filter.status.clone()).push(")");
        }
    }
    if !filter.priority.is_empty() {
        query.push(" AND t.priority = ANY(").push_bind(filter.priority.clone()).push(")");
    }
    match filter.assignee {
        Some(AssigneeFilter::Me) => {
            query.push(" AND t.assigned_to_id = ").push_bind(actor.signed_in()?);
        }
        Some(AssigneeFilter::Nobody) => {
            query.push(" AND t.assigned_to_id IS NULL");
        }
        Some(AssigneeFilter::Person(person)) => {
            query.push(" AND t.assigned_to_id = ").push_bind(person);
        }
        None => {}
    }
    if let Some(queue) = filter.queue {
        query.push(" AND t.queue_id = ").push_bind(queue);
    }
    if let Some(tag) = &filter.tag {
        query.push(" AND t.tags @> ").push_bind(vec![tag.clone()]);
    }
    if filter.mine {
        query.push(" AND t.requester_id = ").push_bind(actor.signed_in()?);
    }
    if filter.overdue {
        query.push(" AND t.is_open AND t.due_at < now()");
    }
    if let Some(words) = filter.words.as_deref().filter(|words| !words.trim().is_empty()) {
        let words = crate::bounded("q", words, 200)?;
        match words.parse::<TicketNumber>() {
            Ok(number) => query.push(" AND t.ticket_number = ").push_bind(number),
            Err(_) => query.push(" AND t.search @@ websearch_to_tsquery('english', ").push_bind(words).push(")"),
        };
    }
    Ok(())
}

impl<'r> FromRow<'r, sqlx::postgres::PgRow> for TicketRow {
    fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
        let requester_email: String = row.try_get("requester_email")?;
        let requester_name: Option<String> = row.try_get("requester_name")?;
        Ok(TicketRow {
            id: row.try_get("id")?,
            ticket_number: row.try_get("ticket_number")?,
            subject: row.try_get("subject")?,
            excerpt: row.try_get("excerpt")?,
            status: row.try_get("status")?,
            priority: row.try_get("priority")?,
            tags: row.try_get("tags")?,
            assignee: assignee(row)?,
            requester_name: requester_name.unwrap_or(requester_email),
            due_at: row.try_get("due_at")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

fn assignee(row: &sqlx::postgres::PgRow) -> Result<Option<Person>, sqlx::Error> {
    let Some(id) = row.try_get::<Option<UserId>, _>("assignee_id")? else { return Ok(None) };
    let email: String = row.try_get("assignee_email")?;
    let (first, last): (Option<String>, Option<String>) = (row.try_get("first_name")?, row.try_get("last_name")?);
    Ok(Some(Person { id, name: display_name(first.as_deref(), last.as_deref(), &email), email }))
}

/// The numbers beside the rail's views.
pub async fn count_tickets(desk: &Desk, actor: &Actor) -> Result<TicketCounts> {
    actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new("SELECT ");
    let conditions = [
        "t.is_open",
        "t.is_open AND t.assigned_to_id = ",
        "t.is_open AND t.assigned_to_id IS NULL",
        "t.is_open AND t.due_at < now()",
    ];
    for (index, condition) in conditions.into_iter().enumerate() {
        query
            .push(if index == 0 { "" } else { ", " })
            .push("(SELECT count(*) FROM (SELECT FROM tickets t WHERE t.deleted_at IS NULL AND ");
        query.push(condition);
        if condition.ends_with("= ") {
            query.push_bind(actor.signed_in()?);
        }
        query.push(" AND ");
        push_visible(&mut query, actor);
        query.push(" LIMIT ").push_bind(COUNT_MAX).push(") AS counted)");
    }
    let (open, mine, unassigned, overdue) = query.build_query_as::<(i64, i64, i64, i64)>().fetch_one(&desk.db).await?;
    Ok(TicketCounts { open, mine, unassigned, overdue })
}

/// The id behind a number, for whoever may see the ticket.
pub async fn id_by_number(desk: &Desk, actor: &Actor, number: &TicketNumber) -> Result<TicketId> {
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT t.id FROM tickets t WHERE t.deleted_at IS NULL AND t.ticket_number = ");
    query.push_bind(number.clone()).push(" AND ");
    push_visible(&mut query, actor);
    query.build_query_scalar().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

/// A ticket with its timeline, files and what the actor may do: in the version that the actor may see.
pub async fn ticket_page(desk: &Desk, actor: &Actor, id: TicketId) -> Result<TicketPage> {
    let ticket = ticket(desk, actor, id).await?;
    let may = abilities(actor, &ticket);
    let internal = actor.can(Permission::NoteRead);
    let mut files = attachments_of(desk, id, internal).await?;
    let mut timeline = comments(desk, actor, id, internal, &mut files).await?;
    timeline.extend(history(desk, id).await?.into_iter().map(TimelineEntry::Event));
    timeline.sort_by_key(TimelineEntry::created_at);
    Ok(TicketPage { ticket, attachments: files, timeline, may, now: Timestamp::now() })
}

/// One ticket, without what hangs on it.
pub async fn ticket(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Ticket> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.*, nullif(t.due_at, 'infinity') AS due, q.name AS queue_name, u.id AS assignee_id, u.email AS assignee_email,
           u.first_name, u.last_name
         FROM tickets t LEFT JOIN users u ON u.id = t.assigned_to_id LEFT JOIN queues q ON q.id = t.queue_id
         WHERE t.deleted_at IS NULL AND t.id = ",
    );
    query.push_bind(id).push(" AND ");
    push_visible(&mut query, actor);
    let row = query.build().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    let queue = match (row.try_get::<Option<QueueId>, _>("queue_id")?, row.try_get::<Option<String>, _>("queue_name")?)
    {
        (Some(id), Some(name)) => Some(Queue { id, name }),
        _ => None,
    };
    Ok(Ticket {
        id,
        ticket_number: row.try_get("ticket_number")?,
        subject: row.try_get("subject")?,
        description: row.try_get("description")?,
        status: row.try_get("status")?,
        priority: row.try_get("priority")?,
        source: row.try_get("source")?,
        category: row.try_get("category")?,
        subcategory: row.try_get("subcategory")?,
        tags: row.try_get("tags")?,
        queue,
        assignee: assignee(&row)?,
        requester_id: row.try_get("requester_id")?,
        requester_email: row.try_get("requester_email")?,
        requester_name: row.try_get("requester_name")?,
        first_response_at: row.try_get("first_response_at")?,
        due_at: row.try_get("due")?,
        resolved_at: row.try_get("resolved_at")?,
        closed_at: row.try_get("closed_at")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn abilities(actor: &Actor, ticket: &Ticket) -> Abilities {
    let own = actor.user_id.is_some() && actor.user_id == ticket.requester_id;
    let done = matches!(ticket.status, TicketStatus::Closed | TicketStatus::Cancelled);
    Abilities {
        update: actor.can(Permission::TicketUpdate),
        assign: actor.can(Permission::TicketAssign),
        reply: (actor.can(Permission::TicketReply) && !own) || (own && !done && actor.can(Permission::TicketReplyOwn)),
        note: actor.can(Permission::NoteWrite),
    }
}

/// The comments that may be seen, as replies and, for those who may read them, notes.
async fn comments(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    internal: bool,
    files: &mut Vec<Attachment>,
) -> Result<Vec<TimelineEntry>> {
    let rows = sqlx::query!(
        r#"SELECT c.id, c.user_id, c.comment, c.is_internal, c.is_from_email, c.created_at,
             u.first_name AS "first_name?", u.last_name AS "last_name?", u.email AS "email?", t.requester_name, t.requester_email
           FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id LEFT JOIN users u ON u.id = c.user_id
           WHERE c.ticket_id = $1 AND c.deleted_at IS NULL AND (NOT c.is_internal OR $2)
           ORDER BY c.created_at DESC LIMIT $3"#,
        ticket as _,
        internal && actor.can(Permission::NoteRead),
        TIMELINE_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let author = match &row.email {
                Some(email) => display_name(row.first_name.as_deref(), row.last_name.as_deref(), email),
                None => row.requester_name.unwrap_or(row.requester_email),
            };
            let (own, rest) = std::mem::take(files).into_iter().partition(|file| file.comment_id == Some(row.id));
            *files = rest;
            let comment = Comment {
                id: row.id,
                author,
                author_id: row.user_id,
                body: row.comment,
                is_from_email: row.is_from_email,
                attachments: own,
                created_at: row.created_at,
            };
            if row.is_internal { TimelineEntry::Note(comment) } else { TimelineEntry::Reply(comment) }
        })
        .collect())
}

async fn attachments_of(desk: &Desk, ticket: TicketId, internal: bool) -> Result<Vec<Attachment>> {
    let files = sqlx::query_as!(
        Attachment,
        r#"SELECT a.id, a.comment_id, a.file_name, a.file_size, a.mime_type, a.created_at
           FROM ticket_attachments a LEFT JOIN ticket_comments c ON c.id = a.comment_id
           WHERE a.ticket_id = $1 AND c.deleted_at IS NULL AND (NOT coalesce(c.is_internal, false) OR $2)
           ORDER BY a.created_at, a.id LIMIT 1000"#,
        ticket as _,
        internal,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(files)
}

/// What changed, with people and queues by their names. Comments stand in the timeline themselves.
async fn history(desk: &Desk, ticket: TicketId) -> Result<Vec<HistoryEntry>> {
    let rows = sqlx::query!(
        r#"SELECT h.action, h.field, h.created_at, u.first_name AS "first_name?", u.last_name AS "last_name?", u.email AS "email?",
             CASE h.field
               WHEN 'assigned_to_id' THEN (SELECT coalesce(nullif(concat_ws(' ', p.first_name, p.last_name), ''), p.email) FROM users p WHERE p.id::text = h.old_value)
               WHEN 'queue_id' THEN (SELECT q.name FROM queues q WHERE q.id::text = h.old_value) ELSE h.old_value END AS old_value,
             CASE h.field
               WHEN 'assigned_to_id' THEN (SELECT coalesce(nullif(concat_ws(' ', p.first_name, p.last_name), ''), p.email) FROM users p WHERE p.id::text = h.new_value)
               WHEN 'queue_id' THEN (SELECT q.name FROM queues q WHERE q.id::text = h.new_value) ELSE h.new_value END AS new_value
           FROM ticket_history h LEFT JOIN users u ON u.id = h.user_id
           WHERE h.ticket_id = $1 AND h.action <> 'COMMENT_ADDED' AND NOT h.is_internal
           ORDER BY h.created_at DESC LIMIT $2"#,
        ticket as _,
        TIMELINE_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| HistoryEntry {
            author: row.email.as_deref().map_or("Oxdesk".to_owned(), |email| {
                display_name(row.first_name.as_deref(), row.last_name.as_deref(), email)
            }),
            action: row.action,
            field: row.field,
            old_value: row.old_value,
            new_value: row.new_value,
            created_at: row.created_at,
        })
        .collect())
}

/// Comments in the order they were written, after the one named, for the API.
pub async fn list_comments(
    desk: &Desk,
    actor: &Actor,
    id: TicketId,
    after: Option<CommentId>,
    limit: i64,
) -> Result<Vec<ApiComment>> {
    ticket(desk, actor, id).await?;
    let comments = sqlx::query_as!(
        ApiComment,
        "SELECT id, user_id, comment, is_internal, is_from_email, message_id, created_at FROM ticket_comments
         WHERE ticket_id = $1 AND deleted_at IS NULL AND (NOT is_internal OR $2) AND ($3::uuid IS NULL OR id > $3)
         ORDER BY id LIMIT $4",
        id as _,
        actor.can(Permission::NoteRead),
        after.map(|comment| comment.0),
        limit.clamp(1, PAGE_MAX + 1),
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(comments)
}

/// A comment with the specification's field names. Rows with `is_internal` are only ever read for those who may.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ApiComment {
    pub id: CommentId,
    pub user_id: Option<UserId>,
    pub comment: String,
    pub is_internal: bool,
    pub is_from_email: bool,
    pub message_id: Option<String>,
    pub created_at: Timestamp,
}

/// A ticket's files, those of notes only for those who may read notes.
pub async fn list_attachments(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Vec<Attachment>> {
    ticket(desk, actor, id).await?;
    attachments_of(desk, id, actor.can(Permission::NoteRead)).await
}

/// The queues that can be chosen.
pub async fn list_queues(desk: &Desk, actor: &Actor) -> Result<Vec<Queue>> {
    if !actor.is_agent() {
        actor.require(Permission::TicketReadQueue)?;
    }
    let queues = sqlx::query_as!(Queue, "SELECT id, name FROM queues WHERE active ORDER BY name LIMIT 1000")
        .fetch_all(&desk.db)
        .await?;
    Ok(queues)
}

/// What a command needs to know of the ticket it changes, locked until its transaction ends.
#[derive(Debug, FromRow)]
pub(super) struct Locked {
    pub ticket_number: TicketNumber,
    pub subject: String,
    pub status: TicketStatus,
    pub priority: TicketPriority,
    pub tags: Vec<String>,
    pub category: Option<String>,
    pub subcategory: Option<String>,
    pub assigned_to_id: Option<UserId>,
    pub queue_id: Option<QueueId>,
    pub requester_id: Option<UserId>,
    pub requester_email: String,
    pub version: i32,
}

/// Locks a ticket for change; NotFound when `actor` may not see it.
pub(super) async fn lock_visible(tx: &mut PgConnection, actor: &Actor, id: TicketId) -> Result<Locked> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.ticket_number, t.subject, t.status, t.priority, t.tags, t.category, t.subcategory, t.assigned_to_id,
           t.queue_id, t.requester_id, t.requester_email, t.version
         FROM tickets t WHERE t.deleted_at IS NULL AND t.id = ",
    );
    query.push_bind(id).push(" AND ");
    push_visible(&mut query, actor);
    query.push(" FOR UPDATE");
    query.build_query_as().fetch_optional(tx).await?.ok_or(Error::NotFound)
}

impl TimelineEntry {
    pub fn created_at(&self) -> Timestamp {
        match self {
            Self::Reply(comment) | Self::Note(comment) => comment.created_at,
            Self::Event(entry) => entry.created_at,
        }
    }
}
