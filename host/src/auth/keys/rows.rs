//! The table of API keys.

use crate::db::Row;
use crate::error::Result;
use crate::model::{ApiKey, Scope};
use crate::sql::{Sql, Value};
use crate::tenant::Tenant;
use ipnet::IpNet;
use serde_json::json;
use std::net::IpAddr;

const SELECT: &str = "SELECT id, name, hash, old_hash, old_until_ms, scopes, ips, read_only, expires_ms, used_ms, \
                      created_by, created, updated FROM _api_keys";

/// The name of a column, and what is in it.
type Column = (&'static str, Value);

/// A key with all that is known of it.
#[derive(Debug)]
pub(super) struct Stored {
    pub key: ApiKey,
    pub hash: String,
    /// The hash before, and until when it is good.
    pub old: Option<(String, i64)>,
    /// From where it is good; from everywhere when there is none.
    pub ips: Vec<String>,
    pub used_ms: Option<i64>,
    pub created_by: String,
    pub created: String,
    pub updated: String,
}

impl Stored {
    pub(super) fn is_good_from(&self, ip: IpAddr) -> bool {
        self.ips.is_empty() || self.ips.iter().filter_map(|text| network(text)).any(|network| network.contains(&ip))
    }

    fn load(row: &Row<'_>) -> Self {
        let list = |index| serde_json::from_str::<Vec<String>>(row.text(index)).unwrap_or_default();
        let time = |index| match row.value(index) {
            Value::Integer(at_ms) => Some(at_ms),
            _ => None,
        };
        // A scope of another version gives nothing.
        let scopes = list(5).iter().filter_map(|text| Scope::parse(text, |id| Some(id.to_owned()))).collect();
        let key = ApiKey {
            id: row.text(0).to_owned(),
            name: row.text(1).to_owned(),
            scopes,
            read_only: row.integer(7) != 0,
            expires_ms: time(8),
        };
        Self {
            key,
            hash: row.text(2).to_owned(),
            old: time(4).map(|until_ms| (row.text(3).to_owned(), until_ms)),
            ips: list(6),
            used_ms: time(9),
            created_by: row.text(10).to_owned(),
            created: row.text(11).to_owned(),
            updated: row.text(12).to_owned(),
        }
    }
}

/// An address, or a network of them.
pub(super) fn network(text: &str) -> Option<IpNet> {
    match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => text.parse().ok(),
    }
}

pub(super) async fn find(tenant: &Tenant, id: &str) -> Result<Option<Stored>> {
    let mut select = Sql::new(SELECT);
    select.push(" WHERE id = ").bind(id);
    tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok(Stored::load(row)))).await
}

pub(super) async fn all(tenant: &Tenant) -> Result<Vec<Stored>> {
    let mut select = Sql::new(SELECT);
    select.push(" ORDER BY name, id");
    let mut found = Vec::new();
    let read = tenant.store.read(|snapshot| {
        snapshot.rows(&select, |row| {
            found.push(Stored::load(row));
            Ok(())
        })
    });
    read.await?;
    Ok(found)
}

pub(super) fn insert(stored: &Stored) -> Sql {
    let mut sql = Sql::new("INSERT INTO _api_keys (id, created_by, created, updated, ");
    sql.push("name, scopes, ips, read_only, expires_ms, hash, old_hash, old_until_ms) VALUES (");
    sql.bind(stored.key.id.as_str()).push(", ").bind(stored.created_by.as_str()).push(", ");
    sql.bind(stored.created.as_str()).push(", ").bind(stored.updated.as_str());
    for (_, value) in described(stored).into_iter().chain(secrets(stored)) {
        sql.push(", ").bind(value);
    }
    sql.push(")");
    sql
}

/// Changes what is not as it was described, and nothing else: somebody else may change the rest at the same time.
pub(super) fn update(stored: &Stored, before: &[Column; 5]) -> Sql {
    let changed = described(stored).into_iter().zip(before).filter(|(new, old)| new != *old);
    set(stored, changed.map(|(new, _)| new))
}

/// Gives a key another secret, provided that it has the one that was read.
pub(super) fn rotate(stored: &Stored, before: &str) -> Sql {
    let mut sql = set(stored, secrets(stored));
    sql.push(" AND hash = ").bind(before);
    sql
}

fn set(stored: &Stored, columns: impl IntoIterator<Item = Column>) -> Sql {
    let mut sql = Sql::new("UPDATE _api_keys SET updated = ");
    sql.bind(stored.updated.as_str());
    for (name, value) in columns {
        sql.push(", ").push(name).push(" = ").bind(value);
    }
    sql.push(" WHERE id = ").bind(stored.key.id.as_str());
    sql
}

/// What a superuser says of a key.
pub(super) fn described(stored: &Stored) -> [Column; 5] {
    let Stored { key, ips, .. } = stored;
    let scopes: Vec<String> = key.scopes.iter().map(ToString::to_string).collect();
    [
        ("name", Value::Text(key.name.clone())),
        ("scopes", Value::Text(json!(scopes).to_string())),
        ("ips", Value::Text(json!(ips).to_string())),
        ("read_only", Value::Integer(i64::from(key.read_only))),
        ("expires_ms", time(key.expires_ms)),
    ]
}

/// What a key is known by.
fn secrets(stored: &Stored) -> [Column; 3] {
    let Stored { hash, old, .. } = stored;
    [
        ("hash", Value::Text(hash.clone())),
        ("old_hash", old.as_ref().map_or(Value::Null, |(hash, _)| Value::Text(hash.clone()))),
        ("old_until_ms", time(old.as_ref().map(|(_, until_ms)| *until_ms))),
    ]
}

fn time(at_ms: Option<i64>) -> Value {
    at_ms.map_or(Value::Null, Value::Integer)
}

pub(super) fn delete(id: &str) -> Sql {
    let mut sql = Sql::new("DELETE FROM _api_keys WHERE id = ");
    sql.bind(id);
    sql
}

pub(super) fn used(id: &str, now_ms: i64) -> Sql {
    let mut sql = Sql::new("UPDATE _api_keys SET used_ms = ");
    sql.bind(now_ms).push(" WHERE id = ").bind(id);
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Stored {
        Stored {
            key: ApiKey {
                id: "k".to_owned(),
                name: "before".to_owned(),
                scopes: Vec::new(),
                read_only: false,
                expires_ms: None,
            },
            hash: "h".to_owned(),
            old: Some(("o".to_owned(), 1)),
            ips: Vec::new(),
            used_ms: None,
            created_by: String::new(),
            created: String::new(),
            updated: "now".to_owned(),
        }
    }

    #[test]
    fn a_change_writes_what_it_changes() {
        let mut stored = stored();
        let before = described(&stored);
        assert_eq!(update(&stored, &before).text(), "UPDATE _api_keys SET updated = ? WHERE id = ?");
        stored.key.name = "after".to_owned();
        stored.key.expires_ms = Some(2);
        let sql = update(&stored, &before);
        assert_eq!(sql.text(), "UPDATE _api_keys SET updated = ?, name = ?, expires_ms = ? WHERE id = ?");
    }

    #[test]
    fn a_rotation_takes_the_place_of_the_secret_that_was_read() {
        let sql = rotate(&stored(), "read");
        let text =
            "UPDATE _api_keys SET updated = ?, hash = ?, old_hash = ?, old_until_ms = ? WHERE id = ? AND hash = ?";
        assert_eq!((sql.text(), sql.params().last()), (text, Some(&Value::Text("read".to_owned()))));
    }
}
