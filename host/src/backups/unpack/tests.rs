//! Archives as they come back: whole, damaged, and made by somebody who means harm.

use super::super::manifest::Entry;
use super::super::pack::{Contents, pack};
use super::super::progress::Turns;
use super::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn turn() -> Arc<Turn> {
    Turns::default().begin("verify", "a.zip", 0).unwrap()
}

fn manifest_of(files: &[(&str, &[u8])]) -> Manifest {
    let entry = |(name, bytes): &(&str, &[u8])| Entry {
        name: (*name).to_owned(),
        size: bytes.len() as u64,
        sha256: crate::crypto::sha256_hex(bytes),
    };
    Manifest { entries: files.iter().map(entry).collect(), ..Manifest::new("now".into(), "Acme".into()) }
}

/// An archive of these files, with a manifest of those.
fn archive(dir: &Path, files: &[(&str, &[u8])], manifest: Option<&Manifest>) -> PathBuf {
    let path = dir.join("a.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    if let Some(manifest) = manifest {
        zip.start_file(NAME, SimpleFileOptions::default()).unwrap();
        zip.write_all(&serde_json::to_vec(manifest).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn open(path: &Path) -> Result<Archive, Damage> {
    Archive::open(File::open(path).unwrap())
}

/// The code and the words with which an archive is refused, at its opening or while it is read.
fn refusal(path: &Path) -> (&'static str, String) {
    let mut archive = match Archive::open(File::open(path).unwrap()) {
        Ok(archive) => archive,
        Err(damage) => return (damage.code.code, damage.words),
    };
    match archive.read_all(&turn(), |_| Ok(None)) {
        Err(Trouble::Archive(damage)) => (damage.code.code, damage.words),
        other => panic!("it should be refused: {other:?}"),
    }
}

const GOOD: [(&str, &[u8]); 3] =
    [("data.db", b"rows"), ("storage/c/r/one.txt", b"hello"), ("storage/c/r/two.txt", b"world")];

#[test]
fn what_is_packed_is_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let contents = Contents {
        database: write("db", b"rows"),
        plugins: vec![(format!("plugins/{}.wasm", "a".repeat(64)), write("wasm", b"\0asm"))],
        files: vec![
            ("storage/c/r/large.bin".to_owned(), write("large", &large)),
            ("storage/c/r/gone.bin".to_owned(), dir.path().join("gone")),
        ],
    };
    assert_eq!(contents.bytes(), 3_000_008);
    let target = dir.path().join("a.zip");
    let manifest = Manifest::new("2026-01-02 03:04:05.678Z".into(), "Acme".into());
    assert_eq!(pack(&target, &contents, manifest.clone(), &turn()).unwrap(), 1);
    assert!(pack(&target, &contents, manifest, &turn()).is_err(), "it is there already");
    let mut archive = open(&target).unwrap();
    assert_eq!((archive.manifest.entries.len(), archive.manifest.files_elsewhere), (3, 1));
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    archive.read_all(&turn(), |name| File::create(out.join(name.replace('/', "_"))).map(Some)).unwrap();
    assert_eq!(std::fs::read(out.join("data.db")).unwrap(), b"rows");
    assert_eq!(std::fs::read(out.join("storage_c_r_large.bin")).unwrap(), large);
}

#[test]
fn an_archive_that_is_cut_off_or_changed_is_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), &GOOD, Some(&manifest_of(&GOOD)));
    open(&path).unwrap().read_all(&turn(), |_| Ok(None)).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 1, 20, whole.len() / 2, whole.len() - 30, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(refusal(&path).0, "validation_backup_damaged", "{length} bytes");
    }
    // A flipped bit anywhere is found, or is where nothing depends on it.
    let mut found = 0;
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        let kept = |mut archive: Archive| {
            let mut kept = Vec::new();
            let read = archive.read_all(&turn(), |name| {
                kept.push(name.to_owned());
                Ok(None)
            });
            read.is_ok().then_some(kept)
        };
        match open(&path).ok().and_then(kept) {
            Some(kept) => assert_eq!(kept, GOOD.map(|(name, _)| name), "byte {at}"),
            None => found += 1,
        }
    }
    assert!(found > whole.len() / 2, "{found} of {}", whole.len());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in [
        "../evil",
        "/etc/passwd",
        "storage/../../evil",
        "storage/c/../../../evil",
        "storage\\..\\evil",
        "C:\\evil",
        "storage/c/r/a/../../../../evil",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let files: Vec<(&str, &[u8])> = GOOD.into_iter().chain([(name, &b"x"[..])]).collect();
        let path = archive(dir.path(), &files, Some(&manifest_of(&files)));
        let (code, words) = refusal(&path);
        assert_eq!(code, "validation_backup_unsafe", "{name}: {words}");
    }
    for name in ["host.key", "tinybase.toml", "backups/a.zip", "storage/c/r", "plugins/short.wasm", "data.db-wal"] {
        let dir = tempfile::tempdir().unwrap();
        let files: Vec<(&str, &[u8])> = GOOD.into_iter().chain([(name, &b"x"[..])]).collect();
        let path = archive(dir.path(), &files, Some(&manifest_of(&files)));
        assert_eq!(refusal(&path).0, "validation_backup_unsafe", "{name}");
    }
}

#[test]
fn links_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.zip");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    zip.start_file("data.db", SimpleFileOptions::default()).unwrap();
    zip.add_symlink("storage/c/r/one.txt", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    let (code, words) = refusal(&path);
    assert_eq!((code, words.contains("no ordinary file")), ("validation_backup_unsafe", true), "{words}");
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    zip.add_directory("storage/c/r", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    assert!(open(&path).is_err());
}

#[test]
fn bombs_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let zeros = vec![0; 32 << 20];
    let files: [(&str, &[u8]); 1] = [("data.db", &zeros)];
    let path = archive(dir.path(), &files, Some(&manifest_of(&files)));
    let (code, words) = refusal(&path);
    assert_eq!((code, words.contains("far larger")), ("validation_backup_unsafe", true), "{words}");
}

#[test]
fn names_that_come_twice_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), &GOOD, Some(&manifest_of(&GOOD)));
    let mut bytes = std::fs::read(&path).unwrap();
    let at: Vec<usize> =
        bytes.windows(7).enumerate().filter(|(_, text)| text == b"two.txt").map(|(at, _)| at).collect();
    for at in at {
        bytes[at..at + 3].copy_from_slice(b"one");
    }
    std::fs::write(&path, &bytes).unwrap();
    let (code, words) = refusal(&path);
    assert_eq!((code, words.contains("the same name")), ("validation_backup_unsafe", true), "{words}");
}

#[test]
fn too_many_entries_are_not_even_listed() {
    let dir = tempfile::tempdir().unwrap();
    let path = archive(dir.path(), &GOOD, Some(&manifest_of(&GOOD)));
    let mut bytes = std::fs::read(&path).unwrap();
    // The end is made that of a large archive, which says that it has two million entries.
    let end = bytes.len() - 22;
    let mut large = LARGE_END.to_vec();
    large.extend(44_u64.to_le_bytes());
    large.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    large.extend([2_000_000_u64, 2_000_000, 100, 0].iter().flat_map(|number| number.to_le_bytes()));
    let mut locator = LOCATOR.to_vec();
    locator.extend(0_u32.to_le_bytes());
    locator.extend((end as u64).to_le_bytes());
    locator.extend(1_u32.to_le_bytes());
    let tail = bytes.split_off(end);
    bytes.extend(large.into_iter().chain(locator).chain(tail));
    std::fs::write(&path, &bytes).unwrap();
    let (code, words) = refusal(&path);
    assert_eq!((code, words.contains("2000000 entries")), ("validation_backup_unsafe", true), "{words}");
}

#[test]
fn a_manifest_that_does_not_fit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let other: [(&str, &[u8]); 3] = [GOOD[0], ("storage/c/r/one.txt", b"HELLO"), GOOD[2]];
    let longer: [(&str, &[u8]); 3] = [GOOD[0], ("storage/c/r/one.txt", b"hello!"), GOOD[2]];
    let twice = [GOOD[0], GOOD[1], GOOD[1], GOOD[2]];
    let none: [(&str, &[u8]); 1] = [("storage/c/r/one.txt", b"hello")];
    for (files, manifest, code, word) in [
        (&GOOD[..], manifest_of(&other), "damaged", "checksum"),
        (&GOOD, manifest_of(&longer), "damaged", "size"),
        (&GOOD[..2], manifest_of(&GOOD), "damaged", "missing"),
        (&GOOD, manifest_of(&GOOD[..2]), "unsafe", "not in its manifest"),
        (&GOOD, manifest_of(&twice), "damaged", "named twice"),
        (&none, manifest_of(&none), "damaged", "no database"),
        (&GOOD, Manifest { version: 99, ..manifest_of(&GOOD) }, "foreign", "newer"),
    ] {
        let path = archive(dir.path(), files, Some(&manifest));
        let (found, words) = refusal(&path);
        assert_eq!((found, words.contains(word)), (format!("validation_backup_{code}").as_str(), true), "{words}");
    }
}

#[test]
fn a_backup_of_another_program_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 3] =
        [("data.db", b"rows"), ("auxiliary.db", b"logs"), ("storage/c/r/one.txt.attrs", b"{}")];
    let path = archive(dir.path(), &files, None);
    let (code, words) = refusal(&path);
    assert_eq!((code, words.contains("PocketBase")), ("validation_backup_foreign", true), "{words}");
    let path = archive(dir.path(), &GOOD, None);
    assert_eq!(refusal(&path).0, "validation_backup_foreign");
}

#[test]
fn room_is_asked_for_what_is_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let archive = open(&archive(dir.path(), &GOOD, Some(&manifest_of(&GOOD)))).unwrap();
    assert!(archive.expect_room(14, |_| true).is_ok());
    assert!(archive.expect_room(4, |name| name == DATABASE).is_ok());
    let full = archive.expect_room(13, |_| true).unwrap_err();
    // No fault of the archive.
    assert!(matches!(full.into_error(), Error::Unavailable(words) if words.contains("takes 14 bytes")));
}

#[test]
fn what_gets_very_small_is_packed_so_that_it_comes_back() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let (database, component) = (dir.path().join("db"), dir.path().join("wasm"));
    File::create(&database).unwrap().set_len(32 << 20).unwrap();
    std::fs::write(&component, b"\0asm").unwrap();
    let plugins = vec![(format!("plugins/{}.wasm", "a".repeat(64)), component)];
    let contents = Contents { database, plugins, ..Contents::default() };
    let target = dir.path().join("a.zip");
    pack(&target, &contents, Manifest::new("now".into(), "Acme".into()), &turn()).unwrap();
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let mut archive = open(&target).unwrap();
    let sizes: Vec<u64> = archive.manifest.entries.iter().map(|entry| entry.size).collect();
    assert_eq!(sizes, [32 << 20, 4]);
    archive.read_all(&turn(), |_| Ok(None)).unwrap();
}

#[test]
fn what_could_not_be_put_back_is_not_made() {
    assert!(expect_few(ENTRIES_MAX).is_ok());
    let refused = Trouble::from(expect_few(ENTRIES_MAX + 1).unwrap_err()).into_refusal();
    assert!(
        matches!(refused, Error::Invalid { message, .. } if message.contains("cannot be made: it has 1000001 entries"))
    );
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("db");
    std::fs::write(&database, "rows").unwrap();
    let files = vec![("storage/elsewhere".to_owned(), database.clone())];
    let contents = Contents { database, files, ..Contents::default() };
    let made = pack(&dir.path().join("a.zip"), &contents, Manifest::new("now".into(), "Acme".into()), &turn());
    assert!(matches!(made, Err(Trouble::Archive(_))), "{made:?}");
}
