//! Whole archives by name, all in one folder: of the disk, or of a bucket. A name is there whole or not at all.
//!
//! Not here: what is in them (`backups`).

use super::serve::{Object, find_path};
use super::{Content, Place, S3Config, Scratch, failed, gone, local};
use super::{local::Local, s3::S3};
use crate::error::{Error, Result};
use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use object_store::path::Path as ObjectPath;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;

/// The content type of what is kept.
const MIME: &str = "application/zip";

/// Characters of a bucket's words that are passed on.
const WORDS_MAX: usize = 300;

/// Where archives are kept.
#[derive(Debug)]
pub struct Shelf {
    place: Place,
}

/// An archive on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelved {
    pub name: String,
    pub size: u64,
    pub modified_ms: i64,
}

impl Shelf {
    /// The bucket when it is switched on, else the folder, which is made if it is missing.
    ///
    /// # Errors
    /// `Unavailable` when the bucket cannot be used, `Internal` when the folder cannot be made.
    pub fn open(folder: &Path, config: &S3Config) -> Result<Self> {
        let place = if config.enabled {
            let bucket = S3::new(config).map_err(|error| {
                tracing::error!(%error, "the bucket of the backups cannot be used");
                Error::Unavailable("The storage of the backups is not configured properly.".into())
            })?;
            Place::Bucket(Arc::new(bucket))
        } else {
            let local = Local::folder(folder).map_err(|error| Error::internal("open the folder of backups", error))?;
            Place::Local(Arc::new(local))
        };
        Ok(Self { place })
    }

    /// Everything on it whose name ends so, the latest first.
    ///
    /// # Errors
    /// `Internal` when the place cannot be read.
    pub async fn list(&self, ending: &str) -> Result<Vec<Shelved>> {
        let listed = self.place.objects().list_with_delimiter(None).await;
        let listed = listed.map_err(|error| self.failed("list the archives", &error))?;
        let shelved = listed.objects.into_iter().filter_map(|meta| {
            let name = meta.location.filename().filter(|name| name.ends_with(ending))?.to_owned();
            Some(Shelved { name, size: meta.size, modified_ms: meta.last_modified.timestamp_millis() })
        });
        let mut all: Vec<Shelved> = shelved.collect();
        all.sort_by(|one, other| other.modified_ms.cmp(&one.modified_ms).then_with(|| other.name.cmp(&one.name)));
        Ok(all)
    }

    /// Looks for an archive; `None` when it is not there.
    ///
    /// # Errors
    /// `Internal` when the place cannot be read.
    pub async fn find(&self, name: &str) -> Result<Option<Object>> {
        let found = find_path(&self.place, &ObjectPath::from(name), name).await.map_err(|error| self.told(error))?;
        Ok(found.map(|object| Object { mime: MIME.to_owned(), ..object }))
    }

    /// Puts a finished file on the shelf. Whoever calls has seen that the name is free.
    ///
    /// # Errors
    /// `Internal` when the place refuses it.
    pub async fn put(&self, name: &str, file: Scratch) -> Result<()> {
        let size = tokio::fs::metadata(file.path()).await.map_err(|error| Error::internal("measure an archive", error));
        let (size, path) = (size?.len(), ObjectPath::from(name));
        let content = Arc::new(Content::at(file, size));
        match &self.place {
            Place::Local(place) => local::put(place, &path, &content, String::new()).await,
            Place::Bucket(bucket) => bucket.put(&path, &content, MIME, "").await,
        }
    }

    /// Where an archive is on the disk; `None` when this shelf is elsewhere.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        match &self.place {
            Place::Local(local) => Some(local.path_of(&ObjectPath::from(name))),
            Place::Bucket(_) => None,
        }
    }

    /// Copies an archive to a file that does not exist yet.
    ///
    /// # Errors
    /// `NotFound`; `Internal` when either side fails.
    pub async fn fetch(&self, name: &str, target: &Path, mut note: impl FnMut(u64) -> Result<()>) -> Result<()> {
        let written = |error: std::io::Error| Error::internal("keep a copy of an archive", error);
        let got = self.place.objects().get(&ObjectPath::from(name)).await;
        let mut pieces = got.map_err(|error| self.failed("read an archive", &error))?.into_stream();
        let mut options = tokio::fs::File::options();
        let mut file = options.write(true).create_new(true).mode(0o600).open(target).await.map_err(written)?;
        while let Some(piece) = pieces.try_next().await.map_err(|error| self.failed("read an archive", &error))? {
            note(piece.len() as u64)?;
            file.write_all(&piece).await.map_err(written)?;
        }
        file.sync_all().await.map_err(written)
    }

    /// Removes an archive. One that is not there is removed.
    ///
    /// # Errors
    /// `Internal` when the place refuses.
    pub async fn remove(&self, name: &str) -> Result<()> {
        gone::remove_one(self.place.objects(), &ObjectPath::from(name)).await.map_err(|error| self.told(error))
    }

    fn failed(&self, context: &'static str, error: &object_store::Error) -> Error {
        self.told(failed(context, error))
    }

    /// What a bucket says is told: only superusers have to do with archives.
    fn told(&self, error: Error) -> Error {
        match (&self.place, error) {
            (Place::Bucket(_), Error::Internal(cause)) => {
                let words: String = cause.detail.chars().take(WORDS_MAX).collect();
                tracing::error!(cause.context, cause.detail, "the bucket of the backups failed");
                Error::Unavailable(format!("The bucket of the backups does not do it: {words}").into())
            }
            (_, error) => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn archives_come_and_go_on_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(&dir.path().join("backups"), &S3Config::default()).unwrap();
        assert_eq!(shelf.list(".zip").await.unwrap(), []);
        let scratch = Scratch::new(dir.path().join("one"));
        std::fs::write(scratch.path(), "hello").unwrap();
        shelf.put("@auto_a.zip", scratch).await.unwrap();
        assert!(!dir.path().join("one").exists());
        std::fs::write(dir.path().join("backups/notes.txt"), "mine").unwrap();
        let listed = shelf.list(".zip").await.unwrap();
        assert_eq!((listed.len(), listed[0].name.as_str(), listed[0].size), (1, "@auto_a.zip", 5));
        let found = shelf.find("@auto_a.zip").await.unwrap().unwrap();
        assert_eq!((found.size, found.mime.as_str()), (5, MIME));
        let target = dir.path().join("copy");
        shelf.fetch("@auto_a.zip", &target, |_| Ok(())).await.unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"hello");
        assert!(shelf.fetch("@auto_a.zip", &target, |_| Ok(())).await.is_err(), "it is there already");
        shelf.remove("@auto_a.zip").await.unwrap();
        shelf.remove("@auto_a.zip").await.unwrap();
        assert!(shelf.find("@auto_a.zip").await.unwrap().is_none());
    }
}
