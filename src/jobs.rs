//! Jobs: what is slow or can wait, done by `graphile_worker` from a queue in the same database. A job is queued in
//! the transaction that needs it, and may run twice: each says what makes it idempotent.

use crate::desk::Desk;
use crate::mail::{MailboxId, OutboxMailId, RawMailId};
use crate::tickets::{self, OutgoingId, TicketId};
use crate::webhooks::DeliveryId;
use crate::{Error, Result, Timestamp, automation, mail, notifications, ratings, search, sla, webhooks};
use graphile_worker::{Cron, Crontab, IntoTaskHandlerResult, TaskHandler, Worker, WorkerContext, WorkerOptions};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

/// The queue's schema in the database.
const SCHEMA: &str = "graphile_worker";
/// Follows up an event; see [`FollowUpEvent`].
pub const FOLLOW_UP: &str = "follow_up_event";
/// Sends a reply whose time has come; see [`SendReply`].
pub const SEND_REPLY: &str = "send_reply";
/// Brings back a ticket that was put off; see [`ReturnTicket`].
pub const RETURN_TICKET: &str = "return_ticket";

/// Files a mail that is kept; see [`TakeInMail`].
pub const TAKE_IN_MAIL: &str = "take_in_mail";
/// Fetches what is new in a mailbox; see [`FetchMail`].
pub const FETCH_MAIL: &str = "fetch_mail";
/// Sends a mail of the outbox; see [`SendMail`].
pub const SEND_MAIL: &str = "send_mail";
/// Counts every running deadline again; see [`RecountDeadlines`].
pub const RECOUNT_DEADLINES: &str = "recount_deadlines";
/// Tells a webhook; see [`DeliverWebhook`].
pub const DELIVER_WEBHOOK: &str = "deliver_webhook";
/// Makes the vectors that are wanted; see [`EmbedTexts`].
pub const EMBED_TEXTS: &str = "embed_texts";
/// Renames a category on its tickets; see [`RenameCategory`].
pub const RENAME_CATEGORY: &str = "rename_category";

/// Queues a job in the caller's transaction. A waiting job with the same key is replaced, not doubled.
pub async fn enqueue(tx: &mut PgConnection, task: &str, payload: &serde_json::Value, key: &str) -> Result<()> {
    sqlx::query("SELECT graphile_worker.add_job($1, payload => $2::json, job_key => $3)")
        .bind(task)
        .bind(payload)
        .bind(key)
        .execute(tx)
        .await?;
    Ok(())
}

/// Like [`enqueue`], not before `at`.
pub async fn enqueue_at(
    tx: &mut PgConnection,
    task: &str,
    payload: &serde_json::Value,
    key: &str,
    at: Timestamp,
) -> Result<()> {
    sqlx::query("SELECT graphile_worker.add_job($1, payload => $2::json, job_key => $3, run_at => $4)")
        .bind(task)
        .bind(payload)
        .bind(key)
        .bind(at)
        .execute(tx)
        .await?;
    Ok(())
}

/// Like [`enqueue_at`], one after the other with all others of the same `queue`; as soon as possible without a time.
pub async fn enqueue_in(
    tx: &mut PgConnection,
    task: &str,
    payload: &serde_json::Value,
    key: &str,
    queue: &str,
    at: Option<Timestamp>,
) -> Result<()> {
    sqlx::query(
        "SELECT graphile_worker.add_job($1, payload => $2::json, job_key => $3, queue_name => $4, run_at => $5)",
    )
    .bind(task)
    .bind(payload)
    .bind(key)
    .bind(queue)
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}

/// Brings a ticket back that was put off. Idempotent: it looks whether its time has come.
#[derive(Debug, Serialize, Deserialize)]
struct ReturnTicket {
    ticket_id: TicketId,
}

impl TaskHandler for ReturnTicket {
    const IDENTIFIER: &'static str = RETURN_TICKET;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        tickets::commands::return_ticket(&desk, self.ticket_id).await.map_err(|error| error.to_string())
    }
}

/// Sends a reply that can no longer be taken back. Idempotent: its row goes with it.
#[derive(Debug, Serialize, Deserialize)]
struct SendReply {
    id: OutgoingId,
}

impl TaskHandler for SendReply {
    const IDENTIFIER: &'static str = SEND_REPLY;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        tickets::commands::send_reply(&desk, self.id).await.map_err(|error| error.to_string())
    }
}

/// Files a mail that is kept. Idempotent: its outcome stands beside it.
#[derive(Debug, Serialize, Deserialize)]
struct TakeInMail {
    id: RawMailId,
}

impl TaskHandler for TakeInMail {
    const IDENTIFIER: &'static str = TAKE_IN_MAIL;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        mail::intake::process(&desk, self.id).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Sends a mail. Idempotent: what was sent says so, and its Message-ID is the same each time.
#[derive(Debug, Serialize, Deserialize)]
struct SendMail {
    id: OutboxMailId,
}

impl TaskHandler for SendMail {
    const IDENTIFIER: &'static str = SEND_MAIL;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        mail::send::send(&desk, self.id).await.map_err(|error| error.to_string())
    }
}

/// Tells a webhook what happened. Idempotent: what was taken says so.
#[derive(Debug, Serialize, Deserialize)]
struct DeliverWebhook {
    id: DeliveryId,
}

impl TaskHandler for DeliverWebhook {
    const IDENTIFIER: &'static str = DELIVER_WEBHOOK;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        webhooks::commands::deliver(&desk, self.id).await.map_err(|error| error.to_string())
    }
}

/// Has rules act on an event, and tells the people concerned and the webhooks that listen. Idempotent: one run per rule and
/// event, one notification per event and person, one delivery per event and webhook.
#[derive(Debug, Serialize, Deserialize)]
struct FollowUpEvent {
    event_id: Uuid,
}

impl TaskHandler for FollowUpEvent {
    const IDENTIFIER: &'static str = FOLLOW_UP;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        automation::commands::run_rules(&desk, self.event_id).await.map_err(|error| error.to_string())?;
        notifications::commands::notify_of_event(&desk, self.event_id).await.map_err(|error| error.to_string())?;
        webhooks::commands::tell_of_event(&desk, self.event_id).await.map_err(|error| error.to_string())?;
        search::commands::want_ticket_of_event(&desk, self.event_id).await.map_err(|error| error.to_string())?;
        ratings::commands::ask_after(&desk, self.event_id).await.map_err(|error| error.to_string())
    }
}

/// Makes the vectors that are wanted, and learns the words of articles. Idempotent: what has its vector no longer waits.
#[derive(Debug, Serialize, Deserialize)]
struct EmbedTexts {}

impl TaskHandler for EmbedTexts {
    const IDENTIFIER: &'static str = EMBED_TEXTS;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        search::commands::learn_words(&desk).await.map_err(|error| error.to_string())?;
        if search::commands::embed_waiting(&desk).await.map_err(|error| error.to_string())? {
            let mut connection = desk.db.acquire().await.map_err(|error| error.to_string())?;
            let again = serde_json::json!({});
            enqueue_in(&mut connection, EMBED_TEXTS, &again, EMBED_TEXTS, EMBED_TEXTS, None)
                .await
                .map_err(|error| error.to_string())?;
        }
        Ok::<(), String>(())
    }
}

/// Gives tickets the new name of their category, which is one name, or a category's and its subcategory's. Idempotent:
/// what bears the new name already is left alone.
#[derive(Debug, Serialize, Deserialize)]
struct RenameCategory {
    from: Vec<String>,
    to: Vec<String>,
}

impl TaskHandler for RenameCategory {
    const IDENTIFIER: &'static str = RENAME_CATEGORY;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        tickets::commands::rename_category(&desk, &self.from, &self.to).await.map_err(|error| error.to_string())
    }
}

/// Fetches what is new in a mailbox. Idempotent: what is kept is known.
#[derive(Debug, Serialize, Deserialize)]
struct FetchMail {
    id: MailboxId,
}

impl TaskHandler for FetchMail {
    const IDENTIFIER: &'static str = FETCH_MAIL;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        // What went wrong stands beside the mailbox; its next time is soon.
        match mail::fetch::fetch_mail(&desk, self.id).await {
            Ok(_) | Err(Error::Invalid(_) | Error::NotFound) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Fetches from the mailboxes whose time has come, and takes up mail that a crash left behind. Idempotent: what it queues
/// is.
#[derive(Debug, Serialize, Deserialize)]
struct ResumeMail {}

impl TaskHandler for ResumeMail {
    const IDENTIFIER: &'static str = "resume_mail";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        mail::fetch::fetch_due(&desk).await.map_err(|error| error.to_string())?;
        mail::send::resume(&desk).await.map_err(|error| error.to_string())
    }
}

/// Writes the mails of notifications whose time has come. Idempotent: what was written no longer waits.
#[derive(Debug, Serialize, Deserialize)]
struct MailNotifications {}

impl TaskHandler for MailNotifications {
    const IDENTIFIER: &'static str = "mail_notifications";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        notifications::commands::mail_due(&desk).await.map_err(|error| error.to_string())
    }
}

/// Does what deadlines bring that have come. Idempotent: what was done is written with it.
#[derive(Debug, Serialize, Deserialize)]
struct SweepDeadlines {}

impl TaskHandler for SweepDeadlines {
    const IDENTIFIER: &'static str = "sweep_deadlines";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        sla::commands::sweep(&desk, Timestamp::now()).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Has timed rules act whose time has come. Idempotent: one run per rule, ticket and moment.
#[derive(Debug, Serialize, Deserialize)]
struct SweepRules {}

impl TaskHandler for SweepRules {
    const IDENTIFIER: &'static str = "sweep_rules";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        automation::commands::sweep_rules(&desk, Timestamp::now()).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Counts every running deadline again, after a policy or a calendar was changed. Idempotent: it writes what holds now.
#[derive(Debug, Serialize, Deserialize)]
struct RecountDeadlines {}

impl TaskHandler for RecountDeadlines {
    const IDENTIFIER: &'static str = RECOUNT_DEADLINES;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        sla::commands::recount(&desk).await.map_err(|error| error.to_string())
    }
}

/// Deletes what has expired: sessions, throttles, kept answers, old events. Idempotent by nature.
#[derive(Debug, Serialize, Deserialize)]
struct PurgeExpired {}

impl TaskHandler for PurgeExpired {
    const IDENTIFIER: &'static str = "purge_expired";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        purge_expired(&desk).await.map_err(|error| error.to_string())
    }
}

async fn purge_expired(desk: &Desk) -> Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE expires_at < now()").execute(&desk.db).await?;
    sqlx::query!("DELETE FROM throttles WHERE window_ends < now()").execute(&desk.db).await?;
    sqlx::query!("DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM webhook_tokens WHERE created_at < now() - interval '1 day'").execute(&desk.db).await?;
    sqlx::query!(
        "DELETE FROM notifications WHERE created_at < now() - CASE WHEN read THEN interval '90 days' ELSE interval '1 year' END"
    )
    .execute(&desk.db)
    .await?;
    sqlx::query!("DELETE FROM kb_views WHERE day < current_date - 1").execute(&desk.db).await?;
    sqlx::query!("DELETE FROM rule_misses WHERE created_at < now() - interval '14 days'").execute(&desk.db).await?;
    sqlx::query!("DELETE FROM rule_runs WHERE created_at < now() - interval '90 days' AND since IS NULL")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM webhook_deliveries WHERE created_at < now() - interval '30 days' AND state <> 'WAITING'")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM ticket_presence WHERE seen_at < now() - interval '1 hour'").execute(&desk.db).await?;
    Ok(())
}

fn desk_of(ctx: &WorkerContext) -> Result<Desk, String> {
    ctx.get_ext::<Desk>().cloned().ok_or_else(|| "the worker was started without a desk".to_owned())
}

/// Without a payload of its own, a job is given null, which is no job's.
fn hourly() -> Result<Crontab> {
    let cron = Cron::hourly_at::<PurgeExpired>(17).map_err(Error::internal)?;
    Ok(cron.payload(PurgeExpired {}).map_err(Error::internal)?.build())
}

fn minutely() -> Result<[Crontab; 4]> {
    Ok([
        Cron::every_minute::<SweepRules>().payload(SweepRules {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<SweepDeadlines>().payload(SweepDeadlines {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<ResumeMail>().payload(ResumeMail {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<MailNotifications>().payload(MailNotifications {}).map_err(Error::internal)?.build(),
    ])
}

/// Prepares the queue's own tables (under its advisory lock) and returns a worker that is ready to run. The caller
/// runs it until it asks it to stop.
pub async fn prepare_worker(desk: &Desk, concurrency: usize) -> Result<Worker> {
    let [rules, sweep, resume, mail] = minutely()?;
    WorkerOptions::default()
        .pg_pool(desk.db.clone())
        .schema(SCHEMA)
        .concurrency(concurrency)
        .listen_os_shutdown_signals(false)
        .define_job::<DeliverWebhook>()
        .define_job::<EmbedTexts>()
        .define_job::<FetchMail>()
        .define_job::<FollowUpEvent>()
        .define_job::<MailNotifications>()
        .define_job::<PurgeExpired>()
        .define_job::<RecountDeadlines>()
        .define_job::<RenameCategory>()
        .define_job::<ResumeMail>()
        .define_job::<ReturnTicket>()
        .define_job::<SendMail>()
        .define_job::<SendReply>()
        .define_job::<SweepDeadlines>()
        .define_job::<SweepRules>()
        .define_job::<TakeInMail>()
        .with_cron(hourly()?)
        .with_cron(rules)
        .with_cron(sweep)
        .with_cron(resume)
        .with_cron(mail)
        .add_extension(desk.clone())
        .init()
        .await
        .map_err(Error::internal)
}

/// How many jobs wait and how many have given up, for health and metrics.
pub async fn job_counts(desk: &Desk) -> Result<(i64, i64)> {
    let counts = sqlx::query_as::<_, (i64, i64)>(
        "SELECT count(*) FILTER (WHERE attempts < max_attempts), count(*) FILTER (WHERE attempts >= max_attempts)
         FROM graphile_worker._private_jobs",
    )
    .fetch_one(&desk.db)
    .await?;
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_by_the_clock_can_read_its_payload() {
        let (hourly, [rules, sweep, resume, mail]) = (hourly().unwrap(), minutely().unwrap());
        serde_json::from_value::<PurgeExpired>(hourly.payload.unwrap()).unwrap();
        serde_json::from_value::<SweepRules>(rules.payload.unwrap()).unwrap();
        serde_json::from_value::<SweepDeadlines>(sweep.payload.unwrap()).unwrap();
        serde_json::from_value::<ResumeMail>(resume.payload.unwrap()).unwrap();
        serde_json::from_value::<MailNotifications>(mail.payload.unwrap()).unwrap();
    }
}
