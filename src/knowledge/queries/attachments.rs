//! Files of articles, for whoever may read those.

use super::push_readable;
use crate::desk::Desk;
use crate::knowledge::{ArticleAttachment, ArticleAttachmentId, ArticleId};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::{FromRow, Postgres, QueryBuilder};
use std::collections::HashMap;

#[derive(FromRow)]
struct Row {
    id: ArticleAttachmentId,
    file_name: String,
    file_size: i64,
    mime_type: String,
    width: Option<i32>,
    height: Option<i32>,
    created_at: Timestamp,
    file_path: String,
}

impl From<Row> for ArticleAttachment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            file_name: row.file_name,
            file_size: row.file_size,
            mime_type: row.mime_type,
            picture: row.width.zip(row.height),
            created_at: row.created_at,
        }
    }
}

const ROW: &str = "SELECT f.id, f.file_name, f.file_size, f.mime_type, f.width, f.height, f.created_at, f.file_path FROM kb_article_attachments f ";

/// The files of an article that the actor may read, in the order in which they came.
pub async fn article_attachments(desk: &Desk, actor: &Actor, article: ArticleId) -> Result<Vec<ArticleAttachment>> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push("JOIN kb_articles a ON a.id = f.article_id WHERE a.deleted_at IS NULL AND f.article_id = ");
    query.push_bind(article).push(" AND ");
    push_readable(&mut query, actor);
    query.push(" ORDER BY f.id");
    Ok(query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(Into::into).collect())
}

/// The files of several articles, which the caller may read.
pub(super) async fn attachments_of(
    desk: &Desk,
    articles: &[ArticleId],
) -> Result<HashMap<ArticleId, Vec<ArticleAttachment>>> {
    let ids: Vec<uuid::Uuid> = articles.iter().map(|id| id.0).collect();
    let mut query = QueryBuilder::<Postgres>::new(ROW.replace("SELECT ", "SELECT f.article_id, "));
    query.push("WHERE f.article_id = ANY(").push_bind(ids).push(") ORDER BY f.id");
    let rows: Vec<OfArticle> = query.build_query_as().fetch_all(&desk.db).await?;
    let mut found: HashMap<ArticleId, Vec<ArticleAttachment>> = HashMap::new();
    for row in rows {
        found.entry(row.article_id).or_default().push(row.file.into());
    }
    Ok(found)
}

#[derive(FromRow)]
struct OfArticle {
    article_id: ArticleId,
    #[sqlx(flatten)]
    file: Row,
}

/// The files that wait for the new article which the actor is writing.
pub async fn waiting_attachments(desk: &Desk, actor: &Actor) -> Result<Vec<ArticleAttachment>> {
    actor.require(Permission::ArticleWrite)?;
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push("WHERE f.article_id IS NULL AND f.uploaded_by_id = ").push_bind(actor.signed_in()?);
    query.push(" ORDER BY f.id");
    Ok(query.build_query_as::<Row>().fetch_all(&desk.db).await?.into_iter().map(Into::into).collect())
}

/// A file with its content: of an article that the actor may read, or their own that still waits for one.
pub async fn open_article_attachment(
    desk: &Desk,
    actor: &Actor,
    id: ArticleAttachmentId,
) -> Result<(ArticleAttachment, tokio::fs::File)> {
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push("LEFT JOIN kb_articles a ON a.id = f.article_id WHERE f.id = ").push_bind(id);
    query.push(" AND ((f.article_id IS NULL AND f.uploaded_by_id = ").push_bind(actor.user_id);
    query.push(") OR (a.id IS NOT NULL AND a.deleted_at IS NULL AND ");
    push_readable(&mut query, actor);
    query.push("))");
    let row: Row = query.build_query_as().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    let file = desk.files.read(&row.file_path).await?;
    Ok((row.into(), file))
}
