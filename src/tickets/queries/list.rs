//! Lists of tickets, page by page, and how many there are.

use super::ticket::assignee;
use super::{PAGE_MAX, push_visible};
use crate::desk::Desk;
use crate::fields::queries as fields;
use crate::tickets::{
    AssigneeFilter, COUNT_MAX, ProblemFilter, QueueFilter, TicketFilter, TicketId, TicketList, TicketNumber,
    TicketPriority, TicketRow, TicketSort, TicketStatus, Window,
};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::{FromRow, Postgres, QueryBuilder, Row};

/// What a row is made from, once its ticket `t` is chosen.
pub(super) const ROW: &str = "SELECT t.id, t.ticket_number, t.subject, left(t.description, 120) AS excerpt, t.status, t.priority, t.tags,
   t.requester_email, t.requester_name, nullif(t.due_at, 'infinity') AS due_at, t.created_at, t.updated_at,
   t.follow_up_at, t.category, q.name AS queue_name,
   CASE WHEN t.merged_into_id IS NOT NULL THEN (SELECT root.status FROM tickets root WHERE root.id = ticket_root(t.id)) END AS root_status,
   u.id AS assignee_id, u.email AS assignee_email, u.first_name, u.last_name";
pub(super) const ROW_JOINS: &str =
    " LEFT JOIN users u ON u.id = t.assigned_to_id LEFT JOIN queues q ON q.id = t.queue_id";

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
    let asked = Asked { filter, sort, after, limit };
    let mut rows = if walks(filter, sort) { fetch(desk, actor, asked, true).await? } else { Vec::new() };
    if rows.len() as i64 <= limit {
        rows = fetch(desk, actor, asked, false).await?;
    }
    let more = rows.len() as i64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| cursor(sort, last));
    Ok(TicketList { rows, next, now: Timestamp::now() })
}

#[derive(Clone, Copy)]
struct Asked<'a> {
    filter: &'a TicketFilter,
    sort: TicketSort,
    after: Option<&'a str>,
    limit: i64,
}

/// A page and the first row of the next. With `walk`, only the first [`WALKED`] open tickets in the order of their
/// deadlines are looked at: a full page is then right, and anything less says nothing.
async fn fetch(desk: &Desk, actor: &Actor, asked: Asked<'_>, walk: bool) -> Result<Vec<TicketRow>> {
    let Asked { filter, sort, after, limit } = asked;
    // The page's rows are chosen first, from an index; names and excerpts are fetched for those alone.
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(" FROM (SELECT t.* FROM ");
    if walk {
        query.push("(SELECT t.* FROM tickets t WHERE t.is_open AND t.deleted_at IS NULL");
        if let Some(after) = after {
            push_after(&mut query, sort, after)?;
        }
        query.push(order_by(sort)).push(" LIMIT ").push_bind(WALKED).push(") t WHERE ");
    } else {
        query.push("tickets t WHERE ");
    }
    push_visible(&mut query, actor);
    push_filter(&mut query, actor, filter)?;
    if let Some(after) = after {
        push_after(&mut query, sort, after)?;
    }
    query.push(order_by(sort)).push(" LIMIT ").push_bind(limit + 1);
    query.push(") t").push(ROW_JOINS).push(order_by(sort));
    let rows = query.build().fetch_all(&desk.db).await?;
    Ok(rows.iter().map(TicketRow::from_row).collect::<Result<_, _>>()?)
}

/// So many open tickets are looked at before the planner has its way.
const WALKED: i64 = 5000;

/// Several filters that each let many pass: the planner takes them for independent, expects next to nothing, and joins
/// large bitmaps. Walking the open tickets by deadline finds a page sooner. What is selective has an index of its own.
fn walks(filter: &TicketFilter, sort: TicketSort) -> bool {
    let open = !filter.status.is_empty() && filter.status.iter().all(|status| status.is_open());
    let selective =
        matches!(filter.assignee, Some(AssigneeFilter::Me | AssigneeFilter::Person(_) | AssigneeFilter::Named(_)))
            || filter.requester.is_some()
            || filter.words.is_some()
            || !filter.fields.is_empty()
            || filter.mine
            || filter.deleted;
    let weak = [
        !filter.priority.is_empty(),
        !filter.source.is_empty(),
        !filter.tags.is_empty(),
        filter.category.is_some(),
        filter.queue.is_some(),
        filter.created.is_some(),
        filter.updated.is_some(),
    ];
    sort == TicketSort::Due && open && !selective && weak.into_iter().filter(|given| *given).count() >= 2
}

pub(super) fn order_by(sort: TicketSort) -> &'static str {
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

pub(super) fn push_filter(query: &mut QueryBuilder<Postgres>, actor: &Actor, filter: &TicketFilter) -> Result<()> {
    if filter.deleted {
        actor.require(Permission::TicketDelete)?;
        query.push(" AND t.deleted_at IS NOT NULL");
    } else {
        query.push(" AND t.deleted_at IS NULL");
    }
    match filter.snoozed {
        Some(true) => query.push(" AND t.follow_up_at > now()"),
        Some(false) => query.push(" AND (t.follow_up_at IS NULL OR t.follow_up_at <= now())"),
        None => query.push(""),
    };
    if let Some(problem) = filter.problem {
        actor.require(Permission::NoteRead)?;
        query.push(" AND EXISTS (SELECT FROM problems p WHERE p.ticket_id = t.id");
        query.push(if problem == ProblemFilter::Known { " AND p.is_known_error)" } else { ")" });
    }
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
    if !filter.source.is_empty() {
        query.push(" AND t.source = ANY(").push_bind(filter.source.clone()).push(")");
    }
    push_assignee(query, actor, filter)?;
    match &filter.queue {
        Some(QueueFilter::None) => {
            query.push(" AND t.queue_id IS NULL");
        }
        Some(QueueFilter::Id(queue)) => {
            query.push(" AND t.queue_id = ").push_bind(*queue);
        }
        Some(QueueFilter::Named(name)) => {
            query.push(" AND t.queue_id IN (SELECT q.id FROM queues q WHERE lower(q.name) LIKE ");
            query.push_bind(beginning(name)?).push(")");
        }
        None => {}
    }
    if !filter.tags.is_empty() {
        query.push(" AND t.tags @> ").push_bind(filter.tags.clone());
    }
    if let Some(category) = &filter.category {
        query.push(" AND lower(t.category) LIKE ").push_bind(beginning(category)?);
    }
    if filter.fields.len() > FIELDS_MAX {
        return Err(Error::invalid("q", format!("At most {FIELDS_MAX} fields at once, please.")));
    }
    for (key, value) in &filter.fields {
        push_field(query, key, value)?;
        // Whoever may not read a field must not learn by asking what stands in it.
        if !actor.is_agent() {
            fields::push_is_public(query, key);
        }
    }
    if let Some(requester) = &filter.requester {
        let column = if requester.contains('@') { "t.requester_email" } else { "t.requester_name" };
        query.push(format_args!(" AND lower({column}) LIKE ")).push_bind(beginning(requester)?);
    }
    push_windows(query, filter)?;
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
            Err(_) => query.push(" AND t.search @@ websearch_to_tsquery('desk', ").push_bind(words).push(")"),
        };
    }
    Ok(())
}

/// At most this many custom fields in one filter.
const FIELDS_MAX: usize = 10;

/// A field's value, whatever its kind: each way of reading it is found through the index.
fn push_field(query: &mut QueryBuilder<Postgres>, key: &str, value: &str) -> Result<()> {
    use serde_json::{Value, json};
    let value = crate::bounded("q", value, 200)?;
    let mut readings: Vec<Value> = vec![json!(value), json!([value])];
    readings.extend(value.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| json!(number)));
    match value.to_lowercase().as_str() {
        "yes" | "true" => readings.push(json!(true)),
        "no" | "false" => readings.push(json!(false)),
        _ => {}
    }
    query.push(" AND (false");
    for reading in readings {
        query.push(" OR t.custom_fields @> ").push_bind(sqlx::types::Json(json!({ key: reading })));
    }
    query.push(")");
    Ok(())
}

fn push_assignee(query: &mut QueryBuilder<Postgres>, actor: &Actor, filter: &TicketFilter) -> Result<()> {
    match &filter.assignee {
        Some(AssigneeFilter::Me) => {
            query.push(" AND t.assigned_to_id = ").push_bind(actor.signed_in()?);
        }
        Some(AssigneeFilter::Nobody) => {
            query.push(" AND t.assigned_to_id IS NULL");
        }
        Some(AssigneeFilter::Person(person)) => {
            query.push(" AND t.assigned_to_id = ").push_bind(*person);
        }
        Some(AssigneeFilter::Named(name)) => {
            let name = beginning(name)?;
            query.push(" AND t.assigned_to_id IN (SELECT u.id FROM users u WHERE lower(u.email) LIKE ");
            query.push_bind(name.clone());
            query.push(" OR lower(concat_ws(' ', u.first_name, u.last_name)) LIKE ").push_bind(name).push(")");
        }
        None => {}
    }
    Ok(())
}

/// A pattern for what begins with `text`, in lower case.
fn beginning(text: &str) -> Result<String> {
    let text = crate::bounded("q", text, 200)?.to_lowercase();
    Ok(format!("{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")))
}

fn push_windows(query: &mut QueryBuilder<Postgres>, filter: &TicketFilter) -> Result<()> {
    // What is due lies ahead, what was created or changed lies behind.
    if let Some(window) = filter.due {
        let sign = if window.beyond { ">" } else { "<" };
        query.push(format_args!(" AND t.is_open AND t.due_at {sign} now() + make_interval(secs => "));
        query.push_bind(seconds(window)?).push(") AND t.due_at < 'infinity'");
    }
    for (column, window) in [("created_at", filter.created), ("updated_at", filter.updated)] {
        if let Some(window) = window {
            let sign = if window.beyond { "<" } else { ">" };
            query.push(format_args!(" AND t.{column} {sign} now() - make_interval(secs => "));
            query.push_bind(seconds(window)?).push(")");
        }
    }
    Ok(())
}

/// A filter may come from anywhere, not only from the bar: what PostgreSQL could not add to a date is refused.
fn seconds(window: Window) -> Result<f64> {
    if (0..=Window::MAX_SECONDS).contains(&window.seconds) {
        Ok(window.seconds as f64)
    } else {
        Err(Error::invalid("q", "This span of time is too long."))
    }
}

/// Whether a list can be asked for with this filter: what is saved must still open when it is asked for.
pub fn check_filter(actor: &Actor, filter: &TicketFilter) -> Result<()> {
    push_filter(&mut QueryBuilder::new(""), actor, filter)
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
            status: row.try_get::<Option<_>, _>("root_status")?.map_or_else(|| row.try_get("status"), Ok)?,
            priority: row.try_get("priority")?,
            tags: row.try_get("tags")?,
            assignee: assignee(row)?,
            queue: row.try_get("queue_name")?,
            category: row.try_get("category")?,
            follow_up_at: row.try_get("follow_up_at")?,
            requester_name: requester_name.unwrap_or(requester_email),
            due_at: row.try_get("due_at")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
        })
    }
}

/// How long most requests wait for their first answer, in seconds: half of the last two hundred of this month were
/// answered sooner. `None` while there are too few to say.
pub async fn usual_wait(desk: &Desk) -> Result<Option<i64>> {
    let wait = sqlx::query!(
        r#"SELECT count(*) AS "count!", percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_response_at - created_at)) AS seconds
           FROM (SELECT created_at, first_response_at FROM tickets
                 WHERE deleted_at IS NULL AND first_response_at IS NOT NULL AND created_at > now() - interval '30 days'
                 ORDER BY created_at DESC, id DESC LIMIT 200) AS lately"#
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(wait.seconds.filter(|_| wait.count >= 5).map(|seconds| seconds.max(0.0) as i64))
}

/// How many tickets each filter finds, in one query; each number stops at [`COUNT_MAX`].
pub async fn count_tickets(desk: &Desk, actor: &Actor, filters: &[TicketFilter]) -> Result<Vec<i64>> {
    actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new("SELECT ARRAY[");
    for (index, filter) in filters.iter().enumerate() {
        query.push(if index == 0 { "" } else { ", " });
        query.push("(SELECT count(*) FROM (SELECT FROM tickets t WHERE ");
        push_visible(&mut query, actor);
        push_filter(&mut query, actor, filter)?;
        query.push(" LIMIT ").push_bind(COUNT_MAX).push(") AS counted)");
    }
    query.push("]::bigint[]");
    Ok(query.build_query_scalar().fetch_one(&desk.db).await?)
}
