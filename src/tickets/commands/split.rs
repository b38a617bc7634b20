//! Splitting: a message that is a matter of its own becomes a ticket.

use super::create::insert_row;
use super::link::relate;
use super::{Created, History, record, write_history};
use crate::desk::Desk;
use crate::tickets::queries::lock_visible;
use crate::tickets::rules::{TicketDraft, check_new_ticket};
use crate::tickets::{CommentId, TicketId, TicketPriority, TicketSource};
use crate::{Actor, Error, Permission, Result};
use serde_json::json;
use sqlx::PgConnection;

/// Makes a ticket from a public message, in the name of whoever wrote it, with its files, linked as RELATED. The
/// message stays where it was said. A note is not for its requester's eyes and cannot become a request.
pub async fn split_ticket(
    desk: &Desk,
    actor: &Actor,
    ticket: TicketId,
    comment: CommentId,
    subject: &str,
) -> Result<Created> {
    actor.require(Permission::TicketUpdate)?;
    actor.require(Permission::TicketCreate)?;
    let mut tx = desk.db.begin().await?;
    let origin = lock_visible(&mut tx, actor, ticket).await?;
    let message = sqlx::query!(
        r#"SELECT c.comment, c.is_internal, c.is_from_email, u.email AS "email?",
             coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), t.requester_name) AS name,
             t.requester_email, u.id IS NULL OR u.id IS NOT DISTINCT FROM t.requester_id AS "by_requester!", t.queue_id AS "queue?"
           FROM ticket_comments c JOIN tickets t ON t.id = c.ticket_id LEFT JOIN users u ON u.id = c.user_id
           WHERE c.id = $1 AND c.deleted_at IS NULL AND c.ticket_id IN (SELECT ticket_tree($2))"#,
        comment as _,
        ticket as _,
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if message.is_internal {
        return Err(Error::invalid(
            "comment_id",
            "An internal note cannot become a request: its requester would read it.",
        ));
    }
    let email = if message.by_requester { None } else { message.email };
    let draft = TicketDraft {
        subject: subject.to_owned(),
        description: message.comment,
        priority: Some(TicketPriority::Medium.to_string()),
        queue_id: message.queue.map(|queue| queue.to_string()),
        requester_email: email.unwrap_or(message.requester_email),
        requester_name: message.name,
        ..TicketDraft::default()
    };
    let source = if message.is_from_email { TicketSource::Email } else { TicketSource::Form };
    let (created, _) = insert_row(&mut tx, actor, &check_new_ticket(draft, source)?, None, None).await?;
    copy_files(&mut tx, comment, created.id).await?;
    let from = origin.ticket_number.as_str();
    write_history(&mut tx, actor, created.id, History::done("CREATED")).await?;
    write_history(&mut tx, actor, created.id, History::internal("SPLIT", "split_from", None, Some(from))).await?;
    let into = created.ticket_number.as_str();
    write_history(&mut tx, actor, ticket, History::internal("SPLIT", "split_into", None, Some(into))).await?;
    record(&mut tx, actor, created.id, "ticket.created", false, json!({ "split_from": ticket })).await?;
    relate(&mut tx, actor, created.id, ticket).await?;
    tx.commit().await?;
    Ok(created)
}

/// The new ticket has the message's files too. A stored file never changes, so that both rows name the same one.
async fn copy_files(tx: &mut PgConnection, comment: CommentId, ticket: TicketId) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ticket_attachments (ticket_id, file_name, file_path, file_size, mime_type, sha256, uploaded_by_id)
         SELECT $2, file_name, file_path, file_size, mime_type, sha256, uploaded_by_id FROM ticket_attachments
         WHERE comment_id = $1",
        comment as _,
        ticket as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}
