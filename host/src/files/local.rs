//! Files on the disk: `storage/collection/record/name`. A file is there whole or not at all, and what is
//! there outlives a power cut.

use super::incoming::{Body, Content, Scratch};
use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder may be removed as empty between its making and its use; so often it is made anew.
const TRIES: usize = 5;

#[derive(Debug)]
pub(super) struct Local {
    pub(super) objects: LocalFileSystem,
    /// As `objects` knows it, so that both name the same files.
    root: PathBuf,
    incoming: PathBuf,
}

impl Local {
    /// Empties `incoming`: whoever was sending is gone.
    pub(super) fn open(root: &Path, incoming: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        if incoming.exists() {
            fs::remove_dir_all(incoming)?;
        }
        fs::create_dir(incoming)?;
        let root = fs::canonicalize(root)?;
        let objects = LocalFileSystem::new_with_prefix(&root).map_err(io::Error::other)?.with_automatic_cleanup(true);
        Ok(Self { objects, root, incoming: incoming.to_owned() })
    }

    /// A folder whose files come from elsewhere on the disk. One that is made can be entered by nobody else.
    pub(super) fn folder(root: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(root)?;
        let root = fs::canonicalize(root)?;
        let objects = LocalFileSystem::new_with_prefix(&root).map_err(io::Error::other)?;
        Ok(Self { objects, incoming: root.clone(), root })
    }

    /// Where a file is, if it is there.
    pub(super) fn path_of(&self, key: &ObjectPath) -> PathBuf {
        self.root.join(key.as_ref())
    }

    pub(super) fn incoming(&self) -> &Path {
        &self.incoming
    }

    /// Stores a file. Blocks on the disk.
    pub(super) fn put(&self, key: &ObjectPath, content: &Content, scratch_name: &str) -> io::Result<()> {
        let target = self.root.join(key.as_ref());
        match &content.body {
            Body::Disk(scratch) => {
                File::open(scratch.path())?.sync_all()?;
                self.link(scratch.path(), &target)
            }
            Body::Memory(bytes) => {
                let scratch = self.write(scratch_name, bytes)?;
                self.link(scratch.path(), &target)
            }
            Body::Bucket(_) => Err(io::Error::other("the upload is in a bucket")),
        }
    }

    fn write(&self, name: &str, bytes: &Bytes) -> io::Result<Scratch> {
        let path = self.incoming.join(name);
        let mut file = File::options().write(true).create_new(true).open(&path)?;
        let scratch = Scratch::new(path);
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(scratch)
    }

    /// Gives the finished file its place as well, and sees to it that the disk knows.
    fn link(&self, from: &Path, target: &Path) -> io::Result<()> {
        let parent = target.parent().unwrap_or(&self.root);
        let mut tries = 0;
        loop {
            tries += 1;
            fs::create_dir_all(parent)?;
            match fs::hard_link(from, target) {
                Ok(()) => break,
                // A thumb that somebody else has made meanwhile is as good.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => break,
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(error),
                // `storage` is a file system of its own, or one that has no links.
                Err(_) => {
                    copy(from, parent, target)?;
                    break;
                }
            }
        }
        for folder in parent.ancestors().take_while(|folder| folder.starts_with(&self.root)) {
            // A folder that is gone again was empty, so the file in it is gone as well.
            match File::open(folder) {
                Ok(folder) => folder.sync_all()?,
                Err(error) if error.kind() == io::ErrorKind::NotFound && folder != parent => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Copies a file under another name first: a thumb that is there is taken for whole.
fn copy(from: &Path, folder: &Path, target: &Path) -> io::Result<()> {
    let name = from.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let scratch = Scratch::new(folder.join(name));
    fs::copy(from, scratch.path())?;
    File::open(scratch.path())?.sync_all()?;
    fs::rename(scratch.path(), target)
}

/// Stores a file on tokio's threads for blocking work.
pub(super) async fn put(
    local: &Arc<Local>,
    key: &ObjectPath,
    content: &Arc<Content>,
    scratch: String,
) -> crate::error::Result<()> {
    let (local, key, content) = (local.clone(), key.clone(), content.clone());
    let written = crate::tasks::blocking(move || local.put(&key, &content, &scratch)).await?;
    written.map_err(|error| crate::error::Error::internal("store a file", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_put_with_its_folders_and_incoming_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let (root, incoming) = (dir.path().join("storage"), dir.path().join("incoming"));
        fs::create_dir_all(incoming.join("left")).unwrap();
        let local = Local::open(&root, &incoming).unwrap();
        assert_eq!(fs::read_dir(&incoming).unwrap().count(), 0);
        let content = Content::of(Bytes::from_static(b"hello"));
        local.put(&ObjectPath::from("c/r/n.txt"), &content, "one").unwrap();
        assert_eq!(fs::read(root.join("c/r/n.txt")).unwrap(), b"hello");
        assert_eq!(fs::read_dir(&incoming).unwrap().count(), 0);
    }

    #[test]
    fn a_copy_leaves_nothing_but_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let (from, folder) = (dir.path().join("one"), dir.path().join("storage"));
        fs::create_dir(&folder).unwrap();
        fs::write(&from, b"hello").unwrap();
        copy(&from, &folder, &folder.join("n.txt")).unwrap();
        assert_eq!(fs::read(folder.join("n.txt")).unwrap(), b"hello");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }
}
