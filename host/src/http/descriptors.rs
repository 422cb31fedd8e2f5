//! How many connections this process has room for: each is an open file to the system, which allows so many and no more.
//! Whoever has none left can neither take a connection nor tell it why, and cannot open a file of its own either, so
//! connections leave some to everything else.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that connections leave to databases, files on their way, plugins and mails.
const KEPT: u64 = 2_048;

/// Where there are few, this part of them: one of so many.
const KEPT_PART: u64 = 4;

/// Of `wanted` connections those that there is room for, once the system's limit is raised as far as it can be.
pub(super) fn room(wanted: usize) -> usize {
    let room = beside_the_rest(raised());
    let found = usize::try_from(room).unwrap_or(usize::MAX).min(wanted);
    if found < wanted {
        tracing::info!(
            connections = found,
            "the limit of open files (`ulimit -n`) leaves room for so many connections"
        );
    }
    found
}

/// The limit of open files, which most systems set low for programs that cannot take more.
fn raised() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return current.unwrap_or(u64::MAX);
    }
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            current.unwrap_or(u64::MAX)
        }
    }
}

fn beside_the_rest(descriptors: u64) -> u64 {
    descriptors - KEPT.min(descriptors / KEPT_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_some_to_the_rest() {
        assert_eq!(beside_the_rest(256), 192);
        assert_eq!(beside_the_rest(1_024), 768);
        assert_eq!(beside_the_rest(20_000), 20_000 - KEPT);
        assert_eq!(beside_the_rest(u64::MAX), u64::MAX - KEPT);
        assert_eq!(beside_the_rest(0), 0);
    }

    #[test]
    fn nobody_gets_more_than_they_wanted() {
        assert_eq!(room(1), 1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum, "it is as high as it can be");
        assert!(room(usize::MAX) > 1);
    }
}
