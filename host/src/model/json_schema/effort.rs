//! What it takes to hold a value to a schema, counted before it is done.
//!
//! A schema of some hundred bytes can make a validator look at one part of a value any number of times (each of a chain of
//! definitions refers twice to the next), and as deep as it likes, which would be the end of the stack. So the same ways are gone here
//! first, each once, with how often the validator goes them; where that is beyond the limits nothing is checked. What is counted is an
//! upper bound: of what could be left out, only what a `type` leaves out is. It rests on knowing where each reference leads, which
//! [`dialect`](super::dialect) sees to.

use super::dialect::{Automata, target};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// How often a validator may look at parts of a value: so often, and so much more for each part of it. A look that finds something
/// wrong keeps a quarter of a KiB until all is done.
const LOOKS: u64 = 500_000;
const LOOKS_PER_PART: u64 = 1;

/// What takes about as long as a look: so many bytes that are read, and members that are gone through or compared.
const BYTES_PER_LOOK: u64 = 32;
const MEMBERS_PER_LOOK: u64 = 16;

/// Schemas that may be begun and not done; at each look those about the same value are gone through.
const DEPTH_MAX: u32 = 600;
const DEPTH_PER_LOOK: u32 = 64;
/// A mistake is kept with the way to it.
const LEVELS_PER_LOOK: u64 = 8;

const MUCH: &str = "the schema looks at its parts too often for it to be checked";
const DEEP: &str = "the schema goes too deep for it to be checked";
const CIRCLE: &str = "the schema refers to itself without end";

/// Keywords whose schemas are about the same value.
const SAME: [&str; 4] = ["not", "if", "then", "else"];
const SAME_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const SAME_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Those that are about each item of it.
const ITEMS: [&str; 4] = ["items", "contains", "additionalItems", "unevaluatedItems"];
/// Those that read a text to its end.
const READING: [&str; 6] = ["pattern", "format", "minLength", "maxLength", "enum", "const"];
/// Those that go through what they list, and those that go through all that is in a value.
const LISTING: [&str; 4] = ["enum", "const", "required", "dependentRequired"];
const COMPARING: [&str; 3] = ["enum", "const", "uniqueItems"];
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
    /// By their place, those of the two lists that there may be.
    positions: [Vec<usize>; 2],
    each_item: Vec<usize>,
    /// Values that it lists.
    listed: u64,
    /// How much heavier than a look at a byte its pattern is, and those that each name in an object is held to.
    pattern: u64,
    patterns: u64,
    reads: bool,
    compares: bool,
    is_unique: bool,
}

impl Effort {
    /// Of a schema that keeps to the dialect.
    pub(super) fn of(schema: &Json, automata: &Automata) -> Self {
        let mut map = Atlas { whole: schema, automata, places: HashMap::new(), queue: Vec::new(), nodes: Vec::new() };
        map.place(schema);
        while let Some(next) = map.queue.pop() {
            let node = map.node(next);
            let index = map.places[&std::ptr::from_ref(next)];
            map.nodes[index] = node;
        }
        Self { nodes: map.nodes }
    }

    /// How many schemas will have been begun and not be done when a value is held to the schema.
    ///
    /// # Errors
    /// Why it is not, in words.
    pub(super) fn depth(&self, value: &Json) -> Result<u32, &'static str> {
        let left = LOOKS.saturating_add(parts(value).saturating_mul(LOOKS_PER_PART));
        let mut count = Count { effort: self, left, deepest: 0, level: 0 };
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

/// What it takes to go through a list of the schema's.
fn weight_of(listed: &Json) -> u64 {
    parts(listed) + bytes(listed) / BYTES_PER_LOOK
}

/// Bytes of all texts and names in a value.
fn bytes(value: &Json) -> u64 {
    match value {
        Json::String(text) => text.len() as u64,
        Json::Array(items) => items.iter().map(bytes).sum(),
        Json::Object(map) => map.iter().map(|(name, value)| name.len() as u64 + bytes(value)).sum(),
        _ => 0,
    }
}

/// How many names a list has.
fn names(list: &Json) -> u64 {
    list.as_array().map_or(0, |names| names.len() as u64)
}

fn is_list(value: &Json) -> bool {
    match value {
        Json::Array(_) => true,
        Json::Object(map) => map.values().any(is_list),
        _ => false,
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
struct Atlas<'s> {
    whole: &'s Json,
    automata: &'s Automata,
    places: HashMap<*const Json, usize>,
    queue: Vec<&'s Json>,
    nodes: Vec<Node>,
}

impl<'s> Atlas<'s> {
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
        schema.filter(|schema| schema.is_object() || schema.is_boolean()).map(|schema| self.place(schema))
    }

    /// How much heavier than a byte a pattern is for each byte that it reads, at the worst.
    fn automaton(&self, pattern: &str) -> u64 {
        self.automata.get(pattern).map_or(1, |bytes| (*bytes as u64 >> 10).max(1))
    }

    fn node(&mut self, schema: &'s Json) -> Node {
        let mut node = Node::default();
        let Some(map) = schema.as_object() else { return node };
        // Where there is a reference, some versions read nothing else.
        node.types = if map.contains_key("$ref") { None } else { types(map) };
        let referred = map.get("$ref").and_then(Json::as_str).and_then(|reference| target(self.whole, reference));
        node.same.extend(referred.map(|schema| self.place(schema)));
        node.same.extend(SAME.iter().filter_map(|key| self.place_if(map.get(*key))));
        let lists = SAME_LISTS.iter().filter_map(|key| map.get(*key)?.as_array()).flatten();
        let maps = SAME_MAPS.iter().filter_map(|key| map.get(*key)?.as_object()).flat_map(Map::values);
        node.same.extend(lists.chain(maps).filter_map(|schema| self.place_if(Some(schema))));
        self.note_members(map, &mut node);
        let depending = SAME_MAPS.iter().filter_map(|key| map.get(*key)?.as_object());
        let depending: u64 = depending.map(|all| all.len() as u64 + all.values().map(names).sum::<u64>()).sum();
        node.listed = LISTING.iter().filter_map(|key| map.get(*key)).map(weight_of).sum::<u64>() + depending;
        node.pattern = map.get("pattern").and_then(Json::as_str).map_or(0, |pattern| self.automaton(pattern));
        node.is_unique = map.get("uniqueItems") == Some(&Json::Bool(true));
        node.reads = READING.iter().any(|key| map.contains_key(*key));
        node.compares = COMPARING.iter().any(|key| map.contains_key(*key));
        node
    }

    /// The schemas about what is in a value.
    fn note_members(&mut self, map: &'s Map<String, Json>, node: &mut Node) {
        for (name, schema) in map.get("properties").and_then(Json::as_object).into_iter().flatten() {
            // One that says nothing still keeps the property from being another one.
            node.properties.insert(name.clone(), self.place(schema));
        }
        node.other_properties = self.place_if(map.get("additionalProperties"));
        let patterns = map.get("patternProperties").and_then(Json::as_object);
        node.patterns = patterns.into_iter().flat_map(Map::keys).map(|pattern| self.automaton(pattern)).sum();
        let each = patterns.into_iter().flat_map(Map::values).chain(map.get("unevaluatedProperties"));
        node.each_property.extend(each.filter_map(|schema| self.place_if(Some(schema))));
        node.names = self.place_if(map.get("propertyNames"));
        for (places, key) in node.positions.iter_mut().zip(["prefixItems", "items"]) {
            let list = map.get(key).and_then(Json::as_array).into_iter().flatten();
            places.extend(list.map(|schema| self.place(schema)));
        }
        node.each_item.extend(ITEMS.iter().filter_map(|key| self.place_if(map.get(*key))));
    }
}

/// `None` where any will do, or what is named is no type.
fn types(map: &Map<String, Json>) -> Option<u8> {
    let one = |name: &Json| {
        let name = name.as_str().map(|name| if name == "integer" { "number" } else { name })?;
        TYPES.iter().position(|known| *known == name).map(|place| 1 << place)
    };
    match map.get("type")? {
        Json::Array(names) => {
            Some(names.iter().filter_map(one).fold(0, |all, each: u8| all | each)).filter(|all| *all != 0)
        }
        name => one(name),
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
    left: u64,
    deepest: u32,
    /// How deep in the value.
    level: u64,
}

impl Count<'_> {
    fn visit(&mut self, value: &Json, mut asked: Asked) -> Result<(), &'static str> {
        let kind = bit(value);
        let (mut order, mut marks) = (Vec::new(), HashMap::new());
        for schema in asked.keys() {
            self.order(*schema, kind, 0, (&mut marks, &mut order))?;
        }
        let mut followed = Vec::new();
        let size = if order.iter().any(|schema| self.effort.nodes[*schema].compares) { parts(value) } else { 0 };
        let own = match value {
            Json::String(text) => text.len() as u64,
            Json::Object(map) => map.keys().map(|name| name.len() as u64).sum(),
            _ => 0,
        };
        for schema in order.into_iter().rev() {
            let (weight, node) = (asked[&schema], &self.effort.nodes[schema]);
            let look = node.look(value, (size, own), weight).saturating_add(self.level / LEVELS_PER_LOOK);
            self.left = self.left.checked_sub(weight.times.saturating_mul(look)).ok_or(MUCH)?;
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
                    let schemas = |node: &Node| {
                        let placed = node.positions.iter().filter_map(|list| list.get(place));
                        placed.chain(&node.each_item).copied().collect()
                    };
                    self.descend(item, &followed, schemas)?;
                }
                Ok(())
            }
            Json::Object(map) => {
                for (key, item) in map {
                    let name = Json::String(key.clone());
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
        if asked.is_empty() {
            return Ok(());
        }
        self.level += 1;
        let visited = self.visit(part, asked);
        self.level -= 1;
        visited
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
    /// What one look at a value takes, in looks at the smallest: a value of so many parts, if that matters, and bytes of its own.
    fn look(&self, value: &Json, (size, own): (u64, u64), weight: Weight) -> u64 {
        let members = match value {
            // What has the same leaves in other lists is compared each with each.
            Json::Array(items) if self.is_unique && items.iter().any(is_list) => {
                size.saturating_mul(items.len() as u64)
            }
            Json::Array(_) | Json::Object(_) if self.compares => size,
            Json::Array(items) => items.len() as u64,
            Json::Object(map) => map.len() as u64,
            _ => 0,
        };
        let reading = match value {
            Json::String(_) if self.reads => self.pattern.max(1),
            Json::Object(_) => 1 + self.patterns + u64::from(self.names.is_some()),
            _ => 0,
        };
        let gone_through = members.saturating_add(self.listed) / MEMBERS_PER_LOOK;
        let read = own.saturating_mul(reading) / BYTES_PER_LOOK;
        1 + u64::from(weight.depth / DEPTH_PER_LOOK) + gone_through.saturating_add(read)
    }

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
            let next = json!({"$ref": format!("#/$defs/a{}", number + 1)});
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
    }

    #[test]
    fn a_look_weighs_what_it_takes() {
        let wide = |last: Json| chain(13, "allOf", 2, last);
        let text = json!("x".repeat(100_000));
        assert_eq!(said(&wide(json!({"not": {"pattern": "(x+x+)+y"}})), &text).as_deref(), Some(MUCH));
        assert_eq!(said(&wide(json!({"type": "string"})), &text), None, "nobody reads it");
        let list = json!(vec![0; 20_000]);
        assert_eq!(said(&wide(json!({"uniqueItems": true})), &list).as_deref(), Some(MUCH));
        assert_eq!(said(&wide(json!({"minProperties": 0})), &json!({"a": 1})), None);
        let names: Map<String, Json> = (0..2_000).map(|n| (format!("a{n}"), json!(1))).collect();
        assert_eq!(said(&wide(json!({"patternProperties": {"^b": false}})), &names.into()).as_deref(), Some(MUCH));
        let long: Vec<u32> = (0..8_000).collect();
        assert_eq!(said(&wide(json!({"enum": long})), &json!(7)).as_deref(), Some(MUCH));
        // Each look that finds a mistake keeps it.
        let mistakes = json!({"items": {"anyOf": vec![json!({"type": "string"}); 28]}});
        assert_eq!(said(&mistakes, &json!(vec![0; 60_000])).as_deref(), Some(MUCH));
        assert!(said(&mistakes, &json!(vec![0; 100])).unwrap().contains("at /0"));
    }

    /// What the validator passes over or reads in another way than one would think.
    #[test]
    fn nothing_is_counted_as_less_than_it_is() {
        let seven = "http://json-schema.org/draft-07/schema#";
        let with = |schema: Json, more: Json| {
            let mut schema = schema;
            schema.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            schema
        };
        let wide = chain(24, "allOf", 2, json!({"type": "string"}));
        // Beside a reference older versions read nothing, so that this type keeps nothing away.
        let beside = with(wide.clone(), json!({"$schema": seven, "type": "null"}));
        assert_eq!(said(&beside, &json!(1)).as_deref(), Some(MUCH));
        let deep = chain(700, "$ref", 1, json!({"type": "string"}));
        assert_eq!(said(&with(deep, json!({"$schema": seven, "type": "null"})), &json!(1)).as_deref(), Some(DEEP));
        let none = json!({"$ref": "#/additionalItems", "additionalItems": {"type": [], "allOf": [{"$ref": "#/$defs/a0"}]}, "$defs": wide["$defs"]});
        assert_eq!(said(&none, &json!(1)).as_deref(), Some(MUCH));
        let shifted = json!({"$schema": seven, "prefixItems": [true, true], "items": [{"$ref": "#/$defs/a0"}], "$defs": wide["$defs"]});
        assert_eq!(said(&shifted, &json!([1])).as_deref(), Some(MUCH));
        let falses = json!({"items": {"anyOf": vec![false; 1_000]}});
        assert_eq!(said(&falses, &json!(vec![0; 3_000])).as_deref(), Some(MUCH));
        let name: Map<String, Json> = [("x".repeat(1_000_000), json!(1))].into_iter().collect();
        let names = json!({"allOf": vec![json!({"propertyNames": false}); 1_000]});
        assert_eq!(said(&names, &name.into()).as_deref(), Some(MUCH));
        let lists: Vec<Json> = (0..5_000).map(|n| json!([[n]])).collect();
        assert_eq!(said(&json!({"uniqueItems": true}), &json!(lists)).as_deref(), Some(MUCH));
        assert_eq!(said(&json!({"uniqueItems": true}), &json!((0..50_000).collect::<Vec<_>>())), None);
        let slow = json!({"pattern": "[01]*1[01]{900}x"});
        assert_eq!(said(&slow, &json!("01".repeat(200_000))).as_deref(), Some(MUCH));
        assert!(said(&slow, &json!("01".repeat(50))).is_some_and(|words| words != MUCH));
    }

    #[test]
    fn what_would_go_too_deep_is_not_begun() {
        let object = json!({"type": "object"});
        assert_eq!(said(&chain(1_500, "$ref", 1, object.clone()), &json!({})).as_deref(), Some(DEEP));
        assert_eq!(said(&chain(500, "$ref", 1, object), &json!({})), None, "with a stack of its own");
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
        // A document of an editor: a node is of one of ten kinds, and has nodes in it.
        let mut kinds: Vec<Json> = (0..10)
            .map(|kind| {
                let content = json!({"type": "array", "items": {"$ref": "#/$defs/node"}});
                let properties = json!({"type": {"const": format!("k{kind}")}, "content": content});
                json!({"type": "object", "required": ["type"], "properties": properties})
            })
            .collect();
        kinds.push(json!({"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "text"}, "text": {"type": "string"}}}));
        let editor = json!({"$ref": "#/$defs/node", "$defs": {"node": {"oneOf": kinds}}});
        let text = json!({"type": "text", "text": "x"});
        let document = (0..3).fold(text, |value, kind| json!({"type": format!("k{kind}"), "content": [value]}));
        assert_eq!(said(&editor, &document), None);
        let large: Vec<Json> = (0..50_000).map(|n| json!({"n": n})).collect();
        assert_eq!(said(&json!({"items": {"properties": {"n": {"type": "integer"}}}}), &json!(large)), None);
    }
}
