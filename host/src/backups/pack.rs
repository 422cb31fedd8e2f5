//! Writing an archive: a piece at a time, whatever the size of what goes in.

use super::manifest::{DATABASE, Entry, Manifest, NAME};
use super::progress::Turn;
use super::unpack::{Archive, Trouble, expect_few, is_far_larger};
use crate::crypto::Checksum;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// From this size on an entry is written as a large one: what is deflated may come out a little larger.
const LARGE: u64 = 3 << 30;

/// As fast as there is: most of the gain for a tenth of the time.
const LEVEL: i64 = 1;

/// Only its owner has to do with an archive, and with what is unpacked.
const MODE: u32 = 0o600;

/// What goes into an archive.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// A copy that nobody writes to.
    pub database: PathBuf,
    /// (name in the archive, path)
    pub plugins: Vec<(String, PathBuf)>,
    /// (name in the archive, path)
    pub files: Vec<(String, PathBuf)>,
}

impl Contents {
    /// Bytes of everything, as far as it is there.
    pub(super) fn bytes(&self) -> u64 {
        let others = self.plugins.iter().chain(&self.files).map(|(_, path)| path);
        let paths = std::iter::once(&self.database).chain(others);
        paths.filter_map(|path| path.metadata().ok()).fold(0, |sum, file| sum.saturating_add(file.len()))
    }
}

/// Writes the archive to `target`, which must not exist; it is on the disk on return. Files that are gone are left out
/// and counted: the answer is how many. What could not be put back is no backup, so it is opened as one that comes back is.
pub(super) fn pack(target: &Path, contents: &Contents, manifest: Manifest, turn: &Turn) -> Result<u64, Trouble> {
    // With the database and the manifest.
    expect_few(2 + (contents.plugins.len() + contents.files.len()) as u64)?;
    let missing = write(target, contents, manifest, turn).map_err(Trouble::Disk)?;
    Archive::open(File::open(target).map_err(Trouble::Disk)?)?;
    Ok(missing)
}

fn write(target: &Path, contents: &Contents, mut manifest: Manifest, turn: &Turn) -> io::Result<u64> {
    let file = File::options().write(true).create_new(true).mode(MODE).open(target)?;
    let written = Rc::new(Cell::new(0));
    let counted = Counted { to: BufWriter::with_capacity(PIECE, file), written: written.clone() };
    let mut packer = Packer { zip: ZipWriter::new(counted), written, turn, entries: Vec::new() };
    packer.add(DATABASE, &contents.database, CompressionMethod::Deflated)?;
    for (name, path) in &contents.plugins {
        packer.add(name, path, CompressionMethod::Deflated)?;
    }
    let mut missing = 0;
    for (name, path) in &contents.files {
        // Pictures and their like do not get smaller.
        match packer.add(name, path, CompressionMethod::Stored) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing += 1,
            added => added?,
        }
    }
    let Packer { mut zip, entries, .. } = packer;
    manifest.entries = entries;
    manifest.files_elsewhere = missing;
    let text = serde_json::to_vec_pretty(&manifest)?;
    zip.start_file(NAME, options(CompressionMethod::Deflated, text.len() as u64))?;
    zip.write_all(&text)?;
    let file = zip.finish()?.to.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(missing)
}

fn options(method: CompressionMethod, size: u64) -> SimpleFileOptions {
    let options = SimpleFileOptions::default().compression_method(method).unix_permissions(MODE);
    let level = (method == CompressionMethod::Deflated).then_some(LEVEL);
    options.compression_level(level).large_file(size >= LARGE)
}

/// Says how many bytes have gone through.
struct Counted {
    to: BufWriter<File>,
    written: Rc<Cell<u64>>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.to.write(bytes)?;
        self.written.set(self.written.get() + taken as u64);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.to.seek(to)
    }
}

struct Packer<'a> {
    zip: ZipWriter<Counted>,
    written: Rc<Cell<u64>>,
    turn: &'a Turn,
    entries: Vec<Entry>,
}

impl Packer<'_> {
    fn add(&mut self, name: &str, path: &Path, method: CompressionMethod) -> io::Result<()> {
        let (size, packed) = self.write(name, path, method)?;
        if method == CompressionMethod::Deflated && is_far_larger(size, packed) {
            self.entries.pop();
            self.zip.abort_file()?;
            self.write(name, path, CompressionMethod::Stored)?;
        }
        Ok(())
    }

    /// Answers with the size and with about how much of it was written, which is less than that by what is still on its way.
    fn write(&mut self, name: &str, path: &Path, method: CompressionMethod) -> io::Result<(u64, u64)> {
        let mut file = File::open(path)?;
        let expected = file.metadata()?.len();
        self.zip.start_file(name, options(method, expected))?;
        let (mut checksum, mut size, before) = (Checksum::default(), 0, self.written.get());
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            checksum.take(&piece[..read]);
            self.zip.write_all(&piece[..read])?;
            size += read as u64;
            self.turn.note(read as u64)?;
        }
        if size != expected {
            return Err(io::Error::other(format!("{} has changed while it was read", path.display())));
        }
        self.entries.push(Entry { name: name.to_owned(), size, sha256: checksum.hex() });
        Ok((size, self.written.get() - before))
    }
}
