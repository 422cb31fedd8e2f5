//! Turns of routes: how many requests the plugins of a tenant answer at the same time, or have waiting. A slow route is
//! refused more calls before it keeps those of other plugins waiting for long; and it does not hold all threads, so that
//! the others go on beside it.

use super::limits::web;
use crate::error::{Error, Result};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What each plugin has, by id. One that has nothing is not in the table.
#[derive(Debug)]
pub(super) struct Turns {
    /// Threads that the routes of one plugin may hold.
    threads: usize,
    held: Mutex<HashMap<Arc<str>, Held>>,
}

#[derive(Debug)]
struct Held {
    turns: usize,
    threads: Arc<Semaphore>,
}

/// The right to one call; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    plugin: Arc<str>,
    threads: Arc<Semaphore>,
    thread: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// With so many threads for the routes of all plugins.
    pub(super) fn new(threads: usize) -> Self {
        Self { threads: (threads / web::PART_OF_THREADS).max(1), held: Mutex::default() }
    }

    /// A turn for a plugin.
    ///
    /// # Errors
    /// `Unavailable` when it has `most` of them, or the tenant all that it may have.
    pub(super) fn take(self: &Arc<Self>, plugin: &Arc<str>, most: usize) -> Result<Turn> {
        let mut held = self.held.lock();
        let own = held.get(plugin).map_or(0, |held| held.turns);
        if own >= most || held.values().map(|held| held.turns).sum::<usize>() >= web::CALLS_OF_TENANT {
            return Err(Error::Unavailable("Too many requests wait for this plugin. Please try again.".into()));
        }
        let fresh = || Held { turns: 0, threads: Arc::new(Semaphore::new(self.threads)) };
        let own = held.entry(plugin.clone()).or_insert_with(fresh);
        own.turns += 1;
        Ok(Turn { turns: self.clone(), plugin: plugin.clone(), threads: own.threads.clone(), thread: None })
    }
}

impl Turn {
    /// Waits until the plugin may have another thread, first come, first served.
    pub(super) async fn with_thread(mut self) -> Self {
        // It is never closed.
        self.thread = self.threads.clone().acquire_owned().await.ok();
        self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Before the plugin may be forgotten, and with it what its threads are counted by.
        drop(self.thread.take());
        let mut held = self.turns.held.lock();
        match held.get_mut(&self.plugin) {
            Some(own) if own.turns > 1 => own.turns -= 1,
            _ => drop(held.remove(&self.plugin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn a_plugin_has_its_turns_and_a_tenant_too() {
        let turns = Arc::new(Turns::new(2));
        let take = |plugin: &str, count: usize| -> Result<Vec<Turn>> {
            (0..count).map(|_| turns.take(&plugin.into(), web::CALLS_OF_PLUGIN)).collect()
        };
        let mut slow = take("slow", web::CALLS_OF_PLUGIN).unwrap();
        assert!(matches!(take("slow", 1), Err(Error::Unavailable(_))));
        let rest = take("other", web::CALLS_OF_TENANT - web::CALLS_OF_PLUGIN).unwrap();
        assert!(matches!(take("third", 1), Err(Error::Unavailable(_))));
        slow.pop();
        take("third", 1).unwrap();
        let third = turns.take(&"third".into(), 2).unwrap();
        assert!(matches!(turns.take(&"third".into(), 1), Err(Error::Unavailable(_))), "it may have fewer");
        drop((slow, rest, third));
        assert!(turns.held.lock().is_empty(), "who has nothing is forgotten");
    }

    #[test]
    fn a_plugin_holds_half_of_the_threads_and_at_least_one() {
        for (threads, half) in [(1, 1), (2, 1), (3, 1), (8, 4)] {
            let turns = Arc::new(Turns::new(threads));
            let take = |plugin: &str| turns.take(&plugin.into(), web::CALLS_OF_PLUGIN).unwrap().with_thread();
            let mut held: Vec<Turn> = (0..half).map(|_| take("slow").now_or_never().unwrap()).collect();
            let mut waiting = Box::pin(take("slow"));
            assert!(waiting.as_mut().now_or_never().is_none(), "{threads}");
            assert!(take("other").now_or_never().is_some(), "{threads}");
            held.pop();
            assert!(waiting.now_or_never().is_some(), "{threads}");
        }
    }
}
