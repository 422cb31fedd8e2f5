//! The memory that all databases of the process share.

use super::error::Failure;

/// Bounds what the page caches of all stores of the process take together, in MiB: beyond it the engine takes a page
/// from whichever of them has not used it for longest.
///
/// # Errors
/// [`Failure::Internal`] when the engine does not start.
pub fn share_memory(mib: u32) -> Result<(), Failure> {
    let set = |conn: rusqlite::Connection| {
        conn.pragma_update_and_check(None, "soft_heap_limit", i64::from(mib) << 20, |row| row.get::<_, i64>(0))
    };
    let limited = rusqlite::Connection::open_in_memory().and_then(set);
    limited.map(drop).map_err(|error| Failure::engine("limiting the page caches", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_knows_the_limit() {
        share_memory(300).unwrap();
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let limit: i64 = conn.query_row("PRAGMA soft_heap_limit", [], |row| row.get(0)).unwrap();
        assert!(limit > 0 && limit % (1 << 20) == 0, "{limit}");
    }
}
