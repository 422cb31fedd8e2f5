//! Comparing the copy with what it is of, row by row and in pages, while both go on: what has changed since the copy was
//! as it was looked at, is left out.

use super::Sync;
use super::follow::ledger_of;
use super::hrana::{Batch, Remote, Rows, Trouble};
use super::ledger::{self, Ledger};
use super::round::page as read_page;
use super::shape::Shape;
use crate::db::Snapshot;
use crate::error::{Error, Result};
use crate::model::date;
use crate::outbound::Trouble as Unanswered;
use crate::sql::{Sql, Value};
use crate::tasks;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows that are compared at a time, at most: an answer has 10 MB.
const PAGE_ROWS: u64 = 500;
/// Differences that are named.
const NAMED_MAX: usize = 100;

const INCOMPLETE: &str = "the copy is not complete yet";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Idle,
    Running,
    Done,
    Failed,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Verification {
    stage: Stage,
    rows: u64,
    total: u64,
    count: u64,
    named: Vec<(String, String, &'static str)>,
    problem: String,
    started: String,
    ended: String,
}

impl Verification {
    pub(super) fn to_json(&self) -> Json {
        let difference =
            |(collection, id, what): &(String, String, &str)| json!({"collection": collection, "id": id, "what": what});
        json!({
            "state": self.stage.name(),
            "rows": self.rows,
            "total": self.total,
            "differences": self.count,
            "found": self.named.iter().map(difference).collect::<Vec<_>>(),
            "problem": self.problem,
            "started": self.started,
            "ended": self.ended,
        })
    }

    /// Compares two pages as far as both go, which is `until` a row or to the end; `moved` are rows that changed meanwhile.
    fn judge(&mut self, name: &str, here: &Page, there: &Page, moved: &BTreeSet<String>, until: Option<&str>) {
        let within = |id: &&String| until.is_none_or(|until| id.as_str() <= until);
        let counts = |id: &&String| within(id) && !moved.contains(*id);
        for id in here.rows.keys().filter(counts) {
            match there.rows.get(id) {
                None => self.differ(name, id, "missing"),
                Some(other) if !same(&here.rows[id], other) => self.differ(name, id, "different"),
                Some(_) => {}
            }
        }
        for id in there.rows.keys().filter(|id| counts(id) && !here.rows.contains_key(*id)) {
            self.differ(name, id, "extra");
        }
        self.rows += there.rows.keys().filter(within).count() as u64;
        self.total = self.total.max(self.rows);
    }

    fn differ(&mut self, collection: &str, id: &str, what: &'static str) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push((collection.to_owned(), id.to_owned(), what));
        }
    }
}

/// Rows by their ids, whether those are all behind the ones before, and the last one that is certain.
struct Page {
    rows: BTreeMap<String, Vec<Value>>,
    complete: bool,
}

impl Page {
    fn last(&self) -> Option<&String> {
        self.rows.last_key_value().map(|(id, _)| id).filter(|_| !self.complete)
    }
}

impl Sync {
    /// Begins to compare, and does not wait for the end.
    ///
    /// # Errors
    /// `Invalid` when it is compared already, and while there is no copy.
    pub fn verify(self: &Arc<Self>) -> Result<Json> {
        if !self.tenant.settings.load().sync.enabled {
            return Err(Error::invalid("The database sync is off."));
        }
        let started = date::format(self.tenant.world.now_ms());
        {
            let mut verification = self.verification.lock();
            if verification.stage == Stage::Running {
                return Err(Error::invalid("The copy is being compared already."));
            }
            *verification = Verification { stage: Stage::Running, started, ..Verification::default() };
        }
        let sync = self.clone();
        drop(self.tenant.tasks.spawn_until_stop(async move {
            // A panic must not leave it running for ever.
            let compared = tasks::caught("compare the copy", async { Ok(sync.compare_all().await) }).await;
            let result = compared.unwrap_or_else(|error| Err(error.into()));
            let mut verification = sync.verification.lock();
            verification.ended = date::format(sync.tenant.world.now_ms());
            verification.stage = if result.is_ok() { Stage::Done } else { Stage::Failed };
            if let Err(trouble) = result {
                verification.problem = trouble.to_string();
            }
        }));
        Ok(self.verification.lock().to_json())
    }

    async fn compare_all(&self) -> Result<(), Trouble> {
        let settings = self.tenant.settings.load().sync.clone();
        let remote = Remote::new(self.tenant.outbound.clone(), settings);
        let shapes = Shape::all(&self.tenant.catalog());
        let ledger = ledger_of(&remote).await?;
        self.verification.lock().total = ledger.entries.iter().map(|entry| entry.rows).sum();
        for shape in &shapes {
            self.compare(&remote, shape).await?;
        }
        Ok(())
    }

    async fn compare(&self, remote: &Remote, shape: &Shape) -> Result<(), Trouble> {
        let (mut after, mut limit) = (String::new(), PAGE_ROWS);
        loop {
            let (there, ledger) = there(remote, shape, &after, &mut limit).await?;
            let entry =
                ledger.entry(&shape.id).filter(|entry| !entry.is_copying() && entry.definition == shape.definition);
            if entry.is_none() {
                return Err(Trouble::Refused(format!("{INCOMPLETE}: {}", shape.name)));
            }
            let _still = self.tenant.schema_lock.lock().await;
            if !Shape::all(&self.tenant.catalog()).iter().any(|known| known.definition == shape.definition) {
                return Err(Trouble::Refused(format!("{} was changed meanwhile", shape.name)));
            }
            let read = |snapshot: &mut Snapshot<'_>| here(snapshot, shape, &after, ledger.watermark);
            let Some((here, moved)) = self.tenant.store.read(read).await? else {
                return Err(Trouble::Refused(format!("{INCOMPLETE}: {}", shape.name)));
            };
            let until = here.last().into_iter().chain(there.last()).min().cloned();
            self.verification.lock().judge(&shape.name, &here, &there, &moved, until.as_deref());
            let Some(until) = until else { return Ok(()) };
            after = until;
        }
    }
}

/// A page of the copy, with what is said about it at the same moment.
async fn there(remote: &Remote, shape: &Shape, after: &str, limit: &mut u64) -> Result<(Page, Ledger), Trouble> {
    loop {
        let mut batch = Batch::default();
        batch.run(Sql::new("BEGIN"));
        let ledger = batch.run(ledger::select());
        let rows = batch.run(shape.select_page(&shape.name, after, *limit));
        batch.run(Sql::new("COMMIT"));
        match remote.send(&batch).await {
            Ok(mut results) => {
                let ledger = Ledger::read(&results[ledger])?;
                let rows = std::mem::take(&mut results[rows]);
                let complete = (rows.len() as u64) < *limit;
                return Ok((page(shape, rows, complete), ledger));
            }
            // Rows may be so large that few of them fill an answer.
            Err(Trouble::Statement { .. } | Trouble::Unreachable(Unanswered::TooLarge(_))) if *limit > 1 => {
                *limit = (*limit / 10).max(1);
            }
            Err(trouble) => return Err(trouble),
        }
    }
}

/// A page of this database, with the ids of what has changed since the copy was so far; `None` when that is not known.
fn here(
    snapshot: &mut Snapshot<'_>,
    shape: &Shape,
    after: &str,
    watermark: u64,
) -> Result<Option<(Page, BTreeSet<String>)>> {
    let (rows, complete) = read_page(snapshot, shape, after)?;
    let mut known = Sql::new("SELECT 1 FROM _changes WHERE seq = ");
    known.bind(i64::try_from(watermark).unwrap_or(i64::MAX));
    if snapshot.one(&known, |_| Ok(()))?.is_none() {
        return Ok(None);
    }
    let mut changed = Sql::new("SELECT DISTINCT record FROM _changes WHERE seq > ");
    changed.bind(i64::try_from(watermark).unwrap_or(i64::MAX)).push(" AND collection = ").bind(shape.id.as_str());
    let mut moved = BTreeSet::new();
    snapshot.rows(&changed, |row| {
        moved.insert(row.text(0).to_owned());
        Ok(())
    })?;
    // It is not known which rows changed: all of them are copied anew.
    if moved.contains("") {
        return Ok(None);
    }
    Ok(Some((page(shape, rows, complete), moved)))
}

fn page(shape: &Shape, rows: Rows, complete: bool) -> Page {
    let keyed = rows.into_iter().filter_map(|row| match row.get(shape.id_column()) {
        Some(Value::Text(id)) => Some((id.clone(), row)),
        _ => None,
    });
    Page { rows: keyed.collect(), complete }
}

fn same(here: &[Value], there: &[Value]) -> bool {
    // JSON has no word for what is no number.
    let alike =
        |(here, there): (&Value, &Value)| here == there || matches!(here, Value::Real(number) if !number.is_finite());
    here.len() == there.len() && here.iter().zip(there).all(alike)
}
