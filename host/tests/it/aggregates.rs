//! `GET .../records/count` and `.../records/aggregate`: numbers about what the caller may list.

use crate::support::people::{Person, Reply, encode, records};
use crate::support::{TestApp, open};
use serde_json::{Value, json};

/// What the query asks, `what` being `count` or `aggregate`.
async fn ask(person: &Person, collection: &str, what: &str, query: &str) -> Reply {
    person.get(&format!("{}/{what}?{}", records(collection), encode(query))).await
}

async fn items(person: &Person, query: &str) -> Value {
    let reply = ask(person, "orders", "aggregate", query).await;
    assert_eq!(reply.status, 200, "{query}: {reply}");
    reply.json["items"].clone()
}

/// Orders of which those that are not public are for superusers.
async fn shop() -> TestApp {
    let app = TestApp::new().await;
    let mut orders = open(
        "orders",
        json!([
            {"name": "status", "type": "select", "values": ["open", "paid"], "maxSelect": 1},
            {"name": "count", "type": "text"},
            {"name": "price", "type": "number"},
            {"name": "due", "type": "date"},
            {"name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2},
            {"name": "public", "type": "bool"},
            {"name": "margin", "type": "number", "hidden": true},
            {"name": "word", "type": "password"},
        ]),
    );
    orders["listRule"] = json!("public = true");
    app.collection(orders).await;
    for (status, price, due, public) in [
        ("open", 1.5, "2026-01-31 10:00:00.000Z", true),
        ("open", 2.5, "2026-02-01 10:00:00.000Z", true),
        ("paid", 10.0, "", true),
        ("paid", 1000.0, "2020-01-01 00:00:00.000Z", false),
    ] {
        let body = json!({
            "status": status, "price": price, "due": due, "public": public, "margin": price, "count": status,
            "tags": ["a", "b"], "word": "secret12345",
        });
        app.superuser().created("orders", body).await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_counted_under_the_list_rule() {
    let app = shop().await;
    let count = async |person: &Person, query: &str| {
        let reply = ask(person, "orders", "count", query).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json
    };
    assert_eq!(count(&app.anon(), "").await, json!({"count": 3}));
    assert_eq!(count(app.superuser(), "").await, json!({"count": 4}));
    assert_eq!(count(&app.anon(), "filter=price > 2").await, json!({"count": 2}));
    let broken = ask(&app.anon(), "orders", "count", "filter=margin > 2").await;
    assert_eq!(broken.status, 400, "a hidden field cannot be asked about: {broken}");
    assert_eq!(ask(&app.anon(), "_superusers", "count", "").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_all_and_of_groups() {
    let app = shop().await;
    let anon = app.anon();
    assert_eq!(items(&anon, "").await, json!([{"group": {}, "count": 3}]));
    assert_eq!(
        items(&anon, "fn=count,sum(price),avg(price),min(price),max(price),min(due),max(due)").await,
        json!([{
            "group": {}, "count": 3, "sum": {"price": 14}, "avg": {"price": 14.0 / 3.0},
            "min": {"price": 1.5, "due": "2026-01-31 10:00:00.000Z"}, "max": {"price": 10, "due": "2026-02-01 10:00:00.000Z"},
        }])
    );
    assert_eq!(
        items(&anon, "fn=sum(price)&groupBy=status&sort=-sum(price)").await,
        json!([{"group": {"status": "paid"}, "sum": {"price": 10}}, {"group": {"status": "open"}, "sum": {"price": 4}}])
    );
    // A field may be called as a function is.
    assert_eq!(
        items(&anon, "groupBy=count,tags&filter=status='open'").await,
        json!([{"group": {"count": "open", "tags": ["a", "b"]}, "count": 2}])
    );
    assert_eq!(
        items(&anon, "groupBy=due:month").await,
        json!([
            {"group": {"due": ""}, "count": 1}, {"group": {"due": "2026-01"}, "count": 1},
            {"group": {"due": "2026-02"}, "count": 1},
        ])
    );
    assert_eq!(
        items(&anon, "fn=count,sum(price),max(due)&filter=price > 5000").await,
        json!([{"group": {}, "count": 0, "sum": {"price": 0}, "max": {"due": null}}])
    );
    assert_eq!(items(app.superuser(), "fn=max(margin)").await, json!([{"group": {}, "max": {"margin": 1000}}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_come_in_pages() {
    let app = shop().await;
    let page = async |number: u32| {
        ask(&app.anon(), "orders", "aggregate", &format!("groupBy=price&sort=-price&perPage=2&page={number}"))
            .await
            .json
    };
    let (first, second) = (page(1).await, page(2).await);
    assert_eq!((&first["hasMore"], &second["hasMore"]), (&json!(true), &json!(false)));
    assert_eq!(first["items"][0]["group"], json!({"price": 10}));
    assert_eq!(second["items"], json!([{"group": {"price": 1.5}, "count": 1}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_of_any_size_are_answered() {
    let app = shop().await;
    for _ in 0..3 {
        app.superuser().created("orders", json!({"price": 9e18, "public": true})).await;
        app.superuser().created("orders", json!({"price": 1.7e308, "public": true})).await;
    }
    assert_eq!(items(&app.anon(), "fn=sum(price)").await[0]["sum"], json!({"price": null}), "beyond every number");
    let sum = items(&app.anon(), "fn=sum(price)&filter=price < 100000000000000000000").await;
    assert_eq!(sum[0]["sum"]["price"].as_f64(), Some(2.7e19));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_is_as_unknown_as_what_does_not_exist() {
    let app = shop().await;
    let refused = async |person: &Person, collection: &str, query: &str| {
        let reply = ask(person, collection, "aggregate", query).await;
        assert_eq!(reply.status, 400, "{query}: {reply}");
        reply.json["data"].clone()
    };
    for query in ["fn=sum(FIELD)", "fn=max(FIELD)", "groupBy=FIELD", "groupBy=status,FIELD", "groupBy=FIELD:day"] {
        let hidden = refused(&app.anon(), "orders", &query.replace("FIELD", "margin")).await;
        let missing = refused(&app.anon(), "orders", &query.replace("FIELD", "nothing")).await;
        assert_eq!(hidden.to_string().replace("margin", "nothing"), missing.to_string());
        assert!(hidden.to_string().contains("validation_unknown_field"), "{hidden}");
    }
    assert!(refused(&app.anon(), "orders", "sort=-sum(margin)").await["sort"].is_object());
    for name in
        ["word", "word:lower", "price.x", "status:year", "@request.auth.id", "", "*", "price;", "`price`", "id)--"]
    {
        refused(app.superuser(), "orders", &format!("groupBy=status,{name}")).await;
    }
    for function in [
        "sum",
        "sum(",
        "sum()",
        "sum(status)",
        "avg(due)",
        "count(id)",
        "median(price)",
        "sum(price))",
        "sum(price),sum(price)",
    ] {
        refused(app.superuser(), "orders", &format!("fn={function}")).await;
    }
    refused(app.superuser(), "orders", "sort=price").await;
    refused(app.superuser(), "orders", "groupBy=id,status,price,due,tags").await;
    refused(app.superuser(), "orders", &format!("fn={}", "x".repeat(5000))).await;
    refused(app.superuser(), "orders", "perPage=many").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_not_shown_are_not_grouped_by() {
    let app = TestApp::new().await;
    app.superuser().patch("/api/collections/users", json!({"listRule": ""})).await;
    let ann = app.user("ann@example.com").await;
    assert_eq!(ask(&ann, "users", "aggregate", "groupBy=email").await.status, 400);
    assert_eq!(ask(&ann, "users", "aggregate", "groupBy=tokenKey").await.status, 400);
    assert_eq!(ask(app.superuser(), "users", "aggregate", "groupBy=tokenKey").await.status, 400);
    let seen = ask(app.superuser(), "users", "aggregate", "groupBy=email").await;
    assert_eq!(seen.json["items"], json!([{"group": {"email": "ann@example.com"}, "count": 1}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_record_is_called_as_its_neighbours_in_the_url() {
    let app = TestApp::new().await;
    let id = json!({"name": "id", "type": "text", "primaryKey": true, "required": true, "system": true, "pattern": "^[a-z]+$", "min": 1, "max": 9});
    app.collection(open("words", json!([id]))).await;
    let refused = app.anon().create("words", json!({"id": "count"})).await;
    assert_eq!(refused.json["data"]["id"]["code"], "validation_reserved_pk", "{refused}");
    app.anon().created("words", json!({"id": "counts"})).await;
}
