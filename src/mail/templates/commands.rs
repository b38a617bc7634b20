//! Making a template one's own.

use super::TemplateName;
use super::render::preview;
use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result};

/// Writes a template, if it is still the version that the actor saw (0: the program's). Invalid where it could make no
/// mail: nobody finds that out when one is due.
pub async fn save_template(
    desk: &Desk,
    actor: &Actor,
    name: TemplateName,
    version: i32,
    subject: &str,
    body: &str,
) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    // Forms send line breaks as HTTP has them.
    let (subject, body) = (subject.trim(), body.replace("\r\n", "\n"));
    preview(name, subject, &body, &desk.base_url)?;
    let mut tx = desk.db.begin().await?;
    let now = sqlx::query_scalar!("SELECT version FROM mail_templates WHERE name = $1 FOR UPDATE", name as _)
        .fetch_optional(&mut *tx)
        .await?
        .unwrap_or(0);
    if now != version {
        return Err(Error::Conflict { current: now });
    }
    let written = sqlx::query!(
        "INSERT INTO mail_templates (name, subject, body, updated_by_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET subject = $2, body = $3, updated_by_id = $4, version = mail_templates.version + 1
         WHERE mail_templates.version = $5",
        name as _,
        subject,
        body,
        actor.user_id as _,
        version
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() == 0 {
        return Err(Error::Conflict { current: 1 });
    }
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "MAIL_TEMPLATE").entity(name)).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes a template the program's again.
pub async fn reset_template(desk: &Desk, actor: &Actor, name: TemplateName) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    sqlx::query!("DELETE FROM mail_templates WHERE name = $1", name as _).execute(&mut *tx).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("RESET", "MAIL_TEMPLATE").entity(name)).await?;
    tx.commit().await?;
    Ok(())
}
