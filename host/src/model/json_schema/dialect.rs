//! What a schema may be made of here: JSON Schema without that whose cost cannot be told from the schema.
//!
//! Its parts are the places where a keyword of its version has a schema, and nothing else: what is in a `default`, an `enum` or behind a
//! word that the version does not know is data. References are the paths of parts, so that two readers of a schema cannot find
//! different things: addresses, anchors and dynamic references are refused, and with them the schemas of schemas.

use super::patterns::Patterns;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The versions, without what stands before and behind them. Those that are older take `id` for an address.
const VERSIONS: [(&str, Version); 4] = [
    ("json-schema.org/draft/2020-12/schema", 2020),
    ("json-schema.org/draft/2019-09/schema", 2019),
    ("json-schema.org/draft-07/schema", 7),
    ("json-schema.org/draft-06/schema", 6),
];
/// What gives a part of a schema an address, or refers to one.
const ADDRESSES: [&str; 6] = ["$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$dynamicRef", "$recursiveRef"];

/// A number that is larger the newer it is.
pub(super) type Version = u16;

/// The one that a schema is of when it does not say.
const NEWEST: Version = 2020;

/// What a keyword has behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Schema,
    Schemas,
    SchemaOrSchemas,
    /// By their names.
    Named,
}

/// The keywords with schemas, and since which version they are.
const KEYWORDS: [(&str, Version, Behind); 22] = [
    ("definitions", 6, Behind::Named),
    ("properties", 6, Behind::Named),
    ("patternProperties", 6, Behind::Named),
    // Lists are of names here.
    ("dependencies", 6, Behind::Named),
    ("not", 6, Behind::Schema),
    ("additionalProperties", 6, Behind::Schema),
    ("additionalItems", 6, Behind::Schema),
    ("propertyNames", 6, Behind::Schema),
    ("contains", 6, Behind::Schema),
    ("items", 6, Behind::SchemaOrSchemas),
    ("allOf", 6, Behind::Schemas),
    ("anyOf", 6, Behind::Schemas),
    ("oneOf", 6, Behind::Schemas),
    ("if", 7, Behind::Schema),
    ("then", 7, Behind::Schema),
    ("else", 7, Behind::Schema),
    ("$defs", 2019, Behind::Named),
    ("dependentSchemas", 2019, Behind::Named),
    ("unevaluatedProperties", 2019, Behind::Schema),
    ("unevaluatedItems", 2019, Behind::Schema),
    ("contentSchema", 2019, Behind::Schema),
    ("prefixItems", 2020, Behind::Schemas),
];

const UNEVALUATED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];

/// So many parts, with so much of paths, so deep.
const PARTS: usize = 3_000;
const PATH_BYTES: usize = 500_000;
const DEPTH: usize = 40;

/// A schema, taken apart.
#[derive(Debug)]
pub(super) struct Parts<'s> {
    pub(super) version: Version,
    /// The first is the whole.
    pub(super) all: Vec<&'s Json>,
    pub(super) patterns: Patterns,
    /// Whether one of them is about what no other has looked at.
    pub(super) is_unevaluated: bool,
    numbers: HashMap<*const Json, usize>,
    paths: HashMap<String, usize>,
    /// What may still be said of paths.
    path_bytes: usize,
}

/// The schema without an address of its own, which nothing in it can refer to.
pub(super) fn without_address(schema: &Json) -> Json {
    let mut own = schema.clone();
    if let Some(map) = own.as_object_mut() {
        map.shift_remove("$id");
    }
    own
}

impl<'s> Parts<'s> {
    /// Of a schema without an address.
    ///
    /// # Errors
    /// What it is not to have, in words.
    pub(super) fn of(schema: &'s Json) -> Result<Self, String> {
        let mut parts = Self {
            version: version(schema)?,
            all: Vec::new(),
            patterns: Patterns::new(),
            is_unevaluated: false,
            numbers: HashMap::new(),
            paths: HashMap::new(),
            path_bytes: PATH_BYTES,
        };
        parts.survey(schema, "", 0)?;
        let mut references = parts.all.iter().filter_map(|part| part.get("$ref")?.as_str());
        let astray = references.find(|reference| parts.target(reference).is_none());
        let defs = if parts.version < 2019 { "definitions" } else { "$defs" };
        let words = |astray| format!("`{astray}` leads to no schema: refer to one by its path, as in `#/{defs}/name`");
        astray.map_or(Ok(()), |astray| Err(words(astray)))?;
        Ok(parts)
    }

    /// The number of the part that stands there; `None` where there is none.
    pub(super) fn number(&self, part: &Json) -> Option<usize> {
        self.numbers.get(&std::ptr::from_ref(part)).copied()
    }

    /// The number of what a reference leads to. Its escapes are undone as the validator does it: those of addresses first, once, and those
    /// of paths are compared as they are, for there is one way only to write them.
    pub(super) fn target(&self, reference: &str) -> Option<usize> {
        let path = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
        self.paths.get(path.as_ref()).copied()
    }

    /// Numbers a part and all that are in it.
    fn survey(&mut self, part: &'s Json, path: &str, depth: usize) -> Result<(), String> {
        if depth > DEPTH {
            return Err(format!("it is nested more than {DEPTH} levels deep"));
        }
        if self.all.len() == PARTS {
            return Err("it has too many parts".to_owned());
        }
        // Signs may be written as three others in an address.
        self.path_bytes = self.path_bytes.checked_sub(3 * path.len()).ok_or("the paths to its parts are too long")?;
        self.numbers.insert(std::ptr::from_ref(part), self.all.len());
        self.paths.insert(path.to_owned(), self.all.len());
        self.all.push(part);
        if let Some(map) = part.as_object() {
            self.look(map)?;
            for (keyword, since, behind) in KEYWORDS {
                let Some(value) = map.get(keyword).filter(|_| since <= self.version) else { continue };
                self.follow(keyword, behind, value, (path, depth))?;
            }
        }
        Ok(())
    }

    fn follow(
        &mut self,
        keyword: &str,
        behind: Behind,
        value: &'s Json,
        (path, depth): (&str, usize),
    ) -> Result<(), String> {
        match (behind, value) {
            (Behind::Schemas | Behind::SchemaOrSchemas, Json::Array(items)) => items
                .iter()
                .enumerate()
                .try_for_each(|(place, item)| self.survey(item, &format!("{path}/{keyword}/{place}"), depth + 2)),
            (Behind::Schema | Behind::SchemaOrSchemas, one) => {
                self.survey(one, &format!("{path}/{keyword}"), depth + 1)
            }
            (Behind::Named, Json::Object(named)) => {
                named.iter().filter(|(_, one)| !one.is_array()).try_for_each(|(name, one)| {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    self.survey(one, &format!("{path}/{keyword}/{name}"), depth + 2)
                })
            }
            _ => Ok(()),
        }
    }

    fn look(&mut self, map: &Map<String, Json>) -> Result<(), String> {
        if let Some(key) = ADDRESSES.iter().find(|key| map.contains_key(**key)) {
            return Err(format!("`{key}` is not for schemas here: refer to a part by its path, as in `#/$defs/name`"));
        }
        // It is but a note since 2019-09.
        if self.version < 2019 && map.get("format").and_then(Json::as_str) == Some("regex") {
            return Err("the format `regex` is not checked here".to_owned());
        }
        self.is_unevaluated |= UNEVALUATED.iter().any(|key| map.contains_key(*key));
        let keys = map.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(Map::keys);
        let pattern = map.get("pattern").and_then(Json::as_str);
        keys.map(String::as_str).chain(pattern).try_for_each(|pattern| self.patterns.add(pattern))
    }
}

fn version(schema: &Json) -> Result<Version, String> {
    let Some(said) = schema.get("$schema") else { return Ok(NEWEST) };
    let bare = said.as_str().unwrap_or_default().trim_end_matches('#');
    let bare = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://")).unwrap_or_default();
    let known = VERSIONS.iter().find(|(name, _)| *name == bare);
    let (_, version) = known.ok_or("its `$schema` is none of the drafts 06, 07, 2019-09 and 2020-12")?;
    Ok(*version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn objection(schema: &Json) -> Option<String> {
        Parts::of(&without_address(schema)).err()
    }

    #[test]
    fn references_are_paths_of_parts() {
        let defs = json!({"a b": {"items": {"$ref": "#"}}, "l": {"prefixItems": [true, {"$ref": "#/$defs/a b"}]}, "x/y~%z": {}, "": {}});
        let said = |reference: &str| {
            objection(
                &json!({"$id": "http://x.test/s", "$ref": reference, "$defs": defs, "x": {"a": {}}, "const": {"allOf": [{}]}}),
            )
        };
        for reference in [
            "#",
            "#/$defs/a b",
            "#/$defs/a%20b",
            "#%2F$defs%2Fa%20b",
            "#/$defs/l/prefixItems/1",
            "#/%24defs/x~1y~0%25z",
            "#/$defs/x%7E1y~0%z",
            "#/$defs/",
        ] {
            assert_eq!(said(reference), None, "{reference}");
        }
        for reference in [
            "",
            "?q",
            "other",
            "http://x.test/s",
            "schema://field",
            "#/$defs",
            "#/$defs/l/prefixItems/01",
            "#/$defs/l/prefixItems/+1",
            "#/$defs/l/prefixItems/2",
            "#/$defs/a%2520b",
            "#/$defs/a%2",
            "#/$defs/%ff",
            "#/$defs/no",
            "#/$defs/x/y~0%25z",
            "#/$defs/x~01y~0%25z",
            "#/$defs/l/items",
            "#/x/a",
            "#/const/allOf/0",
            "#a",
            "https://json-schema.org/draft/2020-12/schema",
            " #",
        ] {
            assert!(said(reference).unwrap().contains("leads to no schema"), "{reference}");
        }
    }

    #[test]
    fn parts_have_no_addresses() {
        for (key, value) in [
            ("$id", json!("in")),
            ("$anchor", json!("x")),
            ("$dynamicAnchor", json!("x")),
            ("$dynamicRef", json!("#x")),
            ("$recursiveRef", json!("#")),
            ("$recursiveAnchor", json!(true)),
        ] {
            let part = json!({"properties": {"a": {(key): value}}});
            assert!(objection(&part).unwrap().contains(key), "{key}");
            assert_eq!(objection(&json!({"properties": {(key): {"type": "string"}}})), None, "the name of a property");
            for data in ["default", "const", "x-own"] {
                assert_eq!(objection(&json!({"not": {(data): part}})), None, "{key} is data in {data}");
            }
            assert_eq!(objection(&json!({"enum": [part], "examples": [part]})), None);
        }
    }

    #[test]
    fn what_a_version_does_not_know_is_no_part() {
        for (version, known, unknown) in [
            ("draft-06/schema#", "contains", "if"),
            ("draft-07/schema", "else", "unevaluatedItems"),
            ("draft/2019-09/schema", "contentSchema", "x"),
            ("draft/2020-12/schema", "additionalItems", "x"),
        ] {
            let schema = |keyword: &str| {
                let reference = format!("#/{keyword}");
                json!({"$schema": format!("http://json-schema.org/{version}"), "not": {"$ref": reference}, (keyword): {}})
            };
            assert_eq!(objection(&schema(known)), None, "{version}");
            assert!(objection(&schema(unknown)).is_some(), "{version}");
        }
        let seven =
            json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/$defs/a", "$defs": {"a": {}}});
        assert!(objection(&seven).unwrap().contains("#/definitions/name"));
    }

    #[test]
    fn versions_are_those_that_are_known() {
        for known in ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"] {
            assert_eq!(objection(&json!({"$schema": known})), None, "{known}");
        }
        for other in [json!("http://json-schema.org/draft-04/schema#"), json!("schema://field"), json!(7)] {
            assert!(objection(&json!({"$schema": other.clone()})).unwrap().contains("$schema"), "{other}");
        }
    }

    #[test]
    fn parts_have_a_budget() {
        for (schema, words) in [
            (json!({"allOf": vec![json!({}); 5_000]}), "too many parts"),
            (json!({"properties": {"k".repeat(2_000): {"allOf": vec![true; 500]}}}), "paths"),
            ((0..60).fold(json!({}), |inner, _| json!({"not": inner})), "levels deep"),
            (json!({"$schema": "http://json-schema.org/draft-07/schema#", "items": {"format": "regex"}}), "regex"),
        ] {
            assert!(objection(&schema).unwrap().contains(words), "{words}");
        }
        assert_eq!(objection(&json!({"items": {"format": "regex"}})), None, "a note");
        let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(objection(&json!({"default": deep, "const": vec![deep; 5_000]})), None, "data is no part");
    }
}
