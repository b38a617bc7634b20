//! Who is told of an event. Runs in a job, never on the way of the person who acted.

use crate::desk::Desk;
use crate::notifications::rules::{mail_due_at, message};
use crate::notifications::{Digest, NotificationType, QuietHours};
use crate::people::UserId;
use crate::sla::SlaTarget;
use crate::tickets::{CommentId, TicketId, TicketNumber, TicketStatus};
use crate::{Result, Timestamp, events};
use uuid::Uuid;

/// Of what else is changed on a ticket nobody is told: who works on it sees it there.
const TOLD_FIELDS: [&str; 8] =
    ["status", "priority", "queue_id", "assigned_to_id", "category", "subcategory", "subject", "resolution_note"];

/// Someone to be told, and how.
struct Told {
    person: UserId,
    kind: NotificationType,
    works: bool,
    in_app: bool,
    mail_due_at: Option<Timestamp>,
}

/// What happened.
struct Happened {
    kind: String,
    ticket: TicketId,
    number: TicketNumber,
    subject: String,
    status: TicketStatus,
    comment: Option<CommentId>,
    changed: Vec<String>,
    who: String,
    /// Which promise is due.
    target: Option<SlaTarget>,
    /// What a rule says.
    text: Option<String>,
}

/// Tells the assignee and the watchers of what others did to the ticket, the requester of what is public, and a queue's
/// members of new tickets if they wish. Nobody is told of their own deed, of what they may not see, or twice.
pub async fn notify_of_event(desk: &Desk, event: Uuid) -> Result<()> {
    let Some(happened) = happened(desk, event).await? else { return Ok(()) };
    let told = concerned(desk, event).await?;
    if told.is_empty() {
        return Ok(());
    }
    let title = format!("{}: {}", happened.number, happened.subject);
    let (mut people, mut kinds, mut messages, mut links) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut in_app, mut due) = (Vec::new(), Vec::new());
    for one in &told {
        people.push(one.person);
        kinds.push(one.kind.as_str().to_owned());
        messages.push(happened.text.clone().unwrap_or_else(|| {
            message(one.kind, &happened.kind, &happened.who, happened.status, &happened.changed, happened.target)
        }));
        let page = if one.works { "/tickets/" } else { "/portal/requests/" };
        links.push(format!("{page}{}", happened.number));
        in_app.push(one.in_app);
        due.push(one.mail_due_at);
    }
    let mut tx = desk.db.begin().await?;
    let shown = sqlx::query_scalar!(
        r#"INSERT INTO notifications (user_id, type, title, message, link, in_app, mail_due_at, event_id, ticket_id, comment_id)
           SELECT told.*, $8::uuid, $9::uuid, $10::uuid
           FROM unnest($1::uuid[], $2::text[], array_fill($3::text, ARRAY[cardinality($1)]), $4::text[], $5::text[], $6::bool[], $7::timestamptz[]) AS told
           ON CONFLICT (user_id, event_id) DO NOTHING
           RETURNING CASE WHEN in_app THEN user_id END AS "person: UserId""#,
        &people as _,
        &kinds,
        title,
        &messages,
        &links,
        &in_app,
        &due as _,
        event,
        happened.ticket as _,
        happened.comment as _,
    )
    .fetch_all(&mut *tx)
    .await?;
    events::tell(&mut tx, Some(happened.ticket), shown.into_iter().flatten().collect()).await?;
    tx.commit().await?;
    Ok(())
}

/// The event, unless nobody is told of such.
async fn happened(desk: &Desk, event: Uuid) -> Result<Option<Happened>> {
    let row = sqlx::query!(
        r#"SELECT e.kind, t.id AS "ticket: TicketId", t.ticket_number AS "number: TicketNumber", t.subject, t.status AS "status: TicketStatus",
             c.id AS "comment?: CommentId", e.data->>'target' AS "target?: SlaTarget", CASE WHEN e.kind = 'ticket.told' THEN e.data->>'text' END AS text,
             coalesce((SELECT array_agg(field) FROM jsonb_array_elements_text(e.data->'fields') AS field), '{}') AS "changed!",
             coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), c.author_name, c.author_email,
               CASE WHEN e.kind IN ('ticket.created', 'ticket.rated') THEN coalesce(t.requester_name, t.requester_email) END, 'The desk') AS "who!"
           FROM events e JOIN tickets t ON t.id = e.ticket_id
           LEFT JOIN users u ON u.id = e.actor_id
           LEFT JOIN ticket_comments c ON c.id = (e.data->>'comment_id')::uuid
           WHERE e.id = $1 AND e.kind <> 'ticket.refused' AND t.deleted_at IS NULL"#,
        event
    )
    .fetch_optional(&desk.db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let told = row.kind != "ticket.updated" || row.changed.iter().any(|field| TOLD_FIELDS.contains(&field.as_str()));
    Ok(told.then(|| Happened {
        changed: row.changed.into_iter().filter(|field| TOLD_FIELDS.contains(&field.as_str())).collect(),
        kind: row.kind,
        ticket: row.ticket,
        number: row.number,
        subject: row.subject,
        status: row.status,
        comment: row.comment,
        who: row.who,
        target: row.target,
        text: row.text,
    }))
}

/// Whom it concerns, with what they chose. One query for all of them.
async fn concerned(desk: &Desk, event: Uuid) -> Result<Vec<Told>> {
    let defaults = NotificationType::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.default_channels()));
    let (kinds, channels): (Vec<_>, Vec<_>) = defaults.unzip();
    let in_app: Vec<_> = channels.iter().map(|channels| channels.in_app).collect();
    let by_mail: Vec<_> = channels.iter().map(|channels| channels.by_mail).collect();
    let rows = sqlx::query!(
        r#"
        WITH happened AS (
          SELECT e.kind, e.actor_id, e.is_internal, e.data, t.id, e.assignee_id, t.assigned_to_id, t.requester_id, t.queue_id,
            coalesce(e.data->'fields' ? 'assigned_to_id', false) AS given, coalesce(e.data->'fields' ? 'status', false) AS moved
          FROM events e JOIN tickets t ON t.id = e.ticket_id WHERE e.id = $1),
        named AS (
          SELECT assignee_id AS id, true AS works, false AS of_queue FROM happened WHERE kind <> 'ticket.told'
          -- Whoever asks hears what is public: answers, and what becomes of it.
          UNION ALL SELECT requester_id, false, false FROM happened
            WHERE NOT is_internal AND (kind = 'ticket.replied' OR moved)
          UNION ALL SELECT w.user_id, true, false FROM happened h JOIN ticket_watchers w ON w.ticket_id IN (SELECT ticket_tree(h.id)) AND h.kind <> 'ticket.told'
          UNION ALL SELECT m.user_id, true, true FROM happened h JOIN queue_members m ON m.queue_id = h.queue_id
            WHERE h.kind = 'ticket.created'
          -- Whom a policy or a rule names.
          UNION ALL SELECT person.id::uuid, true, false FROM happened h, jsonb_array_elements_text(h.data->'people') AS person (id)),
        concerned AS (
          SELECT DISTINCT ON (n.id) n.id, n.works, u.email, u.email_verified, u.time_zone,
            EXISTS (SELECT FROM ticket_mentions m WHERE m.user_id = n.id AND m.comment_id = (h.data->>'comment_id')::uuid) AS mentioned,
            CASE WHEN EXISTS (SELECT FROM ticket_mentions m WHERE m.user_id = n.id AND m.comment_id = (h.data->>'comment_id')::uuid) THEN 'MENTION'
              WHEN h.kind = 'ticket.replied' THEN 'COMMENT_ADDED' WHEN h.kind = 'ticket.noted' THEN 'NOTE_ADDED'
              WHEN h.kind = 'ticket.breached' THEN 'SLA_BREACHED' WHEN h.kind = 'ticket.due_soon' THEN 'SLA_WARNING'
              WHEN h.kind = 'ticket.returned' THEN 'TICKET_RETURNED' WHEN h.kind = 'ticket.told' THEN 'RULE'
              WHEN n.works AND n.id = h.assignee_id AND (h.given OR h.kind = 'ticket.created') THEN 'TICKET_ASSIGNED'
              WHEN h.kind = 'ticket.created' THEN 'TICKET_CREATED' ELSE 'TICKET_UPDATED' END AS type
          FROM named n CROSS JOIN happened h JOIN users u ON u.id = n.id
          WHERE u.active AND u.deleted_at IS NULL AND n.id IS DISTINCT FROM h.actor_id
            -- What they may see today, whatever they saw when they were named.
            AND (NOT n.works OR EXISTS (
              SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id
                AND ('ticket.read.all' = ANY(r.permissions) OR ('ticket.read.queue' = ANY(r.permissions)
                  AND (h.queue_id IS NULL OR h.assigned_to_id = u.id
                    OR EXISTS (SELECT FROM queues q WHERE q.id = h.queue_id AND q.visibility = 'AGENTS')
                    OR EXISTS (SELECT FROM queue_members m WHERE m.queue_id = h.queue_id AND m.user_id = u.id))))))
            AND (NOT h.is_internal OR EXISTS (
              SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND 'note.read' = ANY(r.permissions)))
          ORDER BY n.id, n.works DESC, n.of_queue)
        SELECT c.id AS "person!: UserId", c.type AS "kind!: NotificationType", c.works AS "works!", c.time_zone AS "time_zone!",
          coalesce(p.in_app, d.in_app) AS "in_app!",
          -- Whoever asks gets the answers themselves by mail. What is not confirmed may be another's address.
          c.works AND c.email_verified AND coalesce(p.by_mail, d.by_mail) AS "by_mail!",
          s.digest AS "digest?: Digest", s.quiet_from AS "quiet_from?", s.quiet_to AS "quiet_to?"
        FROM concerned c
        JOIN unnest($2::text[], $3::bool[], $4::bool[]) AS d (type, in_app, by_mail) ON d.type = c.type
        LEFT JOIN notification_preferences p ON p.user_id = c.id AND p.type = c.type
        LEFT JOIN notification_schedules s ON s.user_id = c.id
        WHERE c.mentioned OR NOT EXISTS (SELECT FROM ticket_mutes m, happened h WHERE m.user_id = c.id AND m.ticket_id = h.id)
        "#,
        event,
        &kinds,
        &in_app,
        &by_mail,
    )
    .fetch_all(&desk.db)
    .await?;
    let now = Timestamp::now();
    let told = rows.into_iter().filter(|row| row.in_app || row.by_mail).map(|row| {
        let quiet = row.quiet_from.zip(row.quiet_to).map(|(from, to)| QuietHours { from, to });
        let due = || mail_due_at(now, &row.time_zone, row.digest.unwrap_or(Digest::None), quiet);
        Told {
            person: row.person,
            kind: row.kind,
            works: row.works,
            in_app: row.in_app,
            mail_due_at: row.by_mail.then(due),
        }
    });
    Ok(told.collect())
}
