//! Typed settings of a tenant: one JSON row of `_params`, swapped as a whole when it changes.
//!
//! A section is here when it takes effect. Keys that are not here are ignored, as clients of other versions
//! send them.

use crate::clock::World;
use crate::db::{Failure, Store, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::{self, Files, S3Config};
use crate::logs::{Logs, Policy};
use crate::model::date;
use crate::sql::Sql;
use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The row of `_params`.
const ROW: &str = "settings";

/// Longest name of an application.
const APP_NAME_MAX: usize = 255;

/// How often a change is tried again when another one comes first.
const TRIES: usize = 3;

/// Characters in the name of a file that tries out a bucket.
const TEST_NAME: usize = 15;

const INVALID: &str = "An error occurred while validating the submitted data.";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub batch: Batch,
    pub logs: LogSettings,
    pub meta: Meta,
    /// Where files are kept.
    pub s3: S3Config,
}

/// Several writes in one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    pub enabled: bool,
    /// Bytes; 0 for the default.
    pub max_body_size: i64,
    pub max_requests: i64,
    /// Seconds.
    pub timeout: i64,
}

/// The request log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogSettings {
    /// Whether the id of whoever was signed in is kept.
    pub log_auth_id: bool,
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    /// 0 switches the log off.
    pub max_days: i64,
    /// -4 debug, 0 info, 4 warning, 8 error.
    pub min_level: i64,
}

/// The application as people know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    pub app_name: String,
    #[serde(rename = "appURL")]
    pub app_url: String,
}

impl Default for Batch {
    fn default() -> Self {
        Self { enabled: false, max_body_size: 0, max_requests: 50, timeout: 3 }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { log_auth_id: false, log_ip: true, max_days: 5, min_level: 0 }
    }
}

impl Default for Meta {
    fn default() -> Self {
        Self { app_name: "Acme".to_owned(), app_url: "http://localhost:8090".to_owned() }
    }
}

impl Settings {
    /// As clients see them: without secrets.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut shown = json!(self);
        shown["s3"].as_object_mut().map(|s3| s3.remove("secret"));
        shown
    }

    /// What the request log is to keep.
    #[must_use]
    pub fn log_policy(&self) -> Policy {
        let LogSettings { log_auth_id, log_ip, max_days, min_level } = self.logs;
        Policy { auth_id: log_auth_id, ip: log_ip, max_days, min_level }
    }

    /// These settings with the known keys of `patch` put over them.
    ///
    /// # Errors
    /// `Invalid` when a value has the wrong type or is out of its range.
    pub fn patched(&self, patch: Map<String, Value>) -> Result<Self> {
        let mut merged = json!(self);
        merge(&mut merged, Value::Object(patch));
        let new: Self = serde_json::from_value(merged)
            .map_err(|_| Error::invalid("An error occurred while loading the submitted data."))?;
        new.check()?;
        Ok(new)
    }

    fn check(&self) -> Result<()> {
        let mut meta = FieldErrors::default();
        let name = self.meta.app_name.trim();
        if name.is_empty() {
            meta.add("appName", code::REQUIRED);
        } else if name.chars().count() > APP_NAME_MAX {
            meta.add("appName", code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", APP_NAME_MAX.into())]));
        }
        if self.meta.app_url.is_empty() {
            meta.add("appURL", code::REQUIRED);
        } else if !is_url(&self.meta.app_url) {
            meta.add("appURL", code::IS_URL);
        }

        let mut batch = FieldErrors::default();
        let Batch { enabled, max_body_size, max_requests, timeout } = self.batch;
        for (key, value, required) in [
            ("maxBodySize", max_body_size, false),
            ("maxRequests", max_requests, enabled),
            ("timeout", timeout, enabled),
        ] {
            at_least_zero(&mut batch, key, value, required);
        }

        let mut logs = FieldErrors::default();
        at_least_zero(&mut logs, "maxDays", self.logs.max_days, false);

        let mut errors = FieldErrors::default();
        for (section, found) in [("batch", batch), ("logs", logs), ("meta", meta), ("s3", check_s3(&self.s3))] {
            errors.nest(section, found);
        }
        errors.into_result(INVALID)
    }
}

/// A bucket that is switched on can be reached.
fn check_s3(s3: &S3Config) -> FieldErrors {
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
    let is_host = is_url(&s3.endpoint) || is_url(&format!("https://{}", s3.endpoint));
    if !s3.endpoint.is_empty() && !is_host {
        errors.add("endpoint", code::IS_URL);
    }
    errors
}

fn at_least_zero(errors: &mut FieldErrors, key: &str, value: i64, required: bool) {
    if value < 0 {
        errors.add(key, code::MIN_GREATER_EQUAL.with([("threshold", 0.into())]));
    } else if value == 0 && required {
        errors.add(key, code::REQUIRED);
    }
}

/// An absolute http address, which is what links in mails are made of.
fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    host.is_some_and(|host| !host.is_empty()) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Puts the keys of `patch` over those of `base` that have the same name, level by level.
fn merge(base: &mut Value, patch: Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (key, value) in patch {
                if let Some(known) = base.get_mut(&key) {
                    merge(known, value);
                }
            }
        }
        (base, patch) => *base = patch,
    }
}

/// Reads the stored settings; defaults for what is not stored.
///
/// # Errors
/// When the database cannot be read.
pub async fn load(store: &Store) -> Result<Settings> {
    let stored = read(store).await?;
    Ok(stored.map_or_else(Settings::default, |text| parse(&text)))
}

/// Changes the settings, stores them, and makes them take effect.
///
/// # Errors
/// `Invalid` for a value that is not allowed, `Conflict` when other changes keep coming first.
pub async fn update(
    store: &Store,
    current: &ArcSwap<Settings>,
    logs: &Logs,
    files: &Files,
    world: &World,
    patch: &Map<String, Value>,
) -> Result<Arc<Settings>> {
    for _ in 0..TRIES {
        let stored = read(store).await?;
        let old = stored.as_deref().map_or_else(Settings::default, parse);
        let new = old.patched(patch.clone())?;
        match store.write(save(&new, stored, &date::format(world.now_ms()))).await {
            Ok(_) => {
                let new = Arc::new(new);
                current.store(new.clone());
                logs.set_policy(new.log_policy());
                files.configure(&new.s3);
                return Ok(new);
            }
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure.into_error()),
        }
    }
    Err(Error::Conflict("The settings were changed by others at the same time. Please try again.".into()))
}

/// Does with the bucket of the settings everything that will be done with it.
///
/// # Errors
/// `Invalid`, with the permission that is missing, when it cannot be used or none is switched on.
pub async fn test_s3(current: &Settings, body: &Map<String, Value>, world: &World) -> Result<()> {
    let filesystem = body.get("filesystem").and_then(Value::as_str).unwrap_or_default();
    match filesystem {
        "storage" if current.s3.enabled => {}
        // Backups in a bucket are not offered, so they are never switched on.
        "storage" | "backups" => {
            return Err(Error::invalid("S3 is not enabled. Enable it and save the settings first."));
        }
        "" => return Err(Error::field(INVALID, "filesystem", code::REQUIRED)),
        _ => return Err(Error::field(INVALID, "filesystem", code::IN_INVALID)),
    }
    files::try_out(&current.s3, &world.ids.secret(TEST_NAME)).await.map_err(|flaw| {
        let message = format!("The bucket does not allow {}: {}", flaw.permission, flaw.words);
        let error = code::S3_PERMISSION.say(message.clone()).param("permission", flaw.permission);
        Error::Invalid { message: message.into(), fields: FieldErrors::one("s3", error) }
    })
}

async fn read(store: &Store) -> Result<Option<String>> {
    store
        .read(|snapshot| {
            let mut sql = Sql::new("SELECT value FROM _params WHERE id = ");
            sql.bind(ROW);
            let mut found = None;
            snapshot.rows(&sql, |row| {
                found = Some(row.text(0).to_owned());
                Ok(())
            })?;
            Ok(found)
        })
        .await
}

fn parse(text: &str) -> Settings {
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::error!(%error, "the stored settings cannot be read, the defaults hold");
        Settings::default()
    })
}

/// Writes the row, provided that it is still as it was read.
fn save(new: &Settings, stored: Option<String>, now: &str) -> Unit {
    let value = json!(new).to_string();
    let mut sql = Sql::default();
    if let Some(old) = stored {
        sql.push("UPDATE _params SET value = ").bind(value).push(", updated = ").bind(now);
        sql.push(" WHERE id = ").bind(ROW).push(" AND value = ").bind(old);
    } else {
        sql.push("INSERT INTO _params (id, value, created, updated) VALUES (").bind(ROW).push(", ").bind(value);
        sql.push(", ").bind(now).push(", ").bind(now).push(") ON CONFLICT (id) DO NOTHING");
    }
    let mut unit = Unit::new();
    unit.run_expecting(sql, 1, Error::Conflict("The settings were changed at the same time.".into()));
    unit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(value: &Value) -> Result<Settings> {
        Settings::default().patched(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_patch_keeps_what_it_does_not_name() {
        let new = patch(&json!({"batch": {"maxRequests": 7, "nope": 1}, "smtp": {"enabled": true}})).unwrap();
        assert_eq!(new.batch, Batch { max_requests: 7, ..Batch::default() });
        assert_eq!(new.meta, Meta::default());
        assert_eq!(new.to_json()["logs"]["logIP"], json!(true));
    }

    #[test]
    fn mistakes_name_their_place() {
        let Err(Error::Invalid { fields, .. }) = patch(&json!({
            "batch": {"enabled": true, "maxRequests": -1, "timeout": 0},
            "logs": {"maxDays": -1},
            "meta": {"appName": " ", "appURL": "not a url"},
        })) else {
            panic!("it should be refused");
        };
        let text = format!("{fields:?}");
        for word in ["validation_min_greater_equal_than_required", "validation_required", "validation_is_url"] {
            assert!(text.contains(word), "{text}");
        }
        assert_eq!(fields.0.len(), 3);
    }

    #[test]
    fn a_secret_is_kept_and_not_shown() {
        let given = json!({"s3": {"enabled": true, "bucket": "b", "region": "r", "endpoint": "http://h:1", "accessKey": "k", "secret": "hush"}});
        let new = patch(&given).unwrap();
        assert_eq!(new.to_json()["s3"].get("secret"), None);
        let again = new.patched(json!({"s3": {"bucket": "other"}}).as_object().unwrap().clone()).unwrap();
        assert_eq!((again.s3.secret.as_str(), again.s3.bucket.as_str()), ("hush", "other"));
        let Err(Error::Invalid { fields, .. }) = patch(&json!({"s3": {"enabled": true, "endpoint": "a b"}})) else {
            panic!("it should be refused");
        };
        let text = format!("{fields:?}");
        assert!(["accessKey", "secret", "validation_is_url"].iter().all(|word| text.contains(word)), "{text}");
    }

    #[test]
    fn wrong_types_are_refused() {
        for value in [json!({"batch": {"enabled": "yes"}}), json!({"logs": 1}), json!({"meta": {"appName": null}})] {
            assert!(matches!(patch(&value), Err(Error::Invalid { .. })), "{value}");
        }
    }
}
