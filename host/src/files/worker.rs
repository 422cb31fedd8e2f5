//! Carries out what the journal says, beginning with what an earlier process left in it: doomed files are
//! removed, and so are files that were announced and that nobody is about to commit.

use super::{Files, Key, journal};
use crate::db::{self, Unit};
use crate::error::Result;
use crate::sql::Sql;
use futures_util::{StreamExt as _, stream};
use std::sync::Arc;
use std::time::Duration;

/// Rows looked at in one turn.
const TURN_ROWS: i64 = 256;
/// Announced files looked at in one turn: more than can be on their way at the same time.
const ANNOUNCED_ROWS: i64 = 65_536;
/// Files removed at the same time.
const PARALLEL: usize = 8;
/// The first pause after a failure; each further one is twice as long.
const PAUSE_FIRST_MS: i64 = 5_000;
const PAUSE_MAX_MS: i64 = 3_600_000;
/// How long to wait for the bell before looking for rows whose pause is over.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

pub(super) fn start(files: &Arc<Files>) {
    let worker = Arc::downgrade(files);
    drop(files.tasks.spawn_until_stop(async move {
        loop {
            let Some(files) = worker.upgrade() else { return };
            match files.sweep().await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(?error, "the journal of files could not be read"),
            }
            // The bell may ring between the look and the wait: `Notify` remembers one ring.
            let _ = tokio::time::timeout(LOOK_AGAIN, files.bell.notified()).await;
        }
    }));
}

impl Files {
    /// One turn; answers with how many rows it dealt with.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn sweep(&self) -> Result<usize> {
        let _turn = self.removals.lock().await;
        let given_up = self.give_up().await?;
        let due = self.read(journal::due(self.world.now_ms(), TURN_ROWS)).await?;
        let removed = stream::iter(due).map(|(key, tries)| async move {
            match Key::parse(&key) {
                Some(parsed) => (self.remove(&parsed).await, key, tries),
                // No file can be there.
                None => (Ok(()), key, tries),
            }
        });
        let now_ms = self.world.now_ms();
        let mut removed = removed.buffer_unordered(PARALLEL);
        let mut unit = Unit::new();
        let mut count = 0;
        while let Some((result, key, tries)) = removed.next().await {
            count += 1;
            if let Err(error) = result {
                tracing::warn!(key, tries, ?error, "a file could not be removed");
                let pause = PAUSE_FIRST_MS.saturating_mul(1 << tries.clamp(0, 20)).min(PAUSE_MAX_MS);
                unit.run(journal::postpone(&key, tries + 1, self.world.now_ms() + pause));
            } else if let Some(until) = Key::parse(&key).and_then(|key| key.open_until_ms()).filter(|ms| *ms > now_ms) {
                // Something may still arrive there, or once more.
                unit.run(journal::postpone(&key, 0, until));
            } else {
                unit.run(journal::forget(&key));
            }
        }
        self.write(unit).await?;
        Ok(given_up + count)
    }

    /// Dooms the files that were announced and belong to no running request, and uploads that no record has taken.
    async fn give_up(&self) -> Result<usize> {
        let mut announced = self.read(journal::announced(ANNOUNCED_ROWS)).await?;
        {
            let active = self.active.lock();
            announced.retain(|(key, _)| !active.contains(key));
        }
        let (mut unit, mut count) = (Unit::new(), announced.len());
        for (key, _) in &announced {
            // A commit that is still on its way comes before or after: it finds its row, or is refused.
            unit.run(journal::give_up(key));
        }
        for (key, _) in self.read(journal::overdue(self.world.now_ms(), TURN_ROWS)).await? {
            unit.run(journal::no_longer_waits(&key, self.world.now_ms()));
            count += 1;
        }
        self.write(unit).await?;
        Ok(count)
    }

    async fn read(&self, select: Sql) -> Result<Vec<(String, i64)>> {
        self.store
            .read(|snapshot| {
                let mut rows = Vec::new();
                snapshot.rows(&select, |row| {
                    rows.push((row.text(0).to_owned(), row.integer(1)));
                    Ok(())
                })?;
                Ok(rows)
            })
            .await
    }

    async fn write(&self, unit: Unit) -> Result<()> {
        if unit.is_empty() {
            return Ok(());
        }
        self.store.write(unit).await.map(|_| ()).map_err(db::Failure::into_error)
    }
}
