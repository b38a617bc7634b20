//! Assets that someone takes along as a file.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Permission, Result};

/// Notes who takes assets along, and which: `bar` is what they asked for.
pub async fn record_export(desk: &Desk, actor: &Actor, form: &str, bar: &str) -> Result<()> {
    actor.require(Permission::AssetRead)?;
    let asked = serde_json::json!({ "asked": bar });
    audit::record(&desk.db, actor, AuditEntry::new("EXPORT", "ASSET").describe(form).changes(asked)).await
}
