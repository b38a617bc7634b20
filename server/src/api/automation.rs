//! Automation: rules, what they did and would do.

use super::extract::{Json, Path, Query};
use super::problem::{ReadRefused, Result, WriteRefused};
use super::queues::{Answer, Saved, id, made};
use crate::host::AppState;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use oxdesk::Actor;
use oxdesk::automation::commands::{self, RuleForm};
use oxdesk::automation::{RuleId, RuleRunId, queries, rules::sentence};
use oxdesk::sla::CalendarId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What the desk does by itself. Queues, people, organisations, webhooks and macros stand by their names.
#[derive(Serialize, ToSchema)]
pub struct Rule {
    id: Uuid,
    version: i32,
    /// The rule in words.
    sentence: String,
    rule: RuleTerms,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleTerms {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[serde(default)]
    enabled: bool,
    /// They are tried in this order.
    #[serde(default)]
    position: i32,
    /// Once it has fired, no later one is tried on the same event.
    #[serde(default)]
    stops: bool,
    /// {"on": ["CREATED", "UPDATED", "REPLIED", "NOTED", "DUE_SOON", "BREACHED", "RETURNED", "RATED"]}, or
    /// {"since": "CREATED" | "STATUS" | "WAITS" | "DUE", "minutes": 4320}.
    #[schema(value_type = Object)]
    moment: serde_json::Value,
    /// {"all": []}, {"any": []}, {"not": {}}, or {"field": "subject", "is": "CONTAINS", "values": ["vpn"]}.
    #[serde(default = "always")]
    #[schema(value_type = Object)]
    condition: serde_json::Value,
    /// {"do": "set_priority", "priority": "HIGH"} and others; docs/automation.md names all of them.
    #[schema(value_type = Vec<Object>)]
    actions: Vec<serde_json::Value>,
}

fn always() -> serde_json::Value {
    serde_json::json!({ "all": [] })
}

impl From<RuleTerms> for RuleForm {
    fn from(terms: RuleTerms) -> Self {
        Self {
            name: terms.name,
            enabled: terms.enabled,
            position: terms.position,
            stops: terms.stops,
            moment: terms.moment,
            condition: terms.condition,
            actions: terms.actions,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RulePage {
    data: Vec<Rule>,
    next: Option<String>,
}

/// The rules, in the order in which they are tried.
#[utoipa::path(get, path = "/rules", tag = "automation", responses((status = 200, body = RulePage), ReadRefused))]
pub async fn list_rules(State(state): State<AppState>, Extension(actor): Extension<Actor>) -> Answer<RulePage> {
    let (rules, names) = queries::list_rules(&state.desk, &actor).await?;
    let forms = queries::export_rules(&state.desk, &actor).await?;
    let one = |(rule, form): (oxdesk::automation::Rule, RuleForm)| Rule {
        id: rule.id.0,
        version: rule.version,
        sentence: sentence(&rule, &names),
        rule: RuleTerms {
            name: form.name,
            enabled: form.enabled,
            position: form.position,
            stops: form.stops,
            moment: form.moment,
            condition: form.condition,
            actions: form.actions,
        },
    };
    // Both come in the same order; a rule that was made in between is left out.
    let data = rules.into_iter().zip(forms).filter(|(rule, form)| rule.name == form.name).map(one).collect();
    Ok(axum::Json(RulePage { data, next: None }))
}

/// Makes a rule.
#[utoipa::path(post, path = "/rules", tag = "automation", request_body = RuleTerms, responses((status = 201, body = Saved), WriteRefused))]
pub async fn create_rule(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<RuleTerms>,
) -> Result<(StatusCode, axum::Json<Saved>)> {
    made(commands::save_rule(&state.desk, &actor, None, &input.into()).await?.0)
}

/// A changed rule, with the version that was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    version: i32,
    rule: RuleTerms,
}

/// Replaces a rule. A timed one whose moment or condition changes looks at every ticket again; what it did stays done.
#[utoipa::path(put, path = "/rules/{rule_id}", tag = "automation", params(("rule_id" = Uuid, Path)), request_body = RuleChange, responses((status = 200, body = Saved), WriteRefused))]
pub async fn change_rule(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(rule): Path<String>,
    Json(input): Json<RuleChange>,
) -> Answer<Saved> {
    let changes = Some((id(&rule)?, input.version));
    let saved = commands::save_rule(&state.desk, &actor, changes, &input.rule.into()).await?;
    Ok(axum::Json(Saved { id: saved.0 }))
}

/// Removes a rule with its log.
#[utoipa::path(delete, path = "/rules/{rule_id}", tag = "automation", params(("rule_id" = Uuid, Path)), responses((status = 204), WriteRefused))]
pub async fn delete_rule(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(rule): Path<String>,
) -> Result<StatusCode> {
    commands::delete_rule(&state.desk, &actor, id(&rule)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct Imported {
    rules: usize,
}

/// Takes over rules as they are listed (their `rule`), all of them or none; they come turned off.
#[utoipa::path(post, path = "/rules/import", tag = "automation", request_body = Vec<RuleTerms>, responses((status = 201, body = Imported), WriteRefused))]
pub async fn import_rules(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<Vec<RuleTerms>>,
) -> Result<(StatusCode, axum::Json<Imported>)> {
    let forms: Vec<RuleForm> = input.into_iter().map(Into::into).collect();
    let rules = commands::import_rules(&state.desk, &actor, &forms).await?;
    Ok((StatusCode::CREATED, axum::Json(Imported { rules })))
}

/// A rule to be tried, on so many of the tickets that changed last.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DryRun {
    rule: RuleTerms,
    #[serde(default = "hundred")]
    #[schema(minimum = 1, maximum = 200)]
    tickets: i64,
}

fn hundred() -> i64 {
    100
}

#[derive(Serialize, ToSchema)]
pub struct Tried {
    ticket_number: String,
    subject: String,
    fires: bool,
    /// What would be done, or why it would not.
    said: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct TriedPage {
    data: Vec<Tried>,
    next: Option<String>,
}

/// What a rule would do, were it tried now. Nothing is done.
#[utoipa::path(post, path = "/rules/dry-run", tag = "automation", request_body = DryRun, responses((status = 200, body = TriedPage), WriteRefused))]
pub async fn dry_run(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Json(input): Json<DryRun>,
) -> Answer<TriedPage> {
    let tried = queries::dry_run(&state.desk, &actor, &input.rule.into(), input.tickets).await?;
    let one = |tried: oxdesk::automation::Tried| Tried {
        ticket_number: tried.ticket_number.to_string(),
        subject: tried.subject,
        fires: tried.fires,
        said: tried.said,
    };
    Ok(axum::Json(TriedPage { data: tried.into_iter().map(one).collect(), next: None }))
}

#[derive(Serialize, ToSchema)]
pub struct RuleRun {
    id: Uuid,
    rule_id: Uuid,
    ticket_number: String,
    subject: String,
    /// FIRED, FAILED, LOOP (it would have fired on its own doing) or MISSED.
    outcome: String,
    /// What was done, or why it was not.
    said: Vec<String>,
    created_at: String,
}

#[derive(Serialize, ToSchema)]
pub struct RuleRunPage {
    data: Vec<RuleRun>,
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct LogQuery {
    /// The last page's `next`.
    after: Option<Uuid>,
    /// Also on what it did not fire, and why.
    #[serde(default)]
    misses: bool,
}

/// What a rule did, newest first.
#[utoipa::path(get, path = "/rules/{rule_id}/log", tag = "automation", params(("rule_id" = Uuid, Path), LogQuery), responses((status = 200, body = RuleRunPage), ReadRefused))]
pub async fn rule_log(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(rule): Path<String>,
    Query(query): Query<LogQuery>,
) -> Answer<RuleRunPage> {
    let rule: RuleId = id(&rule)?;
    let log = queries::rule_log(&state.desk, &actor, Some(rule), query.after.map(RuleRunId), query.misses).await?;
    let next = (log.len() == 100).then(|| log.last().map(|(id, _)| id.to_string())).flatten();
    let one = |(id, run): (RuleRunId, oxdesk::automation::RuleRun)| RuleRun {
        id: id.0,
        rule_id: run.rule_id.0,
        ticket_number: run.ticket_number.to_string(),
        subject: run.subject,
        outcome: run.outcome.to_string(),
        said: run.said,
        created_at: run.created_at.to_string(),
    };
    Ok(axum::Json(RuleRunPage { data: log.into_iter().map(one).collect(), next }))
}

/// What someone knows, and the hours in which they work.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Compared with a ticket's tags.
    #[schema(max_items = 20)]
    skills: Vec<String>,
    /// At any hour, without one.
    calendar_id: Option<Uuid>,
}

/// Decides which tickets a queue's rule gives to someone.
#[utoipa::path(put, path = "/users/{user_id}/assignment", tag = "automation", params(("user_id" = Uuid, Path)), request_body = Assignment, responses((status = 204), WriteRefused))]
pub async fn set_assignment(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Path(user): Path<String>,
    Json(input): Json<Assignment>,
) -> Result<StatusCode> {
    let calendar = input.calendar_id.map(CalendarId);
    commands::set_assignment(&state.desk, &actor, id(&user)?, &input.skills, calendar).await?;
    Ok(StatusCode::NO_CONTENT)
}
