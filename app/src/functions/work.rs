//! What is done to a ticket beside its fields and its conversation.

use crate::error::Result;
use leptos::prelude::*;
use oxdesk::presence::Colleague;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::Timestamp;
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;
#[cfg(feature = "ssr")]
use oxdesk::tickets::{ProblemForm, TicketId, TicketNumber, TicketPatch, commands, queries};

/// The ticket that a form names by its number.
#[cfg(feature = "ssr")]
async fn named(number: &str, field: &str) -> Result<TicketId> {
    let missing = || AppError::from(oxdesk::Error::invalid(field, "There is no such ticket, or you may not see it."));
    let actor = actor();
    actor.signed_in()?;
    let number: TicketNumber = number.parse().map_err(|error| AppError::from(rename(error, field)))?;
    queries::id_by_number(&desk()?, &actor, &number).await.map_err(|_| missing())
}

#[server(prefix = "/fn", endpoint = "link_tickets")]
pub async fn link_tickets(id: String, link_type: String, ticket: String) -> Result<()> {
    let link_type = link_type.parse().map_err(|error| AppError::from(rename(error, "link_type")))?;
    let other = named(&ticket, "ticket").await?;
    commands::link_tickets(&desk()?, &actor(), id.parse()?, link_type, other).await?;
    Ok(())
}

/// Links a ticket with each of the tickets named: what may be one incident.
#[server(prefix = "/fn", endpoint = "link_alike")]
pub async fn link_alike(id: String, numbers: Option<Vec<String>>) -> Result<()> {
    let (desk, actor, id) = (desk()?, actor(), id.parse()?);
    for number in numbers.unwrap_or_default().into_iter().take(20) {
        let other = named(&number, "numbers").await?;
        commands::link_tickets(&desk, &actor, id, oxdesk::tickets::LinkType::Related, other).await?;
    }
    Ok(())
}

#[server(prefix = "/fn", endpoint = "unlink_tickets")]
pub async fn unlink_tickets(id: String, link: String) -> Result<()> {
    Ok(commands::unlink_tickets(&desk()?, &actor(), id.parse()?, link.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "merge_tickets")]
pub async fn merge_tickets(id: String, into: String) -> Result<()> {
    let target = named(&into, "into").await?;
    commands::merge_tickets(&desk()?, &actor(), id.parse()?, target).await?;
    leptos_axum::redirect(&format!("/tickets/{}", into.trim().to_ascii_uppercase()));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "unmerge_ticket")]
pub async fn unmerge_ticket(id: String) -> Result<()> {
    Ok(commands::unmerge_ticket(&desk()?, &actor(), id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "split_ticket")]
pub async fn split_ticket(id: String, comment: String, subject: String) -> Result<()> {
    let created = commands::split_ticket(&desk()?, &actor(), id.parse()?, comment.parse()?, &subject).await?;
    leptos_axum::redirect(&format!("/tickets/{}", created.ticket_number));
    Ok(())
}

#[server(prefix = "/fn", endpoint = "add_watcher")]
pub async fn add_watcher(id: String, user_id: String) -> Result<()> {
    Ok(commands::add_watcher(&desk()?, &actor(), id.parse()?, user_id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "remove_watcher")]
pub async fn remove_watcher(id: String, user_id: String) -> Result<()> {
    Ok(commands::remove_watcher(&desk()?, &actor(), id.parse()?, user_id.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "add_cc")]
pub async fn add_cc(id: String, email: String) -> Result<()> {
    Ok(commands::add_cc(&desk()?, &actor(), id.parse()?, &email.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "remove_cc")]
pub async fn remove_cc(id: String, email: String) -> Result<()> {
    Ok(commands::remove_cc(&desk()?, &actor(), id.parse()?, &email.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "add_checklist_items")]
pub async fn add_checklist_items(id: String, text: String) -> Result<()> {
    commands::add_checklist_items(&desk()?, &actor(), id.parse()?, &text).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "tick_checklist_item")]
pub async fn tick_checklist_item(id: String, item: String, done: bool) -> Result<()> {
    Ok(commands::tick_checklist_item(&desk()?, &actor(), id.parse()?, item.parse()?, done).await?)
}

#[server(prefix = "/fn", endpoint = "remove_checklist_item")]
pub async fn remove_checklist_item(id: String, item: String) -> Result<()> {
    Ok(commands::remove_checklist_item(&desk()?, &actor(), id.parse()?, item.parse()?).await?)
}

#[server(prefix = "/fn", endpoint = "add_time_entry")]
pub async fn add_time_entry(id: String, time: String, note: Option<String>, spent_on: Option<String>) -> Result<()> {
    let (note, day) = (note.as_deref(), spent_on.as_deref());
    commands::add_time_entry(&desk()?, &actor(), id.parse()?, &time, note, day).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "remove_time_entry")]
pub async fn remove_time_entry(id: String, entry: String) -> Result<()> {
    Ok(commands::remove_time_entry(&desk()?, &actor(), id.parse()?, entry.parse()?).await?)
}

/// Puts a ticket off: until `tomorrow` or `next_week`, each at eight in the morning, or a date and time as a form
/// sends it, all where the agent is; nothing takes it back.
#[server(prefix = "/fn", endpoint = "put_off")]
pub async fn put_off(id: String, version: i32, until: Option<String>, at: Option<String>) -> Result<()> {
    let actor = actor();
    let until = match until.as_deref().filter(|until| *until != "at") {
        Some("tomorrow") => Some(Timestamp::now().morning_after(1, &actor.time_zone)),
        Some("next_week") => Some(Timestamp::now().next_monday(&actor.time_zone)),
        _ => at.map(|at| Timestamp::from_local("at", &at, &actor.time_zone)).transpose()?,
    };
    let patch = TicketPatch { follow_up_at: Some(until), ..TicketPatch::default() };
    commands::update_ticket(&desk()?, &actor, id.parse()?, version, patch).await?;
    Ok(())
}

#[server(prefix = "/fn", endpoint = "delete_ticket")]
pub async fn delete_ticket(id: String, reason: String) -> Result<()> {
    Ok(commands::delete_ticket(&desk()?, &actor(), id.parse()?, &reason).await?)
}

#[server(prefix = "/fn", endpoint = "restore_ticket")]
pub async fn restore_ticket(id: String) -> Result<()> {
    Ok(commands::restore_ticket(&desk()?, &actor(), id.parse()?).await?)
}

/// Sets a custom field, or empties it when nothing is sent.
#[server(prefix = "/fn", endpoint = "set_custom_field")]
pub async fn set_custom_field(id: String, version: i32, key: String, value: Option<Vec<String>>) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    actor.signed_in()?;
    let fields = oxdesk::fields::queries::list_fields(&desk, &actor).await?;
    let gone = || AppError::from(oxdesk::Error::invalid("key", "There is no such field here any more."));
    let field = fields.iter().find(|field| field.key == key).ok_or_else(gone)?;
    let value = oxdesk::fields::rules::parse_value(field, &value.unwrap_or_default())?;
    let patch = TicketPatch { custom_fields: [(key, value)].into(), ..TicketPatch::default() };
    commands::update_ticket(&desk, &actor, id.parse()?, version, patch).await?;
    Ok(())
}

/// Says that the viewer is at a ticket, whether they write, and whether they see it; answers with who else is.
#[server(prefix = "/fn", endpoint = "be_present")]
pub async fn be_present(id: String, is_writing: bool, sees: bool) -> Result<Vec<Colleague>> {
    let (desk, actor, ticket) = (desk()?, actor(), id.parse()?);
    if sees {
        oxdesk::notifications::commands::mark_ticket_read(&desk, &actor, ticket).await?;
    }
    Ok(oxdesk::presence::commands::be_present(&desk, &actor, ticket, is_writing).await?)
}

#[server(prefix = "/fn", endpoint = "mute_ticket")]
pub async fn mute_ticket(id: String, muted: bool) -> Result<()> {
    Ok(oxdesk::notifications::commands::mute_ticket(&desk()?, &actor(), id.parse()?, muted).await?)
}

#[server(prefix = "/fn", endpoint = "leave_ticket")]
pub async fn leave_ticket(id: String) -> Result<()> {
    Ok(oxdesk::presence::commands::leave(&desk()?, &actor(), id.parse()?).await?)
}

/// What is done to one row of a list: `take:ID` gives the ticket to the viewer, `tomorrow:ID` puts it off.
#[server(prefix = "/fn", endpoint = "act_on_row")]
pub async fn act_on_row(act: String) -> Result<()> {
    let (desk, actor) = (desk()?, actor());
    let me = actor.signed_in()?;
    let unknown = || AppError::from(oxdesk::Error::invalid("act", "take or tomorrow, please."));
    let (deed, id) = act.split_once(':').ok_or_else(unknown)?;
    let patch = match deed {
        "take" => TicketPatch { assigned_to_id: Some(Some(me)), ..TicketPatch::default() },
        "tomorrow" => TicketPatch {
            follow_up_at: Some(Some(Timestamp::now().morning_after(1, &actor.time_zone))),
            ..TicketPatch::default()
        },
        _ => return Err(unknown()),
    };
    let version = queries::ticket(&desk, &actor, id.parse()?).await?.version;
    commands::update_ticket(&desk, &actor, id.parse()?, version, patch).await?;
    Ok(())
}

/// Takes a reply back that has not been sent, and answers with what it said.
#[server(prefix = "/fn", endpoint = "take_back_reply")]
pub async fn take_back_reply(id: String) -> Result<String> {
    Ok(commands::take_back_reply(&desk()?, &actor(), id.parse()?).await?)
}

/// Keeps what is being written; answers with its version.
#[server(prefix = "/fn", endpoint = "save_draft")]
pub async fn save_draft(id: String, is_internal: bool, body: Option<String>, version: i32) -> Result<i32> {
    let body = body.unwrap_or_default();
    Ok(commands::save_draft(&desk()?, &actor(), id.parse()?, is_internal, &body, version).await?)
}

#[server(prefix = "/fn", endpoint = "suggest_tags")]
pub async fn suggest_tags(beginning: Option<String>) -> Result<Vec<String>> {
    Ok(queries::suggest_tags(&desk()?, &actor(), &beginning.unwrap_or_default()).await?)
}

/// What is known of a problem, as its form sends it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProblemFields {
    pub root_cause: Option<String>,
    pub workaround: Option<String>,
    pub is_known_error: bool,
    /// None of a ticket that is no problem yet.
    pub version: Option<i32>,
}

#[server(prefix = "/fn", endpoint = "save_problem")]
pub async fn save_problem(id: String, problem: ProblemFields) -> Result<()> {
    let ProblemFields { root_cause, workaround, is_known_error, version } = problem;
    let form = ProblemForm { root_cause, workaround, is_known_error };
    Ok(commands::save_problem(&desk()?, &actor(), id.parse()?, version, &form).await?)
}

#[server(prefix = "/fn", endpoint = "drop_problem")]
pub async fn drop_problem(id: String) -> Result<()> {
    Ok(commands::drop_problem(&desk()?, &actor(), id.parse()?).await?)
}
