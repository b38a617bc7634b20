//! How assets stand to each other, and to tickets.

use super::find;
use super::model::{AssetRow, word};
use crate::api::extract::{Json, Path, Query};
use crate::api::problem::{ReadRefused, Result, WriteRefused};
use crate::api::queues::{Answer, Saved, id, made};
use crate::api::tickets;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::assets::{self, RelationType, TicketRelation, Way, commands, queries};
use oxdesk::{Actor, Error};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
pub struct Relationship {
    id: Uuid,
    /// CONTAINS, DEPENDS_ON, CONNECTED_TO or LICENSED_FOR.
    r#type: String,
    /// The asset that was asked for is the source, not the target.
    is_source: bool,
    /// The other one.
    asset_number: String,
    name: String,
    status: String,
    description: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RelationshipPage {
    data: Vec<Relationship>,
    next: Option<String>,
}

/// How an asset stands to others.
#[utoipa::path(get, path = "/assets/{asset}/relationships", tag = "assets", params(("asset" = String, Path)), responses((status = 200, body = RelationshipPage), ReadRefused))]
pub async fn list_relationships(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
) -> Answer<RelationshipPage> {
    let id = find(&state, &actor, &asset).await?;
    let one = |relation: assets::Relation| Relationship {
        id: relation.id.0,
        r#type: relation.kind.to_string(),
        is_source: relation.is_source,
        asset_number: relation.asset_number.to_string(),
        name: relation.name,
        status: relation.status.to_string(),
        description: relation.description,
    };
    let data = queries::asset_page(&state.desk, &actor, id).await?.relations.into_iter().map(one).collect();
    Ok(axum::Json(RelationshipPage { data, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRelationship {
    #[schema(pattern = "^(CONTAINS|DEPENDS_ON|CONNECTED_TO|LICENSED_FOR)$")]
    r#type: String,
    /// The other asset's id, number or serial number: what the first contains, needs, …
    #[schema(max_length = 100)]
    target: String,
    #[schema(max_length = 500)]
    description: Option<String>,
}

/// Says how an asset stands to another. Circles of CONTAINS and of DEPENDS_ON are refused.
#[utoipa::path(post, path = "/assets/{asset}/relationships", tag = "assets", params(("asset" = String, Path)), request_body = NewRelationship, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_relationship(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
    Json(input): Json<NewRelationship>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    actor.require(oxdesk::Permission::AssetWrite)?;
    let source = find(&state, &actor, &asset).await?;
    let kind = word::<RelationType>("type", Some(&input.r#type))?.ok_or(Error::Internal)?;
    let missing = || Error::invalid("target", "There is no such asset, or you may not see it.");
    let target = find(&state, &actor, &input.target).await.map_err(|_| missing())?;
    let made_id = commands::relate_assets(&state.desk, &actor, source, kind, target, input.description.as_deref());
    made(made_id.await?.0)
}

/// Takes a relation away.
#[utoipa::path(delete, path = "/assets/{asset}/relationships/{relationship_id}", tag = "assets", params(("asset" = String, Path), ("relationship_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_relationship(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((asset, relationship)): Path<(String, String)>,
) -> Result<StatusCode> {
    let asset = find(&state, &actor, &asset).await?;
    commands::unrelate_assets(&state.desk, &actor, asset, id(&relationship)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ImpactQuery {
    /// AFFECTED (what fails with it), also without it; or NEEDED (what it needs).
    way: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Impact {
    /// The nearest first, up to 500.
    data: Vec<AssetRow>,
    total: i64,
    /// Open ones about them.
    tickets: i64,
    /// Who have one of them.
    people: i64,
}

/// What fails with an asset, or what it needs, to any depth.
#[utoipa::path(get, path = "/assets/{asset}/impact", tag = "assets", params(("asset" = String, Path), ImpactQuery), responses((status = 200, body = Impact), ReadRefused))]
pub async fn impact(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(asset): Path<String>,
    Query(query): Query<ImpactQuery>,
) -> Answer<Impact> {
    let id = find(&state, &actor, &asset).await?;
    let way = match query.way.as_deref() {
        None | Some("AFFECTED") => Way::Affected,
        Some("NEEDED") => Way::Needed,
        Some(_) => return Err(Error::invalid("way", "Must be one of: AFFECTED NEEDED").into()),
    };
    let found = queries::impact(&state.desk, &actor, id, way).await?;
    Ok(axum::Json(Impact {
        data: found.rows.into_iter().map(Into::into).collect(),
        total: found.total,
        tickets: found.tickets,
        people: found.people,
    }))
}

#[derive(Serialize, ToSchema)]
pub struct TicketAsset {
    id: Uuid,
    asset_number: String,
    name: String,
    status: String,
    /// AFFECTED_BY, CAUSED_BY or RELATED_TO.
    relation_type: String,
}

#[derive(Serialize, ToSchema)]
pub struct TicketAssetPage {
    data: Vec<TicketAsset>,
    next: Option<String>,
}

/// The assets that a ticket is about.
#[utoipa::path(get, path = "/tickets/{id}/assets", tag = "assets", params(("id" = String, Path, description = "Id or number")), responses((status = 200, body = TicketAssetPage), ReadRefused))]
pub async fn ticket_assets(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(ticket): Path<String>,
) -> Answer<TicketAssetPage> {
    let ticket = tickets::find(&state, &actor, &ticket).await?;
    let ticket = oxdesk::tickets::queries::ticket(&state.desk, &actor, ticket).await?.id;
    let one = |asset: assets::LinkedAsset| TicketAsset {
        id: asset.id.0,
        asset_number: asset.asset_number.to_string(),
        name: asset.name,
        status: asset.status.to_string(),
        relation_type: asset.relation.to_string(),
    };
    let data = queries::ticket_assets(&state.desk, &actor, ticket).await?.into_iter().map(one).collect();
    Ok(axum::Json(TicketAssetPage { data, next: None }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketAssetInput {
    /// AFFECTED_BY without it.
    relation_type: Option<String>,
}

/// Says that a ticket is about an asset; one of each kind.
#[utoipa::path(put, path = "/tickets/{id}/assets/{asset}", tag = "assets", params(("id" = String, Path, description = "Id or number"), ("asset" = String, Path)), request_body = TicketAssetInput, responses((status = 204), WriteRefused))]
pub async fn link_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((ticket, asset)): Path<(String, String)>,
    Json(input): Json<TicketAssetInput>,
) -> Result<StatusCode> {
    let ticket = tickets::find(&state, &actor, &ticket).await?;
    let kind = word("relation_type", input.relation_type.as_deref())?.unwrap_or(TicketRelation::AffectedBy);
    let asset = find(&state, &actor, &asset).await?;
    commands::link_asset(&state.desk, &actor, ticket, asset, kind).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that a ticket is not about an asset.
#[utoipa::path(delete, path = "/tickets/{id}/assets/{asset}", tag = "assets", params(("id" = String, Path, description = "Id or number"), ("asset" = String, Path)), responses((status = 204), WriteRefused))]
pub async fn unlink_asset(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path((ticket, asset)): Path<(String, String)>,
) -> Result<StatusCode> {
    let ticket = tickets::find(&state, &actor, &ticket).await?;
    let asset = find(&state, &actor, &asset).await?;
    commands::unlink_asset(&state.desk, &actor, ticket, asset).await?;
    Ok(StatusCode::NO_CONTENT)
}
