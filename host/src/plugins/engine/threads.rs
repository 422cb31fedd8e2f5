//! A fixed pool of threads and the bounded line in front of it, shared fairly between lanes.
//!
//! A lane is a tenant. The next job is taken from the lane that has used least so far, in the unit that jobs answer
//! (fuel), with the time that they held a thread: a tenant whose hooks are dear waits longer, one with a storm of calls
//! does not push the others aside. Nor does a lane get the last free thread while there are others, since a call that
//! comes then should not wait for one that takes a minute; those that have had nothing to do for a while are forgotten.
//!
//! A job that waits for another machine stands apart meanwhile ([`apart`]): it keeps its thread, and somebody else works
//! in its place. So there may be more threads than places to work at.

use crate::error::{Error, Result};
use crate::plugins::limits::{queue, store};
use crate::tasks;
use parking_lot::{Condvar, Mutex};
use std::cell::RefCell;
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

thread_local! {
    /// Where the job of this thread works, if it is one of a pool.
    static SEAT: RefCell<Option<(Arc<Shared>, Arc<str>)>> = const { RefCell::new(None) };
}

/// Waits for something that needs no processor. Whoever does so on the thread of a pool leaves their place to others until it is
/// over, and then waits for the next that is free.
pub(in crate::plugins) fn apart<T>(wait: impl FnOnce() -> T) -> T {
    let seat = SEAT.with_borrow(Clone::clone).map(Left::new);
    let result = wait();
    drop(seat);
    result
}

/// A place that was left; taken again when it is dropped, also by a panic.
struct Left(Arc<Shared>, Arc<str>);

impl Left {
    fn new((shared, lane): (Arc<Shared>, Arc<str>)) -> Self {
        shared.leave(&lane);
        Self(shared, lane)
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        self.0.come_back(&self.1);
    }
}

/// The pool; its threads end when it is dropped and the line is empty.
pub(super) struct Threads {
    shared: Arc<Shared>,
    count: usize,
}

struct Shared {
    line: Mutex<Line>,
    wake: Condvar,
    /// For those who come back.
    freed: Condvar,
}

#[derive(Default)]
struct Line {
    threads: usize,
    /// How many of them may work at the same time.
    places: usize,
    working: usize,
    /// Those who stood apart and wait for a place.
    returning: usize,
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
    /// Threads that it has.
    running: usize,
    /// Those that do not stand apart.
    working: usize,
    returning: usize,
    /// When its last job was done, if it has none.
    idle_since: Option<Instant>,
}

impl Threads {
    pub(super) fn start(name: &str, count: usize) -> Result<Self> {
        Self::with_more(name, count, 0)
    }

    /// With so many more threads than work at the same time: for those who stand apart.
    pub(super) fn with_more(name: &str, count: usize, more: usize) -> Result<Self> {
        let count = count.max(1);
        let shared = Arc::new(Shared::of(count, more));
        for number in 0..count + more {
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
    fn of(places: usize, more: usize) -> Self {
        let line = Line { threads: places.saturating_add(more), places, ..Line::default() };
        Self { line: Mutex::new(line), wake: Condvar::new(), freed: Condvar::new() }
    }

    fn leave(&self, lane: &Arc<str>) {
        let mut line = self.line.lock();
        line.stop(lane);
        self.invite(&line);
    }

    fn come_back(&self, lane: &Arc<str>) {
        let mut line = self.line.lock();
        line.return_by(lane, 1);
        while !line.may_work(lane) {
            self.freed.wait(&mut line);
        }
        line.return_by(lane, -1);
        line.go_on(lane);
    }

    /// Tells those who wait that a place is free. Who comes back is served before a new job is begun.
    fn invite(&self, line: &Line) {
        if line.returning > 0 {
            self.freed.notify_all();
        }
        if line.waiting > 0 && line.idle > 0 {
            self.wake.notify_one();
        }
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
        if line.idle > 0 && line.working < line.places {
            self.wake.notify_one();
        }
        Ok(())
    }

    fn work(self: &Arc<Self>) {
        wasmtime::Engine::tls_eager_initialize();
        while let Some((lane, job)) = self.next() {
            SEAT.set(Some((self.clone(), lane.clone())));
            let start = Instant::now();
            // A panic of the host's own must not cost the pool a thread; the caller hears that its answer is lost.
            let used = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
                tracing::error!("a call of a plugin panicked on the host's side");
                ADVANCE
            });
            SEAT.take();
            let mut line = self.line.lock();
            let now = Instant::now();
            line.settle(&lane, cost(used, now.saturating_duration_since(start)), now);
            if line.returning > 0 {
                self.freed.notify_all();
            }
            // This thread takes one job; a lane that was held back may have more.
            if line.waiting > 1 && line.idle > 0 && line.places > 1 {
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
        // Who comes back and may go on goes before.
        if self.returning > 0 && self.lanes.iter().any(|(name, lane)| lane.returning > 0 && self.may_work(name)) {
            return None;
        }
        let most = self.of_one(self.threads);
        let has_room = |(_, name): &&(u64, Arc<str>)| {
            self.lanes.get(name).is_some_and(|lane| lane.running < most) && self.may_work(name)
        };
        let first = self.ready.iter().find(has_room)?.clone();
        self.level = self.ready.first().map_or(self.level, |(used, _)| *used);
        self.ready.remove(&first);
        let (_, name) = first;
        let lane = self.lanes.get_mut(&name)?;
        let job = lane.jobs.pop_front()?;
        lane.running += 1;
        lane.working += 1;
        lane.used = lane.used.saturating_add(ADVANCE);
        if !lane.jobs.is_empty() {
            self.ready.insert((lane.used, name.clone()));
        }
        self.waiting -= 1;
        self.busy += 1;
        self.working += 1;
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

    /// What one lane may have of so many threads or places: all, or all but one when there are lanes besides, with jobs or remembered.
    fn of_one(&self, all: usize) -> usize {
        if all > 1 && self.lanes.len() > 1 { all - 1 } else { usize::MAX }
    }

    /// Whether there is a place for one more of a lane.
    fn may_work(&self, name: &Arc<str>) -> bool {
        let of_lane = self.lanes.get(name).map_or(0, |lane| lane.working);
        self.working < self.places && of_lane < self.of_one(self.places)
    }

    fn stop(&mut self, name: &Arc<str>) {
        self.working -= 1;
        if let Some(lane) = self.lanes.get_mut(name) {
            lane.working -= 1;
        }
    }

    fn go_on(&mut self, name: &Arc<str>) {
        self.working += 1;
        if let Some(lane) = self.lanes.get_mut(name) {
            lane.working += 1;
        }
    }

    fn return_by(&mut self, name: &Arc<str>, change: isize) {
        self.returning = self.returning.saturating_add_signed(change);
        if let Some(lane) = self.lanes.get_mut(name) {
            lane.returning = lane.returning.saturating_add_signed(change);
        }
    }

    /// Replaces the advance by what was used; forgets a lane that has nothing left.
    fn settle(&mut self, name: &Arc<str>, used: u64, now: Instant) {
        self.busy -= 1;
        self.stop(name);
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
        let shared = Shared::of(usize::MAX, 0);
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
        let shared = Shared::of(usize::MAX, 0);
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
        let shared = Shared::of(usize::MAX, 0);
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
        let shared = Shared::of(3, 0);
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
        let (shared, begun) = (Shared::of(2, 0), Instant::now());
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
            let shared = Shared::of(threads, 0);
            for _ in 0..threads {
                shared.push(&lane("a"), Box::new(|| 0)).unwrap();
            }
            if others {
                shared.line.lock().lanes.insert(lane("b"), Lane::default());
            }
            assert_eq!(served(&shared), vec!["a"; threads]);
        }
    }

    #[test]
    fn a_lane_that_waits_pays_for_its_thread() {
        assert_eq!(cost(7, Duration::ZERO), 7);
        assert_eq!(cost(7, Duration::from_micros(500)), 7 + HELD_FUEL_PER_MS / 2);
        assert_eq!(cost(u64::MAX, Duration::MAX), u64::MAX);
        let shared = Shared::of(usize::MAX, 0);
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
    async fn others_work_while_a_job_stands_apart_and_it_waits_for_a_place_when_it_comes_back() {
        let threads = Threads::with_more("test", 1, 1).unwrap();
        let (a, b) = (lane("a"), lane("b"));
        let (answer, far) = mpsc::channel::<()>();
        let (finish, gate) = mpsc::channel::<()>();
        let order = Arc::new(Mutex::new(Vec::new()));
        let told = order.clone();
        let mut waiter = std::pin::pin!(threads.run(&a, move || {
            let heard = apart(|| far.recv().is_ok());
            told.lock().push("waiter");
            (heard, 0)
        }));
        assert!(futures_util::poll!(waiter.as_mut()).is_pending());
        let (begun, seen) = tokio::sync::oneshot::channel();
        let told = order.clone();
        let mut worker = std::pin::pin!(threads.run(&b, move || {
            let _ = begun.send(());
            let finished = gate.recv().is_ok();
            told.lock().push("worker");
            (finished, 0)
        }));
        assert!(futures_util::poll!(worker.as_mut()).is_pending());
        seen.await.expect("it works while the other waits");
        let told = order.clone();
        let mut late = std::pin::pin!(threads.run(&b, move || (told.lock().push("late"), 0)));
        assert!(futures_util::poll!(late.as_mut()).is_pending());
        answer.send(()).unwrap();
        while threads.shared.line.lock().returning == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(order.lock().is_empty(), "there is one place, and it is taken");
        finish.send(()).unwrap();
        assert!(worker.await.unwrap() && waiter.await.unwrap());
        late.await.unwrap();
        assert_eq!(*order.lock(), ["worker", "waiter", "late"], "who comes back goes before");
        let line = threads.shared.line.lock();
        assert_eq!((line.working, line.returning, line.busy, line.waiting), (0, 0, 0, 0));
    }

    #[test]
    fn whoever_is_in_no_pool_just_waits() {
        assert_eq!(apart(|| 7), 7);
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
