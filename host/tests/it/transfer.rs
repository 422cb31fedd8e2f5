//! `records/export` and `records/import`: whole lists as CSV, JSON and NDJSON.

use crate::support::people::{Person, Reply, records};
use crate::support::{PASSWORD, TestApp, open};
use axum::http::Method;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// As many rows as a debug build can do in a few seconds; with 100,000 it is measured by hand.
const MANY: usize = 20_000;

async fn export(person: &Person, collection: &str, query: &str) -> Reply {
    person.get(&format!("{}/export?{query}", records(collection))).await
}

fn text(reply: &Reply) -> &str {
    assert_eq!(reply.status, 200, "{reply}");
    std::str::from_utf8(&reply.body).expect("UTF-8")
}

async fn import(person: &Person, collection: &str, query: &str, body: impl Into<Vec<u8>>) -> Reply {
    let path =
        format!("{}/import?{}", records(collection), query.replace('"', "%22").replace('{', "%7B").replace('}', "%7D"));
    person.raw(Method::POST, &path, &[("content-type", "text/csv")], body.into()).await
}

fn counts(reply: &Reply) -> [u64; 4] {
    assert_eq!(reply.status, 200, "{reply}");
    ["rows", "created", "updated", "failed"].map(|key| reply.json[key].as_u64().expect("a number"))
}

async fn with_things() -> TestApp {
    let app = TestApp::new().await;
    let mut things = open(
        "things",
        json!([
            {"name": "sku", "type": "text", "required": true},
            {"name": "note", "type": "text"},
            {"name": "n", "type": "number"},
            {"name": "ok", "type": "bool"},
            {"name": "tags", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3},
            {"name": "meta", "type": "json"},
            {"name": "at", "type": "date"},
            {"name": "spot", "type": "geoPoint"},
            {"name": "secret", "type": "text", "hidden": true},
            {"name": "rating", "type": "number", "nullable": true},
            {"name": "list", "type": "array"},
            {"name": "near", "type": "vector", "dimension": 2},
        ]),
    );
    things["indexes"] = json!(["CREATE UNIQUE INDEX by_sku ON things (sku)"]);
    app.collection(things).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_says_a_thing_twice_is_not_guessed_at() {
    let app = with_things().await;
    let file = "{\"sku\":\"a\",\"n\":1}\n{\"sku\":\"b\",\"n\":1,\"n\":2}\n{\"sku\":\"c\",\"n\":1,\"number\":2}\n";
    let imported = import(app.superuser(), "things", "format=ndjson&columns={\"number\":\"n\"}", file).await;
    assert_eq!(counts(&imported), [3, 1, 0, 2], "{imported}");
    assert_eq!(imported.json["errors"][1]["data"]["n"]["code"], "validation_invalid_value", "{imported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_can_be_imported() {
    let app = with_things().await;
    let root = app.superuser();
    let odd = json!({
        "sku": "a,1", "note": "line \"one\"\nline two ü", "n": -1.5, "ok": true, "tags": ["c", "a"], "meta": {"k": [1, "x"]},
        "at": "2026-01-02 03:04:05.000Z", "spot": {"lon": 1.5, "lat": -2}, "secret": "s",
        "rating": 0, "list": ["x", "y z"], "near": [0.5, 1],
    });
    root.created("things", odd).await;
    root.created("things", json!({"sku": "empty", "meta": "a text"})).await;
    root.created("things", json!({"sku": "nothing", "meta": null})).await;
    let before = root.list("things", "sort=sku").await.json["items"].clone();
    for format in ["csv", "json", "ndjson"] {
        let exported = export(root, "things", &format!("format={format}&sort=sku")).await;
        let file = text(&exported).to_owned();
        assert_eq!(root.remove(&format!("{}?filter=id!=''", records("things"))).await.json["count"], 3);
        let imported = import(root, "things", &format!("format={format}"), file).await;
        assert_eq!(counts(&imported), [3, 3, 0, 0], "{imported}");
        assert_eq!(root.list("things", "sort=sku").await.json["items"], before, "{format}");
    }
    let exported = export(&app.anon(), "things", "format=csv&sort=sku&fields=sku,note,tags,meta").await;
    let expected = "sku,note,tags,meta\r\n\
        \"a,1\",\"line \"\"one\"\"\nline two ü\",\"[\"\"c\"\",\"\"a\"\"]\",\"{\"\"k\"\":[1,\"\"x\"\"]}\"\r\n\
        empty,,[],\"\"\"a text\"\"\"\r\nnothing,,[],\r\n";
    assert_eq!(text(&exported), expected);
    let header = |name: &str| exported.headers[name].to_str().expect("a text").to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(header("content-disposition"), "attachment; filename=\"things.csv\"");
    assert_eq!(header("content-length"), expected.len().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_json_is_whole_or_an_error() {
    let app = with_things().await;
    let root = app.superuser();
    let empty = export(root, "things", "format=json").await;
    assert_eq!((text(&empty), &empty.json), ("[]\n", &json!([])));
    for (sku, note) in [("a", "{}"), ("b", "no JSON"), ("c", "{}")] {
        root.created("things", json!({"sku": sku, "note": note})).await;
    }
    let exported = export(root, "things", "format=json&sort=sku&fields=sku,note:excerpt(2)").await;
    let expected =
        "[\n{\"sku\":\"a\",\"note\":\"{}\"},\n{\"sku\":\"b\",\"note\":\"no\"},\n{\"sku\":\"c\",\"note\":\"{}\"}\n]\n";
    assert_eq!(text(&exported), expected);
    let header = |name: &str| exported.headers[name].to_str().expect("a text").to_owned();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("content-disposition"), "attachment; filename=\"things.json\"");
    assert_eq!(header("content-length"), expected.len().to_string());

    // The second row fails when it is read, after the first was written.
    let query = "SELECT id, sku, json_extract(note, '$.a') AS x FROM things ORDER BY sku";
    app.collection(json!({"name": "broken", "type": "view", "viewQuery": query, "listRule": ""})).await;
    let refused = export(root, "broken", "format=json").await;
    assert!(refused.status >= 400 && refused.json["message"].is_string(), "{refused}");
    assert_eq!(refused.headers.get("content-disposition"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_json_is_imported_item_by_item() {
    let app = with_things().await;
    let root = app.superuser();
    let file = "\u{feff}[\n {\"sku\":\"a\",\"note\":\"],[{\"}, 3, {\"sku\":\"b\",\"meta\":[{\"k\":1}]},\n{\"n\":1},{\"sku\":\"c\",\"sku\":\"d\"}]\n";
    let imported = import(root, "things", "format=json", file).await;
    assert_eq!(counts(&imported), [5, 2, 0, 3], "{imported}");
    let rows: Vec<_> = imported.json["errors"].as_array().expect("a list").iter().map(|error| &error["row"]).collect();
    assert_eq!(rows, [&json!(2), &json!(4), &json!(5)]);
    let records = root.list("things", "sort=sku").await;
    assert_eq!(records.json["items"][0]["note"], "],[{");
    assert_eq!(records.json["items"][1]["meta"], json!([{"k": 1}]));
    let again = import(root, "things", "format=json&key=sku", "[{\"sku\":\"a\",\"n\":7}]").await;
    assert_eq!(counts(&again), [1, 0, 1, 0], "{again}");
    assert_eq!(counts(&import(root, "things", "format=json", "[]").await), [0; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_list_that_breaks_off_nothing_is_imported() {
    let app = with_things().await;
    let root = app.superuser();
    let mut file = String::from("[");
    for n in 0..600 {
        let _ = write!(file, "{{\"sku\":\"s{n}\"}},");
    }
    for (end, row) in [("", "601"), ("]", "601"), ("{\"sku\":\"x\"}", "601"), ("{\"sku\":\"x\"}] x", "601")] {
        let refused = import(root, "things", "format=json", format!("{file}{end}")).await;
        assert_eq!(
            (refused.status, &refused.json["data"]["file"]["code"]),
            (400, &json!("validation_invalid_json")),
            "{refused}"
        );
        assert!(refused.json["message"].as_str().is_some_and(|text| text.contains(row)), "{refused}");
    }
    for file in ["", "{\"sku\":\"x\"}", "{\"sku\":\"x\"}\n{\"sku\":\"y\"}"] {
        let refused = import(root, "things", "format=json", file).await;
        assert_eq!(
            (refused.status, &refused.json["data"]["file"]["code"]),
            (400, &json!("validation_invalid_json")),
            "{refused}"
        );
    }
    let long = format!("[{{\"sku\":\"{}\"}}]", "x".repeat(9 << 20));
    let refused = import(root, "things", "format=json", long).await;
    assert_eq!((refused.status, refused.json["data"]["file"].is_object()), (400, true), "{}", refused.json);
    assert_eq!(root.list("things", "").await.json["totalItems"], 0, "not even the rows before it");
}

/// Otherwise the rest of the file would be the text of one cell.
#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_is_not_closed_is_told() {
    let app = with_things().await;
    let root = app.superuser();
    for (file, row) in [("sku\na\n\"b\nc\nd\n", 2), ("sku,note\n1,\"x\"\"", 1), ("sku\n\"1\r\n", 1)] {
        let reply = import(root, "things", "format=csv", file).await;
        assert_eq!((&reply.json["failed"], &reply.json["errors"][0]["row"]), (&json!(1), &json!(row)), "{reply}");
        assert!(reply.to_string().contains("A quote is opened"), "{reply}");
    }
    let reply = import(root, "things", "format=csv", "sku,\"note\n1,2\n").await;
    assert_eq!(
        (reply.status, &reply.json["data"]["file"]["code"]),
        (400, &json!("validation_invalid_format")),
        "{reply}"
    );
    assert_eq!(root.values("things", "sku", "").await, [json!("a")]);
    // However the last row ends.
    for (end, sku) in [("", "p"), ("\n", "q"), ("\r\n", "r"), ("\n\n\n", "s")] {
        let reply = import(root, "things", "format=csv", format!("sku,note\n\"{sku}\",\"x\n\"{end}")).await;
        assert_eq!(counts(&reply), [1, 1, 0, 0], "{reply}");
        assert_eq!(root.values("things", "note", &format!("filter=sku = '{sku}'")).await, [json!("x\n")]);
    }
}

/// The reader puts `\n\0end\0` behind a file; what looks like it within one is a row, or a cell, like any other.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_end_of_a_file_is_its_end() {
    let app = with_things().await;
    let root = app.superuser();
    let first_of_chunk = ["a\n".repeat(500).as_str(), "\0end\0\nb\n"].concat();
    for (file, rows) in [
        ("a\n\0end\0\nb\nc\n", 4),
        ("\0end\0\nb", 2),
        ("b\n\0end\0", 2),
        ("b\r\n\0end\0\r\n", 2),
        (&first_of_chunk, 502),
        ("\"x\n\0end\0\"\nb\n", 2),
        ("b\n\"x\n\0end\0\"", 2),
        ("b\n\"x\n\0end\0\"\n", 2),
    ] {
        let reply = import(root, "things", "format=csv&dryRun=1", ["sku\n", file].concat()).await;
        assert_eq!(reply.json["rows"], json!(rows), "{file:?}: {reply}");
        assert!(!reply.to_string().contains("A quote is opened"), "{file:?}: {reply}");
    }
    let reply = import(root, "things", "format=csv", "sku\n\0end\0\n\"x\n\0end\0\ny\n").await;
    assert_eq!((&reply.json["rows"], &reply.json["errors"][0]["row"]), (&json!(2), &json!(2)), "{reply}");
    assert!(reply.to_string().contains("A quote is opened"), "{reply}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_shows_what_a_list_shows() {
    let app = with_things().await;
    let root = app.superuser();
    for n in 1..=4 {
        root.created("things", json!({"sku": format!("s{n}"), "n": n, "secret": "hidden"})).await;
    }
    let exported =
        export(&app.anon(), "things", "format=ndjson&filter=n%3E1&sort=-n&fields=sku,secret,note:excerpt(3)").await;
    assert_eq!(
        text(&exported),
        "{\"sku\":\"s4\",\"note\":\"\"}\n{\"sku\":\"s3\",\"note\":\"\"}\n{\"sku\":\"s2\",\"note\":\"\"}\n"
    );
    assert!(!text(&export(&app.anon(), "things", "format=csv").await).contains("secret"));
    assert!(text(&export(root, "things", "format=csv").await).contains("secret"));
    let refused = export(&app.anon(), "things", "format=csv&fields=sku,secret").await;
    assert_eq!((refused.status, refused.json["data"]["fields"].is_object()), (400, true), "{refused}");
    for (query, field) in [("", "format"), ("format=xml", "format"), ("format=csv&spreadsheet=maybe", "spreadsheet")] {
        let refused = export(root, "things", query).await;
        assert_eq!((refused.status, refused.json["data"][field].is_object()), (400, true), "{query}: {refused}");
    }
    assert_eq!(export(root, "things", "format=csv&filter=n%20%3E").await.status, 400);

    // Users see their own record and no address but theirs.
    let (ann, _) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let own = export(&ann, "users", "format=ndjson").await;
    assert_eq!((text(&own).lines().count(), text(&own).contains("ann@example.com")), (1, true));
    let open_list = root.patch("/api/collections/users", json!({"listRule": ""})).await;
    assert_eq!(open_list.status, 200, "{open_list}");
    let all = export(&ann, "users", "format=csv&fields=email&sort=email").await;
    assert_eq!(text(&all), "email\r\nann@example.com\r\n\"\"\r\n");
    assert_eq!(export(&app.anon(), "_superusers", "format=csv").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_is_not_told_to_calculate() {
    let app = with_things().await;
    app.superuser().created("things", json!({"sku": "=HYPERLINK(\"http://x\")", "note": "@SUM(1)", "n": -5})).await;
    let plain = export(app.superuser(), "things", "format=csv&fields=sku,note,n").await;
    assert_eq!(text(&plain), "sku,note,n\r\n\"=HYPERLINK(\"\"http://x\"\")\",@SUM(1),-5\r\n");
    let safe = export(app.superuser(), "things", "format=csv&fields=sku,note,n&spreadsheet=1").await;
    assert_eq!(text(&safe), "\u{feff}sku,note,n\r\n\"'=HYPERLINK(\"\"http://x\"\")\",'@SUM(1),-5\r\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_wrong_are_told_and_left_out() {
    let app = with_things().await;
    let root = app.superuser();
    root.created("things", json!({"sku": "taken"})).await;
    let file = "sku,n,ok,at,tags\n\
        good,1,true,2026-01-01,a\n\
        ,2,,,\n\
        bad-number,two,,,\n\
        endless,1e400,,,\n\
        bad-bool,3,perhaps,,\n\
        bad-date,3,,yesterday,\n\
        bad-tag,3,,,z\n\
        short,3\n\
        taken,4,,,\n\
        good,5,,,\n\
        better,6,f,,\"[\"\"b\"\",\"\"c\"\"]\"\n";
    let tried = import(root, "things", "format=csv&dryRun=1", file).await;
    assert_eq!(counts(&tried), [11, 2, 0, 9], "a repetition within the file is found too: {tried}");
    assert_eq!(root.list("things", "").await.json["totalItems"], 1);

    let imported = import(root, "things", "format=csv", file).await;
    assert_eq!(counts(&imported), [11, 2, 0, 9], "{imported}");
    let errors = imported.json["errors"].as_array().expect("errors");
    let told: Vec<(u64, String, String)> = errors
        .iter()
        .map(|error| {
            let data = error["data"].as_object().expect("fields").iter().next();
            let (field, code) = data.map_or_else(Default::default, |(field, found)| {
                (field.clone(), found["code"].as_str().expect("a code").to_owned())
            });
            (error["row"].as_u64().expect("a number"), field, code)
        })
        .collect();
    let expected = [
        (2, "sku", "validation_required"),
        (3, "n", "validation_not_a_number"),
        (4, "n", "validation_not_a_number"),
        (5, "ok", "validation_invalid_value"),
        (6, "at", "validation_invalid_value"),
        (7, "tags", "validation_invalid_value"),
        (8, "", ""),
        (9, "sku", "validation_not_unique"),
        (10, "sku", "validation_not_unique"),
    ];
    assert_eq!(told, expected.map(|(row, field, code)| (row, field.to_owned(), code.to_owned())));
    assert_eq!(root.values("things", "sku", "sort=sku").await, [json!("better"), json!("good"), json!("taken")]);
    assert_eq!(root.values("things", "tags", "filter=sku = 'better'").await, [json!(["b", "c"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_says_which_records_are_there() {
    let app = with_things().await;
    let root = app.superuser();
    let id = root.created("things", json!({"sku": "one", "n": 1, "note": "kept"})).await;
    let file = "\u{feff}Artikel, Stück ,unused\r\none,10,x\r\ntwo,20,\"y\r\nz\"\r\ntwo,21,\r\n";
    let columns = "columns={\"Artikel\":\"sku\",\"Stück\":\"n\",\"unused\":\"\"}";
    let query = format!("format=csv&key=sku&{columns}").replace('ü', "%C3%BC");
    let imported = import(root, "things", &query, file).await;
    assert_eq!(counts(&imported), [3, 1, 2, 0], "{imported}");
    let one = root.view("things", &id).await.json;
    assert_eq!((&one["n"], &one["note"]), (&json!(10), &json!("kept")), "what is not in the file stays");
    assert_eq!(root.values("things", "n", "filter=sku = 'two'").await, [json!(21)]);

    let file = format!(
        "{{\"id\":\"{id}\",\"n+\":5,\"collectionName\":\"x\"}}\n\n{{\"id\":\"aaaaaaaaaaaaaaa\",\"sku\":\"three\"}}\n[]\n"
    );
    let imported = import(root, "things", "format=ndjson&key=id", file).await;
    assert_eq!(counts(&imported), [3, 1, 1, 1], "{imported}");
    assert_eq!(imported.json["errors"][0]["row"], 3);
    assert_eq!(root.view("things", &id).await.json["n"], 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_does_not_fit_is_refused_as_a_whole() {
    let app = with_things().await;
    let root = app.superuser();
    for (query, file, field) in [
        ("format=csv", "", "file"),
        ("format=csv", "sku,colour\nx,y\n", "colour"),
        ("format=csv", "sku,sku\nx,y\n", "sku"),
        ("format=csv&key=note", "sku\nx\n", "key"),
        ("format=csv&key=nope", "sku\nx\n", "key"),
        ("format=csv&columns=x", "sku\nx\n", "columns"),
        ("format=csv&delimiter=x", "sku\nx\n", "delimiter"),
        ("format=csv&dryrun=1", "sku\nx\n", "dryrun"),
        ("", "sku\nx\n", "format"),
    ] {
        let refused = import(root, "things", query, file).await;
        assert_eq!((refused.status, refused.json["data"][field].is_object()), (400, true), "{query}: {refused}");
    }
    let long = format!("sku,note\nx,\"{}\n", "y".repeat(9 << 20));
    let refused = import(root, "things", "format=csv", long).await;
    assert_eq!((refused.status, refused.json["data"]["file"].is_object()), (400, true), "{refused}");
    assert_eq!(root.list("things", "").await.json["totalItems"], 0);
    let user = app.user("ann@example.com").await;
    assert_eq!(import(&user, "things", "format=csv", "sku\nx\n").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_and_other_delimiters_are_taken() {
    let app = with_things().await;
    let root = app.superuser();
    let path = format!("{}/import?format=csv&delimiter=%3B", records("things"));
    let body = "--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nsku;n\r\na,b;1\r\n\r\n--x--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let imported = root.raw(Method::POST, &path, &headers, body.as_bytes().to_vec()).await;
    assert_eq!(counts(&imported), [1, 1, 0, 0], "{imported}");
    assert_eq!(root.values("things", "sku", "").await, [json!("a,b")]);
    let refused = root.raw(Method::POST, &path.replace("%3B", ";"), &headers, body.as_bytes().to_vec()).await;
    assert_eq!(refused.status, 400, "a parameter that cannot be read is not passed over: {refused}");
    let none = root.raw(Method::POST, &path, &headers, b"--x--\r\n".to_vec()).await;
    assert_eq!(none.json["data"]["file"]["code"], "validation_required", "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_imported_with_their_passwords() {
    let app = TestApp::new().await;
    let file = format!("email,password,verified\nann@example.com,{PASSWORD},true\nbob@example.com,x,true\n");
    let imported = import(app.superuser(), "users", "format=csv", file).await;
    assert_eq!(counts(&imported), [2, 1, 0, 1], "{imported}");
    assert!(imported.json["errors"][0]["data"]["password"].is_object(), "{imported}");
    Person::sign_in(&app.app, "users", "ann@example.com", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_take_part_unless_they_are_skipped() {
    let app = TestApp::with_posts().await;
    let slugify = crate::support::guests::plugin("slugify");
    app.attach(&slugify, "posts", &["beforeCreate"], json!({"config": {"from": "title", "to": "slug"}})).await;
    let root = app.superuser();
    import(root, "posts", "format=csv", "title\nHello World\n").await;
    import(root, "posts", "format=csv&skipHooks=1", "title\nAnother One\n").await;
    assert_eq!(root.values("posts", "slug", "sort=title").await, [json!(""), json!("hello-world")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_counts_the_collection_counts_row_by_row() {
    let app = TestApp::with_posts().await;
    app.superuser().patch("/api/collections/posts", json!({"indexes": []})).await;
    let config = json!({"config": {"do": "at-most-five"}});
    let id = app.attach(&crate::support::guests::guest("hostile"), "posts", &["beforeCreate"], config).await;
    let grants = json!({"records": [{"collection": "posts", "verbs": ["list"], "as": "plugin"}]});
    let granted = app.superuser().put(&format!("/api/plugins/{id}/grants"), grants).await;
    assert_eq!(granted.status, 200, "{granted}");
    let file = format!("title,slug\n{}", "x,same\n".repeat(8));
    let imported = import(app.superuser(), "posts", "format=csv", file).await;
    assert_eq!(counts(&imported), [8, 5, 0, 3], "{imported}");
    assert_eq!(imported.json["errors"][0]["data"]["slug"]["code"], "validation_too_many", "{imported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_go_out_and_in() {
    let app = with_things().await;
    let root = app.superuser();
    let mut file = "sku,n\n".to_owned();
    for row in 0..MANY {
        writeln!(file, "s{row},{row}").expect("it is written");
    }
    let imported = import(root, "things", "format=csv&key=sku", file).await;
    assert_eq!(counts(&imported), [MANY as u64, MANY as u64, 0, 0], "{imported}");
    let exported = export(root, "things", "format=ndjson&sort=n&fields=n").await;
    let lines: Vec<Value> = text(&exported).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((lines.len(), &lines[MANY - 1]), (MANY, &json!({"n": MANY - 1})));
}
