//! After-hooks, delivered at least once: a row for each (change, attachment) is written by the change's
//! own transaction, and leaves the table only when the attachment has taken it.
//!
//! Order is kept for each attachment and record. A delivery that fails is tried again with growing pauses;
//! after the last try the row stays, dead, for somebody to look at.

use crate::db;
use crate::error::{Error, Result};
use crate::model::{Action, Collection, Record};
use crate::sql::Sql;
use crate::tasks;
use crate::tenant::hooks::Delivery;
use crate::tenant::{Cx, Tenant};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Rows looked at in one turn.
const TURN_ROWS: i64 = 64;
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
        loop {
            let Some(tenant) = worker.upgrade() else { return };
            match tasks::caught("deliver what is due", turn(&tenant)).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::error!(?error, "the outbox could not be read"),
            }
            // The bell may ring between the look and the wait: `Notify` remembers one ring.
            let _ = tokio::time::timeout(LOOK_AGAIN, tenant.outbox_bell.notified()).await;
        }
    }));
}

/// Delivers what is due; answers with how many deliveries were tried.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn turn(tenant: &Arc<Tenant>) -> Result<usize> {
    let rows = due(tenant).await?;
    let mut blocked: HashSet<(String, String)> = HashSet::new();
    let mut tried = 0;
    for row in rows {
        let key = (row.attachment.clone(), row.record.clone());
        if blocked.contains(&key) {
            continue;
        }
        tried += 1;
        // Nothing that is wrong with one event keeps the others from being delivered.
        match tasks::caught("deliver an event", deliver(tenant, &row)).await {
            Ok(()) => settle(tenant, remove(row.seq)).await?,
            Err(error) => {
                tracing::warn!(event = row.id, attempt = row.attempts + 1, ?error, "an after-hook failed");
                settle(tenant, postpone(tenant, &row, &error)).await?;
                blocked.insert(key);
            }
        }
    }
    Ok(tried)
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

/// Due rows that have no older living row of the same attachment and record before them.
async fn due(tenant: &Tenant) -> Result<Vec<Row>> {
    let now = tenant.world.now_ms();
    let mut sql = Sql::new(
        "SELECT seq, id, attachment, collection, record, action, event, attempts FROM _outbox AS row WHERE due_ms <= ",
    );
    sql.bind(now).push(
        " AND NOT EXISTS (SELECT 1 FROM _outbox AS older WHERE older.attachment = row.attachment AND older.collection = row.collection \
         AND older.record = row.record AND older.seq < row.seq AND older.due_ms > ",
    );
    sql.bind(now).push(") ORDER BY seq LIMIT ").bind(TURN_ROWS);
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
    let due = (attempts < ATTEMPTS_MAX).then(|| tenant.world.now_ms() + pause);
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
    use crate::mail::Mail;
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
        let mail = Mail::open(data.clone(), world.clone(), tasks.clone(), &Settings::default());
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
}
