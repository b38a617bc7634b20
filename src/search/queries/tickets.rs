//! Finding tickets: by number, by what their subject and messages say, and by what they are about.

use super::terms::{EXACT_BELOW, NEAREST, Terms, push_distance, push_of_model, push_words, push_words_score};
use super::{Sought, headlines};
use crate::desk::Desk;
use crate::search::rules::{is_found, score};
use crate::search::{Found, FoundKind, Why};
use crate::tickets::queries::push_visible;
use crate::tickets::{TicketId, TicketNumber, TicketStatus};
use crate::{Actor, Permission, Result};
use sqlx::{FromRow, Postgres, QueryBuilder};

#[derive(FromRow)]
struct Row {
    id: TicketId,
    ticket_number: TicketNumber,
    subject: String,
    status: TicketStatus,
    description: String,
    /// The newest message that has some of the words.
    said: Option<String>,
    /// What is known of it as a problem, and has some of the words.
    known: Option<String>,
    is_known_error: bool,
    words: f32,
    meaning: Option<f32>,
    has: Vec<String>,
    is_its_number: bool,
}

pub(super) async fn find_tickets(desk: &Desk, actor: &Actor, sought: &Sought<'_>, terms: &Terms) -> Result<Vec<Found>> {
    let number = sought.question.text.parse::<TicketNumber>().ok();
    if terms.queries.is_empty() && sought.meaning.is_none() && number.is_none() {
        return Ok(Vec::new());
    }
    let exact = match &sought.meaning {
        Some(_) => sees_few(desk, actor).await?,
        None => false,
    };
    let notes = actor.can(Permission::NoteRead);
    let mut query = QueryBuilder::<Postgres>::new("WITH ");
    push_words(&mut query, terms);
    push_near(&mut query, actor, sought, terms, exact);
    push_worded(&mut query, actor, terms, notes);
    query
        .push(", numbered AS (SELECT t.id FROM tickets t WHERE t.deleted_at IS NULL AND t.ticket_number = ")
        .push_bind(number.clone());
    query.push(" AND ");
    push_visible(&mut query, actor);
    query.push(
        "), chosen AS (SELECT id FROM near UNION SELECT id FROM worded UNION SELECT id FROM numbered)
         SELECT t.id, t.ticket_number, t.subject, t.status, left(t.description, 2000) AS description, said.comment AS said, greatest(",
    );
    push_words_score(&mut query, "t.search", terms.total());
    query.push(", 0.8 * ");
    push_words_score(&mut query, "coalesce(said.search, ''::tsvector)", terms.total());
    query.push(", ");
    push_words_score(&mut query, "coalesce(p.search, ''::tsvector)", terms.total());
    query.push(
        ")::float4 AS words, t.id IN (SELECT id FROM numbered) AS is_its_number, coalesce(p.is_known_error AND t.is_open, false) AS is_known_error,
           ARRAY(SELECT w.word FROM words w WHERE t.search @@ w.query OR said.search @@ w.query OR p.search @@ w.query) AS has, CASE WHEN p.search @@ ",
    );
    query.push_bind(terms.any.clone()).push("::tsquery THEN coalesce(p.workaround, p.root_cause) END AS known, ");
    match &sought.meaning {
        Some(meaning) => {
            query.push("(SELECT (1 - ");
            push_distance(&mut query, meaning, true);
            query.push(")::float4 FROM ticket_embeddings e WHERE e.ticket_id = t.id AND ");
            push_of_model(&mut query, meaning);
            query.push(") AS meaning");
        }
        None => {
            query.push("NULL::float4 AS meaning");
        }
    }
    query.push(" FROM chosen JOIN tickets t ON t.id = chosen.id LEFT JOIN LATERAL (SELECT c.comment, c.search FROM ticket_comments c WHERE c.ticket_id = t.id AND c.search @@ ");
    query
        .push_bind(terms.any.clone())
        .push("::tsquery AND c.deleted_at IS NULL AND (NOT c.is_internal OR ")
        .push_bind(notes);
    query
        .push(") ORDER BY c.created_at DESC LIMIT 1) AS said ON true LEFT JOIN problems p ON p.ticket_id = t.id AND ")
        .push_bind(notes);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    shown(desk, rows, sought, terms).await
}

/// Whether so few tickets may be seen that each is compared.
async fn sees_few(desk: &Desk, actor: &Actor) -> Result<bool> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT count(*) < ");
    query.push_bind(EXACT_BELOW).push(" FROM (SELECT FROM tickets t WHERE t.deleted_at IS NULL AND ");
    push_visible(&mut query, actor);
    query.push(" LIMIT ").push_bind(EXACT_BELOW).push(") AS seen");
    Ok(query.build_query_scalar().fetch_one(&desk.db).await?)
}

fn push_seen(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    query.push("t.deleted_at IS NULL AND ");
    push_visible(query, actor);
}

fn push_near(query: &mut QueryBuilder<Postgres>, actor: &Actor, sought: &Sought<'_>, terms: &Terms, exact: bool) {
    let Some(meaning) = sought.meaning.as_ref().filter(|_| terms.must.is_none()) else {
        query.push(", near AS (SELECT NULL::uuid AS id WHERE false)");
        return;
    };
    query.push(", near AS MATERIALIZED (SELECT e.ticket_id AS id FROM ticket_embeddings e JOIN tickets t ON t.id = e.ticket_id WHERE ");
    push_of_model(query, meaning);
    query.push(" AND ");
    push_seen(query, actor);
    query.push(" ORDER BY ");
    push_distance(query, meaning, exact);
    query.push(" LIMIT ").push_bind(NEAREST).push(")");
}

/// Pushes the tickets that have the words best, in their subject and first message, or in a message that may be read.
fn push_worded(query: &mut QueryBuilder<Postgres>, actor: &Actor, terms: &Terms, notes: bool) {
    if terms.queries.is_empty() {
        query.push(", worded AS (SELECT NULL::uuid AS id WHERE false)");
        return;
    }
    query.push(", with_words AS MATERIALIZED (");
    for (at, (words, most)) in [(&terms.all, 500), (&terms.rare, 1000)].into_iter().enumerate() {
        query.push(if at == 0 { "" } else { " UNION " });
        query
            .push("(SELECT t.id, t.search FROM tickets t WHERE t.search @@ ")
            .push_bind(words.clone())
            .push("::tsquery AND ");
        push_seen(query, actor);
        push_must(query, terms, "t.search");
        query.push(format_args!(" LIMIT {most}) UNION (SELECT t.id, c.search FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id WHERE c.search @@ "));
        query
            .push_bind(words.clone())
            .push("::tsquery AND c.deleted_at IS NULL AND (NOT c.is_internal OR ")
            .push_bind(notes)
            .push(") AND ");
        push_seen(query, actor);
        push_must(query, terms, "c.search");
        query.push(format_args!(" LIMIT {most}) UNION (SELECT t.id, p.search FROM problems p JOIN tickets t ON t.id = p.ticket_id WHERE p.search @@ "));
        query.push_bind(words.clone()).push("::tsquery AND ").push_bind(notes).push(" AND ");
        push_seen(query, actor);
        push_must(query, terms, "p.search");
        query.push(format_args!(" LIMIT {most})"));
    }
    query.push("), worded AS MATERIALIZED (SELECT said.id FROM with_words said GROUP BY said.id ORDER BY max(");
    push_words_score(query, "said.search", terms.total());
    query.push(") DESC, said.id DESC LIMIT ").push_bind(NEAREST).push(")");
}

fn push_must(query: &mut QueryBuilder<Postgres>, terms: &Terms, vector: &str) {
    if let Some(must) = &terms.must {
        query.push(format_args!(" AND {vector} @@ ")).push_bind(must.clone()).push("::tsquery");
    }
}

async fn shown(desk: &Desk, rows: Vec<Row>, sought: &Sought<'_>, terms: &Terms) -> Result<Vec<Found>> {
    let weigh = |row: &Row| if row.is_its_number { 1.0 } else { score(row.words, row.meaning) };
    let mut rows: Vec<(f32, Row)> = rows
        .into_iter()
        .filter(|row| row.is_its_number || is_found(row.words, row.meaning))
        .map(|row| (weigh(&row), row))
        .collect();
    rows.sort_by(|(one, a), (two, b)| two.total_cmp(one).then(b.id.0.cmp(&a.id.0)));
    rows.truncate(usize::try_from(sought.limit).unwrap_or_default());
    let text = |row: &Row| row.known.as_ref().or(row.said.as_ref()).unwrap_or(&row.description).clone();
    let texts: Vec<String> = rows.iter().map(|(_, row)| text(row)).collect();
    let lines = headlines(desk, sought, &texts, &terms.any).await?;
    let found = rows.into_iter().zip(lines).map(|((score, row), excerpt)| Found {
        kind: FoundKind::Ticket,
        id: row.id.0,
        address: row.ticket_number.to_string(),
        title: row.subject,
        excerpt,
        anchor: None,
        status: Some(row.status),
        is_public: false,
        is_known_error: row.is_known_error,
        score,
        why: Why { is_its_number: row.is_its_number, words: row.has, has: row.words, meaning: row.meaning },
    });
    Ok(found.collect())
}
