//! What plugins can be let do besides records, each on a real guest: other servers, secrets, mails, messages, files, the
//! time, randomness; and without a grant none of it.

use crate::support::TestApp;
use crate::support::desk::{Desk, tasks};
use crate::support::guests::{guest, plugin};
use crate::support::listener::Listener;
use crate::support::people::Part;
use crate::support::process::Server;
use crate::support::web::Web;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tinybase::sql::Sql;

const SECRET: &str = "canary/secret+of the plugin\"";

/// A server with the plugin, whose requests may reach this machine.
async fn desk() -> Desk {
    Desk::new(TestApp::with(|config| config.plugin_private_addresses = true).await).await
}

fn http(web: &Web) -> Value {
    json!({"hosts": [web.host()], "methods": ["GET", "POST"], "insecure": true})
}

fn get(url: &str) -> Value {
    json!(["http-client.send", {"method": "GET", "url": url}])
}

/// A call of each function that asks for a grant; a new one belongs here.
fn every_function() -> Vec<Value> {
    vec![
        json!(["clock.now-ms"]),
        json!(["random.bytes", 8]),
        get("https://example.com/"),
        json!(["secrets.placeholder", "KEY"]),
        json!(["secrets.hmac-sha256", "KEY", "message"]),
        json!(["mail.send", "ann@example.com", "Hello", "text"]),
        json!(["realtime.publish", "news", "{}"]),
        json!(["files.read", "tasks", "$ID", "a.txt"]),
        json!(["files.write", "tasks", "$ID", "notes", "a.txt", "text"]),
        json!(["records.get", "tasks", "$ID"]),
        json!(["records.find", "tasks"]),
        json!(["records.count", "tasks"]),
        json!(["records.create", "tasks"]),
        json!(["records.update", "tasks", "$ID"]),
        json!(["records.delete", "tasks", "$ID"]),
    ]
}

/// Functions that everybody has: they touch nothing but what is the plugin's own.
const FREE: [&str; 5] = ["kv.delete", "kv.get", "kv.increment", "kv.set", "log.log"];

/// `interface.function` of everything that the world of `wit/` imports.
fn functions_of_the_contract() -> BTreeSet<String> {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let read = |name: &str| std::fs::read_to_string(wit.join(format!("{name}.wit"))).expect("a file of the contract");
    let world = read("world");
    let imports = world.lines().filter_map(|line| line.trim().strip_prefix("import ")?.strip_suffix(';'));
    let functions = |interface: &str| {
        let text = read(interface);
        let names = text.lines().filter_map(|line| line.split_once(": func(").map(|(name, _)| name.trim().to_owned()));
        names.map(|name| format!("{interface}.{name}")).collect::<Vec<_>>()
    };
    imports.flat_map(functions).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grant_every_function_says_so() {
    let calls = every_function();
    let named = calls.iter().filter_map(|call| call[0].as_str()).chain(FREE).map(str::to_owned);
    assert_eq!(named.collect::<BTreeSet<_>>(), functions_of_the_contract(), "each function has its row, or is free");

    let desk = Desk::new(TestApp::new().await).await;
    desk.keep("KEY", SECRET, json!([])).await;
    for answers in [desk.after(json!(calls)).await, desk.before(json!(calls)).await.0] {
        for (call, answer) in calls.iter().zip(&answers) {
            assert_eq!(answer["error"], "denied", "{call}: {answer}");
            let is_of_records = call[0].as_str().is_some_and(|name| name.starts_with("records."));
            let names_it = answer["message"].as_str().is_some_and(|words| words.ends_with("is not granted in `tasks`"));
            assert_eq!(names_it, is_of_records, "{call}: {answer}");
        }
    }
    let free =
        json!([["kv.set", "a", "1"], ["kv.increment", "a"], ["kv.get", "a"], ["kv.delete", "a"], ["log.log", "x"]]);
    assert_eq!(desk.before(free).await.0, [json!("done"), json!(2), json!("2"), json!("done"), json!("done")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_withdrawn_is_gone_for_the_next_function_of_a_running_call() {
    let (desk, web) = (desk().await, Web::start().await);
    let grants = json!({"http": http(&web), "clock": true, "records": [{"collection": "tasks", "verbs": ["list"], "as": "plugin"}]});
    desk.grant(grants.clone()).await;
    let calls = json!([
        ["clock.now-ms"],
        ["records.count", "tasks"],
        get(&web.url("/hold")),
        ["clock.now-ms"],
        ["records.count", "tasks"],
        get(&web.url("/"))
    ]);
    desk.app.anon().created("tasks", json!({"later": calls.to_string()})).await;
    web.held().await;
    desk.grant(json!({})).await;
    web.release();
    let answers = desk.answers(0, 6).await;
    assert_eq!((answers[0].is_i64(), &answers[1], &answers[2]["body"]), (true, &json!(1), &json!("released")));
    assert!(answers[3..].iter().all(|answer| answer["error"] == "denied"), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_asks_the_servers_that_it_may() {
    let (desk, web) = (desk().await, Web::start().await);
    desk.grant(json!({"http": http(&web)})).await;
    let post = json!(["http-client.send", {"method": "POST", "url": web.url("/a?b=c"), "headers": {"x-mine": "1"}, "body": "hello"}]);
    let answers = desk.after(json!([post, get(&web.url("/teapot")), get(&web.url("/away"))])).await;
    let echo: Value = serde_json::from_str(answers[0]["body"].as_str().expect("a body")).expect("JSON");
    assert_eq!((&echo["method"], &echo["url"], &echo["body"]), (&json!("POST"), &json!("/a?b=c"), &json!("hello")));
    assert_eq!((&echo["headers"]["x-mine"], &echo["headers"]["host"]), (&json!("1"), &json!(web.host())));
    assert_eq!((&answers[1]["status"], &answers[1]["headers"]["x-echo"]), (&json!(418), &json!("1")));
    assert_eq!(
        (&answers[2]["status"], &answers[2]["headers"]["location"]),
        (&json!(302), &json!("/inside")),
        "not followed"
    );
    assert!(!web.asked().iter().any(|asked| asked.contains("/inside")));

    let other = format!("http://localhost:{}/", web.port);
    let refused = json!([
        get(&other),
        get(&web.url("/").replace("http:", "https:")),
        ["http-client.send", {"method": "DELETE", "url": web.url("/")}],
        get("http://127.0.0.1/"),
    ]);
    let answers = desk.after(refused).await;
    assert_eq!(answers[0]["error"], "denied", "another name of the same server: {answers:?}");
    assert_eq!(answers[1]["error"], "unavailable", "granted, and no server of TLS: {answers:?}");
    assert_eq!((&answers[2]["error"], &answers[3]["error"]), (&json!("denied"), &json!("denied")), "{answers:?}");

    let (before, _) = desk.before(json!([get(&web.url("/in-time"))])).await;
    assert_eq!(before[0]["status"], 200, "{before:?}");
    let held = json!([["http-client.send", {"method": "GET", "url": web.url("/hold"), "timeoutMs": 50}]]);
    assert_eq!(desk.after(held).await[0]["error"], "unavailable");

    desk.grant(json!({"http": {"hosts": [web.host()]}})).await;
    let answers = desk.after(json!([get(&web.url("/"))])).await;
    assert_eq!(answers[0]["error"], "denied", "plain http is granted apart: {answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_reaches_its_host_and_nobody_else() {
    let (desk, web, other) = (desk().await, Web::start().await, Web::start().await);
    desk.keep("KEY", SECRET, json!([web.host()])).await;
    let listed = desk.app.superuser().get(&format!("/api/plugins/{}/secrets", desk.id)).await;
    assert_eq!(listed.json["items"][0]["name"], "KEY");
    assert!(!listed.to_string().contains("canary"), "{listed}");
    let both = json!({"hosts": [web.host(), other.host()], "methods": ["POST"], "insecure": true});
    desk.grant(json!({"http": both, "secrets": ["KEY"], "signing": ["KEY"]})).await;
    let ask = |url: String| {
        json!(["http-client.send", {
            "method": "POST", "url": url, "headers": {"authorization": "Bearer $PLACEHOLDER(KEY)"}, "body": "k=$PLACEHOLDER(KEY)",
        }])
    };
    let calls = json!([
        ask(web.url("/$PLACEHOLDER(KEY)?key=$PLACEHOLDER(KEY)")),
        ask(other.url("/")),
        ["secrets.placeholder", "KEY"],
        ["secrets.hmac-sha256", "KEY", "message"],
        ["secrets.placeholder", "OTHER"],
    ]);
    let answers = desk.after(calls).await;
    assert_eq!(answers[0]["status"], 200, "{answers:?}");
    let asked: Value = serde_json::from_str(&web.asked()[0]).expect("JSON");
    assert_eq!(asked["headers"]["authorization"], format!("Bearer {SECRET}"));
    assert_eq!(asked["body"], format!("k={SECRET}"));
    let url = asked["url"].as_str().expect("an address");
    assert!(
        url.starts_with("/tb_placeholder_") && url.ends_with("?key=canary%2Fsecret%2Bof%20the%20plugin%22"),
        "{url}"
    );
    assert!(!answers[0].to_string().contains("canary"), "what comes back is disguised: {answers:?}");
    assert_eq!(answers[1]["error"], "denied", "not bound to that host: {answers:?}");
    assert!(other.asked().is_empty());
    let expected: String =
        tinybase::crypto::hmac(SECRET.as_bytes(), b"message").iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&answers[3], &answers[4]["error"]), (&json!(expected), &json!("denied")));

    desk.grant(json!({"http": http(&web), "secrets": ["KEY"]})).await;
    let answers = desk.after(json!([["secrets.hmac-sha256", "KEY", "message"]])).await;
    assert_eq!(answers[0]["error"], "denied", "signing is granted apart");
    let path = format!("/api/plugins/{}/secrets", desk.id);
    assert_eq!(desk.app.superuser().remove(&format!("{path}/KEY")).await.status, 204);
    assert_eq!(desk.after(json!([["secrets.placeholder", "KEY"]])).await[0]["error"], "not_found");
    for (body, field) in [
        (json!({"name": "a b", "value": SECRET}), "name"),
        (json!({"name": "KEY", "value": "short"}), "value"),
        (json!({"name": "KEY"}), "value"),
        (json!({"name": "KEY", "value": SECRET, "hosts": ["*"]}), "hosts"),
    ] {
        let refused = desk.app.superuser().put(&path, body.clone()).await;
        assert_eq!(refused.status, 400, "{refused}");
        assert!(refused.json["data"][field]["code"].is_string(), "{body}: {refused}");
    }
}

/// The real binary, which logs all it can, with a key for what is stored: the value is in nothing that it leaves.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_leaves_no_trace() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (data, log) = (dir.path().join("data"), dir.path().join("stderr.txt"));
    Server::make_superuser(&data);
    let variables = [
        (
            "TINYBASE_LOG",
            "trace,wasmtime=info,cranelift=info,regalloc2=info,wasmtime_cranelift=info,cranelift_codegen=info",
        ),
        ("TINYBASE_PLUGIN_PRIVATE_ADDRESSES", "true"),
        ("TINYBASE_ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef"),
    ];
    let stderr = std::fs::File::create(&log).expect("a file");
    let server = Server::serve_with(&data, &variables, Stdio::from(stderr)).await;
    server.post("/api/collections", tasks()).await;
    let id = server.attach(&guest("capable"), "tasks", &["afterCreate"]).await;
    let web = Web::start().await;
    let nobody = "127.0.0.1:1";
    let body = json!({"name": "KEY", "value": "canary0of0a0plugin", "hosts": [web.host(), nobody]});
    server.put(&format!("/api/plugins/{id}/secrets"), body).await;
    let grants =
        json!({"secrets": ["KEY"], "http": {"hosts": [web.host(), nobody], "methods": ["POST"], "insecure": true}});
    server.put(&format!("/api/plugins/{id}/grants"), grants).await;
    let ask = |url: &str| {
        json!(["http-client.send", {
            "method": "POST", "url": format!("{url}?key=$PLACEHOLDER(KEY)"),
            "headers": {"x-key": "$PLACEHOLDER(KEY)"}, "body": "$PLACEHOLDER(KEY)",
        }])
    };
    let calls = json!([ask(&web.url("/echo")), ask(&format!("http://{nobody}/"))]);
    server.post("/api/collections/tasks/records", json!({"later": calls.to_string()})).await;
    let mut lines = Value::Null;
    for _ in 0..400 {
        lines = server.get(&format!("/api/plugins/{id}/logs")).await;
        if lines["totalItems"].as_u64() >= Some(2) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert!(lines.to_string().contains("tb_placeholder_") && lines.to_string().contains("unavailable"), "{lines}");
    assert_eq!(web.asked()[0].matches("canary0of0a0plugin").count(), 3, "{:?}", web.asked());
    let mut places = vec![("the plugin's log".to_owned(), lines.to_string().into_bytes())];
    for path in ["/api/logs?perPage=1000", "/api/activity?perPage=1000", "/api/plugins"] {
        places.push((path.to_owned(), server.get(path).await.to_string().into_bytes()));
    }
    assert!(String::from_utf8_lossy(&places[2].1).contains("keep secret"), "it is told that there is one");
    server.kill();
    places.push(("stderr".to_owned(), std::fs::read(&log).expect("its log")));
    for name in ["data.db", "data.db-wal", "logs.db", "logs.db-wal"] {
        places.push((name.to_owned(), std::fs::read(data.join(name)).unwrap_or_default()));
    }
    for (place, bytes) in places {
        let found = bytes.windows(18).any(|window| window == b"canary0of0a0plugin");
        assert!(!found, "the secret is in {place}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_sent_with_the_record_or_not_at_all() {
    let mut desk = desk().await;
    let postbox = desk.app.postbox().await;
    desk.app.user("ann@example.com").await;
    desk.grant(json!({"mail": {"to": "users", "perDay": 5}})).await;
    let hello = json!(["mail.send", "ann@example.com", "Hello", "One.\n\nTwo & <three>."]);
    let taken = json!({"title": "taken", "ask": json!([hello]).to_string()});
    assert_eq!(desk.app.anon().create("tasks", taken.clone()).await.status, 200);
    let refused = desk.app.anon().create("tasks", taken).await;
    assert_eq!(refused.status, 400, "not unique: {refused}");
    desk.app.deliver().await;
    let mails = postbox.to("ann@example.com");
    assert_eq!(mails.len(), 1, "no commit, no mail");
    assert_eq!(mails[0].header("Subject"), "Hello");
    assert!(
        mails[0].text().contains("Two & <three>.") && mails[0].html().contains("<p>Two &amp; &lt;three&gt;.</p>"),
        "{}",
        mails[0].source
    );

    let html = json!(["mail.send", "ann@example.com", "With HTML", "Words.", "<b>Bold</b>", "eve@example.com"]);
    let answers = desk.after(json!([html, ["mail.send", "nobody", "x", "x"], hello, hello, hello, hello])).await;
    let told: Vec<&Value> = answers.iter().map(|answer| answer.get("error").unwrap_or(answer)).collect();
    assert_eq!(
        told,
        ["denied", "invalid", "done", "done", "done", "quota"],
        "eve is no user; two were used before: {answers:?}"
    );
    desk.app.deliver().await;
    assert_eq!((postbox.to("ann@example.com").len(), postbox.to("eve@example.com").len()), (4, 0));
    desk.app.sleep_a_night().await;
    desk.grant(json!({"mail": {"to": ["*@example.com"]}})).await;
    let answers = desk.after(json!([html, ["mail.send", "ann@example.org", "x", "x"]])).await;
    assert_eq!((&answers[0], &answers[1]["error"]), (&json!("done"), &json!("denied")), "{answers:?}");
    desk.app.deliver().await;
    let mail = postbox.to("eve@example.com").pop().expect("a mail");
    assert!(mail.html().contains("<b>Bold</b>") && mail.text().contains("Words."), "{}", mail.source);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_sent_to_or_refused_when_the_mail_is_made() {
    let desk = desk().await;
    let postbox = desk.app.postbox().await;
    desk.grant(json!({"mail": {"to": "any", "perDay": 100}})).await;
    // Both are addresses, and the second one is more than this postbox understands.
    let (quoted, spaced) = ("\"a..b\"@example.com", "\"a b\"@example.com");
    let long = format!("{}@example.com", "x".repeat(65));
    let odd = [
        "\"a\" b\"@example.com",
        "\"a\nBcc: eve@example.com\"@example.com",
        "\"\"@example.com",
        "a b@example.com",
        "\"a b@example.com",
        "a@[127.0.0.1]",
        "a@example.com>, <eve@example.com",
        "Ann <ann@example.com>",
        long.as_str(),
    ];
    let asked: Vec<Value> =
        [quoted, spaced].into_iter().chain(odd).map(|to| json!(["mail.send", to, "Hello", "text"])).collect();
    let answers = desk.after(Value::Array(asked)).await;
    assert_eq!(answers[..2], [json!("done"), json!("done")], "{answers:?}");
    for (answer, to) in answers[2..].iter().zip(odd) {
        assert_eq!(answer["error"], "invalid", "{to}: {answer}");
    }
    desk.app.deliver().await;
    let mails = postbox.to(quoted);
    assert_eq!((mails.len(), mails[0].header("To").as_str()), (1, quoted));
    let left = Sql::new("SELECT count(*) FROM _mails WHERE due_ms IS NOT NULL");
    let tenant = desk.app.host.default_tenant().tenant.clone();
    let left = tenant.store.read(move |snapshot| snapshot.one(&left, |row| Ok(row.integer(0)))).await.expect("a count");
    assert_eq!(left, Some(0), "what was refused is given up, and nothing waits for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_follows_the_commit() {
    let desk = Desk::new(TestApp::new().await).await;
    let topics = json!([
        {"pattern": "orders/{order}", "subscribeRule": "", "publishRule": null},
        {"pattern": "news", "subscribeRule": "", "publishRule": null},
    ]);
    desk.app.set(json!({"realtime": {"topics": topics}})).await;
    let mut guest = Listener::guest(&desk.app).await;
    guest.subscribe(&["orders/1", "news"]).await;
    desk.grant(json!({"realtime": ["orders/*", "news"]})).await;
    let body = json!({"title": "taken", "ask": json!([["realtime.publish", "orders/1", "{\"a\":1}"]]).to_string()});
    assert_eq!(desk.app.anon().create("tasks", body.clone()).await.status, 200);
    assert_eq!(desk.app.anon().create("tasks", body).await.status, 400, "not unique");
    let answers = desk
        .after(json!([
            ["realtime.publish", "news", "[1,2]"],
            ["realtime.publish", "other", "{}"],
            ["realtime.publish", "news", "{"],
            ["realtime.publish", "orders/@x", "{}"],
        ]))
        .await;
    let told: Vec<&Value> = answers.iter().map(|answer| answer.get("error").unwrap_or(answer)).collect();
    assert_eq!(told, ["done", "denied", "invalid", "invalid"], "{answers:?}");
    assert_eq!(guest.told("orders/1").await, json!({"a": 1}));
    assert_eq!(guest.told("news").await, json!([1, 2]), "and nothing of what was not committed");
}

/// Written as the server writes numbers, these are longer than a message may be; the hook cannot be told that any more.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_are_lost_after_the_commit_are_counted_in_the_log() {
    let desk = Desk::new(TestApp::new().await).await;
    desk.grant(json!({"realtime": ["news"]})).await;
    let long = format!("[{}0]", "1e9,".repeat(12_000));
    let ask = json!([["realtime.publish", "news", long], ["realtime.publish", "news", "{}"]]).to_string();
    let line = json!({ "ask": ask }).to_string();
    let body = format!("{line}\n{line}\n").into_bytes();
    let path = "/api/collections/tasks/records/import?format=ndjson";
    let reply = desk.app.superuser().raw(Method::POST, path, &[], body).await;
    assert_eq!((reply.status, &reply.json["created"]), (200, &json!(2)), "{reply}");
    let logs = desk.app.superuser().get(&format!("/api/plugins/{}/logs", desk.id)).await.json;
    let lines = logs["items"].as_array().expect("lines");
    let words = lines[0]["message"].as_str().expect("a text");
    assert!(words.starts_with("2 of the messages"), "{logs}");
    assert_eq!((lines.len(), &lines[0]["level"]), (1, &json!("warn")), "{logs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_and_written_within_the_grants_for_records() {
    let desk = Desk::new(TestApp::new().await).await;
    let record = desk.app.anon().uploaded("tasks", &[Part::File("doc", "a.txt", b"what it says")]).await;
    let (id, name) = (record["id"].as_str().expect("an id"), record["doc"].as_str().expect("a name"));
    let read = json!(["files.read", "tasks", id, name]);
    desk.grant(json!({"files": ["read"]})).await;
    assert_eq!(desk.after(json!([read])).await[0]["error"], "denied", "the record itself is not granted");
    let view = json!([{"collection": "tasks", "verbs": ["view"], "as": "plugin"}]);
    desk.grant(json!({"files": ["read"], "records": view})).await;
    let write = json!(["files.write", "tasks", "$ID", "notes", "made.txt", "made by a plugin"]);
    let answers = desk
        .after(json!([read, ["files.read", "tasks", id, "b.txt"], ["files.read", "tasks", "nobody", name], write]))
        .await;
    assert_eq!(answers[0], "what it says");
    let told: Vec<&Value> = answers[1..].iter().map(|answer| &answer["error"]).collect();
    assert_eq!(told, ["not_found", "not_found", "denied"], "{answers:?}");

    let update = json!([{"collection": "tasks", "verbs": ["update"], "as": "plugin"}]);
    desk.grant(json!({"files": ["write"], "records": update})).await;
    let (answers, made) =
        desk.before(json!([write, write, ["files.write", "tasks", "$ID", "title", "x.txt", "x"]])).await;
    let told: Vec<&Value> = answers.iter().map(|answer| answer.get("error").unwrap_or(answer)).collect();
    assert_eq!(told, ["done", "done", "invalid"], "{answers:?}");
    let record = desk.app.anon().view("tasks", &made).await.json;
    let notes = record["notes"].as_array().expect("a list");
    assert_eq!(notes.len(), 2, "with the record: {record}");
    let file = desk.app.anon().file(&record, &notes[0], "").await;
    assert_eq!((file.status, &file.body[..]), (200, &b"made by a plugin"[..]));
    // A picture where only text may be: refused with the write that it belongs to.
    let picture = json!(["files.write", "tasks", "$ID", "notes", "x.txt", "GIF89a\u{1}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}"]);
    let body = json!({"id": "picture00000001", "ask": json!([picture]).to_string()});
    let refused = desk.app.anon().create("tasks", body).await;
    assert_eq!(refused.status, 400, "{refused}");
    assert!(refused.json["data"]["notes"]["code"].is_string(), "{refused}");
    assert_eq!(desk.app.anon().view("tasks", "picture00000001").await.status, 404, "and nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_has_replaced_since_it_was_read_is_not_written_over() {
    let (desk, web) = (desk().await, Web::start().await);
    let records = json!([{"collection": "tasks", "verbs": ["view", "update"], "as": "plugin"}]);
    desk.grant(json!({"files": ["read", "write"], "http": http(&web), "records": records})).await;
    let anon = desk.app.anon();
    let parts = [
        Part::File("doc", "a.txt", b"old"),
        Part::File("notes", "n.txt", b"old"),
        Part::File("notes", "m.txt", b"old"),
    ];
    let record = anon.uploaded("tasks", &parts).await;
    let id = record["id"].as_str().expect("an id");
    let (doc, notes) = (&record["doc"], &record["notes"]);
    let read = |name: &Value| json!(["files.read", "tasks", id, name]);
    let write = |field: &str, name: &Value| json!(["files.write", "tasks", id, field, name, "of the plugin"]);
    let calls = json!([
        read(doc),
        read(&notes[0]),
        read(&notes[1]),
        get(&web.url("/hold")),
        write("doc", doc),
        write("notes", &notes[0]),
        write("notes", &notes[1]),
        write("notes", doc),
    ]);
    anon.created("tasks", json!({"later": calls.to_string()})).await;
    web.held().await;
    let path = format!("/api/collections/tasks/records/{id}");
    let newer = [Part::File("doc", "b.txt", b"newer"), Part::Text("notes-", notes[0].as_str().expect("a name"))];
    let newer = anon.form(Method::PATCH, &path, &newer).await;
    assert_eq!(newer.status, 200, "{newer}");
    web.release();
    let answers = desk.answers(0, 8).await;
    let told: Vec<&Value> = answers[4..].iter().map(|answer| answer.get("error").unwrap_or(answer)).collect();
    assert_eq!(told, ["conflict", "conflict", "done", "done"], "{answers:?}");

    let record = anon.view("tasks", id).await.json;
    assert_eq!(record["doc"], newer.json["doc"]);
    assert_eq!(anon.file(&record, &record["doc"], "").await.body, b"newer");
    let left = record["notes"].as_array().expect("a list");
    assert!(left.len() == 2 && !left.contains(&notes[0]) && !left.contains(&notes[1]), "{record}");
    for name in left {
        assert_eq!(anon.file(&record, name, "").await.body, b"of the plugin", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_randomness_are_real_where_they_are_granted() {
    let desk = Desk::new(TestApp::new().await).await;
    desk.grant(json!({"clock": true, "random": true})).await;
    let calls = json!([
        ["clock.now-ms"],
        ["random.bytes", 16],
        ["random.bytes", 16],
        ["random.bytes", 0],
        ["random.bytes", 65_537]
    ]);
    let answers = desk.after(calls).await;
    assert_eq!(answers[0], json!(desk.app.host.default_tenant().tenant.world.now_ms()));
    assert_eq!(answers[1].as_array().map(Vec::len), Some(16));
    assert_ne!(answers[1], answers[2]);
    assert_eq!((&answers[3]["error"], &answers[4]["error"]), (&json!("invalid"), &json!("invalid")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_has_none_of_it() {
    let app = TestApp::new().await;
    let reply = app.superuser().upload("/api/plugins", &guest("impure-validator")).await;
    assert_eq!(reply.json["data"]["file"]["code"], "plugin_unknown_import", "{reply}");
    let reply = app.superuser().upload("/api/plugins", &plugin("word-limit")).await;
    assert_eq!(reply.json["capabilities"], json!([]));
}
