//! `tinybase plugin push`, `logs` and `rollback`: what is done with a plugin on a server.

use super::build::component;
use super::server::{Place, Server, faults};
use crate::cli::{Failed, direct, terminal};
use clap::Args;
use hyper::Method;
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use std::time::Duration;

/// How often a log that is followed is asked for.
const FOLLOWED_EVERY: Duration = Duration::from_millis(500);

/// Threads for asking a server.
pub(super) const WORKERS: usize = 2;

#[derive(Debug, Args)]
pub(in crate::cli) struct Push {
    /// The plugin's folder, which is built first, or a component.
    #[arg(default_value = ".")]
    plugin: PathBuf,
    #[command(flatten)]
    pub what: What,
    #[command(flatten)]
    place: Place,
    /// Print the plugin and its attachments as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// As what a plugin is pushed.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct What {
    /// Its name on the server [default: that of the folder or file]
    #[arg(long)]
    name: Option<String>,
    /// Attach it: COLLECTION:HOOK,HOOK (`posts:beforeCreate,beforeUpdate`); may be given more than once. What is said of one
    /// collection is one attachment.
    #[arg(long = "attach", value_name = "COLLECTION:HOOKS")]
    attach: Vec<String>,
    /// The configuration of what is attached, as JSON.
    #[arg(long, value_name = "JSON")]
    config: Option<String>,
    /// Have it called also where its manifest refuses the configuration that is stored there.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Logs {
    /// The plugin's name or id.
    plugin: String,
    /// Go on showing what comes.
    #[arg(short, long)]
    follow: bool,
    /// Print each line as JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Rollback {
    /// The plugin's name or id.
    plugin: String,
    /// The version to go to [default: the one before that which is called]
    #[arg(long, value_name = "VERSION")]
    to: Option<i64>,
    /// Have it called also where its manifest refuses the configuration that is stored there.
    #[arg(long)]
    force: bool,
    /// Print the plugin as JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    place: Place,
}

impl Push {
    pub(super) fn run(self) -> Result<(), Failed> {
        let server = self.place.server()?;
        let attachments = self.what.attachments()?;
        let (stem, bytes) = component(&self.plugin)?;
        let name = self.what.name.clone().unwrap_or(stem);
        let pushed =
            direct::block_on(WORKERS, async { push(&server, &name, &bytes, &attachments, self.what.force).await })?;
        if self.json {
            terminal::data(&format!("{pushed:#}"));
        } else {
            say_pushed(&pushed);
        }
        Ok(())
    }
}

impl What {
    /// The name, unless it is that of the folder.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What is to be attached, as the API takes it: one attachment for each collection, with all of its hooks.
    pub(super) fn attachments(&self) -> Result<Vec<Map<String, Value>>, Failed> {
        let config: Option<Map<String, Value>> = match &self.config {
            Some(text) => Some(
                serde_json::from_str(text)
                    .map_err(|error| Failed::usage(format!("--config has to be a JSON object: {error}")))?,
            ),
            None => None,
        };
        let mut wanted: Vec<(&str, Vec<&str>)> = Vec::new();
        for text in &self.attach {
            let (collection, hooks) = text
                .split_once(':')
                .filter(|(collection, hooks)| !collection.is_empty() && !hooks.is_empty())
                .ok_or_else(|| Failed::usage(format!("`{text}` is not COLLECTION:HOOK,HOOK")))?;
            let known = wanted.iter().position(|(known, _)| *known == collection);
            let place = known.unwrap_or_else(|| {
                wanted.push((collection, Vec::new()));
                wanted.len() - 1
            });
            for hook in hooks.split(',') {
                if !wanted[place].1.contains(&hook) {
                    wanted[place].1.push(hook);
                }
            }
        }
        let one = |(collection, hooks): (&str, Vec<&str>)| {
            let mut attachment = Map::new();
            attachment.insert("collection".to_owned(), json!(collection));
            attachment.insert("hooks".to_owned(), json!(hooks));
            if let Some(config) = &config {
                attachment.insert("config".to_owned(), json!(config));
            }
            attachment
        };
        Ok(wanted.into_iter().map(one).collect())
    }
}

/// Uploads a component and attaches it where it is not: `{plugin, active, attachments}`. A version that refuses what is configured is
/// not called, and so nothing is attached with a configuration that is held to the version before it.
pub(super) async fn push(
    server: &Server,
    name: &str,
    component: &[u8],
    attachments: &[Map<String, Value>],
    force: bool,
) -> Result<Value, Failed> {
    let uploaded = server.upload(name, component, force).await?;
    if is_refused(&uploaded) {
        return Ok(json!({"plugin": uploaded, "active": false, "attachments": []}));
    }
    let id = uploaded["id"].as_str().unwrap_or_default();
    let path = format!("/api/plugins/{id}/attachments");
    let present = server.get(&path).await?;
    let mut made = Vec::new();
    for wanted in attachments {
        let same = |it: &&Value| it["collection"] == wanted["collection"];
        let found =
            present["items"].as_array().and_then(|items| items.iter().find(same)).and_then(|it| it["id"].as_str());
        let (method, path) = match found {
            Some(found) => (Method::PATCH, format!("{path}/{found}")),
            None => (Method::POST, path.clone()),
        };
        let answer = server.json(method, &path, &Value::Object(wanted.clone())).await;
        made.push(answer.map_err(|failed| not_attached(&uploaded, &wanted["collection"], failed))?);
    }
    // What is called is not what was uploaded when that asks for more than the version before it.
    let plugin = server.get(&format!("/api/plugins/{id}")).await?;
    let active = plugin["version"] == uploaded["version"];
    Ok(json!({"plugin": uploaded, "active": active, "attachments": made}))
}

/// A refusal that comes after the upload: who reads of it has to know what is on the server now.
fn not_attached(uploaded: &Value, collection: &Value, failed: Failed) -> Failed {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (name, version, collection) = (text(&uploaded["name"]), text(&uploaded["version"]), text(collection));
    let message =
        format!("{name} was uploaded (version {version}) and not attached to {collection}: {}", failed.message);
    Failed { message, ..failed }
}

/// Whether a version was kept only, because of what is configured. One that is forced refuses nothing.
fn is_refused(uploaded: &Value) -> bool {
    uploaded["misfits"].as_object().is_some_and(|misfits| !misfits.is_empty())
}

pub(super) fn say_pushed(pushed: &Value) {
    let text = |key: &str| pushed["plugin"][key].as_str().unwrap_or_default();
    terminal::data(&format!("{}\t{}\t{}", text("id"), text("name"), text("version")));
    for attachment in pushed["attachments"].as_array().into_iter().flatten() {
        terminal::say(&format!("attached to {}: {}", attachment["collection"], attachment["hooks"]));
    }
    if pushed["active"] == true {
        terminal::say(&format!("version {} of {} is called from now on", text("version"), text("name")));
    } else if is_refused(&pushed["plugin"]) {
        let (version, name) = (text("version"), text("name"));
        terminal::say(&format!("version {version} of {name} is not called, as it refuses what is configured:"));
        for line in faults("", &pushed["plugin"]["misfits"]) {
            terminal::say(&format!("  {line}"));
        }
        terminal::say(&format!("configure it anew after `tinybase plugin rollback {name} --to {version} --force`"));
    } else {
        terminal::say(&format!(
            "version {} of {} asks for more than the one before it: it is called once an admin activates it",
            text("version"),
            text("name")
        ));
    }
}

impl Logs {
    pub(super) fn run(self) -> Result<(), Failed> {
        let server = self.place.server()?;
        direct::block_on(WORKERS, async {
            let plugin = server.plugin(&self.plugin).await?;
            let mut tail = Tail::new(plugin["id"].as_str().unwrap_or_default());
            loop {
                for line in tail.more(&server).await? {
                    terminal::data(&if self.json { line.to_string() } else { line_of(&line) });
                }
                if !self.follow {
                    return Ok(());
                }
                tokio::time::sleep(FOLLOWED_EVERY).await;
            }
        })
    }
}

/// A log that is read on and on.
pub(super) struct Tail {
    path: String,
    /// The lines that were there the last time, newest first.
    seen: Vec<Value>,
}

impl Tail {
    pub(super) fn new(id: &str) -> Self {
        Self { path: format!("/api/plugins/{id}/logs"), seen: Vec::new() }
    }

    /// The lines that were not there before, oldest first.
    pub(super) async fn more(&mut self, server: &Server) -> Result<Vec<Value>, Failed> {
        let page = server.get(&self.path).await?;
        let lines = page["items"].as_array().cloned().unwrap_or_default();
        let fresh = fresh(&self.seen, &lines);
        let mut more = lines[..fresh].to_vec();
        more.reverse();
        self.seen = lines;
        Ok(more)
    }
}

/// How many of the newest lines were not there the last time: the log goes on where the rest of it is what was seen.
fn fresh(seen: &[Value], lines: &[Value]) -> usize {
    (0..=lines.len())
        .find(|fresh| {
            let rest = &lines[*fresh..];
            seen.len() >= rest.len() && rest == &seen[..rest.len()] && (rest.len() == seen.len() || !rest.is_empty())
        })
        .unwrap_or(lines.len())
}

pub(super) fn line_of(line: &Value) -> String {
    let text = |key: &str| line[key].as_str().unwrap_or_default();
    format!("{}  {:<5}  {:<12}  {}", text("time"), text("level"), text("hook"), text("message"))
}

impl Rollback {
    pub(super) fn run(self) -> Result<(), Failed> {
        let server = self.place.server()?;
        let plugin = direct::block_on(WORKERS, async {
            let plugin = server.plugin(&self.plugin).await?;
            let id = plugin["id"].as_str().unwrap_or_default();
            let (verb, body) = match self.to {
                Some(version) => ("activate", json!({"version": version, "force": self.force})),
                // The server knows which one was called before, and which have failed.
                None => ("rollback", json!({"force": self.force})),
            };
            server.json(Method::POST, &format!("/api/plugins/{id}/{verb}"), &body).await
        })?;
        if self.json {
            terminal::data(&format!("{plugin:#}"));
            return Ok(());
        }
        let text = |key: &str| plugin[key].as_str().unwrap_or_default();
        terminal::data(&format!("{}\t{}\t{}", text("id"), text("name"), text("version")));
        terminal::say(&format!("version {} of {} is called from now on", text("version"), text("name")));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_goes_on_where_it_ended() {
        let lines = |text: &str| text.chars().map(|c| json!(c.to_string())).collect::<Vec<_>>();
        for (seen, now, more) in [
            ("", "", 0),
            ("", "cba", 3),
            ("ba", "cba", 1),
            ("cba", "cba", 0),
            ("aa", "aaa", 1),
            ("ba", "fed", 3),
            ("cba", "edc", 2),
        ] {
            assert_eq!(fresh(&lines(seen), &lines(now)), more, "{seen} {now}");
        }
    }

    #[test]
    fn attachments_are_read_from_the_command_line() {
        let what = What {
            name: None,
            attach: vec!["posts:beforeCreate,validate".to_owned()],
            config: Some("{\"max\": 3}".to_owned()),
            force: false,
        };
        let attachment = what.attachments().unwrap().remove(0);
        assert_eq!(
            Value::Object(attachment),
            json!({"collection": "posts", "hooks": ["beforeCreate", "validate"], "config": {"max": 3}})
        );
        let two = What {
            name: None,
            attach: ["posts:validate", "notes:validate", "posts:beforeCreate,validate"].map(str::to_owned).to_vec(),
            config: None,
            force: false,
        };
        let attachments = two.attachments().unwrap().into_iter().map(Value::Object).collect::<Vec<_>>();
        let expected = json!([
            {"collection": "posts", "hooks": ["validate", "beforeCreate"]},
            {"collection": "notes", "hooks": ["validate"]},
        ]);
        assert_eq!(json!(attachments), expected, "one for each collection");
        for (attach, config) in [("posts", "{}"), (":x", "{}"), ("posts:", "{}"), ("posts:validate", "[]")] {
            let what =
                What { name: None, attach: vec![attach.to_owned()], config: Some(config.to_owned()), force: false };
            assert!(what.attachments().is_err(), "{attach} {config}");
        }
    }
}
