//! Typed settings of a tenant: one JSON row of `_params`, swapped as a whole when it changes.
//!
//! Keys that are not here are ignored, as clients of other versions send them. Each section says in its file what
//! it accepts.

pub mod application;
pub mod fixed;
mod form;
pub mod mail;
pub mod network;
pub mod plugins;
pub mod rates;
pub mod realtime;
pub mod storage;
pub mod stored;
pub mod sync;

use crate::clock::World;
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::{self, S3Config};
use crate::logs::Policy;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::net::IpAddr;

pub use application::{Batch, LogSettings, Meta};
pub use mail::Smtp;
pub use network::{Networks, TrustedProxy};
pub use plugins::PluginLimits;
pub use rates::{Audience, RateLimits, RateRule};
pub use realtime::{RealtimeSettings, TopicRules};
pub use storage::Backups;
pub use stored::{Asked, Beside, Regime, Seen, load, update};
pub use sync::DatabaseSync;

/// Characters in the name of a file that tries out a bucket.
const TEST_NAME: usize = 15;

/// What is never shown.
const SECRETS: [&str; 4] = ["/backups/s3/secret", "/s3/secret", "/smtp/password", "/sync/authToken"];

const INVALID: &str = "An error occurred while validating the submitted data.";

/// What settings that cannot be are answered with.
const NOT_SAVED: &str = "An error occurred while saving the new settings.";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub backups: Backups,
    pub batch: Batch,
    pub logs: LogSettings,
    pub meta: Meta,
    pub plugin_limits: PluginLimits,
    pub rate_limits: RateLimits,
    pub realtime: RealtimeSettings,
    /// Where files are kept.
    pub s3: S3Config,
    pub smtp: Smtp,
    /// From where superusers may come; from everywhere when there is none.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Networks,
    /// A copy of the collections elsewhere.
    pub sync: DatabaseSync,
    pub trusted_proxy: TrustedProxy,
}

impl Settings {
    /// As clients see them: without secrets.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut shown = json!(self);
        for secret in SECRETS {
            let Some((section, key)) = secret.rsplit_once('/') else { continue };
            shown.pointer_mut(section).and_then(Value::as_object_mut).map(|section| section.shift_remove(key));
        }
        shown
    }

    /// The paths of the secrets that there are, such as `smtp.password`.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let all = json!(self);
        let kept = |path: &&&str| all.pointer(path).and_then(Value::as_str).is_some_and(|secret| !secret.is_empty());
        SECRETS.iter().filter(kept).map(|path| path.trim_start_matches('/').replace('/', ".")).collect()
    }

    /// Whether a superuser may not come from an address.
    #[must_use]
    pub fn locks_out(&self, address: IpAddr) -> bool {
        !self.superuser_ips.is_empty() && !self.superuser_ips.contains(address)
    }

    /// What the request log is to keep.
    #[must_use]
    pub fn log_policy(&self) -> Policy {
        let LogSettings { log_auth_id, log_ip, max_data_size, max_days, min_level } = self.logs;
        let data_bytes = usize::try_from(max_data_size).unwrap_or_default();
        Policy { auth_id: log_auth_id, ip: log_ip, data_bytes, max_days, min_level }
    }

    /// These settings with the known keys of `patch` put over them.
    ///
    /// # Errors
    /// `Invalid` when a value has the wrong type, or a limit of plugins that there is not is set.
    fn merged(&self, patch: Map<String, Value>) -> Result<Self> {
        let mut errors = FieldErrors::default();
        errors.nest("pluginLimits", PluginLimits::unknown(&patch));
        errors.into_result(NOT_SAVED)?;
        let mut merged = json!(self);
        merge(&mut merged, Value::Object(patch));
        serde_json::from_value(merged)
            .map_err(|_| Error::invalid("An error occurred while loading the submitted data."))
    }

    fn check(&self) -> Result<()> {
        let mut errors = FieldErrors::default();
        for (section, found) in [
            ("backups", self.backups.check()),
            ("batch", self.batch.check()),
            ("logs", self.logs.check()),
            ("meta", self.meta.check()),
            ("pluginLimits", self.plugin_limits.check()),
            ("rateLimits", self.rate_limits.check()),
            ("realtime", self.realtime.check()),
            ("s3", storage::check_s3(&self.s3)),
            ("smtp", self.smtp.check()),
            ("sync", self.sync.check()),
            ("trustedProxy", self.trusted_proxy.check()),
        ] {
            errors.nest(section, found);
        }
        self.superuser_ips.check_into(&mut errors, "superuserIPs");
        errors.into_result(NOT_SAVED)
    }
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

/// Does with a bucket of the settings everything that will be done with it.
///
/// # Errors
/// `Invalid`, with what is wrong with it and how far it went, when it cannot be used or none is switched on.
pub async fn test_s3(current: &Settings, body: &Map<String, Value>, world: &World) -> Result<()> {
    let filesystem = body.get("filesystem").and_then(Value::as_str).unwrap_or_default();
    let bucket = match filesystem {
        "storage" => &current.s3,
        "backups" => &current.backups.s3,
        "" => return Err(Error::field(INVALID, "filesystem", code::REQUIRED)),
        _ => return Err(Error::field(INVALID, "filesystem", code::IN_INVALID)),
    };
    if !bucket.enabled {
        return Err(Error::invalid("S3 is not enabled. Enable it and save the settings first."));
    }
    files::try_out(bucket, &world.ids.secret(TEST_NAME)).await.map_err(|flaw| {
        let error = flaw.told(bucket);
        Error::Invalid { message: error.message.clone(), fields: FieldErrors::one("s3", error) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(value: &Value) -> Result<Settings> {
        patched(&Settings::default(), value)
    }

    fn patched(old: &Settings, value: &Value) -> Result<Settings> {
        let new = old.merged(value.as_object().unwrap().clone())?;
        new.check().map(|()| new)
    }

    #[test]
    fn a_patch_keeps_what_it_does_not_name() {
        let new = patch(&json!({"batch": {"maxRequests": 7, "nope": 1}, "nope": {"enabled": true}})).unwrap();
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
            "superuserIPs": ["home"],
            "trustedProxy": {"proxies": ["10.0.0.0/99"]},
        })) else {
            panic!("it should be refused");
        };
        let text = format!("{fields:?}");
        for word in
            ["validation_min_greater_equal_than_required", "validation_required", "validation_is_url", "invlaid_ip"]
        {
            assert!(text.contains(word), "{text}");
        }
        assert_eq!(fields.0.len(), 5);
    }

    #[test]
    fn a_secret_is_kept_and_not_shown() {
        let given = json!({"s3": {"enabled": true, "bucket": "b", "region": "r", "endpoint": "http://h:1", "accessKey": "k", "secret": "hush"}});
        let new = patch(&given).unwrap();
        assert_eq!(new.to_json()["s3"].get("secret"), None);
        assert_eq!(new.secrets(), ["s3.secret"], "that there is one is no secret");
        let again = patched(&new, &json!({"s3": {"bucket": "other"}})).unwrap();
        assert_eq!((again.s3.secret.as_str(), again.s3.bucket.as_str()), ("hush", "other"));
        let given = json!({"smtp": {"password": "hush"}, "backups": {"s3": {"secret": "hush"}}});
        let all = patched(&new, &given).unwrap();
        assert!(!all.to_json().to_string().contains("hush"));
        let empty = patched(&all, &json!({"smtp": {"password": ""}})).unwrap();
        assert_eq!((empty.smtp.password.as_str(), empty.backups.s3.secret.as_str()), ("", "hush"));
        let Err(Error::Invalid { fields, .. }) = patch(&json!({"s3": {"enabled": true, "endpoint": "a b"}})) else {
            panic!("it should be refused");
        };
        let text = format!("{fields:?}");
        assert!(["accessKey", "secret", "validation_is_url"].iter().all(|word| text.contains(word)), "{text}");
    }

    #[test]
    fn wrong_types_are_refused() {
        for value in [
            json!({"batch": {"enabled": "yes"}}),
            json!({"logs": 1}),
            json!({"meta": {"appName": null}}),
            json!({"superuserIPs": "10.0.0.1"}),
        ] {
            assert!(matches!(patch(&value), Err(Error::Invalid { .. })), "{value}");
        }
    }
}
