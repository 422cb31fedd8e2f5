//! Where a file is: `collection/record/name`, on the disk and in a bucket alike, as `PocketBase` has it.

use object_store::path::Path;
use std::fmt;

/// Longest part of a key in bytes: what file systems take, less the room that a thumb's name needs.
const SEGMENT_MAX: usize = 200;

/// Where uploads wait that clients send to the bucket: an id of a collection is a word, so none is this.
const STAGING: &str = "@uploads";

/// The place of one file. Made of parts that cannot lead anywhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(Path);

impl Key {
    /// The key of a record's file; `None` when a part of it cannot be one.
    #[must_use]
    pub fn of(collection_id: &str, record_id: &str, name: &str) -> Option<Self> {
        if ![collection_id, record_id, name].into_iter().all(is_segment) {
            return None;
        }
        Path::parse(format!("{collection_id}/{record_id}/{name}")).ok().map(Self)
    }

    /// The key as a text; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        Self::of(parts.next()?, parts.next()?, parts.next()?)
    }

    /// The place of an upload that waits for its record, of the one whom `owner` stands for; nothing can arrive there from
    /// `until_ms` on.
    pub(super) fn staging(until_ms: i64, owner: &str, id: &str) -> Self {
        Self(Path::from(format!("{STAGING}/{until_ms}/{}{id}", Self::owned_by(owner))))
    }

    /// How the last part of such a place begins, and no other part.
    pub(super) fn owned_by(owner: &str) -> String {
        format!("{owner}-")
    }

    /// Until when something can arrive at such a place; `None` for all others.
    pub(super) fn open_until_ms(&self) -> Option<i64> {
        let rest = self.0.as_ref().strip_prefix(STAGING)?.strip_prefix('/')?;
        Some(rest.split('/').next()?.parse().unwrap_or_default())
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.filename().unwrap_or_default()
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Everything made from the file is under this.
    pub(super) fn thumbs(&self) -> Path {
        let folder = self.0.as_ref().strip_suffix(self.name()).unwrap_or_default();
        Path::parse(format!("{folder}thumbs_{}", self.name())).unwrap_or_default()
    }

    /// A thumb of the file, `ending` being what its format adds to the name.
    pub(super) fn thumb(&self, size: &str, ending: &str) -> Self {
        Self(Path::parse(format!("{}/{size}_{}{ending}", self.thumbs(), self.name())).unwrap_or_default())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.as_ref())
    }
}

/// One name, of this folder and no other.
fn is_segment(part: &str) -> bool {
    let outside = |c: char| c == '/' || c == '\\' || c.is_control();
    !part.is_empty() && part.len() <= SEGMENT_MAX && part != "." && part != ".." && !part.contains(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_in_their_folder() {
        let key = Key::of("c", "r", "a b_1.tar.gz").unwrap();
        assert_eq!(key.to_string(), "c/r/a b_1.tar.gz");
        assert_eq!(Key::parse("c/r/a b_1.tar.gz"), Some(key.clone()));
        assert_eq!(key.thumb("100x100", ".webp").to_string(), "c/r/thumbs_a b_1.tar.gz/100x100_a b_1.tar.gz.webp");
        let long = "x".repeat(201);
        for name in ["", ".", "..", "a/b", "../x", "a\\b", "a\0", "a\nb", long.as_str()] {
            assert_eq!(Key::of("c", "r", name), None, "{name:?}");
            assert_eq!(Key::of("c", name, "n"), None, "{name:?}");
        }
        let waiting = Key::staging(17, "me", "aBc");
        assert_eq!((waiting.to_string().as_str(), waiting.open_until_ms()), ("@uploads/17/me-aBc", Some(17)));
        assert_eq!(Key::parse("@uploads/17/me-aBc"), Some(waiting));
        assert_eq!(key.open_until_ms(), None);
        assert_eq!(Key::parse("c/r"), None);
        assert_eq!(Key::parse("c/r/../../etc"), None);
    }
}
