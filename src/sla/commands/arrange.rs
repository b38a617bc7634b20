//! Making, changing and removing policies and calendars.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::OrganisationId;
use crate::sla::rules::OpenHours;
use crate::sla::{Calendar, CalendarId, MINUTES_MAX, Moment, SlaPolicyId, SlaTarget, StepAction};
use crate::tickets::{QueueId, TicketPriority, TicketStatus};
use crate::{Actor, Error, Permission, Result, Validation, bounded, jobs, optional};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;

/// A policy may have so many steps.
const STEPS_MAX: usize = 30;
/// A step may do so much.
const ACTIONS_MAX: usize = 10;

/// What is asked of a policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyForm {
    pub name: String,
    pub description: Option<String>,
    pub priority: String,
    /// Minutes of working time, as the next two are.
    pub first_response_time: i64,
    pub update_time: Option<i64>,
    pub resolution_time: i64,
    pub calendar_id: Option<CalendarId>,
    pub queue_id: Option<QueueId>,
    pub category: Option<String>,
    pub organisation_id: Option<OrganisationId>,
    pub tag: Option<String>,
    pub pauses_in: Vec<TicketStatus>,
    pub position: i32,
    pub active: bool,
    pub steps: Vec<StepForm>,
}

/// A step as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepForm {
    pub target: SlaTarget,
    #[serde(flatten)]
    pub moment: Moment,
    pub actions: Vec<StepAction>,
}

struct Checked {
    name: String,
    description: Option<String>,
    priority: TicketPriority,
    first_response_time: i32,
    update_time: Option<i32>,
    resolution_time: i32,
    category: Option<String>,
    tag: Option<String>,
    pauses_in: Vec<String>,
}

fn check(form: &PolicyForm) -> Result<Checked> {
    let mut wrong = Validation::default();
    let checked = Checked {
        name: wrong.take(bounded("name", &form.name, 200)),
        description: wrong.take(optional("description", form.description.as_deref(), 2000)),
        priority: wrong
            .try_take(form.priority.parse().map_err(|_| Error::invalid("priority", "LOW, MEDIUM, HIGH or CRITICAL.")))
            .unwrap_or(TicketPriority::Medium),
        first_response_time: wrong.take(minutes("first_response_time", form.first_response_time)),
        update_time: wrong.take(form.update_time.map(|time| minutes("update_time", time)).transpose()),
        resolution_time: wrong.take(minutes("resolution_time", form.resolution_time)),
        category: wrong.take(optional("category", form.category.as_deref(), 100)),
        tag: wrong.take(optional("tag", form.tag.as_deref(), 50)),
        pauses_in: form.pauses_in.iter().map(ToString::to_string).collect(),
    };
    if form.resolution_time < form.first_response_time {
        wrong.take::<()>(Err(Error::invalid("resolution_time", "A solution cannot be due before the first answer.")));
    }
    if let Some(status) = form.pauses_in.iter().find(|status| !status.is_open()) {
        let message = format!("{} stops every clock already.", status.label());
        wrong.take::<()>(Err(Error::invalid("pauses_in", message)));
    }
    if form.steps.len() > STEPS_MAX {
        wrong.take::<()>(Err(Error::invalid("steps", format!("At most {STEPS_MAX} steps."))));
    }
    for (place, step) in form.steps.iter().enumerate().take(STEPS_MAX) {
        wrong.take(check_step(&format!("steps[{place}]"), step, form));
    }
    wrong.finish()?;
    Ok(checked)
}

fn minutes(field: &str, minutes: i64) -> Result<i32> {
    let wrong = || Error::invalid(field, format!("Between 1 and {MINUTES_MAX} minutes of working time."));
    i32::try_from(minutes).ok().filter(|minutes| (1..=MINUTES_MAX).contains(minutes)).ok_or_else(wrong)
}

fn check_step(field: &str, step: &StepForm, form: &PolicyForm) -> Result<()> {
    let wrong = |message: &str| Err(Error::invalid(field, message));
    match step.moment {
        Moment::Share(share) if !(1..=500).contains(&share) => return wrong("A share is 1 to 500 percent of the way."),
        Moment::Minutes(minutes) if minutes.unsigned_abs() > MINUTES_MAX.unsigned_abs() => {
            return wrong("That is more than five years.");
        }
        _ => {}
    }
    if step.target == SlaTarget::Update && form.update_time.is_none() {
        return wrong("This policy promises no next answer.");
    }
    if step.actions.is_empty() || step.actions.len() > ACTIONS_MAX {
        return wrong("A step does something, and at most ten things.");
    }
    for action in &step.actions {
        if let StepAction::AddTag { tag } = action {
            crate::tickets::rules::check_tags(std::slice::from_ref(tag))
                .map_err(|_| Error::invalid(field, "This is no tag."))?;
        }
    }
    Ok(())
}

/// Makes a policy, or changes one; `version` is the one that was read. Where it runs, targets follow.
pub async fn save_policy(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(SlaPolicyId, i32)>,
    form: &PolicyForm,
) -> Result<SlaPolicyId> {
    actor.require(Permission::SlaManage)?;
    let checked = check(form)?;
    let mut tx = desk.db.begin().await?;
    check_named(&mut tx, form).await?;
    let before = audit::row(&mut tx, "sla_policies", changes.map(|(id, _)| id.0)).await?;
    let id = match changes {
        Some((id, version)) => {
            let known = sqlx::query_scalar!(
                "SELECT version FROM sla_policies WHERE id = $1 AND deleted_at IS NULL FOR UPDATE",
                id as _
            );
            let current = known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
            if current != version {
                return Err(Error::Conflict { current });
            }
            id
        }
        None => SlaPolicyId::new(),
    };
    sqlx::query!(
        "INSERT INTO sla_policies (id, name, description, priority, first_response_time, update_time, resolution_time, calendar_id, queue_id,
           category, organisation_id, tag, pauses_in, position, active, created_by_id, updated_by_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, description = EXCLUDED.description, priority = EXCLUDED.priority,
           first_response_time = EXCLUDED.first_response_time, update_time = EXCLUDED.update_time, resolution_time = EXCLUDED.resolution_time,
           calendar_id = EXCLUDED.calendar_id, queue_id = EXCLUDED.queue_id, category = EXCLUDED.category,
           organisation_id = EXCLUDED.organisation_id, tag = EXCLUDED.tag, pauses_in = EXCLUDED.pauses_in, position = EXCLUDED.position,
           active = EXCLUDED.active, updated_by_id = EXCLUDED.updated_by_id, version = sla_policies.version + 1",
        id as _,
        checked.name,
        checked.description,
        checked.priority as _,
        checked.first_response_time,
        checked.update_time,
        checked.resolution_time,
        form.calendar_id as _,
        form.queue_id as _,
        checked.category,
        form.organisation_id as _,
        checked.tag,
        &checked.pauses_in,
        form.position,
        form.active,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    write_steps(&mut tx, id, &form.steps).await?;
    let after = audit::row(&mut tx, "sla_policies", Some(id.0)).await?;
    let entry = AuditEntry::new("SAVE", "SLA_POLICY").entity(id).describe(&checked.name);
    audit::record(&mut *tx, actor, entry.difference(&before, &after)).await?;
    follow(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// The people, roles, queue, organisation and calendar that a policy names are there.
async fn check_named(tx: &mut PgConnection, form: &PolicyForm) -> Result<()> {
    let mut users = Vec::new();
    let mut roles = Vec::new();
    let mut webhooks = Vec::new();
    for action in form.steps.iter().flat_map(|step| &step.actions) {
        match action {
            StepAction::NotifyUser { user } | StepAction::AssignTo { user } => users.push(*user),
            StepAction::NotifyRole { role } => roles.push(role.clone()),
            StepAction::Webhook { webhook } => webhooks.push(*webhook),
            _ => {}
        }
    }
    let found = sqlx::query!(
        r#"SELECT ($1::uuid IS NULL OR EXISTS (SELECT FROM calendars WHERE id = $1)) AS "calendar!",
             ($2::uuid IS NULL OR EXISTS (SELECT FROM queues WHERE id = $2)) AS "queue!",
             ($3::uuid IS NULL OR EXISTS (SELECT FROM organisations WHERE id = $3)) AS "organisation!",
             NOT EXISTS (SELECT FROM unnest($4::uuid[]) AS named (id) WHERE NOT EXISTS (
               SELECT FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
               WHERE u.id = named.id AND u.active AND u.deleted_at IS NULL AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all'])) AS "users!",
             NOT EXISTS (SELECT FROM unnest($5::text[]) AS named (name) WHERE NOT EXISTS (SELECT FROM roles r WHERE r.name = named.name)) AS "roles!",
             NOT EXISTS (SELECT FROM unnest($6::uuid[]) AS named (id) WHERE NOT EXISTS (SELECT FROM webhooks w WHERE w.id = named.id)) AS "webhooks!""#,
        form.calendar_id as _,
        form.queue_id as _,
        form.organisation_id as _,
        &users as _,
        &roles,
        &webhooks as _,
    )
    .fetch_one(tx)
    .await?;
    let mut wrong = Validation::default();
    for (there, field, message) in [
        (found.calendar, "calendar_id", "There is no such calendar."),
        (found.queue, "queue_id", "There is no such queue."),
        (found.organisation, "organisation_id", "There is no such organisation."),
        (found.users, "steps", "A step names someone who works no tickets."),
        (found.roles, "steps", "A step names a role that there is not."),
        (found.webhooks, "steps", "A step names a webhook that there is not."),
    ] {
        if !there {
            wrong.take::<()>(Err(Error::invalid(field, message)));
        }
    }
    wrong.finish()
}

/// Steps that stay as they were stay themselves: what was done by them is not done again.
async fn write_steps(tx: &mut PgConnection, policy: SlaPolicyId, steps: &[StepForm]) -> Result<()> {
    let (mut targets, mut minutes, mut shares, mut actions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        targets.push(step.target.to_string());
        minutes.push(if let Moment::Minutes(minutes) = step.moment { Some(minutes) } else { None });
        shares.push(if let Moment::Share(share) = step.moment { Some(share) } else { None });
        actions.push(serde_json::to_value(&step.actions).map_err(Error::internal)?);
    }
    sqlx::query!(
        "WITH wanted AS (SELECT * FROM unnest($2::text[], $3::int[], $4::int[], $5::jsonb[]) AS w (target, minutes, share, actions)),
           retired AS (UPDATE sla_steps s SET retired = true WHERE s.sla_policy_id = $1 AND NOT s.retired AND NOT EXISTS (
             SELECT FROM wanted w WHERE w.target = s.target AND w.actions = s.actions
               AND (w.minutes, w.share) IS NOT DISTINCT FROM (s.minutes, s.share)))
         INSERT INTO sla_steps (sla_policy_id, target, minutes, share, actions)
         SELECT DISTINCT $1::uuid, w.target, w.minutes, w.share, w.actions FROM wanted w WHERE NOT EXISTS (
           SELECT FROM sla_steps s WHERE s.sla_policy_id = $1 AND NOT s.retired AND w.target = s.target AND w.actions = s.actions
             AND (w.minutes, w.share) IS NOT DISTINCT FROM (s.minutes, s.share))",
        policy as _,
        &targets,
        &minutes as _,
        &shares as _,
        &actions as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes a policy. Where it runs, it runs on: what was promised stays promised.
pub async fn delete_policy(desk: &Desk, actor: &Actor, id: SlaPolicyId) -> Result<()> {
    actor.require(Permission::SlaManage)?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "sla_policies", Some(id.0)).await?;
    let gone = sqlx::query!(
        "UPDATE sla_policies SET deleted_at = now(), active = false, version = version + 1 WHERE id = $1 AND deleted_at IS NULL",
        id as _
    )
    .execute(&mut *tx)
    .await?;
    if gone.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let entry = AuditEntry::new("DELETE", "SLA_POLICY").entity(id).difference(&before, &serde_json::Value::Null);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes a calendar, or changes one; answers with what was understood otherwise than written. Targets follow.
pub async fn save_calendar(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(CalendarId, i32)>,
    name: &str,
    calendar: &Calendar,
) -> Result<(CalendarId, Vec<String>)> {
    actor.require(Permission::SlaManage)?;
    let mut wrong = Validation::default();
    let name = wrong.take(bounded("name", name, 100));
    let hours = wrong.try_take(OpenHours::of(calendar));
    wrong.finish()?;
    let notes = hours.map(|hours| hours.notes().to_vec()).unwrap_or_default();
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "calendars", changes.map(|(id, _)| id.0)).await?;
    let id = match changes {
        Some((id, version)) => {
            let known = sqlx::query_scalar!("SELECT version FROM calendars WHERE id = $1 FOR UPDATE", id as _);
            let current = known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
            if current != version {
                return Err(Error::Conflict { current });
            }
            id
        }
        None => CalendarId::new(),
    };
    let value = |value: serde_json::Result<serde_json::Value>| value.map_err(Error::internal);
    sqlx::query!(
        "INSERT INTO calendars (id, name, time_zone, hours, holidays, changes) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, time_zone = EXCLUDED.time_zone, hours = EXCLUDED.hours,
           holidays = EXCLUDED.holidays, changes = EXCLUDED.changes, version = calendars.version + 1",
        id as _,
        name,
        calendar.time_zone,
        value(serde_json::to_value(&calendar.hours))?,
        value(serde_json::to_value(&calendar.holidays))?,
        value(serde_json::to_value(&calendar.changes))?,
    )
    .execute(&mut *tx)
    .await?;
    let after = audit::row(&mut tx, "calendars", Some(id.0)).await?;
    let entry = AuditEntry::new("SAVE", "CALENDAR").entity(id).describe(name).difference(&before, &after);
    audit::record(&mut *tx, actor, entry).await?;
    follow(&mut tx).await?;
    tx.commit().await?;
    Ok((id, notes))
}

/// Removes a calendar that no policy uses.
pub async fn delete_calendar(desk: &Desk, actor: &Actor, id: CalendarId) -> Result<()> {
    actor.require(Permission::SlaManage)?;
    let mut tx = desk.db.begin().await?;
    let used =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM sla_policies WHERE calendar_id = $1) AS "used!""#, id as _)
            .fetch_one(&mut *tx)
            .await?;
    if used {
        return Err(Error::invalid("id", "Policies count by this calendar, or did."));
    }
    let before = audit::row(&mut tx, "calendars", Some(id.0)).await?;
    if sqlx::query!("DELETE FROM calendars WHERE id = $1", id as _).execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let entry = AuditEntry::new("DELETE", "CALENDAR").entity(id).difference(&before, &serde_json::Value::Null);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Has the targets of every ticket that a policy runs on counted again.
async fn follow(tx: &mut PgConnection) -> Result<()> {
    jobs::enqueue(tx, jobs::RECOUNT_DEADLINES, &json!({}), "recount_deadlines").await
}
