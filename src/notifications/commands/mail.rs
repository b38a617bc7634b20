//! Notifications by mail: one mail for what happened on a ticket, or one for everything since the last.

use crate::desk::Desk;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{self, TemplateName};
use crate::notifications::rules::unsubscribe::{Ends, ended_by, path_ending};
use crate::notifications::{Digest, NotificationId, NotificationType, queries};
use crate::people::UserId;
use crate::people::queries::actor_for_user;
use crate::tickets::queries::visible_among;
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, EmailAddress, Error, Origin, Permission, Result};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// So many people at a time.
const PEOPLE_MAX: i64 = 200;
/// A mail tells of so many things; the rest is counted.
const LINES_MAX: usize = 50;
/// How much of a comment a mail brings, in characters.
const TEXT_MAX: usize = 20_000;

/// What waits to be told.
struct Due {
    id: NotificationId,
    kind: NotificationType,
    ticket: TicketId,
    number: TicketNumber,
    subject: String,
    message: String,
    /// What was written, and whether only those who read notes may know it.
    text: Option<String>,
    is_internal: bool,
}

/// Writes the mails whose time has come. A job; idempotent: what was written no longer waits.
pub async fn mail_due(desk: &Desk) -> Result<()> {
    loop {
        let people = sqlx::query_scalar!(
            r#"SELECT DISTINCT user_id AS "id: UserId" FROM notifications WHERE mail_due_at <= now() LIMIT $1"#,
            PEOPLE_MAX
        )
        .fetch_all(&desk.db)
        .await?;
        // One whose mail cannot be written keeps nobody else from theirs.
        let mut failed = None;
        for person in &people {
            if let Err(error) = mail_to(desk, *person).await {
                tracing::error!(%error, %person, "a notification could not be mailed");
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if (people.len() as i64) < PEOPLE_MAX {
            return Ok(());
        }
    }
}

async fn mail_to(desk: &Desk, person: UserId) -> Result<()> {
    let actor = actor_for_user(desk, person, Origin::System("notifications".to_owned())).await?;
    let mut tx = desk.db.begin().await?;
    let mut due = take_due(&mut tx, person).await?;
    if let Some(actor) = actor {
        let seen = visible_among(&mut tx, &actor, &due.iter().map(|due| due.ticket).collect::<Vec<_>>()).await?;
        due.retain(|due| seen.contains(&due.ticket) && (!due.is_internal || actor.can(Permission::NoteRead)));
        let email: Option<EmailAddress> = actor.email.clone();
        if let Some(email) = email.filter(|_| !due.is_empty()) {
            match queries::digest(&mut tx, person).await? {
                Digest::None => write_each(desk, &mut tx, &actor, &email, due).await?,
                Digest::Hourly | Digest::Daily => write_digest(desk, &mut tx, &actor, &email, &due).await?,
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Takes what waits for a person; another worker that is at it has it.
async fn take_due(tx: &mut PgConnection, person: UserId) -> Result<Vec<Due>> {
    let rows = sqlx::query!(
        r#"WITH due AS (SELECT id FROM notifications WHERE user_id = $1 AND mail_due_at <= now() ORDER BY id FOR UPDATE SKIP LOCKED),
             taken AS (UPDATE notifications SET mail_due_at = NULL WHERE id IN (SELECT id FROM due)
               RETURNING id, type, message, ticket_id, comment_id)
           SELECT n.id AS "id: NotificationId", n.type AS "kind: NotificationType", n.message, t.id AS "ticket: TicketId",
             t.ticket_number AS "number: TicketNumber", t.subject, left(c.comment, $2) AS "text?", coalesce(c.is_internal, false) AS "is_internal!"
           FROM taken n JOIN tickets t ON t.id = n.ticket_id LEFT JOIN ticket_comments c ON c.id = n.comment_id AND c.deleted_at IS NULL
           WHERE t.deleted_at IS NULL ORDER BY n.id"#,
        person as _,
        TEXT_MAX as i32,
    )
    .fetch_all(tx)
    .await?;
    let due = rows.into_iter().map(|row| Due {
        id: row.id,
        kind: row.kind,
        ticket: row.ticket,
        number: row.number,
        subject: row.subject,
        message: row.message,
        text: row.text,
        is_internal: row.is_internal || row.kind == NotificationType::NoteAdded,
    });
    Ok(due.collect())
}

/// A mail for each ticket. What is public and what is not go apart: they are answered in different ways.
async fn write_each(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    email: &EmailAddress,
    due: Vec<Due>,
) -> Result<()> {
    let mut mails = BTreeMap::<(TicketId, bool), Vec<Due>>::new();
    for one in due {
        // An answer goes to whoever asks only where it answers them.
        let to_requester = !one.is_internal && one.kind == NotificationType::CommentAdded;
        mails.entry((one.ticket, to_requester)).or_default().push(one);
    }
    let template = templates::queries::template(&mut *tx, TemplateName::Notification).await?;
    for ((ticket, to_requester), due) in mails {
        let (Some(last), Some(me)) = (due.last(), actor.user_id) else { continue };
        let ends = Ends::Type(last.kind);
        let values = json!({
            "ticket": { "number": last.number, "subject": last.subject },
            "message": last.message,
            "text": texts(&due),
            "answers": if to_requester { "goes to the requester" } else { "becomes an internal note" },
            "link": format!("{}/tickets/{}", desk.base_url, last.number),
            "desk": { "link": &*desk.base_url },
            "off": format!("{}{}", desk.base_url, path_ending(&desk.secret, me, ends)),
        });
        let mail = Mail {
            is_internal: !to_requester,
            unsubscribe: Some(path_ending(&desk.secret, me, ends)),
            ..templates::render(&template, &values)?.into()
        };
        outbox::queue(&mut *tx, email, &mail, &format!("notification:{}", last.id), Some(ticket)).await?;
    }
    Ok(())
}

/// What happened, each with what was written.
fn texts(due: &[Due]) -> String {
    let one = |due: &Due| match &due.text {
        Some(text) => format!("{}:\n\n{}", due.message, text.trim()),
        None => format!("{}.", due.message),
    };
    let shown = due.iter().take(LINES_MAX).map(one).collect::<Vec<_>>().join("\n\n");
    match due.len().saturating_sub(LINES_MAX) {
        0 => shown,
        more => format!("{shown}\n\nAnd {more} more."),
    }
}

async fn write_digest(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    email: &EmailAddress,
    due: &[Due],
) -> Result<()> {
    let (Some(last), Some(me)) = (due.last(), actor.user_id) else { return Ok(()) };
    let mut tickets = Vec::<(&Due, usize)>::new();
    for one in due.iter().rev() {
        match tickets.iter_mut().find(|(newest, _)| newest.ticket == one.ticket) {
            Some((_, more)) => *more += 1,
            None => tickets.push((one, 0)),
        }
    }
    let line = |(newest, more): &(&Due, usize)| {
        let more = if *more > 0 { format!(", and {more} more") } else { String::new() };
        let Due { number, subject, message, .. } = newest;
        format!("{number}: {subject}\n{message}{more}\n{}/tickets/{number}", desk.base_url)
    };
    let lines = tickets.iter().take(LINES_MAX).map(line).collect::<Vec<_>>().join("\n\n");
    let off = path_ending(&desk.secret, me, Ends::All);
    let values = json!({
        "count": tickets.len(),
        "lines": lines,
        "desk": { "link": &*desk.base_url },
        "off": format!("{}{off}", desk.base_url),
    });
    let rendered = templates::queries::write(&mut *tx, TemplateName::Digest, &values).await?;
    // It tells of several tickets, and answers none of them.
    let mail = Mail { is_internal: true, unsubscribe: Some(off), ..rendered.into() };
    outbox::queue(tx, email, &mail, &format!("digest:{}", last.id), None).await
}

/// Ends the mails of the kind that a link in one of them names, or all of them. NotFound for a link that is none of ours.
pub async fn turn_off(desk: &Desk, token: &str) -> Result<()> {
    let (person, ends) = ended_by(&desk.secret, token).ok_or(Error::NotFound)?;
    let ended: Vec<_> = NotificationType::ALL.iter().filter(|kind| ends.includes(**kind)).copied().collect();
    let in_app: Vec<_> = ended.iter().map(|kind| kind.default_channels().in_app).collect();
    let kinds: Vec<_> = ended.iter().map(|kind| kind.as_str().to_owned()).collect();
    let mut tx = desk.db.begin().await?;
    sqlx::query!(
        "INSERT INTO notification_preferences (user_id, type, in_app, by_mail)
         SELECT u.id, chosen.type, chosen.in_app, false FROM users u, unnest($2::text[], $3::bool[]) AS chosen (type, in_app) WHERE u.id = $1
         ON CONFLICT (user_id, type) DO UPDATE SET by_mail = false",
        person as _,
        &kinds,
        &in_app
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "UPDATE notifications SET mail_due_at = NULL WHERE user_id = $1 AND type = ANY($2) AND mail_due_at IS NOT NULL",
        person as _,
        &kinds
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
