//! What runs on a ticket, brought up to date in the transaction that changes it.

use crate::desk::Desk;
use crate::people::OrganisationId;
use crate::sla::queries::read_terms;
use crate::sla::rules::{Facts, Plan, Running, Terms, plan};
use crate::sla::{SlaPolicyId, SlaStepId, SlaTarget, SlaTrackingId};
use crate::tickets::{QueueId, TicketId, TicketPriority, TicketStatus};
use crate::{Result, Timestamp};
use sqlx::PgConnection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Brings a ticket's promises up to date with what it is now; the caller holds its row.
pub(crate) async fn track(tx: &mut PgConnection, ticket: TicketId) -> Result<()> {
    for found in found(&mut *tx, &[ticket], None, false).await? {
        found.write(&mut *tx).await?;
    }
    Ok(())
}

/// A ticket with what is promised on it.
pub(super) struct Found {
    pub ticket: TicketId,
    pub plan: Plan,
    /// What is breached, and was not when it was last looked at.
    pub breaches: Vec<SlaTarget>,
    tracking: Option<SlaTrackingId>,
    /// The status whose stretch runs, and the one that should.
    stretch: (Option<TicketStatus>, TicketStatus),
    /// Nothing is to be written.
    is_as_it_was: bool,
    now: Timestamp,
}

/// Reads tickets and counts what is promised on them at `now`, the beginning of the transaction without one. One query
/// for all of them; more where a policy has changed since this node read them. What has passed unmet is marked where
/// `marks` says so.
pub(super) async fn found(
    tx: &mut PgConnection,
    tickets: &[TicketId],
    now: Option<Timestamp>,
    marks: bool,
) -> Result<Vec<Found>> {
    let rows = sqlx::query!(
        r#"SELECT t.id AS "id: TicketId", t.created_at AS "created_at: Timestamp", t.priority AS "priority: TicketPriority",
             t.queue_id AS "queue_id: QueueId", t.category, t.subcategory, t.organisation_id AS "organisation_id: OrganisationId", t.tags,
             t.status AS "status: TicketStatus", t.first_response_at AS "first_response_at: Timestamp", t.resolved_at AS "resolved_at: Timestamp",
             t.waits_since AS "waits_since: Timestamp", t.deleted_at IS NOT NULL OR t.merged_into_id IS NOT NULL AS "is_gone!",
             (SELECT version FROM sla_state) AS "version!", now() AS "now!: Timestamp",
             ARRAY(SELECT p.status FROM sla_pauses p WHERE p.ticket_id = t.id ORDER BY p.from_at, p.id) AS "statuses!: Vec<TicketStatus>",
             ARRAY(SELECT p.from_at FROM sla_pauses p WHERE p.ticket_id = t.id ORDER BY p.from_at, p.id) AS "from!: Vec<Timestamp>",
             ARRAY(SELECT coalesce(p.to_at, 'infinity') = 'infinity' FROM sla_pauses p WHERE p.ticket_id = t.id ORDER BY p.from_at, p.id) AS "runs!: Vec<bool>",
             ARRAY(SELECT coalesce(p.to_at, p.from_at) FROM sla_pauses p WHERE p.ticket_id = t.id ORDER BY p.from_at, p.id) AS "to!: Vec<Timestamp>",
             k.id AS "tracking?: SlaTrackingId", k.sla_policy_id AS "policy?: SlaPolicyId", k.created_at AS "since?: Timestamp",
             k.first_response_breached AS "first_response_breached?", k.resolution_breached AS "resolution_breached?",
             k.update_since AS "update_since?: Timestamp", k.update_breached AS "update_breached?",
             k.next_check_at AS "next_check_at?: Timestamp", k.paused AS "paused?",
             k.first_response_target AS "first_response_target?: Timestamp", k.first_response_actual AS "first_response_actual?: Timestamp",
             k.resolution_target AS "resolution_target?: Timestamp", k.resolution_actual AS "resolution_actual?: Timestamp",
             k.update_target AS "update_target?: Timestamp",
             ARRAY(SELECT e.sla_step_id FROM sla_escalations e WHERE e.sla_tracking_id = k.id ORDER BY e.since, e.sla_step_id) AS "steps!: Vec<SlaStepId>",
             ARRAY(SELECT e.since FROM sla_escalations e WHERE e.sla_tracking_id = k.id ORDER BY e.since, e.sla_step_id) AS "steps_since!: Vec<Timestamp>"
           FROM tickets t LEFT JOIN sla_tracking k ON k.ticket_id = t.id AND k.ended_at IS NULL
           WHERE t.id = ANY($1) ORDER BY k.next_check_at, t.id"#,
        tickets as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let Some(version) = rows.first().map(|row| row.version) else { return Ok(Vec::new()) };
    let terms = terms(tx, version).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let now = now.unwrap_or(row.now);
        let ends = row.runs.into_iter().zip(row.to).map(|(runs, to)| (!runs).then_some(to));
        let mut stretches: Vec<_> =
            row.statuses.into_iter().zip(row.from).zip(ends).map(|((status, from), to)| (status, from, to)).collect();
        let running_stretch = stretches.last().filter(|(.., to)| to.is_none()).map(|(status, ..)| *status);
        change_stretch(&mut stretches, row.status, now);
        let running = row.policy.zip(row.since).map(|(policy, since)| Running {
            policy,
            since,
            first_response_breached: row.first_response_breached.unwrap_or_default(),
            resolution_breached: row.resolution_breached.unwrap_or_default(),
            update_since: row.update_since,
            update_breached: row.update_breached.unwrap_or_default(),
            done: row.steps.into_iter().zip(row.steps_since).collect(),
        });
        let facts = Facts {
            created_at: row.created_at,
            priority: row.priority,
            queue_id: row.queue_id,
            category: row.category,
            subcategory: row.subcategory,
            organisation_id: row.organisation_id,
            tags: row.tags,
            status: row.status,
            first_response_at: row.first_response_at,
            resolved_at: row.resolved_at,
            waits_since: row.waits_since,
            is_gone: row.is_gone,
            stretches,
            running,
        };
        let plan = plan(&terms, &facts, now, marks);
        let was = facts.running.as_ref().filter(|_| !plan.takes_over);
        let breaches = breaches(&plan, was);
        let stopped = facts.stretches.last().filter(|(.., to)| to.is_none()).map(|(status, ..)| *status);
        let same_goals = plan.first_response.target == row.first_response_target
            && plan.first_response.actual == row.first_response_actual
            && Some(plan.first_response.breached) == row.first_response_breached
            && plan.resolution.target == row.resolution_target
            && plan.resolution.actual == row.resolution_actual
            && Some(plan.resolution.breached) == row.resolution_breached
            && plan.update.target == row.update_target
            && plan.update_since == row.update_since
            && (plan.update_since.is_none() || Some(plan.update.breached) == row.update_breached)
            && Some(plan.paused) == row.paused
            && plan.next_check_at == row.next_check_at
            && !plan.takes_over;
        let nothing = plan.policy.is_none() && row.tracking.is_none();
        all.push(Found {
            ticket: row.id,
            tracking: row.tracking,
            is_as_it_was: (nothing || same_goals) && stopped == running_stretch,
            stretch: (running_stretch, row.status),
            plan,
            breaches,
            now,
        });
    }
    Ok(all)
}

/// Of promises that are not kept yet: what was kept late is no news.
fn breaches(plan: &Plan, was: Option<&Running>) -> Vec<SlaTarget> {
    let same_update = was.is_some_and(|was| was.update_since == plan.update_since && was.update_breached);
    [
        (SlaTarget::FirstResponse, plan.first_response, was.is_some_and(|was| was.first_response_breached)),
        (SlaTarget::Update, plan.update, same_update),
        (SlaTarget::Resolution, plan.resolution, was.is_some_and(|was| was.resolution_breached)),
    ]
    .into_iter()
    .filter(|(_, goal, was)| goal.breached && goal.actual.is_none() && !was)
    .map(|(target, ..)| target)
    .collect()
}

/// Whether a status may stop a clock: the others need no stretch.
fn may_stop(status: TicketStatus) -> bool {
    !matches!(status, TicketStatus::New | TicketStatus::InProgress)
}

/// Ends the stretch that runs where the status is another now, and begins the new one's.
fn change_stretch(
    stretches: &mut Vec<(TicketStatus, Timestamp, Option<Timestamp>)>,
    status: TicketStatus,
    now: Timestamp,
) {
    if let Some(last) = stretches.last_mut().filter(|(.., to)| to.is_none()) {
        if last.0 == status {
            return;
        }
        last.2 = Some(now);
    }
    if may_stop(status) {
        stretches.push((status, now, None));
    }
}

impl Found {
    /// Whether something is to be done now.
    pub fn is_due(&self) -> bool {
        !self.breaches.is_empty() || !self.plan.due.is_empty()
    }

    pub fn tracking(&self) -> Option<SlaTrackingId> {
        self.tracking.filter(|_| !self.plan.takes_over)
    }

    /// Writes what changed: the stretch, what runs, and the ticket's own columns.
    pub async fn write(&self, tx: &mut PgConnection) -> Result<()> {
        if self.is_as_it_was {
            return Ok(());
        }
        self.write_stretch(&mut *tx).await?;
        let plan = &self.plan;
        if plan.takes_over || plan.policy.is_none() {
            sqlx::query!(
                "UPDATE sla_tracking SET ended_at = $2, next_check_at = NULL WHERE ticket_id = $1 AND ended_at IS NULL",
                self.ticket as _,
                self.now as _
            )
            .execute(&mut *tx)
            .await?;
        }
        let shown = |target: Option<Timestamp>| target.filter(|_| !plan.paused);
        let first = if plan.first_response.actual.is_some() {
            plan.first_response.target
        } else {
            shown(plan.first_response.target)
        };
        sqlx::query!(
            "WITH tracked AS (
               INSERT INTO sla_tracking (ticket_id, sla_policy_id, first_response_target, first_response_actual, first_response_breached,
                 resolution_target, resolution_actual, resolution_breached, update_since, update_target, update_breached, paused, next_check_at, created_at)
               SELECT $1, $2::uuid, $3::timestamptz, $4::timestamptz, $5::bool, $6::timestamptz, $7::timestamptz, $8::bool,
                 $9::timestamptz, $10::timestamptz, $11::bool, $12::bool, $13::timestamptz, $16::timestamptz WHERE $2::uuid IS NOT NULL
               ON CONFLICT (ticket_id) WHERE ended_at IS NULL DO UPDATE SET
                 first_response_target = EXCLUDED.first_response_target, first_response_actual = EXCLUDED.first_response_actual,
                 first_response_breached = EXCLUDED.first_response_breached, resolution_target = EXCLUDED.resolution_target,
                 resolution_actual = EXCLUDED.resolution_actual, resolution_breached = EXCLUDED.resolution_breached,
                 update_since = EXCLUDED.update_since, update_target = EXCLUDED.update_target, update_breached = EXCLUDED.update_breached,
                 paused = EXCLUDED.paused, next_check_at = EXCLUDED.next_check_at)
             UPDATE tickets SET sla_policy_id = $2, first_response_sla = $14, resolution_sla = $15, update_sla = $17
             WHERE id = $1 AND (sla_policy_id, first_response_sla, resolution_sla, update_sla) IS DISTINCT FROM ($2, $14, $15, $17)",
            self.ticket as _,
            plan.policy as _,
            plan.first_response.target as _,
            plan.first_response.actual as _,
            plan.first_response.breached,
            plan.resolution.target as _,
            plan.resolution.actual as _,
            plan.resolution.breached,
            plan.update_since as _,
            plan.update.target as _,
            plan.update.breached,
            plan.paused,
            plan.next_check_at as _,
            first as _,
            shown(plan.resolution.target) as _,
            self.now as _,
            shown(plan.update.target) as _,
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn write_stretch(&self, tx: &mut PgConnection) -> Result<()> {
        let (running, status) = self.stretch;
        if running == Some(status) {
            return Ok(());
        }
        if running.is_some() {
            sqlx::query!(
                "UPDATE sla_pauses SET to_at = greatest(from_at, $2) WHERE ticket_id = $1 AND to_at IS NULL",
                self.ticket as _,
                self.now as _
            )
            .execute(&mut *tx)
            .await?;
        }
        if may_stop(status) {
            sqlx::query!(
                "INSERT INTO sla_pauses (ticket_id, status, from_at) VALUES ($1, $2, $3)",
                self.ticket as _,
                status as _,
                self.now as _
            )
            .execute(tx)
            .await?;
        }
        Ok(())
    }
}

/// The policies of a version, as this node has read them. Versions are unique: no two databases share one.
async fn terms(tx: &mut PgConnection, version: Uuid) -> Result<Arc<Vec<Terms>>> {
    static READ: Mutex<Option<HashMap<Uuid, Arc<Vec<Terms>>>>> = Mutex::new(None);
    /// More than this many versions are old ones.
    const KEPT: usize = 4;
    let known =
        READ.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|read| read.get(&version).cloned());
    if let Some(known) = known {
        return Ok(known);
    }
    let terms = Arc::new(read_terms(tx).await?);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let read = read.get_or_insert_default();
    if read.len() >= KEPT {
        read.clear();
    }
    read.insert(version, terms.clone());
    Ok(terms)
}

/// How many tickets are counted again in one transaction.
const TOGETHER: i64 = 200;

/// Counts again what runs, on every ticket that is not done.
pub async fn recount(desk: &Desk) -> Result<()> {
    let mut after = TicketId(Uuid::nil());
    loop {
        let mut tx = desk.db.begin().await?;
        let tickets = sqlx::query_scalar!(
            r#"SELECT t.id AS "id: TicketId" FROM tickets t WHERE t.id > $1 AND t.is_open AND t.deleted_at IS NULL
                 AND EXISTS (SELECT FROM sla_tracking k WHERE k.ticket_id = t.id AND k.ended_at IS NULL)
               ORDER BY t.id LIMIT $2 FOR UPDATE OF t"#,
            after as _,
            TOGETHER
        )
        .fetch_all(&mut *tx)
        .await?;
        let Some(last) = tickets.last() else { return Ok(()) };
        after = *last;
        for found in found(&mut tx, &tickets, None, false).await? {
            found.write(&mut tx).await?;
        }
        tx.commit().await?;
    }
}
