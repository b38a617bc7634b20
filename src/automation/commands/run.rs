//! Rules on an event. They run in a job, never on the way of the person who acted.

use super::act::{Cause, Fired, fire};
use crate::automation::facts::{happened, seen};
use crate::automation::rules::evaluate;
use crate::automation::{Rule, RuleEvent, RuleId, RuleMoment, RuleOutcome, queries};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::{Actor, Error, Result};
use std::collections::BTreeMap;
use uuid::Uuid;

/// However rules bring about each other's events, it ends here.
const CHAIN_MAX: usize = 16;

/// Tries every rule that waits for such an event, in their order; each sees what those before it did. A job; idempotent: a
/// rule runs once for an event. No rule fires on what itself brought about, however far around.
pub async fn run_rules(desk: &Desk, event: Uuid) -> Result<()> {
    let known = queries::known_rules(desk).await?;
    if known.rules.is_empty() {
        return Ok(());
    }
    let mut db = desk.db.acquire().await?;
    let Some(happened) = happened(&mut db, event).await? else { return Ok(()) };
    let Some(kind) = RuleEvent::of_kind(&happened.kind) else { return Ok(()) };
    let listens = |rule: &&Rule| matches!(&rule.moment, RuleMoment::On { on } if on.contains(&kind));
    let listening: Vec<&Rule> = known.rules.iter().filter(listens).collect();
    if listening.is_empty() || happened.caused_by.len() >= CHAIN_MAX {
        return Ok(());
    }
    let Some(mut ticket) = seen(&mut db, &[happened.ticket]).await?.pop() else { return Ok(()) };
    happened.tell(&mut ticket);
    let mut misses = BTreeMap::new();
    for rule in listening {
        if let Err(miss) = evaluate(&rule.condition, &ticket.facts) {
            misses.insert(rule.id, miss.0);
            continue;
        }
        if happened.caused_by.contains(&rule.id.0) {
            note(desk, rule, happened.ticket, event).await?;
            continue;
        }
        let actor = Actor::rule(rule.id, &rule.name, happened.caused_by.iter().map(|id| RuleId(*id)));
        drop(db);
        let fired = fire(desk, &actor, (rule, &known.names), &ticket, Cause::Event(event)).await?;
        db = desk.db.acquire().await?;
        if fired == Fired::Now {
            match seen(&mut db, &[happened.ticket]).await?.pop() {
                Some(now) => ticket = now,
                None => break,
            }
            happened.tell(&mut ticket);
        }
        if rule.stops && fired != Fired::Failed {
            break;
        }
    }
    let (rules, tests): (Vec<_>, Vec<_>) = misses.into_iter().unzip();
    if !rules.is_empty() {
        sqlx::query!(
            "INSERT INTO rule_misses (ticket_id, event_id, rules, tests) VALUES ($1, $2, $3, $4) ON CONFLICT (event_id) DO NOTHING",
            happened.ticket as _,
            event,
            &rules as _,
            &tests
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Notes that a rule was kept from running on its own doing.
async fn note(desk: &Desk, rule: &Rule, ticket: TicketId, event: Uuid) -> Result<()> {
    sqlx::query!(
        "INSERT INTO rule_runs (rule_id, ticket_id, event_id, outcome) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        rule.id as _,
        ticket as _,
        event,
        RuleOutcome::Loop as _
    )
    .execute(&desk.db)
    .await
    .map_err(Error::from)?;
    Ok(())
}
