//! Fields of the kind `vector`, and `?near=`: the records nearest to one.

use crate::support::{TestApp, open};
use serde_json::{Value, json};

async fn places() -> TestApp {
    let app = TestApp::new().await;
    let mut places = open(
        "places",
        json!([
            {"name": "name", "type": "text", "searchable": true},
            {"name": "distance", "type": "number"},
            {"name": "public", "type": "bool"},
            {"name": "at", "type": "vector", "dimension": 2},
            {"name": "secret", "type": "vector", "dimension": 2, "hidden": true},
        ]),
    );
    places["listRule"] = json!("public = true");
    places["viewRule"] = json!("");
    app.collection(places).await;
    for (name, at, public) in [
        ("east", json!([1, 0]), true),
        ("north", json!([0, 2.5]), true),
        ("west", json!([-3, 0]), true),
        ("hidden east", json!([1, 0.01]), false),
        ("nowhere", json!([0, 0]), true),
        ("unset", json!(null), true),
    ] {
        app.superuser().created("places", json!({"name": name, "at": at, "secret": at, "public": public})).await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_come_back_as_they_were_given() {
    let app = places().await;
    let id = app.superuser().created("places", json!({"at": [0.1, -1e-7]})).await;
    assert_eq!(app.anon().view("places", &id).await.json["at"], json!([0.1, -1e-7]));
    let changed = app.superuser().update("places", &id, json!({"at": "[1,2]"})).await;
    assert_eq!(changed.json["at"], json!([1, 2]), "a form sends texts");
    let emptied = app.superuser().update("places", &id, json!({"at": null})).await;
    assert_eq!((emptied.status, &emptied.json["at"]), (200, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_vector_of_the_field_is_refused() {
    let app = places().await;
    for (at, code) in [
        (json!([1]), "validation_vector_dimension"),
        (json!([1, 2, 3]), "validation_vector_dimension"),
        (json!([1, 1e300]), "validation_invalid_vector"),
        (json!(["1", "2"]), "validation_invalid_vector"),
        (json!({"0": 1}), "validation_invalid_vector"),
        (json!("east"), "validation_invalid_vector"),
        (json!(true), "validation_invalid_vector"),
    ] {
        let reply = app.superuser().create("places", json!({"at": at})).await;
        assert_eq!((reply.status, &reply.json["data"]["at"]["code"]), (400, &json!(code)), "{at}: {reply}");
    }
    let required = json!([{"name": "v", "type": "vector", "dimension": 1, "required": true}]);
    app.collection(open("needed", required)).await;
    assert_eq!(app.anon().create("needed", json!({})).await.json["data"]["v"]["code"], "validation_required");
    assert_eq!(app.anon().create("needed", json!({"v": [0]})).await.status, 200);
    for dimension in [json!(0), json!(9000), json!(-1), json!("many"), Value::Null] {
        let definition = open("wrong", json!([{"name": "v", "type": "vector", "dimension": dimension}]));
        let reply = app.superuser().post("/api/collections", definition).await;
        assert!(reply.status == 400 && reply.to_string().contains("dimension"), "{dimension}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_come_first_and_only_those_that_may_be_listed() {
    let app = places().await;
    let anon = app.anon();
    assert_eq!(anon.values("places", "name", "near=at:[2,0.1]").await, ["east", "north", "west"]);
    assert_eq!(anon.values("places", "name", "near=at:[-1,0]&limit=1").await, ["west"]);
    assert_eq!(anon.values("places", "name", "near=at:[2,0.1]&limit=1&page=2").await, ["north"]);
    assert_eq!(anon.values("places", "name", "near=at:[2,0.1]&filter=name != 'east'").await, ["north", "west"]);
    assert_eq!(anon.values("places", "name", "near=at:[2,0.1]&search=west").await, ["west"]);
    let all = app.superuser().values("places", "name", "near=at:[2,0.1]").await;
    assert_eq!(all, ["hidden east", "east", "north", "west"]);

    let page = anon.list("places", "near=at:[0,1]&limit=2&fields=name,@distance").await.json;
    assert_eq!(page["items"], json!([{"name": "north", "@distance": 0}, {"name": "east", "@distance": 1}]));
    assert_eq!((&page["perPage"], &page["totalItems"]), (&json!(2), &json!(-1)));
    let expanded = anon.list("places", "near=at:[0,1]&limit=1&expand=nothing").await.json;
    assert_eq!((&expanded["items"][0]["@distance"], &expanded["items"][0]["distance"]), (&json!(0), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_near_is_refused_with_its_parameter() {
    let app = places().await;
    for (query, parameter, code) in [
        ("near=at", "near", "validation_invalid_value"),
        ("near=at:[1]", "near", "validation_vector_dimension"),
        ("near=at:[1,2,3]", "near", "validation_vector_dimension"),
        ("near=at:[1,1e99]", "near", "validation_invalid_vector"),
        ("near=at:[0,0]", "near", "validation_invalid_vector"),
        ("near=at:[1,", "near", "validation_invalid_vector"),
        ("near=at:east", "near", "validation_invalid_vector"),
        ("near=name:[1,2]", "near", "validation_unknown_field"),
        ("near=secret:[1,2]", "near", "validation_unknown_field"),
        ("near=nothing:[1,2]", "near", "validation_unknown_field"),
        ("near=at:[1,2]&sort=name", "sort", "validation_unstable_sort"),
        ("near=at:[1,2]&cursor=", "cursor", "validation_unstable_sort"),
    ] {
        let reply = app.anon().list("places", query).await;
        assert_eq!((reply.status, &reply.json["data"][parameter]["code"]), (400, &json!(code)), "{query}: {reply}");
    }
    assert_eq!(app.anon().list("places", "near=at:[1,2]&limit=x").await.status, 400);
    assert_eq!(app.superuser().values("places", "name", "near=secret:[1,0]&limit=1").await, ["east"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_asks_of_a_vector_only_whether_it_is_there() {
    let app = places().await;
    assert_eq!(app.anon().values("places", "name", "filter=at = null").await, ["unset"]);
    assert_eq!(app.anon().values("places", "name", "filter=at != ''").await.len(), 4);
    for filter in ["at ~ '1'", "at = '[1,0]'", "at > 1", "at = at", "at:lower = null", "strftime('%Y', at) = '1'"] {
        let reply = app.anon().list("places", &format!("filter={filter}")).await;
        assert_eq!(reply.status, 400, "{filter}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dimension_stays_and_everything_else_may_change() {
    let app = places().await;
    let path = "/api/collections/places";
    let fields = app.superuser().get(path).await.json["fields"].as_array().expect("fields").clone();
    let with = |key: &str, value: Value| {
        let mut fields = fields.clone();
        fields.iter_mut().filter(|field| field["name"] == "at").for_each(|field| field[key] = value.clone());
        json!({"fields": fields})
    };
    let refused = app.superuser().patch(path, with("dimension", json!(3))).await;
    assert!(refused.to_string().contains("validation_vector_dimension_change"), "{refused}");
    let renamed = app.superuser().patch(path, with("name", json!("place"))).await;
    assert_eq!(renamed.status, 200, "{renamed}");
    assert_eq!(app.anon().values("places", "name", "near=place:[1,0]&limit=1").await, ["east"]);
    app.superuser().created("places", json!({"name": "east too", "place": [5, 0], "public": true})).await;
    let mut added = fields.clone();
    added.push(json!({"name": "more", "type": "vector", "dimension": 3}));
    let reply = app.superuser().patch(path, json!({"fields": added})).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert_eq!(app.anon().values("places", "name", "near=at:[1,0]").await.len(), 4);
}
