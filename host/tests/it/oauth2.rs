//! Signing in with an account elsewhere: new records, linked ones, and those who try to get into somebody else's.

use crate::support::people::{Person, Reply};
use crate::support::provider::Provider;
use crate::support::{PASSWORD, TestApp};
use axum::http::Method;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

/// A server whose `users` may sign in with the accounts of a provider.
async fn with_provider() -> (TestApp, Provider) {
    let (app, provider) = (TestApp::new().await, Provider::start().await);
    configure(&app, &provider.config(), json!({"name": "name"})).await;
    (app, provider)
}

async fn configure(app: &TestApp, config: &Value, mapped: Value) {
    let oauth2 = json!({"oauth2": {"enabled": true, "providers": [config], "mappedFields": mapped}});
    let changed = app.superuser().patch("/api/collections/users", oauth2).await;
    assert_eq!(changed.status, 200, "{changed}");
}

fn person(name: &str) -> Value {
    json!({"sub": format!("id of {name}"), "name": name, "preferred_username": name,
           "email": format!("{name}@example.com"), "email_verified": true})
}

fn with(mut person: Value, key: &str, value: Value) -> Value {
    person[key] = value;
    person
}

/// Comes back from the provider as somebody.
async fn sign_in(provider: &Provider, caller: &Person, who: &Value, more: Value) -> Reply {
    let methods = caller.get("/api/collections/users/auth-methods").await;
    let offer = &methods.json["oauth2"]["providers"][0];
    let mut body = json!({
        "provider": "oidc", "code": provider.issue(who, offer["codeChallenge"].as_str().expect("a challenge")),
        "codeVerifier": offer["codeVerifier"], "redirectURL": "http://127.0.0.1/back",
    });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    caller.post("/api/collections/users/auth-with-oauth2", body).await
}

async fn links(app: &TestApp) -> Vec<Value> {
    app.superuser().values("_externalAuths", "providerId", "sort=providerId").await
}

async fn password_status(app: &TestApp, email: &str) -> u16 {
    let body = json!({"identity": email, "password": PASSWORD});
    app.anon().post("/api/collections/users/auth-with-password", body).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_sign_in_makes_a_record_and_the_next_ones_find_it() {
    let (app, provider) = with_provider().await;
    let first = sign_in(&provider, &app.anon(), &person("ann"), json!({})).await;
    assert_eq!(first.status, 200, "{first}");
    let (record, meta) = (&first.json["record"], &first.json["meta"]);
    assert_eq!(
        (&record["email"], &record["verified"], &record["name"]),
        (&json!("ann@example.com"), &json!(true), &json!("ann"))
    );
    assert_eq!((&meta["isNew"], &meta["id"], &meta["username"]), (&json!(true), &json!("id of ann"), &json!("ann")));
    assert_eq!((&meta["refreshToken"], &meta["expiry"]), (&json!("again"), &json!("2026-01-02 03:05:05.678Z")));
    assert_eq!(meta["rawUser"]["sub"], "id of ann");

    let moved = with(person("ann"), "email", json!("moved@example.com"));
    let again = sign_in(&provider, &app.anon(), &moved, json!({"createData": {"name": "other"}})).await;
    assert_eq!((&again.json["record"]["id"], &again.json["meta"]["isNew"]), (&record["id"], &json!(false)), "{again}");
    assert_eq!((&again.json["record"]["email"], &again.json["record"]["name"]), (&record["email"], &json!("ann")));
    assert_eq!(links(&app).await, ["id of ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_address_is_none() {
    let (app, provider) = with_provider().await;
    for (name, blank) in [("ann", json!("")), ("bob", json!("  ")), ("cleo", Value::Null)] {
        let reply =
            sign_in(&provider, &app.anon(), &person(name), json!({"createData": {"email": blank.clone()}})).await;
        let record = &reply.json["record"];
        let expected = (json!(format!("{name}@example.com")), json!(true));
        assert_eq!((&record["email"], &record["verified"]), (&expected.0, &expected.1), "{blank}: {reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_have_all_that_one_attempt_needs() {
    let (app, _provider) = with_provider().await;
    let methods = app.anon().get("/api/collections/users/auth-methods").await.json;
    let offer = &methods["oauth2"]["providers"][0];
    assert_eq!(
        (&offer["name"], &offer["displayName"], &offer["codeChallengeMethod"]),
        (&json!("oidc"), &json!("Ours"), &json!("S256"))
    );
    let text = |key: &str| offer[key].as_str().expect("a text").to_owned();
    assert_eq!((text("state").len(), text("codeVerifier").len(), text("codeChallenge").len()), (30, 43, 43));
    assert!(text("authURL").ends_with("&redirect_uri=") && text("authURL").contains(&text("codeChallenge")));
    assert!(!methods.to_string().contains("a/secret"), "the client's secret");

    // One that could not work is not offered.
    let half = json!({"name": "oidc2", "clientId": "c", "clientSecret": "s"});
    configure(&app, &half, json!({})).await;
    assert_eq!(app.anon().get("/api/collections/users/auth-methods").await.json["oauth2"]["providers"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_somebody_else_had_set_is_worth_nothing() {
    let (app, provider) = with_provider().await;
    let attacker = app.user("victim@example.com").await;
    assert_eq!(attacker.view("users", &attacker.id).await.status, 200);
    let victim = sign_in(&provider, &app.anon(), &person("victim"), json!({})).await;
    assert_eq!(
        (&victim.json["record"]["id"], &victim.json["record"]["verified"]),
        (&json!(attacker.id), &json!(true)),
        "{victim}"
    );
    assert_eq!(password_status(&app, "victim@example.com").await, 400, "the attacker's password");
    assert_eq!(attacker.view("users", &attacker.id).await.status, 404, "the attacker's token");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_somebody_else_had_linked_is_unlinked() {
    let (app, provider) = with_provider().await;
    let claims = json!({"createData": {"email": "victim@example.com"}});
    let attacker = sign_in(&provider, &app.anon(), &person("attacker"), claims).await;
    assert_eq!((attacker.status, &attacker.json["record"]["verified"]), (200, &json!(false)), "{attacker}");
    let token = attacker.json["token"].as_str().expect("a token").to_owned();

    let victim = sign_in(&provider, &app.anon(), &person("victim"), json!({})).await;
    assert_eq!(victim.json["record"]["id"], attacker.json["record"]["id"], "{victim}");
    assert_eq!(links(&app).await, ["id of victim"]);
    let headers: &[(&str, &str)] = &[("authorization", &token)];
    let refreshed = app.anon().raw(Method::POST, "/api/collections/users/auth-refresh", headers, Vec::new()).await;
    assert_eq!(refreshed.status, 401, "{refreshed}");
    let back = sign_in(&provider, &app.anon(), &person("attacker"), json!({})).await;
    assert_ne!(back.json["record"]["id"], victim.json["record"]["id"], "{back}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_provider_has_not_verified_is_nobodys() {
    let (app, provider) = with_provider().await;
    let ann = app.user("ann@example.com").await;
    let who = with(person("ann"), "email_verified", json!(false));
    let reply = sign_in(&provider, &app.anon(), &who, json!({})).await;
    assert_eq!((reply.status, &reply.json["data"]["email"]["code"]), (400, &json!("validation_required")), "{reply}");
    let fields =
        json!({"fields": [{"name": "name", "type": "text"}, {"name": "email", "type": "email", "required": false}]});
    let changed = app.superuser().patch("/api/collections/users", fields).await;
    assert_eq!(changed.status, 200, "{changed}");
    for verified in [json!(false), Value::Null, json!("no")] {
        let who = with(person("ann"), "email_verified", verified.clone());
        let who = with(who, "sub", json!(format!("somebody {verified}")));
        let reply = sign_in(&provider, &app.anon(), &who, json!({})).await;
        assert_ne!(reply.json["record"]["id"], json!(ann.id), "{reply}");
        assert_eq!(
            (reply.status, &reply.json["record"]["email"], &reply.json["meta"]["email"]),
            (200, &json!(""), &json!(""))
        );
    }
    assert_eq!(password_status(&app, "ann@example.com").await, 200, "the record is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_links_the_account_and_keeps_the_password() {
    let (app, provider) = with_provider().await;
    let ann = app.user("ann@example.com").await;
    let other = with(person("work"), "email", json!("ann@work.example"));
    let linked = sign_in(&provider, &ann, &other, json!({})).await;
    assert_eq!(
        (&linked.json["record"]["id"], &linked.json["record"]["verified"]),
        (&json!(ann.id), &json!(false)),
        "{linked}"
    );
    assert_eq!(password_status(&app, "ann@example.com").await, 200);
    let own = ann.values("_externalAuths", "id", "").await;
    assert_eq!((own.len(), app.anon().values("_externalAuths", "id", "").await.len()), (1, 0));
    // Linked to somebody else the same account signs in as that one.
    let bob = app.user("bob@example.com").await;
    let theirs = sign_in(&provider, &bob, &other, json!({})).await;
    assert_eq!(theirs.json["record"]["id"], json!(ann.id), "{theirs}");
    assert_eq!(ann.delete("_externalAuths", own[0].as_str().expect("an id")).await.status, 204);
    assert!(links(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_while_the_provider_is_asked_links_nothing() {
    let (app, provider) = with_provider().await;
    let ann = app.user("ann@example.com").await;
    let other = with(person("thief"), "email", json!("thief@example.com"));
    let held = provider.hold().await;
    let changed = async {
        provider.asked().await;
        let password = json!({"password": "another-secret-1", "passwordConfirm": "another-secret-1"});
        let changed = app.superuser().update("users", &ann.id, password).await;
        drop(held);
        changed.status
    };
    let (reply, changed) = tokio::join!(sign_in(&provider, &ann, &other, json!({})), changed);
    assert_eq!((reply.status, changed), (401, 200), "{reply}");
    assert!(links(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_leaves_nothing() {
    let (app, provider) = with_provider().await;
    for rule in [Value::Null, json!("@request.context = 'default'"), json!("@request.body.name != 'ann'")] {
        app.superuser().patch("/api/collections/users", json!({ "createRule": rule })).await;
        let reply = sign_in(&provider, &app.anon(), &person("ann"), json!({})).await;
        assert!(matches!(reply.status, 400 | 403), "{rule}: {reply}");
    }
    app.superuser().patch("/api/collections/users", json!({"createRule": "@request.context = 'oauth2'"})).await;
    let reply = sign_in(&provider, &app.anon(), &person("ann"), json!({"createData": {"id": "no/id"}})).await;
    insta::assert_snapshot!(reply, @r#"400 {"status":400,"message":"Failed to create record.","data":{"id":{"code":"validation_min_text_constraint","message":"Must be at least 15 character(s).","params":{"min":15}}}}"#);
    assert_eq!((links(&app).await.len(), app.superuser().values("users", "id", "").await.len()), (0, 0));
    assert_eq!(sign_in(&provider, &app.anon(), &person("ann"), json!({})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_apart() {
    let (app, provider) = with_provider().await;
    let anon = app.anon();
    for (wrong, expected) in [
        (json!({"codeVerifier": "y".repeat(43)}), "Failed to fetch OAuth2 token."),
        (json!({"code": "made up"}), "Failed to fetch OAuth2 token."),
        (json!({"provider": "google"}), "validation_invalid_provider"),
        (json!({"createData": 1}), "validation_invalid_value"),
    ] {
        let reply = sign_in(&provider, &anon, &person("ann"), wrong.clone()).await;
        assert!(reply.status == 400 && reply.to_string().contains(expected), "{wrong}: {reply}");
    }
    let path = "/api/collections/users/auth-with-oauth2";
    insta::assert_snapshot!(anon.post(path, json!({})).await, @r#"400 {"status":400,"message":"An error occurred while loading the submitted data.","data":{"code":{"code":"validation_required","message":"Cannot be blank."},"provider":{"code":"validation_required","message":"Cannot be blank."}}}"#);
    assert_eq!(anon.post("/api/collections/_superusers/auth-with-oauth2", json!({})).await.status, 403);
    app.superuser().patch("/api/collections/users", json!({"oauth2": {"enabled": false}})).await;
    assert_eq!(anon.post(path, json!({})).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_is_believed_when_it_is_proven() {
    let (app, provider) = with_provider().await;
    let mut config = provider.config();
    config["userInfoURL"] = json!("");
    let keys = format!("{}/keys", provider.base);
    config["extra"] = json!({"jwksURL": keys, "issuers": ["https://ours"]});
    configure(&app, &config, json!({})).await;
    let ann = sign_in(&provider, &app.anon(), &person("ann"), json!({})).await;
    assert_eq!((ann.status, &ann.json["record"]["email"]), (200, &json!("ann@example.com")), "{ann}");
    for (claim, value) in
        [("aud", json!("another client")), ("iss", json!("https://theirs")), ("exp", json!(1_000_000))]
    {
        let reply = sign_in(&provider, &app.anon(), &with(person("ann"), claim, value), json!({})).await;
        assert_eq!(
            (reply.status, &reply.json["message"]),
            (400, &json!("Failed to fetch OAuth2 user.")),
            "{claim}: {reply}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_go_with_the_record_and_when_another_proves_the_address() {
    let (app, provider) = with_provider().await;
    let claims = json!({"createData": {"email": "victim@example.com"}});
    let attacker = sign_in(&provider, &app.anon(), &person("attacker"), claims).await;
    let id = attacker.json["record"]["id"].as_str().expect("an id").to_owned();
    // As a link in a mail does it.
    assert_eq!(app.superuser().update("users", &id, json!({"verified": true})).await.status, 200);
    assert!(links(&app).await.is_empty());

    let ann = sign_in(&provider, &app.anon(), &person("ann"), json!({})).await;
    assert_eq!(links(&app).await, ["id of ann"]);
    let gone = app.superuser().delete("users", ann.json["record"]["id"].as_str().expect("an id")).await;
    assert_eq!((gone.status, links(&app).await.len()), (204, 0));
    let again = sign_in(&provider, &app.anon(), &person("ann"), json!({})).await;
    assert_eq!((again.status, &again.json["meta"]["isNew"]), (200, &json!(true)), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_fills_the_fields_that_are_mapped() {
    let (app, provider) = with_provider().await;
    let users = json!({"fields": [
        {"name": "name", "type": "text"}, {"name": "handle", "type": "text", "max": 8}, {"name": "picture", "type": "url"},
        {"name": "avatar", "type": "file", "maxSelect": 1}, {"name": "sub", "type": "text"},
    ], "indexes": ["CREATE UNIQUE INDEX idx_handle ON users (handle) WHERE handle != ''",
        "CREATE UNIQUE INDEX idx_token ON users (tokenKey)", "CREATE UNIQUE INDEX idx_mail ON users (email) WHERE email != ''"]});
    let changed = app.superuser().patch("/api/collections/users", users).await;
    assert_eq!(changed.status, 200, "{changed}");
    let mapped = json!({"id": "sub", "name": "name", "username": "handle", "avatarURL": "picture"});
    configure(&app, &provider.config(), mapped).await;
    let avatar = format!("{}/avatar.png", provider.base);
    let who = with(person("ann"), "picture", json!(avatar));
    let ann = sign_in(&provider, &app.anon(), &who, json!({})).await;
    let shown = |reply: &Reply| ["sub", "name", "handle", "picture"].map(|key| reply.json["record"][key].clone());
    assert_eq!(shown(&ann), [json!("id of ann"), json!("ann"), json!("ann"), json!(avatar)], "{ann}");
    // A name that is taken, or does not fit, is done without.
    for (sub, name) in [("2", "ann"), ("3", "annabelle-lee")] {
        let who = with(with(person(name), "sub", json!(sub)), "email", json!(format!("{sub}@example.com")));
        let other = sign_in(&provider, &app.anon(), &who, json!({})).await;
        assert_eq!((other.status, &other.json["record"]["handle"]), (200, &json!("")), "{other}");
    }
    // A picture is not fetched from here.
    configure(&app, &provider.config(), json!({"avatarURL": "avatar"})).await;
    let who = with(person("bob"), "picture", json!(avatar));
    let bob = sign_in(&provider, &app.anon(), &who, json!({})).await;
    assert_eq!((bob.status, &bob.json["record"]["avatar"], provider.pictures()), (200, &json!(""), 0), "{bob}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_account_twice_at_once_is_one_record() {
    let (app, provider) = with_provider().await;
    let (anon, who) = (app.anon(), person("ann"));
    let replies = futures_util::future::join_all((0..4).map(|_| sign_in(&provider, &anon, &who, json!({})))).await;
    let ids: Vec<&Value> = replies.iter().map(|reply| &reply.json["record"]["id"]).collect();
    assert!(replies.iter().all(|reply| reply.status == 200) && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(replies.iter().filter(|reply| reply.json["meta"]["isNew"] == true).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_redirect_tells_the_page_that_waits() {
    let (app, _provider) = with_provider().await;
    let realtime = &app.host.default_tenant().realtime;
    let mut stream = realtime.connect("127.0.0.1").expect("a stream");
    let first = String::from_utf8(stream.next().await.expect("a message").to_vec()).expect("text");
    let id = first.lines().next().and_then(|line| line.strip_prefix("id:")).expect("an id").to_owned();
    let anon = app.anon();
    let location = |reply: &Reply| reply.headers["location"].to_str().expect("a place").to_owned();
    let go = async |query: String| anon.get(&format!("/api/oauth2-redirect?{query}")).await;

    let early = go(format!("state={id}&code=early")).await;
    assert!(early.status == 307 && location(&early).ends_with("failure"), "nobody listens yet");
    let listen = async || {
        let body = json!({"clientId": id, "subscriptions": ["@oauth2"]});
        assert_eq!(anon.post("/api/realtime", body).await.status, 204);
    };
    listen().await;
    let good = go(format!("state={id}&code=c%2F1")).await;
    assert!(
        good.status == 307 && location(&good).ends_with("../_/#/auth/oauth2-redirect-success"),
        "{}",
        location(&good)
    );
    let told = String::from_utf8(stream.next().await.expect("a message").to_vec()).expect("text");
    let expected = json!({"state": id, "code": "c/1"});
    assert_eq!(told, format!("id:{id}\nevent:@oauth2\ndata:{expected}\n\n"));
    assert!(location(&go(format!("state={id}&code=again")).await).ends_with("failure"), "it is told once");

    listen().await;
    let refused = go(format!("state={id}&error=access_denied")).await;
    assert!(location(&refused).ends_with("failure"));
    let told = String::from_utf8(stream.next().await.expect("a message").to_vec()).expect("text");
    assert!(told.contains("\"error\":\"access_denied\""), "{told}");

    // As Apple comes back.
    listen().await;
    let form = format!("state={id}&code=c2&user=%7B%22name%22%3A%7B%22firstName%22%3A%22Ann%22%7D%7D").into_bytes();
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let posted = anon.raw(Method::POST, "/api/oauth2-redirect", &[form_type], form).await;
    assert!(posted.status == 303 && location(&posted).ends_with("success"), "{}", location(&posted));
}

#[tokio::test(flavor = "multi_thread")]
async fn apple_gives_the_name_to_the_browser_only() {
    let (app, provider) = with_provider().await;
    let mut config = provider.config();
    config["name"] = json!("apple");
    config["userInfoURL"] = json!("");
    config["extra"] = json!({"jwksURL": format!("{}/keys", provider.base), "issuers": ["https://ours"]});
    configure(&app, &config, json!({"name": "name"})).await;
    let who = json!({"sub": "1", "email": "ann@example.com", "email_verified": "true"});
    let code = provider.issue(&who, "");
    let tenant = app.host.default_tenant().tenant.clone();
    let user = r#"{"name": {"firstName": "Ann", "lastName": "Lee"}}"#;
    tinybase::auth::oauth2::apple::keep_name(&tinybase::tenant::Cx::system(tenant), &code, user);
    let body = json!({"provider": "apple", "code": code, "codeVerifier": "", "redirectURL": "http://x"});
    let reply = app.anon().post("/api/collections/users/auth-with-oauth2", body).await;
    assert_eq!((reply.status, &reply.json["record"]["name"]), (200, &json!("Ann Lee")), "{reply}");
    assert_eq!(reply.json["record"]["verified"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_for_apple_are_signed() {
    let app = TestApp::new().await;
    let path = "/api/settings/apple/generate-client-secret";
    insta::assert_snapshot!(app.superuser().post(path, json!({"teamId": "short", "duration": 99_999_999})).await, @r#"400 {"status":400,"message":"Invalid Apple client secret data.","data":{"clientId":{"code":"validation_required","message":"Cannot be blank."},"duration":{"code":"validation_max_less_equal_than_required","message":"Must be no greater than 15777000.","params":{"threshold":15777000}},"keyId":{"code":"validation_required","message":"Cannot be blank."},"privateKey":{"code":"validation_required","message":"Cannot be blank."},"teamId":{"code":"validation_length_out_of_range","message":"The length must be between 10 and 10.","params":{"min":10,"max":10}}}}"#);
    let key = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNY7O7A158QygKOB4\n\
        Aey0SXdDCza7WDL+S5VMqWRmSDKhRANCAAR343fdMi7GH2xgv39STvkpWjb+Zf0r\n\
        ckVMTPR+WMMDEHv99GdFfdTWFd+lpVlLlCFg23wBNStQyYfLLigiclBA\n\
        -----END PRIVATE KEY-----";
    let mut body =
        json!({"clientId": "app", "teamId": "t".repeat(10), "keyId": "k".repeat(10), "privateKey": key, "duration": 1});
    let signed = app.superuser().post(path, body.clone()).await;
    let secret = signed.json["secret"].as_str().expect("a secret");
    assert!(signed.status == 200 && secret.split('.').count() == 3, "{signed}");
    body["privateKey"] = json!("nonsense");
    let wrong = app.superuser().post(path, body).await;
    assert!(wrong.status == 400 && wrong.json["data"]["privateKey"]["code"] == "validation_invalid_value", "{wrong}");
}
