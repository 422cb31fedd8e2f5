//! The registry's rows in the tenant's database: reading all of them, and the statements that change them.

use super::configure::{self, Bases};
use super::fields::Projection;
use super::limits::Wish;
use super::manifest::Manifest;
use super::registry::{Attachment, Canary, Grant, Grants, OnFailure, Plugin, State, Table, Version, verb};
use super::rights::{Rights, read};
use super::tally::History;
use super::terms::Terms;
use super::{mount, timetable};
use crate::db::{Row, Snapshot, Store};
use crate::error::Result;
use crate::sql::Sql;
use crate::tenant::hooks::Stage;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Reads everything. What the old table has in memory about a version is kept.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn load(store: &Store, old: &Table) -> Result<Table> {
    store
        .read(|snapshot| {
            let mut grants = grants(snapshot)?;
            for (plugin, rights) in rights(snapshot)? {
                grants.entry(plugin).or_default().rights = rights;
            }
            let plugins = plugins(snapshot, &mut grants, old)?;
            let bases = configure::bases(snapshot)?;
            Ok(Table::new(plugins, attachments(snapshot, &bases)?)
                .with_timetable(timetable::load(snapshot, &bases)?)
                .with_mounts(mount::load(snapshot, &bases)?))
        })
        .await
}

/// The columns of a version, as [`version`] reads them.
const VERSION: &str = "v.version, v.sha256, v.size, v.exports, v.imports, v.capabilities, v.compile_ms, v.created, v.approved, v.healthy, \
     v.activated, v.report, v.manifest, v.withdrawn";

fn plugins(snapshot: &mut Snapshot<'_>, grants: &mut HashMap<String, Grants>, old: &Table) -> Result<Vec<Plugin>> {
    let mut canaries = canaries(snapshot)?;
    let mut select = Sql::new("SELECT p.id, p.name, p.enabled, p.created, ");
    select.push(VERSION);
    select.push(" FROM _plugins AS p JOIN _plugin_versions AS v ON v.plugin = p.id AND v.version = p.version");
    let mut plugins = Vec::new();
    snapshot.rows(&select, |row| {
        let id = row.text(0);
        let known = old.plugin(id);
        let history = known.map(|known| known.history.clone()).unwrap_or_default();
        let granted = Arc::new(grants.remove(id).unwrap_or_default());
        let live = known.map(|known| known.grants.clone()).unwrap_or_default();
        live.store(granted);
        let with = |version: Version| Plugin {
            id: id.into(),
            name: row.text(1).into(),
            enabled: row.integer(2) != 0,
            created: row.text(3).to_owned(),
            version: Arc::new(version),
            grants: live.clone(),
            logbook: known.map(|known| known.logbook.clone()).unwrap_or_default(),
            history: history.clone(),
            canary: None,
        };
        let state = |number| state(known, &history, number);
        let mut plugin = with(version(row, 4, state(row.integer(4))));
        if let Some((found, share)) = canaries.remove(id) {
            let found = Version { state: state(found.number), ..found };
            plugin.canary =
                Some(Canary::new(Arc::new(Plugin { logbook: plugin.logbook.clone(), ..with(found) }), share));
        }
        plugins.push(plugin);
        Ok(())
    })?;
    Ok(plugins)
}

/// What the old table has in memory about a version, or a new beginning that is counted where the one before was.
fn state(known: Option<&Arc<Plugin>>, history: &History, number: i64) -> Arc<State> {
    let kept = known.and_then(|known| known.state_of(number)).cloned();
    kept.unwrap_or_else(|| Arc::new(State { tallies: history.of(number), ..State::default() }))
}

/// The versions that get a share of their plugin's calls, by the plugin's id.
fn canaries(snapshot: &mut Snapshot<'_>) -> Result<HashMap<String, (Version, u8)>> {
    let mut select = Sql::new("SELECT p.id, p.share, ");
    select.push(VERSION);
    select.push(" FROM _plugins AS p JOIN _plugin_versions AS v ON v.plugin = p.id AND v.version = p.canary");
    let mut found = HashMap::new();
    snapshot.rows(&select, |row| {
        let share = u8::try_from(row.integer(1).clamp(0, 100)).unwrap_or_default();
        found.insert(row.text(0).to_owned(), (version(row, 2, Arc::default()), share));
        Ok(())
    })?;
    Ok(found)
}

fn version(row: &Row<'_>, first: usize, state: Arc<State>) -> Version {
    let manifest = Manifest::stored(row.text(first + 12));
    Version {
        number: row.integer(first),
        sha256: row.text(first + 1).to_owned(),
        size: row.integer(first + 2),
        exports: names(row.text(first + 3)),
        imports: names(row.text(first + 4)),
        capabilities: names(row.text(first + 5)),
        compile_ms: row.integer(first + 6),
        created: row.text(first + 7).to_owned(),
        approved: row.integer(first + 8) != 0,
        healthy: row.integer(first + 9) != 0,
        withdrawn: row.integer(first + 13) != 0,
        activated: row.text(first + 10).to_owned(),
        report: row.text(first + 11).to_owned(),
        limits: needs(&manifest),
        manifest,
        state,
    }
}

/// What a plugin says it needs.
#[must_use]
pub(super) fn needs(manifest: &Manifest) -> Wish {
    manifest.json().get("limits").map(Wish::of_json).unwrap_or_default()
}

fn grants(snapshot: &mut Snapshot<'_>) -> Result<HashMap<String, Grants>> {
    let mut found: HashMap<String, Grants> = HashMap::new();
    snapshot.rows(&Sql::new("SELECT plugin, collection, verbs, acts_as FROM _grants ORDER BY rowid"), |row| {
        found.entry(row.text(0).to_owned()).or_default().records.push(Grant {
            collection: row.text(1).to_owned(),
            verbs: names(row.text(2)).iter().filter_map(|name| verb(name)).collect(),
            as_plugin: row.text(3) == "plugin",
        });
        Ok(())
    })?;
    Ok(found)
}

fn rights(snapshot: &mut Snapshot<'_>) -> Result<Vec<(String, Rights)>> {
    let mut found = Vec::new();
    snapshot.rows(&Sql::new("SELECT plugin, rights FROM _plugin_rights"), |row| {
        found.push((row.text(0).to_owned(), read::stored(row.text(1))));
        Ok(())
    })?;
    Ok(found)
}

fn attachments(snapshot: &mut Snapshot<'_>, bases: &Bases) -> Result<Vec<Attachment>> {
    let select = Sql::new(
        "SELECT id, plugin, collection, hooks, position, enabled, config, fields, limits, on_failure, created FROM _attachments",
    );
    let mut found = Vec::new();
    snapshot.rows(&select, |row| {
        let hooks = names(row.text(3));
        found.push(Attachment {
            id: row.text(0).to_owned(),
            plugin: row.text(1).into(),
            collection: row.text(2).to_owned(),
            stages: Stage::ALL.into_iter().filter(|stage| hooks.iter().any(|name| name == stage.name())).collect(),
            order: row.integer(4),
            enabled: row.integer(5) != 0,
            terms: Terms::stored(bases, row.text(1), row.text(6), row.text(8)),
            fields: projection(row.text(7)),
            on_failure: if row.text(9) == "open" { OnFailure::Open } else { OnFailure::Closed },
            created: row.text(10).to_owned(),
        });
        Ok(())
    })?;
    Ok(found)
}

fn names(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

fn projection(text: &str) -> Projection {
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let list = |key: &str| json.get(key).and_then(|list| serde_json::from_value(list.clone()).ok());
    Projection { read: list("read"), write: list("write") }
}

/// `{read?, write?}`.
#[must_use]
pub(super) fn projection_json(fields: &Projection) -> Value {
    let mut json = json!({});
    for (key, list) in [("read", &fields.read), ("write", &fields.write)] {
        if let Some(list) = list {
            json[key] = json!(list);
        }
    }
    json
}

/// The word in an attachment's `onFailure`.
#[must_use]
pub(super) fn on_failure_name(on_failure: OnFailure) -> &'static str {
    match on_failure {
        OnFailure::Closed => "closed",
        OnFailure::Open => "open",
    }
}

/// A new plugin, whose first version is the one that is called.
#[must_use]
pub(super) fn insert_plugin(id: &str, name: &str, created: &str) -> Sql {
    let mut sql = Sql::new("INSERT INTO _plugins (id, name, version, created, updated) VALUES (");
    sql.bind(id).push(", ").bind(name).push(", 1, ").bind(created).push(", ").bind(created).push(")");
    sql
}

#[must_use]
pub(super) fn insert_version(plugin_id: &str, version: &Version) -> Sql {
    let mut sql = Sql::new(
        "INSERT INTO _plugin_versions (plugin, version, sha256, size, exports, imports, capabilities, compile_ms, created, approved, \
         healthy, activated, report, manifest) VALUES (",
    );
    sql.bind(plugin_id)
        .push(", ")
        .bind(version.number)
        .push(", ")
        .bind(version.sha256.as_str())
        .push(", ")
        .bind(version.size);
    for list in [&version.exports, &version.imports, &version.capabilities] {
        sql.push(", ").bind(json!(list).to_string());
    }
    sql.push(", ").bind(version.compile_ms).push(", ").bind(version.created.as_str());
    sql.push(", ").bind(version.approved).push(", ").bind(version.healthy).push(", ").bind(version.activated.as_str());
    sql.push(", ").bind(version.report.as_str()).push(", ").bind(json!(version.manifest.json()).to_string()).push(")");
    sql
}

/// Makes a version the one that is called, and ends a canary.
#[must_use]
pub(super) fn set_version(plugin_id: &str, number: i64, now: &str) -> [Sql; 2] {
    let mut plugin = Sql::new("UPDATE _plugins SET canary = NULL, share = 0, version = ");
    plugin.bind(number).push(", updated = ").bind(now).push(" WHERE id = ").bind(plugin_id);
    let mut version = Sql::new("UPDATE _plugin_versions SET activated = ");
    version.bind(now).push(" WHERE plugin = ").bind(plugin_id).push(" AND version = ").bind(number);
    [plugin, version]
}

/// Gives a version a share of the calls, or nobody.
#[must_use]
pub(super) fn set_canary(plugin_id: &str, canary: Option<(i64, u8)>, now: &str) -> Sql {
    let mut sql = Sql::new("UPDATE _plugins SET canary = ");
    sql.bind(canary.map(|(number, _)| number)).push(", share = ");
    sql.bind(canary.map_or(0, |(_, share)| i64::from(share))).push(", updated = ").bind(now);
    sql.push(" WHERE id = ").bind(plugin_id);
    sql
}

/// Notes that a person has agreed to a version.
#[must_use]
pub(super) fn approve(plugin_id: &str, number: i64) -> Sql {
    let mut sql = Sql::new("UPDATE _plugin_versions SET approved = 1 WHERE plugin = ");
    sql.bind(plugin_id).push(" AND version = ").bind(number);
    sql
}

/// Notes whether a version was taken back after failures.
#[must_use]
pub(super) fn set_healthy(plugin_id: &str, number: i64, healthy: bool) -> Sql {
    let mut sql = Sql::new("UPDATE _plugin_versions SET healthy = ");
    sql.bind(healthy).push(" WHERE plugin = ").bind(plugin_id).push(" AND version = ").bind(number);
    sql
}

/// Notes whether a person went back from a version, and has not chosen it since.
#[must_use]
pub(super) fn set_withdrawn(plugin_id: &str, number: i64, withdrawn: bool) -> Sql {
    let mut sql = Sql::new("UPDATE _plugin_versions SET withdrawn = ");
    sql.bind(withdrawn).push(" WHERE plugin = ").bind(plugin_id).push(" AND version = ").bind(number);
    sql
}

#[must_use]
pub(super) fn set_enabled(plugin_id: &str, enabled: bool, now: &str) -> Sql {
    let mut sql = Sql::new("UPDATE _plugins SET enabled = ");
    sql.bind(enabled).push(", updated = ").bind(now).push(" WHERE id = ").bind(plugin_id);
    sql
}

/// Everything about a plugin, from every table.
#[must_use]
pub(super) fn delete_plugin(plugin_id: &str) -> Vec<Sql> {
    let of = |statement: &'static str| {
        let mut sql = Sql::new(statement);
        sql.bind(plugin_id);
        sql
    };
    vec![
        of("DELETE FROM _attachments WHERE plugin = "),
        of("DELETE FROM _plugin_schedules WHERE plugin = "),
        of("DELETE FROM _plugin_routes WHERE plugin = "),
        of("DELETE FROM _grants WHERE plugin = "),
        of("DELETE FROM _plugin_rights WHERE plugin = "),
        of("DELETE FROM _plugin_config WHERE plugin = "),
        of("DELETE FROM _plugin_secrets WHERE plugin = "),
        of("DELETE FROM _plugin_usage WHERE plugin = "),
        of("DELETE FROM _plugin_kv WHERE plugin = "),
        of("DELETE FROM _plugin_versions WHERE plugin = "),
        of("DELETE FROM _plugins WHERE id = "),
    ]
}

/// Inserts an attachment or puts it in the place of the one with its id.
#[must_use]
pub(super) fn put_attachment(attachment: &Attachment) -> Sql {
    let mut sql = Sql::new(
        "INSERT OR REPLACE INTO _attachments (id, plugin, collection, hooks, position, enabled, config, fields, limits, on_failure, created) \
         VALUES (",
    );
    let hooks: Vec<_> = attachment.stages.iter().map(|stage| stage.name()).collect();
    sql.bind(attachment.id.as_str())
        .push(", ")
        .bind(&*attachment.plugin)
        .push(", ")
        .bind(attachment.collection.as_str());
    sql.push(", ").bind(json!(hooks).to_string()).push(", ").bind(attachment.order).push(", ").bind(attachment.enabled);
    sql.push(", ")
        .bind(attachment.terms.own_config.as_str())
        .push(", ")
        .bind(projection_json(&attachment.fields).to_string());
    sql.push(", ").bind(attachment.terms.limits_text()).push(", ").bind(on_failure_name(attachment.on_failure));
    sql.push(", ").bind(attachment.created.as_str()).push(")");
    sql
}

#[must_use]
pub(super) fn delete_attachment(id: &str) -> Sql {
    let mut sql = Sql::new("DELETE FROM _attachments WHERE id = ");
    sql.bind(id);
    sql
}

/// Takes away all that is said about a collection.
#[must_use]
pub(super) fn forget_collection(id: &str) -> [Sql; 2] {
    let of = |statement: &'static str| {
        let mut sql = Sql::new(statement);
        sql.bind(id);
        sql
    };
    [of("DELETE FROM _attachments WHERE collection = "), of("DELETE FROM _grants WHERE collection = ")]
}

/// Puts a configuration (JSON text of an object) in the place of the one that the plugin had.
#[must_use]
pub(super) fn put_config(plugin_id: &str, config: &str) -> Sql {
    let mut sql = Sql::new("INSERT OR REPLACE INTO _plugin_config (plugin, config) VALUES (");
    sql.bind(plugin_id).push(", ").bind(config).push(")");
    sql
}

/// Puts grants in the place of all that the plugin had.
#[must_use]
pub(super) fn put_grants(plugin_id: &str, grants: &Grants) -> Vec<Sql> {
    let mut delete = Sql::new("DELETE FROM _grants WHERE plugin = ");
    delete.bind(plugin_id);
    let mut rights = Sql::new("INSERT OR REPLACE INTO _plugin_rights (plugin, rights) VALUES (");
    rights.bind(plugin_id).push(", ").bind(json!(grants.rights.to_json()).to_string()).push(")");
    let mut statements = vec![delete, rights];
    for grant in &grants.records {
        let verbs: Vec<_> = grant.verbs.iter().map(|verb| verb.name()).collect();
        let mut insert = Sql::new("INSERT INTO _grants (plugin, collection, verbs, acts_as) VALUES (");
        insert.bind(plugin_id).push(", ").bind(grant.collection.as_str()).push(", ").bind(json!(verbs).to_string());
        insert.push(", ").bind(if grant.as_plugin { "plugin" } else { "caller" }).push(")");
        statements.push(insert);
    }
    statements
}

/// The numbers and hashes of a plugin's versions, newest first.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn versions(store: &Store, plugin_id: &str) -> Result<Vec<Version>> {
    let mut select = Sql::new("SELECT ");
    select.push(VERSION).push(" FROM _plugin_versions AS v WHERE v.plugin = ");
    select.bind(plugin_id).push(" ORDER BY v.version DESC");
    store
        .read(|snapshot| {
            let mut found = Vec::new();
            snapshot.rows(&select, |row| {
                found.push(version(row, 0, Arc::default()));
                Ok(())
            })?;
            Ok(found)
        })
        .await
}

/// Removes versions of a plugin.
#[must_use]
pub(super) fn delete_versions(plugin_id: &str, numbers: &[i64]) -> Vec<Sql> {
    let one = |number: &i64| {
        let mut sql = Sql::new("DELETE FROM _plugin_versions WHERE plugin = ");
        sql.bind(plugin_id).push(" AND version = ").bind(*number);
        sql
    };
    numbers.iter().map(one).collect()
}

/// Those of the hashes that no version refers to.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn unused(store: &Store, hashes: Vec<String>) -> Result<Vec<String>> {
    store
        .read(|snapshot| {
            let mut found = Vec::new();
            for sha256 in hashes {
                let mut select = Sql::new("SELECT 1 FROM _plugin_versions WHERE sha256 = ");
                select.bind(sha256.as_str()).push(" LIMIT 1");
                if snapshot.one(&select, |_| Ok(()))?.is_none() {
                    found.push(sha256);
                }
            }
            Ok(found)
        })
        .await
}
