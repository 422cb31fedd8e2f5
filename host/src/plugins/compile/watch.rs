//! Whether a compilation comes on: in the process that compiles, which watches itself and says what takes so long.
//!
//! How long a component may take cannot be told by its size alone: an honest interpreter of some megabytes takes seconds, and a bomb
//! has the same size and takes minutes. So time is earned by what is done ([`Budget`]): code that compiles as fast as code does always
//! has enough, and a bomb has used up what it began with before it has earned more. Besides, what the rest has earned is not for one
//! function to use up. All of it is processor time, of which a busy machine needs somewhat more and a slow one much more: how much is
//! measured before anything is compiled, and again before anything is refused.

use crate::plugins::limits::compile;
use crate::plugins::scan::functions::{self, Place};
use cranelift_codegen::timing::{Pass, Profiler, set_thread_profiler};
use rustix::time::{ClockId, clock_gettime};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use wasmtime::Engine;

/// What is compiled to find out how fast the machine is.
const YARDSTICK: &[u8] = crate::plugins::wrap::quickjs::TEXT;

/// What a compilation may take of a processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// All of it before any code is done, and each function beside the share of its size.
    pub base: Duration,
    /// More, for each MiB of code.
    pub per_mib: Duration,
    /// All of it, however much is done.
    pub most: Duration,
}

impl Budget {
    const USUAL: Self = Self { base: compile::CPU, per_mib: compile::CPU_PER_MIB, most: compile::CPU_MOST };

    /// That of the slowest machine that is reckoned with.
    pub(super) fn widest() -> Self {
        Self::USUAL.times(compile::SLOWEST.into())
    }

    /// That of a component which was accepted before, and so is no bomb: all that any may take, however it comes on. It must
    /// not be lost because the machine is busy or the compiler another one.
    pub(super) fn of_accepted() -> Self {
        let most = Self::widest().most;
        Self { base: most, per_mib: Duration::ZERO, most }
    }

    /// That of this machine as it is now, which is compared by what the same code takes here. It is measured on this thread alone.
    pub(super) fn of_machine(engine: &Engine) -> Self {
        let measured = (0..2).filter_map(|_| {
            let before = used_here();
            engine.precompile_module(YARDSTICK).ok()?;
            Some(used_here().saturating_sub(before))
        });
        Self::by(measured.min().unwrap_or_default())
    }

    /// The longer times of both.
    pub(super) fn or(self, other: Self) -> Self {
        let (base, per_mib, most) =
            (self.base.max(other.base), self.per_mib.max(other.per_mib), self.most.max(other.most));
        Self { base, per_mib, most }
    }

    fn by(yardstick: Duration) -> Self {
        let slowness = yardstick.as_secs_f64() / compile::YARDSTICK.as_secs_f64();
        Self::USUAL.times(slowness.clamp(1.0, compile::SLOWEST.into()))
    }

    fn times(self, factor: f64) -> Self {
        let [base, per_mib, most] = [self.base, self.per_mib, self.most].map(|time| time.mul_f64(factor));
        Self { base, per_mib, most }
    }

    /// What may be used up for so many bytes of code in so many functions.
    pub(super) fn earned(&self, functions: usize, bytes: usize) -> Duration {
        let bytes = bytes.saturating_add(functions.saturating_mul(compile::FUNCTION_BYTES));
        let millis = self.per_mib.as_millis().saturating_mul(bytes as u128) >> 20;
        self.most.min(self.base + Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }
}

/// How far it has come.
#[derive(Debug)]
pub(super) struct Progress {
    functions: Vec<Place>,
    /// Bytes of code before the function of that number, and of all.
    before: Vec<usize>,
    /// Functions that were begun.
    begun: AtomicUsize,
    /// Functions that are done.
    done: AtomicUsize,
    /// The processor time at which the piece at hand was begun, in nanoseconds; [`NOTHING`] between pieces.
    since: AtomicU64,
    /// The processor time that went into watching and measuring, in nanoseconds, which is not for the component to pay.
    aside: AtomicU64,
}

const NOTHING: u64 = u64::MAX;

/// Why it has to end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// This function takes too long, that is more than so much; `None` for what the compiler makes to connect them.
    Function(Option<Place>, Duration),
    /// All of it does, and most of that went into this function: so much, which would not be too long by itself.
    Mostly(Place, Duration),
    /// All of it does, with so many bytes of code done, of so many.
    All { done: usize, of: usize },
}

impl Progress {
    pub(super) fn of(component: &[u8]) -> Arc<Self> {
        let functions = functions::all(component);
        let before = std::iter::once(0)
            .chain(functions.iter().scan(0, |sum, place| {
                *sum += place.bytes;
                Some(*sum)
            }))
            .collect();
        let (begun, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { functions, before, begun, done, since: AtomicU64::new(NOTHING), aside: AtomicU64::new(0) })
    }

    /// Follows what this thread compiles from now on.
    pub(super) fn follow(self: &Arc<Self>) {
        set_thread_profiler(Box::new(Follower(self.clone())));
    }

    /// What the process has used of a processor, but for what was used on the thread that calls this: the one that watches.
    pub(super) fn used(&self) -> Duration {
        self.aside.store(nanos(used_here()), Relaxed);
        self.used_by_now()
    }

    fn used_by_now(&self) -> Duration {
        used().saturating_sub(Duration::from_nanos(self.aside.load(Relaxed)))
    }

    /// As [`Self::judge`]; before it has to end, what the machine needs is measured again, and the longer times hold from then on.
    pub(super) fn judge_twice(
        &self,
        budget: &mut Budget,
        used: Duration,
        measure: impl FnOnce() -> Budget,
    ) -> Option<Over> {
        self.judge(budget, used)?;
        *budget = budget.or(measure());
        self.judge(budget, used)
    }

    /// Whether it may go on, having used so much of a processor.
    fn judge(&self, budget: &Budget, used: Duration) -> Option<Over> {
        let (begun, done) = (self.begun.load(Relaxed), self.done.load(Relaxed));
        let at_hand = self.functions.get(done).copied().filter(|_| begun > done);
        let since = self.since.load(Relaxed);
        let piece = if since == NOTHING { Duration::ZERO } else { used.saturating_sub(Duration::from_nanos(since)) };
        // What passes values from one part to another is code too, which stands in no file.
        let of_function = at_hand.map_or(compile::ADAPTER_BYTES, |place| place.bytes);
        let most = budget.earned(1, of_function);
        if piece > most {
            return Some(Over::Function(at_hand, most));
        }
        // Its own share is the function's while it is at hand, or a large one would have to be paid for by those before it.
        let bytes = self.before_number(done);
        let adapters = begun.saturating_sub(self.functions.len()).saturating_mul(compile::ADAPTER_BYTES);
        let of_function = at_hand.map_or(0, |place| place.bytes);
        if used <= budget.earned(begun, bytes + of_function + adapters) {
            return None;
        }
        // What has taken most of the time is to blame for it, also before it is over its own limit.
        match at_hand {
            Some(place) if piece * 2 > used => Some(Over::Mostly(place, piece)),
            _ => Some(Over::All { done: bytes, of: self.before_number(usize::MAX) }),
        }
    }

    fn before_number(&self, number: usize) -> usize {
        self.before.get(number.min(self.functions.len())).copied().unwrap_or_default()
    }

    fn begin(&self) {
        self.since.store(nanos(self.used_by_now()), Relaxed);
    }
}

/// Hears of the compiler's passes.
struct Follower(Arc<Progress>);

impl Profiler for Follower {
    fn start_pass(&self, pass: Pass) -> Box<dyn Any> {
        match pass {
            // Those of the component come first, then those that pass values between its parts; what else the compiler adds is made
            // without a translation.
            Pass::wasm_translate_function => {
                self.0.begin();
                self.0.begun.fetch_add(1, Relaxed);
                Box::new(())
            }
            Pass::compile => {
                if self.0.since.load(Relaxed) == NOTHING {
                    self.0.begin();
                }
                Box::new(Piece(self.0.clone()))
            }
            _ => Box::new(()),
        }
    }
}

/// A piece that is compiled, until it is dropped.
struct Piece(Arc<Progress>);

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.done.store(self.0.begun.load(Relaxed), Relaxed);
        self.0.since.store(NOTHING, Relaxed);
    }
}

/// What this process has used of a processor.
fn used() -> Duration {
    clock(ClockId::ProcessCPUTime)
}

/// What this thread has.
fn used_here() -> Duration {
    clock(ClockId::ThreadCPUTime)
}

fn clock(id: ClockId) -> Duration {
    let now = clock_gettime(id);
    let nanos = u32::try_from(now.tv_nsec).unwrap_or_default();
    Duration::new(u64::try_from(now.tv_sec).unwrap_or_default(), nanos)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugins::engine;

    const SECOND: Duration = Duration::from_secs(1);
    const BUDGET: Budget = Budget { base: Duration::from_secs(3), per_mib: SECOND, most: Duration::from_secs(8) };

    /// Three functions of half a MiB each, or a little more, and what has become of them.
    fn halves(begun: usize, done: usize, since: Option<Duration>) -> Progress {
        let half = 1 << 19;
        Progress {
            functions: (0..3).map(|function| Place { module: 0, function, bytes: half }).collect(),
            before: (0..4).map(|number| number * half).collect(),
            begun: begun.into(),
            done: done.into(),
            since: since.map_or(NOTHING, nanos).into(),
            aside: 0.into(),
        }
    }

    #[test]
    fn time_is_earned_by_what_is_done() {
        let half = Duration::from_millis(500);
        assert_eq!((BUDGET.earned(0, 0), BUDGET.earned(0, 1 << 20)), (SECOND * 3, SECOND * 4));
        assert_eq!((BUDGET.earned(0, 3 << 19), BUDGET.earned(0, 100 << 20)), (SECOND * 4 + half, BUDGET.most));
        let small = (1 << 19) / compile::FUNCTION_BYTES;
        assert!(BUDGET.earned(small + 1, 0) >= SECOND * 3 + half, "a function is not only its code");
        let [none, two, third] = [halves(0, 0, None), halves(2, 2, None), halves(3, 2, Some(SECOND * 4))];
        let (over, later) = (|done| Some(Over::All { done, of: 3 << 19 }), Duration::from_millis(1));
        let earned = |functions, bytes| BUDGET.earned(functions, bytes);
        assert_eq!((none.judge(&BUDGET, SECOND * 3), none.judge(&BUDGET, SECOND * 3 + later)), (None, over(0)));
        let most = earned(2, 1 << 20);
        assert_eq!((two.judge(&BUDGET, most), two.judge(&BUDGET, most + later)), (None, over(1 << 20)));
        let most = earned(3, 3 << 19);
        assert_eq!((third.judge(&BUDGET, most), third.judge(&BUDGET, most + later)), (None, over(1 << 20)));
    }

    #[test]
    fn a_function_that_takes_long_is_named_whatever_was_earned() {
        let place = |function| Some(Place { module: 0, function, bytes: 1 << 19 });
        let (most, later) = (BUDGET.earned(1, 1 << 19), Duration::from_millis(1));
        let rich =
            |begun, done| Progress { before: vec![0, 6 << 20, 7 << 20, 8 << 20], ..halves(begun, done, Some(SECOND)) };
        assert_eq!(rich(2, 1).judge(&BUDGET, SECOND + most), None);
        assert_eq!(rich(2, 1).judge(&BUDGET, SECOND + most + later), Some(Over::Function(place(1), most)));
        // The first has not even its own limit: something was used up before it.
        let first = halves(1, 0, Some(SECOND));
        assert_eq!(first.judge(&BUDGET, most), None);
        let piece = (most + later).saturating_sub(SECOND);
        assert_eq!(first.judge(&BUDGET, most + later), place(0).map(|place| Over::Mostly(place, piece)));
        let most = BUDGET.earned(1, compile::ADAPTER_BYTES);
        let connecting = rich(3, 3).judge(&BUDGET, SECOND + most + later);
        assert_eq!(connecting, Some(Over::Function(None, most)), "what connects them");
    }

    #[test]
    fn a_machine_that_has_become_slow_is_measured_before_anything_is_refused() {
        let progress = halves(0, 0, None);
        let (mut budget, twice) = (BUDGET, BUDGET.times(2.0));
        let unasked = || -> Budget { panic!("nothing is measured while there is time") };
        assert_eq!(progress.judge_twice(&mut budget, SECOND * 3, unasked), None);
        let judged = |budget: &mut Budget, seconds, measured: Budget| {
            progress.judge_twice(budget, SECOND * seconds, || measured)
        };
        assert_eq!(judged(&mut budget, 4, twice), None);
        assert_eq!(budget, twice, "and the rest of it has that time too");
        assert_eq!(judged(&mut budget, 5, BUDGET), None, "it is not taken back");
        assert!(judged(&mut budget, 7, BUDGET).is_some() && judged(&mut budget, 7, twice).is_some());
    }

    #[test]
    fn what_was_accepted_before_is_not_judged_by_how_it_comes_on() {
        let (accepted, widest) = (Budget::of_accepted(), Budget::widest());
        assert_eq!([accepted.earned(0, 0), accepted.earned(1, 1 << 20)], [widest.most; 2]);
        let function = halves(1, 0, Some(Duration::ZERO));
        assert!(function.judge(&widest, widest.most).is_some());
        assert_eq!(function.judge(&accepted, widest.most), None);
        assert!(function.judge(&accepted, widest.most + Duration::from_millis(1)).is_some());
    }

    #[test]
    fn what_the_watcher_uses_itself_is_not_counted() {
        let engine = Engine::new(&engine::for_worker(0)).unwrap();
        let progress = halves(0, 0, None);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                progress.used();
                Budget::of_machine(&engine);
                let of_this = used_here();
                progress.used();
                assert!(Duration::from_nanos(progress.aside.load(Relaxed)) >= of_this && !of_this.is_zero());
            });
        });
    }

    #[test]
    fn a_slow_machine_gets_more_time_and_a_fast_one_no_less() {
        let usual = Budget::USUAL;
        assert_eq!((Budget::by(Duration::ZERO), Budget::by(compile::YARDSTICK)), (usual, usual));
        assert_eq!(
            Budget::by(compile::YARDSTICK * 2),
            Budget { base: usual.base * 2, per_mib: usual.per_mib * 2, most: usual.most * 2 }
        );
        assert_eq!(Budget::by(Duration::from_hours(1)), Budget::widest());
        let engine = Engine::new(&engine::for_worker(0)).unwrap();
        assert!(engine.precompile_module(YARDSTICK).is_ok(), "what machines are compared by");
    }

    /// The compiler is another crate's, and says nothing of what its passes are called: this is what holds it to that.
    #[test]
    fn the_compiler_tells_of_each_function_in_the_order_of_the_file() {
        let text = "(component (core module $a (func) (func (export \"x\")) (func (nop)))
            (component (core module (import \"a\" \"b\" (func)) (func)))
            (core module (func (nop) (nop))) (core instance (instantiate $a)))";
        let component = wat::parse_str(text).unwrap();
        let progress = Progress::of(&component);
        let engine = Engine::new(&engine::for_worker(0)).unwrap();
        let (follow, to) = (progress.clone(), component.clone());
        std::thread::spawn(move || {
            follow.follow();
            engine.precompile_component(&to).unwrap();
        })
        .join()
        .unwrap();
        assert_eq!(progress.functions.len(), 5);
        assert_eq!((progress.begun.load(Relaxed), progress.done.load(Relaxed)), (5, 5));
        assert_eq!(progress.since.load(Relaxed), NOTHING);
    }

    /// A part that calls another with texts, by so many functions.
    fn composed(functions: usize) -> Vec<u8> {
        let each = |text: &str| (0..functions).map(|number| text.replace('#', &number.to_string())).collect::<String>();
        let memory = "(memory (export \"m\") 1)
            (func (export \"r\") (param i32 i32 i32 i32) (result i32) (i32.const 0))";
        let text = format!(
            "(component
              (component $inner (core module $m {memory} {}) (core instance $i (instantiate $m)) {})
              (component $outer {}
                (core module $l {memory}) (core instance $l (instantiate $l)) {}
                (core module $m {}) (core instance (instantiate $m (with \"c\" (instance {})))))
              (instance $inner (instantiate $inner))
              (instance (instantiate $outer {})))",
            each("(func (export \"f#\") (param i32 i32))"),
            each(
                "(func (export \"f#\") (param \"v\" string)
                (canon lift (core func $i \"f#\") (memory (core memory $i \"m\")) (realloc (core func $i \"r\"))))"
            ),
            each("(import \"f#\" (func $f# (param \"v\" string)))"),
            each(
                "(core func $g#
                (canon lower (func $f#) (memory (core memory $l \"m\")) (realloc (core func $l \"r\"))))"
            ),
            each("(import \"c\" \"f#\" (func (param i32 i32)))"),
            each("(export \"f#\" (func $g#))"),
            each("(with \"f#\" (func $inner \"f#\"))"),
        );
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn what_passes_values_between_parts_earns_time_as_code_does() {
        let component = composed(30);
        let progress = Progress::of(&component);
        let engine = Engine::new(&engine::for_worker(0)).unwrap();
        let follow = progress.clone();
        std::thread::spawn(move || {
            follow.follow();
            engine.precompile_component(&component).unwrap();
        })
        .join()
        .unwrap();
        let own = progress.functions.len();
        assert_eq!((own, progress.begun.load(Relaxed)), (32, own + 30), "the compiler tells of them as well");

        let adapters = 500;
        let most = BUDGET.earned(3 + adapters, (3 << 19) + adapters * compile::ADAPTER_BYTES);
        assert!(most > BUDGET.earned(3 + adapters, 3 << 19) && most < BUDGET.most);
        let progress = halves(3 + adapters, 3 + adapters, None);
        assert_eq!(progress.judge(&BUDGET, most), None);
        assert!(progress.judge(&BUDGET, most + Duration::from_millis(1)).is_some());
    }

    #[test]
    fn the_first_function_that_cannot_be_translated_is_the_one_at_hand() {
        // The second is not valid, which is found when its turn comes.
        let text = "(component (core module (func) (func (result i32)) (func)))";
        let component = wat::parse_str(text).unwrap();
        let progress = Progress::of(&component);
        let engine = Engine::new(&engine::for_worker(0)).unwrap();
        let follow = progress.clone();
        std::thread::spawn(move || {
            follow.follow();
            engine.precompile_component(&component).unwrap_err();
        })
        .join()
        .unwrap();
        assert_eq!((progress.begun.load(Relaxed), progress.done.load(Relaxed)), (2, 1));
    }
}
