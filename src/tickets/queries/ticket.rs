//! One ticket: by its number, alone, or with everything its page shows.

use super::bench::workbench;
use super::list::usual_wait;
use super::push_visible;
use super::timeline::{attachments_of, comments, history, merged_requests};
use super::visible::visible_tree;
use crate::desk::Desk;
use crate::fields::{self, FieldValues};
use crate::mail::RawMailId;
use crate::markdown::{render, render_plain};
use crate::people::{Person, UserId, display_name};
use crate::ratings;
use crate::tickets::{
    Abilities, Deletion, Queue, QueueId, Sharing, Ticket, TicketId, TicketNumber, TicketPage, TicketSource,
    TicketStatus, TimelineEntry,
};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder, Row};

/// The id behind a number, for whoever may see the ticket.
pub async fn id_by_number(desk: &Desk, actor: &Actor, number: &TicketNumber) -> Result<TicketId> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT t.id FROM tickets t WHERE t.ticket_number = ");
    query.push_bind(number.clone());
    push_seen(&mut query, actor);
    query.build_query_scalar().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

/// The id of the ticket to show under a number: where it was merged into, if the actor sees that, else itself.
pub async fn shown_by_number(desk: &Desk, actor: &Actor, number: &TicketNumber) -> Result<TicketId> {
    let named = id_by_number(desk, actor, number).await?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.id FROM tickets t WHERE t.deleted_at IS NULL AND t.id = (SELECT ticket_root(",
    );
    query.push_bind(named).push(")) AND ");
    push_visible(&mut query, actor);
    Ok(query.build_query_scalar().fetch_optional(&desk.db).await?.unwrap_or(named))
}

/// What is deleted is seen only by those who may bring it back.
fn push_seen(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    if !actor.can(Permission::TicketDelete) {
        query.push(" AND t.deleted_at IS NULL");
    }
    query.push(" AND ");
    push_visible(query, actor);
}

/// A ticket with its timeline, files and what the actor may do: in the version that the actor may see.
pub async fn ticket_page(desk: &Desk, actor: &Actor, id: TicketId) -> Result<TicketPage> {
    let ticket = ticket(desk, actor, id).await?;
    let may = abilities(actor, &ticket);
    let fields = if actor.is_agent() {
        Vec::new()
    } else {
        fields::queries::shown_to_requester(desk, &ticket.custom_fields).await?
    };
    // An open ticket has not been rated: most need not ask.
    let rating = if ticket.status.is_open() { None } else { ratings::queries::rating_of(desk, id).await? };
    let sharing = sharing(desk, actor, &ticket).await?;
    let waits = may.own && ticket.status.is_open() && ticket.first_response_at.is_none();
    let usual_wait = if waits { usual_wait(desk).await? } else { None };
    let tree = visible_tree(desk, actor, id).await?;
    let mut files = attachments_of(desk, actor, &tree).await?;
    let mut timeline = comments(desk, actor, id, &tree, &mut files).await?;
    if tree.len() > 1 {
        timeline.extend(merged_requests(desk, id, &tree, &mut files).await?.into_iter().map(TimelineEntry::Merged));
    }
    timeline.extend(history(desk, actor, id).await?.into_iter().map(TimelineEntry::Event));
    timeline.sort_by_key(TimelineEntry::created_at);
    let attachments = files.into_iter().map(|(_, file)| file).collect();
    let bench = if actor.is_agent() { Some(workbench(desk, actor, id, &ticket.subject, &tree).await?) } else { None };
    let html = if ticket.source == TicketSource::Email {
        render_plain(&ticket.description)
    } else {
        render(&ticket.description, &[])
    };
    let original = original_of(desk, actor, &ticket).await?;
    Ok(TicketPage {
        ticket,
        html,
        original,
        attachments,
        timeline,
        may,
        bench,
        fields,
        rating,
        sharing,
        usual_wait,
        now: Timestamp::now(),
    })
}

/// The mail that made the ticket.
async fn original_of(desk: &Desk, actor: &Actor, ticket: &Ticket) -> Result<Option<RawMailId>> {
    if ticket.source != TicketSource::Email || !actor.can(Permission::NoteRead) {
        return Ok(None);
    }
    let original = sqlx::query_scalar!(
        r#"SELECT id AS "id: RawMailId" FROM raw_mails WHERE ticket_id = $1 AND outcome = 'created' ORDER BY id LIMIT 1"#,
        ticket.id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(original)
}

/// Whether the requester's colleagues see the ticket, for whoever it belongs to.
async fn sharing(desk: &Desk, actor: &Actor, ticket: &Ticket) -> Result<Option<Sharing>> {
    if actor.shared_organisation.is_none() || !actor.owns(ticket.id, ticket.requester_id) {
        return Ok(None);
    }
    let sharing = sqlx::query_as!(
        Sharing,
        r#"SELECT o.name AS organisation, t.organisation_id IS NOT DISTINCT FROM o.id AS "is_shared!"
           FROM tickets t JOIN users u ON u.id = t.requester_id JOIN organisations o ON o.id = u.organisation_id
           WHERE t.id = $1 AND o.shares_tickets"#,
        ticket.id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(sharing)
}

/// One ticket, without what hangs on it.
pub async fn ticket(desk: &Desk, actor: &Actor, id: TicketId) -> Result<Ticket> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT t.*, nullif(t.due_at, 'infinity') AS due, q.name AS queue_name, u.id AS assignee_id, u.email AS assignee_email,
           u.first_name, u.last_name,
           -- A merged request stands where the ticket stands that it was merged into.
           (SELECT root.status FROM tickets root WHERE t.merged_into_id IS NOT NULL AND root.id = ticket_root(t.id)) AS root_status,
           (SELECT coalesce(nullif(concat_ws(' ', d.first_name, d.last_name), ''), d.email) FROM users d WHERE d.id = t.deleted_by_id) AS deleted_by
         FROM tickets t LEFT JOIN users u ON u.id = t.assigned_to_id LEFT JOIN queues q ON q.id = t.queue_id
         WHERE t.id = ",
    );
    query.push_bind(id);
    push_seen(&mut query, actor);
    let row = query.build().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    let queue = match (row.try_get::<Option<QueueId>, _>("queue_id")?, row.try_get::<Option<String>, _>("queue_name")?)
    {
        (Some(id), Some(name)) => Some(Queue { id, name }),
        _ => None,
    };
    let mut custom_fields = row.try_get::<Json<FieldValues>, _>("custom_fields")?.0;
    if !actor.is_agent() && !custom_fields.is_empty() {
        fields::queries::keep_public(desk, &mut custom_fields).await?;
    }
    Ok(Ticket {
        id,
        ticket_number: row.try_get("ticket_number")?,
        subject: row.try_get("subject")?,
        description: row.try_get("description")?,
        status: row.try_get::<Option<_>, _>("root_status")?.map_or_else(|| row.try_get("status"), Ok)?,
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
        resolution_note: row.try_get("resolution_note")?,
        cancel_reason: row.try_get("cancel_reason")?,
        follow_up_at: row.try_get::<Option<Timestamp>, _>("follow_up_at")?.filter(|_| actor.is_agent()),
        merged_into_id: row.try_get("merged_into_id")?,
        deleted: deletion(&row)?,
        custom_fields,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn deletion(row: &sqlx::postgres::PgRow) -> Result<Option<Deletion>, sqlx::Error> {
    let Some(at) = row.try_get("deleted_at")? else { return Ok(None) };
    let by: Option<String> = row.try_get("deleted_by")?;
    Ok(Some(Deletion { at, by: by.unwrap_or_else(|| "Someone".to_owned()), reason: row.try_get("delete_reason")? }))
}

fn abilities(actor: &Actor, ticket: &Ticket) -> Abilities {
    if ticket.deleted.is_some() {
        return Abilities { delete: actor.can(Permission::TicketDelete), ..Abilities::default() };
    }
    let own = actor.owns(ticket.id, ticket.requester_id);
    let done = matches!(ticket.status, TicketStatus::Closed | TicketStatus::Cancelled);
    let merged = ticket.merged_into_id.is_some();
    Abilities {
        update: actor.can(Permission::TicketUpdate) && !merged,
        assign: actor.can(Permission::TicketAssign) && !merged,
        reply: (actor.can(Permission::TicketReply) && !own) || (own && !done && actor.can(Permission::TicketReplyOwn)),
        note: actor.can(Permission::NoteWrite),
        delete: actor.can(Permission::TicketDelete) && !merged,
        own: own && actor.can(Permission::TicketReplyOwn),
        rate: own
            && actor.can(Permission::TicketReplyOwn)
            && ratings::commands::can_be_rated(ticket.status)
            && ticket.closed_at.is_none_or(|at| at.seconds_until(Timestamp::now()) <= ratings::RATE_DAYS * 86_400),
    }
}

pub(super) fn assignee(row: &sqlx::postgres::PgRow) -> Result<Option<Person>, sqlx::Error> {
    let Some(id) = row.try_get::<Option<UserId>, _>("assignee_id")? else { return Ok(None) };
    let email: String = row.try_get("assignee_email")?;
    let (first, last): (Option<String>, Option<String>) = (row.try_get("first_name")?, row.try_get("last_name")?);
    Ok(Some(Person { id, name: display_name(first.as_deref(), last.as_deref(), &email), email }))
}

/// The queues the actor works in, by name: at most thirty, the rail has no room for more.
pub async fn own_queues(desk: &Desk, actor: &Actor) -> Result<Vec<Queue>> {
    let me = actor.signed_in()?;
    let queues = sqlx::query_as!(
        Queue,
        "SELECT q.id, q.name FROM queues q JOIN queue_members m ON m.queue_id = q.id
         WHERE q.active AND m.user_id = $1 ORDER BY lower(q.name), q.id LIMIT 30",
        me as _
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(queues)
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
