//! Jobs: what is slow or can wait, done by `graphile_worker` from a queue in the same database. A job is queued in
//! the transaction that needs it, and may run twice: each says what makes it idempotent.

mod tasks;

use crate::desk::Desk;
use crate::{Error, Result, Timestamp};
use graphile_worker::{Cron, Crontab, Worker, WorkerOptions};
use sqlx::{PgConnection, PgPool};
use tasks::*;

/// The queue's schema in the database.
const SCHEMA: &str = "graphile_worker";
/// Follows up an event; see [`tasks::FollowUpEvent`].
pub const FOLLOW_UP: &str = "follow_up_event";
/// Sends a reply whose time has come; see [`tasks::SendReply`].
pub const SEND_REPLY: &str = "send_reply";
/// Brings back a ticket that was put off; see [`tasks::ReturnTicket`].
pub const RETURN_TICKET: &str = "return_ticket";

/// Files a mail that is kept; see [`tasks::TakeInMail`].
pub const TAKE_IN_MAIL: &str = "take_in_mail";
/// Fetches what is new in a mailbox; see [`tasks::FetchMail`].
pub const FETCH_MAIL: &str = "fetch_mail";
/// Sends a mail of the outbox; see [`tasks::SendMail`].
pub const SEND_MAIL: &str = "send_mail";
/// Counts every running deadline again; see [`tasks::RecountDeadlines`].
pub const RECOUNT_DEADLINES: &str = "recount_deadlines";
/// Tells a webhook; see [`tasks::DeliverWebhook`].
pub const DELIVER_WEBHOOK: &str = "deliver_webhook";
/// Makes the vectors that are wanted; see [`tasks::EmbedTexts`].
pub const EMBED_TEXTS: &str = "embed_texts";
/// Walks along the audit log's chain; see [`tasks::CheckAudit`].
pub const CHECK_AUDIT: &str = "check_audit";
/// Learns the words of articles; see [`tasks::LearnWords`].
pub const LEARN_WORDS: &str = "learn_words";
/// Reads every text again after its language was set; see [`tasks::ReadAgain`].
pub const READ_AGAIN: &str = "read_again";
/// Writes the mails of what many are told; see [`tasks::WriteNews`].
pub const WRITE_NEWS: &str = "write_news";
/// Renames a category on its tickets; see [`tasks::RenameCategory`].
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

/// Without a payload of its own, a job is given null, which is no job's.
fn hourly() -> Result<[Crontab; 2]> {
    let purge = Cron::hourly_at::<PurgeExpired>(17).map_err(Error::internal)?;
    let remind = Cron::hourly_at::<RemindOfDates>(5).map_err(Error::internal)?;
    Ok([
        purge.payload(PurgeExpired {}).map_err(Error::internal)?.build(),
        remind.payload(RemindOfDates {}).map_err(Error::internal)?.build(),
    ])
}

fn minutely() -> Result<[Crontab; 5]> {
    Ok([
        Cron::every_minute::<SweepRules>().payload(SweepRules {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<SweepDeadlines>().payload(SweepDeadlines {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<ResumeMail>().payload(ResumeMail {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<MailNotifications>().payload(MailNotifications {}).map_err(Error::internal)?.build(),
        Cron::every_minute::<RollUpReports>().payload(RollUpReports {}).map_err(Error::internal)?.build(),
    ])
}

/// Prepares the queue's own tables (under its advisory lock) and returns a worker that is ready to run. The caller
/// runs it until it asks it to stop.
pub async fn prepare_worker(desk: &Desk, concurrency: usize) -> Result<Worker> {
    let ([rules, sweep, resume, mail, reports], [purge, remind]) = (minutely()?, hourly()?);
    WorkerOptions::default()
        .pg_pool(desk.db.clone())
        .schema(SCHEMA)
        .concurrency(concurrency)
        .listen_os_shutdown_signals(false)
        .define_job::<CheckAudit>()
        .define_job::<DeliverWebhook>()
        .define_job::<EmbedTexts>()
        .define_job::<FetchMail>()
        .define_job::<FollowUpEvent>()
        .define_job::<MailNotifications>()
        .define_job::<LearnWords>()
        .define_job::<PurgeExpired>()
        .define_job::<RecountDeadlines>()
        .define_job::<ReadAgain>()
        .define_job::<RemindOfDates>()
        .define_job::<RenameCategory>()
        .define_job::<ResumeMail>()
        .define_job::<ReturnTicket>()
        .define_job::<RollUpReports>()
        .define_job::<SendMail>()
        .define_job::<SendReply>()
        .define_job::<SweepDeadlines>()
        .define_job::<SweepRules>()
        .define_job::<TakeInMail>()
        .define_job::<WriteNews>()
        .with_cron(purge)
        .with_cron(remind)
        .with_cron(rules)
        .with_cron(sweep)
        .with_cron(resume)
        .with_cron(mail)
        .with_cron(reports)
        .add_extension(desk.clone())
        .init()
        .await
        .map_err(Error::internal)
}

/// Makes the queue's own tables, without a worker.
pub async fn prepare_schema(db: &PgPool) -> Result<()> {
    WorkerOptions::default().pg_pool(db.clone()).schema(SCHEMA).init().await.map(drop).map_err(Error::internal)
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
        let ([purge, remind], [rules, sweep, resume, mail, reports]) = (hourly().unwrap(), minutely().unwrap());
        serde_json::from_value::<PurgeExpired>(purge.payload.unwrap()).unwrap();
        serde_json::from_value::<RemindOfDates>(remind.payload.unwrap()).unwrap();
        serde_json::from_value::<SweepRules>(rules.payload.unwrap()).unwrap();
        serde_json::from_value::<SweepDeadlines>(sweep.payload.unwrap()).unwrap();
        serde_json::from_value::<ResumeMail>(resume.payload.unwrap()).unwrap();
        serde_json::from_value::<MailNotifications>(mail.payload.unwrap()).unwrap();
        serde_json::from_value::<RollUpReports>(reports.payload.unwrap()).unwrap();
    }
}
