//! The host: configuration, tenants and the engine that runs plugins. The only module that knows everyone
//! below; [`tenants`] opens a tenant, which is: wires it together.
//!
//! There is no global state: a process may hold any number of hosts, each on its own data directory.

pub mod again;
pub mod control;
mod jobs;
pub mod setup;
pub mod socket;
pub mod stats;
pub mod tenants;

use crate::clock::World;
use crate::config::{self, Config, PluginQuota};
use crate::crypto::Passwords;
use crate::db::{self, DirLock, Durability, Options, Threads};
use crate::error::{Error, Result};
use crate::mail::Authorities;
use crate::meter::Meter;
use crate::outbound::Outbound;
use crate::plugins::limits::Wish;
use crate::plugins::limits::wish::Measure;
use crate::plugins::{Engine, EngineConfig};
use crate::settings::Regime;
use crate::tasks::Tasks;
use again::Again;
use parking_lot::Mutex;
use setup::SetUp;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tenants::{Opened, Tenants};

/// The tenant of an installation that has one, and of all requests by HTTP.
pub const DEFAULT_TENANT: &str = "default";

/// How long the host's own tasks may take to end.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

pub struct Host {
    pub config: Config,
    pub world: World,
    pub engine: Arc<Engine>,
    pub tenants: Tenants,
    /// The one-time token for making the first superuser.
    pub set_up: SetUp,
    /// Counts what is answered.
    pub meter: Meter,
    /// What belongs to no tenant: the control socket.
    pub tasks: Tasks,
    /// The open connections; streams that have no end of their own end when these stop.
    pub connections: Tasks,
    /// The server is about to stop: it is not ready for new work, and each answer is the last of its connection.
    pub leaving: AtomicBool,
    /// Whether the data is to be opened anew.
    pub again: Again,
    default: Arc<Opened>,
    /// Last, so that the directory is given back after everything in it is closed.
    lock: Mutex<Option<DirLock>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Host").field("dir", &self.config.dir).finish_non_exhaustive()
    }
}

impl Host {
    /// Takes the data directory, making it if there is none, and opens the default tenant.
    ///
    /// # Errors
    /// `Internal`, with a cause meant for the operator: the directory is taken by another process, or a
    /// database cannot be opened.
    pub async fn open(config: Config, world: World) -> Result<Arc<Self>> {
        let lock = lock(&config.dir)?.map_err(|holder| Error::internal("open the data directory", holder))?;
        Self::open_locked(lock, config, world).await
    }

    /// The same with a data directory that has been taken already.
    ///
    /// # Errors
    /// As [`Host::open`].
    pub async fn open_locked(lock: DirLock, config: Config, world: World) -> Result<Arc<Self>> {
        let tasks = Tasks::new();
        let regime = Arc::new(Regime::new(&config)?);
        let authorities = config.smtp_ca_file.as_deref().map(Authorities::read).transpose()?.unwrap_or_default();
        let mut engine = EngineConfig::new(config.plugin_threads).in_dir(&config.dir);
        engine.program.clone_from(&config.program);
        engine.workers = config.workers;
        engine.off = config.no_plugins;
        engine.quota = quota(&config.plugin_quota);
        engine.fuel_per_second = config.plugin_quota.fuel_per_second;
        let engine = Engine::new(&engine)?;
        let threads = Threads::start(config.database_threads)
            .map_err(|error| Error::internal("start the database threads", error))?;
        db::share_memory(config.cache_mb).map_err(db::Failure::into_error)?;
        let options = Options { durability: durability(config.durability), ..Options::default() };
        let tenants = Tenants::new(tenants::Parts {
            dir: config.dir.clone(),
            world: world.clone(),
            tasks: tasks.clone(),
            engine: engine.clone(),
            passwords: Arc::new(Passwords::new(config.workers)),
            outbound: Arc::new(Outbound::new(config.plugin_private_addresses)),
            authorities,
            threads,
            options,
            jobs_by_clock: config.jobs_by_clock,
            regime,
        });
        let default = tenants.open(DEFAULT_TENANT).await?;
        Ok(Arc::new(Self {
            config,
            world,
            engine,
            tenants,
            set_up: SetUp::default(),
            meter: Meter::default(),
            tasks,
            connections: Tasks::new(),
            leaving: AtomicBool::new(false),
            again: Again::default(),
            default,
            lock: Mutex::new(Some(lock)),
        }))
    }

    /// The tenant that answers requests by HTTP.
    #[must_use]
    pub fn default_tenant(&self) -> &Arc<Opened> {
        &self.default
    }

    /// A tenant by name, opened if it is not yet.
    ///
    /// # Errors
    /// `NotFound` when there is no such tenant, `Internal` when it cannot be opened.
    pub async fn tenant(&self, name: &str) -> Result<Arc<Opened>> {
        if name == DEFAULT_TENANT { Ok(self.default.clone()) } else { self.tenants.get(name).await }
    }

    /// Takes the data directory away from a host that is closed, for the next one.
    #[must_use]
    pub fn give_up_lock(&self) -> Option<DirLock> {
        self.lock.lock().take()
    }

    /// Closes every tenant, and only then lets go of the data directory.
    pub async fn close(&self) {
        // Nobody is to be told by a socket that nobody answers.
        let _ = std::fs::remove_file(socket::path(&self.config.dir));
        self.tenants.close().await;
        if !self.tasks.finish(CLOSE_GRACE).await {
            tracing::warn!("a task of the host did not end in time");
        }
    }
}

/// Takes a data directory, making it if there is none. The inner error says who holds it.
///
/// # Errors
/// When the directory cannot be made or written.
pub fn lock(dir: &Path) -> Result<Result<DirLock, crate::db::OpenFailure>> {
    tenants::make_private_dir(dir)?;
    match DirLock::acquire(dir) {
        Ok(lock) => Ok(Ok(lock)),
        Err(held @ crate::db::OpenFailure::Locked { .. }) => Ok(Err(held)),
        Err(other) => Err(other.into_error()),
    }
}

/// Whether there is a database in a directory, or a backup that is just becoming one.
#[must_use]
pub fn has_data(dir: &Path) -> bool {
    tenants::has_data(dir)
}

/// What the operator allows each call.
fn quota(said: &PluginQuota) -> Wish {
    let of_call = [
        (Measure::Fuel, said.fuel),
        (Measure::WallMs, said.wall_ms),
        (Measure::MemoryMb, said.memory_mb),
        (Measure::HostCalls, said.host_calls),
        (Measure::BytesPerCall, said.bytes_per_call),
        (Measure::Handles, said.handles),
        (Measure::LogBytes, said.log_bytes),
        (Measure::AtOnce, said.at_once),
    ];
    of_call.into_iter().fold(Wish::default(), |wish, (measure, value)| wish.with(measure, value))
}

fn durability(chosen: config::Durability) -> Durability {
    match chosen {
        config::Durability::Normal => Durability::Normal,
        config::Durability::Full => Durability::Full,
    }
}
