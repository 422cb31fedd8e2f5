//! Collections that writes race for. A before-hook that reads a collection has to be called again when somebody has written there
//! meanwhile; where many do so at once each commit sends all others back, and most would give up after their tries. So those who have lost a race
//! take turns, and those who come wait until they are through. Where nobody loses, nobody waits.
//!
//! Only who has lost keeps a contest going: those who come hold nothing, so that they cannot make others wait.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Mutex as Turn, OwnedMutexGuard, watch};
use tokio::time::{Instant, timeout_at};

/// How long whoever has lost waits for all of its turns. Those who wait for each other go on without: a turn saves tries, and it is the
/// guards of a write that make it right.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long those who come wait: what has taken longer by then has hooks that are slow, and would hold up everybody.
const PATIENCE_BEFORE: Duration = Duration::from_millis(500);

/// Of those who have lost a race for a collection; it ends with the last of them.
#[derive(Debug, Default)]
struct Contest {
    turn: Arc<Turn<()>>,
    /// Closed at the end.
    end: watch::Sender<()>,
}

/// The collections, by their ids, that somebody has a turn for or waits for one.
#[derive(Debug, Default)]
pub struct Contests(Mutex<HashMap<String, Weak<Contest>>>);

/// A turn, given back when it is dropped; the contest ends with the last one.
#[derive(Debug)]
pub struct Held {
    _turn: OwnedMutexGuard<()>,
    _contest: Arc<Contest>,
}

impl Contests {
    /// Turns for all of the collections, of whoever has lost a race there; none where that takes too long.
    pub async fn enter(&self, collections: &[String]) -> Vec<Held> {
        let mut names: Vec<_> = collections.iter().collect();
        // In one order for everybody.
        names.sort_unstable();
        names.dedup();
        let found: Vec<_> = {
            let mut known = self.0.lock();
            known.retain(|_, contest| contest.strong_count() > 0);
            let open = |name: &String| {
                let contest = known.get(name).and_then(Weak::upgrade).unwrap_or_default();
                known.insert(name.clone(), Arc::downgrade(&contest));
                contest
            };
            names.into_iter().map(open).collect()
        };
        let deadline = Instant::now() + PATIENCE;
        let mut turns = Vec::with_capacity(found.len());
        for contest in found {
            let Ok(turn) = timeout_at(deadline, contest.turn.clone().lock_owned()).await else { return Vec::new() };
            turns.push(Held { _turn: turn, _contest: contest });
        }
        turns
    }

    /// Waits until those are through who have lost a race for one of the collections, or for a while.
    pub async fn pass(&self, collections: &[String]) {
        let ends: Vec<_> = {
            let known = self.0.lock();
            let end = |name: &String| Some(known.get(name)?.upgrade()?.end.subscribe());
            if known.is_empty() { Vec::new() } else { collections.iter().filter_map(end).collect() }
        };
        let deadline = Instant::now() + PATIENCE_BEFORE;
        for mut end in ends {
            // That it is closed is what is waited for.
            let _ = timeout_at(deadline, end.changed()).await;
        }
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
    async fn those_who_have_lost_take_turns_and_those_who_come_wait_for_their_end() {
        let contests = Contests::default();
        contests.pass(&names(&["a", "b"])).await;
        let first = contests.enter(&names(&["b", "a", "b"])).await;
        assert_eq!(first.len(), 2);
        contests.pass(&names(&["c"])).await;
        let collections = names(&["a", "c"]);
        let mut second = pin!(contests.enter(&collections));
        assert!(poll!(second.as_mut()).is_pending(), "one after the other");
        let (of_a, of_b) = (names(&["a"]), names(&["b"]));
        let mut before_a = pin!(contests.pass(&of_a));
        let mut before_b = pin!(contests.pass(&of_b));
        assert!(poll!(before_a.as_mut()).is_pending() && poll!(before_b.as_mut()).is_pending());
        drop(first);
        assert!(poll!(before_b.as_mut()).is_ready(), "its contest has ended");
        let second = second.await;
        assert!(second.len() == 2 && poll!(before_a.as_mut()).is_pending());
        drop(second);
        assert!(poll!(before_a.as_mut()).is_ready());
        assert!(contests.0.lock().values().all(|contest| contest.strong_count() == 0), "nobody keeps one going");
    }
}
