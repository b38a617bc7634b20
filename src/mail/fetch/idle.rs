//! Waiting at IMAP servers for what comes (RFC 2177), so that a mail is here in the second in which it arrives. Whoever
//! holds a mailbox's lock in the database waits at it: one node, whatever their number. Looking in by the clock goes on
//! beside it, for servers that cannot say when something comes, and for what they forget to say.

use super::imap::{ImapSession, sign_in};
use super::{Said, fetch_mail, within};
use crate::desk::Desk;
use crate::mail::{Mailbox, MailboxId, mailboxes};
use crate::{Actor, Result};
use async_imap::extensions::idle::IdleResponse;
use sqlx::{Connection, PgConnection};
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often it is looked which mailboxes there are.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Servers hang up on who says nothing for half an hour; networks in between do so earlier.
const AT_MOST: Duration = Duration::from_secs(9 * 60);
/// After a failure, and where a server knows no IDLE.
const PAUSE: Duration = Duration::from_secs(60);
/// A node waits at so many mailboxes; the clock looks into the others.
const MAILBOXES_MAX: i64 = 100;

/// Waits at every mailbox that nobody else waits at. Does not end by itself.
pub async fn watch(desk: &Desk) {
    loop {
        if let Err(error) = hold(desk).await {
            tracing::warn!(%error, "the database is away: nobody waits at mailboxes");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Who waits at a mailbox, as it was set up then.
struct Waiting {
    version: i32,
    task: JoinHandle<()>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// As long as the connection lasts that holds the locks; whoever waits stops with it.
async fn hold(desk: &Desk) -> Result<()> {
    let mut locks = PgConnection::connect_with(&desk.db.connect_options()).await?;
    let mut waiting: HashMap<MailboxId, Waiting> = HashMap::new();
    loop {
        let there = sqlx::query!(
            r#"SELECT id AS "id: MailboxId", version FROM email_configurations
               WHERE active AND type = 'IMAP' AND imap_host IS NOT NULL ORDER BY id LIMIT $1"#,
            MAILBOXES_MAX
        )
        .fetch_all(&mut locks)
        .await?;
        // Those that were changed begin anew.
        waiting.retain(|id, who| {
            !who.task.is_finished() && there.iter().any(|mailbox| mailbox.id == *id && mailbox.version == who.version)
        });
        for mailbox in there {
            if waiting.contains_key(&mailbox.id) {
                continue;
            }
            // Held again and again by the same connection: that does no harm, it ends with it.
            let is_ours = sqlx::query_scalar!(
                r#"SELECT pg_try_advisory_lock(hashtextextended('idle:' || $1::text, 0)) AS "is_ours!""#,
                mailbox.id.to_string()
            )
            .fetch_one(&mut locks)
            .await?;
            if is_ours {
                let task = tokio::spawn(wait_at(desk.clone(), mailbox.id));
                waiting.insert(mailbox.id, Waiting { version: mailbox.version, task });
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn wait_at(desk: Desk, id: MailboxId) {
    loop {
        let waited = async {
            let system = Actor::system("fetch");
            let mailbox = mailboxes::mailbox(&desk, &system, id).await.map_err(|error| error.to_string())?;
            wait(&desk, &mailbox).await
        };
        if let Err(said) = waited.await {
            tracing::info!(mailbox = %id, said, "waiting at a mailbox failed");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Until the server hangs up, or has no IDLE.
async fn wait(desk: &Desk, mailbox: &Mailbox) -> Said<()> {
    let mut session: ImapSession = sign_in(desk, mailbox).await?;
    if !within(session.capabilities()).await?.has_str("IDLE") {
        return Ok(());
    }
    within(session.select(&mailbox.imap_folder)).await?;
    loop {
        let mut idle = session.idle();
        within(idle.init()).await?;
        // What came while nobody listened.
        fetch(desk, mailbox.id).await;
        let (heard, _stop) = idle.wait_with_timeout(AT_MOST);
        let heard = heard.await.map_err(|error| error.to_string())?;
        session = within(idle.done()).await?;
        if !matches!(heard, IdleResponse::NewData(_) | IdleResponse::Timeout) {
            return Ok(());
        }
    }
}

/// What fails stands beside the mailbox, and is tried again by the clock.
async fn fetch(desk: &Desk, id: MailboxId) {
    if let Err(error) = fetch_mail(desk, id).await {
        tracing::debug!(%error, mailbox = %id, "a mail has come and could not be fetched yet");
    }
}
