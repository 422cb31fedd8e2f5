//! What it takes to hold a value to a schema, counted before it is done.
//!
//! A schema of some hundred bytes can make a validator look at one part of a value any number of times (each of a chain of
//! definitions refers twice to the next), and as deep as it likes, which would be the end of the stack. So the same ways are gone here
//! first, each once, with how often the validator goes them; where that is beyond the limits nothing is checked.
//! What is counted is an upper bound: of what it could leave out, only what a `type` leaves out is.

use percent_encoding::percent_decode_str;
use regex::RegexBuilder;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// How often a validator may look at parts of a value: so often, and so much more for each part of it.
const LOOKS: u64 = 50_000;
const LOOKS_PER_PART: u64 = 32;

/// Schemas that may be begun and not done.
const DEPTH_MAX: u32 = 600;

/// Looks at a part by one of the schemas of schemas, which are built in and followed by nobody here.
const LOOKS_ELSEWHERE: u64 = 64;

/// The last part of the address of a schema that has none.
const NAME: &str = "field";

const MUCH: &str = "the schema looks at its parts too often for it to be checked";
const DEEP: &str = "the schema goes too deep for it to be checked";
const CIRCLE: &str = "the schema refers to itself without end";

/// Keywords whose schemas are about the same value.
const SAME: [&str; 4] = ["not", "if", "then", "else"];
const SAME_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
const SAME_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Those that are about each item of it.
const ITEMS: [&str; 4] = ["items", "contains", "additionalItems", "unevaluatedItems"];
const TYPES: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

/// A schema and all that it refers to.
#[derive(Debug)]
pub(super) struct Effort {
    /// The first is the whole.
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// A bit for each of [`TYPES`]; what is of another one is done with at once.
    types: Option<u8>,
    same: Vec<usize>,
    properties: HashMap<String, usize>,
    other_properties: Option<usize>,
    each_property: Vec<usize>,
    names: Option<usize>,
    positions: Vec<usize>,
    each_item: Vec<usize>,
    /// References to schemas that are built in.
    elsewhere: u64,
}

impl Effort {
    /// # Errors
    /// Why a pattern of the schema cannot be used, in words.
    pub(super) fn of(schema: &Json) -> Result<Self, String> {
        let mut map = Atlas::default();
        map.survey(schema, &[])?;
        map.place(schema);
        while let Some(next) = map.queue.pop() {
            let node = map.node(next);
            let index = map.places[&std::ptr::from_ref(next)];
            map.nodes[index] = node;
        }
        Ok(Self { nodes: map.nodes })
    }

    /// How many schemas will have been begun and not be done when a value is held to the schema.
    ///
    /// # Errors
    /// Why it is not, in words.
    pub(super) fn depth(&self, value: &Json) -> Result<u32, &'static str> {
        let parts = parts(value);
        let left = LOOKS.saturating_add(parts.saturating_mul(LOOKS_PER_PART));
        let mut count = Count { effort: self, parts, left, deepest: 0 };
        let whole = HashMap::from([(0, Weight { times: 1, depth: 1 })]);
        count.visit(value, whole).map(|()| count.deepest)
    }
}

/// How many values there are in one.
fn parts(value: &Json) -> u64 {
    match value {
        Json::Array(items) => 1 + items.iter().map(parts).sum::<u64>(),
        Json::Object(map) => 1 + map.values().map(parts).sum::<u64>(),
        _ => 1,
    }
}

fn bit(value: &Json) -> u8 {
    1 << match value {
        Json::Null => 0,
        Json::Bool(_) => 1,
        Json::Number(_) => 2,
        Json::String(_) => 3,
        Json::Array(_) => 4,
        Json::Object(_) => 5,
    }
}

/// Where the schemas of a document are, while they are being numbered.
#[derive(Default)]
struct Atlas<'s> {
    places: HashMap<*const Json, usize>,
    queue: Vec<&'s Json>,
    nodes: Vec<Node>,
    /// The whole, and whatever has an address of its own, with the last part of that.
    roots: Vec<(&'s str, &'s Json)>,
    /// Of each schema that refers to something, those of them that it lies in.
    homes: HashMap<*const Json, Vec<&'s Json>>,
    anchors: HashMap<&'s str, Vec<&'s Json>>,
}

impl<'s> Atlas<'s> {
    /// Notes where references can lead to.
    fn survey(&mut self, part: &'s Json, homes: &[&'s Json]) -> Result<(), String> {
        match part {
            Json::Array(items) => items.iter().try_for_each(|item| self.survey(item, homes)),
            Json::Object(map) => {
                let text = |key: &str| map.get(key).and_then(Json::as_str);
                let ids = [text("$id"), text("id")];
                let mut homes = homes.to_vec();
                let whole = homes.is_empty();
                if whole || ids.iter().any(Option::is_some) {
                    homes.push(part);
                    let addresses = ids.into_iter().flatten().map(last_of);
                    self.roots.extend(addresses.chain(whole.then_some(NAME)).map(|name| (name, part)));
                }
                if REFERENCES.iter().any(|key| map.contains_key(*key)) {
                    self.homes.insert(std::ptr::from_ref(part), homes.clone());
                }
                let in_ids = ids.into_iter().flatten().filter_map(|id| id.split_once('#')).map(|(_, anchor)| anchor);
                for name in in_ids.chain(["$anchor", "$dynamicAnchor"].into_iter().filter_map(text)) {
                    self.anchors.entry(name).or_default().push(part);
                }
                let keys = map.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(Map::keys);
                for pattern in keys.map(String::as_str).chain(text("pattern")) {
                    check_pattern(pattern)?;
                }
                map.values().try_for_each(|value| self.survey(value, &homes))
            }
            _ => Ok(()),
        }
    }

    /// The number of a schema, which is looked into later.
    fn place(&mut self, schema: &'s Json) -> usize {
        let next = self.nodes.len();
        let index = *self.places.entry(std::ptr::from_ref(schema)).or_insert(next);
        if index == next {
            self.nodes.push(Node::default());
            self.queue.push(schema);
        }
        index
    }

    fn place_if(&mut self, schema: Option<&'s Json>) -> Option<usize> {
        schema.filter(|schema| schema.is_object()).map(|schema| self.place(schema))
    }

    fn node(&mut self, schema: &'s Json) -> Node {
        let mut node = Node::default();
        let Some(map) = schema.as_object() else { return node };
        node.types = types(map);
        for key in REFERENCES {
            let Some(reference) = map.get(key).and_then(Json::as_str) else { continue };
            let found = self.resolve(reference, self.homes.get(&std::ptr::from_ref(schema)).map_or(&[], Vec::as_slice));
            node.elsewhere += u64::from(found.is_empty());
            node.same.extend(found.into_iter().map(|schema| self.place(schema)));
        }
        node.same.extend(SAME.iter().filter_map(|key| self.place_if(map.get(*key))));
        let lists = SAME_LISTS.iter().filter_map(|key| map.get(*key)?.as_array()).flatten();
        let maps = SAME_MAPS.iter().filter_map(|key| map.get(*key)?.as_object()).flat_map(Map::values);
        node.same.extend(lists.chain(maps).filter_map(|schema| self.place_if(Some(schema))));

        for (name, schema) in map.get("properties").and_then(Json::as_object).into_iter().flatten() {
            // One that says nothing still keeps the property from being another one.
            node.properties.insert(name.clone(), self.place(schema));
        }
        node.other_properties = self.place_if(map.get("additionalProperties"));
        let patterns = map.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(Map::values);
        let each = patterns.chain(map.get("unevaluatedProperties"));
        node.each_property.extend(each.filter_map(|schema| self.place_if(Some(schema))));
        node.names = self.place_if(map.get("propertyNames"));
        for list in ["prefixItems", "items"].into_iter().filter_map(|key| map.get(key)?.as_array()) {
            node.positions.extend(list.iter().map(|schema| self.place(schema)));
        }
        node.each_item.extend(ITEMS.iter().filter_map(|key| self.place_if(map.get(*key))));
        node
    }

    /// Whatever a reference may mean: of an address no more is looked at than its last part, and what stands behind its `#`.
    fn resolve(&self, reference: &str, homes: &[&'s Json]) -> Vec<&'s Json> {
        let (address, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = percent_decode_str(fragment).decode_utf8_lossy();
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.anchors.get(&*fragment).cloned().unwrap_or_default();
        }
        if address.is_empty() {
            return homes.iter().filter_map(|root| root.pointer(&fragment)).collect();
        }
        let last = last_of(address);
        let leads_back = ["", ".", ".."].contains(&last);
        let roots = self.roots.iter().filter(|(name, _)| leads_back || *name == last);
        roots.filter_map(|(_, root)| root.pointer(&fragment)).collect()
    }
}

/// The last part of an address; empty for one that is only a host.
fn last_of(address: &str) -> &str {
    let address = address.split_once('#').map_or(address, |(address, _)| address);
    let path = address.split_once("://").map_or(address, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    path.rsplit('/').next().unwrap_or_default()
}

fn types(map: &Map<String, Json>) -> Option<u8> {
    let one = |name: &Json| {
        let name = name.as_str().map(|name| if name == "integer" { "number" } else { name })?;
        TYPES.iter().position(|known| *known == name).map(|place| 1 << place)
    };
    match map.get("type")? {
        Json::Array(names) => Some(names.iter().filter_map(one).fold(0, |all, each: u8| all | each)),
        name => one(name),
    }
}

/// A pattern may be short and its automaton as large as it likes.
fn check_pattern(pattern: &str) -> Result<(), String> {
    match RegexBuilder::new(pattern).unicode(false).build() {
        Err(regex::Error::CompiledTooBig(_)) => Err("a pattern repeats too much".to_owned()),
        _ => Ok(()),
    }
}

/// How often a schema is asked about a part, and how many were begun for that.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    times: u64,
    depth: u32,
}

/// The schemas that a part is held to, for the first.
type Asked = HashMap<usize, Weight>;

fn ask(asked: &mut Asked, schema: usize, from: Weight) {
    let weight = asked.entry(schema).or_default();
    weight.times = weight.times.saturating_add(from.times);
    weight.depth = weight.depth.max(from.depth + 1);
}

struct Count<'e> {
    effort: &'e Effort,
    parts: u64,
    left: u64,
    deepest: u32,
}

impl Count<'_> {
    fn visit(&mut self, value: &Json, mut asked: Asked) -> Result<(), &'static str> {
        let kind = bit(value);
        let (mut order, mut marks) = (Vec::new(), HashMap::new());
        for schema in asked.keys() {
            self.order(*schema, kind, 0, (&mut marks, &mut order))?;
        }
        let mut followed = Vec::new();
        for schema in order.into_iter().rev() {
            let (weight, node) = (asked[&schema], &self.effort.nodes[schema]);
            let looks = weight.times.saturating_add(self.elsewhere(node, weight));
            self.left = self.left.checked_sub(looks).ok_or(MUCH)?;
            if weight.depth > DEPTH_MAX {
                return Err(DEEP);
            }
            self.deepest = self.deepest.max(weight.depth);
            if node.takes(kind) {
                for next in &node.same {
                    ask(&mut asked, *next, weight);
                }
                followed.push((node, weight));
            }
        }
        match value {
            Json::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    let schemas =
                        |node: &Node| node.positions.get(place).into_iter().chain(&node.each_item).copied().collect();
                    self.descend(item, &followed, schemas)?;
                }
                Ok(())
            }
            Json::Object(map) => {
                let name = Json::String(String::new());
                for (key, item) in map {
                    let schemas = |node: &Node| {
                        let named = node.properties.get(key).copied().or(node.other_properties);
                        named.into_iter().chain(node.each_property.iter().copied()).collect()
                    };
                    self.descend(item, &followed, schemas)?;
                    self.descend(&name, &followed, |node| node.names.into_iter().collect())?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn descend(
        &mut self,
        part: &Json,
        followed: &[(&Node, Weight)],
        schemas: impl Fn(&Node) -> Vec<usize>,
    ) -> Result<(), &'static str> {
        let mut asked = Asked::new();
        for (node, weight) in followed {
            for schema in schemas(node) {
                ask(&mut asked, schema, *weight);
            }
        }
        if asked.is_empty() { Ok(()) } else { self.visit(part, asked) }
    }

    fn elsewhere(&self, node: &Node, weight: Weight) -> u64 {
        let each = node.elsewhere.saturating_mul(LOOKS_ELSEWHERE).saturating_mul(self.parts);
        each.saturating_mul(weight.times)
    }

    /// Adds a schema behind all those that it asks about the same value.
    fn order(
        &self,
        schema: usize,
        kind: u8,
        depth: u32,
        (done, order): (&mut HashMap<usize, bool>, &mut Vec<usize>),
    ) -> Result<(), &'static str> {
        match done.get(&schema) {
            Some(true) => return Ok(()),
            Some(false) => return Err(CIRCLE),
            None if depth > DEPTH_MAX => return Err(DEEP),
            None => drop(done.insert(schema, false)),
        }
        let node = &self.effort.nodes[schema];
        if node.takes(kind) {
            for next in &node.same {
                self.order(*next, kind, depth + 1, (done, order))?;
            }
        }
        done.insert(schema, true);
        order.push(schema);
        Ok(())
    }
}

impl Node {
    fn takes(&self, kind: u8) -> bool {
        self.types.is_none_or(|types| types & kind != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json_schema::JsonSchema;
    use serde_json::json;

    /// Definitions that each refer to the next one by `by`, in a list so and so often.
    fn chain(length: usize, by: &str, times: usize, last: Json) -> Json {
        let mut definitions = Map::new();
        for number in 0..length {
            let next = json!({"$ref": format!("#/$defs/%61{}", number + 1)});
            let schema = if by == "$ref" { next } else { json!({ (by): vec![next; times] }) };
            definitions.insert(format!("a{number}"), schema);
        }
        definitions.insert(format!("a{length}"), last);
        json!({"$ref": "#/$defs/a0", "$defs": definitions})
    }

    fn nested(depth: usize, innermost: Json) -> Json {
        (0..depth).fold(innermost, |value, _| json!({ "a": value }))
    }

    fn said(schema: &Json, value: &Json) -> Option<String> {
        let schema = JsonSchema::from(schema.clone());
        assert_eq!(schema.objection(), None, "it is a schema");
        schema.mismatch(value)
    }

    #[test]
    fn what_would_take_too_long_is_not_begun() {
        let text = json!({"type": "string"});
        for by in ["allOf", "anyOf", "oneOf"] {
            assert_eq!(said(&chain(40, by, 2, text.clone()), &json!(1)).as_deref(), Some(MUCH), "{by}");
            assert_ne!(said(&chain(10, by, 2, text.clone()), &json!(1)).as_deref(), Some(MUCH), "{by}");
        }
        // Each level is looked at twice by each look at the one above.
        let doubling =
            json!({"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"additionalProperties": {"$ref": "#"}}]});
        assert_eq!(said(&doubling, &nested(60, json!(1))).as_deref(), Some(MUCH));
        assert_eq!(said(&doubling, &nested(8, json!(1))), None);
        let items = json!({"contains": {"$ref": "#"}, "prefixItems": [{"$ref": "#"}]});
        let lists = (0..60).fold(json!(1), |value, _| json!([value]));
        assert_eq!(said(&items, &lists).as_deref(), Some(MUCH));
        let anchored = json!({"$defs": {"x": {"$anchor": "x", "properties": {"a": {"allOf": [{"$ref": "#x"}, {"$ref": "#x"}]}}}}, "$ref": "#x"});
        assert_eq!(said(&anchored, &nested(60, json!(1))).as_deref(), Some(MUCH));
        let dynamic = json!({"$dynamicAnchor": "y", "properties": {"a": {"allOf": [{"$dynamicRef": "#y"}, {"$dynamicRef": "#y"}]}}});
        assert_eq!(said(&dynamic, &nested(60, json!(1))).as_deref(), Some(MUCH));
        for twice in ["in", "./in", "http://x.test/in#", "#", ""] {
            let inner = json!({"$id": "in", "properties": {"a": {"allOf": [{"$ref": twice}, {"$ref": "in"}]}}});
            let addressed =
                json!({"$id": "http://x.test/", "properties": {"a": {"$ref": "in"}}, "$defs": {"i": inner}});
            assert_eq!(said(&addressed, &nested(60, json!(1))).as_deref(), Some(MUCH), "{twice}");
        }
        let named = json!({"properties": {"a": {"allOf": [{"$ref": "schema://field"}, {"$ref": "#"}]}}});
        assert_eq!(said(&named, &nested(60, json!(1))).as_deref(), Some(MUCH));
    }

    #[test]
    fn what_would_go_too_deep_is_not_begun() {
        let object = json!({"type": "object"});
        assert_eq!(said(&chain(1_500, "$ref", 1, object.clone()), &json!({})).as_deref(), Some(DEEP));
        assert_eq!(said(&chain(500, "$ref", 1, object), &json!({})), None, "and that is done on this stack");
        let back = json!({"properties": {"a": {"$ref": "#/$defs/a0"}}});
        assert_eq!(said(&chain(30, "$ref", 1, back), &nested(100, json!(1))).as_deref(), Some(DEEP));
        assert_eq!(
            said(&json!({"allOf": [{"$ref": "#/allOf/1"}, {"not": {"$ref": "#/allOf/0"}}]}), &json!(1)).as_deref(),
            Some(CIRCLE)
        );
    }

    #[test]
    fn what_people_write_is_checked() {
        // Any JSON, and a tree: each part is looked at by what its type lets it be.
        let any = json!({"anyOf": [
            {"type": ["string", "number", "boolean", "null"]}, {"type": "array", "items": {"$ref": "#"}},
            {"type": "object", "additionalProperties": {"$ref": "#"}, "propertyNames": {"maxLength": 5}},
        ]});
        assert_eq!(said(&any, &nested(100, json!([1, "x", null]))), None);
        let tree = json!({"type": "object", "required": ["left"], "properties": {
            "left": {"$ref": "#/$defs/leaf"}, "right": {"$ref": "#/$defs/leaf"}},
            "$defs": {"leaf": {"oneOf": [{"$ref": "#"}, {"type": "integer"}]}}});
        let value = (0..50).fold(json!(1), |value, _| json!({"left": value, "right": 2}));
        assert_eq!(said(&tree, &value), None);
        let forty: Vec<Json> =
            (0..40).map(|n| json!({"properties": {"kind": {"const": n}}, "required": ["kind"]})).collect();
        let many: Vec<Json> = (0..200).map(|n| json!({"kind": n % 40, "x": [1, 2, 3]})).collect();
        assert_eq!(said(&json!({"items": {"oneOf": forty}}), &json!(many)), None);
        let schemas = json!({"$ref": "https://json-schema.org/draft/2020-12/schema"});
        assert_eq!(said(&schemas, &json!({"properties": {"a": {"type": "string"}}})), None);
        assert!(said(&schemas, &json!({"type": 7})).is_some());
        let large: Vec<Json> = (0..50_000).map(|n| json!({"n": n})).collect();
        assert_eq!(said(&json!({"items": {"properties": {"n": {"type": "integer"}}}}), &json!(large)), None);
    }
}
