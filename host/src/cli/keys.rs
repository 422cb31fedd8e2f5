//! `tinybase keys`.

use super::{Failed, Place, direct, terminal};
use crate::host::control::Command;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Create a key and print it: it is not shown again.
    Create(Create),
    /// List the keys: id, name and scopes, a line each.
    List {
        /// Print all that is known of them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// End a key, at once.
    Revoke {
        id: String,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What it is for.
    name: String,
    /// A scope: COLLECTION:VERB (`posts:list`, `*:view`, `posts:*`), or plugins, settings, schema, logs, system.
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// Nothing may be changed with it, whatever the scopes say.
    #[arg(long)]
    read_only: bool,
    /// When it ends, as `2030-01-31` or `2030-01-31 12:00:00Z`; without it never.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// An address or network from which it is good (`10.0.0.0/8`); without any from everywhere.
    #[arg(long = "ip", value_name = "NETWORK")]
    ips: Vec<String>,
    #[command(flatten)]
    place: Place,
}

impl Keys {
    pub(super) fn run(self) -> Result<(), Failed> {
        match self {
            Self::Create(create) => create.run(),
            Self::List { json, place } => {
                let keys = direct::run(place, Command::KeyList)?;
                if json {
                    terminal::data(&keys.to_string());
                } else {
                    keys.as_array().into_iter().flatten().for_each(|key| terminal::data(&line(key)));
                }
                Ok(())
            }
            Self::Revoke { id, place } => {
                direct::run(place, Command::KeyRevoke { id: id.clone() })?;
                terminal::say(&format!("revoked key {id}"));
                Ok(())
            }
        }
    }
}

impl Create {
    fn run(self) -> Result<(), Failed> {
        let Self { name, scopes, read_only, expires, ips, place } = self;
        let input = json!({"name": name, "scopes": scopes, "readOnly": read_only, "expires": expires, "ips": ips});
        let input = input.as_object().cloned().unwrap_or_else(Map::new);
        let made = direct::run(place, Command::KeyCreate { input })?;
        terminal::say(&format!("created key {}; it is not shown again:", text(&made["id"])));
        terminal::data(text(&made["key"]));
        Ok(())
    }
}

fn line(key: &Value) -> String {
    let scopes: Vec<&str> = key["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    [text(&key["id"]), text(&key["name"]), &scopes.join(" ")].join("\t")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
