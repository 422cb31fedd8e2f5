//! Reading single records, and what every reading is made of: rule, filter and sort as parts of one SELECT.
//! Lists are in `list`.

use super::render::{self, Sight};
use super::{Answer, ListQuery, ViewQuery, etag};
use crate::access::{self, Operation, Permit};
use crate::db::{Row, Snapshot};
use crate::error::{Error, Result};
use crate::model::{Collection, Field, Record, Value, index::Index};
use crate::rules::{self, Checked, Order, Purpose};
use crate::schema::catalog::Catalog;
use crate::schema::listing::{broken, refuse_nul};
use crate::sql::{Sql, ValueRef};
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// One record as the caller may see it.
///
/// # Errors
/// `NotFound` when there is none or the rule hides it, `Forbidden` when only superusers may.
pub async fn view(cx: &Cx, collection: &Arc<Collection>, id: &str, query: &ViewQuery) -> Result<Answer> {
    let permit = access::admit(cx, collection, Operation::View)?;
    if query.expand.is_some() {
        let record = Arc::new(view_record(cx, &permit, collection, id).await?);
        let etag = etag::of_record(&cx.catalog, &record);
        return Ok(Answer { json: render::one(cx, &record, query).await?, etag, replayed: false });
    }
    let sight = Sight::of(cx, collection);
    let mut select = select_shown(cx, collection, &sight);
    select.push(" FROM ").name(&collection.name).push(" WHERE id = ").bind(id);
    append_rule(cx, &mut select, &permit, &Map::new());
    let found = cx
        .tenant
        .store
        .read(|snapshot| {
            snapshot.one(&select, |row| {
                let mut json = Vec::with_capacity(512);
                render::row(&mut json, collection, &sight, row);
                Ok(Answer { json, etag: etag::of_row(&cx.catalog, collection, row), replayed: false })
            })
        })
        .await?;
    let mut answer = found.ok_or_else(Error::not_found)?;
    answer.json = render::pick(answer.json, query.fields.as_deref())?;
    Ok(answer)
}

pub(super) async fn view_record(cx: &Cx, permit: &Permit, collection: &Arc<Collection>, id: &str) -> Result<Record> {
    let mut select = plain_select(&cx.catalog, collection);
    select.push(" WHERE id = ").bind(id);
    append_rule(cx, &mut select, permit, &Map::new());
    cx.tenant.store.read(|snapshot| first(snapshot, collection, &select)).await?.ok_or_else(Error::not_found)
}

/// Whether the unique index of a field, by which records are found, knows no capitals.
#[must_use]
pub fn ignores_case(collection: &Collection, field: &str) -> bool {
    let is_nocase =
        |index: Index| index.single_unique_column().is_some_and(|column| column.collate.eq_ignore_ascii_case("nocase"));
    Index::unique_on(&collection.indexes, field).is_some_and(is_nocase)
}

/// A record regardless of rules, for the server's own purposes.
///
/// # Errors
/// When the database cannot be read.
pub async fn load_record(
    tenant: &Tenant,
    collection: &Arc<Collection>,
    field: &str,
    value: &str,
) -> Result<Option<Record>> {
    let mut select = plain_select(&tenant.catalog(), collection);
    select.push(" WHERE ").name(field).push(" = ").bind(value);
    if ignores_case(collection, field) {
        select.push(" COLLATE NOCASE");
    }
    if !value.is_empty() {
        // Indexes of unique fields leave out the empty value, and serve only who says that it is not wanted.
        select.push(" AND ").name(field).push(" != ''");
    }
    select.push(" LIMIT 1");
    tenant.store.read(|snapshot| first(snapshot, collection, &select)).await
}

/// A record by its id regardless of rules, as a snapshot has it.
///
/// # Errors
/// When the database cannot be read.
pub fn load_row(
    snapshot: &mut Snapshot<'_>,
    catalog: &Catalog,
    collection: &Arc<Collection>,
    id: &str,
) -> Result<Option<Record>> {
    let mut select = plain_select(catalog, collection);
    select.push(" WHERE id = ").bind(id);
    first(snapshot, collection, &select)
}

/// A row as a record.
pub(super) fn load(collection: &Arc<Collection>, row: &Row<'_>) -> Record {
    let load_one = |(index, field): (usize, &Field)| field.load(row.get(index));
    Record { collection: collection.clone(), values: collection.fields.iter().enumerate().map(load_one).collect() }
}

/// How much memory a row takes as a record, roughly.
pub(super) fn row_bytes(collection: &Collection, row: &Row<'_>) -> usize {
    let long = (0..collection.fields.len()).map(|index| match row.get(index) {
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(bytes) => bytes.len(),
        _ => 0,
    });
    long.sum::<usize>() + size_of::<Record>() + collection.fields.len() * size_of::<Value>()
}

pub(super) fn first(snapshot: &mut Snapshot<'_>, collection: &Arc<Collection>, select: &Sql) -> Result<Option<Record>> {
    snapshot.one(select, |row| Ok(load(collection, row)))
}

pub(super) fn is_some(snapshot: &mut Snapshot<'_>, select: &Sql) -> Result<bool> {
    Ok(snapshot.one(select, |_| Ok(()))?.is_some())
}

pub(super) fn one_integer(snapshot: &mut Snapshot<'_>, select: &Sql) -> Result<i64> {
    Ok(snapshot.one(select, |row| Ok(row.integer(0)))?.unwrap_or_default())
}

pub(super) fn plain_select(catalog: &Catalog, collection: &Collection) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.append(catalog.columns(collection)).push(" FROM ").name(&collection.name);
    sql
}

/// The columns of a row, and after them whether the caller manages it, where that decides what is shown.
pub(super) fn select_shown(cx: &Cx, collection: &Collection, sight: &Sight) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.append(cx.catalog.columns(collection)).push(", ");
    match sight.manage_rule(cx, collection) {
        Some(manage) => sql.append(to_condition(cx, manage, &Map::new())),
        None => sql.push("FALSE"),
    };
    sql
}

pub(super) fn append_rule(cx: &Cx, sql: &mut Sql, permit: &Permit, body: &Map<String, Json>) {
    if let Some(rule) = permit.condition() {
        sql.push(" AND ").append(to_condition(cx, rule, body));
    }
}

/// A rule as a parenthesised condition on the row of its collection's table.
pub(super) fn to_condition(cx: &Cx, rule: &Checked, body: &Map<String, Json>) -> Sql {
    let mut sql = Sql::new("(");
    sql.append(rule.to_sql(&access::facts(cx, body), &*cx.catalog).condition).push(")");
    sql
}

fn purpose(cx: &Cx) -> Purpose {
    Purpose::ClientFilter { superuser: cx.caller.is_trusted() }
}

pub(super) fn client_filter(cx: &Cx, collection: &Collection, filter: Option<&str>) -> Result<Option<Checked>> {
    let Some(text) = filter.filter(|text| !text.is_empty()) else { return Ok(None) };
    refuse_nul("filter", text)?;
    refuse_privileged(cx, text)?;
    let checked = rules::parse(text).and_then(|expr| rules::check(&expr, collection, &*cx.catalog, purpose(cx)));
    checked.map(Some).map_err(|error| broken("filter", text, &error))
}

/// The order, and what rows must meet so that nobody is placed by what the caller must not see.
pub(super) fn client_sort(cx: &Cx, collection: &Collection, sort: Option<&str>) -> Result<Option<Order>> {
    let Some(text) = sort.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    refuse_nul("sort", text)?;
    refuse_privileged(cx, text)?;
    let sort =
        rules::sort(text, collection, &*cx.catalog, purpose(cx)).map_err(|error| broken("sort", text, &error))?;
    Ok(Some(sort.to_sql(&access::facts(cx, &Map::new()), &*cx.catalog)))
}

pub(super) fn append_guard(condition: &mut Sql, order: Option<&Order>) {
    if let Some(order) = order.filter(|order| order.guard.decided != Some(true)) {
        condition.push(" AND (").append(order.guard.condition.clone()).push(")");
    }
}

pub(super) fn append_order(select: &mut Sql, order: Option<&Order>) {
    if let Some(order) = order.filter(|order| !order.terms.is_empty()) {
        select.push(" ORDER BY ").append(order.terms.clone());
    }
}

fn refuse_privileged(cx: &Cx, text: &str) -> Result<()> {
    if cx.caller.is_trusted() {
        return Ok(());
    }
    for word in ["@collection.", "@request."] {
        if text.contains(word) {
            return Err(Error::Forbidden(
                format!("Only superusers can filter by {word}").trim_end_matches('.').to_owned().into(),
            ));
        }
    }
    Ok(())
}

/// The ids of the collections that match a list's filter, in its order. `_collections` is read as if it
/// were a collection itself.
///
/// # Errors
/// `Invalid` for a broken filter or sort.
pub async fn collection_ids(cx: &Cx, query: &ListQuery) -> Result<Vec<String>> {
    let table = crate::schema::system::collections_table();
    let mut select = Sql::new("SELECT id FROM _collections WHERE 1");
    if let Some(filter) = client_filter(cx, &table, query.filter.as_deref())? {
        select.push(" AND ").append(to_condition(cx, &filter, &Map::new()));
    }
    append_order(&mut select, client_sort(cx, &table, query.sort.as_deref())?.as_ref());
    ids(cx, select).await
}

/// The first rows of a view that is not there yet, as objects of its fields.
///
/// # Errors
/// When the query fails, which is our fault here: it was checked.
pub async fn sample(cx: &Cx, view: &Collection, query: &str, limit: usize) -> Result<Vec<Json>> {
    let mut select = Sql::new("SELECT ");
    for (index, field) in view.fields.iter().enumerate() {
        select.push(if index > 0 { ", " } else { "" }).name(&field.name);
    }
    select.push(" FROM (").append(Sql::trusted(query.to_owned())).push("\n) LIMIT ").number(limit as u64);
    let mut rows = Vec::new();
    let read = |snapshot: &mut Snapshot<'_>| {
        snapshot.rows(&select, |row| {
            let value = |(index, field): (usize, &Field)| (field.name.clone(), field.load(row.get(index)).to_json());
            rows.push(Json::Object(view.fields.iter().enumerate().map(value).collect()));
            Ok(())
        })
    };
    cx.tenant.store.read(read).await?;
    Ok(rows)
}

/// Some ids of a collection's records; empty when there is none left.
pub(super) async fn some_ids(cx: &Cx, collection: &Collection, limit: u64) -> Result<Vec<String>> {
    let mut select = Sql::new("SELECT id FROM ");
    select.name(&collection.name).push(" LIMIT ").number(limit);
    ids(cx, select).await
}

async fn ids(cx: &Cx, select: Sql) -> Result<Vec<String>> {
    cx.tenant
        .store
        .read(|snapshot| {
            let mut ids = Vec::new();
            snapshot.rows(&select, |row| {
                ids.push(row.text(0).to_owned());
                Ok(())
            })?;
            Ok(ids)
        })
        .await
}
