//! What plugins read: as a client's lists and views, on a snapshot that is handed in, with a note of what the answer
//! depends on and of what the question names, so that it can be held against what was granted.

use super::read::{
    append_guard, append_order, append_rule, client_filter, client_sort, first, load, one_integer, plain_select,
    to_condition,
};
use crate::access::{self, Operation};
use crate::db::Snapshot;
use crate::error::{Error, Result};
use crate::model::{Collection, Record};
use crate::rules::{Checked, Order};
use crate::sql::{Sql, ValueRef};
use crate::tenant::Cx;
use serde_json::Map;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Ids of collections.
pub type Sources = BTreeSet<String>;

/// Stands for all collections: what a view shows, or where the signed-in record leads, may change with any of them.
pub(super) const ANY: &str = "*";

/// A question about the records of a collection, under the caller's rules.
#[derive(Debug)]
pub struct Lookup {
    collection: Arc<Collection>,
    columns: Sql,
    condition: Sql,
    order: Option<Order>,
    named: Sources,
    sources: Sources,
}

impl Lookup {
    /// By filter and sort in the rule language; blank ones ask for everything, in no order.
    ///
    /// # Errors
    /// `Invalid` for a broken filter or sort, `Forbidden` when only superusers may.
    pub fn new(cx: &Cx, collection: &Arc<Collection>, filter: &str, sort: &str) -> Result<Self> {
        let permit = access::admit(cx, collection, Operation::List)?;
        let none = Map::new();
        let mut condition = Sql::new(" WHERE 1");
        append_rule(cx, &mut condition, &permit, &none);
        let filter = client_filter(cx, collection, Some(filter).filter(|filter| !filter.is_empty()))?;
        if let Some(filter) = &filter {
            condition.push(" AND ").append(to_condition(cx, filter, &none));
        }
        let order = client_sort(cx, collection, Some(sort).filter(|sort| !sort.is_empty()))?;
        append_guard(&mut condition, order.as_ref());
        let mut named = others(filter.as_ref());
        named.extend(order.iter().flat_map(|order| order.collections.iter().cloned()));
        let mut sources = &named | &others(permit.condition());
        sources.insert(collection.id.clone());
        widen(cx, &mut sources, permit.condition());
        let columns = plain_select(&cx.catalog, collection);
        Ok(Self { collection: collection.clone(), columns, condition, order, named, sources })
    }

    /// The other collections that the filter and the sort look into.
    #[must_use]
    pub fn named(&self) -> &Sources {
        &self.named
    }

    /// All collections that the answer depends on.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The first `limit` records, as long as their texts have no more than `bytes` together.
    ///
    /// # Errors
    /// `Invalid` when they have more.
    pub fn rows(self, snapshot: &mut Snapshot<'_>, limit: u32, bytes: usize) -> Result<Vec<Record>> {
        let Self { collection, columns: mut select, condition, order, .. } = self;
        select.append(condition);
        append_order(&mut select, order.as_ref());
        select.push(" LIMIT ").bind(i64::from(limit));
        let mut records = Vec::new();
        let mut left = bytes;
        snapshot.rows(&select, |row| {
            for column in 0..collection.fields.len() {
                let size = match row.get(column) {
                    ValueRef::Text(text) => text.len(),
                    ValueRef::Blob(blob) => blob.len(),
                    _ => 0,
                };
                left = left.checked_sub(size).ok_or_else(|| Error::invalid("The records are too large together."))?;
            }
            records.push(load(&collection, row));
            Ok(())
        })?;
        Ok(records)
    }

    /// How many records there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count(self, snapshot: &mut Snapshot<'_>) -> Result<u64> {
        let mut count = Sql::new("SELECT count(*) FROM ");
        count.name(&self.collection.name).append(self.condition);
        Ok(u64::try_from(one_integer(snapshot, &count)?).unwrap_or_default())
    }
}

/// One record for a plugin, under the caller's rules; adds what that depends on to `sources`.
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
    sources.insert(collection.id.clone());
    sources.extend(others(permit.condition()));
    widen(cx, sources, permit.condition());
    let mut select = plain_select(&cx.catalog, collection);
    select.push(" WHERE id = ").bind(id);
    append_rule(cx, &mut select, &permit, &Map::new());
    first(snapshot, collection, &select)
}

fn others(condition: Option<&Checked>) -> Sources {
    condition.into_iter().flat_map(Checked::collections).map(str::to_owned).collect()
}

/// Adds [`ANY`] where the collections that an answer depends on cannot be told.
fn widen(cx: &Cx, sources: &mut Sources, rule: Option<&Checked>) {
    let is_view = |id: &String| cx.catalog.collection(id).is_some_and(|collection| collection.is_view());
    if rule.is_some_and(Checked::looks_beyond_auth) || sources.iter().any(is_view) {
        sources.insert(ANY.to_owned());
    }
}
