//! Changes: lists, pages, votes, the calendar, templates.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::changes::{Blackout, ChangeCalendar, ChangeList, ChangePage, ChangeRow, ChangeTemplate, Deputy};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::changes::rules::{check_stage_line, stage_line};
#[cfg(feature = "ssr")]
use oxdesk::changes::{
    ChangeForm, ChangeId, ChangeNumber, ChangeScope, Implementation, StageForm, StageRule, TemplateForm, commands,
    queries,
};
#[cfg(feature = "ssr")]
use oxdesk::people::UserId;
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;
#[cfg(feature = "ssr")]
use oxdesk::{Error, Permission, Timestamp};

/// So many on one page.
#[cfg(feature = "ssr")]
const PAGE: i64 = 100;

#[server(prefix = "/fn", endpoint = "read_changes")]
pub async fn read_changes(scope: Option<String>, q: Option<String>, after: Option<String>) -> Result<ChangeList> {
    let scope = ChangeScope::of(&scope.unwrap_or_default());
    Ok(queries::list_changes(&desk()?, &actor(), scope, q.as_deref(), after.as_deref(), PAGE).await?)
}

/// What waits for the reader, and what they asked for, the newest of each.
#[server(prefix = "/fn", endpoint = "list_own_changes")]
pub async fn list_own_changes() -> Result<(Vec<ChangeRow>, Vec<ChangeRow>)> {
    let (desk, actor) = (desk()?, actor());
    let waiting = queries::list_changes(&desk, &actor, ChangeScope::Waiting, None, None, PAGE).await?;
    let mine = queries::list_changes(&desk, &actor, ChangeScope::Mine, None, None, PAGE).await?;
    Ok((waiting.rows, mine.rows))
}

#[cfg(feature = "ssr")]
async fn found(number: &str) -> Result<ChangeId> {
    actor().signed_in()?;
    let number: ChangeNumber = number.parse().map_err(|_| Error::NotFound)?;
    Ok(queries::id_by_number(&desk()?, &actor(), &number).await?)
}

#[server(prefix = "/fn", endpoint = "read_change")]
pub async fn read_change(number: String) -> Result<ChangePage> {
    let (desk, actor) = (desk()?, actor());
    let id = found(&number).await?;
    let page = queries::change_page(&desk, &actor, id).await?;
    oxdesk::notifications::commands::mark_change_read(&desk, &actor, id).await?;
    // It has one address.
    if crate::session::is_page() && page.change.row.change_number.as_str() != number {
        leptos_axum::redirect(&queries::address(&actor, &page.change.row.change_number));
    }
    Ok(page)
}

/// What the editor shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEditor {
    /// None for a new one.
    pub page: Option<ChangePage>,
    pub templates: Vec<ChangeTemplate>,
    /// What a new one begins with.
    pub template: Option<ChangeTemplate>,
    pub ticket: Option<String>,
    /// The ticket's subject.
    pub title: Option<String>,
    pub assets: Vec<String>,
    /// When times are written down: `Europe/Berlin`.
    pub time_zone: String,
}

/// Where a new change comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeSource {
    pub template: Option<String>,
    pub ticket: Option<String>,
    pub asset: Option<String>,
}

#[server(prefix = "/fn", endpoint = "read_change_editor")]
pub async fn read_change_editor(number: Option<String>, source: Option<ChangeSource>) -> Result<ChangeEditor> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::ChangeCreate)?;
    let page = match number {
        Some(number) => Some(queries::change_page(&desk, &actor, found(&number).await?).await?),
        None => None,
    };
    if page.as_ref().is_some_and(|page| !page.may_edit) {
        return Err(Error::Forbidden.into());
    }
    let templates = queries::list_templates(&desk, &actor).await?;
    let source = source.unwrap_or_default();
    let template = templates.iter().find(|one| one.active && Some(one.id.to_string()) == source.template).cloned();
    let (mut ticket, mut title, mut assets) = (None, None, source.asset.into_iter().collect::<Vec<_>>());
    if let Some(number) = source.ticket.and_then(|number| number.parse().ok()) {
        let id = oxdesk::tickets::queries::shown_by_number(&desk, &actor, &number).await?;
        title = Some(oxdesk::tickets::queries::ticket(&desk, &actor, id).await?.subject);
        assets.extend(
            oxdesk::assets::queries::ticket_assets(&desk, &actor, id)
                .await?
                .iter()
                .map(|asset| asset.asset_number.to_string()),
        );
        ticket = Some(number.to_string());
    }
    Ok(ChangeEditor { page, templates, template, ticket, title, assets, time_zone: actor.time_zone.clone() })
}

/// A change's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeFields {
    pub id: Option<String>,
    pub version: i32,
    pub title: String,
    pub description: String,
    pub kind: String,
    pub priority: String,
    /// Empty for the one that the answers propose.
    pub risk_level: String,
    /// The questions that were answered with yes.
    pub risks: Vec<String>,
    pub plan: Option<String>,
    pub backout_plan: Option<String>,
    pub test_plan: Option<String>,
    /// In the actor's time zone.
    pub starts: String,
    pub ends: String,
    pub template: String,
    pub ticket: String,
    /// Numbers, whatever stands between them.
    pub assets: String,
}

/// What of a form is given.
#[cfg(feature = "ssr")]
fn given<T: std::str::FromStr<Err = Error>>(field: &str, text: &str) -> Result<Option<T>> {
    let text = Some(text.trim()).filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|error| AppError::from(rename(error, field)))).transpose()
}

#[cfg(feature = "ssr")]
fn moment(field: &str, text: &str) -> Result<Option<Timestamp>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(Timestamp::from_local(field, text, &actor().time_zone)?))
}

#[server(prefix = "/fn", endpoint = "save_change")]
pub async fn save_change(change: ChangeFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::ChangeCreate)?;
    let changes = change.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, change.version));
    let numbers = change.assets.split([' ', ',', ';', '\n', '\r', '\t']).filter(|number| !number.is_empty());
    let assets =
        numbers.map(|number| number.parse().map_err(|_| format!("“{number}” is no number such as AST-2026-0001.")));
    // What nobody answered says nothing about the risk.
    let answered = !change.risks.is_empty() || change.risk_level.is_empty();
    let answers = oxdesk::changes::rules::QUESTIONS.iter().filter(|_| answered);
    let form = ChangeForm {
        kind: given("type", &change.kind)?,
        priority: given("priority", &change.priority)?,
        risk_level: given("risk_level", &change.risk_level)?,
        risk_answers: answers.map(|(key, ..)| ((*key).to_owned(), change.risks.iter().any(|yes| yes == key))).collect(),
        planned_start_date: moment("planned_start_date", &change.starts)?,
        planned_end_date: moment("planned_end_date", &change.ends)?,
        template_id: given("template_id", &change.template)?,
        related_ticket: given("related_ticket", &change.ticket)?,
        assets: assets.collect::<std::result::Result<_, _>>().map_err(|said| Error::invalid("assets", said))?,
        title: change.title,
        description: change.description,
        plan: change.plan,
        backout_plan: change.backout_plan,
        test_plan: change.test_plan,
    };
    let id = commands::save_change(&desk, &actor, changes, &form).await?;
    let number = queries::change(&desk, &actor, id).await?.row.change_number;
    leptos_axum::redirect(&format!("/changes/{number}"));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "move_change")]
pub async fn move_change(id: String, version: i32, to: String) -> Result<()> {
    let to = to.parse().map_err(|error| AppError::from(rename(error, "status")))?;
    Ok(commands::move_change(&desk()?, &actor(), id.parse()?, version, to).await?)
}

#[server(prefix = "/fn", endpoint = "vote_on_change")]
pub async fn vote_on_change(id: String, version: i32, vote: String, comment: Option<String>) -> Result<()> {
    let vote = vote.parse().map_err(|error| AppError::from(rename(error, "vote")))?;
    commands::vote(&desk()?, &actor(), id.parse()?, version, vote, comment.as_deref()).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "implement_change")]
pub async fn implement_change(
    id: String,
    version: i32,
    outcome: String,
    started: Option<String>,
    ended: Option<String>,
    notes: Option<String>,
) -> Result<()> {
    actor().signed_in()?;
    let form = Implementation {
        outcome: given("outcome", &outcome)?,
        actual_start_date: moment("actual_start_date", &started.unwrap_or_default())?,
        actual_end_date: moment("actual_end_date", &ended.unwrap_or_default())?,
        implementation_notes: notes,
    };
    Ok(commands::implement_change(&desk()?, &actor(), id.parse()?, version, &form).await?)
}

/// Tells those whom it concerns.
#[server(prefix = "/fn", endpoint = "announce_change")]
pub async fn announce_change(id: String, version: i32, text: Option<String>) -> Result<()> {
    commands::announce_change(&desk()?, &actor(), id.parse()?, version, text.as_deref()).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "close_change")]
pub async fn close_change(id: String, version: i32, review: Option<String>) -> Result<()> {
    Ok(commands::close_change(&desk()?, &actor(), id.parse()?, version, review.as_deref()).await?)
}

#[server(prefix = "/fn", endpoint = "add_change_task")]
pub async fn add_change_task(id: String, version: i32, title: String) -> Result<()> {
    commands::add_task(&desk()?, &actor(), id.parse()?, version, &title).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "tick_change_task")]
pub async fn tick_change_task(id: String, task: String, done: bool) -> Result<()> {
    Ok(commands::set_task_done(&desk()?, &actor(), id.parse()?, task.parse()?, done).await?)
}

/// A month in whole weeks, or one week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetShown {
    /// `2026-11`, or a week's Monday.
    pub name: String,
    pub is_week: bool,
    pub before: String,
    pub after: String,
    /// A month's week, a week's month.
    pub other: String,
    pub calendar: ChangeCalendar,
}

#[server(prefix = "/fn", endpoint = "read_change_calendar")]
pub async fn read_change_calendar(month: Option<String>, week: Option<String>) -> Result<SheetShown> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::ChangeCreate)?;
    let week = week.filter(|week| !week.is_empty());
    let sheet = match &week {
        Some(day) => queries::week(day)?,
        None => queries::month(&actor, month.as_deref())?,
    };
    let calendar = queries::calendar(&desk, &actor, &sheet.first_day, sheet.days).await?;
    let queries::Sheet { name, before, after, other, .. } = sheet;
    Ok(SheetShown { name, is_week: week.is_some(), before, after, other, calendar })
}

/// A template, and each of its stages as a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateShown {
    pub template: ChangeTemplate,
    pub stages: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatesShown {
    pub templates: Vec<TemplateShown>,
    pub blackouts: Vec<Blackout>,
    pub deputies: Vec<Deputy>,
    pub may_edit: bool,
}

#[server(prefix = "/fn", endpoint = "read_change_templates")]
pub async fn read_change_templates() -> Result<TemplatesShown> {
    let (desk, actor) = (desk()?, actor());
    let templates = queries::list_templates(&desk, &actor).await?;
    let people =
        templates.iter().flat_map(|one| &one.stages).flat_map(|stage| stage.people.iter().copied()).collect::<Vec<_>>();
    let emails = queries::approver_emails(&desk, &actor, &people).await?;
    let shown = templates.into_iter().map(|template| TemplateShown {
        stages: template.stages.iter().map(|stage| stage_line(stage, &emails)).collect(),
        template,
    });
    Ok(TemplatesShown {
        templates: shown.collect(),
        blackouts: queries::list_blackouts(&desk, &actor).await?,
        deputies: queries::list_deputies(&desk, &actor).await?,
        may_edit: actor.can(Permission::ChangeApprove),
    })
}

/// A template's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateFields {
    pub id: Option<String>,
    pub version: i32,
    pub name: String,
    pub kind: String,
    pub description: String,
    pub plan: String,
    pub backout_plan: String,
    pub test_plan: String,
    pub risk_level: String,
    /// A stage a line: `Security: 2 of mona@example.org, ben@example.org, IT_MANAGER`.
    pub stages: String,
    pub is_retired: bool,
}

#[server(prefix = "/fn", endpoint = "save_change_template")]
pub async fn save_change_template(template: TemplateFields) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::ChangeApprove)?;
    let changes = template.id.as_ref().map(|id| id.parse()).transpose()?.map(|id| (id, template.version));
    let mut stages = Vec::new();
    for line in template.stages.lines().filter(|line| !line.trim().is_empty()) {
        let read = check_stage_line(line)?;
        let people = queries::approvers_by_email(&desk, &actor, &read.emails).await?;
        let quorum = (read.rule == StageRule::Quorum).then_some(read.quorum).flatten();
        stages.push(StageForm {
            name: read.name,
            rule: read.rule,
            quorum,
            people,
            roles: read.roles,
            asset_owners: read.asset_owners,
        });
    }
    let form = TemplateForm {
        name: template.name,
        kind: template.kind.parse().map_err(|error| AppError::from(rename(error, "type")))?,
        risk_level: given("risk_level", &template.risk_level)?,
        description: template.description,
        plan: template.plan,
        backout_plan: template.backout_plan,
        test_plan: template.test_plan,
        stages,
        active: !template.is_retired,
    };
    commands::save_template(&desk, &actor, changes, &form).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "save_blackout")]
pub async fn save_blackout(name: String, starts: String, ends: String) -> Result<()> {
    actor().require(Permission::ChangeApprove)?;
    let missing = |field: &str| Error::invalid(field, "Please choose a date and a time.");
    let starts = moment("starts", &starts)?.ok_or_else(|| missing("starts"))?;
    let ends = moment("ends", &ends)?.ok_or_else(|| missing("ends"))?;
    commands::save_blackout(&desk()?, &actor(), &name, starts, ends).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_blackout")]
pub async fn delete_blackout(id: String) -> Result<()> {
    Ok(commands::delete_blackout(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "name_deputy")]
pub async fn name_deputy(deputy: String, from: String, until: String) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    actor.require(Permission::ChangeCreate)?;
    let deputy =
        queries::approvers_by_email(&desk, &actor, &[deputy]).await.map_err(|error| rename(error, "deputy"))?;
    let deputy: UserId = deputy.first().copied().ok_or_else(|| Error::invalid("deputy", "Please fill this in."))?;
    Ok(commands::name_deputy(&desk, &actor, deputy, &from, &until).await?)
}

#[server(prefix = "/fn", endpoint = "end_deputy")]
pub async fn end_deputy(deputy: String) -> Result<()> {
    Ok(commands::end_deputy(&desk()?, &actor(), deputy.parse()?).await?)
}
