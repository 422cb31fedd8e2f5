//! Access rules through the API: what each kind of caller gets, with PocketBase's status codes.

use crate::support::{TestApp, open};
use serde_json::{Value, json};

fn notes(rules: Value) -> Value {
    let mut notes = open(
        "notes",
        json!([
            {"name": "text", "type": "text"},
            {"name": "public", "type": "bool"},
            {"name": "rank", "type": "number"},
            {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
            {"name": "secret", "type": "text", "hidden": true},
        ]),
    );
    for (name, rule) in rules.as_object().into_iter().flatten() {
        notes[name] = rule.clone();
    }
    notes
}

#[tokio::test(flavor = "multi_thread")]
async fn null_is_for_superusers_only() {
    let app = TestApp::new().await;
    let locked =
        json!({"listRule": null, "viewRule": null, "createRule": null, "updateRule": null, "deleteRule": null});
    app.collection(notes(locked)).await;
    let id = app.superuser().created("notes", json!({"text": "x"})).await;
    for person in [app.anon(), app.user("a@example.com").await] {
        assert_eq!(person.list("notes", "").await.status, 403);
        assert_eq!(person.view("notes", &id).await.status, 403);
        assert_eq!(person.create("notes", json!({})).await.status, 403);
        assert_eq!(person.update("notes", &id, json!({})).await.status, 403);
        assert_eq!(person.delete("notes", &id).await.status, 403);
    }
    assert_eq!(app.superuser().delete("notes", &id).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_hides_rows_as_if_they_did_not_exist() {
    let app = TestApp::new().await;
    let mine = "owner = @request.auth.id && @request.auth.id != ''";
    app.collection(notes(json!({
        "listRule": "public = true || owner = @request.auth.id", "viewRule": "public = true || owner = @request.auth.id",
        "createRule": "@request.auth.id != '' && @request.body.owner = @request.auth.id",
        "updateRule": mine, "deleteRule": mine,
    })))
    .await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let id = ann.created("notes", json!({"text": "hers", "owner": ann.id})).await;

    assert_eq!(ann.view("notes", &id).await.status, 200);
    for other in [app.anon(), bob.clone()] {
        assert_eq!(other.view("notes", &id).await.status, 404);
        assert_eq!(other.update("notes", &id, json!({"text": "mine"})).await.status, 404);
        assert_eq!(other.delete("notes", &id).await.status, 404);
        let list = other.list("notes", "").await;
        assert_eq!((list.status, list.json["totalItems"].as_i64()), (200, Some(0)));
    }
    let forged = bob.create("notes", json!({"owner": ann.id})).await;
    assert_eq!(forged.status, 400);
    assert_eq!(forged.json["data"], json!({}));
    assert_eq!(app.anon().create("notes", json!({"owner": ""})).await.status, 400);
    assert_eq!(ann.update("notes", &id, json!({"public": true})).await.status, 200);
    assert_eq!(app.anon().view("notes", &id).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_do_what_they_say() {
    let app = TestApp::new().await;
    app.collection(notes(json!({}))).await;
    for (text, rank) in [("Alpha", 1), ("beta", 2), ("", 3)] {
        app.anon().created("notes", json!({"text": text, "rank": rank})).await;
    }
    let app = &app;
    let found = async |filter: &str| {
        let ranks = app.anon().values("notes", "rank", &format!("sort=rank&filter={filter}")).await;
        ranks.iter().map(|rank| rank.as_i64().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(found("text = 'beta'").await, [2]);
    assert_eq!(found("text != 'beta'").await, [1, 3]);
    assert_eq!(found("text = ''").await, [3]);
    assert_eq!(found("text ~ 'ALP'").await, [1]);
    assert_eq!(found("rank > 1 && rank < 3").await, [2]);
    assert_eq!(found("rank = 1 || rank = 3 && text != ''").await, [1], "&& binds tighter");
    assert_eq!(found("(rank = 1 || rank = 3) && text = ''").await, [3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relation_is_followed() {
    let app = TestApp::new().await;
    app.collection(notes(
        json!({"listRule": "owner.verified = true", "viewRule": "owner.email = @request.auth.email && owner != ''"}),
    ))
    .await;
    let ann = app.user("ann@example.com").await;
    let id = app.superuser().created("notes", json!({"owner": ann.id, "text": "a"})).await;
    assert_eq!(app.anon().list("notes", "").await.json["totalItems"], 0);
    assert_eq!(ann.view("notes", &id).await.status, 200);
    assert_eq!(app.anon().view("notes", &id).await.status, 404);
    let verified = app.superuser().update("users", &ann.id, json!({"verified": true})).await;
    assert_eq!(verified.status, 200, "{verified}");
    assert_eq!(app.anon().list("notes", "").await.json["totalItems"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_fields_are_neither_shown_nor_set_nor_asked() {
    let app = TestApp::new().await;
    app.collection(notes(json!({"viewRule": "secret != 'closed'"}))).await;
    let id = app.anon().created("notes", json!({"secret": "mine", "text": "x"})).await;
    assert_eq!(app.superuser().view("notes", &id).await.json["secret"], "", "a guest cannot set it");
    app.superuser().update("notes", &id, json!({"secret": "s3cret"})).await;
    let seen = app.anon().view("notes", &id).await;
    assert_eq!(seen.status, 200);
    assert!(seen.json.get("secret").is_none(), "{seen}");
    for query in ["filter=secret ~ 's'", "sort=secret"] {
        assert_eq!(app.anon().list("notes", query).await.status, 400, "{query}");
    }
    app.superuser().update("notes", &id, json!({"secret": "closed"})).await;
    assert_eq!(app.anon().view("notes", &id).await.status, 404, "rules may use it");
}

#[tokio::test(flavor = "multi_thread")]
async fn emails_are_shown_to_those_who_may_see_them() {
    let app = TestApp::new().await;
    let open = app.superuser().patch("/api/collections/users", json!({"listRule": "", "viewRule": ""})).await;
    assert_eq!(open.status, 200, "{open}");
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    assert_eq!(ann.view("users", &ann.id).await.json["email"], "ann@example.com");
    assert!(bob.view("users", &ann.id).await.json.get("email").is_none());
    assert_eq!(
        bob.values("users", "id", "filter=email ~ 'ann'").await,
        Vec::<Value>::new(),
        "nor can it be guessed by filters"
    );
    ann.update("users", &ann.id, json!({"emailVisibility": true})).await;
    assert_eq!(bob.view("users", &ann.id).await.json["email"], "ann@example.com");
    for person in [ann, bob] {
        let seen = person.list("users", "").await;
        assert!(!seen.to_string().contains("tokenKey") && !seen.to_string().contains("password"), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_makes_no_sense_is_refused_with_its_position() {
    let app = TestApp::new().await;
    for rule in ["text = ", "nowhere = 1", "text = 'open"] {
        let reply = app.superuser().post("/api/collections", notes(json!({"listRule": rule}))).await;
        assert_eq!(reply.status, 400, "{rule}");
        assert_eq!(reply.json["data"]["listRule"]["code"], "validation_invalid_rule", "{rule}: {reply}");
    }
}
