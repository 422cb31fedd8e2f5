//! `tinybase plugin dev`: builds on every save, hands the component to a server, and shows the plugin's log meanwhile.

use super::build::{build, folder_name, read};
use super::language::SCRATCH;
use super::push::{Tail, WORKERS, What, line_of, push, say_pushed};
use super::server::{Place, Server};
use crate::cli::{Failed, direct, terminal};
use clap::Args;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How often the log is asked for while nothing is saved.
const TAILED_EVERY: Duration = Duration::from_millis(500);

/// Editors save in several steps: it is quiet for so long before a build begins.
const QUIET: Duration = Duration::from_millis(150);

/// What is made by building, or is none of the plugin's sources.
const NOT_SOURCES: [&str; 7] = [SCRATCH, "target", "node_modules", ".git", ".venv", "__pycache__", ".zig-cache"];

#[derive(Debug, Args)]
pub(in crate::cli) struct Dev {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    place: Place,
    /// Print an object a line: `{event: built|failed|pushed|log, ..}`.
    #[arg(long)]
    json: bool,
}

impl Dev {
    pub(super) fn run(self) -> Result<(), Failed> {
        let server = self.place.server()?;
        let attachments = self.what.attachments()?;
        let name = self.what.name().map_or_else(|| folder_name(&self.dir), |name| Ok(name.to_owned()))?;
        let (sender, receiver) = unbounded_channel();
        let root = self.dir.canonicalize().map_err(|error| Failed::new(format!("{}: {error}", self.dir.display())))?;
        let watched = root.clone();
        let saved = move |event: notify::Result<notify::Event>| {
            let is_save = event.is_ok_and(|event| {
                !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| is_source(&watched, path))
            });
            if is_save {
                // Nobody listens any more only when the command is ending.
                let _ = sender.send(());
            }
        };
        let mut watcher = RecommendedWatcher::new(saved, watched_as())
            .map_err(|error| Failed::new(format!("failed to watch files: {error}")))?;
        watcher
            .watch(&root, RecursiveMode::Recursive)
            .map_err(|error| Failed::new(format!("failed to watch {}: {error}", root.display())))?;
        direct::block_on(WORKERS, self.keep_up(&server, &name, &attachments, receiver))
    }

    /// Until the command is interrupted, or the server cannot be asked any more.
    async fn keep_up(
        &self,
        server: &Server,
        name: &str,
        attachments: &[Map<String, Value>],
        mut saved: UnboundedReceiver<()>,
    ) -> Result<(), Failed> {
        let mut tail = self.turn(server, name, attachments).await;
        terminal::say(&format!("watching {}; {} has it", self.dir.display(), server.base()));
        loop {
            match tokio::time::timeout(TAILED_EVERY, saved.recv()).await {
                Ok(Some(())) => {
                    while matches!(tokio::time::timeout(QUIET, saved.recv()).await, Ok(Some(()))) {}
                    let next = self.turn(server, name, attachments).await;
                    tail = tail.or(next);
                }
                Ok(None) => return Ok(()),
                Err(_) => {}
            }
            if let Some(tail) = &mut tail {
                for line in tail.more(server).await? {
                    self.tell(&json!({"event": "log", "line": line}), || line_of(&line));
                }
            }
        }
    }

    /// Builds and pushes; what fails is said, and the next save is another chance.
    async fn turn(&self, server: &Server, name: &str, attachments: &[Map<String, Value>]) -> Option<Tail> {
        let built = match build(&self.dir, None, None) {
            Ok(built) => built,
            Err(failed) => {
                self.failed(&failed);
                return None;
            }
        };
        self.tell(&json!({"event": "built", "size": built.bytes}), || format!("built {} bytes", built.bytes));
        let pushed = match read(&built.component) {
            Ok(bytes) => push(server, name, &bytes, attachments, true).await,
            Err(failed) => Err(failed),
        };
        match pushed {
            Ok(pushed) if self.json => {
                terminal::data(&json!({"event": "pushed", "pushed": pushed}).to_string());
                pushed["plugin"]["id"].as_str().map(Tail::new)
            }
            Ok(pushed) => {
                say_pushed(&pushed);
                pushed["plugin"]["id"].as_str().map(Tail::new)
            }
            Err(failed) => {
                self.failed(&failed);
                None
            }
        }
    }

    fn failed(&self, failed: &Failed) {
        self.tell(&json!({"event": "failed", "message": failed.message, "details": failed.details}), || {
            let mut lines = vec![format!("error: {}", failed.message)];
            lines.extend(failed.details.iter().map(|line| format!("  {line}")));
            lines.join("\n")
        });
    }

    fn tell(&self, json: &Value, text: impl FnOnce() -> String) {
        terminal::data(&if self.json { json.to_string() } else { text() });
    }
}

/// Links lead out of the plugin's folder, to as many files as somebody likes: they are not followed.
fn watched_as() -> notify::Config {
    notify::Config::default().with_follow_symlinks(false)
}

fn is_source(root: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let made = inside.components().any(|part| NOT_SOURCES.iter().any(|name| part.as_os_str() == *name));
    let component = path.extension().is_some_and(|ending| ending == "wasm" || ending == "part");
    !made && !component && inside.file_name().is_some_and(|name| name != "Cargo.lock")
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
