//! One process per data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::error::OpenFailure;

const LOCK_FILE: &str = "tinybase.lock";

/// Holds the data directory until dropped. The operating system gives it back when the process dies,
/// however it dies; the file itself stays and means nothing.
#[derive(Debug)]
pub struct DirLock {
    _file: File,
}

impl DirLock {
    /// Locks `directory`, which must exist.
    ///
    /// # Errors
    /// [`OpenFailure::Locked`] when another process has it.
    pub fn acquire(directory: &Path) -> Result<Self, OpenFailure> {
        let path = directory.join(LOCK_FILE);
        let failed = |error: std::io::Error| OpenFailure::Engine { path: path.clone(), detail: error.to_string() };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                return Err(OpenFailure::Locked { directory: directory.to_owned(), holder: text.trim().parse().ok() });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The number is for the message above only; failing to write it is no reason to stop.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}
