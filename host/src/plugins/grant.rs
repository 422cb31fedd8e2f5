//! What an admin lets a plugin do: reading, checking and showing grants. Those besides records are [`super::rights`].

use super::limits::admin;
use super::manifest::Manifest;
use super::registry::{Grant, Grants, verb};
use super::rights::{read::rights, within};
use super::{Plugins, rows};
use crate::activity::{self, Event};
use crate::error::{FieldErrors, Result, code};
use crate::model::Verb;
use crate::schema::catalog::Catalog;
use crate::tenant::Cx;
use serde_json::{Map, Value, json};

const GRANT_FAILED: &str = "Failed to change the grants.";

impl Plugins {
    /// What a plugin may do: `{records: [{collection, verbs, as}], http?, secrets?, ..}`.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn grants(&self, cx: &Cx, plugin_id: &str) -> Result<Value> {
        Ok(view(&self.plugin(plugin_id)?.grants.load(), &cx.tenant.catalog()))
    }

    /// Puts these grants in the place of those before; in force for the next call of a host function.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` with an error for each entry that is wrong.
    pub async fn set_grants(&self, cx: &Cx, plugin_id: &str, input: Map<String, Value>) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        let catalog = cx.tenant.catalog();
        let mut errors = FieldErrors::default();
        let grants = read(&input, &catalog, &mut errors);
        keep_within(&grants, &plugin.version.manifest, &catalog, &mut errors);
        errors.into_result(GRANT_FAILED)?;
        let (before, after) = (view(&plugin.grants.load(), &catalog), view(&grants, &catalog));
        let answer = after.clone();
        let event = Event { action: "grant", kind: "plugin", subject: plugin_id, name: &plugin.name, before, after };
        let mut statements = rows::put_grants(plugin_id, &grants);
        statements.push(activity::entry(cx, event));
        self.change_in(turn, statements).await?;
        tracing::info!(plugin = &*plugin.name, records = grants.records.len(), "the grants of a plugin were changed");
        Ok(answer)
    }
}

pub(super) fn view(grants: &Grants, catalog: &Catalog) -> Value {
    let records = grants.records.iter().map(|grant| {
        let collection =
            catalog.collection(&grant.collection).map_or(grant.collection.as_str(), |found| found.name.as_str());
        let verbs: Vec<_> = grant.verbs.iter().map(|verb| verb.name()).collect();
        json!({"collection": collection, "verbs": verbs, "as": if grant.as_plugin { "plugin" } else { "caller" }})
    });
    let mut all = grants.rights.to_json();
    all.insert("records".to_owned(), records.collect());
    Value::Object(all)
}

/// Refuses what the plugin does not ask for, if it says what it asks for.
fn keep_within(grants: &Grants, manifest: &Manifest, catalog: &Catalog, errors: &mut FieldErrors) {
    let Some((asked, records)) = manifest.requests() else { return };
    let refusal = || code::IN_INVALID.say("The plugin does not ask for that.");
    for key in within::beyond(&grants.rights, &asked) {
        errors.add(key, refusal());
    }
    let mut nested = FieldErrors::default();
    for (index, grant) in grants.records.iter().enumerate() {
        let name = catalog.collection(&grant.collection).map_or("", |collection| collection.name.as_str());
        if !records.iter().any(|entry| asks_for(entry, grant, name)) {
            nested.add(&index.to_string(), refusal());
        }
    }
    errors.nest("records", nested);
}

/// Whether an entry of a manifest covers a grant; `*` is every collection, and verbs that are not named are all.
fn asks_for(entry: &Value, grant: &Grant, name: &str) -> bool {
    let collection = entry.get("collection").and_then(Value::as_str);
    let verbs: Option<Vec<Verb>> = entry
        .get("verbs")
        .and_then(Value::as_array)
        .map(|verbs| verbs.iter().filter_map(|name| verb(name.as_str()?)).collect());
    let as_plugin = entry.get("as").and_then(Value::as_str) == Some("plugin");
    collection.is_some_and(|asked| asked == "*" || asked == name)
        && verbs.is_none_or(|verbs| grant.verbs.iter().all(|verb| verbs.contains(verb)))
        && (as_plugin || !grant.as_plugin)
}

fn read(input: &Map<String, Value>, catalog: &Catalog, errors: &mut FieldErrors) -> Grants {
    let mut grants = Grants { records: Vec::new(), rights: rights(input, errors) };
    let entries = match input.get("records") {
        None | Some(Value::Null) => return grants,
        Some(Value::Array(entries)) if entries.len() <= admin::GRANTS => entries,
        Some(_) => {
            errors.add(
                "records",
                code::INVALID_VALUE.say(format!("Must be a list of at most {} grants.", admin::GRANTS)),
            );
            return grants;
        }
    };
    let mut nested = FieldErrors::default();
    for (index, entry) in entries.iter().enumerate() {
        let mut wrong = FieldErrors::default();
        match read_one(entry, catalog, &mut wrong) {
            Some(grant) if grants.of(&grant.collection).is_some() => wrong.add("collection", code::NOT_UNIQUE),
            Some(grant) => grants.records.push(grant),
            None => {}
        }
        nested.nest(&index.to_string(), wrong);
    }
    errors.nest("records", nested);
    grants
}

fn read_one(entry: &Value, catalog: &Catalog, wrong: &mut FieldErrors) -> Option<Grant> {
    let collection = match entry.get("collection").and_then(Value::as_str).and_then(|name| catalog.collection(name)) {
        // System collections hold secrets; no plugin is ever let near them.
        Some(collection) if collection.system => {
            wrong.add("collection", code::IN_INVALID.say("System collections are never granted."));
            None
        }
        Some(collection) => Some(collection.id.clone()),
        None => {
            wrong.add("collection", code::IN_INVALID.say("There is no such collection."));
            None
        }
    };
    let parse = |names: &Vec<Value>| names.iter().map(|name| verb(name.as_str()?)).collect::<Option<Vec<_>>>();
    let verbs = entry.get("verbs").and_then(Value::as_array).and_then(parse).filter(|verbs| !verbs.is_empty()).map(
        |mut verbs| {
            verbs.sort_unstable_by_key(|verb| *verb as u8);
            verbs.dedup();
            verbs
        },
    );
    if verbs.is_none() {
        wrong
            .add("verbs", code::IN_INVALID.say(format!("Must be a list of {}.", Verb::ALL.map(Verb::name).join(", "))));
    }
    let as_plugin = match entry.get("as").map(Value::as_str) {
        None | Some(Some("caller")) => Some(false),
        Some(Some("plugin")) => Some(true),
        _ => {
            wrong.add("as", code::IN_INVALID.say("Must be `caller` or `plugin`."));
            None
        }
    };
    Some(Grant { collection: collection?, verbs: verbs?, as_plugin: as_plugin? })
}
