//! What this process says to people: messages and its log on stderr, data on stdout.

use crate::config::{Config, LogFormat};
use std::io::{self, IsTerminal as _, Write as _};
use tracing_subscriber::EnvFilter;

/// Writes a line of data. A reader that has gone away is no failure.
pub(super) fn data(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Writes a message.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Begins to write the server's log to stderr, panics among it.
pub(super) fn log(config: &Config) {
    let filter = EnvFilter::builder().parse_lossy(&config.log_filter);
    let colours = io::stderr().is_terminal();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(colours);
    // It fails only when there is a log already, which is then as good.
    let _ = match config.log_format {
        LogFormat::Pretty => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic: {}", panic.payload_as_str().unwrap_or("of another kind"));
    }));
}
