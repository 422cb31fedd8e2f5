//! What a component says of itself beyond its imports and exports: the custom section `tinybase:manifest`, JSON.
//!
//! `config` is a JSON Schema that the plugin's configuration, with that of an attachment over it, is held to; `requests` has the shape of grants, and
//! an admin can give no more than stands there. Other keys are kept and shown.

use super::rights::{Rights, read};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::json_schema::JsonSchema;
use crate::plugins::limits::{Wish, upload};
use serde_json::{Map, Value};

/// What a schema says of the keys one by one, with what that may refer to. All else is about which keys there are together,
/// and a plugin's own configuration need not have every key.
const OF_KEYS: [&str; 7] =
    ["$schema", "$id", "$defs", "definitions", "properties", "patternProperties", "additionalProperties"];

/// A manifest that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    json: Map<String, Value>,
    config: Option<JsonSchema>,
    /// What of it holds for a part of a configuration ([`OF_KEYS`]).
    base: Option<JsonSchema>,
}

impl Manifest {
    /// Reads the section.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > upload::MANIFEST_BYTES {
            return Err(format!("The manifest has {} bytes; the most is {}.", bytes.len(), upload::MANIFEST_BYTES));
        }
        let json: Map<String, Value> = serde_json::from_slice(bytes).map_err(|error| {
            format!("The manifest is no JSON object: line {}, column {}.", error.line(), error.column())
        })?;
        let manifest = Self::of(json);
        if let Some(why) = manifest.config.as_ref().and_then(JsonSchema::objection) {
            return Err(format!(
                "`config` of the manifest is no JSON Schema: {}.",
                why.lines().next().unwrap_or_default()
            ));
        }
        let mut errors = FieldErrors::default();
        match manifest.json.get("requests") {
            None => {}
            Some(Value::Object(requests)) => drop(read::rights(requests, &mut errors)),
            Some(_) => errors.add("requests", code::INVALID_VALUE.say("Must be an object.")),
        }
        if !errors.is_empty() {
            return Err(format!("`requests` of the manifest: {}", errors.describe()));
        }
        match manifest.json.get("limits") {
            None => {}
            // 0 is no word about a limit.
            Some(Value::Object(limits)) => drop(Wish::read(limits, 0, &mut errors)),
            Some(_) => errors.add("limits", code::INVALID_VALUE.say("Must be an object.")),
        }
        if errors.is_empty() { Ok(manifest) } else { Err(format!("`limits` of the manifest: {}", errors.describe())) }
    }

    fn of(json: Map<String, Value>) -> Self {
        let config = json.get("config").map(|schema| JsonSchema::from(schema.clone()));
        let base = json.get("config").map(|schema| {
            let mut schema = schema.clone();
            if let Some(schema) = schema.as_object_mut() {
                schema.retain(|key, _| OF_KEYS.contains(&key.as_str()));
            }
            JsonSchema::from(schema)
        });
        Self { json, config, base }
    }

    /// As it was stored.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self::of(serde_json::from_str(text).unwrap_or_default())
    }

    #[must_use]
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.json.get("name")?.as_str()
    }

    /// What it asks for apart from records, and the entries for those; `None` when it does not say, so that anything may
    /// be granted.
    #[must_use]
    pub fn requests(&self) -> Option<(Rights, &[Value])> {
        let requests = self.json.get("requests")?.as_object()?;
        let records = requests.get("records").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Some((read::rights(requests, &mut FieldErrors::default()), records))
    }

    /// Holds a configuration to the schema: an error of the field `config` otherwise.
    pub fn check_config(&self, config: &Value, errors: &mut FieldErrors) {
        if let Some(error) = self.fault(config) {
            errors.add("config", error);
        }
    }

    /// What the schema does not accept about a configuration, with the place in it as `pointer`.
    #[must_use]
    pub fn fault(&self, config: &Value) -> Option<FieldError> {
        fault(self.config.as_ref(), config)
    }

    /// The same for the plugin's own configuration: what it does not say may be said where the plugin is called.
    pub fn check_base_config(&self, config: &Value, errors: &mut FieldErrors) {
        // It may refer to a place that is not in it: then the whole schema has to do, where the plugin is called.
        if let Some(error) = fault(self.base.as_ref().filter(|base| base.objection().is_none()), config) {
            errors.add("config", error);
        }
    }
}

fn fault(schema: Option<&JsonSchema>, config: &Value) -> Option<FieldError> {
    let (pointer, why) = schema?.fault(config)?;
    let place = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
    Some(code::INVALID_VALUE.say(format!("{why}{place}")).param("pointer", pointer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_manifest_is_held_to_its_shape() {
        for (bytes, words) in [
            (&b"nonsense"[..], "no JSON object"),
            (b"[]", "no JSON object"),
            (br#"{"config": {"type": "nonsense"}}"#, "no JSON Schema"),
            (br#"{"config": {"$ref": "file:///etc/passwd"}}"#, "no JSON Schema"),
            (br#"{"requests": {"sockets": true}}"#, "sockets"),
            (br#"{"requests": {"http": {"hosts": ["*"]}}}"#, "http.hosts.0"),
            (br#"{"requests": []}"#, "requests"),
            (br#"{"limits": {"fuel": "x"}}"#, "`limits` of the manifest: fuel"),
            (br#"{"limits": {"fule": 1}}"#, "fule: There is no such limit"),
            (br#"{"limits": {"wallMs": 1.5}}"#, "wallMs"),
            (br#"{"limits": 7}"#, "limits"),
        ] {
            assert!(Manifest::parse(bytes).unwrap_err().contains(words), "{}", String::from_utf8_lossy(bytes));
        }
        let long = format!("{{\"name\": \"{}\"}}", "x".repeat(upload::MANIFEST_BYTES));
        assert!(Manifest::parse(long.as_bytes()).is_err());
        let good =
            Manifest::parse(br#"{"name": "mine", "other": 1, "limits": {"fuel": 7, "atOnce": 0, "wallMs": null}, "requests": {"clock": true, "records": [{}]}}"#).unwrap();
        let (rights, records) = good.requests().unwrap();
        assert!(rights.clock && records.len() == 1 && good.name() == Some("mine") && good.json()["other"] == 1);
        assert!(Manifest::default().requests().is_none());
    }

    #[test]
    fn a_configuration_is_held_to_the_schema() {
        let manifest =
            Manifest::parse(br#"{"config": {"required": ["max"], "properties": {"max": {"type": "integer"}}}}"#)
                .unwrap();
        let mut errors = FieldErrors::default();
        manifest.check_config(&json!({"max": 1}), &mut errors);
        manifest.check_base_config(&json!({}), &mut errors);
        assert!(errors.is_empty());
        for config in [json!({}), json!({"max": true})] {
            let mut errors = FieldErrors::default();
            manifest.check_config(&config, &mut errors);
            assert!(!errors.is_empty(), "{config}");
        }
        manifest.check_base_config(&json!({"max": "many"}), &mut errors);
        assert!(errors.describe().contains("/max"), "{}", errors.describe());
    }

    #[test]
    fn a_part_of_a_configuration_is_held_to_what_is_said_of_its_keys() {
        let schema = json!({
            "type": "object", "minProperties": 2, "dependentRequired": {"a": ["b"]},
            "anyOf": [{"required": ["a", "b"]}, {"required": ["c"]}], "allOf": [{"required": ["d"]}],
            "properties": {"a": {"$ref": "#/$defs/text"}, "deep": {"required": ["x"]}},
            "patternProperties": {"^x_": {"type": "integer"}}, "additionalProperties": false,
            "$defs": {"text": {"type": "string"}},
        });
        let manifest = |schema: Value| Manifest::parse(json!({ "config": schema }).to_string().as_bytes()).unwrap();
        let refused = |manifest: &Manifest, config: Value| {
            let mut errors = FieldErrors::default();
            manifest.check_base_config(&config, &mut errors);
            !errors.is_empty()
        };
        let strict = manifest(schema);
        for config in [json!({}), json!({"a": "one"}), json!({"x_1": 1}), json!({"deep": {"x": 1}})] {
            assert!(!refused(&strict, config.clone()), "{config}");
        }
        // A key comes whole from one place.
        for config in [json!({"a": 1}), json!({"other": 1}), json!({"x_1": "one"}), json!({"deep": {}})] {
            assert!(refused(&strict, config.clone()), "{config}");
        }
        let elsewhere = manifest(json!({"properties": {"a": {"$ref": "#/allOf/0"}}, "allOf": [{"minProperties": 1}]}));
        assert!(!refused(&elsewhere, json!({"a": 1})) && !refused(&elsewhere, json!({})));
    }
}
