//! The memory that all databases of the process share.

use super::error::Failure;

/// What statements may hold beside the page caches, in MiB: sorted rows, intermediate tables, values of up to 64 MiB. At least
/// the first, at most the second.
const STATEMENTS_MIB: (i64, i64) = (64, 1_024);

/// What the engine may take of the machine's memory.
const SHARE: (i64, i64) = (3, 4);

/// Bounds what the page caches of all stores of the process take together, in MiB: beyond it the engine takes a page
/// from whichever of them has not used it for longest. What statements hold beside them is bounded too, by 1 GiB, or less on a
/// small machine: one that asks for more fails with [`Failure::Unavailable`], since there is nothing that the engine could take
/// instead. The first that a process says holds; later ones can only lower it.
///
/// # Errors
/// [`Failure::Internal`] when the engine does not start.
pub fn share_memory(mib: u32) -> Result<(), Failure> {
    let (caches, machine) = (i64::from(mib), machine_mib());
    let limits = [("soft_heap_limit", caches), ("hard_heap_limit", caches + room(machine, caches))];
    let set = |conn: rusqlite::Connection| {
        limits.into_iter().try_for_each(|(name, mib)| {
            conn.pragma_update_and_check(None, name, mib << 20, |row| row.get::<_, i64>(0)).map(drop)
        })
    };
    let limited = rusqlite::Connection::open_in_memory().and_then(set);
    limited.map_err(|error| Failure::engine("limiting the memory of the engine", &error))
}

/// What is left for statements, where the machine has so much; `None` is unknown.
fn room(machine: Option<i64>, caches: i64) -> i64 {
    let (least, most) = STATEMENTS_MIB;
    machine.map_or(most, |machine| (machine / SHARE.1 * SHARE.0 - caches).clamp(least, most))
}

/// What this process may have of the machine's memory.
#[cfg(target_os = "linux")]
fn machine_mib() -> Option<i64> {
    let info = rustix::system::sysinfo();
    let all = info.totalram.saturating_mul(u64::from(info.mem_unit.max(1)));
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = groups.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or_default();
    let limit = |group: &str| {
        let file = std::path::Path::new("/sys/fs/cgroup").join(group.trim_start_matches('/')).join("memory.max");
        std::fs::read_to_string(file).ok()?.trim().parse::<u64>().ok()
    };
    // In a container the group that it is in is the root of what it sees.
    let least = [limit(group), limit("")].into_iter().flatten().fold(all, u64::min);
    i64::try_from(least >> 20).ok()
}

#[cfg(not(target_os = "linux"))]
fn machine_mib() -> Option<i64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_knows_the_limits() {
        share_memory(300).unwrap();
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let limit = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap();
        let (soft, hard) = (limit("soft_heap_limit"), limit("hard_heap_limit"));
        assert!(soft > 0 && soft % (1 << 20) == 0, "{soft}");
        assert_eq!(hard, soft + (room(machine_mib(), 300) << 20));
    }

    #[test]
    fn a_small_machine_is_not_filled() {
        assert_eq!(room(None, 256), 1_024);
        assert_eq!(room(Some(16_000), 256), 1_024);
        assert_eq!(room(Some(1_024), 256), 512);
        assert_eq!(room(Some(512), 256), 128);
        assert_eq!(room(Some(256), 256), 64, "something has to be possible");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_machine_has_memory() {
        assert!(machine_mib().is_some_and(|mib| mib > 64), "{:?}", machine_mib());
    }
}
