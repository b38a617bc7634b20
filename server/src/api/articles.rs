//! Knowledge: articles and their categories.

use super::extract::{Json, Path, Query};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::knowledge::queries::{self, ArticleFilter};
use oxdesk::knowledge::{self, ArticleForm, ArticleId, KbCategoryForm, KbCategoryId, commands};
use oxdesk::people::TeamId;
use oxdesk::tickets::{TicketId, rules::rename};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct ArticleRow {
    id: Uuid,
    slug: String,
    title: String,
    /// Its summary, or its first words.
    excerpt: String,
    category: Option<String>,
    /// DRAFT, PUBLISHED or ARCHIVED.
    status: String,
    /// PUBLIC, INTERNAL or TEAM.
    visibility: String,
    view_count: i32,
    helpful_count: i32,
    not_helpful_count: i32,
    updated_at: String,
}

impl From<knowledge::ArticleRow> for ArticleRow {
    fn from(row: knowledge::ArticleRow) -> Self {
        Self {
            id: row.id.0,
            slug: row.slug,
            title: row.title,
            excerpt: row.excerpt,
            category: row.category,
            status: row.status.to_string(),
            visibility: row.visibility.to_string(),
            view_count: row.view_count,
            helpful_count: row.helpful_count,
            not_helpful_count: row.not_helpful_count,
            updated_at: row.updated_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ArticlePage {
    data: Vec<ArticleRow>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ArticleQuery {
    /// Words in them; then the best first, one page.
    #[param(max_length = 500)]
    q: Option<String>,
    /// Of this category and those under it.
    category_id: Option<Uuid>,
    #[param(max_length = 50)]
    tag: Option<String>,
    /// Published ones without it; others only for those who write.
    status: Option<String>,
    /// The last page's `next`.
    after: Option<Uuid>,
}

/// The articles that you may read, those read most first.
#[utoipa::path(get, path = "/articles", tag = "knowledge", params(ArticleQuery), responses((status = 200, body = ArticlePage), ReadRefused))]
pub async fn list_articles(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(query): Query<ArticleQuery>,
) -> Answer<ArticlePage> {
    let filter = ArticleFilter {
        words: query.q.filter(|words| !words.trim().is_empty()),
        category: query.category_id.map(KbCategoryId),
        tag: query.tag,
        status: word("status", query.status.as_deref())?,
        only_due: false,
    };
    let list = queries::list_articles(&state.desk, &actor, &filter, query.after.map(ArticleId)).await?;
    let next = list.next.map(|id| id.to_string());
    Ok(axum::Json(ArticlePage { data: list.rows.into_iter().map(Into::into).collect(), next }))
}

/// An article as you read it.
#[derive(Serialize, ToSchema)]
pub struct ReadArticle {
    article: ArticleRow,
    /// Safe to show.
    html: String,
    tags: Vec<String>,
    /// For those who write: what a change has to bring along.
    source: Option<Source>,
}

#[derive(Serialize, ToSchema)]
pub struct Source {
    version: i32,
    /// Markdown.
    content: String,
    summary: Option<String>,
    category_id: Option<Uuid>,
    team_id: Option<Uuid>,
    /// A day.
    review_by: Option<String>,
}

#[utoipa::path(get, path = "/articles/{article_id}", tag = "knowledge", params(("article_id" = Uuid, Path)), responses((status = 200, body = ReadArticle), ReadRefused))]
pub async fn get_article(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
) -> Answer<ReadArticle> {
    let article: ArticleId = id(&article)?;
    let page = queries::article_page(&state.desk, &actor, article).await?;
    let source = match page.may_edit {
        true => Some(queries::article(&state.desk, &actor, article).await?),
        false => None,
    };
    let source = source.map(|source| Source {
        version: source.version,
        content: source.content,
        summary: source.summary,
        category_id: source.category_id.map(|id| id.0),
        team_id: source.team_id.map(|id| id.0),
        review_by: source.review_by,
    });
    Ok(axum::Json(ReadArticle { article: page.row.into(), html: page.html, tags: page.tags, source }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleInput {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 400)]
    summary: Option<String>,
    /// Markdown.
    #[serde(default)]
    #[schema(max_length = 200000)]
    content: String,
    category_id: Option<Uuid>,
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// DRAFT without it, PUBLISHED or ARCHIVED.
    status: Option<String>,
    /// INTERNAL without it, PUBLIC, or TEAM with a team_id.
    visibility: Option<String>,
    team_id: Option<Uuid>,
    /// A day, as 2026-11-25.
    review_by: Option<String>,
    /// Counts for a new one only.
    created_from_ticket_id: Option<Uuid>,
}

fn form(input: ArticleInput) -> oxdesk::Result<ArticleForm> {
    Ok(ArticleForm {
        title: input.title,
        summary: input.summary,
        content: input.content,
        category_id: input.category_id.map(KbCategoryId),
        tags: input.tags,
        status: word("status", input.status.as_deref())?,
        visibility: word("visibility", input.visibility.as_deref())?,
        team_id: input.team_id.map(TeamId),
        review_by: input.review_by,
        created_from_ticket_id: input.created_from_ticket_id.map(TicketId),
        takes_waiting_attachments: false,
    })
}

fn word<T: std::str::FromStr<Err = Error>>(field: &str, text: Option<&str>) -> oxdesk::Result<Option<T>> {
    text.map(|text| text.parse().map_err(|error| rename(error, field))).transpose()
}

/// Writes an article.
#[utoipa::path(post, path = "/articles", tag = "knowledge", request_body = ArticleInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_article(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ArticleInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_article(&state.desk, &actor, None, &form(input)?).await?.0)
}

/// A changed article, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleChange {
    version: i32,
    article: ArticleInput,
}

/// Replaces an article; what it said before is kept.
#[utoipa::path(put, path = "/articles/{article_id}", tag = "knowledge", params(("article_id" = Uuid, Path)), request_body = ArticleChange, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_article(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
    Json(input): Json<ArticleChange>,
) -> Answer<Saved> {
    let changes = Some((id(&article)?, input.version));
    let saved = commands::save_article(&state.desk, &actor, changes, &form(input.article)?).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Deletes an article; it can be restored.
#[utoipa::path(delete, path = "/articles/{article_id}", tag = "knowledge", params(("article_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_article(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
) -> Result<StatusCode> {
    commands::delete_article(&state.desk, &actor, id(&article)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted article back.
#[utoipa::path(post, path = "/articles/{article_id}/restore", tag = "knowledge", params(("article_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn restore_article(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
) -> Result<StatusCode> {
    commands::restore_article(&state.desk, &actor, id(&article)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct ArticleVersion {
    version: i32,
    title: String,
    summary: Option<String>,
    content: String,
    written_by: Option<String>,
    written_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct VersionPage {
    data: Vec<ArticleVersion>,
    next: Option<String>,
}

/// What an article said, newest first.
#[utoipa::path(get, path = "/articles/{article_id}/versions", tag = "knowledge", params(("article_id" = Uuid, Path)), responses((status = 200, body = VersionPage), ReadRefused))]
pub async fn article_versions(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
) -> Answer<VersionPage> {
    let versions = queries::article_versions(&state.desk, &actor, id(&article)?).await?;
    let one = |version: knowledge::ArticleVersion| ArticleVersion {
        version: version.version,
        title: version.title,
        summary: version.summary,
        content: version.content,
        written_by: version.written_by,
        written_at: version.written_at.to_string(),
    };
    Ok(axum::Json(VersionPage { data: versions.into_iter().map(one).collect(), next: None }))
}

/// Whether it helped.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Vote {
    helpful: bool,
    #[schema(max_length = 1000)]
    reason: Option<String>,
}

/// Says whether an article helped: one voice a person, who may change their mind.
#[utoipa::path(put, path = "/articles/{article_id}/vote", tag = "knowledge", params(("article_id" = Uuid, Path)), request_body = Vote, responses((status = 204), WriteRefused))]
pub async fn vote(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(article): Path<String>,
    Json(input): Json<Vote>,
) -> Result<StatusCode> {
    commands::vote(&state.desk, &actor, id(&article)?, input.helpful, input.reason.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct ArticleCategory {
    id: Uuid,
    version: i32,
    parent_id: Option<Uuid>,
    name: String,
    description: Option<String>,
    order: i32,
    active: bool,
    /// Right in it, as far as you may read them.
    articles: i64,
}

#[derive(Serialize, ToSchema)]
pub struct ArticleCategoryPage {
    data: Vec<ArticleCategory>,
    next: Option<String>,
}

/// The categories of articles, in their order.
#[utoipa::path(get, path = "/article-categories", tag = "knowledge", responses((status = 200, body = ArticleCategoryPage), ReadRefused))]
pub async fn list_article_categories(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<ArticleCategoryPage> {
    let one = |category: knowledge::KbCategory| ArticleCategory {
        id: category.id.0,
        version: category.version,
        parent_id: category.parent_id.map(|id| id.0),
        name: category.name,
        description: category.description,
        order: category.order,
        active: category.active,
        articles: category.articles,
    };
    let data = queries::list_kb_categories(&state.desk, &actor).await?.into_iter().map(one).collect();
    Ok(axum::Json(ArticleCategoryPage { data, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleCategoryInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(max_length = 300)]
    description: Option<String>,
    parent_id: Option<Uuid>,
    #[serde(default)]
    order: i32,
    #[serde(default = "yes")]
    active: bool,
    /// Where one is changed: the version that was read.
    #[serde(default)]
    version: i32,
}

fn yes() -> bool {
    true
}

impl From<ArticleCategoryInput> for KbCategoryForm {
    fn from(input: ArticleCategoryInput) -> Self {
        Self {
            name: input.name,
            description: input.description,
            parent_id: input.parent_id.map(KbCategoryId),
            order: input.order,
            active: input.active,
        }
    }
}

/// Makes a category of articles.
#[utoipa::path(post, path = "/article-categories", tag = "knowledge", request_body = ArticleCategoryInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_article_category(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<ArticleCategoryInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_kb_category(&state.desk, &actor, None, &input.into()).await?.0)
}

/// Replaces a category of articles.
#[utoipa::path(put, path = "/article-categories/{article_category_id}", tag = "knowledge", params(("article_category_id" = Uuid, Path)), request_body = ArticleCategoryInput, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_article_category(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(category): Path<String>,
    Json(input): Json<ArticleCategoryInput>,
) -> Answer<Saved> {
    let changes = Some((id(&category)?, input.version));
    let saved = commands::save_kb_category(&state.desk, &actor, changes, &input.into()).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Removes a category that no other stands under; its articles stay.
#[utoipa::path(delete, path = "/article-categories/{article_category_id}", tag = "knowledge", params(("article_category_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_article_category(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(category): Path<String>,
) -> Result<StatusCode> {
    commands::delete_kb_category(&state.desk, &actor, id(&category)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
