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
#[derive(Debug, PartialEq, Eq)]
enum State {
    Well,
    /// It did not answer, and has yet to be given the component that is `owed`.
    Gone {
        owed: Option<Vec<u8>>,
    },
}

/// A plugin that is kept up with: where it goes and as what, and how that stands.
struct Watch<'a> {
    dev: &'a Dev,
    server: &'a Server,
    name: &'a str,
    attachments: &'a [Map<String, Value>],
    tail: Option<Tail>,
    state: State,
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
        direct::block_on(WORKERS, Watch::new(&self, &server, &name, &attachments).keep_up(receiver))
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

impl<'a> Watch<'a> {
    fn new(dev: &'a Dev, server: &'a Server, name: &'a str, attachments: &'a [Map<String, Value>]) -> Self {
        Self { dev, server, name, attachments, tail: None, state: State::Well }
    }

    /// Until the command is interrupted. While the server does not answer, what was built last waits for it.
    async fn keep_up(mut self, mut saved: UnboundedReceiver<()>) -> Result<(), Failed> {
        self.turn().await;
        terminal::say(&format!("watching {}; {} is told", self.dev.dir.display(), self.server.base()));
        loop {
            match tokio::time::timeout(TAILED_EVERY, saved.recv()).await {
                Ok(Some(())) => {
                    while matches!(tokio::time::timeout(QUIET, saved.recv()).await, Ok(Some(()))) {}
                    self.turn().await;
                }
                Ok(None) => return Ok(()),
                Err(_) => self.look().await,
            }
        }
    }

    /// What there is to do while nothing is saved: shows the log, and waits for a server that has gone away.
    async fn look(&mut self) {
        let was_gone = self.state != State::Well;
        if was_gone && !self.server.answers().await {
            return;
        }
        if let State::Gone { owed: Some(bytes) } = std::mem::replace(&mut self.state, State::Well) {
            self.back();
            if let Err(failed) = self.hand_over(&bytes).await {
                // Whatever it is that takes the server away may be the push itself: that is not done again and again.
                self.trouble(&failed, None);
                terminal::say("what was built is pushed with the next save");
            }
            return;
        }
        let lines = match &mut self.tail {
            Some(log) => log.more(self.server).await,
            None => Ok(Vec::new()),
        };
        match lines {
            Ok(lines) => {
                if was_gone {
                    self.back();
                }
                for line in lines {
                    self.dev.tell(&json!({"event": "log", "line": line}), || line_of(&line));
                }
            }
            // It is not back before all of it is.
            Err(failed) if was_gone && failed.silent => self.state = State::Gone { owed: None },
            Err(failed) => {
                if was_gone {
                    self.back();
                }
                self.trouble(&failed, None);
                if self.state == State::Well {
                    // It was refused: asking on and on would not help, the next push will.
                    self.tail = None;
                }
            }
        }
    }

    fn back(&self) {
        self.dev.tell(&json!({"event": "back"}), || format!("{} answers again", self.server.base()));
    }

    /// Says what went wrong, and notes what it means for what comes next.
    fn trouble(&mut self, failed: &Failed, owed: Option<Vec<u8>>) {
        if !failed.silent && self.state != State::Well {
            self.back();
        }
        self.dev.failed(failed);
        self.state = State::Well;
        if failed.silent {
            self.dev.tell(&json!({"event": "gone"}), || format!("waiting for {}", self.server.base()));
            self.state = State::Gone { owed };
        }
    }

    /// Builds and pushes; what fails is said, and the next save is another chance. A build that fails changes nothing of what is owed.
    async fn turn(&mut self) {
        let dir = &self.dev.dir;
        let built = build(dir, None, None).and_then(|built| Ok((read(&built.component)?, built.bytes)));
        let (bytes, size) = match built {
            Ok(built) => built,
            Err(failed) => return self.dev.failed(&failed),
        };
        self.dev.tell(&json!({"event": "built", "size": size}), || format!("built {size} bytes"));
        if let Err(failed) = self.hand_over(&bytes).await {
            self.trouble(&failed, Some(bytes));
        }
    }

    /// Pushes a component, whose log is shown from then on.
    async fn hand_over(&mut self, bytes: &[u8]) -> Result<(), Failed> {
        let pushed = push(self.server, self.name, bytes, self.attachments, true).await?;
        if std::mem::replace(&mut self.state, State::Well) != State::Well {
            self.back();
        }
        if self.dev.json {
            terminal::data(&json!({"event": "pushed", "pushed": pushed}).to_string());
        } else {
            say_pushed(&pushed);
        }
        if self.tail.is_none() {
            self.tail = pushed["plugin"]["id"].as_str().map(Tail::new);
        }
        Ok(())
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
mod tests;
