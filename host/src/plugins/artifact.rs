//! The files of a tenant's plugins: components as they were uploaded, and the machine code made of them.
//!
//! `plugins/{sha256}.wasm` is the source of truth; `plugins/{sha256}-{fingerprint}-{format}.cwasm` can be thrown away at any
//! time. Loading machine code is running it, so an artifact is signed with the host's key, and what is loaded are the
//! very bytes whose signature was checked: they are copied into memory that cannot be changed any more ([`Sealed`]), checked and
//! mapped there. A file that is exchanged between check and load, or afterwards, changes nothing. (Mapping the file itself would
//! trust whoever can write to it for as long as it is mapped.)

mod sealed;

use super::engine::Engine;
use super::limits::upload;
use crate::crypto::{self, Tag};
use crate::error::{Code, Error, Result, code};
use sealed::Sealed;
use std::fs;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use wasmtime::component::Component;

const NOT_LOADED: &str = "The plugin's code cannot be loaded.";

/// Bytes of the signature in front of the machine code.
const SIGNATURE: usize = 32;

/// The format of the file, in its name and in what is signed.
const FORMAT: &str = "2";

/// The directory of one tenant.
#[derive(Debug, Clone)]
pub struct Artifacts {
    dir: PathBuf,
}

impl Artifacts {
    /// `plugins/` below the tenant's directory, made if it is missing.
    ///
    /// # Errors
    /// `Internal` when it cannot be made.
    pub fn open(tenant_dir: &Path) -> Result<Self> {
        let dir = tenant_dir.join("plugins");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir).map_err(|error| failed(&dir, &error))?;
        Ok(Self { dir })
    }

    /// Keeps a component.
    ///
    /// # Errors
    /// `Internal` when it cannot be written.
    pub fn keep_component(&self, sha256: &str, bytes: &[u8]) -> Result<()> {
        write(&self.component_path(sha256), &[bytes])
    }

    /// A component that was kept; checked against its name, which is its hash.
    ///
    /// # Errors
    /// `Invalid` with `file` when it is missing or damaged, `Internal` when it cannot be read.
    pub fn component(&self, sha256: &str) -> Result<Vec<u8>> {
        let path = self.component_path(sha256);
        let lost = |code: Code| {
            tracing::error!(path = %path.display(), code = code.code, "a plugin cannot be loaded");
            Error::field(NOT_LOADED, "file", code)
        };
        let unread = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => lost(code::PLUGIN_FILE_MISSING),
            _ => failed(&path, &error),
        };
        let size = fs::metadata(&path).map_err(unread)?.len();
        if size > upload::BYTES as u64 {
            return Err(lost(code::PLUGIN_FILE_DAMAGED));
        }
        let bytes = fs::read(&path).map_err(unread)?;
        if crypto::sha256_hex(&bytes) == sha256 { Ok(bytes) } else { Err(lost(code::PLUGIN_FILE_DAMAGED)) }
    }

    /// Keeps machine code, signed.
    ///
    /// # Errors
    /// `Internal` when it cannot be written.
    pub fn keep_artifact(&self, engine: &Engine, sha256: &str, artifact: &[u8]) -> Result<()> {
        let mut signature = signature(engine, sha256);
        signature.take(artifact);
        write(&self.artifact_path(engine, sha256), &[&signature.bytes(), artifact])
    }

    /// How large the machine code of a component is; `None` when there is none.
    #[must_use]
    pub(super) fn code_bytes(&self, engine: &Engine, sha256: &str) -> Option<u64> {
        let found = fs::metadata(self.artifact_path(engine, sha256)).ok()?;
        Some(found.len().saturating_sub(SIGNATURE as u64))
    }

    /// Loads the machine code of a component; `None` when there is none that can be trusted.
    #[must_use]
    pub fn load(&self, engine: &Engine, sha256: &str) -> Option<Component> {
        let path = self.artifact_path(engine, sha256);
        let Ok(mut file) = File::open(&path) else {
            if self.has_other_artifact(sha256) {
                tracing::info!(plugin = sha256, "an artifact was made by another version: compiling again");
            }
            return None;
        };
        let mut signed = [0; SIGNATURE];
        if file.read_exact(&mut signed).is_err() {
            tracing::warn!(path = %path.display(), "an artifact is cut off: compiling again");
            return None;
        }
        let mut flaw = String::new();
        for hold in [Held::sealed, Held::read] {
            let held = hold(&file).and_then(|code| Ok((code.signature(engine, sha256)?, code)));
            match held.map(|(signature, code)| crypto::same(&signed, &signature).then(|| code.load(engine))) {
                Ok(Some(Ok(component))) => return Some(component),
                Ok(None) => {
                    tracing::warn!(path = %path.display(), "an artifact is not signed by this host: compiling again");
                    return None;
                }
                Ok(Some(Err(error))) => flaw = format!("{error:#}"),
                Err(error) => flaw = error.to_string(),
            }
        }
        tracing::warn!(path = %path.display(), error = flaw, "an artifact does not load: compiling again");
        None
    }

    /// Removes everything about a component that no version refers to any more.
    pub fn remove(&self, sha256: &str) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(sha256) {
                // What cannot be removed is only room that is lost.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Whether there is machine code of a component that another version has made, or may.
    fn has_other_artifact(&self, sha256: &str) -> bool {
        let mut entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        entries.any(|entry| {
            let is_code = entry.path().extension().is_some_and(|kind| kind == "cwasm");
            is_code && entry.file_name().to_string_lossy().starts_with(sha256)
        })
    }

    fn component_path(&self, sha256: &str) -> PathBuf {
        self.dir.join(format!("{sha256}.wasm"))
    }

    fn artifact_path(&self, engine: &Engine, sha256: &str) -> PathBuf {
        self.dir.join(format!("{sha256}-{}-{FORMAT}.cwasm", engine.fingerprint()))
    }
}

/// Writes beside the file and renames, so that nobody reads half of it.
fn write(path: &Path, parts: &[&[u8]]) -> Result<()> {
    let beside = path.with_extension("part");
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        for part in parts {
            file.write_all(part)?;
        }
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::internal("a plugin's file", format_args!("{}: {error}", path.display()))
}

/// The signature of code, before the code: with what it is the code of, so that one plugin's artifact cannot stand in for
/// another's.
fn signature(engine: &Engine, sha256: &str) -> Tag {
    let mut tag = Tag::new(engine.key());
    tag.take(format!("tinybase artifact {FORMAT}\n{}\n{sha256}\n", engine.fingerprint()).as_bytes());
    tag
}

/// Machine code that stays as it was when it was checked.
enum Held {
    Sealed(Sealed),
    /// Where the system has no such copies, or lets nobody run code from them: in memory of this process, from which it is copied
    /// once more.
    Read(Vec<u8>),
}

impl Held {
    /// What a file has behind the signature.
    fn sealed(file: &File) -> io::Result<Self> {
        Sealed::copy(file, SIGNATURE as u64).map(Self::Sealed)
    }

    /// The same.
    fn read(mut file: &File) -> io::Result<Self> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(SIGNATURE as u64))?;
        file.read_to_end(&mut bytes)?;
        Ok(Self::Read(bytes))
    }

    fn signature(&self, engine: &Engine, sha256: &str) -> io::Result<[u8; SIGNATURE]> {
        let mut signature = signature(engine, sha256);
        match self {
            Self::Sealed(sealed) => signature.take_file(&sealed.path())?,
            Self::Read(bytes) => signature.take(bytes),
        }
        Ok(signature.bytes())
    }

    /// Makes a component of it, once its signature was found to be this host's.
    fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        match self {
            Self::Sealed(sealed) => map(engine, &sealed.path()),
            Self::Read(bytes) => deserialize(engine, bytes),
        }
    }
}

/// As [`deserialize`], of a file that cannot be changed.
#[expect(unsafe_code, reason = "the only way to load what was compiled earlier without copying it")]
fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: as below; and the file is sealed against every change, so it stays what was checked for as long as it is mapped.
    unsafe { Component::deserialize_file(engine.wasm(), path) }
}

/// Makes a component of machine code that this host has compiled: it came from the compile worker just now, or its
/// signature was checked.
#[expect(unsafe_code, reason = "the only way to load what was compiled earlier")]
pub(super) fn deserialize(engine: &Engine, artifact: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are machine code that this host's own compile worker made from a component, as the
    // signature with the host's key shows; wasmtime itself refuses other versions and settings.
    unsafe { Component::deserialize(engine.wasm(), artifact) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::engine::{EngineConfig, TRACED_BYTES, for_worker};

    /// The smallest component: a header and nothing else.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn set_up() -> (tempfile::TempDir, Artifacts, std::sync::Arc<Engine>, String) {
        let dir = tempfile::tempdir().unwrap();
        let artifacts = Artifacts::open(dir.path()).unwrap();
        let engine = Engine::new(&EngineConfig::new(1)).unwrap();
        (dir, artifacts, engine, crypto::sha256_hex(EMPTY))
    }

    #[test]
    fn only_signed_code_is_loaded() {
        let (_dir, artifacts, engine, sha256) = set_up();
        assert!(artifacts.load(&engine, &sha256).is_none(), "nothing there yet");
        let artifact = engine.wasm().precompile_component(EMPTY).unwrap();
        artifacts.keep_artifact(&engine, &sha256, &artifact).unwrap();
        assert!(artifacts.load(&engine, &sha256).is_some());

        let path = artifacts.artifact_path(&engine, &sha256);
        let good = fs::read(&path).unwrap();
        for place in [0, SIGNATURE, good.len() - 1] {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, bad).unwrap();
            assert!(artifacts.load(&engine, &sha256).is_none(), "a flipped bit at {place}");
        }
        fs::write(&path, &good[..10]).unwrap();
        assert!(artifacts.load(&engine, &sha256).is_none(), "cut off");
        let other = Engine::new(&EngineConfig::new(1)).unwrap();
        fs::write(&path, &good).unwrap();
        assert!(artifacts.load(&other, &sha256).is_none(), "another host's key");
        let theirs = "0".repeat(64);
        fs::copy(&path, artifacts.artifact_path(&engine, &theirs)).unwrap();
        assert!(artifacts.load(&engine, &theirs).is_none(), "another plugin's code");
    }

    #[test]
    fn code_of_a_large_component_loads_though_it_does_not_tell_where_it_comes_from() {
        let (_dir, artifacts, engine, sha256) = set_up();
        for bytes in [TRACED_BYTES, TRACED_BYTES + 1] {
            let worker = wasmtime::Engine::new(&for_worker(bytes)).unwrap();
            let artifact = worker.precompile_component(EMPTY).unwrap();
            artifacts.keep_artifact(&engine, &sha256, &artifact).unwrap();
            assert!(artifacts.load(&engine, &sha256).is_some(), "{bytes}");
        }
    }

    #[test]
    fn code_is_the_same_whichever_way_it_is_held() {
        let (_dir, artifacts, engine, sha256) = set_up();
        let artifact = engine.wasm().precompile_component(EMPTY).unwrap();
        artifacts.keep_artifact(&engine, &sha256, &artifact).unwrap();
        let file = File::open(artifacts.artifact_path(&engine, &sha256)).unwrap();
        let read = Held::read(&file).unwrap();
        assert!(read.load(&engine).is_ok());
        assert_eq!(Held::sealed(&file).is_ok(), cfg!(target_os = "linux"));
        if let Ok(sealed) = Held::sealed(&file) {
            let [first, second] = [&sealed, &read].map(|code| code.signature(&engine, &sha256).unwrap());
            assert_eq!(first, second);
            assert!(sealed.load(&engine).is_ok());
        }
    }

    #[test]
    fn what_another_version_has_made_is_known_by_its_name() {
        let (dir, artifacts, engine, sha256) = set_up();
        assert!(!artifacts.has_other_artifact(&sha256));
        fs::write(dir.path().join("plugins").join(format!("{sha256}-{}.cwasm", engine.fingerprint())), "old").unwrap();
        assert!(artifacts.has_other_artifact(&sha256) && !artifacts.has_other_artifact(&"0".repeat(64)));
        assert!(artifacts.load(&engine, &sha256).is_none());
    }

    #[test]
    fn a_component_is_checked_against_its_name() {
        let (_dir, artifacts, engine, sha256) = set_up();
        artifacts.keep_component(&sha256, EMPTY).unwrap();
        assert_eq!(artifacts.component(&sha256).unwrap(), EMPTY);
        let lost = || {
            let error = format!("{:?}", artifacts.component(&sha256).unwrap_err());
            ["plugin_file_damaged", "plugin_file_missing"].map(|code| error.contains(code))
        };
        fs::write(artifacts.component_path(&sha256), b"other").unwrap();
        assert_eq!(lost(), [true, false]);
        fs::remove_file(artifacts.component_path(&sha256)).unwrap();
        assert_eq!(lost(), [false, true]);
        artifacts.keep_artifact(&engine, &sha256, b"code").unwrap();
        artifacts.remove(&sha256);
        assert_eq!(fs::read_dir(&artifacts.dir).unwrap().count(), 0);
    }
}
