//! Schemas and values that try to take more than is counted, and those that people write.

use super::*;
use crate::model::json_schema::JsonSchema;
use serde_json::json;

/// Definitions that each refer to the next one by `by`, in a list so and so often.
fn chain(length: usize, by: &str, times: usize, last: Json) -> Json {
    let mut definitions = Map::new();
    for number in 0..length {
        let next = json!({"$ref": format!("#/definitions/a{}", number + 1)});
        let schema = if by == "$ref" { next } else { json!({ (by): vec![next; times] }) };
        definitions.insert(format!("a{number}"), schema);
    }
    definitions.insert(format!("a{length}"), last);
    json!({"$ref": "#/definitions/a0", "definitions": definitions})
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
    let doubling = json!({"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"additionalProperties": {"$ref": "#"}}]});
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
    let none = json!({"$ref": "#/additionalItems", "additionalItems": {"type": [], "allOf": [{"$ref": "#/definitions/a0"}]}, "definitions": wide["definitions"]});
    assert_eq!(said(&none, &json!(1)).as_deref(), Some(MUCH));
    let shifted = json!({"$schema": seven, "prefixItems": [true, true], "items": [{"$ref": "#/definitions/a0"}], "definitions": wide["definitions"]});
    assert_eq!(said(&shifted, &json!([1])).as_deref(), Some(MUCH));
    let falses = json!({"items": {"anyOf": vec![false; 1_000]}});
    assert_eq!(said(&falses, &json!(vec![0; 3_000])).as_deref(), Some(MUCH));
    let name: Map<String, Json> = [("x".repeat(1_000_000), json!(1))].into_iter().collect();
    let names = json!({"allOf": vec![json!({"propertyNames": false}); 1_000]});
    assert_eq!(said(&names, &name.into()).as_deref(), Some(MUCH));
    // What has one hash is compared each with each, and `false` has that of 0.
    let bits = |n: u32| (0..13).map(move |bit| if n >> bit & 1 == 1 { json!(0) } else { json!(false) });
    let lists: Vec<Json> = (0..5_000).map(|n| bits(n).map(|bit| json!([bit])).collect()).collect();
    let objects: Vec<Json> = (0..5_000)
        .map(|n| bits(n).enumerate().map(|(at, bit)| (at.to_string(), bit)).collect::<Map<_, _>>().into())
        .collect();
    for alike in [lists, objects] {
        assert_eq!(said(&json!({"uniqueItems": true}), &json!(alike)).as_deref(), Some(MUCH));
        assert_eq!(said(&json!({"uniqueItems": true}), &json!(alike[..200])), None);
    }
    let different: Vec<Json> = (0..5_000).map(|n| json!({"id": n, "tags": [n, "a"]})).collect();
    assert_eq!(said(&json!({"uniqueItems": true}), &json!(different)), None);
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
    let back = json!({"properties": {"a": {"$ref": "#/definitions/a0"}}});
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
        "left": {"$ref": "#/definitions/leaf"}, "right": {"$ref": "#/definitions/leaf"}},
        "definitions": {"leaf": {"oneOf": [{"$ref": "#"}, {"type": "integer"}]}}});
    let value = (0..50).fold(json!(1), |value, _| json!({"left": value, "right": 2}));
    assert_eq!(said(&tree, &value), None);
    let forty: Vec<Json> =
        (0..40).map(|n| json!({"properties": {"kind": {"const": n}}, "required": ["kind"]})).collect();
    let many: Vec<Json> = (0..200).map(|n| json!({"kind": n % 40, "x": [1, 2, 3]})).collect();
    assert_eq!(said(&json!({"items": {"oneOf": forty}}), &json!(many)), None);
    // A document of an editor: a node is of one of ten kinds, and has nodes in it.
    let mut kinds: Vec<Json> = (0..10)
        .map(|kind| {
            let content = json!({"type": "array", "items": {"$ref": "#/definitions/node"}});
            let properties = json!({"type": {"const": format!("k{kind}")}, "content": content});
            json!({"type": "object", "required": ["type"], "properties": properties})
        })
        .collect();
    kinds.push(json!({"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "text"}, "text": {"type": "string"}}}));
    let editor = json!({"$ref": "#/definitions/node", "definitions": {"node": {"oneOf": kinds}}});
    let text = json!({"type": "text", "text": "x"});
    let document = (0..3).fold(text, |value, kind| json!({"type": format!("k{kind}"), "content": [value]}));
    assert_eq!(said(&editor, &document), None);
    let large: Vec<Json> = (0..50_000).map(|n| json!({"n": n})).collect();
    assert_eq!(said(&json!({"items": {"properties": {"n": {"type": "integer"}}}}), &json!(large)), None);
}

fn looks(schema: &Json, value: &Json) -> u64 {
    let parts = Parts::of(schema).unwrap();
    Effort::of(&parts).cost(value).unwrap().looks
}

/// What once took longer than it was counted for.
#[test]
fn what_is_heavy_weighs_more() {
    let text = |format: &str, version: &str, bytes: usize| {
        let schema = json!({"$schema": format!("http://json-schema.org/{version}"), "format": format});
        looks(&schema, &json!("x".repeat(bytes)))
    };
    assert!(text("idn-hostname", "draft-07/schema", 1_000) > 50 * text("hostname", "draft-07/schema", 1_000));
    assert_eq!(text("idn-hostname", "draft/2020-12/schema", 1_000), 1, "a note, since 2019-09");
    let keys = json!({"a": {("k".repeat(100_000)): 1}});
    assert!(looks(&json!({"const": {"a": {"x": 1}}}), &keys) > 3_000, "a name that is compared is read");
    let twenty: Vec<String> = (0..20).map(|n| format!("{}{n:02}", "x".repeat(1_000))).collect();
    assert!(looks(&json!({"uniqueItems": true}), &json!(twenty)) > 12_000, "each with each");
    let depending: Map<String, Json> = (0..500).map(|n| (format!("a{n}"), json!(["z"]))).collect();
    let members: Map<String, Json> = (0..500).map(|n| (format!("a{n}"), json!(1))).collect();
    let (plain, with) = (json!({}), json!({"dependentRequired": depending}));
    assert!(looks(&with, &json!(members)) > 500 + looks(&plain, &json!(members)), "a mistake each");
    let unevaluated = json!({"properties": {"b": {}}, "unevaluatedProperties": true});
    assert!(
        looks(&unevaluated, &json!(members)) > looks(&json!({"properties": {"b": {}}, "not": {}}), &json!(members))
    );
    let (list, unevaluated) = (json!(vec![0; 1_000]), json!({"allOf": vec![true; 100], "unevaluatedItems": true}));
    assert!(looks(&unevaluated, &list) > 50_000, "also what is only true keeps a list of what nobody has looked at");
    assert!(looks(&json!({"allOf": vec![true; 100]}), &list) < 1_000);
    let mistaken = json!({"minItems": 5, "maxItems": 0, "uniqueItems": true, "required": ["a"]});
    assert!(looks(&mistaken, &json!([0, 0])) >= 4 && looks(&mistaken, &json!(0)) == 1, "in a list three, and all");
    assert_eq!(looks(&mistaken, &json!({"b": 0})), 2, "in an object one");
    let numbers: Vec<u32> = (0..1_000).collect();
    assert!(looks(&json!({"uniqueItems": true}), &json!(numbers)) > 700, "each is hashed");
    let slow = json!({"pattern": "[01]*1[01]{900}x"});
    assert!(looks(&slow, &json!("01".repeat(500))) > 10_000, "many states");
    assert!(looks(&json!({"pattern": "^[01]+$"}), &json!("01".repeat(500))) < 100, "few states");
    let list = json!(vec![0; 400_000]);
    assert_eq!(said(&json!({"items": {"type": "string"}}), &list).as_deref(), Some(MUCH), "each mistake is kept");
}

/// A search takes time before it reads anything, and a name is sought in each object.
#[test]
fn what_is_short_is_counted_as_often_as_it_is_there() {
    let start = json!({"pattern": "(?:a?){12000}(?:c{75000})?"});
    let names: Map<String, Json> = [(String::new(), json!(1))].into_iter().collect();
    for (schema, item) in [
        (json!({"items": start}), json!("")),
        (json!({"items": {"patternProperties": {"(?:a?){12000}(?:c{75000})?": {}}}}), json!(names)),
    ] {
        assert_eq!(said(&schema, &json!(vec![item; 150_000])).as_deref(), Some(MUCH));
    }
    assert_eq!(said(&json!({"items": {"pattern": "^[a-z]*$"}}), &json!(vec![""; 150_000])), None);
    let long = "n".repeat(6_000);
    for schema in [
        json!({"dependentRequired": {(long.clone()): []}}),
        json!({"dependentRequired": {"a": [long]}}),
        json!({"dependentSchemas": {(long.clone()): {}}}),
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {(long.clone()): ["a"]}}),
        json!({"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {(long.clone()): {}}}),
    ] {
        assert!(looks(&schema, &json!({})) > 180, "{}", looks(&schema, &json!({})));
        assert_eq!(said(&json!({"items": schema}), &json!(vec![json!({}); 1])), None);
    }
}

#[test]
fn patterns_that_people_write_are_read() {
    let names: Vec<String> = (0..500).map(|n| format!("Žofie Nováková {n}")).collect();
    let named = json!({"items": {"pattern": r"^\p{L}[\p{L}\p{N} '-]{0,30}$"}});
    assert_eq!(said(&named, &json!(names)), None);
    let after = json!({"properties": {"a": {"pattern": "[01]*1[01]{900}x"}, "b": {"items": {"pattern": "^[a-z]+$"}}}});
    assert_eq!(said(&after, &json!({"b": vec!["abcdefgh"; 50_000]})), None);
    for attack in ["y[01]{900}1[01]*x$", "(?:y[01]{20}1[01]*|(?:[a-f]?){200}q)x$"] {
        let text = format!("y{}x", "01".repeat(100_000));
        assert_eq!(said(&json!({"pattern": attack}), &json!(text)).as_deref(), Some(MUCH), "{attack}");
    }
}
