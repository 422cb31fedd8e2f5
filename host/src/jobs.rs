//! What happens again and again: named functions with a cron expression each, run by the tenant's own clock.
//!
//! A job is one line in the table of `host/src/host/jobs.rs`. It runs once at a time, and once for all the times that
//! went by: those of a night in which the process was down are made up for by one run. How the latest runs ended is
//! in `logs.db` ([`history`]).

mod history;

use crate::error::{Error, Result};
use crate::model::{Schedule, date};
use crate::schema::listing::{Found, Part};
use crate::settings::Settings;
use crate::tasks;
use crate::tenant::Tenant;
use futures_util::future::BoxFuture;
use history::{Outcome, Run, Trigger};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(1);

/// Jobs whose ids begin so are the system's own, and are listed last.
const INTERNAL: &str = "__";

/// What a job did, in words.
#[derive(Debug, Default)]
pub struct Done(String);

impl From<()> for Done {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<u64> for Done {
    fn from(count: u64) -> Self {
        Self(count.to_string())
    }
}

impl From<usize> for Done {
    fn from(count: usize) -> Self {
        Self(count.to_string())
    }
}

impl From<String> for Done {
    fn from(words: String) -> Self {
        Self(words)
    }
}

type Work = Box<dyn Fn(Arc<Tenant>) -> BoxFuture<'static, Result<Done>> + Send + Sync>;

/// A named function and when it is called.
pub struct Job {
    id: &'static str,
    when: When,
    work: Work,
}

/// Where the cron expression comes from.
#[derive(Clone, Copy)]
enum When {
    Always(&'static str),
    /// Empty: the job is not there.
    Setting(fn(&Settings) -> String),
}

impl fmt::Debug for Job {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Job").field(&self.id).finish()
    }
}

impl Job {
    /// A job that is always there.
    pub fn new<W, F, D>(id: &'static str, expression: &'static str, work: W) -> Self
    where
        W: Fn(Arc<Tenant>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D>> + Send + 'static,
        D: Into<Done>,
    {
        Self::with(id, When::Always(expression), work)
    }

    /// A job whose expression is a setting; it is there while the setting is not empty.
    pub fn by_setting<W, F, D>(id: &'static str, expression: fn(&Settings) -> String, work: W) -> Self
    where
        W: Fn(Arc<Tenant>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D>> + Send + 'static,
        D: Into<Done>,
    {
        Self::with(id, When::Setting(expression), work)
    }

    fn with<W, F, D>(id: &'static str, when: When, work: W) -> Self
    where
        W: Fn(Arc<Tenant>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D>> + Send + 'static,
        D: Into<Done>,
    {
        let boxed = move |tenant| -> BoxFuture<'static, Result<Done>> {
            let working = work(tenant);
            Box::pin(async move { working.await.map(Into::into) })
        };
        Self { id, when, work: Box::new(boxed) }
    }
}

/// The jobs of one tenant.
pub struct Jobs {
    tenant: Arc<Tenant>,
    entries: Vec<Entry>,
}

struct Entry {
    job: Job,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// As it is in force.
    schedule: Option<Schedule>,
    /// From when on a time of the schedule counts as due.
    since_ms: i64,
    /// The first time after that.
    due_ms: Option<i64>,
    running: bool,
    last: Option<Run>,
}

impl fmt::Debug for Jobs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.entries.iter().map(|entry| entry.job.id)).finish()
    }
}

impl Jobs {
    /// Begins to run the jobs of a tenant, until its tasks stop. Without a clock somebody else has to [`Jobs::tick`].
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn start(tenant: &Arc<Tenant>, jobs: Vec<Job>, by_clock: bool) -> Result<Arc<Self>> {
        let mut last = history::recover(tenant).await?;
        let now_ms = tenant.world.now_ms();
        let entry = |job: Job| {
            let last = last.remove(job.id);
            let since_ms = last.as_ref().map_or(now_ms, |run| run.started_ms.min(now_ms));
            Entry { job, state: Mutex::new(State { since_ms, last, ..State::default() }) }
        };
        let jobs = Arc::new(Self { tenant: tenant.clone(), entries: jobs.into_iter().map(entry).collect() });
        if !by_clock {
            return Ok(jobs);
        }
        let ticking = Arc::downgrade(&jobs);
        drop(tenant.tasks.spawn_until_stop(async move {
            while let Some(jobs) = ticking.upgrade() {
                jobs.tick();
                drop(jobs);
                tokio::time::sleep(TICK).await;
            }
        }));
        Ok(jobs)
    }

    /// Begins the runs that are due.
    pub fn tick(self: &Arc<Self>) {
        let now_ms = self.tenant.world.now_ms();
        let settings = self.tenant.settings.load();
        for (index, entry) in self.entries.iter().enumerate() {
            if entry.is_due(&settings, now_ms) {
                self.begin(index, Trigger::Schedule);
            }
        }
    }

    /// Begins a run, unless one is on already.
    ///
    /// # Errors
    /// `NotFound` when there is no such job.
    pub fn run_now(self: &Arc<Self>, id: &str) -> Result<()> {
        let (index, _) = self.find(id)?;
        self.begin(index, Trigger::Request);
        Ok(())
    }

    /// The jobs there are, with when they run next and how they ended last: `[{id, expression, ..}]`.
    #[must_use]
    pub fn list(&self) -> Json {
        let settings = self.tenant.settings.load();
        let shown = self.entries.iter().filter_map(|entry| {
            let expression = entry.job.expression(&settings)?;
            let state = entry.state.lock();
            // The state follows with the next tick, when the setting has just changed.
            let next =
                Schedule::parse(&expression).and_then(|schedule| schedule.next_after(self.tenant.world.now_ms()));
            Some(json!({
                "expression": expression,
                "id": entry.job.id,
                "last": state.last.as_ref().map(Run::to_json),
                "next": next.map(date::format).unwrap_or_default(),
                "running": state.running,
            }))
        });
        let (internal, others): (Vec<Json>, Vec<Json>) =
            shown.partition(|job| job["id"].as_str().is_some_and(|id| id.starts_with(INTERNAL)));
        others.into_iter().chain(internal).collect()
    }

    /// The kept runs of a job, the latest first.
    ///
    /// # Errors
    /// `NotFound` when there is no such job, `Invalid` for a broken filter or sort.
    pub async fn runs(&self, id: &str, filter: Option<&str>, sort: Option<&str>, part: Part) -> Result<Found> {
        self.find(id)?;
        history::list(&self.tenant, id, filter, sort, part).await
    }

    fn find(&self, id: &str) -> Result<(usize, &Entry)> {
        let settings = self.tenant.settings.load();
        let found = self.entries.iter().enumerate().find(|(_, entry)| entry.job.id == id);
        found
            .filter(|(_, entry)| entry.job.expression(&settings).is_some())
            .ok_or_else(|| Error::NotFound("Missing or invalid cron job.".into()))
    }

    fn begin(self: &Arc<Self>, index: usize, trigger: Trigger) {
        {
            let mut state = self.entries[index].state.lock();
            if std::mem::replace(&mut state.running, true) {
                return;
            }
        }
        let jobs = self.clone();
        // Cut off when the tenant closes; the history then says that it was interrupted.
        drop(self.tenant.tasks.spawn_until_stop(async move { jobs.run(index, trigger).await }));
    }

    async fn run(&self, index: usize, trigger: Trigger) {
        let entry = &self.entries[index];
        let _running = Running(&entry.state);
        let mut run = Run::begin(&self.tenant, entry.job.id, trigger);
        history::save(&self.tenant, &run).await;
        let began = Instant::now();
        let result = tasks::caught("run a job", (entry.job.work)(self.tenant.clone())).await;
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        match result {
            Ok(Done(words)) => run.end(Outcome::Done, words, took),
            Err(error) => {
                tracing::error!(job = entry.job.id, ?error, "a job failed");
                run.end(Outcome::Failed, history::words_of(&error), took);
            }
        }
        history::save(&self.tenant, &run).await;
        entry.state.lock().last = Some(run);
    }
}

/// While it lives the job runs.
struct Running<'a>(&'a Mutex<State>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.lock().running = false;
    }
}

impl Job {
    /// `None` while it is not there.
    fn expression(&self, settings: &Settings) -> Option<String> {
        match self.when {
            When::Always(text) => Some(text.to_owned()),
            When::Setting(read) => Some(read(settings)).filter(|text| !text.trim().is_empty()),
        }
    }
}

impl Entry {
    /// Whether a time of the schedule has come since it was last due. Says so once.
    fn is_due(&self, settings: &Settings, now_ms: i64) -> bool {
        let expression = self.job.expression(settings);
        let mut state = self.state.lock();
        if state.schedule.as_ref().map(Schedule::text) != expression.as_deref().map(str::trim) {
            // Times of another schedule that went by are nobody's any more.
            if state.schedule.is_some() {
                state.since_ms = now_ms;
            }
            state.schedule = expression.as_deref().and_then(Schedule::parse);
            state.due_ms = state.schedule.as_ref().and_then(|schedule| schedule.next_after(state.since_ms));
        }
        if state.due_ms.is_none_or(|due_ms| due_ms > now_ms) {
            return false;
        }
        state.since_ms = now_ms;
        state.due_ms = state.schedule.as_ref().and_then(|schedule| schedule.next_after(now_ms));
        true
    }
}
