//! How long tickets took.

use super::read_terms;
use crate::sla::rules::{OpenHours, Terms};
use crate::sla::{SlaPolicyId, Span};
use crate::tickets::{TicketId, TicketStatus};
use crate::{Result, Timestamp};
use sqlx::PgPool;
use std::collections::HashMap;

/// How long a ticket took, over the hours of the policy that runs on it and without the stretches in which that stands
/// still; by the clock where nothing was promised, without those in which it was done.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TimesTaken {
    pub policy: Option<SlaPolicyId>,
    /// None as long as nobody has answered.
    pub response: Option<Taken>,
    /// None while it is open, and where it was cancelled.
    pub resolution: Option<Taken>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub minutes: i64,
    /// None where nothing was promised.
    pub in_time: Option<bool>,
}

/// What times are counted with: every policy with its hours.
pub(crate) struct Clocks {
    policies: HashMap<SlaPolicyId, Terms>,
    always: OpenHours,
}

impl Clocks {
    pub(crate) async fn read(db: &PgPool) -> Result<Self> {
        let terms = read_terms(&mut *db.acquire().await?).await?;
        Ok(Self {
            policies: terms.into_iter().map(|terms| (terms.policy.id, terms)).collect(),
            always: OpenHours::always(),
        })
    }

    /// How long each of these tickets took.
    pub(crate) async fn times_taken(&self, db: &PgPool, tickets: &[TicketId]) -> Result<HashMap<TicketId, TimesTaken>> {
        let rows = sqlx::query!(
            r#"SELECT t.id AS "id: TicketId", t.created_at AS "created_at: Timestamp", t.status AS "status: TicketStatus",
                 t.first_response_at AS "first_response_at: Timestamp", t.resolved_at AS "resolved_at: Timestamp",
                 k.sla_policy_id AS "policy?: SlaPolicyId", k.first_response_breached AS "response_late?", k.resolution_breached AS "resolution_late?",
                 ARRAY(SELECT p.status FROM sla_pauses p WHERE p.ticket_id = t.id AND p.to_at IS NOT NULL ORDER BY p.from_at, p.id) AS "statuses!: Vec<TicketStatus>",
                 ARRAY(SELECT p.from_at FROM sla_pauses p WHERE p.ticket_id = t.id AND p.to_at IS NOT NULL ORDER BY p.from_at, p.id) AS "from!: Vec<Timestamp>",
                 ARRAY(SELECT p.to_at FROM sla_pauses p WHERE p.ticket_id = t.id AND p.to_at IS NOT NULL ORDER BY p.from_at, p.id) AS "to!: Vec<Timestamp>"
               FROM tickets t LEFT JOIN sla_tracking k ON k.ticket_id = t.id AND k.ended_at IS NULL
               WHERE t.id = ANY($1)"#,
            tickets as _
        )
        .fetch_all(db)
        .await?;
        let taken = rows.into_iter().map(|row| {
            let terms = row.policy.and_then(|policy| self.policies.get(&policy));
            let hours = terms.map_or(&self.always, |terms| &*terms.hours);
            let stops = |status: &TicketStatus| {
                !status.is_open() || terms.is_some_and(|terms| terms.policy.pauses_in.contains(status))
            };
            let stretches = row.statuses.iter().zip(row.from).zip(row.to);
            let pauses: Vec<_> =
                stretches.filter(|((status, _), _)| stops(status)).map(|((_, from), to)| Span { from, to }).collect();
            let taken = |until: Timestamp, is_late: Option<bool>| Taken {
                minutes: hours.between(row.created_at, until, &pauses) / 60_000_000,
                in_time: is_late.map(|is_late| !is_late),
            };
            let resolved_at = row.resolved_at.filter(|_| !row.status.is_open());
            let times = TimesTaken {
                policy: row.policy,
                response: row.first_response_at.map(|at| taken(at, row.response_late)),
                resolution: resolved_at.map(|at| taken(at, row.resolution_late)),
            };
            (row.id, times)
        });
        Ok(taken.collect())
    }
}

/// How policies are called, those that are no longer in use included.
pub(crate) async fn policy_names(db: &PgPool, ids: &[uuid::Uuid]) -> Result<HashMap<String, String>> {
    let rows = sqlx::query!(r#"SELECT id::text AS "id!", name FROM sla_policies WHERE id = ANY($1)"#, ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}
