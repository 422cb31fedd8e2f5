//! A record as values in the order of its collection's fields, and the draft of one to be written.

use super::field::Modifier;
use super::{Collection, FieldKind, Value};
use crate::error::{FieldError, FieldErrors, code};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A stored row. `values[i]` belongs to `collection.fields[i]`.
#[derive(Debug, Clone)]
pub struct Record {
    pub collection: Arc<Collection>,
    pub values: Vec<Value>,
}

impl Record {
    /// The value of a field; `None` when the collection has no such field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&Value> {
        self.collection.field_index(field).map(|index| &self.values[index])
    }

    /// A text field's value, empty when absent.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Value::as_text).unwrap_or_default()
    }

    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Every value by field name, hidden ones and hashes too: for the server itself, not for clients.
    #[must_use]
    pub fn to_json_values(&self) -> Json {
        let values = self.collection.fields.iter().zip(&self.values);
        Json::Object(values.map(|(field, value)| (field.name.clone(), value.to_json())).collect::<Map<_, _>>())
    }

    /// The record that [`Record::to_json_values`] told of; fields that the collection got since are zero.
    #[must_use]
    pub fn from_json_values(collection: Arc<Collection>, json: &Json) -> Self {
        let value = |field: &super::Field| match (&field.kind, json.get(&field.name)) {
            (_, None) => field.zero(),
            // Here a string is the value, not a form's way to send one.
            (FieldKind::Json(_), Some(Json::Null)) => Value::Null,
            (FieldKind::Json(_), Some(json)) => Value::Json(json.to_string()),
            (_, Some(json)) => field.normalise(json),
        };
        let values = collection.fields.iter().map(value).collect();
        Self { collection, values }
    }

    /// The same record by another definition of its collection: each value goes where its field is by now, and fields that the
    /// collection got since are zero.
    #[must_use]
    pub fn redefined(&self, collection: Arc<Collection>) -> Self {
        let value = |field: &super::Field| {
            let mut known = self.collection.fields.iter().zip(&self.values);
            match known.find(|(known, _)| known.id == field.id) {
                None => field.zero(),
                Some((known, value)) => {
                    let is_null = *value == Value::Null && !field.nullable;
                    // What was empty stays so where it might be null from now on: so it is in the table.
                    let is_as_before = known.kind.is_multiple() == field.kind.is_multiple() && !is_null;
                    if is_as_before { value.clone() } else { field.normalise(&value.to_json()) }
                }
            }
        };
        let values = collection.fields.iter().map(value).collect();
        Self { collection, values }
    }
}

/// A record on its way to the table: the whole new row, and which fields somebody set.
#[derive(Debug, Clone)]
pub struct Draft {
    pub record: Record,
    /// `set[i]`: the input or a hook gave field `i` a value.
    pub set: Vec<bool>,
    /// Plain passwords that are to be hashed before the write, by field index.
    pub passwords: Vec<(usize, String)>,
    /// Names of the files uploaded with this write, by field index.
    pub uploads: Vec<(usize, String)>,
}

impl Draft {
    /// A new record: every field at its zero value.
    #[must_use]
    pub fn new(collection: Arc<Collection>) -> Self {
        let values = collection.fields.iter().map(super::Field::zero).collect::<Vec<_>>();
        let set = vec![false; values.len()];
        Self { record: Record { collection, values }, set, passwords: Vec::new(), uploads: Vec::new() }
    }

    /// A change of a stored record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let set = vec![false; record.values.len()];
        Self { set, record: record.clone(), passwords: Vec::new(), uploads: Vec::new() }
    }

    pub fn put(&mut self, index: usize, value: Value) {
        self.record.values[index] = value;
        self.set[index] = true;
    }

    /// Gives the fields what an input says of them, as far as `may_set` lets its keys through. What sets a field
    /// comes before what changes it, in whichever order they were sent: `{"n+": 1, "n": 10}` is 11.
    pub fn apply_input(
        &mut self,
        input: &Map<String, Json>,
        may_set: impl Fn(&str) -> bool,
        random: &mut dyn FnMut(usize) -> String,
    ) {
        let changes = |key: &str| key.starts_with('+') || key.ends_with(['+', '-']) || key.contains(':');
        for late in [false, true] {
            for (key, value) in input.iter().filter(|(key, _)| changes(key) == late && may_set(key)) {
                self.apply(key, value, random);
            }
        }
    }

    /// Gives a field the value of an input key: `f`, `f+`, `+f`, `f-` or `f:autogenerate`. Unknown keys, unknown
    /// modifiers and dates that the server sets are ignored. A password stays plain, in `passwords`.
    /// `random` returns so many random characters.
    pub fn apply(&mut self, key: &str, value: &Json, random: &mut dyn FnMut(usize) -> String) {
        let Some((index, modifier)) = find(&self.record.collection, key) else { return };
        let collection = self.record.collection.clone();
        let field = &collection.fields[index];
        let kind = &field.kind;
        match (kind, modifier) {
            (FieldKind::Autodate(_), _) => {}
            (FieldKind::Password(_), Modifier::Set) => self.set_password(index, kind.normalise(value)),
            (FieldKind::Text(text), Modifier::Autogenerate) => {
                let mut generated = kind.normalise(value).as_text().unwrap_or_default().to_owned();
                generated.push_str(&text.autogenerate(random).unwrap_or_default());
                self.put(index, Value::Text(generated));
            }
            (_, Modifier::Set) => self.put(index, field.normalise(value)),
            (_, modifier) => {
                if let Some(changed) = kind.modify(&self.record.values[index], modifier, value) {
                    self.put(index, changed);
                }
            }
        }
    }

    fn set_password(&mut self, index: usize, plain: Value) {
        self.passwords.retain(|(known, _)| *known != index);
        self.set[index] = true;
        match plain {
            Value::Text(plain) if !plain.is_empty() => self.passwords.push((index, plain)),
            // An emptied password is no password, which `required` refuses.
            _ => self.record.values[index] = Value::Text(String::new()),
        }
    }

    /// What is wrong with the fields, all at once. `original` is the stored row of an update; its id cannot
    /// change and is not checked anew. Whether related records exist is not known here.
    #[must_use]
    pub fn check(&self, original: Option<&Record>) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for (index, field) in self.record.collection.fields.iter().enumerate() {
            if let Err(error) = self.check_field(index, original) {
                errors.add(&field.name, error);
            }
        }
        errors
    }

    fn check_field(&self, index: usize, original: Option<&Record>) -> Result<(), FieldError> {
        let field = &self.record.collection.fields[index];
        let value = &self.record.values[index];
        if let (true, Some(original)) = (field.is_primary_key(), original) {
            return if original.values[index] == *value { Ok(()) } else { Err(code::PK_CHANGE.into()) };
        }
        let plain = self.passwords.iter().find(|(known, _)| *known == index).map(|(_, plain)| plain.as_str());
        if let (FieldKind::Password(password), Some(plain)) = (&field.kind, plain) {
            return password.check_plain(plain);
        }
        if field.is_zero(value) {
            let required = field.required || field.is_primary_key();
            return match &field.kind {
                _ if required => Err(code::REQUIRED.into()),
                // To a schema `{}` is a value, too.
                FieldKind::Json(_) => field.kind.check(value),
                _ => Ok(()),
            };
        }
        if let FieldKind::File(file) = &field.kind {
            let stored = original.map_or(&[][..], |original| original.values[index].items());
            let uploads = self.uploads.iter().filter(|(known, _)| *known == index);
            let uploaded: Vec<&str> = uploads.map(|(_, name)| name.as_str()).collect();
            file.check_names(value.items(), stored, &uploaded)?;
        }
        field.kind.check(value)
    }
}

/// The field that an input key means, by index, and what the key does to it.
#[must_use]
pub fn find(collection: &Collection, key: &str) -> Option<(usize, Modifier)> {
    let (name, modifier) = if let Some(name) = key.strip_prefix('+') {
        (name, Modifier::Prepend)
    } else if let Some(name) = key.strip_suffix('+') {
        (name, Modifier::Append)
    } else if let Some(name) = key.strip_suffix('-') {
        (name, Modifier::Remove)
    } else if let Some(name) = key.strip_suffix(":autogenerate") {
        (name, Modifier::Autogenerate)
    } else {
        (key, Modifier::Set)
    };
    collection.field_index(name).map(|index| (index, modifier))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, Kind, Rules};
    use serde_json::json;

    fn collection(fields: &[Json]) -> Arc<Collection> {
        let mut all =
            vec![json!({"type": "text", "name": "id", "primaryKey": true, "max": 15, "pattern": "^[a-z0-9]+$"})];
        all.extend_from_slice(fields);
        Arc::new(Collection {
            id: "c".into(),
            name: "posts".into(),
            kind: Kind::Base,
            system: false,
            fields: all.iter().map(|field| Field::from_json(field).unwrap()).collect(),
            indexes: Vec::new(),
            rules: Rules::default(),
            created: String::new(),
            updated: String::new(),
        })
    }

    fn apply(draft: &mut Draft, input: &Json) {
        draft.apply_input(input.as_object().unwrap(), |_| true, &mut |length| "x".repeat(length));
    }

    fn errors(draft: &Draft, original: Option<&Record>) -> Vec<(String, String)> {
        let issue = |issue| match issue {
            crate::error::FieldIssue::Error(error) => error.code.into_owned(),
            crate::error::FieldIssue::Nested(_) => "nested".to_owned(),
        };
        draft.check(original).0.into_iter().map(|(field, found)| (field, issue(found))).collect()
    }

    #[test]
    fn modifiers() {
        let posts = collection(&[
            json!({"type": "number", "name": "n"}),
            json!({"type": "select", "name": "tags", "values": ["a", "b"], "maxSelect": 2}),
            json!({"type": "text", "name": "slug", "autogeneratePattern": "[a-z]{3}"}),
            json!({"type": "text", "name": "title"}),
            json!({"type": "autodate", "name": "created", "onCreate": true}),
        ]);
        let mut draft = Draft::new(posts.clone());
        apply(
            &mut draft,
            &json!({
                "n+": 4, "tags": ["a"], "+tags": "b", "slug:autogenerate": "p-", "title": "t", "title:upper": "T", "title+": "u",
                "unknown": 1, "created": "2024-01-01", "": 1, "+": 1, "n+-": 1,
            }),
        );
        let json = draft.record.to_json_values();
        let expected = json!({"id": "", "n": 4, "tags": ["b", "a"], "slug": "p-xxx", "title": "t", "created": ""});
        assert_eq!(json, expected);
        assert_eq!(draft.set, [false, true, true, true, true, false]);
        apply(&mut draft, &json!({"n-": 1.5, "tags-": ["b", "c"]}));
        assert_eq!(
            (draft.record.get("n"), draft.record.get("tags").unwrap().items()),
            (Some(&Value::Number(2.5)), &["a".to_owned()][..])
        );
    }

    #[test]
    fn a_field_is_set_before_it_is_changed() {
        let posts = collection(&[
            json!({"type": "number", "name": "n"}),
            json!({"type": "select", "name": "tags", "values": ["a", "b"], "maxSelect": 2}),
            json!({"type": "text", "name": "slug", "autogeneratePattern": "[a-z]{3}"}),
        ]);
        let mut draft = Draft::new(posts);
        let input =
            json!({"n-": 1, "n+": 3, "+tags": "a", "n": 10, "tags": ["b"], "slug:autogenerate": "", "slug": "q"});
        apply(&mut draft, &input);
        let json = draft.record.to_json_values();
        assert_eq!(json, json!({"id": "", "n": 12, "tags": ["a", "b"], "slug": "xxx"}));
    }

    #[test]
    fn values_stay_with_their_fields() {
        let field = |id: &str, name: &str, more: Json| {
            let mut field = json!({"type": "text", "id": id, "name": name});
            field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            field
        };
        let select = |most: u64| json!({"type": "select", "values": ["a", "b"], "maxSelect": most});
        let posts = collection(&[
            field("1", "title", json!({})),
            field("2", "tags", select(2)),
            field("3", "one", select(1)),
            field("4", "gone", json!({})),
            field("5", "j", json!({"type": "json"})),
            field("6", "n", json!({"type": "number", "nullable": true})),
            field("8", "day", json!({"type": "date"})),
        ]);
        let mut draft = Draft::new(posts);
        apply(&mut draft, &json!({"title": "t", "tags": ["a", "b"], "one": "a", "gone": "g", "j": [1], "n": null}));
        let now = collection(&[
            field("6", "n", json!({"type": "number"})),
            field("7", "gone", json!({})),
            field("3", "one", select(2)),
            field("2", "tags", select(1)),
            field("1", "name", json!({})),
            field("5", "title", json!({"type": "json"})),
            field("8", "day", json!({"type": "date", "nullable": true})),
        ]);
        let redefined = draft.record.redefined(now).to_json_values();
        let expected =
            json!({"id": "", "n": 0, "gone": "", "one": ["a"], "tags": "b", "name": "t", "title": [1], "day": ""});
        assert_eq!(redefined, expected);
    }

    #[test]
    fn every_field_is_checked_at_once() {
        let posts = collection(&[
            json!({"type": "email", "name": "mail"}),
            json!({"type": "geoPoint", "name": "geo", "required": true}),
            json!({"type": "json", "name": "data", "required": true}),
            json!({"type": "number", "name": "low", "min": 2}),
            json!({"type": "bool", "name": "ok", "required": true}),
        ]);
        let mut draft = Draft::new(posts);
        apply(&mut draft, &json!({"id": "a/b", "mail": "x", "geo": {"lat": 0}, "data": {}, "low": 0, "ok": false}));
        let found = errors(&draft, None);
        let expected = [
            ("data", "validation_required"),
            ("geo", "validation_required"),
            ("id", "validation_invalid_format"),
            ("mail", "validation_is_email"),
            ("ok", "validation_required"),
        ];
        assert_eq!(found, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    }

    #[test]
    fn an_id_is_fixed_and_not_judged_again() {
        let posts = collection(&[]);
        let stored = Record { collection: posts.clone(), values: vec![Value::Text("From Elsewhere".into())] };
        let mut draft = Draft::of(&stored);
        assert!(errors(&draft, Some(&stored)).is_empty());
        apply(&mut draft, &json!({"id": "other"}));
        assert_eq!(errors(&draft, Some(&stored)), [("id".to_owned(), "validation_pk_change".to_owned())]);
        assert_eq!(errors(&Draft::new(posts), None), [("id".to_owned(), "validation_required".to_owned())]);
    }

    #[test]
    fn passwords_stay_plain_until_hashed() {
        let users = collection(&[json!({"type": "password", "name": "password", "min": 3, "required": true})]);
        let mut draft = Draft::new(users.clone());
        apply(&mut draft, &json!({"id": "a", "password": "ab"}));
        assert_eq!(draft.passwords, [(1, "ab".to_owned())]);
        assert_eq!(errors(&draft, None), [("password".to_owned(), "validation_min_text_constraint".to_owned())]);
        apply(&mut draft, &json!({"password": 12345}));
        assert_eq!(draft.passwords, [(1, "12345".to_owned())]);
        assert!(errors(&draft, None).is_empty());
        let stored = Record { collection: users, values: vec![Value::Text("a".into()), Value::Text("$hash".into())] };
        let mut draft = Draft::of(&stored);
        assert!(errors(&draft, Some(&stored)).is_empty());
        apply(&mut draft, &json!({"password": ""}));
        assert_eq!(errors(&draft, Some(&stored)), [("password".to_owned(), "validation_required".to_owned())]);
    }

    #[test]
    fn files_are_stored_or_uploaded() {
        let posts = collection(&[json!({"type": "file", "name": "docs", "maxSelect": 2})]);
        let old = Value::Texts(vec!["a.txt".into()]);
        let stored = Record { collection: posts, values: vec![Value::Text("a".into()), old] };
        let mut draft = Draft::of(&stored);
        apply(&mut draft, &json!({"docs+": "b.txt"}));
        assert_eq!(errors(&draft, Some(&stored)), [("docs".to_owned(), "validation_invalid_file".to_owned())]);
        draft.uploads.push((1, "b.txt".to_owned()));
        assert!(errors(&draft, Some(&stored)).is_empty());
        apply(&mut draft, &json!({"docs-": "a.txt"}));
        assert_eq!(draft.record.values[1].items(), ["b.txt"]);
    }

    #[test]
    fn values_survive_as_json() {
        let posts = collection(&[
            json!({"type": "json", "name": "data"}),
            json!({"type": "geoPoint", "name": "geo"}),
            json!({"type": "date", "name": "at"}),
            json!({"type": "relation", "name": "rel", "collectionId": "c"}),
        ]);
        let mut draft = Draft::new(posts.clone());
        apply(&mut draft, &json!({"id": "a", "data": "\"12\"", "geo": {"lat": 1.5}, "at": "2024-01-01", "rel": "b"}));
        let json = draft.record.to_json_values();
        assert_eq!(json["data"], json!("12"));
        assert_eq!(Record::from_json_values(posts.clone(), &json).values, draft.record.values);
        let zero = Record::from_json_values(posts.clone(), &json!({}));
        assert_eq!(zero.values, Draft::new(posts).record.values);
    }
}
