//! Options of fields that PocketBase does not know: `default`, `unique`, `nullable`; and the kind `array`.
//! And that every kind has all that a kind must have.

use crate::support::people::Reply;
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::path::Path;
use tinybase::model::{Field, FieldKind};

fn code<'a>(reply: &'a Reply, field: &str) -> &'a str {
    reply.json["data"][field]["code"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_is_what_a_create_does_not_give() {
    let app = TestApp::new().await;
    let fields = json!([
        {"name": "state", "type": "select", "values": ["draft", "live"], "default": "draft", "required": true},
        {"name": "due", "type": "date", "default": "@now"},
        {"name": "key", "type": "text", "default": "@uuid", "min": 36, "max": 36},
        {"name": "by", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1, "default": "@request.auth.id"},
        {"name": "stars", "type": "number", "default": 3},
        {"name": "labels", "type": "array", "default": ["new"]},
    ]);
    let mut notes = open("notes", fields);
    // The rule sees what will be stored.
    notes["createRule"] = json!("state = 'draft' && stars = 3 || @request.body.stars = 0");
    app.collection(notes).await;
    let user = app.user("ann@example.com").await;
    let made = user.create("notes", json!({})).await;
    assert_eq!(made.status, 200, "{made}");
    assert_eq!(
        (&made.json["state"], &made.json["stars"], &made.json["labels"]),
        (&json!("draft"), &json!(3), &json!(["new"]))
    );
    assert_eq!((&made.json["due"], &made.json["by"]), (&json!("2026-01-02 03:04:05.678Z"), &json!(user.id)));
    let given = app.anon().create("notes", json!({"stars": 0, "labels": [], "due": ""})).await;
    assert_eq!((&given.json["stars"], &given.json["labels"], &given.json["due"]), (&json!(0), &json!([]), &json!("")));
    assert_ne!(given.json["key"], made.json["key"]);
    // A superuser is no record of `users`.
    assert_eq!(app.superuser().create("notes", json!({})).await.json["by"], "");
    let id = made.json["id"].as_str().expect("an id");
    let changed = user.update("notes", id, json!({"stars": 0})).await;
    assert_eq!((&changed.json["stars"], &changed.json["state"]), (&json!(0), &json!("draft")));
}

#[tokio::test(flavor = "multi_thread")]
async fn additions_are_checked_where_they_are_defined() {
    let app = TestApp::new().await;
    let bad = json!([
        {"name": "a", "type": "number", "default": "three"},
        {"name": "b", "type": "bool", "unique": true},
        {"name": "c", "type": "file", "nullable": true},
        {"name": "d", "type": "text", "unique": "yes"},
    ]);
    let wrong = app.superuser().post("/api/collections", open("bad", bad.clone())).await;
    assert_eq!(wrong.json["data"]["fields"]["4"]["unique"]["code"], "validation_invalid_value", "{wrong}");
    let mut bad = bad;
    bad.as_array_mut().expect("a list").pop();
    let wrong = app.superuser().post("/api/collections", open("bad", bad)).await;
    let fields = &wrong.json["data"]["fields"];
    assert_eq!(fields["1"]["default"]["code"], "validation_invalid_value", "{wrong}");
    assert_eq!(fields["2"]["unique"]["code"], "validation_empty", "{wrong}");
    assert_eq!(fields["3"]["nullable"]["code"], "validation_empty", "{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_field_owns_its_index() {
    let app = TestApp::new().await;
    let made = app.collection(open("things", json!([{"name": "slug", "type": "text", "unique": true}]))).await;
    assert_eq!(made["indexes"].as_array().map(Vec::len), Some(1), "{made}");
    app.anon().created("things", json!({"slug": "same"})).await;
    let again = app.anon().create("things", json!({"slug": "same"})).await;
    assert_eq!((again.status, code(&again, "slug")), (400, "validation_not_unique"), "{again}");
    // Many may have none.
    app.anon().created("things", json!({})).await;
    app.anon().created("things", json!({})).await;

    // It follows the field and cannot be left out.
    let mut fields = made["fields"].clone();
    fields[1]["name"] = json!("key");
    let renamed = app.superuser().patch("/api/collections/things", json!({"fields": fields, "indexes": []})).await;
    assert!(renamed.json["indexes"][0].as_str().is_some_and(|index| index.contains("(`key`)")), "{renamed}");
    assert_eq!(code(&app.anon().create("things", json!({"key": "same"})).await, "key"), "validation_not_unique");

    fields[1].as_object_mut().expect("a field").remove("unique");
    let dropped = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
    assert_eq!(dropped.json["indexes"], json!([]), "{dropped}");
    app.anon().created("things", json!({"key": "same"})).await;
    // Now the data forbids it, and nothing changes.
    fields[1]["unique"] = json!(true);
    let refused = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(refused.json["data"]["fields"]["1"]["unique"]["code"], "validation_not_unique", "{refused}");
    assert_eq!(app.superuser().get("/api/collections/things").await.json["indexes"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn null_is_a_value_where_it_is_asked_for() {
    let app = TestApp::new().await;
    let fields = json!([
        {"name": "n", "type": "number", "nullable": true},
        {"name": "t", "type": "text", "nullable": true},
        {"name": "d", "type": "date", "nullable": true},
        {"name": "b", "type": "bool", "nullable": true},
    ]);
    let made = app.collection(open("maybe", fields)).await;
    let anon = app.anon();
    let none = anon.create("maybe", json!({})).await;
    assert_eq!(
        (&none.json["n"], &none.json["t"], &none.json["d"], &none.json["b"]),
        (&Value::Null, &Value::Null, &Value::Null, &Value::Null)
    );
    let zero = anon.create("maybe", json!({"n": 0, "t": "", "d": "", "b": false})).await;
    assert_eq!(
        (&zero.json["n"], &zero.json["t"], &zero.json["d"], &zero.json["b"]),
        (&json!(0), &json!(""), &Value::Null, &json!(false))
    );
    assert_eq!(
        anon.update("maybe", zero.json["id"].as_str().expect("an id"), json!({"d": "soon"})).await.json["d"],
        Value::Null
    );
    let five = anon.created("maybe", json!({"n": 5, "t": "x"})).await;
    assert_eq!(anon.values("maybe", "n", "filter=n = null").await, [Value::Null]);
    assert_eq!(anon.values("maybe", "n", "filter=n = 0").await, [json!(0)]);
    assert_eq!(anon.values("maybe", "n", "filter=n != 5&sort=n").await, [Value::Null, json!(0)]);
    assert_eq!(anon.values("maybe", "n", "filter=n < 9&sort=n").await, [json!(0), json!(5)]);
    assert_eq!(anon.values("maybe", "t", "filter=t = ''&sort=t").await, [Value::Null, json!("")]);
    let cleared = anon.update("maybe", &five, json!({"n": null, "t": null})).await;
    assert_eq!((&cleared.json["n"], &cleared.json["t"]), (&Value::Null, &Value::Null));
    assert_eq!(anon.view("maybe", &five).await.json, cleared.json);
    assert_eq!(anon.update("maybe", &five, json!({"n+": 2})).await.json["n"], 2);

    // Without the option nulls become empty values, and the rest stays.
    let mut fields = made["fields"].clone();
    for field in fields.as_array_mut().expect("fields") {
        field.as_object_mut().expect("a field").remove("nullable");
    }
    let changed = app.superuser().patch("/api/collections/maybe", json!({"fields": fields})).await;
    assert_eq!(changed.status, 200, "{changed}");
    assert_eq!(anon.values("maybe", "n", "sort=n").await, [json!(0), json!(0), json!(2)]);
    fields[1]["nullable"] = json!(true);
    let changed = app.superuser().patch("/api/collections/maybe", json!({"fields": fields})).await;
    assert_eq!(changed.status, 200, "{changed}");
    assert_eq!(anon.values("maybe", "n", "sort=n").await, [json!(0), json!(0), json!(2)]);
    assert_eq!(anon.create("maybe", json!({})).await.json["n"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_hold_texts_or_numbers() {
    let app = TestApp::new().await;
    let fields = json!([
        {"name": "words", "type": "array", "maxItems": 4, "uniqueItems": true},
        {"name": "sizes", "type": "array", "of": "number", "minItems": 2},
    ]);
    app.collection(open("lists", fields)).await;
    let anon = app.anon();
    let id = anon.created("lists", json!({"words": ["a", "b", "a"], "sizes": [1, 2.5, "3"]})).await;
    let one = anon.view("lists", &id).await;
    assert_eq!((&one.json["words"], &one.json["sizes"]), (&json!(["a", "b"]), &json!([1, 2.5, 3])));
    let other = anon.created("lists", json!({"words": ["c"], "sizes": []})).await;

    for (field, value, expected) in [
        ("words", json!(["1", "2", "3", "4", "5"]), "validation_too_many_values"),
        ("words", json!([{"a": 1}]), "validation_invalid_value"),
        ("sizes", json!([1]), "validation_not_enough_values"),
        ("sizes", json!([1, "x"]), "validation_not_a_number"),
    ] {
        let reply = anon.create("lists", json!({field: value})).await;
        assert_eq!((reply.status, code(&reply, field)), (400, expected), "{reply}");
    }

    let changed = anon.update("lists", &id, json!({"words+": ["c", "a"], "sizes-": 1})).await;
    assert_eq!((&changed.json["words"], &changed.json["sizes"]), (&json!(["a", "b", "c"]), &json!([2.5, 3])));
    assert_eq!(anon.update("lists", &id, json!({"+words": "d"})).await.json["words"], json!(["d", "a", "b", "c"]));

    for (filter, found) in [
        ("words:each ?= 'a'", vec![&id]),
        ("words:each = 'c'", vec![&other]),
        ("words:each ?= 'c'", vec![&id, &other]),
        ("words:length > 1", vec![&id]),
        ("sizes:length = 0", vec![&other]),
        ("sizes:each > 2", vec![&id]),
        ("sizes:each ?= 3", vec![&id]),
        ("words ~ 'b'", vec![&id]),
    ] {
        let mut ids = anon.values("lists", "id", &format!("filter={filter}")).await;
        ids.sort_by_key(ToString::to_string);
        let mut found: Vec<Value> = found.into_iter().map(|id| json!(id)).collect();
        found.sort_by_key(ToString::to_string);
        assert_eq!(ids, found, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_looks_into_an_array_before_it_is_stored() {
    let app = TestApp::new().await;
    let mut lists = open("lists", json!([{"name": "words", "type": "array"}]));
    lists["createRule"] = json!("@request.body.words:length < 3 && words:each != 'no'");
    app.collection(lists).await;
    assert_eq!(app.anon().create("lists", json!({"words": ["a", "b"]})).await.status, 200);
    assert_eq!(app.anon().create("lists", json!({"words": ["a", "b", "c"]})).await.status, 400);
    assert_eq!(app.anon().create("lists", json!({"words": ["a", "no"]})).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_look_of_its_schema() {
    let app = TestApp::new().await;
    let schema =
        json!({"type": "object", "required": ["color"], "properties": {"color": {"pattern": "^#[0-9a-f]{6}$"}}});
    let made = app.collection(open("themes", json!([{"name": "look", "type": "json", "schema": schema}]))).await;
    assert_eq!(made["fields"][1]["schema"], schema);
    let anon = app.anon();
    anon.created("themes", json!({"look": {"color": "#00ff00"}})).await;
    // Null is no look at all.
    anon.created("themes", json!({})).await;
    for look in [json!({}), json!({"color": "green"}), json!([]), json!("{}")] {
        let reply = anon.create("themes", json!({"look": look})).await;
        assert_eq!((reply.status, code(&reply, "look")), (400, "validation_json_schema"), "{look}: {reply}");
    }
    let far = json!([{"name": "look", "type": "json", "schema": {"$ref": "https://example.com/schema"}}]);
    let reply = app.superuser().post("/api/collections", open("bad", far)).await;
    let code = &reply.json["data"]["fields"]["1"]["schema"]["code"];
    assert_eq!((reply.status, code), (400, &json!("validation_invalid_json_schema")), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_differ_in_case_are_the_same() {
    let app = TestApp::new().await;
    let id = json!({"name": "id", "type": "text", "primaryKey": true, "required": true, "system": true, "id": "text3208210256", "pattern": "^.+$"});
    app.collection(open("loose", json!([id]))).await;
    app.anon().created("loose", json!({"id": "Ok-id_1"})).await;
    let reply = app.anon().create("loose", json!({"id": "oK-ID_1"})).await;
    assert_eq!((reply.status, code(&reply, "id")), (400, "validation_pk_invalid"), "{reply}");
    let reply = app.anon().create("loose", json!({"id": "Ok-id_1"})).await;
    assert_eq!((reply.status, code(&reply, "id")), (400, "validation_not_unique"), "{reply}");
}

/// CONTRIBUTING.md, "A field kind": the compiler asks for the behaviour and for the form in rules; this asks for the rest.
#[test]
fn every_kind_is_complete() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let docs = read("docs/fields.md");
    let mut wrong = Vec::new();
    for name in FieldKind::NAMES {
        let snake: String =
            name.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase())).collect();
        // A module called `bool` would hide the type.
        let file = if snake == "bool" { "boolean".to_owned() } else { snake };
        let source = read(&format!("host/src/model/field/{file}.rs"));
        if !source.contains(&format!("const NAME: &'static str = \"{name}\"")) || !source.contains("mod tests") {
            wrong.push(format!("{name}: host/src/model/field/{file}.rs holds the kind and its tests"));
        }
        let Some(section) = docs.split("\n## ").find(|section| section.lines().next() == Some(name)) else {
            wrong.push(format!("{name}: docs/fields.md has no section `## {name}`"));
            continue;
        };
        let field = Field::from_json(&json!({"type": name, "name": "f"})).expect("a kind without options");
        let options = field.kind.options();
        for key in options.as_object().expect("options by wire name").keys() {
            if !section.contains(&format!("`{key}`")) {
                wrong.push(format!("{name}: its section in docs/fields.md does not tell of `{key}`"));
            }
        }
        if !section.contains("```json") {
            wrong.push(format!("{name}: its section in docs/fields.md has no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples of the page are definitions that a collection accepts.
#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_page_are_accepted() {
    let app = TestApp::new().await;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fields.md");
    let page = std::fs::read_to_string(page).expect("docs/fields.md");
    let mut fields = Vec::new();
    for block in page.split("```json\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for line in block.lines() {
            fields.push(serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{line}: {error}")));
        }
    }
    assert!(fields.len() >= FieldKind::NAMES.len(), "an example for each kind");
    let made = app.superuser().post("/api/collections", open("examples", Value::Array(fields))).await;
    assert_eq!(made.status, 200, "{made}");
}
