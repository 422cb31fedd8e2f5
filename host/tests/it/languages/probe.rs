//! A plugin that asks the host for whatever a record says (`tests/guests/probe`), in every language: each function with a grant
//! and without, values of every kind, and the moments that are no writes.

use super::limits;
use crate::support::listener::Listener;
use crate::support::people::{Part, Reply};
use crate::support::web::Web;
use crate::support::{PASSWORD, TestApp, open};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::Duration;

const SECRET: &str = "canary/secret+of the probe";

const CAPABILITIES: [&str; 10] =
    ["clock", "files", "http-client", "kv", "log", "mail", "random", "realtime", "records", "secrets"];

fn probes() -> Value {
    let text = |name: &str| json!({"name": name, "type": "text", "max": 100_000});
    let fields = json!([
        text("title"), text("ask"), text("a"), text("b"), text("c"), text("d"), text("answer"),
        {"name": "n", "type": "number"},
        {"name": "flag", "type": "bool"},
        {"name": "tags", "type": "select", "maxSelect": 3, "values": ["good", "ärger", "more"]},
        {"name": "meta", "type": "json"},
        {"name": "doc", "type": "file", "maxSelect": 1},
    ]);
    open("probes", fields)
}

struct Desk {
    app: TestApp,
    /// The plugin's.
    id: String,
}

impl Desk {
    async fn new(component: &[u8]) -> Self {
        let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
        app.collection(probes()).await;
        app.collection(open("journal", json!([{"name": "title", "type": "text"}]))).await;
        let hooks = ["beforeCreate", "afterCreate", "afterUpdate", "afterDelete"];
        let more = json!({"limits": limits(), "config": {"max": 3, "word": "ü"}});
        let id = app.attach(component, "probes", &hooks, more).await;
        let shown = app.superuser().get(&format!("/api/plugins/{id}")).await.json;
        assert_eq!(shown["capabilities"], json!(CAPABILITIES), "{shown}");
        Self { app, id }
    }

    async fn grant(&self, grants: Value) {
        let reply = self.app.superuser().put(&format!("/api/plugins/{}/grants", self.id), grants).await;
        assert_eq!(reply.status, 200, "{reply}");
    }

    /// What comes of a question.
    async fn ask(&self, ask: &str, with: Value) -> String {
        let reply = self.reply(ask, with.clone()).await;
        assert_eq!(reply.status, 200, "{ask} {with}: {reply}");
        reply.json["answer"].as_str().expect("an answer").to_owned()
    }

    async fn reply(&self, ask: &str, with: Value) -> Reply {
        let mut body = json!({"ask": ask});
        for (name, value) in with.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.app.anon().create("probes", body).await
    }

    /// Waits for a line in the plugin's log, and answers with its level.
    async fn said(&self, words: &str) -> String {
        let mut lines = Value::Null;
        for _ in 0..800 {
            lines = self.app.superuser().get(&format!("/api/plugins/{}/logs?perPage=200", self.id)).await.json;
            let items = lines["items"].as_array().cloned().unwrap_or_default();
            let found = items.iter().find(|line| line["message"].as_str().is_some_and(|text| text.contains(words)));
            if let Some(line) = found {
                return line["level"].as_str().expect("a level").to_owned();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("nobody said `{words}`: {lines}");
    }
}

fn everything(web: &Web) -> Value {
    let all = ["list", "view", "create", "update", "delete"];
    let records = |name: &str| json!({"collection": name, "verbs": all, "as": "plugin"});
    json!({
        "records": [records("journal"), records("probes")],
        "http": {"hosts": [web.host()], "methods": ["GET", "POST"], "insecure": true},
        "clock": true, "random": true,
        "secrets": ["KEY"], "signing": ["KEY"],
        "mail": {"to": ["*@example.com"]},
        "realtime": ["news"],
        "files": ["read", "write"],
    })
}

/// Every function of the host, in a before-hook.
pub async fn asks(component: &[u8]) {
    let desk = Desk::new(component).await;
    let web = Web::start().await;
    denied(&desk, &web).await;
    desk.grant(everything(&web)).await;
    own(&desk).await;
    records(&desk).await;
    files(&desk).await;
    others(&desk, &web).await;
    fails(&desk).await;
}

/// Without a grant each function says so, as a value with a code.
async fn denied(desk: &Desk, web: &Web) {
    for (ask, with) in [
        ("get", json!({"a": "journal", "b": "journal00000001"})),
        ("find", json!({"a": "journal", "n": 10})),
        ("count", json!({"a": "journal"})),
        ("create", json!({"a": "journal", "b": "x"})),
        ("update", json!({"a": "journal", "b": "journal00000001", "c": "x"})),
        ("delete", json!({"a": "journal", "b": "journal00000001"})),
        ("clock", json!({})),
        ("random", json!({"n": 8})),
        ("http", json!({"a": "GET", "b": web.url("/")})),
        ("secret", json!({"a": "KEY"})),
        ("sign", json!({"a": "KEY", "b": "message"})),
        ("mail", json!({"a": "ann@example.com", "b": "Hello", "c": "text"})),
        ("publish", json!({"a": "news", "b": "{}"})),
        ("file.read", json!({"a": "probes", "b": "probe0000000001", "c": "a.txt"})),
        ("file.write", json!({"a": "probes", "b": "probe0000000001", "c": "doc", "d": "a.txt"})),
    ] {
        assert_eq!(desk.ask(ask, with).await, "refused:denied", "{ask}");
    }
    assert!(web.asked().is_empty());
}

/// What everybody has: circumstances, log, store, values; and time and chance.
async fn own(desk: &Desk) {
    let who = desk.ask("who", json!({})).await;
    let words: Vec<&str> = who.splitn(6, ' ').collect();
    let tenant = desk.app.host.default_tenant().tenant.name.clone();
    assert_eq!((words[0], words[1], words[2], words[4]), (tenant.as_str(), "probes", "guest", "0"), "{who}");
    assert!(words[3].parse::<i64>().is_ok_and(|now| now > 1_700_000_000_000), "{who}");
    assert_eq!(serde_json::from_str::<Value>(words[5]).ok(), Some(json!({"max": 3, "word": "ü"})), "{who}");

    assert_eq!(desk.ask("log", json!({"a": "Grüße", "b": "of the probe"})).await, "done");
    assert_eq!(desk.said("Grüße b=of the probe").await, "warn");

    let values = json!({"flag": true, "n": 2.25, "tags": ["good", "ärger"], "meta": {"deep": [1, null, "ü"]}});
    let echo = desk.reply("echo", values).await;
    assert_eq!((&echo.json["flag"], &echo.json["n"]), (&json!(false), &json!(4.5)), "{echo}");
    assert_eq!(echo.json["tags"], json!(["good", "ärger", "more"]), "{echo}");
    assert_eq!(echo.json["meta"], json!({"was": {"deep": [1, null, "ü"]}}), "{echo}");
    let refused = desk.reply("refuse", json!({})).await;
    let codes = (&refused.json["data"]["a"]["code"], &refused.json["data"]["b"]["code"]);
    assert_eq!((refused.status, codes), (400, (&json!("probe_a"), &json!("probe_b"))), "{refused}");

    for (ask, with, answer) in [
        ("kv.get", json!({"a": "word"}), "nothing"),
        ("kv.set", json!({"a": "word", "b": "größer"}), "done"),
        ("kv.get", json!({"a": "word"}), "größer"),
        ("kv.increment", json!({"a": "word", "n": 1}), "refused:invalid"),
        ("kv.delete", json!({"a": "word"}), "done"),
        ("kv.get", json!({"a": "word"}), "nothing"),
        ("kv.increment", json!({"a": "sum", "n": 1_099_511_627_776_i64}), "1099511627776"),
        ("kv.increment", json!({"a": "sum", "n": -1_099_511_627_779_i64}), "-3"),
        ("kv.get", json!({"a": "sum"}), "-3"),
        ("random", json!({"n": 0}), "refused:invalid"),
    ] {
        assert_eq!(desk.ask(ask, with.clone()).await, answer, "{ask} {with}");
    }
    assert!(desk.ask("clock", json!({})).await.parse::<i64>().is_ok_and(|now| now > 1_700_000_000_000));
    let drawn = desk.ask("random", json!({"n": 16})).await;
    assert!(drawn.split(',').filter(|byte| byte.parse::<u8>().is_ok()).count() == 16, "{drawn}");
    assert_ne!(drawn, desk.ask("random", json!({"n": 16})).await);
}

async fn records(desk: &Desk) {
    let journal = |more: Value| {
        let mut with = json!({"a": "journal"});
        for (name, value) in more.as_object().into_iter().flatten() {
            with[name] = value.clone();
        }
        with
    };
    let root = desk.app.superuser();
    let first = root.created("journal", json!({"title": "première"})).await;
    root.created("journal", json!({"title": "it's"})).await;
    let made = desk.ask("create", journal(json!({"b": "third"}))).await;
    assert_eq!(root.view("journal", &made).await.json["title"], "third", "it was committed with the record");
    for (ask, with, answer) in [
        ("get", json!({"b": first}), "première"),
        ("get", json!({"b": "journal00000001"}), "refused:not_found"),
        ("find", json!({"b": "title != 'third'", "c": "-title", "n": 10}), "première,it's"),
        ("find", json!({"b": "", "c": "title", "n": 1}), "it's"),
        ("find", json!({"b": "title = 'nobody'", "c": "", "n": 5}), ""),
        ("find", json!({"b": "title ~~~", "c": "", "n": 5}), "refused:invalid"),
        ("named", json!({"b": "it's"}), "it's"),
        ("named", json!({"b": "' || title != '"}), ""),
        ("named", json!({"b": "\\' || title != '"}), ""),
        ("named", json!({"b": "\\"}), ""),
        ("count", json!({"b": ""}), "3"),
        ("count", json!({"b": "title = 'third'"}), "1"),
        ("update", json!({"b": first, "c": "zweite"}), "done"),
        ("get", json!({"b": first}), "zweite"),
        ("delete", json!({"b": first}), "done"),
        ("get", json!({"b": first}), "refused:not_found"),
    ] {
        let with = journal(with);
        assert_eq!(desk.ask(ask, with.clone()).await, answer, "{ask} {with}");
    }
    let elsewhere = desk.ask("count", json!({"a": "users"})).await;
    assert_eq!(elsewhere, "refused:denied", "the collection is not granted");
}

async fn files(desk: &Desk) {
    let parts = [Part::Text("title", "with a file"), Part::File("doc", "a.txt", "größer".as_bytes())];
    let record = desk.app.anon().uploaded("probes", &parts).await;
    let name = record["doc"].as_str().expect("a name");
    let read = |name: &str| json!({"a": "probes", "b": record["id"], "c": name});
    assert_eq!(desk.ask("file.read", read(name)).await, "größer");
    assert_eq!(desk.ask("file.read", read("other.txt")).await, "refused:not_found");
    let write = json!({"a": "probes", "b": record["id"], "c": "doc", "d": "new.txt"});
    assert_eq!(desk.ask("file.write", write).await, "done");
    let id = record["id"].as_str().expect("an id");
    let name = desk.app.anon().view("probes", id).await.json["doc"].as_str().expect("a name").to_owned();
    assert!(name.starts_with("new"), "{name}");
    assert_eq!(desk.ask("file.read", read(&name)).await, "from the probe");
}

async fn others(desk: &Desk, web: &Web) {
    let post = json!({"a": "POST", "b": web.url("/a?b=c"), "c": "mine", "d": "größer"});
    let answer = desk.ask("http", post).await;
    let echo: Value = serde_json::from_str(answer.strip_prefix("200  ").expect(&answer)).expect("JSON");
    assert_eq!((&echo["method"], &echo["url"], &echo["body"]), (&json!("POST"), &json!("/a?b=c"), &json!("größer")));
    assert_eq!(echo["headers"]["x-probe"], "mine");
    assert_eq!(desk.ask("http", json!({"a": "GET", "b": web.url("/teapot")})).await, "418 1 short and stout");
    let elsewhere = json!({"a": "GET", "b": "https://example.com/"});
    assert_eq!(desk.ask("http", elsewhere).await, "refused:denied", "the host is not granted");

    let kept = json!({"name": "KEY", "value": SECRET, "hosts": [web.host()]});
    let reply = desk.app.superuser().put(&format!("/api/plugins/{}/secrets", desk.id), kept).await;
    assert_eq!(reply.status, 200, "{reply}");
    assert!(desk.ask("secret", json!({"a": "KEY"})).await.starts_with("tb_placeholder_"));
    let tag = tinybase::crypto::hmac(SECRET.as_bytes(), "größer".as_bytes());
    let tag = tag.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    assert_eq!(desk.ask("sign", json!({"a": "KEY", "b": "größer"})).await, tag);

    let postbox = desk.app.postbox().await;
    for html in ["", "<b>Grüße</b>"] {
        let letter = json!({"a": "ann@example.com", "b": "Hello", "c": "Words & more.", "d": html});
        assert_eq!(desk.ask("mail", letter).await, "done");
    }
    assert_eq!(desk.ask("mail", json!({"a": "ann@example.org", "b": "x", "c": "x"})).await, "refused:denied");
    desk.app.deliver().await;
    let mails = postbox.to("ann@example.com");
    assert_eq!((mails.len(), mails[0].header("Subject").as_str()), (2, "Hello"));
    let rich = usize::from(!mails[0].html().contains("<b>Gr"));
    assert!(mails[rich].html().contains("<b>Gr") && mails[rich].text().contains("Words"), "{}", mails[rich].source);
    assert!(mails[1 - rich].html().contains("Words &amp; more."), "made of the text: {}", mails[1 - rich].source);

    let topics = json!([{"pattern": "news", "subscribeRule": "", "publishRule": null}]);
    desk.app.set(json!({"realtime": {"topics": topics}})).await;
    let mut listener = Listener::guest(&desk.app).await;
    listener.subscribe(&["news"]).await;
    assert_eq!(desk.ask("publish", json!({"a": "news", "b": "{\"a\":[1,\"ü\"]}"})).await, "done");
    assert_eq!(listener.told("news").await, json!({"a": [1, "ü"]}));
}

/// What nobody caught ends the call, and its words are in the log.
async fn fails(desk: &Desk) {
    let reply = desk.reply("panic", json!({"a": "the words of a panic"})).await;
    assert_eq!((reply.status, &reply.json["data"]["plugin"]["axis"]), (500, &json!("trap")), "{reply}");
    assert_eq!(desk.said("the words of a panic").await, "error");
}

/// What comes after writes, by the clock and at sign-ins.
pub async fn listens(component: &[u8]) {
    let desk = Desk::new(component).await;
    let (app, anon) = (&desk.app, desk.app.anon());
    let post = anon.created("probes", json!({"title": "one"})).await;
    assert_eq!(anon.update("probes", &post, json!({"title": "zwölf"})).await.status, 200);
    assert_eq!(anon.delete("probes", &post).await.status, 204);
    for words in ["created one", "updated one zwölf", "deleted zwölf"] {
        assert_eq!(desk.said(words).await, "info");
    }
    anon.created("probes", json!({"title": "fail"})).await;
    let mut waiting = Value::Null;
    for _ in 0..800 {
        waiting = app.superuser().get("/api/outbox").await.json;
        if waiting["items"][0]["attempts"] == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let error = waiting["items"][0]["error"].as_str().unwrap_or_default();
    assert!(error.contains("as it was told"), "{waiting}");

    for (name, outcome) in [("nightly", "done"), ("fail", "failed")] {
        let body = json!({"name": name, "expression": "30 3 * * *", "limits": limits()});
        let made = app.superuser().post(&format!("/api/plugins/{}/schedules", desk.id), body).await;
        assert_eq!(made.status, 200, "{made}");
        let run = ran(app, made.json["cron"].as_str().expect("a job")).await;
        assert_eq!(run["outcome"], outcome, "{run}");
        assert_eq!(run["detail"].to_string().contains("as it was told"), outcome == "failed", "{run}");
    }
    desk.said("ran nightly").await;

    let body = json!({"collection": "users", "hooks": ["beforeSignIn", "tokenClaims"], "limits": limits()});
    let attached = app.superuser().post(&format!("/api/plugins/{}/attachments", desk.id), body).await;
    assert_eq!(attached.status, 200, "{attached}");
    let blocked = signs_in(app, "blocked").await;
    assert_eq!((blocked.status, &blocked.json["message"]), (403, &json!("You are blocked.")), "{blocked}");
    let ann = signs_in(app, "ann").await;
    let claims = claims(&ann);
    assert_eq!((&claims["way"], claims["level"].as_f64()), (&json!("password"), Some(2.0)), "{claims}");
}

/// The run of a job that is told to run now.
async fn ran(app: &TestApp, job: &str) -> Value {
    assert_eq!(app.superuser().post(&format!("/api/crons/{job}"), json!({})).await.status, 204);
    for _ in 0..800 {
        let run = app.superuser().get(&format!("/api/crons/{job}/runs")).await.json["items"][0].clone();
        if run["outcome"].is_string() && run["outcome"] != "running" {
            return run;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{job} does not end");
}

async fn signs_in(app: &TestApp, name: &str) -> Reply {
    let email = format!("{name}@example.com");
    let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD, "name": name});
    app.superuser().created("users", body).await;
    let body = json!({"identity": email, "password": PASSWORD});
    app.anon().post("/api/collections/users/auth-with-password", body).await
}

/// What a token says.
fn claims(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply}");
    let token = reply.json["token"].as_str().expect("a token");
    let middle = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(middle).expect("base64")).expect("JSON")
}
