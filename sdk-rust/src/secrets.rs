//! What an admin keeps for the plugin without showing it. Using it makes the component import
//! `tinybase:plugin/secrets`.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::secrets as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::secrets as host;

/// A text that stands for the secret in requests of `http` to the hosts that the secret is bound to:
/// `.header("authorization", &["Bearer ", &secrets::placeholder("API_KEY")?].concat())`. Good for this call only.
pub fn placeholder(name: &str) -> Result<String, Error> {
    host::placeholder(name)
}

/// HMAC-SHA256 of a message under the secret; granted apart.
pub fn hmac_sha256(name: &str, message: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
    host::hmac_sha256(name, message.as_ref())
}

/// The same in hexadecimal, as webhooks carry it.
pub fn sign(name: &str, message: impl AsRef<[u8]>) -> Result<String, Error> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let tag = hmac_sha256(name, message)?;
    Ok(tag.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| DIGITS[usize::from(digit)] as char).collect())
}
