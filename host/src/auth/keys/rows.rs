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
    let mut sql = Sql::new("INSERT INTO _api_keys (id, created_by, created, ");
    sql.push("name, hash, old_hash, old_until_ms, scopes, ips, read_only, expires_ms, updated) VALUES (");
    sql.bind(stored.key.id.as_str()).push(", ").bind(stored.created_by.as_str()).push(", ");
    sql.bind(stored.created.as_str());
    for value in changing(stored) {
        sql.push(", ").bind(value);
    }
    sql.push(")");
    sql
}

pub(super) fn update(stored: &Stored) -> Sql {
    let mut sql = Sql::new("UPDATE _api_keys SET ");
    sql.push("(name, hash, old_hash, old_until_ms, scopes, ips, read_only, expires_ms, updated) = (");
    for (index, value) in changing(stored).into_iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.bind(value);
    }
    sql.push(") WHERE id = ").bind(stored.key.id.as_str());
    sql
}

fn changing(stored: &Stored) -> [Value; 9] {
    let Stored { key, hash, old, ips, updated, .. } = stored;
    let scopes: Vec<String> = key.scopes.iter().map(ToString::to_string).collect();
    let time = |at_ms: Option<i64>| at_ms.map_or(Value::Null, Value::Integer);
    let text = |text: &str| Value::Text(text.to_owned());
    [
        text(&key.name),
        text(hash),
        old.as_ref().map_or(Value::Null, |(hash, _)| text(hash)),
        time(old.as_ref().map(|(_, until_ms)| *until_ms)),
        Value::Text(json!(scopes).to_string()),
        Value::Text(json!(ips).to_string()),
        Value::Integer(i64::from(key.read_only)),
        time(key.expires_ms),
        text(updated),
    ]
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
