//! Writing the audit log. An entry is written in the transaction of what it tells about.

use crate::people::UserId;
use crate::{Actor, Result};
use sqlx::{PgExecutor, types::Json};

#[derive(Debug, Clone)]
pub struct AuditEntry {
    action: &'static str,
    entity_type: &'static str,
    entity_id: Option<String>,
    user: Option<UserId>,
    changes: Option<serde_json::Value>,
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

    /// Before and after. Never a secret.
    pub fn changes(mut self, changes: serde_json::Value) -> Self {
        self.changes = Some(changes);
        self
    }

    pub fn describe(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }
}

pub async fn record(db: impl PgExecutor<'_>, actor: &Actor, entry: AuditEntry) -> Result<()> {
    sqlx::query!(
        "INSERT INTO audit_logs (user_id, action, entity_type, entity_id, changes, ip_address, user_agent, description)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        actor.user_id.or(entry.user) as _,
        entry.action,
        entry.entity_type,
        entry.entity_id,
        entry.changes.map(Json) as _,
        actor.address,
        actor.user_agent,
        entry.description,
    )
    .execute(db)
    .await?;
    Ok(())
}
