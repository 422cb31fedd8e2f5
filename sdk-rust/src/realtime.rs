//! Messages to those who are subscribed to a topic of the plugin's own. Using it makes the component import
//! `tinybase:plugin/realtime`.

use crate::bindings::types::Error;

#[cfg(target_arch = "wasm32")]
use crate::bindings::realtime as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::realtime as host;

/// Sends JSON text to everybody who is subscribed to a granted topic; from a before-hook after the commit.
pub fn publish(topic: &str, json: &str) -> Result<(), Error> {
    host::publish(topic, json)
}
