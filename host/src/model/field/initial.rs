//! The value of a field that a create does not give: its `default`, which is a value or a word for one.

use super::{Field, FieldKind};
use crate::error::{FieldError, code};
use crate::model::{Value, date};
use serde_json::Value as Json;

/// The time of the request.
pub const NOW: &str = "@now";
/// A new UUID, version 7.
pub const UUID: &str = "@uuid";
/// The id of the signed-in record; empty when there is none, and in a relation when it is of another collection.
pub const AUTH_ID: &str = "@request.auth.id";

/// What the words stand for.
pub trait Circumstances {
    fn now_ms(&self) -> i64;
    fn uuid(&self) -> String;
    /// The collection and the id of the signed-in record.
    fn auth(&self) -> Option<(&str, &str)>;
}

impl Field {
    /// What a new record has without being given a value; `None` without a default.
    pub fn initial(&self, circumstances: &dyn Circumstances) -> Option<Value> {
        let default = self.default.as_ref()?;
        let meant = match default.as_str() {
            Some(NOW) => Json::String(date::format(circumstances.now_ms())),
            Some(UUID) => Json::String(circumstances.uuid()),
            Some(AUTH_ID) => Json::String(self.auth_id(circumstances.auth()).to_owned()),
            _ => default.clone(),
        };
        Some(self.normalise(&meant))
    }

    fn auth_id<'a>(&self, auth: Option<(&str, &'a str)>) -> &'a str {
        match (&self.kind, auth) {
            (FieldKind::Relation(relation), Some((collection, _))) if relation.collection_id != collection => "",
            (_, auth) => auth.map_or("", |(_, id)| id),
        }
    }

    /// Whether the default is one for this kind of field.
    ///
    /// # Errors
    /// What a record with it would be refused for.
    pub fn check_default(&self) -> Result<(), FieldError> {
        let Some(default) = &self.default else { return Ok(()) };
        let fits = match (&self.kind, default.as_str()) {
            (FieldKind::Password(_) | FieldKind::Autodate(_) | FieldKind::File(_), _) => {
                return Err(code::EMPTY.say("A field of this kind has no default."));
            }
            (FieldKind::Date(_) | FieldKind::Text(_), Some(NOW))
            | (FieldKind::Text(_), Some(UUID))
            | (FieldKind::Text(_) | FieldKind::Relation(_), Some(AUTH_ID)) => return Ok(()),
            (_, Some(NOW | UUID | AUTH_ID)) => false,
            (FieldKind::Number(_), _) => default.is_number(),
            (FieldKind::Bool(_), _) => default.is_boolean(),
            (FieldKind::Json(_), _) => true,
            (FieldKind::Vector(_), _) => default.is_array(),
            (FieldKind::GeoPoint(_), _) => default.is_object(),
            (FieldKind::Date(_), text) => text.is_some_and(|text| !date::normalise(text).is_empty()),
            (FieldKind::Select(_) | FieldKind::Relation(_) | FieldKind::Array(_), _) => {
                default.is_string() || (default.is_array() && self.kind.is_multiple())
            }
            (FieldKind::Text(_) | FieldKind::Email(_) | FieldKind::Url(_) | FieldKind::Editor(_), _) => {
                default.is_string()
            }
        };
        if !fits {
            return Err(code::INVALID_VALUE.say("The default is no value of this kind of field."));
        }
        let value = self.normalise(default);
        if self.is_zero(&value) { Ok(()) } else { self.kind.check(&value) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    struct Noon;

    impl Circumstances for Noon {
        fn now_ms(&self) -> i64 {
            1_704_110_400_000
        }

        fn uuid(&self) -> String {
            "u".to_owned()
        }

        fn auth(&self) -> Option<(&str, &str)> {
            Some(("users", "me"))
        }
    }

    fn field(mut definition: Json, default: Json) -> Field {
        definition["name"] = json!("f");
        definition["default"] = default;
        Field::from_json(&definition).unwrap()
    }

    #[test]
    fn words_and_values() {
        let initial = |definition, default| field(definition, default).initial(&Noon).unwrap().to_json();
        assert_eq!(initial(json!({"type": "date"}), json!("@now")), json!("2024-01-01 12:00:00.000Z"));
        assert_eq!(initial(json!({"type": "text"}), json!("@uuid")), json!("u"));
        assert_eq!(
            initial(json!({"type": "relation", "collectionId": "users", "maxSelect": 3}), json!("@request.auth.id")),
            json!(["me"])
        );
        assert_eq!(
            initial(json!({"type": "relation", "collectionId": "others"}), json!("@request.auth.id")),
            json!("")
        );
        assert_eq!(initial(json!({"type": "text"}), json!("@request.auth.id")), json!("me"));
        assert_eq!(initial(json!({"type": "number"}), json!(2.5)), json!(2.5));
        assert_eq!(initial(json!({"type": "array"}), json!(["a"])), json!(["a"]));
        assert!(field(json!({"type": "text"}), json!(null)).initial(&Noon).is_none());
    }

    #[test]
    fn a_default_is_a_value_of_the_field() {
        let code = |definition, default| {
            field(definition, default).check_default().err().map(|error| error.code.into_owned()).unwrap_or_default()
        };
        for (definition, default) in [
            (json!({"type": "text", "max": 3}), json!("abc")),
            (json!({"type": "date"}), json!("2024-01-01")),
            (json!({"type": "bool"}), json!(false)),
            (json!({"type": "json"}), json!([1])),
            (json!({"type": "geoPoint"}), json!({"lon": 1, "lat": 2})),
            (json!({"type": "select", "values": ["a"], "maxSelect": 2}), json!(["a"])),
            (json!({"type": "email"}), json!("a@example.com")),
        ] {
            assert_eq!(code(definition, default), "");
        }
        for (definition, default, expected) in [
            (json!({"type": "text", "max": 3}), json!("abcd"), "validation_max_text_constraint"),
            (json!({"type": "text"}), json!(5), "validation_invalid_value"),
            (json!({"type": "number"}), json!("5"), "validation_invalid_value"),
            (json!({"type": "number"}), json!("@now"), "validation_invalid_value"),
            (json!({"type": "date"}), json!("soon"), "validation_invalid_value"),
            (json!({"type": "select", "values": ["a"]}), json!("z"), "validation_invalid_value"),
            (json!({"type": "select", "values": ["a"]}), json!(["a"]), "validation_invalid_value"),
            (json!({"type": "password"}), json!("secret"), "validation_empty"),
            (json!({"type": "autodate", "onCreate": true}), json!("@now"), "validation_empty"),
        ] {
            assert_eq!(code(definition, default), expected);
        }
    }
}
