//! Readings in parts: all of one moment, and only when there is somebody to read them.

use super::*;
use crate::db::Snapshot;

const ROWS: i64 = 30;

async fn filled(options: Options) -> Fixture {
    let fixture = Fixture::with(options);
    for number in 0..ROWS {
        fixture.store.write(Unit::of(insert(&number.to_string()))).await.unwrap();
    }
    fixture
}

/// How many rows of the part of that number a snapshot sees.
fn count(part: usize, parts: usize, snapshot: &mut Snapshot<'_>) -> Result<i64, Error> {
    let mut sql = Sql::new("SELECT count(*) FROM t WHERE id % ");
    sql.number(parts as u64).push(" = ").number(part as u64);
    Ok(snapshot.one(&sql, |row| Ok(row.integer(0)))?.unwrap_or(-1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_is_read_once_and_the_readers_come_back() {
    let fixture = filled(Options { readers: 3, ..Options::default() }).await;
    for _ in 0..3 {
        let found =
            fixture.store.read(|snapshot| snapshot.in_parts(3, |part, snapshot| count(part, 3, snapshot))).await;
        assert_eq!(found.unwrap(), Some(vec![10, 10, 10]));
    }
    fixture.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_are_of_one_moment_or_none() {
    let fixture = filled(Options::default()).await;
    let store = Arc::clone(&fixture.store);
    let (before, parts, after) = fixture
        .store
        .read(move |snapshot| {
            let before = count(0, 1, snapshot)?;
            std::thread::spawn(move || store.write_blocking(Unit::of(insert("new")))).join().unwrap().unwrap();
            let parts = snapshot.in_parts(2, |part, snapshot| count(part, 2, snapshot))?;
            Ok((before, parts, count(0, 1, snapshot)?))
        })
        .await
        .unwrap();
    assert_eq!((before, parts, after), (ROWS, None, ROWS));
    let parts = fixture.store.read(|snapshot| snapshot.in_parts(2, |part, snapshot| count(part, 2, snapshot))).await;
    assert_eq!(parts.unwrap().map(|counts| counts.iter().sum()), Some(ROWS + 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reads_parts_when_all_are_busy_or_the_reading_is_to_be_short() {
    let fixture = filled(Options { readers: 1, ..Options::default() }).await;
    let store = Arc::clone(&fixture.store);
    let read = |snapshot: &mut Snapshot<'_>| Ok((snapshot.parts(), snapshot.in_parts(2, |_, _| Ok(()))?));
    assert_eq!(store.read(read).await.unwrap(), (1, None));
    let fixture = filled(Options::default()).await;
    let parts = fixture.store.read(|snapshot| snapshot.within(1_000, 1_000, |snapshot| Ok(snapshot.parts()))).await;
    assert_eq!(parts.unwrap(), Some(1));
    // A snapshot that is held is older than what others begin with.
    let mut held = fixture.store.hold_blocking(std::time::Instant::now() + std::time::Duration::from_secs(5)).unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
    assert_eq!(held.read(until, read).unwrap(), (1, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_fails_or_panics_fails_the_reading_and_nothing_else() {
    let fixture = filled(Options { readers: 2, ..Options::default() }).await;
    let failed =
        fixture.store.read(|snapshot| {
            snapshot.in_parts(2, |part, snapshot| {
                if part == 1 { value(snapshot, &Sql::new("SELECT nothing")).map(drop) } else { Ok(()) }
            })
        });
    assert!(failed.await.is_err());
    let panicked = fixture.store.read(|snapshot| {
        snapshot.in_parts(2, |part, _| {
            assert_ne!(part, 1, "asked for");
            Ok(())
        })
    });
    assert!(panicked.await.is_err());
    let found = fixture.store.read(|snapshot| snapshot.in_parts(2, |part, snapshot| count(part, 2, snapshot))).await;
    assert_eq!(found.unwrap(), Some(vec![15, 15]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_a_statement_walks_through_a_table_is_known() {
    let fixture = filled(Options::default()).await;
    for (text, walks) in [
        ("SELECT count(*) FROM t WHERE n = 1", true),
        ("SELECT count(*) FROM t WHERE n IN (SELECT n FROM t)", true),
        ("SELECT count(*) FROM t", false),
        ("SELECT count(*) FROM t WHERE id > 3 AND n = 1", false),
        ("SELECT count(*) FROM t WHERE name = 'x'", false),
        ("SELECT count(*) FROM t AS u WHERE u.n = 1", false),
    ] {
        let sql = Sql::new(text);
        let known = fixture.store.read(|snapshot| snapshot.walks_through("t", &sql)).await.unwrap();
        assert_eq!(known, walks, "{text}");
    }
}
