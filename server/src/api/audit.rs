//! `/api/v1/audit-logs`: who did what to whom.

use super::extract::{Query, page_size};
use super::problem::ReadRefused;
use super::queues::Answer;
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use oxdesk::Actor;
use oxdesk::audit::{self, AuditFilter, AuditLogId, queries};
use oxdesk::people::UserId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An entry of the audit log. Nothing of it ever changes.
#[derive(Serialize, ToSchema)]
pub struct AuditLog {
    id: Uuid,
    created_at: String,
    /// None for strangers, and for Oxdesk itself.
    user_id: Option<Uuid>,
    user_name: Option<String>,
    /// Through which door: SESSION, API_TOKEN, ANONYMOUS, LINK, MAIL, RULE or SYSTEM.
    origin: Option<String>,
    action: String,
    entity_type: Option<String>,
    entity_id: Option<String>,
    /// Before and after, secrets left out.
    #[schema(value_type = Option<Object>)]
    changes: Option<serde_json::Value>,
    description: Option<String>,
    ip_address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    /// Its place in the chain, from 1.
    position: Option<i64>,
}

impl From<audit::AuditLog> for AuditLog {
    fn from(entry: audit::AuditLog) -> Self {
        Self {
            id: entry.id.0,
            created_at: entry.created_at.to_string(),
            user_id: entry.user_id.map(|id| id.0),
            user_name: entry.user_name,
            origin: entry.origin,
            action: entry.action,
            entity_type: entry.entity_type,
            entity_id: entry.entity_id,
            changes: entry.changes,
            description: entry.description,
            ip_address: entry.ip_address,
            user_agent: entry.user_agent,
            request_id: entry.request_id,
            position: entry.position,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AuditLogPage {
    data: Vec<AuditLog>,
    next: Option<String>,
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditParams {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The previous page's `next`.
    after: Option<Uuid>,
    /// Whose deeds.
    user_id: Option<Uuid>,
    /// Whose deeds, by address.
    email: Option<String>,
    /// Such as UPDATE, LOGIN_FAILED.
    action: Option<String>,
    /// Such as USER, SETTING.
    entity_type: Option<String>,
    entity_id: Option<String>,
    /// The first day, in your time zone, such as 2026-11-24.
    from: Option<String>,
    /// The last day, included.
    until: Option<String>,
}

/// Lists entries, the newest first.
#[utoipa::path(get, path = "/audit-logs", tag = "audit", params(AuditParams), responses(
    (status = 200, body = AuditLogPage),
    ReadRefused,
))]
pub async fn list_audit_logs(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Query(asked): Query<AuditParams>,
) -> Answer<AuditLogPage> {
    let limit = page_size(asked.limit)?;
    let filter = AuditFilter {
        user_id: asked.user_id.map(UserId),
        email: asked.email,
        action: asked.action,
        entity_type: asked.entity_type,
        entity_id: asked.entity_id,
        from: asked.from,
        until: asked.until,
    };
    let after = asked.after.map(AuditLogId);
    let mut entries = queries::list_entries(&state.desk, &actor, &filter, after, limit + 1).await?;
    let more = entries.len() as i64 > limit;
    entries.truncate(limit as usize);
    let next = entries.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(axum::Json(AuditLogPage { data: entries.into_iter().map(AuditLog::from).collect(), next }))
}
