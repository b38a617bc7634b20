//! Time that was spent on a ticket.

use super::record;
use crate::desk::Desk;
use crate::tickets::queries::lock_visible;
use crate::tickets::rules::parse_minutes;
use crate::tickets::{TIME_ENTRIES_MAX, TicketId, TimeEntryId};
use crate::{Actor, Error, Permission, Result, Timestamp, Validation, optional, parse_day};
use serde_json::json;

/// Notes time in the actor's own name: `45`, `45m`, `1h 30m` or `1:30`, at most a day. `spent_on` is a day as in
/// `2026-11-24`; today in the actor's time zone when it is not given.
pub async fn add_time_entry(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    time: &str,
    note: Option<&str>,
    spent_on: Option<&str>,
) -> Result<TimeEntryId> {
    actor.require(Permission::TicketUpdate)?;
    let me = actor.signed_in()?;
    let mut check = Validation::default();
    let minutes = check.take(parse_minutes(time));
    let note = check.take(optional("note", note, 300));
    let day = check.take(day(spent_on, &actor.time_zone));
    check.finish()?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM ticket_time_entries WHERE ticket_id = $1"#,
        ticket as _
    );
    if count.fetch_one(&mut *tx).await? >= TIME_ENTRIES_MAX {
        return Err(Error::invalid("time", format!("At most {TIME_ENTRIES_MAX} entries on one ticket, please.")));
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO ticket_time_entries (ticket_id, user_id, minutes, note, spent_on)
           VALUES ($1, $2, $3, $4, $5::text::date) RETURNING id AS "id: TimeEntryId""#,
        ticket as _,
        me as _,
        minutes,
        note,
        day,
    )
    .fetch_one(&mut *tx)
    .await?;
    record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["time"] })).await?;
    tx.commit().await?;
    Ok(id)
}

/// The day that was named, not in the future; today when none was.
fn day(named: Option<&str>, zone: &str) -> Result<String> {
    let today = Timestamp::now().day(zone);
    match named.filter(|day| !day.trim().is_empty()) {
        // Days written this way sort as they follow each other.
        Some(day) => match parse_day("spent_on", day)? {
            day if day > today => Err(Error::invalid("spent_on", "This day is still to come.")),
            day => Ok(day),
        },
        None => Ok(today),
    }
}

/// Takes an entry away: one's own, or with `ticket.delete` anyone's.
pub async fn remove_time_entry(desk: &Desk, actor: &Actor, ticket: TicketId, entry: TimeEntryId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    let gone = sqlx::query!(
        "DELETE FROM ticket_time_entries WHERE id = $1 AND ticket_id = $2 AND (user_id = $3 OR $4)",
        entry as _,
        ticket as _,
        actor.user_id as _,
        actor.can(Permission::TicketDelete),
    )
    .execute(&mut *tx)
    .await?;
    if gone.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["time"] })).await?;
    tx.commit().await?;
    Ok(())
}
