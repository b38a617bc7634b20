//! What is done to a ticket beside its fields and its conversation.

use crate::error::Result;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::AppError;
#[cfg(feature = "ssr")]
use crate::session::{actor, desk};
#[cfg(feature = "ssr")]
use oxdesk::Timestamp;
#[cfg(feature = "ssr")]
use oxdesk::tickets::rules::rename;
#[cfg(feature = "ssr")]
use oxdesk::tickets::{TicketId, TicketNumber, TicketPatch, commands, queries};

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

/// What requesters decide: CLOSED confirms, IN_PROGRESS reopens, CANCELLED takes the request back.
#[server(prefix = "/fn", endpoint = "change_own_status")]
pub async fn change_own_status(id: String, status: String, reason: Option<String>) -> Result<()> {
    let status = status.parse().map_err(|error| AppError::from(rename(error, "status")))?;
    Ok(commands::change_own_status(&desk()?, &actor(), id.parse()?, status, reason.as_deref()).await?)
}

/// Has a new link sent in place of an expired one.
#[server(prefix = "/fn", endpoint = "renew_link")]
pub async fn renew_link(token: String) -> Result<()> {
    oxdesk::tickets::guest::renew_link(&desk()?, &token).await?;
    leptos_axum::redirect("/portal/expired/sent");
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
