//! Templates, blackouts and deputies.

use super::{sees_all, window_text};
use crate::changes::{
    Blackout, BlackoutId, ChangeTemplate, ChangeTemplateId, ChangeType, Deputy, RiskLevel, StageForm,
};
use crate::desk::Desk;
use crate::people::UserId;
use crate::{Actor, Error, Permission, Result, Timestamp};
use sqlx::types::Json;
use std::collections::BTreeMap;

/// So many are listed.
const LISTED: i64 = 200;

/// Those that a change can begin with; for who keeps them, the others too.
pub async fn list_templates(desk: &Desk, actor: &Actor) -> Result<Vec<ChangeTemplate>> {
    actor.require(Permission::ChangeCreate)?;
    let rows = sqlx::query!(
        r#"SELECT id AS "id: ChangeTemplateId", name, type AS "kind: ChangeType", description, plan, backout_plan, test_plan,
             risk_level AS "risk_level: RiskLevel", stages AS "stages: Json<Vec<StageForm>>", active, version
           FROM change_templates WHERE active OR $1 ORDER BY lower(name) LIMIT $2"#,
        actor.can(Permission::ChangeApprove),
        LISTED
    )
    .fetch_all(&desk.db)
    .await?;
    let shown = rows.into_iter().map(|row| ChangeTemplate {
        id: row.id,
        name: row.name,
        kind: row.kind,
        description: row.description,
        plan: row.plan,
        backout_plan: row.backout_plan,
        test_plan: row.test_plan,
        risk_level: row.risk_level,
        stages: row.stages.0,
        active: row.active,
        version: row.version,
    });
    Ok(shown.collect())
}

/// Those that are not over, the nearest first.
pub async fn list_blackouts(desk: &Desk, actor: &Actor) -> Result<Vec<Blackout>> {
    actor.require(Permission::ChangeCreate)?;
    let rows = sqlx::query!(
        r#"SELECT id AS "id: BlackoutId", name, starts AS "starts: Timestamp", ends AS "ends: Timestamp"
           FROM change_blackouts WHERE ends > now() ORDER BY starts, id LIMIT $1"#,
        LISTED
    )
    .fetch_all(&desk.db)
    .await?;
    let shown = rows.into_iter().map(|row| Blackout {
        window: window_text(row.starts, row.ends, &actor.time_zone),
        id: row.id,
        name: row.name,
        starts: row.starts,
        ends: row.ends,
    });
    Ok(shown.collect())
}

/// Who votes for the actor, now or later.
pub async fn list_deputies(desk: &Desk, actor: &Actor) -> Result<Vec<Deputy>> {
    let me = actor.signed_in()?;
    let rows = sqlx::query_as!(
        Deputy,
        r#"SELECT d.deputy_id AS "id: UserId", coalesce(nullif(concat_ws(' ', u.first_name, u.last_name), ''), u.email) AS "name!",
             d.from_day::text AS "from_day!", d.until_day::text AS "until_day!"
           FROM deputies d JOIN users u ON u.id = d.deputy_id WHERE d.user_id = $1 AND d.until_day >= current_date - 1 ORDER BY d.from_day, 2 LIMIT $2"#,
        me as _,
        LISTED
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

/// Whose addresses they are, in their order.
///
/// # Errors
/// [`Error::Invalid`] naming `stages`, for the first that nobody has.
pub async fn approvers_by_email(desk: &Desk, actor: &Actor, emails: &[String]) -> Result<Vec<UserId>> {
    // Whoever does not work here learns of nobody whether they have an account.
    if !sees_all(actor) {
        return Err(Error::Forbidden);
    }
    let emails: Vec<String> = emails.iter().map(|email| email.trim().replace('\0', "").to_lowercase()).collect();
    let rows = sqlx::query!(
        r#"SELECT e.email AS "email!", u.id AS "id?: UserId" FROM unnest($1::text[]) WITH ORDINALITY AS e (email, at)
           LEFT JOIN users u ON lower(u.email) = e.email AND u.active AND u.deleted_at IS NULL ORDER BY e.at"#,
        &emails
    )
    .fetch_all(&desk.db)
    .await?;
    let known = rows.into_iter().map(|row| {
        row.id.ok_or_else(|| Error::invalid("stages", format!("Nobody here has the address {}.", row.email)))
    });
    known.collect()
}

/// The addresses of those whom templates name; of nobody for whoever does not work here.
pub async fn approver_emails(desk: &Desk, actor: &Actor, people: &[UserId]) -> Result<BTreeMap<UserId, String>> {
    actor.require(Permission::ChangeCreate)?;
    if !sees_all(actor) {
        return Ok(BTreeMap::new());
    }
    let rows = sqlx::query!(r#"SELECT id AS "id: UserId", email FROM users WHERE id = ANY($1)"#, people as _)
        .fetch_all(&desk.db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.email)).collect())
}
