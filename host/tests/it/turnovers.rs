//! Writes that meet a change of the schema: they are planned anew by the definition that holds by then.

use crate::support::people::{Part, Person, encode, records};
use crate::support::{TestApp, open};
use axum::http::Method;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tinybase::error::Error;
use tinybase::model::{Caller, Collection};
use tinybase::records::{
    BatchRequest, BulkQuery, Format, ImportQuery, Input, Report, Terms, batch, create, delete, delete_where, import,
    load_record, truncate, update, update_where,
};
use tinybase::tenant::Cx;
use tinybase::tenant::cx::RequestFacts;

fn text(name: &str) -> Value {
    json!({"name": name, "type": "text"})
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// An operation of the server's own, and the collection as it knows it.
fn begun(app: &TestApp) -> (Cx, Arc<Collection>) {
    let cx = Cx::system(app.host.default_tenant().tenant.clone());
    let things = cx.catalog.collection("things").expect("the collection").clone();
    (cx, things)
}

/// Renames the first field of `things` and adds one.
async fn change(app: &TestApp) {
    let mut fields = app.superuser().get("/api/collections/things").await.json["fields"].take();
    fields[1]["name"] = json!("title");
    fields.as_array_mut().expect("fields").push(json!({"name": "note", "type": "text", "default": "new"}));
    let reply = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
    assert_eq!(reply.status, 200, "{reply}");
}

async fn all(app: &TestApp) -> Vec<(Value, Value)> {
    let mut rows = app.superuser().list("things", "?sort=id").await.json["items"].take();
    let rows = rows.as_array_mut().expect("items").iter_mut();
    rows.map(|row| (row["title"].take(), row["note"].take())).collect()
}

async fn things() -> TestApp {
    let app = TestApp::new().await;
    app.collection(open("things", json!([text("name")]))).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_is_planned_by_the_definition_of_now() {
    let app = things().await;
    let (a, b) = (app.anon().created("things", json!({})).await, app.anon().created("things", json!({})).await);
    let ((cx, things), terms) = (begun(&app), Terms::default());
    let row = |title: &str| object(json!({"title": title}));
    change(&app).await;
    let made = create(&cx, &things, row("created"), &terms).await.expect("a create");
    let made: Value = serde_json::from_slice(&made.json).expect("JSON");
    assert_eq!((&made["title"], &made["note"]), (&json!("created"), &json!("new")));
    let made = update(&cx, &things, &a, row("changed"), &terms).await.expect("an update");
    assert_eq!(serde_json::from_slice::<Value>(&made.json).expect("JSON")["title"], "changed");
    delete(&cx, &things, &b, &terms).await.expect("a delete");
    let request = |method: &str, url: String, body: Value| BatchRequest {
        method: method.into(),
        url,
        headers: Map::new(),
        body: Input::from(object(body)),
    };
    let requests = [
        request("POST", records("things"), json!({"title": "batch"})),
        request("PATCH", format!("{}/{a}", records("things")), json!({"note": "batch"})),
    ];
    let made = batch(&cx, &requests, &terms).await.expect("a batch");
    assert!(String::from_utf8_lossy(&made.json).contains("\"note\":\"new\""));
    let mut titles: Vec<_> = all(&app).await.into_iter().map(|(title, _)| title.to_string()).collect();
    titles.sort();
    assert_eq!(titles, ["\"batch\"", "\"changed\"", "\"created\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_are_those_of_many_records() {
    let app = things().await;
    for _ in 0..3 {
        app.anon().created("things", json!({"name": "old"})).await;
    }
    let ((cx, things), terms) = (begun(&app), Terms::default());
    change(&app).await;
    let query = |filter: &str| BulkQuery { filter: Some(filter.into()), ..BulkQuery::default() };
    let note = object(json!({"note": "many"}));
    let made = update_where(&cx, &things, &query("title = 'old'"), &note, &terms).await.expect("an update of many");
    assert_eq!(serde_json::from_slice::<Value>(&made.json).expect("JSON")["count"], 3);
    assert_eq!(all(&app).await, vec![(json!("old"), json!("many")); 3]);
    let made = delete_where(&cx, &things, &query("id != ''"), &terms).await.expect("a delete of many");
    assert_eq!(serde_json::from_slice::<Value>(&made.json).expect("JSON")["count"], 3);
    app.anon().created("things", json!({"title": "left"})).await;
    truncate(&cx, &things).await.expect("a truncate");
    assert!(all(&app).await.is_empty());
}

fn csv() -> ImportQuery {
    ImportQuery { format: Format::Csv, key: None, columns: None, delimiter: None, dry_run: false, skip_hooks: false }
}

fn file(rows: &str) -> std::fs::File {
    let mut file = tempfile::tempfile().expect("a file");
    std::io::Write::write_all(&mut file, rows.as_bytes()).expect("a write");
    std::io::Seek::rewind(&mut file).expect("its beginning");
    file
}

/// What is wrong with each row.
fn wrong(report: &Report) -> Vec<(u64, String)> {
    report.errors.iter().map(|(row, error)| (*row, format!("{error:?}"))).collect()
}

/// Rows mean the same as long as their columns are called so.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_while_its_columns_are_there() {
    let app = TestApp::new().await;
    let unique = json!({"name": "sku", "type": "text", "unique": true});
    app.collection(open("things", json!([text("name"), unique, text("more")]))).await;
    let (cx, things) = begun(&app);
    let alter = async |change: fn(&mut Vec<Value>)| {
        let mut fields = app.superuser().get("/api/collections/things").await.json["fields"].take();
        change(fields.as_array_mut().expect("fields"));
        let reply = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
        assert_eq!(reply.status, 200, "{reply}");
    };
    let keyed = ImportQuery { key: Some("sku".into()), ..csv() };
    app.collection(open("others", json!([text("name")]))).await;
    let report = import(&cx, &things, &keyed, file("name,sku\na,1\nb,2\n")).await.expect("an import");
    assert_eq!((report.created, report.failed), (2, 0), "{report:?}");
    // No row has a value for it.
    alter(|fields| fields.retain(|field| field["name"] != "more")).await;
    let report = import(&cx, &things, &keyed, file("name,sku\nc,1\nd,3\n")).await.expect("an import");
    assert_eq!((report.created, report.updated, report.failed), (1, 1, 0), "{report:?}");
    alter(|fields| fields[2]["unique"] = json!(false)).await;
    let report = import(&cx, &things, &keyed, file("name,sku\ne,1\n")).await.expect("an import");
    assert!(wrong(&report)[0].1.contains("validation_missing_unique_constraint"), "{report:?}");
    change(&app).await;
    let report = import(&cx, &things, &csv(), file("name\nf\ng\n")).await.expect("an import");
    assert_eq!((report.created, report.failed), (0, 2), "no column is dropped without a word: {report:?}");
    for (_, wrong) in wrong(&report) {
        assert!(wrong.contains("\"name\"") && wrong.contains("validation_unknown_field"), "{wrong}");
    }
    assert_eq!(app.superuser().remove("/api/collections/things").await.status, 204);
    let gone = import(&cx, &things, &csv(), file("name\nh\n")).await;
    assert!(matches!(gone, Err(Error::NotFound(_))), "{gone:?}");
}

/// The rows before a change are written by the one definition, those after it judged by the other.
#[tokio::test(flavor = "multi_thread")]
async fn rows_after_a_change_are_judged_by_the_definition_of_now() {
    use std::io::Write as _;
    // As many as are written together.
    const CHUNK: usize = 500;
    let app = things().await;
    let (cx, things) = begun(&app);
    let (mut client, served) = std::os::unix::net::UnixStream::pair().expect("two ends");
    let served = std::fs::File::from(std::os::fd::OwnedFd::from(served));
    let importing = tokio::spawn(async move { import(&cx, &things, &csv(), served).await });
    client.write_all(format!("name\n{}", "a\n".repeat(CHUNK)).as_bytes()).expect("the rows before");
    while app.anon().list("things", "").await.json["totalItems"] != CHUNK {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    change(&app).await;
    client.write_all(b"b\nc\n").expect("the rows after");
    drop(client);
    let report = importing.await.expect("a task").expect("an import");
    assert_eq!((report.created, report.failed), (CHUNK as u64, 2), "{report:?}");
    assert_eq!(wrong(&report).iter().map(|(row, _)| *row).collect::<Vec<_>>(), [501, 502]);
    assert!(wrong(&report).iter().all(|(_, wrong)| wrong.contains("validation_unknown_field")), "{report:?}");
}

/// No row is wrong because there is nothing left to write it to.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_ends_with_its_collection() {
    use std::io::Write as _;
    const CHUNK: usize = 500;
    let app = things().await;
    let (cx, things) = begun(&app);
    let (mut client, served) = std::os::unix::net::UnixStream::pair().expect("two ends");
    let served = std::fs::File::from(std::os::fd::OwnedFd::from(served));
    let importing = tokio::spawn(async move { import(&cx, &things, &csv(), served).await });
    client.write_all(format!("name\n{}", "a\n".repeat(CHUNK)).as_bytes()).expect("the rows before");
    while app.anon().list("things", "").await.json["totalItems"] != CHUNK {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(app.superuser().remove("/api/collections/things").await.status, 204);
    client.write_all(b"b\nc\n").expect("the rows after");
    drop(client);
    let report = importing.await.expect("a task").expect("an import");
    let counts = (report.rows, report.created, report.failed);
    assert_eq!(counts, (CHUNK as u64, CHUNK as u64, 0), "{report:?}");
    let stopped = report.stopped.expect("it stopped");
    assert!(stopped.row == 501 && matches!(stopped.why, Error::NotFound(_)), "{stopped:?}");
}

/// What rules find in whoever asks is found where the fields are by now.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_is_read_by_the_definition_of_now_too() {
    let app = things().await;
    app.user("ada@example.com").await;
    let mut users = app.superuser().get("/api/collections/users").await.json;
    users["fields"].as_array_mut().expect("fields").extend([text("rank"), text("team")]);
    let reply = app.superuser().patch("/api/collections/users", json!({"fields": users["fields"]})).await;
    assert_eq!(reply.status, 200, "{reply}");
    let of = app.host.default_tenant().tenant.catalog().collection("users").expect("users").clone();
    let tenant = app.host.default_tenant().tenant.clone();
    let find = async || load_record(&tenant, &of, "email", "ada@example.com").await.expect("a read").expect("ada");
    let path = format!("users/records/{}", find().await.id());
    app.superuser().patch(&format!("/api/collections/{path}"), json!({"rank": "low", "team": "chief"})).await;
    let ada = Arc::new(find().await);
    let cx = Cx::new(tenant.clone(), Caller::User(ada), RequestFacts::default());
    let things = cx.catalog.collection("things").expect("things").clone();
    // The two fields change places, so that the former row would have the wrong rank.
    let mut fields = app.superuser().get("/api/collections/users").await.json["fields"].take();
    let fields = fields.as_array_mut().expect("fields");
    let last = fields.len() - 1;
    fields.swap(last - 1, last);
    app.superuser().patch("/api/collections/users", json!({"fields": fields})).await;
    let rule = json!({"createRule": "@request.auth.rank = 'chief'"});
    app.superuser().patch("/api/collections/things", rule).await;
    let refused = create(&cx, &things, object(json!({"name": "a"})), &Terms::default()).await;
    assert!(refused.is_err(), "{refused:?}");
    let rule = json!({"createRule": "@request.auth.team = 'chief'"});
    app.superuser().patch("/api/collections/things", rule).await;
    create(&cx, &things, object(json!({"name": "a"})), &Terms::default()).await.expect("a create");
}

/// What a superuser has begun is not ended in nobody's name, past the rules that would hold for nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_of_somebody_who_has_gone_meanwhile_is_refused() {
    let app = things().await;
    for name in ["a", "b"] {
        app.anon().created("things", json!({"name": name})).await;
    }
    let other = json!({"email": "other@example.com", "password": "secret123456", "passwordConfirm": "secret123456"});
    let id = app.superuser().created("_superusers", other).await;
    let tenant = app.host.default_tenant().tenant.clone();
    let superusers = tenant.catalog().collection("_superusers").expect("superusers").clone();
    let record = load_record(&tenant, &superusers, "id", &id).await.expect("a read").expect("a superuser");
    let cx = Cx::new(tenant.clone(), Caller::Superuser(Arc::new(record)), RequestFacts::default());
    let (things, terms) = (cx.catalog.collection("things").expect("things").clone(), Terms::default());
    assert_eq!(app.superuser().delete("_superusers", &id).await.status, 204);
    change(&app).await;
    let query = BulkQuery { filter: Some("id != ''".into()), ..BulkQuery::default() };
    let gone = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Unauthenticated(_))), "{result:?}");
    gone(update_where(&cx, &things, &query, &object(json!({"note": "x"})), &terms).await.map(drop));
    gone(delete_where(&cx, &things, &query, &terms).await.map(drop));
    gone(truncate(&cx, &things).await);
    gone(create(&cx, &things, object(json!({"title": "c"})), &terms).await.map(drop));
    assert_eq!(all(&app).await.len(), 2);
    assert!(all(&app).await.iter().all(|(_, note)| note != "x"));
}

/// Keeps sending one kind of write until it is told to stop; how many records are there because of it.
async fn keep_writing(app: Person, kind: usize, done: Arc<AtomicBool>) -> i64 {
    let (mut made, path) = (0, records("things"));
    while !done.load(Ordering::Relaxed) {
        let reply = match kind {
            0 => app.post(&path, json!({"name": "one"})).await,
            1 => {
                let parts = [Part::Text("name", "two"), Part::File("file", "a.txt", b"some text")];
                app.form(Method::POST, &path, &parts).await
            }
            2 => {
                let body = |name: &str| json!({"method": "POST", "url": path, "body": {"name": name}});
                let reply = app.post("/api/batch", json!({"requests": [body("three"), body("four")]})).await;
                made += 1;
                reply
            }
            _ => {
                let id = app.created("things", json!({"name": "five"})).await;
                let reply = app.update("things", &id, json!({"name": "six"})).await;
                assert_eq!(reply.status, 200, "{reply}");
                made -= 1;
                app.delete("things", &id).await
            }
        };
        assert!([200, 204].contains(&reply.status), "{kind}: {reply}");
        made += 1;
    }
    made
}

/// Gives the collection a field more and takes it away again, so many times in all.
async fn keep_changing(app: &TestApp, made: &Value, turns: usize) {
    for turn in 0..turns {
        let mut fields = made["fields"].clone();
        if turn % 2 == 0 {
            fields.as_array_mut().expect("fields").push(text("more"));
        }
        let reply = app.superuser().patch("/api/collections/things", json!({"fields": fields})).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_writes_while_the_schema_changes_is_sent_away() {
    let app = TestApp::new().await;
    app.set(json!({"batch": {"enabled": true}})).await;
    let made = app.collection(open("things", json!([text("name"), {"name": "file", "type": "file"}]))).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut running = tokio::task::JoinSet::new();
    for kind in 0..4 {
        running.spawn(keep_writing(app.anon(), kind, done.clone()));
    }
    keep_changing(&app, &made, 30).await;
    done.store(true, Ordering::Relaxed);
    let made: i64 = running.join_all().await.into_iter().sum();
    assert!(made > 0);
    assert_eq!(app.anon().list("things", "").await.json["totalItems"], made);
}

/// Others change each record as soon as it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_answered_with_what_it_made() {
    let app = TestApp::new().await;
    let made = app.collection(open("things", json!([text("name")]))).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (app, done) = (app.anon(), done.clone());
        running.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                let reply = app.create("things", json!({"name": "mine"})).await;
                assert_eq!((reply.status, &reply.json["name"]), (200, &json!("mine")), "{reply}");
            }
        });
    }
    let (root, stop) = (app.superuser().clone(), done.clone());
    running.spawn(async move {
        let path = format!("{}?{}", records("things"), encode("filter=name = 'mine'"));
        while !stop.load(Ordering::Relaxed) {
            let reply = root.patch(&path, json!({"name": "theirs"})).await;
            assert!([200, 409].contains(&reply.status), "{reply}");
        }
    });
    keep_changing(&app, &made, 20).await;
    done.store(true, Ordering::Relaxed);
    running.join_all().await;
}
