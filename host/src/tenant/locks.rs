//! Locks that make updates and deletes of one record wait for each other, so that a modifier such as
//! `views+` or a before-hook never works on a row that changes under it. Held outside the writer.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Records share this many locks; two that fall on the same one merely wait for each other.
const SHARDS: usize = 1024;

#[derive(Debug)]
pub struct RecordLocks {
    hasher: RandomState,
    shards: Vec<Arc<Mutex<()>>>,
}

impl Default for RecordLocks {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| Arc::default()).collect() }
    }
}

impl RecordLocks {
    /// Locks the given records, in an order that cannot deadlock; released when the guards drop.
    pub async fn lock(&self, records: &[(&str, &str)]) -> Vec<OwnedMutexGuard<()>> {
        let mut shards: Vec<usize> = records.iter().map(|key| self.shard(key)).collect();
        shards.sort_unstable();
        shards.dedup();
        let mut guards = Vec::with_capacity(shards.len());
        for shard in shards {
            guards.push(self.shards[shard].clone().lock_owned().await);
        }
        guards
    }

    fn shard(&self, key: &(&str, &str)) -> usize {
        usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default()
    }
}
