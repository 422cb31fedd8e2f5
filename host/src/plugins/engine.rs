//! The one engine of a process: its configuration, its clock for deadlines, and the threads that guests run on.
//!
//! Guests run on the threads of a small pool: a call is handed over, and the task waits for the answer. Only short calls
//! that ask the host for nothing are made where the request is ([`super::pace`]). Calls that requests wait for and calls that nobody waits for have pools of their own, so that an
//! after-hook of a minute delays no write.

mod config;
mod threads;
mod ticker;

use super::allowance;
use super::call::Call;
use super::compile::Compiler;
use super::instance::Ready;
use super::interface;
use super::limits::{Class, Wish, queue};
use crate::clock::World;
use crate::error::{Error, Result};
use crate::tenant::Tenant;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use threads::Threads;
use ticker::Ticker;
use tokio::sync::{Mutex, MutexGuard};
use wasmtime::component::{Component, Linker};

#[cfg(test)]
pub(super) use config::TRACED_BYTES;
pub use config::{fingerprint, for_worker, settings, ticks};
pub(super) use threads::apart;
pub use ticker::Running;

/// Bytes of the key that artifacts are signed with.
const KEY_LENGTH: usize = 64;

/// What an engine is started with.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Threads for the hooks of writes that requests wait for; at least one. As many run other calls that are waited for,
    /// which may write and so wait for those of the former kind: routes, and apart from them the hooks of sign-ins. As many
    /// run the rest, and never less than two, so that one that takes its time does not hold up all; of those, calls that wait for
    /// another server stand apart, and others run in their place.
    pub threads: usize,
    /// Threads that answer requests, where short hooks may be called in place.
    pub workers: usize,
    /// Where `host.key` is; without it, artifacts do not outlive the process.
    pub dir: Option<PathBuf>,
    /// The binary whose hidden command `__compile` compiles; this process's own when `None`.
    pub program: Option<PathBuf>,
    /// What each tenant's calls may use at most, where it is less than the host's own caps.
    pub quota: Wish,
    /// The fuel that the calls of one tenant may burn in a second, all together; `None` for as much as there is.
    pub fuel_per_second: Option<u64>,
    /// No plugin is called, nor taken in.
    pub off: bool,
}

impl EngineConfig {
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let (threads, quota) = (threads.max(1), Wish::default());
        Self { threads, workers: threads, dir: None, program: None, quota, fuel_per_second: None, off: false }
    }

    /// Keeps the key in a data directory.
    #[must_use]
    pub fn in_dir(self, dir: &Path) -> Self {
        Self { dir: Some(dir.to_owned()), ..self }
    }

    /// Compiles with another binary.
    #[must_use]
    pub fn with_program(self, program: PathBuf) -> Self {
        Self { program: Some(program), ..self }
    }
}

/// Shared by all tenants of a process.
pub struct Engine {
    wasm: wasmtime::Engine,
    linker: Linker<Call>,
    ticker: Ticker,
    awaited: Threads,
    background: Threads,
    /// For calls at sign-ins, which are short.
    welcoming: Threads,
    /// For routes.
    visited: Threads,
    compiler: Compiler,
    key: String,
    fingerprint: String,
    quota: Wish,
    fuel_per_second: Option<u64>,
    off: bool,
    /// Of the machine code that is in memory.
    code_bytes: Arc<AtomicU64>,
    /// Held by whoever loads code ahead.
    ahead: Mutex<()>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Engine").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts the threads; the pool of instances is probed and made smaller where the system has not the
    /// address space, with a warning in the log.
    ///
    /// # Errors
    /// `Internal` when not even the smallest engine can be made, or the key cannot be read or written.
    pub fn new(config: &EngineConfig) -> Result<Arc<Self>> {
        let background = config.threads.max(2);
        let wasm = config::start(3 * config.threads + background + queue::APART + config.workers)?;
        let ticker = Ticker::start(wasm.clone(), queue::TICK)?;
        let key = match &config.dir {
            Some(dir) => host_key(dir)?,
            None => World::real().ids.secret(KEY_LENGTH),
        };
        let linker = interface::linker(&wasm)
            .map_err(|error| Error::internal("bind the interfaces", format_args!("{error:#}")))?;
        Ok(Arc::new(Self {
            linker,
            fingerprint: fingerprint(&wasm),
            awaited: Threads::start("plugin", config.threads)?,
            background: Threads::with_more("plugin-late", background, queue::APART)?,
            welcoming: Threads::start("plugin-sign-in", config.threads)?,
            visited: Threads::start("plugin-visit", config.threads)?,
            compiler: Compiler::new(config)?,
            quota: config.quota,
            fuel_per_second: config.fuel_per_second,
            off: config.off,
            code_bytes: Arc::default(),
            ahead: Mutex::default(),
            wasm,
            ticker,
            key,
        }))
    }

    #[must_use]
    pub fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }

    /// What the calls of a tenant may use at most: what the operator allows each, and the tenant's own settings.
    #[must_use]
    pub fn quota_of(&self, tenant: &Tenant) -> Wish {
        self.quota.least(allowance::own_limits(&tenant.settings.load()))
    }

    /// The fuel that the calls of one tenant may burn in a second.
    #[must_use]
    pub fn fuel_per_second(&self) -> Option<u64> {
        self.fuel_per_second
    }

    /// Whether the operator has switched all plugins off.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.off
    }

    /// Binds a component that was loaded by this engine.
    ///
    /// # Errors
    /// wasmtime's, when an import is not as in the contract.
    pub fn ready(&self, component: &Component) -> wasmtime::Result<Ready> {
        Ready::new(&self.linker, component, &self.code_bytes)
    }

    /// The same for a component that has been bound before.
    pub(super) fn bind(&self, component: &Component) -> Result<Arc<Ready>> {
        self.ready(component).map(Arc::new).map_err(|error| Error::internal("bind a plugin", format_args!("{error:#}")))
    }

    /// Bytes of the machine code that is in memory, of all tenants.
    #[must_use]
    pub fn code_bytes(&self) -> u64 {
        self.code_bytes.load(Ordering::Relaxed)
    }

    /// Waits until nobody else loads code ahead.
    pub(super) async fn turn_ahead(&self) -> MutexGuard<'_, ()> {
        self.ahead.lock().await
    }

    pub(super) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// What artifacts are signed with.
    pub(super) fn key(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// Changes whenever artifacts of another engine (version, settings, processor) could not be loaded.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Keeps the epoch going for as long as the answer lives.
    pub fn running(&self) -> Running<'_> {
        self.ticker.running()
    }

    /// How many threads answer requests.
    pub(super) fn route_threads(&self) -> usize {
        self.visited.count()
    }

    /// Whether no call runs at this moment but such as wait for other servers, and none that somebody awaits waits.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        // A thread that has answered may still be busy with its own books: that is no call.
        let waiting = [&self.awaited, &self.welcoming, &self.visited].map(Threads::waiting);
        let calls = self.ticker.calls();
        waiting == [0; 3] && (calls == 0 || calls <= self.background.apart())
    }

    /// Runs `job` on a plugin thread, in the line of `lane` (a tenant): lanes take turns by what they have used, which
    /// a job answers in units of fuel. A job whose caller has gone away is not begun.
    ///
    /// # Errors
    /// `Unavailable` when too many wait, `Internal` when the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        class: Class,
        lane: &Arc<str>,
        job: impl FnOnce() -> (T, u64) + Send + 'static,
    ) -> Result<T> {
        let threads = match class {
            Class::Validator | Class::Before => &self.awaited,
            Class::SignIn => &self.welcoming,
            Class::Route => &self.visited,
            Class::After => &self.background,
        };
        threads.run(lane, job).await
    }

    /// Calls that run or wait, awaited ones first.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        (self.awaited.load() + self.welcoming.load() + self.visited.load(), self.background.load())
    }
}

/// The key in `host.key`, made when there is none. Whoever can read it can make this host run machine code.
fn host_key(dir: &Path) -> Result<String> {
    let path = dir.join("host.key");
    let failed =
        |error: std::io::Error| Error::internal("the key of the host", format_args!("{}: {error}", path.display()));
    match fs::read(&path) {
        Ok(bytes) => {
            if let Ok(key) = std::str::from_utf8(&bytes)
                && key.trim().len() == KEY_LENGTH
            {
                return Ok(key.trim().to_owned());
            }
            tracing::warn!(path = %path.display(), "the key of the host is damaged: making another; plugins are compiled anew");
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let key = World::real().ids.secret(KEY_LENGTH);
    let part = dir.join("host.key.part");
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(key.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, &path)
    };
    write().map_err(failed)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    #[test]
    fn the_key_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = host_key(dir.path()).unwrap();
        assert_eq!((first.len(), host_key(dir.path()).unwrap()), (KEY_LENGTH, first.clone()));
        let mode = fs::metadata(dir.path().join("host.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut last = first;
        for damaged in [&b""[..], b"short", &[0xff; KEY_LENGTH]] {
            fs::write(dir.path().join("host.key"), damaged).unwrap();
            let next = host_key(dir.path()).unwrap();
            assert_ne!(next, last, "{damaged:?}");
            last = next;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_sign_in_does_not_wait_for_a_route() {
        let engine = Engine::new(&EngineConfig::new(1)).unwrap();
        let lane: Arc<str> = "t".into();
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let route = engine.run(Class::Route, &lane, move || (gate.recv().is_ok(), 0));
        let mut route = std::pin::pin!(route);
        assert!(futures_util::poll!(route.as_mut()).is_pending());
        assert_eq!(engine.run(Class::SignIn, &lane, || (7, 1)).await.unwrap(), 7);
        release.send(()).unwrap();
        assert!(route.await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn calls_that_run_or_wait_are_under_way() {
        let engine = Engine::new(&EngineConfig::new(1)).unwrap();
        let lane: Arc<str> = "t".into();
        assert!(engine.is_idle());
        let running = engine.running();
        assert!(!engine.is_idle(), "one runs");
        drop(running);
        let (release, gate) = std::sync::mpsc::channel::<()>();
        let mut first = std::pin::pin!(engine.run(Class::Before, &lane, move || (gate.recv().is_ok(), 0)));
        let mut second = std::pin::pin!(engine.run(Class::Before, &lane, || (true, 0)));
        assert!(futures_util::poll!(first.as_mut()).is_pending());
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        assert!(!engine.is_idle(), "one waits for the only thread");
        release.send(()).unwrap();
        assert!(first.await.unwrap() && second.await.unwrap());
        assert!(engine.is_idle(), "as soon as both are answered");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn jobs_run_on_their_own_threads_and_panics_stay_there() {
        let engine = Engine::new(&EngineConfig::new(1)).unwrap();
        let lane: Arc<str> = "t".into();
        let name =
            engine.run(Class::Before, &lane, || (std::thread::current().name().map(str::to_owned), 1)).await.unwrap();
        assert_eq!(name.as_deref(), Some("plugin-0"));
        let name =
            engine.run(Class::After, &lane, || (std::thread::current().name().map(str::to_owned), 1)).await.unwrap();
        // There are two of these even where one was asked for, and either may take the job.
        assert!(name.is_some_and(|name| name.starts_with("plugin-late-")));
        let failed = engine.run::<()>(Class::Before, &lane, || panic!("on purpose")).await;
        assert!(matches!(failed, Err(Error::Internal(_))), "{failed:?}");
        assert_eq!(engine.run(Class::Before, &lane, || (7, 1)).await.unwrap(), 7);
        // A thread counts its job as done just after it has answered.
        while engine.load() != (0, 0) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}
