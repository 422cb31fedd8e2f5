//! Pages by keyset: a list goes on behind the last row that was read, however many came before it.
//!
//! A cursor holds what that row was sorted by, its id last, and a seal: it is good for the collection and the
//! sort it was made for, and nobody else can make one.

use super::list::Items;
use super::page::Page;
use super::search::Search;
use super::selection::Selection;
use super::{ListQuery, read};
use crate::crypto;
use crate::db::{Row, Snapshot};
use crate::error::{Error, FieldError, Result, code};
use crate::model::{Collection, collection::defaults::SUPERUSERS};
use crate::rules::{Order, OrderKey};
use crate::sql::{Sql, Value};
use crate::tenant::Cx;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Longest cursor. It stands in a URL, which proxies cut off at 8 KiB.
const CURSOR_CHARS_MAX: usize = 6_000;
/// Bytes of the seal.
const SEAL_BYTES: usize = 16;

/// A page of records from a cursor on, or from the beginning when it is empty: `{items, perPage, nextCursor}`, of
/// which the last is null at the end.
pub(super) async fn list(
    cx: &Cx,
    collection: &Arc<Collection>,
    query: &ListQuery,
    selection: Selection<'_>,
    search: Option<Search<'_>>,
    cursor: &str,
) -> Result<Vec<u8>> {
    let size = Page::parse(query)?.size;
    let order = read::client_sort(cx, collection, query.sort.as_deref())?;
    if order.is_none() && search.is_some() {
        return Err(unstable(code::UNSTABLE_SORT.say("Ranks cannot be paged by cursor; add a sort.")));
    }
    let mut selection = selection.searched(search.as_ref());
    selection.guard(order.as_ref());
    let keys = keys(collection, order)?;
    let seal = Seal::of(cx, collection, query)?;
    if !cursor.is_empty() {
        let last = seal.open(cursor).filter(|values| values.len() == keys.len()).ok_or_else(invalid)?;
        selection.and(after(&keys, &last));
    }
    let mut items = Items::new(cx, collection, query.expand.as_deref());
    let select = select(&items, &keys, &selection, size);
    let (mut count, mut last, mut more) = (0, Vec::new(), false);
    let read = |snapshot: &mut Snapshot<'_>| {
        snapshot.rows(&select, |row| {
            if count == size {
                more = true;
                return Ok(());
            }
            count += 1;
            if count == size {
                last = values(row, items.width(), keys.len());
            }
            items.add(row, Vec::new())
        })
    };
    cx.tenant.store.read(read).await?;
    let next = if more { format!("\"{}\"", seal.close(last)?) } else { "null".to_owned() };
    let items = items.finish().await?;
    let tail = format!("],\"perPage\":{size},\"nextCursor\":{next}}}");
    Ok([b"{\"items\":[", items.as_slice(), tail.as_bytes()].concat())
}

/// The keys of the order, of which the last is unique: two rows never stand on the same place.
fn keys(collection: &Collection, order: Option<Order>) -> Result<Vec<OrderKey>> {
    let mut keys = match order {
        None => Vec::new(),
        Some(order) => {
            let random = || unstable(code::UNSTABLE_SORT.say("A random order cannot be paged by cursor."));
            order.keys.ok_or_else(random)?
        }
    };
    if let Some(unique) = keys.iter().position(|key| key.unique) {
        keys.truncate(unique + 1);
    } else {
        let mut value = Sql::default();
        value.column(&collection.name, "id");
        keys.push(OrderKey { value, descending: false, nullable: false, unique: true });
    }
    Ok(keys)
}

fn select(items: &Items<'_>, keys: &[OrderKey], selection: &Selection<'_>, size: i64) -> Sql {
    let mut select = items.columns();
    for key in keys {
        select.push(", ").append(key.value.clone());
    }
    select.append(selection.rows()).push(" ORDER BY ");
    for (index, key) in keys.iter().enumerate() {
        if index > 0 {
            select.push(", ");
        }
        select.append(key.value.clone()).push(if key.descending { " DESC" } else { " ASC" });
    }
    // One more, to know whether there is more.
    select.push(" LIMIT ").bind(size + 1);
    select
}

fn values(row: &Row<'_>, from: usize, count: usize) -> Vec<Value> {
    (from..from + count).map(|index| row.value(index)).collect()
}

/// The condition of the rows behind the one with these values. Of several keys the first that differs decides.
fn after(keys: &[OrderKey], last: &[Value]) -> Sql {
    let mut sql = Sql::default();
    // What every such row meets by its first key alone, which an index on it can serve.
    if let (Some(first), Some(value)) = (keys.first(), last.first())
        && *value != Value::Null
        && !(first.descending && first.nullable)
    {
        sql.append(first.value.clone()).push(if first.descending { " <= " } else { " >= " }).bind(value.clone());
        sql.push(" AND ");
    }
    sql.push("(");
    for (index, (key, value)) in keys.iter().zip(last).enumerate() {
        if index > 0 {
            sql.push(" OR ");
        }
        sql.push("(");
        for (same, value) in keys.iter().zip(last).take(index) {
            sql.append(same.value.clone()).push(" IS ").bind(value.clone()).push(" AND ");
        }
        sql.append(behind(key, value)).push(")");
    }
    sql.push(")");
    sql
}

/// Whether a key's value comes after another; NULL comes before everything.
fn behind(key: &OrderKey, value: &Value) -> Sql {
    let mut sql = Sql::default();
    match (key.descending, value) {
        (true, Value::Null) => return Sql::new("FALSE"),
        (false, Value::Null) => drop(sql.append(key.value.clone()).push(" IS NOT NULL")),
        (false, value) => drop(sql.append(key.value.clone()).push(" > ").bind(value.clone())),
        (true, value) => {
            sql.push("(").append(key.value.clone()).push(" < ").bind(value.clone());
            if key.nullable {
                sql.push(" OR ").append(key.value.clone()).push(" IS NULL");
            }
            sql.push(")");
        }
    }
    sql
}

fn unstable(error: FieldError) -> Error {
    Error::field("The list cannot be paged by cursor.", "sort", error)
}

fn invalid() -> Error {
    Error::field("The cursor is not one of this list.", "cursor", code::INVALID_CURSOR)
}

/// A value as it stands in a cursor. Real numbers are their bits, so that none is rounded.
#[derive(Serialize, Deserialize)]
enum Packed {
    N,
    I(i64),
    R(u64),
    T(String),
    B(Vec<u8>),
}

impl From<Value> for Packed {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::N,
            Value::Integer(number) => Self::I(number),
            Value::Real(number) => Self::R(number.to_bits()),
            Value::Text(text) => Self::T(text),
            Value::Blob(bytes) => Self::B(bytes),
        }
    }
}

impl From<Packed> for Value {
    fn from(packed: Packed) -> Self {
        match packed {
            Packed::N => Self::Null,
            Packed::I(number) => Self::Integer(number),
            Packed::R(bits) => Self::Real(f64::from_bits(bits)),
            Packed::T(text) => Self::Text(text),
            Packed::B(bytes) => Self::Blob(bytes),
        }
    }
}

/// What makes a cursor belong to a collection and a sort.
struct Seal {
    key: Vec<u8>,
}

impl Seal {
    /// The key comes from a secret that is stored with the records, so cursors survive a restart.
    fn of(cx: &Cx, collection: &Collection, query: &ListQuery) -> Result<Self> {
        let superusers = cx.catalog.collection(SUPERUSERS).and_then(|found| found.auth());
        let secret = &superusers.ok_or_else(|| Error::internal("seal a cursor", "no superusers"))?.auth_token.secret;
        let sort = query.sort.as_deref().unwrap_or_default().trim();
        let about = format!("cursor\0{}\0{sort}", collection.id);
        Ok(Self { key: crypto::hmac(secret.as_bytes(), about.as_bytes()) })
    }

    fn close(&self, values: Vec<Value>) -> Result<String> {
        let packed: Vec<Packed> = values.into_iter().map(Packed::from).collect();
        let packed = serde_json::to_vec(&packed).map_err(|error| Error::internal("write a cursor", error))?;
        let mut sealed = self.tag(&packed);
        sealed.extend_from_slice(&packed);
        let text = URL_SAFE_NO_PAD.encode(sealed);
        if text.len() > CURSOR_CHARS_MAX {
            return Err(unstable(code::UNSTABLE_SORT.say("The values are too long to be paged by cursor.")));
        }
        Ok(text)
    }

    fn open(&self, text: &str) -> Option<Vec<Value>> {
        if text.len() > CURSOR_CHARS_MAX {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, packed) = sealed.split_at_checked(SEAL_BYTES)?;
        if !crypto::same(tag, &self.tag(packed)) {
            return None;
        }
        let packed: Vec<Packed> = serde_json::from_slice(packed).ok()?;
        Some(packed.into_iter().map(Value::from).collect())
    }

    fn tag(&self, packed: &[u8]) -> Vec<u8> {
        let mut tag = crypto::hmac(&self.key, packed);
        tag.truncate(SEAL_BYTES);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str, descending: bool, nullable: bool) -> OrderKey {
        let mut value = Sql::default();
        value.name(name);
        OrderKey { value, descending, nullable, unique: false }
    }

    #[test]
    fn what_comes_after_a_row() {
        let text = |keys: &[OrderKey], last: &[Value]| after(keys, last).text().to_owned();
        let id = || key("id", false, false);
        assert_eq!(text(&[id()], &["a".into()]), "`id` >= ? AND ((`id` > ?))");
        assert_eq!(
            text(&[key("n", true, false), id()], &[Value::Integer(1), "a".into()]),
            "`n` <= ? AND (((`n` < ?)) OR (`n` IS ? AND `id` > ?))"
        );
        assert_eq!(
            text(&[key("n", true, true), id()], &[Value::Null, "a".into()]),
            "((FALSE) OR (`n` IS ? AND `id` > ?))"
        );
        assert_eq!(text(&[key("n", false, true)], &[Value::Null]), "((`n` IS NOT NULL))");
        assert_eq!(text(&[key("n", true, true)], &[Value::Integer(1)]), "(((`n` < ? OR `n` IS NULL)))");
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_and_only_with_its_seal() {
        let seal = Seal { key: b"key".to_vec() };
        let values = vec![
            Value::Null,
            Value::Integer(i64::MIN),
            Value::Real(0.1),
            Value::Real(f64::INFINITY),
            Value::Text("ž\"\u{0}".into()),
            Value::Blob(vec![0, 255]),
        ];
        let text = seal.close(values.clone()).unwrap();
        assert_eq!(seal.open(&text), Some(values));
        assert_eq!(Seal { key: b"other".to_vec() }.open(&text), None);
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(seal.open(std::str::from_utf8(&other).unwrap()), None, "position {at}");
        }
        assert_eq!(seal.open(""), None);
        assert_eq!(seal.open("AAAA"), None);
        assert!(seal.close(vec![Value::Text("x".repeat(CURSOR_CHARS_MAX))]).is_err());
    }
}
