//! What a store has done since it was opened.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Counters of one store since it was opened, and the length of its queue now.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Stats {
            $($(#[$doc])* pub $name: u64,)*
            /// Units that wait at this moment.
            pub queued: u64,
        }

        impl Stats {
            /// Under the names that clients know.
            #[must_use]
            pub fn to_json(&self) -> serde_json::Value {
                let mut json = serde_json::Map::new();
                $(json.insert(camel_case(stringify!($name)), self.$name.into());)*
                json.insert("queued".to_owned(), self.queued.into());
                json.into()
            }
        }

        #[derive(Default)]
        pub(super) struct Counters {
            $(pub $name: Counter,)*
        }

        impl Counters {
            pub(super) fn read(&self, queued: usize) -> Stats {
                Stats { $($name: self.$name.0.load(Ordering::Relaxed),)* queued: queued as u64 }
            }
        }
    };
}

counters! {
    /// Units that were committed.
    committed,
    /// Units that were rolled back: a guard, a constraint, an error.
    failed,
    /// Transactions that were committed; `committed / commits` is the size of a group.
    commits,
    /// Units that ran a second time, alone, because a neighbour took the transaction down.
    rerun,
    /// Units turned away because the queue was full or they had waited too long.
    refused,
    /// Units nobody waited for any more when their turn came.
    abandoned,
    /// Panics that were caught, each with a new connection.
    panics,
    /// Snapshots that were read.
    reads,
    /// Reads that ran into their deadline or found no reader in time.
    reads_late,
    /// Background syncs of the log.
    syncs,
    /// Background syncs that the disk refused; what was acknowledged since the last good one is at risk.
    syncs_failed,
    /// Times the log was cut because it had grown.
    log_cuts,
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }
}
