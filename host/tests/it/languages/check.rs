//! A validator in every language: pure, with every error at once, each at its field with its code.

use super::limits;
use crate::support::{TestApp, open};
use serde_json::{Value, json};

fn drafts() -> Value {
    let tags = json!({"name": "tags", "type": "select", "maxSelect": 3, "values": ["good", "bad", "other"]});
    open("drafts", json!([{"name": "title", "type": "text"}, {"name": "n", "type": "number"}, tags]))
}

/// The codes by field.
fn codes(reply: &Value) -> Value {
    let data = reply["data"].as_object().cloned().unwrap_or_default();
    data.into_iter().map(|(field, error)| (field, error["code"].clone())).collect::<serde_json::Map<_, _>>().into()
}

pub async fn checks(component: &[u8]) {
    let app = TestApp::new().await;
    app.collection(drafts()).await;
    let id = app.attach(component, "drafts", &["validate"], json!({"limits": limits()})).await;
    let shown = app.superuser().get(&format!("/api/plugins/{id}")).await.json;
    assert_eq!((&shown["exports"], &shown["capabilities"]), (&json!(["validator"]), &json!([])), "it is pure: {shown}");
    let anon = app.anon();

    let all = anon.create("drafts", json!({"title": "", "n": 11, "tags": ["good", "bad"]})).await;
    let wanted = json!({"title": "check_blank", "n": "check_too_many", "tags": "check_bad_tag"});
    assert_eq!((all.status, codes(&all.json)), (400, wanted), "{all}");
    assert_eq!(all.json["data"]["title"]["message"], "Needs a title.", "{all}");
    let one = anon.create("drafts", json!({"title": "Wörter", "n": 10.5})).await;
    assert_eq!((one.status, codes(&one.json)), (400, json!({"n": "check_too_many"})), "{one}");

    let fine = anon.create("drafts", json!({"title": "Wörter", "n": 10, "tags": ["good", "other"]})).await;
    assert_eq!(fine.status, 200, "{fine}");
    let id = fine.json["id"].as_str().expect("an id");
    let whole = anon.update("drafts", id, json!({"tags": "bad"})).await;
    assert_eq!((whole.status, codes(&whole.json)), (400, json!({"tags": "check_bad_tag"})), "{whole}");
    assert_eq!(anon.update("drafts", id, json!({"n": 3})).await.status, 200);
    assert_eq!(anon.view("drafts", id).await.json["n"], 3);
}
