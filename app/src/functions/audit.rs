//! The audit log, as it is read.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::audit::{AuditCheck, AuditFilter, ChangedField};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::Permission;
#[cfg(feature = "ssr")]
use oxdesk::audit::rules::changed_fields;
#[cfg(feature = "ssr")]
use oxdesk::audit::{AuditLog, commands, queries};

/// So many entries stand on a page.
pub const ENTRIES_SHOWN: usize = 100;

/// What the address says of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditAsked {
    pub filter: AuditFilter,
    pub after: Option<String>,
}

/// An entry, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntryShown {
    pub id: String,
    /// In the reader's time zone, to the second.
    pub at: String,
    /// RFC 3339.
    pub instant: String,
    pub user_id: Option<String>,
    /// A name, or Oxdesk itself, or a stranger.
    pub who: String,
    pub origin: Option<String>,
    pub action: String,
    pub entity_type: Option<String>,
    pub entity_id: Option<String>,
    pub description: Option<String>,
    pub fields: Vec<ChangedField>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    pub position: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditShown {
    pub entries: Vec<AuditEntryShown>,
    /// After which the next page begins.
    pub next: Option<String>,
    pub actions: Vec<String>,
    pub entity_types: Vec<String>,
    /// The walk along the chain that was asked for last.
    pub check: Option<AuditCheck>,
    pub now: Timestamp,
}

/// Has the chain walked, without anybody waiting for it.
#[server(prefix = "/fn", endpoint = "check_audit")]
pub async fn check_audit() -> Result<()> {
    Ok(commands::ask_for_check(&desk()?, &actor()).await?)
}

#[server(prefix = "/fn", endpoint = "read_audit")]
pub async fn read_audit(#[server(default)] asked: AuditAsked) -> Result<AuditShown> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::AuditRead)?;
    let (filter, after) = (asked.filter.without_empty(), asked.after.map(|id| id.parse()).transpose()?);
    let mut entries = queries::list_entries(&desk, &actor, &filter, after, ENTRIES_SHOWN as i64 + 1).await?;
    let more = entries.len() > ENTRIES_SHOWN;
    entries.truncate(ENTRIES_SHOWN);
    let next = entries.last().filter(|_| more).map(|last| last.id.to_string());
    let (actions, entity_types) = queries::list_words(&desk, &actor).await?;
    let check = queries::last_check(&desk, &actor).await?;
    let entries = entries.into_iter().map(|entry| in_words(entry, &actor.time_zone)).collect();
    Ok(AuditShown { entries, next, actions, entity_types, check, now: Timestamp::now() })
}

#[cfg(feature = "ssr")]
fn in_words(entry: AuditLog, zone: &str) -> AuditEntryShown {
    let at = entry.created_at;
    let seconds = at.as_microsecond().div_euclid(1_000_000).rem_euclid(60);
    let is_oxdesk =
        entry.origin.as_deref().is_some_and(|origin| origin.starts_with("SYSTEM") || origin.starts_with("RULE"));
    AuditEntryShown {
        id: entry.id.to_string(),
        at: format!("{}:{seconds:02}", at.local(at.utc_offset_seconds(zone))),
        instant: at.to_string(),
        user_id: entry.user_id.map(|id| id.to_string()),
        who: entry.user_name.unwrap_or_else(|| if is_oxdesk { "Oxdesk" } else { "Someone" }.to_owned()),
        origin: entry.origin,
        action: entry.action,
        entity_type: entry.entity_type,
        entity_id: entry.entity_id,
        description: entry.description,
        fields: entry.changes.as_ref().map(changed_fields).unwrap_or_default(),
        ip_address: entry.ip_address,
        user_agent: entry.user_agent,
        request_id: entry.request_id,
        position: entry.position,
    }
}
