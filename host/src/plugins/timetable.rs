//! Plugins that are called by the clock: what superusers have scheduled, its rows, and the jobs that come of it.

use super::Plugins;
use super::chain::cut;
use super::configure::Bases;
use super::contract::Receipt;
use super::limits::{admin, answer};
use super::registry::{Plugin, Table};
use super::scan::is_name;
use super::terms::Terms;
use super::visit::Visit;
use crate::activity::{self, Event};
use crate::db::Snapshot;
use crate::error::{Error, FieldErrors, Result, code};
use crate::jobs::{Job, Jobs};
use crate::model::{Schedule, date};
use crate::sql::Sql;
use crate::tenant::hooks::Stage;
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Weak};
use std::time::Instant;
use tokio::sync::OwnedMutexGuard;

const SCHEDULE_FAILED: &str = "Failed to schedule the plugin.";

/// A name and a cron expression under which a plugin is called.
#[derive(Debug, Clone)]
pub struct Appointment {
    pub id: String,
    pub plugin: Arc<str>,
    /// Given to the guest; the only one of its plugin.
    pub name: String,
    pub expression: String,
    pub enabled: bool,
    pub terms: Terms,
    pub created: String,
}

/// What keeps the jobs in step with the rows.
#[derive(Debug)]
pub(super) struct Clockwork {
    jobs: Weak<Jobs>,
    plugins: Weak<Plugins>,
}

impl Clockwork {
    /// Makes jobs of what is scheduled now.
    pub(super) fn wind(&self, table: &Table) {
        let Some(jobs) = self.jobs.upgrade() else { return };
        let living = table.timetable().iter().filter_map(|appointment| {
            let plugin = table.plugin(&appointment.plugin)?;
            lives(plugin, appointment).then(|| self.job(plugin, appointment))
        });
        jobs.adopt(living.collect());
    }

    fn job(&self, plugin: &Plugin, appointment: &Appointment) -> Job {
        let (plugins, id) = (self.plugins.clone(), appointment.id.clone());
        Job::new(job_id(plugin, appointment), appointment.expression.clone(), move |tenant| {
            let (plugins, id) = (plugins.clone(), id.clone());
            async move {
                match plugins.upgrade() {
                    Some(plugins) => plugins.keep_appointment(tenant, &id).await,
                    None => Ok(()),
                }
            }
        })
    }
}

/// The id among the jobs. Neither name has a colon.
fn job_id(plugin: &Plugin, appointment: &Appointment) -> String {
    format!("{}:{}", plugin.name, appointment.name)
}

/// A new version may have stopped exporting what the one before it did.
fn lives(plugin: &Plugin, appointment: &Appointment) -> bool {
    plugin.enabled && plugin.version.approved && appointment.enabled && exports(plugin)
}

fn exports(plugin: &Plugin) -> bool {
    plugin.version.exports.iter().any(|name| name == Stage::Scheduled.interface())
}

impl Plugins {
    /// Has the tenant's jobs call what is scheduled, from now on.
    pub fn keep_time(self: &Arc<Self>, jobs: &Arc<Jobs>) {
        let clockwork = Clockwork { jobs: Arc::downgrade(jobs), plugins: Arc::downgrade(self) };
        self.clockwork.get_or_init(|| clockwork).wind(&self.table.load());
    }

    async fn keep_appointment(&self, tenant: Arc<Tenant>, id: &str) -> Result<()> {
        let table = self.table.load_full();
        // Ended or switched off since it was due.
        let Some(appointment) = table.timetable().iter().find(|appointment| appointment.id == id).cloned() else {
            return Ok(());
        };
        let Some(plugin) = table.plugin(&appointment.plugin).filter(|plugin| lives(plugin, &appointment)) else {
            return Ok(());
        };
        let (plugin, cx) = (plugin.picked(Stage::Scheduled).clone(), Cx::system(tenant));
        let visit = Visit {
            plugin: plugin.clone(),
            stage: Stage::Scheduled,
            terms: appointment.terms.clone(),
            cx: cx.clone(),
            asked: Instant::now(),
        };
        let called = self.visit(visit, 0, move |visit, engine, ready, call| {
            let parameters = (visit.context(""), appointment.name.as_str());
            let finished = ready.call::<_, Receipt>(engine, visit.stage, call, parameters);
            (finished.result, finished.fuel_used)
        });
        match called.await? {
            (Ok(()),) => Ok(()),
            (Err(words),) => {
                let words = cut(words, answer::MESSAGE_BYTES);
                self.note_words(&plugin, Stage::Scheduled, &cx.facts.id, &words);
                Err(Error::invalid(words))
            }
        }
    }

    /// A page of what a plugin is scheduled for.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn schedules(&self, cx: &Cx, plugin_id: &str) -> Result<Value> {
        let plugin = self.plugin(plugin_id)?;
        let table = self.table.load();
        let own = table.timetable().iter().filter(|appointment| *appointment.plugin == *plugin.id);
        Ok(super::lifecycle::page(own.map(|appointment| self.shown(cx, &plugin, appointment)).collect()))
    }

    /// Schedules a plugin: `{name, expression, enabled?, config?, limits?}`.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` with an error for each field that is wrong.
    pub async fn schedule(&self, cx: &Cx, plugin_id: &str, input: Map<String, Value>) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        if self.table.load().timetable().len() >= admin::SCHEDULES {
            return Err(Error::invalid(format!(
                "There are {} schedules already, which is the most.",
                admin::SCHEDULES
            )));
        }
        let new = Appointment {
            id: cx.tenant.world.id(),
            plugin: plugin.id.clone(),
            name: String::new(),
            expression: String::new(),
            enabled: true,
            terms: Terms::default(),
            created: date::format(cx.now_ms),
        };
        self.put_appointment(cx, turn, &plugin, new, &input, Value::Null).await
    }

    /// Changes the fields of a schedule that are given.
    ///
    /// # Errors
    /// As [`Plugins::schedule`].
    pub async fn reschedule(&self, cx: &Cx, plugin_id: &str, id: &str, input: Map<String, Value>) -> Result<Value> {
        let turn = self.turn().await;
        let (plugin, old) = self.appointment(plugin_id, id)?;
        let before = view(&plugin, &old);
        self.put_appointment(cx, turn, &plugin, Appointment::clone(&old), &input, before).await
    }

    /// Ends a schedule.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn unschedule(&self, cx: &Cx, plugin_id: &str, id: &str) -> Result<()> {
        let turn = self.turn().await;
        let (plugin, old) = self.appointment(plugin_id, id)?;
        self.check_key(cx, &plugin)?;
        let before = view(&plugin, &old);
        let event =
            Event { action: "unschedule", kind: "plugin", subject: id, name: &plugin.name, before, after: Value::Null };
        let mut delete = Sql::new("DELETE FROM _plugin_schedules WHERE id = ");
        delete.bind(id);
        self.change_in(turn, vec![delete, activity::entry(cx, event)]).await
    }

    fn appointment(&self, plugin_id: &str, id: &str) -> Result<(Arc<Plugin>, Arc<Appointment>)> {
        let table = self.table.load();
        let found = table.timetable().iter().find(|found| found.id == id && *found.plugin == *plugin_id);
        match (table.plugin(plugin_id), found) {
            (Some(plugin), Some(appointment)) => Ok((plugin.clone(), appointment.clone())),
            _ => Err(Error::not_found()),
        }
    }

    async fn put_appointment(
        &self,
        cx: &Cx,
        turn: OwnedMutexGuard<()>,
        plugin: &Plugin,
        mut appointment: Appointment,
        input: &Map<String, Value>,
        before: Value,
    ) -> Result<Value> {
        self.check_use(cx, plugin)?;
        let mut errors = FieldErrors::default();
        read(&mut appointment, input, &mut errors);
        self.check_terms(plugin, &mut appointment.terms, &mut errors).await?;
        let table = self.table.load_full();
        let is_taken = |other: &&Arc<Appointment>| {
            other.plugin == appointment.plugin && other.name == appointment.name && other.id != appointment.id
        };
        if table.timetable().iter().find(is_taken).is_some() {
            errors.add("name", code::NOT_UNIQUE);
        }
        if !exports(plugin) {
            errors.add("plugin", code::IN_INVALID.say("The plugin does not export scheduled."));
        }
        errors.into_result(SCHEDULE_FAILED)?;
        let view = view(plugin, &appointment);
        let (before, after) = match before {
            Value::Null => (Value::Null, view.clone()),
            before => activity::difference(&before, &view),
        };
        let event =
            Event { action: "schedule", kind: "plugin", subject: &appointment.id, name: &plugin.name, before, after };
        self.change_in(turn, vec![put(&appointment), activity::entry(cx, event)]).await?;
        tracing::info!(plugin = &*plugin.name, name = appointment.name, "a plugin was scheduled");
        Ok(self.shown(cx, plugin, &appointment))
    }

    fn shown(&self, cx: &Cx, plugin: &Plugin, appointment: &Appointment) -> Value {
        self.with_limits(cx, view(plugin, appointment), plugin, &appointment.terms, &[Stage::Scheduled])
    }
}

fn view(plugin: &Plugin, appointment: &Appointment) -> Value {
    let (config, limits) = appointment.terms.view();
    json!({
        "id": appointment.id,
        "plugin": &*appointment.plugin,
        "name": appointment.name,
        "expression": appointment.expression,
        "enabled": appointment.enabled,
        "config": config,
        "limits": limits,
        "cron": job_id(plugin, appointment),
        "created": appointment.created,
    })
}

/// Puts the given fields into the appointment; what is missing stays.
fn read(appointment: &mut Appointment, input: &Map<String, Value>, errors: &mut FieldErrors) {
    match input.get("name") {
        Some(value) => match value.as_str().filter(|name| is_name(name)) {
            Some(name) => name.clone_into(&mut appointment.name),
            None => errors.add("name", code::INVALID_FORMAT),
        },
        None if appointment.name.is_empty() => errors.add("name", code::REQUIRED),
        None => {}
    }
    match input.get("expression") {
        Some(value) => match value.as_str().and_then(Schedule::parse) {
            Some(schedule) => schedule.text().clone_into(&mut appointment.expression),
            None => errors.add("expression", code::INVALID_FORMAT.say("Must be a cron expression of five fields.")),
        },
        None if appointment.expression.is_empty() => errors.add("expression", code::REQUIRED),
        None => {}
    }
    if let Some(value) = input.get("enabled").filter(|value| !value.is_null()) {
        match value.as_bool() {
            Some(enabled) => appointment.enabled = enabled,
            None => errors.add("enabled", code::INVALID_VALUE),
        }
    }
    appointment.terms.read(input, errors);
}

/// Reads what is scheduled, in the order it was.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn load(snapshot: &mut Snapshot<'_>, bases: &Bases) -> Result<Vec<Arc<Appointment>>> {
    let select = Sql::new(
        "SELECT id, plugin, name, expression, enabled, config, limits, created FROM _plugin_schedules ORDER BY created, id",
    );
    let mut found = Vec::new();
    snapshot.rows(&select, |row| {
        found.push(Arc::new(Appointment {
            id: row.text(0).to_owned(),
            plugin: row.text(1).into(),
            name: row.text(2).to_owned(),
            expression: row.text(3).to_owned(),
            enabled: row.integer(4) != 0,
            terms: Terms::stored(bases, row.text(1), row.text(5), row.text(6)),
            created: row.text(7).to_owned(),
        }));
        Ok(())
    })?;
    Ok(found)
}

fn put(appointment: &Appointment) -> Sql {
    let mut sql = Sql::new(
        "INSERT OR REPLACE INTO _plugin_schedules (id, plugin, name, expression, enabled, config, limits, created) VALUES (",
    );
    sql.bind(appointment.id.as_str()).push(", ").bind(&*appointment.plugin).push(", ");
    sql.bind(appointment.name.as_str()).push(", ").bind(appointment.expression.as_str()).push(", ");
    sql.bind(appointment.enabled).push(", ").bind(appointment.terms.own_config.as_str()).push(", ");
    sql.bind(appointment.terms.limits_text()).push(", ").bind(appointment.created.as_str()).push(")");
    sql
}
