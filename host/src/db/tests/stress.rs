//! Checkpoints beside reading: the log starts again many times while readers come and go.
//!
//! `TINYBASE_STRESS_SECONDS` sets how long (default 2).

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::*;

const SECONDS: &str = "TINYBASE_STRESS_SECONDS";
const READERS: usize = 4;
const WRITERS: usize = 8;

/// Every unit keeps the sum of `n` at 0, and every snapshot must see it so.
#[test]
fn the_log_starts_again_under_readers() {
    let seconds = std::env::var(SECONDS).ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let fixture = Fixture::with(Options { readers: READERS, ..Options::default() });
    let stop = AtomicBool::new(false);
    let (writes, reads, largest) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let log = fixture.dir.path().join("data.db-wal");
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (fixture, stop, writes) = (&fixture, &stop, &writes);
            scope.spawn(move || {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("{writer}-{number}");
                    let mut unit = Unit::of(padded(&name, 7));
                    unit.run(padded(&format!("{name}-mate"), -7));
                    if number % 50 == 49 {
                        // Keeps the table small. Mates are neighbours, so they go together.
                        unit.run(Sql::new("DELETE FROM t WHERE id <= (SELECT max(id) - 1000 FROM t WHERE n < 0)"));
                    }
                    fixture.store.write_blocking(unit).unwrap();
                    writes.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for reader in 0..READERS {
            let (fixture, stop, reads) = (&fixture, &stop, &reads);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let read = fixture.store.read_blocking(|snapshot| {
                        assert_eq!(value(snapshot, &Sql::new("SELECT coalesce(sum(n), 0) FROM t"))?, Value::Integer(0));
                        if reader == 0 {
                            // Holds an old part of the log for a while.
                            std::thread::sleep(Duration::from_millis(20));
                        }
                        value(snapshot, &Sql::new("SELECT coalesce(sum(n), 0) FROM t"))
                    });
                    assert_eq!(read.unwrap(), Value::Integer(0));
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(seconds) {
            std::thread::sleep(Duration::from_millis(10));
            let size = std::fs::metadata(&log).map_or(0, |file| file.len());
            largest.fetch_max(size, Ordering::Relaxed);
        }
        stop.store(true, Ordering::Relaxed);
    });
    let check = fixture.store.read_blocking(|snapshot| value(snapshot, &Sql::new("PRAGMA integrity_check"))).unwrap();
    assert_eq!(check, Value::from("ok"));
    let largest = largest.load(Ordering::Relaxed);
    assert!(largest < 128 << 20, "the log grew to {largest} bytes, {:?}", fixture.store.stats());
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{} units, {} snapshots, log at most {largest} bytes, {:?}",
        count(&writes),
        count(&reads),
        fixture.store.stats()
    );
}

fn padded(name: &str, n: i64) -> Sql {
    let mut sql = Sql::new("INSERT INTO t (name, n) VALUES (");
    sql.bind(format!("{name}{}", "x".repeat(400))).push(",").bind(n).push(")");
    sql
}
