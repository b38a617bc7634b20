//! Finding articles.

use super::terms::{EXACT_BELOW, NEAREST, Terms, push_distance, push_of_model, push_words, push_words_score};
use super::{Sought, headlines};
use crate::ai::Passage;
use crate::desk::Desk;
use crate::knowledge::ArticleId;
use crate::knowledge::queries::push_readable;
use crate::search::rules::{is_found, passage_of, score};
use crate::search::{Found, FoundKind, Why};
use crate::{Actor, Result};
use sqlx::{FromRow, Postgres, QueryBuilder};
use std::collections::HashMap;

#[derive(FromRow)]
struct Row {
    id: ArticleId,
    slug: String,
    is_public: bool,
    title: String,
    /// Its piece that is nearest.
    piece: Option<String>,
    anchor: Option<String>,
    beginning: String,
    words: f32,
    meaning: Option<f32>,
    has: Vec<String>,
}

/// The published articles that fit.
pub(super) async fn find_articles(
    desk: &Desk,
    actor: &Actor,
    sought: &Sought<'_>,
    terms: &Terms,
) -> Result<Vec<Found>> {
    let rows = ranked(desk, actor, sought, terms).await?;
    shown(desk, rows, sought, terms).await
}

/// What stands in them that fits best, with how well: a piece of each.
pub(super) async fn find_pieces(
    desk: &Desk,
    actor: &Actor,
    sought: &Sought<'_>,
    terms: &Terms,
) -> Result<Vec<(f32, Passage)>> {
    let rows = ranked(desk, actor, sought, terms).await?;
    let ids: Vec<uuid::Uuid> = rows.iter().map(|(_, row)| row.id.0).collect();
    let contents: HashMap<ArticleId, String> =
        sqlx::query!(r#"SELECT id AS "id: ArticleId", content FROM kb_articles WHERE id = ANY($1)"#, &ids)
            .fetch_all(&desk.db)
            .await?
            .into_iter()
            .map(|row| (row.id, row.content))
            .collect();
    let pieces = rows.into_iter().filter_map(|(score, row)| {
        let anchor = fitting_piece(&row).and(row.anchor.as_deref());
        let (anchor, text) = passage_of(contents.get(&row.id)?, anchor, &row.has);
        Some((score, Passage { article: row.id.0, slug: row.slug, title: row.title, anchor, text }))
    });
    Ok(pieces.collect())
}

async fn ranked(desk: &Desk, actor: &Actor, sought: &Sought<'_>, terms: &Terms) -> Result<Vec<(f32, Row)>> {
    if terms.queries.is_empty() && sought.meaning.is_none() {
        return Ok(Vec::new());
    }
    let exact = match &sought.meaning {
        Some(_) => sees_few(desk, actor).await?,
        None => false,
    };
    let mut query = QueryBuilder::<Postgres>::new("WITH ");
    push_words(&mut query, terms);
    push_near(&mut query, actor, sought, terms, exact);
    push_worded(&mut query, actor, terms);
    query.push(
        ", chosen AS (SELECT id FROM near UNION SELECT id FROM worded)
         SELECT a.id, a.slug, a.visibility = 'PUBLIC' AS is_public, a.title, coalesce(a.summary || ' ', '') || left(a.content, 5000) AS beginning, best.piece, best.anchor, ",
    );
    push_words_score(&mut query, "a.search", terms.total());
    query.push(
        " AS words, best.meaning::float4 AS meaning, ARRAY(SELECT w.word FROM words w WHERE a.search @@ w.query) AS has
         FROM chosen JOIN kb_articles a ON a.id = chosen.id LEFT JOIN LATERAL (",
    );
    match &sought.meaning {
        Some(meaning) => {
            query.push("SELECT 1 - ");
            push_distance(&mut query, meaning, true);
            query.push(" AS meaning, e.chunk_text AS piece, e.anchor FROM kb_article_embeddings e WHERE e.article_id = a.id AND ");
            push_of_model(&mut query, meaning);
            query.push(" ORDER BY 1 DESC LIMIT 1");
        }
        None => {
            query.push("SELECT NULL::float8 AS meaning, NULL::text AS piece, NULL::text AS anchor");
        }
    }
    query.push(") AS best ON true");
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    let rows = rows.into_iter().filter(|row| is_found(row.words, row.meaning));
    let mut rows: Vec<(f32, Row)> = rows.map(|row| (score(row.words, row.meaning), row)).collect();
    rows.sort_by(|(one, a), (two, b)| two.total_cmp(one).then(a.id.0.cmp(&b.id.0)));
    rows.truncate(usize::try_from(sought.limit).unwrap_or_default());
    Ok(rows)
}

/// Whether so few articles may be read that each of their pieces is compared.
async fn sees_few(desk: &Desk, actor: &Actor) -> Result<bool> {
    let mut query = QueryBuilder::<Postgres>::new("SELECT count(*) < ");
    query
        .push_bind(EXACT_BELOW)
        .push(" FROM (SELECT FROM kb_articles a WHERE a.deleted_at IS NULL AND a.status = 'PUBLISHED' AND ");
    push_readable(&mut query, actor);
    query.push(" LIMIT ").push_bind(EXACT_BELOW).push(") AS seen");
    Ok(query.build_query_scalar().fetch_one(&desk.db).await?)
}

fn push_seen(query: &mut QueryBuilder<Postgres>, actor: &Actor, terms: &Terms) {
    query.push("a.deleted_at IS NULL AND a.status = 'PUBLISHED' AND ");
    push_readable(query, actor);
    if let Some(must) = &terms.must {
        query.push(" AND a.search @@ ").push_bind(must.clone()).push("::tsquery");
    }
}

/// Pushes the articles with the nearest pieces.
fn push_near(query: &mut QueryBuilder<Postgres>, actor: &Actor, sought: &Sought<'_>, terms: &Terms, exact: bool) {
    let Some(meaning) = &sought.meaning else {
        query.push(", near AS (SELECT NULL::uuid AS id WHERE false)");
        return;
    };
    query.push(", near AS MATERIALIZED (SELECT e.article_id AS id FROM kb_article_embeddings e JOIN kb_articles a ON a.id = e.article_id WHERE ");
    push_of_model(query, meaning);
    query.push(" AND ");
    push_seen(query, actor, terms);
    query.push(" ORDER BY ");
    push_distance(query, meaning, exact);
    query.push(" LIMIT ").push_bind(NEAREST).push(")");
}

/// Pushes the articles that have the words best: of those with all of them, and of those with one of the rarer.
fn push_worded(query: &mut QueryBuilder<Postgres>, actor: &Actor, terms: &Terms) {
    if terms.queries.is_empty() {
        query.push(", worded AS (SELECT NULL::uuid AS id WHERE false)");
        return;
    }
    query.push(", with_words AS MATERIALIZED (");
    for (at, (words, most)) in [(&terms.all, 500), (&terms.rare, 1500)].into_iter().enumerate() {
        query.push(if at == 0 { "" } else { " UNION " });
        query
            .push("(SELECT a.id FROM kb_articles a WHERE a.search @@ ")
            .push_bind(words.clone())
            .push("::tsquery AND ");
        push_seen(query, actor, terms);
        query.push(format_args!(" LIMIT {most})"));
    }
    query.push(
        "), worded AS MATERIALIZED (SELECT a.id FROM with_words JOIN kb_articles a ON a.id = with_words.id ORDER BY ",
    );
    push_words_score(query, "a.search", terms.total());
    query.push(" DESC, a.view_count DESC, a.id LIMIT ").push_bind(NEAREST).push(")");
}

/// Text without the marks of Markdown.
fn without_marks(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '#' | '*' | '`' | '>' | '|')).collect()
}

/// The nearest piece, where the words were found in it, or none were.
fn fitting_piece(row: &Row) -> Option<String> {
    let piece = row.piece.as_deref().map(|piece| piece.split_once('\n').map_or(piece, |(_, text)| text))?;
    let lower = piece.to_lowercase();
    let has = |word: &String| lower.contains(&word.to_lowercase());
    (row.has.is_empty() || row.has.iter().any(has)).then(|| piece.to_owned())
}

async fn shown(desk: &Desk, rows: Vec<(f32, Row)>, sought: &Sought<'_>, terms: &Terms) -> Result<Vec<Found>> {
    let piece = fitting_piece;
    let texts: Vec<String> =
        rows.iter().map(|(_, row)| piece(row).unwrap_or_else(|| without_marks(&row.beginning))).collect();
    let lines = headlines(desk, sought, &texts, &terms.any).await?;
    let found = rows.into_iter().zip(lines).map(|((score, row), excerpt)| Found {
        kind: FoundKind::Article,
        id: row.id.0,
        anchor: piece(&row).and(row.anchor),
        address: row.slug,
        title: row.title,
        excerpt,
        status: None,
        is_public: row.is_public,
        is_known_error: false,
        score,
        why: Why { is_its_number: false, words: row.has, has: row.words, meaning: row.meaning },
    });
    Ok(found.collect())
}
