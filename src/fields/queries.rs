//! Reading fields.

use super::rules::{belongs, error_name, show};
use super::{Condition, FIELDS_MAX, Field, FieldId, FieldKind, FieldValue, FieldValues, ShownField};
use crate::categories::CategoryId;
use crate::desk::Desk;
use crate::people::UserId;
use crate::tickets::QueueId;
use crate::{Actor, Error, Permission, Result, Validation};
use sqlx::types::Json;
use sqlx::{Postgres, QueryBuilder};

/// Every field that is not deleted, in order: for those who do not work tickets only the public ones. Administrators
/// see deleted ones too.
pub async fn list_fields(desk: &Desk, actor: &Actor) -> Result<Vec<Field>> {
    let deleted = actor.can(Permission::FieldManage);
    let fields = all(desk).await?;
    let seen = |field: &Field| (deleted || !field.is_deleted) && (actor.is_agent() || field.is_public);
    Ok(fields.into_iter().filter(seen).collect())
}

/// The fields that the actor may fill in on a ticket of these categories in this queue.
pub async fn fields_of(
    desk: &Desk,
    actor: &Actor,
    categories: &[CategoryId],
    queue: Option<QueueId>,
) -> Result<Vec<Field>> {
    let fields = list_fields(desk, actor).await?;
    Ok(fields.into_iter().filter(|field| belongs(field, categories, queue)).collect())
}

/// Pushes the condition that requesters are shown the field of this key.
pub(crate) fn push_is_public(query: &mut QueryBuilder<Postgres>, key: &str) {
    query.push(" AND EXISTS (SELECT FROM custom_fields f WHERE f.is_public AND f.deleted_at IS NULL AND f.key = ");
    query.push_bind(key.to_owned()).push(")");
}

/// Takes away what requesters are not shown.
pub(crate) async fn keep_public(desk: &Desk, values: &mut FieldValues) -> Result<()> {
    let fields = all(desk).await?;
    values.retain(|key, _| fields.iter().any(|field| field.key == *key && field.is_public && !field.is_deleted));
    Ok(())
}

/// Invalid at every field of kind PERSON whose value is nobody's.
pub(crate) async fn check_people<'a>(
    desk: &Desk,
    fields: &[Field],
    values: impl Iterator<Item = (&'a String, &'a FieldValue)>,
) -> Result<()> {
    let named: Vec<(&String, UserId)> = values
        .filter(|(key, _)| fields.iter().any(|field| field.key == **key && field.kind == FieldKind::Person))
        .filter_map(|(key, value)| match value {
            FieldValue::Text(id) => id.parse().ok().map(|id| (key, id)),
            _ => None,
        })
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let ids: Vec<UserId> = named.iter().map(|(_, id)| *id).collect();
    let known = sqlx::query_scalar!(
        r#"SELECT id AS "id: UserId" FROM users WHERE id = ANY($1) AND active AND deleted_at IS NULL"#,
        &ids as _
    )
    .fetch_all(&desk.db)
    .await?;
    let mut check = Validation::default();
    for (key, _) in named.iter().filter(|(_, id)| !known.contains(id)) {
        check.take::<()>(Err(Error::invalid(&error_name(key), "There is no such person.")));
    }
    check.finish()
}

/// A ticket's values as its requester reads them: those of public fields.
pub(crate) async fn shown_to_requester(desk: &Desk, values: &FieldValues) -> Result<Vec<ShownField>> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let public = all(desk).await?.into_iter().filter(|field| field.is_public && !field.is_deleted);
    let shown = public.filter_map(|field| {
        let value = values.get(&field.key).map(show)?;
        Some(ShownField { label: field.label, value })
    });
    Ok(shown.collect())
}

async fn all(desk: &Desk) -> Result<Vec<Field>> {
    let rows = sqlx::query!(
        r#"SELECT f.id AS "id: FieldId", f.key, f.label, f.kind AS "kind: FieldKind", f.help, f.choices,
             f.default_value AS "default_value: Json<FieldValue>", f.required, f.is_public,
             f.category_id AS "category_id: CategoryId", f.queue_id AS "queue_id: QueueId", f.asked_when_value,
             f.position, f.version, f.deleted_at IS NOT NULL AS "is_deleted!", other.key AS "asked_when_key?"
           FROM custom_fields f LEFT JOIN custom_fields other ON other.id = f.asked_when_id AND other.deleted_at IS NULL
           ORDER BY f.deleted_at IS NOT NULL, f.position, f.label, f.id LIMIT $1"#,
        FIELDS_MAX,
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Field {
            id: row.id,
            key: row.key,
            label: row.label,
            kind: row.kind,
            help: row.help,
            choices: row.choices,
            default_value: row.default_value.map(|value| value.0),
            required: row.required,
            is_public: row.is_public,
            category_id: row.category_id,
            queue_id: row.queue_id,
            asked_when: row.asked_when_key.zip(row.asked_when_value).map(|(key, value)| Condition { key, value }),
            position: row.position,
            is_deleted: row.is_deleted,
            version: row.version,
        })
        .collect())
}
