//! What a part of a schema asks about a value: the parts that it holds the value to, those that it holds to what is in the value, and
//! how heavy a look of it is.

use crate::model::json_schema::dialect::Parts;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What takes about as long as a look: so many bytes that are read, and members that are gone through or compared.
pub(super) const BYTES_PER_LOOK: u64 = 32;
pub(super) const MEMBERS_PER_LOOK: u64 = 16;
/// What a member takes, in members: one that is looked up by its name or place, and one that may turn out to be looked at by nobody, of
/// which a list is kept.
const SOUGHT: u64 = 4;
const UNEVALUATED: u64 = 8;
/// What a mistake takes, in members: it is kept.
const MISTAKE: u64 = MEMBERS_PER_LOOK;
/// What a byte takes, in bytes, in formats that make other texts of it.
const FORMATS: [(&str, u64); 5] =
    [("idn-hostname", 256), ("idn-email", 512), ("iri", 64), ("iri-reference", 64), ("uri-template", 64)];
/// What it takes in others, and in the name of a member: it is part of what is said of a mistake.
const SAID: u64 = 4;
/// Keywords that find mistakes of their own, each for itself, and in what.
const MISTAKES: [(u8, &[&str]); 5] = [
    (NUMBER, &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    (STRING, &["minLength", "maxLength", "pattern", "format"]),
    (ARRAY, &["minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "additionalItems"]),
    (OBJECT, &["minProperties", "maxProperties", "required"]),
    // That of a reference stands around those of what it leads to, that of a list behind those in it.
    (u8::MAX, &["$ref", "allOf", "anyOf", "oneOf"]),
];
/// What stands for null in the validator's hash.
const NULL_HASHED: u64 = 3_221_225_473;
/// So few items are compared each with each, of more each value in them is hashed, which takes so many members.
const FEW: usize = 20;
const HASHED: u64 = 8;

/// Keywords whose schemas are about the same value.
const SAME: [&str; 4] = ["not", "if", "then", "else"];
const SAME_LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
const SAME_MAPS: [&str; 2] = ["dependentSchemas", "dependencies"];
/// Those that are about each item of it.
const ITEMS: [&str; 4] = ["items", "contains", "additionalItems", "unevaluatedItems"];
/// Those that count the signs of a text, or compare it.
const READING: [&str; 4] = ["minLength", "maxLength", "enum", "const"];
/// Those that go through what they list, and those that go through all that is in a value.
const LISTING: [&str; 2] = ["enum", "const"];
const COMPARING: [&str; 3] = ["enum", "const", "uniqueItems"];
const DEPENDING: [&str; 2] = ["dependencies", "dependentRequired"];
/// The types, whose bits are in this order.
const TYPES: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];
const NUMBER: u8 = 1 << 2;
const STRING: u8 = 1 << 3;
const ARRAY: u8 = 1 << 4;
const OBJECT: u8 = 1 << 5;

/// What a part asks; others are named by their numbers.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// A bit for each of [`TYPES`]; what is of another one is done with at once.
    types: Option<u8>,
    pub(super) same: Vec<usize>,
    pub(super) properties: HashMap<String, usize>,
    pub(super) other_properties: Option<usize>,
    pub(super) each_property: Vec<usize>,
    pub(super) names: Option<usize>,
    /// By their place, those of the two lists that there may be.
    pub(super) positions: [Vec<usize>; 2],
    pub(super) each_item: Vec<usize>,
    /// Values that it lists, what it seeks in objects, and mistakes that it may tell apart in a value of each of [`TYPES`].
    listed: u64,
    sought: u64,
    mistakes: [u64; TYPES.len()],
    /// How much heavier than a look at a byte what it does with a text is, and what it does with each name in an object.
    reading: u64,
    patterns: u64,
    /// What it takes to go to a member, in members.
    member: u64,
    pub(super) compares: bool,
    pub(super) is_unique: bool,
}

impl Node {
    /// Of a part of a schema.
    pub(super) fn of(part: &Json, parts: &Parts<'_>) -> Self {
        // Also one that is only true or false keeps a list of what nobody has looked at.
        let member = if parts.is_unevaluated { UNEVALUATED } else { 0 };
        let mut node = Self { member, ..Self::default() };
        let Some(map) = part.as_object() else { return node };
        let number = |schema: &Json| parts.number(schema);
        let one = |key: &str| number(map.get(key)?);
        // Where there is a reference, some versions read nothing else.
        node.types = if map.contains_key("$ref") { None } else { types(map) };
        node.same.extend(map.get("$ref").and_then(Json::as_str).and_then(|reference| parts.target(reference)));
        node.same.extend(SAME.iter().filter_map(|key| one(key)));
        node.same.extend(SAME_LISTS.iter().flat_map(|key| list(map, key)).filter_map(number));
        node.same.extend(SAME_MAPS.iter().flat_map(|key| named(map, key)).filter_map(|(_, schema)| number(schema)));
        // One that says nothing still keeps the property from being another one.
        node.properties =
            named(map, "properties").filter_map(|(name, schema)| Some((name.clone(), number(schema)?))).collect();
        node.other_properties = one("additionalProperties");
        node.each_property.extend(named(map, "patternProperties").filter_map(|(_, schema)| number(schema)));
        node.each_property.extend(one("unevaluatedProperties"));
        node.names = one("propertyNames");
        node.positions = ["prefixItems", "items"].map(|key| list(map, key).filter_map(number).collect());
        node.each_item.extend(ITEMS.iter().filter_map(|key| one(key)));
        node.weigh(map, parts);
        node
    }

    fn weigh(&mut self, map: &Map<String, Json>, parts: &Parts<'_>) {
        let depending = || DEPENDING.iter().flat_map(|key| named(map, key));
        // Each name is sought in each object, and what it brings with it.
        let sought = || ["dependentSchemas"].iter().chain(&DEPENDING).flat_map(|key| named(map, key));
        let brought = |what: &Json| if what.is_array() { weight_of(what) } else { 0 };
        let names: u64 = sought().map(|(name, what)| weight_of_text(name) + brought(what)).sum();
        let listed = |keys: &[&str]| keys.iter().filter_map(|key| map.get(*key)).map(weight_of).sum::<u64>();
        self.listed = listed(&LISTING);
        self.sought = names + listed(&["required"]) + depending().count() as u64 * MISTAKE;
        for (place, all) in self.mistakes.iter_mut().enumerate() {
            let told = MISTAKES.iter().filter(|(types, _)| types >> place & 1 == 1).flat_map(|(_, keys)| *keys);
            // A format is but a note since 2019-09.
            let is_told = |key: &str| map.contains_key(key) && (key != "format" || parts.version < 2019);
            *all = told.filter(|key| is_told(key)).count() as u64 * MISTAKE;
        }
        let pattern = map.get("pattern").and_then(Json::as_str).map_or(0, |pattern| parts.patterns.weight(pattern));
        let format = map
            .get("format")
            .and_then(Json::as_str)
            .filter(|_| parts.version < 2019)
            .map_or(0, |name| FORMATS.iter().find(|(known, _)| *known == name).map_or(SAID, |(_, weight)| *weight));
        self.reading = pattern + format + u64::from(READING.iter().any(|key| map.contains_key(*key)));
        self.patterns = named(map, "patternProperties").map(|(pattern, _)| parts.patterns.weight(pattern)).sum();
        self.compares = COMPARING.iter().any(|key| map.contains_key(*key));
        self.is_unique = map.get("uniqueItems") == Some(&Json::Bool(true));
        self.member = self.member.max(SOUGHT);
    }

    pub(super) fn takes(&self, kind: u8) -> bool {
        self.types.is_none_or(|types| types & kind != 0)
    }

    /// Whether it has schemas about what is in a value of a type.
    pub(super) fn goes_into(&self, kind: u8) -> bool {
        match kind {
            ARRAY => !self.each_item.is_empty() || self.positions.iter().any(|list| !list.is_empty()),
            OBJECT => {
                let each = !self.each_property.is_empty() || self.other_properties.is_some();
                each || self.names.is_some() || !self.properties.is_empty()
            }
            _ => false,
        }
    }

    /// What one look at a value takes beside the look, in looks at the smallest.
    pub(super) fn look(&self, value: &Json, measure: &Measure) -> u64 {
        let (mut members, read) = match value {
            Json::Array(items) => (items.len() as u64 * self.member, 0),
            Json::Object(map) => (
                map.len() as u64 * self.member,
                measure.names.saturating_mul(SAID + self.patterns + u64::from(self.names.is_some())),
            ),
            Json::String(text) => (0, (text.len() as u64 + 1).saturating_mul(self.reading)),
            _ => (0, 0),
        };
        let crowd = if self.is_unique { measure.crowd.max(1) } else { 1 };
        members += if self.is_unique { measure.hashed * HASHED } else { 0 };
        let sought = if value.is_object() { self.sought } else { 0 };
        let mistakes = self.mistakes[bit(value).trailing_zeros() as usize];
        let (compared, compared_bytes) = if self.compares {
            (measure.parts.saturating_mul(crowd), measure.bytes.saturating_mul(crowd))
        } else {
            (0, 0)
        };
        let gone_through = members.saturating_add(compared).saturating_add(self.listed + sought + mistakes);
        gone_through / MEMBERS_PER_LOOK + read.saturating_add(compared_bytes) / BYTES_PER_LOOK
    }
}

/// What is to be known of a value to say how heavy a look at it is.
#[derive(Debug, Default)]
pub(super) struct Measure {
    /// Bytes of the names in an object, and one more for each: to begin takes time, too.
    names: u64,
    /// All values in it, and the bytes of all texts and names, if somebody compares it.
    parts: u64,
    bytes: u64,
    /// Items that may have to be compared with one, and values that are hashed for that, if somebody asks whether they differ.
    crowd: u64,
    hashed: u64,
}

impl Measure {
    /// Of a value that may be compared with others, and its items with each other.
    pub(super) fn of(value: &Json, compares: bool, is_unique: bool) -> Self {
        let names = value.as_object().map_or(0, |map| map.keys().map(|name| name.len() as u64 + 1).sum());
        if !compares {
            return Self { names, ..Self::default() };
        }
        let parts = parts(value);
        let items = value.as_array().filter(|_| is_unique).map(Vec::as_slice).unwrap_or_default();
        let hashed = if items.len() > FEW { parts } else { 0 };
        Self { names, parts, bytes: bytes(value), crowd: crowd(items), hashed }
    }
}

/// How many items one may have to be compared with, to find that they differ: few are compared each with each, of many those that the
/// validator's hash does not tell apart. It hashes what is in a list as if it were not in one, and what is `false` as 0.
fn crowd(items: &[Json]) -> u64 {
    if items.len() <= FEW {
        return items.len() as u64;
    }
    let hashed = |item| {
        let mut hasher = DefaultHasher::new();
        hash(item, &mut hasher);
        hasher.finish()
    };
    let mut hashes: Vec<u64> = items.iter().map(hashed).collect();
    hashes.sort_unstable();
    hashes.chunk_by(u64::eq).map(<[u64]>::len).max().unwrap_or_default() as u64
}

/// Tells apart no more than the validator's hash does.
fn hash(value: &Json, hasher: &mut DefaultHasher) {
    match value {
        Json::Null => hasher.write_u64(NULL_HASHED),
        Json::Bool(is) => hasher.write_u64(u64::from(*is)),
        Json::Number(number) => hasher.write_u64(number.as_f64().unwrap_or_default().to_bits()),
        Json::String(text) => text.hash(hasher),
        Json::Array(items) => items.iter().for_each(|item| hash(item, hasher)),
        Json::Object(map) => {
            let members = map.iter().fold(0, |all, (name, value)| {
                let mut own = DefaultHasher::new();
                name.hash(&mut own);
                hash(value, &mut own);
                all ^ own.finish()
            });
            hasher.write_u64(members);
        }
    }
}

/// How many values there are in one.
pub(super) fn parts(value: &Json) -> u64 {
    match value {
        Json::Array(items) => 1 + items.iter().map(parts).sum::<u64>(),
        Json::Object(map) => 1 + map.values().map(parts).sum::<u64>(),
        _ => 1,
    }
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

/// What it takes to go through a list of the schema's, in members.
fn weight_of(listed: &Json) -> u64 {
    parts(listed) + bytes(listed) * MEMBERS_PER_LOOK / BYTES_PER_LOOK
}

fn weight_of_text(text: &str) -> u64 {
    1 + text.len() as u64 * MEMBERS_PER_LOOK / BYTES_PER_LOOK
}

fn list<'m>(map: &'m Map<String, Json>, key: &str) -> impl Iterator<Item = &'m Json> {
    map.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn named<'m>(map: &'m Map<String, Json>, key: &str) -> impl Iterator<Item = (&'m String, &'m Json)> {
    map.get(key).and_then(Json::as_object).into_iter().flatten()
}

/// The bit of a value's type.
pub(super) fn bit(value: &Json) -> u8 {
    1 << match value {
        Json::Null => 0,
        Json::Bool(_) => 1,
        Json::Number(_) => 2,
        Json::String(_) => 3,
        Json::Array(_) => return ARRAY,
        Json::Object(_) => return OBJECT,
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
