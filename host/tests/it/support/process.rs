//! The real binary as a process of its own: for what only a process can show, such as being killed.

use super::PASSWORD;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// After so long a process that was asked to stop is taken to hang.
const ENDED_BY: Duration = Duration::from_mins(1);

pub struct Server {
    child: Child,
    pub base: String,
    client: reqwest::Client,
    token: String,
}

pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_tinybase")
}

impl Server {
    /// Starts the server on a folder and signs in its superuser, who is made if there is none.
    pub async fn start(dir: &Path) -> Self {
        Self::make_superuser(dir);
        Self::serve(dir).await
    }

    /// With the command line.
    pub fn make_superuser(dir: &Path) {
        let upsert = Command::new(binary())
            .args(["superuser", "upsert", "root@example.com", PASSWORD, "--dir"])
            .arg(dir)
            .output()
            .expect("the command line");
        assert!(upsert.status.success(), "{}", String::from_utf8_lossy(&upsert.stderr));
    }

    /// The token of its superuser.
    pub fn token(&self) -> &str {
        &self.token
    }

    pub async fn serve(dir: &Path) -> Self {
        Self::start_up(dir, &[], &[], Stdio::null()).await
    }

    /// The same with variables of the environment and somewhere for its log.
    pub async fn serve_with(dir: &Path, variables: &[(&str, &str)], log: Stdio) -> Self {
        Self::start_up(dir, variables, &[], log).await
    }

    /// The same with variables and more flags.
    pub async fn configured(dir: &Path, variables: &[(&str, &str)], flags: &[&str]) -> Self {
        Self::start_up(dir, variables, flags, Stdio::null()).await
    }

    /// The same on a disk that takes no file of more than so many KiB.
    pub async fn serve_on_small_disk(dir: &Path, kib: u64) -> Self {
        let mut shell = Command::new("sh");
        // Files that grow beyond it are an error, not a signal. Units are 512 bytes.
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", kib * 2), "sh", binary()]);
        Self::spawned(shell, dir, &[], &[], Stdio::null()).await
    }

    /// The same with so many open files at most, and somewhere for its log.
    pub async fn serve_with_few_descriptors(dir: &Path, count: u64, log: Stdio) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {count}; exec \"$@\""), "sh", binary()]);
        Self::spawned(shell, dir, &[], &[], log).await
    }

    async fn start_up(dir: &Path, variables: &[(&str, &str)], flags: &[&str], log: Stdio) -> Self {
        Self::spawned(Command::new(binary()), dir, variables, flags, log).await
    }

    async fn spawned(mut command: Command, dir: &Path, variables: &[(&str, &str)], flags: &[&str], log: Stdio) -> Self {
        let anywhere: &[&str] = if flags.contains(&"--http") { &[] } else { &["--http", "127.0.0.1:0"] };
        let mut child = command
            .arg("serve")
            .args(anywhere)
            .arg("--dir")
            .arg(dir)
            .args(flags)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let stdout = child.stdout.take().expect("its output");
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let base = loop {
            let line = receiver.recv_timeout(std::time::Duration::from_mins(1)).expect("the server prints its address");
            if let Some(at) = line.find("http://127.0.0.1:") {
                let rest = &line[at..];
                let end = rest["http://".len()..].find(['/', ' ']).map_or(rest.len(), |end| end + "http://".len());
                break rest[..end].to_owned();
            }
        };
        let mut server = Self { child, base, client: reqwest::Client::new(), token: String::new() };
        let reply = server
            .post(
                "/api/collections/_superusers/auth-with-password",
                json!({"identity": "root@example.com", "password": PASSWORD}),
            )
            .await;
        reply["token"].as_str().unwrap_or_default().clone_into(&mut server.token);
        server
    }

    /// The JSON of a reply that must be 2xx.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.send(reqwest::Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.send(reqwest::Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Value {
        self.send(reqwest::Method::PATCH, path, Some(body)).await
    }

    /// The status and the JSON of a reply, whatever it is.
    pub async fn try_post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(reqwest::Method::POST, path, Some(body)).await
    }

    /// The same for a change.
    pub async fn try_patch(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(reqwest::Method::PATCH, path, Some(body)).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send(reqwest::Method::GET, path, None).await
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let (status, json) = self.ask(method, path, body).await;
        assert!((200..300).contains(&status), "{path}: {status} {json}");
        json
    }

    async fn ask(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).header("authorization", &self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let reply = request.send().await.expect("an answer");
        let status = reply.status().as_u16();
        let text = reply.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Uploads a component and attaches it.
    pub async fn attach(&self, bytes: &[u8], collection: &str, hooks: &[&str]) -> String {
        const BOUNDARY: &str = "a-boundary-of-the-tests";
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"plugin.wasm\"\r\nContent-Type: application/wasm\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let reply = self
            .client
            .post(format!("{}/api/plugins", self.base))
            .header("authorization", &self.token)
            .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(body)
            .send()
            .await
            .expect("an answer");
        let plugin: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
        let id = plugin["id"].as_str().unwrap_or_else(|| panic!("{plugin}")).to_owned();
        self.post(&format!("/api/plugins/{id}/attachments"), json!({"collection": collection, "hooks": hooks})).await;
        id
    }

    /// The most memory that it has ever had.
    pub fn memory_peak_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
        peak.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
    }

    /// SIGTERM: asks it to stop. Whoever wants to know how it ends asks [`Server::ended`].
    pub fn terminate(&self) {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("it is told");
    }

    /// Waits for its end; its exit code.
    pub async fn ended(mut self) -> Option<i32> {
        let ending = tokio::task::spawn_blocking(move || self.child.wait().expect("it ends").code());
        tokio::time::timeout(ENDED_BY, ending).await.expect("it ends").expect("an exit code")
    }

    /// SIGKILL: no farewell, no flush.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
