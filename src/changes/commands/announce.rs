//! Telling those whom a change concerns before it is done.

use super::state::{lock_own, note};
use crate::assets::Way;
use crate::assets::queries::step;
use crate::audit::{self, AuditEntry};
use crate::changes::{ChangeId, ChangeNumber, ChangeStatus};
use crate::desk::Desk;
use crate::notifications::NotificationType;
use crate::notifications::commands::{News, tell_news};
use crate::people::UserId;
use crate::{Actor, Error, Result, Timestamp, optional};
use sqlx::{Postgres, QueryBuilder};

const TEXT_MAX: usize = 2000;

/// Tells whoever has an asset that an approved change touches, or that fails with one, when it is done; `text` instead of the
/// desk's own words. Answers with how many they are. Announced again, they are told again.
pub async fn announce_change(
    desk: &Desk,
    actor: &Actor,
    change: ChangeId,
    version: i32,
    text: Option<&str>,
) -> Result<usize> {
    let text = optional("text", text, TEXT_MAX)?;
    let mut tx = desk.db.begin().await?;
    let locked = lock_own(&mut tx, actor, change, version).await?;
    if locked.status != ChangeStatus::Approved {
        return Err(Error::invalid("text", "What is not approved yet is not announced."));
    }
    let row = sqlx::query!(
        r#"UPDATE change_requests SET announced_at = now() WHERE id = $1
           RETURNING change_number AS "number: ChangeNumber", title, planned_start_date AS "starts: Timestamp", planned_end_date AS "ends: Timestamp""#,
        change as _
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut query = QueryBuilder::<Postgres>::new(
        "WITH RECURSIVE touched (id) AS (SELECT asset_id FROM change_assets WHERE change_id = ",
    );
    query.push_bind(change).push(format!(" UNION SELECT f.hit FROM touched t {})", step("t.id", Way::Affected)));
    query.push(" SELECT DISTINCT a.assigned_to_id FROM touched t JOIN assets a ON a.id = t.id AND a.deleted_at IS NULL AND a.assigned_to_id IS NOT NULL");
    let people: Vec<UserId> = query.build_query_scalar().fetch_all(&mut *tx).await?;
    if people.is_empty() {
        return Err(Error::invalid("text", "Nobody has one of the assets that it touches."));
    }
    let zone = &actor.time_zone;
    let at = |at: Timestamp| at.local(at.utc_offset_seconds(zone));
    let when = row.starts.zip(row.ends).map(|(starts, ends)| format!("{} to {} ({zone})", at(starts), at(ends)));
    let own = || {
        format!(
            "Something of yours may be out of order{}.",
            when.map(|when| format!(" from {when}")).unwrap_or_default()
        )
    };
    let news = News {
        kind: NotificationType::ChangeAnnounced,
        title: format!("{}: {}", row.number, row.title),
        message: text.unwrap_or_else(own),
        // Where everyone may look, whatever they may see of the change.
        link: "/portal/assets".to_owned(),
        change: None,
    };
    tell_news(desk, &mut tx, actor, &people, &news).await?;
    note(&mut tx, actor, change, &format!("told {} whom it concerns", people.len()), Some(&news.message)).await?;
    audit::record(&mut *tx, actor, AuditEntry::new("ANNOUNCE", "CHANGE_REQUEST").entity(change).describe(&row.title))
        .await?;
    tx.commit().await?;
    Ok(people.len())
}
