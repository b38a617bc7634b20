//! Reading changes: each reader sees theirs, whatever they ask.

mod calendar;
mod change;
mod conflicts;
mod list;
mod templates;

pub use calendar::{DAYS_MAX, Sheet, calendar, month, week};
pub use change::{change, change_page, changes_of_asset, changes_of_ticket, id_by_number, require_seen};
pub use conflicts::conflicts;
pub use list::{PAGE_MAX, list_changes};
pub use templates::{approver_emails, approvers_by_email, list_blackouts, list_deputies, list_templates};

use super::{ChangeId, ChangeNumber, ChangeRow, ChangeStatus, ChangeType, RiskLevel};
use crate::{Actor, Permission, Timestamp};
use sqlx::{FromRow, Postgres, QueryBuilder};

/// Whether the actor sees every change: who approves them, and who works tickets and may ask for changes.
fn sees_all(actor: &Actor) -> bool {
    actor.can(Permission::ChangeApprove) || (actor.can(Permission::ChangeCreate) && actor.can(Permission::TicketUpdate))
}

/// Where a change is read: by those who work on changes on their own page, by everyone else in the portal.
pub fn address(actor: &Actor, number: &ChangeNumber) -> String {
    if sees_all(actor) { format!("/changes/{number}") } else { format!("/portal/changes/{number}") }
}

/// Pushes the condition under which `actor` sees change `c`: all of them, or those that they asked for or are asked about.
pub(crate) fn push_seen(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    let Some(me) = actor.user_id else {
        query.push("false");
        return;
    };
    if sees_all(actor) {
        query.push("true");
        return;
    }
    query.push("(c.requested_by_id = ").push_bind(me);
    query
        .push(" OR EXISTS (SELECT FROM change_approvals v LEFT JOIN deputies d ON d.user_id = v.approver_id AND current_date BETWEEN d.from_day - 1 AND d.until_day + 1 WHERE v.change_request_id = c.id AND (v.approver_id = ")
        .push_bind(me)
        .push(" OR d.deputy_id = ")
        .push_bind(me)
        .push(")))");
}

/// What a row is made of, of change `c`.
const ROW: &str = "SELECT c.id, c.change_number, c.title, c.type AS kind, c.status, c.risk_level, c.planned_start_date, c.planned_end_date, c.updated_at, c.version,
   coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS requested_by";
const ROW_JOINS: &str = " LEFT JOIN users u ON u.id = c.requested_by_id";

#[derive(FromRow)]
struct Row {
    id: ChangeId,
    change_number: ChangeNumber,
    title: String,
    kind: ChangeType,
    status: ChangeStatus,
    risk_level: Option<RiskLevel>,
    requested_by: String,
    planned_start_date: Option<Timestamp>,
    planned_end_date: Option<Timestamp>,
    updated_at: Timestamp,
    version: i32,
}

impl Row {
    fn shown(self, zone: &str) -> ChangeRow {
        let window = self.planned_start_date.zip(self.planned_end_date);
        ChangeRow {
            id: self.id,
            change_number: self.change_number,
            title: self.title,
            kind: self.kind,
            status: self.status,
            risk_level: self.risk_level,
            requested_by: self.requested_by,
            planned_start_date: self.planned_start_date,
            planned_end_date: self.planned_end_date,
            window: window.map(|(start, end)| window_text(start, end, zone)),
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

/// In `zone`: `2026-11-28 20:00 – 22:00`, with both days where they differ.
fn window_text(start: Timestamp, end: Timestamp, zone: &str) -> String {
    let (start, end) = (local(start, zone), local(end, zone));
    match end.strip_prefix(&start[..10]) {
        Some(time) => format!("{start} –{time}"),
        None => format!("{start} – {end}"),
    }
}

fn local(at: Timestamp, zone: &str) -> String {
    at.local(at.utc_offset_seconds(zone))
}
