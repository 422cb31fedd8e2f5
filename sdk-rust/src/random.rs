//! Bytes that nobody can foresee, where an admin grants them. Using it makes the component import
//! `tinybase:plugin/random`.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::random as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::random as host;

/// `length` bytes, 1 to 65536.
pub fn bytes(length: u32) -> Result<Vec<u8>, Error> {
    host::bytes(length)
}
