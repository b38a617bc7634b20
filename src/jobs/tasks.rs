//! What each job does, and what makes it idempotent.

use super::{
    CHECK_AUDIT, DELIVER_WEBHOOK, EMBED_TEXTS, FETCH_MAIL, FOLLOW_UP, LEARN_WORDS, READ_AGAIN, RECOUNT_DEADLINES,
    RENAME_CATEGORY, RETURN_TICKET, SEND_MAIL, SEND_REPLY, TAKE_IN_MAIL, WRITE_NEWS, enqueue_in,
};
use crate::desk::Desk;
use crate::mail::{MailboxId, OutboxMailId, RawMailId};
use crate::notifications::commands::{News, write_news};
use crate::people::UserId;
use crate::tickets::{self, OutgoingId, TicketId};
use crate::webhooks::DeliveryId;
use crate::{
    Error, Result, Timestamp, audit, automation, mail, notifications, ratings, reports, search, sla, webhooks,
};
use graphile_worker::{IntoTaskHandlerResult, TaskHandler, WorkerContext};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Brings a ticket back that was put off. Idempotent: it looks whether its time has come.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReturnTicket {
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
pub(super) struct SendReply {
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
pub(super) struct TakeInMail {
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
pub(super) struct SendMail {
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
pub(super) struct DeliverWebhook {
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
pub(super) struct FollowUpEvent {
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

/// Walks along the audit log's chain. Idempotent: it finds what holds now.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CheckAudit {}

impl TaskHandler for CheckAudit {
    const IDENTIFIER: &'static str = CHECK_AUDIT;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        audit::commands::check(&desk).await.map_err(|error| error.to_string())
    }
}

/// Learns the words that published articles have now. Idempotent: it writes what holds now.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LearnWords {}

impl TaskHandler for LearnWords {
    const IDENTIFIER: &'static str = LEARN_WORDS;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        search::commands::learn_words(&desk).await.map_err(|error| error.to_string())
    }
}

/// Reads every text again in the language that is set. Idempotent: it writes what holds now.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReadAgain {}

impl TaskHandler for ReadAgain {
    const IDENTIFIER: &'static str = READ_AGAIN;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        search::commands::read_again(&desk).await.map_err(|error| error.to_string())
    }
}

/// Makes the vectors that are wanted. Idempotent: what has its vector no longer waits.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EmbedTexts {}

impl TaskHandler for EmbedTexts {
    const IDENTIFIER: &'static str = EMBED_TEXTS;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
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
pub(super) struct RenameCategory {
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

/// Writes the mails of what many are told. Idempotent: the outbox takes one of a batch for each of them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WriteNews {
    batch: Uuid,
    people: Vec<UserId>,
    news: News,
}

impl TaskHandler for WriteNews {
    const IDENTIFIER: &'static str = WRITE_NEWS;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        let written = async {
            let mut tx = desk.db.begin().await?;
            write_news(&desk, &mut tx, self.batch, &self.people, &self.news).await?;
            Ok::<_, Error>(tx.commit().await?)
        };
        written.await.map_err(|error| error.to_string())
    }
}

/// Fetches what is new in a mailbox. Idempotent: what is kept is known.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FetchMail {
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
pub(super) struct ResumeMail {}

impl TaskHandler for ResumeMail {
    const IDENTIFIER: &'static str = "resume_mail";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        mail::fetch::fetch_due(&desk).await.map_err(|error| error.to_string())?;
        mail::send::resume(&desk).await.map_err(|error| error.to_string())
    }
}

/// Counts for reports what has changed. Idempotent: it writes what holds now.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RollUpReports {}

impl TaskHandler for RollUpReports {
    const IDENTIFIER: &'static str = "roll_up_reports";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        reports::commands::roll_up(&desk).await.map_err(|error| error.to_string())
    }
}

/// Writes the mails of notifications whose time has come. Idempotent: what was written no longer waits.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MailNotifications {}

impl TaskHandler for MailNotifications {
    const IDENTIFIER: &'static str = "mail_notifications";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        notifications::commands::mail_due(&desk).await.map_err(|error| error.to_string())
    }
}

/// Does what deadlines bring that have come. Idempotent: what was done is written with it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SweepDeadlines {}

impl TaskHandler for SweepDeadlines {
    const IDENTIFIER: &'static str = "sweep_deadlines";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        sla::commands::sweep(&desk, Timestamp::now()).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Has timed rules act whose time has come. Idempotent: one run per rule, ticket and moment.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SweepRules {}

impl TaskHandler for SweepRules {
    const IDENTIFIER: &'static str = "sweep_rules";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        automation::commands::sweep_rules(&desk, Timestamp::now()).await.map(|_| ()).map_err(|error| error.to_string())
    }
}

/// Counts every running deadline again, after a policy or a calendar was changed. Idempotent: it writes what holds now.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RecountDeadlines {}

impl TaskHandler for RecountDeadlines {
    const IDENTIFIER: &'static str = RECOUNT_DEADLINES;

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        sla::commands::recount(&desk).await.map_err(|error| error.to_string())
    }
}

/// Tells of dates that come near, and of answers that are wanted still. Idempotent: what was told is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RemindOfDates {}

impl TaskHandler for RemindOfDates {
    const IDENTIFIER: &'static str = "remind_of_dates";

    async fn run(self, ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        let desk = desk_of(&ctx)?;
        remind_of_dates(&desk).await.map_err(|error| error.to_string())
    }
}

async fn remind_of_dates(desk: &Desk) -> Result<()> {
    crate::assets::commands::remind_of_warranties(desk).await?;
    let hours = crate::settings::queries::number(desk, "changes.reminder_hours").await?;
    crate::changes::commands::remind_approvers(desk, hours).await
}

/// Deletes what has expired: sessions, throttles, kept answers, old events. Idempotent by nature.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PurgeExpired {}

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
    sqlx::query!(
        "DELETE FROM search_misses WHERE last_on < current_date - 90 OR (times = 1 AND last_on < current_date - 14)"
    )
    .execute(&desk.db)
    .await?;
    sqlx::query!("DELETE FROM rule_misses WHERE created_at < now() - interval '14 days'").execute(&desk.db).await?;
    sqlx::query!("DELETE FROM rule_runs WHERE created_at < now() - interval '90 days' AND since IS NULL")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM webhook_deliveries WHERE created_at < now() - interval '30 days' AND state <> 'WAITING'")
        .execute(&desk.db)
        .await?;
    sqlx::query!("DELETE FROM kb_article_drafts WHERE updated_at < now() - interval '90 days'")
        .execute(&desk.db)
        .await?;
    crate::knowledge::commands::purge_waiting(desk).await?;
    crate::assets::commands::purge_imports(desk).await?;
    crate::ai::commands::purge_conversations(desk).await?;
    crate::audit::commands::close_day(desk).await?;
    crate::audit::commands::expire_entries(desk).await?;
    sqlx::query!("DELETE FROM ticket_presence WHERE seen_at < now() - interval '1 hour'").execute(&desk.db).await?;
    Ok(())
}

fn desk_of(ctx: &WorkerContext) -> Result<Desk, String> {
    ctx.get_ext::<Desk>().cloned().ok_or_else(|| "the worker was started without a desk".to_owned())
}
