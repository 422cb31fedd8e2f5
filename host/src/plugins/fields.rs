//! Records as guests see them and as guests change them: flat lists of fields, narrowed to what the attachment allows.
//!
//! Never seen, never set: password hashes and the secret that tokens are signed with. Hidden fields are seen and set
//! only where the attachment names them. `id` and dates that the server keeps can be seen and not set.

use super::contract::{FieldIn, FieldOut, ValueIn, ValueOut};
use crate::model::field::Modifier;
use crate::model::record::find;
use crate::model::{Collection, Draft, Field, FieldKind, Record, Value};
use crate::schema::catalog::Catalog;
use serde_json::Value as Json;

/// The field of auth records that token keys are made of.
const TOKEN_KEY: &str = "tokenKey";

/// What comes with a new password and is no field.
const PROOFS: [&str; 2] = ["passwordConfirm", "oldPassword"];

/// Which fields an attachment lets a plugin see and set; `None` is all but the hidden ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    pub read: Option<Vec<String>>,
    pub write: Option<Vec<String>>,
}

impl Projection {
    #[must_use]
    pub fn may_read(&self, collection: &Collection, field: &Field) -> bool {
        if is_secret(collection, field) {
            return false;
        }
        match &self.read {
            Some(names) => names.contains(&field.name),
            None => !field.hidden,
        }
    }

    /// # Errors
    /// Why not.
    fn may_write(&self, collection: &Collection, field: &Field) -> Result<(), &'static str> {
        if is_secret(collection, field) {
            return Err("which is a secret");
        }
        if field.is_primary_key() {
            return Err("which is the record's id");
        }
        if matches!(field.kind, FieldKind::Autodate(_)) {
            return Err("which the server sets");
        }
        match &self.write {
            Some(names) if !names.contains(&field.name) => Err("which its attachment does not let it change"),
            None if field.hidden => Err("which is hidden and not among those its attachment lets it change"),
            _ => Ok(()),
        }
    }
}

/// Whether a field's value must never leave the host, whoever asks.
#[must_use]
pub fn is_secret(collection: &Collection, field: &Field) -> bool {
    matches!(field.kind, FieldKind::Password(_)) || (field.name == TOKEN_KEY && collection.auth().is_some())
}

/// Whether a secret of any collection is called so; relations lead from each to each. Regardless of case, as SQL is.
#[must_use]
pub fn is_secret_name(catalog: &Catalog, name: &str) -> bool {
    let named = |field: &Field| field.name.eq_ignore_ascii_case(name);
    name.eq_ignore_ascii_case(TOKEN_KEY)
        || catalog
            .collections()
            .any(|collection| collection.fields.iter().any(|field| is_secret(collection, field) && named(field)))
}

/// The visible fields of a record, borrowed from it, and how many bytes they are.
#[must_use]
pub fn lower<'a>(record: &'a Record, projection: &Projection) -> (Vec<FieldIn<'a>>, usize) {
    let collection = &record.collection;
    let mut bytes = 0;
    let mut fields = Vec::with_capacity(collection.fields.len());
    for (field, value) in collection.fields.iter().zip(&record.values) {
        if projection.may_read(collection, field) {
            bytes += field.name.len() + size(value);
            fields.push(FieldIn { name: &field.name, value: value_in(value) });
        }
    }
    (fields, bytes)
}

fn value_in(value: &Value) -> ValueIn<'_> {
    match value {
        Value::Null => ValueIn::Null,
        Value::Bool(truth) => ValueIn::Boolean(*truth),
        Value::Integer(number) => ValueIn::Integer(*number),
        Value::Number(number) => ValueIn::Number(*number),
        Value::Text(text) => ValueIn::Text(text),
        Value::Texts(items) => ValueIn::Texts(items),
        Value::Json(text) => ValueIn::Json(text),
    }
}

/// Bytes that a value takes in the guest, roughly.
pub(super) fn size(value: &Value) -> usize {
    const SLOT: usize = 16;
    match value {
        Value::Text(text) | Value::Json(text) => SLOT + text.len(),
        Value::Texts(items) => SLOT + items.iter().map(|item| SLOT + item.len()).sum::<usize>(),
        _ => SLOT,
    }
}

/// The fields of a record for the interface `records`: hidden ones never, and an address that its owner does not show
/// only to those who may see everything.
#[must_use]
pub fn lower_found(record: &Record, sees_everything: bool) -> (Vec<FieldOut>, usize) {
    let collection = &record.collection;
    let hides_email =
        !sees_everything && collection.auth().is_some() && record.get("emailVisibility") != Some(&Value::Bool(true));
    let mut bytes = 0;
    let mut fields = Vec::with_capacity(collection.fields.len());
    for (field, value) in collection.fields.iter().zip(&record.values) {
        if field.hidden || is_secret(collection, field) || (hides_email && field.name == "email") {
            continue;
        }
        bytes += field.name.len() + size(value);
        fields.push(FieldOut { name: field.name.clone(), value: value_out(value) });
    }
    (fields, bytes)
}

fn value_out(value: &Value) -> ValueOut {
    match value {
        Value::Null => ValueOut::Null,
        Value::Bool(truth) => ValueOut::Boolean(*truth),
        Value::Integer(number) => ValueOut::Integer(*number),
        Value::Number(number) => ValueOut::Number(*number),
        Value::Text(text) => ValueOut::Text(text.clone()),
        Value::Texts(items) => ValueOut::Texts(items.clone()),
        Value::Json(text) => ValueOut::Json(text.clone()),
    }
}

/// Puts a hook's changes onto the draft, all or none; answers with the places of the fields whose value is another one now.
/// Values are read as leniently as a client's; what is still wrong with them is found by the checks that follow.
///
/// # Errors
/// In words for the log, when a change is none of the plugin's business.
pub fn apply(draft: &mut Draft, changes: Vec<FieldOut>, projection: &Projection) -> Result<Vec<usize>, String> {
    let collection = draft.record.collection.clone();
    let mut accepted: Vec<(usize, Value)> = Vec::with_capacity(changes.len());
    for FieldOut { name, value } in changes {
        let Some(index) = collection.field_index(&name) else {
            return Err(format!("it changed the field {name:?}, which does not exist"));
        };
        let field = &collection.fields[index];
        projection.may_write(&collection, field).map_err(|why| format!("it changed the field {name:?}, {why}"))?;
        let json = to_json(value).map_err(|why| format!("it set the field {name:?} to {why}"))?;
        let value = field.normalise(&json);
        // Of a field that is set twice, the last counts.
        match accepted.iter_mut().find(|(known, _)| *known == index) {
            Some((_, former)) => *former = value,
            None => accepted.push((index, value)),
        }
    }
    let mut touched = Vec::new();
    for (index, value) in accepted {
        if draft.record.values[index] != value {
            touched.push(index);
        }
        draft.put(index, value);
    }
    Ok(touched)
}

/// A guest's value as a client would have sent it.
pub(super) fn to_json(value: ValueOut) -> Result<Json, &'static str> {
    Ok(match value {
        ValueOut::Null => Json::Null,
        ValueOut::Boolean(truth) => Json::Bool(truth),
        ValueOut::Integer(number) => number.into(),
        ValueOut::Number(number) => {
            serde_json::Number::from_f64(number).map(Json::Number).ok_or("a number that is not finite")?
        }
        ValueOut::Text(text) => Json::String(text),
        ValueOut::Texts(items) => items.into(),
        // serde_json refuses nesting beyond 128 levels by itself.
        ValueOut::Json(text) => serde_json::from_str(&text).map_err(|_| "text that is not JSON")?,
        ValueOut::Other(_) => return Err("a kind of value that this host does not know"),
    })
}

/// What a guest wants written through the interface `records`: fields, or keys that change them (`views+`), as clients send
/// them. `takes` says which of these may be given a value.
///
/// # Errors
/// In words for the guest.
pub fn to_write(
    collection: &Collection,
    fields: Vec<FieldOut>,
    takes: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Value)>, String> {
    let mut written = Vec::with_capacity(fields.len());
    for FieldOut { name, value } in fields {
        let proves = collection.auth().is_some() && PROOFS.contains(&name.as_str());
        if !proves {
            let found = find(collection, &name).filter(|_| takes(&name));
            let (index, modifier) = found.ok_or_else(|| format!("{name}: there is no such field"))?;
            let known = &collection.fields[index];
            if known.name == TOKEN_KEY && collection.auth().is_some() {
                return Err(format!("{name}: is a secret"));
            }
            // The guest is told the id before anything is generated.
            if known.is_primary_key() && !matches!(modifier, Modifier::Set) {
                return Err(format!("{name}: an id is given or not"));
            }
        }
        let value = value_of(value).map_err(|why| format!("{name}: {why}"))?;
        written.push((name, value));
    }
    Ok(written)
}

fn value_of(value: ValueOut) -> Result<Value, &'static str> {
    Ok(match value {
        ValueOut::Null => Value::Null,
        ValueOut::Boolean(truth) => Value::Bool(truth),
        ValueOut::Integer(number) => Value::Integer(number),
        ValueOut::Number(number) if number.is_finite() => Value::Number(number),
        ValueOut::Number(_) => return Err("a number that is not finite"),
        ValueOut::Text(text) => Value::Text(text),
        ValueOut::Texts(items) => Value::Texts(items),
        ValueOut::Json(text) => match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
            Ok(_) => Value::Json(text),
            Err(_) => return Err("text that is not JSON"),
        },
        ValueOut::Other(_) => return Err("a kind of value that this host does not know"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Rules};
    use serde_json::json;
    use std::sync::Arc;

    fn users() -> Arc<Collection> {
        let fields = [
            json!({"type": "text", "name": "id", "primaryKey": true, "system": true}),
            json!({"type": "text", "name": "title"}),
            json!({"type": "number", "name": "views"}),
            json!({"type": "json", "name": "data"}),
            json!({"type": "text", "name": "internal", "hidden": true}),
            json!({"type": "password", "name": "password", "hidden": true}),
            json!({"type": "autodate", "name": "created", "onCreate": true}),
        ];
        Arc::new(Collection {
            id: "c".into(),
            name: "things".into(),
            kind: Kind::Base,
            system: false,
            fields: fields.iter().map(|field| Field::from_json(field).unwrap()).collect(),
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        })
    }

    fn names(record: &Record, projection: &Projection) -> Vec<String> {
        lower(record, projection).0.iter().map(|field| field.name.to_owned()).collect()
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_guest_sees_what_it_may() {
        let record = Draft::new(users()).record;
        assert_eq!(names(&record, &Projection::default()), ["id", "title", "views", "data", "created"]);
        let narrow = Projection { read: Some(list(&["title", "internal", "password"])), write: None };
        assert_eq!(names(&record, &narrow), ["title", "internal"]);
        let found: Vec<_> = lower_found(&record, true).0.into_iter().map(|field| field.name).collect();
        assert_eq!(found, ["id", "title", "views", "data", "created"]);
    }

    #[test]
    fn a_guest_changes_what_it_may() {
        let change = |name: &str, value| vec![FieldOut { name: name.to_owned(), value }];
        let text = |text: &str| ValueOut::Text(text.to_owned());
        let mut draft = Draft::new(users());
        let all = Projection::default();
        assert_eq!(apply(&mut draft, change("title", text("x")), &all), Ok(vec![1]));
        assert_eq!(apply(&mut draft, change("title", text("x")), &all), Ok(Vec::new()), "it had that value");
        let there_and_back = ["y", "x"].into_iter().flat_map(|value| change("title", text(value))).collect();
        assert_eq!(apply(&mut draft, there_and_back, &all), Ok(Vec::new()), "it has that value again");
        let twice = ["x", "y"].into_iter().flat_map(|value| change("title", text(value))).collect();
        assert_eq!((apply(&mut draft, twice, &all), draft.record.text("title")), (Ok(vec![1]), "y"));
        apply(&mut draft, change("views", text("12")), &all).unwrap();
        apply(&mut draft, change("data", ValueOut::Json("{\"a\":1}".into())), &all).unwrap();
        assert_eq!(draft.record.get("views"), Some(&Value::Integer(12)));
        assert_eq!(draft.set, [false, true, true, true, false, false, false]);
        for (name, value) in [
            ("id", text("other")),
            ("created", text("2020-01-01")),
            ("password", text("x")),
            ("internal", text("x")),
            ("nowhere", text("x")),
            ("views", ValueOut::Number(f64::NAN)),
            ("data", ValueOut::Json("{".into())),
            ("data", ValueOut::Json("[".repeat(100_000))),
            ("title", ValueOut::Other(("vector".into(), vec![1]))),
        ] {
            assert!(apply(&mut draft, change(name, value), &all).is_err(), "{name}");
        }
        let narrow = Projection { read: None, write: Some(list(&["internal", "password"])) };
        apply(&mut draft, change("internal", text("x")), &narrow).unwrap();
        assert!(apply(&mut draft, change("title", text("y")), &narrow).is_err());
        assert!(apply(&mut draft, change("password", text("y")), &narrow).is_err());
    }

    #[test]
    fn what_is_written_is_what_a_client_could_send() {
        let text = |name: &str| vec![FieldOut { name: name.to_owned(), value: ValueOut::Text("x".to_owned()) }];
        let written = |name: &str, hidden_too: bool| {
            let collection = users();
            let takes = |key: &str| hidden_too || !key.starts_with("internal");
            to_write(&collection, text(name), takes).map(|written| written[0].0.clone())
        };
        for name in ["title", "id", "views+", "views-", "password", "title:autogenerate", "internal", "internal+"] {
            assert_eq!(written(name, true).as_deref(), Ok(name));
        }
        for name in ["internal", "internal+", "nowhere", "nowhere+", "title:upper", "passwordConfirm"] {
            assert_eq!(written(name, false), Err(format!("{name}: there is no such field")));
        }
        assert!(written("id:autogenerate", true).is_err() && written("id+", true).is_err());
    }

    #[test]
    fn changes_are_made_all_or_none() {
        let mut draft = Draft::new(users());
        let changes = vec![
            FieldOut { name: "title".into(), value: ValueOut::Text("x".into()) },
            FieldOut { name: "id".into(), value: ValueOut::Text("x".into()) },
        ];
        assert!(apply(&mut draft, changes, &Projection::default()).is_err());
        assert_eq!(draft.record.text("title"), "");
    }
}
