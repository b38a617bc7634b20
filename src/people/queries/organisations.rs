//! Organisations, for those who arrange people.

use crate::desk::Desk;
use crate::people::{Organisation, OrganisationId};
use crate::text::prefixes;
use crate::{Actor, Error, Permission, Result, bounded};
use sqlx::{PgPool, Postgres, QueryBuilder};
use std::collections::HashMap;

/// A page of organisations by name, after the one named; `words` are beginnings of words of the name.
pub async fn list_organisations(
    desk: &Desk,
    actor: &Actor,
    words: &str,
    after: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<Organisation>> {
    actor.require(Permission::UserRead)?;
    let mut query = QueryBuilder::<Postgres>::new(ORGANISATIONS);
    query.push(" WHERE true");
    if !words.trim().is_empty() {
        match prefixes(words) {
            Some(words) => {
                query.push(" AND to_tsvector('simple', o.name) @@ to_tsquery('simple', ").push_bind(words).push(")")
            }
            None => query.push(" AND false"),
        };
    }
    if let Some(after) = after {
        query
            .push(" AND (lower(o.name), o.id) > (SELECT lower(name), id FROM organisations WHERE id = ")
            .push_bind(after)
            .push(")");
    }
    query.push(" ORDER BY lower(o.name), o.id LIMIT ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(&desk.db).await?)
}

/// One organisation.
pub async fn organisation(desk: &Desk, actor: &Actor, id: OrganisationId) -> Result<Organisation> {
    actor.require(Permission::UserRead)?;
    let mut query = QueryBuilder::<Postgres>::new(ORGANISATIONS);
    query.push(" WHERE o.id = ").push_bind(id);
    query.build_query_as().fetch_optional(&desk.db).await?.ok_or(Error::NotFound)
}

/// How organisations are called.
pub(crate) async fn organisation_names(db: &PgPool, ids: &[uuid::Uuid]) -> Result<HashMap<String, String>> {
    let rows = sqlx::query!(r#"SELECT id::text AS "id!", name FROM organisations WHERE id = ANY($1)"#, ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The organisation of this name, whatever its case; invalid at `organisation` where there is none.
pub async fn organisation_named(desk: &Desk, actor: &Actor, name: &str) -> Result<OrganisationId> {
    actor.require(Permission::UserRead)?;
    let name = bounded("organisation", name, 200)?;
    sqlx::query_scalar!(r#"SELECT id AS "id: OrganisationId" FROM organisations WHERE lower(name) = lower($1)"#, name)
        .fetch_optional(&desk.db)
        .await?
        .ok_or_else(|| Error::invalid("organisation", "There is no organisation of this name."))
}

const ORGANISATIONS: &str = "SELECT o.id, o.version, o.name, o.domains, o.shares_tickets,
  (SELECT count(*) FROM users u WHERE u.organisation_id = o.id AND u.deleted_at IS NULL) AS people FROM organisations o";
