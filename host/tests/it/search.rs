//! `GET .../records?search=`: full-text search over the fields that are marked searchable.

use crate::support::people::{Person, encode, percent, records};
use crate::support::{TestApp, open};
use serde_json::{Value, json};

fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind, "searchable": true})
}

fn articles() -> Value {
    open(
        "articles",
        json!([
            field("title", "text"),
            field("body", "editor"),
            field("meta", "json"),
            {"name": "tags", "type": "select", "values": ["news", "sport"], "maxSelect": 2, "searchable": true},
            field("aliases", "array"),
            {"name": "rank", "type": "number"},
            {"name": "public", "type": "bool"},
            {"name": "notes", "type": "text"},
        ]),
    )
}

async fn written(app: &TestApp) {
    for (title, body, meta, rank) in [
        ("The quick brown fox", "<p>jumps over the <strong>lazy</strong> dog</p>", json!({"key": "value"}), 1),
        ("Foxes of the north", "<p class=\"dog\">A fox, two foxes &amp; a fox.</p>", json!([7, "seven"]), 2),
        ("Žluťoučký kůň", "<h1>Úpěl</h1><p>ďábelské ódy</p>", json!(null), 3),
        ("猫 cat-like", "no tags at all", json!("plain"), 4),
    ] {
        let body = json!({"title": title, "body": body, "meta": meta, "rank": rank, "tags": ["news"], "aliases": [format!("alias{rank}")], "public": rank < 3, "notes": "unmarked"});
        app.superuser().created("articles", body).await;
    }
}

async fn library() -> TestApp {
    let app = TestApp::new().await;
    app.collection(articles()).await;
    written(&app).await;
    app
}

/// The ranks of what is found, in the order of the answer.
async fn found(person: &Person, query: &str) -> Vec<i64> {
    let ranks = person.values("articles", "rank", query).await;
    ranks.iter().map(|rank| rank.as_i64().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_wherever_they_stand() {
    let app = library().await;
    let anon = app.anon();
    for (search, ranks) in [
        ("quick", vec![1]),
        ("QUICK Brown", vec![1]),
        ("brown quick", vec![1]),
        ("quick dog", vec![1]),
        ("\"quick brown\"", vec![1]),
        ("\"brown quick\"", vec![]),
        ("qui", vec![1]),
        ("qui brown", vec![]),
        ("brown qui", vec![1]),
        ("\"qui\"", vec![]),
        ("zlutoucky kun", vec![3]),
        ("ÓDY", vec![3]),
        ("猫", vec![4]),
        ("cat-like", vec![4]),
        ("cat", vec![4]),
        ("value", vec![1]),
        ("seven", vec![2]),
        ("plain", vec![4]),
        ("alias2", vec![2]),
        ("nothing", vec![]),
        ("unmarked", vec![]),
    ] {
        assert_eq!(found(&anon, &format!("search={search}")).await, ranks, "{search}");
    }
    for markup in ["strong", "class", "p", "h1", "amp", "key"] {
        assert_eq!(found(&anon, &format!("search=\"{markup}\"")).await, [0_i64; 0], "{markup} is no word");
    }
    assert_eq!(found(&anon, "search=news").await.len(), 4);
    assert_eq!(found(&anon, "search=").await.len(), 4, "nothing is searched for");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_come_first_unless_they_are_sorted() {
    let app = library().await;
    let anon = app.anon();
    assert_eq!(found(&anon, "search=fox").await, [2, 1]);
    assert_eq!(found(&anon, "search=fox&sort=rank").await, [1, 2]);
    assert_eq!(found(&anon, "search=fox&filter=rank > 1").await, [2]);
    let page = anon.list("articles", "search=fox&perPage=1&page=2").await.json;
    assert_eq!(
        (&page["totalItems"], &page["totalPages"], &page["items"][0]["rank"]),
        (&json!(2), &json!(2), &json!(1))
    );
    let count = anon.get(&format!("{}/count?search=fox", records("articles"))).await;
    assert_eq!(count.json, json!({"count": 2}));
    let sum = anon.get(&format!("{}/aggregate?fn=sum(rank)&search=fox", records("articles"))).await;
    assert_eq!(sum.json["items"][0]["sum"], json!({"rank": 3}));
    let paged = anon.list("articles", "search=fox&sort=rank&perPage=1&cursor=").await.json;
    let next = paged["nextCursor"].as_str().expect("a cursor");
    assert_eq!(found(&anon, &format!("search=fox&sort=rank&perPage=1&cursor={next}")).await, [2]);
    let ranked = anon.list("articles", "search=fox&cursor=").await;
    assert_eq!((ranked.status, &ranked.json["data"]["sort"]["code"]), (400, &json!("validation_unstable_sort")));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_is_a_broken_query() {
    let app = library().await;
    let words = [
        "\"",
        "\"\"",
        "'",
        "*",
        "**",
        "(",
        ")",
        "AND",
        "OR NOT",
        "NEAR(a b, 3)",
        "title:",
        "title:fox",
        "{title}: fox",
        "-fox",
        "^fox",
        "+",
        "fox*",
        "fo*x",
        "fox AND",
        "c0:fox",
        "rank:1",
        "a\u{0}b",
        "\u{0}",
        ";",
        "--",
        "\\",
        "%",
        "\u{fffd}",
        "\"a",
        "a\"b\"c",
        "'; DROP TABLE articles; --",
        "\u{1f600}",
        "\u{301}",
        "\u{200d}",
        "ﬃ",
    ];
    for first in words {
        for second in ["", "fox", "\"", "*"] {
            let text = format!("{first} {second}");
            let encoded: String = text.chars().map(percent).collect();
            for sort in ["", "&sort=rank"] {
                let reply = app.anon().get(&format!("{}?search={encoded}{sort}", records("articles"))).await;
                assert_eq!(reply.status, 200, "{text:?}: {reply}");
            }
        }
    }
    assert_eq!(found(&app.anon(), "search=-").await, [0_i64; 0], "no word is found nowhere");
    let many = "ab ".repeat(160);
    assert_eq!(app.anon().list("articles", &format!("search={many}")).await.status, 200);
    let long = app.anon().list("articles", &format!("search={}", "x".repeat(501))).await;
    assert_eq!((long.status, &long.json["data"]["search"]["code"]), (400, &json!("validation_length_too_long")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_follows_every_write() {
    let app = library().await;
    let anon = app.anon();
    let id = anon.created("articles", json!({"title": "walrus", "rank": 9})).await;
    assert_eq!(found(&anon, "search=walrus").await, [9]);
    anon.update("articles", &id, json!({"title": "narwhal"})).await;
    assert_eq!(found(&anon, "search=walrus").await, [0_i64; 0]);
    anon.update("articles", &id, json!({"rank": 10})).await;
    assert_eq!(found(&anon, "search=narwhal").await, [10]);
    let refused = anon.update("articles", &id, json!({"title": "x".repeat(6000)})).await;
    assert_eq!((refused.status, found(&anon, "search=narwhal").await), (400, vec![10]));
    anon.delete("articles", &id).await;
    assert_eq!(found(&anon, "search=narwhal").await, [0_i64; 0]);
    let emptied = app.superuser().remove("/api/collections/articles/truncate").await;
    assert_eq!(emptied.status, 204, "{emptied}");
    anon.created("articles", json!({"title": "owl", "rank": 1})).await;
    assert_eq!(found(&anon, "search=owl").await, [1]);
    assert_eq!(found(&anon, "search=fox").await, [0_i64; 0]);
}

fn named(name: &str) -> impl Fn(&&mut Value) -> bool {
    move |field| field["name"] == name
}

async fn fields(app: &TestApp, change: impl Fn(&mut Vec<Value>)) {
    let path = "/api/collections/articles";
    let mut fields = app.superuser().get(path).await.json["fields"].as_array().expect("fields").clone();
    change(&mut fields);
    let reply = app.superuser().patch(path, json!({"fields": fields})).await;
    assert_eq!(reply.status, 200, "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_survives_changes_of_the_schema() {
    let app = TestApp::new().await;
    let mut plain = articles();
    for field in plain["fields"].as_array_mut().expect("fields") {
        field["searchable"] = json!(false);
    }
    app.collection(plain).await;
    written(&app).await;
    let refused = app.anon().list("articles", "search=fox").await;
    assert_eq!((refused.status, &refused.json["data"]["search"]["code"]), (400, &json!("validation_not_searchable")));

    // What was written before is found too.
    fields(&app, |all| {
        all.iter_mut().filter(named("title")).for_each(|field| field["searchable"] = json!(true));
    })
    .await;
    assert_eq!(found(&app.anon(), "search=fox&sort=rank").await, [1, 2]);
    assert_eq!(found(&app.anon(), "search=lazy").await, [0_i64; 0]);
    // Renamed fields swap names; a new one joins; one goes.
    fields(&app, |all| {
        for field in all.iter_mut() {
            let swapped = match field["name"].as_str() {
                Some("title") => "body",
                Some("body") => "title",
                _ => continue,
            };
            field["name"] = json!(swapped);
        }
    })
    .await;
    assert_eq!(found(&app.anon(), "search=fox&sort=rank").await, [1, 2]);
    app.anon().created("articles", json!({"body": "badger", "title": "otter", "rank": 5})).await;
    assert_eq!(found(&app.anon(), "search=badger").await, [5]);
    assert_eq!(found(&app.anon(), "search=otter").await, [0_i64; 0]);
    fields(&app, |all| {
        all.iter_mut().filter(named("title")).for_each(|field| field["searchable"] = json!(true));
        all.iter_mut().filter(named("tags")).for_each(|field| {
            field["searchable"] = json!(true);
            field["maxSelect"] = json!(1);
        });
    })
    .await;
    assert_eq!(found(&app.anon(), "search=otter").await, [5]);
    assert_eq!(found(&app.anon(), "search=news").await.len(), 4);
    fields(&app, |all| all.retain(|field| field["name"] != "tags")).await;
    assert_eq!(app.anon().list("articles", "search=news").await.json["totalItems"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_survives_renaming_refusals_and_imports() {
    let app = library().await;
    let id = app.superuser().get("/api/collections/articles").await.json["id"].as_str().expect("an id").to_owned();
    // A renamed collection, then a change that is refused half-way.
    let renamed = app.superuser().patch("/api/collections/articles", json!({"name": "ARTICLES"})).await;
    assert_eq!(renamed.status, 200, "{renamed}");
    app.anon().created("ARTICLES", json!({"body": "heron", "rank": 6})).await;
    assert_eq!(app.anon().values("ARTICLES", "rank", "search=heron").await, [json!(6)]);
    let refused = app
        .superuser()
        .patch(
            "/api/collections/articles",
            json!({"name": "papers", "indexes": ["CREATE UNIQUE INDEX one ON papers (public)"]}),
        )
        .await;
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(app.anon().values("ARTICLES", "rank", "search=heron").await, [json!(6)]);
    app.anon().created("ARTICLES", json!({"body": "stork", "rank": 7})).await;
    assert_eq!(app.anon().values("ARTICLES", "rank", "search=stork").await, [json!(7)]);

    // An import that takes searching away, one that gives it back, and the end.
    let definition = app.superuser().get("/api/collections/articles").await.json;
    let import = async |searchable: bool| {
        let mut definition = definition.clone();
        for field in definition["fields"].as_array_mut().expect("fields").iter_mut().filter(named("body")) {
            field["searchable"] = json!(searchable);
        }
        let reply = app.superuser().put("/api/collections/import", json!({"collections": [definition]})).await;
        assert_eq!(reply.status, 204, "{reply}");
    };
    import(false).await;
    assert_eq!(app.anon().list("articles", "search=stork").await.json["totalItems"], 0);
    assert_eq!(app.anon().list("articles", "search=fox").await.json["totalItems"], 2);
    import(true).await;
    assert_eq!(app.anon().list("articles", "search=stork").await.json["totalItems"], 1);
    assert_eq!(app.superuser().remove("/api/collections/articles").await.status, 204);
    let mut again = articles();
    again["id"] = json!(id);
    app.collection(again).await;
    assert_eq!(found(&app.anon(), "search=stork").await, [0_i64; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_must_not_see_is_not_found_either() {
    let app = TestApp::new().await;
    let mut notes = open(
        "articles",
        json!([
            field("title", "text"),
            {"name": "secret", "type": "text", "hidden": true, "searchable": true},
            {"name": "rank", "type": "number"},
            {"name": "public", "type": "bool"},
        ]),
    );
    notes["listRule"] = json!("public = true");
    app.collection(notes).await;
    for (rank, public) in [(1, true), (2, false)] {
        let body = json!({"title": "Tea time", "secret": "poison", "rank": rank, "public": public});
        app.superuser().created("articles", body).await;
    }
    assert_eq!(found(&app.anon(), "search=tea").await, [1], "the list rule holds");
    assert_eq!(found(app.superuser(), "search=tea&sort=rank").await, [1, 2]);
    for search in ["poison", "poi", "tea poison", "\"time poison\"", "secret:poison", "c1:poison", "{c1}:poison"] {
        assert_eq!(found(&app.anon(), &format!("search={search}")).await, [0_i64; 0], "{search}");
        let count =
            app.anon().get(&format!("{}/count?{}", records("articles"), encode(&format!("search={search}")))).await;
        assert_eq!(count.json, json!({"count": 0}), "{search}");
    }
    assert_eq!(found(app.superuser(), "search=poison tea&sort=rank").await, [1, 2]);

    // With nothing but hidden fields there is nothing to search, and no telling that there were others.
    let hidden = json!([{"name": "secret", "type": "text", "hidden": true, "searchable": true}]);
    app.collection(open("vault", hidden)).await;
    app.collection(open("bare", json!([{"name": "secret", "type": "text", "hidden": true}]))).await;
    let (vault, bare) = (app.anon().list("vault", "search=x").await, app.anon().list("bare", "search=x").await);
    assert_eq!((vault.status, vault.json), (400, bare.json));
    assert_eq!(app.superuser().list("vault", "search=x").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_found_by_superusers_only() {
    let app = TestApp::new().await;
    let mut fields =
        app.superuser().get("/api/collections/users").await.json["fields"].as_array().expect("fields").clone();
    for field in fields.iter_mut().filter(|field| ["email", "name"].iter().any(|name| field["name"] == *name)) {
        field["searchable"] = json!(true);
    }
    let reply = app.superuser().patch("/api/collections/users", json!({"fields": fields, "listRule": ""})).await;
    assert_eq!(reply.status, 200, "{reply}");
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    ann.update("users", &ann.id, json!({"emailVisibility": true, "name": "Ann"})).await;
    for person in [app.anon(), ann.clone(), bob] {
        assert_eq!(person.values("users", "id", "search=example").await, Vec::<Value>::new());
        assert_eq!(person.values("users", "id", "search=ann").await, [json!(ann.id)], "by her name");
    }
    assert_eq!(app.superuser().values("users", "id", "search=example").await.len(), 2);

    for field in fields.iter_mut().filter(|field| field["name"] == "tokenKey") {
        field["searchable"] = json!(true);
    }
    let refused = app.superuser().patch("/api/collections/users", json!({"fields": fields})).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert!(refused.to_string().contains("validation_not_searchable"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_fields_with_words_can_be_searchable() {
    let app = TestApp::new().await;
    for kind in ["number", "bool", "date", "password", "geoPoint"] {
        let reply = app.superuser().post("/api/collections", open("wrong", json!([field("f", kind)]))).await;
        assert_eq!(reply.status, 400, "{kind}");
        assert!(reply.to_string().contains("validation_not_searchable"), "{kind}: {reply}");
    }
    let reply = app
        .superuser()
        .post("/api/collections", open("wrong", json!([{"name": "f", "type": "text", "searchable": 1}])))
        .await;
    assert_eq!(reply.status, 400, "{reply}");
    app.collection(articles()).await;
    let seen = app.superuser().get("/api/collections/articles").await.json;
    let flags: Vec<_> =
        seen["fields"].as_array().expect("fields").iter().map(|field| field.get("searchable")).collect();
    assert_eq!(flags[1], Some(&json!(true)));
    assert_eq!(flags[0], None, "a definition without it reads as PocketBase's");
}
