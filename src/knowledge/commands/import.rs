//! A folder of Markdown, brought in: its folders are categories, its files articles. Brought in again, what changed is
//! changed, and nothing comes twice.

use super::{save_article, save_kb_category};
use crate::desk::Desk;
use crate::knowledge::queries::{article, list_kb_categories, resolve_slug};
use crate::knowledge::rules::{ArticleFile, slug_from};
use crate::knowledge::{ArticleForm, ArticleStatus, ArticleVisibility, KbCategoryForm, KbCategoryId};
use crate::{Actor, Error, Permission, Result};

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    New,
    Changed,
    Same,
}

/// Brings one article in; `folders` are those that its file lies in, the outermost first. Where the file does not say, it is
/// `status`, for `visibility`. An article at the same address is changed.
pub async fn import_article(
    desk: &Desk,
    actor: &Actor,
    folders: &[String],
    file: &ArticleFile,
    (status, visibility): (ArticleStatus, ArticleVisibility),
) -> Result<Imported> {
    actor.require(Permission::ArticleWrite)?;
    let slug = file.slug.clone().unwrap_or_else(|| slug_from(&file.title));
    let known = match resolve_slug(desk, actor, &slug).await {
        Ok((id, _)) => Some(article(desk, actor, id).await?),
        Err(Error::NotFound) => None,
        Err(error) => return Err(error),
    };
    let form = ArticleForm {
        title: file.title.clone(),
        summary: file.summary.clone(),
        content: file.content.clone(),
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
        save_article(desk, actor, None, &form).await?;
        return Ok(Imported::New);
    };
    let mut tags = form.tags.clone();
    tags.sort();
    let is_same = known.title == form.title
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
    save_article(desk, actor, Some((known.id, known.version)), &form).await?;
    Ok(Imported::Changed)
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
