//! Carrying out a command on a data directory: here when nobody holds it, else by the server that does.

use super::{Failed, Place, terminal};
use crate::clock::World;
use crate::config::Config;
use crate::host::control::{self, Command};
use crate::host::{self, Host, socket};
use serde_json::Value;
use std::future::Future;
use std::time::Duration;

/// Threads for a command that is done in a moment.
const WORKERS: usize = 2;

/// The stack of a thread that answers requests: as much for a guest's own calls as for what is below them.
const WORKER_STACK_BYTES: usize = 4 << 20;

/// How long what still runs may hold up the end of the process.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// Carries out a command and answers with its data.
pub(super) fn run(place: Place, command: Command) -> Result<Value, Failed> {
    let config = place.config()?;
    terminal::log(&config);
    block_on(WORKERS, carry_out(config, command))
}

/// Runs a future on a runtime of its own.
pub(super) fn block_on<T>(workers: usize, work: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        // Short hooks run here, on top of the stack of a request.
        .thread_stack_size(WORKER_STACK_BYTES)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failed::new(format!("failed to start threads: {error}")))?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(SHUTDOWN);
    result
}

async fn carry_out(config: Config, command: Command) -> Result<Value, Failed> {
    if command.needs_data(config.settings.mentions("backups")) && !host::has_data(&config.dir) {
        return Err(Failed::new(format!(
            "there is no data in {} (--dir names another directory)",
            config.dir.display()
        )));
    }
    match host::lock(&config.dir)? {
        Ok(lock) => {
            let host = Host::open_locked(lock, config, World::real()).await?;
            let result = control::execute(&host, command).await;
            host.close().await;
            Ok(result?)
        }
        Err(held) => match socket::send(&config.dir, &command).await {
            Ok(result) => Ok(result?),
            Err(error) => Err(Failed::new(format!("{held}, and it takes no commands: {error}"))),
        },
    }
}
