//! Who is told of a change: in the bell, and by mail with a link to its page.

use crate::changes::{ChangeId, ChangeNumber};
use crate::desk::Desk;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{TemplateName, queries};
use crate::notifications::NotificationType;
use crate::notifications::rules::unsubscribe::{Ends, path_ending};
use crate::people::UserId;
use crate::{Actor, EmailAddress, Result, events};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Tells people of a change, in the transaction in which it happened, as each of them chose; never the one who did it.
pub async fn notify_of_change(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    change: ChangeId,
    kind: NotificationType,
    people: &[UserId],
    said: &str,
) -> Result<()> {
    let channels = kind.default_channels();
    let told = sqlx::query!(
        r#"WITH told AS (
             SELECT u.id, u.email, u.email_verified, c.change_number, c.title, coalesce(p.in_app, $4) AS in_app, coalesce(p.by_mail, $5) AS by_mail
             FROM users u JOIN change_requests c ON c.id = $1 LEFT JOIN notification_preferences p ON p.user_id = u.id AND p.type = $3
             WHERE u.id = ANY($2) AND u.id IS DISTINCT FROM $6 AND u.active AND u.deleted_at IS NULL),
           written AS (INSERT INTO notifications (user_id, type, title, message, link, in_app, change_id)
             SELECT id, $3, change_number || ': ' || title, $7, '/changes/' || change_number, true, $1 FROM told WHERE in_app)
           SELECT id AS "id: UserId", email AS "email: EmailAddress", change_number AS "number: ChangeNumber", title, in_app AS "in_app!",
             by_mail AND email_verified AS "by_mail!" FROM told"#,
        change as _,
        people as _,
        kind.as_str(),
        channels.in_app,
        channels.by_mail,
        actor.user_id as _,
        said
    )
    .fetch_all(&mut *tx)
    .await?;
    for one in told.iter().filter(|one| one.by_mail) {
        let off = path_ending(&desk.secret, one.id, Ends::Type(kind));
        let values = json!({
            "change": { "number": one.number, "title": one.title },
            "message": said,
            "link": format!("{}/changes/{}", desk.base_url, one.number),
            "desk": { "link": &*desk.base_url },
            "off": format!("{}{off}", desk.base_url),
        });
        let rendered = queries::write(&mut *tx, TemplateName::Change, &values).await?;
        let mail = Mail { is_internal: true, unsubscribe: Some(off), ..rendered.into() };
        // Asked again is another mail.
        outbox::queue(&mut *tx, &one.email, &mail, &format!("change:{}", Uuid::now_v7()), None).await?;
    }
    let rung = told.iter().filter(|one| one.in_app).map(|one| one.id).collect();
    events::tell(tx, None, rung).await
}
