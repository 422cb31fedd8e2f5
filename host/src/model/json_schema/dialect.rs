//! What a schema may be made of here: JSON Schema without that whose cost cannot be told from the schema.
//!
//! References lead to parts of the schema by their path, so that two readers of it cannot find different things: addresses, anchors
//! and dynamic references are refused, and with them the schemas of schemas. Patterns are linear-time in what they are held to, but
//! neither in their making nor in what they need; so they have a budget, all of a schema together.

use regex::RegexBuilder;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The versions, without what stands before and behind them. Those that are older take `id` for an address.
const VERSIONS: [&str; 4] = [
    "json-schema.org/draft/2020-12/schema",
    "json-schema.org/draft/2019-09/schema",
    "json-schema.org/draft-07/schema",
    "json-schema.org/draft-06/schema",
];
/// What gives a part of a schema an address, or refers to one.
const ADDRESSES: [&str; 6] = ["$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$dynamicRef", "$recursiveRef"];

/// A pattern is read anew for each of its escapes: so many bytes may be read.
const PATTERN_READS: usize = 200_000;
/// Bytes that the automata may take. The first size is tried, then twice as much, to the last.
const AUTOMATA_BYTES: usize = 8 << 20;
const AUTOMATON_BYTES: (usize, usize) = (16 << 10, 4 << 20);

/// What each pattern takes at least: it has room to work in.
const AUTOMATON_ROOM: usize = 80 << 10;

/// Schemas are told apart by the paths to them: objects and what is true or false, so many of them, with so much of paths, so deep.
const SCHEMAS: usize = 4_000;
const PATH_BYTES: usize = 500_000;
const DEPTH: usize = 40;

/// What the automata of patterns take, in bytes.
pub(super) type Automata = HashMap<String, usize>;

/// What a schema may still take.
struct Budget {
    reads: usize,
    bytes: usize,
    schemas: usize,
    paths: usize,
    /// Those that were made to see how large they are.
    automata: Automata,
}

/// The schema as it is compiled, without an address of its own, which nothing in it can refer to; and its patterns.
///
/// # Errors
/// What it is not to have, in words.
pub(super) fn settled(schema: &Json) -> Result<(Json, Automata), String> {
    let mut own = schema.clone();
    if let Some(map) = own.as_object_mut() {
        if let Some(version) = map.get("$schema") {
            let bare = version.as_str().unwrap_or_default().trim_end_matches('#');
            let bare = bare.strip_prefix("https://").or_else(|| bare.strip_prefix("http://")).unwrap_or_default();
            if !VERSIONS.contains(&bare) {
                return Err("its `$schema` is none of the drafts 06, 07, 2019-09 and 2020-12".to_owned());
            }
        }
        map.shift_remove("$id");
    }
    let mut left = Budget {
        reads: PATTERN_READS,
        bytes: AUTOMATA_BYTES,
        schemas: SCHEMAS,
        paths: PATH_BYTES,
        automata: Automata::new(),
    };
    survey(&own, &own, (0, 0), &mut left)?;
    Ok((own, left.automata))
}

/// What a reference leads to.
pub(super) fn target<'s>(whole: &'s Json, reference: &str) -> Option<&'s Json> {
    // Escapes are read by some and not by others.
    let path = reference.strip_prefix('#').filter(|path| !path.contains(['%', '~']))?;
    whole.pointer(path)
}

/// Looks at all that there is, also where no schema is expected: a reference may lead there. A part lies so deep, behind a path of
/// so many bytes.
fn survey(whole: &Json, part: &Json, (depth, path): (usize, usize), left: &mut Budget) -> Result<(), String> {
    if depth > DEPTH {
        return Err(format!("it is nested more than {DEPTH} levels deep"));
    }
    if part.is_object() || part.is_boolean() {
        left.note(path)?;
    }
    match part {
        Json::Array(items) => items.iter().try_for_each(|item| survey(whole, item, (depth + 1, path + 6), left)),
        Json::Object(map) => {
            look(whole, map, left)?;
            // Signs may be written as three others in an address.
            map.iter().try_for_each(|(name, value)| survey(whole, value, (depth + 1, path + 1 + 3 * name.len()), left))
        }
        _ => Ok(()),
    }
}

fn look(whole: &Json, map: &Map<String, Json>, left: &mut Budget) -> Result<(), String> {
    let text = |key: &str| map.get(key).and_then(Json::as_str);
    // As the name of a property it is something else, and has a schema behind it.
    let is_said = |key: &&&str| map.get(**key).is_some_and(|value| value.is_string() || value.is_boolean());
    if let Some(key) = ADDRESSES.iter().find(is_said) {
        return Err(format!("`{key}` is not for schemas here: refer to a part by its path, as in `#/$defs/name`"));
    }
    if let Some(reference) = text("$ref").filter(|reference| target(whole, reference).is_none()) {
        return Err(format!("`{reference}` leads nowhere: refer to a part by its path, as in `#/$defs/name`"));
    }
    if text("format") == Some("regex") {
        return Err("the format `regex` is not checked here".to_owned());
    }
    let keys = map.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(Map::keys);
    keys.map(String::as_str).chain(text("pattern")).try_for_each(|pattern| left.spend(pattern))
}

impl Budget {
    fn note(&mut self, path: usize) -> Result<(), String> {
        self.schemas = self.schemas.checked_sub(1).ok_or("it has too many parts")?;
        self.paths = self.paths.checked_sub(path).ok_or("the paths to its parts are too long")?;
        Ok(())
    }

    fn spend(&mut self, pattern: &str) -> Result<(), String> {
        let escapes = pattern.bytes().filter(|byte| *byte == b'\\').count();
        let reads = pattern.len().saturating_mul(escapes + 1);
        self.reads = self.reads.checked_sub(reads).ok_or("its patterns are too long")?;
        let bytes = match self.automata.get(pattern) {
            Some(known) => *known,
            None => automaton_bytes(pattern)?,
        };
        self.automata.insert(pattern.to_owned(), bytes);
        self.bytes = self.bytes.checked_sub(bytes.max(AUTOMATON_ROOM)).ok_or("its patterns repeat too much")?;
        Ok(())
    }
}

/// What the automaton of a pattern takes, at most twice as much as it does.
///
/// # Errors
/// Why there is none, in words.
fn automaton_bytes(pattern: &str) -> Result<usize, String> {
    let pattern = plain(pattern);
    let mut size = AUTOMATON_BYTES.0;
    loop {
        match RegexBuilder::new(&pattern).size_limit(size).build() {
            Ok(_) => return Ok(size),
            Err(regex::Error::CompiledTooBig(_)) if size < AUTOMATON_BYTES.1 => size *= 2,
            Err(regex::Error::CompiledTooBig(_)) => return Err("a pattern repeats too much".to_owned()),
            Err(error) => return Err(format!("a pattern is none, or has what takes more than linear time: {error}")),
        }
    }
}

/// A pattern as the validator reads it: the classes of letters are those of ASCII.
fn plain(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    while let Some(sign) = rest.next() {
        let escaped = if sign == '\\' { rest.next() } else { None };
        match (sign, escaped) {
            (_, Some('d')) => out.push_str("[0-9]"),
            (_, Some('D')) => out.push_str("[^0-9]"),
            (_, Some('w')) => out.push_str("[A-Za-z0-9_]"),
            (_, Some('W')) => out.push_str("[^A-Za-z0-9_]"),
            (_, Some('s')) => out.push_str("[ \t\n\r\u{b}\u{c}\u{a0}\u{feff}\u{2003}\u{2029}]"),
            (_, Some('S')) => out.push_str("[^ \t\n\r\u{b}\u{c}\u{a0}\u{feff}\u{2003}\u{2029}]"),
            (sign, escaped) => out.extend(std::iter::once(sign).chain(escaped)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn objection(schema: &Json) -> Option<String> {
        settled(schema).err()
    }

    #[test]
    fn references_are_paths_within_the_schema() {
        let defs = json!({"a b": {"items": {"$ref": "#"}}, "list": [true, {"$ref": "#/$defs/a b"}]});
        for reference in ["#", "#/$defs/a b", "#/$defs/list/1", "#/$defs"] {
            assert_eq!(
                objection(&json!({"$id": "http://x.test/s", "$ref": reference, "$defs": defs})),
                None,
                "{reference}"
            );
        }
        for reference in [
            "",
            "?q",
            "other",
            "http://x.test/s",
            "schema://field",
            "#/$defs/list/01",
            "#/$defs/list/+1",
            "#/$defs/a%20b",
            "#/$defs/no",
            "#a",
            "#/$defs/a~0",
            "https://json-schema.org/draft/2020-12/schema",
            " #",
        ] {
            let schema = json!({"$id": "http://x.test/s", "$ref": reference, "$defs": defs});
            assert!(objection(&schema).unwrap().contains("leads nowhere"), "{reference}");
        }
        for (key, value) in [
            ("$id", json!("in")),
            ("$anchor", json!("x")),
            ("$dynamicAnchor", json!("x")),
            ("$dynamicRef", json!("#x")),
            ("$recursiveRef", json!("#")),
            ("$recursiveAnchor", json!(true)),
        ] {
            let schema = json!({"properties": {"a": {(key): value.clone()}}});
            assert!(objection(&schema).unwrap().contains(key), "{key}");
            assert_eq!(objection(&json!({"properties": {(key): {"type": "string"}}})), None, "the name of a property");
        }
        assert_eq!(objection(&json!({"examples": [{"id": "x"}], "properties": {"$ref": {"type": "string"}}})), None);
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
    fn patterns_have_a_budget() {
        for pattern in [r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$", r"^\d{4}-\d\d-\d\d$", r"^\p{L}[\p{L}\p{N} '-]{0,30}$"] {
            let schema =
                json!({"properties": {"a": {"pattern": pattern}, "b": {"patternProperties": {pattern: true}}}});
            assert_eq!(objection(&schema), None, "{pattern}");
        }
        let many: Vec<Json> = (0..200).map(|n| json!({"pattern": format!(r"\p{{L}}{{6}}{n}")})).collect();
        for (patterns, words) in [
            (vec![json!({"pattern": r"\d".repeat(2_000)})], "too long"),
            (vec![json!({"pattern": ".{20000}"})], "repeats too much"),
            (vec![json!({"patternProperties": {r"(\p{L}{99}){99}": true}})], "repeats too much"),
            (vec![json!({"pattern": "("})], "is none"),
            (many, "repeat too much"),
            (vec![json!({"pattern": "(.{99 }){50 }"}); 200], "repeat"),
            (vec![json!({}); 5_000], "too many parts"),
            (vec![json!({"properties": {"k".repeat(2_000): {"allOf": vec![true; 500]}}})], "paths"),
            (vec![(0..60).fold(json!({}), |inner, _| json!({"not": inner}))], "levels deep"),
            (vec![json!({"format": "regex"})], "regex"),
        ] {
            assert!(objection(&json!({"allOf": patterns})).unwrap().contains(words), "{words}");
        }
    }
}
