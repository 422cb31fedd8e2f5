//! The plain paths: write, read, migrate.

use super::super::*;
use crate::sql::Sql;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let threads = Threads::start(2).unwrap();
    let store = Store::open(&dir.path().join("data.db"), Options::default(), &threads, &[]).unwrap();
    store.write_alone(Unit::of(Sql::new("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)"))).await.unwrap();
    let mut sql = Sql::new("INSERT INTO t (name) VALUES (");
    sql.bind("x").push(") RETURNING id");
    let mut unit = Unit::new();
    let slot = unit.query(sql);
    let outcome = store.write(unit).await.unwrap();
    assert_eq!(outcome.rows(slot).row(0).unwrap(), [crate::sql::Value::Integer(1)]);
    let name = store.read(|s| s.one(&Sql::new("SELECT name FROM t"), |row| Ok(row.text(0).to_owned()))).await.unwrap();
    assert_eq!(name.as_deref(), Some("x"));
    store.close().await;
    assert!(!dir.path().join("data.db-wal").exists());
}
