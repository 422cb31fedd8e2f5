//! Uploads on their way: small ones in memory, large ones in a file that is gone when nobody holds it.

use super::staging::Staged;
use super::{Key, failed as unread, kind};
use crate::error::{Error, Result};
use bytes::{Bytes, BytesMut};
use object_store::ObjectStoreExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// An upload that grows beyond this goes to the disk.
const MEMORY_MAX: usize = 256 << 10;
/// Characters in the name of such a file.
pub(super) const NAME_LENGTH: usize = 24;

/// A file that a client sent, not yet stored.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The key it came under: `field`, `field+` or `+field`.
    pub key: String,
    /// What the client calls it.
    pub file_name: String,
    pub content: Arc<Content>,
}

/// The whole of an upload.
#[derive(Debug)]
pub struct Content {
    pub(super) body: Body,
    pub size: u64,
    /// Tells whether two uploads are the same; no protection against who wants them to be.
    pub crc: u32,
    start: Bytes,
}

#[derive(Debug)]
pub(super) enum Body {
    Memory(Bytes),
    Disk(Scratch),
    /// Sent by the client to the bucket itself.
    Bucket(Staged),
}

/// A file that is removed with its owner.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It is gone already, or will be when the folder is emptied at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Content {
    /// Bytes that are at hand.
    #[must_use]
    pub fn of(bytes: Bytes) -> Self {
        let start = bytes.slice(..bytes.len().min(kind::START));
        Self { size: bytes.len() as u64, crc: crc32fast::hash(&bytes), start, body: Body::Memory(bytes) }
    }

    /// A file on the disk that is to be stored whatever it holds.
    pub(super) fn at(scratch: Scratch, size: u64) -> Self {
        Self { body: Body::Disk(scratch), size, crc: 0, start: Bytes::new() }
    }

    /// An upload that is in the bucket already.
    pub(super) fn in_bucket(staged: Staged, size: u64, start: Bytes) -> Self {
        // No two uploads have the same key.
        let crc = crc32fast::hash(staged.key.to_string().as_bytes());
        Self { body: Body::Bucket(staged), size, crc, start }
    }

    /// Where an upload is that waits in the bucket.
    #[must_use]
    pub fn waits_at(&self) -> Option<&Key> {
        match &self.body {
            Body::Bucket(staged) => Some(&staged.key),
            Body::Memory(_) | Body::Disk(_) => None,
        }
    }

    /// The beginning, which tells what it is.
    pub(super) fn start(&self) -> &Bytes {
        &self.start
    }

    /// The content type, by the content.
    #[must_use]
    pub fn mime(&self, file_name: &str) -> &'static str {
        kind::of(&self.start, file_name, self.size <= self.start.len() as u64)
    }

    /// Everything, in memory.
    ///
    /// # Errors
    /// `Internal` when the disk, or the bucket, cannot be read.
    pub async fn bytes(&self) -> Result<Bytes> {
        match &self.body {
            Body::Memory(bytes) => Ok(bytes.clone()),
            Body::Disk(scratch) => {
                let read = tokio::fs::read(scratch.path()).await;
                read.map(Bytes::from).map_err(|error| Error::internal("read an upload", error))
            }
            Body::Bucket(staged) => {
                let got = staged.bucket.objects.get(staged.key.path()).await;
                let got = got.map_err(|error| unread("read an upload", &error))?;
                got.bytes().await.map_err(|error| unread("read an upload", &error))
            }
        }
    }
}

/// Takes an upload piece by piece.
#[derive(Debug)]
pub struct Receiver {
    /// The file to use when memory does not do; without one everything stays in memory.
    path: Option<PathBuf>,
    memory: BytesMut,
    disk: Option<(Scratch, File)>,
    size: u64,
    crc: crc32fast::Hasher,
}

impl Receiver {
    #[must_use]
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, memory: BytesMut::new(), disk: None, size: 0, crc: crc32fast::Hasher::new() }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// `Internal` when the disk cannot be written.
    pub async fn take(&mut self, piece: &[u8]) -> Result<()> {
        self.size += piece.len() as u64;
        self.crc.update(piece);
        if self.disk.is_none() && self.memory.len() + piece.len() > MEMORY_MAX {
            self.open().await?;
        }
        if let Some((_, file)) = &mut self.disk {
            return file.write_all(piece).await.map_err(failed);
        }
        self.memory.extend_from_slice(piece);
        Ok(())
    }

    /// Bytes that are in memory.
    #[must_use]
    pub fn held(&self) -> usize {
        self.memory.len()
    }

    async fn open(&mut self) -> Result<()> {
        let Some(path) = self.path.take() else { return Ok(()) };
        let mut file = File::options().write(true).create_new(true).open(&path).await.map_err(failed)?;
        let scratch = Scratch(path);
        file.write_all(&self.memory).await.map_err(failed)?;
        // The beginning is kept: it tells what the file is.
        self.memory.truncate(kind::START);
        self.disk = Some((scratch, file));
        Ok(())
    }

    /// What has been taken.
    ///
    /// # Errors
    /// `Internal` when the disk cannot be written.
    pub async fn finish(self) -> Result<Content> {
        let memory = self.memory.freeze();
        let Some((scratch, mut file)) = self.disk else { return Ok(Content::of(memory)) };
        file.flush().await.map_err(failed)?;
        let mut start = memory;
        if start.len() < kind::START {
            // A first piece that was larger than the memory left nothing there.
            start = read_start(scratch.path()).await?;
        }
        Ok(Content { body: Body::Disk(scratch), size: self.size, crc: self.crc.finalize(), start })
    }
}

async fn read_start(path: &Path) -> Result<Bytes> {
    let mut start = Vec::with_capacity(kind::START);
    let file = File::open(path).await.map_err(failed)?;
    file.take(kind::START as u64).read_to_end(&mut start).await.map_err(failed)?;
    Ok(start.into())
}

fn failed(error: std::io::Error) -> Error {
    Error::internal("receive an upload", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_uploads_go_to_the_disk_and_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        for piece in [1000, MEMORY_MAX + 1] {
            let path = dir.path().join(format!("upload-{piece}"));
            let mut receiver = Receiver::new(Some(path.clone()));
            let mut sent = Vec::new();
            while sent.len() <= MEMORY_MAX {
                let bytes = vec![u8::try_from(sent.len() % 26).unwrap() + b'a'; piece];
                receiver.take(&bytes).await.unwrap();
                sent.extend_from_slice(&bytes);
            }
            let content = receiver.finish().await.unwrap();
            assert!(path.exists());
            assert_eq!((content.size, content.start.len()), (sent.len() as u64, kind::START));
            assert_eq!(content.bytes().await.unwrap(), sent);
            assert_eq!(content.mime("a.bin"), "text/plain; charset=utf-8");
            drop(content);
            assert!(!path.exists());
        }
    }

    #[tokio::test]
    async fn small_uploads_stay_in_memory() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("upload");
        let mut receiver = Receiver::new(Some(path.clone()));
        receiver.take(b"hel").await.unwrap();
        receiver.take(b"lo").await.unwrap();
        let content = receiver.finish().await.unwrap();
        assert_eq!(content.bytes().await.unwrap(), "hello");
        assert!(!path.exists());
    }
}
