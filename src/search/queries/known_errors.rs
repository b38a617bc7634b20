//! Problems that a ticket may come from.

use super::Meaning;
use super::known::{ALIKE, OFFERED};
use super::terms::{push_distance, push_of_model};
use crate::desk::Desk;
use crate::search::KnownError;
use crate::tickets::queries::push_visible;
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, Result};
use sqlx::{FromRow, Postgres, QueryBuilder};

#[derive(FromRow)]
struct Row {
    ticket_number: TicketNumber,
    subject: String,
    root_cause: Option<String>,
    workaround: Option<String>,
    is_linked: bool,
}

/// The problems that a ticket is linked to, and known errors like it that are not solved; for those who may read notes.
pub(super) async fn known_errors(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    meaning: Option<&Meaning>,
) -> Result<Vec<KnownError>> {
    let mut query = QueryBuilder::<Postgres>::new("WITH linked AS (SELECT CASE WHEN l.source_ticket_id = ");
    query
        .push_bind(ticket)
        .push(" THEN l.target_ticket_id ELSE l.source_ticket_id END AS id FROM ticket_links l WHERE ");
    query.push_bind(ticket).push(" IN (l.source_ticket_id, l.target_ticket_id)), far AS (");
    match meaning {
        Some(meaning) => {
            query.push("SELECT e.ticket_id AS id, (");
            push_distance(&mut query, meaning, true);
            query.push(")::float8 AS distance FROM problems k JOIN ticket_embeddings e ON e.ticket_id = k.ticket_id WHERE k.is_known_error AND ");
            push_of_model(&mut query, meaning);
        }
        None => drop(query.push("SELECT NULL::uuid AS id, 1::float8 AS distance WHERE false")),
    }
    query.push(
        ") SELECT t.ticket_number, t.subject, p.root_cause, p.workaround, p.ticket_id IN (SELECT id FROM linked) AS is_linked
         FROM problems p JOIN tickets t ON t.id = p.ticket_id AND t.deleted_at IS NULL AND t.merged_into_id IS NULL LEFT JOIN far f ON f.id = p.ticket_id
         WHERE t.id <> ",
    );
    query.push_bind(ticket);
    query
        .push(" AND (t.id IN (SELECT id FROM linked) OR (t.is_open AND f.distance <= ")
        .push_bind(1.0 - ALIKE)
        .push(")) AND ");
    push_visible(&mut query, actor);
    query.push(" ORDER BY is_linked DESC, f.distance, t.id LIMIT ").push_bind(OFFERED);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    let known = |row: Row| KnownError {
        ticket_number: row.ticket_number.to_string(),
        subject: row.subject,
        root_cause: row.root_cause,
        workaround: row.workaround,
        is_linked: row.is_linked,
    };
    Ok(rows.into_iter().map(known).collect())
}
