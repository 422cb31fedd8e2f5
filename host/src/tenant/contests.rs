//! Collections that writes race for. A before-hook that reads a collection has to be called again when somebody has written there
//! meanwhile; where many do so at once each commit sends all others back, and most would give up after their tries. So whoever has lost a race
//! takes a turn, and as long as there are such turns those who come take one too. Where nobody loses, nobody waits.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// How long a turn is waited for. Those who wait for each other go on without: a turn saves tries, and it is the guards of a write
/// that make it right.
const PATIENCE: Duration = Duration::from_secs(5);

/// The collections, by their ids, that somebody has a turn for or waits for one.
#[derive(Debug, Default)]
pub struct Contests(Mutex<HashMap<String, Weak<Turn<()>>>>);

/// Turns of one write; given back when they are dropped.
pub type Turns = Vec<OwnedMutexGuard<()>>;

impl Contests {
    /// Turns for all of the collections, of whoever has lost a race there.
    pub async fn enter(&self, collections: &[String]) -> Turns {
        let open = |known: &mut HashMap<String, Weak<Turn<()>>>, name: &String| {
            let turn = known.get(name).and_then(Weak::upgrade).unwrap_or_default();
            known.insert(name.clone(), Arc::downgrade(&turn));
            Some(turn)
        };
        self.wait(collections, open).await
    }

    /// Turns for those of the collections that others have lost a race for: of whoever begins.
    pub async fn join(&self, collections: &[String]) -> Turns {
        self.wait(collections, |known, name| known.get(name).and_then(Weak::upgrade)).await
    }

    async fn wait(
        &self,
        collections: &[String],
        find: impl Fn(&mut HashMap<String, Weak<Turn<()>>>, &String) -> Option<Arc<Turn<()>>>,
    ) -> Turns {
        let found: Vec<_> = {
            let mut known = self.0.lock();
            if !known.is_empty() {
                known.retain(|_, turn| turn.strong_count() > 0);
            }
            // In one order for everybody.
            let mut names: Vec<_> = collections.iter().collect();
            names.sort_unstable();
            names.dedup();
            names.into_iter().filter_map(|name| find(&mut known, name)).collect()
        };
        let mut turns = Vec::with_capacity(found.len());
        for turn in found {
            turns.extend(tokio::time::timeout(PATIENCE, turn.lock_owned()).await.ok());
        }
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::poll;
    use std::pin::pin;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn who_comes_waits_only_where_somebody_has_lost() {
        let contests = Contests::default();
        assert!(contests.join(&names(&["a", "b"])).await.is_empty(), "nobody has");
        let first = contests.enter(&names(&["b", "a", "b"])).await;
        assert_eq!(first.len(), 2);
        assert!(contests.join(&names(&["c"])).await.is_empty());
        let collections = names(&["a", "c"]);
        let mut second = pin!(contests.join(&collections));
        assert!(poll!(second.as_mut()).is_pending());
        let mut third = pin!(contests.enter(&collections));
        assert!(poll!(third.as_mut()).is_pending());
        drop(first);
        let second = second.await;
        assert_eq!(second.len(), 1, "`c` is nobody's");
        assert!(poll!(third.as_mut()).is_pending(), "one after the other");
        drop(second);
        assert_eq!(third.await.len(), 2);
        assert!(contests.join(&collections).await.is_empty() && contests.0.lock().is_empty(), "and it is forgotten");
    }
}
