//! Telling people. Runs in a job, never on the way of the person who acted.

use crate::Result;
use crate::desk::Desk;
use uuid::Uuid;

/// Tells the assignee of what others did to their ticket, and the requester of what is public. Nobody is told of
/// their own deed; nobody twice.
pub async fn notify_of_event(desk: &Desk, event: Uuid) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO notifications (user_id, type, title, message, link, event_id)
        SELECT person.id,
          CASE e.kind WHEN 'ticket.created' THEN 'TICKET_CREATED' WHEN 'ticket.replied' THEN 'COMMENT_ADDED'
                      WHEN 'ticket.noted' THEN 'COMMENT_ADDED' ELSE 'TICKET_UPDATED' END,
          t.ticket_number || ': ' || t.subject,
          CASE e.kind WHEN 'ticket.created' THEN 'A new ticket' WHEN 'ticket.replied' THEN 'A new reply'
                      WHEN 'ticket.noted' THEN 'A new internal note' ELSE 'The ticket changed' END,
          CASE WHEN person.id = t.assigned_to_id THEN '/tickets/' ELSE '/portal/requests/' END || t.ticket_number,
          e.id
        FROM events e
        JOIN tickets t ON t.id = e.ticket_id
        CROSS JOIN LATERAL (
          SELECT t.assigned_to_id AS id WHERE t.assigned_to_id IS NOT NULL
          UNION
          SELECT t.requester_id WHERE t.requester_id IS NOT NULL AND NOT e.is_internal
        ) AS person
        WHERE e.id = $1 AND person.id IS DISTINCT FROM e.actor_id
        ON CONFLICT (user_id, event_id) DO NOTHING
        "#,
        event
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}
