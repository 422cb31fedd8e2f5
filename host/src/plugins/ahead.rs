//! Machine code before anybody calls it: once a tenant opens, and whenever its rows change, what may be called by now is loaded in the
//! background, so that a first call is as short as the ones after it.
//!
//! Small plugins come first: so most are there soonest, and one that is large leaves the others their room. There is room for
//! [`store::AHEAD_BYTES`] of code in a process, for all tenants together; what does not fit is loaded when it is called. One
//! plugin is loaded at a time, whatever the number of tenants: requests keep the other processors. What has to be compiled first is
//! not in that line meanwhile, since it may take minutes; the compiler has a line of its own.

use super::Plugins;
use super::instance::Ready;
use super::limits::store;
use super::registry::{Plugin, Table};
use crate::error::Error;
use futures_util::poll;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

/// How long to wait until what this machine had no room to compile is tried again.
const BUSY_PAUSE: Duration = Duration::from_secs(2);

/// The code that is in memory, by the hash of its component: versions that have the same component share it.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Weak<Ready>>>);

impl Shelf {
    pub(super) fn get(&self, sha256: &str) -> Option<Arc<Ready>> {
        self.0.lock().get(sha256).and_then(Weak::upgrade)
    }

    /// Remembers it for as long as somebody has it, unless there is the same already: that is the answer then.
    pub(super) fn put(&self, sha256: &str, ready: Arc<Ready>) -> Arc<Ready> {
        let mut known = self.0.lock();
        known.retain(|_, ready| ready.strong_count() > 0);
        if let Some(before) = known.get(sha256).and_then(Weak::upgrade) {
            return before;
        }
        known.insert(sha256.to_owned(), Arc::downgrade(&ready));
        ready
    }
}

/// Why something is not loaded ahead.
enum Left {
    /// Nobody may call it any more, or there is no room.
    Alone,
    /// There is no machine code that can be trusted.
    Uncompiled,
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
                let is_done = plugins.load_ahead().await;
                drop(plugins);
                if is_done {
                    changed.notified().await;
                } else {
                    let _ = tokio::time::timeout(BUSY_PAUSE, changed.notified()).await;
                }
            }
        });
    }

    /// Loads what may be called and is not there; answers whether nothing has to be tried again. What is next is asked anew each
    /// time: others change the rows meanwhile.
    async fn load_ahead(&self) -> bool {
        let (mut tried, mut is_done) = (HashSet::new(), true);
        loop {
            // Nobody's table is held while this waits and loads.
            let next = next_of(&self.table.load(), &tried);
            let Some(plugin) = next else { return is_done };
            tried.insert(key(&plugin));
            match self.load_one_ahead(&plugin).await {
                Ok(()) | Err(Left::Alone | Left::Uncompiled) => {}
                Err(Left::Broken(error @ Error::Unavailable(_))) => {
                    tracing::warn!(plugin = &*plugin.name, ?error, "a plugin cannot be loaded now, trying again");
                    is_done = false;
                }
                Err(Left::Broken(error)) => {
                    tracing::error!(plugin = &*plugin.name, ?error, "a plugin cannot be loaded");
                    plugin.version.state.blame(&error);
                }
            }
        }
    }

    fn is_callable(&self, plugin: &Plugin) -> bool {
        self.table.load().callable().iter().any(|other| Arc::ptr_eq(&other.version.state, &plugin.version.state))
    }

    async fn load_one_ahead(&self, plugin: &Plugin) -> Result<(), Left> {
        match self.load_in_turn(plugin).await {
            Err(Left::Uncompiled) => {
                self.compile_ahead(plugin).await?;
                self.load_in_turn(plugin).await
            }
            done => done,
        }
    }

    /// Loads a plugin once it is its turn. A call that comes now waits for this, as this waits for one that was faster; that one may
    /// have to compile, so the turn is given up meanwhile.
    async fn load_in_turn(&self, plugin: &Plugin) -> Result<(), Left> {
        let turn = self.engine.turn_ahead().await;
        let (state, is_ours) = (&plugin.version.state, AtomicBool::new(false));
        let code = async || {
            is_ours.store(true, Ordering::Relaxed);
            self.code_ahead(plugin).await
        };
        let mut loading = pin!(state.ready.get_or_try_init(code));
        let loaded = match poll!(loading.as_mut()) {
            Poll::Ready(loaded) => loaded,
            Poll::Pending => {
                let _turn = is_ours.load(Ordering::Relaxed).then_some(turn);
                loading.await
            }
        };
        state.lend(loaded?.clone()).await;
        Ok(())
    }

    /// Makes the machine code of a plugin, whether there is room for it or not, since that is what takes long. A call that comes now
    /// waits for this, and then loads it.
    async fn compile_ahead(&self, plugin: &Plugin) -> Result<(), Left> {
        let compile = async || {
            self.compile(&plugin.version.sha256).await.map_err(Left::Broken)?;
            Err(Left::Uncompiled)
        };
        match plugin.version.state.ready.get_or_try_init(compile).await {
            Ok(_) | Err(Left::Uncompiled) => Ok(()),
            Err(left) => Err(left),
        }
    }

    /// The code of a plugin, if it is compiled and there is room for it.
    async fn code_ahead(&self, plugin: &Plugin) -> Result<Arc<Ready>, Left> {
        if !self.is_callable(plugin) {
            return Err(Left::Alone);
        }
        let sha256 = &plugin.version.sha256;
        let ready = match self.shelf.get(sha256) {
            Some(ready) => ready,
            None => self.code_with_room(plugin).await?,
        };
        // Dropped again when it was switched off or deleted meanwhile.
        if self.is_callable(plugin) { Ok(ready) } else { Err(Left::Alone) }
    }

    async fn code_with_room(&self, plugin: &Plugin) -> Result<Arc<Ready>, Left> {
        let sha256 = &plugin.version.sha256;
        let (engine, artifacts, name) = (self.engine.clone(), self.artifacts.clone(), sha256.clone());
        let bytes = self.in_background(move || artifacts.code_bytes(&engine, &name)).await;
        let bytes = bytes.map_err(Left::Broken)?.ok_or(Left::Uncompiled)?;
        if !has_room(self.engine.code_bytes(), bytes) {
            tracing::debug!(plugin = &*plugin.name, bytes, "no room to load a plugin ahead: its first call loads it");
            return Err(Left::Alone);
        }
        self.load_made(sha256).await.map_err(Left::Broken)?.ok_or(Left::Uncompiled)
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
        let ready = shelf.put("a", ready);
        assert!(shelf.get("a").is_some() && shelf.get("b").is_none() && engine.code_bytes() > 0);
        let again = shelf.put("a", Arc::new(engine.ready(&component).unwrap()));
        assert!(Arc::ptr_eq(&again, &ready), "what lives is not forgotten");
        drop((ready, again));
        assert!(shelf.get("a").is_none());
        assert_eq!(engine.code_bytes(), 0);
    }
}
