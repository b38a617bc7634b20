//! Reading articles: each reader sees theirs, whatever they ask.

mod attachments;
mod draft;
mod export;

pub use attachments::{article_attachments, open_article_attachment, waiting_attachments};
pub use draft::article_draft;
pub use export::{ExportedArticle, export_articles};

use super::{
    Article, ArticleId, ArticleList, ArticlePage, ArticleRow, ArticleStatus, ArticleVersion, ArticleVisibility,
    KbCategory, KbCategoryId,
};
use crate::desk::Desk;
use crate::people::TeamId;
use crate::tickets::TicketNumber;
use crate::{Actor, Error, Permission, Result, Timestamp, markdown};
use sqlx::{FromRow, Postgres, QueryBuilder};

/// So many on a page.
pub const PAGE: i64 = 50;
/// So many words of a search count: nobody means more.
const WORDS_MAX: usize = 40;
/// There are so many categories at most.
pub(super) const CATEGORIES_MAX: i64 = 500;

/// What articles are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    pub words: Option<String>,
    pub category: Option<KbCategoryId>,
    pub tag: Option<String>,
    /// For those who write: also what is not published.
    pub status: Option<ArticleStatus>,
    /// Those whose time to be looked at again has come.
    pub only_due: bool,
}

#[derive(FromRow)]
struct Row {
    id: ArticleId,
    slug: String,
    title: String,
    excerpt: String,
    category: Option<String>,
    status: ArticleStatus,
    visibility: ArticleVisibility,
    view_count: i32,
    helpful_count: i32,
    not_helpful_count: i32,
    is_due: bool,
    updated_at: Timestamp,
}

impl From<Row> for ArticleRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            title: row.title,
            excerpt: row.excerpt,
            category: row.category,
            status: row.status,
            visibility: row.visibility,
            view_count: row.view_count,
            helpful_count: row.helpful_count,
            not_helpful_count: row.not_helpful_count,
            is_due: row.is_due,
            updated_at: row.updated_at,
        }
    }
}

const ROW: &str = "SELECT a.id, a.slug, a.title, coalesce(a.summary, left(a.content, 200)) AS excerpt, c.name AS category, a.status, a.visibility,
   a.view_count, a.helpful_count, a.not_helpful_count, a.review_by IS NOT NULL AND a.review_by <= current_date AS is_due, a.updated_at
 FROM kb_articles a LEFT JOIN kb_categories c ON c.id = a.category_id WHERE a.deleted_at IS NULL AND ";

/// Pushes the condition under which `actor` may read article `a`.
pub(crate) fn push_readable(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    if actor.can(Permission::ArticleWrite) {
        // Whoever writes sees drafts, too; what is a team's stays the team's.
        query.push("(a.visibility <> 'TEAM' OR a.team_id = ANY(").push_bind(teams(actor));
        query.push(") OR a.created_by_id = ").push_bind(actor.user_id).push(")");
        return;
    }
    query.push("(a.status = 'PUBLISHED' AND (a.visibility = 'PUBLIC'");
    if actor.can(Permission::ArticleReadInternal) {
        query
            .push(" OR a.visibility = 'INTERNAL' OR (a.visibility = 'TEAM' AND a.team_id = ANY(")
            .push_bind(teams(actor));
        query.push("))");
    }
    query.push("))");
}

/// Those of the articles that are published and the actor may read.
pub async fn readable_among(desk: &Desk, actor: &Actor, articles: &[uuid::Uuid]) -> Result<Vec<uuid::Uuid>> {
    if articles.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id FROM kb_articles a WHERE a.deleted_at IS NULL AND a.status = 'PUBLISHED' AND a.id = ANY(",
    );
    query.push_bind(articles).push(") AND ");
    push_readable(&mut query, actor);
    Ok(query.build_query_scalar().fetch_all(&desk.db).await?)
}

/// Whether the actor may read an article; not found otherwise.
pub async fn require_readable(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<()> {
    let mut query =
        QueryBuilder::<Postgres>::new("SELECT a.id FROM kb_articles a WHERE a.deleted_at IS NULL AND a.id = ");
    query.push_bind(id).push(" AND ");
    push_readable(&mut query, actor);
    query.build_query_scalar::<ArticleId>().fetch_optional(&desk.db).await?.map(drop).ok_or(Error::NotFound)
}

fn teams(actor: &Actor) -> Vec<TeamId> {
    actor.teams.iter().map(|team| team.id).collect()
}

/// The articles that the actor may read, the most read first, or those that fit words best; after the one named.
pub async fn list_articles(
    desk: &Desk,
    actor: &Actor,
    filter: &ArticleFilter,
    after: Option<ArticleId>,
) -> Result<ArticleList> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    push_readable(&mut query, actor);
    match filter.status {
        Some(status) => query.push(" AND a.status = ").push_bind(status),
        None => query.push(" AND a.status = 'PUBLISHED'"),
    };
    if let Some(category) = filter.category {
        query.push(" AND a.category_id IN (WITH RECURSIVE tree AS (SELECT ").push_bind(category);
        query.push("::uuid AS id UNION SELECT k.id FROM kb_categories k JOIN tree ON k.parent_id = tree.id) SELECT id FROM tree)");
    }
    if let Some(tag) = &filter.tag {
        query.push(" AND a.tags @> ARRAY[").push_bind(tag.to_lowercase()).push("]");
    }
    if filter.only_due {
        query.push(" AND a.review_by <= current_date");
    }
    let words = filter.words.as_deref().map(search_text).filter(|words| !words.is_empty());
    if let Some(words) = &words {
        query.push(" AND a.search @@ ").push("websearch_to_tsquery('desk', ").push_bind(words.clone()).push(")");
    }
    if let Some(after) = after {
        query
            .push(" AND (a.view_count, a.id) < (SELECT view_count, id FROM kb_articles WHERE id = ")
            .push_bind(after)
            .push(")");
    }
    match words.filter(|_| after.is_none()) {
        Some(words) => {
            query.push(" ORDER BY ts_rank_cd(a.search, websearch_to_tsquery('desk', ").push_bind(words);
            query.push(")) DESC, a.id DESC LIMIT ")
        }
        None => query.push(" ORDER BY a.view_count DESC, a.id DESC LIMIT "),
    };
    query.push_bind(PAGE + 1);
    let mut rows: Vec<ArticleRow> =
        query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(ArticleRow::from).collect();
    let more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let next = rows.last().filter(|_| more && filter.words.is_none()).map(|row| row.id);
    Ok(ArticleList { rows, next, now: Timestamp::now() })
}

/// What PostgreSQL's search takes: bounded, without what it cannot hold.
fn search_text(words: &str) -> String {
    words.replace('\0', " ").split_whitespace().take(WORDS_MAX).collect::<Vec<_>>().join(" ")
}

/// Where an address leads: the article, and the address that it has now.
pub async fn resolve_slug(desk: &Desk, actor: &Actor, slug: &str) -> Result<(ArticleId, String)> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.slug FROM kb_articles a WHERE a.deleted_at IS NULL AND (a.slug = ",
    );
    query.push_bind(slug).push(" OR a.id = (SELECT article_id FROM kb_slugs WHERE slug = ").push_bind(slug);
    query.push(")) AND ");
    push_readable(&mut query, actor);
    query.push(" ORDER BY a.slug = ").push_bind(slug).push(" DESC LIMIT 1");
    query.build_query_as::<(ArticleId, String)>().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

/// An article as the actor reads it.
pub async fn article_page(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<ArticlePage> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    push_readable(&mut query, actor);
    query.push(" AND a.id = ").push_bind(id);
    let row: Row = query.build_query_as().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    let text = sqlx::query!("SELECT content, tags, category_id FROM kb_articles WHERE id = $1", id as _)
        .fetch_one(&desk.db)
        .await?;
    let voted = match actor.user_id {
        Some(me) => {
            sqlx::query_scalar!(
                "SELECT helpful FROM kb_votes WHERE article_id = $1 AND voter = $2",
                id as _,
                me.to_string()
            )
            .fetch_optional(&desk.db)
            .await?
        }
        None => None,
    };
    let mut attachments = article_attachments(desk, actor, id).await?;
    let (html, headings) = markdown::render_article(&text.content, &attachments);
    // What stands in the text is not named once more.
    attachments.retain(|file| !text.content.contains(&file.path()));
    let related = related(desk, actor, id, &text.tags).await?;
    let may_edit = actor.can(Permission::ArticleWrite);
    Ok(ArticlePage { row: row.into(), html, headings, tags: text.tags, attachments, related, voted, may_edit })
}

/// Those that share most tags, then those of the same category.
async fn related(desk: &Desk, actor: &Actor, id: ArticleId, tags: &[String]) -> Result<Vec<ArticleRow>> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    push_readable(&mut query, actor);
    query.push(" AND a.status = 'PUBLISHED' AND a.id <> ").push_bind(id).push(" AND (a.tags && ");
    query
        .push_bind(tags.to_vec())
        .push(" OR a.category_id = (SELECT category_id FROM kb_articles WHERE id = ")
        .push_bind(id);
    query.push(")) ORDER BY cardinality(ARRAY(SELECT unnest(a.tags) INTERSECT SELECT unnest(").push_bind(tags.to_vec());
    query.push("::text[]))) DESC, a.view_count DESC, a.id LIMIT 4");
    Ok(query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(ArticleRow::from).collect())
}

/// The addresses of what everyone may read, with the day of their last change: at most fifty thousand (sitemaps.org).
pub async fn public_addresses(desk: &Desk) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"SELECT slug, to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "day!" FROM kb_articles
           WHERE status = 'PUBLISHED' AND visibility = 'PUBLIC' AND deleted_at IS NULL ORDER BY updated_at DESC, id LIMIT 50000"#
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.day)).collect())
}

/// What an article says, as it is written: what may be read of it may be quoted.
pub async fn article_text(desk: &Desk, actor: &Actor, slug: &str) -> Result<String> {
    let (id, _) = resolve_slug(desk, actor, slug).await?;
    Ok(sqlx::query_scalar!("SELECT content FROM kb_articles WHERE id = $1", id as _).fetch_one(&desk.db).await?)
}

/// An article as it is written, for those who write.
pub async fn article(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<Article> {
    actor.require(Permission::ArticleWrite)?;
    require_readable(desk, actor, id).await?;
    let row = sqlx::query!(
        r#"SELECT a.slug, a.title, a.summary, a.content, a.category_id AS "category_id: KbCategoryId", a.tags, a.status AS "status: ArticleStatus",
             a.visibility AS "visibility: ArticleVisibility", a.team_id AS "team_id: TeamId", a.review_by::text AS review_by, a.version,
             t.ticket_number AS "from_ticket?: TicketNumber"
           FROM kb_articles a LEFT JOIN tickets t ON t.id = a.created_from_ticket_id WHERE a.id = $1"#,
        id as _
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(Article {
        id,
        slug: row.slug,
        title: row.title,
        summary: row.summary,
        content: row.content,
        category_id: row.category_id,
        tags: row.tags,
        status: row.status,
        visibility: row.visibility,
        team_id: row.team_id,
        review_by: row.review_by,
        from_ticket: row.from_ticket,
        version: row.version,
    })
}

/// What an article said, newest first, the version it has now included.
pub async fn article_versions(desk: &Desk, actor: &Actor, id: ArticleId) -> Result<Vec<ArticleVersion>> {
    article(desk, actor, id).await?;
    let versions = sqlx::query_as!(
        ArticleVersion,
        r#"SELECT v.version AS "version!", v.title AS "title!", v.summary, v.content AS "content!", v.written_at AS "written_at!: Timestamp",
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS written_by
           FROM (SELECT version, title, summary, content, updated_by_id AS written_by_id, updated_at AS written_at FROM kb_articles WHERE id = $1
             UNION ALL SELECT version, title, summary, content, written_by_id, written_at FROM kb_article_versions WHERE article_id = $1) v
           LEFT JOIN users u ON u.id = v.written_by_id ORDER BY 1 DESC LIMIT 200"#,
        id as _
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(versions)
}

/// The categories in their order, those without parents first; retired ones only for those who write. Each with the number
/// of articles right in it that the actor may read.
pub async fn list_kb_categories(desk: &Desk, actor: &Actor) -> Result<Vec<KbCategory>> {
    let mut query = QueryBuilder::<Postgres>::new(
        r#"SELECT k.id, k.parent_id, k.name, k.description, k."order", k.active, k.version,
             (SELECT count(*) FROM kb_articles a WHERE a.category_id = k.id AND a.deleted_at IS NULL AND a.status = 'PUBLISHED' AND "#,
    );
    push_readable(&mut query, actor);
    query.push(") AS articles FROM kb_categories k WHERE true");
    if !actor.can(Permission::ArticleWrite) {
        query.push(" AND k.active");
    }
    query.push(r#" ORDER BY k."order", lower(k.name), k.id LIMIT "#).push_bind(CATEGORIES_MAX);
    let rows: Vec<CategoryRow> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(KbCategory::from).collect())
}

#[derive(FromRow)]
struct CategoryRow {
    id: KbCategoryId,
    parent_id: Option<KbCategoryId>,
    name: String,
    description: Option<String>,
    order: i32,
    active: bool,
    version: i32,
    articles: i64,
}

impl From<CategoryRow> for KbCategory {
    fn from(row: CategoryRow) -> Self {
        Self {
            id: row.id,
            parent_id: row.parent_id,
            name: row.name,
            description: row.description,
            order: row.order,
            active: row.active,
            version: row.version,
            articles: row.articles,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_has_an_end() {
        assert!(search_text(&"a ".repeat(500)).len() < 100);
    }
}
