//! What falls due. Its cost follows what is due, not what is open: one index says what to look at. Any number of workers
//! may sweep at once; each takes tickets that no other holds, and what was done is written with it.

use super::track::{Found, found};
use crate::desk::Desk;
use crate::events::{self, NewEvent};
use crate::people::UserId;
use crate::sla::rules::DueStep;
use crate::sla::{SlaTarget, StepAction};
use crate::tickets::TicketId;
use crate::tickets::commands::{Escalation, escalate_ticket};
use crate::webhooks::commands::tell_webhook;
use crate::{Actor, Result, Timestamp};
use serde_json::json;
use sqlx::PgConnection;

/// So many tickets in one transaction.
const TOGETHER: i64 = 50;
/// So often a ticket is looked at in one sweep: a step may bring another policy, whose steps are due too.
const ROUNDS: usize = 8;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    pub tickets: usize,
    pub steps: usize,
    pub breaches: usize,
}

/// Marks what is breached at `now` and takes the steps whose time has come, in order, once each. A job; a worker that was
/// away for an hour catches up.
pub async fn sweep(desk: &Desk, now: Timestamp) -> Result<Swept> {
    let mut swept = Swept::default();
    let mut after = (Timestamp::from_microsecond(0).unwrap_or(now), TicketId(uuid::Uuid::nil()));
    loop {
        let due = sqlx::query!(
            r#"SELECT ticket_id AS "id: TicketId", next_check_at AS "at!: Timestamp" FROM sla_tracking
               WHERE next_check_at <= $1 AND (next_check_at, ticket_id) > ($2, $3) ORDER BY next_check_at, ticket_id LIMIT $4"#,
            now as _,
            after.0 as _,
            after.1 as _,
            TOGETHER
        )
        .fetch_all(&desk.db)
        .await?;
        let Some(last) = due.last() else { return Ok(swept) };
        after = (last.at, last.id);
        let tickets: Vec<_> = due.iter().map(|row| row.id).collect();
        let several = sweep_together(desk, &tickets, now).await;
        // One that cannot be swept must not keep the others from it.
        if let Err(error) = &several {
            tracing::warn!(%error, "tickets are swept one by one");
            for ticket in tickets {
                match sweep_together(desk, &[ticket], now).await {
                    Ok(one) => swept.add(one),
                    Err(error) => tracing::error!(%error, %ticket, "a ticket's deadlines could not be swept"),
                }
            }
        } else if let Ok(several) = several {
            swept.add(several);
        }
    }
}

impl Swept {
    fn add(&mut self, other: Swept) {
        self.tickets += other.tickets;
        self.steps += other.steps;
        self.breaches += other.breaches;
    }
}

async fn sweep_together(desk: &Desk, tickets: &[TicketId], now: Timestamp) -> Result<Swept> {
    let mut swept = Swept::default();
    let mut tx = desk.db.begin().await?;
    // The ticket first, as every command takes it.
    let mut held = sqlx::query_scalar!(
        r#"SELECT id AS "id: TicketId" FROM tickets WHERE id = ANY($1) ORDER BY id FOR UPDATE SKIP LOCKED"#,
        tickets as _
    )
    .fetch_all(&mut *tx)
    .await?;
    swept.tickets = held.len();
    for _ in 0..ROUNDS {
        let mut again = Vec::new();
        for found in found(&mut tx, &held, Some(now), true).await? {
            // What runs is written first: steps stand beside it.
            found.write(&mut tx).await?;
            if found.is_due() {
                take_steps(&mut tx, &found, now, &mut swept).await?;
                again.push(found.ticket);
            }
        }
        if again.is_empty() {
            break;
        }
        held = again;
    }
    tx.commit().await?;
    Ok(swept)
}

async fn take_steps(tx: &mut PgConnection, found: &Found, now: Timestamp, swept: &mut Swept) -> Result<()> {
    for target in &found.breaches {
        swept.breaches += 1;
        tell(&mut *tx, found.ticket, *target, true, Vec::new()).await?;
    }
    let Some(tracking) = found.tracking() else { return Ok(()) };
    for due in &found.plan.due {
        let new = sqlx::query!(
            "INSERT INTO sla_escalations (sla_tracking_id, sla_step_id, since, done_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            tracking as _,
            due.step as _,
            due.since as _,
            now as _
        )
        .execute(&mut *tx)
        .await?;
        if new.rows_affected() > 0 {
            swept.steps += 1;
            let cause = format!("sla:{tracking}:{}:{}", due.step, due.since);
            take_step(&mut *tx, found.ticket, due, now, &cause).await?;
        }
    }
    Ok(())
}

async fn take_step(tx: &mut PgConnection, ticket: TicketId, due: &DueStep, now: Timestamp, cause: &str) -> Result<()> {
    let actor = Actor::system("escalation");
    let mut change = Escalation::default();
    let (mut notifies, mut people) = (false, Vec::<UserId>::new());
    for action in &due.actions {
        match action {
            StepAction::RaisePriority => change.raises_priority = true,
            StepAction::AssignTo { user } => change.assigned_to = Some(*user),
            StepAction::AddTag { tag } => change.tags.push(tag.clone()),
            StepAction::Webhook { webhook } => {
                tell_webhook(&mut *tx, *webhook, cause, ticket, due.target.label()).await?;
            }
            StepAction::NotifyAssignee => notifies = true,
            StepAction::NotifyUser { user } => people.push(*user),
            StepAction::NotifyQueue => people.extend(crate::queues::queries::members_of(&mut *tx, ticket).await?),
            StepAction::NotifyRole { role } => {
                people.extend(crate::people::queries::people_with_role(&mut *tx, role).await?)
            }
        }
    }
    if notifies || !people.is_empty() {
        tell(&mut *tx, ticket, due.target, due.target_at <= now, people).await?;
    }
    escalate_ticket(tx, &actor, ticket, change).await
}

/// The assignee is told, and whoever else is named.
async fn tell(
    tx: &mut PgConnection,
    ticket: TicketId,
    target: SlaTarget,
    is_over: bool,
    people: Vec<UserId>,
) -> Result<()> {
    let event = NewEvent {
        kind: if is_over { "ticket.breached" } else { "ticket.due_soon" },
        ticket_id: ticket,
        is_internal: true,
        data: json!({ "target": target, "people": people }),
    };
    events::record(tx, &Actor::system("deadlines"), event).await?;
    Ok(())
}
