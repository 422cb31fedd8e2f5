//! What the store costs: one insert alone, inserts from 64 tasks at once, a point read, a list of 30; and what it costs that
//! a change is kept for those who were away.
//!
//! `cargo bench --bench db`. The files are in the system's temporary directory; set `TMPDIR` to a memory
//! file system to see the processor's share, to a disk to see the disk's.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark may stop, and spawns what it measures"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use tinybase::db::{Durability, Migration, Options, Store, Threads, Unit, migrations};
use tinybase::model::{Action, Change, Draft};
use tinybase::schema::system;
use tinybase::sql::{Sql, ValueRef};
use tinybase::tenant::history;
use tokio::runtime::Runtime;

/// Rows in the table before a benchmark starts.
const ROWS: u64 = 20_000;
/// Tasks that write at the same time.
const TASKS: u64 = 64;
/// Inserts of each of them in one round.
const EACH: u64 = 16;

const SCHEMA: &[Migration] = &[Migration {
    name: "9001_posts",
    sql: "CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, title TEXT DEFAULT '' NOT NULL, body TEXT DEFAULT '' NOT NULL, \
          author TEXT DEFAULT '' NOT NULL, views NUMERIC DEFAULT 0 NOT NULL, public BOOLEAN DEFAULT FALSE NOT NULL, \
          tags JSON DEFAULT '[]' NOT NULL, meta JSON DEFAULT NULL, created TEXT DEFAULT '' NOT NULL, \
          updated TEXT DEFAULT '' NOT NULL); \
          CREATE INDEX by_author ON posts (author); CREATE INDEX by_created ON posts (created);",
}];

fn main() {
    divan::main();
}

struct Bench {
    runtime: Runtime,
    store: Arc<Store>,
    next: AtomicU64,
    _dir: tempfile::TempDir,
}

impl Bench {
    fn new(durability: Durability, rows: u64) -> Self {
        Self::open(durability, rows, SCHEMA)
    }

    /// With the tables that every tenant has beside the one of the others.
    fn of_tenant(rows: u64) -> Self {
        let all: Vec<Migration> = migrations::TENANT.iter().chain(SCHEMA).copied().collect();
        Self::open(Durability::Normal, rows, &all)
    }

    fn open(durability: Durability, rows: u64, schema: &[Migration]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let threads = Threads::start(2).unwrap();
        let options = Options { durability, ..Options::default() };
        let store = Store::open(&dir.path().join("data.db"), options, &threads, schema).unwrap();
        runtime.block_on(async {
            let mut unit = Unit::new();
            for number in 0..rows {
                unit.run(insert(number));
            }
            store.write_alone(unit).await.unwrap();
        });
        Self { runtime, store, next: AtomicU64::new(rows), _dir: dir }
    }
}

impl Bench {
    /// Units of so many tasks at the same time.
    fn round(&self, unit: impl Fn(u64) -> Unit + Clone + Send + 'static) {
        let first = self.next.fetch_add(TASKS * EACH, Ordering::Relaxed);
        self.runtime.block_on(async {
            let tasks: Vec<_> = (0..TASKS)
                .map(|task| {
                    let (store, unit) = (Arc::clone(&self.store), unit.clone());
                    tokio::spawn(async move {
                        for number in 0..EACH {
                            store.write(unit(first + task * EACH + number)).await.unwrap();
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }
}

fn insert(number: u64) -> Sql {
    let mut sql =
        Sql::new("INSERT INTO posts (id, title, body, author, views, public, tags, meta, created, updated) VALUES (");
    sql.bind(id(number))
        .push(",")
        .bind("A title of some length")
        .push(",")
        .bind("Lorem ipsum dolor sit amet. ".repeat(8));
    sql.push(",")
        .bind(id(number % 500))
        .push(",")
        .bind(number.cast_signed())
        .push(",")
        .bind(true)
        .push(",")
        .bind("[\"a\",\"b\"]");
    sql.push(",").bind("{\"k\":1}").push(",").bind(format!("2026-01-01 00:00:{number:09}Z"));
    sql.push(",").bind("2026-01-01 00:00:00.000Z").push(")");
    sql
}

fn id(number: u64) -> String {
    // Spread over the key space, as random ids are.
    format!("{:015x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 4)
}

#[divan::bench(args = [Durability::Normal, Durability::Full])]
fn insert_alone(bencher: Bencher, durability: Durability) {
    let bench = Bench::new(durability, ROWS);
    bencher.bench_local(|| {
        let number = bench.next.fetch_add(1, Ordering::Relaxed);
        bench.runtime.block_on(async { bench.store.write(Unit::of(insert(number))).await }).unwrap()
    });
}

/// One round is 1,024 inserts.
#[divan::bench(args = [Durability::Normal, Durability::Full], sample_size = 1, sample_count = 50)]
fn insert_64_tasks(bencher: Bencher, durability: Durability) {
    let bench = Bench::new(durability, ROWS);
    let counter = divan::counter::ItemsCount::new(TASKS * EACH);
    bencher.counter(counter).bench_local(|| bench.round(|number| Unit::of(insert(number))));
}

/// A record's row alone, and with the row of `_changes` that goes with each create. One round is 1,024 creates.
#[divan::bench(args = [false, true], sample_size = 1, sample_count = 50)]
fn create_kept_64_tasks(bencher: Bencher, is_kept: bool) {
    let bench = Bench::of_tenant(ROWS);
    let change = create();
    bencher.counter(divan::counter::ItemsCount::new(TASKS * EACH)).bench_local(|| {
        let change = change.clone();
        bench.round(move |number| unit_of_create(number, is_kept.then_some(&change)));
    });
}

/// The same of one who waits for each.
#[divan::bench(args = [false, true])]
fn create_kept_alone(bencher: Bencher, is_kept: bool) {
    let bench = Bench::of_tenant(ROWS);
    let change = create();
    bencher.bench_local(|| {
        let number = bench.next.fetch_add(1, Ordering::Relaxed);
        let unit = unit_of_create(number, is_kept.then_some(&change));
        bench.runtime.block_on(bench.store.write(unit)).unwrap()
    });
}

/// Of a record of some collection: of a create, the history has only whose it was.
fn create() -> Change {
    let collections = system::collections("2026-01-01 00:00:00.000Z", &mut |length| "x".repeat(length));
    let after = Draft::new(Arc::new(collections.into_iter().next().unwrap())).record;
    Change { action: Action::Create, before: None, after: Some(Arc::new(after)) }
}

fn unit_of_create(number: u64, change: Option<&Change>) -> Unit {
    let mut unit = Unit::of(insert(number));
    if let Some(change) = change {
        history::record(&mut unit, std::slice::from_ref(change), 1, 1_767_323_045_678);
    }
    unit
}

#[divan::bench]
fn get(bencher: Bencher) {
    let bench = Bench::new(Durability::Normal, ROWS);
    bencher.bench_local(|| {
        let number = bench.next.fetch_add(7, Ordering::Relaxed) % ROWS;
        let mut sql = Sql::new("SELECT * FROM posts WHERE id = ");
        sql.bind(id(number));
        bench.runtime.block_on(bench.store.read(|snapshot| snapshot.one(&sql, |row| Ok(size(row))))).unwrap()
    });
}

#[divan::bench]
fn list_30(bencher: Bencher) {
    let bench = Bench::new(Durability::Normal, ROWS);
    let sql = Sql::new("SELECT * FROM posts ORDER BY created DESC LIMIT 30");
    bencher.bench_local(|| {
        let mut total = 0;
        bench
            .runtime
            .block_on(bench.store.read(|snapshot| {
                snapshot.rows(&sql, |row| {
                    total += size(row);
                    Ok(())
                })
            }))
            .unwrap();
        total
    });
}

/// Touches every column, as rendering does.
fn size(row: &tinybase::db::Row<'_>) -> usize {
    (0..row.width())
        .map(|index| match row.get(index) {
            ValueRef::Text(text) => text.len(),
            ValueRef::Blob(bytes) => bytes.len(),
            ValueRef::Null => 0,
            ValueRef::Integer(_) | ValueRef::Real(_) => 8,
        })
        .sum()
}
