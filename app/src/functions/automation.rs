//! Automation: rules, and whom tickets are given to.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::Timestamp;
use oxdesk::automation::rules::Names;
use oxdesk::automation::written::{WrittenAction, WrittenTest};
use oxdesk::automation::{Rule, RuleRun, Tried, Worker};
use oxdesk::sla::CalendarId;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::automation::commands::{self, RuleForm};
#[cfg(feature = "ssr")]
use oxdesk::automation::{RuleId, queries, written};
#[cfg(feature = "ssr")]
use oxdesk::{Error, tickets};
#[cfg(feature = "ssr")]
use serde_json::json;

/// A dry run on the page looks at so many tickets.
#[cfg(feature = "ssr")]
const TRIED: i64 = 100;

/// Everything that the page about automation shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    pub rules: Vec<Rule>,
    pub names: Names,
    pub workers: Vec<Worker>,
    pub calendars: Vec<(CalendarId, String)>,
    /// What may be written into the forms: custom fields by their keys, and words and names for values.
    pub fields: Vec<(String, String)>,
    pub words: Vec<String>,
    /// Where they are asked for.
    pub tried: Option<Vec<Tried>>,
    pub log: Option<Vec<RuleRun>>,
    pub export: Option<String>,
    pub now: Timestamp,
}

/// `tried` and `log` name a rule; `export` asks for all of them as text.
#[server(prefix = "/fn", endpoint = "read_automation")]
pub async fn read_automation(tried: Option<String>, log: Option<String>, export: bool) -> Result<Automation> {
    let (desk, actor) = (desk()?, actor());
    let (rules, names) = queries::list_rules(&desk, &actor).await?;
    let exported = queries::export_rules(&desk, &actor).await?;
    let tried = match tried.and_then(|id| id.parse::<RuleId>().ok()) {
        Some(id) => {
            let at = rules.iter().position(|rule| rule.id == id).ok_or(Error::NotFound)?;
            Some(queries::dry_run(&desk, &actor, &exported[at], TRIED).await?)
        }
        None => None,
    };
    let log = match log.and_then(|id| id.parse::<RuleId>().ok()) {
        Some(id) => {
            let lines = queries::rule_log(&desk, &actor, Some(id), None, true).await?;
            Some(lines.into_iter().map(|(_, line)| line).collect())
        }
        None => None,
    };
    let fields = oxdesk::fields::queries::list_fields(&desk, &actor).await?;
    let calendars = oxdesk::sla::queries::list_calendars(&desk, &actor).await?;
    let categories = oxdesk::categories::queries::list_categories(&desk, &actor).await?;
    let roles = oxdesk::people::queries::role_names(&desk, &actor).await?;
    let mut words: Vec<String> = names.0.values().cloned().collect();
    words.extend(tickets::TicketStatus::ALL.iter().map(|status| status.label().to_owned()));
    words.extend(tickets::TicketPriority::ALL.iter().map(|priority| priority.label().to_owned()));
    words.extend(oxdesk::queues::AssignmentRule::ALL.iter().skip(1).map(|rule| rule.label().to_owned()));
    words.extend(categories.into_iter().map(|category| category.name));
    words.extend(roles.into_iter().map(|role| format!("role:{role}")));
    words.extend(
        ["assignee", "queue", "REQUESTER", "AGENT", "DESK", "MACHINE", "EMAIL", "FORM", "API", "PHONE"]
            .map(str::to_owned),
    );
    words.sort();
    words.dedup();
    let export = match export {
        true => Some(serde_json::to_string_pretty(&exported).map_err(Error::internal)?),
        false => None,
    };
    Ok(Automation {
        rules,
        names,
        workers: queries::list_workers(&desk, &actor).await?,
        calendars: calendars.into_iter().map(|calendar| (calendar.id, calendar.name)).collect(),
        fields: fields.into_iter().filter(|field| !field.is_deleted).map(|field| (field.key, field.label)).collect(),
        words,
        tried,
        log,
        export,
        now: Timestamp::now(),
    })
}

/// A rule's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    /// Ticked, as the next.
    pub enabled: Option<String>,
    pub stops: Option<String>,
    pub position: String,
    /// Events, where nothing is counted from.
    pub on: Vec<String>,
    pub since: String,
    pub minutes: String,
    pub tests: Vec<WrittenTest>,
    /// A tree that lines cannot say stays what it is.
    pub keeps_condition: Option<String>,
    pub actions: Vec<WrittenAction>,
}

#[server(prefix = "/fn", endpoint = "save_rule")]
pub async fn save_rule(rule: RuleFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    let changes = rule.id.as_ref().map(|id| id.parse()).transpose()?.map(|id: RuleId| (id, rule.version));
    let fields = oxdesk::fields::queries::list_fields(&desk, &actor).await?;
    let mut form = form(&rule, &fields)?;
    if let (Some(_), Some((id, _))) = (&rule.keeps_condition, changes) {
        let (rules, _) = queries::list_rules(&desk, &actor).await?;
        let known = rules.into_iter().find(|rule| rule.id == id).ok_or(Error::NotFound)?;
        form.condition = serde_json::to_value(known.condition).map_err(Error::internal)?;
    }
    commands::save_rule(&desk, &actor, changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "enable_rule")]
pub async fn enable_rule(id: String, enabled: bool) -> Result<()> {
    Ok(commands::enable_rule(&desk()?, &actor(), id.parse()?, enabled).await?)
}

#[server(prefix = "/fn", endpoint = "delete_rule")]
pub async fn delete_rule(id: String) -> Result<()> {
    Ok(commands::delete_rule(&desk()?, &actor(), id.parse()?).await?)
}

/// Rules as they were exported.
#[server(prefix = "/fn", endpoint = "import_rules")]
pub async fn import_rules(rules: String) -> Result<()> {
    let forms: Vec<RuleForm> = serde_json::from_str(&rules)
        .map_err(|error| Error::invalid("rules", format!("These are no rules as the desk exports them: {error}.")))?;
    commands::import_rules(&desk()?, &actor(), &forms).await?;
    Ok(())
}

/// Skills separated by commas.
#[server(prefix = "/fn", endpoint = "set_assignment")]
pub async fn set_assignment(person: String, skills: String, calendar_id: String) -> Result<()> {
    let calendar = Some(calendar_id).filter(|id| !id.is_empty()).map(|id| id.parse()).transpose()?;
    let skills: Vec<String> = skills.split(',').map(str::to_owned).collect();
    Ok(commands::set_assignment(&desk()?, &actor(), person.parse()?, &skills, calendar).await?)
}

#[cfg(feature = "ssr")]
fn form(rule: &RuleFields, fields: &[oxdesk::fields::Field]) -> oxdesk::Result<RuleForm> {
    let moment = match written::read_since(&rule.since)? {
        Some(since) => json!({ "since": since, "minutes": written::read_minutes(&rule.minutes)? }),
        None => json!({ "on": rule.on }),
    };
    let mut actions = Vec::new();
    for (place, line) in rule.actions.iter().enumerate() {
        actions.extend(written::read_action(place, line, fields)?);
    }
    let number = |text: &str| match text.trim() {
        "" => Ok(0),
        text => text.parse().map_err(|_| Error::invalid("position", "A whole number, please.")),
    };
    Ok(RuleForm {
        name: rule.name.clone(),
        enabled: rule.enabled.is_some(),
        position: number(&rule.position)?,
        stops: rule.stops.is_some(),
        moment,
        condition: serde_json::to_value(written::read_condition(&rule.tests)?).map_err(Error::internal)?,
        actions,
    })
}
