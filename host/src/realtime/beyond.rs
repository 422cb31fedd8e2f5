//! Rules that look beyond the row they are about, judged after the commit: with the rows that were there when the
//! row was.
//!
//! A deleted row is judged when what went with it is gone from the database too, and to a rule a missing row is as
//! good as one with empty fields: `author.private != true` would hold. So rows of the same commit are taken as they
//! were before it, and where a row is missing all the same nobody is told.

use super::judge::as_of_now;
use crate::access;
use crate::db::Snapshot;
use crate::error::Result;
use crate::model::{Action, Change, Collection, Record};
use crate::records;
use crate::rules::{Checked, Lookup, Related, Truth};
use crate::schema::catalog::Catalog;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::Map;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// How often the rows that a rule leads to are fetched, each time a step further.
const ROUNDS_MAX: usize = 100;
/// Values of past rows that the database is handed along with a rule.
const PAST_VALUES_MAX: usize = 10_000;

/// A record: the ids of its collection and its own.
type Key = (String, String);

fn key(record: &Record) -> Key {
    (record.collection.id.clone(), record.id().to_owned())
}

/// The rows that a commit changed, as they were before it, with the fields that their collections have now.
#[derive(Debug, Default)]
pub(super) struct Past {
    rows: HashMap<Key, Arc<Record>>,
    gone: HashSet<Key>,
    /// What was not there before the commit.
    made: HashSet<Key>,
}

impl Past {
    pub(super) fn of(catalog: &Catalog, together: &[Arc<Change>]) -> Self {
        let mut past = Self::default();
        for change in together {
            let key = key(change.subject());
            if change.action == Action::Create && !past.rows.contains_key(&key) {
                past.made.insert(key.clone());
            }
            if change.action == Action::Delete {
                past.gone.insert(key.clone());
            } else {
                past.gone.remove(&key);
            }
            if let Some(before) =
                change.before.as_ref().filter(|_| !past.rows.contains_key(&key) && !past.made.contains(&key))
                && let Some(row) = as_of_now(catalog, before)
            {
                past.rows.insert(key, row);
            }
        }
        past
    }

    /// The row before the commit.
    pub(super) fn row(&self, record: &Record) -> Option<&Arc<Record>> {
        self.rows.get(&key(record))
    }

    /// Whether the record is not there after the commit.
    pub(super) fn is_gone(&self, record: &Record) -> bool {
        self.gone.contains(&key(record))
    }

    /// The rows of the collections that a rule reads, or may read: where the signed-in record leads is not known here.
    fn read_by(&self, rule: &Checked) -> Vec<&Record> {
        let read: HashSet<&str> = rule.collections().collect();
        let is_read = |row: &&Arc<Record>| rule.looks_beyond_auth() || read.contains(row.collection.id.as_str());
        self.rows.values().filter(is_read).map(AsRef::as_ref).collect()
    }

    /// Whether the record was made by the commit itself, which also took it away.
    pub(super) fn never_was(&self, record: &Record) -> bool {
        self.made.contains(&key(record)) && self.is_gone(record)
    }
}

/// Whether a row meets a rule that looks beyond it.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn meets(
    snapshot: &mut Snapshot<'_>,
    cx: &Cx,
    rule: &Checked,
    record: &Record,
    past: &Past,
) -> Result<bool> {
    let body = Map::new();
    let mut rows = Rows { catalog: &cx.catalog, past, fetched: HashMap::new(), asked: RefCell::default() };
    for _ in 0..ROUNDS_MAX {
        match rule.evaluate(&access::facts(cx, &body), record, &rows) {
            Truth::True => return Ok(true),
            Truth::False => return Ok(false),
            Truth::NeedsDatabase => {}
        }
        let asked = rows.asked.take();
        if asked.is_empty() {
            return ask(snapshot, cx, rule, record, past);
        }
        for (collection, id) in asked {
            let Some(collection) = cx.catalog.collection(&collection) else { return Ok(false) };
            let Some(found) = records::load_row(snapshot, &cx.catalog, collection, &id)? else { return Ok(false) };
            rows.fetched.insert(key(&found), found);
        }
    }
    Ok(false)
}

/// Asks the database, with the past rows in their tables. What a view made of them nobody knows any more.
fn ask(snapshot: &mut Snapshot<'_>, cx: &Cx, rule: &Checked, record: &Record, past: &Past) -> Result<bool> {
    let rows = past.read_by(rule);
    let values: usize = rows.iter().map(|row| row.values.len()).sum();
    let is_view = |id: &str| cx.catalog.collection(id).is_some_and(|collection| collection.is_view());
    if values > PAST_VALUES_MAX || rule.collections().any(is_view) {
        return Ok(false);
    }
    let body = Map::new();
    if rows.is_empty() {
        return access::meets(snapshot, cx, rule, record, &body);
    }
    let mut select = Sql::new("SELECT 1 WHERE ");
    select.append(rule.to_sql_for_past(record, &rows, &access::facts(cx, &body), &*cx.catalog).condition);
    Ok(snapshot.one(&select, |_| Ok(()))?.is_some())
}

/// The rows at hand, and which others were asked for.
struct Rows<'a> {
    catalog: &'a Catalog,
    past: &'a Past,
    fetched: HashMap<Key, Record>,
    asked: RefCell<BTreeSet<Key>>,
}

impl Lookup for Rows<'_> {
    fn collection(&self, name_or_id: &str) -> Option<&Collection> {
        Lookup::collection(self.catalog, name_or_id)
    }
}

impl Related for Rows<'_> {
    fn record(&self, collection_id: &str, id: &str) -> Option<&Record> {
        let key = (collection_id.to_owned(), id.to_owned());
        let found = self.past.rows.get(&key).map(AsRef::as_ref).or_else(|| self.fetched.get(&key));
        if found.is_none() {
            self.asked.borrow_mut().insert(key);
        }
        found
    }
}
