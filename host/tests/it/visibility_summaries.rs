//! What is not visible stays invisible in what sums up: counts, aggregates, searches, nearness, cursors.

use crate::support::people::{Person, encode, records};
use crate::support::{TestApp, open};
use crate::visibility::{Scene, scene};
use serde_json::{Value, json};

async fn asked(person: &Person, path: &str, query: &str) -> String {
    let reply = person.get(&format!("{path}?{}", encode(query))).await;
    assert!(reply.status < 500, "{path} {query}: {reply}");
    reply.to_string()
}

/// `{}` in each query is the guess; both must be answered alike.
async fn tell_nothing(person: &Person, path: &str, queries: &[&str], right: &str, wrong: &str) {
    for query in queries {
        let one = asked(person, path, &query.replace("{}", right)).await;
        assert_eq!(one, asked(person, path, &query.replace("{}", wrong)).await, "{path} {query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_and_aggregates_answer_no_guess() {
    let Scene { app, bob, .. } = scene().await;
    let filters = [
        "filter=secret = '{}'",
        "filter=author.email ~ '{}'",
        "filter=notes.text != '{}'",
        "filter=notes_via_post.text ?= '{}'",
        "filter=vault.name = '{}'",
    ];
    for person in [app.anon(), bob] {
        for what in ["count", "aggregate"] {
            let path = format!("{}/{what}", records("posts"));
            for (right, wrong) in [("s3cret", "guess!"), ("ann@", "zed@"), ("mine", "hers"), ("gold", "lead")] {
                tell_nothing(&person, &path, &filters, right, wrong).await;
            }
        }
        let counted = person.get(&format!("{}/count", records("notes"))).await;
        assert!(counted.status == 200 && !counted.to_string().contains('1'), "{counted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_hidden_is_summed_up_or_grouped_by() {
    let Scene { app, bob, .. } = scene().await;
    for person in [app.anon(), bob] {
        for (collection, field) in [
            ("posts", "secret"),
            ("posts", "keeper"),
            ("posts", "pin"),
            ("users", "email"),
            ("users", "password"),
            ("users", "tokenKey"),
        ] {
            let path = format!("{}/aggregate", records(collection));
            for query in
                ["groupBy=NAME", "fn=max(NAME)", "fn=count&groupBy=NAME&sort=NAME", "groupBy=id,NAME", "fn=min( NAME )"]
            {
                let there = asked(&person, &path, &query.replace("NAME", field)).await;
                let not_there = asked(&person, &path, &query.replace("NAME", "nosuch")).await;
                assert!(there.starts_with("400"), "{collection} {query}: {there}");
                assert_eq!(there.replace(field, "nosuch"), not_there, "{collection} {query}");
            }
        }
    }
}

async fn places() -> TestApp {
    let app = TestApp::new().await;
    let mut places = open(
        "places",
        json!([
            {"name": "name", "type": "text", "searchable": true},
            {"name": "secret", "type": "text", "searchable": true, "hidden": true},
            {"name": "spot", "type": "vector", "dimension": 2, "hidden": true},
        ]),
    );
    places["listRule"] = json!("name != 'shut'");
    app.collection(places).await;
    for (name, secret) in [("open one", "treasure"), ("open two", "nothing"), ("shut", "treasure")] {
        app.superuser().created("places", json!({"name": name, "secret": secret, "spot": [1, 2]})).await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_and_nearness_look_at_nothing_hidden() {
    let app = places().await;
    let anon = app.anon();
    let path = records("places");
    tell_nothing(&anon, &path, &["search={}", "search=open {}", "search={}&sort=name"], "treasure", "nonsense").await;
    tell_nothing(&anon, &path, &["search={}"], "shut", "none").await;
    tell_nothing(&anon, &format!("{path}/count"), &["search={}"], "treasure", "nonsense").await;
    let (there, not_there) =
        (asked(&anon, &path, "near=spot:[1,2]").await, asked(&anon, &path, "near=nope:[1,2]").await);
    assert!(there.starts_with("400"), "{there}");
    assert_eq!(there.replace("spot", "nope"), not_there);
    assert_eq!(app.superuser().list("places", "search=treasure").await.json["totalItems"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_carries_nobody_past_a_rule() {
    let app = places().await;
    let (anon, root) = (app.anon(), app.superuser());
    assert_eq!(anon.list("places", "cursor=&sort=secret").await.status, 400);
    let theirs = root.list("places", "cursor=&sort=secret&perPage=1").await;
    let cursor = theirs.json["nextCursor"].as_str().expect("a cursor").to_owned();
    for query in [
        format!("cursor={cursor}&sort=secret"),
        format!("cursor={cursor}"),
        format!("cursor={cursor}&sort=name"),
        "cursor=x".to_owned(),
    ] {
        let reply = anon.get(&format!("{}?{query}", records("places"))).await;
        assert_eq!(reply.status, 400, "{query}: {reply}");
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = anon.get(&format!("{}?sort=-name&perPage=1&cursor={cursor}", records("places"))).await;
        seen.extend(page.json["items"].as_array().expect("items").iter().map(|item| item["name"].clone()));
        match page.json["nextCursor"].as_str() {
            Some(next) if !next.is_empty() => next.clone_into(&mut cursor),
            _ => break,
        }
    }
    assert_eq!(seen, [json!("open two"), json!("open one")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_by_filter_are_for_superusers() {
    let Scene { app, bob, .. } = scene().await;
    for person in [app.anon(), bob] {
        for query in ["filter=secret = 's3cret'", "filter=id != ''&dryRun=true", "filter=id != ''"] {
            let path = format!("{}?{}", records("posts"), encode(query));
            for reply in [person.patch(&path, json!({"title": "taken"})).await, person.remove(&path).await] {
                assert!(matches!(reply.status, 401 | 403), "{query}: {reply}");
            }
        }
    }
    let titles = app.superuser().values("posts", "title", "sort=title").await;
    assert_eq!(titles, [Value::from("one"), Value::from("two")]);
}
