//! Lists: many records as the caller may see them, by page, by cursor (`cursor`) or by nearness (`near`), and how
//! many there are.

use super::page::Page;
use super::render::{self, Sight};
use super::search::{self, Search};
use super::selection::Selection;
use super::{ListQuery, cursor, expand, near, read};
use crate::db::{Row, Snapshot};
use crate::error::{Error, Result, code};
use crate::model::{Collection, Record};
use crate::sql::Sql;
use crate::tenant::Cx;
use std::sync::Arc;

/// Bytes of a page's records.
pub(super) const PAGE_BYTES_MAX: usize = 32 << 20;

/// A page of records as the caller may see them: `{page, perPage, totalItems, totalPages, items}`; with a cursor
/// `{items, perPage, nextCursor}`; the nearest with `near`.
///
/// # Errors
/// `Invalid` for a broken filter (with its position), sort, page or another parameter, `Forbidden` when only
/// superusers may.
pub async fn list(cx: &Cx, collection: &Arc<Collection>, query: &ListQuery) -> Result<Vec<u8>> {
    let selection = Selection::of(cx, collection, query.filter.as_deref())?;
    let search = search::parse(cx, collection, query.search.as_deref())?;
    let json = match (&query.near, &query.cursor) {
        (Some(near), _) => near::list(cx, collection, query, selection.searched(search.as_ref()), near).await?,
        (None, Some(cursor)) => cursor::list(cx, collection, query, selection, search, cursor).await?,
        (None, None) => by_page(cx, collection, query, selection, search).await?,
    };
    render::pick_items(json, query.fields.as_deref())
}

async fn by_page(
    cx: &Cx,
    collection: &Arc<Collection>,
    query: &ListQuery,
    mut selection: Selection<'_>,
    search: Option<Search<'_>>,
) -> Result<Vec<u8>> {
    let page = Page::parse(query)?;
    let order = read::client_sort(cx, collection, query.sort.as_deref())?;
    selection.guard(order.as_ref());
    let all = selection.clone().searched(search.as_ref());
    let mut items = Items::new(cx, collection, query.expand.as_deref());
    let columns = items.columns();
    let (selection, ranks) = match (&order, search) {
        // What is searched for comes ranked, unless it is sorted.
        (None, Some(search)) => {
            let ranks = search.rank(&mut selection);
            (selection, Some(ranks))
        }
        _ => (all.clone(), None),
    };
    let select = |selection: &Selection<'_>| {
        let mut select = columns.clone();
        select.append(selection.rows());
        match &ranks {
            Some(ranks) => drop(select.append(ranks.clone())),
            None if order.is_none() => selection.append_order_of_making(&mut select),
            None => read::append_order(&mut select, order.as_ref()),
        }
        select.push(" LIMIT ").bind(page.size).push(" OFFSET ").bind(page.offset());
        select
    };
    let read = |snapshot: &mut Snapshot<'_>| {
        let rows = selection.read_page(snapshot, page.offset() == 0, |snapshot, selection| {
            items.clear();
            let mut rows = 0;
            snapshot.rows(&select(selection), |row| {
                rows += 1;
                items.add(row, Vec::new())
            })?;
            Ok(rows)
        })?;
        page.total(rows).map_or_else(|| all.count(snapshot), Ok)
    };
    let total = cx.tenant.store.read(read).await?;
    Ok(page.envelope(&items.finish().await?, total))
}

/// How many records the caller's filter and search find: `{count}`.
///
/// # Errors
/// `Invalid` for a broken filter (with its position) or search, `Forbidden` when only superusers may.
pub async fn count(cx: &Cx, collection: &Arc<Collection>, query: &ListQuery) -> Result<Vec<u8>> {
    let selection = Selection::of(cx, collection, query.filter.as_deref())?;
    let search = search::parse(cx, collection, query.search.as_deref())?;
    let selection = selection.searched(search.as_ref());
    let found = cx.tenant.store.read(|snapshot| selection.count(snapshot)).await?;
    Ok(format!("{{\"count\":{found}}}").into_bytes())
}

/// Rows on their way to JSON: at once, or as records when something is to be expanded.
pub(super) struct Items<'a> {
    cx: &'a Cx,
    collection: &'a Arc<Collection>,
    expand: Option<&'a str>,
    sight: Sight,
    json: Vec<u8>,
    /// Of the records, roughly.
    bytes: usize,
    records: Vec<Arc<Record>>,
    tails: Vec<Vec<u8>>,
}

impl<'a> Items<'a> {
    pub(super) fn new(cx: &'a Cx, collection: &'a Arc<Collection>, expand: Option<&'a str>) -> Self {
        let sight = Sight::of(cx, collection);
        let json = Vec::with_capacity(4096);
        Self { cx, collection, expand, sight, json, bytes: 0, records: Vec::new(), tails: Vec::new() }
    }

    /// `SELECT` with the columns that [`Items::add`] reads; [`Items::width`] says how many they are.
    pub(super) fn columns(&self) -> Sql {
        read::select_shown(self.cx, self.collection, &self.sight)
    }

    pub(super) fn width(&self) -> usize {
        self.collection.fields.len() + 1
    }

    /// Forgets the rows.
    fn clear(&mut self) {
        self.json.clear();
        self.bytes = 0;
        self.records.clear();
        self.tails.clear();
    }

    /// Takes a row; `tail` are further members of its object, as `,"name":value`.
    ///
    /// # Errors
    /// `Invalid` when the page gets too large; a single record may be of any size.
    pub(super) fn add(&mut self, row: &Row<'_>, tail: Vec<u8>) -> Result<()> {
        let is_first = self.json.is_empty() && self.records.is_empty();
        if self.expand.is_some() {
            self.bytes += read::row_bytes(self.collection, row) + tail.len();
            self.records.push(Arc::new(read::load(self.collection, row)));
            self.tails.push(tail);
        } else {
            if !self.json.is_empty() {
                self.json.push(b',');
            }
            render::row(&mut self.json, self.collection, &self.sight, row);
            append_members(&mut self.json, &tail);
        }
        if !is_first && self.bytes + self.json.len() > PAGE_BYTES_MAX { Err(too_large()) } else { Ok(()) }
    }

    /// The items, separated by commas.
    pub(super) async fn finish(self) -> Result<Vec<u8>> {
        let Some(paths) = self.expand else { return Ok(self.json) };
        let mut items = expand::render_each(self.cx, self.collection, &self.records, paths).await?;
        for (item, tail) in items.iter_mut().zip(&self.tails) {
            append_members(item, tail);
        }
        Ok(items.join(&b','))
    }
}

pub(super) fn too_large() -> Error {
    let limit = code::CONTENT_SIZE_LIMIT.with([("maxSize", PAGE_BYTES_MAX.into())]);
    Error::field("The page would be too large. Ask for fewer records.", "perPage", limit)
}

/// Puts members behind those of a finished object.
fn append_members(object: &mut Vec<u8>, members: &[u8]) {
    if !members.is_empty() {
        object.pop();
        object.extend_from_slice(members);
        object.push(b'}');
    }
}
