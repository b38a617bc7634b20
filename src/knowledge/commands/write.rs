//! Making and changing articles.

use super::attachments::{take, take_waiting};
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::knowledge::queries::{article, article_versions, push_readable};
use crate::knowledge::rules::slug_from;
use crate::knowledge::{
    ArticleAttachmentId, ArticleForm, ArticleId, ArticleStatus, ArticleVisibility, CONTENT_MAX, KbCategoryId,
    SUMMARY_MAX, TITLE_MAX,
};
use crate::people::TeamId;
use crate::search::commands::want_article;
use crate::tickets::rules::check_tags;
use crate::tickets::{TicketId, TimelineEntry, queries as tickets};
use crate::{Actor, Error, Permission, Result, Validation, bounded, optional, parse_day};
use sqlx::{PgConnection, Postgres, QueryBuilder};

struct Checked {
    title: String,
    summary: Option<String>,
    content: String,
    tags: Vec<String>,
    status: ArticleStatus,
    visibility: ArticleVisibility,
    team: Option<TeamId>,
    review_by: Option<String>,
}

fn check(actor: &Actor, form: &ArticleForm) -> Result<Checked> {
    let mut wrong = Validation::default();
    let visibility = form.visibility.unwrap_or(ArticleVisibility::Internal);
    let status = form.status.unwrap_or(ArticleStatus::Draft);
    let review_by = form.review_by.as_deref().map(str::trim).filter(|day| !day.is_empty());
    let checked = Checked {
        title: wrong.take(bounded("title", &form.title, TITLE_MAX)),
        summary: wrong.take(optional("summary", form.summary.as_deref(), SUMMARY_MAX)),
        content: wrong.take(optional("content", Some(&form.content), CONTENT_MAX)).unwrap_or_default(),
        tags: wrong.take(check_tags(&form.tags)),
        status,
        visibility,
        team: form.team_id.filter(|_| visibility == ArticleVisibility::Team),
        review_by: wrong.take(review_by.map(|day| parse_day("review_by", day)).transpose()),
    };
    if status == ArticleStatus::Published && checked.content.is_empty() {
        wrong.take::<()>(Err(Error::invalid("content", "What is published says something.")));
    }
    match (visibility, checked.team) {
        (ArticleVisibility::Team, None) => {
            wrong.take::<()>(Err(Error::invalid("team_id", "Which team reads it?")));
        }
        (ArticleVisibility::Team, Some(team)) if !actor.teams.iter().any(|own| own.id == team) => {
            wrong.take::<()>(Err(Error::invalid("team_id", "You are not in this team.")));
        }
        _ => {}
    }
    wrong.finish()?;
    Ok(checked)
}

/// Makes an article, or changes one; `version` is the one that was read. What it said before is kept. A new title brings a
/// new address, and the old one leads there.
pub async fn save_article(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(ArticleId, i32)>,
    form: &ArticleForm,
) -> Result<ArticleId> {
    save_with(desk, actor, changes, form, &[]).await
}

/// The same; `files` waited for it.
pub(super) async fn save_with(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(ArticleId, i32)>,
    form: &ArticleForm,
    files: &[ArticleAttachmentId],
) -> Result<ArticleId> {
    actor.require(Permission::ArticleWrite)?;
    let new = check(actor, form)?;
    // Whoever names a ticket sees it: its number stands in the article.
    if let Some(ticket) = form.created_from_ticket_id {
        let unseen = |_| Error::invalid("created_from_ticket_id", "There is no such ticket, or you may not see it.");
        tickets::ticket(desk, actor, ticket).await.map_err(unseen)?;
    }
    let mut tx = desk.db.begin().await?;
    check_category(&mut tx, form.category_id).await?;
    // Two articles of the same title get different addresses.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('kb_slugs'))").execute(&mut *tx).await?;
    let id = match changes {
        Some((id, version)) => {
            let before = lock_readable(&mut tx, actor, id).await?;
            if before.version != version {
                return Err(Error::Conflict { current: before.version });
            }
            if before.title != new.title || before.summary != new.summary || before.content != new.content {
                keep_version(&mut tx, id).await?;
            }
            if before.title != new.title {
                move_to(&mut tx, id, &new.title).await?;
            }
            id
        }
        None => insert(&mut tx, actor, form, &new).await?,
    };
    if changes.is_none() && form.takes_waiting_attachments {
        take_waiting(&mut tx, actor, id).await?;
    }
    if !files.is_empty() {
        take(&mut tx, actor, files, id).await?;
    }
    sqlx::query!(
        "UPDATE kb_articles SET title = $2, summary = $3, content = $4, category_id = $5, tags = $6, status = $7, visibility = $8, team_id = $9,
           review_by = $10::text::date, updated_by_id = $11, version = version + CASE WHEN $12 THEN 1 ELSE 0 END,
           published_at = CASE WHEN $7 = 'PUBLISHED' THEN coalesce(published_at, now()) ELSE published_at END
         WHERE id = $1",
        id as _,
        new.title,
        new.summary,
        new.content,
        form.category_id as _,
        &new.tags,
        new.status as _,
        new.visibility as _,
        new.team as _,
        new.review_by,
        actor.user_id as _,
        changes.is_some(),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "DELETE FROM kb_article_drafts WHERE user_id = $1 AND article_id IS NOT DISTINCT FROM $2",
        actor.user_id as _,
        changes.map(|(id, _)| id) as _
    )
    .execute(&mut *tx)
    .await?;
    let what = if changes.is_some() { "UPDATE" } else { "CREATE" };
    audit::record(&mut *tx, actor, AuditEntry::new(what, "ARTICLE").entity(id).describe(&new.title)).await?;
    want_article(&mut tx, id).await?;
    tx.commit().await?;
    Ok(id)
}

pub(super) struct Before {
    title: String,
    summary: Option<String>,
    content: String,
    version: i32,
}

pub(super) async fn lock_readable(tx: &mut PgConnection, actor: &Actor, id: ArticleId) -> Result<Before> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.title, a.summary, a.content, a.version FROM kb_articles a WHERE a.deleted_at IS NULL AND a.id = ",
    );
    query.push_bind(id).push(" AND ");
    push_readable(&mut query, actor);
    query.push(" FOR UPDATE");
    let row: Option<(String, Option<String>, String, i32)> = query.build_query_as().fetch_optional(tx).await?;
    let (title, summary, content, version) = row.ok_or(Error::NotFound)?;
    Ok(Before { title, summary, content, version })
}

async fn insert(tx: &mut PgConnection, actor: &Actor, form: &ArticleForm, new: &Checked) -> Result<ArticleId> {
    let slug = free_slug(&mut *tx, None, &new.title).await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO kb_articles (title, content, slug, created_by_id, created_from_ticket_id) VALUES ($1, '', $2, $3, $4)
           RETURNING id AS "id: ArticleId""#,
        new.title,
        slug,
        actor.user_id as _,
        form.created_from_ticket_id as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(id)
}

async fn keep_version(tx: &mut PgConnection, id: ArticleId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO kb_article_versions (article_id, version, title, summary, content, written_by_id, written_at)
         SELECT id, version, title, summary, content, updated_by_id, updated_at FROM kb_articles WHERE id = $1",
        id as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Gives an article the address of another title, and keeps the one it had.
async fn move_to(tx: &mut PgConnection, id: ArticleId, title: &str) -> Result<()> {
    let slug = free_slug(&mut *tx, Some(id), title).await?;
    sqlx::query!(
        "WITH had AS (INSERT INTO kb_slugs (slug, article_id) SELECT slug, id FROM kb_articles WHERE id = $1 AND slug <> $2 ON CONFLICT DO NOTHING),
           has AS (DELETE FROM kb_slugs WHERE slug = $2 AND article_id = $1)
         UPDATE kb_articles SET slug = $2 WHERE id = $1",
        id as _,
        slug
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The address of a title that no other article has or had.
async fn free_slug(tx: &mut PgConnection, own: Option<ArticleId>, title: &str) -> Result<String> {
    let wanted = slug_from(title);
    let taken = sqlx::query_scalar!(
        r#"SELECT slug AS "slug!" FROM (SELECT slug, id FROM kb_articles UNION ALL SELECT slug, article_id FROM kb_slugs) AS s
           WHERE (slug = $1 OR slug LIKE $1 || '-%') AND ($2::uuid IS NULL OR id <> $2)"#,
        wanted,
        own as _
    )
    .fetch_all(tx)
    .await?;
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.clone())
        .chain(numbered)
        .find(|slug| !taken.contains(slug))
        .ok_or_else(|| Error::internal("numbers have no end"))
}

async fn check_category(tx: &mut PgConnection, category: Option<KbCategoryId>) -> Result<()> {
    let Some(category) = category else { return Ok(()) };
    let known = sqlx::query_scalar!("SELECT id FROM kb_categories WHERE id = $1 FOR SHARE", category as _);
    match known.fetch_optional(tx).await? {
        Some(_) => Ok(()),
        None => Err(Error::invalid("category_id", "There is no such category.")),
    }
}

/// Makes what an article said in an earlier version what it says now; what it says now is kept.
pub async fn restore_version(desk: &Desk, actor: &Actor, id: ArticleId, version: i32) -> Result<ArticleId> {
    let now = article(desk, actor, id).await?;
    let versions = article_versions(desk, actor, id).await?;
    let then = versions.into_iter().find(|known| known.version == version).ok_or(Error::NotFound)?;
    let form = ArticleForm {
        title: then.title,
        summary: then.summary,
        content: then.content,
        category_id: now.category_id,
        tags: now.tags,
        status: Some(now.status),
        visibility: Some(now.visibility),
        team_id: now.team_id,
        review_by: now.review_by,
        created_from_ticket_id: None,
        takes_waiting_attachments: false,
    };
    save_article(desk, actor, Some((id, now.version)), &form).await
}

/// Takes an article away; it can be brought back.
pub async fn delete_article(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    let mut tx = desk.db.begin().await?;
    lock_readable(&mut tx, actor, id).await?;
    sqlx::query!(
        "UPDATE kb_articles SET deleted_at = now(), updated_by_id = $2 WHERE id = $1",
        id as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "ARTICLE").entity(id)).await?;
    want_article(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Brings a deleted article back.
pub async fn restore_article(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    let mut tx = desk.db.begin().await?;
    let back = sqlx::query!(
        "UPDATE kb_articles SET deleted_at = NULL, updated_by_id = $2 WHERE id = $1 AND deleted_at IS NOT NULL
           AND (visibility <> 'TEAM' OR created_by_id = $2 OR team_id = ANY($3))",
        id as _,
        actor.user_id as _,
        &actor.teams.iter().map(|team| team.id.0).collect::<Vec<_>>()
    );
    if back.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("RESTORE", "ARTICLE").entity(id)).await?;
    want_article(&mut tx, id).await?;
    tx.commit().await?;
    Ok(())
}

/// An article about what a ticket asked and what solved it, to be gone over and saved.
pub async fn draft_from_ticket(desk: &Desk, actor: &Actor, ticket: TicketId) -> Result<ArticleForm> {
    actor.require(Permission::ArticleWrite)?;
    let page = tickets::ticket_page(desk, actor, ticket).await?;
    if !actor.is_agent() {
        return Err(Error::Forbidden);
    }
    let requester = page.ticket.requester_email.clone();
    let answered = page.timeline.iter().rev().any(|entry| matches!(entry, TimelineEntry::Reply(_)));
    let solution = match (&page.ticket.resolution_note, answered) {
        (Some(note), _) => note.clone(),
        (None, true) => last_answer(desk, ticket).await?.unwrap_or_default(),
        (None, false) => String::new(),
    };
    // Whoever asked is not part of what is known.
    let without = |text: &str| text.replace(&requester, "…");
    let solution = if solution.is_empty() { "What solves it?".to_owned() } else { without(&solution) };
    Ok(ArticleForm {
        title: page.ticket.subject.chars().take(TITLE_MAX).collect(),
        content: format!("## Problem\n\n{}\n\n## Solution\n\n{solution}\n", without(&page.ticket.description)),
        tags: page.ticket.tags,
        created_from_ticket_id: Some(ticket),
        ..ArticleForm::default()
    })
}

/// What an agent said last to whoever asked.
async fn last_answer(desk: &Desk, ticket: TicketId) -> Result<Option<String>> {
    let said = sqlx::query_scalar!(
        "SELECT c.comment FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id
         WHERE c.ticket_id = $1 AND NOT c.is_internal AND c.deleted_at IS NULL AND c.user_id IS NOT NULL AND c.user_id IS DISTINCT FROM t.requester_id
         ORDER BY c.created_at DESC LIMIT 1",
        ticket as _
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(said)
}
