//! The specification's AuditLog, and what is known of the chain.

use crate::id::id;
use crate::people::UserId;
use crate::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

id! {
    /// An entry of the audit log.
    AuditLogId
}

/// An entry. Nothing of it ever changes.
#[cfg(feature = "ssr")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditLog {
    pub id: AuditLogId,
    pub created_at: Timestamp,
    /// Whose deed it is: none for a stranger, and for Oxdesk itself.
    pub user_id: Option<UserId>,
    pub user_name: Option<String>,
    /// Through which door: SESSION, API_TOKEN, ANONYMOUS …, `SYSTEM: reason`.
    pub origin: Option<String>,
    /// CREATE, UPDATE, DELETE, LOGIN …
    pub action: String,
    /// USER, ROLE, SETTING …
    pub entity_type: Option<String>,
    pub entity_id: Option<String>,
    /// `before` and `after`, secrets left out.
    pub changes: Option<serde_json::Value>,
    pub description: Option<String>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// The request's id, as the program's log has it.
    pub request_id: Option<String>,
    /// Its place in the chain, from 1.
    pub position: Option<i64>,
}

/// Which entries: each part that is given narrows them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditFilter {
    pub user_id: Option<UserId>,
    /// Whose deeds, by address.
    pub email: Option<String>,
    pub action: Option<String>,
    pub entity_type: Option<String>,
    pub entity_id: Option<String>,
    /// The first day, in the asking person's time zone.
    pub from: Option<String>,
    /// The last day, included.
    pub until: Option<String>,
}

impl AuditFilter {
    /// A form sends what was left empty, too.
    pub fn without_empty(self) -> Self {
        let said = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self {
            user_id: self.user_id,
            email: said(self.email),
            action: said(self.action),
            entity_type: said(self.entity_type),
            entity_id: said(self.entity_id),
            from: said(self.from),
            until: said(self.until),
        }
    }
}

/// One field of what was changed, as it was and as it became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedField {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A link of the chain, with what it says of its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "ssr", derive(sqlx::FromRow))]
pub struct AuditLink {
    pub position: i64,
    pub audit_log_id: AuditLogId,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
    /// The entry as it is hashed; none where it is gone.
    pub entry: Option<String>,
}

/// Where the chain stood at some time: kept elsewhere, it proves what was there by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditAnchor {
    pub position: i64,
    /// SHA-256, as 64 hexadecimal digits.
    pub hash: String,
}

impl fmt::Display for AuditAnchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.position, self.hash)
    }
}

impl FromStr for AuditAnchor {
    type Err = Error;

    /// As it is written: `12:` and 64 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("anchor", "An anchor looks like 12:9e45…, with 64 hexadecimal digits.");
        let (position, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let position = position.parse().ok().filter(|position| *position > 0 && is_hash).ok_or_else(wrong)?;
        Ok(Self { position, hash: hash.to_lowercase() })
    }
}

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verified {
    /// Every entry is as it was written, and none is missing.
    Whole { entries: i64, last: Option<AuditAnchor> },
    /// The first place where it is not.
    Broken { position: Option<i64>, audit_log_id: Option<AuditLogId>, why: String },
}

/// A walk along the chain that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCheck {
    pub asked_at: Timestamp,
    /// None while it is under way.
    pub done_at: Option<Timestamp>,
    pub found: Option<Verified>,
}
