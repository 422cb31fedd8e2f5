//! A plugin's own configuration: what holds wherever it is called, unless the attachment, the schedule or the route says
//! otherwise, key by key.

use super::limits::admin;
use super::manifest::Manifest;
use super::registry::{Plugin, Version};
use super::terms::Terms;
use super::timetable::Appointment;
use super::{Plugins, rows};
use crate::activity::{self, Event};
use crate::db::Snapshot;
use crate::error::{FieldError, FieldErrors, Result, code};
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

const FAILED: &str = "Failed to configure the plugin.";

/// The configurations of all plugins that have one, by their ids.
pub(super) type Bases = HashMap<String, Map<String, Value>>;

impl Plugins {
    /// What a plugin is configured with.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn config(&self, _cx: &Cx, plugin_id: &str) -> Result<Value> {
        self.plugin(plugin_id)?;
        self.base_config(plugin_id).await.map(Value::Object)
    }

    pub(super) async fn base_config(&self, plugin_id: &str) -> Result<Map<String, Value>> {
        let mut bases = self.store.read(bases).await?;
        Ok(bases.remove(plugin_id).unwrap_or_default())
    }

    /// Puts a configuration in the place of the one before. What it says has to match the schema of the plugin's manifest,
    /// and so has what then holds for each attachment, each schedule and the route.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` with an error of the field `config`.
    pub async fn set_config(&self, cx: &Cx, plugin_id: &str, config: Map<String, Value>) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        self.check_use(cx, &plugin)?;
        let mut errors = FieldErrors::default();
        let text = Value::Object(config.clone()).to_string();
        if text.len() > admin::CONFIG_BYTES {
            let message = format!("Must have at most {} bytes.", admin::CONFIG_BYTES);
            errors.add("config", code::INVALID_VALUE.say(message));
        }
        let manifest = &plugin.version.manifest;
        manifest.check_base_config(&Value::Object(config.clone()), &mut errors);
        for own in self.own_configs(&plugin) {
            manifest.check_config(&Value::Object(merged(&config, &own)), &mut errors);
        }
        errors.into_result(FAILED)?;
        let (before, config) = (Value::Object(self.base_config(plugin_id).await?), Value::Object(config));
        let (before, after) = activity::difference(&before, &config);
        let event =
            Event { action: "configure", kind: "plugin", subject: plugin_id, name: &plugin.name, before, after };
        self.change_in(turn, vec![rows::put_config(plugin_id, &text), activity::entry(cx, event)]).await?;
        Ok(config)
    }

    /// The configurations that stand over a plugin's own.
    fn own_configs(&self, plugin: &Plugin) -> Vec<String> {
        let table = self.table.load();
        let attached = table.attachments(&plugin.id).into_iter().map(|attachment| attachment.terms.own_config.clone());
        let scheduled = table.timetable().iter().filter(|appointment| appointment.plugin == plugin.id);
        let scheduled = scheduled.map(|appointment| appointment.terms.own_config.clone());
        let mounted = table.mount(&plugin.id).into_iter().map(|mount| mount.terms.own_config.clone());
        attached.chain(scheduled).chain(mounted).collect()
    }

    /// What a version does not fit: hooks that it is to be called for and does not export (one that gets a share of the calls
    /// is only called for those that it does), and what its manifest refuses of the configurations that it would be called with: the
    /// plugin's own (`config`), those of `attachments` and `schedules` by their ids, that of the `route`. What is switched off is held to
    /// it when it is switched on.
    pub(super) async fn misfits(&self, cx: &Cx, plugin: &Plugin, version: Candidate<'_>) -> Result<FieldErrors> {
        let (base, table, catalog) = (self.base_config(&plugin.id).await?, self.table.load_full(), cx.tenant.catalog());
        let fault = |stages: &[Stage], terms: &Terms| {
            let lacks = version.lacks(stages);
            lacks.or_else(|| version.manifest.fault(&Value::Object(merged(&base, &terms.own_config))))
        };
        let mut errors = FieldErrors::default();
        version.manifest.check_base_config(&Value::Object(base.clone()), &mut errors);
        let mut attachments = FieldErrors::default();
        for attachment in table.attachments(&plugin.id).into_iter().filter(|attachment| attachment.enabled) {
            if let Some(error) = fault(&attachment.stages, &attachment.terms) {
                let collection = catalog.collection(&attachment.collection).map(|found| found.name.clone());
                attachments.add(&attachment.id, error.param("collection", collection.unwrap_or_default()));
            }
        }
        let mut schedules = FieldErrors::default();
        let scheduled = |appointment: &&Arc<Appointment>| appointment.plugin == plugin.id && appointment.enabled;
        for appointment in table.timetable().iter().filter(scheduled) {
            if let Some(error) = fault(&[Stage::Scheduled], &appointment.terms) {
                schedules.add(&appointment.id, error.param("name", appointment.name.clone()));
            }
        }
        errors.nest("attachments", attachments);
        errors.nest("schedules", schedules);
        let mounted = table.mount(&plugin.id).filter(|mount| mount.enabled);
        if let Some(error) = mounted.and_then(|mount| fault(&[Stage::Route], &mount.terms)) {
            errors.add("route", error);
        }
        Ok(errors)
    }

    /// Holds a configuration over a plugin's own to what its manifest says, and answers with what then holds, as JSON text.
    pub(super) async fn check_config(&self, plugin: &Plugin, own: &str, errors: &mut FieldErrors) -> Result<String> {
        let config = Value::Object(merged(&self.base_config(&plugin.id).await?, own));
        plugin.version.manifest.check_config(&config, errors);
        Ok(config.to_string())
    }
}

/// A version that is to be called.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub manifest: &'a Manifest,
    /// The hooks that it exports; `None` when it is not to be called for all that the plugin is.
    pub exports: Option<Vec<Stage>>,
}

impl<'a> Candidate<'a> {
    /// In the place of the one that is called.
    pub(super) fn of(version: &'a Version) -> Self {
        Self { manifest: &version.manifest, exports: Some(version.stages().collect()) }
    }

    fn lacks(&self, stages: &[Stage]) -> Option<FieldError> {
        let exports = self.exports.as_ref()?;
        let missing = stages.iter().filter(|stage| !exports.contains(stage));
        let missing: Vec<_> = missing.map(|stage| stage.name()).collect();
        (!missing.is_empty()).then(|| unexported(&missing))
    }
}

/// What is said of hooks that a component does not have.
pub(super) fn unexported(missing: &[&str]) -> FieldError {
    code::IN_INVALID.say(format!("The plugin does not export {}.", missing.join(", ")))
}

/// Reads the configurations of all plugins.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn bases(snapshot: &mut Snapshot<'_>) -> Result<Bases> {
    let mut found = HashMap::new();
    snapshot.rows(&Sql::new("SELECT plugin, config FROM _plugin_config"), |row| {
        found.insert(row.text(0).to_owned(), object(row.text(1)));
        Ok(())
    })?;
    Ok(found)
}

/// What holds where a plugin is called: JSON text of an object.
#[must_use]
pub(super) fn effective(bases: &Bases, plugin_id: &str, own: &str) -> String {
    match bases.get(plugin_id) {
        Some(base) if !base.is_empty() => Value::Object(merged(base, own)).to_string(),
        _ => own.to_owned(),
    }
}

/// The keys of a configuration over those of its plugin's.
#[must_use]
pub(super) fn merged(base: &Map<String, Value>, own: &str) -> Map<String, Value> {
    let mut all = base.clone();
    all.extend(object(own));
    all
}

/// A configuration as it is stored.
fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whoever_is_nearer_to_the_call_has_the_last_word() {
        let base = object(r#"{"say": "hello", "times": 1, "deep": {"a": 1}}"#);
        let all = merged(&base, r#"{"times": 2, "more": null, "deep": {"b": 2}}"#);
        assert_eq!(
            json!(all),
            json!({"say": "hello", "times": 2, "deep": {"b": 2}, "more": null}),
            "key by key, not deeper"
        );
        assert_eq!(merged(&base, "{}"), base);
        let bases = Bases::from([("one".to_owned(), base)]);
        assert_eq!(effective(&bases, "two", r#"{ "as": "it is" }"#), r#"{ "as": "it is" }"#);
        assert!(effective(&bases, "one", "{}").contains("hello"));
    }
}
