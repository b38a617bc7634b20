//! Replies that wait a moment before they are sent, so that they can be taken back. Until then nothing has happened: no
//! mail, no status, nothing that a requester could see.

use super::arrangement::Arrangement;
use super::reply::{forget_draft, insert_reply};
use crate::desk::Desk;
use crate::people::UserId;
use crate::people::queries::actor_for_user;
use crate::tickets::queries::lock_visible;
use crate::tickets::rules::{Side, StatusChange, check_transition};
use crate::tickets::{OutgoingId, PublicReply, TicketId, TicketStatus, attachments};
use crate::{Actor, Error, Origin, Permission, Result, Timestamp, events, jobs, settings};
use serde_json::json;

/// Sends an agent's reply after the time in which it can be taken back (`tickets.undo_send_seconds`). What is wrong
/// with it is said now.
pub async fn schedule_reply(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    reply: &PublicReply,
    then: Option<TicketStatus>,
) -> Result<OutgoingId> {
    actor.require(Permission::TicketReply)?;
    let me = actor.signed_in()?;
    let wait = settings::queries::number(desk, "tickets.undo_send_seconds").await?.min(60) as i64;
    let send_at = Timestamp::from_microsecond(Timestamp::now().as_microsecond() + wait * 1_000_000);
    let send_at = send_at.ok_or(Error::Internal)?;
    let ends = matches!(then, Some(TicketStatus::Resolved | TicketStatus::Closed));
    let arrangement = if ends { Some(Arrangement::read(desk, actor).await?) } else { None };
    let mut tx = desk.db.begin().await?;
    let before = lock_visible(&mut tx, actor, ticket).await?;
    if before.side(actor)? != Side::Agent {
        return Err(Error::Forbidden);
    }
    let said = StatusChange::parse(Some("said"), Some("said"))?;
    let status = then.unwrap_or(before.status);
    check_transition(before.status, status, Side::Agent, &said, before.closed_at, Timestamp::now())?;
    if let Some(arrangement) = arrangement.filter(|_| before.status.is_open()) {
        arrangement.check_locked(&before)?;
    }
    let id = sqlx::query_scalar!(
        r#"INSERT INTO outgoing_replies (ticket_id, user_id, body, then_status, send_at) VALUES ($1, $2, $3, $4, $5)
           RETURNING id AS "id: OutgoingId""#,
        ticket as _,
        me as _,
        reply.body(),
        then as _,
        send_at as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    forget_draft(&mut tx, actor, ticket, false).await?;
    jobs::enqueue_at(&mut tx, jobs::SEND_REPLY, &json!({ "id": id }), &format!("reply:{id}"), send_at).await?;
    tx.commit().await?;
    Ok(id)
}

/// Takes a reply back that has not been sent, and returns what it said: it is a draft again.
pub async fn take_back_reply(desk: &Desk, actor: &Actor, id: OutgoingId) -> Result<String> {
    let me = actor.signed_in()?;
    let mut tx = desk.db.begin().await?;
    let taken = sqlx::query!(
        "DELETE FROM outgoing_replies WHERE id = $1 AND user_id = $2 RETURNING ticket_id, body",
        id as _,
        me as _,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::invalid("id", "It has been sent already."))?;
    // Something new may have been begun meanwhile: that stays.
    sqlx::query!(
        "INSERT INTO ticket_drafts (ticket_id, user_id, is_internal, body) VALUES ($1, $2, false, $3) ON CONFLICT DO NOTHING",
        taken.ticket_id,
        me as _,
        taken.body,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(taken.body)
}

/// Sends a reply whose time has come. A job; idempotent: the row goes in the transaction in which the reply comes.
pub(crate) async fn send_reply(desk: &Desk, id: OutgoingId) -> Result<()> {
    let row = sqlx::query!(
        r#"SELECT ticket_id AS "ticket_id: TicketId", user_id AS "user_id: UserId", body, then_status AS "then_status: TicketStatus"
           FROM outgoing_replies WHERE id = $1 AND error IS NULL"#,
        id as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let Some(actor) = actor_for_user(desk, row.user_id, Origin::System("undo send".into())).await? else {
        return refuse(desk, id, &Error::Forbidden).await;
    };
    let reply = PublicReply::parse(&row.body)?;
    let nothing = attachments::Kept::none();
    let mut sent = insert_reply(desk, &actor, row.ticket_id, &reply, row.then_status, &nothing, Some(id)).await;
    if matches!(sent, Err(Error::Invalid(_))) && row.then_status.is_some() {
        // The ticket went elsewhere meanwhile: what was said still counts.
        sent = insert_reply(desk, &actor, row.ticket_id, &reply, None, &nothing, Some(id)).await;
    }
    match sent {
        Ok(_) => Ok(()),
        Err(error @ (Error::Invalid(_) | Error::Forbidden | Error::NotFound)) => refuse(desk, id, &error).await,
        Err(error) => Err(error),
    }
}

/// Keeps what could not be sent, with the reason, for its writer to take back.
async fn refuse(desk: &Desk, id: OutgoingId, why: &Error) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let row = sqlx::query!(
        r#"UPDATE outgoing_replies SET error = $2 WHERE id = $1 RETURNING ticket_id AS "ticket_id: TicketId""#,
        id as _,
        why.to_string(),
    )
    .fetch_optional(&mut *tx)
    .await?;
    // Taken back at the last moment.
    let Some(row) = row else { return Ok(()) };
    let event = events::NewEvent {
        kind: "ticket.refused",
        ticket_id: row.ticket_id,
        is_internal: true,
        data: json!({ "outgoing_id": id }),
    };
    events::record(&mut tx, &Actor::system("undo send"), event).await?;
    tx.commit().await?;
    Ok(())
}
