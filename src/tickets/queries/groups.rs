//! A list under headings.

use super::list::{ROW, ROW_JOINS, order_by, push_filter};
use super::{list_queues, push_visible};
use crate::desk::Desk;
use crate::tickets::{
    QueueFilter, QueueId, TicketFilter, TicketGroup, TicketGrouping, TicketPriority, TicketRow, TicketSort,
    TicketStatus,
};
use crate::{Actor, Result, Timestamp};
use sqlx::{FromRow, Postgres, QueryBuilder, Row};

/// Each group shows so many tickets; its heading leads to all of them.
const SHOWN: i64 = 20;
/// At most this many groups.
const GROUPS_MAX: usize = 50;

/// One heading: its label, its filter token, and what its tickets have in common.
struct Heading {
    label: String,
    token: (&'static str, String),
    kind: Kind,
}

enum Kind {
    Status(TicketStatus),
    Priority(TicketPriority),
    Queue(Option<QueueId>),
}

/// The first tickets of each group, in one query. Groups without tickets are left out.
pub async fn group_tickets(
    desk: &Desk,
    actor: &Actor,
    filter: &TicketFilter,
    by: TicketGrouping,
) -> Result<Vec<TicketGroup>> {
    actor.signed_in()?;
    let sort = filter.sort.unwrap_or(TicketSort::Due);
    let headings = headings(desk, actor, filter, by).await?;
    if headings.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Postgres>::new(ROW);
    query.push(", t.place FROM (");
    for (place, heading) in headings.iter().enumerate() {
        query.push(if place == 0 { "(" } else { " UNION ALL (" });
        query.push("SELECT ").push_bind(place as i32).push("::int AS place, t.* FROM tickets t WHERE ");
        push_visible(&mut query, actor);
        push_filter(&mut query, actor, filter)?;
        match heading.kind {
            Kind::Status(status) => query.push(" AND t.status = ").push_bind(status),
            Kind::Priority(priority) => query.push(" AND t.priority = ").push_bind(priority),
            Kind::Queue(Some(queue)) => query.push(" AND t.queue_id = ").push_bind(queue),
            Kind::Queue(None) => query.push(" AND t.queue_id IS NULL"),
        };
        query.push(order_by(sort)).push(" LIMIT ").push_bind(SHOWN + 1).push(")");
    }
    query.push(") t").push(ROW_JOINS).push(order_by(sort).replacen("ORDER BY", "ORDER BY t.place,", 1));
    let rows = query.build().fetch_all(&desk.db).await?;
    let mut groups: Vec<TicketGroup> = headings.into_iter().map(Heading::group).collect();
    for row in &rows {
        let place = usize::try_from(row.try_get::<i32, _>("place")?).unwrap_or_default();
        if let Some(group) = groups.get_mut(place) {
            group.rows.push(TicketRow::from_row(row)?);
        }
    }
    for group in &mut groups {
        group.more = group.rows.len() as i64 > SHOWN;
        group.rows.truncate(SHOWN as usize);
    }
    groups.retain(|group| !group.rows.is_empty());
    Ok(groups)
}

impl Heading {
    fn group(self) -> TicketGroup {
        TicketGroup {
            label: self.label,
            token: (self.token.0.to_owned(), self.token.1),
            rows: Vec::new(),
            more: false,
            now: Timestamp::now(),
        }
    }
}

async fn headings(desk: &Desk, actor: &Actor, filter: &TicketFilter, by: TicketGrouping) -> Result<Vec<Heading>> {
    let status = |status: &TicketStatus| Heading {
        label: status.label().to_owned(),
        token: ("status", status.to_string()),
        kind: Kind::Status(*status),
    };
    let priority = |priority: &TicketPriority| Heading {
        label: priority.label().to_owned(),
        token: ("priority", priority.to_string()),
        kind: Kind::Priority(*priority),
    };
    Ok(match by {
        TicketGrouping::Status => {
            let wanted = |status: &&TicketStatus| filter.status.is_empty() || filter.status.contains(status);
            TicketStatus::ALL.iter().filter(wanted).map(status).collect()
        }
        TicketGrouping::Priority => TicketPriority::ALL.iter().rev().map(priority).collect(),
        TicketGrouping::Queue if filter.queue == Some(QueueFilter::None) => vec![no_queue()],
        TicketGrouping::Queue => {
            let queues = list_queues(desk, actor).await?.into_iter().take(GROUPS_MAX);
            let named = queues.map(|queue| Heading {
                token: ("queue", queue.name.clone()),
                label: queue.name,
                kind: Kind::Queue(Some(queue.id)),
            });
            named.chain([no_queue()]).collect()
        }
    })
}

fn no_queue() -> Heading {
    Heading { label: "No queue".to_owned(), token: ("queue", "none".to_owned()), kind: Kind::Queue(None) }
}
