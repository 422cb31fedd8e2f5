//! Units that depend on what was read before them.

use std::time::{Duration, Instant};

use super::*;
use crate::db::{Failure, Guard};

fn moment(fixture: &Fixture) -> u64 {
    let store = Arc::clone(&fixture.store);
    std::thread::spawn(move || store.hold_blocking(Instant::now() + Duration::from_secs(5)).unwrap().moment())
        .join()
        .unwrap()
}

/// Inserts `name`, if nobody has touched `part` since.
fn depending(name: &str, part: &str, since: u64) -> Unit {
    let mut unit = Unit::new();
    unit.expect_untouched(part, since, Error::invalid("touched")).run(insert(name)).touch(part);
    unit
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_the_reader_did_not_see_refuses() {
    let fixture = Fixture::new();
    let before = moment(&fixture);
    fixture.store.write(depending("a", "x", before)).await.unwrap();
    let refused = fixture.store.write(depending("b", "x", before)).await;
    assert!(matches!(refused, Err(Failure::Refused(Error::Invalid { .. }))), "{refused:?}");
    fixture.store.write(depending("c", "y", before)).await.unwrap();
    fixture.store.write(depending("d", "x", moment(&fixture))).await.unwrap();
    assert_eq!(fixture.names().await, ["a", "c", "d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_a_neighbour_in_the_same_transaction() {
    let fixture = Fixture::new();
    let before = moment(&fixture);
    let release = fixture.hold().await;
    let first = fixture.start(depending("a", "x", before), 0).await;
    let second = fixture.start(depending("b", "x", before), 1).await;
    let third = fixture.start(depending("c", "y", before), 2).await;
    drop(release);
    assert!(first.await.unwrap().is_ok());
    assert!(second.await.unwrap().is_err());
    assert!(third.await.unwrap().is_ok());
    assert_eq!(fixture.names().await, ["a", "c"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_rolled_back_touched_nothing() {
    let fixture = Fixture::new();
    let before = moment(&fixture);
    fixture.store.write(Unit::of(insert("a"))).await.unwrap();
    let mut failing = Unit::of(insert("a"));
    failing.touch("x");
    assert!(fixture.store.write(failing).await.is_err());
    fixture.store.write(depending("b", "x", before)).await.unwrap();
    assert_eq!(fixture.names().await, ["a", "b"]);
}

/// Inserts `name` if there is no `other`, which is only looked for when somebody has touched x since.
fn unless_there(name: &str, other: &str, moment: u64) -> Unit {
    let mut unit = Unit::new();
    let mut select = Sql::new("SELECT 1 FROM t WHERE name = ");
    select.bind(other);
    unit.guard_if_touched("x", moment, select, Guard::NoRow, Error::invalid("there")).run(insert(name));
    unit
}

fn touching(name: &str, part: &str) -> Unit {
    let mut unit = Unit::of(insert(name));
    unit.touch(part);
    unit
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_snapshot_has_shown_is_looked_for_again_only_when_somebody_has_touched_it() {
    let fixture = Fixture::new();
    fixture.store.write(touching("a", "y")).await.unwrap();
    let moment = fixture.store.moment();
    // It is there, but nobody has touched x: what the caller has seen counts.
    fixture.store.write(unless_there("b", "a", moment)).await.unwrap();
    fixture.store.write(touching("c", "x")).await.unwrap();
    assert!(fixture.store.write(unless_there("d", "a", moment)).await.is_err());
    fixture.store.write(unless_there("e", "nobody", moment)).await.unwrap();
    fixture.store.write(unless_there("f", "a", fixture.store.moment())).await.unwrap();
    assert_eq!(fixture.names().await, ["a", "b", "c", "e", "f"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_looked_for_again_when_a_neighbour_has_touched_it() {
    let fixture = Fixture::new();
    let moment = fixture.store.moment();
    let release = fixture.hold().await;
    let first = fixture.start(touching("a", "x"), 0).await;
    let second = fixture.start(unless_there("b", "a", moment), 1).await;
    drop(release);
    assert!(first.await.unwrap().is_ok());
    assert!(second.await.unwrap().is_err());
    assert_eq!(fixture.names().await, ["a"]);
}
