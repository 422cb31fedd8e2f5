//! Tests of the store on real files.

#![expect(clippy::disallowed_methods, reason = "tests spawn freely, and some are set up by the environment")]

mod group;
mod kill;
mod lifecycle;
mod marks;
mod migrations;
mod parts;
mod reads;
mod stress;
mod values;

use std::path::PathBuf;
use std::sync::{Arc, mpsc};

use super::{Migration, Options, Outcome, Store, Threads, Unit};
use crate::error::Error;
use crate::sql::{Sql, Value};

const SCHEMA: &[Migration] = &[Migration {
    name: "0001_init",
    sql: "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 0);",
}];

/// A store in a directory of its own.
struct Fixture {
    store: Arc<Store>,
    threads: Threads,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let threads = Threads::start(2).unwrap();
        let store = Store::open(&dir.path().join("data.db"), options, &threads, SCHEMA).unwrap();
        Self { store, threads, dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("data.db")
    }

    /// The names in the table, in the order they were inserted.
    async fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let sql = Sql::new("SELECT name FROM t ORDER BY id");
        self.store
            .read(|snapshot| {
                snapshot.rows(&sql, |row| {
                    names.push(row.text(0).to_owned());
                    Ok(())
                })
            })
            .await
            .unwrap();
        names
    }

    /// Keeps the writer busy until the returned sender is dropped, so that what is written meanwhile
    /// waits and then shares one transaction.
    async fn hold(&self) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel::<()>();
        let (started, running) = tokio::sync::oneshot::channel();
        let mut unit = Unit::of(Sql::new("SELECT 1 WHERE 0"));
        unit.after_commit(move |_| {
            let _ = started.send(());
            let _ = held.recv();
        });
        let store = Arc::clone(&self.store);
        tokio::spawn(async move { store.write(unit).await });
        running.await.unwrap();
        release
    }

    /// Starts writing and returns when the unit waits in the queue behind `before` others.
    async fn start(&self, unit: Unit, before: u64) -> tokio::task::JoinHandle<Result<Outcome, super::Failure>> {
        let store = Arc::clone(&self.store);
        let task = tokio::spawn(async move { store.write(unit).await });
        while self.store.stats().queued <= before {
            tokio::task::yield_now().await;
        }
        task
    }
}

fn insert(name: &str) -> Sql {
    let mut sql = Sql::new("INSERT INTO t (name) VALUES (");
    sql.bind(name).push(")");
    sql
}

fn value(snapshot: &mut super::Snapshot<'_>, sql: &Sql) -> Result<Value, Error> {
    Ok(snapshot.one(sql, |row| Ok(row.value(0)))?.unwrap_or(Value::Null))
}
