//! Categories, as deep as anyone likes.

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::knowledge::queries::CATEGORIES_MAX;
use crate::knowledge::{KbCategoryForm, KbCategoryId};
use crate::{Actor, Error, Permission, Result, Validation, bounded, optional};
use sqlx::PgConnection;

/// So deep.
const DEPTH_MAX: i32 = 6;

/// Makes a category, or changes one; `version` is the one that was read. Invalid where it would stand under itself.
pub async fn save_kb_category(
    desk: &Desk,
    actor: &Actor,
    changes: Option<(KbCategoryId, i32)>,
    form: &KbCategoryForm,
) -> Result<KbCategoryId> {
    actor.require(Permission::ArticleWrite)?;
    let mut wrong = Validation::default();
    let name = wrong.take(bounded("name", &form.name, 100));
    let description = wrong.take(optional("description", form.description.as_deref(), 300));
    wrong.finish()?;
    let mut tx = desk.db.begin().await?;
    // Two that move under each other at once would close a circle that neither sees.
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('kb_categories'))").execute(&mut *tx).await?;
    let id = match changes {
        Some((id, version)) => {
            let known = sqlx::query_scalar!("SELECT version FROM kb_categories WHERE id = $1 FOR UPDATE", id as _);
            let current = known.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
            if current != version {
                return Err(Error::Conflict { current });
            }
            id
        }
        None => KbCategoryId::new(),
    };
    check_parent(&mut tx, id, form.parent_id).await?;
    sqlx::query!(
        r#"INSERT INTO kb_categories (id, name, description, parent_id, "order", active) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, description = EXCLUDED.description, parent_id = EXCLUDED.parent_id,
             "order" = EXCLUDED."order", active = EXCLUDED.active, version = kb_categories.version + 1"#,
        id as _,
        name,
        description,
        form.parent_id as _,
        form.order,
        form.active,
    )
    .execute(&mut *tx)
    .await?;
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM kb_categories"#).fetch_one(&mut *tx).await?;
    if count > CATEGORIES_MAX {
        return Err(Error::invalid("name", format!("At most {CATEGORIES_MAX} categories, please.")));
    }
    audit::record(&mut *tx, actor, AuditEntry::new("SAVE", "KB_CATEGORY").entity(id).describe(name)).await?;
    tx.commit().await?;
    Ok(id)
}

async fn check_parent(tx: &mut PgConnection, id: KbCategoryId, parent: Option<KbCategoryId>) -> Result<()> {
    let Some(parent) = parent else { return Ok(()) };
    let above = sqlx::query!(
        r#"WITH RECURSIVE above AS (
             SELECT id, parent_id, 1 AS depth FROM kb_categories WHERE id = $1
             UNION ALL SELECT k.id, k.parent_id, above.depth + 1 FROM kb_categories k JOIN above ON k.id = above.parent_id WHERE above.depth < 50)
           SELECT count(*) AS "known!", coalesce(bool_or(id = $2), false) AS "circle!", coalesce(max(depth), 0) AS "depth!" FROM above"#,
        parent as _,
        id as _
    )
    .fetch_one(tx)
    .await?;
    let wrong = |message: &str| Err(Error::invalid("parent_id", message));
    if above.known == 0 {
        wrong("There is no such category.")
    } else if above.circle {
        wrong("A category cannot stand under itself.")
    } else if above.depth >= DEPTH_MAX {
        wrong("Six levels are enough.")
    } else {
        Ok(())
    }
}

/// Puts a category before another, under what that one stands under; last of those beside it where none is named.
pub async fn place_kb_category(
    desk: &Desk,
    actor: &Actor,
    id: KbCategoryId,
    before: Option<KbCategoryId>,
) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    if before == Some(id) {
        return Ok(());
    }
    let mut tx = desk.db.begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('kb_categories'))").execute(&mut *tx).await?;
    let name = sqlx::query_scalar!("SELECT name FROM kb_categories WHERE id = $1 FOR UPDATE", id as _);
    let name = name.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    let parent = sqlx::query_scalar!(
        r#"SELECT parent_id AS "parent_id: KbCategoryId" FROM kb_categories WHERE id = $1"#,
        before.unwrap_or(id) as _
    );
    let parent = parent.fetch_optional(&mut *tx).await?.ok_or(Error::NotFound)?;
    check_parent(&mut tx, id, parent).await?;
    let mut beside: Vec<KbCategoryId> = sqlx::query_scalar!(
        r#"SELECT id AS "id: KbCategoryId" FROM kb_categories WHERE parent_id IS NOT DISTINCT FROM $1 AND id <> $2
           ORDER BY "order", lower(name), id"#,
        parent as _,
        id as _
    )
    .fetch_all(&mut *tx)
    .await?;
    let at = beside.iter().position(|other| Some(*other) == before).unwrap_or(beside.len());
    beside.insert(at, id);
    sqlx::query!(
        r#"UPDATE kb_categories k SET "order" = placed.at::int, parent_id = $2, version = k.version + 1
           FROM unnest($1::uuid[]) WITH ORDINALITY AS placed (id, at)
           WHERE k.id = placed.id AND (k."order" <> placed.at OR k.parent_id IS DISTINCT FROM $2)"#,
        &beside.iter().map(|id| id.0).collect::<Vec<_>>(),
        parent as _
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, actor, AuditEntry::new("MOVE", "KB_CATEGORY").entity(id).describe(name)).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a category without others under it; its articles stay, in none.
pub async fn delete_kb_category(desk: &Desk, actor: &Actor, id: KbCategoryId) -> Result<()> {
    actor.require(Permission::ArticleWrite)?;
    let mut tx = desk.db.begin().await?;
    let has =
        sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM kb_categories WHERE parent_id = $1) AS "has!""#, id as _);
    if has.fetch_one(&mut *tx).await? {
        return Err(Error::invalid("id", "Others stand under it: move them first."));
    }
    if sqlx::query!("DELETE FROM kb_categories WHERE id = $1", id as _).execute(&mut *tx).await?.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    audit::record(&mut *tx, actor, AuditEntry::new("DELETE", "KB_CATEGORY").entity(id)).await?;
    tx.commit().await?;
    Ok(())
}
