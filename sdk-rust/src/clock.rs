//! The time of day, where an admin grants it. Using it makes the component import `tinybase:plugin/clock`; when the call
//! began says `ctx.now_ms` to everybody.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::clock as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::clock as host;

/// Milliseconds since 1970, now.
pub fn now_ms() -> Result<i64, Error> {
    host::now_ms()
}
