//! What an archive says of itself: which program made it, when, of what, and the checksum of everything in it. It is
//! written last, so an archive that breaks off has none.

use serde::{Deserialize, Serialize};

/// The manifest's own name in the archive.
pub(super) const NAME: &str = "manifest.json";

/// The name of the database in the archive.
pub(super) const DATABASE: &str = "data.db";

/// What tells a manifest of ours from somebody else's.
const FORMAT: &str = "tinybase-backup";

/// The version of archives that this program writes, and the newest that it reads.
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    pub format: String,
    pub version: u32,
    /// The version of the program.
    pub tinybase: String,
    /// The version of the database engine.
    pub engine: String,
    /// When the data was as it is in the archive.
    pub created: String,
    pub app_name: String,
    /// Files that records name and that are kept in a bucket, so not in the archive.
    pub files_elsewhere: u64,
    /// Everything else in the archive, in its order.
    pub entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub name: String,
    /// Bytes, unpacked.
    pub size: u64,
    /// In hexadecimal.
    pub sha256: String,
}

impl Manifest {
    pub(super) fn new(created: String, app_name: String) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            tinybase: env!("CARGO_PKG_VERSION").to_owned(),
            engine: crate::db::engine_version().to_owned(),
            created,
            app_name,
            files_elsewhere: 0,
            entries: Vec::new(),
        }
    }

    /// Whether it is ours, and of a version that this program reads.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its manifest is of the format {:?}", self.format));
        }
        if self.version > VERSION {
            return Err(format!("it was made by a newer version of the program ({})", self.tinybase));
        }
        Ok(())
    }

    /// Bytes of everything, unpacked.
    pub(super) fn bytes(&self) -> u64 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_and_foreign_manifests_are_told() {
        let good = Manifest::new("2026-01-02 03:04:05.000Z".into(), "Acme".into());
        assert_eq!(good.check(), Ok(()));
        assert!(Manifest { version: VERSION + 1, ..good.clone() }.check().unwrap_err().contains("newer"));
        assert!(Manifest { format: "other".into(), ..good }.check().unwrap_err().contains("other"));
    }
}
