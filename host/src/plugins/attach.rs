//! Where a plugin takes part: reading an admin's wish for an attachment, and the verbs on attachments.

use super::fields::Projection;
use super::lifecycle::check_stages;
use super::limits::admin;
use super::registry::{Attachment, OnFailure, Plugin};
use super::terms::Terms;
use super::{Plugins, rows};
use crate::activity::{self, Event};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Verb, date};
use crate::schema::catalog::Catalog;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

const ATTACH_FAILED: &str = "Failed to attach the plugin.";

type Input = Map<String, Value>;

impl Plugins {
    /// Attaches a plugin to a collection: `{collection, hooks, order?, enabled?, config?, fields?, limits?, onFailure?}`.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` with an error for each field that is wrong.
    pub async fn attach(&self, cx: &Cx, plugin_id: &str, input: Input) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        if self.table.load().attachment_count() >= admin::ATTACHMENTS {
            return Err(Error::invalid(format!(
                "There are {} attachments already, which is the most.",
                admin::ATTACHMENTS
            )));
        }
        let new = Attachment {
            id: cx.tenant.world.id(),
            plugin: plugin.id.clone(),
            collection: String::new(),
            stages: Vec::new(),
            order: 0,
            enabled: true,
            terms: Terms::default(),
            fields: Projection::default(),
            on_failure: OnFailure::Closed,
            created: date::format(cx.now_ms),
        };
        self.put(cx, turn, &plugin, new, &input).await
    }

    /// Changes the fields of an attachment that are given.
    ///
    /// # Errors
    /// As [`Plugins::attach`].
    pub async fn update_attachment(&self, cx: &Cx, plugin_id: &str, id: &str, input: Input) -> Result<Value> {
        let turn = self.turn().await;
        let (plugin, old) = self.find(plugin_id, id)?;
        let copy = Attachment {
            id: old.id.clone(),
            plugin: old.plugin.clone(),
            collection: old.collection.clone(),
            stages: old.stages.clone(),
            order: old.order,
            enabled: old.enabled,
            terms: old.terms.clone(),
            fields: old.fields.clone(),
            on_failure: old.on_failure,
            created: old.created.clone(),
        };
        self.put(cx, turn, &plugin, copy, &input).await
    }

    /// Ends an attachment; what waits for it in the outbox is dead when its turn comes.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn detach(&self, cx: &Cx, plugin_id: &str, id: &str) -> Result<()> {
        let turn = self.turn().await;
        let (plugin, old) = self.find(plugin_id, id)?;
        self.check_key(cx, &plugin)?;
        let before = view(&old, &cx.tenant.catalog());
        let event =
            Event { action: "detach", kind: "plugin", subject: id, name: &plugin.name, before, after: Value::Null };
        let told = activity::entry(cx, event);
        self.change_in(turn, vec![rows::delete_attachment(id), told]).await
    }

    fn find(&self, plugin_id: &str, id: &str) -> Result<(Arc<Plugin>, Arc<Attachment>)> {
        let table = self.table.load();
        let found = table.attachment(id).filter(|attachment| &*attachment.plugin == plugin_id);
        match (table.plugin(plugin_id), found) {
            (Some(plugin), Some(attachment)) => Ok((plugin.clone(), attachment.clone())),
            _ => Err(Error::not_found()),
        }
    }

    async fn put(
        &self,
        cx: &Cx,
        turn: OwnedMutexGuard<()>,
        plugin: &Plugin,
        mut attachment: Attachment,
        input: &Input,
    ) -> Result<Value> {
        self.check_key(cx, plugin)?;
        let catalog = cx.tenant.catalog();
        let mut errors = FieldErrors::default();
        read(&mut attachment, input, &catalog, &mut errors);
        check_reach(cx, plugin, &attachment, &catalog)?;
        check_stages(plugin, &attachment.stages, &mut errors);
        self.check_terms(plugin, &mut attachment.terms, &mut errors).await?;
        check_sign_in(&attachment, &catalog, &mut errors);
        self.check_room(&attachment, &mut errors);
        errors.into_result(ATTACH_FAILED)?;
        let view = view(&attachment, &catalog);
        let before = self.table.load().attachment(&attachment.id).map(|old| self::view(old, &catalog));
        let (before, after) = match before {
            Some(before) => activity::difference(&before, &view),
            None => (Value::Null, view.clone()),
        };
        let event =
            Event { action: "attach", kind: "plugin", subject: &attachment.id, name: &plugin.name, before, after };
        let told = activity::entry(cx, event);
        self.change_in(turn, vec![rows::put_attachment(&attachment), told]).await?;
        tracing::info!(plugin = &*plugin.name, collection = attachment.collection, "a plugin was attached");
        Ok(self.with_limits(cx, view, plugin, &attachment.terms, &attachment.stages))
    }

    /// Refuses a key that would touch a plugin which takes part in a system collection: code that sees what superusers
    /// write would be a way to become one, and to switch it off is not for keys either.
    ///
    /// # Errors
    /// `MissingScope`.
    pub(super) fn check_key(&self, cx: &Cx, plugin: &Plugin) -> Result<()> {
        let catalog = cx.tenant.catalog();
        let sees_system = || {
            let table = self.table.load();
            table.attachments(&plugin.id).iter().any(|attachment| is_system(&catalog, &attachment.collection))
        };
        if cx.caller.key().is_some() && sees_system() { Err(Error::MissingScope(None)) } else { Ok(()) }
    }

    /// Whether code of a key's choice may see and change all that the plugin is attached to.
    ///
    /// # Errors
    /// `MissingScope`.
    pub(super) fn check_reach_of_all(&self, cx: &Cx, plugin: &Plugin) -> Result<()> {
        let catalog = cx.tenant.catalog();
        let table = self.table.load();
        table.attachments(&plugin.id).iter().try_for_each(|attachment| check_reach(cx, plugin, attachment, &catalog))
    }

    /// The attachments of a plugin as an admin sees them.
    pub(super) fn attachment_page(&self, cx: &Cx, plugin_id: &str) -> Vec<Value> {
        let catalog = cx.tenant.catalog();
        let table = self.table.load();
        let shown = |attachment: &Arc<Attachment>| match table.plugin(plugin_id) {
            Some(plugin) => {
                self.with_limits(cx, view(attachment, &catalog), plugin, &attachment.terms, &attachment.stages)
            }
            None => view(attachment, &catalog),
        };
        table.attachments(plugin_id).into_iter().map(shown).collect()
    }

    fn check_room(&self, attachment: &Attachment, errors: &mut FieldErrors) {
        let table = self.table.load();
        for stage in &attachment.stages {
            let others =
                table.hooks(&attachment.collection, *stage).iter().filter(|bound| bound.attachment.id != attachment.id);
            if others.count() >= admin::PER_STAGE {
                let message = format!(
                    "{} plugins are attached to {} already, which is the most.",
                    admin::PER_STAGE,
                    stage.name()
                );
                errors.add("hooks", code::IN_INVALID.say(message));
            }
        }
    }
}

/// Refuses a key what its scopes do not reach: a plugin sees the records of its collection whole, changes them on their way,
/// and may lend what was granted to it. Who signs in, and what tokens say, is for a person to choose.
fn check_reach(cx: &Cx, plugin: &Plugin, attachment: &Attachment, catalog: &Catalog) -> Result<()> {
    let Some(key) = cx.caller.key() else { return Ok(()) };
    let is_for_people = is_system(catalog, &attachment.collection)
        || attachment.stages.iter().any(|stage| stage.is_of_sign_in())
        || plugin.has_rights();
    if is_for_people {
        return Err(Error::MissingScope(None));
    }
    match catalog.collection(&attachment.collection) {
        Some(collection) if !Verb::ALL.iter().all(|verb| key.may(collection, *verb)) => {
            Err(Error::MissingScope(Some(format!("{}:*", collection.name))))
        }
        _ => Ok(()),
    }
}

/// Who signs in is a record of an auth collection. Superusers are left alone: whoever locks them out could not be detached.
fn check_sign_in(attachment: &Attachment, catalog: &Catalog, errors: &mut FieldErrors) {
    let Some(stage) = attachment.stages.iter().find(|stage| stage.is_of_sign_in()) else { return };
    let Some(collection) = catalog.collection(&attachment.collection) else { return };
    if collection.auth().is_none() || collection.system {
        let message = format!("{} is for auth collections, and not for superusers.", stage.name());
        errors.add("hooks", code::IN_INVALID.say(message));
    }
}

/// The moments that an attachment may name.
fn moments() -> impl Iterator<Item = Stage> {
    Stage::ALL.into_iter().filter(|stage| stage.is_of_collection())
}

fn is_system(catalog: &Catalog, collection: &str) -> bool {
    catalog.collection(collection).is_some_and(|found| found.system)
}

/// Collections are named as they are called now; one that is gone by its id.
pub(super) fn view(attachment: &Attachment, catalog: &Catalog) -> Value {
    let collection =
        catalog.collection(&attachment.collection).map_or(attachment.collection.as_str(), |found| found.name.as_str());
    let hooks: Vec<_> = attachment.stages.iter().map(|stage| stage.name()).collect();
    let (config, limits) = attachment.terms.view();
    json!({
        "id": attachment.id,
        "plugin": &*attachment.plugin,
        "collection": collection,
        "hooks": hooks,
        "order": attachment.order,
        "enabled": attachment.enabled,
        "config": config,
        "fields": rows::projection_json(&attachment.fields),
        "limits": limits,
        "onFailure": rows::on_failure_name(attachment.on_failure),
        "created": attachment.created,
    })
}

/// Puts the given fields into the attachment; what is missing stays.
fn read(attachment: &mut Attachment, input: &Input, catalog: &Catalog, errors: &mut FieldErrors) {
    if let Some(value) = input.get("collection") {
        match value.as_str().and_then(|name| catalog.collection(name)) {
            Some(collection) if collection.is_view() => {
                errors.add("collection", code::IN_INVALID.say("Records of a view are not written."));
            }
            Some(collection) => attachment.collection.clone_from(&collection.id),
            None => errors.add("collection", code::IN_INVALID.say("There is no such collection.")),
        }
    } else if attachment.collection.is_empty() {
        errors.add("collection", code::REQUIRED);
    }
    if let Some(value) = input.get("hooks") {
        match stages(value) {
            Some(stages) => attachment.stages = stages,
            None => errors.add(
                "hooks",
                code::IN_INVALID
                    .say(format!("Must be a list of {}.", moments().map(Stage::name).collect::<Vec<_>>().join(", "))),
            ),
        }
    } else if attachment.stages.is_empty() {
        errors.add("hooks", code::REQUIRED);
    }
    if let Some(value) = input.get("order").filter(|value| !value.is_null()) {
        match value.as_i64() {
            Some(order) => attachment.order = order,
            None => errors.add("order", code::INVALID_VALUE),
        }
    }
    if let Some(value) = input.get("enabled").filter(|value| !value.is_null()) {
        match value.as_bool() {
            Some(enabled) => attachment.enabled = enabled,
            None => errors.add("enabled", code::INVALID_VALUE),
        }
    }
    if let Some(value) = input.get("onFailure").filter(|value| !value.is_null()) {
        match value.as_str() {
            Some("closed") => attachment.on_failure = OnFailure::Closed,
            Some("open") => attachment.on_failure = OnFailure::Open,
            _ => errors.add("onFailure", code::IN_INVALID.say("Must be `closed` or `open`.")),
        }
    }
    attachment.terms.read(input, errors);
    read_projection(attachment, input.get("fields"), catalog, errors);
}

/// At least one moment, each by its name here or in `wit/`.
fn stages(value: &Value) -> Option<Vec<Stage>> {
    let names = value.as_array().filter(|names| !names.is_empty())?;
    let parse = |name: &Value| {
        let name = name.as_str()?;
        moments().find(|stage| stage.name() == name || stage.interface() == name)
    };
    let mut stages = names.iter().map(parse).collect::<Option<Vec<_>>>()?;
    stages.sort_unstable();
    stages.dedup();
    Some(stages)
}

fn read_projection(attachment: &mut Attachment, value: Option<&Value>, catalog: &Catalog, errors: &mut FieldErrors) {
    let object = match value {
        None => return,
        Some(Value::Null) => &Map::new(),
        Some(Value::Object(object)) => object,
        Some(_) => return errors.add("fields", code::INVALID_VALUE.say("Must be an object with `read` and `write`.")),
    };
    let collection = catalog.collection(&attachment.collection);
    let mut nested = FieldErrors::default();
    let mut list = |key: &str| match object.get(key) {
        None | Some(Value::Null) => None,
        Some(value) => match serde_json::from_value::<Vec<String>>(value.clone()) {
            Ok(names) if names.len() <= admin::PROJECTED_FIELDS => {
                let unknown =
                    names.iter().find(|name| collection.is_some_and(|collection| collection.field(name).is_none()));
                if let Some(unknown) = unknown {
                    nested.add(key, code::IN_INVALID.say(format!("There is no field {unknown}.")));
                }
                Some(names)
            }
            _ => {
                nested.add(key, code::INVALID_VALUE.say("Must be a list of names."));
                None
            }
        },
    };
    attachment.fields = Projection { read: list("read"), write: list("write") };
    errors.nest("fields", nested);
}
