//! The sections of the settings about where things are kept: the bucket of files, backups and their bucket.

use super::form::{at_least_zero, is_http_url};
use crate::error::{FieldErrors, code};
use crate::files::S3Config;
use crate::model::Schedule;
use serde::{Deserialize, Serialize};

/// Backups of the schedule that are kept when nobody says otherwise.
const CRON_MAX_KEEP: i64 = 3;

/// Copies of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backups {
    /// When they are made by themselves, as a cron expression; empty for never.
    pub cron: String,
    /// How many of those are kept.
    pub cron_max_keep: i64,
    /// Where they are kept.
    pub s3: S3Config,
}

impl Default for Backups {
    fn default() -> Self {
        Self { cron: String::new(), cron_max_keep: CRON_MAX_KEEP, s3: S3Config::default() }
    }
}

impl Backups {
    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        if !self.cron.is_empty() && Schedule::parse(&self.cron).is_none() {
            errors.add("cron", code::INVALID_CRON);
        }
        at_least_zero(&mut errors, "cronMaxKeep", self.cron_max_keep, !self.cron.is_empty());
        errors.nest("s3", check_s3(&self.s3));
        errors
    }
}

/// A bucket that is switched on can be reached.
pub(super) fn check_s3(s3: &S3Config) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let required = [
        ("accessKey", &s3.access_key),
        ("bucket", &s3.bucket),
        ("endpoint", &s3.endpoint),
        ("region", &s3.region),
        ("secret", &s3.secret),
    ];
    for (key, value) in required {
        if s3.enabled && value.trim().is_empty() {
            errors.add(key, code::REQUIRED);
        }
    }
    let is_host = is_http_url(&s3.endpoint) || is_http_url(&format!("https://{}", s3.endpoint));
    if !s3.endpoint.is_empty() && !is_host {
        errors.add("endpoint", code::IS_URL);
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_makes_sense_and_keeps_something() {
        let backups = |cron: &str, cron_max_keep| Backups { cron: cron.into(), cron_max_keep, ..Backups::default() };
        for (cron, keep, wrong) in [
            ("", 0, &[][..]),
            ("0 3 * * *", 1, &[]),
            ("@daily", 0, &["cronMaxKeep"]),
            ("whenever", 3, &["cron"]),
            ("0 0 3 * * *", -1, &["cron", "cronMaxKeep"]),
        ] {
            let errors = backups(cron, keep).check();
            assert_eq!(errors.0.keys().collect::<Vec<_>>(), wrong, "{cron} {keep}");
        }
        let nowhere = Backups { s3: S3Config { enabled: true, ..S3Config::default() }, ..Backups::default() };
        assert!(format!("{:?}", nowhere.check()).contains("bucket"));
    }
}
