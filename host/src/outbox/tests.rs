//! Deliveries that fail, wait and go on, with hooks that are told what to do.

use super::*;
use crate::clock::World;
use crate::crypto::Passwords;
use crate::db::{Options, Store, Threads, migrations};
use crate::error::FieldErrors;
use crate::files::Files;
use crate::logs::Logs;
use crate::mail::{Authorities, Mail};
use crate::schema;
use crate::settings::Settings;
use crate::tasks::Tasks;
use crate::tenant::hooks::{Before, Consequences, Hooks, NoHooks, Stage};
use crate::tenant::{self, Tenant};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a receiver of events does with one.
trait Deliver: std::fmt::Debug + Send + Sync {
    fn deliver<'a>(&'a self, cx: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>>;
}

/// Hooks that hear of what has happened, and take no part in anything else.
#[derive(Debug)]
struct Receiver<T>(Arc<T>);

impl<T: Deliver> Hooks for Receiver<T> {
    fn listens(&self, collection_id: &str, stage: Stage) -> bool {
        NoHooks.listens(collection_id, stage)
    }

    fn before<'a>(&'a self, cx: &'a Cx, event: Before<'a>) -> BoxFuture<'a, Result<Consequences>> {
        NoHooks.before(cx, event)
    }

    fn validate<'a>(&'a self, cx: &'a Cx, draft: &'a Record) -> BoxFuture<'a, Result<FieldErrors>> {
        NoHooks.validate(cx, draft)
    }

    fn after(&self, collection_id: &str, action: Action) -> Vec<String> {
        NoHooks.after(collection_id, action)
    }

    fn deliver<'a>(&'a self, cx: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        self.0.deliver(cx, delivery)
    }

    fn before_sign_in<'a>(
        &'a self,
        cx: &'a Cx,
        record: &'a Arc<Record>,
        method: &'static str,
    ) -> BoxFuture<'a, Result<()>> {
        NoHooks.before_sign_in(cx, record, method)
    }

    fn token_claims<'a>(
        &'a self,
        cx: &'a Cx,
        record: &'a Arc<Record>,
        method: &'static str,
    ) -> BoxFuture<'a, Result<Map<String, Json>>> {
        NoHooks.token_claims(cx, record, method)
    }
}

/// Panics when it is first called, and counts.
#[derive(Debug, Default)]
struct Clumsy(AtomicUsize);

impl Deliver for Clumsy {
    fn deliver<'a>(&'a self, _: &'a Cx, _: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            assert!(self.0.fetch_add(1, Ordering::Relaxed) > 0, "clumsy");
            Ok(())
        })
    }
}

async fn tenant(dir: &std::path::Path, world: World) -> Arc<Tenant> {
    let (threads, tasks) = (Threads::start(2).unwrap(), Tasks::new());
    let store = |name: &str, migrations| {
        Store::open(&dir.join(name), Options::default(), &threads, migrations).map_err(|error| format!("{error:?}"))
    };
    let (data, logs) = (store("data.db", migrations::TENANT).unwrap(), store("logs.db", migrations::LOGS).unwrap());
    let catalog = schema::open(&data, &world).await.unwrap();
    let s3 = &Settings::default().s3;
    let files = Files::open(dir, data.clone(), world.clone(), tasks.clone(), s3).unwrap();
    let (authorities, settings) = (Authorities::default(), Settings::default());
    let mail = Mail::open(data.clone(), world.clone(), tasks.clone(), authorities, &settings);
    Arc::new(Tenant::new(tenant::Parts {
        name: "t".to_owned(),
        dir: dir.to_owned(),
        store: data,
        catalog,
        settings: Settings::default(),
        regime: Arc::default(),
        files,
        mail,
        logs: Logs::start(logs, Settings::default().log_policy(), world.clone(), &tasks),
        outbound: Arc::default(),
        passwords: Arc::new(Passwords::new(1)),
        world,
        tasks,
    }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failed_attempt() {
    let dir = tempfile::tempdir().unwrap();
    let (world, clock) = World::scripted(0);
    let tenant = tenant(dir.path(), world).await;
    let hooks = Arc::new(Clumsy::default());
    tenant.set_hooks(Arc::new(Receiver(hooks.clone())));
    let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
    let mut insert =
        Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created)");
    insert.push(" VALUES ('e', 'a', 'users', 'r', 'create', ").bind(event).push(", 0, '')");
    tenant.store.write(db::Unit::of(insert)).await.unwrap();

    assert_eq!(turn(&tenant).await.unwrap(), 1);
    assert_eq!(turn(&tenant).await.unwrap(), 0, "it pauses");
    clock.advance(Duration::from_secs(2));
    assert_eq!(turn(&tenant).await.unwrap(), 1);
    assert_eq!((turn(&tenant).await.unwrap(), hooks.0.load(Ordering::Relaxed)), (0, 2), "delivered");
}

/// Is over its quota when it is first called, and for two seconds in all; counts.
#[derive(Debug, Default)]
struct Thrifty(AtomicUsize);

const THRIFTY_MS: i64 = 2_000;

impl Deliver for Thrifty {
    fn deliver<'a>(&'a self, cx: &'a Cx, _: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            self.0.fetch_add(1, Ordering::Relaxed);
            let left = u64::try_from(THRIFTY_MS - cx.tenant.world.now_ms()).unwrap_or_default();
            if left == 0 { Ok(()) } else { Err(Error::OverQuota { retry_after: Duration::from_millis(left) }) }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_over_its_quota_is_left_alone_until_it_may_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (world, clock) = World::scripted(0);
    let tenant = tenant(dir.path(), world).await;
    let hooks = Arc::new(Thrifty::default());
    tenant.set_hooks(Arc::new(Receiver(hooks.clone())));
    let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
    let mut unit = db::Unit::new();
    for number in 0..3 * LINES_OF_ONE {
        let mut insert =
            Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created)");
        insert.push(" VALUES (").bind(format!("e{number}")).push(", 'a', 'users', ").bind(format!("r{number}"));
        insert.push(", 'create', ").bind(event).push(", 0, '')");
        unit.run(insert);
    }
    tenant.store.write(unit).await.unwrap();

    let mut work = Work::default();
    let calls = || hooks.0.load(Ordering::Relaxed);
    for _ in 0..3 {
        work.begin(&tenant).await.unwrap();
        while let Some(tried) = work.next(&tenant).await {
            assert_eq!(tried.unwrap(), 0, "it is no try");
            work.begin(&tenant).await.unwrap();
        }
    }
    assert_eq!(calls(), LINES_OF_ONE, "those that had begun, and no other");
    let rows = due(&tenant, &[], &[]).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.attempts == 0).count(), 3 * LINES_OF_ONE, "nothing was written");

    clock.advance(Duration::from_secs(2));
    work.begin(&tenant).await.unwrap();
    let mut tried = 0;
    while let Some(end) = work.next(&tenant).await {
        tried += end.unwrap();
        work.begin(&tenant).await.unwrap();
    }
    assert_eq!((tried, calls()), (3 * LINES_OF_ONE, 4 * LINES_OF_ONE), "all of them, once");
    assert!(due(&tenant, &[], &[]).await.unwrap().is_empty());
}

/// Notes what it was told, and takes the first event of the record `slow` only when somebody lets it.
#[derive(Debug, Default)]
struct Patient {
    told: parking_lot::Mutex<Vec<String>>,
    gate: Gate,
}

impl Default for Gate {
    fn default() -> Self {
        Self(tokio::sync::Semaphore::new(0))
    }
}

#[derive(Debug)]
struct Gate(tokio::sync::Semaphore);

impl Deliver for Patient {
    fn deliver<'a>(&'a self, _: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            if delivery.event_id == "slow-0" {
                self.gate.0.acquire().await.unwrap().forget();
            }
            self.told.lock().push(delivery.event_id.clone());
            Ok(())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_line_holds_up_only_itself_and_lines_keep_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let (world, _clock) = World::scripted(0);
    let tenant = tenant(dir.path(), world).await;
    let hooks = Arc::new(Patient::default());
    tenant.set_hooks(Arc::new(Receiver(hooks.clone())));
    let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
    let mut unit = db::Unit::new();
    for number in 0..40 {
        for record in ["slow", "a", "b", "c"] {
            let mut insert =
                Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created)");
            insert.push(" VALUES (").bind(format!("{record}-{number}")).push(", 'a', 'users', ").bind(record);
            insert.push(", 'create', ").bind(event).push(", 0, '')");
            unit.run(insert);
        }
    }
    tenant.store.write(unit).await.unwrap();
    start(&tenant);
    let told = |record: &str| -> Vec<String> {
        let told = hooks.told.lock();
        told.iter().filter(|id| id.starts_with(record)).cloned().collect()
    };
    let all = |record: &str| -> Vec<String> { (0..40).map(|number| format!("{record}-{number}")).collect() };
    while ["a", "b", "c"].iter().any(|record| told(record).len() < 40) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(told("slow").is_empty());
    hooks.gate.0.add_permits(1);
    while told("slow").len() < 40 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for record in ["slow", "a", "b", "c"] {
        assert_eq!(told(record), all(record), "in order, once each");
    }
    tenant.tasks.finish(Duration::from_secs(5)).await;
}

/// Has no room for the events of `crowded` until it is told; counts the calls of both attachments.
#[derive(Debug, Default)]
struct Crowded {
    has_room: AtomicBool,
    asked: AtomicUsize,
    served: AtomicUsize,
}

impl Deliver for Crowded {
    fn deliver<'a>(&'a self, _: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            if delivery.attachment_id == "other" {
                self.served.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            self.asked.fetch_add(1, Ordering::Relaxed);
            if self.has_room.load(Ordering::Relaxed) { Ok(()) } else { Err(Error::Unavailable("No room.".into())) }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_host_had_no_room_for_waits_and_loses_no_try() {
    let dir = tempfile::tempdir().unwrap();
    let (world, clock) = World::scripted(0);
    let tenant = tenant(dir.path(), world).await;
    let hooks = Arc::new(Crowded::default());
    tenant.set_hooks(Arc::new(Receiver(hooks.clone())));
    let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
    let mut unit = db::Unit::new();
    for number in 0..2 * LINES_OF_ONE {
        let mut insert =
            Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created)");
        insert.push(" VALUES (").bind(format!("e{number}")).push(", ");
        insert.bind(if number < LINES_OF_ONE + 1 { "crowded" } else { "other" });
        insert.push(", 'users', ").bind(format!("r{number}")).push(", 'create', ").bind(event).push(", 0, '')");
        unit.run(insert);
    }
    tenant.store.write(unit).await.unwrap();

    let mut work = Work::default();
    let mut work_off = async || {
        let mut tried = 0;
        work.begin(&tenant).await.unwrap();
        while let Some(end) = work.next(&tenant).await {
            tried += end.unwrap();
            work.begin(&tenant).await.unwrap();
        }
        tried
    };
    assert_eq!(work_off().await, LINES_OF_ONE - 1, "the other attachment is served, and nobody else has had a try");
    let calls = || (hooks.asked.load(Ordering::Relaxed), hooks.served.load(Ordering::Relaxed));
    assert_eq!(calls(), (LINES_OF_ONE, LINES_OF_ONE - 1), "those that had begun");
    // It is asked again after pauses that grow up to a minute, so that it does not spin.
    let mut asked = Vec::new();
    for second in 1..=300 {
        clock.advance(Duration::from_secs(1));
        let before = calls().0;
        assert_eq!(work_off().await, 0);
        if calls().0 > before {
            asked.push(second);
        }
    }
    assert_eq!(asked, [1, 3, 7, 15, 31, 63, 123, 183, 243]);
    let rows = due(&tenant, &[], &[]).await.unwrap();
    assert_eq!(
        rows.iter().filter(|row| row.attempts == 0).count(),
        LINES_OF_ONE + 1,
        "all of them wait, with all tries"
    );

    hooks.has_room.store(true, Ordering::Relaxed);
    clock.advance(Duration::from_mins(1));
    assert_eq!(work_off().await, LINES_OF_ONE + 1);
    assert!(due(&tenant, &[], &[]).await.unwrap().is_empty() && work.rests.is_empty());
}

/// Takes nothing of what is for `slow` until it is told; notes the attachments that were called.
#[derive(Debug, Default)]
struct Stuck {
    told: parking_lot::Mutex<Vec<String>>,
    gate: Gate,
}

impl Deliver for Stuck {
    fn deliver<'a>(&'a self, _: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            self.told.lock().push(delivery.attachment_id.clone());
            if delivery.attachment_id.starts_with("slow") {
                self.gate.0.acquire().await.unwrap().forget();
            }
            Ok(())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_receivers_leave_room_for_others_however_much_waits_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let (world, _clock) = World::scripted(0);
    let tenant = tenant(dir.path(), world).await;
    let hooks = Arc::new(Stuck::default());
    tenant.set_hooks(Arc::new(Receiver(hooks.clone())));
    let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
    let mut unit = db::Unit::new();
    let many = 2 * TURN_ROWS;
    for (attachment, count) in [("slow-1", many), ("slow-2", many), ("slow-3", many), ("quick", 3)] {
        for number in 0..count {
            let mut insert =
                Sql::new("INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created)");
            insert.push(" VALUES (").bind(format!("{attachment}-{number}")).push(", ").bind(attachment);
            insert.push(", 'users', ").bind(format!("r{number}")).push(", 'create', ").bind(event).push(", 0, '')");
            unit.run(insert);
        }
    }
    tenant.store.write(unit).await.unwrap();

    let mut work = Work::default();
    let calls = |name: &str| hooks.told.lock().iter().filter(|told| *told == name).count();
    work.begin(&tenant).await.unwrap();
    while calls("quick") < 3 {
        assert_eq!(work.next(&tenant).await.unwrap().unwrap(), 1);
        work.begin(&tenant).await.unwrap();
    }
    assert_eq!(["slow-1", "slow-2", "slow-3"].map(calls), [8, 4, 2], "each has half of what is free at most");
    hooks.gate.0.add_permits(usize::try_from(3 * many).unwrap());
    while work.next(&tenant).await.is_some() {
        work.begin(&tenant).await.unwrap();
    }
    assert_eq!(hooks.told.lock().len(), usize::try_from(3 * many).unwrap() + 3, "each once");
}
