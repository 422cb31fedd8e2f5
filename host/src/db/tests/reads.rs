//! Snapshots, deadlines, and that slow reads are in nobody's way.

use std::time::{Duration, Instant};

use super::*;
use crate::db::{Failure, Snapshot};

/// A read that never ends by itself.
fn endless() -> Sql {
    Sql::new("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
}

fn count(snapshot: &mut Snapshot<'_>) -> Result<i64, Error> {
    Ok(snapshot.one(&Sql::new("SELECT count(*) FROM t"), |row| Ok(row.integer(0)))?.unwrap_or(-1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_stays_as_it_is() {
    let fixture = Fixture::new();
    fixture.store.write(Unit::of(insert("a"))).await.unwrap();
    let store = Arc::clone(&fixture.store);
    let (before, after) = fixture
        .store
        .read(move |snapshot| {
            let before = count(snapshot)?;
            std::thread::spawn(move || store.write_blocking(Unit::of(insert("b")))).join().unwrap().unwrap();
            Ok((before, count(snapshot)?))
        })
        .await
        .unwrap();
    assert_eq!((before, after), (1, 1));
    assert_eq!(fixture.store.read(count).await.unwrap(), 2);
}

#[test]
fn a_held_snapshot_stays_as_it_is_from_read_to_read() {
    let fixture = Fixture::with(Options { readers: 1, ..Options::default() });
    let soon = || Instant::now() + Duration::from_millis(200);
    let mut held = fixture.store.hold_blocking(Instant::now() + Duration::from_secs(5)).unwrap();
    assert_eq!(held.read(soon(), count).unwrap(), 0);
    fixture.store.write_blocking(Unit::of(insert("a"))).unwrap();
    assert!(matches!(held.read(soon(), |snapshot| value(snapshot, &endless())), Err(Error::Unavailable(_))));
    assert_eq!(held.read(soon(), count).unwrap(), 0);
    // It takes no ordinary reader's place.
    assert_eq!(fixture.store.read_blocking(count).unwrap(), 1);
    drop(held);
    let mut held = fixture.store.hold_blocking(Instant::now() + Duration::from_secs(5)).unwrap();
    assert_eq!(held.read(soon(), count).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cached_statements_follow_the_schema() {
    let fixture = Fixture::new();
    let all = Sql::new("SELECT * FROM t");
    let width = || fixture.store.read(|snapshot| snapshot.one(&all, |row| Ok(row.width())));
    fixture.store.write(Unit::of(insert("a"))).await.unwrap();
    assert_eq!(width().await.unwrap(), Some(3));
    fixture.store.write_alone(Unit::of(Sql::new("ALTER TABLE t ADD COLUMN extra TEXT"))).await.unwrap();
    assert_eq!(width().await.unwrap(), Some(4));
    fixture.store.write_alone(Unit::of(Sql::new("ALTER TABLE t DROP COLUMN extra"))).await.unwrap();
    assert_eq!(width().await.unwrap(), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_cannot_write() {
    let fixture = Fixture::new();
    let texts = ["INSERT INTO t (name) VALUES ('x')", "DELETE FROM t", "CREATE TABLE u (x)", "PRAGMA user_version = 9"];
    for text in texts {
        let sql = Sql::new(text);
        let written = fixture.store.read(|snapshot| snapshot.rows(&sql, |_| Ok(()))).await;
        assert!(written.is_err(), "{text}");
    }
    assert_eq!(fixture.store.read(count).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_ends_at_its_deadline_and_the_reader_lives_on() {
    let fixture = Fixture::with(Options { deadline: Duration::from_millis(60), readers: 1, ..Options::default() });
    let started = Instant::now();
    let late = fixture.store.read(|snapshot| value(snapshot, &endless())).await;
    assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(fixture.store.read(count).await.unwrap(), 0);
    assert_eq!(fixture.store.stats().reads_late, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_a_read_costs_only_its_connection() {
    let fixture = Fixture::with(Options { readers: 1, ..Options::default() });
    let store = Arc::clone(&fixture.store);
    let panicked = tokio::spawn(async move {
        store
            .read(|snapshot| -> Result<(), Error> { snapshot.rows(&Sql::new("SELECT 1"), |_| panic!("asked for")) })
            .await
    });
    assert!(panicked.await.is_err());
    assert_eq!(fixture.store.read(count).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_reads_let_other_tasks_run() {
    let fixture = Fixture::with(Options { deadline: Duration::from_secs(3), ..Options::default() });
    let slow: Vec<_> = (0..2)
        .map(|_| {
            let store = Arc::clone(&fixture.store);
            tokio::spawn(async move { store.read(|snapshot| value(snapshot, &endless())).await })
        })
        .collect();
    let beats = tokio::spawn(async {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    // Both workers read without end; unless they step aside, there is no beat before the deadline.
    beats.await.unwrap();
    assert!(slow.iter().all(|task| !task.is_finished()));
    for task in slow {
        assert!(task.await.unwrap().is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_read_does_not_take_an_ordinary_readers_place() {
    let fixture = Fixture::with(Options { readers: 1, ..Options::default() });
    let store = Arc::clone(&fixture.store);
    let slow = tokio::spawn(async move {
        store.read_slow(Duration::from_millis(400), |snapshot| value(snapshot, &endless())).await
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(fixture.store.read(count).await.unwrap(), 0);
    assert!(!slow.is_finished());
    assert!(slow.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_reader_ends() {
    let fixture =
        Fixture::with(Options { deadline: Duration::from_millis(200), readers: 1, queue: 1, ..Options::default() });
    let store = Arc::clone(&fixture.store);
    let (started, running) = tokio::sync::oneshot::channel();
    let (release, held) = mpsc::channel::<()>();
    let holder = std::thread::spawn(move || {
        store.read_blocking(|snapshot| {
            let _ = started.send(());
            let _ = held.recv();
            count(snapshot)
        })
    });
    running.await.unwrap();
    let store = Arc::clone(&fixture.store);
    let waits = tokio::spawn(async move { store.read(count).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    // The line is one long.
    assert!(matches!(fixture.store.read(count).await, Err(Error::Unavailable(_))));
    assert!(matches!(waits.await.unwrap(), Err(Error::Unavailable(_))));
    let store = Arc::clone(&fixture.store);
    let blocking = tokio::task::spawn_blocking(move || store.read_blocking(count));
    assert!(matches!(blocking.await.unwrap(), Err(Error::Unavailable(_))));
    drop(release);
    // The holder's own deadline is over, but a count of nothing ends before the engine looks at the clock.
    assert_eq!(holder.join().unwrap().unwrap(), 0);
    assert_eq!(fixture.store.read(count).await.unwrap(), 0);
}

#[tokio::test]
async fn a_runtime_with_one_thread_will_do() {
    let fixture = Fixture::new();
    fixture.store.write(Unit::of(insert("a"))).await.unwrap();
    assert_eq!(fixture.store.read(count).await.unwrap(), 1);
    assert_eq!(fixture.names().await, ["a"]);
}

#[test]
fn threads_outside_tokio_are_served() {
    let fixture = Fixture::with(Options { readers: 2, ..Options::default() });
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let fixture = &fixture;
            scope.spawn(move || {
                for number in 0..20 {
                    fixture.store.write_blocking(Unit::of(insert(&format!("{thread}-{number}")))).unwrap();
                    assert!(fixture.store.read_blocking(count).unwrap() > number);
                }
            });
        }
    });
    assert_eq!(fixture.store.read_blocking(count).unwrap(), 160);
    let missing = fixture.store.read_blocking(|snapshot| Ok(snapshot.columns(&Sql::new("SELECT nothing"))));
    assert!(matches!(missing.unwrap(), Err(Failure::Statement(_))));
}
