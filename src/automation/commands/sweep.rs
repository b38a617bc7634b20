//! Rules whose time has come. Each has looked up to a moment and goes on from there, so that its cost follows what falls
//! due, not what there is; what it did stands under the moment it counted from, so that no two workers do it twice.

use super::act::{Cause, Fired, fire};
use crate::automation::facts::{Seen, seen};
use crate::automation::rules::{Names, evaluate, required_statuses};
use crate::automation::{Rule, RuleMoment, Since, queries};
use crate::desk::Desk;
use crate::tickets::TicketId;
use crate::{Actor, Result, Timestamp};

/// So many tickets are looked at at a time.
const PAGE: i64 = 200;

/// Tries each timed rule on the tickets whose moment has come by `now`, oldest first; returns how often one fired. A rule
/// looks at a ticket once for each moment it counts from; before a deadline, until it has fired or the deadline has come.
pub async fn sweep_rules(desk: &Desk, now: Timestamp) -> Result<usize> {
    let mut fired = 0;
    let known = queries::known_rules(desk).await?;
    for rule in &known.rules {
        let RuleMoment::After { since, minutes } = rule.moment else { continue };
        fired += sweep_rule(desk, (rule, &known.names), since, minutes, now).await?;
    }
    Ok(fired)
}

async fn sweep_rule(
    desk: &Desk,
    (rule, names): (&Rule, &Names),
    since: Since,
    minutes: i32,
    now: Timestamp,
) -> Result<usize> {
    let mut place = start(desk, rule, since, now).await?;
    let until = match since {
        Since::Due => now.plus_seconds(i64::from(minutes) * 60),
        _ => now.plus_seconds(-i64::from(minutes) * 60),
    };
    let mut fired = 0;
    loop {
        let page = page(desk, rule, since, place, until).await?;
        let whole = page.len() as i64 == PAGE;
        let ids: Vec<TicketId> = page.iter().map(|(_, id)| *id).collect();
        let mut db = desk.db.acquire().await?;
        let mut tickets = seen(&mut db, &ids).await?;
        drop(db);
        // Oldest first, as they were found.
        tickets.sort_by_key(|ticket| ids.iter().position(|id| *id == ticket.id));
        for ticket in &tickets {
            let Some(moment) = moment(ticket, since).filter(|moment| *moment <= until) else { continue };
            if evaluate(&rule.condition, &ticket.facts).is_ok() {
                let actor = Actor::rule(rule.id, &rule.name, []);
                let did = fire(desk, &actor, (rule, names), ticket, Cause::Since(moment)).await?;
                fired += usize::from(did == Fired::Now);
            }
        }
        // Up to here nothing is left, whether it was looked at or left out.
        place = page.last().copied().filter(|_| whole).unwrap_or((until, TicketId(uuid::Uuid::max())));
        if since != Since::Due {
            go_on(desk, rule, place).await?;
        }
        if !whole {
            return Ok(fired);
        }
    }
}

/// What a timed rule counts from, on a ticket as it is now.
pub(in crate::automation) fn moment(ticket: &Seen, since: Since) -> Option<Timestamp> {
    match since {
        Since::Created => Some(ticket.created_at),
        Since::Status => Some(ticket.status_since),
        Since::Waits => ticket.waits_since,
        Since::Due => ticket.due_at.filter(|_| ticket.status.is_open()),
    }
}

/// Where a rule goes on. What will be due lies ahead: it is looked at again each time.
async fn start(desk: &Desk, rule: &Rule, since: Since, now: Timestamp) -> Result<(Timestamp, TicketId)> {
    if since == Since::Due {
        return Ok((now, TicketId(uuid::Uuid::nil())));
    }
    let row = sqlx::query!(
        r#"SELECT greatest(seen_at, '1970-01-01') AS "at!: Timestamp", seen_ticket AS "ticket: TicketId" FROM rules WHERE id = $1"#,
        rule.id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    Ok(row.map_or((now, TicketId(uuid::Uuid::max())), |row| (row.at, row.ticket)))
}

/// The next tickets after `place` whose moment is no later than `until`.
async fn page(
    desk: &Desk,
    rule: &Rule,
    since: Since,
    place: (Timestamp, TicketId),
    until: Timestamp,
) -> Result<Vec<(Timestamp, TicketId)>> {
    let column = match since {
        Since::Created => "t.created_at",
        Since::Status => "t.status_since",
        Since::Waits => "t.waits_since",
        Since::Due => "t.due_at",
    };
    let open = if since == Since::Due { " AND t.is_open" } else { "" };
    let statuses: Option<Vec<String>> = required_statuses(&rule.condition)
        .map(|statuses| statuses.iter().map(|status| status.as_str().to_owned()).collect());
    // Its own statement for each column, so that each has its own index.
    let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new("SELECT ");
    query.push(column).push(", t.id FROM tickets t WHERE t.deleted_at IS NULL AND t.merged_into_id IS NULL").push(open);
    query.push(" AND (").push(column).push(", t.id) > (").push_bind(place.0).push(", ").push_bind(place.1);
    query.push(") AND ").push(column).push(" <= ").push_bind(until);
    if let Some(statuses) = statuses {
        query.push(" AND t.status = ANY(").push_bind(statuses).push(")");
    }
    query.push(" ORDER BY 1, 2 LIMIT ").push_bind(PAGE);
    Ok(query.build_query_as().fetch_all(&desk.db).await?)
}

/// Notes how far a rule has looked. Not where it was changed meanwhile: then it begins anew.
async fn go_on(desk: &Desk, rule: &Rule, (at, ticket): (Timestamp, TicketId)) -> Result<()> {
    sqlx::query!(
        "UPDATE rules SET seen_at = $3, seen_ticket = $4 WHERE id = $1 AND version = $2 AND (seen_at, seen_ticket) < ($3, $4)",
        rule.id as _,
        rule.version,
        at as _,
        ticket as _
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}
