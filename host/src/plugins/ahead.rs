//! Machine code before anybody calls it: once a tenant opens, and whenever its rows change, what may be called by now is loaded in the
//! background, so that a first call is as short as the ones after it.
//!
//! Small plugins come first: so most are there soonest, and one that is large leaves the others their room. There is room for
//! [`store::AHEAD_BYTES`] of code in a process, for all tenants together; what does not fit is loaded when it is called. One
//! plugin is loaded at a time, whatever the number of tenants: requests keep the other processors.

use super::Plugins;
use super::instance::Ready;
use super::limits::store;
use super::registry::{Plugin, Table};
use crate::error::Error;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};

/// The code that is in memory, by the hash of its component: versions that have the same component share it.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Weak<Ready>>>);

impl Shelf {
    pub(super) fn get(&self, sha256: &str) -> Option<Arc<Ready>> {
        self.0.lock().get(sha256).and_then(Weak::upgrade)
    }

    /// Remembers it for as long as somebody has it.
    pub(super) fn put(&self, sha256: &str, ready: &Arc<Ready>) {
        let mut known = self.0.lock();
        known.retain(|_, ready| ready.strong_count() > 0);
        known.insert(sha256.to_owned(), Arc::downgrade(ready));
    }
}

/// Why something is not loaded ahead.
enum Left {
    /// Nobody may call it any more, or there is no room.
    Alone,
    Broken(Error),
}

impl Plugins {
    /// Loads ahead from now on, until the tenant closes.
    pub(super) fn keep_ahead(self: &Arc<Self>) {
        if self.engine.is_off() {
            return;
        }
        let (me, changed) = (self.me.clone(), self.changed.clone());
        self.tasks.spawn_until_stop(async move {
            while let Some(plugins) = me.upgrade() {
                plugins.load_ahead().await;
                drop(plugins);
                changed.notified().await;
            }
        });
    }

    /// Loads what may be called and is not there. What is next is asked anew each time: others change the rows meanwhile.
    async fn load_ahead(&self) {
        let mut tried = HashSet::new();
        while let Some(plugin) = next_of(&self.table.load(), &tried) {
            tried.insert(key(&plugin));
            let _turn = self.engine.turn_ahead().await;
            if !self.is_callable(&plugin) {
                continue;
            }
            let state = &plugin.version.state;
            // A call that comes now waits for this, as this waits for one that was faster.
            match state.ready.get_or_try_init(|| self.code_ahead(&plugin)).await {
                Ok(ready) => state.lend(ready.clone()).await,
                Err(Left::Alone) => {}
                Err(Left::Broken(error)) => {
                    tracing::error!(plugin = &*plugin.name, ?error, "a plugin cannot be loaded");
                    state.blame(&error);
                }
            }
        }
    }

    fn is_callable(&self, plugin: &Plugin) -> bool {
        self.table.load().callable().iter().any(|other| Arc::ptr_eq(&other.version.state, &plugin.version.state))
    }

    /// The code of a plugin, if there is room for it. Machine code that is missing is made in any case, which is what takes long.
    async fn code_ahead(&self, plugin: &Plugin) -> Result<Arc<Ready>, Left> {
        let sha256 = &plugin.version.sha256;
        let bytes = match self.artifacts.code_bytes(&self.engine, sha256) {
            Some(bytes) => bytes,
            None => self.compile(sha256).await.map_err(Left::Broken)?.len() as u64,
        };
        if self.shelf.get(sha256).is_none() && !has_room(self.engine.code_bytes(), bytes) {
            tracing::info!(plugin = &*plugin.name, bytes, "no room to load a plugin ahead: its first call loads it");
            return Err(Left::Alone);
        }
        let ready = self.load(sha256).await.map_err(Left::Broken)?;
        // Dropped again when it was switched off or deleted meanwhile.
        if self.is_callable(plugin) { Ok(ready) } else { Err(Left::Alone) }
    }
}

/// The smallest of what may be called, is not loaded, and was not tried yet; what was found broken is for its calls to try again.
fn next_of(table: &Table, tried: &HashSet<(Arc<str>, i64)>) -> Option<Arc<Plugin>> {
    let is_wanted = |plugin: &Plugin| {
        let state = &plugin.version.state;
        !state.ready.initialized() && state.fault().is_none() && !tried.contains(&key(plugin))
    };
    let wanted = table.callable().into_iter().filter(|plugin| is_wanted(plugin));
    wanted.min_by_key(|plugin| (plugin.version.size, key(plugin))).cloned()
}

/// Whether more code may be loaded ahead, beside what is in memory.
fn has_room(held: u64, bytes: u64) -> bool {
    held.saturating_add(bytes) <= store::AHEAD_BYTES
}

/// A version.
fn key(plugin: &Plugin) -> (Arc<str>, i64) {
    (plugin.id.clone(), plugin.version.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::registry::tests::{attachment, plugin};
    use crate::plugins::registry::{Canary, Version};

    fn sized(id: &str, size: i64) -> Plugin {
        let made = plugin(id, id != "disabled", &["before-create"]);
        let version = Arc::into_inner(made.version).unwrap();
        Plugin { version: Arc::new(Version { size, ..version }), ..made }
    }

    #[test]
    fn what_may_be_called_is_loaded_and_the_small_ones_first() {
        let canary = Canary::new(Arc::new(Plugin { id: "large".into(), ..sized("canary", 2) }), 10);
        let large = Plugin { canary: Some(canary), ..sized("large", 3) };
        let plugins = [sized("small", 1), sized("disabled", 0), sized("waiting", 0), sized("idle", 0), sized("off", 0)];
        let attached = ["large", "small", "disabled", "waiting"].map(|id| attachment(id, id, 1, true));
        let off = attachment("off", "off", 1, false);
        let table =
            Table::new(plugins.into_iter().chain([large]).collect(), attached.into_iter().chain([off]).collect());
        let (mut tried, mut found) = (HashSet::new(), Vec::new());
        while let Some(next) = next_of(&table, &tried) {
            found.push(next.version.size);
            // Its canary has the same number here.
            tried.insert((next.id.clone(), next.version.number));
            if next.version.size == 2 {
                break;
            }
        }
        assert_eq!(found, [1, 2]);
        let state = &table.plugin("small").unwrap().version.state;
        state.blame(&Error::internal("load a plugin", "lost"));
        assert_eq!(next_of(&table, &HashSet::new()).unwrap().version.size, 2, "what is broken is left to its calls");
    }

    #[test]
    fn there_is_room_up_to_the_limit_and_not_beyond() {
        let most = store::AHEAD_BYTES;
        assert!(has_room(0, most) && has_room(most - 1, 1) && !has_room(most, 1) && !has_room(1, u64::MAX));
    }

    #[test]
    fn code_is_known_for_as_long_as_somebody_has_it() {
        let engine = crate::plugins::Engine::new(&crate::plugins::EngineConfig::new(1)).unwrap();
        let component = wasmtime::component::Component::new(engine.wasm(), b"\0asm\x0d\0\x01\0").unwrap();
        let (shelf, ready) = (Shelf::default(), Arc::new(engine.ready(&component).unwrap()));
        shelf.put("a", &ready);
        assert!(shelf.get("a").is_some() && shelf.get("b").is_none() && engine.code_bytes() > 0);
        drop(ready);
        assert!(shelf.get("a").is_none());
        assert_eq!(engine.code_bytes(), 0);
    }
}
