//! Unpacking an archive beside the data, to be put in its place when it is opened next; and only looking at one.
//! Nothing of the data is touched here.

use super::manifest::{DATABASE, Manifest};
use super::progress::Turn;
use super::unpack::{Archive, Trouble, no_room};
use super::{Site, copy, swap};
use crate::error::{Error, Result};
use crate::files::Scratch;
use crate::sql::Sql;
use crate::tasks;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is left free on a disk that an archive is unpacked to.
const SPARE_BYTES: u64 = 64 << 20;

/// Reads all of an archive and tries out its database in `scratch`; answers with its manifest.
pub(super) async fn verify(site: &Site, source: File, scratch: Scratch, turn: &Arc<Turn>) -> Result<Manifest> {
    let (room, path, reading) = (room(&site.dir)?, scratch.path().to_owned(), turn.clone());
    let read = move || -> Result<Manifest, Trouble> {
        let mut archive = Archive::open(source)?;
        archive.expect_room(room, |name| name == DATABASE)?;
        reading.step("checksums", archive.manifest.bytes());
        archive.read_all(&reading, |name| if name == DATABASE { create(&path).map(Some) } else { Ok(None) })?;
        Ok(archive.manifest)
    };
    let manifest = tasks::blocking(read).await?.map_err(Trouble::into_error)?;
    turn.step("database", 0);
    let tried = copy::try_out(site, scratch.path(), Vec::new(), turn).await;
    copy::remove_log(scratch.path());
    tried.map(|()| manifest)
}

/// Prepares a restore; `beside` is done to the restored database. After an error nothing is prepared, and an earlier
/// restore is as it was.
pub(super) async fn stage(site: &Site, source: File, key: &str, beside: Vec<Sql>, turn: &Arc<Turn>) -> Result<()> {
    own_pieces(&site.dir)?;
    let staged = unpack(site, source, key, beside, turn).await;
    if staged.is_err() {
        let dir = site.dir.clone();
        let abandoned = tasks::blocking(move || swap::abandon(&dir)).await?;
        if let Err(error) = abandoned {
            tracing::warn!(%error, "what was unpacked of a backup could not be removed");
        }
    }
    staged
}

async fn unpack(site: &Site, source: File, key: &str, beside: Vec<Sql>, turn: &Arc<Turn>) -> Result<()> {
    let (dir, unpacking) = (site.dir.clone(), turn.clone());
    let work = move || -> Result<PathBuf, Trouble> {
        let folder = swap::prepare(&dir).map_err(Trouble::Disk)?;
        let room =
            room(&dir).map_err(|_| Trouble::Disk(io::Error::other("the disk does not tell how much room it has")))?;
        let mut archive = Archive::open(source)?;
        archive.expect_room(room, |_| true)?;
        unpacking.step("unpack", archive.manifest.bytes());
        archive.read_all(&unpacking, |name| create(&folder.join(name)).map(Some))?;
        Ok(folder)
    };
    let folder = tasks::blocking(work).await?.map_err(Trouble::into_error)?;
    turn.step("database", 0);
    copy::try_out(site, &folder.join(DATABASE), beside, turn).await?;
    copy::expect_no_log(&folder.join(DATABASE))?;
    let (dir, key, now_ms) = (site.dir.clone(), key.to_owned(), site.world.now_ms());
    let committed = tasks::blocking(move || swap::commit(&dir, &key, now_ms)).await?;
    committed.map_err(|error| no_room(&error, "prepare a restore"))
}

/// A new file in folders that only this user can enter.
fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// Bytes that may be written below a folder.
fn room(dir: &Path) -> Result<u64> {
    let found = rustix::fs::statvfs(dir).map_err(|error| Error::internal("ask for the room on the disk", error))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize).saturating_sub(SPARE_BYTES))
}

/// The pieces of the data are exchanged by renames, so they must be where the directory itself is.
fn own_pieces(dir: &Path) -> Result<()> {
    let device = |path: &Path| std::fs::symlink_metadata(path).map(|found| (found.is_symlink(), found.dev())).ok();
    let home = device(dir).map(|(_, device)| device);
    for piece in swap::PIECES {
        let Some((is_link, device)) = device(&dir.join(piece)) else { continue };
        if is_link || Some(device) != home.or(Some(device)) {
            return Err(Error::invalid(format!(
                "{piece} is a link, or a file system of its own, so a backup cannot be put in its place. Restore into an empty directory instead."
            )));
        }
    }
    Ok(())
}
