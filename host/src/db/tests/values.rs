//! What goes in comes out: texts, numbers, errors, limits.

use super::*;
use crate::db::{Constraint, Failure};
use crate::sql::ValueRef;

async fn fails(fixture: &Fixture, sql: Sql) -> Failure {
    fixture.store.write(Unit::of(sql)).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_survive_a_round_trip() {
    let fixture = Fixture::new();
    let all = [
        Value::Null,
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Real(0.1),
        Value::Real(f64::MAX),
        Value::Text(String::new()),
        Value::Text("Grüße 🦀 \u{0} nach dem NUL, 'quoted' \"twice\"".to_owned()),
        Value::Blob(Vec::new()),
        Value::Blob(vec![0, 255, 128]),
    ];
    for wanted in all {
        let mut sql = Sql::new("SELECT ");
        sql.bind(wanted.clone());
        let mut unit = Unit::new();
        let slot = unit.query(sql.clone());
        let outcome = fixture.store.write(unit).await.unwrap();
        assert_eq!(outcome.rows(slot).row(0).unwrap(), std::slice::from_ref(&wanted));
        assert_eq!(fixture.store.read(|snapshot| value(snapshot, &sql)).await.unwrap(), wanted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_that_is_not_utf8_is_repaired() {
    let fixture = Fixture::new();
    let sql = Sql::new("SELECT CAST(x'41ff42' AS TEXT), 'fine', CAST(x'c3' AS TEXT)");
    let read = fixture.store.read(|snapshot| {
        snapshot.one(&sql, |row| {
            assert_eq!(row.get(0), ValueRef::Text("A\u{fffd}B"));
            assert_eq!(row.get(2), ValueRef::Text("\u{fffd}"));
            assert_eq!((row.text(1), row.width()), ("fine", 3));
            Ok(())
        })
    });
    assert_eq!(read.await.unwrap(), Some(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_and_counts_come_back_from_a_unit() {
    let fixture = Fixture::new();
    let mut unit = Unit::new();
    let empty = unit.query(Sql::new("SELECT id FROM t"));
    unit.run(insert("a")).run(insert("b"));
    let both = unit.query(Sql::new("SELECT id, name FROM t ORDER BY id"));
    let changed = unit.count(Sql::new("UPDATE t SET n = 1"));
    let mut returning = insert("c");
    returning.push(" RETURNING name, n");
    let made = unit.query(returning);
    let mut outcome = fixture.store.write(unit).await.unwrap();
    assert!(outcome.rows(empty).is_empty() && outcome.rows(empty).row(0).is_none());
    assert_eq!((outcome.rows(both).len(), outcome.count(changed)), (2, 2));
    assert_eq!(outcome.rows(both).iter().nth(1).unwrap(), [Value::Integer(2), Value::from("b")]);
    assert_eq!(outcome.rows(both).row(2), None);
    assert_eq!(outcome.take_rows(made).row(0).unwrap(), [Value::from("c"), Value::Integer(0)]);
    assert!(outcome.rows(made).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn constraints_are_told_apart() {
    let fixture = Fixture::new();
    let mut schema = Unit::new();
    schema
        .run(Sql::new("CREATE TABLE child (t INTEGER REFERENCES t(id), a TEXT, b TEXT CHECK (b <> 'bad'))"))
        .run(Sql::new("CREATE UNIQUE INDEX pair ON child (a, b)"))
        .run(Sql::new("CREATE TABLE u (x TEXT)"))
        .run(Sql::new("CREATE UNIQUE INDEX folded ON u (lower(x))"))
        .run(Sql::new("INSERT INTO u VALUES ('p')"))
        .run(Sql::new("CREATE TRIGGER no BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'kept; always'); END"))
        .run(Sql::new("INSERT INTO t (id, name) VALUES (1, 'x')"))
        .run(Sql::new("INSERT INTO child (a, b) VALUES ('p', 'q')"));
    fixture.store.write_alone(schema).await.unwrap();

    let unique = |sql| async {
        match fails(&fixture, sql).await {
            Failure::Unique(unique) => unique,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(unique(insert("x")).await.columns, ["name"]);
    assert_eq!(unique(Sql::new("INSERT INTO u VALUES ('P')")).await.index.as_deref(), Some("folded"));
    assert_eq!(unique(Sql::new("INSERT INTO t (id, name) VALUES (1, 'y')")).await.columns, ["id"]);
    let pair = unique(Sql::new("INSERT INTO child (a, b) VALUES ('p', 'q')")).await;
    assert_eq!((pair.table.as_str(), pair.columns), ("child", vec!["a".to_owned(), "b".to_owned()]));

    let kind = |sql| async {
        match fails(&fixture, sql).await {
            Failure::Constraint { kind, .. } => kind,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(kind(Sql::new("INSERT INTO t (name, n) VALUES ('z', NULL)")).await, Constraint::NotNull);
    assert_eq!(kind(Sql::new("INSERT INTO child (b) VALUES ('bad')")).await, Constraint::Check);
    assert_eq!(kind(Sql::new("INSERT INTO child (t) VALUES (99)")).await, Constraint::ForeignKey);
    assert_eq!(kind(Sql::new("DELETE FROM t")).await, Constraint::Trigger);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_statements_are_refused_in_the_engines_words() {
    let fixture = Fixture::new();
    let wrong = [
        "SELEC 1",
        "INSERT INTO nowhere VALUES (1)",
        "SELECT \"a misspelt name\" FROM t",
        "INSERT INTO t (name) VALUES ('a'); DROP TABLE t",
        "ATTACH 'other.db' AS other",
    ];
    for text in wrong {
        let failure = fails(&fixture, Sql::new(text)).await;
        assert!(matches!(failure, Failure::Statement(_)), "{text}: {failure:?}");
    }
    assert!(matches!(fails(&fixture, Sql::new("INSERT INTO t (name) VALUES (?)")).await, Failure::Internal(_)));
    assert!(matches!(fails(&fixture, Sql::new("SELECT 1")).await, Failure::Internal(_)));
    assert!(fixture.names().await.is_empty());
    let columns = |text| fixture.store.read(move |snapshot| Ok(snapshot.columns(&Sql::new(text))));
    assert_eq!(columns("SELECT id, name AS title FROM t").await.unwrap().unwrap(), ["id", "title"]);
    let words = columns("SELECT no FROM t").await.unwrap().unwrap_err();
    assert!(matches!(words, Failure::Statement(words) if words.contains("no such column: no")));
    assert!(matches!(columns("SELECT 1; SELECT 2").await.unwrap(), Err(Failure::Statement(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_users_write_has_limits() {
    let fixture = Fixture::new();
    let deep = format!("SELECT {}1{}", "(1+".repeat(700), ")".repeat(700));
    let long = format!("SELECT 1 -- {}", "x".repeat(1 << 20));
    let wide = format!("SELECT 1 WHERE 1 IN ({}1)", "?,".repeat(17_000));
    for text in [deep, long, wide] {
        let sql = Sql::trusted(text);
        let checked = fixture.store.read(|snapshot| Ok(snapshot.columns(&sql))).await.unwrap();
        assert!(matches!(checked, Err(Failure::Statement(_) | Failure::TooBig)), "{checked:?}");
    }
    let huge = Sql::new("SELECT length(zeroblob(70000000))");
    assert!(fixture.store.read(|snapshot| value(snapshot, &huge)).await.is_err());
    let pattern = Sql::trusted(format!("SELECT 'a' LIKE '{}'", "%a".repeat(30_000)));
    assert!(fixture.store.read(|snapshot| value(snapshot, &pattern)).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_database_says_so_and_goes_on() {
    let fixture = Fixture::with(Options { max_bytes: Some(200 << 10), ..Options::default() });
    let mut filled = 0;
    let failure = loop {
        let mut sql = Sql::new("INSERT INTO t (name) VALUES (");
        sql.bind(format!("{filled}{}", "x".repeat(10_000))).push(")");
        match fixture.store.write(Unit::of(sql)).await {
            Ok(_) => filled += 1,
            Err(failure) => break failure,
        }
    };
    assert!(filled > 5 && matches!(failure, Failure::Full), "{filled} {failure:?}");
    assert!(matches!(failure.into_error(), Error::Unavailable(_)));
    fixture.store.write(Unit::of(Sql::new("DELETE FROM t"))).await.unwrap();
    fixture.store.write(Unit::of(insert("fits again"))).await.unwrap();
    assert_eq!(fixture.names().await, ["fits again"]);
}
