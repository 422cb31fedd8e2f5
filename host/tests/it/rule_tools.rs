//! `/api/rules/check` and `/api/rules/try`: rules are checked, said in words, and tried as somebody.

use crate::support::people::records;
use crate::support::{TestApp, open};
use serde_json::{Value, json};

async fn server() -> TestApp {
    let app = TestApp::new().await;
    let mut notes = open(
        "notes",
        json!([
            {"name": "text", "type": "text", "required": true},
            {"name": "slug", "type": "text"},
            {"name": "rank", "type": "number"},
            {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
            {"name": "members", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 9},
            {"name": "secret", "type": "text", "hidden": true},
        ]),
    );
    notes["indexes"] = json!(["CREATE UNIQUE INDEX i_slug ON notes (slug) WHERE slug != ''"]);
    let owned = "@request.auth.id != '' && (owner = @request.auth.id || members.name ?= 'x')";
    notes["listRule"] = json!(owned);
    notes["viewRule"] = json!(owned);
    notes["deleteRule"] = Value::Null;
    app.collection(notes).await;
    app
}

async fn answer(app: &TestApp, path: &str, body: Value) -> Value {
    let reply = app.superuser().post(path, body.clone()).await;
    assert_eq!(reply.status, 200, "{body}: {reply}");
    reply.json
}

async fn check(app: &TestApp, kind: &str, rule: Value) -> Value {
    answer(app, "/api/rules/check", json!({"collection": "notes", "kind": kind, "rule": rule})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_checked_and_said_in_words() {
    let app = server().await;
    let sound = check(&app, "list", json!("@request.auth.id != '' && members.id ?= @request.auth.id")).await;
    assert_eq!(
        sound,
        json!({"valid": true, "errors": [], "warnings": [], "explanation": "somebody is signed in, and at least one `members.id` is the caller"})
    );
    assert_eq!(check(&app, "delete", Value::Null).await["explanation"], "superusers only");
    assert_eq!(check(&app, "view", json!("")).await["explanation"], "everybody");
    let warned = check(&app, "list", json!("owner = @request.auth.id")).await;
    assert_eq!((&warned["valid"], &warned["warnings"][0]["code"]), (&json!(true), &json!("lint_guest_matches_empty")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_a_place_a_code_and_often_a_hint() {
    let app = server().await;
    let wrong = check(&app, "list", json!("text = '😀' && onwer = 1 || nope(1) = 2")).await;
    assert_eq!(
        wrong["errors"],
        json!([
            {"start": 15, "end": 20, "code": "rule_unknown_field", "message": "`notes` has no field `onwer`", "hint": "did you mean `owner`?"},
            {"start": 28, "end": 35, "code": "rule_unknown_function", "message": "there is no function `nope`", "hint": "there are geoDistance(lonA, latA, lonB, latB) and strftime(format, time, modifier...)"},
        ])
    );
    let open = check(&app, "list", json!("text =")).await["errors"][0].clone();
    assert_eq!(
        (&open["code"], &open["hint"]),
        (&json!("rule_syntax"), &json!("write `field operator value`, joined by && or ||"))
    );
    let long = check(&app, "filter", json!(vec!["rank=1"; 201].join("||"))).await["errors"][0].clone();
    assert_eq!(
        (&long["code"], &long["start"], &long["end"]),
        (&json!("rule_too_many_expressions"), &json!(0), &json!(1606))
    );
    for (rule, code) in [("secret = 'x'", "rule_unknown_field"), ("@request.auth.id = ''", "rule_superuser_only")] {
        assert_eq!(check(&app, "filter", json!(rule)).await["errors"][0]["code"], code, "{rule}");
        assert_eq!(check(&app, "update", json!(rule)).await["valid"], true, "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_clear_is_a_field_error() {
    let app = server().await;
    for (path, body, field) in [
        ("check", json!({"kind": "list", "rule": ""}), "collection"),
        ("check", json!({"collection": "nope", "kind": "list", "rule": ""}), "collection"),
        ("check", json!({"collection": "notes", "kind": "manage", "rule": ""}), "collection"),
        ("check", json!({"collection": "notes", "kind": "lsit", "rule": ""}), "kind"),
        ("check", json!({"collection": "notes", "kind": "list"}), "rule"),
        ("check", json!({"collection": "notes", "kind": "list", "rule": 5}), "rule"),
        ("try", json!({"collection": "notes"}), "action"),
        ("try", json!({"collection": "notes", "action": "filter"}), "action"),
        ("try", json!({"collection": "notes", "action": "view"}), "record"),
        ("try", json!({"collection": "notes", "action": "view", "record": "nope"}), "record"),
        ("try", json!({"collection": "notes", "action": "list", "as": "me"}), "as"),
        ("try", json!({"collection": "notes", "action": "list", "as": {"collection": "notes", "id": "x"}}), "as"),
        ("try", json!({"collection": "notes", "action": "list", "as": {"collection": "users", "id": "x"}}), "as"),
        ("try", json!({"collection": "notes", "action": "create", "body": []}), "body"),
        ("try", json!({"collection": "notes", "action": "list", "rule": 1}), "rule"),
    ] {
        let reply = app.superuser().post(&format!("/api/rules/{path}"), body.clone()).await;
        assert_eq!(reply.status, 400, "{body}: {reply}");
        assert!(reply.json["data"][field]["code"].is_string(), "{body}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_as_somebody() {
    let app = server().await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let id = app.superuser().created("notes", json!({"text": "x", "owner": ann.id, "members": [bob.id]})).await;
    let view = json!({"collection": "notes", "action": "view", "record": id});
    let as_ = |id: &str| {
        let mut body = view.clone();
        body["as"] = json!({"collection": "users", "id": id});
        body
    };
    let hers = answer(&app, "/api/rules/try", as_(&ann.id)).await;
    assert_eq!((&hers["allowed"], &hers["refusal"]), (&json!(true), &Value::Null), "{hers}");
    assert_eq!(hers["visible"], json!({"count": 1, "more": false}));

    let his = answer(&app, "/api/rules/try", as_(&bob.id)).await;
    assert_eq!((&his["allowed"], &his["refusal"]["status"]), (&json!(false), &json!(404)), "{his}");
    // Both alternatives are false, so it is the pair of them that decides.
    assert_eq!(his["decidedBy"]["text"], "owner = @request.auth.id || members.name ?= 'x'", "{his}");
    assert_eq!((&his["decidedBy"]["start"], &his["decidedBy"]["value"]), (&json!(27), &json!(false)));
    assert!(his["sql"]["text"].as_str().expect("a text").starts_with("SELECT 1 FROM `notes` WHERE id = ?"), "{his}");
    assert!(his["sql"]["plan"].as_array().is_some_and(|plan| !plan.is_empty()), "{his}");

    let guest = answer(&app, "/api/rules/try", view).await;
    assert_eq!(guest["decidedBy"]["text"], "@request.auth.id != ''");
    assert_eq!(
        (&guest["decidedBy"]["sides"], &guest["visible"]["count"]),
        (&json!([[null, ""]]), &json!(0)),
        "{guest}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_not_saved_is_tried() {
    let app = server().await;
    let ann = app.user("ann@example.com").await;
    for rank in 0..3 {
        app.superuser().created("notes", json!({"text": "x", "rank": rank, "members": [ann.id]})).await;
    }
    let mut body =
        json!({"collection": "notes", "action": "list", "rule": "rank > 0 && @request.query.all:isset = false"});
    let found = answer(&app, "/api/rules/try", body.clone()).await;
    assert_eq!((&found["allowed"], &found["visible"]["count"]), (&json!(true), &json!(2)), "{found}");
    assert_eq!(found["decidedBy"], Value::Null, "it depends on the row");
    body["query"] = json!({"all": 1});
    let none = answer(&app, "/api/rules/try", body.clone()).await;
    assert_eq!(
        (&none["decidedBy"]["text"], &none["visible"]["count"]),
        (&json!("@request.query.all:isset = false"), &json!(0))
    );
    body["rule"] = Value::Null;
    let locked = answer(&app, "/api/rules/try", body.clone()).await;
    assert_eq!((&locked["allowed"], &locked["refusal"]["status"]), (&json!(false), &json!(403)));
    body["rule"] = json!("nope = 1");
    let broken = answer(&app, "/api/rules/try", body).await;
    assert_eq!(
        (&broken["allowed"], &broken["errors"][0]["code"]),
        (&json!(false), &json!("rule_unknown_field")),
        "{broken}"
    );
    // A caller who does not exist.
    let claims = json!({"collection": "users", "claims": {"id": "made_up", "name": "x"}});
    let body =
        json!({"collection": "notes", "action": "list", "rule": "@request.auth.name = 'x' && rank < 2", "as": claims});
    assert_eq!(answer(&app, "/api/rules/try", body).await["visible"]["count"], 2);
    assert_eq!(app.superuser().get("/api/collections/notes").await.json["deleteRule"], Value::Null, "nothing is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_are_tried_without_effect() {
    let app = server().await;
    let id = app.superuser().created("notes", json!({"text": "x", "slug": "taken"})).await;
    let before = app.superuser().list("notes", "").await.to_string();
    let attempt = async |action: &str, body: Value, rule: &str| {
        let record = if action == "create" { Value::Null } else { json!(id) };
        answer(
            &app,
            "/api/rules/try",
            json!({"collection": "notes", "action": action, "record": record, "body": body, "rule": rule}),
        )
        .await
    };
    let good = attempt("create", json!({"text": "y"}), "text = 'y'").await;
    assert_eq!((&good["allowed"], &good["decidedBy"]["sides"]), (&json!(true), &json!([["y", "y"]])), "{good}");
    let refused = attempt("create", json!({"text": "z"}), "text = 'y'").await;
    assert_eq!((&refused["allowed"], &refused["refusal"]["data"]), (&json!(false), &json!({})));
    for (body, field, code) in [
        (json!({"text": ""}), "text", "validation_required"),
        (json!({"text": "y", "slug": "taken"}), "slug", "validation_not_unique"),
        (json!({"text": "y", "owner": "nobody000000000"}), "owner", "validation_missing_rel_records"),
    ] {
        let wrong = attempt("create", body, "").await;
        assert_eq!(
            (&wrong["allowed"], &wrong["refusal"]["data"][field]["code"]),
            (&json!(false), &json!(code)),
            "{wrong}"
        );
    }
    assert_eq!(
        attempt("update", json!({"text": "changed"}), "@request.body.text:changed = true").await["allowed"],
        true
    );
    assert_eq!(
        attempt("update", json!({"text": ""}), "").await["refusal"]["data"]["text"]["code"],
        "validation_required"
    );
    assert_eq!(attempt("delete", json!({}), "slug = 'taken'").await["allowed"], true);
    assert_eq!(attempt("delete", json!({}), "slug = 'free'").await["refusal"]["status"], 404);
    assert_eq!(app.superuser().list("notes", "").await.to_string(), before, "nothing has happened");
}

#[tokio::test(flavor = "multi_thread")]
async fn manage_and_auth_rules_are_tried() {
    let app = server().await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let attempt = async |action: &str, rule: &str, id: &str| {
        let body = json!({"collection": "users", "action": action, "record": id, "rule": rule, "as": {"collection": "users", "id": ann.id}});
        answer(&app, "/api/rules/try", body).await["allowed"].clone()
    };
    assert_eq!(attempt("manage", "@request.auth.id = id", &ann.id).await, true);
    assert_eq!(attempt("manage", "@request.auth.id = id", &bob.id).await, false);
    assert_eq!(attempt("manage", "", &bob.id).await, false, "an empty manage rule makes nobody a manager");
    assert_eq!(attempt("auth", "verified = true", &bob.id).await, false);
    assert_eq!(attempt("auth", "@request.auth.id = id && @request.context = 'password'", &bob.id).await, true);
    // Superusers are not asked.
    let root = app.superuser().list("_superusers", "").await.json["items"][0]["id"].clone();
    let body =
        json!({"collection": "users", "action": "list", "as": {"collection": "_superusers", "id": root}, "rule": null});
    assert_eq!(answer(&app, "/api/rules/try", body).await["allowed"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_shows_no_secret() {
    let app = server().await;
    let ann = app.user("ann@example.com").await;
    let body = json!({
        "collection": "users", "action": "view", "record": ann.id, "as": {"collection": "users", "id": ann.id},
        "rule": "tokenKey = @request.auth.tokenKey && password != '' && posts = 1 || id = id",
    });
    let reply = app.superuser().post("/api/rules/try", body.clone()).await;
    assert_eq!(reply.json["errors"][0]["code"], "rule_unknown_field", "{reply}");
    let mut body = body;
    body["rule"] = json!("tokenKey = @request.auth.tokenKey && password != ''");
    let tried = answer(&app, "/api/rules/try", body).await;
    assert_eq!(tried["allowed"], true, "{tried}");
    assert!(!tried.to_string().contains("argon2"), "{tried}");
    assert!(tried["sql"]["params"].to_string().contains("(secret)"), "{tried}");
    assert_eq!(app.anon().get(&records("users")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_about_a_vector_is_tried() {
    let app = TestApp::new().await;
    let fields = json!([{"name": "place", "type": "vector", "dimension": 2}]);
    app.collection(open("points", fields)).await;
    let id = app.anon().created("points", json!({"place": [1, 2]})).await;
    for (rule, allowed) in [("place != null", true), ("place = null", false), ("place != null && id != ''", true)] {
        let body = json!({"collection": "points", "action": "view", "rule": rule, "as": "guest", "record": id});
        let tried = answer(&app, "/api/rules/try", body).await;
        assert_eq!(tried["allowed"], allowed, "{rule}: {tried}");
    }
}
