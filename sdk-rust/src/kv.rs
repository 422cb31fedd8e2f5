//! A small store of the plugin's own, apart for every tenant and plugin. Using it makes the component import
//! `tinybase:plugin/kv`.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::kv as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::kv as host;

pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    host::get(key)
}

/// The value as text; `None` also where it is not UTF-8.
pub fn get_text(key: &str) -> Result<Option<String>, Error> {
    Ok(get(key)?.and_then(|value| String::from_utf8(value).ok()))
}

/// Keeps a value until it is deleted.
pub fn set(key: &str, value: impl AsRef<[u8]>) -> Result<(), Error> {
    set_for(key, value, 0)
}

/// Keeps a value for `ttl_ms` milliseconds; 0 keeps it until it is deleted.
pub fn set_for(key: &str, value: impl AsRef<[u8]>, ttl_ms: u64) -> Result<(), Error> {
    host::set(key, value.as_ref(), ttl_ms)
}

/// Adds to an integer value, 0 where there is none, and answers with the sum.
pub fn increment(key: &str, delta: i64) -> Result<i64, Error> {
    host::increment(key, delta)
}

pub fn delete(key: &str) -> Result<(), Error> {
    host::delete(key)
}
