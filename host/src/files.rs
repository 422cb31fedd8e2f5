//! Files of records: where they are kept, and that what is kept and what rows say is the same.
//!
//! A file has a name of its own for ever, so it is written before its record's commit and removed after
//! another. Between the two a row of `_files` ([`journal`]) stands for it: an `upload` row is written ahead
//! of the file and removed by the commit of its record; a `doomed` row is written by the commit that drops
//! the file. A `staged` row is that of an upload that a client sends to the bucket itself ([`staging`]). Whatever happens in between, the [`worker`] finds the row and removes the file.
//!
//! Not here: which file belongs to which record and who may have it (`records`).

mod client;
mod direct;
mod flaw;
mod gone;
mod incoming;
pub mod journal;
mod key;
mod kind;
mod local;
mod moving;
mod name;
mod presets;
mod presign;
mod s3;
mod serve;
mod shelf;
mod staging;
mod thumb;
mod trial;
mod upload;
mod worker;

use crate::clock::World;
use crate::db::Store;
use crate::error::{Error, Result};
use crate::tasks::Tasks;
use arc_swap::ArcSwap;
use local::Local;
use moving::Moving;
use parking_lot::Mutex;
use s3::S3;
use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thumb::Studio;
use tokio::sync::{Notify, OwnedMutexGuard};

pub use direct::LIFETIME as ADDRESS_LIFETIME;
pub use incoming::{Content, Incoming, Receiver, Scratch};
pub use key::Key;
pub use name::stored as stored_name;
pub use presets::PRESETS;
pub use s3::S3Config;
pub use serve::Object;
pub use shelf::{Shelf, Shelved};
pub use staging::{Offer, UPLOAD_MAX};
pub use thumb::Accepts;
pub use trial::try_out;
pub use upload::{Pending, Placed};

/// The files of one tenant.
pub struct Files {
    local: Arc<Local>,
    remote: ArcSwap<Remote>,
    store: Arc<Store>,
    world: World,
    tasks: Tasks,
    /// Keys that a running request has announced and not yet settled.
    active: Mutex<HashSet<String>>,
    /// Rung when the journal has something to do.
    bell: Notify,
    /// Whoever holds it is the only one that removes files.
    removals: Arc<tokio::sync::Mutex<()>>,
    studio: Studio,
    moving: Moving,
}

/// The bucket, if one is configured, and whether new files go there.
#[derive(Debug, Default)]
struct Remote {
    config: S3Config,
    bucket: Option<Arc<S3>>,
}

impl fmt::Debug for Files {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Files")
            .field("local", &self.local)
            .field("remote", &self.remote.load())
            .finish_non_exhaustive()
    }
}

/// A place that keeps files.
#[derive(Debug, Clone)]
enum Place {
    Local(Arc<Local>),
    Bucket(Arc<S3>),
}

impl Files {
    /// Opens the files in `dir/storage`; what was on its way when the process ended is thrown away.
    ///
    /// # Errors
    /// `Internal` when the folders cannot be made.
    pub fn open(dir: &Path, store: Arc<Store>, world: World, tasks: Tasks, config: &S3Config) -> Result<Arc<Self>> {
        let local = Local::open(&dir.join("storage"), &dir.join("incoming"))
            .map_err(|error| Error::internal("open the file storage", error))?;
        let files = Self {
            local: Arc::new(local),
            remote: ArcSwap::default(),
            store,
            world,
            tasks,
            active: Mutex::default(),
            bell: Notify::new(),
            removals: Arc::default(),
            studio: Studio::default(),
            moving: Moving::open(dir),
        };
        files.configure(config);
        Ok(Arc::new(files))
    }

    /// Starts the work that goes on beside requests: files that nobody accounts for are removed.
    pub fn start(self: &Arc<Self>) {
        worker::start(self);
        self.go_on_moving();
    }

    /// Takes new files to a bucket, or back to the disk. Files that are kept elsewhere are found there.
    pub fn configure(&self, config: &S3Config) {
        if self.remote.load().config == *config {
            return;
        }
        let bucket = config.is_complete().then(|| S3::new(config)).transpose().unwrap_or_else(|error| {
            tracing::error!(%error, "the bucket of the settings cannot be used");
            None
        });
        self.remote.store(Arc::new(Remote { config: config.clone(), bucket: bucket.map(Arc::new) }));
        self.bell.notify_one();
    }

    /// Something to put an upload into while it arrives.
    #[must_use]
    pub fn receiver(&self) -> Receiver {
        Receiver::new(Some(self.local.incoming().join(self.world.ids.secret(incoming::NAME_LENGTH))))
    }

    /// A name for a file of one's own beside those that arrive; what is there goes with it, and with the next start.
    #[must_use]
    pub fn scratch(&self) -> Scratch {
        Scratch::new(self.local.incoming().join(self.world.ids.secret(incoming::NAME_LENGTH)))
    }

    /// As long as it is held no file is removed from storage.
    pub async fn hold(&self) -> OwnedMutexGuard<()> {
        self.removals.clone().lock_owned().await
    }

    /// Where a file is when it is on the disk.
    #[must_use]
    pub fn path_on_disk(&self, key: &Key) -> PathBuf {
        self.local.path_of(key.path())
    }

    /// Looks at the journal soon: a commit has left something there.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Where files are, the place for new ones first.
    fn places(&self) -> Vec<Place> {
        let remote = self.remote.load();
        let mut places = vec![Place::Local(self.local.clone())];
        if let Some(bucket) = &remote.bucket {
            places.insert(usize::from(!remote.config.enabled), Place::Bucket(bucket.clone()));
        }
        places
    }

    /// Where new files go.
    ///
    /// # Errors
    /// `Unavailable` when it is a bucket that cannot be used.
    fn place(&self) -> Result<Place> {
        let remote = self.remote.load();
        match (&remote.bucket, remote.config.enabled) {
            (_, false) => Ok(Place::Local(self.local.clone())),
            (Some(bucket), true) => Ok(Place::Bucket(bucket.clone())),
            (None, true) => Err(Error::Unavailable("The file storage is not configured properly.".into())),
        }
    }
}

/// What a place's failure is to a client.
fn failed(context: &'static str, error: &object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::not_found(),
        _ => Error::internal(context, error),
    }
}
