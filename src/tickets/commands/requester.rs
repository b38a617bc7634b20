//! Whose tickets they are, when a person becomes another, or nobody.

use crate::Result;
use crate::people::{Erased, UserId};
use sqlx::PgConnection;

/// The former person's tickets, and those that only came from their address, become the remaining one's, who gets the answers from
/// now on.
pub(crate) async fn hand_over_tickets(
    tx: &mut PgConnection,
    (former, former_email): (UserId, &str),
    (into, email): (UserId, &str),
) -> Result<()> {
    sqlx::query!(
        "WITH theirs AS (UPDATE tickets SET requester_id = $2, requester_email = $4,
           reply_to_email = CASE WHEN lower(reply_to_email) <> lower($3) THEN reply_to_email END,
           requester_name = coalesce((SELECT nullif(concat_ws(' ', first_name, last_name), '') FROM users WHERE id = $2), requester_name)
           WHERE requester_id = $1 OR (requester_id IS NULL AND lower(requester_email) = lower($3)) RETURNING id)
         UPDATE ticket_comments c SET user_id = $2 FROM theirs
         WHERE c.ticket_id = theirs.id AND c.user_id IS NULL AND lower(c.author_email) = lower($3)",
        former as _,
        into as _,
        former_email,
        email,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "WITH gone AS (DELETE FROM ticket_ccs WHERE email = lower($1) RETURNING ticket_id, added_by_id)
         INSERT INTO ticket_ccs (ticket_id, email, added_by_id) SELECT ticket_id, lower($2), added_by_id FROM gone ON CONFLICT DO NOTHING",
        former_email,
        email,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Tickets no longer say who asked; open ones that the person worked on wait for somebody else. Answers with the files to delete
/// once this is written: those that they sent, where these go, too.
pub(crate) async fn forget_requester(tx: &mut PgConnection, who: &Erased, with_files: bool) -> Result<Vec<String>> {
    let touched = sqlx::query_scalar!(
        r#"SELECT id AS "id!" FROM tickets WHERE requester_id = $1 OR lower(requester_email) = ANY($2)
           UNION SELECT ticket_id FROM ticket_ccs WHERE email = ANY($2)
           UNION SELECT ticket_id FROM ticket_comments WHERE user_id = $1"#,
        who.user as _,
        &who.emails,
    )
    .fetch_all(&mut *tx)
    .await?;
    let files = if with_files { delete_files(tx, who, &touched).await? } else { Vec::new() };
    sqlx::query!(
        "UPDATE tickets SET requester_email = $3, requester_name = $4, reply_to_email = NULL, version = version + 1
         WHERE id = ANY($5) AND (requester_id = $1 OR lower(requester_email) = ANY($2))",
        who.user as _,
        &who.emails,
        who.address(),
        Erased::NAME,
        &touched,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE tickets SET reply_to_email = NULL WHERE id = ANY($1) AND lower(reply_to_email) = ANY($2)",
        &touched,
        &who.emails
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE ticket_comments SET author_email = CASE WHEN author_email IS NOT NULL THEN $4 END,
           author_name = CASE WHEN author_name IS NOT NULL THEN $5 END
         WHERE ticket_id = ANY($1) AND (user_id = $2 OR lower(author_email) = ANY($3))",
        &touched,
        who.user as _,
        &who.emails,
        who.address(),
        Erased::NAME,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("DELETE FROM ticket_ccs WHERE email = ANY($1)", &who.emails).execute(&mut *tx).await?;
    sqlx::query!(
        "UPDATE tickets SET assigned_to_id = NULL, assigned_at = NULL, assigned_by_id = NULL, version = version + 1
         WHERE assigned_to_id = $1 AND is_open",
        who.user as _
    )
    .execute(&mut *tx)
    .await?;
    for text in who.struck() {
        strike_out(tx, &touched, text).await?;
    }
    Ok(files)
}

/// Literally, whatever its case.
async fn strike_out(tx: &mut PgConnection, touched: &[uuid::Uuid], text: &str) -> Result<()> {
    let pattern = format!("***={text}");
    sqlx::query!(
        "UPDATE tickets SET subject = regexp_replace(subject, $2, $3, 'gi'), description = regexp_replace(description, $2, $3, 'gi'),
           resolution_note = regexp_replace(resolution_note, $2, $3, 'gi'), cancel_reason = regexp_replace(cancel_reason, $2, $3, 'gi')
         WHERE id = ANY($1) AND concat_ws(' ', subject, description, resolution_note, cancel_reason) ~* $2",
        touched,
        pattern,
        Erased::MARK,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE ticket_comments SET comment = regexp_replace(comment, $2, $3, 'gi') WHERE ticket_id = ANY($1) AND comment ~* $2",
        touched,
        pattern,
        Erased::MARK,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE ticket_history SET old_value = regexp_replace(old_value, $2, $3, 'gi'), new_value = regexp_replace(new_value, $2, $3, 'gi')
         WHERE ticket_id = ANY($1) AND concat_ws(' ', old_value, new_value) ~* $2",
        touched,
        pattern,
        Erased::MARK,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What they put to tickets of their own, and what came with their mails. What somebody sent in their work is not theirs alone.
async fn delete_files(tx: &mut PgConnection, who: &Erased, touched: &[uuid::Uuid]) -> Result<Vec<String>> {
    let paths = sqlx::query_scalar!(
        "WITH theirs AS (SELECT id FROM tickets WHERE id = ANY($3) AND (requester_id = $1 OR lower(requester_email) = ANY($2)))
         DELETE FROM ticket_attachments a WHERE a.ticket_id = ANY($3) AND CASE
           WHEN a.uploaded_by_id IS NOT NULL THEN a.uploaded_by_id = $1 AND a.ticket_id IN (SELECT id FROM theirs)
           WHEN a.comment_id IS NULL THEN a.ticket_id IN (SELECT id FROM theirs)
           ELSE EXISTS (SELECT FROM ticket_comments c WHERE c.id = a.comment_id
             AND (lower(c.author_email) = ANY($2) OR (c.user_id = $1 AND a.ticket_id IN (SELECT id FROM theirs)))) END
         RETURNING a.file_path",
        who.user as _,
        &who.emails,
        touched,
    )
    .fetch_all(tx)
    .await?;
    Ok(paths)
}
