//! Writing an archive: a piece at a time, whatever the size of what goes in.

use super::manifest::{DATABASE, Entry, Manifest, NAME};
use super::progress::Turn;
use crate::crypto::Checksum;
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// From this size on an entry is written as a large one: what is deflated may come out a little larger.
const LARGE: u64 = 3 << 30;

/// As fast as there is: most of the gain for a tenth of the time.
const LEVEL: i64 = 1;

/// Only its owner has to do with what is unpacked.
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
/// and counted: the answer is how many.
pub(super) fn pack(target: &Path, contents: &Contents, mut manifest: Manifest, turn: &Turn) -> io::Result<u64> {
    let file = File::options().write(true).create_new(true).open(target)?;
    let mut packer = Packer { zip: ZipWriter::new(BufWriter::with_capacity(PIECE, file)), turn, entries: Vec::new() };
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
    let file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(missing)
}

fn options(method: CompressionMethod, size: u64) -> SimpleFileOptions {
    let options = SimpleFileOptions::default().compression_method(method).unix_permissions(MODE);
    let level = (method == CompressionMethod::Deflated).then_some(LEVEL);
    options.compression_level(level).large_file(size >= LARGE)
}

struct Packer<'a> {
    zip: ZipWriter<BufWriter<File>>,
    turn: &'a Turn,
    entries: Vec<Entry>,
}

impl Packer<'_> {
    fn add(&mut self, name: &str, path: &Path, method: CompressionMethod) -> io::Result<()> {
        let mut file = File::open(path)?;
        let expected = file.metadata()?.len();
        self.zip.start_file(name, options(method, expected))?;
        let (mut checksum, mut size) = (Checksum::default(), 0);
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
        Ok(())
    }
}
