//! Which changes of records are told, and how.

use super::difference::{MASK, cut};
use super::{Event, entry_involving};
use crate::model::{Action, Caller, Change, FieldKind, Record};
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::Touched;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes of one unit that are told one by one; more are told as a number.
const EACH_MAX: usize = 100;

/// What somebody signs in with, or is trusted for.
const SENSITIVE: [&str; 4] = ["email", "password", "tokenKey", "verified"];

/// Which plugins had a part in a change.
#[derive(Debug, Default)]
pub struct Involved {
    /// The one that asked for it, if one did.
    pub through: Option<Arc<str>>,
    /// What before-hooks have made of the draft.
    pub touched: Vec<Touched>,
}

/// The entries of one unit of work, each of its changes with the plugins that had a part in it. None, and nothing is allocated,
/// for what ordinary users write.
#[must_use]
pub fn of_changes(cx: &Cx, changes: &[Change], involved: &[Involved]) -> Vec<Sql> {
    let all = changes.iter().zip(involved);
    let told: Vec<(&Change, &Involved)> = all.filter(|(change, _)| is_told(cx, change)).collect();
    if told.len() <= EACH_MAX {
        return told.into_iter().map(|(change, involved)| one(cx, involved, change)).collect();
    }
    let mut groups: BTreeMap<(&str, &'static str, Option<&str>), Group<'_>> = BTreeMap::new();
    for (change, involved) in told {
        let subject = change.subject();
        let key = (subject.collection.name.as_str(), change.action.name(), involved.through.as_deref());
        let group = groups.entry(key).or_default();
        group.ids.push(subject.id());
        note(&mut group.hooks, subject, involved);
    }
    let told = |((name, action, plugin), Group { ids, hooks })| {
        let after = json!({"count": ids.len(), "ids": &ids[..ids.len().min(EACH_MAX)]});
        let event = Event { action, kind: "records", subject: "", name, before: Json::Null, after };
        entry_involving(cx, (plugin, &hooks_json(&hooks)), event)
    };
    groups.into_iter().map(told).collect()
}

/// Changes that are told as a number.
#[derive(Default)]
struct Group<'a> {
    ids: Vec<&'a str>,
    hooks: Hooks<'a>,
}

/// Plugins in the order of their turns, each with the fields that it changed.
type Hooks<'a> = Vec<(&'a str, Vec<&'a str>)>;

/// Adds what before-hooks have made of a record.
fn note<'a>(hooks: &mut Hooks<'a>, subject: &'a Record, involved: &'a Involved) {
    for Touched { plugin, fields } in &involved.touched {
        let place = hooks.iter().position(|(known, _)| *known == &**plugin).unwrap_or_else(|| {
            hooks.push((plugin, Vec::new()));
            hooks.len() - 1
        });
        for name in fields.iter().map(|index| subject.collection.fields[*index].name.as_str()) {
            if !hooks[place].1.contains(&name) {
                hooks[place].1.push(name);
            }
        }
    }
}

fn hooks_json(hooks: &Hooks<'_>) -> Json {
    hooks.iter().map(|(plugin, fields)| json!({"plugin": plugin, "fields": fields})).collect()
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

fn one(cx: &Cx, involved: &Involved, change: &Change) -> Sql {
    let subject = change.subject();
    let mut hooks = Hooks::new();
    note(&mut hooks, subject, involved);
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
    entry_involving(cx, (involved.through.as_deref(), &hooks_json(&hooks)), event)
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
