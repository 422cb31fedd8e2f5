//! A copy of a file that exists in memory alone and that nobody can change any more: machine code is copied into one, checked
//! there, and mapped from there, a page when it is first called. What is checked is what is run, and it is copied once.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

#[derive(Debug)]
pub(super) struct Sealed {
    file: File,
}

impl Sealed {
    /// A copy of a file, from a place of it on.
    ///
    /// # Errors
    /// When the file cannot be read, or the system has no such copies.
    pub(super) fn copy(file: &File, from: u64) -> io::Result<Self> {
        Self::of(in_memory(file, from)?)
    }

    fn of(file: File) -> io::Result<Self> {
        let sealed = Self { file };
        // Only there can it be opened again.
        sealed.path().try_exists()?.then_some(sealed).ok_or_else(|| io::ErrorKind::Unsupported.into())
    }

    /// Where this process finds it for as long as it is held. All of it is what has to be checked, not only what was copied: until it was
    /// sealed, anybody of the same user could add to it.
    pub(super) fn path(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.file.as_raw_fd()).into()
    }
}

#[cfg(target_os = "linux")]
fn in_memory(file: &File, from: u64) -> io::Result<File> {
    let copy = copied(file, from)?;
    seal(&copy)?;
    Ok(copy)
}

#[cfg(target_os = "linux")]
fn copied(file: &File, from: u64) -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create, sendfile};

    /// Bytes that the system copies at a time, at most.
    const COPIED: usize = 1 << 30;

    let copy = memfd_create("artifact", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut at = from;
    while sendfile(&copy, file, Some(&mut at), COPIED)? > 0 {}
    Ok(copy.into())
}

#[cfg(target_os = "linux")]
fn seal(copy: &File) -> io::Result<()> {
    use rustix::fs::{SealFlags, fcntl_add_seals};
    Ok(fcntl_add_seals(copy, SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL)?)
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_file: &File, _from: u64) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs::OpenOptions;
    use std::io::Write as _;
    use std::os::unix::fs::FileExt as _;

    #[test]
    fn what_is_added_before_it_is_sealed_is_seen() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"code").unwrap();
        let mut copy = copied(&file, 0).unwrap();
        copy.write_all(b" and more").unwrap();
        seal(&copy).unwrap();
        let sealed = Sealed::of(copy).unwrap();
        assert_eq!(std::fs::read(sealed.path()).unwrap(), b"code and more");
    }

    #[test]
    fn a_copy_is_what_the_file_was_and_stays_so() {
        let mut file = tempfile::tempfile().unwrap();
        let content: Vec<u8> = (0..(3_u32 << 18) + 7).map(|index| index.to_le_bytes()[1]).collect();
        file.write_all(b"head").unwrap();
        file.write_all(&content).unwrap();
        let sealed = Sealed::copy(&file, 4).unwrap();
        file.set_len(0).unwrap();
        let seen = || std::fs::read(sealed.path()).unwrap();
        assert!(seen() == content);
        // Whoever opens it anew may write to it as little as who has made it.
        let again = OpenOptions::new().write(true).open(sealed.path()).unwrap();
        for writer in [&again, &sealed.file] {
            assert!(
                writer.write_at(b"x", 0).is_err() && writer.set_len(1).is_err() && writer.set_len(1 << 20).is_err()
            );
        }
        assert!(seen() == content);
        let empty = Sealed::copy(&file, 0).unwrap();
        assert!(std::fs::read(empty.path()).unwrap().is_empty(), "nothing can be copied as well");
    }
}
