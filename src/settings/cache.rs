//! What was set, as a node knows it.

use crate::Result;
use sqlx::PgPool;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

/// Asked again after so long: what is set anywhere counts everywhere within it, without a message that could get lost.
const FRESH: Duration = Duration::from_secs(1);

/// The values that were set, by their keys.
pub(super) type Values = Arc<HashMap<String, String>>;

/// One a desk. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SettingsCache(Arc<RwLock<Option<(Instant, Values)>>>);

impl SettingsCache {
    pub(super) async fn values(&self, db: &PgPool) -> Result<Values> {
        let asked_at = Instant::now();
        if let Some(known) = self.known(asked_at) {
            return Ok(known);
        }
        let declared: Vec<String> = super::SETTINGS.iter().map(|setting| setting.key.to_owned()).collect();
        let rows = sqlx::query!("SELECT key, value FROM system_settings WHERE key = ANY($1)", &declared);
        let values: Values = Arc::new(rows.fetch_all(db).await?.into_iter().map(|row| (row.key, row.value)).collect());
        if let Ok(mut kept) = self.0.write() {
            // As fresh as the question: what was set while it was answered is asked for in time.
            *kept = Some((asked_at, values.clone()));
        }
        Ok(values)
    }

    fn known(&self, now: Instant) -> Option<Values> {
        let kept = self.0.read().ok()?;
        kept.as_ref().filter(|(at, _)| now.duration_since(*at) < FRESH).map(|(_, values)| values.clone())
    }

    /// Whoever set something reads it at once.
    pub(super) fn forget(&self) {
        if let Ok(mut kept) = self.0.write() {
            *kept = None;
        }
    }
}
