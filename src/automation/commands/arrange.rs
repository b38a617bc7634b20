//! Making, changing and removing rules; whom tickets are given to.

use crate::audit::{self, AuditEntry};
use crate::automation::names::Book;
use crate::automation::queries::RULES_MAX;
use crate::automation::{
    BY, Comparison, Condition, Fact, FactName, RULE_MINUTES, Recipient, Rule, RuleAction, RuleId, RuleMoment, Test,
};
use crate::desk::Desk;
use crate::macros::rules::check_placeholders;
use crate::people::{UserId, queries::check_works_tickets};
use crate::queues::AssignmentRule;
use crate::sla::CalendarId;
use crate::tickets::rules::check_tags;
use crate::tickets::{COMMENT_MAX, TicketPriority, TicketSource, TicketStatus};
use crate::{Actor, Error, Permission, Result, Validation, bounded};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::PgConnection;

/// A rule has so many tests and actions at most, and its tests stand so deep.
const TESTS_MAX: usize = 100;
const ACTIONS_MAX: usize = 20;
const DEPTH_MAX: usize = 8;
const VALUES_MAX: usize = 50;

/// A rule as it is written: queues, people, organisations, webhooks and macros by their names or their identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleForm {
    pub name: String,
    #[serde(default)]
    pub enabled: bool,
    #[serde(default)]
    pub position: i32,
    #[serde(default)]
    pub stops: bool,
    /// `{"on": ["CREATED", …]}` or `{"since": "STATUS", "minutes": 4320}`.
    pub moment: Value,
    #[serde(default = "always")]
    pub condition: Value,
    pub actions: Vec<Value>,
}

fn always() -> Value {
    serde_json::json!({ "all": [] })
}

impl RuleForm {
    pub(in crate::automation) fn of(rule: &Rule, book: &Book) -> Result<Self> {
        let mut condition = serde_json::to_value(&rule.condition).map_err(Error::internal)?;
        book.condition_by_name(&mut condition);
        let mut actions = Vec::new();
        for action in &rule.actions {
            let mut action = serde_json::to_value(action).map_err(Error::internal)?;
            book.action_by_name(&mut action);
            actions.push(action);
        }
        Ok(Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            position: rule.position,
            stops: rule.stops,
            moment: serde_json::to_value(&rule.moment).map_err(Error::internal)?,
            condition,
            actions,
        })
    }
}

/// A rule that was read and found to make sense.
pub struct ParsedRule {
    name: String,
    pub moment: RuleMoment,
    pub condition: Condition,
    pub actions: Vec<RuleAction>,
}

/// Reads a rule; invalid with each place that is wrong.
pub(in crate::automation) fn parse_rule(form: &RuleForm, book: &Book) -> Result<ParsedRule> {
    let mut wrong = Validation::default();
    let name = wrong.take(bounded("name", &form.name, 100));
    let moment = wrong.try_take(parse_moment(&form.moment));
    let condition = wrong.try_take(parse_condition(&form.condition, moment.as_ref(), book));
    if form.actions.is_empty() || form.actions.len() > ACTIONS_MAX {
        let message = format!("A rule does something, and at most {ACTIONS_MAX} things.");
        wrong.take::<()>(Err(Error::invalid("actions", message)));
    }
    let mut actions = Vec::new();
    for (place, action) in form.actions.iter().enumerate().take(ACTIONS_MAX) {
        actions.extend(wrong.try_take(parse_action(&format!("actions[{place}]"), action, book)));
    }
    wrong.finish()?;
    let incomplete = || Error::internal("a rule without its parts was found right");
    Ok(ParsedRule {
        name,
        moment: moment.ok_or_else(incomplete)?,
        condition: condition.ok_or_else(incomplete)?,
        actions,
    })
}

fn parse_moment(value: &Value) -> Result<RuleMoment> {
    let wrong = |message: String| Err(Error::invalid("moment", message));
    match serde_json::from_value::<RuleMoment>(value.clone()) {
        Err(_) => wrong(
            r#"{"on": ["CREATED"]} or {"since": "STATUS", "minutes": 4320}, please; see docs/automation.md for the words."#
                .to_owned(),
        ),
        Ok(RuleMoment::On { on }) if on.is_empty() => wrong("When is it tried? Choose at least one event.".to_owned()),
        Ok(RuleMoment::After { minutes, .. }) if !RULE_MINUTES.contains(&minutes) => {
            wrong(format!("From {} minutes up to two years.", RULE_MINUTES.start()))
        }
        Ok(moment) => Ok(moment),
    }
}

fn parse_condition(value: &Value, moment: Option<&RuleMoment>, book: &Book) -> Result<Condition> {
    let mut value = value.clone();
    book.condition_by_id(&mut value).map_err(|error| renamed(error, "condition"))?;
    let condition: Condition =
        serde_json::from_value(value).map_err(|error| Error::invalid("condition", error.to_string()))?;
    let mut tests = 0;
    check_condition(&condition, moment, DEPTH_MAX, &mut tests)?;
    Ok(condition)
}

fn check_condition(condition: &Condition, moment: Option<&RuleMoment>, depth: usize, tests: &mut usize) -> Result<()> {
    if depth == 0 {
        return Err(Error::invalid("condition", format!("Conditions stand at most {DEPTH_MAX} deep.")));
    }
    match condition {
        Condition::All(inner) | Condition::Any(inner) => {
            inner.iter().try_for_each(|one| check_condition(one, moment, depth - 1, tests))
        }
        Condition::Not(inner) => check_condition(inner, moment, depth - 1, tests),
        Condition::Test(test) => {
            *tests += 1;
            if *tests > TESTS_MAX {
                return Err(Error::invalid("condition", format!("At most {TESTS_MAX} conditions, please.")));
            }
            check_test(test, moment)
        }
    }
}

fn check_test(test: &Test, moment: Option<&RuleMoment>) -> Result<()> {
    let wrong = |message: String| Err(Error::invalid("condition", format!("{}: {message}", test.field)));
    if test.is.takes_values() && test.values.is_empty() {
        return wrong("with what is it compared?".to_owned());
    }
    if !test.is.takes_values() && !test.values.is_empty() {
        return wrong(format!("“{}” compares with nothing.", test.is.label()));
    }
    if test.values.len() > VALUES_MAX || test.values.iter().any(|value| value.trim().is_empty() || value.len() > 500) {
        return wrong(format!("up to {VALUES_MAX} values, each of up to 500 characters."));
    }
    let FactName::Known(fact) = &test.field else { return Ok(()) };
    let is_about_an_event = test.before || test.is == Comparison::Changed || matches!(fact, Fact::By | Fact::Comment);
    if is_about_an_event && matches!(moment, Some(RuleMoment::After { .. })) {
        return wrong("nothing happens when a time has come: only events know who did what.".to_owned());
    }
    if (test.before || test.is == Comparison::Changed) && fact.history_field().is_none() {
        return wrong("nobody keeps what it was before.".to_owned());
    }
    if !matches!(test.is, Comparison::Is | Comparison::IsNot) {
        return Ok(());
    }
    let word = |known: &[&str]| match test.values.iter().find(|value| !known.contains(&value.as_str())) {
        Some(value) => wrong(format!("“{value}” is none of {}.", known.join(", "))),
        None => Ok(()),
    };
    match fact {
        Fact::Status => word(&TicketStatus::ALL.iter().map(|status| status.as_str()).collect::<Vec<_>>()),
        Fact::Priority => word(&TicketPriority::ALL.iter().map(|priority| priority.as_str()).collect::<Vec<_>>()),
        Fact::Source => word(&TicketSource::ALL.iter().map(|source| source.as_str()).collect::<Vec<_>>()),
        Fact::By => word(&BY),
        _ => Ok(()),
    }
}

fn parse_action(field: &str, value: &Value, book: &Book) -> Result<RuleAction> {
    let mut value = value.clone();
    book.action_by_id(&mut value).map_err(|error| renamed(error, field))?;
    let action: RuleAction = serde_json::from_value(value).map_err(|error| Error::invalid(field, error.to_string()))?;
    let text = |text: &str, max: usize| -> Result<()> {
        bounded("comment", text, max).and_then(|text| check_placeholders(&text)).map_err(|error| renamed(error, field))
    };
    match &action {
        RuleAction::Reply { text: said } | RuleAction::Note { text: said } => text(said, COMMENT_MAX)?,
        RuleAction::Notify { text: said, .. } => text(said, 300)?,
        RuleAction::SetStatus { status: TicketStatus::Resolved | TicketStatus::Cancelled, text: None } => {
            return Err(Error::invalid(field, "What solved it, or why is it cancelled? Say it as its text."));
        }
        RuleAction::SetStatus { text: Some(said), .. } => text(said, 2000)?,
        RuleAction::AddTag { tag } | RuleAction::RemoveTag { tag } => {
            check_tags(std::slice::from_ref(tag)).map_err(|_| Error::invalid(field, "This is no tag."))?;
        }
        RuleAction::AssignBy { rule: AssignmentRule::None } => {
            return Err(Error::invalid(field, "By which rule is it given out?"));
        }
        _ => {}
    }
    // As it will stand in the ticket.
    Ok(match action {
        RuleAction::AddTag { tag } => RuleAction::AddTag { tag: tag.trim().to_lowercase() },
        RuleAction::RemoveTag { tag } => RuleAction::RemoveTag { tag: tag.trim().to_lowercase() },
        action => action,
    })
}

fn renamed(error: Error, field: &str) -> Error {
    match error {
        Error::Invalid(_) => Error::invalid(field, error.to_string()),
        other => other,
    }
}

/// Makes a rule, or changes one; `version` is the one that was read. A timed rule that is changed looks at every ticket
/// again; what it did stays done.
pub async fn save_rule(desk: &Desk, actor: &Actor, changes: Option<(RuleId, i32)>, form: &RuleForm) -> Result<RuleId> {
    actor.require(Permission::SettingsManage)?;
    let book = Book::read(&desk.db).await?;
    let parsed = parse_rule(form, &book)?;
    let mut tx = desk.db.begin().await?;
    let id = write_rule(&mut tx, actor, changes, form, &parsed).await?;
    check_count(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

async fn write_rule(
    tx: &mut PgConnection,
    actor: &Actor,
    changes: Option<(RuleId, i32)>,
    form: &RuleForm,
    parsed: &ParsedRule,
) -> Result<RuleId> {
    check_named(&mut *tx, &parsed.actions).await?;
    let before = audit::row(tx, "rules", changes.map(|(id, _)| id.0)).await?;
    let id = match changes {
        Some((id, version)) => {
            let known = sqlx::query_scalar!("SELECT version FROM rules WHERE id = $1 FOR UPDATE", id as _);
            let current = known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
            if current != version {
                return Err(Error::Conflict { current });
            }
            id
        }
        None => RuleId::new(),
    };
    let value = |value: serde_json::Result<Value>| value.map_err(Error::internal);
    sqlx::query!(
        "INSERT INTO rules (id, name, enabled, position, stops, moment, condition, actions, created_by_id, updated_by_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, enabled = EXCLUDED.enabled, position = EXCLUDED.position,
           stops = EXCLUDED.stops, moment = EXCLUDED.moment, condition = EXCLUDED.condition, actions = EXCLUDED.actions,
           seen_at = CASE WHEN (rules.moment, rules.condition) = (EXCLUDED.moment, EXCLUDED.condition) THEN rules.seen_at ELSE '-infinity' END,
           updated_by_id = EXCLUDED.updated_by_id, version = rules.version + 1",
        id as _,
        parsed.name,
        form.enabled,
        form.position,
        form.stops,
        value(serde_json::to_value(&parsed.moment))?,
        value(serde_json::to_value(&parsed.condition))?,
        value(serde_json::to_value(&parsed.actions))?,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    let after = audit::row(tx, "rules", Some(id.0)).await?;
    let entry = AuditEntry::new("SAVE", "RULE").entity(id).describe(&parsed.name).difference(&before, &after);
    audit::record(&mut *tx, actor, entry).await?;
    Ok(id)
}

async fn check_count(tx: &mut PgConnection) -> Result<()> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM rules"#).fetch_one(tx).await?;
    if count > RULES_MAX {
        return Err(Error::invalid("name", format!("At most {RULES_MAX} rules, please.")));
    }
    Ok(())
}

/// Roles, custom fields, retired queues and people who no longer work tickets: what a name alone does not tell.
async fn check_named(tx: &mut PgConnection, actions: &[RuleAction]) -> Result<()> {
    for (place, action) in actions.iter().enumerate() {
        let field = format!("actions[{place}]");
        match action {
            RuleAction::AssignTo { user } | RuleAction::Notify { to: Recipient::User(user), .. } => {
                check_works_tickets(&mut *tx, *user, &field).await?;
            }
            RuleAction::Notify { to: Recipient::Role(role), .. } => {
                let known =
                    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM roles WHERE name = $1) AS "known!""#, role);
                if !known.fetch_one(&mut *tx).await? {
                    return Err(Error::invalid(&field, format!("There is no role {role}.")));
                }
            }
            RuleAction::SetQueue { queue } => {
                let active = sqlx::query_scalar!("SELECT active FROM queues WHERE id = $1", *queue as _);
                if active.fetch_optional(&mut *tx).await? != Some(true) {
                    return Err(Error::invalid(&field, "This queue is retired."));
                }
            }
            RuleAction::SetField { key, .. } => {
                let known = sqlx::query_scalar!(
                    r#"SELECT EXISTS (SELECT FROM custom_fields WHERE key = $1 AND deleted_at IS NULL) AS "known!""#,
                    key
                );
                if !known.fetch_one(&mut *tx).await? {
                    return Err(Error::invalid(&field, format!("There is no field {key}.")));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Turns a rule on or off.
pub async fn enable_rule(desk: &Desk, actor: &Actor, id: RuleId, enabled: bool) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let changed = sqlx::query!(
        "UPDATE rules SET enabled = $2, version = version + 1, updated_by_id = $3 WHERE id = $1",
        id as _,
        enabled,
        actor.user_id as _
    );
    if changed.execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let what = if enabled { "ENABLE" } else { "DISABLE" };
    audit::record(&mut *tx, actor, AuditEntry::new(what, "RULE").entity(id)).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a rule with its log.
pub async fn delete_rule(desk: &Desk, actor: &Actor, id: RuleId) -> Result<()> {
    actor.require(Permission::SettingsManage)?;
    let mut tx = desk.db.begin().await?;
    let before = audit::row(&mut tx, "rules", Some(id.0)).await?;
    if sqlx::query!("DELETE FROM rules WHERE id = $1", id as _).execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "RULE").entity(id).difference(&before, &Value::Null))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes rules over that were exported, all of them or none. They come turned off: what did no harm elsewhere may do some
/// here. One whose name is taken replaces none.
pub async fn import_rules(desk: &Desk, actor: &Actor, forms: &[RuleForm]) -> Result<usize> {
    actor.require(Permission::SettingsManage)?;
    if forms.len() as i64 > RULES_MAX {
        return Err(Error::invalid("rules", format!("At most {RULES_MAX} rules, please.")));
    }
    let book = Book::read(&desk.db).await?;
    let mut tx = desk.db.begin().await?;
    for (place, form) in forms.iter().enumerate() {
        let at = |error: Error| match error {
            Error::Invalid(_) => Error::invalid(&format!("rules[{place}]"), format!("{}: {error}", form.name)),
            other => other,
        };
        let form = RuleForm { enabled: false, ..form.clone() };
        let parsed = parse_rule(&form, &book).map_err(at)?;
        write_rule(&mut tx, actor, None, &form, &parsed).await.map_err(at)?;
    }
    check_count(&mut tx).await?;
    tx.commit().await?;
    Ok(forms.len())
}

/// What someone knows, and the hours in which they work: whom a queue's rule gives tickets to.
pub async fn set_assignment(
    desk: &Desk,
    actor: &Actor,
    person: UserId,
    skills: &[String],
    calendar: Option<CalendarId>,
) -> Result<()> {
    actor.require(Permission::QueueManage)?;
    let skills = check_tags(skills).map_err(|error| renamed(error, "skills"))?;
    let mut tx = desk.db.begin().await?;
    check_works_tickets(&mut tx, person, "user_id").await?;
    if let Some(calendar) = calendar {
        let known = sqlx::query_scalar!("SELECT id FROM calendars WHERE id = $1", calendar as _);
        known
            .fetch_optional(&mut *tx)
            .await?
            .ok_or_else(|| Error::invalid("calendar_id", "There is no such calendar."))?;
    }
    sqlx::query!("UPDATE users SET skills = $2, calendar_id = $3 WHERE id = $1", person as _, &skills, calendar as _)
        .execute(&mut *tx)
        .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("UPDATE", "USER").entity(person).describe("skills, hours")).await?;
    tx.commit().await?;
    Ok(())
}
