//! Promises: calendars and policies.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::people::Person;
use oxdesk::sla::{NamedCalendar, SlaPolicy};
use oxdesk::tickets::Queue;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::Error;
#[cfg(feature = "ssr")]
use oxdesk::sla::commands::{PolicyForm, StepForm};
#[cfg(feature = "ssr")]
use oxdesk::sla::{Calendar, Moment, StepAction, commands, parse_holidays, parse_shifts, queries};
#[cfg(feature = "ssr")]
use oxdesk::tickets::TicketStatus;

/// Everything that the page about promises shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promises {
    pub policies: Vec<SlaPolicy>,
    pub calendars: Vec<NamedCalendar>,
    pub queues: Vec<Queue>,
    pub people: Vec<Person>,
    pub roles: Vec<String>,
    /// Names of categories and subcategories.
    pub categories: Vec<String>,
}

#[server(prefix = "/fn", endpoint = "read_promises")]
pub async fn read_promises() -> Result<Promises> {
    let (desk, actor) = (desk()?, actor());
    let policies = queries::list_policies(&desk, &actor).await?;
    let mut categories: Vec<String> = oxdesk::categories::queries::list_categories(&desk, &actor)
        .await?
        .into_iter()
        .map(|category| category.name)
        .collect();
    categories.sort();
    categories.dedup();
    Ok(Promises {
        policies,
        calendars: queries::list_calendars(&desk, &actor).await?,
        queues: oxdesk::tickets::queries::list_queues(&desk, &actor).await?,
        people: oxdesk::people::queries::assignable_people(&desk, &actor).await?,
        roles: oxdesk::people::queries::role_names(&desk, &actor).await?,
        categories,
    })
}

/// A policy's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub priority: String,
    /// Minutes, as the next two are.
    pub first_response_time: String,
    pub update_time: String,
    pub resolution_time: String,
    pub calendar_id: String,
    pub queue_id: String,
    pub category: String,
    pub tag: String,
    pub position: String,
    /// Ticked.
    pub stops_while_waiting: Option<String>,
    pub retired: Option<String>,
    pub steps: Vec<StepFields>,
}

/// A line of what happens before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepFields {
    pub target: String,
    /// Minutes after, before where negative; or a share, as `50%`.
    pub at: String,
    /// `notify_assignee`, `notify_queue`, `raise_priority`, `role:NAME`, `user:ID`, `assign:ID`, `tag:TAG`, `webhook:ID`; empty for none.
    pub action: String,
}

#[server(prefix = "/fn", endpoint = "save_policy")]
pub async fn save_policy(policy: PolicyFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    let changes = policy.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, policy.version));
    let mut form = form(policy)?;
    // What only the API says of it, the form must not lose.
    if let Some((id, _)) = changes {
        let known = queries::list_policies(&desk, &actor).await?.into_iter().find(|policy| policy.id == id);
        (form.description, form.organisation_id) =
            known.map(|known| (known.description, known.organisation_id)).unwrap_or_default();
    }
    commands::save_policy(&desk, &actor, changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_policy")]
pub async fn delete_policy(id: String) -> Result<()> {
    Ok(commands::delete_policy(&desk()?, &actor(), id.parse()?).await?)
}

/// A calendar's form: a line for each day of the week, from Monday on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CalendarFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub time_zone: String,
    pub mon: String,
    pub tue: String,
    pub wed: String,
    pub thu: String,
    pub fri: String,
    pub sat: String,
    pub sun: String,
    pub holidays: String,
}

#[server(prefix = "/fn", endpoint = "save_calendar")]
pub async fn save_calendar(calendar: CalendarFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    let changes = calendar.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, calendar.version));
    let fields = calendar;
    let days = [
        ("mon", &fields.mon),
        ("tue", &fields.tue),
        ("wed", &fields.wed),
        ("thu", &fields.thu),
        ("fri", &fields.fri),
        ("sat", &fields.sat),
        ("sun", &fields.sun),
    ];
    let mut written = Calendar { time_zone: fields.time_zone.trim().to_owned(), ..Calendar::default() };
    for (day, text) in days {
        let shifts = parse_shifts(&format!("hours.{day}"), text)?;
        if !shifts.is_empty() {
            written.hours.insert(day.to_owned(), shifts);
        }
    }
    written.holidays = parse_holidays("holidays", &fields.holidays)?;
    // Hours that change with a day are the API's: a form must not lose them.
    if let Some((id, _)) = changes {
        let known = queries::list_calendars(&desk, &actor).await?.into_iter().find(|calendar| calendar.id == id);
        written.changes = known.map(|known| known.calendar.changes).unwrap_or_default();
    }
    commands::save_calendar(&desk, &actor, changes, &fields.name, &written).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_calendar")]
pub async fn delete_calendar(id: String) -> Result<()> {
    Ok(commands::delete_calendar(&desk()?, &actor(), id.parse()?).await?)
}

#[cfg(feature = "ssr")]
fn form(fields: PolicyFields) -> Result<PolicyForm> {
    let number = |field: &str, text: &str| -> Result<Option<i64>> {
        match text.trim() {
            "" => Ok(None),
            text => {
                text.parse().map(Some).map_err(|_| AppError::from(Error::invalid(field, "A whole number, please.")))
            }
        }
    };
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut steps: Vec<StepForm> = Vec::new();
    for (place, line) in fields.steps.iter().enumerate() {
        let Some(action) = action(&format!("steps[{place}]"), &line.action)? else { continue };
        let target = line.target.parse().map_err(AppError::from_core)?;
        let moment = moment(&format!("steps[{place}]"), &line.at)?;
        match steps.last_mut().filter(|last| last.target == target && last.moment == moment) {
            Some(last) => last.actions.push(action),
            None => steps.push(StepForm { target, moment, actions: vec![action] }),
        }
    }
    Ok(PolicyForm {
        name: fields.name,
        description: None,
        priority: fields.priority,
        first_response_time: number("first_response_time", &fields.first_response_time)?.unwrap_or_default(),
        update_time: number("update_time", &fields.update_time)?,
        resolution_time: number("resolution_time", &fields.resolution_time)?.unwrap_or_default(),
        calendar_id: given(fields.calendar_id).map(|id| id.parse()).transpose()?,
        queue_id: given(fields.queue_id).map(|id| id.parse()).transpose()?,
        category: given(fields.category),
        organisation_id: None,
        tag: given(fields.tag),
        pauses_in: fields.stops_while_waiting.map(|_| TicketStatus::Waiting).into_iter().collect(),
        position: number("position", &fields.position)?.and_then(|at| at.try_into().ok()).unwrap_or_default(),
        active: fields.retired.is_none(),
        steps,
    })
}

#[cfg(feature = "ssr")]
fn moment(field: &str, text: &str) -> Result<Moment> {
    let text = text.trim();
    let wrong =
        || AppError::from(Error::invalid(field, "When? Minutes, as -30 or 0 or 60; or a share of the way, as 50%."));
    match text.strip_suffix('%') {
        Some(share) => share.trim().parse().map(Moment::Share).map_err(|_| wrong()),
        None => text.parse().map(Moment::Minutes).map_err(|_| wrong()),
    }
}

#[cfg(feature = "ssr")]
fn action(field: &str, word: &str) -> Result<Option<StepAction>> {
    let unknown = || AppError::from(Error::invalid(field, "What is to be done?"));
    let user = |id: &str| id.parse().map_err(|_| unknown());
    Ok(Some(match word.split_once(':').unwrap_or((word, "")) {
        ("", _) => return Ok(None),
        ("notify_assignee", _) => StepAction::NotifyAssignee,
        ("notify_queue", _) => StepAction::NotifyQueue,
        ("raise_priority", _) => StepAction::RaisePriority,
        ("role", role) => StepAction::NotifyRole { role: role.to_owned() },
        ("user", id) => StepAction::NotifyUser { user: user(id)? },
        ("assign", id) => StepAction::AssignTo { user: user(id)? },
        ("webhook", id) => StepAction::Webhook { webhook: id.parse().map_err(|_| unknown())? },
        ("tag", tag) => StepAction::AddTag { tag: tag.to_owned() },
        _ => return Err(unknown()),
    }))
}
