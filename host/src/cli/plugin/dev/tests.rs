//! What starts a build, and what is done about a server that does not answer.

use super::*;
use crate::tasks::Tasks;
use clap::Parser;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A server that answers with `{}` and the status that it is told, 200 where it is told none, and keeps what it was asked.
#[derive(Clone, Default)]
struct Web {
    base: String,
    told: Arc<Mutex<Vec<(&'static str, u16)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let web = Self { base, ..Self::default() };
        let serving = web.clone();
        Tasks::new().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.answer(stream).await;
            }
        });
        web
    }

    /// From now on.
    fn says(&self, told: &[(&'static str, u16)]) {
        *self.told.lock().unwrap() = told.to_vec();
    }

    fn uploads(&self) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == UPLOAD).count()
    }

    async fn answer(&self, mut stream: TcpStream) {
        let mut request = String::new();
        while !is_whole(&request) {
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).await.unwrap();
            assert!(count > 0, "it ends in {request}");
            request.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        }
        let asked = request.split(" HTTP/").next().unwrap().to_owned();
        let told = self.told.lock().unwrap().iter().find(|(what, _)| *what == asked).map(|(_, status)| *status);
        self.asked.lock().unwrap().push(asked);
        let head =
            format!("HTTP/1.1 {} Told\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}", told.unwrap_or(200));
        stream.write_all(head.as_bytes()).await.unwrap();
    }
}

/// Whether a request is there to its last byte.
fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned));
    length.is_none_or(|length| body.len() >= length.trim().parse().unwrap())
}

const HEALTH: &str = "GET /api/health";
const UPLOAD: &str = "POST /api/plugins";
const LOG: &str = "GET /api/plugins/p1/logs";

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    dev: Dev,
}

/// The command in a folder that holds nothing that could be built.
fn dev(web: &Web, dir: &Path) -> Dev {
    let dir = dir.to_str().unwrap();
    Line::parse_from(["dev", dir, "--server", &web.base, "--token", "t", "--json"]).dev
}

fn owing(bytes: &str) -> State {
    State::Gone { owed: Some(bytes.into()) }
}

#[tokio::test]
async fn what_is_owed_is_pushed_when_the_server_is_back_and_not_again_and_again() {
    let (web, dir) = (Web::start().await, tempfile::tempdir().unwrap());
    let dev = dev(&web, dir.path());
    let server = dev.place.server().unwrap();
    let mut watch = Watch { state: owing("component"), ..Watch::new(&dev, &server, "slug", &[]) };
    for gone in [502, 503, 504] {
        web.says(&[(HEALTH, gone)]);
        watch.look().await;
        assert_eq!((&watch.state, web.uploads()), (&owing("component"), 0), "{gone}");
    }
    web.says(&[(UPLOAD, 502)]);
    watch.look().await;
    assert_eq!((&watch.state, web.uploads()), (&State::Gone { owed: None }, 1));
    watch.look().await;
    watch.look().await;
    assert_eq!((&watch.state, web.uploads()), (&State::Well, 1), "the next save is another chance");

    watch.state = owing("component");
    web.says(&[]);
    watch.look().await;
    assert_eq!((&watch.state, web.uploads()), (&State::Well, 2));
    watch.state = owing("component");
    web.says(&[(UPLOAD, 400)]);
    watch.look().await;
    assert_eq!((&watch.state, web.uploads()), (&State::Well, 3), "a refusal is an answer");
}

#[tokio::test]
async fn a_build_that_fails_leaves_what_is_owed() {
    let (web, dir) = (Web::start().await, tempfile::tempdir().unwrap());
    let dev = dev(&web, dir.path());
    let server = dev.place.server().unwrap();
    for state in [|| owing("component"), || State::Gone { owed: None }, || State::Well] {
        let mut watch = Watch { state: state(), ..Watch::new(&dev, &server, "slug", &[]) };
        watch.turn().await;
        assert_eq!((watch.state, web.uploads()), (state(), 0));
    }
}

#[tokio::test]
async fn the_log_is_shown_again_when_it_is_back() {
    let (web, dir) = (Web::start().await, tempfile::tempdir().unwrap());
    let dev = dev(&web, dir.path());
    let server = dev.place.server().unwrap();
    let mut watch = Watch { tail: Some(Tail::new("p1")), ..Watch::new(&dev, &server, "slug", &[]) };
    web.says(&[(LOG, 503)]);
    for _ in 0..2 {
        watch.look().await;
        assert!(watch.tail.is_some() && watch.state == State::Gone { owed: None }, "{:?}", watch.state);
    }
    web.says(&[]);
    watch.look().await;
    assert!(watch.tail.is_some() && watch.state == State::Well, "{:?}", watch.state);
    web.says(&[(LOG, 403)]);
    watch.look().await;
    assert!(watch.tail.is_none() && watch.state == State::Well, "it is refused: {:?}", watch.state);
}

#[test]
fn links_are_not_followed() {
    let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(outside.path(), inside.path().join("link")).unwrap();
    let (sender, events) = std::sync::mpsc::channel();
    let mut watcher = RecommendedWatcher::new(move |event| drop(sender.send(event)), watched_as()).unwrap();
    watcher.watch(inside.path(), RecursiveMode::Recursive).unwrap();
    std::fs::write(outside.path().join("theirs"), "").unwrap();
    std::fs::write(inside.path().join("ours"), "").unwrap();
    let mut seen: Vec<PathBuf> = Vec::new();
    // Events come in the order of what happened: by the time of ours, theirs would have been there.
    while !seen.iter().any(|path| path.ends_with("ours")) {
        let event = events.recv_timeout(Duration::from_mins(1)).expect("an event").expect("no error");
        seen.extend(event.paths);
    }
    assert!(!seen.iter().any(|path| path.ends_with("theirs")), "{seen:?}");
}

#[test]
fn what_building_makes_starts_no_build() {
    let root = Path::new("/home/target/me/slug");
    for (path, source) in [
        ("src/lib.rs", true),
        ("plugin.ts", true),
        ("fixtures/a.json", true),
        ("target/release/x", false),
        (".tinybase/core.wasm", false),
        ("slug.wasm", false),
        ("slug.wasm.part", false),
        ("Cargo.lock", false),
        ("node_modules/a/b.js", false),
    ] {
        assert_eq!(is_source(root, &root.join(path)), source, "{path}");
    }
}
