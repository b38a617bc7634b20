//! The list, the bell, and what a person chose.

use super::{
    Channels, Digest, Notification, NotificationId, NotificationList, NotificationType, Preferences, QuietHours,
    UNREAD_MAX, Unread,
};
use crate::desk::Desk;
use crate::people::UserId;
use crate::tickets::queries::push_visible;
use crate::tickets::{TicketId, TicketNumber};
use crate::{Actor, Permission, Result, Timestamp};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

/// The list reaches back so far.
const KEPT_DAYS: i32 = 90;

#[derive(FromRow)]
struct Line {
    id: NotificationId,
    #[sqlx(rename = "type")]
    kind: NotificationType,
    title: String,
    message: String,
    link: Option<String>,
    ticket_number: Option<TicketNumber>,
    read: bool,
    more: i64,
    created_at: Timestamp,
}

/// The actor's notifications, those of one ticket as one line, newest first, after the line named; the unread alone, or
/// those of one type. What they may no longer see is not there.
pub async fn list_notifications(
    desk: &Desk,
    actor: &Actor,
    unread: bool,
    kind: Option<NotificationType>,
    after: Option<NotificationId>,
    limit: i64,
) -> Result<NotificationList> {
    let me = actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "WITH line AS (SELECT (array_agg(n.id ORDER BY n.id DESC))[1] AS id, count(*) - 1 AS more
           FROM notifications n LEFT JOIN tickets t ON t.id = n.ticket_id WHERE n.in_app AND n.user_id = ",
    );
    query.push_bind(me);
    if unread {
        query.push(" AND NOT n.read");
    } else {
        query.push(" AND n.created_at > now() - make_interval(days => ").push_bind(KEPT_DAYS).push(")");
    }
    if let Some(kind) = kind {
        query.push(" AND n.type = ").push_bind(kind);
    }
    push_readable(&mut query, actor);
    query.push(" GROUP BY coalesce(n.ticket_id, n.id), n.read");
    if let Some(after) = after {
        query.push(" HAVING (array_agg(n.id ORDER BY n.id DESC))[1] < ").push_bind(after);
    }
    query.push(" ORDER BY 1 DESC LIMIT ").push_bind(limit + 1);
    query.push(
        ") SELECT n.id, n.type, n.title, n.message, n.link, t.ticket_number, n.read, line.more, n.created_at
         FROM line JOIN notifications n ON n.id = line.id LEFT JOIN tickets t ON t.id = n.ticket_id ORDER BY n.id DESC",
    );
    let lines: Vec<Line> = query.build_query_as().fetch_all(&desk.db).await?;
    let mut rows: Vec<Notification> = lines.into_iter().map(Notification::from).collect();
    let more = rows.len() as i64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    let next = rows.last().filter(|_| more).map(|last| last.id);
    Ok(NotificationList { rows, next, now: Timestamp::now() })
}

/// Those of the tickets on which the actor has something unread.
pub async fn unread_tickets(desk: &Desk, actor: &Actor, tickets: &[TicketId]) -> Result<Vec<TicketId>> {
    let me = actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT DISTINCT n.ticket_id FROM notifications n JOIN tickets t ON t.id = n.ticket_id
         WHERE NOT n.read AND n.in_app AND n.user_id = ",
    );
    query.push_bind(me).push(" AND n.ticket_id = ANY(");
    query.push_bind(tickets.iter().map(|ticket| ticket.0).collect::<Vec<_>>()).push(")");
    push_readable(&mut query, actor);
    Ok(query.build_query_scalar().fetch_all(&desk.db).await?)
}

/// On how many tickets the actor has something unread, the one behind a `link` left out: it is about to be read.
pub async fn unread_elsewhere(desk: &Desk, actor: &Actor, link: &str) -> Result<i64> {
    let me = actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT count(*) FROM (SELECT DISTINCT n.ticket_id FROM notifications n JOIN tickets t ON t.id = n.ticket_id
         WHERE NOT n.read AND n.in_app AND n.user_id = ",
    );
    query.push_bind(me).push(" AND n.link IS DISTINCT FROM ").push_bind(link);
    push_readable(&mut query, actor);
    query.push(" LIMIT ").push_bind(UNREAD_MAX).push(") AS told");
    Ok(query.build_query_scalar().fetch_one(&desk.db).await?)
}

/// What the bell shows.
pub async fn unread(desk: &Desk, actor: &Actor) -> Result<Unread> {
    let me = actor.signed_in()?;
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT count(*) FROM (SELECT DISTINCT coalesce(n.ticket_id, n.id) FROM notifications n
         LEFT JOIN tickets t ON t.id = n.ticket_id WHERE NOT n.read AND n.in_app AND n.user_id = ",
    );
    query.push_bind(me);
    push_readable(&mut query, actor);
    query.push(" LIMIT ").push_bind(UNREAD_MAX).push(") AS told");
    let count: i64 = query.build_query_scalar().fetch_one(&desk.db).await?;
    let latest = match count {
        0 => None,
        _ => list_notifications(desk, actor, true, None, None, 1).await?.rows.into_iter().next(),
    };
    Ok(Unread { count, latest })
}

/// Of tickets that the actor sees now, and of notes only who reads them.
fn push_readable(query: &mut QueryBuilder<Postgres>, actor: &Actor) {
    query.push(" AND (n.ticket_id IS NULL OR (t.deleted_at IS NULL AND ");
    push_visible(query, actor);
    query.push("))");
    if !actor.can(Permission::NoteRead) {
        query.push(" AND n.type <> 'NOTE_ADDED'");
        query.push(" AND NOT EXISTS (SELECT FROM ticket_comments c WHERE c.id = n.comment_id AND c.is_internal)");
    }
}

/// What the actor chose, or what holds without that.
pub async fn preferences(desk: &Desk, actor: &Actor) -> Result<Preferences> {
    let me = actor.signed_in()?;
    let chosen = sqlx::query!(
        r#"SELECT type AS "kind: String", in_app, by_mail FROM notification_preferences WHERE user_id = $1"#,
        me as _
    )
    .fetch_all(&desk.db)
    .await?;
    let schedule = sqlx::query!(
        r#"SELECT digest AS "digest: Digest", quiet_from, quiet_to FROM notification_schedules WHERE user_id = $1"#,
        me as _
    )
    .fetch_optional(&desk.db)
    .await?;
    let channels = NotificationType::ALL.iter().map(|kind| {
        let own = chosen.iter().find(|row| row.kind == kind.as_str());
        let own = own.map(|row| Channels { in_app: row.in_app, by_mail: row.by_mail });
        (*kind, own.unwrap_or(kind.default_channels()))
    });
    Ok(Preferences {
        channels: channels.collect(),
        digest: schedule.as_ref().map_or(Digest::None, |row| row.digest),
        quiet: schedule.and_then(|row| row.quiet_from.zip(row.quiet_to)).map(|(from, to)| QuietHours { from, to }),
        time_zone: actor.time_zone.clone(),
    })
}

/// How a person's mails go.
pub(crate) async fn digest(tx: &mut PgConnection, person: UserId) -> Result<Digest> {
    let chosen = sqlx::query_scalar!(
        r#"SELECT digest AS "digest: Digest" FROM notification_schedules WHERE user_id = $1"#,
        person as _
    )
    .fetch_optional(tx)
    .await?;
    Ok(chosen.unwrap_or(Digest::None))
}

impl From<Line> for Notification {
    fn from(line: Line) -> Self {
        Self {
            id: line.id,
            kind: line.kind,
            title: line.title,
            message: line.message,
            link: line.link,
            ticket_number: line.ticket_number,
            read: line.read,
            more: line.more,
            created_at: line.created_at,
        }
    }
}
