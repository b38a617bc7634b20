//! Arranging mailboxes.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::mail::{AfterIntake, AuthMethod, MailEncryption, MailboxForm, MailboxId, MailboxType};
use crate::secret::SecretKey;
use crate::tickets::rules::rename;
use crate::tickets::{QueueId, TicketPriority};
use crate::{Actor, EmailAddress, Error, Permission, Result, Validation, bounded, optional};
use serde_json::Value;
use sqlx::PgConnection;
use std::str::FromStr;

/// A form, checked.
struct Checked {
    name: String,
    kind: MailboxType,
    smtp_host: Option<String>,
    smtp_port: Option<i32>,
    smtp_user: Option<String>,
    smtp_password: Option<String>,
    smtp_encryption: Option<MailEncryption>,
    smtp_from_email: Option<String>,
    smtp_from_name: Option<String>,
    imap_host: Option<String>,
    imap_port: Option<i32>,
    imap_user: Option<String>,
    imap_password: Option<String>,
    imap_encryption: Option<MailEncryption>,
    imap_folder: String,
    auth_method: AuthMethod,
    after_intake: AfterIntake,
    move_to: Option<String>,
    poll_interval: Option<i32>,
    webhook_secret: Option<String>,
    ticket_queue_id: Option<QueueId>,
    default_priority: Option<TicketPriority>,
    active: bool,
    plus_addressing: bool,
    signature: Option<String>,
}

/// Makes a mailbox. Its secrets are sealed before they are written.
pub async fn create_mailbox(desk: &Desk, actor: &Actor, form: MailboxForm) -> Result<MailboxId> {
    actor.require(Permission::SettingsManage)?;
    let new = check(desk, form)?;
    let mut tx = desk.db.begin().await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO email_configurations (name, type, created_by_id) VALUES ($1, $2, $3) RETURNING id AS "id: MailboxId""#,
        new.name,
        new.kind as _,
        actor.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await
    .map_err(refused)?;
    write(&mut tx, actor, id, &new).await?;
    let after = audit::row(&mut tx, "email_configurations", Some(id.0)).await?;
    let entry = AuditEntry::new("CREATE", "EMAIL_CONFIGURATION").entity(id).describe(new.name);
    audit::record(&mut *tx, actor, entry.difference(&Value::Null, &after)).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a mailbox, if it is still the version that the actor saw. A secret that is not given stays.
pub async fn update_mailbox(desk: &Desk, actor: &Actor, id: MailboxId, version: i32, form: MailboxForm) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let new = check(desk, form)?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "email_configurations", Some(id.0)).await?;
    let current = sqlx::query_scalar!(
        "UPDATE email_configurations SET version = version + 1 WHERE id = $1 RETURNING version - 1 AS \"version!\"",
        id as _
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if current != version {
        return Err(Error::Conflict { current });
    }
    write(&mut tx, actor, id, &new).await?;
    let after = audit::row(&mut tx, "email_configurations", Some(id.0)).await?;
    let entry = AuditEntry::new("UPDATE", "EMAIL_CONFIGURATION").entity(id).describe(new.name);
    audit::record(&mut *tx, actor, entry.difference(&before, &after)).await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes a mailbox through which nothing came; others can be switched off.
pub async fn delete_mailbox(desk: &Desk, actor: &Actor, id: MailboxId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "email_configurations", Some(id.0)).await?;
    let deleted = sqlx::query!(
        "DELETE FROM email_configurations e WHERE id = $1 AND NOT EXISTS (SELECT FROM raw_mails r WHERE r.email_configuration_id = e.id)",
        id as _
    )
    .execute(&mut *tx)
    .await?;
    if deleted.rows_affected() == 0 {
        let used = sqlx::query_scalar!("SELECT id FROM email_configurations WHERE id = $1", id as _)
            .fetch_optional(&mut *tx)
            .await?;
        return Err(match used {
            Some(_) => Error::invalid("name", "Mail came through this mailbox: switch it off instead."),
            None => Error::NotFound,
        });
    }
    let entry = AuditEntry::new("DELETE", "EMAIL_CONFIGURATION").entity(id).difference(&before, &Value::Null);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Seals every mailbox's secrets anew, with the key that is in use now; `old` opens what an earlier one sealed. Answers
/// with how many were, and how many neither key opens: those are left alone, and must be typed again.
pub async fn reseal_secrets(desk: &Desk, actor: &Actor, old: &SecretKey) -> Result<(usize, usize)> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MailboxId", smtp_password, imap_password, webhook_secret FROM email_configurations ORDER BY id FOR UPDATE"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let (mut sealed, mut lost) = (0, 0);
    for row in rows {
        let mut again = |secret: Option<String>| -> Result<Option<String>> {
            let Some(secret) = secret else { return Ok(None) };
            match old.unseal(&secret).or_else(|| desk.secret.unseal(&secret)) {
                Some(plain) => {
                    sealed += 1;
                    desk.secret.seal(&plain).map(Some)
                }
                None => {
                    lost += 1;
                    Ok(Some(secret))
                }
            }
        };
        let (smtp, imap, webhook) = (again(row.smtp_password)?, again(row.imap_password)?, again(row.webhook_secret)?);
        sqlx::query!(
            "UPDATE email_configurations SET smtp_password = $2, imap_password = $3, webhook_secret = $4, version = version + 1 WHERE id = $1",
            row.id as _,
            smtp,
            imap,
            webhook
        )
        .execute(&mut *tx)
        .await?;
    }
    let about = AuditEntry::new("ROTATE", "SECRETS").describe(format!("{sealed} sealed again, {lost} lost"));
    audit::record(&mut *tx, actor, about).await?;
    tx.commit().await?;
    Ok((sealed, lost))
}

/// Writes all of a mailbox but the secrets that are not given.
async fn write(tx: &mut PgConnection, actor: &Actor, id: MailboxId, new: &Checked) -> Result<()> {
    sqlx::query!(
        "UPDATE email_configurations SET name = $2, type = $3, smtp_host = $4, smtp_port = $5, smtp_user = $6,
           smtp_password = coalesce($7, smtp_password), smtp_encryption = $8, smtp_from_email = $9, smtp_from_name = $10,
           imap_host = $11, imap_port = $12, imap_user = $13, imap_password = coalesce($14, imap_password), imap_encryption = $15,
           poll_interval = $16, webhook_secret = coalesce($17, webhook_secret), ticket_queue_id = $18, default_priority = $19,
           active = $20, plus_addressing = $21, signature = $22, updated_by_id = $23, imap_folder = $24, auth_method = $25, after_intake = $26,
           move_to = $27
         WHERE id = $1",
        id as _,
        new.name,
        new.kind as _,
        new.smtp_host,
        new.smtp_port,
        new.smtp_user,
        new.smtp_password,
        new.smtp_encryption as _,
        new.smtp_from_email,
        new.smtp_from_name,
        new.imap_host,
        new.imap_port,
        new.imap_user,
        new.imap_password,
        new.imap_encryption as _,
        new.poll_interval,
        new.webhook_secret,
        new.ticket_queue_id as _,
        new.default_priority as _,
        new.active,
        new.plus_addressing,
        new.signature,
        actor.user_id as _,
        new.imap_folder,
        new.auth_method as _,
        new.after_intake as _,
        new.move_to,
    )
    .execute(tx)
    .await
    .map_err(refused)?;
    Ok(())
}

fn check(desk: &Desk, form: MailboxForm) -> Result<Checked> {
    let mut check = Validation::default();
    let text = |field: &str, value: &Option<String>, max: usize| optional(field, value.as_deref(), max);
    let address = form.smtp_from_email.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let address = address.map(|text| text.parse::<EmailAddress>().map_err(|error| rename(error, "smtp_from_email")));
    let checked = Checked {
        name: check.take(bounded("name", &form.name, 100)),
        kind: check.try_take(word(Some(&form.kind), "type")).flatten().unwrap_or(MailboxType::Smtp),
        smtp_host: check.take(text("smtp_host", &form.smtp_host, 253)),
        smtp_port: check.take(port("smtp_port", form.smtp_port)),
        smtp_user: check.take(text("smtp_user", &form.smtp_user, 254)),
        smtp_password: check.take(sealed(desk, "smtp_password", &form.smtp_password)),
        smtp_encryption: check.take(word(form.smtp_encryption.as_deref(), "smtp_encryption")),
        smtp_from_email: check.take(address.transpose().map(|address| address.map(|address| address.to_string()))),
        smtp_from_name: check.take(text("smtp_from_name", &form.smtp_from_name, 100)),
        imap_host: check.take(text("imap_host", &form.imap_host, 253)),
        imap_port: check.take(port("imap_port", form.imap_port)),
        imap_user: check.take(text("imap_user", &form.imap_user, 254)),
        imap_password: check.take(sealed(desk, "imap_password", &form.imap_password)),
        imap_encryption: check.take(word(form.imap_encryption.as_deref(), "imap_encryption")),
        imap_folder: check.take(text("imap_folder", &form.imap_folder, 200)).unwrap_or_else(|| "INBOX".into()),
        auth_method: check.take(word(form.auth_method.as_deref(), "auth_method")).unwrap_or(AuthMethod::Password),
        after_intake: check.take(word(form.after_intake.as_deref(), "after_intake")).unwrap_or(AfterIntake::Keep),
        move_to: check.take(text("move_to", &form.move_to, 200)),
        poll_interval: check.take(minutes(form.poll_interval)),
        webhook_secret: check.take(sealed(desk, "webhook_secret", &form.webhook_secret)),
        ticket_queue_id: check.take(word(form.ticket_queue_id.as_deref(), "ticket_queue_id")),
        default_priority: check.take(word(form.default_priority.as_deref(), "default_priority")),
        active: form.active,
        plus_addressing: form.plus_addressing,
        signature: check.take(text("signature", &form.signature, 5000)),
    };
    let needs = |missing: bool, field: &str, why: &str| if missing { Err(Error::invalid(field, why)) } else { Ok(()) };
    if form.kind.trim().is_empty() {
        check.take(needs(true, "type", "Please choose how mail comes in."));
    }
    let sends = checked.smtp_host.is_some();
    check.take(needs(
        sends && checked.smtp_from_email.is_none(),
        "smtp_from_email",
        "Mail needs an address it comes from.",
    ));
    let fetches = matches!(checked.kind, MailboxType::Imap | MailboxType::Pop3);
    check.take(needs(fetches && checked.imap_host.is_none(), "imap_host", "Where is mail to be fetched?"));
    let moves = checked.after_intake == AfterIntake::Move;
    check.take(needs(moves && checked.move_to.is_none(), "move_to", "To which folder?"));
    check.finish()?;
    Ok(checked)
}

fn word<T: FromStr<Err = Error>>(text: Option<&str>, field: &str) -> Result<Option<T>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|error| rename(error, field))).transpose()
}

fn port(field: &str, port: Option<i32>) -> Result<Option<i32>> {
    match port {
        Some(port) if !(1..=65_535).contains(&port) => {
            Err(Error::invalid(field, "A port is a number from 1 to 65535."))
        }
        port => Ok(port),
    }
}

fn minutes(minutes: Option<i32>) -> Result<Option<i32>> {
    match minutes {
        Some(minutes) if !(1..=1440).contains(&minutes) => {
            Err(Error::invalid("poll_interval", "From 1 to 1440 minutes, please."))
        }
        minutes => Ok(minutes),
    }
}

fn sealed(desk: &Desk, field: &str, secret: &Option<String>) -> Result<Option<String>> {
    let Some(secret) = secret.as_deref().filter(|secret| !secret.is_empty()) else { return Ok(None) };
    if secret.chars().count() > 5000 {
        return Err(Error::invalid(field, "At most 5000 characters, please."));
    }
    desk.secret.seal(secret).map(Some)
}

fn refused(error: sqlx::Error) -> Error {
    let constraint = error.as_database_error().and_then(|error| error.constraint()).unwrap_or_default().to_owned();
    match constraint.as_str() {
        "email_configurations_name_key" => Error::invalid("name", "There is a mailbox of this name."),
        "email_configurations_ticket_queue_id_fkey" => Error::invalid("ticket_queue_id", "There is no such queue."),
        _ => error.into(),
    }
}
