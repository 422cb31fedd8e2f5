//! What an admin lets a plugin do with records: reading, checking and showing grants.

use super::limits::admin;
use super::registry::{Grant, Grants, verb};
use super::{Plugins, rows};
use crate::activity::{self, Event};
use crate::error::{FieldErrors, Result, code};
use crate::model::Verb;
use crate::schema::catalog::Catalog;
use crate::tenant::Cx;
use serde_json::{Map, Value, json};

const GRANT_FAILED: &str = "Failed to change the grants.";

impl Plugins {
    /// What a plugin may do: `{records: [{collection, verbs, as}]}`.
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
        let plugin = self.plugin(plugin_id)?;
        let catalog = cx.tenant.catalog();
        let mut errors = FieldErrors::default();
        let grants = read(&input, &catalog, &mut errors);
        errors.into_result(GRANT_FAILED)?;
        let (before, after) = (view(&plugin.grants.load(), &catalog), view(&grants, &catalog));
        let event = Event { action: "grant", kind: "plugin", subject: plugin_id, name: &plugin.name, before, after };
        let mut statements = rows::put_grants(plugin_id, &grants);
        statements.push(activity::entry(cx, event));
        self.change(statements).await?;
        tracing::info!(plugin = &*plugin.name, grants = grants.0.len(), "the grants of a plugin were changed");
        Ok(view(&grants, &catalog))
    }
}

fn view(grants: &Grants, catalog: &Catalog) -> Value {
    let records = grants.0.iter().map(|grant| {
        let collection =
            catalog.collection(&grant.collection).map_or(grant.collection.as_str(), |found| found.name.as_str());
        let verbs: Vec<_> = grant.verbs.iter().map(|verb| verb.name()).collect();
        json!({"collection": collection, "verbs": verbs, "as": if grant.as_plugin { "plugin" } else { "caller" }})
    });
    json!({ "records": records.collect::<Vec<_>>() })
}

fn read(input: &Map<String, Value>, catalog: &Catalog, errors: &mut FieldErrors) -> Grants {
    let mut grants = Grants::default();
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
            Some(grant) => grants.0.push(grant),
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
