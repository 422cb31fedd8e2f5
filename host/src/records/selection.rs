//! Which rows a reading of many is about: the caller's list rule, the filter, and what the order asks, as one
//! condition on the collection's table.

use super::read;
use super::search::Search;
use super::walk::{self, BRIEF_OPERATIONS};
use crate::access::{self, Operation, Permit};
use crate::db::Snapshot;
use crate::error::Result;
use crate::model::Collection;
use crate::rules::{Checked, Order, Where};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::Map;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// When a page has no row after so many of them, it will not be full after four times as many.
const BARREN_OPERATIONS: u32 = BRIEF_OPERATIONS / 4;
/// How many rows of other tables may be looked at for each row of the collection's.
const WIDE_FACTOR: u64 = 8;
/// Rows of other tables that may be looked at in any case.
const WIDE_ROWS: u64 = 20_000;
/// Rows of other tables that may be looked at in no case more of: their ids are kept in memory.
const WIDE_ROWS_MAX: u64 = 500_000;
/// How many rows of other tables each part of a reading may look through for itself.
const LOOKED_THROUGH_MAX: u64 = 5_000;

#[derive(Debug, Clone)]
pub(super) struct Selection<'a> {
    /// The collection's table.
    table: String,
    /// The table, perhaps with others.
    from: Sql,
    /// What the rule and the filter demand of a row; empty when that is nothing.
    asked: Sql,
    /// What a row meets besides, as ` AND (..)`.
    besides: Sql,
    /// In the form for a reading that looks at many rows: how many rows of other tables are looked through.
    looked_through: Option<u64>,
    wide: Arc<Wide<'a>>,
}

/// What the rule and the filter demand, for a reading that looks at many rows. It is written when one turns out to.
#[derive(Debug)]
struct Wide<'a> {
    cx: &'a Cx,
    permit: Permit,
    filter: Option<Checked>,
    /// Whether the collection is no view.
    is_of_tables: bool,
    /// With how many rows of other tables it looks through; `None` inside when that is no better.
    written: OnceLock<Option<(Sql, u64)>>,
}

impl<'a> Selection<'a> {
    /// The rows of a collection that a caller may list and that meet a filter.
    ///
    /// # Errors
    /// `Invalid` for a broken filter, `Forbidden` when only superusers may.
    pub(super) fn of(cx: &'a Cx, collection: &Arc<Collection>, filter: Option<&str>) -> Result<Self> {
        let permit = access::admit(cx, collection, Operation::List)?;
        let filter = read::client_filter(cx, collection, filter)?;
        let wide = Wide { cx, permit, filter, is_of_tables: !collection.is_view(), written: OnceLock::new() };
        let mut from = Sql::default();
        from.name(&collection.name);
        let asked = wide.write(|_, narrow| narrow.condition);
        Ok(Self {
            table: collection.name.clone(),
            from,
            asked,
            besides: Sql::default(),
            looked_through: None,
            wide: Arc::new(wide),
        })
    }

    /// Of these rows those that a search finds.
    #[must_use]
    pub(super) fn searched(mut self, search: Option<&Search<'_>>) -> Self {
        if let Some(search) = search {
            self.and(search.condition());
        }
        self
    }

    /// Leaves out the rows that an order must not place.
    pub(super) fn guard(&mut self, order: Option<&Order>) {
        read::append_guard(&mut self.besides, order);
    }

    /// Puts another table beside the collection's, with what its rows meet.
    pub(super) fn join(&mut self, from: Sql, condition: Sql) {
        self.from = from;
        self.and(condition);
    }

    pub(super) fn and(&mut self, condition: Sql) {
        self.besides.push(" AND (").append(condition).push(")");
    }

    /// Reads with statements that are made of this selection: those that are best where few rows have to be looked at
    /// and, where that turns out to take long, those that are best for many. Then `run` is begun anew, and what
    /// comes after this reading, of this selection or a copy, does not try the former.
    ///
    /// # Errors
    /// That of `run`.
    pub(super) fn read<R>(
        &self,
        snapshot: &mut Snapshot<'_>,
        run: impl FnMut(&mut Snapshot<'_>, &Self) -> Result<R>,
    ) -> Result<R> {
        self.read_within(snapshot, BRIEF_OPERATIONS, run)
    }

    /// The same for a reading that is done when it has found some rows; the first of them it meets itself only where none are
    /// passed over (`from_first`).
    ///
    /// # Errors
    /// That of `run`.
    pub(super) fn read_page<R>(
        &self,
        snapshot: &mut Snapshot<'_>,
        from_first: bool,
        run: impl FnMut(&mut Snapshot<'_>, &Self) -> Result<R>,
    ) -> Result<R> {
        self.read_within(snapshot, if from_first { BARREN_OPERATIONS } else { BRIEF_OPERATIONS }, run)
    }

    fn read_within<R>(
        &self,
        snapshot: &mut Snapshot<'_>,
        without_row: u32,
        mut run: impl FnMut(&mut Snapshot<'_>, &Self) -> Result<R>,
    ) -> Result<R> {
        if !self.wide.may_differ() {
            return run(snapshot, self);
        }
        if self.wide.written.get().is_none() {
            if let Some(found) = snapshot.within(BRIEF_OPERATIONS, without_row, |snapshot| run(snapshot, self))? {
                return Ok(found);
            }
            let wide = self.widened(snapshot)?;
            self.wide.written.get_or_init(|| wide);
        }
        match self.wide.written.get() {
            Some(Some((asked, others))) => {
                run(snapshot, &Self { asked: asked.clone(), looked_through: Some(*others), ..self.clone() })
            }
            _ => run(snapshot, self),
        }
    }

    /// The condition for many rows, where there is one and the other tables are not too large for it.
    fn widened(&self, snapshot: &mut Snapshot<'_>) -> Result<Option<(Sql, u64)>> {
        let mut tables = BTreeSet::new();
        let Some(wide) = self.wide.write_wide(&mut tables) else { return Ok(None) };
        let (own, others) = self.sizes(snapshot, &tables)?;
        Ok((others <= WIDE_ROWS_MAX.min(WIDE_ROWS + WIDE_FACTOR * own)).then_some((wide, others)))
    }

    /// How many rows the collection's table has, and how many the others have together, by their last row ids.
    fn sizes(&self, snapshot: &mut Snapshot<'_>, tables: &BTreeSet<String>) -> Result<(u64, u64)> {
        let last = |sql: &mut Sql, table: &str| {
            sql.push("coalesce((SELECT max(rowid) FROM ").name(table).push("), 0)");
        };
        let mut sql = Sql::new("SELECT ");
        last(&mut sql, &self.table);
        sql.push(", 0");
        for table in tables {
            sql.push(" + ");
            last(&mut sql, table);
        }
        let rows = |number: i64| u64::try_from(number).unwrap_or_default();
        let sizes = snapshot.one(&sql, |row| Ok((rows(row.integer(0)), rows(row.integer(1)))))?;
        Ok(sizes.unwrap_or_default())
    }

    /// ` FROM .. WHERE ..`, without the latter when every row will do: those are counted without looking at them.
    pub(super) fn rows(&self) -> Sql {
        let mut sql = Sql::new(" FROM ");
        sql.append(self.from.clone());
        if !self.is_everything() {
            let asks = !self.asked.text().is_empty();
            sql.push(" WHERE ").append(if asks { self.asked.clone() } else { Sql::new("1") });
            sql.append(self.besides.clone());
        }
        sql
    }

    /// Nothing is demanded of a row.
    fn is_everything(&self) -> bool {
        self.asked.text().is_empty() && self.besides.text().is_empty()
    }

    /// The order of rows that nobody has asked to be sorted: that in which they were made. The other form finds them so by
    /// itself; this one may follow an index, and pages are read now in one form, now in the other.
    pub(super) fn append_order_of_making(&self, sql: &mut Sql) {
        if self.looked_through.is_some() && self.wide.is_of_tables {
            sql.push(" ORDER BY ").name(&self.table).push(".rowid");
        }
    }

    /// How many rows there are. They are counted once, as long as nothing is committed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn count(&self, snapshot: &mut Snapshot<'_>) -> Result<i64> {
        let count = |snapshot: &mut Snapshot<'_>| self.read(snapshot, |snapshot, selection| selection.add_up(snapshot));
        if !self.stays_until_a_commit() {
            return count(snapshot);
        }
        let caller = &self.wide.cx.caller;
        snapshot.number(&[caller.kind(), caller.id()], &self.counted(None), count)
    }

    /// Counts the rows, in parts if many have to be looked at. What is looked through once would then be by every part.
    fn add_up(&self, snapshot: &mut Snapshot<'_>) -> Result<i64> {
        if !self.wide.is_of_tables || self.looked_through.is_some_and(|rows| rows > LOOKED_THROUGH_MAX) {
            return read::one_integer(snapshot, &self.counted(None));
        }
        let is_long = self.wide.may_differ();
        let counts = walk::read(snapshot, &self.table, is_long, |part| self.counted(part), read::one_integer)?;
        Ok(counts.into_iter().sum())
    }

    fn counted(&self, part: Option<Sql>) -> Sql {
        let mut sql = Sql::new("SELECT count(*)");
        sql.append(self.rows());
        if let Some(part) = part {
            sql.push(if self.is_everything() { " WHERE " } else { " AND " }).append(part);
        }
        sql
    }

    /// Whether the statement finds the same rows as long as nothing is committed, and will be asked again: not one with the
    /// time of this request. The query of a view may ask for the time or for chance, and `strftime` may be told `now` by a record.
    fn stays_until_a_commit(&self) -> bool {
        self.besides.text().is_empty()
            && !self.asked.text().contains("strftime(")
            && self.wide.is_of_tables
            && !self.wide.rules().any(|rule| rule.passes_views() || rule.tells_moments())
    }
}

impl Wide<'_> {
    fn rules(&self) -> impl Iterator<Item = &Checked> {
        self.permit.condition().into_iter().chain(&self.filter)
    }

    /// Whether there may be something to look up at once for all rows.
    fn may_differ(&self) -> bool {
        self.rules().any(Checked::leads_to_rows)
    }

    /// The rule and the filter as one condition, of the form that is chosen of each; empty for every row.
    fn write(&self, mut form: impl FnMut(&Checked, Where) -> Sql) -> Sql {
        let none = Map::new();
        let facts = access::facts(self.cx, &none);
        let mut all = Sql::default();
        for rule in self.rules() {
            let narrow = rule.to_sql(&facts, &*self.cx.catalog);
            if narrow.decided == Some(true) {
                continue;
            }
            all.push(if all.text().is_empty() { "(" } else { " AND (" });
            all.append(form(rule, narrow)).push(")");
        }
        all
    }

    /// The condition for many rows, if there is another for them, and the tables that it looks through.
    fn write_wide(&self, tables: &mut BTreeSet<String>) -> Option<Sql> {
        let none = Map::new();
        let facts = access::facts(self.cx, &none);
        let all = self.write(|rule, narrow| match rule.to_wide_sql(&facts, &*self.cx.catalog) {
            Some(wide) => {
                tables.extend(wide.tables);
                wide.condition
            }
            None => narrow.condition,
        });
        (!tables.is_empty()).then_some(all)
    }
}
