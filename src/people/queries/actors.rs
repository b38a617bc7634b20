//! Who is asking, and who could be asked.

use crate::desk::Desk;
use crate::people::{OrganisationId, Person, Team, TeamId, UserId, display_name};
use crate::tickets::QueueId;
use crate::{Actor, Error, Origin, Permission, Result, Timestamp, secret};
use sqlx::{PgConnection, PgPool};
use std::collections::HashMap;
use uuid::Uuid;

/// Whom a session belongs to, by the hash of its cookie; `None` once the session has ended, or the account is gone or
/// switched off.
pub async fn actor_for_session(desk: &Desk, session: &[u8]) -> Result<Option<Actor>> {
    load_actor(desk, None, Some(session), Origin::Session).await
}

/// The actor behind an account; `None` once it is gone or switched off.
pub async fn actor_for_user(desk: &Desk, user: UserId, origin: Origin) -> Result<Option<Actor>> {
    load_actor(desk, Some(user), None, origin).await
}

/// One query, because every request begins with it: the account by its id or by its session.
async fn load_actor(
    desk: &Desk,
    user: Option<UserId>,
    session: Option<&[u8]>,
    origin: Origin,
) -> Result<Option<Actor>> {
    let Some(row) = sqlx::query!(
        r#"
        SELECT u.id, u.email, u.first_name, u.last_name, u.time_zone, u.away, o.id AS "organisation_id?",
          (SELECT coalesce(array_agg(DISTINCT p), '{}') FROM user_roles ur JOIN roles r ON r.id = ur.role_id,
             unnest(r.permissions) AS p WHERE ur.user_id = u.id) AS "permissions!",
          (SELECT coalesce(array_agg(q.id), '{}') FROM queues q WHERE q.visibility = 'AGENTS'
             OR EXISTS (SELECT FROM queue_members qm WHERE qm.queue_id = q.id AND qm.user_id = u.id)) AS "queues!: Vec<QueueId>",
          (SELECT coalesce(array_agg(tm.team_id ORDER BY tm.team_id), '{}') FROM team_members tm WHERE tm.user_id = u.id) AS "team_ids!: Vec<TeamId>",
          (SELECT coalesce(array_agg(t.name ORDER BY tm.team_id), '{}') FROM team_members tm JOIN teams t ON t.id = tm.team_id WHERE tm.user_id = u.id) AS "team_names!",
          (SELECT d.due FROM second_factors_due d WHERE d.user_id = u.id) AS "second_factor_due: Timestamp"
        FROM users u LEFT JOIN organisations o ON o.id = u.organisation_id AND o.shares_tickets
        WHERE u.id = coalesce($1, (SELECT s.user_id FROM sessions s WHERE s.id = $2 AND s.expires_at > now()))
          AND u.active AND u.deleted_at IS NULL
        "#,
        user as _,
        session
    )
    .fetch_optional(&desk.db)
    .await?
    else {
        return Ok(None);
    };
    let actor = Actor {
        user_id: Some(row.id),
        name: display_name(row.first_name.as_deref(), row.last_name.as_deref(), &row.email),
        email: row.email.parse().ok(),
        time_zone: row.time_zone,
        permissions: row.permissions.iter().filter_map(|word| word.parse::<Permission>().ok()).collect(),
        queues: row.queues,
        teams: row.team_ids.into_iter().zip(row.team_names).map(|(id, name)| Team { id, name }).collect(),
        is_away: row.away,
        shared_organisation: row.organisation_id.map(OrganisationId),
        second_factor_due: row.second_factor_due,
        ..Actor::bare(origin)
    };
    // A browser whose person should have had a second factor by now may do nothing but set one up.
    Ok(Some(if session.is_some() && actor.owes_second_factor() { withheld(actor) } else { actor }))
}

/// Who it is, without anything that they may do.
fn withheld(actor: Actor) -> Actor {
    Actor {
        user_id: actor.user_id,
        name: actor.name,
        email: actor.email,
        time_zone: actor.time_zone,
        second_factor_due: actor.second_factor_due,
        ..Actor::bare(actor.origin)
    }
}

/// Whom an API token belongs to, with what it may do of what they may; `None` for an unknown or expired one. Notes its use, at most once a minute.
pub async fn actor_for_token(desk: &Desk, token: &str) -> Result<Option<Actor>> {
    let hash = secret::token_hash(token);
    let Some(row) = sqlx::query!(
        r#"SELECT id, user_id, scopes, last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS "stale!"
           FROM api_tokens WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > now())"#,
        hash
    )
    .fetch_optional(&desk.db)
    .await?
    else {
        return Ok(None);
    };
    if row.stale {
        sqlx::query!("UPDATE api_tokens SET last_used_at = now() WHERE id = $1", row.id).execute(&desk.db).await?;
    }
    let actor = actor_for_user(desk, UserId(row.user_id), Origin::ApiToken).await?;
    Ok(actor.map(|mut actor| {
        if let Some(scopes) = row.scopes {
            actor.permissions.retain(|permission| scopes.iter().any(|scope| scope == permission.as_str()));
        }
        actor
    }))
}

/// The actor for a user found by address, for the command line.
pub async fn actor_for_email(desk: &Desk, email: &str) -> Result<Actor> {
    let user = sqlx::query_scalar!("SELECT id FROM users WHERE lower(email) = lower($1) AND deleted_at IS NULL", email)
        .fetch_optional(&desk.db)
        .await?
        .ok_or_else(|| Error::invalid("user", "There is no account with this address."))?;
    actor_for_user(desk, user, Origin::Session).await?.ok_or(Error::NotFound)
}

/// The actor's organisation by its name, if its members share their tickets.
pub async fn sharing_organisation(desk: &Desk, actor: &Actor) -> Result<Option<String>> {
    let Some(organisation) = actor.shared_organisation else { return Ok(None) };
    let name = sqlx::query_scalar!("SELECT name FROM organisations WHERE id = $1", organisation as _)
        .fetch_optional(&desk.db)
        .await?;
    Ok(name)
}

/// The roles there are, by name.
pub async fn role_names(desk: &Desk, actor: &Actor) -> Result<Vec<String>> {
    actor.require(Permission::UserRead)?;
    Ok(sqlx::query_scalar!("SELECT name FROM roles ORDER BY name LIMIT 500").fetch_all(&desk.db).await?)
}

/// Everyone with a role, by its name.
pub(crate) async fn people_with_role(tx: &mut PgConnection, role: &str) -> Result<Vec<UserId>> {
    let people = sqlx::query_scalar!(
        r#"SELECT u.id AS "id: UserId" FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
           WHERE r.name = $1 AND u.active AND u.deleted_at IS NULL LIMIT 500"#,
        role
    )
    .fetch_all(tx)
    .await?;
    Ok(people)
}

/// People who may work tickets, by name.
pub async fn assignable_people(desk: &Desk, actor: &Actor) -> Result<Vec<Person>> {
    actor.require(Permission::UserRead)?;
    let rows = sqlx::query!(
        "SELECT u.id, u.email, u.first_name, u.last_name FROM users u
         WHERE u.active AND u.deleted_at IS NULL AND EXISTS (
           SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id
           WHERE ur.user_id = u.id AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all'])
         ORDER BY u.first_name, u.last_name, u.id LIMIT 2000",
    )
    .fetch_all(&desk.db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Person {
            id: row.id,
            name: display_name(row.first_name.as_deref(), row.last_name.as_deref(), &row.email),
            email: row.email,
        })
        .collect())
}

/// How people are called, those included who have gone.
pub(crate) async fn people_names(db: &PgPool, ids: &[Uuid]) -> Result<HashMap<String, String>> {
    let rows =
        sqlx::query!(r#"SELECT id::text AS "id!", email, first_name, last_name FROM users WHERE id = ANY($1)"#, ids);
    let named = rows.fetch_all(db).await?.into_iter().map(|row| {
        let name = display_name(row.first_name.as_deref(), row.last_name.as_deref(), &row.email);
        (row.id, name)
    });
    Ok(named.collect())
}

/// Invalid at `field` when `person` does not work tickets.
pub(crate) async fn check_works_tickets(tx: &mut PgConnection, person: UserId, field: &str) -> Result<()> {
    let works = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
           WHERE u.id = $1 AND u.active AND u.deleted_at IS NULL
             AND r.permissions && ARRAY['ticket.read.queue','ticket.read.all']) AS "works!""#,
        person as _
    )
    .fetch_one(tx)
    .await?;
    if works { Ok(()) } else { Err(Error::invalid(field, "This person does not work tickets.")) }
}

/// What stands below the actor's own answers by mail.
pub async fn signature(desk: &Desk, actor: &Actor) -> Result<Option<String>> {
    let user = actor.signed_in()?;
    let text = sqlx::query_scalar!("SELECT signature FROM users WHERE id = $1", user as _).fetch_one(&desk.db).await?;
    Ok(text)
}
