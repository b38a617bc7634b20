//! What is kept of a person, for whoever asks for it (GDPR, articles 15 and 20).

use crate::audit::{self, AuditEntry};
use crate::desk::Desk;
use crate::people::rules::check_within_reach;
use crate::people::throttle::{self, DATA_PER_PERSON};
use crate::people::{UserId, display_name, queries};
use crate::{Actor, Error, Result, Timestamp, ai, assets, mail, ratings, tickets};
use serde_json::{Value, json};
use uuid::Uuid;

/// One thing that is kept of a person. Things of a kind are in the order of their ids.
pub(crate) struct Kept {
    pub id: Uuid,
    pub data: Value,
}

/// Whose data are read: the account, and its address now.
#[derive(Debug, Clone)]
pub struct DataSubject {
    pub user: UserId,
    pub email: String,
}

/// What kinds of things there are, as the file calls them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalDataKind {
    Sessions,
    ApiTokens,
    Tickets,
    Comments,
    Ratings,
    Questions,
    Assets,
    Mails,
    AuditLog,
}

impl PersonalDataKind {
    pub const ALL: [Self; 9] = [
        Self::Sessions,
        Self::ApiTokens,
        Self::Tickets,
        Self::Comments,
        Self::Ratings,
        Self::Questions,
        Self::Assets,
        Self::Mails,
        Self::AuditLog,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::ApiTokens => "api_tokens",
            Self::Tickets => "tickets",
            Self::Comments => "comments",
            Self::Ratings => "ratings",
            Self::Questions => "questions",
            Self::Assets => "assets",
            Self::Mails => "mails",
            Self::AuditLog => "audit_log",
        }
    }
}

/// A page of things is so long.
const BATCH: i64 = 200;

/// Begins an export: everybody takes their own data along, and who manages people anybody's who may do no
/// more than they. It is recorded. Answers with whose
/// data they are, and with the account itself.
pub async fn begin_personal_data(desk: &Desk, actor: &Actor, user: Option<UserId>) -> Result<(DataSubject, Value)> {
    let me = actor.signed_in()?;
    let user = user.unwrap_or(me);
    if user != me {
        let theirs = queries::account(desk, actor, user).await?.permissions;
        check_within_reach(actor, "id", &theirs.into_iter().map(|(permission, _)| permission).collect())?;
    }
    let row = sqlx::query!(
        r#"SELECT u.email, u.first_name, u.last_name, u.phone, u.time_zone, u.language, u.signature, u.skills, u.active, u.email_verified,
             u.created_at AS "created_at: Timestamp", u.last_login_at AS "last_login_at: Timestamp", o.name AS "organisation?",
             ARRAY(SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id ORDER BY r.name) AS "roles!",
             ARRAY(SELECT t.name FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = u.id ORDER BY t.name) AS "teams!",
             ARRAY(SELECT f.email FROM users f WHERE f.merged_into_id = u.id ORDER BY f.email) AS "former_addresses!"
           FROM users u LEFT JOIN organisations o ON o.id = u.organisation_id WHERE u.id = $1 AND u.deleted_at IS NULL"#,
        user as _
    )
    .fetch_optional(&desk.db)
    .await?
    .ok_or(Error::NotFound)?;
    throttle::count(&desk.db, &format!("data:{me}"), DATA_PER_PERSON).await?;
    let said = format!("what is kept of {}", row.email);
    audit::record(&desk.db, actor, AuditEntry::new("EXPORT", "USER").entity(user).describe(said)).await?;
    let name = display_name(row.first_name.as_deref(), row.last_name.as_deref(), &row.email);
    let account = json!({ "id": user, "email": row.email, "name": name, "first_name": row.first_name, "last_name": row.last_name,
        "phone": row.phone, "time_zone": row.time_zone, "language": row.language, "signature": row.signature, "skills": row.skills,
        "organisation": row.organisation, "roles": row.roles, "teams": row.teams, "former_addresses": row.former_addresses,
        "active": row.active, "email_verified": row.email_verified, "created_at": row.created_at, "last_login_at": row.last_login_at });
    Ok((DataSubject { user, email: row.email }, account))
}

/// The next things of a kind after the one named, and the id that the page after them begins at. For an export that was begun.
pub async fn personal_data(
    desk: &Desk,
    subject: &DataSubject,
    kind: PersonalDataKind,
    after: Option<Uuid>,
) -> Result<(Vec<Value>, Option<Uuid>)> {
    let (db, after) = (&desk.db, after.unwrap_or_default());
    let page = match kind {
        PersonalDataKind::Sessions => sessions(desk, subject.user, after).await?,
        PersonalDataKind::ApiTokens => api_tokens(desk, subject.user, after).await?,
        PersonalDataKind::Tickets => tickets::queries::tickets_of_person(db, subject.user, after, BATCH).await?,
        PersonalDataKind::Comments => tickets::queries::comments_of_person(db, subject.user, after, BATCH).await?,
        PersonalDataKind::Ratings => ratings::queries::ratings_of_person(db, subject.user, after, BATCH).await?,
        PersonalDataKind::Questions => ai::queries::questions_of_person(db, subject.user, after, BATCH).await?,
        PersonalDataKind::Assets => assets::queries::assets_of_person(db, subject.user, after, BATCH).await?,
        PersonalDataKind::Mails => mail::outbox::mails_to_person(db, &subject.email, after, BATCH).await?,
        PersonalDataKind::AuditLog => audit::queries::entries_of_person(db, subject.user, after, BATCH).await?,
    };
    let next = page.last().map(|last| last.id).filter(|_| page.len() as i64 == BATCH);
    Ok((page.into_iter().map(|kept| kept.data).collect(), next))
}

async fn sessions(desk: &Desk, user: UserId, after: Uuid) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Kept,
        r#"SELECT public_id AS "id: _", jsonb_build_object('address', address, 'user_agent', user_agent, 'created_at', created_at,
             'last_seen_at', last_seen_at) AS "data!"
           FROM sessions WHERE user_id = $1 AND public_id > $2 ORDER BY public_id LIMIT $3"#,
        user as _,
        after,
        BATCH
    );
    Ok(rows.fetch_all(&desk.db).await?)
}

async fn api_tokens(desk: &Desk, user: UserId, after: Uuid) -> Result<Vec<Kept>> {
    let rows = sqlx::query_as!(
        Kept,
        r#"SELECT id AS "id: _", jsonb_build_object('name', name, 'created_at', created_at, 'last_used_at', last_used_at,
             'expires_at', expires_at) AS "data!"
           FROM api_tokens WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3"#,
        user as _,
        after,
        BATCH
    );
    Ok(rows.fetch_all(&desk.db).await?)
}
