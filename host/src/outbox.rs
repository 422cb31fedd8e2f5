//! After-hooks, delivered at least once: a row for each (change, attachment) is written by the change's
//! own transaction, and leaves the table only when the attachment has taken it.
//!
//! Order is kept for each attachment and record, which make a line; [`LINES`] lines are worked on at a time, and of one attachment
//! never more than are free besides, so that a slow receiver holds up only its own. A delivery that could not be made at all, since the host is busy or the tenant over its quota,
//! waits without losing a try ([`rest`]), and so does one whose receiver is switched off or barred for a while; one that fails is tried again with growing pauses; after the last try, or when
//! the receiver says that trying again is in vain, the row stays, dead, for somebody to look at ([`desk`]).

pub mod desk;
mod due;
mod rest;

use crate::db;
use crate::error::{Error, Result};
use crate::model::{Action, Collection, Record};
use crate::sql::Sql;
use crate::tasks;
use crate::tenant::hooks::Delivery;
use crate::tenant::{Cx, Tenant};
use due::due;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rest::{Rests, Wait};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Rows looked at in one turn.
const TURN_ROWS: i64 = 64;
/// Lines that are worked on at a time.
pub const LINES: usize = 16;
/// Those of one attachment.
const LINES_OF_ONE: usize = 8;
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
    rests: Rests,
}

/// What became of a line.
#[derive(Default)]
struct Worked {
    tried: usize,
    /// Why the turn of the rest did not come.
    wait: Option<Wait>,
}

impl Work {
    /// Begins with as many lines as there is room for.
    async fn begin(&mut self, tenant: &Arc<Tenant>) -> Result<()> {
        // What is due is looked for again while the oldest were all that could be seen, which may be of receivers that have enough.
        while self.begin_oldest(tenant).await? {}
        Ok(())
    }

    /// The same with the oldest rows that are due; whether there may be more, and room for them.
    async fn begin_oldest(&mut self, tenant: &Arc<Tenant>) -> Result<bool> {
        let now = tenant.world.now_ms();
        if self.busy.len() >= LINES || self.rests.all(now) {
            return Ok(false);
        }
        let mut passed = self.rests.attachments(now);
        passed.extend(self.busy.iter().map(|line| line.0.clone()).filter(|attachment| !self.has_room(attachment)));
        let rows = due(tenant, &self.busy, &passed).await?;
        let saw_all = rows.len() < usize::try_from(TURN_ROWS).unwrap_or(usize::MAX);
        let mut lines: Vec<(Line, Vec<Row>)> = Vec::new();
        let mut places: HashMap<Line, usize> = HashMap::new();
        for row in rows {
            let line = row.line();
            let place = *places.entry(line.clone()).or_insert_with(|| {
                lines.push((line, Vec::new()));
                lines.len() - 1
            });
            lines[place].1.push(row);
        }
        let before = self.busy.len();
        for (line, rows) in lines {
            if self.has_room(&line.0) {
                self.busy.push(line.clone());
                let tenant = tenant.clone();
                self.lines.push(Box::pin(async move { (line, work_off(&tenant, rows).await) }));
            }
        }
        Ok(!saw_all && self.busy.len() > before)
    }

    /// Whether one more line of an attachment may be begun.
    fn has_room(&self, attachment: &str) -> bool {
        let own = self.busy.iter().filter(|line| line.0 == attachment).count();
        own < LINES_OF_ONE && own < LINES - self.busy.len()
    }

    /// Waits for the next line to end; how many deliveries were tried. `None` when there is none.
    async fn next(&mut self, tenant: &Tenant) -> Option<Result<usize>> {
        let (line, end) = self.lines.next().await?;
        self.busy.retain(|known| *known != line);
        Some(end.map(|worked| {
            self.rests.note(tenant.world.now_ms(), &line.0, worked.tried > 0, worked.wait);
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
        if let Some(wait) = end.as_ref().err().and_then(Wait::of) {
            worked.wait = Some(wait);
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
    /// What an earlier version has written has none.
    #[serde(default)]
    through: Option<String>,
    /// The same.
    #[serde(default)]
    lends: Option<(String, String, String)>,
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
        lends: event.lends,
        through: event.through,
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
    sql.bind(attempts).push(", due_ms = ").bind(due).push(", error = ").bind(error.for_superusers());
    sql.push(" WHERE seq = ").bind(row.seq);
    sql
}

async fn settle(tenant: &Tenant, sql: Sql) -> Result<()> {
    let mut unit = db::Unit::new();
    unit.run(sql);
    tenant.store.write(unit).await.map(|_| ()).map_err(db::Failure::into_error)
}

#[cfg(test)]
mod tests;
