//! The records of a collection as types: JSON Schema for descriptions of the API. As TypeScript: [`super::typescript`].

use crate::model::field::array::Of;
use crate::model::pattern::Generator;
use crate::model::{Collection, Field, FieldKind};
use serde_json::{Map, Value as Json, json};

/// What a field of a record is, seen from outside.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Text,
    /// In UTC, `2026-01-02 03:04:05.678Z`.
    Date,
    Number {
        integer: bool,
    },
    Bool,
    Choice(Vec<String>),
    GeoPoint,
    Anything,
    List(Box<Shape>),
    /// The id of a record of the collection with this id.
    Id(String),
}

/// What a field of a record is.
pub(super) fn of(field: &Field) -> Shape {
    let single = match &field.kind {
        FieldKind::Text(_)
        | FieldKind::Email(_)
        | FieldKind::Url(_)
        | FieldKind::Editor(_)
        | FieldKind::Password(_)
        | FieldKind::File(_) => Shape::Text,
        FieldKind::Date(_) | FieldKind::Autodate(_) => Shape::Date,
        FieldKind::Number(number) => Shape::Number { integer: number.only_int },
        FieldKind::Bool(_) => Shape::Bool,
        FieldKind::Select(select) => Shape::Choice(select.values.clone()),
        FieldKind::Relation(relation) => Shape::Id(relation.collection_id.clone()),
        FieldKind::Json(_) => Shape::Anything,
        FieldKind::GeoPoint(_) => Shape::GeoPoint,
        FieldKind::Vector(_) => return Shape::List(Box::new(Shape::Number { integer: false })),
        FieldKind::Array(array) => {
            let item = if array.of == Of::Number { Shape::Number { integer: false } } else { Shape::Text };
            return Shape::List(Box::new(item));
        }
    };
    if field.kind.is_multiple() { Shape::List(Box::new(single)) } else { single }
}

/// Whether records show the field to whoever sees hidden ones, or not.
pub(super) fn is_shown(collection: &Collection, field: &Field, hidden_too: bool) -> bool {
    let secret = matches!(field.kind, FieldKind::Password(_)) || field.name == "tokenKey";
    let secret = secret && collection.auth().is_some();
    !secret && (hidden_too || !field.hidden)
}

/// Whether somebody may set the field.
pub(super) fn is_set(collection: &Collection, field: &Field, hidden_too: bool) -> bool {
    match &field.kind {
        FieldKind::Autodate(_) => false,
        FieldKind::Password(_) => true,
        _ => is_shown(collection, field, hidden_too) && (hidden_too || field.name != "verified"),
    }
}

/// Whether a new record must be given the field.
pub(super) fn is_demanded(field: &Field) -> bool {
    let generated = matches!(&field.kind, FieldKind::Text(text) if text.autogenerate_pattern != Generator::default());
    field.required && field.default.is_none() && !generated
}

/// Whether a record may lack the field.
pub(super) fn is_optional(collection: &Collection, field: &Field) -> bool {
    field.name == "email" && collection.auth().is_some()
}

/// A record as it is answered, as JSON Schema.
#[must_use]
pub fn record_schema(collection: &Collection, hidden_too: bool) -> Json {
    let mut properties = Map::new();
    let mut required = vec![json!("collectionId"), json!("collectionName")];
    properties.insert("collectionId".to_owned(), json!({"type": "string", "const": collection.id}));
    properties.insert("collectionName".to_owned(), json!({"type": "string", "const": collection.name}));
    for field in collection.fields.iter().filter(|field| is_shown(collection, field, hidden_too)) {
        if !is_optional(collection, field) {
            required.push(json!(field.name));
        }
        properties.insert(field.name.clone(), schema_of(field, true));
    }
    properties.insert("expand".to_owned(), json!({"type": "object", "description": "Related records, by `?expand=`."}));
    json!({"type": "object", "properties": properties, "required": required})
}

/// What a record is created or, with `all_optional`, changed with, as JSON Schema.
#[must_use]
pub fn input_schema(collection: &Collection, hidden_too: bool, all_optional: bool) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in collection.fields.iter().filter(|field| is_set(collection, field, hidden_too)) {
        if is_demanded(field) && !all_optional {
            required.push(json!(field.name));
        }
        properties.insert(field.name.clone(), schema_of(field, false));
        if matches!(field.kind, FieldKind::Password(_)) && collection.auth().is_some() {
            let confirm = format!("{}Confirm", field.name);
            if !all_optional {
                required.push(json!(confirm));
            }
            properties.insert(confirm, json!({"type": "string"}));
        }
    }
    if collection.auth().is_some() && all_optional {
        properties.insert("oldPassword".to_owned(), json!({"type": "string"}));
    }
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn schema_of(field: &Field, answered: bool) -> Json {
    let mut schema = of(field).to_schema(field, answered);
    if field.nullable || matches!(field.kind, FieldKind::Vector(_)) {
        schema = json!({"anyOf": [schema, {"type": "null"}]});
    }
    if !field.help.is_empty() {
        schema["description"] = json!(field.help);
    }
    schema["x-kind"] = json!(field.kind.name());
    schema
}

impl Shape {
    fn to_schema(&self, field: &Field, answered: bool) -> Json {
        match self {
            Self::Text => {
                let mut schema = json!({"type": "string"});
                if let (FieldKind::Text(text), false) = (&field.kind, answered) {
                    if text.max > 0 {
                        schema["maxLength"] = text.max.into();
                    }
                    if text.min > 0 && field.required {
                        schema["minLength"] = text.min.into();
                    }
                }
                schema
            }
            Self::Date => json!({"type": "string", "examples": ["2026-01-02 03:04:05.678Z"]}),
            Self::Number { integer } => {
                let mut schema = json!({"type": if *integer { "integer" } else { "number" }});
                if let (FieldKind::Number(number), false) = (&field.kind, answered) {
                    for (key, bound) in [("minimum", number.min), ("maximum", number.max)] {
                        if let Some(bound) = bound {
                            schema[key] = json!(bound);
                        }
                    }
                }
                schema
            }
            Self::Bool => json!({"type": "boolean"}),
            Self::Choice(values) => {
                let empty = (!field.required && !field.kind.is_multiple()).then(String::new);
                json!({"type": "string", "enum": values.iter().cloned().chain(empty).collect::<Vec<_>>()})
            }
            Self::GeoPoint => json!({
                "type": "object",
                "properties": {"lon": {"type": "number"}, "lat": {"type": "number"}},
                "required": ["lon", "lat"],
            }),
            Self::Anything => json!({}),
            Self::List(item) => json!({"type": "array", "items": item.to_schema(field, answered)}),
            Self::Id(collection) => json!({"type": "string", "x-collection": collection}),
        }
    }
}
