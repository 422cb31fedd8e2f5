//! Turns of routes: how many requests the plugins of a tenant answer at the same time, or have waiting. A slow route is
//! refused more calls before it keeps those of other plugins waiting for long.

use super::limits::web;
use crate::error::{Error, Result};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// What each plugin has, by id. One that has nothing is not in the table.
#[derive(Debug, Default)]
pub(super) struct Turns {
    held: Mutex<HashMap<Arc<str>, usize>>,
}

/// The right to one call; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    plugin: Arc<str>,
}

impl Turns {
    /// A turn for a plugin.
    ///
    /// # Errors
    /// `Unavailable` when it, or the tenant, has all that it may have.
    pub(super) fn take(self: &Arc<Self>, plugin: &Arc<str>) -> Result<Turn> {
        let mut held = self.held.lock();
        let own = held.get(plugin).copied().unwrap_or_default();
        if own >= web::CALLS_OF_PLUGIN || held.values().sum::<usize>() >= web::CALLS_OF_TENANT {
            return Err(Error::Unavailable("Too many requests wait for this plugin. Please try again.".into()));
        }
        held.insert(plugin.clone(), own + 1);
        Ok(Turn { turns: self.clone(), plugin: plugin.clone() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut held = self.turns.held.lock();
        match held.get_mut(&self.plugin) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(&self.plugin)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_has_its_turns_and_a_tenant_too() {
        let turns = Arc::new(Turns::default());
        let take = |plugin: &str, count: usize| -> Result<Vec<Turn>> {
            (0..count).map(|_| turns.take(&plugin.into())).collect()
        };
        let mut slow = take("slow", web::CALLS_OF_PLUGIN).unwrap();
        assert!(matches!(take("slow", 1), Err(Error::Unavailable(_))));
        let rest = take("other", web::CALLS_OF_TENANT - web::CALLS_OF_PLUGIN).unwrap();
        assert!(matches!(take("third", 1), Err(Error::Unavailable(_))));
        slow.pop();
        take("third", 1).unwrap();
        drop((slow, rest));
        assert!(turns.held.lock().is_empty(), "who has nothing is forgotten");
    }
}
