//! What changes of a kind begin with, and who says yes to them.

use crate::audit::{self, AuditEntry};
use crate::changes::rules::check_template;
use crate::changes::{ChangeTemplateId, TemplateForm};
use crate::desk::Desk;
use crate::people::UserId;
use crate::{Actor, Error, Permission, Result};
use sqlx::types::Json;

/// Makes a template, or changes one that was read as `version`; changes in review keep who is asked until
/// an edit of theirs asks again.
pub async fn save_template(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(ChangeTemplateId, i32)>,
    form: &TemplateForm,
) -> Result<ChangeTemplateId> {
    actor.require(Permission::ChangeApprove)?;
    check_template(form)?;
    let mut tx = desk.db.begin().await?;
    let people: Vec<UserId> = form.stages.iter().flat_map(|stage| stage.people.iter().copied()).collect();
    let roles: Vec<String> = form.stages.iter().flat_map(|stage| stage.roles.iter().cloned()).collect();
    let unknown = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM unnest($1::uuid[]) p WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = p AND u.deleted_at IS NULL))
             OR EXISTS (SELECT FROM unnest($2::text[]) r WHERE NOT EXISTS (SELECT FROM roles WHERE name = r)) AS "unknown!""#,
        &people as _,
        &roles
    );
    if unknown.fetch_one(&mut *tx).await? {
        return Err(Error::invalid("stages", "There is no such person, or no such role."));
    }
    let taken = sqlx::query_scalar!(
        "SELECT id FROM change_templates WHERE name = $1 AND ($2::uuid IS NULL OR id <> $2)",
        form.name.trim(),
        changes.map(|(id, _)| id) as _
    );
    if taken.fetch_optional(&mut *tx).await?.is_some() {
        return Err(Error::invalid("name", "There is one of this name already."));
    }
    let id = changes.map_or_else(ChangeTemplateId::new, |(id, _)| id);
    if let Some((id, version)) = changes {
        let there = sqlx::query_scalar!("SELECT version FROM change_templates WHERE id = $1 FOR UPDATE", id as _);
        let current = there.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
        if current != version {
            return Err(Error::Conflict { current });
        }
    }
    sqlx::query!(
        "INSERT INTO change_templates (id, name, type, description, plan, backout_plan, test_plan, risk_level, stages, active, updated_by_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE SET name = $2, type = $3, description = $4, plan = $5, backout_plan = $6, test_plan = $7, risk_level = $8,
           stages = $9, active = $10, updated_by_id = $11, updated_at = now(), version = change_templates.version + 1",
        id as _,
        form.name.trim(),
        form.kind as _,
        form.description.trim(),
        form.plan.trim(),
        form.backout_plan.trim(),
        form.test_plan.trim(),
        form.risk_level as _,
        Json(&form.stages) as _,
        form.active,
        actor.user_id as _
    )
    .execute(&mut *tx)
    .await?;
    let deed = if changes.is_some() { "UPDATE" } else { "CREATE" };
    audit::record(&mut *tx, actor, AuditEntry::new(deed, "CHANGE_TEMPLATE").entity(id).describe(&form.name)).await?;
    tx.commit().await?;
    Ok(id)
}
