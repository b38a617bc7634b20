//! What was told about somebody who is being forgotten.

use crate::Result;
use crate::people::Erased;
use sqlx::PgConnection;

/// What others were told no longer names this person.
pub(crate) async fn forget_name(tx: &mut PgConnection, who: &Erased) -> Result<()> {
    for text in who.struck() {
        sqlx::query!(
            "UPDATE notifications SET title = regexp_replace(title, $1, $2, 'gi'), message = regexp_replace(message, $1, $2, 'gi')
             WHERE concat_ws(' ', title, message) ~* $1",
            format!("***={text}"),
            Erased::MARK,
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
