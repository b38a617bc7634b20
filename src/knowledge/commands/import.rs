//! A folder of Markdown, brought in: its folders are categories, its files articles. Brought in again, what changed is
//! changed, and nothing comes twice.

use super::attachments::keep_attachments;
use super::save_kb_category;
use super::write::save_with;
use crate::desk::Desk;
use crate::knowledge::queries::{article, list_kb_categories, resolve_slug};
use crate::knowledge::rules::{ArticleFile, slug_from};
use crate::knowledge::{
    ATTACHMENT_PATH, ArticleAttachmentId, ArticleForm, ArticleId, ArticleStatus, ArticleVisibility, KbCategoryForm,
    KbCategoryId,
};
use crate::markdown::lead_elsewhere;
use crate::tickets::IncomingFile;
use crate::{Actor, Error, Permission, Result};

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    New,
    Changed,
    Same,
}

/// A file that an article brings along.
pub struct Beside {
    /// Where the text leads to it, if it does.
    pub path: String,
    pub file: IncomingFile,
}

/// Brings one article in, with the files that lie beside it; `folders` are those that its file lies in, the outermost first.
/// Where the file does not say, it is `status`, for `visibility`. An article at the same address is changed.
pub async fn import_article(
    desk: &Desk,
    actor: &Actor,
    folders: &[String],
    file: &ArticleFile,
    beside: Vec<Beside>,
    (status, visibility): (ArticleStatus, ArticleVisibility),
) -> Result<Imported> {
    actor.require(Permission::ArticleWrite)?;
    let slug = file.slug.clone().unwrap_or_else(|| slug_from(&file.title));
    let known = match resolve_slug(desk, actor, &slug).await {
        Ok((id, _)) => Some(article(desk, actor, id).await?),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let (content, files) = attach(desk, actor, known.as_ref().map(|known| known.id), &file.content, beside).await?;
    let form = ArticleForm {
        title: file.title.clone(),
        summary: file.summary.clone(),
        content,
        category_id: category_of(desk, actor, folders).await?,
        tags: file.tags.clone(),
        status: Some(file.status.or(known.as_ref().map(|known| known.status)).unwrap_or(status)),
        visibility: Some(file.visibility.or(known.as_ref().map(|known| known.visibility)).unwrap_or(visibility)),
        team_id: known.as_ref().and_then(|known| known.team_id),
        review_by: file.review_by.clone(),
        created_from_ticket_id: None,
        takes_waiting_attachments: false,
    };
    let Some(known) = known else {
        save_with(desk, actor, None, &form, &files).await?;
        return Ok(Imported::New);
    };
    let mut tags = form.tags.clone();
    tags.sort();
    let is_same = files.is_empty()
        && known.title == form.title
        && known.summary == form.summary
        && known.content.trim() == form.content
        && known.category_id == form.category_id
        && known.tags == tags
        && Some(known.status) == form.status
        && Some(known.visibility) == form.visibility
        && known.review_by == form.review_by;
    if is_same {
        return Ok(Imported::Same);
    }
    save_with(desk, actor, Some((known.id, known.version)), &form, &files).await?;
    Ok(Imported::Changed)
}

/// Keeps what an article brings along, but for what it has already; the text that leads there, and what waits for it now.
async fn attach(
    desk: &Desk,
    actor: &Actor,
    article: Option<ArticleId>,
    text: &str,
    beside: Vec<Beside>,
) -> Result<(String, Vec<ArticleAttachmentId>)> {
    let known = sqlx::query!(
        r#"SELECT id AS "id: ArticleAttachmentId", sha256 FROM kb_article_attachments WHERE article_id = $1 ORDER BY id"#,
        article as _
    )
    .fetch_all(&desk.db)
    .await?;
    let (mut text, mut waiting) = (text.to_owned(), Vec::new());
    for Beside { path, file } in beside {
        let same = known.iter().find(|one| one.sha256.as_ref() == Some(&file.sha256));
        let id = match same {
            Some(same) => same.id,
            None => {
                // It waits, so that it comes with the text or not at all.
                let added = keep_attachments(desk, actor, None, vec![file]).await?;
                waiting.extend(added.iter().map(|file| file.id));
                added.first().map(|file| file.id).ok_or(Error::Internal)?
            }
        };
        text = lead_elsewhere(&text, &path, &format!("{ATTACHMENT_PATH}{id}"));
    }
    Ok((text, waiting))
}

/// The category at the end of a path of names; those that are missing are made.
async fn category_of(desk: &Desk, actor: &Actor, folders: &[String]) -> Result<Option<KbCategoryId>> {
    let mut parent = None;
    for name in folders {
        let known = list_kb_categories(desk, actor).await?;
        let same = known.iter().find(|one| one.parent_id == parent && one.name.to_lowercase() == name.to_lowercase());
        parent = Some(match same {
            Some(category) => category.id,
            None => {
                let form =
                    KbCategoryForm { name: name.clone(), parent_id: parent, active: true, ..KbCategoryForm::default() };
                save_kb_category(desk, actor, None, &form).await?
            }
        });
    }
    Ok(parent)
}
