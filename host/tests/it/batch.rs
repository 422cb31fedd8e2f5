//! `/api/batch`: one transaction whose requests see each other, and an error named by its request.

use crate::support::people::{Person, Reply, records};
use crate::support::{PASSWORD, TestApp, open};
use serde_json::{Value, json};

async fn with_batch() -> TestApp {
    let app = TestApp::with_posts().await;
    let settings = app.superuser().patch("/api/settings", json!({"batch": {"enabled": true}})).await;
    assert_eq!(settings.status, 200, "{settings}");
    app
}

fn request(method: &str, collection: &str, id: &str, body: Value) -> Value {
    let slash = if id.is_empty() { "" } else { "/" };
    let mut request = json!({"method": method, "url": format!("{}{slash}{id}", records(collection))});
    request["body"] = body;
    request
}

async fn send(person: &Person, requests: Value) -> Reply {
    person.post("/api/batch", json!({"requests": requests})).await
}

fn statuses(reply: &Reply) -> Vec<u64> {
    let items = reply.json.as_array().unwrap_or_else(|| panic!("{reply}"));
    items.iter().map(|item| item["status"].as_u64().expect("a status")).collect()
}

/// The answer of the request that failed, with its position.
fn failure(reply: &Reply) -> (String, Value) {
    assert_eq!(reply.status, 400, "{reply}");
    let requests = reply.json["data"]["requests"].as_object().unwrap_or_else(|| panic!("{reply}"));
    assert_eq!(requests.len(), 1, "{reply}");
    let (index, failure) = requests.iter().next().expect("a failure");
    (index.clone(), failure["response"].clone())
}

const ID: &str = "abcdefghijklmno";
const OTHER: &str = "onmlkjihgfedcba";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sees_what_earlier_ones_did() {
    let app = with_batch().await;
    let anon = app.anon();
    let reply = send(
        &anon,
        json!([
            request("POST", "posts", "", json!({"id": ID, "title": "one", "views": 1})),
            request("PATCH", "posts", ID, json!({"views+": 2})),
            request("PATCH", "posts", ID, json!({"views+": 3, "title": "two"})),
            request("PUT", "posts", "", json!({"id": ID, "slug": "s"})),
            request("PUT", "posts", "", json!({"id": OTHER, "title": "new"})),
            request("DELETE", "posts", OTHER, Value::Null),
            request("PUT", "posts", "", json!({"id": OTHER, "title": "again"})),
        ]),
    )
    .await;
    assert_eq!(statuses(&reply), [200, 200, 200, 200, 200, 204, 200]);
    let views: Vec<&Value> = (0..4).map(|index| &reply.json[index]["body"]["views"]).collect();
    assert_eq!(views, [&json!(1), &json!(3), &json!(6), &json!(6)], "each is answered as it left the record");
    let post = anon.view("posts", ID).await.json;
    assert_eq!((&post["title"], &post["views"], &post["slug"]), (&json!("two"), &json!(6), &json!("s")));
    assert_eq!(anon.view("posts", OTHER).await.json["title"], "again");
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_a_stored_record_add_up() {
    let app = with_batch().await;
    let id = app.anon().created("posts", json!({"title": "x", "views": 1})).await;
    let more = request("PATCH", "posts", &id, json!({"views+": 1}));
    let reply = send(&app.anon(), json!([more, more, request("DELETE", "posts", &id, Value::Null), more])).await;
    let (index, response) = failure(&reply);
    assert_eq!((index.as_str(), &response["status"]), ("3", &json!(404)), "it is gone by then");
    assert_eq!(app.anon().view("posts", &id).await.json["views"], 1, "and nothing was written");
    assert_eq!(statuses(&send(&app.anon(), json!([more, more])).await), [200, 200]);
    assert_eq!(app.anon().view("posts", &id).await.json["views"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relation_may_point_at_a_record_of_the_same_batch() {
    let app = with_batch().await;
    let boards = app.collection(open("boards", json!([]))).await["id"].clone();
    let board =
        json!({"name": "board", "type": "relation", "collectionId": boards, "maxSelect": 1, "cascadeDelete": true});
    app.collection(open("cards", json!([board]))).await;
    let anon = app.anon();
    let make_board = request("POST", "boards", "", json!({"id": ID}));
    let make_card = request("POST", "cards", "", json!({"id": OTHER, "board": ID}));
    let (index, response) = failure(&send(&anon, json!([make_card, make_board])).await);
    assert_eq!(index, "0", "it is not there yet");
    assert_eq!(response["data"]["board"]["code"], "validation_missing_rel_records", "{response}");

    let drop_board = request("DELETE", "boards", ID, Value::Null);
    let (index, response) = failure(&send(&anon, json!([make_board, drop_board, make_card])).await);
    assert_eq!((index.as_str(), &response["data"]["board"]["code"]), ("2", &json!("validation_missing_rel_records")));

    assert_eq!(statuses(&send(&anon, json!([make_board, make_card])).await), [200, 200]);
    // A cascade takes along what the batch itself made.
    let second = request("POST", "cards", "", json!({"board": ID}));
    assert_eq!(statuses(&send(&anon, json!([second, drop_board])).await), [200, 204]);
    assert_eq!(anon.list("cards", "").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_violation_names_its_request() {
    let app = with_batch().await;
    let anon = app.anon();
    let post = |slug: &str| request("POST", "posts", "", json!({"title": "x", "slug": slug}));
    let (index, response) = failure(&send(&anon, json!([post("a"), post("b"), post("a"), post("c")])).await);
    assert_eq!(index, "2");
    assert_eq!(response["message"], "Failed to create record.");
    assert_eq!(response["data"]["slug"]["code"], "validation_not_unique", "{response}");
    assert_eq!(anon.list("posts", "").await.json["totalItems"], 0);

    anon.created("posts", json!({"title": "x", "slug": "taken"})).await;
    let id = anon.created("posts", json!({"title": "y"})).await;
    let rename = request("PATCH", "posts", &id, json!({"slug": "taken"}));
    let (index, response) = failure(&send(&anon, json!([post("d"), rename, post("e")])).await);
    assert_eq!((index.as_str(), &response["message"]), ("1", &json!("Failed to update record.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_looks_further_sees_the_batch() {
    let app = with_batch().await;
    let user = app.user("ann@example.com").await;
    let teams = app
        .collection(open(
            "teams",
            json!([
                {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
                {"name": "name", "type": "text"},
            ]),
        ))
        .await["id"]
        .clone();
    let mut tasks = open("tasks", json!([{"name": "team", "type": "relation", "collectionId": teams, "maxSelect": 1}]));
    for rule in ["createRule", "updateRule", "deleteRule"] {
        tasks[rule] = json!("team.owner = @request.auth.id");
    }
    app.collection(tasks).await;
    let team = request("POST", "teams", "", json!({"id": ID, "owner": user.id}));
    let task = request("POST", "tasks", "", json!({"id": OTHER, "team": ID}));
    let again = request("PATCH", "tasks", OTHER, json!({"team": ID}));
    assert_eq!(statuses(&send(&user, json!([team, task, again])).await), [200, 200, 200]);

    // Whoever gives the team away has no say over its tasks any more.
    let give_away = request("PATCH", "teams", ID, json!({"owner": ""}));
    let (index, response) = failure(&send(&user, json!([again, give_away, again])).await);
    assert_eq!((index.as_str(), &response["status"]), ("2", &json!(404)));
    let (index, _) = failure(&send(&app.anon(), json!([give_away, task])).await);
    assert_eq!(index, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_mistake_is_not_blamed_on_a_later_look() {
    let app = with_batch().await;
    let user = app.user("ann@example.com").await;
    let mut tasks = open(
        "tasks",
        json!([
            {"name": "post", "type": "relation", "collectionId": app.superuser().get("/api/collections/posts").await.json["id"], "maxSelect": 1},
        ]),
    );
    tasks["createRule"] = json!("post.author = @request.auth.id");
    app.collection(tasks).await;
    user.created("posts", json!({"title": "x", "slug": "taken"})).await;
    let first = request("POST", "posts", "", json!({"id": ID, "title": "x", "slug": "taken", "author": user.id}));
    let second = request("POST", "tasks", "", json!({"post": ID}));
    let (index, response) = failure(&send(&user, json!([first, second])).await);
    assert_eq!((index.as_str(), &response["data"]["slug"]["code"]), ("0", &json!("validation_not_unique")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_superuser_survives_a_batch() {
    let app = with_batch().await;
    let root = app.superuser();
    let body = json!({"email": "second@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let second = root.created("_superusers", body).await;
    let gone = |id: &str| request("DELETE", "_superusers", id, Value::Null);
    let (index, response) = failure(&send(root, json!([gone(&second), gone(&root.id)])).await);
    assert_eq!((index.as_str(), &response["status"]), ("1", &json!(400)), "{response}");
    assert_eq!(statuses(&send(root, json!([gone(&second)])).await), [204]);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_count_on_the_same_record_lose_nothing() {
    let app = with_batch().await;
    let ids = [
        app.anon().created("posts", json!({"title": "a"})).await,
        app.anon().created("posts", json!({"title": "b"})).await,
    ];
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..32 {
        let (anon, ids) = (app.anon(), ids.clone());
        tasks.spawn(async move {
            let more = |id: &str| request("PATCH", "posts", id, json!({"views+": 1}));
            let (first, second) = (number % 2, 1 - number % 2);
            send(&anon, json!([more(&ids[first]), more(&ids[second])])).await.status
        });
    }
    while let Some(status) = tasks.join_next().await {
        assert_eq!(status.expect("a task"), 200);
    }
    for id in ids {
        assert_eq!(app.anon().view("posts", &id).await.json["views"], 32);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_a_payload_is_a_batch_too() {
    let app = with_batch().await;
    let requests = json!({"requests": [request("POST", "posts", "", json!({"title": "form", "views": 3}))]});
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n{requests}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"requests.0.slug\"\r\n\r\nfrom-a-part\r\n--x--\r\n"
    );
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let reply = app.anon().raw(axum::http::Method::POST, "/api/batch", &headers, body.into_bytes()).await;
    assert_eq!(statuses(&reply), [200]);
    let post = &reply.json[0]["body"];
    assert_eq!((&post["title"], &post["views"], &post["slug"]), (&json!("form"), &json!(3), &json!("from-a-part")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_writes_records_and_does_nothing_else() {
    let app = with_batch().await;
    let superuser = app.superuser();
    let posts = records("posts");
    let (one, elsewhere) = (format!("{posts}/{ID}"), format!("http://x.test{posts}"));
    for (method, url) in [
        ("GET", posts.as_str()),
        ("GET", "/api/health"),
        ("POST", "/api/collections"),
        ("POST", "/api/batch"),
        ("POST", "/api/collections/posts/auth-with-password"),
        ("POST", one.as_str()),
        ("PUT", one.as_str()),
        ("PATCH", posts.as_str()),
        ("DELETE", posts.as_str()),
        ("POST", &posts[1..]),
        ("POST", elsewhere.as_str()),
        ("POST", "/api/collections/posts/records/"),
        ("PUT", "/api/collections/posts/records/"),
        ("PATCH", "/api/collections/posts/records/"),
        ("DELETE", "/api/collections/posts/records/a/b"),
        ("POST", "/api/collections//records"),
        // Nobody is told whether there is a collection that nothing of a batch was sent to.
        ("GET", "/api/collections/none/records"),
        ("PATCH", "/api/collections/none/records"),
        ("PATCH", "/api/collections/none/recordsX"),
        ("POST", "/api/collections/none/records/x"),
        ("POST", "/api/collections/a/b/records"),
    ] {
        let wrong = json!({"method": method, "url": url, "body": {"title": "x"}});
        let first = request("POST", "posts", "", json!({"title": "x"}));
        let (index, response) = failure(&send(superuser, json!([first, wrong])).await);
        assert_eq!((index.as_str(), &response["status"]), ("1", &json!(400)), "{method} {url}");
    }
    for (method, id) in [("POST", ""), ("PUT", ""), ("PATCH", ID), ("DELETE", ID)] {
        let (_, response) = failure(&send(superuser, json!([request(method, "none", id, json!({}))])).await);
        assert_eq!(response["status"], 404, "{method}: there is no such collection");
    }
    assert_eq!(superuser.get(&posts).await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_ask_about_the_request_inside() {
    let app = with_batch().await;
    let rule = |method: &str| {
        format!("@request.method = '{method}' && @request.query.pass = 'yes' && @request.headers.x_pass = 'me'")
    };
    let rules = json!({"createRule": rule("POST"), "updateRule": rule("PATCH"), "deleteRule": rule("DELETE")});
    assert_eq!(app.superuser().patch("/api/collections/posts", rules).await.status, 200);
    let id = app.superuser().created("posts", json!({"title": "there"})).await;
    let (posts, one) = (records("posts"), format!("{}/{id}", records("posts")));
    let headers = json!({"X-Pass": "me"});
    let all = |query: &str, headers: &Value| {
        json!([
            {"method": "POST", "url": format!("{posts}{query}"), "headers": headers, "body": {"title": "a"}},
            {"method": "PATCH", "url": format!("{one}{query}"), "headers": headers, "body": {"title": "b"}},
            {"method": "PUT", "url": format!("{posts}{query}"), "headers": headers, "body": {"id": id, "title": "c"}},
            {"method": "PUT", "url": format!("{posts}{query}"), "headers": headers, "body": {"id": "a23456789012345", "title": "d"}},
            {"method": "DELETE", "url": format!("{one}{query}"), "headers": headers},
        ])
    };
    let reply = send(&app.anon(), all("?pass=yes&pass=no", &headers)).await;
    assert_eq!(reply.status, 200, "{reply}");
    for (query, headers) in [("", &headers), ("?pass=no", &headers), ("?pass=yes", &json!({}))] {
        assert_eq!(send(&app.anon(), all(query, headers)).await.status, 400, "{query} {headers}");
    }
    // What the batch itself was sent with does not count.
    let body = json!({"requests": all("", &headers)});
    assert_eq!(app.anon().post("/api/batch?pass=yes", body).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_precondition_that_is_not_understood_is_not_dropped() {
    let app = TestApp::with_posts().await;
    app.set(json!({"batch": {"enabled": true}})).await;
    let id = app.superuser().created("posts", json!({"title": "first"})).await;
    let url = format!("/api/collections/posts/records/{id}");
    let body = json!({"title": "second"});
    for request in [
        json!({"method": "PATCH", "url": url, "body": body, "headers": {"If-Match": 5}}),
        json!({"method": "PATCH", "url": url, "body": body, "headers": "x"}),
        json!({"method": "POST", "url": "/api/collections/posts/records", "body": []}),
        json!({"method": "POST", "url": "/api/collections/posts/records", "body": true}),
        json!({"method": "POST", "url": 5}),
        json!("POST"),
    ] {
        let reply = app.superuser().post("/api/batch", json!({"requests": [request]})).await;
        assert_eq!(reply.status, 400, "{request}: {reply}");
    }
    let titles = app.superuser().values("posts", "title", "").await;
    assert_eq!(titles, [json!("first")]);
}
