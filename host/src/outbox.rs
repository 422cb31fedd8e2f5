//! After-hooks, delivered at least once: a row for each (change, attachment) is written by the change's
//! own transaction, and leaves the table only when the attachment has taken it.
//!
//! Order is kept for each attachment and record, which make a line; [`LINES`] lines are worked on at a time, so that one
//! slow receiver holds up only its own. A delivery that fails is tried again with growing pauses; after the last try, or when
//! the receiver says that trying again is in vain, the row stays, dead, for somebody to look at ([`desk`]).

pub mod desk;

use crate::db;
use crate::error::{Error, Result};
use crate::model::{Action, Collection, Record};
use crate::sql::Sql;
use crate::tasks;
use crate::tenant::hooks::Delivery;
use crate::tenant::{Cx, Tenant};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Rows looked at in one turn.
const TURN_ROWS: i64 = 64;
/// Lines that are worked on at a time.
const LINES: usize = 8;
/// Tries before a row is dead.
const ATTEMPTS_MAX: i64 = 10;
/// The first pause after a failure; each further one is four times as long.
const PAUSE_FIRST_MS: i64 = 1_000;
const PAUSE_MAX_MS: i64 = 3_600_000;
/// How long to wait for the bell before looking for rows whose pause is over.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Starts the delivery of a tenant's outbox, beginning with what an earlier process left there.
pub fn start(tenant: &Arc<Tenant>) {
    let worker = Arc::downgrade(tenant);
    // Cut off at any await when the tenant closes: a delivery that is not settled is made again.
    drop(tenant.tasks.spawn_until_stop(async move {
        let mut work = Work::default();
        loop {
            let Some(tenant) = worker.upgrade() else { return };
            if let Err(error) = tasks::caught("look for what is due", work.begin(&tenant)).await {
                tracing::error!(?error, "the outbox could not be read");
            }
            tokio::select! {
                Some(end) = work.next(&tenant), if !work.lines.is_empty() => {
                    if let Err(error) = end {
                        tracing::error!(?error, "the outbox could not be written");
                        tokio::time::sleep(LOOK_AGAIN).await;
                    }
                }
                // The bell may ring between the look and the wait: `Notify` remembers one ring.
                _ = tokio::time::timeout(LOOK_AGAIN, tenant.outbox_bell.notified()) => {}
            }
        }
    }));
}

/// Delivers what is due and waits for it; answers with how many deliveries were tried.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn turn(tenant: &Arc<Tenant>) -> Result<usize> {
    let mut work = Work::default();
    work.begin(tenant).await?;
    let mut tried = 0;
    while let Some(end) = work.next(tenant).await {
        tried += end?;
    }
    Ok(tried)
}

/// An attachment, and a record by its collection and id.
type Line = (String, String, String);

/// The lines that are worked on.
#[derive(Default)]
struct Work {
    lines: FuturesUnordered<BoxFuture<'static, (Line, Result<Worked>)>>,
    busy: Vec<Line>,
    /// The time in which nothing is begun, as the tenant's plugins have burnt what they may. A clock that is put back ends it.
    rest_ms: Range<i64>,
}

/// What became of a line.
#[derive(Default)]
struct Worked {
    tried: usize,
    /// The plugins are over their quota for so much longer.
    over_quota: Option<Duration>,
}

impl Work {
    /// Begins with as many lines as there is room for.
    async fn begin(&mut self, tenant: &Arc<Tenant>) -> Result<()> {
        if self.busy.len() >= LINES || self.rest_ms.contains(&tenant.world.now_ms()) {
            return Ok(());
        }
        let mut lines: Vec<(Line, Vec<Row>)> = Vec::new();
        let mut places: HashMap<Line, usize> = HashMap::new();
        for row in due(tenant, &self.busy).await? {
            let line = row.line();
            let place = *places.entry(line.clone()).or_insert_with(|| {
                lines.push((line, Vec::new()));
                lines.len() - 1
            });
            lines[place].1.push(row);
        }
        for (line, rows) in lines.into_iter().take(LINES - self.busy.len()) {
            self.busy.push(line.clone());
            let tenant = tenant.clone();
            self.lines.push(Box::pin(async move { (line, work_off(&tenant, rows).await) }));
        }
        Ok(())
    }

    /// Waits for the next line to end; how many deliveries were tried. `None` when there is none.
    async fn next(&mut self, tenant: &Tenant) -> Option<Result<usize>> {
        let (line, end) = self.lines.next().await?;
        self.busy.retain(|known| *known != line);
        Some(end.map(|worked| {
            if let Some(wait) = worked.over_quota {
                let wait = i64::try_from(wait.as_millis()).unwrap_or(PAUSE_MAX_MS).clamp(PAUSE_FIRST_MS, PAUSE_MAX_MS);
                let now = tenant.world.now_ms();
                self.rest_ms = now..now.saturating_add(wait);
            }
            worked.tried
        }))
    }
}

/// Delivers the rows of one line in their order, up to the first that fails.
async fn work_off(tenant: &Arc<Tenant>, rows: Vec<Row>) -> Result<Worked> {
    let mut worked = Worked::default();
    for row in rows {
        // Nothing that is wrong with one event keeps the others from being delivered.
        let end = tasks::caught("deliver an event", deliver(tenant, &row)).await;
        // Its turn did not come: that was no try, and the row stays as it is.
        if let Err(Error::OverQuota { retry_after }) = end {
            worked.over_quota = Some(retry_after);
            break;
        }
        worked.tried += 1;
        match end {
            Ok(()) => settle(tenant, remove(row.seq)).await?,
            Err(error) => {
                tracing::warn!(event = row.id, attempt = row.attempts + 1, ?error, "an after-hook failed");
                settle(tenant, postpone(tenant, &row, &error)).await?;
                break;
            }
        }
    }
    Ok(worked)
}

struct Row {
    seq: i64,
    id: String,
    attachment: String,
    collection: String,
    record: String,
    action: Action,
    event: String,
    attempts: i64,
}

impl Row {
    fn line(&self) -> Line {
        (self.attachment.clone(), self.collection.clone(), self.record.clone())
    }
}

/// The document in `event`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    caller: (String, String, String),
    request_id: String,
    depth: u8,
}

/// Due rows that have no older row before them in their line that waits, of lines that are not worked on.
async fn due(tenant: &Tenant, busy: &[Line]) -> Result<Vec<Row>> {
    let now = tenant.world.now_ms();
    let mut sql = Sql::new(
        "SELECT seq, id, attachment, collection, record, action, event, attempts FROM _outbox AS row WHERE due_ms <= ",
    );
    sql.bind(now).push(
        " AND NOT EXISTS (SELECT 1 FROM _outbox AS older WHERE older.attachment = row.attachment AND older.collection = row.collection \
         AND older.record = row.record AND older.seq < row.seq AND older.due_ms > ",
    );
    sql.bind(now).push(")");
    for (attachment, collection, record) in busy {
        sql.push(" AND NOT (row.attachment = ").bind(attachment.as_str());
        sql.push(" AND row.collection = ").bind(collection.as_str());
        sql.push(" AND row.record = ").bind(record.as_str()).push(")");
    }
    sql.push(" ORDER BY seq LIMIT ").bind(TURN_ROWS);
    tenant
        .store
        .read(move |snapshot| {
            let mut rows = Vec::new();
            snapshot.rows(&sql, |row| {
                let action = match row.text(5) {
                    "create" => Action::Create,
                    "update" => Action::Update,
                    _ => Action::Delete,
                };
                rows.push(Row {
                    seq: row.integer(0),
                    id: row.text(1).to_owned(),
                    attachment: row.text(2).to_owned(),
                    collection: row.text(3).to_owned(),
                    record: row.text(4).to_owned(),
                    action,
                    event: row.text(6).to_owned(),
                    attempts: row.integer(7),
                });
                Ok(())
            })?;
            Ok(rows)
        })
        .await
}

async fn deliver(tenant: &Arc<Tenant>, row: &Row) -> Result<()> {
    let event: Event = serde_json::from_str(&row.event).map_err(|error| Error::internal("an outbox row", error))?;
    let cx = Cx::system(tenant.clone());
    let Some(collection) = cx.catalog.collection(&row.collection).cloned() else {
        // The collection is gone, and with it whoever wanted to hear of its records.
        return Ok(());
    };
    let record = |json: Option<serde_json::Value>| json.map(|json| restore(&collection, &json));
    let delivery = Delivery {
        event_id: row.id.clone(),
        attachment_id: row.attachment.clone(),
        action: row.action,
        before: record(event.before),
        after: record(event.after),
        caller: event.caller,
        request_id: event.request_id,
        depth: event.depth,
    };
    tenant.hooks().deliver(&cx, &delivery).await
}

fn restore(collection: &Arc<Collection>, json: &serde_json::Value) -> Arc<Record> {
    Arc::new(Record::from_json_values(collection.clone(), json))
}

fn remove(seq: i64) -> Sql {
    let mut sql = Sql::new("DELETE FROM _outbox WHERE seq = ");
    sql.bind(seq);
    sql
}

fn postpone(tenant: &Tenant, row: &Row, error: &Error) -> Sql {
    let attempts = row.attempts + 1;
    let pause = PAUSE_FIRST_MS
        .saturating_mul(4_i64.saturating_pow(u32::try_from(row.attempts).unwrap_or(u32::MAX)))
        .min(PAUSE_MAX_MS);
    let in_vain = matches!(error, Error::Refused { .. });
    let due = (attempts < ATTEMPTS_MAX && !in_vain).then(|| tenant.world.now_ms() + pause);
    let mut sql = Sql::new("UPDATE _outbox SET attempts = ");
    sql.bind(attempts).push(", due_ms = ").bind(due).push(", error = ").bind(format!("{error:?}"));
    sql.push(" WHERE seq = ").bind(row.seq);
    sql
}

async fn settle(tenant: &Tenant, sql: Sql) -> Result<()> {
    let mut unit = db::Unit::new();
    unit.run(sql);
    tenant.store.write(unit).await.map(|_| ()).map_err(db::Failure::into_error)
}

#[cfg(test)]
mod tests {
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
    use crate::tenant::hooks::{Before, Consequences, Hooks, Stage};
    use crate::tenant::{self, Tenant};
    use futures_util::future::BoxFuture;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Panics when it is first called, and counts.
    #[derive(Debug, Default)]
    struct Clumsy(AtomicUsize);

    impl Hooks for Clumsy {
        fn listens(&self, _: &str, _: Stage) -> bool {
            false
        }

        fn before<'a>(&'a self, _: &'a Cx, _: Before<'a>) -> BoxFuture<'a, Result<Consequences>> {
            Box::pin(async { Ok(Consequences::default()) })
        }

        fn validate<'a>(&'a self, _: &'a Cx, _: &'a Record) -> BoxFuture<'a, Result<FieldErrors>> {
            Box::pin(async { Ok(FieldErrors::default()) })
        }

        fn after(&self, _: &str, _: Action) -> Vec<String> {
            Vec::new()
        }

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
        tenant.set_hooks(hooks.clone());
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

    impl Hooks for Thrifty {
        fn listens(&self, _: &str, _: Stage) -> bool {
            false
        }

        fn before<'a>(&'a self, _: &'a Cx, _: Before<'a>) -> BoxFuture<'a, Result<Consequences>> {
            Box::pin(async { Ok(Consequences::default()) })
        }

        fn validate<'a>(&'a self, _: &'a Cx, _: &'a Record) -> BoxFuture<'a, Result<FieldErrors>> {
            Box::pin(async { Ok(FieldErrors::default()) })
        }

        fn after(&self, _: &str, _: Action) -> Vec<String> {
            Vec::new()
        }

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
        tenant.set_hooks(hooks.clone());
        let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
        let mut unit = db::Unit::new();
        for number in 0..3 * LINES {
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
        assert_eq!(calls(), LINES, "those that had begun, and no other");
        let rows = due(&tenant, &[]).await.unwrap();
        assert_eq!(rows.iter().filter(|row| row.attempts == 0).count(), 3 * LINES, "nothing was written");

        clock.advance(Duration::from_secs(2));
        work.begin(&tenant).await.unwrap();
        let mut tried = 0;
        while let Some(end) = work.next(&tenant).await {
            tried += end.unwrap();
            work.begin(&tenant).await.unwrap();
        }
        assert_eq!((tried, calls()), (3 * LINES, 4 * LINES), "all of them, once");
        assert!(due(&tenant, &[]).await.unwrap().is_empty());
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

    impl Hooks for Patient {
        fn listens(&self, _: &str, _: Stage) -> bool {
            false
        }

        fn before<'a>(&'a self, _: &'a Cx, _: Before<'a>) -> BoxFuture<'a, Result<Consequences>> {
            Box::pin(async { Ok(Consequences::default()) })
        }

        fn validate<'a>(&'a self, _: &'a Cx, _: &'a Record) -> BoxFuture<'a, Result<FieldErrors>> {
            Box::pin(async { Ok(FieldErrors::default()) })
        }

        fn after(&self, _: &str, _: Action) -> Vec<String> {
            Vec::new()
        }

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
        tenant.set_hooks(hooks.clone());
        let event = "{\"before\":null,\"after\":{},\"caller\":[\"\",\"\",\"\"],\"requestId\":\"\",\"depth\":0}";
        let mut unit = db::Unit::new();
        for number in 0..40 {
            for record in ["slow", "a", "b", "c"] {
                let mut insert = Sql::new(
                    "INSERT INTO _outbox (id, attachment, collection, record, action, event, due_ms, created)",
                );
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
}
