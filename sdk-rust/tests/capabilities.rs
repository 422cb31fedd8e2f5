//! Every capability answers in a native test: against the test host, as a plugin's own tests would use it.

use tinybase_plugin::http::Response;
use tinybase_plugin::prelude::*;
use tinybase_plugin::testing::{self, Host};

#[after_create]
fn tell(ctx: &Context, event: &str, stored: &Record) -> Delivery {
    let key = ["Bearer ", &secrets::placeholder("API_KEY")?].concat();
    let body = stored.text("title")?;
    let request = http::request("POST", "https://api.example.com/hooks").header("authorization", &key);
    let response = request.header("x-signature", &secrets::sign("WEBHOOK", body)?).body(body).timeout_ms(500).send()?;
    if !response.is_success() {
        return Err(response.text().unwrap_or_default().into());
    }
    mail::letter("ann@example.com", "Told", event).and_to("bob@example.com").html("<b>Told</b>").send()?;
    realtime::publish("told", &["{\"at\":", &clock::now_ms()?.to_string(), "}"].concat())?;
    let receipt = files::read(&ctx.collection, stored.id(), "draft.txt")?;
    files::write(&ctx.collection, stored.id(), "receipts", "receipt.txt", receipt)?;
    assert_eq!(random::bytes(4)?.len(), 4);
    Ok(())
}

fn host() -> Host {
    let host = Host::new();
    host.keep("API_KEY", "the key");
    host.keep("WEBHOOK", "the other");
    host.store("orders", "order1", "draft.txt", b"paid");
    host.serve(|request| {
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let good = header("authorization") == "Bearer the key" && !header("x-signature").is_empty();
        let (status, body) = if good { (204, Vec::new()) } else { (401, b"who?".to_vec()) };
        Response { status, headers: vec![("x-seen".into(), "1".into())], body }
    });
    host
}

fn order() -> Record {
    Record::new().with("id", "order1").with("title", "Shoes")
}

#[test]
fn what_a_plugin_does_can_be_seen() {
    let host = host();
    tell(&testing::context("orders"), "event1", &order()).unwrap();
    let mails = host.mails();
    assert_eq!((mails.len(), mails[0].to.len(), mails[0].text.as_str()), (1, 2, "event1"));
    assert_eq!(host.messages(), [("told".to_owned(), "{\"at\":1769860800000}".to_owned())]);
    assert_eq!(files::read("orders", "order1", "receipt.txt").unwrap(), b"paid");
}

#[test]
fn every_function_can_be_denied() {
    for function in [
        "secrets.placeholder",
        "secrets.hmac-sha256",
        "http-client.send",
        "mail.send",
        "realtime.publish",
        "clock.now-ms",
        "files.read",
        "files.write",
        "random.bytes",
    ] {
        let host = host();
        host.deny(function);
        let failure = String::from(tell(&testing::context("orders"), "event1", &order()).unwrap_err());
        assert_eq!(failure, format!("denied: {function}"));
    }
}

#[test]
fn responses_are_easy_to_read() {
    let host = host();
    host.serve(|_| Response {
        status: 200,
        headers: vec![("content-type".into(), "text/plain".into())],
        body: b"hello".to_vec(),
    });
    let response = http::post_json("https://x.example/", "{}").unwrap();
    assert_eq!((response.header("Content-Type"), response.text()), (Some("text/plain"), Some("hello")));
    assert!(http::get("https://x.example/").unwrap().is_success());
    for (status, words) in [
        (201, None),
        (302, Some("permanent: the server answered 302")),
        (410, Some("permanent: the server answered 410")),
        (429, Some("the server answered 429")),
        (503, Some("the server answered 503")),
    ] {
        let response = Response { status, headers: Vec::new(), body: Vec::new() };
        assert_eq!(response.accepted().err().map(String::from).as_deref(), words);
    }
    drop(host);
    let _empty = Host::new();
    assert_eq!(http::get("https://x.example/").unwrap_err().code, "unavailable");
}
