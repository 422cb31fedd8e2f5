//! One tenant: a database and all that belongs to it.
//!
//! Everything a tenant owns hangs off [`Tenant`]; there is no global mutable state, and nothing below
//! `host` can name a second tenant. Opening and closing tenants is `host`.

pub mod broadcasts;
pub mod changes;
pub mod contests;
pub mod cx;
pub mod exports;
pub mod history;
pub mod hooks;
pub mod locks;
pub mod notes;
pub mod shares;
pub mod turnover;

use crate::clock::World;
use crate::crypto::Passwords;
use crate::db::Store;
use crate::error::Result;
use crate::files::Files;
use crate::logs::Logs;
use crate::mail::Mail;
use crate::outbound::Outbound;
use crate::rates::Rates;
use crate::schema::catalog::Catalog;
use crate::settings::{self, Asked, Regime, Settings};
use crate::tasks::Tasks;
use arc_swap::ArcSwap;
use broadcasts::Broadcasts;
use changes::Changes;
use contests::Contests;
use exports::Exports;
use hooks::{Hooks, NoHooks};
use locks::RecordLocks;
use notes::Notes;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;
use turnover::Turnover;

pub use cx::Cx;

/// What one database's operations need.
#[derive(Debug)]
pub struct Tenant {
    pub name: String,
    /// `data.db`, `logs.db`, `storage/` and `plugins/` live here.
    pub dir: PathBuf,
    pub store: Arc<Store>,
    /// The collections as they are now; a running operation keeps the snapshot it began with.
    pub catalog: ArcSwap<Catalog>,
    pub turnover: Turnover,
    pub settings: ArcSwap<Settings>,
    /// How they are kept.
    pub regime: Arc<Regime>,
    pub logs: Logs,
    pub files: Arc<Files>,
    pub mail: Arc<Mail>,
    pub passwords: Arc<Passwords>,
    pub changes: Changes,
    pub broadcasts: Broadcasts,
    pub locks: RecordLocks,
    /// Turns of those whose writes have lost a race; taken after any of `locks`.
    pub contests: Contests,
    /// Turns of those who come with the same `Idempotency-Key`; taken before any of `locks`.
    pub turns: RecordLocks,
    /// Lists that may be sent as files at the same time.
    pub exports: Exports,
    /// How often who has asked.
    pub rates: Rates,
    /// What is remembered for a moment.
    pub notes: Notes,
    /// Asks other servers; shared by all tenants.
    pub outbound: Arc<Outbound>,
    pub world: World,
    pub tasks: Tasks,
    /// Rung after a commit that left rows in the outbox.
    pub outbox_bell: Notify,
    /// Rung when a copy elsewhere may have to follow: after changes of records, collections and settings.
    pub sync_bell: Notify,
    /// One change of the schema at a time.
    pub schema_lock: Arc<tokio::sync::Mutex<()>>,
    /// One change of the settings at a time.
    settings_lock: tokio::sync::Mutex<()>,
    hooks: OnceLock<Arc<dyn Hooks>>,
}

/// What [`Tenant::new`] is made of.
#[derive(Debug)]
pub struct Parts {
    pub name: String,
    pub dir: PathBuf,
    pub store: Arc<Store>,
    pub catalog: Catalog,
    pub settings: Settings,
    pub regime: Arc<Regime>,
    pub logs: Logs,
    pub files: Arc<Files>,
    pub mail: Arc<Mail>,
    /// Shared by all tenants: hashing takes a core and 19 MiB.
    pub passwords: Arc<Passwords>,
    pub outbound: Arc<Outbound>,
    pub world: World,
    pub tasks: Tasks,
}

impl Tenant {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            name: parts.name,
            dir: parts.dir,
            store: parts.store,
            catalog: ArcSwap::from_pointee(parts.catalog),
            turnover: Turnover::default(),
            settings: ArcSwap::from_pointee(parts.settings),
            regime: parts.regime,
            logs: parts.logs,
            files: parts.files,
            mail: parts.mail,
            passwords: parts.passwords,
            changes: Changes::default(),
            broadcasts: Broadcasts::default(),
            locks: RecordLocks::default(),
            contests: Contests::default(),
            turns: RecordLocks::default(),
            exports: Exports::default(),
            rates: Rates::default(),
            notes: Notes::default(),
            outbound: parts.outbound,
            world: parts.world,
            tasks: parts.tasks,
            outbox_bell: Notify::new(),
            sync_bell: Notify::new(),
            schema_lock: Arc::default(),
            settings_lock: tokio::sync::Mutex::default(),
            hooks: OnceLock::new(),
        }
    }

    /// Sets who is asked before and told after a write. Called once, when the tenant is opened.
    pub fn set_hooks(&self, hooks: Arc<dyn Hooks>) {
        // A second call would be a wiring mistake; the first hooks stay.
        let _ = self.hooks.set(hooks);
    }

    #[must_use]
    pub fn hooks(&self) -> &dyn Hooks {
        self.hooks.get().map_or(&NoHooks, AsRef::as_ref)
    }

    /// Changes the settings: one change after the other, and each to its end, so that what is stored is in force.
    ///
    /// # Errors
    /// As [`settings::update`].
    pub async fn change_settings(self: &Arc<Self>, asked: Asked) -> Result<Arc<Settings>> {
        let tenant = self.clone();
        let change = async move {
            let _turn = tenant.settings_lock.lock().await;
            let Self { store, settings: current, logs, files, world, .. } = &*tenant;
            let old = current.load_full();
            let new = settings::update(store, current, logs, files, world, &asked, &tenant.regime).await?;
            tenant.mail.configure(&new);
            if new.rate_limits != old.rate_limits {
                tenant.rates.clear();
            }
            if new.sync != old.sync {
                tenant.sync_bell.notify_one();
            }
            Ok(new)
        };
        self.tasks.to_its_end(change).await
    }

    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.load_full()
    }
}
