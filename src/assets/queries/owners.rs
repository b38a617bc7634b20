//! What the editor of an asset offers and asks.

use crate::desk::Desk;
use crate::people::UserId;
use crate::{Actor, EmailAddress, Permission, Result};

/// So many categories are offered.
const CATEGORIES: i64 = 200;

/// Whose address it is, for those who hand assets over.
pub async fn owner_by_email(desk: &Desk, actor: &Actor, email: &EmailAddress) -> Result<Option<UserId>> {
    actor.require(Permission::AssetWrite)?;
    let id = sqlx::query_scalar!(
        r#"SELECT id AS "id: UserId" FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL"#,
        email as _
    );
    Ok(id.fetch_optional(&desk.db).await?)
}

/// The categories that assets have: one step through the index for each, whatever there are of assets.
pub async fn asset_categories(desk: &Desk, actor: &Actor) -> Result<Vec<String>> {
    actor.require(Permission::AssetWrite)?;
    let rows = sqlx::query_scalar!(
        r#"WITH RECURSIVE known (category) AS (
             (SELECT category FROM assets WHERE deleted_at IS NULL AND category IS NOT NULL ORDER BY category LIMIT 1)
             UNION ALL SELECT (SELECT a.category FROM assets a WHERE a.deleted_at IS NULL AND a.category > known.category ORDER BY a.category LIMIT 1)
               FROM known WHERE known.category IS NOT NULL)
           SELECT category AS "category!" FROM known WHERE category IS NOT NULL LIMIT $1"#,
        CATEGORIES
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

/// What a person has, for them to take along.
pub(crate) async fn assets_of_person(
    db: &sqlx::PgPool,
    user: crate::people::UserId,
    after: uuid::Uuid,
    limit: i64,
) -> Result<Vec<crate::people::Kept>> {
    let rows = sqlx::query_as!(
        crate::people::Kept,
        r#"SELECT id AS "id: _", jsonb_build_object('number', asset_number, 'name', name, 'type', type, 'serial_number', serial_number,
             'since', assigned_at) AS "data!"
           FROM assets WHERE assigned_to_id = $1 AND deleted_at IS NULL AND id > $2 ORDER BY id LIMIT $3"#,
        user as _,
        after,
        limit
    );
    Ok(rows.fetch_all(db).await?)
}
