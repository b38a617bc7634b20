//! The open desk: the database, the files and what the installation is configured with.

use crate::ai::Ai;
use crate::secret::SecretKey;
use crate::settings::SettingsCache;
use crate::tickets::FileStore;
use crate::{Error, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgPool};
use std::sync::Arc;
use std::time::Duration;

/// Every command and query takes it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Desk {
    pub db: PgPool,
    pub files: FileStore,
    pub secret: SecretKey,
    /// Where people reach this desk, without a trailing slash: links in mails begin with it.
    pub base_url: Arc<str>,
    /// The models that can be asked; the desk does without any.
    pub ai: Ai,
    pub settings: SettingsCache,
}

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// A connection that was not used for this long is tried before it is lent.
const TRY_AFTER: Duration = Duration::from_secs(2);

/// Opens a pool on `options`. Waits at most five seconds for a connection, so that an overloaded database answers
/// 503 instead of piling requests up. A connection in steady use is not pinged each time: that would double the
/// round trips of every page.
pub async fn connect(options: PgConnectOptions, max_connections: u32) -> Result<PgPool> {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .before_acquire(|connection, lent| {
            Box::pin(async move {
                if lent.idle_for > TRY_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(iterating(options.application_name("oxdesk")))
        .await
        .map_err(Error::from)
}

/// A search by meaning among what may be seen goes on until it has enough, instead of giving up among what may not
/// (pgvector's iterative scans). Looking around less than this (40 is pgvector's own) misses one in twelve of the nearest
/// among a million pieces, looking around more takes longer (`docs/benchmarks-search.md`).
pub(crate) fn iterating(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("hnsw.iterative_scan", "strict_order"), ("hnsw.ef_search", "80")])
}

/// Applies what is missing: the schema, and the job queue's own. Several nodes may start at once: both take an
/// advisory lock.
pub async fn migrate(db: &PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    MIGRATOR.run(db).await
}

/// Gives everything but the audit log to `role`, so that a program that connects as it can add to the log, and neither
/// change nor remove what is there. For whoever owns the tables; does nothing the second time. The role exists, or is made
/// where `db` may make roles.
pub async fn hand_over(db: &PgPool, role: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(7165902842), set_config('oxdesk.program', $1, true)")
        .bind(role)
        .execute(&mut *tx)
        .await?;
    sqlx::raw_sql(include_str!("hand_over.sql")).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether every migration this program knows has been applied.
pub async fn is_migrated(db: &PgPool) -> Result<bool> {
    let applied =
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM _sqlx_migrations WHERE success").fetch_one(db).await?;
    Ok(applied >= MIGRATOR.iter().count() as i64)
}

/// Changes whenever a migration does.
#[cfg(feature = "testing")]
pub fn migrations_fingerprint() -> String {
    let sums: Vec<u8> = MIGRATOR.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
    data_encoding::HEXLOWER.encode(&crate::secret::bytes_hash(&sums))
}

/// Applies only the migrations up to `version`, to test the next ones on a filled database.
#[cfg(feature = "testing")]
pub async fn migrate_to(db: &PgPool, version: i64) -> Result<(), sqlx::migrate::MigrateError> {
    MIGRATOR.run_to(version, db).await
}
