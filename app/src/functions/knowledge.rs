//! Knowledge: articles as they are read and written.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::knowledge::rules::LineChange;
use oxdesk::knowledge::{Article, ArticleAttachment, ArticleForm, ArticleList, ArticlePage, KbCategory};
use oxdesk::people::Team;
use oxdesk::search::Results;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::knowledge::queries::{self, ArticleFilter};
#[cfg(feature = "ssr")]
use oxdesk::knowledge::{
    ArticleDraft, ArticleId, ArticleStatus, ArticleVisibility, KbCategoryForm, KbCategoryId, commands,
    rules::difference,
};

/// A list of articles, with the categories around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shelf {
    pub list: ArticleList,
    /// What a search found, where one was asked for.
    pub found: Option<Results>,
    pub categories: Vec<KbCategory>,
}

/// The published articles that the viewer may read, or those in another status; of a category, with words in them.
#[server(prefix = "/fn", endpoint = "read_shelf")]
pub async fn read_shelf(
    words: Option<String>,
    category: Option<String>,
    tag: Option<String>,
    status: Option<String>,
    after: Option<String>,
) -> Result<Shelf> {
    let (desk, actor) = (desk()?, actor());
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let only_due = status.as_deref() == Some("DUE");
    let filter = ArticleFilter {
        words: given(words),
        // An address that was written wrong shows everything, as one without does.
        category: given(category).and_then(|id| id.parse().ok()),
        tag: given(tag),
        status: given(status).and_then(|word| word.parse().ok()),
        only_due,
    };
    let list = queries::list_articles(&desk, &actor, &filter, given(after).and_then(|id| id.parse().ok())).await?;
    // Drafts and the like are found by their words alone.
    let asked = filter.words.filter(|_| filter.status.is_none() && !only_due);
    let found = match asked {
        Some(words) => Some(crate::functions::search::search(words, Some("article".to_owned())).await?),
        None => None,
    };
    Ok(Shelf { list, found, categories: queries::list_kb_categories(&desk, &actor).await? })
}

/// An article by its address. An address that it had leads to the one that it has.
#[server(prefix = "/fn", endpoint = "read_article")]
pub async fn read_article(slug: String) -> Result<ArticlePage> {
    let (desk, actor) = (desk()?, actor());
    let (id, now) = queries::resolve_slug(&desk, &actor, &slug).await?;
    if now != slug && crate::session::is_page() {
        leptos_axum::redirect(&format!("/portal/kb/{now}"));
    }
    let page = queries::article_page(&desk, &actor, id).await?;
    if crate::session::is_page() {
        commands::count_view(&desk, &actor, id).await?;
    }
    Ok(page)
}

#[server(prefix = "/fn", endpoint = "vote_article")]
pub async fn vote_article(id: String, helpful: bool, reason: Option<String>) -> Result<()> {
    Ok(commands::vote(&desk()?, &actor(), id.parse()?, helpful, reason.as_deref()).await?)
}

/// An article as it is written, to be put into an answer.
#[server(prefix = "/fn", endpoint = "article_text")]
pub async fn article_text(slug: String) -> Result<String> {
    Ok(queries::article_text(&desk()?, &actor(), &slug).await?)
}

/// How a text will look, for those who write.
#[server(prefix = "/fn", endpoint = "preview_article")]
pub async fn preview_article(text: String) -> Result<String> {
    actor().require(oxdesk::Permission::ArticleWrite)?;
    let text: String = text.chars().take(oxdesk::knowledge::CONTENT_MAX).collect();
    Ok(oxdesk::markdown::render_article(&text, &[]).0)
}

/// What the editor shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editor {
    /// None for a new one.
    pub article: Option<Article>,
    /// What stands in the form.
    pub form: ArticleForm,
    pub from_ticket: Option<String>,
    pub html: String,
    /// Why there is no draft of the model, though it was asked for.
    pub said: Option<String>,
    pub attachments: Vec<ArticleAttachment>,
    /// What its reader wrote before and did not save.
    pub unsaved: Option<Unsaved>,
    pub categories: Vec<KbCategory>,
    pub teams: Vec<Team>,
}

/// What someone wrote and did not save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsaved {
    pub at: oxdesk::Timestamp,
    pub now: oxdesk::Timestamp,
    /// Somebody saved another version meanwhile.
    pub is_behind: bool,
    /// It stands in the form.
    pub is_shown: bool,
    /// What it changes of what is there now.
    pub changes: Vec<(LineChange, String)>,
}

/// The editor of an article, or of a new one, begun from a ticket where one is named, and with a draft of the model where
/// that is asked for (`model`), or with what was not saved (`mine`).
#[server(prefix = "/fn", endpoint = "read_editor")]
pub async fn read_editor(id: Option<String>, ticket: Option<String>, draft: Option<String>) -> Result<Editor> {
    let (desk, actor) = (desk()?, actor());
    let article = match id {
        Some(id) => Some(queries::article(&desk, &actor, id.parse().map_err(|_| oxdesk::Error::NotFound)?).await?),
        None => None,
    };
    let mut said = None;
    let mut form = match (&article, &ticket) {
        (Some(article), _) => form_of(article),
        (None, Some(number)) => {
            let number = number.parse().map_err(|_| oxdesk::Error::NotFound)?;
            let ticket = oxdesk::tickets::queries::shown_by_number(&desk, &actor, &number).await?;
            let mut form = commands::draft_from_ticket(&desk, &actor, ticket).await?;
            if draft.as_deref() == Some("model") {
                // Without it there is what stands on the ticket.
                match oxdesk::ai::commands::draft(&desk, &actor, ticket, &oxdesk::ai::DraftKind::Article).await {
                    Ok(text) => form.content = text,
                    Err(error) => said = Some(format!("The model drafted nothing: {error}.")),
                }
            }
            form
        }
        (None, None) => {
            actor.require(oxdesk::Permission::ArticleWrite)?;
            ArticleForm::default()
        }
    };
    let mut unsaved = None;
    if let Some((kept, at)) = queries::article_draft(&desk, &actor, article.as_ref().map(|article| article.id)).await? {
        let text = |title: &str, summary: &str, content: &str| format!("{title}\n\n{summary}\n\n{content}");
        let there = text(&form.title, form.summary.as_deref().unwrap_or_default(), &form.content);
        let is_shown = draft.as_deref() == Some("mine");
        unsaved = Some(Unsaved {
            at,
            now: oxdesk::Timestamp::now(),
            is_behind: article.as_ref().is_some_and(|article| article.version != kept.version),
            is_shown,
            changes: difference(&there, &text(&kept.title, &kept.summary, &kept.content)),
        });
        if is_shown {
            (form.title, form.content) = (kept.title, kept.content);
            form.summary = Some(kept.summary).filter(|summary| !summary.is_empty());
        }
    }
    let attachments = match &article {
        Some(article) => queries::article_attachments(&desk, &actor, article.id).await?,
        None => queries::waiting_attachments(&desk, &actor).await?,
    };
    Ok(Editor {
        unsaved,
        html: oxdesk::markdown::render_article(&form.content, &attachments).0,
        attachments,
        from_ticket: form.created_from_ticket_id.map(|id| id.to_string()),
        article,
        said,
        form,
        categories: queries::list_kb_categories(&desk, &actor).await?,
        teams: actor.teams.clone(),
    })
}

#[cfg(feature = "ssr")]
fn form_of(article: &Article) -> ArticleForm {
    ArticleForm {
        title: article.title.clone(),
        summary: article.summary.clone(),
        content: article.content.clone(),
        category_id: article.category_id,
        tags: article.tags.clone(),
        status: Some(article.status),
        visibility: Some(article.visibility),
        team_id: article.team_id,
        review_by: article.review_by.clone(),
        created_from_ticket_id: None,
        takes_waiting_attachments: false,
    }
}

/// An article's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArticleFields {
    pub id: Option<String>,
    pub version: i32,
    pub title: String,
    pub summary: String,
    pub content: String,
    pub category_id: String,
    /// Separated by commas.
    pub tags: String,
    pub status: String,
    /// PUBLIC, INTERNAL, or a team's id.
    pub readers: String,
    pub review_by: String,
    pub from_ticket: Option<String>,
}

/// Saves an article; its editor comes next.
#[server(prefix = "/fn", endpoint = "save_article")]
pub async fn save_article(article: ArticleFields) -> Result<()> {
    let changes = article.id.as_ref().map(|id| id.parse()).transpose()?.map(|id: ArticleId| (id, article.version));
    let is_new = changes.is_none();
    let (desk, actor) = (desk()?, actor());
    let draft = ArticleDraft {
        version: article.version,
        title: article.title.clone(),
        summary: article.summary.clone(),
        content: article.content.clone(),
    };
    let id = match commands::save_article(&desk, &actor, changes, &form(article)?).await {
        Ok(id) => id,
        // Somebody was faster: what was written is kept, and shown beside what is there now.
        Err(oxdesk::Error::Conflict { .. }) if let Some((id, _)) = changes => {
            commands::keep_article_draft(&desk, &actor, Some(id), &draft).await?;
            leptos_axum::redirect(&format!("/knowledge/{id}?behind=yes"));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    leptos_axum::redirect(&format!("/knowledge/{id}?saved={}", if is_new { "new" } else { "yes" }));
    Ok(())
}

#[cfg(feature = "ssr")]
fn form(fields: ArticleFields) -> Result<ArticleForm> {
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let word = |field: &'static str, text: &str| -> Result<Option<ArticleStatus>> {
        match text {
            "" => Ok(None),
            text => {
                text.parse().map(Some).map_err(|error| AppError::from(oxdesk::tickets::rules::rename(error, field)))
            }
        }
    };
    let (visibility, team_id) = match fields.readers.as_str() {
        "" => (None, None),
        "PUBLIC" => (Some(ArticleVisibility::Public), None),
        "INTERNAL" => (Some(ArticleVisibility::Internal), None),
        team => (Some(ArticleVisibility::Team), Some(team.parse()?)),
    };
    Ok(ArticleForm {
        title: fields.title,
        summary: given(fields.summary),
        content: fields.content.replace("\r\n", "\n"),
        category_id: given(fields.category_id).map(|id| id.parse()).transpose()?,
        tags: fields.tags.split(',').map(str::to_owned).collect(),
        status: word("status", &fields.status)?,
        visibility,
        team_id,
        review_by: given(fields.review_by),
        created_from_ticket_id: fields.from_ticket.map(|id| id.parse()).transpose()?,
        takes_waiting_attachments: true,
    })
}

/// Keeps what is being written.
#[server(prefix = "/fn", endpoint = "keep_article_draft")]
pub async fn keep_article_draft(
    id: Option<String>,
    version: i32,
    #[server(default)] title: String,
    #[server(default)] summary: String,
    #[server(default)] content: String,
) -> Result<()> {
    let id = id.map(|id| id.parse()).transpose()?;
    let draft = ArticleDraft { version, title, summary, content };
    Ok(commands::keep_article_draft(&desk()?, &actor(), id, &draft).await?)
}

/// Forgets what was not saved; the article's editor comes next.
#[server(prefix = "/fn", endpoint = "drop_article_draft")]
pub async fn drop_article_draft(id: Option<String>) -> Result<()> {
    let article = id.as_ref().map(|id| id.parse()).transpose()?;
    commands::drop_article_draft(&desk()?, &actor(), article).await?;
    leptos_axum::redirect(&format!("/knowledge/{}", id.as_deref().unwrap_or("new")));
    Ok(())
}

/// Takes a file away from its article.
#[server(prefix = "/fn", endpoint = "remove_article_attachment")]
pub async fn remove_article_attachment(id: String) -> Result<()> {
    Ok(commands::remove_article_attachment(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "delete_article")]
pub async fn delete_article(id: String) -> Result<()> {
    commands::delete_article(&desk()?, &actor(), id.parse()?).await?;
    leptos_axum::redirect("/knowledge");
    Ok(())
}

/// What an article said in its versions, and what one of them changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    pub article: Article,
    /// Version, by whom, and when.
    pub list: Vec<(i32, String, oxdesk::Timestamp)>,
    /// The one that is shown.
    pub shown: i32,
    pub changes: Vec<(LineChange, String)>,
    pub now: oxdesk::Timestamp,
}

/// The newest version's changes, where none is named.
#[server(prefix = "/fn", endpoint = "read_versions")]
pub async fn read_versions(id: String, version: Option<i32>) -> Result<Versions> {
    let (desk, actor) = (desk()?, actor());
    let id = id.parse().map_err(|_| oxdesk::Error::NotFound)?;
    let article = queries::article(&desk, &actor, id).await?;
    let versions = queries::article_versions(&desk, &actor, id).await?;
    let at = match version {
        Some(version) => versions.iter().position(|known| known.version == version).ok_or(oxdesk::Error::NotFound)?,
        None => 0,
    };
    let text = |at: usize| {
        let version = versions.get(at)?;
        Some(format!("{}\n\n{}\n\n{}", version.title, version.summary.as_deref().unwrap_or_default(), version.content))
    };
    let changes = difference(&text(at + 1).unwrap_or_default(), &text(at).unwrap_or_default());
    let who = |by: Option<String>| by.unwrap_or_else(|| "Oxdesk".to_owned());
    Ok(Versions {
        article,
        shown: versions[at].version,
        changes,
        list: versions
            .into_iter()
            .map(|version| (version.version, who(version.written_by), version.written_at))
            .collect(),
        now: oxdesk::Timestamp::now(),
    })
}

#[server(prefix = "/fn", endpoint = "restore_version")]
pub async fn restore_version(id: String, version: i32) -> Result<()> {
    let id = commands::restore_version(&desk()?, &actor(), id.parse()?, version).await?;
    leptos_axum::redirect(&format!("/knowledge/{id}?saved=yes"));
    Ok(())
}

/// A category's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KbCategoryFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub description: String,
    pub parent_id: String,
    pub order: String,
    /// Ticked.
    pub retired: Option<String>,
}

#[server(prefix = "/fn", endpoint = "save_kb_category")]
pub async fn save_kb_category(category: KbCategoryFields) -> Result<()> {
    let changes = category.id.as_ref().map(|id| id.parse()).transpose()?.map(|id: KbCategoryId| (id, category.version));
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let order = given(category.order).map(|text| text.parse()).transpose();
    let form = KbCategoryForm {
        name: category.name,
        description: given(category.description),
        parent_id: given(category.parent_id).map(|id| id.parse()).transpose()?,
        order: order.map_err(|_| oxdesk::Error::invalid("order", "A whole number, please."))?.unwrap_or_default(),
        active: category.retired.is_none(),
    };
    commands::save_kb_category(&desk()?, &actor(), changes, &form).await?;
    Ok(())
}

/// Puts a category before another, or last of those beside it.
#[server(prefix = "/fn", endpoint = "place_kb_category")]
pub async fn place_kb_category(id: String, before: Option<String>) -> Result<()> {
    let before = before.filter(|id| !id.is_empty()).map(|id| id.parse()).transpose()?;
    Ok(commands::place_kb_category(&desk()?, &actor(), id.parse()?, before).await?)
}

#[server(prefix = "/fn", endpoint = "delete_kb_category")]
pub async fn delete_kb_category(id: String) -> Result<()> {
    Ok(commands::delete_kb_category(&desk()?, &actor(), id.parse()?).await?)
}
