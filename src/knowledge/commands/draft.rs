//! What someone is writing in an article and has not saved: kept as they write, theirs alone.

use super::attachments::drop_waiting;
use crate::desk::Desk;
use crate::knowledge::queries::article;
use crate::knowledge::{ArticleDraft, ArticleId, CONTENT_MAX, SUMMARY_MAX, TITLE_MAX};
use crate::{Actor, Error, Permission, Result, Validation};

/// Keeps what stands in the form of an article, or of a new one, unfinished as it may be.
pub async fn keep_article_draft(desk: &Desk, actor: &Actor, id: Option<ArticleId>, draft: &ArticleDraft) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    let user = actor.signed_in()?;
    let mut wrong = Validation::default();
    for (field, text, most) in [
        ("title", &draft.title, TITLE_MAX),
        ("summary", &draft.summary, SUMMARY_MAX),
        ("content", &draft.content, CONTENT_MAX),
    ] {
        if text.chars().count() > most {
            wrong.take::<()>(Err(Error::invalid(field, format!("At most {most} characters, please."))));
        }
    }
    wrong.finish()?;
    if let Some(id) = id {
        article(desk, actor, id).await?;
    }
    let whole = |text: &str| text.replace('\0', " ").replace("\r\n", "\n");
    sqlx::query!(
        "INSERT INTO kb_article_drafts (user_id, article_id, version, title, summary, content) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id, article_id) DO UPDATE SET version = EXCLUDED.version, title = EXCLUDED.title, summary = EXCLUDED.summary,
           content = EXCLUDED.content, updated_at = now()",
        user as _,
        id as _,
        draft.version,
        whole(&draft.title),
        whole(&draft.summary),
        whole(&draft.content),
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}

/// Forgets it, and, of a new one, the files that were sent for it.
pub async fn drop_article_draft(desk: &Desk, actor: &Actor, id: Option<ArticleId>) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    sqlx::query!(
        "DELETE FROM kb_article_drafts WHERE user_id = $1 AND article_id IS NOT DISTINCT FROM $2",
        actor.signed_in()? as _,
        id as _
    )
    .execute(&desk.db)
    .await?;
    match id {
        Some(_) => Ok(()),
        None => drop_waiting(desk, actor).await,
    }
}
