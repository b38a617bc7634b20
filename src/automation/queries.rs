//! Reading rules, what they did, and what they would do.

use super::commands::{RuleForm, parse_rule};
use super::facts::{Seen, seen, tell_before};
use super::names::Book;
use super::rules::{Names, action_in_words, evaluate};
use super::{
    Condition, Rule, RuleAction, RuleEvent, RuleId, RuleMoment, RuleOutcome, RuleRun, RuleRunId, Since, Tried, Worker,
};
use crate::desk::Desk;
use crate::fields::rules::show;
use crate::people::UserId;
use crate::sla::CalendarId;
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::PgExecutor;
use sqlx::types::Json;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Nobody has more.
pub const RULES_MAX: i64 = 500;
/// A log shows so many lines.
const LOG_MAX: i64 = 100;
/// A dry run looks at so many tickets at most.
pub const TRIED_MAX: i64 = 200;

/// Every rule, in the order in which they are tried.
pub async fn list_rules(desk: &Desk, actor: &Actor) -> Result<(Vec<Rule>, Names)> {
    actor.require(Permission::SettingsManage)?;
    let rules = read_rules(&desk.db, false).await?;
    Ok((rules, Book::read(&desk.db).await?.names()))
}

/// The rules as they are written down to be taken elsewhere: with names for identifiers.
pub async fn export_rules(desk: &Desk, actor: &Actor) -> Result<Vec<RuleForm>> {
    actor.require(Permission::SettingsManage)?;
    let book = Book::read(&desk.db).await?;
    read_rules(&desk.db, false).await?.iter().map(|rule| RuleForm::of(rule, &book)).collect()
}

/// The rules that are on, with the names in them.
pub(super) struct Known {
    pub rules: Vec<Rule>,
    pub names: Names,
}

/// Read once a node, and again where a rule has changed.
pub(super) async fn known_rules(desk: &Desk) -> Result<Arc<Known>> {
    static KNOWN: Mutex<Option<(Uuid, Arc<Known>)>> = Mutex::new(None);
    let version = sqlx::query_scalar!("SELECT version FROM rules_state").fetch_one(&desk.db).await?;
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, known)) = known.filter(|(known, _)| *known == version) {
        return Ok(known);
    }
    // The version was read first: rules that changed in between are read again next time.
    let rules = read_rules(&desk.db, true).await?;
    let known = Arc::new(Known { rules, names: Book::read(&desk.db).await?.names() });
    *KNOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, known.clone()));
    Ok(known)
}

async fn read_rules(db: impl PgExecutor<'_>, only_enabled: bool) -> Result<Vec<Rule>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: RuleId", name, enabled, position, stops, moment AS "moment: Json<RuleMoment>",
             condition AS "condition: Json<Condition>", actions AS "actions: Json<Vec<RuleAction>>", version
           FROM rules WHERE enabled OR NOT $1 ORDER BY position, lower(name), id LIMIT $2"#,
        only_enabled,
        RULES_MAX
    )
    .fetch_all(db)
    .await?;
    let rule = rows.into_iter().map(|row| Rule {
        id: row.id,
        name: row.name,
        enabled: row.enabled,
        position: row.position,
        stops: row.stops,
        moment: row.moment.0,
        condition: row.condition.0,
        actions: row.actions.0,
        version: row.version,
    });
    Ok(rule.collect())
}

/// What rules did and, where `misses` are asked for, on what they did not fire and why; newest first. Of one rule, or all.
pub async fn rule_log(
    desk: &Desk,
    actor: &Actor,
    rule: Option<RuleId>,
    after: Option<RuleRunId>,
    misses: bool,
) -> Result<Vec<(RuleRunId, RuleRun)>> {
    actor.require(Permission::SettingsManage)?;
    let rows = sqlx::query!(
        r#"SELECT l.id AS "id!: RuleRunId", l.rule_id AS "rule_id!: RuleId", l.outcome AS "outcome!: RuleOutcome", l.said AS "said!",
             l.created_at AS "created_at!: Timestamp", t.ticket_number AS "number: TicketNumber", t.subject
           FROM (
             (SELECT id, rule_id, ticket_id, outcome, said, created_at FROM rule_runs
              WHERE ($1::uuid IS NULL OR rule_id = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $4)
             UNION ALL
             (SELECT m.id, tried.rule, m.ticket_id, 'MISSED', ARRAY[tried.test], m.created_at
              FROM (SELECT * FROM rule_misses WHERE $3 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT 1000) m,
                unnest(m.rules, m.tests) AS tried (rule, test) WHERE $1::uuid IS NULL OR tried.rule = $1)) l
           JOIN tickets t ON t.id = l.ticket_id ORDER BY l.id DESC LIMIT $4"#,
        rule.map(|rule| rule.0),
        after.map(|after| after.0),
        misses,
        LOG_MAX
    )
    .fetch_all(&desk.db)
    .await?;
    if let (true, Some(rule)) = (rows.is_empty(), rule) {
        let known = sqlx::query_scalar!("SELECT id FROM rules WHERE id = $1", rule as _);
        known.fetch_optional(&desk.db).await?.ok_or(Error::NotFound)?;
    }
    let line = rows.into_iter().map(|row| {
        let run = RuleRun {
            rule_id: row.rule_id,
            ticket_number: row.number,
            subject: row.subject,
            outcome: row.outcome,
            said: row.said,
            created_at: row.created_at,
        };
        (row.id, run)
    });
    Ok(line.collect())
}

/// What a rule would do to the tickets that changed last, were it tried on each of them now. Nothing is done.
pub async fn dry_run(desk: &Desk, actor: &Actor, form: &RuleForm, tickets: i64) -> Result<Vec<Tried>> {
    actor.require(Permission::SettingsManage)?;
    let book = Book::read(&desk.db).await?;
    let parsed = parse_rule(form, &book)?;
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: TicketId" FROM tickets WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT $1"#,
        tickets.clamp(1, TRIED_MAX)
    )
    .fetch_all(&desk.db)
    .await?;
    let mut db = desk.db.acquire().await?;
    let mut all = seen(&mut db, &ids).await?;
    drop(db);
    all.sort_by_key(|ticket| ids.iter().position(|id| *id == ticket.id));
    tell_last_changes(desk, &parsed.moment, &mut all).await?;
    let now = Timestamp::now();
    let names = book.names();
    let tried = all.iter().map(|ticket| {
        let outcome = is_time(&parsed.moment, ticket, now)
            .and_then(|()| evaluate(&parsed.condition, &ticket.facts).map_err(|miss| miss.0));
        Tried {
            ticket_number: ticket.number.clone(),
            subject: ticket.subject.clone(),
            fires: outcome.is_ok(),
            said: match outcome {
                Ok(()) => parsed.actions.iter().map(|action| difference(action, ticket, &names)).collect(),
                Err(why) => vec![why],
            },
        }
    });
    Ok(tried.collect())
}

/// What changed last on each ticket, for rules that ask what something was.
async fn tell_last_changes(desk: &Desk, moment: &RuleMoment, tickets: &mut [Seen]) -> Result<()> {
    let asks = matches!(moment, RuleMoment::On { on } if on.contains(&RuleEvent::Updated));
    if !asks {
        return Ok(());
    }
    let ids: Vec<_> = tickets.iter().map(|ticket| ticket.id).collect();
    let rows = sqlx::query!(
        r#"SELECT h.ticket_id AS "ticket: TicketId", h.field AS "field!", h.old_value FROM ticket_history h
           JOIN LATERAL (SELECT max(created_at) AS at FROM ticket_history l WHERE l.ticket_id = h.ticket_id AND l.field IS NOT NULL) last
             ON last.at = h.created_at
           WHERE h.ticket_id = ANY($1) AND h.field IS NOT NULL ORDER BY h.id"#,
        &ids as _
    )
    .fetch_all(&desk.db)
    .await?;
    for ticket in tickets {
        let own = rows.iter().filter(|row| row.ticket == ticket.id);
        let before: Vec<_> = own.map(|row| (row.field.clone(), row.old_value.clone())).collect();
        tell_before(&before, &mut ticket.facts);
    }
    Ok(())
}

/// Whether a timed rule would be tried by now.
fn is_time(moment: &RuleMoment, ticket: &Seen, now: Timestamp) -> Result<(), String> {
    let RuleMoment::After { since, minutes } = moment else { return Ok(()) };
    let seconds = i64::from(*minutes) * 60;
    let from = super::commands::moment(ticket, *since);
    let come = match since {
        Since::Due => from.is_some_and(|due| due > now && now.seconds_until(due) <= seconds),
        _ => from.is_some_and(|from| from.seconds_until(now) >= seconds),
    };
    if come { Ok(()) } else { Err("its time has not come".to_owned()) }
}

/// What an action would change, or that it changes nothing.
fn difference(action: &RuleAction, ticket: &Seen, names: &Names) -> String {
    let changes = |field: &str, from: &str, to: &str| {
        if from == to { format!("{field} stays {to}") } else { format!("{field}: {from} → {to}") }
    };
    match action {
        RuleAction::SetStatus { status, .. } => changes("Status", ticket.status.label(), status.label()),
        RuleAction::SetPriority { priority } => changes("Priority", ticket.priority.label(), priority.label()),
        RuleAction::RaisePriority => changes("Priority", ticket.priority.label(), ticket.priority.raised().label()),
        RuleAction::AssignTo { user } => {
            changes("Assignee", ticket.assignee_name.as_deref().unwrap_or("nobody"), &names.of(user.0))
        }
        RuleAction::AddTag { tag } if ticket.tags.contains(tag) => format!("tagged {tag} already"),
        RuleAction::SetField { key, value } => format!("{key} → {}", value.as_ref().map(show).unwrap_or_default()),
        action => action_in_words(action, names),
    }
}

/// Everyone who works tickets, by name.
pub async fn list_workers(desk: &Desk, actor: &Actor) -> Result<Vec<Worker>> {
    actor.require(Permission::QueueManage)?;
    let workers = sqlx::query_as!(
        Worker,
        r#"SELECT u.id AS "id: UserId", coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS "name!", u.skills,
             u.calendar_id AS "calendar_id: CalendarId", u.away
           FROM users u WHERE u.active AND u.deleted_at IS NULL AND EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
             WHERE ur.user_id = u.id AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all'])
           ORDER BY 2, u.id LIMIT 500"#
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(workers)
}
