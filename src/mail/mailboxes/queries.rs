//! Reading mailboxes.

use crate::desk::Desk;
use crate::mail::{AfterIntake, AuthMethod, MailEncryption, Mailbox, MailboxId, MailboxType};
use crate::tickets::{QueueId, TicketPriority};
use crate::{Actor, Error, Permission, Result};
use sqlx::{Postgres, QueryBuilder};

/// More mailboxes than these are nobody's.
const MAILBOXES_MAX: i64 = 200;

const COLUMNS: &str = "SELECT id, name, type AS kind, smtp_host, smtp_port, smtp_user, smtp_password IS NOT NULL AS has_smtp_password,
  smtp_encryption, smtp_from_email, smtp_from_name, imap_host, imap_port, imap_user, imap_password IS NOT NULL AS has_imap_password,
  imap_encryption, imap_folder, auth_method, after_intake, move_to, poll_interval, webhook_secret IS NOT NULL AS has_webhook_secret, ticket_queue_id, default_priority, active,
  plus_addressing, signature, last_error, version FROM email_configurations ";

#[derive(sqlx::FromRow)]
struct Row {
    id: MailboxId,
    name: String,
    kind: MailboxType,
    smtp_host: Option<String>,
    smtp_port: Option<i32>,
    smtp_user: Option<String>,
    has_smtp_password: bool,
    smtp_encryption: Option<MailEncryption>,
    smtp_from_email: Option<String>,
    smtp_from_name: Option<String>,
    imap_host: Option<String>,
    imap_port: Option<i32>,
    imap_user: Option<String>,
    has_imap_password: bool,
    imap_encryption: Option<MailEncryption>,
    imap_folder: String,
    auth_method: AuthMethod,
    after_intake: AfterIntake,
    move_to: Option<String>,
    poll_interval: Option<i32>,
    has_webhook_secret: bool,
    ticket_queue_id: Option<QueueId>,
    default_priority: Option<TicketPriority>,
    active: bool,
    plus_addressing: bool,
    signature: Option<String>,
    last_error: Option<String>,
    version: i32,
}

impl From<Row> for Mailbox {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            kind: row.kind,
            smtp_host: row.smtp_host,
            smtp_port: row.smtp_port,
            smtp_user: row.smtp_user,
            has_smtp_password: row.has_smtp_password,
            smtp_encryption: row.smtp_encryption,
            smtp_from_email: row.smtp_from_email,
            smtp_from_name: row.smtp_from_name,
            imap_host: row.imap_host,
            imap_port: row.imap_port,
            imap_user: row.imap_user,
            has_imap_password: row.has_imap_password,
            imap_encryption: row.imap_encryption,
            imap_folder: row.imap_folder,
            auth_method: row.auth_method,
            after_intake: row.after_intake,
            move_to: row.move_to,
            poll_interval: row.poll_interval,
            has_webhook_secret: row.has_webhook_secret,
            ticket_queue_id: row.ticket_queue_id,
            default_priority: row.default_priority,
            active: row.active,
            plus_addressing: row.plus_addressing,
            signature: row.signature,
            last_error: row.last_error,
            version: row.version,
        }
    }
}

/// Every mailbox, by name.
pub async fn list_mailboxes(desk: &Desk, actor: &Actor) -> Result<Vec<Mailbox>> {
    actor.require(Permission::SettingsManage)?;
    let mut query = QueryBuilder::<Postgres>::new(COLUMNS);
    query.push("ORDER BY NOT active, lower(name), id LIMIT ").push_bind(MAILBOXES_MAX);
    let rows: Vec<Row> = query.build_query_as().fetch_all(&desk.db).await?;
    Ok(rows.into_iter().map(Mailbox::from).collect())
}

/// One mailbox, for intake and for those who manage settings. NotFound without it.
pub async fn mailbox(desk: &Desk, actor: &Actor, id: MailboxId) -> Result<Mailbox> {
    actor.require(Permission::SettingsManage)?;
    let mut query = QueryBuilder::<Postgres>::new(COLUMNS);
    query.push("WHERE id = ").push_bind(id);
    one(desk, query).await
}

/// One mailbox by its name, in any case.
pub async fn mailbox_by_name(desk: &Desk, actor: &Actor, name: &str) -> Result<Mailbox> {
    actor.require(Permission::SettingsManage)?;
    let mut query = QueryBuilder::<Postgres>::new(COLUMNS);
    query.push("WHERE lower(name) = lower(").push_bind(name.trim()).push(")");
    one(desk, query).await
}

async fn one(desk: &Desk, mut query: QueryBuilder<Postgres>) -> Result<Mailbox> {
    let row: Option<Row> = query.build_query_as().fetch_optional(&desk.db).await?;
    row.map(Mailbox::from).ok_or(Error::NotFound)
}

/// What a mailbox must keep to itself, opened. Never printed.
pub(crate) struct Secrets {
    pub smtp_password: Option<String>,
    pub imap_password: Option<String>,
    pub webhook_secret: Option<String>,
}

pub(crate) async fn secrets(desk: &Desk, id: MailboxId) -> Result<Secrets> {
    let row = sqlx::query!(
        "SELECT smtp_password, imap_password, webhook_secret FROM email_configurations WHERE id = $1",
        id as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    let open = |sealed: Option<String>| sealed.and_then(|sealed| desk.secret.unseal(&sealed));
    Ok(Secrets {
        smtp_password: open(row.smtp_password),
        imap_password: open(row.imap_password),
        webhook_secret: open(row.webhook_secret),
    })
}
