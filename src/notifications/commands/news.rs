//! What is told of other things than tickets: in the bell, and by mail with a link to a page of the desk.

use crate::changes::{ChangeId, ChangeNumber};
use crate::desk::Desk;
use crate::mail::outbox::{self, Mail};
use crate::mail::templates::{TemplateName, queries};
use crate::notifications::NotificationType;
use crate::notifications::rules::unsubscribe::{Ends, path_ending};
use crate::people::UserId;
use crate::{Actor, EmailAddress, Result, events, jobs};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// What is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct News {
    pub kind: NotificationType,
    pub title: String,
    pub message: String,
    /// A path of this desk.
    pub link: String,
    /// What it is about, where that is a change: opening its page reads it.
    pub change: Option<ChangeId>,
}

/// Tells people, in the transaction in which it happened, as each of them chose; never the one who did it.
pub async fn tell_news(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    people: &[UserId],
    news: &News,
) -> Result<()> {
    let channels = news.kind.default_channels();
    let told = sqlx::query!(
        r#"WITH told AS (
             SELECT u.id, u.email_verified, coalesce(p.in_app, $3) AS in_app, coalesce(p.by_mail, $4) AS by_mail
             FROM users u LEFT JOIN notification_preferences p ON p.user_id = u.id AND p.type = $2
             WHERE u.id = ANY($1) AND u.id IS DISTINCT FROM $5 AND u.active AND u.deleted_at IS NULL),
           written AS (INSERT INTO notifications (user_id, type, title, message, link, in_app, change_id)
             SELECT id, $2, $6, $7, $8, true, $9 FROM told WHERE in_app)
           SELECT id AS "id: UserId", in_app AS "in_app!", by_mail AND email_verified AS "by_mail!" FROM told"#,
        people as _,
        news.kind.as_str(),
        channels.in_app,
        channels.by_mail,
        actor.user_id as _,
        news.title,
        news.message,
        news.link,
        news.change as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let mailed: Vec<UserId> = told.iter().filter(|one| one.by_mail).map(|one| one.id).collect();
    let batch = Uuid::now_v7();
    if mailed.len() <= AT_ONCE {
        write_news(desk, &mut *tx, batch, &mailed, news).await?;
    } else {
        // Whoever tells everyone does not wait until each of their mails is written.
        for (at, people) in mailed.chunks(IN_A_JOB).enumerate() {
            let payload = json!({ "batch": batch, "people": people, "news": news });
            jobs::enqueue(&mut *tx, jobs::WRITE_NEWS, &payload, &format!("news:{batch}:{at}")).await?;
        }
    }
    let rung = told.iter().filter(|one| one.in_app).map(|one| one.id).collect();
    events::tell(tx, None, rung).await
}

/// So many mails are written where they come about; more are a job's.
const AT_ONCE: usize = 20;
const IN_A_JOB: usize = 200;

/// Writes the mails of what was told into the outbox, to those who can still be written to. Written again with the same
/// `batch`, nobody gets a second one; told again is another batch.
pub(crate) async fn write_news(
    desk: &Desk,
    tx: &mut PgConnection,
    batch: Uuid,
    people: &[UserId],
    news: &News,
) -> Result<()> {
    let addresses = sqlx::query!(
        r#"SELECT id AS "id: UserId", email AS "email: EmailAddress" FROM users WHERE id = ANY($1) AND active AND email_verified AND deleted_at IS NULL ORDER BY id"#,
        people as _
    )
    .fetch_all(&mut *tx)
    .await?;
    for one in addresses {
        let off = path_ending(&desk.secret, one.id, Ends::Type(news.kind));
        let values = json!({
            "title": news.title,
            "message": news.message,
            "link": format!("{}{}", desk.base_url, news.link),
            "desk": { "link": &*desk.base_url },
            "off": format!("{}{off}", desk.base_url),
        });
        let rendered = queries::write(&mut *tx, TemplateName::News, &values).await?;
        let mail = Mail { is_internal: true, unsubscribe: Some(off), ..rendered.into() };
        outbox::queue(&mut *tx, &one.email, &mail, &format!("news:{batch}"), None).await?;
    }
    Ok(())
}

/// As [`tell_news`], of a change.
pub async fn notify_of_change(
    desk: &Desk,
    tx: &mut PgConnection,
    actor: &Actor,
    change: ChangeId,
    kind: NotificationType,
    people: &[UserId],
    said: &str,
) -> Result<()> {
    let row = sqlx::query!(
        r#"SELECT change_number AS "number: ChangeNumber", title FROM change_requests WHERE id = $1"#,
        change as _
    )
    .fetch_one(&mut *tx)
    .await?;
    // Whoever does not work here reads it in the portal.
    let (inside, outside): (Vec<_>, Vec<_>) = sqlx::query!(
        r#"SELECT id AS "id: UserId", works_on_changes(id) AS "works_here!" FROM users WHERE id = ANY($1)"#,
        people as _
    )
    .fetch_all(&mut *tx)
    .await?
    .into_iter()
    .partition(|person| person.works_here);
    for (people, at) in [(inside, ""), (outside, "/portal")] {
        let people: Vec<UserId> = people.into_iter().map(|person| person.id).collect();
        if people.is_empty() {
            continue;
        }
        let news = News {
            kind,
            title: format!("{}: {}", row.number, row.title),
            message: said.to_owned(),
            link: format!("{at}/changes/{}", row.number),
            change: Some(change),
        };
        tell_news(desk, tx, actor, &people, &news).await?;
    }
    Ok(())
}
