//! Giving texts their vectors: in a job, on threads that give way, and only what changed.

use crate::ai::{Embedder, Embedding, Haste};
use crate::desk::Desk;
use crate::knowledge::ArticleId;
use crate::search::rules::{Chunk, article_chunks, ticket_text};
use crate::tickets::TicketId;
use crate::{Error, Result, jobs, secret};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// So many texts are taken at once.
const TAKEN: i64 = 16;
/// A job works so long, then lets others have their turn.
const TURN: Duration = Duration::from_secs(20);
/// A text that a model refuses so often stays without.
const ATTEMPTS_MAX: i32 = 5;

/// Has an article get its vectors and its words be known, once the transaction is done.
pub(crate) async fn want_article(tx: &mut PgConnection, id: ArticleId) -> Result<()> {
    want(&mut *tx, "ARTICLE", id.0).await?;
    jobs::enqueue(&mut *tx, jobs::LEARN_WORDS, &serde_json::json!({}), jobs::LEARN_WORDS).await?;
    jobs::enqueue_in(tx, jobs::EMBED_TEXTS, &serde_json::json!({}), "embed_texts", "embed_texts", None).await
}

/// Has the ticket of an event get its vector again, where a model is there to make one. Part of following events up.
pub(crate) async fn want_ticket_of_event(desk: &Desk, event: Uuid) -> Result<()> {
    if desk.ai.wanted().is_none() {
        return Ok(());
    }
    let ticket = sqlx::query_scalar!(
        r#"SELECT ticket_id AS "ticket: TicketId" FROM events WHERE id = $1 AND kind IN ('ticket.created', 'ticket.updated') AND ticket_id IS NOT NULL"#,
        event
    )
    .fetch_optional(&desk.db)
    .await?
    .flatten();
    let Some(ticket) = ticket else { return Ok(()) };
    let mut tx = desk.db.begin().await?;
    want(&mut tx, "TICKET", ticket.0).await?;
    jobs::enqueue_in(&mut tx, jobs::EMBED_TEXTS, &serde_json::json!({}), "embed_texts", "embed_texts", None).await?;
    tx.commit().await?;
    Ok(())
}

async fn want(tx: &mut PgConnection, kind: &str, id: Uuid) -> Result<()> {
    sqlx::query!(
        "INSERT INTO embeddings_wanted (kind, id) VALUES ($1, $2)
         ON CONFLICT (kind, id) DO UPDATE SET since = clock_timestamp(), attempts = 0",
        kind,
        id
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Looks which model is wanted: a new one gets everything to make vectors of, the newest first, while the old one's serve.
/// Idempotent; every node does it when it starts.
pub async fn begin_model(desk: &Desk) -> Result<()> {
    let Some(model) = desk.ai.wanted() else { return Ok(()) };
    let known = sqlx::query_scalar!("SELECT serves FROM embedding_models WHERE name = $1", model.name());
    if known.fetch_optional(&desk.db).await?.is_some() {
        return Ok(());
    }
    // Its dimension is what it answers with.
    let probe = model.embed(vec!["Hello".to_owned()], Haste::Background).await?;
    let dimension = probe.first().map_or(0, |vector| i32::try_from(vector.dimension()).unwrap_or_default());
    let mut tx = desk.db.begin().await?;
    let made = sqlx::query!(
        "INSERT INTO embedding_models (name, dimension, serves) SELECT $1, $2, NOT EXISTS (SELECT FROM embedding_models WHERE serves)
         ON CONFLICT DO NOTHING",
        model.name(),
        dimension
    );
    if made.execute(&mut *tx).await?.rows_affected() > 0 {
        sqlx::query!(
            "INSERT INTO embeddings_wanted (kind, id, since)
             SELECT 'ARTICLE', id, updated_at FROM kb_articles WHERE deleted_at IS NULL AND status = 'PUBLISHED'
             UNION ALL SELECT 'TICKET', id, created_at FROM tickets WHERE deleted_at IS NULL
             ON CONFLICT DO NOTHING"
        )
        .execute(&mut *tx)
        .await?;
        jobs::enqueue_in(&mut tx, jobs::EMBED_TEXTS, &serde_json::json!({}), "embed_texts", "embed_texts", None)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Which model serves, which one is on its way to, and how many texts wait.
pub async fn embedding_progress(desk: &Desk) -> Result<(Option<String>, Option<String>, i64)> {
    let serving = crate::search::queries::serving(desk).await?;
    let wanted = desk.ai.wanted().map(|model| model.name().to_owned());
    let coming = wanted.filter(|wanted| serving.as_ref() != Some(wanted));
    Ok((serving, coming, crate::search::queries::count_waiting(desk).await?))
}

/// Makes the vectors that are wanted; `true` when some are left. One at a time on the whole desk: a job in a queue of its
/// own.
pub async fn embed_waiting(desk: &Desk) -> Result<bool> {
    let Some(model) = desk.ai.wanted() else { return Ok(false) };
    begin_model(desk).await?;
    let begun = Instant::now();
    loop {
        if embed_some(desk, model).await? == 0 {
            take_over(desk, model).await?;
            return Ok(false);
        }
        if begun.elapsed() > TURN {
            return Ok(true);
        }
    }
}

/// What one article or ticket needs.
struct Work {
    kind: String,
    id: Uuid,
    since: crate::Timestamp,
    attempts: i32,
    /// Texts without a vector yet.
    texts: Vec<String>,
    parts: Parts,
}

enum Parts {
    /// Its pieces, and which of them are kept already: their text, and the row.
    Article(Vec<Chunk>, HashMap<String, Uuid>),
    Ticket {
        hash: Vec<u8>,
    },
    /// It is not to be found any more.
    Gone,
}

/// Takes some, makes their vectors and writes them; how many were taken.
async fn embed_some(desk: &Desk, model: &Embedder) -> Result<usize> {
    let rows = sqlx::query!(
        r#"SELECT kind, id, since AS "since: crate::Timestamp", attempts FROM embeddings_wanted ORDER BY since DESC LIMIT $1"#,
        TAKEN
    )
    .fetch_all(&desk.db)
    .await?;
    let mut works = Vec::new();
    for row in rows {
        let (texts, parts) = match row.kind.as_str() {
            "ARTICLE" => article_work(desk, model, ArticleId(row.id)).await?,
            _ => ticket_work(desk, model, TicketId(row.id)).await?,
        };
        works.push(Work { kind: row.kind, id: row.id, since: row.since, attempts: row.attempts, texts, parts });
    }
    let all: Vec<String> = works.iter().flat_map(|work| work.texts.clone()).collect();
    match model.embed(all, Haste::Background).await {
        Ok(vectors) => {
            let mut vectors = vectors.into_iter();
            for work in &works {
                let own: Vec<Embedding> = vectors.by_ref().take(work.texts.len()).collect();
                write(desk, model, work, own).await?;
            }
        }
        Err(Error::Unavailable) => return Err(Error::Unavailable),
        // One of them may be what the model refuses: each by itself.
        Err(_) => {
            for work in &works {
                match model.embed(work.texts.clone(), Haste::Background).await {
                    Ok(own) => write(desk, model, work, own).await?,
                    Err(Error::Unavailable) => return Err(Error::Unavailable),
                    Err(error) => refuse(desk, work, &error).await?,
                }
            }
        }
    }
    Ok(works.len())
}

async fn article_work(desk: &Desk, model: &Embedder, id: ArticleId) -> Result<(Vec<String>, Parts)> {
    let article = sqlx::query!(
        "SELECT title, summary, content FROM kb_articles WHERE id = $1 AND deleted_at IS NULL AND status = 'PUBLISHED'",
        id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(article) = article else { return Ok((Vec::new(), Parts::Gone)) };
    let chunks = article_chunks(&article.title, article.summary.as_deref(), &article.content);
    let kept = sqlx::query!(
        "SELECT id, chunk_text FROM kb_article_embeddings WHERE article_id = $1 AND model = $2",
        id as _,
        model.name()
    )
    .fetch_all(&desk.db)
    .await?;
    let kept: HashMap<String, Uuid> = kept.into_iter().map(|row| (row.chunk_text, row.id)).collect();
    let mut new: Vec<String> = Vec::new();
    for chunk in &chunks {
        if !kept.contains_key(&chunk.text) && !new.contains(&chunk.text) {
            new.push(chunk.text.clone());
        }
    }
    Ok((new, Parts::Article(chunks, kept)))
}

async fn ticket_work(desk: &Desk, model: &Embedder, id: TicketId) -> Result<(Vec<String>, Parts)> {
    let ticket = sqlx::query!(
        "SELECT subject, description, resolution_note FROM tickets WHERE id = $1 AND deleted_at IS NULL",
        id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(ticket) = ticket else { return Ok((Vec::new(), Parts::Gone)) };
    let text = ticket_text(&ticket.subject, &ticket.description, ticket.resolution_note.as_deref());
    let hash = secret::bytes_hash(text.as_bytes()).to_vec();
    let same = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM ticket_embeddings WHERE ticket_id = $1 AND model = $2 AND text_hash = $3) AS "same!""#,
        id as _,
        model.name(),
        hash
    )
    .fetch_one(&desk.db)
    .await?;
    Ok((if same { Vec::new() } else { vec![text] }, Parts::Ticket { hash }))
}

async fn write(desk: &Desk, model: &Embedder, work: &Work, vectors: Vec<Embedding>) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let new: HashMap<&str, Embedding> = work.texts.iter().map(String::as_str).zip(vectors).collect();
    match &work.parts {
        Parts::Article(chunks, kept) => write_article(&mut tx, model, work.id, chunks, kept, &new).await?,
        Parts::Ticket { hash } => write_ticket(&mut tx, model, work.id, hash, new.into_values().next()).await?,
        Parts::Gone => {
            sqlx::query!("DELETE FROM kb_article_embeddings WHERE article_id = $1", work.id).execute(&mut *tx).await?;
            sqlx::query!("DELETE FROM ticket_embeddings WHERE ticket_id = $1", work.id).execute(&mut *tx).await?;
        }
    }
    // What changed meanwhile still waits.
    sqlx::query!(
        "DELETE FROM embeddings_wanted WHERE kind = $1 AND id = $2 AND since = $3",
        work.kind,
        work.id,
        work.since as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn write_article(
    tx: &mut PgConnection,
    model: &Embedder,
    article: Uuid,
    chunks: &[Chunk],
    kept: &HashMap<String, Uuid>,
    new: &HashMap<&str, Embedding>,
) -> Result<()> {
    // It may be gone by now.
    let there = sqlx::query_scalar!("SELECT id FROM kb_articles WHERE id = $1 FOR SHARE", article);
    if there.fetch_optional(&mut *tx).await?.is_none() {
        return Ok(());
    }
    let staying: Vec<Uuid> = chunks.iter().filter_map(|chunk| kept.get(&chunk.text)).copied().collect();
    sqlx::query!(
        "DELETE FROM kb_article_embeddings WHERE article_id = $1 AND model = $2 AND id <> ALL($3)",
        article,
        model.name(),
        &staying
    )
    .execute(&mut *tx)
    .await?;
    let mut written: Vec<&str> = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        let at = i32::try_from(at).unwrap_or(i32::MAX);
        if written.contains(&chunk.text.as_str()) {
            continue;
        }
        written.push(&chunk.text);
        if let Some(row) = kept.get(&chunk.text) {
            sqlx::query!("UPDATE kb_article_embeddings SET chunk_index = $2, anchor = $3 WHERE id = $1 AND (chunk_index <> $2 OR anchor IS DISTINCT FROM $3)", row, at, chunk.anchor)
                .execute(&mut *tx)
                .await?;
        } else if let Some(vector) = new.get(chunk.text.as_str()) {
            sqlx::query(
                "INSERT INTO kb_article_embeddings (article_id, model, dimension, embedding, chunk_index, chunk_text, anchor) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(article)
            .bind(model.name())
            .bind(i32::try_from(vector.dimension()).unwrap_or_default())
            .bind(vector.padded())
            .bind(at)
            .bind(&chunk.text)
            .bind(&chunk.anchor)
            .execute(&mut *tx)
            .await?;
        }
    }
    Ok(())
}

async fn write_ticket(
    tx: &mut PgConnection,
    model: &Embedder,
    ticket: Uuid,
    hash: &[u8],
    vector: Option<Embedding>,
) -> Result<()> {
    let Some(vector) = vector else { return Ok(()) };
    sqlx::query(
        "INSERT INTO ticket_embeddings (ticket_id, model, dimension, embedding, text_hash)
         SELECT id, $2, $3, $4, $5 FROM tickets WHERE id = $1
         ON CONFLICT (ticket_id, model) DO UPDATE SET embedding = EXCLUDED.embedding, dimension = EXCLUDED.dimension, text_hash = EXCLUDED.text_hash, created_at = now()",
    )
    .bind(ticket)
    .bind(model.name())
    .bind(i32::try_from(vector.dimension()).unwrap_or_default())
    .bind(vector.padded())
    .bind(hash)
    .execute(tx)
    .await?;
    Ok(())
}

/// It waits again, behind the others, until it was refused too often.
async fn refuse(desk: &Desk, work: &Work, error: &Error) -> Result<()> {
    tracing::warn!(kind = work.kind, id = %work.id, %error, "a text has no vector");
    if work.attempts + 1 >= ATTEMPTS_MAX {
        sqlx::query!("DELETE FROM embeddings_wanted WHERE kind = $1 AND id = $2", work.kind, work.id)
            .execute(&desk.db)
            .await?;
    } else {
        sqlx::query!(
            "UPDATE embeddings_wanted SET attempts = attempts + 1, since = '2000-01-01' WHERE kind = $1 AND id = $2 AND since = $3",
            work.kind,
            work.id,
            work.since as _
        )
        .execute(&desk.db)
        .await?;
    }
    Ok(())
}

/// Everything has its vector: the wanted model serves from now on, and the vectors of others go.
async fn take_over(desk: &Desk, model: &Embedder) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    sqlx::query!("DELETE FROM embedding_models WHERE name <> $1", model.name()).execute(&mut *tx).await?;
    sqlx::query!("UPDATE embedding_models SET serves = true WHERE name = $1 AND NOT serves", model.name())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
