//! Definitions and what is wrong with them, as `field path: code`.

use super::*;
use crate::error::FieldIssue;
use serde_json::{Map, Value as Json, json};

const NOW: &str = "2024-01-01 00:00:00.000Z";

fn object(value: Json) -> Map<String, Json> {
    serde_json::from_value(value).unwrap()
}

fn make(input: Json) -> Collection {
    Collection::from_json(&object(input), NOW, &mut |length| "s".repeat(length)).unwrap()
}

fn flatten(path: &str, errors: &FieldErrors, out: &mut Vec<String>) {
    for (key, issue) in &errors.0 {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match issue {
            FieldIssue::Error(error) => out.push(format!("{path}: {}", error.code.trim_start_matches("validation_"))),
            FieldIssue::Nested(errors) => flatten(&path, errors, out),
        }
    }
}

fn check(new: &mut Collection, old: Option<&Collection>, all: &[Collection]) -> Vec<String> {
    let find = |key: &str| all.iter().find(|known| known.id == key || known.name.eq_ignore_ascii_case(key));
    let mut out = Vec::new();
    flatten("", &new.check(old, &find, &mut all.iter()), &mut out);
    out
}

/// A new collection next to `posts` and a view.
fn created(input: Json) -> Vec<String> {
    let posts = make(json!({"name": "posts", "indexes": ["CREATE INDEX taken ON posts (id)"]}));
    let view = make(json!({"name": "v", "id": "viewid", "type": "view", "viewQuery": "SELECT id FROM posts"}));
    check(&mut make(input), None, &[posts, view])
}

/// A stored collection changed by a patch.
fn updated(stored: Json, patch: Json) -> Vec<String> {
    let old = make(stored);
    let mut new = old.clone();
    new.apply_json(&object(patch), NOW, &mut |length| "t".repeat(length)).unwrap();
    let all = [old.clone(), make(json!({"name": "other"}))];
    check(&mut new, Some(&old), &all)
}

fn text(name: &str) -> Json {
    json!({"name": name, "type": "text"})
}

#[test]
fn valid_definitions() {
    assert_eq!(created(json!({"name": "a"})), [""; 0]);
    assert_eq!(created(json!({"name": "a", "type": "auth"})), [""; 0]);
    assert_eq!(created(json!({"name": "a", "type": "view", "viewQuery": "SELECT id FROM posts"})), [""; 0]);
    assert_eq!(updated(json!({"name": "a", "type": "auth"}), json!({"name": "b", "indexes": []})), [""; 0]);
}

#[test]
fn ids() {
    assert_eq!(created(json!({"name": "a", "id": "viewid"})), ["id: invalid_or_existing_id"]);
    assert_eq!(created(json!({"name": "a", "id": "a-b"})), ["id: match_invalid"]);
    assert_eq!(created(json!({"name": "a", "id": "x".repeat(101)})), ["id: length_out_of_range"]);
    assert_eq!(updated(json!({"name": "a"}), json!({"id": "changed"})), ["id: values_mismatch"]);
    let stored = make(json!({"name": "old", "id": Collection::default_id("base", "new")}));
    let mut new = make(json!({"name": "new"}));
    assert_eq!(check(&mut new, None, &[stored]), [""; 0]);
    assert_eq!(new.id, format!("{}2", Collection::default_id("base", "new")));
}

#[test]
fn names() {
    for (name, code) in [
        ("", "required"),
        ("a b-c", "match_invalid"),
        ("ž", "match_invalid"),
        ("a_VIA_b", "found_via"),
        ("POSTS", "collection_name_exists"),
        ("viewid", "collection_name_id_duplicate"),
        ("_params", "collection_name_invalid"),
        ("sqlite_master", "collection_name_invalid"),
    ] {
        assert_eq!(created(json!({"name": name})), [format!("name: {code}")], "{name}");
    }
    assert_eq!(created(json!({"name": "x".repeat(256)})), ["name: length_out_of_range"]);
    assert_eq!(updated(json!({"name": "a"}), json!({"name": "Other"})), ["name: collection_name_exists"]);
    assert_eq!(updated(json!({"name": "a"}), json!({"name": "A"})), [""; 0]);
}

#[test]
fn system_collections_stay() {
    let system = json!({"name": "s", "system": true, "type": "auth"});
    assert_eq!(updated(system.clone(), json!({"name": "t"})), ["name: collection_system_name_change"]);
    assert_eq!(updated(system.clone(), json!({"system": false})), ["system: collection_system_flag_change"]);
    let rules = json!({"listRule": "", "deleteRule": null, "authRule": "id = 1"});
    let expected = ["authRule: collection_system_rule_change", "listRule: collection_system_rule_change"];
    assert_eq!(updated(system, rules), expected);
}

#[test]
fn field_names_and_ids() {
    let one = |field: Json| created(json!({"name": "a", "fields": [field]}));
    for (name, code) in
        [("", "required"), ("a b", "match_invalid"), ("expand", "not_in_invalid"), ("a_via_b", "found_via")]
    {
        assert_eq!(one(text(name)), [format!("fields.1.name: {code}")]);
    }
    assert_eq!(one(text(&"x".repeat(101))), ["fields.1.name: length_out_of_range"]);
    assert_eq!(
        one(json!({"name": "a", "type": "text", "help": "x".repeat(301)})),
        ["fields.1.help: length_out_of_range"]
    );
    let twice = json!({"name": "a", "fields": [text("abc"), {"name": "ABC", "type": "text", "id": "other"}]});
    assert_eq!(created(twice), ["fields.2.name: duplicated_field_name"]);
    let reserved = json!({"name": "a", "type": "auth", "fields": [text("id"), text("oldPassword")]});
    assert_eq!(created(reserved), ["fields.1.name: reserved_field_name"]);
}

#[test]
fn field_options() {
    let fields = json!([
        {"name": "s", "type": "text", "pattern": "(["},
        {"name": "d", "type": "autodate"},
        {"name": "r", "type": "relation"},
        {"name": "q", "type": "relation", "collectionId": "missing"},
        {"name": "v", "type": "relation", "collectionId": "viewid"},
        {"name": "p", "type": "relation", "collectionId": "posts"},
        {"name": "c", "type": "select"},
        {"name": "k", "type": "text", "primaryKey": true, "required": true, "pattern": "a"},
    ]);
    let expected = [
        "fields.0.primaryKey: unsupported_composite_pk",
        "fields.1.pattern: invalid_regex",
        "fields.2.onCreate: required",
        "fields.2.onUpdate: required",
        "fields.3.collectionId: required",
        "fields.4.collectionId: field_relation_missing_collection",
        "fields.5.collectionId: relation_field_non_view_base_collection",
        "fields.6.collectionId: field_relation_missing_collection",
        "fields.7.values: required",
        "fields.8.name: in_invalid",
        "fields.8.primaryKey: unsupported_composite_pk",
    ];
    assert_eq!(created(json!({"name": "a", "fields": fields})), expected);
    let posts = Collection::default_id("base", "posts");
    let fine = json!([{"name": "p", "type": "relation", "collectionId": posts}, {"name": "me", "type": "relation", "collectionId": "own"}]);
    assert_eq!(created(json!({"name": "a", "id": "own", "fields": fine})), [""; 0]);
}

#[test]
fn field_changes() {
    let stored = json!({"name": "a", "fields": [
        {"name": "t", "type": "text", "id": "t1"},
        {"name": "r", "type": "relation", "id": "r1", "collectionId": Collection::default_id("base", "other")},
    ]});
    let patch = |fields: Json| updated(stored.clone(), json!({ "fields": fields }));
    assert_eq!(patch(json!([{"name": "t", "type": "number", "id": "t1"}])), ["fields.1: field_type_change"]);
    let own = Collection::default_id("base", "a");
    let moved = json!([{"name": "r", "type": "relation", "id": "r1", "collectionId": own}]);
    assert_eq!(patch(moved), ["fields.1.collectionId: field_relation_change"]);
    assert_eq!(patch(json!([{"name": "renamed", "type": "text", "id": "t1"}])), [""; 0]);
    assert_eq!(patch(json!([{"name": "id", "type": "text", "id": "new"}])), ["fields: system_field_change"]);
    let key = make(json!({"name": "a"})).fields[0].id.clone();
    for turned in
        [json!({"name": "id", "type": "number", "id": key}), json!({"name": "id2", "type": "text", "id": key})]
    {
        assert_eq!(patch(json!([turned])), ["fields: missing_primary_key"]);
    }
    let email = json!({"fields": [{"name": "email", "type": "number"}]});
    assert_eq!(updated(json!({"name": "users", "type": "auth"}), email), ["fields: system_field_change"]);
    let dates = |on_update: bool| json!({"fields": [{"name": "d", "type": "autodate", "id": "d", "system": true, "onCreate": true, "onUpdate": on_update}]});
    let mut stored = dates(false);
    stored["name"] = json!("b");
    assert_eq!(updated(stored, dates(true)), ["fields.1.onUpdate: values_mismatch"]);
}

#[test]
fn mandatory_fields() {
    let key = json!({"name": "a", "fields": [{"name": "id", "type": "number", "id": "n"}]});
    assert_eq!(created(key), ["fields.1.name: duplicated_field_name"]);
    let mut users = make(json!({"name": "users", "type": "auth"}));
    users.fields.retain(|field| field.name != "email");
    assert_eq!(check(&mut users, None, &[])[..1], ["fields: missing_email_field"]);
    let mut users = make(json!({"name": "users", "type": "auth"}));
    users.fields[1].hidden = false;
    assert_eq!(check(&mut users, None, &[]), ["fields.password: must_be_system_and_hidden"]);
}

#[test]
fn views() {
    let view =
        json!({"name": "a", "type": "view", "createRule": "", "listRule": "", "indexes": ["CREATE INDEX i ON a (id)"]});
    assert_eq!(created(view), ["createRule: nil", "indexes: indexes_not_supported", "viewQuery: required"]);
}

#[test]
fn indexes() {
    let two = |first: &str, second: &str| {
        created(json!({"name": "a", "fields": [text("x"), text("y")], "indexes": [first, second]}))
    };
    let fine = "CREATE INDEX i ON z (x)";
    assert_eq!(two(fine, "nonsense"), ["indexes.1: invalid_index_expression"]);
    assert_eq!(two(fine, "CREATE INDEX j ON z (nope)"), ["indexes.1: invalid_index_expression"]);
    assert_eq!(two(fine, "CREATE INDEX I ON z (y)"), ["indexes.1: duplicated_index_name"]);
    assert_eq!(two(fine, "CREATE INDEX j ON other (x)"), ["indexes.1: duplicated_index_definition"]);
    assert_eq!(two(fine, "CREATE INDEX TAKEN ON z (y)"), ["indexes.1: existing_index_name"]);
    assert_eq!(two(fine, "CREATE UNIQUE INDEX j ON z (lower(x))"), [""; 0]);
    let stored = json!({"name": "u", "system": true, "fields": [{"name": "k", "type": "text", "system": true, "id": "k"}],
        "indexes": ["CREATE UNIQUE INDEX uk ON u (k)"]});
    assert_eq!(updated(stored.clone(), json!({"indexes": []})), ["indexes: invalid_unique_system_field_index"]);
    let other = json!({"indexes": ["CREATE UNIQUE INDEX renamed ON u (`k` COLLATE NOCASE)"]});
    assert_eq!(updated(stored, other), [""; 0]);
}

#[test]
fn auth_options() {
    let auth = |mut options: Json| {
        options["name"] = json!("a");
        options["type"] = json!("auth");
        created(options)
    };
    let min = "min_greater_equal_than_required";
    assert_eq!(auth(json!({"authToken": {"duration": 5}})), [format!("authToken.duration: {min}")]);
    assert_eq!(
        auth(json!({"fileToken": {"duration": 94_670_857}})),
        ["fileToken.duration: max_less_equal_than_required"]
    );
    assert_eq!(auth(json!({"manageRule": ""})), ["manageRule: nil_or_not_empty_required"]);
    assert_eq!(auth(json!({"otp": {"enabled": true, "length": 3}})), [format!("otp.length: {min}")]);
    assert_eq!(auth(json!({"otp": {"enabled": true, "length": 72}})), ["otp.length: max_less_equal_than_required"]);
    assert_eq!(auth(json!({"otp": {"length": 3}})), [""; 0]);
    assert_eq!(auth(json!({"mfa": {"enabled": true}})), ["mfa.enabled: mfa_not_enough_auths"]);
    assert_eq!(auth(json!({"mfa": {"enabled": true}, "otp": {"enabled": true}})), [""; 0]);
    assert_eq!(auth(json!({"verificationTemplate": {"subject": ""}})), ["verificationTemplate.subject: required"]);
    assert_eq!(auth(json!({"passwordAuth": {"identityFields": []}})), ["passwordAuth.identityFields: required"]);
    assert_eq!(
        auth(json!({"passwordAuth": {"identityFields": ["nope"]}})),
        ["passwordAuth.identityFields: missing_field"]
    );
    let verified = json!({"passwordAuth": {"identityFields": ["email", "verified"]}});
    assert_eq!(auth(verified), ["passwordAuth.identityFields: missing_unique_constraint"]);
    assert_eq!(auth(json!({"passwordAuth": {"enabled": false, "identityFields": ["nope"]}})), [""; 0]);
}

#[test]
fn oauth2_providers() {
    let providers = json!([
        {"name": "nope", "clientId": "a", "clientSecret": "b"},
        {"name": "github", "clientId": "a", "authURL": "not a url"},
        {"name": "github", "clientId": "a", "clientSecret": "b"},
    ]);
    let input =
        |enabled: bool| json!({"name": "a", "type": "auth", "oauth2": {"enabled": enabled, "providers": providers}});
    let expected = [
        "oauth2.providers.0.name: missing_provider",
        "oauth2.providers.1.authURL: is_url",
        "oauth2.providers.1.clientSecret: required",
        "oauth2.providers.2.name: duplicated_provider",
    ];
    assert_eq!(created(input(true)), expected);
    assert_eq!(created(input(false)), [""; 0]);
}
