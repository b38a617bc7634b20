//! Who is working now.

use super::{AtWork, GONE_AFTER};
use crate::desk::Desk;
use crate::people::display_name;
use crate::{Actor, Permission, Result};

/// Everybody who is at some ticket, those who write first. Not at which ones: not everybody may see them all.
pub async fn at_work(desk: &Desk, actor: &Actor) -> Result<Vec<AtWork>> {
    actor.require(Permission::NoteRead)?;
    let rows = sqlx::query!(
        r#"SELECT u.first_name, u.last_name, u.email, bool_or(p.is_writing) AS "is_writing!"
           FROM ticket_presence p JOIN users u ON u.id = p.user_id
           WHERE p.seen_at > now() - make_interval(secs => $1) AND u.active AND u.deleted_at IS NULL
           GROUP BY u.id ORDER BY bool_or(p.is_writing) DESC, u.first_name, u.id LIMIT 40"#,
        f64::from(GONE_AFTER),
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AtWork {
            name: display_name(row.first_name.as_deref(), row.last_name.as_deref(), &row.email),
            is_writing: row.is_writing,
        })
        .collect())
}
