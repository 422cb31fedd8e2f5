//! The plugin's own log. Using it makes the component import `tinybase:plugin/log`.
//!
//! The first line of a call also makes panics speak: their message goes to the log before the call ends. A hook that
//! may panic before it logs anything calls [`panics`] first.

use std::sync::Once;

pub use crate::bindings::log::Level;

#[cfg(target_arch = "wasm32")]
use crate::bindings::log as host;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::host::log as host;

pub fn debug(message: &str) {
    write(Level::Debug, message, &[]);
}

pub fn info(message: &str) {
    write(Level::Info, message, &[]);
}

pub fn warn(message: &str) {
    write(Level::Warn, message, &[]);
}

pub fn error(message: &str) {
    write(Level::Error, message, &[]);
}

/// A line with named facts: `log::write(Level::Info, "written", &[("record", record.id())])`.
pub fn write(level: Level, message: &str, facts: &[(&str, &str)]) {
    panics();
    send(level, message, facts);
}

/// Sends the message of a panic to the log. Without it a panic is only "the plugin trapped" to the host.
pub fn panics() {
    static ONCE: Once = Once::new();
    if cfg!(target_arch = "wasm32") {
        ONCE.call_once(|| std::panic::set_hook(Box::new(|panic| send(Level::Error, &panic.to_string(), &[]))));
    }
}

fn send(level: Level, message: &str, facts: &[(&str, &str)]) {
    let facts: Vec<_> = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    host::log(level, message, &facts);
}
