//! What archives are called.

use crate::error::{Error, Result, code};
use crate::model::date;
use crate::tenant::Tenant;

/// What every name ends with.
pub(super) const ENDING: &str = ".zip";

/// What the names of scheduled ones begin with: only those are pruned.
pub(super) const AUTOMATIC: &str = "@auto_pb_backup_";

const MANUAL: &str = "pb_backup_";

/// Characters of a name.
const NAME_MAX: usize = 150;

/// Characters of the application's name that go into one.
const APP_MAX: usize = 50;

/// A name that somebody asks for: small letters, digits, `_`, `-`, and `.zip`.
pub(super) fn wanted(name: &str) -> Result<String> {
    let refused = |error: crate::error::FieldError| Error::field("Failed to create the backup.", "name", error);
    if name.len() > NAME_MAX {
        return Err(refused(code::LENGTH_TOO_LONG.with([("max", NAME_MAX.into())])));
    }
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let stem = name.strip_suffix(ENDING).unwrap_or_default();
    if stem.is_empty() || !stem.chars().all(is_plain) {
        return Err(refused(code::MATCH_INVALID.into()));
    }
    Ok(name.to_owned())
}

/// Whether an archive can be called so: also what others have called theirs.
pub(super) fn is_key(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let plain = name.strip_prefix('@').unwrap_or(name);
    let stem = plain.strip_suffix(ENDING).unwrap_or_default();
    name.len() <= NAME_MAX && !stem.is_empty() && !stem.starts_with('.') && stem.chars().all(is_plain)
}

/// A name for a new archive.
pub(super) fn made(tenant: &Tenant, automatic: bool) -> String {
    let start = if automatic { AUTOMATIC } else { MANUAL };
    let settings = tenant.settings.load();
    let app = snake_case(&settings.meta.app_name);
    let app = if app.is_empty() { String::new() } else { format!("{app}_") };
    // `2026-01-02 03:04:05.678Z` -> `20260102030405`.
    let moment: String = date::format(tenant.world.now_ms()).chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{start}{app}{moment}{ENDING}")
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(APP_MAX) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_asked_for() {
        for name in ["a.zip", "before_the_change-2.zip"] {
            assert_eq!(wanted(name).unwrap(), name);
        }
        let long = format!("{}.zip", "x".repeat(NAME_MAX));
        for name in ["", "a", ".zip", "A.zip", "a b.zip", "../a.zip", "a.b.zip", "@auto_a.zip", long.as_str()] {
            assert!(wanted(name).is_err(), "{name}");
        }
    }

    #[test]
    fn names_of_what_is_there() {
        for name in ["a.zip", "@auto_pb_backup_acme_20260102030405.zip", "My-Backup.2.zip"] {
            assert!(is_key(name), "{name}");
        }
        for name in ["", "a", ".zip", "@.zip", "..zip", "a/b.zip", "a\\b.zip", "a%2f.zip", "a@b.zip", "a.zip.tar"] {
            assert!(!is_key(name), "{name}");
        }
    }

    #[test]
    fn an_app_gives_its_name() {
        assert_eq!(snake_case("My Shop! (2)"), "my_shop_2");
        assert_eq!(snake_case("日本"), "");
    }
}
