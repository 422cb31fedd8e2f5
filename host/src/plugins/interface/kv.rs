//! `tinybase:plugin/kv`: the table `_plugin_kv`, apart for each plugin. Every write is a transaction of its own.

use super::{Answer, errand, hold, host, refuse, told, write};
use crate::db::Unit;
use crate::error::Result;
use crate::plugins::call::{Call, Errand};
use crate::plugins::limits::{held, kv};
use crate::settings::PluginLimits;
use crate::sql::{Sql, Value, ValueRef};
use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

pub(super) fn bind(linker: &mut LinkerInstance<'_, Call>) -> wasmtime::Result<()> {
    linker.func_wrap("get", |mut store: StoreContextMut<'_, Call>, (key,): (String,)| {
        host(&mut store, |call| get(call, &key))
    })?;
    linker.func_wrap("set", |mut store: StoreContextMut<'_, Call>, (key, value, ttl_ms): (String, Vec<u8>, u64)| {
        host(&mut store, |call| set(call, &key, value, ttl_ms))
    })?;
    linker.func_wrap("increment", |mut store: StoreContextMut<'_, Call>, (key, delta): (String, i64)| {
        host(&mut store, |call| increment(call, &key, delta))
    })?;
    linker.func_wrap("delete", |mut store: StoreContextMut<'_, Call>, (key,): (String,)| {
        host(&mut store, |call| delete(call, &key))
    })
}

fn check_key(key: &str) -> Answer<()> {
    if key.is_empty() || key.len() > kv::KEY_BYTES {
        return refuse("invalid", format!("a key has 1 to {} bytes", kv::KEY_BYTES));
    }
    Ok(())
}

fn get(call: &Call, key: &str) -> Answer<Option<Vec<u8>>> {
    check_key(key)?;
    let errand = errand(call)?;
    if let Some(kept) = call.kept.get(key) {
        return Ok(kept.clone());
    }
    let mut select = Sql::new("SELECT value FROM _plugin_kv WHERE plugin = ");
    select.bind(&*errand.plugin_id).push(" AND key = ").bind(key).push(" AND ").append(alive(errand));
    let found: Result<Option<Vec<u8>>> = errand.cx.tenant.store.read_blocking(|snapshot| {
        snapshot.one(&select, |row| match row.get(0) {
            ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
            _ => Ok(Vec::new()),
        })
    });
    found.map_err(told)
}

fn set(call: &mut Call, key: &str, value: Vec<u8>, ttl_ms: u64) -> Answer<()> {
    check_key(key)?;
    if value.len() > kv::VALUE_BYTES {
        return refuse("too_large", format!("a value has at most {} bytes", kv::VALUE_BYTES));
    }
    if call.is_trial() {
        return keep(call, key, Some(value));
    }
    let errand = errand(call)?;
    let expires = (ttl_ms > 0).then(|| now(errand).saturating_add(i64::try_from(ttl_ms).unwrap_or(i64::MAX)));
    let mut unit = Unit::new();
    unit.run(purge(errand));
    let mut upsert = Sql::new("INSERT INTO _plugin_kv (plugin, key, value, expires_ms) SELECT ");
    upsert.bind(&*errand.plugin_id).push(", ").bind(key).push(", ").bind(Value::Blob(value)).push(", ").bind(expires);
    upsert.push(" WHERE ").append(room(errand, key));
    upsert.push(" ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value, expires_ms = excluded.expires_ms");
    let slot = unit.count(upsert);
    let outcome = write(call, errand, unit)?;
    if outcome.count(slot) == 0 { full(errand) } else { Ok(()) }
}

/// A value is an integer when it is the text of one.
fn increment(call: &mut Call, key: &str, delta: i64) -> Answer<i64> {
    check_key(key)?;
    if call.is_trial() {
        let text = get(call, key)?.unwrap_or_else(|| b"0".to_vec());
        let number = String::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
        let Some(sum) = number.and_then(|number| number.checked_add(delta)) else {
            return refuse("invalid", "the value is not an integer, or the sum is too large");
        };
        return keep(call, key, Some(sum.to_string().into_bytes())).map(|()| sum);
    }
    let errand = errand(call)?;
    let mut unit = Unit::new();
    unit.run(purge(errand));
    let mut upsert = Sql::new("INSERT INTO _plugin_kv (plugin, key, value) SELECT ");
    upsert
        .bind(&*errand.plugin_id)
        .push(", ")
        .bind(key)
        .push(", CAST(CAST(")
        .bind(delta)
        .push(" AS TEXT) AS BLOB) WHERE ");
    upsert.append(room(errand, key));
    upsert
        .push(" ON CONFLICT (plugin, key) DO UPDATE SET value = CAST(CAST(CAST(CAST(value AS TEXT) AS INTEGER) + ")
        .bind(delta);
    upsert.push(" AS TEXT) AS BLOB) WHERE CAST(CAST(CAST(value AS TEXT) AS INTEGER) AS TEXT) = CAST(value AS TEXT)");
    upsert.push(" AND typeof(CAST(CAST(value AS TEXT) AS INTEGER) + ").bind(delta).push(") = 'integer'");
    upsert.push(" RETURNING CAST(CAST(value AS TEXT) AS INTEGER)");
    let slot = unit.query(upsert);
    let outcome = write(call, errand, unit)?;
    match outcome.rows(slot).row(0) {
        Some([Value::Integer(sum)]) => Ok(*sum),
        _ => refuse("invalid", "the value is not an integer, the sum is too large, or there are too many keys"),
    }
}

fn delete(call: &mut Call, key: &str) -> Answer<()> {
    check_key(key)?;
    if call.is_trial() {
        return keep(call, key, None);
    }
    let errand = errand(call)?;
    let mut sql = Sql::new("DELETE FROM _plugin_kv WHERE plugin = ");
    sql.bind(&*errand.plugin_id).push(" AND key = ").bind(key);
    write(call, errand, Unit::of(sql)).map(drop)
}

/// Puts a value into a trial's own copy of the store.
fn keep(call: &mut Call, key: &str, value: Option<Vec<u8>>) -> Answer<()> {
    errand(call)?;
    let before = call.kept.get(key).map(|value| held::EACH + value.as_ref().map_or(0, Vec::len));
    call.lets_go(before.unwrap_or_default());
    let held = hold(call, 1, value.as_ref().map_or(0, Vec::len));
    if held.is_err() {
        // What was there stays.
        let _ = call.holds(before.unwrap_or_default());
        return held;
    }
    call.kept.insert(key.to_owned(), value);
    Ok(())
}

fn now(errand: &Errand) -> i64 {
    errand.cx.tenant.world.now_ms()
}

fn alive(errand: &Errand) -> Sql {
    let mut sql = Sql::new("(expires_ms IS NULL OR expires_ms > ");
    sql.bind(now(errand)).push(")");
    sql
}

/// Removes what has expired, for all plugins: an index leads straight to it.
fn purge(errand: &Errand) -> Sql {
    let mut sql = Sql::new("DELETE FROM _plugin_kv WHERE expires_ms <= ");
    sql.bind(now(errand));
    sql
}

/// Whether the key is there already or one more may be added.
fn room(errand: &Errand, key: &str) -> Sql {
    let mut sql = Sql::new("(EXISTS (SELECT 1 FROM _plugin_kv WHERE plugin = ");
    sql.bind(&*errand.plugin_id).push(" AND key = ").bind(key);
    sql.push(") OR (SELECT count(*) FROM _plugin_kv WHERE plugin = ")
        .bind(&*errand.plugin_id)
        .push(") < ")
        .number(keys(errand))
        .push(")");
    sql
}

/// How many keys the plugin keeps at most.
fn keys(errand: &Errand) -> u64 {
    PluginLimits::narrow(kv::KEYS, errand.cx.tenant.settings.load().plugin_limits.kv_keys)
}

fn full<T>(errand: &Errand) -> Answer<T> {
    refuse("full", format!("a plugin keeps at most {} keys", keys(errand)))
}
