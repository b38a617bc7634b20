//! Warranties that end are told of before they do.

use crate::desk::Desk;
use crate::notifications::NotificationType;
use crate::notifications::commands::{News, tell_news};
use crate::people::UserId;
use crate::{Actor, Result};

/// So many days before, by the nearest of them that is reached.
const BEFORE: [i32; 3] = [90, 30, 7];
/// So many are named; the list has them all.
const NAMED: usize = 3;

/// A job: tells those who keep assets which warranties end within 90, 30 and 7 days, each once, whatever restarts. What is
/// retired has none to lose; one that is set anew is told of anew.
pub async fn remind_of_warranties(desk: &Desk) -> Result<()> {
    let mut tx = desk.db.begin().await?;
    let due = sqlx::query!(
        r#"WITH due AS (
             SELECT a.id, a.name, a.warranty_expiry::date AS ends, (SELECT min(d) FROM unnest($1::int[]) d WHERE a.warranty_expiry::date <= current_date + d) AS days
             FROM assets a WHERE a.deleted_at IS NULL AND a.status <> 'RETIRED' AND a.warranty_expiry >= current_date
               AND a.warranty_expiry < current_date + (SELECT max(d) FROM unnest($1::int[]) d) + 1),
           told AS (INSERT INTO asset_warranty_reminders (asset_id, ends, days) SELECT id, ends, days FROM due WHERE days IS NOT NULL
             ON CONFLICT DO NOTHING RETURNING asset_id, days)
           SELECT t.days, count(*) AS "count!", (array_agg(d.name ORDER BY d.ends, d.name))[1:3] AS "names!"
           FROM told t JOIN due d ON d.id = t.asset_id GROUP BY t.days ORDER BY t.days"#,
        &BEFORE
    )
    .fetch_all(&mut *tx)
    .await?;
    if due.is_empty() {
        return Ok(());
    }
    let people = sqlx::query_scalar!(
        r#"SELECT DISTINCT u.user_id AS "id!: UserId" FROM user_roles u JOIN roles r ON r.id = u.role_id WHERE 'asset.write' = ANY(r.permissions)"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let system = Actor::system("reminders");
    for one in due {
        let more = usize::try_from(one.count).unwrap_or_default().saturating_sub(NAMED);
        let and = if more > 0 { format!(" and {more} more") } else { String::new() };
        let news = News {
            kind: NotificationType::WarrantyEnds,
            title: format!("Warranties that end within {} days", one.days),
            message: format!("{}{and}", one.names.join(", ")),
            link: format!("/assets?q=warranty%3A%3C{}d+sort%3Awarranty", one.days),
            change: None,
        };
        tell_news(desk, &mut tx, &system, &people, &news).await?;
    }
    tx.commit().await?;
    Ok(())
}
