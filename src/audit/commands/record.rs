//! Writing an entry, in the transaction of what it tells about.

use crate::audit::AuditFilter;
use crate::audit::rules::{difference, without_secrets};
use crate::desk::Desk;
use crate::people::UserId;
use crate::people::throttle::{self, REFUSALS_PER_PERSON, REFUSALS_TOLD};
use crate::{Actor, Error, Origin, Permission, Result};
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct AuditEntry {
    action: &'static str,
    entity_type: &'static str,
    entity_id: Option<String>,
    user: Option<UserId>,
    changes: Option<Value>,
    description: Option<String>,
}

impl AuditEntry {
    /// `action` and `entity_type` are the specification's words: CREATE, UPDATE, LOGIN … and USER, TICKET …
    pub fn new(action: &'static str, entity_type: &'static str) -> Self {
        Self { action, entity_type, entity_id: None, user: None, changes: None, description: None }
    }

    pub fn entity(mut self, id: impl ToString) -> Self {
        self.entity_id = Some(id.to_string());
        self
    }

    /// Whose deed it is, when the actor is not signed in yet.
    pub fn by(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Before and after. What is named as a secret is left out.
    pub fn changes(mut self, changes: Value) -> Self {
        self.changes = Some(without_secrets(changes));
        self
    }

    /// The fields in which a row differs before and after; see [`row`].
    pub fn difference(self, before: &Value, after: &Value) -> Self {
        match difference(before, after) {
            Some(changes) => self.changes(changes),
            None => self,
        }
    }

    pub fn describe(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }
}

/// Adds an entry. The schema chains it to the one before it when its transaction commits.
pub async fn record(db: impl PgExecutor<'_>, actor: &Actor, entry: AuditEntry) -> Result<()> {
    sqlx::query!(
        "INSERT INTO audit_logs (user_id, action, entity_type, entity_id, changes, ip_address, user_agent, description, request_id, origin)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        actor.user_id.or(entry.user) as _,
        entry.action,
        entry.entity_type,
        entry.entity_id,
        entry.changes.map(Json) as _,
        actor.address,
        actor.user_agent,
        entry.description,
        actor.request_id,
        told(&actor.origin),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A row of one of the caller's own tables as it stands, to be told before and after; null where there is none.
pub async fn row(tx: &mut PgConnection, table: &'static str, id: Option<Uuid>) -> Result<Value> {
    let found = sqlx::query_scalar(AssertSqlSafe(format!("SELECT to_jsonb(t) FROM {table} t WHERE t.id = $1")));
    Ok(found.bind(id).fetch_optional(tx).await?.unwrap_or_default())
}

/// Someone who is signed in was refused what they asked for: told once an hour for each person and door, and of nobody
/// without end.
pub async fn record_refusal(desk: &Desk, actor: &Actor, door: &str) -> Result<()> {
    let Some(user) = actor.user_id else { return Ok(()) };
    let counted = async {
        throttle::count(&desk.db, &format!("refused:{user}:{door}"), REFUSALS_TOLD).await?;
        throttle::count(&desk.db, &format!("refused:{user}"), REFUSALS_PER_PERSON).await
    };
    match counted.await {
        Ok(()) => record(&desk.db, actor, AuditEntry::new("REFUSED", "DOOR").entity(door)).await,
        Err(Error::RateLimited { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Someone takes the log along, or what a filter asks of it.
pub async fn record_export(desk: &Desk, actor: &Actor, form: &str, filter: &AuditFilter) -> Result<()> {
    actor.require(Permission::AuditRead)?;
    let mut asked = serde_json::to_value(filter).map_err(Error::internal)?;
    if let Some(fields) = asked.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    record(&desk.db, actor, AuditEntry::new("EXPORT", "AUDIT_LOG").describe(form).changes(asked)).await
}

fn told(origin: &Origin) -> String {
    match origin {
        Origin::Anonymous => "ANONYMOUS".to_owned(),
        Origin::Link => "LINK".to_owned(),
        Origin::Session => "SESSION".to_owned(),
        Origin::ApiToken => "API_TOKEN".to_owned(),
        Origin::Mail => "MAIL".to_owned(),
        Origin::System(reason) => format!("SYSTEM: {reason}"),
        Origin::Rule { caused_by } => match caused_by.last() {
            Some(rule) => format!("RULE: {rule}"),
            None => "RULE".to_owned(),
        },
    }
}
