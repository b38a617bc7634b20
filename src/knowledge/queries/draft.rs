//! What someone wrote and did not save.

use crate::desk::Desk;
use crate::knowledge::{ArticleDraft, ArticleId};
use crate::{Actor, Permission, Result, Timestamp};

/// What the actor wrote in an article, or in a new one, and has not saved: where it says something else than what is there.
pub async fn article_draft(
    desk: &Desk,
    actor: &Actor,
    id: Option<ArticleId>,
) -> Result<Option<(ArticleDraft, Timestamp)>> {
    actor.require(Permission::ArticleWrite)?;
    let row = sqlx::query!(
        r#"SELECT d.version, d.title, d.summary, d.content, d.updated_at AS "updated_at: Timestamp" FROM kb_article_drafts d LEFT JOIN kb_articles a ON a.id = d.article_id
           WHERE d.user_id = $1 AND d.article_id IS NOT DISTINCT FROM $2
             AND (d.title, d.summary, d.content) IS DISTINCT FROM (a.title, coalesce(a.summary, ''), a.content)
             AND (d.title, d.summary, d.content) <> ('', '', '')
             -- What was on its way while a new article was saved.
             AND NOT (d.article_id IS NULL AND EXISTS (SELECT FROM kb_articles saved
               WHERE saved.created_by_id = d.user_id AND saved.title = d.title AND saved.content = d.content))"#,
        actor.signed_in()? as _,
        id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(row.map(|row| {
        let draft = ArticleDraft { version: row.version, title: row.title, summary: row.summary, content: row.content };
        (draft, row.updated_at)
    }))
}
