//! What is sent next: the changes after those that the copy has, as the rows are now, then pages of what is copied anew.
//! Read from one snapshot, in portions, so that little is held and a server has little to do at a time.
//!
//! A page is only read when no change is left over: so whatever changes behind the page follows later, and what is
//! copied twice is the same.

use super::ledger::{self, Entry, Ledger};
use super::shape::{Shape, aside, drop_table};
use crate::db::{Row, Snapshot};
use crate::error::Result;
use crate::schema::ddl;
use crate::sql::{Sql, Value};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Changes of a portion.
const CHANGES_MAX: u64 = 1_000;
/// Bytes of rows after which a portion ends, at the end of a commit if it can be.
const PORTION_BYTES: usize = 1 << 20;
/// Bytes after which it ends wherever it is.
const COMMIT_BYTES: usize = 8 << 20;
/// Rows of a page, and values of a statement.
const PAGE_ROWS: u64 = 1_000;
const VALUES_MAX: usize = 4_000;

/// Who has tables and other things there.
#[derive(Debug, Clone, Default)]
pub(super) struct Survey {
    pub(super) ledger: Ledger,
    /// Tables and views of others, as they were when they were looked at.
    pub(super) others: Vec<String>,
}

/// A portion.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) steps: Vec<Sql>,
    /// The number of the last change that the copy then has.
    pub(super) upto: u64,
    /// Whether tables are put in their places: what is said about tables must be put aside meanwhile.
    pub(super) swaps: bool,
    /// Whether more is there to send.
    pub(super) more: bool,
    /// Collections that cannot be copied: somebody else's table has their name.
    pub(super) blocked: BTreeSet<String>,
    bytes: usize,
}

/// What becomes of the copy, and what of.
pub(super) struct Planning<'a> {
    pub(super) survey: &'a Survey,
    pub(super) shapes: &'a [Shape],
    /// Whose copy it is to be.
    pub(super) source: &'a str,
    /// Everything is copied anew.
    pub(super) anew: bool,
}

/// Rows of a collection that have changed.
#[derive(Default)]
struct Touched {
    ids: Vec<String>,
    rows: Vec<Vec<Value>>,
}

struct Event {
    seq: u64,
    place: u64,
    collection: String,
    record: String,
}

impl Planning<'_> {
    /// Plans the next portion.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn plan(&self, snapshot: &mut Snapshot<'_>) -> Result<Round> {
        let mut round = Round::default();
        let ledger = &self.survey.ledger;
        let is_known = ledger.source == self.source && knows(snapshot, ledger.watermark)?;
        let anew = self.anew || !is_known;
        round.upto = if is_known { ledger.watermark } else { last(snapshot)? };
        let mut entries = self.settle(&mut round, anew);
        let events = if is_known { events(snapshot, round.upto)? } else { Vec::new() };
        for event in events.iter().filter(|event| event.record.is_empty()) {
            if let (Some(shape), Some(entry)) = (self.shape(&event.collection), entries.get_mut(&event.collection)) {
                begin(&mut round, shape, entry);
            }
        }
        let complete = self.follow(snapshot, &mut round, &entries, &events)?;
        if complete {
            self.copy(snapshot, &mut round, &mut entries)?;
        }
        round.more |= !complete;
        Ok(round)
    }

    fn shape(&self, id: &str) -> Option<&Shape> {
        self.shapes.iter().find(|shape| shape.id == id)
    }

    /// Whether somebody else has a table or a view of that name.
    fn is_taken(&self, name: &str) -> bool {
        self.survey.others.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Collections that are gone lose their tables; those that are new or have changed are copied anew.
    fn settle(&self, round: &mut Round, anew: bool) -> BTreeMap<String, Entry> {
        let mut entries = BTreeMap::new();
        for entry in &self.survey.ledger.entries {
            if self.shape(&entry.id).is_some() {
                entries.insert(entry.id.clone(), entry.clone());
                continue;
            }
            round.steps.push(drop_table(&aside(&entry.id)));
            if !entry.name.is_empty() {
                round.steps.push(drop_table(&entry.name));
            }
            round.steps.push(ledger::forget(&entry.id));
        }
        for shape in self.shapes {
            let mut entry =
                entries.get(&shape.id).cloned().unwrap_or_else(|| Entry { id: shape.id.clone(), ..Entry::default() });
            let known = if entry.is_copying() { &entry.next } else { &entry.definition };
            let is_so = *known == shape.definition;
            if is_so && !anew {
                continue;
            }
            if self.is_taken(&shape.name) {
                round.blocked.insert(shape.id.clone());
                // A half table of another time must not take the place later.
                if !entry.is_copying() {
                    continue;
                }
            }
            begin(round, shape, &mut entry);
            entries.insert(shape.id.clone(), entry);
        }
        entries
    }

    /// The changes of the portion; whether those are all.
    fn follow(
        &self,
        snapshot: &mut Snapshot<'_>,
        round: &mut Round,
        entries: &BTreeMap<String, Entry>,
        events: &[Event],
    ) -> Result<bool> {
        let mut touched: BTreeMap<&str, Touched> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut complete = (events.len() as u64) < CHANGES_MAX;
        for event in events {
            if round.bytes >= COMMIT_BYTES || (round.bytes >= PORTION_BYTES && event.place == 0) {
                complete = false;
                break;
            }
            round.upto = event.seq;
            let wanted = self.shape(&event.collection).zip(entries.get(&event.collection));
            let Some((shape, entry)) = wanted.filter(|_| !event.record.is_empty()) else { continue };
            let is_copied = entry.is_copying() && event.record <= entry.cursor;
            if (entry.definition != shape.definition && !is_copied) || !seen.insert((&event.collection, &event.record))
            {
                continue;
            }
            let of = touched.entry(&shape.id).or_default();
            of.ids.push(event.record.clone());
            round.bytes += event.record.len();
            if let Some(row) = snapshot.one(&shape.select_one(&event.record), |row| Ok(values(row)))? {
                round.bytes += size(&row);
                of.rows.push(row);
            }
        }
        for (id, of) in touched {
            if let (Some(shape), Some(entry)) = (self.shape(id), entries.get(id)) {
                apply(round, shape, entry, of);
            }
        }
        Ok(complete)
    }

    /// Pages of what is copied anew, as many as there is room for.
    fn copy(
        &self,
        snapshot: &mut Snapshot<'_>,
        round: &mut Round,
        entries: &mut BTreeMap<String, Entry>,
    ) -> Result<()> {
        for shape in self.shapes {
            let Some(entry) = entries.get_mut(&shape.id).filter(|entry| entry.next == shape.definition) else {
                continue;
            };
            if round.bytes >= PORTION_BYTES {
                round.more = true;
                return Ok(());
            }
            let (rows, complete) = page(snapshot, shape, &entry.cursor)?;
            round.bytes += rows.iter().map(|row| size(row)).sum::<usize>();
            if let Some(Value::Text(last)) = rows.last().and_then(|row| row.get(shape.id_column())) {
                entry.cursor.clone_from(last);
                let count = rows.len();
                insert(round, shape, &shape.aside(), rows);
                round.steps.push(ledger::turn_page(&shape.id, &entry.cursor, count));
            }
            if !complete {
                round.more = true;
                return Ok(());
            }
            if self.is_taken(&shape.name) {
                round.blocked.insert(shape.id.clone());
                continue;
            }
            swap(round, shape, entries);
        }
        Ok(())
    }
}

/// The table aside takes the place of the one that readers see.
fn swap(round: &mut Round, shape: &Shape, entries: &mut BTreeMap<String, Entry>) {
    for entry in entries.values_mut() {
        // Only what is the copy's own is dropped: where somebody has made a table of that name meanwhile, the renaming fails.
        if entry.id == shape.id && !entry.name.is_empty() {
            round.steps.push(drop_table(&entry.name));
        } else if entry.name.eq_ignore_ascii_case(&shape.name) {
            // Collections have passed their names on: the other one's table is no longer what its name says.
            round.steps.push(drop_table(&entry.name));
            round.steps.push(ledger::lose_table(&entry.id));
            entry.name.clear();
        }
    }
    round.steps.push(ddl::rename_table(&shape.aside(), &shape.name));
    round.steps.push(ledger::swap(&shape.id, &shape.name));
    round.swaps = true;
    if let Some(entry) = entries.get_mut(&shape.id) {
        shape.name.clone_into(&mut entry.name);
    }
}

fn begin(round: &mut Round, shape: &Shape, entry: &mut Entry) {
    round.steps.push(drop_table(&shape.aside()));
    round.steps.push(shape.create(&shape.aside()));
    round.steps.push(ledger::begin(&shape.id, &shape.definition));
    shape.definition.clone_into(&mut entry.next);
    entry.cursor.clear();
    entry.copied = 0;
}

/// Changed rows go, and those that are still there come as they are now.
fn apply(round: &mut Round, shape: &Shape, entry: &Entry, touched: Touched) {
    let Touched { ids, rows } = touched;
    let mut targets = Vec::new();
    if entry.definition == shape.definition {
        targets.push((entry.name.clone(), false, ids.clone(), rows.clone()));
    }
    if entry.is_copying() {
        let behind =
            |row: &Vec<Value>| matches!(row.get(shape.id_column()), Some(Value::Text(id)) if *id <= entry.cursor);
        let ids: Vec<String> = ids.into_iter().filter(|id| *id <= entry.cursor).collect();
        let rows: Vec<_> = rows.into_iter().filter(behind).collect();
        if !ids.is_empty() {
            targets.push((shape.aside(), true, ids, rows));
        }
    }
    for (table, is_aside, ids, rows) in targets {
        let mut delete = Sql::new("DELETE FROM ");
        delete.name(&table).push(" WHERE id IN (SELECT value FROM json_each(").bind(json!(ids).to_string()).push("))");
        round.steps.push(delete);
        round.steps.push(ledger::count(&shape.id, is_aside, rows.len()));
        insert(round, shape, &table, rows);
    }
}

fn insert(round: &mut Round, shape: &Shape, table: &str, rows: Vec<Vec<Value>>) {
    let at_once = (VALUES_MAX / shape.width().max(1)).max(1);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut sql = shape.insert(table);
        for (index, row) in rows.by_ref().take(at_once).enumerate() {
            sql.push(if index > 0 { ", (" } else { "(" });
            for (index, value) in row.into_iter().enumerate() {
                sql.push(if index > 0 { ", " } else { "" }).bind(value);
            }
            sql.push(")");
        }
        round.steps.push(sql);
    }
}

/// The rows behind an id, so many that they are not too large together, and whether those are all.
pub(super) fn page(snapshot: &mut Snapshot<'_>, shape: &Shape, after: &str) -> Result<(Vec<Vec<Value>>, bool)> {
    let (mut rows, mut bytes, mut complete) = (Vec::new(), 0, true);
    snapshot.rows(&shape.select_page(&shape.name, after, PAGE_ROWS + 1), |row| {
        // What is not taken is not held either.
        if rows.len() as u64 >= PAGE_ROWS || bytes >= PORTION_BYTES {
            complete = false;
            return Ok(());
        }
        let row = values(row);
        bytes += size(&row);
        rows.push(row);
        Ok(())
    })?;
    Ok((rows, complete))
}

fn values(row: &Row<'_>) -> Vec<Value> {
    (0..row.width()).map(|index| row.value(index)).collect()
}

fn size(row: &[Value]) -> usize {
    let of = |value: &Value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len() * 4 / 3,
        Value::Null | Value::Integer(_) | Value::Real(_) => 8,
    };
    row.iter().map(|value| of(value) + 16).sum()
}

/// Whether the history still has a change, and so all that came after it.
fn knows(snapshot: &mut Snapshot<'_>, seq: u64) -> Result<bool> {
    let mut sql = Sql::new("SELECT 1 FROM _changes WHERE seq = ");
    sql.bind(i64::try_from(seq).unwrap_or(i64::MAX));
    Ok(snapshot.one(&sql, |_| Ok(()))?.is_some())
}

fn last(snapshot: &mut Snapshot<'_>) -> Result<u64> {
    let last = snapshot.one(&Sql::new("SELECT max(seq) FROM _changes"), |row| Ok(row.integer(0)))?;
    Ok(last.and_then(|last| u64::try_from(last).ok()).unwrap_or_default())
}

fn events(snapshot: &mut Snapshot<'_>, after: u64) -> Result<Vec<Event>> {
    let mut sql = Sql::new("SELECT seq, place, collection, record FROM _changes WHERE seq > ");
    sql.bind(i64::try_from(after).unwrap_or(i64::MAX)).push(" ORDER BY seq LIMIT ").number(CHANGES_MAX);
    let mut events = Vec::new();
    snapshot.rows(&sql, |row| {
        events.push(Event {
            seq: u64::try_from(row.integer(0)).unwrap_or_default(),
            place: u64::try_from(row.integer(1)).unwrap_or_default(),
            collection: row.text(2).to_owned(),
            record: row.text(3).to_owned(),
        });
        Ok(())
    })?;
    Ok(events)
}
