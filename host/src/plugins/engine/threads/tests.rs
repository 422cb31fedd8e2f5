//! Whose turn it is, and who waits.

use super::*;
use std::sync::mpsc;

fn lane(name: &str) -> Arc<str> {
    name.into()
}

#[test]
fn a_dear_lane_waits_for_a_cheap_one() {
    let shared = Shared::of(usize::MAX, 0);
    for _ in 0..3 {
        shared.push(&lane("storm"), Box::new(|| 0)).unwrap();
    }
    let (first, _) = shared.line.lock().take(Instant::now()).unwrap();
    shared.line.lock().settle(&first, 5_000_000, Instant::now());
    shared.push(&lane("calm"), Box::new(|| 0)).unwrap();
    let mut order = Vec::new();
    let mut line = shared.line.lock();
    while let Some((name, _)) = line.take(Instant::now()) {
        order.push(name.to_string());
    }
    assert_eq!(order, ["calm", "storm", "storm"]);
    assert_eq!((line.waiting, line.busy), (0, 3));
}

#[test]
fn absence_earns_no_credit() {
    let shared = Shared::of(usize::MAX, 0);
    shared.push(&lane("a"), Box::new(|| 0)).unwrap();
    for _ in 0..10 {
        let (name, _) = shared.line.lock().take(Instant::now()).unwrap();
        shared.push(&lane("a"), Box::new(|| 0)).unwrap();
        shared.line.lock().settle(&name, 1_000_000, Instant::now());
    }
    shared.push(&lane("late"), Box::new(|| 0)).unwrap();
    let line = shared.line.lock();
    assert!(line.lanes[&lane("late")].used >= line.level);
}

#[test]
fn a_full_line_refuses() {
    let shared = Shared::of(usize::MAX, 0);
    for _ in 0..queue::WAITING_IN_LANE {
        shared.push(&lane("a"), Box::new(|| 0)).unwrap();
    }
    assert!(matches!(shared.push(&lane("a"), Box::new(|| 0)), Err(Error::Unavailable(_))));
    shared.push(&lane("b"), Box::new(|| 0)).unwrap();
}

/// The lanes that are served one after the other while no job ends.
fn served(shared: &Shared) -> Vec<String> {
    let mut line = shared.line.lock();
    std::iter::from_fn(|| line.take(Instant::now())).map(|(name, _)| name.to_string()).collect()
}

#[test]
fn a_lane_leaves_a_thread_to_the_others() {
    let shared = Shared::of(3, 0);
    for _ in 0..4 {
        shared.push(&lane("waiter"), Box::new(|| 0)).unwrap();
    }
    shared.push(&lane("other"), Box::new(|| 0)).unwrap();
    let mut first = served(&shared);
    first.sort();
    assert_eq!(first, ["other", "waiter", "waiter"]);
    shared.line.lock().settle(&lane("other"), cost(0, Duration::from_millis(1)), Instant::now());
    assert!(served(&shared).is_empty(), "the third is kept for whoever comes");
    shared.push(&lane("late"), Box::new(|| 0)).unwrap();
    assert_eq!(served(&shared), ["late"]);
    shared.line.lock().settle(&lane("waiter"), 0, Instant::now());
    assert_eq!(served(&shared), ["waiter"]);
}

#[test]
fn a_lane_that_has_long_been_idle_is_forgotten() {
    let (shared, begun) = (Shared::of(2, 0), Instant::now());
    for name in ["a", "b"] {
        shared.push(&lane(name), Box::new(|| 0)).unwrap();
    }
    let mut line = shared.line.lock();
    for _ in 0..2 {
        let (name, _) = line.take(begun).unwrap();
        line.settle(&name, 1_000_000, begun);
    }
    assert_eq!(line.lanes.len(), 2);
    drop(line);
    let soon = begun + queue::LANE_KEPT_FOR / 2;
    for _ in 0..3 {
        shared.push(&lane("a"), Box::new(|| 0)).unwrap();
    }
    let mut line = shared.line.lock();
    assert!(line.take(soon).is_some() && line.take(soon).is_none(), "one thread is kept for the other");
    let later = begun + queue::LANE_KEPT_FOR;
    assert!(line.take(later).is_some(), "which does not come back");
    assert_eq!(line.lanes.len(), 1);
    for _ in 0..2 {
        line.settle(&lane("a"), 0, later);
    }
    assert!(line.lanes[&lane("a")].idle_since.is_none(), "it has a job left");
}

#[test]
fn a_lane_alone_or_a_thread_alone_knows_no_such_rule() {
    for (threads, others) in [(2, false), (1, true)] {
        let shared = Shared::of(threads, 0);
        for _ in 0..threads {
            shared.push(&lane("a"), Box::new(|| 0)).unwrap();
        }
        if others {
            shared.line.lock().lanes.insert(lane("b"), Lane::default());
        }
        assert_eq!(served(&shared), vec!["a"; threads]);
    }
}

#[test]
fn a_lane_that_waits_pays_for_its_thread() {
    assert_eq!(cost(7, Duration::ZERO), 7);
    assert_eq!(cost(7, Duration::from_micros(500)), 7 + HELD_FUEL_PER_MS / 2);
    assert_eq!(cost(u64::MAX, Duration::MAX), u64::MAX);
    let shared = Shared::of(usize::MAX, 0);
    for _ in 0..2 {
        shared.push(&lane("waiter"), Box::new(|| 0)).unwrap();
    }
    let (first, _) = shared.line.lock().take(Instant::now()).unwrap();
    shared.line.lock().settle(&first, cost(0, Duration::from_mins(1)), Instant::now());
    for _ in 0..2 {
        shared.push(&lane("worker"), Box::new(|| 0)).unwrap();
        let (name, _) = shared.line.lock().take(Instant::now()).unwrap();
        assert_eq!(&*name, "worker");
        shared.line.lock().settle(&name, 1_000_000_000, Instant::now());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_work_while_a_job_stands_apart_and_it_waits_for_a_place_when_it_comes_back() {
    let threads = Threads::with_more("test", 1, 1).unwrap();
    let (a, b) = (lane("a"), lane("b"));
    let (answer, far) = mpsc::channel::<()>();
    let (finish, gate) = mpsc::channel::<()>();
    let order = Arc::new(Mutex::new(Vec::new()));
    let told = order.clone();
    let mut waiter = std::pin::pin!(threads.run(&a, move || {
        let (heard, _) = apart(|| far.recv().is_ok());
        told.lock().push("waiter");
        (heard, 0)
    }));
    assert!(futures_util::poll!(waiter.as_mut()).is_pending());
    let (begun, seen) = tokio::sync::oneshot::channel();
    let told = order.clone();
    let mut worker = std::pin::pin!(threads.run(&b, move || {
        let _ = begun.send(());
        let finished = gate.recv().is_ok();
        told.lock().push("worker");
        (finished, 0)
    }));
    assert!(futures_util::poll!(worker.as_mut()).is_pending());
    seen.await.expect("it works while the other waits");
    let told = order.clone();
    let mut late = std::pin::pin!(threads.run(&b, move || (told.lock().push("late"), 0)));
    assert!(futures_util::poll!(late.as_mut()).is_pending());
    answer.send(()).unwrap();
    while threads.shared.line.lock().returning == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(order.lock().is_empty(), "there is one place, and it is taken");
    finish.send(()).unwrap();
    assert!(worker.await.unwrap() && waiter.await.unwrap());
    late.await.unwrap();
    assert_eq!(*order.lock(), ["worker", "waiter", "late"], "who comes back goes before");
    // A thread counts its job as done just after it has answered.
    while threads.load() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let line = threads.shared.line.lock();
    assert_eq!((line.working, line.returning, line.busy, line.waiting), (0, 0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_could_work_instead_a_place_is_kept() {
    let threads = Threads::start("test", 2).unwrap();
    let shared = threads.shared.clone();
    let working = threads.run(&lane("a"), move || (apart(|| shared.line.lock().working).0, 0)).await.unwrap();
    assert_eq!(working, 1);
    assert_eq!(apart(|| 7), (7, Duration::ZERO), "and who is in no pool just waits");
}

#[test]
fn a_lane_that_stands_apart_leaves_threads_to_others() {
    let begin = |shared: &Shared, name: &str| {
        shared.push(&lane(name), Box::new(|| 0)).unwrap();
        let begun = shared.line.lock().take(Instant::now()).is_some();
        if begun {
            shared.leave(&lane(name));
        }
        begun
    };
    let shared = Shared::of(2, 6);
    shared.line.lock().lanes.insert(lane("b"), Lane::default());
    assert_eq!([(); 6].map(|()| begin(&shared, "a")), [true, true, true, true, false, false], "half of eight");
    assert!(begin(&shared, "b") && begin(&shared, "b"), "half of what is left");
    assert!(begin(&shared, "c"));
    let shared = Shared::of(1, queue::APART);
    shared.line.lock().lanes.insert(lane("b"), Lane::default());
    assert!((0..crate::outbox::LINES).all(|_| begin(&shared, "a")), "as much as an outbox works on at a time");
}

#[test]
fn who_waits_to_be_let_back_in_does_not_pay_for_it() {
    let shared = Arc::new(Shared::of(1, 1));
    for name in ["a", "b"] {
        shared.push(&lane(name), Box::new(|| 0)).unwrap();
    }
    let (first, _) = shared.line.lock().take(Instant::now()).unwrap();
    let seat = apart::sit(&shared, &first);
    let theirs = shared.clone();
    let ((), waited) = apart(|| {
        let (other, _) = shared.line.lock().take(Instant::now()).expect("it works in the place that was left");
        std::thread::spawn(move || {
            while theirs.line.lock().returning == 0 {
                std::thread::yield_now();
            }
            let mut line = theirs.line.lock();
            line.settle(&other, 0, Instant::now());
            theirs.invite(&line, 0);
        });
    });
    assert!(!waited.is_zero() && seat.waited() == waited, "{waited:?}");
    drop(seat);
    assert!(apart(|| ()).1.is_zero(), "nobody sits here any more");
}

#[test]
fn who_comes_back_gets_the_place_of_a_lane_that_is_forgotten() {
    let shared = Shared::of(2, 2);
    for name in ["a", "a"] {
        shared.push(&lane(name), Box::new(|| 0)).unwrap();
        assert!(shared.line.lock().take(Instant::now()).is_some());
        shared.leave(&lane(name));
    }
    shared.come_back(&lane("a"));
    let long_ago = Instant::now().checked_sub(queue::LANE_KEPT_FOR * 2).unwrap();
    shared.line.lock().lanes.insert(lane("b"), Lane { idle_since: Some(long_ago), ..Lane::default() });
    // One of two places is kept for `b`, and nobody does anything else.
    shared.come_back(&lane("a"));
    let line = shared.line.lock();
    assert_eq!((line.working, line.returning, line.lanes.len()), (2, 0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_nobody_waits_for_is_not_begun() {
    let threads = Threads::start("test", 1).unwrap();
    let (release, gate) = mpsc::channel::<()>();
    let (begun, seen) = mpsc::channel();
    let lane = lane("a");
    let blocker = threads.run(&lane, move || (gate.recv().is_ok(), 0));
    let abandoned = threads.run(&lane, move || (begun.send(()).is_ok(), 0));
    let mut blocker = std::pin::pin!(blocker);
    assert!(futures_util::poll!(blocker.as_mut()).is_pending());
    {
        let mut abandoned = std::pin::pin!(abandoned);
        assert!(futures_util::poll!(abandoned.as_mut()).is_pending());
    }
    release.send(()).unwrap();
    assert!(blocker.await.unwrap());
    assert_eq!(threads.run(&lane, || (1, 0)).await.unwrap(), 1);
    assert!(seen.try_recv().is_err());
}
