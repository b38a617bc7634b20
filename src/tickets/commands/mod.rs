//! What changes tickets. Each command checks the actor, validates, writes and records the event in one transaction.

mod arrangement;
mod automate;
mod bulk;
mod category;
mod checklist;
mod create;
mod delete;
mod draft;
mod escalate;
mod follow_up;
mod link;
mod mail;
mod merge;
mod outgoing;
mod own;
mod problem;
mod rate;
mod reply;
mod requester;
mod share;
mod split;
mod time;
mod update;
mod watch;

pub(crate) use super::attachments::{Kept, keep_each as keep_files};
pub(crate) use automate::{
    AutomaticChange, change_automatically, link_automatically, prepare_change, reply_automatically,
};
pub use bulk::update_tickets;
pub(crate) use category::rename_category;
pub use checklist::{add_checklist_items, remove_checklist_item, tick_checklist_item};
pub(crate) use create::{CameBy, arrange_ticket, claim_tickets, write_ticket};
pub use create::{Created, admit_form, create_ticket};
pub use delete::{delete_ticket, restore_ticket};
pub use draft::save_draft;
pub(crate) use escalate::{Escalation, escalate_ticket};
pub(crate) use follow_up::return_ticket;
pub use link::{link_tickets, unlink_tickets};
pub(crate) use mail::{may_see, record_bounce, relate_tickets};
pub use merge::{merge_tickets, unmerge_ticket};
pub(crate) use outgoing::send_reply;
pub use outgoing::{schedule_reply, take_back_reply};
pub use own::change_own_status;
pub use problem::{drop_problem, save_problem};
pub(crate) use rate::{check_may_rate, closed_by_event, record_rated};
pub(crate) use reply::{NewReply, write_note, write_reply};
pub use reply::{add_note, add_reply};
pub(crate) use requester::{forget_requester, hand_over_tickets};
pub use share::share_with_organisation;
pub use split::split_ticket;
pub use time::{add_time_entry, remove_time_entry};
pub(crate) use update::lock_for_assets;
pub(super) use update::record_attached;
pub use update::update_ticket;
pub use watch::{add_cc, add_watcher, remove_cc, remove_watcher};

use super::TicketId;
use crate::events::{self, NewEvent};
use crate::{Actor, Result, sla};
use serde_json::json;
use sqlx::PgConnection;

/// A line of a ticket's history.
#[derive(Clone, Copy, Default)]
struct History<'a> {
    action: &'a str,
    field: Option<&'a str>,
    old: Option<&'a str>,
    new: Option<&'a str>,
    /// Only for those who may read notes.
    internal: bool,
}

impl<'a> History<'a> {
    fn done(action: &'a str) -> Self {
        Self { action, ..Self::default() }
    }

    fn of(action: &'a str, field: &'a str, old: Option<&'a str>, new: Option<&'a str>) -> Self {
        Self { action, field: Some(field), old, new, internal: false }
    }

    fn internal(action: &'a str, field: &'a str, old: Option<&'a str>, new: Option<&'a str>) -> Self {
        Self { internal: true, ..Self::of(action, field, old, new) }
    }
}

async fn write_history(tx: &mut PgConnection, actor: &Actor, ticket: TicketId, entry: History<'_>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ticket_history (ticket_id, user_id, action, field, old_value, new_value, is_internal, description)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        ticket as _,
        actor.user_id as _,
        entry.action,
        entry.field,
        entry.old,
        entry.new,
        entry.internal,
        actor.rule_name(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Links and merges are rare and concern several tickets each: one at a time, so that none waits for another in a
/// circle, and of two opposite ones exactly one wins.
async fn lock_graph(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('ticket_graph'))").execute(tx).await?;
    Ok(())
}

/// Keeps tags to be suggested.
async fn remember_tags(tx: &mut PgConnection, tags: &[String]) -> Result<()> {
    if !tags.is_empty() {
        sqlx::query!("INSERT INTO tags (tag) SELECT * FROM unnest($1::text[]) ON CONFLICT (tag) DO NOTHING", tags)
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// The ticket changed in something that is not one of its own columns: whoever edits an older version hears of it,
/// whoever watches sees it.
async fn touch(tx: &mut PgConnection, actor: &Actor, ticket: TicketId, field: &str, internal: bool) -> Result<()> {
    sqlx::query!(
        "UPDATE tickets SET version = version + 1, updated_by_id = $2 WHERE id = $1",
        ticket as _,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    record(tx, actor, ticket, "ticket.updated", internal, json!({ "fields": [field] })).await
}

async fn record(
    tx: &mut PgConnection,
    actor: &Actor,
    ticket_id: TicketId,
    kind: &'static str,
    is_internal: bool,
    data: serde_json::Value,
) -> Result<()> {
    let touches_promises = match kind {
        "ticket.created" | "ticket.replied" => true,
        "ticket.updated" => {
            let fields = data["fields"].as_array();
            fields.is_some_and(|fields| fields.iter().any(|field| PROMISED_BY.iter().any(|known| field == known)))
        }
        _ => false,
    };
    if touches_promises {
        sla::commands::track(&mut *tx, ticket_id).await?;
    }
    events::record(tx, actor, NewEvent { kind, ticket_id, is_internal, data }).await?;
    Ok(())
}

/// What is promised on a ticket hangs on these.
const PROMISED_BY: [&str; 10] = [
    "status",
    "priority",
    "queue_id",
    "category",
    "subcategory",
    "tags",
    "organisation_id",
    "deleted_at",
    "merged_into_id",
    "merged",
];
