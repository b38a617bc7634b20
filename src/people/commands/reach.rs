//! What may not get lost: somebody who can let others in.

use crate::people::rules::ADMINISTRATION;
use crate::{Error, Result};
use sqlx::PgConnection;

/// Whether there was an administrator before a change. Such changes come one after the other: two at once could each leave the
/// other's administrator as the last one.
pub(super) struct Administrators {
    were_there: bool,
}

impl Administrators {
    pub async fn lock(tx: &mut PgConnection) -> Result<Self> {
        sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('people.administrators'))").execute(&mut *tx).await?;
        Ok(Self { were_there: are_there(tx).await? })
    }

    /// Invalid at `field` where the change has left nobody.
    pub async fn remain(self, tx: &mut PgConnection, field: &str) -> Result<()> {
        if self.were_there && !are_there(tx).await? {
            return Err(Error::invalid(field, "Then nobody could manage people and roles any more."));
        }
        Ok(())
    }
}

/// Someone who may sign in and has a role that may do all of it.
async fn are_there(tx: &mut PgConnection) -> Result<bool> {
    let needed = ADMINISTRATION.map(|permission| permission.to_string());
    let are = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM roles r JOIN user_roles ur ON ur.role_id = r.id JOIN users u ON u.id = ur.user_id
           WHERE r.permissions @> $1 AND u.active AND u.deleted_at IS NULL) AS "are!""#,
        &needed[..],
    )
    .fetch_one(tx)
    .await?;
    Ok(are)
}
