//! View and list: rule and filter become one SELECT, rows become JSON while they are stepped.

use super::render::{self, Sight};
use super::{Answer, ListQuery, ViewQuery, etag, expand};
use crate::access::{self, Operation, Permit};
use crate::db::{Row, Snapshot};
use crate::error::{Error, Result};
use crate::model::{Collection, Field, Record, index::Index};
use crate::rules::{self, Checked, Order, Purpose};
use crate::schema::catalog::Catalog;
use crate::sql::Sql;
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

const PER_PAGE_DEFAULT: i64 = 30;
/// The effective value is echoed, so that SDKs page on.
const PER_PAGE_MAX: i64 = 1000;

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
    let mut select = select_rows(cx, collection, &sight, &Map::new());
    select.push(" WHERE id = ").bind(id);
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

async fn view_record(cx: &Cx, permit: &Permit, collection: &Arc<Collection>, id: &str) -> Result<Record> {
    let mut select = plain_select(&cx.catalog, collection);
    select.push(" WHERE id = ").bind(id);
    append_rule(cx, &mut select, permit, &Map::new());
    cx.tenant.store.read(|snapshot| first(snapshot, collection, &select)).await?.ok_or_else(Error::not_found)
}

/// A page of records as the caller may see them: `{page, perPage, totalItems, totalPages, items}`.
///
/// # Errors
/// `Invalid` for a broken filter (with its position), sort or page, `Forbidden` when only superusers may.
pub async fn list(cx: &Cx, collection: &Arc<Collection>, query: &ListQuery) -> Result<Vec<u8>> {
    let permit = access::admit(cx, collection, Operation::List)?;
    let page = Page::parse(query)?;
    let filter = client_filter(cx, collection, query.filter.as_deref())?;
    let order = client_sort(cx, collection, query.sort.as_deref())?;
    let none = Map::new();
    let mut condition = Sql::new(" WHERE 1");
    append_rule(cx, &mut condition, &permit, &none);
    if let Some(filter) = &filter {
        condition.push(" AND ").append(to_condition(cx, filter, &none));
    }
    append_guard(&mut condition, order.as_ref());
    let sight = Sight::of(cx, collection);
    let expanding = query.expand.is_some();
    let mut select =
        if expanding { plain_select(&cx.catalog, collection) } else { select_rows(cx, collection, &sight, &none) };
    select.append(condition.clone());
    append_order(&mut select, order);
    select.push(" LIMIT ").bind(page.size).push(" OFFSET ").bind((page.number - 1).saturating_mul(page.size));
    let mut count = Sql::new("SELECT count(*) FROM ");
    count.name(&collection.name).append(condition);

    let mut items = Vec::with_capacity(4096);
    let mut records = Vec::new();
    let total = cx
        .tenant
        .store
        .read(|snapshot| {
            snapshot.rows(&select, |row| {
                if expanding {
                    records.push(Arc::new(load(collection, row)));
                    return Ok(());
                }
                if !items.is_empty() {
                    items.push(b',');
                }
                render::row(&mut items, collection, &sight, row);
                Ok(())
            })?;
            if page.skip_total { Ok(-1) } else { one_integer(snapshot, &count) }
        })
        .await?;
    if expanding {
        items = expand::render_all(cx, collection, &records, query.expand.as_deref().unwrap_or_default()).await?;
    }
    render::pick_items(page.envelope(&items, total), query.fields.as_deref())
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
    // As the field's unique index compares, so that the index finds it.
    let ignores_case =
        |index: Index| index.single_unique_column().is_some_and(|column| column.collate.eq_ignore_ascii_case("nocase"));
    if Index::unique_on(&collection.indexes, field).is_some_and(ignores_case) {
        select.push(" COLLATE NOCASE");
    }
    select.push(" LIMIT 1");
    tenant.store.read(|snapshot| first(snapshot, collection, &select)).await
}

/// Records for a plugin: filter and sort in the rule language, under the caller's rules.
///
/// # Errors
/// `Invalid` for a broken filter or sort, `Forbidden` when only superusers may.
pub fn find_rows(
    snapshot: &mut Snapshot<'_>,
    cx: &Cx,
    collection: &Arc<Collection>,
    filter: &str,
    sort: &str,
    limit: u32,
) -> Result<Vec<Record>> {
    let mut condition = plugin_condition(cx, collection, filter)?;
    let order = client_sort(cx, collection, Some(sort).filter(|sort| !sort.is_empty()))?;
    append_guard(&mut condition, order.as_ref());
    let mut select = plain_select(&cx.catalog, collection);
    select.append(condition);
    append_order(&mut select, order);
    select.push(" LIMIT ").bind(i64::from(limit));
    let mut records = Vec::new();
    snapshot.rows(&select, |row| {
        records.push(load(collection, row));
        Ok(())
    })?;
    Ok(records)
}

/// One record for a plugin, under the caller's rules.
///
/// # Errors
/// `Forbidden` when only superusers may.
pub fn get_row(snapshot: &mut Snapshot<'_>, cx: &Cx, collection: &Arc<Collection>, id: &str) -> Result<Option<Record>> {
    let permit = access::admit(cx, collection, Operation::View)?;
    let mut select = plain_select(&cx.catalog, collection);
    select.push(" WHERE id = ").bind(id);
    append_rule(cx, &mut select, &permit, &Map::new());
    first(snapshot, collection, &select)
}

/// How many records match, for a plugin, under the caller's rules.
///
/// # Errors
/// `Invalid` for a broken filter, `Forbidden` when only superusers may.
pub fn count_rows(snapshot: &mut Snapshot<'_>, cx: &Cx, collection: &Arc<Collection>, filter: &str) -> Result<u64> {
    let mut count = Sql::new("SELECT count(*) FROM ");
    count.name(&collection.name).append(plugin_condition(cx, collection, filter)?);
    Ok(u64::try_from(one_integer(snapshot, &count)?).unwrap_or_default())
}

fn plugin_condition(cx: &Cx, collection: &Arc<Collection>, filter: &str) -> Result<Sql> {
    let permit = access::admit(cx, collection, Operation::List)?;
    let none = Map::new();
    let mut condition = Sql::new(" WHERE 1");
    append_rule(cx, &mut condition, &permit, &none);
    if let Some(filter) = client_filter(cx, collection, Some(filter).filter(|filter| !filter.is_empty()))? {
        condition.push(" AND ").append(to_condition(cx, &filter, &none));
    }
    Ok(condition)
}

/// A row as a record.
pub(super) fn load(collection: &Arc<Collection>, row: &Row<'_>) -> Record {
    let load_one = |(index, field): (usize, &Field)| field.kind.load(row.get(index));
    Record { collection: collection.clone(), values: collection.fields.iter().enumerate().map(load_one).collect() }
}

pub(super) fn first(snapshot: &mut Snapshot<'_>, collection: &Arc<Collection>, select: &Sql) -> Result<Option<Record>> {
    snapshot.one(select, |row| Ok(load(collection, row)))
}

pub(super) fn is_some(snapshot: &mut Snapshot<'_>, select: &Sql) -> Result<bool> {
    Ok(snapshot.one(select, |_| Ok(()))?.is_some())
}

fn one_integer(snapshot: &mut Snapshot<'_>, select: &Sql) -> Result<i64> {
    Ok(snapshot.one(select, |row| Ok(row.integer(0)))?.unwrap_or_default())
}

pub(super) fn plain_select(catalog: &Catalog, collection: &Collection) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.append(catalog.columns(collection)).push(" FROM ").name(&collection.name);
    sql
}

/// The columns of a row, and after them whether the caller manages it, where that decides what is shown.
fn select_rows(cx: &Cx, collection: &Collection, sight: &Sight, body: &Map<String, Json>) -> Sql {
    let mut sql = Sql::new("SELECT ");
    sql.append(cx.catalog.columns(collection));
    if let Some(manage) = sight.manage_rule(cx, collection) {
        sql.push(", ").append(to_condition(cx, manage, body));
    }
    sql.push(" FROM ").name(&collection.name);
    sql
}

fn append_rule(cx: &Cx, sql: &mut Sql, permit: &Permit, body: &Map<String, Json>) {
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
    let Some(text) = filter.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    refuse_privileged(cx, text)?;
    let checked = rules::parse(text).and_then(|expr| rules::check(&expr, collection, &*cx.catalog, purpose(cx)));
    checked.map(Some).map_err(|error| broken("filter", text, &error))
}

/// The order, and what rows must meet so that nobody is placed by what the caller must not see.
fn client_sort(cx: &Cx, collection: &Collection, sort: Option<&str>) -> Result<Option<Order>> {
    let Some(text) = sort.filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    refuse_privileged(cx, text)?;
    let sort =
        rules::sort(text, collection, &*cx.catalog, purpose(cx)).map_err(|error| broken("sort", text, &error))?;
    Ok(Some(sort.to_sql(&access::facts(cx, &Map::new()), &*cx.catalog)))
}

fn append_guard(condition: &mut Sql, order: Option<&Order>) {
    if let Some(order) = order.filter(|order| order.guard.decided != Some(true)) {
        condition.push(" AND (").append(order.guard.condition.clone()).push(")");
    }
}

fn append_order(select: &mut Sql, order: Option<Order>) {
    if let Some(order) = order.filter(|order| !order.terms.is_empty()) {
        select.push(" ORDER BY ").append(order.terms);
    }
}

/// Whether a row, as it was or is, meets a condition: for rows that may not be in their table any more.
///
/// # Errors
/// When the database cannot be read.
pub fn meets(snapshot: &mut Snapshot<'_>, cx: &Cx, condition: &Checked, row: &Record) -> Result<bool> {
    let mut select = Sql::new("SELECT 1 WHERE ");
    select.append(condition.to_sql_for_draft(row, &access::facts(cx, &Map::new()), &*cx.catalog).condition);
    is_some(snapshot, &select)
}

fn broken(what: &str, text: &str, error: &rules::Error) -> Error {
    let position = text.get(..error.span.start).map_or(0, |before| before.chars().count()) + 1;
    let hint = error.hint.as_deref().map(|hint| format!(" {hint}")).unwrap_or_default();
    Error::invalid(format!("Invalid {what} at position {position}: {}.{hint}", error.message.trim_end_matches('.')))
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

/// Which page of a list is wanted.
#[derive(Debug)]
pub struct Page {
    number: i64,
    size: i64,
    skip_total: bool,
}

impl Page {
    /// # Errors
    /// `Invalid` when a number is none.
    pub fn parse(query: &ListQuery) -> Result<Self> {
        let number = |text: &Option<String>| match text.as_deref() {
            None | Some("") => Ok(0),
            Some(text) => text.parse::<i64>().map_err(|_| Error::invalid("The page and perPage must be numbers.")),
        };
        let size = match number(&query.per_page)? {
            size if size <= 0 => PER_PAGE_DEFAULT,
            size => size.min(PER_PAGE_MAX),
        };
        let skip_total = matches!(query.skip_total.as_deref(), Some("1" | "t" | "T" | "true" | "TRUE" | "True"));
        Ok(Self { number: number(&query.page)?.max(1), size, skip_total })
    }

    fn envelope(&self, items: &[u8], total: i64) -> Vec<u8> {
        let pages = if total < 0 { -1 } else { (total + self.size - 1) / self.size };
        let mut out = Vec::with_capacity(items.len() + 96);
        out.extend_from_slice(b"{\"items\":[");
        out.extend_from_slice(items);
        let tail = format!(
            "],\"page\":{},\"perPage\":{},\"totalItems\":{total},\"totalPages\":{pages}}}",
            self.number, self.size
        );
        out.extend_from_slice(tail.as_bytes());
        out
    }

    /// The part of a whole list that is on this page.
    #[must_use]
    pub fn slice<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = usize::try_from((self.number - 1).saturating_mul(self.size)).unwrap_or(usize::MAX).min(all.len());
        let end = start.saturating_add(usize::try_from(self.size).unwrap_or_default()).min(all.len());
        &all[start..end]
    }

    /// The envelope around items at hand.
    #[must_use]
    pub fn json(&self, items: &[Json], total: i64) -> Json {
        let total = if self.skip_total { -1 } else { total };
        let pages = if total < 0 { -1 } else { (total + self.size - 1) / self.size };
        serde_json::json!({"items": items, "page": self.number, "perPage": self.size, "totalItems": total, "totalPages": pages})
    }
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
    append_order(&mut select, client_sort(cx, &table, query.sort.as_deref())?);
    ids(cx, select).await
}

/// Some ids of a collection's records; empty when there is none left.
///
/// # Errors
/// When the database cannot be read.
pub async fn some_ids(cx: &Cx, collection: &Collection) -> Result<Vec<String>> {
    let mut select = Sql::new("SELECT id FROM ");
    select.name(&collection.name).push(" LIMIT ").bind(PER_PAGE_MAX);
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
