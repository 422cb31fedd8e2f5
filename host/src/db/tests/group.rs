//! Many units in one transaction: who succeeds, who fails, who is told, and in which order.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::*;
use crate::db::{Failure, Guard};

type Log = Arc<Mutex<Vec<String>>>;

/// A unit that inserts `name` and writes it down after the commit.
fn noted(name: &str, log: &Log) -> Unit {
    let mut unit = Unit::of(insert(name));
    note(&mut unit, name, log);
    unit
}

fn note(unit: &mut Unit, name: &str, log: &Log) {
    let (name, log) = (name.to_owned(), Arc::clone(log));
    unit.after_commit(move |_| log.lock().unwrap().push(name));
}

/// A write that never ends by itself.
fn endless() -> Sql {
    Sql::new(
        "INSERT INTO t (n) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
         SELECT count(*) FROM c",
    )
}

/// Runs `units` in one transaction, in this order; their answers, and how many commits it took.
async fn together(fixture: &Fixture, units: Vec<Unit>) -> (Vec<Result<Outcome, Failure>>, u64) {
    let release = fixture.hold().await;
    let before = fixture.store.stats().commits;
    let mut tasks = Vec::new();
    for (index, unit) in units.into_iter().enumerate() {
        tasks.push(fixture.start(unit, index as u64).await);
    }
    drop(release);
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    (answers, fixture.store.stats().commits - before)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_units_share_one_commit_in_order() {
    let fixture = Fixture::new();
    let log = Log::default();
    let names: Vec<_> = (0..100).map(|number| format!("n{number}")).collect();
    let units = names.iter().map(|name| noted(name, &log)).collect();
    let (answers, commits) = together(&fixture, units).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(commits, 1);
    assert_eq!(fixture.names().await, names);
    assert_eq!(*log.lock().unwrap(), names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_unit_takes_nobody_with_it() {
    let fixture = Fixture::new();
    let log = Log::default();
    let mut guarded = noted("guarded", &log);
    guarded.guard(Sql::new("SELECT 1 FROM t WHERE name = 'a'"), Guard::NoRow, Error::NotFound("there is an a".into()));
    let mut expecting = noted("expecting", &log);
    expecting.run_expecting(Sql::new("UPDATE t SET n = 1 WHERE name = 'nobody'"), 1, Error::Conflict("gone".into()));
    let mut passing = noted("b", &log);
    passing.guard(Sql::new("SELECT 1 FROM t WHERE name = 'a'"), Guard::SomeRow, Error::not_found());
    passing.run_expecting(Sql::new("UPDATE t SET n = 1 WHERE name = 'a'"), 1, Error::not_found());
    let units = vec![noted("a", &log), guarded, noted("a", &log), expecting, passing];
    let (answers, commits) = together(&fixture, units).await;
    assert!(matches!(&answers[1], Err(Failure::Refused(Error::NotFound(text))) if text == "there is an a"));
    assert!(matches!(&answers[2], Err(Failure::Unique(_))));
    assert!(matches!(&answers[3], Err(Failure::Refused(Error::Conflict(_)))));
    assert!(answers[0].is_ok() && answers[4].is_ok());
    assert_eq!(commits, 1);
    assert_eq!(fixture.names().await, ["a", "b"]);
    assert_eq!(*log.lock().unwrap(), ["a", "b"]);
    let stats = fixture.store.stats();
    assert_eq!((stats.failed, stats.rerun), (3, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_fails_first_or_alone_leaves_nothing() {
    let fixture = Fixture::new();
    let log = Log::default();
    let mut bad = noted("first", &log);
    bad.run(Sql::new("INSERT INTO nowhere VALUES (1)"));
    let (answers, _) = together(&fixture, vec![bad, noted("second", &log)]).await;
    assert!(answers[0].is_err() && answers[1].is_ok());
    let mut bad = noted("alone", &log);
    bad.run(insert("second"));
    assert!(fixture.store.write_alone(bad).await.is_err());
    assert_eq!(fixture.names().await, ["second"]);
    assert_eq!(*log.lock().unwrap(), ["second"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mates_survive_an_interrupted_write() {
    let fixture = Fixture::with(Options { deadline: Duration::from_millis(300), ..Options::default() });
    let log = Log::default();
    let mut stuck = noted("stuck", &log);
    stuck.run(endless());
    let (answers, _) = together(&fixture, vec![noted("a", &log), stuck, noted("b", &log)]).await;
    assert!(matches!(answers[1], Err(Failure::Deadline)), "{answers:?}");
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(fixture.names().await, ["a", "b"]);
    assert_eq!(*log.lock().unwrap(), ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mates_survive_a_rollback_by_trigger() {
    let fixture = Fixture::new();
    let log = Log::default();
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON t WHEN new.name = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    fixture.store.write_alone(Unit::of(Sql::new(trigger))).await.unwrap();
    let units = ["a", "b", "bad", "c"].map(|name| noted(name, &log)).into();
    let (answers, _) = together(&fixture, units).await;
    let fine: Vec<_> = answers.iter().map(Result::is_ok).collect();
    assert_eq!(fine, [true, true, false, true]);
    assert_eq!(fixture.names().await, ["a", "b", "c"]);
    assert_eq!(*log.lock().unwrap(), ["a", "b", "c"]);
    assert_eq!(fixture.store.stats().rerun, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_verdict_from_a_lost_transaction_is_not_given() {
    let fixture = Fixture::new();
    let log = Log::default();
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON t WHEN new.name = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    fixture.store.write_alone(Unit::of(Sql::new(trigger))).await.unwrap();
    // The first unit saw a row that is rolled back with the transaction; the second was refused because
    // of it. Only what holds in the end may be answered.
    let mut first = Unit::of(insert("x"));
    first.run(insert("bad"));
    let mut second = noted("y", &log);
    second.guard(Sql::new("SELECT 1 FROM t WHERE name = 'x'"), Guard::NoRow, Error::not_found());
    let (answers, _) = together(&fixture, vec![noted("w", &log), first, second]).await;
    assert!(answers[0].is_ok() && answers[1].is_err() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(fixture.names().await, ["w", "y"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_is_done_again_one_by_one() {
    let fixture = Fixture::new();
    let log = Log::default();
    let child = "CREATE TABLE child (t INTEGER REFERENCES t(id) DEFERRABLE INITIALLY DEFERRED)";
    fixture.store.write_alone(Unit::of(Sql::new(child))).await.unwrap();
    let mut orphan = noted("orphan", &log);
    orphan.run(Sql::new("INSERT INTO child VALUES (999)"));
    let (answers, commits) = together(&fixture, vec![noted("a", &log), orphan, noted("b", &log)]).await;
    assert!(answers[0].is_ok() && answers[1].is_err() && answers[2].is_ok(), "{answers:?}");
    assert_eq!(commits, 2);
    assert_eq!(fixture.names().await, ["a", "b"]);
    assert_eq!(*log.lock().unwrap(), ["a", "b"]);
    let mut orphan = noted("orphan", &log);
    orphan.run(Sql::new("INSERT INTO child VALUES (999)"));
    assert!(matches!(fixture.store.write(orphan).await, Err(Failure::Constraint { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_costs_only_its_own_unit() {
    let fixture = Fixture::new();
    let log = Log::default();
    let mut bad = noted("bad", &log);
    bad.panic();
    let (answers, _) = together(&fixture, vec![noted("a", &log), bad, noted("b", &log)]).await;
    assert!(answers[0].is_ok() && matches!(answers[1], Err(Failure::Internal(_))) && answers[2].is_ok());
    let mut bad = noted("bad", &log);
    bad.panic();
    assert!(fixture.store.write_alone(bad).await.is_err());
    fixture.store.write(noted("c", &log)).await.unwrap();
    assert_eq!(fixture.names().await, ["a", "b", "c"]);
    assert_eq!(*log.lock().unwrap(), ["a", "b", "c"]);
    assert_eq!(fixture.store.stats().panics, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callback_that_panics_costs_nobody() {
    let fixture = Fixture::new();
    let log = Log::default();
    let mut rude = noted("a", &log);
    rude.after_commit(|_| panic!("a test asked for it"));
    let (answers, _) = together(&fixture, vec![rude, noted("b", &log)]).await;
    assert!(answers.iter().all(Result::is_ok));
    fixture.store.write(noted("c", &log)).await.unwrap();
    assert_eq!(*log.lock().unwrap(), ["a", "b", "c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callbacks_see_the_outcome_before_the_answer() {
    let fixture = Fixture::new();
    let seen = Arc::new(Mutex::new(None));
    let mut unit = Unit::new();
    let mut sql = insert("a");
    sql.push(" RETURNING id");
    let slot = unit.query(sql);
    let sink = Arc::clone(&seen);
    unit.after_commit(move |outcome| *sink.lock().unwrap() = outcome.rows(slot).row(0).map(<[Value]>::to_vec));
    fixture.store.write(unit).await.unwrap();
    assert_eq!(seen.lock().unwrap().take(), Some(vec![Value::Integer(1)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alone_means_alone_and_in_its_place() {
    let fixture = Fixture::new();
    let release = fixture.hold().await;
    let before = fixture.store.stats().commits;
    let first = fixture.start(Unit::of(insert("a")), 0).await;
    let store = Arc::clone(&fixture.store);
    let column = Sql::new("ALTER TABLE t ADD COLUMN extra TEXT DEFAULT 'e'");
    let alone = tokio::spawn(async move { store.write_alone(Unit::of(column)).await });
    while fixture.store.stats().queued < 2 {
        tokio::task::yield_now().await;
    }
    let last = fixture.start(Unit::of(Sql::new("INSERT INTO t (name, extra) VALUES ('b', 'f')")), 2).await;
    drop(release);
    for task in [first, alone, last] {
        task.await.unwrap().unwrap();
    }
    assert_eq!(fixture.store.stats().commits - before, 3);
    assert_eq!(fixture.names().await, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_at_once() {
    let fixture = Fixture::with(Options { queue: 4, ..Options::default() });
    let release = fixture.hold().await;
    let mut waiting = Vec::new();
    for number in 0..4 {
        waiting.push(fixture.start(Unit::of(insert(&format!("n{number}"))), number).await);
    }
    let started = Instant::now();
    let refused = fixture.store.write(Unit::of(insert("late"))).await;
    assert!(matches!(refused, Err(Failure::Unavailable(_))) && started.elapsed() < Duration::from_secs(1));
    drop(release);
    for task in waiting {
        task.await.unwrap().unwrap();
    }
    assert_eq!(fixture.names().await.len(), 4);
    assert_eq!(fixture.store.stats().refused, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_that_waited_too_long_or_for_nobody_is_dropped() {
    let fixture = Fixture::with(Options { deadline: Duration::from_millis(50), ..Options::default() });
    let release = fixture.hold().await;
    let late = fixture.start(Unit::of(insert("late")), 0).await;
    let abandoned = fixture.start(Unit::of(insert("abandoned")), 1).await;
    abandoned.abort();
    assert!(abandoned.await.unwrap_err().is_cancelled());
    tokio::time::sleep(Duration::from_millis(80)).await;
    drop(release);
    assert!(matches!(late.await.unwrap(), Err(Failure::Unavailable(_))));
    fixture.store.write(Unit::of(insert("a"))).await.unwrap();
    assert_eq!(fixture.names().await, ["a"]);
    assert_eq!(fixture.store.stats().abandoned, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_busy_store_does_not_starve_another() {
    let dir = tempfile::tempdir().unwrap();
    let threads = Threads::start(1).unwrap();
    let open = |name: &str| Store::open(&dir.path().join(name), Options::default(), &threads, SCHEMA).unwrap();
    let (busy, calm) = (open("busy.db"), open("calm.db"));
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers: Vec<_> = (0..32)
        .map(|_| {
            let (busy, stop) = (Arc::clone(&busy), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    busy.write(Unit::of(Sql::new("INSERT INTO t (n) VALUES (1)"))).await.unwrap();
                }
            })
        })
        .collect();
    for number in 0..50 {
        let write = calm.write(Unit::of(insert(&format!("n{number}"))));
        tokio::time::timeout(Duration::from_secs(5), write).await.unwrap().unwrap();
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_tells_the_step_that_broke_off() {
    let fixture = Fixture::new();
    fixture.store.write(Unit::of(insert("known"))).await.unwrap();
    let broken_at = async |name: &'static str, guard: Guard| {
        let mut unit = Unit::of(insert("new"));
        let trace = unit.trace();
        unit.run(insert(name)).guard(Sql::new("SELECT 1"), guard, Error::not_found());
        let answer = fixture.store.write(unit).await;
        (answer.is_ok(), trace.step())
    };
    assert_eq!(broken_at("known", Guard::SomeRow).await, (false, Some(1)));
    assert_eq!(broken_at("other", Guard::NoRow).await, (false, Some(2)));
    assert_eq!(broken_at("other", Guard::SomeRow).await, (true, None));
}
