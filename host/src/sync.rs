//! A live copy of the collections in a libSQL server (sqld, Turso): one way, for reading beside, for analytics, for
//! replicas at the edge, for a second place.
//!
//! What the copy has is told by a table there, in the transactions that write the rows ([`ledger`]); what it lacks, by the
//! history of changes here ([`round`]). So nothing is lost and nothing happens twice, whoever of the two ends when.
//! Nobody here waits for the copy. Not here: running on a remote database.

mod follow;
mod hrana;
mod ledger;
mod round;
mod shape;
mod source;
mod state;
mod trial;
mod verify;

use crate::error::{Error, Result};
use crate::sql::Sql;
use crate::tenant::Tenant;
use parking_lot::Mutex;
use serde_json::Value as Json;
use shape::Shape;
use state::Progress;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use verify::Verification;

/// How long counting rows may take.
const COUNT: Duration = Duration::from_secs(5);

/// The copy of one tenant.
pub struct Sync {
    tenant: Arc<Tenant>,
    progress: Mutex<Progress>,
    verification: Mutex<Verification>,
    /// Everything is to be copied anew.
    anew: AtomicBool,
    /// Names of batches whose answers never came.
    unanswered: Mutex<Vec<String>>,
    errors: AtomicU64,
    /// As it was last counted.
    behind: AtomicU64,
}

impl fmt::Debug for Sync {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sync").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl Sync {
    /// Begins to keep the copy as the settings have it, until the tenant's tasks stop.
    #[must_use]
    pub fn open(tenant: &Arc<Tenant>) -> Arc<Self> {
        let sync = Arc::new(Self {
            tenant: tenant.clone(),
            progress: Mutex::default(),
            verification: Mutex::default(),
            anew: AtomicBool::new(false),
            unanswered: Mutex::default(),
            errors: AtomicU64::new(0),
            behind: AtomicU64::new(0),
        });
        let ringing = Arc::downgrade(tenant);
        tenant.changes.follow(move |_| {
            // A task that is woken with each commit costs a write more than its rules do.
            if let Some(tenant) = ringing.upgrade().filter(|tenant| tenant.settings.load().sync.enabled) {
                tenant.sync_bell.notify_one();
            }
        });
        let running = sync.clone();
        drop(tenant.tasks.spawn_until_stop(async move { running.run().await }));
        sync
    }

    /// Tries that have failed.
    #[must_use]
    pub fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }

    /// Changes that the copy lacked when it was last looked: after each try.
    #[must_use]
    pub fn last_behind(&self) -> u64 {
        self.behind.load(Ordering::Relaxed)
    }

    /// Changes that the copy lacks, and the age of the oldest in milliseconds; none where nothing is copied.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn behind(&self) -> Result<Option<(u64, i64)>> {
        let Some(watermark) = self.progress.lock().watermark() else { return Ok(None) };
        let mut sql = Sql::new("SELECT count(*), coalesce(min(at_ms), 0) FROM _changes WHERE seq > ");
        sql.bind(i64::try_from(watermark).unwrap_or(i64::MAX));
        let found =
            self.tenant.store.read(|snapshot| snapshot.one(&sql, |row| Ok((row.integer(0), row.integer(1))))).await?;
        let (count, oldest_ms) = found.unwrap_or_default();
        let count = u64::try_from(count).unwrap_or_default();
        self.behind.store(count, Ordering::Relaxed);
        let age_ms = if count == 0 { 0 } else { self.tenant.world.now_ms().saturating_sub(oldest_ms).max(0) };
        Ok(Some((count, age_ms)))
    }

    /// How far it is: `{state, url, behind, behindMs, lastSuccess, error, errorAt, errors, collections, verify}`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn status(&self) -> Result<Json> {
        let (behind, age_ms) = self.behind().await?.unwrap_or_default();
        let shapes = Shape::all(&self.tenant.catalog());
        let uncounted = self.progress.lock().uncounted();
        for shape in shapes.iter().filter(|shape| uncounted.contains(&shape.id)) {
            // A count that takes too long is one that nobody waits for, now or later.
            let total = self.count(&shape.name).await.ok();
            self.progress.lock().count(&shape.id, total);
        }
        let mut shown = self.progress.lock().to_json(&shapes);
        shown["behind"] = behind.into();
        shown["behindMs"] = age_ms.into();
        shown["errors"] = self.errors().into();
        shown["verify"] = self.verification.lock().to_json();
        Ok(shown)
    }

    async fn count(&self, table: &str) -> Result<u64> {
        let mut sql = Sql::new("SELECT count(*) FROM ");
        sql.name(table);
        let counted =
            self.tenant.store.read_slow(COUNT, |snapshot| snapshot.one(&sql, |row| Ok(row.integer(0)))).await?;
        Ok(counted.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    }

    /// Copies everything anew; those who read the copy see the former rows until then.
    ///
    /// # Errors
    /// `Invalid` while nothing is copied.
    pub fn restart(&self) -> Result<()> {
        if !self.tenant.settings.load().sync.enabled {
            return Err(Error::invalid("The database sync is off."));
        }
        self.anew.store(true, Ordering::Relaxed);
        self.tenant.sync_bell.notify_one();
        Ok(())
    }
}
