//! What is wrong with a bucket is told apart, with a code and in words: the way to it, who asks, and what is asked for.

use crate::support::TestApp;
use crate::support::authority::Authority;
use crate::support::storage::{Bucket, SECRET};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket};

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

/// Somebody at a port who speaks first, as SSH and mail do, and goes away after what is no answer to it.
async fn greeter(greeting: &'static [u8]) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = listener.local_addr().expect("its address").to_string();
    let serving = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(greeting).await;
            let mut said = Vec::new();
            while socket.read_buf(&mut said).await.is_ok_and(|read| read > 0) {}
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
    // A port that is taken, so that nobody else gets it, by somebody who does not listen.
    let taken = TcpSocket::new_v4().expect("a socket");
    taken.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let gone = taken.local_addr().expect("its address");
    // Nothing but the host and the port of the endpoint is repeated.
    let changed = json!({"endpoint": format!("http://somebody:hunter2@{gone}/folder")});
    let flaw = said(&app, &settings, &changed).await;
    let message = format!("Nothing listens at {gone}.");
    assert_eq!((&flaw["code"], &flaw["message"]), (&json!("validation_s3_refused"), &json!(message)), "{flaw}");
    assert!(!flaw.to_string().contains("hunter2"), "{flaw}");

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
async fn what_does_not_speak_s3_is_a_stranger() {
    let (app, bucket) = (TestApp::new().await, Bucket::new().await);
    for answer in [
        b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n<html>hi</html>".as_slice(),
        b"HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 12\r\n\r\n{\"error\": 1}",
        b"HTTP/1.1 403 Forbidden\r\ncontent-length: 18\r\n\r\n<html>nginx</html>",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope",
        b"\x15\x03\x01\x00\x02\x02\x46",
    ] {
        let (host, serving) = stranger(answer).await;
        let flaw = said(&app, &bucket.settings(), &json!({"endpoint": format!("http://{host}")})).await;
        let message = format!("What answers at {host} does not speak S3.");
        assert_eq!((&flaw["code"], &flaw["message"]), (&json!("validation_s3_stranger"), &json!(message)), "{flaw}");
        serving.abort();
    }
    for greeting in [b"SSH-2.0-OpenSSH_9.6\r\n".as_slice(), b"220 mail.example.com ESMTP\r\n"] {
        let (host, serving) = greeter(greeting).await;
        let flaw = said(&app, &bucket.settings(), &json!({"endpoint": format!("http://{host}")})).await;
        assert_eq!(flaw["code"], "validation_s3_stranger", "{flaw}");
        serving.abort();
    }
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
            b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
            "validation_s3_permission",
            "The access key does not have the permission s3:PutObject.",
        ),
        (
            b"HTTP/1.1 307 Temporary Redirect\r\nx-amz-request-id: 1\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
            "validation_s3_region",
            "The bucket is not in the region \"us-east-1\".",
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
