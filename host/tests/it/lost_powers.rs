//! What a write was allowed by must still be so when it is committed, and who loses a race is given another try.

use crate::support::{TestApp, open};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use tinybase::model::{Caller, Collection};
use tinybase::records::{Ending, Joint, load_record};
use tinybase::tenant::Cx;

fn map(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// A server with these rules of `users`, which look whether the collection `gate` has a record that is open.
async fn gated(rules: Value) -> (TestApp, String) {
    let app = TestApp::new().await;
    app.collection(open("gate", json!([{"name": "title", "type": "text"}]))).await;
    assert_eq!(app.superuser().patch("/api/collections/users", rules).await.status, 200);
    let gate = app.superuser().created("gate", json!({"title": "open"})).await;
    (app, gate)
}

/// The account with that address at work, and the collection of accounts.
async fn acting(app: &TestApp, email: &str) -> (Cx, Arc<Collection>) {
    app.user(email).await;
    let system = Cx::system(app.host.default_tenant().tenant.clone());
    let users = system.catalog.collection("users").expect("users").clone();
    let record = load_record(&system.tenant, &users, "email", email).await.expect("a read").expect("a record");
    (Cx { caller: Caller::User(Arc::new(record)), ..system }, users)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_no_more_at_the_commit_has_changed_nothing() {
    let managed = json!({"manageRule": "@collection.gate.title ?= 'open'", "updateRule": ""});
    for (change, needs_power) in [
        (json!({"verified": true}), true),
        (json!({"email": "other@example.com"}), true),
        (json!({"password": "another-secret", "passwordConfirm": "another-secret"}), true),
        (json!({"name": "Ann"}), false),
    ] {
        let (app, gate) = gated(managed.clone()).await;
        app.user("ann@example.com").await;
        let ann = app.superuser().values("users", "id", "").await.remove(0);
        let ann = ann.as_str().expect("an id");
        let before = app.superuser().view("users", ann).await.json;
        let (bob, users) = acting(&app, "bob@example.com").await;
        let mut joint = Joint::default();
        joint.update(&bob, &users, ann, &map(change.clone())).await.expect("it may be planned");
        assert_eq!(app.superuser().delete("gate", &gate).await.status, 204);
        let ending = joint.commit(&bob).await.expect("an ending");
        assert_eq!(ending == Ending::Contested, needs_power, "{change}");
        let after = app.superuser().view("users", ann).await.json;
        assert_eq!(before == after, needs_power, "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_race_that_is_lost_while_the_rest_is_planned_is_told_from_a_refusal() {
    let (app, gate) = gated(json!({"createRule": "@collection.gate.title ?= 'open'"})).await;
    let (ann, users) = acting(&app, "ann@example.com").await;
    let system = ann.as_system();
    let gates = system.catalog.collection("gate").expect("gate").clone();
    let account = map(json!({"email": "n@example.com", "password": "12345678", "passwordConfirm": "12345678"}));
    for (meanwhile, lost) in [(false, false), (true, true)] {
        let mut joint = Joint::default();
        let title = json!({"title": if lost { "open" } else { "shut" }});
        joint.update(&system, &gates, &gate, &map(title)).await.expect("it may be planned");
        if meanwhile {
            app.superuser().update("gate", &gate, json!({"title": "else"})).await;
        }
        let planned = joint.create(&ann, &users, &account.clone().into()).await;
        assert!(planned.is_err(), "{planned:?}");
        assert_eq!(joint.is_lost(), lost, "{planned:?}");
    }
}
