//! How runs of jobs ended: the latest of each job, in `logs.db`.

use crate::db::{Failure, Row, Snapshot, Unit};
use crate::error::Result;
use crate::model::date;
use crate::schema::listing::{Found, Listing, Part};
use crate::schema::system;
use crate::sql::Sql;
use crate::tenant::Tenant;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

const TABLE: &str = "_job_runs";
const COLUMNS: &str = "id, job, cause, outcome, detail, started, durationMs";
/// Ids begin with the time.
const LATEST_FIRST: &str = "id DESC";

/// Runs of each job that are kept.
const RUNS_KEPT: i64 = 100;

/// Longest detail of a run, in bytes.
const DETAIL_MAX: usize = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trigger {
    Schedule,
    /// Somebody asked for it.
    Request,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Running,
    Done,
    Failed,
    /// The process ended before the run did.
    Interrupted,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    id: String,
    job: String,
    trigger: Trigger,
    outcome: Outcome,
    detail: String,
    pub(super) started_ms: i64,
    duration_ms: i64,
}

impl Trigger {
    const ALL: [Self; 2] = [Self::Schedule, Self::Request];

    fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Request => "request",
        }
    }
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Failed, Self::Interrupted];

    fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

impl Run {
    pub(super) fn begin(tenant: &Tenant, job: &str, trigger: Trigger) -> Self {
        let started_ms = tenant.world.now_ms();
        Self {
            id: tenant.world.ids.uuid(started_ms),
            job: job.to_owned(),
            trigger,
            outcome: Outcome::Running,
            detail: String::new(),
            started_ms,
            duration_ms: 0,
        }
    }

    pub(super) fn end(&mut self, outcome: Outcome, mut detail: String, duration_ms: i64) {
        detail.truncate(detail.floor_char_boundary(DETAIL_MAX));
        (self.outcome, self.detail, self.duration_ms) = (outcome, detail, duration_ms);
    }

    pub(super) fn to_json(&self) -> Json {
        json!({
            "detail": self.detail,
            "durationMs": self.duration_ms,
            "id": self.id,
            "job": self.job,
            "outcome": self.outcome.name(),
            "started": date::format(self.started_ms),
            "cause": self.trigger.name(),
        })
    }

    fn of_row(row: &Row<'_>) -> Self {
        let named = |name: &str| Outcome::ALL.into_iter().find(|known| known.name() == name);
        Self {
            id: row.text(0).to_owned(),
            job: row.text(1).to_owned(),
            trigger: Trigger::ALL.into_iter().find(|known| known.name() == row.text(2)).unwrap_or(Trigger::Schedule),
            outcome: named(row.text(3)).unwrap_or(Outcome::Interrupted),
            detail: row.text(4).to_owned(),
            started_ms: date::parse(row.text(5)).unwrap_or_default(),
            duration_ms: row.integer(6),
        }
    }
}

/// Writes a run as it stands, and forgets those that are too many. The history is no reason for a job to fail.
pub(super) async fn save(tenant: &Tenant, run: &Run) {
    let mut put = Sql::new("INSERT INTO _job_runs (");
    put.push(COLUMNS).push(") VALUES (").bind(run.id.as_str()).push(", ").bind(run.job.as_str()).push(", ");
    put.bind(run.trigger.name()).push(", ").bind(run.outcome.name()).push(", ").bind(run.detail.as_str()).push(", ");
    put.bind(date::format(run.started_ms)).push(", ").bind(run.duration_ms);
    put.push(") ON CONFLICT (id) DO UPDATE SET outcome = excluded.outcome, detail = excluded.detail, durationMs = excluded.durationMs");
    let mut forget = Sql::new("DELETE FROM _job_runs WHERE job = ");
    forget.bind(run.job.as_str()).push(" AND id <= (SELECT id FROM _job_runs WHERE job = ").bind(run.job.as_str());
    forget.push(" ORDER BY id DESC LIMIT 1 OFFSET ").bind(RUNS_KEPT).push(")");
    let mut unit = Unit::of(put);
    unit.run(forget);
    if let Err(failure) = tenant.logs.store().write(unit).await {
        tracing::warn!(job = run.job, ?failure, "the run of a job could not be noted");
    }
}

/// Marks the runs that an earlier process did not end, and answers with the last run of each job.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn recover(tenant: &Tenant) -> Result<HashMap<String, Run>> {
    let mut mark = Sql::new("UPDATE _job_runs SET outcome = ");
    mark.bind(Outcome::Interrupted.name()).push(" WHERE outcome = ").bind(Outcome::Running.name());
    tenant.logs.store().write(Unit::of(mark)).await.map_err(Failure::into_error)?;
    let mut select = Sql::new("SELECT ");
    select.push(COLUMNS).push(" FROM _job_runs WHERE id IN (SELECT max(id) FROM _job_runs GROUP BY job)");
    let mut last = HashMap::new();
    let read = |snapshot: &mut Snapshot<'_>| {
        snapshot.rows(&select, |row| {
            let run = Run::of_row(row);
            last.insert(run.job.clone(), run);
            Ok(())
        })
    };
    tenant.logs.store().read(read).await?;
    Ok(last)
}

/// The kept runs of a job, the latest first.
///
/// # Errors
/// `Invalid` for a broken filter or sort.
pub(super) async fn list(
    tenant: &Tenant,
    job: &str,
    filter: Option<&str>,
    sort: Option<&str>,
    part: Part,
) -> Result<Found> {
    let mut listing = Listing::of(&system::runs_table(), filter, sort, LATEST_FIRST, tenant.world.now_ms())?;
    let mut own = Sql::new("job = ");
    own.bind(job);
    listing.narrow(own);
    listing.read(tenant.logs.store(), TABLE, COLUMNS, part, |row| Run::of_row(row).to_json()).await
}
