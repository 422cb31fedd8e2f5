//! A process that is killed at a random moment loses nothing it acknowledged.
//!
//! `TINYBASE_KILL_CYCLES` sets how often (default 10), `TINYBASE_KILL_FULL=1` the full durability.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::db::Durability;

const DIRECTORY: &str = "TINYBASE_KILL_DIRECTORY";
const CYCLES: &str = "TINYBASE_KILL_CYCLES";
const FULL: &str = "TINYBASE_KILL_FULL";
const TASKS: u64 = 16;

/// The process that is killed: writes for ever and prints each name once it is acknowledged.
#[test]
#[ignore = "started by the test below"]
fn victim() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let durability = if std::env::var_os(FULL).is_some() { Durability::Full } else { Durability::Normal };
    let options = Options { durability, ..Options::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let threads = Threads::start(2).unwrap();
    let path = PathBuf::from(directory).join("data.db");
    let store = Store::open(&path, options, &threads, SCHEMA).unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let run = std::process::id();
                    for number in 0_u64.. {
                        // Two rows that belong together: never one without the other.
                        let name = format!("{run}-{task}-{number}");
                        let mut unit = Unit::of(insert(&name));
                        unit.run(insert(&format!("{name}-mate")));
                        store.write(unit).await.unwrap();
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "ack {name}").and_then(|()| out.flush()).unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

/// Runs a victim, kills it, and returns what it had acknowledged.
fn run_and_kill(directory: &std::path::Path, after: Duration) -> Vec<String> {
    let name = format!("{}::victim", module_path!().split_once("::").unwrap().1);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([&name, "--exact", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let lines = BufReader::new(out).split(b'\n').map_while(Result::ok);
        // A line that the kill cut off is no acknowledgement, and it can only be the last one.
        lines.filter_map(|line| Some(String::from_utf8_lossy(&line).strip_prefix("ack ")?.to_owned())).collect()
    });
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

#[test]
fn nothing_acknowledged_is_lost() {
    let cycles: u64 = std::env::var(CYCLES).ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let dir = tempfile::tempdir().unwrap();
    let threads = Threads::start(1).unwrap();
    let mut seed = u64::from(std::process::id());
    let (mut total, mut slowest) = (0, Duration::ZERO);
    for cycle in 0..cycles {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut acknowledged = run_and_kill(dir.path(), Duration::from_millis(50 + (seed >> 33) % 500));
        // The last line may have lost its end, which makes it another name.
        let last = acknowledged.pop();
        let started = Instant::now();
        let store = Store::open(&dir.path().join("data.db"), Options::default(), &threads, SCHEMA).unwrap();
        slowest = slowest.max(started.elapsed());
        store
            .read_blocking(|snapshot| {
                for name in &acknowledged {
                    let mut sql = Sql::new("SELECT count(*) FROM t WHERE name IN (");
                    sql.bind(name.as_str()).push(",").bind(format!("{name}-mate")).push(")");
                    assert_eq!(value(snapshot, &sql)?, Value::Integer(2), "cycle {cycle}: {name} is lost");
                }
                let halves = "SELECT count(*) FROM t a WHERE a.name NOT LIKE '%-mate' \
                              AND NOT EXISTS (SELECT 1 FROM t b WHERE b.name = a.name || '-mate')";
                assert_eq!(value(snapshot, &Sql::new(halves))?, Value::Integer(0), "cycle {cycle}: half a unit");
                assert_eq!(value(snapshot, &Sql::new("PRAGMA integrity_check"))?, Value::from("ok"), "cycle {cycle}");
                Ok(())
            })
            .unwrap();
        // Small files, so that the checks above do not grow with the cycles.
        store.write_blocking(Unit::of(Sql::new("DELETE FROM t WHERE id % 3 = 0 OR id > 20000"))).unwrap();
        store.write_blocking(Unit::of(Sql::new("DELETE FROM t"))).unwrap();
        total += acknowledged.len() + usize::from(last.is_some());
    }
    println!("{total} acknowledged writes in {cycles} cycles, slowest reopening {slowest:?}");
    assert!(total > 0);
}
