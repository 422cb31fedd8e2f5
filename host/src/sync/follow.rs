//! The task that keeps the copy: looks at what is there, sends what is missing, waits for the next change. What fails is
//! tried again after a while that grows, from the beginning: the copy itself says how far it is.

use super::hrana::{Batch, Remote, Rows, Trouble};
use super::ledger::{self, Ledger};
use super::round::{Planning, Round, Survey};
use super::shape::{OWN, Shape};
use super::state::Progress;
use super::{Sync, source};
use crate::model::date;
use crate::settings::DatabaseSync;
use crate::sql::{Sql, Value};
use crate::tasks;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long changes are gathered before they are read.
const GATHER: Duration = Duration::from_millis(25);
/// How often it is looked whether there is something to do, should nobody say so.
const IDLE: Duration = Duration::from_secs(30);
/// How long a failure is waited after, at first and at most.
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_mins(1);
/// Characters of what names a batch.
const TURN_LENGTH: usize = 20;
/// Batches without an answer that are remembered: what was given up may still arrive.
const UNANSWERED_MAX: usize = 16;

/// Something that stands on tables there, and has to be made anew when one is replaced.
struct Dependent {
    kind: String,
    name: String,
    sql: String,
}

/// That everything is to be copied anew: asked for again unless it was begun, whatever ends the try.
struct Anew<'a> {
    asked: &'a AtomicBool,
    open: bool,
}

impl<'a> Anew<'a> {
    fn take(asked: &'a AtomicBool) -> Self {
        Self { asked, open: asked.swap(false, Ordering::Relaxed) }
    }
}

impl Drop for Anew<'_> {
    fn drop(&mut self) {
        if self.open {
            self.asked.store(true, Ordering::Relaxed);
        }
    }
}

impl Sync {
    /// Keeps the copy until the tenant's tasks stop.
    pub(super) async fn run(&self) {
        let mut pause = PAUSE_MIN;
        loop {
            let settings = self.tenant.settings.load().sync.clone();
            if !settings.enabled {
                *self.progress.lock() = Progress::default();
                self.bell().await;
                continue;
            }
            self.progress.lock().begin(&settings.address());
            // A panic is a try that has failed.
            let kept = tasks::caught("keep the copy", async { Ok(self.keep(&settings).await) }).await;
            match kept.unwrap_or_else(|error| Err(error.into())) {
                Ok(()) => pause = PAUSE_MIN,
                Err(trouble) => {
                    let before = self.progress.lock().fail(&trouble.to_string(), self.tenant.world.now_ms());
                    self.errors.fetch_add(1, Ordering::Relaxed);
                    self.look_behind().await;
                    // The same again and again is said once.
                    if before != trouble.to_string() {
                        tracing::warn!(tenant = self.tenant.name, error = trouble.to_string(), "the copy fails");
                    }
                    if matches!(trouble, Trouble::Contested) {
                        self.stand(&settings).await;
                        pause = PAUSE_MIN;
                        continue;
                    }
                    let _ = tokio::time::timeout(pause, self.otherwise(&settings)).await;
                    pause = if self.progress.lock().moved { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
                }
            }
        }
    }

    /// Waits until it is to be done otherwise than it was tried: by other settings, or all anew.
    async fn otherwise(&self, settings: &DatabaseSync) {
        loop {
            self.bell().await;
            if self.tenant.settings.load().sync != *settings || self.anew.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    /// Tries nothing until somebody says so.
    async fn stand(&self, settings: &DatabaseSync) {
        while tokio::time::timeout(PAUSE_MAX, self.otherwise(settings)).await.is_err() {
            self.look_behind().await;
        }
    }

    /// For the metrics, which read no database.
    async fn look_behind(&self) {
        if let Err(error) = self.behind().await {
            tracing::debug!(?error, "the changes that the copy lacks were not counted");
        }
    }

    async fn bell(&self) {
        self.tenant.sync_bell.notified().await;
    }

    /// Keeps the copy until the settings change.
    async fn keep(&self, settings: &DatabaseSync) -> Result<(), Trouble> {
        let remote = Remote::new(self.tenant.outbound.clone(), settings.clone());
        let source = source::of(&self.tenant).await?;
        let mut survey = self.look(&remote).await?;
        loop {
            if self.tenant.settings.load().sync != *settings {
                return Ok(());
            }
            let mut anew = Anew::take(&self.anew);
            let round = self.plan(&survey, &source, anew.open).await?;
            let sent =
                !round.steps.is_empty() || round.upto != survey.ledger.watermark || survey.ledger.source != source;
            if sent {
                let ledger = self.send(&remote, &survey, &source, &round).await;
                if matches!(ledger, Err(Trouble::Contested)) {
                    anew.open = false;
                }
                survey.ledger = ledger?;
            }
            anew.open = false;
            drop(anew);
            let now_ms = self.tenant.world.now_ms();
            self.progress.lock().reach(&survey.ledger, &round.blocked, now_ms);
            if round.more {
                continue;
            }
            self.look_behind().await;
            let rung = tokio::time::timeout(IDLE, self.bell()).await.is_ok();
            tokio::time::sleep(GATHER).await;
            // Somebody else's table may be out of the way.
            if !round.blocked.is_empty() && !rung {
                let looked = self.look(&remote).await?;
                if !looked.ledger.turn.is_empty() && looked.ledger.turn != survey.ledger.turn {
                    return Err(self.overtaken(&remote).await?);
                }
                survey = looked;
            }
        }
    }

    /// What is there. A database that has tables of somebody else under names that are needed, and no copy, is not touched.
    async fn look(&self, remote: &Remote) -> Result<Survey, Trouble> {
        let names = names(remote).await?;
        if names.iter().any(|name| name.eq_ignore_ascii_case(OWN)) {
            let ledger = ledger_of(remote).await?;
            let others = names.into_iter().filter(|name| !ledger.has_table(name)).collect();
            return Ok(Survey { ledger, others });
        }
        let shapes = Shape::all(&self.tenant.catalog());
        let taken: BTreeSet<&str> = shapes
            .iter()
            .filter(|shape| names.iter().any(|name| name.eq_ignore_ascii_case(&shape.name)))
            .map(|shape| shape.name.as_str())
            .collect();
        if !taken.is_empty() {
            let listed = taken.into_iter().collect::<Vec<_>>().join(", ");
            return Err(Trouble::Refused(format!(
                "the database there has tables of somebody else under names of collections ({listed}); nothing was touched"
            )));
        }
        Ok(Survey { ledger: Ledger::default(), others: names })
    }

    /// Definitions and rows of one moment: the schema stays as long as that takes.
    async fn plan(&self, survey: &Survey, source: &str, anew: bool) -> Result<Round, Trouble> {
        let _still = self.tenant.schema_lock.lock().await;
        let shapes = Shape::all(&self.tenant.catalog());
        let planning = Planning { survey, shapes: &shapes, source, anew };
        Ok(self.tenant.store.read(|snapshot| planning.plan(snapshot)).await?)
    }

    async fn send(&self, remote: &Remote, survey: &Survey, source: &str, round: &Round) -> Result<Ledger, Trouble> {
        let dependents = if round.swaps { dependents(remote).await? } else { Vec::new() };
        let world = &self.tenant.world;
        let mut batch = Batch::default();
        batch.run(Sql::new("BEGIN IMMEDIATE"));
        if survey.ledger == Ledger::default() {
            for statement in ledger::create() {
                batch.run(statement);
            }
        }
        let guard = batch.run(ledger::guard(&survey.ledger.turn));
        for dependent in dependents.iter().filter(|dependent| dependent.kind != "index") {
            // The triggers of a view are gone with it.
            let is_view = dependent.kind == "view";
            let mut drop = Sql::new(if is_view { "DROP VIEW IF EXISTS " } else { "DROP TRIGGER IF EXISTS " });
            drop.name(&dependent.name);
            batch.run(drop);
        }
        for step in &round.steps {
            batch.run(step.clone());
        }
        for dependent in dependents {
            // Of columns that are gone, or there already.
            batch.attempt(Sql::trusted(dependent.sql));
        }
        let turn = world.ids.secret(TURN_LENGTH);
        batch.run(ledger::advance(source, &turn, round.upto, &date::format(world.now_ms())));
        let read = batch.run(ledger::select());
        batch.run(Sql::new("COMMIT"));
        self.remember(&turn);
        let results = remote.send(&batch).await;
        if matches!(results, Ok(_) | Err(Trouble::Statement { .. })) {
            self.unanswered.lock().retain(|known| *known != turn);
        }
        match results {
            Err(Trouble::Statement { step, .. }) if step == guard => Err(self.overtaken(remote).await?),
            results => Ledger::read(&results?[read]),
        }
    }

    /// An answer to that batch is waited for.
    fn remember(&self, turn: &str) {
        let mut unanswered = self.unanswered.lock();
        if unanswered.len() >= UNANSWERED_MAX {
            unanswered.remove(0);
        }
        unanswered.push(turn.to_owned());
    }

    /// Why the copy is not as it was looked at: by a batch of this server's that was given up and arrived late, or by another
    /// server.
    async fn overtaken(&self, remote: &Remote) -> Result<Trouble, Trouble> {
        let last = ledger_of(remote).await?.turn;
        let is_own = self.unanswered.lock().contains(&last);
        Ok(if is_own { Trouble::Refused("an earlier batch arrived late".into()) } else { Trouble::Contested })
    }
}

/// Names of tables and views.
pub(super) async fn names(remote: &Remote) -> Result<Vec<String>, Trouble> {
    let select = Sql::new("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name");
    let rows = one(remote, select).await?;
    Ok(rows.into_iter().filter_map(|row| text(row.into_iter().next())).collect())
}

pub(super) async fn ledger_of(remote: &Remote) -> Result<Ledger, Trouble> {
    match one(remote, ledger::select()).await {
        // A table without our columns.
        Err(Trouble::Statement { .. }) => Ledger::read(&[]),
        rows => Ledger::read(&rows?),
    }
}

async fn dependents(remote: &Remote) -> Result<Vec<Dependent>, Trouble> {
    let select = Sql::new(
        "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger', 'index') AND sql IS NOT NULL \
         ORDER BY type = 'trigger', rowid",
    );
    let rows = one(remote, select).await?;
    let dependent = |row: Vec<Value>| {
        let mut values = row.into_iter();
        Some(Dependent { kind: text(values.next())?, name: text(values.next())?, sql: text(values.next())? })
    };
    Ok(rows.into_iter().filter_map(dependent).collect())
}

/// The rows of one statement.
pub(super) async fn one(remote: &Remote, sql: Sql) -> Result<Rows, Trouble> {
    let mut batch = Batch::default();
    let at = batch.run(sql);
    Ok(std::mem::take(&mut remote.send(&batch).await?[at]))
}

fn text(value: Option<Value>) -> Option<String> {
    if let Some(Value::Text(text)) = value { Some(text) } else { None }
}
