//! What plugins read: as a client's lists and views, on a snapshot that is handed in, and with a note of what the
//! answer depends on.

use super::read::{
    append_guard, append_order, append_rule, client_filter, client_sort, first, load, one_integer, plain_select,
    to_condition,
};
use crate::access::{self, Operation};
use crate::db::Snapshot;
use crate::error::Result;
use crate::model::{Collection, Record};
use crate::rules::Checked;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::Map;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The ids of the collections that answers depend on.
pub type Sources = BTreeSet<String>;

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
    sources: &mut Sources,
) -> Result<Vec<Record>> {
    let mut condition = condition(cx, collection, filter, sources)?;
    let order = client_sort(cx, collection, Some(sort).filter(|sort| !sort.is_empty()))?;
    sources.extend(order.iter().flat_map(|order| order.collections.iter().cloned()));
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
pub fn get_row(
    snapshot: &mut Snapshot<'_>,
    cx: &Cx,
    collection: &Arc<Collection>,
    id: &str,
    sources: &mut Sources,
) -> Result<Option<Record>> {
    let permit = access::admit(cx, collection, Operation::View)?;
    note(sources, collection, permit.condition());
    let mut select = plain_select(&cx.catalog, collection);
    select.push(" WHERE id = ").bind(id);
    append_rule(cx, &mut select, &permit, &Map::new());
    first(snapshot, collection, &select)
}

/// How many records match, for a plugin, under the caller's rules.
///
/// # Errors
/// `Invalid` for a broken filter, `Forbidden` when only superusers may.
pub fn count_rows(
    snapshot: &mut Snapshot<'_>,
    cx: &Cx,
    collection: &Arc<Collection>,
    filter: &str,
    sources: &mut Sources,
) -> Result<u64> {
    let mut count = Sql::new("SELECT count(*) FROM ");
    count.name(&collection.name).append(condition(cx, collection, filter, sources)?);
    Ok(u64::try_from(one_integer(snapshot, &count)?).unwrap_or_default())
}

fn condition(cx: &Cx, collection: &Arc<Collection>, filter: &str, sources: &mut Sources) -> Result<Sql> {
    let permit = access::admit(cx, collection, Operation::List)?;
    note(sources, collection, permit.condition());
    let none = Map::new();
    let mut condition = Sql::new(" WHERE 1");
    append_rule(cx, &mut condition, &permit, &none);
    if let Some(filter) = client_filter(cx, collection, Some(filter).filter(|filter| !filter.is_empty()))? {
        note(sources, collection, Some(&filter));
        condition.push(" AND ").append(to_condition(cx, &filter, &none));
    }
    Ok(condition)
}

fn note(sources: &mut Sources, collection: &Collection, condition: Option<&Checked>) {
    sources.insert(collection.id.clone());
    sources.extend(condition.into_iter().flat_map(Checked::collections).map(str::to_owned));
}
