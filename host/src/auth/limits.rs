//! What may be done so many times within a while, counted in the database: the count is right for any number of requests
//! at the same time, and a restart does not begin it anew.

use crate::crypto::sha256_hex;
use crate::sql::Sql;
use std::time::Duration;

/// What is counted. Ids and keys of records go in as they are; only their hash is kept.
pub(super) fn key(parts: &[&str]) -> String {
    sha256_hex(parts.join("\0").as_bytes())
}

/// Counts once more; changes exactly one row unless it has been `times` already.
pub(super) fn take(key: &str, times: i64, within: Duration, now_ms: i64) -> Sql {
    let until = now_ms.saturating_add(i64::try_from(within.as_millis()).unwrap_or(i64::MAX));
    let mut sql = Sql::new("INSERT INTO _auth_limits (key, count, until_ms) VALUES (");
    sql.bind(key).push(", 1, ").bind(until).push(") ON CONFLICT (key) DO UPDATE SET ");
    sql.push("count = CASE WHEN until_ms <= ").bind(now_ms).push(" THEN 1 ELSE count + 1 END, ");
    sql.push("until_ms = CASE WHEN until_ms <= ").bind(now_ms).push(" THEN ").bind(until).push(" ELSE until_ms END ");
    sql.push("WHERE until_ms <= ").bind(now_ms).push(" OR count < ").bind(times);
    sql
}

/// How often it was counted, and until when that counts.
pub(super) fn look(key: &str, now_ms: i64) -> Sql {
    let mut sql = Sql::new("SELECT count, until_ms FROM _auth_limits WHERE key = ");
    sql.bind(key).push(" AND until_ms > ").bind(now_ms);
    sql
}

/// Forgets a count.
pub(super) fn forget(key: &str) -> Sql {
    let mut sql = Sql::new("DELETE FROM _auth_limits WHERE key = ");
    sql.bind(key);
    sql
}

/// Forgets the counts whose time is over.
pub(super) fn sweep(now_ms: i64) -> Sql {
    let mut sql = Sql::new("DELETE FROM _auth_limits WHERE until_ms <= ");
    sql.bind(now_ms);
    sql
}
