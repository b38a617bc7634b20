//! What administrators arrange: queues, teams, categories, fields.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::categories::Category;
use oxdesk::fields::Field;
use oxdesk::people::Person;
use oxdesk::queues::{QueueDetail, TeamDetail};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::{
    categories::{self, NewCategory},
    fields::{self, NewField},
    people,
    queues::{self, NewQueue, commands},
};

/// Everything that is arranged, for the pages on which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arranged {
    pub queues: Vec<QueueDetail>,
    pub teams: Vec<TeamDetail>,
    pub categories: Vec<Category>,
    pub fields: Vec<Field>,
    pub people: Vec<Person>,
    pub may_manage_queues: bool,
    pub may_manage_fields: bool,
}

#[server(prefix = "/fn", endpoint = "read_arranged")]
pub async fn read_arranged() -> Result<Arranged> {
    let (desk, actor) = (desk()?, actor());
    Ok(Arranged {
        people: people::queries::assignable_people(&desk, &actor).await?,
        queues: queues::queries::list_queue_details(&desk, &actor).await?,
        teams: queues::queries::list_teams(&desk, &actor).await?,
        categories: categories::queries::list_categories(&desk, &actor).await?,
        fields: fields::queries::list_fields(&desk, &actor).await?,
        may_manage_queues: actor.can(oxdesk::Permission::QueueManage),
        may_manage_fields: actor.can(oxdesk::Permission::FieldManage),
    })
}

#[server(prefix = "/fn", endpoint = "save_queue")]
pub async fn save_queue(
    id: Option<String>,
    name: String,
    description: Option<String>,
    visibility: Option<String>,
    assignment_rule: Option<String>,
    retired: Option<String>,
) -> Result<()> {
    let id = id.map(|id| id.parse()).transpose()?;
    let new = NewQueue { name, description, visibility, assignment_rule, active: retired.is_none() };
    commands::save_queue(&desk()?, &actor(), id, new).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "add_queue_member")]
pub async fn add_queue_member(queue: String, user_id: String) -> Result<()> {
    Ok(commands::add_queue_member(&desk()?, &actor(), queue.parse()?, user_id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "remove_queue_member")]
pub async fn remove_queue_member(queue: String, user_id: String) -> Result<()> {
    Ok(commands::remove_queue_member(&desk()?, &actor(), queue.parse()?, user_id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "save_team")]
pub async fn save_team(id: Option<String>, name: String) -> Result<()> {
    let id = id.map(|id| id.parse()).transpose()?;
    commands::save_team(&desk()?, &actor(), id, &name).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_team")]
pub async fn delete_team(id: String) -> Result<()> {
    Ok(commands::delete_team(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "add_team_member")]
pub async fn add_team_member(team: String, user_id: String) -> Result<()> {
    Ok(commands::add_team_member(&desk()?, &actor(), team.parse()?, user_id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "remove_team_member")]
pub async fn remove_team_member(team: String, user_id: String) -> Result<()> {
    Ok(commands::remove_team_member(&desk()?, &actor(), team.parse()?, user_id.parse()?).await?)
}

/// Says whether the viewer is there. The answer is a whole new page: who one is has changed.
#[server(prefix = "/fn", endpoint = "set_away")]
pub async fn set_away(away: bool) -> Result<()> {
    Ok(commands::set_away(&desk()?, &actor(), away).await?)
}

#[server(prefix = "/fn", endpoint = "save_category")]
pub async fn save_category(
    id: Option<String>,
    name: String,
    parent_id: Option<String>,
    description: Option<String>,
    queue_id: Option<String>,
    priority: Option<String>,
    is_public: Option<String>,
    position: Option<i32>,
) -> Result<()> {
    let id = id.map(|id| id.parse()).transpose()?;
    let new =
        NewCategory { name, parent_id, description, queue_id, priority, is_public: is_public.is_some(), position };
    categories::commands::save_category(&desk()?, &actor(), id, new).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_category")]
pub async fn delete_category(id: String) -> Result<()> {
    Ok(categories::commands::delete_category(&desk()?, &actor(), id.parse()?).await?)
}

/// A field as its form sends it: choices one a line, boxes only when they are ticked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FieldForm {
    pub key: String,
    pub label: String,
    pub kind: String,
    pub help: Option<String>,
    pub choices: String,
    pub default_value: Option<String>,
    pub required: Option<String>,
    pub is_public: Option<String>,
    pub category_id: Option<String>,
    pub queue_id: Option<String>,
    pub asked_when_key: Option<String>,
    pub asked_when_value: Option<String>,
    pub position: String,
}

#[server(prefix = "/fn", endpoint = "save_field")]
pub async fn save_field(id: Option<String>, field: FieldForm) -> Result<()> {
    let id = id.map(|id| id.parse()).transpose()?;
    fields::commands::save_field(&desk()?, &actor(), id, new_field(field)?).await?;
    Ok(())
}

#[cfg(feature = "ssr")]
fn new_field(form: FieldForm) -> oxdesk::Result<NewField> {
    let position = Some(form.position).filter(|text| !text.is_empty()).map(|text| text.parse());
    Ok(NewField {
        key: form.key,
        label: form.label,
        kind: form.kind,
        help: form.help,
        choices: form.choices.lines().map(str::to_owned).collect(),
        default_value: form.default_value,
        required: form.required.is_some(),
        is_public: form.is_public.is_some(),
        category_id: form.category_id,
        queue_id: form.queue_id,
        asked_when_key: form.asked_when_key,
        asked_when_value: form.asked_when_value,
        position: position.transpose().map_err(|_| oxdesk::Error::invalid("position", "A whole number, please."))?,
    })
}

#[server(prefix = "/fn", endpoint = "delete_field")]
pub async fn delete_field(id: String) -> Result<()> {
    Ok(fields::commands::delete_field(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "restore_field")]
pub async fn restore_field(id: String) -> Result<()> {
    Ok(fields::commands::restore_field(&desk()?, &actor(), id.parse()?).await?)
}
