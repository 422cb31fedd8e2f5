//! The SQL console: what it answers, what it refuses, and that what it must not touch stays as it is.

use crate::support::people::Reply;
use crate::support::{TestApp, posts};
use serde_json::{Value, json};
use tinybase::db::Unit;
use tinybase::sql::Sql;

async fn ask(app: &TestApp, query: &str) -> Reply {
    app.superuser().post("/api/sql", json!({"query": query})).await
}

async fn write(app: &TestApp, query: &str) -> Reply {
    app.superuser().post("/api/sql", json!({"query": query, "write": true})).await
}

async fn rows(app: &TestApp, query: &str) -> Value {
    let reply = ask(app, query).await;
    assert_eq!(reply.status, 200, "{query}: {reply}");
    reply.json["rows"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_select_answers_with_columns_and_texts() {
    let app = TestApp::with_posts().await;
    for title in ["a", "b"] {
        app.superuser().created("posts", json!({"title": title, "views": 2.5})).await;
    }
    let reply =
        ask(&app, "select title, views, 1 as one, null as none, x'0aff' as bytes from posts order by title;").await;
    assert_eq!(reply.json["rows"], json!([["a", "2.5", "1", null, "x'0aff'"], ["b", "2.5", "1", null, "x'0aff'"]]));
    assert_eq!(reply.json["columns"][0], json!({"name": "title", "type": "TEXT", "nullable": true}));
    let kinds: Vec<_> = reply.json["columns"].as_array().unwrap().iter().map(|column| column["type"].clone()).collect();
    assert_eq!(kinds[2..], [json!("INTEGER"), json!(""), json!("BLOB")]);
    assert_eq!((reply.json["affectedRows"].clone(), reply.json["truncated"].clone()), (json!(0), json!(false)));
    let many = "with recursive c(x) as (select 1 union all select x + 1 from c where x < 3000) select x from c";
    let reply = ask(&app, many).await;
    assert_eq!((reply.json["rows"].as_array().unwrap().len(), reply.json["truncated"].clone()), (1000, json!(true)));
    let wide = ask(&app, "select hex(zeroblob(5000000)) union all select 1").await;
    assert_eq!((wide.json["rows"].clone(), wide.json["truncated"].clone()), (json!([]), json!(true)));
    assert_eq!(rows(&app, "pragma table_info(posts)").await[0][1], "id");
    assert_eq!(rows(&app, "select count(*) from _params").await, json!([["0"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_null() {
    let app = TestApp::with_posts().await;
    app.user("user@example.com").await;
    let settings = json!({"s3": {"secret": "hush"}});
    assert_eq!(app.superuser().patch("/api/settings", settings).await.status, 200);
    for query in [
        "select password from users",
        "select tokenKey from users",
        "select upper(u.PASSWORD) from users u",
        "select max(password) from _superusers",
        "select options from _collections where name = 'users'",
        "select value from _params",
        "select (select tokenKey from users)",
        "with x as (select password from users) select * from x",
    ] {
        assert_eq!(rows(&app, query).await, json!([[null]]), "{query}");
    }
    assert_eq!(rows(&app, "select count(*) from users where tokenKey like '%'").await, json!([["0"]]));
    assert_eq!(rows(&app, "select email from users").await, json!([["user@example.com"]]));
    // The planner keeps samples of what is indexed.
    let tenant = &app.host.default_tenant().tenant;
    tenant.store.write_alone(Unit::of(Sql::new("ANALYZE"))).await.expect("statistics");
    let samples = rows(&app, "select count(*) > 0, count(sample) from sqlite_stat4").await;
    assert_eq!(samples, json!([["1", "0"]]));
    assert_eq!(write(&app, "update users set name = (select hex(sample) from sqlite_stat4)").await.status, 400);
    let all = ask(&app, "select * from users, _collections, _params").await;
    assert!(!all.json.to_string().contains("hush") && !all.json.to_string().contains("argon2"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_that_merge_columns_tell_no_secrets() {
    let app = TestApp::with_posts().await;
    app.user("user@example.com").await;
    for join in [
        "full join (select 'x' as value) using (value)",
        "natural full join (select 'x' as value)",
        "full join (select 'x' as value) uSiNg (value)",
        "full join (select 'x' as value)/**/using/* ' */(value)",
        "full join (select 'x' as value) -- it's\nusing (value)",
        "NATURAL join (select 'x' as value)",
    ] {
        let query = format!("select value from _params {join}");
        let changing = format!("update posts set title = ({query} limit 1)");
        for reply in [ask(&app, &query).await, write(&app, &changing).await] {
            assert_eq!(reply.status, 400, "{query}: {reply}");
            assert!(reply.json["message"].as_str().unwrap().contains("with ON"), "{query}: {reply}");
        }
    }
    let guess = "select count(*) from users join (select 'x' as tokenKey) using (tokenKey)";
    assert_eq!(ask(&app, guess).await.status, 400);
    assert_eq!(rows(&app, "select 'it''s using' as \"using\" -- natural").await, json!([["it's using"]]));
    let on = "select p.value from _params p full join (select 'x' as value) x on p.value = x.value where p.id is null";
    assert_eq!(ask(&app, on).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_writes_has_to_be_asked_for() {
    let app = TestApp::with_posts().await;
    let id = app.superuser().created("posts", json!({"title": "a"})).await;
    for query in [
        "delete from posts",
        "update posts set title = 'x'",
        "insert into posts (id) values ('x')",
        "explain delete from posts",
    ] {
        let reply = ask(&app, query).await;
        assert_eq!(reply.status, 400, "{query}: {reply}");
        assert!(reply.json["message"].as_str().unwrap().contains("asked for"), "{query}: {reply}");
        assert_eq!(reply.json["data"]["write"]["code"], "statement_writes", "{query}: {reply}");
    }
    // What is wrong with it otherwise has no such code, also where it would write.
    for query in ["delete from nowhere", "delete from posts where", "drop table posts", "select nothing from posts"] {
        let reply = ask(&app, query).await;
        assert_eq!((reply.status, &reply.json["data"]), (400, &json!({})), "{query}: {reply}");
    }
    let reply = write(&app, "update posts set title = 'b' where title = 'a'").await;
    assert_eq!((reply.status, reply.json["affectedRows"].clone()), (200, json!(1)), "{reply}");
    assert_eq!(app.superuser().view("posts", &id).await.json["title"], "b");
    let reply = write(&app, "delete from posts returning title").await;
    assert_eq!((reply.json["affectedRows"].clone(), reply.json["rows"].clone()), (json!(1), json!([["b"]])), "{reply}");
    let told = app.superuser().get("/api/activity?filter=(kind='database')").await;
    assert_eq!(
        told.json["items"][1]["after"]["statement"], "update posts set title = '..' where title = '..'",
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_known_also_where_nothing_may_be_written() {
    let app = TestApp::new().await;
    let superuser = app.superuser();
    let gone = superuser.remove("/api/collections/users").await;
    assert_eq!(gone.status, 204, "{gone}");
    let query = "insert into _superusers (id) values ('x')";
    let reply = ask(&app, query).await;
    assert_eq!((reply.status, &reply.json["data"]["write"]["code"]), (400, &json!("statement_writes")), "{reply}");
    let reply = write(&app, query).await;
    assert_eq!((reply.status, &reply.json["data"]), (400, &json!({})), "{reply}");
    assert!(reply.json["message"].as_str().unwrap().contains("the system's own"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_must_not_touch_is_refused() {
    let app = TestApp::with_posts().await;
    app.user("user@example.com").await;
    let before = app.superuser().get("/api/collections").await.json;
    let outside = app.dir().join("outside.db");
    let attach = format!("attach '{}' as other", outside.display());
    let vacuum = format!("vacuum into '{}'", outside.display());
    for query in [
        attach.as_str(),
        vacuum.as_str(),
        "vacuum",
        "create table x (a)",
        "create temp table x (a)",
        "drop table posts",
        "drop table _collections",
        "alter table posts add column x",
        "create index x on posts (title)",
        "create view v as select 1",
        "create trigger t after insert on posts begin select 1; end",
        "create virtual table f using fts5(x)",
        "reindex",
        "analyze",
        "pragma query_only = 0",
        "pragma writable_schema = 1",
        "pragma journal_mode = delete",
        "pragma user_version = 7",
        "begin",
        "commit",
        "savepoint a",
        "select load_extension('x')",
        "detach main",
        "select 1; select 2",
        "select data from sqlite_dbpage",
        "select * from sqlite_stmt",
        "delete from _superusers",
        "update _collections set name = 'x'",
        "delete from _activity",
        "delete from sqlite_master",
        "insert into _params (id) values ('x')",
        "update users set password = 'x'",
        "update users set tokenKey = 'x'",
        "update users set name = password",
        "insert into users (id, tokenKey) values ('x', 'x')",
        "replace into users (id, password) values ('x', 'x')",
        "insert into users (id) values ('x') on conflict do nothing",
        "delete from users returning tokenKey",
        "update posts set title = (select options from _collections limit 1)",
        "select 1 from nothing",
        "selec",
        "",
    ] {
        let (read, changed) = (ask(&app, query).await, write(&app, query).await);
        assert_eq!((read.status, changed.status), (400, 400), "{query}: {read} {changed}");
    }
    assert_eq!(write(&app, "select 1").await.status, 400);
    assert!(!outside.exists());
    assert_eq!(app.superuser().get("/api/collections").await.json, before);
    assert_eq!(rows(&app, "select count(*) from users").await, json!([["1"]]));
    let long = format!("select '{}'", "x".repeat(5_000));
    assert_eq!(ask(&app, &long).await.json["data"]["query"]["code"], "validation_length_out_of_range");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_has_an_end_within_a_row() {
    let app = TestApp::with_posts().await;
    let id = app.superuser().created("posts", json!({"title": "a"})).await;
    let some = |count: usize, bytes: usize| vec![format!("zeroblob({bytes})"); count].join(", ");
    let reply = ask(&app, &format!("select {}", some(3, 1_000_000))).await;
    assert_eq!(reply.json["rows"][0].as_array().expect("a row").len(), 3);
    let reply = ask(&app, &format!("select {}", some(20, 9_000_000))).await;
    assert_eq!((reply.status, &reply.json["rows"], &reply.json["truncated"]), (200, &json!([]), &json!(true)));
    let update = |count, bytes| format!("update posts set title = 'b' returning {}", some(count, bytes));
    let reply = write(&app, &update(200, 60_000_000)).await;
    assert_eq!(reply.status, 400, "{reply}");
    assert!(reply.json["message"].as_str().unwrap().contains("too large"), "{reply}");
    assert_eq!(app.superuser().view("posts", &id).await.json["title"], "a", "nothing is half done");
    let reply = write(&app, &update(3, 10_000_000)).await;
    assert_eq!((reply.status, &reply.json["rows"], &reply.json["truncated"]), (200, &json!([]), &json!(true)));
    assert_eq!(reply.json["affectedRows"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_keeps_search_and_constraints() {
    let app = TestApp::new().await;
    let mut definition = posts();
    definition["fields"][0]["searchable"] = json!(true);
    app.collection(definition).await;
    app.superuser().created("posts", json!({"title": "heron", "slug": "one"})).await;
    app.superuser().created("posts", json!({"title": "other", "slug": "two"})).await;
    assert_eq!(write(&app, "update posts set title = 'kingfisher' where title = 'heron'").await.status, 200);
    assert_eq!(app.anon().values("posts", "title", "search=kingfisher").await, ["kingfisher"]);
    let reply = write(&app, "update posts set slug = 'two'").await;
    assert_eq!(reply.status, 400, "{reply}");
    assert!(reply.json["message"].as_str().unwrap().contains("unique"), "{reply}");
}

/// There are two at a time; if they ran on, a third would find no room.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_ends_when_nobody_waits_for_it() {
    let app = TestApp::new().await;
    let endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c";
    let given_up = || tokio::time::timeout(std::time::Duration::from_millis(300), ask(&app, endless));
    let (first, second) = tokio::join!(given_up(), given_up());
    assert!(first.is_err() && second.is_err());
    assert_eq!(rows(&app, "select 1").await, json!([["1"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_checked_with_its_full_text_search() {
    let app = TestApp::new().await;
    let fields = json!([{"name": "title", "type": "text", "searchable": true}]);
    app.collection(crate::support::open("notes", fields)).await;
    app.anon().created("notes", json!({"title": "hello"})).await;
    for check in ["integrity_check", "quick_check", "integrity_check(notes)"] {
        assert_eq!(rows(&app, &format!("pragma {check}")).await, json!([["ok"]]), "{check}");
    }
    assert_eq!(ask(&app, "pragma data_version = 5").await.status, 400);
}

/// As in indexes and views: what is no name is a text.
#[tokio::test(flavor = "multi_thread")]
async fn texts_may_stand_in_double_quotes_where_nothing_is_or_was_called_so() {
    let app = TestApp::with_posts().await;
    let id = app.superuser().created("posts", json!({"title": "it's", "slug": "a"})).await;
    assert_eq!(rows(&app, "select \"slug\", \"title\" from posts where slug = \"a\"").await, json!([["a", "it's"]]));
    assert_eq!(rows(&app, "select slug from posts where title = \"it's\"").await, json!([["a"]]));
    assert_eq!(write(&app, "update posts set slug = \"hush\" where title = \"it's\"").await.status, 200);
    assert_eq!(app.superuser().view("posts", &id).await.json["slug"], "hush");
    // What is written to the trail is without the texts.
    let told = rows(&app, "select \"after\" from _activity where kind = \"database\"").await.to_string();
    assert!(told.contains("set slug = '..' where title = '..'") && !told.contains("hush"), "{told}");
    // The name of a field of another collection, and what was a field's name.
    for name in ["emailVisibility", "EMAILvisibility"] {
        assert_eq!(ask(&app, &format!("select 1 from posts where slug = \"{name}\"")).await.status, 400, "{name}");
    }
    assert_eq!(ask(&app, "select 1 from posts where slug = \"heading\"").await.status, 200);
    let mut fields = app.superuser().get("/api/collections/posts").await.json["fields"].take();
    for name in ["heading", "headline"] {
        fields[1]["name"] = json!(name);
        let changed = app.superuser().patch("/api/collections/posts", json!({"fields": fields})).await;
        assert_eq!(changed.status, 200, "{changed}");
    }
    for name in ["title", "heading"] {
        let refused = write(&app, &format!("delete from posts where \"{name}\" != \"\"")).await;
        assert!(refused.status == 400 && refused.to_string().contains("no such column"), "{name}: {refused}");
    }
    app.superuser().remove("/api/collections/posts").await;
    assert_eq!(ask(&app, "select 1 from users where name = \"published_at\"").await.status, 400);
    assert_eq!(ask(&app, "select \"x\" from users, nowhere").await.status, 400);
}
