//! Checks fields of JSON against a schema: the part of JSON Schema that data in a record needs.
//!
//! Attach it as `validate`, with a schema for each field:
//!
//! ```json
//! {"schemas": {"address": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string", "minLength": 1}}}}}
//! ```
//!
//! Understood are `type` (one or a list), `enum`, `const`, `properties`, `required`, `additionalProperties` (`false` or a
//! schema), `items`, `minItems`, `maxItems`, `uniqueItems`, `minLength`, `maxLength`, `minimum`, `maximum`, `multipleOf`,
//! `anyOf`, `allOf` and `not`; any other word that would constrain makes every write fail, so that no schema promises more
//! than is checked. A field that is empty is not checked; make it `required` in its collection for that. It is pure.
#![forbid(unsafe_code)]

use serde_json::{Map, Value as Json};
use tinybase_plugin::prelude::*;

/// Errors named for one field; more would not be read.
const ERRORS_MAX: usize = 20;

/// Words that say something without constraining anything.
const NOTES: [&str; 8] = ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"];

tinybase_plugin::manifest!(
    r#"{
  "name": "json-schema",
  "config": {
    "type": "object",
    "required": ["schemas"],
    "properties": {
      "schemas": {"type": "object", "additionalProperties": {"type": ["object", "boolean"]}, "minProperties": 1}
    },
    "additionalProperties": false
  }
}"#
);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    schemas: Map<String, Json>,
}

#[validate]
fn check(ctx: &Context, draft: &Record, errors: &mut Errors) {
    let settings: Settings = match ctx.config_as() {
        Ok(settings) => settings,
        Err(error) => return errors.add("config", "validation_plugin_config", &error.message),
    };
    for (field, schema) in &settings.schemas {
        let json = match draft.get(field) {
            // A misspelt name must not let everything through.
            None => {
                errors.add(
                    field,
                    "validation_json_schema",
                    "Has a schema, and there is no such field that it may see.",
                );
                continue;
            }
            Some(Value::Null) => continue,
            Some(Value::Json(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(Value::Text(text)) if text.is_empty() => continue,
            Some(Value::Text(text)) => Json::from(text.as_str()),
            Some(Value::Number(number)) => serde_json::Number::from_f64(*number).into(),
            Some(Value::Integer(number)) => (*number).into(),
            Some(Value::Boolean(truth)) => (*truth).into(),
            Some(Value::Texts(texts)) => texts.as_slice().into(),
            Some(Value::Other(_)) => continue,
        };
        if json.is_null() {
            continue;
        }
        let mut found = Vec::new();
        walk(schema, &json, "", &mut found);
        if !found.is_empty() {
            errors.add(field, "validation_json_schema", &found.join(" "));
        }
    }
}

fn walk(schema: &Json, json: &Json, path: &str, found: &mut Vec<String>) {
    if found.len() >= ERRORS_MAX {
        return;
    }
    let rules = match schema {
        Json::Bool(true) => return,
        Json::Bool(false) => return found.push(say(path, "must not be there")),
        Json::Object(rules) => rules,
        _ => return found.push(say(path, "has no schema that can be read")),
    };
    for (word, rule) in rules {
        if let Some(wrong) = judge(word, rule, rules, json) {
            found.push(say(path, &wrong));
        }
    }
    match json {
        Json::Object(object) => walk_object(rules, object, path, found),
        Json::Array(items) => {
            if let Some(rule) = rules.get("items") {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, item)| walk(rule, item, &join(path, &index.to_string()), found));
            }
        }
        _ => {}
    }
    for rule in rules.get("allOf").and_then(Json::as_array).into_iter().flatten() {
        walk(rule, json, path, found);
    }
}

fn walk_object(rules: &Map<String, Json>, object: &Map<String, Json>, path: &str, found: &mut Vec<String>) {
    let properties = rules.get("properties").and_then(Json::as_object);
    for (name, value) in object {
        let rule = properties.and_then(|rules| rules.get(name)).or_else(|| rules.get("additionalProperties"));
        if let Some(rule) = rule {
            walk(rule, value, &join(path, name), found);
        }
    }
    for name in rules.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        if !object.contains_key(name) {
            found.push(say(&join(path, name), "is missing"));
        }
    }
}

/// What a word of a schema has against a value itself, without what is in it.
fn judge(word: &str, rule: &Json, rules: &Map<String, Json>, json: &Json) -> Option<String> {
    let number = rule.as_f64();
    let length = || json.as_str().map(|text| text.chars().count() as f64);
    let count = || json.as_array().map(|items| items.len() as f64);
    let below = |of: Option<f64>, what: &str| {
        of.zip(number).filter(|(of, least)| of < least).map(|_| format!("must have at least {rule} {what}"))
    };
    let above = |of: Option<f64>, what: &str| {
        of.zip(number).filter(|(of, most)| of > most).map(|_| format!("must have at most {rule} {what}"))
    };
    let fits = |rule: &Json| {
        let mut found = Vec::new();
        walk(rule, json, "", &mut found);
        found.is_empty()
    };
    match word {
        "type" => {
            let names: Vec<&str> = rule.as_array().map_or_else(
                || rule.as_str().into_iter().collect(),
                |names| names.iter().filter_map(Json::as_str).collect(),
            );
            (!names.iter().any(|name| is(name, json))).then(|| format!("must be of type {}", names.join(" or ")))
        }
        "enum" => {
            let listed = rule.as_array().is_some_and(|list| list.iter().any(|one| same(one, json)));
            (!listed).then(|| format!("must be one of {rule}"))
        }
        "const" => (!same(rule, json)).then(|| format!("must be {rule}")),
        "minLength" => below(length(), "characters"),
        "maxLength" => above(length(), "characters"),
        "minItems" => below(count(), "items"),
        "maxItems" => above(count(), "items"),
        "minimum" => {
            json.as_f64().zip(number).filter(|(it, least)| it < least).map(|_| format!("must be at least {rule}"))
        }
        "maximum" => {
            json.as_f64().zip(number).filter(|(it, most)| it > most).map(|_| format!("must be at most {rule}"))
        }
        "multipleOf" => {
            let whole =
                |(it, of): (f64, f64)| of == 0.0 || ((it / of).round() * of - it).abs() < 1e-9 * it.abs().max(1.0);
            json.as_f64().zip(number).filter(|pair| !whole(*pair)).map(|_| format!("must be a multiple of {rule}"))
        }
        "uniqueItems" if rule == true => {
            let items = json.as_array()?;
            let twice = items.iter().enumerate().any(|(at, item)| items[..at].iter().any(|other| same(item, other)));
            twice.then(|| "must not have the same item twice".to_owned())
        }
        "anyOf" => {
            let any = rule.as_array().is_some_and(|list| list.iter().any(fits));
            (!any).then(|| "fits none of the schemas that it may have".to_owned())
        }
        "not" => fits(rule).then(|| "is of a kind that is not allowed".to_owned()),
        "properties" | "required" | "additionalProperties" | "items" | "allOf" | "uniqueItems" => None,
        note if NOTES.contains(&note) => None,
        _ if rules.is_empty() => None,
        unknown => Some(format!("has a schema with `{unknown}`, which is not understood")),
    }
}

fn is(name: &str, json: &Json) -> bool {
    match name {
        "null" => json.is_null(),
        "boolean" => json.is_boolean(),
        "number" => json.is_number(),
        "integer" => json.as_f64().is_some_and(|number| number.fract() == 0.0),
        "string" => json.is_string(),
        "array" => json.is_array(),
        "object" => json.is_object(),
        _ => false,
    }
}

/// Equal as JSON Schema has it: `1` and `1.0` are.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|it| same(value, it)))
        }
        _ => one == other,
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { [path, ".", name].concat() }
}

fn say(path: &str, what: &str) -> String {
    if path.is_empty() { ["It ", what, "."].concat() } else { ["`", path, "` ", what, "."].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(schema: Json, json: Json) -> Vec<String> {
        let mut found = Vec::new();
        walk(&schema, &json, "", &mut found);
        found
    }

    #[test]
    fn what_fits_and_what_does_not() {
        let person = json!({
            "type": "object", "required": ["name"], "additionalProperties": false,
            "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 3}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2, "uniqueItems": true}},
        });
        for (schema, json, words) in [
            (person.clone(), json!({"name": "Ada", "tags": ["a", "b"]}), ""),
            (person.clone(), json!({}), "`name` is missing"),
            (person.clone(), json!({"name": ""}), "at least 1 characters"),
            (person.clone(), json!({"name": "Adam"}), "at most 3 characters"),
            (person.clone(), json!({"name": "A", "x": 1}), "`x` must not be there"),
            (person.clone(), json!({"name": "A", "tags": ["a", "c"]}), "`tags.1` must be one of"),
            (person, json!({"name": "A", "tags": ["a", "a"]}), "same item twice"),
            (json!({"type": ["integer", "null"]}), json!(3.0), ""),
            (json!({"type": "integer"}), json!(3.5), "type integer"),
            (json!({"minimum": 0, "maximum": 10, "multipleOf": 0.1}), json!(0.3), ""),
            (json!({"multipleOf": 2}), json!(3), "multiple of 2"),
            (json!({"const": 1}), json!(1.0), ""),
            (json!({"anyOf": [{"type": "string"}, {"minimum": 5}]}), json!(4), "none of the schemas"),
            (json!({"not": {"type": "string"}}), json!("x"), "not allowed"),
            (json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), json!(3), "at most 2"),
            (json!({"pattern": "^a"}), json!("a"), "`pattern`, which is not understood"),
            (json!({"title": "T", "$comment": "c"}), json!("a"), ""),
        ] {
            let found = found(schema.clone(), json.clone()).join(" ");
            assert!(
                if words.is_empty() { found.is_empty() } else { found.contains(words) },
                "{schema} {json}: {found}"
            );
        }
    }

    #[test]
    fn errors_are_at_the_field_and_empty_fields_are_none() {
        let config = json!({"schemas": {"meta": {"type": "object"}}}).to_string();
        let ctx = Context { config, ..tinybase_plugin::testing::context("posts") };
        let check = |value: Value| {
            let mut errors = Errors::new();
            check(&ctx, &Record::new().with("meta", value), &mut errors);
            errors.as_slice().first().map(|error| (error.field.clone(), error.code.clone()))
        };
        assert_eq!(check(Value::Json("[]".into())), Some(("meta".into(), "validation_json_schema".into())));
        assert_eq!(check(Value::Json("{}".into())), None);
        assert_eq!(check(Value::Json("null".into())), None);
        assert_eq!(check(Value::Null), None);
    }
}
