//! Which changes of records are told, and how.

use super::difference::{MASK, cut};
use super::{Event, entry_through};
use crate::model::{Action, Caller, Change, FieldKind, Record};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes of one unit that are told one by one; more are told as a number.
const EACH_MAX: usize = 100;

/// What somebody signs in with, or is trusted for.
const SENSITIVE: [&str; 4] = ["email", "password", "tokenKey", "verified"];

/// The plugin that asked for a change, if one did.
pub type Through = Option<Arc<str>>;

/// The entries of one unit of work, each of its changes with the plugin that asked for it. None, and nothing is allocated, for
/// what ordinary users write.
#[must_use]
pub fn of_changes(cx: &Cx, changes: &[Change], through: &[Through]) -> Vec<Sql> {
    let all = changes.iter().zip(through.iter().map(Option::as_deref));
    let told: Vec<(&Change, Option<&str>)> = all.filter(|(change, _)| is_told(cx, change)).collect();
    if told.len() <= EACH_MAX {
        return told.into_iter().map(|(change, plugin)| one(cx, plugin, change)).collect();
    }
    let mut groups: BTreeMap<(&str, &'static str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for (change, plugin) in told {
        let subject = change.subject();
        groups.entry((&subject.collection.name, change.action.name(), plugin)).or_default().push(subject.id());
    }
    let group = |((collection, action, plugin), ids): ((&str, &'static str, Option<&str>), Vec<&str>)| {
        let after = json!({"count": ids.len(), "ids": &ids[..ids.len().min(EACH_MAX)]});
        let event = Event { action, kind: "records", subject: "", name: collection, before: Json::Null, after };
        entry_through(cx, plugin, event)
    };
    groups.into_iter().map(group).collect()
}

fn is_told(cx: &Cx, change: &Change) -> bool {
    let collection = &change.subject().collection;
    if !is_bound(&cx.caller) || collection.is_superusers() {
        return true;
    }
    match (&change.before, &change.after) {
        (Some(before), Some(after)) if collection.auth().is_some() => {
            SENSITIVE.iter().any(|field| before.get(field) != after.get(field))
        }
        _ => false,
    }
}

/// Whether rules, or the grants that somebody gave, say what the caller may do; or nobody asked for it.
fn is_bound(caller: &Caller) -> bool {
    matches!(caller, Caller::Guest | Caller::User(_) | Caller::Plugin { .. } | Caller::System)
}

fn one(cx: &Cx, plugin: Option<&str>, change: &Change) -> Sql {
    let subject = change.subject();
    let (kind, name) = if subject.collection.is_superusers() {
        ("superuser", subject.text("email"))
    } else {
        ("record", subject.collection.name.as_str())
    };
    let shown = |record: Option<&Record>, other: Option<&Record>| {
        record.map_or(Json::Null, |record| Json::Object(values(record, other)))
    };
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let event = Event {
        action: change.action.name(),
        kind,
        subject: subject.id(),
        name,
        before: shown(before, after),
        after: if change.action == Action::Delete { Json::Null } else { shown(after, before) },
    };
    entry_through(cx, plugin, event)
}

/// The values that another state of the record has not, as they may be kept.
fn values(record: &Record, other: Option<&Record>) -> Map<String, Json> {
    let mut values = Map::new();
    for (index, field) in record.collection.fields.iter().enumerate() {
        let value = &record.values[index];
        let same = match other {
            Some(other) => other.values.get(index) == Some(value),
            None => value.is_zero(),
        };
        if same || matches!(field.kind, FieldKind::Autodate(_)) {
            continue;
        }
        let secret = field.hidden || matches!(field.kind, FieldKind::Password(_)) || field.name == "tokenKey";
        let shown = if secret { json!(MASK) } else { cut(&value.to_json()) };
        values.insert(field.name.clone(), shown);
    }
    values
}
