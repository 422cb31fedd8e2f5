//! Every limit of a guest's call, in one table, and the limits of what may be uploaded.
//!
//! A call runs under the smallest of what the host allows at all ([`Limits::most`]) and what its attachment
//! asks for; an attachment that asks for nothing gets [`Limits::usual`]. Who may ask for what: [`wish`]. Starting values come from the design;
//! the figures behind them are in `benches/hook_call.rs`.

pub mod wish;

use crate::tenant::hooks::Stage;
use std::time::Duration;
use wish::Measure;

pub use wish::Wish;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Calls with the same limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    Validator,
    Before,
    After,
    /// At a sign-in: somebody waits, and what the guest writes is written at once.
    SignIn,
    /// A request that the plugin answers.
    Route,
}

impl Class {
    #[must_use]
    pub fn of(stage: Stage) -> Self {
        match stage {
            Stage::Validate => Self::Validator,
            Stage::BeforeCreate | Stage::BeforeUpdate | Stage::BeforeDelete => Self::Before,
            Stage::AfterCreate | Stage::AfterUpdate | Stage::AfterDelete | Stage::Scheduled => Self::After,
            Stage::BeforeSignIn | Stage::TokenClaims => Self::SignIn,
            Stage::Route => Self::Route,
        }
    }
}

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Units of wasmtime's fuel; about one for each operator.
    pub fuel: u64,
    /// Added for each KiB of records that the call is given.
    pub fuel_per_kib: u64,
    /// From the start of the call, its host calls included.
    pub wall: Duration,
    /// Bytes of all memories and tables of the store together.
    pub memory: usize,
    pub host_calls: u32,
    /// Bytes copied out of the guest for one host call, and for the result.
    pub lifted: usize,
    /// Resource handles that are open at once.
    pub handles: usize,
    /// Bytes of log lines.
    pub log: usize,
    /// Requests that the plugin answers at the same time, or has waiting; no limit but for routes, as other calls wait in a line.
    pub at_once: usize,
}

impl Limits {
    /// Without an attachment's wish.
    #[must_use]
    pub const fn usual(class: Class) -> Self {
        match class {
            Class::Validator => Self {
                fuel: 2_000_000,
                fuel_per_kib: 200_000,
                wall: Duration::from_millis(10),
                memory: 8 * MIB,
                host_calls: 0,
                lifted: 256 * KIB,
                handles: 64,
                log: 0,
                at_once: usize::MAX,
            },
            Class::Before => Self {
                fuel: 10_000_000,
                fuel_per_kib: 200_000,
                wall: Duration::from_millis(50),
                memory: 16 * MIB,
                host_calls: 64,
                lifted: MIB,
                handles: 256,
                log: 16 * KIB,
                at_once: usize::MAX,
            },
            Class::After => Self {
                fuel: 2_000_000_000,
                fuel_per_kib: 0,
                wall: Duration::from_mins(1),
                memory: 64 * MIB,
                host_calls: 10_000,
                lifted: 4 * MIB,
                handles: 1_000,
                log: 64 * KIB,
                at_once: usize::MAX,
            },
            Class::Route => Self {
                fuel: 200_000_000,
                wall: Duration::from_secs(10),
                host_calls: 1_000,
                at_once: web::CALLS_OF_PLUGIN,
                ..Self::usual(Class::After)
            },
            Class::SignIn => Self { wall: Duration::from_millis(250), ..Self::usual(Class::Before) },
        }
    }

    /// The most that an attachment can get.
    #[must_use]
    pub const fn most(class: Class) -> Self {
        let usual = Self::usual(class);
        match class {
            Class::Validator => Self { fuel: 20_000_000, wall: Duration::from_millis(50), memory: 64 * MIB, ..usual },
            Class::Before => Self { fuel: 100_000_000, wall: Duration::from_millis(250), memory: 64 * MIB, ..usual },
            Class::SignIn => Self { fuel: 100_000_000, wall: Duration::from_secs(1), memory: 64 * MIB, ..usual },
            Class::After | Class::Route => usual,
        }
    }

    /// What a call under an attachment gets.
    #[must_use]
    pub fn effective(class: Class, wish: Wish) -> Self {
        Self::usual(class).put(wish).least(Self::most(class))
    }

    /// What a call gets of what its attachment asks for, its plugin says it needs, and the tenant may have: the least of
    /// them, where nobody says anything the usual, and never more than the host allows.
    #[must_use]
    pub fn granted(class: Class, attachment: Wish, plugin: Wish, quota: Wish) -> Self {
        Self::effective(class, attachment.least(plugin)).within(quota)
    }

    /// No more than a quota.
    #[must_use]
    pub fn within(self, quota: Wish) -> Self {
        self.least(self.put(quota))
    }

    /// These limits, but where a wish says something.
    fn put(mut self, wish: Wish) -> Self {
        let said = Measure::ALL.into_iter().filter_map(|measure| Some((measure, wish.of(measure)?)));
        for (measure, value) in said {
            let count = usize::try_from(value).unwrap_or(usize::MAX);
            match measure {
                Measure::Fuel => self.fuel = value,
                Measure::WallMs => self.wall = Duration::from_millis(value),
                Measure::MemoryMb => self.memory = count.saturating_mul(MIB),
                Measure::HostCalls => self.host_calls = u32::try_from(value).unwrap_or(u32::MAX),
                Measure::BytesPerCall => self.lifted = count,
                Measure::Handles => self.handles = count,
                Measure::LogBytes => self.log = count,
                // Other calls are not counted.
                Measure::AtOnce if self.at_once < usize::MAX => self.at_once = count,
                Measure::AtOnce => {}
            }
        }
        self
    }

    /// The smaller one on each measure; what a KiB adds stays.
    fn least(self, other: Self) -> Self {
        Self {
            fuel: self.fuel.min(other.fuel),
            fuel_per_kib: self.fuel_per_kib,
            wall: self.wall.min(other.wall),
            memory: self.memory.min(other.memory),
            host_calls: self.host_calls.min(other.host_calls),
            lifted: self.lifted.min(other.lifted),
            handles: self.handles.min(other.handles),
            log: self.log.min(other.log),
            at_once: self.at_once.min(other.at_once),
        }
    }

    /// `{fuel, fuelPerKib, wallMs, memoryMb, hostCalls, bytesPerCall, handles, logBytes}`, and `atOnce` where it is limited.
    #[must_use]
    pub fn view(&self) -> serde_json::Value {
        let mut view = serde_json::json!({
            "fuel": self.fuel,
            "fuelPerKib": self.fuel_per_kib,
            "wallMs": u64::try_from(self.wall.as_millis()).unwrap_or(u64::MAX),
            "memoryMb": self.memory / MIB,
            "hostCalls": self.host_calls,
            "bytesPerCall": self.lifted,
            "handles": self.handles,
            "logBytes": self.log,
        });
        if self.at_once < usize::MAX {
            view["atOnce"] = self.at_once.into();
        }
        view
    }

    /// The fuel for a call that is given so many bytes of records.
    #[must_use]
    pub fn fuel_for(&self, input_bytes: usize) -> u64 {
        let kib = u64::try_from(input_bytes.div_ceil(KIB)).unwrap_or(u64::MAX);
        self.fuel.saturating_add(self.fuel_per_kib.saturating_mul(kib))
    }
}

/// Trying out an upload: it is instantiated once, with no rights at all, under the widest limits that it could be attached with.
pub const TRIAL: Limits = Limits { host_calls: 0, log: 0, ..Limits::most(Class::Before) };

/// Limits of the pool, and of what a store may hold besides memory.
pub mod store {
    use super::{KIB, MIB};

    /// The most that one memory can grow to, whatever the limits of the call say.
    pub const MEMORY_BYTES: usize = 64 * MIB;
    /// Elements of one table.
    pub const TABLE_ELEMENTS: usize = 20_000;
    /// Core instances in one component: JavaScript needs 50, Python 38.
    pub const CORE_INSTANCES: u32 = 64;
    pub const MEMORIES: u32 = 8;
    pub const TABLES: u32 = 32;
    pub const TABLES_PER_MODULE: u32 = 4;
    /// Bookkeeping of one core module, and of one component.
    pub const INSTANCE_BYTES: usize = 2 * MIB;
    /// How deep the guest's own calls may go.
    pub const WASM_STACK_BYTES: usize = 512 * KIB;
    /// The native stack of a plugin thread: the guest's part and as much again for the host's own frames.
    pub const THREAD_STACK_BYTES: usize = 4 * MIB;
    /// A memory image with holes is kept whole up to this size.
    pub const DENSE_IMAGE_BYTES: u64 = MIB as u64;
    /// Machine code that is loaded before it is called, of all tenants together; what calls have loaded counts too.
    pub const AHEAD_BYTES: u64 = 256 * MIB as u64;
    /// Frames that a trap may name in the plugin's log.
    pub const BACKTRACE_FRAMES: usize = 8;
    /// Fuel for each page that a memory grows by, so that growing is not free.
    pub const FUEL_PER_GROWN_PAGE: u8 = 200;
    /// Fuel for growing by nothing, which leaves the guest too.
    pub const FUEL_PER_GROWTH: u8 = 250;
}

/// Limits of an upload's structure, checked before anything is compiled.
pub mod upload {
    use super::{KIB, MIB};

    pub const BYTES: usize = 32 * MIB;
    pub const FUNCTIONS_PER_MODULE: u32 = 20_000;
    pub const FUNCTIONS: u32 = 60_000;
    /// The largest function in the interpreter of Python has 417 KiB.
    pub const BODY_BYTES: usize = 512 * KIB;
    pub const LOCALS: u32 = 5_000;
    pub const BLOCK_DEPTH: u32 = 1_000;
    pub const BRANCH_TARGETS: u32 = 10_000;
    pub const PARAMETERS: usize = 64;
    pub const MODULES: u32 = 100;
    pub const COMPONENT_DEPTH: u32 = 8;
    pub const COMPONENTS: u32 = 200;
    pub const TYPES: u32 = 20_000;
    /// Go writes one for each piece of its data: some 22,000.
    pub const DATA_SEGMENTS: u32 = 50_000;
    pub const ELEMENT_SEGMENTS: u32 = 10_000;
    pub const GLOBALS: u32 = 10_000;
    /// All custom sections together (names, producers).
    pub const CUSTOM_BYTES: usize = 2 * MIB;
    /// The section `tinybase:manifest`.
    pub const MANIFEST_BYTES: usize = 64 * KIB;
    pub const IMPORTS: u32 = 200;
    pub const EXPORTS: u32 = 200;
    /// Characters of a name that an error repeats.
    pub const NAME_SHOWN: usize = 120;
}

/// Limits of the compile worker.
pub mod compile {
    use super::MIB;
    use std::time::Duration;

    /// The processor time that every upload may take, and each function of it beside the share of its size; a compile bomb ends here.
    pub const CPU: Duration = Duration::from_millis(1_500);
    /// Added for each MiB of code that is done or at hand. Rust, Go, JavaScript and Python take 2.5 to 3 seconds for it.
    pub const CPU_PER_MIB: Duration = Duration::from_secs(5);
    /// What a function costs beside its code, as if it had so many bytes more.
    pub const FUNCTION_BYTES: usize = 24;
    /// A function that passes values from one part of a composed component to another, which the compiler makes itself, as if it had
    /// so many bytes of code.
    pub const ADAPTER_BYTES: usize = 2 << 10;
    /// All of it, however much code there is: three times what Python takes.
    pub const CPU_MOST: Duration = Duration::from_mins(1);
    /// What the yardstick takes on a machine that these times are meant for. On one that takes longer, all of them are longer in proportion,
    /// up to so many times.
    pub const YARDSTICK: Duration = Duration::from_millis(30);
    pub const SLOWEST: u32 = 4;
    /// How much later the system ends the worker, if it has not ended itself.
    pub const CPU_BEYOND: Duration = Duration::from_secs(2);
    /// How many times as long it may last, when the system gives it no processor. The processor time is what ends a bomb, and
    /// it never sleeps: this is for a machine that is so busy that nobody would wait any longer.
    pub const STARVED_FACTOR: u32 = 10;
    pub const ADDRESS_SPACE: u64 = 3 << 30;
    pub const OPEN_FILES: u64 = 16;
    pub const ARTIFACT_BYTES: usize = 256 * MIB;
    /// What the worker may say about a failure.
    pub const MESSAGE_BYTES: usize = 2_000;
}

/// Limits of the queues in front of the plugin threads.
pub mod queue {
    use std::time::Duration;

    /// Calls that wait; one more is refused as overload.
    pub const WAITING: usize = 4_096;
    /// The same for one tenant.
    pub const WAITING_IN_LANE: usize = 1_024;
    /// After-hooks that may wait for other servers at the same time, beside those that compute: twice what a tenant's outbox works on at a
    /// time, since a tenant gets no more than half of it where there are others.
    pub const APART: usize = 2 * crate::outbox::LINES;
    /// Tenants whose use is remembered while they have nothing to do.
    pub const LANES_KEPT: usize = 1_024;
    /// How long one is; a thread is kept free for it meanwhile.
    pub const LANE_KEPT_FOR: Duration = Duration::from_secs(30);
    /// How often those are looked for who have had nothing to do for so long.
    pub const LANES_SWEPT: Duration = Duration::from_secs(1);
    /// How often the epoch advances while calls run.
    pub const TICK: Duration = Duration::from_millis(5);
}

/// The fuel of all calls of a tenant.
pub mod allowance {
    /// Seconds for which a tenant has to make up at most: one call may burn many times what a small quota allows.
    pub const DEBT_S: u32 = 60;
}

/// Calls that are made where the request is, because handing them over would cost more than they do.
pub mod in_place {
    use std::time::Duration;

    /// What such a call may use: mostly a fraction of a millisecond, since bulk operations and growing are charged by size.
    pub const FUEL: u64 = 500_000;
    /// And how long it may take: what passes between the parts of a composed component is not charged by size.
    pub const TIME: Duration = Duration::from_millis(20);
    /// What the call before it must have used at most. A hook in TypeScript that makes a slug of a title uses half of it.
    pub const SHORT_FUEL: u64 = 200_000;
    /// And how long it may have had the processor.
    pub const SHORT_TIME: Duration = Duration::from_millis(2);
    /// How long a hook that used more is not made in place, at first; doubled each time.
    pub const PAUSE_MS: i64 = 1_000;
    /// Times that it is doubled: to something over an hour.
    pub const STRIKES_COUNTED: u32 = 12;
}

/// Limits of what an admin can configure.
pub mod admin {
    use super::KIB;

    pub const NAME_CHARS: usize = 60;
    /// An attachment's `config` as JSON text.
    pub const CONFIG_BYTES: usize = 64 * KIB;
    pub const ATTACHMENTS: usize = 200;
    /// Schedules of all plugins.
    pub const SCHEDULES: usize = 200;
    /// Attachments of one collection at one stage.
    pub const PER_STAGE: usize = 16;
    pub const PROJECTED_FIELDS: usize = 200;
    pub const GRANTS: usize = 200;
    /// Versions of one plugin that are kept; older ones than the active are removed.
    pub const VERSIONS: usize = 20;
    /// How long after its upload a version that keeps failing is taken back without being asked: a day.
    pub const PROBATION_MS: i64 = 86_400_000;
    /// Plugins that the figures for Prometheus tell apart.
    pub const LABELS: usize = 200;
    /// Lines of a plugin's log that are kept in memory.
    pub const LOG_LINES: usize = 500;
    /// How long somebody may wait for the next line.
    pub const LOG_WAIT: std::time::Duration = std::time::Duration::from_secs(30);
}

/// Limits of what a guest's refusal puts into a reply.
pub mod answer {
    pub const FIELD_ERRORS: usize = 100;
    pub const MESSAGE_BYTES: usize = 1_000;
    /// A code, and the name of a field.
    pub const CODE_BYTES: usize = 100;
}

/// Limits of what stands in for WASI.
pub mod wasi {
    use super::KIB;

    /// Calls of its functions, which are cheap and count apart from those of the host's.
    pub const CALLS: u32 = 10_000;
    /// Bytes written or asked for that count as one call more.
    pub const BYTES_PER_CALL: u64 = KIB as u64;
    pub const RANDOM_BYTES: u64 = 64 * KIB as u64;
}

/// Limits of routes and their answers.
pub mod web {
    use super::{KIB, MIB};

    /// All that a guest puts together for an answer, heads and bodies; somewhat more than the largest request.
    pub const ANSWER_BYTES: usize = 4 * MIB + 256 * KIB;
    /// Requests that one plugin answers at the same time or has waiting; one more is refused as overload.
    pub const CALLS_OF_PLUGIN: usize = 64;
    /// The same for all plugins of a tenant.
    pub const CALLS_OF_TENANT: usize = 128;
    /// One plugin's requests hold no more than this part of the threads for routes at the same time, but always one.
    pub const PART_OF_THREADS: usize = 2;
    /// Bytes of a request's body that are read at once.
    pub const READ_BYTES: usize = 64 * KIB;
}

/// Limits of what plugins add to tokens, which travel in a header.
pub mod claims {
    use super::KIB;

    pub const CLAIMS: usize = 16;
    pub const NAME_BYTES: usize = 64;
    /// All claims together, as JSON.
    pub const BYTES: usize = 2 * KIB;
}

/// Limits of what the host holds for a call until it is over.
pub mod held {
    use super::MIB;

    /// Writes, mails and messages that are queued, and what a trial has put into its store.
    pub const BYTES: usize = 4 * MIB;
    /// What each of them takes besides its content.
    pub const EACH: usize = 256;
}

/// Limits of the interface `log`.
pub mod log {
    use super::KIB;

    pub const LINE_BYTES: usize = KIB;
    pub const LINES: u32 = 100;
    pub const FIELDS: usize = 16;
}

/// Limits of the interface `kv`.
pub mod kv {
    use super::KIB;

    pub const KEY_BYTES: usize = 255;
    pub const VALUE_BYTES: usize = 64 * KIB;
    /// Live keys of one plugin.
    pub const KEYS: u64 = 10_000;
}

/// Limits of the interface `records`.
pub mod records {
    use super::KIB;

    pub const FIND_LIMIT: u32 = 500;
    pub const FILTER_BYTES: usize = 4 * KIB;
    /// Bytes of records that one call may read; the rest of a guest's memory is its own.
    pub const READ_BYTES: usize = 4_096 * KIB;
}

/// Limits of grants, and what they are when a grant does not say.
pub mod rights {
    use super::{KIB, MIB};

    /// Entries of one list, and bytes of one of them.
    pub const ENTRIES: usize = 100;
    pub const ENTRY_BYTES: usize = 255;
    /// Bytes of requests and answers in one call of a plugin.
    pub const CALL_BYTES: u64 = MIB as u64;
    pub const CALL_BYTES_MAX: u64 = 64 * MIB as u64;
    /// The same in a day.
    pub const DAY_BYTES: u64 = 100 * MIB as u64;
    pub const DAY_BYTES_MAX: u64 = 1 << 40;
    /// Mails in a day.
    pub const MAILS: u64 = 100;
    pub const MAILS_MAX: u64 = 1_000_000;
    pub const SECRET_NAME: usize = 64;
    /// Shorter values could not be told from other text in an answer, where they are taken out.
    pub const SECRET_MIN: usize = 8;
    pub const SECRET_MAX: usize = 8 * KIB;
    /// Secrets of one plugin.
    pub const SECRETS: i64 = 50;
    /// Days for which it is kept what was used.
    pub const USAGE_DAYS: i64 = 7;
}

/// Limits of the interface `http-client`.
pub mod http {
    use super::KIB;

    pub const URL_BYTES: usize = 8 * KIB;
    pub const HEADERS: usize = 64;
    pub const HEADER_BYTES: usize = 32 * KIB;
    /// Placeholders of one call.
    pub const PLACEHOLDERS: usize = 32;
    /// Places of one request where secrets are filled in; they make it larger than what the guest has put together.
    pub const FILLED: usize = 16;
}

/// Limits of the interface `mail`.
pub mod mail {
    use super::KIB;

    pub const RECIPIENTS: usize = 50;
    pub const SUBJECT_CHARS: usize = 255;
    pub const BODY_BYTES: usize = 256 * KIB;
    /// How long a mail is of use.
    pub const LASTS_MS: i64 = 3 * 86_400_000;
}

/// Limits of the interface `random`.
pub mod random {
    use super::KIB;

    pub const BYTES: usize = 64 * KIB;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(fuel: impl Into<Option<u64>>, wall_ms: impl Into<Option<u64>>, memory_mb: impl Into<Option<u64>>) -> Wish {
        let wish = Wish::default().with(Measure::Fuel, fuel).with(Measure::WallMs, wall_ms);
        wish.with(Measure::MemoryMb, memory_mb)
    }

    #[test]
    fn a_wish_narrows_and_never_passes_the_cap() {
        let usual = Limits::effective(Class::Before, Wish::default());
        assert_eq!(usual, Limits::usual(Class::Before));
        let narrow = Limits::effective(Class::Before, wish(5, 1, 1));
        assert_eq!((narrow.fuel, narrow.wall, narrow.memory), (5, Duration::from_millis(1), MIB));
        let greedy = Measure::ALL.into_iter().fold(Wish::default(), |wish, measure| wish.with(measure, u64::MAX));
        for class in [Class::Validator, Class::Before, Class::After, Class::SignIn, Class::Route] {
            assert_eq!(Limits::effective(class, greedy), Limits::most(class));
            assert_eq!(Limits::granted(class, greedy, greedy, greedy), Limits::most(class));
        }
    }

    #[test]
    fn the_least_of_all_wishes_is_granted() {
        let none = Wish::default();
        let granted = |attachment, plugin, quota| {
            let limits = Limits::granted(Class::Before, attachment, plugin, quota);
            (limits.fuel, limits.wall.as_millis(), limits.memory / MIB)
        };
        assert_eq!(granted(none, none, none), (10_000_000, 50, 16));
        assert_eq!(granted(wish(Some(20_000_000), Some(100), Some(32)), none, none), (20_000_000, 100, 32));
        let plugin = wish(Some(15_000_000), None, Some(4));
        assert_eq!(granted(none, plugin, none), (15_000_000, 50, 4));
        assert_eq!(granted(wish(Some(20_000_000), Some(100), Some(32)), plugin, none), (15_000_000, 100, 4));
        let quota = wish(Some(1_000), Some(70), Some(64));
        assert_eq!(granted(wish(Some(20_000_000), Some(100), None), none, quota), (1_000, 70, 16));
    }

    #[test]
    fn each_level_narrows_each_measure() {
        // (the class, its measure, what it is usually)
        let of_class = |class: Class, measure: Measure| {
            let value = &Limits::usual(class).view()[measure.name()];
            value.as_u64().filter(|value| *value > 1)
        };
        let mut checked = 0;
        for class in [Class::Validator, Class::Before, Class::After, Class::SignIn, Class::Route] {
            for measure in Measure::ALL {
                let Some(usual) = of_class(class, measure) else { continue };
                let less = Wish::default().with(measure, usual - 1);
                let (none, more) = (Wish::default(), Wish::default().with(measure, usual));
                for [attachment, plugin, quota] in
                    [[less, none, none], [none, less, none], [none, none, less], [more, more, less]]
                {
                    let view = Limits::granted(class, attachment, plugin, quota).view();
                    assert_eq!(view[measure.name()], usual - 1, "{class:?} {measure:?}");
                    let others = Measure::ALL.into_iter().filter(|other| *other != measure);
                    for other in others {
                        let name = other.name();
                        assert_eq!(view[name], Limits::usual(class).view()[name], "{class:?} {measure:?}: {name}");
                    }
                    checked += 1;
                }
            }
        }
        // Validators call nothing and log nothing; only routes are counted at once.
        assert_eq!(checked, 4 * (5 * 7 - 2 + 1));
    }

    #[test]
    fn large_records_get_more_fuel() {
        let limits = Limits::usual(Class::Validator);
        assert_eq!(limits.fuel_for(0), 2_000_000);
        assert_eq!(limits.fuel_for(1), 2_200_000);
        assert_eq!(limits.fuel_for(10 * KIB), 4_000_000);
        assert_eq!(limits.fuel_for(usize::MAX), u64::MAX);
    }
}
