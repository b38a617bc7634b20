//! Accounts and roles, for those who arrange them.

use crate::desk::Desk;
use crate::people::{Account, OrganisationId, Role, RoleId, TeamId, User, UserFilter, UserId};
use crate::text::prefixes;
use crate::{Actor, Error, Origin, Permission, Result, Timestamp};
use sqlx::{PgPool, Postgres, QueryBuilder};
use std::collections::BTreeSet;

/// One page of accounts, after the one named.
pub async fn list_users(
    desk: &Desk,
    actor: &Actor,
    filter: &UserFilter,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<User>> {
    actor.require(Permission::UserRead)?;
    let mut query = QueryBuilder::new(USERS);
    query.push(" WHERE u.deleted_at IS NULL");
    if !filter.words.trim().is_empty() {
        match prefixes(&filter.words) {
            Some(words) => query.push(" AND u.search @@ to_tsquery('simple', ").push_bind(words).push(")"),
            None => query.push(" AND false"),
        };
    }
    if let Some(role) = &filter.role {
        query
            .push(
                " AND u.id IN (SELECT ur.user_id FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE r.name = ",
            )
            .push_bind(role)
            .push(")");
    }
    if let Some(active) = filter.active {
        query.push(" AND u.active = ").push_bind(active);
    }
    let (place, of) = if filter.by_name { ("u.sort_name, u.id", "sort_name, id") } else { ("u.id", "id") };
    if let Some(after) = after {
        query.push(format!(" AND ({place}) > (SELECT {of} FROM users WHERE id = ")).push_bind(after).push(")");
    }
    query.push(format!(" ORDER BY {place} LIMIT ")).push_bind(limit);
    Ok(query.build_query_as().fetch_all(&desk.db).await?)
}

/// One account: anyone's with `user.read`, else only one's own.
pub async fn user(desk: &Desk, actor: &Actor, user: UserId) -> Result<User> {
    if actor.user_id != Some(user) {
        actor.require(Permission::UserRead)?;
    }
    find_user(&desk.db, user).await?.ok_or(Error::NotFound)
}

/// An account as an administrator looks at it.
pub async fn account(desk: &Desk, actor: &Actor, id: UserId) -> Result<Account> {
    actor.require(Permission::UserManage)?;
    let user = find_user(&desk.db, id).await?.ok_or(Error::NotFound)?;
    let row = sqlx::query!(
        r#"SELECT o.id AS "organisation_id?: OrganisationId", o.name AS "organisation?", u.password_hash IS NOT NULL AS "has_password!",
             CASE WHEN u.password_reset_expires > now() THEN u.password_reset_expires END AS "link_until: Timestamp",
             (SELECT f.confirmed_at FROM second_factors f WHERE f.user_id = u.id) AS "second_factor_since: Timestamp",
             (SELECT d.due FROM second_factors_due d WHERE d.user_id = u.id) AS "second_factor_due: Timestamp",
             (SELECT count(*) FROM sessions s WHERE s.user_id = u.id AND s.expires_at > now()) AS "sessions!",
             (SELECT count(*) FROM api_tokens t WHERE t.user_id = u.id AND (t.expires_at IS NULL OR t.expires_at > now())) AS "tokens!"
           FROM users u LEFT JOIN organisations o ON o.id = u.organisation_id WHERE u.id = $1"#,
        id as _
    )
    .fetch_one(&desk.db)
    .await?;
    let teams = sqlx::query!(
        r#"SELECT t.id AS "id: TeamId", t.name FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = $1 ORDER BY t.name LIMIT 200"#,
        id as _
    )
    .fetch_all(&desk.db)
    .await?;
    let roles = sqlx::query!(
        "SELECT r.name, r.permissions FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = $1 ORDER BY r.name",
        id as _
    )
    .fetch_all(&desk.db)
    .await?;
    let given_by = |permission: &Permission| {
        let word = permission.as_str();
        let by = roles.iter().filter(|role| role.permissions.iter().any(|one| one == word));
        by.map(|role| role.name.clone()).collect::<Vec<_>>()
    };
    // The very query that their requests begin with: what it would say of them.
    let queues = match super::actor_for_user(desk, id, Origin::Session).await? {
        Some(them) if them.can(Permission::TicketReadQueue) && !them.can(Permission::TicketReadAll) => them.queues,
        _ => Vec::new(),
    };
    let permissions = Permission::ALL.iter().map(|permission| (*permission, given_by(permission)));
    Ok(Account {
        user,
        organisation: row.organisation_id.zip(row.organisation),
        teams: teams.into_iter().map(|team| crate::people::Team { id: team.id, name: team.name }).collect(),
        queues,
        permissions: permissions.filter(|(_, by)| !by.is_empty()).collect(),
        has_password: row.has_password,
        second_factor_since: row.second_factor_since,
        second_factor_due: row.second_factor_due,
        link_until: row.link_until,
        sessions: row.sessions,
        tokens: row.tokens,
    })
}

/// Every role, those that all desks have first.
pub async fn list_roles(desk: &Desk, actor: &Actor) -> Result<Vec<Role>> {
    if !actor.can(Permission::RoleManage) {
        actor.require(Permission::UserManage)?;
    }
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id: RoleId", r.version, r.name, r.description, r.permissions, r.built_in, r.second_factor_days,
             (SELECT count(*) FROM user_roles ur WHERE ur.role_id = r.id) AS "people!"
           FROM roles r ORDER BY NOT r.built_in, cardinality(r.permissions), r.name LIMIT 500"#
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Role {
            id: row.id,
            version: row.version,
            name: row.name,
            description: row.description,
            permissions: row.permissions.iter().filter_map(|word| word.parse().ok()).collect::<BTreeSet<Permission>>(),
            built_in: row.built_in,
            people: row.people,
            second_factor_days: row.second_factor_days,
        })
        .collect())
}

const USERS: &str =
    "SELECT u.id, u.version, u.email, u.first_name, u.last_name, u.phone, u.time_zone, u.email_verified, u.active,
      u.last_login_at, u.created_at, u.updated_at,
      (SELECT coalesce(array_agg(r.name ORDER BY r.name), '{}') FROM user_roles ur JOIN roles r ON r.id = ur.role_id
       WHERE ur.user_id = u.id) AS roles
    FROM users u";

async fn find_user(db: &PgPool, id: UserId) -> Result<Option<User>> {
    let mut query = QueryBuilder::<Postgres>::new(USERS);
    query.push(" WHERE u.deleted_at IS NULL AND u.id = ").push_bind(id);
    Ok(query.build_query_as().fetch_optional(db).await?)
}
