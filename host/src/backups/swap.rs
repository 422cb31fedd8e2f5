//! Putting restored data in the place of what is there, so that a process that is killed at any moment is followed by
//! one that finishes what was begun, or takes it back. Nothing here knows what the data is.
//!
//! `restore/` in the data directory holds `new/` (unpacked and checked), `old/` (what was in its place), and the
//! journal, which says how far it is. Without a journal nothing was promised, and the folder is thrown away. Every step
//! is a rename, and each can be found done. The next one is prepared in a folder of its own, which takes the place of
//! `restore/` when it is whole: until then an earlier one stays what it is.
//!
//! 1. *staged*: the pieces of `new/` take the places of those that are there, which go to `old/`.
//! 2. *swapped*: the data is opened. When that goes well it is *done*; when it does not, or the process ends in it too
//!    often, it is *reverting*.
//! 3. *reverting*: the pieces of `old/` go back, and what had taken their places to `rejected/`.
//! 4. *done*: `old/` stays for a while and is then removed by a job.

use super::manifest::DATABASE;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The folder of a restore, of one that is being prepared, and of one that is being removed.
const FOLDER: &str = "restore";
const NEXT: &str = "restore.next";
const GONE: &str = "restore.gone";
const JOURNAL: &str = "journal.json";

/// What is exchanged; the first is a database, with its log beside it.
pub(super) const PIECES: [&str; 3] = [DATABASE, "storage", "plugins"];
const DATABASE_LOGS: [&str; 2] = ["data.db-wal", "data.db-shm"];

/// How often restored data is opened before it is given up: a process may be killed while it opens it.
const OPENINGS_MAX: u32 = 3;

/// How long the former data is kept.
const KEPT_MS: i64 = 24 * 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Phase {
    Staged,
    Swapped,
    Reverting,
    /// The restored data is in use.
    Done,
    /// The former data is in use again.
    Reverted,
}

#[derive(Debug, Serialize, Deserialize)]
struct Journal {
    phase: Phase,
    /// The archive.
    key: String,
    /// Which pieces there were before.
    had: Vec<String>,
    openings: u32,
    at_ms: i64,
}

/// What [`recover`] has found.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// There is no restore.
    Nothing,
    /// Restored data is in place and wants to be opened: [`healthy`] or [`condemn`] next.
    Restored(String),
    /// It was given up, and the former data is in place again.
    Reverted(String),
}

/// The folder of a restore that is being prepared.
pub(super) fn staging(dir: &Path) -> PathBuf {
    dir.join(NEXT).join("new")
}

/// Begins to prepare a restore.
pub(super) fn prepare(dir: &Path) -> io::Result<PathBuf> {
    abandon(dir)?;
    let staging = staging(dir);
    for piece in PIECES.iter().skip(1) {
        fs::create_dir_all(staging.join(piece))?;
    }
    Ok(staging)
}

/// Forgets what was being prepared, and only that.
pub(super) fn abandon(dir: &Path) -> io::Result<()> {
    remove(&dir.join(NEXT))
}

/// Forgets a restore and everything that belongs to it.
fn discard(dir: &Path) -> io::Result<()> {
    let gone = dir.join(GONE);
    remove(&gone)?;
    match fs::rename(dir.join(FOLDER), &gone) {
        // All at once and on the disk, so that no journal is found that speaks of what is removed already.
        Ok(()) => sync_all(&[dir])?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    remove(&gone)
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What is prepared is on the disk and will be put in place when the data is opened next. An earlier restore that was
/// begun is taken back, and one that was done is forgotten with the data that it replaced.
pub(super) fn commit(dir: &Path, key: &str, now_ms: i64) -> io::Result<()> {
    let next = dir.join(NEXT);
    sync_tree(&next)?;
    if is_pending(dir)? {
        take_back(dir, now_ms)?;
    }
    let had = PIECES.iter().filter(|piece| dir.join(piece).exists()).map(|piece| (*piece).to_owned()).collect();
    write_in(&next, &Journal { phase: Phase::Staged, key: key.to_owned(), had, openings: 0, at_ms: now_ms })?;
    discard(dir)?;
    fs::rename(&next, dir.join(FOLDER))?;
    sync_all(&[dir]).inspect_err(|_| drop(discard(dir)))
}

/// Puts the former data back, whatever step of a restore has been reached: its only copy may be in `old/`.
fn take_back(dir: &Path, now_ms: i64) -> io::Result<()> {
    if let Found::Restored(_) = go_on(dir)? {
        condemn(dir, now_ms)?;
        go_on(dir)?;
    }
    Ok(())
}

/// Whether a restore has been begun that is neither done nor taken back.
///
/// # Errors
/// When its journal cannot be read.
pub fn is_pending(dir: &Path) -> io::Result<bool> {
    Ok(read(dir)?.is_some_and(|journal| !matches!(journal.phase, Phase::Done | Phase::Reverted)))
}

/// Continues what a journal says, before the data is opened.
///
/// # Errors
/// When the disk refuses a step; it is tried again next time.
pub fn recover(dir: &Path) -> io::Result<Found> {
    abandon(dir)?;
    remove(&dir.join(GONE))?;
    go_on(dir)
}

fn go_on(dir: &Path) -> io::Result<Found> {
    let Some(mut journal) = read(dir)? else {
        discard(dir)?;
        return Ok(Found::Nothing);
    };
    match journal.phase {
        Phase::Done | Phase::Reverted => return Ok(Found::Nothing),
        Phase::Staged => {
            swap(dir)?;
            journal.phase = Phase::Swapped;
        }
        Phase::Swapped if journal.openings >= OPENINGS_MAX => journal.phase = Phase::Reverting,
        Phase::Swapped | Phase::Reverting => {}
    }
    if journal.phase == Phase::Reverting {
        write(dir, &journal)?;
        revert(dir, &journal.had)?;
        journal.phase = Phase::Reverted;
        write(dir, &journal)?;
        return Ok(Found::Reverted(journal.key));
    }
    journal.openings += 1;
    write(dir, &journal)?;
    Ok(Found::Restored(journal.key))
}

/// The restored data was opened and is in use.
///
/// # Errors
/// When the journal cannot be written.
pub fn healthy(dir: &Path, now_ms: i64) -> io::Result<()> {
    end(dir, Phase::Done, now_ms)
}

/// The restored data cannot be opened: the next [`recover`] takes it back.
///
/// # Errors
/// When the journal cannot be written.
pub fn condemn(dir: &Path, now_ms: i64) -> io::Result<()> {
    end(dir, Phase::Reverting, now_ms)
}

fn end(dir: &Path, phase: Phase, now_ms: i64) -> io::Result<()> {
    let Some(journal) = read(dir)? else { return Ok(()) };
    write(dir, &Journal { phase, at_ms: now_ms, ..journal })
}

/// Removes what is left of a restore that was done long enough ago; whether there was one.
pub(super) fn sweep(dir: &Path, now_ms: i64) -> io::Result<bool> {
    let over = read(dir)?.is_some_and(|journal| {
        matches!(journal.phase, Phase::Done | Phase::Reverted) && journal.at_ms.saturating_add(KEPT_MS) <= now_ms
    });
    if over {
        discard(dir)?;
    }
    Ok(over)
}

fn swap(dir: &Path) -> io::Result<()> {
    let (new, old) = (dir.join(FOLDER).join("new"), dir.join(FOLDER).join("old"));
    fs::create_dir_all(&old)?;
    for piece in PIECES {
        if !new.join(piece).exists() {
            continue;
        }
        displace(dir, piece, &old)?;
        fs::rename(new.join(piece), dir.join(piece))?;
    }
    sync_all(&[&old, &new, dir])
}

fn revert(dir: &Path, had: &[String]) -> io::Result<()> {
    let (old, rejected) = (dir.join(FOLDER).join("old"), dir.join(FOLDER).join("rejected"));
    fs::create_dir_all(&old)?;
    fs::create_dir_all(&rejected)?;
    for piece in PIECES {
        let is_back = had.iter().any(|name| name == piece) && !old.join(piece).exists();
        if is_back {
            continue;
        }
        // One that is gone is where its former log may be back already.
        if dir.join(piece).exists() {
            displace(dir, piece, &rejected)?;
        }
        if old.join(piece).exists() {
            for log in logs_of(piece).iter().filter(|log| old.join(log).exists()) {
                fs::rename(old.join(log), dir.join(log))?;
            }
            fs::rename(old.join(piece), dir.join(piece))?;
        }
    }
    sync_all(&[&old, &rejected, dir])
}

/// Moves what is in the place of a piece; a database after its log, so that as long as one is there its log is its own.
/// A log whose database is gone goes too: the next database would take it for its own.
fn displace(dir: &Path, piece: &str, to: &Path) -> io::Result<()> {
    for log in logs_of(piece).iter().filter(|log| dir.join(log).exists()) {
        fs::rename(dir.join(log), to.join(log))?;
    }
    if dir.join(piece).exists() {
        fs::rename(dir.join(piece), to.join(piece))?;
    }
    Ok(())
}

fn logs_of(piece: &str) -> &'static [&'static str] {
    if piece == DATABASE { &DATABASE_LOGS } else { &[] }
}

fn read(dir: &Path) -> io::Result<Option<Journal>> {
    match fs::read(dir.join(FOLDER).join(JOURNAL)) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(dir: &Path, journal: &Journal) -> io::Result<()> {
    write_in(&dir.join(FOLDER), journal)?;
    sync_all(&[dir])
}

/// Writes beside the journal and renames, so that nobody reads half of it.
fn write_in(folder: &Path, journal: &Journal) -> io::Result<()> {
    let beside = folder.join("journal.part");
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec(journal)?)?;
    file.sync_all()?;
    fs::rename(&beside, folder.join(JOURNAL))?;
    sync_all(&[folder])
}

fn sync_all(folders: &[&Path]) -> io::Result<()> {
    folders.iter().try_for_each(|folder| File::open(folder)?.sync_all())
}

/// Everything on the file system of a folder is on the disk: one call for a million files.
fn sync_tree(folder: &Path) -> io::Result<()> {
    rustix::fs::syncfs(File::open(folder)?).map_err(io::Error::from)
}

#[cfg(test)]
mod tests;
