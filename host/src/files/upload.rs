//! Storing the files of a record before the commit that names them.

use super::staging::switched;
use super::{Content, Files, Key, Place, journal, local};
use crate::db::{self, Unit};
use crate::error::{Error, Result};
use crate::sql::Sql;
use futures_util::{StreamExt as _, stream};
use std::mem;
use std::sync::Arc;

/// Files of one request that are stored at the same time.
const PARALLEL: usize = 4;

/// A file with the place it is to get.
#[derive(Debug, Clone)]
pub struct Placed {
    pub key: Key,
    pub content: Arc<Content>,
    pub mime: &'static str,
    /// What its sender calls it.
    pub original: String,
}

/// Files that are stored and wait for their record's commit. Dropped without one they are removed, and if
/// this process does not live to see that, the next one does it.
#[derive(Debug)]
#[must_use]
pub struct Pending {
    files: Arc<Files>,
    keys: Vec<Key>,
}

impl Pending {
    fn new(files: &Arc<Files>, uploads: &[Placed]) -> Self {
        let keys: Vec<Key> = uploads.iter().map(|upload| upload.key.clone()).collect();
        files.active.lock().extend(keys.iter().map(ToString::to_string));
        Self { files: files.clone(), keys }
    }

    /// Statements for the record's transaction. Each must change one row, else the files were given up.
    pub fn settle(&self) -> impl Iterator<Item = Sql> {
        self.keys.iter().map(journal::settle)
    }

    /// The commit has happened: there is nothing to clean up.
    pub fn done(mut self) {
        self.release();
    }

    fn release(&mut self) -> bool {
        let mut active = self.files.active.lock();
        let keys = mem::take(&mut self.keys);
        for key in &keys {
            active.remove(&key.to_string());
        }
        !keys.is_empty()
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if self.release() {
            self.files.ring();
        }
    }
}

impl Files {
    /// Announces and stores files. Whoever waits for this may give up; the work goes on to where it can be
    /// undone, so that nothing is written behind the back of those who clean up.
    ///
    /// # Errors
    /// When a place refuses a file or the database cannot be written.
    pub async fn place_all(self: &Arc<Self>, uploads: Vec<Placed>) -> Result<Pending> {
        let pending = Pending::new(self, &uploads);
        let files = self.clone();
        let work = self.tasks.spawn(async move {
            files.announce(&pending).await?;
            let place = &files.place()?;
            let puts = stream::iter(uploads).map(|upload| files.put(place, upload)).buffer_unordered(PARALLEL);
            // All come to their end, also when one has failed: what was stopped halfway may still write.
            let ended: Vec<Result<()>> = puts.collect().await;
            ended.into_iter().collect::<Result<()>>()?;
            Ok(pending)
        });
        work.await.map_err(|error| Error::internal("store the files of a record", error))?
    }

    async fn announce(&self, pending: &Pending) -> Result<()> {
        let mut unit = Unit::new();
        for key in &pending.keys {
            unit.run(journal::announce(key, self.world.now_ms()));
        }
        self.store.write(unit).await.map(|_| ()).map_err(db::Failure::into_error)
    }

    async fn put(&self, place: &Place, upload: Placed) -> Result<()> {
        let Placed { key, content, mime, original } = upload;
        self.put_at(place, &key, &content, mime, &original).await
    }

    pub(super) async fn put_at(
        &self,
        place: &Place,
        key: &Key,
        content: &Arc<Content>,
        mime: &str,
        original: &str,
    ) -> Result<()> {
        match place {
            Place::Local(_) if content.waits_at().is_some() => Err(switched()),
            Place::Local(local) => {
                let scratch = self.world.ids.secret(super::incoming::NAME_LENGTH);
                local::put(local, key.path(), content, scratch).await
            }
            Place::Bucket(bucket) => bucket.put(key.path(), content, mime, original).await,
        }
    }
}
