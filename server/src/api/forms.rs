//! What administrators arrange: categories and custom fields.

use super::extract::{Json, Path};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::categories::{self, CategoryId, NewCategory};
use oxdesk::fields::{self, FieldId, FieldValue, NewField};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Category {
    id: Uuid,
    /// A subcategory's category.
    parent_id: Option<Uuid>,
    name: String,
    description: Option<String>,
    queue_id: Option<Uuid>,
    priority: Option<String>,
    is_public: bool,
    position: i32,
}

#[derive(Serialize, ToSchema)]
pub struct CategoryPage {
    data: Vec<Category>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryInput {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    parent_id: Option<String>,
    #[schema(max_length = 300)]
    description: Option<String>,
    queue_id: Option<String>,
    #[schema(pattern = "^(LOW|MEDIUM|HIGH|CRITICAL)$")]
    priority: Option<String>,
    #[serde(default = "yes")]
    is_public: bool,
    #[schema(minimum = 0, maximum = 1_000_000)]
    position: Option<i32>,
}

fn yes() -> bool {
    true
}

impl From<CategoryInput> for NewCategory {
    fn from(input: CategoryInput) -> Self {
        let CategoryInput { name, parent_id, description, queue_id, priority, is_public, position } = input;
        Self { name, parent_id, description, queue_id, priority, is_public, position }
    }
}

/// The tree: each category followed by its subcategories.
#[utoipa::path(get, path = "/categories", tag = "categories", responses((status = 200, body = CategoryPage), ReadRefused))]
pub async fn list_categories(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> Answer<CategoryPage> {
    let tree = categories::queries::list_categories(&state.desk, &actor).await?;
    let category = |found: categories::Category| Category {
        id: found.id.0,
        parent_id: found.parent_id.map(|id| id.0),
        name: found.name,
        description: found.description,
        queue_id: found.queue_id.map(|id| id.0),
        priority: found.priority.map(|priority| priority.to_string()),
        is_public: found.is_public,
        position: found.position,
    };
    Ok(axum::Json(CategoryPage { data: tree.into_iter().map(category).collect(), next: None }))
}

/// Adds a category, or with `parent_id` a subcategory.
#[utoipa::path(post, path = "/categories", tag = "categories", request_body = CategoryInput, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_category(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<CategoryInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(categories::commands::save_category(&state.desk, &actor, None, input.into()).await?.0)
}

/// Changes a category: what is not given is as in a new one. Tickets follow a new name.
#[utoipa::path(put, path = "/categories/{category_id}", tag = "categories", params(("category_id" = Uuid, Path)), request_body = CategoryInput,
    responses((status = 200, body = Saved), WriteRefused))]
pub async fn update_category(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(category): Path<String>,
    Json(input): Json<CategoryInput>,
) -> Answer<Saved> {
    let category: CategoryId = id(&category)?;
    let saved = categories::commands::save_category(&state.desk, &actor, Some(category), input.into()).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Deletes a category with its subcategories; tickets keep the names.
#[utoipa::path(delete, path = "/categories/{category_id}", tag = "categories", params(("category_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_category(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(category): Path<String>,
) -> Result<StatusCode> {
    categories::commands::delete_category(&state.desk, &actor, id(&category)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct CustomField {
    id: Uuid,
    /// Its name in `custom_fields`.
    key: String,
    label: String,
    /// TEXT, NUMBER, DATE, CHOICE, MULTI_CHOICE, PERSON or YES_NO.
    kind: String,
    help: Option<String>,
    choices: Vec<String>,
    #[schema(value_type = Option<serde_json::Value>)]
    default_value: Option<FieldValue>,
    required: bool,
    is_public: bool,
    category_id: Option<Uuid>,
    queue_id: Option<Uuid>,
    asked_when_key: Option<String>,
    asked_when_value: Option<String>,
    position: i32,
    is_deleted: bool,
}

#[derive(Serialize, ToSchema)]
pub struct CustomFieldPage {
    data: Vec<CustomField>,
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomFieldInput {
    /// Made from the label when it is not given; fixed once the field exists.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,39}$")]
    #[serde(default)]
    key: String,
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    /// Fixed once the field exists.
    #[schema(pattern = "^(TEXT|NUMBER|DATE|CHOICE|MULTI_CHOICE|PERSON|YES_NO)$")]
    #[serde(default)]
    kind: String,
    #[schema(max_length = 300)]
    help: Option<String>,
    #[serde(default)]
    choices: Vec<String>,
    /// As one would type it.
    default_value: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    is_public: bool,
    category_id: Option<String>,
    queue_id: Option<String>,
    asked_when_key: Option<String>,
    asked_when_value: Option<String>,
    #[schema(minimum = 0, maximum = 1_000_000)]
    position: Option<i32>,
}

impl From<CustomFieldInput> for NewField {
    fn from(input: CustomFieldInput) -> Self {
        Self {
            key: input.key,
            label: input.label,
            kind: input.kind,
            help: input.help,
            choices: input.choices,
            default_value: input.default_value,
            required: input.required,
            is_public: input.is_public,
            category_id: input.category_id,
            queue_id: input.queue_id,
            asked_when_key: input.asked_when_key,
            asked_when_value: input.asked_when_value,
            position: input.position,
        }
    }
}

/// The fields that tickets can have; deleted ones for those who may bring them back.
#[utoipa::path(get, path = "/custom-fields", tag = "custom-fields", responses((status = 200, body = CustomFieldPage), ReadRefused))]
pub async fn list_fields(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<CustomFieldPage> {
    let fields = fields::queries::list_fields(&state.desk, &actor).await?;
    let field = |found: fields::Field| {
        let (asked_when_key, asked_when_value) = found.asked_when.map(|when| (when.key, when.value)).unzip();
        CustomField {
            id: found.id.0,
            key: found.key,
            label: found.label,
            kind: found.kind.to_string(),
            help: found.help,
            choices: found.choices,
            default_value: found.default_value,
            required: found.required,
            is_public: found.is_public,
            category_id: found.category_id.map(|id| id.0),
            queue_id: found.queue_id.map(|id| id.0),
            asked_when_key,
            asked_when_value,
            position: found.position,
            is_deleted: found.is_deleted,
        }
    };
    Ok(axum::Json(CustomFieldPage { data: fields.into_iter().map(field).collect(), next: None }))
}

/// Declares a field.
#[utoipa::path(post, path = "/custom-fields", tag = "custom-fields", request_body = CustomFieldInput,
    responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<CustomFieldInput>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(fields::commands::save_field(&state.desk, &actor, None, input.into()).await?.0)
}

/// Changes a field: what is not given is as in a new one. Key and kind stay.
#[utoipa::path(put, path = "/custom-fields/{field_id}", tag = "custom-fields", params(("field_id" = Uuid, Path)), request_body = CustomFieldInput,
    responses((status = 200, body = Saved), WriteRefused))]
pub async fn update_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(field): Path<String>,
    Json(input): Json<CustomFieldInput>,
) -> Answer<Saved> {
    let field: FieldId = id(&field)?;
    let saved = fields::commands::save_field(&state.desk, &actor, Some(field), input.into()).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Takes a field out of every form; tickets keep its values.
#[utoipa::path(delete, path = "/custom-fields/{field_id}", tag = "custom-fields", params(("field_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(field): Path<String>,
) -> Result<StatusCode> {
    fields::commands::delete_field(&state.desk, &actor, id(&field)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted field back, with its values.
#[utoipa::path(post, path = "/custom-fields/{field_id}/restore", tag = "custom-fields", params(("field_id" = Uuid, Path)),
    responses((status = 204), WriteRefused))]
pub async fn restore_field(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(field): Path<String>,
) -> Result<StatusCode> {
    fields::commands::restore_field(&state.desk, &actor, id(&field)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
