//! `?expand=author,tags.owner,comments_via_post`: related records inside a record's `expand`, each hop under
//! the related collection's view rule. What cannot be seen or does not exist is silently absent: a record has an
//! `expand`, if an empty one, as soon as one of its paths leads somewhere that the caller may look.

use super::read;
use super::render::{self, Sight};
use crate::access::{self, Operation, Permit};
use crate::error::{Error, Result, code};
use crate::model::{Collection, FieldKind, Record};
use crate::sql::Sql;
use crate::tenant::Cx;
use futures_util::future::BoxFuture;
use serde_json::Map;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Hops from the first record to the last.
const DEPTH_MAX: usize = 6;
/// Records that one back-relation brings in for each record.
const BACK_MAX: usize = 1000;
/// Records that one hop brings in for all records together.
const HOP_MAX: usize = 100_000;
/// Hops of one expand.
const HOPS_MAX: usize = 200;
/// Bytes that one expand may read and write: records that point at each other grow with every hop.
const EXPANDED_BYTES_MAX: usize = 64 << 20;

/// The paths as a tree: `a.b,a.c` is `a` with `b` and `c` below.
#[derive(Debug, Default)]
struct Wanted(BTreeMap<String, Wanted>);

impl Wanted {
    fn parse(paths: &str) -> Self {
        let mut root = Self::default();
        for path in paths.split(',') {
            let mut node = &mut root;
            for part in path.split('.').map(str::trim).filter(|part| !part.is_empty()).take(DEPTH_MAX) {
                node = node.0.entry(part.to_owned()).or_default();
            }
        }
        root
    }
}

/// What is left of the limits of one expand, however deep it is.
#[derive(Debug)]
struct Budget {
    hops: usize,
    bytes: usize,
}

impl Budget {
    fn new() -> Self {
        Self { hops: HOPS_MAX, bytes: EXPANDED_BYTES_MAX }
    }

    fn take_hop(&mut self) -> Result<()> {
        self.hops = self.hops.checked_sub(1).ok_or_else(too_much)?;
        Ok(())
    }

    fn take(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(too_much)?;
        Ok(())
    }
}

/// The records as JSON objects.
///
/// # Errors
/// `Invalid` when the expand goes beyond its limits.
pub(super) async fn render_each(
    cx: &Cx,
    collection: &Arc<Collection>,
    records: &[Arc<Record>],
    paths: &str,
) -> Result<Vec<Vec<u8>>> {
    if paths.trim().is_empty() {
        return render_plain(cx, collection, records).await;
    }
    let wanted = Wanted::parse(paths);
    render_level(&cx.in_context("expand"), collection, records, &wanted, &mut Budget::new()).await
}

async fn render_plain(cx: &Cx, collection: &Collection, records: &[Arc<Record>]) -> Result<Vec<Vec<u8>>> {
    let sight = Sight::of(cx, collection);
    let emails = sight.emails(cx, collection, records).await?;
    let render_one = |(record, shows_email): (&Arc<Record>, bool)| {
        let mut out = Vec::with_capacity(512);
        render::record(&mut out, record, &sight, shows_email, None);
        out
    };
    Ok(records.iter().zip(emails).map(render_one).collect())
}

fn render_level<'a>(
    cx: &'a Cx,
    collection: &'a Arc<Collection>,
    records: &'a [Arc<Record>],
    wanted: &'a Wanted,
    budget: &'a mut Budget,
) -> BoxFuture<'a, Result<Vec<Vec<u8>>>> {
    Box::pin(async move {
        let mut expanded: Vec<Vec<u8>> = vec![Vec::new(); records.len()];
        let mut leads_somewhere = false;
        for (name, deeper) in &wanted.0 {
            let Some(hop) = Hop::resolve(cx, collection, name) else { continue };
            let Ok(permit) = access::admit(cx, &hop.target, Operation::View) else { continue };
            leads_somewhere = true;
            budget.take_hop()?;
            let related = hop.fetch(cx, &permit, records, budget).await?;
            let rendered = render_level(cx, &hop.target, &related.records, deeper, budget).await?;
            for (index, places) in related.of.iter().enumerate().filter(|(_, places)| !places.is_empty()) {
                budget.take(places.iter().map(|place| rendered[*place].len()).sum())?;
                let out = &mut expanded[index];
                out.extend_from_slice(if out.is_empty() { b"\"" } else { b",\"" });
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b"\":");
                let items = places.iter().map(|place| rendered[*place].as_slice());
                if hop.multiple {
                    out.push(b'[');
                    out.extend_from_slice(&items.collect::<Vec<_>>().join(&b','));
                    out.push(b']');
                } else {
                    items.take(1).for_each(|item| out.extend_from_slice(item));
                }
            }
        }
        let sight = Sight::of(cx, collection);
        let emails = sight.emails(cx, collection, records).await?;
        let finish = |((record, expanded), shows_email): ((&Arc<Record>, Vec<u8>), bool)| {
            let mut out = Vec::with_capacity(512 + expanded.len());
            render::record(&mut out, record, &sight, shows_email, leads_somewhere.then_some(&expanded));
            out
        };
        Ok(records.iter().zip(expanded).zip(emails).map(finish).collect())
    })
}

fn too_much() -> Error {
    let limit = code::CONTENT_SIZE_LIMIT.with([("maxSize", EXPANDED_BYTES_MAX.into())]);
    Error::field("The expand would bring in too much.", "expand", limit)
}

/// One step from a collection to a related one.
struct Hop {
    target: Arc<Collection>,
    multiple: bool,
    by: By,
}

enum By {
    /// The relation field of the record itself.
    Field(usize),
    /// A relation field of the target that points back.
    Back { field: usize },
}

/// Related records, and for each record the places of its own among them.
struct RelatedRecords {
    records: Vec<Arc<Record>>,
    of: Vec<Vec<usize>>,
}

impl Hop {
    fn resolve(cx: &Cx, collection: &Arc<Collection>, name: &str) -> Option<Self> {
        if let Some(index) = collection.field_index(name) {
            let FieldKind::Relation(relation) = &collection.fields[index].kind else { return None };
            if collection.fields[index].hidden && !cx.caller.is_trusted() {
                return None;
            }
            let target = cx.catalog.collection(&relation.collection_id)?.clone();
            return Some(Self { target, multiple: collection.fields[index].kind.is_multiple(), by: By::Field(index) });
        }
        // `comments(post)` is how PocketBase once wrote it.
        let old = || name.strip_suffix(')').and_then(|name| name.split_once('('));
        let (target, field) = name.split_once("_via_").or_else(old)?;
        let target = cx.catalog.collection(target)?.clone();
        let index = target.field_index(field)?;
        let FieldKind::Relation(relation) = &target.fields[index].kind else { return None };
        if target.fields[index].hidden && !cx.caller.is_trusted() {
            return None;
        }
        let unique = crate::model::index::Index::is_unique_on(&target.indexes, field);
        (relation.collection_id == collection.id).then_some(Self {
            target,
            multiple: !unique,
            by: By::Back { field: index },
        })
    }

    async fn fetch(
        &self,
        cx: &Cx,
        permit: &Permit,
        records: &[Arc<Record>],
        budget: &mut Budget,
    ) -> Result<RelatedRecords> {
        let keys: Vec<&str> = match self.by {
            By::Field(index) => {
                records.iter().flat_map(|record| record.values[index].items()).map(String::as_str).collect()
            }
            By::Back { .. } => records.iter().map(|record| record.id()).collect(),
        };
        if keys.is_empty() {
            return Ok(RelatedRecords { records: Vec::new(), of: vec![Vec::new(); records.len()] });
        }
        let keys = serde_json::Value::from(keys).to_string();
        let mut select = read::plain_select(&cx.catalog, &self.target);
        select.push(" WHERE ");
        self.append_condition(&mut select, keys);
        if let Some(rule) = permit.condition() {
            select.push(" AND ").append(read::to_condition(cx, rule, &Map::new()));
        }
        select.push(" LIMIT ").number(self.rows_max(records.len()) as u64);
        let found = cx
            .tenant
            .store
            .read(|snapshot| {
                let mut found = Vec::new();
                snapshot.rows(&select, |row| {
                    budget.take(read::row_bytes(&self.target, row))?;
                    found.push(Arc::new(read::load(&self.target, row)));
                    Ok(())
                })?;
                Ok(found)
            })
            .await?;
        if found.len() > HOP_MAX {
            return Err(too_much());
        }
        Ok(self.assign(records, found))
    }

    /// Rows that are read: of a single record's no more than are shown, else one more than are allowed.
    fn rows_max(&self, records: usize) -> usize {
        if matches!(self.by, By::Back { .. }) && records == 1 { BACK_MAX } else { HOP_MAX + 1 }
    }

    fn append_condition(&self, select: &mut Sql, keys: String) {
        match self.by {
            By::Field(_) => {
                select.push("id IN (SELECT value FROM json_each(").bind(keys).push("))");
            }
            By::Back { field } if self.target.fields[field].kind.is_multiple() => {
                select
                    .push("EXISTS (SELECT 1 FROM json_each(")
                    .column(&self.target.name, &self.target.fields[field].name);
                select.push(") AS item WHERE item.value IN (SELECT value FROM json_each(").bind(keys).push(")))");
            }
            By::Back { field } => {
                select.column(&self.target.name, &self.target.fields[field].name);
                select.push(" IN (SELECT value FROM json_each(").bind(keys).push("))");
            }
        }
    }

    fn assign(&self, records: &[Arc<Record>], found: Vec<Arc<Record>>) -> RelatedRecords {
        match self.by {
            By::Field(index) => {
                let places: HashMap<&str, usize> =
                    found.iter().enumerate().map(|(place, record)| (record.id(), place)).collect();
                let places_of = |record: &Arc<Record>| {
                    record.values[index].items().iter().filter_map(|id| places.get(id.as_str()).copied()).collect()
                };
                let of = records.iter().map(places_of).collect();
                RelatedRecords { records: found, of }
            }
            By::Back { field } => assign_back(records, found, field),
        }
    }
}

/// Each record gets those that point at it, up to a limit; the others are not kept.
fn assign_back(records: &[Arc<Record>], found: Vec<Arc<Record>>, field: usize) -> RelatedRecords {
    let indices: HashMap<&str, usize> =
        records.iter().enumerate().map(|(index, record)| (record.id(), index)).collect();
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); records.len()];
    let mut kept = Vec::new();
    for record in found {
        let targets = record.values[field].items().iter().filter_map(|id| indices.get(id.as_str()).copied());
        let open: Vec<usize> = targets.filter(|index| of[*index].len() < BACK_MAX).collect();
        if open.is_empty() {
            continue;
        }
        for index in open {
            of[index].push(kept.len());
        }
        kept.push(record);
    }
    RelatedRecords { records: kept, of }
}
