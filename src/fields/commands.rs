//! Declaring, changing and deleting fields.

use super::rules::{check_choices, check_key, key_from, parse_value};
use super::{CHOICE_MAX, FIELDS_MAX, Field, FieldId, FieldKind, NewField};
use crate::audit::{self, AuditEntry};
use crate::categories::{CategoryId, check_position};
use crate::desk::Desk;
use crate::tickets::{QueueId, rules::rename};
use crate::{Actor, Error, Permission, Result, Validation, bounded, optional};
use sqlx::PgConnection;

/// Declares a field, or changes one. Its key and kind stay what they were: values of tickets depend on them.
pub async fn save_field(desk: &Desk, actor: &Actor, id: Option<FieldId>, new: NewField) -> Result<FieldId> {
    actor.require(Permission::FieldManage)?;
    let mut tx = desk.db.begin().await?;
    let before = match id {
        Some(id) => Some(kept(&mut tx, id).await?),
        None => None,
    };
    let mut check = Validation::default();
    let label = check.take(bounded("label", &new.label, 100));
    let key = match &before {
        Some((key, _)) => key.clone(),
        None if new.key.trim().is_empty() => key_from(&label),
        None => check.take(check_key(&new.key)),
    };
    let kind = match &before {
        Some((_, kind)) => Some(*kind),
        None => check.try_take(new.kind.parse::<FieldKind>().map_err(|error| rename(error, "kind"))),
    };
    let help = check.take(optional("help", new.help.as_deref(), 300));
    let choices = check.take(kind.map_or(Ok(Vec::new()), |kind| check_choices(kind, &new.choices)));
    let category = check.take(reference::<CategoryId>("category_id", new.category_id.as_deref()));
    let queue = check.take(reference::<QueueId>("queue_id", new.queue_id.as_deref()));
    let asked_when_value = check.take(optional("asked_when_value", new.asked_when_value.as_deref(), CHOICE_MAX));
    check.take(check_position(new.position));
    if kind == Some(FieldKind::Person) && new.is_public {
        let message = "Requesters are not shown who works here: a person cannot be asked of them.";
        check.take::<()>(Err(Error::invalid("is_public", message)));
    }
    check.finish()?;
    let Some(kind) = kind else { return Err(Error::Internal) };
    let asked_when = other_field(&mut tx, id, new.asked_when_key.as_deref(), asked_when_value.is_some()).await?;
    let default_value = default(&label, kind, &choices, new.default_value.as_deref())?;
    let default_value = default_value.map(|value| serde_json::to_value(value).map_err(Error::internal)).transpose()?;
    let was = audit::row(&mut tx, "custom_fields", id.map(|id| id.0)).await?;
    let saved = sqlx::query_scalar!(
        r#"INSERT INTO custom_fields (id, key, label, kind, help, choices, default_value, required, is_public,
             category_id, queue_id, asked_when_id, asked_when_value, position, updated_by_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
             coalesce($14, (SELECT coalesce(max(position), 0) + 1 FROM custom_fields)), $15)
           ON CONFLICT (id) DO UPDATE SET label = EXCLUDED.label, help = EXCLUDED.help, choices = EXCLUDED.choices,
             default_value = EXCLUDED.default_value, required = EXCLUDED.required, is_public = EXCLUDED.is_public,
             category_id = EXCLUDED.category_id, queue_id = EXCLUDED.queue_id, asked_when_id = EXCLUDED.asked_when_id,
             asked_when_value = EXCLUDED.asked_when_value, position = coalesce($14, custom_fields.position),
             updated_by_id = EXCLUDED.updated_by_id, version = custom_fields.version + 1
           RETURNING id AS "id: FieldId""#,
        id.unwrap_or_else(FieldId::new) as _,
        key,
        label,
        kind as _,
        help,
        &choices,
        default_value,
        new.required,
        new.is_public,
        category as _,
        queue as _,
        asked_when as _,
        asked_when.and(asked_when_value),
        new.position,
        actor.user_id as _,
    )
    .fetch_one(&mut *tx)
    .await?;
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM custom_fields"#).fetch_one(&mut *tx).await?;
    if count > FIELDS_MAX {
        return Err(Error::invalid("label", format!("At most {FIELDS_MAX} fields, please.")));
    }
    let what = if before.is_some() { "UPDATE" } else { "CREATE" };
    let after = audit::row(&mut tx, "custom_fields", Some(saved.0)).await?;
    let entry = AuditEntry::new(what, "CUSTOM_FIELD").entity(saved).describe(key).difference(&was, &after);
    audit::record(&mut *tx, actor, entry).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Takes a field out of every form. What tickets hold in it stays, and comes back with the field.
pub async fn delete_field(desk: &Desk, actor: &Actor, id: FieldId) -> Result<()> {
    set_deleted(desk, actor, id, true).await
}

/// Brings a deleted field back, with its values.
pub async fn restore_field(desk: &Desk, actor: &Actor, id: FieldId) -> Result<()> {
    set_deleted(desk, actor, id, false).await
}

async fn set_deleted(desk: &Desk, actor: &Actor, id: FieldId, deleted: bool) -> Result<()> {
    actor.require(Permission::FieldManage)?;
    let mut tx = desk.db.begin().await?;
    let changed = sqlx::query!(
        "UPDATE custom_fields SET deleted_at = CASE WHEN $2 THEN now() END, updated_by_id = $3, version = version + 1
         WHERE id = $1 AND (deleted_at IS NULL) = $2",
        id as _,
        deleted,
        actor.user_id as _,
    )
    .execute(&mut *tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let what = if deleted { "DELETE" } else { "RESTORE" };
    audit::record(&mut *tx, actor, AuditEntry::new(what, "CUSTOM_FIELD").entity(id)).await?;
    tx.commit().await?;
    Ok(())
}

async fn kept(tx: &mut PgConnection, id: FieldId) -> Result<(String, FieldKind)> {
    let row = sqlx::query!(
        r#"SELECT key, kind AS "kind: FieldKind" FROM custom_fields WHERE id = $1 AND deleted_at IS NULL FOR UPDATE"#,
        id as _
    )
    .fetch_optional(tx)
    .await?
    .ok_or(Error::NotFound)?;
    Ok((row.key, row.kind))
}

/// The field on which another hangs: a chain of them must not lead back to where it began.
async fn other_field(
    tx: &mut PgConnection,
    own: Option<FieldId>,
    key: Option<&str>,
    has_value: bool,
) -> Result<Option<FieldId>> {
    let Some(key) = optional("asked_when_key", key, 40)? else { return Ok(None) };
    if !has_value {
        return Err(Error::invalid("asked_when_value", "Say which value."));
    }
    let chain = sqlx::query_scalar!(
        r#"WITH RECURSIVE up AS (
             SELECT id, asked_when_id FROM custom_fields WHERE key = $1 AND deleted_at IS NULL
             UNION SELECT f.id, f.asked_when_id FROM custom_fields f JOIN up ON f.id = up.asked_when_id)
           SELECT id AS "id!: FieldId" FROM up"#,
        key
    )
    .fetch_all(tx)
    .await?;
    if own.is_some_and(|own| chain.contains(&own)) {
        return Err(Error::invalid("asked_when_key", "These fields would wait for each other."));
    }
    let found = chain.first().copied();
    found.map(Some).ok_or_else(|| Error::invalid("asked_when_key", "There is no such field."))
}

fn default(label: &str, kind: FieldKind, choices: &[String], text: Option<&str>) -> Result<Option<super::FieldValue>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let field = Field {
        id: FieldId::new(),
        key: "default".into(),
        label: label.to_owned(),
        kind,
        help: None,
        choices: choices.to_vec(),
        default_value: None,
        required: false,
        is_public: false,
        category_id: None,
        queue_id: None,
        asked_when: None,
        position: 0,
        is_deleted: false,
        version: 1,
    };
    let sent: Vec<String> = match kind {
        FieldKind::MultiChoice => text.split(',').map(str::to_owned).collect(),
        _ => vec![text.to_owned()],
    };
    parse_value(&field, &sent).map_err(|error| rename(error, "default_value"))
}

fn reference<T: std::str::FromStr<Err = Error>>(name: &str, text: Option<&str>) -> Result<Option<T>> {
    text.filter(|text| !text.is_empty()).map(|text| text.parse().map_err(|error| rename(error, name))).transpose()
}
