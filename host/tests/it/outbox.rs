//! The outbox as an admin sees it: what waits, what is dead, delivering again, giving up.

use crate::support::TestApp;
use crate::support::guests::guest;
use serde_json::{Value, json};
use std::time::Duration;

/// A server whose hook after creates of `posts` does `what`; answers with the plugin's id.
pub async fn doing(what: &str) -> (TestApp, String) {
    let app = TestApp::with_posts().await;
    let id = app.attach(&guest("hostile"), "posts", &["afterCreate"], json!({"config": {"do": what}})).await;
    (app, id)
}

async fn outbox(app: &TestApp, query: &str) -> Value {
    let reply = app.superuser().get(&format!("/api/outbox?{}", crate::support::people::encode(query))).await;
    assert_eq!(reply.status, 200, "{reply}");
    reply.json
}

/// Waits until the outbox is as it should be; nothing hangs on how long it takes.
pub async fn until(app: &TestApp, query: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    for _ in 0..800 {
        found = outbox(app, query).await;
        if fits(&found) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it does not happen: {found}");
}

/// Lets every event fail until it is dead. The superuser's token does not live as long as all pauses take.
async fn let_die(app: &TestApp, events: usize) {
    let tenant = &app.host.default_tenant().tenant;
    let dead = async || {
        let sql = tinybase::sql::Sql::new("SELECT count(*) FROM _outbox WHERE due_ms IS NULL");
        tenant.store.read(move |snapshot| snapshot.one(&sql, |row| Ok(row.integer(0)))).await.expect("a count")
    };
    // Ten tries, with pauses of up to an hour.
    for _ in 0..2_000 {
        if dead().await == i64::try_from(events).ok() {
            return;
        }
        app.clock.advance(Duration::from_mins(10));
        tenant.outbox_bell.notify_one();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("they do not die");
}

async fn mend(app: &TestApp, plugin: &str) {
    turn_to(app, plugin, "nothing").await;
}

/// Lets the hook do something else from now on.
pub async fn turn_to(app: &TestApp, plugin: &str, what: &str) {
    let path = format!("/api/plugins/{plugin}/attachments");
    let id = app.superuser().get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let turned = app.superuser().patch(&format!("{path}/{id}"), json!({"config": {"do": what}})).await;
    assert_eq!(turned.status, 200, "{turned}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_with_its_error() {
    let (app, plugin) = doing("error-always").await;
    let post = app.anon().created("posts", json!({"title": "x"})).await;
    let page = until(&app, "", |page| page["items"][0]["attempts"] == 1).await;
    let row = &page["items"][0];
    assert_eq!(
        (&row["state"], &row["plugin"], &row["pluginName"]),
        (&json!("pending"), &json!(plugin), &json!("plugin-0"))
    );
    assert_eq!((&row["collection"], &row["record"], &row["action"]), (&json!("posts"), &json!(post), &json!("create")));
    let error = row["error"].as_str().expect("a text");
    assert!(error.starts_with("plugin-0 answered: ") && error.contains("Always."), "in words: {row}");
    assert!(!error.contains("Invalid {"), "without code of the host: {row}");
    assert!(!error.contains("Invalid(") && !error.contains("FieldError"), "nor of the guest: {row}");
    assert!(row["due"].as_str() > row["created"].as_str(), "{row}");
    assert_eq!(row["event"], Value::Null);

    let id = row["id"].as_str().expect("an id");
    let whole = app.superuser().get(&format!("/api/outbox/{id}")).await.json;
    assert_eq!((&whole["event"]["after"]["title"], &whole["event"]["before"]), (&json!("x"), &Value::Null), "{whole}");
    for (filter, count) in [
        ("state = 'pending'", 1),
        ("state = 'dead'", 0),
        ("collection = 'posts' && action = 'create'", 1),
        ("collection = 'others'", 0),
        (&format!("plugin = '{plugin}' && attempts > 0"), 1),
        ("pluginName = 'nobody'", 0),
    ] {
        assert_eq!(outbox(&app, &format!("filter={filter}")).await["totalItems"], count, "{filter}");
    }
    let wrong = app.superuser().get("/api/outbox?filter=event!=1").await;
    assert_eq!(wrong.status, 400, "the records are not to be searched: {wrong}");
    let words = wrong.json["message"].as_str().expect("a message");
    assert!(words.contains("there is no field `event`") && !words.contains("_outbox"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_delivered_again_at_once() {
    let (app, plugin) = doing("error-always").await;
    app.anon().created("posts", json!({"title": "x"})).await;
    let page = until(&app, "", |page| page["items"][0]["attempts"] == 1).await;
    let path = format!("/api/outbox/{}", page["items"][0]["id"].as_str().expect("an id"));
    mend(&app, &plugin).await;
    let replayed = app.superuser().post(&format!("{path}/replay"), json!({})).await;
    // It may have been delivered before the answer was read.
    assert!(replayed.status == 200 || replayed.status == 404, "{replayed}");
    until(&app, "", |page| page["totalItems"] == 0).await;
    assert_eq!(app.superuser().post(&format!("{path}/replay"), json!({})).await.status, 404);
    assert_eq!(app.superuser().remove(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_events_are_replayed_or_given_up_by_filter() {
    let (app, plugin) = doing("error-always").await;
    for title in ["a", "b", "c"] {
        app.anon().created("posts", json!({"title": title})).await;
    }
    let_die(&app, 3).await;
    let root =
        crate::support::people::Person::sign_in(&app.app, "_superusers", "root@example.com", crate::support::PASSWORD)
            .await;
    let count = async |filter: &str| {
        let query = crate::support::people::encode(&format!("filter={filter}"));
        root.get(&format!("/api/outbox?{query}")).await.json["totalItems"].clone()
    };
    assert_eq!((count("state = 'dead'").await, count("attempts = 10").await), (json!(3), json!(3)));
    for (method, path) in [("POST", "/api/outbox/replay"), ("DELETE", "/api/outbox")] {
        let reply = root.raw(method.parse().expect("a method"), path, &[], Vec::new()).await;
        assert_eq!(reply.status, 400, "without a filter: {reply}");
    }
    let page = root.get("/api/outbox").await.json;
    let id = page["items"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(root.remove(&format!("/api/outbox/{id}")).await.status, 204);
    let second = page["items"][1]["record"].as_str().expect("a record").to_owned();
    let query = crate::support::people::encode(&format!("filter=record = '{second}'"));
    let deleted = root.remove(&format!("/api/outbox?{query}")).await;
    assert_eq!((deleted.status, &deleted.json["deleted"]), (200, &json!(1)), "{deleted}");

    let path = format!("/api/plugins/{plugin}/attachments");
    let attachment = root.get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    root.patch(&format!("{path}/{attachment}"), json!({"config": {"do": "nothing"}})).await;
    let query = crate::support::people::encode("filter=collection = 'posts'");
    let replayed = root.post(&format!("/api/outbox/replay?{query}"), json!({})).await;
    assert_eq!((replayed.status, &replayed.json["replayed"]), (200, &json!(1)), "{replayed}");
    for _ in 0..400 {
        if count("id != ''").await == json!(0) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(count("id != ''").await, 0);
    // Nothing is told of what finds nothing.
    let nothing = root.post(&format!("/api/outbox/replay?{query}"), json!({})).await;
    assert_eq!((nothing.status, &nothing.json["replayed"]), (200, &json!(0)), "{nothing}");
    assert_eq!(root.remove(&format!("/api/outbox?{query}")).await.json["deleted"], 0);
    assert_eq!(root.post(&format!("/api/outbox/{id}/replay"), json!({})).await.status, 404);
    assert_eq!(root.remove(&format!("/api/outbox/{id}")).await.status, 404);
    let told = root.get("/api/activity?filter=kind='outbox'").await.json;
    let entries = told["items"].as_array().expect("items").iter();
    let entries: Vec<_> = entries.map(|entry| (&entry["action"], &entry["subject"], &entry["after"])).collect();
    let replayed = json!({"filter": "collection = 'posts'", "count": 1});
    let deleted = json!({"filter": format!("record = '{second}'"), "count": 1});
    let (all, one) = (json!(""), json!(id));
    assert_eq!(
        entries,
        [
            (&json!("replay"), &all, &replayed),
            (&json!("delete"), &all, &deleted),
            (&json!("delete"), &one, &Value::Null)
        ],
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_records_are_not_in_the_outbox_that_is_shown() {
    let app = TestApp::new().await;
    app.attach(&guest("hostile"), "users", &["afterCreate"], json!({"config": {"do": "error-always"}})).await;
    app.user("a@example.com").await;
    let page = until(&app, "", |page| page["totalItems"] == 1).await;
    let id = page["items"][0]["id"].as_str().expect("an id");
    let after = app.superuser().get(&format!("/api/outbox/{id}")).await.json["event"]["after"].clone();
    assert_eq!(after["email"], "a@example.com", "{after}");
    assert!(after.get("password").is_none() && after.get("tokenKey").is_none(), "{after}");
    let console = app.superuser().post("/api/sql", json!({"query": "select event, error from _outbox_rows"})).await;
    assert_eq!(console.json["rows"], json!([[null, null]]), "nor by a statement: {console}");

    let key = app.superuser().post("/api/keys", json!({"name": "k", "scopes": ["plugins:read"]})).await;
    let key = app.anon().with_token(key.json["key"].as_str().expect("a key"));
    assert_eq!(key.get("/api/outbox").await.json["totalItems"], 1);
    assert!(key.get(&format!("/api/outbox/{id}")).await.json.get("event").is_none(), "a key sees no records there");
    assert_eq!(key.remove(&format!("/api/outbox/{id}")).await.status, 403);
}

/// The first attachment of a plugin.
async fn attachment(app: &TestApp, plugin: &str) -> String {
    let path = format!("/api/plugins/{plugin}/attachments");
    let id = app.superuser().get(&path).await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    format!("{path}/{id}")
}

/// Looks for what is due some times; how many deliveries were tried.
async fn turns(app: &TestApp) -> usize {
    let mut tried = 0;
    for _ in 0..3 {
        tried += tinybase::outbox::turn(&app.host.default_tenant().tenant).await.expect("a turn");
    }
    tried
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_a_plugin_that_is_switched_off_waits_for_it() {
    let (app, plugin) = doing("error-always").await;
    let places = [format!("/api/plugins/{plugin}"), attachment(&app, &plugin).await];
    for place in places {
        app.superuser().patch(&attachment(&app, &plugin).await, json!({"config": {"do": "error-always"}})).await;
        app.anon().created("posts", json!({"title": "x"})).await;
        until(&app, "", |page| page["items"][0]["attempts"] == 1).await;
        assert_eq!(app.superuser().patch(&place, json!({"enabled": false})).await.status, 200);
        mend(&app, &plugin).await;
        app.clock.advance(Duration::from_mins(1));
        assert_eq!(turns(&app).await, 0, "nobody is called: {place}");
        let page = outbox(&app, "").await;
        assert_eq!(
            (&page["totalItems"], &page["items"][0]["state"], &page["items"][0]["attempts"]),
            (&json!(1), &json!("pending"), &json!(1)),
            "{place}: {page}"
        );
        app.anon().created("posts", json!({"title": "nobody hears of it"})).await;
        assert_eq!(outbox(&app, "").await["totalItems"], 1);
        assert_eq!(app.superuser().patch(&place, json!({"enabled": true})).await.status, 200);
        until(&app, "", |page| {
            app.clock.advance(Duration::from_secs(1));
            page["totalItems"] == 0
        })
        .await;
    }
    let calls = app.superuser().get(&format!("/api/plugins/{plugin}/metrics")).await.json["totals"]["calls"].clone();
    assert_eq!(calls, 4, "each event was told twice, since the first time was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_for_which_there_is_nobody_any_more_is_dead_and_says_why() {
    for (what, words) in [
        ("detach", "was deleted"),
        ("delete", "was deleted"),
        ("hook", "no afterCreate"),
        ("narrow", "not have afterCreate"),
    ] {
        let (app, plugin) = doing("error-always").await;
        let root = app.superuser();
        app.anon().created("posts", json!({"title": "x"})).await;
        until(&app, "", |page| page["items"][0]["attempts"] == 1).await;
        let (path, place) = (format!("/api/plugins/{plugin}"), attachment(&app, &plugin).await);
        let changed = match what {
            "detach" => root.remove(&place).await,
            "delete" => root.remove(&path).await,
            "narrow" => root.patch(&place, json!({"hooks": ["beforeCreate"]})).await,
            _ => {
                let next = root.upload_as("/api/plugins", "plugin-0", &guest("hostile-validator")).await;
                assert_eq!(next.status, 200, "{next}");
                root.post(&format!("{path}/activate"), json!({"version": 2, "force": true})).await
            }
        };
        assert!(changed.status == 200 || changed.status == 204, "{what}: {changed}");
        app.clock.advance(Duration::from_secs(2));
        let page = until(&app, "", |page| page["items"][0]["state"] != "pending").await;
        let row = &page["items"][0];
        assert!(row["error"].as_str().is_some_and(|error| error.contains(words)), "{what}: {page}");
        assert_eq!((&row["state"], &row["due"]), (&json!("dead"), &Value::Null), "{what}: {page}");
        let gone = what == "detach" || what == "delete";
        assert_eq!((&row["gone"], row["plugin"] == ""), (&json!(gone), gone), "{what}: {page}");
        if gone {
            // Nobody can take it any more, so that trying again is no way to go.
            let id = row["id"].as_str().expect("an id");
            let one = root.post(&format!("/api/outbox/{id}/replay"), json!({})).await;
            assert!(one.status == 400 && one.json["message"].to_string().contains("given up"), "{what}: {one}");
            let all = root.post("/api/outbox/replay?filter=state='dead'", json!({})).await;
            assert_eq!((all.status, &all.json), (200, &json!({"replayed": 0, "gone": 1})), "{what}");
            let kept = &outbox(&app, "").await["items"][0];
            assert_eq!((&kept["state"], &kept["error"]), (&row["state"], &row["error"]), "{what}: as it was");
            let dropped = root.remove("/api/outbox?filter=plugin=''").await;
            assert_eq!(dropped.json, json!({"deleted": 1}), "{what}");
        }
        if what == "hook" {
            assert_eq!(root.post(&format!("{path}/rollback"), json!({})).await.status, 200);
            mend(&app, &plugin).await;
            root.post("/api/outbox/replay?filter=state='dead'", json!({})).await;
            until(&app, "", |page| page["totalItems"] == 0).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_breaker_is_open_no_event_loses_a_try() {
    let (app, plugin) = doing("panic").await;
    for title in 0..5 {
        app.anon().created("posts", json!({"title": title.to_string()})).await;
        until(&app, "filter=attempts=1", |page| page["totalItems"] == title + 1).await;
    }
    for _ in 0..3 {
        app.anon().created("posts", json!({"title": "later"})).await;
    }
    assert_eq!(turns(&app).await, 0, "the breaker is open");
    for (filter, count) in [("attempts=1", 5), ("attempts=0", 3)] {
        assert_eq!(outbox(&app, &format!("filter={filter}")).await["totalItems"], count, "{filter}");
    }
    // The probe is one call: one event has a try less by it.
    app.clock.advance(Duration::from_secs(1));
    let probed = |page: &Value| {
        let items = page["items"].as_array().expect("items");
        items.iter().filter_map(|row| row["attempts"].as_u64()).sum::<u64>()
    };
    until(&app, "", |page| probed(page) > 5).await;
    assert_eq!((turns(&app).await, probed(&outbox(&app, "").await)), (0, 6));

    mend(&app, &plugin).await;
    assert_eq!(app.superuser().post(&format!("/api/plugins/{plugin}/breaker"), json!({})).await.status, 200);
    until(&app, "", |page| {
        app.clock.advance(Duration::from_secs(1));
        page["totalItems"] == 0
    })
    .await;
}
