//! The section of the settings about what the tenant's plugins may use. It only narrows: the server's own limits, a plugin's
//! manifest and what is asked for where it is called hold beside it. 0 is no word about it.

use super::form;
use crate::error::{FieldErrors, code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PluginLimits {
    /// Of all calls together.
    pub fuel_per_second: i64,
    /// Of one call, as the next ones.
    pub fuel: i64,
    pub wall_ms: i64,
    pub memory_mb: i64,
    pub host_calls: i64,
    pub bytes_per_call: i64,
    pub handles: i64,
    pub log_bytes: i64,
    /// Requests that one plugin answers at the same time.
    pub at_once: i64,
    /// Of requests to other servers and their answers, in one call.
    pub http_bytes_per_call: i64,
    /// The same of one plugin in a day, as the next one.
    pub http_bytes_per_day: i64,
    pub mails_per_day: i64,
    /// That one plugin keeps.
    pub kv_keys: i64,
}

impl PluginLimits {
    /// The smaller of a limit and what this says of it.
    #[must_use]
    pub fn narrow(limit: u64, own: i64) -> u64 {
        said(own).map_or(limit, |own| own.min(limit))
    }

    /// The limits of a patch that there are not: whoever misspells one believes that it holds. Other sections pass over what they do not know.
    pub(super) fn unknown(patch: &Map<String, Value>) -> FieldErrors {
        let mut errors = FieldErrors::default();
        let known = json!(Self::default());
        for key in patch.get("pluginLimits").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            if known.get(key).is_none() {
                errors.add(key, code::IN_INVALID.say("There is no such limit."));
            }
        }
        errors
    }

    pub(super) fn check(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for (key, value) in [
            ("fuelPerSecond", self.fuel_per_second),
            ("fuel", self.fuel),
            ("wallMs", self.wall_ms),
            ("memoryMb", self.memory_mb),
            ("hostCalls", self.host_calls),
            ("bytesPerCall", self.bytes_per_call),
            ("handles", self.handles),
            ("logBytes", self.log_bytes),
            ("atOnce", self.at_once),
            ("httpBytesPerCall", self.http_bytes_per_call),
            ("httpBytesPerDay", self.http_bytes_per_day),
            ("mailsPerDay", self.mails_per_day),
            ("kvKeys", self.kv_keys),
        ] {
            form::at_least_zero(&mut errors, key, value, false);
        }
        errors
    }
}

/// A limit, if there is one.
#[must_use]
pub fn said(own: i64) -> Option<u64> {
    u64::try_from(own).ok().filter(|own| *own > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_only_narrows() {
        assert_eq!((PluginLimits::narrow(5, 0), PluginLimits::narrow(5, 3), PluginLimits::narrow(5, 9)), (5, 3, 5));
        let wrong = PluginLimits { fuel: -1, kv_keys: -1, handles: 1, ..PluginLimits::default() };
        assert_eq!(wrong.check().0.keys().collect::<Vec<_>>(), ["fuel", "kvKeys"]);
    }

    #[test]
    fn a_limit_that_there_is_not_is_refused() {
        let patch = json!({"pluginLimits": {"fule": 1, "fuel": 1, "kvKeys": 1}, "smtp": {"hots": ""}});
        let unknown = PluginLimits::unknown(patch.as_object().unwrap());
        assert_eq!(unknown.0.keys().collect::<Vec<_>>(), ["fule"]);
    }
}
