//! Two tenants in one process: nothing crosses.

use crate::support::{PASSWORD, TestApp};
use serde_json::json;
use tinybase::auth::superusers;
use tinybase::error::Error;
use tinybase::model::Caller;
use tinybase::{auth, collections, records};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_crosses_from_one_tenant_to_another() {
    let app = TestApp::new().await;
    let (one, two) = (app.tenant("one").await, app.tenant("two").await);
    let definition = crate::support::open("notes", json!([{"name": "text", "type": "text"}]));
    let definition = definition.as_object().expect("an object");
    collections::create(&one, definition).await.expect("a collection");

    assert!(matches!(collections::view(&two, "notes"), Err(Error::NotFound(_))), "collections do not cross");
    collections::create(&two, definition).await.expect("the same name is free there");
    let one = app.tenant("one").await;
    let two = app.tenant("two").await;
    let notes = one.catalog.collection("notes").expect("it is there").clone();
    let input = json!({"text": "only in one"});
    let record =
        records::create_record(&one, &notes, input.as_object().expect("an object").clone()).await.expect("a record");
    let there = two.catalog.collection("notes").expect("it is there").clone();
    let found = records::load_record(&two.tenant, &there, "id", record.id()).await.expect("a read");
    assert!(found.is_none(), "records do not cross");

    // Nor do tokens: the same person in both, a token of one.
    for cx in [&one, &two] {
        superusers::create(cx, "same@example.com", PASSWORD).await.expect("a superuser");
    }
    let who = json!({"email": "same@example.com", "password": PASSWORD});
    let session = auth::session::open(&one, who.as_object().expect("an object")).await.expect("a session");
    assert!(auth::session::holder(&one.tenant, &session.token).await.is_some());
    assert!(auth::session::holder(&two.tenant, &session.token).await.is_none());
    assert!(matches!(auth::caller(&two.tenant, app.superuser().token()).await, Caller::Guest));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_heard_only_in_their_tenant() {
    let app = TestApp::new().await;
    let (one, two) = (app.tenant("one").await, app.tenant("two").await);
    let before = two.tenant.changes.seq();
    superusers::create(&one, "a@example.com", PASSWORD).await.expect("a superuser");
    assert!(one.tenant.changes.seq() > 0);
    assert_eq!(two.tenant.changes.seq(), before);
}
