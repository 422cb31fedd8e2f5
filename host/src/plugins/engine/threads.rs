//! A fixed pool of threads and the bounded line in front of it, shared fairly between lanes.
//!
//! A lane is a tenant. The next job is taken from the lane that has used least so far, in the unit that jobs answer
//! (fuel), with the time that they held a thread: a tenant whose hooks are dear waits longer, one with a storm of calls
//! does not push the others aside. Nor does a lane get the last free thread while there are others, since a call that
//! comes then should not wait for one that takes a minute; those that have had nothing to do for a while are forgotten.

use crate::error::{Error, Result};
use crate::plugins::limits::{queue, store};
use crate::tasks;
use parking_lot::{Condvar, Mutex};
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// What a job is taken to cost until it has answered, so that a lane is not given all threads at once.
const ADVANCE: u64 = 100_000;

/// What a thread that is held for a millisecond costs besides, in units of fuel: guests that wait in the host burn none,
/// but threads are as scarce as processors. Ten times what a guest burns at least that spins.
const HELD_FUEL_PER_MS: u64 = 200_000;

type Job = Box<dyn FnOnce() -> u64 + Send>;

/// The pool; its threads end when it is dropped and the line is empty.
pub(super) struct Threads {
    shared: Arc<Shared>,
    count: usize,
}

#[derive(Default)]
struct Shared {
    line: Mutex<Line>,
    wake: Condvar,
}

#[derive(Default)]
struct Line {
    threads: usize,
    lanes: HashMap<Arc<str>, Lane>,
    /// The lanes with jobs, by what they have used.
    ready: BTreeSet<(u64, Arc<str>)>,
    waiting: usize,
    busy: usize,
    idle: usize,
    ended: bool,
    /// When idle lanes were forgotten last.
    swept: Option<Instant>,
    /// The least that a lane with jobs had used when one was served last: one that comes back does not get credit for
    /// its absence.
    level: u64,
}

#[derive(Default)]
struct Lane {
    used: u64,
    jobs: VecDeque<Job>,
    running: usize,
    /// When its last job was done, if it has none.
    idle_since: Option<Instant>,
}

impl Threads {
    pub(super) fn start(name: &str, count: usize) -> Result<Self> {
        let count = count.max(1);
        let shared = Arc::new(Shared::of(count));
        for number in 0..count {
            let theirs = shared.clone();
            tasks::thread_of(format!("{name}-{number}"), store::THREAD_STACK_BYTES, move || theirs.work())
                .map_err(|error| Error::internal("start the threads for plugins", error))?;
        }
        Ok(Self { shared, count })
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        lane: &Arc<str>,
        job: impl FnOnce() -> (T, u64) + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        self.shared.push(
            lane,
            Box::new(move || {
                if reply.is_closed() {
                    return 0;
                }
                let (result, used) = job();
                // Whoever asked may have gone away meanwhile.
                let _ = reply.send(result);
                used
            }),
        )?;
        answer.await.map_err(|_| Error::internal("a plugin's thread", "the job panicked"))
    }

    pub(super) fn load(&self) -> usize {
        let line = self.shared.line.lock();
        line.waiting + line.busy
    }

    pub(super) fn waiting(&self) -> usize {
        self.shared.line.lock().waiting
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.line.lock().ended = true;
        self.shared.wake.notify_all();
    }
}

impl Shared {
    fn of(threads: usize) -> Self {
        Self { line: Mutex::new(Line { threads, ..Line::default() }), wake: Condvar::new() }
    }

    fn push(&self, name: &Arc<str>, job: Job) -> Result<()> {
        let mut line = self.line.lock();
        if line.waiting >= queue::WAITING {
            return Err(crowded());
        }
        let line = &mut *line;
        let found = line.lanes.entry(name.clone()).or_default();
        if found.jobs.len() >= queue::WAITING_IN_LANE {
            return Err(crowded());
        }
        found.idle_since = None;
        found.jobs.push_back(job);
        if found.jobs.len() == 1 {
            found.used = found.used.max(line.level);
            line.ready.insert((found.used, name.clone()));
        }
        line.waiting += 1;
        if line.idle > 0 {
            self.wake.notify_one();
        }
        Ok(())
    }

    fn work(&self) {
        wasmtime::Engine::tls_eager_initialize();
        while let Some((lane, job)) = self.next() {
            let start = Instant::now();
            // A panic of the host's own must not cost the pool a thread; the caller hears that its answer is lost.
            let used = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
                tracing::error!("a call of a plugin panicked on the host's side");
                ADVANCE
            });
            let mut line = self.line.lock();
            let now = Instant::now();
            line.settle(&lane, cost(used, now.saturating_duration_since(start)), now);
            // This thread takes one job; a lane that was held back may have more.
            if line.waiting > 1 && line.idle > 0 {
                self.wake.notify_one();
            }
        }
    }

    fn next(&self) -> Option<(Arc<str>, Job)> {
        let mut line = self.line.lock();
        loop {
            if let Some(found) = line.take(Instant::now()) {
                return Some(found);
            }
            if line.ended {
                return None;
            }
            line.idle += 1;
            if line.waiting > 0 {
                // Held back for others; who may be forgotten before anything else happens.
                let _ = self.wake.wait_for(&mut line, queue::LANES_SWEPT);
            } else {
                self.wake.wait(&mut line);
            }
            line.idle -= 1;
        }
    }
}

/// What a job is held to have used.
fn cost(fuel: u64, held: Duration) -> u64 {
    let held = held.as_micros().saturating_mul(u128::from(HELD_FUEL_PER_MS)) / 1_000;
    fuel.saturating_add(u64::try_from(held).unwrap_or(u64::MAX))
}

fn crowded() -> Error {
    Error::Unavailable("Too many calls of plugins are waiting.".into())
}

impl Line {
    fn take(&mut self, now: Instant) -> Option<(Arc<str>, Job)> {
        self.sweep(now);
        let most = self.threads_of_one();
        let has_room = |(_, name): &&(u64, Arc<str>)| self.lanes.get(name).is_some_and(|lane| lane.running < most);
        let first = self.ready.iter().find(has_room)?.clone();
        self.level = self.ready.first().map_or(self.level, |(used, _)| *used);
        self.ready.remove(&first);
        let (_, name) = first;
        let lane = self.lanes.get_mut(&name)?;
        let job = lane.jobs.pop_front()?;
        lane.running += 1;
        lane.used = lane.used.saturating_add(ADVANCE);
        if !lane.jobs.is_empty() {
            self.ready.insert((lane.used, name.clone()));
        }
        self.waiting -= 1;
        self.busy += 1;
        Some((name, job))
    }

    /// Forgets, now and then, the lanes that have had nothing to do for a while.
    fn sweep(&mut self, now: Instant) {
        if self.swept.is_some_and(|swept| now.saturating_duration_since(swept) < queue::LANES_SWEPT) {
            return;
        }
        self.swept = Some(now);
        self.lanes.retain(|_, lane| {
            lane.idle_since.is_none_or(|since| now.saturating_duration_since(since) < queue::LANE_KEPT_FOR)
        });
    }

    /// Threads that one lane may have: all, or all but one when there are lanes besides, with jobs or remembered.
    fn threads_of_one(&self) -> usize {
        if self.threads > 1 && self.lanes.len() > 1 { self.threads - 1 } else { usize::MAX }
    }

    /// Replaces the advance by what was used; forgets a lane that has nothing left.
    fn settle(&mut self, name: &Arc<str>, used: u64, now: Instant) {
        self.busy -= 1;
        let Some(lane) = self.lanes.get_mut(name) else { return };
        lane.running -= 1;
        let listed = !lane.jobs.is_empty() && self.ready.remove(&(lane.used, name.clone()));
        lane.used = lane.used.saturating_sub(ADVANCE).saturating_add(used);
        if listed {
            self.ready.insert((lane.used, name.clone()));
        } else if lane.running == 0 && lane.jobs.is_empty() {
            lane.idle_since = Some(now);
            if lane.used <= self.level {
                self.lanes.remove(name);
            }
        }
        if self.lanes.len() > queue::LANES_KEPT && self.busy == 0 && self.waiting == 0 {
            self.lanes.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn lane(name: &str) -> Arc<str> {
        name.into()
    }

    #[test]
    fn a_dear_lane_waits_for_a_cheap_one() {
        let shared = Shared::default();
        for _ in 0..3 {
            shared.push(&lane("storm"), Box::new(|| 0)).unwrap();
        }
        let (first, _) = shared.line.lock().take(Instant::now()).unwrap();
        shared.line.lock().settle(&first, 5_000_000, Instant::now());
        shared.push(&lane("calm"), Box::new(|| 0)).unwrap();
        let mut order = Vec::new();
        let mut line = shared.line.lock();
        while let Some((name, _)) = line.take(Instant::now()) {
            order.push(name.to_string());
        }
        assert_eq!(order, ["calm", "storm", "storm"]);
        assert_eq!((line.waiting, line.busy), (0, 3));
    }

    #[test]
    fn absence_earns_no_credit() {
        let shared = Shared::default();
        shared.push(&lane("a"), Box::new(|| 0)).unwrap();
        for _ in 0..10 {
            let (name, _) = shared.line.lock().take(Instant::now()).unwrap();
            shared.push(&lane("a"), Box::new(|| 0)).unwrap();
            shared.line.lock().settle(&name, 1_000_000, Instant::now());
        }
        shared.push(&lane("late"), Box::new(|| 0)).unwrap();
        let line = shared.line.lock();
        assert!(line.lanes[&lane("late")].used >= line.level);
    }

    #[test]
    fn a_full_line_refuses() {
        let shared = Shared::default();
        for _ in 0..queue::WAITING_IN_LANE {
            shared.push(&lane("a"), Box::new(|| 0)).unwrap();
        }
        assert!(matches!(shared.push(&lane("a"), Box::new(|| 0)), Err(Error::Unavailable(_))));
        shared.push(&lane("b"), Box::new(|| 0)).unwrap();
    }

    /// The lanes that are served one after the other while no job ends.
    fn served(shared: &Shared) -> Vec<String> {
        let mut line = shared.line.lock();
        std::iter::from_fn(|| line.take(Instant::now())).map(|(name, _)| name.to_string()).collect()
    }

    #[test]
    fn a_lane_leaves_a_thread_to_the_others() {
        let shared = Shared::of(3);
        for _ in 0..4 {
            shared.push(&lane("waiter"), Box::new(|| 0)).unwrap();
        }
        shared.push(&lane("other"), Box::new(|| 0)).unwrap();
        let mut first = served(&shared);
        first.sort();
        assert_eq!(first, ["other", "waiter", "waiter"]);
        shared.line.lock().settle(&lane("other"), cost(0, Duration::from_millis(1)), Instant::now());
        assert!(served(&shared).is_empty(), "the third is kept for whoever comes");
        shared.push(&lane("late"), Box::new(|| 0)).unwrap();
        assert_eq!(served(&shared), ["late"]);
        shared.line.lock().settle(&lane("waiter"), 0, Instant::now());
        assert_eq!(served(&shared), ["waiter"]);
    }

    #[test]
    fn a_lane_that_has_long_been_idle_is_forgotten() {
        let (shared, begun) = (Shared::of(2), Instant::now());
        for name in ["a", "b"] {
            shared.push(&lane(name), Box::new(|| 0)).unwrap();
        }
        let mut line = shared.line.lock();
        for _ in 0..2 {
            let (name, _) = line.take(begun).unwrap();
            line.settle(&name, 1_000_000, begun);
        }
        assert_eq!(line.lanes.len(), 2);
        drop(line);
        let soon = begun + queue::LANE_KEPT_FOR / 2;
        for _ in 0..3 {
            shared.push(&lane("a"), Box::new(|| 0)).unwrap();
        }
        let mut line = shared.line.lock();
        assert!(line.take(soon).is_some() && line.take(soon).is_none(), "one thread is kept for the other");
        let later = begun + queue::LANE_KEPT_FOR;
        assert!(line.take(later).is_some(), "which does not come back");
        assert_eq!(line.lanes.len(), 1);
        for _ in 0..2 {
            line.settle(&lane("a"), 0, later);
        }
        assert!(line.lanes[&lane("a")].idle_since.is_none(), "it has a job left");
    }

    #[test]
    fn a_lane_alone_or_a_thread_alone_knows_no_such_rule() {
        for (threads, others) in [(2, false), (1, true)] {
            let shared = Shared::of(threads);
            for _ in 0..2 {
                shared.push(&lane("a"), Box::new(|| 0)).unwrap();
            }
            if others {
                shared.line.lock().lanes.insert(lane("b"), Lane::default());
            }
            assert_eq!(served(&shared), ["a", "a"]);
        }
    }

    #[test]
    fn a_lane_that_waits_pays_for_its_thread() {
        assert_eq!(cost(7, Duration::ZERO), 7);
        assert_eq!(cost(7, Duration::from_micros(500)), 7 + HELD_FUEL_PER_MS / 2);
        assert_eq!(cost(u64::MAX, Duration::MAX), u64::MAX);
        let shared = Shared::default();
        for _ in 0..2 {
            shared.push(&lane("waiter"), Box::new(|| 0)).unwrap();
        }
        let (first, _) = shared.line.lock().take(Instant::now()).unwrap();
        shared.line.lock().settle(&first, cost(0, Duration::from_mins(1)), Instant::now());
        for _ in 0..2 {
            shared.push(&lane("worker"), Box::new(|| 0)).unwrap();
            let (name, _) = shared.line.lock().take(Instant::now()).unwrap();
            assert_eq!(&*name, "worker");
            shared.line.lock().settle(&name, 1_000_000_000, Instant::now());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_job_nobody_waits_for_is_not_begun() {
        let threads = Threads::start("test", 1).unwrap();
        let (release, gate) = mpsc::channel::<()>();
        let (begun, seen) = mpsc::channel();
        let lane = lane("a");
        let blocker = threads.run(&lane, move || (gate.recv().is_ok(), 0));
        let abandoned = threads.run(&lane, move || (begun.send(()).is_ok(), 0));
        let mut blocker = std::pin::pin!(blocker);
        assert!(futures_util::poll!(blocker.as_mut()).is_pending());
        {
            let mut abandoned = std::pin::pin!(abandoned);
            assert!(futures_util::poll!(abandoned.as_mut()).is_pending());
        }
        release.send(()).unwrap();
        assert!(blocker.await.unwrap());
        assert_eq!(threads.run(&lane, || (1, 0)).await.unwrap(), 1);
        assert!(seen.try_recv().is_err());
    }
}
