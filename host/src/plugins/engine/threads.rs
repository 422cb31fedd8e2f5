//! A fixed pool of threads and the bounded line in front of it, shared fairly between lanes.
//!
//! A lane is a tenant. The next job is taken from the lane that has used least so far, in the unit that jobs answer
//! (fuel), with the time that they held a thread: a tenant whose hooks are dear waits longer, one with a storm of calls
//! does not push the others aside. Nor does a lane get the last free thread while there are others, since a call that
//! comes then should not wait for one that takes a minute; those that have had nothing to do for a while are forgotten.
//!
//! A job that waits for another machine stands apart meanwhile ([`apart`]): it keeps its thread, and somebody else works
//! in its place. So there may be more threads than places to work at.

mod apart;

pub(in crate::plugins) use apart::apart;

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

struct Shared {
    line: Mutex<Line>,
    wake: Condvar,
    /// For those who come back.
    freed: Condvar,
    /// There are more threads than places: somebody else can work while one stands apart.
    has_spare: bool,
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

    /// Jobs that stand apart, or wait to go on.
    pub(super) fn apart(&self) -> usize {
        let line = self.shared.line.lock();
        line.busy - line.working
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
        Self { line: Mutex::new(line), wake: Condvar::new(), freed: Condvar::new(), has_spare: more > 0 }
    }

    fn leave(&self, lane: &Arc<str>) {
        let mut line = self.line.lock();
        line.stop(lane);
        self.invite(&line, 0);
    }

    fn come_back(&self, lane: &Arc<str>) {
        let mut line = self.line.lock();
        line.return_by(lane, 1);
        while !line.may_work(lane) {
            // A place is free as well once a lane is forgotten that it was kept for, of which nobody tells.
            let _ = self.freed.wait_for(&mut line, queue::LANES_SWEPT);
            line.sweep(Instant::now());
        }
        line.return_by(lane, -1);
        line.go_on(lane);
        self.invite(&line, 0);
    }

    /// Tells those who wait that a place is free, but for so many jobs as this thread will take. Who comes back is served before a new job is
    /// begun.
    fn invite(&self, line: &Line, own: usize) {
        if line.returning > 0 {
            self.freed.notify_all();
        }
        if line.waiting > own && line.idle > 0 && line.working + own < line.places {
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
            let seat = apart::sit(self, &lane);
            let start = Instant::now();
            // A panic of the host's own must not cost the pool a thread; the caller hears that its answer is lost.
            let used = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
                tracing::error!("a call of a plugin panicked on the host's side");
                ADVANCE
            });
            let mut line = self.line.lock();
            let now = Instant::now();
            let held = now.saturating_duration_since(start).saturating_sub(seat.waited());
            line.settle(&lane, cost(used, held), now);
            // A lane that was held back may have more than the one that this thread takes.
            self.invite(&line, 1);
        }
    }

    fn next(&self) -> Option<(Arc<str>, Job)> {
        let mut line = self.line.lock();
        loop {
            if let Some(found) = line.take(Instant::now()) {
                // A lane that was forgotten may have left more places than this one.
                self.invite(&line, 0);
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
        let has_room = |(_, name): &&(u64, Arc<str>)| self.may_work(name) && self.may_have_thread(name);
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

    /// Whether there is a place for one more of a lane: one lane may have all, or all but one when there are lanes besides, with jobs or
    /// remembered.
    fn may_work(&self, name: &Arc<str>) -> bool {
        let of_lane = self.lanes.get(name).map_or(0, |lane| lane.working);
        let most = if self.places > 1 && self.lanes.len() > 1 { self.places - 1 } else { usize::MAX };
        self.working < self.places && of_lane < most
    }

    /// Whether a lane may have one more thread. Where some are there for those who stand apart, it has fewer than are free besides when there
    /// are others: who waits for a silent server waits for long.
    fn may_have_thread(&self, name: &Arc<str>) -> bool {
        let are_shared = self.threads > self.places && self.lanes.len() > 1;
        let of_lane = self.lanes.get(name).map_or(0, |lane| lane.running);
        !are_shared || of_lane < self.threads - self.busy
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
mod tests;
