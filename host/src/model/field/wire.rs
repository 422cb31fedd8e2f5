//! A field's definition as JSON, with `PocketBase`'s keys and defaults.

use super::text::Text;
use super::{Field, FieldKind};
use crate::error::{FieldError, FieldErrors, code};
use serde_json::{Map, Value as Json, json};

/// The id of a field that came without one: its type and a checksum of its name.
#[must_use]
pub fn default_id(kind: &FieldKind, name: &str) -> String {
    format!("{}{}", kind.name(), checksum(name))
}

/// The decimal CRC-32 that ids of fields and collections end in.
#[must_use]
pub fn checksum(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

impl Field {
    /// Reads a definition. Missing and null keys take their defaults, unknown keys are ignored. A field that came
    /// without an id keeps an empty one until [`add`] puts it into a list.
    ///
    /// # Errors
    /// The keys whose values have the wrong type.
    pub fn from_json(definition: &Json) -> Result<Self, FieldErrors> {
        let Some(object) = definition.as_object() else {
            return Err(FieldErrors::one("type", code::REQUIRED));
        };
        let object: Map<_, _> =
            object.iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
        let mut errors = FieldErrors::default();
        let name = object.get("type").and_then(Json::as_str).unwrap_or_default();
        let kind = match FieldKind::from_options(name, Json::Object(object.clone())) {
            Some(Ok(kind)) => Some(kind),
            Some(Err(_)) => {
                blame_options(name, &object, &mut errors);
                None
            }
            None => {
                errors.add("type", if name.is_empty() { code::REQUIRED } else { code::IN_INVALID });
                None
            }
        };
        let mut text = |key: &str| match object.get(key) {
            None => String::new(),
            Some(Json::String(text)) => text.clone(),
            Some(_) => {
                errors.add(key, code::INVALID_VALUE);
                String::new()
            }
        };
        let (id, name, help) = (text("id"), text("name"), text("help"));
        let mut flag = |key: &str| match object.get(key) {
            None => false,
            Some(Json::Bool(truth)) => *truth,
            Some(_) => {
                errors.add(key, code::INVALID_VALUE);
                false
            }
        };
        let (system, hidden, presentable) = (flag("system"), flag("hidden"), flag("presentable"));
        let (required, searchable) = (flag("required"), flag("searchable"));
        let (unique, nullable) = (flag("unique"), flag("nullable"));
        let default = object.get("default").cloned();
        match kind {
            Some(kind) if errors.is_empty() => Ok(Self {
                id,
                name,
                system,
                hidden,
                presentable,
                required,
                help,
                searchable,
                unique,
                nullable,
                default,
                kind,
            }),
            _ => Err(errors),
        }
    }

    /// The definition, keys in alphabetical order.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let mut object = match self.kind.options() {
            Json::Object(options) => options,
            _ => Map::new(),
        };
        object.insert("id".into(), json!(self.id));
        object.insert("name".into(), json!(self.name));
        object.insert("type".into(), json!(self.kind.name()));
        object.insert("system".into(), json!(self.system));
        object.insert("hidden".into(), json!(self.hidden));
        object.insert("presentable".into(), json!(self.presentable));
        if !matches!(self.kind, FieldKind::Autodate(_)) {
            object.insert("required".into(), json!(self.required));
            object.insert("help".into(), json!(self.help));
        }
        // What PocketBase does not know is there only where it says something.
        for (key, flag) in [("searchable", self.searchable), ("unique", self.unique), ("nullable", self.nullable)] {
            if flag {
                object.insert(key.into(), json!(true));
            }
        }
        if let Some(default) = &self.default {
            object.insert("default".into(), default.clone());
        }
        object.sort_keys();
        Json::Object(object)
    }
}

/// Finds the options that cannot be read, by reading each alone.
fn blame_options(kind: &str, object: &Map<String, Json>, errors: &mut FieldErrors) {
    for (key, value) in object {
        let alone = Map::from_iter([(key.clone(), value.clone())]);
        if let Some(Err(_)) = FieldKind::from_options(kind, Json::Object(alone)) {
            let error = match value.as_i64() {
                Some(..0) => code::MIN_GREATER_EQUAL.with([("threshold", 0.into())]),
                _ => FieldError::from(code::INVALID_VALUE),
            };
            errors.add(key, error);
        }
    }
}

/// Puts a field into a list. A field with the same id is replaced where it stands; so is, for a field without
/// an id, one with the same name. A new field without an id gets the default one, made unique. Answers with where it stands.
pub fn add(fields: &mut Vec<Field>, mut field: Field) -> usize {
    let known = if field.id.is_empty() {
        fields.iter().position(|known| known.name == field.name && !field.name.is_empty())
    } else {
        fields.iter().position(|known| known.id == field.id)
    };
    if let Some(index) = known {
        field.id.clone_from(&fields[index].id);
        fields[index] = field;
        return index;
    }
    if field.id.is_empty() {
        let base = default_id(&field.kind, &field.name);
        field.id.clone_from(&base);
        let mut suffix = 2;
        while fields.iter().any(|known| known.id == field.id) {
            field.id = format!("{base}{suffix}");
            suffix += 1;
        }
    }
    fields.push(field);
    fields.len() - 1
}

/// Reads a list of definitions with the rules of [`add`].
///
/// # Errors
/// The definitions that cannot be read, by their positions in the list as it would be: every other mistake in a field is told
/// so. An `id` that was not sent stands first there.
pub fn list_from_json(definitions: &[Json]) -> Result<Vec<Field>, FieldErrors> {
    let mut fields = Vec::with_capacity(definitions.len());
    let mut unread = Vec::new();
    for definition in definitions {
        match Field::from_json(definition) {
            Ok(field) => drop(add(&mut fields, field)),
            Err(wrong) => unread.push((add(&mut fields, in_place_of(definition)), wrong)),
        }
    }
    let is_id = |field: &Field| field.name == "id" && matches!(field.kind, FieldKind::Text(_));
    let before = usize::from(!fields.iter().any(is_id));
    let mut errors = FieldErrors::default();
    for (position, wrong) in unread {
        errors.nest(&(before + position).to_string(), wrong);
    }
    if errors.is_empty() { Ok(fields) } else { Err(errors) }
}

/// A field that stands where one would that cannot be read.
fn in_place_of(definition: &Json) -> Field {
    let text = |key: &str| definition.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    Field { id: text("id"), ..Field::new(&text("name"), Text::default()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::field::{boolean::Bool, text::Text};

    fn keys(value: &Json) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn ids_are_those_of_pocketbase() {
        let id = |definition| {
            let mut fields = Vec::new();
            add(&mut fields, Field::from_json(&definition).unwrap());
            fields.remove(0).id
        };
        assert_eq!(id(json!({"type": "text", "name": "id"})), "text3208210256");
        assert_eq!(id(json!({"type": "password", "name": "password"})), "password901924565");
        assert_eq!(id(json!({"type": "text", "name": "tokenKey"})), "text2504183744");
        assert_eq!(id(json!({"type": "email", "name": "email"})), "email3885137012");
        assert_eq!(id(json!({"type": "bool", "name": "emailVisibility"})), "bool1547992806");
        assert_eq!(id(json!({"type": "bool", "name": "verified"})), "bool256245529");
        assert_eq!(id(json!({"type": "autodate", "name": "created", "onCreate": true})), "autodate2990389176");
        assert_eq!(id(json!({"type": "autodate", "name": "updated", "onCreate": true})), "autodate3332085495");
    }

    #[test]
    fn the_id_field_is_written_as_pocketbase_writes_it() {
        let field = Field { system: true, required: true, ..Field::new("id", Text::id()) };
        let expected = json!({
            "autogeneratePattern": "[a-z0-9]{15}", "help": "", "hidden": false, "id": "text3208210256", "max": 15, "min": 15,
            "name": "id", "pattern": "^[a-z0-9]+$", "presentable": false, "primaryKey": true, "required": true,
            "system": true, "type": "text",
        });
        assert_eq!(field.to_json().to_string(), expected.to_string());
        assert_eq!(Field::from_json(&expected).unwrap(), field);
    }

    #[test]
    fn every_kind_comes_back_as_it_was() {
        for name in FieldKind::NAMES {
            let definition = json!({"type": name, "name": "f", "id": "x1", "hidden": true, "searchable": true, "unknown": 1, "max": null, "min": null});
            let field = Field::from_json(&definition).unwrap();
            assert_eq!(field.kind.name(), *name);
            assert_eq!(Field::from_json(&field.to_json()).unwrap(), field, "{name}");
        }
        let autodate = Field::from_json(&json!({"type": "autodate", "name": "d"})).unwrap().to_json();
        assert_eq!(keys(&autodate), ["hidden", "id", "name", "onCreate", "onUpdate", "presentable", "system", "type"]);
        let number =
            Field::from_json(&json!({"type": "number", "name": "n", "min": 1, "onlyInt": true})).unwrap().to_json();
        assert_eq!(
            keys(&number),
            ["help", "hidden", "id", "max", "min", "name", "onlyInt", "presentable", "required", "system", "type"]
        );
        assert_eq!((&number["min"], &number["max"]), (&json!(1), &Json::Null));
    }

    #[test]
    fn wrong_types_are_blamed_by_key() {
        let errors = |definition| Field::from_json(&definition).unwrap_err().0.into_keys().collect::<Vec<_>>();
        assert_eq!(
            errors(json!({"type": "text", "min": "a", "max": -1, "name": 5, "required": "x"})),
            ["max", "min", "name", "required"]
        );
        assert_eq!(errors(json!({"type": "weird", "name": "a"})), ["type"]);
        assert_eq!(errors(json!({"name": "a"})), ["type"]);
        assert_eq!(errors(json!("text")), ["type"]);
        let negative = Field::from_json(&json!({"type": "text", "min": -1})).unwrap_err();
        assert!(format!("{negative:?}").contains("validation_min_greater_equal_than_required"));
        let list = list_from_json(&[json!({"type": "text", "name": "a"}), json!({"type": "x"})]).unwrap_err();
        assert_eq!(list.0.into_keys().collect::<Vec<_>>(), ["2"], "behind the id, which stands first");
        let list = [json!({"type": "text", "name": "id"}), json!({"type": "number", "name": "a", "onlyInt": 1})];
        assert_eq!(list_from_json(&list).unwrap_err().0.into_keys().collect::<Vec<_>>(), ["1"]);
    }

    #[test]
    fn of_fields_with_one_id_the_last_wins() {
        let fields = list_from_json(&[
            json!({"type": "text", "name": "one", "id": "same"}),
            json!({"type": "text", "name": "b"}),
            json!({"type": "text", "name": "two", "id": "same"}),
            json!({"type": "text", "name": "b", "max": 5}),
        ])
        .unwrap();
        assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), ["two", "b"]);
        assert!(matches!(&fields[1].kind, FieldKind::Text(text) if text.max == 5));
    }

    #[test]
    fn clashing_ids_get_a_suffix() {
        let mut fields = vec![Field { name: "other".into(), ..Field::new("a", Text::default()) }];
        add(&mut fields, Field { id: String::new(), ..Field::new("a", Text::default()) });
        add(&mut fields, Field { id: String::new(), ..Field::new("c", Bool::default()) });
        assert_eq!(fields[1].id, format!("{}2", fields[0].id));
    }
}
