//! Reading an archive that anybody may have made. Everything is looked at before anything is believed: how many
//! entries there are, their names, kinds and sizes, and that the manifest names exactly them. Then each is read within
//! its limits and compared with its checksum.

use super::manifest::{DATABASE, Manifest, NAME};
use super::progress::{STOPS, Turn};
use crate::crypto::Checksum;
use crate::error::{Code, Error, code};
use crate::files::Key;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use zip::{CompressionMethod, ZipArchive};

/// Most entries of an archive.
const ENTRIES_MAX: u64 = 1_000_000;

/// Largest list of entries at the end of an archive, in bytes: it is read into memory.
const DIRECTORY_MAX: u64 = 256 << 20;

/// Largest manifest, unpacked.
const MANIFEST_MAX: u64 = 256 << 20;

/// How many times its packed size an entry may be, if it is larger than `RATIO_FROM`, and all of them together.
const RATIO_MAX: u64 = 500;
const RATIO_FROM: u64 = 16 << 20;

/// How much is read at once.
const PIECE: usize = 256 << 10;

/// The record at the end of an archive: its signature, its length without a comment, and the longest comment.
const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: u64 = 22;
const COMMENT_MAX: u64 = 65_535;
/// What leads to the record of large archives, and that record.
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LENGTH: u64 = 20;
const LARGE_END: &[u8] = b"PK\x06\x06";
const LARGE_END_LENGTH: usize = 56;

/// The kinds of files in a mode of Unix.
const KIND_MASK: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// Why an archive is not used.
#[derive(Debug)]
pub(super) struct Damage {
    code: Code,
    words: String,
}

impl Damage {
    pub(super) fn damaged(words: impl Into<String>) -> Self {
        Self { code: code::BACKUP_DAMAGED, words: words.into() }
    }

    fn hostile(words: impl Into<String>) -> Self {
        Self { code: code::BACKUP_UNSAFE, words: words.into() }
    }

    fn foreign(words: impl Into<String>) -> Self {
        Self { code: code::BACKUP_FOREIGN, words: words.into() }
    }

    pub(super) fn into_error(self) -> Error {
        let message = format!("The backup cannot be used: {}.", self.words);
        Error::field(message.clone(), "backup", self.code.say(message))
    }
}

/// What stops the reading of an archive.
#[derive(Debug)]
pub(super) enum Trouble {
    Archive(Damage),
    /// Where it is unpacked to.
    Disk(io::Error),
    /// What is unpacked is larger than what is free on the disk.
    Room {
        bytes: u64,
        room: u64,
    },
}

impl From<Damage> for Trouble {
    fn from(damage: Damage) -> Self {
        Self::Archive(damage)
    }
}

impl Trouble {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Archive(damage) => damage.into_error(),
            Self::Disk(error) => no_room(&error, "unpack a backup"),
            Self::Room { bytes, room } => Error::Unavailable(
                format!("The backup takes {bytes} bytes, and there is room for {room} on the disk.").into(),
            ),
        }
    }

    /// The same where an archive is made.
    pub(super) fn into_refusal(self) -> Error {
        match self {
            Self::Archive(damage) => Error::invalid(format!("The backup cannot be made: {}.", damage.words)),
            Self::Disk(error) => no_room(&error, "write a backup"),
            other @ Self::Room { .. } => other.into_error(),
        }
    }
}

/// A failure of the disk, told apart when it is full.
pub(super) fn no_room(error: &io::Error, what: &'static str) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::FileTooLarge | io::ErrorKind::QuotaExceeded => {
            Error::Unavailable("There is no room left on the disk.".into())
        }
        io::ErrorKind::Interrupted => Error::Unavailable(STOPS.into()),
        _ => Error::internal(what, error),
    }
}

/// An archive whose entries are known to be what a backup holds.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    pub manifest: Manifest,
}

/// An entry as the archive's own list has it.
struct Listed {
    size: u64,
    packed: u64,
}

impl Archive {
    /// Opens an archive.
    pub(super) fn open(mut file: File) -> Result<Self, Damage> {
        let length = file.seek(SeekFrom::End(0)).map_err(|error| unreadable(&error))?;
        let declared = declared(&mut file, length).map_err(|error| unreadable(&error))?;
        expect_few(declared)?;
        let zip = ZipArchive::new(BufReader::with_capacity(PIECE, file));
        let mut zip = zip.map_err(|error| Damage::damaged(format!("it is no zip archive ({error})")))?;
        if zip.has_duplicate_names() || zip.len() as u64 != declared {
            return Err(Damage::hostile("it has several entries of the same name"));
        }
        let listed = list(&zip, length)?;
        let overlapping = zip.has_overlapping_entries();
        if overlapping.map_err(|error| Damage::damaged(error.to_string()))? {
            return Err(Damage::hostile("its entries share their bytes"));
        }
        let manifest = manifest(&mut zip, &listed)?;
        Ok(Self { zip, manifest })
    }

    /// What is unpacked of it must fit into `room` bytes.
    pub(super) fn expect_room(&self, room: u64, is_unpacked: impl Fn(&str) -> bool) -> Result<(), Trouble> {
        let unpacked = self.manifest.entries.iter().filter(|entry| is_unpacked(&entry.name));
        let bytes = unpacked.fold(0_u64, |sum, entry| sum.saturating_add(entry.size));
        if bytes > room { Err(Trouble::Room { bytes, room }) } else { Ok(()) }
    }

    /// Reads every entry to its end and compares it with its checksum; `sink` says where one is written to, if
    /// anywhere.
    pub(super) fn read_all(
        &mut self,
        turn: &Turn,
        mut sink: impl FnMut(&str) -> io::Result<Option<File>>,
    ) -> Result<(), Trouble> {
        let mut piece = vec![0; PIECE];
        for entry in &self.manifest.entries {
            let damaged = |words: String| Damage::damaged(format!("{}: {words}", entry.name));
            let opened = self.zip.by_name(&entry.name);
            // One more than there may be: an entry that unpacks to more is noticed, and no more of it is read.
            let mut source = opened.map_err(|error| damaged(error.to_string()))?.take(entry.size.saturating_add(1));
            let mut target = sink(&entry.name).map_err(Trouble::Disk)?;
            let (mut checksum, mut size) = (Checksum::default(), 0);
            loop {
                let read = source.read(&mut piece).map_err(|error| damaged(error.to_string()))?;
                if read == 0 {
                    break;
                }
                checksum.take(&piece[..read]);
                size += read as u64;
                turn.note(read as u64).map_err(Trouble::Disk)?;
                if let Some(target) = &mut target {
                    target.write_all(&piece[..read]).map_err(Trouble::Disk)?;
                }
            }
            if size != entry.size || checksum.hex() != entry.sha256 {
                return Err(damaged("it does not have the checksum that the manifest says".into()).into());
            }
        }
        Ok(())
    }
}

/// An archive has no more entries than are read.
pub(super) fn expect_few(entries: u64) -> Result<(), Damage> {
    if entries > ENTRIES_MAX {
        return Err(Damage::hostile(format!("it has {entries} entries, more than {ENTRIES_MAX}")));
    }
    Ok(())
}

/// Whether an entry unpacks to so much more than it is that it is not unpacked.
pub(super) fn is_far_larger(size: u64, packed: u64) -> bool {
    size > RATIO_FROM && size / RATIO_MAX > packed
}

/// How many entries the end of an archive says that it has.
fn declared(file: &mut File, length: u64) -> io::Result<u64> {
    let start = length.saturating_sub(END_LENGTH + COMMENT_MAX);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(END_LENGTH + COMMENT_MAX).read_to_end(&mut tail)?;
    let wrong = |words: &'static str| io::Error::new(io::ErrorKind::InvalidData, words);
    let at = tail.windows(END.len()).rposition(|window| window == END).ok_or_else(|| wrong("it has no end"))?;
    let end =
        tail.get(at..at + usize::try_from(END_LENGTH).unwrap_or_default()).ok_or_else(|| wrong("it is cut off"))?;
    let short = |at: usize| u64::from(u16::from_le_bytes([end[at], end[at + 1]]));
    let long = |at: usize| u64::from(u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]));
    let (mut entries, mut directory) = (short(10), long(12));
    let locator =
        at.checked_sub(usize::try_from(LOCATOR_LENGTH).unwrap_or_default()).and_then(|from| tail.get(from..at));
    if let Some(locator) = locator.filter(|locator| locator.starts_with(LOCATOR)) {
        let mut place = [0; 8];
        place.copy_from_slice(&locator[8..16]);
        let mut large = [0; LARGE_END_LENGTH];
        file.seek(SeekFrom::Start(u64::from_le_bytes(place)))?;
        file.read_exact(&mut large)?;
        if !large.starts_with(LARGE_END) {
            return Err(wrong("its end leads nowhere"));
        }
        let number = |at: usize| large[at..at + 8].iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        (entries, directory) = (number(32), number(40));
    }
    if directory > DIRECTORY_MAX || directory > length {
        return Err(wrong("the list of its entries is too large"));
    }
    file.rewind()?;
    Ok(entries)
}

fn unreadable(error: &io::Error) -> Damage {
    Damage::damaged(format!("it is no zip archive ({error})"))
}

/// The entries by name, each of a kind that a backup has.
fn list(zip: &ZipArchive<BufReader<File>>, length: u64) -> Result<HashMap<String, Listed>, Damage> {
    let mut listed = HashMap::with_capacity(zip.len());
    let mut total: u64 = 0;
    for index in 0..zip.len() {
        let entry = zip.by_index_data(index).map_err(|error| Damage::damaged(error.to_string()))?;
        let name = entry.name().map_err(|_| Damage::hostile("a name is not UTF-8"))?.into_owned();
        let hostile = |what: &str| Damage::hostile(format!("{name:?} {what}"));
        if !is_name(&name) {
            // What another program has put there is its own business, as long as it stays where it is.
            let outside =
                name.starts_with('/') || name.contains(['\\', ':', '\0']) || name.split('/').any(|part| part == "..");
            return Err(if outside { hostile("leads out of the archive") } else { foreign(zip, &name) });
        }
        let kind = entry.unix_mode().unwrap_or_default() & KIND_MASK;
        if entry.is_symlink() || entry.is_dir() || (kind != 0 && kind != REGULAR) {
            return Err(hostile("is no ordinary file"));
        }
        if entry.encrypted() {
            return Err(hostile("is encrypted"));
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(hostile("is packed in an unknown way"));
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        if is_far_larger(size, packed) {
            return Err(hostile("is far larger than its packed size"));
        }
        total = total.saturating_add(size);
        listed.insert(name, Listed { size, packed });
    }
    if is_far_larger(total, length) {
        return Err(Damage::hostile("it is far larger than its packed size"));
    }
    Ok(listed)
}

/// What is to be said of an archive with something in it that is none of ours.
fn foreign(zip: &ZipArchive<BufReader<File>>, name: &str) -> Damage {
    if zip.index_for_name(NAME).is_some() {
        return Damage::hostile(format!("{name:?} has no place in a backup"));
    }
    no_manifest()
}

fn no_manifest() -> Damage {
    Damage::foreign(
        "it has no manifest, so it was not made by Tinybase; a backup of PocketBase cannot be restored, only imported",
    )
}

/// `data.db`, `manifest.json`, `plugins/{hash}.wasm` and `storage/{collection}/{record}/{name}`.
fn is_name(name: &str) -> bool {
    if let Some(key) = name.strip_prefix("storage/") {
        return Key::parse(key).is_some();
    }
    if let Some(file) = name.strip_prefix("plugins/") {
        let hash = file.strip_suffix(".wasm").unwrap_or_default();
        return hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    }
    name == NAME || name == DATABASE
}

/// The manifest, which must name the entries as they are.
fn manifest(zip: &mut ZipArchive<BufReader<File>>, listed: &HashMap<String, Listed>) -> Result<Manifest, Damage> {
    let Some(own) = listed.get(NAME) else { return Err(no_manifest()) };
    if own.size > MANIFEST_MAX || own.packed > MANIFEST_MAX {
        return Err(Damage::hostile("its manifest is too large"));
    }
    let entry = zip.by_name(NAME).map_err(|error| Damage::damaged(error.to_string()))?;
    let mut text = Vec::new();
    entry
        .take(MANIFEST_MAX)
        .read_to_end(&mut text)
        .map_err(|error| Damage::damaged(format!("its manifest: {error}")))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| Damage::damaged(format!("its manifest cannot be read ({error})")))?;
    manifest.check().map_err(Damage::foreign)?;
    let mut left: HashMap<&str, &Listed> = listed.iter().map(|(name, entry)| (name.as_str(), entry)).collect();
    left.remove(NAME);
    for entry in &manifest.entries {
        let Some(found) = left.remove(entry.name.as_str()) else {
            return Err(Damage::damaged(format!("{:?} is missing, or named twice", entry.name)));
        };
        if found.size != entry.size {
            return Err(Damage::damaged(format!("{:?} is not of the size that the manifest says", entry.name)));
        }
    }
    if let Some(name) = left.keys().next() {
        return Err(Damage::hostile(format!("{name:?} is not in its manifest")));
    }
    if !manifest.entries.iter().any(|entry| entry.name == DATABASE) {
        return Err(Damage::damaged("it holds no database"));
    }
    Ok(manifest)
}

#[cfg(test)]
mod tests;
