//! Opening, syncing, housekeeping, closing.

use std::time::{Duration, Instant};

use super::*;
use crate::db::{DirLock, Durability, Failure, OpenFailure};
use crate::tasks::Tasks;

#[test]
fn the_engine_is_the_one_we_know() {
    // Before 3.51.3 a checkpoint beside a commit can corrupt a file, and `connection.rs` works around
    // that. When this fails: read the engine's release notes, decide whether the precautions still hold,
    // and run the stress test long.
    assert_eq!(rusqlite::version(), "3.47.0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_are_set_up_as_designed() {
    let fixture = Fixture::new();
    let ask = |text: &'static str| fixture.store.read(move |snapshot| value(snapshot, &Sql::new(text)));
    for (pragma, wanted) in [
        ("PRAGMA journal_mode", Value::from("wal")),
        ("PRAGMA query_only", Value::Integer(1)),
        ("PRAGMA wal_autocheckpoint", Value::Integer(0)),
        ("PRAGMA page_size", Value::Integer(4096)),
        ("PRAGMA auto_vacuum", Value::Integer(2)),
        ("PRAGMA foreign_keys", Value::Integer(1)),
        ("PRAGMA trusted_schema", Value::Integer(0)),
        ("PRAGMA temp_store", Value::Integer(2)),
        ("PRAGMA cache_size", Value::Integer(-64_000)),
        ("PRAGMA application_id", Value::Integer(0x5469_6e79)),
        ("PRAGMA user_version", Value::Integer(1)),
    ] {
        assert_eq!(ask(pragma).await.unwrap(), wanted, "{pragma}");
    }
    let pragma = |text| async move {
        let mut unit = Unit::new();
        let slot = unit.query(Sql::new(text));
        (unit, slot)
    };
    for (text, wanted) in [("PRAGMA synchronous", 1), ("PRAGMA wal_autocheckpoint", 4_000), ("PRAGMA query_only", 0)] {
        let (unit, slot) = pragma(text).await;
        let outcome = fixture.store.write(unit).await.unwrap();
        assert_eq!(outcome.rows(slot).row(0).unwrap(), [Value::Integer(wanted)], "{text}");
    }
    // An index is sorted in files, everything else in memory.
    for (alone, wanted) in [(false, 2), (true, 1), (false, 2)] {
        let (unit, slot) = pragma("PRAGMA temp_store").await;
        let store = &fixture.store;
        let outcome = if alone { store.write_alone(unit).await } else { store.write(unit).await }.unwrap();
        assert_eq!(outcome.rows(slot).row(0).unwrap(), [Value::Integer(wanted)], "alone: {alone}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn normal_durability_syncs_soon_after_and_then_rests() {
    let fixture = Fixture::new();
    // The migrations are committed writes too.
    rested(&fixture).await;
    let before = fixture.store.stats().syncs;
    assert_eq!(before, 1);
    for name in ["a", "b", "c"] {
        fixture.store.write(Unit::of(insert(name))).await.unwrap();
    }
    rested(&fixture).await;
    let syncs = fixture.store.stats().syncs - before;
    assert!((1..=2).contains(&syncs), "{syncs}");
    fixture.store.write(Unit::of(insert("d"))).await.unwrap();
    rested(&fixture).await;
    assert_eq!(fixture.store.stats().syncs, before + syncs + 1);
    assert_eq!(fixture.store.stats().syncs_failed, 0);
    let Fixture { store, threads, dir } = fixture;
    store.close().await;
    drop((store, threads));
    // Nothing is in the log of a store that was closed.
    let store = Store::open(&dir.path().join("data.db"), Options::default(), &Threads::start(1).unwrap(), SCHEMA);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(store.unwrap().stats().syncs, 0);
}

/// Waits until the store has not synced for a while.
async fn rested(fixture: &Fixture) {
    let mut last = (u64::MAX, Instant::now());
    while last.1.elapsed() < Duration::from_millis(300) {
        let syncs = fixture.store.stats().syncs;
        if syncs != last.0 {
            last = (syncs, Instant::now());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_durability_syncs_with_each_commit() {
    let fixture = Fixture::with(Options { durability: Durability::Full, ..Options::default() });
    let mut unit = Unit::new();
    let slot = unit.query(Sql::new("PRAGMA synchronous"));
    let outcome = fixture.store.write(unit).await.unwrap();
    assert_eq!(outcome.rows(slot).row(0).unwrap(), [Value::Integer(2)]);
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let store = Arc::clone(&fixture.store);
            tokio::spawn(async move { store.write(Unit::of(insert(&format!("n{number}")))).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(fixture.names().await.len(), 64);
    rested(&fixture).await;
    // Only the one after opening.
    assert!(fixture.store.stats().syncs <= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_finishes_what_waits_and_leaves_one_file() {
    let fixture = Fixture::new();
    assert_eq!(fixture.names().await.len(), 0);
    let release = fixture.hold().await;
    let mut waiting = Vec::new();
    for number in 0..20 {
        waiting.push(fixture.start(Unit::of(insert(&format!("n{number}"))), number).await);
    }
    let store = Arc::clone(&fixture.store);
    let closing = tokio::spawn(async move { store.close().await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(matches!(fixture.store.write(Unit::of(insert("late"))).await, Err(Failure::Unavailable(_))));
    drop(release);
    closing.await.unwrap();
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    let files: Vec<_> =
        std::fs::read_dir(fixture.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["data.db"]);
    fixture.store.close().await;
    assert!(matches!(fixture.store.write(Unit::of(insert("late"))).await, Err(Failure::Unavailable(_))));
    assert!(matches!(fixture.store.maintain().await, Err(Failure::Unavailable(_))));
    assert!(fixture.store.read(|snapshot| value(snapshot, &Sql::new("SELECT 1"))).await.is_err());

    let again = Store::open(&fixture.path(), Options::default(), &fixture.threads, SCHEMA).unwrap();
    let count = again.read(|snapshot| value(snapshot, &Sql::new("SELECT count(*) FROM t"))).await.unwrap();
    assert_eq!(count, Value::Integer(20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropping_a_store_closes_it_too() {
    let Fixture { store, threads, dir } = Fixture::new();
    store.write(Unit::of(insert("a"))).await.unwrap();
    store.read(|snapshot| value(snapshot, &Sql::new("SELECT 1"))).await.unwrap();
    drop((store, threads));
    let log = dir.path().join("data.db-wal");
    let started = Instant::now();
    while log.exists() && started.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(!log.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn housekeeping_empties_the_log_and_gives_pages_back() {
    let fixture = Fixture::new();
    let mut fill = Unit::new();
    for number in 0..500 {
        fill.run(insert(&format!("{number:05}{}", "x".repeat(2_000))));
    }
    fixture.store.write(fill).await.unwrap();
    fixture.store.write(Unit::of(Sql::new("DELETE FROM t"))).await.unwrap();
    fixture.store.maintain().await.unwrap();
    assert_eq!(std::fs::metadata(fixture.dir.path().join("data.db-wal")).unwrap().len(), 0);
    let pages = fixture.store.read(|snapshot| value(snapshot, &Sql::new("PRAGMA page_count"))).await.unwrap();
    assert!(matches!(pages, Value::Integer(count) if count < 40), "{pages:?}");
}

#[test]
fn a_copy_is_of_one_moment_while_writes_go_on() {
    let fixture = Fixture::new();
    let copy = fixture.dir.path().join("copy.db");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 0..300 {
                // Always two: a copy with an odd number would be of no moment.
                let mut unit = Unit::of(insert(&format!("{number}{}", "x".repeat(500))));
                unit.run(insert(&format!("{number}-mate")));
                fixture.store.write_blocking(unit).unwrap();
            }
        });
        for _ in 0..5 {
            fixture.store.copy_to(&copy, Duration::from_secs(20), &Tasks::new()).unwrap();
            let opened = Store::open(&copy, Options::default(), &fixture.threads, SCHEMA).unwrap();
            opened
                .read_blocking(|snapshot| {
                    assert_eq!(value(snapshot, &Sql::new("SELECT count(*) % 2 FROM t"))?, Value::Integer(0));
                    assert_eq!(value(snapshot, &Sql::new("PRAGMA integrity_check"))?, Value::from("ok"));
                    Ok(())
                })
                .unwrap();
            drop(opened);
            std::fs::remove_file(&copy).unwrap();
        }
        writer.join().unwrap();
    });
    assert!(matches!(fixture.store.copy_to(&copy, Duration::ZERO, &Tasks::new()), Err(Failure::Deadline)));
    assert!(!copy.exists());
    std::fs::write(&copy, "mine").unwrap();
    assert!(fixture.store.copy_to(&copy, Duration::from_secs(20), &Tasks::new()).is_err());
    assert_eq!(std::fs::read(&copy).unwrap(), b"mine");
}

/// Full-text tables know rows by them.
#[test]
fn a_copy_keeps_the_numbers_of_rows() {
    let fixture = Fixture::new();
    let mut unit = Unit::of(Sql::new("CREATE TABLE words (id TEXT PRIMARY KEY, word TEXT)"));
    unit.run(Sql::new("INSERT INTO words VALUES ('c', 'one'), ('b', 'two'), ('a', 'three'), ('d', 'four')"));
    unit.run(Sql::new("DELETE FROM words WHERE id IN ('c', 'a')"));
    fixture.store.write_blocking(unit).unwrap();
    let copy = fixture.dir.path().join("copy.db");
    fixture.store.copy_to(&copy, Duration::from_secs(20), &Tasks::new()).unwrap();
    let opened = Store::open(&copy, Options::default(), &fixture.threads, SCHEMA).unwrap();
    let numbers = Sql::new("SELECT group_concat(id || rowid) FROM words");
    let read = |store: &Store| store.read_blocking(|snapshot| value(snapshot, &numbers)).unwrap();
    assert_eq!(read(&opened), Value::from("b2,d4"));
    assert_eq!(read(&opened), read(&fixture.store));
}

#[test]
fn a_directory_has_one_owner() {
    let dir = tempfile::tempdir().unwrap();
    let lock = DirLock::acquire(dir.path()).unwrap();
    match DirLock::acquire(dir.path()) {
        Err(OpenFailure::Locked { holder, .. }) => assert_eq!(holder, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    drop(lock);
    DirLock::acquire(dir.path()).unwrap();
    assert!(matches!(DirLock::acquire(&dir.path().join("missing")), Err(OpenFailure::Engine { .. })));
}

#[test]
fn files_that_are_no_databases_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let threads = Threads::start(1).unwrap();
    let path = dir.path().join("data.db");
    std::fs::write(&path, "not a database at all, but long enough to look at ".repeat(100)).unwrap();
    assert!(matches!(Store::open(&path, Options::default(), &threads, SCHEMA), Err(OpenFailure::Engine { .. })));
    let missing = dir.path().join("no/such/folder/data.db");
    assert!(matches!(Store::open(&missing, Options::default(), &threads, SCHEMA), Err(OpenFailure::Engine { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_waits_for_no_statement_that_has_no_end() {
    let fixture = Fixture::new();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";
    let writing = Arc::clone(&fixture.store);
    let write = tokio::spawn(async move {
        let mut unit = Unit::new();
        // By itself it would be at it for an hour.
        unit.within(Duration::from_hours(1)).query(Sql::new(endless));
        writing.write_alone(unit).await
    });
    let reading = Arc::clone(&fixture.store);
    let read = tokio::spawn(async move {
        let hour = Duration::from_hours(1);
        reading.read_slow(hour, |snapshot| snapshot.one(&Sql::new(endless), |row| Ok(row.integer(0)))).await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    fixture.store.close().await;
    assert!(write.await.unwrap().is_err());
    assert!(read.await.unwrap().is_err());
}
