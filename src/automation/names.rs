//! Names for identifiers, and back: rules are written, exported and imported with names, and kept with identifiers, so that
//! a queue that is renamed stays the one that was meant.

use super::Fact;
use super::rules::Names;
use crate::{Error, Result};
use serde_json::Value;
use sqlx::PgExecutor;
use std::collections::BTreeMap;
use uuid::Uuid;

/// So many of each kind are known by name.
const NAMES_MAX: i64 = 5000;

/// Everything that a rule may name.
pub(super) struct Book {
    kinds: BTreeMap<&'static str, Vec<(Uuid, String)>>,
}

impl Book {
    /// Queues, people who work tickets, organisations, webhooks and shared macros.
    pub async fn read(db: impl PgExecutor<'_>) -> Result<Self> {
        let rows = sqlx::query!(
            r#"(SELECT 'queue' AS "kind!", id AS "id!", name AS "name!" FROM queues LIMIT $1)
               UNION ALL (SELECT 'user', u.id, coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) FROM users u
                 WHERE u.deleted_at IS NULL AND EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                   WHERE ur.user_id = u.id AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all']) LIMIT $1)
               UNION ALL (SELECT 'organisation', id, name FROM organisations LIMIT $1)
               UNION ALL (SELECT 'webhook', id, name FROM webhooks LIMIT $1)
               UNION ALL (SELECT 'macro', id, name FROM macros WHERE owner_id IS NULL LIMIT $1)"#,
            NAMES_MAX
        )
        .fetch_all(db)
        .await?;
        let mut kinds = BTreeMap::<&'static str, Vec<(Uuid, String)>>::new();
        for row in rows {
            if let Some(kind) = KINDS.iter().find(|kind| **kind == row.kind) {
                kinds.entry(kind).or_default().push((row.id, row.name));
            }
        }
        Ok(Self { kinds })
    }

    pub fn names(&self) -> Names {
        Names(self.kinds.values().flatten().cloned().collect())
    }

    /// The identifier of what is named; an identifier stays what it is, if there is such a thing.
    fn id(&self, kind: &str, text: &str) -> Result<Uuid> {
        let all = self.kinds.get(kind).map(Vec::as_slice).unwrap_or_default();
        if let Ok(id) = text.trim().parse::<Uuid>() {
            let known = all.iter().any(|(known, _)| *known == id);
            return if known { Ok(id) } else { Err(Error::invalid(kind, format!("There is no such {kind}."))) };
        }
        let wanted = text.trim().to_lowercase();
        let mut found = all.iter().filter(|(_, name)| name.to_lowercase() == wanted);
        match (found.next(), found.next()) {
            (Some((id, _)), None) => Ok(*id),
            (Some(_), Some(_)) => Err(Error::invalid(kind, format!("There is more than one {kind} named “{text}”."))),
            _ => Err(Error::invalid(kind, format!("There is no {kind} named “{text}”."))),
        }
    }

    fn name(&self, kind: &str, id: &str) -> Option<String> {
        let id: Uuid = id.parse().ok()?;
        self.kinds.get(kind)?.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone())
    }

    /// Names in a condition become identifiers.
    pub fn condition_by_id(&self, condition: &mut Value) -> Result<()> {
        self.each_value(condition, &mut |kind, text| self.id(kind, text).map(|id| id.to_string()))
    }

    /// Identifiers in a condition become names; what is gone stays what it is.
    pub fn condition_by_name(&self, condition: &mut Value) {
        let told = self.each_value(condition, &mut |kind, id| Ok(self.name(kind, id).unwrap_or_else(|| id.to_owned())));
        debug_assert!(told.is_ok(), "naming refuses nothing");
    }

    fn each_value(&self, condition: &mut Value, change: &mut impl FnMut(&str, &str) -> Result<String>) -> Result<()> {
        for branch in ["all", "any"] {
            for inner in condition.get_mut(branch).and_then(Value::as_array_mut).into_iter().flatten() {
                self.each_value(inner, change)?;
            }
        }
        if let Some(inner) = condition.get_mut("not") {
            self.each_value(inner, change)?;
        }
        let kind = match condition.get("field").and_then(Value::as_str).and_then(|field| field.parse().ok()) {
            Some(Fact::Queue) => "queue",
            Some(Fact::Assignee) => "user",
            Some(Fact::Organisation) => "organisation",
            _ => return Ok(()),
        };
        for value in condition.get_mut("values").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(text) = value.as_str() {
                *value = change(kind, text)?.into();
            }
        }
        Ok(())
    }

    /// Names in an action become identifiers.
    pub fn action_by_id(&self, action: &mut Value) -> Result<()> {
        self.each_named(action, &mut |kind, text| self.id(kind, text).map(|id| id.to_string()))
    }

    pub fn action_by_name(&self, action: &mut Value) {
        let told = self.each_named(action, &mut |kind, id| Ok(self.name(kind, id).unwrap_or_else(|| id.to_owned())));
        debug_assert!(told.is_ok(), "naming refuses nothing");
    }

    fn each_named(&self, action: &mut Value, change: &mut impl FnMut(&str, &str) -> Result<String>) -> Result<()> {
        for kind in KINDS {
            if let Some(text) = action.get(kind).and_then(Value::as_str) {
                let changed = change(kind, text)?;
                action[kind] = changed.into();
            }
        }
        if let Some(text) = action.get("to").and_then(Value::as_str).and_then(|to| to.strip_prefix("user:")) {
            let changed = format!("user:{}", change("user", text)?);
            action["to"] = changed.into();
        }
        Ok(())
    }
}

const KINDS: [&str; 5] = ["queue", "user", "organisation", "webhook", "macro"];
