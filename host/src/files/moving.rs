//! Moving the files of a tenant to where new ones go: from the disk to a bucket, or back. It goes on beside everything
//! else: a file is found in either place, and leaves the one only when it is in the other in its full size. What was
//! moved is moved, so after a restart the rest is.

use super::s3::part_of;
use super::serve::{find_at, find_path};
use super::{Content, Files, Key, Place, failed, gone, incoming, local};
use crate::error::{Error, Result, code};
use crate::model::date;
use crate::tasks;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::buffered::BufWriter;
use object_store::path::Path as ObjectPath;
use object_store::{Attribute, Attributes};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::AsyncWriteExt as _;

/// Files that are known by name at the same time: they are taken in the order of their names.
const CHUNK: usize = 50_000;

/// Files moved in one turn, during which none is removed for another reason, and of those at the same time.
const TURN: usize = 16;
const PARALLEL: usize = 4;

/// So many failures in a row are taken for those of the place, not of the files.
const FAILURES_MAX: u64 = 8;

/// Characters of what went wrong first.
const PROBLEM_MAX: usize = 500;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// Nobody has asked.
    #[default]
    Idle,
    Running,
    Done,
    /// Some files, or all that were left, could not be moved.
    Failed,
    Cancelled,
}

/// How far it is; kept beside the data, not in it, so that a restored database begins nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Progress {
    state: State,
    /// `s3` or `local`.
    to: String,
    files: u64,
    bytes: u64,
    moved_files: u64,
    moved_bytes: u64,
    failed_files: u64,
    /// What went wrong first.
    problem: String,
    started: String,
    ended: String,
}

/// The move of a tenant's files.
#[derive(Debug)]
pub(super) struct Moving {
    path: PathBuf,
    progress: Mutex<Progress>,
    cancelled: AtomicBool,
}

impl Moving {
    /// As an earlier process left it.
    pub(super) fn open(dir: &Path) -> Self {
        let path = dir.join("moving.json");
        let left = fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        Self { path, progress: Mutex::new(left.unwrap_or_default()), cancelled: AtomicBool::new(false) }
    }

    /// Changes the progress and keeps it; what cannot be kept is only forgotten by the next process.
    fn keep(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.lock();
        change(&mut progress);
        let beside = self.path.with_extension("part");
        let write = || -> io::Result<()> {
            fs::write(&beside, serde_json::to_vec(&*progress)?)?;
            fs::rename(&beside, &self.path)
        };
        if let Err(error) = write() {
            tracing::warn!(%error, "the progress of moving files could not be kept");
        }
    }

    /// Whether files are on their way.
    pub(super) fn is_running(&self) -> bool {
        self.progress.lock().state == State::Running
    }
}

/// Where files come from and where they go.
#[derive(Debug, Clone)]
struct Route {
    from: Place,
    to: Place,
}

/// Why it goes no further.
enum Stopped {
    /// The server stops: the next process goes on.
    Server,
    Cancelled,
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Files {
    /// How far the move of the files is: `{state, to, files, bytes, movedFiles, movedBytes, failedFiles, problem, started, ended}`.
    #[must_use]
    pub fn moving(&self) -> Json {
        json!(*self.moving.progress.lock())
    }

    /// Begins to move all files to where new ones go, which must be `to` if that is given.
    ///
    /// # Errors
    /// `Invalid` while they are being moved, when there is only one place, and when `to` is the other one.
    pub fn move_all(self: &Arc<Self>, to: Option<&str>) -> Result<Json> {
        const REFUSED: &str = "Failed to move the files.";
        let (route, name) = self.route()?;
        match to {
            None => {}
            Some("s3" | "local") if to == Some(name) => {}
            Some("s3" | "local") => {
                let words = "New files go to the other place. Switch the storage in the settings first.";
                return Err(Error::field(REFUSED, "to", code::INVALID_VALUE.say(words)));
            }
            Some(_) => return Err(Error::field(REFUSED, "to", code::IN_INVALID)),
        }
        {
            let mut progress = self.moving.progress.lock();
            if progress.state == State::Running {
                return Err(Error::invalid("The files are being moved already."));
            }
            progress.state = State::Running;
        }
        let started = date::format(self.world.now_ms());
        self.moving.cancelled.store(false, Ordering::Relaxed);
        let begun = Progress { state: State::Running, to: name.to_owned(), started, ..Progress::default() };
        self.moving.keep(|progress| *progress = begun);
        self.go(route);
        Ok(self.moving())
    }

    /// Stops the move behind the files that are on their way; what was moved stays where it is.
    ///
    /// # Errors
    /// `Invalid` when nothing is being moved.
    pub fn stop_moving(&self) -> Result<()> {
        if !self.moving.is_running() {
            return Err(Error::invalid("No files are being moved."));
        }
        self.moving.cancelled.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Goes on with what an earlier process has begun.
    pub(super) fn go_on_moving(self: &Arc<Self>) {
        if !self.moving.is_running() {
            return;
        }
        match self.route() {
            Ok((route, name)) if self.moving.progress.lock().to == name => self.go(route),
            _ => self.end_moving(State::Failed, "The storage was switched meanwhile."),
        }
    }

    /// From the place that new files do not go to, to the one where they do, with the latter's name.
    fn route(&self) -> Result<(Route, &'static str)> {
        let mut places = self.places().into_iter();
        let (Some(to), Some(from)) = (places.next(), places.next()) else {
            return Err(Error::invalid("There is only one storage: no bucket is configured."));
        };
        let name = if matches!(to, Place::Bucket(_)) { "s3" } else { "local" };
        Ok((Route { from, to }, name))
    }

    fn go(self: &Arc<Self>, route: Route) {
        let files = self.clone();
        // Not cut off at any await: it looks by itself whether the server stops.
        drop(self.tasks.spawn(async move {
            // A panic must not leave it running for ever.
            let carried = tasks::caught("move files", async { Ok(files.carry(&route).await) }).await;
            match carried.unwrap_or_else(|error| Err(Stopped::Failed(error))) {
                Ok(()) => {
                    let some_failed = files.moving.progress.lock().failed_files > 0;
                    files.end_moving(if some_failed { State::Failed } else { State::Done }, "");
                }
                Err(Stopped::Server) => {}
                Err(Stopped::Cancelled) => files.end_moving(State::Cancelled, ""),
                Err(Stopped::Failed(error)) => files.end_moving(State::Failed, &error.for_superusers()),
            }
        }));
    }

    fn end_moving(&self, state: State, problem: &str) {
        let ended = date::format(self.world.now_ms());
        self.moving.keep(|progress| {
            progress.state = state;
            progress.ended = ended;
            if progress.problem.is_empty() {
                problem.chars().take(PROBLEM_MAX).collect::<String>().clone_into(&mut progress.problem);
            }
        });
    }

    async fn carry(&self, route: &Route) -> Result<(), Stopped> {
        let (files, bytes) = self.count(route).await?;
        self.moving.keep(|progress| {
            let Progress { moved_files, moved_bytes, .. } = *progress;
            (progress.files, progress.bytes) = (moved_files + files, moved_bytes + bytes);
            progress.failed_files = 0;
        });
        let mut after = None;
        loop {
            let chunk = self.chunk(route, after.as_ref()).await?;
            let Some((last, _)) = chunk.last_key_value() else { return Ok(()) };
            after = Some(last.clone());
            let keys: Vec<(ObjectPath, u64)> = chunk.into_iter().collect();
            for turn in keys.chunks(TURN) {
                self.carry_some(route, turn).await?;
            }
            self.moving.keep(|_| {});
        }
    }

    /// How many files there are, and their bytes.
    async fn count(&self, route: &Route) -> Result<(u64, u64), Stopped> {
        let mut listing = route.from.objects().list(None);
        let (mut files, mut bytes) = (0, 0);
        while let Some(meta) = listing.try_next().await.map_err(|error| failed("list the files", &error))? {
            self.look_up()?;
            if is_original(&meta.location) {
                (files, bytes) = (files + 1, bytes + meta.size);
            }
        }
        Ok((files, bytes))
    }

    /// The next files in the order of their names, with their sizes.
    async fn chunk(&self, route: &Route, after: Option<&ObjectPath>) -> Result<BTreeMap<ObjectPath, u64>, Stopped> {
        let mut chunk = BTreeMap::new();
        let mut listing = route.from.objects().list(None);
        while let Some(meta) = listing.try_next().await.map_err(|error| failed("list the files", &error))? {
            self.look_up()?;
            if is_original(&meta.location) && after.is_none_or(|after| meta.location > *after) {
                chunk.insert(meta.location, meta.size);
                if chunk.len() > CHUNK {
                    chunk.pop_last();
                }
            }
        }
        Ok(chunk)
    }

    /// Whether it is to go on.
    fn look_up(&self) -> Result<(), Stopped> {
        if self.tasks.is_stopping() {
            return Err(Stopped::Server);
        }
        if self.moving.cancelled.load(Ordering::Relaxed) {
            return Err(Stopped::Cancelled);
        }
        Ok(())
    }

    async fn carry_some(&self, route: &Route, some: &[(ObjectPath, u64)]) -> Result<(), Stopped> {
        self.look_up()?;
        if !self.places().first().is_some_and(|place| place.is(&route.to)) {
            return Err(Error::invalid("The storage was switched meanwhile.").into());
        }
        // A file that is removed meanwhile would otherwise come back in the other place.
        let _alone = self.hold().await;
        let moves = stream::iter(some.to_vec())
            .map(|(path, size)| async move { (self.carry_one(route, &path, size).await, size) });
        let ended: Vec<(Result<bool>, u64)> = moves.buffer_unordered(PARALLEL).collect().await;
        let mut in_a_row = 0;
        let mut progress = self.moving.progress.lock();
        for (result, size) in ended {
            match result {
                Ok(was_there) => {
                    in_a_row = 0;
                    progress.moved_files += u64::from(was_there);
                    progress.moved_bytes += if was_there { size } else { 0 };
                }
                Err(error) => {
                    tracing::warn!(?error, "a file could not be moved");
                    in_a_row += 1;
                    progress.failed_files += 1;
                    if progress.problem.is_empty() {
                        progress.problem = error.for_superusers().chars().take(PROBLEM_MAX).collect();
                    }
                }
            }
        }
        if in_a_row >= FAILURES_MAX.min(some.len() as u64) {
            return Err(Error::invalid(progress.problem.clone()).into());
        }
        Ok(())
    }

    /// Moves one file; false when it is gone.
    async fn carry_one(&self, route: &Route, path: &ObjectPath, size: u64) -> Result<bool> {
        let Some(key) = Key::parse(path.as_ref()) else { return Ok(false) };
        let Some(source) = find_at(&route.from, &key).await? else { return Ok(false) };
        let there = async || Ok::<_, Error>(find_path(&route.to, path, key.name()).await?.map(|found| found.size));
        if there().await? != Some(size) {
            let pieces = source.read(0..source.size).await?;
            match &route.to {
                Place::Bucket(bucket) => {
                    let attributes = Attributes::from_iter([(Attribute::ContentType, source.mime.clone())]);
                    let part = part_of(size);
                    let mut writer = BufWriter::with_capacity(bucket.objects.clone(), path.clone(), part)
                        .with_attributes(attributes);
                    if let Err(error) = send(pieces, &mut writer).await {
                        // Parts that nobody completes would be kept.
                        let _ = writer.abort().await;
                        return Err(error);
                    }
                    // A writer that was shut down gives its parts up by itself.
                    writer.shutdown().await.map_err(written)?;
                }
                Place::Local(place) => {
                    let scratch = self.scratch();
                    let mut file = tokio::fs::File::create(scratch.path()).await.map_err(written)?;
                    send(pieces, &mut file).await?;
                    file.flush().await.map_err(written)?;
                    // One of another size is in the way.
                    gone::remove_one(route.to.objects(), path).await?;
                    let name = self.world.ids.secret(incoming::NAME_LENGTH);
                    local::put(place, path, &Arc::new(Content::at(scratch, size)), name).await?;
                }
            }
        }
        let arrived = there().await?;
        if arrived != Some(size) {
            let detail = format!("{path} has {size} bytes, of which {} arrived", arrived.unwrap_or_default());
            return Err(Error::internal("move a file", detail));
        }
        self.leave(&route.from, &key).await?;
        Ok(true)
    }

    /// Removes a file, and what was made from it, from the place that it has left.
    async fn leave(&self, place: &Place, key: &Key) -> Result<()> {
        gone::remove_one(place.objects(), key.path()).await?;
        let mut thumbs = place.objects().list(Some(&key.thumbs()));
        while let Some(thumb) = thumbs.try_next().await.map_err(|error| failed("list the thumbs of a file", &error))? {
            gone::remove_one(place.objects(), &thumb.location).await?;
        }
        Ok(())
    }
}

impl Place {
    /// Whether it is this very one.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bucket(one), Self::Bucket(other)) => Arc::ptr_eq(one, other),
            (Self::Local(one), Self::Local(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

async fn send(
    mut pieces: stream::BoxStream<'static, Result<bytes::Bytes>>,
    target: &mut (impl tokio::io::AsyncWrite + Unpin),
) -> Result<()> {
    while let Some(piece) = pieces.try_next().await? {
        target.write_all(&piece).await.map_err(written)?;
    }
    Ok(())
}

fn written(error: io::Error) -> Error {
    Error::internal("move a file", error)
}

/// Thumbs are in a folder below the record's, which no key is; what waits for a record is no file of one yet.
fn is_original(path: &ObjectPath) -> bool {
    Key::parse(path.as_ref()).is_some_and(|key| key.open_until_ms().is_none())
}
