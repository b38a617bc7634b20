//! Links between tickets. Each is stored once and seen from both sides.

use super::{History, lock_graph, record, write_history};
use crate::desk::Desk;
use crate::tickets::queries::{Locked, lock_visible};
use crate::tickets::{LINKS_MAX, LinkId, LinkType, TicketId};
use crate::{Actor, Error, Permission, Result};
use serde_json::json;
use sqlx::PgConnection;

/// Links two tickets that the actor sees and may change. The same link again is no error. What blocks must not be
/// blocked by what it blocks, however far around; nor may a duplicate come round to itself.
pub async fn link_tickets(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    link_type: LinkType,
    other: TicketId,
) -> Result<LinkId> {
    actor.require(Permission::TicketUpdate)?;
    if ticket == other {
        return Err(Error::invalid("ticket", "A ticket cannot be linked to itself."));
    }
    let mut tx = desk.db.begin().await?;
    // Two links made at once could close a circle that neither sees.
    lock_graph(&mut tx).await?;
    let (one, two) = lock_both(&mut tx, actor, ticket, other).await?;
    let (source, target, stored) = stored(ticket, link_type, other);
    if stored != LinkType::Related && leads_to(&mut tx, target, source, stored).await? {
        return Err(Error::invalid("ticket", circle(stored, &two)));
    }
    let links = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM ticket_links WHERE source_ticket_id = $1 OR target_ticket_id = $1"#,
        ticket as _
    );
    if links.fetch_one(&mut *tx).await? >= LINKS_MAX {
        return Err(Error::invalid("ticket", format!("At most {LINKS_MAX} links on one ticket, please.")));
    }
    let id = insert_link(&mut tx, actor, source, target, stored).await?;
    if id.is_new {
        let (mine, theirs) = (seen(link_type, &two), seen(inverse(link_type), &one));
        write_history(&mut tx, actor, ticket, History::internal("LINKED", "link", None, Some(&mine))).await?;
        write_history(&mut tx, actor, other, History::internal("LINKED", "link", None, Some(&theirs))).await?;
        record(&mut tx, actor, ticket, "ticket.updated", true, json!({ "fields": ["links"] })).await?;
        record(&mut tx, actor, other, "ticket.updated", true, json!({ "fields": ["links"] })).await?;
    }
    tx.commit().await?;
    Ok(id.id)
}

/// Notes that two tickets belong together, in the caller's transaction; whether that is new.
pub(super) async fn relate(tx: &mut PgConnection, actor: &Actor, one: TicketId, two: TicketId) -> Result<bool> {
    let (source, target, stored) = stored(one, LinkType::Related, two);
    Ok(insert_link(tx, actor, source, target, stored).await?.is_new)
}

/// Takes a link away, from either side.
pub async fn unlink_tickets(desk: &Desk, actor: &Actor, ticket: TicketId, link: LinkId) -> Result<()> {
    actor.require(Permission::TicketUpdate)?;
    let mut tx = desk.db.begin().await?;
    lock_visible(&mut tx, actor, ticket).await?;
    // Links of what was merged into this ticket are shown here and taken away here.
    let gone = sqlx::query!(
        r#"DELETE FROM ticket_links WHERE id = $1
             AND (source_ticket_id IN (SELECT ticket_tree($2)) OR target_ticket_id IN (SELECT ticket_tree($2)))
           RETURNING source_ticket_id AS "source: TicketId", target_ticket_id AS "target: TicketId",
             link_type AS "link_type: LinkType""#,
        link as _,
        ticket as _,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    for side in [gone.source, gone.target] {
        let word = gone.link_type.as_str();
        write_history(&mut tx, actor, side, History::internal("UNLINKED", "link", Some(word), None)).await?;
        record(&mut tx, actor, side, "ticket.updated", true, json!({ "fields": ["links"] })).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Locks both in the order of their ids.
async fn lock_both(tx: &mut PgConnection, actor: &Actor, one: TicketId, two: TicketId) -> Result<(Locked, Locked)> {
    let unseen = |_| Error::invalid("ticket", "There is no such ticket, or you may not see it.");
    if one < two {
        let first = lock_visible(&mut *tx, actor, one).await?;
        Ok((first, lock_visible(tx, actor, two).await.map_err(unseen)?))
    } else {
        let second = lock_visible(&mut *tx, actor, two).await.map_err(unseen)?;
        Ok((lock_visible(tx, actor, one).await?, second))
    }
}

/// How a link is stored: BLOCKED_BY as the other's BLOCKS, RELATED from the older ticket to the newer.
fn stored(ticket: TicketId, link_type: LinkType, other: TicketId) -> (TicketId, TicketId, LinkType) {
    match link_type {
        LinkType::BlockedBy => (other, ticket, LinkType::Blocks),
        LinkType::Related if other < ticket => (other, ticket, LinkType::Related),
        link_type => (ticket, other, link_type),
    }
}

fn inverse(link_type: LinkType) -> LinkType {
    match link_type {
        LinkType::Blocks => LinkType::BlockedBy,
        LinkType::BlockedBy => LinkType::Blocks,
        same => same,
    }
}

fn seen(link_type: LinkType, other: &Locked) -> String {
    format!("{link_type} {}", other.ticket_number)
}

fn circle(link_type: LinkType, other: &Locked) -> String {
    match link_type {
        LinkType::Duplicate => format!("{} is a duplicate of this ticket already.", other.ticket_number),
        _ => "Then this ticket would block itself: look at what blocks it.".to_owned(),
    }
}

/// Whether links of this type lead from one ticket to another.
async fn leads_to(tx: &mut PgConnection, from: TicketId, to: TicketId, link_type: LinkType) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"WITH RECURSIVE reached AS (
             SELECT $1::uuid AS id
             UNION SELECT l.target_ticket_id FROM ticket_links l JOIN reached r ON l.source_ticket_id = r.id
             WHERE l.link_type = $3)
           SELECT EXISTS (SELECT FROM reached WHERE id = $2) AS "found!""#,
        from as _,
        to as _,
        link_type as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(found)
}

struct Inserted {
    id: LinkId,
    is_new: bool,
}

async fn insert_link(
    tx: &mut PgConnection,
    actor: &Actor,
    source: TicketId,
    target: TicketId,
    link_type: LinkType,
) -> Result<Inserted> {
    let inserted = sqlx::query_as!(
        Inserted,
        r#"INSERT INTO ticket_links (source_ticket_id, target_ticket_id, link_type, created_by_id) VALUES ($1, $2, $3, $4)
           ON CONFLICT (source_ticket_id, target_ticket_id, link_type) DO UPDATE SET link_type = EXCLUDED.link_type
           RETURNING id AS "id: LinkId", xmax = 0 AS "is_new!""#,
        source as _,
        target as _,
        link_type as _,
        actor.user_id as _,
    )
    .fetch_one(tx)
    .await?;
    Ok(inserted)
}
