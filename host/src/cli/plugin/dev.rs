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
    /// Print an object a line: `{event: built|failed|pushed|log|gone|back, ..}`.
    #[arg(long)]
    pub(super) json: bool,
}

/// What is known of the server.
#[derive(Debug, Clone, Copy)]
enum State {
    Well,
    /// It did not answer, and has yet to be given what was built (`owed`).
    Gone {
        owed: bool,
    },
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

    /// Until the command is interrupted. While the server does not answer, what was saved last waits for it.
    async fn keep_up(
        &self,
        server: &Server,
        name: &str,
        attachments: &[Map<String, Value>],
        mut saved: UnboundedReceiver<()>,
    ) -> Result<(), Failed> {
        let mut tail = None;
        let mut state = self.turn(server, name, attachments, &mut tail).await;
        terminal::say(&format!("watching {}; {} is told", self.dir.display(), server.base()));
        loop {
            match tokio::time::timeout(TAILED_EVERY, saved.recv()).await {
                Ok(Some(())) => {
                    while matches!(tokio::time::timeout(QUIET, saved.recv()).await, Ok(Some(()))) {}
                    state = self.turn(server, name, attachments, &mut tail).await;
                }
                Ok(None) => return Ok(()),
                Err(_) => state = self.look(server, name, attachments, &mut tail, state).await,
            }
        }
    }

    /// What there is to do while nothing is saved: shows the log, and waits for a server that has gone away.
    async fn look(
        &self,
        server: &Server,
        name: &str,
        attachments: &[Map<String, Value>],
        tail: &mut Option<Tail>,
        state: State,
    ) -> State {
        if matches!(state, State::Gone { .. }) && !server.answers().await {
            return state;
        }
        if let State::Gone { owed } = state {
            self.tell(&json!({"event": "back"}), || format!("{} answers again", server.base()));
            if owed {
                return self.turn(server, name, attachments, tail).await;
            }
        }
        let Some(log) = tail else { return State::Well };
        match log.more(server).await {
            Ok(lines) => {
                for line in lines {
                    self.tell(&json!({"event": "log", "line": line}), || line_of(&line));
                }
                State::Well
            }
            Err(failed) => {
                let state = self.trouble(server, &failed, false);
                if matches!(state, State::Well) {
                    // It was refused: asking on and on would not help, the next push will.
                    *tail = None;
                }
                state
            }
        }
    }

    /// Says what went wrong, and what it means for what comes next.
    fn trouble(&self, server: &Server, failed: &Failed, owed: bool) -> State {
        self.failed(failed);
        if !failed.silent {
            return State::Well;
        }
        self.tell(&json!({"event": "gone"}), || format!("waiting for {}", server.base()));
        State::Gone { owed }
    }

    /// Builds and pushes; what fails is said, and the next save is another chance.
    async fn turn(
        &self,
        server: &Server,
        name: &str,
        attachments: &[Map<String, Value>],
        tail: &mut Option<Tail>,
    ) -> State {
        let bytes = match build(&self.dir, None, None).and_then(|built| Ok((read(&built.component)?, built.bytes))) {
            Ok((bytes, size)) => {
                self.tell(&json!({"event": "built", "size": size}), || format!("built {size} bytes"));
                bytes
            }
            Err(failed) => {
                self.failed(&failed);
                return State::Well;
            }
        };
        let pushed = match push(server, name, &bytes, attachments, true).await {
            Ok(pushed) => pushed,
            Err(failed) => return self.trouble(server, &failed, true),
        };
        if self.json {
            terminal::data(&json!({"event": "pushed", "pushed": pushed}).to_string());
        } else {
            say_pushed(&pushed);
        }
        if tail.is_none() {
            *tail = pushed["plugin"]["id"].as_str().map(Tail::new);
        }
        State::Well
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
