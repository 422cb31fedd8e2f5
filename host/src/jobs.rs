//! What happens again and again: named functions with a cron expression each, run by the tenant's own clock.
//!
//! A job is one line in the table of `host/src/host/jobs.rs`, or adopted: made by what the tenant's users schedule. It runs once at a time, and once for all the times that
//! went by: those of a night in which the process was down are made up for by one run. How the latest runs ended is
//! in `logs.db` ([`history`]).

mod history;

use crate::error::{Error, Result};
use crate::model::{Schedule, date};
use crate::schema::listing::{Found, Part};
use crate::settings::Settings;
use crate::tasks;
use crate::tenant::Tenant;
use arc_swap::ArcSwap;
use futures_util::future::BoxFuture;
use history::{Outcome, Run, Trigger};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::HashMap;
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
    id: Cow<'static, str>,
    when: When,
    work: Work,
}

/// Where the cron expression comes from.
enum When {
    Always(Cow<'static, str>),
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
    pub fn new<W, F, D>(id: impl Into<Cow<'static, str>>, expression: impl Into<Cow<'static, str>>, work: W) -> Self
    where
        W: Fn(Arc<Tenant>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D>> + Send + 'static,
        D: Into<Done>,
    {
        Self::with(id.into(), When::Always(expression.into()), work)
    }

    /// A job whose expression is a setting; it is there while the setting is not empty.
    pub fn by_setting<W, F, D>(id: &'static str, expression: fn(&Settings) -> String, work: W) -> Self
    where
        W: Fn(Arc<Tenant>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D>> + Send + 'static,
        D: Into<Done>,
    {
        Self::with(id.into(), When::Setting(expression), work)
    }

    fn with<W, F, D>(id: Cow<'static, str>, when: When, work: W) -> Self
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
    entries: ArcSwap<Vec<Arc<Entry>>>,
    /// The last runs of jobs that are not there now, and from when on their times count.
    absent: Mutex<HashMap<String, (Run, i64)>>,
    /// One adoption at a time.
    adopting: Mutex<()>,
}

struct Entry {
    job: Job,
    /// Handed on when a job is adopted again.
    state: Arc<Mutex<State>>,
    adopted: bool,
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
        out.debug_list().entries(self.entries.load().iter().map(|entry| &entry.job.id)).finish()
    }
}

impl Jobs {
    /// Begins to run the jobs of a tenant, until its tasks stop. Without a clock somebody else has to [`Jobs::tick`].
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn start(tenant: &Arc<Tenant>, jobs: Vec<Job>, by_clock: bool) -> Result<Arc<Self>> {
        let last = history::recover(tenant).await?;
        let absent = last.into_iter().map(|(id, run)| {
            let since_ms = run.started_ms;
            (id, (run, since_ms))
        });
        let made = Self {
            tenant: tenant.clone(),
            entries: ArcSwap::default(),
            absent: Mutex::new(absent.collect()),
            adopting: Mutex::default(),
        };
        let entries = jobs.into_iter().map(|job| made.entry(job, false)).collect();
        made.entries.store(Arc::new(entries));
        let jobs = Arc::new(made);
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

    /// Puts these jobs in the place of those that were adopted before; one that stays keeps its time and its last run.
    pub fn adopt(&self, jobs: Vec<Job>) {
        let _turn = self.adopting.lock();
        let old = self.entries.load();
        let mut entries: Vec<Arc<Entry>> = old.iter().filter(|entry| !entry.adopted).cloned().collect();
        let mut ended: Vec<_> = old.iter().filter(|entry| entry.adopted).collect();
        for job in jobs {
            let known = ended.iter().position(|entry| entry.job.id == job.id).map(|place| ended.swap_remove(place));
            entries.push(match known {
                Some(known) => Arc::new(Entry { job, state: known.state.clone(), adopted: true }),
                None => self.entry(job, true),
            });
        }
        let mut absent = self.absent.lock();
        for entry in ended {
            // Times that go by while it is not there are nobody's.
            if let Some(last) = entry.state.lock().last.clone() {
                absent.insert(entry.job.id.clone().into_owned(), (last, i64::MAX));
            }
        }
        drop(absent);
        self.entries.store(Arc::new(entries));
    }

    /// A job that was not there until now. Times that went by since it last ran count if it was there then.
    fn entry(&self, job: Job, adopted: bool) -> Arc<Entry> {
        let now_ms = self.tenant.world.now_ms();
        let known = self.absent.lock().remove(&*job.id);
        let (last, since_ms) = known.map_or((None, now_ms), |(run, since_ms)| (Some(run), since_ms.min(now_ms)));
        let state = Arc::new(Mutex::new(State { since_ms, last, ..State::default() }));
        Arc::new(Entry { job, state, adopted })
    }

    /// Begins the runs that are due.
    pub fn tick(self: &Arc<Self>) {
        let now_ms = self.tenant.world.now_ms();
        let settings = self.tenant.settings.load();
        for entry in self.entries.load().iter() {
            if entry.is_due(&settings, now_ms) {
                self.begin(entry, Trigger::Schedule);
            }
        }
    }

    /// Begins a run, unless one is on already.
    ///
    /// # Errors
    /// `NotFound` when there is no such job.
    pub fn run_now(self: &Arc<Self>, id: &str) -> Result<()> {
        self.begin(&self.find(id)?, Trigger::Request);
        Ok(())
    }

    /// The jobs there are, with when they run next and how they ended last: `[{id, expression, ..}]`.
    #[must_use]
    pub fn list(&self) -> Json {
        let settings = self.tenant.settings.load();
        let entries = self.entries.load();
        let shown = entries.iter().filter_map(|entry| {
            let expression = entry.job.expression(&settings)?;
            let state = entry.state.lock();
            // The state follows with the next tick, when the setting has just changed.
            let next =
                Schedule::parse(&expression).and_then(|schedule| schedule.next_after(self.tenant.world.now_ms()));
            Some(json!({
                "expression": expression,
                "id": &*entry.job.id,
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

    fn find(&self, id: &str) -> Result<Arc<Entry>> {
        let settings = self.tenant.settings.load();
        let found = self.entries.load().iter().find(|entry| entry.job.id == id).cloned();
        found
            .filter(|entry| entry.job.expression(&settings).is_some())
            .ok_or_else(|| Error::NotFound("Missing or invalid cron job.".into()))
    }

    fn begin(self: &Arc<Self>, entry: &Arc<Entry>, trigger: Trigger) {
        {
            let mut state = entry.state.lock();
            if std::mem::replace(&mut state.running, true) {
                return;
            }
        }
        let (jobs, entry) = (self.clone(), entry.clone());
        // Cut off when the tenant closes; the history then says that it was interrupted.
        drop(self.tenant.tasks.spawn_until_stop(async move { jobs.run(&entry, trigger).await }));
    }

    async fn run(&self, entry: &Entry, trigger: Trigger) {
        let _running = Running(&entry.state);
        let mut run = Run::begin(&self.tenant, &entry.job.id, trigger);
        history::save(&self.tenant, &run).await;
        let began = Instant::now();
        let result = tasks::caught("run a job", (entry.job.work)(self.tenant.clone())).await;
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        match result {
            Ok(Done(words)) => run.end(Outcome::Done, words, took),
            Err(error) => {
                tracing::error!(job = &*entry.job.id, ?error, "a job failed");
                run.end(Outcome::Failed, error.for_superusers(), took);
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
        match &self.when {
            When::Always(text) => Some(text.clone().into_owned()),
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
