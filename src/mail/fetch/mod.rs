//! Fetching mail from servers (IMAP, POP3): each message is kept and committed before the server hears that we have it.
//! Two workers at one mailbox do no harm: what is kept is known by its key.

pub mod idle;
mod imap;
mod pop3;
mod wire;

pub(crate) use wire::access_token;

use super::{AfterIntake, AuthMethod, Mailbox, MailboxId, MailboxType, intake, mailboxes};
use crate::desk::Desk;
use crate::{Actor, Error, Permission, Result, jobs};
use serde_json::json;
use std::time::Duration;

/// A mailbox without an interval of its own is looked into so often, in minutes.
const USUAL_INTERVAL: i32 = 1;
/// At most so many messages in one go: the next goes on.
const AT_ONCE: usize = 500;
/// A server that says nothing for so long has gone.
const SILENT: Duration = Duration::from_secs(60);

/// What a server said that was not what we asked for: in its own words.
type Said<T> = std::result::Result<T, String>;

/// Fetches what is new in a mailbox, and answers with how many messages were. What went wrong stands beside the mailbox
/// for its administrator, and is tried again in time.
pub async fn fetch_mail(desk: &Desk, id: MailboxId) -> Result<usize> {
    let mailbox = mailboxes::mailbox(desk, &Actor::system("fetch"), id).await?;
    if !mailbox.active {
        return Ok(0);
    }
    sqlx::query!("UPDATE email_configurations SET polled_at = now() WHERE id = $1", id as _).execute(&desk.db).await?;
    let fetched = connect_and_fetch(desk, &mailbox).await;
    let said = fetched.as_ref().err().map(|said| said.chars().take(500).collect::<String>());
    sqlx::query!("UPDATE email_configurations SET last_error = $2 WHERE id = $1", id as _, said)
        .execute(&desk.db)
        .await?;
    match fetched {
        Ok(fetched) => Ok(fetched),
        Err(said) => {
            tracing::warn!(mailbox = mailbox.name, said, "mail could not be fetched");
            Err(Error::invalid("imap_host", said))
        }
    }
}

async fn connect_and_fetch(desk: &Desk, mailbox: &Mailbox) -> Said<usize> {
    match mailbox.kind {
        MailboxType::Imap => imap::fetch(desk, mailbox).await,
        MailboxType::Pop3 => pop3::fetch(desk, mailbox).await,
        MailboxType::Smtp | MailboxType::Webhook => {
            Err("Nothing is fetched for this mailbox: mail is brought to it.".into())
        }
    }
}

/// Tries a mailbox's server without taking anything, and answers with the server's own words where it fails.
pub async fn try_fetching(desk: &Desk, actor: &Actor, id: MailboxId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mailbox = mailboxes::mailbox(desk, actor, id).await?;
    let tried = match mailbox.kind {
        MailboxType::Imap => imap::try_it(desk, &mailbox).await,
        MailboxType::Pop3 => pop3::try_it(desk, &mailbox).await,
        MailboxType::Smtp | MailboxType::Webhook => Ok(()),
    };
    tried.map_err(|said| Error::invalid("imap_host", said))
}

/// Queues a job for each mailbox whose time has come.
pub async fn fetch_due(desk: &Desk) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let due = sqlx::query_scalar!(
        r#"SELECT id AS "id: MailboxId" FROM email_configurations
           WHERE active AND type IN ('IMAP','POP3') AND imap_host IS NOT NULL
             AND (polled_at IS NULL OR polled_at <= now() - make_interval(mins => coalesce(poll_interval, $1)) + interval '5 seconds')
           LIMIT 200"#,
        USUAL_INTERVAL
    )
    .fetch_all(&mut *tx)
    .await?;
    for id in due {
        jobs::enqueue(&mut tx, jobs::FETCH_MAIL, &json!({ "id": id }), &format!("fetch:{id}")).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Keeps a message and files it. That it could not be filed does not stop the mailbox: a job tries again.
async fn take_in(desk: &Desk, mailbox: &Mailbox, raw: Vec<u8>) -> Said<()> {
    match intake::keep_and_file(desk, mailbox.clone(), raw).await {
        Ok((_, Ok(_))) => Ok(()),
        Ok((mail, Err(error))) => {
            tracing::error!(%error, %mail, "a mail that is kept could not be filed yet");
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// What a mailbox signs in with.
struct Credentials {
    user: String,
    secret: String,
    method: AuthMethod,
}

async fn credentials(desk: &Desk, mailbox: &Mailbox) -> Said<Credentials> {
    let secrets = mailboxes::secrets(desk, mailbox.id).await.map_err(|error| error.to_string())?;
    if mailbox.has_imap_password && secrets.imap_password.is_none() {
        return Err("The mailbox's password was sealed with another key (OXDESK_SECRET_KEY).".into());
    }
    let user = mailbox.imap_user.clone().ok_or("The mailbox has no user to sign in as.")?;
    let secret = secrets.imap_password.unwrap_or_default();
    let secret = match mailbox.auth_method {
        AuthMethod::Password => secret,
        AuthMethod::Xoauth2 => wire::access_token(&secret).await?,
    };
    Ok(Credentials { user, secret, method: mailbox.auth_method })
}

/// The token of `XOAUTH2`, as Google and Microsoft take it.
fn xoauth2(credentials: &Credentials) -> String {
    format!("user={}\u{1}auth=Bearer {}\u{1}\u{1}", credentials.user, credentials.secret)
}

/// Waits for a server, but not for ever.
async fn within<T, E: std::fmt::Display>(work: impl Future<Output = std::result::Result<T, E>>) -> Said<T> {
    match tokio::time::timeout(SILENT, work).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("The server did not answer within a minute.".into()),
    }
}
