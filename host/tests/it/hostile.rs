//! Hostile and broken components, one after the other: each is refused when it is uploaded, or fails its own call, or does no
//! harm; the server goes on, and so do the writes of everybody else.
//!
//! `made` is how they are made, `uploads` and `calls` are the tables, `bombs` is what takes long to compile. What the Rust guest does
//! is in `plugins.rs` and `plugin_calls.rs`.

mod bombs;
mod calls;
pub mod made;
mod uploads;

use crate::support::guests::plugin;
use crate::support::{TestApp, open};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use tinybase::host::tenants::Opened;
use tinybase::tenant::Cx;
use tinybase::{collections, records};

/// What must come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The upload is refused with this code of the field `file`.
    Refused(&'static str),
    /// The call fails, having run out of this, or for another reason (`trap`); `a or b` where it depends on the machine.
    Fails(&'static str),
    /// The write is answered with this status: what the guest did was its own affair.
    Answers(u16),
}

/// A component and what must come of it.
pub struct Case {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub outcome: Outcome,
}

pub fn case(name: &'static str, bytes: Vec<u8>, outcome: Outcome) -> Case {
    Case { name, bytes, outcome }
}

/// Two collections: plugins are attached to `posts`, and nobody to `calm`.
async fn server() -> TestApp {
    let app = TestApp::with_posts().await;
    app.collection(open("calm", json!([{"name": "title", "type": "text"}]))).await;
    app
}

/// Uploads, attaches and calls one, and takes it away again; what is wrong with how it went, if anything is.
async fn drive(app: &TestApp, case: &Case) -> Option<String> {
    let uploaded = app.superuser().upload_as("/api/plugins", "attacker", &case.bytes).await;
    let code = uploaded.json["data"]["file"]["code"].as_str();
    let wrong = match case.outcome {
        Outcome::Refused(expected) => {
            let shown = uploaded.json["data"]["file"]["message"].as_str().unwrap_or_default();
            let printable = shown.len() < 4_000 && !shown.chars().any(char::is_control);
            ((uploaded.status, code) != (400, Some(expected)) || !printable).then(|| uploaded.to_string())
        }
        _ if uploaded.status != 200 => Some(uploaded.to_string()),
        Outcome::Fails(axis) => {
            let reply = call(app, &uploaded.json).await;
            let failed = &reply.1["data"]["plugin"];
            let fits = |found: &str| axis.split(" or ").any(|axis| axis == found);
            (reply.0 != 500 || failed["code"] != "plugin_failed" || !failed["axis"].as_str().is_some_and(fits))
                .then(|| format!("{} {}", reply.0, reply.1))
        }
        Outcome::Answers(status) => {
            let reply = call(app, &uploaded.json).await;
            (reply.0 != status).then(|| format!("{} {}", reply.0, reply.1))
        }
    };
    let calm = app.anon().create("calm", json!({"title": case.name})).await;
    assert_eq!(calm.status, 200, "after {}: {calm}", case.name);
    if let Some(id) = uploaded.json["id"].as_str() {
        assert_eq!(app.superuser().remove(&format!("/api/plugins/{id}")).await.status, 204, "{}", case.name);
    }
    wrong.map(|found| format!("{}: expected {:?}, found {found}", case.name, case.outcome))
}

async fn call(app: &TestApp, plugin: &Value) -> (u16, Value) {
    let path = format!("/api/plugins/{}/attachments", plugin["id"].as_str().expect("an id"));
    let attached = app.superuser().post(&path, json!({"collection": "posts", "hooks": ["beforeCreate"]})).await;
    assert_eq!(attached.status, 200, "{attached}");
    let reply = app.anon().create("posts", json!({"title": "x"})).await;
    (reply.status, reply.json)
}

async fn drive_all(cases: Vec<Case>) {
    let app = server().await;
    let mut wrong = Vec::new();
    let count = cases.len() as u64;
    for case in &cases {
        wrong.extend(drive(&app, case).await);
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(app.anon().list("calm", "").await.json["totalItems"], count);
    assert_eq!(app.superuser().get("/api/plugins").await.json["totalItems"], 0, "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_let_in_is_refused_at_the_upload() {
    let cases = uploads::all();
    assert!(cases.len() >= 50, "{}", cases.len());
    drive_all(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_misbehaves_when_it_is_called_fails_its_own_call() {
    let cases = calls::all();
    assert!(cases.len() >= 40, "{}", cases.len());
    drive_all(cases).await;
}

/// A tenant with the plugin attached to the creates of its collection `notes`.
pub async fn tenant(app: &TestApp, name: &str, component: Vec<u8>) -> (Cx, std::sync::Arc<Opened>) {
    let opened = app.host.tenants.create(name).await.expect("a tenant");
    let cx = Cx::system(opened.tenant.clone());
    let fields = json!([{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}]);
    collections::create(&cx, open("notes", fields).as_object().expect("an object")).await.expect("a collection");
    let cx = Cx::system(opened.tenant.clone());
    let uploaded = opened.plugins.upload(&cx, component, Some("p".into()), false).await.expect("an upload").0;
    let id = uploaded["id"].as_str().expect("an id");
    let attachment = json!({"collection": "notes", "hooks": ["beforeCreate"]});
    let attachment = attachment.as_object().expect("an object").clone();
    opened.plugins.attach(&cx, id, attachment).await.expect("an attachment");
    (Cx::system(opened.tenant.clone()), opened)
}

pub async fn note(cx: &Cx, title: &str) -> Option<String> {
    let notes = cx.catalog.collection("notes").expect("it is there").clone();
    let input = json!({ "title": title });
    let record = records::create_record(cx, &notes, input.as_object().expect("an object").clone()).await;
    record.ok().map(|record| record.text("slug").to_owned())
}

/// Burns nearly all the fuel that a call has, and answers: no breaker opens for it.
const BURNER: &str = "(loop $l (local.set $n (i32.add (local.get $n) (i32.const 1))) \
    (br_if $l (i32.lt_u (local.get $n) (i32.const 1000000))))";

#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_goes_on_while_the_attack_runs() {
    let app = TestApp::new().await;
    let (burner, one) = tenant(&app, "burner", made::hook(BURNER)).await;
    let (spinner, _other) = tenant(&app, "spinner", made::hook("(loop $l (br $l))")).await;
    let (neighbour, two) = tenant(&app, "neighbour", plugin("slugify")).await;
    let over = AtomicBool::new(false);
    let attack = async {
        let lines = (0..16).map(async |line| {
            while !over.load(Ordering::Relaxed) {
                assert!(note(&burner, &format!("attack {line}")).await.is_some());
                assert_eq!(note(&spinner, &format!("attack {line}")).await, None);
            }
        });
        futures_util::future::join_all(lines).await;
    };
    let work = async {
        for number in 0..200 {
            let slug = note(&neighbour, &format!("Note {number}")).await;
            assert_eq!(slug.as_deref(), Some(format!("note-{number}").as_str()));
        }
        over.store(true, Ordering::Relaxed);
    };
    futures_util::future::join(attack, work).await;
    let (attacks, sums) = (one.plugins.totals(), two.plugins.totals());
    assert!(attacks.calls >= 16 && attacks.fuel > attacks.calls * 5_000_000, "the attack was under way: {attacks:?}");
    assert_eq!((sums.calls, sums.failures, sums.skipped), (200, 0, 0));
}
