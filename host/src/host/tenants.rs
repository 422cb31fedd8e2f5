//! The tenants that are open. Opening one is: directory, databases, settings, catalog, request log, files,
//! plugins, realtime, outbox, backups, sync, jobs, in that order; closing is the same backwards.

use super::stats::Measured;
use super::{DEFAULT_TENANT, jobs};
use crate::backups::{Backups, swap};
use crate::clock::World;
use crate::crypto::Passwords;
use crate::db::{Options, Store, Threads, migrations};
use crate::error::{Error, Result};
use crate::files::Files;
use crate::jobs::Jobs;
use crate::logs::Logs;
use crate::mail::{Authorities, Mail};
use crate::outbound::Outbound;
use crate::outbox;
use crate::plugins::{Engine, Plugins};
use crate::realtime::Realtime;
use crate::schema;
use crate::settings::{self, Regime};
use crate::sync::Sync;
use crate::tasks::Tasks;
use crate::tenant::{self, Tenant, history};
use futures_util::future::join_all;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Tenants open at the same time.
const OPEN_MAX: usize = 1_000;

/// Longest name of a tenant: it is to be good as a label of a host name.
const NAME_MAX: usize = 63;

/// The database of a tenant, in its directory.
const DATA: &str = "data.db";

/// How long a tenant's tasks may take to end.
const CLOSE_GRACE: Duration = Duration::from_secs(3);

/// Readers and page cache of the request log, which is written far more than it is read.
const LOG_READERS: usize = 1;
const LOG_CACHE_KIB: u32 = 1_000;

/// A tenant with everything that follows it.
#[derive(Debug)]
pub struct Opened {
    pub tenant: Arc<Tenant>,
    pub plugins: Arc<Plugins>,
    pub realtime: Arc<Realtime>,
    pub jobs: Arc<Jobs>,
    pub backups: Arc<Backups>,
    pub sync: Arc<Sync>,
    /// How a restore has ended, if the opening found one.
    pub found: swap::Found,
    pub(super) measured: Measured,
}

/// What every tenant of a host shares.
pub(super) struct Parts {
    pub(super) dir: PathBuf,
    pub(super) world: World,
    pub(super) tasks: Tasks,
    pub(super) engine: Arc<Engine>,
    pub(super) passwords: Arc<Passwords>,
    pub(super) outbound: Arc<Outbound>,
    pub(super) authorities: Authorities,
    pub(super) threads: Threads,
    pub(super) options: Options,
    pub(super) jobs_by_clock: bool,
    pub(super) regime: Arc<Regime>,
}

/// The registry; a tenant is opened once however many ask for it at the same time.
pub struct Tenants {
    parts: Parts,
    open: Mutex<HashMap<String, Arc<OnceCell<Arc<Opened>>>>>,
}

impl fmt::Debug for Tenants {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.open.lock().keys()).finish()
    }
}

impl Tenants {
    pub(super) fn new(parts: Parts) -> Self {
        Self { parts, open: Mutex::default() }
    }

    /// A tenant that exists, opened if it is not yet.
    ///
    /// # Errors
    /// `NotFound` when it has no directory, `Unavailable` when too many are open, `Internal` when it cannot
    /// be opened.
    pub async fn get(&self, name: &str) -> Result<Arc<Opened>> {
        if !is_name(name) || !self.dir(name).is_dir() {
            return Err(Error::not_found());
        }
        self.open(name).await
    }

    /// A new tenant, or the one that has the name already.
    ///
    /// # Errors
    /// `Invalid` for a name that cannot be one, else as [`Tenants::get`].
    pub async fn create(&self, name: &str) -> Result<Arc<Opened>> {
        if !is_name(name) {
            return Err(Error::invalid("The name of a tenant is made of small letters, digits and hyphens."));
        }
        self.open(name).await
    }

    pub(super) async fn open(&self, name: &str) -> Result<Arc<Opened>> {
        let cell = {
            let mut open = self.open.lock();
            if open.len() >= OPEN_MAX && !open.contains_key(name) {
                return Err(Error::Unavailable("Too many tenants are open.".into()));
            }
            open.entry(name.to_owned()).or_default().clone()
        };
        cell.get_or_try_init(|| Opened::open(&self.parts, name, self.dir(name))).await.cloned()
    }

    /// Those that are open now, by name.
    #[must_use]
    pub fn opened(&self) -> Vec<Arc<Opened>> {
        let mut all: Vec<_> = self.open.lock().values().filter_map(|cell| cell.get().cloned()).collect();
        all.sort_by(|a, b| a.tenant.name.cmp(&b.tenant.name));
        all
    }

    /// Closes all tenants.
    pub(super) async fn close(&self) {
        let cells: Vec<_> = self.open.lock().drain().map(|(_, cell)| cell).collect();
        join_all(cells.iter().filter_map(|cell| cell.get()).map(|opened| opened.close())).await;
    }

    fn dir(&self, name: &str) -> PathBuf {
        let root = &self.parts.dir;
        if name == DEFAULT_TENANT { root.clone() } else { root.join("tenants").join(name) }
    }
}

impl Opened {
    /// Opens a tenant, with the data of a backup where one waits to be restored. When that cannot be opened, what was
    /// there before is opened instead.
    async fn open(parts: &Parts, name: &str, dir: PathBuf) -> Result<Arc<Self>> {
        let found = recover(&dir).await?;
        if let swap::Found::Reverted(key) = &found {
            tracing::error!(tenant = name, key, "a restore was taken back, the former data is in use");
        }
        let swap::Found::Restored(key) = &found else { return Self::open_here(parts, name, dir, found).await };
        let (key, now_ms) = (key.clone(), parts.world.now_ms());
        match Self::open_here(parts, name, dir.clone(), found).await {
            Ok(opened) => {
                settle(&dir, move |dir| swap::healthy(dir, now_ms)).await?;
                tracing::info!(tenant = name, key, "a backup is restored");
                Ok(opened)
            }
            Err(error) => {
                tracing::error!(tenant = name, key, ?error, "restored data does not open");
                settle(&dir, move |dir| swap::condemn(dir, now_ms)).await?;
                let found = recover(&dir).await?;
                Self::open_here(parts, name, dir, found).await
            }
        }
    }

    async fn open_here(parts: &Parts, name: &str, dir: PathBuf, found: swap::Found) -> Result<Arc<Self>> {
        let tasks = parts.tasks.child();
        let opened = Self::build(parts, name, dir, found, tasks.clone()).await;
        if opened.is_err() && !tasks.finish(CLOSE_GRACE).await {
            tracing::warn!(tenant = name, "a task of a tenant that did not open did not end in time");
        }
        opened
    }

    async fn build(parts: &Parts, name: &str, dir: PathBuf, found: swap::Found, tasks: Tasks) -> Result<Arc<Self>> {
        for part in [&dir, &dir.join("storage"), &dir.join("plugins")] {
            make_private_dir(part)?;
        }
        let world = parts.world.clone();
        let store = open_store(parts, dir.join(DATA), parts.options.clone(), migrations::TENANT).await?;
        let settings = settings::load(&store, &parts.regime, &world).await?;
        let catalog = schema::open(&store, &world).await?;
        let (cache_kib, read_cache_kib) = (LOG_CACHE_KIB, LOG_CACHE_KIB);
        let small = Options { readers: LOG_READERS, cache_kib, read_cache_kib, ..Options::default() };
        let log_store = open_store(parts, dir.join("logs.db"), small, migrations::LOGS).await?;
        let logs = Logs::start(log_store, settings.log_policy(), world.clone(), &tasks);
        let files = Files::open(&dir, store.clone(), world.clone(), tasks.clone(), &settings.s3)?;
        let mail = Mail::open(store.clone(), world.clone(), tasks.clone(), parts.authorities.clone(), &settings);
        let tenant = Arc::new(Tenant::new(tenant::Parts {
            name: name.to_owned(),
            dir,
            store,
            catalog,
            settings,
            regime: parts.regime.clone(),
            logs,
            files,
            mail,
            passwords: parts.passwords.clone(),
            outbound: parts.outbound.clone(),
            world,
            tasks,
        }));
        tenant.changes.begin(history::last(&tenant.store).await?, tenant.world.now_ms());
        let plugins = Plugins::open(parts.engine.clone(), &tenant).await?;
        tenant.set_hooks(plugins.clone());
        let realtime = Realtime::open(&tenant);
        // What waits for plugins that are switched off goes on waiting.
        if !parts.engine.is_off() {
            outbox::start(&tenant);
        }
        tenant.files.start();
        tenant.mail.start();
        let backups = Backups::open(&tenant, parts.threads.clone(), &found);
        let sync = Sync::open(&tenant);
        let jobs = Jobs::start(&tenant, jobs::table(&backups), parts.jobs_by_clock).await?;
        plugins.keep_time(&jobs);
        Ok(Arc::new(Self { tenant, plugins, realtime, jobs, backups, sync, found, measured: Measured::default() }))
    }

    async fn close(&self) {
        if !self.tenant.tasks.finish(CLOSE_GRACE).await {
            tracing::warn!(tenant = self.tenant.name, "a task of the tenant did not end in time");
        }
        self.tenant.logs.close().await;
        self.tenant.store.close().await;
    }
}

/// Whether there is a database in a directory, or what a restore has set aside of one.
pub(super) fn has_data(dir: &Path) -> bool {
    dir.join(DATA).exists() || swap::is_pending(dir).unwrap_or(true)
}

/// Continues a restore that was begun.
async fn recover(dir: &Path) -> Result<swap::Found> {
    settle(dir, swap::recover).await
}

async fn settle<T: Send + 'static>(
    dir: &Path,
    step: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let dir = dir.to_owned();
    let done = crate::tasks::blocking(move || step(&dir)).await?;
    done.map_err(|error| Error::internal("restore a backup", error))
}

async fn open_store(
    parts: &Parts,
    path: PathBuf,
    options: Options,
    migrations: &'static [migrations::Migration],
) -> Result<Arc<Store>> {
    let threads = parts.threads.clone();
    let opening = parts.tasks.spawn_blocking(move || Store::open(&path, options, &threads, migrations));
    let opened = opening.await.map_err(|error| Error::internal("open a database", error))?;
    opened.map_err(crate::db::OpenFailure::into_error)
}

fn is_name(name: &str) -> bool {
    let fits = !name.is_empty() && name.len() <= NAME_MAX && !name.starts_with('-') && !name.ends_with('-');
    fits && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Makes a directory, and those above it, that only this user can enter; one that is there stays as it is.
pub(super) fn make_private_dir(dir: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| Error::internal("make a directory", format_args!("{}: {error}", dir.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_labels() {
        for name in ["a", "shop-1", "0"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "A", "a.b", "../x", "-a", "a-", "a/b", &"x".repeat(64)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
