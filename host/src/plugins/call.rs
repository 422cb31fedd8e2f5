//! What one call of a guest carries with it: who and what for, its budgets, and what it asked for.

use super::basics::{Basics, Stream};
use super::interface::log::one_line;
use super::limiter::Limiter;
use super::limits::{Limits, held, log};
use super::logbook::{Line, Logbook};
use super::registry::Grants;
use super::tally::{Tallies, Usage};
use super::web::Exchange;
use crate::db::Held;
use crate::error::Axis;
use crate::records::Sources;
use crate::tenant::Cx;
use crate::tenant::hooks::{Consequences, QueuedWrite, ReadAt, Replaced, Stage};
use arc_swap::ArcSwap;
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// A guest that has worked, or waited in the host, for this part of its time, one of so many, was not starved.
const ENOUGH_PART: u32 = 2;

/// After this part of its time, one of so many, it is found out how much of the processor a guest gets.
const WATCHED_PART: u32 = 2;

/// How many times its wall limit a call may last when the system gave it no processor.
const STARVED_FACTOR: u32 = 4;

/// Processor time of this thread since it was started.
#[must_use]
pub fn thread_cpu() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let nanos = u32::try_from(now.tv_nsec).unwrap_or_default();
    Duration::new(u64::try_from(now.tv_sec).unwrap_or_default(), nanos)
}

/// Whether a call in place that ended so may do better elsewhere: with more fuel and time, and with functions of the host.
#[must_use]
pub fn is_cut_short(axis: Axis) -> bool {
    matches!(axis, Axis::Fuel | Axis::Wall | Axis::HostCalls)
}

/// On whose behalf a call is made; `None` while an upload is tried out, when every host function refuses.
#[derive(Debug)]
pub struct Errand {
    pub cx: Cx,
    pub stage: Stage,
    /// The plugin's name, its key in `_plugin_kv`, and in whose name it writes.
    pub plugin: Arc<str>,
    pub plugin_id: Arc<str>,
    /// As they are now: a grant that is withdrawn while the call runs is gone for its next host function.
    pub grants: Arc<ArcSwap<Grants>>,
    /// Where writes of after-hooks and of the interface `kv` are waited for.
    pub runtime: Handle,
}

/// The data of a store.
pub struct Call {
    pub limiter: Limiter,
    pub limits: Limits,
    pub errand: Option<Errand>,
    pub logbook: Option<Arc<Logbook>>,
    /// Opened by the first read of a before-hook, so that all its reads are of one moment.
    pub held: Option<Held>,
    /// What a before-hook wants written.
    pub queued: Vec<QueuedWrite>,
    /// Ids of the collections of which a before-hook has read something.
    pub sources: Sources,
    /// Bytes of what is queued and kept.
    held_bytes: usize,
    /// Bytes of records read.
    pub read_bytes: usize,
    /// The files that were read, by the ids of their collections and records.
    pub read_files: Vec<(String, String, Replaced)>,
    /// The request that is to be answered.
    pub exchange: Option<Box<Exchange>>,
    /// What WASI is made of.
    pub basics: Basics,
    /// Bytes exchanged with other servers.
    pub http_bytes: u64,
    /// Placeholders that were given out, with the names of their secrets.
    pub placeholders: Vec<(String, String)>,
    /// Where the call is counted.
    tallies: Option<Arc<Tallies>>,
    /// It has little fuel and time and no functions of the host, and its end is not counted when it is for want of those: it will be made again
    /// with more.
    brief: bool,
    /// Only a trial: what it does is kept from the world.
    trial: bool,
    /// What a trial has put into the plugin's store, or taken out.
    pub kept: BTreeMap<String, Option<Vec<u8>>>,
    fuel: u64,
    started: Instant,
    /// From when on its processor time is known.
    watched: Option<Watched>,
    in_host: Duration,
    /// What was taken out of its time.
    aside: Duration,
    host_calls: u32,
    log_bytes: usize,
    log_lines: u32,
    log_dropped: u32,
}

impl fmt::Debug for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Call")
            .field("errand", &self.errand)
            .field("host_calls", &self.host_calls)
            .finish_non_exhaustive()
    }
}

/// A moment of a call that is not short: most end before anybody has to ask for their thread's time, which takes a system call.
#[derive(Debug, Clone, Copy)]
struct Watched {
    /// Processor time of its thread.
    cpu: Duration,
    in_host: Duration,
}

/// A budget that ran out in a host function; ends the call as a trap does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhausted {
    pub axis: Axis,
    pub detail: String,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl std::error::Error for Exhausted {}

/// What to do with a guest whose deadline has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Its time is not up yet, or it was never given the processor: so much longer.
    Wait(Duration),
    End,
}

impl Call {
    #[must_use]
    pub fn new(limits: Limits, fuel: u64, errand: Option<Errand>, logbook: Option<Arc<Logbook>>) -> Self {
        Self {
            limiter: Limiter::new(limits.memory),
            limits,
            errand,
            logbook,
            held: None,
            queued: Vec::new(),
            sources: Sources::new(),
            held_bytes: 0,
            read_bytes: 0,
            read_files: Vec::new(),
            exchange: None,
            basics: Basics::default(),
            http_bytes: 0,
            placeholders: Vec::new(),
            tallies: None,
            brief: false,
            trial: false,
            kept: BTreeMap::new(),
            fuel,
            started: Instant::now(),
            watched: None,
            in_host: Duration::ZERO,
            aside: Duration::ZERO,
            host_calls: 0,
            log_bytes: 0,
            log_lines: 0,
            log_dropped: 0,
        }
    }

    /// Counts the call, when it is over, with those of its plugin's version; a `brief` one not if it is cut short, since it
    /// is made again.
    #[must_use]
    pub fn counted(self, tallies: Arc<Tallies>, brief: bool) -> Self {
        Self { tallies: Some(tallies), brief, ..self }
    }

    /// The same as a trial, which changes nothing.
    #[must_use]
    pub fn for_trial(self) -> Self {
        Self { trial: true, ..self }
    }

    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.trial
    }

    /// What the call has used so far.
    #[must_use]
    pub fn usage(&self, fuel: u64) -> Usage {
        Usage {
            fuel,
            wall: self.started.elapsed(),
            host: self.in_host,
            memory: self.limiter.used(),
            host_calls: self.host_calls,
        }
    }

    /// Counts the call where it belongs.
    pub fn count(&self, usage: Usage, failed: Option<Axis>) {
        let (Some(tallies), Some(errand)) = (&self.tallies, &self.errand) else { return };
        if !(self.brief && failed.is_some_and(is_cut_short)) {
            tallies.of(errand.stage).note(usage, failed);
        }
    }

    /// Counts the call, which was counted as one that had ended well, among those whose answer was none.
    pub fn count_untaken(&self, axis: Axis) {
        let (Some(tallies), Some(errand)) = (&self.tallies, &self.errand) else { return };
        tallies.of(errand.stage).note_failed(axis);
    }

    /// What a before-hook leaves behind.
    #[must_use]
    pub fn consequences(self) -> Consequences {
        let moment = self.held.as_ref().map_or(0, Held::moment);
        let reads = self.sources.into_iter().map(|collection| ReadAt { collection, moment }).collect();
        Consequences { queued: self.queued, reads, touched: Vec::new() }
    }

    /// Takes room for what the host is to hold for the call until it is over; whether there was as much.
    #[must_use]
    pub fn holds(&mut self, bytes: usize) -> bool {
        let sum = self.held_bytes.saturating_add(bytes);
        let fits = sum <= held::BYTES;
        if fits {
            self.held_bytes = sum;
        }
        fits
    }

    /// Gives such room back.
    pub fn lets_go(&mut self, bytes: usize) {
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
    }

    #[must_use]
    pub fn fuel(&self) -> u64 {
        self.fuel
    }

    /// When the call is over, host functions included.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.started + self.limits.wall
    }

    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    #[must_use]
    pub fn host_calls(&self) -> u32 {
        self.host_calls
    }

    /// Counts a call of a host function.
    ///
    /// # Errors
    /// [`Exhausted`] when there were too many, or the time is up.
    pub fn enter(&mut self) -> wasmtime::Result<()> {
        self.host_calls += 1;
        let most = self.limits.host_calls;
        if self.host_calls > most {
            return Err(exhausted(Axis::HostCalls, format!("more than {most} calls of the host")));
        }
        self.in_time()
    }

    /// Counts a call of a function of WASI that handles so many bytes.
    ///
    /// # Errors
    /// [`Exhausted`] when there were too many, or the time is up.
    pub fn enter_basics(&mut self, bytes: u64) -> wasmtime::Result<()> {
        self.basics.enter(bytes)?;
        self.in_time()
    }

    fn in_time(&self) -> wasmtime::Result<()> {
        if self.elapsed() >= self.limits.wall * STARVED_FACTOR {
            return Err(exhausted(Axis::Wall, format!("more than {:?}", self.limits.wall)));
        }
        Ok(())
    }

    /// Runs the slow part of a host function and counts its time as the guest's own.
    pub fn in_host<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let (start, aside) = (Instant::now(), self.aside);
        let result = work(self);
        self.in_host += start.elapsed().saturating_sub(self.aside.saturating_sub(aside));
        result
    }

    /// Takes out of its time what it had to wait for a place to go on: that is not the guest's fault.
    pub fn put_aside(&mut self, waited: Duration) {
        self.aside += waited;
        self.started += waited;
    }

    /// When it is first to be judged by [`Self::at_deadline`], after it has begun.
    #[must_use]
    pub fn first_deadline(&self) -> Duration {
        if self.brief { self.limits.wall } else { self.limits.wall / WATCHED_PART }
    }

    /// Judges a guest at a deadline: when its time is up, it ends once it has worked or waited in the host for half of its limit
    /// since the first deadline, which is before that. One that has done neither was not given the processor, which is
    /// not its fault: on a crowded machine a call of microseconds may well be put aside for longer than its whole limit. (Fuel
    /// would not tell: what a loop has burnt is in a register until it calls something.)
    #[must_use]
    pub fn at_deadline(&mut self, cpu: impl FnOnce() -> Duration) -> Verdict {
        let (elapsed, wall) = (self.elapsed(), self.limits.wall);
        let (left, enough) = (wall.saturating_sub(elapsed), wall / ENOUGH_PART);
        if left.is_zero() && (self.brief || self.in_host >= enough || elapsed >= wall * STARVED_FACTOR) {
            return Verdict::End;
        }
        match self.watched {
            _ if self.brief => Verdict::Wait(left),
            None => {
                self.watched = Some(Watched { cpu: cpu(), in_host: self.in_host });
                Verdict::Wait(left.max(enough))
            }
            Some(_) if !left.is_zero() => Verdict::Wait(left),
            Some(since) => {
                let had = cpu().saturating_sub(since.cpu) + self.in_host.saturating_sub(since.in_host);
                if had >= enough { Verdict::End } else { Verdict::Wait(enough.saturating_sub(had)) }
            }
        }
    }

    /// Takes a line for the plugin's log, or drops it when the budget is spent.
    pub fn log(&mut self, level: tracing::Level, text: String) {
        let fits = self.log_bytes.saturating_add(text.len()) <= self.limits.log && self.log_lines < log::LINES;
        if !fits {
            self.log_dropped += 1;
            return;
        }
        self.log_bytes += text.len();
        self.log_lines += 1;
        self.write(level, text);
    }

    /// Takes what the guest wrote to one of its streams, line by line. Beyond the log's budget lines are only counted.
    pub fn write_stream(&mut self, stream: Stream, bytes: &[u8]) {
        for (index, piece) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                self.end_line(stream);
            }
            self.basics.write(stream, piece);
        }
    }

    fn end_line(&mut self, stream: Stream) {
        let spent = self.log_dropped > 0 || self.log_lines >= log::LINES || self.log_bytes >= self.limits.log;
        if spent {
            self.log_dropped = self.log_dropped.saturating_add(self.basics.drop_line(stream).into());
        } else if let Some(line) = self.basics.line(stream) {
            self.log_stream(stream, &line);
        }
    }

    /// A line of one of the guest's streams.
    fn log_stream(&mut self, stream: Stream, line: &str) {
        let level = match stream {
            Stream::Out => tracing::Level::INFO,
            Stream::Err => tracing::Level::WARN,
        };
        self.log(level, one_line(line));
    }

    /// Logs the lines that are still open and says how many were dropped, once, at the end.
    pub fn finish_log(&mut self) {
        for stream in [Stream::Out, Stream::Err] {
            self.end_line(stream);
        }
        if self.log_dropped > 0 && self.limits.log > 0 {
            let text = format!("{} more lines were dropped: the log of one call is limited", self.log_dropped);
            self.write(tracing::Level::WARN, text);
        }
    }

    fn write(&self, level: tracing::Level, text: String) {
        let (Some(errand), Some(logbook)) = (&self.errand, &self.logbook) else { return };
        let now = errand.cx.tenant.world.now_ms();
        logbook.add(
            &errand.plugin,
            Line { at_ms: now, level, stage: Some(errand.stage), request_id: errand.cx.facts.id.clone(), text },
        );
    }
}

/// An error that ends the guest.
#[must_use]
pub fn exhausted(axis: Axis, detail: String) -> wasmtime::Error {
    wasmtime::Error::new(Exhausted { axis, detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::limits::Class;

    fn call(wall: Duration, since: Duration) -> Call {
        let limits = Limits { wall, host_calls: 2, ..Limits::usual(Class::Before) };
        let mut call = Call::new(limits, 10_000_000, None, None);
        call.started = Instant::now().checked_sub(since).unwrap();
        call
    }

    /// The same, watched from its first moment on.
    fn watched(wall: Duration, since: Duration) -> Call {
        Call { watched: Some(Watched { cpu: Duration::ZERO, in_host: Duration::ZERO }), ..call(wall, since) }
    }

    #[test]
    fn host_calls_are_counted() {
        let mut call = call(Duration::from_mins(1), Duration::ZERO);
        call.enter().unwrap();
        call.enter().unwrap();
        let error = call.enter().unwrap_err();
        assert_eq!(error.downcast_ref::<Exhausted>().unwrap().axis, Axis::HostCalls);
    }

    #[test]
    fn what_a_call_waits_for_a_place_is_none_of_its_time() {
        let (limit, waited) = (Duration::from_mins(1), Duration::from_secs(40));
        let mut call = call(limit, Duration::from_secs(50));
        let before = call.deadline();
        call.in_host(|call| call.put_aside(waited));
        assert_eq!(call.deadline(), before + waited);
        assert!(call.elapsed() < Duration::from_secs(30) && call.usage(0).host < waited);
    }

    #[test]
    fn what_is_held_for_a_call_has_a_limit() {
        let mut call = call(Duration::from_mins(1), Duration::ZERO);
        assert!(call.holds(held::BYTES - 1) && !call.holds(2) && call.holds(1) && !call.holds(1));
        call.lets_go(2);
        assert!(!call.holds(3) && call.holds(2) && !call.holds(usize::MAX));
    }

    /// A limit that no test comes near by itself.
    const LIMIT: Duration = Duration::from_secs(10);

    #[test]
    fn a_spinning_guest_ends_and_a_starved_one_waits() {
        let mut young = call(LIMIT, Duration::ZERO);
        assert!(young.first_deadline() < LIMIT);
        assert!(matches!(young.at_deadline(|| LIMIT), Verdict::Wait(left) if left <= LIMIT));
        let still = young.at_deadline(|| unreachable!());
        assert!(matches!(still, Verdict::Wait(left) if left <= LIMIT), "it has time left");
        let (tenth, half) = (LIMIT / 10, LIMIT / 2);
        assert_eq!(
            watched(LIMIT, LIMIT).at_deadline(|| tenth),
            Verdict::Wait(half.saturating_sub(tenth)),
            "it was starved"
        );
        assert_eq!(watched(LIMIT, LIMIT).at_deadline(|| half), Verdict::End, "it spun");
        assert_eq!(watched(LIMIT, LIMIT * 4).at_deadline(|| Duration::ZERO), Verdict::End, "there is an end to it");
        let with_host = |in_host| Call { in_host, ..watched(LIMIT, LIMIT) };
        assert_eq!(with_host(half).at_deadline(|| Duration::ZERO), Verdict::End, "it waited");
        assert_eq!(with_host(half / 2).at_deadline(|| half / 2), Verdict::End, "it did both");
        assert_eq!(with_host(half / 2).at_deadline(|| Duration::ZERO), Verdict::Wait(half / 2));
    }

    #[test]
    fn a_guest_that_was_put_aside_before_anybody_looked_is_looked_at_before_it_ends() {
        let mut late = call(LIMIT, LIMIT * 2);
        assert_eq!(late.at_deadline(|| LIMIT), Verdict::Wait(LIMIT / 2));
        assert_eq!(late.at_deadline(|| LIMIT + LIMIT / 2), Verdict::End);
        assert_eq!(call(LIMIT, LIMIT * 4).at_deadline(|| unreachable!()), Verdict::End, "but not for ever");
    }

    #[test]
    fn a_brief_call_ends_at_its_deadline_whatever_it_had() {
        let second = Duration::from_secs(1);
        let brief = |elapsed| Call { brief: true, ..call(second, elapsed) };
        assert!(matches!(brief(Duration::ZERO).at_deadline(|| unreachable!()), Verdict::Wait(_)));
        assert_eq!(brief(Duration::ZERO).first_deadline(), second);
        assert_eq!(brief(second).at_deadline(|| unreachable!()), Verdict::End);
        assert!(is_cut_short(Axis::Fuel) && is_cut_short(Axis::Wall) && is_cut_short(Axis::HostCalls));
        assert!(!is_cut_short(Axis::Memory));
    }

    #[test]
    fn only_work_takes_processor_time() {
        let before = thread_cpu();
        std::thread::sleep(Duration::from_millis(50));
        let slept = thread_cpu();
        while thread_cpu() < slept + Duration::from_millis(5) {}
        let slept = slept.saturating_sub(before);
        assert!(slept < Duration::from_millis(50), "{slept:?}");
    }
}
