//! What is wrong with a bucket is told apart, with a code and in words: the way to it, who asks, and what is asked for.

use crate::support::TestApp;
use crate::support::authority::Authority;
use crate::support::storage::{Bucket, SECRET};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What is said of the bucket of these settings, with some of them changed.
async fn said(app: &TestApp, settings: &Value, changed: &Value) -> Value {
    app.set(settings.clone()).await;
    app.set(json!({"s3": changed})).await;
    let reply = app.superuser().post("/api/settings/test/s3", json!({"filesystem": "storage"})).await;
    assert_eq!(reply.status, 400, "{changed}: {reply}");
    assert_eq!(reply.json["message"], reply.json["data"]["s3"]["message"]);
    assert!(!reply.json.to_string().contains(SECRET), "{reply}");
    reply.json["data"]["s3"].clone()
}

/// Somebody at a port who answers every file with the same bytes.
async fn stranger(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("its address").to_string();
    let serving = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // All of the request first: what is left unread would break the answer off.
            let mut request = Vec::new();
            while !request.ends_with(b"tinybase") && socket.read_buf(&mut request).await.is_ok_and(|read| read > 0) {}
            let _ = socket.write_all(answer).await;
            let _ = socket.shutdown().await;
        }
    });
    (host, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_in_the_settings_of_a_bucket_is_told_apart() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    let settings = bucket.settings();
    let host = bucket.endpoint.trim_start_matches("http://").to_owned();
    for (changed, code, message) in [
        (json!({"accessKey": "nobody"}), "validation_s3_key", format!("The access key is not known at {host}.")),
        (json!({"secret": "wrong"}), "validation_s3_secret", "The secret is not that of the access key.".to_owned()),
        (
            json!({"endpoint": "http://storage.invalid"}),
            "validation_s3_host",
            "There is no host storage.invalid.".to_owned(),
        ),
        (json!({"endpoint": format!("https://{host}")}), "validation_s3_tls", format!("{host} does not speak TLS.")),
    ] {
        let flaw = said(&app, &settings, &changed).await;
        assert_eq!((&flaw["code"], &flaw["message"]), (&json!(code), &json!(message)), "{flaw}");
        assert_eq!(flaw["params"]["permission"], "s3:PutObject");
        assert!(!flaw["params"]["details"].as_str().expect("the original words").is_empty(), "{flaw}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_bucket_is_told_apart() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    let settings = bucket.settings();
    // A port that somebody had a moment ago.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone = listener.local_addr().expect("its address");
    drop(listener);
    let page = b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\nconnection: close\r\n\r\nnope";
    let (website, serving) = stranger(page).await;
    for (endpoint, code) in
        [(format!("http://{gone}"), "validation_s3_refused"), (format!("http://{website}"), "validation_s3_stranger")]
    {
        let flaw = said(&app, &settings, &json!({"endpoint": endpoint})).await;
        assert_eq!(flaw["code"], code, "{flaw}");
    }
    serving.abort();

    let acceptor = Authority::new().server("127.0.0.1");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("https://{}", listener.local_addr().expect("its address"));
    let serving = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let _ = acceptor.accept(socket).await;
        }
    });
    let flaw = said(&app, &settings, &json!({"endpoint": endpoint})).await;
    assert_eq!(flaw["code"], "validation_s3_certificate", "{flaw}");
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bucket_refuses_is_told_apart() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    for (answer, code, message) in [
        (
            b"HTTP/1.1 403 Forbidden\r\ncontent-length: 40\r\n\r\n<Error><Code>AccessDenied</Code></Error>".as_slice(),
            "validation_s3_permission",
            "The access key does not have the permission s3:PutObject.",
        ),
        (
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 40\r\n\r\n<Error><Code>NoSuchBucket</Code></Error>".as_slice(),
            "validation_s3_bucket",
            "There is no bucket \"files\" at ",
        ),
    ] {
        let (host, serving) = stranger(answer).await;
        let flaw = said(&app, &bucket.settings(), &json!({"endpoint": format!("http://{host}")})).await;
        assert_eq!(flaw["code"], code, "{flaw}");
        assert!(flaw["message"].as_str().is_some_and(|said| said.starts_with(message)), "{flaw}");
        serving.abort();
    }
}
