//! Lists over 100,000 rows: the cases in which a planner goes wrong (counts over relations, match-all,
//! back-relations, unindexed text), pages deep down, search, vectors and aggregates.
//!
//! `cargo bench --bench lists`, or `cargo bench --bench lists -- back_relation` for some. Each line is one request
//! as a superuser sends it, from the query string to the JSON.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

use std::sync::{Arc, LazyLock};

use divan::Bencher;
use serde_json::{Value, json};
use tinybase::clock::World;
use tinybase::config::Config;
use tinybase::db::Unit;
use tinybase::host::Host;
use tinybase::records::{self, AggregateQuery, ListQuery};
use tinybase::sql::Sql;
use tinybase::tenant::Cx;
use tokio::runtime::Runtime;

/// Posts, and as many comments.
const ROWS: u64 = 100_000;
const AUTHORS: u64 = 1_000;
const TAGS: u64 = 200;
/// Numbers in a vector.
const DIMENSION: usize = 128;

/// Names of cases with their filters; each is a page of 30 with its total.
const FILTERS: &[(&str, &str)] = &[
    ("none", ""),
    ("number", "views > 99000"),
    ("unindexed_like", "title ~ 'number 777'"),
    ("relation_id", "author = 'a00000000000007'"),
    ("relation_field", "author.name = 'author 7'"),
    ("relation_like", "author.name ~ 'thor 77'"),
    ("relation_not", "author.name != 'author 7'"),
    ("multiple_any", "tags.name ?= 'tag 7'"),
    ("multiple_all", "tags.name = 'tag 7'"),
    ("multiple_not", "tags.name != 'tag 7'"),
    ("multiple_any_id", "tags.id ?= 't00000000000007'"),
    ("multiple_two", "tags.name ?= 'tag 7' || tags.name ?= 'tag 8'"),
    ("back_relation_any", "comments_via_post.text ?= 'comment 4711'"),
    ("back_relation_all", "comments_via_post.text = 'comment 4711'"),
    ("back_relation_like", "comments_via_post.text ?~ '4711'"),
    ("back_relation_not", "comments_via_post.text != 'comment 4711'"),
    ("back_relation_indexed", "notes_via_post.text ?= 'comment 4711'"),
    ("two_hops", "comments_via_post.author.name ?= 'author 7'"),
];

fn main() {
    divan::main();
}

struct Bench {
    runtime: Runtime,
    cx: Cx,
    _dir: tempfile::TempDir,
    _host: Arc<Host>,
}

static BENCH: LazyLock<Bench> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let config = Config { dir: dir.path().to_owned(), ..Config::default() };
    let (cx, host) = runtime.block_on(async {
        let (world, _) = World::scripted(1_767_323_045_678);
        let host = Host::open(config, world).await.unwrap();
        let tenant = host.default_tenant().tenant.clone();
        seed(&Cx::system(tenant.clone())).await;
        (Cx::system(tenant), host)
    });
    Bench { runtime, cx, _dir: dir, _host: host }
});

async fn collection(cx: &Cx, name: &str, fields: Value, indexes: Value) -> String {
    let definition = json!({"name": name, "type": "base", "fields": fields, "indexes": indexes});
    let made = tinybase::collections::create(cx, definition.as_object().unwrap()).await.unwrap();
    made.json["id"].as_str().unwrap().to_owned()
}

async fn seed(cx: &Cx) {
    let relation = |name: &str, to: &str, max: u32| json!({"name": name, "type": "relation", "collectionId": to, "maxSelect": max});
    let authors = collection(cx, "authors", json!([{"name": "name", "type": "text"}]), json!([])).await;
    let tags = collection(cx, "tags", json!([{"name": "name", "type": "text"}]), json!([])).await;
    let fields = json!([
        {"name": "title", "type": "text", "searchable": true},
        {"name": "body", "type": "text"},
        {"name": "views", "type": "number"},
        {"name": "group", "type": "text"},
        {"name": "made", "type": "date"},
        relation("author", &authors, 1),
        relation("tags", &tags, 9),
        {"name": "embedding", "type": "vector", "dimension": DIMENSION},
    ]);
    let indexes = json!(["CREATE INDEX by_author ON posts (author)", "CREATE INDEX by_views ON posts (views)"]);
    let posts = collection(cx, "posts", fields, indexes).await;
    let text = json!({"name": "text", "type": "text"});
    let comments = json!([text, relation("post", &posts, 1), relation("author", &authors, 1)]);
    collection(cx, "comments", comments.clone(), json!([])).await;
    collection(cx, "notes", comments, json!(["CREATE INDEX by_post ON notes (post)"])).await;
    let mut unit = Unit::new();
    let numbers = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?) ";
    let mut fill = |insert: &str, select: &str, rows: u64| {
        let mut sql =
            Sql::trusted(format!("{insert} {}{select} FROM n", numbers.replace('?', &(rows - 1).to_string())));
        unit.run(std::mem::take(&mut sql));
    };
    fill("INSERT INTO authors (id, name)", "SELECT printf('a%014d', n), 'author ' || n", AUTHORS);
    fill("INSERT INTO tags (id, name)", "SELECT printf('t%014d', n), 'tag ' || n", TAGS);
    let post = format!(
        "SELECT printf('p%014d', n), 'Post number ' || n, printf('%.*c', 200, 'x'), n, 'group ' || (n % 50), \
         printf('2026-%02d-01 00:00:00.000Z', 1 + n % 12), printf('a%014d', n % {AUTHORS}), \
         json_array(printf('t%014d', n % {TAGS}), printf('t%014d', (n * 7 + 1) % {TAGS})), randomblob({})",
        DIMENSION * 4
    );
    fill("INSERT INTO posts (id, title, body, views, `group`, made, author, tags, embedding)", &post, ROWS);
    let comment = format!(
        "SELECT printf('c%014d', n), 'comment ' || n, printf('p%014d', (n * 13) % {ROWS}), printf('a%014d', n % {AUTHORS})"
    );
    fill("INSERT INTO comments (id, text, post, author)", &comment, ROWS);
    fill("INSERT INTO notes (id, text, post, author)", &comment, ROWS);
    cx.tenant.store.write_alone(unit).await.unwrap();
    cx.tenant.store.maintain().await.unwrap();
}

fn list(query: &ListQuery) -> Vec<u8> {
    let Bench { runtime, cx, .. } = &*BENCH;
    let posts = cx.catalog.collection("posts").unwrap();
    // A case that takes longer than the deadline is an error, and prints as a time all the same.
    runtime.block_on(records::list(cx, posts, query)).unwrap_or_else(|error| format!("{error:?}").into_bytes())
}

#[divan::bench(args = FILTERS.iter().map(|(name, _)| *name), sample_count = 5, sample_size = 1)]
fn filter(bencher: Bencher, name: &str) {
    let filter = FILTERS.iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
    let query = ListQuery { filter: Some(filter), ..ListQuery::default() };
    LazyLock::force(&BENCH);
    bencher.bench_local(|| list(&query));
}

#[divan::bench(args = ["page=3000", "cursor", "search", "search_one_letter", "near"], sample_count = 5, sample_size = 1)]
fn beyond(bencher: Bencher, case: &str) {
    let text = |text: &str| Some(text.to_owned());
    let sorted = ListQuery { sort: text("-views"), ..ListQuery::default() };
    let query = match case {
        "page=3000" => ListQuery { page: text("3000"), skip_total: text("1"), ..sorted },
        "cursor" => {
            let first = ListQuery { cursor: text(""), per_page: text("1000"), ..sorted.clone() };
            let page: Value = serde_json::from_slice(&list(&first)).unwrap();
            ListQuery { cursor: text(page["nextCursor"].as_str().unwrap()), ..sorted }
        }
        "search" => ListQuery { search: text("number 4711"), ..ListQuery::default() },
        "search_one_letter" => ListQuery { search: text("p"), ..ListQuery::default() },
        _ => {
            let vector: Vec<f32> = (1_u8..).take(DIMENSION).map(f32::from).collect();
            ListQuery { near: text(&format!("embedding:{vector:?}")), ..ListQuery::default() }
        }
    };
    bencher.bench_local(|| list(&query));
}

#[divan::bench(args = ["count", "group", "month"], sample_count = 5, sample_size = 1)]
fn aggregate(bencher: Bencher, case: &str) {
    let text = |text: &str| Some(text.to_owned());
    let query = match case {
        "count" => AggregateQuery::default(),
        "group" => {
            AggregateQuery { functions: text("count,sum(views)"), group_by: text("group"), ..Default::default() }
        }
        _ => AggregateQuery { functions: text("avg(views)"), group_by: text("made:month"), ..Default::default() },
    };
    let Bench { runtime, cx, .. } = &*BENCH;
    let posts = cx.catalog.collection("posts").unwrap();
    bencher.bench_local(|| runtime.block_on(records::aggregate(cx, posts, &query)).unwrap());
}
