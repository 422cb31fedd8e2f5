//! The system's own tables: what ran stays as it ran.

use std::collections::BTreeSet;

use super::*;
use crate::db::{OpenFailure, migrations};

const FIRST: Migration = Migration { name: "0001_a", sql: "CREATE TABLE a (x); -- one\n" };
const SECOND: Migration = Migration { name: "0002_b", sql: "CREATE TABLE b (x); INSERT INTO a VALUES (1);" };

fn open(dir: &tempfile::TempDir, list: &[Migration]) -> Result<Arc<Store>, OpenFailure> {
    Store::open(&dir.path().join("data.db"), Options::default(), &Threads::start(1).unwrap(), list)
}

fn count(store: &Store, text: &'static str) -> Value {
    store.read_blocking(|snapshot| value(snapshot, &Sql::new(text))).unwrap()
}

#[test]
fn each_runs_once_and_in_order() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&dir, &[FIRST]).unwrap());
    drop(open(&dir, &[FIRST, SECOND]).unwrap());
    let store = open(&dir, &[FIRST, SECOND]).unwrap();
    assert_eq!(count(&store, "SELECT count(*) FROM a"), Value::Integer(1));
    assert_eq!(count(&store, "SELECT group_concat(name) FROM _system_migrations"), Value::from("0001_a,0002_b"));
    assert_eq!(count(&store, "PRAGMA user_version"), Value::Integer(2));
}

#[test]
fn what_has_run_must_not_change() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&dir, &[FIRST, SECOND]).unwrap());
    let changed = Migration { sql: "CREATE TABLE a (x, y);", ..FIRST };
    assert!(
        matches!(open(&dir, &[changed, SECOND]), Err(OpenFailure::Changed { migration, .. }) if migration == "0001_a")
    );
    let between = Migration { name: "0001_z", sql: "SELECT 1" };
    assert!(matches!(open(&dir, &[FIRST, between, SECOND]), Err(OpenFailure::Changed { .. })));
    let other_line_ends = Migration { sql: "CREATE TABLE a (x); -- one\r\n", ..FIRST };
    open(&dir, &[other_line_ends, SECOND]).unwrap();
}

#[test]
fn data_of_a_newer_program_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&dir, &[FIRST, SECOND]).unwrap());
    let refused = open(&dir, &[FIRST]).err().unwrap();
    assert!(matches!(&refused, OpenFailure::Newer { migration, .. } if migration == "0002_b"));
    assert!(refused.to_string().contains("newer version"), "{refused}");
}

#[test]
fn a_migration_that_fails_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let broken = Migration { name: "0002_b", sql: "CREATE TABLE b (x); INSERT INTO missing VALUES (1);" };
    assert!(matches!(open(&dir, &[FIRST, broken]), Err(OpenFailure::Migration { migration: "0002_b", .. })));
    let store = open(&dir, &[FIRST]).unwrap();
    assert_eq!(count(&store, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), Value::Integer(0));
}

#[test]
fn a_database_of_another_program_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("data.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(open(&dir, &[FIRST]), Err(OpenFailure::Foreign { .. })));
    assert!(std::fs::read(&path).unwrap() == before);
}

#[test]
fn what_collections_left_behind_that_went_earlier_goes() {
    let dir = tempfile::tempdir().unwrap();
    let at = migrations::TENANT.iter().position(|step| step.name == "0016_outbox_waiting").unwrap();
    let left = Migration {
        name: "0016_left",
        sql: "INSERT INTO _collections (id, name) VALUES ('pbc_here', 'here');
            INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created) VALUES
              ('a', 'x', 'pbc_here', 'r', 'create', '{}', 0, ''), ('b', 'x', 'pbc_gone', 'r', 'create', '{}', 0, '');
            INSERT INTO _changes (place, collection, record, action, past, bytes, at_ms) VALUES
              (0, 'pbc_here', 'r', 'delete', '{}', 2, 0), (0, 'pbc_gone', 'r', 'delete', '{}', 2, 0);
            INSERT INTO _api_keys (id, name, hash, scopes, created_by, created, updated) VALUES
              ('k', 'k', '', '[\"pbc_gone:list\",\"*:view\",\"pbc_here:*\",\"pbc_gone:*\",\"settings:read\",\"logs\"]', '', '', ''),
              ('l', 'l', '', '[\"pbc_gone:view\"]', '', '', '');",
    };
    drop(open(&dir, &[&migrations::TENANT[..at], &[left]].concat()).unwrap());
    let clean = Migration { name: "0017_clean", ..migrations::TENANT[at] };
    let store = open(&dir, &[&migrations::TENANT[..at], &[left, clean]].concat()).unwrap();
    assert_eq!(count(&store, "SELECT group_concat(id) FROM _outbox"), Value::from("a"));
    assert_eq!(
        count(&store, "SELECT group_concat(collection) FROM _changes WHERE past != ''"),
        Value::from("pbc_here")
    );
    let scopes = "[\"*:view\",\"pbc_here:*\",\"settings:read\",\"logs\"]|[]";
    assert_eq!(count(&store, "SELECT group_concat(scopes, '|') FROM _api_keys"), Value::from(scopes));
}

#[test]
fn every_file_in_the_folders_is_embedded_and_in_order() {
    for (folder, list) in [("tenant", migrations::TENANT), ("logs", migrations::LOGS)] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
        let files: BTreeSet<String> = std::fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
            .collect();
        let names: Vec<_> = list.iter().map(|migration| migration.name).collect();
        assert_eq!(names, files.iter().map(String::as_str).collect::<Vec<_>>(), "migrations/{folder}");
        for (index, name) in names.iter().enumerate() {
            assert!(name.starts_with(&format!("{:04}_", index + 1)), "{folder}/{name}");
        }
        let dir = tempfile::tempdir().unwrap();
        open(&dir, list).unwrap();
    }
}
