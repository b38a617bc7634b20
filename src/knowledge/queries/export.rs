//! Articles as files of Markdown.

use super::attachments::attachments_of;
use super::{list_kb_categories, push_readable};
use crate::desk::Desk;
use crate::knowledge::rules::ArticleFile;
use crate::knowledge::{ArticleAttachment, ArticleId, ArticleStatus, ArticleVisibility, KbCategory, KbCategoryId};
use crate::{Actor, Permission, Result};
use sqlx::{FromRow, Postgres, QueryBuilder};

/// An article to be written out.
pub struct ExportedArticle {
    pub id: ArticleId,
    /// The names of its categories, the outermost first.
    pub folders: Vec<String>,
    pub file: ArticleFile,
    pub attachments: Vec<ArticleAttachment>,
}

/// So many are written out at once.
const EXPORTED: i64 = 200;

/// The next articles that the actor may write, in the order of their making; none when all were given.
pub async fn export_articles(desk: &Desk, actor: &Actor, after: Option<ArticleId>) -> Result<Vec<ExportedArticle>> {
    actor.require(Permission::ArticleWrite)?;
    let categories = list_kb_categories(desk, actor).await?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT a.id, a.slug, a.title, a.summary, a.content, a.tags, a.status, a.visibility, a.review_by::text AS review_by, a.category_id
         FROM kb_articles a WHERE a.deleted_at IS NULL AND a.visibility <> 'TEAM' AND ",
    );
    push_readable(&mut query, actor);
    if let Some(after) = after {
        query.push(" AND a.id > ").push_bind(after);
    }
    query.push(" ORDER BY a.id LIMIT ").push_bind(EXPORTED);
    let rows: Vec<ExportRow> = query.build_query_as().fetch_all(&desk.db).await?;
    let ids: Vec<ArticleId> = rows.iter().map(|row| row.id).collect();
    let mut attachments = attachments_of(desk, &ids).await?;
    let exported = rows.into_iter().map(|row| ExportedArticle {
        id: row.id,
        attachments: attachments.remove(&row.id).unwrap_or_default(),
        folders: path_of(&categories, row.category_id),
        file: ArticleFile {
            title: row.title,
            slug: Some(row.slug),
            summary: row.summary,
            tags: row.tags,
            status: Some(row.status),
            visibility: Some(row.visibility),
            review_by: row.review_by,
            attachments: Vec::new(),
            content: row.content,
        },
    });
    Ok(exported.collect())
}

#[derive(FromRow)]
struct ExportRow {
    id: ArticleId,
    slug: String,
    title: String,
    summary: Option<String>,
    content: String,
    tags: Vec<String>,
    status: ArticleStatus,
    visibility: ArticleVisibility,
    review_by: Option<String>,
    category_id: Option<KbCategoryId>,
}

/// The names of a category and of those above it, the outermost first.
fn path_of(categories: &[KbCategory], id: Option<KbCategoryId>) -> Vec<String> {
    let mut path = Vec::new();
    let mut next = id;
    while let Some(category) = next.and_then(|id| categories.iter().find(|known| known.id == id)) {
        path.insert(0, category.name.clone());
        next = category.parent_id;
    }
    path
}
