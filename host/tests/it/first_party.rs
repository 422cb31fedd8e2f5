//! The first-party plugins at work, each on a server as its documentation has it.

use crate::support::guests::plugin;
use crate::support::people::Part;
use crate::support::web::Web;
use crate::support::{TestApp, open};
use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::time::Duration;

const WRITES: [&str; 2] = ["beforeCreate", "beforeUpdate"];

fn text(name: &str) -> Value {
    json!({"name": name, "type": "text"})
}

/// A server with one open collection and a plugin attached to it; the plugin's id.
async fn with(component: &str, collection: &str, fields: Value, hooks: &[&str], config: Value) -> (TestApp, String) {
    let app = TestApp::new().await;
    app.collection(open(collection, fields)).await;
    let id = app.attach(&plugin(component), collection, hooks, json!({ "config": config })).await;
    (app, id)
}

async fn grant(app: &TestApp, plugin: &str, grants: &[(&str, &[&str])]) {
    grant_more(app, plugin, grants, json!({})).await;
}

async fn grant_more(app: &TestApp, plugin: &str, grants: &[(&str, &[&str])], more: Value) {
    let records: Vec<Value> = grants
        .iter()
        .map(|(collection, verbs)| json!({"collection": collection, "verbs": verbs, "as": "plugin"}))
        .collect();
    let mut all = more;
    all["records"] = records.into();
    let reply = app.superuser().put(&format!("/api/plugins/{plugin}/grants"), all).await;
    assert_eq!(reply.status, 200, "{reply}");
}

async fn keep(app: &TestApp, plugin: &str, name: &str, value: &str, hosts: Value) {
    let secret = json!({"name": name, "value": value, "hosts": hosts});
    let reply = app.superuser().put(&format!("/api/plugins/{plugin}/secrets"), secret).await;
    assert_eq!(reply.status, 200, "{reply}");
}

/// Lets the outbox work, pauses after failures included, until something is so.
async fn until<T>(app: &TestApp, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..800 {
        if let Some(found) = look().await {
            return found;
        }
        app.clock.advance(Duration::from_millis(500));
        app.host.default_tenant().tenant.outbox_bell.notify_one();
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not happen");
}

/// The only record of a collection, once a field of it is as it should be.
async fn until_record(app: &TestApp, collection: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let anon = app.anon();
    until(app, async || {
        let record = anon.list(collection, "").await.json["items"][0].clone();
        fits(&record).then_some(record)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_bookings_at_once_one_gets_through() {
    let fields = json!([text("room"), text("day")]);
    let (app, id) = with("unique-together", "bookings", fields, &WRITES, json!({"fields": ["room", "day"]})).await;
    let anon = app.anon();
    let booking = json!({"room": "one", "day": "mon"});
    assert_eq!(anon.create("bookings", booking.clone()).await.status, 400, "nothing is granted yet");
    grant(&app, &id, &[("bookings", &["list"])]).await;

    let (a, b, c, d) = (app.anon(), app.anon(), app.anon(), app.anon());
    let (a, b, c, d) = tokio::join!(
        a.create("bookings", booking.clone()),
        b.create("bookings", booking.clone()),
        c.create("bookings", booking.clone()),
        d.create("bookings", booking.clone()),
    );
    let replies = [a, b, c, d];
    let accepted = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(accepted, 1, "{:?}", replies.iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(anon.list("bookings", "").await.json["totalItems"], 1);
    let refused = anon.create("bookings", booking).await;
    assert_eq!(refused.json["data"]["day"]["code"], "validation_not_unique", "{refused}");
    let other = anon.created("bookings", json!({"room": "one", "day": "tue"})).await;
    assert_eq!(anon.update("bookings", &other, json!({"day": "mon"})).await.status, 400);
    assert_eq!(anon.update("bookings", &other, json!({"day": "wed"})).await.status, 200);
}

/// Rows of two files that are imported at once: their hooks read what both write.
#[tokio::test(flavor = "multi_thread")]
async fn imports_at_once_lose_no_row_to_each_other() {
    let fields = json!([text("room"), text("day")]);
    let (app, id) = with("unique-together", "bookings", fields, &WRITES, json!({"fields": ["room", "day"]})).await;
    grant(&app, &id, &[("bookings", &["list"])]).await;
    let import = async |room: &str| {
        let rows: Vec<_> = (0..80).map(|day| json!({"room": room, "day": day.to_string()}).to_string()).collect();
        let path = "/api/collections/bookings/records/import?format=ndjson";
        app.superuser().raw(Method::POST, path, &[], rows.join("\n").into_bytes()).await
    };
    let (a, b, c) = tokio::join!(import("a"), import("b"), import("c"));
    for report in [a, b, c] {
        let errors = report.json["errors"].as_array().expect("a list");
        // On a crowded machine a call may run out of time.
        assert!(errors.iter().all(|error| error["data"]["plugin"]["axis"] == "wall"), "{report}");
        assert_eq!(report.json["created"].as_u64(), Some(80 - errors.len() as u64), "{report}");
    }
}

fn trash() -> Value {
    let fields = json!([
        text("collection"), text("record"), text("by"), {"name": "data", "type": "json"},
        {"name": "deleted", "type": "date"}, {"name": "restored", "type": "date"}, {"name": "restore", "type": "bool"},
    ]);
    open("trash", fields)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_is_kept_where_the_attachment_shows_it() {
    let hidden = json!({"name": "internal", "type": "text", "hidden": true, "required": true});
    let (app, id) = with("soft-delete", "notes", json!([text("title"), hidden]), &["beforeDelete"], json!({})).await;
    app.collection(trash()).await;
    let (path, superuser) = (format!("/api/plugins/{id}/attachments"), app.superuser());
    let of_notes = superuser.get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let of_trash = json!({"collection": "trash", "hooks": ["beforeUpdate"]});
    assert_eq!(superuser.post(&path, of_trash).await.status, 200);
    grant(&app, &id, &[("notes", &["create"]), ("trash", &["create"])]).await;
    let deleted = async |title: &str| {
        let note = superuser.created("notes", json!({"title": title, "internal": "SECRET"})).await;
        assert_eq!(superuser.delete("notes", &note).await.status, 204);
        let kept = superuser.list("trash", &format!("filter=record='{note}'")).await.json["items"][0].clone();
        let restored = superuser.update("trash", kept["id"].as_str().expect("an id"), json!({"restore": true})).await;
        (note, kept, restored)
    };
    let (_, kept, restored) = deleted("unseen").await;
    assert!(kept["data"]["title"] == "unseen" && kept["data"].get("internal").is_none(), "{kept}");
    assert_eq!(restored.status, 400, "as the documentation says: {restored}");

    let seen = json!({"fields": {"read": ["id", "title", "internal"]}});
    assert_eq!(superuser.patch(&format!("{path}/{of_notes}"), seen).await.status, 200);
    let (note, kept, restored) = deleted("seen").await;
    assert_eq!((&kept["data"]["internal"], restored.status), (&json!("SECRET"), 200), "{restored}");
    let back = superuser.view("notes", &note).await;
    assert_eq!((&back.json["title"], &back.json["internal"]), (&json!("seen"), &json!("SECRET")), "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_words_that_is_misspelt_lets_nothing_through() {
    let good = json!({"fields": ["title"], "words": ["spam"]});
    let (app, id) = with("word-list", "posts", json!([text("title")]), &WRITES, good).await;
    let path = format!("/api/plugins/{id}/attachments");
    let attachment = app.superuser().get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let configure =
        async |config: Value| app.superuser().patch(&format!("{path}/{attachment}"), json!({ "config": config })).await;
    for (wrong, pointer) in [
        (json!({"fields": ["title"], "words": ["spam"], "action": "zap"}), "/action"),
        (json!({"fields": ["title"], "words": ["spam"], "flags": "seen"}), ""),
        (json!({"fields": [], "words": ["spam"]}), "/fields"),
        (json!({"words": ["spam"]}), ""),
    ] {
        let refused = configure(wrong).await;
        assert_eq!(refused.status, 400, "{refused}");
        assert_eq!(refused.json["data"]["config"]["params"]["pointer"], pointer, "{refused}");
    }
    assert_eq!(app.anon().create("posts", json!({"title": "fine"})).await.status, 200);
    assert_eq!(configure(json!({"fields": ["titel"], "words": ["spam"]})).await.status, 200);
    let refused = app.anon().create("posts", json!({"title": "fine"})).await;
    assert_eq!(refused.json["data"]["titel"]["code"], "validation_word_list", "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_lies_in_the_trash_until_it_is_restored() {
    let fields = json!([text("title"), {"name": "meta", "type": "json"}, {"name": "views", "type": "number"}]);
    let (app, id) = with("soft-delete", "notes", fields, &["beforeDelete"], json!({})).await;
    app.collection(trash()).await;
    let attachment = json!({"collection": "trash", "hooks": ["beforeUpdate"]});
    assert_eq!(app.superuser().post(&format!("/api/plugins/{id}/attachments"), attachment).await.status, 200);
    let anon = app.anon();
    let note = anon.created("notes", json!({"title": "Keep", "meta": {"a": [1, "x"]}, "views": 2.5})).await;
    assert_eq!(anon.delete("notes", &note).await.status, 400, "what cannot be kept is not deleted");
    grant(&app, &id, &[("notes", &["create"]), ("trash", &["create"])]).await;

    assert_eq!(anon.delete("notes", &note).await.status, 204);
    assert_eq!(anon.view("notes", &note).await.status, 404);
    let kept = anon.list("trash", "").await.json["items"][0].clone();
    assert_eq!((&kept["record"], &kept["data"]["title"], &kept["by"]), (&json!(note), &json!("Keep"), &json!("guest")));

    let row = kept["id"].as_str().expect("an id");
    let restored = anon.update("trash", row, json!({"restore": true})).await;
    assert_eq!(restored.status, 200, "{restored}");
    let back = anon.view("notes", &note).await;
    assert_eq!(
        (&back.json["title"], &back.json["meta"], &back.json["views"]),
        (&json!("Keep"), &json!({"a": [1, "x"]}), &json!(2.5)),
        "{back}"
    );
    anon.update("trash", row, json!({"restore": false})).await;
    assert_eq!(anon.update("trash", row, json!({"restore": true})).await.status, 409, "not twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_fits_its_schema() {
    let schema =
        json!({"type": "object", "required": ["city"], "properties": {"city": {"type": "string", "minLength": 1}}});
    let fields = json!([{"name": "address", "type": "json"}]);
    let (app, _) = with("json-schema", "people", fields, &["validate"], json!({"schemas": {"address": schema}})).await;
    let anon = app.anon();
    let refused = anon.create("people", json!({"address": {"city": ""}})).await;
    assert_eq!(refused.json["data"]["address"]["code"], "validation_json_schema", "{refused}");
    anon.created("people", json!({"address": {"city": "Wien"}})).await;
    anon.created("people", json!({})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_moderated_computed_and_brought_into_one_form() {
    let config = json!({"fields": ["title"], "words": ["spam"], "action": "mask", "flag": "review"});
    let fields = json!([text("title"), text("path"), text("mail"), text("phone"), {"name": "review", "type": "bool"}]);
    let (app, _) = with("word-list", "posts", fields, &WRITES, config).await;
    let config = json!({"field": "path", "template": "{title|slug}"});
    app.attach(&plugin("text-template"), "posts", &WRITES, json!({"config": config, "order": 5})).await;
    let config = json!({"emails": ["mail"], "phones": ["phone"], "country": "43"});
    app.attach(&plugin("contact-details"), "posts", &WRITES, json!({ "config": config })).await;
    let anon = app.anon();
    let body = json!({"title": "No Sp4m here", "mail": " A@B.org ", "phone": "0664 123 45 67"});
    let post = anon.create("posts", body).await;
    let told = ["title", "path", "mail", "phone"].map(|name| post.json[name].as_str().unwrap_or_default().to_owned());
    assert_eq!(told, ["No **** here", "no-here", "a@b.org", "+436641234567"], "{post}");
    assert_eq!(post.json["review"], true);
    let refused = anon.create("posts", json!({"title": "x", "mail": "x", "phone": "x"})).await;
    let codes = ["mail", "phone"].map(|name| refused.json["data"][name]["code"].clone());
    assert_eq!(codes, [json!("validation_invalid_email"), json!("validation_invalid_phone")], "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_signed_sent_again_and_given_up() {
    const SECRET: &str = "a secret of webhooks";
    let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
    let web = Web::start().await;
    app.collection(open("posts", json!([text("title")]))).await;
    let hooks = ["afterCreate", "afterUpdate", "afterDelete"];
    let config = json!({"url": web.url("/flaky")});
    let id = app.attach(&plugin("webhook"), "posts", &hooks, json!({ "config": config })).await;
    keep(&app, &id, "WEBHOOK", SECRET, json!([])).await;
    let http = json!({"http": {"hosts": [web.host()], "methods": ["POST"], "insecure": true}, "signing": ["WEBHOOK"]});
    grant_more(&app, &id, &[], http).await;

    let post = app.anon().created("posts", json!({"title": "Hello"})).await;
    let asked = async |count: usize| Some(web.asked()).filter(|asked| asked.len() >= count);
    let told: Vec<Value> = until(&app, async || asked(2).await)
        .await
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON"))
        .collect();
    for request in &told {
        let header = |name: &str| request["headers"][name].as_str().expect("a header").to_owned();
        let body = request["body"].as_str().expect("a body");
        let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
        let tag = BASE64_STANDARD.encode(tinybase::crypto::hmac(SECRET.as_bytes(), signed.as_bytes()));
        assert_eq!(header("webhook-signature"), format!("v1,{tag}"));
    }
    assert_eq!(told[0]["headers"]["webhook-id"], told[1]["headers"]["webhook-id"], "by which a repetition is known");
    assert_ne!(told[0]["headers"]["webhook-timestamp"], told[1]["headers"]["webhook-timestamp"]);
    let body: Value = serde_json::from_str(told[1]["body"].as_str().expect("a text")).expect("JSON");
    assert_eq!((&body["type"], &body["data"]["title"]), (&json!("posts.created"), &json!("Hello")));

    app.anon().update("posts", &post, json!({"title": "Bye"})).await;
    let update = until(&app, async || asked(3).await).await.pop().expect("a request");
    assert!(update.contains("posts.updated") && update.contains("previous") && update.contains("Hello"), "{update}");

    // A receiver that is gone for good is not asked again.
    let path = format!("/api/plugins/{id}/attachments");
    let attachment = app.superuser().get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let moved = json!({"config": {"url": web.url("/gone")}});
    assert_eq!(app.superuser().patch(&format!("{path}/{attachment}"), moved).await.status, 200);
    app.anon().delete("posts", &post).await;
    let event = until(&app, async || {
        let row = outbox(&app).await;
        (row["state"] == "dead").then_some(row)
    })
    .await;
    assert_eq!(event["attempts"], 1, "{event}");
    assert!(
        event["error"].as_str().is_some_and(|error| error.contains("permanent: the server answered 410")),
        "{event}"
    );
    assert_eq!(web.asked().len(), 4);
    let log = app.superuser().get(&format!("/api/plugins/{id}/logs?hook=afterDelete")).await.json;
    assert_eq!(log["items"][0]["message"], "afterDelete answered: permanent: the server answered 410", "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_do_not_answer_hold_up_no_other_plugin() {
    let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
    let web = Web::start().await;
    app.collection(open("events", json!([text("title")]))).await;
    let config = json!({"url": web.url("/hold"), "timeoutMs": 60_000});
    let http = json!({"http": {"hosts": [web.host()], "methods": ["POST"], "insecure": true}, "signing": ["WEBHOOK"]});
    for _ in 0..2 {
        let id = app.attach(&plugin("webhook"), "events", &["afterCreate"], json!({ "config": config })).await;
        keep(&app, &id, "WEBHOOK", "a secret of webhooks", json!([])).await;
        grant_more(&app, &id, &[], http.clone()).await;
    }
    app.collection(open("posts", json!([text("title")]))).await;
    let fields = ["event", "action", "collection", "record", "at", "by"].map(text);
    app.collection(open("audit", json!(fields))).await;
    let audit = app.attach(&plugin("audit-trail"), "posts", &["afterCreate"], json!({})).await;
    grant(&app, &audit, &[("audit", &["list", "create"])]).await;

    for number in 0..20 {
        app.anon().created("events", json!({"title": number.to_string()})).await;
    }
    web.held().await;
    app.anon().created("posts", json!({"title": "Hello"})).await;
    until_record(&app, "audit", |record| record["action"] == "create").await;
    // The event of the audit goes after the record is there; the others stay, as nobody has answered.
    until(&app, async || {
        let waiting = app.superuser().get("/api/outbox?perPage=100").await.json["totalItems"].clone();
        assert!(waiting == 40 || waiting == 41, "{waiting}");
        (waiting == 40).then_some(())
    })
    .await;
    // Calls that wait would be waited for at the end.
    for _ in 0..40 {
        web.release();
    }
    until(&app, async || outbox(&app).await.is_null().then_some(())).await;
}

/// What is misspelt is refused when it is written down, as far as that can be known, and at the first write otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_mistakes_lets_nothing_through() {
    let app = TestApp::new().await;
    let fields = json!([text("title"), text("name"), {"name": "internal", "type": "text", "hidden": true}]);
    app.collection(open("posts", fields)).await;
    let write = async || app.anon().create("posts", json!({"title": "Hello", "name": "x"})).await;
    let schema = |field: &str| json!({"schemas": { field: {"type": "string"} }});
    let of = |field: &str| json!({"fields": ["title", field]});
    for (name, hook, refused, misspelt) in [
        ("unique-together", "beforeCreate", json!({"feilds": ["title"]}), of("nmae")),
        ("unique-together", "beforeCreate", json!({}), of("internal")),
        ("text-template", "beforeCreate", json!({"template": 1}), json!({"field": "nmae", "template": "{title}"})),
        ("text-template", "beforeCreate", json!({"fild": "name"}), json!({"field": "name", "template": "{nmae}"})),
        ("contact-details", "beforeCreate", json!({"country": "+43"}), json!({"phones": ["nmae"]})),
        ("json-schema", "validate", json!({"schemas": {"title": 1}}), schema("nmae")),
        ("word-limit", "validate", json!({"max": "20"}), json!({"field": "nmae"})),
        ("word-list", "beforeCreate", json!({"fields": "title"}), json!({"fields": ["nmae"], "words": ["x"]})),
    ] {
        let id = app.install(&plugin(name)).await;
        let path = format!("/api/plugins/{id}/attachments");
        let attach = async |config: Value| {
            app.superuser().post(&path, json!({"collection": "posts", "hooks": [hook], "config": config})).await
        };
        let reply = attach(refused.clone()).await;
        assert_eq!(reply.status, 400, "{name} takes {refused}: {reply}");
        assert!(reply.json["data"]["config"]["params"]["pointer"].is_string(), "{name}: {reply}");
        let reply = attach(misspelt.clone()).await;
        assert_eq!(reply.status, 200, "{name}: {reply}");
        let written = write().await;
        assert_eq!(written.status, 400, "{name} with {misspelt}: {written}");
        let words = written.json.to_string();
        assert!(words.contains("nmae") || words.contains("internal"), "{name} names it: {words}");
        assert_eq!(app.superuser().remove(&format!("/api/plugins/{id}")).await.status, 204);
    }
    assert_eq!(write().await.status, 200);
}

/// A field that may be null and was not given is no mistake; one that holds no text is.
#[tokio::test(flavor = "multi_thread")]
async fn null_is_no_text_and_other_kinds_are_refused() {
    for (name, hook, config) in [
        ("word-limit", "validate", json!({"field": "about"})),
        ("word-list", "beforeCreate", json!({"fields": ["about"], "words": ["spam"]})),
        ("contact-details", "beforeCreate", json!({"emails": ["about"]})),
    ] {
        let fields = json!([text("title"), {"name": "about", "type": "text", "nullable": true}]);
        let (app, _) = with(name, "people", fields, &[hook], config.clone()).await;
        let created = app.anon().create("people", json!({"title": "Ann"})).await;
        assert_eq!((created.status, &created.json["about"]), (200, &Value::Null), "{name}: {created}");

        let fields = json!([text("title"), {"name": "about", "type": "number"}]);
        let (app, _) = with(name, "people", fields, &[hook], config).await;
        let refused = app.anon().create("people", json!({"title": "Ann", "about": 1})).await;
        assert_eq!(refused.status, 400, "{name}: {refused}");
        assert!(refused.json["data"]["about"]["code"].is_string(), "{name}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_hooks_with_a_misspelt_field_lie_dead_and_say_so() {
    let app = TestApp::new().await;
    app.collection(open("posts", json!([text("title"), {"name": "photo", "type": "file"}]))).await;
    let config = json!({"config": {"fields": ["foto"]}});
    for name in ["image-privacy", "embedding"] {
        let id = app.attach(&plugin(name), "posts", &["afterCreate"], config.clone()).await;
        app.anon().created("posts", json!({"title": "Hello"})).await;
        let row = until(&app, async || Some(outbox(&app).await).filter(|row| row["state"] == "dead")).await;
        assert_eq!(row["attempts"], 1, "{row}");
        assert!(row["error"].as_str().is_some_and(|error| error.contains("`foto`")), "{name}: {row}");
        assert_eq!(app.superuser().remove(&format!("/api/plugins/{id}")).await.status, 204);
        assert_eq!(app.superuser().remove("/api/outbox?filter=state='dead'").await.status, 200);
    }
}

/// The oldest event that waits or is dead.
async fn outbox(app: &TestApp) -> Value {
    app.superuser().get("/api/outbox").await.json["items"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_get_vectors_that_they_are_found_by() {
    let app = TestApp::with(|config| config.plugin_private_addresses = true).await;
    let web = Web::start().await;
    let fields = json!([text("title"), {"name": "views", "type": "number"}, {"name": "embedding", "type": "vector", "dimension": 3}]);
    app.collection(open("posts", fields)).await;
    let config = json!({"fields": ["title"], "url": web.url("/v1/embeddings"), "dimensions": 3});
    let hooks = ["afterCreate", "afterUpdate"];
    let id = app.attach(&plugin("embedding"), "posts", &hooks, json!({ "config": config })).await;
    keep(&app, &id, "OPENAI_API_KEY", "sk-0123456789", json!([web.host()])).await;
    let more = json!({
        "http": {"hosts": [web.host()], "methods": ["POST"], "insecure": true}, "secrets": ["OPENAI_API_KEY"],
    });
    grant_more(&app, &id, &[("posts", &["view", "update"])], more).await;

    let anon = app.anon();
    let post = anon.created("posts", json!({"title": "Hello you"})).await;
    until_record(&app, "posts", |record| record["embedding"] == json!([9, 1, 1])).await;
    assert!(web.asked()[0].contains("Bearer sk-0123456789"), "{:?}", web.asked());

    // Other fields are no reason to ask, and neither is what the plugin writes itself.
    anon.update("posts", &post, json!({"views": 1})).await;
    anon.update("posts", &post, json!({"title": "Bye"})).await;
    until_record(&app, "posts", |record| record["embedding"] == json!([3, 0, 1])).await;
    assert_eq!(web.asked().len(), 2, "{:?}", web.asked());
    let nearest = anon.list("posts", "near=embedding:[3,0,1]").await;
    assert_eq!(nearest.status, 200, "{nearest}");
    anon.update("posts", &post, json!({"title": ""})).await;
    until_record(&app, "posts", |record| record["embedding"].is_null()).await;
    assert_eq!(web.asked().len(), 2, "{:?}", web.asked());
}

/// A photograph that tells where it was taken, lying on its side.
fn photograph() -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(20, 10, |x, y| image::Rgb([x as u8 * 10, y as u8 * 10, 90]));
    picture.write_to(&mut plain, image::ImageFormat::Jpeg).expect("a picture");
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x04GPS!".to_vec();
    exif.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0");
    let head = [b"\xff\xd8\xff\xe1\0".as_slice(), &[exif.len() as u8 + 2]].concat();
    [head, exif, plain.into_inner()[2..].to_vec(), b"behind the end".to_vec()].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn photographs_tell_no_places() {
    let app = TestApp::new().await;
    let fields = json!([
        text("name"), {"name": "photo", "type": "file", "maxSelect": 1}, {"name": "album", "type": "file", "maxSelect": 3},
    ]);
    app.collection(open("people", fields)).await;
    let config = json!({"fields": ["photo", "album"]});
    let hooks = ["afterCreate", "afterUpdate"];
    let id = app.attach(&plugin("image-privacy"), "people", &hooks, json!({ "config": config })).await;
    grant_more(&app, &id, &[("people", &["view", "update"])], json!({"files": ["read", "write"]})).await;

    let (photo, anon) = (photograph(), app.anon());
    let note = b"no picture".as_slice();
    let parts = [
        Part::Text("name", "Ada"),
        Part::File("photo", "me.jpg", &photo),
        Part::File("album", "a.jpg", &photo),
        Part::File("album", "b.txt", note),
        Part::File("album", "c.jpg", &photo),
    ];
    let uploaded = anon.uploaded("people", &parts).await;
    let names = |record: &Value| {
        [&record["photo"], &record["album"][0], &record["album"][1], &record["album"][2]].map(Clone::clone)
    };
    let before = names(&uploaded);
    let record = until_record(&app, "people", |record| {
        let now = names(record);
        now.iter().filter(|name| !before.contains(name)).count() == 3
    })
    .await;
    let (pixels, mut kept) = (image::load_from_memory(&photo).expect("a picture").to_rgb8(), 0);
    for name in names(&record) {
        let file = anon.file(&record, &name, "").await;
        if file.body == note {
            kept += 1;
            assert!(before.contains(&name), "what is no picture stays as it is");
            continue;
        }
        assert!(!file.body.windows(4).any(|part| part == b"GPS!") && !file.body.ends_with(b"end"), "{name}");
        assert!(file.body.windows(6).any(|part| part == b"Exif\0\0"), "which way up is kept: {name}");
        assert_eq!(image::load_from_memory(&file.body).expect("a picture").to_rgb8(), pixels, "{name}");
    }
    assert_eq!(kept, 1);
    assert_eq!(record["album"].as_array().map(Vec::len), Some(3), "{record}");
    for name in before.iter().filter(|name| !names(&record).contains(name)) {
        let gone = until(&app, async || {
            let status = anon.file(&record, name, "").await.status;
            (status != 200).then_some(status)
        });
        assert_eq!(gone.await, 404, "{name}");
    }
}
