//! What readers do: look, and say whether it helped.

use crate::desk::Desk;
use crate::knowledge::ArticleId;
use crate::knowledge::queries::push_readable;
use crate::{Actor, Error, Result, optional};
use sqlx::{PgConnection, Postgres, QueryBuilder};

/// Machines that look at pages name themselves so.
const MACHINES: [&str; 8] = ["bot", "crawl", "spider", "slurp", "preview", "monitor", "curl", "headless"];

/// Counts that someone looked at an article, once a day; machines, and those who write, are not counted.
pub async fn count_view(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<()> {
    let agent = actor.user_agent.as_deref().unwrap_or_default().to_lowercase();
    if agent.is_empty() || MACHINES.iter().any(|machine| agent.contains(machine)) || actor.is_agent() {
        return Ok(());
    }
    let Some(viewer) = reader(desk, actor) else { return Ok(()) };
    sqlx::query!(
        "WITH first AS (INSERT INTO kb_views (article_id, viewer) SELECT id, $2 FROM kb_articles WHERE id = $1 AND status = 'PUBLISHED'
           ON CONFLICT DO NOTHING RETURNING article_id)
         UPDATE kb_articles SET view_count = view_count + 1 WHERE id IN (SELECT article_id FROM first)",
        id as _,
        viewer
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

/// Says whether an article helped, and if not, why: one voice a reader, who may change their mind.
pub async fn vote(desk: &Desk, actor: &Actor, id: ArticleId, helpful: bool, reason: Option<&str>) -> Result<()> {
    let reason = optional("reason", reason, 1000)?.filter(|_| !helpful);
    let Some(voter) = reader(desk, actor) else { return Err(Error::Unauthenticated) };
    let mut tx = desk.db.begin().await?;
    check_readable(&mut tx, actor, id).await?;
    sqlx::query!(
        "INSERT INTO kb_votes (article_id, voter, helpful, reason) VALUES ($1, $2, $3, $4)
         ON CONFLICT (article_id, voter) DO UPDATE SET helpful = EXCLUDED.helpful, reason = coalesce(EXCLUDED.reason, kb_votes.reason), created_at = now()",
        id as _,
        voter,
        helpful,
        reason
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE kb_articles SET helpful_count = v.yes, not_helpful_count = v.no
         FROM (SELECT count(*) FILTER (WHERE helpful)::int AS yes, count(*) FILTER (WHERE NOT helpful)::int AS no FROM kb_votes WHERE article_id = $1) v
         WHERE id = $1",
        id as _
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

async fn check_readable(tx: &mut PgConnection, actor: &Actor, id: ArticleId) -> Result<()> {
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT a.id FROM kb_articles a WHERE a.deleted_at IS NULL AND a.id = ");
    query.push_bind(id).push(" AND ");
    push_readable(&mut query, actor);
    query.push(" FOR UPDATE");
    query.build_query_scalar::<ArticleId>().fetch_optional(tx).await?.ok_or(Error::NotFound).map(drop)
}

/// Someone, without telling who: an account, or the address and program that someone came with.
fn reader(desk: &Desk, actor: &Actor) -> Option<String> {
    if let Some(me) = actor.user_id {
        return Some(me.to_string());
    }
    let address = actor.address.as_deref()?;
    let program = actor.user_agent.as_deref().unwrap_or_default();
    Some(desk.secret.sign(&format!("reader:{address}:{program}")))
}
