//! Secrets of plugins: set by an admin and never shown again, under the key of the settings where there is one. What a
//! guest does with them is in `interface/secrets` and `interface/http_client`: it never gets to see one.

use super::Plugins;
use super::lifecycle::page;
use super::limits::rights as caps;
use super::rights::HostPattern;
use super::rights::read::is_secret_name;
use crate::activity;
use crate::db::{Snapshot, Store};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::date;
use crate::settings::Regime;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value, json};
use std::fmt;

const FAILED: &str = "Failed to keep the secret.";

/// A secret that was opened. Not to be printed.
#[derive(Clone)]
pub(super) struct Secret {
    pub(super) value: String,
    /// To where it may go.
    pub(super) hosts: Vec<HostPattern>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Secret").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

impl Plugins {
    /// A page of the names of a plugin's secrets with the hosts they are bound to: `{name, hosts, updated}`.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn secrets(&self, _cx: &Cx, plugin_id: &str) -> Result<Value> {
        self.plugin(plugin_id)?;
        let mut select = Sql::new("SELECT name, hosts, updated FROM _plugin_secrets WHERE plugin = ");
        select.bind(plugin_id).push(" ORDER BY name");
        let rows = self.store.read(|snapshot| {
            let mut rows = Vec::new();
            snapshot.rows(&select, |row| {
                let hosts: Value = serde_json::from_str(row.text(1)).unwrap_or_default();
                rows.push(json!({"name": row.text(0), "hosts": hosts, "updated": row.text(2)}));
                Ok(())
            })?;
            Ok(rows)
        });
        Ok(page(rows.await?))
    }

    /// Keeps a secret, in the place of one with its name: `{name, value, hosts?}`. The value is asked for each time, so
    /// that nobody can bind one that he does not know to a host of his.
    ///
    /// # Errors
    /// `NotFound`, or `Invalid` with an error for each field that is wrong.
    pub async fn set_secret(&self, cx: &Cx, plugin_id: &str, input: &Map<String, Value>) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        self.check_key(cx, &plugin)?;
        let mut errors = FieldErrors::default();
        let (name, value, hosts) = read(input, &mut errors);
        errors.into_result(FAILED)?;
        if self.is_full(plugin_id, &name).await? {
            let message = format!("A plugin has at most {} secrets.", caps::SECRETS);
            return Err(Error::field(FAILED, "name", code::INVALID_VALUE.say(message)));
        }
        let (hosts, updated) = (json!(hosts), date::format(cx.now_ms));
        let sealed = cx.tenant.regime.vault().seal(&value, &purpose(plugin_id, &name))?;
        let mut put = Sql::new("INSERT OR REPLACE INTO _plugin_secrets (plugin, name, value, hosts, updated) VALUES (");
        put.bind(plugin_id).push(", ").bind(name.as_str()).push(", ").bind(sealed).push(", ");
        put.bind(hosts.to_string()).push(", ").bind(updated.as_str()).push(")");
        let told = json!({"secret": name, "hosts": hosts});
        let told = activity::simple(cx, "keep secret", "plugin", plugin_id, &plugin.name, told);
        self.change_in(turn, vec![put, told]).await?;
        Ok(json!({"name": name, "hosts": hosts, "updated": updated}))
    }

    /// Forgets a secret.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_secret(&self, cx: &Cx, plugin_id: &str, name: &str) -> Result<()> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        self.check_key(cx, &plugin)?;
        let select = row(plugin_id, name);
        if self.store.read(|snapshot| snapshot.one(&select, |_| Ok(()))).await?.is_none() {
            return Err(Error::not_found());
        }
        let mut delete = Sql::new("DELETE FROM _plugin_secrets WHERE plugin = ");
        delete.bind(plugin_id).push(" AND name = ").bind(name);
        let told = json!({"secret": name});
        let told = activity::simple(cx, "forget secret", "plugin", plugin_id, &plugin.name, told);
        self.change_in(turn, vec![delete, told]).await
    }

    async fn is_full(&self, plugin_id: &str, name: &str) -> Result<bool> {
        let mut others = Sql::new("SELECT count(*) FROM _plugin_secrets WHERE plugin = ");
        others.bind(plugin_id).push(" AND name <> ").bind(name);
        let count = self.store.read(|snapshot| snapshot.one(&others, |row| Ok(row.integer(0)))).await?;
        Ok(count.unwrap_or_default() >= caps::SECRETS)
    }

    /// Seals what is plain or under the key from before as it would be sealed now.
    pub(super) async fn reseal_secrets(&self, regime: &Regime) -> Result<()> {
        let turn = self.turn().await;
        let select = Sql::new("SELECT plugin, name, value FROM _plugin_secrets");
        let rows = self.store.read(|snapshot| {
            let mut rows = Vec::new();
            snapshot.rows(&select, |row| {
                rows.push((row.text(0).to_owned(), row.text(1).to_owned(), row.text(2).to_owned()));
                Ok(())
            })?;
            Ok(rows)
        });
        let mut statements = Vec::new();
        for (plugin, name, stored) in rows.await? {
            match regime.vault().open(&stored, &purpose(&plugin, &name)) {
                Ok(opened) if opened.is_stale => {
                    let sealed = regime.vault().seal(&opened.text, &purpose(&plugin, &name))?;
                    let mut update = Sql::new("UPDATE _plugin_secrets SET value = ");
                    update.bind(sealed).push(" WHERE plugin = ").bind(plugin).push(" AND name = ").bind(name);
                    statements.push(update);
                }
                Ok(_) => {}
                // The others are good, and so is the rest of the server; this one has to be set anew.
                Err(_) => tracing::error!(plugin, secret = name, "a secret is encrypted with another key"),
            }
        }
        if statements.is_empty() { Ok(()) } else { self.change_in(turn, statements).await }
    }
}

/// What a secret is sealed for, so that a row cannot be passed off as another.
fn purpose(plugin_id: &str, name: &str) -> String {
    format!("secret of a plugin: {plugin_id}/{name}")
}

fn row(plugin_id: &str, name: &str) -> Sql {
    let mut select = Sql::new("SELECT value, hosts FROM _plugin_secrets WHERE plugin = ");
    select.bind(plugin_id).push(" AND name = ").bind(name);
    select
}

/// A secret of a plugin, from a plugin's thread.
///
/// # Errors
/// `Internal` when the database cannot be read, or no key fits.
pub(super) fn find(store: &Store, regime: &Regime, plugin_id: &str, name: &str) -> Result<Option<Secret>> {
    let select = row(plugin_id, name);
    let read =
        |snapshot: &mut Snapshot<'_>| snapshot.one(&select, |row| Ok((row.text(0).to_owned(), row.text(1).to_owned())));
    let Some((sealed, hosts)) = store.read_blocking(read)? else { return Ok(None) };
    let value = regime.vault().open(&sealed, &purpose(plugin_id, name))?.text;
    Ok(Some(Secret { value, hosts: patterns(&hosts) }))
}

/// All secrets of a plugin that can be opened, with their names, from a plugin's thread.
///
/// # Errors
/// `Internal` when the database cannot be read.
pub(super) fn all(store: &Store, regime: &Regime, plugin_id: &str) -> Result<Vec<(String, Secret)>> {
    let mut select = Sql::new("SELECT name, value, hosts FROM _plugin_secrets WHERE plugin = ");
    select.bind(plugin_id);
    let rows = store.read_blocking(|snapshot: &mut Snapshot<'_>| {
        let mut rows = Vec::new();
        snapshot.rows(&select, |row| {
            rows.push((row.text(0).to_owned(), row.text(1).to_owned(), row.text(2).to_owned()));
            Ok(())
        })?;
        Ok(rows)
    })?;
    let opened = |(name, sealed, hosts): (String, String, String)| {
        let value = regime.vault().open(&sealed, &purpose(plugin_id, &name)).ok()?.text;
        Some((name, Secret { value, hosts: patterns(&hosts) }))
    };
    Ok(rows.into_iter().filter_map(opened).collect())
}

fn patterns(hosts: &str) -> Vec<HostPattern> {
    let hosts: Vec<String> = serde_json::from_str(hosts).unwrap_or_default();
    hosts.iter().filter_map(|host| HostPattern::parse(host)).collect()
}

fn read(input: &Map<String, Value>, errors: &mut FieldErrors) -> (String, String, Vec<String>) {
    let text = |key: &str| input.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (name, value) = (text("name"), text("value"));
    if name.is_empty() {
        errors.add("name", code::REQUIRED);
    } else if !is_secret_name(&name) {
        let message = format!("Must have 1 to {} letters, digits, `_` and `-`.", caps::SECRET_NAME);
        errors.add("name", code::INVALID_FORMAT.say(message));
    }
    if value.is_empty() {
        errors.add("value", code::REQUIRED);
    } else if !(caps::SECRET_MIN..=caps::SECRET_MAX).contains(&value.len()) {
        let message = format!("Must have {} to {} bytes.", caps::SECRET_MIN, caps::SECRET_MAX);
        errors.add("value", code::INVALID_VALUE.say(message));
    }
    let hosts = match input.get("hosts") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(hosts)) if hosts.len() <= caps::ENTRIES => {
            hosts.iter().map(|host| HostPattern::parse(host.as_str()?).map(|host| host.to_string())).collect()
        }
        Some(_) => None,
    };
    if hosts.is_none() {
        errors.add(
            "hosts",
            code::IN_INVALID.say("Must be a list of hosts such as `api.example.com` or `*.example.com`."),
        );
    }
    (name, value, hosts.unwrap_or_default())
}
