//! Files of articles: pictures that stand in their text, and what is downloaded beside it.

use super::write::lock_readable;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::knowledge::{ArticleAttachment, ArticleAttachmentId, ArticleId};
use crate::tickets::IncomingFile;
use crate::tickets::attachments::{Kept, keep_all};
use crate::{Actor, Error, Permission, Result};
use sqlx::PgConnection;

/// An article has so many files at most, and so many wait for a new one.
const ATTACHMENTS_MAX: i64 = 100;
/// What a browser can be asked to unfold: a few bytes may say that they are a picture as large as a town.
const PIXELS_MAX: u64 = 50_000_000;
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// Adds files to an article, or, without one, to the new article that the actor is writing: they go into it when it is saved.
/// Its version stays.
pub async fn attach_to_article(
    desk: &Desk,
    actor: &Actor,
    article: Option<ArticleId>,
    files: Vec<IncomingFile>,
) -> Result<Vec<ArticleAttachment>> {
    if article.is_none() {
        actor.signed_in()?;
    }
    keep_attachments(desk, actor, article, files).await
}

/// The same for the program's own imports, which have no account: what waits then must be taken, by its id.
pub(super) async fn keep_attachments(
    desk: &Desk,
    actor: &Actor,
    article: Option<ArticleId>,
    mut files: Vec<IncomingFile>,
) -> Result<Vec<ArticleAttachment>> {
    actor.require(Permission::ArticleWrite)?;
    let mut sizes = Vec::with_capacity(files.len());
    for file in &files {
        sizes.push(picture_size(file).await?);
    }
    let kept = keep_all(desk, &mut files).await?;
    let result = insert(desk, actor, article, &kept, &sizes).await;
    kept.settle(desk, result).await
}

/// Width and height of a picture that browsers show.
async fn picture_size(file: &IncomingFile) -> Result<Option<(i32, i32)>> {
    if !PICTURES.contains(&file.mime_type.as_str()) {
        return Ok(None);
    }
    // What only begins like a picture is a file like any other.
    let Some((width, height)) = file.picture_size().await? else { return Ok(None) };
    if width.saturating_mul(height) > PIXELS_MAX {
        let said = format!(
            "The picture {} has {width} × {height} pixels: more than {} million are too many.",
            file.file_name,
            PIXELS_MAX / 1_000_000
        );
        return Err(Error::invalid("files", said));
    }
    Ok(i32::try_from(width).ok().zip(i32::try_from(height).ok()).filter(|size| size.0 > 0 && size.1 > 0))
}

async fn insert(
    desk: &Desk,
    actor: &Actor,
    article: Option<ArticleId>,
    kept: &Kept,
    sizes: &[Option<(i32, i32)>],
) -> Result<Vec<ArticleAttachment>> {
    let mut tx = desk.db.begin().await?;
    match article {
        Some(id) => drop(lock_readable(&mut tx, actor, id).await?),
        None => lock_writer(&mut tx, actor).await?,
    }
    let there = count(&mut tx, actor, article).await?;
    check_count(there + kept.files().len() as i64)?;
    let mut added = Vec::with_capacity(sizes.len());
    for (file, size) in kept.files().iter().zip(sizes) {
        let created_at = sqlx::query_scalar!(
            r#"INSERT INTO kb_article_attachments (id, article_id, file_name, file_path, file_size, mime_type, sha256, uploaded_by_id, width, height)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING created_at AS "created_at: crate::Timestamp""#,
            file.id as _,
            article as _,
            file.name,
            file.path,
            file.size,
            file.mime_type,
            file.sha256,
            actor.user_id as _,
            size.map(|size| size.0),
            size.map(|size| size.1),
        )
        .fetch_one(&mut *tx)
        .await?;
        added.push(ArticleAttachment {
            id: ArticleAttachmentId(file.id.0),
            file_name: file.name.clone(),
            file_size: file.size,
            mime_type: file.mime_type.clone(),
            picture: *size,
            created_at,
        });
    }
    if let Some(id) = article {
        let names: Vec<&str> = kept.files().iter().map(|file| file.name.as_str()).collect();
        audit::record(&mut *tx, actor, AuditEntry::new("ATTACH", "ARTICLE").entity(id).describe(names.join(", ")))
            .await?;
    }
    tx.commit().await?;
    Ok(added)
}

fn check_count(files: i64) -> Result<()> {
    if files <= ATTACHMENTS_MAX {
        return Ok(());
    }
    Err(Error::invalid("files", format!("At most {ATTACHMENTS_MAX} files an article, please.")))
}

/// Two uploads at once are counted one after the other.
async fn lock_writer(tx: &mut PgConnection, actor: &Actor) -> Result<()> {
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", actor.user_id as _).fetch_optional(tx).await?;
    Ok(())
}

async fn count(tx: &mut PgConnection, actor: &Actor, article: Option<ArticleId>) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM kb_article_attachments
           WHERE article_id = $1 OR ($1::uuid IS NULL AND article_id IS NULL AND uploaded_by_id = $2)"#,
        article as _,
        actor.user_id as _
    );
    Ok(count.fetch_one(tx).await?)
}

/// Takes a file away from its article, for ever; an article that still names it shows its description.
pub async fn remove_article_attachment(desk: &Desk, actor: &Actor, id: ArticleAttachmentId) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    let mut tx = desk.db.begin().await?;
    let file = sqlx::query!(
        r#"SELECT article_id AS "article_id: ArticleId", uploaded_by_id, file_name FROM kb_article_attachments WHERE id = $1 FOR UPDATE"#,
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    match file.article_id {
        Some(article) => {
            lock_readable(&mut tx, actor, article).await?;
            let entry = AuditEntry::new("DETACH", "ARTICLE").entity(article).describe(&file.file_name);
            audit::record(&mut *tx, actor, entry).await?;
        }
        None if file.uploaded_by_id == actor.user_id.map(|user| user.0) => {}
        None => return Err(Error::NotFound),
    }
    let path = sqlx::query_scalar!("DELETE FROM kb_article_attachments WHERE id = $1 RETURNING file_path", id as _)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    desk.files.discard(&path).await;
    Ok(())
}

/// Puts what waits for the actor's new article into it.
pub(super) async fn take_waiting(tx: &mut PgConnection, actor: &Actor, article: ArticleId) -> Result<()> {
    sqlx::query!(
        "UPDATE kb_article_attachments SET article_id = $1 WHERE article_id IS NULL AND uploaded_by_id = $2",
        article as _,
        actor.user_id as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Puts files that wait into an article.
pub(super) async fn take(
    tx: &mut PgConnection,
    actor: &Actor,
    files: &[ArticleAttachmentId],
    article: ArticleId,
) -> Result<()> {
    let files: Vec<uuid::Uuid> = files.iter().map(|id| id.0).collect();
    sqlx::query!(
        "UPDATE kb_article_attachments SET article_id = $1 WHERE article_id IS NULL AND id = ANY($2)",
        article as _,
        &files
    )
    .execute(&mut *tx)
    .await?;
    check_count(count(tx, actor, Some(article)).await?)
}

/// Deletes what waits for an article that its writer gave up.
pub(super) async fn drop_waiting(desk: &Desk, actor: &Actor) -> Result<()> {
    let paths = sqlx::query_scalar!(
        "DELETE FROM kb_article_attachments WHERE article_id IS NULL AND uploaded_by_id = $1 RETURNING file_path",
        actor.signed_in()? as _
    );
    for path in paths.fetch_all(&desk.db).await? {
        desk.files.discard(&path).await;
    }
    Ok(())
}

/// Deletes what has waited for as long as drafts are kept, and for people who are gone.
pub(crate) async fn purge_waiting(desk: &Desk) -> Result<()> {
    let paths = sqlx::query_scalar!(
        "DELETE FROM kb_article_attachments WHERE article_id IS NULL AND created_at < now() - CASE WHEN uploaded_by_id IS NULL THEN interval '1 hour' ELSE interval '90 days' END
         RETURNING file_path"
    );
    for path in paths.fetch_all(&desk.db).await? {
        desk.files.discard(&path).await;
    }
    Ok(())
}
