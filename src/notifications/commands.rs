//! Telling people. Runs in a job, never on the way of the person who acted.

use crate::Result;
use crate::desk::Desk;
use uuid::Uuid;

/// Tells the assignee and the watchers of what others did to the ticket, and the requester of what is public. Nobody is told of
/// their own deed; nobody twice.
pub async fn notify_of_event(desk: &Desk, event: Uuid) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO notifications (user_id, type, title, message, link, event_id)
        SELECT person.id,
          CASE WHEN person.mentioned THEN 'MENTION' WHEN e.kind = 'ticket.created' THEN 'TICKET_CREATED'
               WHEN e.kind IN ('ticket.replied','ticket.noted') THEN 'COMMENT_ADDED' ELSE 'TICKET_UPDATED' END,
          t.ticket_number || ': ' || t.subject,
          CASE WHEN person.mentioned THEN 'You were mentioned' ELSE
          CASE e.kind WHEN 'ticket.created' THEN 'A new ticket' WHEN 'ticket.replied' THEN 'A new reply'
                      WHEN 'ticket.noted' THEN 'A new internal note' WHEN 'ticket.returned' THEN 'It is time to look again'
                      ELSE 'The ticket changed' END END,
          CASE WHEN person.works THEN '/tickets/' ELSE '/portal/requests/' END || t.ticket_number,
          e.id
        FROM events e
        JOIN tickets t ON t.id = e.ticket_id
        CROSS JOIN LATERAL (
          SELECT DISTINCT ON (concerned.id) concerned.id, concerned.works,
            EXISTS (SELECT FROM ticket_mentions m WHERE m.user_id = concerned.id AND m.comment_id::text = e.data->>'comment_id') AS mentioned
          FROM (
            SELECT t.assigned_to_id AS id, true AS works WHERE t.assigned_to_id IS NOT NULL
            UNION ALL SELECT t.requester_id, false WHERE t.requester_id IS NOT NULL AND NOT e.is_internal
            -- Watchers hear of what they may see today, whatever they saw when they began to watch.
            UNION ALL SELECT w.user_id, true FROM ticket_watchers w JOIN users u ON u.id = w.user_id
              WHERE w.ticket_id IN (SELECT ticket_tree(t.id)) AND u.active AND u.deleted_at IS NULL
                AND EXISTS (
                  SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id
                    AND ('ticket.read.all' = ANY(r.permissions) OR ('ticket.read.queue' = ANY(r.permissions)
                      AND (t.queue_id IS NULL OR t.assigned_to_id = u.id
                        OR EXISTS (SELECT FROM queues q WHERE q.id = t.queue_id AND q.visibility = 'AGENTS')
                        OR EXISTS (SELECT FROM queue_members m WHERE m.queue_id = t.queue_id AND m.user_id = u.id)))))
                AND (NOT e.is_internal OR EXISTS (
                  SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                  WHERE ur.user_id = u.id AND 'note.read' = ANY(r.permissions)))
          ) AS concerned ORDER BY concerned.id, concerned.works DESC
        ) AS person
        WHERE e.id = $1 AND e.kind <> 'ticket.refused' AND t.deleted_at IS NULL AND person.id IS DISTINCT FROM e.actor_id
        ON CONFLICT (user_id, event_id) DO NOTHING
        "#,
        event
    )
    .execute(&desk.db)
    .await?;
    Ok(())
}
