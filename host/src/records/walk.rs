//! A walk through a collection's table, in parts that go on at the same time where it is long and there is somebody to help.

use super::read::one_integer;
use crate::db::Snapshot;
use crate::error::Result;
use crate::sql::Sql;
use std::ops::Range;

/// Instructions of the engine after which a reading counts as long: some three quarters of a millisecond.
pub(super) const BRIEF_OPERATIONS: u32 = 16_000;
/// Row ids that a part has at least: fewer are walked through in less time than others need to begin.
const PART_ROWS_MIN: i64 = 3_000;

/// What `read` finds with a statement about the rows of a table; more than one result when the statement walks through
/// all of them and each part was read apart, in the order of the row ids. `statement` is the whole one, or with a condition that
/// chooses a part. `is_long` says that the whole is known to take more than [`BRIEF_OPERATIONS`].
///
/// # Errors
/// That of `read`.
pub(super) fn read<R: Send>(
    snapshot: &mut Snapshot<'_>,
    table: &str,
    is_long: bool,
    statement: impl Fn(Option<Sql>) -> Sql + Sync,
    read: impl Fn(&mut Snapshot<'_>, &Sql) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let whole = statement(None);
    let parts = snapshot.parts();
    if parts > 1 {
        if !is_long
            && let Some(found) =
                snapshot.within(BRIEF_OPERATIONS, BRIEF_OPERATIONS, |snapshot| read(snapshot, &whole))?
        {
            return Ok(vec![found]);
        }
        if snapshot.walks_through(table, &whole)? {
            let ranges = divide(&ids(snapshot, table)?, parts);
            let part = |index: usize, snapshot: &mut Snapshot<'_>| {
                read(snapshot, &statement(Some(within(table, &ranges, index))))
            };
            if ranges.len() > 1
                && let Some(found) = snapshot.in_parts(ranges.len(), part)?
            {
                return Ok(found);
            }
        }
    }
    Ok(vec![read(snapshot, &whole)?])
}

/// The row ids that a table has, with gaps where rows were deleted.
fn ids(snapshot: &mut Snapshot<'_>, table: &str) -> Result<Range<i64>> {
    let mut end = |function: &'static str| {
        let mut sql = Sql::new("SELECT ");
        sql.push(function).push("(rowid) FROM ").name(table);
        one_integer(snapshot, &sql)
    };
    Ok(end("min")?..end("max")?.saturating_add(1))
}

/// Cuts a range into at most so many, none of them too small to be worth it.
fn divide(ids: &Range<i64>, parts: usize) -> Vec<Range<i64>> {
    let count = ids.end.saturating_sub(ids.start);
    let parts = i64::try_from(parts).unwrap_or(1).min(count / PART_ROWS_MIN).max(1);
    let cut = |part: i64| if part == parts { ids.end } else { ids.start + count / parts * part };
    (0..parts).map(|part| cut(part)..cut(part + 1)).collect()
}

/// That a row is one of a part. The last one has no end, since there may be a row with the largest id of all.
fn within(table: &str, parts: &[Range<i64>], index: usize) -> Sql {
    let mut sql = Sql::default();
    sql.column(table, "rowid").push(" >= ").bind(parts[index].start);
    if index + 1 < parts.len() {
        sql.push(" AND ").column(table, "rowid").push(" < ").bind(parts[index].end);
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{Migration, Options, Store, Threads, Unit};
    use std::sync::atomic::{AtomicUsize, Ordering};

    const ROWS: i64 = 20_000;
    const SCHEMA: &[Migration] =
        &[Migration { name: "0001_init", sql: "CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL);" }];

    #[test]
    fn parts_hold_every_row_once() {
        for (ids, parts, expected) in [
            (0..0, 4, 1),
            (1..6_000, 4, 1),
            (1..6_001, 4, 2),
            (1..100_000, 4, 4),
            (7..100_000, 3, 3),
            (i64::MIN..i64::MAX, 4, 4),
            (-50_000..50_000, 2, 2),
        ] {
            let cut = divide(&ids, parts);
            assert_eq!(cut.len(), expected, "{ids:?}");
            assert_eq!((cut[0].start, cut[expected - 1].end), (ids.start, ids.end));
            assert!(cut.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].start < pair[0].end), "{cut:?}");
        }
    }

    /// A condition, how many rows meet it, and how many parts they are counted in by a machine of four cores.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_long_walk_is_divided_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let threads = Threads::start(1).unwrap();
        let options = Options { cores: 4, ..Options::default() };
        let store = Store::open(&dir.path().join("data.db"), options, &threads, SCHEMA).unwrap();
        let mut rows = Sql::new("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ");
        rows.bind(ROWS).push(") INSERT INTO t (id, n) SELECT 'id' || x, x FROM c");
        store.write_alone(Unit::of(rows)).await.unwrap();
        for (condition, count, parts) in [
            ("n % 2 = 0", ROWS / 2, 3),
            ("n > 0", ROWS, 3),
            ("id = 'id77'", 1, 1),
            ("id IN (SELECT id FROM t WHERE n % 4 = 0)", ROWS / 4, 1),
        ] {
            let statement = |part: Option<Sql>| {
                let mut sql = Sql::new("SELECT count(*) FROM t WHERE ");
                sql.push(condition);
                if let Some(part) = part {
                    sql.push(" AND ").append(part);
                }
                sql
            };
            let in_parts = AtomicUsize::new(0);
            let counted = |snapshot: &mut Snapshot<'_>, sql: &Sql| {
                in_parts.fetch_add(usize::from(sql.text().contains("rowid")), Ordering::Relaxed);
                one_integer(snapshot, sql)
            };
            let found = store.read(|snapshot| read(snapshot, "t", false, statement, counted)).await.unwrap();
            assert_eq!((found.iter().sum::<i64>(), found.len()), (count, parts), "{condition}");
            assert_eq!(in_parts.into_inner(), if parts > 1 { parts } else { 0 }, "{condition}");
        }
    }
}
