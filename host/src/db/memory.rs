//! The memory that all databases of the process share.

use super::error::Failure;

/// What statements may hold beside the page caches, in MiB: sorted rows, intermediate tables, values of up to 64 MiB.
const STATEMENTS_MIB: i64 = 1_024;

/// Bounds what the page caches of all stores of the process take together, in MiB: beyond it the engine takes a page
/// from whichever of them has not used it for longest. What statements hold beside them is bounded too: one that asks
/// for more fails with [`Failure::Unavailable`], since there is nothing that the engine could take instead.
///
/// # Errors
/// [`Failure::Internal`] when the engine does not start.
pub fn share_memory(mib: u32) -> Result<(), Failure> {
    let limits = [("soft_heap_limit", i64::from(mib)), ("hard_heap_limit", i64::from(mib) + STATEMENTS_MIB)];
    let set = |conn: rusqlite::Connection| {
        limits.into_iter().try_for_each(|(name, mib)| {
            conn.pragma_update_and_check(None, name, mib << 20, |row| row.get::<_, i64>(0)).map(drop)
        })
    };
    let limited = rusqlite::Connection::open_in_memory().and_then(set);
    limited.map_err(|error| Failure::engine("limiting the memory of the engine", &error))
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
        assert_eq!(hard, soft + (STATEMENTS_MIB << 20));
    }
}
