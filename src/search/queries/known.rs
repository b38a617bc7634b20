//! What is known already about a ticket: articles that answer it, and tickets like it, with how they ended.

use super::articles::find_articles;
use super::known_errors::known_errors;
use super::terms::{Texts, push_distance, push_of_model, terms};
use super::{Meaning, Sought, serving};
use crate::ai::{Embedding, Triage};
use crate::desk::Desk;
use crate::search::rules::{Question, vote};
use crate::search::{Known, SimilarTicket};
use crate::tickets::queries::push_visible;
use crate::tickets::{QueueId, TicketId, TicketNumber, TicketPriority, TicketStatus};
use crate::{Actor, Permission, Result, settings};
use sqlx::{FromRow, Postgres, QueryBuilder};

/// So many of each are offered.
pub(super) const OFFERED: i64 = 3;
/// So many of the nearest say what a ticket's fields may be.
const VOTING: i64 = 12;
/// A ticket that is farther away is another matter.
pub(super) const ALIKE: f64 = 0.45;
/// Of an incident people write the same more exactly.
const SAME: f64 = 0.6;
/// So many tickets besides this one may be an incident.
const SEVERAL: usize = 2;
/// So many of the newest tickets are compared.
const RECENT_MAX: i64 = 2000;
/// An article that scores less does not answer it.
const ANSWERS: f32 = 0.22;
/// So much of a resolution is shown, in characters.
const RESOLUTION_SHOWN: i32 = 300;

/// For whoever works on a ticket that they see. Goes by the ticket's own vector, which a job made: no model is asked while
/// a page waits.
pub async fn known_about(desk: &Desk, actor: &Actor, ticket: TicketId, subject: &str) -> Result<Known> {
    if !actor.can(Permission::NoteRead) {
        return Ok(Known::default());
    }
    let meaning = meaning_of(desk, ticket).await?;
    let (near, alike) = match &meaning {
        Some(meaning) => (nearest(desk, actor, ticket, meaning).await?, alike(desk, actor, ticket, meaning).await?),
        None => Default::default(),
    };
    let errors = known_errors(desk, actor, ticket, meaning.as_ref()).await?;
    let triage = triage(desk, actor, ticket, &near).await?;
    let tickets = near.into_iter().take(OFFERED as usize).map(SimilarTicket::from).collect();
    let question = Question::asked(subject);
    let terms = terms(desk, Texts::Articles, &question, &[]).await?;
    let sought = Sought { question: &question, meaning, limit: OFFERED, excerpts: false };
    let mut articles = find_articles(desk, actor, &sought, &terms).await?;
    articles.retain(|article| article.score >= ANSWERS || article.why.meaning.is_none());
    Ok(Known { errors, articles, tickets, alike, triage })
}

/// The ticket's vector, by the model that serves.
async fn meaning_of(desk: &Desk, ticket: TicketId) -> Result<Option<Meaning>> {
    let Some(model) = serving(desk).await? else { return Ok(None) };
    let row: Option<(pgvector::Vector, i32)> =
        sqlx::query_as("SELECT embedding, dimension FROM ticket_embeddings WHERE ticket_id = $1 AND model = $2")
            .bind(ticket)
            .bind(&model)
            .fetch_optional(&desk.db)
            .await?;
    let Some((vector, dimension)) = row else { return Ok(None) };
    let mut numbers = vector.to_vec();
    numbers.truncate(usize::try_from(dimension).unwrap_or_default());
    Ok(Some(Meaning { model, vector: Embedding::new(numbers)? }))
}

#[derive(FromRow)]
struct Near {
    #[sqlx(flatten)]
    row: Row,
    category: Option<String>,
    subcategory: Option<String>,
    queue_id: Option<QueueId>,
    queue: Option<String>,
    priority: TicketPriority,
    distance: f64,
}

impl From<Near> for SimilarTicket {
    fn from(near: Near) -> Self {
        near.row.into()
    }
}

#[derive(FromRow)]
struct Row {
    ticket_number: TicketNumber,
    subject: String,
    status: TicketStatus,
    resolution: Option<String>,
}

/// The nearest tickets that are solved, with what they are filed under.
async fn nearest(desk: &Desk, actor: &Actor, ticket: TicketId, meaning: &Meaning) -> Result<Vec<Near>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "WITH near AS MATERIALIZED (SELECT t.id, t.ticket_number, t.subject, t.status, t.resolution_note, t.requester_id, t.category, t.subcategory, t.queue_id, t.priority, ",
    );
    push_distance(&mut query, meaning, false);
    query.push(" AS distance FROM ticket_embeddings e JOIN tickets t ON t.id = e.ticket_id WHERE ");
    push_of_model(&mut query, meaning);
    query.push(" AND t.id <> ").push_bind(ticket);
    query.push(" AND t.status IN ('RESOLVED', 'CLOSED') AND t.deleted_at IS NULL AND t.merged_into_id IS NULL AND ");
    push_visible(&mut query, actor);
    query.push(" ORDER BY ");
    push_distance(&mut query, meaning, false);
    query.push(" LIMIT ").push_bind(VOTING).push(") SELECT n.ticket_number, n.subject, n.status, n.category, n.subcategory, q.id AS queue_id, q.name AS queue, n.priority, n.distance::float8 AS distance, left(coalesce(nullif(n.resolution_note, ''), (
           SELECT c.comment FROM ticket_comments c WHERE c.ticket_id = n.id AND NOT c.is_internal AND c.deleted_at IS NULL
             AND c.user_id IS NOT NULL AND c.user_id IS DISTINCT FROM n.requester_id ORDER BY c.created_at DESC LIMIT 1)), ");
    query
        .push_bind(RESOLUTION_SHOWN)
        .push(") AS resolution FROM near n LEFT JOIN queues q ON q.id = n.queue_id WHERE n.distance <= ")
        .push_bind(1.0 - ALIKE);
    query.push(" ORDER BY n.distance");
    Ok(query.build_query_as().fetch_all(&desk.db).await?)
}

/// What the fields of a new ticket may be, where enough of the solved ones like it agree: for whoever may set them, unless
/// someone said that they do not want to hear of it.
async fn triage(desk: &Desk, actor: &Actor, ticket: TicketId, near: &[Near]) -> Result<Triage> {
    if near.len() < 2 || !actor.can(Permission::TicketUpdate) {
        return Ok(Triage::default());
    }
    let has = sqlx::query!(
        r#"SELECT category, subcategory, queue_id AS "queue_id: QueueId", priority AS "priority: TicketPriority" FROM tickets
           WHERE id = $1 AND status = 'NEW' AND NOT EXISTS (SELECT FROM ai_triage_dismissals WHERE ticket_id = $1)"#,
        ticket as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(has) = has else { return Ok(Triage::default()) };
    if !settings::queries::boolean(desk, "ai.triage").await? {
        return Ok(Triage::default());
    }
    let weight = |near: &Near| 1.0 - near.distance;
    let category = vote(
        near.iter()
            .map(|near| (near.category.clone().map(|category| (category, near.subcategory.clone())), weight(near))),
    );
    let queue = vote(near.iter().map(|near| (near.queue_id.zip(near.queue.clone()), weight(near))));
    let priority = vote(near.iter().map(|near| (Some(near.priority), weight(near))));
    Ok(Triage {
        category: category.filter(|(category, subcategory)| {
            // What someone chose more exactly already is not made less exact.
            has.category.as_ref() != Some(category) || (has.subcategory.is_none() && subcategory.is_some())
        }),
        queue: queue.filter(|(id, _)| has.queue_id != Some(*id)),
        priority: priority.filter(|priority| *priority != has.priority),
        of: near.len(),
    })
}

/// Open tickets of the last day that say the same, where there are several: of a ticket that is of the last day itself.
async fn alike(desk: &Desk, actor: &Actor, ticket: TicketId, meaning: &Meaning) -> Result<Vec<SimilarTicket>> {
    let mut query = QueryBuilder::<Postgres>::new(
        "WITH recent AS MATERIALIZED (SELECT t.id, t.ticket_number, t.subject, t.status FROM tickets t
           WHERE t.created_at > now() - interval '1 day' AND t.is_open AND t.deleted_at IS NULL AND t.merged_into_id IS NULL AND t.id <> ",
    );
    query
        .push_bind(ticket)
        .push(" AND EXISTS (SELECT FROM tickets WHERE is_open AND created_at > now() - interval '1 day' AND id = ");
    query.push_bind(ticket).push(
        ") AND NOT EXISTS (SELECT FROM ticket_links l WHERE (l.source_ticket_id, l.target_ticket_id) IN ((t.id, ",
    );
    query.push_bind(ticket).push("), (").push_bind(ticket).push(", t.id))) AND ");
    push_visible(&mut query, actor);
    query.push(" ORDER BY t.created_at DESC LIMIT ").push_bind(RECENT_MAX);
    query.push(") SELECT r.ticket_number, r.subject, r.status, NULL::text AS resolution FROM recent r JOIN ticket_embeddings e ON e.ticket_id = r.id WHERE ");
    push_of_model(&mut query, meaning);
    query.push(" AND ");
    push_distance(&mut query, meaning, true);
    query.push(" <= ").push_bind(1.0 - SAME).push(" ORDER BY ");
    push_distance(&mut query, meaning, true);
    query.push(" LIMIT 20");
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(if rows.len() < SEVERAL { Vec::new() } else { rows.into_iter().map(SimilarTicket::from).collect() })
}

impl From<Row> for SimilarTicket {
    fn from(row: Row) -> Self {
        Self {
            ticket_number: row.ticket_number.to_string(),
            subject: row.subject,
            status: row.status,
            resolution: row.resolution,
        }
    }
}
